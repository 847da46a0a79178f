//! A company in an installation ([`mms::drill::company`]), with every step expected to succeed.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
};

use mms::drill::company;
use mms_core::{
    campaign::{self, Campaign},
    clock, delivery,
    delivery::stats::{self, Stats},
    id::{CampaignId, VersionId},
};

use super::{World, until};

pub use mms::drill::company::Launch;

/// An account ready to send.
pub struct Company(company::Company);

impl Deref for Company {
    type Target = company::Company;

    fn deref(&self) -> &company::Company {
        &self.0
    }
}

impl DerefMut for Company {
    fn deref_mut(&mut self) -> &mut company::Company {
        &mut self.0
    }
}

impl Company {
    /// Founds a company with so many customers who started its bot and agreed to advertising.
    pub async fn found(world: &World, customers: usize) -> Self {
        Self(company::Company::found(world, customers).await.expect("founded"))
    }

    /// An approved advertising template with this text and the opt-out button.
    pub async fn template(&self, world: &World, body: &str) -> VersionId {
        self.0.template(world, body).await.expect("approved")
    }

    /// A campaign to everybody, approved and not launched.
    pub async fn approved(&self, world: &World, launch: Launch) -> CampaignId {
        self.0.approved(world, launch).await.expect("approved")
    }

    /// A campaign to everybody, launched. No bell is rung: the workers' ticks find it, as after any
    /// lost bell.
    pub async fn launch(&self, world: &World, launch: Launch) -> CampaignId {
        let id = self.approved(world, launch).await;
        self.0.start(world, id).await.expect("launched");
        id
    }

    /// The campaign's row.
    pub async fn campaign(&self, world: &World, id: CampaignId) -> Campaign {
        self.0.campaign(world, id).await.expect("there")
    }

    /// The campaign's counters.
    pub async fn stats(&self, world: &World, id: CampaignId) -> Stats {
        stats::stats(&world.store, self.account, id, clock::now()).await.expect("read")
    }

    /// Waits until the campaign is over (or in the given state), failing if a process died
    /// meanwhile.
    pub async fn until_state(&self, world: &World, id: CampaignId, wanted: campaign::State) {
        until(&format!("the campaign to be {wanted:?}"), || async { (self.campaign(world, id).await.state == wanted).then_some(()) }).await;
    }

    /// The books must balance, whatever happened.
    pub async fn must_balance(&self, world: &World, id: CampaignId) {
        let books = delivery::books::books(&world.store, self.account, id).await.expect("read");
        assert!(books.balanced(), "{books:?}");
    }

    /// How often each customer got a message from the customer bot, by the double's ledger.
    pub fn received(&self, world: &World) -> BTreeMap<i64, u64> {
        world.sandbox.ledger().counts(self.bot, |_| true)
    }
}
