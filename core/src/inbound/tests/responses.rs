//! What people do after a campaign is counted for it.

use super::*;
use crate::{
    delivery::response::{self, Responses},
    id::CampaignId,
};

impl World {
    /// A campaign of the account.
    async fn campaign(&self) -> CampaignId {
        let id = CampaignId::new();
        let mut tx = self.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into campaign (id, account_id, name, state, audience, created_by, created_at, updated_at) values ($1, $2, 'Пионы', 'finished', $3, $4, $5, $5)"
        )
        .bind(id)
        .bind(self.actor.account)
        .bind(sqlx::types::Json(json!({})))
        .bind(self.actor.member)
        .bind(self.now)
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A message of a campaign to a chat, sent so many hours ago.
    async fn wrote(&self, campaign: CampaignId, chat: &str, message: &str, hours: i64) {
        let contact = self.contact(chat).await.unwrap();
        let mut tx = self.store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(
            "insert into delivery (account_id, campaign_id, contact_id, channel_id, planned, state, message_ref, sent_at, updated_at) values ($1, $2, $3, $4, true, 'sent', $5, $6, $6)"
        )
        .bind(self.actor.account)
        .bind(campaign)
        .bind(contact)
        .bind(self.source.channel)
        .bind(message)
        .bind(self.now - TimeDelta::hours(hours))
        .execute(c)
        .await
        .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn responses(&self, campaign: CampaignId) -> Responses {
        response::responses(&self.store, self.actor.account, campaign).await.unwrap()
    }
}

both!(async fn what_people_do_after_a_campaign_is_counted_for_it_once_a_person(store) {
    let mut w = World::new(store).await;
    for chat in ["77", "78", "79", "80", "81"] {
        w.agreed(chat).await;
    }
    let (older, newer) = (w.campaign().await, w.campaign().await);
    w.wrote(older, "77", "77:900", 20).await;
    for (chat, message) in [("77", "77:901"), ("78", "78:901"), ("79", "79:901")] {
        w.wrote(newer, chat, message, 1).await;
    }
    w.wrote(older, "80", "80:900", 100).await;
    w.wrote(older, "81", "81:900", 20).await;

    // A reply to no message in particular is one to the last; a hundred of one person are one.
    w.text("77", "А белые есть?").await;
    w.text("77", "Пионы").await;
    assert_eq!(w.responses(newer).await, Responses { replied: 1, ..Responses::default() });
    assert_eq!(w.responses(older).await, Responses::default());
    w.happens("77", EventKind::Text { body: "А эти?".to_owned(), reply_to: Some("77:900".to_owned()) }).await;
    assert_eq!(w.responses(older).await, Responses { replied: 1, ..Responses::default() });

    // What was perhaps a refusal is a reply; the answer that it was one is an opt-out.
    w.text("81", doubts::doubtful()).await;
    w.press("81", 0).await;
    // The button stands under the message it is counted for.
    w.presses("78", "78:901", OPT_OUT_CALLBACK).await;
    w.presses("78", "78:901", OPT_OUT_CALLBACK).await;
    w.happens("79", EventKind::Blocked).await;
    // Four days later nobody can say what it was for.
    w.text("80", "стоп").await;
    assert_eq!(w.responses(newer).await, Responses { replied: 1, opted_out: 1, blocked: 1 });
    let doubtful = w.responses(older).await;
    assert_eq!((doubtful.opted_out, doubtful.blocked), (1, 0));
});
