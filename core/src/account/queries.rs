//! Statements of the account room.

/// Every account, oldest first.
pub const ACCOUNTS: &str = "select id, name, created_at from account order by created_at, id";
/// Founds an account.
pub const INSERT_ACCOUNT: &str = "insert into account (id, name, zone, language, phone_region, advertiser, cap_hours, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
/// An account's settings.
pub const SETTINGS: &str = "select name, zone, language, phone_region, min_grade, cap_hours, advertiser, session_idle_days, session_max_days, second_factor, logo_allowed from account where id = $1";
/// Writes an account's settings.
pub const UPDATE_SETTINGS: &str = "update account set name = $2, zone = $3, language = $4, phone_region = $5, min_grade = $6, cap_hours = $7, advertiser = $8, session_idle_days = $9, session_max_days = $10, second_factor = $11, logo_allowed = $12 where id = $1";

/// Functions that are off for an account.
pub const FEATURES_OFF: &str = "select name, reason, since from feature_off where account_id = $1 order by name";
/// Why a function is off.
pub const FEATURE_OFF: &str = "select reason from feature_off where account_id = $1 and name = $2";
/// Switches a function off.
pub const SWITCH_OFF: &str =
    "insert into feature_off (account_id, name, reason, since) values ($1, $2, $3, $4) on conflict (account_id, name) do nothing";
/// Switches it on again.
pub const SWITCH_ON: &str = "delete from feature_off where account_id = $1 and name = $2";
/// The suspension that holds, the one that closes more first.
pub const SUSPENDED: &str = "select id, scope, reason, document, document_hash, begins_at, ends_at, lifted_at, lift_reason from suspension \
    where account_id = $1 and lifted_at is null and (ends_at is null or ends_at > $2) order by scope, begins_at limit 1";
/// Every suspension of an account, the newest first.
pub const SUSPENSIONS: &str = "select id, scope, reason, document, document_hash, begins_at, ends_at, lifted_at, lift_reason from suspension \
    where account_id = $1 order by begins_at desc, id desc";
/// Closes access.
pub const SUSPEND: &str = "insert into suspension (id, account_id, scope, reason, document, document_hash, begins_at, ends_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
/// Opens it again.
pub const LIFT_SUSPENSIONS: &str = "update suspension set lifted_at = $2, lift_reason = $3 where account_id = $1 and lifted_at is null";

/// Takes a member in; a taken login inserts nothing.
pub const INSERT_MEMBER: &str = "insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (login) do nothing";
/// Members of an account with the number of their live sessions, owners first.
pub const MEMBERS: &str = "select m.id, m.login, m.name, m.role, m.language, m.failures, m.locked_at, m.lock_reason, m.disabled_at, m.created_at, (select count(*) from session s where s.member_id = m.id and s.ended_at is null) as sessions, exists (select 1 from second_factor f where f.member_id = m.id and f.confirmed_at is not null) as second_factor from member m where m.account_id = $1 order by case m.role when 'owner' then 0 when 'manager' then 1 when 'approver' then 2 else 3 end, m.name, m.id";
/// One member.
pub const MEMBER: &str = "select m.id, m.login, m.name, m.role, m.language, m.failures, m.locked_at, m.lock_reason, m.disabled_at, m.created_at, (select count(*) from session s where s.member_id = m.id and s.ended_at is null) as sessions, exists (select 1 from second_factor f where f.member_id = m.id and f.confirmed_at is not null) as second_factor from member m where m.account_id = $1 and m.id = $2";
/// A member by login.
pub const MEMBER_BY_LOGIN: &str = "select id from member where account_id = $1 and login = $2";
/// Owners who can sign in, other than one: a locked one cannot.
pub const OTHER_OWNERS: &str =
    "select count(*) from member where account_id = $1 and role = 'owner' and disabled_at is null and locked_at is null and id <> $2";
