//! Statements of the inbound room.

/// Keeps events, each once, in their order; one that came with a secret only if that is its
/// sender's now, and the sender is not removed.
pub const INSERT_SQLITE: &str = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, received_at) select unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, 'new', $2, $2 from json_each($1) where value ->> 5 is null or exists (select 1 from channel h where value ->> 1 = 'channel' and h.id = unhex(value ->> 2) and h.account_id = unhex(value ->> 0) and h.hook_secret = value ->> 5 and h.state <> 'removed') or exists (select 1 from crm_connection k where value ->> 1 = 'crm' and k.id = unhex(value ->> 2) and k.account_id = unhex(value ->> 0) and k.hook_secret = value ->> 5 and k.state <> 'disconnected') order by key on conflict (source_id, external_id) do nothing returning source_id";
/// The same on PostgreSQL.
pub const INSERT_POSTGRES: &str = "insert into inbound (account_id, source_kind, source_id, external_id, payload, state, due_at, received_at) select v.account_id, v.source_kind, v.source_id, v.external_id, v.payload, 'new', $7, $7 from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[]) with ordinality as v(account_id, source_kind, source_id, external_id, payload, secret, n) where v.secret is null or exists (select 1 from channel h where v.source_kind = 'channel' and h.id = v.source_id and h.account_id = v.account_id and h.hook_secret = v.secret and h.state <> 'removed') or exists (select 1 from crm_connection k where v.source_kind = 'crm' and k.id = v.source_id and k.account_id = v.account_id and k.hook_secret = v.secret and k.state <> 'disconnected') order by v.n on conflict (source_id, external_id) do nothing returning source_id";
/// Moves the cursor of long polling to where the newest batch leads, whatever was there before:
/// after a quiet week the provider may count anew.
pub const CURSOR: &str =
    "update channel set update_cursor = $3 where account_id = $1 and id = $2 and (update_cursor is null or update_cursor <> $3)";
/// Events of a source not yet handled, in order; those put off too, for what comes after them from
/// the same person waits.
pub const WAITING: &str = "select id, account_id, source_kind, source_id, external_id, payload, attempt, due_at, received_at from inbound where source_id = $1 and state = 'new' and id > $2 order by id limit $3";
/// Takes an event for good, in the transaction of its effects.
pub const TAKE: &str =
    "update inbound set state = 'handled', handled_at = $3, error = null where id = $1 and state = 'new' and attempt = $2";
/// Takes a connection's hints, from one to another. They say no more than "look", and name people:
/// nothing of them is kept.
pub const TAKE_HINTS: &str = "update inbound set state = 'handled', handled_at = $4, error = null, payload = '' where account_id = $5 and source_id = $1 and state = 'new' and id >= $2 and id <= $3 and external_id not like 'message:%'";
/// Forgets the body of one.
pub const FORGET: &str = "update inbound set payload = '' where account_id = $1 and id = $2";
/// Whether an event still waits.
pub const STILL_NEW: &str = "select state = 'new' from inbound where id = $1";
/// Puts an event off, or gives it up after so many attempts.
pub const FAILED: &str =
    "update inbound set attempt = attempt + 1, due_at = $3, error = $4, state = $5 where id = $1 and state = 'new' and attempt = $2";

/// What a channel or a CRM connection is called.
pub const SOURCE_NAME: &str = "select name from channel where account_id = $1 and id = $2 union all select name from crm_connection where account_id = $1 and id = $2";
/// How many events of an account were given up and not looked at; of those forgotten by now nothing
/// is left to read.
pub const FAILED_COUNT: &str =
    "select count(*) from inbound where account_id = $1 and state = 'failed' and handled_at is null and payload <> ''";
/// The same of the installation.
pub const FAILED_COUNT_ALL: &str = "select count(*) from inbound where state = 'failed' and handled_at is null and payload <> ''";
/// Those of an account, newest first.
pub const FAILED_LIST: &str = "select i.id, i.source_kind, coalesce((select h.name from channel h where h.id = i.source_id), (select k.name from crm_connection k where k.id = i.source_id), '') as source, i.attempt, i.received_at, i.error from inbound i where i.account_id = $1 and i.state = 'failed' and i.handled_at is null and i.payload <> '' order by i.id desc limit $2 offset $3";
/// All of an account's are read again.
pub const READ_AGAIN: &str = "update inbound set state = 'new', attempt = 0, due_at = $2, error = null where account_id = $1 and state = 'failed' and handled_at is null and payload <> '' returning source_id";
/// Somebody looked after them.
pub const LOOKED_AFTER: &str =
    "update inbound set handled_at = $3 where account_id = $1 and state = 'failed' and handled_at is null and id <= $2";

