//! The frequency cap is exact: the claim stamps the contact, and the stamp is taken back only when
//! the message certainly did not go.

use super::*;
use crate::id::ChannelId;

/// When something last went to a contact, advertising and anything.
async fn stamps(store: &Store, fixture: &Fixture, n: usize) -> (Option<clock::Moment>, Option<clock::Moment>) {
    on!(store.read(), |c| sqlx::query_as("select last_marketing_at, last_contacted_at from contact where id = $1")
        .bind(fixture.contacts[n])
        .fetch_one(c)
        .await)
    .unwrap()
}

async fn capped(store: &Store, people: usize) -> Fixture {
    let fixture = Fixture::new(store, people, 30.0).await;
    fixture.change(store, "update account set cap_hours = 24 where id = $1").await;
    fixture
}

both!(
    // Two running campaigns passed the cap: the stamp came with the record, after both had claimed.
    async fn two_running_campaigns_do_not_pass_the_frequency_cap(store) {
        let fixture = capped(&store, 3).await;
        let first = fixture.campaign(&store, "advertising", "leave", 3, None).await;
        let second = fixture.campaign(&store, "advertising", "leave", 3, None).await;
        let lease = lease(&store, &fixture).await;
        assert_eq!(take(&store, &fixture, first, lease, 2).await.len(), 2);
        let rows = take(&store, &fixture, second, lease, 9).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [fixture.contacts[2]]);
        assert_eq!(take(&store, &fixture, first, lease, 9).await, []);
        for (campaign, n) in [(second, 0), (second, 1), (first, 2)] {
            assert_eq!(fixture.delivery(&store, campaign, n).await, (State::Skipped, Some("frequency_cap".to_owned())));
        }
        balanced(&store, &fixture, first).await;
        balanced(&store, &fixture, second).await;
    }
);

both!(
    // An unknown outcome did not count against the cap, and recovery forgot that the message was
    // advertising.
    async fn what_may_have_gone_counts_against_the_cap_and_what_certainly_did_not_go_does_not(store) {
        let fixture = capped(&store, 6).await;
        fixture.change(&store, "update contact set last_marketing_at = '2020-05-01T10:00:00+00:00', last_contacted_at = '2020-06-01T10:00:00+00:00' where account_id = $1").await;
        let before = stamps(&store, &fixture, 0).await;
        assert!(before.0 < before.1 && before.0.is_some());
        let campaign = fixture.campaign(&store, "advertising", "leave", 6, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 9).await;
        let now = clock::now();
        let verdicts = [
            Verdict::Uncertain,
            Verdict::Returned,
            Verdict::Held { until: now + TimeDelta::hours(1) },
            Verdict::Later { due_at: now + TimeDelta::hours(1) },
            Verdict::Failed { reason: Reason::Unreachable },
            Verdict::Skipped { reason: Reason::NoValue },
        ];
        let outcomes: Vec<_> = rows.iter().zip(verdicts).map(|(row, verdict)| Outcome::of(row, verdict)).collect();
        assert!(stamps(&store, &fixture, 3).await.0 > before.0, "stamped by the claim");
        outcome::record(&store, &outcomes, now).await.unwrap();
        let stamped = stamps(&store, &fixture, 0).await;
        assert!(stamped.0 > before.0 && stamped.1 == stamped.0);
        for n in 1..6 {
            assert_eq!(stamps(&store, &fixture, n).await, before, "{n}");
        }
        // The unknown one turns out not to have gone, late.
        let late = Outcome::of(&rows[0], Verdict::Failed { reason: Reason::Rejected });
        outcome::record(&store, &[late], now).await.unwrap();
        assert_eq!(stamps(&store, &fixture, 0).await, before);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    // Recovery asked whether the message was advertising in a row that did not say so: what a dead
    // worker had sent counted as nothing.
    async fn what_a_dead_worker_left_in_flight_counts_against_the_cap(store) {
        let fixture = capped(&store, 2).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 2, None).await;
        let lease = lease(&store, &fixture).await;
        assert_eq!(take(&store, &fixture, campaign, lease, 2).await.len(), 2);
        let late = clock::now() + AIR + Duration::from_secs(1);
        let stale = recovery::stale(&store, fixture.account, fixture.channel, 9, late).await.unwrap();
        let bot = Telegram::new("http://127.0.0.1:9", &crate::http::Route::default(), Secret::new("1:x")).unwrap();
        let said = [Resolution::CannotTell, Resolution::NotSent];
        let outcomes: Vec<_> = stale.iter().zip(said).map(|(row, said)| row.outcome(said, bot.capabilities(), late, 0.0)).collect();
        assert_eq!(outcome::record(&store, &outcomes, late).await.unwrap().applied, 2);
        let not_sent = fixture.contacts.iter().position(|contact| *contact == outcomes[1].contact).unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 1 - not_sent).await, (State::Uncertain, Some("no_answer".to_owned())));
        let (may_have_gone, free) = (stamps(&store, &fixture, 1 - not_sent).await, stamps(&store, &fixture, not_sent).await);
        assert!(may_have_gone.0.is_some() && free.0.is_none(), "{may_have_gone:?} {free:?}");
        let next = fixture.campaign(&store, "advertising", "leave", 2, None).await;
        let rows = take(&store, &fixture, next, lease, 9).await;
        assert_eq!(rows.iter().map(|row| row.contact).collect::<Vec<_>>(), [outcomes[1].contact]);
        assert_eq!(fixture.delivery(&store, next, 1 - not_sent).await, (State::Skipped, Some("frequency_cap".to_owned())));
        balanced(&store, &fixture, campaign).await;
        balanced(&store, &fixture, next).await;
    }
);

