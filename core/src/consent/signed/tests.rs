//! Papers as members bring them, on both engines.

use chrono::TimeDelta;

use super::*;
use crate::{
    account::Role,
    both, clock, contact,
    contact::{DeletedBy, Draft as Person, NewAddress, card, fixture},
    opt_out::{self, OptOutBy, OptOutHow},
    store::{audit, retention},
};

const PAPER_OF_HERS: &[u8] = b"%PDF-1.7 signed by Anna";

fn pdf(content: &[u8]) -> Attached<'_> {
    Attached { name: "Анна Кузнецова.pdf", mime: "application/octet-stream", content }
}

async fn anna(store: &Store, account: AccountId) -> ContactId {
    let addresses = vec![NewAddress::phone("+79161234567".to_owned(), "+79161234567")];
    let draft = Person { name: Some("Анна".to_owned()), addresses, source: "manual".to_owned(), ..Person::default() };
    let mut tx = store.begin().await.unwrap();
    let contact = contact::upsert(&mut tx, account, &draft, clock::now()).await.unwrap().contact;
    tx.commit().await.unwrap();
    contact
}

/// A paper with all that is said of one but its file.
async fn told(store: &Store, actor: &Actor, contact: ContactId, purpose: Purpose, day: &str) -> PaperId {
    let paper = begin(store, actor, contact, purpose, clock::now()).await.unwrap();
    say(store, actor, paper, Said::Other("Я согласна")).await.unwrap();
    date(store, actor, paper, day, clock::now()).await.unwrap();
    paper
}

/// Of advertising and of personal data, as numbers: 2 is B.
async fn grades(store: &Store, account: AccountId, contact: ContactId) -> (Option<i16>, Option<i16>) {
    let row = card::contact(store, account, contact).await.unwrap().unwrap();
    (row.marketing_grade, row.personal_data_grade)
}

#[test]
fn the_day_on_a_paper_is_one_on_which_somebody_could_sign() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let today = day("2026-12-01");
    for (typed, expected) in [
        ("сегодня", Ok("2026-12-01")),
        ("вчера", Ok("2026-11-30")),
        ("12.03.2019", Ok("2019-03-12")),
        ("12 марта 2019", Ok("2019-03-12")),
        ("01.01.1991", Ok("1991-01-01")),
        ("31.12.1990", Err(DayError::TooEarly(earliest()))),
        ("12.03.1019", Err(DayError::TooEarly(earliest()))),
        ("02.12.2026", Err(DayError::Ahead(day("2026-12-02")))),
        ("12.03", Err(DayError::Nonsense)),
        ("весной", Err(DayError::Nonsense)),
    ] {
        assert_eq!(signed_on(typed, today), expected.map(day), "{typed}");
    }
}

#[test]
fn a_file_is_what_its_first_bytes_say() {
    for (content, is) in [
        (&b"%PDF-1.4"[..], Some("application/pdf")),
        (b"\xef\xbb\xbf\n%PDF-1.4", Some("application/pdf")),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Some("image/jpeg")),
        (b"\x89PNG\r\n\x1a\n\0", Some("image/png")),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
        (b"\0\0\0\x18ftypheic", Some("image/heic")),
        (b"II*\0", Some("image/tiff")),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"PK\x03\x04", None),
        (b"\xff\xd8", None),
        (b"<html>", None),
        (b"", None),
    ] {
        assert_eq!(form(content), is, "{content:?}");
    }
}

