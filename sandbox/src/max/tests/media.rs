use super::*;

/// A PNG of the given size: a real header is all the double looks at.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

impl World {
    /// Uploads; status and text of the answer, and the token given with the address.
    async fn upload(&self, kind: &str, name: &str, data: Vec<u8>) -> (u16, String, Option<String>) {
        let given = self.ok("POST", &format!("/uploads?type={kind}"), Value::Null).await;
        let part = reqwest::multipart::Part::bytes(data).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("data", part);
        let response = self.client.post(given["url"].as_str().unwrap()).multipart(form).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap(), given["token"].as_str().map(str::to_owned))
    }

    async fn attach(&self, kind: &str, token: &str) -> (u16, Value) {
        let attachment = json!({ "type": kind, "payload": { "token": token } });
        self.raw("POST", &format!("/messages?user_id={ANNA}"), json!({ "text": "x", "attachments": [attachment] })).await
    }
}

#[tokio::test]
async fn a_picture_is_uploaded_once_and_sent_often() {
    let world = World::new().await;
    let (status, answer, token) = world.upload("image", "a.png", png(64, 48)).await;
    assert_eq!((status, token), (200, None));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let photo = answer["photos"].as_object().unwrap().values().next().unwrap();
    let token = photo["token"].as_str().unwrap();
    for _ in 0..2 {
        let (status, sent) = world.attach("image", token).await;
        assert_eq!((status, &sent["message"]["body"]["attachments"][0]["payload"]["token"]), (200, &json!(token)));
    }
    let whole = json!({ "attachments": [{ "type": "image", "payload": { "photos": answer["photos"] } }] });
    let sent = world.ok("POST", &format!("/messages?user_id={ANNA}"), whole).await;
    let url = sent["message"]["body"]["attachments"][0]["payload"]["url"].as_str().unwrap();
    assert_eq!(world.client.get(url).send().await.unwrap().bytes().await.unwrap().len(), png(64, 48).len());
    let entries = world.max().ledger().entries();
    assert!(entries.iter().all(|entry| entry.media.as_deref() == Some("image") && entry.file_unique_id == entries[0].file_unique_id));
    assert_eq!(world.max().last(BOT, ANNA).unwrap().photo.unwrap().width, Some(64));
    let elsewhere = json!({ "attachments": [{ "type": "image", "payload": { "url": "https://ex.ru/a.jpg" } }] });
    world.ok("POST", &format!("/messages?user_id={ANNA}"), elsewhere).await;
    assert_eq!(world.max().forget_files(BOT), 1);
    assert_eq!(world.attach("image", token).await.0, 400, "a token that was forgotten");
}

#[tokio::test]
async fn files_films_and_sounds_are_not_ready_at_once() {
    let world = World::with(Rates::off(), Timing { not_ready: 2, ..Timing::default() }).await;
    for (kind, name) in [("file", "price.pdf"), ("video", "a.mp4"), ("audio", "a.mp3")] {
        let (status, answer, given) = world.upload(kind, name, b"bytes".to_vec()).await;
        assert_eq!(status, 200);
        let token = match given {
            Some(token) => {
                assert_eq!(answer, "<retval>1</retval>");
                token
            }
            None => serde_json::from_str::<Value>(&answer).unwrap()["token"].as_str().unwrap().to_owned(),
        };
        for _ in 0..2 {
            let (status, answer) = world.attach(kind, &token).await;
            assert_eq!((status, &answer["code"]), (400, &json!("attachment.not.ready")));
        }
        assert_eq!(world.attach(kind, &token).await.0, 200);
        assert_eq!(world.attach("image", &token).await.0, 400, "a token is of its kind");
    }
    let given = world.ok("POST", "/uploads?type=video", Value::Null).await;
    let (status, answer) = world.attach("video", given["token"].as_str().unwrap()).await;
    assert_eq!((status, &answer["code"]), (400, &json!("attachment.not.ready")), "its bytes have not come");
    assert_eq!(world.max().ledger().len(), 3);
}

#[tokio::test]
async fn what_cannot_be_uploaded_or_attached() {
    let world = World::new().await;
    assert_eq!(world.refused("POST", "/uploads?type=photo", Value::Null).await.0, 400, "no type any more");
    for (kind, name, data) in
        [("image", "a.png", b"no picture".to_vec()), ("image", "a.webp", b"RIFF\x24\0\0\0WEBPVP8 ".to_vec()), ("video", "a.avi", vec![1])]
    {
        let (status, answer, _) = world.upload(kind, name, data).await;
        assert!(status == 400 && answer.contains("File extension is forbidden"), "{kind} {name}: {status} {answer}");
    }
    assert_eq!(world.upload("image", "a.png", png(7681, 10)).await.0, 400);
    assert_eq!(world.upload("image", "a.png", png(7680, 7680)).await.0, 200);
    assert_eq!(world.upload("file", "a.txt", vec![]).await.0, 400);
    let given = world.ok("POST", "/uploads?type=file", Value::Null).await;
    let form = reqwest::multipart::Form::new().text("file", "x");
    assert_eq!(
        world.client.post(given["url"].as_str().unwrap()).multipart(form).send().await.unwrap().status(),
        400,
        "the part is called data"
    );
    assert_eq!(world.attach("file", "no-such-token").await.0, 400);
    let (_, answer, _) = world.upload("file", "a.pdf", vec![1]).await;
    let token = serde_json::from_str::<Value>(&answer).unwrap()["token"].as_str().unwrap().to_owned();
    let file = json!({ "type": "file", "payload": { "token": token } });
    let place = json!({ "type": "location", "latitude": 1.0, "longitude": 2.0 });
    assert!(world.unsaid(json!({ "attachments": [file, place] })).await.1.contains("must be the only attachment"));
    for wrong in [
        json!({ "type": "image", "payload": {} }),
        json!({ "type": "video", "payload": { "url": "https://ex.ru/a.mp4" } }),
        json!({ "type": "poll" }),
        json!({ "type": "location" }),
    ] {
        assert_eq!(world.unsaid(json!({ "attachments": [wrong] })).await.0, 400, "{wrong}");
    }
    // Another bot's token is nobody's.
    world.max().add_bot(90_008, "second-token", "second_bot").unwrap();
    world.max().open_chats(90_008, [ANNA]).unwrap();
    let body = json!({ "attachments": [{ "type": "file", "payload": { "token": token } }] });
    let url = format!("{}/messages?user_id={ANNA}", world.max().url());
    let other = world.client.post(url).header("Authorization", "second-token").json(&body).send().await.unwrap();
    assert_eq!(other.status(), 400);
}
