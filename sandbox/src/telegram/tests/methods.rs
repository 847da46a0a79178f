use super::*;
use crate::telegram::{Attachment, FileKind};

#[tokio::test]
async fn get_me_and_tokens() {
    let world = World::new().await;
    let me = world.ok("getMe", json!({})).await;
    assert_eq!(me["username"], "shop_bot");
    for flag in ["can_join_groups", "can_read_all_group_messages", "supports_inline_queries", "has_main_web_app", "can_connect_to_business"]
    {
        assert!(me[flag].is_boolean(), "{flag}");
    }
    assert_eq!(world.ok("GETME", json!({})).await["id"], BOT);
    assert_eq!(world.raw("getMee", json!({})).await.0, 404);
    let other = world.url("getMe").replace("AAE-test", "AAE-other");
    assert_eq!(world.client.get(&other).send().await.unwrap().status(), 401);
    let malformed = world.url("getMe").replace(TOKEN, "nonsense");
    assert_eq!(world.client.get(&malformed).send().await.unwrap().status(), 404);
    world.sandbox.revoke(BOT).unwrap();
    assert_eq!(world.raw("getMe", json!({})).await.0, 401);
}

#[tokio::test]
async fn every_encoding_of_parameters() {
    let world = World::new().await;
    let query = [
        ("chat_id", ANNA.to_string()),
        ("text", "я & ты".to_owned()),
        ("reply_markup", r#"{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}"#.to_owned()),
    ];
    for request in [
        world.client.get(world.url("sendMessage")).query(&query),
        world.client.post(world.url("sendMessage")).form(&query),
        world
            .client
            .post(world.url("sendMessage"))
            .multipart(query.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(*name, value.clone()))),
    ] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["result"]["text"], "я & ты", "{answer}");
        assert_eq!(answer["result"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "b");
    }
    assert_eq!(world.sandbox.ledger().to(BOT, ANNA).len(), 3);
}

#[tokio::test]
async fn who_can_be_written_to() {
    let world = World::new().await;
    let send = |chat: Value| world.raw("sendMessage", json!({ "chat_id": chat, "text": "hi" }));
    let check = async |chat: Value, code: u16, text: &str| {
        let (status, answer) = send(chat).await;
        assert_eq!((status, answer["description"].as_str().unwrap()), (code, text));
    };
    check(json!(BORIS), 403, "Forbidden: bot can't initiate conversation with a user").await;
    check(json!(12345), 400, "Bad Request: chat not found").await;
    check(json!("@anna"), 400, "Bad Request: chat not found").await;
    check(json!(""), 400, "Bad Request: chat_id is empty").await;
    check(json!(BOT), 403, "Forbidden: the bot can't send messages to the bot").await;
    world.sandbox.block(BOT, ANNA).unwrap();
    check(json!(ANNA), 403, "Forbidden: bot was blocked by the user").await;
    world.sandbox.unblock(BOT, ANNA).unwrap();
    world.say(ANNA, "hi").await;
    world.sandbox.deactivate(ANNA).unwrap();
    check(json!(ANNA), 403, "Forbidden: user is deactivated").await;
    assert_eq!(world.sandbox.ledger().len(), 1);
    assert_eq!(world.sandbox.ledger().refused(403), 4);
}

#[tokio::test]
async fn texts_and_captions_have_limits_after_parsing() {
    let world = World::new().await;
    assert_eq!(world.refused("sendMessage", json!({ "chat_id": ANNA, "text": " \n" })).await, "Bad Request: text must be non-empty");
    assert_eq!(world.refused("sendMessage", json!({ "chat_id": ANNA })).await, "Bad Request: message text is empty");
    let long = "ж".repeat(4096);
    world.ok("sendMessage", json!({ "chat_id": ANNA, "text": format!("<b>{long}</b>"), "parse_mode": "HTML" })).await;
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": format!("{long}ж") })).await,
        "Bad Request: message is too long"
    );
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "<x>a", "parse_mode": "HTML" })).await,
        "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0"
    );
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "a", "parse_mode": "BB" })).await,
        "Bad Request: unsupported parse_mode"
    );
    let (_, answer) = world.upload("sendPhoto", "photo", "a.png", png(100, 50), &[("caption", &"ж".repeat(1025))]).await;
    assert_eq!(answer["description"], "Bad Request: message caption is too long");
}