/// What the conversation must know of a contact, and how the address it writes from stands.
pub const PERSON: &str = "select name, language, opted_out_at, (select count(*) from address a where a.contact_id = contact.id and a.account_id = contact.account_id and a.kind = 'phone') as phones, (select a.state from address a where a.account_id = $1 and a.kind = $3 and a.value = $4 and a.scope_id = $5) as reach, \
    (select q.id from doubt q where q.account_id = $1 and q.contact_id = contact.id and q.closed_at is null) as doubt, \
    exists (select 1 from doubt q where q.account_id = $1 and q.contact_id = contact.id and q.channel_id = $6 and q.closed_at is null and not exists (select 1 from chat_message m \
    where m.account_id = $1 and m.contact_id = contact.id and m.direction = 'out' and m.at >= q.opened_at)) as asked_last from contact where account_id = $1 and id = $2";
/// Who has an address of this kind and value, whatever it is tied to.
pub const ELSEWHERE: &str =
    "select distinct contact_id from address where account_id = $1 and kind = $2 and value = $3 and contact_id is not null limit 2";
/// The phone that a message of ours went to, as the messenger's own address.
pub const WENT_TO: &str = "select a.value from delivery d join address a on a.id = d.address_id \
    where d.account_id = $1 and d.channel_id = $2 and d.message_ref = $3 and a.kind = $4 and a.scope_id = $5 \
    union select o.address_value from outgoing o where o.account_id = $1 and o.channel_id = $2 and o.message_ref = $3 limit 2";
macro_rules! named {
    ($values:literal) => {
        concat!(
            "select distinct a.value from address a join contact c on c.id = a.contact_id where a.account_id = $1 and a.kind = $2 ",
            "and a.scope_id = $4 and a.value ",
            $values,
            " and c.name <> ''"
        )
    };
}
/// Whose names are known, of the addresses of a list (`$3` as JSON).
pub const NAMED_SQLITE: &str = named!("in (select value from json_each($3))");
/// The same on PostgreSQL, of an array.
pub const NAMED_POSTGRES: &str = named!("= any($3)");
/// Fills in a contact's language.
pub const SET_LANGUAGE: &str = "update contact set language = $3 where account_id = $1 and id = $2 and language is null";
/// Notes when a contact was asked for their consent to personal data.
pub const ASKED_DATA: &str = "update contact set data_asked_at = $3 where account_id = $1 and id = $2";
/// Notes when a contact was asked for their consent to advertising.
pub const ASKED_ADS: &str = "update contact set ads_asked_at = $3 where account_id = $1 and id = $2";
/// What was asked in a chat was asked of the contact it turned out to belong to.
pub const MOVE_ASKED: &str = "update contact set \
    data_asked_at = coalesce((select f.data_asked_at from contact f where f.account_id = $1 and f.id = $2), data_asked_at), \
    ads_asked_at = coalesce((select f.ads_asked_at from contact f where f.account_id = $1 and f.id = $2), ads_asked_at) \
    where account_id = $1 and id = $3";
/// What is kept of a contact.
pub const OWN: &str = "select name, attributes, (select count(*) from address a where a.contact_id = contact.id and a.kind = 'phone') as phones, \
    (select count(*) from address a where a.contact_id = contact.id and a.kind = 'email') as emails, \
    (select count(*) from contact_tag t where t.account_id = contact.account_id and t.contact_id = contact.id) as tags \
    from contact where account_id = $1 and id = $2 and deleted_at is null";
/// The account's fields: key and title, in their order.
pub const FIELD_TITLES: &str = "select key, title from field where account_id = $1 order by position, id";
/// The message that asked a contact about a doubt, if it went.
pub const QUESTION: &str = "select message_ref from outgoing where account_id = $1 and contact_id = $2 and channel_id = $3 \
    and message_ref is not null and cast(payload as text) like $4 order by id desc limit 1";
