//! Saying stop and coming back. An opt-out is one transaction: every address suppressed, the
//! consent withdrawn, everything queued cancelled, the CRM told. It wins over whatever is not yet
//! in flight, because the claim looks here.
//!
//! It stands above consent, delivery and CRM, because it moves all three.

pub mod block;

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::types::Json;

use crate::{
    account::{AccountError, Actor, By, Language, Right},
    clock::Moment,
    consent::{Action, Grade, NewConsent, Purpose, doubt, ledger, queries},
    contact::gone,
    crm::{CrmChange, write_back},
    delivery,
    id::{ANY_CHANNEL, AccountId, ChannelId, ContactId, MemberId, SuppressionId},
    on,
    store::{Store, Tx, audit},
    words::Reason,
};

/// How somebody said stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutBy {
    /// Wrote it.
    Text,
    /// Gave the command `/stop`.
    Command,
    /// Pressed the button under a message.
    Button,
    /// Answered «yes» to the question whether they want no more messages.
    Question,
    /// Told the messenger itself that they want no advertising from us.
    Messenger,
    /// Told a member, who noted it.
    Manual(MemberId),
    /// The CRM says so.
    Crm,
    /// Said it as a contact that turned out to be one person with this one, or had been.
    Twin,
}

impl OptOutBy {
    /// The word in evidence and the audit trail.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Command => "command",
            Self::Button => "button",
            Self::Question => "question",
            Self::Messenger => "messenger",
            Self::Manual(_) => "manual",
            Self::Crm => "crm",
            Self::Twin => "twin",
        }
    }

    fn grade(self) -> Grade {
        match self {
            Self::Text | Self::Command | Self::Button | Self::Question | Self::Messenger => Grade::A,
            Self::Crm => Grade::C,
            Self::Manual(_) | Self::Twin => Grade::D,
        }
    }

    fn actor(self) -> String {
        match self {
            Self::Text | Self::Command | Self::Button | Self::Question | Self::Messenger => "contact".to_owned(),
            Self::Manual(member) => member.to_string(),
            Self::Crm => "crm".to_owned(),
            Self::Twin => "system".to_owned(),
        }
    }

    /// What the CRM is told.
    fn note(self, language: Language, at: &str) -> String {
        match language {
            Language::Ru => {
                let how = match self {
                    Self::Text | Self::Command => "сообщение «стоп»",
                    Self::Button => "кнопка под сообщением",
                    Self::Question => "ответ «Да» на вопрос об отписке",
                    Self::Messenger => "отказ от рекламы в настройках чата мессенджера",
                    Self::Manual(_) => "просьба сотруднику",
                    Self::Crm => "отметка в CRM",
                    Self::Twin => "отказ записан в другой карточке того же человека",
                };
                format!("Отказ от сообщений: {how}. {at}. Ничего больше не отправляем.")
            }
            Language::En => {
                let how = match self {
                    Self::Text | Self::Command => "wrote “stop”",
                    Self::Button => "pressed the opt-out button under a message",
                    Self::Question => "answered “Yes” when asked whether to unsubscribe",
                    Self::Messenger => "refused advertising in the messenger's own settings of the chat",
                    Self::Manual(_) => "told a member of staff",
                    Self::Crm => "a mark in the CRM",
                    Self::Twin => "said as another contact who is the same person",
                };
                format!("Opted out of messages: {how}. {at}. Nothing more is sent.")
            }
        }
    }
}

/// How, where and by which message somebody said stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutHow {
    pub by: OptOutBy,
    pub channel: Option<ChannelId>,
    /// By or under which message.
    pub message_ref: Option<String>,
    /// When they said it, if that is not now: what the person wrote after it may be answered. A
    /// moment in the future counts as now.
    pub said_at: Option<Moment>,
}

/// What an opt-out did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptOutDone {
    /// They are out now, and queued messages will not go.
    Now {
        /// Messages cancelled.
        cancelled: u64,
    },
    /// They were out already: nothing changed.
    Already,
    /// The account has no such contact: nothing changed.
    Unknown,
}

/// An address by its parts.
pub(crate) type AddressParts = (String, String);

async fn suppress_one(
    tx: &mut Tx,
    account: AccountId,
    (kind, value): &AddressParts,
    contact: Option<ContactId>,
    evidence: &serde_json::Value,
    at: Moment,
) -> sqlx::Result<bool> {
    on!(tx.conn(), |c| sqlx::query(queries::SUPPRESS)
        .bind(SuppressionId::new())
        .bind(account)
        .bind(kind)
        .bind(value)
        .bind(ANY_CHANNEL)
        .bind("opt_out")
        .bind(contact)
        .bind(Json(evidence))
        .bind(at)
        .execute(c)
        .await
        .map(|r| r.rows_affected() == 1))
}

