//! A salon beside the company with amoCRM: its customers answer by a button whether they come, and
//! YCLIENTS is told, once each. The same harm is done to it at the same moments.

use anyhow::Context as _;
use chrono::{Days, NaiveTime};
use mms_core::{
    account::By,
    clock,
    config::Endpoints,
    contact::occasion::{OccasionState, VisitAnswer},
    crm::{
        CrmKind,
        connection::{self, Entry},
        write_back,
    },
    id::{ConnectionId, ContactId},
    inbound::visit::{self, Heard},
    on,
    secret::Secret,
    store::Store,
};
use mms_sandbox::{
    Fault as Strike, Rule as Struck,
    amocrm::{Fault, Method},
    yclients::{Client, Company as Branch, Record, Settings, Yclients},
};

use super::verdict::Tally;
use crate::drill::{again, company::Company, dice::Dice, installation::Installation};

const BRANCH: i64 = 4_564;
const PARTNER: &str = "drill-of-the-crm";
const SERVICE: &str = mms_sandbox::yclients::SERVICE;
/// Customers of the salon.
const CUSTOMERS: usize = 12;
/// So many visits are made, and as many answered, at each of a round's moments.
const VISITS: usize = 3;

/// An answer that was taken.
#[derive(Debug, Clone, Copy)]
struct Answered {
    visit: i64,
    comes: bool,
}

/// The salon, and what its customers answered.
pub struct Salon {
    yclients: Yclients,
    pub company: Company,
    pub connection: ConnectionId,
    customers: Vec<i64>,
    /// Visits to come that nobody answered yet.
    open: Vec<i64>,
    answered: Vec<Answered>,
}

impl Salon {
    /// The salon with its customers, connected.
    ///
    /// # Errors
    /// The step that failed.
    pub async fn begin(installation: &Installation) -> anyhow::Result<Self> {
        let site = &installation.site;
        let company = Company::found(site, 0).await?;
        let yclients = site.sandbox.yclients().clone();
        // A limit is its own harm; without a new one there is none.
        yclients.set(|settings| *settings = Settings::quick());
        yclients.add_partner(PARTNER, 17);
        yclients.add_company(Branch::new(BRANCH, "Салон на Лесной"));
        let owner = yclients.add_user("79161234567", "secret", &[BRANCH]);
        let customers = (0..CUSTOMERS)
            .map(|n| yclients.add_client(BRANCH, Client::person("Анна", &format!("Орлова{n}"), &format!("7903000{n:04}"))))
            .collect();
        let endpoints = Endpoints { yclients_override: Some(address(&site.sandbox)), ..Endpoints::default() };
        let values = [Secret::new(PARTNER), Secret::new(yclients.user_token(owner))];
        let entry = Entry { kind: CrmKind::Yclients, address: &BRANCH.to_string(), values: &values };
        let now = clock::now();
        let connection = connection::connect(&site.store, &site.sealer, &endpoints, By::Admin(company.account), entry, now)
            .await
            .context("a salon is connected")?
            .id;
        connection::expect_hooks(&site.store, company.account, connection, installation.public(), now).await?;
        Ok(Self { yclients, company, connection, customers, open: Vec::new(), answered: Vec::new() })
    }

    /// People make visits in the journal.
    pub fn changes_there(&mut self, dice: &mut Dice) {
        for _ in 0..VISITS {
            let customer = self.customers[dice.place(self.customers.len())];
            // Far enough that no visit of a long drill begins.
            let day = clock::now().date_naive() + Days::new(dice.between(3, 30));
            let at = day.and_time(NaiveTime::MIN) + chrono::TimeDelta::hours(12);
            self.open.push(self.yclients.add_record(BRANCH, Record::at(customer, at)));
        }
    }

    /// Customers press the button under a reminder; whoever's visit is not here yet presses later.
    ///
    /// # Errors
    /// The database's.
    pub async fn changes_here(&mut self, store: &Store, dice: &mut Dice) -> anyhow::Result<()> {
        for _ in 0..VISITS.min(self.open.len()) {
            let place = dice.place(self.open.len());
            let (visit, comes) = (self.open[place], dice.between(0, 1) == 1);
            let Some(contact) = self.owner(store, visit).await? else { continue };
            let said = VisitAnswer { comes, visit: visit.to_string() };
            let (account, key, note, now) = (self.company.account, format!("press:{visit}"), String::new(), clock::now());
            let heard = again(async || {
                let mut tx = store.begin().await?;
                let heard = visit::answer(&mut tx, account, contact, &said, (&key, note.clone()), now).await?;
                tx.commit().await?;
                Ok::<_, sqlx::Error>(heard)
            })
            .await?;
            if heard == Heard::Taken {
                self.open.swap_remove(place);
                self.answered.push(Answered { visit, comes });
            }
        }
        Ok(())
    }

