//! What of the CRM becomes what of ours: people say it, each change is audited and makes the next
//! sync read everything anew.

use serde_json::json;

use super::{ConnectError, Connection, crm_fields, present, save, set};
use crate::{
    account::{By, Right},
    clock::Moment,
    contact::{FieldKind, field},
    crm::{
        CrmField, CrmFieldKind,
        mapping::{ConsentMapping, CrmSettings, FieldMapping},
        registry,
    },
    id::ConnectionId,
    store::{Store, Tx},
};

/// Changes the settings under the row's own transaction; the contacts are read anew.
pub(super) async fn remap(
    tx: &mut Tx,
    by: By<'_>,
    row: &Connection,
    settings: &CrmSettings,
    details: serde_json::Value,
    now: Moment,
) -> Result<(), ConnectError> {
    let settings = CrmSettings { version: row.settings.version + 1, ..settings.clone() };
    save(tx, row, &settings, Some(now)).await?;
    Ok(by.audit(tx, "crm.map", row.id, details, now).await?)
}

/// Maps a CRM field to a contact field, which is made when there is none with that key (`key`
/// `None`: a key after the field's title). Returns the key.
///
/// # Errors
/// [`ConnectError::BadField`] when the CRM has no such field, or the contact field with that key
/// holds another kind.
pub async fn map_field(
    store: &Store,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    crm_field: &str,
    key: Option<&str>,
    now: Moment,
) -> Result<String, ConnectError> {
    let by = by.into();
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    let source = crm_fields(&row).iter().find(|field| field.id == crm_field).cloned().ok_or(ConnectError::BadField)?;
    let kind = FieldKind::from(source.kind);
    let fields = field::list_in(&mut tx, by.account()).await?;
    let named = field::of_title(&fields, &source.title);
    // A field of that title is that field; one that holds another kind is not, and the new one's
    // title says so.
    let fits = named.filter(|field| field.kind == kind || field.kind == FieldKind::Text);
    let key = match (key, fits) {
        (Some(key), _) => key.to_owned(),
        (None, Some(field)) => field.key.clone(),
        (None, None) => field::suggest_key(&source.title, &fields),
    };
    match fields.iter().find(|field| field.key == key) {
        // Text takes anything; other kinds only their own.
        Some(field) if field.kind != kind && field.kind != FieldKind::Text => return Err(ConnectError::BadField),
        Some(_) => {}
        None => {
            let title: String = if source.title.trim().is_empty() { key.clone() } else { source.title.chars().take(60).collect() };
            let title = if named.is_some() { format!("{} ({key})", title.chars().take(17).collect::<String>()) } else { title };
            field::create_in(&mut tx, by.account(), &by.trail(), &key, &title, kind, now).await?;
        }
    }
    let kind = fields.iter().find(|field| field.key == key).map_or(kind, |field| field.kind);
    let mut settings = row.settings.0.clone();
    settings.fields.retain(|mapping| mapping.crm_field != crm_field && mapping.key != key);
    settings.fields.push(FieldMapping { crm_field: crm_field.to_owned(), key: key.clone(), kind });
    remap(&mut tx, by, &row, &settings, json!({ "crm_field": crm_field, "key": key }), now).await?;
    tx.commit().await?;
    Ok(key)
}

/// Takes the mapping of a CRM field away; the contacts' values stay as they are.
///
/// # Errors
/// [`ConnectError::Absent`].
pub async fn unmap_field(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, crm_field: &str, now: Moment) -> Result<(), ConnectError> {
    change(store, by.into(), id, json!({ "crm_field": crm_field, "key": null }), now, |settings, _| {
        settings.fields.retain(|mapping| mapping.crm_field != crm_field);
        Ok(())
    })
    .await
}

