//! Who a chat belongs to: by its address, by the link it came with, by the phone its owner shared.
//!
//! A chat that turns out to belong to a known contact moves there with all that was said and agreed
//! in it, and with what campaigns wrote to it or are about to ([`merge`]), provided that it was
//! nobody's but its own (a contact made by this very bot). A chat of a known contact never moves: a
//! forwarded link or a shared phone of another must not mix two people.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{handle::ChannelSource, inbox, moved, queries, raw::RawEvent};
use crate::{
    channel::Profile,
    clock::Moment,
    consent::{self, Action, Grade, NewConsent, Purpose, doubt, form, suppression},
    contact::{self, DeletedBy, Draft, NewAddress, link},
    delivery::merge,
    id::{ANY_CHANNEL, AccountId, ChannelId, ContactId, WordingId},
    on,
    opt_out::{self, OptOutBy, OptOutHow},
    store::{Db, Store, Tx, heed},
    text::phone,
};

fn chat(source: &ChannelSource, value: &str) -> NewAddress {
    NewAddress { kind: source.address_kind.clone(), value: value.to_owned(), scope: source.scope, raw: None }
}

/// Whose chat this is, if anybody's.
pub(super) async fn find(tx: &mut Tx, source: &ChannelSource, value: &str) -> sqlx::Result<Option<ContactId>> {
    contact::resolve_in(tx, source.account, &source.address_kind, value, source.scope).await
}

/// Which of these people the company knows by name: the messenger need not be asked for them.
///
/// # Errors
/// The database's.
pub async fn named(store: &Store, source: &ChannelSource, people: &[String]) -> sqlx::Result<HashSet<String>> {
    let named: Vec<String> = match store.read() {
        Db::Sqlite(c) => heed(
            sqlx::query_scalar(queries::NAMED_SQLITE)
                .bind(source.account)
                .bind(&source.address_kind)
                .bind(serde_json::json!(people).to_string())
                .bind(source.scope)
                .fetch_all(c)
                .await,
        )?,
        Db::Postgres(c) => {
            sqlx::query_scalar(queries::NAMED_POSTGRES)
                .bind(source.account)
                .bind(&source.address_kind)
                .bind(people)
                .bind(source.scope)
                .fetch_all(c)
                .await?
        }
    };
    Ok(named.into_iter().collect())
}

/// Whose chat this is; a new contact when it is nobody's.
pub(super) async fn find_or_create(
    tx: &mut Tx,
    source: &ChannelSource,
    value: &str,
    profile: &Profile,
    now: Moment,
) -> sqlx::Result<ContactId> {
    if let Some(contact) = find(tx, source, value).await? {
        return Ok(contact);
    }
    let text = |s: &str| Some(s.trim().to_owned()).filter(|s| !s.is_empty());
    let phone = match own_phone(source, profile) {
        Some(e164) if !is_of_another_id(tx, source, value, &e164).await? => Some(NewAddress::phone(e164.clone(), &e164)),
        _ => None,
    };
    let draft = Draft {
        first_name: text(&profile.first_name),
        last_name: text(&profile.last_name),
        language: profile.language.clone(),
        addresses: std::iter::once(chat(source, value)).chain(phone).collect(),
        source: source.address_kind.clone(),
        ..Draft::default()
    };
    Ok(contact::create(tx, source.account, &draft, now).await?.contact)
}

/// Who is known by this very address at another sender of the account: the chat here is theirs,
/// too. Two who are, are told apart by people.
async fn elsewhere(tx: &mut Tx, source: &ChannelSource, value: &str, now: Moment) -> sqlx::Result<Option<ContactId>> {
    let known: Vec<ContactId> = on!(tx.conn(), |c| sqlx::query_scalar(queries::ELSEWHERE)
        .bind(source.account)
        .bind(&source.address_kind)
        .bind(value)
        .fetch_all(c)
        .await)?;
    let [one] = known[..] else { return Ok(None) };
    let _ = contact::attach_address(tx, source.account, one, &chat(source, value), now).await?;
    Ok(Some(one))
}

