//! The person at the server: a company is deleted, the trail is read, and everything is said in the
//! terminal's language.

use std::time::{Duration, Instant};

use mms::drill::{services, unit::Unit};
use mms_core::{
    account::{login, member},
    campaign::{State, control},
    clock, contact, deletion,
    id::AccountId,
    inbound::quick,
    on,
    secret::Secret,
    store::{Db, Store, audit},
    text::Rich,
};
use mms_sandbox::{Fault, Rule};
use sqlx::AssertSqlSafe;

use crate::harness::{Company, Launch, PASSWORD, Process, Proxy, Shape, World, next_id, until};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// Everything a command said, whether it succeeded.
fn said(world: &World, args: &[&str]) -> (bool, String) {
    let output = world.output(args, "");
    (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// A command that must fail: what it said.
fn refused(world: &World, args: &[&str]) -> String {
    let (success, said) = said(world, args);
    assert!(!success, "mms {args:?} succeeded: {said}");
    said
}

async fn count(store: &Store, sql: &str, account: AccountId) -> i64 {
    on!(store.read(), |c| sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).bind(account).fetch_one(c).await).expect("counted")
}

/// What names people in what is left of an account, by the places where it was.
async fn names_left(store: &Store, account: AccountId) -> Vec<String> {
    let mut left = Vec::new();
    for (what, sql) in [
        ("contacts", "select count(*) from contact where account_id = $1 and (name <> '' or deleted_at is null)"),
        ("addresses", "select count(*) from address where account_id = $1"),
        ("conversations", "select count(*) from conversation where account_id = $1"),
        ("what was said", "select count(*) from chat_message where account_id = $1 and (body <> '' or file_name is not null)"),
        ("saved answers", "select count(*) from quick_reply where account_id = $1"),
        ("events", "select count(*) from inbound where account_id = $1 and payload <> ''"),
        ("answers", "select count(*) from outgoing where account_id = $1 and (payload <> '{}' or address_value <> '')"),
        ("notices", "select count(*) from notice where account_id = $1 and (payload <> '{}' or due_at is not null)"),
        ("imports", "select count(*) from import where account_id = $1"),
        ("files", "select count(*) from file where account_id = $1 and size > 0"),
        ("sessions", "select count(*) from session where account_id = $1 and (ended_at is null or telegram_user_id <> 0)"),
        ("passwords", "select count(*) from member where account_id = $1 and (password_hash <> '' or disabled_at is null)"),
        ("credentials", "select count(*) from channel where account_id = $1 and length(credentials) > 0"),
        ("licences", "select count(*) from licence where account_id = $1 and revoked_at is null"),
    ] {
        let rows = count(store, sql, account).await;
        if rows > 0 {
            left.push(format!("{what}: {rows}"));
        }
    }
    left
}

/// There was no way to take a company off a server.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_company_leaves_what_proves_and_refuses_and_nothing_that_names_people() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let (company, other) = (Company::found(&world, 12).await, Company::found(&world, 3).await);
        let id = company.account.to_string();
        let phone = next_id();
        let password = Secret::new(PASSWORD);
        login::login(&world.store, phone, "Анна", &company.owner_login, &password, clock::now()).await.expect("signed in");
        let done = company.launch(&world, Launch::default()).await;
        company.until_state(&world, done, State::Finished).await;
        // One of them says stop, and another campaign is under way when the company is deleted.
        let leaver = *company.customers.keys().next().expect("a customer");
        world.sandbox.send_text(company.bot, leaver, "стоп").expect("typed");
        let stops = "select count(*) from suppression where account_id = $1 and lifted_at is null";
        until("the stop to be heard", || async { (count(&world.store, stops, company.account).await > 0).then_some(()) }).await;
        // A message in flight is not reached by a deletion: the confirmation has arrived before.
        let waits = "select count(*) from outgoing where account_id = $1 and state in ('queued', 'sending')";
        until("the stop to be confirmed", || async { (count(&world.store, waits, company.account).await == 0).then_some(()) }).await;
        let saved = Rich::plain("Спросите Марину, её номер +7 912 000-11-22");
        quick::add(&world.store, &company.owner, saved, clock::now()).await.expect("saved");
        let base = world.file("base.csv");
        std::fs::write(&base, "Имя;Телефон\nПётр;8 (912) 000-11-22\nОлег;12\n").expect("written");
        let base = base.to_str().expect("UTF-8").to_owned();
        let import = ["admin", "import-contacts", "--account", &id, "--file", &base, "--basis", "signed-document", "--origin", "анкеты"];
        world.command(&import, "");
        world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 15_000 }).method("send*").bot(company.bot));
        let under_way = company.launch(&world, Launch::default()).await;
        until("it to be under way", || async { (company.campaign(&world, under_way).await.state == State::Running).then_some(()) }).await;

        // Looking changes nothing, and says what would go and what would stay.
        let shown = world.command(&["admin", "delete-account", "--account", &id], "");
        for line in ["contacts, with what is known of each and what was said: 13", "campaigns under way or planned, which are stopped: 1"] {
            assert!(shown.contains(line), "{line}: {shown}");
        }
        let stopped = count(&world.store, stops, company.account).await;
        assert!(shown.contains(&format!("addresses that said stop: {stopped}")) && shown.contains("Nothing is deleted yet"), "{shown}");
        let name = shown.split('`').nth(1).expect("the name").to_owned();
        let wrong = refused(&world, &["admin", "delete-account", "--account", &id, "--confirm", "Ромашка"]);
        assert!(wrong.contains("nothing is deleted"), "{wrong}");
        assert_eq!(deletion::contents(&world.store, company.account).await.expect("read").contacts, 13);

        let kept = "select (select count(*) from consent where account_id = $1) + (select count(*) from delivery where account_id = $1)";
        let before = count(&world.store, kept, company.account).await;
        let done = world.command(&["admin", "delete-account", "--account", &id, "--confirm", &name], "");
        assert!(done.contains("is deleted: 13 contacts"), "{done}");
        world.sandbox.faults().clear();

        // Calls that were in flight end, and are recorded; nothing else is done for the company.
        until("nothing to be in flight", || async {
            let air = "select count(*) from delivery where account_id = $1 and state in ('queued', 'sending')";
            (count(&world.store, air, company.account).await == 0).then_some(())
        })
        .await;
        until("what names people to be gone", || async { names_left(&world.store, company.account).await.is_empty().then_some(()) }).await;
        assert_eq!(count(&world.store, kept, company.account).await, before, "evidence is gone");
        assert_eq!(count(&world.store, stops, company.account).await, stopped, "who said stop is forgotten");
        assert_eq!(company.campaign(&world, under_way).await.state, State::Stopped);
        assert!(login::login(&world.store, phone, "Анна", &company.owner_login, &password, clock::now()).await.is_err());
        let names: Vec<String> =
            member::list(&world.store, company.account).await.expect("read").into_iter().map(|member| member.name).collect();
        assert_eq!(names, ["Анна", "Борис"], "who approved is known no more");

        // The command line knows it as deleted, the chains are whole, the books balance, others are
        // as they were.
        let accounts = world.command(&["admin", "accounts"], "");
        assert!(accounts.contains(&format!("{id}  {name}  (deleted on ")), "{accounts}");
        let gone = refused(&world, &["admin", "issue-licence", "--account", &id, "--plan", "trial", "--until", "2097-12-31"]);
        assert!(gone.contains("was deleted on"), "{gone}");
        for check in [&["admin", "audit", "verify"][..], &["admin", "consent", "verify"], &["admin", "books"]] {
            world.command(check, "");
        }
        let trail = world.command(&["admin", "audit", "show", "--account", &id, "--what", "account"], "");
        assert!(trail.contains("Server administrator: the company was deleted"), "{trail}");
        assert!(world.command(&["doctor"], "").contains(&format!("account {name}: deleted on ")));
        assert_eq!(deletion::contents(&world.store, other.account).await.expect("read").contacts, 3);
        // Deleted once more it is deleted to its end, and its login and its name are free.
        world.command(&["admin", "delete-account", "--account", &id, "--confirm", &name], "");
        let again = ["admin", "create-account", "--name", &name, "--login", &company.owner_login, "--owner", "Анна"];
        world.command(&again, &format!("{PASSWORD}\n"));
        let found = world.command(&["admin", "members", "--account", &name], "");
        assert!(found.contains(&company.owner_login), "of two of a name the one at work is meant: {found}");
        world.stop().await;
    }
}