/// Changes a role.
pub const SET_ROLE: &str = "update member set role = $3 where account_id = $1 and id = $2";
/// Changes a member's own name and language.
pub const SET_PROFILE: &str = "update member set name = $3, language = $4 where account_id = $1 and id = $2";
/// Lets a member no longer in (a moment) or in again (null).
pub const SET_DISABLED: &str = "update member set disabled_at = $3 where account_id = $1 and id = $2";
/// Sets a password, which is due no more; a lock stays.
pub const SET_PASSWORD: &str = "update member set password_hash = $3, password_due = null where account_id = $1 and id = $2";
/// Asks for another password before anything else.
pub const SET_PASSWORD_DUE: &str = "update member set password_due = $3 where account_id = $1 and id = $2";
/// Notes that a member's password was set by a link somebody else made.
pub const SET_PASSWORD_RESET: &str = "update member set password_reset_at = $3 where account_id = $1 and id = $2";
/// When that was.
pub const PASSWORD_RESET: &str = "select password_reset_at from member where account_id = $1 and id = $2";
/// A member's password hash.
pub const PASSWORD_HASH: &str = "select password_hash from member where account_id = $1 and id = $2";
/// Passwords of the members who signed in from a Telegram user.
pub const HASHES_OF_PHONE: &str = "select m.password_hash from member m where m.id in (select s.member_id from session s where s.telegram_user_id = $1) order by m.id limit 3";
/// Locks a login; a lock that is there already keeps its first moment and reason.
pub const LOCK: &str = "update member set locked_at = $3, lock_reason = $4 where account_id = $1 and id = $2 and locked_at is null";
/// Lifts a lock.
pub const UNLOCK: &str =
    "update member set locked_at = null, lock_reason = null, failures = 0, delayed_until = null where account_id = $1 and id = $2";

/// What a login needs to know of a member.
pub const LOGIN: &str =
    "select id, account_id, password_hash, name, role, language, locked_at, disabled_at, password_due from member where login = $1";
/// Whether a member was signed in from a Telegram user before, and it was they.
pub const KNOWN_PHONE: &str = "select count(*) from session where telegram_user_id = $1 and member_id = $2 and (end_reason is null or end_reason not in ('not_me', 'lost_phone'))";
/// Takes what is counted against a Telegram user, for the rest of the change.
pub const TAKE_GUARD: &str = "insert into login_guard (telegram_user_id, failures, delayed_until, updated_at) values ($1, 0, null, $2) on conflict (telegram_user_id) do update set telegram_user_id = excluded.telegram_user_id returning failures, delayed_until, updated_at";
/// Counts an attempt of a Telegram user.
pub const SET_GUARD: &str = "update login_guard set failures = $2, delayed_until = $3, updated_at = $4 where telegram_user_id = $1";
/// Forgives a Telegram user a number of attempts.
pub const FORGIVE_GUARD: &str = "update login_guard set failures = case when failures > $2 then failures - $2 else 0 end, delayed_until = null where telegram_user_id = $1";
/// Takes what is counted against a Telegram user at one login.
pub const TAKE_TRY: &str = "insert into login_try (telegram_user_id, login, failures, delayed_until, updated_at) values ($1, $2, 0, null, $3) on conflict (telegram_user_id, login) do update set login = excluded.login returning failures, delayed_until, updated_at";
/// Counts an attempt of a Telegram user at one login.
pub const SET_TRY: &str =
    "update login_try set failures = $3, delayed_until = $4, updated_at = $5 where telegram_user_id = $1 and login = $2";
/// Forgets what is counted against a Telegram user at one login.
pub const FORGET_TRY: &str = "delete from login_try where telegram_user_id = $1 and login = $2";
/// Forgets what is counted against anybody at one login.
pub const FORGET_TRIES: &str = "delete from login_try where login = $1";
/// Takes what is counted at a login from phones it does not know.
pub const TAKE_COUNT: &str = "insert into login_count (login, failures, delayed_until, updated_at) values ($1, 0, null, $2) on conflict (login) do update set login = excluded.login returning failures, delayed_until, updated_at";
/// Counts an attempt at a login from a phone it does not know.
pub const SET_COUNT: &str = "update login_count set failures = $2, delayed_until = $3, updated_at = $4 where login = $1";
/// Forgives a login a number of attempts.
pub const FORGIVE_COUNT: &str =
    "update login_count set failures = case when failures > $2 then failures - $2 else 0 end, delayed_until = null where login = $1";
/// Forgets counts that nobody added to since a moment.
pub const SWEEP_TRIES: &[&str] = &[
    "delete from login_guard where updated_at < $1",
    "delete from login_try where updated_at < $1",
    "delete from login_count where updated_at < $1",
];

