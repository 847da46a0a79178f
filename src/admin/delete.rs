//! `mms admin delete-account`: first what would go and what would stay, then, with the account's
//! name said once more, the deletion.

use anyhow::bail;
use mms_bot::p;
use mms_core::{clock::Moment, deletion, store::Store};

use super::find;
use crate::{process::print, words::tr};

/// Contacts after which the person at the server hears how far it is.
const TOLD_EVERY: i64 = 10_000;

/// Whose, and the name that confirms it.
#[derive(Debug, clap::Args)]
pub struct Delete {
    /// The account's id or exact name.
    #[arg(long)]
    account: String,
    /// The account's exact name: without it nothing is deleted, and what would be is shown.
    #[arg(long, value_name = "NAME")]
    confirm: Option<String>,
}

/// Shows, or deletes. An account whose deletion was broken off is deleted to its end.
pub async fn run(store: &Store, wanted: &Delete, now: Moment) -> anyhow::Result<()> {
    let account = find::any(store, &wanted.account).await?;
    let Some(said) = &wanted.confirm else { return show(store, &account).await };
    if *said != account.name {
        bail!(p!(tr(), "admin-delete-wrong-name", name = account.name, said = said));
    }
    let told = std::cell::Cell::new(0);
    let gone = deletion::delete(store, account.id, now, |count| {
        if count / TOLD_EVERY > told.replace(count) / TOLD_EVERY {
            // A closed pipe is no reason to break a deletion off.
            drop(print(&p!(tr(), "admin-delete-running", count = count)));
        }
    })
    .await?;
    print(&p!(tr(), "admin-deleted", name = account.name, contacts = gone.contacts, files = gone.files))
}

async fn show(store: &Store, account: &find::Found) -> anyhow::Result<()> {
    let there = deletion::contents(store, account.id).await?;
    let goes = [
        p!(tr(), "admin-delete-goes-contacts", contacts = there.contacts, conversations = there.conversations),
        p!(tr(), "admin-delete-goes-members", members = there.members, sessions = there.sessions),
        p!(tr(), "admin-delete-goes-channels", channels = there.channels, connections = there.connections),
        p!(tr(), "admin-delete-goes-campaigns", count = there.live_campaigns),
        p!(tr(), "admin-delete-goes-files", count = there.files),
        p!(tr(), "admin-delete-goes-licences"),
    ];
    let stays = [
        p!(tr(), "admin-delete-stays-stops", count = there.suppressions),
        p!(tr(), "admin-delete-stays-consents", count = there.consents),
        p!(tr(), "admin-delete-stays-deliveries", deliveries = there.deliveries, campaigns = there.campaigns),
        p!(tr(), "admin-delete-stays-trail", count = there.entries),
    ];
    let (id, name) = (account.id.to_string(), &account.name);
    print(&p!(tr(), "admin-delete-what", id = &id, name = name, goes = goes.join("\n"), stays = stays.join("\n")))?;
    // As a shell reads it, whatever is in the name.
    let quoted = format!("'{}'", name.replace('\'', r"'\''"));
    print(&p!(tr(), "admin-delete-how", id = id, name = quoted))
}