/// What was last said outside campaigns to whoever has an address, newest first.
pub const SAID_TO: &str = "select o.message_ref, cast(o.payload as text) from address a join outgoing o on o.contact_id = a.contact_id \
    where a.account_id = $1 and a.kind = $2 and a.value = $3 and a.scope_id = $4 and o.account_id = $1 and o.channel_id = $5 \
    and o.state in ('sent', 'sending', 'uncertain') order by o.id desc limit 8";
/// What campaigns lately told an address through a channel, the newest first, as it is kept.
pub const TOLD_TO: &str = "select d.message_ref, t.body, v.body as text from address a join delivery d on d.contact_id = a.contact_id \
    join delivery_text t on t.delivery_id = d.id and t.attempt = d.attempt \
    join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant \
    join template_version v on v.id = w.template_version_id \
    where a.account_id = $1 and a.kind = $2 and a.value = $3 and a.scope_id = $4 and d.account_id = $1 and d.channel_id = $5 \
    and d.state in ('sent', 'delivered', 'read', 'sending', 'uncertain') order by d.id desc limit 8";
/// Keeps how a messenger names the person of an address.
pub const KEEP_ID: &str =
    "update address set raw = $5 where account_id = $1 and kind = $2 and value = $3 and scope_id = $4 and raw is distinct from $5";
/// The address of a person whom a messenger names so.
pub const BY_ID: &str = "select value from address where account_id = $1 and kind = $2 and scope_id = $3 and raw = $4 limit 1";
/// Notes whether an address can be reached.
pub const REACH: &str = "update address set state = $5, state_reason = $6, updated_at = $7 where account_id = $1 and kind = $2 and value = $3 and scope_id = $4 and state <> $5";
/// Whether a contact is no more than the chat it wrote from: its address count, where it came from,
/// whether it is a record of a CRM.
pub const LIGHT: &str = "select (select count(*) from address a where a.contact_id = contact.id) as addresses, source, \
    exists (select 1 from contact_source s where s.contact_id = contact.id and s.account_id = contact.account_id) as recorded from contact where account_id = $1 and id = $2 and deleted_at is null";
/// Moves what was said to the contact the chat turned out to belong to.
pub const MOVE_MESSAGES: &str = "update chat_message set contact_id = $3 where account_id = $1 and contact_id = $2";
/// Moves what waits to be said.
pub const MOVE_OUTGOING: &str = "update outgoing set contact_id = $3 where account_id = $1 and contact_id = $2";
/// What waits to be said to an address goes to the one that took its place.
pub const READDRESS_OUTGOING: &str =
    "update outgoing set address_value = $4 where account_id = $1 and channel_id = $2 and address_value = $3 and state = 'queued'";
/// What waits to go to an address goes to the person's new one, unless the campaign's step has that
/// one already.
pub const READDRESS_DELIVERIES: &str = "update delivery set address_id = (select n.id from address n \
    where n.account_id = $1 and n.kind = $2 and n.scope_id = $3 and n.value = $5 and n.contact_id = $6) \
    where account_id = $1 and contact_id = $6 and state = 'queued' \
    and address_id = (select o.id from address o where o.account_id = $1 and o.kind = $2 and o.scope_id = $3 and o.value = $4) \
    and exists (select 1 from address n where n.account_id = $1 and n.kind = $2 and n.scope_id = $3 and n.value = $5 and n.contact_id = $6) \
    and not exists (select 1 from delivery d join address n on n.id = d.address_id where d.campaign_id = delivery.campaign_id \
    and d.step = delivery.step and n.account_id = $1 and n.kind = $2 and n.scope_id = $3 and n.value = $5)";
/// Moves what the person sent.
pub const MOVE_EVENTS: &str = "update inbound set contact_id = $3 where account_id = $1 and contact_id = $2";
/// Notes whose event it was.
pub const WHOSE: &str = "update inbound set contact_id = $3 where account_id = $1 and id = $2";
/// The last step of a contact's ledger for one purpose with all its evidence.
pub const LAST_STEP: &str = "select action, grade, wording_id, channel_id, evidence, at from consent where account_id = $1 and contact_id = $2 and purpose = $3 order by at desc, id desc limit 1";

