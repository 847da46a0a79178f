//! What a template must be like to be handed in: section 2.4. A reviewer sees it only after this.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    error::{GraphError, GraphResult},
    settings::{CreationCodes, Settings},
};

/// A refusal of a creation: its number and two sentences.
pub(crate) fn refused(settings: &Settings, number: u32, title: &str, text: impl Into<String>) -> GraphError {
    let text = text.into();
    let for_people = Some((title.to_owned(), text.clone()));
    match settings.creation_codes {
        CreationCodes::Subcode => {
            GraphError { status: 400, code: 100, message: "Invalid parameter".to_owned(), details: None, subcode: Some(number), for_people }
        }
        CreationCodes::Code => GraphError {
            status: 400,
            code: number,
            message: format!("(#{number}) {title}"),
            details: Some(text),
            subcode: None,
            for_people,
        },
    }
}

/// The variables of a text in their order, `first_name` or `1`.
pub(crate) fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, tail)) = after.split_once("}}") else { break };
        found.push(name.trim().to_owned());
        rest = tail;
    }
    found
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether the variables of one text agree with the format: names, or 1, 2, 3 without a gap.
fn well_formed(found: &[String], named: bool) -> bool {
    if named {
        return found.iter().all(|name| is_name(name) && !name.bytes().all(|byte| byte.is_ascii_digit()));
    }
    let numbers: BTreeSet<usize> = found.iter().filter_map(|name| name.parse().ok()).collect();
    found.iter().all(|name| name.parse::<usize>().is_ok()) && numbers.iter().copied().eq(1..=numbers.len())
}

