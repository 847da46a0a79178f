//! The screens in both languages.

use std::collections::BTreeMap;

use mms_core::{
    account::{Actor, Role},
    channel::{Button as MessageButton, ButtonAction, Category, ChannelKind, MediaKind, ReviewState},
    contact::{Field as ContactField, FieldKind, card::Found, occasion::OccasionKind},
    id::{FieldId, FileId, MemberId},
    law::answers,
    store::file::FileInfo,
    template::{
        Rendered, TemplateButton,
        engine::{ParseProblem, Place, RenderError},
        links::{Odd, Refused, Targets},
        lint::{Finding, Problem, Severity},
        preview::{Failing, Row, Survey},
        provider::{Mapping, Standing},
        versions::{Listed, VersionState},
    },
    text::Rich,
    words::Reason,
};
use uuid::Uuid;

use super::*;
use crate::{
    frame::{page::Page, screen::Screen, surveys::Progress},
    snapshots, t, testing,
};

const AUTHOR: MemberId = MemberId(Uuid::from_u128(7));
const BODY: &str = "<b>Привет, {{ first_name | default: \"друг\" }}!</b>\nСкидка <i>15%</i> на всё &lt;только в {{ city }}&gt;.";

fn version(state: VersionState) -> Version {
    let now = testing::moment();
    let decided = matches!(state, VersionState::Approved | VersionState::Returned);
    Version {
        id: VersionId(Uuid::from_u128(2)),
        template_id: TemplateId(Uuid::from_u128(1)),
        name: "Осень & <скидки>".to_owned(),
        number: 2,
        class: Class::Advertising,
        body: BODY.to_owned(),
        media_kind: Some(MediaKind::Photo),
        media_file_id: Some(FileId(Uuid::from_u128(3))),
        buttons: vec![
            TemplateButton::Url {
                text: "Записаться".to_owned(), url: "https://example.ru/?c={{ city | url_encode }}".to_owned()
            },
            TemplateButton::OptOut { text: "Отписаться".to_owned() },
        ],
        state,
        content_hash: (state != VersionState::Draft).then(|| "0123456789abcdef".repeat(4)),
        comment: (state == VersionState::Returned).then(|| "Уточните срок <скидки>.".to_owned()),
        created_by: AUTHOR,
        authors: vec![AUTHOR],
        created_at: now,
        updated_at: now,
        submitted_by: (state != VersionState::Draft).then_some(AUTHOR),
        submitted_at: (state != VersionState::Draft).then_some(now),
        decided_by: decided.then_some(AUTHOR),
        decided_at: decided.then_some(now),
    }
}

fn empty() -> Version {
    Version { number: 1, body: String::new(), media_kind: None, media_file_id: None, buttons: Vec::new(), ..version(VersionState::Draft) }
}

fn older() -> Version {
    Version {
        id: VersionId(Uuid::from_u128(4)),
        number: 1,
        class: Class::Service,
        body: "<b>Привет, {{ first_name }}!</b>\nСкидка 10% на всё.".to_owned(),
        media_kind: None,
        media_file_id: None,
        buttons: vec![TemplateButton::OptOut { text: "Отписаться".to_owned() }],
        ..version(VersionState::Approved)
    }
}

fn file() -> FileInfo {
    let id = FileId(Uuid::from_u128(3));
    FileInfo { id, sha256: String::new(), name: "photo.jpg".to_owned(), mime: "image/jpeg".to_owned(), size: 183_500 }
}

fn finding(severity: Severity, place: Option<Place>, at: Option<(usize, usize)>, problem: Problem) -> Finding {
    Finding { severity, place, at, problem, only: Vec::new() }
}

fn warning() -> Finding {
    finding(Severity::Warning, None, None, Problem::NoDefault { name: "city".to_owned(), missing: 1_204, of: 5_000 })
}

