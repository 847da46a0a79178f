//! The sandbox's double of Telegram in a process of its own, so that what it uses is not counted as
//! ours.
//!
//! Told on standard input, one word a line; answers on standard output, one JSON document a line.
//! It ends with its input, so it never outlives the measurement, however that ends.

use std::{collections::HashMap, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use mms_sandbox::{Fault, Rates, Rule, Sandbox, User};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::load::{self, Answered, Hooks, Presses};
use crate::process;

/// The bot all messages go through, and its token.
pub(super) const TOKEN: &str = "4242:bench";
pub(super) const BOT: i64 = 4242;
/// The managers' bot and its token.
pub(super) const MANAGER_BOT: i64 = 9000;
pub(super) const MANAGER_TOKEN: &str = "9000:bench";
/// The community in VK and its key.
const COMMUNITY: i64 = 777;
pub(super) const COMMUNITY_KEY: &str = "vk1.a.measured-community";
/// The chat of the first person; the others follow.
pub(super) const FIRST_CHAT: i64 = 100_000_000;

/// The longest any question to the double takes: counting a million messages, minutes of webhooks.
const PATIENCE: Duration = Duration::from_secs(300);

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
    /// Calls by which they came, where a call carries several (VK).
    #[serde(default)]
    pub calls: u64,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    /// Limits from now on.
    Rates(Rates),
    /// Forget what was seen.
    Clear,
    Seen,
    /// When each of these chats last got a message (wall clock), milliseconds since 1970; 0: never.
    Last(Vec<i64>),
    /// Every call takes this many milliseconds from now on.
    Latency(u64),
    /// So many bots beside the first, with chats with everybody; the managers' bot.
    Bots(i64),
    /// A community in VK, with dialogues with everybody.
    Community,
    SeenInVk,
    /// Send webhooks.
    Hooks(Hooks),
    /// Press managers' buttons.
    Presses(Presses),
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
    sandbox.open_chats(BOT, chats.clone())?;
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
                sandbox.vk().ledger().clear();
                "{}".to_owned()
            }
            Ask::Seen => serde_json::to_string(&seen(&sandbox))?,
            Ask::Last(chats) => serde_json::to_string(&last(&sandbox, &chats))?,
            Ask::Latency(ms) => {
                sandbox.faults().add(Rule::new(Fault::Latency { ms }).service("telegram"));
                "{}".to_owned()
            }
            Ask::Bots(more) => {
                for n in 1..=more {
                    let bot = sandbox.add_bot(&token(n), &format!("bench_{n}_bot"))?;
                    sandbox.open_chats(bot, chats.clone())?;
                }
                sandbox.add_bot(MANAGER_TOKEN, "bench_manager_bot")?;
                "{}".to_owned()
            }
            Ask::Community => {
                sandbox.vk().add_community(COMMUNITY, COMMUNITY_KEY, "bench")?;
                sandbox.vk().add_users(chats.clone().map(|chat| User::new(chat, "Анна", "+79990000000")));
                sandbox.vk().open_chats(COMMUNITY, chats.clone())?;
                "{}".to_owned()
            }
            Ask::SeenInVk => serde_json::to_string(&seen_in_vk(&sandbox))?,
            Ask::Hooks(hooks) => said(load::hooks(hooks).await)?,
            Ask::Presses(presses) => said(load::presses(&sandbox, presses).await)?,
        };
        process::print(&answer)?;
    }
    Ok(())
}

/// What came of a load, or why nothing did.
fn said(answered: anyhow::Result<Answered>) -> anyhow::Result<String> {
    Ok(serde_json::to_string(&answered.map_err(|error| format!("{error:#}")))?)
}

/// The token of the `n`-th bot; the first is [`BOT`].
pub(super) fn token(n: i64) -> String {
    if n == 0 { TOKEN.to_owned() } else { format!("{}:bench", BOT + n) }
}

fn seen(sandbox: &Sandbox) -> Seen {
    let ledger = sandbox.ledger();
    let entries = ledger.entries();
    let span = entries.first().zip(entries.last()).map_or(Duration::ZERO, |(first, last)| last.elapsed.saturating_sub(first.elapsed));
    let bots: Vec<i64> = sandbox.bots().iter().map(|bot| bot.id).collect();
    Seen {
        taken: entries.len(),
        twice: bots.iter().map(|bot| ledger.counts(*bot, |_| true).values().filter(|times| **times > 1).count()).sum(),
        seconds: span.as_secs_f64(),
        peak: bots.iter().map(|bot| ledger.peak_per_second(*bot)).max().unwrap_or(0),
        limited: ledger.refused(429),
        last_at: entries.last().map_or(0, |entry| entry.at.timestamp_millis()),
        calls: 0,
    }
}