/// A template as it was handed in.
pub(crate) struct Draft<'a> {
    settings: &'a Settings,
    named: bool,
    /// Handles of examples that were uploaded.
    handles: &'a BTreeSet<String>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(settings: &'a Settings, named: bool, handles: &'a BTreeSet<String>) -> Self {
        Self { settings, named, handles }
    }

    fn refused(&self, number: u32, title: &str, text: impl Into<String>) -> GraphError {
        refused(self.settings, number, title, text)
    }

    fn long(&self, what: &str, most: usize) -> GraphError {
        self.refused(2_388_040, "Character limit exceeded", format!("{what} has more than {most} characters."))
    }

    fn within(&self, what: &str, text: &str, most: usize) -> GraphResult<()> {
        if text.chars().count() > most { Err(self.long(what, most)) } else { Ok(()) }
    }

    /// Checks the components; the order and the number of each are the provider's.
    pub(crate) fn check(&self, components: &[Value]) -> GraphResult<()> {
        let mut seen = BTreeSet::new();
        for component in components {
            let component = component.as_object().ok_or_else(|| GraphError::parameter("Param components must be an array of objects."))?;
            let kind = component.get("type").and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
            if !seen.insert(kind.clone()) {
                return Err(GraphError::parameter(format!("There are two components of type {kind}.")));
            }
            match kind.as_str() {
                "HEADER" => self.header(component)?,
                "BODY" => self.body(component)?,
                "FOOTER" => self.footer(component)?,
                "BUTTONS" => self.buttons(component)?,
                other => return Err(GraphError::parameter(format!("Components of type '{other}' are not supported."))),
            }
        }
        if !seen.contains("BODY") {
            return Err(self.refused(2_388_072, "Message template \"components\" param is missing expected field(s)", "There is no BODY."));
        }
        Ok(())
    }

    fn header(&self, header: &Map<String, Value>) -> GraphResult<()> {
        let wrong = |text: &str| self.refused(2_388_047, "Message header format is incorrect", text);
        match header.get("format").and_then(Value::as_str).unwrap_or_default() {
            "TEXT" => {
                let text = header.get("text").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
                let text = text.ok_or_else(|| wrong("A text header has a text."))?;
                self.within("The header", text, 60)?;
                let found = variables(text);
                if found.len() > 1 || !well_formed(&found, self.named) {
                    return Err(wrong("A header has at most one variable, written as parameter_format says."));
                }
                if text.contains(['\n', '*', '_', '~', '`']) && found.is_empty() {
                    return Err(wrong("A header has no new lines and no formatting."));
                }
                self.examples(header, &found, "header_text").map_err(|()| wrong("The variable of the header has no example."))
            }
            "IMAGE" | "VIDEO" | "DOCUMENT" => {
                let handle = header.get("example").and_then(|example| example["header_handle"].as_array()?.first()?.as_str());
                let known = handle.is_some_and(|handle| self.handles.contains(handle));
                if known { Ok(()) } else { Err(wrong("A header with media has an example: a handle of the Resumable Upload API.")) }
            }
            "LOCATION" => Ok(()),
            other => Err(wrong(&format!("'{other}' is no format of a header."))),
        }
    }

    fn body(&self, body: &Map<String, Value>) -> GraphResult<()> {
        let wrong = |text: &str| self.refused(2_388_072, "Message body format is incorrect", text);
        let text =
            body.get("text").and_then(Value::as_str).filter(|text| !text.trim().is_empty()).ok_or_else(|| wrong("A body has a text."))?;
        self.within("The body", text, 1024)?;
        let found = variables(text);
        if !well_formed(&found, self.named) {
            return Err(wrong("Variables are named or numbered 1, 2, 3…, as parameter_format says."));
        }
        let trimmed = text.trim();
        if trimmed.starts_with("{{") || trimmed.ends_with("}}") {
            let words = "Variables can't be at the start or end of the template.";
            return Err(self.refused(2_388_299, "Parameters format is incorrect", words));
        }
        let mut rest = trimmed.to_owned();
        for name in &found {
            for written in [format!("{{{{{name}}}}}"), format!("{{{{ {name} }}}}")] {
                rest = rest.replace(&written, " ");
            }
        }
        let words = rest.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
        if !found.is_empty() && words < found.len() * self.settings.words_a_variable + 1 {
            let sentence = "This template has too many variables for its length.";
            return Err(self.refused(2_388_293, "Parameters words ratio exceeds limit", sentence));
        }
        self.examples(body, &found, "body_text").map_err(|()| wrong("A variable of the body has no example."))
    }

    /// Each variable has an example, by names or in order.
    fn examples(&self, component: &Map<String, Value>, found: &[String], field: &str) -> Result<(), ()> {
        let wanted: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let example = component.get("example").ok_or(())?;
        if self.named {
            let given = example[format!("{field}_named_params")].as_array().ok_or(())?;
            let given: BTreeSet<&str> = given
                .iter()
                .filter(|one| one["example"].as_str().is_some_and(|text| !text.is_empty()))
                .filter_map(|one| one["param_name"].as_str())
                .collect();
            return if wanted == given { Ok(()) } else { Err(()) };
        }
        // A body's examples are a list of lists, a header's a list.
        let given = example[field].as_array().ok_or(())?;
        let count = given.first().and_then(Value::as_array).map_or(given.len(), Vec::len);
        if count == wanted.len() { Ok(()) } else { Err(()) }
    }

    fn footer(&self, footer: &Map<String, Value>) -> GraphResult<()> {
        let text = footer.get("text").and_then(Value::as_str).unwrap_or_default();
        self.within("The footer", text, 60)?;
        if text.trim().is_empty() || text.contains("{{") || text.contains('\n') {
            return Err(self.refused(
                2_388_073,
                "Message footer format is incorrect",
                "A footer is a text without variables and new lines.",
            ));
        }
        Ok(())
    }

    fn buttons(&self, component: &Map<String, Value>) -> GraphResult<()> {
        let buttons = component.get("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let kind = |button: &Value| button["type"].as_str().unwrap_or_default().to_ascii_uppercase();
        let wrong = |text: String| GraphError::parameter(text);
        if buttons.is_empty() || buttons.len() > 10 {
            return Err(wrong("A template has 1 to 10 buttons.".to_owned()));
        }
        for (most, of) in [(10, "QUICK_REPLY"), (2, "URL"), (1, "PHONE_NUMBER"), (1, "COPY_CODE")] {
            if buttons.iter().filter(|button| kind(button) == of).count() > most {
                return Err(wrong(format!("A template has at most {most} buttons of type {of}.")));
            }
        }
        // Replies stand together, before or after the others.
        let runs = buttons.chunk_by(|one, other| (kind(one) == "QUICK_REPLY") == (kind(other) == "QUICK_REPLY")).count();
        if runs > 2 {
            return Err(wrong("Quick replies and other buttons must not be mixed.".to_owned()));
        }
        for button in buttons {
            let text = button["text"].as_str().unwrap_or_default();
            match kind(button).as_str() {
                "COPY_CODE" => {
                    let example = button["example"].as_str().or_else(|| button["example"][0].as_str()).unwrap_or_default();
                    self.within("The code", example, 15)?;
                    continue;
                }
                "QUICK_REPLY" | "PHONE_NUMBER" | "REQUEST_CONTACT_INFO" | "FLOW" => {}
                "URL" => {
                    let url = button["url"].as_str().unwrap_or_default();
                    let found = variables(url);
                    self.within("The address", url, 2000)?;
                    let trailing = url.ends_with("}}") || found.is_empty();
                    if url::Url::parse(&url.replace(['{', '}'], "")).is_err() || found.len() > 1 || !trailing {
                        return Err(wrong("The address of a button is a URL with at most one variable, at its end.".to_owned()));
                    }
                    if !found.is_empty() && button["example"].as_str().or_else(|| button["example"][0].as_str()).is_none() {
                        return Err(wrong("The variable of an address has no example.".to_owned()));
                    }
                }
                other => return Err(wrong(format!("Buttons of type '{other}' are not supported."))),
            }
            if text.trim().is_empty() || text.contains("{{") || text.contains('\n') {
                return Err(wrong("A button has a text without variables.".to_owned()));
            }
            self.within("The text of a button", text, 25)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(named: bool, components: Value) -> Result<(), u32> {
        let handles = BTreeSet::from(["4::known".to_owned()]);
        let settings = Settings::default();
        Draft::new(&settings, named, &handles).check(components.as_array().unwrap()).map_err(|error| error.subcode.unwrap_or(error.code))
    }

    fn body(text: &str) -> Value {
        let named = variables(text).iter().map(|name| json!({ "param_name": name, "example": "x" })).collect::<Vec<_>>();
        json!({ "type": "BODY", "text": text, "example": { "body_text_named_params": named } })
    }

    #[test]
    fn the_contracts_own_template_is_taken() {
        let components = json!([
            { "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::known"] } },
            body("Здравствуйте, {{first_name}}! Скидка {{discount}} до конца недели."),
            { "type": "FOOTER", "text": "Ответьте СТОП, чтобы отписаться" },
            { "type": "BUTTONS", "buttons": [
                { "type": "QUICK_REPLY", "text": "Отписаться" },
                { "type": "URL", "text": "Записаться", "url": "https://ex.ru/b/{{1}}", "example": ["https://ex.ru/b/abc"] },
            ] },
        ]);
        assert_eq!(check(true, components), Ok(()));
    }

    #[test]
    fn bodies_are_refused_by_their_numbers() {
        for (text, number) in [
            ("{{name}} вас ждёт скидка до конца недели", 2_388_299),
            ("Вас ждёт скидка, дорогой друг {{name}}", 2_388_299),
            ("Привет, {{name}} и {{other}}!", 2_388_293),
            ("Здравствуйте, {{Имя}}! Вас ждёт скидка", 2_388_072),
            (&"ж".repeat(1025), 2_388_040),
            (" ", 2_388_072),
        ] {
            assert_eq!(check(true, json!([body(text)])), Err(number), "{text}");
        }
        let without = json!([{ "type": "BODY", "text": "Здравствуйте, {{name}}! Вас ждёт скидка" }]);
        assert_eq!(check(true, without), Err(2_388_072), "no example");
        let gap = json!([{ "type": "BODY", "text": "Ваш заказ {{1}} уже в пути, ждём вас по адресу {{3}} завтра", "example": { "body_text": [["a", "b"]] } }]);
        assert_eq!(check(false, gap), Err(2_388_072), "2 is left out");
        assert_eq!(check(true, json!([])), Err(2_388_072));
    }

    #[test]
    fn headers_footers_and_buttons() {
        let with = |component: Value| check(true, json!([body("Скидка до конца недели"), component]));
        assert_eq!(with(json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": ["4::other"] } })), Err(2_388_047));
        assert_eq!(with(json!({ "type": "HEADER", "format": "TEXT", "text": "ж".repeat(61) })), Err(2_388_040));
        assert_eq!(with(json!({ "type": "HEADER", "format": "TEXT", "text": "{{a}} и {{b}}" })), Err(2_388_047));
        assert_eq!(with(json!({ "type": "FOOTER", "text": "Привет, {{name}}" })), Err(2_388_073));
        let buttons = |list: Value| with(json!({ "type": "BUTTONS", "buttons": list }));
        let reply = |text: &str| json!({ "type": "QUICK_REPLY", "text": text });
        let url = json!({ "type": "URL", "text": "Сайт", "url": "https://ex.ru" });
        assert_eq!(buttons(json!([reply(&"ж".repeat(26))])), Err(2_388_040));
        assert_eq!(buttons(json!([reply("a"), url, reply("b")])), Err(100), "replies are together");
        assert_eq!(buttons(json!([url, url, url])), Err(100));
        assert_eq!(buttons(json!([{ "type": "URL", "text": "Сайт", "url": "https://ex.ru/{{1}}/b", "example": ["x"] }])), Err(100));
    }
}
