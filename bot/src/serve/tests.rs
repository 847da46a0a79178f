use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{
    extract::State,
    routing::{get, post},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Notify,
};

use super::*;

/// A server of `app`, where it listens, and what stops it.
async fn server(app: Router, limits: Limits) -> (std::net::SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(listener, app, limits, stop.clone()));
    (address, stop)
}

async fn said(address: std::net::SocketAddr, words: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(words.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A connection that is reset has ended as well.
    drop(stream.read_to_end(&mut all).await);
    String::from_utf8(all).unwrap()
}

/// The first line of an answer; the connection stays.
async fn status(stream: &mut TcpStream) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(line).unwrap()
}

/// 900 half requests held 677 MB and were all open after 75 s.
#[tokio::test]
async fn half_a_request_is_closed() {
    let short = Duration::from_millis(50);
    let limits = Limits { head: short, body: short, ..Limits::default() };
    let app = |limits| {
        let hook = post(move |given: Body| async move { body(given, 100, limits).await.map(|_| "taken") });
        Router::new().route("/", get(|| async { "hello" })).route("/hook", hook)
    };
    let (address, _stop) = server(app(limits), limits).await;
    for words in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n"] {
        let mut stream = said(address, words).await;
        assert!(!rest(&mut stream).await.contains("200"), "closed: {words:?}");
    }
    let mut half = said(address, "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc").await;
    assert!(status(&mut half).await.contains("408"), "half a body");
    rest(&mut half).await;
    // One that was answered and says nothing more.
    let limits = Limits { body: Duration::from_secs(60), ..limits };
    let (address, _stop) = server(app(limits), limits).await;
    let mut idle = said(address, "POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").await;
    assert!(rest(&mut idle).await.ends_with("taken"));
    let mut long = said(address, &format!("POST /hook HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n{}", "a".repeat(101))).await;
    assert!(status(&mut long).await.contains("413"), "a body that is longer than it may be");
}

/// Who keeps a connection busy does not keep it for ever.
#[tokio::test]
async fn a_connection_has_an_age() {
    let limits = Limits { age: Duration::from_millis(300), ..Limits::default() };
    let (address, _stop) = server(Router::new().route("/", get(|| async { "hello" })), limits).await;
    let mut stream = said(address, "").await;
    let asking = async { while stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.is_ok() && stream.read_u8().await.is_ok() {} };
    timeout(Duration::from_secs(60), asking).await.expect("it is closed");
}

/// How many requests a server is at, how many it was at most, and what lets one go.
#[derive(Clone, Default)]
struct Crowd(Arc<(AtomicUsize, AtomicUsize, Notify)>);

async fn stay(State(Crowd(crowd)): State<Crowd>) -> &'static str {
    let here = crowd.0.fetch_add(1, Ordering::SeqCst) + 1;
    crowd.1.fetch_max(here, Ordering::SeqCst);
    crowd.2.notified().await;
    crowd.0.fetch_sub(1, Ordering::SeqCst);
    "done"
}

#[tokio::test]
async fn one_more_than_all_connections_waits() {
    let crowd = Crowd::default();
    let app = Router::new().route("/", get(stay)).with_state(crowd.clone());
    let limits = Limits { connections: 3, ..Limits::default() };
    let (address, _stop) = server(app, limits).await;
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(said(address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await);
    }
    let answers = tokio::spawn(futures::future::join_all(streams.into_iter().map(|mut stream| async move { rest(&mut stream).await })));
    while !answers.is_finished() {
        crowd.0.2.notify_one();
        tokio::task::yield_now().await;
    }
    for answer in answers.await.unwrap() {
        assert!(answer.ends_with("done"), "each has its turn: {answer}");
    }
    assert!((1..=3).contains(&crowd.0.1.load(Ordering::SeqCst)));
    assert_eq!(Limits::default().connections, 512);
}

#[tokio::test]
async fn only_http_1_is_spoken_and_browsers_are_told_what_is_meant() {
    let (address, stop) = server(Router::new().route("/", get(|| async { "hello" })), Limits::default()).await;
    let mut second = said(address, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    let answer = rest(&mut second).await;
    assert!(!answer.contains("200") && !answer.starts_with('\0'), "no frames of HTTP/2: {answer:?}");
    let mut first = said(address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let answer = rest(&mut first).await.to_lowercase();
    for told in
        ["x-content-type-options: nosniff", "frame-ancestors 'none'", "referrer-policy: no-referrer", "x-frame-options: deny", "no-store"]
    {
        assert!(answer.contains(told), "{told}: {answer}");
    }
    let mut long = said(address, &format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(4 * MAX_HEAD))).await;
    assert!(!rest(&mut long).await.contains("200"));
    stop.cancel();
}
