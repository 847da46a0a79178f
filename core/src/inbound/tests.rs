//! The inbound room: a company in which things happen, each of them handled twice, on both engines.

use chrono::TimeDelta;
use serde_json::json;

use super::{
    conversation::{self, Answer, Decision, Did, Effect, Person, Standing},
    handle::{Aftermath, Answered, ChannelSource, Handled, handle},
    inbox, raw, reply,
    texts::Kept,
};
use crate::{
    account::{Actor, Language, licence},
    both,
    channel::{self, ButtonAction, Event, EventKind, Polled, Profile, RawUpdate},
    clock::{self, Moment},
    consent::{Grade, Purpose},
    contact::{self, Draft, NewAddress, fixture},
    delivery::outgoing::OutgoingMessage,
    id::{AccountId, ChannelId, ContactId, DoubtId, InboundId},
    inbound::{NewRaw, RawEvent, SourceKind},
    notice::NoticeKind,
    on,
    opt_out::OptOutBy,
    retry,
    store::{Store, audit},
    template::OPT_OUT_CALLBACK,
    text::Rich,
};

mod answers;
mod doubts;
mod events;
mod forgetting;
mod keywords;
mod late;
mod limits;
mod merges;
mod moved;
mod people;
mod receipts;
mod responses;
mod rule;
mod stopping;
mod talks;
mod visits;
mod ways_in;

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

/// What presses are answered with: the query, the words.
fn said_to_press(after: &Aftermath) -> Vec<(&str, &str)> {
    after.presses.iter().map(|press| (press.query.as_str(), press.words.as_str())).collect()
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
            global_ids: false,
            company: "Ромашка".to_owned(),
            language: Language::Ru,
            phone_region: "RU".to_owned(),
            starts_by_message: false,
            asks_phone: true,
            presses_are_words: false,
            one_keyboard: false,
            tells: false,
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
        self.happens(chat, EventKind::Press { data, query_id: format!("q{}", self.next), label: String::new() }).await
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
        self.edits(chat, message, EventKind::Press { data: data.to_owned(), query_id: format!("q{}", self.next), label: String::new() })
            .await;
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
