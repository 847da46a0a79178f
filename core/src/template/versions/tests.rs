use std::sync::{
    Mutex,
    atomic::{AtomicU64, Ordering},
    mpsc,
};

use sqlx::types::Json;

use super::*;
use crate::{
    account::{self, Role},
    aside, both,
    channel::{Capabilities, ChannelKind, registry},
    clock,
    contact::fixture,
    id::ContactId,
    notice::{self, NoticeKind},
    store::Engine,
    template::{self, lint, preview},
    testing,
    words::Reason,
};

fn channel() -> Capabilities {
    registry::capabilities(ChannelKind::Telegram).clone()
}

/// Another member of the same account.
async fn colleague(store: &Store, of: &Actor, role: Role) -> Actor {
    let member = MemberId::new();
    let mut tx = store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query(
        "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', 'Борис', $4, 'ru', $5)"
    )
    .bind(member)
    .bind(of.account)
    .bind(member.to_string())
    .bind(role)
    .bind(clock::now())
    .execute(c)
    .await
    .map(|_| ()))
    .expect("a member");
    tx.commit().await.expect("commit");
    Actor { member, role, name: "Борис".into(), ..of.clone() }
}

async fn person(store: &Store, account: AccountId, first_name: &str, attributes: serde_json::Value) -> ContactId {
    let id = ContactId::new();
    let mut tx = store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query(
        "insert into contact (id, account_id, first_name, attributes, source, created_at, updated_at) values ($1, $2, $3, $4, 'test', $5, $5)"
    )
    .bind(id)
    .bind(account)
    .bind(first_name)
    .bind(Json(&attributes))
    .bind(clock::now())
    .execute(c)
    .await
    .map(|_| ()))
    .expect("a contact");
    tx.commit().await.expect("commit");
    id
}

#[test]
fn every_step_of_every_state() {
    use VersionEvent as E;
    use VersionState as S;
    for (state, event, next) in [
        (S::Draft, E::Edit, Some(S::Draft)),
        (S::Draft, E::Submit, Some(S::Submitted)),
        (S::Draft, E::Recall, None),
        (S::Draft, E::Approve, None),
        (S::Draft, E::Return, None),
        (S::Submitted, E::Edit, None),
        (S::Submitted, E::Submit, None),
        (S::Submitted, E::Recall, Some(S::Draft)),
        (S::Submitted, E::Approve, Some(S::Approved)),
        (S::Submitted, E::Return, Some(S::Returned)),
        (S::Approved, E::Edit, None),
        (S::Approved, E::Submit, None),
        (S::Approved, E::Recall, None),
        (S::Approved, E::Approve, None),
        (S::Approved, E::Return, None),
        (S::Returned, E::Edit, Some(S::Draft)),
        (S::Returned, E::Submit, Some(S::Submitted)),
        (S::Returned, E::Recall, None),
        (S::Returned, E::Approve, None),
        (S::Returned, E::Return, None),
    ] {
        assert_eq!(state.next(event).ok(), next, "{state:?} {event:?}");
    }
}

#[test]
fn the_hash_covers_all_that_goes_out() {
    let base = Content {
        class: Class::Service,
        body: "x".into(),
        media: Some((MediaKind::Photo, FileId::new())),
        buttons: vec![TemplateButton::Url { text: "a".into(), url: "b".into() }],
    };
    let hash = content_hash(&base, Some("1"));
    assert_eq!(
        hash,
        content_hash(&Content { media: Some((MediaKind::Photo, FileId::new())), ..base.clone() }, Some("1")),
        "the bytes count, not the row"
    );
    for other in [
        content_hash(&Content { class: Class::Advertising, ..base.clone() }, Some("1")),
        content_hash(&Content { body: "y".into(), ..base.clone() }, Some("1")),
        content_hash(&Content { media: Some((MediaKind::Document, FileId::new())), ..base.clone() }, Some("1")),
        content_hash(&base, Some("2")),
        content_hash(&Content { media: None, ..base.clone() }, None),
        content_hash(&Content { buttons: vec![TemplateButton::Url { text: "ab".into(), url: String::new() }], ..base.clone() }, Some("1")),
        content_hash(&Content { buttons: vec![TemplateButton::OptOut { text: "a".into() }], ..base.clone() }, Some("1")),
    ] {
        assert_ne!(hash, other);
    }
}

