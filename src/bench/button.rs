//! A manager's button while a campaign runs as fast as it can: from the update to the answer and
//! the next card.

use mms_bot::screens::{Callback, campaigns, menu};
use mms_sandbox::Rates;

use super::{
    Context,
    double::{Double, MANAGER_BOT},
    figure::{Figure, Limit, median},
    load::Presses,
    webhooks::still_running,
    world::World,
};

/// Members who press beside each other: the Telegram id of the first, and how many.
const MANAGERS: (i64, i64) = (77_000_000, 4);
/// Between an answer and the next press, ms: nobody reads faster.
const PAUSE_MS: u64 = 150;

/// The ninety-ninth of a hundred waits.
pub(super) async fn button(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let contacts = context.scale.of(200_000, 700_000);
    let each = usize::try_from(context.scale.of(40, 100))?;
    let world = World::new(context, contacts, false).await?;
    let people: Vec<i64> = (MANAGERS.0..MANAGERS.0 + MANAGERS.1).collect();
    world.seed.managers(&world.store, &people).await?;
    let mut double = Double::start(contacts).await?;
    double.bots(0).await?;
    double.rates(Rates::off()).await?;
    let (mut waits, mut medians, mut longest, mut speeds) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        double.clear().await?;
        let campaign = world.seed.campaign(&world.store, 0, contacts).await?;
        let installation = world.installation(&double.url).await?;
        world.under_way(campaign, 500).await?;
        let before = world.sent(campaign).await?;
        // The card of the very campaign, which then edits itself, the list, the menu.
        let buttons: [Callback; 3] =
            [campaigns::Call::Card { campaign }.into(), campaigns::Call::List { page: 0 }.into(), menu::Call::Open.into()];
        let buttons = buttons.iter().map(Callback::encode).collect();
        let pressed = double.presses(Presses { bot: MANAGER_BOT, people: people.clone(), buttons, each, pause_ms: PAUSE_MS }).await?;
        let after = still_running(&world, campaign, contacts).await?;
        installation.stop().await?;
        waits.push(pressed.p99_ms);
        medians.push(pressed.median_ms);
        longest.push(pressed.longest_ms);
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        speeds.push((after - before) as f64 / pressed.seconds);
    }
    world.close().await?;
    let detail = format!(
        "{} presses of {} members, answered and the card changed; the campaign went at {:.0}/s; the wait in the middle {:.0} ms, the longest {:.0} ms",
        each * people.len(),
        people.len(),
        median(&speeds),
        median(&medians),
        median(&longest)
    );
    let limit = Some(Limit::AtMost(150.0));
    Ok(vec![Figure::new("a manager's button beside a campaign: p99", context.engine, "ms", &waits, limit, detail)])
}
