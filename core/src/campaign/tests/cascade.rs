//! Several steps: who begins where, to whom the next one goes, and that nobody is counted twice.

use super::*;
use crate::{
    campaign::cascade::{due, promote},
    channel::{MessageName, News, Receipt, lease},
    delivery::{
        People, Wanted,
        claim::{Claim, claim},
        outcome::{self, Outcome, Verdict, record},
        receipt,
    },
    id::AddressId,
    limits::AIR,
    opt_out,
};

/// A world with a second channel; everybody's addresses are made by [`reach`].
struct Two {
    w: World,
    second: ChannelId,
    /// [`Two::running`] has a third step, through the first channel.
    third: bool,
}

impl Two {
    async fn new(store: &Store) -> Self {
        let w = world(store).await;
        let second = ChannelId::new();
        run!(
            store,
            "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) select $2, account_id, kind, 'Второй', 'other', credentials, settings, state, hook_secret, created_at from channel where id = $1",
            w.channel,
            second
        );
        Self { w, second, third: false }
    }

    /// A contact with a chat at the first channel, the second, both or neither.
    async fn contact(&self, store: &Store, first: bool, second: bool) -> ContactId {
        let who = Person { chats: if first { vec!["reachable"] } else { Vec::new() }, ..fan() };
        let id = person(store, &self.w, &who).await;
        if second {
            run!(
                store,
                "insert into address (id, account_id, contact_id, kind, value, scope_id, state, created_at, updated_at) values ($1, $2, $3, 'telegram', $4, $5, 'reachable', $6, $6)",
                AddressId::new(),
                self.w.owner.account,
                id,
                ContactId::new().to_string(),
                self.second,
                self.w.now
            );
        }
        id
    }

    /// A running campaign of two steps: the second goes to whom the first did not reach within half
    /// an hour. `leads_on`: as of a channel that tells so much.
    async fn running(&self, store: &Store, people: i64, leads_on: &str) -> CampaignId {
        let w = &self.w;
        let id = ready(store, w).await;
        let wait = TimeDelta::minutes(30);
        let step = Change::AddStep { next_on: NextOn::Unread, wait, channel: Some(self.second), version: Some(w.version) };
        assert_eq!(draft::edit(store, &w.manager, id, step, w.now).await.unwrap(), Edited::Changed);
        if self.third {
            let step = Change::AddStep {
                next_on: NextOn::Undelivered,
                wait: TimeDelta::minutes(5),
                channel: Some(w.channel),
                version: Some(w.version),
            };
            draft::edit(store, &w.manager, id, step, w.now).await.unwrap();
        }
        approval::submit(store, &w.manager, id, w.now).await.unwrap();
        approval::approve(store, &w.approver, id, w.now).await.unwrap();
        approval::launch(store, &w.manager, id, people, w.now).await.unwrap();
        let planned = plan::plan(store, id, w.now).await.unwrap();
        assert!(matches!(planned, Planned::Running { ref channels, .. } if channels.len() == 2), "{planned:?}");
        run!(store, "update delivery set next_on = $2 where campaign_id = $1 and step = 1", id, leads_on);
        id
    }

    /// Claims what waits of a step.
    async fn claimed(&self, store: &Store, id: CampaignId, step: i16, now: Moment) -> Vec<delivery::claim::Claimed> {
        let channel = if step == 2 { self.second } else { self.w.channel };
        run!(store, "update channel set lease_until = null where id = $1", channel);
        let lease = lease::take(store, channel, "w", now).await.unwrap().unwrap();
        match claim(store, self.w.owner.account, (id, step), lease, 100, AIR, None, now).await.unwrap() {
            Claim::Rows { rows, .. } => rows,
            Claim::Closed(why) => panic!("{why:?}"),
        }
    }

