//! Receipts of a whole dialogue: a messenger says only up to which message it was read
//! ([`crate::channel::EventKind::Read`]). Here that becomes a receipt of each message of ours.

use super::queries;
use crate::{
    channel::{MessageName, News, Receipt},
    clock::Moment,
    id::{AccountId, ChannelId},
    store::{Db, Store, heed},
};

/// So many places of a dialogue before the one that was told are looked at.
const BACK: i64 = 200;
/// Receipts of so many dialogues are looked up together.
const TOGETHER: usize = 50;

/// A dialogue that was read: the provider's id of the last message, and when.
pub type ReadUpTo = (String, Moment);

/// The ids of the last messages of a dialogue, newest first: those that end with a smaller number
/// after the last colon. An id without one is itself alone.
fn before(last: &str) -> Vec<String> {
    let places = last.rsplit_once(':').and_then(|(dialogue, place)| Some((dialogue, place.parse::<i64>().ok()?)));
    let Some((dialogue, place)) = places else { return vec![last.to_owned()] };
    (0..BACK).map(|back| place.saturating_sub(back)).take_while(|place| *place > 0).map(|place| format!("{dialogue}:{place}")).collect()
}

/// What these receipts say of each message of ours that was not known to be read. Of the last
/// message itself one is made in any case: its record may not be written yet.
///
/// # Errors
/// The database's.
pub async fn read_up_to(store: &Store, account: AccountId, channel: ChannelId, reads: &[ReadUpTo]) -> sqlx::Result<Vec<News>> {
    let news = |id: String, at: Moment| News {
        message: MessageName::Ref(id),
        message_ref: None,
        receipt: Receipt::Read,
        at: Some(at),
        detail: None,
        charge: None,
    };
    let mut all = Vec::new();
    for some in reads.chunks(TOGETHER) {
        let refs: Vec<String> = some.iter().flat_map(|(last, _)| before(last)).collect();
        let unread: Vec<String> = match store.read() {
            Db::Sqlite(c) => {
                let refs = serde_json::Value::from(refs).to_string();
                heed(sqlx::query_scalar(queries::UNREAD_SQLITE).bind(account).bind(channel).bind(refs).fetch_all(c).await)?
            }
            Db::Postgres(c) => sqlx::query_scalar(queries::UNREAD_POSTGRES).bind(account).bind(channel).bind(refs).fetch_all(c).await?,
        };
        for (last, at) in some {
            let ids = before(last);
            all.extend(unread.iter().filter(|id| *id != last && ids.contains(id)).map(|id| news(id.clone(), *at)));
            all.push(news(last.clone(), *at));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_message_is_of_its_dialogue_alone() {
        assert_eq!(before("123456:3"), ["123456:3", "123456:2", "123456:1"]);
        assert_eq!(before("m5012"), ["m5012"]);
        assert_eq!((before("7:5000").len(), before("7:x")), (200, vec!["7:x".to_owned()]));
    }
}
