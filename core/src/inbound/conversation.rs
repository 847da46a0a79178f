//! What the customer bot does: a pure function of how the person stands and what they did.
//!
//! Personal data and advertising are asked apart, one after the other. Coming back after «stop»
//! takes `/start` and a new «yes»: a question asked before the opt-out cannot undo it, which is why
//! its button carries the moment it was asked.

use super::texts::{self, Kept, Phrase, Toast};
use crate::{
    account::Language,
    channel::{Button, ButtonAction, EventKind},
    clock::Moment,
    consent::{Action, Grade, Purpose, refusal, wording::Wording},
    contact::occasion::VisitAnswer,
    delivery::outgoing::{OutgoingMessage, OutgoingPurpose},
    id::{DoubtId, KeywordId},
    opt_out::OptOutBy,
    template::OPT_OUT_CALLBACK,
    text::Rich,
};

/// How a person stands with one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Was never asked.
    Unknown,
    /// Agreed, on this evidence.
    Granted(Grade),
    /// Refused, or took it back.
    Refused,
}

impl Standing {
    /// Good enough not to ask again: said in a chat, or signed.
    fn settled(self) -> bool {
        matches!(self, Self::Granted(Grade::A | Grade::B))
    }
}

/// What the conversation knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The company they talk to.
    pub company: String,
    pub language: Language,
    /// Said stop then, and has not come back.
    pub out_since: Option<Moment>,
    /// Personal data.
    pub data: Standing,
    /// Advertising.
    pub ads: Standing,
    /// We know a phone of theirs, or there is no asking for one.
    pub has_phone: bool,
    /// Each message takes away the buttons of the one before
    /// ([`crate::channel::Capabilities::one_keyboard`]).
    pub one_keyboard: bool,
    /// These are their first words, where people begin by writing.
    pub met: bool,
    /// The open doubt whether they want messages at all.
    pub doubt: Option<DoubtId>,
    /// The question about it was the last thing said to them: a bare «да» or «нет» answers it.
    pub asked_last: bool,
    /// What is kept of them; looked up only when they ask.
    pub kept: Kept,
}

/// The answer to a question of consent, as its button says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// To which question.
    pub purpose: Purpose,
    /// Yes or no.
    pub yes: bool,
    /// The language of the wording.
    pub language: Language,
    /// The version of the wording.
    pub version: i32,
    pub asked_at: Moment,
    /// The word by which the person came to be asked.
    pub keyword: Option<KeywordId>,
}

impl Answer {
    /// As callback data: `c:p:y:ru3:lx3k9a0c`, and after a word its number; at most 64 bytes.
    #[must_use]
    pub fn encode(&self) -> String {
        let purpose = match self.purpose {
            Purpose::PersonalData => 'p',
            Purpose::Marketing => 'm',
        };
        let answer = if self.yes { 'y' } else { 'n' };
        let keyword = self.keyword.map(|id| format!(":{}", id.0.simple())).unwrap_or_default();
        format!("c:{purpose}:{answer}:{}{}:{:x}{keyword}", self.language.as_str(), self.version, self.asked_at.timestamp_millis())
    }

    /// From callback data; a client may send anything.
    #[must_use]
    pub fn decode(data: &str) -> Option<Self> {
        let mut parts = data.strip_prefix("c:")?.split(':');
        let purpose = match parts.next()? {
            "p" => Purpose::PersonalData,
            "m" => Purpose::Marketing,
            _ => return None,
        };
        let yes = match parts.next()? {
            "y" => true,
            "n" => false,
            _ => return None,
        };
        let wording = parts.next()?;
        let (language, version) = match (wording.strip_prefix("ru"), wording.strip_prefix("en")) {
            (Some(version), _) => (Language::Ru, version),
            (_, Some(version)) => (Language::En, version),
            _ => return None,
        };
        let version = version.parse().ok().filter(|v| *v > 0)?;
        let asked_at = chrono::DateTime::from_timestamp_millis(i64::from_str_radix(parts.next()?, 16).ok()?)?;
        let keyword = match parts.next() {
            Some(id) => Some(KeywordId(uuid::Uuid::try_parse(id).ok()?)),
            None => None,
        };
        parts.next().is_none().then_some(Self { purpose, yes, language, version, asked_at, keyword })
    }
}