    async fn say(&self, store: &Store, step: i16, message: &str, receipt: Receipt, now: Moment) {
        let channel = if step == 2 { self.second } else { self.w.channel };
        let news = News { message: MessageName::Ref(message.to_owned()), message_ref: None, receipt, at: None, detail: None, charge: None };
        let mut tx = store.begin().await.unwrap();
        receipt::apply(&mut tx, self.w.owner.account, channel, &[news], now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn people(&self, store: &Store, id: CampaignId) -> People {
        let books = delivery::books::books(store, self.w.owner.account, id).await.unwrap();
        assert!(books.balanced(), "{books:?}");
        let numbers = view::numbers(store, self.w.owner.account, id).await.unwrap();
        let people = numbers.people;
        assert_eq!(numbers.audience, people.open + people.reached + people.unknown + people.missed);
        people
    }

    /// State, reason, whether another message speaks for the person: step by step.
    async fn rows(&self, store: &Store, id: CampaignId, contact: ContactId) -> Vec<(i16, String, Option<String>, bool)> {
        on!(store.read(), |c| sqlx::query_as(
            "select step, state, reason, passed from delivery where campaign_id = $1 and contact_id = $2 order by step"
        )
        .bind(id)
        .bind(contact)
        .fetch_all(c)
        .await)
        .unwrap()
    }
}

fn sent(row: &delivery::claim::Claimed, at: Moment) -> Outcome {
    Outcome::of(row, Verdict::Sent { message_ref: format!("{}", row.delivery), at })
}

fn failed(row: &delivery::claim::Claimed, reason: Reason) -> Outcome {
    Outcome::of(row, Verdict::Failed { reason })
}

both!(async fn everybody_begins_at_the_first_step_they_can_be_reached_by(store) {
    let two = Two::new(&store).await;
    let (both, second, neither) =
        (two.contact(&store, true, true).await, two.contact(&store, false, true).await, two.contact(&store, false, false).await);
    let id = ready(&store, &two.w).await;
    let step = Change::AddStep { next_on: NextOn::Unread, wait: TimeDelta::hours(2), channel: Some(two.second), version: Some(two.w.version) };
    draft::edit(&store, &two.w.manager, id, step, two.w.now).await.unwrap();
    let seen = get(&store, two.w.owner.account, id).await.unwrap();
    let forecast = audience::forecast(&store, &seen, two.w.now).await.unwrap();
    assert_eq!((forecast.audience, forecast.planned, forecast.skipped.clone()), (3, 2, vec![(Reason::NoAddress, 1)]));
    let steps: Vec<_> = forecast.steps.iter().map(|step| (step.step, step.begin, step.most)).collect();
    assert_eq!(steps, [(1, 1, 1), (2, 1, 2)]);
    draft::delete(&store, &two.w.manager, id, two.w.now).await.unwrap();

    let id = two.running(&store, 2, "unread").await;
    assert_eq!(two.rows(&store, id, both).await, [(1, "queued".to_owned(), None, false)]);
    assert_eq!(two.rows(&store, id, second).await, [(2, "queued".to_owned(), None, false)]);
    assert_eq!(two.rows(&store, id, neither).await, [(1, "skipped".to_owned(), Some("no_address".to_owned()), false)]);
    assert_eq!(two.people(&store, id).await, People { open: 2, missed: 1, ..People::default() });
});

both!(async fn what_certainly_did_not_arrive_goes_on_at_once_and_the_rest_in_time(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let mut contacts = Vec::new();
    for _ in 0..4 {
        contacts.push(two.contact(&store, true, true).await);
    }
    let alone = two.contact(&store, true, false).await;
    let id = two.running(&store, 5, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    let of = |contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap();
    let outcomes = [
        failed(of(contacts[0]), Reason::Unreachable),
        sent(of(contacts[1]), now),
        sent(of(contacts[2]), now),
        Outcome::of(of(contacts[3]), Verdict::Uncertain),
        failed(of(alone), Reason::Rejected),
    ];
    record(&store, &outcomes, now).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { open: 5, ..People::default() });
    assert_eq!(due(&store, now).await.unwrap(), [(two.w.owner.account, id)]);

    // At once: whom it certainly did not reach, where they can be reached at all.
    let promoted = promote(&store, id, now).await.unwrap();
    assert_eq!((promoted.people, promoted.channels), (1, vec![two.second]));
    assert_eq!(promote(&store, id, now).await.unwrap().people, 0, "once");
    assert_eq!(two.people(&store, id).await, People { open: 4, missed: 1, ..People::default() });

    // In time: what was not read. What was is left alone, and what nobody knows goes on too.
    two.say(&store, 1, &of(contacts[1]).delivery.to_string(), Receipt::Read, now).await;
    two.say(&store, 1, &of(contacts[2]).delivery.to_string(), Receipt::Delivered, now).await;
    assert_eq!(promote(&store, id, now + TimeDelta::minutes(29)).await.unwrap().people, 0);
    let later = now + TimeDelta::minutes(30);
    assert_eq!(promote(&store, id, later).await.unwrap().people, 2);
    let reached = |rows: &[(i16, String, Option<String>, bool)]| rows.iter().map(|(step, state, _, passed)| (*step, state.clone(), *passed)).collect::<Vec<_>>();
    assert_eq!(reached(&two.rows(&store, id, contacts[1]).await), [(1, "read".to_owned(), false)]);
    assert_eq!(reached(&two.rows(&store, id, contacts[2]).await), [(1, "delivered".to_owned(), true), (2, "queued".to_owned(), false)]);
    assert_eq!(reached(&two.rows(&store, id, contacts[3]).await), [(1, "uncertain".to_owned(), true), (2, "queued".to_owned(), false)]);

    // Each of the three gets the second step, although the first stamped them for the frequency
    // cap: to it a campaign is one message.
    let rows = two.claimed(&store, id, 2, later).await;
    assert_eq!(rows.len(), 3);
    record(&store, &rows.iter().map(|row| sent(row, later)).collect::<Vec<_>>(), later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 4, missed: 1, ..People::default() });
    let numbers = view::numbers(&store, two.w.owner.account, id).await.unwrap();
    assert_eq!((numbers.audience, numbers.planned, numbers.sent), (5, 8, 5));
    let closed = report::close(&store, id, note, later).await.unwrap();
    assert!(matches!(closed, Closed::Now { balanced: true, .. }), "{closed:?}");
});

both!(async fn a_step_whose_messages_all_fail_the_same_way_pauses_the_campaign(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let failures = usize::try_from(outcome::BREAKER).unwrap();
    for n in 0..failures {
        // To some of them the next step can go, to some it went already, and some it ends for.
        two.contact(&store, true, n % 2 == 0).await;
    }
    let id = two.running(&store, outcome::BREAKER, "unread").await;
    let account = two.w.owner.account;
    let rows = two.claimed(&store, id, 1, now).await;
    let fail = |rows: &[delivery::claim::Claimed]| rows.iter().map(|row| failed(row, Reason::Rejected)).collect::<Vec<_>>();
    let (most, last) = rows.split_at(failures - 1);
    let recorded = record(&store, &fail(most), now).await.unwrap();
    assert_eq!(outcome::breaker(&store, account, (id, 1), recorded.steps[&(id, 1)], outcome::Refused::AtOnce).await.unwrap(), None);
    promote(&store, id, now).await.unwrap();
    let recorded = record(&store, &fail(last), now).await.unwrap();
    let wanted = outcome::breaker(&store, account, (id, 1), recorded.steps[&(id, 1)], outcome::Refused::AtOnce).await.unwrap();
    assert_eq!(wanted, Some(Wanted::Pause(Why::AllFailed(Box::new(Reason::Rejected.into())))));
    assert_eq!(outcome::breaker(&store, account, (id, 2), 1, outcome::Refused::AtOnce).await.unwrap(), None, "the second step has failed nobody");
});

both!(async fn an_unknown_outcome_is_asked_about_while_no_further_step_took_over(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (on, alone) = (two.contact(&store, true, true).await, two.contact(&store, true, false).await);
    let id = two.running(&store, 2, "undelivered").await;
    run!(store, "update campaign set uncertain_policy = 'ask' where id = $1", id);
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &rows.iter().map(|row| Outcome::of(row, Verdict::Uncertain)).collect::<Vec<_>>(), now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { open: 1, unknown: 1, ..People::default() });
    let second = two.claimed(&store, id, 2, later).await;
    record(&store, &[sent(&second[0], later)], later).await.unwrap();
    // Said of the one whom nothing else reached, and sent to that one alone.
    for word in [control::Word::Leave, control::Word::Resend] {
        run!(store, "update campaign set uncertain_policy = 'ask' where id = $1", id);
        tick::tick(&store, later).await.unwrap();
        let decide = |about| control::decide_uncertain(&store, &two.w.manager, id, word, about, later);
        assert!(matches!(decide(2).await, Err(CampaignError::Changed)), "the card told of another number");
        assert_eq!(decide(1).await.unwrap(), 1);
        assert!(matches!(decide(1).await, Err(CampaignError::Changed)), "a colleague decided before");
    }
    let states = async |contact| two.rows(&store, id, contact).await.into_iter().map(|(_, state, ..)| state).collect::<Vec<_>>();
    assert_eq!(states(on).await, ["uncertain", "sent"]);
    assert_eq!(states(alone).await, ["queued"]);
});