/// One of everything a check can find.
fn everything() -> Vec<Finding> {
    let body = Some(Place::Body);
    let name = || "имя".to_owned();
    let parse = |why| Problem::Parse { why };
    let error = |place, at, problem| finding(Severity::Error, place, at, problem);
    vec![
        error(body, Some((2, 46)), Problem::UnknownVariable { name: "citi".to_owned(), suggestion: Some("city".to_owned()) }),
        error(Some(Place::ButtonText(0)), Some((1, 3)), Problem::UnknownVariable { name: name(), suggestion: None }),
        error(Some(Place::ButtonUrl(0)), None, Problem::BadLink { url: "htp:/x".to_owned(), why: Refused::NoPage }),
        error(Some(Place::ButtonUrl(0)), Some((1, 24)), parse(ParseProblem::UnclosedTag)),
        error(None, None, Problem::TooLong { units: 4_321, limit: 4_096, caption: false }),
        error(None, None, Problem::TooLong { units: 1_201, limit: 1_024, caption: true }),
        error(None, None, Problem::NoOptOut),
        error(body, None, Problem::NoAdvertiser),
        error(None, None, Problem::AdvertiserUnset),
        error(None, None, Problem::MediaTooLarge { bytes: 61_000_000, limit: 52_428_800 }),
        error(None, None, Problem::NoMedia),
        warning(),
    ]
}

/// One of every sentence about a source that cannot be read.
fn unreadable() -> Vec<Finding> {
    let word = || "uper".to_owned();
    [
        ParseProblem::TooLong { bytes: 9_000, limit: 8_192 },
        ParseProblem::TooDeep { limit: 24 },
        ParseProblem::Blank,
        ParseProblem::NumberTooLong,
        ParseProblem::EmptyTag,
        ParseProblem::UnclosedBlock("if".to_owned()),
        ParseProblem::StrayTag("endif".to_owned()),
        ParseProblem::UnknownTag("include".to_owned()),
        ParseProblem::UnknownFilter(word()),
        ParseProblem::BadName("имя".to_owned()),
        ParseProblem::FilterValues { name: "plural".to_owned(), min: 3, max: 3 },
        ParseProblem::FilterValues { name: "replace".to_owned(), min: 1, max: 2 },
    ]
    .into_iter()
    .map(|why| finding(Severity::Error, Some(Place::Body), None, Problem::Parse { why }))
    .collect()
}

/// The sentences that are left.
fn others() -> Vec<Finding> {
    let error = |problem| finding(Severity::Error, None, None, problem);
    let render = |reason: Reason, detail: &str| error(Problem::Render { reason: reason.into(), detail: detail.to_owned() });
    vec![
        finding(Severity::Warning, Some(Place::Body), None, Problem::TooLongForSome { units: 5_300, limit: 4_096 }),
        error(Problem::Empty),
        error(Problem::BadLink { url: String::new(), why: Refused::NoPage }),
        error(Problem::EmptyButton),
        error(Problem::TooManyButtons { count: 101, limit: 100 }),
        error(Problem::Parse { why: ParseProblem::BadIndex }),
        error(Problem::Parse { why: ParseProblem::Syntax("unexpected <".to_owned()) }),
        render(Reason::NoValue, "city"),
        render(Reason::TooLong, ""),
        render(Reason::TooMuchWork, ""),
        render(Reason::Empty, ""),
        render(Reason::BadMarkup, ""),
    ]
}

/// The sentences about links.
fn about_links() -> Vec<Finding> {
    let error = |problem| finding(Severity::Error, None, None, problem);
    let odd = |why| {
        let problem = Problem::OddLink { text: "bank.ru".to_owned(), address: "https://evil.ru/".to_owned(), why };
        finding(Severity::Warning, Some(Place::Body), None, problem)
    };
    vec![
        error(Problem::BadLink { url: "https://bank.ru@evil.ru".to_owned(), why: Refused::UserInfo }),
        error(Problem::BadLink { url: "http://2130706433/".to_owned(), why: Refused::Number }),
        error(Problem::BadLink { url: "tg://resolve?domain=x".to_owned(), why: Refused::Scheme }),
        error(Problem::TooManyLinks { count: 41, limit: 30 }),
        odd(Odd::OtherSite),
        odd(Odd::LookAlike),
        odd(Odd::Refused(Refused::Scheme)),
    ]
}

