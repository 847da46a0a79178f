//! Limits that several rooms must agree on; each says who relies on it.

use std::time::Duration;

/// How long a claimed row may be in the air: longer than the waiting before and the longest call ([`crate::channel`]).
/// A row still `sending` after this was abandoned. The clock's caution and the cutting short of waits are as long.
pub const AIR: Duration = Duration::from_secs(20);
/// The same for a row that carries an upload.
pub const AIR_UPLOAD: Duration = Duration::from_secs(75);

/// Requests per second of all CRM connections of a process: amoCRM counts its 7 for one brand by the address they come from.
pub const CRM_CALLS_PER_ADDRESS: u32 = 5;