both!(async fn unknown_outcomes_that_further_steps_took_over_pause_nothing(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "undelivered").await;
    run!(store, "update campaign set uncertain_policy = 'ask' where id = $1", id);
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[Outcome::of(&rows[0], Verdict::Uncertain)], now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    let second = two.claimed(&store, id, 2, later).await;
    record(&store, &[sent(&second[0], later)], later).await.unwrap();
    assert_eq!(tick::due(&store, later).await.unwrap(), [(two.w.owner.account, id, schedule::Due::Close)]);
});

both!(async fn a_campaign_does_not_close_while_a_further_step_may_go(store) {
    let two = Two::new(&store).await;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "undelivered").await;
    let rows = two.claimed(&store, id, 1, two.w.now).await;
    record(&store, &[sent(&rows[0], two.w.now)], two.w.now).await.unwrap();
    assert_eq!(report::close(&store, id, note, two.w.now).await.unwrap(), Closed::NotYet);
    two.say(&store, 1, &rows[0].delivery.to_string(), Receipt::Delivered, two.w.now).await;
    assert!(matches!(report::close(&store, id, note, two.w.now).await.unwrap(), Closed::Now { .. }));
});

both!(async fn a_late_read_takes_the_waiting_step_back(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (waits, flies, over) =
        (two.contact(&store, true, true).await, two.contact(&store, true, true).await, two.contact(&store, true, true).await);
    let id = two.running(&store, 3, "unread").await;
    let first = two.claimed(&store, id, 1, now).await;
    record(&store, &first.iter().map(|row| sent(row, now)).collect::<Vec<_>>(), now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    assert_eq!(promote(&store, id, later).await.unwrap().people, 3);
    let message = |contact: ContactId| first.iter().find(|row| row.contact == contact).unwrap().delivery.to_string();

    // Read before the next step is claimed: it does not go.
    two.say(&store, 1, &message(waits), Receipt::Read, later).await;
    let rows = two.claimed(&store, id, 2, later).await;
    assert!(rows.iter().all(|row| row.contact != waits) && rows.len() == 2, "{rows:?}");
    // Read while it is in flight: it cannot be taken back, and the person was reached by both.
    two.say(&store, 1, &message(flies), Receipt::Read, later).await;
    let of = |contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap();
    record(&store, &[sent(of(flies), later), failed(of(over), Reason::Blocked)], later).await.unwrap();
    // Read after the next step failed: the first one speaks for the person again.
    two.say(&store, 1, &message(over), Receipt::Read, later).await;
    assert_eq!(promote(&store, id, later).await.unwrap().people, 0);
    assert_eq!(two.people(&store, id).await, People { reached: 3, ..People::default() });
    assert_eq!(
        two.rows(&store, id, waits).await,
        [(1, "read".to_owned(), None, false), (2, "cancelled".to_owned(), Some("reached".to_owned()), true)]
    );
    assert_eq!(
        two.rows(&store, id, over).await,
        [(1, "read".to_owned(), None, false), (2, "failed".to_owned(), Some("blocked".to_owned()), true)]
    );
});

both!(async fn the_claim_of_a_later_step_looks_again(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let contact = two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[sent(&rows[0], now)], now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    // As if the receipt had been written by another process at the very moment.
    run!(store, "update delivery set state = 'read', read_at = $2 where campaign_id = $1 and step = 1", id, later);
    let mut tx = store.begin().await.unwrap();
    let mut moves = Moves::default();
    let at = |state| delivery::counts::At::of(state, None, false, true);
    moves.step(delivery::Part::first(id), true, at(delivery::State::Sent), at(delivery::State::Read));
    moves.write(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(two.claimed(&store, id, 2, later).await.is_empty());
    promote(&store, id, later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 1, ..People::default() });
    assert_eq!(
        two.rows(&store, id, contact).await,
        [(1, "read".to_owned(), None, false), (2, "skipped".to_owned(), Some("reached".to_owned()), true)]
    );
});

// After an hour without workers the next step went to people whose «read» had come meanwhile and
// was not understood yet.
both!(async fn a_further_step_waits_until_what_came_in_is_understood(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (early, late) = (two.contact(&store, true, true).await, two.contact(&store, true, true).await);
    let id = two.running(&store, 2, "unread").await;
    let first = two.claimed(&store, id, 1, now).await;
    let message = |contact: ContactId| first.iter().find(|row| row.contact == contact).unwrap();
    record(&store, &[sent(message(early), now)], now).await.unwrap();
    record(&store, &[sent(message(late), now + TimeDelta::minutes(20))], now).await.unwrap();
    let (came, looked) = (now + TimeDelta::minutes(40), now + TimeDelta::minutes(90));
    let came_in = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, received_at) \
        values ($1, 'channel', $2, 'unheard', '{}', 'new', $3, $3)";
    run!(&store, came_in, two.w.owner.account, two.w.channel, came);
    assert_eq!(promote(&store, id, looked).await.unwrap().people, 1, "whose time was over before it came");
    assert_eq!(two.rows(&store, id, late).await.len(), 1);
    // What is queued already waits, too.
    let lease = lease::take(&store, two.second, "w", looked).await.unwrap().unwrap();
    let due = async || delivery::claim::campaigns_due(&store, lease, two.w.owner.account, looked).await.unwrap();
    assert_eq!(due().await, []);
    // An event that is put off is not waited for.
    run!(&store, "update inbound set due_at = $2 where source_id = $1", two.w.channel, looked + TimeDelta::minutes(5));
    assert_eq!(due().await, [(id, 2)]);
    assert_eq!(promote(&store, id, looked).await.unwrap().people, 1);
});