/// What the messenger of a campaign's channel does not take.
fn about_messengers() -> Vec<Finding> {
    let error = |problem| finding(Severity::Error, Some(Place::Body), None, problem);
    vec![
        error(Problem::TooLongWoven { units: 531, limit: 512 }),
        error(Problem::TooLongInWords { units: 601, limit: 512 }),
        error(Problem::TooHeavy { bytes: 31_744, limit: 30_720 }),
        error(Problem::NoWordsUnderFile),
        error(Problem::PicturesOnly),
        error(Problem::ButtonsAlike { shown: "Записаться на удобн…".to_owned() }),
        Finding {
            only: vec![ChannelKind::Viber, ChannelKind::WazzupVk],
            ..finding(Severity::Warning, Some(Place::Body), None, Problem::TooLong { units: 1_020, limit: 512, caption: true })
        },
    ]
}

/// What one press mends, and who would not get it.
fn mended() -> Vec<Finding> {
    let found = |severity, problem| finding(severity, None, None, problem);
    let placeholder =
        |written: &str, variable: Option<&str>| Problem::Placeholder { written: written.to_owned(), variable: variable.map(str::to_owned) };
    vec![
        found(Severity::Error, Problem::NoOptOut),
        found(Severity::Error, Problem::NoAdvertiser),
        found(Severity::Warning, placeholder("#ИМЯ#", Some("first_name"))),
        found(Severity::Warning, placeholder("{промокод}", None)),
        found(Severity::Warning, Problem::TooManyStyles { count: 120, limit: 100 }),
        found(Severity::Warning, Problem::NoDefault { name: "city".to_owned(), missing: 12, of: 1_500 }),
    ]
}

fn face(version: Version) -> Face {
    Face {
        newest: true,
        archived: false,
        file: Some(file()),
        findings: Vec::new(),
        answers: Vec::new(),
        targets: Targets::default(),
        submitted_by: "Анна".to_owned(),
        decided_by: "Борис".to_owned(),
        base: None,
        sample: None,
        alone: false,
        reviews: Vec::new(),
        version,
    }
}

fn rendered() -> Rendered {
    Rendered {
        body: Rich::from_html("<b>Привет, Ольга!</b>\nСкидка <i>15%</i> на всё &lt;только в Казани&gt;.").unwrap(),
        buttons: vec![
            vec![MessageButton {
                text: "Записаться".to_owned(), action: ButtonAction::Url("https://example.ru/?c=1".to_owned())
            }],
            vec![MessageButton { text: "Отписаться".to_owned(), action: ButtonAction::Callback("stop".to_owned()) }],
        ],
        ..Rendered::default()
    }
}

fn sample(message: Result<Rendered, RenderError>) -> Sample {
    Sample { contact: ContactId(Uuid::from_u128(9)), name: "Ольга <О>".to_owned(), message }
}

/// Where the messages of three contacts lead.
fn targets() -> Targets {
    let mut targets = Targets::of(&rendered());
    let body = "<a href=\"https://evil.ru/login\">bank.ru</a> и <a href=\"https://xn--sberbnk-6fg.ru/\">банк</a>, пример.рф";
    for n in 2..6 {
        let url = format!("https://example.ru/?c={n}");
        let buttons = vec![vec![MessageButton { text: "Записаться".to_owned(), action: ButtonAction::Url(url) }]];
        targets.add(&Rendered { body: Rich::from_html(body).unwrap(), buttons, ..Rendered::default() });
    }
    targets
}

/// More than a card holds.
fn many_targets() -> Targets {
    let html: String = (0..23).map(|n| format!("<a href=\"https://example.ru/{n}\">Раздел {n}</a> ")).collect();
    Targets::of(&Rendered { body: Rich::from_html(&html).unwrap(), ..Rendered::default() })
}

fn waiting() -> Face {
    Face {
        targets: Targets::of(&rendered()),
        sample: Some(sample(Ok(rendered()))),
        base: Some(older()),
        findings: vec![warning()],
        ..face(version(VersionState::Submitted))
    }
}

