//! What of a CRM contact becomes what of ours, by buttons: fields, consents, the "do not write"
//! checkbox.

use mms_core::{
    consent::Purpose,
    contact::field as fields_room,
    crm::{
        CrmField, CrmFieldKind,
        connection::{self as room, ConnectError, Connection},
        mapping::ConsentMapping,
    },
    id::{ConnectionId, FieldId},
};
use sha2::{Digest, Sha256};

use super::{
    Call, Step,
    connect::{refusal, refused},
    consents::{ask_yes, authors, consent_card, consent_fields, consent_values, consents_card, dates, opt_outs, values_stamp},
    fields::{field_card, fields_card},
    load,
};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
    },
    p,
};

/// A list longer than this is typed, not pressed: a button holds one mark for each.
pub(super) const MOST_OPTIONS: usize = 30;

/// A field of the CRM in a button: its id may be long, and a button is short. 0 is no field's.
pub(super) fn tag(id: &str) -> u32 {
    let digest = Sha256::digest(id.as_bytes());
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]).max(1)
}

fn find(row: &Connection, field: u32) -> Result<&CrmField, BotError> {
    room::crm_fields(row).iter().find(|known| tag(&known.id) == field).ok_or(BotError::Gone)
}

/// The field a button names; `None` for 0.
fn chosen(row: &Connection, field: u32) -> Result<Option<String>, BotError> {
    if field == 0 { Ok(None) } else { Ok(Some(find(row, field)?.id.clone())) }
}

fn mapped(row: &Connection, purpose: Purpose) -> Result<&ConsentMapping, BotError> {
    row.settings.consents.iter().find(|mapping| mapping.purpose == purpose).ok_or(BotError::Gone)
}

