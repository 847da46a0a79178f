//! The sandbox's double of Telegram in a process of its own, so that what it uses is not counted as ours.
//!
//! Told on standard input, one word a line; answers on standard output, one JSON document a line. It ends with its input, so it
//! never outlives the measurement, however that ends.

use std::{ops::RangeInclusive, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use mms_sandbox::{Rates, Sandbox, User};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::process;

/// The bot all messages go through, and its token.
pub(super) const TOKEN: &str = "4242:bench";
const BOT: i64 = 4242;
/// The chat of the first person; the others follow.
pub(super) const FIRST_CHAT: i64 = 100_000_000;

/// What the double saw since it was last cleared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Messages it took.
    pub taken: usize,
    /// Chats that got more than one.
    pub twice: usize,
    /// From the first to the last, seconds.
    pub seconds: f64,
    /// The most in any second.
    pub peak: usize,
    /// Refused with 429.
    pub limited: usize,
    /// When the last one came (wall clock), milliseconds since 1970.
    pub last_at: i64,
    /// When the last one came to the chats asked about, likewise; 0: none came.
    pub last_of: i64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    /// Limits from now on.
    Rates(Rates),
    /// Forget what was seen.
    Clear,
    /// What was seen; the last moment of the chats between these two apart.
    Seen(i64, i64),
}

/// `mms bench-double`: serves until its input ends.
///
/// # Errors
/// When the port or the pipes fail.
pub async fn run(people: i64) -> anyhow::Result<()> {
    let sandbox = Sandbox::builder().rates(Rates::off()).start().await?;
    sandbox.add_bot(TOKEN, "bench_bot")?;
    let chats = FIRST_CHAT..FIRST_CHAT + people;
    sandbox.add_users(chats.clone().map(|chat| User::new(chat, "Анна", "+79990000000")));
    sandbox.open_chats(BOT, chats)?;
    let (heard, mut asked) = tokio::sync::mpsc::unbounded_channel();
    // A thread of its own: reading a pipe blocks.
    std::thread::spawn(move || std::io::stdin().lines().map_while(Result::ok).all(|line| heard.send(line).is_ok()));
    process::print(&sandbox.url())?;
    while let Some(line) = asked.recv().await {
        let answer = match serde_json::from_str(&line)? {
            Ask::Rates(rates) => {
                sandbox.set_rates(rates);
                "{}".to_owned()
            }
            Ask::Clear => {
                sandbox.ledger().clear();
                "{}".to_owned()
            }
            Ask::Seen(from, to) => serde_json::to_string(&seen(&sandbox, from..=to))?,
        };
        process::print(&answer)?;
    }
    Ok(())
}

fn seen(sandbox: &Sandbox, chats: RangeInclusive<i64>) -> Seen {
    let ledger = sandbox.ledger();
    let entries = ledger.entries();
    let span = entries.first().zip(entries.last()).map_or(Duration::ZERO, |(first, last)| last.elapsed.saturating_sub(first.elapsed));
    Seen {
        taken: entries.len(),
        twice: ledger.counts(BOT, |_| true).values().filter(|times| **times > 1).count(),
        seconds: span.as_secs_f64(),
        peak: ledger.peak_per_second(BOT),
        limited: ledger.refused(429),
        last_at: entries.last().map_or(0, |entry| entry.at.timestamp_millis()),
        last_of: entries.iter().rev().find(|entry| chats.contains(&entry.chat)).map_or(0, |entry| entry.at.timestamp_millis()),
    }
}

/// The handle of a double in its own process; it ends when this is dropped.
pub(super) struct Double {
    /// Where it serves.
    pub url: String,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Double {
    /// Starts one for so many people.
    pub(super) async fn start(people: i64) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("this program cannot be found")?;
        let mut child = Command::new(program)
            .args(["bench-double", &people.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the double cannot be started")?;
        let input = child.stdin.take().context("the double has no input")?;
        let mut output = BufReader::new(child.stdout.take().context("the double has no output")?).lines();
        let url = output.next_line().await?.context("the double ended at once")?;
        Ok(Self { url, input, output, _child: child })
    }

    async fn ask(&mut self, ask: &Ask) -> anyhow::Result<String> {
        self.input.write_all(format!("{}\n", serde_json::to_string(ask)?).as_bytes()).await?;
        self.input.flush().await?;
        self.output.next_line().await?.context("the double ended")
    }

    /// Sets its limits.
    pub(super) async fn rates(&mut self, rates: Rates) -> anyhow::Result<()> {
        self.ask(&Ask::Rates(rates)).await.map(drop)
    }

    /// Forgets what it saw.
    pub(super) async fn clear(&mut self) -> anyhow::Result<()> {
        self.ask(&Ask::Clear).await.map(drop)
    }

    /// What it saw, the chats of contacts `from` to `to` apart.
    pub(super) async fn seen(&mut self, from: i64, to: i64) -> anyhow::Result<Seen> {
        Ok(serde_json::from_str(&self.ask(&Ask::Seen(FIRST_CHAT + from, FIRST_CHAT + to)).await?)?)
    }

    /// Everybody of a campaign got it, once: a measurement of anything else would be worth nothing.
    pub(super) async fn once_each(&mut self, messages: i64) -> anyhow::Result<Seen> {
        let seen = self.seen(0, 0).await?;
        let taken = i64::try_from(seen.taken)?;
        ensure!(taken == messages && seen.twice == 0, "{taken} of {messages} messages came, {} twice: the figure is void", seen.twice);
        Ok(seen)
    }
}
