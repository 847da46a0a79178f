//! Templates: writing, checking, looking at, handing in, approving. A draft is kept as it is typed,
//! so nothing is lost.

mod buttons;
mod cards;
mod history;
mod law;
mod lines;
mod media;
mod review;
mod show;
mod targets;
mod variables;
mod write;

pub use cards::{
    Face, ask_archive, ask_name, ask_rest, ask_text, card, check, class_choice, list as list_card, mends, more, starters as starters_card,
    text_again, text_clash,
};
pub use history::changes as version_changes;
pub use lines::{beyond, finding};
pub use review::{ask_comment, ask_submit};
pub use show::{Sample, live};
pub use targets::on_card as targets_on_card;
pub use variables::Var;

use mms_core::{
    channel::{Capabilities, ChannelKind, registry, store as channels},
    id::{ContactId, TemplateId, VersionId},
    law::answers::Answer,
    stamp::Stamp,
    template::{
        Class,
        versions::{self, TemplateError, Version, VersionEvent, VersionState},
    },
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::{Field, Need, Sought},
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        page::Page,
    },
    i18n::Tr,
    p,
    screens::{self, law::RuleId},
    wire_enum,
};

/// The beginning of the content hash a decider was shown: what a button can carry of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen(String);

impl Seen {
    /// Of 64 hexadecimal characters these many go into a button.
    const CHARS: usize = mms_core::template::versions::SEEN_DIGITS;

