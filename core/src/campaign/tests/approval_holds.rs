//! What an approval holds for, and what voids it.

use super::*;

both!(async fn every_change_voids_an_approval(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let other = version(&store, &w.owner, "approved", w.now).await;
    let vip = segment(&store, &w, "tag = vip").await;
    let second = ChannelId::new();
    run!(
        store,
        "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) select $2, account_id, kind, name, 'other', credentials, settings, state, hook_secret, created_at from channel where id = $1",
        w.channel, second
    );
    let changes = [
        Change::Name("Декабрь".to_owned()),
        Change::Template(1, other),
        Change::Audience(Audience { exclude: vec![vip], ..Audience::everybody() }),
        Change::Channel(1, second),
        Change::Window { starts_at: None, ends_at: Some(w.now + TimeDelta::days(2)) },
        Change::Policy(UncertainPolicy::Resend),
    ];
    for change in changes {
        for scheduled in [false, true] {
            let id = ready(&store, &w).await;
            let window = Change::Window { starts_at: Some(w.now + TimeDelta::hours(1)), ends_at: None };
            draft::edit(&store, &w.manager, id, window, w.now).await.unwrap();
            approval::submit(&store, &w.manager, id, w.now).await.unwrap();
            approval::approve(&store, &w.approver, id, w.now).await.unwrap();
            if scheduled {
                assert!(matches!(approval::launch(&store, &w.manager, id, 2, w.now).await.unwrap(), Launched::Scheduled(_)));
            }
            assert_eq!(draft::edit(&store, &w.manager, id, change.clone(), w.now).await.unwrap(), Edited::Voided, "{change:?}");
            let campaign = get(&store, w.owner.account, id).await.unwrap();
            assert_eq!((campaign.state, campaign.approved_hash, campaign.launched_by), (State::Draft, None, None));
            assert_eq!(draft::edit(&store, &w.manager, id, change.clone(), w.now).await.unwrap(), Edited::Same, "{change:?}");
        }
    }
});

both!(async fn a_change_from_outside_voids_an_approval(store) {
    let w = world(&store).await;
    let account = w.owner.account;
    crowd(&store, &w, 2).await;
    let outside = [
        "update segment set filter = 'tag = gold' where account_id = $1",
        "update segment set deleted_at = created_at where account_id = $1 and deleted_at is null",
        "update account set advertiser = 'ИП Лютик' where id = $1",
        "update account set min_grade = 1 where id = $1",
        "update account set cap_hours = 1 where id = $1",
        "update account set zone = 'Asia/Omsk' where id = $1",
        "update template_version set content_hash = 'other' where account_id = $1",
        "update template_version set state = 'returned' where account_id = $1",
    ];
    for sql in outside {
        let vip = segment(&store, &w, "not tag = vip").await;
        let audience = Change::Audience(Audience::of(vip));
        let mut ids = Vec::new();
        for _ in 0..3 {
            let id = ready(&store, &w).await;
            draft::edit(&store, &w.manager, id, audience.clone(), w.now).await.unwrap();
            approval::submit(&store, &w.manager, id, w.now).await.unwrap();
            ids.push(id);
        }
        let [waiting, agreed, launched] = ids[..] else { unreachable!("three were made") };
        for id in [agreed, launched] {
            approval::approve(&store, &w.approver, id, w.now).await.unwrap();
        }
        approval::launch(&store, &w.manager, launched, 2, w.now).await.unwrap();
        run!(store, sql, account);
        assert!(matches!(approval::approve(&store, &w.approver, waiting, w.now).await, Err(CampaignError::ApprovalVoid)), "{sql}");
        assert!(matches!(approval::launch(&store, &w.manager, agreed, 2, w.now).await, Err(CampaignError::ApprovalVoid)), "{sql}");
        assert_eq!(plan::plan(&store, launched, w.now).await.unwrap(), Planned::Void, "{sql}");
        for id in [waiting, agreed, launched] {
            assert_eq!(state(&store, &w, id).await, State::Draft, "{sql}");
            assert_eq!(balanced(&store, &w, id).await.audience, 0, "{sql}");
        }
        run!(store, "update template_version set state = 'approved' where account_id = $1", account);
    }
});

