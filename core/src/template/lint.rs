//! What is wrong with a version before anybody receives it. [`lint`] is pure; [`check`] loads what
//! it needs (fields, the account, the file, a survey of the contacts) and calls it. Findings are
//! typed; screens word them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Class, Content, Facts, Rendered, TemplateButton,
    engine::{self, ParseProblem, Place, Prepared},
    links::{self, Odd, Targets},
    names, preview, scan,
};
use crate::{
    account::Language,
    channel::{
        Capabilities, ChannelKind, Markup, MediaKind,
        fit::{self, Unfit},
        registry,
    },
    clock::Moment,
    contact::{Field, FieldKind, field, occasion},
    id::AccountId,
    law::{self, Profile},
    store::{Store, file},
    text::Rich,
    words::{Reason, Why},
};

/// Names every account has, whatever its fields.
/// Buttons carry a place in this list: new ones come last.
pub const BUILT_IN: [&str; 7] = ["name", "first_name", "last_name", "company", "advertiser", "today", "patronymic"];

/// Contacts a check reads at most, so that it ends in seconds in an account of millions.
const SURVEY: u64 = 5_000;

/// Whether a finding stops the version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It cannot be handed in.
    Error,
    /// Somebody should look.
    Warning,
}

/// Something wrong with a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether it stops the version.
    pub severity: Severity,
    /// In which text, if in one.
    pub place: Option<Place>,
    /// Line and character, from 1, if known.
    pub at: Option<(usize, usize)>,
    pub problem: Problem,
    /// The messengers that it is about, where several were asked for; empty: all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<ChannelKind>,
}

/// Whose limits a version is held to.
#[derive(Debug, Clone, Copy)]
pub enum To<'a> {
    /// One channel's.
    One(&'a Capabilities),
    /// Those of all these messengers. What is an error in some and none in another is a warning
    /// that names them: the version may go by the other.
    Each(&'a [ChannelKind]),
}

impl<'a> From<&'a Capabilities> for To<'a> {
    fn from(capabilities: &'a Capabilities) -> Self {
        Self::One(capabilities)
    }
}

impl<'a> From<&'a Vec<ChannelKind>> for To<'a> {
    fn from(kinds: &'a Vec<ChannelKind>) -> Self {
        Self::Each(kinds)
    }
}

