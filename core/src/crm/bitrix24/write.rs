//! Telling Bitrix24 (contracts/crm/bitrix24.md, 3): comments in the timeline, the checkbox, tasks.
//! REST 2 has no keys against doubling, so a comment without an answer is looked for before it is
//! repeated; REST 3.0, where tasks are made, has them.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    Bitrix24, CONTACT, Way,
    pages::Command,
    wire::{Kind, moment, number},
};
use crate::{
    clock::{self, Moment},
    crm::{
        CrmChange, CrmError, WriteItem,
        occasion::OccasionKind,
        one_by_one::{OneByOne, Place, Trace},
    },
};

/// Keys are kept for a day: later a repeat would make one more task.
const KEPT: TimeDelta = TimeDelta::hours(23);
/// Longest title of a task, characters.
const MAX_TITLE: usize = 250;
/// REST 3.0 says so of a key that came with another body: the first was taken.
const CONFLICT: &str = "IDEMPOTENCY";

#[async_trait::async_trait]
impl OneByOne for Bitrix24 {
    async fn tell(&self, item: &WriteItem) -> Result<(), CrmError> {
        let contact = item.crm_id.parse::<u64>().map_err(|_| CrmError::Rejected(format!("`{}` is no contact's id", item.crm_id)))?;
        match &item.what {
            CrmChange::Note { text } => self.comment("contact", contact, text).await,
            CrmChange::OptOut(out) => self.flag(contact, *out).await,
            CrmChange::Comment { of, text } if of.kind == OccasionKind::Deal => {
                let deal = of.id.parse::<u64>().map_err(|_| CrmError::Rejected(format!("`{}` is no deal's id", of.id)))?;
                self.comment("deal", deal, text).await
            }
            CrmChange::Task { text, due } => {
                if item.look_first.is_some_and(|look| clock::now() - look.since > KEPT) {
                    return Err(CrmError::Rejected("it cannot be known any more whether the task was made".to_owned()));
                }
                self.task(contact, text, *due).await
            }
            CrmChange::Answer { .. } | CrmChange::Comment { .. } => Err(CrmError::Rejected("Bitrix24 has no such thing".to_owned())),
        }
    }

    async fn traces(&self, places: &[Place], since: Moment) -> Result<Vec<Trace>, CrmError> {
        let named: Vec<(&Place, &str, &str)> = places
            .iter()
            .filter_map(|place| match place {
                Place::Notes(contact) => Some((place, "contact", contact.as_str())),
                Place::Comments(of) => Some((place, "deal", of.id.as_str())),
                // Their keys are enough.
                Place::Tasks(_) => None,
            })
            .collect();
        let since = since - super::CAPABILITIES.overlap;
        let mut traces = Vec::new();
        for (place, entity, id) in named {
            let comments = match self.batch(&[comments(entity, id)]).await?.into_iter().next().flatten() {
                Some(Ok(done)) => done.result,
                // Whoever is gone has none; the call itself will say so.
                Some(Err(CrmError::NotFound)) => continue,
                Some(Err(error)) => return Err(error),
                None => return Err(CrmError::Transient { detail: "the batch has no result".to_owned(), smaller: false }),
            };
            let fresh = |comment: &&Value| moment(&comment["CREATED"]).is_none_or(|at| at >= since);
            let text = |comment: &Value| Some(Trace { place: place.clone(), text: plain(comment["COMMENT"].as_str()?) });
            traces.extend(comments.as_array().into_iter().flatten().filter(fresh).filter_map(text));
        }
        Ok(traces)
    }
}

/// The last comments of an element. The method is in no contract; where there is none, what had no
/// answer is not repeated.
fn comments(entity: &str, id: &str) -> Command {
    let pairs = [
        ("filter[ENTITY_ID]", id),
        ("filter[ENTITY_TYPE]", entity),
        ("order[ID]", "DESC"),
        ("select[]", "ID"),
        ("select[]", "COMMENT"),
        ("select[]", "CREATED"),
    ];
    Command::new("crm.timeline.comment.list", &pairs)
}

/// A text as it was written: old portals keep marks of HTML in place of quotes (section 7).
fn plain(text: &str) -> String {
    let marks = [("&quot;", "\""), ("&#039;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    marks.iter().fold(text.to_owned(), |text, (mark, sign)| text.replace(mark, sign))
}

impl Bitrix24 {
    async fn comment(&self, entity: &str, id: u64, text: &str) -> Result<(), CrmError> {
        let fields = json!({ "ENTITY_ID": id, "ENTITY_TYPE": entity, "COMMENT": text });
        self.call(Kind::Once, "crm.timeline.comment.add", json!({ "fields": fields })).await.map(|_| ())
    }

    /// There are no tags: without a checkbox nothing says it there but the note.
    async fn flag(&self, contact: u64, out: bool) -> Result<(), CrmError> {
        let field = self.bound.opt_out_field.as_ref().ok_or(CrmError::NoPlace)?;
        let body = json!({ "entityTypeId": CONTACT, "id": contact, "fields": { field: if out { "Y" } else { "N" } } });
        self.call(Kind::Repeatable, "crm.item.update", body).await.map(|_| ())
    }

    /// A task of whoever is responsible for the contact. The deadline and the link to the contact
    /// are fields whose names are unconfirmed.
    async fn task(&self, contact: u64, text: &str, due: Moment) -> Result<(), CrmError> {
        let answer = self.call(Kind::Read, "crm.item.get", json!({ "entityTypeId": CONTACT, "id": contact })).await?;
        let creator = self.user().await?;
        let responsible =
            number(&answer["result"]["item"]["assignedById"]).filter(|id| *id > 0).map_or_else(|| creator.to_owned(), |id| id.to_string());
        let whole = |id: &str| id.parse::<u64>().unwrap_or_default();
        let title: String = text.chars().take(MAX_TITLE).collect();
        let fields = json!({ "title": title, "responsibleId": whole(&responsible), "creatorId": whole(creator),
            "deadline": due.to_rfc3339(), "crmItemIds": [format!("C_{contact}")] });
        let key = hex::encode(Sha256::digest(format!("{contact}\n{due}\n{text}")));
        match self.call_once("tasks.task.add", json!({ "fields": fields }), &key).await {
            Ok(_) => Ok(()),
            // Somebody else is responsible by now; the task was made for the one before.
            Err(CrmError::Rejected(why)) if why.to_uppercase().contains(CONFLICT) && why.starts_with("422") => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The user whose rights we have.
    async fn user(&self) -> Result<&str, CrmError> {
        let ask = || async {
            if let Way::Webhook { user, .. } = &self.bound.way {
                return Ok(user.clone());
            }
            let profile = self.call(Kind::Read, "profile", json!({})).await?;
            let id = number(&profile["result"]["ID"]).ok_or_else(|| CrmError::Rejected("the answer names no user".to_owned()))?;
            Ok(id.to_string())
        };
        self.user.get_or_try_init(ask).await.map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_known_whatever_the_portal_made_of_its_quotes() {
        assert_eq!(plain("Кампания &quot;Май&quot;: &lt;1 &amp;amp; 2"), "Кампания \"Май\": <1 &amp; 2");
        let written = comments("deal", "21").written();
        assert!(written.contains("filter%5BENTITY_TYPE%5D=deal") && written.contains("filter%5BENTITY_ID%5D=21"), "{written}");
    }
}
