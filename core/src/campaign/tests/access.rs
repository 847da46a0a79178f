//! What the licensor closes stands still at once, says why, and is on the record; what a company
//! may always do goes on.

use chrono::TimeDelta;

use super::*;
use crate::{
    account::{
        export, feature, load,
        suspension::{self, Scope},
    },
    agreement::{Document, acceptance, files::Text, texts},
    campaign::access::{self, AccessError, Closing},
    channel::lease::Lease,
    delivery::{claim, fixture::Fixture},
    notice::{self, NoticeKind},
};

fn closing(scope: Scope, until: Option<Moment>) -> Closing<'static> {
    Closing { scope, reason: "Жалобы получателей", document: "Решение № 7", document_hash: None, until }
}

async fn due(store: &Store, fixture: &Fixture, now: Moment) -> usize {
    let lease = Lease { channel: fixture.channel, token: 0 };
    claim::campaigns_due(store, lease, fixture.account, now).await.unwrap().len()
}

async fn reason(store: &Store, w: &World, id: CampaignId) -> Option<String> {
    get(store, w.owner.account, id).await.unwrap().state_reason.map(|why| why.code().to_string())
}

both!(async fn agreement_10_1_a_suspension_pauses_says_why_and_is_lifted_on_the_record(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let (runs, later, waits) = (approved(&store, &w).await, ready(&store, &w).await, approved(&store, &w).await);
    approval::launch(&store, &w.manager, runs, 2, w.now).await.unwrap();
    let starts = w.now + TimeDelta::hours(2);
    draft::edit(&store, &w.manager, later, Change::Window { starts_at: Some(starts), ends_at: None }, w.now).await.unwrap();
    approval::submit(&store, &w.manager, later, w.now).await.unwrap();
    approval::approve(&store, &w.approver, later, w.now).await.unwrap();
    approval::launch(&store, &w.manager, later, 2, w.now).await.unwrap();

    let account = w.owner.account;
    for bad in [Closing { reason: " ", ..closing(Scope::All, None) }, Closing { document: "", ..closing(Scope::All, None) }] {
        assert!(matches!(access::suspend(&store, account, &bad, w.now).await, Err(AccessError::Words)));
    }
    assert!(matches!(access::suspend(&store, account, &closing(Scope::All, Some(w.now)), w.now).await, Err(AccessError::Past)));
    assert!(matches!(access::lift(&store, account, "Проверено", w.now).await, Err(AccessError::Open)));
    let (made, held) = access::suspend(&store, account, &closing(Scope::Sending, None), w.now).await.unwrap();
    assert_eq!(held.len(), 2, "the one that runs, and the one with a start");
    assert_eq!((state(&store, &w, runs).await, reason(&store, &w, runs).await), (State::Paused, Some("suspended".to_owned())));
    assert_eq!(state(&store, &w, later).await, State::Approved);
    let again = access::suspend(&store, account, &closing(Scope::Sending, None), w.now).await;
    assert!(matches!(again, Err(AccessError::Already(closed)) if closed.id == made.id));

    let refused = |outcome: &Result<()>| matches!(outcome, Err(CampaignError::Suspended(reason)) if reason == "Жалобы получателей");
    let launched = approval::launch(&store, &w.manager, waits, 2, w.now).await.map(|_| ());
    assert!(refused(&launched), "{launched:?}");
    let resumed = control::resume(&store, &w.manager, runs, w.now).await.map(|_| ());
    assert!(refused(&resumed), "{resumed:?}");
    // Exports go on, and what waits can be stopped.
    export::note(&store, &w.owner, export::What::Contacts, "all", Some(2), w.now).await.unwrap();
    let told = notice::due_of(&store, account, w.now, 50).await.unwrap();
    let told = told.iter().find(|one| one.kind() == Some(NoticeKind::AccessSuspended)).unwrap();
    assert_eq!((told.payload["document"].as_str(), told.payload["campaigns"].as_array().unwrap().len()), (Some("Решение № 7"), 2));

    // It may grow to all, and one word opens everything.
    access::suspend(&store, account, &closing(Scope::All, None), w.now).await.unwrap();
    assert_eq!(suspension::current(&store, account, w.now).await.unwrap().unwrap().scope, Scope::All);
    access::lift(&store, account, "Проверено", w.now).await.unwrap();
    assert_eq!(suspension::current(&store, account, w.now).await.unwrap(), None);
    let all = suspension::all(&store, account).await.unwrap();
    assert!(all.len() == 2 && all.iter().all(|one| one.lifted_at == Some(w.now) && one.lift_reason.as_deref() == Some("Проверено")));
    control::resume(&store, &w.manager, runs, w.now).await.unwrap();
    approval::launch(&store, &w.manager, waits, 2, w.now).await.unwrap();
    let trail = audit::entries(&store, account, 0, 200).await.unwrap();
    let actions: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("access.")).collect();
    assert_eq!(actions, ["access.suspend", "access.suspend", "access.lift"]);
});