both!(async fn whoever_says_stop_gets_no_further_step(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (waited, queued) = (two.contact(&store, true, true).await, two.contact(&store, true, true).await);
    let id = two.running(&store, 2, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    let of = |contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap();
    record(&store, &[sent(of(waited), now), failed(of(queued), Reason::Unreachable)], now).await.unwrap();
    promote(&store, id, now).await.unwrap();
    for contact in [waited, queued] {
        opt_out::opt_out_by_member(&store, &two.w.owner, contact, now).await.unwrap();
    }
    assert_eq!(two.people(&store, id).await, People { reached: 1, missed: 1, ..People::default() });
    assert_eq!(promote(&store, id, now + TimeDelta::days(1)).await.unwrap().people, 0);
    assert_eq!(two.rows(&store, id, waited).await, [(1, "sent".to_owned(), None, false)]);
});

both!(async fn a_stopped_campaign_and_a_closed_window_wait_for_no_further_step(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[sent(&rows[0], now)], now).await.unwrap();
    control::pause(&store, &two.w.manager, id, now).await.unwrap();
    let later = now + TimeDelta::hours(1);
    assert!(due(&store, later).await.unwrap().is_empty(), "paused");
    assert_eq!(promote(&store, id, later).await.unwrap().people, 0, "paused");
    control::stop(&store, &two.w.manager, id, later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 1, ..People::default() });
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { .. }));
});

