//! Files that messengers fetch by themselves, at addresses that nobody guesses
//! ([`mms_core::store::public_file`]). An address that is wrong, of another installation, over, or
//! of a file that was forgotten is answered alike.

use std::{
    collections::VecDeque,
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
use mms_core::{
    id::FileId,
    store::{
        file::{self, FileInfo},
        public_file,
    },
};

use super::Ingress;

/// Files that were fetched a moment ago: a campaign's picture is fetched for each recipient. They
/// are kept so shortly that what is forgotten is gone at once.
#[derive(Debug, Default)]
pub struct Recent(Mutex<VecDeque<(Instant, Fetched)>>);

/// A file, ready to be served; cheap to clone.
#[derive(Debug, Clone)]
struct Fetched {
    info: Arc<FileInfo>,
    bytes: Bytes,
}

impl Recent {
    const MOST: usize = 8;
    const LIFE: Duration = Duration::from_secs(20);
    /// A larger one is read each time, bytes.
    const LARGEST: usize = 4 * 1024 * 1024;

    fn of(&self, file: FileId) -> Option<Fetched> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|(since, _)| since.elapsed() < Self::LIFE);
        all.iter().find(|(_, fetched)| fetched.info.id == file).map(|(_, fetched)| fetched.clone())
    }

    fn keep(&self, fetched: &Fetched) {
        if fetched.bytes.len() > Self::LARGEST {
            return;
        }
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
    let Fetched { info, bytes } = match found {
        Ok(Some(found)) if public_file::last(&found.info) == last => found,
        Ok(_) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "a file could not be read, whoever fetches it will come again");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    let seconds = (named.until - deps.now().timestamp()).clamp(0, 24 * 3_600);
    answer(&info, bytes, &headers, seconds)
}

async fn read(ingress: &Ingress, id: FileId) -> sqlx::Result<Option<Fetched>> {
    let store = &ingress.deps.store;
    let Some((account, info)) = public_file::find(store, id).await? else { return Ok(None) };
    let Some(content) = file::content(store, account, id).await? else { return Ok(None) };
    let fetched = Fetched { info: Arc::new(info), bytes: Bytes::from(content) };
    ingress.recent.keep(&fetched);
    Ok(Some(fetched))
}

fn answer(info: &FileInfo, bytes: Bytes, asked: &HeaderMap, seconds: i64) -> Response {
    let tag = format!("\"{}\"", info.sha256.get(..32).unwrap_or(&info.sha256));
    let text = |name: header::HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    // A part of another file than the one it had is of no use to anybody.
    let whole = text(header::IF_RANGE).is_some_and(|of| of != tag);
    let wanted = text(header::RANGE).filter(|_| !whole).map_or(Wanted::Whole, |range| wanted(range, bytes.len()));
    let length = bytes.len();
    let (status, part, range) = match wanted {
        Wanted::Whole => (StatusCode::OK, bytes, None),
        Wanted::Part(part) => {
            let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            (StatusCode::PARTIAL_CONTENT, bytes.slice(part), Some(range))
        }
        Wanted::Nothing => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(format!("bytes */{length}"))),
    };
    let mut response = (status, Body::from(part)).into_response();
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
    use super::*;

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
