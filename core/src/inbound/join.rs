//! Two contacts turn out to be one person, and may be divided again.
//!
//! They become one on proof alone: the same phone in two different CRMs, not contradicted by the
//! names ([`names::same::contradict`]), the CRM's own merge of the two records
//! ([`super::crm::carry`]), or a member's word. Two records of one connection that are both there
//! are never joined by a phone: in a family it is shared. Whatever is only likely is noted
//! ([`contact::alike`]) and asked about.
//!
//! Whoever stays has from then on what both had: words, messages, consents, stops, addresses,
//! records of CRMs, occasions. What each had before is kept ([`Kept`]), and dividing gives it back;
//! what came meanwhile stays with whoever stayed. A stop of either holds for the one, and after a
//! division for both.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::types::Json;

use super::{inbox, queries as inbound};
use crate::{
    account::{AccountError, Actor, By, Right},
    clock::Moment,
    consent::{self, Action, Grade, NewConsent, Purpose, doubt, suppression},
    contact::{
        self, Contact, DeletedBy, Draft, NewAddress, PHONE,
        alike::{self, Shared},
        names,
        source::{self, Source},
        twin,
    },
    crm::{CrmChange, write_back},
    delivery::merge,
    id::{AccountId, CampaignId, ChannelId, ConnectionId, ContactId, DoubtId, JoinId, MemberId, SuppressionId, WordingId},
    on,
    opt_out::{self, OptOutBy, OptOutHow},
    store::{Db, Engine, Store, Tx, among, audit, groups, heed},
};

pub mod queries;

/// What proved that two contacts are one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, strum::IntoStaticStr, strum::VariantArray)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Proof {
    /// One phone in two CRMs, and no contradiction between the names.
    Phone,
    /// A member said so.
    Member,
    /// The CRM merged the two records, and says so.
    Crm,
    /// One record is gone in its CRM, the other one has all its phones now, and the names do not
    /// contradict: so a merge looks where the CRM tells of none.
    Gone,
}

/// Why two were not joined, or not divided.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// No right, no such contact, the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Somebody else was joined with them later: that one is divided first.
    #[error("a later join is undone first")]
    NotLast,
}

impl From<sqlx::Error> for JoinError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// What is kept of a join.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    contact: twin::Kept,
    /// Campaigns whose messages changed hands.
    campaigns: Vec<CampaignId>,
    messages: Vec<i64>,
    outgoing: Vec<i64>,
    events: Vec<i64>,
    doubt: Option<DoubtId>,
    /// Whose the conversation was.
    assigned: Option<MemberId>,
    suppressions: Vec<SuppressionId>,
}

/// Two contacts that became one, in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    pub id: JoinId,
    /// Whom they became.
    pub contact: ContactId,
    pub name: String,
    /// What the other one was called.
    pub other: String,
    pub proof: Proof,
    /// Who said so.
    pub member: Option<String>,
    pub at: Moment,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: JoinId,
    contact_id: ContactId,
    name: String,
    proof: Proof,
    member: Option<String>,
    at: Moment,
    kept: Json<Value>,
}

impl Row {
    fn shown(self) -> Joined {
        let other = self.kept["contact"]["went"]["name"].as_str().unwrap_or_default().to_owned();
        Joined { id: self.id, contact: self.contact_id, name: self.name, other, proof: self.proof, member: self.member, at: self.at }
    }
}

/// Joins that may be undone, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId, limit: i64, offset: i64) -> sqlx::Result<Vec<Joined>> {
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(queries::LIST).bind(account).bind(limit).bind(offset).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Row::shown).collect())
}

/// How many there are.
///
/// # Errors
/// The database's.
pub async fn count(store: &Store, account: AccountId) -> sqlx::Result<i64> {
    on!(store.read(), |c| sqlx::query_scalar(queries::COUNT).bind(account).fetch_one(c).await)
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, id: JoinId) -> sqlx::Result<Option<Joined>> {
    let row: Option<Row> = on!(store.read(), |c| sqlx::query_as(queries::ONE).bind(account).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Row::shown))
}

/// The last join of a contact, if it may be undone.
///
/// # Errors
/// The database's.
pub async fn last_of(store: &Store, account: AccountId, contact: ContactId) -> sqlx::Result<Option<JoinId>> {
    on!(store.read(), |c| sqlx::query_scalar(queries::LAST).bind(account).bind(contact).fetch_optional(c).await)
}

