//! The leaves of [`crate::schema`]: decode, check the right, hand over, draw.

use std::sync::atomic::Ordering;

use mms_core::{account::password, channel, crm, secret};
use teloxide::types::{CallbackQuery, ChatMemberUpdated, MaybeInaccessibleMessage, Message};
use tokio::time::Instant;

use crate::{
    frame::{
        api::ApiError,
        callback::Need,
        cx::Cx,
        dialogue::{self, Input},
        error::{BotError, Outcome},
        gates::Came,
        render::{self, Incoming, Origin},
        reply::Reply,
        screen::Screen,
        ways::BACK,
    },
    p,
    screens::{
        self, Callback, Step, access,
        commands::{self, Typed},
        contacts, imports, inbox, menu, password as password_screen, second, start,
    },
    t,
};

/// A typed command.
///
/// # Errors
/// Telegram's; the database's.
pub async fn command(cx: Cx, message: Message, typed: Typed) -> anyhow::Result<()> {
    let incoming = Incoming { typed: Some(message.id.0), ..Incoming::default() };
    finish(&cx, &incoming, run_command(&cx, &typed).await).await?;
    Ok(())
}

async fn run_command(cx: &Cx, typed: &Typed) -> Outcome {
    leave_dialogue(cx, "").await?;
    if typed.name == "start" && !typed.payload.is_empty() {
        return start::with_payload(cx, &typed.payload).await;
    }
    match commands::opens(typed) {
        Some(call) => guarded(cx, call).await,
        None => Ok(Screen::new(t!(cx.tr, "command-unknown")).home(cx.tr).into()),
    }
}

/// Typed words or a file.
///
/// # Errors
/// Telegram's; the database's.
pub async fn input(cx: Cx, message: Message) -> anyhow::Result<()> {
    let mut incoming = Incoming { typed: Some(message.id.0), ..Incoming::default() };
    let (step, answers) = match dialogue::question::<Step>(&cx.deps.store, cx.chat).await {
        Ok(question) => question.map_or((None, None), |(step, shown)| (Some(step), shown)),
        Err(error) => {
            finish(&cx, &incoming, Err(error.into())).await?;
            return Ok(());
        }
    };
    incoming.answers = answers;
    let outcome = returned(&cx, answers, run_input(&cx, step, &message).await).await;
    let drawn = finish(&cx, &incoming, outcome).await?;
    // A question that got its answer, or was asked again below, keeps no live buttons.
    if let (Some(question), Some(drawn)) = (answers, drawn) {
        dialogue::shown(&cx.deps.store, cx.chat, drawn, cx.now).await?;
        render::answered(&cx, question).await;
    }
    Ok(())
}

async fn run_input(cx: &Cx, mut step: Option<Step>, message: &Message) -> Outcome {
    if step.as_ref().is_some_and(|step| step.is_over(&Input::of(message))) {
        cx.leave().await?;
        step = None;
    }
    if let Some(slip) = slip(cx, step.as_ref(), message).await? {
        return Ok(slip);
    }
    if cx.pending.is_some() && !matches!(step, Some(Step::Second(_))) {
        return second::due(cx).await;
    }
    if cx.password_due && !matches!(step, Some(Step::Password(_))) {
        return password_screen::due(cx).await;
    }
    if let Some((contact, channel)) = inbox::replied_to(message) {
        allowed(cx, Need::Edit)?;
        return inbox::answer(cx, contact, channel, Input::of(message), false).await;
    }
    let Some(step) = step else {
        // A table sent out of the blue is meant to be imported.
        if let (Some(file), Some(_)) = (Input::of(message).file.filter(|file| !file.photo), &cx.who) {
            allowed(cx, Need::Edit)?;
            return imports::take(cx, &file).await;
        }
        let input = Input::of(message);
        // The rest of an album whose first file was taken, and told of.
        if input.album.is_some() && input.file.as_ref().is_some_and(|file| file.photo) {
            return Ok(Reply::default());
        }
        // A name or a phone is looked up.
        if cx.who.is_some()
            && input.file.is_none()
            && let Some(found) = contacts::look_up(cx, input.text()).await?
        {
            return Ok(found);
        }
        return guarded(cx, menu::Call::Open.into()).await.map(|reply| reply.saying(p!(cx.tr, "not-asked")));
    };
    allowed(cx, step.need())?;
    if !step.takes(&Input::of(message)) {
        // The question stands, with its buttons.
        return Ok(Reply::toast(p!(cx.tr, "words-needed")));
    }
    screens::input(cx, step, Input::of(message)).await
}

