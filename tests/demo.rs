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

/// What the page of phones says of somebody, in English.
async fn note(http: &reqwest::Client, address: &str, user: i64) -> String {
    let guide = http.get(format!("{address}demo/guide")).send().await.expect("answered").json::<serde_json::Value>().await.expect("JSON");
    let people = guide["people"].as_array().expect("people");
    people.iter().find(|person| person["id"] == user).expect("somebody")["en"].as_str().expect("words").to_owned()
}

/// Whoever opened the page had to guess what to press and whom to sign in as.
#[tokio::test(flavor = "multi_thread")]
async fn its_page_says_what_to_press_first_and_who_is_signed_in() {
    let demo = Demo::start(&["--no-tour"]);
    demo.until_it_says("Everything stays up").await;
    let said = demo.process.log();
    let at = said.find("http://").expect("an address");
    let page: String = said[at..].chars().take_while(|c| !c.is_whitespace()).collect();
    assert!(page.ends_with("&lang=en"), "the page speaks as the terminal does: {page}");
    let address = page.split('?').next().expect("an address");
    let http = reqwest::Client::new();
    let guide = http.get(format!("{address}demo/guide")).send().await.expect("answered").json::<serde_json::Value>().await.expect("JSON");
    for language in ["ru", "en"] {
        let steps = guide["steps"][language].to_string();
        assert!(["anna", "boris", "tri kota na kryshe"].iter().all(|word| steps.contains(word)), "{steps}");
    }
    let (bot, anna) = (7_000_000_001_i64, 10_001_i64);
    assert_eq!(note(&http, address, anna).await, "Not signed in. Login anna, password tri kota na kryshe");
    let chat = format!("{address}sandbox/chats/{bot}/{anna}");
    let act = async |what: &str, body: serde_json::Value| {
        let answer = http.post(format!("{chat}/{what}")).json(&body).send().await.expect("answered");
        assert!(answer.status().is_success(), "{what}: {}", answer.status());
    };
    let shows = async |words: &str| {
        until(words, || async { http.get(&chat).send().await.ok()?.text().await.ok()?.contains(words).then_some(()) }).await;
    };
    act("start", serde_json::json!({})).await;
    act("text", serde_json::json!({ "text": "/login" })).await;
    // Before anybody is signed in, the bot speaks as the phone does.
    for (asked, typed) in [("Enter your login", "anna"), ("Enter your password", "tri kota na kryshe")] {
        shows(asked).await;
        act("text", serde_json::json!({ "text": typed })).await;
    }
    until("the page to know it", || async { (note(&http, address, anna).await == "Signed in: anna (owner)").then_some(()) }).await;
    demo.process.terminate().await;
}

/// Whoever reads the README does this first: the main job is played to its end, in either language.
#[tokio::test(flavor = "multi_thread")]
async fn it_plays_the_main_job_to_its_end_in_either_language() {
    for language in ["ru", "en"] {
        let mut demo = Demo::start(&["--exit", "--language", language]);
        // It takes about a minute, so each half of it has a wait of its own.
        until("the campaign", || async {
            ["\n7. ", "Not as it should be"].iter().any(|said| demo.process.log().contains(said)).then_some(())
        })
        .await;
        let status = demo.process.gone().await;
        assert!(status.success(), "{language}: {}", demo.process.log());
    }
}
