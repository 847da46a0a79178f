//! The people of one import as a segment.

use super::*;
use crate::{contact::import::people, store::file};

// «Сегмент» under an import began an empty one: whoever the file brought was not in it.
both!(async fn the_people_of_an_import_are_a_segment_and_nobody_else_is(store) {
    let actor = fixture::actor(&store).await;
    let now = crate::clock::now();
    let (early, _) = ready(&store, &actor, "Имя;Телефон\nАнна;89120000001\nБорис;89120000002\nЗоя;89120000009\n", Basis::NoConsent).await;
    let early = finish(&store, &actor, &early).await;
    // One is known already, one is new, one stands in two rows, one is left out.
    let csv = "Имя;Телефон\nАнна;89120000001\nВера;89120000003\nВера;89120000003\nНикто;\nЗоя;89120000009\n";
    let (import, _) = ready(&store, &actor, csv, Basis::NoConsent).await;
    assert!(matches!(people::segment(&store, &actor, import.id, now).await, Err(ImportError::State)), "nobody came yet");
    let import = finish(&store, &actor, &import).await;
    let gone = contact::resolve(&store, actor.account, contact::PHONE, "+79120000009", ANY_CHANNEL).await.expect("read").expect("there");
    contact::delete_by_member(&store, &actor, gone, now).await.expect("deleted");
    // The two files have one name, and may have come in one minute.
    let mut tx = store.begin().await.expect("begin");
    let before = early.created_at - chrono::TimeDelta::hours(1);
    on!(tx.conn(), |c| sqlx::query("update import set created_at = $1 where id = $2").bind(before).bind(early.id).execute(c).await.map(|_| ()))
        .expect("aged");
    tx.commit().await.expect("commit");

    let (segment, tag) = people::segment(&store, &actor, import.id, now).await.expect("a segment");
    assert!(tag.starts_with("клиенты "), "{tag}");
    let made = contact::segment::get(&store, actor.account, segment).await.expect("read").expect("there");
    assert_eq!((made.name.as_str(), count(&store, actor.account, &made.filter).await), (tag.as_str(), 2));
    assert_eq!(count(&store, actor.account, &format!("{} and name contains Борис", made.filter)).await, 0);
    assert_eq!(people::segment(&store, &actor, import.id, now).await.expect("again"), (segment, tag.clone()), "asked twice it is one");
    let (other, other_tag) = people::segment(&store, &actor, early.id, now).await.expect("a segment");
    assert!(other != segment && other_tag != tag, "each import has its own");

    // Retention took the file, and the segment is gone.
    contact::segment::delete(&store, &actor, segment, now).await.expect("deleted");
    let mut tx = store.begin().await.expect("begin");
    on!(tx.conn(), |c| sqlx::query("update file set content = substr(content, 1, 0), size = 0 where id = $1").bind(import.file_id).execute(c).await.map(|_| ())).expect("forgotten");
    tx.commit().await.expect("commit");
    assert!(file::content(&store, actor.account, import.file_id).await.expect("read").is_none());
    assert!(matches!(people::segment(&store, &actor, import.id, now).await, Err(ImportError::Forgotten)));
});
