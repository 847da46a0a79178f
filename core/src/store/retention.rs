//! How long what names people is kept. One table says what is forgotten, by which column of time,
//! after how many days; a duty of the worker goes through it in portions. Rows that prove or count
//! something stay and lose their words.

use chrono::TimeDelta;
use serde::Deserialize;

use super::Store;
use crate::{clock::Moment, on};

/// How many days things are kept; 0: for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// Raw events of channels and CRMs after they were handled, or given up.
    pub events: u32,
    /// What managers were told.
    pub notices: u32,
    /// Messages outside campaigns that went, or failed.
    pub messages: u32,
    /// What was said in conversations.
    pub conversations: u32,
    /// What campaigns sent, word for word, and what a provider said of a failure.
    pub texts: u32,
    /// Notes the CRM was told.
    pub crm_notes: u32,
    /// Files of imports and what is shown of them: those taken in, those refused; an import nobody
    /// went on with, or that is held, is cancelled.
    pub imports: u32,
    /// Files of cancelled imports.
    pub cancelled_imports: u32,
    /// Reports of campaigns; they are made anew when somebody asks.
    pub reports: u32,
    /// Files of dossiers; they are made anew when somebody asks.
    pub dossiers: u32,
    /// Who had signed in, after the session ended.
    pub sessions: u32,
    /// Dialogues of the managers' bot that nobody went on with.
    pub dialogues: u32,
    /// Forms of consents that nobody confirmed.
    pub forms: u32,
    /// Papers that people signed, after their consent ended.
    pub papers: u32,
}

impl Default for Days {
    fn default() -> Self {
        Self {
            events: 30,
            notices: 30,
            messages: 90,
            conversations: 1_095,
            texts: 365,
            crm_notes: 90,
            imports: 30,
            cancelled_imports: 1,
            reports: 90,
            dossiers: 14,
            sessions: 365,
            dialogues: 90,
            forms: 7,
            papers: 1_095,
        }
    }
}

/// Something that is forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    pub table: &'static str,
    /// By which column of time.
    pub column: &'static str,
    /// After how many days.
    pub days: fn(&Days) -> u32,
    /// How, in one transaction: `$1` the moment before which it is old, `$2` how many rows at most.
    pub statements: &'static [&'static str],
}

/// What is forgotten. Updates of the managers' bot and wrong passwords are deleted, after days, by
/// what counts them.
pub const RULES: &[Rule] = &[
    Rule { table: "inbound", column: "handled_at", days: |days| days.events, statements: &[EVENTS] },
    Rule { table: "inbound", column: "received_at", days: |days| days.events, statements: &[GIVEN_UP] },
    Rule { table: "notice", column: "sent_at", days: |days| days.notices, statements: &[NOTICES] },
    Rule { table: "outgoing", column: "created_at", days: |days| days.messages, statements: &[REPLY_FILES, MESSAGES] },
    Rule { table: "outgoing", column: "created_at", days: |days| days.messages, statements: &[REPLIED] },
    Rule { table: "delivery", column: "updated_at", days: |days| days.texts, statements: &[TOLD_WHY] },
    Rule { table: "chat_message", column: "at", days: |days| days.conversations, statements: &[SAID] },
    Rule { table: "delivery_text", column: "delivery_id", days: |days| days.texts, statements: &[TEXTS] },
    Rule { table: "crm_write", column: "done_at", days: |days| days.crm_notes, statements: &[CRM_NOTES] },
    Rule { table: "crm_message", column: "created_at", days: |days| days.messages, statements: &[CRM_MESSAGES] },
    Rule { table: "import", column: "created_at", days: |days| days.imports, statements: &[LEFT_ALONE] },
    Rule { table: "import", column: "created_at", days: |days| days.imports, statements: &[TAKEN_IN] },
    Rule { table: "import", column: "created_at", days: |days| days.imports, statements: &[REFUSED] },
    Rule { table: "import", column: "created_at", days: |days| days.imports, statements: &[IMPORTED] },
    Rule { table: "import", column: "created_at", days: |days| days.cancelled_imports, statements: &[CANCELLED] },
    Rule { table: "import", column: "created_at", days: |days| days.cancelled_imports, statements: &[GIVEN_AWAY] },
    Rule { table: "campaign_file", column: "created_at", days: |days| days.reports, statements: &[REPORTS, DROP_REPORTS] },
    Rule { table: "dossier", column: "made_at", days: |days| days.dossiers, statements: &[DOSSIERS, DROP_DOSSIERS] },
    Rule { table: "session", column: "ended_at", days: |days| days.sessions, statements: &[SESSIONS] },
    Rule { table: "dialogue", column: "updated_at", days: |days| days.dialogues, statements: &[DIALOGUES] },
    Rule { table: "consent_form", column: "created_at", days: |days| days.forms, statements: &[FORMS] },
    Rule { table: "consent_paper", column: "created_at", days: |days| days.forms, statements: &[UNSIGNED] },
    Rule { table: "consent_paper", column: "kept_at", days: |days| days.papers, statements: &[SIGNED] },
];

