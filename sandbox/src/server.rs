//! A listener whose connections can be cut, so that a client sees what a dying provider shows: a
//! socket closed without an answer.
//!
//! [`Connection`] is axum's connect info of every request; [`Connection::cut`] makes the next read
//! or write of that socket fail, hyper then drops it together with whatever was being answered.
//! [`Connections`] cuts all of them (a restart) and can stay shut for a while (an outage).

use std::{
    future::IntoFuture as _,
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, connect_info::Connected},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
    serve::{IncomingStream, Listener},
};
use futures::task::AtomicWaker;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Answers only whoever meant this server. A page somewhere else can make a browser on this machine
/// call loopback: under a name of the page's own that leads here (then `Host` says that name), or
/// from the page itself (then `Origin` does, or `Sec-Fetch-Site` where a browser sends no
/// `Origin`).
pub(crate) async fn meant_for_us(request: Request, next: Next) -> Response {
    if meant(request.headers()) { next.run(request).await } else { (StatusCode::FORBIDDEN, "only for this machine\n").into_response() }
}

fn meant(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let Some(host) = text(header::HOST.as_str()) else { return false };
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    let ours = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    let from_here = text(header::ORIGIN.as_str()).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    // A link that a person follows is no call of the page it stands on.
    let elsewhere = text("sec-fetch-site") == Some("cross-site") && text("sec-fetch-mode") != Some("navigate");
    ours && from_here && !elsewhere
}

#[derive(Default)]
struct Wire {
    cut: AtomicBool,
    waker: AtomicWaker,
}

/// One client connection, as handlers see it (`ConnectInfo<Connection>`).
#[derive(Clone)]
pub struct Connection(Arc<Wire>);

impl Connection {
    /// Closes the socket: the client reads the end of the connection instead of an answer.
    pub fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    fn is_cut(&self) -> bool {
        self.0.cut.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, Cuttable>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Self {
        stream.io().connection.clone()
    }
}

#[derive(Default)]
struct State {
    live: Vec<Weak<Wire>>,
    shut_until: Option<Instant>,
}

/// All connections of one server; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Connections(Arc<Mutex<State>>);

impl Connections {
    /// Cuts every connection; connections made within `outage` are cut as well.
    pub(crate) fn restart(&self, outage: Duration) {
        let live = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.shut_until = (!outage.is_zero()).then(|| Instant::now() + outage);
            std::mem::take(&mut all.live)
        };
        for wire in live.iter().filter_map(Weak::upgrade) {
            Connection(wire).cut();
        }
    }

    fn enter(&self) -> Option<Connection> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.shut_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let wire = Arc::new(Wire::default());
        all.live.retain(|other| other.strong_count() > 0);
        all.live.push(Arc::downgrade(&wire));
        Some(Connection(wire))
    }
}

pub(crate) struct Cuttable {
    pub(crate) listener: TcpListener,
    pub(crate) connections: Connections,
}

impl Listener for Cuttable {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    if let Some(connection) = self.connections.enter() {
                        // Answers are small; without this Nagle's algorithm adds 40 ms to
                        // keep-alive connections.
                        let _ = stream.set_nodelay(true);
                        return (Socket { stream, connection }, peer);
                    }
                }
                // Out of descriptors or a connection reset before accept: nothing to do but go on,
                // a little later.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A socket that fails once its connection is cut.
pub(crate) struct Socket {
    stream: TcpStream,
    connection: Connection,
}

impl Socket {
    fn check(&self) -> io::Result<()> {
        if self.connection.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // Registered before the check, so that a cut between the two still wakes.
        self.connection.0.waker.register(cx.waker());
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Serves a double by itself on a free port of the loopback, as long as the runtime lives: its
/// address.
pub(crate) async fn alone(app: Router) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let listener = Cuttable { listener, connections: Connections::default() };
    let service = app.layer(axum::middleware::from_fn(meant_for_us)).into_make_service_with_connect_info::<Connection>();
    tokio::spawn(axum::serve(listener, service).into_future());
    Ok(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_meant_this_machine_is_answered() {
        let asked = |headers: &[(&'static str, &'static str)]| {
            let name = |name: &'static str| axum::http::HeaderName::from_static(name);
            meant(&headers.iter().map(|(key, value)| (name(key), axum::http::HeaderValue::from_static(value))).collect())
        };
        for ours in [
            &[("host", "127.0.0.1:8765")][..],
            &[("host", "localhost:8765"), ("origin", "http://localhost:8765")],
            &[("host", "[::1]:8765")],
            &[("host", "127.0.0.1"), ("sec-fetch-site", "same-origin")],
            &[("host", "127.0.0.1:1"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        ] {
            assert!(asked(ours), "{ours:?}");
        }
        for other in [
            &[][..],
            &[("host", "evil.example:8765")],
            &[("host", "127.0.0.1.evil.example:8765")],
            &[("host", "127.0.0.1:8765"), ("origin", "https://evil.example")],
            &[("host", "127.0.0.1:8765"), ("origin", "http://127.0.0.1:9000")],
            &[("host", "127.0.0.1:8765"), ("origin", "null")],
            &[("host", "127.0.0.1:8765"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
        ] {
            assert!(!asked(other), "{other:?}");
        }
    }
}
