use super::*;

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn defaults_are_a_working_configuration() {
    let config = Config::load(None, &env(&[])).expect("defaults load");
    assert_eq!(config.database(), "sqlite:mms-data/mms.db");
    assert_eq!(config.telegram.mode, UpdateMode::Polling);
    assert_eq!(config.connections(), Connections::default());
    assert_eq!(config.retry, Schedules::default());
    assert_eq!(config.retention, retention::Days::default());
    assert_eq!(config.erasure, Erasure::default());
    assert_eq!(config.jobs, Seats::default());
    assert!(config.redis_url.expose().is_empty());
}

#[test]
fn every_variable_sets_its_setting() {
    let known: config::Config =
        config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml)).build().expect("defaults");
    for (variable, key) in ENVIRONMENT {
        assert!(known.get::<config::Value>(key).is_ok(), "{variable} sets `{key}`, which has no default");
        assert!(DEFAULTS.contains(variable), "{variable} is not explained in the defaults");
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mms.toml");
    std::fs::write(&file, "data_dir = '/from/file'\n[http]\nlisten = '127.0.0.1:1'\n").expect("write");
    let config = Config::load(Some(&file), &env(&[("MMS_DATA_DIR", "/from/env")])).expect("loads");
    assert_eq!(config.data_dir, Path::new("/from/env"));
    assert_eq!(config.http.listen.port(), 1);
}

#[test]
fn an_unknown_setting_is_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mms.toml");
    std::fs::write(&file, "[telegram]\ntokn = 'x'\n").expect("write");
    let error = Config::load(Some(&file), &env(&[])).expect_err("refused").to_string();
    assert!(error.contains("there is no setting `telegram.tokn`: did you mean `telegram.token`?"), "{error}");
    std::fs::write(&file, "[retention]\nevents = -1\n").expect("write");
    let error = Config::load(Some(&file), &env(&[])).expect_err("refused").to_string();
    assert!(error.contains("retention.events: `-1` is no whole number: write for example `30`"), "{error}");
}

/// They were told in the words of a parser, twice, and without what to write; a variable that
/// sets nothing was passed over.
#[test]
fn a_wrong_value_is_told_once_with_what_to_write() {
    for (name, value, said) in [
        ("MMS_TELEGRAM_MODE", "webhok", "write `polling` or `webhook`"),
        ("MMS_LISTEN", "8081", "write for example `127.0.0.1:8081`"),
        ("MMS_LISTEN", "localhost", "write for example `127.0.0.1:8080`"),
        ("MMS_LOG_FORMAT", "xml", "write `auto`, `pretty` or `json`"),
        ("MMS_DATABASE_CONNECTIONS", "many", "write for example `16`"),
        ("MMS_SQLITE_READERS", "3", "write a number from 4 to 64, for example 4"),
        ("MMS_METRICS_LISTEN", "9465", "write for example `127.0.0.1:9465`"),
        ("MMS_WORKER_LISTEN", "everywhere", "write for example `127.0.0.1:8081`"),
    ] {
        let error = Config::load(None, &env(&[(name, value)])).expect_err("refused").to_string();
        assert!(error.contains(said) && error.contains(value) && error.contains(name), "{error}");
        assert_eq!(error.matches(said).count(), 1, "once: {error}");
    }
    let error = Config::load(None, &env(&[("MMS_MODE", "polling")])).expect_err("refused").to_string();
    assert!(error.contains("`MMS_MODE` sets nothing: did you mean `MMS_TELEGRAM_MODE`?"), "{error}");
    Config::load(None, &env(&[("MMS_TEST_POSTGRES", "x"), ("MMS_CONFIG", "x"), ("HOME", "x")])).expect("not ours to judge");
}

/// Numbers and schedules that nobody could work with, and a connection that ends before a request
/// could have come: each told with what to write.
#[test]
fn limits_and_schedules_are_looked_at() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("mms.toml");
    for (section, setting, said) in [
        ("amocrm", "calls_per_second = 8", "amocrm.calls_per_second: 8 cannot be: write a number from 1 to 7, for example 5"),
        ("crm", "sync_seconds = 5", "crm.sync_seconds: 5 cannot be: write a number from 60 to 86400"),
        ("http", "connections = 0", "http.connections: 0 cannot be"),
        ("http", "connection_seconds = 20", "http.connection_seconds must be more than http.head_seconds and http.body_seconds"),
        ("retry", "inbound = [5, 2]", "retry.inbound: `[5, 2]` are no waits"),
        ("retry", "notice = [0]", "for example [5, 10, 20"),
        ("retry", "import = ['soon']", "retry.import"),
        ("retry", "delivery = 5", "retry.delivery"),
    ] {
        std::fs::write(&file, format!("[{section}]\n{setting}\n")).expect("write");
        let error = Config::load(Some(&file), &env(&[])).expect_err(setting).to_string();
        assert!(error.contains(said), "{error}");
    }
    std::fs::write(&file, "[retry]\ninbound = [1, 1]\nnotice = []\n[http]\nconnection_seconds = 21\n").expect("write");
    let config = Config::load(Some(&file), &env(&[])).expect("loads");
    assert!(config.retry.inbound.given_up(3) && !config.retry.inbound.given_up(2));
    assert!(config.retry.notice.given_up(1), "one try");
    assert_eq!(config.retry.delivery, Schedules::default().delivery, "what is not named stays");
}

