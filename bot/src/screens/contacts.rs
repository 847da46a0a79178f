//! Contacts: found by what a person types, each with its card; tags, fields, and the list of those
//! never written to.

mod cards;
mod edit;
mod lists;
pub mod say;

pub use cards::{ask_delete, ask_stop, card, found, history, home, link_card, links};
pub use lists::{added, ask_field, ask_lift, ask_phones, field_card, fields as fields_card, kinds, suppressions, tags as tags_card};

use std::sync::Arc;

use mms_core::{
    account::{export, settings},
    channel::store::{self as channels, ChannelRow, ChannelState},
    consent::{dossier, doubt, suppression},
    contact::{
        self, Field, FieldKind,
        card::{self as room, Card},
        export::{self as contact_export, ExportError},
        field::{self, FieldError},
        import::{
            mapping::{self, Target},
            table,
        },
        link,
        segment::Filter,
    },
    id::{AddressId, ChannelId, ContactId, FieldId, SuppressionId},
    opt_out::{self, OptOutDone},
    text::phone,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{IncomingFile, Input, Steps},
        error::{BotError, Outcome},
        page::Page,
        reply::Reply,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::imports,
    t, wire_enum, words,
};

wire_enum!(FieldKind { Text = "t", Number = "n", Date = "d", Flag = "f" });

calls! {
    /// Buttons of contacts.
    pub enum Call {
        /// The room: what is typed next is looked for.
        "o" Open => View,
        /// A contact's card.
        "c" Card { contact: ContactId } => View,
        /// What was sent and said.
        "h" History { contact: ContactId } => View,
        /// Never write again: asks first.
        "s" AskStop { contact: ContactId } => Edit,
        /// Never write again.
        "S" Stop { contact: ContactId } => Edit,
        /// Delete: asks first.
        "d" AskDelete { contact: ContactId } => Edit,
        /// Delete.
        "D" Delete { contact: ContactId } => Edit,
        /// The consents with their evidence, as a file.
        "e" Dossier { contact: ContactId } => Export,
        /// To which bot should the personal link lead?
        "l" Links { contact: ContactId } => Edit,
        /// A personal link.
        "L" Link { contact: ContactId, channel: ChannelId } => Edit,
        /// All contacts, as a file.
        "Q" Export => Export,
        /// A new person: asks who.
        "w" New => Edit,
        /// What can be changed of a contact.
        "E" Edit { contact: ContactId } => Edit,
        /// Another name: asks for it.
        "m" Name { contact: ContactId } => Edit,
        /// Its phones and e-mails: what is typed next is added.
        "p" Addresses { contact: ContactId } => Edit,
        /// Without this phone or e-mail: asks first.
        "k" AskDropAddress { contact: ContactId, address: AddressId } => Edit,
        /// Without this phone or e-mail.
        "K" DropAddress { contact: ContactId, address: AddressId } => Edit,
        /// Its values.
        "y" Values { contact: ContactId, page: u32 } => Edit,
        /// Another value: asks for it.
        "Y" Value { contact: ContactId, field: FieldId } => Edit,
        /// Yes or no.
        "z" SetFlag { contact: ContactId, field: FieldId, yes: bool } => Edit,
        /// Without a value.
        "Z" ClearValue { contact: ContactId, field: FieldId } => Edit,
        /// Its tags: what is typed next is added.
        "g" Retag { contact: ContactId } => Edit,
        /// With this tag of the account.
        "X" Tag { contact: ContactId, tag: u32 } => Edit,
        /// Without this tag.
        "x" Untag { contact: ContactId, tag: u32 } => Edit,
        /// The account's tags.
        "t" Tags => View,
        /// The account's fields.
        "f" Fields => View,
        /// A field's card.
        "F" Field { field: FieldId } => View,
        /// A new field: of which kind?
        "n" NewField => Edit,
        /// A new field of this kind: asks for its title.
        "N" NewFieldOf { kind: FieldKind } => Edit,
        /// Another title: asks for it.
        "r" Rename { field: FieldId } => Edit,
        /// Addresses never written to.
        "u" Suppressions { page: u32 } => View,
        /// Phones for that list: asks for them.
        "a" AddPhones => Edit,
        /// Off the list: asks first.
        "v" AskLift { suppression: SuppressionId, page: u32 } => Own,
        /// Off the list.
        "V" Lift { suppression: SuppressionId } => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A name or a phone to look for.
    Find,
    /// Tags more.
    Tags {
        contact: ContactId,
    },
    /// A new person.
    New,
    Name {
        contact: ContactId,
    },
    /// A phone or an e-mail more.
    Addresses {
        contact: ContactId,
    },
    Value {
        contact: ContactId,
        field: FieldId,
    },
    /// A new field's title.
    NewField {
        /// What it will hold.
        kind: FieldKind,
    },
    /// A field's new title.
    Rename {
        field: FieldId,
    },
    /// Phones never to be written to.
    Phones,
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Find => Need::View,
            Self::Tags { .. }
            | Self::New
            | Self::Name { .. }
            | Self::Addresses { .. }
            | Self::Value { .. }
            | Self::NewField { .. }
            | Self::Rename { .. }
            | Self::Phones => Need::Edit,
        }
    }
}