/// Keeps what a customer said, once.
pub const SAID: &str = "insert into chat_message (account_id, contact_id, channel_id, direction, body, message_ref, campaign_id, at) select $1, $2, $3, 'in', $4, $5, $6, $7 where not exists (select 1 from chat_message m where m.account_id = $1 and m.contact_id = $2 and m.channel_id = $3 and m.message_ref = $5 and m.direction = 'in')";
/// What a customer's message said when it was kept.
pub const KEPT: &str = "select body from chat_message where account_id = $1 and contact_id = $2 and channel_id = $3 and message_ref = $4 and direction = 'in' order by id limit 1";
/// It says something else now, and perhaps needs an answer again.
pub const CHANGED: &str = "update chat_message set body = $5, edited_at = $6, handled_at = null, handled_by = null where account_id = $1 and contact_id = $2 and channel_id = $3 and message_ref = $4 and direction = 'in'";
/// Where the file of a customer's message is.
pub const ATTACH: &str = "update chat_message set file_kind = $5, file_ref = $6, file_name = $7, file_mime = $8, file_size = $9 where account_id = $1 and contact_id = $2 and channel_id = $3 and message_ref = $4 and direction = 'in'";
/// A customer's message is a word by which people come: it needs no answer.
pub const NEEDS_NO_ANSWER: &str = "update chat_message set handled_at = coalesce(handled_at, $5) where account_id = $1 and contact_id = $2 and channel_id = $3 and message_ref = $4 and direction = 'in'";
/// A customer's message is one by which they opted out: it needs no answer.
pub const STOPPED: &str = "update chat_message set body = $5, stop = $6, handled_at = coalesce(handled_at, $7) where account_id = $1 and contact_id = $2 and channel_id = $3 and message_ref = $4 and direction = 'in'";
/// The file of a message, if there is one.
pub const FILE: &str = "select m.contact_id, m.channel_id, m.at, m.direction, m.file_kind as kind, m.file_ref as reference, m.file_name as name, m.file_mime as mime, m.file_size as size, o.file_id as kept from chat_message m left join outgoing o on o.id = m.outgoing_id where m.account_id = $1 and m.id = $2 and m.file_kind is not null";
/// Notes that a contact answered.
pub const ANSWERED: &str =
    "update contact set last_answered_at = $3 where account_id = $1 and id = $2 and (last_answered_at is null or last_answered_at < $3)";
/// The CRMs to be told of a contact.
pub const CRM_OF: &str = "select distinct connection_id from contact_source where account_id = $1 and contact_id = $2";

/// Where a contact last wrote from, and how it stands with messages.
pub const REPLY_TO: &str = "select a.value, h.kind from address a join channel h on h.account_id = a.account_id and (a.scope_id = h.id or a.scope_id = $4) where a.account_id = $1 and a.contact_id = $2 and a.kind = h.kind and h.id = $3 and h.state <> 'removed' order by a.created_at desc limit 1";
/// The channel of the last thing a contact said.
pub const LAST_CHANNEL: &str =
    "select channel_id from chat_message where account_id = $1 and contact_id = $2 and direction = 'in' order by id desc limit 1";
/// Whether a contact wrote since a moment.
pub const WROTE_SINCE: &str = "select count(*) from contact where account_id = $1 and id = $2 and last_answered_at > $3";
/// When a contact said stop.
pub const OUT_SINCE: &str = "select opted_out_at from contact where account_id = $1 and id = $2 and deleted_at is null";
/// Whether nobody may reply to a contact.
pub const NOT_TO_BE_ANSWERED: &str =
    concat!("select ", crate::not_to_be_answered!(), " from contact c where c.account_id = $1 and c.id = $2 and c.deleted_at is null");
