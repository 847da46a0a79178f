//! Words by which people come.

use super::*;
use crate::{
    account::{AccountError, Role},
    consent::dossier,
    inbound::keyword::{self, KeywordError, MOST},
};

#[test]
fn no_word_is_a_refusal_a_command_or_an_answer() {
    for (typed, expected) in [
        ("клуб", Ok("клуб")),
        (" «КЛУБ»! ", Ok("клуб")),
        ("Ёлка  2026", Ok("елка 2026")),
        ("хочу в клуб", Ok("хочу в клуб")),
        ("777", Ok("777")),
        ("я", Err("Length")),
        ("!!!", Err("Length")),
        ("🎁🎁", Err("Length")),
        ("", Err("Length")),
        ("раз два три четыре пять шесть", Err("Length")),
        ("словослово словослово словослово словослово", Err("Length")),
        ("/клуб", Err("Command")),
        ("Start", Err("Command")),
        ("help", Err("Command")),
        ("стоп", Err("Refusal")),
        ("СТОООП", Err("Refusal")),
        ("cnjg", Err("Refusal")),
        ("отписаться", Err("Refusal")),
        ("unsubscribe", Err("Refusal")),
        ("не надо", Err("Refusal")),
        ("жазбаңыз", Err("Refusal")),
        ("да", Err("Answer")),
        ("Конечно!", Err("Answer")),
        ("yes", Err("Answer")),
        ("Согласиться", Err("Answer")),
        ("отказаться", Err("Refusal or Answer")),
        ("поделиться номером", Err("Answer")),
    ] {
        match (keyword::check(typed), expected) {
            (Ok(folded), Ok(wanted)) => assert_eq!(folded, wanted, "{typed}"),
            (Err(error), Err(wanted)) => assert!(wanted.contains(&format!("{error:?}")), "{typed}: {error:?}"),
            (got, wanted) => panic!("{typed}: {got:?}, {wanted:?}"),
        }
    }
}

both!(async fn whoever_writes_the_word_is_asked_and_the_ledger_says_by_which(store) {
    let mut w = World::new(store).await;
    let id = keyword::add(&w.store, &w.actor, Some(w.source.channel), "«Клуб»", w.now).await.unwrap();
    w.text("1", "  КЛУБ! ").await;
    assert!(w.last_said().await.body.text.contains("Ромашка"), "{:?}", w.last_said().await);
    let contact = w.contact("1").await.unwrap();
    assert_eq!(w.grades(contact).await, (None, None, false), "a word is no consent yet");
    w.press("1", 0).await;
    w.press("1", 0).await;
    assert_eq!(w.grades(contact).await, (Some(Grade::A), Some(Grade::A), false));
    // Nobody is told: there is nothing to be answered.
    assert!(w.told(NoticeKind::CustomerAnswered).await.is_empty());
    assert_eq!(w.count("select count(*) from conversation where account_id = $1 and waits = true").await, 0);
    let dossier = dossier::dossier(&w.store, w.actor.account, contact, w.now).await.unwrap().unwrap();
    assert_eq!(dossier.entries.len(), 2);
    for entry in &dossier.entries {
        assert_eq!((entry.evidence["tool"].as_str(), entry.evidence["keyword"].as_str()), (Some("keyword"), Some("Клуб")), "{entry:?}");
        assert!(entry.wording_body.is_some());
        let message = entry.evidence["keyword_message"].as_str().unwrap();
        assert_eq!(dossier.words.get(message).map(String::as_str), Some("  КЛУБ! "));
    }
    assert!(dossier.text(Language::Ru, chrono_tz::Europe::Moscow).contains("по слову «Клуб»"));
    // Again, and by somebody who came by the link: the one is greeted, the other is no comer.
    w.text("1", "клуб").await;
    w.agreed("2").await;
    let other = w.contact("2").await.unwrap();
    let plain = dossier::dossier(&w.store, w.actor.account, other, w.now).await.unwrap().unwrap();
    assert!(plain.entries.iter().all(|entry| entry.evidence["tool"].is_null()));
    assert_eq!(keyword::one(&w.store, w.actor.account, id).await.unwrap().unwrap().came, 1);
    // Within a sentence it is talk.
    w.text("1", "когда откроется клуб?").await;
    assert_eq!(w.told(NoticeKind::CustomerAnswered).await.len(), 1);
});