/// A process that died in the middle of a deletion left the company shut, and the rest is deleted
/// by the next try.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_broken_off_is_taken_up() {
    for shape in SHAPES {
        let world = World::prepare(shape).await;
        let company = Company::found(&world, 120).await;
        let seen = std::cell::Cell::new(0);
        let store = &world.store;
        {
            let deletion = deletion::delete(store, company.account, clock::now(), |gone| seen.set(gone));
            let portion = async {
                while seen.get() == 0 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                () = portion => {}
                done = deletion => panic!("it was not broken off: {done:?}"),
            }
        }
        let left = deletion::contents(store, company.account).await.expect("read");
        assert!(left.contacts > 0 && left.contacts < 120, "{left:?}");
        assert_eq!((left.members, left.channels), (0, 0), "the company is not shut");
        deletion::delete(store, company.account, clock::now(), |_| {}).await.expect("deleted");
        assert_eq!(names_left(store, company.account).await, Vec::<String>::new());
        let entries = audit::entries(store, company.account, 0, 1_000).await.expect("read");
        assert_eq!(entries.iter().filter(|entry| entry.action == "account.delete").count(), 1);
        assert!(contact::segment::list(store, company.account).await.expect("read").is_empty());
        world.stop().await;
    }
}

/// It showed ids and codes, all of them or none.
#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_shown_with_names_and_filtered() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        let company = Company::found(&world, 1).await;
        company.approved(&world, Launch::default()).await;
        let id = company.account.to_string();
        let show = |filters: &[&str]| [&["admin", "audit", "show", "--account", &id], filters].concat().join("\n");
        let shown = |world: &World, filters: &[&str]| world.command(&show(filters).split('\n').collect::<Vec<_>>(), "");
        let all = shown(&world, &[]);
        assert!(
            all.contains("Борис: ") && all.contains("Анна: ") && all.contains("Server administrator: the company was created"),
            "{all}"
        );
        let boris = shown(&world, &["--who", &company.approver_login]);
        assert!(!boris.is_empty() && boris.lines().all(|line| line.contains("  Борис: ")), "{boris}");
        let of_templates = shown(&world, &["--what", "template"]);
        assert!(of_templates.lines().count() >= 2 && !of_templates.contains("campaign"), "{of_templates}");
        assert!(shown(&world, &["--what", "templ"]).contains("nothing in the trail fits"), "half a word is no action");
        let today = clock::now().format("%d.%m.%Y").to_string();
        assert_eq!(shown(&world, &["--since", &today, "--until", &today]), all);
        assert!(shown(&world, &["--until", "01.01.2020"]).contains("nothing in the trail fits"));
        let lines = shown(&world, &["--format", "json", "--what", "account.create"]);
        let entry: serde_json::Value = serde_json::from_str(lines.trim()).expect("one JSON object");
        assert_eq!((entry["action"].as_str(), entry["who"].as_str()), (Some("account.create"), Some("admin")));
        assert_eq!(entry["details"]["owner"].as_str(), Some(company.owner.member.to_string().as_str()));
        let stranger = refused(&world, &["admin", "audit", "show", "--account", &id, "--who", "zoya"]);
        assert!(stranger.contains("no member with the login or id `zoya`"), "{stranger}");
        world.set("LANG", "ru_RU.UTF-8");
        assert!(shown(&world, &[]).contains("Администратор сервера: "));
    }
}

