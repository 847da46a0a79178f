use std::time::Duration;

use chrono::TimeDelta;

use super::{
    State,
    books::books,
    cancel_campaign_some, cancel_contact,
    claim::{Claim, Claimed, Closed, claim},
    counts::counts,
    fixture::Fixture,
    kept,
    outcome::{self, Outcome, Tried, Verdict, judge},
    outgoing::{self, ClaimedOutgoing, NewOutgoing, OutgoingMessage, OutgoingOutcome, OutgoingPurpose},
    recovery, stats,
};
use crate::{
    both,
    campaign::control,
    channel::{
        Channel as _, Resolution, SendError,
        lease::{self, Lease},
        telegram::Telegram,
    },
    clock,
    id::{CampaignId, ChannelId},
    limits::AIR,
    on, opt_out,
    secret::Secret,
    store::{Store, Tx},
    text::Rich,
    words::{Reason, UncertainPolicy, Why},
};

mod again;
mod cap;
mod daily;
mod kept_words;
mod limits;
mod lists;
mod nobody;
mod unlawful;

/// Cancels all that waits of a campaign, as stopping it does; how many messages that were.
async fn stop(tx: &mut Tx, fixture: &Fixture, campaign: CampaignId) -> sqlx::Result<u64> {
    cancel_campaign_some(tx, fixture.account, campaign, Reason::CampaignStopped, 1_000, clock::now()).await
}

async fn lease(store: &Store, fixture: &Fixture) -> Lease {
    lease::take(store, fixture.channel, "w", clock::now()).await.unwrap().unwrap()
}

async fn take(store: &Store, fixture: &Fixture, campaign: CampaignId, lease: Lease, limit: i64) -> Vec<Claimed> {
    match claim(store, fixture.account, (campaign, 1), lease, limit, AIR, None, clock::now()).await.unwrap() {
        Claim::Rows { rows, .. } => rows,
        Claim::Closed(why) => panic!("closed: {why:?}"),
    }
}

fn sent(row: &Claimed) -> Outcome {
    Outcome::of(row, Verdict::Sent { message_ref: format!("{}:1", row.to), at: clock::now() })
}

async fn balanced(store: &Store, fixture: &Fixture, campaign: CampaignId) {
    let books = books(store, fixture.account, campaign).await.unwrap();
    assert!(books.balanced(), "{books:?}");
}

both!(
    async fn claims_each_once_and_records(store) {
        let fixture = Fixture::new(&store, 5, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 5, None).await;
        let lease = lease(&store, &fixture).await;
        let first = take(&store, &fixture, campaign, lease, 3).await;
        let second = take(&store, &fixture, campaign, lease, 3).await;
        assert_eq!((first.len(), second.len()), (3, 2));
        assert!(first.iter().all(|row| second.iter().all(|other| other.delivery != row.delivery)));
        assert!(take(&store, &fixture, campaign, lease, 3).await.is_empty());
        assert_eq!((first[0].attempt, first[0].to.as_str(), first[0].first_name.as_str()), (1, "1000", "Анна"));
        balanced(&store, &fixture, campaign).await;
        let now = clock::now();
        let outcomes = [
            sent(&first[0]),
            Outcome::of(&first[1], Verdict::Failed { reason: Reason::Unreachable }),
            Outcome::of(&first[2], Verdict::Later { due_at: now + TimeDelta::seconds(60) }),
            Outcome::of(&second[0], Verdict::Uncertain),
            Outcome::of(&second[1], Verdict::Returned),
        ];
        let recorded = outcome::record(&store, &outcomes, now).await.unwrap();
        assert_eq!((recorded.applied, recorded.stale), (5, 0));
        balanced(&store, &fixture, campaign).await;
        // The same answers again change nothing.
        let again = outcome::record(&store, &outcomes, now).await.unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sent);
        assert_eq!((again.applied, again.stale), (0, 5));
        balanced(&store, &fixture, campaign).await;
        assert_eq!(fixture.delivery(&store, campaign, 3).await, (State::Uncertain, Some("no_answer".to_owned())));
        let (last, marketing): (Option<clock::Moment>, Option<clock::Moment>) =
            on!(store.read(), |c| sqlx::query_as("select last_contacted_at, last_marketing_at from contact where id = $1").bind(fixture.contacts[0]).fetch_one(c).await).unwrap();
        let claimed = first[0].until - AIR;
        assert!(last == Some(claimed) && marketing == Some(claimed), "stamped by the claim");
        let unreachable: String =
            on!(store.read(), |c| sqlx::query_scalar("select state from address where contact_id = $1").bind(fixture.contacts[1]).fetch_one(c).await).unwrap();
        assert_eq!(unreachable, "unreachable");
        // What was given back is due at once, with its attempt.
        let back = take(&store, &fixture, campaign, lease, 9).await;
        assert_eq!(back.iter().map(|row| (row.delivery, row.attempt)).collect::<Vec<_>>(), [(second[1].delivery, 1)]);
        let stats = stats::stats(&store, fixture.account, campaign, now).await.unwrap();
        let n = &stats.numbers;
        assert_eq!((n.planned, n.sent, n.failed, n.uncertain, n.queued, n.sending), (5, 1, 1, 1, 1, 1));
        assert!(stats.rate > 0.0);
    }
);