/// The account's language and zone, for a note; the contact's row is held before, so that one
/// opt-out of two does it all.
async fn settings(tx: &mut Tx, account: AccountId) -> sqlx::Result<(Language, chrono_tz::Tz)> {
    let (language, zone): (Language, String) = on!(tx.conn(), |c| sqlx::query_as(queries::NOTE_SETTINGS).bind(account).fetch_one(c).await)?;
    Ok((language, zone.parse().unwrap_or(chrono_tz::UTC)))
}

fn shown(now: Moment, zone: chrono_tz::Tz) -> String {
    now.with_timezone(&zone).format("%d.%m.%Y %H:%M %Z").to_string()
}

/// The contact says stop: from now on nothing goes to them through any channel. A second time
/// changes nothing. Of somebody who is deleted, it holds for whoever has one of their addresses by
/// now, or comes by one ([`gone`]).
///
/// After the commit ring [`crate::queue::Job::WriteBack`] (or leave it to the tick).
///
/// # Errors
/// The database's.
pub async fn opt_out(tx: &mut Tx, account: AccountId, contact: ContactId, how: &OptOutHow, now: Moment) -> sqlx::Result<OptOutDone> {
    let at = how.said_at.map_or(now, |at| at.min(now));
    // Marks the contact and holds its row: of two opt-outs at once the second finds it marked.
    let marked = on!(tx.conn(), |c| sqlx::query(queries::MARK_OUT)
        .bind(account)
        .bind(contact)
        .bind(at)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if marked == 0 {
        let there: Option<ContactId> =
            on!(tx.conn(), |c| sqlx::query_scalar(queries::CONTACT).bind(account).bind(contact).fetch_optional(c).await)?;
        if there.is_none() {
            return Ok(OptOutDone::Unknown);
        }
        said_again(tx, account, contact, how, at, now).await?;
        return Ok(match for_others(tx, account, contact, how, now).await? {
            Some(cancelled) => OptOutDone::Now { cancelled },
            None => OptOutDone::Already,
        });
    }
    let evidence = json!({ "how": how.by.as_str(), "message": how.message_ref });
    let addresses: Vec<AddressParts> =
        on!(tx.conn(), |c| sqlx::query_as(queries::ADDRESSES).bind(account).bind(contact).fetch_all(c).await)?;
    for address in &addresses {
        suppress_one(tx, account, address, Some(contact), &evidence, at).await?;
    }
    ledger::record(tx, withdrawal(account, contact, how, evidence, now), now).await?;
    let answer = if how.by == OptOutBy::Question { doubt::Outcome::Yes } else { doubt::Outcome::Stopped };
    doubt::close(tx, account, contact, answer, Some(json!({ "how": how.by.as_str(), "message": how.message_ref })), now).await?;
    let mut cancelled = delivery::cancel_contact(tx, account, contact, Reason::OptedOut, now).await?;
    let key = now.timestamp_millis().to_string();
    let (language, zone) = settings(tx, account).await?;
    write_back::enqueue(tx, account, contact, &CrmChange::OptOut(true), &key, now).await?;
    let note = CrmChange::Note { text: how.by.note(language, &shown(now, zone)) };
    write_back::enqueue(tx, account, contact, &note, &format!("opt_out:{key}"), now).await?;
    let actor = match how.by {
        OptOutBy::Manual(member) => member.to_string(),
        _ => "system".to_owned(),
    };
    let details = json!({ "how": how.by.as_str(), "channel": how.channel, "cancelled": cancelled });
    audit::record(tx, account, &actor, "contact.opt_out", &contact.to_string(), &details, now).await?;
    cancelled += for_others(tx, account, contact, how, now).await?.unwrap_or_default();
    Ok(OptOutDone::Now { cancelled })
}

/// What somebody deleted says holds for the contacts who have their addresses by now; how many
/// messages to them were cancelled. `None`: there are none, or they were out.
async fn for_others(tx: &mut Tx, account: AccountId, contact: ContactId, how: &OptOutHow, now: Moment) -> sqlx::Result<Option<u64>> {
    let mut cancelled = None;
    for other in gone::refuse(tx, account, contact).await? {
        let how = OptOutHow { by: OptOutBy::Twin, message_ref: None, ..how.clone() };
        if let OptOutDone::Now { cancelled: some } = Box::pin(opt_out(tx, account, other, &how, now)).await? {
            *cancelled.get_or_insert_default() += some;
        }
    }
    Ok(cancelled)
}

fn withdrawal(account: AccountId, contact: ContactId, how: &OptOutHow, evidence: serde_json::Value, now: Moment) -> NewConsent {
    NewConsent {
        account,
        contact,
        purpose: Purpose::Marketing,
        action: Action::Withdrawn,
        grade: how.by.grade(),
        wording: None,
        channel: how.channel,
        evidence,
        actor: how.by.actor(),
        at: now,
    }
}

/// Somebody who is out says it again: no answer goes any more. If they have written since, or were
/// asked whether they come back, it is evidence too.
async fn said_again(tx: &mut Tx, account: AccountId, contact: ContactId, how: &OptOutHow, at: Moment, now: Moment) -> sqlx::Result<()> {
    let again = on!(tx.conn(), |c| sqlx::query(queries::OUT_AGAIN)
        .bind(account)
        .bind(contact)
        .bind(at)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if again == 0 {
        return delivery::cancel_answers(tx, account, contact, Reason::OptedOut).await;
    }
    let evidence = json!({ "how": how.by.as_str(), "message": how.message_ref });
    ledger::record(tx, withdrawal(account, contact, how, evidence, now), now).await?;
    delivery::cancel_contact(tx, account, contact, Reason::OptedOut, now).await.map(|_| ())
}

/// A person who is no contact (any more, or yet) says stop: these addresses of theirs are
/// suppressed all the same. `true`: they were not before. Of somebody who was deleted nothing is
/// stored again: they are found, and refused later, by keyed hashes ([`gone`]).
///
/// # Errors
/// The database's.
pub async fn opt_out_unknown(
    tx: &mut Tx,
    account: AccountId,
    addresses: &[(&str, &str)],
    how: &OptOutHow,
    now: Moment,
) -> sqlx::Result<bool> {
    let mut people = BTreeSet::new();
    for (kind, value) in addresses {
        people.extend(gone::whose(tx, account, kind, value).await?);
    }
    let mut new = false;
    if !people.is_empty() {
        // A provider's name of the message may hold the address.
        let how = OptOutHow { message_ref: None, ..how.clone() };
        for person in people {
            gone::mark(tx, account, person, addresses, false).await?;
            new |= matches!(opt_out(tx, account, person, &how, now).await?, OptOutDone::Now { .. });
            // Who was out before is told once all the same that it was heard.
            new |= gone::says_so(tx, account, person, now).await?;
        }
        return Ok(new);
    }
    let evidence = json!({ "how": how.by.as_str(), "message": how.message_ref, "channel": how.channel });
    let at = how.said_at.map_or(now, |at| at.min(now));
    for &(kind, value) in addresses {
        if suppress_one(tx, account, &(kind.to_owned(), value.to_owned()), None, &evidence, at).await? {
            new = true;
            let details = json!({ "how": how.by.as_str(), "channel": how.channel });
            audit::record(tx, account, "system", "address.opt_out", kind, &details, now).await?;
        }
    }
    Ok(new)
}

/// A member notes that a contact said stop by other means.
///
/// # Errors
/// [`AccountError`].
pub async fn opt_out_by_member(store: &Store, actor: &Actor, contact: ContactId, now: Moment) -> Result<OptOutDone, AccountError> {
    By::Member(actor).need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let how = OptOutHow { by: OptOutBy::Manual(actor.member), channel: None, message_ref: None, said_at: None };
    let done = opt_out(&mut tx, actor.account, contact, &how, now).await?;
    if done == OptOutDone::Unknown {
        return Err(AccountError::NotFound);
    }
    tx.commit().await?;
    Ok(done)
}

/// The person came back (`/start` and a new consent, which the caller records before): their own
/// suppressions are lifted, a member's stay. `false`: they were not out.
///
/// # Errors
/// The database's.
pub async fn come_back(tx: &mut Tx, account: AccountId, contact: ContactId, now: Moment) -> sqlx::Result<bool> {
    let unmarked =
        on!(tx.conn(), |c| sqlx::query(queries::MARK_BACK).bind(account).bind(contact).execute(c).await.map(|r| r.rows_affected()))?;
    let lifted = on!(tx.conn(), |c| sqlx::query(queries::LIFT_OF_CONTACT)
        .bind(account)
        .bind(contact)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    gone::back(tx, account, contact).await?;
    if unmarked == 0 && lifted == 0 {
        return Ok(false);
    }
    let key = now.timestamp_millis().to_string();
    let (language, zone) = settings(tx, account).await?;
    write_back::enqueue(tx, account, contact, &CrmChange::OptOut(false), &key, now).await?;
    let text = match language {
        Language::Ru => format!("Снова согласие на сообщения. {}.", shown(now, zone)),
        Language::En => format!("Agreed to messages again. {}.", shown(now, zone)),
    };
    write_back::enqueue(tx, account, contact, &CrmChange::Note { text }, &format!("opt_in:{key}"), now).await?;
    audit::record(tx, account, "system", "contact.come_back", &contact.to_string(), &json!({ "lifted": lifted }), now).await?;
    Ok(true)
}
