//! The Telegram double: the Bot API as `contracts/messengers/telegram.md` describes it, and the
//! people on the other end.
//!
//! All state sits behind one lock that is never held across an await. A call goes: token → faults
//! that strike before → method → ledger → faults that strike after → answer. [`Telegram`] is the
//! handle; tests and the page act through it as people do ([`Telegram::send_text`],
//! [`Telegram::press`], [`Telegram::block`]…).

mod bots;
mod clean;
mod commands;
mod cross;
mod edit;
mod entities;
mod error;
mod find;
mod html;
mod keyboard;
mod limits;
mod markdown;
mod media;
mod params;
mod payments;
mod people;
mod send;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod updates;
mod view;
mod webhook;

use std::{
    sync::{Arc, MutexGuard, Weak},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::watch;

pub use self::{
    bots::BotInfo,
    limits::Rates,
    payments::Checkout,
    people::{Attachment, Pressed},
    state::{Answer, FileKind, User},
    view::{Button, ChatView, File, Message},
};
use self::{
    error::{ApiError, ApiResult},
    params::Params,
    state::State,
};
pub(crate) use self::{params::MAX_REQUEST, server::router};
pub use crate::action::ActionError;
use crate::{
    fault::Faults,
    ledger::Ledger,
    shared::{Changing, Shared},
};

/// Delays the double takes by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    /// First pause before a webhook push is repeated; it doubles up to a minute. Default 1 s.
    pub webhook_retry: Duration,
    /// A `getUpdates` with the offset of one that came less than this ago waits at least this long
    /// for an update, and within a sixth of it is given one update at a time: the real server's
    /// guard against clients that ask without a pause. Default 3 s.
    pub poll_again: Duration,
    /// A bot sets a webhook at most once in this time; sooner it is answered 429. Default 1 s.
    pub webhook_again: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { webhook_retry: Duration::from_secs(1), poll_again: Duration::from_secs(3), webhook_again: Duration::from_secs(1) }
    }
}

struct Inner {
    shared: Shared<State>,
    ledger: Ledger,
    faults: Faults,
    timing: Timing,
}

/// The handle of the Telegram double; cheap to clone, all clones are one Telegram.
#[derive(Clone)]
pub struct Telegram(Arc<Inner>);

impl Telegram {
    pub(crate) fn new(faults: Faults, rates: Rates, timing: Timing) -> Self {
        let shared = Shared::new(State { rates, ..State::default() });
        Self(Arc::new(Inner { shared, ledger: Ledger::new(), faults, timing }))
    }

    /// What the double accepted and refused.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    /// Faults on demand; aim a rule at `service("telegram")` to spare the other doubles.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.0.timing
    }

    /// The state for a change.
    pub(crate) fn state(&self) -> Changing<'_, State> {
        self.0.shared.change()
    }

    /// The state for a look, or for changes nobody waits for.
    pub(crate) fn quiet(&self) -> MutexGuard<'_, State> {
        self.0.shared.quiet()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.0.shared.watch()
    }

    pub(crate) fn touch(&self) {
        self.0.shared.touch();
    }

    pub(crate) fn downgrade(&self) -> WeakTelegram {
        WeakTelegram(Arc::downgrade(&self.0))
    }

    /// Waits until `look` finds something, asking again after every change of the double.
    ///
    /// `None` when `within` has passed first: say in the test what was awaited.
    pub async fn until<T>(&self, within: Duration, mut look: impl FnMut(&Self) -> Option<T>) -> Option<T> {
        self.0.shared.until(within, || look(self)).await
    }

    /// Carries out one Bot API call, limits and ledger included, faults not.
    pub(crate) async fn call(&self, bot: i64, method: &str, params: &Params) -> ApiResult {
        match method.to_ascii_lowercase().as_str() {
            "getme" => self.me(bot),
            "getupdates" => updates::get(self, bot, params).await,
            "setwebhook" => updates::set_webhook(self, bot, params),
            "deletewebhook" => updates::delete_webhook(self, bot, params),
            "getwebhookinfo" => updates::webhook_info(self, bot),
            "sendmessage" => send::message(self, bot, params),
            "sendphoto" => send::single(self, bot, params, FileKind::Photo, "sendPhoto").await,
            "senddocument" => send::single(self, bot, params, FileKind::Document, "sendDocument").await,
            "sendvideo" => send::single(self, bot, params, FileKind::Video, "sendVideo").await,
            "sendanimation" => send::single(self, bot, params, FileKind::Animation, "sendAnimation").await,
            "sendvideonote" => send::single(self, bot, params, FileKind::VideoNote, "sendVideoNote").await,
            "sendvoice" => send::single(self, bot, params, FileKind::Voice, "sendVoice").await,
            "sendaudio" => send::single(self, bot, params, FileKind::Audio, "sendAudio").await,
            "sendsticker" => send::single(self, bot, params, FileKind::Sticker, "sendSticker").await,
            "sendmediagroup" => send::group(self, bot, params).await,
            "sendchataction" => send::action(self, bot, params),
            "copymessage" => send::copy(self, bot, params),
            "editmessagetext" => edit::text(self, bot, params),
            "editmessagecaption" => edit::caption(self, bot, params),
            "editmessagemedia" => edit::media(self, bot, params).await,
            "editmessagereplymarkup" => edit::markup(self, bot, params),
            "deletemessage" => edit::delete(self, bot, params),
            "deletemessages" => edit::delete_many(self, bot, params),
            "answercallbackquery" => edit::answer(self, bot, params),
            "sendinvoice" => payments::invoice(self, bot, params),
            "answerprecheckoutquery" => payments::word(self, bot, params),
            "getfile" => media::get(&self.quiet(), bot, params),
            "setmycommands" => commands::set(self, bot, params),
            "getmycommands" => commands::get(self, bot, params),
            "deletemycommands" => commands::delete(self, bot, params),
            _ => Err(ApiError::new(404, "Not Found: method not found")),
        }
    }

    fn me(&self, bot: i64) -> ApiResult {
        let mut state = self.quiet();
        let mut me = state.bot_mut(bot)?.as_user();
        for (flag, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
            ("has_topics_enabled", false),
            ("allows_users_to_create_topics", false),
            ("can_manage_bots", false),
        ] {
            me[flag] = json!(value);
        }
        Ok(me)
    }
}

/// Canonical spelling of a method, for the ledger and the faults.
pub(crate) fn canonical(method: &str) -> Option<&'static str> {
    METHODS.iter().copied().find(|known| known.eq_ignore_ascii_case(method))
}

/// Every method the double has.
pub const METHODS: &[&str] = &[
    "getMe",
    "getUpdates",
    "setWebhook",
    "deleteWebhook",
    "getWebhookInfo",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendVideo",
    "sendAnimation",
    "sendVideoNote",
    "sendVoice",
    "sendAudio",
    "sendSticker",
    "sendMediaGroup",
    "sendChatAction",
    "copyMessage",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "editMessageReplyMarkup",
    "deleteMessage",
    "deleteMessages",
    "answerCallbackQuery",
    "sendInvoice",
    "answerPreCheckoutQuery",
    "getFile",
    "setMyCommands",
    "getMyCommands",
    "deleteMyCommands",
];

pub(crate) struct WeakTelegram(Weak<Inner>);

impl WeakTelegram {
    pub(crate) fn upgrade(&self) -> Option<Telegram> {
        self.0.upgrade().map(Telegram)
    }
}

/// An envelope around a result.
pub(crate) fn success(result: Value) -> Value {
    json!({ "ok": true, "result": result })
}
