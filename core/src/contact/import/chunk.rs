//! A chunk of rows: read off the threads that answer others and ahead of the writing, then taken in
//! by a few statements, all of them one transaction with the place it moves the import to.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use serde_json::json;
use sqlx::types::Json;
use tokio::sync::mpsc;

use super::{
    Basis, Counts, Import, ImportError, Numbers, region,
    row::{LeftOut, Reason, RowReader},
    table::{self, Held, Row},
};
use crate::{
    account::{feature, usage},
    clock::Moment,
    consent::{self, Action, NewConsent, Purpose},
    contact::{
        Contact, Draft, EMAIL, Field, NewAddress, PHONE, bulk, cuts_a_name, erased, field, queries, tag,
        write::{New, revised},
    },
    id::{ANY_CHANNEL, AccountId, ContactId},
    on,
    store::{Store, Tx, file, usage::settle_contacts},
};

/// Chunks read ahead of the one that is written.
const AHEAD: usize = 2;
/// How long an import that moves on is left alone by the tick: more than a chunk takes, little for
/// a worker's death to cost.
pub(super) const LEASE: Duration = Duration::from_secs(10);

/// An import with its file open.
pub(super) struct Open {
    pub import: Import,
    pub fields: Vec<Field>,
    table: Held,
    region: String,
}

impl Open {
    /// Opens the file of an import.
    pub async fn of(store: &Store, import: Import) -> Result<Self, ImportError> {
        let bytes = file::content(store, import.account_id, import.file_id).await?.ok_or(ImportError::Absent)?;
        let fields = field::list(store, import.account_id).await?;
        let region = region(store, import.account_id).await?;
        Ok(Self { fields, region, table: table::read_aside(bytes, import.mapping.sheet).await?, import })
    }

    /// Rows without headings and what stands above them.
    pub fn rows(&self) -> &[Row] {
        self.import.mapping.body(&self.table.rows)
    }

    /// The rows by chunks of `size`, in their order. The first `done` were taken in before: they
    /// are read again, because their phones tell the duplicates below, and bring their refusals
    /// along but no contacts. It ends early only when the reading breaks down.
    pub fn chunks(self: &Arc<Self>, done: usize, size: usize) -> mpsc::Receiver<Chunk> {
        let (send, receive) = mpsc::channel(AHEAD);
        let open = Arc::clone(self);
        #[expect(
            clippy::disallowed_methods,
            reason = "it waits for whoever takes the chunks, and would hold a processor's place meanwhile"
        )]
        tokio::task::spawn_blocking(move || {
            let mut reader = RowReader::of(&open.import, &open.fields, &open.region);
            let (mut from, all) = (0, open.rows().len());
            while from < all {
                let to = (from + size).min(if from < done { done } else { all }).min(all);
                let chunk = Chunk::read(&mut reader, open.rows(), from, to, from >= done);
                // Nobody listens any more: another worker goes on, or the process ends.
                if send.blocking_send(chunk).is_err() {
                    return;
                }
                from = to;
            }
        });
        receive
    }
}

/// A row that becomes a contact or brings one up to date.
pub(super) struct Good {
    /// Its place among the rows.
    at: usize,
    /// Its number in the file.
    number: usize,
    pub draft: Draft,
    /// The columns, if nobody has its addresses.
    new: New,
    tags: Vec<String>,
    /// A row above is the same person.
    pub joins: bool,
}

impl Good {
    /// Its place among the rows.
    pub fn place(&self) -> usize {
        self.at
    }
}

/// A chunk read: contacts to be, and refusals.
pub(super) struct Chunk {
    /// The first row.
    pub from: usize,
    /// The row after the last.
    pub to: usize,
    pub good: Vec<Good>,
    /// Rows with a name longer than is kept.
    pub cut_names: u64,
    /// The refused rows by their place, and why, all reasons.
    pub refused: Vec<(usize, Vec<LeftOut>)>,
    /// Rows that are taken in but for this.
    pub partly: Vec<(usize, Vec<LeftOut>)>,
}

