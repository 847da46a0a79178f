//! Webhooks of customers' channels, of every messenger: each comes through the gate of its own
//! ([`mms_core::channel::gate`]).

use std::{collections::HashMap, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::future::join_all;
use mms_core::{
    account::{Language, settings},
    channel::{
        ChannelKind,
        gate::{Gate, Greeting, InAddress, InBody, Later, Part, Proof, Signature, Welcome},
        hook, registry,
        store::{self as channels, ChannelRow},
    },
    id::{AccountId, ChannelId},
    inbound::texts::{self, Phrase},
    secret::Secret,
    text::clean,
};

use super::{Ingress, confirm, intake, intake::Sender, same, share};
use crate::frame::deps::Deps;

/// The address customers' updates of a channel come to; `None` when the world does not reach us.
#[must_use]
pub fn url(deps: &Deps, row: &ChannelRow) -> Option<String> {
    let base = deps.settings.public_url.as_ref()?;
    Some(format!("{}/hooks/{}/{}", base.trim_end_matches('/'), row.kind.as_str(), row.id))
}

/// A customers' update.
pub async fn update(
    State(ingress): State<Arc<Ingress>>,
    Path((kind, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let later = ChannelKind::named(&kind).map_or(Later::Never, |kind| registry::gate(kind).later);
    take(&ingress, (&kind, &id), &query, &headers, body).await.unwrap_or_else(|status| share::refused(status, later, ingress.deps.now()))
}

/// Takes an update; what to answer.
async fn take(
    ingress: &Ingress,
    (kind, id): (&str, &str),
    query: &HashMap<String, String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, StatusCode> {
    // An unknown channel is answered as a wrong secret: the answer does not tell which channels
    // exist.
    let (Some(kind), Ok(id)) = (ChannelKind::named(kind), id.parse::<ChannelId>()) else { return Err(StatusCode::UNAUTHORIZED) };
    let gate = registry::gate(kind);
    let header = headers.get(gate.header).and_then(|value| value.to_str().ok());
    let in_query = || gate.query.and_then(|name| query.get(name)).map(String::as_str);
    let proof = || header.or_else(in_query).ok_or(StatusCode::UNAUTHORIZED);
    match gate.proof {
        Proof::Secret => with_secret(ingress, gate, (kind, id), proof()?, body).await.map(IntoResponse::into_response),
        Proof::Signature(signature) => signed(ingress, gate, signature, (kind, id), proof()?, body).await,
        Proof::Body(secret) => with_its_secret(ingress, gate, secret, (kind, id), body).await,
        Proof::Address(address) => {
            let given = in_query().ok_or(StatusCode::UNAUTHORIZED)?;
            at_its_address(ingress, gate, address, (kind, id), (given, header), body).await.map(IntoResponse::into_response)
        }
    }
}

/// One that came to the address with the channel's secret, and with the key beside it where one was
/// agreed upon: both are compared before the body is read.
async fn at_its_address(
    ingress: &Ingress,
    gate: &Gate,
    address: InAddress,
    (kind, id): (ChannelKind, ChannelId),
    (given, header): (&str, Option<&str>),
    body: Body,
) -> Result<StatusCode, StatusCode> {
    let deps = &ingress.deps;
    let proves = |secret: &Secret, key: Option<&Secret>| {
        let agreed = key.is_none_or(|key| header.is_some_and(|header| (address.proves)(key, header)));
        same(given, secret.expose()) && agreed
    };
    let known = ingress.intake.addressed(deps, Sender::Channel(kind, id), proves).await?;
    let (_place, body) = ingress.body(known.0, gate.later, body, gate.most).await?;
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    keep(ingress, gate, (kind, id), known, &nobody, &payload, &text).await
}

/// One that comes with the channel's secret.
async fn with_secret(
    ingress: &Ingress,
    gate: &Gate,
    (kind, id): (ChannelKind, ChannelId),
    secret: &str,
    body: Body,
) -> Result<StatusCode, StatusCode> {
    let from = Sender::Channel(kind, id);
    let (_place, body) = ingress.admitted(from, secret, gate.later, body, gate.most).await?;
    // Cleaned before it is read: a character that nobody can keep must not cost the message.
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    let external_id = (gate.name)(&payload, &text);
    Ok(ingress.intake.keep(from, (gate.person)(&payload), secret.to_owned(), external_id, payload.into_owned()).await)
}

/// One whose raw body is signed: nothing of it is kept before that is proved.
async fn signed(
    ingress: &Ingress,
    gate: &Gate,
    signature: Signature,
    (kind, id): (ChannelKind, ChannelId),
    proof: &str,
    body: Body,
) -> Result<Response, StatusCode> {
    let (deps, from) = (&ingress.deps, Sender::Channel(kind, id));
    let account = ingress.intake.expects(deps, from).await?;
    let (_place, body) = ingress.body(account, gate.later, body, gate.most).await?;
    let proves = |key: &Secret| (signature.proves)(key, proof, &body);
    let known = ingress.intake.signed(deps, from, proves).await?;
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    let welcome = gate.welcome.and_then(|welcome| Some((welcome, (welcome.wanted)(&payload)?)));
    let account = known.0;
    let status = keep(ingress, gate, (kind, id), known, &proves, &payload, &text).await?;
    match welcome.filter(|_| status == StatusCode::OK) {
        None => Ok(status.into_response()),
        Some((welcome, language)) => Ok(welcomed(deps, (account, id), welcome, language, &payload).await),
    }
}

/// One whose body holds the channel's secret: nothing of it is kept before that is compared. Or the
/// messenger's question whether the address is ours, which has none.
async fn with_its_secret(
    ingress: &Ingress,
    gate: &Gate,
    secret: InBody,
    (kind, id): (ChannelKind, ChannelId),
    body: Body,
) -> Result<Response, StatusCode> {
    let account = ingress.intake.expects(&ingress.deps, Sender::Channel(kind, id)).await?;
    let (_place, body) = ingress.body(account, gate.later, body, gate.most).await?;
    let text = String::from_utf8_lossy(&body);
    let payload = clean::json(&text);
    if let Some(identity) = gate.confirmation.and_then(|asks| asks(&payload)) {
        return confirm::answer(ingress, (kind, id), &identity).await.map(IntoResponse::into_response);
    }
    let given = (secret.secret)(&payload).ok_or(StatusCode::UNAUTHORIZED)?;
    let is_right = |known: &Secret| same(&given, secret.of(known));
    let known = ingress.intake.told(&ingress.deps, Sender::Channel(kind, id), is_right).await?;
    match keep(ingress, gate, (kind, id), known, &nobody, &payload, &text).await? {
        StatusCode::OK => Ok(gate.says.into_response()),
        status => Err(status),
    }
}

/// What is not signed proves nothing of another account's key.
fn nobody(_: &Secret) -> bool {
    false
}

/// Keeps what is proved: each piece for the sender it names.
async fn keep(
    ingress: &Ingress,
    gate: &Gate,
    (kind, id): (ChannelKind, ChannelId),
    (account, secret): (AccountId, Secret),
    proves: &(dyn Fn(&Secret) -> bool + Sync),
    payload: &str,
    text: &str,
) -> Result<StatusCode, StatusCode> {
    let (deps, from) = (&ingress.deps, Sender::Channel(kind, id));
    let parts = match gate.parts {
        Some(parts) => parts(payload).ok_or(StatusCode::BAD_REQUEST)?,
        None => {
            let name = (gate.name)(payload, text).ok_or(StatusCode::BAD_REQUEST)?;
            vec![Part { identity: None, each: false, name, person: (gate.person)(payload), payload: payload.to_owned() }]
        }
    };
    let beside =
        if parts.iter().any(|part| part.each) { beside(deps, id).await.map_err(|error| intake::broken(&error))? } else { Vec::new() };
    // One hook may be of several senders: those of the account, and of another one if it is theirs
    // as well (a provider calls one address for all numbers of a business, or of a key).
    let mut senders = HashMap::from([(None, Some((from, secret.clone())))]);
    for identity in parts.iter().filter(|part| !part.each).map(|part| &part.identity) {
        if senders.contains_key(identity) {
            continue;
        }
        let external_id = identity.as_deref().unwrap_or_default();
        let row = hook::whose(&deps.store, &deps.sealer, (id, account), kind, external_id, proves).await;
        let row = row.map_err(|error| intake::broken(&error))?;
        let sender = row.map(|row| (Sender::Channel(row.kind, row.id), row.hook_secret(&deps.sealer)));
        if sender.is_none() {
            tracing::info!(channel.id = %id, "a webhook tells of a sender that is not connected, which is nothing to us");
        }
        senders.insert(identity.clone(), sender);
    }
    let kept = parts.into_iter().flat_map(|Part { identity, each, name, person, payload }| {
        let own = senders.get(&identity).and_then(Option::as_ref).filter(|_| !each);
        let all = own.into_iter().chain(beside.iter().filter(move |_| each));
        let kept =
            all.map(|(from, secret)| ingress.intake.keep(*from, person, secret.expose().to_owned(), Some(name.clone()), payload.clone()));
        kept.collect::<Vec<_>>()
    });
    // All of it or, for the sender, none: what was kept is kept once.
    Ok(join_all(kept).await.into_iter().find(|status| *status != StatusCode::OK).unwrap_or(StatusCode::OK))
}

/// The senders behind the address of a channel, whosever.
async fn beside(deps: &Deps, id: ChannelId) -> sqlx::Result<Vec<(Sender, Secret)>> {
    let Some(row) = channels::find(&deps.store, id).await? else { return Ok(Vec::new()) };
    let rows = hook::of_key(&deps.store, &row).await?;
    Ok(rows.iter().map(|row| (Sender::Channel(row.kind, row.id), row.hook_secret(&deps.sealer))).collect())
}

/// The answer to an update of somebody who cannot be written to yet: our first words. Without them
/// the update is kept all the same.
async fn welcomed(
    deps: &Deps,
    (account, id): (AccountId, ChannelId),
    welcome: Welcome,
    language: Option<String>,
    update: &str,
) -> Response {
    let asked = async { Ok::<_, sqlx::Error>(settings::get(&deps.store, account).await?.zip(channels::find(&deps.store, id).await?)) };
    let (company, row) = match asked.await {
        Ok(Some(found)) => found,
        Ok(None) => return StatusCode::OK.into_response(),
        Err(error) => {
            tracing::warn!(channel.id = %id, %error, "somebody who opened the chat is not welcomed");
            return StatusCode::OK.into_response();
        }
    };
    let language = language.map_or(company.language, |tag| Language::from_tag(&tag));
    let text = texts::phrase(Phrase::Opened, language, &company.name);
    let body = (welcome.body)(update, &Greeting { sender: &row.name, text: &text, button: texts::begin(language) });
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A messenger asks whether the address is ours.
pub async fn challenge(
    State(ingress): State<Arc<Ingress>>,
    Path((kind, id)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<String, StatusCode> {
    let (Some(kind), Ok(id)) = (ChannelKind::named(&kind), id.parse::<ChannelId>()) else { return Err(StatusCode::FORBIDDEN) };
    let asked = registry::gate(kind).challenge.and_then(|challenge| challenge(&query));
    let (secret, answer) = asked.ok_or(StatusCode::FORBIDDEN)?;
    match ingress.intake.admit(&ingress.deps, Sender::Channel(kind, id), &secret).await {
        Ok(_) => Ok(answer),
        Err(StatusCode::UNAUTHORIZED) => Err(StatusCode::FORBIDDEN),
        Err(status) => Err(status),
    }
}
