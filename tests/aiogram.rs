//! Clients written by others (aiogram, python-telegram-bot) talk to the Telegram double, so that it
//! does not only agree with us.

use mms_sandbox::Sandbox;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_peoples_clients_agree_with_the_double() {
    let sandbox = Sandbox::start().await.expect("a sandbox starts");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/aiogram-check");
    let output = tokio::process::Command::new(script).arg(sandbox.url()).kill_on_drop(true).output().await.expect("the script runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
}