/// The answer to the question whether a person wants no more messages, as its button says it:
/// `d:y:42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The doubt the question was about.
    pub doubt: DoubtId,
    /// No more messages.
    pub stop: bool,
}

impl Decision {
    /// As callback data.
    #[must_use]
    pub fn encode(self) -> String {
        format!("d:{}:{}", if self.stop { 'y' } else { 'n' }, self.doubt)
    }

    /// From callback data; a client may send anything.
    #[must_use]
    pub fn decode(data: &str) -> Option<Self> {
        let (answer, doubt) = data.strip_prefix("d:")?.split_once(':')?;
        let stop = match answer {
            "y" => true,
            "n" => false,
            _ => return None,
        };
        Some(Self { doubt: DoubtId(doubt.parse().ok()?), stop })
    }
}

/// What a person did, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// `/start`.
    Start,
    /// Shared their own phone.
    Phone,
    /// Said stop, this way.
    Stop(OptOutBy),
    /// Wrote something that perhaps says stop.
    Doubtful(String),
    /// Answered the question whether they want no more messages.
    Decided(Decision),
    /// Blocked us.
    Blocked,
    /// `/help`.
    Help,
    /// `/privacy`.
    Privacy,
    /// Wrote something for people.
    Said(String),
    /// Wrote a word by which people come, which only the account knows
    /// ([`super::keyword`]).
    Word(String),
    /// Answered a question of consent.
    Answered(Answer),
    /// Answered about a visit; with what stood on the button.
    Visit(VisitAnswer, String),
    /// Pressed a button we no longer know.
    OldButton,
    /// Lifted the block.
    Unblocked,
    /// Has another address now.
    Moved,
    /// Nothing the conversation acts upon.
    Nothing,
}

/// Reads an event.
#[must_use]
pub fn read(event: &EventKind) -> Did {
    match event {
        EventKind::Started(_) => Did::Start,
        EventKind::Phone { own: true, .. } | EventKind::PhoneClaimed { .. } => Did::Phone,
        EventKind::Phone { own: false, number } => Did::Said(format!("[contact] {number}")),
        EventKind::Text { body, .. } => match command(body) {
            Some("stop") => Did::Stop(OptOutBy::Command),
            Some("help") => Did::Help,
            Some("privacy") => Did::Privacy,
            _ => said(body, || body.clone()),
        },
        EventKind::Media { what, caption, .. } => said(caption, || format!("[{what}] {caption}").trim_end().to_owned()),
        // What it says now counts as if it had been written so; commands and contact cards are not
        // changed into others.
        EventKind::Edited(now) => match read(now) {
            did @ (Did::Stop(_) | Did::Doubtful(_) | Did::Said(_)) => did,
            _ => Did::Nothing,
        },
        EventKind::Press { data, .. } if data == OPT_OUT_CALLBACK => Did::Stop(OptOutBy::Button),
        EventKind::Press { data, label, .. } => {
            let answered = Answer::decode(data).map(Did::Answered);
            let visit = || VisitAnswer::decode(data).map(|said| Did::Visit(said, label.trim().to_owned()));
            let ours = answered.or_else(|| Decision::decode(data).map(Did::Decided)).or_else(visit);
            // A button that is none of ours, of another program at the same sender, says what
            // stands on it: «Отписаться» above all.
            let theirs = || if label.trim().is_empty() { Did::OldButton } else { said(label, || label.clone()) };
            ours.unwrap_or_else(theirs)
        }
        EventKind::Blocked => Did::Blocked,
        EventKind::Unblocked => Did::Unblocked,
        EventKind::Stopped => Did::Stop(OptOutBy::Messenger),
        EventKind::Moved { .. } => Did::Moved,
        EventKind::Receipt(_)
        | EventKind::Echo(_)
        | EventKind::Read { .. }
        | EventKind::Template(_)
        | EventKind::Sender(_)
        | EventKind::Senders { .. }
        | EventKind::Daily { .. }
        | EventKind::Refused(_)
        | EventKind::Ignored => Did::Nothing,
    }
}

