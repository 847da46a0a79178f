//! Makes dossiers: reads some people at a time, writes them down beside the threads that answer,
//! and begins another part of the archive before one grows larger than a chat takes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::json;

use super::{
    DossierRow, Scope,
    campaigns::{self, Facts},
    manifest::{FORMAT, Manifest, Pack},
    person::{self, Gap, Person},
    queries,
    written::{self, Head, ListLine, Words},
};
use crate::{
    account::settings,
    aside, bind_filter,
    clock::Moment,
    contact::segment::{self, Filter, Look},
    id::{AccountId, CampaignId, ContactId, DossierId},
    notice::{self, NewNotice, NoticeKind},
    on,
    sign::Signer,
    store::{Store, Tx, file},
    text,
};

/// People of a dossier at most: a paper of more is read by nobody.
pub const MOST: usize = 10_000;
/// People of a paper.
const VOLUME: usize = 50;
/// Bytes of a part, about: Telegram takes 50 MB of a bot (contracts/messengers/telegram.md, 2.4).
const PART: u64 = 40 << 20;
/// Bytes of signed papers in a dossier at most: what is left out is named among the gaps.
const PAPERS: u64 = 512 << 20;
/// How long somebody makes one before another may try.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// Between two tries.
const AGAIN: TimeDelta = TimeDelta::minutes(1);
/// Tries.
const TRIES: i32 = 3;

/// What a dossier consists of, before it is kept.
#[derive(Debug)]
pub struct Made {
    /// The paper about the whole.
    pub paper: Vec<u8>,
    /// Parts of the archive.
    pub parts: Vec<Vec<u8>>,
    pub people: usize,
    /// So many things are lacking.
    pub gaps: usize,
}

