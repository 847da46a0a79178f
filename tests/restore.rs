//! Restoring when it is needed: over a damaged database, with refusals that came after the backup,
//! beside a key that is not the right one.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use mms_core::{
    account::{licence, login, password, session},
    campaign::{CampaignError, State, advertising, approval, audience},
    clock,
    consent::{doubt, suppression},
    contact::{self, Draft, NewAddress},
    deletion,
    id::ChannelId,
    inbound::{self, NewRaw, SourceKind},
    on,
    secret::Secret,
    store::Store,
};

use crate::{
    campaign_life::quiet,
    harness::{Company, Launch, PASSWORD, Shape, World, next_id, until},
};

async fn opted_out(world: &World, company: &Company) -> i64 {
    const OUT: &str = "select count(*) from contact where account_id = $1 and opted_out_at is not null";
    on!(world.store.read(), |c| sqlx::query_scalar(OUT).bind(company.account).fetch_one(c).await).expect("counted")
}

async fn say_stop(world: &World, company: &Company, people: &[i64]) {
    let before = opted_out(world, company).await;
    for person in people {
        world.sandbox.send_text(company.bot, *person, "стоп").expect("written");
    }
    until("the opt-outs to be recorded", || async {
        (opted_out(world, company).await == before + i64::try_from(people.len()).expect("few")).then_some(())
    })
    .await;
}

fn back_up(world: &World, name: &str) -> PathBuf {
    let file = world.file(name);
    world.command(&["admin", "backup", file.to_str().expect("UTF-8")], "");
    file
}

/// Stops everything, restores, opens the database again; what the command said.
async fn restore(world: &mut World, backup: &Path) -> String {
    if let Some(process) = world.bot.take() {
        process.terminate().await;
    }
    world.store.close().await;
    let said = world.command(&["admin", "restore", backup.to_str().expect("UTF-8")], "");
    world.site.store = Store::open(world.setting("DATABASE_URL")).await.expect("opens").sealed_by(&world.sealer);
    said
}

fn database(world: &World) -> PathBuf {
    PathBuf::from(world.setting("DATABASE_URL").trim_start_matches("sqlite:"))
}

/// How many messages of a campaign each of these people got.
fn got(world: &World, company: &Company, people: &[i64]) -> usize {
    let of_campaign =
        |person: &i64| world.sandbox.ledger().to(company.bot, *person).iter().filter(|entry| entry.text.contains("скидка 10%")).count();
    people.iter().map(of_campaign).sum()
}

/// Ten said stop after the backup, and after the restore all ten got the next campaign.
#[tokio::test(flavor = "multi_thread")]
async fn who_said_stop_after_the_backup_is_left_alone_after_the_restore() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 40).await;
    let people: Vec<i64> = company.customers.keys().copied().collect();
    let (before, after) = (&people[..5], &people[5..15]);
    say_stop(&world, &company, before).await;
    let backup = back_up(&world, "night.db");
    say_stop(&world, &company, after).await;
    suppression::add_phones(&world.store, &company.owner, "+79161234567", clock::now()).await.expect("listed");
    // One whose words are not clear was asked after the backup; one on the list had the number
    // before.
    let (in_doubt, had) = (company.customers[&people[15]], company.customers[&people[16]]);
    let now = clock::now();
    let mut tx = world.store.begin().await.expect("a change");
    doubt::open(&mut tx, company.account, in_doubt, company.channel, None, now).await.expect("doubted").expect("opened");
    let number = NewAddress::phone("+79161234567".to_owned(), "");
    contact::attach_address(&mut tx, company.account, had, &number, now).await.expect("attached").expect("free");
    contact::detach_address(&mut tx, company.account, had, &number.kind, &number.value, number.scope, now).await.expect("detached");
    tx.commit().await.expect("a change");

    let said = restore(&mut world, &backup).await;
    assert!(said.contains("10 people who said stop since the backup"), "{said}");
    assert_eq!(opted_out(&world, &company).await, 15);
    let listed: i64 =
        on!(world.store.read(), |c| sqlx::query_scalar("select count(*) from suppression where reason = 'manual'").fetch_one(c).await)
            .expect("counted");
    assert_eq!(listed, 1, "the company's own list came along");

    world.start_all();
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    assert_eq!(got(&world, &company, &people[..17]), 0, "somebody who had said stop, or is in doubt, got the campaign");
    assert_eq!(got(&world, &company, &people[17..]), 23);
    world.command(&["admin", "books"], "");
    world.command(&["admin", "audit", "verify"], "");
    world.stop().await;
}

