//! What watches an installation names what exists: alert rules, the dashboard, the list of metrics
//! and the code agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use mms_core::telemetry::{Kind, METRICS};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn watching(name: &str) -> PathBuf {
    root().join("systemd/monitoring").join(name)
}

/// Every source file of the product.
fn sources() -> Vec<String> {
    fn read(dir: &Path, into: &mut Vec<String>) {
        for entry in fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                read(&path, into);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                into.push(fs::read_to_string(&path).expect("text"));
            }
        }
    }
    let mut all = Vec::new();
    for folder in ["core/src", "bot/src", "worker/src", "src"] {
        read(&root().join(folder), &mut all);
    }
    all
}

/// Words of a text that are names of ours, or of a process's.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("mms_") || word.starts_with("process_")).map(str::to_owned).collect()
}

/// The names under which a metric is shown.
fn shown() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (kind, name, _, _) in METRICS {
        match kind {
            Kind::Histogram => all.extend(["bucket", "sum", "count"].map(|part| format!("{name}_{part}"))),
            Kind::Counter | Kind::Gauge => drop(all.insert((*name).to_owned())),
        }
    }
    all
}

fn must(command: &mut Command) {
    let output = command.output().expect("promtool is installed (Debian: prometheus)");
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_the_code_counts_is_described_and_the_other_way_round() {
    let kinds = BTreeMap::from([("counter!", Kind::Counter), ("gauge!", Kind::Gauge), ("histogram!", Kind::Histogram)]);
    let sources = sources();
    for source in &sources {
        for (word, kind) in &kinds {
            for use_ in source.split(&format!("metrics::{word}(")).skip(1) {
                let Some(name) = use_.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) else { continue };
                let known = METRICS.iter().any(|(known, described, _, _)| *described == name && known == kind);
                assert!(known, "`{name}` is a {word} and not described as one");
            }
        }
    }
    for (_, name, _, _) in METRICS {
        let uses = sources.iter().map(|source| source.matches(&format!("\"{name}\"")).count()).sum::<usize>();
        assert!(uses >= 2, "`{name}` is described and never set");
    }
}

#[test]
fn alert_rules_fire_when_they_shall_and_name_metrics_that_exist() {
    let rules = fs::read_to_string(watching("alerts.yml")).expect("the rules");
    let tests = fs::read_to_string(watching("alerts.test.yml")).expect("their tests");
    for name in names(&rules) {
        assert!(shown().contains(&name), "the rules name `{name}`");
    }
    for rule in rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")) {
        for said in ["fires", "is silent"] {
            assert!(tests.contains(&format!("- name: {rule} {said}\n")), "no test says when {rule} {said}");
        }
    }
    must(Command::new("promtool").args(["check", "rules"]).arg(watching("alerts.yml")));
    must(Command::new("promtool").args(["test", "rules"]).arg(watching("alerts.test.yml")));
}

#[test]
fn every_expression_of_the_dashboard_is_valid_and_names_metrics_that_exist() {
    let text = fs::read_to_string(watching("dashboard.json")).expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let expressions: Vec<&str> = targets.map(|target| target["expr"].as_str().expect("an expression")).collect();
    assert!(expressions.len() > 30, "{}", expressions.len());
    let mut drawn = BTreeSet::new();
    for expression in &expressions {
        let names = names(expression);
        for name in &names {
            assert!(shown().contains(name), "the dashboard names `{name}`");
        }
        drawn.extend(names);
    }
    for (kind, name, _, _) in METRICS {
        let part = if *kind == Kind::Histogram { "_bucket" } else { "" };
        assert!(drawn.contains(&format!("{name}{part}")), "the dashboard does not draw `{name}`");
    }
    let rules: Vec<Value> = expressions
        .iter()
        .enumerate()
        .map(|(n, expression)| serde_json::json!({ "record": format!("panel:{n}"), "expr": expression.replace("$__rate_interval", "5m") }))
        .collect();
    let file = tempfile::NamedTempFile::new().expect("a file");
    // JSON is YAML.
    let groups = serde_json::json!({ "groups": [{ "name": "dashboard", "rules": rules }] });
    fs::write(file.path(), groups.to_string()).expect("written");
    must(Command::new("promtool").args(["check", "rules"]).arg(file.path()));
}
