//! The main menu: what waits for the member first, how things stand in two lines, and everything
//! else behind «More…» and «Settings».

mod cards;

pub use cards::{Standing, menu, more, settings as settings_card, waiting as waiting_card};

use mms_core::{
    account::{Actor, Right, licence as core_licence, settings as core_settings},
    agreement::acceptance,
    campaign::{maintenance, view},
    channel::store::{self as channels_room},
    inbound::inbox as inbox_room,
    template::versions,
};

use crate::{
    calls,
    frame::{
        cx::Cx,
        error::{BotError, Outcome},
        reply::Reply,
        screen::Screen,
    },
    p,
    screens::{campaigns, start},
};

calls! {
    /// Buttons of the menu.
    pub enum Call {
        /// The menu in place.
        "m" Open => View,
        /// The menu as a new message (under a notice that should stay).
        "n" Fresh => View,
        /// What is needed less often.
        "o" More => View,
        /// The company's and the member's own settings.
        "s" Settings => View,
        /// What waits for this member's approval.
        "w" Waiting { page: u32 } => Approve,
        /// A button of a sample: it says that it is one.
        "z" Sample => View,
    }
}

/// Campaigns under way that are looked at: of several the menu tells only how many there are.
const LIVE: i64 = 1;

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let actor = cx.actor()?;
    match call {
        Call::Open => Ok(open(cx).await?.into()),
        Call::Fresh => Ok(Reply::screen(open(cx).await?).anew()),
        Call::More => Ok(more(cx.tr, actor, &standing(cx, actor).await?).into()),
        Call::Settings => Ok(settings_card(cx.tr, actor).into()),
        Call::Waiting { page } => waiting(cx, actor, page).await,
        Call::Sample => Ok(Reply::toast(p!(cx.tr, "menu-sample"))),
    }
}

async fn open(cx: &Cx) -> Result<Screen, BotError> {
    let actor = cx.actor()?;
    let settings = core_settings::get(&cx.deps.store, actor.account).await?;
    let name = settings.map(|settings| settings.name).unwrap_or_default();
    Ok(menu(cx.tr, actor, &name, &standing(cx, actor).await?, cx.now))
}

/// How things stand, for this member.
async fn standing(cx: &Cx, actor: &Actor) -> Result<Standing, BotError> {
    let (store, account) = (&cx.deps.store, actor.account);
    let refused = |error| campaigns::refused(cx.tr, error);
    let channels = channels_room::list(store, account).await?;
    let approvals = if actor.role.may(Right::Approve) {
        let campaigns = view::waiting_for(store, account, actor.member).await.map_err(refused)?.len();
        campaigns + versions::waiting_for(store, account, actor.member).await?.len()
    } else {
        0
    };
    Ok(Standing {
        live: view::live(store, account, LIVE).await.map_err(refused)?,
        states: view::states(store, account).await.map_err(refused)?,
        licensed_until: core_licence::current(store, account, cx.now).await?.map(|licence| licence.valid_until),
        channels: channels.len(),
        working: channels.iter().filter(|channel| channel.sends()).count(),
        inbox: inbox_room::waiting(store, account).await?,
        approvals,
        maintenance: maintenance::ahead(store, cx.now).await?.first().map(|one| (one.begins_at, one.ends_at)),
        closed: cx.closed.suspended.as_ref().map(|closed| closed.reason.clone()),
        unaccepted: acceptance::standing(store, account, cx.now).await?.iter().any(acceptance::Standing::is_owed),
        steps: start::steps(cx, actor).await?.filter(|steps| !steps.done()),
    })
}

/// What waits for this member's approval; one thing that waits is opened at once.
async fn waiting(cx: &Cx, actor: &Actor, page: u32) -> Outcome {
    let (store, account) = (&cx.deps.store, actor.account);
    let campaigns = view::waiting_for(store, account, actor.member).await.map_err(|error| campaigns::refused(cx.tr, error))?;
    let versions = versions::waiting_for(store, account, actor.member).await?;
    Ok(waiting_card(cx.tr, &campaigns, &versions, page, cx.now).into())
}