/// A password or a token in a message that asked for none: it is deleted, and the person is told. A
/// token is known by the shape that its provider gives it, and goes whatever is asked: as a reply
/// it would reach a customer. A password is compared with those of the members who signed in from
/// this phone, at most three and one message at a time (a chat's messages are handled in turn), and
/// only when nothing is asked: a hash costs what an attempt to sign in costs.
async fn slip(cx: &Cx, step: Option<&Step>, message: &Message) -> Result<Option<Reply>, BotError> {
    let input = Input::of(message);
    let text = input.text();
    let like = |word: &str| channel::registry::likeness(word).max(crm::registry::likeness(word));
    let sentence = if secret::credential_in(text, like) && !step.is_some_and(Step::takes_secrets) {
        p!(cx.tr, "slip-token")
    } else if step.is_none()
        && input.file.is_none()
        && password::typed_by(&cx.deps.store, cx.user, text).await.map_err(anyhow::Error::from)?
    {
        p!(cx.tr, "slip-password")
    } else {
        return Ok(None);
    };
    metrics::counter!("mms_secrets_deleted_total").increment(1);
    Ok(Some(Reply::toast(sentence).forgetting_input()))
}

/// A press.
///
/// # Errors
/// Telegram's; the database's.
pub async fn press(cx: Cx, query: CallbackQuery, came: Came) -> anyhow::Result<()> {
    let origin = query.message.as_ref().map(origin);
    let wire = query.data.as_deref().unwrap_or_default();
    let message = origin.map(|origin| origin.message).unwrap_or_default();
    if cx.deps.ways.is_second(cx.chat, message, wire, came.0) {
        render::answer(&cx.deps.bot, &query.id.0, None, false).await;
        return Ok(());
    }
    let incoming = Incoming { origin, query: Some(query.id.0.clone()), ..Incoming::default() };
    let outcome = returned(&cx, Some(message), run_press(&cx, message, wire).await).await;
    let answered = Instant::now();
    let done = finish(&cx, &incoming, outcome).await;
    cx.deps.ways.pressed(cx.chat, message, wire, answered);
    done?;
    Ok(())
}

async fn run_press(cx: &Cx, message: i32, wire: &str) -> Outcome {
    leave_dialogue(cx, wire).await?;
    match wire.strip_prefix(BACK) {
        Some(parent) => came_from(cx, Some(message), parent).await,
        None => called(cx, wire).await,
    }
}

/// The last place the message's way led through that is still there; `parent` where nothing is kept
/// of the way.
async fn came_from(cx: &Cx, message: Option<i32>, parent: &str) -> Outcome {
    let places = message.map(|message| cx.deps.ways.before(cx.chat, message)).unwrap_or_default();
    for place in places.iter().filter_map(|place| Callback::decode(place)) {
        match guarded(cx, place).await {
            Err(BotError::Gone | BotError::Forbidden) => {}
            outcome => return outcome,
        }
    }
    called(cx, parent).await
}

async fn called(cx: &Cx, wire: &str) -> Outcome {
    match Callback::decode(wire) {
        Some(call) => guarded(cx, call).await,
        None => guarded(cx, menu::Call::Open.into()).await.map(|reply| reply.saying(p!(cx.tr, "button-outdated"))),
    }
}

/// A reply that leads back is the place one came from, under the reply's sentence.
async fn returned(cx: &Cx, message: Option<i32>, outcome: Outcome) -> Outcome {
    let Ok(Reply { back: Some(parent), toast, alert, .. }) = outcome else { return outcome };
    let place = came_from(cx, message, &parent.wire).await?;
    Ok(Reply { toast: toast.or(place.toast), alert: alert || place.alert, ..place })
}

/// Asks for the right, then hands over.
async fn guarded(cx: &Cx, call: Callback) -> Outcome {
    if cx.pending.is_some() && !comes_before_code(&call) {
        return second::due(cx).await;
    }
    if cx.password_due && !comes_before_password(&call) {
        return password_screen::due(cx).await;
    }
    allowed(cx, call.need())?;
    if let Some(outcome) = access::meets(cx, &call) {
        return outcome;
    }
    screens::press(cx, call).await
}

