//! Saved answers: chosen under a conversation and sent at once; kept in order beside the inbox.

use mms_core::{
    id::{ContactId, QuickReplyId},
    inbound::{
        inbox,
        quick::{self as room, Quick, QuickError},
        reply,
    },
    queue::Job,
};

use super::{Call, Step, load, not_sent, refusal, show};
use crate::{
    frame::{
        cx::Cx,
        dialogue::Input,
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    i18n::Tr,
    p,
    screens::contacts::say,
    t, words,
};

/// Which of the saved answers?
pub(super) async fn choose(cx: &Cx, contact: ContactId) -> Outcome {
    let person = load(cx, contact).await?;
    let account = cx.actor()?.account;
    let all = room::list(&cx.deps.store, account).await?;
    let newest = inbox::thread(&cx.deps.store, account, contact, 1).await?;
    // The answer belongs to what was said last: pressed twice, it goes once.
    let last = newest.last().map_or(0, |one| u32::try_from(one.id & i64::from(u32::MAX)).unwrap_or_default());
    Ok(choice(cx.tr, contact, &say::name(cx.tr, &person.name), &all, last).into())
}

/// Sends a saved answer.
pub(super) async fn send(cx: &Cx, contact: ContactId, quick: QuickReplyId, last: u32) -> Outcome {
    let person = load(cx, contact).await?;
    let actor = cx.actor()?;
    let body = find(cx, quick).await?.body;
    let key = format!("quick:{contact}:{quick}:{last}");
    match reply::reply(&cx.deps.store, actor, contact, None, body, &key, cx.now).await {
        Ok(channel) => {
            cx.deps.queue.ring(Job::Deliver { channel }).await;
            show(cx, contact).await
        }
        Err(error) => {
            let sentence = refusal(cx.tr, error)?;
            Ok(not_sent(cx.tr, &person, &sentence).into())
        }
    }
}

async fn find(cx: &Cx, quick: QuickReplyId) -> Result<Quick, BotError> {
    room::list(&cx.deps.store, cx.actor()?.account).await?.into_iter().find(|one| one.id == quick).ok_or(BotError::Gone)
}

/// The saved answers.
pub(super) async fn list(cx: &Cx) -> Outcome {
    Ok(all(cx.tr, &room::list(&cx.deps.store, cx.actor()?.account).await?).into())
}

/// One of them.
pub(super) async fn open(cx: &Cx, quick: QuickReplyId) -> Outcome {
    Ok(card(cx.tr, &find(cx, quick).await?).into())
}

/// Asks for the words of a new one (`None`), or for other words.
pub(super) async fn ask(cx: &Cx, quick: Option<QuickReplyId>) -> Outcome {
    match quick {
        Some(quick) => cx.ask(Step::EditQuick { quick }).await?,
        None => cx.ask(Step::NewQuick).await?,
    }
    Ok(question(cx.tr, quick, None).into())
}

/// The words of a saved answer.
pub(super) async fn keep(cx: &Cx, quick: Option<QuickReplyId>, input: &Input) -> Outcome {
    let (store, actor) = (&cx.deps.store, cx.actor()?);
    let kept = match quick {
        Some(quick) => room::change(store, actor, quick, input.rich.clone(), cx.now).await,
        None => room::add(store, actor, input.rich.clone(), cx.now).await.map(|_| ()),
    };
    let sentence = match kept {
        Ok(()) => {
            cx.leave().await?;
            // From a conversation back to it, where the answer is sent by one press.
            return Ok(Reply::back(Call::QuickList).saying(p!(cx.tr, "inbox-quick-kept")));
        }
        Err(QuickError::Length) => p!(cx.tr, "inbox-length", max = reply::MAX_UNITS),
        Err(QuickError::TooMany) => p!(cx.tr, "inbox-quick-many", max = room::MOST),
        Err(QuickError::Account(error)) => words::account_refusal(cx.tr, error)?,
    };
    Ok(question(cx.tr, quick, Some(&sentence)).into())
}

/// Forget it?
pub(super) async fn ask_drop(cx: &Cx, quick: QuickReplyId) -> Outcome {
    let found = find(cx, quick).await?;
    let screen = Screen::new(t!(cx.tr, "inbox-quick-ask-drop", text = say::short(&found.body.text, 200)))
        .button(p!(cx.tr, "inbox-quick-drop-now"), Call::DropQuick { quick })
        .nav(cx.tr, Call::QuickCard { quick });
    Ok(screen.into())
}

/// Forgets it.
pub(super) async fn drop(cx: &Cx, quick: QuickReplyId) -> Outcome {
    match room::remove(&cx.deps.store, cx.actor()?, quick, cx.now).await {
        Ok(()) => Ok(list(cx).await?.saying(p!(cx.tr, "inbox-quick-dropped"))),
        Err(QuickError::Account(error)) => Err(words::refused(cx.tr, error)),
        Err(QuickError::Length | QuickError::TooMany) => list(cx).await,
    }
}

/// Which answer goes to this customer?
#[must_use]
pub fn choice(tr: Tr, contact: ContactId, name: &str, all: &[Quick], last: u32) -> Screen {
    let html = if all.is_empty() { t!(tr, "inbox-quick-none") } else { t!(tr, "inbox-quick-choose", name = name) };
    all.iter()
        .fold(Screen::new(html), |screen, one| {
            screen.button(say::short(&one.body.text, 60), Call::SendQuick { contact, quick: one.id, last })
        })
        .button_if(all.len() < room::MOST, p!(tr, "inbox-quick-new"), Call::NewQuick)
        .at(Call::Quick { contact })
        .nav(tr, Call::Card { contact })
}

/// The saved answers.
#[must_use]
pub fn all(tr: Tr, all: &[Quick]) -> Screen {
    let html = if all.is_empty() { t!(tr, "inbox-quick-none") } else { t!(tr, "inbox-quick-title", count = all.len()) };
    all.iter()
        .fold(Screen::new(html), |screen, one| screen.button(say::short(&one.body.text, 60), Call::QuickCard { quick: one.id }))
        .button_if(all.len() < room::MOST, p!(tr, "inbox-quick-new"), Call::NewQuick)
        .at(Call::QuickList)
        .nav(tr, Call::List { page: 0 })
}

/// A saved answer as the customer gets it.
#[must_use]
pub fn card(tr: Tr, quick: &Quick) -> Screen {
    let mut shown = quick.body.clone();
    // Markup takes room that the words themselves do not.
    if shown.to_html().chars().count() > 3_500 {
        shown = mms_core::text::Rich::plain(say::short(&shown.text, 3_500));
    }
    let quick = quick.id;
    Screen::rich(&shown)
        .button(p!(tr, "inbox-quick-edit"), Call::EditQuick { quick })
        .button(p!(tr, "inbox-quick-drop"), Call::AskDropQuick { quick })
        .nav(tr, Call::QuickList)
}

/// Which words?
#[must_use]
pub fn question(tr: Tr, quick: Option<QuickReplyId>, wrong: Option<&str>) -> Screen {
    let html = t!(tr, "inbox-quick-ask");
    let screen = match wrong {
        Some(sentence) => Screen::new(format!("{}\n\n{html}", mms_core::text::escape(sentence))),
        None => Screen::new(html),
    };
    match quick {
        Some(quick) => screen.nav(tr, Call::QuickCard { quick }),
        None => screen.nav_back(tr, Call::QuickList),
    }
}
