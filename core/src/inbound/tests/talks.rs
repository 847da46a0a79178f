//! Whose a conversation is, who waits longest, saved answers, search, and files both ways.

use super::*;
use crate::{
    account::{AccountError, Role, feature},
    channel::{Attached, FileKind},
    id::MemberId,
    inbound::{quick, search, talk},
};

fn media(caption: &str, reference: &str) -> EventKind {
    let file = Attached {
        kind: FileKind::Photo,
        reference: reference.to_owned(),
        name: String::new(),
        mime: "image/jpeg".to_owned(),
        size: Some(3),
    };
    EventKind::Media { what: "photo".to_owned(), caption: caption.to_owned(), file: Some(file), reply_to: None }
}

async fn colleague(w: &World, name: &str, role: Role) -> Actor {
    let id = MemberId::new();
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("insert into member (id, account_id, login, password_hash, name, role, language, created_at) values ($1, $2, $3, '', $4, $5, 'ru', $6)")
        .bind(id).bind(w.actor.account).bind(id.to_string()).bind(name).bind(role).bind(w.now).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    Actor { member: id, role, name: name.to_owned(), ..w.actor.clone() }
}

async fn signs_in(w: &World, member: MemberId) {
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(
        "insert into session (id, account_id, member_id, telegram_user_id, created_at, last_seen_at) values ($1, $2, $3, $4, $5, $5)"
    )
    .bind(uuid::Uuid::now_v7())
    .bind(w.actor.account)
    .bind(member)
    .bind(77_001_i64)
    .bind(w.now)
    .execute(c)
    .await
    .map(|_| ()))
    .unwrap();
    tx.commit().await.unwrap();
}

async fn names(w: &World, limit: i64, offset: i64) -> Vec<String> {
    let list = inbox::conversations(&w.store, w.actor.account, limit, offset).await.unwrap();
    list.into_iter().map(|one| format!("{}{}", if one.waits() { "" } else { "✓" }, one.body)).collect()
}

// The newest came first, and who had waited for two days was on the last page.
both!(async fn who_waits_longest_comes_first(store) {
    let mut w = World::new(store).await;
    for chat in ["71", "72", "73"] {
        w.text(chat, &format!("первое {chat}")).await;
    }
    // More words do not put anybody back in the queue; an answer does.
    w.text("71", "ещё 71").await;
    assert_eq!(names(&w, 10, 0).await, ["ещё 71", "первое 72", "первое 73"]);
    let list = inbox::conversations(&w.store, w.actor.account, 10, 0).await.unwrap();
    assert!(list[0].since < list[0].at, "shown since when: {list:?}");
    let anna = w.contact("71").await.unwrap();
    let last = inbox::thread(&w.store, w.actor.account, anna, 1).await.unwrap()[0].id;
    assert!(inbox::set_handled(&w.store, &w.actor, anna, last, true, w.now).await.unwrap());
    assert_eq!(names(&w, 10, 0).await, ["первое 72", "первое 73", "✓ещё 71"]);
    w.text("71", "снова 71").await;
    assert_eq!(names(&w, 10, 0).await, ["первое 72", "первое 73", "снова 71"]);
    // What came after the mark waits since it came.
    let lena = w.contact("72").await.unwrap();
    let seen = inbox::thread(&w.store, w.actor.account, lena, 1).await.unwrap()[0].id;
    w.text("72", "второе 72").await;
    assert!(inbox::set_handled(&w.store, &w.actor, lena, seen, true, w.now).await.unwrap());
    assert_eq!(names(&w, 10, 0).await, ["первое 73", "снова 71", "второе 72"]);
    // Page by page it is one list.
    assert!(inbox::set_handled(&w.store, &w.actor, anna, i64::MAX, true, w.now).await.unwrap());
    let mut pages = names(&w, 2, 0).await;
    pages.extend(names(&w, 2, 2).await);
    assert_eq!(pages, ["первое 73", "второе 72", "✓снова 71"]);
});

