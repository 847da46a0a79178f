//! Events of a messenger. The order is kept per person: when one event is put off, what the same
//! person did after it waits, and nobody else's does. Only an opt-out waits for nothing.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use futures::FutureExt as _;
use mms_core::{
    account::settings,
    campaign::reviewed,
    channel::{self, Channel, ChannelKind, Event, EventKind, Profile, registry, store::ChannelError},
    clock,
    id::{ChannelId, InboundId},
    inbound::{self, Answered, ChannelSource, Handled, Pressed, RawEvent, conversation, raw},
    pace::Beside,
    queue::Job,
    secret::Secret,
};
use std::sync::Arc;
use tokio::task::JoinSet;

use super::beside;
use crate::{Deps, paced::Paced};

/// Rows looked at in one reading.
const PAGE: i64 = 200;
/// How long one job works before it rings again, so that no source keeps a worker for itself.
const WORK_FOR: Duration = Duration::from_secs(20);

/// Handles what waits from a channel.
///
/// # Errors
/// What kept it from its end; every row keeps what was done.
pub async fn run(deps: &Deps, channel: ChannelId) -> anyhow::Result<()> {
    let row = channel::store::find(&deps.store, channel).await?.with_context(|| format!("channel {channel} is not there"))?;
    let settings = settings::get(&deps.store, row.account_id).await?.context("the channel's account is not there")?;
    let adapter = match channel::store::load(&deps.store, &deps.sealer, &deps.endpoints, channel).await {
        Ok((_, adapter)) => adapter,
        // A removed channel has no credentials any more, and those of a lost key do not open; but
        // «stop» that came before is still understood.
        Err(ChannelError::NotFound | ChannelError::Sealed(_)) => registry::build(row.kind, &Secret::default(), &deps.endpoints)?,
        Err(error) => return Err(error).context("the channel could not be opened"),
    };
    let source = ChannelSource::new(row.account_id, channel, adapter.capabilities(), &settings);
    let paced = deps.paces.of(&row, adapter.capabilities());
    let mut work = Work {
        deps,
        source,
        kind: row.kind,
        adapter,
        waiting: HashSet::new(),
        deliver: false,
        write_back: HashSet::new(),
        presses: JoinSet::new(),
        paced,
        introduced: HashMap::new(),
    };
    let outcome = work.all().await;
    if work.deliver {
        deps.queue.ring(Job::Deliver { channel }).await;
    }
    for connection in std::mem::take(&mut work.write_back) {
        deps.queue.ring(Job::WriteBack { connection }).await;
    }
    // Asked to stop, nobody waits for them: a person's client stops waiting by itself.
    let answered = async { while work.presses.join_next().await.is_some() {} };
    deps.stop.run_until_cancelled(answered).await;
    if outcome? {
        deps.queue.ring(Job::HandleInbound { source: channel.0 }).await;
    }
    Ok(())
}

/// What came of one event. A panic fails this event alone: left to the job, it would come again
/// with every look, and everybody's «stop» behind it would wait for good.
async fn caught<T, E: ToString>(work: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(outcome) => outcome.map_err(|error| error.to_string()),
        Err(_) => Err("it panicked".to_owned()),
    }
}

struct Work<'a> {
    deps: &'a Deps,
    source: ChannelSource,
    kind: ChannelKind,
    adapter: Arc<dyn Channel>,
    /// People with an event put off: what they did later waits.
    waiting: HashSet<String>,
    deliver: bool,
    write_back: HashSet<mms_core::id::ConnectionId>,
    /// Answers to presses, and changes of what was pressed, on their way.
    presses: JoinSet<()>,
    /// What they go by.
    paced: Arc<Paced>,
    /// How people are called, who were asked for.
    introduced: HashMap<String, Profile>,
}

