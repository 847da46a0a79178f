use super::*;
use crate::{
    both, clock,
    contact::alike,
    inbound::{
        crm::tests::{World, marked, person},
        join::{self as joins, Joined},
    },
    opt_out,
    store::audit,
};

/// The record as the CRM tells of it after a merge.
fn merged(id: &str, into: &str) -> CrmContact {
    CrmContact { deleted: true, merged_into: Some(into.to_owned()), ..person(id, "", &[], &[]) }
}

impl World {
    async fn joined(&self) -> Vec<Joined> {
        joins::list(&self.store, self.actor.account, 10, 0).await.expect("read")
    }

    async fn records(&self, of: &Connection) -> Vec<String> {
        let sql = "select crm_id from contact_source where connection_id = $1 order by crm_id";
        on!(self.store.read(), |c| sqlx::query_scalar(sql).bind(of.id).fetch_all(c).await).expect("read")
    }

    async fn carry(&self, of: &Connection, gone: &[&str], read: &[CrmContact]) -> (Vec<(String, String)>, u64) {
        let gone: Vec<String> = gone.iter().map(|id| (*id).to_owned()).collect();
        let found = candidates(&self.store, of, &gone).await.expect("read");
        let pairs = became(&found, read, &self.reader);
        let mut tx = self.store.begin().await.expect("begun");
        let count = carry(&mut tx, of, &pairs, Proof::Gone, clock::now()).await.expect("carried");
        tx.commit().await.expect("committed");
        (pairs, count)
    }
}

both!(async fn whoever_is_merged_in_the_crm_is_one_here_with_the_stop_of_either(store) {
    let world = World::new(store).await;
    let crm = world.crm("one").await;
    world.page(&crm, &[person("7", "Анна", &["+79120000001"], &["vip"]), marked(person("8", "Анна Иванова", &["+79120000002"], &["сад"]), "ads")]).await;
    let (anna, other) = (world.whose(&crm, "7").await, world.whose(&crm, "8").await);
    opt_out::opt_out_by_member(&world.store, &world.actor, anna, world.now).await.expect("out");
    assert_eq!(world.told(&crm).await.iter().filter(|(kind, _)| kind == "opt_out").count(), 1);

    let survivor = marked(person("8", "Анна Иванова", &["+79120000001", "+79120000002"], &["сад"]), "ads");
    let page = [merged("7", "8"), survivor];
    let stats = world.page(&crm, &page).await;
    assert_eq!((stats.merged, stats.deleted, stats.created, stats.shared_phones), (1, 0, 0, 0), "{stats:?}");
    let one = world.whose(&crm, "8").await;
    assert_eq!((one, world.records(&crm).await), (anna, vec!["8".to_owned()]), "whoever was here first stays");
    let card = world.card(one).await;
    assert!(card.contact.opted_out_at.is_some(), "a stop of either is the one person's");
    assert_eq!((card.contact.name.as_str(), card.addresses.len(), &card.tags[..]), ("Анна Иванова", 2, &["сад".to_owned()][..]));
    assert!(world.told(&crm).await.iter().all(|(_, record)| record == "8"), "what waits is told to the survivor");
    let joined = world.joined().await;
    assert_eq!((joined.len(), joined[0].proof, joined[0].contact, &joined[0].member), (1, Proof::Crm, anna, &None));
    let entries = audit::entries(&world.store, world.actor.account, 0, 100).await.expect("read");
    assert!(entries.iter().any(|entry| entry.action == joins::JOIN && entry.actor == "system"));
    // A second time changes nothing.
    let stats = world.page(&crm, &page).await;
    assert_eq!((stats.merged, stats.deleted, world.joined().await.len()), (0, 0, 1));

    // A member may say that they are two all the same, and the CRM's word comes too late then.
    let again = joins::divide(&world.store, &world.actor, joined[0].id, clock::now()).await.expect("divided");
    assert_eq!(again, other);
    for contact in [anna, other] {
        assert!(world.card(contact).await.contact.opted_out_at.is_some(), "a stop of either is both's");
    }
    let stats = world.page(&crm, &page).await;
    assert_eq!((stats.merged, stats.deleted, world.joined().await.len()), (0, 0, 0));
    assert!(world.card(anna).await.contact.deleted_at.is_none() && world.card(other).await.contact.deleted_at.is_none());
});

