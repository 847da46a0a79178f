//! A contact written by hand: added, renamed, its phones, e-mails, values and tags one by one.

use mms_core::{
    account::settings,
    contact::{
        EMAIL, Field, FieldKind, PHONE,
        by_hand::{self, HandError},
        card::{self as room, Card},
        field,
        value::ValueError,
    },
    id::{AddressId, ContactId, FieldId},
};

use super::{Call, Step, lists, load, own_fields::load_field, say, show};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p, t, words,
};

/// Fields on a page.
const FIELDS: u32 = 20;
/// Tags of a contact that can be taken away, and tags of the account that are offered.
const TAGS: usize = 30;
const OFFERED: i64 = 30;

/// A tag in a button: its words may be longer than a button carries.
#[must_use]
pub fn mark(tag: &str) -> u32 {
    // FNV-1a: a tag is looked for among the few that a screen shows.
    tag.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Asks for a new person.
pub(super) async fn new(cx: &Cx) -> Outcome {
    cx.ask(Step::New).await?;
    Ok(ask_new(cx.tr, None).into())
}

/// The words of a new person.
pub(super) async fn add(cx: &Cx, input: &Input) -> Outcome {
    let region = region(cx).await?;
    match by_hand::add(&cx.deps.store, cx.actor()?, input.text(), &region, cx.now).await {
        Ok(contact) => {
            cx.leave().await?;
            Ok(show(cx, contact).await?.saying(p!(cx.tr, "contacts-new-added")))
        }
        Err(HandError::Taken(holder)) => {
            cx.leave().await?;
            Ok(show(cx, holder).await?.saying(p!(cx.tr, "contacts-new-known")))
        }
        Err(error) => Ok(ask_new(cx.tr, Some(&refusal(cx.tr, error)?)).into()),
    }
}

async fn region(cx: &Cx) -> Result<String, BotError> {
    Ok(settings::get(&cx.deps.store, cx.actor()?.account).await?.ok_or(BotError::Gone)?.phone_region)
}

/// What can be changed.
pub(super) async fn open(cx: &Cx, contact: ContactId) -> Outcome {
    Ok(menu(cx.tr, &load(cx, contact).await?).into())
}

/// Asks for another name.
pub(super) async fn name(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    cx.ask(Step::Name { contact }).await?;
    Ok(ask_name(cx.tr, &card, None).into())
}

/// Another name.
pub(super) async fn rename(cx: &Cx, contact: ContactId, input: &Input) -> Outcome {
    match by_hand::rename(&cx.deps.store, cx.actor()?, contact, input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            show(cx, contact).await
        }
        Err(error) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(ask_name(cx.tr, &load(cx, contact).await?, Some(&sentence)).into())
        }
    }
}

/// Phones and e-mails: what is typed next is added.
pub(super) async fn addresses(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    cx.ask(Step::Addresses { contact }).await?;
    Ok(address_list(cx.tr, &card, None).into())
}

/// A phone or an e-mail more.
pub(super) async fn add_addresses(cx: &Cx, contact: ContactId, input: &Input) -> Outcome {
    let region = region(cx).await?;
    let sentence = match by_hand::add_addresses(&cx.deps.store, cx.actor()?, contact, input.text(), &region, cx.now).await {
        Ok(0) => p!(cx.tr, "contacts-address-there"),
        Ok(_) => p!(cx.tr, "contacts-address-added"),
        Err(HandError::Empty) => p!(cx.tr, "contacts-address-none"),
        Err(HandError::Taken(holder)) => {
            let other = load(cx, holder).await?;
            p!(cx.tr, "contacts-address-taken", name = say::name(cx.tr, &other.contact.name))
        }
        Err(error) => refusal(cx.tr, error)?,
    };
    Ok(address_list(cx.tr, &load(cx, contact).await?, Some(&sentence)).into())
}

