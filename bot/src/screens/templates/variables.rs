//! The account's variables by buttons: what to copy, and adding one to the end of the text.

use mms_core::{
    contact::{
        Field as ContactField, FieldKind, field,
        occasion::{self, OccasionKind},
    },
    id::{FieldId, VersionId},
    template::{
        lint::BUILT_IN,
        versions::{Edit, Version},
    },
    text::escape,
};
use serde::{Deserialize, Serialize};

use super::{Call, Step, lines, load, show, write::edit};
use crate::{
    frame::{
        callback::Field,
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        page::Page,
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p, t,
};

/// Variables on a page.
const PAGE: u32 = 20;
/// Characters of a value for those without one.
const FALLBACK: usize = 200;

/// From this number on, a place is one of [`ABOUT`].
const FIRST_ABOUT: u8 = 100;

/// What texts name of a visit, an order, a deal, a payment, the most wanted first.
const ABOUT: &[(OccasionKind, &str, FieldKind)] = &[
    (OccasionKind::Visit, "date", FieldKind::Date),
    (OccasionKind::Visit, "time", FieldKind::Text),
    (OccasionKind::Visit, "title", FieldKind::Text),
    (OccasionKind::Visit, "staff", FieldKind::Text),
    (OccasionKind::Visit, "place", FieldKind::Text),
    (OccasionKind::Order, "number", FieldKind::Text),
    (OccasionKind::Order, "title", FieldKind::Text),
    (OccasionKind::Order, "stage", FieldKind::Text),
    (OccasionKind::Order, "amount", FieldKind::Number),
    (OccasionKind::Deal, "title", FieldKind::Text),
    (OccasionKind::Deal, "stage", FieldKind::Text),
    (OccasionKind::Deal, "amount", FieldKind::Number),
    (OccasionKind::Payment, "date", FieldKind::Date),
    (OccasionKind::Payment, "amount", FieldKind::Number),
];

/// A variable in a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Var {
    /// Every account has it: its place in [`BUILT_IN`].
    BuiltIn(u8),
    /// Of what a message is about, where a CRM tells of it: its place in [`ABOUT`].
    About(u8),
    /// A contact field.
    Field(FieldId),
}

impl Field for Var {
    fn put(&self) -> String {
        match self {
            Self::BuiltIn(place) => place.put(),
            Self::About(place) => (FIRST_ABOUT + place).put(),
            Self::Field(id) => id.put(),
        }
    }
    fn take(text: &str) -> Option<Self> {
        // A number has three digits at most, an id twenty-two characters.
        if text.len() > 3 {
            return FieldId::take(text).map(Self::Field);
        }
        u8::take(text).map(|place| place.checked_sub(FIRST_ABOUT).map_or(Self::BuiltIn(place), Self::About))
    }
    fn sample() -> Self {
        Self::Field(Field::sample())
    }
}

/// A variable as screens show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// What a button carries.
    pub var: Var,
    /// Its key in texts.
    pub key: String,
    /// What people call it.
    pub title: String,
    pub kind: FieldKind,
    /// Everybody has a value: no fallback is needed.
    pub always: bool,
}

impl Variable {
    /// How it is written in a text.
    #[must_use]
    pub fn snippet(&self) -> String {
        let key = &self.key;
        match self.kind {
            FieldKind::Text | FieldKind::Number => format!("{{{{ {key} }}}}"),
            FieldKind::Date => format!("{{{{ {key} | date_ru }}}}"),
            FieldKind::Flag => format!("{{% if {key} %}}…{{% endif %}}"),
        }
    }

    /// How it is written with words for those who have no value: typed characters, not markup.
    #[must_use]
    pub fn with_fallback(&self, words: &str) -> String {
        let key = &self.key;
        match self.kind {
            FieldKind::Text | FieldKind::Number => {
                // Braces would end the tag, a quote the words.
                let words: String = words.chars().filter(|c| !matches!(c, '{' | '}' | '%' | '"' | '“' | '”' | '„')).collect();
                format!("{{{{ {key} | default: \"{}\" }}}}", words.trim())
            }
            FieldKind::Date => format!("{{% if {key} %}}{{{{ {key} | date_ru }}}}{{% else %}}{words}{{% endif %}}"),
            FieldKind::Flag => format!("{{% if {key} %}}…{{% else %}}{words}{{% endif %}}"),
        }
    }
}

