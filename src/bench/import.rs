//! Importing a table of contacts, against reading and parsing its file alone.

use std::{fmt::Write as _, time::Instant};

use anyhow::ensure;
use mms_core::{
    clock,
    contact::import::{self, Basis, row::RowReader, run, table},
};
use tokio_util::sync::CancellationToken;

use super::{
    Context,
    figure::{Figure, Limit, median},
    measure::per_second,
    world::World,
};

/// Rows of one file: a file holds 20 MB at most.
const FILE: i64 = 250_000;

/// A file of contacts, phones in the writings people use; every hundredth row repeats the one before.
fn csv(from: i64, to: i64) -> String {
    let mut text = String::from("Имя;Телефон;Город\n");
    for n in from..to {
        let phone = 9_120_000_000 + if n % 100 == 99 { n - 1 } else { n };
        let (code, line) = (phone / 10_000_000, phone % 10_000_000);
        // Writing into a String cannot fail.
        let _ = match n % 4 {
            0 => writeln!(text, "Анна Белова;+7{phone};Казань"),
            1 => writeln!(text, "Борис Котов;8{phone};Пермь"),
            2 => writeln!(text, "Вера Зимина;8 ({code}) {:03}-{:04};Москва", line / 10_000, line % 10_000),
            _ => writeln!(text, "Глеб Орлов;+7 {code} {:03} {:02} {:02};Томск", line / 10_000, line / 100 % 100, line % 100),
        };
    }
    text
}

/// Rows a second, against reading the file alone.
pub(super) async fn import(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let rows = context.scale.of(50_000, 1_000_000);
    let (mut ratios, mut ours, mut bares, mut reads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let world = World::new(context, 0, false).await?;
        let (mut took, mut parsing, mut reading) = (std::time::Duration::ZERO, std::time::Duration::ZERO, std::time::Duration::ZERO);
        let mut next = 0;
        while next < rows {
            let to = (next + FILE).min(rows);
            let text = csv(next, to);
            next = to;
            let seed = &world.seed;
            let import = import::begin(&world.store, &seed.owner, "клиенты.csv", text.as_bytes(), clock::now()).await?;
            import::set_basis(&world.store, &seed.owner, import.id, "Анкеты в магазине", Basis::NoConsent, clock::now()).await?;
            // What the file alone costs: bytes to rows, and rows to contacts (phones, duplicates).
            let began = Instant::now();
            let parsed = table::read(text.as_bytes())?;
            parsing += began.elapsed();
            let fields = mms_core::contact::field::list(&world.store, seed.account).await?;
            let mut reader = RowReader::new(&import.mapping, &fields, "RU");
            let taken = parsed.rows[1..].iter().filter(|(_, row)| reader.read(row).is_ok()).count();
            reading += began.elapsed();
            drop(parsed);
            run::dry_run(&world.store, &seed.owner, import.id, clock::now()).await?;
            import::start(&world.store, &seed.owner, import.id, clock::now()).await?;
            let began = Instant::now();
            run::run(&world.store, import.id, &CancellationToken::new()).await?;
            took += began.elapsed();
            let done = import::get(&world.store, seed.account, import.id).await?;
            let new = done.map_or(0, |import| import.counts.live.new);
            ensure!(usize::try_from(new)? == taken, "{new} contacts came of {taken} good rows");
        }
        let (our, bare) = (per_second(rows, took), per_second(rows, parsing));
        ours.push(our);
        bares.push(bare);
        reads.push(our / per_second(rows, reading));
        ratios.push(our / bare);
        world.close().await?;
    }
    let detail = format!("{rows} rows: {:.0}/s, the file alone {:.0}/s", median(&ours), median(&bares));
    Ok(vec![
        Figure::new("import: rows/s against parsing the file", context.engine, "", &ratios, Some(Limit::AtLeast(0.25)), detail),
        Figure::new("import: against parsing file and phones", context.engine, "", &reads, None, "duplicates found too"),
    ])
}
