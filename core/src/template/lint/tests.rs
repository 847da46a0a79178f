use super::links::Refused;
use super::*;
use crate::{
    channel::{ChannelKind, registry},
    clock,
    id::FieldId,
};

fn channel() -> Capabilities {
    Capabilities {
        text_limit: 100,
        caption_limit: 20,
        photo_bytes: 1_000,
        document_bytes: 2_000,
        max_buttons: 2,
        ..registry::capabilities(ChannelKind::Telegram).clone()
    }
}

fn fields() -> Vec<Field> {
    ["city", "bonus"]
        .into_iter()
        .map(|key| Field { id: FieldId::new(), key: key.into(), title: key.into(), kind: FieldKind::Text })
        .collect()
}

fn content(class: Class, body: &str) -> Content {
    Content { class, body: body.into(), media: None, buttons: Vec::new() }
}

fn problems(content: &Content, ground: Ground<'_>) -> Vec<Problem> {
    let fields = fields();
    let ground = Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), ..ground };
    lint(content, &ground, &channel()).into_iter().map(|f| f.problem).collect()
}

fn advertiser() -> Ground<'static> {
    Ground { advertiser: "ООО «Ромашка»", ..Ground::default() }
}

#[test]
fn a_good_version_has_no_findings() {
    let service = content(Class::Service, "{% assign x = city | default: 'вас' %}Ждём {{ x }}, {{ name }}");
    assert_eq!(problems(&service, advertiser()), []);
    let mut offer = content(Class::Advertising, "Скидка! Реклама, {{ advertiser }}");
    offer.buttons = vec![TemplateButton::OptOut { text: "Отписаться".into() }];
    assert_eq!(problems(&offer, advertiser()), []);
    assert_eq!(problems(&content(Class::Advertising, "Реклама: <b>ООО</b> «Ромашка». Ответьте СТОП"), advertiser()), []);
}

/// Whoever begins with a ready text hands it in as it is.
#[test]
fn ready_texts_are_clean_and_say_what_the_law_asks() {
    use crate::{account::Language, template::starters::starters};
    for language in [Language::Ru, Language::En] {
        let all = starters(language);
        assert!(all.iter().any(|one| one.class == Class::Advertising) && all.iter().any(|one| one.class == Class::Service));
        for starter in all {
            let content = starter.content();
            let fields = fields();
            let ground = Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), ..advertiser() };
            let found = lint(&content, &ground, registry::capabilities(ChannelKind::Telegram));
            assert!(found.is_empty(), "{}: {found:?}", starter.name);
            assert_eq!(content.body.contains("{{ advertiser }}"), starter.class == Class::Advertising, "{}", starter.name);
        }
    }
}

/// One name of 3 000 characters in a CRM blocked the template for everybody.
#[test]
fn what_one_contact_brings_about_is_a_warning() {
    let fields = fields();
    let ground =
        Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), longest: Some(300), contacts: 9, ..advertiser() };
    let ground = Ground { missing: [("city".to_owned(), 1)].into(), ..ground };
    let found = lint(&content(Class::Service, "{{ name }}, {{ city }}"), &ground, &channel());
    let kinds: Vec<_> = found.iter().map(|one| (one.severity, std::mem::discriminant(&one.problem))).collect();
    let too_long = std::mem::discriminant(&Problem::TooLongForSome { units: 300, limit: 100 });
    assert!(kinds.contains(&(Severity::Warning, too_long)), "{found:?}");
    assert!(found.len() > 1 && found.iter().all(|one| one.severity == Severity::Warning), "{found:?}");
}

/// Telegram's library counts characters; its page says UTF-16 units, of which an emoji has two.
#[test]
fn what_counts_more_of_two_ways_of_counting_is_kept() {
    let thumbs = |count| problems(&content(Class::Service, &"👍".repeat(count)), advertiser());
    assert_eq!(thumbs(50), []);
    assert_eq!(thumbs(51), [Problem::TooLong { units: 102, limit: 100, caption: false }]);
}

