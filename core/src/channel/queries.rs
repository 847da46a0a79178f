//! Statements of the channel room.

/// The columns of [`super::store::ChannelRow`].
macro_rules! columns {
    () => {
        "id, account_id, kind, name, external_id, username, settings, state, state_reason, hook_secret, lease_owner, lease_until, next_allowed_at, held_until, update_cursor, terms, found_rate, cut_since, deaf, created_at"
    };
}

/// A new channel.
pub const INSERT: &str = "insert into channel (id, account_id, kind, name, external_id, username, credentials, settings, state, hook_secret, created_at) \
    values ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10)";
/// The account's removed channel of the same identity: its addresses are still good, so it comes
/// back as itself.
pub const REMOVED: &str = "select id from channel where account_id = $1 and kind = $2 and external_id = $3 and state = 'removed' order by created_at desc limit 1";
/// Brings a removed channel back.
pub const REVIVE: &str = "update channel set name = $3, username = $4, credentials = $5, settings = $6, state = 'active', state_reason = null, hook_secret = $7, \
    held_until = null, cut_since = null, deaf = null where account_id = $1 and id = $2 and state = 'removed'";
/// An account's channels.
pub const LIST: &str = concat!("select ", columns!(), " from channel where account_id = $1 and state <> 'removed' order by created_at, id");
/// One channel of an account.
pub const GET: &str = concat!("select ", columns!(), " from channel where account_id = $1 and id = $2");
/// One channel, whosever: for jobs and webhooks, which are given a channel's id and nothing else.
pub const ANY: &str = concat!("select ", columns!(), " from channel where id = $1");
/// Channels whose updates are wanted: all that are not removed (opt-outs come in whatever else is
/// stopped).
pub const LISTENING: &str = concat!("select ", columns!(), " from channel where state <> 'removed' order by created_at, id");
/// The channel that holds a sending identity, whosever.
pub const IDENTITY: &str = concat!("select ", columns!(), " from channel where kind = $1 and external_id = $2 and state <> 'removed'");
/// Channels that share a limit of this name in quotes, whosever, oldest first.
pub const OF_KEY: &str =
    concat!("select ", columns!(), " from channel where state <> 'removed' and cast(terms as text) like $1 order by created_at, id");
/// Whether anybody wrote to a channel: somebody has a chat with it.
pub const HEARD: &str = "select cast(1 as bigint) from address where account_id = $1 and kind = $2 and scope_id = $3 limit 1";
/// Its sealed credentials.
pub const CREDENTIALS: &str = "select credentials from channel where id = $1 and state <> 'removed'";
/// A person's change of state, compare-and-set.
pub const SET_STATE: &str = "update channel set state = $4, state_reason = $5 where account_id = $1 and id = $2 and state = $3";
/// Forgets the credentials of a removed channel.
pub const FORGET: &str = "update channel set credentials = $3 where account_id = $1 and id = $2";
/// A person's change of settings.
pub const SET_SETTINGS: &str = "update channel set settings = $3 where account_id = $1 and id = $2 and state <> 'removed'";
/// New credentials of the same identity. What a member paused stays paused, what stopped for
/// another reason than its credentials ($5) stays stopped, and the provider's wish to wait is the
/// sender's, whatever its credentials; and whether it hears people they do not tell.
pub const SET_CREDENTIALS: &str = "update channel set credentials = $3, username = $4, \
    state = case when state = 'misconfigured' and $5 then 'active' else state end, \
    state_reason = case when state = 'misconfigured' and not $5 then state_reason end \
    where account_id = $1 and id = $2 and state <> 'removed'";
/// What the provider lets this sender do.
pub const SET_TERMS: &str = "update channel set terms = $3, quota_scope = $4 where account_id = $1 and id = $2 and terms <> $3";
/// Takes the lease: free, ended, or ending later than any lease may (the clock was set back).
pub const LEASE: &str = "update channel set lease_owner = $2, lease_token = lease_token + 1, lease_until = $3 \
    where id = $1 and (lease_until is null or lease_until <= $4 or lease_until > $5) returning lease_token";
/// How many channels other workers own.
pub const LEASED_BY_OTHERS: &str = "select count(*) from channel where lease_owner <> $1 and lease_until > $2";
/// Keeps the lease, and the pacer's memory.
pub const EXTEND: &str = "update channel set lease_until = $3, next_allowed_at = $4, found_rate = $5 where id = $1 and lease_token = $2 and lease_until is not null";
/// Gives the lease back, with the pacer's memory.
pub const GIVE_BACK: &str =
    "update channel set lease_owner = null, lease_until = null, next_allowed_at = $3, found_rate = $4 where id = $1 and lease_token = $2";
