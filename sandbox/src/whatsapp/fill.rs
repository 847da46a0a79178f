//! A template with its values: what a send must give for each component, and the message that comes
//! of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    content::{Button, Named, Shown, invalid, missing, named},
    draft::variables,
    error::{GraphError, GraphResult},
    templates::Template,
};

/// What a template became.
#[derive(Debug, PartialEq)]
pub(crate) struct Filled {
    pub(crate) shown: Shown,
    /// The media of the header.
    pub(crate) named: Option<Named>,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn mismatch(place: &str, given: usize, expected: usize) -> GraphError {
    let details = format!("{place}: number of localizable_params ({given}) does not match the expected number of params ({expected})");
    GraphError::with(132_000, details)
}

/// A value that goes into a text.
fn value(place: &str, parameter: &Value, strict: bool) -> GraphResult<String> {
    let text = match parameter["type"].as_str().unwrap_or_default() {
        "text" => parameter["text"].as_str(),
        "currency" => parameter["currency"]["fallback_value"].as_str(),
        "date_time" => parameter["date_time"]["fallback_value"].as_str(),
        other => {
            return Err(GraphError::with(132_012, format!("{place}: Format mismatch, expected TEXT, received {}", other.to_uppercase())));
        }
    };
    let text =
        text.filter(|text| !text.is_empty()).ok_or_else(|| GraphError::with(131_008, "Parameter of type text is missing text value"))?;
    if strict && (text.contains(['\n', '\r', '\t']) || text.contains("    ")) {
        let details = format!("{place}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces");
        return Err(GraphError::with(132_012, details));
    }
    Ok(text.to_owned())
}

/// The values of one text by the names of its variables.
fn values(place: &str, text: &str, is_named: bool, parameters: &[Value], strict: bool) -> GraphResult<BTreeMap<String, String>> {
    let mut wanted = variables(text);
    wanted.sort();
    wanted.dedup();
    if parameters.len() != wanted.len() {
        return Err(mismatch(place, parameters.len(), wanted.len()));
    }
    let mut found = BTreeMap::new();
    for (at, parameter) in parameters.iter().enumerate() {
        let name = match (is_named, parameter["parameter_name"].as_str()) {
            (true, Some(name)) => name.to_owned(),
            (true, None) => return Err(GraphError::with(132_012, format!("{place}: Parameter name is missing or empty"))),
            (false, _) => (at + 1).to_string(),
        };
        if !wanted.contains(&name) {
            return Err(GraphError::with(132_012, format!("{place}: Parameter name '{name}' is not in the template")));
        }
        found.insert(name, value(place, parameter, strict)?);
    }
    if found.len() == wanted.len() { Ok(found) } else { Err(mismatch(place, found.len(), wanted.len())) }
}

/// The text with its values in the place of its variables.
fn hydrate(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(values.get(name.trim()).map_or("", String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// The components that a send gave, by their places.
struct Given<'a> {
    header: &'a [Value],
    body: &'a [Value],
    /// By index.
    buttons: BTreeMap<usize, &'a Map<String, Value>>,
}

impl<'a> Given<'a> {
    fn read(components: &'a [Value]) -> GraphResult<Self> {
        let mut given = Self { header: &[], body: &[], buttons: BTreeMap::new() };
        for component in components {
            let object = component.as_object().ok_or_else(|| invalid("template['components'] is an array of objects."))?;
            match object.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase().as_str() {
                "header" => given.header = list(&component["parameters"]),
                "body" => given.body = list(&component["parameters"]),
                "button" => {
                    let index = &component["index"];
                    let index = index.as_u64().or_else(|| index.as_str()?.parse().ok()).ok_or_else(|| missing("components['index']"))?;
                    given.buttons.insert(usize::try_from(index).unwrap_or(usize::MAX), object);
                }
                other => return Err(invalid(format!("Component of type '{other}' is not expected."))),
            }
        }
        Ok(given)
    }
}

/// Fills a template; `strict` refuses what [`super::Settings::strict_parameters`] does.
pub(crate) fn fill(template: &Template, components: &[Value], strict: bool) -> GraphResult<Filled> {
    let given = Given::read(components)?;
    let mut filled = Filled { shown: Shown { kind: "template".to_owned(), ..Shown::default() }, named: None };
    let component = |kind: &str| template.components.iter().find(|component| component["type"] == kind);
    match component("HEADER") {
        Some(header) => match header["format"].as_str().unwrap_or_default() {
            "TEXT" => {
                let text = header["text"].as_str().unwrap_or_default();
                filled.shown.header = Some(hydrate(text, &values("header", text, template.named, given.header, strict)?));
            }
            format => media(format, given.header, &mut filled)?,
        },
        None if !given.header.is_empty() => return Err(mismatch("header", given.header.len(), 0)),
        None => {}
    }
    let text = component("BODY").and_then(|body| body["text"].as_str()).unwrap_or_default();
    filled.shown.text = hydrate(text, &values("body", text, template.named, given.body, strict)?);
    if filled.shown.text.chars().count() > 1024 {
        return Err(GraphError::with(132_005, "body: the text with its values has more than 1024 characters"));
    }
    filled.shown.footer = component("FOOTER").and_then(|footer| footer["text"].as_str()).map(str::to_owned);
    let buttons = component("BUTTONS").map(|buttons| list(&buttons["buttons"])).unwrap_or_default();
    for (at, button) in buttons.iter().enumerate() {
        filled.shown.buttons.push(press(at, button, given.buttons.get(&at).copied(), strict)?);
    }
    match given.buttons.keys().find(|at| **at >= buttons.len()) {
        Some(at) => Err(GraphError::with(132_000, format!("buttons: there is no button at index {at} in the template"))),
        None => Ok(filled),
    }
}

fn media(format: &str, parameters: &[Value], filled: &mut Filled) -> GraphResult<()> {
    let [parameter] = parameters else { return Err(mismatch("header", parameters.len(), 1)) };
    let kind = parameter["type"].as_str().unwrap_or_default();
    if !kind.eq_ignore_ascii_case(format) {
        return Err(GraphError::with(132_012, format!("header: Format mismatch, expected {format}, received {}", kind.to_uppercase())));
    }
    let body = parameter[kind].as_object().ok_or_else(|| missing(&format!("components['parameters']['{kind}']")))?;
    match format {
        "LOCATION" => {
            filled.shown.header =
                Some(format!("{}, {}", body.get("latitude").unwrap_or(&Value::Null), body.get("longitude").unwrap_or(&Value::Null)))
        }
        _ => filled.named = Some(named(kind, body)?),
    }
    Ok(())
}

/// A button with what the send gave for it.
fn press(at: usize, button: &Value, given: Option<&Map<String, Value>>, strict: bool) -> GraphResult<Button> {
    let kind = button["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let text = button["text"].as_str().unwrap_or_default().to_owned();
    let sub = given.and_then(|given| given.get("sub_type")?.as_str()).unwrap_or_default().to_ascii_lowercase();
    if given.is_some() && sub != kind {
        return Err(GraphError::with(132_012, format!("buttons: button at index {at} is of type {kind}, not {sub}")));
    }
    let parameter = given.and_then(|given| list(given.get("parameters")?).first());
    let needs = || GraphError::with(131_008, format!("buttons: Button at index {at} of type {kind} requires a parameter"));
    Ok(match kind.as_str() {
        "quick_reply" => {
            let payload = parameter
                .map(|parameter| parameter["payload"].as_str().filter(|payload| !payload.is_empty()).ok_or_else(needs))
                .transpose()?;
            if payload.is_some_and(|payload| payload.chars().count() > 256) {
                return Err(invalid(format!("The payload of button {at} has more than 256 characters.")));
            }
            // A reply without a payload tells its text.
            Button { payload: Some(payload.unwrap_or(&text).to_owned()), text, kind: "quick_reply", opens: None }
        }
        "url" => {
            let url = button["url"].as_str().unwrap_or_default();
            let opens = match (variables(url).first(), parameter) {
                (None, None) => url.to_owned(),
                (None, Some(_)) => return Err(GraphError::with(132_000, format!("buttons: Button at index {at} takes no parameter"))),
                (Some(_), None) => return Err(needs()),
                (Some(name), Some(parameter)) => hydrate(url, &BTreeMap::from([(name.clone(), value("buttons", parameter, strict)?)])),
            };
            Button { text, kind: "url", payload: None, opens: Some(opens) }
        }
        "copy_code" => {
            let code = parameter.and_then(|parameter| parameter["coupon_code"].as_str()).ok_or_else(needs)?;
            Button { text: "Copy code".to_owned(), kind: "copy_code", payload: None, opens: Some(code.to_owned()) }
        }
        "phone_number" => {
            let phone = button["phone_number"].as_str().map(str::to_owned);
            Button { text, kind: "phone_number", payload: None, opens: phone }
        }
        _ => Button { text, kind: "other", payload: None, opens: None },
    })
}