both!(async fn nothing_of_a_suspended_company_is_due_until_the_suspension_ends(store) {
    let fixture = Fixture::new(&store, 2, 30.0).await;
    fixture.campaign(&store, "service", "leave", 2, None).await;
    // The clock of the tests is the database's, as far as it was found out: it is not asked twice.
    let now: Moment = on!(store.read(), |c| sqlx::query_scalar("select due_at from delivery where account_id = $1 order by due_at desc limit 1")
        .bind(fixture.account)
        .fetch_one(c)
        .await)
    .unwrap();
    assert_eq!(due(&store, &fixture, now).await, 1);
    let until = now + TimeDelta::hours(1);
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(crate::account::queries::SUSPEND)
        .bind(crate::id::SuspensionId::new())
        .bind(fixture.account)
        .bind(Scope::Sending)
        .bind("Проверка")
        .bind("№ 1")
        .bind(None::<String>)
        .bind(now)
        .bind(Some(until))
        .execute(c)
        .await
        .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
    // Whatever was launched beside it: the claim looks too.
    assert_eq!(due(&store, &fixture, now).await, 0);
    assert_eq!(due(&store, &fixture, until).await, 1, "it ends by itself");
});

both!(async fn agreement_4_1_a_function_that_is_off_is_refused_where_it_is_needed(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let account = w.owner.account;
    let (runs, waits) = (approved(&store, &w).await, approved(&store, &w).await);
    approval::launch(&store, &w.manager, runs, 2, w.now).await.unwrap();
    assert!(matches!(access::switch(&store, account, feature::ADVERTISING, true, " ", w.now).await, Err(AccessError::Words)));
    assert!(matches!(access::switch(&store, account, feature::ADVERTISING, false, "", w.now).await, Err(AccessError::Same)));
    let held = access::switch(&store, account, feature::ADVERTISING, true, "Письмо № 5", w.now).await.unwrap();
    assert_eq!(held.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [runs]);
    assert_eq!(reason(&store, &w, runs).await, Some("feature_off".to_owned()));
    let refused = |outcome: &Result<()>, name: &str| matches!(outcome, Err(CampaignError::FeatureOff(off)) if off.name == name && off.reason == "Письмо № 5");
    let launched = approval::launch(&store, &w.manager, waits, 2, w.now).await.map(|_| ());
    assert!(refused(&launched, "advertising"), "{launched:?}");
    let resumed = control::resume(&store, &w.manager, runs, w.now).await.map(|_| ());
    assert!(refused(&resumed, "advertising"), "{resumed:?}");
    access::switch(&store, account, feature::ADVERTISING, false, "", w.now).await.unwrap();
    access::switch(&store, account, &feature::channel("telegram"), true, "Письмо № 5", w.now).await.unwrap();
    let launched = approval::launch(&store, &w.manager, waits, 2, w.now).await.map(|_| ());
    assert!(refused(&launched, "channel.telegram"), "{launched:?}");
    let submitted = approval::submit(&store, &w.manager, ready(&store, &w).await, w.now).await.map(|_| ());
    assert!(refused(&submitted, "channel.telegram"), "{submitted:?}");

    access::switch(&store, account, feature::EXPORTS, true, "Письмо № 5", w.now).await.unwrap();
    let noted = export::note(&store, &w.owner, export::What::Contacts, "all", Some(2), w.now).await;
    assert!(matches!(noted, Err(crate::account::AccountError::FeatureOff(off)) if off.name == feature::EXPORTS));
    access::switch(&store, account, feature::IMPORTS, true, "Письмо № 5", w.now).await.unwrap();
    let csv = "Имя;Телефон\nАнна;89120000001\n";
    let begun = crate::contact::import::begin(&store, &w.owner, "клиенты.csv", csv.as_bytes(), w.now).await;
    assert!(matches!(begun, Err(crate::contact::import::ImportError::FeatureOff(_))), "{begun:?}");

    let off = feature::off(&store, account).await.unwrap();
    assert_eq!(off.keys().map(String::as_str).collect::<Vec<_>>(), ["channel.telegram", "exports", "imports"]);
    access::switch(&store, account, &feature::channel("telegram"), false, "", w.now).await.unwrap();
    control::resume(&store, &w.manager, runs, w.now).await.unwrap();
    let trail = audit::entries(&store, account, 0, 300).await.unwrap();
    let count = |action: &str| trail.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count("feature.off"), count("feature.on")), (4, 2));
});

