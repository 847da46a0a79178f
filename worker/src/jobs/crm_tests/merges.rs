//! Whoever is merged in amoCRM is one here: it tells that a record is merged away, not into which.

use super::*;

const PEOPLE: &str = "select count(*) from contact where deleted_at is null";

both!(async fn two_that_amocrm_merged_are_one_here(store) {
    let world = World::new(store).await;
    let anna = world.amo.add(Contact::person("Анна", "Орлова", &[&phone(1)]));
    let twin = world.amo.add(Contact::person("Орлова", "Анна", &[&phone(2)]));
    let (vera, nina) = (world.amo.add(Contact::person("Вера", "", &[&phone(3)])), world.amo.add(Contact::person("Нина", "", &[&phone(4)])));
    let id = world.connect().await;
    world.map(id).await;
    world.sync(id).await;
    let (first, ..) = world.contact(anna).await.expect("the contact");
    world.enqueue(first, &CrmChange::Note { text: "Написали".to_owned() }, "1").await;

    world.amo.merge(anna, twin);
    world.amo.merge(vera, nina);
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.merged, stats.deleted, stats.created), (1, 1, 0), "{stats:?}");
    assert_eq!((world.contact(twin).await.expect("the contact").0, world.contact(anna).await), (first, None));
    assert_eq!((world.proofs().await, world.count(PEOPLE).await), (vec!["gone".to_owned()], 2));
    assert_eq!(world.phones(twin).await, [phone(1), phone(2)]);
    assert_eq!(world.phones(nina).await, [phone(3), phone(4)], "another name proves nothing, and the phone is free at once");
    world.tell(id).await;
    assert_eq!(world.amo.notes_of(twin).len(), 1, "what waited for the one is told of the other");
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((stats.merged, stats.found(), world.proofs().await.len()), (0, 0, 1), "the same again changes nothing: {stats:?}");
});
