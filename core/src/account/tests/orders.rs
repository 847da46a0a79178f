//! Orders, payments and signed keys; a licence from its first day to its end.

use chrono::TimeZone as _;

use super::*;
use crate::{
    account::{
        key::{self, Claims, KeyError},
        licence::PlanCode,
        order::{self, NewOrder, Order, OrderError, OrderState, Way},
        payment::{self, Paid, Payment, ReturnError, Stray},
        plan,
    },
    id::LicenceId,
    sign::Signer,
};

const BUYER: (&str, &str) = ("ООО «Ромашка», ИНН 7707083893, Казань", "7707083893");

fn at(year: i32, month: u32, day: u32) -> Moment {
    chrono::Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap()
}

async fn ordered(store: &Store, owner: &Actor, way: Way, (plan, months): (PlanCode, u32), now: Moment) -> Order {
    let buyer = (way == Way::Bank).then_some(BUYER);
    let new = NewOrder { plan, months, way, language: Language::Ru, buyer };
    order::place(store, owner, plan::book(), &new, 5, now).await.unwrap()
}

async fn paid(store: &Store, order: &Order, key: &str, now: Moment) -> Paid {
    let payment = Payment { key, by: "bank", amount: order.amount, currency: &order.currency };
    payment::pay(store, order.account_id, order.id, payment, now).await.unwrap()
}

async fn told(store: &Store, kind: NoticeKind) -> usize {
    crate::notice::due(store, at(2099, 1, 1), 1_000).await.unwrap().iter().filter(|notice| notice.kind() == Some(kind)).count()
}

both!(async fn money_makes_a_licence_once_however_often_it_is_told(store) {
    let now = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", now).await;
    let order = ordered(&store, &owner, Way::Telegram, (PlanCode::START, 1), now).await;
    assert_eq!((order.amount, order.currency.as_str(), order.state), (490_000, "RUB", OrderState::Open));
    let tries = (0..6).map(|_| {
        let (store, order) = (store.clone(), order.clone());
        tokio::spawn(async move { paid(&store, &order, "telegram:tg_1", now).await })
    });
    let mut made = Vec::new();
    for tried in tries.collect::<Vec<_>>() {
        match tried.await.unwrap() {
            Paid::Now(licence) => made.push(licence),
            other => assert_eq!(other, Paid::Before),
        }
    }
    assert_eq!(made.len(), 1);
    assert_eq!((made[0].plan, made[0].valid_from, made[0].valid_until), (PlanCode::START, now, at(2027, 1, 1)));
    assert_eq!(licence::current(&store, founded.account, now).await.unwrap().as_ref(), Some(&made[0]));
    let order = order::get(&store, founded.account, order.id).await.unwrap();
    assert_eq!((order.state, order.licence_id), (OrderState::Paid, Some(made[0].id)));
    assert!(matches!(order::cancel(&store, &owner, order.id, now).await, Err(OrderError::Closed(OrderState::Paid))));
    // Other money for the same order is kept and told, and makes nothing.
    assert_eq!(paid(&store, &order, "bank:7", now).await, Paid::Kept(Stray::Twice));
    assert_eq!(paid(&store, &order, "bank:7", now).await, Paid::Before);
    let kept = payment::list(&store, founded.account, 10).await.unwrap();
    assert_eq!(kept.iter().filter(|one| one.licence_id.is_some()).count(), 1);
    assert_eq!((kept.len(), licence::list(&store, founded.account).await.unwrap().len()), (2, 1));
    assert_eq!((told(&store, NoticeKind::LicencePaid).await, told(&store, NoticeKind::LicenceStrange).await), (1, 1));
    // What was accepted is kept, word for word, and the trail says by whom.
    let terms = plan::book().terms.text(Language::Ru);
    let body: String = on!(store.read(), |c| sqlx::query_scalar("select body from licence_terms where hash = $1").bind(&order.terms).fetch_one(c).await).unwrap();
    assert_eq!(body, terms);
    let trail = audit::entries(&store, founded.account, 0, 100).await.unwrap();
    let of = |action: &str| trail.iter().filter(|entry| entry.action == action).map(|entry| entry.actor.clone()).collect::<Vec<_>>();
    assert_eq!(of("licence.order"), [owner.member.to_string()]);
    assert_eq!((of("licence.issue"), of("licence.payment_strange")), (vec!["bank".to_owned()], vec!["bank".to_owned()]));
    assert!(audit::verify(&store, founded.account).await.unwrap().is_ok());
});

