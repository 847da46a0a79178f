//! Limits that several rooms must agree on; each says who relies on it.

use std::time::Duration;

/// How long a claimed row may be in flight: longer than the waiting before the call and the longest
/// call (asserted beside each adapter's timeouts, [`crate::channel`]). A row still `sending` after
/// this was abandoned. [`crate::clock::CAUTION`] is as long.
pub const AIR: Duration = Duration::from_secs(20);
/// The same for a row that carries an upload.
pub const AIR_UPLOAD: Duration = Duration::from_secs(75);

const _: () = assert!(AIR.as_millis() < AIR_UPLOAD.as_millis());

/// Requests per second of all CRM connections of a process: amoCRM counts its 7 for one brand by
/// the address they come from.
pub const CRM_CALLS_PER_ADDRESS: u32 = 5;