/// All of an account's variables; `kinds`: what its CRM tells of.
#[must_use]
pub fn all(tr: Tr, fields: &[ContactField], kinds: &[OccasionKind]) -> Vec<Variable> {
    let about = ABOUT.iter().zip(0..).filter(|((kind, ..), _)| kinds.contains(kind)).map(|((kind, part, holds), place)| Variable {
        var: Var::About(place),
        key: format!("{}.{part}", kind.as_str()),
        title: about_title(tr, *kind, part),
        kind: *holds,
        always: false,
    });
    let titles = [
        p!(tr, "templates-var-name"),
        p!(tr, "templates-var-first-name"),
        p!(tr, "templates-var-last-name"),
        p!(tr, "templates-var-company"),
        p!(tr, "templates-var-advertiser"),
        p!(tr, "templates-var-today"),
        p!(tr, "templates-var-patronymic"),
    ];
    let built_in = BUILT_IN.iter().zip(titles).zip(0..).map(|((key, title), place)| Variable {
        var: Var::BuiltIn(place),
        key: (*key).to_owned(),
        title,
        kind: if *key == "today" { FieldKind::Date } else { FieldKind::Text },
        always: matches!(*key, "company" | "advertiser" | "today"),
    });
    let own = fields.iter().map(|field| Variable {
        var: Var::Field(field.id),
        key: field.key.clone(),
        title: field.title.clone(),
        kind: field.kind,
        always: false,
    });
    built_in.chain(own).chain(about).collect()
}

fn about_title(tr: Tr, kind: OccasionKind, part: &str) -> String {
    let kind = kind.as_str();
    p!(tr, "templates-var-about", kind = kind, part = part)
}

async fn known(cx: &Cx) -> Result<Vec<Variable>, BotError> {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    Ok(all(cx.tr, &field::list(store, account).await?, &occasion::kinds(store, account).await?))
}

async fn one_of(cx: &Cx, var: Var) -> Result<Variable, BotError> {
    known(cx).await?.into_iter().find(|variable| variable.var == var).ok_or(BotError::Gone)
}

/// The list.
pub(super) async fn open(cx: &Cx, version: VersionId, page: u32) -> Outcome {
    Ok(list(cx.tr, &load(cx, version).await?, &known(cx).await?, page).into())
}

/// One variable.
pub(super) async fn one(cx: &Cx, version: VersionId, var: Var) -> Outcome {
    Ok(card(cx.tr, &load(cx, version).await?, &one_of(cx, var).await?).into())
}

/// To the end of the text.
pub(super) async fn append(cx: &Cx, version: VersionId, var: Var) -> Outcome {
    let snippet = one_of(cx, var).await?.snippet();
    let made = add(cx, version, &snippet).await?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-variable-added")))
}

/// Asks for the words of those who have no value.
pub(super) async fn ask_fallback(cx: &Cx, version: VersionId, var: Var) -> Outcome {
    let loaded = load(cx, version).await?;
    let variable = one_of(cx, var).await?;
    cx.ask(Step::Fallback { version, var }).await?;
    Ok(ask(cx.tr, &loaded, &variable, None).into())
}

/// They were typed.
pub(super) async fn fallback(cx: &Cx, version: VersionId, var: Var, input: &Input) -> Outcome {
    let variable = one_of(cx, var).await?;
    let words = input.text().split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() || words.chars().count() > FALLBACK {
        let sentence = p!(cx.tr, "templates-fallback-bad", most = FALLBACK);
        return Ok(ask(cx.tr, &load(cx, version).await?, &variable, Some(&sentence)).into());
    }
    let snippet = match variable.kind {
        FieldKind::Text | FieldKind::Number => variable.with_fallback(&words),
        // Between tags the words are text of the message.
        FieldKind::Date | FieldKind::Flag => variable.with_fallback(&escape(&words.replace(['{', '}'], ""))),
    };
    let made = add(cx, version, &snippet).await?;
    cx.leave().await?;
    Ok(show(cx, made.id).await?.saying(p!(cx.tr, "templates-variable-added")))
}

