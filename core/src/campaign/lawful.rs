//! What the law says of a campaign's steps on the day it would start ([`crate::law`]). Asked when
//! it is handed in, in each forecast and at the launch; the claim asks again for the day on which a
//! message would really go. A campaign none of whose steps may go is refused. Of one with several,
//! a step that may not go is left out for everybody, and the next one goes.

use chrono::NaiveDate;

use super::{Campaign, CampaignError, Result, audience::start_of, spec::Spec};
use crate::{
    account::settings,
    channel::ChannelKind,
    clock::Moment,
    id::VersionId,
    law::{self, Ask, Rule, Ruling, Stand},
    store::Store,
    template::{self, Class},
};

/// A step that rules speak of.
#[derive(Debug, Clone, PartialEq)]
pub struct StepLaw {
    pub step: i16,
    /// The channel's name.
    pub channel: String,
    pub kind: ChannelKind,
    pub class: Class,
    /// One at least.
    pub rulings: Vec<Ruling>,
}

impl StepLaw {
    /// Whether nothing of it goes.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.rulings.iter().any(|ruling| ruling.stand == Stand::Blocks)
    }
}

/// The day a campaign that is launched now would start, by the account's clock.
pub(super) fn day(spec: &Spec, campaign: &Campaign, now: Moment) -> NaiveDate {
    start_of(campaign, now).with_timezone(&spec.zone).date_naive()
}

/// The steps that rules speak of on a day.
pub(super) async fn of(store: &Store, spec: &Spec, day: NaiveDate) -> sqlx::Result<Vec<StepLaw>> {
    let (book, profile) = (law::book(), law::profile::load(store, spec.account).await?);
    let mut found = Vec::new();
    for step in &spec.steps {
        let mut ask = Ask { class: step.class, kind: step.kind, personal: true, day };
        if book.rulings(&profile, ask).iter().any(|ruling| ruling.rule.gate.as_ref().is_some_and(|gate| gate.personal)) {
            // What cannot be read is taken for what it might be.
            ask.personal = template::content(store, spec.account, step.version).await?.is_none_or(|content| content.is_personal());
        }
        let rulings = book.rulings(&profile, ask);
        if !rulings.is_empty() {
            found.push(StepLaw { step: step.step, channel: step.channel_name.clone(), kind: step.kind, class: step.class, rulings });
        }
    }
    Ok(found)
}

/// The messengers through which a step may not go on the day the campaign would start, each with
/// the rules that keep it out: what a choice of channels shows. Of a step without a text (yet)
/// those that are barred whatever is written.
///
/// # Errors
/// The database's.
pub async fn barred(
    store: &Store,
    campaign: &Campaign,
    version: Option<VersionId>,
    now: Moment,
) -> sqlx::Result<Vec<(ChannelKind, Vec<&'static Rule>)>> {
    let account = campaign.account_id;
    let profile = law::profile::load(store, account).await?;
    let content = match version {
        Some(version) => template::content(store, account, version).await?,
        None => None,
    };
    let day = start_of(campaign, now).with_timezone(&settings::zone(store, account).await?).date_naive();
    let personal = content.as_ref().is_some_and(template::Content::is_personal);
    let classes = content.map_or_else(|| vec![Class::Advertising, Class::Service], |content| vec![content.class]);
    let of = |kind: ChannelKind| {
        let mut rules: Vec<&'static Rule> = Vec::new();
        for class in &classes {
            let blocking = law::book().blocking(&profile, Ask { class: *class, kind, personal, day });
            if blocking.is_empty() {
                return Vec::new();
            }
            rules.extend(blocking.into_iter().filter(|rule| rules.iter().all(|seen| seen.id != rule.id)).collect::<Vec<_>>());
        }
        rules
    };
    Ok(ChannelKind::ALL.iter().map(|kind| (*kind, of(*kind))).filter(|(_, rules)| !rules.is_empty()).collect())
}

/// Refuses a campaign none of whose steps may go; `steps`: how many it has.
pub(super) fn may_go(steps: usize, found: &[StepLaw]) -> Result<()> {
    let blocked = found.iter().filter(|step| step.is_blocked()).count();
    if steps > 0 && blocked == steps { Err(CampaignError::Law(found.to_vec())) } else { Ok(()) }
}
