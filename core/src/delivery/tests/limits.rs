//! The plan's messages of a month: counted by the claim, given back when they certainly did not go,
//! and never passed.

use super::*;
use crate::{
    account::{licence::PlanCode, usage as plan},
    channel::{MessageName, News, Receipt},
    delivery::receipt,
    notice::NoticeKind,
    store::usage::{self, Counted, Month},
};

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Moscow;
/// Messages a month of the smallest plan.
const ALLOWED: i64 = 10_000;

async fn used(store: &Store, fixture: &Fixture, month: Month) -> i64 {
    usage::used(store, fixture.account, Counted::Messages, month).await.unwrap()
}

/// The smallest plan, with so many messages left in the month of `now`.
async fn left(store: &Store, fixture: &Fixture, n: i64, now: clock::Moment) -> Month {
    fixture.change(store, "update licence set plan = 'trial', valid_until = '2999-01-01T00:00:00+00:00' where account_id = $1").await;
    let month = Month::of(now, ZONE);
    usage::preset(store, fixture.account, Counted::Messages, month, ALLOWED - n).await;
    month
}

both!(
    // The limit was shown and never asked.
    async fn claims_at_once_do_not_pass_the_months_limit(store) {
        let fixture = Fixture::new(&store, 30, 30.0).await;
        let mut campaigns = Vec::new();
        for _ in 0..4 {
            campaigns.push(fixture.campaign(&store, "service", "leave", 30, None).await);
        }
        let now = clock::now();
        let month = left(&store, &fixture, 25, now).await;
        let lease = lease(&store, &fixture).await;
        let workers = (0..8).map(|n| {
            let (store, account, campaign) = (store.clone(), fixture.account, campaigns[n % 4]);
            tokio::spawn(async move {
                let mut taken = 0;
                loop {
                    match claim(&store, account, (campaign, 1), lease, 4, AIR, None, clock::now()).await.unwrap() {
                        Claim::Rows { rows, .. } if rows.is_empty() => return taken,
                        Claim::Rows { rows, .. } => taken += rows.len(),
                        Claim::Closed(why) => {
                            assert_eq!(why, Closed::PlanLimit);
                            return taken;
                        }
                    }
                }
            })
        });
        let mut taken = 0;
        for worker in workers.collect::<Vec<_>>() {
            taken += worker.await.unwrap();
        }
        assert_eq!((taken, used(&store, &fixture, month).await), (25, ALLOWED));
        for campaign in campaigns {
            let closed = claim(&store, fixture.account, (campaign, 1), lease, 4, AIR, None, clock::now()).await.unwrap();
            assert_eq!(closed, Claim::Closed(Closed::PlanLimit));
            balanced(&store, &fixture, campaign).await;
        }
    }
);

