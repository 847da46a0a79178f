//! Whoever is merged in Odoo is one here: nothing tells of it but that a row is gone. Whoever is
//! taken out of its archive has what happened to them before.

use super::*;

both!(async fn two_that_odoo_merged_are_one_here(store) {
    let office = Office::new(store, 19).await;
    let (world, odoo) = (&office.world, &office.odoo);
    let partner = |name: &str, phone: &str| odoo.create("res.partner", json!({ "name": name, "phone": phone }));
    let (anna, twin) = (partner("Анна Орлова", "+7 912 000-00-01"), partner("Орлова Анна", "8 912 000-00-01"));
    let (vera, son) = (partner("Вера Орлова", "+7 912 000-00-02"), partner("Пётр Орлов", "+7 912 000-00-02"));
    let id = office.connect().await;
    world.sync(id).await;
    let first = office.contact(anna).await;
    assert_eq!(world.count(PEOPLE).await, 4, "a phone alone makes nobody one");
    odoo.merge(anna, twin);
    odoo.unlink("res.partner", vera);
    world.sync(id).await;
    assert_eq!((world.proofs().await, world.count(PEOPLE).await), (vec!["gone".to_owned()], 2));
    assert_eq!((office.contact(twin).await, world.contact(anna).await), (first, None));
    assert_eq!(world.phones(twin).await, ["+79120000001"]);
    assert_eq!(world.phones(son).await, ["+79120000002"], "whoever is deleted leaves the phone to the other at once");
});

both!(async fn whoever_leaves_the_archive_has_their_deals_at_once(store) {
    let office = Office::new(store, 19).await;
    let (world, odoo) = (&office.world, &office.odoo);
    let anna = odoo.create("res.partner", json!({ "name": "Анна Орлова", "phone": "+7 912 000-00-01" }));
    odoo.create("crm.lead", json!({ "name": "Ремонт", "type": "opportunity", "partner_id": anna, "expected_revenue": 1250.5 }));
    let deals = "select count(*) from occasion where kind = 'deal'";
    let id = office.connect().await;
    world.sync(id).await;
    assert_eq!(world.count(deals).await, 1);
    odoo.write("res.partner", anna, json!({ "active": false }));
    world.sync(id).await;
    assert_eq!((world.contact(anna).await, world.count(deals).await), (None, 0));
    // The deal changed longer ago than a read of changes reaches back.
    odoo.age("crm.lead", chrono::TimeDelta::days(3));
    odoo.write("res.partner", anna, json!({ "active": true }));
    world.sync(id).await;
    assert!(world.contact(anna).await.is_some());
    assert_eq!(world.count(deals).await, 1);
});
