//! People who come, agree, stop and come back, and how their contact is found.

use super::*;

both!(async fn a_person_comes_agrees_stops_and_comes_back(store) {
    let mut w = World::new(store).await;
    let after = w.happens("77", EventKind::Started(None)).await;
    assert!(after.deliver);
    let anna = w.contact("77").await.expect("a contact is made");
    assert_eq!(w.grades(anna).await, (None, None, false));
    // Personal data first, then advertising.
    let after = w.press("77", 0).await;
    assert_eq!(after.presses.iter().map(|press| press.words.as_str()).collect::<Vec<_>>(), ["Записали"]);
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, false));
    w.press("77", 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    let dossier = crate::consent::dossier::dossier(&w.store, w.actor.account, anna, w.now).await.unwrap().unwrap();
    assert!(dossier.entries.iter().all(|e| e.wording_version == Some(1) && e.evidence["message"].is_string() && e.grade == Grade::A));
    // The buttons of what was answered go.
    assert_eq!(after.answered, [Answered { to: "77".to_owned(), message_ref: format!("77:{}", w.next - 1) }]);
    // «Стоп» works at once and is confirmed once.
    let said = w.count("select count(*) from outgoing where account_id = $1").await;
    w.text("77", "Стооп!!").await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
    w.text("77", "стоп").await;
    assert_eq!(w.count("select count(*) from outgoing where account_id = $1").await, said + 1);
    let kept = "select count(*) from chat_message where account_id = $1 and stop = 'text' and handled_at is not null";
    assert_eq!(w.count(kept).await, 2, "the words are there for whoever reads the conversation");
    assert_eq!(w.count("select count(*) from chat_message where account_id = $1 and stop is null").await, 0, "and ask for no answer");
    assert_eq!(w.count("select count(*) from conversation where account_id = $1").await, 0, "nor do they begin a conversation");
    // Back: /start and a new yes.
    w.happens("77", EventKind::Started(None)).await;
    assert!(w.grades(anna).await.2);
    w.press("77", 0).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), Some(Grade::A), false));
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 0);
    assert!(audit::verify(&w.store, w.actor.account).await.unwrap().is_ok());
});

both!(async fn an_old_yes_does_not_undo_a_stop(store) {
    let mut w = World::new(store).await;
    w.happens("77", EventKind::Started(None)).await;
    w.press("77", 0).await;
    let question = w.last_said().await;
    let anna = w.contact("77").await.unwrap();
    w.happens("77", EventKind::Press { data: OPT_OUT_CALLBACK.to_owned(), query_id: "q".to_owned(), label: String::new() }).await;
    let ButtonAction::Callback(data) = question.buttons[0][0].action.clone() else { panic!("not a question") };
    w.happens("77", EventKind::Press { data, query_id: "q2".to_owned(), label: String::new() }).await;
    assert_eq!(w.grades(anna).await, (Some(Grade::A), None, true));
    // A wording that never was, and any other data: outdated.
    for data in ["c:m:y:ru99:1", "x"] {
        let after = w.happens("77", EventKind::Press { data: data.to_owned(), query_id: "q3".to_owned(), label: String::new() }).await;
        assert_eq!(said_to_press(&after), [("q3", "Эта кнопка устарела. Нажмите /start")]);
    }
});

// Whom the messenger did not name at first, because it was asked in vain, it names later.
both!(async fn a_name_that_was_not_told_is_learnt_later_and_none_is_overwritten(store) {
    let mut w = World::new(store).await;
    let name = async |w: &World| {
        let names: Vec<String> = on!(w.store.read(), |c| sqlx::query_scalar("select name from contact").fetch_all(c).await).unwrap();
        names
    };
    for (first, expected) in [("", ""), ("Анна", "Анна"), ("Вера", "Анна")] {
        w.now += TimeDelta::seconds(1);
        let row = w.raw().await;
        let profile = Profile { first_name: first.to_owned(), ..Profile::default() };
        let kind = EventKind::Text { body: "Здравствуйте".to_owned(), reply_to: None };
        let event = Event { profile, ..w.event("77", kind) };
        handle(&w.store, &w.source, &row, &[event], w.now).await.unwrap();
        assert_eq!(name(&w).await, [expected]);
    }
});

