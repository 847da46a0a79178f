//! Limits that several rooms must agree on; each says who relies on it.

use std::time::Duration;

/// How long a claimed row may be in flight: as long as it waits for its call and the longest call
/// lasts (asserted beside each adapter's timeouts, [`crate::channel`]). A row still `sending` after
/// this was abandoned. [`crate::clock::CAUTION`] is as long.
pub const AIR: Duration = Duration::from_secs(20);
/// The same for a row that carries an upload.
pub const AIR_UPLOAD: Duration = Duration::from_secs(75);
/// The longest a claimed message waits for its call; then it goes back.
pub const BEFORE_CALL: Duration = Duration::from_secs(5);

const _: () = assert!(AIR.as_millis() < AIR_UPLOAD.as_millis());

/// How many connections to the database a process opens at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// To a PostgreSQL server.
    pub postgres: u32,
    /// That read a SQLite file; one more writes.
    pub sqlite_readers: u32,
}

impl Default for Connections {
    fn default() -> Self {
        Self { postgres: 16, sqlite_readers: 4 }
    }
}

/// Connections to SQLite that one count reads by. The setting `sqlite_readers` leaves one more for
/// everybody else.
pub const READERS_OF_A_COUNT: u32 = 3;

/// Requests per second of all CRM connections of a process where nothing else is set
/// (`amocrm.calls_per_second`).
pub const CRM_CALLS_PER_ADDRESS: u32 = 5;
/// What amoCRM takes in a second: it counts for one brand by the address the requests come from.
pub const AMOCRM_TAKES: u32 = 7;

const _: () = assert!(CRM_CALLS_PER_ADDRESS < AMOCRM_TAKES);

/// Requests per second of all YCLIENTS connections of a process where nothing else is set
/// (`yclients.calls_per_second`): two hundred a minute are said to be too many.
pub const YCLIENTS_CALLS: u32 = 3;
/// What YCLIENTS is said to take in a second from one address; it has not confirmed it.
pub const YCLIENTS_TAKES: u32 = 5;

const _: () = assert!(YCLIENTS_CALLS * 60 < 200 && YCLIENTS_CALLS < YCLIENTS_TAKES);