async fn save(cx: &Cx, row: &Connection, mapping: ConsentMapping) -> Outcome {
    let purpose = mapping.purpose;
    room::map_consent(&cx.deps.store, cx.actor()?, row.id, mapping, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    Ok(saved(cx, consent(cx, row.id, purpose).await?))
}

/// A press of a mapping's button.
pub(super) async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Fields { connection, page } => list(cx, connection, page).await,
        Call::Field { connection, field, page } => {
            let row = load(cx, connection).await?;
            let ours = fields_room::list(&cx.deps.store, row.account_id).await?;
            Ok(field_card(cx.tr, &row, find(&row, field)?, &ours, page).into())
        }
        Call::MapNew { connection, field } => map(cx, connection, field, None).await,
        Call::MapTo { connection, field, to } => map(cx, connection, field, Some(to)).await,
        Call::Unmap { connection, field } => {
            let row = load(cx, connection).await?;
            let id = &find(&row, field)?.id;
            room::unmap_field(&cx.deps.store, cx.actor()?, connection, id, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, list(cx, connection, 0).await?))
        }
        Call::Part { connection, field, part, on } => {
            let row = load(cx, connection).await?;
            let id = &find(&row, field)?.id;
            let set = room::set_part(&cx.deps.store, cx.actor()?, connection, (id, part), on, cx.now).await;
            set.map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, list(cx, connection, 0).await?))
        }
        Call::Consents { connection } => consents(cx, connection).await,
        Call::Consent { connection, purpose } => consent(cx, connection, purpose).await,
        Call::ConsentFields { connection, purpose, page } => Ok(consent_fields(cx.tr, &load(cx, connection).await?, purpose, page).into()),
        Call::ConsentField { connection, purpose, field } => consent_field(cx, connection, purpose, field).await,
        Call::ConsentValues { connection, purpose, field, mask, stamp } => {
            let row = load(cx, connection).await?;
            let source = find(&row, field)?;
            if values_stamp(source) != stamp {
                return Ok(other_values(cx, connection, purpose, source));
            }
            Ok(consent_values(cx.tr, connection, purpose, source, mask).into())
        }
        Call::SetConsent { connection, purpose, field, mask, stamp } => {
            let row = load(cx, connection).await?;
            let source = find(&row, field)?;
            if values_stamp(source) != stamp {
                return Ok(other_values(cx, connection, purpose, source));
            }
            let chosen = source.options.iter().take(MOST_OPTIONS).enumerate().filter(|(index, _)| mask >> index & 1 == 1);
            let yes: Vec<String> = chosen.map(|(_, option)| option.clone()).collect();
            if yes.is_empty() {
                return Err(BotError::Refused(p!(cx.tr, "crm-no-value-chosen")));
            }
            set_consent(cx, &row, purpose, &source.id, yes).await.map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, consent(cx, connection, purpose).await?))
        }
        Call::ConsentDates { connection, purpose, page } => {
            let row = load(cx, connection).await?;
            Ok(dates(cx.tr, &row, mapped(&row, purpose)?, page).into())
        }
        Call::SetDate { connection, purpose, field } => {
            let row = load(cx, connection).await?;
            let at_field = chosen(&row, field)?;
            save(cx, &row, ConsentMapping { at_field, ..mapped(&row, purpose)?.clone() }).await
        }
        Call::ConsentAuthors { connection, purpose, page } => {
            let row = load(cx, connection).await?;
            Ok(authors(cx.tr, &row, mapped(&row, purpose)?, page).into())
        }
        Call::SetAuthor { connection, purpose, field } => {
            let row = load(cx, connection).await?;
            let author_field = chosen(&row, field)?;
            save(cx, &row, ConsentMapping { author_field, ..mapped(&row, purpose)?.clone() }).await
        }
        Call::UnmapConsent { connection, purpose } => {
            room::unmap_consent(&cx.deps.store, cx.actor()?, connection, purpose, cx.now).await.map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, consents(cx, connection).await?))
        }
        Call::OptOuts { connection, page } => Ok(opt_outs(cx.tr, &load(cx, connection).await?, page).into()),
        Call::SetOptOut { connection, field } => {
            let row = load(cx, connection).await?;
            let id = chosen(&row, field)?;
            room::map_opt_out(&cx.deps.store, cx.actor()?, connection, id.as_deref(), cx.now)
                .await
                .map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, consents(cx, connection).await?))
        }
        // The other buttons are the connection's own.
        _ => Err(BotError::Gone),
    }
}

/// The CRM has other values by now: they are chosen from anew.
fn other_values(cx: &Cx, connection: ConnectionId, purpose: Purpose, source: &CrmField) -> Reply {
    Reply::screen(consent_values(cx.tr, connection, purpose, source, 0)).warning(p!(cx.tr, "crm-values-changed"))
}

/// The values that mean yes, typed with commas.
pub(super) async fn typed_yes(cx: &Cx, connection: ConnectionId, purpose: Purpose, field: &str, text: &str) -> Outcome {
    let row = load(cx, connection).await?;
    let source = room::crm_fields(&row).iter().find(|known| known.id == field).ok_or(BotError::Gone)?;
    let yes: Vec<String> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if yes.is_empty() || yes.len() > MOST_OPTIONS || yes.iter().any(|word| word.chars().count() > 100) {
        return Ok(ask_yes(cx.tr, connection, purpose, source, true).into());
    }
    match set_consent(cx, &row, purpose, field, yes).await {
        Ok(()) => {
            cx.leave().await?;
            consent(cx, connection, purpose).await
        }
        Err(error) => Err(BotError::Refused(refusal(cx.tr, None, error)?)),
    }
}

async fn list(cx: &Cx, connection: ConnectionId, page: u16) -> Outcome {
    let row = load(cx, connection).await?;
    let ours = fields_room::list(&cx.deps.store, row.account_id).await?;
    Ok(fields_card(cx.tr, &row, &ours, page, cx.actor()?.role).into())
}

async fn consents(cx: &Cx, connection: ConnectionId) -> Outcome {
    let row = load(cx, connection).await?;
    Ok(consents_card(cx.tr, &row, cx.actor()?.role).into())
}

