//! Members and invitations: the owner's room.

mod cards;

pub use cards::{
    ask_disable, ask_lost, ask_password, card, invitation_card, invite, link_card, list as list_card, nobody_approves, password_link_card,
    roles,
};

use mms_core::{
    account::{
        Role, invitation,
        member::{self, Member},
        reset,
    },
    campaign::lost_phone,
    id::{InvitationId, MemberId},
};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
    },
    p,
    screens::{login, start},
    words,
};

calls! {
    /// Buttons of members.
    pub enum Call {
        /// The list.
        "l" List => Own,
        /// A member's card.
        "c" Card { member: MemberId } => Own,
        /// Which role?
        "r" Roles { member: MemberId } => Own,
        /// This role.
        "R" SetRole { member: MemberId, role: Role } => Own,
        /// Disable: asks first.
        "d" AskDisable { member: MemberId } => Own,
        /// Disable or enable.
        "D" SetDisabled { member: MemberId, disabled: bool } => Own,
        /// Lift a lock.
        "u" Unlock { member: MemberId } => Own,
        /// A link for a new password: asks first.
        "p" Password { member: MemberId } => Own,
        /// A link for a new password: made, shown once.
        "P" MakePasswordLink { member: MemberId } => Own,
        /// Their phone is lost: asks first.
        "x" AskLost { member: MemberId } => Own,
        /// Their phone is lost: done.
        "X" Lost { member: MemberId } => Own,
        /// Invite: which role?
        "i" Invite => Own,
        /// Invite with this role.
        "I" MakeInvitation { role: Role } => Own,
        /// An open invitation.
        "v" Invitation { invitation: InvitationId } => Own,
        /// Take an invitation back.
        "V" Revoke { invitation: InvitationId } => Own,
    }
}

/// A press.
///
/// # Errors
/// The database's; a refusal of the account room.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::List => list(cx).await,
        Call::Card { member } => show(cx, member).await,
        Call::Roles { member } => Ok(roles(cx.tr, &load(cx, member).await?).into()),
        Call::SetRole { member, role } => set_role(cx, member, role).await,
        Call::AskDisable { member } => Ok(ask_disable(cx.tr, &load(cx, member).await?).into()),
        Call::SetDisabled { member, disabled } => set_disabled(cx, member, disabled).await,
        Call::Unlock { member } => unlock(cx, member).await,
        Call::Password { member } => Ok(ask_password(cx.tr, &load(cx, member).await?).into()),
        Call::MakePasswordLink { member } => password_link(cx, member).await,
        Call::AskLost { member } => Ok(ask_lost(cx.tr, &load(cx, member).await?).into()),
        Call::Lost { member } => lost(cx, member).await,
        Call::Invite => Ok(invite(cx.tr).into()),
        Call::MakeInvitation { role } => make_invitation(cx, role).await,
        Call::Invitation { invitation } => show_invitation(cx, invitation).await,
        Call::Revoke { invitation } => revoke(cx, invitation).await,
    }
}

async fn load(cx: &Cx, member: MemberId) -> Result<Member, BotError> {
    member::get(&cx.deps.store, cx.actor()?.account, member).await?.ok_or(BotError::Gone)
}

async fn list(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    let members = member::list(&cx.deps.store, actor.account).await?;
    let open = invitation::list(&cx.deps.store, actor, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(list_card(cx.tr, &members, &open).into())
}

async fn show(cx: &Cx, member: MemberId) -> Outcome {
    let me = cx.actor()?.member;
    Ok(card(cx.tr, &load(cx, member).await?, member == me).into())
}

async fn set_role(cx: &Cx, member: MemberId, role: Role) -> Outcome {
    member::set_role(&cx.deps.store, cx.actor()?, member, role, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    if member == cx.actor()?.member {
        // One's own rights just changed: the next screen is made by what they are now.
        let inside = crate::frame::auth::context(&cx.deps, cx.chat, cx.user, &cx.user_name).await?;
        return start::press(&inside, start::Call::Open).await;
    }
    Ok(show(cx, member).await?.saying(p!(cx.tr, "members-role-set", role = words::role(cx.tr, role))))
}

async fn set_disabled(cx: &Cx, member: MemberId, disabled: bool) -> Outcome {
    member::set_disabled(&cx.deps.store, cx.actor()?, member, disabled, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    if member == cx.actor()?.member {
        return Err(BotError::SignedOut);
    }
    let toast = if disabled { p!(cx.tr, "members-disabled-done") } else { p!(cx.tr, "members-enabled-done") };
    Ok(show(cx, member).await?.saying(toast))
}

async fn unlock(cx: &Cx, member: MemberId) -> Outcome {
    member::unlock(&cx.deps.store, cx.actor()?, member, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(show(cx, member).await?.saying(p!(cx.tr, "members-unlocked")))
}

async fn lost(cx: &Cx, member: MemberId) -> Outcome {
    let actor = cx.actor()?;
    let closed = lost_phone::of_member(&cx.deps.store, actor, member, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let mut screen = login::closed_card(cx.tr, &closed);
    screen.keyboard.clear();
    if member == actor.member {
        return Ok(screen.button(p!(cx.tr, "back"), start::Call::Open).into());
    }
    Ok(screen.nav(cx.tr, Call::Card { member }).into())
}

async fn password_link(cx: &Cx, member: MemberId) -> Outcome {
    let found = load(cx, member).await?;
    let token = reset::create(&cx.deps.store, cx.actor()?, member, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let link = format!("https://t.me/{}?start={}{}", cx.deps.bot.standing().username(), start::PASSWORD, token.expose());
    Ok(password_link_card(cx.tr, &found, &link).into())
}

async fn make_invitation(cx: &Cx, role: Role) -> Outcome {
    let (id, token) = invitation::create(&cx.deps.store, cx.actor()?, role, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let link = format!("https://t.me/{}?start={}{}", cx.deps.bot.standing().username(), start::INVITATION, token.expose());
    Ok(link_card(cx.tr, role, &link, id).into())
}

async fn show_invitation(cx: &Cx, id: InvitationId) -> Outcome {
    let open = invitation::list(&cx.deps.store, cx.actor()?, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let found = open.iter().find(|invitation| invitation.id == id).ok_or(BotError::Gone)?;
    Ok(invitation_card(cx.tr, found).into())
}

async fn revoke(cx: &Cx, id: InvitationId) -> Outcome {
    invitation::revoke(&cx.deps.store, cx.actor()?, id, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(list(cx).await?.saying(p!(cx.tr, "members-invitation-revoked")))
}
