//! `mms admin`: what the person at the server does. Secrets are read from standard input, never
//! from arguments.

mod access;
mod agreement;
mod ask;
mod books;
mod delete;
mod find;
mod import;
mod maintenance;
mod people;
mod restore;
mod retention;
mod sell;
mod support;
mod trail;

pub use agreement::publish;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Subcommand, ValueEnum};
use mms_bot::p;
use mms_core::{
    account::{Language, Role, licence},
    clock, founding,
    id::LicenceId,
    sign,
    store::Store,
};

use crate::{
    process,
    words::{refused, tr},
};

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
    /// Create an account with its first owner; the password is asked for, or read from standard
    /// input.
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
    /// Delete an account: what names people goes, what proves or refuses something stays. Without
    /// `--confirm` it is only shown.
    DeleteAccount(delete::Delete),
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
        /// A plan's code: trial, start, business, unlimited, or one of the server's own file.
        #[arg(long)]
        plan: licence::PlanCode,
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
    /// Orders of licences, and the payments that came for them. Without `--account`: money of every
    /// company that made no licence and is to be given back.
    Payments {
        /// The account's id or exact name.
        #[arg(long)]
        account: Option<String>,
    },
    /// Confirm that the money for an invoice came, or note that money was given back.
    #[command(subcommand)]
    Payment(sell::PaymentCommand),
    /// Licences as signed text, for servers that the licensor does not reach.
    #[command(subcommand)]
    LicenceKey(sell::KeyCommand),
    /// Make a one-time invitation for a new member.
    Invite {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The new member's role.
        #[arg(long, value_enum)]
        role: RoleName,
    },
    /// Make a one-time link by which a member chooses a new password; their sessions end and a lock
    /// is lifted when they do.
    ResetPassword {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The member's login.
        #[arg(long)]
        login: String,
    },
    /// Take a member's second factor away, for whoever lost the authenticator and the recovery
    /// codes; their sessions end.
    ResetSecondFactor {
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
    /// Put a SQLite backup in place of the database; the former one is kept beside it. `mms up`
    /// must be stopped.
    Restore {
        /// The backup.
        file: PathBuf,
    },
    /// Plan when the server is worked on: every company is told in the chat and by e-mail, none
    /// launches a campaign meanwhile, and what runs waits and goes on by itself. Without options:
    /// list what is planned.
    Maintenance(maintenance::Maintenance),
    /// The texts that owners accept: take the folder of the settings in, list, write a sample.
    #[command(subcommand)]
    Agreement(agreement::Command),
    /// Close a company's sending, or all of its access but exports, opt-outs, erasure and support:
    /// its campaigns pause, its owners are told.
    Suspend(access::Suspend),
    /// Open access again; campaigns stay paused until a member resumes them.
    Lift(access::Lift),
    /// Switch a function of a company off or on. Without `--off` and `--on`: list every function.
    Feature(access::Feature),
    /// What names people is kept for so many days: list the rules with how many rows are due, or
    /// forget them now.
    Retention(retention::Retention),
    /// Tickets of companies: list, show, answer, close.
    #[command(subcommand)]
    Support(support::Support),
    /// Claims of companies against the licensor: list, answer.
    #[command(subcommand)]
    Claims(support::Claims),
    /// Hold every running or planned campaign, and advertising until an owner's word: after
    /// `pg_restore`, before anything starts.
    Hold,
    /// Print the public key by which dossiers and checkpoints of this installation are checked:
    /// give it to whoever checks, apart from what is checked.
    SigningKey,
    /// The sealing key is lost for good: forget what it sealed, so that a new one can be made.
    /// Every channel and CRM must be connected anew.
    ForgetKey,
}

/// The audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Verify the chain of one account, or of all: changed, missing, added and forged entries are
    /// found.
    Verify(trail::Verify),
    /// Print the trail of an account: who did what, and when.
    Show(trail::Show),
}

/// The consent ledger.
#[derive(Debug, Subcommand)]
pub enum ConsentCommand {
    /// Verify the chain of one account, or of all: changed, missing, added and forged consents are
    /// found.
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
                | Self::Payments { .. }
                | Self::Books { .. }
                | Self::Audit(AuditCommand::Show(_))
                | Self::Backup { .. }
                | Self::Retention(_)
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
    match &command {
        Admin::LicenceKey(sell::KeyCommand::New { file }) => return sell::new_key(file),
        Admin::LicenceKey(sell::KeyCommand::Issue { file, account_name, plan, until }) => {
            return sell::issue_key(file, account_name, *plan, *until, clock::now());
        }
        _ => {}
    }
    config.make_data_dir()?;
    config.check_database_file(&environment)?;
    let mut store = Store::open(&config.database()).await?;
    let mut key = String::new();
    if !command.needs_no_key() {
        // The first account of a small installation is made before anything ran: its trail begins
        // with the key `mms up` will use.
        let shape = if config.sqlite_path().is_some() { process::Shape::Alone } else { process::Shape::Apart };
        let sealer = process::sealer(&config, &environment, &store, shape).await;
        let sealer = sealer.with_context(|| p!(tr(), "admin-key-needed"))?;
        key = sign::installation(&sealer).public();
        store = store.sealed_by(&sealer);
    }
    if let Admin::SigningKey = command {
        store.close().await;
        return process::print(&p!(tr(), "admin-signing-key", key = key));
    }
    let held = matches!(command, Admin::Hold);
    let outcome = act(&store, &config, &key, command).await;
    store.close().await;
    if held && outcome.is_ok() {
        return trail::restored(&config, &environment).await;
    }
    outcome
}

