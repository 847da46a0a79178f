//! What every job is given.

use std::time::Duration;

use chrono::TimeDelta;
use mms_core::{
    channel::store::Adapters,
    config::{self, Endpoints},
    queue::{Queue, Seats},
    retry::Schedules,
    secret::Sealer,
    store::{Store, public_file::PublicFiles, retention},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{in_flight::InFlight, paced::Paces};

/// What every job is given. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The database.
    pub store: Store,
    /// Opens credentials.
    pub sealer: Sealer,
    /// Where providers are reached.
    pub endpoints: Endpoints,
    /// Where messengers that take no uploads fetch files.
    pub public: PublicFiles,
    /// Rings bells.
    pub queue: Queue,
    /// Cancelled when the process is asked to stop: finish what is in flight, claim nothing more.
    pub stop: CancellationToken,
    /// This process, unique per start (host, pid, random): the owner of leases.
    pub worker: String,
    /// Where the heads of the trail are noted outside the database; `None`: nowhere.
    pub heads: Option<std::path::PathBuf>,
    /// Days between two messages with the heads to the owners; 0: none.
    pub heads_days: u16,
    /// What this process has between claim and record.
    pub in_flight: InFlight,
    /// How fast its channels go.
    pub paces: Paces,
    /// How its channels are spoken to.
    pub adapters: Adapters,
    /// What is done for people beside messages: answers to presses. Nobody waits for it.
    pub beside: TaskTracker,
    /// How many days what names people is kept.
    pub retention: retention::Days,
    /// By when data are destroyed on demand.
    pub erasure: config::Erasure,
    /// Jobs of each line done at a time.
    pub seats: Seats,
    /// From the start to the first of what is done once a day.
    pub daily_after: Duration,
    /// How soon what failed in passing is tried again, and when it is given up.
    pub retry: Schedules,
    /// Between two reads of what changed in a CRM.
    pub sync_every: TimeDelta,
}

impl Deps {
    /// With the defaults of all else: nothing in flight, heads noted nowhere, days, seats and
    /// schedules as they are set at first.
    #[must_use]
    pub fn new(store: Store, sealer: Sealer, endpoints: Endpoints, queue: Queue, worker: impl Into<String>) -> Self {
        Self {
            public: PublicFiles::new(&sealer, None),
            store,
            sealer,
            endpoints,
            queue,
            worker: worker.into(),
            stop: CancellationToken::new(),
            heads: None,
            heads_days: 1,
            in_flight: InFlight::default(),
            paces: Paces::default(),
            adapters: Adapters::default(),
            beside: TaskTracker::new(),
            retention: retention::Days::default(),
            erasure: config::Erasure::default(),
            seats: Seats::default(),
            daily_after: Duration::from_mins(1),
            retry: Schedules::default(),
            sync_every: TimeDelta::minutes(5),
        }
    }
}
