//! Importing a table of contacts, against reading and parsing its file alone, and against what the
//! database alone takes.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

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

/// A file of contacts, phones in the writings people use; every hundredth row repeats the one
/// before.
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

/// The floor: so many contacts, each with a phone, made by the database itself of a counter, into
/// the same tables with their indexes and constraints, committed as often. Nothing is read, sent,
/// looked up or counted.
async fn bare(context: &Context, rows: i64) -> anyhow::Result<Duration> {
    let world = World::new(context, 0, false).await?;
    let chunk = i64::try_from(run::CHUNK)?;
    let began = Instant::now();
    let mut from = 0;
    while from < rows {
        let to = (from + chunk).min(rows);
        world.seed.bare_import(&world.store, from, to).await?;
        from = to;
    }
    let took = began.elapsed();
    world.close().await?;
    Ok(took)
}

/// Rows a second, against reading the file alone, reading it with its phones, and the database's
/// floor.
pub(super) async fn import(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let rows = context.scale.of(50_000, 1_000_000);
    let (mut ours, mut parsed, mut read, mut floors) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..context.runs {
        let world = World::new(context, 0, false).await?;
        let (mut took, mut parsing, mut reading) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        let mut next = 0;
        while next < rows {
            let to = (next + FILE).min(rows);
            let text = csv(next, to);
            next = to;
            let seed = &world.seed;
            let import = import::begin(&world.store, &seed.owner, "клиенты.csv", text.as_bytes(), clock::now()).await?;
            import::set_basis(&world.store, &seed.owner, import.id, "Анкеты в магазине", Basis::NoConsent, clock::now()).await?;
            // What the file alone costs: bytes to rows of cells (encoding, delimiter, headings),
            // then rows to contacts.
            let began = Instant::now();
            let table = table::read(text.as_bytes())?;
            parsing += began.elapsed();
            let fields = mms_core::contact::field::list(&world.store, seed.account).await?;
            let mut reader = RowReader::of(&import, &fields, "RU");
            let taken = table.rows[1..].iter().map(|row| reader.read(row)).filter(|read| read.draft.is_some() && !read.joins).count();
            reading += began.elapsed();
            drop(table);
            run::dry_run(&world.store, &seed.owner, import.id, clock::now()).await?;
            import::start(&world.store, &seed.owner, import.id, clock::now()).await?;
            let began = Instant::now();
            run::run(&world.store, import.id, &CancellationToken::new()).await?;
            took += began.elapsed();
            let done = import::get(&world.store, seed.account, import.id).await?;
            let new = done.map_or(0, |import| import.counts.live.new);
            ensure!(usize::try_from(new)? == taken, "{new} contacts came of {taken} good rows");
        }
        world.close().await?;
        ours.push(per_second(rows, took));
        parsed.push(per_second(rows, parsing));
        read.push(per_second(rows, reading));
        floors.push(per_second(rows, bare(context, rows).await?));
    }
    let against = |bare: &[f64]| ours.iter().zip(bare).map(|(our, bare)| our / bare).collect::<Vec<_>>();
    let figure = |what: &str, bare: &[f64], limit, detail: String| Figure::new(what, context.engine, "", &against(bare), limit, detail);
    let our = median(&ours);
    Ok(vec![
        figure(
            "import: rows/s against parsing the file",
            &parsed,
            Some(Limit::AtLeast(0.25)),
            format!("{rows} rows: {our:.0}/s, the file alone {:.0}/s", median(&parsed)),
        ),
        figure("import: against parsing file and phones", &read, None, format!("{:.0}/s, duplicates found too", median(&read))),
        figure("import: against bare INSERTs of as many", &floors, None, format!("{:.0}/s, as many commits", median(&floors))),
    ])
}
