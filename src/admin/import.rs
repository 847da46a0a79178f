//! `mms admin import-contacts`: the same import as a file sent to the bot, for files too large for
//! a chat.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use mms_bot::{p, screens::imports::told};
use mms_core::{
    account::{Actor, Role, member},
    clock,
    contact::{
        import::{self, Basis, Numbers, State, mapping::Target},
        value::DayOrder,
    },
    id::AccountId,
    store::{Store, file},
};
use tokio_util::sync::CancellationToken;

use super::find;
use crate::{process, words::tr};

/// By what right, on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum BasisName {
    /// Every person of the file signed a consent (grade B).
    SignedDocument,
    /// The owner says they consented (grade D).
    OwnerStatement,
    /// None: no consent is recorded, advertising does not reach them.
    NoConsent,
}

/// The order of a date, on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum DatesName {
    /// The 5th of June.
    DayFirst,
    /// The 6th of May.
    MonthFirst,
}

impl From<DatesName> for DayOrder {
    fn from(name: DatesName) -> Self {
        match name {
            DatesName::DayFirst => Self::DayFirst,
            DatesName::MonthFirst => Self::MonthFirst,
        }
    }
}

impl From<BasisName> for Basis {
    fn from(name: BasisName) -> Self {
        match name {
            BasisName::SignedDocument => Self::SignedDocument,
            BasisName::OwnerStatement => Self::OwnerStatement,
            BasisName::NoConsent => Self::NoConsent,
        }
    }
}

