//! The same for the rooms of the agreement: orders and money, tickets, claims, evidence, erasure,
//! answers to findings, alarms by e-mail.

use mms_core::{
    account::{
        licence::PlanCode,
        order::{self, NewOrder, Way},
        payment::{self, Payment},
        plan, second,
    },
    agreement::{claims, support},
    clock, config,
    consent::{
        Purpose,
        signed::{self, Said},
    },
    erasure::{self, Document, Ground},
    evidence::{self, Scope, request},
    inbound::keyword,
    law::answers::{self, Answer},
    mail::mailbox,
    store::file::Attached,
};

use super::{Attempts, Language, everything};
use crate::harness::{Company, Launch, Shape, World};

const BUYER: (&str, &str) = ("ООО «Ромашка», ИНН 7707083893, Казань", "7707083893");

#[tokio::test(flavor = "multi_thread")]
async fn no_call_of_the_agreements_rooms_leads_into_another_account() {
    for shape in [Shape::One, Shape::Apart { workers: 0 }] {
        let world = World::prepare(shape).await;
        let (rich, poor) = (Company::found(&world, 2).await, Company::found(&world, 1).await);
        walk(&world, &rich, &poor).await;
        world.store.close().await;
    }
}

/// Everything of these rooms is made for `rich`; then `poor` tries every attempt with its ids.
async fn walk(world: &World, rich: &Company, poor: &Company) {
    let (store, now) = (&world.store, clock::now());
    let (b, a, me, owner) = (rich.account, poor.account, &poor.owner, &rich.owner);
    let victim = *rich.customers.values().next().expect("somebody");
    let terms = config::Config::load(None, &std::collections::BTreeMap::new()).expect("the defaults").erasure;
    let campaign = rich.launch(world, Launch::default()).await;

    // What is there to be seen.
    let new = NewOrder { plan: PlanCode::START, months: 1, way: Way::Bank, language: Language::Ru, buyer: Some(BUYER) };
    let ordered = order::place(store, owner, plan::book(), &new, 5, now).await.expect("an order");
    let sum = (ordered.amount, ordered.currency.as_str());
    let number = support::open(store, owner, "Не приходит код", None, None, now).await.expect("a ticket");
    let ticket = support::list(store, b).await.expect("read").remove(0).id;
    let entered = claims::NewClaim {
        direction: claims::Direction::ToLicensor, claimant: "Анна", subject: "Не работало", attached: None
    };
    let claim = claims::enter(store, owner, &entered, now).await.expect("a claim");
    let asked = request::enter(store, owner, "УФАС", "Пётр", now.date_naive(), now).await.expect("a request");
    let dossier = evidence::ask(store, owner, Scope::Person(victim), Some(asked), now).await.expect("a dossier");
    let demand = erasure::file(store, owner, victim, Ground::Demanded, "Письмо", &terms, now).await.expect("a demand");
    answers::give(store, owner, ("38fz-5-3-superlative", "x"), "Лучшие", (Answer::FalseAlarm, None), now).await.expect("an answer");
    let paper = signed::begin(store, owner, victim, Purpose::PersonalData, now).await.expect("a draft");
    signed::say(store, owner, paper, Said::Other("Согласна")).await.expect("words");
    signed::date(store, owner, paper, "вчера", now).await.expect("a day");
    let brought = Attached { name: "a.pdf", mime: "application/pdf", content: b"%PDF-1.7" };
    signed::keep(store, owner, paper, brought, now).await.expect("a paper");
    let draft = signed::begin(store, owner, victim, Purpose::Marketing, now).await.expect("a draft");
    let word = keyword::add(store, owner, None, "клуб", now).await.expect("a word");
    mailbox::ask(store, owner, "anna@example.com", |code| (code.to_owned(), code.to_owned()), now).await.expect("an address");

    let before = everything(store, b).await;
    for table in [
        "licence_order",
        "support_ticket",
        "claim",
        "evidence_request",
        "dossier",
        "erasure",
        "law_answer",
        "mailbox",
        "consent_paper",
        "keyword",
    ] {
        assert!(!before[table].is_empty(), "nothing in `{table}` to be seen");
    }
    let mut attempts = Attempts { store, victim: b, before, walked: Default::default(), hooks: Default::default(), wrong: Vec::new() };
    macro_rules! attempt {
        ($name:literal, $shut:expr) => {{
            let shut = $shut;
            attempts.tried($name, shut).await;
        }};
    }

    attempt!("order::get", order::get(store, a, ordered.id).await.is_err());
    attempt!("order::list", order::list(store, a, 10).await.unwrap().is_empty());
    attempt!("order::cancel", order::cancel(store, me, ordered.id, now).await.is_err());
    attempt!("order::check", order::check(store, a, ordered.id, sum, now).await.is_err());
    let money = Payment { key: "bank:1", by: "bank", amount: sum.0, currency: sum.1 };
    attempt!("payment::pay", payment::pay(store, a, ordered.id, money, now).await.is_err());
    attempt!("payment::list", payment::list(store, a, 10).await.unwrap().is_empty());
    attempt!("second::has", !second::has(store, a, owner.member).await.unwrap());
    attempt!("second::reset", second::reset(store, me, owner.member, now).await.is_err());
    attempt!("support::get", support::get(store, a, ticket).await.unwrap().is_none());
    attempt!("support::list", support::list(store, a).await.unwrap().is_empty());
    attempt!("support::thread", support::thread(store, a, ticket).await.unwrap().is_empty());
    attempt!("support::add", support::add(store, me, ticket, "чужое", None, None, now).await.is_err());
    attempt!("support::answer", support::answer(store, a, number, "чужое", now).await.is_err());
    attempt!("support::close", support::close(store, me, number, now).await.is_err());
    attempt!("claims::get", claims::get(store, a, claim).await.unwrap().is_none());
    attempt!("claims::list", claims::list(store, a).await.unwrap().is_empty());
    attempt!("claims::answer", claims::answer(store, me, 1, "чужое", now).await.is_err());
    attempt!("claims::close", claims::close(store, me, claim, now).await.is_err());
    attempt!("request::get", request::get(store, a, asked).await.unwrap().is_none());
    attempt!("request::page", request::page(store, a, 0, 10).await.unwrap().is_empty());
    attempt!("request::counts", request::counts(store, a).await.unwrap() == (0, 0));
    attempt!("request::answer", request::answer(store, me, asked, "чужое", now).await.is_err());
    attempt!("evidence::get", evidence::get(store, a, dossier).await.unwrap().is_none());
    attempt!("evidence::latest", evidence::latest(store, a, 10).await.unwrap().is_empty());
    attempt!("evidence::of_request", evidence::of_request(store, a, asked).await.unwrap().is_empty());
    attempt!("evidence::files", evidence::files(store, a, dossier).await.unwrap().is_empty());
    attempt!("evidence::ask of a person", evidence::ask(store, me, Scope::Person(victim), None, now).await.is_err());
    attempt!("evidence::ask of a campaign", evidence::ask(store, me, Scope::Campaign(campaign), None, now).await.is_err());
    attempt!("erasure::get", erasure::get(store, a, demand).await.unwrap().is_none());
    attempt!("erasure::list", erasure::list(store, a, 10, 0).await.unwrap().is_empty());
    attempt!("erasure::count", erasure::count(store, a).await.unwrap() == (0, 0));
    attempt!("erasure::file", erasure::file(store, me, victim, Ground::Demanded, "Письмо", &terms, now).await.is_err());
    attempt!("erasure::withdraw", erasure::withdraw(store, me, demand, now).await.is_err());
    attempt!("erasure::carry_out", erasure::carry_out(store, me, demand, &terms, now).await.is_err());
    attempt!("erasure::document", erasure::document(store, me, demand, Document::Act).await.is_err());
    attempt!("erasure::person::archive", erasure::person::archive(store, me, victim, now).await.is_err());
    attempt!("signed::begin", signed::begin(store, me, victim, Purpose::Marketing, now).await.is_err());
    attempt!("signed::draft", signed::draft(store, me, draft).await.unwrap().is_none());
    attempt!("signed::draft_of", signed::draft_of(store, me, victim).await.unwrap().is_none());
    attempt!("signed::say", signed::say(store, me, draft, Said::Other("чужое")).await.is_err());
    attempt!("signed::date", signed::date(store, me, draft, "вчера", now).await.is_err());
    attempt!("signed::keep", signed::keep(store, me, draft, brought, now).await.is_err());
    attempt!("signed::drop", signed::drop(store, me, draft).await.is_ok());
    attempt!("signed::of_contact", signed::of_contact(store, a, victim).await.unwrap().is_empty());
    attempt!("signed::one", signed::one(store, a, victim, paper).await.unwrap().is_none());
    attempt!("keyword::list", keyword::list(store, a).await.unwrap().is_empty());
    attempt!("keyword::one", keyword::one(store, a, word).await.unwrap().is_none());
    attempt!("keyword::switch", keyword::switch(store, me, word, false, now).await.is_err());
    attempt!("keyword::place", keyword::place(store, me, word, None, now).await.is_err());
    attempt!("answers::keys", answers::keys(store, a).await.unwrap().is_empty());
    attempt!("answers::get", answers::get(store, a, "38fz-5-3-superlative", "x").await.unwrap().is_none());
    attempt!("mailbox::reachable", mailbox::reachable(store, a).await.unwrap().is_empty());
    attempt!("mailbox::of", mailbox::of(store, me).await.unwrap().is_none());

    assert!(attempts.wrong.is_empty(), "{:?}:\n{}", world.shape, attempts.wrong.join("\n"));
}
