//! Connecting: the address, then the token (its message is deleted at once), or the CRM's own page;
//! refusals in words.

use mms_core::{
    consent::Purpose,
    contact::field::FieldError,
    crm::{
        CrmError,
        connection::{self as room, ConnectError, OauthApp},
    },
    id::ConnectionId,
    queue::Job,
    secret::Secret,
};
use serde::{Deserialize, Serialize};

use super::{Call, again, ask_address, ask_new_address, ask_token, authorise_card, show};
use crate::{
    frame::{
        callback::Need,
        cx::Cx,
        dialogue::{Input, Steps},
        error::{BotError, Outcome},
        reply::Reply,
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
    /// The address, for a long-lived token.
    Address,
    /// The long-lived token of that address.
    Token {
        /// As typed, and well formed.
        address: String,
    },
    /// The address, for the CRM's own page.
    PageAddress,
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

/// An answer: an address, or a token, whose message is deleted at once.
///
/// # Errors
/// The database's.
pub async fn input(cx: &Cx, step: Step, input: Input) -> Outcome {
    let text = input.text();
    match step {
        Step::Yes { connection, purpose, field } => super::mapping::typed_yes(cx, connection, purpose, &field, text).await,
        Step::NewAddress { connection } => {
            if text.len() > LONGEST_ADDRESS {
                let screen = ask_new_address(cx.tr, connection, Some(p!(cx.tr, "crm-not-an-address")));
                return Ok(Reply::screen(screen).forgetting_input());
            }
            let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
            match room::relocate(store, sealer, endpoints, cx.actor()?, connection, text, cx.now).await {
                Ok(()) => connected_now(cx, connection).await,
                Err(ConnectError::BadState) => Ok(ask_new_address(cx.tr, connection, Some(p!(cx.tr, "crm-other-account-there"))).into()),
                Err(error) => Ok(ask_new_address(cx.tr, connection, Some(refusal(cx.tr, error)?)).into()),
            }
        }
        Step::Address | Step::PageAddress if text.len() > LONGEST_ADDRESS => {
            let page = step == Step::PageAddress;
            Ok(Reply::screen(ask_address(cx.tr, page, Some(p!(cx.tr, "crm-token-too-early")))).forgetting_input())
        }
        Step::Address => match mms_core::crm::amocrm::host::parse(text) {
            Some(host) => {
                cx.ask(Step::Token { address: host.clone() }).await?;
                Ok(ask_token(cx.tr, &host, Call::List).into())
            }
            None => Ok(ask_address(cx.tr, false, Some(p!(cx.tr, "crm-bad-address"))).into()),
        },
        Step::PageAddress => match begin(cx, text, None).await {
            Ok((connection, url)) => {
                cx.leave().await?;
                Ok(authorise_card(cx.tr, connection, url).into())
            }
            Err(error) => Ok(ask_address(cx.tr, true, Some(refusal(cx.tr, error)?)).into()),
        },
        Step::Token { address } => {
            let connected = match token(text) {
                None => return Ok(Reply::screen(again(cx.tr, &p!(cx.tr, "crm-not-a-token"), Call::List)).forgetting_input()),
                Some(token) => {
                    let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
                    room::connect(store, sealer, endpoints, cx.actor()?, &address, token, None, cx.now).await
                }
            };
            match connected {
                Ok(row) => connected_now(cx, row.id).await,
                Err(error) => Ok(Reply::screen(again(cx.tr, &refusal(cx.tr, error)?, Call::List)).forgetting_input()),
            }
        }
        Step::NewToken { connection } => {
            let back = Call::Card { connection };
            let Some(token) = token(text) else {
                return Ok(Reply::screen(again(cx.tr, &p!(cx.tr, "crm-not-a-token"), back)).forgetting_input());
            };
            let (store, sealer, endpoints) = (&cx.deps.store, &cx.deps.sealer, &cx.deps.endpoints);
            match room::replace_token(store, sealer, endpoints, cx.actor()?, connection, token, None, cx.now).await {
                Ok(()) => connected_now(cx, connection).await,
                Err(error) => Ok(Reply::screen(again(cx.tr, &refusal(cx.tr, error)?, back)).forgetting_input()),
            }
        }
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

/// A token is one run of characters without spaces.
fn token(text: &str) -> Option<Secret> {
    let fits = text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| Secret::new(text))
}

/// The integration of this installation.
pub(super) fn app(cx: &Cx) -> Result<OauthApp, BotError> {
    cx.deps.settings.amocrm_app().ok_or_else(|| BotError::Refused(p!(cx.tr, "crm-no-integration")))
}

async fn begin(cx: &Cx, address: &str, again: Option<ConnectionId>) -> Result<(ConnectionId, String), ConnectError> {
    let app = cx.deps.settings.amocrm_app().ok_or(ConnectError::WrongState)?;
    let actor = cx.who.as_ref().ok_or(ConnectError::Absent)?;
    room::begin_authorisation(&cx.deps.store, &cx.deps.sealer, actor, address, app, again, cx.now).await
}

/// The CRM's own page for a connection that needs it.
pub(super) async fn authorise_again(cx: &Cx, connection: ConnectionId) -> Outcome {
    app(cx)?;
    let row = super::load(cx, connection).await?;
    let (connection, url) = begin(cx, &row.base_url, Some(connection)).await.map_err(|error| refused(cx.tr, error))?;
    Ok(authorise_card(cx.tr, connection, url).into())
}

/// A sentence for the CRM room's refusal; `Err` for what is no refusal but a failure or a missing
/// thing.
pub(super) fn refusal(tr: Tr, error: ConnectError) -> Result<String, BotError> {
    Ok(match error {
        ConnectError::Absent => return Err(BotError::Gone),
        ConnectError::Db(error) => return Err(error.into()),
        ConnectError::Seal(error) => return Err(BotError::Other(error.into())),
        ConnectError::Account(error) => return words::account_refusal(tr, error),
        ConnectError::Field(FieldError::Db(error)) => return Err(error.into()),
        ConnectError::Field(FieldError::TooMany) => p!(tr, "crm-too-many-fields", most = mms_core::contact::field::MAX_FIELDS),
        ConnectError::Field(_) => p!(tr, "crm-field-refused"),
        ConnectError::BadAddress => p!(tr, "crm-bad-address"),
        ConnectError::Twin => p!(tr, "crm-twin"),
        ConnectError::WrongState => p!(tr, "crm-wrong-state"),
        ConnectError::BadState => p!(tr, "crm-other-account"),
        ConnectError::BadField => p!(tr, "crm-bad-field"),
        ConnectError::Crm(CrmError::Unauthorised | CrmError::ReauthRequired) => p!(tr, "crm-token-refused"),
        ConnectError::Crm(CrmError::RetryAfter(_)) => p!(tr, "crm-limited"),
        ConnectError::Crm(CrmError::PaymentRequired) => p!(tr, "crm-not-paid"),
        ConnectError::Crm(CrmError::Forbidden(_)) => p!(tr, "crm-forbidden"),
        ConnectError::Crm(CrmError::NotFound | CrmError::Moved | CrmError::Rejected(_)) => p!(tr, "crm-no-such-account"),
        ConnectError::Crm(CrmError::Transient { .. } | CrmError::Unknown(_)) => p!(tr, "crm-unreachable"),
    })
}

/// The same as an error for `?`: shown over the chat.
pub(super) fn refused(tr: Tr, error: ConnectError) -> BotError {
    match refusal(tr, error) {
        Ok(sentence) => BotError::Refused(sentence),
        Err(error) => error,
    }
}