both!(async fn a_stop_is_read_in_the_conversation_and_asks_for_nothing(store) {
    let mut w = World::new(store).await;
    w.text("71", "Сколько стоит?").await;
    w.text("71", "Стоп!").await;
    let anna = w.contact("71").await.unwrap();
    let said = inbox::thread(&w.store, w.actor.account, anna, 10).await.unwrap();
    let shown: Vec<_> = said.iter().map(|one| (one.body.as_str(), one.stop.as_deref(), one.waits())).collect();
    assert_eq!(shown, [("Сколько стоит?", None, true), ("Стоп!", Some("text"), false)]);
    assert_eq!(names(&w, 10, 0).await, ["Сколько стоит?"], "the question goes on waiting");
    let refused = reply(&w.store, &w.actor, anna, None, Rich::plain("1 000 ₽"), "1", w.now).await;
    assert!(matches!(refused, Err(reply::ReplyError::NoLicence | reply::ReplyError::OptedOut)), "a stop is no new word: {refused:?}");
    // A message that was kept as a question and changed into a stop waits no more.
    w.text("72", "Можно").await;
    let message = format!("72:{}", w.next);
    w.edits("72", &message, EventKind::Edited(Box::new(EventKind::Text { body: "стоп".to_owned(), reply_to: None }))).await;
    assert_eq!(names(&w, 10, 0).await, ["Сколько стоит?", "✓стоп"]);
    assert_eq!(inbox::counts(&w.store, w.actor.account).await.unwrap().waiting, 1);
});

// Notices of customers came while nobody could open the conversation.
both!(async fn while_conversations_are_off_only_a_possible_refusal_is_told(store) {
    let mut w = World::new(store).await;
    let put = async |w: &World, off: Option<&str>| {
        let mut tx = w.store.begin().await.unwrap();
        feature::put(&mut tx, w.actor.account, feature::INBOX, off, w.now).await.unwrap();
        tx.commit().await.unwrap();
    };
    put(&w, Some("Письмо № 5")).await;
    w.text("71", "Сколько стоит?").await;
    assert!(w.told(NoticeKind::CustomerAnswered).await.is_empty());
    // It is kept all the same.
    assert_eq!(names(&w, 10, 0).await, ["Сколько стоит?"]);
    w.agreed("77").await;
    w.text("77", super::doubts::doubtful()).await;
    assert_eq!(w.told(NoticeKind::CustomerDoubt).await.len(), 1);
    assert!(w.told(NoticeKind::CustomerAnswered).await.is_empty());
    put(&w, None).await;
    w.text("71", "Ау?").await;
    assert_eq!(w.told(NoticeKind::CustomerAnswered).await.len(), 1);
});

