//! A whole installation under test: real processes of `mms`, a real database, real Redis, the
//! doubles of Telegram and amoCRM.
//!
//! Every installation has its own database, queue prefix, data directory and ports, so scenarios
//! run beside each other. Nothing sleeps: everything waits for a condition and fails with what it
//! saw.

mod company;
pub mod gateway;
pub mod process;
mod proxy;
mod rest;

use std::{ops::Deref, path::PathBuf, time::Duration};

use mms::drill::company::Site;
use mms_core::{
    secret::{KEY_LEN, Sealer, token},
    store::{Engine, Store},
    testing,
};
use mms_sandbox::{Rates, Sandbox, amocrm::Amo};

pub use company::{Company, Launch};
pub use mms::drill::company::{PASSWORD, next_id, phone};
pub use process::Process;
pub use proxy::Proxy;

/// How long a condition may take to come true. Generous: it is only ever waited out by a failure.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How an installation is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `mms up`: one process on SQLite.
    One,
    /// `mms bot` and so many `mms worker` on PostgreSQL and Redis.
    Apart { workers: usize },
}

/// An installation under test.
pub struct World {
    pub shape: Shape,
    /// The doubles, the same database and key the processes use.
    pub site: Site,
    pub amo: Amo,
    /// The managers' bot in the Telegram double.
    pub manager_bot: i64,
    pub bot: Option<Process>,
    pub workers: Vec<Process>,
    env: Vec<(String, String)>,
    dir: tempfile::TempDir,
    /// A process was started, so the scenario must be ended properly.
    started: bool,
    ended: bool,
}

impl Deref for World {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl World {
    /// Starts the doubles and prepares the settings; no process runs yet.
    pub async fn prepare(shape: Shape) -> Self {
        Self::prepare_on(shape, Sealer::new_key(), async |_| {}).await
    }