/// Contacts shown for one search.
const FOUND: i64 = 20;
/// Tags shown.
const TAGS: i64 = 40;
/// Suppressions on a page.
const PAGE: u32 = 8;
/// Most phones of one message or file.
const MAX_PHONES: usize = 50_000;
/// Largest file that a bot may send, bytes (contracts/messengers/telegram.md, 2.4).
const MAX_EXPORT: usize = 50 * 1024 * 1024;

/// A press.
///
/// # Errors
/// The database's; a refusal of the rooms.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => open(cx).await,
        Call::Card { contact } => show(cx, contact).await,
        Call::History { contact } => Ok(history(cx.tr, &load(cx, contact).await?, cx.now).into()),
        Call::AskStop { contact } => Ok(ask_stop(cx.tr, &load(cx, contact).await?).into()),
        Call::Stop { contact } => stop(cx, contact).await,
        Call::AskDelete { contact } => Ok(ask_delete(cx.tr, &load(cx, contact).await?).into()),
        Call::Delete { contact } => {
            contact::delete_by_member(&cx.deps.store, cx.actor()?, contact, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            Ok(open(cx).await?.saying(p!(cx.tr, "contacts-deleted")))
        }
        Call::Dossier { contact } => send_dossier(cx, contact).await,
        Call::Links { contact } => choose_link(cx, contact).await,
        Call::Link { contact, channel } => make_link(cx, contact, channel).await,
        Call::Export => send_all(cx).await,
        Call::New => edit::new(cx).await,
        Call::Edit { contact } => edit::open(cx, contact).await,
        Call::Name { contact } => edit::name(cx, contact).await,
        Call::Addresses { contact } => edit::addresses(cx, contact).await,
        Call::AskDropAddress { contact, address } => edit::ask_drop(cx, contact, address).await,
        Call::DropAddress { contact, address } => edit::drop_address(cx, contact, address).await,
        Call::Values { contact, page } => edit::values(cx, contact, page).await,
        Call::Value { contact, field } => edit::value(cx, contact, field).await,
        Call::SetFlag { contact, field, yes } => edit::set_value(cx, contact, field, if yes { "да" } else { "нет" }).await,
        Call::ClearValue { contact, field } => edit::set_value(cx, contact, field, "").await,
        Call::Retag { contact } => edit::tags(cx, contact).await,
        Call::Tag { contact, tag } => edit::toggle_tag(cx, contact, tag, true).await,
        Call::Untag { contact, tag } => edit::toggle_tag(cx, contact, tag, false).await,
        Call::Tags => Ok(tags_card(cx.tr, &room::tags(&cx.deps.store, cx.actor()?.account, TAGS).await?).into()),
        Call::Fields => fields(cx).await,
        Call::Field { field } => show_field(cx, field).await,
        Call::NewField => Ok(kinds(cx.tr).into()),
        Call::NewFieldOf { kind } => {
            cx.ask(Step::NewField { kind }).await?;
            Ok(ask_field(cx.tr, None).into())
        }
        Call::Rename { field } => {
            let found = load_field(cx, field).await?;
            cx.ask(Step::Rename { field }).await?;
            Ok(ask_field(cx.tr, Some(&found)).into())
        }
        Call::Suppressions { page } => suppressed(cx, page).await,
        Call::AddPhones => {
            cx.ask(Step::Phones).await?;
            Ok(ask_phones(cx.tr, None).into())
        }
        Call::AskLift { suppression, page } => {
            let (limit, offset) = (i64::from(PAGE), i64::from(page) * i64::from(PAGE));
            let list = suppression::list(&cx.deps.store, cx.actor()?.account, limit, offset).await?;
            let found = list.iter().find(|one| one.id == suppression).ok_or(BotError::Gone)?;
            Ok(ask_lift(cx.tr, found, page).into())
        }
        Call::Lift { suppression } => {
            suppression::lift(&cx.deps.store, cx.actor()?, suppression, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            Ok(suppressed(cx, 0).await?.saying(p!(cx.tr, "contacts-lifted")))
        }
    }
}

