//! `mms doctor`: looks at everything the product needs and says, a sentence each, what is wrong and
//! what to do.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use mms_bot::{
    p,
    words::{crm, provider},
};
use mms_core::{
    account::{self, Role, licence, member, payment},
    channel::{ChannelKind, SendError, managers, registry, store as channels},
    clock,
    config::{Config, UpdateMode},
    crm::CrmKind,
    deletion,
    http::{self, Away, Proxy, Route},
    inbound::failed,
    on,
    queue::Queue,
    sign,
    store::{
        Db, Store, Unlike,
        backup::{beside, has_content},
        proof::Key,
        trail::notes,
    },
};

use crate::{
    process,
    words::{self, tr},
};

/// Free space below which the disk is called full, bytes.
const LITTLE_SPACE: u64 = 500 * 1024 * 1024;
/// A clock that is off by more than this makes schedules and lease times wrong.
const CLOCK_OFF: TimeDelta = TimeDelta::seconds(10);

#[derive(Default)]
struct Report {
    problems: usize,
}

impl Report {
    fn say(&mut self, what: &str, finding: Result<String, String>) -> anyhow::Result<()> {
        let (ok, problem) = (p!(tr(), "doctor-ok"), p!(tr(), "doctor-problem"));
        let width = ok.chars().count().max(problem.chars().count());
        let (mark, text) = match finding {
            Ok(text) => (ok, text),
            Err(text) => {
                self.problems += 1;
                (problem, text)
            }
        };
        process::print(&p!(tr(), "doctor-line", mark = format!("{mark:<width$}"), what = what, text = text))
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
            report.say(&p!(tr(), "doctor-configuration"), Err(words::told(tr(), &error)))?;
            bail!(p!(tr(), "doctor-problems", count = 1_i64));
        }
    };
    report.say(&p!(tr(), "doctor-configuration"), Ok(p!(tr(), "doctor-configuration-read")))?;
    report.say(&p!(tr(), "doctor-data-dir"), data_dir(&config))?;
    report.say(&p!(tr(), "doctor-disk"), disk(&config))?;
    report.say(&p!(tr(), "doctor-files"), permissions(&config, &environment))?;
    report.say(&p!(tr(), "doctor-key"), sealing_key(&config, &environment).await)?;
    database(&config, &environment, &mut report).await?;
    redis(&config, &mut report).await?;
    telegram(&config, &mut report).await?;
    mail(&config, &mut report).await?;
    report.say(&p!(tr(), "doctor-agreement"), agreement(&config))?;
    report.say(&p!(tr(), "doctor-port"), port(&config).await)?;
    report.say(&p!(tr(), "doctor-public"), public_address(&config))?;
    process::print(&p!(tr(), "doctor-talks-to"))?;
    for host in hosts(&config) {
        process::print(&format!("         {host}"))?;
    }
    match report.problems {
        0 => process::print(&p!(tr(), "doctor-nothing")),
        count => bail!(p!(tr(), "doctor-problems", count = count)),
    }
}

fn data_dir(config: &Config) -> Result<String, String> {
    let path = config.data_dir.display().to_string();
    config.make_data_dir().map_err(|error| p!(tr(), "doctor-data-dir-none", why = words::settings(tr(), &error)))?;
    let probe = config.data_dir.join(format!(".doctor-{}", std::process::id()));
    std::fs::write(&probe, b"x").map_err(|error| p!(tr(), "doctor-data-dir-closed", path = &path, why = error.to_string()))?;
    drop(std::fs::remove_file(probe));
    Ok(p!(tr(), "doctor-data-dir-ok", path = path))
}

fn disk(config: &Config) -> Result<String, String> {
    let stat = rustix::fs::statvfs(&config.data_dir).map_err(|error| p!(tr(), "doctor-disk-unknown", why = error.to_string()))?;
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let mib = free / 1024 / 1024;
    if free < LITTLE_SPACE { Err(p!(tr(), "doctor-disk-little", mib = mib)) } else { Ok(p!(tr(), "doctor-disk-free", mib = mib)) }
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
    if open.is_empty() { Ok(p!(tr(), "doctor-files-ok")) } else { Err(p!(tr(), "doctor-files-open", files = open.join(", "))) }
}