#[tokio::test]
async fn photos_and_documents_by_upload_and_by_id() {
    let world = World::new().await;
    let (_, answer) =
        world.upload("sendPhoto", "photo", "a.png", png(1280, 853), &[("caption", "<i>меню</i>"), ("parse_mode", "HTML")]).await;
    let sizes = answer["result"]["photo"].as_array().unwrap().clone();
    assert_eq!(sizes.last().unwrap()["width"], 1280);
    assert_eq!(answer["result"]["caption_entities"][0]["type"], "italic");
    let id = sizes.last().unwrap()["file_id"].as_str().unwrap();
    let again = world.ok("sendPhoto", json!({ "chat_id": ANNA, "photo": id })).await;
    assert_eq!(again["photo"][sizes.len() - 1]["file_unique_id"], sizes.last().unwrap()["file_unique_id"]);
    assert_eq!(
        world.refused("sendDocument", json!({ "chat_id": ANNA, "document": id })).await,
        "Bad Request: can't use file of type Photo as Document"
    );
    assert_eq!(
        world.refused("sendPhoto", json!({ "chat_id": ANNA, "photo": "AgACnonsense" })).await,
        "Bad Request: wrong remote file identifier specified: can't unserialize it. Wrong last symbol"
    );
    // Another bot's file id means nothing to this one.
    let other = world.sandbox.add_bot("7000000002:AAE-other", "other_bot").unwrap();
    world.sandbox.open_chats(other, [ANNA]).unwrap();
    let url = world.url("sendPhoto").replace(TOKEN, "7000000002:AAE-other");
    let answer = world.client.post(url).json(&json!({ "chat_id": ANNA, "photo": id })).send().await.unwrap();
    assert_eq!(answer.status(), 400);

    let (_, answer) = world.upload("sendDocument", "document", "отчёт.csv", b"a;b".to_vec(), &[]).await;
    let document = &answer["result"]["document"];
    assert_eq!((document["file_name"].as_str(), document["mime_type"].as_str()), (Some("отчёт.csv"), Some("text/csv")));
    let file = world.ok("getFile", json!({ "file_id": document["file_id"] })).await;
    let link = format!("{}/file/bot{TOKEN}/{}", world.sandbox.url(), file["file_path"].as_str().unwrap());
    assert_eq!(world.client.get(&link).send().await.unwrap().bytes().await.unwrap().as_ref(), b"a;b");
    assert_eq!(world.client.get(format!("{link}x")).send().await.unwrap().status(), 404);
    let media: Vec<_> = world.sandbox.ledger().entries().into_iter().map(|entry| entry.media.unwrap()).collect();
    assert_eq!(media, ["photo", "photo", "document"]);
}

