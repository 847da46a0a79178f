//! Which method a verb and a path mean.

use axum::http::Method as Verb;

use super::{
    Max, answers, bots, edit,
    error::{ApiError, ApiResult},
    media,
    params::Params,
    read, send,
    state::{self, State},
    subscriptions, updates,
};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Method {
    Me,
    Commands,
    Send,
    Edit,
    Remove,
    List,
    Read(String),
    Answer,
    Upload,
    Updates,
    Subscribe,
    Subscriptions,
    Unsubscribe,
    Action(i64),
    Chat(i64),
}

impl Method {
    /// What is asked for; 405 for a known path under another verb, 404 for an unknown path.
    pub(crate) fn find(params: &Params) -> ApiResult<Self> {
        let parts: Vec<&str> = params.path.trim_matches('/').split('/').collect();
        let verbs: Vec<(Verb, Self)> = match parts[..] {
            ["me"] => vec![(Verb::GET, Self::Me)],
            ["me", "commands"] => vec![(Verb::PATCH, Self::Commands)],
            ["messages"] => {
                vec![(Verb::POST, Self::Send), (Verb::PUT, Self::Edit), (Verb::DELETE, Self::Remove), (Verb::GET, Self::List)]
            }
            ["messages", mid] => vec![(Verb::GET, Self::Read(mid.to_owned()))],
            ["answers"] => vec![(Verb::POST, Self::Answer)],
            ["uploads"] => vec![(Verb::POST, Self::Upload)],
            ["updates"] => vec![(Verb::GET, Self::Updates)],
            ["subscriptions"] => {
                vec![(Verb::POST, Self::Subscribe), (Verb::GET, Self::Subscriptions), (Verb::DELETE, Self::Unsubscribe)]
            }
            ["chats", chat] => vec![(Verb::GET, Self::Chat(number(chat)?))],
            ["chats", chat, "actions"] => vec![(Verb::POST, Self::Action(number(chat)?))],
            // `GET /chats` was removed in June 2026.
            _ => return Err(ApiError::not_found(format!("Path {} is not found", params.path))),
        };
        let found = verbs.into_iter().find(|(verb, _)| *verb == params.verb).map(|(_, method)| method);
        found.ok_or_else(|| ApiError::new(405, "method.not.allowed", format!("Method {} is not allowed", params.verb)))
    }

    /// As the ledger and the rules of faults call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Me => "GET /me",
            Self::Commands => "PATCH /me/commands",
            Self::Send => "POST /messages",
            Self::Edit => "PUT /messages",
            Self::Remove => "DELETE /messages",
            Self::List => "GET /messages",
            Self::Read(_) => "GET /messages/{mid}",
            Self::Answer => "POST /answers",
            Self::Upload => "POST /uploads",
            Self::Updates => "GET /updates",
            Self::Subscribe => "POST /subscriptions",
            Self::Subscriptions => "GET /subscriptions",
            Self::Unsubscribe => "DELETE /subscriptions",
            Self::Action(_) => "POST /chats/{chat}/actions",
            Self::Chat(_) => "GET /chats/{chat}",
        }
    }

    /// Whose dialogue it is about, where it says.
    pub(crate) fn person(&self, state: &State, bot: i64, params: &Params) -> Option<i64> {
        let number = |name: &str| params.text(name)?.parse::<i64>().ok();
        match self {
            Self::Send | Self::List => number("user_id").or_else(|| Some(state::person(bot, number("chat_id")?))),
            Self::Edit | Self::Remove => Some(state::person(bot, state::chat_of(params.text("message_id")?)?)),
            Self::Read(mid) => Some(state::person(bot, state::chat_of(mid)?)),
            Self::Answer => state.callbacks.get(params.text("callback_id")?).map(|callback| callback.user),
            Self::Action(chat) | Self::Chat(chat) => Some(state::person(bot, *chat)),
            _ => None,
        }
    }

    /// Carries it out, limits and ledger included, faults not.
    pub(crate) async fn call(&self, max: &Max, bot: i64, params: &Params) -> ApiResult {
        {
            let state = &mut *max.quiet();
            let allowed = state.limits.request(&state.rates, bot, std::time::Instant::now(), rand::random());
            if !allowed {
                return Err(ApiError::too_many(state.rates.retry_after));
            }
        }
        match self {
            Self::Me => bots::me(max, bot),
            Self::Commands => bots::commands(max, bot, params),
            Self::Send => send::message(max, bot, params),
            Self::Edit => edit::message(max, bot, params),
            Self::Remove => edit::remove(max, bot, params),
            Self::List => read::list(max, bot, params),
            Self::Read(mid) => read::one(max, bot, mid),
            Self::Answer => answers::answer(max, bot, params),
            Self::Upload => media::address(max, bot, params),
            Self::Updates => updates::get(max, bot, params).await,
            Self::Subscribe => subscriptions::add(max, bot, params),
            Self::Subscriptions => subscriptions::list(max, bot),
            Self::Unsubscribe => subscriptions::remove(max, bot, params),
            Self::Action(chat) => send::action(max, bot, *chat, params),
            Self::Chat(chat) => read::chat(max, bot, *chat),
        }
    }
}

fn number(text: &str) -> ApiResult<i64> {
    text.parse().map_err(|_| ApiError::payload("chatId: must be a number"))
}
