//! No company takes the whole ingress: of the webhooks under way at a time, and of the large files
//! being fetched, each has a share. Whoever has all of theirs is asked to come again, where the
//! sender does that by itself; else it waits for its turn, and is taken then.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use chrono::TimeDelta;
use mms_core::{channel::gate::Later, clock::Moment, id::AccountId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// After so long whoever was refused may come again.
const AGAIN: TimeDelta = TimeDelta::seconds(5);

/// What each company may have under way. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shares {
    /// At a time.
    most: usize,
    /// And so many may wait for one of these.
    waiting: usize,
    own: Arc<Mutex<HashMap<AccountId, Arc<Own>>>>,
}

/// A company's.
#[derive(Debug)]
struct Own {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place that is given back when it is dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "its end gives the place back")] OwnedSemaphorePermit);

impl Shares {
    /// Half of so many places for each company, and half as many may wait for one: a quarter is
    /// left to others.
    #[must_use]
    pub fn of(places: usize) -> Self {
        Self { most: (places / 2).max(1), waiting: (places / 4).max(1), own: Arc::default() }
    }

    fn own(&self, account: AccountId) -> Arc<Own> {
        let mut all = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Own { free: Arc::new(Semaphore::new(self.most)), waiting: AtomicUsize::new(0) });
        Arc::clone(all.entry(account).or_insert_with(fresh))
    }

    /// A place, if the company has one left.
    #[must_use]
    pub fn try_take(&self, account: AccountId) -> Option<Place> {
        Arc::clone(&self.own(account).free).try_acquire_owned().ok().map(Place)
    }

    /// A place; where the sender does not come again by itself, once there is one.
    ///
    /// # Errors
    /// What to answer: 429 to those who come again ([`refused`]); 503 when too many wait already.
    pub async fn take(&self, account: AccountId, later: Later) -> Result<Place, StatusCode> {
        let own = self.own(account);
        if let Ok(place) = Arc::clone(&own.free).try_acquire_owned() {
            return Ok(Place(place));
        }
        if later != Later::Never {
            return Err(StatusCode::TOO_MANY_REQUESTS);
        }
        if own.waiting.fetch_add(1, Ordering::SeqCst) >= self.waiting {
            own.waiting.fetch_sub(1, Ordering::SeqCst);
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        // Whoever hangs up waits no more.
        let waits = Waits(Arc::clone(&own));
        let place = Arc::clone(&own.free).acquire_owned().await;
        drop(waits);
        // Nobody closes the semaphore.
        place.map(Place).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
    }
}

/// Somebody waits for a place.
struct Waits(Arc<Own>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The answer of this status; to whoever is to come again with the time, as they read it.
#[must_use]
pub fn refused(status: StatusCode, later: Later, now: Moment) -> Response {
    let again = match (status, later) {
        (StatusCode::TOO_MANY_REQUESTS, Later::Seconds) => AGAIN.num_seconds().to_string(),
        (StatusCode::TOO_MANY_REQUESTS, Later::Date) => (now + AGAIN).format("%a, %d %b %Y %H:%M:%S GMT").to_string(),
        _ => return status.into_response(),
    };
    let mut response = status.into_response();
    if let Ok(again) = HeaderValue::from_str(&again) {
        response.headers_mut().insert(header::RETRY_AFTER, again);
    }
    response
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_company_has_its_share_and_leaves_the_rest() {
        let shares = Shares { most: 2, ..Shares::of(8) };
        assert_eq!((Shares::of(8).most, shares.waiting, Shares::of(1).most), (4, 2, 1));
        let (one, other) = (AccountId::new(), AccountId::new());
        let first = shares.take(one, Later::Seconds).await.unwrap();
        let second = shares.take(one, Later::Never).await.unwrap();
        assert_eq!(shares.take(one, Later::Seconds).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
        assert!(shares.try_take(one).is_none());
        assert!(shares.take(other, Later::Seconds).await.is_ok(), "another company has its own");
        // Whose sender does not come again waits, a few at a time, and is taken in turn.
        let (mut third, mut fourth) = (Box::pin(shares.take(one, Later::Never)), Box::pin(shares.take(one, Later::Never)));
        assert!((&mut third).now_or_never().is_none() && (&mut fourth).now_or_never().is_none());
        assert_eq!(shares.take(one, Later::Never).await.err(), Some(StatusCode::SERVICE_UNAVAILABLE));
        drop(first);
        let third = third.await.unwrap();
        // One that hung up makes room for the next.
        drop(fourth);
        let mut fifth = Box::pin(shares.take(one, Later::Never));
        assert!((&mut fifth).now_or_never().is_none());
        drop((second, third));
        assert!(fifth.await.is_ok());
    }

    #[test]
    fn each_reads_when_to_come_again_in_its_own_way() {
        let now = "2026-12-01T09:59:58Z".parse::<Moment>().unwrap();
        let said = |status, later| {
            let response = refused(status, later, now);
            assert_eq!(response.status(), status);
            response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned())
        };
        let busy = StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(said(busy, Later::Seconds).as_deref(), Some("5"));
        assert_eq!(said(busy, Later::Date).as_deref(), Some("Tue, 01 Dec 2026 10:00:03 GMT"));
        assert_eq!(said(StatusCode::UNAUTHORIZED, Later::Seconds), None);
    }
}