/// Why one could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// The account has no such person, segment, campaign (any more).
    #[error("whom the dossier is of is not there any more")]
    Gone,
    /// More than [`MOST`].
    #[error("more people than a dossier holds")]
    TooMany,
    /// The library of papers.
    #[error(transparent)]
    Paper(#[from] crate::paper::PaperError),
    /// An archive of more than ZIP holds.
    #[error("the archive could not be written: {0}")]
    Archive(#[from] std::io::Error),
    /// It panicked.
    #[error("the work broke off: {0}")]
    Broke(#[from] tokio::task::JoinError),
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl MakeError {
    /// The word in the row; the log has the rest.
    fn code(&self) -> &'static str {
        match self {
            Self::Gone => GONE,
            Self::TooMany => TOO_MANY,
            Self::Paper(_) | Self::Archive(_) | Self::Broke(_) | Self::Db(_) => "failed",
        }
    }
}

/// In a dossier's row: whom it is of is not there any more.
pub const GONE: &str = "gone";
/// In a dossier's row: more people than [`MOST`].
pub const TOO_MANY: &str = "too_many";

/// Makes one dossier that is due, if any; `words`: in the language and the zone of whoever asked.
/// Whatever goes wrong with one is written into its row. `false`: none is due.
///
/// # Errors
/// The database's.
pub async fn next(
    store: &Store,
    signer: &Signer,
    words: impl Fn(crate::account::Language, chrono_tz::Tz) -> Words,
    now: impl Fn() -> Moment,
) -> sqlx::Result<bool> {
    let due: Option<(DossierId, AccountId)> = on!(store.read(), |c| sqlx::query_as(queries::DUE).bind(now()).fetch_optional(c).await)?;
    let Some((id, account)) = due else { return Ok(false) };
    let Some(lease) = take(store, account, id, now()).await? else { return Ok(true) };
    let Some(row) = super::get(store, account, id).await? else { return Ok(true) };
    let zone = settings::zone(store, account).await?;
    let done = make(store, &row, signer, words(row.language, zone), now()).await;
    match done {
        Ok(made) => keep(store, &row, lease, &made, now()).await?,
        Err(error) => failed(store, &row, lease, &error, now()).await?,
    }
    Ok(true)
}

/// Takes a dossier to be made; gives the time until which nobody else does.
async fn take(store: &Store, account: AccountId, id: DossierId, now: Moment) -> sqlx::Result<Option<Moment>> {
    let mut tx = store.begin().await?;
    let seen: Option<Moment> = on!(tx.conn(), |c| sqlx::query_scalar(queries::TAKEN).bind(account).bind(id).fetch_optional(c).await)?;
    let Some(seen) = seen.filter(|seen| *seen <= now) else { return Ok(None) };
    let until = now + LEASE;
    let taken = on!(tx.conn(), |c| sqlx::query(queries::TAKE)
        .bind(account)
        .bind(id)
        .bind(seen)
        .bind(until)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    tx.commit().await?;
    Ok((taken == 1).then_some(until))
}

async fn keep(store: &Store, row: &DossierRow, lease: Moment, made: &Made, now: Moment) -> sqlx::Result<()> {
    let number = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
    let mut tx = store.begin_bulk().await?;
    let still = on!(tx.conn(), |c| sqlx::query(queries::MADE)
        .bind(row.account_id)
        .bind(row.id)
        .bind(lease)
        .bind(number(made.people))
        .bind(number(made.gaps))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if still == 0 {
        // Somebody else makes it by now.
        return Ok(());
    }
    let day = now.date_naive();
    keep_file(&mut tx, row, 0, &text::file_name(&row.about, day, "pdf"), "application/pdf", &made.paper, now).await?;
    for (part, content) in (1..).zip(&made.parts) {
        let about = if made.parts.len() == 1 { row.about.clone() } else { format!("{} {part}", row.about) };
        keep_file(&mut tx, row, part, &text::file_name(&about, day, "zip"), "application/zip", content, now).await?;
    }
    tell(&mut tx, row, NoticeKind::DossierReady, made.people, now).await?;
    tx.commit().await
}

async fn keep_file(tx: &mut Tx, row: &DossierRow, part: i32, name: &str, mime: &str, content: &[u8], now: Moment) -> sqlx::Result<()> {
    let info = file::put(tx, row.account_id, name, mime, content, now).await?;
    on!(tx.conn(), |c| sqlx::query(queries::KEEP).bind(row.id).bind(part).bind(row.account_id).bind(info.id).execute(c).await.map(|_| ()))
}

async fn failed(store: &Store, row: &DossierRow, lease: Moment, error: &MakeError, now: Moment) -> sqlx::Result<()> {
    let for_good = matches!(error, MakeError::Gone | MakeError::TooMany) || row.attempt >= TRIES;
    tracing::warn!(dossier = %row.id, attempt = row.attempt, %error, "a dossier was not made");
    let (state, due) = if for_good { ("failed", None) } else { ("making", Some(now + AGAIN)) };
    let mut tx = store.begin().await?;
    let still = on!(tx.conn(), |c| sqlx::query(queries::FAILED)
        .bind(row.account_id)
        .bind(row.id)
        .bind(lease)
        .bind(state)
        .bind(due)
        .bind(error.code())
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if still == 1 && for_good {
        tell(&mut tx, row, NoticeKind::DossierFailed, 0, now).await?;
    }
    tx.commit().await
}

async fn tell(tx: &mut Tx, row: &DossierRow, kind: NoticeKind, people: usize, now: Moment) -> sqlx::Result<()> {
    // A person's name stands in no notice: nobody would find it there when the person is deleted.
    let about = if matches!(row.scope(), Scope::Person(_)) { "" } else { &row.about };
    let notice = NewNotice {
        account: row.account_id,
        member: Some(row.member_id),
        kind,
        payload: json!({ "dossier": row.id, "about": about, "people": people }),
        dedupe_key: format!("{}:{}", kind.as_str(), row.id),
    };
    notice::raise(tx, notice, now).await
}

/// People of a scope after one, some of them.
async fn page(
    store: &Store,
    account: AccountId,
    whom: &Whom,
    zone: chrono_tz::Tz,
    after: ContactId,
    now: Moment,
) -> sqlx::Result<Vec<ContactId>> {
    let limit = i64::try_from(VOLUME).unwrap_or(i64::MAX);
    match whom {
        Whom::One(id) => Ok(if after.0.is_nil() { vec![*id] } else { Vec::new() }),
        Whom::Campaign(id) => {
            on!(store.read(), |c| sqlx::query_scalar(queries::PEOPLE).bind(account).bind(*id).bind(after).bind(limit).fetch_all(c).await)
        }
        Whom::Segment(filter) => {
            let matching = filter.compile_for(Look::Few, store.engine(), account, zone, now, 4);
            let sql = format!("{} and {} order by c.id limit $3", queries::MATCHING, matching.sql);
            on!(store.read(), |c| {
                let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(account).bind(after).bind(limit);
                bind_filter!(query, &matching.binds).fetch_all(c).await
            })
        }
    }
}

enum Whom {
    One(ContactId),
    Segment(Box<Filter>),
    Campaign(CampaignId),
}

impl Whom {
    async fn of(store: &Store, account: AccountId, scope: Scope) -> Result<Self, MakeError> {
        Ok(match scope {
            Scope::Person(id) => Self::One(id),
            Scope::Campaign(id) => Self::Campaign(id),
            Scope::Segment(id) => {
                let found = segment::get(store, account, id).await?.ok_or(MakeError::Gone)?;
                match found.parse(store, account).await {
                    Ok(filter) => Self::Segment(Box::new(filter)),
                    Err(segment::SegmentError::Db(error)) => return Err(error.into()),
                    Err(_) => return Err(MakeError::Gone),
                }
            }
        })
    }

    fn campaign(&self) -> Option<CampaignId> {
        match self {
            Self::Campaign(id) => Some(*id),
            Self::One(_) | Self::Segment(_) => None,
        }
    }
}

/// The archive in the making.
struct Parts<'a> {
    manifest: Manifest,
    signer: &'a Signer,
    pack: Pack<Vec<u8>>,
    done: Vec<Vec<u8>>,
}

impl Parts<'_> {
    /// Adds a file, in a new part if this one is full.
    fn add(&mut self, name: &str, content: &[u8]) -> std::io::Result<()> {
        if self.pack.size() > 0 && self.pack.size() + content.len() as u64 > PART {
            self.close(false)?;
        }
        self.pack.add(name, content)
    }

    fn close(&mut self, last: bool) -> std::io::Result<()> {
        let pack = std::mem::replace(&mut self.pack, Pack::new(Vec::new()));
        let (bytes, digest) = pack.finish(Manifest { last, ..self.manifest.clone() }, self.signer)?;
        self.done.push(bytes);
        self.manifest.part += 1;
        self.manifest.before = Some(digest);
        Ok(())
    }
}

/// Makes a dossier.
///
/// # Errors
/// [`MakeError`].
pub async fn make(store: &Store, row: &DossierRow, signer: &Signer, words: Words, now: Moment) -> Result<Made, MakeError> {
    let account = row.account_id;
    let company = settings::get(store, account).await?.map(|settings| settings.name).unwrap_or_default();
    let whom = Whom::of(store, account, row.scope()).await?;
    let trail = store.trail_head(account).await?.map(|head| head.audit().to_string()).unwrap_or_default();
    let (made_at, public_key) = (now, signer.public());
    let head = Head { company, about: row.about.clone(), made_at, made_by: row.member.clone(), trail, public_key };
    let mut parts = Parts {
        manifest: Manifest {
            format: FORMAT,
            company: head.company.clone(),
            account: account.to_string(),
            about: head.about.clone(),
            made_at: now.to_rfc3339(),
            made_by: head.made_by.clone(),
            part: 1,
            last: false,
            before: None,
            trail: head.trail.clone(),
            public_key: head.public_key.clone(),
            files: Vec::new(),
        },
        signer,
        pack: Pack::new(Vec::new()),
        done: Vec::new(),
    };
    let mut all = Gathered::default();
    let mut after = ContactId(uuid::Uuid::nil());
    loop {
        let ids = page(store, account, &whom, words.zone, after, now).await?;
        let Some(last) = ids.last() else { break };
        after = *last;
        let mut people = Vec::with_capacity(ids.len());
        for id in &ids {
            let Some(mut person) = person::gather(store, account, *id, whom.campaign(), now).await? else { continue };
            all.enclose(store, account, &mut person, &mut parts).await?;
            people.push(person);
        }
        all.volume(people, &mut parts, &head, words, matches!(whom, Whom::One(_))).await?;
        if all.lines.len() > MOST {
            return Err(MakeError::TooMany);
        }
    }
    if all.lines.is_empty() && matches!(whom, Whom::One(_)) {
        return Err(MakeError::Gone);
    }
    all.campaigns.extend(whom.campaign());
    let (_, subject) = row.scope().parts();
    let (facts, materials) = campaigns::gather(store, account, &all.campaigns, BTreeSet::from([subject.to_string()]), now).await?;
    for (path, id) in &materials {
        if let Some(content) = file::content(store, account, *id).await? {
            parts.add(path, &content)?;
        }
    }
    parts.add("campaigns.json", &pretty(&facts.json())?)?;
    parts.add("law.json", &pretty(&facts.rules())?)?;
    let gaps: usize = all.gaps.values().sum::<usize>() + facts.gaps.len();
    let people = all.lines.len();
    let paper = summary(all, facts, head, words).await?;
    parts.add("dossier.pdf", &paper)?;
    parts.close(true)?;
    Ok(Made { paper, parts: parts.done, people, gaps })
}

fn pretty(value: &serde_json::Value) -> std::io::Result<Vec<u8>> {
    serde_json::to_vec_pretty(value).map_err(std::io::Error::other)
}

async fn summary(all: Gathered, facts: Facts, head: Head, words: Words) -> Result<Vec<u8>, MakeError> {
    let gaps: Vec<(String, usize)> = all.gaps.into_iter().collect();
    let paper = aside::run(move || written::summary(&words, &head, &facts, &all.lines, &gaps, all.only.as_ref())).await??;
    Ok(paper)
}

/// What was gathered of people so far.
#[derive(Default)]
struct Gathered {
    lines: Vec<ListLine>,
    campaigns: BTreeSet<CampaignId>,
    /// What is lacking, and how often.
    gaps: BTreeMap<String, usize>,
    /// The person, when it is one.
    only: Option<Person>,
    /// Bytes of signed papers.
    papers: u64,
}

impl Gathered {
    /// Puts the papers that a person signed into the archive.
    async fn enclose(&mut self, store: &Store, account: AccountId, person: &mut Person, parts: &mut Parts<'_>) -> Result<(), MakeError> {
        let mut left_out = Vec::new();
        for entry in &person.consents.entries {
            let (Some(paper), Some(path)) = (person.consents.paper(entry), person.consents.paper_path(entry)) else { continue };
            let size = paper.size.unsigned_abs();
            let content = if self.papers + size > PAPERS { None } else { file::content(store, account, paper.file_id).await? };
            match content {
                Some(content) => {
                    self.papers += size;
                    parts.add(&path, &content)?;
                }
                None => left_out.push(Gap::NoPaper { entry: entry.id }),
            }
        }
        person.gaps.extend(left_out);
        Ok(())
    }

    /// Writes some people down.
    async fn volume(&mut self, people: Vec<Person>, parts: &mut Parts<'_>, head: &Head, words: Words, one: bool) -> Result<(), MakeError> {
        let from = self.lines.len() + 1;
        let named = format!("people/{from:05}-{:05}", self.lines.len() + people.len());
        let mut lines = Vec::new();
        for person in &people {
            serde_json::to_writer(&mut lines, &person.json()).map_err(std::io::Error::other)?;
            lines.push(b'\n');
            self.lines.push(written::line(&words, person, if one { "" } else { &named }));
            self.campaigns.extend(person.sent.iter().filter(|sent| sent.went()).map(|sent| sent.campaign_id));
            for gap in &person.gaps {
                *self.gaps.entry(words.kind(gap).to_owned()).or_default() += 1;
            }
        }
        parts.add(&format!("{named}.jsonl"), &lines)?;
        if one {
            self.only = people.into_iter().next();
            return Ok(());
        }
        let head = head.clone();
        let paper = aside::run(move || written::volume(&words, &head, &people)).await??;
        parts.add(&format!("{named}.pdf"), &paper)?;
        Ok(())
    }
}
