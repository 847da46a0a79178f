//! The menu and what is behind its buttons: pure.

use chrono::TimeDelta;
use mms_core::{
    account::Actor,
    campaign::{Campaign, State, view::Numbers},
    clock::Moment,
    id::{CampaignId, VersionId},
    template::versions::Waiting,
};

use super::Call;
use crate::{
    frame::{
        callback::Press,
        page::Page,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{
        agreement, audit, campaigns, channels, contacts,
        contacts::say,
        crm, imports, inbox, licence, members, segments, sessions, settings,
        start::{self, Steps},
        support, templates,
    },
    t, words,
};

/// Buttons of the first level, «More…» and «Settings» among them.
const FIRST_LEVEL: usize = 6;
/// A licence that ends sooner than this is told of in a sentence of its own.
const SOON: TimeDelta = TimeDelta::days(7);
/// Things that wait for approval on a page, a button each.
const WAITING: u32 = 20;

/// How things stand with a company, for a member of it.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The newest campaign that was launched and is not over.
    pub live: Vec<(Campaign, Numbers)>,
    /// How many campaigns are in each state.
    pub states: Vec<(State, i64)>,
    /// `None`: there is no licence.
    pub licensed_until: Option<Moment>,
    /// Channels that are connected.
    pub channels: usize,
    /// Of these, such as send.
    pub working: usize,
    /// Customers who wait for a reply.
    pub inbox: i64,
    /// Campaigns and templates that wait for this member's approval.
    pub approvals: usize,
    /// When the server is or will be worked on.
    pub maintenance: Option<(Moment, Moment)>,
    /// Why the licensor closed sending, if it did.
    pub closed: Option<String>,
    /// A text of the licensor's waits for an owner.
    pub unaccepted: bool,
    /// What is left of setting up; `None`: nothing, or not for this member.
    pub steps: Option<Steps>,
}

/// A room of the first level, if there is space for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Steps,
    Approvals,
    Inbox,
    Campaigns,
    Contacts,
    Templates,
}

impl Standing {
    /// The rooms in their order: what waits comes first.
    fn rooms(&self) -> Vec<Room> {
        let waits = [
            (self.steps.is_some(), Room::Steps),
            (self.approvals > 0, Room::Approvals),
            (self.inbox > 0, Room::Inbox),
            (true, Room::Campaigns),
            (true, Room::Contacts),
            (true, Room::Templates),
            (self.inbox == 0, Room::Inbox),
        ];
        waits.into_iter().filter(|(there, _)| *there).map(|(_, room)| room).collect()
    }

    fn button(&self, tr: Tr, room: Room) -> Button {
        match room {
            Room::Steps => {
                let (done, all) = self.steps.as_ref().map_or((0, 0), Steps::count);
                Button::call(p!(tr, "start-steps-menu", done = done, all = all), start::Call::Steps)
            }
            Room::Approvals => Button::call(p!(tr, "menu-approvals", count = self.approvals), Call::Waiting { page: 0 }),
            Room::Inbox if self.inbox > 0 => Button::call(p!(tr, "menu-inbox-waiting", count = self.inbox), inbox::Call::List { page: 0 }),
            Room::Inbox => Button::call(p!(tr, "inbox-menu"), inbox::Call::List { page: 0 }),
            Room::Campaigns => Button::call(p!(tr, "campaigns-menu"), campaigns::Call::List { page: 0 }),
            Room::Contacts => Button::call(p!(tr, "contacts-menu"), contacts::Call::Open),
            Room::Templates => Button::call(p!(tr, "templates-menu"), templates::Call::List),
        }
    }
}

/// Buttons two to a row, those the member may press.
fn pairs(screen: Screen, actor: &Actor, buttons: impl IntoIterator<Item = Button>) -> Screen {
    let may = |button: &Button| button.need().admits(Some(actor.role));
    let buttons: Vec<Button> = buttons.into_iter().filter(may).collect();
    buttons.chunks(2).fold(screen, |screen, row| screen.row(row.to_vec()))
}

