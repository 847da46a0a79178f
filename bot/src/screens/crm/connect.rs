//! Connecting: the address, then what opens the account (its message is deleted at once), or the
//! CRM's own page; refusals in words. What is asked for is the CRM's ([`mms_core::crm::login`]).

use mms_core::{
    consent::Purpose,
    contact::field::FieldError,
    crm::{
        CrmError, CrmKind,
        connection::{self as room, ConnectError, Connection, Entry},
        login::{Ask, OauthApp},
        registry,
    },
    id::ConnectionId,
    queue::Job,
    secret::{Likeness, Secret},
};
use serde::{Deserialize, Serialize};

use super::{Call, again, ask_address, ask_new_address, ask_value, authorise_card, cards::not_a_value, load, rows, show};
use crate::{
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p, words,
};

/// Longer words are a token, not an address.
const LONGEST_ADDRESS: usize = 100;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The address of an account, before what opens it.
    Address { kind: CrmKind },
    /// The next value that opens the account at that address; those given before are sealed.
    Value { kind: CrmKind, address: String, given: String },
    /// The address, for the CRM's own page.
    PageAddress { kind: CrmKind },
    /// The values of a field that mean consent.
    Yes {
        connection: ConnectionId,
        /// Consent to what.
        purpose: Purpose,
        /// The field's id in the CRM.
        field: String,
    },
    /// The new address of a connection's account.
    NewAddress { connection: ConnectionId },
    /// A new token of a connection.
    NewToken { connection: ConnectionId },
}

impl Steps for Step {
    fn need(&self) -> Need {
        Need::Own
    }

    fn takes_secrets(&self) -> bool {
        true
    }
}

/// An answer: an address, or a value that opens the account, whose message is deleted at once. So
/// is what surely opens one, whatever was asked for.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let text = input.text();
    let reply = answer(cx, step, text).await?;
    Ok(if registry::likeness(text.trim()) == Some(Likeness::Sure) { reply.forgetting_input() } else { reply })
}

/// The account at an address that is a secret at the same time: nothing else need be asked for.
fn whole(kind: CrmKind, text: &str) -> Option<String> {
    let way = registry::login(kind);
    let [ask] = way.asks() else { return None };
    let opens = way.likeness(text.trim()) == Some(Likeness::Sure) && (ask.fits)(text);
    way.home(text).filter(|_| opens)
}

async fn answer(cx: &Cx, step: Step, text: &str) -> Outcome {
    if let Step::Address { kind } = step
        && let Some(address) = whole(kind, text)
    {
        return value(cx, kind, &address, "", text).await;
    }
    if let Step::Address { kind } | Step::Value { kind, .. } = &step
        && registry::login(*kind).address_opens()
    {
        return opened_by(cx, *kind, text).await;
    }
    match step {
        Step::Yes { connection, purpose, field } => super::mapping::typed_yes(cx, connection, purpose, &field, text).await,
        Step::NewAddress { connection } => moved(cx, &load(cx, connection).await?, text).await,
        Step::Address { kind } | Step::PageAddress { kind } if text.len() > LONGEST_ADDRESS => {
            let page = matches!(step, Step::PageAddress { .. });
            let early = p!(cx.tr, "crm-token-too-early", kind = kind.as_str());
            Ok(Reply::screen(ask_address(cx.tr, kind, page, Some(early))).forgetting_input())
        }
        Step::Address { kind } => match (registry::login(kind).home(text), registry::login(kind).asks().first()) {
            (Some(address), Some(ask)) => {
                cx.ask(Step::Value { kind, address: address.clone(), given: String::new() }).await?;
                Ok(ask_value(cx.tr, kind, ask, &address, Call::List).into())
            }
            _ => Ok(ask_address(cx.tr, kind, false, Some(refusal(cx.tr, Some(kind), ConnectError::BadAddress)?)).into()),
        },
        Step::PageAddress { kind } => match begin(cx, kind, text, None).await {
            Ok((connection, url)) => {
                cx.leave().await?;
                Ok(authorise_card(cx.tr, kind, connection, url).into())
            }
            Err(error) => Ok(ask_address(cx.tr, kind, true, Some(refusal(cx.tr, Some(kind), error)?)).into()),
        },
        Step::Value { kind, address, given } => value(cx, kind, &address, &given, text).await,
        Step::NewToken { connection } => renewed(cx, &load(cx, connection).await?, text).await,
    }
}

