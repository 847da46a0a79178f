//! A statistics screen of ten recipients and of millions.

use std::time::Instant;

use mms_core::{
    campaign::view,
    clock,
    delivery::{Part, State, counts::Moves, stats},
    id::CampaignId,
    on,
    store::Db,
};

use super::{
    Context,
    figure::{Figure, Limit, median},
    seed::analyse,
    world::World,
};

/// Looks at a screen in one run.
const LOOKS: usize = 300;

/// A finished campaign of `rows`, sent long ago.
async fn finished(world: &World, rows: i64) -> anyhow::Result<CampaignId> {
    let campaign = world.seed.campaign(&world.store, 0, 0).await?;
    let mut made = 0;
    while made < rows {
        let to = (made + 1_000_000).min(rows);
        let mut tx = world.store.begin().await?;
        let sql = match tx.conn() {
            Db::Sqlite(_) => {
                "with recursive s(n) as (select $4 union all select n + 1 from s where n + 1 < $5) insert into delivery (account_id, campaign_id, contact_id, \
                 channel_id, planned, state, updated_at) select $1, $2, unhex(printf('%032x', n)), $3, 1, 'sent', $6 from s"
            }
            Db::Postgres(_) => {
                "insert into delivery (account_id, campaign_id, contact_id, channel_id, planned, state, updated_at) \
                 select $1, $2, cast(lpad(to_hex(n), 32, '0') as uuid), $3, true, 'sent', $6 from generate_series($4::bigint, $5::bigint - 1) n"
            }
        };
        on!(tx.conn(), |c| sqlx::query(sql)
            .bind(world.seed.account)
            .bind(campaign)
            .bind(world.seed.channel)
            .bind(made)
            .bind(to)
            .bind(clock::now())
            .execute(c)
            .await
            .map(|_| ()))?;
        let mut moves = Moves::default();
        moves.add(Part::first(campaign), true, (State::Sent, None), to - made);
        moves.write(&mut tx).await?;
        tx.commit().await?;
        made = to;
    }
    Ok(campaign)
}

/// What a screen reads: the campaign's card and its numbers.
async fn look(world: &World, campaign: CampaignId) -> anyhow::Result<f64> {
    let began = Instant::now();
    for _ in 0..LOOKS {
        view::card(&world.store, world.seed.account, campaign).await?;
        stats::stats(&world.store, world.seed.account, campaign, clock::now()).await?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let each = began.elapsed().as_secs_f64() * 1000.0 / LOOKS as f64;
    Ok(each)
}

/// The ratio of the two.
pub(super) async fn screens(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let rows = context.scale.of(300_000, 10_000_000);
    let world = World::new(context, 10, false).await?;
    let small = finished(&world, 10).await?;
    let large = finished(&world, rows).await?;
    analyse(&world.store).await?;
    look(&world, small).await?;
    look(&world, large).await?;
    let (mut ratios, mut smalls, mut larges) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let (of_ten, of_millions) = (look(&world, small).await?, look(&world, large).await?);
        smalls.push(of_ten);
        larges.push(of_millions);
        ratios.push(of_millions / of_ten);
    }
    world.close().await?;
    let detail = format!("{rows} rows {:.2} ms, 10 rows {:.2} ms", median(&larges), median(&smalls));
    Ok(vec![Figure::new("statistics screen: millions against ten", context.engine, "×", &ratios, Some(Limit::AtMost(1.5)), detail)])
}