/// A member says that two contacts are one person; who they are now is given.
///
/// # Errors
/// [`JoinError`]; [`AccountError::NotFound`] also when either is gone.
pub async fn by_member(store: &Store, actor: &Actor, (one, two): (ContactId, ContactId), now: Moment) -> Result<ContactId, JoinError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let pair = [load(&mut tx, actor.account, one).await?, load(&mut tx, actor.account, two).await?];
    let [Some(first), Some(second)] = pair else { return Err(AccountError::NotFound.into()) };
    if one == two {
        return Err(AccountError::NotFound.into());
    }
    let stays = join(&mut tx, actor.account, (&first, &second), Proof::Member, Some(actor.member), now).await?;
    tx.commit().await?;
    Ok(stays)
}

/// A member says that two contacts are two people: they are not asked about again.
///
/// # Errors
/// [`JoinError`]; [`AccountError::NotFound`] when nobody asks about them.
pub async fn apart(store: &Store, actor: &Actor, (one, two): (ContactId, ContactId), now: Moment) -> Result<(), JoinError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let pair = alike::one(store, actor.account, one, two).await?.ok_or(AccountError::NotFound)?;
    let mut tx = store.begin().await?;
    alike::keep_apart(&mut tx, actor.account, (one, two), pair.why, Some(actor.member), now).await?;
    by.audit(&mut tx, "contact.apart", pair.one_id, json!({ "other": pair.two_id }), now).await?;
    tx.commit().await?;
    Ok(())
}

