//! The page with phones, driven in a real browser against real processes.

use mms_sandbox::User;
use serde_json::json;

use crate::harness::{Company, Launch, Shape, World, next_id};

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_and_a_customer_on_the_page_of_phones() {
    let world = World::start(Shape::One).await;
    let company = Company::found(&world, 4).await;
    company.approved(&world, Launch::default()).await;
    let manager = next_id();
    world.sandbox.add_user(User::new(manager, "Анна", "+79990001122"));
    let customer = *company.customers.keys().next().expect("a customer");
    let shots = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/phones.png");
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
        "shots": shots,
    });
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/browser-check");
    let output = tokio::process::Command::new(script).arg(given.to_string()).kill_on_drop(true).output().await.expect("the script runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    assert_eq!(company.received(&world).get(&customer), Some(&2), "the campaign once, the confirmation once");
    world.stop().await;
}