/// What people record and what a bot plays: each kind is its own, is fetched by `getFile`, and
/// stays its bot's.
#[tokio::test]
async fn films_sounds_and_stickers_go_both_ways() {
    let world = World::new().await;
    let kinds = [
        ("sendVideo", FileKind::Video, "videos/"),
        ("sendAnimation", FileKind::Animation, "animations/"),
        ("sendVideoNote", FileKind::VideoNote, "video_notes/"),
        ("sendVoice", FileKind::Voice, "voice/"),
        ("sendAudio", FileKind::Audio, "music/"),
        ("sendSticker", FileKind::Sticker, "stickers/"),
    ];
    for (method, kind, folder) in kinds {
        let field = kind.field();
        let bytes = format!("{method} bytes").into_bytes();
        let (status, answer) = world.upload(method, field, "файл.bin", bytes.clone(), &[("caption", "слова")]).await;
        assert_eq!(status, 200, "{method}: {answer}");
        let file = &answer["result"][field];
        assert_eq!(answer["result"].get("caption").is_some(), kind.has_caption(), "{method}");
        let id = file["file_id"].as_str().unwrap();
        world.ok(method, json!({ "chat_id": ANNA, field: id })).await;
        let refused = world.refused("sendDocument", json!({ "chat_id": ANNA, "document": id })).await;
        assert_eq!(refused, format!("Bad Request: can't use file of type {} as Document", kind.title()));
        let found = world.ok("getFile", json!({ "file_id": id })).await;
        let path = found["file_path"].as_str().unwrap();
        assert!(path.starts_with(folder), "{path}");
        let link = format!("{}/file/bot{TOKEN}/{path}", world.sandbox.url());
        assert_eq!(world.client.get(&link).send().await.unwrap().bytes().await.unwrap().as_ref(), bytes);

        // A person's, as the bot hears of it.
        let data = bytes.clone().into();
        let sent = Attachment { name: "файл.bin".into(), mime: None, data, kind, caption: "слова".into() };
        let message = world.sandbox.send_file(BOT, ANNA, sent).unwrap();
        let seen = world.sandbox.message(BOT, ANNA, message).unwrap();
        assert_eq!((seen.kind, seen.text.is_empty()), (Some(kind), !kind.has_caption()));
        let id = seen.document.expect("a file").id;
        assert_eq!(world.sandbox.file(&id).unwrap().0.as_ref(), bytes);
        // Another bot cannot have it.
        world.sandbox.add_bot("7000000002:AAE-other", "other_bot").unwrap();
        let url = world.url("getFile").replace(TOKEN, "7000000002:AAE-other");
        let answer: Value = world.client.post(url).json(&json!({ "file_id": id })).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["description"], "Bad Request: wrong file_id or the file is temporarily unavailable");
    }
    let media: Vec<_> = world.sandbox.ledger().entries().into_iter().filter_map(|entry| entry.media).collect();
    assert_eq!(media.len(), 12);
    assert_eq!(media[10], "sticker");
}

