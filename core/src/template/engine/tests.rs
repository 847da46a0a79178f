mod typed;

use chrono::TimeZone as _;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::template::{
    Class,
    meter::{MAX_ITERATIONS, MAX_OUTPUT},
};

fn content(body: &str) -> Content {
    Content { class: Class::Service, body: body.to_owned(), media: None, buttons: Vec::new() }
}

fn facts(attributes: serde_json::Value) -> Facts {
    Facts {
        name: "Анна Петрова".into(),
        first_name: "Анна".into(),
        last_name: String::new(),
        attributes: attributes.as_object().cloned().unwrap_or_default(),
        account_name: "Ромашка".into(),
        advertiser: "ООО «Ромашка»".into(),
        now: chrono::Utc.with_ymd_and_hms(2026, 11, 23, 22, 30, 0).unwrap(),
        zone: chrono_tz::Europe::Moscow,
        language: crate::account::Language::Ru,
    }
}

fn render(body: &str, attributes: serde_json::Value) -> Result<String, RenderError> {
    Prepared::new(&content(body)).unwrap_or_else(|e| panic!("{body}: {e}")).render(&facts(attributes)).map(|r| r.body.text)
}

fn reason(body: &str) -> Reason {
    render(body, json!({})).expect_err(body).reason
}

#[test]
fn renders_what_templates_say() {
    let data = json!({ "city": "Казань", "bonus": 22, "sum": 12500.5, "birthday": "1990-05-17", "vip": true, "visit": "2026-03-01", "big": 1_250_000, "year": 2026 });
    for (body, text) in [
        ("Здравствуйте, {{ first_name }}!", "Здравствуйте, Анна!"),
        ("{{ city | upcase }} {{city|size}}", "КАЗАНЬ 6"),
        ("{{ bonus }} {{ bonus | plural: 'бонус', 'бонуса', 'бонусов' }}", "22 бонуса"),
        ("{{ 11 | plural: 'бонус', 'бонуса', 'бонусов' }}", "бонусов"),
        ("{{ sum | money }}", "12\u{a0}500,50\u{a0}₽"),
        ("{{ sum | round | money: '' }}", "12\u{a0}501"),
        ("{{ birthday }} / {{ birthday | date_ru: 'short' }} / {{ visit | date: '%d.%m' }}", "17.05.1990 / 17\u{a0}мая / 01.03"),
        ("{{ today }}, {{ 'now' | date: '%H:%M' }}", "24.11.2026, 01:30"),
        ("{% if vip %}Вы наш гость{% else %}нет{% endif %}", "Вы наш гость"),
        ("{% if city == \"Казань\" and bonus > 20 %}да{% endif %}", "да"),
        ("{% unless missing %}нет{% endunless %}", "нет"),
        ("{% case city %}{% when 'Москва' %}M{% when 'Казань' %}К{% endcase %}", "К"),
        ("{% assign x = bonus | times: 2 | plus: 1 %}{{ x }}", "45"),
        ("{% capture x %}{{ city }}!{% endcapture %}{{ x }}{{ x }}", "Казань!Казань!"),
        ("{% for i in (1..3) %}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}", "1,2,3"),
        ("{% for i in (1..9) reversed limit:2 offset:1 %}{{ i }}{% endfor %}", "32"),
        ("{% for i in (1..999999999) %}{% if i > 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "12"),
        ("{% assign l = 'a,b' | split: ',' %}{% for x in l %}[{{ x }}]{% endfor %}{{ l[1] }}{{ l.first }}", "[a][b]ba"),
        ("{% for x in missing %}{{ x }}{% else %}пусто{% endfor %}", "пусто"),
        ("{{ missing | default: “друг” }}, {{ last_name | default: «гость» | upcase }}", "друг, ГОСТЬ"),
        ("{% comment %}{{ нет }}{% endcomment %}x{% raw %}{{ y }}{% endraw %}", "x{{ y }}"),
        ("{% comment %}{% if x %}{% comment %}{% capture y %}{% endcomment %}x", "x"),
        ("{{ '8 (916) 123-45-67' | phone }}", "+7 916 123-45-67"),
        ("{{ 'длинное слово' | truncate: 8 }}", "длинное…"),
        ("{{ company }}: {{ advertiser }}", "Ромашка: ООО «Ромашка»"),
        ("  \n {{ name }} \n", "Анна Петрова"),
        ("{{ 7 | divided_by: 2 }} {{ 7.0 | divided_by: 2 }}", "3 3.5"),
        ("{{ sum }} {{ bonus }} {{ big }} {{ year }}", "12\u{a0}500,5 22 1\u{a0}250\u{a0}000 2026"),
        ("{{ sum | plus: 1 }} {% capture x %}{{ sum }}{% endcapture %}{{ x | plus: 1 }}", "12501.5 12501.5"),
        ("{% if sum > 12000 and sum == 12500.5 %}да{% endif %}", "да"),
        ("{{ visit | date: '%A, %d %B (%a, %b) %%B' }}", "воскресенье, 01 марта (вс, мар) %B"),
        ("{{ 'a & b' | replace: '&', 'и' }}", "a и b"),
    ] {
        assert_eq!(render(body, data.clone()).as_deref(), Ok(text), "{body}");
    }
}

/// A default after another filter, or after a default without a value, stopped the message for
/// everybody without the first.
#[test]
fn default_works_as_people_know_it() {
    let data = json!({ "city": "Казань", "sum": "много", "no": false });
    for (body, text) in [
        ("{{ missing | upcase | default: 'друг' }}", "друг"),
        ("{{ missing | date: '%d.%m' | default: 'скоро' }}", "скоро"),
        ("{{ missing | date_ru | default: 'скоро' }}", "скоро"),
        ("{{ missing | money | default: '—' }}", "—"),
        ("{{ missing | plural: 'а', 'б', 'в' | default: '—' }}", "—"),
        ("{{ sum | money | default: 'сколько-то' }}", "сколько-то"),
        ("{{ city | date: '%d.%m' | default: 'скоро' }}", "скоро"),
        ("{{ first_name | default: last_name | default: 'друг' }}, привет", "Анна, привет"),
        ("{{ last_name | default: missing | default: 'друг' }}, привет", "друг, привет"),
        ("{{ last_name | default: first_name | upcase }}", "АННА"),
        ("{{ 'x' | append: missing | default: 'y' }}", "y"),
        ("{{ no | default: 'нет' }}", "нет"),
        ("{{ city | default: missing }}", "Казань"),
        ("{% assign c = missing %}{{ c | default: 'друг' }}{% if c %}x{% endif %}", "друг"),
        ("{% assign c = missing | upcase %}{% for x in c %}x{% else %}пусто{% endfor %}", "пусто"),
        ("{% assign c = city | upcase %}{{ c }}", "КАЗАНЬ"),
        ("{% if missing contains 'x' %}да{% else %}нет{% endif %}", "нет"),
        ("{% if city contains missing %}да{% else %}нет{% endif %}", "нет"),
        ("{% if city contains '' %}да{% else %}нет{% endif %}", "нет"),
        ("{% if city contains 'зан' %}да{% else %}нет{% endif %}", "да"),
        ("{% if missing == nil %}да{% endif %}{% if missing == missing2 %}да{% endif %}{% if missing == '' %}нет{% endif %}", "дада"),
    ] {
        assert_eq!(render(body, data.clone()).as_deref(), Ok(text), "{body}");
    }
    for (body, name) in [
        ("{{ last_name | default: missing }}", "missing"),
        ("{{ missing | upcase | append: '!' }}", "missing"),
        ("{% assign c = missing | upcase %}{{ c }}", "missing"),
        ("{{ sum | money }}", "money: \"много\""),
    ] {
        let error = render(body, data.clone()).expect_err(body);
        assert_eq!((error.reason, error.detail.as_str()), (Reason::NoValue, name), "{body}");
    }
}

/// A link has the bare number: its digits are an address, no text.
#[test]
fn numbers_in_links_are_bare() {
    let data = json!({ "order": 1_234_567, "sum": 1250.5 });
    let body = "<a href=\"https://x.ru/?n={{ order }}&s={{ sum }}\">{{ order }}: {{ sum }}</a>";
    let rendered = Prepared::new(&content(body)).expect("parses").render(&facts(data.clone())).expect("renders").body;
    assert_eq!(rendered.text, "1\u{a0}234\u{a0}567: 1\u{a0}250,5");
    assert_eq!(rendered.spans[0].style, Style::Link("https://x.ru/?n=1234567&s=1250.5".into()));
    let english = Facts { language: crate::account::Language::En, ..facts(data) };
    let text = |body: &str| Prepared::new(&content(body)).expect("parses").render(&english).expect("renders").body.text;
    assert_eq!(text("{{ order }} {{ sum }}"), "1,234,567 1,250.5");
    assert_eq!(text("{{ '2026-03-01' | date: '%A %b' }}"), "Sunday Mar");
}

#[test]
fn a_value_that_is_not_there_stops_the_message() {
    for body in [
        "{{ city }}",
        "{{ city | upcase }}",
        "{{ 'x' | append: city }}",
        "{% assign c = city %}{{ c }}",
        "{% assign c = city | upcase %}{{ c | append: '!' }}",
        "{% capture c %}{{ city }}{% endcapture %}x",
        "{% for i in (1..city) %}x{% endfor %}",
        "{{ first_name.nothing }}",
        "{{ first_name | plus: 1 }}",
        "{{ 1 | divided_by: 0 }}",
    ] {
        assert_eq!(reason(body), Reason::NoValue, "{body}");
    }
    assert_eq!(render("{{ city }}", json!({ "city": "  " })).expect_err("blank").detail, "city");
    assert_eq!(reason("{% if city %}x{% endif %}"), Reason::Empty);
    assert_eq!(reason("<b>x{% if city %}</b>{% endif %}"), Reason::BadMarkup);
}

#[test]
fn values_are_never_markup() {
    let data = json!({ "x": "<b>&amp;\" {{ name }} </b>\u{e100}\u{e10f}", "url": "https://x.ru/?a=1&b=2" });
    assert_eq!(render("{{ x }}", data.clone()).as_deref(), Ok("<b>&amp;\" {{ name }} </b>\u{fffd}\u{fffd}"));
    assert_eq!(render("{{ x | size }}", json!({ "x": "<&>" })).as_deref(), Ok("3"));
    assert_eq!(render("{% if x == 'A&B' %}да{% endif %}", json!({ "x": "A&B" })).as_deref(), Ok("да"));
    assert_eq!(render("{{ nope | default: \"<i>&lt;\" }}", data.clone()).as_deref(), Ok("<i>&lt;"));
    let rendered = Prepared::new(&content("<a href=\"{{ url }}\">{{ x }}</a>")).expect("parses").render(&facts(data)).expect("renders");
    assert_eq!(rendered.body.spans.len(), 1);
    assert_eq!(rendered.body.spans[0].style, Style::Link("https://x.ru/?a=1&b=2".into()));
}

#[test]
fn buttons_are_rendered_and_checked() {
    let mut c = content("x");
    c.buttons = vec![
        TemplateButton::Url {
            text: "В {{ city }}".into(),
            url: "https://x.ru/{{ city | url_encode }}?n={{ first_name | url_encode }}".into(),
        },
        TemplateButton::OptOut { text: "Отписаться".into() },
    ];
    let rendered = Prepared::new(&c).expect("parses").render(&facts(json!({ "city": "A&B" }))).expect("renders");
    assert_eq!(
        rendered.buttons,
        vec![
            vec![Button { text: "В A&B".into(), action: ButtonAction::Url("https://x.ru/A%26B?n=%D0%90%D0%BD%D0%BD%D0%B0".into()) }],
            vec![Button { text: "Отписаться".into(), action: ButtonAction::Callback("stop".into()) }],
        ]
    );
    for url in ["javascript:alert(1)", "x.ru", "https://", "ftp://x.ru/", "https://localdomain/"] {
        c.buttons = vec![TemplateButton::Url { text: "x".into(), url: url.into() }];
        let error = Prepared::new(&c).expect("parses").render(&facts(json!({}))).expect_err(url);
        assert_eq!(error, RenderError { reason: Reason::BadMarkup, detail: "the link of button 1".into() }, "{url}");
    }
}

#[test]
fn errors_name_the_place() {
    for (body, line, column, problem) in [
        ("a\nпривет {{ name", 2, 8, ParseProblem::UnclosedTag),
        ("{{ name | shout }}", 1, 11, ParseProblem::UnknownFilter("shout".into())),
        ("x {% include 'y' %}", 1, 3, ParseProblem::UnknownTag("include".into())),
        ("x {% if a %}", 1, 3, ParseProblem::UnclosedBlock("if".into())),
        ("x {% endif %}", 1, 3, ParseProblem::StrayTag("endif".into())),
        ("{% for a in b %}{% if c %}{% endfor %}{% endif %}", 1, 27, ParseProblem::StrayTag("endfor".into())),
        ("{{ имя }}", 1, 4, ParseProblem::BadName("имя".into())),
        ("{{ }}", 1, 1, ParseProblem::EmptyTag),
        ("{{ 99999999999999999999 }}", 1, 4, ParseProblem::NumberTooLong),
        ("{{ a[b] }}", 1, 5, ParseProblem::BadIndex),
        ("{{ a | plural: 'x' }}", 1, 1, ParseProblem::FilterValues { name: "plural".into(), min: 3, max: 3 }),
    ] {
        let error = Prepared::new(&content(body)).expect_err(body);
        assert_eq!(error, ParseError { place: Place::Body, line, column, problem }, "{body}");
    }
    let error = Prepared::new(&content("да\n{{ a b }}")).expect_err("syntax");
    assert!(matches!(error.problem, ParseProblem::Syntax(_)), "{error:?}");
    assert_eq!(error.line, 2, "{error:?}");
}

#[test]
fn hostile_templates_end_at_a_limit() {
    let doubling = format!("{{% assign a = 'xxxxxxxxxxxxxxxx' %}}{}{{{{ a }}}}", "{% assign a = a | append: a %}".repeat(40));
    let captures =
        format!("{{% capture a %}}xxxxxxxxxxxxxxxx{{% endcapture %}}{}{{{{ a }}}}", "{% capture a %}{{a}}{{a}}{% endcapture %}".repeat(40));
    let replace = "{% assign a = 'aaaaaaaaaaaaaaaaaaaaaaaa' %}".to_owned() + &"{% assign a = a | replace: 'a', a %}".repeat(10) + "{{ a }}";
    let squares = format!("{{% assign a = 2 %}}{}{{{{ a }}}}", "{% assign a = a | times: a %}".repeat(80));
    let copies = "{% assign a = 'xxxxxxxxxxxxxxxx' %}".to_owned()
        + &"{% assign a = a | append: a %}".repeat(11)
        + "{% for i in (1..1000) %}{% assign b = a %}{% assign c = b | upcase %}{% if b == c %}x{% endif %}{% endfor %}";
    for (body, reasons) in [
        (
            "{% for a in (1..1000) %}{% for b in (1..1000) %}{% for c in (1..1000) %}x{% endfor %}{% endfor %}{% endfor %}",
            Reason::TooMuchWork,
        ),
        ("{% for a in (1..999999999) %}x{% endfor %}", Reason::TooMuchWork),
        ("{% for a in (-999999999999999..999999999999999) reversed %}{% endfor %}", Reason::TooMuchWork),
        (&doubling, Reason::TooLong),
        (&captures, Reason::TooLong),
        (&replace, Reason::TooLong),
        (&squares, Reason::NoValue),
        (&copies, Reason::TooMuchWork),
        (&format!("{{% for a in (1..1000) %}}{}{{% endfor %}}", "x".repeat(500)), Reason::TooLong),
        (&format!("{{% for a in (1..1000) %}}{}{{% endfor %}}", "{{''}}".repeat(1200)), Reason::TooMuchWork),
        (&format!("{{% for a in (1..1000) %}}{}{{% endfor %}}", "{% if 1 == 2 %}{% endif %}".repeat(300)), Reason::TooMuchWork),
    ] {
        assert_eq!(reason(body), reasons, "{}", &body[..body.len().min(200)]);
    }
    for (body, problem) in [
        ("{{".repeat(4000), ParseProblem::UnclosedTag),
        ("{{ \"".repeat(2000), ParseProblem::UnclosedTag),
        (" ".repeat(8000), ParseProblem::Blank),
        ("\n".repeat(8000), ParseProblem::Blank),
        ("x".repeat(9000), ParseProblem::TooLong { bytes: 9000, limit: scan::MAX_SOURCE }),
        ("{% if a %}".repeat(600), ParseProblem::TooDeep { limit: 24 }),
        ("{% if a %}".to_owned() + &"{% elsif a %}".repeat(600) + "{% endif %}", ParseProblem::TooDeep { limit: 24 }),
        ("{{ ".to_owned() + &"a[".repeat(4000) + " }}", ParseProblem::BadIndex),
    ] {
        assert_eq!(Prepared::new(&content(&body)).expect_err("hostile").problem, problem);
    }
    assert_eq!(MAX_ITERATIONS, 1_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_becomes_markup(value in any::<String>()) {
        prop_assume!(!value.trim().is_empty() && iso(&value).is_none());
        let rendered = Prepared::new(&content("[<b>{{ x }}</b>]")).expect("parses").render(&facts(json!({ "x": value }))).expect("renders");
        let shown: String = value.chars().map(|c| if ('\u{e100}'..='\u{e10f}').contains(&c) { '\u{fffd}' } else { c }).collect();
        prop_assert_eq!(rendered.body.text, format!("[{shown}]"));
        prop_assert_eq!(rendered.body.spans.len(), 1);
        prop_assert_eq!(rendered.body.spans[0].len, shown.encode_utf16().count());
    }

    #[test]
    fn any_template_parses_or_fails_and_ends(body in "(x|\\{\\{ | \\}\\}|\\{% | %\\}|name|nope|if |endif|for i in |\\(1\\.\\.99999\\)|endfor|\\| |upcase|default: |append: |'|\"|“|”|<b>|</b>|&|assign a = |capture a|endcapture|a|,|\\[|\\]|1|-|\n){0,40}") {
        if let Ok(prepared) = Prepared::new(&content(&body)) && let Ok(rendered) = prepared.render(&facts(json!({}))) {
            prop_assert!(rendered.body.text.len() <= MAX_OUTPUT);
        }
    }
}

fn iso(value: &str) -> Option<chrono::NaiveDate> {
    filters::iso_day(value)
}

#[test]
fn a_visit_is_named_by_its_parts() {
    let visit = json!({ "visit": { "at": "2026-12-05T14:00:00+03:00", "date": "2026-12-05", "time": "14:00", "title": "Стрижка <3", "amount": 1500 } });
    let says = |body: &str| render(body, visit.clone()).map_err(|error| (error.reason, error.detail));
    assert_eq!(says("{{ visit.at }}").as_deref(), Ok("05.12.2026 14:00"));
    assert_eq!(says("{{ visit.at | date: '%d.%m в %H:%M' }}").as_deref(), Ok("05.12 в 14:00"));
    assert_eq!(says("{{ visit.date }} {{ visit.time }} {{ visit.title }}").as_deref(), Ok("05.12.2026 14:00 Стрижка <3"));
    assert_eq!(says("{{ visit.amount }} {{ visit.amount | plus: 1 }}").as_deref(), Ok("1500 1501"));
    assert_eq!(says("{% if visit %}ждём{% else %}приходите{% endif %}").as_deref(), Ok("ждём"));
    assert_eq!(render("{% if visit %}ждём{% else %}приходите{% endif %}", json!({})).as_deref(), Ok("приходите"));
    // What is not known is missing by its own name, and can be replaced as any other value.
    assert_eq!(says("{{ visit.staff }}"), Err((Reason::NoValue, "visit.staff".to_owned())));
    assert_eq!(says("{{ visit.staff | default: 'мастер' }}").as_deref(), Ok("мастер"));
    assert_eq!(says("{% if visit.staff %}у {{ visit.staff }}{% else %}у нас{% endif %}").as_deref(), Ok("у нас"));
    assert_eq!(render("{{ visit.at }}", json!({})).map_err(|error| error.detail), Err("visit".to_owned()));
    assert_eq!(render("{{ visit.at | default: 'скоро' }}", json!({})).as_deref(), Ok("скоро"));
}

#[test]
fn an_answer_about_a_visit_is_of_the_recipients_own() {
    let buttons = vec![
        TemplateButton::Answer { text: "Подтверждаю".to_owned(), comes: true },
        TemplateButton::Answer { text: "Не приду".to_owned(), comes: false },
    ];
    let prepared = Prepared::new(&Content { buttons, ..content("Ждём вас завтра") }).expect("it parses");
    assert!(prepared.names_occasions() && !prepared.is_the_same_for_all());
    let made = prepared.render(&facts(json!({ "visit": { "id": "4711", "date": "2026-12-05" } }))).expect("rendered");
    let actions: Vec<&ButtonAction> = made.buttons.iter().flatten().map(|button| &button.action).collect();
    assert_eq!(actions, [&ButtonAction::Callback("v:y:4711".to_owned()), &ButtonAction::Callback("v:n:4711".to_owned())]);
    // Who has no visit, or one that no button can carry, is not asked about it.
    for none in [json!({}), json!({ "visit": "среда" }), json!({ "visit": { "id": "9".repeat(61) } })] {
        let refused = prepared.render(&facts(none)).map_err(|error| (error.reason, error.detail));
        assert_eq!(refused, Err((Reason::NoValue, "visit".to_owned())));
    }
}
