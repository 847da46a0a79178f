//! Refusals as every messenger brings them: the corpus as each provider sends it, taken apart by
//! its gate, understood by its adapter and judged by the conversation; and a sample of it carried
//! out to the cancelled queue.

use std::{collections::HashMap, sync::Arc};

use super::*;
use crate::{
    channel::{Channel, ChannelKind, lease, registry},
    config::Endpoints,
    consent::{
        doubt,
        refusal::{
            self,
            corpus::{self, Case, Part, Score},
        },
    },
    delivery::{
        State,
        books::books,
        claim::{Claim, claim},
        fixture::Fixture,
    },
    limits::AIR,
};

/// The sender that everything is written to, as each provider names it.
const TOKEN: &str = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-5a6b7c8d9e0f1a2b";
const NUMBER: &str = "204400112233445";
const WAZZUP_CHANNEL: &str = "1d6c1b7e-3b0e-4b5e-9a55-1a2b3c4d5e6f";

/// In what the words come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    Text,
    /// Under a picture.
    Caption,
    /// Over an earlier message.
    Edit,
}

/// A messenger's way in.
struct WayIn {
    kind: ChannelKind,
    adapter: Arc<dyn Channel>,
}

impl WayIn {
    fn to(kind: ChannelKind) -> Self {
        let values = match kind.provider() {
            "whatsapp" => {
                ["EAAGm0PX4ZCpsBAKZCexample", NUMBER, "305500667788990", "0123456789abcdef0123456789abcdef"].map(str::to_owned).to_vec()
            }
            _ => vec![TOKEN.to_owned()],
        };
        let credentials = registry::of_sender(kind, &registry::assemble(kind, &values), WAZZUP_CHANNEL);
        Self { kind, adapter: registry::build(kind, &credentials, &Endpoints::default()).unwrap() }
    }

    /// Whether this provider tells of words in this way.
    fn tells(&self, carrier: Carrier) -> bool {
        carrier != Carrier::Edit || !matches!(self.kind.provider(), "viber" | "whatsapp")
    }

