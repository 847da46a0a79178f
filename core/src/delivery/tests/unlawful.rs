//! A rule that turns on what the message carries.

use super::*;
use crate::law::{Category, Country, profile};

both!(
    async fn a_lender_sends_no_persons_data_through_a_foreign_messenger(store) {
        let fixture = Fixture::new(&store, 2, 30.0).await;
        let campaign = fixture.campaign(&store, "service", "leave", 2, None).await;
        profile::say(&store, &fixture.owner(), Country::Ru, Some(Category::Finance), clock::now()).await.unwrap();
        let lease = lease(&store, &fixture).await;
        // It greets by name.
        assert_eq!(take(&store, &fixture, campaign, lease, 1).await, []);
        assert_eq!(fixture.delivery(&store, campaign, 0).await, (State::Skipped, Some(Reason::Law.as_str().to_owned())));
        fixture.change(&store, "update template_version set body = 'Мы открыты, {{ company }}' where account_id = $1").await;
        assert_eq!(take(&store, &fixture, campaign, lease, 1).await.len(), 1);
        balanced(&store, &fixture, campaign).await;
    }
);
