//! A messenger that gives no good answer for long, because its server is away or cut off from here:
//! its channels say so, and the members are told once a messenger, and once more when it is back.

use serde_json::json;

use super::{ChannelKind, queries, store::ChannelRow};
use crate::{
    clock::Moment,
    id::{AccountId, ChannelId},
    notice::{self, NewNotice, NoticeKind},
    on,
    store::{Store, Tx},
};

/// The channel's messenger gives no good answer since `since`; `true`: that is new.
///
/// # Errors
/// The database's.
pub async fn cut(store: &Store, channel: ChannelId, since: Moment, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let found: Option<(AccountId, ChannelKind, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::CUT).bind(channel).bind(since).fetch_optional(c).await)?;
    if let Some((account, kind, name)) = &found {
        tell(&mut tx, NoticeKind::ChannelCut, channel, (*account, *kind, name), since, now).await?;
    }
    tx.commit().await?;
    Ok(found.is_some())
}

/// The channel's messenger answers again; `true`: that is new.
///
/// # Errors
/// The database's.
pub async fn back(store: &Store, channel: ChannelId, since: Moment, now: Moment) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    let found: Option<(AccountId, ChannelKind, String)> =
        on!(tx.conn(), |c| sqlx::query_as(queries::BACK).bind(channel).fetch_optional(c).await)?;
    if let Some((account, kind, name)) = &found {
        tell(&mut tx, NoticeKind::ChannelBack, channel, (*account, *kind, name), since, now).await?;
    }
    tx.commit().await?;
    Ok(found.is_some())
}

/// The messenger lost what people wrote while nobody asked for it, a «stop» perhaps among it: the
/// members are told, for only a person can look. Once an hour, however often it says so.
///
/// # Errors
/// The database's.
pub async fn forgot(store: &Store, row: &ChannelRow, now: Moment) -> sqlx::Result<()> {
    let kind = NoticeKind::ChannelForgot;
    let payload = json!({ "channel": row.id, "name": row.name, "messenger": row.kind });
    let dedupe_key = format!("{kind}:{}:{}", row.id, now.timestamp() / 3_600);
    let mut tx = store.begin().await?;
    notice::raise(&mut tx, NewNotice { account: row.account_id, member: None, kind, payload, dedupe_key }, now).await?;
    tx.commit().await
}

/// Tells the members, unless another channel of the messenger is cut: they were told with the first
/// one, and will be with the last.
async fn tell(
    tx: &mut Tx,
    kind: NoticeKind,
    channel: ChannelId,
    (account, messenger, name): (AccountId, ChannelKind, &str),
    since: Moment,
    now: Moment,
) -> sqlx::Result<()> {
    let others: i64 =
        on!(tx.conn(), |c| sqlx::query_scalar(queries::OTHERS_CUT).bind(account).bind(messenger).bind(channel).fetch_one(c).await)?;
    if others > 0 {
        return Ok(());
    }
    let payload = json!({ "channel": channel, "name": name, "messenger": messenger, "since": since });
    let dedupe_key = format!("{kind}:{channel}:{}", since.timestamp_millis());
    notice::raise(tx, NewNotice { account, member: None, kind, payload, dedupe_key }, now).await
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{both, clock, delivery::fixture::Fixture};

    async fn told(store: &Store) -> Vec<(String, String)> {
        let sql = "select kind, cast(payload as text) from notice order by id";
        on!(store.read(), |c| sqlx::query_as(sql).fetch_all(c).await).expect("notices")
    }

    both!(async fn members_are_told_once_an_hour_that_a_messenger_lost_what_people_wrote(store) {
        let (fixture, now) = (Fixture::new(&store, 0, 30.0).await, "2026-11-29T10:20:00Z".parse::<Moment>().expect("a moment"));
        let row = crate::channel::store::find(&store, fixture.channel).await.expect("asked").expect("there");
        for minutes in [0, 9, 39, 40] {
            forgot(&store, &row, now + TimeDelta::minutes(minutes)).await.expect("told");
        }
        let told = told(&store).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|(kind, payload)| kind == "channel.forgot" && payload.contains("telegram")), "{told:?}");
    });

    both!(async fn members_are_told_once_a_messenger_and_once_more_when_it_is_back(store) {
        let (fixture, now) = (Fixture::new(&store, 0, 30.0).await, clock::now());
        let second = ChannelId::new();
        let copy = "insert into channel (id, account_id, kind, name, external_id, credentials, settings, state, hook_secret, created_at) \
            select $1, account_id, kind, 'Второй', 'second', credentials, settings, state, hook_secret, created_at from channel where id = $2";
        let mut tx = store.begin().await.unwrap();
        on!(tx.conn(), |c| sqlx::query(copy).bind(second).bind(fixture.channel).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let since = now - TimeDelta::minutes(10);
        assert!(cut(&store, fixture.channel, since, now).await.unwrap());
        assert!(!cut(&store, fixture.channel, since, now).await.unwrap(), "it is known");
        assert!(cut(&store, second, since, now).await.unwrap());
        let notices = told(&store).await;
        assert_eq!(notices.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["channel.cut"]);
        assert!(notices[0].1.contains("telegram"), "{notices:?}");
        let row = crate::channel::store::find(&store, second).await.unwrap().unwrap();
        assert_eq!(row.cut_since, Some(since));
        assert!(back(&store, second, since, now).await.unwrap());
        assert_eq!(told(&store).await.len(), 1, "the other one is cut still");
        assert!(back(&store, fixture.channel, since, now).await.unwrap());
        assert!(!back(&store, fixture.channel, since, now).await.unwrap());
        let kinds: Vec<String> = told(&store).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["channel.cut", "channel.back"]);
        // Another time is another notice.
        assert!(cut(&store, fixture.channel, now, now).await.unwrap());
        assert_eq!(told(&store).await.len(), 3);
    });
}