both!(async fn nobody_approves_their_own(store) {
    let w = world(&store).await;
    let id = draft::create(&store, &w.owner, "Моя", w.now).await.unwrap();
    for change in [Change::Template(1, w.version), Change::Audience(Audience::everybody()), Change::Channel(1, w.channel)] {
        draft::edit(&store, &w.owner, id, change, w.now).await.unwrap();
    }
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    assert!(matches!(approval::approve(&store, &w.owner, id, w.now).await, Err(CampaignError::OwnWork)), "who made it");
    for bad in [" ".to_owned(), "я".repeat(approval::COMMENT_LIMIT + 1)] {
        assert!(matches!(approval::give_back(&store, &w.approver, id, &bad, w.now).await, Err(CampaignError::BadComment)));
    }
    approval::give_back(&store, &w.approver, id, " не то ", w.now).await.unwrap();
    assert_eq!(get(&store, w.owner.account, id).await.unwrap().comment.as_deref(), Some("не то"));
    let copy = draft::duplicate(&store, &w.manager, id, "Ещё", w.now).await.unwrap();
    approval::submit(&store, &w.owner, copy, w.now).await.unwrap();
    assert!(matches!(approval::approve(&store, &w.owner, copy, w.now).await, Err(CampaignError::OwnWork)), "who submitted it");
    assert!(matches!(approval::approve(&store, &w.manager, copy, w.now).await, Err(CampaignError::NotAllowed(Right::Approve))));
    approval::approve(&store, &w.approver, copy, w.now).await.unwrap();
    assert!(matches!(draft::delete(&store, &w.owner, copy, w.now).await, Err(CampaignError::Refused(_))));
    draft::delete(&store, &w.owner, id, w.now).await.unwrap();
    assert!(matches!(get(&store, w.owner.account, id).await, Err(CampaignError::NotFound)));
});