both!(async fn an_order_is_paid_with_its_own_sum_and_in_time(store) {
    let now = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", now).await;
    let boris = manager(&store, &owner, "boris", now).await;
    let new = NewOrder { plan: PlanCode::START, months: 1, way: Way::Bank, language: Language::Ru, buyer: Some(BUYER) };
    let place = async |actor: &Actor, new: NewOrder<'static>| order::place(&store, actor, plan::book(), &new, 5, now).await;
    assert!(matches!(place(&boris, new).await, Err(OrderError::Forbidden(Right::Own))));
    assert!(matches!(place(&owner, NewOrder { months: 5, ..new }).await, Err(OrderError::NotSold)));
    assert!(matches!(place(&owner, NewOrder { plan: PlanCode::TRIAL, ..new }).await, Err(OrderError::NotSold)));
    assert!(matches!(place(&owner, NewOrder { plan: PlanCode::UNLIMITED, months: 12, way: Way::Stars, ..new }).await, Err(OrderError::NotSold)));
    assert!(matches!(place(&owner, NewOrder { buyer: None, ..new }).await, Err(OrderError::BadInn)));
    let order = place(&owner, new).await.unwrap();
    let (account, id, sum) = (founded.account, order.id, (order.amount, order.currency.as_str()));
    assert!(order::check(&store, account, id, sum, now).await.is_ok());
    assert!(matches!(order::check(&store, account, id, (1, "RUB"), now).await, Err(OrderError::OtherSum { .. })));
    assert!(matches!(order::check(&store, account, id, (sum.0, "XTR"), now).await, Err(OrderError::OtherSum { .. })));
    assert!(matches!(order::check(&store, account, id, sum, now + TimeDelta::days(5)).await, Err(OrderError::Stale(_))));
    let (_, stranger) = super::founded(&store, "zoya", now).await;
    assert!(matches!(order::get(&store, stranger.account, id).await, Err(OrderError::NotFound)));
    assert!(matches!(order::cancel(&store, &stranger, id, now).await, Err(OrderError::NotFound)));
    let foreign = Payment { key: "bank:1", by: "bank", amount: sum.0, currency: "RUB" };
    assert!(matches!(payment::pay(&store, stranger.account, id, foreign, now).await, Err(OrderError::NotFound)));
    // Too little money makes nothing; the order waits on.
    let little = Payment { key: "bank:2", by: "bank", amount: 1, currency: "RUB" };
    assert_eq!(payment::pay(&store, account, id, little, now).await.unwrap(), Paid::Kept(Stray::OtherSum));
    assert_eq!(order::get(&store, account, id).await.unwrap().state, OrderState::Open);
    // Late money pays: whoever took it owes the licence.
    let late = now + TimeDelta::days(9);
    assert_eq!(order::expire(&store, late).await.unwrap(), 1);
    assert!(matches!(order::check(&store, account, id, sum, late).await, Err(OrderError::Closed(OrderState::Expired))));
    assert!(matches!(paid(&store, &order, "bank:3", late).await, Paid::Now(_)));
    for _ in 0..10 {
        place(&owner, new).await.unwrap();
    }
    assert!(matches!(place(&owner, new).await, Err(OrderError::TooMany)));
});

