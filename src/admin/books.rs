//! `mms admin books`: rows, counters and sums of every campaign must say the same, and so must the
//! counters of what tariffs limit.

use anyhow::bail;
use mms_core::{
    account, campaign,
    delivery::books,
    id::AccountId,
    store::{Store, usage},
};

use super::people::count;
use crate::process;

/// Campaigns read at a time.
const PAGE: i64 = 100;

/// Checks the books of one account, or of all; fails if any do not balance.
pub async fn check(store: &Store, wanted: Option<AccountId>) -> anyhow::Result<()> {
    let (mut wrong, mut limits) = (0_usize, 0_usize);
    for account in account::all(store).await?.into_iter().filter(|row| wanted.is_none_or(|id| row.id == id)) {
        let (mut before, mut seen) = (None, 0_usize);
        loop {
            let page = campaign::view::list(store, account.id, before, PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            before = Some(last.id);
            for (campaign, _) in &page {
                seen += 1;
                let books = books::books(store, account.id, campaign.id).await?;
                if books.balanced() {
                    continue;
                }
                wrong += 1;
                process::print(&format!(
                    "{}: campaign {} does not balance: audience {} = planned {} + left out {}; rows of the planned: {}",
                    account.name,
                    campaign.id,
                    books.audience,
                    books.planned,
                    books.left_out,
                    books.by_state.values().sum::<i64>()
                ))?;
                for (planned, state, reason, rows, counter) in &books.differences {
                    let whose = if *planned { "planned" } else { "left out" };
                    let reason = reason.as_ref().map(ToString::to_string).unwrap_or_default();
                    process::print(&format!("    {whose}, {state:?} ({reason}): {rows} rows, the counter says {counter}"))?;
                }
            }
        }
        process::print(&format!("{}: {} looked at", account.name, count(seen, "campaign")))?;
        for usage::Difference { what, month, counter, rows } in usage::check(store, account.id).await? {
            limits += 1;
            let of = if month == usage::Month::NONE { String::new() } else { format!(" of {month}") };
            process::print(&format!("{}: {what:?}{of}: {rows} rows, the counter says {counter}", account.name))?;
        }
    }
    match (wrong, limits) {
        (0, 0) => process::print("all books balance"),
        (0, limits) => bail!("what tariffs limit: {} not as the rows say", count(limits, "counter")),
        (wrong, _) => bail!("the books of {} do not balance", count(wrong, "campaign")),
    }
}
