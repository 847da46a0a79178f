//! What was sent is kept word for word, from before the call until it is forgotten.

use super::*;
use crate::{
    contact,
    delivery::{
        begun,
        kept::{Kept, Message, Words},
    },
    id::ContactId,
    store::retention,
};

/// The text of the fixture's version.
async fn version(store: &Store, fixture: &Fixture, campaign: CampaignId) -> String {
    on!(store.read(), |c| sqlx::query_scalar(
        "select v.body from campaign_variant w join template_version v on v.id = w.template_version_id where w.account_id = $1 and w.campaign_id = $2"
    )
    .bind(fixture.account)
    .bind(campaign)
    .fetch_one(c)
    .await)
    .unwrap()
}

fn says(text: &str) -> Message {
    Message { body: Rich::plain(text), ..Message::default() }
}

/// Lists these as begun, each with a text of its own.
async fn begin(store: &Store, fixture: &Fixture, lease: Lease, rows: &[Claimed], campaign: CampaignId) -> bool {
    let text = version(store, fixture, campaign).await;
    let mut words = Words::default();
    for row in rows {
        words.add(row.delivery.0, row.attempt, says(&format!("{} №{}", row.to, row.attempt)).pack(&text));
    }
    let ids = rows.iter().map(|row| row.delivery.0).collect();
    begun::list(store, fixture.account, lease, &begun::text(&ids), words).await.unwrap()
}

async fn texts(store: &Store, fixture: &Fixture, campaign: CampaignId, contact: ContactId) -> Vec<String> {
    let kept = kept::to(store, fixture.account, campaign, contact).await.unwrap();
    kept.into_iter().map(|Kept { message, .. }| message.unwrap().body.text).collect()
}

both!(
    async fn what_went_or_may_have_gone_is_kept_and_nothing_else(store) {
        let fixture = Fixture::new(&store, 4, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "resend", 4, None).await;
        let first = lease(&store, &fixture).await;
        begun::take_over(&store, fixture.account, first).await.unwrap();
        let rows = take(&store, &fixture, campaign, first, 4).await;
        assert!(begin(&store, &fixture, first, &rows, campaign).await);
        let contacts = &fixture.contacts;
        assert_eq!(texts(&store, &fixture, campaign, contacts[0]).await, [""; 0], "it is in the air");
        let now = clock::now();
        let outcomes = [
            sent(&rows[0]),
            Outcome::of(&rows[1], Verdict::Failed { reason: Reason::Unreachable }),
            Outcome::of(&rows[2], Verdict::Again { due_at: now }),
            Outcome::of(&rows[3], Verdict::Later { due_at: now }),
        ];
        outcome::record(&store, &outcomes, now).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, contacts[0]).await, ["1000 №1"]);
        assert_eq!(texts(&store, &fixture, campaign, contacts[1]).await, [""; 0], "it was refused");
        assert_eq!(texts(&store, &fixture, campaign, contacts[2]).await, ["1002 №1"], "it may have gone");
        assert_eq!(texts(&store, &fixture, campaign, contacts[3]).await, [""; 0], "it goes later");

        // Whoever gets it a second time may have got both.
        let again = take(&store, &fixture, campaign, first, 4).await;
        assert!(begin(&store, &fixture, first, &again, campaign).await);
        outcome::record(&store, &again.iter().map(sent).collect::<Vec<_>>(), now).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, contacts[2]).await, ["1002 №1", "1002 №2"]);
        assert_eq!(texts(&store, &fixture, campaign, contacts[3]).await, ["1003 №2"]);

        // A person who is deleted leaves no words; what became of the message stays.
        contact::delete_by_member(&store, &fixture.owner(), contacts[0], now).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, contacts[0]).await, [""; 0]);
        assert_eq!(fixture.delivery(&store, campaign, 0).await.0, State::Sent);
    }
);