/// Whether the key is the one the database was sealed with.
async fn sealing_key(config: &Config, environment: &BTreeMap<String, String>) -> Result<String, String> {
    let path = config.sealing_key_path(environment).display().to_string();
    let key = config.sealer(environment).map_err(|error| words::settings(tr(), &error))?;
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
        (Some(_), Key::Wrong) => Err(p!(tr(), "doctor-key-other", path = path)),
        (Some(_), _) => Ok(p!(tr(), "doctor-key-there")),
        (None, Key::First) if config.redis_url.expose().is_empty() && config.sealing_key_file.is_empty() => {
            Ok(p!(tr(), "doctor-key-later"))
        }
        (None, Key::First) => Err(p!(tr(), "doctor-key-none", path = path)),
        (None, _) => Err(p!(tr(), "doctor-key-lost", path = path)),
    }
}

async fn database(config: &Config, environment: &BTreeMap<String, String>, report: &mut Report) -> anyhow::Result<()> {
    let what = p!(tr(), "doctor-database");
    if let Err(error) = config.check_database_file(environment) {
        return report.say(&what, Err(words::settings(tr(), &error)));
    }
    if config.sqlite_path().is_some_and(|path| !has_content(&path)) {
        return report.say(&what, Ok(p!(tr(), "doctor-database-later")));
    }
    let store = match Store::connect(&config.database()).await {
        Ok(store) => store,
        Err(error) => return report.say(&what, Err(p!(tr(), "doctor-database-away", why = words::database(tr(), &error)))),
    };
    let file = |path: std::path::PathBuf| p!(tr(), "doctor-database-file", path = path.display().to_string());
    report.say(&what, Ok(config.sqlite_path().map_or_else(|| http::redact(&config.database()), file)))?;
    let schema = store.schema().await;
    let whole = matches!(schema, Ok(Ok(0)));
    let versions = |versions: Vec<i64>| format!("{versions:?}");
    report.say(
        &p!(tr(), "doctor-migrations"),
        match schema {
            Ok(Ok(0)) => Ok(p!(tr(), "doctor-migrations-ok")),
            Ok(Ok(pending)) => Ok(p!(tr(), "doctor-migrations-pending", count = pending)),
            Ok(Err(Unlike::Newer(newer))) => Err(p!(tr(), "doctor-migrations-newer", versions = versions(newer))),
            Ok(Err(Unlike::Changed(changed))) => Err(p!(tr(), "doctor-migrations-changed", versions = versions(changed))),
            Err(error) => Err(error.to_string()),
        },
    )?;
    report.say(&p!(tr(), "doctor-pages"), pages(&store).await)?;
    if whole && let Some(clash) = managers::clash(&store, &config.endpoints()).await? {
        report.say(&p!(tr(), "doctor-managers"), Err(words::clash(tr(), &clash)))?;
    }
    if let Db::Postgres(pool) = store.read() {
        let there: Result<DateTime<Utc>, _> = sqlx::query_scalar("select now()").fetch_one(pool).await;
        report.say(&p!(tr(), "doctor-database-clock"), there.map_err(|error| error.to_string()).and_then(off))?;
        let temporary = "select has_database_privilege(current_database(), 'TEMPORARY')";
        let may: Result<bool, _> = sqlx::query_scalar(temporary).fetch_one(pool).await;
        let may = may.map_err(|error| error.to_string());
        let may = may.and_then(|may| if may { Ok(p!(tr(), "doctor-rights-ok")) } else { Err(p!(tr(), "doctor-rights-none")) });
        report.say(&p!(tr(), "doctor-rights"), may)?;
        report.say(&p!(tr(), "doctor-changes"), changes(pool).await)?;
    }
    if whole {
        messengers(config, &store, report).await?;
        report.say(&p!(tr(), "doctor-events"), events(&store).await)?;
        report.say(&p!(tr(), "doctor-trail"), trail(config, environment, &store).await)?;
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
    if read_only {
        Err(p!(tr(), "doctor-changes-refused"))
    } else if may_create == Some(true) {
        Ok(p!(tr(), "doctor-changes-ok"))
    } else {
        Err(p!(tr(), "doctor-changes-no-tables", schema = schema.unwrap_or_else(|| "public".to_owned())))
    }
}

/// Whether every page of a SQLite file is what it should be, and whether it can be written.
async fn pages(store: &Store) -> Result<String, String> {
    let Db::Sqlite(_) = store.read() else { return Ok(p!(tr(), "doctor-pages-postgres")) };
    match store.look_for_damage().await {
        Ok(Some(damage)) => Err(p!(tr(), "doctor-pages-damaged", why = damage.to_string())),
        Err(error) => Err(error.to_string()),
        Ok(None) => match writes(store).await {
            Ok(()) => Ok(p!(tr(), "doctor-pages-ok")),
            Err(error) => Err(p!(tr(), "doctor-pages-closed", why = error.to_string())),
        },
    }
}

/// Writes nothing, as a write: SQLite begins a change in a closed file too, and refuses its first
/// statement.
async fn writes(store: &Store) -> sqlx::Result<()> {
    const NOTHING: &str = "update account set name = name where 1 = 0";
    let mut tx = store.begin().await?;
    on!(tx.conn(), |c| sqlx::query(NOTHING).execute(c).await.map(|_| ()))
}

/// Whether the servers of the customers' messengers answer, each by its own route: of those with a
/// channel or with a proxy. Telegram is asked with the managers' bot ([`telegram`]).
async fn messengers(config: &Config, store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let (endpoints, used) = (config.endpoints(), channels::listening(store).await?);
    let asked = |kind: &ChannelKind| {
        let proxied = registry::server(*kind, &endpoints).1.proxy.is_some();
        *kind != ChannelKind::Telegram && (proxied || used.iter().any(|row| row.kind.provider() == kind.provider()))
    };
    let kinds = ChannelKind::providers().filter(asked);
    let answers = futures::future::join_all(kinds.map(|kind| {
        let (base, route) = registry::server(kind, &endpoints);
        async move { (kind, route, http::reach(base, route).await) }
    }));
    for (kind, route, answer) in answers.await {
        report.say(provider(kind), reached(kind, route, answer))?;
    }
    Ok(())
}

/// Whether a messenger's server is reached, or what is cut and what to do about it.
fn reached(kind: ChannelKind, route: &Route, answer: Result<(), Away>) -> Result<String, String> {
    let (kind, proxy) = (kind.provider(), route.proxy.as_ref().map(Proxy::address));
    match (answer, proxy) {
        (Ok(()), None) => Ok(p!(tr(), "doctor-messenger-ok")),
        (Ok(()), Some(proxy)) => Ok(p!(tr(), "doctor-messenger-ok-proxy", proxy = proxy)),
        (Err(Away::Certificate(why)), _) => Err(p!(tr(), "doctor-messenger-certificate", kind = kind, why = why)),
        (Err(Away::Proxy(why)), proxy) => {
            Err(p!(tr(), "doctor-messenger-proxy-away", kind = kind, proxy = proxy.unwrap_or_default(), why = why))
        }
        (Err(Away::Host(why)), Some(proxy)) => Err(p!(tr(), "doctor-messenger-away-proxy", kind = kind, proxy = proxy, why = why)),
        (Err(Away::Host(why)), None) => Err(p!(tr(), "doctor-messenger-away", kind = kind, why = why)),
    }
}

/// Whether everything that came was understood: there may be an opt-out in what was not.
async fn events(store: &Store) -> Result<String, String> {
    match failed::count_all(store).await {
        Ok(0) => Ok(p!(tr(), "doctor-events-ok")),
        Ok(count) => Err(p!(tr(), "doctor-events-failed", count = count)),
        Err(error) => Err(error.to_string()),
    }
}

/// Whether the trail is what was noted of it outside the database.
async fn trail(config: &Config, environment: &BTreeMap<String, String>, store: &Store) -> Result<String, String> {
    // What is wrong with the key is said by its own line.
    let Ok(Some(sealer)) = config.sealer(environment) else { return Ok(p!(tr(), "doctor-trail-no-key")) };
    let (file, key, store) = (config.checkpoints(), sign::installation(&sealer).public(), store.clone().sealed_by(&sealer));
    let shown = file.display().to_string();
    let wrong = notes::look(&file, &key).map_err(|error| p!(tr(), "doctor-trail-unreadable", file = &shown, why = error.to_string()))?;
    if wrong.into_iter().any(notes::Wrong::breaks) {
        return Err(p!(tr(), "doctor-trail-file", file = shown));
    }
    for row in account::all(&store).await.map_err(|error| error.to_string())? {
        let differs = notes::check(&store, &file, &key, row.id).await.map_err(|error| error.to_string())?;
        if !differs.is_empty() {
            return Err(p!(tr(), "doctor-trail-differs", account = &row.name, file = shown));
        }
    }
    Ok(if file.exists() { p!(tr(), "doctor-trail-ok", file = shown) } else { p!(tr(), "doctor-trail-none", file = shown) })
}

/// Whether each company may send, and whether somebody of its own can come in.
async fn accounts(store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let (all, now) = (account::all(store).await?, clock::now());
    if all.is_empty() {
        return report.say(&p!(tr(), "doctor-accounts"), Ok(p!(tr(), "doctor-accounts-none")));
    }
    for row in all {
        let what = p!(tr(), "doctor-account", name = &row.name);
        if let Some(at) = deletion::deleted_at(store, row.id).await? {
            report.say(&what, Ok(p!(tr(), "doctor-account-deleted", day = words::day(at))))?;
            continue;
        }
        let licence = licence::current(store, row.id, now).await?;
        let later = licence::list(store, row.id).await?.into_iter().find(|one| one.revoked_at.is_none() && one.valid_from > now);
        let owners = member::list(store, row.id).await?.into_iter().filter(|member| member.role == Role::Owner);
        let enters = owners.filter(|owner| owner.disabled_at.is_none() && owner.locked_at.is_none()).count() > 0;
        let finding = match (licence, later) {
            _ if !enters => Err(p!(tr(), "doctor-account-no-owner")),
            (Some(licence), _) => Ok(p!(tr(), "doctor-account-ok", plan = licence.plan.as_str(), days = licence.days_left(now))),
            (None, Some(later)) => Err(p!(tr(), "doctor-account-later", plan = later.plan.as_str(), day = words::day(later.valid_from))),
            (None, None) => Err(p!(tr(), "doctor-account-no-licence")),
        };
        report.say(&what, finding)?;
    }
    let aside = payment::to_give_back(store).await?.len();
    if aside > 0 {
        report.say(&p!(tr(), "doctor-money"), Err(p!(tr(), "doctor-money-aside", count = aside)))?;
    }
    Ok(())
}

/// Whether the address to listen on can be had, or is this product's already.
async fn port(config: &Config) -> Result<String, String> {
    let listen = config.http.listen;
    let address = listen.to_string();
    match std::net::TcpListener::bind(listen) {
        Ok(_) => Ok(p!(tr(), "doctor-port-free", address = address)),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            let client = http::client(Duration::from_secs(3)).map_err(|error| error.to_string())?;
            let answer = client.get(format!("http://{listen}/healthz")).send().await;
            match answer {
                Ok(answer) if answer.status().is_success() => Ok(p!(tr(), "doctor-port-ours", address = address)),
                _ => Err(p!(tr(), "doctor-port-taken", address = address)),
            }
        }
        Err(error) => Err(p!(tr(), "doctor-port-closed", address = address, why = error.to_string())),
    }
}