both!(async fn a_paper_is_the_proof_of_one_consent(store) {
    let actor = fixture::actor(&store).await;
    let (account, contact) = (actor.account, anna(&store, actor.account).await);
    let wording = crate::consent::wording::set(&store, &actor, Purpose::Marketing, crate::account::Language::Ru, "Согласны?", clock::now())
        .await.unwrap();
    let paper = begin(&store, &actor, contact, Purpose::PersonalData, clock::now()).await.unwrap();
    // The words are of the other consent; nothing is said of it yet.
    assert!(matches!(say(&store, &actor, paper, Said::Version(wording.id)).await, Err(SignedError::Account(AccountError::NotFound))));
    assert!(matches!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), clock::now()).await, Err(SignedError::Unfinished)));
    // It is of that one: the same draft, whose words and day stay until they are said anew.
    assert_eq!(begin(&store, &actor, contact, Purpose::Marketing, clock::now()).await.unwrap(), paper);
    say(&store, &actor, paper, Said::Version(wording.id)).await.unwrap();
    assert!(matches!(date(&store, &actor, paper, "31.12.1990", clock::now()).await, Err(SignedError::Day(DayError::TooEarly(_)))));
    date(&store, &actor, paper, "12.03.2019", clock::now()).await.unwrap();
    let draft = draft_of(&store, &actor, contact).await.unwrap().unwrap();
    assert_eq!((draft.wording_id, draft.day().map(|day| day.to_string()).as_deref()), (Some(wording.id), Some("2019-03-12")));
    assert_eq!(begin(&store, &actor, contact, Purpose::Marketing, clock::now()).await.unwrap(), paper);
    assert_eq!(draft_of(&store, &actor, contact).await.unwrap(), Some(draft), "asked again, nothing is lost");

    for (content, refused) in [(&b""[..], "Empty"), (b"PK\x03\x04", "Form"), (&vec![0xff; MOST + 1], "TooLarge")] {
        let error = keep(&store, &actor, paper, pdf(content), clock::now()).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(refused), "{error:?}");
    }
    assert_eq!(grades(&store, account, contact).await, (None, None));
    assert_eq!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), clock::now()).await.unwrap(), Kept { holds: true });
    assert_eq!(grades(&store, account, contact).await, (Some(2), None));
    assert_eq!(draft_of(&store, &actor, contact).await.unwrap(), None);
    assert!(matches!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), clock::now()).await, Err(SignedError::Account(AccountError::NotFound))));

    let dossier = crate::consent::dossier::dossier(&store, account, contact, clock::now()).await.unwrap().unwrap();
    let [entry] = &dossier.entries[..] else { panic!("{dossier:?}") };
    let hash = hex::encode(Sha256::digest(PAPER_OF_HERS));
    assert_eq!((entry.grade, entry.wording_version, entry.evidence["sha256"].as_str()), (Grade::B, Some(wording.version), Some(&*hash)));
    assert_eq!(entry.actor, actor.member.to_string());
    assert_eq!(entry.evidence["words_sha256"], hex::encode(Sha256::digest("Согласны?")));
    assert!(!entry.evidence.to_string().contains("79161234567") && !entry.evidence.to_string().contains("Анна"));
    assert_eq!(dossier.paper_path(entry), Some(format!("papers/{}.pdf", entry.id)));
    let text = dossier.text(crate::account::Language::Ru, chrono_tz::Europe::Moscow);
    for words in ["подписанная бумага от 12.03.2019", "B — подписанный документ", "Согласны?", &hash, "papers/"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let [kept] = &card::card(&store, account, contact).await.unwrap().unwrap().papers[..] else { panic!("one paper") };
    assert_eq!((kept.mime.as_str(), kept.member.as_str(), kept.is_there()), ("application/pdf", "Анна", true));
    let trail = audit::entries(&store, account, 0, 100).await.unwrap();
    assert_eq!(trail.iter().filter(|entry| entry.action == "contact.signed" && entry.subject == contact.to_string()).count(), 1);

    // The very file proves nothing a second time; of the other consent it may be the proof.
    let again = told(&store, &actor, contact, Purpose::Marketing, "сегодня").await;
    assert!(matches!(keep(&store, &actor, again, pdf(PAPER_OF_HERS), clock::now()).await, Err(SignedError::Known)));
    let other = told(&store, &actor, contact, Purpose::PersonalData, "сегодня").await;
    assert_eq!(other, again);
    keep(&store, &actor, other, pdf(PAPER_OF_HERS), clock::now()).await.unwrap();
    assert_eq!(grades(&store, account, contact).await, (Some(2), Some(2)));
});

both!(async fn whoever_may_not_and_whoever_is_of_another_company_brings_no_paper(store) {
    let actor = fixture::actor(&store).await;
    let stranger = fixture::actor(&store).await;
    let contact = anna(&store, actor.account).await;
    for role in [Role::Viewer, Role::Approver] {
        let other = Actor { role, ..actor.clone() };
        let refused = begin(&store, &other, contact, Purpose::Marketing, clock::now()).await;
        assert!(matches!(refused, Err(SignedError::Account(AccountError::Forbidden(Right::Edit)))), "{role:?}");
    }
    assert!(matches!(begin(&store, &stranger, contact, Purpose::Marketing, clock::now()).await, Err(SignedError::Account(AccountError::NotFound))));
    let paper = told(&store, &actor, contact, Purpose::Marketing, "сегодня").await;
    // A draft is its member's alone.
    for other in [&stranger, &Actor { member: MemberId::new(), ..actor.clone() }] {
        assert_eq!(draft(&store, other, paper).await.unwrap(), None);
        assert!(say(&store, other, paper, Said::Other("x")).await.is_err());
        assert!(date(&store, other, paper, "вчера", clock::now()).await.is_err());
        assert!(keep(&store, other, paper, pdf(PAPER_OF_HERS), clock::now()).await.is_err());
        drop(&store, other, paper).await.unwrap();
    }
    let viewer = Actor { role: Role::Viewer, ..actor.clone() };
    assert!(keep(&store, &viewer, paper, pdf(PAPER_OF_HERS), clock::now()).await.is_err());
    keep(&store, &actor, paper, pdf(PAPER_OF_HERS), clock::now()).await.unwrap();
    assert_eq!(of_contact(&store, stranger.account, contact).await.unwrap(), []);
    assert_eq!(one(&store, stranger.account, contact, paper).await.unwrap(), None);
});