/// Takes a phone or an e-mail away?
pub(super) async fn ask_drop(cx: &Cx, contact: ContactId, address: AddressId) -> Outcome {
    let card = load(cx, contact).await?;
    let one = card.addresses.iter().find(|one| one.id == address).ok_or(BotError::Gone)?;
    let html =
        t!(cx.tr, "contacts-ask-drop-address", address = say::address(cx.tr, one, None), name = say::name(cx.tr, &card.contact.name));
    let screen = Screen::new(html)
        .button(p!(cx.tr, "contacts-drop-address-now"), Call::DropAddress { contact, address })
        .nav(cx.tr, Call::Addresses { contact });
    Ok(screen.into())
}

/// Takes a phone or an e-mail away.
pub(super) async fn drop_address(cx: &Cx, contact: ContactId, address: AddressId) -> Outcome {
    match by_hand::drop_address(&cx.deps.store, cx.actor()?, contact, address, cx.now).await {
        Ok(()) => Ok(addresses(cx, contact).await?.saying(p!(cx.tr, "contacts-address-dropped"))),
        Err(error) => Err(BotError::Refused(refusal(cx.tr, error)?)),
    }
}

/// The fields with the contact's values.
pub(super) async fn values(cx: &Cx, contact: ContactId, page: u32) -> Outcome {
    let card = load(cx, contact).await?;
    let fields = field::list(&cx.deps.store, cx.actor()?.account).await?;
    Ok(value_list(cx.tr, &card, &fields, page).into())
}

/// Asks for a value.
pub(super) async fn value(cx: &Cx, contact: ContactId, field: FieldId) -> Outcome {
    let (card, field) = (load(cx, contact).await?, load_field(cx, field).await?);
    cx.ask(Step::Value { contact, field: field.id }).await?;
    Ok(ask_value(cx.tr, &card, &field, None).into())
}

/// A value, as it was typed or pressed.
pub(super) async fn set_value(cx: &Cx, contact: ContactId, field: FieldId, typed: &str) -> Outcome {
    let today = cx.now.with_timezone(&cx.tr.zone).date_naive();
    match by_hand::set_value(&cx.deps.store, cx.actor()?, contact, field, typed, today, cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            Ok(values(cx, contact, 0).await?.saying(p!(cx.tr, "contacts-value-kept")))
        }
        Err(HandError::Empty) => {
            let sentence = p!(cx.tr, "words-needed");
            Ok(ask_value(cx.tr, &load(cx, contact).await?, &load_field(cx, field).await?, Some(&sentence)).into())
        }
        Err(error) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(ask_value(cx.tr, &load(cx, contact).await?, &load_field(cx, field).await?, Some(&sentence)).into())
        }
    }
}

/// Takes a value away.
pub(super) async fn clear_value(cx: &Cx, contact: ContactId, field: FieldId) -> Outcome {
    match by_hand::clear_value(&cx.deps.store, cx.actor()?, contact, field, cx.now).await {
        Ok(()) => Ok(values(cx, contact, 0).await?.saying(p!(cx.tr, "contacts-value-cleared"))),
        Err(error) => Err(BotError::Refused(refusal(cx.tr, error)?)),
    }
}

/// The contact's tags: each can be taken away, others are offered, what is typed next is added.
pub(super) async fn tags(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    let all = room::tags(&cx.deps.store, cx.actor()?.account, OFFERED).await?;
    cx.ask(Step::Tags { contact }).await?;
    Ok(tag_list(cx.tr, &card, &all).into())
}

/// Tags more, by commas.
pub(super) async fn add_tags(cx: &Cx, contact: ContactId, input: &Input) -> Outcome {
    for tag in input.text().split([',', ';', '\n']).filter(|tag| !tag.trim().is_empty()) {
        match by_hand::tag(&cx.deps.store, cx.actor()?, contact, tag, true, cx.now).await {
            Ok(()) | Err(HandError::Empty) => {}
            Err(error) => return Err(BotError::Refused(refusal(cx.tr, error)?)),
        }
    }
    tags(cx, contact).await
}

