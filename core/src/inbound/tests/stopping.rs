//! Stop means stop: blocks, doubts, edits, replies after a stop, an opt-out that overtakes, events
//! given up.

use super::*;
use crate::{
    consent::suppression,
    contact::card,
    delivery::{
        outcome::Verdict,
        outgoing::{self, OutgoingOutcome},
    },
    inbound::failed,
    store::{Db, Engine},
    words::Reason,
};

impl World {
    pub(super) async fn licensed(&self) {
        licence::issue(&self.store, self.actor.account, licence::PlanCode::START, self.now, self.now + TimeDelta::days(30), self.now)
            .await
            .unwrap();
    }

    /// The last reply of a member as the conversation shows it.
    async fn reply_state(&self, contact: ContactId) -> (Option<String>, Option<String>) {
        let thread = inbox::thread(&self.store, self.actor.account, contact, 20).await.unwrap();
        let last = thread.into_iter().rfind(|said| said.direction == "out").expect("a reply");
        (last.state, last.reason.map(|why| why.to_string()))
    }
}

both!(async fn a_block_holds_its_address_and_nothing_else(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    let mut tx = w.store.begin().await.unwrap();
    let _ = contact::attach_address(&mut tx, w.actor.account, anna, &NewAddress::chat("max", "5", ChannelId::new()), w.now).await.unwrap();
    tx.commit().await.unwrap();
    let after = w.happens("77", EventKind::Blocked).await;
    assert!(!after.deliver, "nothing is said to somebody who blocked us");
    // Nobody said that they want no messages: the consent stands, and so does every other address.
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    let card = card::card(&w.store, w.actor.account, anna).await.unwrap().unwrap();
    let held: Vec<(&str, &str)> = card
        .suppressions
        .iter()
        .map(|one| (card.addresses.iter().find(|address| address.id == one.address_id).unwrap().kind.as_str(), one.reason.as_str()))
        .collect();
    assert_eq!(held, [("telegram", "blocked")]);
    // Unblocking lifts it, and so does writing.
    for back in [EventKind::Unblocked, EventKind::Text { body: "Здравствуйте".to_owned(), reply_to: None }] {
        w.happens("77", EventKind::Blocked).await;
        assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 1);
        w.happens("77", back).await;
        assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 0);
        assert_eq!(w.count("select count(*) from address where account_id = $1 and state = 'reachable'").await, 1);
    }
    assert!(audit::verify(&w.store, w.actor.account).await.unwrap().is_ok());
});

both!(async fn after_a_stop_every_address_is_shown_as_refused(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.happens("77", EventKind::Phone { number: "79990000005".to_owned(), own: true }).await;
    w.text("77", "стоп").await;
    let shown = async |w: &World| {
        let card = card::card(&w.store, w.actor.account, anna).await.unwrap().unwrap();
        card.addresses.iter().map(|address| (address.kind.clone(), card.refusal(address).map(str::to_owned))).collect::<Vec<_>>()
    };
    let out = Some("opt_out".to_owned());
    assert_eq!(shown(&w).await, [("telegram".to_owned(), out.clone()), ("phone".to_owned(), out.clone())], "the very chat too");
    // An address that came after the stop as well.
    let mut tx = w.store.begin().await.unwrap();
    let _ = contact::attach_address(&mut tx, w.actor.account, anna, &NewAddress::phone("+79990000006".to_owned(), ""), w.now).await.unwrap();
    tx.commit().await.unwrap();
    assert!(shown(&w).await.iter().all(|(_, refusal)| *refusal == out));
});

