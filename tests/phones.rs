//! The page with phones, driven in a real browser against real processes.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use mms_sandbox::{
    Sandbox, User, WhatsApp,
    whatsapp::{Person, Status},
};
use serde_json::{Value, json};

use crate::harness::{Company, Launch, Shape, World, next_id};

/// Longest wait for what is under way.
const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_and_a_customer_on_the_page_of_phones() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 4).await;
    company.approved(&world, Launch::default()).await;
    let manager = next_id();
    world.sandbox.add_user(User::new(manager, "Анна", "+79990001122"));
    let customer = *company.customers.keys().next().expect("a customer");
    let given = json!({
        "url": world.sandbox.url(),
        "manager": manager,
        "managerBot": world.manager_bot,
        "customer": customer,
        "customerBot": company.bot,
        "login": company.owner_login,
        "password": crate::harness::PASSWORD,
        "campaign": "Весна",
        "count": 4,
        "phone": crate::harness::phone(customer),
        "shots": shot("phones"),
    });
    browse("phones", &given).await;
    assert_eq!(company.received(&world).get(&customer), Some(&2), "the campaign once, the confirmation once");
    world.stop().await;
}

/// A person with two messengers has a tab for each: what is new is marked, read, answered, and a
/// block in one is none in the other.
#[tokio::test(flavor = "multi_thread")]
async fn one_phone_has_a_tab_for_each_messenger() {
    const TOKEN: &str = "f9LHodD0cOL-tabs";
    // From two thousand million on VK's ids are chats of many people.
    const IN_VK: i64 = 123_456;
    let (telegram, max) = (next_id(), next_id());
    let sandbox = Sandbox::start().await.expect("a sandbox starts");
    let bot = sandbox.add_bot("7000000001:AAE-tabs", "shop_bot").expect("a token");
    sandbox.add_user(User::new(telegram, "Анна", "+79991234567"));
    sandbox.max().add_bot(90_007, TOKEN, "shop_max").expect("a token");
    sandbox.max().add_user(User::new(max, "Анна", "+79991234567"));
    let (vk, whatsapp) = (sandbox.vk(), sandbox.whatsapp());
    vk.add_community(777, "vk1.a.tabs", "shop").expect("a token");
    vk.add_user(User::new(IN_VK, "Анна", "+79991234567"));
    whatsapp.add_app("1001", "secret").expect("an app");
    whatsapp.add_waba("3055", "900100").expect("an account");
    whatsapp.add_number(2044, "3055", "+74950001122", "Магазин").expect("a number");
    whatsapp.add_token("EAAG-tabs", "1001").expect("a token");
    whatsapp.add_person(Person::new(telegram, "Анна", "+79991234567"));
    let given = json!({
        "url": sandbox.url(), "telegram": telegram, "max": max, "telegramBot": bot, "maxBot": 90_007, "token": TOKEN,
        "vk": IN_VK, "vkBot": 777, "vkToken": "vk1.a.tabs", "whatsapp": telegram, "whatsappBot": 2044, "whatsappToken": "EAAG-tabs",
        "shots": shot("tabs"),
    });
    browse("tabs", &given).await;
    for kind in ["message_new", "message_read", "message_event"] {
        let told = vk.until(SOON, |vk| vk.told(777).iter().any(|told| told.kind == kind).then_some(())).await;
        told.unwrap_or_else(|| panic!("no {kind}: {:?}", vk.told(777)));
    }
    let read = |whatsapp: &WhatsApp| whatsapp.last(2044, telegram).filter(|message| message.status == Status::Read);
    whatsapp.until(SOON, read).await.expect("reading sends the receipt");
    assert!(sandbox.max().chat(90_007, max).blocked && !sandbox.chat(bot, telegram).blocked);
    assert_eq!(sandbox.max().ledger().to(90_007, max).len(), 1);
}

fn shot(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("target/{name}.png"))
}

/// Runs a script of tests/browser.
async fn browse(name: &str, given: &Value) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/browser-check");
    let mut command = tokio::process::Command::new(script);
    let output = command.args([name, &given.to_string()]).kill_on_drop(true).output().await.expect("the script runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
}
