use chrono::{NaiveDate, TimeDelta};

use super::{
    acceptance::{self, AcceptError, Desk, stamp},
    files::{self, Bad, Text},
    texts::{self, pages},
    *,
};
use crate::{
    account::{Actor, Role},
    both, clock,
    clock::Moment,
    notice::{self, NoticeKind},
    on,
    store::{Store, audit},
    testing,
};

const DESK: Desk<'static> = Desk { messenger: "telegram", chat: 77 };

fn day(at: Moment) -> NaiveDate {
    at.date_naive()
}

fn text(document: Document, version: &str, day: NaiveDate, language: Language, body: &str) -> Text {
    Text { document, version: version.to_owned(), day, language, body: body.to_owned() }
}

async fn owner(store: &Store, login: &str, now: Moment) -> Actor {
    let founded = testing::found(store, login, "korova na lune", now).await;
    Actor { account: founded.account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() }
}

#[test]
fn the_sample_can_be_read_in_both_languages_and_says_that_it_is_one() {
    for (name, content) in SAMPLE {
        let text = files::text(name, content).unwrap();
        assert_eq!(text.version, "sample");
        let mark = if text.language == Language::Ru { "Это образец" } else { "This is a sample" };
        assert!(text.body.contains(mark), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in SAMPLE {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let (texts, bad) = files::read(folder.path());
    assert_eq!((texts.len(), bad), (4, vec![]));
}

#[test]
fn what_is_wrong_in_a_folder_is_said_and_the_rest_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(folder.path().join(name), content).unwrap();
    write("agreement_1.0_2026-12-01_ru.md", "\u{feff}Раз\r\nдва\r\n");
    write("agreement_1.0_2026-12-01_en.md", "One");
    write("privacy_1.0_2026-12-01_ru.md", "Политика");
    write("privacy_2.0_2026-12-01_ru.md", "Другая");
    write("agreement_2.0_2027-01-01_ru.md", "Два");
    write("agreement_2.0_2027-02-01_en.md", "Two");
    write("agreement_3.0_2027-03-01_ru.md", " \n");
    write("соглашение.md", "Текст");
    write("agreement_4_2027-13-01_ru.md", "Текст");
    write("README.md", "What is here");
    write("notes.txt", "What is here");
    let (texts, bad) = files::read(folder.path());
    let names: Vec<_> = texts.iter().map(|text| (text.document.as_str(), text.version.as_str(), text.language)).collect();
    let agreement = [("agreement", "1.0", Language::En), ("agreement", "1.0", Language::Ru)];
    assert_eq!(names, [agreement[0], agreement[1], ("privacy", "1.0", Language::Ru)]);
    assert_eq!(texts[1].body, "Раз\nдва", "how lines end is no difference");
    for wrong in [
        Bad::Name("соглашение.md".to_owned()),
        Bad::Name("agreement_4_2027-13-01_ru.md".to_owned()),
        Bad::Empty("agreement_3.0_2027-03-01_ru.md".to_owned()),
        Bad::Days("agreement", "2.0".to_owned()),
        Bad::SameDay("privacy", "1.0".to_owned(), "2.0".to_owned()),
        Bad::Language("privacy", "1.0".to_owned(), "en"),
    ] {
        assert!(bad.contains(&wrong), "{wrong} in {bad:?}");
    }
    assert_eq!(bad.len(), 6, "{bad:?}");
    let (texts, bad) = files::read(&folder.path().join("nowhere"));
    assert!(texts.is_empty() && matches!(&bad[..], [Bad::Unreadable(..)]), "{bad:?}");
}

#[test]
fn pages_hold_the_whole_text_and_none_is_longer_than_it_may_be() {
    let long = "слово ".repeat(400);
    for body in ["", "Раз\n\nдва", &long, &format!("Начало\n\n{long}\n\nконец"), &"я".repeat(1_000)] {
        let all = pages(body, 100);
        assert!(all.iter().all(|page| page.chars().count() <= 100), "{body:.20}");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&all.concat()), squeezed(body));
    }
    assert_eq!(pages("Раз\n\nдва", 100), ["Раз\n\nдва"]);
}