// A new campaign was for everybody until somebody looked, and so was one whose only segment was
// deleted.
both!(async fn a_new_campaign_is_for_nobody_until_somebody_says_whom(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let vip = segment(&store, &w, "tag = vip").await;
    let new = draft::create(&store, &w.manager, "Новая", w.now).await.unwrap();
    for change in [Change::Template(1, w.version), Change::Channel(1, w.channel)] {
        draft::edit(&store, &w.manager, new, change, w.now).await.unwrap();
    }
    let row = get(&store, w.owner.account, new).await.unwrap();
    assert_eq!(row.missing(), [Missing::Audience]);
    let incomplete = |outcome: Option<CampaignError>| matches!(outcome, Some(CampaignError::Incomplete(list)) if list == [Missing::Audience]);
    assert!(incomplete(audience::forecast(&store, &row, w.now).await.err()));
    assert!(incomplete(approval::submit(&store, &w.manager, new, w.now).await.err()));
    // Everybody is said in so many words; a copy keeps what was said, and what was not.
    assert!(get(&store, w.owner.account, draft::duplicate(&store, &w.manager, new, "Копия", w.now).await.unwrap()).await.unwrap().audience.undecided);
    draft::edit(&store, &w.manager, new, Change::Audience(Audience::everybody()), w.now).await.unwrap();
    approval::submit(&store, &w.manager, new, w.now).await.unwrap();
    // A row from before this was asked means what it meant.
    let old: Audience = serde_json::from_str(r#"{"include":[],"exclude":[]}"#).unwrap();
    assert_eq!(old, Audience::everybody());
    assert_eq!(serde_json::to_string(&Audience::of(vip)).unwrap(), format!(r#"{{"include":["{vip}"],"exclude":[]}}"#));
});

// «Сделать копию» pressed twice made two copies.
both!(async fn a_press_pressed_twice_makes_one_draft(store) {
    let w = world(&store).await;
    let vip = segment(&store, &w, "tag = vip").await;
    let begun = draft::Begun { segment: Some(vip), channel: Some(w.channel), template: None };
    let one = draft::begin_with(&store, &w.manager, "Пионы", &begun, w.now).await.unwrap();
    let again = w.now + TimeDelta::seconds(2);
    assert_eq!(draft::begin_with(&store, &w.manager, "Пионы", &begun, again).await.unwrap(), one);
    let row = get(&store, w.owner.account, one).await.unwrap();
    assert_eq!((row.missing(), row.channel(), row.audience), (vec![Missing::Template], Some(w.channel), Audience::of(vip)));
    // Of other content, of somebody else, touched meanwhile, or a minute later: another one.
    let from_template = draft::Begun { template: Some(w.version), ..draft::Begun::default() };
    assert_ne!(draft::begin_with(&store, &w.manager, "Пионы", &from_template, again).await.unwrap(), one);
    assert_ne!(draft::begin_with(&store, &w.owner, "Пионы", &begun, again).await.unwrap(), one);
    let copy = draft::duplicate(&store, &w.manager, one, "Копия", again).await.unwrap();
    assert_eq!(draft::duplicate(&store, &w.manager, one, "Копия", again + TimeDelta::seconds(1)).await.unwrap(), copy);
    assert_ne!(draft::duplicate(&store, &w.manager, one, "Копия", again + TimeDelta::minutes(2)).await.unwrap(), copy);
    draft::edit(&store, &w.manager, one, Change::Template(1, w.version), again).await.unwrap();
    assert_ne!(draft::begin_with(&store, &w.manager, "Пионы", &begun, again).await.unwrap(), one);
});

both!(async fn a_launch_is_refused_for_its_reasons(store) {
    let w = world(&store).await;
    let id = draft::create(&store, &w.manager, "Пусто", w.now).await.unwrap();
    let missing = approval::submit(&store, &w.manager, id, w.now).await;
    assert!(matches!(missing, Err(CampaignError::Incomplete(list)) if list == [Missing::Template, Missing::Audience, Missing::Channel]));
    assert!(matches!(draft::create(&store, &w.manager, "  ", w.now).await, Err(CampaignError::BadName)));
    let raw = version(&store, &w.owner, "submitted", w.now).await;
    assert!(matches!(draft::edit(&store, &w.manager, id, Change::Template(1, raw), w.now).await, Err(CampaignError::TemplateNotApproved)));
    let back = Change::Window { starts_at: Some(w.now), ends_at: Some(w.now - TimeDelta::seconds(1)) };
    assert!(matches!(draft::edit(&store, &w.manager, id, back, w.now).await, Err(CampaignError::BadWindow)));

    let id = ready(&store, &w).await;
    run!(store, "update account set advertiser = '' where id = $1", w.owner.account);
    assert!(matches!(approval::submit(&store, &w.manager, id, w.now).await, Err(CampaignError::Lint(_))));
    run!(store, "update account set advertiser = 'ООО «Ромашка»' where id = $1", w.owner.account);

    let id = approved(&store, &w).await;
    assert!(matches!(approval::launch(&store, &w.manager, id, 0, w.now).await, Err(CampaignError::Nobody)));
    crowd(&store, &w, 1).await;
    run!(store, "update channel set state = 'paused' where id = $1", w.channel);
    assert!(matches!(approval::launch(&store, &w.manager, id, 1, w.now).await, Err(CampaignError::ChannelNotActive)));
    run!(store, "update channel set state = 'active' where id = $1", w.channel);
    run!(store, "update licence set revoked_at = $2 where account_id = $1", w.owner.account, w.now);
    assert!(matches!(approval::launch(&store, &w.manager, id, 1, w.now).await, Err(CampaignError::NoLicence)));
    assert_eq!(state(&store, &w, id).await, State::Approved);
});

// An owner set an approver's password and approved as the approver: for a day after it nobody does.
both!(async fn whoever_got_a_new_password_by_a_link_approves_nothing_for_a_day(store) {
    use crate::{
        account::{invitation::Fingerprint, reset},
        secret::Secret,
    };
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let id = ready(&store, &w).await;
    approval::submit(&store, &w.manager, id, w.now).await.unwrap();
    let link = Fingerprint::of(reset::create(&store, &w.owner, w.approver.member, w.now).await.unwrap().expose());
    reset::accept(&store, (9, "Vera"), &link, &Secret::new("loshad na marse"), w.now).await.unwrap();
    let day = TimeDelta::hours(24);
    for at in [w.now, w.now + day - TimeDelta::milliseconds(1)] {
        let refused = approval::approve(&store, &w.approver, id, at).await;
        assert!(matches!(refused, Err(CampaignError::FreshPassword(until)) if until == w.now + day), "{refused:?}");
        assert_eq!(get(&store, w.owner.account, id).await.unwrap().state, State::Submitted);
    }
    approval::approve(&store, &w.approver, id, w.now + day).await.unwrap();
});