/// The phone that the messenger itself says is the person's own.
fn own_phone(source: &ChannelSource, profile: &Profile) -> Option<String> {
    phone::normalise(profile.phone.as_deref()?, &source.phone_region).ok()
}

/// Whether a phone that the messenger vouches for is on the card of somebody whom the messenger
/// knows by another id: numbers are given out anew, and ids are not (contracts/messengers/
/// whatsapp_cloud.md, 0). When an id is another one now, the messenger says so itself.
async fn is_of_another_id(tx: &mut Tx, source: &ChannelSource, value: &str, phone: &str) -> sqlx::Result<bool> {
    let Some(owner) = contact::resolve_in(tx, source.account, contact::PHONE, phone, ANY_CHANNEL).await? else { return Ok(false) };
    let known: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(consent::queries::ADDRESSES_AT)
        .bind(source.account)
        .bind(owner)
        .bind(&source.address_kind)
        .bind(source.scope)
        .fetch_all(c)
        .await)?;
    Ok(known.iter().any(|known| known != value && known != phone))
}

/// The phone that our message went to which somebody answers, or presses under, whom the messenger
/// tells by an id alone: only the one it went to can (contracts/messengers/whatsapp_cloud.md, 2.6:
/// a phone may be hidden later).
async fn written_to(tx: &mut Tx, source: &ChannelSource, message_ref: &str) -> sqlx::Result<Option<String>> {
    let known: Vec<String> = on!(tx.conn(), |c| sqlx::query_scalar(queries::WENT_TO)
        .bind(source.account)
        .bind(source.channel)
        .bind(message_ref)
        .bind(&source.address_kind)
        .bind(source.scope)
        .fetch_all(c)
        .await)?;
    let [one] = &known[..] else { return Ok(None) };
    Ok(phone::normalise(one, &source.phone_region).ok().filter(|e164| e164 == one))
}

/// Whose chat this is, by its address, by the phone that the messenger vouches for, or by our
/// message that the event is about (`about`); and whether nobody had been heard of in it before. A
/// chat that is nobody's becomes the phone's owner's; no contact is made.
pub(super) async fn recognise(
    tx: &mut Tx,
    source: &ChannelSource,
    value: &str,
    profile: &Profile,
    about: Option<&str>,
    now: Moment,
) -> sqlx::Result<(Option<ContactId>, bool)> {
    let mut here = find(tx, source, value).await?;
    if here.is_none() && source.global_ids {
        here = elsewhere(tx, source, value, now).await?;
    }
    let Some(phone) = own_phone(source, profile) else {
        if here.is_none()
            && let Some(about) = about
            && let Some(former) = written_to(tx, source, about).await?
            && former != value
        {
            here = moved::carry(tx, source, &former, value, now).await?;
        }
        return Ok((here, here.is_none()));
    };
    // Known under the phone itself, from before the messenger told an id.
    if here.is_none() && phone != value && find(tx, source, &phone).await?.is_some() {
        here = moved::carry(tx, source, &phone, value, now).await?;
    }
    let met = here.is_none();
    if is_of_another_id(tx, source, value, &phone).await? {
        tracing::info!(channel.id = %source.channel, "a phone that came with a new id stays with the person it was");
        return Ok((here, met));
    }
    let owner = contact::resolve_in(tx, source.account, contact::PHONE, &phone, ANY_CHANNEL).await?;
    let whose = match (here, owner) {
        (Some(here), Some(owner)) if here == owner => Some(here),
        (_, Some(owner)) => Some(move_chat(tx, source, value, owner, now).await?),
        (Some(here), None) => {
            let _ = contact::attach_address(tx, source.account, here, &NewAddress::phone(phone.clone(), &phone), now).await?;
            Some(here)
        }
        (None, None) => None,
    };
    Ok((whose, met))
}