async fn act(store: &Store, config: &mms_core::config::Config, key: &str, command: Admin) -> anyhow::Result<()> {
    let now = clock::now();
    match command {
        Admin::Accounts => people::accounts(store, now).await,
        Admin::CreateAccount { name, login, owner, advertiser, zone, region, language } => {
            people::is_new(store, &name).await?;
            let password = ask::new_password(&login)?;
            let new = founding::NewAccount {
                name: &name,
                zone: &zone,
                language: language.into(),
                phone_region: &region,
                advertiser: &advertiser,
                owner_login: &login,
                owner_password: &password,
                owner_name: &owner,
            };
            let founded = founding::create(store, &new, now).await.map_err(refused)?;
            process::print(&p!(tr(), "admin-created", id = founded.account.to_string()))
        }
        Admin::RenameAccount { account, name } => people::rename(store, &account, &name, now).await,
        Admin::DeleteAccount(wanted) => delete::run(store, &wanted, now).await,
        Admin::Members { account } => people::members(store, find::account(store, &account).await?).await,
        Admin::Unlock { account, login } => people::unlock(store, find::account(store, &account).await?, &login, now).await,
        Admin::Sessions { account } => people::sessions(store, find::account(store, &account).await?).await,
        Admin::EndSessions { account, login } => people::end_sessions(store, find::account(store, &account).await?, &login, now).await,
        Admin::Licences { account } => people::licences(store, find::account(store, &account).await?, now).await,
        Admin::IssueLicence { account, plan, until } => people::issue(store, find::account(store, &account).await?, plan, until, now).await,
        Admin::RevokeLicence { account, licence } => people::revoke(store, find::account(store, &account).await?, licence, now).await,
        Admin::Payments { account: Some(account) } => sell::payments(store, find::account(store, &account).await?).await,
        Admin::Payments { account: None } => sell::to_give_back(store).await,
        Admin::Payment(sell::PaymentCommand::Return(wanted)) => sell::give_back(store, &wanted, now).await,
        Admin::Payment(sell::PaymentCommand::Confirm(wanted)) => sell::confirm(store, config, &wanted, now).await,
        Admin::LicenceKey(sell::KeyCommand::Enter { account }) => sell::enter_key(store, config, &account, now).await,
        Admin::Invite { account, role } => people::invite(store, config, find::account(store, &account).await?, role, now).await,
        Admin::ResetPassword { account, login } => {
            people::reset_password(store, config, find::account(store, &account).await?, &login, now).await
        }
        Admin::ResetSecondFactor { account, login } => {
            people::reset_second_factor(store, find::account(store, &account).await?, &login, now).await
        }
        Admin::ImportContacts(wanted) => import::run(store, find::account(store, &wanted.account).await?, &wanted).await,
        Admin::Books { account } => {
            let account = match account {
                Some(account) => Some(find::any(store, &account).await?.id),
                None => None,
            };
            books::check(store, account).await
        }
        Admin::Audit(AuditCommand::Verify(wanted)) => trail::audit(store, config, key, &wanted).await,
        Admin::Consent(ConsentCommand::Verify(wanted)) => trail::consents(store, config, key, &wanted).await,
        Admin::Audit(AuditCommand::Show(wanted)) => trail::show(store, &wanted).await,
        Admin::Backup { file } => {
            store.backup(&file).await?;
            process::print(&p!(tr(), "admin-backed-up", file = file.display().to_string()))
        }
        Admin::Maintenance(wanted) => maintenance::run(store, &wanted, now).await,
        Admin::Agreement(wanted) => agreement::run(store, config, &wanted, now).await,
        Admin::Suspend(wanted) => access::suspend(store, &wanted, now).await,
        Admin::Lift(wanted) => access::lift(store, &wanted, now).await,
        Admin::Feature(wanted) => access::feature(store, &wanted, now).await,
        Admin::Retention(wanted) => retention::run(store, &config.retention, &wanted, now).await,
        Admin::Support(wanted) => support::support(store, &wanted, now).await,
        Admin::Claims(wanted) => support::claims(store, &wanted, now).await,
        Admin::Hold => restore::hold(store, config, now).await,
        Admin::ForgetKey => {
            let (channels, connections) = store.forget_key().await?;
            process::print(&p!(tr(), "admin-key-forgotten", channels = channels, connections = connections))
        }
        // Taken before the database was opened, or without it.
        Admin::Restore { .. } | Admin::LicenceKey(_) | Admin::SigningKey => Ok(()),
    }
}