both!(
    async fn a_late_answer_resolves_an_uncertain_row_of_its_own_call_only(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "resend", 2, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 2).await;
        let now = clock::now();
        outcome::record(&store, &[Outcome::of(&rows[0], Verdict::Uncertain), Outcome::of(&rows[1], Verdict::Again { due_at: now })], now).await.unwrap();
        let mut foreign = sent(&rows[0]);
        foreign.claim += 1;
        assert_eq!(outcome::record(&store, &[foreign], now).await.unwrap().stale, 1);
        // Both answers come late: the uncertain one is resolved, and the one queued to go again
        // need not go.
        assert_eq!(outcome::record(&store, &[sent(&rows[0]), sent(&rows[1])], now).await.unwrap().applied, 2);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sent);
        assert_eq!(fixture.delivery(&store, campaign, 1).await.0, State::Sent);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn the_claim_asks_everything_again(store) {
        let fixture = Fixture::new(&store, 7, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 7, None).await;
        let service = fixture.campaign(&store, "service", "leave", 7, None).await;
        fixture.suppress(&store, 0).await;
        let mut tx = store.begin().await.unwrap();
        for (n, sql) in [
            (1, "update contact set opted_out_at = created_at where id = $1"),
            (2, "update contact set marketing_grade = null where id = $1"),
            (3, "update contact set marketing_grade = 4 where id = $1"),
            (4, "update contact set deleted_at = created_at where id = $1"),
            (5, "update contact set last_marketing_at = created_at where id = $1"),
        ] {
            on!(tx.conn(), |c| sqlx::query(sql).bind(fixture.contacts[n]).execute(c).await.map(|_| ())).unwrap();
        }
        tx.commit().await.unwrap();
        fixture.change(&store, "update account set cap_hours = 24 where id = $1").await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 10).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [fixture.contacts[6]]);
        for (n, reason) in ["suppressed", "opted_out", "no_consent", "consent_grade", "deleted", "frequency_cap"].iter().enumerate() {
            assert_eq!(fixture.delivery(&store, campaign, n).await, (State::Skipped, Some((*reason).to_owned())));
        }
        balanced(&store, &fixture, campaign).await;
        // A service message needs no advertising consent, and no cap holds it; stop and suppression
        // do.
        let rows = take(&store, &fixture, service, lease, 10).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [2, 3, 5, 6].map(|n| fixture.contacts[n]));
        balanced(&store, &fixture, service).await;
    }
);

