use chrono::TimeDelta;

use super::*;
use crate::{account::Role, both, clock, contact::fixture};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn at(text: &str) -> Moment {
    format!("{text}T09:00:00Z").parse().unwrap()
}

#[test]
fn the_term_is_five_working_days_from_the_day_after() {
    let table = [
        // A plain week: Monday, and the Monday after.
        ("2026-11-30", Some("2026-12-07")),
        // A Friday, and a Saturday: the days off between count for neither.
        ("2026-12-04", Some("2026-12-11")),
        ("2026-12-05", Some("2026-12-11")),
        // The holidays of January.
        ("2026-12-30", Some("2027-01-15")),
        // 1 and 11 May 2026, with two weekends.
        ("2026-04-29", Some("2026-05-07")),
    ];
    for (received, due) in table {
        assert_eq!(last_day(day(received)), due.map(day), "{received}");
    }
    assert_eq!(last_day(day("2031-03-03")), None, "nobody knows the days of that year");
}

fn request(due: Option<&str>, answered: Option<&str>) -> Request {
    Request {
        id: EvidenceRequestId::new(),
        account_id: AccountId::new(),
        number: 1,
        from_whom: "УФАС".to_owned(),
        about: "Иванова".to_owned(),
        contact_id: None,
        campaign_id: None,
        received_on: Day(day("2026-11-30")),
        due_on: due.map(str::to_owned),
        answered_on: answered.map(str::to_owned),
        answer: answered.map(|_| "отправлено".to_owned()),
        made_by: "Анна".to_owned(),
        answered_by: None,
        created_at: at("2026-11-30"),
    }
}

#[test]
fn how_a_request_stands_on_each_day() {
    let open = request(Some("2026-12-07"), None);
    for (today, expected) in [
        ("2026-11-30", Standing::Open),
        ("2026-12-03", Standing::Open),
        // The next working day is the Monday it is due on.
        ("2026-12-04", Standing::Soon),
        ("2026-12-06", Standing::Soon),
        ("2026-12-07", Standing::Today),
        ("2026-12-08", Standing::Overdue),
    ] {
        assert_eq!(open.standing(day(today)), expected, "{today}");
    }
    assert_eq!(request(Some("2026-12-07"), Some("2026-12-07")).standing(day("2027-01-01")), Standing::Answered);
    assert_eq!(request(Some("2026-12-07"), Some("2026-12-08")).standing(day("2027-01-01")), Standing::AnsweredLate);
    assert_eq!(request(None, None).standing(day("2031-03-03")), Standing::Unknown);
    assert_eq!(request(None, Some("2031-03-03")).standing(day("2031-03-03")), Standing::Answered);
}

both!(async fn a_request_is_entered_warned_of_once_a_stage_and_answered_once(store) {
    let owner = fixture::actor(&store).await;
    let monday = at("2026-11-30");
    let viewer = Actor { role: Role::Viewer, ..owner.clone() };
    let approver = Actor { role: Role::Approver, ..owner.clone() };
    for other in [&viewer, &approver] {
        assert!(matches!(enter(&store, other, "УФАС", "Иванова", day("2026-11-30"), monday).await, Err(EvidenceError::Account(_))));
    }
    for (from_whom, about, received) in [("", "Иванова", "2026-11-30"), ("УФАС", " ", "2026-11-30"), ("УФАС", "Иванова", "2026-12-02"), ("УФАС", "Иванова", "2024-01-01")] {
        assert!(enter(&store, &owner, from_whom, about, day(received), monday).await.is_err(), "{from_whom} {about} {received}");
    }
    let first = enter(&store, &owner, " УФАС по РТ ", "Иванова М. И.", day("2026-11-30"), monday).await.unwrap();
    let second = enter(&store, &owner, "Роскомнадзор", "кампания «Осень»", day("2026-11-27"), monday).await.unwrap();
    let rows = page(&store, owner.account, 0, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| (row.id, row.number)).collect::<Vec<_>>(), [(second, 2), (first, 1)]);
    assert_eq!((rows[1].from_whom.as_str(), rows[1].due()), ("УФАС по РТ", Some(day("2026-12-07"))));
    assert_eq!(counts(&store, owner.account).await.unwrap(), (2, 2));

    async fn told(store: &Store) -> i64 {
        on!(store.read(), |c| sqlx::query_scalar("select count(*) from notice where kind = 'evidence.due'").fetch_one(c).await).unwrap()
    }
    // The second is due on the 4th: soon, today, over; the first soon on that day, too.
    for (now, expected) in [("2026-12-01", 0), ("2026-12-03", 1), ("2026-12-03", 1), ("2026-12-04", 3), ("2026-12-07", 5), ("2026-12-08", 6), ("2026-12-20", 6)] {
        warn(&store, at(now)).await.unwrap();
        assert_eq!(told(&store).await, expected, "{now}");
    }
    answer(&store, &owner, first, "Досье отправлено, исх. 15", at("2026-12-08")).await.unwrap();
    assert!(matches!(answer(&store, &owner, first, "ещё раз", at("2026-12-08")).await, Err(EvidenceError::Answered)));
    assert!(matches!(answer(&store, &owner, second, " ", at("2026-12-08")).await, Err(EvidenceError::Words)));
    let row = get(&store, owner.account, first).await.unwrap().unwrap();
    assert_eq!((row.standing(day("2026-12-09")), row.answered_by.as_deref()), (Standing::AnsweredLate, Some("Анна")));
    assert_eq!(counts(&store, owner.account).await.unwrap(), (2, 1));
    let paper = paper(&store, &owner, |standing| format!("{standing:?}"), clock::now() + TimeDelta::zero()).await.unwrap();
    assert!(paper.starts_with(b"%PDF"));
    // Another company sees none of it.
    let other = fixture::actor(&store).await;
    assert_eq!(get(&store, other.account, first).await.unwrap(), None);
    assert!(matches!(answer(&store, &other, second, "чужое", at("2026-12-08")).await, Err(EvidenceError::NotFound)));
});