both!(async fn a_step_that_did_not_go_leaves_the_stamp_of_the_one_that_did(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let contact = two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[sent(&rows[0], now)], now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    let rows = two.claimed(&store, id, 2, later).await;
    record(&store, &[failed(&rows[0], Reason::Blocked)], later).await.unwrap();
    let stamp: Option<Moment> =
        on!(store.read(), |c| sqlx::query_scalar("select last_marketing_at from contact where id = $1").bind(contact).fetch_one(c).await).unwrap();
    assert_eq!(stamp, Some(now), "the first step went to them");
});

both!(async fn the_cap_holds_no_step_of_the_same_campaign_however_often_it_is_put_back(store) {
    let mut two = Two::new(&store).await;
    let (now, account) = (two.w.now, two.w.owner.account);
    let (back, on) = (two.contact(&store, true, true).await, two.contact(&store, true, true).await);
    // A third step, through the first channel again.
    two.third = true;
    let id = two.running(&store, 2, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &rows.iter().map(|row| sent(row, now)).collect::<Vec<_>>(), now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    let second = two.claimed(&store, id, 2, later).await;
    let of = |rows: &[delivery::claim::Claimed], contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap().clone();
    let put_back = [Verdict::Later { due_at: later }, Verdict::Returned, Verdict::Held { until: later }];
    let mut row = of(&second, back);
    for verdict in put_back {
        record(&store, &[Outcome::of(&row, verdict)], later).await.unwrap();
        let again = two.claimed(&store, id, 2, later).await;
        assert_eq!(again.len(), 1, "{:?}", two.rows(&store, id, back).await);
        row = again[0].clone();
    }
    record(&store, &[sent(&row, later), failed(&of(&second, on), Reason::Unreachable)], later).await.unwrap();
    promote(&store, id, later).await.unwrap();
    let third = two.claimed(&store, id, 3, later).await;
    assert_eq!(third.iter().map(|row| row.contact).collect::<Vec<_>>(), [on], "the step that failed left no stamp of its own");
    record(&store, &[sent(&third[0], later)], later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 2, ..People::default() });
    // To another campaign the last message counts.
    let other = ready(&store, &two.w).await;
    let seen = get(&store, account, other).await.unwrap();
    let forecast = audience::forecast(&store, &seen, later).await.unwrap();
    assert_eq!(forecast.skipped, [(Reason::FrequencyCap, 2)]);
});

