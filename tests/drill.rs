//! The crash drill, shortened: a few rounds of harm on each engine, through every messenger. `mms
//! drill --rounds 200` is the whole.

use crate::harness::process;

/// Few enough rounds for the suite; the seed was chosen for its variety.
fn drill(more: &[&str]) {
    let args = [&["drill", "--rounds", "4", "--customers", "60", "--channels", "3"], more].concat();
    let table = process::run(&args, &[], "");
    assert!(table.contains("rounds of harm") && !table.contains("VIOLATION"), "{table}");
    for messenger in ["Telegram", "MAX", "VK", "WhatsApp", "Wazzup", "Viber"] {
        let sent = table.lines().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(messenger) && words.nth(1).and_then(|accepted| accepted.parse().ok()).is_some_and(|n: u64| n > 0)
        });
        assert!(sent, "nothing went through {messenger}:\n{table}");
    }
}

#[test]
fn a_few_rounds_on_sqlite() {
    drill(&["--sqlite", "--seed", "7"]);
}

#[test]
fn a_few_rounds_on_postgres_and_redis() {
    drill(&["--seed", "4"]);
}

/// A few rounds of harm between a CRM and us. A seed that kills and loses answers.
fn drill_of_crm(more: &[&str]) {
    let args = [&["drill", "--crm", "--rounds", "2", "--customers", "60"], more].concat();
    let table = process::run(&args, &[], "");
    let zero = |what: &str| table.lines().any(|line| line.strip_prefix(what).is_some_and(|rest| rest.trim_start().starts_with('0')));
    for what in [
        "people there and not here",
        "people not as they are there",
        "notes, tasks, comments not there",
        "notes, tasks, comments there twice",
        "answers by a button not there",
        "answers by a button written twice",
    ] {
        assert!(zero(what), "{what}:\n{table}");
    }
    let given = table.lines().find(|line| line.starts_with("answers by a button not there"));
    assert!(given.is_some_and(|line| !line.ends_with("(0 given)")), "nobody answered:\n{table}");
    assert!(table.contains("answers lost, taken, and kill -9") && !table.contains("VIOLATION"), "{table}");
}

#[test]
fn a_crm_on_sqlite() {
    drill_of_crm(&["--sqlite", "--only", "answers lost"]);
}

#[test]
fn a_crm_on_postgres_and_redis() {
    drill_of_crm(&["--only", "answers lost"]);
}