both!(async fn a_conversation_is_somebodys_and_told_to_them(store) {
    let mut w = World::new(store).await;
    let (ivan, viewer) = (colleague(&w, "Иван", Role::Manager).await, colleague(&w, "Пётр", Role::Viewer).await);
    w.text("71", "Где заказ?").await;
    let anna = w.contact("71").await.unwrap();
    let now = w.now;
    let refused = async |to: MemberId| talk::assign(&w.store, &w.actor, anna, Some(to), now).await;
    assert!(matches!(refused(viewer.member).await, Err(AccountError::NotFound)), "a viewer answers nobody");
    let stranger = fixture::actor(&w.store).await;
    assert!(refused(stranger.member).await.is_err() && talk::assign(&w.store, &stranger, anna, Some(stranger.member), now).await.is_err());
    assert!(matches!(talk::assign(&w.store, &viewer, anna, None, now).await, Err(AccountError::Forbidden(_))));

    talk::assign(&w.store, &w.actor, anna, Some(ivan.member), now).await.unwrap();
    let standing = talk::standing(&w.store, &w.actor, anna).await.unwrap();
    assert_eq!((standing.assigned_to, standing.assigned.as_deref(), standing.muted), (Some(ivan.member), Some("Иван"), false));
    assert_eq!(inbox::conversations(&w.store, w.actor.account, 1, 0).await.unwrap()[0].assigned.as_deref(), Some("Иван"));
    let told = w.told(NoticeKind::TalkAssigned).await;
    assert_eq!((told.len(), told[0].member_id), (1, Some(ivan.member)));
    // Ivan is signed in nowhere: everybody hears of the customer. Then he alone does.
    w.text("71", "Ау").await;
    assert_eq!(w.told(NoticeKind::CustomerAnswered).await[0].member_id, None);
    signs_in(&w, ivan.member).await;
    w.text("71", "Ау?").await;
    assert_eq!(w.told(NoticeKind::CustomerAnswered).await[0].member_id, Some(ivan.member));

    // Who muted it is left out, but not of a possible refusal.
    talk::assign(&w.store, &w.actor, anna, None, w.now).await.unwrap();
    talk::mute(&w.store, &w.actor, anna, true, w.now).await.unwrap();
    talk::mute(&w.store, &w.actor, anna, true, w.now).await.unwrap();
    assert!(talk::standing(&w.store, &w.actor, anna).await.unwrap().muted);
    assert!(!talk::standing(&w.store, &ivan, anna).await.unwrap().muted, "everybody for themselves");
    w.text("71", "Вы тут?").await;
    let answered = w.told(NoticeKind::CustomerAnswered).await.remove(0);
    assert!(!answered.is_for(w.actor.member) && answered.is_for(ivan.member), "{answered:?}");
    talk::mute(&w.store, &w.actor, anna, false, w.now).await.unwrap();
    w.text("71", "Где же заказ?").await;
    assert!(w.told(NoticeKind::CustomerAnswered).await[0].is_for(w.actor.member));

    // Nothing of it stays of a deleted person.
    talk::mute(&w.store, &w.actor, anna, true, w.now).await.unwrap();
    contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();
    assert_eq!(w.count("select count(*) from conversation_mute where account_id = $1").await, 0);
    assert_eq!(w.count("select count(*) from notice where account_id = $1 and kind = 'conversation.assigned' and cast(payload as text) <> '{}'").await, 0);
});

both!(async fn answers_are_saved_changed_and_forgotten(store) {
    let w = World::new(store).await;
    let stranger = fixture::actor(&w.store).await;
    let id = quick::add(&w.store, &w.actor, Rich::plain("  Мы открыты с 9 до 21  "), w.now).await.unwrap();
    assert!(matches!(quick::add(&w.store, &w.actor, Rich::plain(" "), w.now).await, Err(quick::QuickError::Length)));
    assert!(matches!(quick::add(&w.store, &w.actor, Rich::plain("x".repeat(4_097)), w.now).await, Err(quick::QuickError::Length)));
    assert!(quick::change(&w.store, &stranger, id, Rich::plain("чужое"), w.now).await.is_err());
    assert!(quick::remove(&w.store, &stranger, id, w.now).await.is_err());
    assert_eq!(quick::list(&w.store, w.actor.account).await.unwrap()[0].body.text, "Мы открыты с 9 до 21");
    quick::change(&w.store, &w.actor, id, Rich::plain("Мы открыты"), w.now).await.unwrap();
    for n in 1..quick::MOST {
        quick::add(&w.store, &w.actor, Rich::plain(format!("ответ {n}")), w.now).await.unwrap();
    }
    assert!(matches!(quick::add(&w.store, &w.actor, Rich::plain("лишний"), w.now).await, Err(quick::QuickError::TooMany)));
    quick::remove(&w.store, &w.actor, id, w.now).await.unwrap();
    let left = quick::list(&w.store, w.actor.account).await.unwrap();
    assert_eq!((left.len(), left[0].body.text.as_str()), (quick::MOST - 1, "ответ 1"));
    assert!(quick::list(&w.store, stranger.account).await.unwrap().is_empty());
});

