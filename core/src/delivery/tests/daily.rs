//! The people of a day: counted by the claim for all senders of an owner, given back when a message
//! certainly did not go, never passed; the rest waits in the queue.

use super::*;
use crate::{
    channel::{Daily, MessageName, News, Receipt, Terms, store as channels},
    clock::Moment,
    delivery::{
        daily::{self, DAY},
        receipt,
    },
};

/// The owner of the fixture's channel lets it begin with so many people.
async fn limit(store: &Store, fixture: &Fixture, most: Option<i64>) -> Daily {
    let daily = Daily { scope: format!("owner {}", fixture.account), account: "305".to_owned(), most };
    let row = channels::find(store, fixture.channel).await.unwrap().unwrap();
    daily::keep_terms(store, &row, Terms { daily: Some(daily.clone()), ..row.terms.clone() }, clock::now()).await.unwrap();
    daily
}

/// Another channel of the fixture's account.
async fn beside(store: &Store, fixture: &Fixture) -> Fixture {
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
    other
}

/// A claim at a moment: what goes, and how many messages wait for a place.
async fn at(store: &Store, fixture: &Fixture, campaign: CampaignId, lease: Lease, now: Moment) -> (Vec<Claimed>, usize) {
    match claim(store, fixture.account, (campaign, 1), lease, 50, AIR, None, now).await.unwrap() {
        Claim::Rows { rows, skipped: 0, deferred } => (rows, deferred),
        other => panic!("{other:?}"),
    }
}

/// The messages of a campaign that wait for a place: their tries, and when they are due.
async fn waiting(store: &Store, campaign: CampaignId) -> Vec<(i32, Moment)> {
    on!(store.read(), |c| sqlx::query_as(
        "select attempt, due_at from delivery where campaign_id = $1 and state = 'queued' and reason = 'quota'"
    )
    .bind(campaign)
    .fetch_all(c)
    .await)
    .unwrap()
}

both!(
    async fn the_days_people_are_counted_once_and_the_rest_waits(store) {
        let fixture = Fixture::new(&store, 10, 30.0).await;
        let daily = limit(&store, &fixture, Some(4)).await;
        let campaign = fixture.campaign(&store, "advertising", "leave", 10, None).await;
        let lease = lease(&store, &fixture).await;
        let now = clock::now();
        let (first, deferred) = at(&store, &fixture, campaign, lease, now).await;
        assert_eq!((first.len(), deferred, daily::used(&store, &daily, now).await.unwrap()), (4, 6, 4));
        let waits = waiting(&store, campaign).await;
        assert!(waits.len() == 6 && waits.iter().all(|one| *one == (0, now + DAY)), "no try, and due when a place is free: {waits:?}");
        assert_eq!(daily::waits(&store, fixture.account, (campaign, 1), now).await.unwrap(), Some(now + DAY));
        balanced(&store, &fixture, campaign).await;
        // Nobody who waits was stamped: another campaign's cap does not hold them.
        let stamped: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from contact where account_id = $1 and last_marketing_at is not null")
            .bind(fixture.account)
            .fetch_one(c)
            .await)
        .unwrap();
        assert_eq!(stamped, 4);
        outcome::record(&store, &first.iter().map(sent).collect::<Vec<_>>(), now).await.unwrap();
        // Whoever counts may be written to again, for nothing.
        let second = fixture.campaign(&store, "service", "leave", 6, None).await;
        let later = now + TimeDelta::hours(1);
        let (again, deferred) = at(&store, &fixture, second, lease, later).await;
        assert_eq!((again.len(), deferred, daily::used(&store, &daily, later).await.unwrap()), (4, 2, 4));
        outcome::record(&store, &again.iter().map(sent).collect::<Vec<_>>(), later).await.unwrap();
        // A day after the first message they count still, by the second.
        assert_eq!(daily::used(&store, &daily, now + DAY).await.unwrap(), 4);
        let (none, deferred) = at(&store, &fixture, campaign, lease, now + DAY).await;
        assert_eq!((none.len(), deferred), (0, 6));
        let next = later + DAY;
        assert!(waiting(&store, campaign).await.iter().all(|one| *one == (0, next)));
        let (more, deferred) = at(&store, &fixture, campaign, lease, next).await;
        assert_eq!((more.len(), deferred, more[0].attempt), (4, 2, 1));
        for campaign in [campaign, second] {
            balanced(&store, &fixture, campaign).await;
        }
    }
);