/// A tag of a button, given to the contact or taken away.
pub(super) async fn toggle_tag(cx: &Cx, contact: ContactId, marked: u32, add: bool) -> Outcome {
    let known: Vec<String> = if add {
        room::tags(&cx.deps.store, cx.actor()?.account, OFFERED).await?.into_iter().map(|(tag, _)| tag).collect()
    } else {
        load(cx, contact).await?.tags
    };
    // Somebody else may have done it meanwhile: the list shows how it is.
    if let Some(tag) = known.iter().find(|tag| mark(tag) == marked)
        && let Err(error) = by_hand::tag(&cx.deps.store, cx.actor()?, contact, tag, add, cx.now).await
    {
        return Err(BotError::Refused(refusal(cx.tr, error)?));
    }
    tags(cx, contact).await
}

/// A sentence for the room's refusal; `Err` for what is no refusal.
///
/// # Errors
/// The database's; no right; gone.
pub fn refusal(tr: Tr, error: HandError) -> Result<String, BotError> {
    Ok(match error {
        HandError::Empty => p!(tr, "contacts-hand-empty"),
        HandError::Phone { raw, error } => {
            p!(tr, "contacts-hand-phone", raw = say::short(&raw, 40), reason = lists::phone_error(tr, error))
        }
        HandError::Email(raw) => p!(tr, "contacts-hand-email", raw = say::short(&raw, 40)),
        HandError::Taken(_) => p!(tr, "contacts-new-known"),
        HandError::Erased(number) => p!(tr, "contacts-hand-erased", number = number.to_string()),
        HandError::PlanLimit(allowed) => p!(tr, "contacts-hand-plan", allowed = allowed),
        HandError::Value(ValueError::Number) => p!(tr, "contacts-value-number"),
        HandError::Value(ValueError::Date) => p!(tr, "contacts-value-date"),
        HandError::Value(ValueError::NoYear) => p!(tr, "contacts-value-no-year"),
        HandError::Value(ValueError::Flag) => p!(tr, "contacts-value-flag"),
        HandError::Value(ValueError::TooLong) => p!(tr, "contacts-value-long", max = mms_core::contact::value::MAX_TEXT),
        HandError::Account(error) => return words::account_refusal(tr, error),
    })
}

/// A question, under what was wrong with the last answer.
fn asked(html: String, wrong: Option<&str>) -> Screen {
    match wrong {
        Some(sentence) => Screen::new(format!("{}\n\n{html}", mms_core::text::escape(sentence))),
        None => Screen::new(html),
    }
}

/// Who?
#[must_use]
pub fn ask_new(tr: Tr, wrong: Option<&str>) -> Screen {
    asked(t!(tr, "contacts-ask-new"), wrong).nav_back(tr, Call::Open)
}

/// What can be changed of a contact.
#[must_use]
pub fn menu(tr: Tr, card: &Card) -> Screen {
    let contact = card.contact.id;
    let name = say::name(tr, &card.contact.name);
    let html = if !card.sources.is_empty() { t!(tr, "contacts-edit-crm", name = name) } else { t!(tr, "contacts-edit", name = name) };
    Screen::new(html)
        .row([
            Button::call(p!(tr, "contacts-edit-name"), Call::Name { contact }),
            Button::call(p!(tr, "contacts-edit-addresses"), Call::Addresses { contact }),
        ])
        .row([
            Button::call(p!(tr, "contacts-fields"), Call::Values { contact, page: 0 }),
            Button::call(p!(tr, "contacts-tags"), Call::Retag { contact }),
        ])
        .at(Call::Edit { contact })
        .nav(tr, Call::Card { contact })
}

/// Which name?
#[must_use]
pub fn ask_name(tr: Tr, card: &Card, wrong: Option<&str>) -> Screen {
    let contact = card.contact.id;
    asked(t!(tr, "contacts-ask-name", name = say::name(tr, &card.contact.name)), wrong).nav(tr, Call::Edit { contact })
}