/// Keeps what a member answered.
pub const REPLIED: &str = "insert into chat_message (account_id, contact_id, channel_id, direction, body, member_id, at, outgoing_id, file_kind, file_name, file_mime, file_size) values ($1, $2, $3, 'out', $4, $5, $6, $7, $8, $9, $10, $11)";
/// The file that goes with a reply.
pub const REPLY_FILE: &str = "update outgoing set file_id = $3 where account_id = $1 and id = $2";
/// Whether a contact said stop, or stands on the stop-list, whatever they wrote since, and whether
/// they perhaps meant to: nothing that no person wrote goes to them.
pub const WRITTEN_TO: &str = concat!(
    "select (c.opted_out_at is not null or exists (",
    crate::stops!("1" of "c.account_id", "c.id"),
    ")), ",
    crate::in_doubt!("c.account_id", "c.id"),
    " from contact c where c.account_id = $1 and c.id = $2 and c.deleted_at is null"
);
/// Moves what a CRM wrote.
pub const MOVE_WRITTEN: &str = "update crm_message set contact_id = $3 where account_id = $1 and contact_id = $2";
/// Whether a message with this key waits or went already.
pub const QUEUED: &str = "select count(*) from outgoing where dedupe_key = $1";
/// Marks what a contact said, up to a message, as in no need of an answer.
pub const HANDLE: &str = "update chat_message set handled_at = $4, handled_by = $5 where account_id = $1 and contact_id = $2 and id <= $3 and direction = 'in' and handled_at is null";
/// Takes the mark off a message.
pub const REOPEN: &str = "update chat_message set handled_at = null, handled_by = null where account_id = $1 and contact_id = $2 and id = $3 and direction = 'in' and handled_at is not null";
/// Notes a conversation's last message, whether it waits for an answer, and since which message;
/// after every change of what was said. Words by which somebody opted out wait for nothing. One
/// change that saw less than another never takes back what that one noted. What a CRM wrote by
/// itself answers nobody.
pub const LAST_WORD: &str = "insert into conversation (contact_id, account_id, last_id, waits, since_id) \
    select m.contact_id, m.account_id, m.id, m.direction = 'in' and m.handled_at is null, m.id from chat_message m \
    join contact c on c.id = m.contact_id where m.account_id = $1 and m.contact_id = $2 and c.deleted_at is null and m.stop is null and (m.direction = 'in' or m.member_id is not null) order by m.id desc limit 1 \
    on conflict (contact_id) do update set last_id = excluded.last_id, waits = excluded.waits, \
    since_id = case when conversation.waits and excluded.waits then coalesce(conversation.since_id, excluded.since_id) else excluded.since_id end \
    where excluded.last_id >= conversation.last_id";
/// After what was said up to a message was marked: what came since waits since its first.
pub const SINCE: &str = "update conversation set since_id = coalesce((select min(m.id) from chat_message m where m.account_id = $1 and m.contact_id = $2 and m.id > $3 and m.direction = 'in' and m.handled_at is null), last_id) where account_id = $1 and contact_id = $2";
/// The last words of a conversation turned out to be an opt-out.
pub const STOP_WORD: &str = "update conversation set waits = false where account_id = $1 and contact_id = $2 and last_id = (select m.id from chat_message m where m.account_id = $1 and m.contact_id = $2 and m.channel_id = $3 and m.message_ref = $4 and m.direction = 'in')";
/// Conversations that wait for an answer, who waits longest first.
pub const WAITING_TALKS: &str = "select v.contact_id, c.name, m.direction, m.body, m.at, m.file_kind, m.handled_at, s.at as since, b.name as assigned from conversation v \
    join chat_message m on m.id = v.last_id join chat_message s on s.id = coalesce(v.since_id, v.last_id) join contact c on c.id = v.contact_id \
    left join member b on b.id = v.assigned_to \
    where v.account_id = $1 and v.waits = true and c.deleted_at is null order by v.since_id limit $2 offset $3";
/// The others, the newest first.
pub const OTHER_TALKS: &str = "select v.contact_id, c.name, m.direction, m.body, m.at, m.file_kind, m.handled_at, m.at as since, b.name as assigned from conversation v \
    join chat_message m on m.id = v.last_id join contact c on c.id = v.contact_id left join member b on b.id = v.assigned_to \
    where v.account_id = $1 and v.waits = false and c.deleted_at is null order by v.last_id desc limit $2 offset $3";