fn seen_in_vk(sandbox: &Sandbox) -> Seen {
    let ledger = sandbox.vk().ledger();
    let entries = ledger.entries();
    let span = entries.first().zip(entries.last()).map_or(Duration::ZERO, |(first, last)| last.elapsed.saturating_sub(first.elapsed));
    let calls = ledger.calls();
    Seen {
        taken: entries.len(),
        twice: ledger.counts(COMMUNITY, |_| true).values().filter(|times| **times > 1).count(),
        seconds: span.as_secs_f64(),
        peak: ledger.peak_per_second(COMMUNITY),
        limited: ledger.refused(6),
        last_at: entries.last().map_or(0, |entry| entry.at.timestamp_millis()),
        calls: calls.get("execute").copied().unwrap_or_default(),
    }
}

fn last(sandbox: &Sandbox, chats: &[i64]) -> Vec<i64> {
    let at: HashMap<i64, i64> = sandbox.ledger().entries().iter().map(|entry| (entry.chat, entry.at.timestamp_millis())).collect();
    chats.iter().map(|chat| at.get(chat).copied().unwrap_or(0)).collect()
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
    /// Starts one for `people`.
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
        let answer = tokio::time::timeout(PATIENCE, self.output.next_line()).await;
        answer.with_context(|| format!("the double did not answer within {} s", PATIENCE.as_secs()))??.context("the double ended")
    }

    /// Sets its limits.
    pub(super) async fn rates(&mut self, rates: Rates) -> anyhow::Result<()> {
        self.ask(&Ask::Rates(rates)).await.map(drop)
    }

    /// Forgets what it saw.
    pub(super) async fn clear(&mut self) -> anyhow::Result<()> {
        self.ask(&Ask::Clear).await.map(drop)
    }

    /// What it saw.
    pub(super) async fn seen(&mut self) -> anyhow::Result<Seen> {
        Ok(serde_json::from_str(&self.ask(&Ask::Seen).await?)?)
    }

    /// When each of these chats last got a message (wall clock), milliseconds since 1970; 0: never.
    pub(super) async fn last(&mut self, chats: Vec<i64>) -> anyhow::Result<Vec<i64>> {
        Ok(serde_json::from_str(&self.ask(&Ask::Last(chats)).await?)?)
    }

    /// Sets how long every call takes.
    pub(super) async fn latency(&mut self, ms: u64) -> anyhow::Result<()> {
        self.ask(&Ask::Latency(ms)).await.map(drop)
    }

    /// Adds so many bots with chats with everybody, and the managers' bot.
    pub(super) async fn bots(&mut self, more: i64) -> anyhow::Result<()> {
        self.ask(&Ask::Bots(more)).await.map(drop)
    }

    /// Sends webhooks; all of them must be taken.
    pub(super) async fn hooks(&mut self, hooks: Hooks) -> anyhow::Result<Answered> {
        let answered = heard(&self.ask(&Ask::Hooks(hooks)).await?)?;
        ensure!(answered.refused == 0, "{} webhooks were refused or not answered: the figure is void", answered.refused);
        Ok(answered)
    }

    /// Presses managers' buttons.
    pub(super) async fn presses(&mut self, presses: Presses) -> anyhow::Result<Answered> {
        heard(&self.ask(&Ask::Presses(presses)).await?)
    }

    /// Adds a community in VK.
    pub(super) async fn community(&mut self) -> anyhow::Result<()> {
        self.ask(&Ask::Community).await.map(drop)
    }

    /// Everybody of a campaign through VK got it, once.
    pub(super) async fn once_each_in_vk(&mut self, messages: i64) -> anyhow::Result<Seen> {
        let seen: Seen = serde_json::from_str(&self.ask(&Ask::SeenInVk).await?)?;
        let taken = i64::try_from(seen.taken)?;
        ensure!(taken == messages && seen.twice == 0, "{taken} of {messages} messages came, {} twice: the figure is void", seen.twice);
        Ok(seen)
    }

    /// Everybody of a campaign got it, once: a measurement of anything else would be worth nothing.
    pub(super) async fn once_each(&mut self, messages: i64) -> anyhow::Result<Seen> {
        let seen = self.seen().await?;
        let taken = i64::try_from(seen.taken)?;
        ensure!(taken == messages && seen.twice == 0, "{taken} of {messages} messages came, {} twice: the figure is void", seen.twice);
        Ok(seen)
    }
}

fn heard(answer: &str) -> anyhow::Result<Answered> {
    serde_json::from_str::<Result<Answered, String>>(answer)?.map_err(anyhow::Error::msg)
}