both!(
    async fn the_claim_is_closed_by_whatever_closes_it(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let ours = lease(&store, &fixture).await;
        let closed = |lease| {
            let (store, fixture) = (store.clone(), fixture.clone());
            async move {
                match claim(&store, fixture.account, (campaign, 1), lease, 9, AIR, None, clock::now()).await.unwrap() {
                    Claim::Closed(why) => Some(why),
                    Claim::Rows { .. } => None,
                }
            }
        };
        assert_eq!(closed(Lease { token: ours.token - 1, ..ours }).await, Some(Closed::LeaseLost));
        fixture.change(&store, "update channel set state = 'paused' where account_id = $1").await;
        assert_eq!(closed(ours).await, Some(Closed::Channel));
        fixture.change(&store, "update channel set state = 'active' where account_id = $1").await;
        fixture.change(&store, "update campaign set state = 'paused' where account_id = $1").await;
        assert_eq!(closed(ours).await, Some(Closed::Campaign));
        fixture.change(&store, "update campaign set state = 'running' where account_id = $1").await;
        fixture.ends_at(&store, campaign, clock::now() - TimeDelta::seconds(1)).await;
        assert_eq!(closed(ours).await, Some(Closed::Window));
        fixture.ends_at(&store, campaign, clock::now() + TimeDelta::hours(1)).await;
        fixture.change(&store, "update licence set revoked_at = created_at where account_id = $1").await;
        assert_eq!(closed(ours).await, Some(Closed::Licence));
        fixture.change(&store, "update licence set revoked_at = null where account_id = $1").await;
        assert_eq!(closed(ours).await, None);
        // Another account's campaign is as absent as one that does not exist.
        let other = Fixture::new(&store, 0, 30.0).await;
        assert!(matches!(claim(&store, other.account, (campaign, 1), ours, 9, AIR, None, clock::now()).await.unwrap(), Claim::Closed(Closed::Campaign)));
    }
);

/// What is confirmed holds: a claim either comes before a change that forbids it, and then the
/// change waits for it, or after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_waits_for_a_change_under_way_that_forbids_it() {
    for (change, why) in [
        ("update licence set revoked_at = created_at where account_id = $1", Closed::Licence),
        ("update campaign set state = 'paused' where account_id = $1", Closed::Campaign),
        ("update channel set state = 'paused' where account_id = $1", Closed::Channel),
    ] {
        let store = crate::testing::store(crate::store::Engine::Postgres).await;
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let lease = lease(&store, &fixture).await;
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(change).bind(fixture.account).execute(c).await.map(|_| ())).unwrap();
        let (other, account) = (store.clone(), fixture.account);
        let claiming = tokio::spawn(async move { claim(&other, account, (campaign, 1), lease, 9, AIR, None, clock::now()).await.unwrap() });
        const WAITING: &str = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let mut waits = 0_i64;
        while waits == 0 && !claiming.is_finished() {
            waits = on!(store.read(), |c| sqlx::query_scalar(WAITING).fetch_one(c).await).unwrap();
        }
        assert!(!claiming.is_finished(), "it did not wait: {change}");
        tx.commit().await.unwrap();
        assert_eq!(claiming.await.unwrap(), Claim::Closed(why));
    }
}

both!(
    async fn one_lease_at_a_time_and_the_token_fences(store) {
        let fixture = Fixture::new(&store, 0, 30.0).await;
        let now = clock::now();
        let first = lease::take(&store, fixture.channel, "a", now).await.unwrap().unwrap();
        assert_eq!(lease::take(&store, fixture.channel, "b", now).await.unwrap(), None);
        assert!(lease::extend(&store, first, &lease::Memory::default(), now).await.unwrap());
        // The owner died: after its time another takes the channel, and the first has lost it.
        let later = now + lease::LEASE + TimeDelta::seconds(1);
        let second = lease::take(&store, fixture.channel, "b", later).await.unwrap().unwrap();
        assert!(second.token > first.token);
        assert!(!lease::extend(&store, first, &lease::Memory::default(), later).await.unwrap());
        lease::give_back(&store, first, &lease::Memory::default()).await.unwrap();
        assert_eq!(lease::take(&store, fixture.channel, "c", later).await.unwrap(), None, "only the owner gives back");
        lease::give_back(&store, second, &lease::Memory { next_allowed_at: Some(later), ..lease::Memory::default() }).await.unwrap();
        assert!(lease::take(&store, fixture.channel, "c", later).await.unwrap().is_some());
        // A clock set back an hour does not lock the channel for an hour.
        assert!(lease::take(&store, fixture.channel, "d", now - TimeDelta::hours(1)).await.unwrap().is_some());
    }
);

