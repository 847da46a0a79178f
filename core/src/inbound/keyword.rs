//! Words by which people come: the company prints one («Напишите слово «КЛУБ»…»), and whoever
//! writes exactly this to it is asked for consents as after its link. What is a refusal is one,
//! whatever words there are: a word is looked for only in what is talk.
//!
//! A word is compared without regard to case, `ё`, and marks around it.

use serde_json::json;

use super::texts;
use crate::{
    account::{AccountError, Actor, By, Language, Right},
    channel::store::{self as channels, ChannelState},
    clock::Moment,
    consent::{refusal, wording},
    id::{AccountId, ChannelId, ContactId, KeywordId},
    on,
    store::{Store, Tx, audit},
    text::{clean, fold},
};

/// Characters of a word or a short phrase.
pub const SHORTEST: usize = 2;
/// See [`SHORTEST`].
pub const LONGEST: usize = 40;
/// Words of a phrase.
pub const WORDS: usize = 5;
/// Words of a company.
pub const MOST: i64 = 50;
/// What commands are called: in some messengers they are typed.
const COMMANDS: [&str; 4] = ["start", "stop", "help", "privacy"];

macro_rules! keyword {
    ($which:literal) => {
        concat!(
            "select k.id, k.channel_id, h.name as channel, k.word, k.off_at, k.created_at, (select count(distinct coalesce(c.merged_into, c.id)) \
             from keyword_visit v join contact c on c.id = v.contact_id where v.keyword_id = k.id) as came from keyword k \
             left join channel h on h.id = k.channel_id where k.account_id = $1",
            $which
        )
    };
}
/// The words of a company.
pub const LIST: &str = keyword!(" order by k.created_at, k.id");
/// One of them.
pub const ONE: &str = keyword!(" and k.id = $2");
/// How many there are.
pub const COUNT: &str = "select count(*) from keyword where account_id = $1";
/// Adds one, unless there is such a word.
pub const ADD: &str = "insert into keyword (id, account_id, channel_id, word, folded, created_by, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (account_id, folded) do nothing";
/// Switches one off, or on.
pub const SWITCH: &str = "update keyword set off_at = $3 where account_id = $1 and id = $2";
/// Where one counts.
pub const PLACE: &str = "update keyword set channel_id = $3 where account_id = $1 and id = $2";
/// Which word somebody wrote in a channel.
pub const HEARD: &str =
    "select id from keyword where account_id = $1 and folded = $2 and off_at is null and (channel_id is null or channel_id = $3)";
/// Notes who came by one.
pub const VISIT: &str = "insert into keyword_visit (keyword_id, contact_id, account_id, message_ref, first_at, last_at) values ($1, $2, $3, $4, $5, $5) \
    on conflict (keyword_id, contact_id) do update set message_ref = excluded.message_ref, last_at = excluded.last_at";
/// The word somebody came by, and the message in which they wrote it.
pub const CAME: &str = "select k.word, v.message_ref from keyword k join keyword_visit v on v.keyword_id = k.id join contact c on c.id = v.contact_id \
    where k.account_id = $1 and k.id = $2 and (c.id = $3 or c.merged_into = $3) order by v.last_at desc limit 1";
/// Every statement.
pub const ALL: &[&str] = &[LIST, ONE, COUNT, ADD, SWITCH, PLACE, HEARD, VISIT, CAME];

/// A word by which people come.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Keyword {
    pub id: KeywordId,
    /// Where it counts; `None`: in every channel.
    pub channel_id: Option<ChannelId>,
    /// That channel's name.
    pub channel: Option<String>,
    /// As it is printed.
    pub word: String,
    /// Since when it means nothing.
    pub off_at: Option<Moment>,
    pub created_at: Moment,
    /// People who came by it.
    pub came: i64,
}

impl Keyword {
    /// Whether it counts in a channel.
    #[must_use]
    pub fn is_of(&self, channel: ChannelId) -> bool {
        self.channel_id.is_none_or(|of| of == channel)
    }
}

/// Why a word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum KeywordError {
    /// Too short, too long, too many words, or nothing but marks.
    #[error("a word has {SHORTEST} to {LONGEST} characters, a phrase {WORDS} words at most")]
    Length,
    /// It is a command.
    #[error("this is a command")]
    Command,
    /// Whoever writes it says, or perhaps says, that they want no messages.
    #[error("this is, or may be, a refusal")]
    Refusal,
    /// It answers a question of ours: a bare «да», or what stands on a button.
    #[error("this answers a question")]
    Answer,
    /// There is this word.
    #[error("there is this word")]
    Taken,
    /// There are [`MOST`].
    #[error("there are {MOST} words")]
    TooMany,
    /// No right; no such word or channel; the database's.
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<sqlx::Error> for KeywordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Account(error.into())
    }
}

