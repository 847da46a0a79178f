//! Channels: the account's customer bots. The owner connects, paces, pauses and removes them.

mod cards;

pub use cards::{added, again, ask_new_token, ask_remove, ask_token, card, list as list_card, speeds, which};

use mms_core::{
    account::{licence::Limit, usage},
    channel::{
        ChannelKind, SendError, registry,
        store::{self as room, ChannelError, ChannelRow, ChannelSettings, Mode as ChannelMode},
    },
    id::ChannelId,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p,
    settings::Mode,
    words,
};

calls! {
    /// Buttons of channels.
    pub enum Call {
        /// The list.
        "l" List => View,
        /// A channel's card.
        "c" Card { channel: ChannelId } => View,
        /// Connect: in which messenger?
        "a" Add => Own,
        /// Connect a bot of this messenger: asks for a token.
        "k" Connect { kind: ChannelKind } => Own,
        /// Pause.
        "p" Pause { channel: ChannelId } => Own,
        /// Send again.
        "r" Resume { channel: ChannelId } => Own,
        /// A new token for the same bot: asks for it.
        "t" Token { channel: ChannelId } => Own,
        /// Which speed?
        "s" Speeds { channel: ChannelId } => Own,
        /// This many messages a second; 0: the messenger's own limit.
        "S" SetSpeed { channel: ChannelId, rate: u32 } => Own,
        /// Paid speed on or off.
        "P" SetPaid { channel: ChannelId, paid: bool } => Own,
        /// Remove: asks first.
        "d" AskRemove { channel: ChannelId } => Own,
        /// Remove.
        "D" Remove { channel: ChannelId } => Own,
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The token of a bot to be connected.
    Connect { kind: ChannelKind },
    /// The next value of a sender to be connected; those given before are sealed.
    More { kind: ChannelKind, given: String },
    /// A new token of a connected bot.
    Token { channel: ChannelId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }

    fn takes_secrets(&self) -> bool {
        true
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the channel room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => list(cx).await,
        Call::Card { channel } => show(cx, channel).await,
        Call::Add => Ok(which(cx.tr).into()),
        Call::Connect { kind } => {
            if registry::capabilities(kind).webhook_only && cx.deps.settings.public_url.is_none() {
                return Err(BotError::Refused(p!(cx.tr, "channels-needs-address", messenger = words::messenger(kind))));
            }
            let account = cx.actor()?.account;
            usage::check(&cx.deps.store, account, Limit::Channels, 1, cx.now).await?.map_err(|over| words::refused(cx.tr, over.into()))?;
            cx.ask(Step::Connect { kind }).await?;
            Ok(ask_token(cx.tr, kind).into())
        }
        Call::Pause { channel } => {
            room::pause(&cx.deps.store, cx.actor()?, channel, cx.now).await.map_err(|error| refused(cx.tr, None, error))?;
            Ok(show(cx, channel).await?.saying(p!(cx.tr, "channels-paused")))
        }
        Call::Resume { channel } => {
            if cx.deps.endpoints.is_managers(&load(cx, channel).await?.external_id) {
                return Err(BotError::Refused(p!(cx.tr, "channels-managers-bot")));
            }
            room::resume(&cx.deps.store, cx.actor()?, channel, cx.now).await.map_err(|error| refused(cx.tr, None, error))?;
            cx.deps.queue.ring(mms_core::queue::Job::Deliver { channel }).await;
            Ok(show(cx, channel).await?.saying(p!(cx.tr, "channels-resumed")))
        }
        Call::Token { channel } => {
            let row = load(cx, channel).await?;
            cx.ask(Step::Token { channel }).await?;
            Ok(ask_new_token(cx.tr, &row).into())
        }
        Call::Speeds { channel } => Ok(speeds(cx.tr, &load(cx, channel).await?).into()),
        Call::SetSpeed { channel, rate } => {
            let rate = (rate > 0).then_some(f64::from(rate));
            configure(cx, channel, |settings| settings.rate = rate).await
        }
        Call::SetPaid { channel, paid } => configure(cx, channel, |settings| settings.paid = paid).await,
        Call::AskRemove { channel } => Ok(ask_remove(cx.tr, &load(cx, channel).await?).into()),
        Call::Remove { channel } => {
            room::remove(&cx.deps.store, cx.actor()?, channel, cx.now).await.map_err(|error| refused(cx.tr, None, error))?;
            Ok(list(cx).await?.saying(p!(cx.tr, "channels-removed")))
        }
    }
}

/// An answer: a token, or another value of the credentials. The message that held it is deleted at
/// once.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
    let (kind, token) = match &step {
        Step::Connect { kind } | Step::More { kind, .. } => match more(cx, *kind, &step, input.text()).await? {
            Given::All(credentials) => (*kind, credentials),
            Given::Some(screen) => return Ok(Reply::screen(*screen).forgetting_input()),
        },
        Step::Token { channel } => (load(cx, *channel).await?.kind, Secret::new(input.text())),
    };
    let outcome = match &step {
        Step::Connect { .. } | Step::More { .. } => {
            let mode = match cx.deps.settings.mode {
                Mode::Polling => ChannelMode::Polling,
                Mode::Webhook => ChannelMode::Webhook,
            };
            let settings = ChannelSettings { mode, ..ChannelSettings::default() };
            room::add(store, sealer, endpoints, cx.actor()?, kind, token, settings, cx.now).await.map(|row| row.id)
        }
        Step::Token { channel } => {
            room::replace_credentials(store, sealer, endpoints, cx.actor()?, *channel, token, cx.now).await.map(|()| *channel)
        }
    };
    match outcome {
        Ok(channel) => {
            cx.leave().await?;
            let reply = match step {
                Step::Connect { .. } | Step::More { .. } => Reply::screen(added(cx.tr, &load(cx, channel).await?)),
                Step::Token { .. } => show(cx, channel).await?.saying(p!(cx.tr, "channels-token-replaced")),
            };
            Ok(reply.forgetting_input())
        }
        Err(error) => {
            let sentence = refusal(cx.tr, Some(kind), error)?;
            let channel = match step {
                Step::Connect { .. } => None,
                // Which of them is wrong nobody can say: all are asked for anew.
                Step::More { .. } => {
                    cx.ask(Step::Connect { kind }).await?;
                    None
                }
                Step::Token { channel } => Some(channel),
            };
            Ok(Reply::screen(again(cx.tr, channel, &sentence)).forgetting_input())
        }
    }
}