/// Whether messengers and CRMs can call the public address.
fn public_address(config: &Config) -> Result<String, String> {
    let address = config.http.public_url.as_str();
    // The doubles, and a proxy on this machine, are called without a certificate.
    let own = ["http://localhost", "http://127.0.0.1", "http://[::1]"].iter().any(|own| address.starts_with(own));
    if address.is_empty() {
        Ok(p!(tr(), "doctor-public-none"))
    } else if own || address.starts_with("https://") {
        Ok(address.to_owned())
    } else {
        Err(p!(tr(), "doctor-public-plain", address = address))
    }
}

async fn redis(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let what = p!(tr(), "doctor-queue");
    if config.redis_url.expose().is_empty() {
        return report.say(&what, Ok(p!(tr(), "doctor-queue-memory")));
    }
    let redis = match process::redis(config) {
        Ok(redis) => redis,
        Err(error) => return report.say(&what, Err(words::told(tr(), &error))),
    };
    let answer = match redis.reach().await {
        Ok(()) => Queue::redis(redis).check().await,
        Err(error) => Err(error),
    };
    let answer = answer.map(|()| p!(tr(), "doctor-queue-ok"));
    report.say(&what, answer.map_err(|error| p!(tr(), "doctor-queue-away", why = error.to_string())))
}

