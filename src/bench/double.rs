//! The sandbox's double of Telegram in a process of its own, so that what it uses is not counted as
//! ours.
//!
//! Told on standard input, one word a line; answers on standard output, one JSON document a line.
//! It ends with its input, so it never outlives the measurement, however that ends.

use std::{collections::HashMap, process::Stdio, time::Duration};

use anyhow::{Context as _, ensure};
use mms_sandbox::{
    Fault, Rates, Rule, Sandbox, User,
    amocrm::{Amo, fields},
    whatsapp::{AfterReview, Person, Tier},
};
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
/// The first of the bots in Viber; the others follow.
pub(super) const VIBER_BOT: i64 = 5_550_001;
/// The bot in MAX and its token.
pub(super) const MAX_BOT: i64 = 6_660_001;
pub(super) const MAX_TOKEN: &str = "measured-bot-of-max";
/// The number in WhatsApp.
const NUMBER: i64 = 204_400_112_233_445;
/// The chat of the first person; the others follow.
pub(super) const FIRST_CHAT: i64 = 100_000_000;

/// The measured account of amoCRM.
pub(super) const SUBDOMAIN: &str = "bench";
/// Its fields that are kept, and the contact's fields they are kept in.
pub(super) const FIELDS: [(u64, &str); 3] = [(fields::CITY, "city"), (fields::BONUS, "points"), (fields::LAST_VISIT, "last_visit")];

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

/// What is asked of messages to people of whom some are held.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Held {
    /// In WhatsApp; else in MAX.
    pub in_whatsapp: bool,
    /// Messages before those that count.
    pub after: usize,
    /// The first so many people are held.
    pub held: i64,
}

/// What the double saw of them, up to the last message to somebody who is not held.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SeenHeld {
    /// Messages it took, to whomever.
    pub taken: usize,
    /// Those to people who are not held.
    pub others: usize,
    /// From the first to the last, seconds.
    pub seconds: f64,
    /// Refused, whatever for, from the beginning.
    pub limited: usize,
    /// All it ever took.
    pub all: usize,
}

/// A number of WhatsApp.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Number {
    pub id: i64,
    /// What connects it.
    pub credentials: Vec<String>,
    /// What it calls the people, in their order.
    pub names: Vec<String>,
}

/// An account of amoCRM with very many contacts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Crowd {
    /// In place of every host of amoCRM.
    pub url: String,
    /// What connects it.
    pub token: String,
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
    /// So many bots in Viber, with everybody subscribed; nothing is told of what they send.
    ViberBots(i64),
    SeenInViber,
    /// A bot in MAX, which everybody started and which takes exactly what MAX says.
    Max,
    /// A number in WhatsApp, which everybody knows and which takes exactly what WhatsApp says of a
    /// pair and of a number.
    Number,
    Held(Held),
    /// An account of amoCRM without a limit of calls: so many contacts, changed since another turn.
    Crowd {
        count: u64,
        turn: u32,
    },
    /// How often contacts were asked for in it.
    Asked,
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
    let mut crm: Option<(Amo, Crowd)> = None;
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
            Ask::ViberBots(count) => {
                let viber = sandbox.viber();
                viber.set(|settings| (settings.receipts.told, settings.unanswered) = (false, None));
                viber.add_users(chats.clone().map(|chat| User::new(chat, "Анна", "+79990000000")));
                for n in 0..count {
                    viber.add_bot(VIBER_BOT + n, &viber_token(n), &format!("bench{n}"))?;
                    viber.hook(VIBER_BOT + n, "http://127.0.0.1:9/hook")?;
                    viber.open_chats(VIBER_BOT + n, chats.clone())?;
                }
                "{}".to_owned()
            }
            Ask::SeenInViber => serde_json::to_string(&seen_in_viber(&sandbox))?,
            Ask::Max => {
                let max = sandbox.max();
                max.set_rates(mms_sandbox::max::Rates { slack: 0, ..mms_sandbox::max::Rates::default() });
                max.add_bot(MAX_BOT, MAX_TOKEN, "bench")?;
                max.add_users(chats.clone().map(|chat| User::new(chat, "Анна", "+79990000000")));
                max.open_chats(MAX_BOT, chats.clone())?;
                let names: Vec<String> = chats.clone().map(|chat| max.chat_id(MAX_BOT, chat).to_string()).collect();
                serde_json::to_string(&names)?
            }
            Ask::Number => serde_json::to_string(&number(&sandbox, chats.clone())?)?,
            Ask::Held(held) => serde_json::to_string(&seen_held(&sandbox, held))?,
            Ask::Crowd { count, turn } => {
                let (amo, crowd) = match crm.take() {
                    Some(there) => there,
                    None => account_of_amocrm().await?,
                };
                amo.set_crowd(count, turn);
                let answer = serde_json::to_string(&crowd)?;
                crm = Some((amo, crowd));
                answer
            }
            Ask::Asked => crm.as_ref().map_or(0, |(amo, _)| amo.requests_of("GET", "/api/v4/contacts")).to_string(),
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