/// Whether there is a conversation with a contact.
pub const IS_TALK: &str = "select count(*) from conversation where account_id = $1 and contact_id = $2";
/// With which of some contacts there is a conversation (`$2`: their ids as a JSON list of hex).
pub const TALKS_SQLITE: &str =
    "select v.contact_id from json_each($2) cross join conversation v where v.contact_id = unhex(json_each.value) and +v.account_id = $1";
/// The same on PostgreSQL, where ids are bound as they are.
pub const TALKS_POSTGRES: &str = "select contact_id from conversation where account_id = $1 and contact_id = any($2)";
/// Whose a conversation is, and whether a member is told of it.
pub const STANDING: &str = "select v.assigned_to, b.name as assigned, exists (select 1 from conversation_mute u where u.contact_id = v.contact_id and u.member_id = $3 and u.account_id = v.account_id) as muted from conversation v left join member b on b.id = v.assigned_to where v.account_id = $1 and v.contact_id = $2";
/// Gives a conversation to a member who may answer.
pub const ASSIGN: &str = "update conversation set assigned_to = $3, assigned_at = $4 where account_id = $1 and contact_id = $2 \
    and exists (select 1 from member b where b.id = $3 and b.account_id = $1 and b.disabled_at is null and b.role in ('owner', 'manager'))";
/// Takes a conversation from whoever had it.
pub const UNASSIGN: &str = "update conversation set assigned_to = null, assigned_at = $3 where account_id = $1 and contact_id = $2";
/// What a contact is called.
pub const NAME: &str = "select name from contact where account_id = $1 and id = $2 and deleted_at is null";
/// The member whose a conversation is, if they are signed in somewhere and may answer.
pub const ASSIGNEE: &str = "select b.id from conversation v join member b on b.id = v.assigned_to where v.account_id = $1 and v.contact_id = $2 and b.disabled_at is null and b.role in ('owner', 'manager') and exists (select 1 from session s where s.member_id = b.id and s.ended_at is null)";
/// Members who are not told of a conversation.
pub const MUTED: &str = "select member_id from conversation_mute where account_id = $1 and contact_id = $2";
/// A member is told of a conversation no more.
pub const MUTE: &str = "insert into conversation_mute (account_id, contact_id, member_id, at) values ($1, $2, $3, $4) on conflict (contact_id, member_id) do nothing";
/// And is told again.
pub const UNMUTE: &str = "delete from conversation_mute where account_id = $1 and contact_id = $2 and member_id = $3";
/// Whose a conversation is and who is told of it goes with the chat to the contact it turned out to
/// belong to.
pub const MOVE_TALK: &str = "update conversation set assigned_to = coalesce(assigned_to, (select v.assigned_to from conversation v where v.account_id = $1 and v.contact_id = $2)) where account_id = $1 and contact_id = $3";
/// An account's words, newest first, before a message.
pub const WORDS_BEFORE: &str = "select m.id, m.contact_id, c.name, m.body from chat_message m join contact c on c.id = m.contact_id where m.account_id = $1 and m.id < $2 and c.deleted_at is null order by m.id desc limit $3";
/// An account's saved answers.
pub const QUICK: &str = "select id, body from quick_reply where account_id = $1 order by created_at, id";
/// How many it has.
pub const QUICK_COUNT: &str = "select count(*) from quick_reply where account_id = $1";
/// Saves one.
pub const ADD_QUICK: &str =
    "insert into quick_reply (id, account_id, body, created_by, created_at, updated_at) values ($1, $2, $3, $4, $5, $5)";
/// Gives one other words.
pub const CHANGE_QUICK: &str = "update quick_reply set body = $3, updated_at = $4 where account_id = $1 and id = $2";
/// Forgets one.
pub const DROP_QUICK: &str = "delete from quick_reply where account_id = $1 and id = $2";
/// How many conversations there are.
pub const CONVERSATION_COUNTS: &str = "select (select count(*) from conversation where account_id = $1) as \"all\", \
    (select count(*) from conversation where account_id = $1 and waits = true) as waiting";