both!(async fn a_stop_list_holds_all_addresses_of_whoever_has_the_number(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.happens("77", EventKind::Phone { number: "79990000005".to_owned(), own: true }).await;
    suppression::add_phones(&w.store, &w.actor, "+7 999 000-00-05", w.now).await.unwrap();
    let shown = async |w: &World| {
        let card = card::card(&w.store, w.actor.account, anna).await.unwrap().unwrap();
        card.addresses.iter().map(|address| card.refusal(address).map(str::to_owned)).collect::<Vec<_>>()
    };
    let listed = Some("manual".to_owned());
    assert_eq!(shown(&w).await, [listed.clone(), listed.clone()]);
    // The CRM takes the phone away: the person stays on the list.
    let mut tx = w.store.begin().await.unwrap();
    assert!(contact::detach_address(&mut tx, w.actor.account, anna, contact::PHONE, "+79990000005", crate::id::ANY_CHANNEL, w.now).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(shown(&w).await, [listed]);
});

both!(async fn a_command_to_stop_is_answered_even_to_who_is_out(store) {
    let mut w = World::new(store).await;
    w.agreed("77").await;
    w.text("77", "/stop").await;
    assert!(w.last_said().await.body.text.starts_with("Готово"));
    w.text("77", "/stop").await;
    assert!(w.last_said().await.body.text.starts_with("Вы уже отписаны"));
    let after = w.happens("77", EventKind::Press { data: OPT_OUT_CALLBACK.to_owned(), query_id: "q".to_owned(), label: String::new() }).await;
    assert_eq!(said_to_press(&after), [("q", "Вы уже отписаны")]);
});

both!(async fn an_edited_message_counts_as_what_it_says_now(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.text("77", "Приду в пять").await;
    let first = format!("77:{}", w.next);
    let edited = |body: &str| EventKind::Edited(Box::new(EventKind::Text { body: body.to_owned(), reply_to: None }));
    w.edits("77", &first, edited("Приду в шесть")).await;
    let thread = inbox::thread(&w.store, w.actor.account, anna, 10).await.unwrap();
    assert_eq!(thread.iter().map(|said| (said.body.as_str(), said.edited_at.is_some())).collect::<Vec<_>>(), [("Приду в шесть", true)]);
    let told = async |w: &World| w.told(NoticeKind::CustomerAnswered).await.iter().map(|one| (one.times, one.payload["edited"].clone())).collect::<Vec<_>>();
    assert_eq!(told(&w).await.last().map(|(_, edited)| edited.clone()), Some(json!(true)), "the members are told what it says now");
    let before = told(&w).await;
    // Something else of the message changed.
    w.edits("77", &first, edited("Приду в шесть")).await;
    assert_eq!(told(&w).await, before);
    w.edits("77", &first, edited("стоп")).await;
    assert!(w.grades(anna).await.2, "edited to «стоп» is a stop");
});

impl World {
    /// Everything that waits goes, one message a person at a time; what was claimed last.
    pub(super) async fn all_go(&self, lease: crate::channel::lease::Lease, last: &str, verdict: Verdict) -> bool {
        loop {
            let claimed = outgoing::claim(&self.store, self.actor.account, lease, 20, None, self.now).await.unwrap();
            if claimed.is_empty() {
                return false;
            }
            for one in claimed {
                let ours = one.payload.body.text == last;
                let sent = Verdict::Sent { message_ref: one.id.to_string(), at: self.now };
                let outcome = OutgoingOutcome::of(&one, lease, if ours { verdict.clone() } else { sent });
                // Recorded twice: told once.
                outgoing::record(&self.store, std::slice::from_ref(&outcome), self.now).await.unwrap();
                outgoing::record(&self.store, &[outcome], self.now).await.unwrap();
                if ours {
                    return true;
                }
            }
        }
    }
}

both!(async fn who_writes_after_a_stop_is_answered_and_who_stops_again_is_not(store) {
    let mut w = World::new(store).await;
    w.licensed().await;
    let channel = w.source.channel;
    let anna = w.agreed("77").await;
    w.text("77", "стоп").await;
    w.text("77", "А заказ-то где?").await;
    let body = Rich::plain("Уже в пути");
    reply(&w.store, &w.actor, anna, None, body.clone(), "1", w.now).await.unwrap();
    let lease = crate::channel::lease::take(&w.store, channel, "w", w.now).await.unwrap().unwrap();
    assert!(w.all_go(lease, "Уже в пути", Verdict::Failed { reason: Reason::Blocked }).await, "a permitted reply is claimed");
    assert_eq!(w.reply_state(anna).await, (Some("failed".to_owned()), Some("blocked".to_owned())));
    let told = w.told(NoticeKind::ReplyUndelivered).await;
    assert_eq!(told.iter().map(|one| (one.member_id, one.payload["reason"].as_str())).collect::<Vec<_>>(), [(Some(w.actor.member), Some("blocked"))]);
    // Nobody knows whether this one arrived.
    reply(&w.store, &w.actor, anna, None, Rich::plain("Проверьте почту"), "2", w.now).await.unwrap();
    assert!(w.all_go(lease, "Проверьте почту", Verdict::Uncertain).await);
    assert_eq!(w.reply_state(anna).await.0.as_deref(), Some("uncertain"));
    assert_eq!(w.told(NoticeKind::ReplyUndelivered).await.len(), 2);
    // They say it again before the next reply leaves: it does not go, and its writer is told.
    reply(&w.store, &w.actor, anna, None, Rich::plain("И ещё"), "3", w.now).await.unwrap();
    w.text("77", "стоп").await;
    assert_eq!(w.reply_state(anna).await, (Some("failed".to_owned()), Some("opted_out".to_owned())));
    assert_eq!(w.told(NoticeKind::ReplyUndelivered).await.len(), 3);
    assert!(matches!(reply(&w.store, &w.actor, anna, None, body, "4", w.now).await, Err(reply::ReplyError::OptedOut)));
    // The stop-list is asked by the same words: put there after they last wrote, they are not
    // answered either.
    let lena = w.agreed("78").await;
    w.happens("78", EventKind::Phone { number: "79990000008".to_owned(), own: true }).await;
    w.text("78", "Где мой заказ?").await;
    reply(&w.store, &w.actor, lena, None, Rich::plain("Едет"), "5", w.now).await.unwrap();
    w.now += TimeDelta::seconds(1);
    suppression::add_phones(&w.store, &w.actor, "+79990000008", w.now).await.unwrap();
    assert!(!w.all_go(lease, "Едет", Verdict::Uncertain).await);
    assert_eq!(w.reply_state(lena).await, (Some("failed".to_owned()), Some("opted_out".to_owned())));
});

both!(async fn what_came_before_a_stop_and_is_handled_after_it_says_nothing(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    // «/start» cannot be handled for now; the «стоп» that came after it is handled first.
    w.now += TimeDelta::seconds(1);
    let (start, start_event) = (w.raw().await, w.event("77", EventKind::Started(None)));
    let (question, question_event) = (w.raw().await, w.event("77", EventKind::Text { body: "Где заказ?".to_owned(), reply_to: None }));
    w.text("77", "стоп").await;
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    w.now += TimeDelta::minutes(30);
    for (row, event) in [(start, start_event), (question, question_event)] {
        assert!(matches!(handle(&w.store, &w.source, &row, &[event], w.now).await.unwrap(), Handled::Done(_)));
    }
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said, "nothing is said after the stop");
    assert!(w.grades(anna).await.2);
    w.licensed().await;
    let answered = reply(&w.store, &w.actor, anna, None, Rich::plain("Едет"), "1", w.now).await;
    assert!(matches!(answered, Err(reply::ReplyError::OptedOut)), "it was written before the stop: {answered:?}");
});

