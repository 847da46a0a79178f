//! The second factor: asked for, not guessed, taken once, replaced by recovery codes.

use totp_rs::{Algorithm, Builder, Secret as Key};

use super::*;
use crate::{
    account::{
        second::{self, Due, SecondError},
        settings,
    },
    secret::{KEY_LEN, Sealer},
};

const PHONE: i64 = 77;
const OTHER: i64 = 78;

/// An authenticator as people have it.
struct Authenticator(totp_rs::Totp);

impl Authenticator {
    fn told(key: &str) -> Self {
        let secret = Key::try_from_base32(key).unwrap();
        let builder = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
        Self(builder.with_secret(secret).build().unwrap())
    }

    fn code(&self, at: Moment) -> String {
        self.0.generate(u64::try_from(at.timestamp()).unwrap()).to_string()
    }

    /// A code of none of the steps around `at`.
    fn wrong(&self, at: Moment) -> String {
        let right: Vec<String> = (-1..=1).map(|step| self.code(at + TimeDelta::seconds(30 * step))).collect();
        (0..).map(|n| format!("{n:06}")).find(|code| !right.contains(code)).unwrap()
    }
}

fn sealer() -> Sealer {
    Sealer::new(&[9; KEY_LEN])
}

async fn sign_in(store: &Store, phone: i64, now: Moment) {
    login(store, phone, "Анна", "anna", &Secret::new(PASSWORD), now).await.unwrap();
}

/// The owner set one up at [`PHONE`], by this authenticator.
async fn set_up(store: &Store, owner: &Actor, now: Moment) -> (Authenticator, Vec<String>) {
    let session = authenticate(store, PHONE, now).await.unwrap().unwrap().session;
    let key = second::begin(store, &sealer(), owner, now).await.unwrap();
    let authenticator = Authenticator::told(&key);
    let wrong = second::confirm(store, &sealer(), (owner, session), &authenticator.wrong(now), now).await;
    assert!(matches!(wrong, Err(SecondError::Wrong)), "{wrong:?}");
    let codes = second::confirm(store, &sealer(), (owner, session), &authenticator.code(now), now).await.unwrap();
    (authenticator, codes)
}

both!(async fn a_password_alone_opens_nothing_once_there_is_a_second_factor(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    sign_in(&store, PHONE, now).await;
    sign_in(&store, OTHER, now).await;
    let (authenticator, codes) = set_up(&store, &owner, now).await;
    assert_eq!(codes.len(), second::CODES);
    assert!(authenticate(&store, PHONE, now).await.unwrap().is_some(), "it was proved here");
    // Another phone proves it too; until then it is nobody, and is told nothing.
    assert_eq!(authenticate(&store, OTHER, now).await.unwrap(), None);
    let reached: Vec<i64> = session::reachable(&store, owner.account).await.unwrap().iter().map(|one| one.telegram_user_id).collect();
    assert_eq!(reached, [PHONE]);
    let waiting = session::waiting(&store, OTHER, now).await.unwrap().unwrap();
    assert_eq!((waiting.due, waiting.actor.member), (Due::Code, owner.member));
    // A code is taken once.
    let again = second::prove(&store, &sealer(), &waiting, &authenticator.code(now), now).await;
    assert!(matches!(again, Err(SecondError::Wrong)), "{again:?}");
    let later = now + TimeDelta::seconds(60);
    let typed = authenticator.code(later);
    second::prove(&store, &sealer(), &waiting, &format!("{} {}", &typed[..3], &typed[3..]), later).await.unwrap();
    assert!(authenticate(&store, OTHER, later).await.unwrap().is_some());

    // A recovery code stands in for it, once, however it is typed.
    sign_in(&store, OTHER, later).await;
    let waiting = session::waiting(&store, OTHER, later).await.unwrap().unwrap();
    second::prove(&store, &sealer(), &waiting, &codes[3].to_uppercase().replace('-', " "), later).await.unwrap();
    sign_in(&store, OTHER, later).await;
    let waiting = session::waiting(&store, OTHER, later).await.unwrap().unwrap();
    let used = second::prove(&store, &sealer(), &waiting, &codes[3], later).await;
    assert!(matches!(used, Err(SecondError::Wrong)), "{used:?}");
    assert_eq!(second::standing(&store, &owner).await.unwrap().codes, 9);

    let taken_away = later + TimeDelta::seconds(60);
    let begun = second::begin(&store, &sealer(), &owner, taken_away).await;
    assert!(matches!(begun, Err(SecondError::Account(_))), "nobody replaces it without a code: {begun:?}");
    second::off(&store, &sealer(), &owner, &authenticator.code(taken_away), taken_away).await.unwrap();
    assert!(authenticate(&store, OTHER, taken_away).await.unwrap().is_some());
    assert!(audit::verify(&store, owner.account).await.unwrap().is_ok());
});

