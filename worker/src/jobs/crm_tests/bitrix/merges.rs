//! Whoever is merged in Bitrix24 is one here: it tells nothing, a record is gone and another one
//! has its phones.

use super::*;

both!(async fn two_that_bitrix24_merged_are_one_here_after_the_night(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let ids = bitrix.seed(portal, &People { count: 30, without_phone_every: 0, ..People::default() });
    let name = |id: i64, name: &str| {
        office.edit(id, |item| {
            item.set("name", json!(name));
            item.set("lastName", json!("Орлова"));
        });
    };
    name(ids[3], "Анна");
    name(ids[4], "Анна");
    name(ids[5], "Вера");
    let id = office.connect().await;
    world.sync(id).await;
    let (anna, people) = (office.known(ids[3]).await, world.count(PEOPLE).await);
    bitrix.merge(portal, ids[3], ids[4]);
    bitrix.merge(portal, ids[6], ids[5]);
    office.night(id).await;
    let stats = world.sync(id).await.sync_cursor.stats;
    assert_eq!((world.proofs().await, world.count(PEOPLE).await), (vec!["gone".to_owned()], people - 2), "{stats:?}");
    assert!(office.contact(ids[3]).await.is_none() && office.contact(ids[6]).await.is_none());
    assert_eq!(office.known(ids[4]).await, anna, "whoever was here first stays");
    assert_eq!(world.phones(ids[4].unsigned_abs()).await.len(), 2);
});

both!(async fn whoever_is_new_here_has_the_deals_of_before(store) {
    let office = Office::new(store).await;
    let (world, bitrix, portal) = (&office.world, office.bitrix(), office.portal);
    let ids = bitrix.seed(portal, &People { count: 10, deal_every: 1, ..People::default() });
    let id = office.connect().await;
    world.sync(id).await;
    let deals = "select count(*) from occasion where kind = 'deal'";
    assert_eq!(world.count(deals).await, 10);
    world.exec("delete from occasion").await;
    world.exec("delete from contact_source").await;
    for id in &ids[..2] {
        office.edit(*id, |item| item.set("name", json!("Нина")));
    }
    world.sync(id).await;
    // What the overlap of the last read of changes tells of comes besides.
    let theirs: i64 = {
        let sql = "select count(*) from occasion o join contact_source s on s.contact_id = o.contact_id where s.crm_id in ($1, $2)";
        on!(world.deps.store.read(), |c| sqlx::query_scalar(sql).bind(ids[0].to_string()).bind(ids[1].to_string()).fetch_one(c).await).expect("read")
    };
    assert_eq!(theirs, 2);
});
