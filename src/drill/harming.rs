//! Doing harm.

use std::{
    collections::BTreeSet,
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
use mms_sandbox::{Fault, Rule, User};

use super::{
    Drill, again,
    company::{Company, Site, license, next_id, phone},
    harm::Harm,
    installation::Delivery,
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
                let times = self.dice.between(1, 6);
                self.faulty(harm, &[(Rule::new(Fault::DropAfter).times(times), true)], 3_000).await;
            }
            Harm::Outage => {
                let outage = self.dice.between(300, 3_000);
                let mut air = again(|| self.installation.in_flight(None)).await?;
                self.installation.site.sandbox.restart(Duration::from_millis(outage));
                // Whoever calls before the way is known to be closed is cut off, too: looked at
                // more often than outcomes are recorded.
                let end = Instant::now() + Duration::from_millis(outage);
                while Instant::now() < end {
                    rest(20).await;
                    air.extend(again(|| self.installation.in_flight(None)).await?);
                }
                self.flight(harm, air);
            }
            Harm::Storm5xx => {
                let length = self.dice.between(500, 3_000);
                let error = Fault::Error { code: 500, description: "Internal Server Error".to_owned(), retry_after: None };
                let rules = [
                    (Rule::new(Fault::Gateway { code: 502, accepted: true }).probability(0.3), true),
                    (Rule::new(Fault::Gateway { code: 504, accepted: false }).probability(0.3), true),
                    (Rule::new(Fault::Gateway { code: 503, accepted: true }).probability(0.3), true),
                    (Rule::new(error).probability(0.4), false),
                ];
                self.faulty(harm, &rules, length).await;
            }
            Harm::Storm429 => {
                let (length, retry_after) = (self.dice.between(300, 2_000), self.dice.between(1, 3));
                self.faulty(harm, &[(Rule::new(Fault::TooManyRequests { retry_after }).probability(0.8), false)], length).await;
            }
            Harm::Hang => {
                let (times, accepted) = (self.dice.between(1, 5), self.dice.chance(50));
                self.faulty(harm, &[(Rule::new(Fault::Hang { accepted }).times(times), true)], 2_000).await;
            }
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

    /// The delivery of this spell's campaign to a chat of a bot; an answer or a confirmation is
    /// none.
    fn delivery(&self, (bot, chat): (i64, i64)) -> Option<Delivery> {
        self.running.iter().find_map(|running| {
            let company = self.companies.get(running.company).filter(|company| company.bot == bot)?;
            company.customers.get(&chat).map(|contact| (running.campaign, *contact))
        })
    }

    async fn flush(&self) {
        let Some((_, url)) = &self.installation.redis else { return };
        let Ok(client) = redis::Client::open(url.as_str()) else { return };
        // A Redis that is away just now has nothing to lose.
        if let Ok(mut connection) = client.get_multiplexed_async_connection().await {
            let _: Result<(), _> = redis::cmd("FLUSHALL").query_async(&mut connection).await;
        }
    }

    /// Faults of the provider for this many milliseconds; those marked take the answer away.
    async fn faulty(&mut self, harm: Harm, rules: &[(Rule, bool)], milliseconds: u64) {
        let faults = self.installation.site.sandbox.faults().clone();
        let ids: Vec<(u64, bool)> = rules.iter().map(|(rule, blind)| (faults.add(rule.clone().method("send*")), *blind)).collect();
        rest(milliseconds).await;
        let mut struck = BTreeSet::new();
        for (id, blind) in ids {
            let victims = faults.victims(id);
            faults.remove(id);
            if blind {
                struck.extend(victims.into_iter().filter_map(|victim| self.delivery(victim)));
            }
        }
        if rules.iter().any(|(_, blind)| *blind) {
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
            if row.state == campaign::State::Running && self.queued(running).await? > 0 {
                open.push(running.clone());
            }
        }
        let place = self.dice.place(open.len());
        Ok(open.get(place).cloned())
    }

    /// Whose delivery had not left when something was confirmed: from now on none of them may get
    /// it.
    async fn waiting(&self, running: &Running, among: Option<&BTreeSet<ContactId>>) -> anyhow::Result<BTreeSet<i64>> {
        let company = &self.companies[running.company];
        let rows = again(|| company.rows(&self.installation.site.store, running.campaign)).await?;
        let still = |contact: &ContactId| {
            among.is_none_or(|some| some.contains(contact))
                && rows.get(contact).is_some_and(|state| matches!(state.as_str(), "queued" | "cancelled" | "skipped"))
        };
        Ok(company.customers.iter().filter(|(_, contact)| still(contact)).map(|(user, _)| *user).collect())
    }

    fn ban(&mut self, why: Harm, running: &Running, chats: BTreeSet<i64>, from: Moment) -> usize {
        let bot = self.companies[running.company].bot;
        self.bans.push(Ban { why, bot, mark: running.mark.clone(), chats, from, until: None });
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
        let waiting: Vec<i64> = self.waiting(&running, None).await?.into_iter().collect();
        let site = self.installation.site.clone();
        let company = self.companies[running.company].clone();
        let mut leaving = BTreeSet::new();
        for _ in 0..self.dice.between(1, 4) {
            let place = self.dice.place(waiting.len());
            if let Some(user) = waiting.get(place)
                && leaving.insert(*user)
            {
                // A person who has blocked the bot cannot write; then there is nothing to say.
                let _ = site.sandbox.send_text(company.bot, *user, ["стоп", "/stop", "Стоп!"][place % 3]);
            }
        }
        let said = Instant::now();
        let contacts: BTreeSet<ContactId> = leaving.iter().filter_map(|user| company.customers.get(user).copied()).collect();
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