async fn telegram(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let what = p!(tr(), "doctor-telegram");
    if config.telegram.token.expose().is_empty() {
        return report.say(&what, Err(p!(tr(), "doctor-telegram-none")));
    }
    if !registry::plausible(ChannelKind::Telegram, &config.telegram.token) {
        return report.say(&what, Err(p!(tr(), "server-bad-token")));
    }
    let adapter = registry::build(ChannelKind::Telegram, &config.telegram.token, &config.endpoints())?;
    let finding = match adapter.identify().await {
        Ok(me) => Ok(p!(tr(), "doctor-telegram-ok", username = me.username)),
        Err(SendError::Unauthorised(_)) => Err(p!(tr(), "server-unknown-token")),
        Err(error) => {
            let route = config.telegram.route();
            let answer = http::reach(&config.telegram.api, &route).await;
            match reached(ChannelKind::Telegram, &route, answer) {
                Err(cut) => Err(cut),
                // Somebody answers there, and not as Telegram does. It was a question, so nothing
                // of what these say of messages.
                Ok(_) => Err(match error {
                    SendError::Unknown(why) | SendError::Transient(why) | SendError::Misconfigured(why) => {
                        p!(tr(), "doctor-telegram-away", why = why)
                    }
                    error => p!(tr(), "doctor-telegram-away", why = error.to_string()),
                }),
            }
        }
    };
    report.say(&what, finding)?;
    let clock = async {
        let client = http::routed(Duration::from_secs(10), &config.telegram.route()).map_err(|error| error.to_string())?;
        let response = client.head(&config.telegram.api).send().await.map_err(http::describe)?;
        let date = response.headers().get("date").and_then(|value| value.to_str().ok());
        let date = date.ok_or_else(|| p!(tr(), "doctor-telegram-no-date"))?;
        DateTime::parse_from_rfc2822(date).map(|date| date.with_timezone(&Utc)).map_err(|error| error.to_string())
    };
    let clock = match clock.await {
        Ok(there) => off(there),
        Err(why) => Ok(p!(tr(), "doctor-clock-unknown", why = why)),
    };
    report.say(&p!(tr(), "doctor-telegram-clock"), clock)
}

