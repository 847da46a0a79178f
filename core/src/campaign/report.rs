//! The end of a campaign and what is told of it: books, numbers, notes in the CRM, the list of
//! recipients, the chart.
//!
//! A campaign closes when nothing of it waits and nothing is in flight. The list and the chart are
//! made when somebody asks; those of a closed campaign are kept, so that asking again shows the
//! same.

mod canvas;
pub mod chart;
pub mod notes;
mod ticks;
pub mod xlsx;

use serde_json::json;

use super::{Campaign, CampaignError, Event, Result, State, account_of, approval::tell, cost, get, get_in, queries, shift, view::Numbers};
use crate::{
    account::Language,
    clock::Moment,
    delivery::{
        books::books,
        counts::{counts, counts_in},
    },
    id::{CampaignId, FileId},
    notice::NoticeKind,
    on,
    store::{Store, audit, file},
    text,
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
        /// The rows and the counters agree. If not, something is wrong with the program or the
        /// database: it is logged, written to the trail and told to the members.
        balanced: bool,
    },
    /// Something of it still waits or is in flight.
    NotYet,
    /// Somebody closed it before, or it does not run.
    Nothing,
}

/// Closes a campaign whose messages are all at rest: checks the books, sets the state, tells the
/// members; then queues a note in the CRM for everybody who got it (`note` words it, in the
/// account's language), in portions. Run any number of times, it does it once; run again after a
/// death, it goes on with the notes.
///
/// # Errors
/// [`CampaignError::NotFound`], the database's.
pub async fn close(store: &Store, id: CampaignId, note: impl Fn(Language, &Campaign) -> String, now: Moment) -> Result<Closed> {
    let account = account_of(store, id).await?;
    let seen = get(store, account, id).await?;
    if seen.finished_at.is_some() {
        // Closed before; whoever closed it may have died over the notes.
        notes::queue(store, &seen, &note, notes::PORTION, now).await?;
        return Ok(Closed::Nothing);
    }
    if !matches!(seen.state, State::Running | State::Paused | State::Stopped) {
        return Ok(Closed::Nothing);
    }
    // Reading every row is for a campaign that is at rest.
    let counted = counts(store, account, id).await?;
    if !Numbers::of(&counted).at_rest() {
        return Ok(Closed::NotYet);
    }
    // Everything is at rest or we turn back, so counting the rows outside the change counts what
    // the change will find.
    let balanced = books(store, account, id).await?.balanced();
    let responses = super::results::responses(store, account, id).await?;
    let spent = cost::spent(store, &seen, &counted, now).await?;
    let mut tx = store.begin().await?;
    let campaign = get_in(&mut tx, account, id).await?;
    if campaign.updated_at != seen.updated_at || campaign.state != seen.state {
        return Ok(Closed::NotYet);
    }
    let numbers = Numbers::of(&counts_in(&mut tx, account, id).await?);
    if !numbers.at_rest() {
        return Ok(Closed::NotYet);
    }
    let finished = on!(tx.conn(), |c| sqlx::query(queries::SET_FINISHED)
        .bind(account)
        .bind(id)
        .bind(now)
        .bind(notes::TO_BE_MADE)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if finished != 1 {
        return Ok(Closed::Nothing);
    }
    cost::keep_spent(&mut tx, account, id, &spent).await?;
    let state = match campaign.state {
        State::Stopped => State::Stopped,
        _ => match shift(&mut tx, &campaign, Event::Finish, None, now).await {
            Ok(state) => state,
            Err(CampaignError::Changed) => return Ok(Closed::NotYet),
            Err(error) => return Err(error),
        },
    };
    let facts =
        json!({ "state": state, "numbers": numbers, "responses": responses, "confirmed": campaign.confirmed_count, "balanced": balanced });
    audit::record(&mut tx, account, "system", "campaign.close", &id.to_string(), &facts, now).await?;
    tell(&mut tx, &campaign, NoticeKind::CampaignFinished, None, facts, now).await?;
    tx.commit().await?;
    let notes = notes::queue(store, &campaign, &note, notes::PORTION, now).await?;
    Ok(Closed::Now { state, numbers, notes, balanced })
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

/// A file name made of a campaign's name and the day it began: «Скидки ноября 28.11.2026.xlsx».
fn file_name(campaign: &Campaign, zone: chrono_tz::Tz, extension: &str) -> String {
    let day = campaign.planned_at.unwrap_or(campaign.created_at).with_timezone(&zone).date_naive();
    text::file_name(&campaign.name, day, extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name with signs in it became «Скидки _ноября_ _ подарки.xlsx».
    #[test]
    fn a_file_is_named_as_any_system_takes_it() {
        let at: Moment = "2026-11-27T22:30:00Z".parse().unwrap();
        let named = |name: &str| {
            let campaign = Campaign { name: name.to_owned(), planned_at: Some(at), ..crate::campaign::tests::blank(at) };
            file_name(&campaign, chrono_tz::Europe::Moscow, "xlsx")
        };
        for (name, file) in [
            ("Скидки <ноября> & подарки", "Скидки ноября подарки 28.11.2026.xlsx"),
            ("Чёрная пятница: −50 %!", "Чёрная пятница 50 % 28.11.2026.xlsx"),
            ("../../etc/passwd", "etc passwd 28.11.2026.xlsx"),
            ("«Ноябрь»", "Ноябрь 28.11.2026.xlsx"),
            ("🎄🎁", "28.11.2026.xlsx"),
            ("...", "28.11.2026.xlsx"),
        ] {
            assert_eq!(named(name), file, "{name}");
        }
        assert!(named(&"я".repeat(100)).chars().count() < 80);
    }
}
