//! The inbound room: the conversation in both languages, and whole events on both engines.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    conversation::{self, Answer, Decision, Did, Effect, Person, Standing},
    handle::{ChannelSource, Handled, handle},
    inbox, raw, reply,
    texts::Kept,
};
use crate::{
    account::{Actor, Language, licence},
    both,
    channel::{ButtonAction, Event, EventKind, Profile, RawUpdate},
    clock::{self, Moment},
    consent::{Grade, Purpose},
    contact::{self, Draft, NewAddress, fixture},
    delivery::outgoing::OutgoingMessage,
    id::{AccountId, ChannelId, ContactId, DoubtId, InboundId},
    inbound::{NewRaw, RawEvent, SourceKind},
    notice::NoticeKind,
    on,
    opt_out::OptOutBy,
    store::{Store, audit},
    template::OPT_OUT_CALLBACK,
    text::Rich,
};

mod doubts;
mod forgetting;
mod limits;
mod receipts;
mod responses;
mod stopping;
mod talks;

// ------------------------------------------------------------------ the rule

fn at(second: i64) -> Moment {
    chrono::DateTime::from_timestamp(second, 0).unwrap()
}

fn shown(effects: &[Effect]) -> String {
    let message = |m: &OutgoingMessage| {
        let buttons: Vec<String> = m.buttons.iter().flatten().map(|b| format!("[{}]", b.text)).collect();
        let keyboard = if m.remove_keyboard { " (keyboard away)" } else { "" };
        format!("{}{}{keyboard}", m.body.text, buttons.iter().map(|b| format!(" {b}")).collect::<String>())
    };
    let line = |effect: &Effect| match effect {
        Effect::OptOut { by, confirm, again } => {
            let again = again.as_ref().map_or(String::new(), |again| format!(" | again: {}", message(again)));
            format!("opt out by {}: {}{again}", by.as_str(), message(confirm))
        }
        Effect::Block => "block this address".to_owned(),
        Effect::Doubt(text) => format!("doubt: {text}"),
        Effect::Settle => "doubt settled".to_owned(),
        Effect::Consent { purpose, action } => format!("ledger: {} {action:?}", purpose.as_str()),
        Effect::ComeBack => "come back".to_owned(),
        Effect::Say(m) => format!("say: {}", message(m)),
        Effect::Ask(purpose) => format!("ask: {}", purpose.as_str()),
        Effect::Greet(greeting, purpose) => format!("greet: {greeting} — and ask: {}", purpose.as_str()),
        Effect::Keep(text) => format!("keep: {text}"),
        Effect::Reachable => "reachable: true".to_owned(),
        Effect::Toast(words) => format!("toast: {words}"),
    };
    effects.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_conversation_in_both_languages() {
    let mut out = String::new();
    for language in [Language::Ru, Language::En] {
        let new = Person {
            company: "Ромашка".to_owned(),
            language,
            out_since: None,
            data: Standing::Unknown,
            ads: Standing::Unknown,
            has_phone: false,
            doubt: None,
            asked_last: false,
            kept: Kept::default(),
        };
        let kept = Kept {
            name: true, phone: true, email: false, fields: vec!["День рождения".to_owned(), "Город".to_owned()], tags: true
        };
        let from_crm = Person { ads: Standing::Granted(Grade::C), has_phone: true, ..new.clone() };
        let data = Person { data: Standing::Granted(Grade::A), has_phone: true, ..new.clone() };
        let agreed = Person { ads: Standing::Granted(Grade::A), ..data.clone() };
        let gone = Person { out_since: Some(at(100)), ads: Standing::Refused, ..agreed.clone() };
        let known = Person { kept, ..agreed.clone() };
        let doubtful = Person { doubt: Some(DoubtId(42)), asked_last: true, ..agreed.clone() };
        let spoken_to = Person { asked_last: false, ..doubtful.clone() };
        let renewed = Person { ads: Standing::Refused, ..doubtful.clone() };
        let decided = |stop| Did::Decided(Decision { doubt: DoubtId(42), stop });
        let no_data = Person { data: Standing::Refused, ..agreed.clone() };
        let no_ads = Person { ads: Standing::Refused, ..data.clone() };
        let answer = |purpose, yes, asked: i64| Did::Answered(Answer { purpose, yes, language, version: 1, asked_at: at(asked) });
        let table: Vec<(&str, &Person, Did)> = vec![
            ("a new person starts", &new, Did::Start),
            ("a person of the CRM starts", &from_crm, Did::Start),
            ("one who agreed to data starts", &data, Did::Start),
            ("one who agreed to all starts", &agreed, Did::Start),
            ("one who said stop starts", &gone, Did::Start),
            ("shares the phone", &new, Did::Phone),
            ("yes to data", &new, answer(Purpose::PersonalData, true, 50)),
            ("no to data", &new, answer(Purpose::PersonalData, false, 50)),
            ("yes to data, agreed to advertising before", &no_data, answer(Purpose::PersonalData, true, 50)),
            ("yes to data again", &data, answer(Purpose::PersonalData, true, 50)),
            ("yes to advertising", &data, answer(Purpose::Marketing, true, 50)),
            ("yes to advertising again", &agreed, answer(Purpose::Marketing, true, 50)),
            ("no to advertising after yes", &agreed, answer(Purpose::Marketing, false, 50)),
            ("no to advertising again", &no_ads, answer(Purpose::Marketing, false, 50)),
            ("an old yes after stop", &gone, answer(Purpose::Marketing, true, 99)),
            ("a new yes after stop", &gone, answer(Purpose::Marketing, true, 101)),
            ("writes stop", &agreed, Did::Stop(OptOutBy::Text)),
            ("presses stop", &agreed, Did::Stop(OptOutBy::Button)),
            ("commands stop", &agreed, Did::Stop(OptOutBy::Command)),
            ("commands stop again", &gone, Did::Stop(OptOutBy::Command)),
            ("presses stop again", &gone, Did::Stop(OptOutBy::Button)),
            ("writes something doubtful", &agreed, Did::Doubtful("сколько можно".to_owned())),
            ("one who is out writes something doubtful", &gone, Did::Doubtful("сколько можно".to_owned())),
            ("answers: unsubscribe me", &doubtful, decided(true)),
            ("answers: do not", &doubtful, decided(false)),
            ("types yes to the question", &doubtful, Did::Said("Да!".to_owned())),
            ("types no to the question", &doubtful, Did::Said("Нет, спасибо".to_owned())),
            ("types yes to a member's words", &spoken_to, Did::Said("Да!".to_owned())),
            ("answers late: unsubscribe me", &agreed, decided(true)),
            ("answers late: do not", &agreed, decided(false)),
            ("a new yes to advertising ends the doubt", &renewed, answer(Purpose::Marketing, true, 50)),
            ("blocks", &agreed, Did::Blocked),
            ("unblocks", &gone, Did::Unblocked),
            ("help", &new, Did::Help),
            ("privacy", &known, Did::Privacy),
            ("privacy after stop", &gone, Did::Privacy),
            ("writes", &gone, Did::Said("Где мой заказ?".to_owned())),
            ("an unknown button", &agreed, Did::OldButton),
        ];
        for (name, person, did) in table {
            out.push_str(&format!("## {} — {name}\n{}\n\n", language.as_str(), shown(&conversation::step(person, &did))));
        }
    }
    insta::assert_snapshot!("conversation", out);
}

#[test]
fn events_are_read() {
    let text = |body: &str| EventKind::Text { body: body.to_owned(), reply_to: None };
    let press = |data: &str| EventKind::Press { data: data.to_owned(), query_id: "q".to_owned() };
    let media = |caption: &str| EventKind::Media { what: "photo".to_owned(), caption: caption.to_owned(), file: None, reply_to: None };
    let edited = |now| EventKind::Edited(Box::new(now));
    let table = [
        (EventKind::Started(Some("x".to_owned())), Did::Start),
        (text("/stop"), Did::Stop(OptOutBy::Command)),
        (text("/stop@shop_bot"), Did::Stop(OptOutBy::Command)),
        (text("СТОП!"), Did::Stop(OptOutBy::Text)),
        (text("/help"), Did::Help),
        (text("/privacy"), Did::Privacy),
        (text("/menu"), Did::Said("/menu".to_owned())),
        (text("стоп-кран купил?"), Did::Said("стоп-кран купил?".to_owned())),
        (media(""), Did::Said("[photo]".to_owned())),
        (media("вот"), Did::Said("[photo] вот".to_owned())),
        (media("отпишите меня"), Did::Stop(OptOutBy::Text)),
        (EventKind::Phone { number: "79990000001".to_owned(), own: true }, Did::Phone),
        (EventKind::Phone { number: "79990000001".to_owned(), own: false }, Did::Said("[contact] 79990000001".to_owned())),
        (press(OPT_OUT_CALLBACK), Did::Stop(OptOutBy::Button)),
        (press("nonsense"), Did::OldButton),
        (press("d:y:42"), Did::Decided(Decision { doubt: DoubtId(42), stop: true })),
        (press("d:n:42"), Did::Decided(Decision { doubt: DoubtId(42), stop: false })),
        (press("d:x:42"), Did::OldButton),
        (press("d:y:"), Did::OldButton),
        (edited(text("Стоп")), Did::Stop(OptOutBy::Text)),
        (edited(text("/stop")), Did::Stop(OptOutBy::Command)),
        (edited(text("В пять")), Did::Said("В пять".to_owned())),
        (edited(media("отпишите меня")), Did::Stop(OptOutBy::Text)),
        (edited(EventKind::Started(None)), Did::Nothing),
        (EventKind::Blocked, Did::Blocked),
        (EventKind::Unblocked, Did::Unblocked),
        (EventKind::Ignored, Did::Nothing),
    ];
    for (event, expected) in table {
        assert_eq!(conversation::read(&event), expected, "{event:?}");
    }
}

#[test]
fn the_wire_format_of_answers_is_pinned() {
    let answer = Answer { purpose: Purpose::Marketing, yes: true, language: Language::Ru, version: 3, asked_at: at(1_780_000_000) };
    assert_eq!(answer.encode(), "c:m:y:ru3:19e70448800");
    assert!(Answer { version: i32::MAX, ..answer }.encode().len() <= 64);
    assert_eq!(Answer::decode(&answer.encode()), Some(answer));
    for bad in [
        "",
        "c:",
        "c:m:y",
        "c:x:y:ru3:1",
        "c:m:q:ru3:1",
        "c:m:y:de3:1",
        "c:m:y:ru0:1",
        "c:m:y:ru-1:1",
        "c:m:y:ru3:zz",
        "c:m:y:ru3:1:2",
        "stop",
    ] {
        assert_eq!(Answer::decode(bad), None, "{bad}");
    }
}

// ------------------------------------------------------------------ whole events

struct World {
    store: Store,
    actor: Actor,
    source: ChannelSource,
    now: Moment,
    next: i64,
}

async fn channel(store: &Store, account: AccountId, now: Moment) -> ChannelId {
    let id = ChannelId::new();
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) values ($1, $2, 'telegram', 'bot', $3, $4, $5, 'active', 's', $6)")
        .bind(id).bind(account).bind(id.to_string()).bind(&b""[..]).bind(sqlx::types::Json(json!({}))).bind(now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    id
}

async fn keep(store: &Store, account: AccountId, kind: SourceKind, source: uuid::Uuid, events: &[(&str, &str)], now: Moment) -> usize {
    let new = |&(external_id, payload)| NewRaw { account, source_kind: kind, source, external_id, payload, seed: None };
    let kept = raw::store(store, &events.iter().map(new).collect::<Vec<_>>(), now).await.unwrap();
    assert!(kept.iter().all(|kept| *kept == source), "{kept:?}");
    kept.len()
}

impl World {
    async fn new(store: Store) -> Self {
        let now = clock::now();
        let actor = fixture::actor(&store).await;
        let channel = channel(&store, actor.account, now).await;
        let source = ChannelSource {
            account: actor.account,
            channel,
            address_kind: contact::TELEGRAM.to_owned(),
            scope: channel,
            company: "Ромашка".to_owned(),
            language: Language::Ru,
            phone_region: "RU".to_owned(),
        };
        Self { store, actor, source, now, next: 0 }
    }

    async fn raw(&mut self) -> RawEvent {
        self.next += 1;
        let external_id = self.next.to_string();
        let (store, account, channel) = (&self.store, self.actor.account, self.source.channel.0);
        assert_eq!(keep(store, account, SourceKind::Channel, channel, &[(&external_id, "{}")], self.now).await, 1);
        assert_eq!(keep(store, account, SourceKind::Channel, channel, &[(&external_id, "{}")], self.now).await, 0, "kept once");
        let rows = raw::waiting(&self.store, self.source.channel.0, InboundId(0), 10).await.unwrap();
        rows.into_iter().next_back().unwrap()
    }

    fn event(&self, chat: &str, kind: EventKind) -> Event {
        let profile = Profile { first_name: "Анна".to_owned(), language: Some("ru".to_owned()), ..Profile::default() };
        Event { from: chat.to_owned(), profile, at: self.now, message_ref: Some(format!("{chat}:{}", self.next)), kind }
    }

    /// Something happens; it is handled, and once more after its mark was taken off: that must
    /// change nothing.
    async fn happens(&mut self, chat: &str, kind: EventKind) -> super::Aftermath {
        self.now += TimeDelta::seconds(1);
        let row = self.raw().await;
        let event = self.event(chat, kind);
        let Handled::Done(after) = handle(&self.store, &self.source, &row, std::slice::from_ref(&event), self.now).await.unwrap() else {
            panic!("handled before")
        };
        assert_eq!(handle(&self.store, &self.source, &row, std::slice::from_ref(&event), self.now).await.unwrap(), Handled::Before);
        let before = self.books().await;
        let mut tx = self.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update inbound set state = 'new' where id = $1").bind(row.id).execute(c).await.map(|_| ()))
            .unwrap();
        tx.commit().await.unwrap();
        handle(&self.store, &self.source, &row, &[event], self.now).await.unwrap();
        assert_eq!(self.books().await, before, "handling twice changes nothing");
        after
    }

    async fn text(&mut self, chat: &str, body: &str) -> super::Aftermath {
        self.happens(chat, EventKind::Text { body: body.to_owned(), reply_to: None }).await
    }

    async fn count(&self, sql: &'static str) -> i64 {
        on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(self.actor.account).fetch_one(c).await).unwrap()
    }

    async fn books(&self) -> Vec<i64> {
        let mut out = Vec::new();
        for sql in [
            "select count(*) from contact where account_id = $1 and deleted_at is null",
            "select count(*) from contact where account_id = $1 and opted_out_at is not null",
            "select count(*) from address where account_id = $1",
            "select count(*) from consent where account_id = $1",
            "select count(*) from suppression where account_id = $1 and lifted_at is null",
            "select count(*) from outgoing where account_id = $1",
            "select count(*) from chat_message where account_id = $1",
            "select count(*) from notice where account_id = $1",
            "select count(*) from crm_write where account_id = $1",
            "select cast(coalesce(sum(n), 0) as bigint) from response_count where account_id = $1",
        ] {
            out.push(self.count(sql).await);
        }
        out
    }

    async fn last_said(&self) -> OutgoingMessage {
        let payload: sqlx::types::Json<OutgoingMessage> =
            on!(self.store.read(), |c| sqlx::query_scalar("select payload from outgoing where account_id = $1 order by id desc limit 1")
                .bind(self.actor.account)
                .fetch_one(c)
                .await)
            .unwrap();
        payload.0
    }

    /// Presses yes or no under the last question.
    async fn press(&mut self, chat: &str, which: usize) -> super::Aftermath {
        let message = self.last_said().await;
        let ButtonAction::Callback(data) = message.buttons[which][0].action.clone() else { panic!("not a question: {message:?}") };
        self.happens(chat, EventKind::Press { data, query_id: format!("q{}", self.next) }).await
    }

    async fn told(&self, kind: NoticeKind) -> Vec<crate::notice::Notice> {
        let all = crate::notice::due(&self.store, self.now + TimeDelta::days(1), 100).await.unwrap();
        all.into_iter().filter(|one| one.kind() == Some(kind)).collect()
    }

    async fn agreed(&mut self, chat: &str) -> ContactId {
        self.happens(chat, EventKind::Started(None)).await;
        self.press(chat, 0).await;
        self.press(chat, 0).await;
        self.contact(chat).await.unwrap()
    }

    /// A button under this very message is pressed.
    async fn presses(&mut self, chat: &str, message: &str, data: &str) {
        self.edits(chat, message, EventKind::Press { data: data.to_owned(), query_id: format!("q{}", self.next) }).await;
    }

    /// An earlier message is changed.
    async fn edits(&mut self, chat: &str, message: &str, kind: EventKind) {
        self.now += TimeDelta::seconds(1);
        let row = self.raw().await;
        let event = Event { message_ref: Some(message.to_owned()), ..self.event(chat, kind) };
        assert!(matches!(handle(&self.store, &self.source, &row, &[event], self.now).await.unwrap(), Handled::Done(_)));
    }

    async fn contact(&self, chat: &str) -> Option<ContactId> {
        contact::resolve(&self.store, self.actor.account, contact::TELEGRAM, chat, self.source.scope).await.unwrap()
    }

    async fn grades(&self, contact: ContactId) -> (Option<Grade>, Option<Grade>, bool) {
        let (data, ads, out): (Option<Grade>, Option<Grade>, Option<Moment>) = on!(self.store.read(), |c| sqlx::query_as(
            "select personal_data_grade, marketing_grade, opted_out_at from contact where id = $1"
        )
        .bind(contact)
        .fetch_one(c)
        .await)
        .unwrap();
        (data, ads, out.is_some())
    }

    async fn known(&self, phone: &str) -> ContactId {
        let draft = Draft {
            name: Some("Анна Кузнецова".to_owned()),
            addresses: vec![NewAddress::phone(phone.to_owned(), phone)],
            source: "import".to_owned(),
            ..Draft::default()
        };
        let mut tx = self.store.begin().await.unwrap();
        let contact = contact::upsert(&mut tx, self.actor.account, &draft, self.now).await.unwrap().contact;
        tx.commit().await.unwrap();
        contact
    }
}