both!(async fn a_template_lives(store) {
    let owner = fixture::actor(&store).await;
    let approver = colleague(&store, &owner, Role::Approver).await;
    let manager = colleague(&store, &owner, Role::Manager).await;
    let now = clock::now();

    assert!(matches!(create(&store, &approver, "x", Class::Service, now).await, Err(TemplateError::Forbidden)));
    assert!(matches!(create(&store, &manager, "  ", Class::Service, now).await, Err(TemplateError::Name)));
    let v1 = create(&store, &manager, " Привет \n всем ", Class::Service, now).await.expect("created");
    assert_eq!((v1.name.as_str(), v1.number, v1.state), ("Привет всем", 1, VersionState::Draft));

    // An empty text is not handed in.
    let Err(TemplateError::Lint(found)) = submit(&store, &manager, v1.id, &channel(), now).await else { panic!("an empty text was taken") };
    assert_eq!(found[0].problem, lint::Problem::Empty);

    let v1 = edit(&store, &manager, v1.id, Edit::Body("Привет, {{ name }}!".into()), now).await.expect("edited");
    let v1 = edit(&store, &owner, v1.id, Edit::Buttons(vec![TemplateButton::OptOut { text: "Стоп".into() }]), now).await.expect("edited");
    assert_eq!(v1.authors, [manager.member, owner.member]);
    assert!(matches!(edit(&store, &owner, v1.id, Edit::Media(Some((MediaKind::Photo, FileId::new()))), now).await, Err(TemplateError::NoFile)));
    submit(&store, &manager, v1.id, &channel(), now).await.expect("submitted");
    assert!(matches!(submit(&store, &manager, v1.id, &channel(), now).await, Err(TemplateError::Step { .. })));

    let v1 = version(&store, owner.account, v1.id).await.expect("read").expect("there");
    let hash = v1.content_hash.clone().expect("hashed");
    assert_eq!(hash, content_hash(&v1.content(), None));
    assert!(matches!(approve(&store, &manager, v1.id, &hash, now).await, Err(TemplateError::Forbidden)));
    assert!(matches!(approve(&store, &owner, v1.id, &hash, now).await, Err(TemplateError::Own)), "whoever wrote in it does not approve it");
    assert!(matches!(approve(&store, &approver, v1.id, "00000000", now).await, Err(TemplateError::Changed)));
    assert!(matches!(approve(&store, &approver, v1.id, "", now).await, Err(TemplateError::Changed)));
    for bad in [" ".to_owned(), "я".repeat(COMMENT_LIMIT + 1)] {
        assert!(matches!(send_back(&store, &approver, v1.id, &hash, &bad, now).await, Err(TemplateError::BadComment)));
    }
    send_back(&store, &approver, v1.id, &hash, "Добавьте имя", now).await.expect("returned");
    let returned = version(&store, owner.account, v1.id).await.expect("read").expect("there");
    assert_eq!((returned.state, returned.comment.as_deref()), (VersionState::Returned, Some("Добавьте имя")));

    let v1 = edit(&store, &manager, v1.id, Edit::Body("Здравствуйте, {{ name }}!".into()), now).await.expect("edited");
    assert_eq!(v1.state, VersionState::Draft);
    submit(&store, &manager, v1.id, &channel(), now).await.expect("submitted");
    recall(&store, &manager, v1.id, now).await.expect("recalled");
    submit(&store, &manager, v1.id, &channel(), now).await.expect("submitted");
    let hash = version(&store, owner.account, v1.id).await.expect("read").expect("there").content_hash.expect("hashed");
    approve(&store, &approver, v1.id, &hash[..SEEN_DIGITS], now).await.expect("approved");

    // What was approved never changes: an edit is a new draft.
    let v2 = edit(&store, &manager, v1.id, Edit::Body("Новое".into()), now).await.expect("edited");
    assert_eq!((v2.number, v2.state, v2.buttons.len()), (2, VersionState::Draft, 1));
    assert_eq!(template::content(&store, owner.account, v1.id).await.expect("read").expect("there").body, "Здравствуйте, {{ name }}!");
    assert!(matches!(edit(&store, &manager, v1.id, Edit::Body("Ещё".into()), now).await, Err(TemplateError::Newer(id)) if id == v2.id));

    let listed = list(&store, owner.account, false, 10, 0).await.expect("listed");
    assert_eq!((listed.len(), listed[0].version_id, listed[0].approved_id), (1, v2.id, Some(v1.id)));
    assert_eq!(versions(&store, owner.account, v1.template_id).await.expect("read").len(), 2);
    rename(&store, &manager, v1.template_id, "Другое", now).await.expect("renamed");
    archive(&store, &manager, v1.template_id, now).await.expect("archived");
    assert!(matches!(edit(&store, &manager, v2.id, Edit::Body("x".into()), now).await, Err(TemplateError::Archived)));
    assert_eq!(list(&store, owner.account, true, 10, 0).await.expect("listed").len(), 1);
    restore(&store, &manager, v1.template_id, now).await.expect("restored");
    assert_eq!(template(&store, owner.account, v1.template_id).await.expect("read").expect("there").name, "Другое");

    let notices = notice::due(&store, now, 100).await.expect("notices");
    let kinds: Vec<_> = notices.iter().filter(|n| n.account_id == owner.account).filter_map(notice::Notice::kind).collect();
    for kind in [NoticeKind::TemplateSubmitted, NoticeKind::TemplateReturned, NoticeKind::TemplateApproved] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
    assert!(matches!(audit::verify(&store, owner.account).await.expect("audit"), Ok(whole) if whole.entries >= 12));
});

