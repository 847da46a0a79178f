//! Alarms by e-mail, through a mail server made by others.

use std::process::Stdio;

use mms_core::{
    clock,
    notice::{self, NewNotice, NoticeKind},
};
use mms_sandbox::{Fault, Rule};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{
    bot_life::Person,
    cli::refused,
    harness::{Company, Shape, World},
};

/// A mail as it came.
#[derive(Debug, Deserialize)]
struct Came {
    from: String,
    to: Vec<String>,
    subject: String,
    id: String,
    body: String,
}

/// aiosmtpd in a process of its own; it ends with what it reads from.
struct Server {
    _process: Child,
    _stdin: ChildStdin,
    mails: Lines<BufReader<ChildStdout>>,
    port: u16,
}

impl Server {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/python");
        let mut command = Command::new(script);
        command.arg("smtp/server.py").stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("the script runs");
        let stdin = process.stdin.take().expect("piped");
        let mut mails = BufReader::new(process.stdout.take().expect("piped")).lines();
        let port = mails.next_line().await.expect("read").expect("a port").parse().expect("a number");
        Self { _process: process, _stdin: stdin, mails, port }
    }

    fn address(&self, password: &str) -> String {
        format!("smtp://bot:{password}@127.0.0.1:{}", self.port)
    }

    /// The next mail.
    async fn mail(&mut self) -> Came {
        let line = self.mails.next_line().await.expect("read").expect("a mail");
        serde_json::from_str(&line).expect("JSON")
    }
}

async fn raise(world: &World, company: &Company, key: &str, name: &str) {
    let notice = NewNotice {
        account: company.account,
        member: None,
        kind: NoticeKind::CampaignFailed,
        payload: json!({ "name": name }),
        dedupe_key: key.to_owned(),
    };
    let mut tx = world.store.begin().await.expect("begun");
    notice::raise(&mut tx, notice, clock::now()).await.expect("raised");
    tx.commit().await.expect("committed");
}

/// «When a messenger is cut for long, managers are told by e-mail»: Telegram itself may be cut.
#[tokio::test(flavor = "multi_thread")]
async fn alarms_are_mailed_to_whoever_proved_an_address_and_once() {
    let mut server = Server::start().await;
    for shape in [Shape::One, Shape::Apart { workers: 1 }] {
        let mut world = World::prepare(shape).await;
        world.set("MMS_MAIL_FROM", "Ромашка <bot@example.com>");
        world.set("MMS_MAIL_SERVER", server.address("guessed"));
        let said = refused(&world, &["doctor"], "");
        assert!(said.contains("the mail server does not let us in") && !said.contains("guessed"), "{said}");
        world.set("MMS_MAIL_SERVER", server.address("secret"));
        let (said, settings) = (world.command(&["doctor"], ""), world.command(&["config"], ""));
        assert!(said.contains("lets us in") && !said.contains("secret@") && !settings.contains("secret@"), "{said}{settings}");
        world.start_all();
        let company = Company::found(&world, 1).await;
        let anna = Person::new(&world);
        anna.sees("Чтобы начать, войдите").await;
        anna.signs_in(&company).await;
        anna.presses("Настройки").await;
        anna.presses("Сеансы").await;
        anna.presses("Почта для тревог").await;
        anna.presses("Добавить почту").await;
        anna.types("не почта");
        anna.sees("не похоже на адрес").await;
        // This address is put off once: the code comes all the same.
        let address = format!("later@{}.example.com", company.account);
        anna.types(&address);
        anna.sees("ушло письмо с кодом").await;
        let code = server.mail().await;
        assert_eq!((code.from.as_str(), code.to.as_slice()), ("bot@example.com", &[address.clone()][..]));
        let digits: String = code.subject.chars().filter(char::is_ascii_digit).collect();
        assert!(digits.len() == 6 && code.body.contains(&digits), "{code:?}");
        anna.types("000000 нет");
        anna.sees("Код не подошёл").await;
        anna.types(&digits);
        anna.sees("Тревоги приходят").await;

        // Telegram takes nothing, and the alarm is read all the same.
        world.sandbox.faults().add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).method("sendMessage").bot(world.manager_bot));
        raise(&world, &company, "cut", "Пионы").await;
        let alarm = server.mail().await;
        assert!(alarm.to == [address.clone()] && alarm.subject.contains("Пионы") && alarm.body.contains("Пионы"), "{alarm:?}");
        assert!(!alarm.body.contains('<') && alarm.body.contains("https://t.me/mms_manager_bot"), "{alarm:?}");
        world.sandbox.faults().clear();
        anna.sees("Пионы").await;

        // Clause 7.2 of the agreement: work on the server is told by e-mail, too.
        let time = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%d %H:%M").to_string();
        let (from, until) = (clock::now() + chrono::TimeDelta::days(1), clock::now() + chrono::TimeDelta::hours(25));
        let plan = ["admin", "maintenance", "--from", &time(from), "--until", &time(until), "--why", "Новый диск"];
        assert!(world.command(&plan, "").contains("Companies told: 1"));
        let work = server.mail().await;
        assert!(work.to == [address.clone()] && work.body.contains("Новый диск"), "{work:?}");

        // Each once: the next mail is the next alarm's.
        raise(&world, &company, "next", "Розы").await;
        let next = server.mail().await;
        assert!(next.subject.contains("Розы") && next.id != alarm.id, "{next:?}");
        world.stop().await;
    }
}
