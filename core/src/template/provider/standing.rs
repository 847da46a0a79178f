//! Where templates stand at their providers: handed in by a member, followed by the provider's news
//! and, where news are lost, by a look.
//!
//! The row is there before the call. A call whose answer is lost leaves it `sending`; the next look
//! finds the template at the provider or, once it must have been there, gone.

use chrono::TimeDelta;
use serde_json::json;
use sqlx::types::Json;

use super::{Compiled, Filler, Mapping, Refusal, compile, queries};
use crate::{
    account::{Actor, Language, Right},
    channel::{
        Category, Channel, ChannelKind, Media, MediaSource, ReviewState, SendError, TemplateForm, TemplateNews, registry,
        store::{self as channels, ChannelError, ChannelState},
    },
    clock::Moment,
    config::Endpoints,
    contact::{Field, FieldKind, field, occasion},
    id::{AccountId, CampaignId, ChannelId, ProviderTemplateId, VersionId},
    notice::{self, NewNotice, NoticeKind},
    on,
    secret::Sealer,
    store::{Store, Tx, audit, file},
    template::{
        AccountFacts, Facts,
        engine::ParseError,
        versions::{self, Version},
    },
    text::clean_to,
};

/// A template is looked at this soon after it was handed in, and then at least this often while it
/// is not decided; what is decided is looked at every hour. News come sooner, as long as they come.
const SOON: TimeDelta = TimeDelta::minutes(1);
const WAITING: TimeDelta = TimeDelta::minutes(5);
const DECIDED: TimeDelta = TimeDelta::hours(1);
/// One that the provider does not know so long after it was handed in was never taken.
const LOST: TimeDelta = TimeDelta::minutes(3);
/// News tell their time in whole seconds.
const COARSE: TimeDelta = TimeDelta::seconds(2);
/// Templates of one look.
const SOME: i64 = 200;
/// Longest reason that is kept of a template that is not taken, characters: where templates are
/// made at the provider, it is the whole text that is to be made there.
const REASON: usize = 1_000;
/// Longest name that is made of a template's own, before its number; characters.
const NAME: usize = 32;

/// A version at the provider of a channel.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Standing {
    pub id: ProviderTemplateId,
    pub channel_id: ChannelId,
    pub kind: ChannelKind,
    /// The channel's name, for people.
    pub channel: String,
    #[sqlx(rename = "template_version_id")]
    pub version: VersionId,
    /// The template's own name, for people.
    pub template: String,
    /// The name at the provider.
    pub name: String,
    pub language: String,
    /// As the provider has it now.
    pub category: Category,
    pub state: ReviewState,
    /// The provider's id of it; empty: not told yet.
    pub external_id: String,
    /// Why, in the provider's word.
    pub reason: Option<String>,
    /// How people take it, in the provider's word.
    pub quality: Option<String>,
    #[sqlx(json)]
    pub mapping: Mapping,
    /// [`Compiled::digest`] with the name, the language and the category it was handed in with.
    pub digest: String,
    pub submitted_at: Moment,
    /// When its state changed last.
    pub changed_at: Moment,
}

impl Standing {
    /// What fills it.
    ///
    /// # Errors
    /// [`ParseError`]: it was handed in under an engine that took it.
    pub fn filler(self) -> Result<Filler, ParseError> {
        let most = registry::capabilities(self.kind).templates.map_or(usize::MAX, |rules| rules.text);
        Filler::new((self.name, self.external_id), self.language, self.mapping, most)
    }
}