both!(async fn a_person_comes_agrees_stops_and_comes_back(store) {
    let mut w = World::new(store).await;
    let after = w.happens("77", EventKind::Started(None)).await;
    assert!(after.deliver);
    let anna = w.contact("77").await.expect("a contact is made");
    assert_eq!(w.grades(anna).await, (None, None, false));
    // Personal data first, then advertising.
    let after = w.press("77", 0).await;
    assert_eq!(after.presses.iter().map(|(_, words)| words.as_str()).collect::<Vec<_>>(), ["Записали"]);
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, false));
    w.press("77", 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    let dossier = crate::consent::dossier::dossier(&w.store, w.actor.account, anna, w.now).await.unwrap().unwrap();
    assert!(dossier.entries.iter().all(|e| e.wording_version == Some(1) && e.evidence["message"].is_string() && e.grade == Grade::A));
    // The buttons of what was answered go.
    assert_eq!(after.answered, [format!("77:{}", w.next - 1)]);
    // «Стоп» works at once and is confirmed once.
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    w.text("77", "Стооп!!").await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
    w.text("77", "стоп").await;
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said + 1);
    let kept = "select count(*) from chat_message where account_id = $1 and stop = 'text' and handled_at is not null";
    assert_eq!(w.count(kept).await, 2, "the words are there for whoever reads the conversation");
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and stop is null").await, 0, "and ask for no answer");
    assert_eq!(w.count("select count(*) from conversation where account_id = $1").await, 0, "nor do they begin a conversation");
    // Back: /start and a new yes.
    w.happens("77", EventKind::Started(None)).await;
    assert!(w.grades(anna).await.2);
    w.press("77", 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 0);
    assert!(audit::verify(&w.store, w.actor.account).await.unwrap().is_ok());
});

