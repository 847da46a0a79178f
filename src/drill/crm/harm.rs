//! What goes wrong between a CRM and us.

use std::time::Duration;

use mms_core::{account::By, clock, crm::connection, on};
use mms_sandbox::{
    Fault as Strike,
    amocrm::{Fault, HookBehaviour, Method, Rule, fields},
};

use super::{Drill, hooks};
use crate::drill::{again, dice::Dice, unit::Unit};

/// One kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// `kill -9` of a process that syncs and tells.
    Kill,
    /// `kill -9` of all of them at once.
    KillAll,
    /// `kill -9` of the bot, which takes the hooks.
    KillBot,
    /// The CRM takes what it is told, and its answer is lost.
    LostAnswer,
    /// Both at once: it takes what it is told, and whoever told it dies.
    LostAnswerAndKill,
    /// A page that was read does not arrive.
    LostPage,
    /// The connection ends before the CRM takes anything.
    Cut,
    /// Answers 500, 502 and 504; nothing is done.
    Storm5xx,
    /// Answers 429.
    Storm429,
    /// The CRM is away for a while.
    Away,
    /// Every hook comes twice.
    HooksDoubled,
    /// Hooks are held back and come later, the last one first.
    HooksReversed,
    /// Hooks are lost for good.
    HooksLost,
    /// Everything is read anew in the middle, because a member maps one more field.
    Anew,
}

impl Harm {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Kill,
        Self::KillAll,
        Self::KillBot,
        Self::LostAnswer,
        Self::LostAnswerAndKill,
        Self::LostPage,
        Self::Cut,
        Self::Storm5xx,
        Self::Storm429,
        Self::Away,
        Self::HooksDoubled,
        Self::HooksReversed,
        Self::HooksLost,
        Self::Anew,
    ];

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "kill -9 of a process that syncs",
            Self::KillAll => "kill -9 of all that sync at once",
            Self::KillBot => "kill -9 of the bot",
            Self::LostAnswer => "answers of the CRM lost, taken",
            Self::LostAnswerAndKill => "answers lost, taken, and kill -9",
            Self::LostPage => "pages of the CRM lost",
            Self::Cut => "connections cut before anything is taken",
            Self::Storm5xx => "storm of 5xx",
            Self::Storm429 => "storm of 429",
            Self::Away => "the CRM is away",
            Self::HooksDoubled => "hooks doubled",
            Self::HooksReversed => "hooks late, the last first",
            Self::HooksLost => "hooks lost",
            Self::Anew => "everything read anew",
        }
    }

    /// The next harm; one process on SQLite has no bot of its own.
    #[must_use]
    pub fn choose(dice: &mut Dice, sqlite: bool) -> Self {
        loop {
            let harm = Self::ALL[dice.place(Self::ALL.len())];
            if !(sqlite && matches!(harm, Self::KillBot | Self::KillAll)) {
                return harm;
            }
        }
    }
}

async fn rest(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}

/// `fault` on the next so many calls of any of these methods.
fn rules(fault: &Fault, methods: &[Method], times: u64) -> Vec<Rule> {
    let times = u32::try_from(times).unwrap_or(u32::MAX);
    let rule = |method: &Method| Rule { fault: fault.clone(), method: Some(method.clone()), path: String::new(), after: 0, times };
    methods.iter().map(rule).collect()
}

impl Drill {
    /// Does one harm to its end.
    pub(super) async fn harm(&mut self, harm: Harm) -> anyhow::Result<()> {
        match harm {
            Harm::Kill => self.kill_one().await?,
            Harm::KillAll => {
                futures::future::join_all(self.installation.workers.iter().map(Unit::kill)).await;
                self.ended(None).await?;
            }
            Harm::KillBot => self.installation.bot.kill().await,
            Harm::LostAnswer => self.while_faulty(&Fault::DropAfter, &[Method::POST, Method::PATCH], 4_000).await,
            Harm::LostAnswerAndKill => {
                self.while_faulty(&Fault::DropAfter, &[Method::POST, Method::PATCH], 1_500).await;
                self.kill_one().await?;
            }
            Harm::LostPage => self.while_faulty(&Fault::DropAfter, &[Method::GET], 4_000).await,
            Harm::Cut => self.while_faulty(&Fault::DropBefore, &[Method::GET, Method::POST, Method::PATCH], 3_000).await,
            Harm::Storm5xx => {
                for status in [500, 502, 504] {
                    self.while_faulty(&Fault::Status(status), &[Method::GET, Method::POST, Method::PATCH], 1_000).await;
                }
            }
            Harm::Storm429 => self.while_faulty(&Fault::TooMany(1), &[Method::GET, Method::POST, Method::PATCH], 3_000).await,
            Harm::Away => {
                let away = Rule { fault: Fault::DropBefore, method: None, path: String::new(), after: 0, times: u32::MAX };
                self.amo.inject(away);
                self.salon.away();
                rest(self.dice.between(1_000, 8_000)).await;
                self.heal();
            }
            Harm::HooksDoubled => self.with_hooks(HookBehaviour { doubled: true, ..hooks() }, Strike::DoubleUpdate).await,
            Harm::HooksReversed => {
                self.with_hooks(HookBehaviour { held: true, ..hooks() }, Strike::ReorderUpdate).await;
                self.amo.flush_hooks().await;
            }
            Harm::HooksLost => {
                self.with_hooks(HookBehaviour { held: true, ..hooks() }, Strike::WithholdUpdate).await;
                self.amo.lose_hooks();
            }
            Harm::Anew => self.anew().await?,
        }
        Ok(())
    }

