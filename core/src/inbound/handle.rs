//! Carries one raw event of a channel out: all its effects and the mark that it is handled are one
//! transaction, so handling it twice changes nothing. Answers are queued under keys made of the
//! event's id.

mod consents;
mod keep;
mod own;
mod person;
mod said;

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    conversation::{self, Answer, Did, Effect, Person},
    identify, moved, queries,
    raw::{self, RawEvent, Taken},
    texts, visit,
};
use crate::{
    account::{Language, settings::AccountSettings},
    channel::{Echo, Event, EventKind, News, hook},
    clock::Moment,
    consent::{Action, Purpose, doubt, wording},
    contact::{AddressState, occasion::VisitAnswer},
    delivery::{
        Response, dialogue,
        outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingPurpose},
        receipt,
    },
    id::{AccountId, CampaignId, ChannelId, ConnectionId, ContactId, KeywordId, WordingId},
    on,
    opt_out::{
        self, OptOutBy, OptOutDone, OptOutHow,
        block::{self, At},
    },
    store::{Store, Tx, audit},
    words::PHONE,
};

/// The channel an event came through, and what the account decided.
#[derive(Debug, Clone)]
pub struct ChannelSource {
    pub account: AccountId,
    pub channel: ChannelId,
    /// The kind of its addresses ([`crate::channel::Capabilities::address_kind`]).
    pub address_kind: String,
    /// What its addresses are tied to: the channel itself, or [`crate::id::ANY_CHANNEL`].
    pub scope: ChannelId,
    /// An address is the same person in every scope
    /// ([`crate::channel::Capabilities::global_ids`]).
    pub global_ids: bool,
    /// The company's name.
    pub company: String,
    /// The language of people who told none.
    pub language: Language,
    /// Where phones without a country's code belong.
    pub phone_region: String,
    /// People begin by writing ([`crate::channel::Capabilities::starts_by_message`]).
    pub starts_by_message: bool,
    /// A phone can be asked for ([`crate::channel::Capabilities::asks_phone`]).
    pub asks_phone: bool,
    /// A keyboard is the newest message's ([`crate::channel::Capabilities::one_keyboard`]).
    pub one_keyboard: bool,
    /// A press comes as the words on its button
    /// ([`crate::channel::Capabilities::presses_are_words`]).
    pub presses_are_words: bool,
    /// It tells what arrived, or what was read ([`crate::channel::Capabilities::receipts`]).
    pub tells: bool,
}

impl ChannelSource {
    /// A channel of an account with these settings.
    #[must_use]
    pub fn new(account: AccountId, channel: ChannelId, capabilities: &crate::channel::Capabilities, settings: &AccountSettings) -> Self {
        Self {
            account,
            channel,
            address_kind: capabilities.address_kind.to_owned(),
            scope: capabilities.scope(channel),
            global_ids: capabilities.global_ids,
            company: settings.name.clone(),
            language: settings.language,
            phone_region: settings.phone_region.clone(),
            starts_by_message: capabilities.starts_by_message,
            asks_phone: capabilities.asks_phone,
            one_keyboard: capabilities.one_keyboard,
            presses_are_words: capabilities.presses_are_words,
            tells: capabilities.tells_delivered || capabilities.tells_read,
        }
    }
}

/// What to do after the commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aftermath {
    /// Presses to answer.
    pub presses: Vec<Pressed>,
    /// Messages whose question was answered: their buttons go.
    pub answered: Vec<Answered>,
    /// Something was queued: ring [`crate::queue::Job::Deliver`].
    pub deliver: bool,
    /// The CRMs to be told: ring [`crate::queue::Job::WriteBack`].
    pub write_back: Vec<ConnectionId>,
    /// Somebody who was in said stop.
    pub opted_out: bool,
}

/// A press to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// The address it came from.
    pub from: String,
    /// What to answer it by.
    pub query: String,
    /// What is shown; empty: nothing.
    pub words: String,
}

/// A message whose question was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The address it was sent to.
    pub to: String,
    /// The provider's id of it.
    pub message_ref: String,
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    /// Done; this is left to do.
    Done(Aftermath),
    /// Somebody did it before.
    Before,
    /// Somebody tried at the same time and put it off.
    PutOff,
    /// It names a person whose address nobody knows. It may be a stop: members are to be told, and
    /// nothing has changed.
    Nobodys,
}