both!(async fn codes_are_not_guessed(store) {
    let mut now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    sign_in(&store, PHONE, now).await;
    let (authenticator, _) = set_up(&store, &owner, now).await;
    sign_in(&store, OTHER, now).await;
    let waiting = session::waiting(&store, OTHER, now).await.unwrap().unwrap();
    let mut waits = Vec::new();
    let end = loop {
        match second::prove(&store, &sealer(), &waiting, &authenticator.wrong(now), now).await {
            Err(SecondError::Wrong) => {}
            Err(SecondError::Wait(until)) => {
                waits.push((until - now).num_minutes());
                // Not even the right one is looked at meanwhile.
                let right = second::prove(&store, &sealer(), &waiting, &authenticator.code(now), now).await;
                assert!(matches!(right, Err(SecondError::Wait(_))), "{right:?}");
                now = until;
            }
            other => break other,
        }
    };
    assert!(matches!(end, Err(SecondError::Over)), "{end:?}");
    assert_eq!(waits, [1, 2, 4, 8]);
    assert_eq!(session::waiting(&store, OTHER, now).await.unwrap(), None, "the password is asked for again");
    let told = crate::notice::due_of(&store, owner.account, now, 50).await.unwrap();
    assert!(told.iter().any(|notice| notice.code == "second.guessed"), "{told:?}");
});

both!(async fn whom_an_owner_demands_it_of_sets_it_up_before_anything_else(store) {
    let now = clock::now();
    let (_, owner) = founded(&store, "anna", now).await;
    sign_in(&store, PHONE, now).await;
    let demand = settings::Change::SecondFactor(true);
    let early = settings::change(&store, &owner, &demand, now).await;
    assert!(matches!(early, Err(AccountError::BadSetting(settings::BadSetting::OwnSecondFirst))), "{early:?}");
    settings::change(&store, By::Admin(owner.account), &demand, now).await.unwrap();
    assert_eq!(authenticate(&store, PHONE, now).await.unwrap(), None);
    let waiting = session::waiting(&store, PHONE, now).await.unwrap().unwrap();
    assert_eq!(waiting.due, Due::Setup);
    let key = second::begin(&store, &sealer(), &waiting.actor, now).await.unwrap();
    let authenticator = Authenticator::told(&key);
    second::confirm(&store, &sealer(), (&waiting.actor, waiting.session), &authenticator.code(now), now).await.unwrap();
    assert!(authenticate(&store, PHONE, now).await.unwrap().is_some());
    let later = now + TimeDelta::seconds(60);
    let off = second::off(&store, &sealer(), &owner, &authenticator.code(later), later).await;
    assert!(matches!(off, Err(SecondError::Demanded)), "{off:?}");
    // Who lost everything is helped at the server, on the record, and sets it up anew.
    assert!(matches!(second::reset(&store, &owner, owner.member, later).await, Err(AccountError::Forbidden(_))), "not by themselves");
    second::reset(&store, By::Admin(owner.account), owner.member, later).await.unwrap();
    assert!(matches!(second::reset(&store, By::Admin(owner.account), owner.member, later).await, Err(AccountError::NotFound)));
    assert_eq!(session::waiting(&store, PHONE, later).await.unwrap(), None, "their sessions are over");
    sign_in(&store, PHONE, later).await;
    assert_eq!(session::waiting(&store, PHONE, later).await.unwrap().unwrap().due, Due::Setup);
});
