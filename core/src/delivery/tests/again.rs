//! What goes a second time: marked, so that nobody says later that it did not go.

use super::*;
use crate::{channel::Capabilities, delivery::claim::Repeats};

/// A campaign with one row that is queued again after an unknown outcome.
async fn marked(store: &Store, fixture: &Fixture, lease: Lease, verdict: impl Fn(clock::Moment) -> Verdict) -> CampaignId {
    let campaign = fixture.campaign(store, "service", "leave", 1, None).await;
    let row = take(store, fixture, campaign, lease, 1).await.remove(0);
    let now = clock::now();
    outcome::record(store, &[Outcome::of(&row, verdict(now))], now).await.unwrap();
    assert_eq!(fixture.delivery(store, campaign, 0).await.0, State::Queued);
    campaign
}

both!(
    // It became `cancelled` or `skipped`, although it may have arrived.
    async fn what_was_to_go_again_is_uncertain_after_an_opt_out_a_stop_and_a_refusal_by_the_claim(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let lease = lease(&store, &fixture).await;
        let again = |due_at| Verdict::Again { due_at };
        let repeat = |due_at| Verdict::Repeat { due_at };
        let uncertain = (State::Uncertain, Some("no_answer".to_owned()));
        for (n, campaign) in [marked(&store, &fixture, lease, again).await, marked(&store, &fixture, lease, repeat).await].into_iter().enumerate() {
            let mut tx = store.begin().await.unwrap();
            if n == 0 {
                assert_eq!(cancel_contact(&mut tx, fixture.account, fixture.contacts[0], Reason::OptedOut, clock::now()).await.unwrap(), 2);
            } else {
                assert_eq!(stop(&mut tx, &fixture, campaign).await.unwrap(), 0);
            }
            tx.commit().await.unwrap();
            assert_eq!(fixture.delivery(&store, campaign, 0).await, uncertain);
            balanced(&store, &fixture, campaign).await;
        }
        let stopped = marked(&store, &fixture, lease, again).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(stop(&mut tx, &fixture, stopped).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let refused = marked(&store, &fixture, lease, again).await;
        fixture.suppress(&store, 0).await;
        assert_eq!(take(&store, &fixture, refused, lease, 1).await, []);
        for campaign in [stopped, refused] {
            assert_eq!(fixture.delivery(&store, campaign, 0).await, uncertain);
            balanced(&store, &fixture, campaign).await;
        }
    }
);

both!(
    // The window was counted from the start of the last call, and asked when the repeat was judged,
    // not when it went.
    async fn a_repeat_under_the_same_id_is_made_within_its_window_only(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let lease = lease(&store, &fixture).await;
        let repeats = Repeats { window: Duration::from_secs(3_600), looked_up: false };
        let claim_at = async |campaign, at: clock::Moment| match claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, Some(repeats), at).await.unwrap() {
            Claim::Rows { rows, .. } => rows,
            Claim::Closed(why) => panic!("{why:?}"),
        };
        let repeat = |due_at| Verdict::Repeat { due_at };
        let within = marked(&store, &fixture, lease, repeat).await;
        let first = claim_at(within, clock::now() + TimeDelta::minutes(10)).await;
        assert!(!first[0].resent && first[0].attempt == 2);
        // Lost again, and again put back: the window still counts from the very first try.
        let lost = clock::now() + TimeDelta::minutes(11);
        outcome::record(&store, &[Outcome::of(&first[0], Verdict::Repeat { due_at: lost })], lost).await.unwrap();
        let second = claim_at(within, lost).await;
        assert_eq!((second[0].first_tried_at, second[0].attempt), (first[0].first_tried_at, 3));
        outcome::record(&store, &[Outcome::of(&second[0], Verdict::Repeat { due_at: lost })], lost).await.unwrap();
        // Where the provider can be asked for it, it is; the policy comes after that.
        let asks = Some(Repeats { looked_up: true, ..repeats });
        let found = claim(&store, fixture.account, (within, 1), lease, 1, AIR, asks, clock::now() + TimeDelta::minutes(61)).await.unwrap();
        let Claim::Rows { rows, .. } = found else { panic!("{found:?}") };
        assert!(rows[0].looked_up && !second[0].looked_up);
        outcome::record(&store, &[Outcome::of(&rows[0], Verdict::Repeat { due_at: lost })], lost).await.unwrap();
        assert_eq!(claim_at(within, clock::now() + TimeDelta::minutes(61)).await, [], "no longer harmless");
        assert_eq!(fixture.delivery(&store, within, 0).await, (State::Uncertain, Some("no_answer".to_owned())));
        balanced(&store, &fixture, within).await;
        // What was never tried has no first try.
        let untried = fixture.campaign(&store, "service", "leave", 1, None).await;
        let row = claim_at(untried, clock::now()).await.remove(0);
        outcome::record(&store, &[Outcome::of(&row, Verdict::Returned)], clock::now()).await.unwrap();
        let at = clock::now() + TimeDelta::hours(2);
        assert_eq!(claim_at(untried, at).await[0].first_tried_at, at);
    }
);