/// What is imported and how.
#[derive(Debug, Args)]
pub struct Import {
    /// The account's id or exact name.
    #[arg(long)]
    pub account: String,
    /// The CSV, XLSX or vCard file; columns are known by their headings.
    #[arg(long)]
    pub file: PathBuf,
    /// By what right the company has the data.
    #[arg(long, value_enum)]
    pub basis: BasisName,
    /// Where the data come from, in words; kept with every consent.
    #[arg(long)]
    pub origin: String,
    /// A tag for every contact of the file; may be repeated.
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// The login of the member in whose name it is done; the first owner's if absent.
    #[arg(long)]
    pub member: Option<String>,
    /// What 05/06/2026 means, where the file does not tell.
    #[arg(long, value_enum)]
    pub dates: Option<DatesName>,
    /// The sheet of a workbook; the first visible one with anything in it if absent.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Where rows of which something was left out are written, with the reasons;
    /// `<file>.refused.xlsx` if absent.
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
    /// Show the numbers and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Imports, and says what became of the rows.
pub async fn run(store: &Store, account: AccountId, wanted: &Import) -> anyhow::Result<()> {
    let actor = actor(store, account, wanted.member.as_deref()).await?;
    let refused = wanted.refused.clone().unwrap_or_else(|| beside(&wanted.file));
    if !wanted.dry_run && refused.exists() {
        bail!(p!(tr(), "admin-import-refused-exists", file = refused.display().to_string()));
    }
    let bytes =
        std::fs::read(&wanted.file).with_context(|| p!(tr(), "admin-import-unreadable", file = wanted.file.display().to_string()))?;
    let name = wanted.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let began = import::begin(store, &actor, &name, &bytes, clock::now()).await?;
    let outcome = prepared(store, &actor, &began, wanted).await;
    if wanted.dry_run || outcome.is_err() {
        import::cancel(store, &actor, began.id, clock::now()).await?;
    }
    let foreseen = outcome?;
    let numbers = numbers(&foreseen);
    if wanted.dry_run {
        process::print(&p!(tr(), "admin-import-would-be", numbers = numbers))?;
        return reasons(&foreseen);
    }
    process::print(&p!(tr(), "admin-import-foreseen", numbers = numbers))?;
    reasons(&foreseen)?;
    import::start(store, &actor, began.id, clock::now()).await?;
    // A worker may hear of it and help: each chunk belongs to whoever takes it.
    import::run::run(store, began.id, &CancellationToken::new()).await?;
    let done = loop {
        let row = import::get(store, account, began.id).await?.with_context(|| p!(tr(), "admin-import-gone"))?;
        match row.state {
            State::Done => break row,
            State::Held => bail!(p!(tr(), "admin-import-held", why = row.error.unwrap_or_default())),
            State::Failed => bail!(p!(tr(), "admin-import-failed", why = row.error.unwrap_or_default())),
            State::Cancelled => bail!(p!(tr(), "admin-import-cancelled")),
            // A worker is at it, or the last try broke off: it is tried again in a while.
            _ => {
                tokio::time::sleep(Duration::from_millis(500)).await;
                import::run::run(store, began.id, &CancellationToken::new()).await?;
            }
        }
    };
    process::print(&p!(tr(), "admin-import-done", numbers = self::numbers(&done.counts.live)))?;
    reasons(&done.counts.live)?;
    if let Some(id) = done.refused_file_id {
        let content = file::content(store, account, id).await?.with_context(|| p!(tr(), "admin-import-file-gone"))?;
        std::fs::write(&refused, content).with_context(|| p!(tr(), "admin-import-unwritable", file = refused.display().to_string()))?;
        process::print(&p!(tr(), "admin-import-left-out", file = refused.display().to_string()))?;
    }
    Ok(())
}

async fn prepared(store: &Store, actor: &Actor, began: &import::Import, wanted: &Import) -> anyhow::Result<Numbers> {
    if let Some(sheet) = &wanted.sheet {
        let at = began.mapping.sheets.iter().position(|name| name == sheet);
        let at = at.with_context(|| p!(tr(), "admin-import-no-sheet", sheet = sheet, sheets = began.mapping.sheets.join(", ")))?;
        import::choose_sheet(store, actor, began.id, at, clock::now()).await?;
    }
    if let Some(dates) = wanted.dates {
        import::set_day_order(store, actor, began.id, dates.into(), clock::now()).await?;
    }
    let began = import::get(store, actor.account, began.id).await?.with_context(|| p!(tr(), "admin-import-gone"))?;
    for note in &began.mapping.told() {
        process::print(&p!(tr(), "admin-import-note", note = told::note_plain(tr(), note)))?;
    }
    let (columns, header) = (began.mapping.columns.clone(), began.mapping.header);
    for (at, target) in columns.iter().enumerate() {
        let title = began.mapping.titles.get(at).filter(|_| header).cloned();
        let title = title.unwrap_or_else(|| p!(tr(), "admin-import-column-number", number = at + 1));
        process::print(&p!(tr(), "admin-import-column", title = title, to = words(target)))?;
    }
    if !wanted.tags.is_empty() {
        import::set_mapping(store, actor, began.id, columns, header, wanted.tags.clone(), clock::now()).await?;
    }
    import::set_basis(store, actor, began.id, &wanted.origin, wanted.basis.into(), clock::now()).await?;
    Ok(import::run::dry_run(store, actor, began.id, clock::now()).await?)
}

fn words(target: &Target) -> String {
    match target {
        Target::Skip => p!(tr(), "admin-import-to-skip"),
        Target::Phone => p!(tr(), "admin-import-to-phone"),
        Target::Email => p!(tr(), "admin-import-to-email"),
        Target::Name => p!(tr(), "admin-import-to-name"),
        Target::FirstName => p!(tr(), "admin-import-to-first-name"),
        Target::LastName => p!(tr(), "admin-import-to-last-name"),
        Target::Patronymic => p!(tr(), "admin-import-to-patronymic"),
        Target::Tags => p!(tr(), "admin-import-to-tags"),
        Target::Field { key } => p!(tr(), "admin-import-to-field", key = key),
    }
}

fn numbers(numbers: &Numbers) -> String {
    p!(
        tr(),
        "admin-import-numbers",
        rows = numbers.rows,
        new = numbers.new,
        updated = numbers.updated,
        joined = numbers.joined,
        refused = numbers.refused_rows(),
        partly = numbers.partly,
        consents = numbers.consents
    )
}

fn reasons(numbers: &Numbers) -> anyhow::Result<()> {
    for (code, rows) in &numbers.refused {
        process::print(&p!(tr(), "admin-import-refused-line", reason = told::reason(tr(), code), count = *rows))?;
    }
    for (code, cells) in &numbers.left_out {
        process::print(&p!(tr(), "admin-import-left-out-line", reason = told::reason(tr(), code), count = *cells))?;
    }
    Ok(())
}

fn beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".refused.xlsx");
    PathBuf::from(path)
}

/// The member in whose name the import is done: the ledger and the trail name a person.
async fn actor(store: &Store, account: AccountId, login: Option<&str>) -> anyhow::Result<Actor> {
    let id = match login {
        Some(login) => find::member(store, account, login).await?,
        None => {
            let members = member::list(store, account).await?;
            let owner = members.into_iter().find(|member| member.role == Role::Owner && member.disabled_at.is_none());
            owner.with_context(|| p!(tr(), "admin-import-no-owner"))?.id
        }
    };
    let row = member::get(store, account, id).await?.with_context(|| p!(tr(), "admin-import-member-gone"))?;
    Ok(Actor { account, member: row.id, role: row.role, language: row.language, name: row.name })
}