#[test]
fn each_mistake_is_found() {
    let service = |body: &str| content(Class::Service, body);
    assert_eq!(problems(&service(" "), advertiser()), [Problem::Empty]);
    assert_eq!(
        problems(&service("{{ nme }}, {{ zzzzzz }}"), advertiser()),
        [
            Problem::UnknownVariable { name: "nme".into(), suggestion: Some("name".into()) },
            Problem::UnknownVariable { name: "zzzzzz".into(), suggestion: None },
        ]
    );
    assert_eq!(problems(&service("{{ name"), advertiser()), [Problem::Parse { why: ParseProblem::UnclosedTag }]);
    assert_eq!(problems(&service("<b>x"), advertiser()).len(), 1);
    assert_eq!(problems(&service("<b>x{% if city %}</b>{% endif %}"), advertiser()).len(), 1);
    assert_eq!(problems(&service(&"x".repeat(101)), advertiser()), [Problem::TooLong { units: 101, limit: 100, caption: false }]);
    assert_eq!(
        problems(&service("x"), Ground { longest: Some(300), ..advertiser() }),
        [Problem::TooLongForSome { units: 300, limit: 100 }]
    );
    assert_eq!(problems(&content(Class::Advertising, "Скидка! Несто́п"), advertiser()), [Problem::NoOptOut, Problem::NoAdvertiser]);
    assert_eq!(problems(&content(Class::Advertising, "Скидка! {{ advertiser }} /stop"), Ground::default()), [Problem::AdvertiserUnset]);

    let mut buttons = service("x");
    buttons.buttons = vec![
        TemplateButton::Url { text: " ".into(), url: "https://x.ru".into() },
        TemplateButton::Url { text: "x".into(), url: "x.ru".into() },
        TemplateButton::Url { text: "x".into(), url: "{{ city }}".into() },
    ];
    let found = problems(&buttons, advertiser());
    assert!(found.contains(&Problem::TooManyButtons { count: 3, limit: 2 }), "{found:?}");
    assert!(found.contains(&Problem::EmptyButton), "{found:?}");
    buttons.buttons.remove(0);
    assert_eq!(problems(&buttons, advertiser()), [Problem::BadLink { url: "x.ru".into(), why: Refused::NoPage }]);

    let mut photo = service(&"x".repeat(21));
    photo.media = Some((MediaKind::Photo, crate::id::FileId::new()));
    assert_eq!(
        problems(&photo, Ground { media_bytes: Some(1_001), ..advertiser() }),
        [Problem::MediaTooLarge { bytes: 1_001, limit: 1_000 }, Problem::TooLong { units: 21, limit: 20, caption: true },]
    );
    photo.body = "x".into();
    assert_eq!(problems(&photo, advertiser()), [Problem::NoMedia]);
}

#[test]
fn who_would_get_nothing_is_told() {
    let counted = Ground { contacts: 10, missing: [("city".to_owned(), 3)].into(), ..advertiser() };
    assert_eq!(
        problems(&content(Class::Service, "x {{ city }}"), counted),
        [Problem::NoDefault { name: "city".into(), missing: 3, of: 10 }]
    );
}

/// They went out as they were written.
#[test]
fn placeholders_of_other_programs_are_warned_of() {
    let fields = fields();
    let ground = || Ground { fields: &fields, ..advertiser() };
    let service = |body: &str| content(Class::Service, body);
    let placeholder =
        |written: &str, variable: Option<&str>| Problem::Placeholder { written: written.into(), variable: variable.map(str::to_owned) };
    assert_eq!(
        problems(&service("Привет, {name}! {промокод}"), ground()),
        [placeholder("{name}", Some("name")), placeholder("{промокод}", None)]
    );
    assert_eq!(problems(&service("Скидка 20%, #осень, {{ city }}"), ground()), []);
    // A title that is not known is a name that is not known, whole, with the nearest one.
    let cities = [Field { id: FieldId::new(), key: "gorod".into(), title: "Родной город".into(), kind: FieldKind::Text }];
    let ground = Ground { fields: &cities, account_name: "Ромашка", now: clock::now(), ..advertiser() };
    let found = lint(&service("{{ Роднй город | upcase }}"), &ground, &channel());
    let unknown = Problem::UnknownVariable { name: "Роднй город".into(), suggestion: Some("Родной город".into()) };
    assert_eq!(found.into_iter().map(|one| one.problem).collect::<Vec<_>>(), [unknown]);
    let found = lint(&service(&"<b>a</b> ".repeat(101)), &ground, registry::capabilities(ChannelKind::Telegram));
    assert_eq!(found.into_iter().map(|one| one.problem).collect::<Vec<_>>(), [Problem::TooManyStyles { count: 101, limit: 100 }]);
}

