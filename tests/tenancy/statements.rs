//! Every statement on a table with an owner names the account, but for a list with reasons.

use std::collections::BTreeSet;

use super::owned;
use crate::statements::rooms;

/// Statements that name no account, each for a reason.
fn machine_side() -> Vec<&'static str> {
    use mms_core::{
        account::queries as account, campaign::queries as campaign, channel::queries as channel, delivery::daily as delivery_daily,
    };
    use mms_core::{
        contact::queries as contact, crm::queries as crm, delivery::queries as delivery, inbound::queries as inbound, notice, store::proof,
    };
    vec![
        // Signing in begins without an account: a login is one server-wide, a session belongs to a
        // Telegram user, an invitation to whoever holds its secret. What these find says which
        // account it is.
        account::KNOWN_PHONE,
        account::HASHES_OF_PHONE,
        account::USE_LINK,
        account::END_OF_TELEGRAM_USER,
        account::SEEN,
        account::USE_INVITATION,
        // What nobody paid in time is over, of all accounts.
        account::EXPIRE_ORDERS,
        // Money that nobody waited for, by the number it has where it was made; the server gives it
        // back, whosever it is.
        account::STRAY,
        account::END_ASIDE,
        // The number of the newest row, of whomever; what came after it is asked for with the
        // account.
        campaign::NEWEST_DELIVERY,
        // A job or a webhook is given the id of a channel, fenced by its lease or its secret; its
        // row says whose it is.
        channel::CREDENTIALS,
        channel::LEASE,
        channel::LEASED_BY_OTHERS,
        channel::EXTEND,
        channel::GIVE_BACK,
        channel::HOLD,
        channel::SENDS_AGAIN,
        channel::HEARS,
        channel::MEDIA_REF,
        channel::REMEMBER_MEDIA,
        channel::FORGET_MEDIA,
        // What the tick rings for, of all accounts.
        mms_worker::look::OPEN,
        inbound::FAILED_COUNT_ALL,
        contact::RUNNING_IMPORTS,
        // The sync of one connection, fenced by its lease.
        crm::WRITE_LIKE,
        crm::WRITE_END,
        crm::WRITE_LATER,
        crm::CREDENTIALS,
        crm::REFRESHED,
        // (the same text as `inbound::SYNC_NOW`, a hook's hint to one connection)
        crm::SYNC_SOON,
        crm::LEASE_RELEASE,
        crm::LEASE_RENEW,
        crm::LEASE_HOLD,
        crm::CHECKPOINT,
        crm::FINISHED,
        crm::FAILED,
        crm::UNSEEN,
        // Rows a worker claimed, by their own ids and claims; counters in the transaction that
        // moved the rows.
        delivery::COUNT,
        delivery::COUNT_TWO,
        delivery::PACE,
        delivery::READ_TIME,
        delivery::TAKE_SQLITE,
        delivery::TAKE_POSTGRES,
        delivery::SKIP,
        delivery::RECORD_SQLITE,
        delivery::RECORD_WAITING_SQLITE,
        delivery::RECORD_POSTGRES,
        delivery::RECORD_WAITING_POSTGRES,
        // A provider's limit is its owner's, whichever companies write through the owner's senders;
        // a claim counts people and learns nothing of whom.
        delivery_daily::AT_MOST,
        delivery_daily::USED,
        delivery_daily::FREED,
        // A raw event that was read together with its account.
        inbound::TAKE,
        inbound::STILL_NEW,
        inbound::FAILED,
        inbound::QUEUED,
        // The bot sends what is due, of all accounts.
        notice::DONE,
        notice::LATER,
        // A copy of a notice is a message in a chat, found by its notice or by the chat.
        notice::SHOWS,
        notice::FORGET_COPIES,
        notice::COPY_OF_MESSAGE,
        notice::RELEASE,
        // The sealing key is the whole installation's, and so is what a lost one leaves.
        proof::CHANNELS,
        proof::CONNECTIONS,
        proof::FORGET_CHANNELS,
        proof::FORGET_CONNECTIONS,
        // After a restore every account's CRM is read before advertising goes.
        mms_core::campaign::advertising::ASK_CRMS,
        // A card is a message in a chat: the chat is the key.
        mms_bot::frame::cards::DROP,
        mms_bot::frame::cards::DROP_SAME,
        mms_bot::frame::cards::COUNT,
        mms_bot::frame::cards::NEXT,
    ]
}

/// Every statement on a table with an owner names the account, but for the list above.
#[tokio::test]
async fn every_statement_names_the_account() {
    let store = mms_core::testing::store(mms_core::store::Engine::Sqlite).await;
    let mut tables = owned(&store).await;
    tables.extend(["delivery_count", "delivery_pace", "delivery_text", "media_ref", "read_time"].map(str::to_owned));
    let allowed = machine_side();
    let (mut wrong, mut used) = (Vec::new(), BTreeSet::new());
    // Those that differ by engine are in no room's list, for each is prepared on one engine only.
    let by_engine: &'static [&'static str] = &[
        mms_core::delivery::queries::TAKE_SQLITE,
        mms_core::delivery::queries::TAKE_POSTGRES,
        mms_core::delivery::queries::RECORD_SQLITE,
        mms_core::delivery::queries::RECORD_WAITING_SQLITE,
        mms_core::delivery::queries::RECORD_POSTGRES,
        mms_core::delivery::queries::RECORD_WAITING_POSTGRES,
    ];
    // A clock set back and what is old are the whole installation's: those rooms' statements are of
    // no account.
    let rooms = rooms().into_iter().filter(|(room, _)| !["store::clock_jump", "store::retention"].contains(room));
    for (room, statements) in rooms.chain([("delivery, by engine", by_engine)]) {
        for statement in statements {
            // SQLite's word for what to do when a row is refused stands between a change and its
            // table.
            let plain = statement.replace("update or fail ", "update ");
            let words: Vec<&str> =
                plain.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
            let touches = words
                .windows(2)
                .any(|pair| matches!(pair[0], "from" | "into" | "update" | "join") && tables.iter().any(|table| table == pair[1]));
            let names = words.contains(&"account_id");
            match allowed.iter().position(|one| one == statement) {
                Some(at) if touches && !names => drop(used.insert(at)),
                Some(_) => wrong.push(format!("{room}: needs no exception any more: {statement}")),
                None if touches && !names => wrong.push(format!("{room}: names no account: {statement}")),
                None => {}
            }
        }
    }
    for (at, statement) in allowed.iter().enumerate() {
        if !used.contains(&at) {
            wrong.push(format!("an exception for a statement that is not in its room's list: {statement}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
