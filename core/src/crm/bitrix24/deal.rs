//! Deals as occasions (contracts/crm/bitrix24.md, 2.4).

use serde_json::{Value, json};

use super::{
    Bitrix24, DEAL,
    pages::{Command, MOST},
    wire::{self, items, moment, number},
};
use crate::crm::{
    CrmError,
    occasion::{CrmOccasion, OccasionKind, OccasionState, hundredths},
};

/// A stage of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stage {
    /// `WON`, `C9:WON`.
    id: String,
    title: String,
    state: OccasionState,
}

/// What the stages of all funnels are called, and where deals at them stand.
#[derive(Debug, Clone, Default)]
pub struct Stages(Vec<Stage>);

fn state(semantics: &Value) -> OccasionState {
    match semantics.as_str().unwrap_or_default() {
        "S" => OccasionState::Done,
        "F" => OccasionState::Cancelled,
        // `P`, or nothing.
        _ => OccasionState::Open,
    }
}

impl Stages {
    fn read(&mut self, statuses: &Value) {
        let stage = |status: &Value| {
            let title = status["NAME"].as_str().unwrap_or_default().trim().to_owned();
            Some(Stage { id: status["STATUS_ID"].as_str()?.to_owned(), title, state: state(&status["SEMANTICS"]) })
        };
        self.0.extend(statuses.as_array().into_iter().flatten().filter_map(stage));
    }

    fn get(&self, id: &str) -> Option<&Stage> {
        self.0.iter().find(|stage| stage.id == id)
    }
}

impl Bitrix24 {
    /// The stages, asked for once.
    pub(super) async fn stages(&self) -> Result<&Stages, CrmError> {
        self.stages.get_or_try_init(|| self.read_stages()).await
    }

    async fn read_stages(&self) -> Result<Stages, CrmError> {
        let funnels = self.call(wire::Kind::Read, "crm.category.list", json!({ "entityTypeId": DEAL })).await?;
        let lists: Vec<String> = items(&funnels["result"], "categories")
            .iter()
            .filter_map(|funnel| number(&funnel["id"]))
            .map(|id| if id == 0 { "DEAL_STAGE".to_owned() } else { format!("DEAL_STAGE_{id}") })
            .collect();
        let commands: Vec<Command> =
            lists.iter().map(|list| Command::new("crm.status.list", &[("filter[ENTITY_ID]", list.as_str())])).collect();
        let mut stages = Stages::default();
        for some in commands.chunks(MOST) {
            for statuses in self.results(some).await? {
                stages.read(&statuses);
            }
        }
        Ok(stages)
    }
}

/// What of a deal is asked for.
pub fn select() -> Vec<(String, String)> {
    [
        "id",
        "title",
        "categoryId",
        "stageId",
        "stageSemanticId",
        "movedTime",
        "closed",
        "opportunity",
        "currencyId",
        "contactId",
        "contactIds",
        "assignedById",
        "createdTime",
        "updatedTime",
    ]
    .map(|name| ("select[]".to_owned(), name.to_owned()))
    .to_vec()
}

/// A sum in hundredths, whether typed or written.
fn sum(value: &Value) -> Option<i64> {
    hundredths(value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?)
}