/// `/start`, perhaps with a link that carries a contact.
pub(super) async fn by_start(
    tx: &mut Tx,
    source: &ChannelSource,
    value: &str,
    payload: Option<&str>,
    profile: &Profile,
    now: Moment,
) -> sqlx::Result<ContactId> {
    if let Some(payload) = payload
        && let Some((account, linked)) = link::take(tx, source.channel, payload, now).await?
        && account == source.account
    {
        // Made for somebody who turned out to be another contact by now.
        let linked = contact::merged_into(tx, account, linked).await?.unwrap_or(linked);
        if alive(tx, account, linked).await? {
            return move_chat(tx, source, value, linked, now).await;
        }
    }
    let contact = find_or_create(tx, source, value, profile, now).await?;
    if let Some(payload) = payload {
        by_form(tx, source, contact, payload, now).await?;
    }
    Ok(contact)
}

/// The link led here from a form of ours that was filled: what was ticked there is agreed now. What
/// the person took back since stays taken back, and whoever said stop is asked here anew.
async fn by_form(tx: &mut Tx, source: &ChannelSource, contact: ContactId, payload: &str, now: Moment) -> sqlx::Result<()> {
    let account = source.account;
    let Some(form) = form::take(tx, account, source.channel, payload, now).await? else { return Ok(()) };
    form::belongs(tx, account, form.id, contact).await?;
    if matches!(light(tx, account, contact).await?, Some((_, made_by, false)) if made_by == source.address_kind) {
        contact::update(tx, account, contact, &Draft { name: Some(form.name.clone()), ..Draft::default() }, now).await?;
    }
    let stopped = suppression::is_stopped(tx, account, contact).await?;
    let ticked = [(Purpose::PersonalData, Some(form.data_wording)), (Purpose::Marketing, form.ads_wording.filter(|_| !stopped))];
    for (purpose, wording) in ticked {
        let Some(wording) = wording else { continue };
        let last = last_step(tx, account, contact, purpose).await?;
        if last.is_some_and(|last| last.action == Action::Withdrawn && last.at >= form.created_at) {
            continue;
        }
        let agreed = NewConsent {
            account,
            contact,
            purpose,
            action: Action::Granted,
            grade: Grade::A,
            wording: Some(wording),
            channel: Some(source.channel),
            evidence: json!({ "how": "form", "form": form.id, "shown": form.shown, "filled_at": form.created_at }),
            actor: "contact".to_owned(),
            at: now,
        };
        consent::record(tx, agreed, now).await?;
    }
    Ok(())
}

/// The owner of the chat shared their own phone, `proved` by the messenger or only said. A phone
/// that cannot be read changes nothing.
pub(super) async fn by_phone(
    tx: &mut Tx,
    source: &ChannelSource,
    value: &str,
    (number, proved): (&str, bool),
    profile: &Profile,
    now: Moment,
) -> sqlx::Result<ContactId> {
    // Telegram gives the number in full, sometimes without its plus
    // (contracts/messengers/telegram.md, 6.2).
    let full = if number.trim_start().starts_with('+') { number.to_owned() } else { format!("+{}", number.trim()) };
    let Ok(e164) = phone::normalise(&full, &source.phone_region) else {
        return find_or_create(tx, source, value, profile, now).await;
    };
    let owner = contact::resolve_in(tx, source.account, contact::PHONE, &e164, ANY_CHANNEL).await?;
    let contact = match owner {
        Some(owner) if proved => move_chat(tx, source, value, owner, now).await?,
        // Anybody could say the number of another: it stays with whoever has it, and so does the
        // chat.
        _ => find_or_create(tx, source, value, profile, now).await?,
    };
    // Taken by another only when the chat belongs to a known contact: then the phone stays where it
    // is.
    let _ = contact::attach_address(tx, source.account, contact, &NewAddress::phone(e164, number), now).await?;
    Ok(contact)
}

async fn light(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<(i64, String, bool)>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::LIGHT).bind(account).bind(contact).fetch_optional(c).await)
}

