//! Doubts: asked once, held until answered, and how they end.

use super::*;
use crate::consent::{doubt, refusal};

/// Words the recogniser is not sure of.
pub(super) fn doubtful() -> &'static str {
    let unsure = |words: &&str| refusal::recognise(words) == refusal::Answer::Doubt;
    ["не интересно", "отстань", "не хочу"].into_iter().find(unsure).expect("the recogniser doubts one of these")
}

impl World {
    /// Presses a button under the last message by its place.
    async fn press_at(&mut self, chat: &str, row: usize, column: usize) -> super::super::Aftermath {
        let message = self.last_said().await;
        let ButtonAction::Callback(data) = message.buttons[row][column].action.clone() else { panic!("not a question: {message:?}") };
        self.happens(chat, EventKind::Press { data, query_id: format!("q{}", self.next), label: String::new() }).await
    }
}

both!(async fn a_doubt_is_asked_once_and_stays_until_it_is_answered(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    let said = async |w: &World| w.count("select count(*) from outgoing where account_id = $1").await;
    let before = said(&w).await;
    w.text("77", doubtful()).await;
    let question = w.last_said().await;
    assert_eq!(question.body.text, "Отписать вас от рассылки?");
    assert_eq!(question.buttons[0].iter().map(|button| button.text.as_str()).collect::<Vec<_>>(), ["Да", "Нет"]);
    w.text("77", doubtful()).await;
    assert_eq!(said(&w).await, before + 1, "once a doubt, not once a message");
    let told: Vec<i32> = w.told(NoticeKind::CustomerDoubt).await.iter().map(|one| one.times).collect();
    assert_eq!(told.len(), 1, "one notice a conversation: {told:?}");
    assert!(w.told(NoticeKind::CustomerAnswered).await.is_empty());
    let open = doubt::current(&w.store, w.actor.account, anna).await.unwrap().expect("an open doubt");
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false), "nothing is taken back yet");
    // A member cannot lift it without saying why, nor can somebody of another company.
    assert!(matches!(doubt::lift(&w.store, &w.actor, anna, " ", w.now).await, Err(doubt::LiftError::Reason)));
    let viewer = Actor { role: crate::account::Role::Viewer, ..w.actor.clone() };
    assert!(doubt::lift(&w.store, &viewer, anna, "Спросили по телефону", w.now).await.is_err());
    let stranger = fixture::actor(&w.store).await;
    assert!(doubt::lift(&w.store, &stranger, anna, "Спросили по телефону", w.now).await.is_err());
    // «Нет»: all stays as it was.
    let ButtonAction::Callback(no) = question.buttons[0][1].action.clone() else { panic!("not a button") };
    w.happens("77", EventKind::Press { data: no.clone(), query_id: "n".to_owned(), label: String::new() }).await;
    assert!(doubt::current(&w.store, w.actor.account, anna).await.unwrap().is_none());
    let past = doubt::all(&w.store, w.actor.account, anna).await.unwrap();
    assert_eq!((past.len(), past[0].id, past[0].outcome), (1, open.id, Some(doubt::Outcome::No)));
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    // A new doubt is a new question; «Да» is an opt-out with its evidence; the old «Нет» undoes
    // nothing.
    w.text("77", doubtful()).await;
    assert_eq!(said(&w).await, before + 3);
    w.press_at("77", 0, 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
    let after = w.happens("77", EventKind::Press { data: no, query_id: "n2".to_owned(), label: String::new() }).await;
    assert_eq!(said_to_press(&after), [("n2", "Вы уже отписаны")]);
    assert!(w.grades(anna).await.2);
    let dossier = crate::consent::dossier::dossier(&w.store, w.actor.account, anna, w.now).await.unwrap().unwrap();
    assert_eq!(dossier.entries.last().unwrap().evidence["how"], "question");
    let text = dossier.text(Language::Ru, chrono_tz::UTC);
    assert!(text.contains("Сомнение") && text.contains("ответ «Нет»"), "{text}");
});

both!(async fn a_doubt_ends_by_a_clear_stop_or_a_members_reason(store) {
    let mut w = World::new(store).await;
    let anna = w.agreed("77").await;
    w.text("77", doubtful()).await;
    w.text("77", "стоп").await;
    assert!(doubt::current(&w.store, w.actor.account, anna).await.unwrap().is_none());
    assert!(w.grades(anna).await.2);
    let lena = w.agreed("78").await;
    w.text("78", doubtful()).await;
    doubt::lift(&w.store, &w.actor, lena, "Позвонили: новости нужны", w.now).await.unwrap();
    let past = doubt::all(&w.store, w.actor.account, lena).await.unwrap();
    assert_eq!((past[0].outcome, past[0].reason.as_deref()), (Some(doubt::Outcome::Lifted), Some("Позвонили: новости нужны")));
    assert!(audit::verify(&w.store, w.actor.account).await.unwrap().is_ok());
});

// A company with two bots knows a person twice, by one chat: what was asked in the first bot did
// not hold advertising through the second.
both!(async fn a_doubt_holds_whoever_writes_from_the_same_chat_to_another_bot(store) {
    let mut w = World::new(store).await;
    let first = w.source.clone();
    let channel = channel(&w.store, w.actor.account, w.now).await;
    let second = ChannelSource { channel, scope: channel, ..first.clone() };
    let open = async |w: &World, contact| doubt::current(&w.store, w.actor.account, contact).await.unwrap().is_some();
    let anna = w.agreed("77").await;
    w.source = second.clone();
    let (twin, other) = (w.agreed("77").await, w.agreed("78").await);
    assert_ne!(anna, twin);
    w.source = first.clone();
    w.text("77", doubtful()).await;
    let ButtonAction::Callback(no) = w.last_said().await.buttons[0][1].action.clone() else { panic!("not a button") };
    assert_eq!((open(&w, anna).await, open(&w, twin).await, open(&w, other).await), (true, true, false));
    // In the second bot nothing was asked, so a bare «нет» there answers something else.
    w.source = second;
    w.text("77", "нет").await;
    assert_eq!((open(&w, anna).await, open(&w, twin).await), (true, true));
    w.source = first;
    w.happens("77", EventKind::Press { data: no, query_id: "n".to_owned(), label: String::new() }).await;
    assert_eq!((open(&w, anna).await, open(&w, twin).await), (false, false));
});