/// How many of them end with the customer's words and no mark that these need no answer.
pub const WAITING_COUNT: &str = "select count(*) from conversation where account_id = $1 and waits = true";
/// The last campaign messages that went to a contact, newest first, with what they were made of.
pub const CAMPAIGN_MESSAGES: &str = "select p.name as campaign, w.template_version_id as version, d.state, d.reason, coalesce(d.sent_at, d.updated_at) as at, t.body as kept, v.body as text from delivery d join campaign p on p.id = d.campaign_id join campaign_variant w on w.campaign_id = d.campaign_id and w.step = d.step and w.variant = d.variant left join template_version v on v.id = w.template_version_id left join delivery_text t on t.delivery_id = d.id and t.attempt = (select max(x.attempt) from delivery_text x where x.delivery_id = d.id and x.attempt <= d.attempt) where d.account_id = $1 and d.contact_id = $2 and d.sent_at is not null order by d.id desc limit $3";
/// The last messages of a conversation, newest first.
pub const THREAD: &str = "select m.id, m.direction, m.body, m.at, h.name as channel, h.kind as messenger, b.name as member, p.name as campaign, m.handled_at, k.name as handled_by, m.edited_at, o.state, o.reason, o.detail, o.delivered_at, o.read_at, m.file_kind, m.file_name, m.stop, q.kind as crm from chat_message m join channel h on h.id = m.channel_id left join outgoing o on o.id = m.outgoing_id left join crm_message x on x.outgoing_id = m.outgoing_id left join crm_connection q on q.id = x.connection_id left join member b on b.id = m.member_id left join member k on k.id = m.handled_by left join campaign p on p.id = m.campaign_id where m.account_id = $1 and m.contact_id = $2 order by m.id desc limit $3";
/// A CRM's hint: look there now.
pub const SYNC_NOW: &str = "update crm_connection set next_sync_at = $2 where id = $1 and state = 'active'";

/// Every statement.
pub const ALL: &[&str] = &[
    CURSOR,
    ELSEWHERE,
    WENT_TO,
    WAITING,
    TAKE,
    TAKE_HINTS,
    FORGET,
    STILL_NEW,
    FAILED,
    SOURCE_NAME,
    FAILED_COUNT,
    FAILED_COUNT_ALL,
    FAILED_LIST,
    READ_AGAIN,
    LOOKED_AFTER,
    PERSON,
    SET_LANGUAGE,
    ASKED_DATA,
    ASKED_ADS,
    MOVE_ASKED,
    OWN,
    FIELD_TITLES,
    QUESTION,
    SAID_TO,
    TOLD_TO,
    KEEP_ID,
    BY_ID,
    REACH,
    LIGHT,
    MOVE_MESSAGES,
    MOVE_OUTGOING,
    WRITTEN_TO,
    MOVE_WRITTEN,
    READDRESS_OUTGOING,
    READDRESS_DELIVERIES,
    MOVE_EVENTS,
    WHOSE,
    LAST_STEP,
    SAID,
    KEPT,
    CHANGED,
    ATTACH,
    NEEDS_NO_ANSWER,
    STOPPED,
    FILE,
    ANSWERED,
    CRM_OF,
    REPLY_TO,
    LAST_CHANNEL,
    WROTE_SINCE,
    OUT_SINCE,
    NOT_TO_BE_ANSWERED,
    REPLIED,
    REPLY_FILE,
    QUEUED,
    HANDLE,
    REOPEN,
    LAST_WORD,
    SINCE,
    STOP_WORD,
    WAITING_TALKS,
    OTHER_TALKS,
    IS_TALK,
    STANDING,
    ASSIGN,
    UNASSIGN,
    NAME,
    ASSIGNEE,
    MUTED,
    MUTE,
    UNMUTE,
    MOVE_TALK,
    WORDS_BEFORE,
    QUICK,
    QUICK_COUNT,
    ADD_QUICK,
    CHANGE_QUICK,
    DROP_QUICK,
    CONVERSATION_COUNTS,
    WAITING_COUNT,
    CAMPAIGN_MESSAGES,
    THREAD,
    SYNC_NOW,
];
/// Statements in SQLite's own words.
pub const ALL_SQLITE: &[&str] = &[INSERT_SQLITE, TALKS_SQLITE, NAMED_SQLITE];
/// Statements in PostgreSQL's own words.
pub const ALL_POSTGRES: &[&str] = &[INSERT_POSTGRES, TALKS_POSTGRES, NAMED_POSTGRES];
