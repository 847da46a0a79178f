//! Duties of a few times a day. The heads of the trail are noted outside the database, and shown to
//! the owners once a week. People are told of licences and CRM tokens that end soon, once a stage.
//! Tokens of paused CRM connections are refreshed, because they die when nobody uses them. What
//! came to rest in a company, or of a person, after they were deleted is taken away.

use std::time::Duration;

use chrono::{Datelike as _, TimeDelta};
use mms_core::{
    account::{self, licence, order},
    clock::{self, Moment},
    contact::{again, erase},
    crm::connection,
    deletion, erasure,
    evidence::request,
    notice::{self, NewNotice, NoticeKind},
    sign,
    store::{damage, retention, trail::notes},
};
use serde_json::json;

use crate::Deps;

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

/// Time between two messages with the heads to the owners; the first comes when the company is as
/// old.
const SHOWN_EVERY: TimeDelta = TimeDelta::days(7);

/// Compares the trail with what was noted of it, notes how far it goes now, and puts that into the
/// owners' chat once a week: what stands in a log, in a file and in a chat cannot be exchanged with
/// the database.
async fn trail(deps: &Deps, now: Moment) -> anyhow::Result<()> {
    let all = account::all(&deps.store).await?;
    if let Some(file) = &deps.heads {
        let ids: Vec<_> = all.iter().map(|row| row.id).collect();
        let signer = sign::installation(&deps.sealer);
        for wrong in notes::look(file, &signer.public())?.into_iter().filter(|one| one.breaks()) {
            tracing::error!(file = %file.display(), ?wrong, "the file with the checkpoints of the trail is not as it was written");
            metrics::counter!("mms_trail_broken_total").increment(1);
        }
        for differs in notes::keep(&deps.store, file, &signer, &ids, now).await? {
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
    let week = now.iso_week();
    for row in all.iter().filter(|row| now - row.created_at >= SHOWN_EVERY) {
        let Ok(head) = deps.store.trail_head(row.id).await? else { continue };
        let notice = NewNotice {
            account: row.id,
            member: None,
            kind: NoticeKind::TrailHeads,
            payload: json!({ "audit": head.audit().to_string(), "consents": head.consents().to_string() }),
            dedupe_key: format!("trail.heads:{}:{}-{}", row.id, week.year(), week.week()),
        };
        raise(deps, notice, now).await?;
    }
    Ok(())
}

async fn raise(deps: &Deps, notice: NewNotice, now: Moment) -> sqlx::Result<()> {
    let mut tx = deps.store.begin().await?;
    notice::raise(&mut tx, notice, now).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mms_core::{
        both,
        config::Endpoints,
        id::AccountId,
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

    fn lines(file: &Path) -> Vec<String> {
        std::fs::read_to_string(file).unwrap_or_default().lines().map(str::to_owned).collect()
    }

    both!(async fn heads_are_noted_as_they_move_and_shown_once_a_week(store) {
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

        let mut tx = store.begin().await.expect("begun");
        audit::record(&mut tx, account, "admin", "test", "", &json!({}), now).await.expect("recorded");
        tx.commit().await.expect("committed");
        run(&deps, now + TimeDelta::hours(6)).await;
        assert_eq!(lines(&file).len(), 2, "it moved");
        for (days, times) in [(8, 1), (8, 1), (15, 2)] {
            run(&deps, now + TimeDelta::days(days)).await;
            assert_eq!(told(&store, "trail.heads").await, times, "after {days} days");
        }
        assert_eq!(told(&store, "trail.broken").await, 0);
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