// Where an id is the same person everywhere, a second sender of the company meets nobody new; whom
// two contacts have, people tell apart.
both!(async fn a_person_of_a_worldwide_id_is_the_same_at_two_senders(store) {
    let mut w = World::new(store).await;
    w.source.global_ids = true;
    w.happens("77", EventKind::Started(None)).await;
    let anna = w.contact("77").await.unwrap();
    for (text, same) in [("Здравствуйте", true), ("И вам", false)] {
        let channel = channel(&w.store, w.actor.account, w.now).await;
        w.source = ChannelSource { channel, scope: channel, global_ids: same, ..w.source.clone() };
        w.text("77", text).await;
        assert_eq!(w.contact("77").await == Some(anna), same, "{text}");
    }
    w.source.global_ids = true;
    assert_eq!(w.count("select count(*) from address where account_id = $1 and value = '77'").await, 3);
    let channel = channel(&w.store, w.actor.account, w.now).await;
    w.source = ChannelSource { channel, scope: channel, ..w.source.clone() };
    w.text("77", "Кто я?").await;
    let (here, contacts) = (w.contact("77").await.unwrap(), "select count(*) from contact where account_id = $1 and deleted_at is null");
    assert!(here != anna && w.count(contacts).await == 3, "two have it");
});

both!(async fn strangers_who_stop_or_block_are_remembered(store) {
    let mut w = World::new(store).await;
    w.happens("88", EventKind::Blocked).await;
    w.text("99", "отпишите меня").await;
    assert!(w.contact("88").await.is_none() && w.contact("99").await.is_none());
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 2);
    // One comes as a person: still out until a new yes.
    w.happens("99", EventKind::Started(None)).await;
    assert!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null and value = '99'").await == 1);
    w.press("99", 0).await;
    w.press("99", 0).await;
    assert!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null and value = '99'").await == 0);
    // Whoever unblocks us may be written to.
    w.happens("88", EventKind::Unblocked).await;
    assert_eq!(w.count("select count(*) from suppression where account_id = $1 and lifted_at is null").await, 0);
});

