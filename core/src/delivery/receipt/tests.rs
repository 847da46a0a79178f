use std::collections::HashMap;

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};

use super::*;
use crate::{
    both,
    channel::{Echo, MessageName, Receipt, echo::gist},
    clock,
    delivery::{
        books::books,
        claim::{Claim, claim},
        fixture::Fixture,
        kept,
        outcome::{self, Outcome, Verdict},
        outgoing::{self, NewOutgoing, OutgoingMessage, OutgoingOutcome, OutgoingPurpose},
        stats,
    },
    limits::AIR,
    store::Store,
    text::Rich,
};

fn by_ref(message_ref: &str, receipt: Receipt) -> News {
    News { message: MessageName::Ref(message_ref.to_owned()), message_ref: None, receipt, at: None, detail: None, charge: None }
}

async fn told(store: &Store, fixture: &Fixture, news: &[News]) -> Applied {
    let mut tx = store.begin().await.unwrap();
    let applied = apply(&mut tx, fixture.account, fixture.channel, news, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    applied
}

/// Claims everything of a campaign; the rows and the record that they were sent, under the
/// references `<campaign>:<n>`.
async fn sent(store: &Store, fixture: &Fixture, campaign: CampaignId) -> Vec<Outcome> {
    fixture.change(store, "update channel set lease_until = null where account_id = $1").await;
    let lease = crate::channel::lease::take(store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
    let Claim::Rows { rows, .. } = claim(store, fixture.account, (campaign, 1), lease, 100, AIR, None, clock::now()).await.unwrap() else {
        panic!("closed")
    };
    let verdict = |n: usize| Verdict::Sent { message_ref: format!("{campaign}:{n}"), at: clock::now() };
    rows.iter().enumerate().map(|(n, row)| Outcome::of(row, verdict(n))).collect()
}

/// All that receipts decide of a delivery, by its contact: state, reason, detail, times.
type Fate = (State, Option<String>, Option<String>, Option<Moment>, Option<Moment>);

async fn fates(store: &Store, campaign: CampaignId) -> HashMap<ContactId, Fate> {
    const FATES: &str = "select contact_id, state, reason, detail, delivered_at, read_at from delivery where campaign_id = $1";
    type Row = (ContactId, State, Option<String>, Option<String>, Option<Moment>, Option<Moment>);
    let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(FATES).bind(campaign).fetch_all(c).await).unwrap();
    rows.into_iter().map(|(contact, state, reason, detail, delivered, read)| (contact, (state, reason, detail, delivered, read))).collect()
}

async fn early(store: &Store) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar("select count(*) from receipt_early").fetch_one(c).await).unwrap()
}

both!(
    async fn receipts_rise_and_are_counted(store) {
        let fixture = Fixture::new(&store, 3, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let (a, b) = (format!("{campaign}:0"), format!("{campaign}:1"));
        let all = [by_ref(&a, Receipt::Delivered), by_ref(&a, Receipt::Read), by_ref(&b, Receipt::Delivered), by_ref(&b, Receipt::Delivered)];
        assert_eq!(told(&store, &fixture, &all).await, Applied { moved: 2, ..Applied::default() });
        assert_eq!(told(&store, &fixture, &all).await, Applied::default(), "the same again changes nothing");
        let numbers = stats::stats(&store, fixture.account, campaign, clock::now()).await.unwrap().numbers;
        assert_eq!((numbers.sent, numbers.delivered, numbers.read), (3, 2, 1));
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        // Another account, or another channel of the same one, cannot speak of them.
        let other = Fixture::new(&store, 0, 30.0).await;
        let crossed = Fixture { account: fixture.account, ..other.clone() };
        let id = MessageName::Client(outcomes[1].delivery.0);
        for foreign in [by_ref(&b, Receipt::Read), News { message: id, ..by_ref("", Receipt::Read) }] {
            assert_eq!(told(&store, &other, std::slice::from_ref(&foreign)).await, Applied { early: 1, ..Applied::default() });
            assert_eq!(told(&store, &crossed, &[foreign]).await, Applied::default());
        }
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 1).await.0, State::Delivered);
    }
);