/// Words as they are compared: folded, without marks around them.
#[must_use]
pub fn bare(text: &str) -> String {
    fold(text).trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

/// Whether people may come by this; what it is compared by is given.
///
/// # Errors
/// [`KeywordError`], but for what the database knows.
pub fn check(typed: &str) -> Result<String, KeywordError> {
    let folded = bare(typed);
    if clean(typed).starts_with('/') || COMMANDS.contains(&folded.as_str()) {
        return Err(KeywordError::Command);
    }
    if !(SHORTEST..=LONGEST).contains(&folded.chars().count())
        || clean(typed).chars().count() > LONGEST
        || folded.split_whitespace().count() > WORDS
    {
        return Err(KeywordError::Length);
    }
    if [typed, &folded, &folded.to_uppercase()].into_iter().any(|text| refusal::recognise(text) != refusal::Answer::Talk) {
        return Err(KeywordError::Refusal);
    }
    let labels = [Language::Ru, Language::En].into_iter().flat_map(|language| {
        let [yes, no] = wording::yes_no(language);
        [yes, no, texts::share_phone(language)]
    });
    if texts::plain_answer(typed).is_some() || labels.map(bare).any(|label| label == folded) {
        return Err(KeywordError::Answer);
    }
    Ok(folded)
}

/// A company has a word more, in one channel or in all.
///
/// # Errors
/// [`KeywordError`].
pub async fn add(store: &Store, actor: &Actor, channel: Option<ChannelId>, typed: &str, now: Moment) -> Result<KeywordId, KeywordError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let folded = check(typed)?;
    let word = clean(typed).trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    is_there(store, actor.account, channel).await?;
    let mut tx = store.begin().await?;
    // The account's row first: two at once are counted one after the other.
    on!(tx.conn(), |c| sqlx::query(audit::HOLD).bind(actor.account).execute(c).await.map(|_| ()))?;
    let count: i64 = on!(tx.conn(), |c| sqlx::query_scalar(COUNT).bind(actor.account).fetch_one(c).await)?;
    if count >= MOST {
        return Err(KeywordError::TooMany);
    }
    let id = KeywordId::new();
    let added = on!(tx.conn(), |c| sqlx::query(ADD)
        .bind(id)
        .bind(actor.account)
        .bind(channel)
        .bind(&word)
        .bind(&folded)
        .bind(actor.member)
        .bind(now)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if added == 0 {
        return Err(KeywordError::Taken);
    }
    by.audit(&mut tx, "keyword.add", id, json!({ "word": word, "channel": channel }), now).await?;
    tx.commit().await?;
    Ok(id)
}

async fn is_there(store: &Store, account: AccountId, channel: Option<ChannelId>) -> Result<(), KeywordError> {
    let Some(channel) = channel else { return Ok(()) };
    let live = channels::get(store, account, channel).await?.is_some_and(|row| row.state != ChannelState::Removed);
    if live { Ok(()) } else { Err(AccountError::NotFound.into()) }
}

/// Switches a word off, or on again.
///
/// # Errors
/// [`KeywordError::Account`].
pub async fn switch(store: &Store, actor: &Actor, id: KeywordId, on: bool, now: Moment) -> Result<(), KeywordError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    let mut tx = store.begin().await?;
    let changed = on!(tx.conn(), |c| sqlx::query(SWITCH)
        .bind(actor.account)
        .bind(id)
        .bind((!on).then_some(now))
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if changed == 0 {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, if on { "keyword.on" } else { "keyword.off" }, id, json!({}), now).await?;
    tx.commit().await?;
    Ok(())
}

/// A word counts in this channel alone, or in every one.
///
/// # Errors
/// [`KeywordError::Account`].
pub async fn place(store: &Store, actor: &Actor, id: KeywordId, channel: Option<ChannelId>, now: Moment) -> Result<(), KeywordError> {
    let by = By::Member(actor);
    by.need(Right::Edit)?;
    is_there(store, actor.account, channel).await?;
    let mut tx = store.begin().await?;
    let changed =
        on!(tx.conn(), |c| sqlx::query(PLACE).bind(actor.account).bind(id).bind(channel).execute(c).await.map(|r| r.rows_affected()))?;
    if changed == 0 {
        return Err(AccountError::NotFound.into());
    }
    by.audit(&mut tx, "keyword.place", id, json!({ "channel": channel }), now).await?;
    tx.commit().await?;
    Ok(())
}

/// The words of a company, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list(store: &Store, account: AccountId) -> sqlx::Result<Vec<Keyword>> {
    on!(store.read(), |c| sqlx::query_as(LIST).bind(account).fetch_all(c).await)
}

/// One of them.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, id: KeywordId) -> sqlx::Result<Option<Keyword>> {
    on!(store.read(), |c| sqlx::query_as(ONE).bind(account).bind(id).fetch_optional(c).await)
}

/// The word that somebody wrote, if it is one here.
pub(super) async fn heard(tx: &mut Tx, account: AccountId, channel: ChannelId, text: &str) -> sqlx::Result<Option<KeywordId>> {
    // Marks around a word are part of what somebody types, not of the word.
    if text.chars().count() > 2 * LONGEST {
        return Ok(None);
    }
    let folded = bare(text);
    if folded.is_empty() {
        return Ok(None);
    }
    on!(tx.conn(), |c| sqlx::query_scalar(HEARD).bind(account).bind(&folded).bind(channel).fetch_optional(c).await)
}

/// Notes that somebody came by a word, in this message.
pub(super) async fn visit(
    tx: &mut Tx,
    account: AccountId,
    id: KeywordId,
    contact: ContactId,
    message: &str,
    now: Moment,
) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(VISIT).bind(id).bind(contact).bind(account).bind(message).bind(now).execute(c).await.map(|_| ()))
}

/// The word a contact came by, and their message: none if they did not, for a button's data can be
/// made up.
pub(super) async fn came(tx: &mut Tx, account: AccountId, id: KeywordId, contact: ContactId) -> sqlx::Result<Option<(String, String)>> {
    on!(tx.conn(), |c| sqlx::query_as(CAME).bind(account).bind(id).bind(contact).fetch_optional(c).await)
}