/// Makes a link for a new password.
pub const INSERT_LINK: &str = "insert into password_link (id, account_id, member_id, token_hash, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
/// The member behind a link that can still be used.
pub const LINK: &str = "select l.id, l.account_id, l.member_id, a.name as account_name, m.login, m.name, m.role, m.language from password_link l join member m on m.id = l.member_id join account a on a.id = l.account_id where l.token_hash = $1 and l.used_at is null and l.expires_at > $2 and m.disabled_at is null";
/// Uses a member's links up: a newer one, or a new password, makes the older ones void.
pub const VOID_LINKS: &str = "update password_link set used_at = $3 where account_id = $1 and member_id = $2 and used_at is null";
/// Uses a link up; one of two at the same time wins.
pub const USE_LINK: &str = "update password_link set used_at = $2 where id = $1 and used_at is null and expires_at > $2";

/// Opens a session.
pub const INSERT_SESSION: &str = "insert into session (id, account_id, member_id, telegram_user_id, telegram_name, created_at, last_seen_at) values ($1, $2, $3, $4, $5, $6, $6)";
/// Ends the live session of a Telegram user.
pub const END_OF_TELEGRAM_USER: &str = "update session set ended_at = $2, end_reason = $3 where telegram_user_id = $1 and ended_at is null";
/// Ends the live sessions of a member, except one (the nil UUID: none is kept).
pub const END_OF_MEMBER: &str =
    "update session set ended_at = $4, end_reason = $5 where account_id = $1 and member_id = $2 and id <> $3 and ended_at is null";
/// Ends one session.
pub const END_SESSION: &str = "update session set ended_at = $3, end_reason = $4 where account_id = $1 and id = $2 and ended_at is null";
/// The member behind a Telegram user's live session. A lock does not end it (or strangers could
/// throw a member out by typing wrong passwords); disabling does.
pub const AUTHENTICATE: &str = "select s.id, s.account_id, s.member_id, s.created_at, s.last_seen_at, m.role, m.language, m.name, m.password_due, a.session_idle_days, a.session_max_days, s.proved_at is not null as proved, a.second_factor as demanded, exists (select 1 from second_factor f where f.member_id = m.id and f.confirmed_at is not null) as has_second from session s join member m on m.id = s.member_id join account a on a.id = s.account_id where s.telegram_user_id = $1 and s.ended_at is null and m.disabled_at is null";
/// Live sessions with their accounts' limits: for those that end by themselves.
pub const LIVE_SESSIONS: &str = "select s.id, s.account_id, s.member_id, s.created_at, s.last_seen_at, a.session_idle_days, a.session_max_days from session s join account a on a.id = s.account_id where s.ended_at is null order by s.id";
/// A session, live or not.
pub const ANY_SESSION: &str =
    "select id, member_id, telegram_user_id, telegram_name, created_at, last_seen_at from session where account_id = $1 and id = $2";
/// Ends every session of a member from a Telegram user, the ended ones anew: it was not they.
pub const END_NOT_ME: &str = "update session set ended_at = coalesce(ended_at, $4), end_reason = 'not_me' where account_id = $1 and member_id = $2 and telegram_user_id = $3";
/// No phone of a member is known any more: one of them is lost.
pub const FORGET_PHONES: &str =
    "update session set end_reason = 'lost_phone' where account_id = $1 and member_id = $2 and ended_at is not null";
/// Sessions a member ever had.
pub const SESSIONS_EVER: &str = "select count(*) from session where account_id = $1 and member_id = $2";
/// Live sessions of a member from other Telegram users than one.
pub const OTHER_SESSIONS: &str =
    "select count(*) from session where account_id = $1 and member_id = $2 and ended_at is null and telegram_user_id <> $3";
/// Notes that a session is used.
pub const SEEN: &str = "update session set last_seen_at = $2 where id = $1 and ended_at is null";
/// Live sessions of a member, newest use first.
pub const SESSIONS: &str = "select id, member_id, telegram_user_id, telegram_name, created_at, last_seen_at from session where account_id = $1 and member_id = $2 and ended_at is null order by last_seen_at desc, id";
/// A live session.
pub const SESSION: &str = "select id, member_id, telegram_user_id, telegram_name, created_at, last_seen_at from session where account_id = $1 and id = $2 and ended_at is null";
/// Telegram users signed in to an account, with role and language: whom a notice can reach.
pub const AUDIENCE: &str = "select s.telegram_user_id, s.member_id, m.role, m.language from session s join member m on m.id = s.member_id \
    join account a on a.id = s.account_id left join second_factor f on f.member_id = m.id and f.confirmed_at is not null \
    where s.account_id = $1 and s.ended_at is null and m.disabled_at is null \
    and (f.member_id is null and not a.second_factor or f.member_id is not null and s.proved_at is not null) order by s.id";

