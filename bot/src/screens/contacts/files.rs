//! What is sent of contacts as a file: a person's consents with their evidence, contacts as a
//! table.

use std::sync::Arc;

use mms_core::{
    account::export,
    consent::dossier,
    contact::{
        export::{self as contact_export, ExportError},
        segment::Filter,
    },
    erasure::person::{self, PersonError},
    id::ContactId,
};
use uuid::Uuid;

use super::{Call, say};
use crate::{
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::{Button, Screen},
    },
    p, t, words,
};

/// Largest file that a bot may send, bytes (contracts/messengers/telegram.md, 2.4).
const MAX_EXPORT: usize = 50 * 1024 * 1024;

/// The consents with their evidence.
pub(super) async fn send_dossier(cx: &Cx, contact: ContactId) -> Outcome {
    let actor = cx.actor()?;
    let dossier = dossier::dossier(&cx.deps.store, actor.account, contact, cx.now).await?.ok_or(BotError::Gone)?;
    let noted = export::note(&cx.deps.store, actor, export::What::Dossier, contact, Some(dossier.entries.len() as u64), cx.now).await;
    noted.map_err(|error| words::refused(cx.tr, error))?;
    let file = Screen::new(t!(cx.tr, "contacts-dossier", name = say::name(cx.tr, &dossier.name), count = dossier.entries.len()))
        .document(p!(cx.tr, "contacts-dossier-file"), "text/plain", dossier.text(cx.tr.language, cx.tr.zone).into_bytes())
        .button(p!(cx.tr, "contacts-to-card"), Call::Card { contact });
    Ok(Reply::screen(file).anew())
}

/// All that is known of the person.
pub(super) async fn send_person(cx: &Cx, contact: ContactId) -> Outcome {
    let card = super::load(cx, contact).await?;
    let made = person::archive(&cx.deps.store, cx.actor()?, contact, cx.now).await.map_err(|error| match error {
        PersonError::Account(error) => words::refused(cx.tr, error),
        PersonError::Paper(_) | PersonError::Archive(_) => BotError::Other(error.into()),
    })?;
    let file = Screen::new(t!(cx.tr, "contacts-person-sent", name = say::name(cx.tr, &card.contact.name)))
        .document(p!(cx.tr, "contacts-person-file"), "application/zip", made)
        .button(p!(cx.tr, "contacts-to-card"), Call::Card { contact });
    Ok(Reply::screen(file).anew())
}

/// All contacts as a file.
pub(super) async fn send_all(cx: &Cx) -> Outcome {
    let (all, file) = (Filter::default(), p!(cx.tr, "contacts-export-file"));
    let back = Button::call(p!(cx.tr, "contacts-menu"), Call::Open);
    send_people(cx, &all, (export::What::Contacts, cx.actor()?.account.0), file, back).await
}

/// Contacts that match a filter as a file, with the button that leads back: on the record before
/// the member gets it, as this about that.
///
/// # Errors
/// A missing right; the database's.
pub async fn send_people(cx: &Cx, filter: &Filter, (what, subject): (export::What, Uuid), file: String, back: Button) -> Outcome {
    let actor = cx.actor()?;
    let tr = cx.tr;
    let words = contact_export::Words {
        sheet: p!(tr, "contacts-menu"),
        headers: [
            p!(tr, "contacts-export-name"),
            p!(tr, "contacts-export-first"),
            p!(tr, "contacts-export-last"),
            p!(tr, "contacts-export-phone"),
            p!(tr, "contacts-export-email"),
            p!(tr, "contacts-tags"),
            p!(tr, "contacts-export-consent"),
            p!(tr, "contacts-export-out"),
            p!(tr, "contacts-export-since"),
        ],
        flags: [p!(tr, "contacts-yes"), p!(tr, "contacts-no")],
        grade: Arc::new(move |grade| say::grade(tr, grade)),
        zone: tr.zone,
    };
    let made = contact_export::contacts(&cx.deps.store, actor.account, filter, &words, cx.now).await;
    let (content, count) = made.map_err(|error| match error {
        ExportError::Db(error) => BotError::from(error),
        ExportError::File(_) => BotError::Other(error.into()),
    })?;
    if content.len() > MAX_EXPORT {
        return Ok(Reply::alert(p!(tr, "contacts-export-large", limit = MAX_EXPORT / (1024 * 1024))));
    }
    let noted = export::note(&cx.deps.store, actor, what, subject, Some(count), cx.now).await;
    noted.map_err(|error| words::refused(tr, error))?;
    let screen = Screen::new(t!(tr, "contacts-exported", count = i64::try_from(count).unwrap_or(i64::MAX)))
        .document(file, contact_export::MIME, content)
        .row([back]);
    Ok(Reply::screen(screen).anew())
}
