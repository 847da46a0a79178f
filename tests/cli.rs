//! The `mms` command as the person at the server uses it: the real binary, its output, its exit
//! status.

use std::{os::unix::fs::PermissionsExt as _, process::Output};

use mms_core::{
    account::{invitation::Fingerprint, login, member, reset},
    campaign::State,
    clock, on,
    secret::Secret,
    store::{Db, Store},
};

use crate::{
    campaign_life::{quiet, until_sent},
    harness::{Company, Launch, PASSWORD, Shape, World, next_id},
};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

/// Everything a command said.
fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What a command that must fail says.
pub fn refused(world: &World, args: &[&str], input: &str) -> String {
    let output = world.output(args, input);
    assert!(!output.status.success(), "mms {args:?} succeeded: {}", said(&output));
    said(&output)
}

async fn change(store: &Store, sql: &'static str) {
    let mut tx = store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query(sql).execute(c).await.map(|_| ())).expect(sql);
    tx.commit().await.expect("commit");
}

/// Every command's help, as deep as it goes.
fn helps(world: &World, command: &mut Vec<String>, all: &mut String) {
    let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help"]).collect();
    let help = world.command(&args, "");
    all.push_str(&format!("$ mms {}\n{help}\n", args.join(" ")));
    let mut inside = false;
    for line in help.lines() {
        if line == "Commands:" {
            inside = true;
        } else if !line.starts_with("  ") {
            inside = inside && line.is_empty();
        } else if inside && !line.starts_with("   ") {
            let mut words = line.split_whitespace();
            let name = words.next().expect("a name");
            assert!(words.next().is_some(), "`{}` of mms {command:?} is not explained", line.trim());
            if name != "help" {
                command.push(name.to_owned());
                helps(world, command, all);
                command.pop();
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_help_of_every_command_is_complete() {
    let world = World::prepare(Shape::One).await;
    let mut all = String::new();
    helps(&world, &mut Vec::new(), &mut all);
    insta::assert_snapshot!("help", all);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_are_printed_with_their_explanations_and_without_their_values() {
    let world = World::prepare(Shape::One).await;
    let printed = world.command(&["config"], "");
    for (variable, _) in mms_core::config::ENVIRONMENT {
        assert!(printed.contains(variable), "{variable} is not explained");
    }
    assert!(!printed.contains(world.setting("MMS_TELEGRAM_TOKEN")));
}

/// From an empty server to a signed-in member, on both engines.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_licences_members_and_passwords() {
    for shape in SHAPES {
        let world = World::prepare(shape).await;
        let found = ["admin", "create-account", "--name", "ООО Ромашка", "--login", "anna", "--owner", "Анна", "--zone", "Asia/Omsk"];
        assert!(world.command(&["admin", "accounts"], "").contains("no account yet"), "an empty server says what to do");
        let weak = refused(&world, &found, "12345\n");
        assert!(weak.contains("password"), "{weak}");
        let output = world.output(&found, &format!("{PASSWORD}\n"));
        assert!(output.status.success() && !said(&output).contains(PASSWORD), "{}", said(&output));
        let again = refused(&world, &found, &format!("{PASSWORD}\n"));
        assert!(again.contains("of this name already"), "{again}");
        let taken = ["admin", "create-account", "--name", "Лютик", "--login", "anna", "--owner", "Анна"];
        assert!(refused(&world, &taken, &format!("{PASSWORD}\n")).contains("login"));
        let nowhere = ["admin", "create-account", "--name", "X", "--login", "xenia", "--owner", "X", "--zone", "Mars/Olympus"];
        assert!(refused(&world, &nowhere, &format!("{PASSWORD}\n")).contains("zone"));

        let issue = |until: &'static str| ["admin", "issue-licence", "--account", "ООО Ромашка", "--plan", "business", "--until", until];
        assert!(refused(&world, &issue("2020-01-01"), "").contains("over already"));
        assert!(world.command(&issue("31.12.2097"), "").contains("business until the end of 2097-12-31"));
        let accounts = world.command(&["admin", "accounts"], "");
        assert!(accounts.contains("ООО Ромашка  (1 member; business until the end of 2097-12-31 (UTC))"), "{accounts}");
        assert!(refused(&world, &["admin", "invite", "--account", "Лютик", "--role", "viewer"], "").contains("no account `Лютик`"));

        let link = world.command(&["admin", "invite", "--account", "ООО Ромашка", "--role", "approver"], "");
        let token = link.trim().rsplit("?start=inv_").next().expect("a token").to_owned();
        let offer = mms_core::account::invitation::look(&world.store, &Fingerprint::of(&token), clock::now())
            .await
            .expect("read")
            .expect("an offer");
        assert_eq!(offer.role, mms_core::account::Role::Approver);

        let unknown = ["admin", "reset-password", "--account", "ООО Ромашка", "--login", "boris"];
        assert!(refused(&world, &unknown, "").contains("no member with the login `boris`"));
        let said = world.command(&["admin", "reset-password", "--account", "ООО Ромашка", "--login", "anna"], "");
        let fresh = said.trim().rsplit("?start=pwd_").next().expect("a token").to_owned();
        let try_it = async |password: &str| {
            login::login(&world.store, next_id(), "Анна", "anna", &Secret::new(password), clock::now()).await.is_ok()
        };
        assert!(try_it(PASSWORD).await, "a link that nobody followed changes nothing");
        let new = Secret::new("loshad na marse");
        reset::accept(&world.store, (next_id(), "Анна"), &Fingerprint::of(&fresh), &new, clock::now()).await.expect("a new password");
        assert!(!try_it(PASSWORD).await, "the former password still works");
        assert!(try_it(new.expose()).await, "the new password does not work");

        let shown = world.command(&["admin", "audit", "show", "--account", "ООО Ромашка"], "");
        assert!(!shown.contains(&fresh) && !shown.contains(&token) && !shown.contains(PASSWORD), "a secret is in the trail");
        let licence = world.command(&issue("2097-12-31"), "");
        let id = licence.split_whitespace().nth(1).expect("an id").trim_end_matches(':').to_owned();
        let licences = world.command(&["admin", "licences", "--account", "ООО Ромашка"], "");
        assert!(licences.lines().any(|line| line.contains(&id) && line.ends_with("(valid)")), "{licences}");
        world.command(&["admin", "revoke-licence", "--account", "ООО Ромашка", "--licence", &id], "");
        let licences = world.command(&["admin", "licences", "--account", "ООО Ромашка"], "");
        assert!(licences.lines().any(|line| line.contains(&id) && line.contains("taken back on")), "{licences}");

        let sessions = world.command(&["admin", "sessions", "--account", "ООО Ромашка"], "");
        assert!(sessions.contains("anna  Анна  Telegram "), "{sessions}");
        world.command(&["admin", "end-sessions", "--account", "ООО Ромашка", "--login", "anna"], "");
        assert!(world.command(&["admin", "sessions", "--account", "ООО Ромашка"], "").contains("nobody is signed in"));
        world.command(&["admin", "unlock", "--account", "ООО Ромашка", "--login", "anna"], "");
        world.command(&["admin", "rename-account", "--account", "ООО Ромашка", "--name", "Ромашка"], "");
        let members = world.command(&["admin", "members", "--account", "Ромашка"], "");
        assert!(members.contains("anna  Анна  (owner; 0 sessions)"), "{members}");
    }
}

/// The password was shown on the terminal while it was typed.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_shown_on_the_terminal() {
    use std::io::{Read as _, Write as _};

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let world = World::prepare(Shape::One).await;
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&keyboard).expect("granted");
    unlockpt(&keyboard).expect("unlocked");
    let name = ptsname(&keyboard, Vec::new()).expect("a name");
    let terminal = std::fs::File::options().read(true).write(true).open(name.to_str().expect("UTF-8")).expect("opened");
    let args = ["admin", "create-account", "--name", "Ромашка", "--login", "anna", "--owner", "Анна"];
    let mut child = world.at_terminal(&args, &terminal);
    drop(terminal);
    let mut keyboard = std::fs::File::from(keyboard);
    let seen = tokio::task::spawn_blocking(move || {
        let mut seen = Vec::new();
        for prompt in ["(not shown while typed): ", "once more: "] {
            let mut byte = [0];
            while !String::from_utf8_lossy(&seen).contains(prompt) && keyboard.read(&mut byte).is_ok_and(|n| n == 1) {
                seen.push(byte[0]);
            }
            writeln!(keyboard, "{PASSWORD}").expect("typed");
        }
        // The terminal's end is an error of this side, so what was read before it stands.
        drop(keyboard.read_to_end(&mut seen));
        assert!(child.wait().expect("ended").success(), "{}", String::from_utf8_lossy(&seen));
        String::from_utf8_lossy(&seen).into_owned()
    });
    let seen = seen.await.expect("talked");
    assert!(seen.contains("account ") && !seen.contains(PASSWORD), "{seen}");
}

/// One flipped byte, found and named; the rest of the server is told whole.
#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_of_the_trail_is_found() {
    for shape in SHAPES {
        let world = World::prepare(shape).await;
        let (one, other) = (Company::found(&world, 1).await, Company::found(&world, 1).await);
        let whole = world.command(&["admin", "audit", "verify"], "");
        assert_eq!(whole.matches("all whole").count(), 2, "{whole}");
        let (guard, flip) = match world.store.read() {
            Db::Sqlite(_) => {
                ("drop trigger audit_no_update", "update audit set subject = 'x' || substr(subject, 2) where seq = 3 and account_id = ")
            }
            Db::Postgres(_) => (
                "drop trigger audit_no_change on audit",
                "update audit set subject = 'x' || substr(subject, 2) where seq = 3 and account_id = ",
            ),
        };
        change(&world.store, guard).await;
        let mut tx = world.store.begin().await.expect("begin");
        on!(tx.conn(), |c| sqlx::query(sqlx::AssertSqlSafe(format!("{flip}$1"))).bind(one.account).execute(c).await.map(|_| ()))
            .expect("flipped");
        tx.commit().await.expect("commit");
        let found = refused(&world, &["admin", "audit", "verify"], "");
        assert!(found.contains("entry 3 was changed") && found.contains("all whole") && found.contains("of 1 account"), "{found}");
        world.command(&["admin", "audit", "verify", "--account", &other.account.to_string()], "");
        change(
            &world.store,
            match world.store.read() {
                Db::Sqlite(_) => "drop trigger audit_no_delete",
                Db::Postgres(_) => "select 1",
            },
        )
        .await;
        change(&world.store, "delete from audit where seq = 2").await;
        let missing = refused(&world, &["admin", "audit", "verify", "--account", &other.account.to_string()], "");
        assert!(missing.contains("entry 2 is missing"), "{missing}");

        // A head that was noted is there still; another is not; consents have a chain of their own.
        let third = Company::found(&world, 3).await.account.to_string();
        let whole = world.command(&["admin", "audit", "verify", "--account", &third], "");
        let head = whole.trim().rsplit("head ").next().expect("a head").to_owned();
        world.command(&["admin", "audit", "verify", "--account", &third, "--expect", &head], "");
        let (count, hash) = head.split_once(':').expect("a head");
        let other = format!("{count}:{}", hash.chars().rev().collect::<String>());
        let differs = refused(&world, &["admin", "audit", "verify", "--account", &third, "--expect", &other], "");
        assert!(differs.contains("not the chain that was noted"), "{differs}");
        assert!(refused(&world, &["admin", "audit", "verify", "--account", &third, "--expect", "12"], "").contains("a colon"));
        assert!(world.command(&["admin", "consent", "verify", "--account", &third], "").contains("all whole; head "));
        // Without the key nothing is verified and nothing is written.
        let key = world.file("sealing.key");
        let kept = std::fs::read(&key).expect("read");
        std::fs::write(&key, "0".repeat(64)).expect("written");
        assert!(
            refused(&world, &["admin", "audit", "verify", "--account", &third], "").contains("not the one this database was sealed with")
        );
        std::fs::write(&key, kept).expect("written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_imported_and_refused_rows_given_back() {
    for shape in SHAPES {
        let world = World::prepare(shape).await;
        let company = Company::found(&world, 1).await;
        let account = company.account.to_string();
        let file = world.file("base.csv");
        std::fs::write(&file, "Имя;Телефон\nПётр;8 (912) 000-11-22\nМария;+7 912 000 11 23\nОлег;12\nПётр;89120001122\n").expect("written");
        let path = file.to_str().expect("UTF-8");
        let mut args = vec!["admin", "import-contacts", "--account", &account, "--file", path, "--basis", "signed-document"];
        args.extend(["--origin", "анкеты в магазине", "--tag", "магазин"]);
        let dry = world.command(&[args.as_slice(), &["--dry-run"]].concat(), "");
        assert!(dry.contains("would be: 4 rows: 2 new, 0 updated, 1 joined, 1 refused"), "{dry}");
        let done = world.command(&args, "");
        assert!(done.contains("done: 4 rows: 2 new, 0 updated, 1 joined, 1 refused, 0 without something; 4 consents"), "{done}");
        assert!(done.contains("refused, too few digits in the phone: 1"), "{done}");
        assert!(!done.contains("912"), "phones are printed: {done}");
        assert!(world.file("base.csv.refused.xlsx").exists());
        assert!(refused(&world, &args, "").contains("exists already"));
        std::fs::write(world.file("empty.csv"), "").expect("written");
        let empty = world.file("empty.csv");
        args[5] = empty.to_str().expect("UTF-8");
        assert!(refused(&world, &args, "").contains("empty"));
        let (contacts, grade): (i64, Option<i64>) = on!(world.store.read(), |c| sqlx::query_as(
            "select count(*), cast(max(marketing_grade) as bigint) from contact where account_id = $1 and source = 'import'"
        )
        .bind(company.account)
        .fetch_one(c)
        .await)
        .expect("read");
        assert_eq!(contacts, 2);
        assert_eq!(grade, Some(2), "grade B");
        assert_eq!(member::list(&world.store, company.account).await.expect("read").len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_that_do_not_balance_are_named() {
    for shape in SHAPES {
        let world = World::start(shape).await;
        let company = Company::found(&world, 20).await;
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        assert!(world.command(&["admin", "books"], "").contains("all books balance"));
        change(&world.store, "update delivery_count set n = n + 1 where state = 'sent'").await;
        let wrong = refused(&world, &["admin", "books", "--account", &company.account.to_string()], "");
        assert!(wrong.contains(&campaign.to_string()) && wrong.contains("20 rows, the counter says 21"), "{wrong}");
        change(&world.store, "update delivery_count set n = n - 1 where state = 'sent'").await;
        change(&world.store, "update usage_count set n = n + 1 where what = 'messages'").await;
        let wrong = refused(&world, &["admin", "books"], "");
        assert!(wrong.contains("20 rows, the counter says 21") && wrong.contains("what tariffs limit"), "{wrong}");
        world.stop().await;
    }
}

/// A backup taken while a campaign runs is whole; restored, it holds what it cannot know the end
/// of.
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_in_the_middle_and_the_way_back() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 150).await;
    let campaign = company.launch(&world, Launch::default()).await;
    until_sent(&world, 20).await;
    let backup = world.file("night.db");
    let path = backup.to_str().expect("UTF-8").to_owned();
    let said = world.command(&["admin", "backup", &path], "");
    assert!(said.contains("sealing key"), "{said}");
    assert!(refused(&world, &["admin", "backup", &path], "").contains("exists already"));
    assert!(refused(&world, &["admin", "restore", &path], "").contains("another `mms up` holds"));
    company.until_state(&world, campaign, State::Finished).await;
    assert_eq!(world.sandbox.ledger().len(), 150, "the backup disturbed nothing");

    world.bot.take().expect("running").terminate().await;
    world.store.close().await;
    assert!(refused(&world, &["admin", "restore", "/nowhere/night.db"], "").contains("no file"));
    std::fs::write(world.file("torn.db"), &std::fs::read(&backup).expect("read")[..8_192]).expect("written");
    let torn = world.file("torn.db");
    let torn = refused(&world, &["admin", "restore", torn.to_str().expect("UTF-8")], "");
    assert!(torn.contains("damaged"), "{torn}");
    let said = world.command(&["admin", "restore", &path], "");
    assert!(said.contains("running or planned is held (1 campaign)") && said.contains("before-restore"), "{said}");
    world.site.store = Store::open(world.setting("DATABASE_URL")).await.expect("opens").sealed_by(&world.sealer);

    world.start_all();
    assert_eq!(quiet(&world).await, 150, "a restored campaign went on by itself");
    let row = company.campaign(&world, campaign).await;
    assert_eq!(row.state, State::Paused);
    world.command(&["admin", "books"], "");
    world.command(&["admin", "audit", "verify"], "");
    world.stop().await;
}

/// The same database for somebody who may not make temporary tables in it.
async fn without_temporary_tables(url: &str) -> String {
    let store = Store::connect(url).await.expect("connected");
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(pool).await.expect("a name");
    for sql in [format!("create role \"weak_{name}\""), format!("revoke temporary on database \"{name}\" from public")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(pool).await.expect("done");
    }
    store.close().await;
    let and = if url.contains('?') { '&' } else { '?' };
    format!("{url}{and}options=-c%20role%3Dweak_{name}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_nothing_and_finds_what_is_wrong() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        let token = world.setting("MMS_TELEGRAM_TOKEN").to_owned();
        let secret = token.split_once(':').expect("a token").1.to_owned();
        let key = std::fs::read_to_string(world.setting("MMS_SEALING_KEY_FILE")).expect("the key");
        let good = world.command(&["doctor"], "");
        assert!(good.contains("nothing is wrong") && good.contains("@mms_manager_bot answers"), "{good}");
        assert_eq!(
            good.matches(&world.sandbox.url()).count(),
            7,
            "Telegram, MAX, WhatsApp, Viber, VK, Wazzup and amoCRM are not named: {good}"
        );
        let mut everything = good;

        world.set("MMS_TELEGRAM_TOKEN", format!("{token}x"));
        let wrong = refused(&world, &["doctor"], "");
        assert!(wrong.contains("PROBLEM  Telegram: Telegram does not know this token: copy it again from @BotFather"), "{wrong}");
        everything.push_str(&wrong);
        world.set("MMS_TELEGRAM_TOKEN", token.clone());

        world.set("MMS_SEALING_KEY_FILE", world.file("no-such.key").display().to_string());
        let wrong = refused(&world, &["doctor"], "");
        assert!(wrong.contains("PROBLEM  sealing key") && wrong.contains("no-such.key"), "{wrong}");
        everything.push_str(&wrong);
        std::fs::write(world.file("no-such.key"), &key[..20]).expect("written");
        let wrong = refused(&world, &["doctor"], "");
        assert!(wrong.contains("is not 64 hex digits"), "{wrong}");
        everything.push_str(&wrong);
        world.set("MMS_SEALING_KEY_FILE", world.file("sealing.key").display().to_string());

        if shape == Shape::One {
            let database = world.file("mms.db");
            std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).expect("the mode is set");
            let wrong = refused(&world, &["doctor"], "");
            assert!(wrong.contains("PROBLEM  files") && wrong.contains("mms.db`") && wrong.contains("chmod 600"), "{wrong}");
            everything.push_str(&wrong);
            crate::harness::private(&database);
            assert!(world.command(&["doctor"], "").contains("nothing is wrong"));
        }
        if let Shape::Apart { .. } = shape {
            // Nobody listens where a port was taken and let go.
            let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
            let redis = world.setting("REDIS_URL").to_owned();
            world.set("REDIS_URL", format!("redis://:hunter2pass@{free}/0"));
            let wrong = refused(&world, &["doctor"], "");
            assert!(wrong.contains("PROBLEM  queue") && wrong.contains("check REDIS_URL"), "{wrong}");
            everything.push_str(&wrong);
            world.set("REDIS_URL", redis);
            let database = world.setting("DATABASE_URL").to_owned();
            world.set("DATABASE_URL", format!("postgres://mms:hunter2pass@{free}/mms"));
            let wrong = refused(&world, &["doctor"], "");
            assert!(wrong.contains("PROBLEM  database") && wrong.contains("check DATABASE_URL"), "{wrong}");
            everything.push_str(&wrong);
            let weak = without_temporary_tables(&database).await;
            world.set("DATABASE_URL", weak);
            let wrong = refused(&world, &["doctor"], "");
            assert!(wrong.contains("PROBLEM  rights") && wrong.contains("grant temporary"), "{wrong}");
            everything.push_str(&wrong);
            world.set("DATABASE_URL", database);
        }
        world.set("MMS_TELEGRAM_MODE", "webhook");
        let wrong = refused(&world, &["doctor"], "");
        assert!(wrong.contains("PROBLEM  configuration") && wrong.contains("MMS_PUBLIC_URL"), "{wrong}");
        everything.push_str(&wrong);
        for secret in [secret.as_str(), key.trim(), &key[..20], "hunter2pass"] {
            assert!(!everything.contains(secret), "a secret is printed: {everything}");
        }
    }
}

/// A role that may not make tables, a server that takes no changes, migrations that were other ones
/// when they were applied.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_database_that_cannot_be_changed() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let whole = world.setting("DATABASE_URL").to_owned();
    let with = |option: &str| {
        let and = if whole.contains('?') { '&' } else { '?' };
        format!("{whole}{and}options=-c%20{option}")
    };
    {
        let Db::Postgres(pool) = world.store.read() else { panic!("PostgreSQL was asked for") };
        let name: String = sqlx::query_scalar("select current_database()").fetch_one(pool).await.expect("a name");
        // It may read and write what is there, and make nothing.
        for sql in [
            format!("create role \"reader_{name}\""),
            "revoke create on schema public from public".to_owned(),
            format!("grant select, insert, update, delete on all tables in schema public to \"reader_{name}\""),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(pool).await.expect("done");
        }
        world.set("DATABASE_URL", with(&format!("role%3Dreader_{name}")));
    }
    let said = refused(&world, &["doctor"], "");
    assert!(said.contains("PROBLEM  changes: no right to make tables") && said.contains("grant create on schema public"), "{said}");
    world.set("DATABASE_URL", with("default_transaction_read_only%3Don"));
    let said = refused(&world, &["doctor"], "");
    assert!(said.contains("PROBLEM  changes: the server takes no changes") && said.contains("name the primary"), "{said}");

    for shape in SHAPES {
        let world = World::prepare(shape).await;
        assert!(world.command(&["doctor"], "").contains("migrations: up to date"));
        change(
            &world.store,
            match shape {
                Shape::One => "update _sqlx_migrations set checksum = x'00' where version = 2",
                Shape::Apart { .. } => "update _sqlx_migrations set checksum = decode('00', 'hex') where version = 2",
            },
        )
        .await;
        let said = refused(&world, &["doctor"], "");
        assert!(said.contains("PROBLEM  migrations: migrations [2] were other ones"), "{said}");
        change(&world.store, "update _sqlx_migrations set version = 9999 where version = 2").await;
        let said = refused(&world, &["doctor"], "");
        assert!(said.contains("changed by a newer mms (migrations [9999])"), "{said}");
        // A start says it too, and changes nothing.
        let command: &[&str] = if shape == Shape::One { &["up"] } else { &["worker"] };
        let output = world.output(command, "");
        assert!(!output.status.success(), "it starts: {output:?}");
    }
}

/// The managers' side would read what customers write to their bot, a «stop» among it.
#[tokio::test(flavor = "multi_thread")]
async fn a_customers_bot_is_refused_as_the_managers() {
    let mut world = World::prepare(Shape::One).await;
    let company = Company::found(&world, 1).await;
    world.set("MMS_TELEGRAM_TOKEN", format!("{}:AAE-another", company.bot));
    for command in ["doctor", "up"] {
        let said = refused(&world, &[command], "");
        let told = said.contains("customers who say stop there would not be heard") && said.contains("MMS_TELEGRAM_TOKEN");
        assert!(told, "{command}: {said}");
    }
}
