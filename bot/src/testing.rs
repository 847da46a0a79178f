//! For the tests of this crate: snapshots in both languages, a context, updates.

mod answers_story;
mod approval_story;
mod back_story;
mod contacts_story;
mod erasure_story;
mod first_story;
mod inbox_story;
mod limits_story;
mod managers_story;
mod members_story;
mod notices_story;
mod owner_story;
mod pages_story;
mod polling_story;
mod purchase_story;
mod register_story;
mod signed_story;
mod stories;
pub mod talk;
mod webhook_story;

use std::sync::Arc;

use mms_core::{
    account::{Actor, Language, Role},
    channel::{
        ChannelKind,
        store::{ChannelRow, ChannelSettings, ChannelState},
    },
    clock::Moment,
    config::Endpoints,
    id::{AccountId, ChannelId, MemberId},
    queue::Queue,
    secret::{Sealer, Secret},
    store::Store,
};
use serde_json::{Value, json};

use crate::{
    frame::{api::Api, chats::Chats, deps::Deps, surveys::Surveys, turns::Turns, ways::Ways},
    i18n::Tr,
    settings::BotSettings,
};

/// 23 November 2026, 12:40:05 UTC: the day of every snapshot.
pub fn moment() -> Moment {
    "2026-11-23T12:40:05Z".parse().unwrap()
}

/// Texts of a language, dates of Moscow.
pub fn tr(language: Language) -> Tr {
    Tr::new(language, chrono_tz::Europe::Moscow)
}

/// A signed-in member with this role.
pub fn actor(role: Role) -> Actor {
    Actor {
        account: AccountId(uuid::Uuid::nil()),
        member: MemberId(uuid::Uuid::nil()),
        role,
        language: Language::Ru,
        name: "Анна <Кузнецова>".to_owned(),
    }
}

/// A customers' bot that works.
pub fn channel() -> ChannelRow {
    ChannelRow {
        id: ChannelId(uuid::Uuid::nil()),
        account_id: AccountId(uuid::Uuid::nil()),
        kind: ChannelKind::Telegram,
        name: "Ромашка & Ко".to_owned(),
        external_id: "7000000001".to_owned(),
        username: "romashka_bot".to_owned(),
        settings: ChannelSettings::default(),
        state: ChannelState::Active,
        state_reason: None,
        hook_seed: String::new(),
        lease_owner: None,
        lease_until: None,
        next_allowed_at: None,
        held_until: None,
        update_cursor: None,
        terms: mms_core::channel::Terms::default(),
        found_rate: None,
        cut_since: None,
        deaf: None,
        created_at: moment(),
    }
}

/// What handlers are given, with a bot at `api_base`.
pub fn deps(store: Store, api_base: &str) -> Deps {
    let token = Secret::new("1:test");
    let bot = Api::new(api_base, &mms_core::http::Route::default(), token.clone()).unwrap();
    bot.standing().introduced("mms_test_bot".to_owned());
    Deps {
        store,
        sealer: Sealer::new(&[7; 32]),
        queue: Queue::memory(),
        endpoints: Endpoints { telegram: api_base.to_owned(), ..Endpoints::default() },
        bot,
        settings: Arc::new(BotSettings { public_url: Some("https://mms.example".to_owned()), ..BotSettings::new(token, api_base) }),
        turns: Turns::default(),
        chats: Chats::default(),
        surveys: Surveys::default(),
        ways: Ways::default(),
    }
}

/// A private text message as Telegram sends it.
pub fn text_update(id: i64, user: i64, text: &str) -> Value {
    json!({ "update_id": id, "message": {
        "message_id": id, "date": 1_780_000_000,
        "from": { "id": user, "is_bot": false, "first_name": "Anna", "language_code": "ru" },
        "chat": { "id": user, "type": "private", "first_name": "Anna" },
        "text": text,
    } })
}

/// Snapshots of a screen in both languages: `snapshots!(menu_owner, |tr| menu(tr, …));`
#[macro_export]
macro_rules! snapshots {
    ($name:ident, |$tr:ident| $screen:expr) => {
        #[test]
        fn $name() {
            for language in [mms_core::account::Language::Ru, mms_core::account::Language::En] {
                let $tr = $crate::testing::tr(language);
                let screen: $crate::frame::screen::Screen = $screen;
                $crate::testing::check(&screen);
                let suffix = if language == mms_core::account::Language::Ru { "ru" } else { "en" };
                insta::with_settings!({ snapshot_path => concat!(env!("CARGO_MANIFEST_DIR"), "/src/snapshots"), prepend_module_to_snapshot => false, omit_expression => true }, {
                    insta::assert_snapshot!(format!("{}.{suffix}", stringify!($name)), screen.snapshot());
                });
            }
        }
    };
}

/// What holds for every screen: it fits Telegram, and every card has a way out.
pub fn check(screen: &crate::frame::screen::Screen) {
    use crate::frame::screen::Action;
    let limit = if screen.media.is_some() { 1_024 } else { 4_096 };
    assert!(screen.html.chars().count() <= limit, "the text is too long: {}", screen.html.chars().count());
    let buttons: Vec<_> = screen.keyboard.iter().flatten().collect();
    assert!(!buttons.is_empty(), "no way out of: {}", screen.html);
    assert!(buttons.len() <= 100, "Telegram shows 100 buttons at most");
    for button in buttons {
        assert!(!button.text.trim().is_empty() && button.text.chars().count() <= 64, "a button's text: `{}`", button.text);
        if let Action::Copy(words) = &button.action {
            assert!((1..=256).contains(&words.chars().count()), "Telegram copies 256 characters at most: {words}");
        }
        if let Action::Call(call) = &button.action {
            assert!(call.wire.len() <= crate::frame::callback::MAX_BYTES, "{}", call.wire);
        }
    }
}
