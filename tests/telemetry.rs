//! What a process tells about itself: health, metrics that Prometheus takes, logs without anything
//! private.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use mms_core::{
    campaign::State,
    clock,
    inbound::{self, NewRaw, SourceKind},
};
use mms_sandbox::{Fault, Rule};
use serde_json::Value;

use crate::harness::{Company, Launch, PASSWORD, Shape, World, next_id, until};

const SHAPES: [Shape; 2] = [Shape::One, Shape::Apart { workers: 1 }];

async fn get(url: &str) -> (u16, String) {
    let response = reqwest::get(url).await.expect("it answers");
    (response.status().as_u16(), response.text().await.expect("text"))
}

/// Where metrics of the sending process are.
async fn sender(world: &World) -> String {
    match world.shape {
        Shape::One => world.bot.as_ref().expect("running").measures().await,
        Shape::Apart { .. } => world.workers[0].listens().await,
    }
}

/// Prometheus' own checker has nothing to say against it.
fn check(metrics: &str) {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed (Debian: prometheus)");
    promtool.stdin.take().expect("piped").write_all(metrics.as_bytes()).expect("it reads");
    let output = promtool.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}{}\n{metrics}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}

fn has(metrics: &str, sample: &str) {
    assert!(metrics.lines().any(|line| line.starts_with(sample)), "no `{sample}` in:\n{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_of_a_campaign_are_what_prometheus_takes() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
        world.start_all();
        let company = Company::found(&world, 40).await;
        let user = *company.customers.keys().next().expect("somebody");
        world
            .sandbox
            .faults()
            .add(Rule::new(Fault::TooManyRequests { retry_after: 1 }).method("sendMessage").bot(company.bot).skip(5).times(1));
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        world.sandbox.send_text(company.bot, user, "стоп").expect("written");
        let unreadable = NewRaw {
            account: company.account,
            source_kind: SourceKind::Channel,
            source: company.channel.0,
            external_id: "900000",
            payload: r#"{"update_id":900000,"message":5}"#,
            seed: None,
        };
        inbound::store(&world.store, &[unreadable], clock::now()).await.expect("kept");
        let url = format!("{}/metrics", sender(&world).await);
        let metrics = until("the stop to be understood", || async {
            let (status, text) = get(&url).await;
            assert_eq!(status, 200);
            let all = [
                "mms_opt_out_seconds_count",
                "mms_uncertain",
                "mms_queue_answers",
                "kind=\"handle_inbound\",result=\"done\"",
                "mms_inbound_failed 1\n",
            ];
            all.iter().all(|part| text.contains(part)).then_some(text)
        })
        .await;
        check(&metrics);
        for sample in [
            "mms_queue_depth{line=\"deliver\"}",
            "mms_queue_depth{line=\"inbound\"}",
            "mms_queue_depth{line=\"work\"}",
            "mms_queue_depth{line=\"long\"}",
            "mms_queue_answers 1",
            "mms_uncertain 0",
            "mms_deliveries_waiting",
            "mms_db_connections{state=\"idle\"}",
            "mms_db_connections_max",
            "mms_opt_out_seconds_count 1",
            concat!("mms_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            &format!("mms_lease_held{{channel=\"{}\"}}", company.channel),
            &format!("mms_leases_total{{channel=\"{}\"}}", company.channel),
            &format!("mms_channel_waiting{{channel=\"{}\"}}", company.channel),
            // Forty, and the confirmation, which may be on its way still.
            "mms_sends_total{outcome=\"sent\"} 4",
            "mms_send_seconds_bucket",
            "mms_429_total 1",
            "mms_inbound_lag_seconds",
            "mms_inbound_failed 1",
            "mms_job_seconds_bucket",
        ] {
            has(&metrics, sample);
        }
        let bot = world.bot.as_ref().expect("running").measures().await;
        let (status, of_bot) = get(&format!("{bot}/metrics")).await;
        assert_eq!(status, 200);
        check(&of_bot);
        has(&of_bot, "mms_inbound_total 1");
        has(&of_bot, "mms_notices_pending");
        world.stop().await;
    }
}

/// A worker went on showing what had waited for a channel when it last had it: 2 390 for 0.
#[tokio::test(flavor = "multi_thread")]
async fn a_gauge_of_a_channel_that_is_not_ours_any_more_goes_away() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    let company = Company::found(&world, 20).await;
    let campaign = company.launch(&world, Launch::default()).await;
    let url = format!("{}/metrics", sender(&world).await);
    let (waiting, leases) =
        (format!("mms_channel_waiting{{channel=\"{}\"}}", company.channel), format!("mms_leases_total{{channel=\"{}\"}}", company.channel));
    until("the channel to be shown", || async { get(&url).await.1.contains(&waiting).then_some(()) }).await;
    company.until_state(&world, campaign, State::Finished).await;
    let metrics = until("the channel to be shown no more", || async {
        let text = get(&url).await.1;
        (!text.contains(&waiting)).then_some(text)
    })
    .await;
    has(&metrics, &leases);
    has(&metrics, "mms_queue_answers 1");
    world.stop().await;
}

/// A process whose database is gone is alive and not ready; when the database is back, so is the
/// process.
#[tokio::test(flavor = "multi_thread")]
async fn not_ready_while_the_database_is_gone() {
    let mut world = World::prepare(Shape::Apart { workers: 1 }).await;
    let database = world.through_proxy("DATABASE_URL").await;
    world.set("MMS_WORKER_LISTEN", "127.0.0.1:0");
    world.start_all();
    let (bot, worker) = (world.bot.as_ref().expect("running").listens().await, world.workers[0].listens().await);
    for process in [&bot, &worker] {
        assert_eq!(get(&format!("{process}/healthz")).await, (200, "ok\n".to_owned()));
        // The bot is ready when Telegram has answered it once.
        until("the process to be ready", || async {
            (get(&format!("{process}/readyz")).await == (200, "ready\n".to_owned())).then_some(())
        })
        .await;
    }
    database.cut();
    for process in [&bot, &worker] {
        assert_eq!(get(&format!("{process}/readyz")).await, (503, "the database does not answer\n".to_owned()));
        assert_eq!(get(&format!("{process}/healthz")).await.0, 200);
    }
    database.mend();
    for process in [&bot, &worker] {
        until("the process to be ready again", || async { (get(&format!("{process}/readyz")).await.0 == 200).then_some(()) }).await;
    }
    // Nobody died of it, and it works again, too.
    world.bot.as_mut().expect("running").must_live();
    world.workers[0].must_live();
    let company = Company::found(&world, 5).await;
    let campaign = company.launch(&world, Launch::default()).await;
    company.until_state(&world, campaign, State::Finished).await;
    world.stop().await;
}

/// Everything that happens to customers and members, at the most talkative level the product itself
/// has: every line is JSON, those about sending name account, channel, campaign and delivery, and
/// none holds anything private.
#[tokio::test(flavor = "multi_thread")]
async fn logs_name_ids_and_nothing_private() {
    for shape in SHAPES {
        let mut world = World::prepare(shape).await;
        let wrong = "krovat na lune 7";
        world.set("MMS_LOG", "info,mms=debug,mms_core=debug,mms_bot=debug,mms_worker=debug");
        world.start_all();
        let company = Company::found(&world, 30).await;
        let users: Vec<i64> = company.customers.keys().copied().collect();
        let (manager, stranger) = (next_id(), next_id());
        for (id, name) in [(manager, "Аннушка"), (stranger, "Незнакомец")] {
            world.sandbox.add_user(mms_sandbox::User::new(id, name, &format!("+7999{:07}", id % 10_000_000)));
            world.sandbox.press_start(world.manager_bot, id, None).expect("started");
        }
        let talk = async |text: &str, sees: &str| {
            world.sandbox.send_text(world.manager_bot, manager, text).expect("written");
            world.sees(manager, sees).await;
        };
        talk("/login", "логин").await;
        talk(&company.owner_login, "пароль").await;
        talk(wrong, "Неверный логин или пароль").await;
        talk(PASSWORD, "Ромашка").await;
        let of_bot = get(&format!("{}/metrics", world.bot.as_ref().expect("running").measures().await)).await.1;
        has(&of_bot, "mms_sign_ins_total{outcome=\"wrong\"} 1");
        has(&of_bot, "mms_sign_ins_total{outcome=\"right\"} 1");
        let faults = world.sandbox.faults();
        faults.add(Rule::new(Fault::DropAfter).method("sendMessage").bot(company.bot).skip(3).times(1));
        let refusal = Fault::Error { code: 400, description: "Bad Request: message is too long".to_owned(), retry_after: None };
        faults.add(Rule::new(refusal).method("sendMessage").bot(company.bot).skip(9).times(1));
        // Only the refusal tells it: whoever is known to have blocked is not counted at the launch.
        faults.add(Rule::new(Fault::WithholdUpdate).method("update").bot(company.bot).chat(users[0]).times(1));
        world.sandbox.block(company.bot, users[0]).expect("blocked");
        let campaign = company.launch(&world, Launch::default()).await;
        company.until_state(&world, campaign, State::Finished).await;
        world.sandbox.send_text(company.bot, users[1], "Перезвоните мне на дачу").expect("written");
        world.sandbox.send_text(company.bot, users[2], "стоп").expect("written");
        world.sandbox.share_contact(company.bot, users[3]).expect("shared");
        world.sees(manager, "на дачу").await;

        let owner_login = company.owner_login.clone();
        let (manager_token, key) = (world.setting("MMS_TELEGRAM_TOKEN").to_owned(), std::fs::read_to_string(world.file("sealing.key")));
        let key = key.expect("the key");
        world.end_processes().await;
        let logs = world.logs();
        let mut private: Vec<String> = vec![
            manager_token.split_once(':').expect("a token").1.to_owned(),
            "AAE-customers".to_owned(),
            key.trim().to_owned(),
            PASSWORD.to_owned(),
            wrong.to_owned(),
            owner_login,
            "скидка 10%".to_owned(),
            "Здравствуйте".to_owned(),
            "на дачу".to_owned(),
            "Аннушка".to_owned(),
            "Незнакомец".to_owned(),
            "Иванова".to_owned(),
            "Клиент".to_owned(),
        ];
        private.extend(users.iter().map(|id| format!("999{:07}", id % 10_000_000)));
        for text in private {
            let told = logs.lines().find(|line| line.contains(&text));
            assert!(told.is_none(), "`{text}` is in the logs: {told:?}");
        }
        let lines: Vec<Value> = logs.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect();
        let sign_ins: Vec<_> = lines.iter().filter(|line| line["message"] == "a sign-in was refused").collect();
        assert!(matches!(sign_ins[..], [one] if one["outcome"] == "wrong"), "{sign_ins:?}");
        let refused = lines.iter().find(|line| line["message"] == "the provider refused a message").expect("the refusal is logged");
        assert_eq!(refused["campaign.id"], campaign.to_string(), "{refused}");
        assert!(refused["delivery.id"].is_i64(), "{refused}");
        assert_eq!(refused["span"]["channel.id"], company.channel.to_string(), "{refused}");
        assert_eq!(refused["span"]["account.id"], company.account.to_string(), "{refused}");
        assert!(lines.iter().any(|line| line["message"] == "campaign planned" && line["campaign.id"] == campaign.to_string()));
        world.stop().await;
    }
}
