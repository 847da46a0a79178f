//! Alarms by e-mail, beside the chat: for members who proved an address, wherever Telegram is cut.

use std::time::Duration;

use mms_core::{
    account::settings,
    clock::Moment,
    id::AccountId,
    mail::{self, Mail, NewMail, mailbox},
    notice::{Notice, NoticeKind, Priority},
    smtp::{MailError, Mailer},
    text::{Rich, clean_to},
};
use tokio_util::sync::CancellationToken;

use super::{concerns, told_again};
use crate::{frame::deps::Deps, i18n::Tr, p};

/// How often it is looked whether something is to be mailed.
const BEAT: Duration = Duration::from_secs(2);
/// Mails of one look.
const SOME: i64 = 50;
/// The longest line that says what it is about, characters.
const SUBJECT: usize = 90;

/// Queues the alarms among these notices for everybody whom they concern and who proved an address;
/// one that is queued is not queued again.
///
/// # Errors
/// The database's.
pub(super) async fn queue(deps: &Deps, account: AccountId, due: &[Notice], now: Moment) -> sqlx::Result<()> {
    if deps.settings.mailer.is_none() {
        return Ok(());
    }
    let alarm = |notice: &&Notice| notice.kind().map(NoticeKind::priority) == Some(Priority::Alarm);
    let alarms: Vec<&Notice> = due.iter().filter(alarm).collect();
    if alarms.is_empty() {
        return Ok(());
    }
    let reaches = mailbox::reachable(&deps.store, account).await?;
    if reaches.is_empty() {
        return Ok(());
    }
    let Some(of) = settings::get(&deps.store, account).await? else { return Ok(()) };
    for notice in alarms {
        let Some(kind) = notice.kind() else { continue };
        for reach in &reaches {
            let may = notice.member_id.is_some() || concerns(kind).admits(Some(reach.role));
            let dedupe_key = format!("notice:{}:{}:{}", notice.id, notice.times, reach.member_id);
            if !may || !notice.is_for(reach.member_id) || mail::is_there(&deps.store, account, &dedupe_key).await? {
                continue;
            }
            let tr = Tr::new(reach.language, of.tz());
            let (subject, body) = words(tr, &of.name, deps.bot.standing().username(), notice);
            let mail = NewMail { account, member: reach.member_id, address: reach.address.clone(), subject, body, dedupe_key };
            let mut tx = deps.store.begin().await?;
            mail::enqueue(&mut tx, &mail, now).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// What a mail says of a notice: the chat's words without its marks.
fn words(tr: Tr, company: &str, bot: &str, notice: &Notice) -> (String, String) {
    let html = told_again(tr, notice, 0).html;
    let text = Rich::from_html(&html).map_or(html, |rich| rich.text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let subject = p!(tr, "mailbox-alarm-subject", company = company, what = clean_to(first, SUBJECT));
    // Nobody knows the bot's name while Telegram is cut since the start.
    let open = if bot.is_empty() { String::new() } else { p!(tr, "mailbox-alarm-open", bot = bot) };
    (subject, p!(tr, "mailbox-alarm-body", text = text.trim(), company = company, open = open))
}

/// Mails what is due until `stop`, if there is a mail server.
///
/// # Errors
/// None by itself.
pub async fn run(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    let Some(mailer) = deps.settings.mailer.clone() else {
        stop.cancelled().await;
        return Ok(());
    };
    while stop.run_until_cancelled(tokio::time::sleep(BEAT)).await.is_some() {
        let turn = async {
            for mail in mail::due(&deps.store, deps.now(), SOME).await? {
                one(&deps, &mailer, &mail).await?;
            }
            Ok::<(), sqlx::Error>(())
        };
        // A mail under way is ended by a stop: its repeat has the same name, and shows once.
        if let Some(Err(error)) = stop.run_until_cancelled(turn).await {
            tracing::warn!(%error, "mails were not looked for, trying again");
        }
    }
    Ok(())
}

async fn one(deps: &Deps, mailer: &Mailer, mail: &Mail) -> sqlx::Result<()> {
    let went = mailer.send(&mail.letter()).await;
    let now = deps.now();
    match went {
        Ok(()) => mail::sent(&deps.store, mail, now).await,
        Err(MailError::Never(why)) => {
            tracing::warn!(error = %why, "the mail server refuses a mail, it is given up");
            mail::given_up(&deps.store, mail, &why, now).await
        }
        Err(MailError::Later(why)) => match deps.settings.notice_retry.due(mail.attempt + 1, 0.0, now) {
            Some(due) => mail::later(&deps.store, mail, &why, due).await,
            None => {
                tracing::warn!(error = %why, "a mail did not go for long, it is given up");
                mail::given_up(&deps.store, mail, &why, now).await
            }
        },
    }
}