both!(async fn another_account_sees_and_changes_nothing(store) {
    let owner = fixture::actor(&store).await;
    let stranger = fixture::actor(&store).await;
    let now = clock::now();
    let v = create(&store, &owner, "x", Class::Service, now).await.expect("created");
    let contact = person(&store, owner.account, "Анна", json!({})).await;
    let absent = |r: Result<(), TemplateError>| assert!(matches!(r, Err(TemplateError::NotFound)), "{r:?}");
    absent(edit(&store, &stranger, v.id, Edit::Body("y".into()), now).await.map(drop));
    absent(submit(&store, &stranger, v.id, &channel(), now).await.map(drop));
    absent(recall(&store, &stranger, v.id, now).await);
    absent(approve(&store, &stranger, v.id, "12345678", now).await);
    absent(send_back(&store, &stranger, v.id, "12345678", "x", now).await);
    absent(rename(&store, &stranger, v.template_id, "y", now).await);
    absent(archive(&store, &stranger, v.template_id, now).await);
    absent(restore(&store, &stranger, v.template_id, now).await);
    assert_eq!(version(&store, stranger.account, v.id).await.expect("read"), None);
    assert_eq!(template(&store, stranger.account, v.template_id).await.expect("read"), None);
    assert_eq!(versions(&store, stranger.account, v.template_id).await.expect("read"), []);
    assert_eq!(list(&store, stranger.account, false, 10, 0).await.expect("read"), []);
    assert_eq!(template::content(&store, stranger.account, v.id).await.expect("read"), None);
    assert_eq!(template::facts_for(&store, stranger.account, contact, now).await.expect("read"), None);
});

both!(async fn the_ten_worst_are_found(store) {
    let owner = fixture::actor(&store).await;
    let now = clock::now();
    for n in 1..=25 {
        let city = if n % 5 == 0 { json!({}) } else { json!({ "city": "К".repeat(n) }) };
        person(&store, owner.account, "Анна", city).await;
    }
    let content = Content { class: Class::Service, body: "{{ first_name }}, {{ city }}".into(), media: None, buttons: Vec::new() };
    let survey = preview::survey(&store, owner.account, &content, &preview::Audience::default(), 1_000, now).await.expect("read").expect("parses");
    assert_eq!((survey.seen, survey.complete), (25, true));
    assert_eq!(survey.longest.iter().map(|r| r.units).collect::<Vec<_>>(), [30, 29, 28, 27, 25, 24, 23, 22, 20, 19]);
    assert_eq!(survey.failing.len(), 5);
    assert_eq!(survey.reasons, [(Reason::NoValue, 5)].into());
    assert_eq!(survey.missing, [("city".to_owned(), 5)].into());
    let few = preview::survey(&store, owner.account, &content, &preview::Audience::default(), 7, now).await.expect("read").expect("parses");
    assert_eq!((few.seen, few.complete), (7, false));
    let one = survey.longest[0].contact;
    let prepared = template::engine::Prepared::new(&content).expect("parses");
    let message = preview::render_for(&store, owner.account, &prepared, one, now).await.expect("read").expect("there").expect("renders");
    assert_eq!(message, survey.longest[0].message);
});