/// Why a template was not handed in.
#[derive(Debug, thiserror::Error)]
pub enum HandInError {
    /// The member's role does not allow it.
    #[error("the role does not allow this")]
    Forbidden,
    /// The account has no such version or channel, or the channel's messenger has no templates.
    #[error("there is no such version, or no such channel")]
    NotFound,
    /// The version is not approved here: nobody else sees it before.
    #[error("the version is not approved")]
    NotApproved,
    /// The channel is not active.
    #[error("the channel is not active")]
    ChannelNotActive,
    /// It cannot be such a template; its author must mend it.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// Its file is gone.
    #[error("the template's file is gone")]
    File,
    /// The provider did not take the call, or nobody knows whether it did: it may be tried again.
    #[error("the provider was not asked: {0}")]
    Provider(#[source] SendError),
    /// The channel's credentials do not open.
    #[error("the channel cannot be used: {0}")]
    Channel(#[from] ChannelError),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// What a word of the provider changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// As it is now.
    pub now: Standing,
    pub before: ReviewState,
}

/// A version at a channel's provider.
///
/// # Errors
/// The database's.
pub async fn one(store: &Store, account: AccountId, channel: ChannelId, version: VersionId) -> sqlx::Result<Option<Standing>> {
    on!(store.read(), |c| sqlx::query_as(queries::ONE).bind(account).bind(channel).bind(version).fetch_optional(c).await)
}

/// A version at the providers of all channels of the account.
///
/// # Errors
/// The database's.
pub async fn of_version(store: &Store, account: AccountId, version: VersionId) -> sqlx::Result<Vec<Standing>> {
    on!(store.read(), |c| sqlx::query_as(queries::OF_VERSION).bind(account).bind(version).fetch_all(c).await)
}

/// What a step of a campaign goes by, where its channel's provider has one.
///
/// # Errors
/// The database's.
pub async fn of_step(store: &Store, account: AccountId, campaign: CampaignId, step: i16) -> sqlx::Result<Option<Standing>> {
    on!(store.read(), |c| sqlx::query_as(queries::OF_STEP).bind(account).bind(campaign).bind(step).fetch_optional(c).await)
}

/// A contact with every value, so that each has an example. It is nobody: examples leave the house.
fn sample(account: &AccountFacts, fields: &[Field], now: Moment) -> Facts {
    let attributes = fields
        .iter()
        .map(|field| {
            let value = match field.kind {
                FieldKind::Text => field.title.as_str().into(),
                FieldKind::Number => 5.into(),
                FieldKind::Date => "2026-01-31".into(),
                FieldKind::Flag => true.into(),
            };
            (field.key.clone(), value)
        })
        .chain(occasion::examples(now, account.tz()))
        .collect();
    let advertiser = if account.advertiser.trim().is_empty() { &account.name } else { &account.advertiser };
    let (name, first_name, last_name) = match account.language {
        Language::Ru => ("Анна Ивановна Петрова", "Анна", "Петрова"),
        Language::En => ("Anna Smith", "Anna", "Smith"),
    };
    Facts {
        name: name.to_owned(),
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        attributes,
        account_name: account.name.clone(),
        advertiser: advertiser.clone(),
        now,
        zone: account.tz(),
        language: account.language,
    }
}

/// A version as the provider of a messenger would get it.
#[derive(Debug)]
struct Drafted {
    version: Version,
    compiled: Compiled,
    form: TemplateForm,
    /// With all that is handed in.
    digest: String,
}

async fn drafted(store: &Store, account: AccountId, kind: ChannelKind, id: VersionId, now: Moment) -> Result<Drafted, HandInError> {
    let rules = registry::capabilities(kind).templates.ok_or(HandInError::NotFound)?;
    let version = versions::version(store, account, id).await?.ok_or(HandInError::NotFound)?;
    let content = version.content();
    let info = match content.media {
        Some((_, file)) => Some(file::info(store, account, file).await?.ok_or(HandInError::File)?),
        None => None,
    };
    let fields = field::list(store, account).await?;
    let facts = crate::template::account_facts(store, account).await?.ok_or(sqlx::Error::RowNotFound)?;
    let compiled = compile(&content, info.as_ref().map(|info| info.mime.as_str()), &sample(&facts, &fields, now), &rules)?;
    let header = match content.media.zip(info) {
        Some(((kind, _), info)) => {
            let bytes = file::content(store, account, info.id).await?.ok_or(HandInError::File)?;
            Some(Media { kind: kind.into(), source: MediaSource::Bytes { name: info.name, mime: info.mime, content: bytes.into() } })
        }
        None => None,
    };
    let names = compiled.mapping.values.iter().map(|value| value.name.clone());
    let form = TemplateForm {
        name: name(&version),
        language: match facts.language {
            Language::Ru => "ru".to_owned(),
            Language::En => "en".to_owned(),
        },
        category: version.class.into(),
        body: compiled.body.clone(),
        values: names.zip(compiled.examples.iter().cloned()).collect(),
        header,
        buttons: compiled.buttons.clone(),
    };
    let category: &str = form.category.into();
    let digest = format!("{}:{}:{category}:{}", form.name, form.language, compiled.digest);
    Ok(Drafted { version, compiled, form, digest })
}

/// A name at the provider that nothing else has: the template's own in latin letters, the version's
/// number, and the end of its id.
fn name(version: &Version) -> String {
    let own: String = field::suggest_key(&version.name, &[]).chars().take(NAME).collect();
    let id = version.id.0.simple().to_string();
    format!("{}_v{}_{}", own.trim_end_matches('_'), version.number, &id[id.len() - 10..])
}

/// Whether a version can be a template of this messenger's provider: asked before anything is
/// handed in.
///
/// # Errors
/// [`HandInError`].
pub async fn check(store: &Store, account: AccountId, kind: ChannelKind, version: VersionId, now: Moment) -> Result<(), HandInError> {
    drafted(store, account, kind, version, now).await.map(|_| ())
}

/// So long the call that hands a template in may be under way.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(2);

/// Hands a version in for review by a channel's provider. What is there already, and was neither
/// refused nor lost, is left as it is.
///
/// # Errors
/// [`HandInError`]. A template that the provider refuses as it is is no error: its row says so.
pub async fn hand_in(
    store: &Store,
    sealer: &Sealer,
    endpoints: &Endpoints,
    actor: &Actor,
    channel: ChannelId,
    version: VersionId,
    now: Moment,
) -> Result<Standing, HandInError> {
    // What is approved here may be shown to the provider; whoever edits campaigns does it.
    if !actor.role.may(Right::Edit) && !actor.role.may(Right::Approve) {
        return Err(HandInError::Forbidden);
    }
    let row = channels::get(store, actor.account, channel).await?.ok_or(HandInError::NotFound)?;
    if row.state != ChannelState::Active {
        return Err(HandInError::ChannelNotActive);
    }
    let drafted = drafted(store, actor.account, row.kind, version, now).await?;
    if drafted.version.state != versions::VersionState::Approved {
        return Err(HandInError::NotApproved);
    }
    let (_, adapter) = channels::load(store, sealer, endpoints, channel).await?;
    if !begin(store, actor, channel, &drafted, now).await? {
        return one(store, actor.account, channel, version).await?.ok_or(HandInError::NotFound);
    }
    let told = match adapter.submit_template(&drafted.form).await {
        Ok(news) => TemplateNews { state: news.state.or(Some(ReviewState::Pending)), ..news },
        Err(SendError::Rejected(why)) => {
            let reason = Some(clean_to(&why, REASON));
            TemplateNews { state: Some(ReviewState::Refused), reason, ..TemplateNews::default() }
        }
        // A look will tell.
        Err(SendError::Unknown(why)) => {
            tracing::warn!(channel.id = %channel, error = %why, "it is not known whether a template was handed in, a look will tell");
            return one(store, actor.account, channel, version).await?.ok_or(HandInError::NotFound);
        }
        Err(error) => {
            let gone = TemplateNews { state: Some(ReviewState::Gone), ..TemplateNews::default() };
            apply_to(store, actor.account, channel, version, &gone, now).await?;
            return Err(HandInError::Provider(error));
        }
    };
    apply_to(store, actor.account, channel, version, &told, now).await?;
    one(store, actor.account, channel, version).await?.ok_or(HandInError::NotFound)
}

/// Writes down that it is being handed in; `false`: it is there.
async fn begin(store: &Store, actor: &Actor, channel: ChannelId, drafted: &Drafted, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let begun = on!(tx.conn(), |c| sqlx::query(queries::BEGIN)
        .bind(ProviderTemplateId::new())
        .bind(actor.account)
        .bind(channel)
        .bind(drafted.version.id)
        .bind(&drafted.form.name)
        .bind(&drafted.form.language)
        .bind(drafted.form.category)
        .bind(Json(&drafted.compiled.mapping))
        .bind(&drafted.digest)
        .bind(actor.member)
        .bind(now)
        .bind(now + SOON)
        .bind(now - UNDER_WAY)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    if begun == 1 {
        let details = json!({ "channel": channel, "name": drafted.form.name, "digest": drafted.digest });
        let version = drafted.version.id.to_string();
        audit::record(&mut tx, actor.account, &actor.member.to_string(), "template.hand_in", &version, &details, now).await?;
    }
    tx.commit().await?;
    Ok(begun == 1)
}

/// What the provider's answer says of the one that was just handed in: its member sees it.
async fn apply_to(
    store: &Store,
    account: AccountId,
    channel: ChannelId,
    version: VersionId,
    news: &TemplateNews,
    now: Moment,
) -> sqlx::Result<()> {
    let Some(row) = one(store, account, channel, version).await? else { return Ok(()) };
    let mut tx = store.begin().await?;
    set(&mut tx, account, row, news, now).await?;
    tx.commit().await
}

/// Takes what a provider tells of a template, and raises the notices of it. Several channels of an
/// account may go by the same one.
///
/// A word that forbids holds whenever it comes. One that allows counts only if it is newer than
/// what is known: news come in any order.
///
/// # Errors
/// The database's.
pub async fn told(store: &Store, account: AccountId, kind: ChannelKind, news: &TemplateNews, now: Moment) -> sqlx::Result<Vec<Changed>> {
    let rows: Vec<Standing> = on!(store.read(), |c| sqlx::query_as(queries::TOLD)
        .bind(account)
        .bind(kind)
        .bind(&news.external_id)
        .bind(&news.name)
        .bind(&news.language)
        .fetch_all(c)
        .await)?;
    let mut changed = Vec::new();
    for row in rows {
        let allows = matches!(news.state, Some(ReviewState::Approved | ReviewState::Pending));
        // Of one that waits nothing newer is known than that it was handed in, by our clock.
        let waits = matches!(row.state, ReviewState::Sending | ReviewState::Pending);
        let old = news.at.is_some_and(|at| at + COARSE < row.changed_at) && !waits;
        let news = TemplateNews { state: news.state.filter(|_| !(allows && old)), ..news.clone() };
        changed.extend(take(store, account, row, &news, now).await?);
    }
    Ok(changed)
}

/// Writes news down and raises a notice where something was decided.
async fn take(store: &Store, account: AccountId, row: Standing, news: &TemplateNews, now: Moment) -> sqlx::Result<Option<Changed>> {
    let mut tx = store.begin().await?;
    let Some(changed) = set(&mut tx, account, row, news, now).await? else { return Ok(None) };
    tell(&mut tx, account, &changed, now).await?;
    tx.commit().await?;
    Ok(Some(changed))
}

/// The row as the news leave it; `None`: somebody else changed it at the same moment, and the next
/// look sees.
async fn set(tx: &mut Tx, account: AccountId, row: Standing, news: &TemplateNews, now: Moment) -> sqlx::Result<Option<Changed>> {
    let before = row.state;
    let state = news.state.unwrap_or(before);
    let moved = state != before;
    let mut now_is = Standing {
        state,
        external_id: if news.external_id.is_empty() { row.external_id.clone() } else { news.external_id.clone() },
        // Why it is so belongs to the state.
        reason: if moved { news.reason.clone() } else { news.reason.clone().or_else(|| row.reason.clone()) },
        quality: news.quality.clone().or_else(|| row.quality.clone()),
        category: news.category.unwrap_or(row.category),
        changed_at: if moved { news.at.unwrap_or(now) } else { row.changed_at },
        ..row
    };
    if state == ReviewState::Approved {
        now_is.reason = None;
    }
    let look = match state {
        ReviewState::Refused | ReviewState::Gone | ReviewState::Disabled => None,
        ReviewState::Sending | ReviewState::Pending => Some(now + WAITING),
        ReviewState::Approved | ReviewState::Rejected | ReviewState::Paused => Some(now + DECIDED),
    };
    let touched = on!(tx.conn(), |c| sqlx::query(queries::SET)
        .bind(account)
        .bind(now_is.id)
        .bind(before)
        .bind(now_is.state)
        .bind(&now_is.external_id)
        .bind(&now_is.reason)
        .bind(&now_is.quality)
        .bind(now_is.category)
        .bind(now_is.changed_at)
        .bind(look)
        .execute(c)
        .await
        .map(|r| r.rows_affected()))?;
    Ok((touched == 1).then_some(Changed { now: now_is, before }))
}

/// Managers are told what was decided.
async fn tell(tx: &mut Tx, account: AccountId, changed: &Changed, now: Moment) -> sqlx::Result<()> {
    let row = &changed.now;
    let kind = match (row.state, row.state != changed.before) {
        (_, false) | (ReviewState::Sending | ReviewState::Pending, _) => return Ok(()),
        (ReviewState::Approved, true) => NoticeKind::TemplateAccepted,
        _ => NoticeKind::TemplateBarred,
    };
    let payload = json!({
        "version": row.version, "name": row.template, "messenger": row.kind, "channel": row.channel, "state": row.state, "reason": row.reason,
    });
    let dedupe_key = format!("{kind}:{}:{}:{}", row.id, row.state.as_str(), row.changed_at.timestamp_millis());
    notice::raise(tx, NewNotice { account, member: None, kind, payload, dedupe_key }, now).await
}

/// The templates of a channel that are due are looked at later.
///
/// # Errors
/// The database's.
pub async fn put_off(store: &Store, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::LOOK_LATER)
        .bind(account)
        .bind(channel)
        .bind(now)
        .bind(now + WAITING)
        .execute(c)
        .await
        .map(|_| ()))
}

/// The provider refused a message for its template: what it tells of the channel's templates is
/// asked for at once.
///
/// # Errors
/// The database's.
pub async fn look_now(store: &Store, account: AccountId, channel: ChannelId, now: Moment) -> sqlx::Result<()> {
    on!(store.once(), |c| sqlx::query(queries::LOOK_NOW).bind(account).bind(channel).bind(now).execute(c).await.map(|_| ()))
}

/// Looks at the templates of a channel that are due, and gives what changed.
///
/// # Errors
/// The database's; that the provider gave no answer is logged, and the next look asks again.
pub async fn look(store: &Store, account: AccountId, channel: ChannelId, adapter: &dyn Channel, now: Moment) -> sqlx::Result<Vec<Changed>> {
    let rows: Vec<Standing> =
        on!(store.read(), |c| sqlx::query_as(queries::OF_CHANNEL).bind(account).bind(channel).bind(now).bind(SOME).fetch_all(c).await)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // Whoever looks at the same moment finds nothing due; one who fails is followed by the next.
    put_off(store, account, channel, now).await?;
    let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
    let found = match adapter.templates(&names).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(channel.id = %channel, %error, "the provider did not tell of its templates, the next look asks again");
            return Ok(Vec::new());
        }
    };
    let mut changed = Vec::new();
    for row in rows {
        let is_it = |one: &&TemplateNews| one.name == row.name && one.language == row.language;
        let by_id = |one: &&TemplateNews| !row.external_id.is_empty() && one.external_id == row.external_id;
        let there = found.iter().find(by_id).or_else(|| found.iter().find(is_it));
        let news = match there {
            Some(news) => news.clone(),
            None if row.state != ReviewState::Sending || now - row.submitted_at >= LOST => {
                TemplateNews { state: Some(ReviewState::Gone), ..TemplateNews::default() }
            }
            None => TemplateNews::default(),
        };
        changed.extend(take(store, account, row, &news, now).await?);
    }
    Ok(changed)
}
