//! A way to a server that can be cut, as a network does, made slow, or lead nowhere.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;

/// What holds for the connections of a proxy.
#[derive(Clone, Default)]
struct Way {
    /// Cancelled while the way is cut; connections of the time before end with it.
    cut: CancellationToken,
    /// Cancelled for connections that stay open and carry nothing any more.
    swallowed: CancellationToken,
    /// How long everything takes in each direction.
    delay: Duration,
}

/// A TCP proxy on a free port; its task ends with the test's runtime.
pub struct Proxy {
    /// Where to connect.
    pub address: SocketAddr,
    way: Arc<Mutex<Way>>,
}

impl Proxy {
    /// A way to `to`.
    pub async fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let way = Arc::<Mutex<Way>>::default();
        let state = Arc::clone(&way);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (now, state) = (state.lock().expect("no panic while held").clone(), Arc::clone(&state));
                if now.cut.is_cancelled() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(to).await else { return };
                    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                    tokio::select! {
                        () = now.cut.cancelled() => {}
                        () = pass(from_client, to_server, &state, &now.swallowed) => {}
                        () = pass(from_server, to_client, &state, &now.swallowed) => {}
                    }
                });
            }
        });
        Self { address, way }
    }

    fn change(&self, change: impl FnOnce(&mut Way)) {
        change(&mut self.way.lock().expect("no panic while held"));
    }

    /// Closes every connection and lets none in.
    pub fn cut(&self) {
        self.change(|way| way.cut.cancel());
    }

    /// Lets new ones in again, and takes no longer than it must.
    pub fn mend(&self) {
        self.change(|way| *way = Way::default());
    }

    /// From now on everything takes so long in each direction.
    pub fn slow(&self, delay: Duration) {
        self.change(|way| way.delay = delay);
    }

    /// The connections there are stay open and carry nothing any more; new ones do.
    pub fn swallow(&self) {
        self.change(|way| std::mem::take(&mut way.swallowed).cancel());
    }
}

/// Passes on what comes until one end is gone.
async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, way: &Mutex<Way>, swallowed: &CancellationToken) {
    let (sender, mut due) = tokio::sync::mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            let delay = way.lock().expect("no panic while held").delay;
            if sender.send((Instant::now() + delay, piece[..length].to_vec())).is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, piece)) = due.recv().await {
            sleep_until(at).await;
            if swallowed.is_cancelled() {
                std::future::pending::<()>().await;
            }
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}