both!(
    async fn a_batch_that_would_pass_the_limit_is_taken_as_far_as_it_fits(store) {
        let fixture = Fixture::new(&store, 10, 30.0).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 10, None).await;
        fixture.suppress(&store, 0).await;
        let month = left(&store, &fixture, 4, clock::now()).await;
        let lease = lease(&store, &fixture).await;
        let taken = take(&store, &fixture, campaign, lease, 10).await;
        // Of the four that fit one is left out, and is not counted.
        assert_eq!((taken.len(), used(&store, &fixture, month).await), (3, ALLOWED - 1));
        assert_eq!(take(&store, &fixture, campaign, lease, 10).await.len(), 1);
        assert_eq!(claim(&store, fixture.account, (campaign, 1), lease, 10, AIR, None, clock::now()).await.unwrap(), Claim::Closed(Closed::PlanLimit));
        // A dropped batch stamps nobody.
        let stamped: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from contact where account_id = $1 and last_marketing_at is not null")
            .bind(fixture.account)
            .fetch_one(c)
            .await)
        .unwrap();
        assert_eq!(stamped, 4);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn what_certainly_did_not_go_is_given_back_to_its_month_and_what_may_have_gone_is_not(store) {
        let fixture = Fixture::new(&store, 7, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 7, None).await;
        let now = clock::now();
        let month = left(&store, &fixture, 100, now).await;
        let before = used(&store, &fixture, month).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 9).await;
        assert_eq!(used(&store, &fixture, month).await, before + 7);
        // The answers come in another month.
        let later = now + TimeDelta::days(32);
        let verdicts = [
            Verdict::Sent { message_ref: "a".to_owned(), at: later },
            Verdict::Uncertain,
            Verdict::Returned,
            Verdict::Held { until: later },
            Verdict::Later { due_at: later },
            Verdict::Failed { reason: Reason::Unreachable },
            Verdict::Skipped { reason: Reason::NoValue },
        ];
        let outcomes: Vec<_> = rows.iter().zip(verdicts).map(|(row, verdict)| Outcome::of(row, verdict)).collect();
        for _ in 0..2 {
            outcome::record(&store, &outcomes, later).await.unwrap();
            assert_eq!(used(&store, &fixture, month).await, before + 2);
        }
        // The unknown one turns out not to have gone.
        outcome::record(&store, &[Outcome::of(&rows[1], Verdict::Failed { reason: Reason::Rejected })], later).await.unwrap();
        assert_eq!(used(&store, &fixture, month).await, before + 1);
        // What waits counts when it is claimed, in the month of that moment.
        let Claim::Rows { rows, .. } = claim(&store, fixture.account, (campaign, 1), lease, 9, AIR, None, later).await.unwrap() else { panic!("closed") };
        assert_eq!(rows.len(), 3);
        assert_eq!(used(&store, &fixture, Month::of(later, ZONE)).await, 3);
        assert_eq!(used(&store, &fixture, month).await, before + 1);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn a_message_that_goes_again_is_counted_once(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "resend", 2, None).await;
        let now = clock::now();
        let month = left(&store, &fixture, 1, now).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 1).await;
        outcome::record(&store, &[Outcome::of(&rows[0], Verdict::Again { due_at: now - TimeDelta::hours(1) })], now).await.unwrap();
        // It needs no room, though none is left.
        let again = take(&store, &fixture, campaign, lease, 1).await;
        assert_eq!((again[0].delivery, again[0].resent, used(&store, &fixture, month).await), (rows[0].delivery, true, ALLOWED));
        // It may have gone the first time, so its failure gives nothing back.
        outcome::record(&store, &[Outcome::of(&again[0], Verdict::Failed { reason: Reason::Rejected })], now).await.unwrap();
        assert_eq!(used(&store, &fixture, month).await, ALLOWED);
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn what_arrived_although_it_was_given_back_is_counted_after_all(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let now = clock::now();
        let month = left(&store, &fixture, 100, now).await;
        let before = used(&store, &fixture, month).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 2).await;
        let outcomes = [Outcome::of(&rows[0], Verdict::Failed { reason: Reason::Rejected }), sent(&rows[1])];
        outcome::record(&store, &outcomes, now).await.unwrap();
        assert_eq!(used(&store, &fixture, month).await, before + 1);
        let news = rows.iter().map(|row| News { message: MessageName::Client(row.delivery.0), message_ref: None, receipt: Receipt::Delivered, at: None, detail: None, charge: None });
        let news: Vec<News> = news.collect();
        for _ in 0..2 {
            let mut tx = store.begin().await.unwrap();
            receipt::apply(&mut tx, fixture.account, fixture.channel, &news, now).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!(used(&store, &fixture, month).await, before + 2);
        }
    }
);

both!(
    async fn each_person_counts_once_a_month_and_a_new_one_beyond_the_limit_waits(store) {
        let fixture = Fixture::new(&store, 10, 30.0).await;
        let first = fixture.campaign(&store, "service", "leave", 4, None).await;
        let second = fixture.campaign(&store, "advertising", "leave", 10, None).await;
        let now = clock::now();
        let month = left(&store, &fixture, 1_000, now).await;
        // Six people more fit the month.
        usage::preset(&store, fixture.account, Counted::People, month, 1_994).await;
        let people = async || usage::used(&store, fixture.account, Counted::People, month).await.unwrap();
        let lease = lease(&store, &fixture).await;
        assert_eq!(take(&store, &fixture, first, lease, 9).await.len(), 4);
        assert_eq!(people().await, 1_998);
        // The batch is taken as far as it fits; those who were written to this month cost nothing.
        let mut taken = 0;
        let closed = loop {
            match claim(&store, fixture.account, (second, 1), lease, 4, AIR, None, now).await.unwrap() {
                Claim::Rows { rows, .. } => taken += rows.len(),
                Claim::Closed(why) => break why,
            }
        };
        assert_eq!((taken, closed, people().await), (6, Closed::PlanLimit, 2_000));
        let owner = fixture.owner();
        control::grant(&store, fixture.account, second, &crate::delivery::Wanted::Pause(Reason::PlanLimit.into()), now).await.unwrap();
        let notices = crate::notice::due(&store, now, 10).await.unwrap();
        let used_up = notices.iter().find(|notice| notice.kind() == Some(NoticeKind::LicenceUsedUp)).unwrap();
        assert_eq!((used_up.payload["what"].as_str(), used_up.payload["allowed"].as_i64()), (Some("people"), Some(2_000)));
        // In a new month everybody is new again.
        let later = now + TimeDelta::days(32);
        control::resume(&store, &owner, second, later).await.unwrap();
        let Claim::Rows { rows, .. } = claim(&store, fixture.account, (second, 1), lease, 9, AIR, None, later).await.unwrap() else { panic!("closed") };
        assert_eq!(rows.len(), 4);
        assert_eq!(usage::used(&store, fixture.account, Counted::People, Month::of(later, ZONE)).await.unwrap(), 4);
        balanced(&store, &fixture, second).await;
    }
);