/// Recipients who must wait, as the owner before left them.
pub const OWED: &str = "select recipients from channel_owed where channel_id = $1";
/// Leaves recipients who must wait to the next owner.
pub const OWE: &str = "insert into channel_owed (channel_id, recipients) values ($1, $2) \
    on conflict (channel_id) do update set recipients = excluded.recipients";
/// Takes hold of a shared limit, so that its parts change one at a time. $2 is no channel's id.
pub const SHARE: &str = "insert into shared_part (scope, channel_id, part, until) values ($1, $2, 0, $3) \
    on conflict (scope, channel_id) do update set until = excluded.until";
/// Everybody's part of a shared limit, of those whose part is theirs still.
pub const PARTS: &str = "select channel_id, part from shared_part where scope = $1 and channel_id <> $2 and until > $3";
/// A channel's part of it.
pub const PART: &str = "insert into shared_part (scope, channel_id, part, until) values ($1, $2, $3, $4) \
    on conflict (scope, channel_id) do update set part = excluded.part, until = excluded.until";
/// A part is nobody's any more, soon.
pub const PART_ENDS: &str = "update shared_part set until = $3 where scope = $1 and channel_id = $2 and until > $3";
/// Closes the channel until later; never sooner than it was closed already.
pub const HOLD: &str = "update channel set held_until = $2 where id = $1 and (held_until is null or held_until < $2)";
/// The provider refuses the channel: it sends no more until a person looks at it.
pub const MISCONFIGURED: &str = "update channel set state = 'misconfigured', state_reason = $2 where id = $1 and state = 'active' \
    returning account_id, kind, name";
/// What the provider stopped for this reason it lets send again.
pub const SENDS_AGAIN: &str =
    "update channel set state = 'active', state_reason = null where id = $1 and state = 'misconfigured' and state_reason = $2";
/// What people write to a channel does not reach us, for another reason than is known already.
pub const DEAF: &str = "update channel set deaf = $2 where id = $1 and (deaf is null or deaf = $3 and $2 <> $3) and state <> 'removed' \
    returning account_id, kind, name";
/// What people write reaches us.
pub const HEARS: &str = "update channel set deaf = null where id = $1 and deaf is not null";
/// The messenger gives no good answer since then.
pub const CUT: &str =
    "update channel set cut_since = $2 where id = $1 and cut_since is null and state <> 'removed' returning account_id, kind, name";
/// It answers again.
pub const BACK: &str = "update channel set cut_since = null where id = $1 and cut_since is not null returning account_id, kind, name";
/// Other channels of a messenger that are cut.
pub const OTHERS_CUT: &str =
    "select count(*) from channel where account_id = $1 and kind = $2 and id <> $3 and cut_since is not null and state <> 'removed'";
/// A file's reference at the provider.
pub const MEDIA_REF: &str = "select reference from media_ref where channel_id = $1 and sha256 = $2 and media_kind = $3 and created_at > $4";
/// Remembers a file's reference.
pub const REMEMBER_MEDIA: &str = "insert into media_ref (channel_id, sha256, media_kind, reference, created_at) values ($1, $2, $3, $4, $5) \
    on conflict (channel_id, sha256, media_kind) do update set reference = excluded.reference, created_at = excluded.created_at";
/// Forgets a file's reference, if it is still this one.
pub const FORGET_MEDIA: &str = "delete from media_ref where channel_id = $1 and sha256 = $2 and media_kind = $3 and reference = $4";
/// Every statement.
pub const ALL: &[&str] = &[
    INSERT,
    REMOVED,
    REVIVE,
    LIST,
    GET,
    ANY,
    LISTENING,
    IDENTITY,
    OF_KEY,
    HEARD,
    CREDENTIALS,
    SET_STATE,
    FORGET,
    SET_SETTINGS,
    SET_CREDENTIALS,
    SET_TERMS,
    LEASE,
    LEASED_BY_OTHERS,
    EXTEND,
    GIVE_BACK,
    OWED,
    OWE,
    SHARE,
    PARTS,
    PART,
    PART_ENDS,
    HOLD,
    MISCONFIGURED,
    SENDS_AGAIN,
    DEAF,
    HEARS,
    CUT,
    BACK,
    OTHERS_CUT,
    MEDIA_REF,
    REMEMBER_MEDIA,
    FORGET_MEDIA,
];