/// What was given of the credentials of a sender to be connected.
enum Given {
    All(Secret),
    /// What to ask for next, or again.
    Some(Box<Screen>),
}

/// Takes the values of a message, one or several, in the order in which they are asked for.
async fn more(cx: &Cx, kind: ChannelKind, step: &Step, text: &str) -> Result<Given, BotError> {
    let fields = registry::fields(kind);
    if fields.len() == 1 {
        return Ok(Given::All(registry::assemble(kind, &[text.to_owned()])));
    }
    let account = cx.actor()?.account;
    let mut values: Vec<String> = match step {
        Step::More { given, .. } => hex::decode(given)
            .ok()
            .and_then(|sealed| cx.deps.sealer.open(&sealed, account.0).ok())
            .and_then(|opened| serde_json::from_slice(&opened).ok())
            .unwrap_or_default(),
        _ => Vec::new(),
    };
    let mut odd = None;
    for word in text.split_whitespace() {
        match fields.get(values.len()) {
            Some(field) if registry::plausible_value(kind, field, word) => values.push(word.to_owned()),
            field => {
                odd = Some(*field.or(fields.last()).unwrap_or(&""));
                break;
            }
        }
    }
    if odd.is_none() && values.len() == fields.len() {
        return Ok(Given::All(registry::assemble(kind, &values)));
    }
    values.truncate(fields.len() - 1);
    let next = fields.get(values.len()).copied().unwrap_or_default();
    let opened = serde_json::to_vec(&values).map_err(|error| BotError::Other(error.into()))?;
    let given = hex::encode(cx.deps.sealer.seal(&opened, account.0));
    cx.ask(Step::More { kind, given }).await?;
    Ok(Given::Some(Box::new(cards::ask_value(cx.tr, next, odd))))
}