/// A restore was refused exactly when it was needed. The damaged database is moved aside; and
/// because nobody can read in it who said stop, advertising waits for an owner.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_moved_aside_and_advertising_waits_for_an_owner() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 12).await;
    let backup = back_up(&world, "night.db");
    world.bot.take().expect("running").terminate().await;
    world.store.close().await;
    std::fs::write(database(&world), vec![0x5A; 40_960]).expect("damaged");
    let said = restore(&mut world, &backup).await;
    assert!(said.contains("cannot be read") && said.contains("before-restore") && said.contains("no advertising is sent"), "{said}");

    world.start_all();
    let campaign = company.approved(&world, Launch::default()).await;
    let planned = audience::forecast(&world.store, &company.campaign(&world, campaign).await, clock::now()).await.expect("counted").planned;
    let launch = || approval::launch(&world.store, &company.owner, campaign, planned, clock::now());
    assert!(matches!(launch().await, Err(CampaignError::AdvertisingHeld)));
    let told = "select count(*) from notice where account_id = $1 and kind = 'advertising.held'";
    let told: i64 = on!(world.store.read(), |c| sqlx::query_scalar(told).bind(company.account).fetch_one(c).await).expect("counted");
    assert_eq!(told, 1, "the owners hear of it in their chat");
    assert!(advertising::confirm(&world.store, &company.approver, clock::now()).await.is_err(), "it is an owner's to say");
    assert!(advertising::confirm(&world.store, &company.owner, clock::now()).await.expect("confirmed"));
    launch().await.expect("launched");
    company.until_state(&world, campaign, State::Finished).await;
    assert_eq!(quiet(&world).await, 12);
    world.stop().await;
}

/// A database that was made anew, or restored without what people said, took the place of the one
/// that knew: a restore over it asked it, heard of nobody, and let advertising go.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_database_that_went_on_from_the_backup_is_believed() {
    const WAITS: &str = "no advertising is sent until";
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 3).await;
    let backup = back_up(&world, "monday.db");
    suppression::add_phones(&world.store, &company.owner, "+79161234567", clock::now()).await.expect("listed");
    let newer = back_up(&world, "tuesday.db");
    let waits = async |world: &World| advertising::held(&world.store, company.account).await.expect("read").is_some();

    let said = restore(&mut world, &backup).await;
    assert!(!said.contains(WAITS) && !waits(&world).await, "what was said since is carried over: {said}");
    // What was restored from Monday does not know what came after Tuesday.
    let said = restore(&mut world, &newer).await;
    assert!(said.contains(WAITS) && waits(&world).await, "{said}");
    // Nor does what waits for an owner's word, whatever is restored over it.
    for backup in [&newer, &backup] {
        let said = restore(&mut world, backup).await;
        assert!(said.contains(WAITS) && waits(&world).await, "{said}");
    }
    // Another machine, where somebody had begun anew before the backup was found.
    world.store.close().await;
    std::fs::remove_file(database(&world)).expect("removed");
    world.site.store = Store::open(world.setting("DATABASE_URL")).await.expect("opens").sealed_by(&world.sealer);
    Company::found(&world, 1).await;
    let said = restore(&mut world, &newer).await;
    assert!(said.contains("knows") && said.contains(WAITS) && waits(&world).await, "{said}");
    world.abandon("nothing runs on what was restored last").await;
}

/// The lock stood beside the name that was given: by a link to the file a second process came to a
/// database that was being worked on.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_at_work_is_held_whatever_leads_to_it() {
    let mut world = World::start(Shape::One).await;
    Company::found(&world, 1).await;
    let backup = back_up(&world, "night.db");
    let (own, link) = (world.setting("DATABASE_URL").to_owned(), world.file("link.db"));
    std::os::unix::fs::symlink(database(&world), &link).expect("linked");
    world.set("DATABASE_URL", format!("sqlite:{}", link.display()));
    let refused = world.output(&["admin", "restore", backup.to_str().expect("UTF-8")], "");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("holds"), "{said}");
    world.set("DATABASE_URL", own);
    world.stop().await;
}