/// A member's second factor, with its sealed secret.
pub const SECOND: &str =
    "select secret, confirmed_at, last_step, wrong, delayed_until from second_factor where account_id = $1 and member_id = $2";
/// How it stands.
pub const SECOND_STANDING: &str = "select (select f.confirmed_at from second_factor f where f.account_id = a.id and f.member_id = $2) as since, \
    (select count(*) from recovery_code r where r.account_id = a.id and r.member_id = $2 and r.used_at is null) as codes, a.second_factor as demanded \
    from account a where a.id = $1";
/// Whether an owner demands one.
pub const SECOND_DEMANDED: &str = "select second_factor from account where id = $1";
/// Whether a member has one.
pub const HAS_SECOND: &str =
    "select exists (select 1 from second_factor where account_id = $1 and member_id = $2 and confirmed_at is not null)";
/// Begins to set one up, or begins anew.
pub const BEGIN_SECOND: &str = "insert into second_factor (member_id, account_id, secret, created_at) values ($2, $1, $3, $4) \
    on conflict (member_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0, wrong = 0, delayed_until = null \
    where second_factor.confirmed_at is null";
/// It is asked for from now on.
pub const CONFIRM_SECOND: &str = "update second_factor set confirmed_at = $3, last_step = $4, wrong = 0, delayed_until = null where account_id = $1 and member_id = $2 and confirmed_at is null";
/// A code was right.
pub const GOOD_SECOND: &str =
    "update second_factor set last_step = $3, wrong = 0, delayed_until = null where account_id = $1 and member_id = $2";
/// A code was wrong.
pub const WRONG_SECOND: &str = "update second_factor set wrong = $3, delayed_until = $4 where account_id = $1 and member_id = $2";
/// It is gone.
pub const DROP_SECOND: &str = "delete from second_factor where account_id = $1 and member_id = $2";
/// Keeps a recovery code.
pub const ADD_CODE: &str = "insert into recovery_code (member_id, digest, account_id) values ($2, $3, $1)";
/// Uses a recovery code up.
pub const USE_CODE: &str =
    "update recovery_code set used_at = $4 where account_id = $1 and member_id = $2 and digest = $3 and used_at is null";
/// Recovery codes go.
pub const DROP_CODES: &str = "delete from recovery_code where account_id = $1 and member_id = $2";
/// The second factor was proved in a session.
pub const PROVED: &str = "update session set proved_at = $3 where account_id = $1 and id = $2 and ended_at is null";

/// Makes an invitation.
pub const INSERT_INVITATION: &str =
    "insert into invitation (id, account_id, token_hash, role, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)";
/// Invitations that can still be accepted.
pub const INVITATIONS: &str = "select i.id, i.role, i.created_by, i.created_at, i.expires_at from invitation i where i.account_id = $1 and i.used_at is null and i.expires_at > $2 order by i.created_at, i.id";
/// How many invitations can still be accepted.
pub const OPEN_INVITATIONS: &str = "select count(*) from invitation where account_id = $1 and used_at is null and expires_at > $2";
/// An invitation by its token's hash.
pub const INVITATION: &str = "select i.id, i.account_id, i.role, a.name as account_name, i.expires_at from invitation i join account a on a.id = i.account_id where i.token_hash = $1 and i.used_at is null and i.expires_at > $2";
/// Uses an invitation up; one of two at the same time wins.
pub const USE_INVITATION: &str = "update invitation set used_at = $2, used_by = $3 where id = $1 and used_at is null and expires_at > $2";
/// Revokes an invitation: used, by nobody.
pub const REVOKE_INVITATION: &str = "update invitation set used_at = $3 where account_id = $1 and id = $2 and used_at is null";

/// Issues a licence.
pub const INSERT_LICENCE: &str =
    "insert into licence (id, account_id, plan, valid_from, valid_until, created_at) values ($1, $2, $3, $4, $5, $6)";
/// Revokes a licence.
pub const REVOKE_LICENCE: &str = "update licence set revoked_at = $3 where account_id = $1 and id = $2 and revoked_at is null";
/// Licences of an account, newest first.
pub const LICENCES: &str = "select id, account_id, plan, valid_from, valid_until, revoked_at from licence where account_id = $1 order by valid_until desc, id desc";
/// The licence that holds at a moment: of several the one that began last.
pub const LICENCE: &str = "select id, account_id, plan, valid_from, valid_until, revoked_at from licence where account_id = $1 and revoked_at is null and (valid_from <= $2 or valid_from <= created_at or valid_from <= (select at from clock_seen where id = 1)) and valid_until > $2 order by valid_from desc, valid_until desc, id desc limit 1";
/// Licences that run out between two moments without another that lasts longer.
pub const LICENCES_ENDING: &str = "select l.id, l.account_id, l.plan, l.valid_from, l.valid_until, l.revoked_at from licence l \
    where l.revoked_at is null and l.valid_from <= $1 and l.valid_until > $2 and l.valid_until <= $3 and not exists (select 1 from licence o \
    where o.account_id = l.account_id and o.revoked_at is null and o.valid_from <= l.valid_until \
    and (o.valid_until > l.valid_until or (o.valid_until = l.valid_until and o.id > l.id))) order by l.valid_until";
