use chrono::TimeDelta;
use mms_core::{
    account::{
        order::{Order, OrderState},
        plan::{self, Book},
    },
    id::{AccountId, LicenceId, MemberId},
};

use super::{buy::Ways, *};
use crate::{snapshots, testing};

fn licence(plan: PlanCode, days: i64) -> Licence {
    let now = testing::moment();
    Licence {
        id: LicenceId(uuid::Uuid::nil()),
        account_id: AccountId(uuid::Uuid::nil()),
        plan,
        valid_from: now,
        valid_until: now + TimeDelta::days(days),
        revoked_at: None,
    }
}

const USED: Used = Used { members: 3, channels: 1, contacts: 12_345, people: 950, messages: 1_001 };
fn heavy() -> Vec<load::Used> {
    let of = |guard, used, allowed| load::Used { guard, used, allowed };
    vec![of(Guard::Campaigns, 2, 100), of(Guard::Imports, 1, 60), of(Guard::Files, 12, 4_096), of(Guard::FromCrm, 0, 2_000)]
}
const ALL: Ways = Ways { telegram: true, stars: true, bank: true };
const NONE: Ways = Ways { telegram: false, stars: false, bank: false };

fn book() -> Book {
    plan::read(plan::SHIPPED).expect("the plans can be read")
}

fn order(way: Way, state: OrderState) -> Order {
    let at = testing::moment();
    let (amount, currency) = if way == Way::Stars { (2_900, "XTR") } else { (490_000, "RUB") };
    Order {
        id: 1_017,
        account_id: AccountId(uuid::Uuid::nil()),
        member_id: MemberId(uuid::Uuid::nil()),
        plan: PlanCode::START,
        months: 1,
        amount,
        currency: currency.to_owned(),
        way,
        state,
        terms: String::new(),
        buyer: String::new(),
        buyer_inn: String::new(),
        created_at: at,
        expires_at: at + TimeDelta::days(5),
        licence_id: None,
    }
}

fn plans(tr: Tr, ways: Ways, orders: &[Order]) -> Screen {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).expect("a day");
    buy::plans(tr, &book(), ways, orders, "ООО «Лицензиар», +7 495 000-00-00", day)
}

fn terms(tr: Tr, ways: Ways) -> Screen {
    let book = book();
    let plan = book.plan(PlanCode::START).expect("it is there");
    buy::terms(tr, &book, plan, plan.offers[0], ways)
}

snapshots!(licence_none, |tr| card(tr, None, USED, &heavy(), true, testing::moment()));
snapshots!(licence_none_manager, |tr| card(tr, None, USED, &heavy(), false, testing::moment()));
snapshots!(licence_business, |tr| card(tr, Some(&licence(PlanCode::BUSINESS, 41)), USED, &heavy(), true, testing::moment()));
snapshots!(licence_unlimited, |tr| card(tr, Some(&licence(PlanCode::UNLIMITED, 1)), USED, &heavy(), false, testing::moment()));
snapshots!(licence_unknown, |tr| card(tr, Some(&licence("gold".parse().expect("a code"), 9)), USED, &heavy(), true, testing::moment()));
snapshots!(licence_ask_key, |tr| ask_key(tr));
snapshots!(licence_plans, |tr| plans(tr, ALL, &[order(Way::Bank, OrderState::Open), order(Way::Telegram, OrderState::Cancelled)]));
snapshots!(licence_plans_closed, |tr| plans(tr, NONE, &[]));
snapshots!(licence_terms, |tr| terms(tr, ALL));
snapshots!(licence_terms_bank, |tr| terms(tr, Ways { bank: true, ..NONE }));
snapshots!(licence_ask_buyer, |tr| buy::ask_buyer(tr));
snapshots!(licence_order_open, |tr| buy::card(tr, &order(Way::Stars, OrderState::Open)));
snapshots!(licence_order_bank, |tr| buy::card(tr, &order(Way::Bank, OrderState::Open)));
snapshots!(licence_order_paid, |tr| buy::card(tr, &order(Way::Bank, OrderState::Paid)));
snapshots!(licence_order_over, |tr| buy::card(tr, &order(Way::Telegram, OrderState::Expired)));

// A price or a word of the terms that changed meanwhile is another stamp, so nobody accepts what
// they did not see.
#[test]
fn a_button_of_the_terms_is_of_these_terms() {
    let tr = Tr::new(mms_core::account::Language::Ru, chrono_tz::UTC);
    let of = |book: &Book| {
        let plan = book.plan(PlanCode::START).expect("it is there");
        buy::terms(tr, book, plan, plan.offers[0], ALL).keyboard
    };
    let changed = |from: &str, to: &str| {
        assert!(plan::SHIPPED.contains(from), "{from} is in the plans");
        plan::read(&plan::SHIPPED.replace(from, to)).expect("it can be read")
    };
    let dearer = changed("kopecks = 4_900_00,", "kopecks = 4_900_01,");
    let other = changed("оплаченное не возвращается", "оплаченное возвращается");
    assert_eq!(of(&book()), of(&book()));
    assert_ne!(of(&book())[1], of(&other)[1]);
    assert_ne!(of(&book())[1], of(&dearer)[1]);
}