/// The menu.
#[must_use]
pub fn menu(tr: Tr, actor: &Actor, account: &str, standing: &Standing, now: Moment) -> Screen {
    let title = t!(tr, "menu-title", account = account, name = &actor.name, role = words::role(tr, actor.role));
    let mut html = format!("{title}\n\n{}\n{}", sending(tr, standing, now), able(tr, standing, now));
    if let Some((from, until)) = standing.maintenance {
        html.push('\n');
        html.push_str(&match from <= now {
            true => t!(tr, "menu-maintenance-now", until = tr.when(until, now)),
            false => t!(tr, "menu-maintenance", from = tr.when(from, now), until = tr.when(until, now)),
        });
    }
    if let Some(reason) = &standing.closed {
        html.push('\n');
        html.push_str(&t!(tr, "menu-suspended", reason = reason));
    }
    if standing.unaccepted {
        html.push('\n');
        html.push_str(&t!(tr, "menu-unaccepted"));
    }
    let rooms = standing.rooms();
    let first = rooms.iter().take(FIRST_LEVEL - 2).map(|room| standing.button(tr, *room));
    let rest = [Button::call(p!(tr, "menu-more"), Call::More), Button::call(p!(tr, "menu-settings"), Call::Settings)];
    pairs(Screen::new(html).at(Press::menu()), actor, first.chain(rest))
}

/// What is being sent, in a line.
fn sending(tr: Tr, standing: &Standing, now: Moment) -> String {
    let count = |states: &[State]| standing.states.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| *count).sum::<i64>();
    let all = count(&[State::Scheduled, State::Planning, State::Running, State::Paused]);
    match standing.live.first().filter(|_| all < 2) {
        None if all == 0 => t!(tr, "menu-quiet"),
        Some((campaign, numbers)) => {
            let name = say::short(&campaign.name, 40);
            match campaign.state {
                State::Scheduled => {
                    let at = campaign.starts_at.map(|at| tr.when(at, now)).unwrap_or_default();
                    t!(tr, "menu-scheduled", name = name, at = at)
                }
                State::Paused => t!(tr, "menu-paused", name = name, sent = numbers.sent, planned = numbers.planned),
                State::Planning => t!(tr, "menu-planning", name = name),
                _ => t!(tr, "menu-running", name = name, sent = numbers.sent, planned = numbers.planned),
            }
        }
        None => {
            let (running, paused, scheduled) =
                (count(&[State::Planning, State::Running]), count(&[State::Paused]), count(&[State::Scheduled]));
            let parts = [
                (running, t!(tr, "menu-n-running", count = running)),
                (paused, t!(tr, "menu-n-paused", count = paused)),
                (scheduled, t!(tr, "menu-n-scheduled", count = scheduled)),
            ];
            let parts: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
            t!(tr, "menu-several", parts = parts.join(", "))
        }
    }
}

/// Whether anything can be sent: the licence and the channels.
fn able(tr: Tr, standing: &Standing, now: Moment) -> String {
    let channels = match (standing.channels, standing.working) {
        (0, _) => t!(tr, "menu-channels-none"),
        (all, working) if working < all => t!(tr, "menu-channels-stopped", count = all - working, all = all),
        (all, _) => t!(tr, "menu-channels-work", count = all),
    };
    match standing.licensed_until {
        None => format!("{}\n{channels}", t!(tr, "menu-no-licence")),
        Some(until) if until - now < SOON => format!("{}\n{channels}", t!(tr, "menu-licence-ends", until = words::valid_until(tr, until))),
        Some(until) => format!("{} · {channels}", t!(tr, "menu-licensed", until = words::valid_until(tr, until))),
    }
}

/// What is needed less often, and what found no place in the menu.
#[must_use]
pub fn more(tr: Tr, actor: &Actor, standing: &Standing) -> Screen {
    let displaced = standing.rooms().into_iter().skip(FIRST_LEVEL - 2).map(|room| standing.button(tr, room));
    let rest = [
        Button::call(p!(tr, "segments-menu"), segments::Call::List { page: 0 }),
        Button::call(p!(tr, "imports-menu"), imports::Call::List),
        Button::call(p!(tr, "support-button"), support::Call::List { page: 0 }),
        Button::call(p!(tr, "command-help"), start::Call::Help),
    ];
    pairs(Screen::new(t!(tr, "menu-more-title")), actor, displaced.chain(rest)).home(tr).at(Call::More)
}

