//! A web form of ours for two consents: personal data and advertising, each with its own tick and
//! its own words. Anybody can fill a form, so it is no consent by itself: the person presses the
//! link to our bot afterwards, and only that records both, with the form and the chat as evidence.
//!
//! What was typed is kept until it is confirmed or old. The phone is evidence of the form and never
//! an address: the messenger vouches for a phone, a form does not.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{Purpose, wording};
use crate::{
    account::Language,
    clock::Moment,
    id::{AccountId, ChannelId, ContactId, FormId, WordingId},
    on,
    secret::{Sealer, keyed},
    store::{Store, Tx},
    text::{
        clean,
        phone::{self, PhoneError},
    },
};

/// Where forms are, below our public address: a channel's [`code`] follows.
pub const PATH: &str = "/consent";
/// How long a form waits to be confirmed.
pub const LIFE: TimeDelta = TimeDelta::days(7);
/// Forms of a channel that wait for confirmation, made within [`WINDOW`], at most: beyond them
/// somebody is filling them by a program.
pub const MOST: i64 = 500;
/// See [`MOST`].
pub const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Characters of a name.
pub const NAME: usize = 100;
/// Bytes of the code in a form's address.
const CODE: usize = 16;

/// Keeps what was typed.
pub const INSERT: &str = "insert into consent_form (id, account_id, channel_id, token, name, phone, data_wording, ads_wording, shown, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// How many wait.
pub const WAITING: &str =
    "select count(*) from consent_form where account_id = $1 and channel_id = $2 and taken_at is null and created_at > $3";
/// Confirms one, once.
pub const TAKE: &str = "update consent_form set taken_at = $4 where account_id = $1 and channel_id = $2 and token = $3 and taken_at is null \
    and created_at > $5 returning id, name, data_wording, ads_wording, shown, created_at";
/// Whose it is.
pub const BELONGS: &str = "update consent_form set contact_id = $3 where account_id = $1 and id = $2";
/// Every statement.
pub const ALL: &[&str] = &[INSERT, WAITING, TAKE, BELONGS];

/// The last part of a form's address: the channel, and a code that only whoever has the sealing key
/// can make.
#[must_use]
pub fn code(sealer: &Sealer, channel: ChannelId) -> String {
    URL_SAFE_NO_PAD.encode([channel.0.as_bytes().as_slice(), &mac(sealer, channel)].concat())
}

/// The channel that such a part names; `None`: it is none of ours.
#[must_use]
pub fn named(sealer: &Sealer, code: &str) -> Option<ChannelId> {
    let bytes = URL_SAFE_NO_PAD.decode(code).ok().filter(|bytes| bytes.len() == 16 + CODE)?;
    let channel = ChannelId(uuid::Uuid::from_slice(bytes.get(..16)?).ok()?);
    bool::from(mac(sealer, channel).ct_eq(bytes.get(16..)?)).then_some(channel)
}

fn mac(sealer: &Sealer, channel: ChannelId) -> [u8; CODE] {
    let mut code = [0; CODE];
    code.copy_from_slice(&keyed(&sealer.derive("consent forms"), &[channel.0.as_bytes()])[..CODE]);
    code
}

/// The words a form shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub data: wording::Wording,
    pub ads: wording::Wording,
}

impl Words {
    /// The hash of both, as they were shown.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for text in [&self.data.body, &self.ads.body] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hex::encode(hash.finalize())
    }
}

/// The words an account's form shows in a language; `None`: it has none.
///
/// # Errors
/// The database's.
pub async fn words(store: &Store, account: AccountId, language: Language) -> sqlx::Result<Option<Words>> {
    let data = wording::current(store, account, Purpose::PersonalData, language).await?;
    let ads = wording::current(store, account, Purpose::Marketing, language).await?;
    Ok(data.zip(ads).map(|(data, ads)| Words { data, ads }))
}

/// What was typed and ticked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filled {
    pub name: String,
    pub phone: String,
    /// The tick under the words about personal data.
    pub data: bool,
    /// The tick under the words about advertising.
    pub ads: bool,
}

/// Why a form was not taken.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The name is empty or too long.
    #[error("a name has 1 to {NAME} characters")]
    Name,
    /// The phone is none.
    #[error("the phone cannot be read: {0}")]
    Phone(#[from] PhoneError),
    /// Without the consent to personal data nothing that was typed may be kept.
    #[error("without the consent to personal data nothing is kept")]
    NotAgreed,
    /// Too many forms wait to be confirmed.
    #[error("too many forms wait to be confirmed")]
    TooMany,
    /// The database's.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Keeps a form until it is confirmed; the payload of the link that confirms it is given.
///
/// # Errors
/// [`FormError`].
pub async fn submit(
    store: &Store,
    (account, channel): (AccountId, ChannelId),
    words: &Words,
    filled: &Filled,
    region: &str,
    now: Moment,
) -> Result<String, FormError> {
    if !filled.data {
        return Err(FormError::NotAgreed);
    }
    let name = clean(&filled.name);
    if !(1..=NAME).contains(&name.chars().count()) {
        return Err(FormError::Name);
    }
    let phone = phone::normalise(&filled.phone, region)?;
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
    let mut tx = store.begin().await?;
    let waiting: i64 = on!(tx.conn(), |c| sqlx::query_scalar(WAITING).bind(account).bind(channel).bind(now - WINDOW).fetch_one(c).await)?;
    if waiting >= MOST {
        return Err(FormError::TooMany);
    }
    on!(tx.conn(), |c| sqlx::query(INSERT)
        .bind(FormId::new())
        .bind(account)
        .bind(channel)
        .bind(&token)
        .bind(&name)
        .bind(&phone)
        .bind(words.data.id)
        .bind(filled.ads.then_some(words.ads.id))
        .bind(words.sha256())
        .bind(now)
        .execute(c)
        .await
        .map(|_| ()))?;
    tx.commit().await?;
    Ok(token)
}

/// A form that its writer confirmed in the messenger.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Confirmed {
    pub id: FormId,
    pub name: String,
    pub data_wording: WordingId,
    /// `None`: the tick was not set.
    pub ads_wording: Option<WordingId>,
    /// The hash of the words as they were shown.
    pub shown: String,
    pub created_at: Moment,
}

/// Confirms the form whose link brought a chat here, once.
///
/// # Errors
/// The database's.
pub async fn take(tx: &mut Tx, account: AccountId, channel: ChannelId, token: &str, now: Moment) -> sqlx::Result<Option<Confirmed>> {
    on!(tx.conn(), |c| sqlx::query_as(TAKE).bind(account).bind(channel).bind(token).bind(now).bind(now - LIFE).fetch_optional(c).await)
}

/// Notes whose form it is.
///
/// # Errors
/// The database's.
pub async fn belongs(tx: &mut Tx, account: AccountId, form: FormId, contact: ContactId) -> sqlx::Result<()> {
    on!(tx.conn(), |c| sqlx::query(BELONGS).bind(account).bind(form).bind(contact).execute(c).await.map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn an_address_names_its_channel_and_cannot_be_made_up() {
        let (sealer, channel) = (testing::sealer(), ChannelId::new());
        let code = code(&sealer, channel);
        assert_eq!(named(&sealer, &code), Some(channel));
        assert!(code.len() <= 64 && crate::secret::is_url_safe(&code), "{code}");
        for wrong in ["", "x", &code[1..], &self::code(&Sealer::new(&[9; 32]), channel)] {
            assert_eq!(named(&sealer, wrong), None, "{wrong}");
        }
    }
}