async fn add(cx: &Cx, version: VersionId, snippet: &str) -> Result<Version, BotError> {
    let body = load(cx, version).await?.body;
    let body = body.trim_end();
    let body = if body.is_empty() { snippet.to_owned() } else { format!("{body} {snippet}") };
    edit(cx, version, Edit::Body(body)).await
}

/// The list.
#[must_use]
pub fn list(tr: Tr, version: &Version, variables: &[Variable], page: u32) -> Screen {
    let id = version.id;
    let page = Page::of(variables.len(), PAGE, page);
    let shown: Vec<Button> = page
        .rows(variables)
        .iter()
        .map(|variable| Button::call(lines::short(&variable.title, 30), Call::Variable { version: id, var: variable.var }))
        .collect();
    shown
        .chunks(2)
        .fold(Screen::new(t!(tr, "templates-variables")), |screen, row| screen.row(row.to_vec()))
        .pager(page, |page| Call::Variables { version: id, page })
        .nav(tr, Call::Card { version: id })
}

/// A variable: what to copy, and how to add it.
#[must_use]
pub fn card(tr: Tr, version: &Version, variable: &Variable) -> Screen {
    let code = |source: &str| format!("<code>{}</code>", escape(source));
    let mut html = t!(tr, "templates-variable", title = &variable.title, code = Html(code(&variable.snippet())));
    if !variable.always {
        let example = match variable.kind {
            FieldKind::Text => p!(tr, "templates-fallback-example"),
            _ => "…".to_owned(),
        };
        html.push_str("\n\n");
        html.push_str(&t!(tr, "templates-variable-fallback", code = Html(code(&variable.with_fallback(&example)))));
    }
    let hint = match variable.kind {
        FieldKind::Text => None,
        FieldKind::Number => Some(t!(tr, "templates-variable-number", key = &variable.key)),
        FieldKind::Date => Some(t!(tr, "templates-variable-date", key = &variable.key)),
        FieldKind::Flag => Some(t!(tr, "templates-variable-flag")),
    };
    if let Some(hint) = hint {
        html.push_str("\n\n");
        html.push_str(&hint);
    }
    let (id, var) = (version.id, variable.var);
    Screen::new(html)
        .button(p!(tr, "templates-variable-append"), Call::Append { version: id, var })
        .button_if(!variable.always, p!(tr, "templates-variable-append-fallback"), Call::AskFallback { version: id, var })
        .nav(tr, Call::Variables { version: id, page: 0 })
}

/// Which words for those who have no value?
#[must_use]
pub fn ask(tr: Tr, version: &Version, variable: &Variable, sentence: Option<&str>) -> Screen {
    let question = t!(tr, "templates-ask-fallback", title = &variable.title);
    let html = match sentence {
        None => question,
        Some(sentence) => t!(tr, "templates-again", sentence = sentence, question = Html(question)),
    };
    Screen::new(html).nav(tr, Call::Variable { version: version.id, var: variable.var })
}

#[cfg(test)]
mod tests {
    use mms_core::template::{Class, Content, engine::Prepared};

    use super::*;

    /// What a button adds can be read, whatever was typed.
    #[test]
    fn what_is_added_can_be_read() {
        for kind in [FieldKind::Text, FieldKind::Number, FieldKind::Date, FieldKind::Flag] {
            let variable = Variable { var: Var::BuiltIn(0), key: "city".to_owned(), title: String::new(), kind, always: false };
            for source in [variable.snippet(), variable.with_fallback("друг"), variable.with_fallback("a \"b\" 'c' «d» | e: 1")] {
                let content = Content { class: Class::Service, body: source.clone(), media: None, buttons: Vec::new() };
                Prepared::new(&content).unwrap_or_else(|error| panic!("{source}: {error}"));
            }
        }
    }
}