/// A phone that was shut out on Monday came in again after Sunday's backup was restored; and an
/// event of a bot that was connected on Monday was asked for every second, and never understood.
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_to_members_and_channels_since_the_backup_is_carried_over() {
    const CONNECTED: &str = "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
        select $1, account_id, kind, 'second', '4242', credentials, settings, 'paused', 'x', created_at from channel where id = $2";
    const CAME: &str =
        "select count(*) from inbound i join channel h on h.id = i.source_id where h.id = $1 and h.state = 'removed' and i.state = 'new'";
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let (stolen, own) = (next_id(), next_id());
    let (old, new) = (Secret::new(PASSWORD), Secret::new("tri sosny v pole chistom"));
    for phone in [stolen, own] {
        login::login(&world.store, phone, "Анна", &company.owner_login, &old, clock::now()).await.expect("signed in");
    }
    let backup = back_up(&world, "sunday.db");
    session::not_me(&world.store, &company.owner, company.owner.member, stolen, clock::now()).await.expect("shut out");
    let keep = session::authenticate(&world.store, own, clock::now()).await.expect("asked").expect("signed in").session;
    password::renew(&world.store, &company.owner, keep, &new, clock::now()).await.expect("changed");
    world.bot.take().expect("running").terminate().await;
    let second = ChannelId::new();
    on!(world.store.once(), |c| sqlx::query(CONNECTED).bind(second).bind(company.channel).execute(c).await.map(|_| ())).expect("connected");
    let event = NewRaw {
        account: company.account,
        source_kind: SourceKind::Channel,
        source: second.0,
        external_id: "1",
        payload: "{}",
        seed: None,
    };
    inbound::store(&world.store, &[event], clock::now()).await.expect("kept");

    let said = restore(&mut world, &backup).await;
    assert!(said.contains("1 sessions that ended since, 1 members whose"), "{said}");
    let now = clock::now();
    assert!(session::authenticate(&world.store, stolen, now).await.expect("asked").is_none());
    assert!(session::authenticate(&world.store, own, now).await.expect("asked").is_some());
    assert!(login::login(&world.store, next_id(), "Чужой", &company.owner_login, &old, now).await.is_err());
    assert!(login::login(&world.store, own, "Анна", &company.owner_login, &new, now).await.is_ok());
    let came: i64 = on!(world.store.read(), |c| sqlx::query_scalar(CAME).bind(second).fetch_one(c).await).expect("counted");
    assert_eq!(came, 1, "what came in through a channel the backup does not know is understood");
    world.command(&["admin", "audit", "verify"], "");
    world.abandon("nothing runs on what was restored last").await;
}

/// A company that was deleted after the backup, and a licence that was taken back, came to life
/// with it; a doubt about somebody who was met after it was dropped.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_away_since_the_backup_stays_away() {
    let mut world = World::start(Shape::One).await;
    let (company, deleted) = (Company::found(&world, 1).await, Company::found(&world, 1).await);
    let backup = back_up(&world, "sunday.db");
    world.bot.take().expect("running").terminate().await;
    let now = clock::now();
    let current = licence::current(&world.store, company.account, now).await.expect("read").expect("licensed");
    licence::revoke(&world.store, company.account, current.id, now).await.expect("revoked");
    deletion::delete(&world.store, deleted.account, now, |_| ()).await.expect("deleted");
    let met = Draft {
        name: Some("Новый".to_owned()),
        addresses: vec![NewAddress::phone("+79160000001".to_owned(), "")],
        source: "telegram".to_owned(),
        ..Draft::default()
    };
    let mut tx = world.store.begin().await.expect("a change");
    let met = contact::create(&mut tx, company.account, &met, now).await.expect("kept").contact;
    doubt::open(&mut tx, company.account, met, company.channel, None, now).await.expect("doubted").expect("opened");
    tx.commit().await.expect("a change");

    let said = restore(&mut world, &backup).await;
    assert!(said.contains(&deleted.account.to_string()) && said.contains("revoked since: 2"), "{said}");
    let now = clock::now();
    assert!(licence::current(&world.store, company.account, now).await.expect("read").is_none(), "no licence");
    assert!(deletion::deleted_at(&world.store, deleted.account).await.expect("read").is_some());
    let left = deletion::contents(&world.store, deleted.account).await.expect("counted");
    assert_eq!((left.contacts, left.channels, left.members), (0, 0, 0));
    let held = suppression::list(&world.store, company.account, 10, 0).await.expect("read");
    assert_eq!(held.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["+79160000001"]);
    world.command(&["admin", "audit", "verify"], "");
    world.abandon("nothing runs on what was restored last").await;
}

