//! The end of a campaign and what is told of it: books, numbers, notes in the CRM, the list of recipients, the chart.
//!
//! A campaign closes when nothing of it waits and nothing is in the air. The list and the chart are made when somebody
//! asks; those of a closed campaign are kept, so that asking again shows the same.

pub mod chart;
pub mod xlsx;

use serde_json::json;

use super::{Campaign, CampaignError, Event, Result, State, account_of, approval::tell, get, get_in, queries, shift, view::Numbers};
use crate::{
    account::Language,
    clock::Moment,
    crm::CrmChange,
    id::{AccountId, CampaignId, FileId},
    on,
    store::{Store, audit, file},
};

/// A file of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The name a person sees.
    pub name: String,
    /// MIME type.
    pub mime: &'static str,
    /// The bytes.
    pub content: Vec<u8>,
}

/// Which file of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
enum Kind {
    Recipients,
    Chart,
}

/// What closing came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Closed {
    /// It is closed now.
    Now {
        /// Finished or stopped.
        state: State,
        /// The end in numbers.
        numbers: Numbers,
        /// Notes queued for the CRM.
        notes: u64,
        /// The rows and the counters agree. If not, something is wrong with the program or the database: it is logged,
        /// written to the trail and told to the members.
        balanced: bool,
    },
    /// Something of it still waits or is in the air.
    NotYet,
    /// Somebody closed it before, or it does not run.
    Nothing,
}

/// Closes a campaign whose messages are all at rest: checks the books, sets the state, queues a note in the CRM for
/// everybody who got it (`note` words it, in the account's language), tells the members. Run any number of times, it does
/// it once.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn close(store: &Store, id: CampaignId, note: impl Fn(Language, &Campaign) -> String, now: Moment) -> Result<Closed> {
    let account = account_of(store, id).await?;
    let seen = get(store, account, id).await?;
    if seen.finished_at.is_some() || !matches!(seen.state, State::Running | State::Paused | State::Stopped) {
        return Ok(Closed::Nothing);
    }
    // Everything is at rest or we turn back, so counting the rows outside the change counts what the change will find.
    let (balanced, _) = books(store, account, id).await?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, account, id).await?;
    if campaign.updated_at != seen.updated_at || campaign.state != seen.state {
        return Ok(Closed::NotYet);
    }
    let counts: Vec<(bool, String, String, i64)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(id).fetch_all(c).await)?;
    let numbers = Numbers::of(&counts);
    if !numbers.at_rest() {
        return Ok(Closed::NotYet);
    }
    let finished = on!(tx.conn(), |c| sqlx::query(queries::SET_FINISHED)
        .bind(account)
        .bind(id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if finished != 1 {
        return Ok(Closed::Nothing);
    }
    let state = match campaign.state {
        State::Stopped => State::Stopped,
        _ => match shift(&mut tx, &campaign, Event::Finish, None, now).await {
            Ok(state) => state,
            Err(CampaignError::Changed) => return Ok(Closed::NotYet),
            Err(error) => return Err(error),
        },
    };
    let language: Language = on!(tx.conn(), |c| sqlx::query_scalar(queries::LANGUAGE).bind(account).fetch_one(c).await)?;
    let change = CrmChange::Note { text: note(language, &campaign) };
    let notes = on!(tx.conn(), |c| sqlx::query(queries::NOTES)
        .bind(account)
        .bind(id)
        .bind(sqlx::types::Json(&change))
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    let facts = json!({ "state": state, "numbers": numbers, "confirmed": campaign.confirmed_count, "balanced": balanced });
    audit::record(&mut tx, account, "system", "campaign.close", &id.to_string(), &facts, now).await?;
    tell(&mut tx, &campaign, "campaign.finished", None, facts, now).await?;
    tx.commit().await?;
    Ok(Closed::Now { state, numbers, notes, balanced })
}

/// Whether a campaign's rows and counters agree, and what the rows say.
///
/// # Errors
/// The database's.
pub async fn books(store: &Store, account: AccountId, id: CampaignId) -> Result<(bool, Numbers)> {
    type Count = (bool, String, String, i64);
    let mut rows: Vec<Count> = on!(store.read(), |c| sqlx::query_as(queries::ROWS).bind(account).bind(id).fetch_all(c).await)?;
    let mut counts: Vec<Count> = on!(store.read(), |c| sqlx::query_as(queries::COUNTS).bind(account).bind(id).fetch_all(c).await)?;
    rows.sort();
    counts.sort();
    let numbers = Numbers::of(&rows);
    Ok((rows == counts, numbers))
}

/// A kept file of a closed campaign's report.
async fn kept(store: &Store, campaign: &Campaign, kind: Kind, language: Language) -> Result<Option<Vec<u8>>> {
    let id: Option<FileId> = on!(store.read(), |c| sqlx::query_scalar(queries::KEPT_FILE)
        .bind(campaign.account_id)
        .bind(campaign.id)
        .bind(kind)
        .bind(language)
        .fetch_optional(c)
        .await)?;
    match id {
        Some(id) => Ok(file::content(store, campaign.account_id, id).await?),
        None => Ok(None),
    }
}

/// Keeps a file of a closed campaign's report; whoever comes second keeps nothing.
async fn keep(store: &Store, campaign: &Campaign, kind: Kind, language: Language, document: &Document, now: Moment) -> Result<()> {
    if campaign.finished_at.is_none() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    let info = file::put(&mut tx, campaign.account_id, &document.name, document.mime, &document.content, now).await?;
    let kept = on!(tx.conn(), |c| sqlx::query(queries::KEEP_FILE)
        .bind(campaign.id)
        .bind(kind)
        .bind(language)
        .bind(campaign.account_id)
        .bind(info.id)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if kept == 1 {
        tx.commit().await?;
    }
    Ok(())
}

/// A file name made of a campaign's name.
fn file_name(campaign: &Campaign, extension: &str) -> String {
    let clean: String = campaign.name.chars().map(|c| if c.is_alphanumeric() || " -_.".contains(c) { c } else { '_' }).collect();
    let clean = clean.trim_matches(['.', ' ']);
    format!("{}.{extension}", if clean.is_empty() { "campaign" } else { clean })
}
