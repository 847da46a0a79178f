use chrono::TimeZone as _;
use serde_json::json;

use super::*;
use crate::{
    account::Language,
    channel::{ChannelKind, ProviderTemplate, registry},
    id::FileId,
    template::{Class, provider::Filler},
    words::Reason,
};

fn rules() -> TemplateRules {
    ChannelKind::ALL.iter().find_map(|kind| registry::capabilities(*kind).templates).expect("a messenger approves templates")
}

fn facts(attributes: serde_json::Value) -> Facts {
    Facts {
        name: "Анна Петрова".into(),
        first_name: "Анна".into(),
        last_name: "Петрова".into(),
        attributes: attributes.as_object().cloned().unwrap_or_default(),
        account_name: "Ромашка".into(),
        advertiser: "ООО «Ромашка»".into(),
        now: chrono::Utc.with_ymd_and_hms(2026, 11, 23, 22, 30, 0).unwrap(),
        zone: chrono_tz::Europe::Moscow,
        language: Language::Ru,
    }
}

fn sample() -> Facts {
    facts(json!({ "city": "Пермь", "bonus": 12_500, "vip": true, "code": "a b", "dog": "Рекс" }))
}

fn content(body: &str) -> Content {
    Content { class: Class::Advertising, body: body.to_owned(), media: None, buttons: Vec::new() }
}

fn with(buttons: Vec<TemplateButton>) -> Content {
    Content { buttons, ..content("Скидка ждёт вас") }
}

fn made(content: &Content) -> Result<Compiled, Refusal> {
    compile(content, None, &sample(), &rules())
}

fn link(text: &str, url: &str) -> TemplateButton {
    TemplateButton::Url { text: text.to_owned(), url: url.to_owned() }
}

fn out(text: &str) -> TemplateButton {
    TemplateButton::OptOut { text: text.to_owned() }
}

/// The text with each value's name in braces.
fn shown(compiled: &Compiled) -> String {
    compiled
        .body
        .text
        .chars()
        .map(|char| match review::placed(char) {
            Some(n) => format!("{{{}}}", compiled.mapping.values[n].name),
            None => char.to_string(),
        })
        .collect()
}

#[test]
fn an_opt_out_whose_press_comes_as_words_says_so() {
    let rules = TemplateRules { made_at_provider: true, ..rules() };
    for (words, taken) in [("Отписаться", true), ("Unsubscribe", true), ("Стоп", true), ("Закрыть", false), ("Не сейчас", false)]
    {
        let content = Content { buttons: vec![out(words)], ..content("Скидка ждёт вас") };
        let made = compile(&content, None, &sample(), &rules);
        assert_eq!(made.err(), (!taken).then_some(Refusal::ButtonOptOut { button: 0 }), "{words}");
    }
    assert!(made(&Content { buttons: vec![out("Закрыть")], ..content("Скидка ждёт вас") }).is_ok(), "elsewhere a press tells itself");
}

#[test]
fn outputs_become_values_with_names() {
    for (body, text, examples) in [
        ("Здравствуйте, {{ first_name }}! Ждём вас.", "Здравствуйте, {first_name}! Ждём вас.", vec!["Анна"]),
        ("<b>{{ advertiser }}</b> дарит {{ bonus }} ₽. Не {{ bonus }}, а {{bonus | plus: 1}}!", "", vec![]),
        (
            "Скидка от {{ advertiser }}: {{ bonus }} ₽, и ещё {{ bonus }}!",
            "Скидка от {advertiser}: {bonus} ₽, и ещё {bonus_2}!",
            vec!["ООО «Ромашка»", "12 500", "12 500"],
        ),
        (
            "Добрый день, {{ first_name | default: \"друг\" | upcase }}, в городе {{ city }} праздник.",
            "Добрый день, {first_name}, в городе {city} праздник.",
            vec!["АННА", "Пермь"],
        ),
        ("Итого {% assign all = bonus | plus: 5 %}{{ all }} ₽ за всё.", "Итого {all} ₽ за всё.", vec!["12505"]),
        ("Для вас, {% if vip %}{{ name }}{% else %}{{ first_name }}{% endif %}: скидка.", "Для вас, {vip}: скидка.", vec!["Анна Петрова"]),
        ("Скидка{% comment %} не {{ показывать }} {% if %}{% endcomment %} ждёт.", "Скидка ждёт.", vec![]),
        ("Скидка  {{- city -}}  ждёт вас.", "Скидка{city}ждёт вас.", vec!["Пермь"]),
    ] {
        let result = made(&content(body));
        if text.is_empty() {
            assert_eq!(result, Err(Refusal::Edge), "{body}");
            continue;
        }
        let compiled = result.unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!(shown(&compiled), text, "{body}");
        assert_eq!(compiled.examples.iter().map(|one| one.replace('\u{a0}', " ")).collect::<Vec<_>>(), examples, "{body}");
    }
}