/// Whether what a person did answers a question of ours, so that its buttons are of no use any
/// more.
#[must_use]
pub fn answers(did: &Did) -> bool {
    matches!(did, Did::Answered(_) | Did::Decided(_))
}

/// Whether an event says that the person wants no more messages: it is carried out at once,
/// whatever of theirs waits before it.
#[must_use]
pub fn ends_it(event: &EventKind) -> bool {
    matches!(read(event), Did::Stop(_) | Did::Blocked | Did::Doubtful(_) | Did::Decided(Decision { stop: true, .. }))
}

/// What words say about being written to; `kept` is how they are kept for people.
fn said(words: &str, kept: impl FnOnce() -> String) -> Did {
    match refusal::recognise(words) {
        refusal::Answer::Stop => Did::Stop(OptOutBy::Text),
        refusal::Answer::Doubt => Did::Doubtful(kept()),
        refusal::Answer::Talk => Did::Said(kept()),
    }
}

/// `/stop`, `/stop@shop_bot`: the command's name.
fn command(text: &str) -> Option<&str> {
    let word = text.trim().strip_prefix('/')?;
    let word = word.split('@').next().unwrap_or(word);
    (!word.contains(char::is_whitespace)).then_some(word)
}

/// Something to be done, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Opt the person out.
    OptOut {
        /// How they said it.
        by: OptOutBy,
        /// What to say if they were in.
        confirm: OutgoingMessage,
        /// What to say if they were out already: only who gives a command waits for an answer.
        again: Option<OutgoingMessage>,
    },
    /// Nothing more goes to this address: its owner blocked us.
    Block,
    /// Keep what they said, tell the members, hold advertising, and ask once.
    Doubt(String),
    /// They want messages after all: the doubt is over.
    Settle,
    /// Tell the CRM what they said about a visit, and answer.
    Visit(VisitAnswer, String),
    /// Append to the ledger.
    Consent {
        purpose: Purpose,
        /// Given or refused.
        action: Action,
    },
    /// Lift the person's own suppressions.
    ComeBack,
    Say(OutgoingMessage),
    /// Ask this in the account's own words.
    Ask(Purpose),
    /// The same under a greeting, in one message: at a messenger's pace for one person a second
    /// message comes a second later.
    Greet(String, Purpose),
    /// Keep what they said and tell the members.
    Keep(String),
    /// Keep the word they came by; nobody need answer it.
    Word(String),
    /// Note that the chat can be written to.
    Reachable,
    /// Answer the press.
    Toast(&'static str),
}

impl Effect {
    /// Why the message of this effect goes.
    #[must_use]
    pub fn purpose(&self) -> OutgoingPurpose {
        match self {
            Self::OptOut { .. } => OutgoingPurpose::Confirmation,
            _ => OutgoingPurpose::Answer,
        }
    }
}

/// A message of nothing but words.
pub(super) fn message(text: String) -> OutgoingMessage {
    OutgoingMessage { body: Rich::plain(text), buttons: Vec::new(), remove_keyboard: false, media: None }
}

/// A question of consent with its two buttons, under a greeting or by itself; `keyword`: the word
/// the person came by.
#[must_use]
pub fn question(wording: &Wording, greeting: Option<&str>, keyword: Option<KeywordId>, now: Moment) -> OutgoingMessage {
    let [yes, no] = texts::yes_no(wording.language);
    let button = |text: &str, yes: bool| {
        let answer = Answer { purpose: wording.purpose, yes, language: wording.language, version: wording.version, asked_at: now, keyword };
        Button { text: text.to_owned(), action: ButtonAction::Callback(answer.encode()) }
    };
    OutgoingMessage {
        body: Rich::plain(greeting.map_or_else(|| wording.body.clone(), |greeting| format!("{greeting}\n\n{}", wording.body))),
        buttons: vec![vec![button(yes, true)], vec![button(no, false)]],
        remove_keyboard: false,
        media: None,
    }
}