async fn consent(cx: &Cx, connection: ConnectionId, purpose: Purpose) -> Outcome {
    let row = load(cx, connection).await?;
    Ok(consent_card(cx.tr, &row, mapped(&row, purpose)?).into())
}

/// The next sync reads everything anew: it is due now.
fn saved(cx: &Cx, reply: Reply) -> Reply {
    reply.saying(p!(cx.tr, "crm-mapping-saved"))
}

async fn map(cx: &Cx, connection: ConnectionId, field: u32, to: Option<FieldId>) -> Outcome {
    let row = load(cx, connection).await?;
    let source = find(&row, field)?;
    let ours = fields_room::list(&cx.deps.store, row.account_id).await?;
    let key = match to {
        None => None,
        Some(id) => Some(ours.iter().find(|known| known.id == id).ok_or(BotError::Gone)?.key.as_str()),
    };
    room::map_field(&cx.deps.store, cx.actor()?, connection, &source.id, key, cx.now).await.map_err(|error| refused(cx.tr, error))?;
    Ok(saved(cx, list(cx, connection, 0).await?))
}

async fn consent_field(cx: &Cx, connection: ConnectionId, purpose: Purpose, field: u32) -> Outcome {
    let row = load(cx, connection).await?;
    let source = find(&row, field)?;
    match source.kind {
        CrmFieldKind::Flag => {
            set_consent(cx, &row, purpose, &source.id, Vec::new()).await.map_err(|error| refused(cx.tr, error))?;
            Ok(saved(cx, consent(cx, connection, purpose).await?))
        }
        CrmFieldKind::Text if (1..=MOST_OPTIONS).contains(&source.options.len()) => {
            Ok(consent_values(cx.tr, connection, purpose, source, 0).into())
        }
        CrmFieldKind::Text => {
            cx.ask(Step::Yes { connection, purpose, field: source.id.clone() }).await?;
            Ok(ask_yes(cx.tr, connection, purpose, source, false).into())
        }
        CrmFieldKind::Number | CrmFieldKind::Date => Err(BotError::Refused(p!(cx.tr, "crm-bad-field"))),
    }
}

/// Maps a consent; time and author stay, or are the only fields whose titles speak of them.
async fn set_consent(cx: &Cx, row: &Connection, purpose: Purpose, field: &str, yes: Vec<String>) -> Result<(), ConnectError> {
    let before = row.settings.consents.iter().find(|mapping| mapping.purpose == purpose);
    let mapping = ConsentMapping {
        purpose,
        crm_field: field.to_owned(),
        yes,
        at_field: before.and_then(|mapping| mapping.at_field.clone()).or_else(|| guess(row, field, &[CrmFieldKind::Date], &[])),
        author_field: before
            .and_then(|mapping| mapping.author_field.clone())
            .filter(|author| author != field)
            .or_else(|| guess(row, field, &[CrmFieldKind::Text], &["кто", "автор", "отметил", "сотрудник", "author", "who", "noted"])),
        stated_at: cx.now,
    };
    let actor = cx.who.as_ref().ok_or(ConnectError::Absent)?;
    room::map_consent(&cx.deps.store, actor, row.id, mapping, cx.now).await
}

/// The only field of these kinds, besides the mark itself, whose title speaks of consent and has
/// one of these words (any title, if there are none). People see it chosen and may change it.
fn guess(row: &Connection, mark: &str, kinds: &[CrmFieldKind], words: &[&str]) -> Option<String> {
    let speaks = |field: &&CrmField| {
        let title = field.title.to_lowercase();
        field.id != mark
            && kinds.contains(&field.kind)
            && (title.contains("соглас") || title.contains("consent"))
            && (words.is_empty() || words.iter().any(|word| title.contains(word)))
    };
    let mut fit = room::crm_fields(row).iter().filter(speaks);
    fit.next().filter(|_| fit.next().is_none()).map(|field| field.id.clone())
}