/// Rows a transaction at most: a writer that waits for it waits milliseconds.
pub const PORTION: i64 = 500;

/// Events that were handled.
pub const EVENTS: &str = "update inbound set payload = '' where id in (select id from inbound \
    where payload <> '' and handled_at is not null and handled_at < $1 order by handled_at limit $2)";
/// Events that were given up.
pub const GIVEN_UP: &str = "update inbound set payload = '' where id in (select id from inbound \
    where payload <> '' and state = 'failed' and received_at < $1 order by received_at limit $2)";
/// Notices that were sent and are not to be sent again.
pub const NOTICES: &str = "update notice set payload = '{}' where due_at is null and id in (select id from notice \
    where payload <> '{}' and sent_at is not null and due_at is null and sent_at < $1 order by sent_at limit $2)";
/// Files of members' replies that are done.
pub const REPLY_FILES: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select f.id from outgoing o \
    join file f on f.id = o.file_id where o.file_id is not null and o.state in ('sent', 'failed', 'uncertain') and o.created_at < $1 and f.size > 0 limit $2)";
/// Messages outside campaigns that are done.
pub const MESSAGES: &str = "update outgoing set payload = '{}', address_value = '' where id in (select id from outgoing \
    where payload <> '{}' and state in ('sent', 'failed', 'uncertain') and created_at < $1 order by created_at limit $2)";
/// What a provider said of messages outside campaigns that failed.
pub const REPLIED: &str = "update outgoing set detail = null where id in (select id from outgoing \
    where detail is not null and created_at < $1 order by created_at limit $2)";
/// What a provider said of campaigns' messages that failed: its words may name the recipient.
pub const TOLD_WHY: &str = "update delivery set detail = null where id in (select id from delivery \
    where detail is not null and updated_at < $1 order by updated_at limit $2)";
/// What was said.
pub const SAID: &str = "update chat_message set body = '', file_ref = null, file_name = null where id in (select id from chat_message \
    where body <> '' and at < $1 order by at limit $2)";
/// Words of campaigns. Deliveries are numbered as they are planned, so the first are the oldest,
/// and no more than a portion of them is looked at: of a campaign that took long some are kept for
/// as much longer.
pub const TEXTS: &str = "delete from delivery_text where delivery_id in (select d.id from delivery d where d.id in \
    (select delivery_id from delivery_text where delivery_id > 0 order by delivery_id, attempt limit $2) and coalesce(d.sent_at, d.updated_at) < $1)";
/// Notes for the CRM that are done.
pub const CRM_NOTES: &str = "update crm_write set payload = '{}', error = null where id in (select id from crm_write \
    where payload <> '{}' and done_at is not null and done_at < $1 order by done_at limit $2)";
/// What a CRM wrote through us.
pub const CRM_MESSAGES: &str = "update crm_message set payload = '{}', error = null where (connection_id, external_id) in (\
    select connection_id, external_id from crm_message where payload <> '{}' and created_at < $1 order by created_at limit $2)";
