//! Pushes of a double to its clients' webhooks: what waits, when it is tried, what a fault does to
//! a try, and the task that carries them out by the sandbox's clock.
//!
//! A provider says what is due and what an answer means ([`Pushes`]). Most keep what waits for one
//! address in a `Queue`.

use std::{collections::VecDeque, time::Duration};

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    double::{Double, Provider},
    fault::{Call, Fault, Faults, HOOK, UPDATE},
};

/// What comes due is looked at no oftener than this, so that many changes are one look.
const LOOK: Duration = Duration::from_millis(3);

/// A span as the clock's arithmetic wants it; longer than a century is a century.
pub(crate) fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or_else(|_| TimeDelta::days(36_525))
}

/// A span given in milliseconds.
pub(crate) fn millis(ms: u64) -> TimeDelta {
    span(Duration::from_millis(ms))
}

/// One push of one try.
#[derive(Clone, Debug)]
pub struct Post {
    pub url: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    /// How long the receiver may take for its answer.
    pub within: Duration,
    /// Whose it is, for the rules of faults.
    pub bot: Option<i64>,
    pub chat: Option<i64>,
}

/// What a receiver answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub(crate) fn is_ok(&self) -> bool {
        self.status == 200
    }
}

/// What a double finds when it looks at its clock.
pub struct Due<P> {
    /// Whether anything changed by the look itself.
    pub happened: bool,
    pub pushes: Vec<P>,
    /// When there is something to do next.
    pub next: Option<DateTime<Utc>>,
}

/// A provider that does things by the clock and pushes news to its clients.
pub trait Pushes: Provider {
    /// A try, with what is needed to record how it ended.
    type Push: Send + 'static;

    /// Carries out what is due and gives what is to be pushed now.
    fn look(&mut self, fixed: &Self::Fixed, now: DateTime<Utc>) -> Due<Self::Push>;
    fn post(push: &Self::Push) -> Post;
    /// A try has ended; without a reply the receiver was not reached, or its answer was lost.
    fn pushed(&mut self, fixed: &Self::Fixed, push: Self::Push, reply: Option<Reply>, now: DateTime<Utc>);
}

impl<S: Pushes> Double<S> {
    /// Starts the task that looks and pushes; it ends by itself when the double is gone.
    pub(crate) fn start_pushing(&self) {
        let (weak, mut changes) = (self.downgrade(), self.watch());
        tokio::spawn(async move {
            // Most sandboxes push nothing, and a client takes a while to be made.
            let mut client = None;
            loop {
                let Some(double) = weak.upgrade() else { return };
                changes.mark_unchanged();
                let Due { happened, pushes, next } = {
                    let (fixed, now) = (double.fixed(), double.now());
                    double.quiet().look(fixed, now)
                };
                if happened {
                    // Nobody else tells those who wait for what the clock did.
                    double.touch();
                }
                for push in pushes {
                    let client = client.get_or_insert_with(client_of_hooks).clone();
                    let double = double.clone();
                    tokio::spawn(async move {
                        let reply = try_once(&double, client.as_ref(), S::post(&push)).await;
                        let (fixed, now) = (double.fixed(), double.now());
                        double.state().pushed(fixed, push, reply, now);
                    });
                }
                let clock = double.clock().clone();
                drop(double);
                if !happened {
                    // The second lets the task notice that the double is gone.
                    tokio::select! {
                        _ = changes.changed() => {}
                        () = async { match next { Some(at) => clock.until(at).await, None => std::future::pending().await } } => {}
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                }
                tokio::time::sleep(LOOK).await;
            }
        });
    }
}

/// The client of pushes: this machine only, no redirects; each push has its own timeout.
pub(crate) fn client_of_hooks() -> Option<reqwest::Client> {
    let made = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
    made.inspect_err(|error| tracing::error!(%error, "the webhooks have no HTTP client")).ok()
}

/// One try under the fault drawn for it. Before accepting, the push does not leave; after it, the
/// receiver's answer is lost.
pub(crate) async fn try_once<S: Provider>(double: &Double<S>, client: Option<&reqwest::Client>, post: Post) -> Option<Reply> {
    let drawn = double.faults().draw(Call { service: S::SERVICE, method: HOOK, bot: post.bot, chat: post.chat });
    if !drawn.latency.is_zero() {
        tokio::time::sleep(drawn.latency).await;
    }
    let (leaves, heard) = match drawn.fault {
        None | Some(Fault::Latency { .. } | Fault::DoubleUpdate | Fault::ReorderUpdate | Fault::WithholdUpdate) => (true, true),
        Some(Fault::DropAfter | Fault::Gateway { accepted: true, .. } | Fault::Hang { accepted: true }) => (true, false),
        Some(_) => (false, false),
    };
    let client = client.filter(|_| leaves)?;
    let mut request = client.post(&post.url).timeout(post.within);
    if !post.headers.iter().any(|(name, _)| *name == "Content-Type") {
        request = request.header("Content-Type", "application/json");
    }
    for (name, value) in post.headers {
        request = request.header(name, value);
    }
    let answer = request.body(post.body).send().await.ok()?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = answer.text().await.ok()?;
    heard.then_some(Reply { status, headers, body })
}

/// How an update goes to its bot, by the fault drawn for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Once,
    Twice,
    /// Before the newest of those that wait.
    First,
    /// Not at all, unless it is delivered again.
    Withheld,
}