/// What a person gets from the template is what the preview shows, whatever the values.
#[test]
fn a_filled_template_reads_as_the_preview() {
    let body =
        "Здравствуйте, <b>{{ first_name | default: \"друг\" }}</b>!\n\nВ городе {{ city }} вас ждёт {{ bonus }} ₽ и {{ dog }}. Приходите.";
    let content = content(body);
    let compiled = made(&content).expect("it can be one");
    let filler = Filler::new(("n".into(), "7".into()), "ru".into(), compiled.mapping.clone(), rules().text).expect("it parses");
    for attributes in
        [json!({ "city": "Пермь", "bonus": 5, "dog": "<Рекс> & Ко" }), json!({ "city": "Уфа", "bonus": 1_000_000, "dog": "{{ кот }}" })]
    {
        let facts = facts(attributes);
        let rendered = Prepared::new(&content).expect("it parses").render(&facts).expect("it renders");
        let values = filler.values(&facts).expect("values");
        assert_eq!(filler.said(&values).as_ref(), Some(&rendered.body), "letters stay bold around a value");
        let filled = filler.fill(&rendered, values, None).expect("it fits");
        let mut text = String::new();
        for char in compiled.body.text.chars() {
            match review::placed(char) {
                Some(n) => text.push_str(&filled.parameters[n].1),
                None => text.push(char),
            }
        }
        assert_eq!(text, rendered.body.text);
    }
}

#[test]
fn words_under_a_condition_are_refused_with_the_tag() {
    for (body, written) in [
        ("Скидка {% if vip %}для вас{% endif %} ждёт.", "{% if vip %}"),
        ("Скидка {% if first_name %}{{ first_name }}{% else %}друг{% endif %} ждёт.", "{% if first_name %}"),
        ("Вот {% for i in (1..3) %}раз {% endfor %}и всё.", "{% for i in (1..3) %}"),
        ("Вот {% unless vip %}<b>{{ city }}</b>{% endunless %} и всё.", "{% unless vip %}"),
        ("Вот {% case city %}{% when \"Пермь\" %}да{% endcase %} и всё.", "{% case city %}"),
        ("Вот {% raw %}{{ city }}{% endraw %} и всё.", "{% raw %}"),
        ("{% capture x %}слова{% endcapture %}Вот {{ x }} и всё.", "{% capture x %}"),
    ] {
        assert_eq!(made(&content(body)), Err(Refusal::Condition { written: written.to_owned() }), "{body}");
    }
}

#[test]
fn a_text_that_no_provider_takes_is_refused() {
    assert_eq!(made(&content("{{ first_name }}, вас ждёт скидка!")), Err(Refusal::Edge));
    assert_eq!(made(&content("Вас ждёт скидка, {{ first_name }}")), Err(Refusal::Edge));
    assert_eq!(made(&content("Скидка <a href=\"https://ex.ru/{{ city }}\">тут</a>, ждём.")), Err(Refusal::Link));
    let long = made(&content(&"ж".repeat(rules().text + 1)));
    assert_eq!(long, Err(Refusal::TooLong { length: rules().text + 1, limit: rules().text }));
    assert!(matches!(made(&content("Скидка {{ никого }} ждёт")), Err(Refusal::Parse(_))));
    assert!(matches!(made(&content("Скидка {{ nobody }} ждёт")), Err(Refusal::Render(_))));
}

#[test]
fn buttons_that_open_pages_come_first() {
    let compiled =
        made(&with(vec![out("Отписаться"), link("Сайт", "https://ex.ru"), link("Запись", "https://ex.ru/b?c={{ code }}")])).expect("made");
    assert_eq!(
        compiled.buttons,
        [
            FormButton::Url { text: "Сайт".into(), url: "https://ex.ru/".into(), example: None },
            FormButton::Url {
                text: "Запись".into(), url: "https://ex.ru/b?c=".into(), example: Some("https://ex.ru/b?c=a%20b".into())
            },
            FormButton::Reply { text: "Отписаться".into() },
        ]
    );
    assert_eq!(compiled.mapping.buttons, [Slot::Page, Slot::Begins { button: 2, prefix: "https://ex.ru/b?c=".into() }, Slot::OptOut]);
    for (buttons, refusal) in [
        (vec![out("{{ first_name }}, стоп")], Refusal::ButtonText { button: 0 }),
        (vec![link("Сайт", "https://ex.ru"), out(&"ж".repeat(26))], Refusal::ButtonLong { button: 1, limit: 25 }),
        (vec![link("Сайт", "https://ex.ru/{{ code }}/b")], Refusal::ButtonUrl { button: 0 }),
        (vec![link("Сайт", "https://ex.ru/{{ city }}{{ code }}")], Refusal::ButtonUrl { button: 0 }),
        (vec![link("Сайт", "https://{{ dog }}.ru/")], Refusal::Render(RenderError { reason: Reason::BadMarkup, detail: String::new() })),
        (vec![link("А", "https://ex.ru/1"), link("Б", "https://ex.ru/2"), link("В", "https://ex.ru/3")], Refusal::Links { limit: 2 }),
    ] {
        let found = made(&with(buttons)).expect_err("refused");
        assert!(
            found == refusal || matches!((&found, &refusal), (Refusal::ButtonUrl { .. } | Refusal::Render(_), Refusal::Render(_))),
            "{found:?}"
        );
    }
}