/// Members who can sign in.
pub const COUNT_MEMBERS: &str = "select count(*) from member where account_id = $1 and disabled_at is null";
/// Channels that are not removed.
pub const COUNT_CHANNELS: &str = "select count(*) from channel where account_id = $1 and state <> 'removed'";

/// Orders that wait to be paid.
pub const OPEN_ORDERS: &str = "select count(*) from licence_order where account_id = $1 and state = 'open'";
/// Accepted terms, word for word, once.
pub const KEEP_TERMS: &str =
    "insert into licence_terms (hash, language, body, created_at) values ($1, $2, $3, $4) on conflict (hash) do nothing";
macro_rules! order_columns {
    () => {
        "id, account_id, member_id, plan, months, amount, currency, way, state, terms, buyer, buyer_inn, created_at, expires_at, licence_id"
    };
}
/// Makes an order.
pub const PLACE_ORDER: &str = concat!(
    "insert into licence_order (account_id, member_id, plan, months, edition, amount, currency, way, state, terms, buyer, buyer_inn, \
     created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11, $12, $13) returning ",
    order_columns!()
);
/// An order.
pub const ORDER: &str = concat!("select ", order_columns!(), " from licence_order where account_id = $1 and id = $2");
/// Orders of an account, the newest first.
pub const ORDERS: &str = concat!("select ", order_columns!(), " from licence_order where account_id = $1 order by id desc limit $2");
/// Whose order it is: what comes from outside names an order alone.
pub const ORDER_ACCOUNT: &str = "select account_id from licence_order where id = $1";
/// Holds an order for a change.
pub const HOLD_ORDER: &str = "update licence_order set state = state where account_id = $1 and id = $2";
/// An order is over without a payment.
pub const END_ORDER: &str = "update licence_order set state = $3, ended_at = $4 where account_id = $1 and id = $2 and state = 'open'";
/// Orders that nobody paid in time.
pub const EXPIRE_ORDERS: &str = "update licence_order set state = 'expired', ended_at = $1 where state = 'open' and expires_at <= $1";
/// An order is paid, whether it was open still or not.
pub const PAID_ORDER: &str =
    "update licence_order set state = 'paid', licence_id = $3, ended_at = $4 where account_id = $1 and id = $2 and state <> 'paid'";
/// The licence that a payment made, if the payment is known.
pub const PAYMENT: &str = "select licence_id from licence_payment where account_id = $1 and payment = $2";
/// Keeps a payment.
pub const KEEP_PAYMENT: &str = "insert into licence_payment (payment, account_id, order_id, amount, currency, licence_id, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7)";
/// What was kept while access was closed made a licence after all.
pub const PAYMENT_MADE: &str = "update licence_payment set licence_id = $3 where account_id = $1 and payment = $2 and licence_id is null";
/// Why a payment made no licence, and whether that is settled. By the number alone: the first time
/// it may have named no order.
pub const STRAY: &str = "select why, ended_at is not null from stray_payment where payment = $1";
/// Puts money aside that makes no licence.
pub const PUT_ASIDE: &str = "insert into stray_payment (payment, account_id, told, amount, currency, why, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (payment) do nothing";
/// Money that is to be given back, of all accounts.
pub const ASIDE: &str = "select payment, account_id, told, amount, currency, why, created_at from stray_payment where ended_at is null \
    order by created_at, payment";
/// It was given back by a document, or made a licence after all.
pub const END_ASIDE: &str = "update stray_payment set document = $2, ended_at = $3 where payment = $1 and ended_at is null";
/// Whether anybody could come in; nobody of a company that was deleted.
pub const SOMEBODY_COMES_IN: &str = "select exists (select 1 from member where account_id = $1 and password_hash <> '')";
/// Campaigns that were launched and are not over.
pub const LOAD_CAMPAIGNS: &str =
    "select count(*) from campaign where account_id = $1 and state in ('scheduled', 'planning', 'running', 'paused')";
