//! The list of those never written to, and the company's own numbers on it.

use mms_core::{
    account::settings,
    consent::suppression::{self, MAX_PHONES},
    contact::{
        card as room,
        import::phones::{self, PhonesError},
    },
    id::SuppressionId,
};

use super::lists::{self, added, ask_lift, ask_phones, suppressions};
use crate::{
    frame::{
        cx::Cx,
        dialogue::{IncomingFile, Input},
        error::{BotError, Outcome},
        page::Page,
    },
    p,
    screens::imports,
    words,
};

/// Suppressions on a page.
const PAGE: u32 = 8;

/// The list.
pub(super) async fn suppressed(cx: &Cx, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let counts = suppression::counts(&cx.deps.store, actor.account).await?;
    let page = Page::of(counts.iter().map(|(_, n)| n).sum::<i64>(), PAGE, page);
    let list = suppression::list(&cx.deps.store, actor.account, page.limit(), page.offset()).await?;
    let mut named = Vec::with_capacity(list.len());
    for one in list {
        let contact = match one.contact_id {
            Some(contact) => room::contact(&cx.deps.store, actor.account, contact).await?,
            None => None,
        };
        named.push((one, contact.map(|contact| contact.name)));
    }
    Ok(suppressions(cx.tr, &counts, &named, page, actor.role).into())
}

/// Phones for it, typed or in a file.
pub(super) async fn phones(cx: &Cx, input: &Input) -> Outcome {
    let lines = match &input.file {
        Some(file) if !file.photo => match phone_lines(cx, file).await? {
            Ok(lines) => lines,
            Err(sentence) => return Ok(ask_phones(cx.tr, Some(&sentence)).into()),
        },
        _ => input.text().to_owned(),
    };
    let count = lines.lines().filter(|line| !line.trim().is_empty()).count();
    if count == 0 {
        return Ok(ask_phones(cx.tr, Some(&p!(cx.tr, "contacts-phones-none"))).into());
    }
    if count > MAX_PHONES {
        return Ok(ask_phones(cx.tr, Some(&p!(cx.tr, "contacts-phones-many", max = MAX_PHONES))).into());
    }
    let done = suppression::add_phones(&cx.deps.store, cx.actor()?, &lines, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    if done.added + done.already == 0 {
        // Nothing was a phone: the step stays.
        return Ok(ask_phones(cx.tr, Some(&lists::refusals(cx.tr, &done, &lines))).into());
    }
    cx.leave().await?;
    Ok(added(cx.tr, &done, &lines).into())
}

/// A table as lines of phones.
async fn phone_lines(cx: &Cx, file: &IncomingFile) -> Result<Result<String, String>, BotError> {
    let bytes = match imports::bytes(cx, file).await? {
        Ok(bytes) => bytes,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let region = settings::get(&cx.deps.store, cx.actor()?.account).await?.ok_or(BotError::Gone)?.phone_region;
    Ok(match phones::lines(bytes, &region, MAX_PHONES).await {
        Ok(lines) => Ok(lines),
        Err(PhonesError::Many) => Err(p!(cx.tr, "contacts-phones-many", max = MAX_PHONES)),
        Err(PhonesError::Table(error)) => Err(imports::unreadable(cx.tr, &error)),
    })
}

/// Off the list?
pub(super) async fn ask(cx: &Cx, suppression: SuppressionId, page: u32) -> Outcome {
    let found = suppression::one(&cx.deps.store, cx.actor()?.account, suppression).await?.ok_or(BotError::Gone)?;
    Ok(ask_lift(cx.tr, &found, page).into())
}