fn longest() -> Face {
    let mut version = version(VersionState::Submitted);
    version.body = "Очень длинный текст, <b>жирный</b> &amp; с {{ city }}. ".repeat(120);
    version.buttons = (0..20)
        .map(|_| TemplateButton::Url {
            text: "Надпись на кнопке ".repeat(20), url: format!("https://example.ru/{}", "a".repeat(500))
        })
        .collect();
    let button = |button: &TemplateButton| match button {
        TemplateButton::Url { text, url } => vec![MessageButton { text: text.clone(), action: ButtonAction::Url(url.clone()) }],
        TemplateButton::OptOut { .. } | TemplateButton::Answer { .. } => Vec::new(),
    };
    let message = Rendered {
        body: Rich::plain("Очень длинное сообщение. ".repeat(160)),
        buttons: version.buttons.iter().map(button).collect(),
        ..Rendered::default()
    };
    Face {
        targets: Targets::of(&message),
        version,
        sample: Some(sample(Ok(message))),
        base: Some(older()),
        findings: everything(),
        ..face(empty())
    }
}

fn listed(state: VersionState) -> Listed {
    let now = testing::moment();
    Listed {
        id: TemplateId(Uuid::from_u128(1)),
        name: "Осенняя распродажа для постоянных покупателей 2026".to_owned(),
        created_at: now,
        archived_at: None,
        version_id: VersionId(Uuid::from_u128(2)),
        number: 2,
        class: Class::Advertising,
        state,
        updated_at: now,
        approved_id: None,
    }
}

fn fields() -> Vec<ContactField> {
    let one = |key: &str, title: &str, kind| ContactField { id: FieldId(Uuid::from_u128(5)), key: key.into(), title: title.into(), kind };
    vec![
        one("city", "Город", FieldKind::Text),
        one("bonus", "Бонусы", FieldKind::Number),
        one("last_visit", "Последний визит", FieldKind::Date),
        one("vip", "VIP", FieldKind::Flag),
    ]
}

fn variable(tr: Tr, key: &str) -> variables::Variable {
    variables::all(tr, &fields(), &[]).into_iter().find(|variable| variable.key == key).unwrap()
}

fn survey(complete: bool) -> Survey {
    let contact = ContactId(Uuid::from_u128(9));
    let row = |n: usize| Row { contact, name: format!("Клиент {n}"), units: 900 - n, message: rendered() };
    let failing = |n: usize| Failing {
        contact,
        name: if n == 0 { String::new() } else { format!("Пётр {n}") },
        error: RenderError { reason: Reason::NoValue, detail: "city".to_owned() },
    };
    Survey {
        seen: 5_000,
        complete,
        costly: false,
        longest: (0..10).map(row).collect(),
        failing: (0..10).map(failing).collect(),
        reasons: BTreeMap::from([(Reason::NoValue, 1_204)]),
        missing: BTreeMap::from([("city".to_owned(), 1_204)]),
        targets: Targets::default(),
    }
}

fn owner() -> Actor {
    testing::actor(Role::Owner)
}

fn author() -> Actor {
    Actor { member: AUTHOR, ..owner() }
}