/// Files sent for import since then.
pub const LOAD_IMPORTS: &str = "select count(*) from import where account_id = $1 and created_at > $2";
/// Bytes of the files that are kept.
pub const LOAD_FILES: &str = "select cast(coalesce(sum(size), 0) as bigint) from file where account_id = $1";
/// Messages of CRMs since then, those that were refused too.
pub const LOAD_FROM_CRM: &str = "select count(*) from crm_message where account_id = $1 and created_at > $2";
/// Payments of an account, the newest first.
pub const PAYMENTS: &str = "select payment, order_id, amount, currency, licence_id, created_at from licence_payment where account_id = $1 \
    order by created_at desc, payment limit $2";
/// When the last of the licences of a plan ends that have not ended yet.
pub const PLAN_ENDS: &str =
    "select max(valid_until) from licence where account_id = $1 and plan = $2 and revoked_at is null and valid_until > $3";
/// Notes that a signed key was entered.
pub const ENTER_KEY: &str =
    "insert into licence_key (id, account_id, licence_id, entered_at) values ($1, $2, $3, $4) on conflict (id) do nothing";

/// Every statement.
pub const ALL: &[&str] = &[
    ACCOUNTS,
    INSERT_ACCOUNT,
    SETTINGS,
    UPDATE_SETTINGS,
    FEATURES_OFF,
    FEATURE_OFF,
    SWITCH_OFF,
    SWITCH_ON,
    SUSPENDED,
    SUSPENSIONS,
    SUSPEND,
    LIFT_SUSPENSIONS,
    INSERT_MEMBER,
    MEMBERS,
    MEMBER,
    MEMBER_BY_LOGIN,
    OTHER_OWNERS,
    SET_ROLE,
    SET_PROFILE,
    SET_DISABLED,
    SET_PASSWORD,
    PASSWORD_HASH,
    HASHES_OF_PHONE,
    LOCK,
    UNLOCK,
    SET_PASSWORD_DUE,
    SET_PASSWORD_RESET,
    PASSWORD_RESET,
    LOGIN,
    KNOWN_PHONE,
    TAKE_GUARD,
    SET_GUARD,
    FORGIVE_GUARD,
    TAKE_TRY,
    SET_TRY,
    FORGET_TRY,
    FORGET_TRIES,
    TAKE_COUNT,
    SET_COUNT,
    FORGIVE_COUNT,
    INSERT_LINK,
    LINK,
    VOID_LINKS,
    USE_LINK,
    LIVE_SESSIONS,
    ANY_SESSION,
    END_NOT_ME,
    FORGET_PHONES,
    SESSIONS_EVER,
    OTHER_SESSIONS,
    INSERT_SESSION,
    END_OF_TELEGRAM_USER,
    END_OF_MEMBER,
    END_SESSION,
    AUTHENTICATE,
    SEEN,
    SESSIONS,
    SESSION,
    AUDIENCE,
    SECOND,
    SECOND_STANDING,
    SECOND_DEMANDED,
    HAS_SECOND,
    BEGIN_SECOND,
    CONFIRM_SECOND,
    GOOD_SECOND,
    WRONG_SECOND,
    DROP_SECOND,
    ADD_CODE,
    USE_CODE,
    DROP_CODES,
    PROVED,
    INSERT_INVITATION,
    INVITATIONS,
    OPEN_INVITATIONS,
    INVITATION,
    USE_INVITATION,
    REVOKE_INVITATION,
    INSERT_LICENCE,
    REVOKE_LICENCE,
    LICENCES,
    LICENCE,
    LICENCES_ENDING,
    COUNT_MEMBERS,
    COUNT_CHANNELS,
    OPEN_ORDERS,
    KEEP_TERMS,
    PLACE_ORDER,
    ORDER,
    ORDERS,
    ORDER_ACCOUNT,
    HOLD_ORDER,
    END_ORDER,
    EXPIRE_ORDERS,
    PAID_ORDER,
    PAYMENT,
    KEEP_PAYMENT,
    PAYMENT_MADE,
    LOAD_CAMPAIGNS,
    LOAD_IMPORTS,
    LOAD_FILES,
    LOAD_FROM_CRM,
    STRAY,
    PUT_ASIDE,
    ASIDE,
    END_ASIDE,
    SOMEBODY_COMES_IN,
    PAYMENTS,
    PLAN_ENDS,
    ENTER_KEY,
];
