//! Channels: the account's customer bots. The owner connects, paces, pauses and removes them.

mod cards;
pub mod qr;

pub use cards::{added, again, ask_new_token, ask_remove, ask_token, card, list as list_card, pick, speeds, which};

use mms_core::{
    account::{licence::Limit, usage},
    channel::{
        ChannelKind, Offer, SendError, hook, registry,
        store::{self as room, ChannelError, ChannelRow, ChannelSettings, Mode as ChannelMode},
    },
    delivery::month,
    id::ChannelId,
    law,
    secret::Secret,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    calls,
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{self, Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p, screens,
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
        /// Connect this one of the senders that the token leads to.
        "w" Pick { sender: Uuid } => Own,
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
        /// How many people a month?
        "m" People { channel: ChannelId } => Own,
        /// So many; 0: any number.
        "M" SetPeople { channel: ChannelId, most: u32 } => Own,
        /// Paid speed on or off.
        "P" SetPaid { channel: ChannelId, paid: bool } => Own,
        /// The link as a QR code.
        "q" Qr { channel: ChannelId } => View,
        /// The same as a file.
        "Q" QrFile { channel: ChannelId, form: qr::Form } => View,
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
    /// One of the senders that a token leads to; the token is sealed.
    Pick { kind: ChannelKind, given: String },
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

    fn waits_for(&self, wire: &str) -> bool {
        matches!(self, Self::Pick { .. }) && matches!(screens::Callback::decode(wire), Some(screens::Callback::Channels(Call::Pick { .. })))
    }
}

/// Messengers through which the law lets the company write to nobody today.
async fn barred(cx: &Cx) -> Result<Vec<ChannelKind>, BotError> {
    Ok(law::profile::barred(&cx.deps.store, cx.actor()?.account, cx.now).await?)
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the channel room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => list(cx).await,
        Call::Card { channel } => show(cx, channel).await,
        Call::Add => Ok(which(cx.tr, &barred(cx).await?).into()),
        Call::Connect { kind } => {
            if registry::capabilities(kind).webhook_only && cx.deps.settings.public_url.is_none() {
                return Err(BotError::Refused(p!(cx.tr, "channels-needs-address", messenger = words::provider(kind))));
            }
            let account = cx.actor()?.account;
            usage::check(&cx.deps.store, account, Limit::Channels, 1, cx.now).await?.map_err(|over| words::refused(cx.tr, over.into()))?;
            cx.ask(Step::Connect { kind }).await?;
            Ok(ask_token(cx.tr, kind).into())
        }
        Call::Pick { sender } => picked(cx, sender).await,
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
        Call::People { channel } => {
            let row = load(cx, channel).await?;
            let used = month::used(&cx.deps.store, &row, cx.now).await?;
            Ok(cards::people(cx.tr, &row, used).into())
        }
        Call::SetPeople { channel, most } => configure(cx, channel, |settings| settings.people = (most > 0).then_some(most)).await,
        Call::SetPaid { channel, paid } => configure(cx, channel, |settings| settings.paid = paid).await,
        Call::Qr { channel } => qr::show(cx, channel).await,
        Call::QrFile { channel, form } => qr::send(cx, channel, form).await,
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
        Step::Connect { kind } | Step::Pick { kind, .. } if registry::has_senders(*kind) => {
            return Ok(found(cx, *kind, input.text()).await?.forgetting_input());
        }
        Step::Connect { kind } | Step::More { kind, .. } | Step::Pick { kind, .. } => match more(cx, *kind, &step, input.text()).await? {
            Given::All(credentials) => (*kind, credentials),
            Given::Some(screen) => return Ok(Reply::screen(*screen).forgetting_input()),
        },
        Step::Token { channel } => (load(cx, *channel).await?.kind, Secret::new(input.text())),
    };
    let outcome = match &step {
        Step::Connect { .. } | Step::More { .. } | Step::Pick { .. } => {
            room::add(store, sealer, endpoints, cx.actor()?, kind, token, settings(cx), cx.now).await.map(|row| row.id)
        }
        Step::Token { channel } => renew(cx, *channel, token).await.map(|()| *channel),
    };
    match outcome {
        Ok(channel) => {
            cx.leave().await?;
            let reply = match step {
                Step::Connect { .. } | Step::More { .. } | Step::Pick { .. } => Reply::screen(added(cx.tr, &load(cx, channel).await?)),
                Step::Token { .. } => show(cx, channel).await?.saying(p!(cx.tr, "channels-token-replaced")),
            };
            Ok(reply.forgetting_input())
        }
        Err(error) => {
            let another = another_may_do(&error);
            let sentence = refusal(cx.tr, Some(kind), error)?;
            let channel = match step {
                Step::Connect { .. } | Step::Pick { .. } => None,
                // Which of them is wrong nobody can say: all are asked for anew.
                Step::More { .. } => {
                    cx.ask(Step::Connect { kind }).await?;
                    None
                }
                Step::Token { channel } => Some(channel),
            };
            Ok(Reply::screen(again(cx.tr, channel, &sentence, another)).forgetting_input())
        }
    }
}

