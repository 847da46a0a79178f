use super::*;
use crate::whatsapp::Attachment;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

async fn upload(world: &World, name: &str, mime: &str, data: Vec<u8>) -> (u16, Value) {
    let part = reqwest::multipart::Part::bytes(data).file_name(name.to_owned()).mime_str(mime).unwrap();
    let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").text("type", mime.to_owned()).part("file", part);
    let answer = world.client.post(world.at(&format!("{NUMBER}/media"))).bearer_auth(TOKEN).multipart(form).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn media_is_uploaded_sent_and_forgotten_after_thirty_days() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    let (status, answer) = upload(&world, "a.png", "image/png", PNG.to_vec()).await;
    assert_eq!(status, 200, "{answer}");
    let id = answer["id"].as_str().unwrap().to_owned();
    let image = json!({ "type": "image", "image": { "id": id, "caption": "меню" } });
    world.send(ANNAS, image.clone()).await;
    let shown = world.expect_last(NUMBER, ANNA, SOON, |_| true).await.unwrap().shown;
    assert_eq!((shown.text.as_str(), shown.media_kind.as_deref()), ("меню", Some("image")));
    assert_eq!(world.file(shown.media.unwrap()).unwrap().0, PNG);
    assert_eq!(world.ledger().to(NUMBER, ANNA)[0].media.as_deref(), Some("image"));
    let (_, told) = world.get(&id).await;
    assert_eq!((&told["mime_type"], &told["file_size"]), (&json!("image/png"), &json!(PNG.len())));
    let fetch = async |token: Option<&str>| {
        let mut request = world.client.get(told["url"].as_str().unwrap());
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap()
    };
    assert_eq!(fetch(Some(TOKEN)).await.bytes().await.unwrap(), PNG);
    assert_eq!(fetch(None).await.status(), 401, "the address alone is not enough");
    world.sandbox.clock().advance(Duration::from_secs(301));
    assert_eq!(fetch(Some(TOKEN)).await.status(), 404, "after five minutes");
    assert_eq!(world.refused(ANNAS, json!({ "type": "video", "video": { "id": id } })).await, (400, 131_053), "an image is no film");
    world.sandbox.clock().advance(DAY * 30);
    world.write(NUMBER, ANNA, "x").unwrap();
    assert_eq!(world.refused(ANNAS, image).await.1, 100, "after 30 days");
    assert_eq!(world.get(&id).await.1["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn sizes_types_and_deletion() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    assert_eq!(upload(&world, "big.png", "image/png", vec![0; 5 * 1024 * 1024 + 1]).await.1["error"]["code"], 131_053);
    assert_eq!(upload(&world, "a.gif", "image/gif", PNG.to_vec()).await.1["error"]["code"], 100);
    assert_eq!(upload(&world, "a.png", "image/png", Vec::new()).await.1["error"]["code"], 131_053);
    let (_, answer) = upload(&world, "прайс.pdf", "application/pdf", b"%PDF".to_vec()).await;
    let id = answer["id"].as_str().unwrap();
    world.send(ANNAS, json!({ "type": "document", "document": { "id": id, "filename": "прайс.pdf" } })).await;
    assert_eq!(world.refused(ANNAS, json!({ "type": "image", "image": { "id": "123" } })).await.1, 100);
    assert_eq!(world.call(reqwest::Method::DELETE, id, None).await, (200, json!({ "success": true })));
    assert_eq!(world.refused(ANNAS, json!({ "type": "document", "document": { "id": id } })).await.1, 100);
}

#[tokio::test]
async fn links_are_fetched_once_in_ten_minutes() {
    let world = World::new().await;
    world.write(NUMBER, ANNA, "x").unwrap();
    let fetched = Arc::new(Mutex::new(0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::clone(&fetched);
    let app = Router::new().route(
        "/a.png",
        get(move || async move {
            *count.lock().unwrap() += 1;
            ([("content-type", "image/png")], PNG)
        }),
    );
    tokio::spawn(async move { axum::serve(listener, app).await });
    let image = |link: String| json!({ "type": "image", "image": { "link": link } });
    for _ in 0..2 {
        world.send(ANNAS, image(format!("{base}/a.png"))).await;
    }
    assert_eq!(*fetched.lock().unwrap(), 1);
    world.sandbox.clock().advance(Duration::from_secs(601));
    world.send(ANNAS, image(format!("{base}/a.png"))).await;
    assert_eq!(*fetched.lock().unwrap(), 2);
    assert_eq!(world.refused(ANNAS, image(format!("{base}/none.png"))).await, (400, 131_053));
    assert_eq!(world.refused(ANNAS, image("https://ex.ru/a.png".to_owned())).await, (400, 131_053));
}

#[tokio::test]
async fn what_people_send_is_there_for_seven_days() {
    let world = World::new().await;
    let voice = Attachment {
        name: "v.ogg".to_owned(),
        mime: "audio/ogg".to_owned(),
        data: vec![7; 9].into(),
        kind: "audio".to_owned(),
        caption: String::new(),
    };
    world.send_file(NUMBER, ANNA, voice).unwrap();
    world.rest().await;
    let id = world.hook.messages()[0]["audio"]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&id).await.1["file_size"], 9);
    world.sandbox.clock().advance(DAY * 7);
    assert_eq!(world.get(&id).await.0, 400);
}

/// A header with media needs an example of the Resumable Upload API, and each send its own media.
#[tokio::test]
async fn headers_with_media() {
    let world = World::new().await;
    let query = [("file_length", PNG.len().to_string()), ("file_type", "image/png".to_owned()), ("file_name", "a.png".to_owned())];
    let begun: Value =
        world.client.post(world.at(&format!("{APP}/uploads"))).query(&query).bearer_auth(TOKEN).send().await.unwrap().json().await.unwrap();
    let session = begun["id"].as_str().unwrap();
    let put = |offset: &str, data: &'static [u8]| {
        let request =
            world.client.post(world.at(session)).header("Authorization", format!("OAuth {TOKEN}")).header("file_offset", offset.to_owned());
        async move { request.body(data).send().await.unwrap().json::<Value>().await.unwrap() }
    };
    assert_eq!(put("0", &PNG[..4]).await["file_offset"], 4);
    assert_eq!(put("2", &PNG[4..]).await["error"]["code"], 100, "not where it stopped");
    let handle = put("4", &PNG[4..]).await["h"].as_str().unwrap().to_owned();
    let mut body = promo("pictured", "MARKETING");
    let header = |handle: &str| json!({ "type": "HEADER", "format": "IMAGE", "example": { "header_handle": [handle] } });
    body["components"].as_array_mut().unwrap().push(header("4::unknown"));
    assert_eq!(world.post(&format!("{WABA}/message_templates"), body.clone()).await.1["error"]["error_subcode"], 2_388_047);
    body["components"][3] = header(&handle);
    let (status, answer) = world.post(&format!("{WABA}/message_templates"), body).await;
    assert_eq!(status, 200, "{answer}");
    world.approve(answer["id"].as_str().unwrap().parse().unwrap()).unwrap();
    assert_eq!(world.refused(ANNAS, template("pictured")).await, (400, 132_000));
    let (_, media) = upload(&world, "a.png", "image/png", PNG.to_vec()).await;
    let with = |kind: &str| {
        let mut send = template("pictured");
        let parameter = json!({ "type": kind, (kind): { "id": media["id"] } });
        send["template"]["components"].as_array_mut().unwrap().push(json!({ "type": "header", "parameters": [parameter] }));
        send
    };
    assert_eq!(world.refused(ANNAS, with("video")).await, (400, 132_012));
    world.send(ANNAS, with("image")).await;
    let shown = world.expect_last(NUMBER, ANNA, SOON, |_| true).await.unwrap().shown;
    assert!(shown.media.is_some() && shown.text.starts_with("Здравствуйте, Анна"));
}