/// Imports nobody went on with.
pub const LEFT_ALONE: &str = "update import set state = 'cancelled', finished_at = created_at where id in (select id from import \
    where state in ('mapping', 'ready', 'held') and created_at < $1 order by created_at limit $2)";
/// Files of imports that are over.
pub const TAKEN_IN: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select f.id from import i \
    join file f on f.id = i.file_id where i.state in ('done', 'failed', 'cancelled') and i.created_at < $1 and f.size > 0 limit $2)";
/// Rows that imports refused.
pub const REFUSED: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select f.id from import i \
    join file f on f.id = i.refused_file_id where i.state in ('done', 'failed', 'cancelled') and i.created_at < $1 and f.size > 0 limit $2)";
/// Cells of people that imports which are over show: a few rows, the examples of a dry run that
/// nobody went on with.
pub const IMPORTED: &str = "update import set mapping = '{}', counts = case when next_row = 0 then '{}' else counts end where id in (\
    select id from import where state in ('done', 'failed', 'cancelled') and mapping <> '{}' and created_at < $1 order by created_at limit $2)";
/// The same of those that somebody cancelled.
pub const GIVEN_AWAY: &str = "update import set mapping = '{}', counts = case when next_row = 0 then '{}' else counts end where id in (\
    select id from import where state = 'cancelled' and mapping <> '{}' and created_at < $1 order by created_at limit $2)";
/// Files of imports that somebody cancelled.
pub const CANCELLED: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select f.id from import i \
    join file f on f.id = i.file_id where i.state = 'cancelled' and i.created_at < $1 and f.size > 0 limit $2)";
/// Kept reports.
pub const REPORTS: &str = "update file set content = substr(content, 1, 0), size = 0 where id in (select file_id from campaign_file \
    where created_at < $1 order by created_at, file_id limit $2)";
/// They are kept no more.
pub const DROP_REPORTS: &str = "delete from campaign_file where created_at < $1 and file_id in (select file_id from campaign_file \
    where created_at < $1 order by created_at, file_id limit $2)";
/// Files of dossiers.
pub const DOSSIERS: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (select f.id from dossier d \
    join dossier_file p on p.dossier_id = d.id join file f on f.id = p.file_id where d.state = 'ready' and d.made_at < $1 and f.size > 0 limit $2)";
/// They are kept no more.
pub const DROP_DOSSIERS: &str = "update dossier set state = 'forgotten' where id in (select d.id from dossier d where d.state = 'ready' \
    and d.made_at < $1 and not exists (select 1 from dossier_file p join file f on f.id = p.file_id where p.dossier_id = d.id and f.size > 0) limit $2)";
/// Who had signed in; the trail says which member did what.
pub const SESSIONS: &str = "update session set telegram_user_id = 0, telegram_name = '' where id in (select id from session \
    where telegram_user_id <> 0 and ended_at is not null and ended_at < $1 order by ended_at limit $2)";
/// Dialogues.
pub const DIALOGUES: &str = "delete from dialogue where chat_id in (select chat_id from dialogue \
    where updated_at < $1 order by updated_at limit $2)";
/// Forms that nobody confirmed.
pub const FORMS: &str = "delete from consent_form where id in (select id from consent_form \
    where taken_at is null and created_at < $1 order by created_at limit $2)";
/// Papers that somebody began to tell of, and whose file never came.
pub const UNSIGNED: &str = "delete from consent_paper where id in (select id from consent_paper \
    where kept_at is null and created_at < $1 order by created_at limit $2)";
/// Papers of consents that ended: while a consent holds, and for so long after its last entry, its
/// paper is the proof.
pub const SIGNED: &str = "update file set content = substr(content, 1, 0), size = 0, name = '' where id in (select f.id from consent_paper p \
    join file f on f.id = p.file_id join contact c on c.id = p.contact_id join contact k on k.id = coalesce(c.merged_into, c.id) \
    where p.kept_at < $1 and f.size > 0 \
    and case when p.purpose = 'marketing' then k.marketing_grade else k.personal_data_grade end is null \
    and not exists (select 1 from consent e where e.account_id = k.account_id and e.contact_id = k.id and e.purpose = p.purpose \
    and e.recorded_at >= $1) limit $2)";