snapshots!(templates_none, |tr| list_card(tr, &[], false, Page::of(0, 8, 0), Role::Owner));
snapshots!(templates_none_archived, |tr| list_card(tr, &[], true, Page::of(0, 8, 0), Role::Owner));
snapshots!(templates_list, |tr| list_card(
    tr,
    &[listed(VersionState::Draft), listed(VersionState::Submitted), listed(VersionState::Approved), listed(VersionState::Returned)],
    false,
    Page::of(20, 8, 1),
    Role::Viewer
));
snapshots!(templates_list_newer, |tr| {
    let newer = Listed { approved_id: Some(VersionId(Uuid::from_u128(4))), ..listed(VersionState::Draft) };
    list_card(tr, &[newer, listed(VersionState::Approved)], false, Page::of(2, 8, 0), Role::Manager)
});
snapshots!(templates_card_empty, |tr| card(tr, &face(empty()), &author()));
snapshots!(templates_card_draft, |tr| card(tr, &Face { findings: everything(), ..face(version(VersionState::Draft)) }, &author()));
snapshots!(templates_card_approved, |tr| card(tr, &Face { base: Some(older()), ..face(version(VersionState::Approved)) }, &author()));
snapshots!(templates_more, |tr| more(tr, &Face { base: Some(older()), ..face(version(VersionState::Draft)) }, &author()));
snapshots!(templates_more_viewer, |tr| more(tr, &face(version(VersionState::Approved)), &testing::actor(Role::Viewer)));
snapshots!(templates_starters, |tr| starters_card(tr, &mms_core::template::starters::starters(tr.language)));
snapshots!(templates_card_viewer, |tr| card(tr, &face(version(VersionState::Approved)), &testing::actor(Role::Viewer)));
snapshots!(templates_card_returned, |tr| card(tr, &Face { base: Some(older()), ..face(version(VersionState::Returned)) }, &author()));
snapshots!(templates_card_own, |tr| card(tr, &waiting(), &author()));
snapshots!(templates_card_reviewed, |tr| {
    let standing = |state, reason: Option<&str>| Standing {
        id: mms_core::id::ProviderTemplateId(Uuid::nil()),
        channel_id: mms_core::id::ChannelId(Uuid::nil()),
        kind: mms_core::channel::ChannelKind::ALL[0],
        channel: "Ромашка".to_owned(),
        version: version(VersionState::Approved).id,
        template: "Осень".to_owned(),
        name: "osen_v1_0".to_owned(),
        language: "ru".to_owned(),
        category: Category::Marketing,
        state,
        external_id: "77".to_owned(),
        reason: reason.map(str::to_owned),
        quality: None,
        mapping: Mapping::default(),
        digest: String::new(),
        submitted_at: testing::moment(),
        changed_at: testing::moment(),
    };
    let reviews = vec![standing(ReviewState::Approved, None), standing(ReviewState::Rejected, Some("PROMOTIONAL"))];
    card(tr, &Face { reviews, ..face(version(VersionState::Approved)) }, &author())
});
snapshots!(templates_card_alone, |tr| card(tr, &Face { alone: true, ..waiting() }, &author()));
snapshots!(templates_card_alone_manager, |tr| {
    card(tr, &Face { alone: true, ..waiting() }, &Actor { member: AUTHOR, ..testing::actor(Role::Manager) })
});
snapshots!(templates_card_decide, |tr| card(tr, &waiting(), &testing::actor(Role::Approver)));
snapshots!(templates_card_decide_documents, |tr| {
    let given = |rule: &str, answer, file: Option<u128>| answers::Given {
        rule: rule.to_owned(),
        about: rule.to_owned(),
        words: String::new(),
        answer,
        file_id: file.map(|id| FileId(Uuid::from_u128(id))),
        given_by: "Анна <А.>".to_owned(),
        answered_at: testing::moment(),
    };
    let answers = vec![
        given("38fz-documents", answers::Answer::Document, Some(8)),
        given("gk-1259-picture", answers::Answer::Licence, Some(9)),
        given("38fz-5-3-superlative", answers::Answer::FalseAlarm, None),
    ];
    card(tr, &Face { answers, ..waiting() }, &testing::actor(Role::Approver))
});
snapshots!(templates_card_decide_odd, |tr| card(tr, &Face { targets: targets(), ..waiting() }, &testing::actor(Role::Approver)));
snapshots!(templates_card_decide_many, |tr| card(tr, &Face { targets: many_targets(), ..waiting() }, &testing::actor(Role::Approver)));
snapshots!(templates_targets, |tr| targets::screen(tr, &Face { targets: many_targets(), ..waiting() }, &testing::actor(Role::Approver), 0));
snapshots!(templates_targets_last, |tr| {
    targets::screen(tr, &Face { targets: many_targets(), ..waiting() }, &testing::actor(Role::Approver), 2)
});
snapshots!(templates_targets_none, |tr| targets::screen(tr, &face(version(VersionState::Draft)), &author(), 0));
snapshots!(templates_card_decide_nobody, |tr| card(tr, &Face { sample: None, ..waiting() }, &owner()));
snapshots!(templates_card_decide_longest, |tr| card(tr, &longest(), &owner()));
snapshots!(templates_card_longest, |tr| card(tr, &longest(), &author()));
snapshots!(templates_card_older, |tr| card(tr, &Face { newest: false, ..face(older()) }, &author()));
snapshots!(templates_card_archived, |tr| card(tr, &Face { archived: true, file: None, ..face(version(VersionState::Draft)) }, &author()));
snapshots!(templates_ask_name, |tr| ask_name(tr, None, None));
snapshots!(templates_ask_rename_again, |tr| ask_name(tr, Some(&empty()), Some(&p!(tr, "templates-bad-name"))));
snapshots!(templates_classes, |tr| class_choice(tr, &empty()));
snapshots!(templates_ask_text, |tr| ask_text(tr, &empty()));
snapshots!(templates_ask_text_now, |tr| ask_text(tr, &version(VersionState::Draft)));
snapshots!(templates_text_again, |tr| {
    let mut version = version(VersionState::Draft);
    version.body = "<b>Добрый день</b>,\nскидка для вас &amp; друзей, {{ first_name | uper }}!".to_owned();
    let problem = Problem::Parse { why: ParseProblem::UnknownFilter("uper".to_owned()) };
    let found = finding(Severity::Error, Some(Place::Body), Some((2, 33)), problem);
    text_again(tr, &version, &lines::finding(tr, &version.content(), &found))
});
snapshots!(templates_check_clean, |tr| check(tr, &version(VersionState::Draft), &[], None));
snapshots!(templates_check, |tr| check(tr, &version(VersionState::Draft), &everything(), None));
snapshots!(templates_check_unreadable, |tr| check(
    tr,
    &version(VersionState::Draft),
    &unreadable(),
    Some(&t!(tr, "templates-not-submitted"))
));
snapshots!(templates_check_others, |tr| check(tr, &version(VersionState::Draft), &others(), None));
snapshots!(templates_check_file, |tr| {
    let found = finding(Severity::Error, Some(Place::Body), None, Problem::NoWordsUnderFile);
    check(tr, &version(VersionState::Draft), &[found], None)
});
snapshots!(templates_check_links, |tr| check(tr, &version(VersionState::Draft), &about_links(), None));
snapshots!(templates_ask_rest, |tr| ask_rest(tr, &version(VersionState::Draft), 4_096));
snapshots!(templates_check_messengers, |tr| check(tr, &version(VersionState::Draft), &about_messengers(), None));
/// What rules of law found.
fn lawful() -> Vec<Finding> {
    let law = |rule: &str, words: &[&str], lacks: &[usize]| Problem::Law {
        rule: rule.to_owned(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        lacks: lacks.to_vec(),
        about: rule.to_owned(),
    };
    [
        (Severity::Error, law("38fz-essential-alcohol", &["кальян"], &[])),
        (Severity::Warning, law("38fz-18-1-mark", &[], &[0, 1])),
        (Severity::Warning, law("168fz", &["sale", "Nokian"], &[])),
        (Severity::Warning, law("38fz-documents", &["Кредит"], &[])),
        (Severity::Warning, law("gk-1259-picture", &[], &[])),
    ]
    .into_iter()
    .map(|(severity, problem)| finding(severity, None, None, problem))
    .collect()
}
snapshots!(templates_check_law, |tr| check(tr, &version(VersionState::Draft), &lawful(), None));
snapshots!(templates_check_law_answered, |tr| {
    let given = answers::Given {
        rule: "38fz-5-3-superlative".to_owned(),
        about: String::new(),
        words: "Лучшие".to_owned(),
        answer: answers::Answer::FalseAlarm,
        file_id: None,
        given_by: "Анна <А.>".to_owned(),
        answered_at: testing::moment(),
    };
    check(tr, &version(VersionState::Draft), &[], Some(&law::answered(tr, &given)))
});
snapshots!(templates_ask_document, |tr| {
    let rule = mms_core::law::book().rule("38fz-documents").unwrap();
    law::ask(tr, &version(VersionState::Draft), rule, None)
});
snapshots!(templates_check_mends, |tr| check(tr, &version(VersionState::Draft), &mended(), None));
snapshots!(templates_card_mends, |tr| card(
    tr,
    &Face { findings: mended(), ..face(version(VersionState::Draft)) },
    &testing::actor(Role::Manager)
));
snapshots!(templates_ask_submit, |tr| ask_submit(tr, &version(VersionState::Draft), &[warning()]));
snapshots!(templates_ask_archive, |tr| ask_archive(tr, &version(VersionState::Draft)));
snapshots!(templates_ask_comment, |tr| ask_comment(tr, &version(VersionState::Submitted), None));
snapshots!(templates_ask_comment_again, |tr| ask_comment(
    tr,
    &version(VersionState::Submitted),
    Some(&p!(tr, "templates-comment-bad", max = 1_000))
));
snapshots!(templates_buttons, |tr| {
    let mut version = version(VersionState::Draft);
    version.buttons.push(TemplateButton::Url { text: "Позвонить".to_owned(), url: String::new() });
    buttons::list(tr, &version, false)
});

fn asks_of_a_visit() -> Version {
    let mut version = empty();
    version.buttons = vec![
        TemplateButton::Answer { text: "Подтверждаю".to_owned(), comes: true },
        TemplateButton::Answer { text: "Не приду".to_owned(), comes: false },
        TemplateButton::OptOut { text: "Отписаться".to_owned() },
    ];
    version
}

snapshots!(templates_buttons_none, |tr| buttons::list(tr, &empty(), false));
snapshots!(templates_buttons_of_a_visit, |tr| buttons::list(tr, &asks_of_a_visit(), true));
snapshots!(templates_buttons_visits, |tr| buttons::list(tr, &empty(), true));
snapshots!(templates_button_comes, |tr| buttons::card(tr, &asks_of_a_visit(), 0));
snapshots!(templates_button_comes_not, |tr| buttons::card(tr, &asks_of_a_visit(), 1));
snapshots!(templates_button, |tr| buttons::card(tr, &version(VersionState::Draft), 0));
snapshots!(templates_button_opt_out, |tr| buttons::card(tr, &version(VersionState::Draft), 1));
snapshots!(templates_ask_button, |tr| buttons::ask(
    tr,
    &empty(),
    t!(tr, "templates-ask-button"),
    Some(&p!(tr, "templates-button-text-long", count = 90, most = 64))
));
snapshots!(templates_ask_link, |tr| buttons::ask(
    tr,
    &empty(),
    t!(tr, "templates-ask-button-link", text = "Записаться"),
    Some(&p!(tr, "templates-bad-link", url = "наш сайт"))
));
snapshots!(templates_variables, |tr| variables::list(tr, &empty(), &variables::all(tr, &fields(), &[]), 0));
snapshots!(templates_variables_of_a_crm, |tr| variables::list(tr, &empty(), &variables::all(tr, &[], OccasionKind::ALL), 0));
snapshots!(templates_variable, |tr| variables::card(tr, &empty(), &variable(tr, "city")));
snapshots!(templates_variable_number, |tr| variables::card(tr, &empty(), &variable(tr, "bonus")));
snapshots!(templates_variable_date, |tr| variables::card(tr, &empty(), &variable(tr, "last_visit")));
snapshots!(templates_variable_flag, |tr| variables::card(tr, &empty(), &variable(tr, "vip")));
snapshots!(templates_variable_always, |tr| variables::card(tr, &empty(), &variable(tr, "advertiser")));
snapshots!(templates_ask_fallback, |tr| variables::ask(
    tr,
    &empty(),
    &variable(tr, "city"),
    Some(&p!(tr, "templates-fallback-bad", most = 200))
));
snapshots!(templates_ask_media, |tr| media::ask(tr, &empty(), None));
snapshots!(templates_ask_media_now, |tr| media::ask(
    tr,
    &version(VersionState::Draft),
    Some(lines::media(tr, MediaKind::Document, Some(&FileInfo { name: "Прайс <2026>.pdf".to_owned(), size: 3_400_000, ..file() })))
));
snapshots!(templates_media_again, |tr| media::again(tr, &empty(), &p!(tr, "templates-media-needed")));
snapshots!(templates_preview, |tr| show::preview_screen(tr, &version(VersionState::Draft), &sample(Ok(rendered())), None));
snapshots!(templates_preview_photo, |tr| {
    let media = crate::frame::screen::Media {
        kind: MediaKind::Photo.into(),
        name: "photo.jpg".into(),
        mime: "image/jpeg".into(),
        content: vec![1, 2, 3].into(),
    };
    show::preview_screen(tr, &version(VersionState::Draft), &sample(Ok(rendered())), Some(media))
});
snapshots!(templates_preview_long, |tr| {
    let message = Rendered { body: Rich::plain("слово ".repeat(800)), ..Rendered::default() };
    show::preview_screen(tr, &version(VersionState::Draft), &sample(Ok(message)), None)
});
snapshots!(templates_preview_failing, |tr| {
    let error = RenderError { reason: Reason::NoValue, detail: "city".to_owned() };
    show::preview_screen(tr, &version(VersionState::Draft), &sample(Err(error)), None)
});
snapshots!(templates_nobody, |tr| show::nobody(tr, &empty()));
snapshots!(templates_ask_contact, |tr| show::ask(tr, &empty(), Some(&p!(tr, "templates-contact-unknown", typed = "Лена"))));
snapshots!(templates_choose_contact, |tr| {
    let id = ContactId(Uuid::from_u128(9));
    show::choose(
        tr,
        &empty(),
        "ольга",
        &[
            Found { id, name: "Ольга".to_owned(), phone: Some("+79161234567".to_owned()), city: None },
            Found { id, name: String::new(), phone: None, city: None },
        ],
    )
});
snapshots!(templates_worst_looking, |tr| show::worst_progress(tr, &version(VersionState::Draft), &Progress::UnderWay(1_500)));
snapshots!(templates_worst_lost, |tr| show::worst_progress(tr, &version(VersionState::Draft), &Progress::Lost));
snapshots!(templates_worst_costly, |tr| {
    let survey = Survey { seen: 420, costly: true, ..survey(false) };
    show::worst_progress(tr, &version(VersionState::Draft), &Progress::Done(std::sync::Arc::new(survey)))
});
snapshots!(templates_worst, |tr| show::worst_screen(tr, &version(VersionState::Draft), &survey(false)));
snapshots!(templates_worst_none, |tr| show::worst_screen(
    tr,
    &version(VersionState::Draft),
    &Survey { failing: Vec::new(), reasons: BTreeMap::new(), missing: BTreeMap::new(), seen: 3, ..survey(true) }
));
snapshots!(templates_versions, |tr| history::list(tr, &version(VersionState::Draft), &[version(VersionState::Draft), older()]));
snapshots!(templates_bases, |tr| history::bases(tr, &version(VersionState::Draft), &[version(VersionState::Draft), older()]));
snapshots!(templates_diff, |tr| history::comparison(tr, &older(), &version(VersionState::Draft)));
snapshots!(templates_diff_same, |tr| history::comparison(tr, &older(), &older()));

#[test]
fn a_message_is_shown_with_nothing_around_it() {
    let screen: Screen = show::message(&rendered(), None);
    assert_eq!(screen.html, rendered().body.to_html());
    assert_eq!(screen.keyboard.len(), 2);
}

#[test]
fn long_texts_are_clipped_whole_characters_at_a_time() {
    let clipped = lines::clip(Rich::from_html("<b>👍👍👍</b>").unwrap(), 4);
    assert_eq!(clipped.to_html(), "<b>👍</b>…");
    assert_eq!(lines::clip(Rich::plain("да"), 2).text, "да");
}

// A message of another messenger may be longer than this desk shows under a file.
#[test]
fn what_this_desk_cannot_show_whole_is_told() {
    let tr = testing::tr(mms_core::account::Language::Ru);
    let body = |length: usize| mms_core::text::Rich::plain("я".repeat(length));
    for (length, under_file, whole) in [(1_024, true, true), (1_025, true, false), (4_096, false, true), (4_097, false, false)] {
        let beyond = lines::beyond(tr, &body(length), under_file);
        assert_eq!(beyond.is_none(), whole, "{length}");
        assert!(beyond.is_none_or(|html| crate::frame::fit::shown(&html) <= 4_096));
    }
}