both!(async fn an_old_yes_does_not_undo_a_stop(store) {
    let mut w = World::new(store).await;
    w.happens("77", EventKind::Started(None)).await;
    w.press("77", 0).await;
    let question = w.last_said().await;
    let anna = w.contact("77").await.unwrap();
    w.happens("77", EventKind::Press { data: OPT_OUT_CALLBACK.to_owned(), query_id: "q".to_owned() }).await;
    let ButtonAction::Callback(data) = question.buttons[0][0].action.clone() else { panic!("not a question") };
    w.happens("77", EventKind::Press { data, query_id: "q2".to_owned() }).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
    // A wording that never was, and any other data: outdated.
    for data in ["c:m:y:ru99:1", "x"] {
        let after = w.happens("77", EventKind::Press { data: data.to_owned(), query_id: "q3".to_owned() }).await;
        assert_eq!(after.presses, [("q3".to_owned(), "Эта кнопка устарела. Нажмите /start".to_owned())]);
    }
});

both!(async fn strangers_who_stop_or_block_are_remembered(store) {
    let mut w = World::new(store).await;
    w.happens("88", EventKind::Blocked).await;
    w.text("99", "отпишите меня").await;
    assert!(w.contact("88").await.is_none() && w.contact("99").await.is_none());
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 2);
    // One comes as a person: still out until a new yes.
    w.happens("99", EventKind::Started(None)).await;
    assert!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null and value = '99'").await == 1);
    w.press("99", 0).await;
    w.press("99", 0).await;
    assert!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null and value = '99'").await == 0);
    // Whoever unblocks us may be written to.
    w.happens("88", EventKind::Unblocked).await;
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 0);
});