async fn alive(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<bool> {
    Ok(light(tx, account, contact).await?.is_some())
}

/// Gives the chat to `to`, unless it belongs to another known contact; returns whose it is now.
pub(super) async fn move_chat(tx: &mut Tx, source: &ChannelSource, value: &str, to: ContactId, now: Moment) -> sqlx::Result<ContactId> {
    let account = source.account;
    let from = match find(tx, source, value).await? {
        None => {
            let _ = contact::attach_address(tx, account, to, &chat(source, value), now).await?;
            return Ok(to);
        }
        Some(from) if from == to => return Ok(to),
        Some(from) => from,
    };
    let only_a_chat = matches!(light(tx, account, from).await?, Some((1, made_by, false)) if made_by == source.address_kind);
    if !only_a_chat {
        return Ok(from);
    }
    merge::merged(tx, account, (from, to), now).await?;
    let was_out = out_since(tx, account, from).await?;
    let is_out = out_since(tx, account, to).await?;
    let mut agreed_at = None;
    for purpose in Purpose::ALL {
        let Some(last) = last_step(tx, account, from, purpose).await? else { continue };
        if purpose == Purpose::Marketing && last.action == Action::Granted {
            agreed_at = Some(last.at);
        }
        let mut evidence = last.evidence;
        if let Value::Object(facts) = &mut evidence {
            facts.insert("moved_from".to_owned(), Value::String(from.to_string()));
        }
        let moved = NewConsent {
            account,
            contact: to,
            purpose,
            action: last.action,
            grade: last.grade,
            wording: last.wording_id,
            channel: last.channel_id,
            evidence,
            actor: "contact".to_owned(),
            at: last.at,
        };
        consent::record(tx, moved, now).await?;
    }
    contact::hand_over(tx, account, (from, to), &source.address_kind, value, source.scope, now).await?;
    for sql in [queries::MOVE_MESSAGES, queries::MOVE_OUTGOING, queries::MOVE_WRITTEN, queries::MOVE_EVENTS, queries::MOVE_ASKED] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    }
    doubt::moved(tx, account, from, to, now).await?;
    inbox::last_word(tx, account, to).await?;
    on!(tx.conn(), |c| sqlx::query(queries::MOVE_TALK).bind(account).bind(from).bind(to).execute(c).await.map(|_| ()))?;
    contact::delete(tx, account, from, DeletedBy::Merged { into: to }, now).await?;
    if was_out.is_some() {
        let how = OptOutHow { by: OptOutBy::Text, channel: Some(source.channel), message_ref: None, said_at: was_out };
        opt_out::opt_out(tx, account, to, &how, now).await?;
    } else if let (Some(out), Some(agreed)) = (is_out, agreed_at)
        && agreed > out
    {
        opt_out::come_back(tx, account, to, now).await?;
    }
    Ok(to)
}

async fn out_since(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<Option<Moment>> {
    let out: Option<Option<Moment>> =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::OUT_SINCE).bind(account).bind(contact).fetch_optional(c).await)?;
    Ok(out.flatten())
}

#[derive(sqlx::FromRow)]
struct LastStep {
    action: Action,
    grade: Grade,
    wording_id: Option<WordingId>,
    channel_id: Option<ChannelId>,
    #[sqlx(json)]
    evidence: Value,
    at: Moment,
}

/// Whether a contact took a consent back after this event came: it could not be handled then, and
/// is read again now.
pub(super) async fn refused_since(tx: &mut Tx, row: &RawEvent, contact: ContactId, purpose: Purpose) -> sqlx::Result<bool> {
    let last = last_step(tx, row.account_id, contact, purpose).await?.filter(|last| last.action == Action::Withdrawn);
    // What is said in a chat is written down when it is handled, and names its event.
    Ok(last.is_some_and(|last| match last.evidence["inbound"].as_i64() {
        Some(event) => event > row.id.0,
        None => last.at > row.received_at,
    }))
}

async fn last_step(tx: &mut Tx, account: AccountId, contact: ContactId, purpose: Purpose) -> sqlx::Result<Option<LastStep>> {
    on!(tx.conn(), |c| sqlx::query_as(queries::LAST_STEP).bind(account).bind(contact).bind(purpose).fetch_optional(c).await)
}