    /// What the provider sends when its person `who` says this, in its own form
    /// (contracts/messengers, section 6 of each).
    fn raw(&self, who: u32, words: &str, carrier: Carrier) -> String {
        let (text, caption, edit) = (carrier != Carrier::Caption, carrier == Carrier::Caption, carrier == Carrier::Edit);
        let (person, phone) = (51_000_000 + who, format!("79990{who:06}"));
        let body = match self.kind.provider() {
            "telegram" => {
                let from = json!({ "id": person, "is_bot": false, "first_name": "Анна", "language_code": "ru" });
                let mut message = json!({ "message_id": 13, "date": 1_780_000_200, "from": from, "chat": { "id": person, "type": "private", "first_name": "Анна" } });
                message[if caption { "caption" } else { "text" }] = json!(words);
                if caption {
                    message["photo"] = json!([{ "file_id": "large", "width": 1280, "height": 853, "file_size": 90_000 }]);
                }
                json!({ "update_id": 500_100, if edit { "edited_message" } else { "message" }: message })
            }
            "max" => {
                let photo = json!([{ "type": "image", "payload": { "url": "https://i.oneme.ru/i?r=1", "token": "t" } }]);
                let attachments = if caption { photo } else { json!(null) };
                let message = json!({
                    "recipient": { "chat_id": person, "chat_type": "dialog", "user_id": 90_007 }, "timestamp": 1_780_000_199_900_i64,
                    "sender": { "user_id": person, "first_name": "Анна", "last_name": "К", "is_bot": false },
                    "body": { "mid": "mid.2", "seq": 1, "text": words, "attachments": attachments },
                });
                let kind = if edit { "message_edited" } else { "message_created" };
                json!({ "update_type": kind, "timestamp": 1_780_000_200_000_i64, "user_locale": "ru", "message": message })
            }
            "vk" => {
                let photo = json!([{ "type": "photo", "photo": { "sizes": [{ "type": "x", "width": 604, "url": "https://s/2" }] } }]);
                let attachments = if caption { photo } else { json!([]) };
                let message = json!({ "id": 6001, "date": 1_780_000_100, "peer_id": person, "from_id": person, "conversation_message_id": 42,
                    "out": 0, "text": words, "random_id": 0, "attachments": attachments, "fwd_messages": [] });
                let (kind, object) =
                    if edit { ("message_edit", message) } else { ("message_new", json!({ "message": message, "client_info": {} })) };
                json!({ "type": kind, "group_id": 777, "event_id": "e1", "v": "5.199", "object": object })
            }
            "viber" => {
                let message = if text {
                    json!({ "type": "text", "text": words })
                } else {
                    json!({ "type": "picture", "text": words, "media": "https://dl/1.jpg" })
                };
                json!({ "event": "message", "timestamp": 1_780_000_200_000_i64, "message_token": 4_912_661_846_655_238_145_u64,
                    "sender": { "id": format!("vb:{person}=="), "name": "Анна", "language": "ru" }, "message": message })
            }
            "whatsapp" => {
                let mut message = json!({ "from": phone, "id": "wamid.1", "timestamp": "1780000100" });
                if caption {
                    message["type"] = json!("image");
                    message["image"] = json!({ "id": "7", "mime_type": "image/jpeg", "caption": words });
                } else {
                    message["type"] = json!("text");
                    message["text"] = json!({ "body": words });
                }
                let value = json!({ "messaging_product": "whatsapp", "metadata": { "display_phone_number": "74950001122", "phone_number_id": NUMBER },
                    "contacts": [{ "profile": { "name": "Анна" }, "wa_id": phone }], "messages": [message] });
                json!({ "object": "whatsapp_business_account", "entry": [{ "id": "305500667788990", "changes": [{ "field": "messages", "value": value }] }] })
            }
            _ => {
                let message = json!({ "messageId": "1f8c0b2d", "dateTime": "2026-06-01T09:15:00.120Z", "channelId": WAZZUP_CHANNEL,
                    "chatType": "whatsapp", "chatId": phone, "type": if text { "text" } else { "image" }, "isEcho": false, "isEdited": edit,
                    "contact": { "name": "Анна" }, "text": words, "contentUri": if text { json!(null) } else { json!("https://store/p.jpg") }, "status": "inbound" });
                json!({ "messages": [message] })
            }
        };
        body.to_string()
    }

    /// What comes out of it: the events of each update that the gate keeps of a body.
    fn through(&self, body: &str) -> Vec<Event> {
        let gate = registry::gate(self.kind);
        assert!(body.len() <= gate.most, "{:?}", self.kind);
        let kept = match gate.parts {
            Some(parts) => parts(body).expect("a body of this messenger").into_iter().map(|part| part.payload).collect(),
            None => (gate.name)(body, body).map(|_| body.to_owned()).into_iter().collect::<Vec<_>>(),
        };
        kept.iter().flat_map(|one| self.adapter.understand(one).expect("an update of this messenger")).collect()
    }
}

/// What the conversation makes of the same event, however often it comes.
#[derive(Default)]
struct Judge(HashMap<String, refusal::Answer>);

impl Judge {
    fn says(&mut self, kind: &EventKind) -> refusal::Answer {
        // The words and what they came in; a file's address tells nothing.
        let key = match kind {
            EventKind::Media { what, caption, .. } => format!("{what} {caption}"),
            other => format!("{other:?}"),
        };
        *self.0.entry(key).or_insert_with(|| match conversation::read(kind) {
            Did::Stop(_) => refusal::Answer::Stop,
            Did::Doubtful(_) => refusal::Answer::Doubt,
            _ => refusal::Answer::Talk,
        })
    }
}

fn scored<'a>(way: &WayIn, carrier: Carrier, cases: &[Case<'a>], judge: &mut Judge) -> Score<'a> {
    Score::with(cases, |phrase| {
        let events = way.through(&way.raw(1, phrase, carrier));
        // The strongest of what came: a start may come along with the words.
        events.iter().map(|event| judge.says(&event.kind)).min().unwrap_or_else(|| panic!("{:?} lost «{phrase}»", way.kind))
    })
}

