//! Files that messengers fetch by themselves, at addresses that nobody guesses
//! ([`mms_core::store::public_file`]). An address that is wrong, of another installation, over, or
//! of a file that was forgotten is answered alike.

use std::{
    collections::VecDeque,
    io,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::stream;
use mms_core::{
    aside,
    id::{AccountId, FileId},
    store::{
        Store,
        file::{self, FileInfo},
        public_file,
    },
};
use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};

use super::{Ingress, share::Shares};

/// Files that were fetched a moment ago: a campaign's picture is fetched for each recipient. They
/// are kept so shortly that what is forgotten is gone at once.
#[derive(Debug, Default)]
pub struct Recent(Mutex<VecDeque<(Instant, Fetched)>>);

/// A file, ready to be served; cheap to clone.
#[derive(Debug, Clone)]
struct Fetched {
    info: Arc<FileInfo>,
    content: Content,
}

#[derive(Debug, Clone)]
enum Content {
    /// All of it.
    Whole(Bytes),
    /// A large file of this account: read as it is sent ([`Large`]).
    Large(AccountId),
}

/// Files that are too large to be held whole for whoever reads slowly: a few at a time, read from
/// the database piece by piece.
#[derive(Debug)]
pub struct Large {
    seats: Arc<Semaphore>,
    /// What of them a company may have: three of four.
    shares: Shares,
    /// How long one may take.
    lasts: Duration,
}

impl Default for Large {
    fn default() -> Self {
        Self::of(Self::AT_ONCE, Self::LASTS)
    }
}

impl Large {
    fn of(seats: usize, lasts: Duration) -> Self {
        Self { seats: Arc::new(Semaphore::new(seats)), shares: Shares::of(seats + seats / 2), lasts }
    }

    /// So many pieces are held at the same time.
    const AT_ONCE: usize = 8;
    /// 20 MB at 170 KB a second. Messengers' servers take them in a second or two.
    const LASTS: Duration = Duration::from_secs(120);
    /// What is read in one statement, bytes: each reads the whole file within the database.
    const PIECE: usize = Recent::LARGEST;
    /// What the connection is given at once, bytes: all that one keeps whose reader has gone to
    /// sleep.
    const SIP: usize = 64 * 1024;
    /// What whoever finds every seat taken is asked to wait, seconds.
    const AGAIN: &'static str = "3";

    /// A part of a file as a body; `None`: every seat is taken, or every one that the company may
    /// have. A body that is cut off is shorter than it was told to be, which the reader sees.
    fn body(&self, store: &Store, account: AccountId, file: FileId, part: Range<usize>) -> Option<Body> {
        let seat = (self.shares.try_take(account)?, Arc::clone(&self.seats).try_acquire_owned().ok()?);
        let (send, mut sips) = mpsc::channel::<io::Result<Bytes>>(1);
        let (store, lasts) = (store.clone(), self.lasts);
        aside::task("a large file", async move {
            let fed = timeout(lasts, feed(&store, account, file, part, &send)).await;
            drop(seat);
            let cut = match fed {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error,
                Err(_) => io::Error::new(io::ErrorKind::TimedOut, "a file was read too slowly"),
            };
            // Full: the reader sees it by the length.
            drop(send.try_send(Err(cut)));
        });
        Some(Body::from_stream(stream::poll_fn(move |cx| sips.poll_recv(cx))))
    }
}

