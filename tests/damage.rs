//! A database whose pages rot is no secret of the log: the owners are told by the managers' bot,
//! whatever can still be written.

use std::{
    fs::File,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use mms_core::store::{Db, Store};

use crate::{
    bot_life::Person,
    harness::{Company, Shape, World, until},
};

const SENTENCE: &str = "База данных повреждена";

/// Fills the first page of a table with rubbish.
async fn rot(store: &Store, database: &Path, table: &str) {
    let Db::Sqlite(pool) = store.read() else { panic!("SQLite") };
    let (page, size): (i64, i64) =
        sqlx::query_as("select rootpage, (select page_size from pragma_page_size) from sqlite_schema where name = $1")
            .bind(table)
            .fetch_one(pool)
            .await
            .expect("a table");
    store.close().await;
    let file = File::options().write(true).open(database).expect("opens");
    let (at, size) = (u64::try_from((page - 1) * size).expect("small"), usize::try_from(size).expect("small"));
    file.write_all_at(&vec![0x5A; size], at).expect("written");
    file.sync_all().expect("on disk");
}

async fn ready(url: &str) -> (u16, String) {
    let answer = reqwest::get(format!("{url}/readyz")).await.expect("it answers");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

/// Waits until the process says that its database is damaged, and may be given no work.
async fn until_damaged(url: &str) {
    let (status, _) = until("the process to say that the database is damaged", || async {
        let answer = ready(url).await;
        answer.1.contains("damaged").then_some(answer)
    })
    .await;
    assert_eq!(status, 503);
}

fn told(world: &World, person: i64) -> usize {
    let history = world.sandbox.history(world.manager_bot, person);
    history.iter().filter(|message| message.from_bot && message.text.contains(SENTENCE)).count()
}

/// A table that is read and written by nothing here, and the very table of notices.
#[tokio::test(flavor = "multi_thread")]
async fn the_owners_are_told_of_a_damaged_database_whether_it_takes_a_row_or_not() {
    for (table, takes_a_row) in [("wording", true), ("notice", false)] {
        let mut world = World::start(Shape::One).await;
        let company = Company::found(&world, 1).await;
        let owner = Person::new(&world);
        owner.signs_in(&company).await;
        let owner = owner.id;
        let database = PathBuf::from(world.setting("DATABASE_URL").trim_start_matches("sqlite:"));
        world.bot.take().expect("running").terminate().await;
        rot(&world.store, &database, table).await;
        let doctor = world.output(&["doctor"], "");
        let said = String::from_utf8_lossy(&doctor.stdout).into_owned();
        assert!(!doctor.status.success() && said.contains("PROBLEM  pages") && said.contains("damaged"), "{said}");

        for start in 1..=2 {
            world.start_bot();
            let address = world.bot.as_ref().expect("running").listens().await;
            until_damaged(&address).await;
            let expected = if takes_a_row { 1 } else { start };
            until("the owner to be told", || async { (told(&world, owner) == expected).then_some(()) }).await;
            until("the process to be done with it", || async {
                (world.logs().matches("the owners were told of the damage").count() == start).then_some(())
            })
            .await;
            if !takes_a_row {
                until("the row to be refused", || async { world.logs().contains("takes no row").then_some(()) }).await;
            }
            world.bot.as_mut().expect("running").must_live();
            world.bot.take().expect("running").terminate().await;
            assert_eq!(told(&world, owner), expected, "{table}: once a damage where a row remembers it, else once a start");
        }
        world.abandon("its database is damaged").await;
    }
}

/// What a process was told of a page in the middle of its work was a line in the log: it was ready,
/// and nobody was told before the daily look.
#[tokio::test(flavor = "multi_thread")]
async fn damage_that_work_comes_upon_is_told_at_once() {
    let mut world = World::start(Shape::One).await;
    let company = Company::found(&world, 1).await;
    let customer = *company.customers.keys().next().expect("a customer");
    let owner = Person::new(&world);
    owner.signs_in(&company).await;
    let owner = owner.id;
    let database = PathBuf::from(world.setting("DATABASE_URL").trim_start_matches("sqlite:"));
    world.bot.take().expect("running").terminate().await;
    rot(&world.store, &database, "chat_message").await;
    // Nobody looks through the file while this runs.
    world.set("MMS_DAILY_AFTER", "86400");
    world.start_bot();
    let address = world.bot.as_ref().expect("running").listens().await;
    until("the process to be ready", || async { (ready(&address).await == (200, "ready\n".to_owned())).then_some(()) }).await;
    world.sandbox.send_text(company.bot, customer, "Где мой заказ?").expect("written");
    until_damaged(&address).await;
    until("the owner to be told", || async { (told(&world, owner) == 1).then_some(()) }).await;
    world.bot.as_mut().expect("running").must_live();
    world.abandon("its database is damaged").await;
}