#[tokio::test]
async fn pictures_have_limits() {
    let world = World::new().await;
    let photo = async |data: Vec<u8>| {
        world.upload("sendPhoto", "photo", "a.png", data, &[]).await.1["description"].as_str().unwrap_or("ok").to_owned()
    };
    assert_eq!(photo(png(5000, 5000)).await, "ok");
    assert_eq!(photo(png(5001, 5000)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(photo(png(2001, 100)).await, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    assert_eq!(photo(b"no picture".to_vec()).await, "Bad Request: IMAGE_PROCESS_FAILED");
    let mut big = png(10, 10);
    big.resize(10 * 1024 * 1024 + 1, 0);
    assert!(photo(big).await.contains("is too big for a photo"));
    let (status, _) = world.upload("sendDocument", "document", "big.bin", vec![0; 50 * 1024 * 1024 + 1], &[]).await;
    assert_eq!(status, 413);
    assert_eq!(
        world.refused("sendPhoto", json!({ "chat_id": ANNA, "photo": "https://ex.ru/a.png" })).await,
        "Bad Request: failed to get HTTP URL content"
    );
}

#[tokio::test]
async fn albums() {
    let world = World::new().await;
    let form = |count: usize| {
        let media: Vec<Value> = (0..count)
            .map(|i| json!({ "type": "photo", "media": format!("attach://p{i}"), "caption": format!("<b>{i}</b>"), "parse_mode": "HTML" }))
            .collect();
        let form = reqwest::multipart::Form::new().text("chat_id", ANNA.to_string()).text("media", json!(media).to_string());
        (0..count).fold(form, |form, i| form.part(format!("p{i}"), reqwest::multipart::Part::bytes(png(10, 10)).file_name("p.png")))
    };
    let send = |form| async {
        world.client.post(world.url("sendMediaGroup")).multipart(form).send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(send(form(11)).await["description"], "Bad Request: too many messages to send as an album");
    assert_eq!(send(form(0)).await["description"], "Bad Request: there are no messages to send");
    let alone = send(form(1)).await;
    assert!(alone["result"][0]["photo"].is_array() && alone["result"][0].get("media_group_id").is_none(), "one alone is no album: {alone}");
    world.sandbox.ledger().clear();
    let answer: Value = world.client.post(world.url("sendMediaGroup")).multipart(form(3)).send().await.unwrap().json().await.unwrap();
    let sent = answer["result"].as_array().unwrap();
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0]["media_group_id"], sent[2]["media_group_id"]);
    assert_eq!(sent[2]["caption"], "2");
    assert_eq!(world.sandbox.ledger().len(), 3);
}

#[tokio::test]
async fn edits() {
    let world = World::new().await;
    let sent = world.say(ANNA, "one").await;
    let id = &sent["message_id"];
    let edit = |text: &str| json!({ "chat_id": ANNA, "message_id": id, "text": text });
    assert_eq!(world.ok("editMessageText", edit("two")).await["text"], "two");
    assert!(world.refused("editMessageText", edit("two")).await.starts_with("Bad Request: message is not modified"));
    let keyboard = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "b" }]] });
    world.ok("editMessageReplyMarkup", json!({ "chat_id": ANNA, "message_id": id, "reply_markup": keyboard })).await;
    assert!(world.ok("editMessageText", edit("two")).await.get("reply_markup").is_none(), "an edit without a keyboard takes it away");
    assert_eq!(
        world.refused("editMessageText", json!({ "chat_id": ANNA, "message_id": 999, "text": "x" })).await,
        "Bad Request: message to edit not found"
    );
    assert_eq!(
        world.refused("editMessageCaption", json!({ "chat_id": ANNA, "message_id": id, "caption": "x" })).await,
        "Bad Request: there is no caption in the message to edit"
    );
    let own = world.sandbox.send_text(BOT, ANNA, "mine").unwrap();
    assert_eq!(
        world.refused("editMessageText", json!({ "chat_id": ANNA, "message_id": own, "text": "x" })).await,
        "Bad Request: message can't be edited"
    );
    let shown = world.sandbox.message(BOT, ANNA, id.as_i64().unwrap()).unwrap();
    assert_eq!((shown.text.as_str(), shown.edits), ("two", 3));

    let (_, photo) = world.upload("sendPhoto", "photo", "a.png", png(20, 20), &[("caption", "x")]).await;
    let id = &photo["result"]["message_id"];
    world.ok("editMessageCaption", json!({ "chat_id": ANNA, "message_id": id, "caption": "y" })).await;
    assert_eq!(
        world.refused("editMessageText", json!({ "chat_id": ANNA, "message_id": id, "text": "x" })).await,
        "Bad Request: there is no text in the message to edit"
    );
    let media = json!({ "type": "photo", "media": "attach://new", "caption": "z" }).to_string();
    let (status, answer) =
        world.upload("editMessageMedia", "new", "b.png", png(30, 30), &[("message_id", &id.to_string()), ("media", &media)]).await;
    assert_eq!((status, answer["result"]["caption"].as_str()), (200, Some("z")), "{answer}");
    let (status, answer) =
        world.upload("editMessageMedia", "new", "b.png", png(30, 30), &[("message_id", &id.to_string()), ("media", &media)]).await;
    assert_eq!(status, 400, "the same picture and caption is no change: {answer}");
}

#[tokio::test]
async fn deletions() {
    let world = World::new().await;
    let password = world.sandbox.send_text(BOT, ANNA, "secret").unwrap();
    let delete = |id: i64| json!({ "chat_id": ANNA, "message_id": id });
    world.ok("deleteMessage", delete(password)).await;
    assert!(world.sandbox.history(BOT, ANNA).is_empty());
    assert!(world.sandbox.message(BOT, ANNA, password).unwrap().deleted);
    assert_eq!(world.refused("deleteMessage", delete(password)).await, "Bad Request: message to delete not found");
    let old = world.say(ANNA, "old").await["message_id"].as_i64().unwrap();
    world.sandbox.age(BOT, ANNA, old, Duration::from_secs(48 * 3600 + 1)).unwrap();
    assert_eq!(world.refused("deleteMessage", delete(old)).await, "Bad Request: message can't be deleted");
    let new = world.say(ANNA, "new").await["message_id"].as_i64().unwrap();
    world.ok("deleteMessages", json!({ "chat_id": ANNA, "message_ids": [new, old, 12345] })).await;
    let left: Vec<_> = world.sandbox.history(BOT, ANNA).into_iter().map(|message| message.id).collect();
    assert_eq!(left, [old]);
}

