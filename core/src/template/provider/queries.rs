//! Statements of the templates at providers.

macro_rules! columns {
    () => {
        "p.id, p.channel_id, h.kind, h.name as channel, p.template_version_id, t.name as template, p.name, p.language, p.category, p.state, p.external_id, \
         p.reason, p.quality, p.mapping, p.digest, p.submitted_at, p.changed_at"
    };
}
macro_rules! rows {
    () => {
        " from provider_template p join channel h on h.id = p.channel_id join template_version v on v.id = p.template_version_id \
         join template t on t.id = v.template_id "
    };
}

/// A version at a channel's provider.
pub const ONE: &str =
    concat!("select ", columns!(), rows!(), "where p.account_id = $1 and p.channel_id = $2 and p.template_version_id = $3");
/// A version at the providers of all channels.
pub const OF_VERSION: &str = concat!(
    "select ",
    columns!(),
    rows!(),
    "where p.account_id = $1 and p.template_version_id = $2 and h.state <> 'removed' order by h.name, p.id"
);
/// What a step of a campaign goes by, where its channel has one.
pub const OF_STEP: &str = concat!(
    "select ",
    columns!(),
    rows!(),
    "join campaign_step s on s.channel_id = p.channel_id join campaign_variant w on w.campaign_id = s.campaign_id and w.step = s.step \
     and w.variant = 1 and w.template_version_id = p.template_version_id where p.account_id = $1 and s.campaign_id = $2 and s.step = $3"
);
/// Templates that a provider's news is of: by its id, or by name and language. Several channels of
/// the account may go by the same one.
pub const TOLD: &str = concat!(
    "select ",
    columns!(),
    rows!(),
    "where p.account_id = $1 and h.kind = $2 and ((p.external_id = $3 and $3 <> '') or (p.name = $4 and p.language = $5))"
);
/// Those of a channel that are looked at, the longest waiting first.
pub const OF_CHANNEL: &str = concat!(
    "select ",
    columns!(),
    rows!(),
    "where p.account_id = $1 and p.channel_id = $2 and p.look_at is not null and p.look_at <= $3 order by p.look_at limit $4"
);
/// It is being handed in: one that was refused or is gone begins anew, and one whose answer never
/// came. One that is on its way this very moment is handed in by whoever pressed first.
pub const BEGIN: &str = "insert into provider_template (id, account_id, channel_id, template_version_id, name, language, category, state, external_id, \
    mapping, digest, submitted_by, submitted_at, changed_at, look_at) values ($1, $2, $3, $4, $5, $6, $7, 'sending', '', $8, $9, $10, $11, $11, $12) \
    on conflict (channel_id, template_version_id) do update set name = excluded.name, language = excluded.language, category = excluded.category, \
    state = 'sending', reason = null, quality = null, mapping = excluded.mapping, digest = excluded.digest, submitted_by = excluded.submitted_by, \
    submitted_at = excluded.submitted_at, changed_at = excluded.changed_at, look_at = excluded.look_at \
    where provider_template.state in ('refused', 'gone') or (provider_template.state = 'sending' and provider_template.changed_at <= $13)";
/// What the provider tells of one, as it was read.
pub const SET: &str = "update provider_template set state = $4, external_id = $5, reason = $6, quality = $7, category = $8, changed_at = $9, look_at = $10 \
    where account_id = $1 and id = $2 and state = $3";
/// It is looked at again then.
pub const LOOK_LATER: &str = "update provider_template set look_at = $4 where account_id = $1 and channel_id = $2 and look_at <= $3";
/// The provider's refusals say that it changed its mind: all of the channel's are looked at now.
pub const LOOK_NOW: &str =
    "update provider_template set look_at = $3 where account_id = $1 and channel_id = $2 and state = 'approved' and look_at > $3";

/// Every statement.
pub const ALL: &[&str] = &[ONE, OF_VERSION, OF_STEP, TOLD, OF_CHANNEL, BEGIN, SET, LOOK_LATER, LOOK_NOW];
