//! A real process of `mms`.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::{PATIENCE, until};

/// A running `mms`, killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
    /// Bytes that were in the log before: a process that comes after another writes on in its log.
    before: usize,
    what: String,
}

fn command(args: &[&str], env: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mms"));
    // Nothing of the tester's own environment: an installation is what its settings say.
    command.args(args).env_clear().envs(env.iter().cloned()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs to its end as a user whom the modes of files hold, also where the tests are root's.
pub fn output_held_by_modes(args: &[&str], env: &[(String, String)]) -> Output {
    let plain = command(args, env);
    if !rustix::process::geteuid().is_root() {
        return { plain }.output().expect("mms runs");
    }
    let mut bounded = Command::new("setpriv");
    bounded.arg("--bounding-set=-dac_override,-dac_read_search").arg(plain.get_program()).args(plain.get_args());
    bounded.env_clear().envs(env.iter().cloned()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    bounded.output().expect("setpriv runs")
}

/// Runs to its end where no file becomes larger than so many KiB: a write beyond that fails, as one
/// does on a disk that is full.
pub fn output_with_room_for(kib: u32, args: &[&str], env: &[(String, String)]) -> Output {
    let plain = command(args, env);
    let mut bounded = Command::new("sh");
    // Without the trap a signal would end the process; `ulimit` counts blocks of 512 bytes.
    bounded.args(["-c", "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"", "sh", &(2 * kib).to_string()]);
    bounded.arg(plain.get_program()).args(plain.get_args());
    bounded.env_clear().envs(env.iter().cloned()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    bounded.output().expect("sh runs")
}

/// Starts it at a terminal: what is typed, shown and complained about goes there.
pub fn at_terminal(args: &[&str], env: &[(String, String)], terminal: &File) -> Child {
    let side = || Stdio::from(terminal.try_clone().expect("another handle"));
    command(args, env).stdin(side()).stdout(side()).stderr(side()).spawn().expect("mms starts")
}

/// Runs to its end.
pub fn output(args: &[&str], env: &[(String, String)], input: &str) -> Output {
    let mut child = command(args, env).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mms starts");
    // One that ends without reading its input is no failure of ours.
    drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
    child.wait_with_output().expect("it ends")
}

/// Runs to its end, which must be a good one, and gives its standard output.
pub fn run(args: &[&str], env: &[(String, String)], input: &str) -> String {
    let output = output(args, env, input);
    assert!(output.status.success(), "mms {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl Process {
    pub fn spawn(args: &[&str], env: &[(String, String)], log: PathBuf) -> Self {
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let before = read(&log).len();
        let child =
            command(args, env).stdin(Stdio::null()).stdout(file.try_clone().expect("a handle")).stderr(file).spawn().expect("mms starts");
        Self { child, log, before, what: args.join(" ") }
    }

    /// The process's id, to end exactly this one.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it logged.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// Where its HTTP side listens, once it does.
    pub async fn listens(&self) -> String {
        self.says("http.listen").await
    }

    /// Where the metrics of a process with the bot are, once they are served.
    pub async fn measures(&self) -> String {
        self.says("metrics.listen").await
    }

    async fn says(&self, field: &str) -> String {
        until("the HTTP side of a process", || {
            let found = self.log()[self.before..].lines().find_map(|line| {
                let line: serde_json::Value = serde_json::from_str(line).ok()?;
                Some(format!("http://{}", line[field].as_str()?))
            });
            async move { found }
        })
        .await
    }

    /// Asks it to stop, without waiting.
    pub fn ask_to_stop(&self) {
        self.signal("-TERM");
    }

    /// Freezes it where it stands, as a machine without memory or a paused virtual machine does.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
    }

    /// A power cut.
    pub async fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.gone().await;
    }

    /// SIGTERM, as systemd does; it must finish what is in flight and end well.
    pub async fn terminate(mut self) {
        self.ask_to_stop();
        let ended = self.gone().await;
        assert!(ended.success(), "`mms {}` ended badly after SIGTERM: {ended}\n{}", self.what, tail(&self.log()));
    }

    /// Waits for its end.
    pub async fn gone(&mut self) -> std::process::ExitStatus {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        until("the end of a process", || {
            let ended = self.child.try_wait().expect("its state is known");
            assert!(
                ended.is_some() || tokio::time::Instant::now() < deadline,
                "`mms {}` does not end\n{}",
                self.what,
                tail(&read(&self.log))
            );
            async move { ended }
        })
        .await
    }

    /// Fails if it has ended by itself.
    pub fn must_live(&mut self) {
        let ended = self.child.try_wait().expect("its state is known");
        assert!(ended.is_none(), "`mms {}` died: {ended:?}\n{}", self.what, tail(&self.log()));
    }
}

#[expect(clippy::print_stderr, reason = "a failed test shows what its processes said")]
impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- mms {} ---\n{}", self.what, tail(&self.log()));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