both!(async fn a_conversation_is_found_by_the_person_and_by_what_was_said(store) {
    let mut w = World::new(store).await;
    w.text("71", "Ёлки большие ещё есть?").await;
    w.text("72", "Пионы привезут?").await;
    w.text("72", "А ёлки?").await;
    let (anna, lena) = (w.contact("71").await.unwrap(), w.contact("72").await.unwrap());
    let found = async |typed: &'static str| -> Vec<ContactId> {
        let found = search::search(&w.store, w.actor.account, "RU", typed, 10).await.unwrap();
        found.into_iter().map(|one| one.contact).collect()
    };
    assert_eq!(found("елки").await, [lena, anna], "the newest first, whatever the case and the ё");
    assert_eq!(found("есть БОЛЬШИЕ").await, [anna], "all the words, in any order");
    assert_eq!(found("розы").await, []);
    assert_eq!(found("  ").await, []);
    assert_eq!(found("анна").await.len(), 2, "by the name");
    crate::contact::by_hand::add(&w.store, &w.actor, "Анна Немая +7 916 123-45-67", "RU", w.now).await.unwrap();
    assert_eq!(found("анна").await.len(), 2, "who never wrote has no conversation");
    let other = fixture::actor(&w.store).await.account;
    assert!(search::search(&w.store, other, "RU", "ёлки", 10).await.unwrap().is_empty());
});