/// Gives a channel a new token, and the other channels of the old one too: where one token leads to
/// several senders, it was changed for all of them. One that the new token does not lead to stays
/// as it is.
async fn renew(cx: &Cx, channel: ChannelId, token: Secret) -> Result<(), ChannelError> {
    let (deps, actor) = (&cx.deps, cx.who.as_ref().ok_or(ChannelError::NotAllowed)?);
    let row = room::get(&deps.store, actor.account, channel).await?.ok_or(ChannelError::NotFound)?;
    let beside = hook::beside(&deps.store, &row).await?;
    room::replace_credentials(&deps.store, &deps.sealer, &deps.endpoints, actor, channel, token.clone(), cx.now).await?;
    for other in beside.iter().filter(|other| other.id != channel) {
        let renewed = room::replace_credentials(&deps.store, &deps.sealer, &deps.endpoints, actor, other.id, token.clone(), cx.now).await;
        if let Err(error) = renewed {
            tracing::info!(channel.id = %other.id, %error, "a channel beside one with a new token keeps the old one");
        }
    }
    Ok(())
}

/// How updates of a new channel come in.
fn settings(cx: &Cx) -> ChannelSettings {
    let mode = match cx.deps.settings.mode {
        Mode::Polling => ChannelMode::Polling,
        Mode::Webhook => ChannelMode::Webhook,
    };
    ChannelSettings { mode, ..ChannelSettings::default() }
}

/// The number of a sender on its button.
fn number(offer: &Offer) -> Uuid {
    let digest = Sha256::digest(offer.external_id.as_bytes());
    Uuid::from_slice(&digest[..16]).unwrap_or_default()
}

/// The senders that a token leads to, to pick from; the token waits sealed for the press.
async fn found(cx: &Cx, kind: ChannelKind, text: &str) -> Outcome {
    let field = registry::fields(kind).first().copied().unwrap_or_default();
    let offered = if registry::plausible_value(kind, field, text) {
        senders(cx, kind, &registry::assemble(kind, &[text.to_owned()])).await
    } else {
        Err(ChannelError::Credentials)
    };
    match offered {
        Ok(offers) if offers.is_empty() => {
            Ok(again(cx.tr, None, &p!(cx.tr, "channels-no-senders", messenger = words::provider(kind)), false).into())
        }
        Ok(offers) => {
            let account = cx.actor()?.account;
            let opened = registry::assemble(kind, &[text.to_owned()]);
            let given = hex::encode(cx.deps.sealer.seal(opened.expose().as_bytes(), account.0));
            cx.ask(Step::Pick { kind, given }).await?;
            Ok(pick(cx.tr, kind, &shown(cx, &offers).await?).into())
        }
        Err(error) => {
            let another = another_may_do(&error);
            Ok(again(cx.tr, None, &refusal(cx.tr, Some(kind), error)?, another).into())
        }
    }
}