impl Chunk {
    fn read(reader: &mut RowReader, rows: &[Row], from: usize, to: usize, wanted: bool) -> Self {
        let good = Vec::with_capacity(if wanted { to - from } else { 0 });
        let mut chunk = Self { from, to, good, cut_names: 0, refused: Vec::new(), partly: Vec::new() };
        for (at, row) in (from..to).zip(&rows[from..to]) {
            let read = reader.read(row);
            let Some(draft) = read.draft else {
                chunk.refused.push((at, read.left_out));
                continue;
            };
            if !read.left_out.is_empty() {
                chunk.partly.push((at, read.left_out));
            }
            if wanted {
                chunk.cut_names += u64::from(cuts_a_name(&draft));
                let tags = draft.tags.iter().filter_map(|raw| tag(raw)).collect();
                chunk.good.push(Good { at, number: row.number, new: New::of(&draft), draft, tags, joins: read.joins });
            }
        }
        chunk
    }

    /// Adds the rows and what was left out of them to the numbers.
    /// Those who were erased are counted by whoever knows them.
    pub fn count(&self, numbers: &mut Numbers, open: &Open, erased: &BTreeMap<usize, i64>) {
        let rows = open.rows();
        numbers.rows += (self.to - self.from) as u64;
        numbers.cut_names += self.cut_names;
        numbers.joined += self.good.iter().filter(|good| good.joins && !erased.contains_key(&good.at)).count() as u64;
        let partly = || self.partly.iter().filter(|(at, _)| !erased.contains_key(at));
        numbers.partly += partly().count() as u64;
        let line = |at: usize| rows.get(at).map_or(0, |row| row.number);
        for (at, left_out) in &self.refused {
            if let Some(first) = left_out.first() {
                *numbers.refused.entry(first.reason.code().to_owned()).or_default() += 1;
                numbers.example(line(*at), first, true, &open.import.mapping);
            }
        }
        for (at, left_out) in partly() {
            for one in left_out {
                *numbers.left_out.entry(one.reason.code().to_owned()).or_default() += 1;
                numbers.example(line(*at), one, false, &open.import.mapping);
            }
        }
    }
}

/// Who has addresses of the chunk already, by the address: a phone is never an e-mail.
pub(super) async fn holders(tx: &mut Tx, account: AccountId, chunk: &Chunk) -> sqlx::Result<HashMap<String, ContactId>> {
    let mut holders = HashMap::new();
    for kind in [PHONE, EMAIL] {
        let values: Vec<&str> = chunk
            .good
            .iter()
            .flat_map(|row| &row.draft.addresses)
            .filter(|address| address.kind == kind)
            .map(|address| address.value.as_str())
            .collect();
        holders.extend(bulk::holders(tx, account, kind, ANY_CHANNEL, &values).await?);
    }
    Ok(holders)
}

/// The contact that has one of a draft's addresses already, the first address first.
pub(super) fn holder(holders: &HashMap<String, ContactId>, draft: &Draft) -> Option<ContactId> {
    draft.addresses.iter().find_map(|address| holders.get(&address.value).copied())
}

/// Rows of a chunk that name somebody who was erased, by their places, with the number of the
/// demand.
pub(super) async fn erased_rows(tx: &mut Tx, account: AccountId, chunk: &Chunk) -> sqlx::Result<BTreeMap<usize, i64>> {
    let all: Vec<&NewAddress> = chunk.good.iter().flat_map(|row| &row.draft.addresses).collect();
    let marked = erased::among(tx, account, &all).await?;
    let number = |good: &Good| good.draft.addresses.iter().find_map(|address| marked.get(&address.value).copied());
    Ok(chunk.good.iter().filter_map(|good| Some((good.at, number(good)?))).collect())
}

/// What became of a chunk.
pub(super) enum Taken {
    In(Numbers),
    /// Another writer took one of its phones, or the last room of the plan: once more.
    Again,
    /// Another worker took it, or the import was cancelled.
    NotOurs,
    /// Imports were switched off for the company meanwhile: nothing of it is taken in.
    Off(feature::Off),
}

/// A contact that is new.
struct NewPerson<'a> {
    id: ContactId,
    good: &'a Good,
    /// What the row and those that join it say together.
    joined: Option<(Draft, New)>,
}

