//! The records of a company, by their id and by their client.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Deref,
};

use super::state::Record;

/// Records that are read as a map and changed by [`Journal::put`] alone, so that those of a client
/// are found without a look at all of them.
#[derive(Default)]
pub(crate) struct Journal {
    records: BTreeMap<i64, Record>,
    of_clients: HashMap<i64, BTreeSet<i64>>,
}

impl Journal {
    /// Puts a record in its place, new or changed.
    pub(crate) fn put(&mut self, record: Record) {
        let (id, client) = (record.id, record.client);
        let before = self.records.insert(id, record).and_then(|record| record.client);
        if let Some(known) = before.filter(|before| Some(*before) != client).and_then(|before| self.of_clients.get_mut(&before)) {
            known.remove(&id);
        }
        if let Some(client) = client {
            self.of_clients.entry(client).or_default().insert(id);
        }
    }

    /// A client's records, in the order of their ids.
    pub(crate) fn of(&self, client: i64) -> impl Iterator<Item = &Record> {
        self.of_clients.get(&client).into_iter().flatten().filter_map(|id| self.records.get(id))
    }
}

impl Deref for Journal {
    type Target = BTreeMap<i64, Record>;

    fn deref(&self) -> &Self::Target {
        &self.records
    }
}
