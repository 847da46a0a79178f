//! Where one is signed in, the way out, and «the phone is lost».

use mms_core::{
    account::session::{self as core_session, Disowned, Session},
    campaign::lost_phone,
    clock::Moment,
    id::{MemberId, SessionId},
};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        screen::{Button, Screen},
    },
    i18n::Tr,
    p,
    screens::{commands, login, mailbox, members, menu, password, second, start},
    t, words,
};

calls! {
    /// Buttons of sessions.
    pub enum Call {
        /// My sessions.
        "m" Mine => View,
        /// End one of mine.
        "e" End { session: SessionId } => View,
        /// End all of mine but this one.
        "a" EndOthers => View,
        /// Sign out here: asks first.
        "o" Logout => View,
        /// Sign out here: done.
        "O" LogoutNow => View,
        /// My phone is lost: asks first.
        "l" Lost => View,
        /// My phone is lost: done.
        "L" LostNow => View,
        /// Whoever signed in from that Telegram user was not the member.
        "n" NotMe { member: MemberId, user: i64 } => View,
        /// Sessions of a member, for an owner.
        "s" OfMember { member: MemberId } => Own,
        /// End one of a member's.
        "x" EndOfMember { member: MemberId, session: SessionId } => Own,
        /// End all of a member's.
        "X" EndAllOfMember { member: MemberId } => Own,
    }
}

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    match call {
        Call::Mine => mine(cx).await,
        Call::End { session } => {
            end(cx, session).await?;
            Ok(mine(cx).await?.saying(p!(cx.tr, "sessions-ended-one")))
        }
        Call::EndOthers => {
            let actor = cx.actor()?;
            let ended = core_session::end_all(&cx.deps.store, actor, actor.member, cx.session, cx.now)
                .await
                .map_err(|e| words::refused(cx.tr, e))?;
            Ok(mine(cx).await?.saying(p!(cx.tr, "sessions-ended", count = ended)))
        }
        Call::Logout => Ok(ask_logout(cx.tr).into()),
        Call::LogoutNow => logout(cx).await,
        Call::Lost => Ok(ask_lost(cx.tr).into()),
        Call::LostNow => lost(cx).await,
        Call::NotMe { member, user } => not_me(cx, member, user).await,
        Call::OfMember { member } => of_member(cx, member).await,
        Call::EndOfMember { member, session } => {
            end(cx, session).await?;
            Ok(of_member(cx, member).await?.saying(p!(cx.tr, "sessions-ended-one")))
        }
        Call::EndAllOfMember { member } => {
            let actor = cx.actor()?;
            let ended = core_session::end_all(&cx.deps.store, actor, member, None, cx.now).await.map_err(|e| words::refused(cx.tr, e))?;
            Ok(of_member(cx, member).await?.saying(p!(cx.tr, "sessions-ended", count = ended)))
        }
    }
}

async fn end(cx: &Cx, session: SessionId) -> Result<(), BotError> {
    core_session::end(&cx.deps.store, cx.actor()?, session, cx.now).await.map_err(|error| words::refused(cx.tr, error))
}

async fn mine(cx: &Cx) -> Outcome {
    let actor = cx.actor()?;
    let list = core_session::list(&cx.deps.store, actor, actor.member).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(list_card(cx.tr, &list, (cx.session, cx.deps.settings.mailer.is_some()), cx.now).into())
}

async fn of_member(cx: &Cx, member: MemberId) -> Outcome {
    let list = core_session::list(&cx.deps.store, cx.actor()?, member).await.map_err(|error| words::refused(cx.tr, error))?;
    Ok(member_card(cx.tr, member, &list, cx.now).into())
}