/// Every statement.
pub const ALL: &[&str] = &[
    EVENTS,
    GIVEN_UP,
    NOTICES,
    REPLY_FILES,
    MESSAGES,
    REPLIED,
    TOLD_WHY,
    SAID,
    TEXTS,
    CRM_NOTES,
    LEFT_ALONE,
    TAKEN_IN,
    REFUSED,
    IMPORTED,
    GIVEN_AWAY,
    CANCELLED,
    REPORTS,
    DROP_REPORTS,
    DOSSIERS,
    DROP_DOSSIERS,
    SESSIONS,
    DIALOGUES,
    FORMS,
    UNSIGNED,
    SIGNED,
];

impl Rule {
    /// What is old by this rule, as its last statement finds it.
    fn found(&self) -> Option<String> {
        let statement = self.statements.last()?;
        let (_, inner) = statement.split_once(" in (")?;
        Some(format!("select count(*) from ({}) t", inner.strip_suffix(')')?))
    }

    /// How many rows are old at `now`.
    ///
    /// # Errors
    /// The database's.
    pub async fn due(&self, store: &Store, days: &Days, now: Moment) -> sqlx::Result<i64> {
        let kept = (self.days)(days);
        let (1.., Some(sql)) = (kept, self.found()) else { return Ok(0) };
        let old = now - TimeDelta::days(i64::from(kept));
        on!(store.read(), |c| sqlx::query_scalar(sqlx::AssertSqlSafe(sql.as_str())).bind(old).bind(i64::MAX).fetch_one(c).await)
    }

    /// Forgets one portion of what is old at `now`; `true` when there may be more.
    ///
    /// # Errors
    /// The database's; then the portion is as it was.
    pub async fn portion(&self, store: &Store, days: &Days, now: Moment) -> sqlx::Result<bool> {
        let kept = (self.days)(days);
        if kept == 0 {
            return Ok(false);
        }
        let old = now - TimeDelta::days(i64::from(kept));
        let mut tx = store.begin_bulk().await?;
        tx.overwrite().await?;
        let mut rows = 0;
        for sql in self.statements {
            rows += on!(tx.conn(), |c| sqlx::query(*sql).bind(old).bind(PORTION).execute(c).await.map(|r| r.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(rows >= PORTION.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        both, clock,
        id::{AccountId, ChannelId},
        testing,
    };

    both!(async fn what_is_due_is_counted_and_then_forgotten(store) {
        let (account, now, days) = (AccountId::new(), clock::now(), Days::default());
        let mut tx = store.begin().await.expect("begun");
        testing::account(&mut tx, account, now).await;
        let event = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, received_at, handled_at) \
            values ($1, 'channel', $2, $3, 'words', 'handled', $4, $4, $4)";
        for (n, age) in [29, 31, 400].into_iter().enumerate() {
            on!(tx.conn(), |c| sqlx::query(event)
                .bind(account)
                .bind(ChannelId::new())
                .bind(n.to_string())
                .bind(now - TimeDelta::days(age))
                .execute(c)
                .await
                .map(|_| ()))
            .expect("an event");
        }
        tx.commit().await.expect("committed");
        let due = async |at: Moment| {
            let mut due = Vec::new();
            for rule in RULES {
                due.push((rule.table, rule.due(&store, &days, at).await.expect("every rule counts")));
            }
            due.into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>()
        };
        assert_eq!(due(now).await, [("inbound", 2)]);
        assert!(!RULES[0].portion(&store, &days, now).await.expect("forgotten"));
        assert_eq!(due(now).await, []);
        assert_eq!(due(now + TimeDelta::days(2)).await, [("inbound", 1)]);
        let for_ever = Days { events: 0, ..days };
        assert_eq!(RULES[0].due(&store, &for_ever, now + TimeDelta::days(2)).await.expect("counted"), 0);
    });
}
