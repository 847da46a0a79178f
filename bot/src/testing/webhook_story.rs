//! One key, several companies and programs: whose the webhook is, who is told what comes to it, and
//! what happens when another program keeps taking it.

use std::time::Duration;

use mms_core::{
    account::Actor,
    both,
    channel::{
        ChannelKind, hook, registry,
        store::{self as channels, ChannelRow},
    },
    clock,
    config::Endpoints,
    id::ChannelId,
    inbound, on,
    queue::Queue,
    secret::{Sealer, Secret},
    store::Store,
};
use mms_sandbox::{Fault, Rule, Sandbox, User, wazzup::Transport};
use tokio_util::sync::CancellationToken;

use super::{
    Role,
    talk::{PASSWORD, TOKEN, until},
};
use crate::{Bot, BotSettings};

const KEY: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
const OTHER: &str = "https://crm.example/wazzup?k=other";
const ANNA: i64 = 77_001;

/// Two companies with one key: the first has two channels of it, the second one.
struct Key {
    store: Store,
    sandbox: Sandbox,
    endpoints: Endpoints,
    owners: Vec<Actor>,
    rows: Vec<ChannelRow>,
}

impl Key {
    async fn new(store: Store) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.add_bot(TOKEN, "mms_test_bot").unwrap();
        let wazzup = sandbox.wazzup();
        wazzup.add_account(1, KEY).unwrap();
        wazzup.add_user(User::new(ANNA, "Анна", "+79990000001"));
        let endpoints = Endpoints { telegram: sandbox.url(), wazzup: wazzup.url().to_owned(), ..Endpoints::default() };
        let mut owners = Vec::new();
        for login in ["anna", "boris"] {
            let founded = mms_core::testing::found(&store, login, PASSWORD, clock::now()).await;
            owners.push(Actor { account: founded.account, member: founded.owner, ..super::actor(Role::Owner) });
        }
        let mut key = Self { store, sandbox, endpoints, owners, rows: Vec::new() };
        for (id, of, plain) in [(11, 0, "74950001101"), (12, 0, "74950001102"), (13, 1, "74950001103")] {
            key.connects(id, of, plain).await;
        }
        key
    }

    async fn connects(&mut self, id: i64, of: usize, plain: &str) {
        const KIND: ChannelKind = ChannelKind::WazzupWhatsapp;
        let external_id = self.sandbox.wazzup().add_channel(id, 1, Transport::Whatsapp, plain).unwrap();
        let credentials = registry::of_sender(KIND, &registry::assemble(KIND, &[KEY.to_owned()]), &external_id);
        let (settings, now) = (channels::ChannelSettings::default(), clock::now());
        let row = channels::add(&self.store, &sealer(), &self.endpoints, &self.owners[of], KIND, credentials, settings, now).await.unwrap();
        self.rows.push(row);
    }

    /// A bot that looks at its webhooks so often.
    async fn bot(
        &self,
        address: std::net::SocketAddr,
        every: Duration,
    ) -> (CancellationToken, tokio::task::JoinHandle<anyhow::Result<()>>) {
        let settings = BotSettings {
            public_url: Some(format!("http://{address}")),
            listen: address,
            cut_after: every * 2,
            ..BotSettings::new(Secret::new(TOKEN), self.sandbox.url())
        };
        let bot = Bot::build(settings, self.store.clone(), sealer(), Queue::memory(), self.endpoints.clone()).await.unwrap();
        let stop = CancellationToken::new();
        (stop.clone(), tokio::spawn(bot.run(stop)))
    }

    fn webhook(&self) -> Option<String> {
        self.sandbox.wazzup().webhook(1)
    }

    async fn all(&self, wanted: impl Fn(&ChannelRow) -> bool) -> bool {
        let rows = futures::future::join_all(self.rows.iter().map(|row| channels::find(&self.store, row.id))).await;
        rows.into_iter().all(|row| wanted(&row.unwrap().unwrap()))
    }

    async fn kept(&self, channel: ChannelId) -> Vec<String> {
        let rows = inbound::waiting(&self.store, channel.0, mms_core::id::InboundId(0), 100).await.unwrap();
        rows.into_iter().map(|row| row.payload).collect()
    }
}

fn sealer() -> Sealer {
    Sealer::new(&[7; 32])
}

fn free() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap()
}