/// Everything was English whatever the terminal's language.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_speaks_russian_where_the_terminal_does() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        world.set("LC_ALL", "ru_RU.UTF-8");
        let (_, empty) = said(&world, &["admin", "accounts"]);
        assert!(empty.contains("создайте её командой `mms admin create-account"), "{empty}");
        let weak = ["admin", "create-account", "--name", "Ромашка", "--login", "anna", "--owner", "Анна"];
        assert!(refused(&world, &weak).contains("Пароль слишком короткий"), "a refusal of the core");
        Company::found(&world, 1).await;
        let good = world.command(&["doctor"], "");
        assert!(good.contains("хорошо    Telegram: @mms_manager_bot отвечает") && good.contains("всё в порядке"), "{good}");
        assert!(good.contains("лицензия") && !good.contains("PROBLEM"), "{good}");
        let (_, accounts) = said(&world, &["admin", "accounts"]);
        assert!(accounts.contains("(2 участника; "), "{accounts}");
        world.set("LC_ALL", "C.UTF-8");
        assert!(world.command(&["doctor"], "").contains("nothing is wrong"), "LC_ALL is asked first");
        world.unset("LC_ALL");
        world.set("LANG", "ru_RU.UTF-8");
        world.set("MMS_TELEGRAM_MODE", "webhok");
        for command in ["doctor", "up", "bot", "worker"] {
            let wrong = refused(&world, &[command]);
            let told = "telegram.mode (MMS_TELEGRAM_MODE): значения `webhok` нет, напишите `polling` или `webhook`";
            assert_eq!(wrong.matches(told).count(), 1, "{command}: {wrong}");
        }
        world.set("MMS_TELEGRAM_MODE", "polling");
        world.set("MMS_PUBLIC_UR", "https://mms.example.com");
        let wrong = refused(&world, &["admin", "accounts"]);
        assert!(wrong.contains("`MMS_PUBLIC_UR` ничего не задаёт: может быть, `MMS_PUBLIC_URL`?"), "{wrong}");
    }
}

