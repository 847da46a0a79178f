//! A real process of `mms`.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{PATIENCE, until};

/// A running `mms`, killed when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
    what: String,
}

fn command(args: &[&str], env: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mms"));
    // Nothing of the tester's own environment: an installation is what its settings say.
    command.args(args).env_clear().envs(env.iter().cloned()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Runs to its end, and gives its standard output.
pub fn run(args: &[&str], env: &[(String, String)], input: &str) -> String {
    let mut child = command(args, env).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("mms starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads its input");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "mms {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

impl Process {
    pub fn spawn(args: &[&str], env: &[(String, String)], log: PathBuf) -> Self {
        let file = File::options().create(true).append(true).open(&log).expect("a log");
        let child =
            command(args, env).stdin(Stdio::null()).stdout(file.try_clone().expect("a handle")).stderr(file).spawn().expect("mms starts");
        Self { child, log, what: args.join(" ") }
    }

    /// The process's id, to end exactly this one.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it logged.
    pub fn log(&self) -> String {
        read(&self.log)
    }

    /// A power cut.
    pub async fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.gone().await;
    }

    /// SIGTERM, as systemd does; it must finish what is in the air and end well.
    pub async fn terminate(mut self) {
        let status = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().expect("kill runs");
        assert!(status.success());
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

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- mms {} ---\n{}", self.what, tail(&self.log()));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}