both!(async fn agreement_1_5_no_campaign_is_launched_before_the_text_in_force_is_accepted(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let (runs, waits) = (approved(&store, &w).await, approved(&store, &w).await);
    approval::launch(&store, &w.manager, runs, 2, w.now).await.unwrap();
    let text = Text {
        document: Document::Agreement,
        version: "2.0".to_owned(),
        day: w.now.date_naive(),
        language: Language::Ru,
        body: "Текст".to_owned(),
    };
    texts::publish(&store, &[text], w.now).await.unwrap();
    let launched = approval::launch(&store, &w.manager, waits, 2, w.now).await;
    assert!(matches!(&launched, Err(CampaignError::NotAccepted(Document::Agreement, version)) if version == "2.0"), "{launched:?}");
    // What was launched before goes on.
    control::pause(&store, &w.manager, runs, w.now).await.unwrap();
    control::resume(&store, &w.manager, runs, w.now).await.unwrap();
    let desk = acceptance::Desk { messenger: "telegram", chat: 1 };
    let seen = acceptance::stamp(&texts::hash("Текст"));
    acceptance::accept(&store, &w.owner, Document::Agreement, seen, desk, w.now).await.unwrap();
    approval::launch(&store, &w.manager, waits, 2, w.now).await.unwrap();
});

both!(async fn agreement_5_3_so_many_campaigns_of_one_company_are_at_work_and_no_more(store) {
    let w = world(&store).await;
    crowd(&store, &w, 2).await;
    let account = w.owner.account;
    let allowed = load::Load::default().campaigns;
    let (first, last) = (approved(&store, &w).await, approved(&store, &w).await);
    approval::launch(&store, &w.manager, first, 2, w.now).await.unwrap();
    // As many as there may be but one: rows are enough, as the guard counts them.
    let mut tx = store.begin().await.unwrap();
    for _ in 1..allowed {
        on!(tx.conn(), |c| sqlx::query("insert into campaign (id, account_id, name, state, audience, uncertain_policy, created_by, created_at, updated_at) \
            select $2, account_id, name, 'paused', audience, uncertain_policy, created_by, created_at, updated_at from campaign where id = $1")
            .bind(first)
            .bind(CampaignId::new())
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
    }
    tx.commit().await.unwrap();
    let refused = approval::launch(&store, &w.manager, last, 2, w.now).await;
    let heavy = load::Heavy { guard: load::Guard::Campaigns, allowed, used: allowed };
    assert!(matches!(&refused, Err(CampaignError::Heavy(one)) if *one == heavy), "{refused:?}");
    let used = load::used(&store, account, load::Guard::Campaigns, w.now).await.unwrap();
    assert_eq!((used.used, used.allowed), (allowed, allowed));
    // One ends, and the next one goes.
    control::stop(&store, &w.manager, first, w.now).await.unwrap();
    approval::launch(&store, &w.manager, last, 2, w.now).await.unwrap();
});