/// The phones and e-mails of a contact.
#[must_use]
pub fn address_list(tr: Tr, card: &Card, said: Option<&str>) -> Screen {
    let contact = card.contact.id;
    card.addresses
        .iter()
        .filter(|one| matches!(one.kind.as_str(), PHONE | EMAIL))
        .take(20)
        .fold(asked(t!(tr, "contacts-addresses", name = say::name(tr, &card.contact.name)), said), |screen, one| {
            let text = format!("✕ {}", say::short(&say::address(tr, one, None), 50));
            screen.button(text, Call::AskDropAddress { contact, address: one.id })
        })
        .nav(tr, Call::Edit { contact })
}

/// The fields with the values of a contact.
#[must_use]
pub fn value_list(tr: Tr, card: &Card, fields: &[Field], page: u32) -> Screen {
    let contact = card.contact.id;
    if fields.is_empty() {
        return Screen::new(t!(tr, "contacts-fields-none"))
            .button(p!(tr, "contacts-field-new"), Call::NewField)
            .nav(tr, Call::Edit { contact });
    }
    let page = Page::of(fields.len(), FIELDS, page);
    page.rows(fields)
        .iter()
        .fold(Screen::new(t!(tr, "contacts-values", name = say::name(tr, &card.contact.name))), |screen, field| {
            let value = card.contact.attributes.get(&field.key).filter(|value| !value.is_null());
            let value = value.map_or_else(|| "—".to_owned(), |value| say::value(tr, field.kind, value));
            let text = format!("{}: {}", say::short(&field.title, 28), say::short(&value, 30));
            screen.button(text, Call::Value { contact, field: field.id })
        })
        .pager(page, |page| Call::Values { contact, page })
        .nav(tr, Call::Edit { contact })
}

/// Which value?
#[must_use]
pub fn ask_value(tr: Tr, card: &Card, field: &Field, wrong: Option<&str>) -> Screen {
    let contact = card.contact.id;
    let title = &field.title;
    let html = match field.kind {
        FieldKind::Text => t!(tr, "contacts-ask-value-text", title = title),
        FieldKind::Number => t!(tr, "contacts-ask-value-number", title = title),
        FieldKind::Date => t!(tr, "contacts-ask-value-date", title = title),
        FieldKind::Flag => t!(tr, "contacts-ask-value-flag", title = title),
    };
    let yes_no = [
        Button::call(p!(tr, "contacts-yes"), Call::SetFlag { contact, field: field.id, yes: true }),
        Button::call(p!(tr, "contacts-no"), Call::SetFlag { contact, field: field.id, yes: false }),
    ];
    let known = card.contact.attributes.get(&field.key).is_some_and(|value| !value.is_null());
    asked(html, wrong)
        .row(yes_no.into_iter().filter(|_| field.kind == FieldKind::Flag))
        .button_if(known, p!(tr, "contacts-value-clear"), Call::ClearValue { contact, field: field.id })
        .nav(tr, Call::Values { contact, page: 0 })
}

/// The tags of a contact, and some it could have.
#[must_use]
pub fn tag_list(tr: Tr, card: &Card, all: &[(String, i64)]) -> Screen {
    let contact = card.contact.id;
    let html = t!(tr, "contacts-ask-tags", name = say::name(tr, &card.contact.name), count = card.tags.len());
    let own =
        card.tags.iter().take(TAGS).map(|tag| Button::call(format!("✕ {}", say::short(tag, 28)), Call::Untag { contact, tag: mark(tag) }));
    let others = all.iter().filter(|(tag, _)| !card.tags.contains(tag)).take(8);
    let more = others.map(|(tag, _)| Button::call(format!("＋ {}", say::short(tag, 28)), Call::Tag { contact, tag: mark(tag) }));
    let (own, more): (Vec<Button>, Vec<Button>) = (own.collect(), more.collect());
    let screen = Screen::new(html).at(Call::Retag { contact });
    own.chunks(2).chain(more.chunks(2)).fold(screen, |screen, row| screen.row(row.to_vec())).nav(tr, Call::Card { contact })
}