both!(
    async fn an_opt_out_races_with_claims_and_never_loses(store) {
        let fixture = Fixture::new(&store, 40, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 40, None).await;
        let lease = lease(&store, &fixture).await;
        let outs = async {
            let mut won = Vec::new();
            for contact in &fixture.contacts {
                let mut tx = store.begin().await.unwrap();
                let how = opt_out::OptOutHow { by: opt_out::OptOutBy::Text, channel: Some(fixture.channel), message_ref: None, said_at: None };
                opt_out::opt_out(&mut tx, fixture.account, *contact, &how, clock::now()).await.unwrap();
                tx.commit().await.unwrap();
                won.push(*contact);
            }
            won
        };
        let claims = async {
            let mut claimed = Vec::new();
            loop {
                match claim(&store, fixture.account, (campaign, 1), lease, 2, AIR, None, clock::now()).await.unwrap() {
                    Claim::Rows { rows, skipped: 0, .. } if rows.is_empty() => return claimed,
                    Claim::Rows { rows, .. } => claimed.extend(rows),
                    Claim::Closed(why) => panic!("{why:?}"),
                }
            }
        };
        let (_, claimed) = tokio::join!(outs, claims);
        // Every row is either ours, claimed before its opt-out was committed, or will never go.
        let books = books(&store, fixture.account, campaign).await.unwrap();
        assert!(books.balanced(), "{books:?}");
        assert_eq!(books.of(State::Sending), claimed.len() as i64);
        assert_eq!(books.of(State::Sending) + books.of(State::Cancelled) + books.of(State::Skipped) + books.of(State::Queued), 40);
        assert!(take(&store, &fixture, campaign, lease, 50).await.is_empty(), "nobody who said stop is claimed");
    }
);

both!(
    async fn cancelling_takes_what_is_not_in_flight(store) {
        let fixture = Fixture::new(&store, 4, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 4, None).await;
        let lease = lease(&store, &fixture).await;
        take(&store, &fixture, campaign, lease, 1).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(cancel_contact(&mut tx, fixture.account, fixture.contacts[0], Reason::OptedOut, clock::now()).await.unwrap(), 0);
        assert_eq!(cancel_contact(&mut tx, fixture.account, fixture.contacts[1], Reason::OptedOut, clock::now()).await.unwrap(), 1);
        assert_eq!(stop(&mut tx, &fixture, campaign).await.unwrap(), 2);
        tx.commit().await.unwrap();
        balanced(&store, &fixture, campaign).await;
        let counts = counts(&store, fixture.account, campaign).await.unwrap();
        let reasons: Vec<_> = counts.iter().filter(|count| count.state == State::Cancelled).map(|count| (count.reason.clone().unwrap(), count.n)).collect();
        assert!(reasons.contains(&(Reason::OptedOut.into(), 1)) && reasons.contains(&(Reason::CampaignStopped.into(), 2)));
    }
);

