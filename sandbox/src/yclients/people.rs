//! What people of the companies do in the platform's own pages, and what a test looks at.

use super::{
    Yclients,
    state::{Accepted, Client, Comment, Company, Record},
};

impl Yclients {
    /// A company joins the platform.
    pub fn add_company(&self, company: Company) {
        self.state().companies.insert(company.id, company);
    }

    /// A company's licence ends (true) or is paid for again: 402 everywhere in it.
    pub fn set_unpaid(&self, company: i64, unpaid: bool) {
        if let Some(place) = self.state().companies.get_mut(&company) {
            place.unpaid = unpaid;
        }
    }

    /// A person of the company adds a client. Gives its id; 0 if there is no such company.
    pub fn add_client(&self, company: i64, client: Client) -> i64 {
        let mut state = self.state();
        let id = state.next_id();
        state.put_client(company, Client { id, ..client }, "create", None).map_or(0, |_| id)
    }

    /// A person of the company changes a client.
    pub fn edit_client(&self, company: i64, id: i64, change: impl FnOnce(&mut Client)) {
        let mut state = self.state();
        if let Some(mut client) = state.companies.get(&company).and_then(|place| place.clients.get(&id)).cloned() {
            change(&mut client);
            // The company is there: its client was found.
            let _ = state.put_client(company, client, "update", None);
        }
    }

    /// A person deletes a client, for good.
    pub fn delete_client(&self, company: i64, id: i64) {
        // A client that is not there is deleted already.
        let _ = self.state().drop_client(company, id, None);
    }

    /// A person merges two clients: the loser vanishes, its records move (unconfirmed).
    pub fn merge_clients(&self, company: i64, loser: i64, winner: i64) {
        let mut state = self.state();
        let Some(place) = state.companies.get(&company) else { return };
        let moved: Vec<Record> = place.records.values().filter(|record| record.client == Some(loser)).cloned().collect();
        for record in moved {
            let _ = state.put_record(company, Record { client: Some(winner), ..record }, "update", None);
        }
        let _ = state.drop_client(company, loser, None);
    }

    /// A record is made in the journal. Gives its id; 0 if there is no such company.
    pub fn add_record(&self, company: i64, record: Record) -> i64 {
        let mut state = self.state();
        let (id, visit_id, created) = (state.next_id(), state.next_id(), state.now());
        state.put_record(company, Record { id, visit_id, created, ..record }, "create", None).map_or(0, |()| id)
    }

    /// A person changes a record: moves it, marks who came, cancels it (`confirmed`).
    pub fn edit_record(&self, company: i64, id: i64, change: impl FnOnce(&mut Record)) {
        let mut state = self.state();
        if let Some(mut record) = state.companies.get(&company).and_then(|place| place.records.get(&id)).cloned() {
            change(&mut record);
            let _ = state.put_record(company, record, "update", None);
        }
    }

    /// A person deletes a record.
    pub fn delete_record(&self, company: i64, id: i64) {
        let _ = self.state().drop_record(company, id, None);
    }

    /// A deleted record is restored.
    pub fn restore_record(&self, company: i64, id: i64) {
        self.edit_record(company, id, |record| record.deleted = false);
    }

    /// A client, if it is there.
    #[must_use]
    pub fn client(&self, company: i64, id: i64) -> Option<Client> {
        self.quiet().companies.get(&company)?.clients.get(&id).cloned()
    }

    /// Ids of all clients of a company.
    #[must_use]
    pub fn client_ids(&self, company: i64) -> Vec<i64> {
        self.quiet().companies.get(&company).map(|place| place.clients.keys().copied().collect()).unwrap_or_default()
    }

    /// A record, deleted or not.
    #[must_use]
    pub fn record(&self, company: i64, id: i64) -> Option<Record> {
        self.quiet().companies.get(&company)?.records.get(&id).cloned()
    }

    /// Ids of all records of a company, deleted ones too.
    #[must_use]
    pub fn record_ids(&self, company: i64) -> Vec<i64> {
        self.quiet().companies.get(&company).map(|place| place.records.keys().copied().collect()).unwrap_or_default()
    }

    /// The comments on a client, oldest first.
    #[must_use]
    pub fn comments_of(&self, company: i64, client: i64) -> Vec<Comment> {
        let state = self.quiet();
        let all = state.companies.get(&company).map(|place| place.comments.as_slice()).unwrap_or_default();
        all.iter().filter(|comment| comment.client == client).cloned().collect()
    }

    /// Every write that was accepted by the API, oldest first.
    #[must_use]
    pub fn writes(&self) -> Vec<Accepted> {
        self.quiet().writes.clone()
    }
}
