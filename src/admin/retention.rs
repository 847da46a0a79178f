//! `mms admin retention`: what is kept for how long, how much of it is due, and forgetting it.

use clap::Args;
use mms_bot::p;
use mms_core::{
    clock::Moment,
    store::{
        Store,
        retention::{Days, RULES},
    },
};

use crate::{process::print, words::tr};

/// What is due, or its end.
#[derive(Debug, Args)]
pub struct Retention {
    /// Forget what is due now, a portion a transaction; a worker does it once a day by itself.
    #[arg(long)]
    apply: bool,
}

/// Shows every rule with how many rows are due; with `--apply` they are forgotten.
pub async fn run(store: &Store, days: &Days, wanted: &Retention, now: Moment) -> anyhow::Result<()> {
    let mut all = 0;
    for rule in RULES {
        let kept = (rule.days)(days);
        let (table, column) = (rule.table, rule.column);
        if kept == 0 {
            print(&p!(tr(), "admin-retention-for-ever", table = table, column = column))?;
            continue;
        }
        let due = rule.due(store, days, now).await?;
        all += due;
        print(&p!(tr(), "admin-retention-line", table = table, column = column, days = kept, due = due))?;
        if wanted.apply && due > 0 {
            while rule.portion(store, days, now).await? {}
            let left = rule.due(store, days, now).await?;
            print(&p!(tr(), "admin-retention-done", table = table, done = due - left, left = left))?;
        }
    }
    if wanted.apply {
        store.cut_log().await;
        Ok(())
    } else {
        print(&p!(tr(), "admin-retention-due", due = all))
    }
}