async fn load(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Contact>> {
    let row: Option<Contact> =
        on!(tx.conn(), |c| sqlx::query_as(contact::queries::CONTACT).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(row.filter(|row| row.deleted_at.is_none()))
}

/// A record of a CRM as it is compared with contacts.
struct Record {
    connections: BTreeSet<ConnectionId>,
    names: BTreeSet<String>,
}

fn connections(sources: &[Source]) -> BTreeSet<ConnectionId> {
    sources.iter().map(|one| one.connection_id).collect()
}

fn names_of(row: &Contact) -> BTreeSet<String> {
    names::same::words(&[&row.first_name, &row.last_name, &row.name])
}

/// Whether a phone proves that its holder is a record: another CRM gave it, no connection has both,
/// and the names do not contradict.
async fn proves(tx: &mut Tx, account: AccountId, record: &Record, phone: &str, holder: &Contact) -> sqlx::Result<bool> {
    let theirs = connections(&source::of(tx, account, holder.id).await?);
    if theirs.is_empty() || !theirs.is_disjoint(&record.connections) || names::same::contradict(&record.names, &names_of(holder)) {
        return Ok(false);
    }
    let given: Vec<String> =
        on!(tx.conn(), |c| sqlx::query_scalar(contact::queries::CRM_PHONES).bind(account).bind(holder.id).fetch_all(c).await)?;
    Ok(given.iter().any(|given| given == phone))
}

/// Whether a new record of a CRM will be one with somebody who is here: it needs no room of its own
/// in the plan.
pub(super) async fn will_join(tx: &mut Tx, account: AccountId, draft: &Draft) -> sqlx::Result<bool> {
    let Some(crm) = &draft.crm else { return Ok(false) };
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    let names = names::same::words(&[&text(&draft.first_name), &text(&draft.last_name), &text(&draft.name)]);
    let record = Record { connections: BTreeSet::from([crm.connection]), names };
    for address in draft.addresses.iter().filter(|address| address.kind == PHONE) {
        let holder = contact::resolve_in(tx, account, PHONE, &address.value, address.scope).await?;
        if let Some(holder) = holder
            && let Some(holder) = load(tx, account, holder).await?
            && proves(tx, account, &record, &address.value, &holder).await?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A record's phones are other contacts': who is the same person by proof becomes one with it, and
/// who may be is noted. Who the record's contact is now is given, and who it is no more.
pub(super) async fn by_phones(
    tx: &mut Tx,
    account: AccountId,
    contact: ContactId,
    taken: &[(NewAddress, ContactId)],
    now: Moment,
) -> sqlx::Result<(ContactId, Option<ContactId>)> {
    for (address, holder) in taken.iter().filter(|(address, _)| address.kind == PHONE) {
        let (Some(row), Some(other)) = (load(tx, account, contact).await?, load(tx, account, *holder).await?) else { continue };
        let record = Record { connections: connections(&source::of(tx, account, contact).await?), names: names_of(&row) };
        if alike::are_two(tx, account, contact, *holder).await? {
            continue;
        }
        if proves(tx, account, &record, &address.value, &other).await? {
            let stays = join(tx, account, (&other, &row), Proof::Phone, None, now).await?;
            return Ok((stays, Some(if stays == contact { *holder } else { contact })));
        }
        alike::note(tx, account, (contact, *holder), Shared::Phone, now).await?;
    }
    Ok((contact, None))
}

/// The CRM merged two records: their contacts are one. `None`: they are not both there, or a member
/// said that they are two.
pub(super) async fn by_crm(
    tx: &mut Tx,
    account: AccountId,
    (one, two): (ContactId, ContactId),
    proof: Proof,
    now: Moment,
) -> sqlx::Result<Option<ContactId>> {
    let (Some(first), Some(second)) = (load(tx, account, one).await?, load(tx, account, two).await?) else { return Ok(None) };
    if one == two || alike::are_two(tx, account, one, two).await? {
        return Ok(None);
    }
    join(tx, account, (&first, &second), proof, None, now).await.map(Some)
}

/// Makes one contact of two who are there; who stays is given. Whoever did not come from a CRM
/// stays, so that no CRM takes them away; else whoever was here first.
async fn join(
    tx: &mut Tx,
    account: AccountId,
    (one, two): (&Contact, &Contact),
    proof: Proof,
    member: Option<MemberId>,
    now: Moment,
) -> sqlx::Result<ContactId> {
    let rank = |row: &Contact| (row.source == "crm", row.created_at, row.id);
    let (mine, their) = if rank(one) <= rank(two) { (one, two) } else { (two, one) };
    let (stays, goes) = (mine.id, their.id);
    let campaigns = merge::merged(tx, account, (goes, stays), now).await?;
    // After the hold: nobody changes either meanwhile.
    let (mine_out, their_out) = (out_since(tx, account, stays).await?, out_since(tx, account, goes).await?);
    let records = source::of(tx, account, goes).await?;
    consents(tx, account, goes, stays, now).await?;
    let contact = twin::unite(tx, account, (goes, stays), now).await?;
    let ids = async |tx: &mut Tx, sql: &'static str| -> sqlx::Result<Vec<i64>> {
        on!(tx.conn(), |c| sqlx::query_scalar(sql).bind(account).bind(goes).fetch_all(c).await)
    };
    let kept = Kept {
        contact,
        campaigns,
        messages: ids(tx, queries::MESSAGES).await?,
        outgoing: ids(tx, queries::OUTGOING).await?,
        events: ids(tx, queries::EVENTS).await?,
        doubt: doubt::current_in(tx, account, goes).await?.map(|doubt| doubt.id),
        assigned: assigned(tx, account, goes).await?,
        suppressions: suppression::hand_over(tx, account, goes, stays).await?,
    };
    for sql in [inbound::MOVE_MESSAGES, inbound::MOVE_OUTGOING, inbound::MOVE_EVENTS] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(goes).bind(stays).execute(c).await.map(|_| ()))?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::ASKED).bind(account).bind(goes).bind(stays).execute(c).await.map(|_| ()))?;
    doubt::moved(tx, account, goes, stays, now).await?;
    inbox::last_word(tx, account, stays).await?;
    on!(tx.conn(), |c| sqlx::query(inbound::MOVE_TALK).bind(account).bind(goes).bind(stays).execute(c).await.map(|_| ()))?;
    alike::hand_over(tx, account, goes, stays).await?;
    for sql in [contact::erase::ALIKE, contact::erase::ALIKE_TOO] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(goes).execute(c).await.map(|_| ()))?;
    }
    contact::delete(tx, account, goes, DeletedBy::Merged { into: stays }, now).await?;

    let id = JoinId::new();
    on!(tx.conn(), |c| sqlx::query(queries::INSERT)
        .bind(id)
        .bind(account)
        .bind(stays)
        .bind(goes)
        .bind(proof)
        .bind(member)
        .bind(now)
        .bind(Json(&kept))
        .execute(c)
        .await
        .map(|_| ()))?;
    match (mine_out, their_out) {
        (None, Some(at)) => {
            opt_out::opt_out(tx, account, stays, &twin(at), now).await?;
        }
        // Its CRMs do not know yet.
        (Some(_), None) => {
            for one in records {
                let whom = (stays, Some(one.connection_id));
                write_back::enqueue_for(tx, account, whom, &CrmChange::OptOut(true), &format!("join:{id}"), now).await?;
            }
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let details = json!({ "other": goes, "join": id, "proof": <&str>::from(proof) });
    let actor = member.map_or_else(|| "system".to_owned(), |member| member.to_string());
    audit::record(tx, account, &actor, JOIN, &stays.to_string(), &details, now).await?;
    Ok(stays)
}

/// The word of a join in the trail.
pub const JOIN: &str = "contact.join";
/// Of a division.
pub const DIVIDE: &str = "contact.divide";

fn twin(at: Moment) -> OptOutHow {
    OptOutHow { by: OptOutBy::Twin, channel: None, message_ref: None, said_at: Some(at) }
}

async fn out_since(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Moment>> {
    let out: Option<Option<Moment>> =
        on!(tx.conn(), |c| sqlx::query_scalar(inbound::OUT_SINCE).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(out.flatten())
}

async fn assigned(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<MemberId>> {
    let found: Option<Option<MemberId>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::ASSIGNED).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(found.flatten())
}

#[derive(sqlx::FromRow)]
struct Step {
    action: Action,
    grade: Grade,
    wording_id: Option<WordingId>,
    channel_id: Option<ChannelId>,
    #[sqlx(json)]
    evidence: Value,
    at: Moment,
}

async fn ledger(tx: &mut Tx, account: AccountId, contact: ContactId, purpose: Purpose) -> sqlx::Result<Vec<Step>> {
    on!(tx.conn(), |c| sqlx::query_as(consent::queries::LEDGER).bind(account).bind(contact).bind(purpose).fetch_all(c).await)
}

/// What a ledger amounts to as entries: its last withdrawal, or the best of the grants since.
fn amounts_to(steps: Vec<Step>) -> Option<Step> {
    let last = steps.iter().rposition(|step| step.action == Action::Withdrawn);
    match last {
        Some(at) if at + 1 == steps.len() => steps.into_iter().next_back(),
        _ => steps.into_iter().skip(last.map_or(0, |at| at + 1)).min_by_key(|step| step.grade),
    }
}

fn entry(
    account: AccountId,
    contact: ContactId,
    purpose: Purpose,
    step: Step,
    fact: (&str, Value),
    (actor, at): (String, Moment),
) -> NewConsent {
    let mut evidence = step.evidence;
    if let Value::Object(facts) = &mut evidence {
        facts.insert(fact.0.to_owned(), fact.1);
    }
    NewConsent {
        account,
        contact,
        purpose,
        action: step.action,
        grade: step.grade,
        wording: step.wording_id,
        channel: step.channel_id,
        evidence,
        actor,
        at,
    }
}

/// What one contact consented to, or withdrew, is in the other's ledger, too; what people said in a
/// chat of their own is not overruled by weaker words.
async fn consents(tx: &mut Tx, account: AccountId, goes: ContactId, stays: ContactId, now: Moment) -> sqlx::Result<()> {
    for purpose in Purpose::ALL {
        let Some(step) = amounts_to(ledger(tx, account, goes, purpose).await?) else { continue };
        let (action, at) = (step.action, step.at);
        let new = entry(account, stays, purpose, step, ("moved_from", json!(goes)), ("contact".to_owned(), at));
        match action {
            Action::Withdrawn => consent::record(tx, new, now).await?,
            Action::Granted => drop(consent::record_many(tx, account, &[new], now).await?),
        }
    }
    Ok(())
}

/// A consent that came with a contact is not the other's any more, unless they consented
/// themselves. It is taken back as of the time it was given, so that what they said since weighs
/// as it did; what they had said before is said anew after it.
async fn own_consents(
    tx: &mut Tx,
    account: AccountId,
    (stays, goes): (ContactId, ContactId),
    by: MemberId,
    now: Moment,
) -> sqlx::Result<()> {
    let moved = json!(goes);
    for purpose in Purpose::ALL {
        let steps = ledger(tx, account, stays, purpose).await?;
        let is_moved = |step: &Step| step.evidence["moved_from"] == moved;
        let given = steps.iter().filter(|step| is_moved(step) && step.action == Action::Granted).map(|step| step.at).max();
        let Some(at) = given else { continue };
        let own = amounts_to(steps.into_iter().filter(|step| !is_moved(step) && step.at <= at).collect());
        let none = Step {
            action: Action::Withdrawn,
            grade: Grade::D,
            wording_id: None,
            channel_id: None,
            evidence: json!({ "how": "divided" }),
            at,
        };
        consent::record(tx, entry(account, stays, purpose, none, ("other", moved.clone()), (by.to_string(), at)), now).await?;
        if let Some(own) = own.filter(|own| own.action == Action::Granted) {
            let given = json!(own.at);
            consent::record(tx, entry(account, stays, purpose, own, ("given", given), (by.to_string(), at)), now).await?;
        }
    }
    Ok(())
}

/// A member divides two who became one; the other one is given. A stop of either is both's.
///
/// # Errors
/// [`JoinError`]; [`AccountError::NotFound`] also when it was undone, or the person is deleted.
pub async fn divide(store: &Store, actor: &Actor, id: JoinId, now: Moment) -> Result<ContactId, JoinError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let account = actor.account;
    let mut tx = store.begin().await?;
    let row: Option<(ContactId, ContactId, Json<Value>)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::UNDO).bind(account).bind(id).bind(now).bind(actor.member).fetch_optional(c).await)?;
    let (stays, goes, kept) = row.ok_or(AccountError::NotFound)?;
    let last: Option<JoinId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::LAST).bind(account).bind(stays).fetch_optional(c).await)?;
    if last.is_some_and(|last| last > id) {
        return Err(JoinError::NotLast);
    }
    // Blanked with the person.
    let Ok(kept) = serde_json::from_value::<Kept>(kept.0) else { return Err(AccountError::NotFound.into()) };
    // What holds for the one is put on every address of theirs, so that it holds for both.
    suppression::keep_for_addresses(&mut tx, account, stays, now).await?;
    let out = out_since(&mut tx, account, stays).await?;
    merge::divided(&mut tx, account, (stays, goes), &kept.campaigns).await?;
    if !twin::divide(&mut tx, account, (stays, goes), &kept.contact, now).await? {
        return Err(AccountError::NotFound.into());
    }
    for (table, ids) in [("chat_message", &kept.messages), ("outgoing", &kept.outgoing), ("inbound", &kept.events)] {
        give(&mut tx, table, account, (stays, goes), ids).await?;
    }
    if let Some(doubt) = kept.doubt {
        doubt::moved_back(&mut tx, account, doubt, (stays, goes)).await?;
    }
    suppression::hand_back(&mut tx, account, (stays, goes), &kept.suppressions).await?;
    own_consents(&mut tx, account, (stays, goes), actor.member, now).await?;
    let mine = assigned(&mut tx, account, stays).await?;
    for (contact, whose) in [(stays, mine), (goes, kept.assigned)] {
        on!(tx.conn(), |c| sqlx::query(contact::queries::DROP_CONVERSATION).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
        inbox::last_word(&mut tx, account, contact).await?;
        if let Some(member) = whose {
            on!(tx.conn(), |c| sqlx::query(inbound::ASSIGN)
                .bind(account)
                .bind(contact)
                .bind(member)
                .bind(now)
                .execute(c)
                .await
                .map(|_| ()))?;
        }
    }
    if let Some(at) = out
        && out_since(&mut tx, account, goes).await?.is_none()
    {
        opt_out::opt_out(&mut tx, account, goes, &twin(at), now).await?;
    }
    alike::keep_apart(&mut tx, account, (stays, goes), Shared::Phone, Some(actor.member), now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::BLANK).bind(account).bind(id).execute(c).await.map(|_| ()))?;
    by.audit(&mut tx, DIVIDE, stays, json!({ "other": goes, "join": id }), now).await?;
    tx.commit().await?;
    Ok(goes)
}

/// Gives rows of a table back to the contact whose they were.
async fn give(tx: &mut Tx, table: &'static str, account: AccountId, (from, to): (ContactId, ContactId), ids: &[i64]) -> sqlx::Result<()> {
    let sql = format!("update {table} set contact_id = {{}} where account_id = {{}} and contact_id = {{}} and id {{among}}");
    match tx.conn() {
        Db::Sqlite(c) => {
            for some in groups(ids) {
                let mut query = sqlx::query(sqlx::AssertSqlSafe(among(Engine::Sqlite, &sql, some.len()))).bind(to).bind(account).bind(from);
                for id in some {
                    query = query.bind(*id);
                }
                heed(query.execute(&mut *c).await)?;
            }
        }
        Db::Postgres(c) => {
            let sql = sqlx::AssertSqlSafe(among(Engine::Postgres, &sql, 0));
            sqlx::query(sql).persistent(false).bind(to).bind(account).bind(from).bind(ids).execute(c).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