both!(async fn money_for_a_company_that_is_shut_or_gone_is_kept_and_given_back_once(store) {
    let now = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", now).await;
    let account = founded.account;
    let (first, second) = (ordered(&store, &owner, Way::Bank, (PlanCode::START, 1), now).await, ordered(&store, &owner, Way::Bank, (PlanCode::START, 1), now).await);
    let suspend = async |ends: Option<Moment>| {
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(queries::SUSPEND)
            .bind(crate::id::SuspensionId::new())
            .bind(account)
            .bind(suspension::Scope::All)
            .bind("Жалобы")
            .bind("№ 7")
            .bind(None::<String>)
            .bind(now)
            .bind(ends)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
        tx.commit().await.unwrap();
    };
    let (shut, open) = (now + TimeDelta::hours(1), now + TimeDelta::hours(2));
    suspend(Some(open)).await;
    // Nothing is sold meanwhile, and no money is asked for.
    let sum = (first.amount, first.currency.as_str());
    assert!(matches!(order::check(&store, account, first.id, sum, shut).await, Err(OrderError::Suspended(reason)) if reason == "Жалобы"));
    let new = NewOrder { plan: PlanCode::START, months: 1, way: Way::Telegram, language: Language::Ru, buyer: None };
    assert!(matches!(order::place(&store, &owner, plan::book(), &new, 5, shut).await, Err(OrderError::Suspended(_))));
    // What comes all the same is kept, once, and waits.
    assert_eq!(paid(&store, &first, "bank:1", shut).await, Paid::Kept(Stray::Closed));
    assert_eq!(paid(&store, &first, "bank:1", shut).await, Paid::Before);
    assert_eq!(paid(&store, &second, "bank:2", shut).await, Paid::Kept(Stray::Closed));
    let aside = payment::to_give_back(&store).await.unwrap();
    let shown: Vec<_> = aside.iter().map(|one| (one.payment.as_str(), one.account_id, one.why)).collect();
    assert_eq!(shown, [("bank:1", Some(account), Stray::Closed), ("bank:2", Some(account), Stray::Closed)]);
    assert!(licence::current(&store, account, shut).await.unwrap().is_none());
    // One is given back, the other makes its licence once access is open; neither does both.
    assert!(matches!(payment::returned(&store, "bank:2", " ", shut).await, Err(ReturnError::Document)));
    assert_eq!(payment::returned(&store, "bank:2", "п/п 9", shut).await.unwrap().told, second.id.to_string());
    assert!(matches!(payment::returned(&store, "bank:2", "п/п 9", shut).await, Err(ReturnError::None)));
    assert_eq!(paid(&store, &second, "bank:2", open).await, Paid::Before);
    assert!(matches!(paid(&store, &first, "bank:1", open).await, Paid::Now(_)));
    assert_eq!(paid(&store, &first, "bank:1", open).await, Paid::Before);
    assert!(matches!(payment::returned(&store, "bank:1", "п/п 9", open).await, Err(ReturnError::None)));
    assert_eq!((payment::to_give_back(&store).await.unwrap().len(), licence::list(&store, account).await.unwrap().len()), (0, 1));
    // For an order that there is not; the number was mended later.
    let lost = Payment { key: "bank:3", by: "bank", amount: sum.0, currency: sum.1 };
    assert!(payment::keep_stray(&store, lost, "999 999", now).await.unwrap());
    assert!(!payment::keep_stray(&store, lost, "999 999", now).await.unwrap());
    let third = ordered(&store, &owner, Way::Bank, (PlanCode::START, 1), open).await;
    assert!(matches!(payment::pay(&store, account, third.id, lost, open).await, Ok(Paid::Now(_))));
    assert!(payment::to_give_back(&store).await.unwrap().is_empty());
    // Nobody of the company is there any more.
    let fourth = ordered(&store, &owner, Way::Bank, (PlanCode::START, 1), open).await;
    let mut tx = store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("update member set password_hash = '' where account_id = $1").bind(account).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(paid(&store, &fourth, "bank:4", open).await, Paid::Kept(Stray::Nobody));
    assert_eq!(licence::list(&store, account).await.unwrap().len(), 2);
    payment::returned(&store, "bank:4", "п/п 10", open).await.unwrap();
    let trail = audit::entries(&store, account, 0, 100).await.unwrap();
    let count = |action: &str| trail.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count("licence.payment_strange"), count("licence.payment_returned"), count("licence.issue")), (3, 2, 2));
});

both!(async fn the_same_plan_goes_on_and_another_begins_at_once(store) {
    let now = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", now).await;
    let buy = async |plan, months, key: &str, now| {
        let order = ordered(&store, &owner, Way::Bank, (plan, months), now).await;
        match paid(&store, &order, key, now).await {
            Paid::Now(licence) => (licence.valid_from, licence.valid_until),
            other => panic!("{other:?}"),
        }
    };
    let plan_at = async |now| licence::current(&store, founded.account, now).await.unwrap().map(|licence| licence.plan);
    assert_eq!(buy(PlanCode::START, 12, "1", now).await, (now, at(2027, 12, 1)));
    assert_eq!(buy(PlanCode::START, 1, "2", at(2027, 11, 20)).await, (at(2027, 12, 1), at(2028, 1, 1)));
    // A larger plan in between holds at once; what is left of the former goes on after it.
    assert_eq!(buy(PlanCode::BUSINESS, 1, "3", at(2027, 3, 31)).await, (at(2027, 3, 31), at(2027, 4, 30)));
    assert_eq!(plan_at(at(2027, 4, 1)).await, Some(PlanCode::BUSINESS));
    assert_eq!(plan_at(at(2027, 5, 1)).await, Some(PlanCode::START));
    assert_eq!(plan_at(at(2027, 12, 2)).await, Some(PlanCode::START));
    assert_eq!(plan_at(at(2028, 1, 2)).await, None);
});

