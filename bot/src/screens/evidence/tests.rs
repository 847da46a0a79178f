use chrono::{TimeDelta, TimeZone as _, Utc};
use mms_core::{
    account::Language,
    clock::Moment,
    evidence::request::{Day, Request},
    id::{AccountId, FileId, MemberId},
};
use uuid::Uuid;

use super::{cards, *};
use crate::snapshots;

fn at() -> Moment {
    Utc.with_ymd_and_hms(2026, 11, 30, 9, 0, 0).unwrap()
}

fn today() -> NaiveDate {
    at().date_naive()
}

fn asked(answered: Option<&str>) -> Request {
    Request {
        id: EvidenceRequestId(Uuid::from_u128(1)),
        account_id: AccountId(Uuid::from_u128(2)),
        number: 7,
        from_whom: "УФАС по РТ".to_owned(),
        about: "Иванова Мария, +7 999 123-45-67".to_owned(),
        contact_id: None,
        campaign_id: None,
        received_on: Day(today()),
        due_on: Some("2026-12-07".to_owned()),
        answered_on: answered.map(str::to_owned),
        answer: answered.map(|_| "Досье отправлено письмом, исх. 15".to_owned()),
        made_by: "Анна".to_owned(),
        answered_by: answered.map(|_| "Пётр".to_owned()),
        created_at: at(),
    }
}

fn made(state: DossierState) -> room::DossierRow {
    room::DossierRow::sample(
        (DossierId(Uuid::from_u128(3)), AccountId(Uuid::from_u128(2)), MemberId(Uuid::from_u128(4))),
        Scope::Campaign(CampaignId(Uuid::from_u128(5))),
        "Осень",
        Language::Ru,
        state,
        at(),
    )
}

fn files(parts: i32) -> Vec<room::DossierFile> {
    (0..=parts)
        .map(|part| room::DossierFile {
            part,
            id: FileId(Uuid::from_u128(6)),
            name: "Осень 30.11.2026".to_owned(),
            mime: "application/zip".to_owned(),
            size: 1,
            sha256: "ab".repeat(32),
        })
        .collect()
}

const KEY: &str = "PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=";

snapshots!(evidence_home_empty, |tr| home(tr, (0, 0), &[], &[], (0, PAGE), today()));
snapshots!(evidence_home, |tr| home(
    tr,
    (2, 1),
    &[asked(None), asked(Some("2026-12-01"))],
    &[made(DossierState::Making), made(DossierState::Ready)],
    (0, PAGE),
    today() + TimeDelta::days(7)
));
snapshots!(evidence_making, |tr| dossier_card(tr, &made(DossierState::Making), &[], KEY));
snapshots!(evidence_ready, |tr| dossier_card(tr, &made(DossierState::Ready), &files(1), KEY));
snapshots!(evidence_ready_in_parts, |tr| dossier_card(tr, &made(DossierState::Ready), &files(2), KEY));
snapshots!(evidence_failed, |tr| dossier_card(tr, &made(DossierState::Failed), &[], KEY));
snapshots!(evidence_forgotten, |tr| dossier_card(tr, &made(DossierState::Forgotten), &[], KEY));
snapshots!(evidence_request, |tr| request_card(tr, &asked(None), &[made(DossierState::Ready)], today()));
snapshots!(evidence_request_overdue, |tr| request_card(tr, &asked(None), &[], today() + TimeDelta::days(8)));
snapshots!(evidence_request_answered, |tr| request_card(tr, &asked(Some("2026-12-07")), &[], today()));
snapshots!(evidence_new, |tr| new_asked(tr, None));
snapshots!(evidence_answer, |tr| answer_asked(tr, &asked(None), Some("Нужно от 1 до 500 знаков.")));
snapshots!(evidence_whose, |tr| found(tr, &asked(None), None, &[]));
snapshots!(evidence_nobody, |tr| found(tr, &asked(None), Some("Оля"), &[]));
snapshots!(evidence_campaigns_none, |tr| cards::campaigns(tr, &asked(None), &[]));

#[test]
fn the_day_of_a_request_is_read_as_people_write_it() {
    for (typed, expected) in [
        ("сегодня", Some(today())),
        ("Вчера", Some(today() - TimeDelta::days(1))),
        ("28.11.2026", NaiveDate::from_ymd_opt(2026, 11, 28)),
        ("1 ноября 2026", NaiveDate::from_ymd_opt(2026, 11, 1)),
        ("когда-то", None),
        ("", None),
    ] {
        assert_eq!(received(typed, today()), expected, "{typed}");
    }
}
