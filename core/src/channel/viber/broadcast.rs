//! The same words to several people in one call (contracts/messengers/viber.md, 2.4). Viber must
//! have allowed the bot that, and no method tells whether it did: a refusal (19, 20) says that it
//! did not, and from then on every message goes by itself. Nothing of the refused call was sent.
//!
//! One token names the message of all of them; whoever is not in `failed_list` was taken.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{CALL, LEAST, Viber, classify, understand, wire};
use crate::channel::{Outbound, SendError, Sent, lease};

/// People of one call.
pub(super) const PEOPLE: usize = 300;
/// After a refusal it is tried again so much later: the right may have been given meanwhile.
const AGAIN: Duration = Duration::from_secs(24 * 3_600);
/// Messages that are said in words after one call, for devices that are too old: each is a call of
/// its own, and the pace knows of one.
const IN_WORDS: usize = 3;
/// What Viber puts the recipient's own words in place of: an author who writes so means something
/// else.
const PLACEHOLDER: &str = "replace_me_with_";

/// Whether the bot may do it, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Allowed(Mutex<Option<Instant>>);

impl Allowed {
    pub(super) fn is_so(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() > AGAIN)
    }

    fn refused(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// Whether these messages are one broadcast: of one series, with the same content.
pub(super) fn is_one(batch: &[Outbound]) -> bool {
    let [first, others @ ..] = batch else { return false };
    let same = |one: &Outbound| one.series.is_some() && one.series == first.series && one.content == first.content;
    !others.is_empty() && batch.len() <= PEOPLE && others.iter().all(same)
}

impl Viber {
    /// One call for all of them.
    pub(super) async fn broadcast(&self, batch: &[Outbound]) -> Vec<Result<Sent, SendError>> {
        match self.broadcast_to(batch).await {
            Ok(results) => results,
            Err(error) => vec![Err(error); batch.len()],
        }
    }

    /// An error is everybody's.
    async fn broadcast_to(&self, batch: &[Outbound]) -> Result<Vec<Result<Sent, SendError>>, SendError> {
        let began = Instant::now();
        let left = || CALL.saturating_sub(began.elapsed());
        let Some(first) = batch.first() else { return Ok(Vec::new()) };
        let (free, from, tag) = (first.free()?, self.name().await?, &self.credentials.tag);
        let people: Vec<&str> = batch.iter().map(|message| message.to.as_str()).collect();
        let body = wire::broadcast(from, tag, &people, free)?;
        // So rare that a day of messages one by one does no harm.
        if body.to_string().contains(PLACEHOLDER) {
            return Err(self.apart("the words would be changed".to_owned()));
        }
        lease::still_ours()?;
        let answer = self.call("broadcast_message", &body, left()).await.map_err(|error| match error {
            SendError::Misconfigured(why) if classify::is_about_broadcasts(&why) => self.apart(why),
            other => self.limits.widen_all(other),
        })?;
        let failed: BTreeMap<&str, &Value> =
            answer["failed_list"].as_array().into_iter().flatten().filter_map(|one| Some((one["receiver"].as_str()?, one))).collect();
        let token = understand::token(&answer);
        let mut results = Vec::with_capacity(batch.len());
        let mut in_words = 0;
        for message in batch {
            let to = message.to.as_str();
            let Some(refusal) = failed.get(to).and_then(|one| classify::of_one(one)) else {
                self.limits.taken(to);
                let message_ref = token.map(|token| understand::reference(token, to)).unwrap_or_default();
                results.push(Ok(Sent { message_ref, ..Sent::default() }));
                continue;
            };
            results.push(Err(match refusal {
                old if classify::wants_less(&old) && in_words < IN_WORDS && left() > LEAST => {
                    in_words += 1;
                    let envelope = wire::Envelope { to, from, tag, client: message.client_id };
                    results.push(self.say_in_words(&envelope, free, left()).await);
                    continue;
                }
                // Their turn comes, a few with each call.
                old if classify::wants_less(&old) => SendError::RetryAfter { after: classify::FIRST, whole_channel: false },
                other => self.limits.widen(to, other),
            }));
        }
        Ok(results)
    }

    /// Each of them goes by itself from now on.
    fn apart(&self, why: String) -> SendError {
        self.together.refused();
        SendError::Apart(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        channel::{Content, Free},
        text::Rich,
    };

    fn message(series: Option<i64>, text: &str) -> Outbound {
        let content = Content::Free(Free { body: Rich::plain(text), ..Free::default() });
        Outbound { client_id: 7, series, to: "kX93hFq0aB7cDe==".to_owned(), content, paid: false }
    }

    #[test]
    fn only_the_same_words_of_one_series_go_together() {
        let one = || message(Some(1), "Мы открылись");
        assert!(is_one(&[one(), one()]));
        for other in [message(Some(2), "Мы открылись"), message(None, "Мы открылись"), message(Some(1), "Мы переехали")]
        {
            assert!(!is_one(&[one(), other]));
        }
        assert!(!is_one(&[]) && !is_one(&[one()]) && !is_one(&vec![one(); PEOPLE + 1]));
        assert!(!is_one(&[message(None, "Да"), message(None, "Да")]));
    }
}
