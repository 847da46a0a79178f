//! Campaigns through messengers that approve templates before.

use super::*;
use crate::{
    campaign,
    channel::{Category, ChannelKind, ReviewState, TemplateNews, registry},
    id::ProviderTemplateId,
    price::{self, Amount, Cost, Currency},
    template::provider::{Mapping, standing},
};

fn kind() -> ChannelKind {
    ChannelKind::ALL.iter().copied().find(|kind| registry::capabilities(*kind).templates.is_some()).expect("a messenger approves templates")
}

/// The world's channel is one of such a messenger, and its people are reached there.
async fn moved(store: &Store, w: &World) {
    let address = registry::capabilities(kind()).address_kind;
    run!(store, "update channel set kind = $2 where id = $1", w.channel, kind());
    run!(
        store,
        "update address set kind = $2, scope_id = $3 where account_id = $1 and kind = 'telegram'",
        w.owner.account,
        address,
        w.channel
    );
}

/// A row as it is once a version was handed in.
async fn handed_in(store: &Store, w: &World, state: ReviewState, digest: &str) {
    run!(
        store,
        "insert into provider_template (id, account_id, channel_id, template_version_id, name, language, external_id, category, state, mapping, digest, \
         submitted_by, submitted_at, changed_at, look_at) values ($1, $2, $3, $4, 'skidki_v1_0', 'ru', '77', 'marketing', $5, $6, $7, $8, $9, $9, $9)",
        ProviderTemplateId::new(),
        w.owner.account,
        w.channel,
        w.version,
        state,
        Json(Mapping::default()),
        digest,
        w.owner.member,
        w.now
    );
}

fn news(state: ReviewState, at: Option<Moment>) -> TemplateNews {
    TemplateNews { external_id: "77".into(), state: Some(state), reason: Some("FIRST_PAUSE".into()), at, ..TemplateNews::default() }
}

async fn told(store: &Store, w: &World, state: ReviewState, at: Option<Moment>) -> ReviewState {
    campaign::reviewed::told(store, w.owner.account, kind(), &news(state, at), w.now).await.unwrap();
    standing::one(store, w.owner.account, w.channel, w.version).await.unwrap().unwrap().state
}

async fn notices(store: &Store, kind: &'static str) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar("select count(*) from notice where kind = $1").bind(kind).fetch_one(c).await).unwrap()
}

both!(async fn nothing_goes_by_a_template_that_is_not_approved(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    moved(&store, &w).await;
    let id = ready(&store, &w).await;
    let refused = approval::submit(&store, &w.manager, id, w.now).await;
    assert!(matches!(refused, Err(CampaignError::NeedsProviderTemplate(_))), "{refused:?}");

    handed_in(&store, &w, ReviewState::Rejected, "d1").await;
    let refused = approval::submit(&store, &w.manager, id, w.now).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Rejected, .. })), "{refused:?}");

    // While it is being reviewed it is handed in, and neither approved nor launched.
    run!(store, "update provider_template set state = 'pending' where account_id = $1", w.owner.account);
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    let refused = approval::approve(&store, &w.approver, id, w.now).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Pending, .. })), "{refused:?}");
    assert_eq!(told(&store, &w, ReviewState::Approved, None).await, ReviewState::Approved);
    assert_eq!(notices(&store, "template.accepted").await, 1);
    approval::approve(&store, &w.approver, id, w.now).await.unwrap();

    // Between approval and launch the provider paused it.
    assert_eq!(told(&store, &w, ReviewState::Paused, None).await, ReviewState::Paused);
    assert_eq!(notices(&store, "template.barred").await, 1);
    let refused = approval::launch(&store, &w.manager, id, 3, w.now).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Paused, .. })), "{refused:?}");
    assert_eq!(told(&store, &w, ReviewState::Approved, None).await, ReviewState::Approved);
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!(campaign.state, State::Approved, "the approval holds");
    approval::launch(&store, &w.manager, id, 3, w.now).await.unwrap();

    // And before it was planned: it waits, and a manager lets it go on.
    assert_eq!(told(&store, &w, ReviewState::Disabled, None).await, ReviewState::Disabled);
    assert_eq!(plan::plan(&store, id, w.now).await.unwrap(), Planned::NotPlanning);
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!((campaign.state, campaign.state_reason), (State::Paused, Some(Reason::TemplateBarred.into())));
    let refused = control::resume(&store, &w.manager, id, w.now).await;
    assert!(matches!(refused, Err(CampaignError::ProviderTemplate { state: ReviewState::Disabled, .. })), "{refused:?}");
    assert_eq!(told(&store, &w, ReviewState::Approved, None).await, ReviewState::Approved);
    control::resume(&store, &w.manager, id, w.now).await.unwrap();
    assert!(matches!(plan::plan(&store, id, w.now).await.unwrap(), Planned::Running { planned: 3, .. }));

    // In the middle of it.
    assert_eq!(told(&store, &w, ReviewState::Paused, None).await, ReviewState::Paused);
    let campaign = get(&store, w.owner.account, id).await.unwrap();
    assert_eq!((campaign.state, campaign.state_reason), (State::Paused, Some(Reason::TemplateBarred.into())));
    assert_eq!(told(&store, &w, ReviewState::Approved, None).await, ReviewState::Approved);
    assert_eq!(get(&store, w.owner.account, id).await.unwrap().state, State::Paused, "a manager resumes, nobody else");
    control::resume(&store, &w.manager, id, w.now).await.unwrap();
    assert_eq!(get(&store, w.owner.account, id).await.unwrap().state, State::Running);
});