// People without a last name were counted as those who get nothing, though a default stood in for
// it; a title was no variable; the sample was somebody who got nothing.
both!(async fn the_check_counts_those_whose_message_cannot_be_made(store) {
    let owner = fixture::actor(&store).await;
    let now = clock::now();
    crate::contact::field::create(&store, &owner, "city", "Родной город", crate::contact::FieldKind::Text, now).await.expect("a field");
    person(&store, owner.account, "", json!({})).await;
    let with_city = person(&store, owner.account, "Анна", json!({ "city": "Казань" })).await;
    let missing = async |body: &str| {
        let content = Content { class: Class::Service, body: body.into(), media: None, buttons: Vec::new() };
        let survey = preview::survey(&store, owner.account, &content, &preview::Audience::default(), 100, now).await.expect("read").expect("parses");
        survey.missing.get("city").copied().unwrap_or_default()
    };
    for (body, count) in [
        ("x {{ city }}", 1),
        ("x {{ city | upcase }}", 1),
        ("x {{ city | default: 'город' }}", 0),
        ("x {{ last_name | default: city | default: 'друг' }}", 0),
        ("x {% if city %}{{ city }}{% endif %}", 0),
        ("x {% if city or last_name %}{{ city }}{% endif %}", 0),
        ("x {% unless city %}{{ city }}{% endunless %}", 1),
    ] {
        assert_eq!(missing(body).await, count, "{body}");
    }
    let made = create(&store, &owner, "Город", Class::Service, now).await.expect("a template");
    let kept = edit(&store, &owner, made.id, Edit::Body("В {{ родной город }}, {{ Имя | default: \"друг\" }}".into()), now).await.expect("kept");
    assert_eq!(kept.body, "В {{ city }}, {{ first_name | default: \"друг\" }}");
    let prepared = std::sync::Arc::new(template::engine::Prepared::new(&kept.content()).expect("parses"));
    assert_eq!(preview::first(&store, owner.account, &prepared, now).await.expect("read"), Some(with_city));
});

// One survey was 5 000 renderings in a row, however much each cost.
both!(async fn a_survey_ends_when_its_messages_cost_too_much(store) {
    let owner = fixture::actor(&store).await;
    let now = clock::now();
    for _ in 0..20 {
        person(&store, owner.account, "Анна", json!({})).await;
    }
    let body = "{% for i in (1..100) %}{{ i }} {% endfor %}".to_owned();
    let content = Content { class: Class::Service, body, media: None, buttons: Vec::new() };
    let told = std::sync::atomic::AtomicU64::new(0);
    let look = async |steps| {
        let most = preview::Most { contacts: 1_000, steps };
        let tell = |seen| told.store(seen, std::sync::atomic::Ordering::Relaxed);
        preview::survey_within(&store, owner.account, &content, &preview::Audience::default(), most, now, tell).await.expect("read").expect("parses")
    };
    let whole = look(u64::MAX).await;
    assert_eq!((whole.seen, whole.complete, whole.costly), (20, true, false));
    let cut = look(300).await;
    assert!(cut.costly && !cut.complete && (1..20).contains(&cut.seen), "{cut:?}");
    assert_eq!(told.into_inner(), cut.seen);
});

// One contact's long value was an error of the template: nobody could hand it in.
both!(async fn one_contacts_long_value_keeps_no_version_from_being_handed_in(store) {
    let owner = fixture::actor(&store).await;
    let now = clock::now();
    crate::contact::field::create(&store, &owner, "city", "Город", crate::contact::FieldKind::Text, now).await.expect("a field");
    person(&store, owner.account, "Анна", json!({ "city": "К".repeat(5_000) })).await;
    let made = create(&store, &owner, "Город", Class::Service, now).await.expect("a template");
    let kept = edit(&store, &owner, made.id, Edit::Body("Ждём в {{ city }}".into()), now).await.expect("kept");
    let found = lint::check(&store, owner.account, &kept.content(), &channel(), now).await.expect("read");
    assert!(matches!(found[..], [lint::Finding { severity: lint::Severity::Warning, problem: lint::Problem::TooLongForSome { .. }, .. }]), "{found:?}");
    submit(&store, &owner, kept.id, &channel(), now).await.expect("handed in");
});

