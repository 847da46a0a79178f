//! Contacts: found by what a person types, each with its card; tags, fields, and the list of those
//! never written to.

mod cards;
mod edit;
mod files;
mod lists;
mod occasions;
mod own_fields;
pub mod say;
pub mod signed;
mod stop_list;

pub use cards::{ask_delete, ask_stop, card, found, history, home, link_card, links};
pub use files::send_people;
pub use lists::{added, ask_field, ask_lift, ask_phones, field_card, fields as fields_card, kinds, suppressions, tags as tags_card};
pub use occasions::line as occasion;
pub use own_fields::field_refusal;

use mms_core::{
    account::settings,
    channel::{
        registry,
        store::{self as channels, ChannelRow, ChannelState},
    },
    consent::{Purpose, doubt, signed::Said, suppression},
    contact::{
        self, FieldKind, alike,
        card::{self as room, Card, Found},
        field, link,
    },
    id::{AddressId, ChannelId, ContactId, FieldId, PaperId, SuppressionId, WordingId},
    inbound::join,
    opt_out::{self, OptOutDone},
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{Need, Sought},
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    p,
    screens::imports,
    wire_enum, words,
};

wire_enum!(FieldKind { Text = "t", Number = "n", Date = "d", Flag = "f" });

calls! {
    /// Buttons of contacts.
    pub enum Call {
        /// The room: what is typed next is looked for.
        "o" Open => View,
        /// A contact's card.
        "c" Card { contact: ContactId } => View,
        /// What was found by these words: where one comes back to.
        "j" Found { sought: Sought } => View,
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
        /// All that is known of the person, as an archive.
        "P" Person { contact: ContactId } => Export,
        /// To which bot should the personal link lead?
        "l" Links { contact: ContactId } => Edit,
        /// A personal link.
        "L" Link { contact: ContactId, channel: ChannelId } => Edit,
        /// A consent signed on paper: goes on with what is said of one, or begins.
        "b" Signed { contact: ContactId } => Edit,
        /// Which consent is it?
        "I" SignedChoose { contact: ContactId } => Edit,
        /// This one.
        "B" SignedAs { contact: ContactId, purpose: Purpose } => Edit,
        /// Which words were signed?
        "C" SignedText { paper: PaperId } => Edit,
        /// These of the company's.
        "T" SignedWith { paper: PaperId, wording: WordingId } => Edit,
        /// Others: asks for them.
        "O" SignedOther { paper: PaperId } => Edit,
        /// Others, which nobody types.
        "U" SignedUntold { paper: PaperId } => Edit,
        /// Which day is on it? Asks.
        "H" SignedDay { paper: PaperId } => Edit,
        /// There is no paper after all.
        "G" SignedDrop { paper: PaperId } => Edit,
        /// The papers that they signed.
        "R" Papers { contact: ContactId } => Export,
        /// One of them, as a file.
        "q" Paper { contact: ContactId, paper: PaperId } => Export,
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
        "f" Fields { page: u32 } => View,
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
    /// What a signed paper says.
    SignedWords {
        paper: PaperId,
    },
    /// The day on a signed paper.
    SignedDay {
        paper: PaperId,
    },
    /// The signed paper itself.
    SignedFile {
        paper: PaperId,
    },
    /// The paper came in an album: the rest of it is for nothing.
    SignedRest {
        album: String,
    },
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
            | Self::Phones
            | Self::SignedWords { .. }
            | Self::SignedDay { .. }
            | Self::SignedFile { .. }
            | Self::SignedRest { .. } => Need::Edit,
        }
    }

    fn is_over(&self, input: &Input) -> bool {
        matches!(self, Self::SignedRest { album } if input.album.as_ref() != Some(album))
    }

    fn takes(&self, input: &Input) -> bool {
        // What is no paper is told so.
        matches!(self, Self::SignedFile { .. } | Self::SignedRest { .. })
            || (matches!(self, Self::Find | Self::Phones) && input.document().is_some())
            || input.has_words()
    }
}

/// Contacts shown for one search.
const FOUND: i64 = 20;
/// Tags shown.
const TAGS: i64 = 40;