/// The company's settings and the member's own.
#[must_use]
pub fn settings(tr: Tr, actor: &Actor) -> Screen {
    let buttons = [
        Button::call(p!(tr, "menu-company"), settings::Call::Open),
        Button::call(p!(tr, "channels-menu"), channels::Call::List),
        Button::call(p!(tr, "crm-menu"), crm::Call::List),
        Button::call(p!(tr, "menu-members"), members::Call::List),
        Button::call(p!(tr, "menu-licence"), licence::Call::Open),
        Button::call(p!(tr, "agreement-button"), agreement::Call::Open),
        Button::call(p!(tr, "menu-audit"), audit::Call::Page { page: 0 }),
        Button::call(p!(tr, "menu-sessions"), sessions::Call::Mine),
        Button::call(p!(tr, "command-language"), start::Call::Languages),
        Button::call(p!(tr, "menu-logout"), sessions::Call::Logout),
    ];
    pairs(Screen::new(t!(tr, "menu-settings-title")), actor, buttons).home(tr).at(Call::Settings)
}

/// What waits for this member's approval, the longest waiting first: a page.
#[must_use]
pub fn waiting(tr: Tr, campaigns: &[Waiting<CampaignId>], versions: &[Waiting<VersionId>], page: u32, now: Moment) -> Screen {
    let count = campaigns.len() + versions.len();
    let mut html = if count == 0 { t!(tr, "menu-waiting-none") } else { t!(tr, "menu-waiting", count = count) };
    let name = |name: &str| say::short(name, 50);
    let asked = |title: &str, by: Option<&String>, since: Option<Moment>| {
        let known = [by.map(|by| say::short(by, 40)), since.map(|at| tr.when(at, now))];
        t!(tr, "menu-waiting-line", name = name(title), who = known.into_iter().flatten().collect::<Vec<_>>().join(", "))
    };
    let campaigns = campaigns.iter().map(|one| {
        let button = Button::call(p!(tr, "menu-waiting-campaign", name = name(&one.name)), campaigns::Call::Card { campaign: one.id });
        (asked(&one.name, one.by.as_ref(), one.since), button)
    });
    let versions = versions.iter().map(|one| {
        let button = Button::call(p!(tr, "menu-waiting-template", name = name(&one.name)), templates::Call::Card { version: one.id });
        (asked(&one.name, one.by.as_ref(), one.since), button)
    });
    let all: Vec<(String, Button)> = campaigns.chain(versions).collect();
    let page = Page::of(all.len(), WAITING, page);
    let lines: Vec<&str> = page.rows(&all).iter().map(|(line, _)| line.as_str()).collect();
    if !lines.is_empty() {
        html.push_str(&format!("\n\n{}", lines.join("\n")));
    }
    page.rows(&all)
        .iter()
        .fold(Screen::new(html), |screen, (_, button)| screen.row([button.clone()]))
        .pager(page, |page| Call::Waiting { page })
        .home(tr)
        .at(Call::Waiting { page: page.at })
}

#[cfg(test)]
mod tests {
    use mms_core::account::Role;

    use super::*;
    use crate::{screens::campaigns::sample_of as campaign, snapshots, testing};

    fn standing(days: Option<i64>) -> Standing {
        Standing {
            licensed_until: days.map(|days| testing::moment() + TimeDelta::days(days)),
            channels: 2,
            working: 2,
            ..Standing::default()
        }
    }

    fn at(tr: Tr, role: Role, standing: &Standing) -> Screen {
        let screen = menu(tr, &testing::actor(role), "Ромашка", standing, testing::moment());
        assert!(screen.keyboard.iter().flatten().count() <= FIRST_LEVEL, "the first level is six buttons");
        screen
    }

    /// Everything at once: more than finds a place.
    fn busy() -> Standing {
        Standing {
            inbox: 40,
            approvals: 2,
            live: vec![(campaign(State::Running), Numbers { planned: 387, sent: 376, ..Numbers::default() })],
            states: vec![(State::Draft, 3), (State::Running, 1)],
            ..standing(Some(90))
        }
    }

    fn several() -> Standing {
        // More than are looked at: they were counted up to twenty.
        let states = [(State::Running, 21), (State::Planning, 4), (State::Paused, 1), (State::Scheduled, 1), (State::Finished, 80)];
        let live = vec![(campaign(State::Running), Numbers::default())];
        Standing { live, states: states.into(), working: 1, ..standing(Some(90)) }
    }

    fn begun() -> Standing {
        Standing { channels: 0, working: 0, steps: Some(Steps { contacts: true, ..Steps::default() }), ..standing(Some(90)) }
    }