both!(async fn agreement_1_5_a_version_is_published_once_and_told_once(store) {
    let (now, anna) = (clock::now(), owner(&store, "anna", clock::now()).await);
    let today = day(now);
    let first = [
        text(Document::Agreement, "1.0", today, Language::Ru, "Раз"),
        text(Document::Agreement, "1.0", today, Language::En, "One"),
        text(Document::Agreement, "0.9", today - chrono::Days::new(400), Language::Ru, "Ноль"),
    ];
    let done = texts::publish(&store, &first, now).await.unwrap();
    assert_eq!((done.new.len(), done.changed.len(), done.told), (3, 0, 1));
    assert_eq!(texts::publish(&store, &first, now).await.unwrap(), texts::Published::default(), "nothing is new");
    let told = notice::due_of(&store, anna.account, now, 10).await.unwrap();
    let [told] = &told[..] else { panic!("{told:?}") };
    assert_eq!((told.kind(), told.payload["version"].as_str()), (Some(NoticeKind::AgreementChanged), Some("1.0")));

    // A text that was published is never another.
    let other = [text(Document::Agreement, "1.0", today, Language::Ru, "Раз, но иначе")];
    let done = texts::publish(&store, &other, now).await.unwrap();
    assert_eq!(done.changed, [Bad::Changed("agreement", "1.0".to_owned())]);
    let same_day = [text(Document::Agreement, "1.1", today, Language::Ru, "Раз с точкой")];
    let done = texts::publish(&store, &same_day, now).await.unwrap();
    assert_eq!(done.changed, [Bad::SameDay("agreement", "1.0".to_owned(), "1.1".to_owned())]);
    let body = texts::body(&store, Document::Agreement, "1.0", Language::Ru).await.unwrap().unwrap();
    assert_eq!((body.body.as_str(), body.hash), ("Раз", texts::hash("Раз")));
    let lacking = texts::body(&store, Document::Agreement, "0.9", Language::En).await.unwrap().unwrap();
    assert_eq!(lacking.language, Language::Ru, "the other language is better than none");
    let mut tx = store.begin().await.unwrap();
    let touched = on!(tx.conn(), |c| sqlx::query("update agreement_text set body = 'x'").execute(c).await.map(|_| ()));
    assert!(touched.is_err(), "the database refuses it");
});

both!(async fn agreement_1_4_an_owner_accepts_what_they_were_shown_and_it_is_on_the_record(store) {
    let (now, anna) = (clock::now(), owner(&store, "anna", clock::now()).await);
    let boris = owner(&store, "boris", now).await;
    let owed = async |actor: &Actor, at: Moment| {
        let mut tx = store.begin().await.unwrap();
        acceptance::owed(&mut tx, actor.account, at).await.unwrap().map(|(document, version)| (document.as_str(), version))
    };
    assert_eq!(owed(&anna, now).await, None, "nothing was published");
    let (old, new) = (day(now) - chrono::Days::new(10), day(now) + chrono::Days::new(10));
    let all = [
        text(Document::Agreement, "1.0", old, Language::Ru, "Раз"),
        text(Document::Agreement, "1.0", old, Language::En, "One"),
        text(Document::Agreement, "2.0", new, Language::Ru, "Два"),
        text(Document::Privacy, "1.0", old, Language::Ru, "Политика"),
    ];
    texts::publish(&store, &all, now).await.unwrap();
    assert_eq!(owed(&anna, now).await, Some(("agreement", "1.0".to_owned())));

    let accept = async |actor: &Actor, document, body: &str, at| {
        acceptance::accept(&store, actor, document, stamp(&texts::hash(body)), DESK, at).await
    };
    let manager = Actor { role: Role::Manager, ..anna.clone() };
    assert!(matches!(accept(&manager, Document::Agreement, "One", now).await, Err(AcceptError::Account(_))));
    assert!(matches!(accept(&anna, Document::Agreement, "Ноль", now).await, Err(AcceptError::Changed)));
    assert!(matches!(accept(&anna, Document::Privacy, "Раз", now).await, Err(AcceptError::Changed)), "of another document");
    assert_eq!(accept(&anna, Document::Agreement, "One", now).await.unwrap(), "1.0");
    assert_eq!(accept(&anna, Document::Agreement, "One", now + TimeDelta::hours(1)).await.unwrap(), "1.0", "twice is once");
    assert_eq!(owed(&anna, now).await, Some(("privacy", "1.0".to_owned())));
    accept(&anna, Document::Privacy, "Политика", now).await.unwrap();
    assert_eq!(owed(&anna, now).await, None);
    assert!(owed(&boris, now).await.is_some(), "for one company alone");

    let kept = acceptance::accepted(&store, anna.account).await.unwrap();
    let of: Vec<_> = kept.iter().filter(|one| one.document == Document::Agreement).collect();
    let [one] = &of[..] else { panic!("{kept:?}") };
    assert_eq!((one.version.as_str(), one.language, one.hash.as_str()), ("1.0", Language::En, texts::hash("One").as_str()));
    assert_eq!((one.member.as_str(), one.desk.as_str(), one.chat_id, one.accepted_at), ("Анна", "telegram", 77, now));
    let trail = audit::entries(&store, anna.account, 0, 100).await.unwrap();
    assert_eq!(trail.iter().filter(|entry| entry.action == "agreement.accept").count(), 2);

    // The next version can be accepted ahead, and has to be from its day on.
    let later = now + TimeDelta::days(11);
    assert_eq!(owed(&anna, later).await, Some(("agreement", "2.0".to_owned())));
    assert_eq!(accept(&anna, Document::Agreement, "Два", now).await.unwrap(), "2.0");
    assert_eq!(owed(&anna, later).await, None);
    let standing = acceptance::standing(&store, anna.account, now).await.unwrap();
    let agreement = &standing[0];
    assert_eq!((agreement.is_owed(), agreement.waits().count()), (false, 0));
    assert_eq!(agreement.next.as_ref().map(|(version, _)| version.version.as_str()), Some("2.0"));
    let sheet = history::Words {
        sheet: "История".to_owned(),
        headers: std::array::from_fn(|at| format!("Столбец {at}")),
        documents: vec!["Соглашение".to_owned(), "Политика".to_owned()],
        zone: chrono_tz::Europe::Moscow,
    };
    assert!(history::xlsx(&acceptance::accepted(&store, anna.account).await.unwrap(), &sheet).unwrap().starts_with(b"PK"));
});

