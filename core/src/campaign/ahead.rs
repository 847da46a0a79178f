//! Whom a messenger would refuse, asked before a launch
//! ([`crate::channel::Capabilities::asks_ahead`]): so the forecast says who forbade messages, and
//! no call is spent on them. It is asked once a campaign is handed in and once it is approved.
//! Nothing waits for it: what a messenger does not answer is found out by sending, as elsewhere.
//!
//! Whoever may not be written to has an address that reaches nobody, with a mark of its own. They
//! are asked for again with the next campaign, for they may have allowed messages since; what they
//! do themselves (a permission, a word) makes them reachable at once.

use super::{
    Campaign, Result,
    audience::{Arg, bind_args, classified},
    queries, spec,
    spec::Via,
};
use crate::{
    channel::{ChannelKind, SendError, registry},
    clock::Moment,
    contact::id_range::{IdRange, ranges},
    id::{AccountId, AddressId},
    on,
    store::Store,
    words::Reason,
};

/// Somebody of a step's audience who may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    pub address: AddressId,
    /// As the channel writes it.
    pub value: String,
    /// The messenger said before that they may not be written to.
    pub forbidden: bool,
}

/// Whether a messenger can be asked.
#[must_use]
pub fn is_asked(kind: ChannelKind) -> bool {
    registry::capabilities(kind).asks_ahead > 0
}

/// The parts of an audience that are looked at one after the other.
///
/// # Errors
/// The database's.
pub async fn parts(store: &Store, account: AccountId) -> sqlx::Result<Vec<IdRange>> {
    ranges(store, account).await
}

/// Who of a part begins with a step and would get it, and who would but for what the messenger said
/// before.
///
/// # Errors
/// As [`super::audience::forecast`].
pub async fn people(store: &Store, campaign: &Campaign, step: i16, part: IdRange, now: Moment) -> Result<Vec<Person>> {
    let spec = spec::load(Via::Read(store), campaign).await?;
    let mut sql = classified(&spec, store.engine(), now, part);
    let step = sql.arg(Arg::Int(step.into()));
    sql.text = format!(
        "select a.id as address, a.value, coalesce(a.state_reason = 'forbidden', false) as forbidden from ({}) x join address a on a.id = x.address_id \
         where x.step = {step} and (x.reason is null or x.reason = '{}' and a.state_reason = 'forbidden')",
        sql.text,
        Reason::Unreachable
    );
    Ok(on!(store.read(), |c| {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql.text.as_str())).persistent(false);
        bind_args!(query, &sql.args).fetch_all(c).await
    })?)
}

/// Keeps what a messenger said of these people: by their addresses, whether they may be written to
/// or how a message would be refused. What is no word about them changes nothing. Gives how many
/// addresses it is news of.
///
/// # Errors
/// The database's; then nothing was kept.
pub async fn keep(
    store: &Store,
    account: AccountId,
    people: &[Person],
    told: &[(String, std::result::Result<(), SendError>)],
    now: Moment,
) -> sqlx::Result<u64> {
    let mut tx = store.begin().await?;
    let mut changed = 0;
    for (value, said) in told {
        let Some(person) = people.iter().find(|one| one.value == *value) else { continue };
        let sql = match said {
            Ok(()) if person.forbidden => queries::ALLOWED_AHEAD,
            Err(SendError::Blocked | SendError::Unreachable(_)) if !person.forbidden => queries::FORBIDDEN_AHEAD,
            Ok(()) | Err(_) => continue,
        };
        changed +=
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(person.address).bind(now).execute(c).await.map(|r| r.rows_affected()))?;
    }
    tx.commit().await?;
    Ok(changed)
}
