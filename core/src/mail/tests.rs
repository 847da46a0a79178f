//! Mailboxes are proved before anything is mailed there; what is mailed is mailed once a key.

use chrono::TimeDelta;

use super::{
    mailbox::{self, CODE_MINUTES, CODES_A_DAY, Mailbox, MailboxError, TRIES},
    *,
};
use crate::{account::Actor, both, clock, contact::fixture, store::audit};

struct Told(std::sync::Mutex<String>);

impl Told {
    fn new() -> Self {
        Self(std::sync::Mutex::new(String::new()))
    }

    /// Asks for a code, which this then knows.
    async fn ask(&self, store: &Store, actor: &Actor, typed: &str, now: Moment) -> Result<String, MailboxError> {
        let write = |code: &str| {
            code.clone_into(&mut self.0.lock().unwrap());
            (format!("Код {code}"), format!("Введите {code}"))
        };
        mailbox::ask(store, actor, typed, write, now).await
    }

    fn code(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn wrong(&self) -> String {
        let code: u32 = self.code().parse().unwrap();
        format!("{:06}", (code + 1) % 1_000_000)
    }
}

both!(async fn an_address_is_proved_by_a_code_before_anything_is_mailed_there(store) {
    let (actor, now, told) = (fixture::actor(&store).await, clock::now(), Told::new());
    assert_eq!(mailbox::of(&store, &actor).await.unwrap(), None);
    assert!(matches!(told.ask(&store, &actor, "anna", now).await, Err(MailboxError::NoAddress)));
    assert!(matches!(mailbox::confirm(&store, &actor, "123456", now).await, Err(MailboxError::NoCode)));
    let address = told.ask(&store, &actor, " Anna@Example.com ", now).await.unwrap();
    let waits = Some(Mailbox { address: address.clone(), confirmed: false });
    assert_eq!(mailbox::of(&store, &actor).await.unwrap(), waits);
    assert!(mailbox::reachable(&store, actor.account).await.unwrap().is_empty(), "it may be a stranger's");

    // The code alone went, and its words stand in the queue until it did.
    let due = due(&store, now, 10).await.unwrap();
    let [mail] = &due[..] else { panic!("one mail: {due:?}") };
    assert!(mail.address == address && mail.body.contains(&told.code()));
    sent(&store, mail, now).await.unwrap();
    assert!(super::due(&store, now + TimeDelta::days(9), 10).await.unwrap().is_empty());

    let wrong = mailbox::confirm(&store, &actor, &told.wrong(), now).await;
    assert!(matches!(wrong, Err(MailboxError::Wrong { left }) if left == TRIES - 1), "{wrong:?}");
    let spaced = format!(" {} {}", &told.code()[..3], &told.code()[3..]);
    mailbox::confirm(&store, &actor, &spaced, now).await.unwrap();
    let reachable = mailbox::reachable(&store, actor.account).await.unwrap();
    assert_eq!(reachable.iter().map(|reach| (reach.member_id, reach.address.as_str())).collect::<Vec<_>>(), [(actor.member, address.as_str())]);
    assert!(matches!(mailbox::confirm(&store, &actor, &told.code(), now).await, Err(MailboxError::NoCode)), "a code works once");

    // Another address is proved anew.
    told.ask(&store, &actor, "anna@example.org", now).await.unwrap();
    assert!(mailbox::reachable(&store, actor.account).await.unwrap().is_empty());
    mailbox::remove(&store, &actor, now).await.unwrap();
    assert_eq!(mailbox::of(&store, &actor).await.unwrap(), None);
    assert!(super::due(&store, now, 10).await.unwrap().is_empty(), "what waited goes no more");
    assert!(audit::verify(&store, actor.account).await.unwrap().is_ok());
});

both!(async fn a_code_is_neither_guessed_nor_kept_for_long_nor_mailed_without_end(store) {
    let (actor, now, told) = (fixture::actor(&store).await, clock::now(), Told::new());
    told.ask(&store, &actor, "anna@example.com", now).await.unwrap();
    for left in (1..TRIES).rev() {
        let wrong = mailbox::confirm(&store, &actor, &told.wrong(), now).await;
        assert!(matches!(wrong, Err(MailboxError::Wrong { left: told }) if told == left), "{wrong:?}");
    }
    assert!(matches!(mailbox::confirm(&store, &actor, &told.wrong(), now).await, Err(MailboxError::NoCode)));
    assert!(matches!(mailbox::confirm(&store, &actor, &told.code(), now).await, Err(MailboxError::NoCode)), "mistyped too often");
    told.ask(&store, &actor, "anna@example.com", now).await.unwrap();
    let late = now + TimeDelta::minutes(CODE_MINUTES);
    assert!(matches!(mailbox::confirm(&store, &actor, &told.code(), late).await, Err(MailboxError::NoCode)), "its time is over");
    for _ in 2..CODES_A_DAY {
        told.ask(&store, &actor, "anna@example.com", late).await.unwrap();
    }
    let more = told.ask(&store, &actor, "boris@example.com", late).await;
    assert!(matches!(more, Err(MailboxError::TooOften(until)) if until == now + TimeDelta::days(1)), "{more:?}");
    told.ask(&store, &actor, "boris@example.com", now + TimeDelta::days(1)).await.unwrap();
});

both!(async fn what_is_mailed_is_mailed_once_a_key_and_its_words_go(store) {
    let (actor, now) = (fixture::actor(&store).await, clock::now());
    let mail = |key: &str| NewMail {
        account: actor.account,
        member: actor.member,
        address: "anna@example.com".to_owned(),
        subject: "Рассылка встала".to_owned(),
        body: "Рассылка «Пионы» встала".to_owned(),
        dedupe_key: key.to_owned(),
    };
    let mut tx = store.begin().await.unwrap();
    for key in ["notice:1:1:a", "notice:1:1:a", "notice:2:1:a"] {
        enqueue(&mut tx, &mail(key), now).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(is_there(&store, actor.account, "notice:1:1:a").await.unwrap());
    assert!(!is_there(&store, actor.account, "notice:1:1:b").await.unwrap());
    let due = due(&store, now, 10).await.unwrap();
    let [first, second] = &due[..] else { panic!("two mails: {due:?}") };
    assert_ne!(first.letter().id, second.letter().id);
    later(&store, first, "451 later", now + TimeDelta::minutes(1)).await.unwrap();
    given_up(&store, second, "550 no such user", now).await.unwrap();
    assert!(super::due(&store, now, 10).await.unwrap().is_empty());
    let again = super::due(&store, now + TimeDelta::minutes(1), 10).await.unwrap();
    let [again] = &again[..] else { panic!("one mail: {again:?}") };
    assert_eq!((again.attempt, &again.letter()), (1, &first.letter()), "a repeat is the same mail");
    sent(&store, again, now).await.unwrap();
    let words: Vec<(String, String)> = on!(store.read(), |c| sqlx::query_as("select subject, body from mail").fetch_all(c).await).unwrap();
    assert!(words.iter().all(|(subject, body)| subject.is_empty() && body.is_empty()), "{words:?}");
});
