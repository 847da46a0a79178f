//! Redis over TLS: with the authority that signed its certificate all is as without TLS; one that
//! nobody named is refused, with a sentence that says what to do, and the processes work without a
//! queue meanwhile.

use std::{path::Path, process::Command};

use mms::drill::{
    services::free_port,
    unit::{Plan, Unit},
};
use mms_core::campaign::State;
use redis::{Client, TlsCertificates};

use crate::harness::{Company, Launch, Shape, World, private, until};

fn openssl(dir: &Path, args: &str) {
    let output = Command::new("openssl").args(args.split(' ')).current_dir(dir).output().expect("openssl is installed (scripts/install)");
    assert!(output.status.success(), "openssl {args}: {}", String::from_utf8_lossy(&output.stderr));
}

/// An authority `<name>.crt`, for a day.
fn authority(dir: &Path, name: &str) {
    openssl(
        dir,
        &format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN={name} -keyout {name}.key -out {name}.crt"
        ),
    );
}

/// A certificate of this machine's address, signed by `ours`.
fn certificate(dir: &Path) {
    openssl(dir, "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=redis -keyout redis.key -out redis.csr");
    std::fs::write(dir.join("redis.ext"), "subjectAltName=IP:127.0.0.1\n").expect("written");
    openssl(dir, "x509 -req -in redis.csr -CA ours.crt -CAkey ours.key -CAcreateserial -days 1 -extfile redis.ext -out redis.crt");
    private(&dir.join("redis.key"));
}

/// A Redis that speaks nothing but TLS; its address.
async fn server(dir: &Path) -> (Unit, String) {
    let port = free_port().expect("a port");
    let words = format!(
        "--port 0 --tls-port {port} --bind 127.0.0.1 --tls-cert-file redis.crt --tls-key-file redis.key --tls-ca-cert-file ours.crt \
         --tls-auth-clients no --appendonly no --daemonize no --dir {} --save",
        dir.display()
    );
    let file =
        |word: &str| if word.ends_with(".crt") || word.ends_with(".key") { dir.join(word).display().to_string() } else { word.to_owned() };
    let args = words.split_whitespace().map(file).chain([String::new()]).collect();
    let plan = Plan { name: "Redis".to_owned(), program: "redis-server".into(), args, env: Vec::new(), log: dir.join("redis-tls.log") };
    let unit = Unit::start(plan).expect("Redis is installed");
    let url = format!("rediss://127.0.0.1:{port}");
    let authorities = std::fs::read(dir.join("ours.crt")).expect("made");
    let client =
        Client::build_with_tls(url.as_str(), TlsCertificates { client_tls: None, root_cert: Some(authorities) }).expect("an address");
    until("Redis to answer", || async { client.get_multiplexed_async_connection().await.is_ok().then_some(()) }).await;
    (unit, url)
}

async fn ready(url: &str) -> String {
    reqwest::get(format!("{url}/readyz")).await.expect("it answers").text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_tls_is_used_when_its_authority_is_known_and_refused_otherwise() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let dir = world.file("");
    for name in ["ours", "strange"] {
        authority(&dir, name);
    }
    certificate(&dir);
    let (_server, url) = server(&dir).await;
    world.set("REDIS_URL", url);
    world.set("MMS_REDIS_CA_FILE", dir.join("ours.crt").display().to_string());
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    for process in [world.bot.as_ref().expect("running"), &world.workers[0]] {
        let address = process.listens().await;
        until("the process to be ready", || async { (ready(&address).await == "ready\n").then_some(()) }).await;
    }
    let company = Company::found(&world, 5).await;
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    assert!(world.command(&["doctor"], "").contains("queue: Redis takes bells"));

    // Nobody the system trusts signed it; somebody else is named; the file is none.
    let doctor = |world: &World| {
        let output = world.output(&["doctor"], "");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    world.set("MMS_REDIS_CA_FILE", dir.join("strange.crt").display().to_string());
    let strange = doctor(&world);
    world.unset("MMS_REDIS_CA_FILE");
    let unknown = doctor(&world);
    for said in [strange, unknown] {
        let line = said.lines().find(|line| line.contains("queue:")).expect("it says");
        assert!(line.starts_with("PROBLEM") && line.contains("certificate") && line.contains("MMS_REDIS_CA_FILE"), "{line}");
    }
    // A process that does not know the authority works without the queue, and says why.
    world.start_worker();
    world.workers.remove(0).terminate().await;
    let worker = world.workers[0].listens().await;
    until("the worker to say that it works without Redis", || async {
        (ready(&worker).await == "ready, degraded: Redis takes no bells\n").then_some(())
    })
    .await;
    until("the reason in its log", || async { world.workers[0].log().contains("MMS_REDIS_CA_FILE").then_some(()) }).await;
    let another = company.launch(&world, Launch::default()).await;
    company.until_state(&world, another, State::Finished).await;

    world.set("MMS_REDIS_CA_FILE", dir.join("redis.key").display().to_string());
    let output = world.output(&["worker"], "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("redis.key` cannot be used: there is no certificate in it"), "{said}");
    world.abandon("its last worker does not know who signed the server's certificate").await;
}
