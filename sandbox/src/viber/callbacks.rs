//! The webhook of a bot: set by a call that asks the address at once, then signed pushes that want
//! 200 (contract, 6.1 and 6.2).

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    Viber,
    error::{ViberError, ViberResult},
    receipts,
    state::{ALWAYS, ON_DEMAND, State, kinds},
    welcome,
};
use crate::{
    hooks::{Due, Post, Pushes, Queue, Reply, Taken, client_of_hooks, earlier, try_once},
    links::is_safe,
};

/// Pushes to one address at a time.
const AT_A_TIME: usize = 20;

pub(crate) struct Hook {
    pub(crate) url: String,
    /// Kinds asked for; `None` is all.
    pub(crate) types: Option<BTreeSet<String>>,
    pub(crate) send_name: bool,
    pub(crate) send_photo: bool,
}

impl Hook {
    pub(crate) fn wants(&self, kind: &str) -> bool {
        ALWAYS.contains(&kind) || self.types.as_ref().is_none_or(|types| types.contains(kind))
    }

    pub(crate) fn shown(&self) -> Vec<&str> {
        ON_DEMAND.into_iter().chain(ALWAYS).filter(|kind| self.wants(kind)).collect()
    }
}

/// An event on its way.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) user: i64,
    pub(crate) event: Value,
}

/// Lower-case hexadecimal HMAC of the raw body.
pub(crate) fn signature(token: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else { return String::new() };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// A signed push to an address.
fn signed(state: &State, bot: i64, user: Option<i64>, token: &str, url: &str, event: &Value) -> Post {
    let body = event.to_string();
    let sig = signature(token, body.as_bytes());
    let (url, headers) = if state.settings.signature_in_query {
        let mark = if url.contains('?') { '&' } else { '?' };
        (format!("{url}{mark}sig={sig}"), Vec::new())
    } else {
        (url.to_owned(), vec![("X-Viber-Content-Signature", sig)])
    };
    let within = Duration::from_millis(state.settings.answer_within_ms);
    Post { url, headers, body, within, bot: Some(bot), chat: user }
}

/// One try of a push.
pub struct Push {
    bot: i64,
    generation: u64,
    post: Post,
    taken: Taken<Told>,
}

impl Pushes for State {
    type Push = Push;

    fn look(&mut self, (): &(), now: DateTime<Utc>) -> Due<Push> {
        let happened = receipts::run(self, now);
        let mut found = Due { happened, pushes: Vec::new(), next: self.agenda.next() };
        let mut due = Vec::new();
        for bot in self.bots.values_mut() {
            let Some(hook) = &bot.hook else { continue };
            let (taken, next) = bot.queue.take(now, AT_A_TIME);
            found.next = earlier(found.next, next);
            due.extend(taken.into_iter().map(|taken| (bot.id, bot.generation, bot.token.clone(), hook.url.clone(), taken)));
        }
        for (bot, generation, token, url, taken) in due {
            let post = signed(self, bot, Some(taken.item.user), &token, &url, &taken.item.event);
            found.pushes.push(Push { bot, generation, post, taken });
        }
        found
    }

    fn post(push: &Push) -> Post {
        push.post.clone()
    }

    fn pushed(&mut self, (): &(), push: Push, reply: Option<Reply>, now: DateTime<Utc>) {
        let (pauses, attempts) = (self.settings.retry_seconds.clone(), self.settings.attempts);
        let Some(bot) = self.bots.get_mut(&push.bot).filter(|bot| bot.generation == push.generation) else { return };
        match reply.filter(Reply::is_ok) {
            Some(reply) => {
                bot.queue.done(push.taken.serial);
                if push.taken.item.event["event"] == "conversation_started" {
                    welcome::answered(self, push.bot, push.taken.item.user, &reply.body);
                }
            }
            None => {
                let gone = bot.queue.failed(push.taken.serial, |failures| {
                    let place = usize::try_from(failures).unwrap_or(usize::MAX).min(pauses.len()).saturating_sub(1);
                    let pause = pauses.get(place).and_then(|seconds| i64::try_from(*seconds).ok()).unwrap_or(900);
                    (failures < attempts).then(|| now + TimeDelta::seconds(pause))
                });
                bot.given_up += u64::from(gone);
            }
        }
    }
}

/// `set_webhook`: the address is asked before the call is answered.
pub(crate) async fn set(viber: &Viber, bot: i64, body: &Value) -> ViberResult {
    let url = body["url"].as_str().ok_or_else(|| ViberError::missing("url"))?;
    if url.is_empty() {
        let mut state = viber.state();
        let bot = state.bot_mut(bot)?;
        (bot.hook, bot.queue, bot.generation) = (None, Queue::default(), bot.generation + 1);
        // The vendor's own client reads the list then, too.
        return Ok(json!({ "event_types": [] }));
    }
    let types = kinds(&body["event_types"])?;
    if !is_safe(url) {
        return Err(ViberError::new(1));
    }
    let post = {
        let mut state = viber.quiet();
        let (event, token) = (state.token(), state.bot_mut(bot)?.token.clone());
        let event = json!({ "event": "webhook", "timestamp": state.now().timestamp_millis(), "message_token": event });
        signed(&state, bot, None, &token, url, &event)
    };
    let reply = try_once(viber, client_of_hooks().as_ref(), post).await;
    if !reply.is_some_and(|reply| reply.is_ok()) {
        return Err(ViberError::new(1));
    }
    let flag = |name: &str| body[name] == true;
    let hook = Hook { url: url.to_owned(), types, send_name: flag("send_name"), send_photo: flag("send_photo") };
    let shown = json!(hook.shown());
    let mut state = viber.state();
    let now = state.now();
    let bot = state.bot_mut(bot)?;
    // What waits goes to the new address.
    bot.queue.restart(now);
    (bot.hook, bot.generation) = (Some(hook), bot.generation + 1);
    Ok(json!({ "event_types": shown }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn bodies_are_signed_with_the_bots_token() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?"), expected);
    }
}
