//! `mms admin support` and `mms admin claims`: the licensor's side of both.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};
use mms_bot::p;
use mms_core::{
    agreement::{
        claims::{self, ClaimError},
        support::{self, LONGEST, Side, SupportError},
    },
    clock::Moment,
    store::{Store, file},
};

use super::find;
use crate::{
    process::print,
    words::{minute, refused, tr},
};

/// A ticket.
#[derive(Debug, Args)]
pub struct Which {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// The ticket's number.
    #[arg(long, value_name = "N")]
    number: i64,
}

/// Tickets of companies.
#[derive(Debug, Subcommand)]
pub enum Support {
    /// List the tickets that are not closed, of every company.
    List,
    /// Show a ticket with its messages.
    Show {
        #[command(flatten)]
        which: Which,
        /// Write its pictures and files into this folder.
        #[arg(long, value_name = "FOLDER")]
        save: Option<PathBuf>,
    },
    /// Answer a ticket; whoever opened it reads it in the chat.
    Answer {
        #[command(flatten)]
        which: Which,
        /// The answer.
        #[arg(long)]
        text: String,
    },
    /// Close a ticket.
    Close {
        #[command(flatten)]
        which: Which,
    },
}

/// Claims of companies against the licensor.
#[derive(Debug, Subcommand)]
pub enum Claims {
    /// List the claims of a company.
    List {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
    },
    /// Answer a company's claim against the licensor; its owners are told.
    Answer {
        /// The account's id or exact name.
        #[arg(long)]
        account: String,
        /// The claim's number.
        #[arg(long, value_name = "N")]
        number: i64,
        /// The answer.
        #[arg(long)]
        text: String,
    },
}

/// Tickets.
pub async fn support(store: &Store, wanted: &Support, now: Moment) -> anyhow::Result<()> {
    match wanted {
        Support::List => list(store, now).await,
        Support::Show { which, save } => show(store, which, save.as_deref()).await,
        Support::Answer { which, text } => {
            let account = find::account(store, &which.account).await?;
            support::answer(store, account, which.number, text, now).await.map_err(said)?;
            print(&p!(tr(), "admin-support-answered", number = which.number))
        }
        Support::Close { which } => {
            let account = find::account(store, &which.account).await?;
            support::close(store, mms_core::account::By::Admin(account), which.number, now).await.map_err(said)?;
            print(&p!(tr(), "admin-support-closed", number = which.number))
        }
    }
}

async fn list(store: &Store, now: Moment) -> anyhow::Result<()> {
    let mut found = 0;
    for account in find::all(store).await?.into_iter().filter(|account| account.deleted_at.is_none()) {
        for one in support::list(store, account.id).await?.into_iter().filter(|one| one.state != support::State::Closed) {
            found += 1;
            let state: &str = one.state.into();
            let first: String = one.first.chars().take(80).collect();
            let first = first.replace('\n', " ");
            let due = match one.due_at {
                Some(due) if due <= now => p!(tr(), "admin-support-overdue", at = minute(due)),
                Some(due) => p!(tr(), "admin-support-due", at = minute(due)),
                None => String::new(),
            };
            let name = &account.name;
            print(&p!(tr(), "admin-support-line", account = name, number = one.number, state = state, due = due, words = first))?;
        }
    }
    if found == 0 { print(&p!(tr(), "admin-support-none")) } else { Ok(()) }
}

async fn show(store: &Store, which: &Which, save: Option<&std::path::Path>) -> anyhow::Result<()> {
    let account = find::account(store, &which.account).await?;
    let ticket = support::list(store, account).await?.into_iter().find(|one| one.number == which.number);
    let ticket = ticket.ok_or_else(|| anyhow!(p!(tr(), "admin-support-absent")))?;
    for (at, one) in support::thread(store, account, ticket.id).await?.into_iter().enumerate() {
        let who = match (one.side, one.member) {
            (Side::Licensor, _) => p!(tr(), "admin-support-licensor"),
            (Side::Company, name) => name.unwrap_or_default(),
        };
        print(&p!(tr(), "admin-support-message", at = minute(one.created_at), who = who, body = one.body))?;
        let (Some(id), Some(folder)) = (one.file_id, save) else { continue };
        let (info, content) = (file::info(store, account, id).await?, file::content(store, account, id).await?);
        if let (Some(info), Some(content)) = (info, content) {
            // The name is a stranger's: its ending alone is taken, of letters and digits.
            let ending = info.name.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
            let ending: String = ending.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
            let path = folder.join(format!("ticket-{}-{}.{ending}", ticket.number, at + 1));
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
            std::fs::write(&path, content).with_context(|| path.display().to_string())?;
            print(&p!(tr(), "admin-agreement-written", path = path.display().to_string()))?;
        }
    }
    Ok(())
}

/// Claims.
pub async fn claims(store: &Store, wanted: &Claims, now: Moment) -> anyhow::Result<()> {
    match wanted {
        Claims::List { account } => {
            let account = find::account(store, account).await?;
            let all = claims::list(store, account).await?;
            if all.is_empty() {
                return print(&p!(tr(), "admin-claims-none"));
            }
            for one in all {
                let (direction, state): (&str, &str) = (one.direction.into(), one.state.into());
                let subject = one.subject.replace('\n', " ");
                let due = minute(one.due_at);
                print(&p!(
                    tr(),
                    "admin-claims-line",
                    number = one.number,
                    direction = direction,
                    state = state,
                    due = due,
                    subject = subject
                ))?;
            }
            Ok(())
        }
        Claims::Answer { account, number, text } => {
            let account = find::account(store, account).await?;
            let done = claims::answer(store, mms_core::account::By::Admin(account), *number, text, now).await;
            done.map_err(|error| match error {
                ClaimError::Length(most) => anyhow!(p!(tr(), "admin-support-length", max = most)),
                ClaimError::Absent => anyhow!(p!(tr(), "admin-claims-absent")),
                ClaimError::Day(error) => error.into(),
                ClaimError::Account(error) => refused(error),
            })?;
            print(&p!(tr(), "admin-claims-answered", number = *number))
        }
    }
}

fn said(error: SupportError) -> anyhow::Error {
    match error {
        SupportError::Length => anyhow!(p!(tr(), "admin-support-length", max = LONGEST)),
        SupportError::Absent => anyhow!(p!(tr(), "admin-support-absent")),
        SupportError::Account(error) => refused(error),
    }
}