/// What a chunk changes.
#[derive(Default)]
struct Changes<'a> {
    /// New contacts.
    fresh: Vec<NewPerson<'a>>,
    /// Known contacts, each with the first of its rows.
    known: Vec<(ContactId, usize)>,
    /// Those of them that no row above named.
    people: Vec<ContactId>,
    /// Known contacts as they will be, where that is something new.
    revised: HashMap<ContactId, Contact>,
    /// Addresses of the new.
    first: Vec<(ContactId, &'a NewAddress)>,
    /// Addresses of the known, which nobody has.
    more: Vec<(ContactId, &'a NewAddress)>,
    tags: Vec<(ContactId, String)>,
    updated: u64,
    /// Places of rows of new contacts that the plan leaves no room for.
    left_out: Vec<usize>,
}

impl<'a> Changes<'a> {
    /// Row after row, so that two rows of one contact revise it one after the other; `room`: how
    /// many may be new.
    fn of(
        chunk: &'a Chunk,
        holders: &HashMap<String, ContactId>,
        rows: &HashMap<ContactId, Contact>,
        erased: &BTreeMap<usize, i64>,
        room: i64,
    ) -> Self {
        let room = usize::try_from(room).unwrap_or(0);
        let mut changes = Self::default();
        let mut seen = HashSet::new();
        // Whose the addresses are that this chunk brings, by the place among the new.
        let mut brought: HashMap<&'a str, usize> = HashMap::new();
        for good in chunk.good.iter().filter(|good| !erased.contains_key(&good.at)) {
            let above = good.draft.addresses.iter().find_map(|address| brought.get(address.value.as_str()).copied());
            let contact = if let Some(contact) = holder(holders, &good.draft) {
                changes.updated += u64::from(!good.joins);
                // A deleted contact stays deleted: the file has no say.
                let Some(row) = rows.get(&contact).filter(|row| row.deleted_at.is_none()) else { continue };
                let row = changes.revised.get(&contact).unwrap_or(row);
                let revised = revised(row, &good.draft);
                if revised != *row {
                    changes.revised.insert(contact, revised);
                }
                if seen.insert(contact) {
                    changes.known.push((contact, good.number));
                    changes.people.extend((!good.joins).then_some(contact));
                }
                let free = good.draft.addresses.iter();
                let free = free.filter(|address| !holders.contains_key(&address.value) && !brought.contains_key(address.value.as_str()));
                changes.more.extend(free.map(|address| (contact, address)));
                contact
            } else if above.is_none() && changes.fresh.len() >= room {
                changes.left_out.push(good.at);
                continue;
            } else {
                let at = above.unwrap_or_else(|| {
                    changes.fresh.push(NewPerson { id: ContactId::new(), good, joined: None });
                    changes.fresh.len() - 1
                });
                let person = &mut changes.fresh[at];
                if above.is_some() {
                    let mut draft = person.joined.take().map_or_else(|| person.good.draft.clone(), |(draft, _)| draft);
                    draft.join(&good.draft);
                    let new = New::of(&draft);
                    person.joined = Some((draft, new));
                }
                for address in &good.draft.addresses {
                    if brought.insert(address.value.as_str(), at).is_none() {
                        changes.first.push((person.id, address));
                    }
                }
                person.id
            };
            changes.tags.extend(good.tags.iter().map(|tag| (contact, tag.clone())));
        }
        changes
    }
}

pub(super) async fn take(store: &Store, open: &Open, chunk: &Chunk, live: &Numbers, now: Moment) -> Result<Taken, ImportError> {
    let import = &open.import;
    let account = import.account_id;
    let mut tx = store.begin_bulk().await?;
    // First of all: whoever moves the place on owns the rows in between, and holds the import's row
    // until the end.
    let ours = on!(tx.conn(), |c| sqlx::query(queries::MOVE_IMPORT)
        .bind(account)
        .bind(import.id)
        .bind(i64::try_from(chunk.from).unwrap_or(i64::MAX))
        .bind(i64::try_from(chunk.to).unwrap_or(i64::MAX))
        .bind(now + LEASE)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if ours == 0 {
        return Ok(Taken::NotOurs);
    }
    if let Err(off) = feature::need(&mut tx, account, feature::IMPORTS).await? {
        return Ok(Taken::Off(off));
    }
    let holders = holders(&mut tx, account, chunk).await?;
    let known: BTreeSet<ContactId> = holders.values().copied().collect();
    let rows = bulk::load(&mut tx, account, &known.into_iter().collect::<Vec<_>>()).await?;
    let room = usage::room_for_contacts(&mut tx, account, now).await?;
    let erased = erased_rows(&mut tx, account, chunk).await?;
    let changes = Changes::of(chunk, &holders, &rows, &erased, room.left);

    let fresh: Vec<bulk::Fresh<'_>> = changes
        .fresh
        .iter()
        .map(|person| {
            let row = person.joined.as_ref().map_or(&person.good.new, |(_, new)| new);
            bulk::Fresh { id: person.id, row, source: &person.good.draft.source }
        })
        .collect();
    bulk::insert(&mut tx, account, &fresh, import.basis.and_then(Basis::grade), now).await?;
    if bulk::attach(&mut tx, account, &changes.first, false, now).await? != changes.first.len() as u64 {
        return Ok(Taken::Again);
    }
    let revised: Vec<(ContactId, New)> = changes.revised.iter().map(|(id, row)| (*id, New::of_row(row))).collect();
    bulk::update(&mut tx, account, &revised, now).await?;
    bulk::attach(&mut tx, account, &changes.more, false, now).await?;
    bulk::tag(&mut tx, account, &changes.tags, false).await?;

    let mut numbers = live.clone();
    numbers.new += changes.fresh.len() as u64;
    numbers.updated += changes.updated;
    for (left_out, reason) in [(changes.left_out.len(), Reason::PlanLimit), (erased.len(), Reason::Erased(0))] {
        if left_out > 0 {
            *numbers.refused.entry(reason.code().to_owned()).or_default() += left_out as u64;
        }
    }
    if !changes.left_out.is_empty() || !erased.is_empty() {
        let numbers: Vec<(usize, i64)> = erased.iter().map(|(at, number)| (*at, *number)).collect();
        on!(tx.conn(), |c| sqlx::query(queries::LEAVE_OUT)
            .bind(account)
            .bind(import.id)
            .bind(i64::try_from(chunk.from).unwrap_or(i64::MAX))
            .bind(Json(&changes.left_out))
            .bind(Json(&numbers))
            .execute(c)
            .await
            .map(|_| ()))?;
    }
    numbers.consents += consents(&mut tx, import, &changes, now).await?;
    chunk.count(&mut numbers, open, &erased);
    for (kind, contacts) in bulk::chats(&mut tx, account, &changes.people).await? {
        *numbers.chats.entry(kind).or_default() += contacts;
    }
    // The examples name people: the file of what was left out holds them, and retention takes that.
    numbers.examples.clear();
    let dry = Numbers { examples: Vec::new(), ..import.counts.dry.clone() };
    let counts = Counts { dry, live: numbers.clone() };
    on!(tx.conn(), |c| sqlx::query(queries::COUNT_IMPORT).bind(account).bind(import.id).bind(Json(&counts)).execute(c).await.map(|_| ()))?;
    if !settle_contacts(&mut tx, account, room.allowed, 0).await? {
        return Ok(Taken::Again);
    }
    tx.commit().await?;
    Ok(Taken::In(numbers))
}

/// Records what the basis says, but never over a person's own stop.
async fn consents(tx: &mut Tx, import: &Import, changes: &Changes<'_>, now: Moment) -> Result<u64, ImportError> {
    let Some(grade) = import.basis.and_then(Basis::grade) else { return Ok(0) };
    let entries = |contact: ContactId, row: usize| {
        Purpose::ALL.map(|purpose| NewConsent {
            account: import.account_id,
            contact,
            purpose,
            action: Action::Granted,
            grade,
            wording: None,
            channel: None,
            evidence: json!({
                "import": import.id, "file": import.mapping.file_name, "row": row, "origin": import.origin, "basis": import.basis,
            }),
            actor: import.member_id.to_string(),
            at: now,
        })
    };
    let first: Vec<NewConsent> = changes.fresh.iter().flat_map(|person| entries(person.id, person.good.number)).collect();
    consent::record_first(tx, import.account_id, &first, now).await?;
    let known: Vec<ContactId> = changes.known.iter().map(|(contact, _)| *contact).collect();
    let spared: HashSet<ContactId> = bulk::needing_no_consent(tx, import.account_id, &known, grade as i16).await?.into_iter().collect();
    let later: Vec<NewConsent> =
        changes.known.iter().filter(|(contact, _)| !spared.contains(contact)).flat_map(|(contact, row)| entries(*contact, *row)).collect();
    Ok(first.len() as u64 + consent::record_many(tx, import.account_id, &later, now).await?)
}