/// A deal as the wire has it; `None`: it has no id, or does not say when it was made. Who is
/// responsible comes as a number: names of users are behind a scope of their own, and in no
/// contract.
pub fn deal(item: &Value, stages: &Stages) -> Option<CrmOccasion> {
    let text = |key: &str| item[key].as_str().unwrap_or_default().trim().to_owned();
    let positive = |value: &Value| number(value).filter(|id| *id > 0).map(|id| id.to_string());
    let contact = positive(&item["contactId"]).or_else(|| items(item, "contactIds").into_iter().find_map(positive));
    let made = moment(&item["createdTime"])?;
    let updated = moment(&item["updatedTime"]).unwrap_or(made);
    let id = number(&item["id"])?.to_string();
    let stage = stages.get(item["stageId"].as_str().unwrap_or_default());
    let said = state(&item["stageSemanticId"]);
    let state = if said == OccasionState::Open { stage.map_or(said, |stage| stage.state) } else { said };
    let mut deal = CrmOccasion::new(OccasionKind::Deal, id, contact, made, updated);
    deal.state = state;
    deal.until = moment(&item["movedTime"]).filter(|_| state != OccasionState::Open);
    deal.stage = stage.map_or_else(|| text("stageId"), |stage| stage.title.clone());
    deal.title = text("title");
    deal.amount = sum(&item["opportunity"]);
    for (name, value) in [("currency", text("currencyId")), ("responsible_id", positive(&item["assignedById"]).unwrap_or_default())] {
        if !value.is_empty() {
            deal.data.insert(name.to_owned(), json!(value));
        }
    }
    Some(deal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages() -> Stages {
        let mut stages = Stages::default();
        stages.read(&json!([
            { "STATUS_ID": "C9:NEW", "NAME": "Новая", "SEMANTICS": null },
            { "STATUS_ID": "C9:WON", "NAME": "Успешна", "SEMANTICS": "S" },
            { "STATUS_ID": "LOSE", "NAME": "Провалена", "SEMANTICS": "F" },
        ]));
        stages
    }

    fn raw(stage: &str, semantics: Value) -> Value {
        json!({ "id": 21, "title": " Заказ 7 ", "categoryId": 9, "stageId": stage, "stageSemanticId": semantics,
            "movedTime": "2026-07-02T13:00:00+03:00", "closed": "N", "opportunity": 1500.5, "currencyId": "RUB", "contactId": 75,
            "contactIds": [75, 76], "assignedById": 1, "createdTime": "2026-07-01T13:00:00+03:00", "updatedTime": "2026-07-02T13:00:01+03:00" })
    }

    #[test]
    fn a_deal_is_an_occasion_at_a_stage() {
        let read = deal(&raw("C9:NEW", json!("P")), &stages()).expect("a deal");
        assert_eq!((read.of.id.as_str(), read.contact.as_deref(), read.title.as_str()), ("21", Some("75"), "Заказ 7"));
        assert_eq!((read.state, read.stage.as_str(), read.until), (OccasionState::Open, "Новая", None));
        assert_eq!((read.amount, &read.data["currency"], &read.data["responsible_id"]), (Some(150_050), &json!("RUB"), &json!("1")));
        assert_eq!((Some(read.at), Some(read.updated_at)), ("2026-07-01T10:00:00Z".parse().ok(), "2026-07-02T10:00:01Z".parse().ok()));
        let won = deal(&raw("C9:WON", json!("S")), &stages()).expect("a deal");
        assert_eq!((won.state, won.stage.as_str()), (OccasionState::Done, "Успешна"));
        assert_eq!(won.until, "2026-07-02T10:00:00Z".parse().ok());
        let lost = deal(&raw("LOSE", Value::Null), &stages()).expect("a deal");
        assert_eq!(lost.state, OccasionState::Cancelled, "the stage's own word");
        let new = deal(&raw("C9:UC_1", json!("P")), &stages()).expect("a deal");
        assert_eq!(new.stage, "C9:UC_1", "a stage nobody told of");
    }

    #[test]
    fn a_deal_is_read_whatever_its_gaps() {
        let made = "2026-07-01T13:00:00+03:00";
        let second =
            deal(&json!({ "id": "5", "createdTime": made, "contactId": 0, "contactIds": ["8"], "opportunity": "12.30" }), &stages());
        let second = second.expect("a deal");
        assert_eq!((second.contact.as_deref(), second.amount, second.data.len()), (Some("8"), Some(1_230), 0));
        let nobody = deal(&json!({ "id": 5, "createdTime": made, "contactIds": [], "opportunity": null }), &stages()).expect("a deal");
        assert_eq!((nobody.contact, nobody.amount), (None, None));
        assert_eq!(deal(&json!({ "id": 5 }), &stages()), None);
        assert_eq!(deal(&json!({ "createdTime": made }), &stages()), None);
        assert_eq!((sum(&json!(1e300)), sum(&json!("нет"))), (None, None));
    }
}