both!(async fn a_link_or_a_phone_finds_the_contact(store) {
    let mut w = World::new(store).await;
    let linked = w.known("+79990000001").await;
    let mut tx = w.store.begin().await.unwrap();
    let token = contact::link::create(&mut tx, w.actor.account, w.source.channel, linked, w.now).await.unwrap();
    tx.commit().await.unwrap();
    w.happens("77", EventKind::Started(Some(token.clone()))).await;
    assert_eq!(w.contact("77").await, Some(linked));
    // Used up: whoever got it forwarded is somebody else.
    w.happens("78", EventKind::Started(Some(token))).await;
    assert_ne!(w.contact("78").await, Some(linked));
    // A chat made by this bot moves to the owner of the phone, with what was agreed and said in it.
    let owner = w.known("+79990000002").await;
    w.happens("79", EventKind::Started(None)).await;
    w.press("79", 0).await;
    w.press("79", 0).await;
    w.text("79", "Здравствуйте").await;
    let was = w.contact("79").await.unwrap();
    w.happens("79", EventKind::Phone { number: "79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("79").await, Some(owner));
    assert_eq!(w.grades(owner).await, (Some(Grade::A), Some(Grade::A), false));
    let gone: Option<Moment> = on!(w.store.read(), |c| sqlx::query_scalar("select deleted_at from contact where id = $1").bind(was).fetch_one(c).await).unwrap();
    assert!(gone.is_some());
    let moved: i64 = on!(w.store.read(), |c| sqlx::query_scalar("select count(*) from chat_message where contact_id = $1").bind(owner).fetch_one(c).await).unwrap();
    assert_eq!(moved, 1);
    // A known contact's chat never moves: somebody shares a phone that is another's.
    w.happens("77", EventKind::Phone { number: "+79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("77").await, Some(linked));
    // A phone nobody has becomes theirs.
    w.happens("80", EventKind::Phone { number: "79990000003".to_owned(), own: true }).await;
    let phone = contact::resolve(&w.store, w.actor.account, contact::PHONE, "+79990000003", crate::id::ANY_CHANNEL).await.unwrap();
    assert_eq!(phone, w.contact("80").await);
    assert!(phone.is_some());
});

// Where nothing proves a number, whoever says another's is not taken for them: they would read what
// is written to that customer, and their «стоп» would silence that customer everywhere.
both!(async fn a_number_that_nothing_proves_joins_no_two_people(store) {
    let mut w = World::new(store).await;
    let owner = w.known("+79990000002").await;
    let claims = |number: &str| EventKind::PhoneClaimed { number: number.to_owned() };
    w.happens("79", EventKind::Started(None)).await;
    w.happens("79", claims("79990000002")).await;
    assert_ne!(w.contact("79").await, Some(owner));
    let of = contact::resolve(&w.store, w.actor.account, contact::PHONE, "+79990000002", crate::id::ANY_CHANNEL).await.unwrap();
    assert_eq!(of, Some(owner));
    w.text("79", "стоп").await;
    assert_eq!(w.grades(owner).await, (None, None, false));
    // A number that nobody has is noted.
    w.happens("80", EventKind::Started(None)).await;
    w.happens("80", claims("79990000003")).await;
    let phone = contact::resolve(&w.store, w.actor.account, contact::PHONE, "+79990000003", crate::id::ANY_CHANNEL).await.unwrap();
    assert_eq!(phone, w.contact("80").await);
});

both!(async fn a_stop_moves_with_the_chat(store) {
    let mut w = World::new(store).await;
    let owner = w.known("+79990000002").await;
    w.happens("79", EventKind::Started(None)).await;
    w.text("79", "стоп").await;
    w.happens("79", EventKind::Phone { number: "79990000002".to_owned(), own: true }).await;
    assert_eq!(w.contact("79").await, Some(owner));
    assert_eq!(w.grades(owner).await, (None, None, true));
});

// A form is no consent; who opens our chat by its link gives both.
both!(async fn a_form_counts_once_its_writer_opens_the_chat(store) {
    use crate::consent::form::{self, Filled, FormError};

    let mut w = World::new(store).await;
    let (account, channel, store) = (w.actor.account, w.source.channel, w.store.clone());
    for purpose in crate::consent::Purpose::ALL {
        crate::consent::wording::set(&w.store, &w.actor, purpose, Language::Ru, "Согласны ли вы?", w.now).await.unwrap();
    }
    let words = form::words(&w.store, account, Language::Ru).await.unwrap().expect("the account has words");
    let filled = Filled { name: "Вера".to_owned(), phone: "8 916 123-45-67".to_owned(), data: true, ads: true };
    let submit = async |filled: &Filled, now| form::submit(&store, (account, channel), &words, filled, "RU", now).await;
    assert!(matches!(submit(&Filled { data: false, ..filled.clone() }, w.now).await, Err(FormError::NotAgreed)));
    assert!(matches!(submit(&Filled { name: "  ".to_owned(), ..filled.clone() }, w.now).await, Err(FormError::Name)));
    assert!(matches!(submit(&Filled { phone: "12".to_owned(), ..filled.clone() }, w.now).await, Err(FormError::Phone(_))));
    let both = submit(&filled, w.now).await.unwrap();
    let data_alone = submit(&Filled { ads: false, ..filled.clone() }, w.now).await.unwrap();
    let old = submit(&filled, w.now - form::LIFE).await.unwrap();
    assert_eq!(w.count("select count(*) from consent where account_id = $1").await, 0);

    w.happens("301", EventKind::Started(Some(both.clone()))).await;
    let vera = w.contact("301").await.expect("she came");
    assert_eq!(w.grades(vera).await, (Some(Grade::A), Some(Grade::A), false));
    let card = contact::card::card(&w.store, account, vera).await.unwrap().unwrap();
    assert_eq!((card.contact.name.as_str(), card.addresses.len()), ("Вера", 1));
    // The link is used up, one tick is one consent, and an old form is none.
    for (chat, token, expected) in [("302", both, (None, None, false)), ("303", data_alone, (Some(Grade::A), None, false)), ("304", old, (None, None, false))] {
        w.happens(chat, EventKind::Started(Some(token))).await;
        let contact = w.contact(chat).await.expect("they came");
        assert_eq!(w.grades(contact).await, expected, "{chat}");
    }
    // Nobody is brought back by a form they filled before they said stop.
    let again = submit(&filled, w.now).await.unwrap();
    w.text("301", "стоп").await;
    w.happens("301", EventKind::Started(Some(again))).await;
    assert!(w.grades(vera).await.2, "a stop is taken back by an answer in the chat alone");
});