impl Way {
    pub(crate) fn draw(faults: &Faults, service: &str, bot: i64, chat: i64) -> Self {
        match faults.draw(Call { service, method: UPDATE, bot: Some(bot), chat: Some(chat) }).fault {
            Some(Fault::WithholdUpdate) => Self::Withheld,
            Some(Fault::DoubleUpdate) => Self::Twice,
            Some(Fault::ReorderUpdate) => Self::First,
            _ => Self::Once,
        }
    }

    /// How many times it goes.
    pub(crate) fn times(self) -> usize {
        match self {
            Self::Withheld => 0,
            Self::Twice => 2,
            Self::Once | Self::First => 1,
        }
    }
}

struct Waiting<T> {
    serial: u64,
    item: T,
    failures: u32,
    due: DateTime<Utc>,
    in_flight: bool,
}

/// Something taken for a try.
#[derive(Clone, Debug)]
pub(crate) struct Taken<T> {
    pub(crate) serial: u64,
    pub(crate) item: T,
    /// How many tries failed before this one.
    pub(crate) failures: u32,
}

/// What waits for one address, in order; what fails is overtaken by what comes after it.
pub(crate) struct Queue<T> {
    last: u64,
    waiting: VecDeque<Waiting<T>>,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Self { last: 0, waiting: VecDeque::new() }
    }
}

impl<T: Clone> Queue<T> {
    /// Behind what waits, or before the newest of it that is not being pushed.
    pub(crate) fn put(&mut self, item: T, due: DateTime<Utc>, way: Way) {
        for _ in 0..way.times() {
            self.last += 1;
            let waiting = Waiting { serial: self.last, item: item.clone(), failures: 0, due, in_flight: false };
            let before = self.waiting.iter().rposition(|other| !other.in_flight).filter(|_| way == Way::First);
            self.waiting.insert(before.unwrap_or(self.waiting.len()), waiting);
        }
    }

    /// What may be tried now, at most so many, and when the next of the others may be.
    pub(crate) fn take(&mut self, now: DateTime<Utc>, most: usize) -> (Vec<Taken<T>>, Option<DateTime<Utc>>) {
        let (mut due, mut next) = (Vec::new(), None);
        for waiting in self.waiting.iter_mut().filter(|waiting| !waiting.in_flight) {
            if waiting.due > now {
                next = earlier(next, Some(waiting.due));
            } else if due.len() < most {
                waiting.in_flight = true;
                due.push(Taken { serial: waiting.serial, item: waiting.item.clone(), failures: waiting.failures });
            }
        }
        (due, next)
    }

    /// It has reached its receiver.
    pub(crate) fn done(&mut self, serial: u64) {
        self.waiting.retain(|waiting| waiting.serial != serial);
    }

    /// It has failed. `again` is told how many times by now, and says when the next try is, or that
    /// there is none; then it is gone and the answer is `true`.
    pub(crate) fn failed(&mut self, serial: u64, again: impl FnOnce(u32) -> Option<DateTime<Utc>>) -> bool {
        let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.serial == serial) else { return false };
        (waiting.in_flight, waiting.failures) = (false, waiting.failures.saturating_add(1));
        match again(waiting.failures) {
            Some(due) => waiting.due = due,
            None => self.done(serial),
        }
        !self.waiting.iter().any(|waiting| waiting.serial == serial)
    }

    /// It is tried later, and this was no failure.
    pub(crate) fn later(&mut self, serial: u64, due: DateTime<Utc>) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.serial == serial) {
            (waiting.in_flight, waiting.due) = (false, due);
        }
    }

    /// Everything is due now, as for a new address.
    pub(crate) fn restart(&mut self, now: DateTime<Utc>) {
        for waiting in &mut self.waiting {
            (waiting.in_flight, waiting.due) = (false, now);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing is being pushed.
    #[cfg(test)]
    pub(crate) fn rests(&self) -> bool {
        self.waiting.iter().all(|waiting| !waiting.in_flight)
    }
}

/// The earlier of two moments.
pub(crate) fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_overtaken_and_given_up() {
        let (mut queue, now) = (Queue::default(), Utc::now());
        for (item, way) in [("a", Way::Once), ("b", Way::Withheld), ("c", Way::Twice), ("d", Way::First)] {
            queue.put(item, now, way);
        }
        let (due, next) = queue.take(now, 10);
        assert_eq!(due.iter().map(|taken| taken.item).collect::<Vec<_>>(), ["a", "c", "d", "c"]);
        assert_eq!((next, queue.take(now, 10).0.len()), (None, 0), "what is being pushed is not taken twice");
        queue.done(due[0].serial);
        let later = now + TimeDelta::seconds(60);
        assert!(!queue.failed(due[1].serial, |failures| (failures == 1).then_some(later)));
        assert!(queue.failed(due[2].serial, |_| None));
        queue.restart(now);
        let (again, next) = queue.take(now, 1);
        assert_eq!((again[0].failures, next), (1, None));
        queue.later(again[0].serial, later);
        assert_eq!(queue.take(now, 10).1, Some(later));
        assert_eq!(queue.len(), 2);
    }
}