/// An address that is what opens the account: it may be a secret, so the message goes.
async fn opened_by(cx: &Cx, kind: CrmKind, text: &str) -> Outcome {
    match registry::login(kind).home(text) {
        Some(address) => value(cx, kind, &address, "", text).await,
        None => {
            let refused = refusal(cx.tr, Some(kind), ConnectError::BadAddress)?;
            Ok(Reply::screen(ask_address(cx.tr, kind, false, Some(refused))).forgetting_input())
        }
    }
}

/// The account lives at another address now.
async fn moved(cx: &Cx, row: &Connection, text: &str) -> Outcome {
    if text.len() > LONGEST_ADDRESS {
        let screen = ask_new_address(cx.tr, row, Some(p!(cx.tr, "crm-not-an-address", kind = row.kind.as_str())));
        return Ok(Reply::screen(screen).forgetting_input());
    }
    let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
    match room::relocate(store, sealer, endpoints, cx.actor()?, row.id, text, cx.now).await {
        Ok(()) => connected_now(cx, row.id).await,
        Err(ConnectError::BadState) => {
            let sentence = p!(cx.tr, "crm-other-account-there", crm = words::crm(row.kind));
            Ok(ask_new_address(cx.tr, row, Some(sentence)).into())
        }
        Err(error) => Ok(ask_new_address(cx.tr, row, Some(refusal(cx.tr, Some(row.kind), error)?)).into()),
    }
}

/// A screen after a value: the message that held it is deleted if it is a secret.
fn after(screen: Screen, ask: &Ask) -> Reply {
    if ask.secret { Reply::screen(screen).forgetting_input() } else { screen.into() }
}

/// One of the values that open an account: the next one is asked for, or the CRM is connected.
async fn value(cx: &Cx, kind: CrmKind, address: &str, given: &str, text: &str) -> Outcome {
    let account = cx.actor()?.account;
    let asks = registry::login(kind).asks();
    let mut values: Vec<Secret> = hex::decode(given)
        .ok()
        .and_then(|sealed| cx.deps.sealer.open(&sealed, account.0).ok())
        .and_then(|opened| serde_json::from_slice(&opened).ok())
        .unwrap_or_default();
    let (Some(ask), Some(first)) = (asks.get(values.len()), asks.first()) else { return Err(BotError::Gone) };
    if !(ask.fits)(text) {
        return Ok(after(again(cx.tr, kind, ask, &not_a_value(cx.tr, kind, ask), Call::List), ask));
    }
    values.push(Secret::new(text));
    if let Some(next) = asks.get(values.len()) {
        let opened = serde_json::to_vec(&values).map_err(|error| BotError::Other(error.into()))?;
        let given = hex::encode(cx.deps.sealer.seal(&opened, account.0));
        cx.ask(Step::Value { kind, address: address.to_owned(), given }).await?;
        return Ok(after(ask_value(cx.tr, kind, next, address, Call::List), ask));
    }
    let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
    let entry = Entry { kind, address, values: &values };
    match room::connect(store, sealer, endpoints, cx.actor()?, entry, cx.now).await {
        Ok(row) => connected_now(cx, row.id).await,
        Err(error) => {
            // Which of them is wrong nobody can say: all are asked for anew.
            cx.ask(Step::Value { kind, address: address.to_owned(), given: String::new() }).await?;
            Ok(after(again(cx.tr, kind, first, &refusal(cx.tr, Some(kind), error)?, Call::List), ask))
        }
    }
}

/// A new key of a connection: the last of the values that open it.
async fn renewed(cx: &Cx, row: &Connection, text: &str) -> Outcome {
    let (kind, back) = (row.kind, Call::Card { connection: row.id });
    let ask = registry::login(kind).asks().last().ok_or(BotError::Gone)?;
    let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
    match room::replace_token(store, sealer, endpoints, cx.actor()?, row.id, Secret::new(text), cx.now).await {
        Ok(()) => connected_now(cx, row.id).await,
        Err(error) => Ok(after(again(cx.tr, kind, ask, &refusal(cx.tr, Some(kind), error)?, back), ask)),
    }
}

async fn connected_now(cx: &Cx, connection: ConnectionId) -> Outcome {
    cx.leave().await?;
    expect_hooks(cx, connection).await?;
    cx.deps.queue.ring(Job::SyncCrm { connection }).await;
    Ok(show(cx, connection).await?.forgetting_input())
}

/// Where the world reaches us the CRM shall call.
pub(super) async fn expect_hooks(cx: &Cx, connection: ConnectionId) -> Result<(), BotError> {
    let Some(public) = cx.deps.settings.public_url.as_deref() else { return Ok(()) };
    let expected = room::expect_hooks(&cx.deps.store, cx.actor()?.account, connection, public.trim_end_matches('/'), cx.now).await;
    expected.map_err(|error| refused(cx.tr, error))
}