#[tokio::test]
async fn copies_and_replies() {
    let world = World::new().await;
    let source = world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "<b>a</b>", "parse_mode": "HTML" })).await;
    world.sandbox.press_start(BOT, BORIS, None).unwrap();
    let copy = json!({ "chat_id": BORIS, "from_chat_id": ANNA, "message_id": source["message_id"] });
    let copied = world.ok("copyMessage", copy).await;
    assert_eq!(copied.as_object().unwrap().len(), 1);
    let last = world.sandbox.last(BOT, BORIS).unwrap();
    assert_eq!((last.id, last.text.as_str(), last.entities.len()), (copied["message_id"].as_i64().unwrap(), "a", 1));
    let missing = json!({ "chat_id": BORIS, "from_chat_id": ANNA, "message_id": 999 });
    assert_eq!(world.refused("copyMessage", missing).await, "Bad Request: message to copy not found");
    let reply =
        world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "r", "reply_parameters": { "message_id": source["message_id"] } })).await;
    assert_eq!(reply["reply_to_message"]["message_id"], source["message_id"]);
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "r", "reply_parameters": { "message_id": 999 } })).await,
        "Bad Request: message to be replied not found"
    );
}

#[tokio::test]
async fn commands_by_scope_and_language() {
    let world = World::new().await;
    let set = |commands: Value, scope: Value, language: &str| json!({ "commands": commands, "scope": scope, "language_code": language });
    let one = |name: &str| json!([{ "command": name, "description": "d" }]);
    world.ok("setMyCommands", json!({ "commands": one("start") })).await;
    world.ok("setMyCommands", set(one("russian"), json!({ "type": "default" }), "ru")).await;
    let shown = |world: &World, user: i64| world.sandbox.chat(BOT, user).commands[0]["command"].as_str().unwrap().to_owned();
    assert_eq!(shown(&world, ANNA), "russian");
    world.ok("setMyCommands", set(one("own"), json!({ "type": "chat", "chat_id": ANNA }), "")).await;
    assert_eq!((shown(&world, ANNA), shown(&world, BORIS)), ("own".to_owned(), "russian".to_owned()));
    assert_eq!(world.ok("getMyCommands", json!({ "language_code": "ru" })).await, one("russian"));
    world.ok("deleteMyCommands", json!({ "scope": { "type": "chat", "chat_id": ANNA } })).await;
    assert_eq!(shown(&world, ANNA), "russian");
    assert_eq!(world.refused("setMyCommands", json!({ "commands": one("Кириллица") })).await, "Bad Request: BOT_COMMAND_INVALID");
    let many: Vec<Value> = (0..101).map(|i| json!({ "command": format!("c{i}"), "description": "d" })).collect();
    assert_eq!(world.refused("setMyCommands", json!({ "commands": many })).await, "Bad Request: BOT_COMMANDS_TOO_MUCH");
}

#[tokio::test]
async fn floods_are_refused() {
    let world = World::with(Rates { slack: 0, per_chat: None, ..Rates::default() }).await;
    let mut refused = None;
    for _ in 0..40 {
        let (status, answer) = world.raw("sendMessage", json!({ "chat_id": ANNA, "text": "x" })).await;
        if status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let Some(answer) = refused else {
        // A machine this slow never sends 30 within a second: then the limit must not have been
        // passed either.
        assert!(world.sandbox.ledger().peak_per_second(BOT) <= 30);
        return;
    };
    let seconds = answer["parameters"]["retry_after"].as_u64().unwrap();
    assert_eq!(answer["description"], format!("Too Many Requests: retry after {seconds}"));
    assert_eq!(world.sandbox.ledger().len(), world.sandbox.ledger().peak_per_second(BOT));
}

#[tokio::test]
async fn presses_and_their_answers() {
    let world = World::new().await;
    let keyboard = json!({ "inline_keyboard": [[{ "text": "Отписаться", "callback_data": "optout:42" }, { "text": "Сайт", "url": "https://ex.ru" }]] });
    world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "hi", "reply_markup": keyboard })).await;
    let super::super::Pressed::Callback(id) = world.sandbox.press_text(BOT, ANNA, "Отписаться").unwrap() else {
        panic!("no callback")
    };
    assert_eq!(world.sandbox.press_text(BOT, ANNA, "Сайт").unwrap(), super::super::Pressed::Url("https://ex.ru/".to_owned()));
    let updates = world.ok("getUpdates", json!({})).await;
    let query = &updates[0]["callback_query"];
    assert_eq!((&query["id"], &query["data"], &query["message"]["text"]), (&json!(id), &json!("optout:42"), &json!("hi")));
    let answer = |text: &str| json!({ "callback_query_id": id, "text": text });
    assert_eq!(world.refused("answerCallbackQuery", answer(&"x".repeat(201))).await, "Bad Request: MESSAGE_TOO_LONG");
    world.ok("answerCallbackQuery", answer("готово")).await;
    assert_eq!(world.sandbox.answer(&id).unwrap().text.as_deref(), Some("готово"));
    world.sandbox.expire(&id);
    assert_eq!(
        world.refused("answerCallbackQuery", answer("x")).await,
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
}

