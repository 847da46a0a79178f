//! A signal beside each bell. apalis-redis 1.0.0 looks for tasks at an interval, and an idle line
//! that looks ten times a second costs fifty commands a second; so whoever rings publishes the
//! line's name, and the listeners look then.
//!
//! A signal is no bell: one that is lost (nobody was subscribed, the connection broke) costs a
//! listener's heartbeat at most.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use ::redis::Client;
use futures::{
    StreamExt as _,
    channel::mpsc::{Receiver, Sender, channel},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{CONNECTED, Line};
use crate::aside;

/// How long after a signal a listener looks once more: apalis-redis does not begin a look while one
/// is under way, and that one may have ended at the server before the bell came.
const ECHO: Duration = Duration::from_millis(100);
/// Time between two looks of a listener while nothing can be subscribed to.
const BLIND: Duration = Duration::from_secs(1);
/// After this time without a signal they are subscribed to anew. A connection whose other end is
/// gone without a word (a firewall that forgot it, a server that was unplugged) is silent for ever,
/// as one is that nobody rings on.
const SILENCE: Duration = Duration::from_secs(30);

/// What a line's listener waits for.
pub type Heard = Receiver<()>;

/// By [`Line::place`].
type Listeners = [Mutex<Option<Sender<()>>>; Line::ALL.len()];

/// The signals of one server.
#[derive(Debug)]
pub(super) struct Bells {
    listeners: Arc<Listeners>,
}

impl Bells {
    /// Begins to listen; it ends with the last clone of the queue.
    ///
    /// `renewed` changes when connections of its time carry nothing any more.
    pub(super) fn begin(client: Client, channel: String, renewed: watch::Receiver<u64>) -> Self {
        let listeners: Arc<Listeners> = Arc::new([const { Mutex::new(None) }; Line::ALL.len()]);
        aside::task("bells of Redis", listen(client, channel, renewed, Arc::downgrade(&listeners)));
        Self { listeners }
    }

    /// The signals of a line, for its one listener.
    pub(super) fn of(&self, line: Line) -> Heard {
        let (sender, heard) = channel(0);
        *self.listeners[line.place()].lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        heard
    }
}

/// Makes the listener of a line look; `None` means every line's.
fn signal(listeners: &Listeners, line: Option<Line>) {
    for one in Line::ALL.into_iter().filter(|one| line.is_none_or(|line| line == *one)) {
        if let Some(sender) = listeners[one.place()].lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // One that is full says the same already.
            let _ = sender.try_send(());
        }
    }
}

async fn listen(client: Client, channel: String, mut renewed: watch::Receiver<u64>, listeners: Weak<Listeners>) {
    loop {
        let subscribed = async {
            let mut signals = client.get_async_pubsub().await?;
            signals.subscribe(&channel).await?;
            Ok::<_, ::redis::RedisError>(signals)
        };
        if let Ok(Ok(signals)) = timeout(CONNECTED, subscribed).await {
            match hear(signals, &mut renewed, &listeners).await {
                // What was rung meanwhile is looked for once it is subscribed to anew.
                Some(Ended::Silent) => continue,
                Some(Ended::Cut) => {}
                None => return,
            }
        }
        let Some(lines) = listeners.upgrade() else { return };
        signal(&lines, None);
        drop(lines);
        sleep(BLIND).await;
    }
}

/// Why signals come no more.
enum Ended {
    /// The connection was cut.
    Cut,
    /// Nothing came for [`SILENCE`], or other connections of its time carry nothing.
    Silent,
}

/// Passes signals on until the connection ends; `None`: nobody listens any more.
async fn hear(signals: ::redis::aio::PubSub, renewed: &mut watch::Receiver<u64>, listeners: &Weak<Listeners>) -> Option<Ended> {
    renewed.mark_unchanged();
    // What was rung before we were subscribed.
    signal(&*listeners.upgrade()?, None);
    let mut signals = pin!(signals.into_on_message());
    let mut echoes: [Option<Instant>; Line::ALL.len()] = [None; Line::ALL.len()];
    loop {
        let next = echoes.iter().flatten().min().copied();
        tokio::select! {
            message = timeout(SILENCE, signals.next()) => {
                let Ok(message) = message else { return Some(Ended::Silent) };
                let Some(message) = message else { return Some(Ended::Cut) };
                let Some(line) = Line::named(&message.get_payload::<String>().unwrap_or_default()) else { continue };
                echoes[line.place()] = Some(Instant::now() + ECHO);
                signal(&*listeners.upgrade()?, Some(line));
            }
            Ok(()) = renewed.changed() => return Some(Ended::Silent),
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                let (now, lines) = (Instant::now(), listeners.upgrade()?);
                for line in Line::ALL {
                    if echoes[line.place()].take_if(|at| *at <= now).is_some() {
                        signal(&lines, Some(line));
                    }
                }
            }
        }
    }
}