both!(async fn what_the_law_finds_is_a_question_that_one_press_answers(store) {
    use crate::law::{Category, Country, answers, profile};
    let owner = fixture::actor(&store).await;
    let now = clock::now();
    let made = create(&store, &owner, "Цены", Class::Service, now).await.expect("a template");
    let kept = edit(&store, &owner, made.id, Edit::Body("Наш промокод: ЗИМА".into()), now).await.expect("kept");
    let check = async || lint::check(&store, owner.account, &kept.content(), &channel(), now).await.expect("read");
    assert_eq!(check().await, [], "nobody said where the company works");
    profile::say(&store, &owner, Country::Ru, Some(Category::Other), now).await.expect("said");
    let found = check().await;
    let [lint::Finding { severity: lint::Severity::Warning, problem: lint::Problem::Law { rule, words, about, .. }, .. }] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!((rule.as_str(), words.as_slice()), ("38fz-3-class", ["промокод".to_owned()].as_slice()));
    // The owner lets no such text go.
    profile::set_strict(&store, &owner, rule, true, now).await.expect("strict");
    let refused = submit(&store, &owner, kept.id, &channel(), now).await;
    assert!(matches!(refused, Err(TemplateError::Lint(ref found)) if found[0].severity == lint::Severity::Error), "{refused:?}");
    let word = (answers::Answer::FalseAlarm, None);
    answers::give(&store, &owner, (rule, about), &words.join(", "), word, now).await.expect("answered");
    assert_eq!(check().await, []);
    let given = lint::answered(&store, owner.account, &kept.content(), now).await.expect("read");
    assert_eq!(given.iter().map(|one| (one.rule.as_str(), one.answer)).collect::<Vec<_>>(), [("38fz-3-class", word.0)]);
    submit(&store, &owner, kept.id, &channel(), now).await.expect("handed in");
});

fn greeting() -> Content {
    Content { class: Class::Service, body: "Здравствуйте, {{ first_name }}!".into(), media: None, buttons: Vec::new() }
}

// Three presses were 48 s in which nobody was answered: messages were made on the threads that
// answer.
#[tokio::test]
async fn a_survey_is_made_beside_the_threads_that_answer() {
    let store = testing::store(Engine::Sqlite).await;
    let (owner, now) = (fixture::actor(&store).await, clock::now());
    person(&store, owner.account, "Анна", json!({})).await;
    // Nothing is made beside while all seats there are taken.
    let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let mut taken = Vec::new();
    let seats = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    for _ in 0..seats {
        let (free, held) = mpsc::channel::<()>();
        let began = began.clone();
        aside::task(
            "a seat",
            aside::run(move || {
                began.send(()).expect("awaited");
                let _ = held.recv();
            }),
        );
        taken.push(free);
    }
    for _ in 0..seats {
        begun.recv().await.expect("a seat is taken");
    }
    let seen = AtomicU64::new(0);
    let (content, audience) = (greeting(), preview::Audience::default());
    let survey = preview::survey_told(&store, owner.account, &content, &audience, 10, now, |count| seen.store(count, Ordering::Relaxed));
    let others = async {
        for _ in 0..100 {
            account::settings::zone(&store, owner.account).await.expect("answered meanwhile");
        }
        assert_eq!(seen.load(Ordering::Relaxed), 0, "its messages were made where others are answered");
        drop(taken);
    };
    let (survey, ()) = tokio::join!(survey, others);
    assert_eq!((survey.expect("read").expect("parses").seen, seen.into_inner()), (1, 1));
}