#[tokio::test]
async fn keyboards_under_the_input_field() {
    let world = World::new().await;
    let keyboard = json!({ "keyboard": [[{ "text": "Телефон", "request_contact": true }, "Нет"]], "one_time_keyboard": true });
    world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "?", "reply_markup": keyboard })).await;
    world.sandbox.press_keyboard(BOT, ANNA, "Телефон").unwrap();
    assert!(world.sandbox.chat(BOT, ANNA).keyboard.is_empty());
    let updates = world.ok("getUpdates", json!({})).await;
    let contact = &updates[0]["message"]["contact"];
    assert_eq!((&contact["phone_number"], &contact["user_id"]), (&json!("79991234567"), &json!(ANNA)));
    assert_eq!(updates[0]["message"]["reply_to_message"]["text"], "?", "a shared contact answers the message that asked for it");
}

/// A message sent with a keyboard under the input field, or taking one away, can never be edited.
#[tokio::test]
async fn a_message_with_another_keyboard_is_never_edited() {
    let world = World::new().await;
    for markup in [json!({ "keyboard": [["Да"]] }), json!({ "remove_keyboard": true }), json!({ "force_reply": true })] {
        let sent = world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "?", "reply_markup": markup })).await;
        let edit = |more: Value| {
            let mut edit = json!({ "chat_id": ANNA, "message_id": sent["message_id"] });
            edit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            edit
        };
        let refused = world.refused("editMessageText", edit(json!({ "text": "!" }))).await;
        assert_eq!(refused, "Bad Request: message can't be edited");
        let refused = world.refused("editMessageReplyMarkup", edit(json!({}))).await;
        assert_eq!(refused, "Bad Request: message can't be edited");
        let form =
            [("message_id", sent["message_id"].to_string()), ("media", json!({ "type": "photo", "media": "attach://p" }).to_string())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (_, answer) = world.upload("editMessageMedia", "p", "p.png", png(10, 10), &form).await;
        assert_eq!(answer["description"], "Bad Request: message media can't be edited");
    }
    let sent = world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "?", "reply_markup": { "keyboard": [[""]] } })).await;
    world.ok("editMessageText", json!({ "chat_id": ANNA, "message_id": sent["message_id"], "text": "no keyboard was there" })).await;
}

