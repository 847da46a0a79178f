//! The screens of members and invitations: pure.

use mms_core::{
    account::{Right, Role, invitation::Invitation, member::Member, password, reset},
    id::InvitationId,
};

use super::Call;
use crate::{
    frame::screen::{Button, Screen},
    i18n::Tr,
    p,
    screens::{menu, password as own_password, second, sessions},
    t, words,
};

/// Said where something waits for an approver and there is nobody but its authors: who is to be
/// invited.
#[must_use]
pub fn nobody_approves(tr: Tr, role: Role) -> String {
    if role.may(Right::Own) { t!(tr, "members-nobody-approves-own") } else { t!(tr, "members-nobody-approves") }
}

/// The list.
#[must_use]
pub fn list(tr: Tr, members: &[Member], open: &[Invitation]) -> Screen {
    let mut screen = Screen::new(t!(tr, "members-title", count = members.len()));
    for member in members {
        let mark = if member.disabled_at.is_some() {
            "🚫 "
        } else if member.locked_at.is_some() {
            "🔒 "
        } else {
            ""
        };
        let text = format!("{mark}{} · {}", member.name, words::role(tr, member.role));
        screen = screen.button(text, Call::Card { member: member.id });
    }
    for invitation in open {
        let text = p!(tr, "members-open-invitation", role = words::role(tr, invitation.role), until = tr.day(invitation.expires_at));
        screen = screen.button(text, Call::Invitation { invitation: invitation.id });
    }
    screen.button(p!(tr, "members-invite"), Call::Invite).at(Call::List).nav(tr, menu::Call::Settings)
}

/// A member's card.
#[must_use]
pub fn card(tr: Tr, member: &Member, me: bool) -> Screen {
    let state = match (member.disabled_at, member.locked_at) {
        (Some(since), _) => t!(tr, "members-state-disabled", since = tr.moment(since)),
        (None, Some(since)) => match member.lock_reason.as_deref() {
            Some("lost_phone") => t!(tr, "members-state-locked-lost", since = tr.moment(since)),
            _ => t!(tr, "members-state-locked", since = tr.moment(since)),
        },
        (None, None) => t!(tr, "members-state-active", sessions = member.sessions),
    };
    let html = t!(
        tr,
        "members-card",
        name = &member.name,
        login = &member.login,
        role = words::role(tr, member.role),
        since = tr.day(member.created_at),
        state = crate::i18n::Html(state)
    );
    let id = member.id;
    let screen = Screen::new(html)
        .button_if(member.locked_at.is_some(), p!(tr, "members-unlock"), Call::Unlock { member: id })
        .row([
            Button::call(p!(tr, "members-role"), Call::Roles { member: id }),
            if me {
                Button::call(p!(tr, "password-change"), own_password::Call::Change)
            } else {
                Button::call(p!(tr, "members-password"), Call::Password { member: id })
            },
        ])
        .button(p!(tr, "members-sessions"), sessions::Call::OfMember { member: id })
        .button_if(!me && member.second_factor, p!(tr, "members-second"), second::Call::AskReset { member: id });
    let screen = if member.disabled_at.is_some() {
        screen.button(p!(tr, "members-enable"), Call::SetDisabled { member: id, disabled: false })
    } else {
        screen.button_if(!me, p!(tr, "members-disable"), Call::AskDisable { member: id })
    };
    screen.button(p!(tr, "members-lost"), Call::AskLost { member: id }).at(Call::Card { member: id }).nav(tr, Call::List)
}

/// Which role?
#[must_use]
pub fn roles(tr: Tr, member: &Member) -> Screen {
    let lines: Vec<String> = Role::ALL.iter().map(|role| role_line(tr, *role)).collect();
    let mut screen = Screen::new(t!(tr, "members-roles", name = &member.name, roles = crate::i18n::Html(lines.join("\n"))));
    for role in Role::ALL {
        let mark = if role == member.role { "✓ " } else { "" };
        screen = screen.button(format!("{mark}{}", words::role(tr, role)), Call::SetRole { member: member.id, role });
    }
    screen.nav(tr, Call::Card { member: member.id })
}

fn role_line(tr: Tr, role: Role) -> String {
    t!(tr, "members-role-line", role = words::role(tr, role), about = words::role_about(tr, role))
}

/// Sure?
#[must_use]
pub fn ask_disable(tr: Tr, member: &Member) -> Screen {
    Screen::new(t!(tr, "members-ask-disable", name = &member.name, sessions = member.sessions))
        .button(p!(tr, "members-disable"), Call::SetDisabled { member: member.id, disabled: true })
        .nav(tr, Call::Card { member: member.id })
}