both!(
    async fn a_refusal_after_sending_moves_rows_and_counters_and_keeps_the_providers_words(store) {
        let fixture = Fixture::new(&store, 4, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 4, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let name = |n: usize| format!("{campaign}:{n}");
        let refused = |n, reason| News { detail: Some("131026: Message undeliverable".to_owned()), ..by_ref(&name(n), Receipt::Failed(reason)) };
        let contact_of = |n: usize| outcomes[n].contact;
        let applied = told(&store, &fixture, &[refused(0, Reason::Unreachable), refused(1, Reason::Blocked), refused(2, Reason::Rejected), by_ref(&name(2), Receipt::Read)]).await;
        let refusals = vec!["131026: Message undeliverable".to_owned(); 2];
        let address = fixture.contacts.iter().position(|contact| *contact == contact_of(1)).map(|n| (1000 + n).to_string());
        let unwilling = Unwilling { address, contact: Some(contact_of(1)), reason: Reason::Blocked };
        let failed = [((campaign, 1), 2)].into();
        assert_eq!(applied, Applied { moved: 3, blocked: vec![unwilling.clone()], refusals, failed, ..Applied::default() });
        let fates = fates(&store, campaign).await;
        let words = Some("131026: Message undeliverable".to_owned());
        assert_eq!(fates[&contact_of(0)].clone(), (State::Failed, Some("unreachable".to_owned()), words, None, None));
        assert_eq!(fates[&contact_of(2)].0, State::Read, "what was opened was not refused");
        assert!(fates[&contact_of(2)].4.is_some() && fates[&contact_of(2)].2.is_none());
        let numbers = stats::stats(&store, fixture.account, campaign, clock::now()).await.unwrap().numbers;
        assert_eq!((numbers.sent, numbers.read, numbers.failed), (2, 1, 2));
        assert_eq!(numbers.ranked(State::Failed), [(&Reason::Unreachable.into(), 1), (&Reason::Blocked.into(), 1)]);
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        let address: String =
            on!(store.read(), |c| sqlx::query_scalar("select state from address where contact_id = $1").bind(contact_of(0)).fetch_one(c).await).unwrap();
        assert_eq!(address, "unreachable");
        assert_eq!(told(&store, &fixture, &[refused(1, Reason::Blocked)]).await, Applied { blocked: vec![unwilling], ..Applied::default() }, "for a caller that died before it opted them out");
    }
);

both!(
    async fn a_receipt_before_the_record_waits_for_it_under_either_name(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let (mine, nobodys) = (format!("{campaign}:0"), "an answer of the bot".to_owned());
        let client = |receipt| News { message: MessageName::Client(outcomes[1].delivery.0), ..by_ref("", receipt) };
        let before = [by_ref(&mine, Receipt::Read), by_ref(&mine, Receipt::Delivered), by_ref(&nobodys, Receipt::Delivered), client(Receipt::Failed(Reason::Rejected))];
        assert_eq!(told(&store, &fixture, &before).await, Applied { early: 4, ..Applied::default() });
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sending, "still in flight");
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        settle(&store, clock::now()).await.unwrap();
        let fates = fates(&store, campaign).await;
        assert_eq!((fates[&outcomes[0].contact].0, fates[&outcomes[1].contact].0), (State::Read, State::Failed));
        assert_eq!(early(&store).await, 1);
        settle(&store, clock::now() + WAIT + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!(early(&store).await, 0, "one whose message never came is dropped");
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
    }
);

both!(
    // They were dropped by their age before anybody looked whether their messages had come.
    async fn however_long_a_receipt_waited_it_is_applied_to_its_message(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let client = News { message: MessageName::Client(outcomes[1].delivery.0), ..by_ref("", Receipt::Read) };
        let before = [by_ref(&format!("{campaign}:0"), Receipt::Delivered), client, by_ref("nobody's", Receipt::Read)];
        assert_eq!(told(&store, &fixture, &before).await.early, 3);
        // One is recorded, the other is in flight still; no worker ran for long.
        outcome::record(&store, &outcomes[..1], clock::now()).await.unwrap();
        let late = clock::now() + WAIT + TimeDelta::minutes(1);
        settle(&store, late).await.unwrap();
        assert_eq!(early(&store).await, 1, "the one in flight");
        outcome::record(&store, &outcomes[1..], clock::now()).await.unwrap();
        settle(&store, late).await.unwrap();
        let fates = fates(&store, campaign).await;
        assert_eq!((fates[&outcomes[0].contact].0, fates[&outcomes[1].contact].0), (State::Delivered, State::Read));
        assert_eq!(early(&store).await, 0);
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
    }
);

both!(
    // A refusal of before paused a campaign whose template had been approved again.
    async fn a_refusal_of_before_a_template_was_approved_again_bars_nothing(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into provider_template (id, account_id, channel_id, template_version_id, name, language, external_id, category, state, mapping, digest, \
             submitted_by, submitted_at, changed_at) select $1, w.account_id, s.channel_id, w.template_version_id, 'n', 'ru', '7', 'utility', 'approved', $3, 'd', $4, $5, $5 \
             from campaign_variant w join campaign_step s on s.campaign_id = w.campaign_id and s.step = w.step where w.campaign_id = $2"
        )
        .bind(crate::id::ProviderTemplateId::new())
        .bind(campaign)
        .bind(sqlx::types::Json(json!({})))
        .bind(fixture.member)
        .bind(clock::now() - TimeDelta::days(1))
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
        outcome::record(&store, &sent(&store, &fixture, campaign).await, clock::now()).await.unwrap();
        let refused = by_ref(&format!("{campaign}:0"), Receipt::Failed(Reason::TemplateNeeded));
        let barred = async || told(&store, &fixture, std::slice::from_ref(&refused)).await.barred;
        assert_eq!(barred().await, BTreeSet::from([campaign]), "it was approved before the message went");
        fixture.change(&store, "update provider_template set state = 'paused', changed_at = '2100-01-01T00:00:00+00:00' where account_id = $1").await;
        assert_eq!(barred().await, BTreeSet::from([campaign]));
        fixture.change(&store, "update provider_template set state = 'approved' where account_id = $1").await;
        assert_eq!(barred().await, BTreeSet::new(), "approved again since");
    }
);

