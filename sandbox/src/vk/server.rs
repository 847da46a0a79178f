//! The HTTP face: the API under `/method/…`, long polls under `/whp/…`, the server that takes
//! uploads, the one that gives files.

use axum::{
    Json, Router,
    extract::{ConnectInfo, DefaultBodyLimit, Multipart, Path, Request, State as Extract},
    response::{IntoResponse as _, Response},
    routing::{any, get, post},
};
use serde_json::{Value, json};

use super::{
    Vk,
    error::{VkError, VkResult},
    media::{self, MAX_DOC},
    methods,
    params::Params,
    poll, script,
};
use crate::{control::served, double::Refusal as _, server::Connection};

pub(crate) fn router(vk: Vk) -> Router {
    Router::new()
        .route("/method/{method}", any(call))
        // Clients ask either way.
        .route("/whp/{group}", any(poll::check))
        .route("/upload/{id}", post(upload).layer(DefaultBodyLimit::max(MAX_DOC + 1024 * 1024)))
        .route("/files/{file}", get(file))
        .with_state(vk)
}

/// A version whose shapes are those of 5.199.
fn is_spoken(version: &str) -> bool {
    version.strip_prefix("5.").and_then(|minor| minor.parse::<u32>().ok()).is_some_and(|minor| (131..400).contains(&minor))
}

/// The community whose token it is.
fn admit(vk: &Vk, params: &Params) -> VkResult<i64> {
    match params.text("v") {
        None => return Err(VkError::with(8, "v (version) is required")),
        Some(version) if !is_spoken(version) => return Err(VkError::with(8, "v (version) is incorrect")),
        Some(_) => {}
    }
    let Some(token) = params.token.as_deref() else { return Err(VkError::with(5, "no access_token passed.")) };
    vk.quiet().by_token(token).ok_or_else(|| VkError::with(5, "invalid access_token (4)."))
}

async fn call(
    Extract(vk): Extract<Vk>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path(method): Path<String>,
    request: Request,
) -> Response {
    let params = match Params::read(request).await {
        Ok(params) => params,
        Err(error) => return error.response(),
    };
    let with_params = |error: VkError| {
        let mut told = vec![("method".to_owned(), method.clone()), ("oauth".to_owned(), "1".to_owned())];
        told.extend(params.shown());
        VkError { params: told, ..error }
    };
    let group = match admit(&vk, &params) {
        Ok(group) => group,
        Err(error) => return with_params(error).response(),
    };
    let about = methods::person(&vk, &method, &params);
    let calling = vk.calling(&method, Some(group), about);
    vk.ledger().called(&method);
    let drawn = calling.draw();
    if method == "execute" {
        let script = match params.required_text("code").and_then(script::compile) {
            Ok(script) => script,
            Err(error) => return calling.refused(&with_params(error)),
        };
        let (drawn, refused) = methods::draw(&vk, group, &script, drawn);
        let call = async {
            let done = room(&vk, group).and_then(|()| methods::execute(&vk, group, &script, refused));
            done.map(|answer| Json(answer).into_response()).map_err(with_params)
        };
        return calling.under(&connection, drawn, call).await;
    }
    let call = async {
        let done = room(&vk, group).and_then(|()| methods::call(&vk, group, &method, &params));
        done.map(response).map_err(with_params)
    };
    calling.under(&connection, drawn, call).await
}

fn room(vk: &Vk, group: i64) -> VkResult<()> {
    let state = &mut *vk.quiet();
    let now = state.clock.now();
    let settings = state.settings.clone();
    state.community_mut(group)?.limits.call(&settings, now)
}

fn response(answer: Value) -> Response {
    Json(json!({ "response": answer })).into_response()
}

/// Takes the bytes of an upload; faults call it `upload`.
async fn upload(
    Extract(vk): Extract<Vk>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    Path(id): Path<String>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let owner = media::owner(&vk.quiet(), &id);
    let Some(group) = owner else { return VkError::new(22).response() };
    let Ok(form) = form else { return VkError::with(22, "multipart/form-data is expected").response() };
    let call = async { media::take(&vk, &id, form).await.map(|answer| Json(answer).into_response()) };
    vk.calling("upload", Some(group), None).answer(&connection, call).await
}

async fn file(Extract(vk): Extract<Vk>, Path(file): Path<String>) -> Response {
    served(vk.file(&file))
}