/// What is wrong, with the facts of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Problem {
    /// The source cannot be parsed.
    Parse {
        /// What the parser stumbled over.
        why: ParseProblem,
    },
    /// The text is empty.
    Empty,
    /// The account has no such field.
    UnknownVariable {
        /// The name as written.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// Contacts without this value will get nothing: it has neither a `default` nor an `if` around
    /// it.
    NoDefault {
        /// The variable.
        name: String,
        /// Contacts who get nothing for it, among those looked at.
        missing: u64,
        /// Contacts looked at.
        of: u64,
    },
    /// Longer than the channel takes.
    TooLong {
        /// Of the rendered text, as the messenger counts.
        units: usize,
        /// The channel's limit.
        limit: usize,
        /// It is a caption under media, which is shorter.
        caption: bool,
    },
    /// Longer than the channel takes for a contact with long values, who gets nothing; others get
    /// theirs.
    TooLongForSome {
        /// Of the longest text among the contacts looked at, as the messenger counts.
        units: usize,
        /// The channel's limit.
        limit: usize,
    },
    /// Longer than the channel takes, with what the messenger shows in words only: addresses of
    /// links, buttons.
    TooLongWoven {
        /// Of the rendered text with all of that, as the messenger counts.
        units: usize,
        /// The channel's limit.
        limit: usize,
    },
    /// For a recipient whose device is too old for buttons they are words, and with those it is
    /// longer than the channel takes.
    TooLongInWords {
        /// Of the rendered text with its buttons in words, as the messenger counts.
        units: usize,
        /// The channel's limit.
        limit: usize,
    },
    /// The message with its buttons is larger than the channel takes as a whole.
    TooHeavy {
        /// Reckoned from above.
        bytes: u64,
        /// The channel's limit.
        limit: u64,
    },
    /// Nothing renders, even with every value there: the reason of [`super::engine::RenderError`].
    Render {
        /// The reason deliveries would be recorded with.
        reason: Why,
        detail: String,
    },
    /// A placeholder of another program, which goes out as it is written: `{name}`, `#ИМЯ#`.
    Placeholder {
        written: String,
        /// The key of the variable that is meant, if one has this name.
        variable: Option<String>,
    },
    /// More styles than the messenger keeps: those beyond are lost.
    TooManyStyles {
        /// Styles.
        count: usize,
        /// The messenger's limit.
        limit: usize,
    },
    /// Advertising without a way to opt out.
    NoOptOut,
    /// Advertising that does not name who advertises.
    NoAdvertiser,
    /// The account has not said who advertises.
    AdvertiserUnset,
    /// A link that nobody is sent to.
    BadLink {
        /// As rendered.
        url: String,
        /// What hides where it leads.
        why: links::Refused,
    },
    /// A link that its author must have meant: the site is not what it looks like.
    OddLink {
        /// What is written on it.
        text: String,
        /// Where it leads.
        address: String,
        /// What is odd about it.
        why: links::Odd,
    },
    /// More links than anybody looks at.
    TooManyLinks {
        /// Links of a message, its buttons among them.
        count: usize,
        /// The most.
        limit: usize,
    },
    /// A button without a text.
    EmptyButton,
    /// More buttons than the channel shows.
    TooManyButtons {
        /// Buttons.
        count: usize,
        /// The channel's limit.
        limit: usize,
    },
    /// The file is larger than the channel takes.
    MediaTooLarge {
        bytes: u64,
        /// The channel's limit.
        limit: u64,
    },
    /// The file is gone.
    NoMedia,
    /// No words can stand under a file that is no picture.
    NoWordsUnderFile,
    /// The channel takes no other files than pictures.
    PicturesOnly,
    /// A rule of law finds something in the text ([`crate::law::look`]).
    Law {
        /// The rule's id.
        rule: String,
        /// The words that set it off; may be none.
        words: Vec<String>,
        /// Places of what is missing in the rule's list of needs.
        lacks: Vec<usize>,
        /// What an answer to it is kept under.
        about: String,
    },
    /// The channel shows the beginning of long words on a button, and of two buttons it is the
    /// same.
    ButtonsAlike {
        /// What would stand on both.
        shown: String,
    },
}

/// What a check knows besides the version.
#[derive(Debug, Clone, Default)]
pub struct Ground<'a> {
    /// The account's contact fields.
    pub fields: &'a [Field],
    /// The account's name.
    pub account_name: &'a str,
    /// Who advertises; may be empty.
    pub advertiser: &'a str,
    /// Contacts looked at.
    pub contacts: u64,
    /// Of those, contacts without a value, by variable.
    pub missing: BTreeMap<String, u64>,
    /// The longest text among them, as the channel's messenger counts.
    pub longest: Option<usize>,
    /// Where their messages lead.
    pub targets: Targets,
    /// Bytes of the file, if it is there.
    pub media_bytes: Option<u64>,
    /// The moment and the zone texts are rendered at.
    pub now: Moment,
    /// The account's zone.
    pub zone: chrono_tz::Tz,
    /// The language of its customers.
    pub language: Language,
    /// What the account said of the law, and which findings its members answered; `None`: texts are
    /// not held to it.
    pub law: Option<&'a (Profile, BTreeSet<law::answers::Key>)>,
}

/// The Liquid texts of a version.
fn sources(content: &Content) -> Vec<(Place, &str)> {
    let mut all = vec![(Place::Body, content.body.as_str())];
    for (n, button) in content.buttons.iter().enumerate() {
        match button {
            TemplateButton::Url { text, url } => all.extend([(Place::ButtonText(n), text.as_str()), (Place::ButtonUrl(n), url.as_str())]),
            TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } => all.push((Place::ButtonText(n), text.as_str())),
        }
    }
    all
}