/// The token of the `n`-th bot in Viber.
pub(super) fn viber_token(n: i64) -> String {
    format!("4f0c1d2e3a4b5c6d-{n:016x}-5a6b7c8d9e0f1a2b")
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

fn seen_in_viber(sandbox: &Sandbox) -> Seen {
    let ledger = sandbox.viber().ledger();
    let entries = ledger.entries();
    let span = entries.first().zip(entries.last()).map_or(Duration::ZERO, |(first, last)| last.elapsed.saturating_sub(first.elapsed));
    let bots = sandbox.viber().bots();
    Seen {
        taken: entries.len(),
        twice: bots.iter().map(|bot| ledger.counts(bot.id, |_| true).values().filter(|times| **times > 1).count()).sum(),
        seconds: span.as_secs_f64(),
        peak: bots.iter().map(|bot| ledger.peak_per_second(bot.id)).max().unwrap_or(0),
        limited: ledger.refused(12),
        last_at: entries.last().map_or(0, |entry| entry.at.timestamp_millis()),
        calls: 0,
    }
}

/// A number that may write to everybody, whose templates are approved as they are handed in.
fn number(sandbox: &Sandbox, chats: std::ops::Range<i64>) -> anyhow::Result<Number> {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    let (whatsapp, token, account) = (sandbox.whatsapp(), "EAAG-measured", "305500667788990");
    whatsapp.set(|settings| settings.review = AfterReview::Approved { after_ms: 0 });
    whatsapp.add_app("1001", SECRET)?;
    whatsapp.add_waba(account, "900100")?;
    whatsapp.add_number(NUMBER, account, "+74950001122", "Ромашка")?;
    whatsapp.add_token(token, "1001")?;
    whatsapp.set_tier("900100", Tier::Unlimited)?;
    whatsapp.add_people(chats.clone().map(|chat| Person::new(chat, "Анна", &format!("+79{:09}", chat % 1_000_000_000))));
    let names = chats.filter_map(|chat| whatsapp.user_id(NUMBER, chat)).collect();
    let credentials = [token, &NUMBER.to_string(), account, SECRET].map(str::to_owned).to_vec();
    Ok(Number { id: NUMBER, credentials, names })
}

/// An account that answers as fast as it is asked.
async fn account_of_amocrm() -> anyhow::Result<(Amo, Crowd)> {
    let amo = Amo::new(SUBDOMAIN);
    amo.set_limits(usize::MAX, u32::MAX, Duration::ZERO);
    let crowd = Crowd { url: Amo::serve_all(&[(&amo, &[SUBDOMAIN])]).await?, token: amo.long_lived_token() };
    Ok((amo, crowd))
}

fn seen_held(sandbox: &Sandbox, asked: Held) -> SeenHeld {
    let ledger = if asked.in_whatsapp { sandbox.whatsapp().ledger() } else { sandbox.max().ledger() };
    let all = ledger.entries();
    let counted = all.get(asked.after..).unwrap_or_default();
    let is_other = |chat: i64| chat >= FIRST_CHAT + asked.held;
    let end = counted.iter().rposition(|entry| is_other(entry.chat)).map_or(0, |last| last + 1);
    let counted = &counted[..end];
    let span = counted.first().zip(counted.last()).map_or(Duration::ZERO, |(first, last)| last.elapsed.saturating_sub(first.elapsed));
    SeenHeld {
        taken: counted.len(),
        others: counted.iter().filter(|entry| is_other(entry.chat)).count(),
        seconds: span.as_secs_f64(),
        limited: ledger.refusals().len(),
        all: all.len(),
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

    /// Adds a bot in MAX; what it calls the people, in their order.
    pub(super) async fn max(&mut self) -> anyhow::Result<Vec<String>> {
        Ok(serde_json::from_str(&self.ask(&Ask::Max).await?)?)
    }

    /// Adds a number in WhatsApp.
    pub(super) async fn number(&mut self) -> anyhow::Result<Number> {
        Ok(serde_json::from_str(&self.ask(&Ask::Number).await?)?)
    }

    /// What it saw of people of whom some are held.
    pub(super) async fn held(&mut self, asked: Held) -> anyhow::Result<SeenHeld> {
        Ok(serde_json::from_str(&self.ask(&Ask::Held(asked)).await?)?)
    }

    /// An account of amoCRM with so many contacts; another `turn` than before: each has changed.
    pub(super) async fn crowd(&mut self, count: i64, turn: u32) -> anyhow::Result<Crowd> {
        Ok(serde_json::from_str(&self.ask(&Ask::Crowd { count: u64::try_from(count)?, turn }).await?)?)
    }

    /// How often contacts were asked for in it.
    pub(super) async fn asked(&mut self) -> anyhow::Result<u64> {
        Ok(self.ask(&Ask::Asked).await?.parse()?)
    }

    /// Adds so many bots in Viber.
    pub(super) async fn viber_bots(&mut self, count: i64) -> anyhow::Result<()> {
        self.ask(&Ask::ViberBots(count)).await.map(drop)
    }

    /// Each bot in Viber wrote to everybody, once.
    pub(super) async fn once_each_in_viber(&mut self, messages: i64) -> anyhow::Result<Seen> {
        let seen: Seen = serde_json::from_str(&self.ask(&Ask::SeenInViber).await?)?;
        let taken = i64::try_from(seen.taken)?;
        ensure!(taken == messages && seen.twice == 0, "{taken} of {messages} messages came, {} twice: the figure is void", seen.twice);
        Ok(seen)
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