both!(
    async fn a_row_left_in_flight_follows_the_policy(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let leave = fixture.campaign(&store, "service", "leave", 1, None).await;
        let resend = fixture.campaign(&store, "service", "resend", 1, None).await;
        let lease = lease(&store, &fixture).await;
        take(&store, &fixture, leave, lease, 1).await;
        take(&store, &fixture, resend, lease, 1).await;
        let bot = Telegram::new("http://127.0.0.1:9", &crate::http::Route::default(), Secret::new("1:x")).unwrap();
        let now = clock::now();
        assert!(recovery::stale(&store, fixture.account, fixture.channel, 9, now).await.unwrap().is_empty(), "still in flight");
        let late = now + AIR + Duration::from_secs(1);
        let settle = async |at| {
            let stale = recovery::stale(&store, fixture.account, fixture.channel, 9, at).await.unwrap();
            let outcomes: Vec<_> = stale.iter().map(|row| row.outcome(Resolution::CannotTell, bot.capabilities(), at, 0.5)).collect();
            outcome::record(&store, &outcomes, at).await.unwrap().applied
        };
        assert_eq!(settle(late).await, 2);
        assert_eq!(settle(late).await, 0);
        assert_eq!(fixture.delivery(&store, leave, 0).await.0, State::Uncertain);
        assert_eq!(fixture.delivery(&store, resend, 0).await, (State::Queued, Some("resend".to_owned())));
        balanced(&store, &fixture, resend).await;
        // It goes again once; lost again, it is uncertain for good.
        let later = late + TimeDelta::seconds(60);
        let Claim::Rows { rows, .. } = claim(&store, fixture.account, (resend, 1), lease, 1, AIR, None, later).await.unwrap() else { panic!("open") };
        assert!(rows[0].resent && rows[0].attempt == 2);
        assert_eq!(settle(later + AIR + Duration::from_secs(1)).await, 1);
        assert_eq!(fixture.delivery(&store, resend, 0).await.0, State::Uncertain);
        balanced(&store, &fixture, resend).await;
    }
);

both!(
    async fn when_everybody_fails_the_same_way_the_campaign_pauses(store) {
        let fixture = Fixture::new(&store, 25, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 25, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 25).await;
        let fail = |rows: &[Claimed]| rows.iter().map(|row| Outcome::of(row, Verdict::Failed { reason: Reason::Rejected })).collect::<Vec<_>>();
        let now = clock::now();
        let recorded = outcome::record(&store, &fail(&rows[..19]), now).await.unwrap();
        assert_eq!(outcome::breaker(&store, fixture.account, (campaign, 1), recorded.steps[&(campaign, 1)], outcome::Refused::AtOnce).await.unwrap(), None);
        let recorded = outcome::record(&store, &fail(&rows[19..20]), now).await.unwrap();
        let wanted = outcome::breaker(&store, fixture.account, (campaign, 1), recorded.steps[&(campaign, 1)], outcome::Refused::AtOnce).await.unwrap().unwrap();
        assert!(control::grant(&store, fixture.account, campaign, &wanted, now).await.unwrap());
        assert!(!control::grant(&store, fixture.account, campaign, &wanted, now).await.unwrap(), "paused already");
        let (state, reason): (String, Option<String>) =
            on!(store.read(), |c| sqlx::query_as("select state, state_reason from campaign where id = $1").bind(campaign).fetch_one(c).await).unwrap();
        assert_eq!((state.as_str(), reason.as_deref()), ("paused", Some("all_failed:rejected")));
        let told: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from notice where kind = 'campaign.paused'").fetch_one(c).await).unwrap();
        assert_eq!(told, 1);
    }
);

