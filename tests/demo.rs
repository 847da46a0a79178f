//! `mms demo` leaves nothing behind: its database, with invented people in it, is nobody else's to
//! read while it runs, and is gone afterwards however it was asked to end.

use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use crate::harness::{Process, until};

/// A demonstration whose directory is made in a place of this test's own.
struct Demo {
    process: Process,
    place: tempfile::TempDir,
}

impl Demo {
    fn start(more: &[&str]) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let env = [("TMPDIR".to_owned(), place.path().display().to_string()), ("LANG".to_owned(), "en_GB.UTF-8".to_owned())];
        let logs = tempfile::NamedTempFile::new_in(place.path()).expect("a file").into_temp_path();
        let log = logs.keep().expect("kept");
        let process = Process::spawn(&[&["demo", "--port", "0"], more].concat(), &env, log);
        Self { process, place }
    }

    fn directories(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.place.path()).expect("read");
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_dir()).collect()
    }

    async fn until_it_says(&self, words: &str) {
        until(words, || async { self.process.log().contains(words).then_some(()) }).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_directory_is_its_own_and_gone_after_a_signal() {
    for (signal, within, says) in [("-TERM", &["--no-tour"][..], "Everything stays up"), ("-INT", &[][..], "Anna")] {
        let demo = Demo::start(within);
        demo.until_it_says(says).await;
        let [directory] = &demo.directories()[..] else { panic!("{:?}", demo.directories()) };
        assert_eq!(std::fs::metadata(directory).expect("there").permissions().mode() & 0o777, 0o700);
        for file in std::fs::read_dir(directory).expect("read") {
            let file = file.expect("an entry");
            assert_eq!(file.metadata().expect("there").permissions().mode() & 0o077, 0, "{}", file.path().display());
        }
        let Demo { mut process, place } = demo;
        process.signal(signal);
        process.gone().await;
        let left: Vec<PathBuf> = std::fs::read_dir(place.path()).expect("read").map(|entry| entry.expect("an entry").path()).collect();
        assert!(left.iter().all(|path| path.is_file()), "{signal}: {left:?}");
    }
}

/// A page somewhere else cannot make a browser on this machine act in the demonstration.
#[tokio::test(flavor = "multi_thread")]
async fn its_page_answers_only_whoever_meant_it() {
    let demo = Demo::start(&["--no-tour"]);
    demo.until_it_says("Everything stays up").await;
    let said = demo.process.log();
    let at = said.find("http://").expect("an address");
    let address: String = said[at..].chars().take_while(|c| !c.is_whitespace() && *c != '?').collect();
    let http = reqwest::Client::new();
    assert_eq!(http.get(&address).send().await.expect("answered").status().as_u16(), 200);
    for (name, value) in [("host", "evil.example"), ("origin", "https://evil.example")] {
        for path in ["", "sandbox/users"] {
            let answer = http.get(format!("{address}{path}")).header(name, value).send().await.expect("answered");
            assert_eq!(answer.status().as_u16(), 403, "{name} {path}");
        }
    }
    demo.process.terminate().await;
}