both!(
    async fn a_lost_answer_is_a_yes_when_a_receipt_names_our_id(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let lost: Vec<_> = outcomes.iter().map(|outcome| Outcome { verdict: Verdict::Uncertain, ..outcome.clone() }).collect();
        let left = |n: usize| News { message: MessageName::Client(outcomes[n].delivery.0), message_ref: Some(format!("wamid.{n}")), ..by_ref("", Receipt::Sent) };
        // One is told while the call is under way, the other after it was given up.
        assert_eq!(told(&store, &fixture, &[left(0)]).await.early, 1);
        outcome::record(&store, &lost, clock::now()).await.unwrap();
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(told(&store, &fixture, &[left(1), left(1)]).await.moved, 1);
        let fates = fates(&store, campaign).await;
        assert!(outcomes.iter().all(|outcome| fates[&outcome.contact].0 == State::Sent && fates[&outcome.contact].1.is_none()), "{fates:?}");
        // From now on the provider's own id names it.
        assert_eq!(told(&store, &fixture, &[by_ref("wamid.0", Receipt::Read), by_ref("wamid.1", Receipt::Failed(Reason::OptedOut))]).await.moved, 2);
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        assert_eq!(early(&store).await, 0);
    }
);

both!(
    async fn answers_take_receipts_too(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let mut tx = store.begin().await.unwrap();
        for key in ["a", "b", "c"] {
            let message = OutgoingMessage { body: Rich { text: "Здравствуйте".to_owned(), spans: Vec::new() }, buttons: Vec::new(), remove_keyboard: false, media: None };
            let new = NewOutgoing { account: fixture.account, channel: fixture.channel, contact: Some(fixture.contacts[0]), to: key.to_owned(), purpose: OutgoingPurpose::Reply, message, dedupe_key: key.to_owned() };
            outgoing::enqueue(&mut tx, new, clock::now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let lease = crate::channel::lease::take(&store, fixture.channel, "w", clock::now()).await.unwrap().unwrap();
        let rows = outgoing::claim(&store, fixture.account, lease, 9, None, clock::now()).await.unwrap();
    let outcomes: Vec<OutgoingOutcome> = rows.iter().map(|row| {
            OutgoingOutcome::of(row, lease, Verdict::Sent { message_ref: format!("answer:{}", row.address_value), at: clock::now() })
        }).collect();
        let id = |n: usize| MessageName::Client(-rows[n].id.0);
        assert_eq!(told(&store, &fixture, &[News { message: id(0), ..by_ref("", Receipt::Read) }]).await.early, 1, "in flight");
        outgoing::record(&store, &outcomes, clock::now()).await.unwrap();
        let failed = News { detail: Some("470".to_owned()), ..by_ref("answer:b", Receipt::Failed(Reason::Rejected)) };
        assert_eq!(told(&store, &fixture, &[failed, News { message: id(2), ..by_ref("", Receipt::Delivered) }]).await.moved, 2);
        settle(&store, clock::now()).await.unwrap();
        type Row = (String, String, Option<String>, Option<String>, bool, bool);
        let rows: Vec<Row> = on!(store.read(), |c| sqlx::query_as(
            "select address_value, state, reason, detail, delivered_at is not null, read_at is not null from outgoing order by address_value"
        ).fetch_all(c).await).unwrap();
        let row = |to: &str, state: &str, reason: Option<&str>, detail: Option<&str>, delivered, read| (to.to_owned(), state.to_owned(), reason.map(str::to_owned), detail.map(str::to_owned), delivered, read);
        assert_eq!(rows, [row("a", "sent", None, None, false, true), row("b", "failed", Some("rejected"), Some("470"), false, false), row("c", "sent", None, None, true, false)]);
        assert_eq!(early(&store).await, 0);
    }
);

both!(
    async fn any_order_any_repetition_any_batches_come_to_the_same(store) {
        const MANY: usize = 5;
        let fixture = Fixture::new(&store, MANY, 30.0).await;
        let mut runner = TestRunner::deterministic();
        let receipt = prop_oneof![Just(Receipt::Sent), Just(Receipt::Delivered), Just(Receipt::Read), Just(Receipt::Failed(Reason::Rejected)), Just(Receipt::Failed(Reason::Unreachable))];
        let one = (0..MANY, receipt, any::<bool>(), 0_i64..50, prop_oneof![Just(None), Just(Some("1")), Just(Some("2"))]);
        let story = prop::collection::vec(one, 0..16).prop_flat_map(|told| {
            let twice: Vec<_> = told.iter().chain(&told).cloned().collect();
            (Just(told), Just(twice).prop_shuffle(), prop::collection::vec(1_usize..5, 1..12))
        });
        let origin = clock::now() - TimeDelta::minutes(5);
        for _ in 0..12 {
            let (told_once, shuffled, sizes) = story.new_tree(&mut runner).unwrap().current();
            let mut ends = Vec::new();
            for (story, sizes, recorded) in [(&told_once, vec![usize::MAX], MANY), (&shuffled, sizes, 2)] {
                fixture.change(&store, "update address set state = 'reachable' where account_id = $1").await;
                let campaign = fixture.campaign(&store, "service", "leave", MANY, None).await;
                let outcomes = sent(&store, &fixture, campaign).await;
                let at_of: HashMap<ContactId, usize> = fixture.contacts.iter().enumerate().map(|(n, contact)| (*contact, n)).collect();
                // Some are recorded before, the others only when all receipts have come.
                outcome::record(&store, &outcomes[..recorded], clock::now()).await.unwrap();
                let news: Vec<News> = story.iter().map(|(n, receipt, by_client, second, detail)| {
                    let of = outcomes.iter().enumerate().find(|(_, outcome)| at_of[&outcome.contact] == *n).unwrap();
                    let message = if *by_client { MessageName::Client(of.1.delivery.0) } else { MessageName::Ref(format!("{campaign}:{}", of.0)) };
                    News { message, message_ref: None, receipt: *receipt, at: Some(origin + TimeDelta::seconds(*second)), detail: detail.map(str::to_owned), charge: None }
                }).collect();
                let mut rest = news.as_slice();
                for size in sizes.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (batch, after) = rest.split_at((*size).min(rest.len()));
                    told(&store, &fixture, batch).await;
                    rest = after;
                    assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
                }
                outcome::record(&store, &outcomes, clock::now()).await.unwrap();
                settle(&store, clock::now()).await.unwrap();
                assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
                ends.push(fates(&store, campaign).await);
            }
            assert_eq!(ends[0], ends[1], "{told_once:?} against {shuffled:?}");
        }
        assert_eq!(early(&store).await, 0);
    }
);

both!(
    async fn an_unknown_receipt_is_of_the_only_message_that_is_uncertain(store) {
        let fixture = Fixture::new(&store, 4, 30.0).await;
        for sql in ["update channel set kind = 'viber' where account_id = $1", "update address set kind = 'viber' where account_id = $1"] {
            fixture.change(&store, sql).await;
        }
        let campaign = fixture.campaign(&store, "service", "leave", 4, None).await;
        let outcomes: Vec<Outcome> =
            sent(&store, &fixture, campaign).await.into_iter().map(|one| Outcome { verdict: Verdict::Uncertain, ..one }).collect();
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let at = |seconds| Some(clock::now() + TimeDelta::seconds(seconds));
        let of = |token: u64, n: usize, receipt, at| {
            let address = 1_000 + fixture.contacts.iter().position(|contact| *contact == outcomes[n].contact).unwrap();
            News { at, ..by_ref(&format!("{token}:{address}"), receipt) }
        };
        let told_early = [
            of(u64::MAX, 0, Receipt::Read, at(0)),
            of(u64::MAX, 0, Receipt::Delivered, at(0)),
            // Two unknown messages to one person: which of them is it?
            of(7, 1, Receipt::Delivered, at(0)),
            of(8, 1, Receipt::Delivered, at(0)),
            // Of something long before.
            of(9, 2, Receipt::Delivered, at(-600)),
        ];
        told(&store, &fixture, &told_early).await;
        // To the fourth another message is on its way.
        told(&store, &fixture, &[of(10, 3, Receipt::Delivered, at(0))]).await;
        let mut tx = store.begin().await.unwrap();
        let address = 1_000 + fixture.contacts.iter().position(|contact| *contact == outcomes[3].contact).unwrap();
        let message = OutgoingMessage { body: Rich::plain("Здравствуйте"), buttons: Vec::new(), remove_keyboard: false, media: None };
        let new = NewOutgoing {
            account: fixture.account,
            channel: fixture.channel,
            contact: Some(outcomes[3].contact),
            to: address.to_string(),
            purpose: OutgoingPurpose::Reply,
            message,
            dedupe_key: "one".to_owned(),
        };
        outgoing::enqueue(&mut tx, new, clock::now()).await.unwrap();
        tx.commit().await.unwrap();
        fixture.change(&store, "update outgoing set state = 'uncertain' where account_id = $1").await;

        settle(&store, clock::now()).await.unwrap();
        assert_eq!(early(&store).await, 6, "its own record may be on its way still");
        settle(&store, clock::now() + adopt::RECORDED + TimeDelta::seconds(1)).await.unwrap();
        let fates = fates(&store, campaign).await;
        let states: Vec<State> = outcomes.iter().map(|one| fates[&one.contact].0).collect();
        assert_eq!(states, [State::Read, State::Uncertain, State::Uncertain, State::Uncertain]);
        assert_eq!(early(&store).await, 4);
        let name: Option<String> = on!(store.read(), |c| {
            sqlx::query_scalar("select message_ref from delivery where state = 'read' and campaign_id = $1").bind(campaign).fetch_one(c).await
        })
        .unwrap();
        assert!(name.is_some_and(|name| name.starts_with("18446744073709551615:")), "it has its name now");
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        // Of a messenger whose receipts name no person nothing is taken so.
        fixture.change(&store, "update channel set kind = 'whatsapp' where account_id = $1").await;
        fixture.change(&store, "delete from outgoing where account_id = $1").await;
        settle(&store, clock::now() + adopt::RECORDED * 2).await.unwrap();
        assert_eq!(early(&store).await, 4);
    }
);

/// The text of the fixture's version.
const VERSION: &str = "{{ first_name }}, добрый день";

/// Keeps what a delivery says, as it is kept before it leaves.
async fn says(store: &Store, outcome: &Outcome, words: &str) {
    let body = kept::Message { body: Rich::plain(words), ..kept::Message::default() }.pack(VERSION);
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into delivery_text (delivery_id, attempt, body) values ($1, $2, $3)")
        .bind(outcome.delivery)
        .bind(outcome.attempt)
        .bind(&body)
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
}

async fn heard(store: &Store, fixture: &Fixture, echoes: &[Echo]) {
    let mut tx = store.begin().await.unwrap();
    echo::keep(&mut tx, fixture.account, fixture.channel, &echoes.iter().collect::<Vec<_>>(), clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn refs(store: &Store, sql: &'static str) -> Vec<Option<String>> {
    on!(store.read(), |c| sqlx::query_scalar(sql).fetch_all(c).await).unwrap()
}

// Of a message whose answer was lost nobody knew the name: its receipts came to nothing, and the
// next step wrote to somebody who had read it.
both!(
    async fn a_message_whose_name_was_lost_is_known_by_its_words(store) {
        let fixture = Fixture::new(&store, 6, 30.0).await;
        for sql in
            ["update channel set kind = 'wazzup_whatsapp' where account_id = $1", "update address set kind = 'wazzup_whatsapp' where account_id = $1"]
        {
            fixture.change(&store, sql).await;
        }
        let campaign = fixture.campaign(&store, "service", "leave", 6, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let address = |n: usize| (1_000 + fixture.contacts.iter().position(|contact| *contact == outcomes[n].contact).unwrap()).to_string();
        let at = |seconds| clock::now() + TimeDelta::seconds(seconds);
        let echo = |n: usize, message_ref: &str, words: &str, seconds| {
            Echo { message_ref: message_ref.to_owned(), to: address(n), gist: gist(words), at: at(seconds) }
        };
        for (n, outcome) in outcomes.iter().enumerate() {
            says(&store, outcome, &format!("Анна, ждём вас №{n}")).await;
        }
        heard(
            &store,
            &fixture,
            &[
                // In whatever marks.
                echo(0, "e0", "*Анна*, ждём вас  №0", 0),
                echo(1, "e1", "Анна, ждём вас №1", 0),
                // Somebody of the company wrote the same by hand, so which of them is it?
                echo(2, "e2", "Анна, ждём вас №2", 0),
                echo(2, "by hand", "Анна, ждём вас №2", 1),
                // Another text; and the same, when it was known long since that nobody knows.
                echo(3, "e3", "Анна, добрый день", 0),
                echo(4, "e4", "Анна, ждём вас №4", 90),
                echo(5, "e5", "Анна, ждём вас №5", 0),
            ],
        )
        .await;
        told(&store, &fixture, &[by_ref("e1", Receipt::Read), by_ref("e2", Receipt::Read)]).await;
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(refs(&store, "select message_ref from delivery where message_ref is not null").await, [], "their own records come first");
        // The refusal of a repeat says that the first was taken; of the others nobody knows; the
        // last one is recorded with its own name.
        let nameless = Verdict::Sent { message_ref: String::new(), at: clock::now() };
        let verdicts = [nameless, Verdict::Uncertain, Verdict::Uncertain, Verdict::Uncertain, Verdict::Uncertain];
        let mut recorded: Vec<Outcome> = outcomes.iter().zip(verdicts).map(|(one, verdict)| Outcome { verdict, ..one.clone() }).collect();
        recorded.push(Outcome { verdict: Verdict::Sent { message_ref: "e5".to_owned(), at: clock::now() }, ..outcomes[5].clone() });
        outcome::record(&store, &recorded, clock::now()).await.unwrap();
        for _ in 0..2 {
            settle(&store, clock::now()).await.unwrap();
        }
        let states = async || {
            let fates = fates(&store, campaign).await;
            outcomes.iter().map(|one| fates[&one.contact].0).collect::<Vec<_>>()
        };
        let uncertain = State::Uncertain;
        assert_eq!(states().await, [State::Sent, State::Read, uncertain, uncertain, uncertain, State::Sent]);
        told(&store, &fixture, &[by_ref("e0", Receipt::Read)]).await;
        assert_eq!(states().await[0], State::Read, "its receipts find it from now on");
        const NAMED: &str = "select message_ref from delivery where message_ref is not null order by message_ref";
        let own = |name: &str| Some(name.to_owned());
        assert_eq!(refs(&store, NAMED).await, [own("e0"), own("e1"), own("e5")]);
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        // What is known is kept no longer, and the rest for an hour.
        const ECHOES: &str = "select message_ref from echo order by message_ref";
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(refs(&store, ECHOES).await, [own("by hand"), own("e2"), own("e3"), own("e4")]);
        heard(&store, &fixture, &[echo(0, "e0", "Анна, ждём вас №0", 0)]).await;
        assert_eq!(refs(&store, ECHOES).await.len(), 4, "it comes with each status");
        settle(&store, clock::now() + WAIT * 2).await.unwrap();
        assert_eq!(refs(&store, ECHOES).await, []);
    }
);

both!(
    async fn an_answer_whose_name_was_lost_is_known_by_its_words(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        for sql in
            ["update channel set kind = 'wazzup_telegram_bot' where account_id = $1", "update address set kind = 'wazzup_telegram_bot' where account_id = $1"]
        {
            fixture.change(&store, sql).await;
        }
        let write = async |key: &str| {
            let new = NewOutgoing {
                account: fixture.account,
                channel: fixture.channel,
                contact: Some(fixture.contacts[0]),
                to: "1000".to_owned(),
                purpose: OutgoingPurpose::Reply,
                message: OutgoingMessage { body: Rich::plain("Есть, ждём вас"), buttons: Vec::new(), remove_keyboard: false, media: None },
                dedupe_key: key.to_owned(),
            };
            let mut tx = store.begin().await.unwrap();
            outgoing::enqueue(&mut tx, new, clock::now()).await.unwrap();
            tx.commit().await.unwrap();
        };
        let echo = |message_ref: &str, seconds| {
            let at = clock::now() + TimeDelta::seconds(seconds);
            Echo { message_ref: message_ref.to_owned(), to: "1000".to_owned(), gist: gist("Есть, ждём вас!"), at }
        };
        const STATES: &str = "select state || ' ' || coalesce(message_ref, '-') from outgoing order by id";
        let states = async || refs(&store, STATES).await.into_iter().flatten().collect::<Vec<_>>();
        // The same words are on their way a second time: which of the two went?
        write("one").await;
        write("two").await;
        fixture.change(&store, "update outgoing set state = 'uncertain', attempt = 1 where account_id = $1 and dedupe_key = 'one'").await;
        fixture.change(&store, "update outgoing set state = 'sending', attempt = 1 where account_id = $1 and dedupe_key = 'two'").await;
        heard(&store, &fixture, &[echo("e1", 1)]).await;
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(states().await, ["uncertain -", "sending -"]);
        // The other has its name now.
        fixture.change(&store, "update outgoing set state = 'sent', message_ref = 'e2' where account_id = $1 and dedupe_key = 'two'").await;
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(states().await, ["sent e1", "sent e2"]);
        // Whoever was told that nobody knows, and writes it again by hand, is not us.
        write("three").await;
        fixture.change(&store, "update outgoing set state = 'uncertain', attempt = 1 where account_id = $1 and dedupe_key = 'three'").await;
        heard(&store, &fixture, &[echo("by hand", 40)]).await;
        settle(&store, clock::now()).await.unwrap();
        assert_eq!(states().await, ["sent e1", "sent e2", "uncertain -"]);
    }
);

// A channel whose messages were refused for spam, or for want of money, went on.
both!(
    // The word comes with «sent», which says nothing new of a message that was taken, or before its
    // record, and it is not lost with the next receipt.
    async fn what_a_message_was_charged_as_is_kept(store) {
        let fixture = Fixture::new(&store, 3, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let name = |n: usize| format!("{campaign}:{n}");
        let charged = |n: usize, receipt, charge| News { charge, ..by_ref(&name(n), receipt) };
        let of = async || {
            let all: Vec<(String, Option<Charge>, Option<String>)> =
                on!(store.read(), |c| sqlx::query_as("select state, charge, detail from delivery where campaign_id = $1 order by id")
                    .bind(campaign)
                    .fetch_all(c)
                    .await)
                .unwrap();
            all.into_iter().map(|(state, charge, detail)| (state, charge, detail.unwrap_or_default())).collect::<Vec<_>>()
        };
        let early = [charged(2, Receipt::Sent, None), charged(2, Receipt::Delivered, Some(Charge::Free))];
        assert_eq!(told(&store, &fixture, &early).await.early, 2);
        // The first was taken, and is held.
        let held = Outcome { detail: Some("held_for_quality_assessment".to_owned()), ..outcomes[0].clone() };
        outcome::record(&store, &[held, outcomes[1].clone(), outcomes[2].clone()], clock::now()).await.unwrap();
        assert_eq!(of().await[0], ("sent".to_owned(), None, "held_for_quality_assessment".to_owned()));
        settle(&store, clock::now()).await.unwrap();
        let news = [charged(0, Receipt::Sent, Some(Charge::Marketing)), charged(1, Receipt::Delivered, Some(Charge::Utility))];
        assert_eq!(told(&store, &fixture, &news).await.moved, 2);
        assert_eq!(told(&store, &fixture, &news).await.moved, 0, "it is told twice");
        told(&store, &fixture, &[charged(0, Receipt::Read, None), charged(1, Receipt::Read, None)]).await;
        let (read, delivered) = ("read".to_owned(), "delivered".to_owned());
        let wanted = [(read.clone(), Some(Charge::Marketing)), (read, Some(Charge::Utility)), (delivered, Some(Charge::Free))];
        assert_eq!(of().await, wanted.map(|(state, charge)| (state, charge, String::new())), "and what left is held no more");
    }
);

both!(
    async fn late_refusals_say_what_they_say_of_the_channel(store) {
        use crate::channel::{hook, store::{self as channels, ChannelState}};
        let fixture = Fixture::new(&store, 6, 30.0).await;
        fixture.change(&store, "update channel set kind = 'wazzup_whatsapp' where account_id = $1").await;
        let campaign = fixture.campaign(&store, "service", "leave", 6, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let refused = |n: usize, words: &str, at| News {
            at,
            detail: Some(words.to_owned()),
            ..by_ref(&format!("{campaign}:{n}"), Receipt::Failed(Reason::Withheld))
        };
        let tell = async |news: News| {
            let applied = told(&store, &fixture, std::slice::from_ref(&news)).await;
            hook::blamed(&store, fixture.channel, &applied.refusals, clock::now()).await.unwrap();
            channels::find(&store, fixture.channel).await.unwrap().unwrap()
        };
        let yesterday = Some(clock::now() - TimeDelta::days(1));
        let row = tell(refused(0, "CHANNEL_REJECTED: banned", yesterday)).await;
        assert_eq!((row.state, row.held_until), (ChannelState::Active, None), "a webhook that comes a day late");
        let row = tell(News { message: MessageName::Ref("by hand".to_owned()), ..refused(1, "CHANNEL_REJECTED: banned", None) }).await;
        assert_eq!(row.state, ChannelState::Active, "of somebody else's message");
        let row = tell(refused(1, "BAD_CONTACT: no account", None)).await;
        assert_eq!((row.state, row.held_until), (ChannelState::Active, None));
        // One suspicion makes it rest; the same told again is no second one.
        for _ in 0..2 {
            let row = tell(refused(2, "SPAM: suspected", None)).await;
            assert!(row.state == ChannelState::Active && row.held_until.is_some_and(|until| until > clock::now()));
        }
        let row = tell(refused(3, "SPAM: suspected", None)).await;
        assert_eq!((row.state, row.state_reason.as_deref()), (ChannelState::Misconfigured, Some("SPAM: suspected")));
        fixture.change(&store, "update channel set state = 'active', state_reason = null, held_until = null where account_id = $1").await;
        let row = tell(refused(4, "TOO_MANY_EXT_REQS: slow down", None)).await;
        assert!(row.held_until.is_some_and(|until| until > clock::now() + TimeDelta::hours(2)), "{:?}", row.held_until);
        let row = tell(refused(5, "NOT_ENOUGH_MONEY", None)).await;
        assert_eq!((row.state, row.state_reason.as_deref()), (ChannelState::Misconfigured, Some("NOT_ENOUGH_MONEY")));
        const TOLD: &str = "select count(*) from notice where kind = 'channel.stopped'";
        let told: i64 = on!(store.read(), |c| sqlx::query_scalar(TOLD).fetch_one(c).await).unwrap();
        assert_eq!(told, 2, "the members are told of each stop");
    }
);

both!(
    // What the messenger told of the person's own no was dropped, for the message was to go again;
    // and it went.
    async fn whoever_refuses_by_a_receipt_gets_no_second_try(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "resend", 2, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        let again = |outcome: &Outcome| Outcome { verdict: Verdict::Again { due_at: clock::now() }, ..outcome.clone() };
        outcome::record(&store, &outcomes.iter().map(again).collect::<Vec<_>>(), clock::now()).await.unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 0).await, (State::Queued, Some("resend".to_owned())));
        let failed = |n: usize, reason| {
            let id = MessageName::Client(outcomes[n].delivery.0);
            News { message: id, ..by_ref("", Receipt::Failed(reason)) }
        };
        let news = [failed(0, Reason::OptedOut), failed(1, Reason::Rejected)];
        let applied = told(&store, &fixture, &news).await;
        assert_eq!(applied.blocked.iter().map(|who| (who.contact, who.reason)).collect::<Vec<_>>(), [(Some(outcomes[0].contact), Reason::OptedOut)]);
        let fates = fates(&store, campaign).await;
        assert_eq!((fates[&outcomes[0].contact].0, fates[&outcomes[0].contact].1.as_deref()), (State::Failed, Some("opted_out")));
        assert_eq!(fates[&outcomes[1].contact].0, State::Queued, "a first try that was refused goes again as it should");
        let blocked = told(&store, &fixture, &news[..1]).await.blocked;
        assert_eq!(blocked.len(), 1, "for a caller that died before it opted them out");
        assert!(books(&store, fixture.account, campaign).await.unwrap().balanced());
        // Nothing that was never tried is refused by anybody.
        let untried = fixture.campaign(&store, "service", "leave", 1, None).await;
        let id: i64 = on!(store.read(), |c| sqlx::query_scalar("select id from delivery where campaign_id = $1").bind(untried).fetch_one(c).await).unwrap();
        let stray = News { message: MessageName::Client(id), ..by_ref("", Receipt::Failed(Reason::OptedOut)) };
        assert_eq!(told(&store, &fixture, &[stray]).await.blocked, []);
    }
);

both!(
    // Whoever got nothing was left out of the next campaign as one who had got something.
    async fn a_refusal_by_receipt_takes_the_stamp_of_the_frequency_cap_back(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        fixture.change(&store, "update account set cap_hours = 24 where id = $1").await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 2, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let refused = by_ref(&format!("{campaign}:0"), Receipt::Failed(Reason::Withheld));
        for _ in 0..2 {
            told(&store, &fixture, std::slice::from_ref(&refused)).await;
        }
        let next = fixture.campaign(&store, "advertising", "leave", 2, None).await;
        let second = sent(&store, &fixture, next).await;
        assert_eq!(second.iter().map(|outcome| outcome.contact).collect::<Vec<_>>(), [outcomes[0].contact]);
        // Said once more, it does not take back what went since.
        outcome::record(&store, &second, clock::now()).await.unwrap();
        told(&store, &fixture, &[refused]).await;
        let third = fixture.campaign(&store, "advertising", "leave", 2, None).await;
        assert_eq!(sent(&store, &fixture, third).await, []);
    }
);

both!(
    // WhatsApp takes first and refuses later: nothing stopped a campaign that reached nobody, and
    // each of its people was left out of all later ones.
    async fn a_campaign_that_receipts_refuse_for_everybody_pauses_and_marks_nobody(store) {
        let many = usize::try_from(outcome::BREAKER).unwrap();
        let fixture = Fixture::new(&store, many + 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", many + 1, None).await;
        let outcomes = sent(&store, &fixture, campaign).await;
        outcome::record(&store, &outcomes, clock::now()).await.unwrap();
        let refused = |n: usize| by_ref(&format!("{campaign}:{n}"), Receipt::Failed(Reason::Unreachable));
        let look = async |news: &[News]| {
            let failed = told(&store, &fixture, news).await.failed;
            let n = failed.get(&(campaign, 1)).copied().unwrap_or_default();
            outcome::breaker(&store, fixture.account, (campaign, 1), n, outcome::Refused::Later).await.unwrap()
        };
        assert_eq!(look(&(1..many).map(refused).collect::<Vec<_>>()).await, None);
        assert!(look(&[refused(many)]).await.is_some(), "all that was answered was refused, the same way");
        let sql = "select count(*) from address where account_id = $1 and state = 'unreachable'";
        let unreachable: i64 = on!(store.read(), |c| sqlx::query_scalar(sql).bind(fixture.account).fetch_one(c).await).unwrap();
        assert_eq!(unreachable, 0);
        // One that arrived speaks for the sender.
        let (name, n) = (format!("{campaign}:0"), i64::try_from(many).unwrap());
        told(&store, &fixture, &[by_ref(&name, Receipt::Delivered)]).await;
        assert_eq!(outcome::breaker(&store, fixture.account, (campaign, 1), n, outcome::Refused::Later).await.unwrap(), None);
    }
);
