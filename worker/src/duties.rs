//! Duties of a few times a day. The heads of the trail are noted outside the database, and shown to
//! the owners when they have moved, once a day unless the settings say otherwise. People are told
//! of licences and CRM tokens that end soon, once a stage. Tokens of paused CRM connections are
//! refreshed, because they die when nobody uses them. What came to rest in a company, or of a
//! person, after they were deleted is taken away.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use chrono::TimeDelta;
use mms_core::{
    account::{self, licence, order},
    clock::{self, Moment},
    contact::{again, erase},
    crm::connection,
    deletion, erasure,
    evidence::{manifest::digest, request},
    id::AccountId,
    notice::{self, NewNotice, NoticeKind},
    sign::{self, Signer},
    store::{damage, retention, trail::notes},
};
use serde_json::json;

use crate::Deps;

/// How often everything is looked after.
const EVERY: Duration = Duration::from_hours(6);
/// How often the whole database is read.
const LOOK: Duration = Duration::from_hours(24);
/// How often what is old is forgotten.
const FORGET: Duration = Duration::from_hours(24);
/// Between two portions: others who write come first.
const BETWEEN_PORTIONS: Duration = Duration::from_millis(50);

/// Waits from the start to the first of what is done once a day: right after a restart messages
/// that waited go out, and reading the whole database beside them slows them by a tenth.
/// `false`: the process ends.
async fn settled(deps: &Deps) -> bool {
    tokio::select! {
        () = deps.stop.cancelled() => false,
        () = tokio::time::sleep(deps.daily_after) => true,
    }
}

/// Reads the whole database soon after the start and once a day: a damaged page is noticed before
/// somebody needs it. An error that speaks of damage is believed at once, whatever is found then:
/// the look only says more of it.
///
/// # Errors
/// Never by itself: what was found is logged and shown by `/readyz`.
pub async fn look_for_damage(deps: &Deps) -> anyhow::Result<()> {
    let mut wait = deps.daily_after;
    loop {
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            () = damage::until_told(), if !deps.store.damaged() => deps.store.note_damage(),
            () = tokio::time::sleep(wait) => {}
        }
        wait = LOOK;
        match deps.store.look_for_damage().await {
            Ok(None) => {}
            Ok(Some(damage)) => tracing::error!(damage, "the database is damaged"),
            Err(error) => tracing::error!(%error, "the database could not be looked through for damage"),
        }
    }
}

/// Forgets what is old ([`retention::RULES`]) soon after the start and once a day, a portion a
/// transaction.
///
/// # Errors
/// Never by itself: what failed is logged and done the next day.
pub async fn forget(deps: &Deps) -> anyhow::Result<()> {
    if !settled(deps).await {
        return Ok(());
    }
    loop {
        for rule in retention::RULES {
            loop {
                match rule.portion(&deps.store, &deps.retention, clock::now()).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(table = rule.table, %error, "what is old was not forgotten, the next day does it");
                        break;
                    }
                }
                tokio::select! {
                    () = deps.stop.cancelled() => return Ok(()),
                    () = tokio::time::sleep(BETWEEN_PORTIONS) => {}
                }
            }
        }
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(FORGET) => {}
        }
    }
}