async fn senders(cx: &Cx, kind: ChannelKind, credentials: &Secret) -> Result<Vec<Offer>, ChannelError> {
    let adapter = registry::build(kind, credentials, &cx.deps.endpoints).map_err(ChannelError::Client)?;
    adapter.senders().await.map_err(ChannelError::Provider)
}

/// What is offered, each with its number and whether the company has it already.
async fn shown(cx: &Cx, offers: &[Offer]) -> Result<Vec<(Uuid, Offer, bool)>, BotError> {
    let rows = room::list(&cx.deps.store, cx.actor()?.account).await?;
    let is_there = |offer: &Offer| rows.iter().any(|row| row.kind == offer.kind && row.external_id == offer.external_id);
    let barred = barred(cx).await?;
    let open = offers.iter().filter(|offer| !barred.contains(&offer.kind));
    Ok(open.map(|offer| (number(offer), offer.clone(), is_there(offer))).collect())
}

/// One of the senders was picked. The others stay offered: a company may want several.
async fn picked(cx: &Cx, sender: Uuid) -> Outcome {
    let step = dialogue::get::<screens::Step>(&cx.deps.store, cx.chat).await?;
    let Some(screens::Step::Channels(Step::Pick { kind, given })) = step else { return Err(BotError::Gone) };
    let account = cx.actor()?.account;
    let opened = hex::decode(&given).ok().and_then(|sealed| cx.deps.sealer.open(&sealed, account.0).ok());
    let credentials = opened.and_then(|opened| String::from_utf8(opened).ok()).map(Secret::new).ok_or(BotError::Gone)?;
    let offers = match senders(cx, kind, &credentials).await {
        Ok(offers) => offers,
        Err(error) => return Err(refused(cx.tr, Some(kind), error)),
    };
    let offer = offers.iter().find(|offer| number(offer) == sender).ok_or(BotError::Gone)?;
    let own = registry::of_sender(offer.kind, &credentials, &offer.external_id);
    let deps = &cx.deps;
    let added = room::add(&deps.store, &deps.sealer, &deps.endpoints, cx.actor()?, offer.kind, own, settings(cx), cx.now).await;
    let row = added.map_err(|error| refused(cx.tr, Some(offer.kind), error))?;
    let screen = pick(cx.tr, kind, &shown(cx, &offers).await?);
    Ok(Reply::screen(screen).saying(p!(cx.tr, "channels-picked", name = &row.name, messenger = words::messenger(row.kind))))
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
    let messenger = kind.map(words::provider).unwrap_or_default();
    Ok(match error {
        ChannelError::NotAllowed => return Err(BotError::Forbidden),
        ChannelError::NotFound => return Err(BotError::Gone),
        ChannelError::Database(error) => return Err(error.into()),
        ChannelError::Sealed(error) => return Err(BotError::Other(error.into())),
        ChannelError::Client(error) => return Err(BotError::Other(error.into())),
        ChannelError::OverLimit(over) => return words::account_refusal(tr, over.into()),
        ChannelError::FeatureOff(off) => return words::account_refusal(tr, off.into()),
        ChannelError::Credentials => p!(tr, "channels-not-a-token", kind = kind.map_or("", ChannelKind::provider)),
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
            let kind = kind.map_or("", ChannelKind::provider);
            p!(tr, "channels-cannot-send", kind = kind, messenger = messenger, words = words::inert(&why))
        }
        ChannelError::Provider(_) => p!(tr, "channels-no-answer", messenger = messenger),
    })
}

/// Whether a refusal is one of the token, and not of what is behind it.
fn another_may_do(error: &ChannelError) -> bool {
    !matches!(error, ChannelError::Taken | ChannelError::OverLimit(_) | ChannelError::FeatureOff(_))
}

fn refused(tr: Tr, kind: Option<ChannelKind>, error: ChannelError) -> BotError {
    match refusal(tr, kind, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}
