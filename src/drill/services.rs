//! A private PostgreSQL and Redis on loopback, and a small disk that can be filled.

use std::{
    io::Write as _,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use anyhow::{Context as _, bail};
use sqlx::Connection as _;

use super::unit::{Plan, Unit};

/// A free port of loopback.
///
/// # Errors
/// When there is none.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Where the database keeps its files: a memory disk of its own where that is possible (root on
/// Linux), so that it can be full.
#[derive(Debug)]
pub struct Disk {
    /// Where it is mounted.
    pub path: PathBuf,
    own: bool,
}

impl Disk {
    /// A disk of so many megabytes under `dir`, or a plain folder where no disk can be mounted.
    ///
    /// # Errors
    /// When not even a folder can be made.
    pub fn new(dir: &Path, megabytes: u32) -> anyhow::Result<Self> {
        let path = dir.join("disk");
        std::fs::create_dir(&path)?;
        let own = root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=755"), "tmpfs"])
                .arg(&path)
                .output()
                .is_ok_and(|out| out.status.success());
        Ok(Self { path, own })
    }

    /// Whether it can be filled without filling the machine's.
    #[must_use]
    pub fn can_be_full(&self) -> bool {
        self.own
    }

    fn ballast(&self) -> PathBuf {
        self.path.join("ballast")
    }

    /// Writes until nothing more fits.
    ///
    /// # Errors
    /// Only when the ballast cannot be made at all.
    pub fn fill(&self) -> anyhow::Result<()> {
        let mut file = std::fs::File::create(self.ballast())?;
        for size in [1 << 20, 4096] {
            let block = vec![1_u8; size];
            while file.write_all(&block).is_ok() {}
        }
        Ok(())
    }

    /// Makes room again.
    pub fn clear(&self) {
        drop(std::fs::remove_file(self.ballast()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.own {
            drop(Command::new("umount").arg("-l").arg(&self.path).output());
        }
    }
}

/// A private PostgreSQL. It is given back to life whenever it died, as an administrator's systemd
/// would.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    dir: PathBuf,
    port: u16,
    no_fsync: bool,
    /// What gives it a clock of its own.
    clock: Vec<(String, String)>,
}

impl Postgres {
    /// Makes a cluster on the disk and starts it, as durable as it is installed unless `no_fsync`,
    /// with this added to its environment.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub async fn start(dir: &Path, disk: &Disk, no_fsync: bool, clock: Vec<(String, String)>) -> anyhow::Result<Self> {
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .context("PostgreSQL is not installed (Debian: apt-get install postgresql); `--sqlite` needs none")?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .collect();
        versions.sort();
        let bin =
            versions.pop().map(|path| path.join("bin")).context("PostgreSQL is not installed (Debian: apt-get install postgresql)")?;
        // The server runs as a user of its own when we are root, and must get through to its files.
        for path in [dir, &disk.path] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
        }
        let home = dir.join("postgres");
        let data = disk.path.join("pg");
        for path in [&home, &data] {
            std::fs::create_dir(path)?;
            if root() && !Command::new("chown").arg("postgres").arg(path).status()?.success() {
                bail!("`{}` cannot be given to the user `postgres`", path.display());
            }
        }
        let server = Self { bin, data, dir: home, port: free_port()?, no_fsync, clock };
        let data = server.data.display().to_string();
        server.must("initdb", &["-D", &data, "-U", "mms", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--wal-segsize=1"])?;
        server.up()?;
        let mut admin = sqlx::PgConnection::connect(&format!("postgres://mms@127.0.0.1:{}/postgres", server.port)).await?;
        sqlx::query("create database mms").execute(&mut admin).await?;
        Ok(server)
    }

    /// The address of the database.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://mms@127.0.0.1:{}/mms", self.port)
    }

    /// A copy of the database by its own tools, restored as another database; its address.
    ///
    /// # Errors
    /// What a tool said.
    pub fn copy(&self, file: &Path, name: &str) -> anyhow::Result<String> {
        let (port, file) = (self.port.to_string(), file.display().to_string());
        let server = ["-h", "127.0.0.1", "-p", &port, "-U", "mms"];
        self.must("pg_dump", &[&server[..], &["-Fc", "-f", &file, "mms"]].concat())?;
        self.must("createdb", &[&server[..], &[name]].concat())?;
        self.must("pg_restore", &[&server[..], &["--no-owner", "-d", name, &file]].concat())?;
        Ok(format!("postgres://mms@127.0.0.1:{}/{name}", self.port))
    }

    /// Drops such a copy.
    pub fn drop_copy(&self, name: &str) {
        let port = self.port.to_string();
        drop(self.run("dropdb", &["-h", "127.0.0.1", "-p", &port, "-U", "mms", "--force", "--if-exists", name]));
    }

    fn run(&self, program: &str, args: &[&str]) -> anyhow::Result<Output> {
        let path = self.bin.join(program);
        let mut command = if root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&path);
            command
        } else {
            Command::new(&path)
        };
        command
            .args(args)
            .envs(self.clock.iter().cloned())
            .current_dir(&self.dir)
            .output()
            .with_context(|| format!("{} does not start", path.display()))
    }

    fn must(&self, program: &str, args: &[&str]) -> anyhow::Result<()> {
        let out = self.run(program, args)?;
        if !out.status.success() {
            bail!("{program}: {}", String::from_utf8_lossy(&out.stderr).trim());
        }
        Ok(())
    }

    fn up(&self) -> anyhow::Result<()> {
        let durability = if self.no_fsync { " -c fsync=off -c synchronous_commit=off -c full_page_writes=off" } else { "" };
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c max_connections=120 -c shared_buffers=32MB -c max_wal_size=64MB -c min_wal_size=8MB{durability}",
            self.port,
            self.dir.display()
        );
        let (data, log) = (self.data.display().to_string(), self.dir.join("log").display().to_string());
        self.must("pg_ctl", &["-D", &data, "-w", "-t", "30", "-l", &log, "-o", &options, "start"])
    }

    /// Ends it at once, without a checkpoint, and starts it again after `down`.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn restart(&self, down: Duration) -> anyhow::Result<()> {
        let data = self.data.display().to_string();
        drop(self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]));
        tokio::time::sleep(down).await;
        self.up()
    }

    /// Starts it if it is dead (a full disk ends it).
    ///
    /// # Errors
    /// When it does not come back.
    pub fn ensure(&self) -> anyhow::Result<()> {
        let data = self.data.display().to_string();
        if self.run("pg_ctl", &["-D", &data, "status"])?.status.success() { Ok(()) } else { self.up() }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data.display().to_string();
        drop(self.run("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]));
    }
}

/// Makes a Redis full, so that it takes nothing more, or gives it room again.
///
/// # Errors
/// When it does not answer.
pub async fn limit_redis(url: &str, full: bool) -> anyhow::Result<()> {
    let mut connection = ::redis::Client::open(url)?.get_multiplexed_async_connection().await?;
    for (name, value) in [("maxmemory-policy", "noeviction"), ("maxmemory", if full { "1" } else { "0" })] {
        let _: () = ::redis::cmd("CONFIG").arg("SET").arg(name).arg(value).query_async(&mut connection).await?;
    }
    Ok(())
}

/// Starts a Redis that keeps nothing on disk: killed, it comes back empty.
///
/// # Errors
/// When it does not start or answer.
pub async fn redis(dir: &Path) -> anyhow::Result<(Unit, String)> {
    let port = free_port()?;
    let words = format!("--port {port} --bind 127.0.0.1 --appendonly no --daemonize no --save");
    let mut args: Vec<String> = words.split(' ').map(str::to_owned).collect();
    args.extend([String::new(), "--dir".to_owned(), dir.display().to_string()]);
    let plan = Plan { name: "Redis".to_owned(), program: "redis-server".into(), args, env: Vec::new(), log: dir.join("redis.log") };
    let unit = Unit::start(plan).context("Redis is not installed (Debian: apt-get install redis-server); `--sqlite` needs none")?;
    let url = format!("redis://127.0.0.1:{port}");
    let client = ::redis::Client::open(url.as_str())?;
    for _ in 0..200 {
        if client.get_multiplexed_async_connection().await.is_ok() {
            return Ok((unit, url));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("Redis does not answer at {url}")
}