/// Looks after everything, at the start and then every six hours, until `deps.stop`. Beside the
/// tick: what takes its time over millions of rows keeps no campaign and no lost bell waiting.
///
/// # Errors
/// Never by itself.
pub async fn look_after(deps: &Deps) -> anyhow::Result<()> {
    loop {
        run(deps, clock::now()).await;
        tokio::select! {
            () = deps.stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Looks after everything once; a failure is logged and the next time tries again.
pub async fn run(deps: &Deps, now: Moment) {
    if let Err(error) = trail(deps, now).await {
        tracing::error!(error = format!("{error:#}"), "the heads of the trail were not compared and noted");
    }
    if let Err(error) = order::expire(&deps.store, now).await {
        tracing::error!(%error, "orders that nobody paid in time stay open");
    }
    if let Err(error) = request::warn(&deps.store, now).await {
        tracing::error!(%error, "requests for evidence whose last day comes could not be looked up");
    }
    if let Err(error) = licence::warn_ending(&deps.store, now).await {
        tracing::error!(%error, "licences that end soon could not be looked up");
    }
    if let Err(error) = connection::warn_token_ends(&deps.store, &deps.sealer, now).await {
        tracing::error!(%error, "CRM tokens that end soon could not be looked up");
    }
    if let Err(error) = connection::session::keep_alive(&deps.store, &deps.sealer, &deps.endpoints, &deps.worker, now).await {
        tracing::error!(%error, "the tokens of paused CRM connections could not be kept alive");
    }
    if let Err(error) = erase::sweep(&deps.store, now).await {
        tracing::error!(%error, "what came to rest after its person was deleted was not blanked");
    }
    if let Err(error) = erasure::warn(&deps.store, &deps.erasure, now).await {
        tracing::error!(%error, "demands to destroy data that are due could not be looked up");
    }
    if let Err(error) = try_again(deps, now).await {
        tracing::error!(%error, "whoever was not reached long ago stays unreachable");
    }
    if let Err(error) = deletion::sweep(&deps.store, now).await {
        tracing::error!(%error, "what came to rest after a company's deletion was not erased");
    }
}

/// Whoever a provider did not reach long ago may be there now.
async fn try_again(deps: &Deps, now: Moment) -> sqlx::Result<()> {
    for account in account::all(&deps.store).await? {
        let forgotten = again::forget(&deps.store, account.id, now).await?;
        if forgotten > 0 {
            tracing::info!(account.id = %account.id, addresses = forgotten, "whoever was not reached weeks ago may be tried again");
        }
    }
    Ok(())
}

/// Compares the trail with what was noted of it, notes how far it goes now, and puts that into the
/// owners' chat: what stands in a log, in a file and in a chat cannot be exchanged with the
/// database.
async fn trail(deps: &Deps, now: Moment) -> anyhow::Result<()> {
    let all = account::all(&deps.store).await?;
    if let Some(file) = &deps.heads {
        let ids: Vec<_> = all.iter().map(|row| row.id).collect();
        let signer = sign::installation(&deps.sealer);
        let whole = whole(deps, file, &signer, &ids, now).await?;
        let differing = notes::keep(&deps.store, file, &signer, &ids, now).await?;
        deps.store.note_trail_differs(!whole || !differing.is_empty());
        for differs in differing {
            tracing::error!(account = %differs.account, chain = differs.chain, noted = %differs.noted, "the trail is not what was noted of it");
            metrics::counter!("mms_trail_broken_total").increment(1);
            let notice = NewNotice {
                account: differs.account,
                member: None,
                kind: NoticeKind::TrailBroken,
                payload: json!({ "chain": differs.chain, "noted": differs.noted.short() }),
                dedupe_key: format!("trail.broken:{}:{}:{}", differs.account, differs.chain, differs.noted),
            };
            raise(deps, notice, now).await?;
        }
    }
    if deps.heads_days == 0 {
        return Ok(());
    }
    let days = i64::from(deps.heads_days);
    for row in all.iter().filter(|row| now - row.created_at >= TimeDelta::days(days)) {
        let Ok(head) = deps.store.trail_head(row.id).await? else { continue };
        let (audit, consents) = (head.audit().to_string(), head.consents().to_string());
        // Heads that were shown are not shown again, whatever day it is.
        let (kind, seen) = (NoticeKind::TrailHeads, format!("trail.seen:{}:{audit}:{consents}", row.id));
        if notice::was_told(&deps.store, row.id, &seen).await? {
            continue;
        }
        let period = now.timestamp().div_euclid(TimeDelta::days(days).num_seconds());
        let dedupe_key = format!("trail.shown:{}:{days}:{period}", row.id);
        let payload = json!({ "audit": audit, "consents": consents });
        if raise(deps, NewNotice { account: row.id, member: None, kind, payload, dedupe_key }, now).await? {
            notice::note_told(&deps.store, row.id, kind, &seen, now).await?;
        }
    }
    Ok(())
}

/// Whether the file of what was noted is as it was written; owners are told what is not, once for
/// each state it is found in.
async fn whole(deps: &Deps, file: &Path, signer: &Signer, accounts: &[AccountId], now: Moment) -> anyhow::Result<bool> {
    let looked = notes::look(file, &signer.public());
    let wrong: Vec<(&str, usize)> = match &looked {
        Ok(found) => found.iter().filter(|one| one.breaks()).map(|one| (one.code(), one.line())).collect(),
        Err(_) => vec![("unreadable", 0)],
    };
    let Some((what, line)) = wrong.first() else { return Ok(true) };
    tracing::error!(file = %file.display(), ?wrong, "the file with the checkpoints of the trail is not as it was written");
    metrics::counter!("mms_trail_broken_total").increment(1);
    deps.store.note_trail_differs(true);
    let state = digest(format!("{wrong:?}").as_bytes());
    for account in accounts {
        let notice = NewNotice {
            account: *account,
            member: None,
            kind: NoticeKind::TrailFile,
            payload: json!({ "what": what, "line": line, "count": wrong.len() }),
            dedupe_key: format!("trail.file:{account}:{state}"),
        };
        raise(deps, notice, now).await?;
    }
    // What cannot be read is not written to either.
    looked.map(|_| false).context("the file with the checkpoints of the trail cannot be read")
}

/// `false`: it was raised before.
async fn raise(deps: &Deps, notice: NewNotice, now: Moment) -> sqlx::Result<bool> {
    let mut tx = deps.store.begin().await?;
    let new = notice::raise_new(&mut tx, notice, now).await?;
    tx.commit().await?;
    Ok(new)
}

#[cfg(test)]
mod tests {
    use mms_core::{
        both,
        config::Endpoints,
        on,
        queue::Queue,
        secret::Sealer,
        store::{Store, audit, trail::notes},
    };

    use super::*;

    async fn company(store: &Store, now: Moment) -> AccountId {
        mms_core::testing::found(store, "anna", "korova na lune", now).await.account
    }

    fn deps(store: &Store, heads: &Path) -> Deps {
        let sealer = Sealer::new(&[7; 32]);
        Deps { heads: Some(heads.to_owned()), ..Deps::new(store.clone(), sealer, Endpoints::default(), Queue::memory(), "test") }
    }

    async fn told(store: &Store, kind: &'static str) -> i64 {
        on!(store.read(), |c| sqlx::query_scalar("select count(*) from notice where kind = $1").bind(kind).fetch_one(c).await)
            .expect("counted")
    }

    async fn grow(store: &Store, account: AccountId, now: Moment) {
        let mut tx = store.begin().await.expect("begun");
        audit::record(&mut tx, account, "admin", "test", "", &json!({}), now).await.expect("recorded");
        tx.commit().await.expect("committed");
    }

    fn lines(file: &Path) -> Vec<String> {
        std::fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    both!(async fn heads_are_noted_as_they_move_and_shown_once_a_day_when_they_moved(store) {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join(notes::FILE);
        let now = clock::now();
        let account = company(&store, now).await;
        let deps = deps(&store, &file);
        run(&deps, now).await;
        run(&deps, now).await;
        let noted = lines(&file);
        let head = store.trail_head(account).await.expect("read").expect("there");
        assert_eq!(noted.len(), 1, "noted once: {noted:?}");
        assert!(noted[0].contains(&account.to_string()) && noted[0].contains(&head.audit().to_string()), "{noted:?}");
        assert_eq!(told(&store, "trail.heads").await, 0, "a new company has nothing to be shown yet");

        grow(&store, account, now).await;
        run(&deps, now + TimeDelta::hours(6)).await;
        assert_eq!(lines(&file).len(), 2, "it moved");
        let shown = async || {
            let sql = "select count(*) from notice where kind = 'trail.heads' and due_at is not null";
            on!(store.read(), |c| sqlx::query_scalar::<_, i64>(sql).fetch_one(c).await).expect("counted")
        };
        // Days, whether it grew before, messages so far.
        for (days, grew, times) in [(2, false, 1), (2, true, 1), (3, false, 2), (4, false, 2), (9, true, 3)] {
            if grew {
                grow(&store, account, now).await;
            }
            run(&deps, now + TimeDelta::days(days)).await;
            assert_eq!(shown().await, times, "after {days} days");
        }
        grow(&store, account, now).await;
        let never = Deps { heads_days: 0, ..deps.clone() };
        run(&never, now + TimeDelta::days(20)).await;
        let weekly = Deps { heads_days: 7, ..deps };
        run(&weekly, now + TimeDelta::days(6)).await;
        assert_eq!(shown().await, 3, "the company is younger than a week, and none is sent where none is wanted");
        run(&weekly, now + TimeDelta::days(21)).await;
        assert_eq!(shown().await, 4);
        assert_eq!((told(&store, "trail.broken").await, told(&store, "trail.file").await, store.trail_differs()), (0, 0, false));
    });

    both!(async fn a_file_that_is_not_as_it_was_written_is_an_alarm_once_a_finding(store) {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join(notes::FILE);
        let now = clock::now();
        let account = company(&store, now).await;
        let deps = deps(&store, &file);
        for hours in 0..3 {
            run(&deps, now + TimeDelta::hours(hours)).await;
            grow(&store, account, now).await;
        }
        let good = std::fs::read_to_string(&file).expect("read");
        let alarm = async || {
            let sql = "select payload from notice where kind = 'trail.file' order by id";
            let found: Vec<sqlx::types::Json<serde_json::Value>> =
                on!(store.read(), |c| sqlx::query_scalar(sql).fetch_all(c).await).expect("read");
            found.into_iter().map(|one| (one.0["what"].as_str().expect("a word").to_owned(), one.0["line"].as_u64())).collect::<Vec<_>>()
        };
        // The second line is taken out: told once, however often it is found.
        let kept: String = good.lines().enumerate().filter(|(at, _)| *at != 1).map(|(_, line)| format!("{line}\n")).collect();
        std::fs::write(&file, kept).expect("written");
        for hours in [3, 9] {
            run(&deps, now + TimeDelta::hours(hours)).await;
            assert_eq!(alarm().await, [("not_next".to_owned(), Some(2))]);
            assert!(store.trail_differs());
        }
        // Another finding is another alarm; a file put right is none.
        std::fs::write(&file, good.replacen(":", ";", 1)).expect("written");
        run(&deps, now + TimeDelta::hours(15)).await;
        let found = alarm().await;
        assert_eq!((found.len(), found[1].clone()), (2, ("changed".to_owned(), Some(1))));
        std::fs::write(&file, &good).expect("written");
        run(&deps, now + TimeDelta::hours(21)).await;
        assert_eq!((alarm().await.len(), store.trail_differs()), (2, false));
        // A file that cannot be read is told, too.
        std::fs::remove_file(&file).expect("removed");
        std::fs::create_dir(&file).expect("a directory in its place");
        run(&deps, now + TimeDelta::hours(27)).await;
        assert_eq!(alarm().await[2], ("unreadable".to_owned(), Some(0)));
        assert_eq!((told(&store, "trail.broken").await, store.trail_differs()), (0, true));
    });

    both!(async fn a_trail_that_is_not_what_was_noted_is_an_alarm_once_and_is_not_noted_anew(store) {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join(notes::FILE);
        let now = clock::now();
        let account = company(&store, now).await;
        // Another copy of the database went further than this one.
        std::fs::write(&file, format!("2026-11-01T00:00:00Z {account} 999:0123456789abcdef 0:\n")).expect("written");
        let deps = deps(&store, &file);
        for hours in [0, 6, 12] {
            run(&deps, now + TimeDelta::hours(hours)).await;
        }
        assert_eq!((told(&store, "trail.broken").await, lines(&file).len()), (1, 1));
        notes::unknown(&file, now).expect("written");
        run(&deps, now + TimeDelta::hours(18)).await;
        let noted = lines(&file);
        let head = store.trail_head(account).await.expect("read").expect("there");
        assert!(noted.len() == 3 && noted[2].contains(&head.audit().to_string()), "{noted:?}");
        assert_eq!(told(&store, "trail.broken").await, 1);
    });

    both!(async fn what_came_to_rest_after_a_deletion_is_erased(store) {
        let dir = tempfile::tempdir().expect("a directory");
        let now = clock::now();
        let gone = company(&store, now).await;
        deletion::delete(&store, gone, now, |_| ()).await.expect("deleted");
        let stays = company(&store, now).await;
        let deps = deps(&store, &dir.path().join(notes::FILE));
        for account in [gone, stays] {
            let payload = json!({ "name": "Лето" });
            let dedupe_key = format!("late:{account}");
            raise(&deps, NewNotice { account, member: None, kind: NoticeKind::CampaignFinished, payload, dedupe_key }, now).await.expect("raised");
        }
        run(&deps, now).await;
        let left: Vec<AccountId> = on!(store.read(), |c| sqlx::query_scalar(
            "select account_id from notice where kind = 'campaign.finished' and payload <> '{}'"
        )
        .fetch_all(c)
        .await)
        .expect("read");
        assert_eq!(left, [stays]);
    });
}
