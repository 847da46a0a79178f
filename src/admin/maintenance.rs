//! `mms admin maintenance`: when the server is worked on.

use anyhow::{anyhow, bail};
use chrono::NaiveDateTime;
use clap::Args;
use mms_bot::p;
use mms_core::{
    campaign::maintenance::{self, LONGEST, PlanError},
    clock::Moment,
    id::MaintenanceId,
    store::Store,
};

use crate::{
    process::print,
    words::{minute, tr},
};

/// When the server is worked on.
#[derive(Debug, Args)]
pub struct Maintenance {
    /// From when (UTC), as 2026-12-01 02:00.
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "until", conflicts_with = "lift")]
    from: Option<NaiveDateTime>,
    /// Until when (UTC).
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "from")]
    until: Option<NaiveDateTime>,
    /// What for, in words for every company.
    #[arg(long, requires = "from", default_value = "", hide_default_value = true)]
    why: String,
    /// The number of one to be called off, or to be over now.
    #[arg(long, value_name = "ID")]
    lift: Option<MaintenanceId>,
}

/// A time as people write it: 2026-12-01 02:00, 01.12.2026 02:00.
pub fn moment(text: &str) -> Result<NaiveDateTime, String> {
    let read = |form| NaiveDateTime::parse_from_str(text.trim(), form).ok();
    ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M"].into_iter().find_map(read).ok_or_else(|| p!(tr(), "admin-maintenance-time"))
}

/// Plans, calls off, or lists.
pub async fn run(store: &Store, wanted: &Maintenance, now: Moment) -> anyhow::Result<()> {
    if let Some(id) = wanted.lift {
        let lifted = maintenance::lift(store, id, now).await?.ok_or_else(|| anyhow!(p!(tr(), "admin-maintenance-no-such")))?;
        return print(&p!(tr(), "admin-maintenance-lifted", from = minute(lifted.begins_at)));
    }
    let (Some(from), Some(until)) = (wanted.from, wanted.until) else { return list(store, now).await };
    let planned = match maintenance::plan(store, (from.and_utc(), until.and_utc()), &wanted.why, now).await {
        Ok(planned) => planned,
        Err(PlanError::Backwards) => bail!(p!(tr(), "admin-maintenance-backwards")),
        Err(PlanError::TooLong) => bail!(p!(tr(), "admin-maintenance-long", hours = LONGEST.num_hours())),
        Err(PlanError::Overlaps(other)) => {
            let (id, from, until) = (other.id.to_string(), minute(other.begins_at), minute(other.ends_at));
            bail!(p!(tr(), "admin-maintenance-overlaps", id = id, from = from, until = until))
        }
        Err(PlanError::Db(error)) => return Err(error.into()),
    };
    let (id, told) = (planned.maintenance.id.to_string(), planned.told);
    let (from, until) = (minute(planned.maintenance.begins_at), minute(planned.maintenance.ends_at));
    print(&p!(tr(), "admin-maintenance-planned", id = id, from = from, until = until, told = told))?;
    for one in planned.collides {
        let (account, campaign, at) = (one.account, one.campaign, minute(one.starts_at));
        print(&p!(tr(), "admin-maintenance-collides", account = account, campaign = campaign, at = at))?;
    }
    Ok(())
}

async fn list(store: &Store, now: Moment) -> anyhow::Result<()> {
    let all = maintenance::ahead(store, now).await?;
    if all.is_empty() {
        return print(&p!(tr(), "admin-maintenance-none"));
    }
    for one in all {
        let (id, from, until) = (one.id.to_string(), minute(one.begins_at), minute(one.ends_at));
        print(&p!(tr(), "admin-maintenance-line", id = id, from = from, until = until, reason = one.reason))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        for text in ["2026-12-01 02:00", "01.12.2026 02:00", " 2026-12-01T02:00 "] {
            assert_eq!(moment(text).map(|at| at.to_string()), Ok("2026-12-01 02:00:00".to_owned()), "{text}");
        }
        for text in ["", "tomorrow", "2026-12-01", "2026-12-01 25:00"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
