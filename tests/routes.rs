//! A messenger that is cut off from here is reached by a proxy of its own, and the doctor says what
//! is cut.

use std::net::SocketAddr;

use mms_core::campaign::State;

use crate::{
    cli::refused,
    harness::{
        Company, Launch, Shape, World,
        gateway::{Gateway, LOGIN, Speaks},
    },
};

/// A name, which the proxy is to look up. The double answers to no name of the outside.
const HOST: &str = "localhost";

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

/// An installation for which Telegram is only behind a proxy: where it is said to be, nobody
/// listens.
async fn behind(speaks: Speaks) -> (World, Gateway, u16) {
    let mut world = World::prepare(Shape::One).await;
    let double: SocketAddr = world.sandbox.url().trim_start_matches("http://").parse().expect("an address");
    let (gateway, port) = (Gateway::to(double, speaks).await, nobody().port());
    world.set("MMS_TELEGRAM_API", format!("http://{HOST}:{port}"));
    world.set("MMS_TELEGRAM_PROXY", gateway.setting());
    (world, gateway, port)
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_is_reached_by_a_proxy_that_looks_its_name_up() {
    for speaks in [Speaks::Socks, Speaks::Http] {
        let (mut world, gateway, port) = behind(speaks).await;
        let said = world.command(&["doctor"], "");
        assert!(said.contains("@mms_manager_bot answers"), "{said}");
        let settings = world.command(&["config"], "");
        assert!(!said.contains(LOGIN.1) && !settings.contains(LOGIN.1), "{said}{settings}");
        world.start_all();
        let company = Company::found(&world, 3).await;
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        assert_eq!(company.stats(&world, campaign).await.numbers.sent, 3);
        let asked = gateway.asked();
        assert!(!asked.is_empty() && asked.iter().all(|name| *name == format!("{HOST}:{port}")), "{speaks:?}: {asked:?}");
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_says_what_is_cut_and_what_to_do() {
    let (mut world, _gateway, port) = behind(Speaks::Socks).await;
    let free = nobody();
    let mut everything = String::new();
    let mut wrong = |world: &World| {
        let said = refused(world, &["doctor"], "");
        everything.push_str(&said);
        said
    };
    // The proxy is away; it leads nowhere; it wants another password; there is none.
    world.set("MMS_TELEGRAM_PROXY", format!("socks5://{}:{}@{free}", LOGIN.0, LOGIN.1));
    let said = wrong(&world);
    assert!(said.contains(&format!("PROBLEM  Telegram: the proxy socks5://{free} does not answer")), "{said}");
    let nowhere = Gateway::to(free, Speaks::Socks).await;
    world.set("MMS_TELEGRAM_PROXY", nowhere.setting());
    let said = wrong(&world);
    assert!(said.contains("answers, and the messenger’s server does not through it"), "{said}");
    let strict = Gateway::to(free, Speaks::Http).await;
    world.set("MMS_TELEGRAM_PROXY", strict.setting().replace(LOGIN.1, "hunter2other"));
    let said = wrong(&world);
    assert!(said.contains("does not let us in") && said.contains("telegram.proxy"), "{said}");
    world.set("MMS_TELEGRAM_PROXY", String::new());
    world.set("MMS_TELEGRAM_API", format!("http://{HOST}:{port}"));
    let said = wrong(&world);
    assert!(said.contains("if it is cut off here, set `telegram.proxy`"), "{said}");
    world.set("MMS_TELEGRAM_PROXY", "proxy.example.com hunter2pass".to_owned());
    let said = wrong(&world);
    assert!(said.contains("this is no address of a proxy") && said.contains("MMS_TELEGRAM_PROXY"), "{said}");
    // A messenger without a channel is asked for when it has a proxy.
    world.set("MMS_TELEGRAM_PROXY", String::new());
    world.set("MMS_TELEGRAM_API", world.sandbox.url());
    world.set("MMS_MAX_PROXY", format!("socks5://{free}"));
    let said = wrong(&world);
    assert!(said.contains("PROBLEM  MAX: the proxy socks5://") && said.contains("max.proxy"), "{said}");
    assert!(!everything.contains("hunter2"), "a password is printed: {everything}");
}