both!(async fn whoever_got_the_first_step_was_reached_whatever_became_of_the_second(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let mut contacts = Vec::new();
    for _ in 0..5 {
        contacts.push(two.contact(&store, true, true).await);
    }
    let id = two.running(&store, 5, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    let of = |rows: &[delivery::claim::Claimed], contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap().clone();
    // The last one's first step has an unknown outcome.
    let outcomes: Vec<_> = contacts[..4].iter().map(|contact| sent(&of(&rows, *contact), now)).collect();
    record(&store, &outcomes, now).await.unwrap();
    record(&store, &[Outcome::of(&of(&rows, contacts[4]), Verdict::Uncertain)], now).await.unwrap();
    two.say(&store, 1, &of(&rows, contacts[0]).delivery.to_string(), Receipt::Delivered, now).await;
    let later = now + TimeDelta::minutes(30);
    assert_eq!(promote(&store, id, later).await.unwrap().people, 5);
    // Failed, opted out, and still waiting when the campaign is stopped.
    let second = two.claimed(&store, id, 2, later).await;
    let back = |contact| Outcome::of(&of(&second, contact), Verdict::Returned);
    record(&store, &[failed(&of(&second, contacts[0]), Reason::Unreachable), back(contacts[1]), back(contacts[2])], later).await.unwrap();
    record(&store, &[failed(&of(&second, contacts[3]), Reason::Rejected), back(contacts[4])], later).await.unwrap();
    promote(&store, id, later).await.unwrap();
    opt_out::opt_out_by_member(&store, &two.w.owner, contacts[1], later).await.unwrap();
    control::stop(&store, &two.w.manager, id, later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 4, unknown: 1, ..People::default() });
    for contact in &contacts {
        let rows = two.rows(&store, id, *contact).await;
        assert_eq!(rows.iter().map(|(step, .., passed)| (*step, *passed)).collect::<Vec<_>>(), [(1, false), (2, true)], "{rows:?}");
    }
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { balanced: true, .. }));
});

both!(async fn what_is_refused_after_a_campaign_closed_leaves_nobody_open(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    // The channel tells no more than what certainly did not go.
    let id = two.running(&store, 1, "failed").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[sent(&rows[0], now)], now).await.unwrap();
    let message = rows[0].delivery.to_string();
    assert!(matches!(report::close(&store, id, note, now).await.unwrap(), Closed::Now { .. }));
    two.say(&store, 1, &message, Receipt::Failed(Reason::Unreachable), now).await;
    assert_eq!(two.people(&store, id).await, People { missed: 1, ..People::default() }, "nobody looks at it any more");
    assert!(due(&store, now).await.unwrap().is_empty());
});

both!(async fn what_is_refused_after_a_campaign_closed_gives_the_word_to_an_earlier_step(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let contact = two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let first = two.claimed(&store, id, 1, now).await;
    record(&store, &[sent(&first[0], now)], now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    let second = two.claimed(&store, id, 2, later).await;
    record(&store, &[sent(&second[0], later)], later).await.unwrap();
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { .. }));
    two.say(&store, 1, &first[0].delivery.to_string(), Receipt::Delivered, later).await;
    two.say(&store, 2, &second[0].delivery.to_string(), Receipt::Failed(Reason::Rejected), later).await;
    assert_eq!(two.people(&store, id).await, People { reached: 1, ..People::default() });
    let steps = two.rows(&store, id, contact).await;
    assert_eq!(steps[1], (2, "failed".to_owned(), Some("rejected".to_owned()), true));
    assert!(due(&store, later).await.unwrap().is_empty());
});

// An answer whose sight was lost may come when everything else is over.
both!(async fn an_answer_that_comes_after_a_campaign_closed_leaves_nobody_open(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let mut contacts = Vec::new();
    for _ in 0..3 {
        contacts.push(two.contact(&store, true, true).await);
    }
    let id = two.running(&store, 3, "undelivered").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &rows.iter().map(|row| Outcome::of(row, Verdict::Uncertain)).collect::<Vec<_>>(), now).await.unwrap();
    control::stop(&store, &two.w.manager, id, now).await.unwrap();
    assert!(matches!(report::close(&store, id, note, now).await.unwrap(), Closed::Now { .. }));
    let of = |n: usize| rows.iter().find(|row| row.contact == contacts[n]).unwrap();
    let again = Outcome::of(of(2), Verdict::Later { due_at: now });
    record(&store, &[failed(of(0), Reason::Rejected), sent(of(1), now), again], now).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 1, missed: 2, ..People::default() });
    let end = two.rows(&store, id, contacts[2]).await;
    assert_eq!(end, [(1, "cancelled".to_owned(), Some("window_closed".to_owned()), false)], "nothing goes any more");
    assert!(due(&store, now + TimeDelta::days(1)).await.unwrap().is_empty());
});