both!(
    /// A word that this version does not know could not be read, or was lost.
    async fn a_reason_of_another_version_is_kept_and_counted(store) {
        let fixture = Fixture::new(&store, 3, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 3, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 1).await;
        let failed = Outcome::of(&rows[0], Verdict::Failed { reason: Reason::Rejected });
        outcome::record(&store, &[failed], clock::now()).await.unwrap();
        for sql in [
            "update delivery set reason = 'of_a_later_version' where campaign_id = $1",
            "update delivery_count set reason = 'of_a_later_version' where campaign_id = $1 and state = 'failed'",
            "update campaign set state_reason = 'of_a_later_version' where id = $1",
        ] {
            on!(store.once(), |c| sqlx::query(sql).bind(campaign).execute(c).await.map(|_| ())).unwrap();
        }
        balanced(&store, &fixture, campaign).await;
        let stats = stats::stats(&store, fixture.account, campaign, clock::now()).await.unwrap();
        assert_eq!(stats.numbers.ranked(State::Failed), [(&Why::of("of_a_later_version"), 1)]);
        let row = crate::campaign::get(&store, fixture.account, campaign).await.unwrap();
        assert_eq!(row.state_reason.unwrap().code(), "of_a_later_version");
        // What waits goes out, whatever the last try left in the column.
        assert_eq!(take(&store, &fixture, campaign, lease, 3).await.len(), 2);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn messages_outside_campaigns(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let now = clock::now();
        let mut tx = store.begin().await.unwrap();
        for (key, purpose, n) in [("a", OutgoingPurpose::Answer, 0), ("a", OutgoingPurpose::Answer, 0), ("b", OutgoingPurpose::Confirmation, 0), ("c", OutgoingPurpose::Reply, 0), ("d", OutgoingPurpose::Reply, 1)] {
            let new = NewOutgoing {
                account: fixture.account,
                channel: fixture.channel,
                contact: Some(fixture.contacts[n]),
                to: (1000 + n).to_string(),
                purpose,
                message: OutgoingMessage { body: Rich::plain(key), buttons: Vec::new(), remove_keyboard: false, media: None },
                dedupe_key: key.to_owned(),
            };
            outgoing::enqueue(&mut tx, new, now).await.unwrap();
        }
        tx.commit().await.unwrap();
        fixture.change(&store, "update contact set opted_out_at = created_at where account_id = $1 and id in (select contact_id from address where value = '1000')").await;
        let lease = lease(&store, &fixture).await;
        let claim = async |at| outgoing::claim(&store, fixture.account, lease, 10, None, at).await.unwrap();
        let rows = claim(now).await;
        let texts = |rows: &[ClaimedOutgoing]| rows.iter().map(|row| row.payload.body.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&rows), ["a", "d"], "one a person, in their order");
        assert!(claim(now).await.is_empty(), "the next to the same person waits for the one in flight");
        let sent = Verdict::Sent { message_ref: "1000:1".to_owned(), at: now };
        outgoing::record(&store, &[OutgoingOutcome::of(&rows[0], lease, sent), OutgoingOutcome::of(&rows[1], lease, Verdict::Later { due_at: now })], now).await.unwrap();
        let rows = claim(now).await;
        assert_eq!((texts(&rows), rows[1].attempt), (vec!["b".to_owned(), "d".to_owned()], 2), "a reply to who said stop does not go");
        // A crash: what is harmless twice goes again, a manager's reply does not.
        let late = now + AIR + Duration::from_secs(1);
        let stale = outgoing::stale(&store, fixture.account, fixture.channel, 9, late).await.unwrap();
        let outcomes: Vec<_> = stale.iter().map(|message| message.outcome(None, late, 0.0)).collect();
        outgoing::record(&store, &outcomes, late).await.unwrap();
        assert!(claim(late).await.is_empty(), "not at once");
        assert_eq!(texts(&claim(late + TimeDelta::seconds(9)).await), ["b"]);
        let reply: String = on!(store.read(), |c| sqlx::query_scalar("select state from outgoing where dedupe_key = 'd'").fetch_one(c).await).unwrap();
        assert_eq!(reply, "uncertain");
    }
);