both!(async fn an_approval_is_for_the_very_template_that_was_handed_in(store) {
    let w = world(&store).await;
    crowd(&store, &w, 1).await;
    moved(&store, &w).await;
    handed_in(&store, &w, ReviewState::Approved, "d1").await;
    let id = ready(&store, &w).await;
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    run!(store, "update provider_template set digest = 'd2' where account_id = $1", w.owner.account);
    assert!(matches!(approval::approve(&store, &w.approver, id, w.now).await, Err(CampaignError::ApprovalVoid)));
});

both!(async fn news_come_in_any_order_and_only_a_forbidding_one_holds_whenever_it_comes(store) {
    let w = world(&store).await;
    moved(&store, &w).await;
    handed_in(&store, &w, ReviewState::Pending, "d1").await;
    let at = |minutes: i64| Some(w.now + TimeDelta::minutes(minutes));
    assert_eq!(told(&store, &w, ReviewState::Approved, at(10)).await, ReviewState::Approved);
    assert_eq!(told(&store, &w, ReviewState::Pending, at(1)).await, ReviewState::Approved, "of before");
    assert_eq!(told(&store, &w, ReviewState::Paused, at(5)).await, ReviewState::Paused, "whoever forbids is believed");
    assert_eq!(told(&store, &w, ReviewState::Approved, at(4)).await, ReviewState::Paused, "of before the pause");
    assert_eq!(told(&store, &w, ReviewState::Approved, at(20)).await, ReviewState::Approved);
    assert_eq!(told(&store, &w, ReviewState::Approved, at(20)).await, ReviewState::Approved, "twice");
    assert_eq!((notices(&store, "template.accepted").await, notices(&store, "template.barred").await), (2, 1));

    // What is no state is kept beside it.
    let more = TemplateNews { name: "skidki_v1_0".into(), language: "ru".into(), quality: Some("RED".into()), category: Some(Category::Utility), ..TemplateNews::default() };
    campaign::reviewed::told(&store, w.owner.account, kind(), &more, w.now).await.unwrap();
    let row = standing::one(&store, w.owner.account, w.channel, w.version).await.unwrap().unwrap();
    assert_eq!((row.state, row.quality.as_deref(), row.category), (ReviewState::Approved, Some("RED"), Category::Utility));
    assert_eq!(standing::of_version(&store, w.owner.account, w.version).await.unwrap(), [row]);

    // Of another company, another messenger, another name: nobody's.
    for (account, kind, news) in [
        (AccountId::new(), kind(), news(ReviewState::Disabled, None)),
        (w.owner.account, ChannelKind::ALL[0], news(ReviewState::Disabled, None)),
        (w.owner.account, kind(), TemplateNews { state: Some(ReviewState::Disabled), name: "skidki_v1_0".into(), language: "en".into(), ..TemplateNews::default() }),
        (w.owner.account, kind(), TemplateNews { state: Some(ReviewState::Disabled), ..TemplateNews::default() }),
    ] {
        campaign::reviewed::told(&store, account, kind, &news, w.now).await.unwrap();
    }
    assert_eq!(standing::one(&store, w.owner.account, w.channel, w.version).await.unwrap().unwrap().state, ReviewState::Approved);
});

// The provider had moved an advertising template among those about orders, which cost less.
both!(async fn a_template_costs_what_its_category_at_the_provider_costs(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    moved(&store, &w).await;
    handed_in(&store, &w, ReviewState::Approved, "d").await;
    for (category, text) in [(price::Category::Marketing, "1 ₽"), (price::Category::Utility, "0,35 ₽")] {
        price::set(&store, &w.owner, (kind(), category), &price::typed::read(text).unwrap(), w.now).await.unwrap();
    }
    let id = ready(&store, &w).await;
    for (category, sum) in [("marketing", "2"), ("utility", "0.7")] {
        run!(store, "update provider_template set category = $1", category);
        let campaign = get(&store, w.owner.account, id).await.unwrap();
        let (_, cost) = audience::forecast(&store, &campaign, w.now).await.unwrap().cost();
        assert_eq!(cost, Cost { sums: [(Currency::Rub, Amount::parse(sum).unwrap())].into(), priced: 2, unpriced: 0 }, "{category}");
    }
});