/// Says which CRM field is the consent of a purpose; the one before it, if any, is none any more.
///
/// # Errors
/// [`ConnectError::BadField`] when the CRM has no such field, or it cannot hold that: the mark is a
/// checkbox or a text, the time a date, the author a text or a number; one field is one thing only.
pub async fn map_consent(
    store: &Store,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    mapping: ConsentMapping,
    now: Moment,
) -> Result<(), ConnectError> {
    let details = json!({ "purpose": mapping.purpose, "crm_field": mapping.crm_field, "yes": mapping.yes,
        "at_field": mapping.at_field, "author_field": mapping.author_field });
    change(store, by.into(), id, details, now, |settings, fields| {
        let holds = |id: &str, kinds: &[CrmFieldKind]| fields.iter().any(|field| field.id == id && kinds.contains(&field.kind));
        let good = holds(&mapping.crm_field, &[CrmFieldKind::Flag, CrmFieldKind::Text])
            && mapping.at_field.as_deref().is_none_or(|id| holds(id, &[CrmFieldKind::Date]))
            && mapping
                .author_field
                .as_deref()
                .is_none_or(|id| id != mapping.crm_field && holds(id, &[CrmFieldKind::Text, CrmFieldKind::Number]));
        if !good {
            return Err(ConnectError::BadField);
        }
        settings.consents.retain(|other| other.purpose != mapping.purpose);
        settings.consents.push(ConsentMapping { stated_at: now, ..mapping });
        Ok(())
    })
    .await
}

/// No CRM field is the consent of that purpose any more.
///
/// # Errors
/// [`ConnectError::Absent`].
pub async fn unmap_consent(
    store: &Store,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    purpose: crate::consent::Purpose,
    now: Moment,
) -> Result<(), ConnectError> {
    change(store, by.into(), id, json!({ "purpose": purpose, "crm_field": null }), now, |settings, _| {
        settings.consents.retain(|other| other.purpose != purpose);
        Ok(())
    })
    .await
}

/// Says which checkbox means "do not write": read by syncs, ticked when a person says stop.
///
/// # Errors
/// [`ConnectError::BadField`] when it is no checkbox of the CRM.
pub async fn map_opt_out(
    store: &Store,
    by: impl Into<By<'_>>,
    id: ConnectionId,
    crm_field: Option<&str>,
    now: Moment,
) -> Result<(), ConnectError> {
    change(store, by.into(), id, json!({ "opt_out_field": crm_field }), now, |settings, fields| {
        let checkbox = |id: &str| fields.iter().any(|field| field.id == id && field.kind == CrmFieldKind::Flag);
        if crm_field.is_some_and(|id| !checkbox(id)) {
            return Err(ConnectError::BadField);
        }
        settings.opt_out_field = crm_field.map(str::to_owned);
        Ok(())
    })
    .await
}

/// Says whether a customer who writes becomes a task of whoever is responsible for them. Nothing is
/// read anew for it.
///
/// # Errors
/// [`ConnectError::BadField`] when the CRM has no tasks.
pub async fn set_tasks(store: &Store, by: impl Into<By<'_>>, id: ConnectionId, on: bool, now: Moment) -> Result<(), ConnectError> {
    set(store, by.into(), id, "crm.tasks", now, |settings, row| {
        if on && !registry::capabilities(row.kind).tasks {
            return Err(ConnectError::BadField);
        }
        settings.tasks = on;
        Ok((row.next_sync_at, json!({ "on": on })))
    })
    .await
}

async fn change(
    store: &Store,
    by: By<'_>,
    id: ConnectionId,
    details: serde_json::Value,
    now: Moment,
    change: impl FnOnce(&mut CrmSettings, &[CrmField]) -> Result<(), ConnectError>,
) -> Result<(), ConnectError> {
    by.need(Right::Own)?;
    let mut tx = store.begin().await?;
    let row = present(&mut tx, by.account(), id).await?;
    let mut settings = row.settings.0.clone();
    change(&mut settings, crm_fields(&row))?;
    remap(&mut tx, by, &row, &settings, details, now).await?;
    Ok(tx.commit().await?)
}