/// Who restored by PostgreSQL's own tools and forgot `mms admin hold` wrote to those who had said
/// stop since.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_holds_what_other_tools_restored() {
    let mut world = World::start(Shape::Apart { workers: 1 }).await;
    let company = Company::found(&world, 3).await;
    for process in world.bot.take().into_iter().chain(std::mem::take(&mut world.workers)) {
        process.terminate().await;
    }
    let held = async |world: &World| advertising::held(&world.store, company.account).await.expect("read").is_some();
    assert!(!held(&world).await);
    let moved = "update home set place = '1'";
    on!(world.store.once(), |c| sqlx::query(moved).execute(c).await.map(|_| ())).expect("moved");
    world.start_bot();
    until("the database to be held", || async { (!world.store.was_restored().await.expect("read")).then_some(()) }).await;
    assert!(held(&world).await);
    // An owner's word holds from then on: it is no restored database any more.
    assert!(advertising::confirm(&world.store, &company.owner, clock::now()).await.expect("confirmed"));
    world.start_worker();
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    assert!(!held(&world).await);
    world.stop().await;
}

/// Two restores within a second kept one former database: the second overwrote the first.
#[tokio::test(flavor = "multi_thread")]
async fn every_former_database_is_kept() {
    let mut world = World::start(Shape::One).await;
    Company::found(&world, 3).await;
    let backup = back_up(&world, "night.db");
    for _ in 0..3 {
        restore(&mut world, &backup).await;
        world.store.close().await;
    }
    let folder = std::fs::read_dir(database(&world).parent().expect("a folder")).expect("read");
    let files: Vec<_> = folder.map(|entry| entry.expect("read")).collect();
    let named = |part: &str| files.iter().filter(|file| file.file_name().to_string_lossy().contains(part)).collect::<Vec<_>>();
    assert_eq!(named("before-restore").len(), 3);
    // The restored one, those that were kept, and whatever stands beside each are nobody else's.
    for file in named(".db") {
        let mode = file.metadata().expect("read").permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has the mode {mode:o}", file.path().display());
    }
    world.abandon("nothing runs on what was restored last").await;
}

/// A backup onto a full disk left a file of no bytes under its name, which was restored as an empty
/// company.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_finds_no_room_leaves_no_file() {
    let world = World::prepare(Shape::One).await;
    Company::found(&world, 3).await;
    let folder = world.file("backups");
    std::fs::create_dir(&folder).expect("made");
    let file = folder.join("night.db");
    let args = ["admin", "backup", file.to_str().expect("UTF-8")];
    let refused = world.output_with_room_for(256, &args);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && refused.status.code().is_some(), "{:?}: {said}", refused.status);
    let left: Vec<_> = std::fs::read_dir(&folder).expect("read").map(|entry| entry.expect("read").file_name()).collect();
    assert!(left.is_empty(), "{left:?}: {said}");
    // With room it is made, under the very name.
    world.command(&args, "");
    assert!(std::fs::metadata(&file).expect("there").len() > 256 * 1_024, "it would have fitted");
}

/// What `mms up` says when it does not start.
fn refuses(world: &World) -> String {
    let output = world.output(&["up"], "");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A database of no bytes was taken for a new installation, and a missing key was replaced by a
/// fresh one, with which no row could be opened.
#[tokio::test(flavor = "multi_thread")]
async fn an_emptied_database_and_a_key_that_is_not_the_right_one_do_not_start() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 3).await;
    world.bot.take().expect("running").terminate().await;
    world.store.close().await;
    let key = PathBuf::from(world.setting("MMS_SEALING_KEY_FILE"));
    let right = std::fs::read(&key).expect("read");

    std::fs::remove_file(&key).expect("removed");
    let said = refuses(&world);
    assert!(said.contains("no sealing key") && said.contains("sealed with one"), "{said}");
    assert!(!key.exists(), "it was replaced");
    std::fs::write(&key, "7".repeat(64)).expect("written");
    let said = refuses(&world);
    assert!(said.contains("not the one this database was sealed with"), "{said}");
    let doctor = world.output(&["doctor"], "");
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("PROBLEM  sealing key"));

    // With the right one everything is as it was.
    std::fs::write(&key, right).expect("written");
    crate::harness::private(&key);
    world.site.store = Store::open(world.setting("DATABASE_URL")).await.expect("opens").sealed_by(&world.sealer);
    world.start_all();
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    assert_eq!(quiet(&world).await, 3);
    world.bot.take().expect("running").terminate().await;
    world.store.close().await;

    let whole = std::fs::read(database(&world)).expect("read");
    std::fs::write(database(&world), b"").expect("emptied");
    let said = refuses(&world);
    assert!(said.contains("is empty or gone") && said.contains("restore"), "{said}");
    let said = String::from_utf8_lossy(&world.output(&["admin", "accounts"], "").stderr).into_owned();
    assert!(said.contains("is empty or gone"), "{said}");
    std::fs::write(database(&world), whole).expect("put back");
    world.command(&["admin", "accounts"], "");
    world.abandon("its database was emptied under it and put back").await;
}