/// What to do.
#[must_use]
pub fn step(person: &Person, did: &Did) -> Vec<Effect> {
    let line = |l: Phrase| message(texts::phrase(l, person.language, &person.company));
    let toast = |t: Toast| Effect::Toast(texts::toast(t, person.language));
    match did {
        Did::Start => started(person),
        Did::Phone => vec![Effect::Reachable, Effect::Say(OutgoingMessage { remove_keyboard: true, ..line(Phrase::PhoneTaken) })],
        Did::Stop(by) => stop(person, *by),
        Did::Blocked => vec![Effect::Block],
        // Who is out already is not asked whether they want to be.
        Did::Doubtful(text) if person.out_since.is_some() => vec![Effect::Reachable, Effect::Keep(text.clone())],
        Did::Doubtful(text) => vec![Effect::Reachable, Effect::Doubt(text.clone())],
        Did::Decided(decision) => decided(person, *decision),
        Did::Help => vec![Effect::Say(line(Phrase::Help))],
        Did::Privacy => {
            let text = texts::privacy(person.language, &person.company, &person.kept, person.data, person.ads, person.out_since.is_some());
            vec![Effect::Say(message(text))]
        }
        Did::Said(text) => match (person.doubt.filter(|_| person.asked_last), texts::plain_answer(text)) {
            (Some(doubt), Some(stop)) => decided(person, Decision { doubt, stop }),
            // There is no button «start» to press: the first words are it.
            _ if person.met && person.out_since.is_none() && next_question(person).is_some() => {
                started(person).into_iter().chain([Effect::Keep(text.clone())]).collect()
            }
            _ => vec![Effect::Reachable, Effect::Keep(text.clone())],
        },
        Did::Word(text) => started(person).into_iter().chain([Effect::Word(text.clone())]).collect(),
        Did::Answered(answer) => answered(person, answer),
        Did::Visit(said, label) => vec![Effect::Reachable, Effect::Visit(said.clone(), label.clone())],
        Did::OldButton => vec![toast(Toast::Outdated)],
        Did::Unblocked => vec![Effect::Reachable],
        // Carried out before anything is asked of the person.
        Did::Moved => Vec::new(),
        Did::Nothing => Vec::new(),
    }
}

fn stop(person: &Person, by: OptOutBy) -> Vec<Effect> {
    let line = |l: Phrase| message(texts::phrase(l, person.language, &person.company));
    let again = (by == OptOutBy::Command).then(|| line(Phrase::AlreadyOut));
    let mut effects = vec![Effect::OptOut { by, confirm: line(Phrase::Stopped), again }];
    match by {
        OptOutBy::Text | OptOutBy::Command => effects.insert(0, Effect::Reachable),
        _ => {
            let toast = if person.out_since.is_some() { Toast::AlreadyOut } else { Toast::Stopped };
            effects.push(Effect::Toast(texts::toast(toast, person.language)));
        }
    }
    effects
}

fn decided(person: &Person, decision: Decision) -> Vec<Effect> {
    let toast = |t: Toast| Effect::Toast(texts::toast(t, person.language));
    // «Yes, unsubscribe me» counts whenever it is said.
    if decision.stop {
        return stop(person, OptOutBy::Question);
    }
    if person.doubt != Some(decision.doubt) {
        return vec![toast(if person.out_since.is_some() { Toast::AlreadyOut } else { Toast::Already })];
    }
    let line = message(texts::phrase(Phrase::Settled, person.language, &person.company));
    vec![Effect::Settle, Effect::Say(line), toast(Toast::Recorded)]
}

/// The question about a doubt, with its two buttons.
#[must_use]
pub fn ask_whether(doubt: DoubtId, language: Language) -> OutgoingMessage {
    let [yes, no] = texts::plain_yes_no(language);
    let button = |text: &str, stop| Button { text: text.to_owned(), action: ButtonAction::Callback(Decision { doubt, stop }.encode()) };
    OutgoingMessage { buttons: vec![vec![button(yes, true), button(no, false)]], ..message(texts::whether(language).to_owned()) }
}

fn next_question(person: &Person) -> Option<Purpose> {
    if !matches!(person.data, Standing::Granted(_)) {
        Some(Purpose::PersonalData)
    } else if person.out_since.is_some() || !person.ads.settled() {
        Some(Purpose::Marketing)
    } else {
        None
    }
}

