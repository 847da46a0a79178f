//! Leads and opportunities (`crm.lead`) as deals (contracts/crm/odoo.md, 2.5), where the module is
//! installed.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    CAPABILITIES, LEAD, Odoo,
    partner::{Known, moment, stamp},
    wire::{self, Failure, Kind},
};
use crate::{
    clock::Moment,
    crm::{
        CrmError,
        by_id::Place,
        occasion::{CrmOccasion, OccasionKind, OccasionMode, OccasionPage, OccasionRef, OccasionState, hundredths},
    },
};

/// What is read of a lead, as far as the version has it.
const WANTED: &[&str] = &[
    "name",
    "type",
    "stage_id",
    "user_id",
    "team_id",
    "partner_id",
    "active",
    "probability",
    "expected_revenue",
    "date_closed",
    "create_date",
    "write_date",
];

/// What leads are read with.
#[derive(Debug, Clone, Default)]
pub struct Leads {
    fields: Vec<&'static str>,
    /// Whether a deal in this stage is won.
    won: HashMap<u64, bool>,
}

/// A many2one's name.
fn named(value: &Value) -> String {
    value[1].as_str().unwrap_or_default().to_owned()
}

impl Leads {
    /// A row as a deal; `None`: it has no id. A lost one is archived with nothing probable left.
    fn occasion(&self, row: &Value) -> Option<CrmOccasion> {
        let id = row["id"].as_u64()?.to_string();
        let contact = row["partner_id"][0].as_u64().map(|id| id.to_string());
        let updated_at = moment(&row["write_date"]).unwrap_or_default();
        let made = moment(&row["create_date"]).unwrap_or(updated_at);
        let won = row["stage_id"][0].as_u64().and_then(|stage| self.won.get(&stage)).copied().unwrap_or_default();
        let state = match (won, row["active"] == false) {
            (true, _) => OccasionState::Done,
            (false, true) => OccasionState::Cancelled,
            (false, false) => OccasionState::Open,
        };
        let mut data = Map::new();
        if let Some(kind) = row["type"].as_str() {
            data.insert("type".to_owned(), json!(kind));
        }
        if let Some(team) = row["team_id"][1].as_str() {
            data.insert("team".to_owned(), json!(team));
        }
        if let Some(probability) = row["probability"].as_f64() {
            data.insert("probability".to_owned(), json!(probability));
        }
        Some(CrmOccasion {
            until: moment(&row["date_closed"]),
            state,
            stage: named(&row["stage_id"]),
            title: row["name"].as_str().unwrap_or_default().to_owned(),
            staff: named(&row["user_id"]),
            amount: sum(&row["expected_revenue"]),
            data,
            ..CrmOccasion::new(OccasionKind::Deal, id, contact, made, updated_at)
        })
    }
}

/// A sum in hundredths; nought is none: Odoo has it where nobody wrote any.
fn sum(value: &Value) -> Option<i64> {
    value.as_f64().and_then(hundredths).filter(|sum| *sum > 0)
}

impl Odoo {
    /// What leads are read with; `None`: the module is not installed, or is not this user's to see.
    async fn leads(&self) -> Result<Option<&Leads>, CrmError> {
        let ask = || async {
            let known = match self.call(Kind::Read, LEAD, "fields_get", None, json!({ "attributes": ["type"] })).await {
                Err(failure) if wire::is_lacking(&failure) => return Ok::<_, CrmError>(None),
                other => Known::of(&other?),
            };
            let stages = match self.all("crm.stage", &[], &["is_won"]).await {
                Err(failure) if wire::is_lacking(&failure) => Vec::new(),
                other => other?,
            };
            let won = stages.iter().filter_map(|row| Some((row["id"].as_u64()?, row["is_won"] == true))).collect();
            Ok(Some(Leads { fields: WANTED.iter().copied().filter(|name| known.has(name)).collect(), won }))
        };
        self.leads.get_or_try_init(ask).await.map(Option::as_ref)
    }

    /// Rows of leads as deals; a user who may not read them has none.
    async fn deals(&self, leads: &Leads, place: Place, condition: Value) -> Result<OccasionPage, CrmError> {
        let domain = json!([["id", ">", place.after], condition]);
        let found = match self.search(LEAD, domain, &leads.fields, place.limit).await {
            Err(failure) if wire::is_lacking(&failure) => Vec::new(),
            other => other?,
        };
        let occasions = found.iter().filter_map(|row| leads.occasion(row)).collect();
        Ok(OccasionPage { occasions, next: place.next(&found), ..OccasionPage::default() })
    }

