//! What a CRM tells of people: writing occasions, and counting a segment over them.

use std::time::Instant;

use anyhow::ensure;
use chrono::TimeDelta;
use mms_core::{
    clock::{self, Moment},
    contact::{
        occasion::{self, NewOccasion, OccasionKind, OccasionState},
        segment,
    },
    crm::CrmKind,
    id::{ConnectionId, ContactId},
    on,
};
use sqlx::types::Json;

use super::{
    Context,
    figure::{Figure, Limit},
    seed::analyse,
    world::World,
};

/// Occasions of a person.
const EACH: i64 = 5;
/// Occasions of a page of the CRM.
const PAGE: usize = 500;
/// Whoever has not come for long, has booked nothing, and has bought much.
const SEGMENT: &str = "visit.last > 60d and visit.next is empty and order.sum_365d >= 3000";

/// Three visits and two orders of the `n`-th person, days apart.
fn of_person(n: i64, contact: ContactId, now: Moment) -> impl Iterator<Item = NewOccasion> {
    (0..EACH).map(move |at| {
        let mixed = (n * 7 + at * 13) % 400;
        let (kind, title) = if at < 3 {
            (OccasionKind::Visit, "Стрижка, укладка")
        } else {
            (OccasionKind::Order, "Шампунь, бальзам")
        };
        // One visit in eight is to come.
        let ahead = at == 0 && n % 8 == 0;
        let days = if ahead { -1 - mixed % 30 } else { mixed };
        NewOccasion {
            kind,
            external_id: (n * EACH + at).to_string(),
            contact,
            at: now - TimeDelta::days(days),
            until: None,
            state: match (ahead, (n + at) % 9) {
                (true, _) => OccasionState::Open,
                (false, 0) => OccasionState::Cancelled,
                (false, 1) => OccasionState::Missed,
                (false, _) => OccasionState::Done,
            },
            stage: "Выполнен".to_owned(),
            title: title.to_owned(),
            staff: "Мария".to_owned(),
            place: "Салон на Садовой".to_owned(),
            amount: Some(100_000 + (n % 50) * 10_000),
            url: None,
            data: serde_json::Map::new(),
            changed_at: now,
        }
    })
}

async fn connection(world: &World, now: Moment) -> anyhow::Result<ConnectionId> {
    let (id, nothing) = (ConnectionId::new(), Json(serde_json::json!({})));
    let mut tx = world.store.begin().await?;
    on!(tx.conn(), |c| {
        sqlx::query(
        "insert into crm_connection (id, account_id, kind, name, base_url, external_id, state, credentials, settings, hook_secret, sync_cursor, \
         sync_phase, created_at) values ($1, $2, $6, 'К', '', '', 'paused', $3, $4, 'seed', $4, 'idle', $5)"
    )
    .bind(id)
    .bind(world.seed.account)
    .bind(Vec::<u8>::new())
    .bind(&nothing)
    .bind(now)
    .bind(CrmKind::ALL[0])
    .execute(c)
    .await
    .map(|_| ())
    })?;
    tx.commit().await?;
    Ok(id)
}

/// Occasions of everybody, a page a transaction as a sync writes them; the count of a segment over
/// them.
pub(super) async fn occasions(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let people = context.scale.of(100_000, 1_000_000);
    let world = World::new(context, people, true).await?;
    let (store, account, now) = (&world.store, world.seed.account, clock::now());
    let connection = connection(&world, now).await?;
    let ids: Vec<ContactId> = on!(store.read(), |c| sqlx::query_scalar("select id from contact where account_id = $1 order by id")
        .bind(account)
        .fetch_all(c)
        .await)?;
    ensure!(i64::try_from(ids.len())? == people, "{} people were planted", ids.len());
    let all = || (0..people).zip(&ids).flat_map(|(n, id)| of_person(n, *id, now));
    let mut rates = Vec::new();
    // New, and then once more as they are: what a nightly load meets.
    for _ in 0..2 {
        let (began, mut rows, mut page) = (Instant::now(), 0_u32, Vec::with_capacity(PAGE));
        let mut rest = all();
        loop {
            page.extend(rest.by_ref().take(PAGE));
            if page.is_empty() {
                break;
            }
            let mut tx = store.begin_bulk().await?;
            occasion::put(&mut tx, account, connection, &page, now).await?;
            tx.commit().await?;
            rows += u32::try_from(page.len())?;
            page.clear();
        }
        rates.push(f64::from(rows) / began.elapsed().as_secs_f64());
    }
    analyse(store).await?;
    let filter = world.seed.filter(store, SEGMENT).await?;
    let (mut times, mut found) = (Vec::new(), 0);
    for _ in 0..=context.runs {
        let began = Instant::now();
        found = segment::count(store, account, &filter, chrono_tz::Europe::Moscow, now).await?;
        times.push(began.elapsed().as_secs_f64());
    }
    ensure!(found > 0 && found < people, "{found} of {people} is no measure");
    world.close().await?;
    let first = times.remove(0);
    let detail = format!("{found} of {people} people with {} occasions; the first time {first:.2} s", people * EACH);
    let engine = context.engine;
    Ok(vec![
        Figure::new("occasions: a segment over visits and orders", engine, "s", &times, Some(Limit::AtMost(2.0)), detail),
        Figure::new("occasions: new ones written", engine, "/s", &rates[..1], None, format!("pages of {PAGE}, a transaction each")),
        Figure::new("occasions: the same once more", engine, "/s", &rates[1..], None, "nothing is written".to_owned()),
    ])
}