#[test]
fn agreement_8_1_the_clock_of_a_ticket_counts_working_days() {
    let zone = chrono_tz::Europe::Moscow;
    let due = |now: &str, days| support::due(now.parse().unwrap(), zone, days).map(|due| due.to_rfc3339());
    // From a Friday evening: the end of Tuesday in Moscow.
    assert_eq!(due("2026-11-27T18:00:00Z", 2).as_deref(), Some("2026-12-01T21:00:00+00:00"));
    // Over the holidays.
    assert_eq!(due("2026-12-30T09:00:00Z", 1).as_deref(), Some("2027-01-11T21:00:00+00:00"));
    assert_eq!(due("2027-12-30T09:00:00Z", 5), None, "of a year that is not known nothing is promised");
}

both!(async fn agreement_8_1_a_ticket_is_asked_answered_and_closed_on_the_record(store) {
    let (now, anna) = (clock::now(), owner(&store, "anna", clock::now()).await);
    let boris = owner(&store, "boris", now).await;
    let due = Some(now + TimeDelta::days(2));
    for bad in ["", "  ", &"я".repeat(support::LONGEST + 1)] {
        assert!(matches!(support::open(&store, &anna, bad, None, due, now).await, Err(support::SupportError::Length)));
    }
    let picture = crate::store::file::Attached { name: "экран.png", mime: "image/png", content: b"png" };
    assert_eq!(support::open(&store, &anna, "Не приходит код", Some(picture), due, now).await.unwrap(), 1);
    assert_eq!(support::open(&store, &anna, "И ещё", None, due, now).await.unwrap(), 2);
    assert_eq!(support::open(&store, &boris, "У нас тоже", None, due, now).await.unwrap(), 1, "each company counts for itself");
    let tickets = support::list(&store, anna.account).await.unwrap();
    assert_eq!(tickets.iter().map(|one| (one.number, one.first.as_str())).collect::<Vec<_>>(), [(2, "И ещё"), (1, "Не приходит код")]);
    let first = &tickets[1];

    support::answer(&store, anna.account, 1, "Проверьте часы телефона", now + TimeDelta::hours(1)).await.unwrap();
    let told = notice::due_of(&store, anna.account, now + TimeDelta::hours(1), 10).await.unwrap();
    let told = told.iter().find(|one| one.kind() == Some(NoticeKind::SupportAnswered)).unwrap();
    assert_eq!((told.member_id, told.payload["text"].as_str()), (Some(anna.member), Some("Проверьте часы телефона")));
    let found = support::get(&store, anna.account, first.id).await.unwrap().unwrap();
    assert_eq!(found.state, support::State::Answered);
    assert!(matches!(support::add(&store, &boris, first.id, "Чужое", None, due, now).await, Err(support::SupportError::Absent)));
    assert_eq!(support::get(&store, boris.account, first.id).await.unwrap(), None);
    // The licensor has the word again, by a new clock; while one runs, it is not put off.
    let later = Some(now + TimeDelta::days(5));
    support::add(&store, &anna, first.id, "Не помогло", None, later, now).await.unwrap();
    assert_eq!(support::get(&store, anna.account, first.id).await.unwrap().unwrap().due_at, later);
    support::add(&store, &anna, first.id, "Совсем", None, Some(now + TimeDelta::days(9)), now).await.unwrap();
    assert_eq!(support::get(&store, anna.account, first.id).await.unwrap().unwrap().due_at, later);
    let thread = support::thread(&store, anna.account, first.id).await.unwrap();
    assert_eq!(thread.iter().map(|one| one.side).collect::<Vec<_>>(), {
        use support::Side::{Company, Licensor};
        [Company, Licensor, Company, Company]
    });
    assert!(thread[0].file_id.is_some() && thread[0].member.as_deref() == Some("Анна"));

    support::close(&store, &anna, 1, now).await.unwrap();
    assert!(matches!(support::close(&store, &anna, 1, now).await, Err(support::SupportError::Absent)), "once");
    assert!(matches!(support::answer(&store, anna.account, 1, "Поздно", now).await, Err(support::SupportError::Absent)));
    let trail = audit::entries(&store, anna.account, 0, 100).await.unwrap();
    let of: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("support.")).collect();
    assert_eq!(of, ["support.open", "support.open", "support.answer", "support.add", "support.add", "support.close"]);
});

