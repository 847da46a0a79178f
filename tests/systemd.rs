//! The units say what the program can do, and the program tells systemd what it waits for.

use std::{fs, path::Path};

use mms_core::{secret::token, store::Db};
use sqlx::AssertSqlSafe;
use tokio::net::UnixDatagram;

use crate::harness::{PATIENCE, Shape, World, until};

const UNITS: [(&str, &str); 3] = [("mms-bot.service", "mms bot"), ("mms-worker@.service", "mms worker"), ("mms.service", "mms up")];

fn unit(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd").join(name)).expect("the unit is there")
}

#[test]
fn units_start_commands_that_exist() {
    for (name, command) in UNITS {
        let text = unit(name);
        assert!(text.lines().any(|line| line.starts_with(&format!("ExecStart=/usr/bin/{command} "))), "{name}");
        for line in ["Type=notify", "Restart=always", "WatchdogSec=30", "LimitCORE=0", "TasksMax=1024"] {
            assert!(text.lines().any(|have| have == line), "{name} lacks {line}");
        }
        assert!(text.lines().any(|line| line.starts_with("MemoryMax=")), "{name} may take all of the machine's memory");
    }
}

/// Five starts within ten seconds ended a unit for good.
#[test]
fn a_unit_is_started_again_however_often_it_ends() {
    for (name, _) in UNITS {
        let text = unit(name);
        let (head, _) = text.split_once("[Service]").expect("a section");
        assert!(head.lines().any(|line| line == "StartLimitIntervalSec=0"), "{name}: systemd reads it in [Unit] only");
    }
}

fn page(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("the page is there")
}

/// The unit of one process read the token alone, so its key lay in the data directory beside what
/// it seals.
#[test]
fn units_take_the_sealing_key_as_a_credential() {
    for (name, _) in UNITS {
        let text = unit(name);
        let of = |setting: &str| text.lines().filter_map(|line| line.strip_prefix(setting)).collect::<Vec<_>>();
        assert!(of("LoadCredential=").iter().any(|one| one.starts_with("sealing_key:/")), "{name} reads no key");
        // One process on one machine may make its own: it starts without.
        let may_lack = of("SetCredential=") == ["sealing_key:none"];
        assert_eq!(may_lack, name == "mms.service", "{name}");
    }
}

/// `systemctl help mms` opened a page that nobody had installed, and how to make the database was
/// said nowhere.
#[test]
fn what_the_units_need_is_in_the_instructions() {
    for page_name in ["README.md", "README.ru.md"] {
        let text = page(page_name);
        for (name, _) in UNITS {
            let unit = unit(name);
            let documents: Vec<&str> = unit.lines().filter_map(|line| line.strip_prefix("Documentation=file://")).collect();
            assert!(!documents.is_empty(), "{name} names no page");
            for document in documents {
                let (folder, file) = document.rsplit_once('/').expect("a folder");
                let installed = |line: &str| {
                    let mut words = line.split_whitespace();
                    line.starts_with("install ") && words.clone().any(|word| word == folder) && words.any(|word| word == file)
                };
                assert!(text.lines().any(installed), "{page_name} does not install {document} of {name}");
            }
        }
        for statement in ["create role mms ", "create database mms "] {
            assert!(text.contains(statement), "{page_name} lacks `{statement}`");
        }
    }
}

/// What processes tell systemd.
struct Told {
    socket: UnixDatagram,
}

impl Told {
    fn to(world: &mut World) -> Self {
        let path = world.file("notify");
        let socket = UnixDatagram::bind(&path).expect("a socket");
        world.set("NOTIFY_SOCKET", path.display().to_string());
        Self { socket }
    }

    /// Waits for a line that begins so; it must come before any `not_before`.
    async fn hears(&self, wanted: &str, not_before: Option<&str>) {
        let hear = async {
            loop {
                let mut buffer = [0; 4_096];
                let length = self.socket.recv(&mut buffer).await.expect("a datagram");
                for line in String::from_utf8_lossy(&buffer[..length]).lines() {
                    if line.starts_with(wanted) {
                        return;
                    }
                    assert!(not_before.is_none_or(|early| line != early), "`{line}` came before `{wanted}`");
                }
            }
        };
        tokio::time::timeout(PATIENCE, hear).await.unwrap_or_else(|_| panic!("systemd is never told `{wanted}`"));
    }
}

/// A database that was away for half a minute ended the units for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_the_database_and_says_so() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let told = Told::to(&mut world);
    let database = world.through_proxy("DATABASE_URL").await;
    database.cut();
    world.start_worker();
    told.hears("EXTEND_TIMEOUT_USEC=", Some("READY=1")).await;
    told.hears("STATUS=waiting for the database", Some("READY=1")).await;
    let log = until("the log to say what is waited for", || async {
        let log = world.workers[0].log();
        log.contains("the start waits for the database").then_some(log)
    })
    .await;
    assert_eq!(log.matches("the start waits for the database").count(), 1, "once, then rarely: {log}");
    world.workers[0].must_live();
    database.mend();
    told.hears("READY=1", None).await;
    until("the log to say that it goes on", || async { world.workers[0].log().contains("the database is there").then_some(()) }).await;
    world.stop().await;
}

/// A host that cannot be resolved and a role that is not there yet are waited for; and whoever
/// waits can be stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_host_and_for_a_role() {
    let mut world = World::prepare(Shape::Apart { workers: 2 }).await;
    let told = Told::to(&mut world);
    let right = world.setting("DATABASE_URL").to_owned();
    let mut url = url::Url::parse(&right).expect("a URL");
    url.set_host(Some("no-such-host.invalid")).expect("a host");
    world.set("DATABASE_URL", url.to_string());
    world.start_worker();
    told.hears("STATUS=waiting for the database", Some("READY=1")).await;
    world.workers[0].must_live();
    world.workers.remove(0).terminate().await;

    let role = format!("late_{}", token(6).to_lowercase().replace('-', "_"));
    let mut url = url::Url::parse(&right).expect("a URL");
    url.set_username(&role).expect("a user");
    world.set("DATABASE_URL", url.to_string());
    world.start_worker();
    told.hears("STATUS=waiting for the database", Some("READY=1")).await;
    let Db::Postgres(pool) = world.store.read() else { panic!("PostgreSQL was asked for") };
    let pool = &pool.clone();
    sqlx::query(AssertSqlSafe(format!("create role {role} superuser login"))).execute(pool).await.expect("a role");
    told.hears("READY=1", None).await;
    world.workers.remove(0).terminate().await;
    sqlx::query(AssertSqlSafe(format!("drop role {role}"))).execute(pool).await.expect("dropped");
    world.stop().await;
}

/// Telegram away at the start outlasted `TimeoutStartSec`, and systemd killed what waited for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_does_not_wait_for_telegram() {
    for shape in [Shape::One, Shape::Apart { workers: 0 }] {
        let mut world = World::prepare(shape).await;
        let told = Told::to(&mut world);
        let telegram = world.through_proxy("MMS_TELEGRAM_API").await;
        telegram.cut();
        world.start_bot();
        told.hears("READY=1", None).await;
        told.hears("STATUS=waiting for Telegram", None).await;
        world.bot.as_mut().expect("running").must_live();
        telegram.mend();
        told.hears("STATUS=at work", None).await;
        world.stop().await;
    }
}
