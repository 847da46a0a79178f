use super::*;

/// A picture as its header has it.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut data = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    data.extend(width.to_be_bytes());
    data.extend(height.to_be_bytes());
    data.extend([8, 2, 0, 0, 0]);
    data
}

impl World {
    async fn upload(&self, url: &Value, field: &'static str, name: &'static str, data: Vec<u8>) -> Value {
        let part = reqwest::multipart::Part::bytes(data).file_name(name);
        let form = reqwest::multipart::Form::new().part(field, part);
        self.client.post(url.as_str().unwrap()).multipart(form).send().await.unwrap().json().await.unwrap()
    }

    async fn photo(&self, data: Vec<u8>) -> Value {
        let server = self.ok("photos.getMessagesUploadServer", json!({})).await;
        assert_eq!(server["group_id"], GROUP);
        self.upload(&server["upload_url"], "photo", "p.png", data).await
    }
}

#[tokio::test]
async fn a_photo_is_uploaded_once_and_sent_to_everybody() {
    let world = World::new().await;
    let uploaded = world.photo(png(64, 48)).await;
    let mut forged = uploaded.clone();
    forged["hash"] = json!("0");
    assert_eq!(world.refused("photos.saveMessagesPhoto", forged).await, 121);
    let saved = world.ok("photos.saveMessagesPhoto", uploaded.clone()).await;
    assert_eq!((&saved[0]["owner_id"], &saved[0]["sizes"][0]["width"]), (&json!(-GROUP), &json!(64)));
    assert_eq!(world.refused("photos.saveMessagesPhoto", uploaded).await, 105, "once");
    let name = format!("photo{}_{}_{}", saved[0]["owner_id"], saved[0]["id"], saved[0]["access_key"].as_str().unwrap());
    world.vk().open_chats(GROUP, [BORIS]).unwrap();
    world.ok("messages.send", json!({ "peer_ids": format!("{ANNA},{BORIS}"), "random_id": 1, "attachment": name })).await;
    let entries = world.vk().ledger().entries();
    assert_eq!((entries.len(), entries[0].media.as_deref()), (2, Some("photo")));
    assert_eq!(entries[0].file_unique_id, entries[1].file_unique_id);
    let shown = world.vk().last(GROUP, BORIS).unwrap().photo.unwrap();
    assert_eq!((shown.width, shown.height), (Some(64), Some(48)));
    assert!(world.vk().file(&shown.id).is_some());
}

#[tokio::test]
async fn photos_have_kinds_sides_and_ratios() {
    let world = World::new().await;
    for wrong in [b"%PDF-1.7".to_vec(), Vec::new(), png(10_000, 4001), png(2100, 100)] {
        assert_eq!(world.photo(wrong).await["error"]["error_code"], 129);
    }
    assert!(world.photo(png(2000, 100)).await["hash"].is_string());
}

#[tokio::test]
async fn documents_are_saved_under_a_title() {
    let world = World::new().await;
    let server = world.ok("docs.getMessagesUploadServer", json!({ "type": "doc", "peer_id": ANNA })).await;
    let uploaded = world.upload(&server["upload_url"], "file", "price.pdf", b"%PDF-1.7".to_vec()).await;
    let saved = world.ok("docs.save", json!({ "file": uploaded["file"], "title": "Цены.pdf" })).await;
    assert_eq!((&saved["type"], &saved["doc"]["title"], &saved["doc"]["ext"]), (&json!("doc"), &json!("Цены.pdf"), &json!("pdf")));
    let name = format!("doc{}_{}", saved["doc"]["owner_id"], saved["doc"]["id"]);
    world.ok("messages.send", json!({ "peer_id": ANNA, "random_id": 1, "attachment": format!("{name},video-1_2") })).await;
    assert_eq!(world.vk().last(GROUP, ANNA).unwrap().document.unwrap().name.as_deref(), Some("Цены.pdf"));
    // Another community needs the key.
    world.vk().add_community(778, "vk1.a.other", "other").unwrap();
    world.vk().open_chats(778, [ANNA]).unwrap();
    let params = json!({ "access_token": "vk1.a.other", "v": "5.199", "peer_id": ANNA, "random_id": 1, "attachment": name });
    let answer: Value = world.form("messages.send", &params).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["error"]["error_code"], 100);
    let bad = world.upload(&world.ok("docs.getMessagesUploadServer", json!({})).await["upload_url"], "file", "a.exe", vec![1]).await;
    assert_eq!(bad["error"]["error_code"], 105);
}
