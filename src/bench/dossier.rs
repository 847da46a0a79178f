//! A dossier of evidence of many people: from the press to the files, and the memory of the process
//! that makes it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use mms_core::{
    account::settings,
    channel::{MessageName, News, Receipt, registry, store as channels},
    clock,
    consent::{self, Action, Grade, NewConsent, Purpose},
    delivery::{kept::Message, receipt},
    evidence::{self, DossierState, Scope, verify},
    id::{CampaignId, ContactId, DossierId, SegmentId},
    inbound::handle::{self, ChannelSource},
    on, sign,
    store::file,
    text::Rich,
};
use mms_sandbox::Rates;
use serde_json::json;

use super::{
    Context,
    double::Double,
    figure::{Figure, Limit},
    seed::{BODY, analyse, run},
    world::{Installation, World, sealer},
};

/// Campaigns that wrote to everybody.
const CAMPAIGNS: usize = 3;
/// Everybody, and a quarter of them.
const EVERYBODY: &str = "points >= 0";
const QUARTER: &str = "city = Казань";
/// How long one may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// Everybody's two consents in the ledger.
async fn consents(world: &World, people: &[ContactId]) -> anyhow::Result<()> {
    let now = clock::now();
    for some in people.chunks(250) {
        let entry = |contact: &ContactId, purpose| NewConsent {
            account: world.seed.account,
            contact: *contact,
            purpose,
            action: Action::Granted,
            grade: Grade::A,
            wording: None,
            channel: Some(world.seed.channel),
            evidence: json!({ "message": "1" }),
            actor: "contact".to_owned(),
            at: now,
        };
        let both = some.iter().flat_map(|contact| [entry(contact, Purpose::PersonalData), entry(contact, Purpose::Marketing)]);
        let all: Vec<NewConsent> = both.collect();
        let mut tx = world.store.begin().await?;
        consent::ledger::record_many(&mut tx, world.seed.account, &all, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A campaign that everybody got and read, with the words that were sent.
async fn written(world: &World, people: i64) -> anyhow::Result<CampaignId> {
    let campaign = world.seed.campaign(&world.store, 0, people).await?;
    world.seed.all_sent(&world.store, campaign).await?;
    let words = Message {
        body: Rich::plain("Анна, здравствуйте! Доставим покупку до двери. ООО «Ромашка»".to_owned()),
        ..Message::default()
    };
    let mut tx = world.store.begin().await?;
    run!(
        tx,
        "insert into delivery_text (delivery_id, attempt, body) select id, attempt, $2 from delivery where campaign_id = $1",
        campaign,
        words.pack(BODY)
    )?;
    tx.commit().await?;
    let row = channels::find(&world.store, world.seed.channel).await?.context("the seed's channel is gone")?;
    let account = settings::get(&world.store, world.seed.account).await?.context("the seed's account is gone")?;
    let source = ChannelSource::new(world.seed.account, world.seed.channel, registry::capabilities(row.kind), &account);
    for told in [Receipt::Delivered, Receipt::Read] {
        let news: Vec<News> = (0..people)
            .map(|n| News {
                message: MessageName::Ref(format!("{campaign}:{n}")),
                message_ref: None,
                receipt: told,
                at: Some(clock::now()),
                detail: None,
                charge: None,
            })
            .collect();
        for some in news.chunks(receipt::BATCH) {
            handle::receipts(&world.store, &source, some, clock::now()).await?;
        }
    }
    Ok(campaign)
}

/// Asks for a dossier as a press does, and waits until it can be taken: how long that took, s.
async fn made(world: &World, segment: SegmentId, people: i64) -> anyhow::Result<(f64, DossierId)> {
    let (store, seed) = (&world.store, &world.seed);
    let began = Instant::now();
    let id = evidence::ask(store, &seed.owner, Scope::Segment(segment), None, clock::now()).await?;
    loop {
        let row = evidence::get(store, seed.account, id).await?.context("the measured dossier is gone")?;
        match row.state {
            DossierState::Ready => {
                let found = row.people.unwrap_or_default();
                ensure!(i64::from(found) == people, "{found} people in a dossier of {people}");
                return Ok((began.elapsed().as_secs_f64(), id));
            }
            DossierState::Wanted | DossierState::Making if began.elapsed() < PATIENCE => {}
            state => anyhow::bail!("the dossier is {state:?} after {} s: {:?}", began.elapsed().as_secs(), row.error),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Every part must hold; MB of them together.
async fn whole(world: &World, id: DossierId) -> anyhow::Result<f64> {
    let (store, account) = (&world.store, world.seed.account);
    let key = sign::installation(&sealer()).public();
    let mut bytes = 0;
    for one in evidence::files(store, account, id).await?.into_iter().filter(|one| one.part > 0) {
        let content = file::content(store, account, one.id).await?.context("a part of the dossier is not there")?;
        let report = verify::verify(&content, Some(&key));
        ensure!(report.holds() && report.key_known, "the measured dossier does not hold: {:?}", report.findings);
        bytes += one.size;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    Ok(bytes as f64 / f64::from(1 << 20))
}

/// From the press to the files, everybody; memory against a dossier of a quarter of them.
pub(super) async fn dossier(context: &Context) -> anyhow::Result<Vec<Figure>> {
    let people = context.scale.of(200, 1_000);
    let world = World::new(context, people, false).await?;
    let ids: Vec<ContactId> = on!(world.store.read(), |c| sqlx::query_scalar("select id from contact where account_id = $1 order by id")
        .bind(world.seed.account)
        .fetch_all(c)
        .await)?;
    consents(&world, &ids).await?;
    for _ in 0..CAMPAIGNS {
        written(&world, people).await?;
    }
    analyse(&world.store).await?;
    let (all, quarter) = (world.seed.segment(&world.store, EVERYBODY).await?, world.seed.segment(&world.store, QUARTER).await?);
    let mut double = Double::start(1).await?;
    double.bots(0).await?;
    double.rates(Rates::off()).await?;
    let (mut times, mut memory, mut growth, mut size) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for _ in 0..context.runs {
        let installation: Installation = world.installation(&double.url).await?;
        made(&world, quarter, people / 4).await?;
        let before = installation.peak()?;
        let (took, id) = made(&world, all, people).await?;
        let after = installation.peak()?;
        installation.stop().await?;
        size = whole(&world, id).await?;
        times.push(took);
        memory.push(after);
        growth.push(after / before);
    }
    world.close().await?;
    let engine = context.engine;
    let detail =
        format!("{people} people with 2 consents and {CAMPAIGNS} messages each, their words and receipts; ZIP and PDF, {size:.1} MB");
    Ok(vec![
        Figure::new("dossier: from the press to the files", engine, "s", &times, Some(Limit::AtMost(60.0)), detail),
        Figure::new("dossier: the most memory of its process", engine, "MB", &memory, Some(Limit::AtMost(250.0)), ""),
        Figure::new(
            "dossier: that memory, against a quarter",
            engine,
            "×",
            &growth,
            Some(Limit::AtMost(1.5)),
            "made before by the same process",
        ),
    ])
}
