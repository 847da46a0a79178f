//! What a deleted person leaves behind is blanked, in the transaction that deletes them: what they
//! wrote, what was written to them, what managers and the CRM were told of them, and reports that
//! name them. Rows stay, for they are counted and keep what was done from being done twice; so do
//! the consent ledger, the suppressions and the delivery rows, which prove what was allowed.
//!
//! Every statement finds its rows by a key of the person, never by reading a table.

use chrono::TimeDelta;

use crate::{
    clock::Moment,
    id::{AccountId, ChannelId, ContactId, MemberId, OutgoingId},
    notice::NoticeKind,
    on,
    store::{Store, Tx},
};

/// Raw events the person sent; those not understood yet are needed, and retention takes them.
pub const EVENTS: &str = "update inbound set payload = '' where contact_id = $2 and account_id = $1 and state <> 'new'";
/// What was said.
pub const MESSAGES: &str = "update chat_message set body = '', file_ref = null, file_name = null where account_id = $1 and contact_id = $2";
/// What becomes of a message outside campaigns that goes no more, for this reason: what was to go
/// again may have gone the first time.
#[macro_export]
macro_rules! goes_no_more {
    ($reason:literal) => {
        concat!(
            "state = case when reason = 'repeat' then 'uncertain' else 'failed' end, reason = case when reason = 'repeat' then 'no_answer' else ",
            $reason,
            " end"
        )
    };
}
/// What was to be said goes no more, but for the confirmation of a stop.
pub const UNSAID: &str = concat!(
    "update outgoing set ",
    goes_no_more!("'deleted'"),
    " where account_id = $1 and contact_id = $2 and state = 'queued' and purpose <> 'confirmation'"
);
/// Files that members sent to the person; not those in flight.
pub const REPLY_FILES: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (select o.file_id from outgoing o \
    where o.account_id = $1 and o.contact_id = $2 and o.file_id is not null and o.state in ('sent', 'failed', 'uncertain'))";
/// Messages outside campaigns; not those in flight.
pub const OUTGOING: &str = "update outgoing set payload = '{}', address_value = '', detail = null where account_id = $1 and contact_id = $2 \
    and state in ('sent', 'failed', 'uncertain')";
/// Notes the CRM was told.
pub const TOLD: &str = "update crm_write set payload = '{}', error = null where account_id = $1 and contact_id = $2 and state = 'done'";
/// Notes the CRM refused.
pub const REFUSED: &str =
    "update crm_write set payload = '{}', error = null where account_id = $1 and contact_id = $2 and state = 'failed'";
/// What a CRM wrote to them through us; of what does not go any more it is told.
pub const WRITTEN: &str = "update crm_message set payload = '{}', error = null, turn = turn + 1, \
    due_at = case when outgoing_id is null then due_at else created_at end where account_id = $1 and contact_id = $2";
/// Kept reports of campaigns the person was in: they name people, and are made anew when somebody
/// asks.
pub const REPORTS: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (\
    select r.file_id from delivery d join campaign_file r on r.campaign_id = d.campaign_id and r.kind = 'recipients' \
    and r.account_id = $1 where d.contact_id = $2 and d.account_id = $1)";
/// They are kept no more.
pub const DROP_REPORTS: &str = "delete from campaign_file where account_id = $1 and kind = 'recipients' and campaign_id in (\
    select d.campaign_id from delivery d where d.contact_id = $2 and d.account_id = $1)";
/// The account's channels: a conversation's notice is named by its contact and its channel.
pub const CHANNELS: &str = "select id from channel where account_id = $1";
/// The account's members: what one was told of a conversation given to them is named by the contact
/// and the member.
pub const MEMBERS: &str = "select id from member where account_id = $1";
/// What managers were, or were to be, told of a conversation.
pub const NOTICE: &str = "update notice set payload = '{}', due_at = null where dedupe_key = $2 and account_id = $1";
/// What their writers were, or were to be, told of replies that did not arrive.
pub const UNDELIVERED: &str = "update notice set payload = '{}', due_at = null where account_id = $1 and dedupe_key in (\
    select 'reply.undelivered:' || o.id || ':' || few.state from outgoing o cross join (select 'failed' as state union all select 'uncertain') few \
    where o.account_id = $1 and o.contact_id = $2 and o.purpose = 'reply')";
/// What a provider said of campaigns' messages to them that failed.
pub const WHY: &str = "update delivery set detail = null where account_id = $1 and contact_id = $2 and detail is not null";
/// What raised doubts whether they wanted advertising, and what members said when they lifted one;
/// that there were some stays.
pub const DOUBTS: &str = "update doubt set message_ref = null, evidence = null, reason = null where contact_id = $2 and account_id = $1";
/// What each of two had who turned out to be one person: they are divided no more.
pub const JOINS: &str = "update contact_join set kept = '{}' where account_id = $1 and contact_id = $2 and undone_at is null";
/// What they typed into a form of consents; that they confirmed it stays.
pub const FORMS: &str = "update consent_form set name = '', phone = '' where id in (select f.id from contact c \
    join consent_form f on f.contact_id = c.id where c.account_id = $1 and c.id = $2)";