/// Checks a version against what is known. Errors come first, then by place.
#[must_use]
pub fn lint(content: &Content, ground: &Ground<'_>, channel: &Capabilities) -> Vec<Finding> {
    let mut found = Found(Vec::new());
    if content.body.trim().is_empty() {
        found.error(Some(Place::Body), Problem::Empty);
    }
    let prepared = match Prepared::new(content) {
        Ok(prepared) => Some(prepared),
        Err(error) => {
            let error = unknown_title(content, ground.fields, error);
            found.0.push(Finding {
                severity: Severity::Error,
                place: Some(error.place),
                at: Some((error.line, error.column)),
                problem: error.problem,
                only: Vec::new(),
            });
            None
        }
    };
    let own: Vec<&str> = BUILT_IN.iter().copied().chain(ground.fields.iter().map(|f| f.key.as_str())).collect();
    let known = |variable: &scan::Variable<'_>| {
        let of_occasion = || occasion::named(variable.name).is_some() && variable.part.is_none_or(|part| occasion::PARTS.contains(&part));
        own.contains(&variable.name) || of_occasion()
    };
    let mut used = BTreeSet::new();
    let mut unknown = BTreeSet::new();
    for (place, source) in sources(content) {
        let (tags, _) = scan::tags(source);
        for variable in scan::variables(&tags) {
            used.insert(variable.name);
            // Of another name the parser has said so already.
            if variable.name.is_ascii() && !known(&variable) && unknown.insert(variable.name) {
                let name = match variable.part.filter(|_| occasion::named(variable.name).is_some()) {
                    Some(part) => format!("{}.{part}", variable.name),
                    None => variable.name.to_owned(),
                };
                let suggestion = names::nearest(&name, ground.fields);
                let problem = Problem::UnknownVariable { name, suggestion };
                let at = Some(position(source, variable.at));
                found.0.push(Finding { severity: Severity::Error, place: Some(place), at, problem, only: Vec::new() });
            }
        }
    }
    if ground.contacts > 0 {
        for (name, missing) in ground.missing.iter().filter(|(name, _)| !unknown.contains(name.as_str())) {
            found.warning(None, Problem::NoDefault { name: name.clone(), missing: *missing, of: ground.contacts });
        }
    }
    if let Some(prepared) = prepared.filter(|_| unknown.is_empty() && !content.body.trim().is_empty()) {
        rendered(content, &prepared, ground, channel, &mut found);
    }
    for (place, source) in sources(content).into_iter().filter(|(place, _)| !matches!(place, Place::ButtonUrl(_))) {
        for one in names::placeholders(source, ground.fields) {
            let at = Some(position(source, one.range.start));
            let problem = Problem::Placeholder { written: one.written, variable: one.variable };
            found.0.push(Finding { severity: Severity::Warning, place: Some(place), at, problem, only: Vec::new() });
        }
    }
    if content.class == Class::Advertising {
        advertising(content, ground, &used, &mut found);
    }
    if let Some((profile, answered)) = ground.law {
        lawful(content, ground, profile, answered, &mut found);
    }
    if content.buttons.len() > channel.max_buttons {
        found.error(None, Problem::TooManyButtons { count: content.buttons.len(), limit: channel.max_buttons });
    }
    if let Some((kind, _)) = content.media {
        let limit = if kind == MediaKind::Photo { channel.photo_bytes } else { channel.document_bytes };
        match ground.media_bytes {
            None => found.error(None, Problem::NoMedia),
            Some(bytes) if bytes > limit => found.error(None, Problem::MediaTooLarge { bytes, limit }),
            Some(_) => {}
        }
    }
    found.0.sort_by_key(|f| (f.severity, f.place, f.at));
    found.0
}