both!(async fn a_licence_from_its_first_day_to_its_end(store) {
    let begin = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", begin).await;
    let order = ordered(&store, &owner, Way::Bank, (PlanCode::START, 12), begin).await;
    paid(&store, &order, "1", begin).await;
    let end = at(2027, 12, 1);
    let mut now = begin;
    // Every six hours, over its whole life and a month more.
    let mut reminded = Vec::new();
    let mut before = 0;
    while now < end + TimeDelta::days(31) {
        licence::warn_ending(&store, now).await.unwrap();
        let so_far = told(&store, NoticeKind::LicenceEnding).await + told(&store, NoticeKind::LicenceEnded).await;
        if so_far > before {
            reminded.push((end - now).num_hours());
            before = so_far;
        }
        assert_eq!(licence::current(&store, founded.account, now).await.unwrap().is_some(), now < end, "{now}");
        // Time flies where nothing happens.
        now += if now < end - TimeDelta::days(31) { TimeDelta::days(7) } else { TimeDelta::hours(6) };
    }
    assert_eq!(reminded.len(), 6, "{reminded:?}");
    for (hours, days) in reminded.iter().zip(licence::REMINDED) {
        assert!((days - 1) * 24 <= *hours && *hours <= days * 24, "{hours} h for {days} d");
    }
    assert_eq!((told(&store, NoticeKind::LicenceEnding).await, told(&store, NoticeKind::LicenceEnded).await), (5, 1));
});

both!(async fn a_signed_key_is_entered_once_by_its_own_company(store) {
    let now = at(2026, 12, 1);
    let (founded, owner) = founded(&store, "anna", now).await;
    let (_, stranger) = super::founded(&store, "zoya", now).await;
    let (signer, other) = (Signer::of_seed(&[3; 32]), Signer::of_seed(&[4; 32]));
    let keys = signer.public();
    let claims = Claims { id: LicenceId::new().0, account: founded.account.to_string(), plan: PlanCode::BUSINESS, until: at(2027, 6, 1) };
    let text = key::issue(&signer, &claims).unwrap();
    let enter = async |actor: &Actor, text: &str, keys: &str, now| key::enter(&store, actor.into(), keys, text, now).await;
    assert!(matches!(enter(&stranger, &text, &keys, now).await, Err(KeyError::OtherAccount(_))));
    assert!(matches!(enter(&owner, &text, &other.public(), now).await, Err(KeyError::Signature)));
    assert!(matches!(enter(&owner, &text, "", now).await, Err(KeyError::NoKeys)));
    assert!(matches!(enter(&owner, &text, &keys, at(2027, 6, 1)).await, Err(KeyError::Ended(_))));
    let gold = Claims { plan: "gold".parse().unwrap(), ..claims.clone() };
    assert!(matches!(enter(&owner, &key::issue(&signer, &gold).unwrap(), &keys, now).await, Err(KeyError::NoPlan(_))));
    let boris = manager(&store, &owner, "boris", now).await;
    assert!(matches!(enter(&boris, &text, &keys, now).await, Err(KeyError::Forbidden(_))));
    assert!(licence::list(&store, founded.account).await.unwrap().is_empty());
    let licence = enter(&owner, &text, &keys, now).await.unwrap();
    assert_eq!((licence.plan, licence.valid_until), (PlanCode::BUSINESS, at(2027, 6, 1)));
    assert_eq!(licence::current(&store, founded.account, now).await.unwrap(), Some(licence));
    assert!(matches!(enter(&owner, &text, &keys, now).await, Err(KeyError::Used)));
    assert_eq!(licence::list(&store, founded.account).await.unwrap().len(), 1);
    // By the company's name, as its owner knows it.
    let name = settings::get(&store, founded.account).await.unwrap().unwrap().name;
    let named = Claims { id: LicenceId::new().0, account: format!(" {} ", name.to_uppercase()), ..claims };
    assert!(enter(&owner, &key::issue(&signer, &named).unwrap(), &keys, now).await.is_ok());
});

#[test]
fn a_buyer_is_read_as_people_write_one() {
    let (text, inn) = order::buyer(" ООО «Ромашка»,\n ИНН 7707083893, КПП 770701001 ").unwrap();
    assert_eq!((text.as_str(), inn.as_str()), ("ООО «Ромашка», ИНН 7707083893, КПП 770701001", "7707083893"));
    assert!(matches!(order::buyer("ООО «Ромашка», ИНН 7707083894"), Err(OrderError::BadInn)));
    assert!(matches!(order::buyer("  "), Err(OrderError::BadBuyer)));
    assert!(matches!(order::buyer(&"я".repeat(401)), Err(OrderError::BadBuyer)));
    for (inn, is) in [("500100732259", true), ("500100732258", false), ("7707083893", true), ("77070838", false), ("770708389a", false)] {
        assert_eq!(order::is_inn(inn), is, "{inn}");
    }
    assert_eq!(order::until(at(2027, 1, 31), 1), at(2027, 2, 28));
}