async fn not_me(cx: &Cx, member: MemberId, user: i64) -> Outcome {
    let actor = cx.actor()?;
    let done = core_session::not_me(&cx.deps.store, actor, member, user, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    if member != actor.member {
        return Ok(disowned_card(cx.tr, &done).into());
    }
    // One's own: the new password at once.
    let cx = Cx { password_due: true, ..cx.clone() };
    Ok(password::due(&cx).await?.saying(p!(cx.tr, "sessions-disowned-mine")))
}

async fn logout(cx: &Cx) -> Outcome {
    let session = cx.session.ok_or(BotError::SignedOut)?;
    core_session::logout(&cx.deps.store, cx.actor()?, session, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    commands::announce(&cx.deps, cx.chat, None).await;
    Ok(start::welcome(cx.tr).into())
}

async fn lost(cx: &Cx) -> Outcome {
    let closed = lost_phone::of_self(&cx.deps.store, cx.actor()?, cx.now).await.map_err(|error| words::refused(cx.tr, error))?;
    commands::announce(&cx.deps, cx.chat, None).await;
    Ok(login::closed_card(cx.tr, &closed).into())
}

fn line(tr: Tr, session: &Session, here: bool, now: Moment) -> String {
    let name = &session.telegram_name;
    let seen = tr.when(session.last_seen_at, now);
    if here { t!(tr, "sessions-line-here", name = name) } else { t!(tr, "sessions-line", name = name, seen = seen) }
}

/// My sessions; `mails`: there is a mail server for alarms.
#[must_use]
pub fn list_card(tr: Tr, list: &[Session], (here, mails): (Option<SessionId>, bool), now: Moment) -> Screen {
    let lines: Vec<String> = list.iter().map(|session| line(tr, session, Some(session.id) == here, now)).collect();
    let mut screen = Screen::new(format!("{}\n\n{}", t!(tr, "sessions-title"), lines.join("\n")));
    for session in list.iter().filter(|session| Some(session.id) != here) {
        screen = screen.button(p!(tr, "sessions-end-one", name = &session.telegram_name), Call::End { session: session.id });
    }
    screen
        .button_if(list.len() > 1, p!(tr, "sessions-end-others"), Call::EndOthers)
        .row([Button::call(p!(tr, "password-change"), password::Call::Change), Button::call(p!(tr, "sessions-lost"), Call::Lost)])
        .button(p!(tr, "sessions-second"), second::Call::Open)
        .button_if(mails, p!(tr, "sessions-mailbox"), mailbox::Call::Open)
        .at(Call::Mine)
        .nav(tr, menu::Call::Settings)
}

/// Another member's session was not theirs.
#[must_use]
pub fn disowned_card(tr: Tr, done: &Disowned) -> Screen {
    let member = done.member;
    Screen::new(t!(tr, "sessions-disowned", name = &done.name, ended = done.ended))
        .button(p!(tr, "members-password"), members::Call::Password { member })
        .nav(tr, members::Call::Card { member })
}

/// A member's sessions, for an owner.
#[must_use]
pub fn member_card(tr: Tr, member: MemberId, list: &[Session], now: Moment) -> Screen {
    if list.is_empty() {
        return Screen::new(t!(tr, "sessions-none")).nav(tr, members::Call::Card { member });
    }
    let lines: Vec<String> = list.iter().map(|session| line(tr, session, false, now)).collect();
    let mut screen = Screen::new(format!("{}\n\n{}", t!(tr, "sessions-title-member"), lines.join("\n")));
    for session in list {
        screen =
            screen.button(p!(tr, "sessions-end-one", name = &session.telegram_name), Call::EndOfMember { member, session: session.id });
    }
    screen.button(p!(tr, "sessions-end-all"), Call::EndAllOfMember { member }).nav(tr, members::Call::Card { member })
}

/// Sure?
#[must_use]
pub fn ask_logout(tr: Tr) -> Screen {
    Screen::new(t!(tr, "sessions-ask-logout")).button(p!(tr, "sessions-logout"), Call::LogoutNow).nav(tr, menu::Call::Settings)
}

/// Sure? With what will happen.
#[must_use]
pub fn ask_lost(tr: Tr) -> Screen {
    Screen::new(t!(tr, "sessions-ask-lost")).button(p!(tr, "sessions-lost-now"), Call::LostNow).nav(tr, Call::Mine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{snapshots, testing};

    fn session(n: u128, name: &str) -> Session {
        Session {
            id: SessionId(uuid::Uuid::from_u128(n)),
            member_id: MemberId(uuid::Uuid::nil()),
            telegram_user_id: 7,
            telegram_name: name.to_owned(),
            created_at: testing::moment(),
            last_seen_at: testing::moment(),
        }
    }

    snapshots!(sessions_mine, |tr| list_card(
        tr,
        &[session(1, "Анна"), session(2, "Anna <work>")],
        (Some(SessionId(uuid::Uuid::from_u128(1))), true),
        testing::moment()
    ));
    snapshots!(sessions_disowned, |tr| disowned_card(
        tr,
        &Disowned { member: MemberId(uuid::Uuid::nil()), name: "Борис <Б>".to_owned(), phone: "Boris".to_owned(), ended: 1 }
    ));
    snapshots!(sessions_of_member, |tr| member_card(tr, MemberId(uuid::Uuid::nil()), &[session(2, "Иван")], testing::moment()));
    snapshots!(sessions_of_member_none, |tr| member_card(tr, MemberId(uuid::Uuid::nil()), &[], testing::moment()));
    snapshots!(sessions_ask_logout, |tr| ask_logout(tr));
    snapshots!(sessions_ask_lost, |tr| ask_lost(tr));
}