#[test]
fn findings_say_where() {
    let fields = fields();
    let ground = Ground { fields: &fields, ..advertiser() };
    let found = lint(&content(Class::Service, "да\nнет {{ citi }}"), &ground, &channel());
    assert_eq!((found[0].place, found[0].at), (Some(Place::Body), Some((2, 8))));
    let json = serde_json::to_value(&found).expect("writes");
    assert_eq!(json[0]["problem"]["code"], "unknown_variable");
    assert_eq!(serde_json::from_value::<Vec<Finding>>(json).expect("reads"), found);
}

// `https://bank.ru@evil.ru`, an IP or `tg:` in a link went out, and nobody was told where a link
// leads.
#[test]
fn a_link_that_hides_where_it_leads_is_no_message() {
    let service = |body: &str| content(Class::Service, body);
    let refused = |url: &str, why| Problem::BadLink { url: url.into(), why };
    for (url, why) in [
        ("https://bank.ru@evil.ru", Refused::UserInfo),
        ("http://2130706433/", Refused::Number),
        ("http://[::1]/", Refused::Number),
        ("tg://resolve?domain=evil", Refused::Scheme),
    ] {
        assert_eq!(problems(&service(&format!("<a href=\"{url}\">x</a>")), advertiser()), [refused(url, why)], "{url}");
        assert_eq!(problems(&service(&format!("Вход: {url}")), advertiser()), [refused(url, why)], "as plain text: {url}");
        let mut button = service("x");
        button.buttons = vec![TemplateButton::Url { text: "x".into(), url: url.into() }];
        assert_eq!(problems(&button, advertiser()), [refused(url, why)], "on a button: {url}");
    }
    // With a value in front of it the whole is looked at.
    assert_eq!(
        problems(&service("<a href=\"https://{{ first_name | downcase }}.ru@evil.ru\">x</a>"), advertiser()),
        [refused("https://анна.ru@evil.ru", Refused::UserInfo)]
    );
    let many = "<a href=\"https://x.ru/\">x</a> ".repeat(31);
    assert_eq!(problems(&service(&many), advertiser()), [Problem::TooManyLinks { count: 31, limit: 30 }]);
}

#[test]
fn a_link_that_looks_like_another_is_confirmed() {
    let odd = |text: &str, address: &str, why| Problem::OddLink { text: text.into(), address: address.into(), why };
    let written = content(Class::Service, "<a href=\"https://evil.ru/\">www.bank.ru</a> и <a href=\"https://sberb\u{430}nk.ru\">банк</a>");
    let both = [
        odd("www.bank.ru", "https://evil.ru/", Odd::OtherSite),
        odd("банк", "https://sberb\u{430}nk.ru/ (xn--sberbnk-6fg.ru)", Odd::LookAlike),
    ];
    let fields = fields();
    let ground = Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), ..advertiser() };
    let found = lint(&written, &ground, &channel());
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning), "{found:?}");
    assert_eq!(found.into_iter().map(|finding| finding.problem).collect::<Vec<_>>(), both);
    // What contacts' own values make of it counts once they were looked at.
    let mut targets = Targets::default();
    targets.add(&Rendered { body: Rich::from_html("<a href=\"https://x.ru/\">y.ru</a>").expect("markup"), ..Rendered::default() });
    let ground = Ground { targets, contacts: 1, ..ground };
    let varies = content(Class::Service, "<a href=\"https://x.ru/\">{{ city }}</a>");
    let found: Vec<Problem> = lint(&varies, &ground, &channel()).into_iter().map(|finding| finding.problem).collect();
    assert_eq!(found, [odd("y.ru", "https://x.ru/", Odd::OtherSite)]);
}

