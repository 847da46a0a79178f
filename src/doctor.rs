//! `mms doctor`: looks at everything the product needs and says, a sentence each, what is wrong and what to do.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use mms_core::{
    account::{self, Role, licence, member},
    channel::{ChannelKind, managers, registry},
    clock,
    config::{Config, UpdateMode},
    http,
    inbound::failed,
    queue::Queue,
    store::{
        Db, Store, Unlike,
        backup::{beside, has_content},
        proof::Key,
    },
};

use crate::process;

/// Free space below which the disk is called full, bytes.
const LITTLE_SPACE: u64 = 500 * 1024 * 1024;
/// A clock that is off by more than this makes schedules and lease times wrong.
const CLOCK_OFF: TimeDelta = TimeDelta::seconds(10);

const UP_TO_DATE: &str = "up to date";

#[derive(Default)]
struct Report {
    problems: usize,
}

impl Report {
    fn say(&mut self, what: &str, finding: Result<String, String>) -> anyhow::Result<()> {
        let (mark, text) = match finding {
            Ok(text) => ("ok     ", text),
            Err(text) => {
                self.problems += 1;
                ("PROBLEM", text)
            }
        };
        process::print(&format!("{mark}  {what}: {text}"))
    }
}

/// Looks, prints, and fails if anything is wrong.
///
/// # Errors
/// When there is a problem.
pub async fn run(file: Option<&Path>) -> anyhow::Result<()> {
    let mut report = Report::default();
    let (config, environment) = match process::settings(file) {
        Ok(settings) => settings,
        Err(error) => {
            report.say("configuration", Err(process::told(&error)))?;
            bail!("1 problem");
        }
    };
    report.say("configuration", Ok("read".to_owned()))?;
    report.say("data directory", data_dir(&config))?;
    report.say("disk", disk(&config))?;
    report.say("files", permissions(&config, &environment))?;
    report.say("sealing key", sealing_key(&config, &environment).await)?;
    database(&config, &environment, &mut report).await?;
    redis(&config, &mut report).await?;
    telegram(&config, &mut report).await?;
    report.say("port", port(&config).await)?;
    report.say("public address", public_address(&config))?;
    process::print("talks to:")?;
    for host in hosts(&config) {
        process::print(&format!("         {host}"))?;
    }
    match report.problems {
        0 => process::print("nothing is wrong"),
        1 => bail!("1 problem"),
        many => bail!("{many} problems"),
    }
}

fn data_dir(config: &Config) -> Result<String, String> {
    let path = config.data_dir.display();
    config.make_data_dir().map_err(|error| format!("{error}; name another one by MMS_DATA_DIR"))?;
    let probe = config.data_dir.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"x").map_err(|error| format!("`{path}` cannot be written: {error}; give it to the user that runs mms"))?;
    drop(std::fs::remove_file(probe));
    Ok(format!("`{path}` can be written"))
}

fn disk(config: &Config) -> Result<String, String> {
    let stat = rustix::fs::statvfs(&config.data_dir).map_err(|error| format!("free space is not known: {error}"))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} MiB free", free / 1024 / 1024);
    if free < LITTLE_SPACE { Err(format!("{text}: make room, a full disk stops every campaign")) } else { Ok(text) }
}

/// Files with customers in them are nobody else's to read.
fn permissions(config: &Config, environment: &BTreeMap<String, String>) -> Result<String, String> {
    use std::os::unix::fs::PermissionsExt as _;
    let database = config.sqlite_path().into_iter().flat_map(|path| ["", "-wal", "-shm"].map(|ending| beside(&path, ending)));
    let open: Vec<String> = database
        .chain([config.sealing_key_path(environment)])
        .filter(|path| std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0))
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if open.is_empty() {
        Ok("nobody else may read them".to_owned())
    } else {
        Err(format!("other users of this machine may read {}: `chmod 600` them", open.join(", ")))
    }
}