    /// The same on a database that `before` makes at the address it is given, sealed with this key.
    pub async fn prepare_on(shape: Shape, key: [u8; KEY_LEN], before: impl AsyncFnOnce(&str)) -> Self {
        let amo = Amo::new("romashka");
        let sandbox = Sandbox::builder()
            .nest("/amo/romashka", amo.clone().router())
            .rates(Rates::default())
            .start()
            .await
            .expect("the doubles start");
        let token_of_bot = format!("{}:AAE-manager-{}", next_id(), token(8));
        let manager_bot = sandbox.add_bot(&token_of_bot, "mms_manager_bot").expect("a bot");
        let dir = tempfile::tempdir().expect("a directory");
        let key_file = dir.path().join("sealing.key");
        std::fs::write(&key_file, hex::encode(key)).expect("written");
        private(&key_file);
        let database = match shape {
            Shape::One => format!("sqlite:{}", dir.path().join("mms.db").display()),
            Shape::Apart { .. } => testing::database(Engine::Postgres).await,
        };
        before(&database).await;
        let sealer = Sealer::new(&key);
        let store = Store::open(&database).await.expect("the database opens").sealed_by(&sealer);
        let mut env = vec![
            ("MMS_DAILY_AFTER".to_owned(), "0".to_owned()),
            ("MMS_DATA_DIR".to_owned(), dir.path().display().to_string()),
            ("MMS_SEALING_KEY_FILE".to_owned(), key_file.display().to_string()),
            ("DATABASE_URL".to_owned(), database),
            ("MMS_TELEGRAM_TOKEN".to_owned(), token_of_bot),
            ("MMS_TELEGRAM_API".to_owned(), sandbox.url()),
            ("MMS_MAX_API".to_owned(), sandbox.max().url().to_owned()),
            ("MMS_WHATSAPP_API".to_owned(), sandbox.whatsapp().url().to_owned()),
            ("MMS_VIBER_API".to_owned(), sandbox.viber().url().to_owned()),
            ("MMS_VK_API".to_owned(), sandbox.vk().url().to_owned()),
            ("MMS_WAZZUP_API".to_owned(), sandbox.wazzup().url().to_owned()),
            ("MMS_AMOCRM_OVERRIDE".to_owned(), format!("{}/amo", sandbox.url())),
            ("MMS_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("MMS_METRICS_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("MMS_LOG".to_owned(), "info".to_owned()),
            ("MMS_LOG_FORMAT".to_owned(), "json".to_owned()),
        ];
        if let Shape::Apart { .. } = shape {
            env.push(("REDIS_URL".to_owned(), std::env::var("MMS_TEST_REDIS").expect("MMS_TEST_REDIS is set by scripts/with-services")));
            env.push(("MMS_REDIS_PREFIX".to_owned(), format!("t{}", token(6))));
        }
        let site = Site { sandbox, store, sealer };
        Self { shape, site, amo, manager_bot, bot: None, workers: Vec::new(), env, dir, started: false, ended: false }
    }

    /// Prepares and starts every process.
    pub async fn start(shape: Shape) -> Self {
        let mut world = Self::prepare(shape).await;
        world.start_all();
        world
    }

    /// Gives the HTTP side an address that the doubles reach, so that webhooks come; call it before
    /// anything starts.
    pub fn be_reachable(&mut self) {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        self.set("MMS_LISTEN", free.to_string());
        self.set("MMS_PUBLIC_URL", format!("http://{free}"));
    }

    /// Whether the doubles reach the HTTP side.
    pub fn is_reachable(&self) -> bool {
        self.env.iter().any(|(name, _)| name == "MMS_PUBLIC_URL")
    }

    /// Starts what the shape wants and is not running.
    pub fn start_all(&mut self) {
        if self.bot.is_none() {
            self.start_bot();
        }
        if let Shape::Apart { workers } = self.shape {
            while self.workers.len() < workers {
                self.start_worker();
            }
        }
    }

    /// Starts the bot (with the worker inside it, in one process).
    pub fn start_bot(&mut self) {
        self.started = true;
        let command: &[&str] = match self.shape {
            Shape::One => &["up"],
            Shape::Apart { .. } => &["bot"],
        };
        self.bot = Some(Process::spawn(command, &self.env, self.log("bot")));
    }

    /// Starts one more worker.
    pub fn start_worker(&mut self) {
        self.started = true;
        let name = format!("worker{}", self.workers.len());
        let process = Process::spawn(&["worker", "--name", &name], &self.env, self.log(&name));
        self.workers.push(process);
    }

    /// Kills a process that sends, as a power cut would, and returns it to life as systemd would.
    pub async fn kill_sender(&mut self, which: usize) {
        match self.shape {
            Shape::One => {
                if let Some(bot) = self.bot.take() {
                    bot.kill().await;
                }
                self.start_bot();
            }
            Shape::Apart { .. } => {
                let index = which % self.workers.len();
                let old = self.workers.remove(index);
                old.kill().await;
                let process =
                    Process::spawn(&["worker", "--name", &format!("again{which}")], &self.env, self.log(&format!("again{which}")));
                self.workers.insert(index, process);
            }
        }
    }

    /// Kills the bot and starts it again.
    pub async fn kill_bot(&mut self) {
        if let Some(bot) = self.bot.take() {
            bot.kill().await;
        }
        self.start_bot();
    }

    /// This installation's keys in Redis, and a connection to it.
    async fn redis_keys(&self) -> (redis::aio::MultiplexedConnection, Vec<String>) {
        let client = redis::Client::open(self.setting("REDIS_URL")).expect("an address");
        let mut connection = client.get_multiplexed_async_connection().await.expect("Redis answers");
        let ours = format!("{}:*", self.setting("MMS_REDIS_PREFIX"));
        let keys = redis::cmd("KEYS").arg(ours).query_async(&mut connection).await.expect("keys");
        (connection, keys)
    }

    /// Everything this installation has in Redis: the keys with what they hold, whatever their
    /// type.
    pub async fn redis(&self) -> Vec<(String, Vec<u8>)> {
        let (mut connection, keys) = self.redis_keys().await;
        let mut all = Vec::new();
        for key in keys {
            let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut connection).await.expect("a type");
            let (from, to) = (0, -1);
            let read = match kind.as_str() {
                "string" => redis::cmd("GET").arg(&key).to_owned(),
                "list" => redis::cmd("LRANGE").arg(&key).arg(from).arg(to).to_owned(),
                "set" => redis::cmd("SMEMBERS").arg(&key).to_owned(),
                "zset" => redis::cmd("ZRANGE").arg(&key).arg(from).arg(to).to_owned(),
                "hash" => redis::cmd("HGETALL").arg(&key).to_owned(),
                // Gone meanwhile.
                "none" => continue,
                other => panic!("a type of value that is not read here: {other}"),
            };
            let value: redis::Value = read.query_async(&mut connection).await.expect("read");
            let mut bytes = Vec::new();
            flatten(value, &mut bytes);
            all.push((key, bytes));
        }
        all
    }