#[test]
fn one_error_one_transition() {
    let now = clock::now();
    let tried = Tried { attempt: 1, resent: false, policy: UncertainPolicy::Leave, repeatable: false };
    let judged = |error, tried| judge(&error, tried, crate::retry::DELIVERY, now, 0.0);
    let after = Duration::from_secs(7);
    assert_eq!(judged(SendError::RetryAfter { after, whole_channel: true }, tried), Verdict::Later { due_at: now + after });
    assert_eq!(judged(SendError::Transient(String::new()), tried), Verdict::Later { due_at: now + TimeDelta::seconds(2) });
    let last = Tried { attempt: 8, ..tried };
    assert_eq!(judged(SendError::Transient(String::new()), last), Verdict::Failed { reason: Reason::AttemptsExhausted });
    assert_eq!(judged(SendError::Unreachable(String::new()), tried), Verdict::Failed { reason: Reason::Unreachable });
    assert_eq!(judged(SendError::Blocked, tried), Verdict::Failed { reason: Reason::Blocked });
    assert_eq!(judged(SendError::Rejected(String::new()), tried), Verdict::Failed { reason: Reason::Rejected });
    let why = String::new;
    for (error, reason) in [
        (SendError::Stopped(why()), Reason::OptedOut),
        (SendError::Withheld(why()), Reason::Withheld),
        (SendError::WindowClosed(why()), Reason::ReplyWindow),
        (SendError::TemplateNeeded(why()), Reason::TemplateNeeded),
    ] {
        assert_eq!(judged(error, tried), Verdict::Failed { reason });
    }
    let used_up = || SendError::Quota { until: now + TimeDelta::hours(5), why: why() };
    assert_eq!(judged(used_up(), tried), Verdict::Later { due_at: now + TimeDelta::hours(5) });
    let often = Tried { attempt: 10_000, ..tried };
    assert_eq!(judged(used_up(), often), Verdict::Failed { reason: Reason::Quota });
    let lost = || SendError::ReferenceLost(String::new());
    assert_eq!(judged(lost(), tried), Verdict::Later { due_at: now });
    assert_eq!(judged(lost(), Tried { attempt: 2, ..tried }), Verdict::Later { due_at: now + TimeDelta::seconds(4) });
    assert_eq!(judged(lost(), last), Verdict::Failed { reason: Reason::Rejected });
    assert_eq!(judged(SendError::Unauthorised(String::new()), tried), Verdict::Returned);
    assert_eq!(judged(SendError::Misconfigured(String::new()), tried), Verdict::Returned);
    assert_eq!(judged(SendError::Unknown(String::new()), tried), Verdict::Uncertain);
    assert_eq!(judged(SendError::Unknown(String::new()), Tried { policy: UncertainPolicy::Ask, ..tried }), Verdict::Uncertain);
    let resend = Tried { policy: UncertainPolicy::Resend, ..tried };
    assert_eq!(judged(SendError::Unknown(String::new()), resend), Verdict::Again { due_at: now + TimeDelta::seconds(30) });
    assert_eq!(judged(SendError::Unknown(String::new()), Tried { resent: true, ..resend }), Verdict::Uncertain);
    assert!(matches!(judged(SendError::Unknown(String::new()), Tried { repeatable: true, ..tried }), Verdict::Repeat { .. }));
}

/// Rows and counters were read by two statements, and a campaign that was sending seemed not to
/// balance.
#[tokio::test]
async fn the_books_balance_at_every_look_while_messages_go() {
    for engine in [crate::store::Engine::Sqlite, crate::store::Engine::Postgres] {
        let store = crate::testing::store(engine).await;
        let fixture = Fixture::new(&store, 60, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 60, None).await;
        let lease = lease(&store, &fixture).await;
        let sending = async {
            for _ in 0..60 {
                let rows = take(&store, &fixture, campaign, lease, 1).await;
                outcome::record(&store, &[sent(&rows[0])], clock::now()).await.unwrap();
            }
        };
        let mut sending = std::pin::pin!(sending);
        let mut looks = 0;
        loop {
            tokio::select! {
                biased;
                () = &mut sending => break,
                books = books(&store, fixture.account, campaign) => {
                    assert!(books.as_ref().is_ok_and(super::books::Books::balanced), "{engine:?}: {books:?}");
                    looks += 1;
                }
            }
        }
        assert!(looks > 10, "{engine:?}: looked {looks} times");
    }
}