/// Handles the events of one raw row, but for receipts, which go by the thousand ([`receipts`]).
///
/// # Errors
/// The database's; then nothing has changed, and the caller puts the row off by [`raw::failed`].
pub async fn handle(store: &Store, source: &ChannelSource, row: &RawEvent, events: &[Event], now: Moment) -> sqlx::Result<Handled> {
    let mut tx = store.begin().await?;
    match raw::take(&mut tx, row, now).await? {
        Taken::Now => {}
        Taken::Before => return Ok(Handled::Before),
        Taken::PutOff => return Ok(Handled::PutOff),
    }
    let mut after = Aftermath::default();
    let mut whose = BTreeSet::new();
    for (n, event) in events.iter().enumerate() {
        let placed = person::placed(&mut tx, source, event).await?;
        let event = placed.as_ref().unwrap_or(event);
        if event.from.is_empty() && conversation::read(&event.kind) != Did::Nothing {
            return Ok(Handled::Nobodys);
        }
        let pressed = said::press(&mut tx, source, event).await?;
        let event = pressed.as_ref().unwrap_or(event);
        let mut one = One {
            tx: &mut tx,
            source,
            row,
            event,
            n,
            said: 0,
            reach: None,
            met: false,
            owner: None,
            keyword: None,
            after: &mut after,
            now,
        };
        one.run().await?;
        whose.insert(one.owner);
    }
    // A row of one person is found by whoever deletes them, and kept for a while. One of several,
    // of nobody we know, or of news of our own messages (an echo holds the text, a status the
    // phone) is found by nobody: its body goes at once, as a CRM's hook does.
    if whose.len() != 1 || whose.contains(&None) {
        raw::forget(&mut tx, row).await?;
    }
    tx.commit().await?;
    Ok(Handled::Done(after))
}

/// Applies the receipts of any number of raw rows, in transactions of their own, a thousand
/// receipts each: they change nothing the second time, and so the order of what is taken hold of
/// stays the same in each (contact, deliveries, counters). Gives what they mean for campaigns.
///
/// # Errors
/// The database's; the same receipts may be given again.
pub async fn receipts(store: &Store, source: &ChannelSource, news: &[News], now: Moment) -> sqlx::Result<Refusals> {
    let mut refusals = Refusals::default();
    for some in news.chunks(receipt::BATCH) {
        let mut tx = store.begin_bulk().await?;
        let applied = receipt::apply(&mut tx, source.account, source.channel, some, now).await?;
        tx.commit().await?;
        for who in &applied.blocked {
            block::told(store, source.account, source.channel, who, now).await?;
        }
        hook::blamed(store, source.channel, &applied.refusals, now).await?;
        refusals.barred.extend(applied.barred);
        for (step, n) in applied.failed {
            *refusals.failed.entry(step).or_default() += n;
        }
    }
    Ok(refusals)
}

/// What refusals that receipts tell of mean for campaigns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusals {
    /// See [`receipt::Applied::barred`].
    pub barred: BTreeSet<CampaignId>,
    /// See [`receipt::Applied::failed`].
    pub failed: receipt::Failed,
}

/// Keeps what went out through a channel, as events tell it back: a message of ours may be known by
/// it.
///
/// # Errors
/// The database's.
pub async fn echoes(store: &Store, source: &ChannelSource, events: &[&Event], now: Moment) -> sqlx::Result<()> {
    let told = events.iter().filter_map(|event| if let EventKind::Echo(echo) = &event.kind { Some(echo) } else { None });
    let told: Vec<&Echo> = told.collect();
    if told.is_empty() {
        return Ok(());
    }
    let mut tx = store.begin_bulk().await?;
    receipt::echo::keep(&mut tx, source.account, source.channel, &told, now).await?;
    tx.commit().await
}

/// The receipts that events of dialogues are: what was read up to a message becomes receipts of all
/// our messages before it.
///
/// # Errors
/// The database's.
pub async fn news(store: &Store, source: &ChannelSource, events: &[&Event]) -> sqlx::Result<Vec<News>> {
    let reads: Vec<dialogue::ReadUpTo> = events
        .iter()
        .filter_map(|event| if let EventKind::Read { last } = &event.kind { Some((last.clone(), event.at)) } else { None })
        .collect();
    let told = events.iter().filter_map(|event| if let EventKind::Receipt(news) = &event.kind { Some(news.clone()) } else { None });
    let mut all: Vec<News> = told.collect();
    if !reads.is_empty() {
        all.extend(dialogue::read_up_to(store, source.account, source.channel, &reads).await?);
    }
    all.retain(News::is_of_a_message);
    Ok(all)
}

