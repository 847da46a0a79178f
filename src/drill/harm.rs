//! What can go wrong, and how it is made to.

use super::{Setup, dice::Dice};

/// One kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// `kill -9` of a process that sends.
    KillWorker,
    /// `kill -9` of both workers at the same moment.
    KillBoth,
    /// SIGSTOP of a process that sends, perhaps past its lease, then SIGCONT.
    Freeze,
    /// `kill -9` of the bot.
    KillBot,
    /// `kill -9` of Redis; it comes back empty.
    KillRedis,
    /// `FLUSHALL`.
    FlushRedis,
    /// Redis is stopped (`SIGSTOP`) for a while: it takes calls and answers none.
    FreezeRedis,
    /// Redis is full for a while: it answers and takes nothing more.
    FullRedis,
    /// PostgreSQL ends at once and is away for a while.
    RestartPostgres,
    /// The connection ends before the answer: mostly the provider took the message, sometimes not.
    Cut,
    /// The provider restarts: every connection ends, new ones are refused for a while.
    Outage,
    /// Answers 502, 504 and 500; some of the calls were carried out.
    Storm5xx,
    /// Answers 429.
    Storm429,
    /// Calls are not answered; some were carried out.
    Hang,
    /// One messenger is cut off for a while: no call gets there.
    CutOff,
    /// The messengers' webhooks are refused, or our answer to them is lost; they are repeated.
    HooksRefused,
    /// Receipts and what people do are told twice and out of order.
    Jumbled,
    /// Receipts are withheld for a while and told later.
    Withheld,
    /// The clock of one process is an hour ahead, then right again.
    ClockAhead,
    /// The clocks of all processes, the database's server included, jump by an hour, and back
    /// later.
    ClockJump,
    /// The database's disk is full.
    FullDisk,
    /// A member pauses a campaign and resumes it.
    Pause,
    /// A member stops a campaign for good.
    Stop,
    /// Customers write «стоп».
    OptOut,
    /// The licence ends and is renewed.
    Licence,
    /// A thousand people press START at once.
    Newcomers,
    /// A backup is made in the middle of everything and restored beside it.
    Backup,
}

impl Harm {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::KillWorker,
        Self::KillBoth,
        Self::Freeze,
        Self::KillBot,
        Self::KillRedis,
        Self::FlushRedis,
        Self::FreezeRedis,
        Self::FullRedis,
        Self::RestartPostgres,
        Self::Cut,
        Self::Outage,
        Self::Storm5xx,
        Self::Storm429,
        Self::Hang,
        Self::CutOff,
        Self::HooksRefused,
        Self::Jumbled,
        Self::Withheld,
        Self::ClockAhead,
        Self::ClockJump,
        Self::FullDisk,
        Self::Pause,
        Self::Stop,
        Self::OptOut,
        Self::Licence,
        Self::Newcomers,
        Self::Backup,
    ];

    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KillWorker => "kill -9 of a process that sends",
            Self::KillBoth => "kill -9 of both workers at once",
            Self::Freeze => "SIGSTOP of a process that sends",
            Self::KillBot => "kill -9 of the bot",
            Self::KillRedis => "kill -9 of Redis, back empty",
            Self::FlushRedis => "FLUSHALL",
            Self::FreezeRedis => "Redis frozen (SIGSTOP)",
            Self::FullRedis => "Redis full (maxmemory)",
            Self::RestartPostgres => "PostgreSQL restarts (immediate)",
            Self::Cut => "connections cut after or before accepting",
            Self::Outage => "the provider restarts",
            Self::Storm5xx => "storm of 5xx, some accepted",
            Self::Storm429 => "storm of 429",
            Self::Hang => "the provider hangs",
            Self::CutOff => "a messenger is cut off",
            Self::HooksRefused => "webhooks refused, then repeated",
            Self::Jumbled => "receipts doubled and out of order",
            Self::Withheld => "receipts withheld, told later",
            Self::ClockAhead => "one clock an hour ahead, then back",
            Self::ClockJump => "all clocks jump an hour, then back",
            Self::FullDisk => "the database's disk is full",
            Self::Pause => "pause and resume",
            Self::Stop => "stop",
            Self::OptOut => "customers say stop",
            Self::Licence => "licence ends, is renewed",
            Self::Newcomers => "a thousand newcomers at once",
            Self::Backup => "backup in the middle, restored beside",
        }
    }

    /// How often it is chosen, against the others.
    fn weight(self) -> u64 {
        match self {
            Self::KillWorker => 5,
            Self::RestartPostgres | Self::OptOut | Self::Pause | Self::Freeze => 3,
            Self::Stop | Self::Newcomers => 1,
            _ => 2,
        }
    }

    /// Why it cannot be done here, or nothing.
    #[must_use]
    pub fn hindrance(self, setup: &Setup) -> Option<&'static str> {
        match self {
            Self::KillBoth
            | Self::KillBot
            | Self::KillRedis
            | Self::FlushRedis
            | Self::FreezeRedis
            | Self::FullRedis
            | Self::RestartPostgres
            | Self::ClockAhead
                if setup.sqlite =>
            {
                Some("one process on SQLite has no such part")
            }
            Self::ClockAhead | Self::ClockJump if !setup.clocks => {
                Some("libfaketime is not installed (Debian: apt-get install libfaketime)")
            }
            Self::FullDisk if !setup.disk => Some("only root can mount the small disk that is to be full"),
            _ => None,
        }
    }

    /// The next harm.
    #[must_use]
    pub fn choose(dice: &mut Dice, setup: &Setup) -> Self {
        let possible: Vec<Self> = Self::ALL.into_iter().filter(|harm| harm.hindrance(setup).is_none()).collect();
        let mut at = dice.bits() % possible.iter().map(|harm| harm.weight()).sum::<u64>().max(1);
        for harm in possible {
            if at < harm.weight() {
                return harm;
            }
            at -= harm.weight();
        }
        Self::Cut
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A frozen worker, a Redis that hangs or is full, newcomers and a restore had broken promises,
    /// and the drill knew none of them.
    #[test]
    fn the_drill_does_all_that_ever_broke_a_promise() {
        let known = [Harm::Freeze, Harm::FreezeRedis, Harm::FullRedis, Harm::Newcomers, Harm::Backup];
        assert!(known.iter().all(|harm| Harm::ALL.contains(harm)));
        let setup = Setup { sqlite: false, clocks: true, disk: true };
        let mut dice = Dice::new(7);
        let done: BTreeSet<Harm> = (0..10_000).map(|_| Harm::choose(&mut dice, &setup)).collect();
        assert_eq!(done, Harm::ALL.into_iter().collect(), "each has its turn");
        let one = Setup { sqlite: true, ..setup };
        for harm in [Harm::Freeze, Harm::Newcomers, Harm::Backup] {
            assert_eq!(harm.hindrance(&one), None, "on SQLite too: {harm:?}");
        }
    }
}