    pub(super) async fn deal_mark(&self) -> Result<Option<Value>, CrmError> {
        match self.leads().await? {
            None => Ok(None),
            Some(_) => match self.census(LEAD).await {
                Err(failure) if wire::is_lacking(&failure) => Ok(None),
                other => Ok(Some(other?)),
            },
        }
    }

    pub(super) async fn deal_page(&self, mode: OccasionMode<'_>, cursor: Option<&Value>) -> Result<OccasionPage, CrmError> {
        let Some(leads) = self.leads().await? else { return Ok(OccasionPage::default()) };
        let place = Place::of(cursor);
        match mode {
            OccasionMode::Full { from } => self.deals(leads, place, json!(["create_date", ">=", stamp(from)])).await,
            OccasionMode::Since { at, mark } => {
                // Where nothing was counted there is nothing to miss.
                if place.after == 0
                    && let Some(mark) = mark
                {
                    match self.has_lost(LEAD, mark).await {
                        Err(failure) if wire::is_lacking(&failure) => return Ok(OccasionPage::default()),
                        Err(failure) => return Err(failure.into()),
                        Ok(true) => return Ok(OccasionPage { anew: true, ..OccasionPage::default() }),
                        Ok(false) => {}
                    }
                }
                self.deals(leads, place, json!(["write_date", ">=", stamp(at - CAPABILITIES.overlap)])).await
            }
        }
    }

    pub(super) async fn deals_of(&self, contacts: &[String], from: Moment) -> Result<Vec<CrmOccasion>, CrmError> {
        let ids: Vec<u64> = contacts.iter().filter_map(|id| id.parse().ok()).collect();
        let Some(leads) = self.leads().await?.filter(|_| !ids.is_empty()) else { return Ok(Vec::new()) };
        let conditions = [json!(["partner_id", "in", ids]), json!(["create_date", ">=", stamp(from)])];
        match self.all(LEAD, &conditions, &leads.fields).await {
            Err(failure) if wire::is_lacking(&failure) => Ok(Vec::new()),
            found => Ok(found?.iter().filter_map(|row| leads.occasion(row)).collect()),
        }
    }

    pub(super) async fn deals_by_id(&self, of: &[OccasionRef]) -> Result<Vec<CrmOccasion>, CrmError> {
        let ids: Vec<u64> = of.iter().filter(|of| of.kind == OccasionKind::Deal).filter_map(|of| of.id.parse().ok()).collect();
        let Some(leads) = self.leads().await?.filter(|_| !ids.is_empty()) else { return Ok(Vec::new()) };
        let found: Result<_, Failure> = self.all(LEAD, &[json!(["id", "in", ids])], &leads.fields).await;
        Ok(found?.iter().filter_map(|row| leads.occasion(row)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_a_deal() {
        let leads = Leads { fields: Vec::new(), won: HashMap::from([(1, false), (4, true)]) };
        let mut row = json!({ "id": 31, "name": "Ремонт", "type": "opportunity", "stage_id": [1, "Новый"], "user_id": [2, "Анна"], "team_id": false,
            "partner_id": [7, "Борис"], "active": true, "probability": 10.0, "expected_revenue": 1250.5, "date_closed": false,
            "create_date": "2026-05-01 08:00:00", "write_date": "2026-07-01 09:00:00" });
        let deal = leads.occasion(&row).expect("a deal");
        assert_eq!((deal.of.id.as_str(), deal.of.kind, deal.contact.as_deref()), ("31", OccasionKind::Deal, Some("7")));
        assert_eq!(
            (deal.state, deal.stage.as_str(), deal.title.as_str(), deal.staff.as_str()),
            (OccasionState::Open, "Новый", "Ремонт", "Анна")
        );
        assert_eq!((deal.amount, deal.until, deal.at), (Some(125_050), None, moment(&json!("2026-05-01 08:00:00")).expect("a moment")));
        row["active"] = json!(false);
        assert_eq!(leads.occasion(&row).expect("a deal").state, OccasionState::Cancelled);
        row["stage_id"] = json!([4, "Выигран"]);
        row["date_closed"] = json!("2026-07-01 09:00:00");
        row["expected_revenue"] = json!(0.0);
        let won = leads.occasion(&row).expect("a deal");
        assert_eq!((won.state, won.amount, won.until.is_some()), (OccasionState::Done, None, true));
        row["partner_id"] = json!(false);
        assert_eq!(leads.occasion(&row).expect("a deal").contact, None, "nobody's");
    }
}