/// An answer.
///
/// # Errors
/// The database's; Telegram's, for a file.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Find => find(cx, &input).await,
        Step::Tags { contact } => edit::add_tags(cx, contact, &input).await,
        Step::New => edit::add(cx, &input).await,
        Step::Name { contact } => edit::rename(cx, contact, &input).await,
        Step::Addresses { contact } => edit::add_addresses(cx, contact, &input).await,
        Step::Value { contact, field } => edit::set_value(cx, contact, field, input.text()).await,
        Step::NewField { kind } => new_field(cx, kind, &input).await,
        Step::Rename { field } => rename(cx, field, &input).await,
        Step::Phones => phones(cx, &input).await,
    }
}

async fn open(cx: &Cx) -> Outcome {
    let account = cx.actor()?.account;
    let count = room::count(&cx.deps.store, account).await?;
    let suppressed: i64 = suppression::counts(&cx.deps.store, account).await?.iter().map(|(_, n)| n).sum();
    cx.ask(Step::Find).await?;
    Ok(home(cx.tr, count, suppressed, cx.actor()?.role).into())
}

async fn find(cx: &Cx, input: &Input) -> Outcome {
    let actor = cx.actor()?;
    if let Some(file) = input.file.as_ref().filter(|file| !file.photo) {
        return imports::take(cx, file).await;
    }
    let typed = input.text();
    if typed.is_empty() {
        return Ok(found(cx.tr, "", &[], false, cx.actor()?.role).into());
    }
    let region = settings::get(&cx.deps.store, actor.account).await?.ok_or(BotError::Gone)?.phone_region;
    let list = room::find(&cx.deps.store, actor.account, &region, typed, FOUND + 1).await?;
    // The step stays: the next words typed are looked for as well.
    match list.as_slice() {
        [one] => show(cx, one.id).await,
        more => {
            let shown = usize::try_from(FOUND).unwrap_or(usize::MAX).min(more.len());
            Ok(found(cx.tr, typed, &more[..shown], more.len() > shown, actor.role).into())
        }
    }
}

/// What was typed while nothing was asked: the people it finds, if it looks like a phone or a name
/// and finds any.
///
/// # Errors
/// The database's.
pub async fn look_up(cx: &Cx, typed: &str) -> Result<Option<Reply>, BotError> {
    if !is_somebody(typed) {
        return Ok(None);
    }
    let actor = cx.actor()?;
    let region = settings::get(&cx.deps.store, actor.account).await?.ok_or(BotError::Gone)?.phone_region;
    let list = room::find(&cx.deps.store, actor.account, &region, typed, FOUND + 1).await?;
    match list.as_slice() {
        [] => Ok(None),
        [one] => show(cx, one.id).await.map(Some),
        more => {
            let shown = usize::try_from(FOUND).unwrap_or(usize::MAX).min(more.len());
            Ok(Some(found(cx.tr, typed, &more[..shown], more.len() > shown, actor.role).into()))
        }
    }
}

