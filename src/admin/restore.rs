//! Putting a backup in place of the database. The former one is kept whatever its state, and what
//! people said since the backup is carried over from it; where it cannot be read, or does not know
//! all of that, advertising waits for an owner's word.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, anyhow, bail};
use mms_bot::p;
use mms_core::{
    campaign::advertising,
    carry::{self, Carried, members::Shut},
    clock::{self, Moment},
    config::Config,
    deletion,
    secret::Sealer,
    store::{
        BackupError, Store,
        backup::{beside, has_content, inspect, move_aside, private, sync_folder},
    },
};

use crate::{
    process,
    words::{self, tr},
};

/// Runs `mms admin restore`.
pub async fn run(config: &Config, environment: &BTreeMap<String, String>, backup: &Path) -> anyhow::Result<()> {
    let target = config.sqlite_path().ok_or_else(|| anyhow!(BackupError::NotSqlite))?;
    config.make_data_dir()?;
    let _lock = process::lock(config)?;
    if !backup.exists() {
        bail!(p!(tr(), "admin-no-file", file = backup.display().to_string()));
    }
    // The backup itself is never touched: a copy beside the database is checked, then takes its
    // place in one rename.
    let fresh = target.with_extension("restoring");
    let sealer = config.sealer(environment)?;
    let ready = prepare(backup, &fresh, &target, sealer.as_ref()).await;
    let (held, carried) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            remove(&fresh);
            return Err(error);
        }
    };
    if ["", "-wal"].iter().any(|ending| beside(&target, ending).exists()) {
        let kept = target.with_extension(format!("before-restore-{}", clock::now().format("%Y%m%dT%H%M%S")));
        let kept = move_aside(&target, &kept)?;
        process::print(&p!(tr(), "admin-former-kept", file = kept.display().to_string()))?;
    }
    fs::rename(&fresh, &target)?;
    sync_folder(&target)?;
    if let Some(carried) = &carried {
        process::print(&p!(
            tr(),
            "admin-carried",
            people = carried.people,
            addresses = carried.suppressions,
            consents = carried.withdrawals,
            deleted = carried.deleted,
            events = carried.events
        ))?;
        if carried.shut != Shut::default() {
            process::print(&p!(tr(), "admin-carried-members", sessions = carried.shut.sessions, members = carried.shut.members))?;
        }
        if carried.licences > 0 {
            process::print(&p!(tr(), "admin-carried-licences", count = carried.licences))?;
        }
        for company in &carried.companies {
            process::print(&p!(tr(), "admin-carried-company", company = company.to_string()))?;
        }
        if !carried.all {
            process::print(&p!(tr(), "admin-former-knows-less"))?;
        }
    }
    if !carried.as_ref().is_some_and(|carried| carried.all) {
        process::print(&p!(tr(), "admin-advertising-held"))?;
    }
    if sealer.is_none() {
        process::print(&p!(tr(), "admin-put-key", file = config.sealing_key_path(environment).display().to_string()))?;
    }
    process::print(&p!(tr(), "admin-restored", held = held_back(held)))
}

/// Makes the copy ready to take the database's place; how many campaigns are held, and what was
/// carried over.
async fn prepare(backup: &Path, fresh: &Path, former: &Path, sealer: Option<&Sealer>) -> anyhow::Result<(u64, Option<Carried>)> {
    remove(fresh);
    for ending in ["", "-wal"] {
        let (from, to) = (beside(backup, ending), beside(fresh, ending));
        if ending.is_empty() || has_content(&from) {
            fs::copy(&from, &to).with_context(|| p!(tr(), "admin-not-copied", file = from.display().to_string()))?;
            private(&to)?;
        }
    }
    if has_content(&beside(fresh, "-wal")) {
        // A copy of a database with its log: the log is folded in first.
        Store::connect(&format!("sqlite:{}", fresh.display())).await?.close().await;
    }
    inspect(fresh).await.with_context(|| p!(tr(), "admin-not-restored", file = backup.display().to_string()))?;
    let store = Store::open(&format!("sqlite:{}", fresh.display())).await?;
    // Without the key nothing can be chained: the trail begins anew at the next start, over what it
    // finds.
    let store = match sealer {
        Some(sealer) => store.sealed_by(sealer),
        None => store.untraced(),
    };
    let now = clock::now();
    let outcome = async {
        let carried = carry_over(former, &store, now).await?;
        let held = store.hold_everything(now).await?;
        // After everything is held: nothing of theirs waits to come to rest.
        for company in carried.iter().flat_map(|carried| &carried.companies) {
            deletion::delete(&store, *company, now, |_| ()).await?;
        }
        if !carried.as_ref().is_some_and(|carried| carried.all) {
            advertising::hold(&store, now).await?;
        }
        anyhow::Ok((held, carried))
    }
    .await;
    store.close().await;
    let ready = outcome?;
    fs::File::open(fresh)?.sync_all()?;
    Ok(ready)
}

/// Carries over what people said since; `None`: there is no former database, or it cannot be read.
async fn carry_over(former: &Path, fresh: &Store, now: Moment) -> anyhow::Result<Option<Carried>> {
    if !has_content(former) {
        return Ok(None);
    }
    let carried = async {
        let store = Store::connect(&format!("sqlite:{}", former.display())).await?;
        let carried = async {
            if let Some(damage) = store.look_for_damage().await? {
                bail!(p!(tr(), "admin-damaged", why = damage.to_string()));
            }
            Ok(carry::carry(&store, fresh, now).await?)
        }
        .await;
        // Folds the log in, so that the file that is kept is whole.
        store.close().await;
        carried
    }
    .await;
    match carried {
        Ok(carried) => Ok(Some(carried)),
        Err(error) => {
            process::print(&p!(tr(), "admin-former-unreadable", why = words::told(tr(), &error)))?;
            Ok(None)
        }
    }
}

fn remove(file: &Path) {
    for ending in ["", "-wal", "-shm"] {
        drop(fs::remove_file(beside(file, ending)));
    }
}

/// Runs `mms admin hold`: what a restore does, for a database that PostgreSQL's own tools restored.
pub async fn hold(store: &Store, config: &Config, now: Moment) -> anyhow::Result<()> {
    // On SQLite a running process would be told by the lock; on PostgreSQL nobody knows who else is
    // at work.
    let _alone = config.sqlite_path().map(|_| process::lock(config)).transpose()?;
    let held = store.hold_everything(now).await?;
    advertising::hold(store, now).await?;
    // Nothing more to be held at the next start.
    store.settle().await?;
    process::print(&p!(tr(), "admin-advertising-held"))?;
    process::print(&held_back(held))
}

fn held_back(campaigns: u64) -> String {
    match campaigns {
        0 => p!(tr(), "admin-held-none"),
        many => p!(tr(), "admin-held", campaigns = p!(tr(), "admin-campaigns", count = many)),
    }
}