both!(
    async fn whoever_the_claim_leaves_out_keeps_the_stamps_of_before(store) {
        let fixture = Fixture::new(&store, 3, 30.0).await;
        fixture.change(&store, "update contact set last_marketing_at = '2020-05-01T10:00:00+00:00', last_contacted_at = '2020-06-01T10:00:00+00:00' where account_id = $1").await;
        let before = stamps(&store, &fixture, 0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 3, None).await;
        on!(store.once(), |c| sqlx::query("update contact set opted_out_at = '2026-01-01T10:00:00+00:00' where id = $1")
            .bind(fixture.contacts[1])
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        let lease = lease(&store, &fixture).await;
        assert_eq!(take(&store, &fixture, campaign, lease, 9).await.len(), 2);
        assert_eq!(fixture.delivery(&store, campaign, 1).await, (State::Skipped, Some("opted_out".to_owned())));
        assert_eq!(stamps(&store, &fixture, 1).await, before);
        for n in [0, 2] {
            let stamped = stamps(&store, &fixture, n).await;
            assert!(stamped.0 > before.0 && stamped.1 == stamped.0, "{n}");
        }
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn a_stamp_of_something_newer_is_left_alone(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let (first, second) = (
            fixture.campaign(&store, "advertising", "leave", 1, None).await,
            fixture.campaign(&store, "advertising", "leave", 1, None).await,
        );
        let lease = lease(&store, &fixture).await;
        // Without a cap both go; the second in a later millisecond, as any two claims on one
        // contact do in life.
        let now = clock::now();
        let claim_at = async |campaign, at| match claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, None, at).await.unwrap() {
            Claim::Rows { mut rows, .. } => rows.remove(0),
            Claim::Closed(why) => panic!("{why:?}"),
        };
        let one = claim_at(first, now).await;
        let later = now + TimeDelta::seconds(5);
        let two = claim_at(second, later).await;
        outcome::record(&store, &[sent(&two)], later).await.unwrap();
        outcome::record(&store, &[Outcome::of(&one, Verdict::Failed { reason: Reason::Rejected })], later).await.unwrap();
        assert_eq!(stamps(&store, &fixture, 0).await.0, Some(later), "the second one went");
    }
);

both!(
    // A message that goes again is not held by its own stamp.
    async fn a_message_sent_again_is_not_held_by_its_own_stamp(store) {
        let fixture = capped(&store, 1).await;
        let campaign = fixture.campaign(&store, "advertising", "resend", 1, None).await;
        let lease = lease(&store, &fixture).await;
        let row = take(&store, &fixture, campaign, lease, 1).await.remove(0);
        outcome::record(&store, &[Outcome::of(&row, Verdict::Again { due_at: clock::now() })], clock::now()).await.unwrap();
        let again = take(&store, &fixture, campaign, lease, 1).await.remove(0);
        assert!(again.resent);
        // It may have gone the first time, so the contact keeps a stamp whatever becomes of the
        // second.
        outcome::record(&store, &[Outcome::of(&again, Verdict::Failed { reason: Reason::Unreachable })], clock::now()).await.unwrap();
        assert!(stamps(&store, &fixture, 0).await.0.is_some());
        assert_eq!(fixture.delivery(&store, campaign, 0).await, (State::Uncertain, Some("no_answer".to_owned())));
        balanced(&store, &fixture, campaign).await;
    }
);

/// Two channels of one account claim at the same moment, again and again: nobody is claimed by
/// both.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_channels_that_claim_at_once_do_not_pass_the_frequency_cap() {
    const PEOPLE: usize = 60;
    let store = crate::testing::store(crate::store::Engine::Postgres).await;
    let fixture = capped(&store, PEOPLE).await;
    let first = fixture.campaign(&store, "advertising", "leave", PEOPLE, None).await;
    let other = Fixture { channel: ChannelId::new(), ..fixture.clone() };
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
         select $1, account_id, kind, name, 'other', credentials, settings, state, hook_secret, created_at from channel where id = $2"
    )
    .bind(other.channel)
    .bind(fixture.channel)
    .execute(c)
    .await
    .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
    let second = other.campaign(&store, "advertising", "leave", PEOPLE, None).await;
    let claim_all = |fixture: Fixture, campaign| {
        let store = store.clone();
        tokio::spawn(async move {
            let lease = lease(&store, &fixture).await;
            let mut claimed = Vec::new();
            // What the other holds at this moment is left for later.
            while fixture_queued(&store, campaign).await > 0 {
                claimed.extend(take(&store, &fixture, campaign, lease, 7).await.into_iter().map(|row| row.contact));
            }
            claimed
        })
    };
    let (one, two) = tokio::join!(claim_all(fixture.clone(), first), claim_all(other, second));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_eq!(one.len() + two.len(), PEOPLE, "each once");
    assert!(one.iter().all(|contact| !two.contains(contact)));
    for campaign in [first, second] {
        balanced(&store, &fixture, campaign).await;
    }
}

async fn fixture_queued(store: &Store, campaign: CampaignId) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar("select count(*) from delivery where campaign_id = $1 and state = 'queued'")
        .bind(campaign)
        .fetch_one(c)
        .await)
    .unwrap()
}