both!(
    async fn claims_at_once_count_a_person_once(store) {
        let fixture = Fixture::new(&store, 20, 30.0).await;
        let mut campaigns = Vec::new();
        for _ in 0..4 {
            campaigns.push(fixture.campaign(&store, "service", "leave", 20, None).await);
        }
        let month = left(&store, &fixture, 1_000, clock::now()).await;
        let lease = lease(&store, &fixture).await;
        let workers = campaigns.clone().into_iter().map(|campaign| {
            let (store, account) = (store.clone(), fixture.account);
            tokio::spawn(async move {
                loop {
                    match claim(&store, account, (campaign, 1), lease, 7, AIR, None, clock::now()).await.unwrap() {
                        Claim::Rows { rows, .. } if rows.is_empty() => return,
                        Claim::Rows { .. } => {}
                        Claim::Closed(why) => panic!("closed: {why:?}"),
                    }
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        assert_eq!(usage::used(&store, fixture.account, Counted::People, month).await.unwrap(), 20);
        let found = usage::check(&store, fixture.account).await.unwrap();
        assert!(found.iter().all(|one| one.what != Counted::People), "{found:?}");
    }
);

both!(
    async fn a_plan_that_the_server_does_not_know_sends_nothing(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        fixture.change(&store, "update licence set plan = 'gold' where account_id = $1").await;
        let lease = lease(&store, &fixture).await;
        let closed = claim(&store, fixture.account, (campaign, 1), lease, 9, AIR, None, clock::now()).await.unwrap();
        assert_eq!(closed, Claim::Closed(Closed::Licence));
    }
);

both!(
    async fn counters_are_what_the_rows_say_and_a_difference_is_found(store) {
        let fixture = Fixture::new(&store, 5, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 5, None).await;
        let lease = lease(&store, &fixture).await;
        let rows = take(&store, &fixture, campaign, lease, 3).await;
        outcome::record(&store, &[sent(&rows[0]), Outcome::of(&rows[1], Verdict::Returned)], clock::now()).await.unwrap();
        assert_eq!(usage::check(&store, fixture.account).await.unwrap(), []);
        fixture.change(&store, "update usage_count set n = n + 1 where account_id = $1 and what = 'messages'").await;
        let found = usage::check(&store, fixture.account).await.unwrap();
        assert_eq!(found.iter().map(|one| (one.what, one.counter, one.rows)).collect::<Vec<_>>(), [(Counted::Messages, 3, 2)]);
    }
);

both!(
    async fn a_campaign_out_of_messages_pauses_and_goes_on_when_there_is_room(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let other = fixture.campaign(&store, "service", "leave", 2, None).await;
        let now = clock::now();
        left(&store, &fixture, 0, now).await;
        let lease = lease(&store, &fixture).await;
        let owner = fixture.owner();
        let wanted = crate::delivery::Wanted::Pause(Reason::PlanLimit.into());
        for id in [campaign, other] {
            assert_eq!(claim(&store, fixture.account, (id, 1), lease, 9, AIR, None, now).await.unwrap(), Claim::Closed(Closed::PlanLimit));
            assert!(control::grant(&store, fixture.account, id, &wanted, now).await.unwrap());
            assert!(matches!(control::resume(&store, &owner, id, now).await, Err(crate::campaign::CampaignError::OverLimit(over)) if over.plan == PlanCode::TRIAL));
        }
        let notices = crate::notice::due(&store, now, 10).await.unwrap();
        let of = |kind: NoticeKind| notices.iter().filter(|notice| notice.kind() == Some(kind)).count();
        assert_eq!((of(NoticeKind::CampaignPaused), of(NoticeKind::LicenceUsedUp)), (2, 1));
        assert_eq!(plan::messages_left(&store, fixture.account, now, now).await.unwrap().map(|month| month.left), Some(0));
        // A new month, or a larger plan.
        let later = now + TimeDelta::days(32);
        control::resume(&store, &owner, campaign, later).await.unwrap();
        fixture.change(&store, "update licence set plan = 'start' where account_id = $1").await;
        control::resume(&store, &owner, other, now).await.unwrap();
        assert_eq!(take(&store, &fixture, other, lease, 9).await.len(), 2);
        assert_eq!(plan::messages_left(&store, fixture.account, now, now).await.unwrap().map(|month| month.left), Some(89_998));
    }
);