    /// A few of the calls of the next moments are struck.
    async fn while_faulty(&mut self, fault: &Fault, methods: &[Method], milliseconds: u64) {
        let times = self.dice.between(1, 3);
        for rule in rules(fault, methods, times) {
            self.amo.inject(rule);
        }
        self.salon.strike(fault, methods, times);
        rest(milliseconds).await;
        self.heal();
    }

    fn heal(&self) {
        self.amo.heal();
        self.salon.heal();
    }

    /// Hooks behave so while people change more.
    async fn with_hooks(&mut self, behaviour: HookBehaviour, strike: Strike) {
        self.amo.set_hooks(behaviour);
        self.salon.hooks(strike);
        self.changes_there();
        rest(self.dice.between(500, 3_000)).await;
        self.changes_there();
        self.amo.set_hooks(hooks());
        self.salon.heal();
    }

    async fn kill_one(&mut self) -> anyhow::Result<()> {
        let senders = self.installation.senders();
        let victim = senders[self.dice.place(senders.len())];
        victim.kill().await;
        let name = victim.name.clone();
        let alone = senders.len() == 1;
        self.ended((!alone).then_some(name.as_str())).await
    }

    /// The lease of a process that is dead and what it had taken to tell end by themselves, after a
    /// minute and a half and after five minutes; nobody waits for that here. `owner`: whose; all
    /// that are dead, if `None`.
    async fn ended(&self, owner: Option<&str>) -> anyhow::Result<()> {
        const LEASE: &str = "update crm_connection set lease_until = null where id = $1 and lease_owner like $2";
        const CLAIMS: &str = "update crm_write set lease_until = created_at where connection_id = $1 and state = 'sending'";
        // What it sent just before it died is there by then.
        rest(500).await;
        let pattern = owner.map_or_else(|| "%".to_owned(), |name| format!("{name}@%"));
        let (store, lines) = (self.store(), self.lines());
        again(async || {
            let mut tx = store.begin().await?;
            for (_, connection) in lines {
                let its = on!(tx.conn(), |c| sqlx::query(LEASE)
                    .bind(connection)
                    .bind(&pattern)
                    .execute(c)
                    .await
                    .map(|done| done.rows_affected()))?;
                if its > 0 {
                    on!(tx.conn(), |c| sqlx::query(CLAIMS).bind(connection).execute(c).await.map(|_| ()))?;
                }
            }
            tx.commit().await
        })
        .await
    }

    /// One more field is mapped, or one less.
    async fn anew(&self) -> anyhow::Result<()> {
        let (by, now, field) = (By::Admin(self.company.account), clock::now(), fields::BONUS.to_string());
        let mapped = self.row().await?.settings.fields.iter().any(|mapping| mapping.crm_field == field);
        if mapped {
            connection::unmap_field(self.store(), by, self.connection, &field, now).await?;
        } else {
            connection::map_field(self.store(), by, self.connection, &field, Some("bonus"), now).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_harm_has_its_turn() {
        let mut dice = Dice::new(7);
        let chosen = |dice: &mut Dice, sqlite| (0..2_000).map(|_| Harm::choose(dice, sqlite)).collect::<BTreeSet<Harm>>();
        assert_eq!(chosen(&mut dice, false), Harm::ALL.into_iter().collect());
        let one = chosen(&mut dice, true);
        assert!(!one.contains(&Harm::KillBot) && one.contains(&Harm::LostAnswerAndKill));
    }
}
