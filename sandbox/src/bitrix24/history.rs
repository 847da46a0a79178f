//! Stages of deals and leads, and the feed that tells which came when.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    clauses::Clauses,
    error::{B24Error, B24Result},
    params::Params,
    portal::{Item, Kind, Portal},
    server::Reply,
    state::Moved,
};

/// One entry of the feed.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    pub(crate) id: i64,
    pub(crate) kind: Kind,
    pub(crate) moved: Moved,
    pub(crate) at: DateTime<Utc>,
    pub(crate) semantics: Option<&'static str>,
}

/// Puts an element at a stage of its funnel, and notes the stage if it is another than before.
pub(crate) fn note(portal: &mut Portal, before: Option<&Item>, item: &mut Item, now: DateTime<Utc>) -> B24Result<()> {
    if !matches!(item.kind, Kind::Deal | Kind::Lead) {
        return Ok(());
    }
    let category = item.number("categoryId");
    let other_funnel = before.is_some_and(|before| before.number("categoryId") != category);
    let is_there = portal.stages(item.kind, category).any(|stage| stage.status == item.text("stageId"));
    if !is_there {
        // A funnel of another's stage begins anew; a stage of no funnel is a mistake.
        let kept = before.is_some_and(|before| before.text("stageId") == item.text("stageId"));
        let first = portal.stages(item.kind, category).next().map(|stage| stage.status.clone());
        match first {
            Some(first) if item.text("stageId").is_empty() || (other_funnel && kept) => item.set("stageId", json!(first)),
            _ => return Err(B24Error::value("stageId")),
        }
    }
    let semantics = portal.semantics(item);
    let type_id = match before {
        None => 1,
        Some(_) if other_funnel => 5,
        Some(before) if before.text("stageId") == item.text("stageId") => return Ok(()),
        Some(_) if semantics.is_some() => 3,
        Some(_) => 2,
    };
    item.moved = now;
    let id = portal.next_id();
    let moved = Moved { owner: item.id, type_id, category, stage: item.text("stageId").to_owned() };
    portal.history.push(Passage { id, kind: item.kind, moved, at: now, semantics });
    Ok(())
}

/// `crm.stagehistory.list`: the same rules of lists are taken for true here, `start: -1` too
/// (unconfirmed).
pub(crate) fn list(portal: &Portal, params: &Params) -> B24Result<Reply> {
    let kind = params.whole("entityTypeId").and_then(Kind::by_id).filter(|kind| matches!(kind, Kind::Deal | Kind::Lead));
    let kind = kind.ok_or_else(B24Error::not_found)?;
    let (stage, semantic) = if kind == Kind::Lead { ("STATUS_ID", "STATUS_SEMANTIC_ID") } else { ("STAGE_ID", "STAGE_SEMANTIC_ID") };
    let fields = ["ID", "TYPE_ID", "OWNER_ID", "CREATED_TIME", "CATEGORY_ID", stage, semantic];
    let clauses = Clauses::read(params, "ID", &|name| fields.contains(&name).then(|| name.to_owned()))?;
    let select: Vec<&str> = params.get("select").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let from = clauses.after("ID");
    let rows = portal.history.iter().filter(|passage| passage.kind == kind && passage.id >= from).map(|passage| {
        json!({ "ID": passage.id, "TYPE_ID": passage.moved.type_id, "OWNER_ID": passage.moved.owner,
            "CREATED_TIME": portal.moment(passage.at), "CATEGORY_ID": passage.moved.category, stage: passage.moved.stage,
            semantic: passage.semantics.unwrap_or("P") })
    });
    let (mut rows, total, next) = clauses.page(rows, |row, field| row[field].clone());
    if !select.is_empty() && !select.contains(&"*") {
        for row in rows.iter_mut().filter_map(Value::as_object_mut) {
            row.retain(|key, _| key == "ID" || select.contains(&key.as_str()));
        }
    }
    Ok(Reply { result: json!({ "items": rows }), total: Some(total), next })
}