    /// Whose a visit is here.
    async fn owner(&self, store: &Store, visit: i64) -> anyhow::Result<Option<ContactId>> {
        const OWNER: &str = "select contact_id from occasion where account_id = $1 and kind = 'visit' and external_id = $2";
        let account = self.company.account;
        again(async || on!(store.read(), |c| sqlx::query_scalar(OWNER).bind(account).bind(visit.to_string()).fetch_optional(c).await)).await
    }

    /// The next so many calls of such methods are struck, as those of amoCRM are.
    pub fn strike(&self, fault: &Fault, methods: &[Method], times: u64) {
        let strike = match fault {
            Fault::DropAfter => Strike::DropAfter,
            Fault::Status(code) => Strike::Gateway { code: *code, accepted: false },
            Fault::TooMany(seconds) => Strike::TooManyRequests { retry_after: *seconds },
            _ => Strike::DropBefore,
        };
        let reads = methods.contains(&Method::GET);
        for (_, method) in [(reads, "GET*"), (methods.contains(&Method::POST), "PUT*")].into_iter().filter(|(struck, _)| *struck) {
            self.yclients.faults().add(Struck::new(strike.clone()).service(SERVICE).method(method).times(times));
        }
    }

    /// It is away.
    pub fn away(&self) {
        self.yclients.faults().add(Struck::new(Strike::DropBefore).service(SERVICE));
    }

    /// Its hooks go so from now on.
    pub fn hooks(&self, fault: Strike) {
        self.yclients.faults().add(Struck::new(fault).service(SERVICE).method("update"));
    }

    /// All is well again.
    pub fn heal(&self) {
        self.yclients.faults().clear();
    }

    /// Every answer is in the journal, written once; and what is here of visits to come is as it is
    /// there.
    ///
    /// # Errors
    /// The database's.
    pub async fn compare(&self, store: &Store, when: &str, tally: &mut Tally) -> anyhow::Result<()> {
        const STATE: &str = "select state from occasion where account_id = $1 and kind = 'visit' and external_id = $2";
        let writes = self.yclients.writes();
        let (mut lost, mut doubled) = (0, 0);
        for Answered { visit, comes } in &self.answered {
            let wanted = if *comes { 2 } else { -1 };
            let attendance = self.yclients.record(BRANCH, *visit).map(|record| record.attendance);
            let times = writes.iter().filter(|write| (write.what, write.how, write.id) == ("record", "update", *visit)).count();
            if attendance != Some(wanted) {
                lost += 1;
                tally.violations.push(format!("{when}: the visit {visit} is {attendance:?} and not {wanted} in the journal"));
            }
            if times > 1 {
                doubled += 1;
                tally.violations.push(format!("{when}: the answer about the visit {visit} was written {times} times"));
            }
        }
        (tally.answers, tally.answers_lost, tally.answers_doubled) = (self.answered.len() as u64, lost, doubled);
        let there =
            self.answered.iter().map(|one| (one.visit, if one.comes { OccasionState::Confirmed } else { OccasionState::Cancelled }));
        let account = self.company.account;
        for (visit, wanted) in there.chain(self.open.iter().map(|visit| (*visit, OccasionState::Open))) {
            let state: Option<OccasionState> = again(async || {
                on!(store.read(), |c| sqlx::query_scalar(STATE).bind(account).bind(visit.to_string()).fetch_optional(c).await)
            })
            .await?;
            if state != Some(wanted) {
                tally.stale += 1;
                tally.violations.push(format!("{when}: the visit {visit} is {state:?} here and {wanted:?} there"));
            }
        }
        let counts = again(|| write_back::counts(store, account, self.connection)).await?;
        let given_up = counts.iter().filter(|(state, _)| state == "failed").map(|(_, n)| *n).sum::<i64>();
        if given_up > 0 {
            tally.given_up += u64::try_from(given_up).unwrap_or_default();
            tally.violations.push(format!("{when}: {given_up} answers were given up"));
        }
        Ok(())
    }
}

/// Where the double is.
pub fn address(sandbox: &mms_sandbox::Sandbox) -> String {
    format!("{}/yclients", sandbox.url())
}