/// What a parser's error is in words about names: «{{ День рожденья }}» is no mistake of the
/// language, its field is not known.
fn unknown_title(content: &Content, fields: &[Field], error: engine::ParseError) -> At {
    let title = sources(content).into_iter().find(|(place, _)| *place == error.place).and_then(|(_, source)| {
        let (tags, _) = scan::tags(source);
        let tag = tags.into_iter().find(|tag| {
            let inner = tag.inner_at..tag.inner_at + tag.inner.len();
            source.char_indices().any(|(byte, _)| inner.contains(&byte) && position(source, byte) == (error.line, error.column))
        })?;
        (!tag.control).then(|| tag.inner.split('|').next().unwrap_or_default().trim().to_owned())
    });
    let problem = match (&error.problem, title) {
        (ParseProblem::BadName(_), Some(name)) => Problem::UnknownVariable { suggestion: names::nearest(&name, fields), name },
        _ => Problem::Parse { why: error.problem },
    };
    At { place: error.place, line: error.line, column: error.column, problem }
}

/// A problem and its place.
struct At {
    place: Place,
    line: usize,
    column: usize,
    problem: Problem,
}

struct Found(Vec<Finding>);

impl Found {
    fn error(&mut self, place: Option<Place>, problem: Problem) {
        self.0.push(Finding { severity: Severity::Error, place, at: None, problem, only: Vec::new() });
    }
    fn errors(&self) -> usize {
        self.0.iter().filter(|finding| finding.severity == Severity::Error).count()
    }
    fn warning(&mut self, place: Option<Place>, problem: Problem) {
        self.0.push(Finding { severity: Severity::Warning, place, at: None, problem, only: Vec::new() });
    }
}

/// What shows only when values are put in: with one invented contact that has every value, and with
/// one that has none.
fn rendered(content: &Content, prepared: &Prepared, ground: &Ground<'_>, channel: &Capabilities, found: &mut Found) {
    let full = sample(ground);
    let bare = Facts { attributes: serde_json::Map::new(), name: "Анна".into(), last_name: String::new(), ..full.clone() };
    match prepared.render(&full) {
        Ok(message) => {
            let count = message.body.spans.len();
            if let Markup::Beside { most } = channel.markup
                && count > most
            {
                found.warning(Some(Place::Body), Problem::TooManyStyles { count, limit: most });
            }
            addresses(&message, ground, found);
            fitting(content, message, ground, channel, found);
        }
        Err(error) => match prepared.refused_link(&full) {
            Some(refused) => found.error(Some(refused.place), Problem::BadLink { url: refused.url, why: refused.why }),
            None => found.error(None, Problem::Render { reason: error.reason.into(), detail: error.detail }),
        },
    }
    // Without values a message may well be impossible; markup torn apart by a condition is a
    // mistake.
    if found.errors() == 0
        && let Err(error) = prepared.render(&bare)
        && error.reason == Reason::BadMarkup
        && prepared.refused_link(&bare).is_none()
    {
        found.error(Some(Place::Body), Problem::Render { reason: error.reason.into(), detail: error.detail });
    }
    for (n, button) in content.buttons.iter().enumerate() {
        if let TemplateButton::Url { text, .. } | TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } = button
            && text.trim().is_empty()
        {
            found.error(Some(Place::ButtonText(n)), Problem::EmptyButton);
        }
    }
}

/// How the message fits its messenger, as it will when it is sent ([`fit::fit`]).
fn fitting(content: &Content, message: Rendered, ground: &Ground<'_>, channel: &Capabilities, found: &mut Found) {
    let file = content.media.as_ref().map(|(kind, _)| *kind);
    let limit = channel.words(file);
    let before = found.errors();
    let labels: Vec<String> = message.buttons.iter().flatten().map(|button| button.text.clone()).collect();
    for unfit in unfit(message, file, channel) {
        let problem = match unfit {
            Unfit::Alike { shown, says } => {
                let place = labels.iter().rposition(|label| *label == says).map(Place::ButtonText);
                found.error(place, Problem::ButtonsAlike { shown });
                continue;
            }
            Unfit::TooLong { units, limit, caption, woven: false } => Problem::TooLong { units, limit, caption },
            Unfit::TooLong { units, limit, woven: true, .. } => Problem::TooLongWoven { units, limit },
            Unfit::TooLongInWords { units, limit } => Problem::TooLongInWords { units, limit },
            Unfit::TooHeavy { bytes, limit } => Problem::TooHeavy { bytes: bytes as u64, limit: limit as u64 },
            Unfit::NoWordsUnderFile => Problem::NoWordsUnderFile,
            Unfit::PicturesOnly => Problem::PicturesOnly,
            // Found without values, or nothing that a version can have.
            Unfit::TooManyButtons { .. } | Unfit::Empty | Unfit::NoAnswers => continue,
        };
        found.error(Some(Place::Body), problem);
    }
    if found.errors() == before
        && let Some(units) = ground.longest.filter(|longest| *longest > limit)
    {
        // One contact's long name is no reason to stop the message for everybody.
        found.warning(Some(Place::Body), Problem::TooLongForSome { units, limit });
    }
}

