//! `mms admin`: what the person at the server does. Secrets are read from standard input, never from arguments.

mod ask;
mod books;
mod import;
mod people;
mod restore;
mod trail;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};
use mms_core::{
    account::{self, By, Language, Role, invitation, licence, reset},
    clock, founding,
    id::{AccountId, LicenceId},
    store::{Store, audit},
};

use crate::process;

/// A language on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Speech {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl From<Speech> for Language {
    fn from(speech: Speech) -> Self {
        match speech {
            Speech::Ru => Self::Ru,
            Speech::En => Self::En,
        }
    }
}

/// A role on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    /// Everything, members and channels too.
    Owner,
    /// Contacts, segments, templates, campaigns.
    Manager,
    /// Approves what others submit.
    Approver,
    /// Sees, changes nothing.
    Viewer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Manager => Self::Manager,
            RoleName::Approver => Self::Approver,
            RoleName::Viewer => Self::Viewer,
        }
    }
}

/// What the person at the server does.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// List the accounts of this server, with licence and members.
    Accounts,
    /// Create an account with its first owner; the password is asked for, or read from standard input.
    CreateAccount {
        /// The company's name.
        #[arg(long)]
        name: String,
        /// The first owner's login.
        #[arg(long)]
        login: String,
        /// The first owner's name.
        #[arg(long)]
        owner: String,
        /// Who advertises, as the law wants it named in advertising.
        #[arg(long, default_value = "")]
        advertiser: String,
        /// IANA time zone.
        #[arg(long, default_value = "Europe/Moscow")]
        zone: String,
        /// ISO region of phones written without a country code.
        #[arg(long, default_value = "RU")]
        region: String,
        /// The language the account begins with.
        #[arg(long, value_enum, default_value = "ru")]
        language: Speech,
    },
    /// Give an account another name.
    RenameAccount {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// Its new name.
        #[arg(long)]
        name: String,
    },
    /// List the members of an account: login, name, role, locks.
    Members {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
    /// Lift the lock of a member's login.
    Unlock {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The member's login.
        #[arg(long)]
        login: String,
    },
    /// List who is signed in.
    Sessions {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
    /// End every session of a member.
    EndSessions {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The member's login.
        #[arg(long)]
        login: String,
    },
    /// List the licences of an account, with their ids.
    Licences {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
    /// Issue a licence.
    IssueLicence {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// trial, start, business or unlimited.
        #[arg(long)]
        plan: licence::PlanKind,
        /// The last day it is valid (UTC): 2027-12-31 or 31.12.2027.
        #[arg(long, value_parser = people::day)]
        until: NaiveDate,
    },
    /// Take a licence back.
    RevokeLicence {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The licence's id (`mms admin licences`).
        #[arg(long)]
        licence: LicenceId,
    },
    /// Make a one-time invitation for a new member.
    Invite {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The new member's role.
        #[arg(long, value_enum)]
        role: RoleName,
    },
    /// Make a one-time link by which a member chooses a new password; their sessions end and a lock is lifted when they do.
    ResetPassword {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The member's login.
        #[arg(long)]
        login: String,
    },
    /// Import contacts from a CSV or XLSX file, as if it had been sent to the bot.
    ImportContacts(import::Import),
    /// Check the books of every campaign: rows, counters and sums must say the same.
    Books {
        /// The account's id or exact name; all if absent.
        #[arg(long)]
        account: Option<String>,
    },
    /// The trail of who did what: verify its chain, print it.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The consent ledger: verify its chain.
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Back a SQLite database up into a new file, while everything goes on working.
    Backup {
        /// The new file.
        file: PathBuf,
    },
    /// Put a SQLite backup in place of the database; the former one is kept beside it. `mms up` must be stopped.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Hold every running or planned campaign, and advertising until an owner's word: after `pg_restore`, before anything starts.
    Hold,
    /// The sealing key is lost for good: forget what it sealed, so that a new one can be made. Every channel and CRM must be connected anew.
    ForgetKey,
}

/// The audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verify the chain of one account, or of all: changed, missing, added and forged entries are found.
    Verify(trail::Verify),
    /// Print the trail of an account.
    Show {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
}

/// The consent ledger.
#[derive(Debug, Subcommand)]
pub enum ConsentCommand {
    /// Verify the chain of one account, or of all: changed, missing, added and forged consents are found.
    Verify(trail::Verify),
}

impl Admin {
    /// Whether the command works without the sealing key: it leaves no trace and verifies none.
    fn needs_no_key(&self) -> bool {
        matches!(
            self,
            Self::Accounts
                | Self::Members { .. }
                | Self::Sessions { .. }
                | Self::Licences { .. }
                | Self::Books { .. }
                | Self::Audit(AuditCommand::Show { .. })
                | Self::Backup { .. }
                | Self::Hold
                | Self::ForgetKey
        )
    }
}

/// Runs an admin command.
///
/// # Errors
/// A sentence for the person at the server.
pub async fn run(file: Option<&Path>, command: Admin) -> anyhow::Result<()> {
    let (config, environment) = process::settings(file)?;
    if let Admin::Restore { file } = command {
        restore::run(&config, &environment, &file).await?;
        return trail::restored(&config, &environment).await;
    }
    config.make_data_dir()?;
    config.check_database_file(&environment)?;
    let mut store = Store::open(&config.database()).await?;
    if !command.needs_no_key() {
        // The first account of a small installation is made before anything ran: its trail begins with the key `mms up` will use.
        let shape = if config.sqlite_path().is_some() { process::Shape::Alone } else { process::Shape::Apart };
        let sealer = process::sealer(&config, &environment, &store, shape).await;
        store = store.sealed_by(&sealer.context("every change is written to the trail, which is chained with the sealing key")?);
    }
    let held = matches!(command, Admin::Hold);
    let outcome = act(&store, &config, command).await;
    store.close().await;
    if held && outcome.is_ok() {
        return trail::restored(&config, &environment).await;
    }
    outcome
}

async fn act(store: &Store, config: &mms_core::config::Config, command: Admin) -> anyhow::Result<()> {
    let now = clock::now();
    match command {
        Admin::Accounts => people::accounts(store, now).await,
        Admin::CreateAccount { name, login, owner, advertiser, zone, region, language } => {
            people::is_new(store, &name).await?;
            let password = ask::new_password(&login)?;
            let founded = founding::create(
                store,
                &founding::NewAccount {
                    name: &name,
                    zone: &zone,
                    language: language.into(),
                    phone_region: &region,
                    advertiser: &advertiser,
                    owner_login: &login,
                    owner_password: &password,
                    owner_name: &owner,
                },
                now,
            )
            .await?;
            process::print(&format!(
                "account {} is there; now issue its licence: mms admin issue-licence --account {0} --plan trial --until …",
                founded.account
            ))
        }
        Admin::RenameAccount { account, name } => people::rename(store, &account, &name, now).await,
        Admin::Members { account } => people::members(store, find(store, &account).await?).await,
        Admin::Unlock { account, login } => people::unlock(store, find(store, &account).await?, &login, now).await,
        Admin::Sessions { account } => people::sessions(store, find(store, &account).await?).await,
        Admin::EndSessions { account, login } => people::end_sessions(store, find(store, &account).await?, &login, now).await,
        Admin::Licences { account } => people::licences(store, find(store, &account).await?, now).await,
        Admin::IssueLicence { account, plan, until } => {
            let account = find(store, &account).await?;
            let id = licence::issue(store, account, plan, now, people::end_of(until, now)?, now).await?;
            process::print(&format!("licence {id}: {} until the end of {until} (UTC)", plan.as_str()))
        }
        Admin::RevokeLicence { account, licence } => {
            licence::revoke(store, find(store, &account).await?, licence, now).await?;
            process::print("the licence is taken back; nothing is sent from now on without another")
        }
        Admin::Invite { account, role } => {
            let account = find(store, &account).await?;
            let (_, secret) = invitation::create(store, By::Admin(account), role.into(), now).await?;
            let link = people::start_link(config, "inv", &secret).await;
            process::print(&format!("send this to the new member: it opens the managers' bot, within 72 hours, once:\n{link}"))
        }
        Admin::ResetPassword { account, login } => {
            let account = find(store, &account).await?;
            let secret = reset::create(store, By::Admin(account), people::by_login(store, account, &login).await?, now).await?;
            let link = people::start_link(config, "pwd", &secret).await;
            process::print(&format!(
                "send this to the member: in the managers' bot, within {} hours, once, it asks them for a new password:\n{link}",
                reset::VALID_HOURS
            ))
        }
        Admin::ImportContacts(wanted) => import::run(store, find(store, &wanted.account).await?, &wanted).await,
        Admin::Books { account } => {
            let account = match account {
                Some(account) => Some(find(store, &account).await?),
                None => None,
            };
            books::check(store, account).await
        }
        Admin::Audit(AuditCommand::Verify(wanted)) => trail::audit(store, config, &wanted).await,
        Admin::Consent(ConsentCommand::Verify(wanted)) => trail::consents(store, config, &wanted).await,
        Admin::Audit(AuditCommand::Show { account }) => {
            let account = find(store, &account).await?;
            let mut after = 0;
            loop {
                let page = audit::entries(store, account, after, 500).await?;
                let Some(last) = page.last() else { return Ok(()) };
                after = last.seq;
                for entry in page {
                    process::print(&format!(
                        "{:>6}  {}  {}  {}  {}  {}",
                        entry.seq,
                        entry.at.format("%Y-%m-%d %H:%M:%S"),
                        entry.actor,
                        entry.action,
                        entry.subject,
                        entry.details
                    ))?;
                }
            }
        }
        Admin::Backup { file } => {
            store.backup(&file).await?;
            process::print(&format!(
                "backed up into `{}`; keep the sealing key (data directory, sealing.key) with it, apart from it",
                file.display()
            ))
        }
        Admin::Hold => restore::hold(store, config, now).await,
        Admin::ForgetKey => {
            let (channels, connections) = store.forget_key().await?;
            process::print(&format!(
                "the key is forgotten; what it sealed must be given anew: {} (a token), {} (a login). The next start makes a new key. \
                 The trail cannot be checked without the key that made it: from now on `mms admin audit verify` and `mms admin consent verify` say that it \
                 was broken before, and check what comes after",
                people::count(usize::try_from(channels).unwrap_or_default(), "channel"),
                people::count(usize::try_from(connections).unwrap_or_default(), "CRM connection")
            ))
        }
        // Taken before the database was opened.
        Admin::Restore { .. } => Ok(()),
    }
}

/// An account by id or exact name.
async fn find(store: &Store, wanted: &str) -> anyhow::Result<AccountId> {
    let all = account::all(store).await?;
    let found: Vec<_> = all.iter().filter(|row| row.id.to_string() == wanted || row.name == wanted).collect();
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => bail!("there is no account `{wanted}`; `mms admin accounts` lists them"),
        _ => bail!("several accounts are named `{wanted}`: use the id (`mms admin accounts`)"),
    }
}