// A company that asked again and again kept every other one waiting.
#[tokio::test]
async fn surveys_go_one_at_a_time_and_of_a_company_one_stands_in_line() {
    let store = testing::store(Engine::Sqlite).await;
    let (often, once, now) = (fixture::actor(&store).await, fixture::actor(&store).await, clock::now());
    // More than a page each, so that two at a time would show.
    for account in [often.account, once.account] {
        for _ in 0..501 {
            person(&store, account, "Анна", json!({})).await;
        }
    }
    let order = Mutex::new(Vec::new());
    let (content, audience) = (greeting(), preview::Audience::default());
    let look = async |account, which: &'static str| {
        let told = |_: u64| order.lock().expect("no panic while held").push(which);
        preview::survey_told(&store, account, &content, &audience, 1_000, now, told).await.expect("read").expect("parses")
    };
    // Each stands in line when it is first looked at, in this order.
    tokio::join!(look(often.account, "first"), look(often.account, "again"), look(once.account, "another's"));
    assert_eq!(order.into_inner().expect("no panic while held"), ["first", "first", "another's", "another's", "again", "again"]);
}

// «Проверка», handing in and deciding stood in line behind whatever anybody looked at.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_waits_for_no_survey_that_somebody_asked_for() {
    let store = testing::store(Engine::Sqlite).await;
    let (asks, presses, now) = (fixture::actor(&store).await, fixture::actor(&store).await, clock::now());
    for account in [asks.account, presses.account] {
        person(&store, account, "Анна", json!({})).await;
    }
    let (end, held) = mpsc::channel::<()>();
    let (began, begun) = tokio::sync::oneshot::channel();
    let (began, held) = (Mutex::new(Some(began)), Mutex::new(held));
    let survey = {
        let (store, account) = (store.clone(), asks.account);
        aside::task("a survey", async move {
            let told = |_: u64| {
                if let Some(began) = began.lock().expect("no panic while held").take() {
                    began.send(()).expect("awaited");
                }
                // Until the check is done.
                let _ = held.lock().expect("no panic while held").recv();
            };
            preview::survey_told(&store, account, &greeting(), &preview::Audience::default(), 10, now, told).await
        })
    };
    begun.await.expect("it is under way");
    for account in [presses.account, asks.account] {
        let content = greeting();
        let channel = channel();
        let check = lint::check(&store, account, &content, &channel, now);
        tokio::time::timeout(std::time::Duration::from_secs(60), check).await.expect("it stood in line").expect("read");
    }
    drop(end);
    assert_eq!(survey.await.expect("no panic").expect("read").expect("parses").seen, 1);
}

both!(async fn every_statement_prepares(store) {
    for sql in queries::ALL {
        on!(store.read(), |c| sqlx::Executor::prepare(c, sqlx::SqlSafeStr::into_sql_str(*sql)).await.map(|_| ())).unwrap_or_else(|e| panic!("{sql}: {e}"));
    }
});

// An owner set an approver's password and approved as the approver: for a day after it nobody does.
both!(async fn whoever_got_a_new_password_by_a_link_approves_nothing_for_a_day(store) {
    use crate::{
        account::{invitation::Fingerprint, reset},
        secret::Secret,
    };
    let now = clock::now();
    let owner = fixture::actor(&store).await;
    let vera = colleague(&store, &owner, Role::Approver).await;
    let draft = create(&store, &owner, "Осень", Class::Service, now).await.expect("created");
    edit(&store, &owner, draft.id, Edit::Body("Ждём вас".into()), now).await.expect("written");
    submit(&store, &owner, draft.id, &channel(), now).await.expect("handed in");
    let seen = version(&store, owner.account, draft.id).await.expect("read").expect("there").content_hash.expect("handed in");
    let link = Fingerprint::of(reset::create(&store, &owner, vera.member, now).await.expect("a link").expose());
    reset::accept(&store, (9, "Vera"), &link, &Secret::new("loshad na marse"), now).await.expect("chosen");
    let day = chrono::TimeDelta::hours(24);
    for at in [now, now + day - chrono::TimeDelta::milliseconds(1)] {
        let refused = approve(&store, &vera, draft.id, &seen, at).await;
        assert!(matches!(refused, Err(TemplateError::FreshPassword(until)) if until == now + day), "{refused:?}");
    }
    // Giving it back harms nobody and is not refused; nothing was approved meanwhile.
    assert_eq!(version(&store, owner.account, draft.id).await.expect("read").expect("there").state, VersionState::Submitted);
    approve(&store, &vera, draft.id, &seen, now + day).await.expect("a day later");
});