both!(async fn a_paper_lifts_no_stop(store) {
    let actor = fixture::actor(&store).await;
    let (account, contact) = (actor.account, anna(&store, actor.account).await);
    let now = clock::now();
    let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: Some(now) };
    let mut tx = store.begin().await.unwrap();
    opt_out::opt_out(&mut tx, account, contact, &how, now).await.unwrap();
    tx.commit().await.unwrap();
    let later = now + TimeDelta::seconds(1);
    // Signed after it: only the person comes back. What was told stays.
    let paper = told(&store, &actor, contact, Purpose::Marketing, "сегодня").await;
    assert!(matches!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), later).await, Err(SignedError::Stopped(_))));
    assert_eq!(card::card(&store, account, contact).await.unwrap().unwrap().papers, []);
    // Signed before it: it proves what was sent before, and changes nothing.
    date(&store, &actor, paper, "12.03.2019", later).await.unwrap();
    assert_eq!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), later).await.unwrap(), Kept { holds: false });
    let row = card::contact(&store, account, contact).await.unwrap().unwrap();
    assert_eq!((row.marketing_grade, row.opted_out_at.is_some()), (None, true));
    // Personal data are another consent.
    let data = told(&store, &actor, contact, Purpose::PersonalData, "сегодня").await;
    assert_eq!(keep(&store, &actor, data, pdf(PAPER_OF_HERS), later).await.unwrap(), Kept { holds: true });
    let live: i64 = on!(store.read(), |c| sqlx::query_scalar("select count(*) from suppression where account_id = $1 and lifted_at is null")
        .bind(account).fetch_one(c).await).unwrap();
    assert!(live > 0);
});

both!(async fn what_was_taken_back_in_a_chat_no_later_paper_gives_again(store) {
    let actor = fixture::actor(&store).await;
    let (account, contact) = (actor.account, anna(&store, actor.account).await);
    let now = clock::now();
    let no = |grade, at| NewConsent {
        account, contact, purpose: Purpose::PersonalData, action: Action::Withdrawn, grade, wording: None, channel: None,
        evidence: json!({}), actor: "contact".to_owned(), at,
    };
    let entered = async |new: NewConsent| {
        let mut tx = store.begin().await.unwrap();
        crate::consent::record(&mut tx, new, now).await.unwrap();
        tx.commit().await.unwrap();
    };
    entered(no(Grade::A, now - TimeDelta::days(30))).await;
    let paper = told(&store, &actor, contact, Purpose::PersonalData, "сегодня").await;
    assert!(matches!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), now).await, Err(SignedError::Withdrawn(_))));
    // A box that a CRM unticked is weaker than a signature.
    entered(no(Grade::D, now - TimeDelta::days(2))).await;
    assert_eq!(keep(&store, &actor, paper, pdf(PAPER_OF_HERS), now).await.unwrap(), Kept { holds: true });
});

both!(async fn a_paper_goes_with_its_person_and_some_years_after_its_consent(store) {
    let actor = fixture::actor(&store).await;
    let (account, contact) = (actor.account, anna(&store, actor.account).await);
    let paper = told(&store, &actor, contact, Purpose::Marketing, "сегодня").await;
    let now = clock::now();
    keep(&store, &actor, paper, pdf(PAPER_OF_HERS), now).await.unwrap();
    told(&store, &actor, contact, Purpose::PersonalData, "сегодня").await;
    let days = retention::Days::default();
    let years = now + TimeDelta::days(i64::from(days.papers) + 10);
    let rules = || retention::RULES.iter().filter(|rule| rule.table == "consent_paper");
    let due = async |at: Moment| {
        let mut due = Vec::new();
        for rule in rules() {
            due.push(rule.due(&store, &days, at).await.unwrap());
        }
        due
    };
    assert_eq!(due(now).await, [0, 0]);
    assert_eq!(due(years).await, [1, 0], "a consent that holds needs its proof");
    let how = OptOutHow { by: OptOutBy::Text, channel: None, message_ref: None, said_at: None };
    let later = now + TimeDelta::days(20);
    let mut tx = store.begin().await.unwrap();
    opt_out::opt_out(&mut tx, account, contact, &how, later).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due(years).await, [1, 0], "it ended lately");
    assert_eq!(due(years + TimeDelta::days(20)).await, [1, 1]);

    let mut tx = store.begin().await.unwrap();
    contact::delete(&mut tx, account, contact, DeletedBy::Member(&actor), later).await.unwrap();
    tx.commit().await.unwrap();
    let kept = of_contact(&store, account, contact).await.unwrap().remove(0);
    assert_eq!((kept.words.as_str(), kept.name.as_str(), kept.is_there()), ("", "", false));
    assert_eq!(file::content(&store, account, kept.file_id).await.unwrap(), None);
    assert_eq!(draft_of(&store, &actor, contact).await.unwrap(), None);
    let dossier = crate::consent::dossier::dossier(&store, account, contact, later).await.unwrap().unwrap();
    let entry = dossier.entries.iter().find(|entry| entry.action == Action::Granted).unwrap();
    assert!(entry.evidence["sha256"].is_string() && dossier.paper_path(entry).is_none() && entry.wording_body.is_none());
    assert!(begin(&store, &actor, contact, Purpose::Marketing, later).await.is_err());
});
