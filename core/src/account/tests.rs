//! The account room on both engines.

use chrono::TimeDelta;

use super::{invitation::Fingerprint, *};
use crate::{
    both,
    campaign::lost_phone,
    clock,
    clock::Moment,
    founding::Founded,
    notice::NoticeKind,
    secret::Secret,
    store::{Db, Engine, audit},
    testing,
};

mod licences;
mod limits;
mod members;
mod orders;
mod second_factor;
mod signing_in;

const PASSWORD: &str = "korova na lune";

async fn founded(store: &Store, login: &str, now: Moment) -> (Founded, Actor) {
    let founded = testing::found(store, login, PASSWORD, now).await;
    let actor =
        Actor { account: founded.account, member: founded.owner, role: Role::Owner, language: Language::Ru, name: "Анна".to_owned() };
    (founded, actor)
}

async fn manager(store: &Store, owner: &Actor, login: &str, now: Moment) -> Actor {
    let new =
        member::NewMember { login, password: &Secret::new(PASSWORD), name: "Борис", role: Role::Manager, language: Language::En };
    let id = member::add(store, owner, &new, now).await.expect("a member is taken in");
    Actor { account: owner.account, member: id, role: Role::Manager, language: Language::En, name: "Борис".to_owned() }
}