    /// The beginning of a hash.
    #[must_use]
    pub fn of(hash: &str) -> Self {
        Self(hash.chars().take(Self::CHARS).collect())
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Field for Seen {
    fn put(&self) -> String {
        self.0.clone()
    }
    fn take(text: &str) -> Option<Self> {
        (text.len() == Self::CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| Self(text.to_owned()))
    }
    fn sample() -> Self {
        Self("0123456789abcdef".to_owned())
    }
}

wire_enum!(Class { Advertising = "a", Service = "s" });
wire_enum!(Answer { FalseAlarm = "f", Own = "o", Licence = "l", Stock = "s", Document = "d" });

calls! {
    /// Buttons of templates.
    pub enum Call {
        /// The list.
        "l" List => View,
        /// A page of the list, or of the archive.
        "p" Page { archived: bool, page: u32 } => View,
        /// A version's card.
        "c" Card { version: VersionId } => View,
        /// A new template: asks for a name.
        "n" New => Edit,
        /// Ready texts.
        "g" Starters => Edit,
        /// A new template with one of them.
        "G" Starter { at: u8 } => Edit,
        /// What is needed less often.
        "L" More { version: VersionId } => View,
        /// Which class?
        "k" Classes { version: VersionId } => Edit,
        /// This class.
        "K" SetClass { version: VersionId, class: Class } => Edit,
        /// Another text: asks for it.
        "t" Text { version: VersionId } => Edit,
        /// The text that was typed, in place of a colleague's.
        "T" Replace { version: VersionId } => Edit,
        /// The account's variables.
        "v" Variables { version: VersionId, page: u32 } => Edit,
        /// One of them.
        "V" Variable { version: VersionId, var: Var } => Edit,
        /// To the end of the text.
        "a" Append { version: VersionId, var: Var } => Edit,
        /// To the end of the text with words for those who have no value: asks for them.
        "A" AskFallback { version: VersionId, var: Var } => Edit,
        /// Who advertises, on a line of its own at the end.
        "fa" FixAdvertiser { version: VersionId } => Edit,
        /// Placeholders of other programs as variables.
        "fn" FixNames { version: VersionId } => Edit,
        /// The opt-out button, from a finding.
        "fo" FixOptOut { version: VersionId } => Edit,
        /// The buttons under the message.
        "b" Buttons { version: VersionId } => Edit,
        /// One of them.
        "B" Button { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// One with a link: asks for its text.
        "ba" AddButton { version: VersionId } => Edit,
        /// The opt-out button.
        "bo" AddOptOut { version: VersionId } => Edit,
        "bv" AddVisit { version: VersionId } => Edit,
        /// Another text of a button: asks for it.
        "bt" ButtonText { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// Another link: asks for it.
        "bl" ButtonLink { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// One place up.
        "bu" ButtonUp { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// One place down.
        "bw" ButtonDown { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// Without this button.
        "bd" ButtonRemove { version: VersionId, place: u8, stamp: Stamp } => Edit,
        /// A photo or a document: asks for it.
        "m" Media { version: VersionId } => Edit,
        /// Without the file.
        "M" RemoveMedia { version: VersionId } => Edit,
        /// The message as the first contact would get it.
        "s" Preview { version: VersionId } => View,
        /// The message as this contact would get it.
        "S" PreviewFor { version: VersionId, contact: ContactId } => View,
        /// Whose message? Asks for a phone or a name.
        "q" AskContact { version: VersionId } => View,
        /// Those who were found by these words: where one comes back to.
        "Q" Found { version: VersionId, sought: Sought } => View,
        /// The ten worst messages.
        "w" Worst { version: VersionId } => View,
        /// To the member's own chat, as the first contact would get it.
        "e" Test { version: VersionId } => View,
        /// To the member's own chat, as this contact would get it.
        "E" TestFor { version: VersionId, contact: ContactId } => View,
        /// The versions.
        "h" Versions { version: VersionId } => View,
        /// What changed since the last approved version.
        "i" Since { version: VersionId } => View,
        /// What changed between two.
        "d" Diff { old: VersionId, new: VersionId } => View,
        /// Compare with which?
        "D" Bases { version: VersionId } => View,
        /// A copy under another name.
        "u" Duplicate { version: VersionId } => Edit,
        /// All that the check found.
        "f" Check { version: VersionId } => View,
        /// Another name: asks for it.
        "r" Rename { version: VersionId } => Edit,
        /// Put away: asks first.
        "x" AskArchive { version: VersionId } => Edit,
        /// Put away.
        "X" Archive { version: VersionId } => Edit,
        /// Take back from the archive.
        "R" Restore { version: VersionId } => Edit,
        /// Hand in; warnings are shown first.
        "y" AskSubmit { version: VersionId } => Edit,
        /// Hand in.
        "Y" Submit { version: VersionId } => Edit,
        /// Take back before it is decided.
        "z" Recall { version: VersionId } => Edit,
        /// Where the messages lead, a page.
        "j" Targets { version: VersionId, page: u32 } => View,
        /// Answers what a rule of law found.
        "W" LawAnswer { version: VersionId, rule: RuleId, stamp: Stamp, answer: Answer } => Edit,
        /// The words a rule of law found are trademarks.
        "N" Trademarks { version: VersionId, rule: RuleId, stamp: Stamp } => Edit,
        /// Answers it by a document: asks for it.
        "U" AskDocument { version: VersionId, rule: RuleId, stamp: Stamp } => Edit,
        /// What is attached to an answer.
        "J" Paper { version: VersionId, rule: RuleId, stamp: Stamp } => View,
        /// Approve what was seen.
        "o" Approve { version: VersionId, seen: Seen } => Approve,
        /// Return what was seen: asks for a comment.
        "O" Return { version: VersionId, seen: Seen } => Approve,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The name of a new template.
    Name,
    Rename {
        /// Of which template.
        version: VersionId,
    },
    Text {
        /// The version the screen is of.
        version: VersionId,
        /// Of the text that was shown.
        stamp: Stamp,
    },
    /// A text was typed, and a colleague had written another one meanwhile: which of them?
    Clash {
        version: VersionId,
        /// Of the colleague's text, which is shown.
        stamp: Stamp,
        /// The typed one.
        body: String,
        /// It came cut: its rest is still to come.
        cut: bool,
    },
    /// The rest of a text that a messenger cut in two.
    Rest {
        /// The version the screen is of.
        version: VersionId,
        /// Of the text it goes to the end of.
        stamp: Stamp,
    },
    /// Words for those who have no value.
    Fallback { version: VersionId, var: Var },
    /// The text of a new button.
    NewButton {
        /// The version the screen is of.
        version: VersionId,
    },
    /// Another text of a button.
    ButtonText {
        /// The version the screen is of.
        version: VersionId,
        place: u8,
        /// In which list.
        stamp: Stamp,
    },
    /// Another link of a button.
    ButtonLink {
        /// The version the screen is of.
        version: VersionId,
        place: u8,
        /// In which list.
        stamp: Stamp,
    },
    /// A photo or a document.
    Media {
        /// The version the screen is of.
        version: VersionId,
    },
    /// A document for what a rule of law found.
    Document { version: VersionId, rule: RuleId, stamp: Stamp },
    /// Whose message to show.
    Contact {
        /// The version the screen is of.
        version: VersionId,
    },
    /// Why it is returned.
    Comment { version: VersionId, seen: Seen },
}

impl Steps for Step {
    fn need(&self) -> Need {
        match self {
            Self::Comment { .. } => Need::Approve,
            Self::Contact { .. } => Need::View,
            _ => Need::Edit,
        }
    }

    fn waits_for(&self, wire: &str) -> bool {
        let replace = |call: screens::Callback| matches!(call, screens::Callback::Templates(Call::Replace { .. }));
        matches!(self, Self::Clash { .. }) && screens::Callback::decode(wire).is_some_and(replace)
    }

    fn takes(&self, input: &Input) -> bool {
        let file = matches!(self, Self::Text { .. } | Self::Rest { .. }) && input.file.is_some();
        // Where a file is asked for, the question itself says so.
        file || matches!(self, Self::Media { .. } | Self::Document { .. }) || input.has_words()
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the template room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => page(cx, false, 0).await,
        Call::Page { archived, page: number } => page(cx, archived, number).await,
        Call::Card { version } => show(cx, version).await,
        Call::New => {
            cx.ask(Step::Name).await?;
            Ok(ask_name(cx.tr, None, None).into())
        }
        Call::Starters => write::starters(cx).await,
        Call::Starter { at } => write::begin_with(cx, at).await,
        Call::More { version } => {
            let face = review::face(cx, load(cx, version).await?).await?;
            Ok(more(cx.tr, &face, cx.actor()?).into())
        }
        Call::Classes { version } => Ok(class_choice(cx.tr, &load(cx, version).await?).into()),
        Call::SetClass { version, class } => write::class(cx, version, class).await,
        Call::Text { version } => write::ask(cx, version).await,
        Call::Replace { version } => write::replace(cx, version).await,
        Call::Variables { version, page } => variables::open(cx, version, page).await,
        Call::Variable { version, var } => variables::one(cx, version, var).await,
        Call::Append { version, var } => variables::append(cx, version, var).await,
        Call::AskFallback { version, var } => variables::ask_fallback(cx, version, var).await,
        Call::FixAdvertiser { version } => write::advertiser(cx, version).await,
        Call::FixNames { version } => write::names(cx, version).await,
        Call::FixOptOut { version } => {
            let made = buttons::with_opt_out(cx, version).await?;
            Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-opt-out-added")))
        }
        Call::Buttons { version } => buttons::open(cx, version).await,
        Call::Button { version, place, stamp } => buttons::one(cx, version, place, stamp).await,
        Call::AddButton { version } => buttons::add(cx, version).await,
        Call::AddOptOut { version } => buttons::add_opt_out(cx, version).await,
        Call::AddVisit { version } => buttons::add_visit(cx, version).await,
        Call::ButtonText { version, place, stamp } => buttons::ask_text(cx, version, place, stamp).await,
        Call::ButtonLink { version, place, stamp } => buttons::ask_link(cx, version, place, stamp).await,
        Call::ButtonUp { version, place, stamp } => buttons::swap(cx, version, (place, stamp), false).await,
        Call::ButtonDown { version, place, stamp } => buttons::swap(cx, version, (place, stamp), true).await,
        Call::ButtonRemove { version, place, stamp } => buttons::remove(cx, version, place, stamp).await,
        Call::Media { version } => media::open(cx, version).await,
        Call::RemoveMedia { version } => media::remove(cx, version).await,
        Call::Preview { version } => show::open(cx, version, None).await,
        Call::PreviewFor { version, contact } => show::open(cx, version, Some(contact)).await,
        Call::AskContact { version } => show::ask_contact(cx, version).await,
        Call::Found { version, sought } => show::found(cx, version, &sought.0).await,
        Call::Worst { version } => show::worst(cx, version).await,
        Call::Test { version } => show::test(cx, version, None).await,
        Call::TestFor { version, contact } => show::test(cx, version, Some(contact)).await,
        Call::Versions { version } => history::open(cx, version).await,
        Call::Since { version } => history::since(cx, version).await,
        Call::Diff { old, new } => history::between(cx, old, new).await,
        Call::Bases { version } => history::choose(cx, version).await,
        Call::Duplicate { version } => history::duplicate(cx, version).await,
        Call::Check { version } => {
            let loaded = load(cx, version).await?;
            Ok(law::checked(cx, &loaded).await?.into())
        }
        Call::Rename { version } => {
            let loaded = load(cx, version).await?;
            cx.ask(Step::Rename { version }).await?;
            Ok(ask_name(cx.tr, Some(&loaded), None).into())
        }
        Call::AskArchive { version } => Ok(ask_archive(cx.tr, &load(cx, version).await?).into()),
        Call::Archive { version } => {
            let template = template_of(cx, version).await?;
            versions::archive(&cx.deps.store, cx.actor()?, template, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            Ok(page(cx, false, 0).await?.saying(p!(cx.tr, "templates-archived")))
        }
        Call::Restore { version } => {
            let template = template_of(cx, version).await?;
            versions::restore(&cx.deps.store, cx.actor()?, template, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-restored")))
        }
        Call::AskSubmit { version } => review::ask_to_submit(cx, version).await,
        Call::Submit { version } => review::submit(cx, version).await,
        Call::Recall { version } => match versions::recall(&cx.deps.store, cx.actor()?, version, cx.now).await {
            Ok(()) => Ok(show(cx, version).await?.saying(p!(cx.tr, "templates-recalled"))),
            Err(error) => done_or_refused(cx, version, error).await,
        },
        Call::LawAnswer { version, rule, stamp, answer } => law::answer(cx, version, (&rule, stamp), answer).await,
        Call::Trademarks { version, rule, stamp } => law::trademarks(cx, version, (&rule, stamp)).await,
        Call::AskDocument { version, rule, stamp } => law::ask_document(cx, version, (rule, stamp)).await,
        Call::Paper { version, rule, stamp } => law::paper(cx, version, (&rule, stamp)).await,
        Call::Targets { version, page } => targets::open(cx, version, page).await,
        Call::Approve { version, seen } => review::approve(cx, version, &seen).await,
        Call::Return { version, seen } => review::ask_to_return(cx, version, seen).await,
    }
}

/// An answer: a name, a text, a comment.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    match step {
        Step::Name => write::name(cx, None, &input).await,
        Step::Rename { version } => write::name(cx, Some(version), &input).await,
        Step::Text { version, stamp } => write::text(cx, version, stamp, input).await,
        Step::Clash { version, stamp, body, cut } => write::again(cx, version, (stamp, body, cut), input).await,
        Step::Rest { version, stamp } => write::rest(cx, version, stamp, input).await,
        Step::Fallback { version, var } => variables::fallback(cx, version, var, &input).await,
        Step::NewButton { version } => buttons::new(cx, version, &input).await,
        Step::ButtonText { version, place, stamp } => buttons::text(cx, version, (place, stamp), &input).await,
        Step::ButtonLink { version, place, stamp } => buttons::link(cx, version, (place, stamp), &input).await,
        Step::Media { version } => media::input(cx, version, &input).await,
        Step::Document { version, rule, stamp } => law::document(cx, version, (&rule, stamp), &input).await,
        Step::Contact { version } => show::search(cx, version, &input).await,
        Step::Comment { version, seen } => review::send_back(cx, version, &seen, &input).await,
    }
}

/// What the messenger of this desk can do: texts and files come through it, and previews go there.
pub(super) fn capabilities() -> &'static Capabilities {
    registry::capabilities(ChannelKind::Telegram)
}

/// The messengers that a version may go by: those of the account's channels. While there is none it
/// is held to the first of all that there are.
pub(super) async fn connected(cx: &Cx) -> Result<Vec<ChannelKind>, BotError> {
    let mut kinds: Vec<ChannelKind> = Vec::new();
    for row in channels::list(&cx.deps.store, cx.actor()?.account).await? {
        if !kinds.contains(&row.kind) && !row.capabilities().takes_no_campaigns() {
            kinds.push(row.kind);
        }
    }
    kinds.extend(ChannelKind::ALL.first().filter(|_| kinds.is_empty()));
    Ok(kinds)
}

async fn load(cx: &Cx, version: VersionId) -> Result<Version, BotError> {
    versions::version(&cx.deps.store, cx.actor()?.account, version).await?.ok_or(BotError::Gone)
}

async fn template_of(cx: &Cx, version: VersionId) -> Result<TemplateId, BotError> {
    Ok(load(cx, version).await?.template_id)
}

/// Templates on a page of the list.
const PAGE: u32 = 8;

async fn page(cx: &Cx, archived: bool, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let page = Page::of(versions::count(&cx.deps.store, actor.account, archived).await?, PAGE, page);
    let rows = versions::list(&cx.deps.store, actor.account, archived, page.limit(), page.offset()).await?;
    Ok(list_card(cx.tr, &rows, archived, page, actor.role).into())
}

/// A version's card.
async fn show(cx: &Cx, version: VersionId) -> Outcome {
    let face = review::face(cx, load(cx, version).await?).await?;
    Ok(card(cx.tr, &face, cx.actor()?).into())
}

/// A sentence for the template room's refusal; `Err` for what is no refusal but a failure or a
/// missing thing.
fn refusal(tr: Tr, error: TemplateError) -> Result<String, BotError> {
    Ok(match error {
        TemplateError::Forbidden => return Err(BotError::Forbidden),
        TemplateError::NotFound => return Err(BotError::Gone),
        TemplateError::Db(error) => return Err(error.into()),
        TemplateError::Archived => p!(tr, "templates-is-archived"),
        TemplateError::Name => p!(tr, "templates-bad-name"),
        TemplateError::NoFile => p!(tr, "templates-no-file"),
        TemplateError::Step { state, .. } => p!(tr, "templates-wrong-state", state = lines::state(tr, state)),
        TemplateError::Newer(_) => p!(tr, "templates-newer"),
        TemplateError::Own => p!(tr, "templates-own-refused"),
        TemplateError::FreshPassword(until) => p!(tr, "account-no-approvals", until = tr.moment(until)),
        TemplateError::BadComment => p!(tr, "templates-comment-bad", max = versions::COMMENT_LIMIT),
        TemplateError::Lint(_) => p!(tr, "templates-has-errors"),
        TemplateError::Changed => p!(tr, "templates-changed"),
    })
}

/// A second press, or a colleague's first, found done what it wants: the card as it is; else the
/// refusal.
async fn done_or_refused(cx: &Cx, version: VersionId, error: TemplateError) -> Outcome {
    let TemplateError::Step { state, event } = &error else { return Err(refused(cx.tr, error)) };
    let already = match (event, state) {
        (VersionEvent::Submit, VersionState::Submitted) => p!(cx.tr, "templates-already-submitted"),
        (VersionEvent::Submit | VersionEvent::Approve, VersionState::Approved) => p!(cx.tr, "templates-already-approved"),
        (VersionEvent::Recall, VersionState::Draft) => p!(cx.tr, "templates-already-draft"),
        _ => return Err(refused(cx.tr, error)),
    };
    Ok(show(cx, version).await?.saying(already))
}

fn refused(tr: Tr, error: TemplateError) -> BotError {
    match refusal(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

#[cfg(test)]
mod story;
#[cfg(test)]
mod tests;
