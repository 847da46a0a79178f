//! The Resumable Upload API, as far as examples of templates need it: a session, then the bytes,
//! then a handle. (Its shapes are Graph's own documentation's; the contract names only its handle.)

use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::{
    error::{GraphError, GraphResult},
    media::Session,
    server::Params,
    state::State,
};

/// `POST /{APP_ID}/uploads`.
pub(crate) fn begin(state: &mut State, app: &str, params: &Params) -> GraphResult {
    let need = |name: &str| {
        params.text(name).filter(|text| !text.is_empty()).ok_or_else(|| GraphError::parameter(format!("The parameter {name} is required.")))
    };
    let length: usize = need("file_length")?.parse().map_err(|_| GraphError::parameter("Param file_length must be a number."))?;
    let kind = need("file_type")?;
    if !["image/jpeg", "image/jpg", "image/png", "video/mp4", "application/pdf"].contains(&kind.as_str()) {
        return Err(GraphError::parameter(format!("Files of type '{kind}' cannot be uploaded.")));
    }
    let id = format!("upload:MTphdHRhY2ht{:08x}", state.serial());
    state.sessions.insert(id.clone(), Session { app: app.to_owned(), length, data: Vec::new() });
    Ok(json!({ "id": id }))
}

/// `POST /{UPLOAD}`: the bytes from `file_offset` on; the handle once all are there.
pub(crate) fn go_on(state: &mut State, id: &str, headers: &HeaderMap, params: &Params) -> GraphResult {
    let serial = state.serial();
    let session = state.sessions.get_mut(id).ok_or_else(|| GraphError::no_node("POST", id))?;
    let offset = headers.get("file_offset").and_then(|value| value.to_str().ok()?.parse::<usize>().ok()).unwrap_or_default();
    if offset != session.data.len() {
        return Err(GraphError::parameter(format!("Param file_offset must be {}.", session.data.len())));
    }
    session.data.extend_from_slice(&params.raw);
    if session.data.len() < session.length {
        return Ok(json!({ "id": id, "file_offset": session.data.len() }));
    }
    if session.data.len() > session.length {
        return Err(GraphError::parameter("More bytes came than file_length said."));
    }
    state.sessions.remove(id);
    let handle = format!("4::aW1hZ2U{serial:08x}:ARexample");
    state.handles.insert(handle.clone());
    Ok(json!({ "h": handle }))
}

/// `GET /{UPLOAD}`: how far it is.
pub(crate) fn show(state: &State, id: &str) -> Value {
    let offset = state.sessions.get(id).map_or(0, |session| session.data.len());
    json!({ "id": id, "file_offset": offset })
}