async fn load(cx: &Cx, channel: ChannelId) -> Result<ChannelRow, BotError> {
    let row = room::get(&cx.deps.store, cx.actor()?.account, channel).await?.ok_or(BotError::Gone)?;
    if row.state == room::ChannelState::Removed { Err(BotError::Gone) } else { Ok(row) }
}

async fn list(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    Ok(list_card(cx.tr, &room::list(&cx.deps.store, actor.account).await?, actor.role).into())
}

async fn show(cx: &Cx, channel: ChannelId) -> Outcome {
    Ok(card(cx.tr, &load(cx, channel).await?, cx.actor()?.role, cx.now).into())
}

async fn configure(cx: &Cx, channel: ChannelId, change: impl FnOnce(&mut ChannelSettings)) -> Outcome {
    let mut settings = load(cx, channel).await?.settings;
    change(&mut settings);
    room::configure(&cx.deps.store, cx.actor()?, channel, &settings, cx.now).await.map_err(|error| refused(cx.tr, None, error))?;
    Ok(show(cx, channel).await?.saying(p!(cx.tr, "channels-configured")))
}

/// A sentence for the channel room's refusal; `Err` for what is no refusal but a failure or a
/// missing thing. `kind`: whose credentials were given, where some were.
fn refusal(tr: Tr, kind: Option<ChannelKind>, error: ChannelError) -> Result<String, BotError> {
    let messenger = kind.map(words::messenger).unwrap_or_default();
    Ok(match error {
        ChannelError::NotAllowed => return Err(BotError::Forbidden),
        ChannelError::NotFound => return Err(BotError::Gone),
        ChannelError::Database(error) => return Err(error.into()),
        ChannelError::Sealed(error) => return Err(BotError::Other(error.into())),
        ChannelError::Client(error) => return Err(BotError::Other(error.into())),
        ChannelError::OverLimit(over) => return words::account_refusal(tr, over.into()),
        ChannelError::Credentials => p!(tr, "channels-not-a-token", kind = kind.map_or("", ChannelKind::as_str)),
        ChannelError::Taken => p!(tr, "channels-taken"),
        ChannelError::Managers => p!(tr, "channels-managers-bot"),
        ChannelError::OtherIdentity => p!(tr, "channels-other-bot"),
        ChannelError::Rate => p!(tr, "channels-bad-rate"),
        ChannelError::Provider(error) if kind.is_some_and(|kind| registry::fields(kind).len() > 1) => match &error {
            SendError::Transient(_) | SendError::Unknown(_) | SendError::RetryAfter { .. } => {
                p!(tr, "channels-no-answer", messenger = messenger)
            }
            error => p!(tr, "channels-data-refused", messenger = messenger, words = words::inert(&error.said().unwrap_or_default())),
        },
        ChannelError::Provider(SendError::Unauthorised(_) | SendError::Rejected(_)) => {
            p!(tr, "channels-token-refused", messenger = messenger)
        }
        ChannelError::Provider(SendError::Misconfigured(why)) => {
            let kind = kind.map_or("", ChannelKind::as_str);
            p!(tr, "channels-cannot-send", kind = kind, messenger = messenger, words = words::inert(&why))
        }
        ChannelError::Provider(_) => p!(tr, "channels-no-answer", messenger = messenger),
    })
}

fn refused(tr: Tr, kind: Option<ChannelKind>, error: ChannelError) -> BotError {
    match refusal(tr, kind, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}
