//! The crash drill, shortened: a few rounds of harm on each engine. `mms drill --rounds 200` is the
//! whole.

use crate::harness::process;

/// Few enough rounds for the suite; the seed was chosen for its variety.
fn drill(more: &[&str]) {
    let args = [&["drill", "--rounds", "4", "--customers", "90", "--channels", "2"], more].concat();
    let table = process::run(&args, &[], "");
    assert!(table.contains("rounds of harm") && !table.contains("VIOLATION"), "{table}");
}

#[test]
fn a_few_rounds_on_sqlite() {
    drill(&["--sqlite", "--seed", "3"]);
}

#[test]
fn a_few_rounds_on_postgres_and_redis() {
    drill(&["--seed", "4"]);
}
