//! The first steps of a company: what is to be set up before its first campaign, each a press,
//! until all is done.

use mms_core::{
    account::{Actor, Right, Role, member, settings as core_settings},
    campaign::view,
    channel::store as channels_room,
    contact::card as contacts_room,
    template::versions::{self, VersionState},
};

use super::Call;
use crate::{
    frame::{
        callback::Press,
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::{Html, Tr},
    p,
    screens::{campaigns, channels, imports, members, settings, templates},
    t,
};

/// Templates looked at for one that is approved or waits for it.
const TEMPLATES: i64 = 50;

/// What of the setting up is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Steps {
    /// A bot for customers is connected.
    pub bot: bool,
    /// The settings name the advertiser.
    pub advertiser: bool,
    /// There are contacts.
    pub contacts: bool,
    /// Somebody besides the member can approve.
    pub approver: bool,
    /// A template was approved, or waits for it.
    pub template: bool,
    /// A campaign was launched.
    pub campaign: bool,
}

impl Steps {
    fn each(&self) -> [bool; 6] {
        [self.bot, self.advertiser, self.contacts, self.approver, self.template, self.campaign]
    }

    /// How many are done, and of how many.
    #[must_use]
    pub fn count(&self) -> (usize, usize) {
        (self.each().into_iter().filter(|done| *done).count(), self.each().len())
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn done(&self) -> bool {
        self.each().into_iter().all(|done| done)
    }
}

/// The steps of the member's company; `None`: they are not this member's to take.
pub async fn steps(cx: &Cx, actor: &Actor) -> Result<Option<Steps>, BotError> {
    if !actor.role.may(Right::Edit) {
        return Ok(None);
    }
    let (store, account) = (&cx.deps.store, actor.account);
    let states = view::states(store, account).await.map_err(|error| campaigns::refused(cx.tr, error))?;
    // Whoever launched a campaign has set up what it takes; nothing else is looked at any more.
    if states.iter().any(|(state, count)| (state.live() || state.over()) && *count > 0) {
        return Ok(Some(Steps { bot: true, advertiser: true, contacts: true, approver: true, template: true, campaign: true }));
    }
    let handed_in = |one: &versions::Listed| one.approved_id.is_some() || one.state == VersionState::Submitted;
    Ok(Some(Steps {
        bot: !channels_room::list(store, account).await?.is_empty(),
        advertiser: core_settings::get(store, account).await?.is_some_and(|settings| !settings.advertiser.is_empty()),
        contacts: contacts_room::count_to(store, account, 1).await? > 0,
        approver: member::approver_besides(store, account, &[actor.member]).await?,
        template: versions::list(store, account, false, TEMPLATES, 0).await?.iter().any(handed_in),
        campaign: false,
    }))
}

/// The checklist.
pub(super) async fn show(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    let steps = steps(cx, actor).await?.unwrap_or_default();
    Ok(card(cx.tr, &steps, actor.role).into())
}

/// The checklist: what is done, and a button for each thing that is not.
#[must_use]
pub fn card(tr: Tr, steps: &Steps, role: Role) -> Screen {
    let template: Press = templates::Call::Starters.into();
    let all: [(bool, String, Press); 6] = [
        (steps.bot, p!(tr, "start-step-bot"), channels::Call::Add.into()),
        (steps.advertiser, p!(tr, "start-step-advertiser"), settings::Call::Ask { what: settings::What::Advertiser }.into()),
        (steps.contacts, p!(tr, "start-step-contacts"), imports::Call::List.into()),
        (steps.approver, p!(tr, "start-step-approver"), members::Call::Invite.into()),
        (steps.template, p!(tr, "start-step-template"), template),
        (steps.campaign, p!(tr, "start-step-campaign"), campaigns::Call::New.into()),
    ];
    let lines: Vec<String> = all
        .iter()
        .map(|(done, text, call)| match (done, call.need.admits(Some(role))) {
            (true, _) => t!(tr, "start-step-done", step = text),
            (false, true) => t!(tr, "start-step-open", step = text),
            (false, false) => t!(tr, "start-step-owners", step = text),
        })
        .collect();
    let (done, count) = steps.count();
    let html = t!(tr, "start-steps", done = done, all = count, lines = Html(lines.join("\n")));
    let html = if steps.done() { format!("{html}\n\n{}", t!(tr, "start-steps-done")) } else { html };
    all.into_iter()
        .filter(|(done, _, call)| !done && call.need.admits(Some(role)))
        .fold(Screen::new(html), |screen, (_, text, call)| screen.row([Button::call(text, call)]))
        .home(tr)
        .at(Call::Steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshots;

    snapshots!(start_steps_new, |tr| card(tr, &Steps::default(), Role::Owner));
    snapshots!(start_steps_manager, |tr| card(tr, &Steps { advertiser: true, contacts: true, ..Steps::default() }, Role::Manager));
    snapshots!(start_steps_done, |tr| {
        let all = Steps { bot: true, advertiser: true, contacts: true, approver: true, template: true, campaign: true };
        card(tr, &all, Role::Owner)
    });
}