/// What keeps a message from its messenger. One that goes by a template of the provider's is not
/// woven: its form has rules of its own, which are looked at when it is handed in. Its buttons are
/// to differ in what a message of the messenger's shows of them, too.
fn unfit(message: Rendered, file: Option<MediaKind>, channel: &Capabilities) -> Vec<Unfit> {
    let Rendered { body, buttons, .. } = message;
    if channel.templates.is_none() {
        return fit::fit(body, buttons, file.map(Into::into), channel).err().unwrap_or_default();
    }
    let (units, limit) = (channel.unit.of(&body.text), channel.words(file));
    let too_long = Unfit::TooLong { units, limit, caption: file.is_some(), woven: false };
    (units > limit).then_some(too_long).into_iter().chain(fit::alike(&buttons, channel.keyboard)).collect()
}

/// How long a message is that does not fit, as its messenger counts.
fn too_long(message: &Rendered, file: Option<MediaKind>, channel: &Capabilities) -> Option<usize> {
    let lengths = unfit(message.clone(), file, channel).into_iter().filter_map(|unfit| match unfit {
        Unfit::TooLong { units, .. } | Unfit::TooLongInWords { units, .. } => Some(units),
        _ => None,
    });
    lengths.max()
}

/// Where the messages lead: what the author wrote in the text as it stands is held to the rules of
/// links, and what is odd in the messages of contacts is to be confirmed.
fn addresses(message: &Rendered, ground: &Ground<'_>, found: &mut Found) {
    let written = links::of(message);
    if written.len() > links::MOST {
        found.error(None, Problem::TooManyLinks { count: written.len(), limit: links::MOST });
    }
    for target in &written {
        if let Some(Odd::Refused(why)) = target.odd {
            found.error(Some(target.place), Problem::BadLink { url: target.address.clone(), why });
        }
    }
    let mut told = BTreeSet::new();
    for target in if ground.targets.is_empty() { &written } else { &ground.targets.each } {
        let Some(why) = target.odd else { continue };
        let own = written.iter().any(|one| matches!(one.odd, Some(Odd::Refused(_))) && one.address == target.address);
        if !own && told.insert((target.place, target.address.clone())) {
            found.warning(Some(target.place), Problem::OddLink { text: target.text.clone(), address: target.address.clone(), why });
        }
    }
}

fn advertising(content: &Content, ground: &Ground<'_>, used: &BTreeSet<&str>, found: &mut Found) {
    let text = Rich::from_template(&content.body).map_or_else(|_| content.body.clone(), |rich| rich.text).to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let way_out = content.buttons.iter().any(|b| matches!(b, TemplateButton::OptOut { .. })) || words.any(|w| w == "стоп" || w == "stop");
    if !way_out {
        found.error(None, Problem::NoOptOut);
    }
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let advertiser = plain(ground.advertiser);
    if advertiser.is_empty() {
        found.error(None, Problem::AdvertiserUnset);
    } else if !used.contains("advertiser") && !plain(&text).contains(&advertiser) {
        found.error(Some(Place::Body), Problem::NoAdvertiser);
    }
}