/// Whether words may be a phone, an e-mail or a name, and not a sentence.
fn is_somebody(typed: &str) -> bool {
    let digits = typed.chars().filter(char::is_ascii_digit).count();
    let written = |c: char| {
        c.is_alphanumeric()
            || c.is_whitespace()
            || matches!(c, '+' | '-' | '(' | ')' | '.' | '@' | '_' | '\'' | '’' | '‘' | 'ʼ' | '`' | '…')
    };
    let letters = typed.chars().filter(|c| c.is_alphabetic()).count();
    (digits >= 4 || letters >= 2)
        && !typed.contains('\n')
        && typed.chars().count() <= 60
        && typed.split_whitespace().count() <= 6
        && typed.chars().all(written)
}

async fn load(cx: &Cx, contact: ContactId) -> Result<Card, BotError> {
    let card = room::card(&cx.deps.store, cx.actor()?.account, contact).await?.ok_or(BotError::Gone)?;
    if card.contact.deleted_at.is_some() { Err(BotError::Gone) } else { Ok(card) }
}

async fn show(cx: &Cx, contact: ContactId) -> Outcome {
    let loaded = load(cx, contact).await?;
    let actor = cx.actor()?;
    let fields = field::list(&cx.deps.store, actor.account).await?;
    let channels = bots(cx).await?;
    let doubt = doubt::current(&cx.deps.store, actor.account, contact).await?;
    Ok(card(cx.tr, &loaded, &fields, &channels, doubt.as_ref(), actor.role, cx.now).into())
}

/// The account's channels that are there.
async fn bots(cx: &Cx) -> Result<Vec<ChannelRow>, BotError> {
    let mut rows = channels::list(&cx.deps.store, cx.actor()?.account).await?;
    rows.retain(|row| row.state != ChannelState::Removed);
    Ok(rows)
}

