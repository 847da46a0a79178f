use chrono::{TimeDelta, TimeZone as _, Utc};
use mms_core::{
    account::Language,
    clock::Moment,
    evidence::request::{Day, Request},
    id::{AccountId, FileId, MemberId},
};
use uuid::Uuid;

use super::{cards, *};
use crate::{frame::page::Page, snapshots};

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

snapshots!(evidence_home_empty, |tr| home(tr, (0, 0), &[], &[], Page::of(0, 8, 0), today()));
snapshots!(evidence_home, |tr| home(
    tr,
    (2, 1),
    &[asked(None), asked(Some("2026-12-01"))],
    &[made(DossierState::Making), made(DossierState::Ready)],
    Page::of(2, 8, 0),
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
snapshots!(evidence_new_ahead, |tr| {
    let sentence = day_refused(tr, mms_core::register::DayError::Ahead("2026-12-05".parse().unwrap()));
    new_asked(tr, Some(&sentence))
});
snapshots!(evidence_new_long_ago, |tr| {
    let sentence = day_refused(tr, mms_core::register::DayError::LongAgo("2024-12-05".parse().unwrap()));
    new_asked(tr, Some(&sentence))
});
snapshots!(evidence_answer, |tr| answer_asked(tr, &asked(None), Some("Нужно от 1 до 500 знаков.")));
snapshots!(evidence_whose, |tr| found(tr, &asked(None), None, &[]));
snapshots!(evidence_nobody, |tr| found(tr, &asked(None), Some("Оля"), &[]));
snapshots!(evidence_campaigns_none, |tr| cards::campaigns(tr, &asked(None), &[]));