both!(async fn a_word_counts_where_and_while_it_is_on(store) {
    let mut w = World::new(store).await;
    let other = channel(&w.store, w.actor.account, w.now).await;
    let id = keyword::add(&w.store, &w.actor, Some(other), "клуб", w.now).await.unwrap();
    let asked = "select count(*) from outgoing where account_id = $1";
    w.text("1", "клуб").await;
    assert_eq!(w.count(asked).await, 0, "it is another channel's");
    keyword::place(&w.store, &w.actor, id, None, w.now).await.unwrap();
    w.text("1", "клуб").await;
    assert_eq!(w.count(asked).await, 1);
    keyword::switch(&w.store, &w.actor, id, false, w.now).await.unwrap();
    w.text("2", "клуб").await;
    assert_eq!(w.count(asked).await, 1);
    keyword::switch(&w.store, &w.actor, id, true, w.now).await.unwrap();
    w.text("2", "клуб").await;
    assert_eq!(w.count(asked).await, 2);
    assert_eq!(keyword::list(&w.store, w.actor.account).await.unwrap()[0].came, 2);
    // One of a kind in a company, whatever its case; another company has its own.
    assert!(matches!(keyword::add(&w.store, &w.actor, Some(w.source.channel), "КЛУБ!", w.now).await, Err(KeywordError::Taken)));
    let stranger = fixture::actor(&w.store).await;
    assert_eq!(keyword::list(&w.store, stranger.account).await.unwrap(), []);
    assert!(keyword::switch(&w.store, &stranger, id, false, w.now).await.is_err());
    assert!(keyword::place(&w.store, &stranger, id, None, w.now).await.is_err());
    assert!(matches!(keyword::add(&w.store, &stranger, Some(other), "другое", w.now).await, Err(KeywordError::Account(AccountError::NotFound))));
    keyword::add(&w.store, &stranger, None, "клуб", w.now).await.unwrap();
    for role in [Role::Viewer, Role::Approver] {
        let viewer = Actor { role, ..w.actor.clone() };
        assert!(keyword::add(&w.store, &viewer, None, "осень", w.now).await.is_err());
        assert!(keyword::switch(&w.store, &viewer, id, false, w.now).await.is_err());
    }
    let trail = audit::entries(&w.store, w.actor.account, 0, 100).await.unwrap();
    let done: Vec<&str> = trail.iter().map(|entry| entry.action.as_str()).filter(|action| action.starts_with("keyword.")).collect();
    assert_eq!(done, ["keyword.add", "keyword.place", "keyword.off", "keyword.on"]);
    for n in 1..MOST {
        keyword::add(&w.store, &w.actor, None, &format!("осень {n}"), w.now).await.unwrap();
    }
    assert!(matches!(keyword::add(&w.store, &w.actor, None, "ещё одно", w.now).await, Err(KeywordError::TooMany)));
});

both!(async fn whoever_said_stop_comes_back_by_a_new_yes_alone(store) {
    let mut w = World::new(store).await;
    keyword::add(&w.store, &w.actor, None, "клуб", w.now).await.unwrap();
    let contact = w.agreed("1").await;
    w.text("1", "стоп").await;
    assert!(w.grades(contact).await.2);
    w.text("1", "клуб").await;
    assert_eq!((w.grades(contact).await.1, w.grades(contact).await.2), (None, true), "they are asked, no more");
    w.press("1", 0).await;
    assert_eq!((w.grades(contact).await.1, w.grades(contact).await.2), (Some(Grade::A), false));
    // A word that became a refusal is a refusal: it was put into the table by another hand.
    let sql = "update keyword set word = 'стоп', folded = 'стоп' where account_id = $1";
    on!(w.store.once(), |c| sqlx::query(sql).bind(w.actor.account).execute(c).await.map(|_| ())).unwrap();
    w.text("1", "стоп").await;
    assert!(w.grades(contact).await.2);
});
