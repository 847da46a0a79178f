//! What a fault does to one call, whichever double it strikes. The double says how it refuses and
//! what the call is; when nothing is accepted, the call is never begun.

use std::{future::Future, time::Duration};

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::{
    fault::{Drawn, Fault},
    server::Connection,
};

/// One call of a double, as a fault sees it.
pub(crate) trait Struck {
    /// Refuses in the provider's words, and notes it in the ledger.
    fn refuse(&self, code: u16, description: String, retry_after: Option<u64>) -> Response;
    /// Refuses as when a limit is exceeded, and notes it in the ledger.
    fn too_many(&self, retry_after: u64) -> Response;
    /// Notes in the ledger that nothing was accepted; `code` is 0 where there is no answer at all.
    fn lost(&self, code: u16, why: &str);
    /// Tells whoever waits for a change of the double.
    fn touch(&self);
}

/// Carries out `call` under what was drawn for it.
pub(crate) async fn strike(struck: &impl Struck, connection: &Connection, drawn: Drawn, call: impl Future<Output = Response>) -> Response {
    if !drawn.latency.is_zero() {
        tokio::time::sleep(drawn.latency).await;
    }
    let Some(fault) = drawn.fault else { return call.await };
    match fault {
        Fault::Error { code, description, retry_after } => struck.refuse(code, description, retry_after),
        Fault::TooManyRequests { retry_after } => struck.too_many(retry_after),
        Fault::Gateway { code, accepted } => {
            if accepted {
                call.await;
            } else {
                struck.lost(code, "Bad Gateway");
            }
            gateway(code)
        }
        Fault::DropBefore => {
            struck.lost(0, "the connection was dropped before accepting");
            cut(struck, connection).await
        }
        Fault::DropAfter => {
            call.await;
            cut(struck, connection).await
        }
        Fault::Hang { accepted } => {
            if accepted {
                call.await;
            } else {
                struck.lost(0, "never answered");
            }
            struck.touch();
            std::future::pending().await
        }
        // Drawn only for updates; latency has been waited for.
        Fault::Latency { .. } | Fault::DoubleUpdate | Fault::ReorderUpdate | Fault::WithholdUpdate => call.await,
    }
}

/// The page of a gateway that had no answer from the server behind it.
fn gateway(code: u16) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

/// Cuts the connection; the wait lets hyper notice before there is an answer to write. The whole
/// future is dropped with the connection, so nothing after it runs.
async fn cut(struck: &impl Struck, connection: &Connection) -> Response {
    struck.touch();
    connection.cut();
    tokio::time::sleep(Duration::from_secs(5)).await;
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
