//! `mms admin books`: rows, counters and sums of every campaign must say the same, and so must the
//! counters of what tariffs limit.

use anyhow::bail;
use mms_bot::{p, words::reasons};
use mms_core::{
    account, campaign,
    delivery::books::{self, Difference},
    id::AccountId,
    store::{Store, usage},
};

use crate::{process, words::tr};

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
                process::print(&p!(
                    tr(),
                    "admin-books-wrong",
                    account = &account.name,
                    campaign = campaign.id.to_string(),
                    audience = books.audience,
                    planned = books.planned,
                    out = books.left_out,
                    rows = books.by_state.values().sum::<i64>()
                ))?;
                for Difference { what, rows, counter } in &books.differences {
                    let whose = if what.planned { p!(tr(), "admin-books-planned") } else { p!(tr(), "admin-books-left-out") };
                    let reason = what.reason.as_ref().map(|why| reasons::why(tr(), why)).unwrap_or_default();
                    process::print(&p!(
                        tr(),
                        "admin-books-line",
                        whose = whose,
                        step = what.step,
                        state = reasons::state(tr(), what.state.as_str()),
                        reason = reason,
                        rows = *rows,
                        counter = *counter
                    ))?;
                }
            }
        }
        let campaigns = p!(tr(), "admin-campaigns", count = seen);
        process::print(&p!(tr(), "admin-books-looked", account = &account.name, campaigns = campaigns))?;
        for usage::Difference { what, month, counter, rows } in usage::check(store, account.id).await? {
            limits += 1;
            let what = match what {
                usage::Counted::Contacts => p!(tr(), "admin-books-contacts"),
                usage::Counted::People => p!(tr(), "admin-books-people", month = month.to_string()),
                usage::Counted::Messages => p!(tr(), "admin-books-messages", month = month.to_string()),
            };
            process::print(&p!(tr(), "admin-books-usage", account = &account.name, what = what, rows = rows, counter = counter))?;
        }
    }
    match (wrong, limits) {
        (0, 0) => process::print(&p!(tr(), "admin-books-balance")),
        (0, limits) => bail!(p!(tr(), "admin-books-limits", count = limits)),
        (wrong, _) => bail!(p!(tr(), "admin-books-broken", campaigns = p!(tr(), "admin-campaigns", count = wrong))),
    }
}