both!(async fn a_record_that_became_a_new_one_is_the_same_person(store) {
    let world = World::new(store).await;
    let crm = world.crm("one").await;
    world.page(&crm, &[person("7", "Анна", &["+79120000001"], &[]), person("8", "Анна", &["+79120000002"], &[])]).await;
    let (anna, other) = (world.whose(&crm, "7").await, world.whose(&crm, "8").await);
    // The two became a third, and that one a fourth.
    let fourth = person("10", "Анна", &["+79120000001", "+79120000002"], &[]);
    let stats = world.page(&crm, &[merged("9", "10"), merged("8", "9"), merged("7", "9"), fourth]).await;
    assert_eq!((stats.merged, stats.created, stats.deleted), (1, 0, 0), "{stats:?}");
    assert_eq!((world.whose(&crm, "10").await, world.records(&crm).await.len()), (anna, 1));
    assert!(world.card(other).await.contact.deleted_at.is_some());
    assert_eq!(world.card(anna).await.addresses.len(), 2);
    // Those that say of each other that the other survived are gone.
    let stats = world.page(&crm, &[merged("10", "11"), merged("11", "10")]).await;
    assert_eq!((stats.merged, stats.deleted), (0, 1));
});

both!(async fn what_members_said_goes_before_a_merge(store) {
    let world = World::new(store).await;
    let crm = world.crm("one").await;
    let people = [("7", "+79120000001"), ("8", "+79120000002"), ("9", "+79120000003")].map(|(id, phone)| person(id, "Анна", &[phone], &[]));
    world.page(&crm, &people).await;
    let (anna, deleted, two) = (world.whose(&crm, "7").await, world.whose(&crm, "8").await, world.whose(&crm, "9").await);
    contact::delete_by_member(&world.store, &world.actor, deleted, world.now).await.expect("deleted");
    let mut tx = world.store.begin().await.expect("begun");
    alike::keep_apart(&mut tx, world.actor.account, (anna, two), alike::Shared::Phone, Some(world.actor.member), world.now).await.expect("apart");
    tx.commit().await.expect("committed");
    let stats = world.page(&crm, &[merged("9", "7")]).await;
    assert_eq!((stats.merged, stats.deleted), (0, 0), "two people, a member said");
    assert!(world.card(two).await.contact.deleted_at.is_none() && world.card(two).await.sources.is_empty());
    let stats = world.page(&crm, &[merged("7", "8")]).await;
    assert_eq!((stats.merged, stats.deleted), (0, 1), "whoever was deleted here does not come back");
    assert!(world.card(anna).await.contact.deleted_at.is_some() && world.card(deleted).await.contact.deleted_at.is_some());
});

both!(async fn a_record_that_is_gone_is_whoever_has_its_phones_and_no_other_name(store) {
    let world = World::new(store).await;
    let crm = world.crm("one").await;
    let (first, second) = ("+79120000001", "+79120000002");
    world.page(&crm, &[person("7", "Анна", &[first, second], &[]), marked(person("6", "Пётр", &["+79120000005"], &[]), "ads")]).await;
    world.page(&crm, &[person("8", "Анна Иванова", &[first], &[]), person("9", "Вера", &[first], &[])]).await;
    let anna = world.whose(&crm, "7").await;
    assert_eq!(candidates(&world.store, &crm, &["7".to_owned()]).await.expect("read").len(), 2);
    assert!(candidates(&world.store, &crm, &["6".to_owned()]).await.expect("read").is_empty(), "nobody shares a phone with them");
    // As the CRM has them now: without all the phones, with another name, gone, too; or two of
    // them.
    let now = |id: &str, name: &str, phones: &[&str]| person(id, name, phones, &[]);
    for read in [
        vec![now("8", "Анна Иванова", &[first]), now("9", "Вера", &[first, second])],
        vec![now("8", "", &[first, second])],
        vec![merged("8", "5")],
        vec![now("8", "Анна Иванова", &[first, second]), now("9", "А.", &[first, second])],
        vec![],
    ] {
        assert_eq!(world.carry(&crm, &["7"], &read).await, (Vec::new(), 0), "{read:?}");
    }
    let read = [now("8", "Анна Иванова", &["8 912 000-00-01", second]), now("9", "Вера", &[first])];
    let pairs = vec![("7".to_owned(), "8".to_owned())];
    assert_eq!(world.carry(&crm, &["7"], &read).await, (pairs, 1));
    assert_eq!((world.whose(&crm, "8").await, world.joined().await[0].proof), (anna, Proof::Gone));
    assert_eq!(world.page(&crm, &read).await.deleted, 0);
    assert_eq!(world.card(anna).await.addresses.len(), 2);
    assert_eq!(world.card(world.whose(&crm, "9").await).await.addresses.len(), 0, "a family's phone is nobody's proof");
});