// A «yes» that could not be handled was read again by a member after the person had said no, and
// counted as the later word.
both!(async fn a_yes_that_is_read_again_does_not_undo_a_later_no(store) {
    let mut w = World::new(store).await;
    w.happens("77", EventKind::Started(None)).await;
    w.press("77", 0).await;
    let anna = w.contact("77").await.unwrap();
    let question = w.last_said().await;
    let ButtonAction::Callback(data) = question.buttons[0][0].action.clone() else { panic!("not a question") };
    w.now += TimeDelta::seconds(1);
    let (row, yes) = (w.raw().await, w.event("77", EventKind::Press { data: data.clone(), query_id: "q".to_owned(), label: String::new() }));
    w.press("77", 1).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, false));
    assert!(matches!(handle(&w.store, &w.source, &row, &[yes], w.now).await.unwrap(), Handled::Done(_)));
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, false), "their last word was no");
    // Thinking better of it is a later word again.
    w.happens("77", EventKind::Press { data, query_id: "q2".to_owned(), label: String::new() }).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
});

// The channel was held for a while; then came the greeting and «do you want advertising?», and only
// after them the word that nothing more comes.
both!(async fn what_waits_to_be_said_when_somebody_stops_is_not_said(store) {
    let mut w = World::new(store).await;
    let waits = "select count(*) from outgoing where account_id = $1 and state = 'queued'";
    w.happens("77", EventKind::Started(None)).await;
    w.text("77", "/privacy").await;
    assert_eq!(w.count(waits).await, 2);
    w.text("77", "стоп").await;
    assert_eq!(w.count(waits).await, 1, "only the confirmation");
    assert!(w.last_said().await.body.text.starts_with("Готово"));
    // They start again and say it once more: no question, and a «yes» under it changes nothing.
    w.happens("77", EventKind::Started(None)).await;
    let ButtonAction::Callback(data) = w.last_said().await.buttons[0][0].action.clone() else { panic!("not a question") };
    w.press("77", 0).await;
    let ads = w.last_said().await;
    let ButtonAction::Callback(yes) = ads.buttons[0][0].action.clone() else { panic!("not a question") };
    assert_ne!(data, yes);
    w.text("77", "стоп").await;
    assert_eq!(w.count(waits).await, 1);
    w.happens("77", EventKind::Press { data: yes, query_id: "q".to_owned(), label: String::new() }).await;
    let anna = w.contact("77").await.unwrap();
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
});