/// What a member may still do when a new password is due: choose it, leave, close what was lost,
/// speak their language.
fn comes_before_password(call: &Callback) -> bool {
    use screens::{sessions::Call as Sessions, start::Call as Start};
    match call {
        Callback::Password(_) => true,
        Callback::Sessions(call) => {
            matches!(call, Sessions::Logout | Sessions::LogoutNow | Sessions::Lost | Sessions::LostNow | Sessions::NotMe { .. })
        }
        Callback::Start(call) => matches!(call, Start::Help | Start::Languages | Start::Speak { .. }),
        _ => false,
    }
}

/// What can be done before the second factor is proved: set it up, leave, sign in as somebody else.
fn comes_before_code(call: &Callback) -> bool {
    use screens::{second::Call as Second, start::Call as Start};
    match call {
        Callback::Second(call) => matches!(call, Second::Setup | Second::Leave),
        Callback::Start(call) => matches!(call, Start::Help | Start::Languages | Start::Speak { .. }),
        Callback::Login(_) => true,
        _ => false,
    }
}

fn allowed(cx: &Cx, need: Need) -> Result<(), BotError> {
    match &cx.who {
        _ if need == Need::Anyone => Ok(()),
        None => Err(BotError::SignedOut),
        Some(actor) if need.admits(Some(actor.role)) => Ok(()),
        Some(_) => Err(BotError::Forbidden),
    }
}

/// Leaves the dialogue, unless this press answers it.
async fn leave_dialogue(cx: &Cx, wire: &str) -> Result<(), BotError> {
    // Most presses come outside a dialogue: look before taking the writer.
    let step = dialogue::get::<Step>(&cx.deps.store, cx.chat).await?;
    if step.is_some_and(|step| !step.waits_for(wire)) {
        cx.leave().await?;
    }
    Ok(())
}

/// Draws the outcome; a refusal and a failure are sentences too.
/// The message in which a screen was drawn comes back.
async fn finish(cx: &Cx, incoming: &Incoming, outcome: Outcome) -> anyhow::Result<Option<i32>> {
    let reply = match outcome {
        Ok(reply) => reply,
        Err(BotError::SignedOut) if cx.pending.is_some() => second::due(cx).await.unwrap_or_else(|_| start::welcome(cx.tr).into()),
        Err(BotError::SignedOut) => start::welcome(cx.tr).into(),
        Err(BotError::Forbidden) => Reply::alert(p!(cx.tr, "forbidden")),
        Err(BotError::Refused(sentence)) => Reply::alert(sentence),
        Err(BotError::Gone) => match screens::press(cx, menu::Call::Open.into()).await {
            Ok(reply) => reply.saying(p!(cx.tr, "gone")),
            Err(_) => Reply::alert(p!(cx.tr, "gone")),
        },
        Err(error) => {
            tracing::error!(%error, "a member's request failed");
            Reply::alert(p!(cx.tr, "failed"))
        }
    };
    let mut reply = reply;
    for screen in reply.screen.iter_mut().chain(&mut reply.after) {
        access::hide(screen, &cx.closed.off);
    }
    let drawn = match render::perform(cx, incoming, reply).await {
        // The press was answered without words already, so the sentence comes as a message.
        Err(BotError::Telegram(error @ ApiError::Refused { .. })) if !error.unreachable() => {
            tracing::error!(%error, "Telegram did not take a screen");
            render::send(&cx.deps.bot, cx.chat, &Screen::new(mms_core::text::escape(&p!(cx.tr, "failed")))).await?;
            return Ok(None);
        }
        drawn => drawn?,
    };
    if let (true, Some(message)) = (cx.asked.swap(false, Ordering::Relaxed), drawn) {
        dialogue::shown(&cx.deps.store, cx.chat, message, cx.now).await?;
    }
    Ok(drawn)
}

fn origin(message: &MaybeInaccessibleMessage) -> Origin {
    match message {
        MaybeInaccessibleMessage::Regular(message) => Origin { message: message.id.0, media: message.text().is_none(), stale: false },
        MaybeInaccessibleMessage::Inaccessible(message) => Origin { message: message.message_id.0, media: false, stale: true },
    }
}

/// A member blocked the bot or came back.
///
/// # Errors
/// None.
pub async fn membership(change: ChatMemberUpdated) -> anyhow::Result<()> {
    tracing::info!(present = change.new_chat_member.is_present(), "a person blocked or unblocked the managers' bot");
    Ok(())
}