both!(async fn agreement_10_2_claims_have_thirty_days_and_each_side_answers_its_own(store) {
    use crate::account::By;
    let (now, anna) = (clock::now(), owner(&store, "anna", clock::now()).await);
    let manager = Actor { role: Role::Manager, ..anna.clone() };
    let new = |direction| claims::NewClaim { direction, claimant: "Иван\nПетров", subject: "=СУММ(А1)", attached: None };
    let (of_others, own) = (new(claims::Direction::ToCompany), new(claims::Direction::ToLicensor));
    assert!(matches!(claims::enter(&store, &manager, &own, now).await, Err(claims::ClaimError::Account(_))));
    let empty = claims::NewClaim { subject: " ", ..own };
    assert!(matches!(claims::enter(&store, &anna, &empty, now).await, Err(claims::ClaimError::Length(_))));
    let first = claims::enter(&store, &anna, &of_others, now).await.unwrap();
    let second = claims::enter(&store, &anna, &own, now).await.unwrap();
    let found = claims::get(&store, anna.account, first).await.unwrap().unwrap();
    assert_eq!((found.number, found.claimant.as_str(), found.due_at), (1, "Иван Петров", now + TimeDelta::days(30)));

    // Nobody answers in the other's place.
    assert!(matches!(claims::answer(&store, &anna, 2, "Сами", now).await, Err(claims::ClaimError::Absent)));
    let licensor = By::Admin(anna.account);
    assert!(matches!(claims::answer(&store, licensor, 1, "За вас", now).await, Err(claims::ClaimError::Absent)));
    claims::answer(&store, &anna, 1, "Согласие приложено", now).await.unwrap();
    claims::answer(&store, licensor, 2, "Вернём", now).await.unwrap();
    let told = notice::due_of(&store, anna.account, now, 10).await.unwrap();
    assert_eq!(told.iter().filter(|one| one.kind() == Some(NoticeKind::ClaimAnswered)).count(), 1, "of the licensor's answer");
    claims::close(&store, &anna, second, now).await.unwrap();
    assert!(matches!(claims::close(&store, &anna, second, now).await, Err(claims::ClaimError::Absent)));
    let all = claims::list(&store, anna.account).await.unwrap();
    let states: Vec<_> = all.iter().map(|one| (one.number, one.state)).collect();
    assert_eq!(states, [(2, claims::State::Closed), (1, claims::State::Answered)]);
    let words = claims::Words {
        sheet: "Претензии".to_owned(),
        headers: std::array::from_fn(|at| format!("Столбец {at}")),
        dossiers: ["собирается".to_owned(), "удалён".to_owned()],
        directions: ["К лицензиару".to_owned(), "К нам".to_owned()],
        states: ["открыта".to_owned(), "отвечена".to_owned(), "закрыта".to_owned()],
        zone: chrono_tz::Europe::Moscow,
    };
    assert!(claims::xlsx(&all, &words).unwrap().starts_with(b"PK"));
});