/// What the rules of law find and nobody answered yet.
fn lawful(content: &Content, ground: &Ground<'_>, profile: &Profile, answered: &BTreeSet<law::answers::Key>, found: &mut Found) {
    let day = ground.now.with_timezone(&ground.zone).date_naive();
    for one in looked(content, ground, profile, day) {
        let key = (one.rule.id.clone(), one.about);
        if answered.contains(&key) {
            continue;
        }
        let place = (!one.words.is_empty() || !one.lacks.is_empty()).then_some(Place::Body);
        let severity = if one.strict { Severity::Error } else { Severity::Warning };
        let problem = Problem::Law { rule: key.0, words: one.words, lacks: one.lacks, about: key.1 };
        found.0.push(Finding { severity, place, at: None, problem, only: Vec::new() });
    }
}

fn looked(content: &Content, ground: &Ground<'_>, profile: &Profile, day: chrono::NaiveDate) -> Vec<law::look::Found> {
    let plain = |source: &str| untagged(&Rich::from_template(source).map_or_else(|_| source.to_owned(), |rich| rich.text));
    let labels: Vec<String> = content
        .buttons
        .iter()
        .map(|button| match button {
            TemplateButton::Url { text, .. } | TemplateButton::OptOut { text } | TemplateButton::Answer { text, .. } => plain(text),
        })
        .collect();
    let file = content.media.map(|(_, id)| id.to_string());
    let told = law::look::Told {
        body: &plain(&content.body),
        labels: &labels,
        names: [ground.account_name, ground.advertiser],
        file: file.as_deref(),
    };
    law::book().look(profile, content.class, told, day)
}

/// A source without its tags.
fn untagged(source: &str) -> String {
    let (tags, _) = scan::tags(source);
    let (mut plain, mut from) = (String::with_capacity(source.len()), 0);
    for tag in tags {
        plain.push_str(&source[from..tag.range.start]);
        plain.push(' ');
        from = tag.range.end;
    }
    plain + &source[from..]
}

/// What the rules of law found in a version and a member answered: with who, when, how.
///
/// # Errors
/// The database's.
pub async fn answered(store: &Store, account: AccountId, content: &Content, now: Moment) -> sqlx::Result<Vec<law::answers::Given>> {
    let facts = super::account_facts(store, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    let profile = law::profile::load(store, account).await?;
    let ground = Ground { account_name: &facts.name, advertiser: &facts.advertiser, ..Ground::default() };
    let day = now.with_timezone(&facts.tz()).date_naive();
    let mut given = Vec::new();
    for one in looked(content, &ground, &profile, day) {
        given.extend(law::answers::get(store, account, &one.rule.id, &one.about).await?);
    }
    Ok(given)
}

/// A contact with every value.
fn sample(ground: &Ground<'_>) -> Facts {
    let attributes = ground
        .fields
        .iter()
        .map(|field| {
            let value = match field.kind {
                FieldKind::Text => "https://example.com/".into(),
                FieldKind::Number => 5.into(),
                FieldKind::Date => "2026-01-31".into(),
                FieldKind::Flag => true.into(),
            };
            (field.key.clone(), value)
        })
        .chain(occasion::examples(ground.now, ground.zone))
        .collect();
    Facts {
        name: "Анна Ивановна Петрова".into(),
        first_name: "Анна".into(),
        last_name: "Петрова".into(),
        attributes,
        account_name: ground.account_name.to_owned(),
        advertiser: if ground.advertiser.trim().is_empty() { ground.account_name.to_owned() } else { ground.advertiser.to_owned() },
        now: ground.now,
        zone: ground.zone,
        language: ground.language,
    }
}

fn position(source: &str, byte: usize) -> (usize, usize) {
    let before = &source[..byte];
    (before.matches('\n').count() + 1, before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1)
}

/// Checks a version against the account as it is: its fields, its file, and a survey of its first
/// contacts.
///
/// # Errors
/// The database's.
pub async fn check(store: &Store, account: AccountId, content: &Content, to: impl Into<To<'_>>, now: Moment) -> sqlx::Result<Vec<Finding>> {
    Ok(inspect(store, account, content, to.into(), SURVEY, now).await?.findings)
}

/// The same without a look at contacts: for the first word about a text that was just typed.
///
/// # Errors
/// The database's.
pub async fn glance(
    store: &Store,
    account: AccountId,
    content: &Content,
    to: impl Into<To<'_>>,
    now: Moment,
) -> sqlx::Result<Vec<Finding>> {
    Ok(inspect(store, account, content, to.into(), 0, now).await?.findings)
}

/// What a check found and where the messages lead: for whoever decides about them.
///
/// # Errors
/// The database's.
pub async fn look(store: &Store, account: AccountId, content: &Content, to: impl Into<To<'_>>, now: Moment) -> sqlx::Result<Looked> {
    inspect(store, account, content, to.into(), SURVEY, now).await
}

/// What [`look`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub findings: Vec<Finding>,
    /// Where the messages lead: those of the contacts looked at, or of an invented one while there
    /// are none.
    pub targets: Targets,
}