both!(
    async fn a_place_is_given_back_when_the_message_certainly_did_not_go(store) {
        let fixture = Fixture::new(&store, 8, 30.0).await;
        let daily = limit(&store, &fixture, Some(7)).await;
        let campaign = fixture.campaign(&store, "service", "leave", 8, None).await;
        let lease = lease(&store, &fixture).await;
        let now = clock::now();
        let (rows, deferred) = at(&store, &fixture, campaign, lease, now).await;
        assert_eq!((rows.len(), deferred), (7, 1));
        let verdicts = [
            Verdict::Sent { message_ref: "a".to_owned(), at: now },
            Verdict::Uncertain,
            Verdict::Returned,
            Verdict::Held { until: now },
            Verdict::Later { due_at: now },
            Verdict::Failed { reason: Reason::Unreachable },
            Verdict::Skipped { reason: Reason::NoValue },
        ];
        let outcomes: Vec<_> = rows.iter().zip(verdicts).map(|(row, verdict)| Outcome::of(row, verdict)).collect();
        outcome::record(&store, &outcomes, now).await.unwrap();
        assert_eq!(daily::used(&store, &daily, now).await.unwrap(), 2, "what went, and what may have gone");
        // Taken by the provider and refused after all.
        let failed = News { message: MessageName::Ref("a".to_owned()), message_ref: None, receipt: Receipt::Failed(Reason::Unreachable), at: None, detail: None, charge: None };
        let mut tx = store.begin().await.unwrap();
        receipt::apply(&mut tx, fixture.account, fixture.channel, &[failed], now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(daily::used(&store, &daily, now).await.unwrap(), 1);
        let (rows, _) = at(&store, &fixture, campaign, lease, now).await;
        assert_eq!((rows.len(), daily::used(&store, &daily, now).await.unwrap()), (3, 4));
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    async fn whoever_wrote_within_the_window_takes_no_place(store) {
        let fixture = Fixture::new(&store, 5, 30.0).await;
        let daily = limit(&store, &fixture, Some(1)).await;
        fixture.change(&store, "update channel set kind = 'whatsapp' where account_id = $1").await;
        let now = clock::now();
        let mut tx = store.begin().await.unwrap();
        for (n, hours) in [(0, 1), (1, 23), (2, 25)] {
            on!(tx.conn(), |c| sqlx::query(
                "insert into chat_message (account_id, contact_id, channel_id, direction, body, at) values ($1, $2, $3, 'in', 'Здравствуйте', $4)"
            )
            .bind(fixture.account)
            .bind(fixture.contacts[n])
            .bind(fixture.channel)
            .bind(now - TimeDelta::hours(hours))
            .execute(c)
            .await
            .map(|_| ()))
            .unwrap();
        }
        tx.commit().await.unwrap();
        let campaign = fixture.campaign(&store, "service", "leave", 5, None).await;
        let lease = lease(&store, &fixture).await;
        let (rows, deferred) = at(&store, &fixture, campaign, lease, clock::now()).await;
        assert_eq!((rows.len(), deferred, daily::used(&store, &daily, clock::now()).await.unwrap()), (3, 2, 1));
        assert!(rows.iter().any(|row| row.contact == fixture.contacts[0]) && rows.iter().any(|row| row.contact == fixture.contacts[1]));
    }
);

both!(
    async fn a_message_that_goes_again_needs_no_place(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let daily = limit(&store, &fixture, Some(1)).await;
        let campaign = fixture.campaign(&store, "service", "resend", 2, None).await;
        let lease = lease(&store, &fixture).await;
        let now = clock::now();
        let (rows, _) = at(&store, &fixture, campaign, lease, now).await;
        outcome::record(&store, &[Outcome::of(&rows[0], Verdict::Again { due_at: now })], now).await.unwrap();
        let (again, _) = at(&store, &fixture, campaign, lease, now).await;
        assert_eq!((again.len(), again[0].resent, daily::used(&store, &daily, now).await.unwrap()), (1, true, 1));
    }
);

both!(
    async fn a_higher_limit_is_used_at_once_and_a_lower_one_holds_at_once(store) {
        let fixture = Fixture::new(&store, 9, 30.0).await;
        let daily = limit(&store, &fixture, Some(2)).await;
        let campaign = fixture.campaign(&store, "service", "leave", 9, None).await;
        let lease = lease(&store, &fixture).await;
        let now = clock::now();
        assert_eq!(at(&store, &fixture, campaign, lease, now).await.1, 7);
        assert_eq!(at(&store, &fixture, campaign, lease, now).await.0.len(), 0, "nothing is due");
        // News of another account of the same provider is nobody's.
        let kind = crate::channel::ChannelKind::Telegram;
        daily::told(&store, fixture.account, kind, ("306", Some(100)), now).await.unwrap();
        assert_eq!(waiting(&store, campaign).await.len(), 7);
        assert_eq!(at(&store, &fixture, campaign, lease, clock::now()).await.0.len(), 0);
        daily::told(&store, fixture.account, kind, ("305", Some(5)), clock::now()).await.unwrap();
        let (rows, deferred) = at(&store, &fixture, campaign, lease, clock::now()).await;
        assert_eq!((rows.len(), deferred), (3, 4));
        // Five of three: nobody is begun with before three of them count no more.
        daily::told(&store, fixture.account, kind, ("305", Some(3)), clock::now()).await.unwrap();
        fixture.change(&store, "update delivery set due_at = updated_at where account_id = $1 and state = 'queued'").await;
        assert_eq!(at(&store, &fixture, campaign, lease, clock::now()).await, (Vec::new(), 4));
        daily::told(&store, fixture.account, kind, ("305", None), clock::now()).await.unwrap();
        assert_eq!(at(&store, &fixture, campaign, lease, clock::now()).await.0.len(), 4);
        assert_eq!(daily::used(&store, &daily, clock::now()).await.unwrap(), 9, "without a limit they count, too: one may come");
        balanced(&store, &fixture, campaign).await;
    }
);

both!(
    /// Two numbers of one portfolio, claimed for at the same time: the places are never more than
    /// the limit.
    async fn all_senders_of_an_owner_share_the_places(store) {
        const PEOPLE: usize = 40;
        let fixture = Fixture::new(&store, PEOPLE, 30.0).await;
        let other = beside(&store, &fixture).await;
        let daily = limit(&store, &fixture, Some(25)).await;
        assert_eq!(limit(&store, &other, Some(25)).await, daily);
        let mut claims = Vec::new();
        // The one's people from the first on, the other's from the last back: they meet.
        let back = Fixture { contacts: other.contacts.iter().rev().copied().collect(), ..other };
        for (fixture, n) in [(fixture.clone(), 25), (back, 25)] {
            let campaign = fixture.campaign(&store, "service", "leave", n, None).await;
            let (store, lease) = (store.clone(), lease(&store, &fixture).await);
            claims.push(tokio::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    match claim(&store, fixture.account, (campaign, 1), lease, 3, AIR, None, clock::now()).await.unwrap() {
                        Claim::Rows { rows, deferred: 0, .. } if rows.is_empty() => return taken,
                        Claim::Rows { rows, .. } => taken.extend(rows.into_iter().map(|row| row.contact)),
                        Claim::Closed(why) => panic!("{why:?}"),
                    }
                }
            }));
        }
        let mut people = std::collections::HashSet::new();
        for claim in claims {
            people.extend(claim.await.unwrap());
        }
        assert_eq!((people.len(), daily::used(&store, &daily, clock::now()).await.unwrap()), (25, 25));
    }
);
