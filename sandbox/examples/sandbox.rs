//! A sandbox on its own, with one bot and two people: `cargo run -p mms-sandbox --example sandbox
//! [port]`.

#![allow(clippy::print_stdout, reason = "the address is this program's whole output")]

use mms_sandbox::{Sandbox, User};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let sandbox = Sandbox::builder().port(port).start().await?;
    let bot = sandbox.add_bot("7000000001:AAE-sandbox", "shop_bot")?;
    sandbox.name_bot(bot, "Магазин")?;
    sandbox.add_user(User::new(77_001_122, "Анна", "+79991234567"));
    sandbox.add_user(User::new(77_001_133, "Борис", "+79997654321"));
    // A caller that starts this as a child reads the address from the first line.
    println!("{}", sandbox.url());
    std::future::pending().await
}