both!(
    async fn a_row_left_in_flight_is_repeated_while_its_client_id_makes_that_harmless(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let lease = lease(&store, &fixture).await;
        take(&store, &fixture, campaign, lease, 1).await;
        let bot = Telegram::new("http://127.0.0.1:9", &crate::http::Route::default(), Secret::new("1:x")).unwrap();
        let windowed = Capabilities { client_id_window: Some(Duration::from_secs(3_600)), ..bot.capabilities().clone() };
        let late = clock::now() + AIR + Duration::from_secs(1);
        let stale = recovery::stale(&store, fixture.account, fixture.channel, 9, late).await.unwrap();
        let outcome = stale[0].outcome(Resolution::CannotTell, &windowed, late, 0.0);
        assert!(matches!(outcome.verdict, Verdict::Repeat { .. }));
        outcome::record(&store, &[outcome], late).await.unwrap();
        assert_eq!(fixture.delivery(&store, campaign, 0).await, (State::Queued, Some("repeat".to_owned())));
        let muchlater = stale[0].outcome(Resolution::CannotTell, &windowed, late + TimeDelta::hours(1), 0.0);
        assert_eq!(muchlater.verdict, Verdict::Uncertain);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    // A record whose commit went unanswered is made once more; by then the row may be claimed again
    // under the same number.
    async fn a_record_made_twice_does_not_take_back_the_next_claim(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 1, None).await;
        let lease = lease(&store, &fixture).await;
        let now = clock::now();
        let claim_at = async |at| match claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, None, at).await.unwrap() {
            Claim::Rows { mut rows, .. } => rows.remove(0),
            Claim::Closed(why) => panic!("{why:?}"),
        };
        let first = claim_at(now).await;
        let back = Outcome::of(&first, Verdict::Returned);
        assert_eq!(outcome::record(&store, std::slice::from_ref(&back), now).await.unwrap().applied, 1);
        let second = claim_at(now + TimeDelta::seconds(1)).await;
        assert_eq!(second.attempt, first.attempt);
        assert_eq!(outcome::record(&store, &[back], now).await.unwrap().applied, 0);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sending, "it may be in flight");
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    // What was claimed and not called when a clock was set back became uncertain.
    async fn what_was_never_tried_goes_back_after_a_clock_was_set_back(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let lease = lease(&store, &fixture).await;
        let claim_at = async |at| match claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, None, at).await.unwrap() {
            Claim::Rows { mut rows, .. } => rows.remove(0),
            Claim::Closed(why) => panic!("{why:?}"),
        };
        let now = clock::now();
        let ahead = now + TimeDelta::hours(1);
        store.watch_clock(ahead).await.unwrap();
        let first = claim_at(ahead).await;
        assert!(store.watch_clock(now).await.unwrap(), "it is set back");
        let back = Outcome::of(&first, Verdict::Returned);
        assert_eq!(outcome::record(&store, std::slice::from_ref(&back), now).await.unwrap().applied, 1);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Queued);
        // Made once more, it takes back no claim after it, by whatever clock that one was made.
        store.watch_clock(ahead).await.unwrap();
        claim_at(ahead + TimeDelta::seconds(1)).await;
        assert!(store.watch_clock(now).await.unwrap(), "it is set back");
        assert_eq!(outcome::record(&store, &[back], now).await.unwrap().applied, 0);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sending);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    // A repeat that came too late went as a second message, and after a crash as a third.
    async fn what_the_policy_sent_a_second_time_is_known_by_whoever_finds_it(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let lease = lease(&store, &fixture).await;
        let campaign = fixture.campaign(&store, "service", "resend", 1, None).await;
        let repeats = Some(Repeats { window: Duration::from_secs(3_600), looked_up: false });
        let claim_at = async |at| match claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, repeats, at).await.unwrap() {
            Claim::Rows { mut rows, .. } => rows.remove(0),
            Claim::Closed(why) => panic!("{why:?}"),
        };
        let now = clock::now();
        let first = claim_at(now).await;
        outcome::record(&store, &[Outcome::of(&first, Verdict::Repeat { due_at: now })], now).await.unwrap();
        let late = now + TimeDelta::hours(2);
        assert!(claim_at(late).await.resent);
        let stale = recovery::stale(&store, fixture.account, fixture.channel, 9, late + AIR + Duration::from_secs(1)).await.unwrap();
        let bot = Telegram::new("http://127.0.0.1:9", &crate::http::Route::default(), Secret::new("1:x")).unwrap();
        let outcome = stale[0].outcome(Resolution::CannotTell, bot.capabilities(), late, 0.0);
        assert_eq!(outcome.verdict, Verdict::Uncertain, "it went twice already");
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    // What a member sent again went blindly, although the provider could have shown the first one.
    async fn what_a_member_sends_again_is_looked_up_where_the_provider_shows_it(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let lease = lease(&store, &fixture).await;
        let repeats = Some(Repeats { window: Duration::from_secs(3_600), looked_up: true });
        let again = |due_at| Verdict::Again { due_at };
        for (hours, looked_up) in [(0, false), (2, true)] {
            let campaign = marked(&store, &fixture, lease, again).await;
            let at = clock::now() + TimeDelta::hours(hours);
            let Claim::Rows { rows, .. } = claim(&store, fixture.account, (campaign, 1), lease, 1, AIR, repeats, at).await.unwrap() else {
                panic!("closed")
            };
            assert_eq!((rows[0].looked_up, rows[0].whatever), (looked_up, true));
        }
    }
);