// The earlier message was left out, because something held it, and nobody looked again: the person
// counted as missed for good.
#[tokio::test]
async fn whoever_an_earlier_step_reached_is_looked_at_again_when_its_message_was_held() {
    let store = crate::testing::store(crate::store::Engine::Postgres).await;
    let two = Two::new(&store).await;
    let now = two.w.now;
    let contacts = [two.contact(&store, true, true).await, two.contact(&store, true, true).await];
    let id = two.running(&store, 2, "unread").await;
    let first = two.claimed(&store, id, 1, now).await;
    record(&store, &first.iter().map(|row| sent(row, now)).collect::<Vec<_>>(), now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    promote(&store, id, later).await.unwrap();
    let second = two.claimed(&store, id, 2, later).await;
    let of = |n: usize| second.iter().find(|row| row.contact == contacts[n]).unwrap();
    record(&store, &[failed(of(0), Reason::Rejected), Outcome::of(of(1), Verdict::Returned)], later).await.unwrap();

    let mut holds = store.begin().await.unwrap();
    let held: Vec<i64> =
        on!(holds.conn(), |c| sqlx::query_scalar("select id from delivery where campaign_id = $1 and step = 1 for update")
            .bind(id)
            .fetch_all(c)
            .await)
        .unwrap();
    assert_eq!(held.len(), 2);
    promote(&store, id, later).await.unwrap();
    opt_out::opt_out_by_member(&store, &two.w.owner, contacts[1], later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { open: 2, ..People::default() });
    assert_eq!(report::close(&store, id, note, later).await.unwrap(), Closed::NotYet);
    holds.commit().await.unwrap();
    assert_eq!(due(&store, later).await.unwrap(), [(two.w.owner.account, id)]);
    promote(&store, id, later).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 2, ..People::default() });
    assert!(matches!(report::close(&store, id, note, later).await.unwrap(), Closed::Now { balanced: true, .. }));
}

both!(async fn what_was_sent_again_and_arrived_waits_for_its_receipts(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    record(&store, &[Outcome::of(&rows[0], Verdict::Again { due_at: now + TimeDelta::seconds(30) })], now).await.unwrap();
    // The first try did arrive; nobody read it.
    run!(store, "update delivery set message_ref = 'm' where campaign_id = $1", id);
    two.say(&store, 1, "m", Receipt::Delivered, now).await;
    assert_eq!(two.people(&store, id).await, People { open: 1, ..People::default() });
    assert_eq!(report::close(&store, id, note, now).await.unwrap(), Closed::NotYet);
    assert_eq!(promote(&store, id, now + TimeDelta::minutes(30)).await.unwrap().people, 1);
});

both!(async fn nothing_goes_again_once_the_next_step_took_over(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (back, again) = (two.contact(&store, true, true).await, two.contact(&store, true, true).await);
    let id = two.running(&store, 2, "undelivered").await;
    let rows = two.claimed(&store, id, 1, now).await;
    let of = |contact: ContactId| rows.iter().find(|row| row.contact == contact).unwrap();
    record(&store, &[Outcome::of(of(back), Verdict::Uncertain), Outcome::of(of(again), Verdict::Uncertain)], now).await.unwrap();
    let later = now + TimeDelta::minutes(30);
    assert_eq!(promote(&store, id, later).await.unwrap().people, 2);
    // A process that was frozen says now that its call did not go, or that it cannot tell.
    let late = [Outcome::of(of(back), Verdict::Later { due_at: later }), Outcome::of(of(again), Verdict::Again { due_at: later })];
    record(&store, &late, later).await.unwrap();
    assert!(two.claimed(&store, id, 1, later).await.is_empty());
    let first = async |contact| two.rows(&store, id, contact).await[0].clone();
    assert_eq!(first(back).await, (1, "cancelled".to_owned(), Some("taken_over".to_owned()), true));
    assert_eq!(first(again).await, (1, "uncertain".to_owned(), Some("no_answer".to_owned()), true));
    assert_eq!(two.people(&store, id).await, People { open: 2, ..People::default() });
});

both!(async fn whoever_told_the_messenger_to_stop_gets_no_further_step(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    // As the pump records it, before the suppression of another change is there.
    record(&store, &[failed(&rows[0], Reason::OptedOut)], now).await.unwrap();
    assert_eq!(promote(&store, id, now).await.unwrap().people, 0);
    assert_eq!(two.people(&store, id).await, People { missed: 1, ..People::default() });
});

both!(async fn a_clock_that_was_ahead_makes_nobody_wait_for_longer(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    two.contact(&store, true, true).await;
    let id = two.running(&store, 1, "unread").await;
    let rows = two.claimed(&store, id, 1, now).await;
    let ahead = now + TimeDelta::days(1);
    record(&store, &[sent(&rows[0], ahead)], ahead).await.unwrap();
    run!(store, "insert into clock_seen (id, at) values (1, $1) on conflict (id) do update set at = excluded.at", ahead);
    assert!(store.watch_clock(now).await.unwrap());
    assert_eq!(promote(&store, id, now).await.unwrap().people, 0, "it was just sent");
    assert_eq!(promote(&store, id, now + TimeDelta::minutes(31)).await.unwrap().people, 1);
});

