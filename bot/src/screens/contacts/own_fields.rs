//! The account's own fields: the list, a new one, another title.

use mms_core::{
    contact::{
        Field, FieldKind,
        field::{self, FieldError},
    },
    crm::connection,
    id::FieldId,
};

use super::{
    fields_card,
    lists::{self, field_card},
};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
    },
    i18n::Tr,
    p,
};

/// The list.
pub(super) async fn fields(cx: &Cx, page: u32) -> Outcome {
    let actor = cx.actor()?;
    let several = several_crms(cx).await?;
    Ok(fields_card(cx.tr, &field::list(&cx.deps.store, actor.account).await?, page, several, actor.role).into())
}

/// Whether the company has more than one CRM.
async fn several_crms(cx: &Cx) -> Result<bool, BotError> {
    Ok(connection::list(&cx.deps.store, cx.actor()?.account).await?.len() > 1)
}

/// One of them.
pub(super) async fn load_field(cx: &Cx, id: FieldId) -> Result<Field, BotError> {
    field::list(&cx.deps.store, cx.actor()?.account).await?.into_iter().find(|field| field.id == id).ok_or(BotError::Gone)
}

/// Its card.
pub(super) async fn show_field(cx: &Cx, id: FieldId) -> Outcome {
    Ok(field_card(cx.tr, &load_field(cx, id).await?, several_crms(cx).await?, cx.actor()?.role).into())
}

/// A title was typed.
pub(super) async fn new_field(cx: &Cx, kind: FieldKind, input: &Input) -> Outcome {
    let actor = cx.actor()?;
    let known = field::list(&cx.deps.store, actor.account).await?;
    let key = field::suggest_key(input.text(), &known);
    match field::create(&cx.deps.store, actor, &key, input.text(), kind, cx.now).await {
        Ok(made) => {
            cx.leave().await?;
            show_field(cx, made.id).await
        }
        Err(error) => {
            let sentence = field_refusal(cx.tr, error)?;
            Ok(lists::field_again(cx.tr, None, &sentence).into())
        }
    }
}

/// Another title was typed.
pub(super) async fn rename(cx: &Cx, id: FieldId, input: &Input) -> Outcome {
    let found = load_field(cx, id).await?;
    match field::rename(&cx.deps.store, cx.actor()?, id, input.text(), cx.now).await {
        Ok(()) => {
            cx.leave().await?;
            show_field(cx, id).await
        }
        Err(error) => {
            let sentence = field_refusal(cx.tr, error)?;
            Ok(lists::field_again(cx.tr, Some(&found), &sentence).into())
        }
    }
}

/// A sentence for the field room's refusal; `Err` for what is no refusal.
///
/// # Errors
/// [`BotError::Gone`], the database's.
pub fn field_refusal(tr: Tr, error: FieldError) -> Result<String, BotError> {
    Ok(match error {
        FieldError::Absent => return Err(BotError::Gone),
        FieldError::Db(error) => return Err(error.into()),
        FieldError::BadTitle => p!(tr, "contacts-field-bad-title"),
        FieldError::TooMany => p!(tr, "contacts-field-too-many", max = field::MAX_FIELDS),
        FieldError::BadKey | FieldError::Reserved(_) | FieldError::Taken(_) | FieldError::SameTitle(_) => p!(tr, "contacts-field-taken"),
    })
}