/// The address an event came from.
fn at<'a>(source: &'a ChannelSource, event: &'a Event) -> At<'a> {
    At { kind: &source.address_kind, value: &event.from, scope: source.scope }
}

/// One event on its way.
struct One<'a> {
    tx: &'a mut Tx,
    source: &'a ChannelSource,
    row: &'a RawEvent,
    event: &'a Event,
    /// Its number in the row.
    n: usize,
    /// Messages queued for it so far.
    said: usize,
    /// How the address it came from stands, where that is known.
    reach: Option<AddressState>,
    /// Nobody had been heard of at this address before.
    met: bool,
    /// Whose it turned out to be.
    owner: Option<ContactId>,
    /// The word by which the person came, now or when they were asked.
    keyword: Option<KeywordId>,
    after: &'a mut Aftermath,
    now: Moment,
}

impl One<'_> {
    async fn run(&mut self) -> sqlx::Result<()> {
        let did = self.word(conversation::read(&self.event.kind)).await?;
        if did == Did::Nothing {
            return Ok(());
        }
        if let EventKind::Moved { to, old_phone } = &self.event.kind {
            let contact = moved::moved(self.tx, self.source, self.event, to, old_phone.as_deref(), self.now).await?;
            return self.note_whose(contact).await;
        }
        let contact = self.who(&did).await?;
        self.note_whose(contact).await?;
        let (name, mut person) = self.person(contact).await?;
        if let (Did::Privacy, Some(contact)) = (&did, contact) {
            person.kept = self.kept(contact).await?;
        }
        if conversation::answers(&did) {
            self.answered_by(self.event.message_ref.clone());
        }
        let mut asked = None;
        let mut effects = match &did {
            Did::Answered(answer) => {
                // The wording that was shown, or the button is of no use; nor is it for a chat that
                // is nobody's any more, nor a «yes» that is handled after a later «no».
                asked = self.shown(answer).await?;
                self.keyword = answer.keyword;
                let stands = match contact.filter(|_| asked.is_some()) {
                    Some(contact) => !(answer.yes && identify::refused_since(self.tx, self.row, contact, answer.purpose).await?),
                    None => false,
                };
                conversation::step(&person, if stands { &did } else { &Did::OldButton })
            }
            _ => conversation::step(&person, &did),
        };
        // Whoever said stop after this, while it could not be handled, is not spoken to and agrees
        // to nothing by it.
        if person.out_since.is_some_and(|out| self.row.received_at < out) {
            effects.retain(|effect| match effect {
                // What they said of a visit is for the CRM to know; `visit` does not answer.
                Effect::Keep(_)
                | Effect::Word(_)
                | Effect::Block
                | Effect::Reachable
                | Effect::Toast(_)
                | Effect::OptOut { .. }
                | Effect::Visit(..) => true,
                Effect::Consent { action, .. } => *action == Action::Withdrawn,
                Effect::Doubt(_) | Effect::Settle | Effect::ComeBack | Effect::Say(_) | Effect::Ask(_) | Effect::Greet(..) => false,
            });
        }
        for effect in effects {
            self.carry_out(effect, contact, &name, &person, asked).await?;
        }
        // A permission is evidence: the trail keeps it, as it keeps a block.
        if let (EventKind::Unblocked, Some(contact)) = (&self.event.kind, contact) {
            let details = json!({ "channel": self.source.channel });
            audit::record(self.tx, self.source.account, "system", "address.allowed", &contact.to_string(), &details, self.now).await?;
        }
        // Whatever the press was, the person's client must stop waiting.
        if let EventKind::Press { query_id, .. } = &self.event.kind
            && !self.after.presses.iter().any(|press| press.query == *query_id)
        {
            self.pressed(query_id, "");
        }
        Ok(())
    }

    /// The press is to be answered with these words.
    fn pressed(&mut self, query: &str, words: &str) {
        self.after.presses.push(Pressed { from: self.event.from.clone(), query: query.to_owned(), words: words.to_owned() });
    }

    /// The question in this message of ours was answered.
    fn answered_by(&mut self, message_ref: Option<String>) {
        let to = &self.event.from;
        self.after.answered.extend(message_ref.map(|message_ref| Answered { to: to.clone(), message_ref }));
    }

    async fn shown(&mut self, answer: &Answer) -> sqlx::Result<Option<(WordingId, i32)>> {
        let found = wording::version_in(self.tx, self.source.account, answer.purpose, answer.language, answer.version).await?;
        Ok(found.map(|w| (w.id, w.version)))
    }

    async fn carry_out(
        &mut self,
        effect: Effect,
        contact: Option<ContactId>,
        name: &str,
        person: &Person,
        asked: Option<(WordingId, i32)>,
    ) -> sqlx::Result<()> {
        let purpose = effect.purpose();
        match effect {
            Effect::OptOut { by, confirm, again } => {
                let how = OptOutHow {
                    by,
                    channel: Some(self.source.channel),
                    message_ref: self.event.message_ref.clone(),
                    said_at: Some(self.row.received_at),
                };
                let new = self.opt_out(contact, &how).await?;
                if let Some(contact) = contact.filter(|_| by != OptOutBy::Messenger && (new || by != OptOutBy::Button)) {
                    self.keep_stop(contact, by).await?;
                }
                // Who told the messenger waits for no answer of ours.
                let message = if new { Some(confirm).filter(|_| by != OptOutBy::Messenger) } else { again };
                if let Some(message) = message {
                    self.say(contact, purpose, message).await?;
                }
                if let Some(contact) = contact.filter(|_| new) {
                    self.typed_answer(contact, person).await?;
                    self.responded(contact, Response::OptOut).await?;
                }
            }
            Effect::Block => {
                let new = block::block(self.tx, self.source.account, at(self.source, self.event), self.source.channel, self.now).await?;
                if let Some(contact) = contact {
                    self.crm_bell(contact).await?;
                    if new {
                        self.responded(contact, Response::Block).await?;
                    }
                }
            }
            Effect::Doubt(text) => {
                let Some(contact) = contact else { return Ok(()) };
                let to = self.keep(contact, name, &text, true).await?;
                let (account, channel) = (self.source.account, self.source.channel);
                let opened = doubt::open(self.tx, account, contact, channel, self.event.message_ref.as_deref(), self.now).await?;
                if let Some(id) = opened {
                    self.say(Some(contact), purpose, conversation::ask_whether(id, person.language)).await?;
                }
                self.count(to, Response::Reply).await?;
            }
            Effect::Visit(said, label) => self.visit(contact, (name, person), &said, label).await?,
            Effect::Settle => {
                let Some(contact) = contact else { return Ok(()) };
                self.typed_answer(contact, person).await?;
                let evidence = self.evidence(None);
                doubt::close(self.tx, self.source.account, contact, doubt::Outcome::No, Some(evidence), self.now).await?;
            }
            Effect::Consent { purpose, action } => {
                let Some(contact) = contact else { return Ok(()) };
                self.record(contact, purpose, action, asked).await?;
            }
            Effect::ComeBack => {
                let Some(contact) = contact else { return Ok(()) };
                if opt_out::come_back(self.tx, self.source.account, contact, self.now).await? {
                    self.crm_bell(contact).await?;
                }
            }
            Effect::Say(message) => self.say(contact, purpose, message).await?,
            Effect::Ask(asked) => self.ask(contact, purpose, None, asked, person).await?,
            Effect::Greet(greeting, asked) => self.ask(contact, purpose, Some(&greeting), asked, person).await?,
            Effect::Keep(text) => {
                let Some(contact) = contact else { return Ok(()) };
                let to = self.keep(contact, name, &text, false).await?;
                self.count(to, Response::Reply).await?;
            }
            Effect::Word(text) => {
                let (Some(contact), Some(word)) = (contact, self.keyword) else { return Ok(()) };
                let to = self.keep_word(contact, word, &text).await?;
                self.count(to, Response::Reply).await?;
            }
            Effect::Reachable => self.reachable().await?,
            Effect::Toast(words) => {
                if let EventKind::Press { query_id, .. } = &self.event.kind {
                    self.pressed(query_id, words);
                }
            }
        }
        Ok(())
    }

    /// What a person says about a visit of theirs; that they do not come is for people to know.
    async fn visit(
        &mut self,
        contact: Option<ContactId>,
        (name, person): (&str, &Person),
        said: &VisitAnswer,
        label: String,
    ) -> sqlx::Result<()> {
        let heard = match contact {
            Some(contact) => {
                let key = format!("visit:{}:{}", self.row.id, self.n);
                let note = texts::visit_note(person.language, said.comes).to_owned();
                visit::answer(self.tx, self.source.account, contact, said, (&key, note), self.now).await?
            }
            None => visit::Heard::TooLate,
        };
        if let Some(contact) = contact.filter(|_| heard == visit::Heard::Taken) {
            self.crm_bell(contact).await?;
            if !said.comes {
                let words = if label.is_empty() { texts::visit_note(person.language, false).to_owned() } else { label };
                let to = self.keep(contact, name, &words, false).await?;
                self.count(to, Response::Reply).await?;
            }
        }
        if person.out_since.is_some_and(|out| self.row.received_at < out) {
            return Ok(());
        }
        let phrase = match (heard, said.comes) {
            (visit::Heard::Taken, true) => texts::Phrase::VisitConfirmed,
            (visit::Heard::Taken, false) => texts::Phrase::VisitDeclined,
            (visit::Heard::TooLate, _) => texts::Phrase::VisitPast,
        };
        self.say(contact, OutgoingPurpose::Answer, conversation::message(texts::phrase(phrase, person.language, &person.company))).await
    }

    /// Puts a question of consent in the account's own words.
    async fn ask(
        &mut self,
        contact: Option<ContactId>,
        purpose: OutgoingPurpose,
        greeting: Option<&str>,
        asked: Purpose,
        person: &Person,
    ) -> sqlx::Result<()> {
        let source = self.source;
        let wording = wording::current_or_default(self.tx, source.account, &source.company, asked, person.language, self.now).await?;
        let message = conversation::question(&wording, greeting, self.keyword, self.now);
        self.say(contact, purpose, message).await?;
        let Some(contact) = contact else { return Ok(()) };
        let sql = match asked {
            Purpose::PersonalData => queries::ASKED_DATA,
            Purpose::Marketing => queries::ASKED_ADS,
        };
        on!(self.tx.conn(), |c| sqlx::query(sql).bind(source.account).bind(contact).bind(self.now).execute(c).await.map(|_| ()))
    }

    /// Whether the person was in until now.
    async fn opt_out(&mut self, contact: Option<ContactId>, how: &OptOutHow) -> sqlx::Result<bool> {
        let source = self.source;
        let Some(contact) = contact else {
            let chat = [(source.address_kind.as_str(), self.event.from.as_str())];
            // The phone is theirs by the messenger's own word: whoever has it later is this person.
            let phone = self.event.profile.phone.iter().map(|phone| (PHONE, phone.as_str()));
            let addresses: Vec<(&str, &str)> = chat.into_iter().chain(phone).collect();
            let new = opt_out::opt_out_unknown(self.tx, source.account, &addresses, how, self.now).await?;
            self.after.opted_out |= new;
            return Ok(new);
        };
        let done = opt_out::opt_out(self.tx, source.account, contact, how, self.now).await?;
        if matches!(done, OptOutDone::Now { .. }) {
            self.after.opted_out = true;
            self.crm_bell(contact).await?;
            return Ok(true);
        }
        Ok(false)
    }

    async fn say(&mut self, contact: Option<ContactId>, purpose: OutgoingPurpose, message: OutgoingMessage) -> sqlx::Result<()> {
        let new = NewOutgoing {
            account: self.source.account,
            channel: self.source.channel,
            contact,
            to: self.event.from.clone(),
            purpose,
            message,
            dedupe_key: format!("in:{}:{}:{}", self.row.id, self.n, self.said),
        };
        self.said += 1;
        self.after.deliver = true;
        outgoing::enqueue(self.tx, new, self.now).await.map(|_| ())
    }

    /// The chat can be written to (again): whatever a block put on it is lifted.
    async fn reachable(&mut self) -> sqlx::Result<()> {
        if self.reach == Some(AddressState::Reachable) {
            return Ok(());
        }
        on!(self.tx.conn(), |c| sqlx::query(queries::REACH)
            .bind(self.source.account)
            .bind(&self.source.address_kind)
            .bind(&self.event.from)
            .bind(self.source.scope)
            .bind(AddressState::Reachable)
            .bind(Option::<&str>::None)
            .bind(self.now)
            .execute(c)
            .await
            .map(|_| ()))?;
        block::unblock(self.tx, self.source.account, at(self.source, self.event), self.now).await.map(|_| ())
    }

    async fn crm_bell(&mut self, contact: ContactId) -> sqlx::Result<()> {
        let connections: Vec<ConnectionId> =
            on!(self.tx.conn(), |c| sqlx::query_scalar(queries::CRM_OF).bind(self.source.account).bind(contact).fetch_all(c).await)?;
        self.after.write_back.extend(connections);
        Ok(())
    }
}
