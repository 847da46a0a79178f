//! The workbench of the recogniser of refusals; docs/REFUSALS.md says when to use what.
//!
//! ```sh
//! cargo run --release -p mms-core --example refusals -- train       # writes core/src/consent/refusal/model.bin
//! cargo run --release -p mms-core --example refusals -- validate    # each set by a model of all others
//! cargo run --release -p mms-core --example refusals -- explain "не пишите мне"
//! ```

use std::{collections::HashSet, fs, path::Path, process::ExitCode};

use mms_core::consent::refusal::{
    corpus::{Case, Part, Score, part, sets},
    training,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("train") => train(),
        Some("validate") => validate(),
        Some("explain") => arguments[1..].iter().for_each(|text| say(&training::explain(text))),
        _ => {
            say("train | validate | explain TEXT...");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn train() {
    let open = part(Part::Open);
    let file = training::train(open.iter().map(|case| (case.phrase, case.answer)));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/consent/refusal/model.bin");
    fs::write(&path, &file).expect("the model is written");
    say(&format!("{} sentences, {} bytes: {}", open.len(), file.len(), path.display()));
}

/// Answers each set by a model that saw none of its sentences.
fn validate() {
    let sets = sets(Part::Open);
    let mut score = Score::default();
    for (n, set) in sets.iter().enumerate() {
        let mine: HashSet<&str> = set.iter().map(|case| case.phrase).collect();
        let others = sets.iter().enumerate().filter(|(m, _)| *m != n).flat_map(|(_, other)| other);
        let taught = others.filter(|case| !mine.contains(case.phrase)).map(|case| (case.phrase, case.answer));
        let file = training::train(taught);
        for case in set {
            score.add(*case, training::recognise_with(&file, case.phrase));
        }
    }
    for miss in &score.misses {
        let Case { phrase, answer } = miss.case;
        say(&format!("{} answered {}: {phrase}", answer.word(), miss.got.word()));
    }
    say(&format!(
        "recall {:.4}, outright {:.4}, precision {:.4}, doubt of talk {:.4}, doubts seen {:.4}",
        score.recall(),
        score.outright(),
        score.precision(),
        score.doubt_of_talk(),
        score.doubts_seen()
    ));
}

#[expect(clippy::print_stdout, reason = "what it is for")]
fn say(line: &str) {
    println!("{line}");
}
