//! A proxy as an operator has one: HTTP or SOCKS5, with a name and a password. Every name it is
//! asked for leads to one double, and nobody but it knows these names.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

/// The name and the password.
pub const LOGIN: (&str, &str) = ("anna", "hunter2pass");

/// What it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaks {
    Http,
    Socks,
}

/// A proxy on a free port; its task ends with the test's runtime.
pub struct Gateway {
    speaks: Speaks,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Gateway {
    /// A proxy by which every name leads to `to`.
    pub async fn to(to: SocketAddr, speaks: Speaks) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (address, asked) = (listener.local_addr().expect("an address"), Arc::<Mutex<Vec<String>>>::default());
        let names = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let names = Arc::clone(&names);
                tokio::spawn(async move {
                    // Whoever breaks off is no fault of the proxy's.
                    let _ = match speaks {
                        Speaks::Http => http(client, to, &names).await,
                        Speaks::Socks => socks(client, to, &names).await,
                    };
                });
            }
        });
        Self { speaks, address, asked }
    }

    /// Its address as a setting has it.
    pub fn setting(&self) -> String {
        let (scheme, (name, password)) = (if self.speaks == Speaks::Http { "http" } else { "socks5" }, LOGIN);
        format!("{scheme}://{name}:{password}@{}", self.address)
    }

    /// The names it was asked for, with their ports.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic while held").clone()
    }
}

/// RFC 9110, 9.3.6 and 7.2.2: a tunnel, or a request whose target is whole.
async fn http(mut client: TcpStream, to: SocketAddr, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let credentials = STANDARD.encode(format!("{}:{}", LOGIN.0, LOGIN.1));
    if !text.lines().any(|line| line.to_ascii_lowercase().starts_with("proxy-authorization:") && line.ends_with(&credentials)) {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n").await;
    }
    let (method, rest) = text.split_once(' ').unwrap_or_default();
    let target = rest.split(' ').next().unwrap_or_default();
    let name = target.trim_start_matches("http://").split('/').next().unwrap_or_default();
    asked.lock().expect("no panic while held").push(name.to_owned());
    let Ok(mut server) = TcpStream::connect(to).await else {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    };
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        server.write_all(&head).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

/// RFC 1928 and RFC 1929.
async fn socks(mut client: TcpStream, to: SocketAddr, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let text = async |client: &mut TcpStream| -> std::io::Result<String> {
        let mut bytes = vec![0; usize::from(client.read_u8().await?)];
        client.read_exact(&mut bytes).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let _version = client.read_u8().await?;
    let _methods = text(&mut client).await?;
    client.write_all(&[5, 2]).await?;
    let _version = client.read_u8().await?;
    let (name, password) = (text(&mut client).await?, text(&mut client).await?);
    if (name.as_str(), password.as_str()) != LOGIN {
        return client.write_all(&[1, 1]).await;
    }
    client.write_all(&[1, 0]).await?;
    let mut request = [0; 4];
    client.read_exact(&mut request).await?;
    // A name, or the address somebody else had looked up.
    let name = if request[3] == 3 {
        text(&mut client).await?
    } else {
        let mut bytes = vec![0; if request[3] == 1 { 4 } else { 16 }];
        client.read_exact(&mut bytes).await?;
        format!("{bytes:?}")
    };
    let port = client.read_u16().await?;
    asked.lock().expect("no panic while held").push(format!("{name}:{port}"));
    let Ok(mut server) = TcpStream::connect(to).await else {
        return client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    };
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}