/// Whether the mail server lets us in; nothing is mailed.
async fn mail(config: &Config, report: &mut Report) -> anyhow::Result<()> {
    let Ok(mailer) = config.mail.mailer() else { return Ok(()) };
    let finding = match mailer {
        None => Ok(p!(tr(), "doctor-mail-none")),
        Some(mailer) => match mailer.check().await {
            Ok(()) => Ok(p!(tr(), "doctor-mail-ok", server = http::redact(config.mail.server.expose()))),
            Err(error) => Err(p!(tr(), "doctor-mail-away", why = error.to_string())),
        },
    };
    report.say(&p!(tr(), "doctor-mail"), finding)
}

/// Whether the texts that owners accept can be read.
fn agreement(config: &Config) -> Result<String, String> {
    let Some(folder) = config.agreement.folder() else { return Ok(p!(tr(), "doctor-agreement-none")) };
    let (texts, bad) = mms_core::agreement::files::read(folder);
    match (texts.len(), bad.is_empty()) {
        (0, true) => Err(p!(tr(), "doctor-agreement-empty", folder = folder.display().to_string())),
        (count, true) => Ok(p!(tr(), "doctor-agreement-ok", count = count)),
        (_, false) => Err(bad.iter().map(|bad| words::agreement(tr(), bad)).collect::<Vec<_>>().join("; ")),
    }
}

