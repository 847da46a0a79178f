//! Clients written by others talk to the doubles, so that those do not only agree with us.

use mms_sandbox::Sandbox;

async fn agree(double: &str) {
    let sandbox = Sandbox::start().await.expect("a sandbox starts");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/client-check");
    let mut command = tokio::process::Command::new(script);
    let output = command.args([double, &sandbox.url()]).kill_on_drop(true).output().await.expect("the script runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
}

/// aiogram and python-telegram-bot.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_telegram() {
    agree("telegram").await;
}

/// pywa.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_whatsapp() {
    agree("whatsapp").await;
}

/// maxapi, and the vendor's own client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_max() {
    agree("max").await;
}

/// vkbottle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_vk() {
    agree("vk").await;
}

/// viberbot, the vendor's own client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_viber() {
    agree("viber").await;
}

/// retailcrm, the vendor's own client.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_retailcrm() {
    agree("retailcrm").await;
}

/// fast_bitrix24.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_bitrix24() {
    agree("bitrix24").await;
}

/// odoorpc.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double_of_odoo() {
    agree("odoo").await;
}