#[tokio::test]
async fn an_album_keeps_its_kind() {
    let world = World::new().await;
    let media = json!([{ "type": "photo", "media": "attach://a" }, { "type": "photo", "media": "attach://b" }]);
    let part = || reqwest::multipart::Part::bytes(png(10, 10)).file_name("p.png");
    let form = reqwest::multipart::Form::new().text("chat_id", ANNA.to_string()).text("media", media.to_string());
    let form =
        form.text("reply_markup", "{\"inline_keyboard\":[[{\"text\":\"a\",\"callback_data\":\"b\"}]]}").part("a", part()).part("b", part());
    let answer: Value = world.client.post(world.url("sendMediaGroup")).multipart(form).send().await.unwrap().json().await.unwrap();
    assert!(answer["result"][0].get("reply_markup").is_none(), "an album takes no keyboard, and does not say so: {answer}");
    let id = answer["result"][0]["message_id"].to_string();
    let media = json!({ "type": "document", "media": "attach://d" }).to_string();
    let (_, refused) = world.upload("editMessageMedia", "d", "d.txt", b"x".to_vec(), &[("message_id", &id), ("media", &media)]).await;
    assert_eq!(refused["description"], "Bad Request: can't change media type in the album");
    let media = json!({ "type": "photo", "media": "attach://p" }).to_string();
    assert_eq!(world.upload("editMessageMedia", "p", "p.png", png(20, 20), &[("message_id", &id), ("media", &media)]).await.0, 200);
    for (media, words) in [
        (json!({ "type": "sticker", "media": "x" }), "can't parse InputMedia: type \"sticker\" is unsupported"),
        (json!({ "type": "photo" }), "can't parse InputMedia: media not found"),
        (json!(1), "can't parse InputMedia: expected an Object"),
    ] {
        let refused = world.refused("editMessageMedia", json!({ "chat_id": ANNA, "message_id": id, "media": media })).await;
        assert_eq!(refused, format!("Bad Request: {words}"));
    }
}

/// Telegram's library counts characters, entities count UTF-16 units; the double counted units for
/// both.
#[tokio::test]
async fn lengths_are_counted_in_characters() {
    let world = World::new().await;
    let most = "👍".repeat(4096);
    let sent = world.ok("sendMessage", json!({ "chat_id": ANNA, "text": format!("<b>{most}</b>"), "parse_mode": "HTML" })).await;
    assert_eq!(sent["entities"][0]["length"], 2 * 4096);
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": format!("{most}!") })).await,
        "Bad Request: message is too long"
    );
    let (status, _) = world.upload("sendPhoto", "photo", "a.png", png(10, 10), &[("caption", &"👍".repeat(1024))]).await;
    assert_eq!(status, 200);
    assert!(world.sandbox.send_text(BOT, ANNA, &most).is_ok() && world.sandbox.send_text(BOT, ANNA, &format!("{most}!")).is_err());
}

#[tokio::test]
async fn control_characters_and_file_names_are_cleaned() {
    let world = World::new().await;
    assert_eq!(world.say(ANNA, "a\0b\tc\u{202e}d\r\ne").await["text"], "a b cd\ne");
    assert_eq!(world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "\u{200b}" })).await, "Bad Request: text must be non-empty");
    let (_, answer) = world.upload("sendDocument", "document", "a\u{202e}b?.csv", b"x".to_vec(), &[]).await;
    assert_eq!(answer["result"]["document"]["file_name"], "ab.csv");
    world.sandbox.send_text(BOT, ANNA, "ст\0оп").unwrap();
    assert_eq!(world.ok("getUpdates", json!({})).await[0]["message"]["text"], "ст оп");
}

#[tokio::test]
async fn commands_of_a_chat_need_the_chat() {
    let world = World::new().await;
    let scope =
        |kind: &str, chat: i64| json!({ "commands": [{ "command": "a", "description": "b" }], "scope": { "type": kind, "chat_id": chat } });
    for method in ["setMyCommands", "getMyCommands", "deleteMyCommands"] {
        assert_eq!(world.refused(method, scope("chat", BORIS)).await, "Bad Request: chat not found", "{method}");
        world.ok(method, scope("chat", ANNA)).await;
    }
    for (commands, words) in [
        (json!([{ "command": "", "description": "b" }]), "command must be non-empty"),
        (json!([{ "command": "a", "description": " " }]), "command description must be non-empty"),
        (json!([{ "command": "a".repeat(33), "description": "b" }]), "command length must not exceed 32"),
        (json!([{ "command": "a", "description": "b".repeat(257) }]), "command description length must not exceed 256"),
        (json!({}), "expected an Array of BotCommand"),
    ] {
        assert_eq!(world.refused("setMyCommands", json!({ "commands": commands })).await, format!("Bad Request: {words}"));
    }
    let odd = json!({ "commands": [], "scope": { "type": "moon" } });
    assert_eq!(world.refused("setMyCommands", odd).await, "Bad Request: can't parse BotCommandScope: Unsupported type specified");
}