    snapshots!(menu_owner, |tr| at(tr, Role::Owner, &busy()));
    snapshots!(menu_owner_new, |tr| at(tr, Role::Owner, &begun()));
    snapshots!(menu_manager, |tr| at(tr, Role::Manager, &several()));
    snapshots!(menu_approver, |tr| at(tr, Role::Approver, &Standing { approvals: 2, ..standing(Some(3)) }));
    snapshots!(menu_viewer, |tr| at(tr, Role::Viewer, &standing(None)));
    snapshots!(menu_maintenance, |tr| {
        let (from, until) = (testing::moment() + TimeDelta::hours(9), testing::moment() + TimeDelta::hours(11));
        at(tr, Role::Manager, &Standing { maintenance: Some((from, until)), ..standing(Some(300)) })
    });
    snapshots!(menu_maintenance_now, |tr| {
        let (from, until) = (testing::moment() - TimeDelta::hours(1), testing::moment() + TimeDelta::hours(1));
        at(tr, Role::Manager, &Standing { maintenance: Some((from, until)), ..standing(Some(300)) })
    });
    snapshots!(menu_suspended, |tr| {
        at(tr, Role::Owner, &Standing { closed: Some("Проверяем <жалобы>".to_owned()), unaccepted: true, ..standing(Some(300)) })
    });
    snapshots!(menu_one_paused, |tr| {
        let numbers = Numbers { planned: 387, sent: 12, ..Numbers::default() };
        at(
            tr,
            Role::Manager,
            &Standing { live: vec![(campaign(State::Paused), numbers)], states: vec![(State::Paused, 1)], inbox: 1, ..standing(Some(90)) },
        )
    });
    snapshots!(menu_one_scheduled, |tr| {
        let live = vec![(campaign(State::Scheduled), Numbers::default())];
        at(tr, Role::Viewer, &Standing { live, states: vec![(State::Scheduled, 1)], ..standing(Some(90)) })
    });
    snapshots!(menu_more_owner, |tr| more(tr, &testing::actor(Role::Owner), &busy()));
    snapshots!(menu_more_manager, |tr| more(tr, &testing::actor(Role::Manager), &begun()));
    snapshots!(menu_more_approver, |tr| more(tr, &testing::actor(Role::Approver), &standing(None)));
    snapshots!(menu_more_viewer, |tr| more(tr, &testing::actor(Role::Viewer), &standing(None)));
    snapshots!(menu_settings_owner, |tr| settings(tr, &testing::actor(Role::Owner)));
    snapshots!(menu_settings_manager, |tr| settings(tr, &testing::actor(Role::Manager)));
    snapshots!(menu_settings_approver, |tr| settings(tr, &testing::actor(Role::Approver)));
    snapshots!(menu_settings_viewer, |tr| settings(tr, &testing::actor(Role::Viewer)));
    snapshots!(menu_waiting, |tr| {
        let id = uuid::Uuid::nil();
        let now = testing::moment();
        let campaign = Waiting {
            id: CampaignId(id), name: "Скидки <ноября>".to_owned(), by: Some("Ольга".to_owned()), since: Some(now)
        };
        let version = Waiting { id: VersionId(id), name: "Осень".to_owned(), by: None, since: Some(now - TimeDelta::days(1)) };
        waiting(tr, &[campaign], &[version], 0, now)
    });
    snapshots!(menu_waiting_none, |tr| waiting(tr, &[], &[], 0, testing::moment()));

    /// Every room is reached from the menu, whatever waits: on the first level or behind «More…».
    #[test]
    fn nothing_is_lost_when_something_waits() {
        let tr = testing::tr(mms_core::account::Language::Ru);
        for standing in [busy(), several(), begun(), Standing { steps: Some(Steps::default()), ..busy() }] {
            let owner = testing::actor(Role::Owner);
            let (first, rest) = (menu(tr, &owner, "Р", &standing, testing::moment()), more(tr, &owner, &standing));
            for room in [
                Press::from(campaigns::Call::List { page: 0 }),
                contacts::Call::Open.into(),
                templates::Call::List.into(),
                inbox::Call::List { page: 0 }.into(),
            ] {
                let leads = |screen: &Screen| {
                    let to = |button: &&Button| matches!(&button.action, crate::frame::screen::Action::Call(call) if *call == room);
                    screen.keyboard.iter().flatten().filter(to).count()
                };
                assert_eq!(leads(&first) + leads(&rest), 1, "{}", room.wire);
            }
        }
    }
}