/// Rows that were left out of a file were noted as the program's own structures.
#[tokio::test(flavor = "multi_thread")]
async fn notes_of_an_import_are_sentences() {
    let mut world = World::prepare(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let account = company.account.to_string();
    let file = world.file("base.csv");
    std::fs::write(&file, "Выгрузка от 1 мая;\n;\nИмя;Телефон\nПётр;8 (912) 000-11-22\n\"Олег;8 (912) 000-11-23\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let args = ["admin", "import-contacts", "--account", &account, "--file", path, "--basis", "no-consent", "--origin", "x", "--dry-run"];
    let dry = world.command(&args, "");
    assert!(dry.contains("A quotation mark that is never closed, lines: 1, the first is line 5"), "{dry}");
    assert!(dry.contains("Rows above the headings, left out: 1") && !dry.contains("{"), "{dry}");
    world.set("LANG", "ru_RU.UTF-8");
    let dry = world.command(&args, "");
    assert!(dry.contains("Имя: имя") && dry.contains("было бы: строк 2"), "{dry}");
}

/// A token that Telegram does not know was told as an HTTP status.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_telegram_does_not_know_is_told_with_what_to_do() {
    for (shape, language, told) in [
        (Shape::One, "C", "Telegram does not know this token: copy it again from @BotFather"),
        (Shape::Apart { workers: 0 }, "ru_RU.UTF-8", "Telegram не знает этого токена: скопируйте его у @BotFather"),
    ] {
        let mut world = World::prepare(shape).await;
        world.set("MMS_TELEGRAM_TOKEN", format!("{}:AAE-nobody-has-this-one", next_id()));
        world.set("LANG", language);
        assert!(refused(&world, &["doctor"]).contains(told));
        world.start_bot();
        let log = until("the log to say so", || async {
            let log = world.bot.as_ref().expect("started").log();
            log.contains(told).then_some(log)
        })
        .await;
        assert_eq!(log.matches(told).count(), 1, "once: {log}");
        world.bot.as_mut().expect("running").must_live();
        world.stop().await;
        let mut world = World::prepare(shape).await;
        world.unset("MMS_TELEGRAM_TOKEN");
        let none = refused(&world, &[if shape == Shape::One { "up" } else { "bot" }]);
        assert!(none.contains("MMS_TELEGRAM_TOKEN") && !none.contains("at work"), "a worker began: {none}");
        world.set("MMS_TELEGRAM_TOKEN", "a secret");
        world.set("LANG", language);
        let start = if shape == Shape::One { "up" } else { "bot" };
        for command in ["doctor", start] {
            let said = refused(&world, &[command]);
            assert!(said.contains("MMS_TELEGRAM_TOKEN") && said.contains("7000000001:AAE-example") && !said.contains("a secret"), "{said}");
        }
    }
}

/// A database in a directory that is somebody else's: it reads well, and the first campaign fails.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_database_that_cannot_be_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut world = World::prepare(Shape::One).await;
    Company::found(&world, 1).await;
    world.store.close().await;
    let place = world.file("theirs");
    std::fs::create_dir(&place).expect("made");
    std::fs::copy(world.file("mms.db"), place.join("mms.db")).expect("copied");
    world.set("DATABASE_URL", format!("sqlite:{}", place.join("mms.db").display()));
    let doctor = |world: &World| {
        let output = world.output_held_by_modes(&["doctor"]);
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (well, said) = doctor(&world);
    assert!(well, "{said}");
    let mode = |path: &std::path::Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("set");
    let database = place.join("mms.db");
    for (of_file, of_place, problem) in [
        (0o600, 0o500, "PROBLEM  database: the database cannot be opened, because its file or its directory cannot be written"),
        (0o400, 0o700, "PROBLEM  pages: whole, but nothing can be written"),
    ] {
        for ending in ["-wal", "-shm"] {
            drop(std::fs::remove_file(place.join(format!("mms.db{ending}"))));
        }
        mode(&database, of_file);
        mode(&place, of_place);
        let (well, said) = doctor(&world);
        mode(&place, 0o700);
        assert!(!well && said.contains(problem) && said.contains("to the user that runs mms"), "{of_file:o} {of_place:o}: {said}");
    }
}

/// When systemd kills what did not end: `TimeoutStopSec` of the units.
const KILLED_AFTER: Duration = Duration::from_secs(20);

/// Ends by itself at a signal, while what it waits for stays away.
async fn ends_at(mut process: Process, signal: &str, what: &str) {
    let asked = Instant::now();
    process.signal(signal);
    let ended = tokio::time::timeout(KILLED_AFTER, process.gone()).await;
    let log = process.log();
    let ended = ended.unwrap_or_else(|_| panic!("{what}: still there when systemd would kill it\n{log}"));
    assert!(ended.success(), "{what}: {ended}\n{log}");
    assert!(!log.contains("did not end in time"), "{what}: it was ended by force\n{log}");
    eprintln!("a start that waits for {what}, {signal}: ended {:.1} s after it was asked to", asked.elapsed().as_secs_f64());
}

/// Whoever pressed ctrl-C while a start waited sat there until what it waited for gave up.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_ends_at_once() {
    for (shape, signal) in [(Shape::One, "-TERM"), (Shape::Apart { workers: 0 }, "-INT")] {
        // Telegram takes calls and never answers.
        let mut world = World::prepare(shape).await;
        let silent = world.sandbox.faults().add(Rule::new(Fault::Latency { ms: 120_000 }));
        world.start_bot();
        until("Telegram to be asked", || async { world.sandbox.faults().struck(silent).filter(|n| *n > 0) }).await;
        ends_at(world.bot.take().expect("started"), signal, "Telegram").await;
        world.sandbox.faults().clear();
        world.stop().await;
    }
    for (signal, which) in [("-TERM", "bot"), ("-INT", "worker")] {
        let mut world = World::prepare(Shape::Apart { workers: 0 }).await;
        let database: Proxy = world.through_proxy("DATABASE_URL").await;
        database.cut();
        let process = if which == "bot" {
            world.start_bot();
            world.bot.take().expect("started")
        } else {
            world.start_worker();
            world.workers.remove(0)
        };
        until("the log to say what is waited for", || async { process.log().contains("waits for the database").then_some(()) }).await;
        ends_at(process, signal, "the database").await;
        database.mend();
        world.stop().await;
    }
    // A database whose tables somebody holds.
    let mut world = World::prepare(Shape::Apart { workers: 0 }).await;
    let mut tx = world.store.begin().await.expect("begun");
    let Db::Postgres(c) = tx.conn() else { panic!("PostgreSQL was asked for") };
    sqlx::query("lock table sealing_proof, trail_since, channel in access exclusive mode").execute(c).await.expect("held");
    world.start_bot();
    let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database() and $1 is not null";
    until("the start to wait", || async { (count(&world.store, waits, AccountId::new()).await > 0).then_some(()) }).await;
    ends_at(world.bot.take().expect("started"), "-TERM", "a table").await;
    drop(tx);
    world.stop().await;
    // A Redis that is frozen.
    let mut world = World::prepare(Shape::Apart { workers: 0 }).await;
    let (unit, url): (Unit, String) = services::redis(&world.file("")).await.expect("Redis is installed");
    world.set("REDIS_URL", url);
    unit.freeze();
    world.start_worker();
    let process = world.workers.remove(0);
    until("the database to be there", || async { connected(&world.store).await.then_some(()) }).await;
    ends_at(process, "-TERM", "Redis").await;
    unit.thaw();
    world.stop().await;
}

