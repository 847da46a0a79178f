//! Serves HTTP/1.1 to callers that may be slow, many or hostile.
//!
//! What a caller may hold of the process is bounded: connections by number and by age, a request's
//! head by time and size, and its body by [`body`], which a handler calls once it knows who is
//! asking. Who comes while every connection is taken waits at the listener, where the system keeps
//! them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header},
    middleware,
    response::Response,
};
use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::settings::Limits;

/// Most bytes of a request's head.
const MAX_HEAD: usize = 32 * 1024;
/// How long the request under way has when its connection has come to its age: the OAuth redirect
/// asks the CRM.
const LAST_REQUEST: Duration = Duration::from_secs(40);
/// How long requests under way have when the process stops.
const FAREWELL: Duration = Duration::from_secs(5);
/// The pause after the system refused a connection: out of descriptors, most likely.
const AFTER_ERROR: Duration = Duration::from_millis(50);

/// Serves `app` until `stop`.
///
/// # Errors
/// None by itself: a connection that fails is its caller's loss.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) -> anyhow::Result<()> {
    let app = app.layer(middleware::map_response(guard));
    let (seats, connections) = (Arc::new(Semaphore::new(limits.connections)), TaskTracker::new());
    // Ends with an error only when the semaphore is closed, and nobody closes it.
    while let Some(Ok(seat)) = stop.run_until_cancelled(Arc::clone(&seats).acquire_owned()).await {
        match stop.run_until_cancelled(listener.accept()).await {
            None => break,
            Some(Ok((stream, _))) => {
                let (app, stop) = (app.clone(), stop.clone());
                connections.spawn(async move {
                    converse(stream, app, limits, stop).await;
                    drop(seat);
                });
            }
            Some(Err(error)) => {
                tracing::warn!(%error, "a connection was not taken");
                sleep(AFTER_ERROR).await;
            }
        }
    }
    connections.close();
    connections.wait().await;
    Ok(())
}

/// One connection, to its end.
async fn converse(stream: TcpStream, app: Router, limits: Limits, stop: CancellationToken) {
    // Answers are small: without this they wait for the acknowledgement of what went before.
    drop(stream.set_nodelay(true));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(MAX_HEAD);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    tokio::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => return note(ended),
        () = sleep(limits.age) => {}
        () = stop.cancelled() => {}
    }
    connection.as_mut().graceful_shutdown();
    let stopped = async {
        stop.cancelled().await;
        sleep(FAREWELL).await;
    };
    tokio::select! {
        ended = connection => note(ended),
        () = sleep(LAST_REQUEST) => {}
        () = stopped => {}
    }
}

fn note(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// The body of a request, up to `most` bytes.
///
/// # Errors
/// What to answer: 413 when it is longer, 408 when it takes longer than [`Limits::body`].
pub async fn body(body: Body, most: usize, limits: Limits) -> Result<Bytes, StatusCode> {
    match timeout(limits.body, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

/// What browsers are told with every answer: it is what it says it is, it loads nothing, no page
/// may frame it, its address (an OAuth code is in one) is told to nobody, and nobody keeps it.
async fn guard(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests;
