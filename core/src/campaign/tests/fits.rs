//! What a step's own messenger would refuse is told when a campaign is handed in.

use super::*;
use crate::{
    channel::{ChannelKind, fit, registry},
    store::file,
    template::{Class, lint::Problem},
};

/// A messenger with devices that are too old for buttons, and short captions.
fn kind() -> ChannelKind {
    ChannelKind::ALL.iter().copied().find(|kind| registry::capabilities(*kind).older_devices).expect("there is one")
}

/// An approved version with a picture.
async fn captioned(store: &Store, w: &World, body: &str, buttons: serde_json::Value) -> VersionId {
    let (template, id) = (crate::id::TemplateId::new(), VersionId::new());
    let mut tx = store.begin().await.unwrap();
    let picture = file::put(&mut tx, w.owner.account, "a.png", "image/png", &[7; 40], w.now).await.unwrap().id;
    tx.commit().await.unwrap();
    run!(
        store,
        "insert into template (id, account_id, name, created_by, created_at) values ($1, $2, 'Весна', $3, $4)",
        template,
        w.owner.account,
        w.owner.member,
        w.now
    );
    run!(
        store,
        "insert into template_version (id, account_id, template_id, number, class, body, media_kind, media_file_id, buttons, state, content_hash, created_by, created_at, updated_at) \
         values ($1, $2, $3, 1, 'advertising', $4, 'photo', $5, $6, 'approved', $7, $8, $9, $9)",
        id,
        w.owner.account,
        template,
        body,
        picture,
        Json(buttons),
        id.to_string(),
        w.owner.member,
        w.now
    );
    id
}

both!(async fn what_the_messenger_would_refuse_is_not_handed_in(store) {
    let w = world(&store).await;
    crowd(&store, &w, 3).await;
    run!(&store, "update channel set kind = $2 where id = $1", w.channel, kind());
    let limit = registry::capabilities(kind()).caption_limit;
    let opt_out = serde_json::json!([{ "kind": "opt_out", "text": "Больше не писать" }]);
    let both = serde_json::json!([{ "kind": "url", "text": "Записаться", "url": "https://ex.ru/book" }, { "kind": "opt_out", "text": "Больше не писать" }]);
    let body = |letters: usize, end: &str| format!("{} Реклама, {{{{ advertiser }}}}{end}", "ж".repeat(letters));
    let submit = async |version: VersionId| {
        let id = ready(&store, &w).await;
        draft::edit(&store, &w.manager, id, Change::Template(1, version), w.now).await.unwrap();
        match approval::submit(&store, &w.manager, id, w.now).await {
            Ok(_) => Vec::new(),
            Err(CampaignError::Lint(findings)) => findings.into_iter().map(|one| one.problem).collect(),
            Err(other) => panic!("{other}"),
        }
    };
    // Each is within the length of a caption as it is written.
    let words = captioned(&store, &w, &body(limit - 60, ""), both.clone()).await;
    assert!(matches!(submit(words).await[..], [Problem::TooLongInWords { limit: told, .. }] if told == limit));
    let link = " <a href=\"https://ex.ru/a/page/somewhere/deep/inside/of/it\">тут</a>";
    let woven = captioned(&store, &w, &body(limit - 70, link), opt_out.clone()).await;
    assert!(matches!(submit(woven).await[..], [Problem::TooLongWoven { limit: told, .. }] if told == limit));
    for (letters, end, buttons) in [(limit - 160, "", both), (limit - 160, link, opt_out)] {
        let version = captioned(&store, &w, &body(letters, end), buttons).await;
        assert_eq!(submit(version).await, [], "it has room for everything");
        let content = crate::template::content(&store, w.owner.account, version).await.unwrap().unwrap();
        assert_eq!(content.class, Class::Advertising);
        let contact = person(&store, &w, &fan()).await;
        let prepared = crate::template::engine::Prepared::new(&content).unwrap();
        let message = crate::template::preview::render_for(&store, w.owner.account, &prepared, contact, w.now).await.unwrap().unwrap().unwrap();
        for form in [fit::fit, fit::in_words] {
            assert!(form(message.body.clone(), message.buttons.clone(), Some(crate::channel::FileKind::Photo), registry::capabilities(kind())).is_ok());
        }
    }
});