/// Papers they signed: that a consent rested on one, and its hash, stays in the ledger.
pub const PAPERS: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (\
    select p.file_id from consent_paper p where p.account_id = $1 and p.contact_id = $2 and p.file_id is not null)";
/// What somebody typed of such a paper.
pub const PAPER_WORDS: &str = "update consent_paper set words = '' where account_id = $1 and contact_id = $2 and kept_at is not null";
/// Papers somebody began to tell of.
pub const PAPER_DRAFTS: &str = "delete from consent_paper where account_id = $1 and contact_id = $2 and kept_at is null";
/// In which message they wrote a word by which people come; that they came by it stays counted.
pub const WORD_VISITS: &str = "update keyword_visit set message_ref = '' where account_id = $1 and contact_id = $2";
/// Who may be the same person as they.
pub const ALIKE: &str = "delete from contact_alike where account_id = $1 and one_id = $2";
/// The same, where they are the second.
pub const ALIKE_TOO: &str = "delete from contact_alike where account_id = $1 and two_id = $2";
/// What campaigns sent to them: that something was sent, and what became of it, stays.
pub const TEXTS: &str =
    "delete from delivery_text where delivery_id in (select id from delivery where account_id = $1 and contact_id = $2)";
/// Dossiers of the person, and those of lists and campaigns, which they may be in: made anew when
/// somebody asks.
pub const DOSSIERS: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (\
    select f.id from dossier d join dossier_file p on p.dossier_id = d.id join file f on f.id = p.file_id and f.account_id = d.account_id \
    where d.account_id = $1 and f.size > 0 and (d.subject = $2 or d.scope <> 'person'))";
/// They are kept no more; one that is being made begins anew.
pub const DROP_DOSSIERS: &str = "update dossier set about = case when subject = $2 then '' else about end, \
    state = case state when 'ready' then 'forgotten' when 'making' then 'wanted' else state end \
    where account_id = $1 and (subject = $2 or scope <> 'person')";
/// Requests for evidence about them: that there was one, and when it was answered, stays.
pub const REQUESTS: &str = "update evidence_request set from_whom = '', about = '', answer = case when answer is null then null else '' end \
    where contact_id = $2 and account_id = $1";
/// Whether a contact's data, or those of whom they turned out to be, were destroyed on demand.
macro_rules! on_demand {
    () => {
        "exists (select 1 from erasure e where e.state = 'done' and (e.contact_id = $2 \
         or e.contact_id = (select m.merged_into from contact m where m.account_id = $1 and m.id = $2)))"
    };
}
/// Messengers' numbers of messages, of whoever was erased on demand: Telegram's names the chat,
/// WhatsApp's the phone. Of campaigns.
pub const SENT_NUMBERS: &str = concat!(
    "update delivery set message_ref = null where account_id = $1 and contact_id = $2 and message_ref is not null and ",
    on_demand!()
);
/// Of messages outside campaigns.
pub const OUT_NUMBERS: &str = concat!(
    "update outgoing set message_ref = null where account_id = $1 and contact_id = $2 and message_ref is not null and ",
    on_demand!()
);
/// Of conversations.
pub const SAID_NUMBERS: &str = concat!(
    "update chat_message set message_ref = null where account_id = $1 and contact_id = $2 and message_ref is not null and ",
    on_demand!()
);
/// Every statement.
pub const ALL: &[&str] = &[
    DOSSIERS,
    DROP_DOSSIERS,
    REQUESTS,
    EVENTS,
    MESSAGES,
    UNDELIVERED,
    UNSAID,
    REPLY_FILES,
    OUTGOING,
    TOLD,
    REFUSED,
    WRITTEN,
    REPORTS,
    DROP_REPORTS,
    CHANNELS,
    MEMBERS,
    NOTICE,
    WHY,
    DOUBTS,
    JOINS,
    FORMS,
    PAPERS,
    PAPER_WORDS,
    PAPER_DRAFTS,
    WORD_VISITS,
    ALIKE,
    ALIKE_TOO,
    TEXTS,
    SENT_NUMBERS,
    OUT_NUMBERS,
    SAID_NUMBERS,
    LATE,
];