#[test]
fn contradictions_are_refused() {
    for pairs in [
        [("MMS_TELEGRAM_MODE", "webhook"), ("MMS_PUBLIC_URL", "")],
        [("REDIS_URL", "redis://127.0.0.1"), ("DATABASE_URL", "sqlite:/tmp/x.db")],
        [("MMS_AMOCRM_CLIENT_ID", "x"), ("MMS_AMOCRM_CLIENT_SECRET", "")],
        [("MMS_REDIS_CA_FILE", "/etc/mms/redis.pem"), ("REDIS_URL", "redis://127.0.0.1")],
    ] {
        assert!(Config::load(None, &env(&pairs)).is_err(), "{pairs:?}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let config = Config::load(None, &env(&[("MMS_TELEGRAM_TOKEN", "7:AAsecret"), ("DATABASE_URL", "postgres://u:p4ss@127.0.0.1/m")]))
        .expect("loads");
    let printed = format!("{config:?}");
    assert!(!printed.contains("AAsecret") && !printed.contains("p4ss"), "{printed}");
}

#[test]
fn a_sealing_key_is_made_whole_and_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().to_str().expect("utf-8");
    let config = Config::load(None, &env(&[("MMS_DATA_DIR", data)])).expect("loads");
    assert!(config.sealer(&env(&[])).expect("looked").is_none());
    // A first start on a full disk left a key of no bytes, and every later start was refused.
    std::fs::write(dir.path().join("sealing.key"), b"").expect("written");
    assert!(config.sealer(&env(&[])).expect("looked").is_none());
    let owner = uuid::Uuid::now_v7();
    let sealed = config.make_sealer(&env(&[])).expect("made").seal(b"token", owner);
    assert_eq!(config.sealer(&env(&[])).expect("read").expect("there").open(&sealed, owner).expect("opens"), b"token");
    let files: Vec<_> = std::fs::read_dir(dir.path()).expect("read").collect();
    assert_eq!(files.len(), 1, "nothing is left beside it");
    let mode = std::fs::metadata(dir.path().join("sealing.key")).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_key_that_cannot_be_written_leaves_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    // The name is a folder: the last step fails.
    std::fs::create_dir(dir.path().join("sealing.key")).expect("made");
    std::fs::write(dir.path().join("sealing.key/in the way"), b"x").expect("written");
    let config = Config::load(None, &env(&[("MMS_DATA_DIR", dir.path().to_str().expect("utf-8"))])).expect("loads");
    assert!(config.make_sealer(&env(&[])).is_err());
    let files: Vec<_> = std::fs::read_dir(dir.path()).expect("read").collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

/// A credential that is optional in the unit comes as a word; the key in the data directory
/// counts then.
#[test]
fn an_optional_credential_is_none() {
    let (data, credentials) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    std::fs::write(credentials.path().join("sealing_key"), b"none").expect("written");
    let config = Config::load(None, &env(&[("MMS_DATA_DIR", data.path().to_str().expect("utf-8"))])).expect("loads");
    let environment = env(&[("CREDENTIALS_DIRECTORY", credentials.path().to_str().expect("utf-8"))]);
    assert_eq!(config.sealing_key_path(&environment), data.path().join("sealing.key"));
    std::fs::write(credentials.path().join("sealing_key"), "0".repeat(64)).expect("written");
    assert_eq!(config.sealing_key_path(&environment), credentials.path().join("sealing_key"));
}

#[test]
fn an_emptied_database_is_no_new_installation() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = Config::load(None, &env(&[("MMS_DATA_DIR", dir.path().to_str().expect("utf-8"))])).expect("loads");
    let (database, none) = (dir.path().join("mms.db"), env(&[]));
    config.check_database_file(&none).expect("a first start");
    std::fs::write(&database, b"").expect("written");
    config.check_database_file(&none).expect("a first start that was broken off");
    for witness in ["mms.db-wal", "sealing.key"] {
        std::fs::write(dir.path().join(witness), b"x").expect("written");
        for there in [true, false] {
            if there {
                std::fs::write(&database, b"").expect("written")
            } else {
                drop(std::fs::remove_file(&database))
            }
            let error = config.check_database_file(&none).expect_err("refused").to_string();
            assert!(error.contains(witness) && error.contains("restore"), "{error}");
        }
        std::fs::write(&database, b"SQLite").expect("written");
        config.check_database_file(&none).expect("it has content");
        std::fs::remove_file(dir.path().join(witness)).expect("removed");
    }
}
