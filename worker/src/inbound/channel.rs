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
    delivery::{daily, outcome::Refused},
    id::{ChannelId, InboundId},
    inbound::{self, Answered, ChannelSource, Handled, Pressed, RawEvent, conversation, raw},
    pace::Beside,
    queue::Job,
    secret::Secret,
};
use std::sync::Arc;

use super::beside;
use crate::{Deps, breaker, paced::Paced};

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

/// What a row says; `Err`: it cannot be read.
type Understood = Result<Vec<Event>, String>;

/// Rows with what they say.
type Rows<'a> = Vec<(&'a RawEvent, Understood)>;

/// What rows say. An opt-out waits behind nothing: the rows of whoever has one among these stand by
/// themselves and come first, with what they did before it, ahead of everybody else's receipts and
/// of asking for names.
fn leaving_first<'a>(adapter: &dyn Channel, rows: &'a [RawEvent]) -> (Rows<'a>, Rows<'a>) {
    let understand = |row: &RawEvent| caught(async { adapter.understand(&row.payload) }).now_or_never();
    let understood: Vec<Understood> = rows.iter().map(|row| understand(row).unwrap_or_else(|| Err("it was not read".to_owned()))).collect();
    let ends = |event: &&Event| conversation::ends_it(&event.kind);
    let leaving: HashSet<String> = understood.iter().flatten().flatten().filter(ends).map(|event| event.from.clone()).collect();
    let leaves = |understood: &Understood| understood.iter().flatten().any(|event| leaving.contains(&event.from));
    rows.iter().zip(understood).partition(|(_, understood)| leaves(understood))
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
    /// What answers to presses, and changes of what was pressed, go by.
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
            let (first, mut others) = leaving_first(self.adapter.as_ref(), &rows);
            if let Some(more) = self.page(first, began).await? {
                return Ok(more);
            }
            self.introduce(&mut others).await?;
            if let Some(more) = self.page(others, began).await? {
                return Ok(more);
            }
            // Bells of a long page are rung before the next one.
            if std::mem::take(&mut self.deliver) {
                self.deps.queue.ring(Job::Deliver { channel: self.source.channel }).await;
            }
        }
    }

    /// Handles some rows, in order. `Some`: it ended before they did, with whether there is more to
    /// do.
    async fn page(&mut self, rows: Rows<'_>, began: Instant) -> anyhow::Result<Option<bool>> {
        // The receipts of all of them together: a provider sends them by the thousand, and a
        // transaction each would be slow.
        // What was put off has its own time.
        let now = clock::now();
        let due = |row: &RawEvent| row.due_at <= now;
        let events: Vec<&Event> = rows.iter().filter(|(row, _)| due(row)).flat_map(|(_, events)| events).flatten().collect();
        let mut failed: HashSet<InboundId> = HashSet::new();
        if let Err(error) = caught(self.news(&events)).await {
            // One that cannot be taken keeps nobody else's from being taken.
            tracing::warn!(channel.id = %self.source.channel, %error, "what a messenger told was not taken together, it is taken one by one");
            for (row, events) in &rows {
                let Ok(events) = events else { continue };
                if !due(row) {
                    continue;
                }
                let events: Vec<&Event> = events.iter().collect();
                let Err(error) = caught(self.news(&events)).await else { continue };
                tracing::error!(inbound.id = %row.id, channel.id = %self.source.channel, attempt = row.attempt, %error, "what a messenger told was not taken");
                raw::failed(&self.deps.store, row, &error, self.deps.retry.inbound, clock::now()).await?;
                // What people wrote in the same body waits for it, but for an opt-out.
                if !events.iter().any(|event| conversation::ends_it(&event.kind)) {
                    failed.insert(row.id);
                }
            }
        }
        for (row, events) in rows {
            if self.deps.stop.is_cancelled() {
                return Ok(Some(false));
            }
            if began.elapsed() > WORK_FOR {
                return Ok(Some(true));
            }
            match events {
                Ok(events) if failed.contains(&row.id) => self.wait_for(&events),
                events => self.one(row, events).await?,
            }
        }
        Ok(None)
    }

    /// What a messenger tells of messages, of templates and of the sender.
    async fn news(&mut self, events: &[&Event]) -> anyhow::Result<()> {
        let (store, source) = (&self.deps.store, &self.source);
        inbound::echoes(store, source, events, clock::now()).await?;
        let news = inbound::news(store, source, events).await?;
        let refusals = inbound::receipts(store, source, &news, clock::now()).await?;
        for campaign in refusals.barred {
            reviewed::barred(store, source.account, campaign, source.channel, clock::now()).await?;
        }
        breaker::look(store, source.account, refusals.failed, Refused::Later).await;
        for event in events {
            match &event.kind {
                EventKind::Sender(state) => self.deliver |= channel::hook::sender(store, source.channel, state, clock::now()).await?,
                // What was not taken a look finds; people's words do not wait for it.
                EventKind::Template(news) => {
                    if let Err(error) = reviewed::told(store, source.account, self.kind, news, clock::now()).await {
                        tracing::error!(channel.id = %source.channel, %error, "a provider's news of a template was not taken");
                    }
                }
                EventKind::Senders { account, name, state } => {
                    let of = (account.as_str(), name.as_deref());
                    for channel in channel::hook::senders(store, source.channel, of, state, clock::now()).await? {
                        self.deps.queue.ring(Job::Deliver { channel }).await;
                    }
                }
                EventKind::Daily { account, most } => {
                    daily::told(store, source.account, self.kind, (account, *most), clock::now()).await?;
                    self.deliver = true;
                }
                EventKind::Refused(why) => {
                    tracing::error!(channel.id = %source.channel, error = %why, "the provider refuses the channel, it stops");
                    let mut tx = store.begin().await?;
                    channel::hook::refused(&mut tx, source.channel, why, clock::now()).await?;
                    tx.commit().await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Asks how people are called whom neither the messenger's events nor we name.
    async fn introduce(&mut self, rows: &mut [(&RawEvent, Understood)]) -> anyhow::Result<()> {
        // Only who does something here may become somebody, or may have stayed without a name.
        let acts = |kind: &EventKind| {
            matches!(kind, EventKind::Started(_) | EventKind::Text { .. } | EventKind::Media { .. } | EventKind::Press { .. })
        };
        let events = rows.iter_mut().flat_map(|(_, events)| events.iter_mut().flatten());
        let nameless: Vec<&mut Event> = events.filter(|event| event.profile == Profile::default() && acts(&event.kind)).collect();
        let mut people: Vec<String> = nameless.iter().map(|event| event.from.clone()).collect();
        people.sort_unstable();
        people.dedup();
        people.retain(|person| !self.introduced.contains_key(person));
        if !people.is_empty() {
            let named = inbound::named(&self.deps.store, &self.source, &people).await?;
            people.retain(|person| !named.contains(person));
        }
        if !people.is_empty() {
            self.introduced.extend(self.adapter.introduce(&people).await);
        }
        for event in nameless {
            if let Some(profile) = self.introduced.get(&event.from) {
                event.profile.clone_from(profile);
            }
        }
        Ok(())
    }

    async fn one(&mut self, row: &RawEvent, understood: Understood) -> anyhow::Result<()> {
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
                    self.beside(async move {
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
                    self.beside(async move {
                        let answer = || adapter.answer_press(&query, &words);
                        // Too late is no harm: the person's client stops waiting by itself.
                        if let Err(error) = beside::paced(paced, Beside::Answer, &from, answer).await {
                            tracing::debug!(%error, "a press was not answered");
                        }
                    });
                }
            }
            Ok(Handled::Before) => {}
            Ok(Handled::Nobodys) => raw::unreadable(&self.deps.store, row, "it names a person whose dialogue is not known", now).await?,
            Ok(Handled::PutOff) => self.wait_for(&events),
            Err(error) => {
                tracing::error!(inbound.id = %row.id, channel.id = %self.source.channel, attempt = row.attempt, %error, "an event was not handled");
                raw::failed(&self.deps.store, row, &error, self.deps.retry.inbound, now).await?;
                self.wait_for(&events);
            }
        }
        Ok(())
    }

    /// Nobody waits for it: neither what other people wrote meanwhile, for a call may take its
    /// time, nor a process that is asked to stop, for a person's client stops waiting by itself.
    fn beside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.deps.stop.clone();
        self.deps.beside.spawn(async move {
            let _ = stop.run_until_cancelled(work).await;
        });
    }

    fn wait_for(&mut self, events: &[Event]) {
        // What is told of messages has no order among people's words.
        let said = events.iter().filter(|event| !matches!(event.kind, EventKind::Receipt(_) | EventKind::Read { .. }));
        self.waiting.extend(said.map(|event| event.from.clone()));
    }
}

#[cfg(test)]
mod tests {
    use mms_core::{config::Endpoints, id::AccountId, inbound::SourceKind};

    use super::*;

    #[test]
    fn whoever_leaves_comes_first_with_what_they_did_before() {
        let adapter = registry::build(ChannelKind::Telegram, &Secret::new("1:token".to_owned()), &Endpoints::default()).expect("built");
        let said = |id: i64, from: i64, text: &str| {
            let person = serde_json::json!({ "id": from, "is_bot": false, "first_name": "Анна" });
            let chat = serde_json::json!({ "id": from, "type": "private", "first_name": "Анна" });
            let message = serde_json::json!({ "message_id": id, "date": 1_780_000_000, "chat": chat, "from": person, "text": text });
            row(id, serde_json::json!({ "update_id": id, "message": message }).to_string())
        };
        let rows = [
            said(1, 77, "Здравствуйте"),
            row(2, "no update".to_owned()),
            said(3, 78, "Пионы есть?"),
            said(4, 79, "Добрый день"),
            said(5, 78, "Стоп"),
            said(6, 79, "/stop"),
        ];
        let (first, others) = leaving_first(adapter.as_ref(), &rows);
        let ids = |rows: Rows<'_>| rows.into_iter().map(|(row, _)| row.id.0).collect::<Vec<_>>();
        assert_eq!((ids(first), ids(others)), (vec![3, 4, 5, 6], vec![1, 2]));
    }

    fn row(id: i64, payload: String) -> RawEvent {
        let now = clock::now();
        RawEvent {
            id: InboundId(id),
            account_id: AccountId::new(),
            source_kind: SourceKind::Channel,
            source_id: ChannelId::new().0,
            external_id: id.to_string(),
            payload,
            attempt: 0,
            due_at: now,
            received_at: now,
        }
    }

    #[tokio::test]
    async fn an_event_that_panics_fails_alone() {
        assert_eq!(caught(async { Ok::<_, String>(7) }).await, Ok(7));
        assert_eq!(caught(async { Err::<i32, _>("broken") }).await, Err("broken".to_owned()));
        let poison = async { Ok::<i32, String>(std::hint::black_box(None).expect("poison")) };
        assert_eq!(caught(poison).await, Err("it panicked".to_owned()));
    }
}