/// Whether the key is the one the database was sealed with.
async fn sealing_key(config: &Config, environment: &BTreeMap<String, String>) -> Result<String, String> {
    let place = config.sealing_key_path(environment);
    let key = config.sealer(environment).map_err(|error| error.to_string())?;
    let fresh = config.sqlite_path().is_some_and(|path| !has_content(&path));
    let meaning = if fresh {
        Key::First
    } else {
        match Store::connect(&config.database()).await {
            // The database's own line says what is wrong with it.
            Err(_) => Key::First,
            Ok(store) => {
                let meaning = store.key(key.as_ref()).await.unwrap_or(Key::First);
                store.close().await;
                meaning
            }
        }
    };
    match (key, meaning) {
        (Some(_), Key::Wrong) => {
            Err(format!("`{}` is not the key this database was sealed with: put the right one there", place.display()))
        }
        (Some(_), _) => Ok("there".to_owned()),
        (None, Key::First) if config.redis_url.expose().is_empty() && config.sealing_key_file.is_empty() => {
            Ok("will be made by the first `mms up`".to_owned())
        }
        (None, Key::First) => Err(format!("there is none at `{}`: `openssl rand -hex 32` makes one", place.display())),
        (None, _) => Err(format!("there is none at `{}`, and this database was sealed with one: put it there", place.display())),
    }
}

async fn database(config: &Config, environment: &BTreeMap<String, String>, report: &mut Report) -> anyhow::Result<()> {
    if let Err(error) = config.check_database_file(environment) {
        return report.say("database", Err(error.to_string()));
    }
    if config.sqlite_path().is_some_and(|path| !has_content(&path)) {
        return report.say("database", Ok("SQLite; will be made by the first start".to_owned()));
    }
    let store = match Store::connect(&config.database()).await {
        Ok(store) => store,
        Err(error) => return report.say("database", Err(format!("{error}; check DATABASE_URL"))),
    };
    let place = config.sqlite_path().map_or_else(|| http::redact(&config.database()), |path| format!("SQLite at `{}`", path.display()));
    report.say("database", Ok(place))?;
    let schema = match store.schema().await {
        Ok(Ok(0)) => Ok(UP_TO_DATE.to_owned()),
        Ok(Ok(pending)) => Ok(format!("{pending} to be applied at the next start")),
        Ok(Err(Unlike::Newer(versions))) => {
            Err(format!("the database was changed by a newer mms (migrations {versions:?}): start that one"))
        }
        Ok(Err(Unlike::Changed(versions))) => Err(format!(
            "migrations {versions:?} were other ones when they were applied: this mms is not of the same line, install the one before it"
        )),
        Err(error) => Err(error.to_string()),
    };
    let whole = matches!(schema, Ok(ref text) if text == UP_TO_DATE);
    report.say("migrations", schema)?;
    report.say("pages", pages(&store).await)?;
    if whole && let Some(clash) = managers::clash(&store, &config.endpoints()).await? {
        report.say("managers' bot", Err(clash.to_string()))?;
    }
    if let Db::Postgres(pool) = store.read() {
        let there: Result<DateTime<Utc>, _> = sqlx::query_scalar("select now()").fetch_one(pool).await;
        report.say("clock against the database", there.map_err(|error| error.to_string()).and_then(off))?;
        let temporary = "select has_database_privilege(current_database(), 'TEMPORARY')";
        let may: Result<bool, _> = sqlx::query_scalar(temporary).fetch_one(pool).await;
        let may = may.map_err(|error| error.to_string()).and_then(|may| {
            let missing = "no right to make temporary tables, and campaigns are planned in one: `grant temporary on database … to …`";
            if may { Ok("may make temporary tables".to_owned()) } else { Err(missing.to_owned()) }
        });
        report.say("rights", may)?;
        report.say("changes", changes(pool).await)?;
    }
    if whole {
        report.say("events", events(&store).await)?;
        accounts(&store, report).await?;
    }
    store.close().await;
    Ok(())
}

