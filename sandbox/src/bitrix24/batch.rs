//! `batch`: up to fifty commands in one call, each of which may refer to the results before it.

use serde_json::{Map, Value, json};

use super::{
    auth::Caller,
    error::{B24Error, B24Result},
    params::Params,
    server::execute,
    state::State,
};

/// Commands of one batch.
const MOST: usize = 50;

/// Carries the commands out in their order. A refusal stands among the errors; with `halt` nothing
/// comes after the first.
pub(crate) fn run(state: &mut State, caller: &Caller, params: &Params) -> B24Result<Value> {
    if params.cmd.len() > MOST {
        return Err(B24Error::new(400, "ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded"));
    }
    let halt = params.whole("halt").is_some_and(|halt| halt != 0) || params.get("halt") == true;
    let (mut results, mut errors, mut totals, mut nexts, mut times) = (Map::new(), Map::new(), Map::new(), Map::new(), Map::new());
    for (key, command) in &params.cmd {
        let command = command.as_str().unwrap_or_default();
        let (method, query) = command.split_once('?').unwrap_or((command, ""));
        let method = method.strip_suffix(".json").unwrap_or(method).to_ascii_lowercase();
        let done = match method.as_str() {
            "batch" => Err(B24Error::new(405, "ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")),
            _ => {
                let pairs: Vec<(String, Value)> = url::form_urlencoded::parse(query.as_bytes())
                    .map(|(name, value)| (name.into_owned(), referred(&value, &results)))
                    .collect();
                execute(state, caller, &method, &Params::tree(&pairs))
            }
        };
        match done {
            Ok((reply, operating, reset)) => {
                results.insert(key.clone(), reply.result);
                if let Some(total) = reply.total {
                    totals.insert(key.clone(), json!(total));
                }
                if let Some(next) = reply.next {
                    nexts.insert(key.clone(), json!(next));
                }
                times.insert(
                    key.clone(),
                    json!({ "duration": 0.1, "processing": 0.1, "operating": operating, "operating_reset_at": reset }),
                );
            }
            Err(error) => {
                errors.insert(key.clone(), error.inner());
                if halt {
                    break;
                }
            }
        }
    }
    // An empty map is PHP's empty list.
    let shown = |map: Map<String, Value>| if map.is_empty() { json!([]) } else { Value::Object(map) };
    Ok(json!({ "result": shown(results), "result_error": shown(errors), "result_total": shown(totals), "result_next": shown(nexts),
        "result_time": shown(times) }))
}

/// A value with its references to results: one that is nothing else keeps its kind, one that leads
/// nowhere is empty.
fn referred(text: &str, results: &Map<String, Value>) -> Value {
    let Some(at) = text.find("$result[") else { return json!(text) };
    let mut rest = &text[at + "$result".len()..];
    let mut found: Option<&Value> = None;
    let mut first = true;
    while let Some((part, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        found = match (first, found) {
            (true, _) => results.get(part),
            (false, Some(Value::Array(list))) => part.parse::<usize>().ok().and_then(|place| list.get(place)),
            (false, Some(value)) => value.get(part),
            (false, None) => None,
        };
        (first, rest) = (false, after);
    }
    let before = &text[..at];
    if before.is_empty() && rest.is_empty() {
        return found.cloned().unwrap_or_else(|| json!(""));
    }
    let value = match found {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    match referred(rest, results) {
        Value::String(rest) => json!(format!("{before}{value}{rest}")),
        other => json!(format!("{before}{value}{other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_into_results() {
        let results = json!({ "p0": { "items": [{ "id": 7 }] }, "n": 5 });
        let results = results.as_object().unwrap();
        for (text, value) in [
            ("$result[p0][items][0][id]", json!(7)),
            ("$result[p0][items][49][id]", json!("")),
            ("C_$result[n], D_$result[p0][items][0][id]", json!("C_5, D_7")),
            ("$result[p0][items]", json!([{ "id": 7 }])),
            ("no references", json!("no references")),
        ] {
            assert_eq!(referred(text, results), value, "{text}");
        }
    }
}