/// Sure?
#[must_use]
pub fn ask_lost(tr: Tr, member: &Member) -> Screen {
    Screen::new(t!(tr, "members-ask-lost", name = &member.name, sessions = member.sessions))
        .button(p!(tr, "members-lost-now"), Call::Lost { member: member.id })
        .nav(tr, Call::Card { member: member.id })
}

/// A link for a new password? With what will happen.
#[must_use]
pub fn ask_password(tr: Tr, member: &Member) -> Screen {
    let hours = password::NO_APPROVALS_HOURS;
    Screen::new(t!(tr, "members-ask-password", name = &member.name, hours = hours))
        .button(p!(tr, "members-make-password-link"), Call::MakePasswordLink { member: member.id })
        .nav(tr, Call::Card { member: member.id })
}

/// The link, shown once.
#[must_use]
pub fn password_link_card(tr: Tr, member: &Member, link: &str) -> Screen {
    Screen::new(t!(tr, "members-password-link", name = &member.name, link = link, hours = reset::VALID_HOURS))
        .nav(tr, Call::Card { member: member.id })
}

/// Invite as whom?
#[must_use]
pub fn invite(tr: Tr) -> Screen {
    let lines: Vec<String> = Role::ALL.iter().map(|role| role_line(tr, *role)).collect();
    let screen = Screen::new(t!(tr, "members-invite-title", roles = crate::i18n::Html(lines.join("\n"))));
    Role::ALL
        .iter()
        .fold(screen, |screen, role| screen.button(words::role(tr, *role), Call::MakeInvitation { role: *role }))
        .at(Call::Invite)
        .nav(tr, Call::List)
}

/// The link, shown once.
#[must_use]
pub fn link_card(tr: Tr, role: Role, link: &str, id: InvitationId) -> Screen {
    let hours = mms_core::account::invitation::VALID_HOURS;
    Screen::new(t!(tr, "members-link", role = words::role(tr, role), link = link, hours = hours))
        .button(p!(tr, "members-revoke"), Call::Revoke { invitation: id })
        .nav(tr, Call::List)
}

/// An open invitation.
#[must_use]
pub fn invitation_card(tr: Tr, invitation: &Invitation) -> Screen {
    let html = t!(
        tr,
        "members-invitation",
        role = words::role(tr, invitation.role),
        created = tr.moment(invitation.created_at),
        until = tr.moment(invitation.expires_at)
    );
    Screen::new(html).button(p!(tr, "members-revoke"), Call::Revoke { invitation: invitation.id }).nav(tr, Call::List)
}

#[cfg(test)]
mod tests {
    use mms_core::id::MemberId;

    use super::*;
    use crate::{snapshots, testing};

    fn member(locked: Option<&str>, disabled: bool) -> Member {
        let at = testing::moment();
        Member {
            id: MemberId(uuid::Uuid::nil()),
            login: "anna".to_owned(),
            name: "Анна <К>".to_owned(),
            role: Role::Manager,
            language: mms_core::account::Language::Ru,
            failures: 0,
            locked_at: locked.map(|_| at),
            lock_reason: locked.map(str::to_owned),
            disabled_at: disabled.then_some(at),
            created_at: at,
            sessions: 2,
            second_factor: true,
        }
    }

    fn invitation() -> Invitation {
        let at = testing::moment();
        Invitation {
            id: InvitationId(uuid::Uuid::nil()),
            role: Role::Approver,
            created_by: None,
            created_at: at,
            expires_at: at + chrono::TimeDelta::hours(72),
        }
    }

    snapshots!(members_list, |tr| list(tr, &[member(None, false), member(Some("lost_phone"), false), member(None, true)], &[invitation()]));
    snapshots!(members_card, |tr| card(tr, &member(None, false), false));
    snapshots!(members_card_me, |tr| card(tr, &member(None, false), true));
    snapshots!(members_card_lost, |tr| card(tr, &member(Some("lost_phone"), false), false));
    snapshots!(members_card_locked_by_owner, |tr| card(tr, &member(Some("owner"), false), false));
    snapshots!(members_card_disabled, |tr| card(tr, &member(None, true), false));
    snapshots!(members_roles, |tr| roles(tr, &member(None, false)));
    snapshots!(members_ask_disable, |tr| ask_disable(tr, &member(None, false)));
    snapshots!(members_ask_lost, |tr| ask_lost(tr, &member(None, false)));
    snapshots!(members_ask_password, |tr| ask_password(tr, &member(None, false)));
    snapshots!(members_password_link, |tr| password_link_card(tr, &member(None, false), "https://t.me/mms_bot?start=pwd_abc"));
    snapshots!(members_invite, |tr| invite(tr));
    snapshots!(members_link, |tr| link_card(tr, Role::Approver, "https://t.me/mms_bot?start=inv_abc", InvitationId(uuid::Uuid::nil())));
    snapshots!(members_invitation, |tr| invitation_card(tr, &invitation()));
}