both!(async fn people_of_a_removed_channel_go_on_to_the_next(store) {
    let two = Two::new(&store).await;
    let now = two.w.now;
    let (both, alone) = (two.contact(&store, true, true).await, two.contact(&store, true, false).await);
    let id = two.running(&store, 2, "unread").await;
    run!(store, "update channel set state = 'removed' where id = $1", two.w.channel);
    tick::tick(&store, now).await.unwrap();
    let first = async |contact| two.rows(&store, id, contact).await[0].clone();
    assert_eq!(first(alone).await, (1, "cancelled".to_owned(), Some("channel_removed".to_owned()), false));
    assert_eq!(promote(&store, id, now).await.unwrap().people, 1);
    let rows = two.claimed(&store, id, 2, now).await;
    assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [both]);
    record(&store, &[sent(&rows[0], now)], now).await.unwrap();
    assert_eq!(two.people(&store, id).await, People { reached: 1, missed: 1, ..People::default() });
    assert!(matches!(report::close(&store, id, note, now).await.unwrap(), Closed::Now { .. }));
});

both!(async fn steps_are_added_changed_and_taken_away(store) {
    let two = Two::new(&store).await;
    let w = &two.w;
    let id = ready(&store, w).await;
    let minutes = TimeDelta::minutes;
    let add = |wait| Change::AddStep { next_on: NextOn::Undelivered, wait, channel: Some(two.second), version: Some(w.version) };
    for bad in [minutes(4), TimeDelta::days(8)] {
        assert!(matches!(draft::edit(&store, &w.manager, id, add(bad), w.now).await, Err(CampaignError::BadWait)));
    }
    for n in 2..=STEPS {
        draft::edit(&store, &w.manager, id, add(minutes(5 * i64::from(n))), w.now).await.unwrap();
    }
    assert!(matches!(draft::edit(&store, &w.manager, id, add(minutes(5)), w.now).await, Err(CampaignError::TooManySteps)));
    draft::edit(&store, &w.manager, id, Change::Rule { step: 1, next_on: NextOn::Unread, wait: minutes(60) }, w.now).await.unwrap();
    draft::edit(&store, &w.manager, id, Change::RemoveStep(2), w.now).await.unwrap();
    let row = get(&store, w.owner.account, id).await.unwrap();
    let steps: Vec<_> = row.steps.iter().map(|step| (step.step, step.next_on, step.wait_seconds / 60)).collect();
    // Each keeps its own rule; the last one leads nowhere.
    assert_eq!(steps[..3], [(1, NextOn::Unread, 60), (2, NextOn::Undelivered, 20), (3, NextOn::Undelivered, 25)]);
    assert_eq!((steps.len(), row.channels().len()), (4, 2));
    let copy = draft::duplicate(&store, &w.manager, id, "Копия", w.now).await.unwrap();
    assert_eq!(get(&store, w.owner.account, copy).await.unwrap().steps, row.steps);
    for step in [4, 3, 2] {
        draft::edit(&store, &w.manager, id, Change::RemoveStep(step), w.now).await.unwrap();
    }
    assert!(matches!(draft::edit(&store, &w.manager, id, Change::RemoveStep(1), w.now).await, Err(CampaignError::NoStep)));
    let row = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!(row.steps.iter().map(|step| (step.step, step.next_on)).collect::<Vec<_>>(), [(1, NextOn::Never)]);
});

both!(async fn a_changed_step_voids_the_approval(store) {
    let two = Two::new(&store).await;
    let w = &two.w;
    two.contact(&store, true, true).await;
    let add = Change::AddStep { next_on: NextOn::Unread, wait: TimeDelta::hours(1), channel: Some(two.second), version: Some(w.version) };
    let changes = [
        Change::Channel(2, w.channel),
        Change::Rule { step: 1, next_on: NextOn::Undelivered, wait: TimeDelta::hours(1) },
        Change::Rule { step: 1, next_on: NextOn::Unread, wait: TimeDelta::hours(2) },
        Change::RemoveStep(2),
        add.clone(),
    ];
    for change in changes {
        let id = ready(&store, w).await;
        draft::edit(&store, &w.manager, id, add.clone(), w.now).await.unwrap();
        approval::submit(&store, &w.manager, id, w.now).await.unwrap();
        approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        assert_eq!(draft::edit(&store, &w.manager, id, change.clone(), w.now).await.unwrap(), Edited::Voided, "{change:?}");
    }
});

// An approval of the time before steps was bound to another shape of the same things.
both!(async fn an_approval_of_before_campaigns_had_steps_holds(store) {
    let w = world(&store).await;
    crowd(&store, &w, 1).await;
    let id = approved(&store, &w).await;
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    let spec = spec::load(spec::Via::Read(&store), &campaign).await.unwrap();
    let first = spec.first_hash().unwrap().unwrap();
    assert_ne!(Some(&first), campaign.approved_hash.as_ref());
    run!(store, "update campaign set approved_hash = $2 where id = $1", id, first);
    approval::launch(&store, &w.manager, id, 1, w.now).await.unwrap();
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { .. }));
});