/// Hands a part of a file over, sip by sip, as fast as it is read.
async fn feed(store: &Store, account: AccountId, file: FileId, part: Range<usize>, to: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut at = part.start;
    while at < part.end {
        let range = at..part.end.min(at + Large::PIECE);
        let piece = file::part(store, account, file, range).await.map_err(io::Error::other)?;
        // It was forgotten meanwhile.
        let piece = piece.filter(|piece| !piece.is_empty()).ok_or(io::ErrorKind::UnexpectedEof)?;
        at += piece.len();
        for sip in piece.chunks(Large::SIP) {
            to.send(Ok(Bytes::copy_from_slice(sip))).await.map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
    }
    Ok(())
}

impl Recent {
    const MOST: usize = 8;
    const LIFE: Duration = Duration::from_secs(20);
    /// A larger one is read each time as it is sent, bytes.
    const LARGEST: usize = 4 * 1024 * 1024;

    fn of(&self, file: FileId) -> Option<Fetched> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(since, _)| since.elapsed() < Self::LIFE);
        all.iter().find(|(_, fetched)| fetched.info.id == file).map(|(_, fetched)| fetched.clone())
    }

    fn keep(&self, fetched: &Fetched) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back((Instant::now(), fetched.clone()));
        if all.len() > Self::MOST {
            all.pop_front();
        }
    }
}

/// `GET /media/<token>/file.<ending>`.
pub async fn file(State(ingress): State<Arc<Ingress>>, Path((token, last)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let (deps, now) = (&ingress.deps, ingress.deps.now());
    let Some(named) = ingress.public.named(&token, now) else { return StatusCode::NOT_FOUND.into_response() };
    let found = match ingress.recent.of(named.file) {
        Some(found) => Ok(Some(found)),
        None => read(&ingress, named.file).await,
    };
    let Fetched { info, content } = match found {
        Ok(Some(found)) if public_file::last(&found.info) == last => found,
        Ok(_) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file could not be read, whoever fetches it will come again");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let tag = format!("\"{}\"", info.sha256.get(..32).unwrap_or(&info.sha256));
    let length = usize::try_from(info.size).unwrap_or_default();
    let wanted = asked(&headers, &tag, length);
    let part = match &wanted {
        Wanted::Whole => 0..length,
        Wanted::Part(part) => part.clone(),
        Wanted::Nothing => 0..0,
    };
    let sent = part.len();
    let body = match content {
        Content::Whole(bytes) => Body::from(bytes.slice(part)),
        Content::Large(_) if part.is_empty() => Body::empty(),
        Content::Large(account) => match ingress.large.body(&deps.store, account, info.id, part) {
            Some(body) => body,
            None => return (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, Large::AGAIN)]).into_response(),
        },
    };
    let seconds = (named.until - deps.now().timestamp()).clamp(0, 24 * 3_600);
    let mut response = answer(&info, body, &wanted, tag, seconds);
    // Of a body that comes in sips nobody else knows it.
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(sent));
    response
}

async fn read(ingress: &Ingress, id: FileId) -> sqlx::Result<Option<Fetched>> {
    let store = &ingress.deps.store;
    let Some((account, info)) = public_file::find(store, id).await? else { return Ok(None) };
    let info = Arc::new(info);
    if usize::try_from(info.size).is_ok_and(|size| size > Recent::LARGEST) {
        return Ok(Some(Fetched { info, content: Content::Large(account) }));
    }
    let Some(content) = file::content(store, account, id).await? else { return Ok(None) };
    let fetched = Fetched { info, content: Content::Whole(Bytes::from(content)) };
    ingress.recent.keep(&fetched);
    Ok(Some(fetched))
}

/// What a request asks for of a file of this mark and length.
fn asked(headers: &HeaderMap, tag: &str, length: usize) -> Wanted {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // A part of another file than the one it had is of no use to anybody.
    let whole = text(header::IF_RANGE).is_some_and(|of| of != tag);
    text(header::RANGE).filter(|_| !whole).map_or(Wanted::Whole, |range| wanted(range, length))
}

fn answer(info: &FileInfo, body: Body, wanted: &Wanted, tag: String, seconds: i64) -> Response {
    let length = info.size;
    let (status, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, None),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(format!("bytes {}-{}/{length}", part.start, part.end - 1))),
        Wanted::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, Some(format!("bytes */{length}"))),
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&info.mime).ok().filter(|_| !info.mime.is_empty());
    headers.insert(header::CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static("application/octet-stream")));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // What a browser would run is saved, and never shown on this address.
    let shown = ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"].contains(&info.mime.as_str());
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(if shown { "inline" } else { "attachment" }));
    let told =
        [(header::ETAG, Some(tag)), (header::CACHE_CONTROL, Some(format!("public, max-age={seconds}"))), (header::CONTENT_RANGE, range)];
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    response
}