both!(async fn files_are_kept_by_their_reference_and_replies_carry_them(store) {
    let mut w = World::new(store).await;
    let account = w.actor.account;
    licence::issue(&w.store, account, licence::PlanCode::START, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    w.happens("71", media("Такой?", "AgAC-1")).await;
    let anna = w.contact("71").await.unwrap();
    let said = inbox::thread(&w.store, account, anna, 10).await.unwrap();
    assert_eq!((said[0].body.as_str(), said[0].file_kind), ("[photo] Такой?", Some(FileKind::Photo)));
    let file = inbox::file(&w.store, account, said[0].id).await.unwrap().expect("a file");
    assert_eq!((file.reference.as_deref(), file.size, file.channel_id), (Some("AgAC-1"), Some(3), w.source.channel));
    let stranger = fixture::actor(&w.store).await.account;
    assert_eq!(inbox::file(&w.store, stranger, said[0].id).await.unwrap(), None);
    // Another picture in the same message is the one that is shown.
    let message = format!("71:{}", w.next);
    w.edits("71", &message, EventKind::Edited(Box::new(media("Такой?", "AgAC-2")))).await;
    assert_eq!(inbox::file(&w.store, account, said[0].id).await.unwrap().unwrap().reference.as_deref(), Some("AgAC-2"));

    // What the messenger would refuse is said at once; it is another one for a moment.
    let becomes = async |w: &World, kind: &str| {
        for sql in ["update channel set kind = $2 where account_id = $1", "update address set kind = $2 where account_id = $1"] {
            let mut tx = w.store.begin().await.unwrap();
            on!(tx.conn(), |c| sqlx::query(sql).bind(account).bind(kind).execute(c).await.map(|_| ())).unwrap();
            tx.commit().await.unwrap();
        }
    };
    becomes(&w, "max").await;
    let long = Rich::plain("ж".repeat(4_001));
    let refused = reply::reply(&w.store, &w.actor, anna, None, long, "long", w.now).await;
    assert!(matches!(refused, Err(reply::ReplyError::Length(4_000))), "{refused:?}");
    becomes(&w, "viber").await;
    let under = (Rich::plain("цены"), inbound_file(FileKind::Document, b"pdf"));
    let refused = reply::reply_with(&w.store, &w.actor, anna, None, under, "under", w.now).await;
    assert!(matches!(refused, Err(reply::ReplyError::Caption(0))), "{refused:?}");
    becomes(&w, "telegram").await;

    let new = |kind, content: &[u8]| inbound_file(kind, content);
    let send = async |w: &World, body: &str, file, key: &str| reply::reply_with(&w.store, &w.actor, anna, None, (Rich::plain(body), file), key, w.now).await;
    assert!(matches!(send(&w, "", new(FileKind::Photo, b""), "1").await, Err(reply::ReplyError::File(FileKind::Photo, _))));
    assert!(matches!(send(&w, &"ж".repeat(1_025), new(FileKind::Photo, b"png"), "1").await, Err(reply::ReplyError::Caption(1_024))));
    for _ in 0..2 {
        send(&w, "Вот", new(FileKind::Photo, b"png"), "1").await.unwrap();
    }
    send(&w, "слова, которых под стикером не бывает", new(FileKind::Sticker, b"webp"), "2").await.unwrap();
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1 and file_id is not null").await, 2, "each once");
    assert_eq!(w.count("select count(*) from file where account_id = $1").await, 2);
    let said = inbox::thread(&w.store, account, anna, 10).await.unwrap();
    assert_eq!(said.iter().map(|one| one.body.as_str()).collect::<Vec<_>>(), ["[photo] Такой?", "[photo] Вот", "[sticker]"]);
    let ours = inbox::file(&w.store, account, said[1].id).await.unwrap().expect("ours");
    assert!(ours.reference.is_none() && ours.kept.is_some());

    // What is forgotten, or deleted with the person, leaves neither bytes nor a reference.
    let set = "update outgoing set state = 'sent' where account_id = $1";
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query(set).bind(account).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    contact::delete_by_member(&w.store, &w.actor, anna, w.now).await.unwrap();
    assert_eq!(w.count("select count(*) from file where account_id = $1 and size > 0").await, 0);
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and (file_ref is not null or file_name is not null)").await, 0);
});

both!(async fn files_of_replies_are_forgotten_with_their_words(store) {
    use crate::store::retention;
    let mut w = World::new(store).await;
    let account = w.actor.account;
    licence::issue(&w.store, account, licence::PlanCode::START, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    w.happens("71", media("", "AgAC-1")).await;
    let anna = w.contact("71").await.unwrap();
    reply::reply_with(&w.store, &w.actor, anna, None, (Rich::default(), inbound_file(FileKind::Photo, b"png")), "1", w.now).await.unwrap();
    let forget = async |w: &World, at: Moment| {
        for rule in retention::RULES {
            while rule.portion(&w.store, &retention::Days::default(), at).await.unwrap() {}
        }
        w.count("select count(*) from file where account_id = $1 and size > 0").await
    };
    assert_eq!(forget(&w, w.now + TimeDelta::days(100)).await, 1, "what waits to be sent stays");
    let mut tx = w.store.begin().await.unwrap();
    on!(tx.conn(), |c| sqlx::query("update outgoing set state = 'sent' where account_id = $1").bind(account).execute(c).await.map(|_| ())).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(forget(&w, w.now + TimeDelta::days(80)).await, 1);
    assert_eq!(forget(&w, w.now + TimeDelta::days(100)).await, 0);
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and file_ref is not null").await, 1);
    forget(&w, w.now + TimeDelta::days(1_100)).await;
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and file_ref is not null").await, 0);
});

fn inbound_file(kind: FileKind, content: &[u8]) -> reply::ReplyFile {
    reply::ReplyFile { kind, name: "файл".to_owned(), mime: "image/png".to_owned(), content: content.to_vec() }
}

both!(async fn a_bank_does_not_answer_through_a_foreign_messenger(store) {
    use crate::law::{Category, Country, profile};
    let mut w = World::new(store).await;
    let account = w.actor.account;
    licence::issue(&w.store, account, licence::PlanCode::START, w.now, w.now + TimeDelta::days(30), w.now).await.unwrap();
    w.text("71", "Когда откроетесь?").await;
    let anna = w.contact("71").await.unwrap();
    let answer = async |key: &'static str| reply::reply(&w.store, &w.actor, anna, None, Rich::plain("В девять"), key, w.now).await;
    profile::say(&w.store, &w.actor, Country::Ru, Some(Category::Bank), w.now).await.unwrap();
    let refused = answer("1").await;
    assert!(matches!(refused, Err(reply::ReplyError::Barred(_))), "{refused:?}");
    profile::say(&w.store, &w.actor, Country::Ru, Some(Category::Other), w.now).await.unwrap();
    answer("1").await.expect("a shop answers");
});
