//! What the double's process does to the bot when it is asked to: webhooks at a pace, and presses
//! of managers' buttons. It is a process of its own, so that neither its CPU nor its waiting is
//! counted as ours.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use mms_core::http;
use mms_sandbox::{Sandbox, User};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::task::JoinSet;

use super::double::FIRST_CHAT;

/// Header with the secret of a Telegram webhook.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// An answer that takes longer than this is none.
const CALL: Duration = Duration::from_secs(30);

/// What sends a webhook, and where to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Sender {
    /// Telegram, with the secret of its header.
    Telegram {
        url: String,
        /// The header's.
        secret: String,
    },
    /// amoCRM; its secret is in the address.
    Amocrm { url: String },
}

/// Webhooks to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Hooks {
    /// By whom, in turn.
    pub senders: Vec<Sender>,
    /// Their first number: no number comes twice.
    pub first: u64,
    pub count: u64,
    /// So many a second, whether or not those before were answered; `None`: as many as are
    /// answered.
    pub rate: Option<u32>,
    /// Without a rate: how many at once.
    pub at_once: usize,
}

/// What came of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Answered {
    /// From the first to the last answer, seconds.
    pub seconds: f64,
    /// The ninety-ninth of a hundred waits, ms; with a rate from the moment it was due.
    pub p99_ms: f64,
    /// The wait in the middle, ms.
    pub median_ms: f64,
    /// The longest wait, ms.
    pub longest_ms: f64,
    /// Answered otherwise than well, or not at all.
    pub refused: u64,
}

impl Answered {
    fn of(mut waits: Vec<Duration>, refused: u64, took: Duration) -> Self {
        waits.sort_unstable();
        let ms = |wait: Option<&Duration>| wait.map_or(0.0, |wait| wait.as_secs_f64() * 1000.0);
        let p99 = waits.get((waits.len() * 99).div_ceil(100).saturating_sub(1));
        let middle = waits.get(waits.len() / 2);
        Self { seconds: took.as_secs_f64(), p99_ms: ms(p99), median_ms: ms(middle), longest_ms: ms(waits.last()), refused }
    }
}

/// One webhook as its sender makes it.
async fn post(client: &reqwest::Client, sender: &Sender, n: u64) -> bool {
    let request = match sender {
        Sender::Telegram { url, secret } => {
            let chat = FIRST_CHAT + i64::try_from(n % 1_000).unwrap_or_default();
            let person = json!({ "id": chat, "is_bot": false, "first_name": "Анна", "last_name": "Белова", "language_code": "ru" });
            let update = json!({ "update_id": n, "message": {
                "message_id": n, "date": 1_780_000_000, "from": person,
                "chat": { "id": chat, "type": "private", "first_name": "Анна", "last_name": "Белова" },
                "text": "Спасибо, зайду в субботу. А до скольки вы работаете?",
            } });
            client.post(url).header(SECRET_HEADER, secret).json(&update)
        }
        Sender::Amocrm { url } => {
            let form = format!(
                "contacts%5Bupdate%5D%5B0%5D%5Bid%5D={n}&contacts%5Bupdate%5D%5B0%5D%5Bname%5D=%D0%90%D0%BD%D0%BD%D0%B0\
                 &contacts%5Bupdate%5D%5B0%5D%5Bresponsible_user_id%5D=504141&contacts%5Bupdate%5D%5B0%5D%5Blast_modified%5D=1780000000\
                 &contacts%5Bupdate%5D%5B0%5D%5Btype%5D=contact&account%5Bid%5D=7777&account%5Bsubdomain%5D=romashka"
            );
            client.post(url).header("content-type", "application/x-www-form-urlencoded").body(form)
        }
    };
    match request.send().await {
        Ok(answer) => answer.status().is_success() && answer.bytes().await.is_ok(),
        Err(_) => false,
    }
}

/// Sends webhooks.
pub(super) async fn hooks(ask: Hooks) -> anyhow::Result<Answered> {
    let client = http::client(CALL)?;
    match ask.rate {
        Some(rate) => at_a_pace(&client, ask, rate).await,
        None => as_answered(&client, ask).await,
    }
}

/// One after another in several loops.
async fn as_answered(client: &reqwest::Client, ask: Hooks) -> anyhow::Result<Answered> {
    let (next, ask) = (Arc::new(AtomicU64::new(0)), Arc::new(ask));
    let began = Instant::now();
    let mut loops = JoinSet::new();
    for _ in 0..ask.at_once {
        let (client, next, ask) = (client.clone(), Arc::clone(&next), Arc::clone(&ask));
        loops.spawn(async move {
            let (mut waits, mut refused) = (Vec::new(), 0);
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= ask.count {
                    return (waits, refused);
                }
                let sent = Instant::now();
                refused += u64::from(!post(&client, sender(&ask.senders, n), ask.first + n).await);
                waits.push(sent.elapsed());
            }
        });
    }
    let (mut waits, mut refused) = (Vec::new(), 0);
    while let Some(ended) = loops.join_next().await {
        let (some, wrong) = ended.context("a loop of webhooks panicked")?;
        waits.extend(some);
        refused += wrong;
    }
    Ok(Answered::of(waits, refused, began.elapsed()))
}