// The question was in flight when they said stop; the messenger took it only later, and it would
// have come once more, before the word that nothing more comes.
both!(async fn a_question_in_flight_at_a_stop_is_not_sent_again(store) {
    let mut w = World::new(store).await;
    w.licensed().await;
    let lease = crate::channel::lease::take(&w.store, w.source.channel, "w", w.now).await.unwrap().unwrap();
    for last in ["стоп", "сколько можно"] {
        let chat = if last == "стоп" { "77" } else { "78" };
        w.happens(chat, EventKind::Started(None)).await;
        let [question] = &outgoing::claim(&w.store, w.actor.account, lease, 20, None, w.now).await.unwrap()[..] else { panic!("one question") };
        w.now += TimeDelta::seconds(1);
        w.text(chat, last).await;
        let later = OutgoingOutcome::of(question, lease, Verdict::Later { due_at: w.now });
        outgoing::record(&w.store, &[later], w.now).await.unwrap();
        w.now += TimeDelta::seconds(1);
        let claimed = outgoing::claim(&w.store, w.actor.account, lease, 20, None, w.now).await.unwrap();
        let [said] = &claimed[..] else { panic!("{claimed:?}") };
        assert_ne!(said.id, question.id);
        let text = &said.payload.body.text;
        assert!(text.starts_with("Готово") || text.contains("Отписать вас"), "{text}");
        let sent = Verdict::Sent { message_ref: said.id.to_string(), at: w.now };
        outgoing::record(&w.store, &[OutgoingOutcome::of(said, lease, sent)], w.now).await.unwrap();
    }
});

both!(async fn an_event_given_up_is_told_counted_and_read_again(store) {
    let mut w = World::new(store).await;
    let account = w.actor.account;
    let row = w.raw().await;
    raw::unreadable(&w.store, &row, "not a Telegram update", w.now).await.unwrap();
    let other = w.raw().await;
    for _ in 0..8 {
        let rows = raw::waiting(&w.store, w.source.channel.0, InboundId(0), 10).await.unwrap();
        raw::failed(&w.store, &rows[0], "broken", retry::INBOUND, w.now).await.unwrap();
    }
    assert_eq!(w.told(NoticeKind::InboundFailed).await.len(), 1, "once an hour a source");
    assert_eq!((failed::count(&w.store, account).await.unwrap(), failed::count_all(&w.store).await.unwrap()), (2, 2));
    let list = failed::list(&w.store, account, 10, 0).await.unwrap();
    assert_eq!(list.iter().map(|one| (one.id, one.unreadable(), one.source.as_str())).collect::<Vec<_>>(), [(other.id, false, "bot"), (row.id, true, "bot")]);
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(failed::read_again(&w.store, &viewer, w.now).await.is_err());
    let stranger = fixture::actor(&w.store).await;
    assert!(failed::read_again(&w.store, &stranger, w.now).await.unwrap().is_empty());
    assert_eq!(failed::looked_after(&w.store, &stranger, other.id, w.now).await.unwrap(), 0);
    assert_eq!(failed::read_again(&w.store, &w.actor, w.now).await.unwrap(), [w.source.channel.0]);
    let waiting = raw::waiting(&w.store, w.source.channel.0, InboundId(0), 10).await.unwrap();
    assert_eq!(waiting.iter().map(|one| (one.id, one.attempt)).collect::<Vec<_>>(), [(row.id, 0), (other.id, 0)], "from the first try, in their order");
    assert_eq!(failed::count(&w.store, account).await.unwrap(), 0);
    // Given up again, a member looked: it is counted no more, and the row stays.
    raw::unreadable(&w.store, &waiting[0], "not a Telegram update", w.now).await.unwrap();
    assert_eq!(failed::looked_after(&w.store, &w.actor, row.id, w.now).await.unwrap(), 1);
    assert_eq!(failed::count(&w.store, account).await.unwrap(), 0);
    assert!(audit::verify(&w.store, account).await.unwrap().is_ok());
});

