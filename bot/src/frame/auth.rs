//! Who writes: asked at every update, so that an ended session is out at once.

use std::sync::Arc;

use mms_core::{
    account::{self, Language, feature, settings, suspension},
    text,
};

use crate::{
    frame::{
        cx::{Closed, Cx},
        deps::Deps,
    },
    i18n::Tr,
};

/// The zone strangers are shown times in: the product's first market.
const STRANGERS_ZONE: chrono_tz::Tz = chrono_tz::Europe::Moscow;

/// The context of a chat: the member behind the Telegram user, their language, their account's
/// zone.
///
/// # Errors
/// The database's.
pub async fn context(deps: &Deps, chat: i64, user: i64, user_name: &str) -> sqlx::Result<Cx> {
    let now = deps.now();
    let known = account::session::authenticate(&deps.store, user, now).await?;
    let (password_due, session) = known.as_ref().map_or((false, None), |visitor| (visitor.password_due, Some(visitor.session)));
    let pending = if known.is_none() { account::session::waiting(&deps.store, user, now).await? } else { None };
    let who = known.map(|visitor| visitor.actor);
    let closed = match &who {
        Some(actor) => Closed {
            suspended: suspension::current(&deps.store, actor.account, now).await?,
            off: feature::off(&deps.store, actor.account).await?,
        },
        None => Closed::default(),
    };
    let tr = match who.as_ref().or(pending.as_ref().map(|waiting| &waiting.actor)) {
        Some(actor) => Tr::new(actor.language, settings::zone(&deps.store, actor.account).await?),
        None => Tr::new(Language::Ru, STRANGERS_ZONE),
    };
    Ok(Cx {
        deps: deps.clone(),
        who,
        session,
        pending,
        password_due,
        closed,
        tr,
        chat,
        user,
        user_name: text::clean(user_name),
        now,
        asked: Arc::default(),
    })
}

/// The language of a stranger by what Telegram says of their client; Russian when it says nothing.
#[must_use]
pub fn language_of(code: Option<&str>) -> Language {
    match code.and_then(|code| code.split('-').next()) {
        None | Some("ru" | "be" | "kk" | "ky" | "uk" | "uz" | "tg" | "hy" | "az") => Language::Ru,
        Some(_) => Language::En,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_met_in_a_language_they_read() {
        assert_eq!(language_of(None), Language::Ru);
        assert_eq!(language_of(Some("ru-RU")), Language::Ru);
        assert_eq!(language_of(Some("kk")), Language::Ru);
        assert_eq!(language_of(Some("en-GB")), Language::En);
        assert_eq!(language_of(Some("de")), Language::En);
    }
}
