//! A backup taken while messages go at full speed: what was confirmed before it began is in it, and
//! what is restored from it sends nobody a second time.

use std::{collections::BTreeMap, path::Path, process::Command};

use mms_core::{
    campaign::State,
    channel::store::{self as channels, ChannelSettings},
    clock,
    id::{CampaignId, ContactId},
    on,
    secret::token,
    store::{Engine, Store},
    testing,
    words::Reason,
};
use mms_sandbox::{Fault, Rates, Rule};

use crate::{
    campaign_life::{quiet, until_sent},
    harness::{Company, Launch, Shape, World, until},
};

/// Deliveries whose outcome is recorded: state and the provider's id.
async fn confirmed(store: &Store, campaign: CampaignId) -> BTreeMap<ContactId, (String, Option<String>)> {
    const ROWS: &str = "select contact_id, state, message_ref from delivery where campaign_id = $1 and state not in ('queued', 'sending')";
    let rows: Vec<(ContactId, String, Option<String>)> =
        on!(store.read(), |c| sqlx::query_as(ROWS).bind(campaign).fetch_all(c).await).expect("rows");
    rows.into_iter().map(|(contact, state, message)| (contact, (state, message))).collect()
}

/// PostgreSQL's own tools, which must succeed.
fn tool(program: &str, args: &[&str]) {
    let out = Command::new(program).args(args).output().expect("PostgreSQL's tools are installed");
    assert!(out.status.success(), "{program}: {}", String::from_utf8_lossy(&out.stderr));
}

fn back_up(world: &World, file: &Path) {
    let file = file.to_str().expect("UTF-8");
    match world.shape {
        Shape::One => drop(world.command(&["admin", "backup", file], "")),
        Shape::Apart { .. } => {
            for command in ["backup", "restore"] {
                let refused = world.output(&["admin", command, file], "");
                let said = String::from_utf8_lossy(&refused.stderr);
                assert!(!refused.status.success() && said.contains("pg_dump") && said.contains("pg_restore"), "{said}");
            }
            tool("pg_dump", &["-Fc", "-f", file, world.setting("DATABASE_URL")]);
        }
    }
}

/// A new installation, with the same key and bots, from a backup; its database.
async fn restored(world: &mut World, file: &Path, dir: &Path) -> Store {
    world.set("MMS_DATA_DIR", dir.display().to_string());
    let path = file.to_str().expect("UTF-8");
    let said = match world.shape {
        Shape::One => {
            world.set("DATABASE_URL", format!("sqlite:{}", dir.join("mms.db").display()));
            world.command(&["admin", "restore", path], "")
        }
        Shape::Apart { .. } => {
            world.set("MMS_REDIS_PREFIX", format!("t{}", token(6)));
            world.set("DATABASE_URL", testing::database(Engine::Postgres).await);
            tool("pg_restore", &["--no-owner", "-d", world.setting("DATABASE_URL"), path]);
            let store = Store::connect(world.setting("DATABASE_URL")).await.expect("it opens");
            assert!(store.was_restored().await.expect("read"), "a start would hold it, whoever forgot to");
            store.close().await;
            let said = world.command(&["admin", "hold"], "");
            let store = Store::connect(world.setting("DATABASE_URL")).await.expect("it opens");
            assert!(!store.was_restored().await.expect("read"), "what is held is held once");
            store.close().await;
            said
        }
    };
    assert!(said.contains("running or planned is held (1 campaign)"), "{said}");
    Store::open(world.setting("DATABASE_URL")).await.expect("it opens").sealed_by(&world.sealer)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_at_full_speed_holds_what_was_confirmed_and_sends_nobody_twice() {
    const CUSTOMERS: usize = 900;
    for shape in [Shape::One, Shape::Apart { workers: 2 }] {
        let mut world = World::start(shape).await;
        world.sandbox.set_rates(Rates::off());
        let company = Company::found(&world, CUSTOMERS).await;
        let settings = ChannelSettings { rate: Some(250.0), ..ChannelSettings::default() };
        channels::configure(&world.store, &company.owner, company.channel, &settings, clock::now()).await.expect("paced");
        // One recipient is limited for an hour, so the campaign is not over however long the
        // backups take.
        let limited = *company.customers.keys().next_back().expect("a customer");
        world.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 3_600 }).bot(company.bot).chat(limited));
        let campaign = company.launch(&world, Launch::default()).await;
        let mut backups = Vec::new();
        for step in [60, 250, 450] {
            until_sent(&world, step).await;
            let before = confirmed(&world.store, campaign).await;
            let file = world.file(&format!("{step}.backup"));
            back_up(&world, &file);
            backups.push((file, before));
        }
        until_sent(&world, CUSTOMERS - 1).await;
        assert_eq!(quiet(&world).await, CUSTOMERS - 1, "the backups disturbed nothing");
        for process in world.bot.take().into_iter().chain(std::mem::take(&mut world.workers)) {
            process.terminate().await;
        }
        world.store.close().await;

        let dirs = tempfile::tempdir().expect("a directory");
        for (step, (file, before)) in backups.iter().enumerate() {
            let dir = dirs.path().join(step.to_string());
            std::fs::create_dir(&dir).expect("made");
            let store = restored(&mut world, file, &dir).await;
            let after = confirmed(&store, campaign).await;
            for (contact, row) in before {
                assert_eq!(after.get(contact), Some(row), "confirmed before backup {step}, and not in it");
            }
            assert!(world.command(&["admin", "books"], "").contains("all books balance"));
            world.command(&["admin", "audit", "verify"], "");
            world.site.store = store;
        }

        world.start_all();
        until("what was in flight to be settled", || async {
            let open: i64 = on!(world.site.store.read(), |c| sqlx::query_scalar("select count(*) from delivery where state = 'sending'")
                .fetch_one(c)
                .await)
            .expect("counted");
            (open == 0).then_some(())
        })
        .await;
        assert_eq!(quiet(&world).await, CUSTOMERS - 1, "a restored installation sent something");
        assert!(company.received(&world).values().all(|n| *n == 1), "somebody got it twice");
        let row = company.campaign(&world, campaign).await;
        assert_eq!((row.state, row.state_reason), (State::Paused, Some(Reason::Restored.into())));
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}