async fn stop(cx: &Cx, contact: ContactId) -> Outcome {
    let done =
        opt_out::opt_out_by_member(&cx.deps.store, cx.actor()?, contact, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let toast = match done {
        OptOutDone::Now { cancelled } => p!(cx.tr, "contacts-stopped", cancelled = cancelled),
        OptOutDone::Already | OptOutDone::Unknown => p!(cx.tr, "contacts-stopped-already"),
    };
    Ok(show(cx, contact).await?.saying(toast))
}

async fn send_dossier(cx: &Cx, contact: ContactId) -> Outcome {
    let actor = cx.actor()?;
    let dossier = dossier::dossier(&cx.deps.store, actor.account, contact, cx.now).await?.ok_or(BotError::Gone)?;
    let noted = export::note(&cx.deps.store, actor, export::What::Dossier, contact, Some(dossier.entries.len() as u64), cx.now).await;
    noted.map_err(|error| words::refused(cx.tr, error))?;
    let file = Screen::new(t!(cx.tr, "contacts-dossier", name = say::name(cx.tr, &dossier.name), count = dossier.entries.len()))
        .document(p!(cx.tr, "contacts-dossier-file"), "text/plain", dossier.text(cx.tr.language, cx.tr.zone).into_bytes())
        .button(p!(cx.tr, "contacts-to-card"), Call::Card { contact });
    Ok(Reply::screen(file).anew())
}

/// All contacts as a file.
async fn send_all(cx: &Cx) -> Outcome {
    let (all, file) = (Filter::default(), p!(cx.tr, "contacts-export-file"));
    let back = Button::call(p!(cx.tr, "contacts-menu"), Call::Open);
    send_people(cx, &all, (export::What::Contacts, cx.actor()?.account.0), file, back).await
}

/// Contacts that match a filter as a file, with the button that leads back: on the record before
/// the member gets it, as this about that.
///
/// # Errors
/// A missing right; the database's.
pub async fn send_people(cx: &Cx, filter: &Filter, (what, subject): (export::What, Uuid), file: String, back: Button) -> Outcome {
    let actor = cx.actor()?;
    let tr = cx.tr;
    let words = contact_export::Words {
        sheet: p!(tr, "contacts-menu"),
        headers: [
            p!(tr, "contacts-export-name"),
            p!(tr, "contacts-export-first"),
            p!(tr, "contacts-export-last"),
            p!(tr, "contacts-export-phone"),
            p!(tr, "contacts-export-email"),
            p!(tr, "contacts-tags"),
            p!(tr, "contacts-export-consent"),
            p!(tr, "contacts-export-out"),
            p!(tr, "contacts-export-since"),
        ],
        flags: [p!(tr, "contacts-yes"), p!(tr, "contacts-no")],
        grade: Arc::new(move |grade| say::grade(tr, grade)),
        zone: tr.zone,
    };
    let made = contact_export::contacts(&cx.deps.store, actor.account, filter, &words, cx.now).await;
    let (content, count) = made.map_err(|error| match error {
        ExportError::Db(error) => BotError::from(error),
        ExportError::File(_) => BotError::Other(error.into()),
    })?;
    if content.len() > MAX_EXPORT {
        return Ok(Reply::alert(p!(tr, "contacts-export-large", limit = MAX_EXPORT / (1024 * 1024))));
    }
    let noted = export::note(&cx.deps.store, actor, what, subject, Some(count), cx.now).await;
    noted.map_err(|error| words::refused(tr, error))?;
    let screen = Screen::new(t!(tr, "contacts-exported", count = i64::try_from(count).unwrap_or(i64::MAX)))
        .document(file, contact_export::MIME, content)
        .row([back]);
    Ok(Reply::screen(screen).anew())
}

async fn choose_link(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    match bots(cx).await?.as_slice() {
        [one] => make_link(cx, contact, one.id).await,
        more => Ok(links(cx.tr, &card, more).into()),
    }
}

async fn make_link(cx: &Cx, contact: ContactId, channel: ChannelId) -> Outcome {
    let card = load(cx, contact).await?;
    let row = bots(cx).await?.into_iter().find(|row| row.id == channel).ok_or(BotError::Gone)?;
    let token = link::issue(&cx.deps.store, cx.actor()?, channel, contact, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(link_card(cx.tr, &card, &format!("https://t.me/{}?start={token}", row.username)).into())
}

async fn fields(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    Ok(fields_card(cx.tr, &field::list(&cx.deps.store, actor.account).await?, actor.role).into())
}

async fn load_field(cx: &Cx, id: FieldId) -> Result<Field, BotError> {
    field::list(&cx.deps.store, cx.actor()?.account).await?.into_iter().find(|field| field.id == id).ok_or(BotError::Gone)
}

async fn show_field(cx: &Cx, id: FieldId) -> Outcome {
    Ok(field_card(cx.tr, &load_field(cx, id).await?, cx.actor()?.role).into())
}

async fn new_field(cx: &Cx, kind: FieldKind, input: &Input) -> Outcome {
    let actor = cx.actor()?;
    let known = field::list(&cx.deps.store, actor.account).await?;
    let key = field::suggest_key(input.text(), &known);
    match field::create(&cx.deps.store, actor, &key, input.text(), kind, cx.now).await {
        Ok(made) => {
            cx.leave().await?;
            show_field(cx, made.id).await
        }
        Err(error) => {
            let sentence = field_refusal(cx.tr, error)?;
            Ok(lists::field_again(cx.tr, None, &sentence).into())
        }
    }
}

async fn rename(cx: &Cx, id: FieldId, input: &Input) -> Outcome {
    let found = load_field(cx, id).await?;
    match field::rename(&cx.deps.store, cx.actor()?, id, input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            show_field(cx, id).await
        }
        Err(error) => {
            let sentence = field_refusal(cx.tr, error)?;
            Ok(lists::field_again(cx.tr, Some(&found), &sentence).into())
        }
    }
}

/// A sentence for the field room's refusal; `Err` for what is no refusal.
///
/// # Errors
/// [`BotError::Gone`], the database's.
pub fn field_refusal(tr: Tr, error: FieldError) -> Result<String, BotError> {
    Ok(match error {
        FieldError::Absent => return Err(BotError::Gone),
        FieldError::Db(error) => return Err(error.into()),
        FieldError::BadTitle => p!(tr, "contacts-field-bad-title"),
        FieldError::TooMany => p!(tr, "contacts-field-too-many", max = field::MAX_FIELDS),
        FieldError::BadKey | FieldError::Reserved(_) | FieldError::Taken(_) | FieldError::SameTitle(_) => p!(tr, "contacts-field-taken"),
    })
}

async fn suppressed(cx: &Cx, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let counts = suppression::counts(&cx.deps.store, actor.account).await?;
    let page = Page::of(counts.iter().map(|(_, n)| n).sum::<i64>(), PAGE, page);
    let list = suppression::list(&cx.deps.store, actor.account, page.limit(), page.offset()).await?;
    let mut named = Vec::with_capacity(list.len());
    for one in list {
        let contact = match one.contact_id {
            Some(contact) => room::contact(&cx.deps.store, actor.account, contact).await?,
            None => None,
        };
        named.push((one, contact.map(|contact| contact.name)));
    }
    Ok(suppressions(cx.tr, &counts, &named, page, actor.role).into())
}

async fn phones(cx: &Cx, input: &Input) -> Outcome {
    let lines = match &input.file {
        Some(file) if !file.photo => match phone_lines(cx, file).await? {
            Ok(lines) => lines,
            Err(sentence) => return Ok(ask_phones(cx.tr, Some(&sentence)).into()),
        },
        _ => input.text().to_owned(),
    };
    let count = lines.lines().filter(|line| !line.trim().is_empty()).count();
    if count == 0 {
        return Ok(ask_phones(cx.tr, Some(&p!(cx.tr, "contacts-phones-none"))).into());
    }
    if count > MAX_PHONES {
        return Ok(ask_phones(cx.tr, Some(&p!(cx.tr, "contacts-phones-many", max = MAX_PHONES))).into());
    }
    let done = suppression::add_phones(&cx.deps.store, cx.actor()?, &lines, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    if done.added + done.already == 0 {
        // Nothing was a phone: the step stays.
        return Ok(ask_phones(cx.tr, Some(&lists::refusals(cx.tr, &done, &lines))).into());
    }
    cx.leave().await?;
    Ok(added(cx.tr, &done, &lines).into())
}

/// A table as lines of phones: of each row the cells of its phone columns, else those in which
/// there is a phone, else its first.
async fn phone_lines(cx: &Cx, file: &IncomingFile) -> Result<Result<String, String>, BotError> {
    let bytes = match imports::bytes(cx, file).await? {
        Ok(bytes) => bytes,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let region = settings::get(&cx.deps.store, cx.actor()?.account).await?.ok_or(BotError::Gone)?.phone_region;
    let table = match table::read_aside(bytes, None).await {
        Ok(table) => table,
        Err(error) => return Ok(Err(imports::unreadable(cx.tr, &error))),
    };
    let mapping = mapping::guess(&table, "", &[], &region);
    let has = |cell: &str| !phone::read_cell(cell, &region).found.is_empty();
    let body = mapping.body(&table.rows);
    let mut lines = Vec::with_capacity(body.len());
    for row in body {
        let columns = mapping.columns.iter().enumerate().filter(|(_, target)| **target == Target::Phone);
        let mut cells: Vec<&str> = columns.filter_map(|(at, _)| row.cell(at)).filter(|cell| has(cell)).collect();
        if cells.is_empty() {
            cells = row.cells().filter(|cell| has(cell)).collect();
        }
        if cells.is_empty() {
            cells.extend(row.cells().find(|cell| !cell.is_empty()));
        }
        lines.push(cells.join("; ").replace(['\n', '\r'], "; "));
    }
    Ok(Ok(lines.join("\n")))
}

#[cfg(test)]
mod tests;