both!(async fn a_link_or_a_phone_finds_the_contact(store) {
    let mut w = World::new(store).await;
    let linked = w.known("+79990000001").await;
    let mut tx = w.store.begin().await.unwrap();
    let token = contact::link::create(&mut tx, w.actor.account, w.source.channel, linked, w.now).await.unwrap();
    tx.commit().await.unwrap();
    w.happens("77", EventKind::Started(Some(token.clone()))).await;
    assert_eq!(w.contact("77").await, Some(linked));
    // Used up: whoever got it forwarded is somebody else.
    w.happens("78", EventKind::Started(Some(token))).await;
    assert_ne!(w.contact("78").await, Some(linked));
    // A chat made by this bot moves to the owner of the phone, with what was agreed and said in it.
    let owner = w.known("+79990000002").await;
    w.happens("79", EventKind::Started(None)).await;
    w.press("79", 0).await;
    w.press("79", 0).await;
    w.text("79", "Здравствуйте").await;
    let was = w.contact("79").await.unwrap();
    w.happens("79", EventKind::Phone { number: "79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("79").await, Some(owner));
    assert_eq!(w.grades(owner).await, (Some(Grade::A), Some(Grade::A), false));
    let gone: Option<Moment> = on!(w.store.read(), |c| sqlx::query_scalar("select deleted_at from contact where id = $1").bind(was).fetch_one(c).await).unwrap();
    assert!(gone.is_some());
    let moved: i64 = on!(w.store.read(), |c| sqlx::query_scalar("select count(*) from chat_message where contact_id = $1").bind(owner).fetch_one(c).await).unwrap();
    assert_eq!(moved, 1);
    // A known contact's chat never moves: somebody shares a phone that is another's.
    w.happens("77", EventKind::Phone { number: "+79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("77").await, Some(linked));
    // A phone nobody has becomes theirs.
    w.happens("80", EventKind::Phone { number: "79990000003".to_owned(), own: true }).await;
    let phone = contact::resolve(&w.store, w.actor.account, contact::PHONE, "+79990000003", crate::id::ANY_CHANNEL).await.unwrap();
    assert_eq!(phone, w.contact("80").await);
    assert!(phone.is_some());
});

both!(async fn a_stop_moves_with_the_chat(store) {
    let mut w = World::new(store).await;
    let owner = w.known("+79990000002").await;
    w.happens("79", EventKind::Started(None)).await;
    w.text("79", "стоп").await;
    w.happens("79", EventKind::Phone { number: "79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("79").await, Some(owner));
    assert_eq!(w.grades(owner).await, (None, None, true));
});

both!(async fn answers_reach_the_members_and_can_be_replied_to(store) {
    let mut w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel);
    let after = w.text("77", "Где мой заказ?").await;
    assert!(!after.deliver, "nothing is answered by itself");
    let anna = w.contact("77").await.unwrap();
    let notices = crate::notice::due(&w.store, w.now, 10).await.unwrap();
    let told: Vec<_> = notices.iter().filter(|n| n.kind() == Some(NoticeKind::CustomerAnswered)).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].payload["text"].as_str(), told[0].payload["name"].as_str()), (Some("Где мой заказ?"), Some("Анна")));
    let body = Rich::plain("Уже в пути");
    let none = reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now).await;
    assert!(matches!(none, Err(reply::ReplyError::NoLicence)));
    licence::issue(&w.store, account, licence::PlanKind::Start, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    for _ in 0..2 {
        assert_eq!(reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now).await.unwrap(), channel);
    }
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1 and purpose = 'reply'").await, 1);
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and direction = 'out'").await, 1);
    // The inbox: who waits comes first, and only this account's.
    w.text("78", "А мой?").await;
    let counts = inbox::counts(&w.store, account).await.unwrap();
    assert_eq!((counts.all, counts.waiting), (2, 1));
    let list = inbox::conversations(&w.store, account, 10, 0).await.unwrap();
    assert_eq!(list.iter().map(|one| (one.waits(), one.body.as_str())).collect::<Vec<_>>(), [(true, "А мой?"), (false, "Уже в пути")]);
    assert_eq!(inbox::conversations(&w.store, account, 10, 1).await.unwrap().len(), 1);
    let thread = inbox::thread(&w.store, account, anna, 10).await.unwrap();
    assert_eq!(thread.iter().map(|said| said.body.as_str()).collect::<Vec<_>>(), ["Где мой заказ?", "Уже в пути"]);
    assert_eq!(thread[1].member.as_deref(), Some("Анна"));
    // What needs no answer waits no more, until the customer writes again; the mark can be taken
    // off.
    let lena = w.contact("78").await.unwrap();
    let last = inbox::thread(&w.store, account, lena, 10).await.unwrap().last().unwrap().id;
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(inbox::set_handled(&w.store, &viewer, lena, last, true, w.now).await.is_err());
    let stranger = fixture::actor(&w.store).await;
    assert!(!inbox::set_handled(&w.store, &stranger, lena, last, true, w.now).await.unwrap(), "not theirs");
    let waiting = async |w: &World| inbox::counts(&w.store, account).await.unwrap().waiting;
    for (handled, changed, left) in [(true, true, 0), (true, false, 0), (false, true, 1), (false, false, 1), (true, true, 0)] {
        assert_eq!(inbox::set_handled(&w.store, &w.actor, lena, last, handled, w.now).await.unwrap(), changed);
        assert_eq!(waiting(&w).await, left);
    }
    let thread = inbox::thread(&w.store, account, lena, 10).await.unwrap();
    assert_eq!((thread[0].handled_at, thread[0].handled_by.as_deref()), (Some(w.now), Some("Анна")));
    w.text("78", "Ау!").await;
    assert_eq!(waiting(&w).await, 1);
    assert!(inbox::set_handled(&w.store, &w.actor, lena, last, true, w.now).await.is_ok_and(|changed| !changed), "only what was seen");
    assert_eq!(waiting(&w).await, 1);
    let other = fixture::actor(&w.store).await.account;
    assert!(inbox::conversations(&w.store, other, 10, 0).await.unwrap().is_empty());
    assert!(inbox::thread(&w.store, other, anna, 10).await.unwrap().is_empty());
    assert_eq!(inbox::counts(&w.store, other).await.unwrap(), inbox::Counts::default());
    // After «стоп» only if they write again.
    w.text("77", "стоп").await;
    assert!(matches!(reply(&w.store, &w.actor, anna, None, body.clone(), "2", w.now).await, Err(reply::ReplyError::OptedOut)));
    w.text("77", "А заказ-то где?").await;
    reply(&w.store, &w.actor, anna, Some(channel), body.clone(), "3", w.now).await.unwrap();
    // Others cannot.
    let stranger = fixture::actor(&w.store).await;
    licence::issue(&w.store, stranger.account, licence::PlanKind::Start, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    assert!(matches!(reply(&w.store, &stranger, anna, Some(channel), body.clone(), "4", w.now).await, Err(reply::ReplyError::Account(crate::account::AccountError::NotFound))));
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(matches!(reply(&w.store, &viewer, anna, None, body, "5", w.now).await, Err(reply::ReplyError::Account(_))));
});

both!(async fn polled_updates_move_the_offset_with_them(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel);
    let update = |n: i64| RawUpdate { external_id: n.to_string(), next_offset: n + 1, payload: format!("{{\"update_id\":{n}}}") };
    assert_eq!(raw::store_polled(&w.store, account, channel, &[update(5), update(6)], w.now).await.unwrap(), 2);
    assert_eq!(raw::store_polled(&w.store, account, channel, &[update(6), update(7)], w.now).await.unwrap(), 1);
    let offset = async || -> i64 {
        on!(w.store.read(), |c| sqlx::query_scalar("select update_offset from channel where id = $1").bind(channel).fetch_one(c).await).unwrap()
    };
    assert_eq!(offset().await, 8);
    // After a quiet week the provider counts from anywhere: the offset used to stay where it was,
    // and the same batch came for ever.
    assert_eq!(raw::store_polled(&w.store, account, channel, &[update(3), update(2)], w.now).await.unwrap(), 2);
    assert_eq!(offset().await, 4, "after the newest of the batch");
});

both!(async fn a_poisoned_event_is_put_off_and_given_up(store) {
    let mut w = World::new(store).await;
    let mut row = w.raw().await;
    for n in 1..=8 {
        raw::failed(&w.store, &row, "broken", w.now).await.unwrap();
        let rows = raw::waiting(&w.store, w.source.channel.0, InboundId(0), 10).await.unwrap();
        assert_eq!(rows.len(), usize::from(n < 8), "{n}");
        let stale = handle(&w.store, &w.source, &row, &[], w.now).await.unwrap();
        assert_eq!(stale, if n < 8 { Handled::PutOff } else { Handled::Before });
        if let Some(next) = rows.into_iter().next() {
            assert!(next.due_at > w.now);
            row = next;
        }
    }
});

both!(async fn hints_of_a_crm_bring_its_sync_forward(store) {
    let w = World::new(store).await;
    let connection = crate::id::ConnectionId::new();
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, sync_phase, next_sync_at, created_at) values ($1, $2, 'amocrm', 'amo', '', '1', 'active', $3, $4, 's', $4, 'idle', $5, $6)")
        .bind(connection).bind(w.actor.account).bind(&b""[..]).bind(sqlx::types::Json(json!({}))).bind(w.now + TimeDelta::hours(1)).bind(w.now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    let hint = [("h1", "contacts[update][0][id]=1")];
    assert_eq!(keep(&w.store, w.actor.account, SourceKind::Crm, connection.0, &hint, w.now).await, 1);
    let rows = raw::waiting(&w.store, connection.0, InboundId(0), 10).await.unwrap();
    assert_eq!(raw::take_hints(&w.store, &rows, w.now).await.unwrap(), 1);
    assert_eq!(raw::take_hints(&w.store, &rows, w.now).await.unwrap(), 0);
    let next: Moment = on!(w.store.read(), |c| sqlx::query_scalar("select next_sync_at from crm_connection where id = $1").bind(connection).fetch_one(c).await).unwrap();
    assert_eq!(next, w.now);
});

both!(async fn what_comes_together_is_kept_in_its_order_and_once(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel.0);
    let many: Vec<(String, String)> = (1..=300).map(|n| (n.to_string(), format!("{{\"text\": \"«привет» \\\\ {n}\"}}"))).collect();
    let mut events: Vec<(&str, &str)> = many.iter().map(|(id, body)| (id.as_str(), body.as_str())).collect();
    events.push(("7", "the same twice"));
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &events, w.now).await, 300);
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &events[5..9], w.now).await, 0);
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &[], w.now).await, 0);
    let rows = raw::waiting(&w.store, channel, InboundId(0), 1_000).await.unwrap();
    let kept: Vec<(String, String)> = rows.into_iter().map(|row| (row.external_id, row.payload)).collect();
    assert_eq!(kept, many, "in the order they came, byte for byte");
});