/// Restored where the key is not at hand, the trail cannot be written: it begins anew at the first
/// start with the key, over what it finds, and is whole. What was noted of the former heads raises
/// no alarm.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_without_the_key_leaves_a_trail_that_is_whole() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 6).await;
    let backup = back_up(&world, "night.db");
    let people: Vec<i64> = company.customers.keys().copied().take(2).collect();
    say_stop(&world, &company, &people).await;
    // Noted at a start: further than the backup is.
    let noted = world.file(mms_core::store::trail::notes::FILE);
    let lines = || std::fs::read_to_string(&noted).unwrap_or_default().lines().count();
    world.bot.take().expect("running").terminate().await;
    let before = lines();
    world.start_all();
    world.bot.as_ref().expect("running").listens().await;
    until("the heads to be noted", || async { (lines() > before).then_some(()) }).await;
    world.bot.take().expect("running").terminate().await;
    let key = PathBuf::from(world.setting("MMS_SEALING_KEY_FILE"));
    let right = std::fs::read(&key).expect("read");
    std::fs::remove_file(&key).expect("away");
    let said = restore(&mut world, &backup).await;
    assert!(said.contains("carried over") && said.contains("put the sealing key of this installation"), "{said}");

    std::fs::write(&key, right).expect("put back");
    crate::harness::private(&key);
    world.start_all();
    until("the stops to be there", || async { (opted_out(&world, &company).await == 2).then_some(()) }).await;
    until("the heads to be noted anew", || async {
        let last = std::fs::read_to_string(&noted).unwrap_or_default().lines().last().unwrap_or_default().to_owned();
        (!last.contains("restored without the key")).then_some(())
    })
    .await;
    for chain in ["audit", "consent"] {
        let said = world.command(&["admin", chain, "verify"], "");
        assert!(said.contains("all whole"), "{chain}: {said}");
    }
    let said = world.command(&["admin", "audit", "verify"], "");
    assert!(said.contains("before are as they were found then"), "{said}");
    assert!(!world.logs().contains("the trail is not what was noted of it"), "a false alarm");
    world.stop().await;
}

/// A key that is lost for good: everything works with a new one, and the trail says for good that
/// nobody can check what was before.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_key_is_forgotten_the_trail_is_broken_up_to_there_and_checked_from_there_on() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 3).await;
    world.bot.take().expect("running").terminate().await;
    world.store.close().await;
    std::fs::remove_file(world.setting("MMS_SEALING_KEY_FILE")).expect("lost");
    let said = world.command(&["admin", "forget-key"], "");
    assert!(said.contains("1 channel (a token)") && said.contains("say that it was broken before"), "{said}");
    world.start_bot();
    world.bot.as_ref().expect("running").listens().await;
    let verify = |world: &World, chain: &str| {
        let output = world.output(&["admin", chain, "verify"], "");
        assert!(!output.status.success(), "{chain}");
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    for chain in ["audit", "consent"] {
        let said = verify(&world, chain);
        assert!(said.contains("was not made with this sealing key"), "{chain}: {said}");
    }
    // The next change begins the chain anew.
    world
        .command(&["admin", "issue-licence", "--account", &company.account.to_string(), "--plan", "business", "--until", "2097-12-31"], "");
    for chain in ["audit", "consent"] {
        let said = verify(&world, chain);
        assert!(said.contains("the chain was broken before") && said.contains("its head was forged"), "{chain}: {said}");
    }
    world.abandon("its sealing key is lost, and its channel with it").await;
}