both!(async fn characters_nobody_can_keep_cost_no_message(store) {
    let w = World::new(store).await;
    let (account, channel) = (w.actor.account, w.source.channel.0);
    let bodies = [("1", r#"{"text":"сто\u0000п \ud83d"}"#), ("2", "{\"text\":\"а\u{0}б\"}")];
    assert_eq!(keep(&w.store, account, SourceKind::Channel, channel, &bodies, w.now).await, 2);
    let rows = raw::waiting(&w.store, channel, InboundId(0), 10).await.unwrap();
    let texts: Vec<String> = rows.iter().map(|row| serde_json::from_str::<serde_json::Value>(&row.payload).unwrap()["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["стоп \u{fffd}", "аб"]);
    let hook = [("h", "contacts[add][0][name]=\u{0}x")];
    assert_eq!(keep(&w.store, account, SourceKind::Crm, uuid::Uuid::now_v7(), &hook, w.now).await, 1);
});

// However many are on lists, planning works each list out once: no step looks through all contacts
// for each of them.
both!(async fn holding_is_worked_out_from_the_lists(store) {
    let Db::Sqlite(pool) = store.read() else { return };
    assert_eq!(store.engine(), Engine::Sqlite);
    let sql = sqlx::AssertSqlSafe(format!("explain query plan {}", concat!("select 1 from contact c where c.id in (", crate::stops!(people of "$1"), ")")));
    let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(pool).await.unwrap();
    let searched: Vec<&str> = steps.iter().map(|step| step.3.as_str()).filter(|step| step.starts_with("SEARCH x")).collect();
    assert_eq!(searched.len(), 2, "{steps:?}");
    assert!(searched.iter().all(|step| step.contains("account_id=? AND kind=? AND value=?")), "{steps:?}");
});

both!(async fn a_stop_that_names_the_person_alone_finds_their_dialogue(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    let named = |w: &World, chat: &str, kind: EventKind| {
        let mut event = w.event(chat, kind);
        event.profile.id = Some("51001002".to_owned());
        event
    };
    let stop = EventKind::Press { data: OPT_OUT_CALLBACK.to_owned(), query_id: "q".to_owned(), label: String::new() };
    // Nobody was met under that name yet: members are told, and it is there for whoever mends it.
    let row = w.raw().await;
    let lost = named(&w, "", stop.clone());
    assert_eq!(handle(&w.store, &w.source, &row, &[lost], w.now).await.unwrap(), Handled::Nobodys);
    assert_eq!(w.count("select count(*) from contact where account_id = $1").await, 1, "nobody was made of it");
    let row = w.raw().await;
    let said = named(&w, "77", EventKind::Text { body: "Здравствуйте".to_owned(), reply_to: None });
    assert!(matches!(handle(&w.store, &w.source, &row, &[said], w.now).await.unwrap(), Handled::Done(_)));
    let row = w.raw().await;
    let found = named(&w, "", stop);
    let Handled::Done(after) = handle(&w.store, &w.source, &row, &[found], w.now).await.unwrap() else { panic!("handled") };
    assert!(after.opted_out);
    assert!(w.grades(anna).await.2, "they are out");
    assert_eq!(after.presses.iter().map(|press| press.from.as_str()).collect::<Vec<_>>(), ["77"]);
});
