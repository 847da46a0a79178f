//! Doing harm.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use mms_core::{
    account::licence,
    campaign::{self, control},
    clock::{self, Moment},
    id::{CampaignId, ContactId},
    on,
};
use mms_sandbox::{
    Fault, Rule, User,
    fault::{HOOK, UPDATE},
};

use super::{
    Drill, again, cascade,
    company::{Company, Site, license, next_id, phone},
    harm::Harm,
    installation::Delivery,
    senders::{Messenger, Sender},
    services::limit_redis,
    verdict::{Ban, Flight, RECOVERY, Running},
};

/// How many press START at once.
const NEWCOMERS: u64 = 1_000;
/// An hour, in seconds.
const HOUR: u64 = 3_600;

async fn rest(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

impl Drill {
    /// Does one harm to its end; gives the moment from which everything must come back by itself.
    pub(super) async fn harm(&mut self, harm: Harm) -> anyhow::Result<Instant> {
        match harm {
            Harm::KillWorker => self.kill_worker().await?,
            Harm::KillBoth => {
                futures::future::join_all(self.installation.workers.iter().map(super::unit::Unit::kill)).await;
                let air = again(|| self.installation.in_flight(None)).await?;
                self.flight(harm, air);
            }
            Harm::Freeze => self.freeze().await?,
            Harm::KillBot => self.installation.bot.kill().await,
            Harm::KillRedis => {
                if let Some((redis, _)) = &self.installation.redis {
                    redis.kill().await;
                }
            }
            Harm::FlushRedis => self.flush().await,
            // Nothing may wait for Redis, so everything must go on from now, and not from when it
            // is back.
            Harm::FreezeRedis => {
                if let Some((redis, _)) = &self.installation.redis {
                    redis.freeze();
                    let thawing = redis.thawing();
                    self.later(thawing);
                }
            }
            Harm::FullRedis => {
                if let Some((_, url)) = &self.installation.redis {
                    // One that is away just now cannot be filled.
                    let url = url.clone();
                    drop(limit_redis(&url, true).await);
                    self.later(async move { drop(again(|| limit_redis(&url, false)).await) });
                }
            }
            Harm::RestartPostgres => {
                let down = self.dice.between(0, 4_000);
                if let Some(server) = &self.installation.postgres {
                    tokio::task::block_in_place(|| {
                        tokio::runtime::Handle::current().block_on(server.restart(Duration::from_millis(down)))
                    })?;
                }
            }
            Harm::Cut => {
                let (times, before) = (self.dice.between(1, 6), self.dice.chance(30));
                let fault = if before { Fault::DropBefore } else { Fault::DropAfter };
                let rules = self.struck().into_iter().map(|one| (one, one.sending(fault.clone()).times(times), true)).collect();
                self.faulty(harm, rules, 3_000).await;
            }
            Harm::Outage => {
                let outage = self.dice.between(300, 3_000);
                let before = again(|| self.installation.in_doubt()).await?;
                self.installation.site.sandbox.restart(Duration::from_millis(outage));
                // Whoever calls before the way is known to be closed is cut off, too, and may be
                // recorded between any two looks: who is in doubt since then was in the air.
                let (mut air, end) = (BTreeSet::new(), Instant::now() + Duration::from_millis(outage));
                while Instant::now() < end {
                    air.extend(again(|| self.installation.in_flight(None)).await?);
                    rest(20).await;
                }
                air.extend(again(|| self.installation.in_flight(None)).await?);
                air.extend(again(|| self.installation.in_doubt()).await?.difference(&before));
                self.flight(harm, air);
            }
            Harm::Storm5xx => {
                let length = self.dice.between(500, 3_000);
                let mut rules = Vec::new();
                for one in self.struck() {
                    let (broken, open) = one.broken();
                    for (code, accepted) in [(502, true), (504, false), (503, true)] {
                        rules.push((one, one.sending(Fault::Gateway { code, accepted }).probability(0.3), true));
                    }
                    rules.push((one, one.sending(broken).probability(0.4), open));
                }
                self.faulty(harm, rules, length).await;
            }
            Harm::Storm429 => {
                let (length, retry_after) = (self.dice.between(300, 2_000), self.dice.between(1, 3));
                let fault = Fault::TooManyRequests { retry_after };
                let rules = self.struck().into_iter().map(|one| (one, one.sending(fault.clone()).probability(0.8), false)).collect();
                self.faulty(harm, rules, length).await;
            }
            Harm::Hang => {
                let (times, accepted) = (self.dice.between(1, 5), self.dice.chance(50));
                let fault = Fault::Hang { accepted };
                let rules = self.struck().into_iter().map(|one| (one, one.sending(fault.clone()).times(times), true)).collect();
                self.faulty(harm, rules, 2_000).await;
            }
            Harm::CutOff => {
                let used = self.used();
                let one = used[self.dice.place(used.len())];
                let length = self.dice.between(1_000, 6_000);
                self.faulty(harm, vec![(one, Rule::new(Fault::DropBefore).service(one.service()), true)], length).await;
            }
            Harm::HooksRefused => {
                let before = self.dice.chance(60);
                let fault = if before { Fault::DropBefore } else { Fault::DropAfter };
                let length = self.dice.between(1_000, 6_000);
                self.with_rules(&[Rule::new(fault).method(HOOK)], length).await;
            }
            Harm::Jumbled => {
                let length = self.dice.between(1_000, 5_000);
                let rules = [Fault::DoubleUpdate, Fault::ReorderUpdate].map(|fault| Rule::new(fault).method(UPDATE).probability(0.4));
                self.with_rules(&rules, length).await;
            }
            Harm::Withheld => self.withhold().await,
            Harm::ClockAhead => {
                let unit = ["w0", "w1"][self.dice.place(2)];
                self.installation.set_clock(Some(unit), HOUR)?;
                rest(self.dice.between(1_500, 8_000)).await;
                self.installation.set_clock(Some(unit), 0)?;
            }
            Harm::ClockJump => {
                self.installation.set_clock(None, HOUR)?;
                rest(self.dice.between(1_500, 8_000)).await;
                self.installation.set_clock(None, 0)?;
            }
            Harm::FullDisk => self.full_disk().await?,
            Harm::Pause => return self.pause(false).await,
            Harm::Stop => return self.pause(true).await,
            Harm::OptOut => return self.opt_out().await,
            Harm::Licence => return self.licence().await,
            Harm::Newcomers => self.newcomers(),
            Harm::Backup => self.backup().await?,
        }
        Ok(Instant::now())
    }

    /// Ends a harm that goes on beside the round.
    fn later(&mut self, end: impl Future<Output = ()> + Send + 'static) {
        let after = self.dice.between(3_000, 8_000);
        tokio::spawn(async move {
            rest(after).await;
            end.await;
        });
    }

    async fn kill_worker(&mut self) -> anyhow::Result<()> {
        let senders = self.installation.senders();
        let victim = self.dice.place(senders.len());
        senders[victim].kill().await;
        let survivor = senders.iter().enumerate().find(|(place, _)| *place != victim).map(|(_, unit)| unit.name.as_str());
        let air = again(|| self.installation.in_flight(survivor)).await?;
        self.flight(Harm::KillWorker, air);
        Ok(())
    }

    /// Freezes a process that sends for a while, mostly past its lease; another takes its channels
    /// meanwhile, where there is one.
    async fn freeze(&mut self) -> anyhow::Result<()> {
        let length = self.dice.between(2_000, 16_000);
        let victim = self.dice.place(self.installation.senders().len());
        let senders = self.installation.senders();
        senders[victim].freeze();
        let survivor = senders.iter().enumerate().find(|(place, _)| *place != victim).map(|(_, unit)| unit.name.as_str());
        let air = again(|| self.installation.in_flight(survivor)).await;
        rest(length).await;
        senders[victim].thaw();
        self.flight(Harm::Freeze, air?);
        Ok(())
    }

    /// A thousand people press START in one company's bot.
    fn newcomers(&mut self) {
        let place = self.dice.place(self.companies.len());
        let (site, bot) = (&self.installation.site, self.companies[place].bot);
        let people: Vec<i64> = (0..NEWCOMERS).map(|_| next_id()).collect();
        site.sandbox.add_users(people.iter().map(|id| User::new(*id, "Новый", &phone(*id))));
        for id in &people {
            // A bot of a company of ours and people just made: it cannot fail.
            drop(site.sandbox.press_start(bot, *id, None));
        }
        self.tally.newcomers += NEWCOMERS;
        self.newcomers.extend(people.into_iter().map(|id| (bot, id)));
    }

    /// Notes what was in flight at a harm: nothing else may become uncertain.
    fn flight(&mut self, harm: Harm, deliveries: BTreeSet<Delivery>) {
        self.tally.flew(harm, deliveries.len() as u64);
        self.flights.push(Flight { harm, deliveries });
    }

    /// The delivery of this spell's campaign to a chat of a sender; an answer or a confirmation is
    /// none.
    fn delivery(&self, messenger: Messenger, (bot, chat): (i64, i64)) -> Option<Delivery> {
        self.running.iter().find_map(|running| {
            let (step, sender) = running.numbered().find(|(_, sender)| sender.messenger == messenger && sender.bot == bot)?;
            sender.people.get(&chat).map(|contact| (running.campaign, step, *contact))
        })
    }

    /// The messengers this spell's campaigns go through.
    fn used(&self) -> Vec<Messenger> {
        let used: BTreeSet<Messenger> = self.running.iter().flat_map(|running| &running.steps).map(|sender| sender.messenger).collect();
        used.into_iter().collect()
    }

    /// The messengers that a harm strikes: all of them, or one.
    fn struck(&mut self) -> Vec<Messenger> {
        let used = self.used();
        if self.dice.chance(50) { used } else { vec![used[self.dice.place(used.len())]] }
    }

    /// Faults that take no answer of a send away, for this many milliseconds.
    async fn with_rules(&self, rules: &[Rule], milliseconds: u64) {
        let faults = self.installation.site.sandbox.faults().clone();
        let ids: Vec<u64> = rules.iter().map(|rule| faults.add(rule.clone())).collect();
        rest(milliseconds).await;
        for id in ids {
            faults.remove(id);
        }
    }

    /// What the messengers have to tell stays with them for a while, people's words among it.
    async fn withhold(&mut self) {
        let sandbox = self.installation.site.sandbox.clone();
        // Those that tell nothing have nothing to withhold, and people's words come in their order.
        let senders: Vec<Arc<Sender>> =
            self.running.iter().flat_map(|running| &running.steps).filter(|one| one.messenger.tells()).cloned().collect();
        let told: Vec<usize> = senders.iter().map(|sender| sender.told(&sandbox)).collect();
        let rules: Vec<Rule> =
            senders.iter().map(|sender| Rule::new(Fault::WithholdUpdate).service(sender.messenger.service()).method(UPDATE)).collect();
        let length = self.dice.between(1_000, 5_000);
        self.with_rules(&rules, length).await;
        for (sender, told) in senders.iter().zip(told) {
            sender.tell_again(&sandbox, told);
        }
    }

    async fn flush(&self) {
        let Some((_, url)) = &self.installation.redis else { return };
        let Ok(client) = redis::Client::open(url.as_str()) else { return };
        // A Redis that is away just now has nothing to lose.
        if let Ok(mut connection) = client.get_multiplexed_async_connection().await {
            let _: Result<(), _> = redis::cmd("FLUSHALL").query_async(&mut connection).await;
        }
    }

    /// Faults of messengers for this many milliseconds; those marked take the answer away.
    async fn faulty(&mut self, harm: Harm, rules: Vec<(Messenger, Rule, bool)>, milliseconds: u64) {
        let faults = self.installation.site.sandbox.faults().clone();
        let batches: Vec<Messenger> =
            rules.iter().filter(|(one, _, blind)| *blind && one.sends_many_at_once()).map(|(one, ..)| *one).collect();
        let blind = rules.iter().any(|(.., blind)| *blind);
        let ids: Vec<(Messenger, u64, bool)> = rules.into_iter().map(|(one, rule, blind)| (one, faults.add(rule), blind)).collect();
        let mut struck = BTreeSet::new();
        let before = if batches.is_empty() { BTreeSet::new() } else { again(|| self.installation.in_doubt()).await.unwrap_or_default() };
        if batches.is_empty() {
            rest(milliseconds).await;
        } else {
            // The double knows one message of a call, and the answer was that of all. Some of them
            // are sent again at once, others are recorded between two looks.
            let (mut air, end) = (BTreeSet::new(), Instant::now() + Duration::from_millis(milliseconds));
            while Instant::now() < end {
                air.extend(again(|| self.installation.in_flight(None)).await.unwrap_or_default());
                rest(20).await;
            }
            air.extend(again(|| self.installation.in_doubt()).await.unwrap_or_default().difference(&before));
            struck.extend(air.into_iter().filter(|(campaign, step, _)| {
                let sender = |running: &Running| usize::try_from(step - 1).ok().and_then(|at| running.steps.get(at)).cloned();
                let running = self.running.iter().find(|running| running.campaign == *campaign);
                running.and_then(sender).is_some_and(|sender| batches.contains(&sender.messenger))
            }));
        }
        for (messenger, id, blind) in ids {
            let victims = faults.victims(id);
            faults.remove(id);
            if blind {
                struck.extend(victims.into_iter().filter_map(|victim| self.delivery(messenger, victim)));
            }
        }
        if blind {
            self.flight(harm, struck);
        }
    }

    async fn full_disk(&mut self) -> anyhow::Result<()> {
        tokio::task::block_in_place(|| self.installation.disk.fill())?;
        rest(self.dice.between(1_000, 6_000)).await;
        self.installation.disk.clear();
        if let Some(server) = &self.installation.postgres {
            // It may be at its end already, or come to it now.
            for _ in 0..3 {
                tokio::task::block_in_place(|| server.ensure()).context("PostgreSQL after its disk had been full")?;
                rest(200).await;
            }
        }
        Ok(())
    }

    /// A campaign that still has something to send.
    async fn victim(&mut self) -> anyhow::Result<Option<Running>> {
        let mut open = Vec::new();
        for running in &self.running {
            let company = &self.companies[running.company];
            let row = again(|| company.campaign(&self.installation.site, running.campaign)).await?;
            if row.state == campaign::State::Running && self.queued(running).await?.values().any(|n| *n > 0) {
                open.push(running.clone());
            }
        }
        let place = self.dice.place(open.len());
        Ok(open.get(place).cloned())
    }

    /// To whom which sender's message had not left when something was confirmed: from now on none
    /// of them may get it. A message of a later step may not even be made.
    async fn waiting(&self, running: &Running, among: Option<&BTreeSet<ContactId>>) -> anyhow::Result<Vec<(Arc<Sender>, BTreeSet<i64>)>> {
        let company = &self.companies[running.company];
        let rows = again(|| cascade::rows(&self.installation.site.store, company.account, running.campaign)).await?;
        let still = |step: i16, contact: &ContactId| {
            among.is_none_or(|some| some.contains(contact))
                && rows.get(&(step, *contact)).is_none_or(|row| matches!(row.state.as_str(), "queued" | "cancelled" | "skipped"))
        };
        let of = |(step, sender): (i16, &Arc<Sender>)| {
            let people = sender.people.iter().filter(|(_, contact)| still(step, contact)).map(|(user, _)| *user).collect();
            (Arc::clone(sender), people)
        };
        Ok(running.numbered().map(of).collect())
    }

    fn ban(&mut self, why: Harm, running: &Running, chats: Vec<(Arc<Sender>, BTreeSet<i64>)>, from: Moment) -> usize {
        self.bans.push(Ban { why, mark: running.mark.clone(), chats, from, until: None });
        self.bans.len() - 1
    }

    async fn pause(&mut self, for_good: bool) -> anyhow::Result<Instant> {
        let Some(running) = self.victim().await? else { return Ok(Instant::now()) };
        let (site, company) = (self.installation.site.clone(), self.companies[running.company].clone());
        if !press(&site, &company, running.campaign, for_good).await? {
            return Ok(Instant::now());
        }
        let from = clock::now();
        self.tally.pauses += 1;
        let chats = self.waiting(&running, None).await?;
        let ban = self.ban(if for_good { Harm::Stop } else { Harm::Pause }, &running, chats, from);
        if for_good {
            return Ok(Instant::now());
        }
        rest(self.dice.between(500, 2_500)).await;
        self.bans[ban].until = Some(clock::now());
        let resumed = Instant::now();
        again(|| resume(&site, &company, running.campaign)).await?;
        Ok(resumed)
    }

    async fn opt_out(&mut self) -> anyhow::Result<Instant> {
        let Some(running) = self.victim().await? else { return Ok(Instant::now()) };
        let waiting: Vec<(Arc<Sender>, i64)> = self
            .waiting(&running, None)
            .await?
            .into_iter()
            .flat_map(|(sender, people)| people.into_iter().map(move |user| (Arc::clone(&sender), user)))
            .collect();
        let site = self.installation.site.clone();
        let company = self.companies[running.company].clone();
        let mut contacts = BTreeSet::new();
        for _ in 0..self.dice.between(1, 4) {
            let place = self.dice.place(waiting.len());
            // Through any of the senders they know: each hears of it.
            if let Some((sender, user)) = waiting.get(place)
                && let Some(contact) = sender.people.get(user)
                && !contacts.contains(contact)
                && sender.says(&site.sandbox, *user, ["стоп", "/stop", "Стоп!"][place % 3])
            {
                contacts.insert(*contact);
            }
        }
        let said = Instant::now();
        loop {
            const OUT: &str = "select id from contact where account_id = $1 and opted_out_at is not null";
            let out: Vec<ContactId> =
                again(|| async { on!(site.store.read(), |c| sqlx::query_scalar(OUT).bind(company.account).fetch_all(c).await) }).await?;
            if contacts.iter().all(|contact| out.contains(contact)) {
                break;
            }
            if said.elapsed() > RECOVERY * 2 {
                self.tally.violation(format!("round {}: «stop» was not understood within {:?}", self.tally.rounds, said.elapsed()));
                return Ok(said);
            }
            rest(20).await;
        }
        let from = clock::now();
        self.tally.opt_outs += contacts.len() as u64;
        let chats = self.waiting(&running, Some(&contacts)).await?;
        self.ban(Harm::OptOut, &running, chats, from);
        Ok(said)
    }

    async fn licence(&mut self) -> anyhow::Result<Instant> {
        let Some(running) = self.victim().await? else { return Ok(Instant::now()) };
        let (site, company) = (self.installation.site.clone(), self.companies[running.company].clone());
        while let Some(current) = again(|| licence::current(&site.store, company.account, clock::now())).await? {
            // Whether it was revoked by an answer that got lost is asked again.
            drop(licence::revoke(&site.store, company.account, current.id, clock::now()).await);
        }
        let from = clock::now();
        self.tally.licences += 1;
        let chats = self.waiting(&running, None).await?;
        let ban = self.ban(Harm::Licence, &running, chats, from);
        rest(self.dice.between(500, 2_500)).await;
        self.bans[ban].until = Some(clock::now());
        let renewed = Instant::now();
        again(|| license(&site, company.account)).await?;
        Ok(renewed)
    }
}

/// Pauses or stops; `false`: the campaign ended before.
async fn press(site: &Site, company: &Company, id: CampaignId, for_good: bool) -> anyhow::Result<bool> {
    let wanted = if for_good { campaign::State::Stopped } else { campaign::State::Paused };
    again(|| async {
        let pressed = if for_good {
            control::stop(&site.store, &company.owner, id, clock::now()).await.map(|_| ())
        } else {
            control::pause(&site.store, &company.owner, id, clock::now()).await
        };
        match pressed {
            Ok(()) => Ok(true),
            // Confirmed by an answer that got lost, or over already.
            Err(error) => match company.campaign(site, id).await?.state {
                state if state == wanted => Ok(true),
                campaign::State::Running | campaign::State::Planning => Err(anyhow::Error::from(error)),
                _ => Ok(false),
            },
        }
    })
    .await
}

async fn resume(site: &Site, company: &Company, id: CampaignId) -> anyhow::Result<()> {
    match control::resume(&site.store, &company.owner, id, clock::now()).await {
        Ok(_) => Ok(()),
        Err(error) if company.campaign(site, id).await?.state == campaign::State::Paused => Err(error.into()),
        Err(_) => Ok(()),
    }
}