both!(
    async fn words_of_what_never_left_are_nobodys(store) {
        let fixture = Fixture::new(&store, 1, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 1, None).await;
        let first = lease(&store, &fixture).await;
        begun::take_over(&store, fixture.account, first).await.unwrap();
        let rows = take(&store, &fixture, campaign, first, 1).await;
        // The channel is another's before it lists: nothing is kept.
        lease::give_back(&store, first, &lease::Memory::default()).await.unwrap();
        let second = lease(&store, &fixture).await;
        let left = begun::take_over(&store, fixture.account, second).await.unwrap();
        assert!(!begin(&store, &fixture, first, &rows, campaign).await);
        let count = "select count(*) from delivery_text";
        assert_eq!(on!(store.read(), |c| sqlx::query_scalar::<_, i64>(count).fetch_one(c).await).unwrap(), 0);
        let (back, _) = begun::never_begun(&store, fixture.account, second, &left[0]).await.unwrap();
        outcome::record(&store, &back, clock::now()).await.unwrap();

        // Listed and given back before its call: the words are the next try's, and no one's till
        // then.
        let rows = take(&store, &fixture, campaign, second, 1).await;
        assert!(begin(&store, &fixture, second, &rows, campaign).await);
        outcome::record(&store, &[Outcome::of(&rows[0], Verdict::Returned)], clock::now()).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, fixture.contacts[0]).await, [""; 0]);
        let rows = take(&store, &fixture, campaign, second, 1).await;
        assert!(begin(&store, &fixture, second, &rows, campaign).await);
        outcome::record(&store, &[sent(&rows[0])], clock::now()).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, fixture.contacts[0]).await, ["1000 №1"]);
    }
);

both!(
    async fn words_are_forgotten_after_their_time(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let lease = lease(&store, &fixture).await;
        begun::take_over(&store, fixture.account, lease).await.unwrap();
        let rows = take(&store, &fixture, campaign, lease, 2).await;
        assert!(begin(&store, &fixture, lease, &rows, campaign).await);
        let now = clock::now();
        let at = |row: &Claimed, at| Outcome::of(row, Verdict::Sent { message_ref: row.to.clone(), at });
        outcome::record(&store, &[at(&rows[0], now), at(&rows[1], now + TimeDelta::days(10))], now).await.unwrap();
        let rule = retention::RULES.iter().find(|rule| rule.table == "delivery_text").unwrap();
        let forget = async |at| rule.portion(&store, &retention::Days::default(), at).await.unwrap();
        assert!(!forget(now + TimeDelta::days(364)).await);
        assert_eq!(texts(&store, &fixture, campaign, fixture.contacts[0]).await, ["1000 №1"]);
        assert!(!forget(now + TimeDelta::days(366)).await);
        assert_eq!(texts(&store, &fixture, campaign, fixture.contacts[0]).await, [""; 0]);
        assert_eq!(texts(&store, &fixture, campaign, fixture.contacts[1]).await, ["1001 №1"], "it went later");
    }
);

both!(
    // Claimed, deleted, listed: the words of a deleted person were kept for a year.
    async fn words_that_come_to_rest_after_their_person_was_deleted_are_taken_away(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        let lease = lease(&store, &fixture).await;
        begun::take_over(&store, fixture.account, lease).await.unwrap();
        let rows = take(&store, &fixture, campaign, lease, 2).await;
        contact::delete_by_member(&store, &fixture.owner(), rows[0].contact, clock::now()).await.unwrap();
        assert!(begin(&store, &fixture, lease, &rows, campaign).await);
        outcome::record(&store, &[sent(&rows[0]), sent(&rows[1])], clock::now()).await.unwrap();
        assert_eq!(texts(&store, &fixture, campaign, rows[0].contact).await.len(), 1);
        for _ in 0..2 {
            contact::erase::sweep(&store, clock::now()).await.unwrap();
            assert_eq!(texts(&store, &fixture, campaign, rows[0].contact).await, [""; 0]);
        }
        assert_eq!(texts(&store, &fixture, campaign, rows[1].contact).await.len(), 1, "nobody else's");
    }
);