/// Whether the server takes changes, those of the schema too.
#[expect(clippy::disallowed_types, reason = "the doctor asks the server about itself")]
async fn changes(pool: &sqlx::PgPool) -> Result<String, String> {
    const ASK: &str = "select current_setting('transaction_read_only') = 'on' or pg_is_in_recovery(), \
        has_schema_privilege(current_schema(), 'CREATE'), current_schema()::text";
    let (read_only, may_create, schema): (bool, Option<bool>, Option<String>) =
        sqlx::query_as(ASK).fetch_one(pool).await.map_err(|error| error.to_string())?;
    let schema = schema.unwrap_or_else(|| "public".to_owned());
    if read_only {
        Err("the server takes no changes (a standby, or default_transaction_read_only): name the primary in DATABASE_URL".to_owned())
    } else if may_create == Some(true) {
        Ok("taken".to_owned())
    } else {
        Err(format!("no right to make tables, and migrations make some: `grant create on schema {schema} to …`"))
    }
}

/// Whether every page of a SQLite file is what it should be, and whether it can be written.
async fn pages(store: &Store) -> Result<String, String> {
    let Db::Sqlite(_) = store.read() else { return Ok("PostgreSQL looks after its own (`data_checksums`)".to_owned()) };
    match store.look_for_damage().await {
        Ok(Some(damage)) => Err(format!("the file is damaged ({damage}): stop mms, restore a backup, look at the disk")),
        Err(error) => Err(error.to_string()),
        Ok(None) => match store.begin().await {
            Ok(_) => Ok("whole".to_owned()),
            Err(error) => {
                Err(format!("whole, but nothing can be written ({error}): give the file and its directory to the user that runs mms"))
            }
        },
    }
}

