//! The tour: the main job, step by step, by typing and pressing as people do.

use anyhow::{anyhow, ensure};
use chrono_tz::Tz;
use mms_bot::i18n::Tr;
use mms_core::account::Language;

use super::{
    Stage,
    cast::{self, Cast},
};

/// A phone that did not show what it should ends the tour with what it showed.
fn wrong(error: String) -> anyhow::Error {
    anyhow!(error)
}

/// Words of the members' screens, as the screens themselves have them.
struct Words(Tr);

impl Words {
    fn new(language: Language) -> Self {
        Self(Tr::new(language, Tz::Europe__Moscow))
    }

    /// A text without values, plain.
    fn of(&self, key: &'static str) -> String {
        self.0.plain(key, &[])
    }
}

/// Plays it.
///
/// # Errors
/// The first thing that was not as it should be.
pub async fn play(stage: &Stage, cast: &Cast) -> anyhow::Result<()> {
    let words = Words::new(stage.language);
    sign_in(stage, cast, &words).await?;
    connect_bot(stage, cast, &words).await?;
    Ok(())
}

async fn sign_in(stage: &Stage, cast: &Cast, words: &Words) -> anyhow::Result<()> {
    stage.say(
        "1. Анна (владелец) и Борис (согласующий) входят в бот рассылок.",
        "1. Anna (owner) and Boris (approver) sign in to the managers' bot.",
    )?;
    for (phone, login) in [(&cast.anna, cast::OWNER_LOGIN), (&cast.boris, cast::APPROVER_LOGIN)] {
        phone.start(None, "").await.map_err(wrong)?;
        phone.say("/login", "").await.map_err(wrong)?;
        phone.say(login, "").await.map_err(wrong)?;
        phone.say(cast::PASSWORD, "Ромашка").await.map_err(wrong)?;
        let kept = stage.sandbox.history(stage.manager_bot, phone.user()).iter().any(|message| message.text.contains(cast::PASSWORD));
        ensure!(!kept, "the message with the password was not deleted");
    }
    let _ = words;
    stage.say("   Сообщения с паролем бот сразу удалил.", "   The bot deleted the messages with the password at once.")
}

async fn connect_bot(stage: &Stage, cast: &Cast, words: &Words) -> anyhow::Result<()> {
    stage.say("2. Анна подключает бот магазина: присылает его токен.", "2. Anna connects the shop's bot by sending its token.")?;
    cast.anna.tap(&words.of("channels-menu"), "").await.map_err(wrong)?;
    cast.anna.tap(&words.of("channels-add"), "BotFather").await.map_err(wrong)?;
    cast.anna.say(&cast.shop_token, "romashka_demo_bot").await.map_err(wrong)?;
    Ok(())
}