/// Two companies of one installation took the webhook from each other every few minutes, and what
/// came for one of them was dropped at the other's address.
async fn companies_share(store: Store) {
    let key = Key::new(store).await;
    let (stop, running) = key.bot(free(), Duration::from_millis(200)).await;
    until(|| async { key.webhook().is_some() }).await;
    let oldest = key.webhook().unwrap();
    assert!(oldest.contains(&key.rows[0].id.to_string()), "the oldest channel's, whosever the others are: {oldest}");

    // A message goes to the company that has its channel; a status, which names none, to each.
    let wazzup = key.sandbox.wazzup();
    wazzup.send_text(13, ANNA, "стоп").unwrap();
    until(|| async { !key.kept(key.rows[2].id).await.is_empty() }).await;
    let said = wazzup.told(1).into_iter().filter(|(name, _)| *name == "messages").count();
    assert_eq!((said, key.kept(key.rows[0].id).await.len(), key.kept(key.rows[1].id).await.len()), (1, 0, 0));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = r#"{"statuses":[{"messageId":"m-1","timestamp":"2026-06-01T09:15:00Z","status":"error","error":{"error":"SPAM","description":""}}]}"#;
    let answer = client.post(&oldest).body(status).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    for row in &key.rows {
        assert!(key.kept(row.id).await.iter().any(|payload| payload.contains("SPAM")), "each finds its own among them");
    }

    // The oldest is removed: what comes to its address meanwhile is the others' all the same, and
    // the next one's is given.
    channels::remove(&key.store, &key.owners[0], key.rows[0].id, clock::now()).await.unwrap();
    wazzup.send_text(13, ANNA, "ещё раз стоп").unwrap();
    until(|| async { key.kept(key.rows[2].id).await.iter().any(|payload| payload.contains("ещё раз")) }).await;
    until(|| async { key.webhook().is_some_and(|url| url.contains(&key.rows[1].id.to_string())) }).await;
    channels::remove(&key.store, &key.owners[0], key.rows[1].id, clock::now()).await.unwrap();
    until(|| async { key.webhook().is_some_and(|url| url.contains(&key.rows[2].id.to_string())) }).await;
    assert!(!hook::of_key(&key.store, &key.rows[0]).await.unwrap().iter().any(|row| row.id == key.rows[0].id));
    stop.cancel();
    running.await.unwrap().unwrap();
}

both!(async fn companies_with_one_key_share_its_webhook(store) {
    companies_share(store).await;
});

/// Two programs took the webhook from each other every few minutes, and nobody was told.
async fn another_program_takes_it(store: Store) {
    let key = Key::new(store).await;
    let (address, wazzup) = (free(), key.sandbox.wazzup());
    // Time enough to see what is before the next look.
    let every = Duration::from_secs(2);
    let (stop, running) = key.bot(address, every).await;
    until(|| async { key.webhook().is_some() }).await;
    let own = key.webhook();
    let told = async || -> i64 {
        const TOLD: &str = "select count(*) from notice where kind = 'channel.stopped'";
        on!(key.store.read(), |c| sqlx::query_scalar(TOLD).fetch_one(c).await).unwrap()
    };
    let deaf = async || key.all(hook::is_contested).await;

    // Once, it is taken back, and that is all.
    wazzup.take_webhook(1, OTHER).unwrap();
    until(|| async { key.webhook() == own }).await;
    assert!(key.all(|row| row.sends()).await);

    // Twice in a row, nobody sends any more, in either company, and both are told where it leads.
    until(|| async {
        if key.webhook() == own {
            wazzup.take_webhook(1, OTHER).unwrap();
        }
        deaf().await
    })
    .await;
    let row = channels::find(&key.store, key.rows[2].id).await.unwrap().unwrap();
    assert_eq!(row.deaf.as_deref().and_then(hook::taken_by), Some("crm.example"));
    assert_eq!(told().await, 3, "once for each channel");
    // Taken back it is not heard by, also after a start anew.
    until(|| async { key.webhook() == own }).await;
    assert!(deaf().await);
    stop.cancel();
    running.await.unwrap().unwrap();
    wazzup.take_webhook(1, OTHER).unwrap();
    let (stop, running) = key.bot(address, every).await;
    until(|| async { key.webhook() == own }).await;
    assert!(deaf().await);

    // Once it stays, all send again.
    until(|| async { key.all(|row| row.sends()).await }).await;
    assert_eq!((key.webhook(), told().await), (own, 3));
    stop.cancel();
    running.await.unwrap().unwrap();
}

both!(async fn a_webhook_that_another_program_keeps_taking_is_told(store) {
    another_program_takes_it(store).await;
});

/// The bearer's webhook is refused: none of those behind it is heard, and none sends.
async fn it_is_refused(store: Store) {
    let key = Key::new(store).await;
    let refusal = Fault::Error { code: 400, description: "VALIDATION_ERROR: URI does not return 200".to_owned(), retry_after: None };
    let refused = key.sandbox.faults().add(Rule::new(refusal).service("wazzup").method("PATCH /webhooks"));
    let (stop, running) = key.bot(free(), Duration::from_millis(200)).await;
    until(|| async { key.all(|row| row.deaf.is_some()).await }).await;
    assert!(!key.all(hook::is_contested).await);
    key.sandbox.faults().remove(refused);
    until(|| async { key.all(|row| row.sends()).await }).await;
    assert!(key.webhook().is_some());
    stop.cancel();
    running.await.unwrap().unwrap();
}

both!(async fn channels_behind_a_webhook_that_is_refused_send_nothing(store) {
    it_is_refused(store).await;
});
