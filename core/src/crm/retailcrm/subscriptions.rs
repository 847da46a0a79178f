//! Subscriptions (contracts/crm/retailcrm.md, 8): whether a customer wants what a channel sends of
//! a topic, and since when. Read as fields, so that the owner says which of them is a consent;
//! nobody is named as having noted one, so such a consent is of grade D. Who says stop here is
//! unsubscribed from what goes to messengers; e-mail is none of ours.

use serde_json::{Value, json};

use super::{
    RetailCrm, unless_closed,
    wire::{self, Failure, Kind},
};
use crate::crm::{CrmError, CrmField, CrmFieldKind};

/// Topics that any account has; others are known once a customer has said something of them, for no
/// list of them is in a contract.
const USUAL: &[(&str, &str, &str)] = &[("email", "default_marketing", "Без тематики"), ("waba", "default_marketing", "Без тематики")];
/// What stands for a wish, in the values of a list: no checkbox, for a tick would then seem to mean
/// "do not write".
const WISHES: (&str, &str) = ("да", "нет");

fn key(channel: &str, code: &str) -> String {
    format!("subscription:{channel}:{code}")
}

/// The field of a topic, and the one of since when.
fn fields(channel: &str, code: &str, name: &str) -> [CrmField; 2] {
    let (key, title) = (key(channel, code), format!("Подписка {channel}: {name}"));
    let wishes = vec![WISHES.0.to_owned(), WISHES.1.to_owned()];
    let since = CrmField::new(format!("{key}:at"), &format!("{title}, когда"), CrmFieldKind::Date, Vec::new());
    [CrmField::new(key, &title, CrmFieldKind::Text, wishes), since]
}

/// A topic of a customer's: its channel, code and name.
fn topic(one: &Value) -> Option<(&str, &str, &str)> {
    let of = &one["subscription"];
    let code = of["code"].as_str()?;
    Some((of["channel"].as_str()?, code, of["name"].as_str().unwrap_or(code)))
}

/// What a customer said of each topic, as values of fields.
pub fn values(customer: &Value) -> impl Iterator<Item = (String, Vec<Value>)> {
    wire::items(customer, "customerSubscriptions")
        .iter()
        .filter_map(|one| {
            let (channel, code, _) = topic(one)?;
            let key = key(channel, code);
            let wish = if one["subscribed"].as_bool()? { WISHES.0 } else { WISHES.1 };
            let since = Some(&one["changedAt"]).filter(|at| !at.is_null()).map(wire::day);
            Some([(key.clone(), vec![json!(wish)]), (format!("{key}:at"), since.into_iter().collect())])
        })
        .flatten()
}

/// What a customer is to be unsubscribed from.
fn unwanted(customer: &Value) -> Vec<Value> {
    let ours = |one: &&Value| one["subscribed"] == true && one["subscription"]["channel"] != "email";
    let off = |one: &Value| topic(one).map(|(channel, code, _)| json!({ "channel": channel, "subscription": code, "active": false }));
    wire::items(customer, "customerSubscriptions").iter().filter(ours).filter_map(off).collect()
}

impl RetailCrm {
    /// The topics that are known, as fields.
    pub(super) async fn topics(&self) -> Result<Vec<CrmField>, CrmError> {
        let answer = self.get(&format!("v5/customers?limit={}&page=1", super::PAGE)).await?;
        let met = wire::items(&answer, "customers").iter().flat_map(|customer| wire::items(customer, "customerSubscriptions"));
        let mut known: Vec<(&str, &str, &str)> = USUAL.to_vec();
        for (channel, code, name) in met.filter_map(topic) {
            if !known.iter().any(|(its, own, _)| (*its, *own) == (channel, code)) {
                known.push((channel, code, name));
            }
        }
        Ok(known.into_iter().flat_map(|(channel, code, name)| fields(channel, code, name)).collect())
    }

    /// Unsubscribes a customer from everything that goes to messengers; a key that may not do that
    /// leaves it.
    pub(super) async fn unsubscribe(&self, customer: &str) -> Result<(), Failure> {
        let answer = self.call(Kind::Read, &format!("v5/customers/{customer}?by=id"), None).await;
        let answer = unless_closed(answer.map_err(CrmError::from), Value::Null)?;
        let unwanted = unwanted(&answer["customer"]);
        if unwanted.is_empty() {
            return Ok(());
        }
        let form = [("by", "id".to_owned()), ("subscriptions", json!(unwanted).to_string())];
        let done = self.call(Kind::Repeatable, &format!("v5/customers/{customer}/subscriptions"), Some(&form)).await;
        unless_closed(done.map(|_| ()).map_err(CrmError::from), ()).map_err(Failure::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_a_field_with_its_day() {
        let customer = json!({ "customerSubscriptions": [
            { "subscription": { "id": 4, "channel": "waba", "code": "default_marketing", "name": "Без темы" }, "subscribed": true,
              "changedAt": "2024-12-17 11:50:43" },
            { "subscription": { "id": 2, "channel": "email", "code": "default_marketing" }, "subscribed": true },
            { "subscription": { "id": 5, "channel": "waba", "code": "news" }, "subscribed": false },
            { "subscription": {} } ] });
        let read: Vec<_> = values(&customer).collect();
        assert_eq!(read[0], ("subscription:waba:default_marketing".to_owned(), vec![json!("да")]));
        assert_eq!(read[1], ("subscription:waba:default_marketing:at".to_owned(), vec![json!("2024-12-17")]));
        assert_eq!((read[3].1.len(), &read[4].1), (0, &vec![json!("нет")]));
        assert_eq!(read.len(), 6);
        assert_eq!(unwanted(&customer), [json!({ "channel": "waba", "subscription": "default_marketing", "active": false })]);
        assert_eq!(values(&json!({ "customerSubscriptions": [] })).count(), 0);
        let [wish, since] = fields("waba", "news", "Новости");
        assert_eq!((wish.kind, wish.title.as_str(), since.kind), (CrmFieldKind::Text, "Подписка waba: Новости", CrmFieldKind::Date));
    }
}