/// What is said when several things are wrong: the content is read first, the chat is looked for
/// last.
#[tokio::test]
async fn what_is_wrong_first_is_said() {
    let world = World::new().await;
    for (method, body, words) in [
        ("sendMessage", json!({}), "message text is empty"),
        ("sendMessage", json!({ "text": "a" }), "chat_id is empty"),
        ("sendMessage", json!({ "text": "a", "link_preview_options": [] }), "object expected as link preview options"),
        ("sendMessage", json!({ "text": "a", "link_preview_options": "{" }), "can't parse link preview options JSON object"),
        ("sendMessage", json!({ "text": "a", "reply_parameters": 1 }), "object expected as reply parameters"),
        ("sendMessage", json!({ "text": "a", "reply_parameters": { "chat_id": 1 } }), "can't find field \"message_id\""),
        ("sendPhoto", json!({}), "there is no photo in the request"),
        ("sendChatAction", json!({}), "wrong parameter action in request"),
        ("editMessageText", json!({}), "message text is empty"),
        ("editMessageText", json!({ "text": "a" }), "message identifier is not specified"),
        ("editMessageText", json!({ "text": "a", "inline_message_id": "x" }), "MESSAGE_ID_INVALID"),
        ("editMessageReplyMarkup", json!({ "chat_id": ANNA, "message_id": 1, "inline_message_id": "x" }), "message to edit not found"),
        ("deleteMessages", json!({ "message_ids": [0] }), "invalid message identifier specified"),
        (
            "sendMediaGroup",
            json!({ "chat_id": ANNA, "media": [{ "caption": "<x>", "parse_mode": "HTML" }] }),
            "can't parse InputMedia: Can't parse entities: Unsupported start tag \"x\" at byte offset 0",
        ),
    ] {
        assert_eq!(world.refused(method, body.clone()).await, format!("Bad Request: {words}"), "{method} {body}");
    }
}

#[tokio::test]
async fn numbers_of_messages_may_be_written_as_texts() {
    let world = World::new().await;
    let ids = [world.say(ANNA, "a").await["message_id"].to_string(), world.say(ANNA, "b").await["message_id"].to_string()];
    world.ok("deleteMessages", json!({ "chat_id": ANNA, "message_ids": ids })).await;
    assert!(world.sandbox.history(BOT, ANNA).is_empty());
    let id = world.say(ANNA, "c").await["message_id"].clone();
    world.sandbox.deactivate(ANNA).unwrap();
    let refused = world.refused("deleteMessage", json!({ "chat_id": ANNA, "message_id": id })).await;
    assert_eq!(refused, "Forbidden: user is deactivated");
}

/// Of a keyboard under the message and one under the input field the latter is taken, of either and
/// its removal the keyboard; a style in any case of its letters.
#[tokio::test]
async fn one_of_several_keyboards_is_taken() {
    let world = World::new().await;
    let inline = json!([[{ "text": "a", "callback_data": "x", "style": "Danger" }, { "text": "b", "url": "ex.ru", "style": "default" }]]);
    let send = async |markup: Value| world.ok("sendMessage", json!({ "chat_id": ANNA, "text": "a", "reply_markup": markup })).await;
    let both = send(json!({ "inline_keyboard": inline, "keyboard": [["Да"]] })).await;
    assert_eq!(both["reply_markup"], Value::Null);
    assert_eq!(world.sandbox.chat(BOT, ANNA).keyboard[0][0].text, "Да");
    let kept = send(json!({ "inline_keyboard": inline, "keyboard": [], "remove_keyboard": true })).await;
    assert_eq!(kept["reply_markup"]["inline_keyboard"][0][0]["style"], "danger");
    assert_eq!(kept["reply_markup"]["inline_keyboard"][0][1].get("style"), None);
    assert_eq!(world.sandbox.chat(BOT, ANNA).keyboard.len(), 1, "nothing was removed");
    send(json!({ "inline_keyboard": [], "remove_keyboard": true })).await;
    assert_eq!(world.sandbox.chat(BOT, ANNA).keyboard.len(), 0);
}