both!(async fn a_claim_may_have_come_before_it_was_entered_and_its_dossier_is_the_companys_own(store) {
    use crate::{
        evidence::{self, Scope},
        register::DayError,
    };
    let fixture = crate::delivery::fixture::Fixture::new(&store, 1, 30.0).await;
    let other = crate::delivery::fixture::Fixture::new(&store, 1, 30.0).await;
    let (owner, stranger) = (fixture.owner(), other.owner());
    let now: crate::clock::Moment = "2026-11-30T09:00:00Z".parse().unwrap();
    let new = claims::NewClaim { direction: claims::Direction::ToCompany, claimant: "Иван", subject: "Писали", attached: None };
    let claim = claims::enter(&store, &owner, &new, now).await.unwrap();
    let day = |text: &str| text.parse().unwrap();
    for (typed, error) in [
        ("позавчера вечером", DayError::Nonsense),
        ("01.12.2026", DayError::Ahead(day("2026-12-01"))),
        ("01.11.2025", DayError::LongAgo(day("2025-11-01"))),
    ] {
        let refused = claims::came(&store, &owner, claim, typed, now).await;
        assert!(matches!(&refused, Err(claims::ClaimError::Day(found)) if *found == error), "{typed}: {refused:?}");
    }
    let manager = Actor { role: Role::Manager, ..owner.clone() };
    assert!(matches!(claims::came(&store, &manager, claim, "вчера", now).await, Err(claims::ClaimError::Account(_))));
    claims::came(&store, &owner, claim, "20.11.2026", now).await.unwrap();
    let found = claims::get(&store, owner.account, claim).await.unwrap().unwrap();
    // Noon in Moscow.
    let noon: crate::clock::Moment = "2026-11-20T09:00:00Z".parse().unwrap();
    assert_eq!((found.received_at, found.due_at), (noon, noon + TimeDelta::days(30)));

    let theirs = evidence::ask(&store, &stranger, Scope::Person(other.contacts[0]), None, now).await.unwrap();
    assert!(matches!(claims::attach(&store, &owner, claim, theirs, now).await, Err(claims::ClaimError::Absent)));
    let dossier = evidence::ask(&store, &owner, Scope::Person(fixture.contacts[0]), None, now).await.unwrap();
    claims::attach(&store, &owner, claim, dossier, now).await.unwrap();
    let found = claims::get(&store, owner.account, claim).await.unwrap().unwrap();
    assert_eq!((found.dossier_id, found.dossier_made_at), (Some(dossier), None));
    assert!(found.dossier.is_some_and(|about| !about.is_empty()));
    assert_eq!(claims::REGISTER.counts(&store, owner.account).await.unwrap(), (1, 1));
    claims::close(&store, &owner, claim, now).await.unwrap();
    assert!(matches!(claims::attach(&store, &owner, claim, dossier, now).await, Err(claims::ClaimError::Absent)));
    assert!(matches!(claims::came(&store, &owner, claim, "вчера", now).await, Err(claims::ClaimError::Absent)));
    assert_eq!(claims::REGISTER.counts(&store, owner.account).await.unwrap(), (1, 0));
    let trail = audit::entries(&store, owner.account, 0, 100).await.unwrap();
    let done: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("claim.")).collect();
    assert_eq!(done, ["claim.enter", "claim.date", "claim.attach", "claim.close"]);
});

both!(async fn agreement_9_4_the_logo_is_shown_only_once_an_owner_allows_it(store) {
    use crate::account::settings::{self, Change};
    let (now, anna) = (clock::now(), owner(&store, "anna", clock::now()).await);
    assert!(!settings::get(&store, anna.account).await.unwrap().unwrap().logo_allowed);
    settings::change(&store, &anna, &Change::Logo(true), now).await.unwrap();
    assert!(settings::get(&store, anna.account).await.unwrap().unwrap().logo_allowed);
    let trail = audit::entries(&store, anna.account, 0, 100).await.unwrap();
    assert!(trail.iter().any(|entry| entry.action == "settings.change" && entry.details.contains("\"logo_allowed\":true")));
});