/// What several messengers find, each thing once.
fn together(kinds: &[ChannelKind], each: Vec<Vec<Finding>>) -> Vec<Finding> {
    let is_error = |one: &Finding| one.severity == Severity::Error;
    let goes_by_some = each.iter().any(|findings| !findings.iter().any(is_error));
    let mut all: Vec<Finding> = Vec::new();
    for (kind, findings) in kinds.iter().zip(each) {
        for one in findings {
            let same = |kept: &&mut Finding| {
                (kept.severity, kept.place, kept.at, &kept.problem) == (one.severity, one.place, one.at, &one.problem)
            };
            match all.iter_mut().find(same) {
                Some(kept) => kept.only.push(*kind),
                None => all.push(Finding { only: vec![*kind], ..one }),
            }
        }
    }
    for one in &mut all {
        if one.only.len() == kinds.len() {
            one.only.clear();
        } else if goes_by_some {
            one.severity = Severity::Warning;
        }
    }
    all.sort_by_key(|one| (one.severity, one.place, one.at));
    all
}

async fn inspect(store: &Store, account: AccountId, content: &Content, to: To<'_>, contacts: u64, now: Moment) -> sqlx::Result<Looked> {
    let fields = field::list(store, account).await?;
    let facts = super::account_facts(store, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    let file = content.media.map(|(kind, _)| kind);
    let media_bytes = match content.media {
        Some((_, id)) => file::info(store, account, id).await?.map(|info| u64::try_from(info.size).unwrap_or(0)),
        None => None,
    };
    let prepared = Prepared::new(content).ok();
    let survey = match prepared {
        Some(_) if contacts > 0 => Some(preview::survey(store, account, content, &preview::Audience::default(), contacts, now).await?),
        _ => None,
    };
    let survey = survey.and_then(Result::ok).unwrap_or_default();
    let said = (law::profile::load(store, account).await?, law::answers::keys(store, account).await?);
    let mut ground = Ground {
        fields: &fields,
        account_name: &facts.name,
        advertiser: &facts.advertiser,
        contacts: survey.seen,
        missing: survey.missing,
        longest: None,
        targets: survey.targets,
        media_bytes,
        now,
        zone: facts.tz(),
        language: facts.language,
        law: Some(&said),
    };
    let mut held_to = |channel: &Capabilities| {
        ground.longest = survey.longest.iter().filter_map(|row| too_long(&row.message, file, channel)).max();
        lint(content, &ground, channel)
    };
    let findings = match to {
        To::One(channel) => held_to(channel),
        To::Each(kinds) => together(kinds, kinds.iter().map(|kind| held_to(registry::capabilities(*kind))).collect()),
    };
    if ground.targets.is_empty()
        && let Some(Ok(message)) = prepared.map(|prepared| prepared.render(&sample(&ground)))
    {
        ground.targets = Targets::of(&message);
    }
    Ok(Looked { findings, targets: ground.targets })
}

#[cfg(test)]
mod tests;