/// What is asked for of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<usize>),
    /// Nothing that there is.
    Nothing,
}

/// One range of bytes, as RFC 9110 has it (14.1.2); of several, or of what is no range, the whole.
fn wanted(range: &str, length: usize) -> Wanted {
    let Some((from, to)) = range.strip_prefix("bytes=").filter(|range| !range.contains(',')).and_then(|range| range.trim().split_once('-'))
    else {
        return Wanted::Whole;
    };
    let number = |text: &str| text.trim().parse::<usize>();
    let part = match (number(from), number(to)) {
        (Ok(from), Ok(to)) if from <= to => from..to.saturating_add(1).min(length),
        (Ok(from), Err(_)) if to.trim().is_empty() => from..length,
        (Err(_), Ok(last)) if from.trim().is_empty() => length.saturating_sub(last)..length,
        _ => return Wanted::Whole,
    };
    if part.start < part.end { Wanted::Part(part) } else { Wanted::Nothing }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use futures::StreamExt as _;
    use mms_core::{both, clock, testing};

    use super::*;

    // Each request read a file of 20 MB whole, for one byte of it too, and held it for as long as
    // its reader took.
    both!(async fn a_large_file_is_read_as_it_is_sent_by_a_few_and_not_for_long(store) {
        let now = clock::now();
        let content: Vec<u8> = (0..Recent::LARGEST + 1_000_000).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let account = testing::found(&store, "anna", "korova na lune", now).await.account;
        let mut tx = store.begin().await.unwrap();
        let kept = file::put(&mut tx, account, "a.mp4", "video/mp4", &content, now).await.unwrap().id;
        tx.commit().await.unwrap();
        let all = Large::of(1, Duration::from_secs(60));
        for part in [0..content.len(), 7..8, Recent::LARGEST - 3..Recent::LARGEST + 3, content.len() - 1..content.len()] {
            let body = all.body(&store, account, kept, part.clone()).expect("the seat was given back");
            // What is handed over in one piece may have gone by now.
            assert!(part.len() < Large::PIECE || all.body(&store, account, kept, 0..1).is_none(), "one at a time");
            assert_eq!(to_bytes(body, usize::MAX).await.unwrap().as_ref(), &content[part]);
            drop(all.seats.acquire().await.unwrap());
        }
        // Whoever goes away gives the seat back, and so does whoever reads too slowly: their body
        // breaks off.
        drop(all.body(&store, account, kept, 0..content.len()).unwrap());
        drop(all.seats.acquire().await.unwrap());
        let short = Large::of(1, Duration::from_millis(300));
        let slow = short.body(&store, account, kept, 0..content.len()).unwrap();
        drop(short.seats.acquire().await.unwrap());
        let sips = slow.into_data_stream().filter_map(|sip| std::future::ready(sip.ok()));
        let read = sips.fold(0, async |read, sip| read + sip.len()).await;
        assert!(read < content.len(), "{read}");
    });

    #[test]
    fn ranges() {
        let part = |range: Range<usize>| Wanted::Part(range);
        for (asked, expected) in [
            ("bytes=0-3", part(0..4)),
            ("bytes=4-", part(4..10)),
            ("bytes=-3", part(7..10)),
            ("bytes=-30", part(0..10)),
            ("bytes=8-800", part(8..10)),
            ("bytes=0-18446744073709551615", part(0..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("lines=0-3", Wanted::Whole),
            ("", Wanted::Whole),
        ] {
            assert_eq!(wanted(asked, 10), expected, "{asked}");
        }
        assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
    }
}