/// Each at its moment, whatever became of those before: who waits is seen.
async fn at_a_pace(client: &reqwest::Client, ask: Hooks, rate: u32) -> anyhow::Result<Answered> {
    let senders = Arc::new(ask.senders);
    let began = tokio::time::Instant::now();
    let mut calls = JoinSet::new();
    let (mut waits, mut refused) = (Vec::new(), 0);
    let mut take = |ended: Result<(bool, Duration), tokio::task::JoinError>| -> anyhow::Result<()> {
        let (good, wait) = ended.context("a webhook panicked")?;
        refused += u64::from(!good);
        waits.push(wait);
        Ok(())
    };
    for n in 0..ask.count {
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let due = began + Duration::from_secs_f64(n as f64 / f64::from(rate));
        tokio::time::sleep_until(due).await;
        let (client, senders) = (client.clone(), Arc::clone(&senders));
        calls.spawn(async move { (post(&client, sender(&senders, n), ask.first + n).await, due.elapsed()) });
        while let Some(ended) = calls.try_join_next() {
            take(ended)?;
        }
    }
    while let Some(ended) = calls.join_next().await {
        take(ended)?;
    }
    Ok(Answered::of(waits, refused, began.elapsed()))
}

fn sender(senders: &[Sender], n: u64) -> &Sender {
    &senders[usize::try_from(n).unwrap_or_default() % senders.len()]
}

/// Presses of managers' buttons.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Presses {
    /// The managers' bot.
    pub bot: i64,
    /// Who press, beside each other.
    pub people: Vec<i64>,
    /// What the buttons carry, in turn: each shows another card than the one before.
    pub buttons: Vec<String>,
    /// Presses of each.
    pub each: usize,
    /// Between an answer and the next press, ms.
    pub pause_ms: u64,
}

/// Presses; a wait ends when the press is answered and the card shows something else.
pub(super) async fn presses(sandbox: &Sandbox, ask: Presses) -> anyhow::Result<Answered> {
    let (ask, began) = (Arc::new(ask), Instant::now());
    let mut people = JoinSet::new();
    for person in ask.people.clone() {
        let (sandbox, ask) = (sandbox.clone(), Arc::clone(&ask));
        people.spawn(async move { manager(&sandbox, &ask, person).await });
    }
    let mut waits = Vec::new();
    while let Some(ended) = people.join_next().await {
        waits.extend(ended.context("a manager panicked")??);
    }
    Ok(Answered::of(waits, 0, began.elapsed()))
}

async fn manager(sandbox: &Sandbox, ask: &Presses, person: i64) -> anyhow::Result<Vec<Duration>> {
    sandbox.add_user(User::new(person, "Анна", "+79990000001"));
    sandbox.open_chats(ask.bot, [person])?;
    sandbox.send_text(ask.bot, person, "/menu")?;
    let card = sandbox.expect_last(ask.bot, person, CALL, |message| !message.buttons.is_empty()).await;
    let card = card.map_err(anyhow::Error::msg).context("the managers' bot does not answer")?;
    let mut waits = Vec::with_capacity(ask.each);
    // Once round all buttons before anything counts: the process is as it is for months, not as in
    // its first second.
    for (n, button) in ask.buttons.iter().cycle().take(ask.each + ask.buttons.len()).enumerate() {
        let edits = || sandbox.message(ask.bot, person, card.id).map_or(0, |message| message.edits);
        let before = edits();
        let pressed = Instant::now();
        let press = sandbox.press_data(ask.bot, person, card.id, button)?;
        while sandbox.answer(&press).is_none() || edits() == before {
            if pressed.elapsed() > CALL {
                bail!("a press of `{button}` was not answered within {} s", CALL.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if n >= ask.buttons.len() {
            waits.push(pressed.elapsed());
        }
        tokio::time::sleep(Duration::from_millis(ask.pause_ms)).await;
    }
    Ok(waits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninety_ninth_of_a_hundred() {
        let waits = (1..=200).rev().map(Duration::from_millis).collect();
        let seen = Answered::of(waits, 3, Duration::from_secs(2));
        assert!((seen.p99_ms - 198.0).abs() < 1e-9 && (seen.longest_ms - 200.0).abs() < 1e-9, "{seen:?}");
        assert_eq!(Answered::of(Vec::new(), 0, Duration::ZERO), Answered::default());
    }
}
