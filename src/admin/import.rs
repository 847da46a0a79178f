//! `mms admin import-contacts`: the same import as a file sent to the bot, for files too large for a chat.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, ValueEnum};
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

use crate::process;

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
        bail!("`{}` exists already: name another file by --refused", refused.display());
    }
    let bytes = std::fs::read(&wanted.file).with_context(|| format!("`{}` cannot be read", wanted.file.display()))?;
    let name = wanted.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let began = import::begin(store, &actor, &name, &bytes, clock::now()).await?;
    let outcome = prepared(store, &actor, &began, wanted).await;
    if wanted.dry_run || outcome.is_err() {
        import::cancel(store, &actor, began.id, clock::now()).await?;
    }
    let foreseen = outcome?;
    tell(if wanted.dry_run { "would be" } else { "foreseen" }, &foreseen)?;
    if wanted.dry_run {
        return Ok(());
    }
    import::start(store, &actor, began.id, clock::now()).await?;
    // A worker may hear of it and help: each chunk belongs to whoever takes it.
    import::run::run(store, began.id, &CancellationToken::new()).await?;
    let done = loop {
        let row = import::get(store, account, began.id).await?.context("the import is gone")?;
        match row.state {
            State::Done => break row,
            State::Held => bail!(
                "the import is held, because nothing moved it on ({}): nothing is lost; when the cause is gone, let it go on from its card",
                row.error.unwrap_or_default()
            ),
            State::Failed => bail!("the import failed: {}", row.error.unwrap_or_default()),
            State::Cancelled => bail!("a member gave the import up; what was taken in stays"),
            // A worker is at it, or the last try broke off: it is tried again in a while.
            _ => {
                tokio::time::sleep(Duration::from_millis(500)).await;
                import::run::run(store, began.id, &CancellationToken::new()).await?;
            }
        }
    };
    tell("done", &done.counts.live)?;
    if let Some(id) = done.refused_file_id {
        let content = file::content(store, account, id).await?.context("the file of refused rows is gone")?;
        std::fs::write(&refused, content).with_context(|| format!("`{}` cannot be written", refused.display()))?;
        process::print(&format!("what was left out, with the reasons: `{}`", refused.display()))?;
    }
    Ok(())
}

async fn prepared(store: &Store, actor: &Actor, began: &import::Import, wanted: &Import) -> anyhow::Result<Numbers> {
    if let Some(sheet) = &wanted.sheet {
        let at = began.mapping.sheets.iter().position(|name| name == sheet);
        let at = at.with_context(|| format!("no visible sheet `{sheet}`; there are: {}", began.mapping.sheets.join(", ")))?;
        import::choose_sheet(store, actor, began.id, at, clock::now()).await?;
    }
    if let Some(dates) = wanted.dates {
        import::set_day_order(store, actor, began.id, dates.into(), clock::now()).await?;
    }
    let began = import::get(store, actor.account, began.id).await?.context("the import is gone")?;
    for note in &began.mapping.notes {
        process::print(&format!("note: {note:?}"))?;
    }
    let (columns, header) = (began.mapping.columns.clone(), began.mapping.header);
    for (at, target) in columns.iter().enumerate() {
        let title = if header { began.mapping.titles.get(at).cloned().unwrap_or_default() } else { format!("column {}", at + 1) };
        process::print(&format!("{title}: {}", words(target)))?;
    }
    if !wanted.tags.is_empty() {
        import::set_mapping(store, actor, began.id, columns, header, wanted.tags.clone(), clock::now()).await?;
    }
    import::set_basis(store, actor, began.id, &wanted.origin, wanted.basis.into(), clock::now()).await?;
    Ok(import::run::dry_run(store, actor, began.id, clock::now()).await?)
}

fn words(target: &Target) -> String {
    match target {
        Target::Skip => "left out".to_owned(),
        Target::Phone => "phone".to_owned(),
        Target::Email => "e-mail".to_owned(),
        Target::Name => "full name".to_owned(),
        Target::FirstName => "first name".to_owned(),
        Target::LastName => "last name".to_owned(),
        Target::Patronymic => "patronymic".to_owned(),
        Target::Tags => "tags".to_owned(),
        Target::Field { key } => format!("field `{key}`"),
    }
}

fn tell(what: &str, numbers: &Numbers) -> anyhow::Result<()> {
    process::print(&format!(
        "{what}: {} rows: {} new, {} updated, {} joined, {} refused, {} without something; {} consents",
        numbers.rows,
        numbers.new,
        numbers.updated,
        numbers.joined,
        numbers.refused_rows(),
        numbers.partly,
        numbers.consents
    ))?;
    for (reason, rows) in &numbers.refused {
        process::print(&format!("    refused, {reason}: {rows}"))?;
    }
    for (reason, cells) in &numbers.left_out {
        process::print(&format!("    left out, {reason}: {cells}"))?;
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
        Some(login) => {
            member::by_login(store, account, login).await?.ok_or_else(|| anyhow!("the account has no member with the login `{login}`"))?
        }
        None => {
            let members = member::list(store, account).await?;
            let owner = members.into_iter().find(|member| member.role == Role::Owner && member.disabled_at.is_none());
            owner.context("the account has no owner: name a member by --member")?.id
        }
    };
    let row = member::get(store, account, id).await?.context("the member is gone")?;
    Ok(Actor { account, member: row.id, role: row.role, language: row.language, name: row.name })
}