    /// Loses everything this installation has in Redis, as a flush would.
    pub async fn flush_redis(&self) {
        let (mut connection, keys) = self.redis_keys().await;
        if !keys.is_empty() {
            let _: () = redis::cmd("DEL").arg(keys).query_async(&mut connection).await.expect("deleted");
        }
    }

    /// Runs a command of `mms` in this installation and gives its standard output; it must succeed.
    pub fn command(&self, args: &[&str], input: &str) -> String {
        process::run(args, &self.env, input)
    }

    /// Runs a command of `mms` in this installation, however it ends.
    pub fn output(&self, args: &[&str], input: &str) -> std::process::Output {
        process::output(args, &self.env, input)
    }

    /// Runs a command of `mms` in this installation as a user whom the modes of files hold.
    pub fn output_held_by_modes(&self, args: &[&str]) -> std::process::Output {
        process::output_held_by_modes(args, &self.env)
    }

    /// Runs a command of `mms` in this installation where no file becomes larger than so many KiB.
    pub fn output_with_room_for(&self, kib: u32, args: &[&str]) -> std::process::Output {
        process::output_with_room_for(kib, args, &self.env)
    }

    /// Starts a command of `mms` in this installation at a terminal.
    pub fn at_terminal(&self, args: &[&str], terminal: &std::fs::File) -> std::process::Child {
        process::at_terminal(args, &self.env, terminal)
    }

    /// Changes a setting of processes started from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.retain(|(key, _)| key != name);
        self.env.push((name.to_owned(), value.into()));
    }

    /// Takes a setting away from processes started from now on.
    pub fn unset(&mut self, name: &str) {
        self.env.retain(|(key, _)| key != name);
    }

    /// Puts a way that can be cut in front of the server a URL setting names.
    pub async fn through_proxy(&mut self, name: &str) -> Proxy {
        let mut url = url::Url::parse(self.setting(name)).expect("a URL");
        let (host, port) = (url.host_str().expect("a host"), url.port().expect("a port"));
        let to = tokio::net::lookup_host((host, port)).await.expect("resolves").next().expect("an address");
        let proxy = Proxy::to(to).await;
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(proxy.address.port())).expect("a port");
        self.set(name, url.to_string());
        proxy
    }

    /// Waits until the managers' bot shows a person a message with these characters; notices may
    /// have come after it.
    pub async fn sees(&self, person: i64, text: &str) -> mms_sandbox::telegram::Message {
        let look = |telegram: &mms_sandbox::telegram::Telegram| {
            telegram.history(self.manager_bot, person).into_iter().rev().find(|message| message.from_bot && message.text.contains(text))
        };
        let found = self.sandbox.until(PATIENCE, look).await;
        found.unwrap_or_else(|| panic!("no `{text}`, the newest is {:?}", self.sandbox.last(self.manager_bot, person).map(|one| one.text)))
    }

    /// A setting.
    pub fn setting(&self, name: &str) -> &str {
        self.env.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).expect("it is set")
    }

    /// A file in the installation's own directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// What all processes logged, the ended ones too.
    pub fn logs(&self) -> String {
        let files = std::fs::read_dir(self.dir.path()).expect("the directory").map(|entry| entry.expect("an entry").path());
        // The heads of the trail are a file of their own, and no log of a process.
        let of_a_process =
            |path: &PathBuf| path.extension().is_some_and(|kind| kind == "log") && !path.ends_with(mms_core::store::trail::notes::FILE);
        files.filter(of_a_process).map(|path| process::read(&path)).collect()
    }

    fn log(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }
}

/// All bytes of an answer of Redis, one value a line.
fn flatten(value: redis::Value, into: &mut Vec<u8>) {
    match value {
        redis::Value::BulkString(bytes) => {
            into.extend(bytes);
            into.push(b'\n');
        }
        redis::Value::Array(all) | redis::Value::Set(all) => all.into_iter().for_each(|one| flatten(one, into)),
        redis::Value::Map(all) => all.into_iter().for_each(|(key, value)| {
            flatten(key, into);
            flatten(value, into);
        }),
        other => into.extend(format!("{other:?}\n").bytes()),
    }
}

/// Only its owner may read the file, as `mms` makes its own.
pub fn private(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("the rights are set");
}

/// Waits until `look` finds something; fails saying what was awaited.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited {PATIENCE:?} in vain for: {what}");
        beat.tick().await;
    }
}