impl Work<'_> {
    /// Whether time ran out before the rows did.
    async fn all(&mut self) -> anyhow::Result<bool> {
        let began = Instant::now();
        let mut after = InboundId(0);
        loop {
            let rows = inbound::waiting(&self.deps.store, self.source.channel.0, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(false) };
            after = last.id;
            let understand = |row: &RawEvent| caught(async { self.adapter.understand(&row.payload) }).now_or_never();
            let mut understood: Vec<Result<Vec<Event>, String>> =
                rows.iter().map(|row| understand(row).unwrap_or_else(|| Err("it was not read".to_owned()))).collect();
            // The receipts of all of them together: a provider sends them by the thousand, and a
            // transaction each would be slow.
            let events: Vec<&Event> = understood.iter().flatten().flatten().collect();
            let news = inbound::news(&self.deps.store, &self.source, &events).await?;
            inbound::receipts(&self.deps.store, &self.source, &news, clock::now()).await?;
            self.introduce(understood.iter_mut().flatten().flatten()).await;
            for event in understood.iter().flatten().flatten() {
                if let EventKind::Template(news) = &event.kind {
                    // What was not taken a look finds; people's words do not wait for it.
                    if let Err(error) = reviewed::told(&self.deps.store, self.source.account, self.kind, news, clock::now()).await {
                        tracing::error!(channel.id = %self.source.channel, %error, "a provider's news of a template was not taken");
                    }
                }
            }
            for (row, events) in rows.iter().zip(understood) {
                if self.deps.stop.is_cancelled() {
                    return Ok(false);
                }
                if began.elapsed() > WORK_FOR {
                    return Ok(true);
                }
                self.one(row, events).await?;
            }
            // Bells of a long page are rung before the next one.
            if std::mem::take(&mut self.deliver) {
                self.deps.queue.ring(Job::Deliver { channel: self.source.channel }).await;
            }
        }
    }

    /// Asks how people are called whom the messenger's events do not name.
    async fn introduce(&mut self, events: impl Iterator<Item = &mut Event>) {
        // Only who does something here may become somebody.
        let acts = |kind: &EventKind| matches!(kind, EventKind::Started(_) | EventKind::Text { .. } | EventKind::Media { .. });
        let nameless: Vec<&mut Event> = events.filter(|event| event.profile == Profile::default() && acts(&event.kind)).collect();
        let mut people: Vec<String> = nameless.iter().map(|event| event.from.clone()).collect();
        people.sort_unstable();
        people.dedup();
        people.retain(|person| !self.introduced.contains_key(person));
        if !people.is_empty() {
            self.introduced.extend(self.adapter.introduce(&people).await);
        }
        for event in nameless {
            if let Some(profile) = self.introduced.get(&event.from) {
                event.profile.clone_from(profile);
            }
        }
    }

    async fn one(&mut self, row: &RawEvent, understood: Result<Vec<Event>, String>) -> anyhow::Result<()> {
        let now = clock::now();
        let events: Vec<Event> = match understood {
            Ok(events) => events,
            Err(error) => {
                // It will read no better later: the members are told now, for there may be an
                // opt-out in it.
                tracing::error!(inbound.id = %row.id, channel.id = %self.source.channel, %error, "an event was not understood, it is given up");
                raw::unreadable(&self.deps.store, row, &error, now).await?;
                return Ok(());
            }
        };
        let put_off = row.due_at > now;
        // An opt-out waits behind nothing: what the person did before it says nothing to them any
        // more, whenever it is handled.
        let behind = events.iter().any(|event| self.waiting.contains(&event.from) && !conversation::ends_it(&event.kind));
        if put_off || behind {
            self.wait_for(&events);
            return Ok(());
        }
        match caught(inbound::handle(&self.deps.store, &self.source, row, &events, now)).await {
            Ok(Handled::Done(aftermath)) => {
                if aftermath.opted_out {
                    let lag = (clock::now() - row.received_at).as_seconds_f64().max(0.0);
                    metrics::histogram!("mms_opt_out_seconds").record(lag);
                }
                self.deliver |= aftermath.deliver;
                self.write_back.extend(aftermath.write_back);
                for Answered { to, message_ref } in aftermath.answered {
                    let (adapter, paced) = (Arc::clone(&self.adapter), Arc::clone(&self.paced));
                    self.presses.spawn(async move {
                        let take = || adapter.take_buttons(&message_ref);
                        // Buttons that stay do no harm: a second press is told that it is recorded
                        // already.
                        if let Err(error) = beside::paced(paced, Beside::Edit, &to, take).await {
                            tracing::debug!(%error, "the buttons of an answered question stay");
                        }
                    });
                }
                for Pressed { from, query, words } in aftermath.presses {
                    let (adapter, paced) = (Arc::clone(&self.adapter), Arc::clone(&self.paced));
                    self.presses.spawn(async move {
                        let answer = || adapter.answer_press(&query, &words);
                        // Too late is no harm: the person's client stops waiting by itself.
                        if let Err(error) = beside::paced(paced, Beside::Answer, &from, answer).await {
                            tracing::debug!(%error, "a press was not answered");
                        }
                    });
                }
            }
            Ok(Handled::Before) => {}
            Ok(Handled::PutOff) => self.wait_for(&events),
            Err(error) => {
                tracing::error!(inbound.id = %row.id, channel.id = %self.source.channel, attempt = row.attempt, %error, "an event was not handled");
                raw::failed(&self.deps.store, row, &error, self.deps.retry.inbound, now).await?;
                self.wait_for(&events);
            }
        }
        Ok(())
    }

    fn wait_for(&mut self, events: &[Event]) {
        self.waiting.extend(events.iter().map(|event| event.from.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_event_that_panics_fails_alone() {
        assert_eq!(caught(async { Ok::<_, String>(7) }).await, Ok(7));
        assert_eq!(caught(async { Err::<i32, _>("broken") }).await, Err("broken".to_owned()));
        let poison = async { Ok::<i32, String>(std::hint::black_box(None).expect("poison")) };
        assert_eq!(caught(poison).await, Err("it panicked".to_owned()));
    }
}
