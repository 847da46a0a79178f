//! `POST`, `GET` and `DELETE /subscriptions`: the webhooks of a bot (contract, 6.1).

use serde_json::{Value, json};

use super::{
    Max,
    error::{ApiError, ApiResult, failure, success},
    params::{self, Params, text},
    state::Subscription,
    updates,
};

/// `https` on its own port. Plain http and any port are taken for loopback, where there is no
/// certificate to check; the rest is the provider's rule. A name that leads to loopback is not
/// asked after.
fn check_url(raw: &str) -> ApiResult<()> {
    let wrong = |why: &str| ApiError::payload(format!("url: {why}"));
    let parsed = url::Url::parse(raw).map_err(|_| wrong("is not a valid URL"))?;
    if !parsed.has_host() {
        return Err(wrong("is not a valid URL"));
    }
    let loopback = crate::links::is_loopback(&parsed);
    match parsed.scheme() {
        "http" | "https" if loopback => Ok(()),
        "https" if parsed.port_or_known_default() == Some(443) => Ok(()),
        "https" => Err(wrong("only port 443 is allowed")),
        _ => Err(wrong("only https is allowed")),
    }
}

pub(crate) fn add(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let object = params.object()?;
    let url = text(&object, "url")?.unwrap_or_default();
    check_url(&url)?;
    let secret = text(&object, "secret")?;
    if let Some(secret) = &secret {
        let allowed = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if !(5..=256).contains(&secret.len()) || !allowed {
            return Err(ApiError::payload("secret: size must be between 5 and 256, of A-Z, a-z, 0-9, _ and -"));
        }
    }
    let types = params::list(&object, "update_types")?.filter(|types| !types.is_empty()).map(|types| {
        let names: Option<Vec<String>> = types.iter().map(|name| name.as_str().map(str::to_owned)).collect();
        names.ok_or_else(|| ApiError::payload("update_types: must be an array of strings")).and_then(updates::kinds)
    });
    let types = types.transpose()?;
    let now = max.clock().now();
    let mut state = max.state();
    let generation = state.fresh();
    let bot = state.bot_mut(bot)?;
    // The same address again is the same subscription, otherwise: what waits for it stays.
    let at = bot.subscriptions.iter().position(|one| one.url == url);
    let before = at.map(|at| bot.subscriptions.remove(at));
    let mut pending = before.map(|before| before.pending).unwrap_or_default();
    pending.restart(now);
    bot.subscriptions.push(Subscription { url, secret, types, since: now, pending, failing_since: None, generation });
    bot.wake.notify_waiters();
    Ok(success())
}

pub(crate) fn list(max: &Max, bot: i64) -> ApiResult {
    let shown = |one: &Subscription| json!({ "url": one.url, "time": one.since.timestamp_millis(), "update_types": one.types });
    let mut state = max.quiet();
    let shown: Vec<Value> = state.bot_mut(bot)?.subscriptions.iter().map(shown).collect();
    Ok(json!({ "subscriptions": shown }))
}

pub(crate) fn remove(max: &Max, bot: i64, params: &Params) -> ApiResult {
    let url = params.text("url").filter(|url| !url.is_empty()).ok_or_else(|| ApiError::payload("url: is required"))?;
    let mut state = max.state();
    let bot = state.bot_mut(bot)?;
    let before = bot.subscriptions.len();
    bot.subscriptions.retain(|one| one.url != url);
    bot.wake.notify_waiters();
    if bot.subscriptions.len() < before { Ok(success()) } else { Ok(failure("not.found", "Subscription is not found")) }
}