fn off(there: DateTime<Utc>) -> Result<String, String> {
    let off = (clock::now() - there).abs();
    let seconds = off.num_seconds();
    if off > CLOCK_OFF { Err(p!(tr(), "doctor-clock-off", seconds = seconds)) } else { Ok(p!(tr(), "doctor-clock-ok", seconds = seconds)) }
}

/// Every host the product will talk to with these settings.
fn hosts(config: &Config) -> Vec<String> {
    let mut hosts = vec![
        p!(tr(), "doctor-host-telegram", host = http::redact(&config.telegram.api)),
        p!(tr(), "doctor-host-max", host = http::redact(&config.max.api)),
        p!(tr(), "doctor-host-whatsapp", host = http::redact(&config.whatsapp.api)),
        p!(tr(), "doctor-host-viber", host = http::redact(&config.viber.api)),
        p!(tr(), "doctor-host-vk", host = http::redact(&config.vk.api)),
        p!(tr(), "doctor-host-wazzup", host = http::redact(&config.wazzup.api)),
    ];
    for kind in ChannelKind::providers() {
        if let Some(proxy) = &registry::server(kind, &config.endpoints()).1.proxy {
            hosts.push(p!(tr(), "doctor-host-proxy", proxy = proxy.address(), messenger = provider(kind)));
        }
    }
    hosts.push(match config.amocrm.r#override.as_str() {
        "" => p!(tr(), "doctor-host-amocrm"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Amocrm)),
    });
    hosts.push(match config.retailcrm.r#override.as_str() {
        "" => p!(tr(), "doctor-host-retailcrm"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Retailcrm)),
    });
    hosts.push(match config.odoo.r#override.as_str() {
        "" => p!(tr(), "doctor-host-odoo"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Odoo)),
    });
    hosts.push(match config.yclients.r#override.as_str() {
        "" => p!(tr(), "doctor-host-yclients"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Yclients)),
    });
    hosts.push(match config.bitrix24.r#override.as_str() {
        "" => p!(tr(), "doctor-host-bitrix24"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Bitrix24)),
    });
    hosts.push(match config.tryton.r#override.as_str() {
        "" => p!(tr(), "doctor-host-tryton"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Tryton)),
    });
    hosts.push(match config.spreadsheet.r#override.as_str() {
        "" => p!(tr(), "doctor-host-spreadsheet"),
        base => p!(tr(), "doctor-host-instead", host = http::redact(base), crm = crm(CrmKind::Spreadsheet)),
    });
    if config.sqlite_path().is_none() {
        hosts.push(p!(tr(), "doctor-host-database", host = http::redact(&config.database())));
    }
    if !config.mail.server.expose().is_empty() {
        hosts.push(p!(tr(), "doctor-host-mail", host = http::redact(config.mail.server.expose())));
    }
    if !config.redis_url.expose().is_empty() {
        hosts.push(p!(tr(), "doctor-host-queue", host = http::redact(config.redis_url.expose())));
    }
    let address = config.http.listen.to_string();
    hosts.push(if config.telegram.mode == UpdateMode::Webhook {
        p!(tr(), "doctor-host-hooks", address = address, public = &config.http.public_url)
    } else {
        p!(tr(), "doctor-host-health", address = address)
    });
    hosts
}