/// A press.
///
/// # Errors
/// The database's; a refusal of the rooms.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Open => open(cx).await,
        Call::Card { contact } => show(cx, contact).await,
        Call::Found { sought } => {
            cx.ask(Step::Find).await?;
            Ok(several(cx, &sought.0, &search(cx, &sought.0).await?)?.into())
        }
        Call::History { contact } => Ok(history(cx.tr, &load(cx, contact).await?, cx.now).into()),
        Call::AskStop { contact } => Ok(ask_stop(cx.tr, &load(cx, contact).await?).into()),
        Call::Stop { contact } => stop(cx, contact).await,
        Call::AskDelete { contact } => Ok(ask_delete(cx.tr, &load(cx, contact).await?).into()),
        Call::Delete { contact } => {
            contact::delete_by_member(&cx.deps.store, cx.actor()?, contact, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            Ok(open(cx).await?.saying(p!(cx.tr, "contacts-deleted")))
        }
        Call::Dossier { contact } => files::send_dossier(cx, contact).await,
        Call::Person { contact } => files::send_person(cx, contact).await,
        Call::Links { contact } => choose_link(cx, contact).await,
        Call::Link { contact, channel } => make_link(cx, contact, channel).await,
        Call::Signed { contact } => signed::open(cx, contact).await,
        Call::SignedChoose { contact } => signed::choose(cx, contact).await,
        Call::SignedAs { contact, purpose } => signed::begin(cx, contact, purpose).await,
        Call::SignedText { paper } => signed::text(cx, paper).await,
        Call::SignedWith { paper, wording } => signed::said(cx, paper, Said::Version(wording)).await,
        Call::SignedOther { paper } => signed::other(cx, paper).await,
        Call::SignedUntold { paper } => signed::said(cx, paper, Said::Other("")).await,
        Call::SignedDay { paper } => signed::day(cx, paper).await,
        Call::SignedDrop { paper } => signed::drop(cx, paper).await,
        Call::Papers { contact } => signed::list(cx, contact).await,
        Call::Paper { contact, paper } => signed::send(cx, contact, paper).await,
        Call::Export => files::send_all(cx).await,
        Call::New => edit::new(cx).await,
        Call::Edit { contact } => edit::open(cx, contact).await,
        Call::Name { contact } => edit::name(cx, contact).await,
        Call::Addresses { contact } => edit::addresses(cx, contact).await,
        Call::AskDropAddress { contact, address } => edit::ask_drop(cx, contact, address).await,
        Call::DropAddress { contact, address } => edit::drop_address(cx, contact, address).await,
        Call::Values { contact, page } => edit::values(cx, contact, page).await,
        Call::Value { contact, field } => edit::value(cx, contact, field).await,
        Call::SetFlag { contact, field, yes } => edit::set_value(cx, contact, field, if yes { "да" } else { "нет" }).await,
        Call::ClearValue { contact, field } => edit::clear_value(cx, contact, field).await,
        Call::Retag { contact } => edit::tags(cx, contact).await,
        Call::Tag { contact, tag } => edit::toggle_tag(cx, contact, tag, true).await,
        Call::Untag { contact, tag } => edit::toggle_tag(cx, contact, tag, false).await,
        Call::Tags => Ok(tags_card(cx.tr, &room::tags(&cx.deps.store, cx.actor()?.account, TAGS).await?).into()),
        Call::Fields { page } => own_fields::fields(cx, page).await,
        Call::Field { field } => own_fields::show_field(cx, field).await,
        Call::NewField => Ok(kinds(cx.tr).into()),
        Call::NewFieldOf { kind } => {
            cx.ask(Step::NewField { kind }).await?;
            Ok(ask_field(cx.tr, None).into())
        }
        Call::Rename { field } => {
            let found = own_fields::load_field(cx, field).await?;
            cx.ask(Step::Rename { field }).await?;
            Ok(ask_field(cx.tr, Some(&found)).into())
        }
        Call::Suppressions { page } => stop_list::suppressed(cx, page).await,
        Call::AddPhones => {
            cx.ask(Step::Phones).await?;
            Ok(ask_phones(cx.tr, None).into())
        }
        Call::AskLift { suppression, page } => stop_list::ask(cx, suppression, page).await,
        Call::Lift { suppression } => {
            suppression::lift(&cx.deps.store, cx.actor()?, suppression, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
            Ok(stop_list::suppressed(cx, 0).await?.saying(p!(cx.tr, "contacts-lifted")))
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
        Step::NewField { kind } => own_fields::new_field(cx, kind, &input).await,
        Step::Rename { field } => own_fields::rename(cx, field, &input).await,
        Step::Phones => stop_list::phones(cx, &input).await,
        Step::SignedWords { paper } => signed::said(cx, paper, Said::Other(input.text())).await,
        Step::SignedDay { paper } => signed::dated(cx, paper, &input).await,
        Step::SignedFile { paper } => signed::came(cx, paper, &input).await,
        Step::SignedRest { .. } => Ok(Reply::default()),
    }
}

async fn open(cx: &Cx) -> Outcome {
    let account = cx.actor()?.account;
    let count = room::count(&cx.deps.store, account).await?;
    let suppressed: i64 = suppression::counts(&cx.deps.store, account).await?.iter().map(|(_, n)| n).sum();
    let alike = alike::count(&cx.deps.store, account).await?;
    cx.ask(Step::Find).await?;
    Ok(home(cx.tr, count, (suppressed, alike), cx.actor()?.role).into())
}

async fn find(cx: &Cx, input: &Input) -> Outcome {
    if let Some(file) = input.document() {
        return imports::take(cx, file).await;
    }
    let typed = input.text();
    // The step stays: the next words typed are looked for as well.
    match search(cx, typed).await?.as_slice() {
        [one] => show(cx, one.id).await,
        more => Ok(several(cx, typed, more)?.into()),
    }
}

/// The people these words find, one more than a screen shows.
async fn search(cx: &Cx, typed: &str) -> Result<Vec<Found>, BotError> {
    let account = cx.actor()?.account;
    let region = settings::get(&cx.deps.store, account).await?.ok_or(BotError::Gone)?.phone_region;
    Ok(room::find(&cx.deps.store, account, &region, typed, FOUND + 1).await?)
}

/// Which of them?
fn several(cx: &Cx, typed: &str, list: &[Found]) -> Result<Screen, BotError> {
    let shown = usize::try_from(FOUND).unwrap_or(usize::MAX).min(list.len());
    Ok(found(cx.tr, typed, &list[..shown], list.len() > shown, cx.actor()?.role))
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
    match search(cx, typed).await?.as_slice() {
        [] => Ok(None),
        [one] => show(cx, one.id).await.map(Some),
        more => Ok(Some(several(cx, typed, more)?.into())),
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
    let joined = join::last_of(&cx.deps.store, actor.account, contact).await?;
    Ok(card(cx.tr, (&loaded, joined), &fields, &channels, doubt.as_ref(), actor.role, cx.now).into())
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

async fn choose_link(cx: &Cx, contact: ContactId) -> Outcome {
    let card = load(cx, contact).await?;
    let mut channels = bots(cx).await?;
    channels.retain(cards::has_entry);
    match channels.as_slice() {
        [one] => make_link(cx, contact, one.id).await,
        more => Ok(links(cx.tr, &card, more).into()),
    }
}

async fn make_link(cx: &Cx, contact: ContactId, channel: ChannelId) -> Outcome {
    let card = load(cx, contact).await?;
    let row = bots(cx).await?.into_iter().find(|row| row.id == channel).ok_or(BotError::Gone)?;
    // Whose bot has no name nobody can be led to: no link is made for nothing.
    if !cards::has_entry(&row) {
        return Err(BotError::Refused(p!(cx.tr, "contacts-link-nowhere", name = say::short(&row.name, 60))));
    }
    let token = link::issue(&cx.deps.store, cx.actor()?, channel, contact, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let link = registry::entry(row.kind, &row.username, Some(&token)).ok_or(BotError::Gone)?;
    Ok(link_card(cx.tr, &card, &link).into())
}

#[cfg(test)]
mod tests;
