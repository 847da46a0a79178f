//! Whose a conversation is, and who is told of it.

use mms_core::{
    account::{
        Right,
        member::{self, Member},
    },
    contact::Contact,
    id::{ContactId, MemberId},
    inbound::talk::{self, Standing},
};

use super::{Call, load, show};
use crate::{
    frame::{cx::Cx, error::Outcome, screen::Screen},
    i18n::Tr,
    p,
    screens::contacts::say,
    t, words,
};

/// To whom?
pub(super) async fn choose(cx: &Cx, contact: ContactId) -> Outcome {
    let person = load(cx, contact).await?;
    let actor = cx.actor()?;
    let standing = talk::standing(&cx.deps.store, actor, contact).await?;
    let members = member::list(&cx.deps.store, actor.account).await?;
    Ok(choice(cx.tr, &person, &standing, &members, actor.member).into())
}

/// Gives the conversation to a member, or to nobody.
pub(super) async fn assign(cx: &Cx, contact: ContactId, to: Option<MemberId>) -> Outcome {
    talk::assign(&cx.deps.store, cx.actor()?, contact, to, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let sentence = match to {
        Some(to) if to == cx.actor()?.member => p!(cx.tr, "inbox-assigned-me-said"),
        Some(_) => p!(cx.tr, "inbox-assigned-said"),
        None => p!(cx.tr, "inbox-unassigned-said"),
    };
    Ok(show(cx, contact).await?.saying(sentence))
}

/// The member is (not) told of what the customer writes.
pub(super) async fn mute(cx: &Cx, contact: ContactId, muted: bool) -> Outcome {
    talk::mute(&cx.deps.store, cx.actor()?, contact, muted, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    let sentence = if muted { p!(cx.tr, "inbox-muted-said") } else { p!(cx.tr, "inbox-unmuted-said") };
    Ok(show(cx, contact).await?.saying(sentence))
}

/// To whom? Oneself first.
#[must_use]
pub fn choice(tr: Tr, person: &Contact, standing: &Standing, members: &[Member], me: MemberId) -> Screen {
    let contact = person.id;
    let able = |one: &&Member| one.disabled_at.is_none() && one.role.may(Right::Edit) && standing.assigned_to != Some(one.id);
    let (mine, others): (Vec<&Member>, Vec<&Member>) = members.iter().filter(able).partition(|one| one.id == me);
    let html = t!(tr, "inbox-assign", name = say::name(tr, &person.name));
    mine.into_iter()
        .chain(others)
        .take(40)
        .fold(Screen::new(html), |screen, one| {
            let text = if one.id == me { p!(tr, "inbox-assign-me") } else { say::short(&one.name, 40) };
            screen.button(text, Call::AssignTo { contact, member: one.id })
        })
        .button_if(standing.assigned_to.is_some(), p!(tr, "inbox-unassign"), Call::Unassign { contact })
        .nav(tr, Call::Card { contact })
}
