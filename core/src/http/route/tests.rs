use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

#[test]
fn a_proxy_is_read_and_never_shown_with_its_password() {
    for (text, shown) in [
        ("socks5://127.0.0.1:1080", "socks5://127.0.0.1:1080"),
        ("socks5h://proxy.example.com", "socks5://proxy.example.com:1080"),
        (" http://anna:hunter2@proxy.example.com:3128/ ", "http://proxy.example.com:3128"),
        ("https://anna:hunter2@proxy.example.com", "https://proxy.example.com:443"),
        ("socks5://anna:hunter2@[::1]:9050", "socks5://[::1]:9050"),
    ] {
        let proxy = Proxy::parse(text).expect(text);
        assert_eq!(proxy.address(), shown);
        assert!(!format!("{proxy:?} {:?}", Route { proxy: Some(proxy.clone()), ..Route::default() }).contains("hunter2"));
        proxy.client().expect("a proxy the client knows");
    }
    for text in ["", "proxy.example.com:3128", "ftp://proxy", "socks4://127.0.0.1:1", "http://", "socks5://h:1/path", "http://h?x=1"] {
        assert_eq!(Proxy::parse(text), None, "{text}");
    }
}

/// A proxy that answers every request's head with `answer`; what it was asked.
async fn proxy(answer: &'static str) -> (Proxy, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (address, asked) = (listener.local_addr().expect("its address"), Arc::new(Mutex::new(Vec::new())));
    let heads = Arc::clone(&asked);
    let serving = async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = vec![0; 4_096];
            let read = stream.read(&mut head).await.unwrap_or_default();
            if read > 0 {
                heads.lock().expect("heads").push(String::from_utf8_lossy(&head[..read]).into_owned());
            }
            drop(stream.write_all(answer.as_bytes()).await);
        }
    };
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(serving);
    (Proxy::parse(&format!("http://anna:hunter2@{address}")).expect("a proxy"), asked)
}

/// The name is the proxy's to look up: here it is known to nobody.
#[tokio::test]
async fn a_host_is_asked_for_by_its_name_and_a_refusal_says_whose_it_is() {
    for (answer, by_proxy) in [("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", true), ("HTTP/1.1 502 Bad Gateway\r\n\r\n", false)] {
        let (proxy, asked) = proxy(answer).await;
        let route = Route { proxy: Some(proxy), ..Route::default() };
        let away = reach("https://api.messenger.invalid", &route).await.expect_err("refused");
        assert_eq!(matches!(away, Away::Proxy(_)), by_proxy, "{away:?}");
        let asked = asked.lock().expect("heads").join("\n");
        assert!(asked.starts_with("CONNECT api.messenger.invalid:443 HTTP/1.1"), "{asked}");
        // "anna:hunter2" in base64.
        assert!(asked.to_ascii_lowercase().contains("proxy-authorization: basic yw5uytpodw50zxiy"), "{asked}");
        assert!(!away.to_string().contains("hunter2"));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_from_a_host_that_is_not() {
    let free = TcpListener::bind("127.0.0.1:0").await.and_then(|listener| listener.local_addr()).expect("a port");
    let route = Route { proxy: Proxy::parse(&format!("socks5://{free}")), ..Route::default() };
    assert!(matches!(reach("http://127.0.0.1:9", &route).await, Err(Away::Proxy(_))));
    assert!(matches!(reach(&format!("http://{free}"), &Route::default()).await, Err(Away::Host(_))));
}