/// Whether another process is connected to the database: there are more connections than the pool
/// here has.
async fn connected(store: &Store) -> bool {
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let all = "select count(*) from pg_stat_activity where datname = current_database() and backend_type = 'client backend'";
    let all: i64 = sqlx::query_scalar(all).fetch_one(pool).await.expect("counted");
    all > i64::from(pool.size())
}

/// Clause 7.2 of the agreement: maintenance with notice; the e-mail of it is in `mail.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn agreement_7_2_maintenance_is_told_of_and_campaigns_stand_still_until_it_is_over() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 40).await;
        assert!(world.command(&["admin", "maintenance"], "").contains("no work is planned"));
        let wrong = refused(&world, &["admin", "maintenance", "--from", "2031-01-02 03:00", "--until", "2031-01-02 02:00"]);
        assert!(wrong.contains("it must end after it begins"), "{wrong}");
        let (began, ends) = (clock::now() - chrono::TimeDelta::minutes(1), clock::now() + chrono::TimeDelta::hours(1));
        let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
        let campaign = company.launch(&world, Launch::default()).await;
        until("some messages to be sent", || async { (company.stats(&world, campaign).await.numbers.sent > 0).then_some(()) }).await;
        // Paused, so that it cannot be over before the work begins.
        control::pause(&world.store, &company.owner, campaign, clock::now()).await.expect("paused");
        let said = world.command(&["admin", "maintenance", "--from", &time(began), "--until", &time(ends), "--why", "A new disk"], "");
        assert!(said.contains("Companies told: 1"), "{said}");
        // What was under way is recorded, and then nothing more goes.
        until("nothing to be in flight", || async { (company.stats(&world, campaign).await.numbers.sending == 0).then_some(()) }).await;
        let stands = company.stats(&world, campaign).await.numbers;
        control::resume(&world.store, &company.owner, campaign, clock::now()).await.expect("resumed");
        let another = company.approved(&world, Launch::default()).await;
        let error = company.start(&world, another).await.expect_err("refused").to_string();
        assert!(error.contains("the server is worked on"), "{error}");
        // Opt-outs are carried out all the same.
        let person = *company.customers.keys().next_back().expect("a customer");
        world.sandbox.send_text(company.bot, person, "стоп").expect("written");
        until("the opt-out", || async {
            let out = "select count(*) from contact where account_id = $1 and opted_out_at is not null";
            (count(&world.store, out, company.account).await == 1).then_some(())
        })
        .await;
        assert_eq!(company.stats(&world, campaign).await.numbers.sent, stands.sent, "nothing was sent meanwhile");
        let listed = world.command(&["admin", "maintenance"], "");
        let id = listed.split_whitespace().next().expect("its number").to_owned();
        assert!(listed.contains("A new disk"), "{listed}");
        assert!(world.command(&["admin", "maintenance", "--lift", &id], "").contains("is called off"));
        company.until_state(&world, campaign, State::Finished).await;
        company.must_balance(&world, campaign).await;
        world.stop().await;
    }
}