/// The integration of this installation in that CRM.
pub(super) fn app(cx: &Cx, kind: CrmKind) -> Result<OauthApp, BotError> {
    cx.deps.settings.crm_app(kind).ok_or_else(|| BotError::Refused(p!(cx.tr, "crm-no-integration", crm = words::crm(kind))))
}

async fn begin(cx: &Cx, kind: CrmKind, address: &str, again: Option<ConnectionId>) -> Result<(ConnectionId, String), ConnectError> {
    let app = cx.deps.settings.crm_app(kind).ok_or(ConnectError::WrongState)?;
    let actor = cx.who.as_ref().ok_or(ConnectError::Absent)?;
    room::begin_authorisation(&cx.deps.store, &cx.deps.sealer, actor, (kind, address), app, again, cx.now).await
}

/// The CRM's own page for a connection that needs it.
pub(super) async fn authorise_again(cx: &Cx, connection: ConnectionId) -> Outcome {
    let row = load(cx, connection).await?;
    app(cx, row.kind)?;
    let (connection, url) = begin(cx, row.kind, &row.base_url, Some(connection)).await.map_err(|error| refused(cx.tr, error))?;
    Ok(authorise_card(cx.tr, row.kind, connection, url).into())
}

/// A sentence for the CRM room's refusal; `Err` for what is no refusal but a failure or a missing
/// thing. `kind`: whose refusal it is, where a CRM was asked.
pub(super) fn refusal(tr: Tr, kind: Option<CrmKind>, error: ConnectError) -> Result<String, BotError> {
    let (crm, example) = (kind.map_or("CRM", words::crm), kind.map_or("", words::crm_example));
    let ask = kind.and_then(|kind| Some((kind, registry::login(kind).asks().last()?)));
    let kind = kind.map_or("", CrmKind::as_str);
    Ok(match error {
        ConnectError::Absent => return Err(BotError::Gone),
        ConnectError::Db(error) => return Err(error.into()),
        ConnectError::Seal(error) => return Err(BotError::Other(error.into())),
        ConnectError::Account(error) => return words::account_refusal(tr, error),
        ConnectError::Field(FieldError::Db(error)) => return Err(error.into()),
        ConnectError::Field(FieldError::TooMany) => p!(tr, "crm-too-many-fields", most = mms_core::contact::field::MAX_FIELDS),
        ConnectError::Field(_) => p!(tr, "crm-field-refused"),
        ConnectError::BadAddress => p!(tr, "crm-bad-address", kind = kind, crm = crm, example = example),
        ConnectError::BadValues => ask.map(|(kind, ask)| not_a_value(tr, kind, ask)).unwrap_or_default(),
        ConnectError::Twin => p!(tr, "crm-twin", kind = kind, crm = crm),
        ConnectError::WrongState => p!(tr, "crm-wrong-state"),
        ConnectError::BadState => p!(tr, "crm-other-account", kind = kind, crm = crm),
        ConnectError::BadField => p!(tr, "crm-bad-field"),
        ConnectError::Changed => p!(tr, "crm-changed"),
        ConnectError::Crm(CrmError::Unusable(what)) => rows::unusable(tr, &what),
        ConnectError::Crm(CrmError::Unauthorised | CrmError::ReauthRequired) => p!(tr, "crm-token-refused", kind = kind, crm = crm),
        ConnectError::Crm(CrmError::RetryAfter(_)) => p!(tr, "crm-limited", kind = kind, crm = crm),
        ConnectError::Crm(CrmError::PaymentRequired) => p!(tr, "crm-not-paid", crm = crm),
        ConnectError::Crm(CrmError::Forbidden(_)) => p!(tr, "crm-forbidden", kind = kind, crm = crm),
        ConnectError::Crm(CrmError::NotFound | CrmError::NoPlace | CrmError::Moved | CrmError::Rejected(_)) => {
            p!(tr, "crm-no-such-account", kind = kind, crm = crm)
        }
        ConnectError::Crm(CrmError::Transient { .. } | CrmError::Unknown(_)) => p!(tr, "crm-unreachable", kind = kind, crm = crm),
    })
}

/// The same as an error for `?`, of a CRM that was asked: shown over the chat.
pub(super) fn refused_by(tr: Tr, kind: CrmKind, error: ConnectError) -> BotError {
    match refusal(tr, Some(kind), error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}

/// The same as an error for `?`: shown over the chat.
pub(super) fn refused(tr: Tr, error: ConnectError) -> BotError {
    match refusal(tr, None, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}
