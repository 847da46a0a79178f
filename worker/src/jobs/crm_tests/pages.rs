//! A page of records is taken in together where they are plain, one by one where they are not, and
//! comes to the same.

use super::*;

async fn latest(world: &World) -> mms_core::clock::Moment {
    on!(world.deps.store.read(), |c| sqlx::query_scalar("select max(updated_at) from contact").fetch_one(c).await).expect("read")
}

async fn phones(world: &World, crm_id: u64) -> Vec<String> {
    let (contact, ..) = world.contact(crm_id).await.expect("the contact");
    let sql = "select value from address where contact_id = $1 and from_crm order by value";
    on!(world.deps.store.read(), |c| sqlx::query_scalar(sql).bind(contact).fetch_all(c).await).expect("read")
}

both!(async fn what_did_not_change_is_not_written(store) {
    let world = World::new(store).await;
    let ids = world.amo.seed(&Seed { count: 300, ..Seed::default() });
    let id = world.connect().await;
    world.map(id).await;
    world.sync(id).await;
    let (before, gone) = (latest(&world).await, ids[7]);
    let deleted = world.contact(gone).await.expect("the contact").0;
    // Somebody was deleted here, by a person: the CRM has no say.
    let owner = mms_core::account::Actor {
        account: world.account,
        member: mms_core::id::MemberId::new(),
        role: mms_core::account::Role::Owner,
        language: mms_core::account::Language::Ru,
        name: "Анна".to_owned(),
    };
    mms_core::contact::delete_by_member(&world.deps.store, &owner, deleted, before).await.expect("deleted");
    world.exec("update crm_connection set sync_cursor = '{}'").await;
    let row = world.sync(id).await;
    assert_eq!((row.sync_done, row.sync_cursor.stats.found()), (0, 0), "the look at what changed meanwhile found nothing");
    assert_eq!((latest(&world).await, world.count("select count(*) from contact where deleted_at is null").await), (before, 299));
    assert!(world.contact(gone).await.is_none());
    assert_eq!(world.count("select count(*) from contact_source where seen_at is null").await, 0);

    // All change at once, one of them also a tag and a phone.
    for crm_id in &ids[20..280] {
        world.amo.edit(*crm_id, |contact| contact.set(fields::CITY, json!("Выборг")));
    }
    world.amo.edit(ids[30], |contact| {
        contact.tags = vec!["Постоянный".to_owned()];
        contact.set_phones(&["+7 912 000-00-01"]);
    });
    let row = world.sync(id).await;
    assert_eq!(row.sync_cursor.stats.updated, 260);
    let cities = world.count("select count(*) from contact where attributes ->> 'city' = 'Выборг' and updated_at > created_at").await;
    assert_eq!(cities, 260);
    assert_eq!(phones(&world, ids[30]).await, ["+79120000001"]);
    assert_eq!(world.count("select count(*) from contact_tag where tag = 'постоянный' and from_crm").await, 1);
    assert_eq!(world.count("select count(*) from contact_tag where not from_crm").await, 0);
});

both!(async fn a_phone_that_two_new_ones_have_goes_to_the_first(store) {
    let world = World::new(store).await;
    let first = world.amo.add(Contact::person("Анна", "Орлова", &[&phone(1), &phone(2)]));
    let second = world.amo.add(Contact::person("Вера", "Зимина", &[&phone(2), &phone(3)]));
    let third = world.amo.add(Contact::person("Нина", "Белова", &[&phone(4)]));
    // Whoever is here without a record and has the phone of one is that one.
    let draft = mms_core::contact::Draft {
        name: Some("Ольга".to_owned()),
        addresses: vec![mms_core::contact::NewAddress::phone(phone(5), &phone(5))],
        source: "import".to_owned(),
        ..mms_core::contact::Draft::default()
    };
    let mut tx = world.deps.store.begin().await.expect("begun");
    let olga = mms_core::contact::create(&mut tx, world.account, &draft, clock::now()).await.expect("created").contact;
    tx.commit().await.expect("committed");
    let fourth = world.amo.add(Contact::person("Ольга", "Чижова", &[&phone(5)]));
    let id = world.connect().await;
    for _ in 0..2 {
        let row = world.sync(id).await;
        assert_eq!(row.sync_cursor.stats.shared_phones, 1);
        assert_eq!(phones(&world, first).await, [phone(1), phone(2)]);
        assert_eq!((phones(&world, second).await, phones(&world, third).await), (vec![phone(3)], vec![phone(4)]));
        assert_eq!(world.contact(fourth).await.expect("the contact").0, olga);
        assert_eq!(world.count("select count(*) from contact").await, 4);
        world.exec("update crm_connection set sync_cursor = '{}'").await;
    }
});