#[test]
fn a_file_above_the_text_has_a_type_of_the_providers() {
    let photo = Content { media: Some((MediaKind::Photo, FileId::new())), ..content("Скидка ждёт вас") };
    let document = Content { media: Some((MediaKind::Document, FileId::new())), ..content("Скидка ждёт вас") };
    let made = |content: &Content, mime: &str| compile(content, Some(mime), &sample(), &rules()).map(|_| ());
    assert_eq!(made(&photo, "image/png"), Ok(()));
    assert_eq!(made(&photo, "image/webp"), Err(Refusal::File { mime: "image/webp".into() }));
    assert_eq!(made(&document, "application/pdf"), Ok(()));
    assert_eq!(made(&document, "text/csv"), Err(Refusal::File { mime: "text/csv".into() }));
}

/// No provider takes an empty value, and one line is all it takes.
#[test]
fn a_value_is_one_line_and_never_empty() {
    let content = with(vec![link("Запись", "https://ex.ru/b/{{ code }}"), out("Отписаться")]);
    let content =
        Content { body: "Привет, {{ first_name }}! Для {{ dog | default: \"\" }} есть скидка.".into(), ..content };
    let compiled = made(&content).expect("made");
    let filler = Filler::new(("promo".into(), "7".into()), "ru".into(), compiled.mapping, rules().text).expect("it parses");
    let prepared = Prepared::new(&content).expect("it parses");
    let fill = |facts: &Facts| -> Result<ProviderTemplate, RenderError> {
        let values = filler.values(facts)?;
        filler.fill(&prepared.render(facts)?, values, None)
    };
    let filled = fill(&facts(json!({ "dog": " Рекс\n\tи    Бим ", "code": "../8" })));
    // The address does not begin as all of them do.
    assert_eq!(filled.expect_err("refused").reason, Reason::NoValue);
    let filled = fill(&facts(json!({ "dog": " Рекс\n\tи    Бим ", "code": "скидка" }))).expect("filled");
    assert_eq!(filled.parameters, [("first_name".to_owned(), "Анна".to_owned()), ("dog".to_owned(), "Рекс и Бим".to_owned())]);
    assert_eq!(
        filled.buttons,
        [
            Some(ButtonAction::Url("%D1%81%D0%BA%D0%B8%D0%B4%D0%BA%D0%B0".to_owned())),
            Some(ButtonAction::Callback(crate::channel::OPT_OUT_CALLBACK.to_owned())),
        ]
    );
    let none = fill(&facts(json!({ "code": "x" }))).expect_err("no dog");
    assert_eq!((none.reason, none.detail.as_str()), (Reason::NoValue, "dog"));
    let long = fill(&facts(json!({ "dog": "ж".repeat(rules().text), "code": "x" }))).expect_err("too long");
    assert_eq!(long.reason, Reason::TooLong);
}

#[test]
fn the_digest_covers_what_is_sent() {
    let digest = |content: &Content| made(content).expect("made").digest;
    let one = content("Привет, {{ first_name }}! Скидка ждёт.");
    assert_eq!(digest(&one), digest(&one.clone()));
    for other in [
        content("Привет, {{ first_name }}! Скидка ждет."),
        content("Привет, <b>{{ first_name }}</b>! Скидка ждёт."),
        content("Привет, {{ first_name | upcase }}! Скидка ждёт."),
        Content { buttons: vec![out("Отписаться")], ..one.clone() },
    ] {
        assert_ne!(digest(&one), digest(&other), "{}", other.body);
    }
}

proptest::proptest! {
    /// Whatever a template is, taking it apart neither panics nor leaves a tag in the text.
    #[test]
    fn nothing_panics(body in "(а|,| |<b>|</b>|\\{\\{ name \\}\\}|\\{\\{- city -\\}\\}|\\{% if vip %\\}|\\{% else %\\}|\\{% endif %\\}|\\{% assign a = city %\\}|\\{\\{ a \\}\\}|\\{% comment %\\}|\\{% endcomment %\\}|\n){0,14}") {
        if let Ok(compiled) = made(&content(&body)) {
            let left = ["{{", "{%"].iter().any(|tag| compiled.body.text.contains(tag));
            proptest::prop_assert!(!left, "a tag is left: {}", compiled.body.text);
            proptest::prop_assert_eq!(compiled.examples.len(), compiled.mapping.values.len());
        }
    }
}
