//! Clause 2.2 of the agreement, with real processes: a licence is bought in the chat, by Telegram
//! and by a bank's invoice, and entered as a signed key.

use mms_core::{
    account::{
        licence::{self, PlanCode},
        order,
    },
    clock,
};
use mms_sandbox::telegram::Checkout;

use crate::{
    bot_life::Person,
    harness::{Company, PATIENCE, Shape, World, until},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

async fn terms(anna: &Person<'_>, offer: &str) {
    anna.types("/menu");
    for button in ["Настройки", "Лицензия", "Продлить / сменить тариф", offer] {
        anna.presses(button).await;
    }
    anna.sees("не возвращается").await;
}

/// How many licences of a plan the company has.
async fn of_plan(world: &World, company: &Company, plan: PlanCode) -> usize {
    let all = licence::list(&world.store, company.account).await.expect("read");
    all.into_iter().filter(|one| one.plan == plan && one.revoked_at.is_none()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn agreement_2_2_a_licence_is_bought_in_the_chat() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        for (name, value) in [
            ("MMS_BILLING_TOKEN", "381764678:TEST:100037"),
            ("MMS_BILLING_SELLER", "ООО «Лицензиар»"),
            ("MMS_BILLING_INN", "7707083893"),
            ("MMS_BILLING_ACCOUNT", "40702810900000000001"),
            ("MMS_BILLING_BANK", "АО «Пример-Банк»"),
            ("MMS_BILLING_BIC", "044525000"),
        ] {
            world.set(name, value);
        }
        let key = world.file("licensor.key").display().to_string();
        let made = world.command(&["admin", "licence-key", "new", "--file", &key], "");
        world.set("MMS_BILLING_LICENCE_KEYS", made.split_whitespace().next_back().expect("a public key"));
        world.start_all();
        let company = Company::found(&world, 1).await;
        let current = licence::current(&world.store, company.account, clock::now()).await.expect("read").expect("licensed");
        licence::revoke(&world.store, company.account, current.id, clock::now()).await.expect("revoked");
        let id = {
            let anna = Person::new(&world);
            anna.signs_in(&company).await;
            terms(&anna, "Старт, 1 мес.").await;
            anna.presses("Принимаю, картой").await;
            anna.sees("Заказ №").await;
            anna.id
        };
        let query = world.sandbox.pay_newest(world.manager_bot, id).expect("asked");
        let word = world.sandbox.until(PATIENCE, |telegram| telegram.checkout(&query)).await;
        assert!(matches!(word, Some(Checkout::Paid(_))), "{word:?}");
        // The power goes as the money comes; what is told again changes nothing.
        world.kill_bot().await;
        until("the licence", || async { (of_plan(&world, &company, PlanCode::START).await == 1).then_some(()) }).await;
        world.sandbox.tell_paid_again(&query).expect("told");
        let anna = Person { world: &world, id };
        anna.sees("оплачен: лицензия «Старт»").await;
        // By a bank's invoice, confirmed at the server.
        terms(&anna, "Бизнес, 12 мес.").await;
        anna.presses("Принимаю, счёт для банка").await;
        anna.sees("Кто покупает").await;
        anna.types("ООО «Ромашка», ИНН 7707083893, Казань");
        anna.sees("Счёт для банка").await;
        let order = order::list(&world.store, company.account, 1).await.expect("read").remove(0);
        let act = world.file("act.pdf").display().to_string();
        let number = order.id.to_string();
        world.command(&["admin", "payment", "confirm", "--invoice", &number, "--document", "п/п 7", "--act", &act], "");
        assert!(std::fs::read(&act).expect("the act").starts_with(b"%PDF-"));
        world.command(&["admin", "payment", "confirm", "--invoice", &number, "--document", "п/п 7"], "");
        assert_eq!((of_plan(&world, &company, PlanCode::START).await, of_plan(&world, &company, PlanCode::BUSINESS).await), (1, 1));
        let account = company.account.to_string();
        assert!(world.command(&["admin", "payments", "--account", &account], "").contains(&number));
        // A signed key counts once.
        let until = (clock::now() + chrono::TimeDelta::days(40)).format("%Y-%m-%d").to_string();
        let issue = ["admin", "licence-key", "issue", "--file", &key, "--account-name", &account, "--plan", "unlimited", "--until", &until];
        let signed = world.command(&issue, "");
        world.command(&["admin", "licence-key", "enter", "--account", &account], &signed);
        let again = world.output(&["admin", "licence-key", "enter", "--account", &account], &signed);
        assert!(!again.status.success(), "a key counted twice");
        assert_eq!(of_plan(&world, &company, PlanCode::UNLIMITED).await, 1);
        world.stop().await;
    }
}