/// Whoever was deleted lately while something to them was in flight: what came to rest afterwards
/// has words again. Of all accounts, a few at a time. Who was deleted is found first: a plan of
/// PostgreSQL made while there were no messages yet looked at all of them for each contact.
pub const LATE: &str = "with few as materialized (select account_id, id, deleted_at from contact where deleted_at >= $1 and id > $2) \
    select few.account_id, few.id from few where (exists (select 1 from delivery d where d.contact_id = few.id and d.updated_at >= few.deleted_at) \
    or exists (select 1 from outgoing o where o.contact_id = few.id and o.payload <> '{}' and o.state in ('sent', 'failed', 'uncertain'))) \
    order by few.id limit $3";
/// For so long after a deletion somebody looks: many times what a message is in flight, and twice
/// the time between two looks.
const LATELY: TimeDelta = TimeDelta::days(2);
/// People a look at a time.
const SOME: i64 = 50;

/// Blanks what came to rest after its person was deleted.
///
/// # Errors
/// The database's; the next look does it.
pub async fn sweep(store: &Store, now: Moment) -> sqlx::Result<()> {
    let mut after = ContactId(uuid::Uuid::nil());
    loop {
        let some: Vec<(AccountId, ContactId)> =
            on!(store.read(), |c| sqlx::query_as(LATE).bind(now - LATELY).bind(after).bind(SOME).fetch_all(c).await)?;
        let Some((_, last)) = some.last() else { return Ok(()) };
        after = *last;
        let mut tx = store.begin().await?;
        tx.overwrite().await?;
        for (account, contact) in some {
            for sql in [WHY, REPLY_FILES, OUTGOING, TEXTS, SENT_NUMBERS, OUT_NUMBERS] {
                on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
            }
        }
        tx.commit().await?;
        store.cut_log().await;
    }
}

/// The key of a notice of a conversation: there is one a kind, contact and channel.
#[must_use]
pub fn conversation_key(kind: NoticeKind, contact: ContactId, channel: ChannelId) -> String {
    format!("{kind}:{contact}:{channel}")
}

/// The key of the notice by which a member is told what became of their reply; [`UNDELIVERED`]
/// makes the same.
#[must_use]
pub fn reply_key(reply: OutgoingId, state: &str) -> String {
    format!("{}:{reply}:{state}", NoticeKind::ReplyUndelivered)
}

/// The key of the notice by which a member was told that a conversation is theirs.
#[must_use]
pub fn assigned_key(contact: ContactId, member: MemberId) -> String {
    format!("{}:{contact}:{member}", NoticeKind::TalkAssigned)
}

/// Blanks what a deleted contact left behind.
///
/// # Errors
/// The database's.
pub(super) async fn erase(tx: &mut Tx, account: AccountId, contact: ContactId) -> sqlx::Result<()> {
    for sql in [
        EVENTS,
        MESSAGES,
        UNDELIVERED,
        WHY,
        UNSAID,
        REPLY_FILES,
        OUTGOING,
        TOLD,
        REFUSED,
        WRITTEN,
        REPORTS,
        DROP_REPORTS,
        DOSSIERS,
        DROP_DOSSIERS,
        REQUESTS,
        DOUBTS,
        JOINS,
        FORMS,
        PAPERS,
        PAPER_WORDS,
        PAPER_DRAFTS,
        WORD_VISITS,
        ALIKE,
        ALIKE_TOO,
        TEXTS,
        SENT_NUMBERS,
        OUT_NUMBERS,
        SAID_NUMBERS,
    ] {
        on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(contact).execute(c).await.map(|_| ()))?;
    }
    let members: Vec<MemberId> = on!(tx.conn(), |c| sqlx::query_scalar(MEMBERS).bind(account).fetch_all(c).await)?;
    for member in members {
        let key = assigned_key(contact, member);
        on!(tx.conn(), |c| sqlx::query(NOTICE).bind(account).bind(&key).execute(c).await.map(|_| ()))?;
    }
    let channels: Vec<ChannelId> = on!(tx.conn(), |c| sqlx::query_scalar(CHANNELS).bind(account).fetch_all(c).await)?;
    for channel in channels {
        for kind in NoticeKind::ALL.iter().filter(|kind| kind.is_talk()) {
            let key = conversation_key(*kind, contact, channel);
            on!(tx.conn(), |c| sqlx::query(NOTICE).bind(account).bind(&key).execute(c).await.map(|_| ()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::About;

    // Of the kinds that name a contact one was forgotten: what became of a reply.
    #[test]
    fn every_notice_that_names_a_contact_is_found_by_a_key_that_is_made_here() {
        for kind in NoticeKind::ALL.iter().filter(|kind| kind.about() == About::Conversation) {
            let found = kind.is_talk() || matches!(kind, NoticeKind::TalkAssigned | NoticeKind::ReplyUndelivered);
            assert!(found, "{kind} names a contact: `erase` must find it by its key");
        }
        let begins = format!("'{}:'", NoticeKind::ReplyUndelivered);
        assert!(UNDELIVERED.contains(&begins) && reply_key(OutgoingId(7), "failed") == "reply.undelivered:7:failed");
    }
}
