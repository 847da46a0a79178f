//! A way to a server that can be cut, as a network does.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A TCP proxy on a free port; its task ends with the test's runtime.
pub struct Proxy {
    /// Where to connect.
    pub address: SocketAddr,
    /// Cancelled while the way is cut; connections of the time before end with it.
    cut: Arc<Mutex<CancellationToken>>,
}

impl Proxy {
    /// A way to `to`.
    pub async fn to(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let cut = Arc::new(Mutex::new(CancellationToken::new()));
        let state = Arc::clone(&cut);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let cut = state.lock().expect("no panic while held").clone();
                if cut.is_cancelled() {
                    continue;
                }
                tokio::spawn(async move {
                    let Ok(mut server) = TcpStream::connect(to).await else { return };
                    tokio::select! {
                        () = cut.cancelled() => {}
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    }
                });
            }
        });
        Self { address, cut }
    }

    /// Closes every connection and lets none in.
    pub fn cut(&self) {
        self.cut.lock().expect("no panic while held").cancel();
    }

    /// Lets new ones in again.
    pub fn mend(&self) {
        *self.cut.lock().expect("no panic while held") = CancellationToken::new();
    }
}