/// Whether everything that came was understood: there may be an opt-out in what was not.
async fn events(store: &Store) -> Result<String, String> {
    match failed::count_all(store).await {
        Ok(0) => Ok("everything that came was handled".to_owned()),
        Ok(count) => {
            Err(format!("{count} could not be handled, and an opt-out may be among them: in the managers' bot, Answers → Not read"))
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Whether each company may send, and whether somebody of its own can come in.
async fn accounts(store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let (all, now) = (account::all(store).await?, clock::now());
    if all.is_empty() {
        return report.say("accounts", Ok("none yet: make one by `mms admin create-account`".to_owned()));
    }
    for row in all {
        let licence = licence::current(store, row.id, now).await?;
        let owners = member::list(store, row.id).await?.into_iter().filter(|member| member.role == Role::Owner);
        let enters = owners.filter(|owner| owner.disabled_at.is_none() && owner.locked_at.is_none()).count() > 0;
        let finding = match licence {
            _ if !enters => Err("no owner can come in: `mms admin members`, `mms admin unlock`, `mms admin invite`".to_owned()),
            None => Err("no valid licence, so nothing is sent: `mms admin issue-licence`".to_owned()),
            Some(licence) => Ok(format!("the licence ({}) holds for {} more days", licence.plan.as_str(), licence.days_left(now))),
        };
        report.say(&format!("account {}", row.name), finding)?;
    }
    Ok(())
}

/// Whether the address to listen on can be had, or is this product's already.
async fn port(config: &Config) -> Result<String, String> {
    let listen = config.http.listen;
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Ok(format!("{listen} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let client = http::client(Duration::from_secs(3)).map_err(|error| error.to_string())?;
            let answer = client.get(format!("http://{listen}/healthz")).send().await;
            match answer {
                Ok(answer) if answer.status().is_success() => Ok(format!("mms answers at {listen}")),
                _ => Err(format!("another program listens on {listen}: name another address by MMS_LISTEN")),
            }
        }
        Err(error) => Err(format!("{listen} cannot be listened on ({error}): name another address by MMS_LISTEN")),
    }
}

/// Whether messengers and CRMs can call the public address.
fn public_address(config: &Config) -> Result<String, String> {
    let address = config.http.public_url.as_str();
    // The doubles, and a proxy on this machine, are called without a certificate.
    let own = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| address.starts_with(own));
    if address.is_empty() {
        Ok("none: updates are asked for, and CRMs are connected by token".to_owned())
    } else if own || address.starts_with("https://") {
        Ok(address.to_owned())
    } else {
        Err(format!(
            "{address} has no https, so nobody sends webhooks there: put a certificate before it, and write https:// in MMS_PUBLIC_URL"
        ))
    }
}

async fn redis(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    if config.redis_url.expose().is_empty() {
        return report.say("queue", Ok("in memory: one process (`mms up`)".to_owned()));
    }
    let redis = match process::redis(config) {
        Ok(redis) => redis,
        Err(error) => return report.say("queue", Err(format!("{error:#}"))),
    };
    let answer = match redis.reach().await {
        Ok(()) => Queue::redis(redis).check().await,
        Err(error) => Err(error),
    };
    report.say(
        "queue",
        answer
            .map(|()| "Redis takes bells".to_owned())
            .map_err(|error| format!("Redis takes no bells: {error}; check REDIS_URL and `maxmemory`")),
    )
}

async fn telegram(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    if config.telegram.token.expose().is_empty() {
        return report.say("Telegram", Err("no token: make a bot with @BotFather and set MMS_TELEGRAM_TOKEN".to_owned()));
    }
    if !registry::plausible(ChannelKind::Telegram, &config.telegram.token) {
        let sentence = "MMS_TELEGRAM_TOKEN is no token: it is written like 7000000001:AAE-example; check the token with @BotFather";
        return report.say("Telegram", Err(sentence.to_owned()));
    }
    let adapter = registry::build(ChannelKind::Telegram, &config.telegram.token, &config.endpoints())?;
    let me = adapter.identify().await;
    report.say(
        "Telegram",
        me.map(|me| format!("@{} answers", me.username))
            .map_err(|error| format!("{error}; check the token and the network (telegram.api)")),
    )?;
    let clock = async {
        let client = http::client(Duration::from_secs(10)).map_err(|error| error.to_string())?;
        let response = client.head(&config.telegram.api).send().await.map_err(http::describe)?;
        let date = response.headers().get("date").and_then(|value| value.to_str().ok()).ok_or("it names no date")?;
        DateTime::parse_from_rfc2822(date).map(|date| date.with_timezone(&Utc)).map_err(|error| error.to_string())
    };
    match clock.await {
        Ok(there) => report.say("clock against Telegram", off(there)),
        Err(why) => report.say("clock against Telegram", Ok(format!("not compared ({why})"))),
    }
}

fn off(there: DateTime<Utc>) -> Result<String, String> {
    let off = (clock::now() - there).abs();
    let text = format!("off by {} s", off.num_seconds());
    if off > CLOCK_OFF { Err(format!("{text}: switch time synchronisation on (systemd-timesyncd)")) } else { Ok(text) }
}

/// Every host the product will talk to with these settings.
fn hosts(config: &Config) -> Vec<String> {
    let mut hosts = vec![format!("{} (Telegram Bot API)", http::redact(&config.telegram.api))];
    hosts.push(match config.amocrm.r#override.as_str() {
        "" => "https://<your account>.amocrm.ru, .amocrm.com or .kommo.com (once connected)".to_owned(),
        base => format!("{} (in place of amoCRM)", http::redact(base)),
    });
    if config.sqlite_path().is_none() {
        hosts.push(format!("{} (database)", http::redact(&config.database())));
    }
    if !config.redis_url.expose().is_empty() {
        hosts.push(format!("{} (queue)", http::redact(config.redis_url.expose())));
    }
    if config.telegram.mode == UpdateMode::Webhook {
        hosts.push(format!("listens on {} for {}", config.http.listen, config.http.public_url));
    } else {
        hosts.push(format!("listens on {} (health)", config.http.listen));
    }
    hosts
}
