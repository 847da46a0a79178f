//! Putting a backup in place of the database. The former one is kept whatever its state, and what people said since the backup is carried
//! over from it; where it cannot be read, advertising waits for an owner's word.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, anyhow, bail};
use mms_core::{
    campaign::advertising,
    carry::{self, Carried},
    clock::{self, Moment},
    config::Config,
    secret::Sealer,
    store::{
        BackupError, Store,
        backup::{beside, has_content, inspect, move_aside, private, sync_folder},
    },
};

use super::people::count;
use crate::process;

/// Runs `mms admin restore`.
pub async fn run(config: &Config, environment: &BTreeMap<String, String>, backup: &Path) -> anyhow::Result<()> {
    let target = config.sqlite_path().ok_or_else(|| anyhow!(BackupError::NotSqlite))?;
    config.make_data_dir()?;
    let _lock = process::lock(config)?;
    if !backup.exists() {
        bail!("there is no file `{}`", backup.display());
    }
    // The backup itself is never touched: a copy beside the database is checked, then takes its place in one rename.
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
        process::print(&format!("the former database is kept as `{}`", kept.display()))?;
    }
    fs::rename(&fresh, &target)?;
    sync_folder(&target)?;
    match carried {
        Some(carried) => process::print(&format!(
            "carried over from the former database: {} people who said stop since the backup, {} addresses not to be written to, {} consents taken back, \
             {} people who were deleted, {} events not yet understood",
            carried.people, carried.suppressions, carried.withdrawals, carried.deleted, carried.events
        ))?,
        None => process::print(ADVERTISING_HELD)?,
    }
    if sealer.is_none() {
        process::print(&format!(
            "put the sealing key of this installation at `{}` before you start",
            config.sealing_key_path(environment).display()
        ))?;
    }
    process::print(&format!("restored. {}", held_back(held)))
}

/// What the person at the server is told when nobody knows who said stop meanwhile.
const ADVERTISING_HELD: &str = "nobody knows who said stop after the backup, so no advertising is sent until an owner confirms it in the chat \
    (Settings); each connected CRM is read first";

/// Makes the copy ready to take the database's place; how many campaigns are held, and what was carried over.
async fn prepare(backup: &Path, fresh: &Path, former: &Path, sealer: Option<&Sealer>) -> anyhow::Result<(u64, Option<Carried>)> {
    remove(fresh);
    for ending in ["", "-wal"] {
        let (from, to) = (beside(backup, ending), beside(fresh, ending));
        if ending.is_empty() || has_content(&from) {
            fs::copy(&from, &to).with_context(|| format!("`{}` cannot be copied", from.display()))?;
            private(&to)?;
        }
    }
    if has_content(&beside(fresh, "-wal")) {
        // A copy of a database with its log: the log is folded in first.
        Store::connect(&format!("sqlite:{}", fresh.display())).await?.close().await;
    }
    inspect(fresh).await.with_context(|| format!("`{}` is not restored", backup.display()))?;
    let store = Store::open(&format!("sqlite:{}", fresh.display())).await?;
    // Without the key nothing can be chained: the trail begins anew at the next start, over what it finds.
    let store = match sealer {
        Some(sealer) => store.sealed_by(sealer),
        None => store.untraced(),
    };
    let now = clock::now();
    let outcome = async {
        let carried = carry_over(former, &store, now).await?;
        let held = store.hold_everything(now).await?;
        if carried.is_none() {
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
                bail!("it is damaged: {damage}");
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
            process::print(&format!("the former database cannot be read ({error:#})"))?;
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
    process::print(ADVERTISING_HELD)?;
    process::print(&held_back(held))
}

fn held_back(campaigns: u64) -> String {
    match usize::try_from(campaigns).unwrap_or(usize::MAX) {
        0 => "No campaign was running or planned.".to_owned(),
        many => format!(
            "What was sent after the backup is unknown to it, so what was running or planned is held ({}): look at each before it goes on.",
            count(many, "campaign")
        ),
    }
}