/// The figures of the recogniser hold in each messenger, for what is written, what stands under a
/// picture and what is written over an earlier message. All that was taught goes through one; what
/// was not, through each; and a fifth of that under pictures and over earlier messages.
#[test]
fn the_corpus_is_recognised_in_every_messenger() {
    let mut judge = Judge::default();
    let (open, held) = (corpus::part(Part::Open), corpus::part(Part::Held));
    let fifth: Vec<Case<'_>> = held.iter().step_by(5).copied().collect();
    let misses = |score: &Score<'_>| score.misses.iter().map(|miss| (miss.case.phrase.to_owned(), miss.got)).collect::<Vec<_>>();
    // Of a fifth of the sentences no share says much: what is asked is that each is read alike.
    let mut expected = HashMap::from([("a fifth of held", misses(&Score::with(&fifth, refusal::recognise)))]);
    println!("| messenger | what comes | sentences | recall | outright | precision | doubt of talk |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for kind in ChannelKind::ALL {
        let way = WayIn::to(*kind);
        for carrier in [Carrier::Text, Carrier::Caption, Carrier::Edit].into_iter().filter(|carrier| way.tells(*carrier)) {
            let parts: &[(&str, &[Case<'_>])] = match carrier {
                Carrier::Text if *kind == ChannelKind::ALL[0] => &[("open", &open), ("held", &held)],
                Carrier::Text => &[("held", &held)],
                Carrier::Caption | Carrier::Edit => &[("a fifth of held", &fifth)],
            };
            for (name, cases) in parts {
                let score = scored(&way, carrier, cases, &mut judge);
                let what = format!("{carrier:?}, {name}").to_lowercase();
                let (recall, outright, precision, doubt) = (score.recall(), score.outright(), score.precision(), score.doubt_of_talk());
                println!("| {} | {what} | {} | {recall:.4} | {outright:.4} | {precision:.4} | {doubt:.4} |", kind.as_str(), cases.len());
                let whole = carrier == Carrier::Text;
                assert!(!whole || score.reaches_goals(), "{kind:?} {what}: {:?}", &score.misses[..score.misses.len().min(10)]);
                let first = expected.entry(*name).or_insert_with(|| misses(&score));
                assert!(*first == misses(&score), "{kind:?} {what}: no messenger reads anything in another way");
            }
        }
    }
}

/// Words as people write them, and what they say.
const SAMPLE: [(&str, refusal::Answer); 10] = [
    ("СТОООП!!! 🛑", refusal::Answer::Stop),
    ("cnjg", refusal::Answer::Stop),
    ("ne pishite mne bolshe", refusal::Answer::Stop),
    ("Не пишіть мені більше", refusal::Answer::Stop),
    ("Маған жазбаңыз", refusal::Answer::Stop),
    ("Миңа язмагыз, зинһар", refusal::Answer::Stop),
    ("unsubscribe please", refusal::Answer::Stop),
    ("не надо", refusal::Answer::Doubt),
    ("отмените запись", refusal::Answer::Talk),
    ("не отписывайте меня", refusal::Answer::Talk),
];

both!(async fn every_way_in_leads_to_the_cancelled_queue(store) {
    for kind in ChannelKind::ALL {
        let way = WayIn::to(*kind);
        let fixture = Fixture::new(&store, SAMPLE.len(), 30.0).await;
        let capabilities = registry::capabilities(*kind);
        let scope = capabilities.scope(fixture.channel);
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("update channel set kind = $2 where id = $1").bind(fixture.channel).bind(*kind).execute(c).await.map(|_| ())).unwrap();
        for (contact, who) in fixture.contacts.iter().zip(1..) {
            let from = way.through(&way.raw(who, "здравствуйте", Carrier::Text)).remove(0).from;
            on!(tx.conn(), |c| sqlx::query("update address set kind = $2, value = $3, scope_id = $4 where contact_id = $1")
                .bind(*contact).bind(capabilities.address_kind).bind(&from).bind(scope).execute(c).await.map(|_| ())).unwrap();
        }
        tx.commit().await.unwrap();
        let campaign = fixture.campaign(&store, "advertising", "leave", SAMPLE.len(), None).await;
        let settings = crate::account::settings::get(&store, fixture.account).await.unwrap().unwrap();
        let source = ChannelSource::new(fixture.account, fixture.channel, capabilities, &settings);
        let mut w = World { actor: fixture.owner(), source, ..World::new(store.clone()).await };
        for ((words, _), who) in SAMPLE.iter().zip(1..) {
            let row = w.raw().await;
            let events = way.through(&way.raw(who, words, Carrier::Text));
            let Handled::Done(_) = handle(&store, &w.source, &row, &events, w.now).await.unwrap() else { panic!("{kind:?}: {words}") };
        }
        let lease = lease::take(&store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
        let claimed = match claim(&store, fixture.account, (campaign, 1), lease, 100, AIR, None, clock::now()).await.unwrap() {
            Claim::Rows { rows, .. } => rows,
            Claim::Closed(why) => panic!("{kind:?}: {why:?}"),
        };
        for (n, (words, says)) in SAMPLE.iter().enumerate() {
            let (state, reason) = fixture.delivery(&store, campaign, n).await;
            let stands = (state, reason.as_deref());
            let open = doubt::current(&store, fixture.account, fixture.contacts[n]).await.unwrap().is_some();
            let out = w.grades(fixture.contacts[n]).await.2;
            let expected = match says {
                refusal::Answer::Stop => (State::Cancelled, Some("opted_out")),
                refusal::Answer::Doubt => (State::Skipped, Some("doubt")),
                refusal::Answer::Talk => (State::Sending, None),
            };
            assert_eq!(stands, expected, "{kind:?}: {words}");
            assert_eq!((out, open), (*says == refusal::Answer::Stop, *says == refusal::Answer::Doubt), "{kind:?}: {words}");
        }
        let talk = SAMPLE.iter().filter(|(_, says)| *says == refusal::Answer::Talk).count();
        assert_eq!(claimed.len(), talk, "{kind:?}");
        // Each who said stop is told once, who is doubted is asked once.
        let said = w.count("select count(*) from outgoing where account_id = $1").await;
        assert_eq!(usize::try_from(said).unwrap(), SAMPLE.len() - talk, "{kind:?}");
        assert_eq!(w.told(NoticeKind::CustomerDoubt).await.iter().filter(|one| one.account_id == fixture.account).count(), 1, "{kind:?}");
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced(), "{kind:?}");
        w.now += TimeDelta::seconds(1);
    }
});

both!(async fn a_word_leads_to_the_question_in_every_messenger(store) {
    for kind in ChannelKind::ALL {
        let way = WayIn::to(*kind);
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let capabilities = registry::capabilities(*kind);
        on!(store.once(), |c| sqlx::query("update channel set kind = $2 where id = $1").bind(fixture.channel).bind(*kind).execute(c).await.map(|_| ())).unwrap();
        let settings = crate::account::settings::get(&store, fixture.account).await.unwrap().unwrap();
        let source = ChannelSource::new(fixture.account, fixture.channel, capabilities, &settings);
        let mut w = World { actor: fixture.owner(), source, ..World::new(store.clone()).await };
        let id = crate::inbound::keyword::add(&store, &w.actor, Some(fixture.channel), "Ёлка", w.now).await.unwrap();
        let asked = "select count(*) from contact where account_id = $1 and data_asked_at is not null";
        for (who, words) in [(71, "«ЕЛКА»!"), (72, "почём ёлка?"), (73, "стоп ёлка")] {
            let row = w.raw().await;
            let events = way.through(&way.raw(who, words, Carrier::Text));
            let Handled::Done(_) = handle(&store, &w.source, &row, &events, w.now).await.unwrap() else { panic!("{kind:?}: {words}") };
            w.now += TimeDelta::seconds(1);
            if who == 71 {
                assert_eq!(w.count(asked).await, 1, "{kind:?}");
            }
        }
        assert_eq!(crate::inbound::keyword::one(&store, w.actor.account, id).await.unwrap().unwrap().came, 1, "{kind:?}");
    }
});
