//! From the launch to the books.

use std::{collections::BTreeSet, time::Duration};

use anyhow::{Context as _, ensure};
use mms_core::{
    campaign::{self, State, view},
    clock,
    delivery::{books, stats},
    id::{CampaignId, ConnectionId},
};

use super::{Names, Words, before::wait, wrong};
use crate::demo::{
    Stage,
    cast::{self, Cast},
};

/// Customers who leave in the middle, and how.
pub struct Out {
    campaign: CampaignId,
    /// By text, by the button.
    users: BTreeSet<i64>,
    /// By blocking the bot: no word about being written to elsewhere, so the CRM gets a note and no
    /// flag.
    blocked: usize,
    /// Who got the campaign.
    sent: usize,
}

async fn newest(stage: &Stage, cast: &Cast) -> anyhow::Result<CampaignId> {
    let listed = view::list(&stage.store, cast.owner.account, None, 1).await?;
    Ok(listed.first().context("there is no campaign")?.0.id)
}

/// Watches the campaign run; some customers say stop, one asks a question that Anna answers.
pub async fn watch(stage: &Stage, cast: &Cast, words: Words, planned: u64) -> anyhow::Result<Out> {
    stage.say("8. Рассылка идёт в темпе Telegram; клиенты отвечают.", "8. The campaign runs at Telegram's pace; customers answer.")?;
    let id = newest(stage, cast).await?;
    let account = cast.owner.account;
    let bot = cast.shop_bot;
    let mut out = Out { campaign: id, users: BTreeSet::new(), blocked: 0, sent: 0 };
    let ad = |text: &str| text.contains("🌷");
    let got = || -> Vec<i64> { stage.sandbox.ledger().counts(bot, |entry| ad(&entry.text)).into_keys().collect() };
    let mut asked = false;
    let mut said = 0;
    let began = std::time::Instant::now();
    loop {
        let stats = stats::stats(&stage.store, account, id, clock::now()).await?;
        let sent = u64::try_from(stats.numbers.sent)?;
        if sent >= said + 120 {
            said = sent;
            stage.say(
                &format!("   {sent} из {planned}, {:.0} в секунду", stats.rate),
                &format!("   {sent} of {planned}, {:.0} a second", stats.rate),
            )?;
        }
        if out.users.is_empty() && sent > 60 {
            // Four who got it leave by words, three by the button; two who have not got it yet
            // leave by words, two by blocking.
            let have = got();
            for user in have.iter().rev().take(4) {
                stage.sandbox.send_text(bot, *user, "Стоп!").map_err(wrong)?;
                out.users.insert(*user);
            }
            for user in have.iter().rev().skip(4).take(3) {
                let message = stage.sandbox.last(bot, *user).context("the message is there")?;
                let button = message.buttons.iter().flatten().next_back().context("the button is there")?.text.clone();
                stage.sandbox.press_text(bot, *user, &button).map_err(wrong)?;
                out.users.insert(*user);
            }
            let waiting: Vec<i64> = (0..600)
                .rev()
                .map(|n| cast::FIRST_CUSTOMER + n)
                .filter(|user| !have.contains(user) && stage.sandbox.chat(bot, *user).started)
                .take(4)
                .collect();
            for (n, user) in waiting.iter().enumerate() {
                if n < 2 {
                    stage.sandbox.send_text(bot, *user, "/stop").map_err(wrong)?;
                    out.users.insert(*user);
                } else {
                    stage.sandbox.block(bot, *user).map_err(wrong)?;
                    out.blocked += 1;
                }
            }
        }
        if !asked && sent > 200 {
            asked = true;
            let user = cast::FIRST_CUSTOMER;
            stage.sandbox.send_text(bot, user, "А белые пионы есть?").map_err(wrong)?;
            cast.anna.see("А белые пионы есть?").await.map_err(wrong)?;
            cast.anna.tap(&words.of("inbox-reply"), "").await.map_err(wrong)?;
            cast.anna.say("Да, привезли сегодня утром!", "").await.map_err(wrong)?;
            stage.sandbox.phone(bot, user).see("Да, привезли сегодня утром!").await.map_err(wrong)?;
            stage.say(
                "   Клиент спросил: «А белые пионы есть?» Анна ответила из своего чата.",
                "   A customer asked a question; Anna answered it from her own chat.",
            )?;
        }
        let state = campaign::get(&stage.store, account, id).await?.state;
        if state.over() {
            ensure!(state == State::Finished, "the campaign ended as {state:?}");
            out.sent = usize::try_from(sent)?;
            break;
        }
        ensure!(began.elapsed() < Duration::from_secs(120), "the campaign did not end within two minutes");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stage.say(
        &format!(
            "   Готово за {} с. «Стоп», кнопка отписки и блокировка: {} человек.",
            began.elapsed().as_secs(),
            out.users.len() + out.blocked
        ),
        &format!(
            "   Done in {} s. Left by a word, by the button, by blocking: {} people.",
            began.elapsed().as_secs(),
            out.users.len() + out.blocked
        ),
    )?;
    Ok(out)
}

/// The books balance, and the ledger of Telegram agrees with them.
pub async fn books(stage: &Stage, cast: &Cast, names: &Names, planned: u64, out: &Out) -> anyhow::Result<()> {
    let account = cast.owner.account;
    let books = books::books(&stage.store, account, out.campaign).await?;
    ensure!(books.balanced(), "the books do not balance: {books:?}");
    let numbers = stats::stats(&stage.store, account, out.campaign, clock::now()).await?.numbers;
    let received = stage.sandbox.ledger().counts(cast.shop_bot, |entry| entry.text.contains("🌷"));
    let twice = received.values().filter(|count| **count > 1).count();
    ensure!(twice == 0, "{twice} people got it twice");
    ensure!(received.len() as i64 == numbers.sent, "{} arrived, the books say {}", received.len(), numbers.sent);
    ensure!(u64::try_from(numbers.planned)? == planned, "{planned} were confirmed, {} planned", numbers.planned);
    let refused: Vec<_> =
        stage.sandbox.ledger().refusals().into_iter().filter(|refusal| refusal.bot == cast.shop_bot && refusal.code == 429).collect();
    ensure!(refused.is_empty(), "Telegram had to say «too fast» {} times: {:?}", refused.len(), refused.first());
    stage.say(
        &format!(
            "9. Книги сходятся: аудитория {} = намечено {} + пропущено {}; намечено {} = отправлено {} + отменено {} + прочее {}. Дважды не получил никто, у Telegram в журнале ровно {}.",
            numbers.audience,
            numbers.planned,
            books.left_out,
            numbers.planned,
            numbers.sent,
            numbers.cancelled,
            numbers.planned - numbers.sent - numbers.cancelled,
            received.len()
        ),
        &format!(
            "9. The books balance: audience {} = planned {} + left out {}; planned {} = sent {} + cancelled {} + other {}. Nobody got it twice; Telegram's ledger holds exactly {}.",
            numbers.audience,
            numbers.planned,
            books.left_out,
            numbers.planned,
            numbers.sent,
            numbers.cancelled,
            numbers.planned - numbers.sent - numbers.cancelled,
            received.len()
        ),
    )?;
    cast.anna.see(names.campaign).await.map_err(wrong)?;
    Ok(())
}

/// Notes and flags are in the CRM.
pub async fn crm(stage: &Stage, _connection: ConnectionId, out: &Out) -> anyhow::Result<()> {
    let flagged = || {
        stage
            .amo
            .contact_ids()
            .into_iter()
            .filter_map(|id| stage.amo.contact(id))
            .filter(|contact| contact.tags.iter().any(|tag| tag == "opt-out"))
            .count()
    };
    let wanted = out.users.len();
    let found = wait(Duration::from_secs(60), || async { (flagged() >= wanted).then(flagged) }).await;
    let found = found.with_context(|| format!("{} of {wanted} opt-outs reached the CRM within a minute", flagged()))?;
    ensure!(found == wanted, "{found} contacts are flagged in the CRM, {wanted} people left");
    // A note for everybody who got the campaign, one for every opt-out and one for every block.
    let notes = || -> usize { stage.amo.contact_ids().into_iter().map(|id| stage.amo.notes_of(id).len()).sum() };
    let expected = out.sent + wanted + out.blocked;
    let notes = wait(Duration::from_secs(90), || async { (notes() >= expected).then(notes) })
        .await
        .with_context(|| format!("{} of {expected} notes reached the CRM", notes()))?;
    stage.say(
        &format!("10. В amoCRM: отметка «не писать» у {found} контактов, примечаний о рассылке и отписках — {notes}."),
        &format!("10. In amoCRM: {found} contacts are flagged as opted out; notes of the campaign and of opt-outs: {notes}."),
    )
}