/// What passed here was refused when it was sent.
#[test]
fn what_the_messenger_weaves_in_counts() {
    let of = |wanted: fn(&Capabilities) -> bool| {
        ChannelKind::ALL
            .iter()
            .map(|kind| registry::capabilities(*kind))
            .find(|one| one.templates.is_none() && wanted(one))
            .expect("there is one")
    };
    let found = |content: &Content, to: &Capabilities| {
        let ground = Ground { now: clock::now(), media_bytes: Some(10), ..advertiser() };
        lint(content, &ground, to).into_iter().map(|one| one.problem).collect::<Vec<_>>()
    };
    let plain = of(|one| one.markup == Markup::Mentions);
    let linked = |letters: usize| content(Class::Service, &format!("{}<a href=\"https://ex.ru/a\">тут</a>", "x".repeat(letters)));
    let room = "тут (https://ex.ru/a)".chars().count();
    assert_eq!(found(&linked(plain.text_limit - room), plain), []);
    let long = Problem::TooLongWoven { units: plain.text_limit + 1, limit: plain.text_limit };
    assert_eq!(found(&linked(plain.text_limit - room + 1), plain), [long]);
    // A button in a messenger that has none.
    let none = of(|one| one.keyboard == crate::channel::Keyboard::NONE && one.text_limit < 2_000);
    let mut button = content(Class::Service, &"ж".repeat(none.text_limit - 5));
    button.buttons = vec![TemplateButton::Url { text: "Записаться".into(), url: "https://ex.ru/b".into() }];
    assert!(matches!(found(&button, none)[..], [Problem::TooLongWoven { .. }]));
    let pictures = of(|one| one.pictures_only);
    let mut file = content(Class::Service, "Прайс");
    file.media = Some((MediaKind::Document, crate::id::FileId::new()));
    assert_eq!(found(&file, pictures), [Problem::PicturesOnly]);
    let heavy = of(|one| one.weight.is_some());
    let mut many = content(Class::Service, &"ж".repeat(heavy.text_limit / 2));
    many.buttons =
        (0..20).map(|n| TemplateButton::Url { text: "Страница".into(), url: format!("https://ex.ru/{n}/{}", "x".repeat(1_900)) }).collect();
    assert!(found(&many, heavy).iter().any(|one| matches!(one, Problem::TooHeavy { .. })));
}

/// Where several channels are connected, what one of them does not take keeps nothing from the
/// others.
#[test]
fn several_messengers_are_asked_and_what_only_some_do_not_take_is_theirs() {
    let fields = fields();
    let of = |content: &Content, kinds: &[ChannelKind]| {
        let ground = Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), media_bytes: Some(10), ..advertiser() };
        together(kinds, kinds.iter().map(|kind| lint(content, &ground, registry::capabilities(*kind))).collect())
    };
    let mut picture = content(Class::Service, &"Скидка ".repeat(90));
    picture.media = Some((MediaKind::Photo, crate::id::FileId::new()));
    // 630 characters: Viber takes 512 under a picture, Telegram and MAX more.
    let both = of(&picture, &[ChannelKind::Telegram, ChannelKind::Viber, ChannelKind::Max]);
    let [one] = &both[..] else { panic!("{both:?}") };
    assert_eq!((one.severity, &one.only[..]), (Severity::Warning, &[ChannelKind::Viber][..]), "{one:?}");
    let alone = of(&picture, &[ChannelKind::Viber]);
    assert!(matches!(&alone[..], [Finding { severity: Severity::Error, only, .. }] if only.is_empty()), "{alone:?}");
    // Where nobody takes it, each says why, and it is an error.
    picture.body = "Скидка ".repeat(300);
    let none = of(&picture, &[ChannelKind::Telegram, ChannelKind::Viber]);
    assert_eq!(none.len(), 2, "{none:?}");
    assert!(none.iter().all(|one| one.severity == Severity::Error && one.only.len() == 1), "{none:?}");
    // What is wrong everywhere is said once.
    let everywhere = of(&content(Class::Advertising, "Скидка"), &[ChannelKind::Telegram, ChannelKind::Vk]);
    assert!(everywhere.len() > 1 && everywhere.iter().all(|one| one.only.is_empty() && one.severity == Severity::Error), "{everywhere:?}");
}

#[test]
fn buttons_that_would_look_the_same_are_an_error_where_only_their_beginning_is_shown() {
    let link = |text: &str| TemplateButton::Url { text: text.into(), url: "https://example.com/".into() };
    let mut version = content(Class::Service, "Здравствуйте, ждём вас!");
    version.buttons = vec![link("Записаться на удобное время утром"), link("Записаться на удобное время вечером")];
    let fields = fields();
    let ground = Ground { fields: &fields, account_name: "Ромашка", now: clock::now(), ..advertiser() };
    let found = lint(&version, &ground, registry::capabilities(ChannelKind::Whatsapp));
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!(one.problem, Problem::ButtonsAlike { shown: "Записаться на удобн…".into() });
    assert_eq!((one.severity, one.place), (Severity::Error, Some(Place::ButtonText(1))));
    assert_eq!(lint(&version, &ground, registry::capabilities(ChannelKind::Telegram)), []);
    version.buttons = vec![link("Утром"), link("Вечером")];
    assert_eq!(lint(&version, &ground, registry::capabilities(ChannelKind::Whatsapp)), []);
}