fn started(person: &Person) -> Vec<Effect> {
    let line = |l: Phrase| texts::phrase(l, person.language, &person.company);
    let next = next_question(person);
    let welcome = match (person.out_since, next) {
        (Some(_), _) => Phrase::WelcomeBack,
        (None, None) => Phrase::WelcomeAgain,
        (None, Some(_)) => Phrase::Welcome,
    };
    let mut effects = vec![Effect::Reachable];
    match next {
        // The phone is asked for once we may keep it.
        Some(Purpose::PersonalData) => effects.push(Effect::Greet(line(welcome), Purpose::PersonalData)),
        // Its button would be gone with the question after it.
        Some(purpose) if person.one_keyboard => effects.push(Effect::Greet(line(welcome), purpose)),
        _ if !person.has_phone => {
            effects.push(Effect::Say(ask_phone(person, Some(line(welcome)))));
            effects.extend(next.map(Effect::Ask));
        }
        Some(purpose) => effects.push(Effect::Greet(line(welcome), purpose)),
        None => effects.push(Effect::Say(message(line(welcome)))),
    }
    effects
}

/// Asks for the phone, under a greeting or by itself.
fn ask_phone(person: &Person, greeting: Option<String>) -> OutgoingMessage {
    let words = texts::phrase(Phrase::AskPhone, person.language, &person.company);
    let text = greeting.map_or_else(|| words.clone(), |greeting| format!("{greeting}\n\n{words}"));
    let share = Button { text: texts::share_phone(person.language).to_owned(), action: ButtonAction::SharePhone };
    OutgoingMessage { buttons: vec![vec![share]], ..message(text) }
}

fn answered(person: &Person, answer: &Answer) -> Vec<Effect> {
    let words = |l: Phrase| texts::phrase(l, person.language, &person.company);
    let line = |l: Phrase| Effect::Say(message(words(l)));
    // The last of what is said; where a keyboard is gone with the next message, the phone is asked
    // for in it.
    let last = |l: Phrase, may_keep: bool| match person.one_keyboard && !person.has_phone && may_keep {
        true => Effect::Say(ask_phone(person, Some(words(l)))),
        false => line(l),
    };
    let kept = matches!(person.data, Standing::Granted(_));
    let toast = |t: Toast| Effect::Toast(texts::toast(t, person.language));
    let record = |action| Effect::Consent { purpose: answer.purpose, action };
    let standing = match answer.purpose {
        Purpose::PersonalData => person.data,
        Purpose::Marketing => person.ads,
    };
    match (answer.purpose, answer.yes) {
        // The question is older than the «stop»: it cannot bring the person back.
        (Purpose::Marketing, true) if person.out_since.is_some_and(|out| answer.asked_at < out) => {
            vec![line(Phrase::StartFirst), toast(Toast::Outdated)]
        }
        (_, true) if standing == Standing::Granted(Grade::A) && (answer.purpose == Purpose::PersonalData || person.out_since.is_none()) => {
            vec![toast(Toast::Already)]
        }
        (_, false) if standing == Standing::Refused => vec![toast(Toast::Already)],
        (Purpose::PersonalData, true) => {
            let mut effects = vec![record(Action::Granted), toast(Toast::Recorded)];
            if !person.has_phone && !person.one_keyboard {
                effects.push(Effect::Say(ask_phone(person, None)));
            }
            let after = Person { data: Standing::Granted(Grade::A), ..person.clone() };
            match next_question(&after) {
                Some(purpose) => effects.push(Effect::Ask(purpose)),
                None => effects.push(last(Phrase::DataYes, true)),
            }
            effects
        }
        (Purpose::PersonalData, false) => vec![record(Action::Withdrawn), line(Phrase::DataNo), toast(Toast::Recorded)],
        (Purpose::Marketing, true) => {
            let mut effects = vec![record(Action::Granted)];
            if person.doubt.is_some() {
                effects.push(Effect::Settle);
            }
            if person.out_since.is_some() {
                effects.push(Effect::ComeBack);
            }
            effects.extend([last(Phrase::AdsYes, kept), toast(Toast::Recorded)]);
            effects
        }
        (Purpose::Marketing, false) => vec![record(Action::Withdrawn), last(Phrase::AdsNo, kept), toast(Toast::Recorded)],
    }
}