both!(
    /// The company's stop-list holds numbers, and campaigns go to chats: the number must hold every
    /// chat of whoever has it, put there between planning and claim too.
    async fn the_claim_asks_for_the_person_and_not_only_for_the_address(store) {
        let fixture = Fixture::new(&store, 6, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 6, None).await;
        let service = fixture.campaign(&store, "service", "leave", 6, None).await;
        let (account, now) = (fixture.account, clock::now());
        let mut tx = store.begin().await.unwrap();
        let phone = |n: usize| crate::contact::NewAddress::phone(format!("+7999000000{n}"), "");
        for n in [0, 1, 5] {
            assert_eq!(crate::contact::attach_address(&mut tx, account, fixture.contacts[n], &phone(n), now).await.unwrap(), Ok(true));
        }
        // One of them has another number by now.
        let was = phone(1);
        assert!(crate::contact::detach_address(&mut tx, account, fixture.contacts[1], &was.kind, &was.value, was.scope, now).await.unwrap());
        assert!(crate::consent::doubt::open(&mut tx, account, fixture.contacts[2], fixture.channel, None, now).await.unwrap().is_some());
        tx.commit().await.unwrap();
        let actor = crate::account::Actor {
            account,
            member: fixture.member,
            name: "Анна".to_owned(),
            role: crate::account::Role::Owner,
            language: crate::account::Language::Ru,
        };
        let added = crate::consent::suppression::add_phones(&store, &actor, "+79990000000\n+79990000001\n+79990000009", now).await.unwrap();
        assert_eq!(added.added, 3);
        // Somebody blocks the bot in the chat itself; somebody else blocked another bot, which is
        // nothing to this one.
        let block = async |n: usize, channel| {
            let value = (1000 + n).to_string();
            let at = opt_out::block::At { kind: "telegram", value: &value, scope: channel };
            opt_out::block::met(&store, account, at, channel, now).await.unwrap();
        };
        block(4, ChannelId::new()).await;
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query("insert into suppression (id, account_id, kind, value, scope_id, reason, evidence, created_at) values ($1, $2, 'telegram', '1003', $3, 'blocked', $4, $5)")
            .bind(crate::id::SuppressionId::new()).bind(account).bind(fixture.channel).bind(sqlx::types::Json(serde_json::json!({}))).bind(now).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 10).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [fixture.contacts[4], fixture.contacts[5]]);
        for (n, reason) in ["suppressed", "suppressed", "doubt", "blocked"].iter().enumerate() {
            assert_eq!(fixture.delivery(&store, campaign, n).await, (State::Skipped, Some((*reason).to_owned())), "{n}");
        }
        balanced(&store, &fixture, campaign).await;
        // A doubt is about advertising alone.
        let rows = take(&store, &fixture, service, lease, 10).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [2, 4, 5].map(|n| fixture.contacts[n]));
        balanced(&store, &fixture, service).await;
    }
);

both!(
    /// A block is its address's: what goes to the person elsewhere goes on.
    async fn a_block_cancels_what_goes_to_that_address_alone(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let other = fixture.campaign(&store, "service", "leave", 1, None).await;
        fixture.change(&store, "update delivery set address_id = null where account_id = $1 and campaign_id = (select d.campaign_id from delivery d order by d.id desc limit 1)").await;
        let at = opt_out::block::At { kind: "telegram", value: "1000", scope: fixture.channel };
        opt_out::block::met(&store, fixture.account, at, fixture.channel, clock::now()).await.unwrap();
        opt_out::block::met(&store, fixture.account, at, fixture.channel, clock::now()).await.unwrap();
        let states = [fixture.delivery(&store, campaign, 0).await, fixture.delivery(&store, other, 0).await, fixture.delivery(&store, campaign, 1).await];
        let cancelled = states.iter().filter(|(state, reason)| *state == State::Cancelled && reason.as_deref() == Some("blocked")).count();
        assert_eq!(cancelled, 1, "{states:?}");
        assert_eq!(states.iter().filter(|(state, _)| *state == State::Queued).count(), 2);
        balanced(&store, &fixture, campaign).await;
        balanced(&store, &fixture, other).await;
    }
);
