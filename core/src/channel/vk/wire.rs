//! Messages as the VK API wants them, and what it answers (contracts/messengers/vk.md, section 2).
//!
//! Every message goes by `peer_ids`, alone or not: only then the answer names its place in the
//! dialogue, and a refusal is its recipient's own. A message's name ([`Sent::message_ref`]) is that
//! place, `<peer>:<conversation_message_id>`, because presses and receipts know it by nothing else.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::classify::{self, About};
use crate::channel::{Button, ButtonAction, FileKind, Free, Keyboard, SendError, Sent};

/// Characters of a text (contract, 2.2).
pub(super) const TEXT: usize = 4_096;
/// Calls inside one `execute`, and recipients of one call (contract, 2.2 and 4).
pub(super) const CALLS: usize = 25;
pub(super) const PEERS: usize = 100;
/// Inline buttons: in all, in a row, rows (contract, 2.4).
pub(super) const BUTTONS: usize = 10;
const ROW: usize = 5;
const ROWS: usize = 6;
/// Characters on a button (contract, 2.4).
const LABEL: usize = 40;
pub(super) const KEYBOARD: Keyboard = Keyboard { label: LABEL, row: ROW, rows: ROWS, ..Keyboard::ANY };
/// Characters of a pop-up answer to a press; the contract has no figure, a longer one is refused
/// by clients.
const SNACKBAR: usize = 90;
/// From here on an id is a chat of many people (contract, 2.1).
const CHATS: i64 = 2_000_000_000;
/// What our buttons carry stands under this name, so that those of another bot at the same
/// community are told from ours.
const OURS: &str = "mms";

/// The person an address names.
pub(super) fn peer(to: &str) -> Result<i64, SendError> {
    let peer: Option<i64> = to.parse().ok().filter(|id| (1..CHATS).contains(id));
    peer.ok_or_else(|| SendError::Unreachable("the address is no person of VK".to_owned()))
}

/// The name of a message of ours.
pub(super) fn reference(peer: i64, place: i64) -> String {
    format!("{peer}:{place}")
}

/// The person and the place that a name says.
pub(super) fn place(reference: &str) -> Option<(i64, i64)> {
    let (peer, place) = reference.split_once(':')?;
    Some((peer.parse().ok()?, place.parse().ok()?))
}

/// The `random_id` of a message: positive, the same at every try of it. 31 bits of a digest, so two
/// messages of a dialogue's newest hundred are alike once in twenty million times.
pub(super) fn random_id(tag: &str, message: i64) -> i32 {
    let digest = Sha256::new().chain_update(tag).chain_update(message.to_le_bytes()).finalize();
    let bits = i32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) & i32::MAX;
    bits.max(1)
}

/// What `messages.send` is given but for its recipients. The message is as VK shows it
/// ([`crate::channel::fit`]).
pub(super) fn params(message: &Free, random_id: i32, attachment: Option<&str>) -> Result<Map<String, Value>, SendError> {
    if message.body.text.chars().count() > TEXT {
        return Err(SendError::Rejected(format!("a text has {TEXT} characters at most")));
    }
    let mut params = Map::new();
    params.insert("random_id".to_owned(), json!(random_id));
    params.insert("message".to_owned(), json!(message.body.text));
    // Nobody is called by a name that stands in a text.
    params.insert("disable_mentions".to_owned(), json!(1));
    if let Some(attachment) = attachment {
        params.insert("attachment".to_owned(), json!(attachment));
    }
    if let Some(keyboard) = keyboard(&message.buttons) {
        params.insert("keyboard".to_owned(), json!(keyboard.to_string()));
    }
    Ok(params)
}

/// The same with its recipients.
pub(super) fn addressed(mut params: Map<String, Value>, peers: &[i64]) -> Map<String, Value> {
    let peers = match peers {
        [peer] => json!(peer),
        many => json!(many.iter().map(i64::to_string).collect::<Vec<_>>().join(",")),
    };
    params.insert("peer_ids".to_owned(), peers);
    params
}

/// Parameters as the fields of a form.
pub(super) fn form(params: &Map<String, Value>) -> Vec<(&str, String)> {
    params.iter().map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))).collect()
}

/// The script that makes these calls of `messages.send`. JSON is what VKScript writes objects as.
pub(super) fn script(calls: &[Map<String, Value>]) -> String {
    let calls: Vec<String> = calls.iter().map(|call| format!("API.messages.send({})", Value::Object(call.clone()))).collect();
    format!("return [{}];", calls.join(","))
}

/// Who of the people of an answer may be written to, and how the others would be refused (contract,
/// 2.1: the reason is an error's number). A permission that is not told is no word.
pub(super) fn writable(answer: &Value) -> Vec<(String, Result<(), SendError>)> {
    let told = |item: &Value| {
        let peer = item["peer"]["id"].as_i64().filter(|id| (1..CHATS).contains(id))?;
        let said = match item["can_write"]["allowed"].as_bool()? {
            true => Ok(()),
            false => Err(super::classify::recipient(item["can_write"]["reason"].as_i64().unwrap_or(901), "")),
        };
        Some((peer.to_string(), said))
    };
    answer["items"].as_array().into_iter().flatten().filter_map(told).collect()
}

/// What became of each recipient, by what `messages.send` answered: matched by the person, not by
/// the order. One that is not named may have been written to.
pub(super) fn landed(answer: &Value, peers: &[i64]) -> Vec<Result<Sent, SendError>> {
    // Without `peer_ids` only the message's own id is told; a community that answers so is taken at
    // its word.
    if let (Some(id), [_]) = (answer.as_i64(), peers) {
        return vec![Ok(Sent { message_ref: format!("m{id}"), ..Sent::default() })];
    }
    let items: BTreeMap<i64, &Value> =
        answer.as_array().into_iter().flatten().filter_map(|item| Some((item["peer_id"].as_i64()?, item))).collect();
    peers
        .iter()
        .map(|peer| {
            let Some(item) = items.get(peer) else {
                return Err(SendError::Unknown("the answer does not name the recipient".to_owned()));
            };
            if let Some(error) = item["error"].as_object() {
                let said = error.get("description").and_then(Value::as_str).unwrap_or_default();
                return Err(match error.get("code").and_then(Value::as_i64) {
                    Some(code) => classify::recipient(code, said),
                    None => SendError::Unknown("an error without its code".to_owned()),
                });
            }
            // What a repeat answers is not documented; taken it was, also without its name.
            let place = item["conversation_message_id"].as_i64().filter(|place| *place > 0);
            Ok(Sent { message_ref: place.map(|place| reference(*peer, place)).unwrap_or_default(), ..Sent::default() })
        })
        .collect()
}

/// What became of each call of an `execute`: one that failed is `false`, and its error is the next
/// of `execute_errors`.
pub(super) fn executed(whole: &Value, peers: &[i64]) -> Vec<Result<Sent, SendError>> {
    let mut errors = whole["execute_errors"].as_array().into_iter().flatten();
    let answers = whole["response"].as_array();
    peers
        .iter()
        .enumerate()
        .map(|(at, peer)| match answers.and_then(|answers| answers.get(at)) {
            None => Err(SendError::Unknown("the answer is shorter than the calls".to_owned())),
            Some(Value::Bool(false)) => match errors.next() {
                Some(error) => {
                    let code = error["error_code"].as_i64().unwrap_or(1);
                    Err(classify::refusal(code, error["error_msg"].as_str().unwrap_or_default(), About::One))
                }
                None => Err(SendError::Unknown("a call failed and nothing says why".to_owned())),
            },
            Some(answer) => landed(answer, &[*peer]).pop().unwrap_or_else(|| Err(SendError::Unknown("no answer".to_owned()))),
        })
        .collect()
}

/// What a button of ours carries, as VK keeps it: JSON.
pub(super) fn payload(data: &str) -> String {
    json!({ (OURS): data }).to_string()
}

/// What a button of ours carried, as JSON or as JSON in a text (both are seen; contract, 6.1).
/// `None`: it is no button of ours.
pub(super) fn carried(payload: &Value) -> Option<String> {
    match payload {
        Value::String(text) => carried(&serde_json::from_str(text).ok().filter(Value::is_object)?),
        object => object[OURS].as_str().map(str::to_owned),
    }
}

fn button(button: &Button) -> Option<Value> {
    let label = button.text.as_str();
    match &button.action {
        ButtonAction::Url(url) => Some(json!({ "action": { "type": "open_link", "label": label, "link": url } })),
        ButtonAction::Callback(data) => {
            Some(json!({ "action": { "type": "callback", "label": label, "payload": payload(data) }, "color": "secondary" }))
        }
        // There is no such button; nobody is asked by one ([`crate::channel::Capabilities`]).
        ButtonAction::SharePhone => None,
    }
}

/// Buttons under a message.
fn keyboard(rows: &[Vec<Button>]) -> Option<Value> {
    let rows: Vec<Vec<Value>> =
        rows.iter().map(|row| row.iter().filter_map(button).collect::<Vec<_>>()).filter(|row| !row.is_empty()).collect();
    (!rows.is_empty()).then(|| json!({ "inline": true, "buttons": rows }))
}

/// The answer to a press: a pop-up, or nothing but the end of waiting.
pub(super) fn press_answer(text: &str) -> Option<String> {
    let text: String = text.chars().take(SNACKBAR).collect();
    (!text.is_empty()).then(|| json!({ "type": "show_snackbar", "text": text }).to_string())
}

/// Whether a kind of file goes as a photo; VK has no other kinds but documents (contract, 2.3).
pub(super) fn is_photo(kind: FileKind, mime: &str) -> bool {
    kind == FileKind::Photo && matches!(mime, "image/jpeg" | "image/png" | "image/gif")
}

/// A file as it is uploaded (contract, 2.3).
pub(super) fn file(field: &'static str, name: &str, mime: &str, content: Arc<[u8]>) -> Result<reqwest::multipart::Form, SendError> {
    let size = content.len() as u64;
    let part = reqwest::multipart::Part::stream_with_length(bytes::Bytes::from_owner(content), size)
        .file_name(name.to_owned())
        .mime_str(mime)
        .map_err(|_| SendError::Rejected(format!("the file's type `{mime}` is not a MIME type")))?;
    Ok(reqwest::multipart::Form::new().part(field, part))
}

/// What a message names a kept file by: `photo-777_456239017_ab12`.
pub(super) fn attachment(kind: &str, kept: &Value) -> Option<String> {
    let (owner, id) = (kept["owner_id"].as_i64()?, kept["id"].as_i64()?);
    let key = kept["access_key"].as_str().filter(|key| !key.is_empty()).map(|key| format!("_{key}")).unwrap_or_default();
    Some(format!("{kind}{owner}_{id}{key}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        channel::{fit, vk::CAPABILITIES},
        text::{Rich, Span, Style},
    };

    fn button(text: &str, action: ButtonAction) -> Button {
        Button { text: text.to_owned(), action }
    }

    #[test]
    fn a_message_with_everything() {
        let message = Free {
            body: Rich {
                text: "Анна, запись здесь".to_owned(),
                spans: vec![Span { offset: 6, len: 6, style: Style::Link("https://ex.ru/b".to_owned()) }],
            },
            buttons: vec![
                vec![button("Записаться", ButtonAction::Url("https://ex.ru/b".to_owned()))],
                vec![button("Отписаться", ButtonAction::Callback("stop".to_owned())), button("Номер", ButtonAction::SharePhone)],
            ],
            ..Free::default()
        };
        let message = fit::free(message, &CAPABILITIES).expect("it fits");
        let call = addressed(params(&message, 7, Some("photo-777_1_ab")).expect("it fits"), &[123]);
        let keyboard = json!({ "inline": true, "buttons": [
            [{ "action": { "type": "open_link", "label": "Записаться", "link": "https://ex.ru/b" } }],
            [{ "action": { "type": "callback", "label": "Отписаться", "payload": "{\"mms\":\"stop\"}" }, "color": "secondary" }],
        ] });
        assert_eq!(
            Value::Object(call.clone()),
            json!({ "peer_ids": 123, "random_id": 7, "message": "Анна, запись (https://ex.ru/b) здесь", "disable_mentions": 1,
                "attachment": "photo-777_1_ab", "keyboard": keyboard.to_string() })
        );
        assert!(form(&call).contains(&("peer_ids", "123".to_owned())));
        let plain = params(&Free { body: Rich::plain("a\n\"b\""), ..Free::default() }, 9, None).expect("it fits");
        let calls = [addressed(plain.clone(), &[1]), addressed(plain.clone(), &[2])];
        assert_eq!(
            script(&calls),
            r#"return [API.messages.send({"disable_mentions":1,"message":"a\n\"b\"","peer_ids":1,"random_id":9}),API.messages.send({"disable_mentions":1,"message":"a\n\"b\"","peer_ids":2,"random_id":9})];"#
        );
        assert_eq!(addressed(plain, &[1, 2])["peer_ids"], "1,2");
    }

    #[test]
    fn a_name_becomes_no_link() {
        for (text, said) in [
            ("[id123|Анна], скидка", "［id123|Анна], скидка"),
            ("[club1|Shop] [https://vk.com/x|тут]", "［club1|Shop] ［https://vk.com/x|тут]"),
            ("скидка [10 %|20 %], [id123], [a", "скидка [10 %|20 %], [id123], [a"),
        ] {
            let fitted = fit::fit(Rich::plain(text), Vec::new(), None, &CAPABILITIES).expect("it fits");
            assert_eq!(fitted.body, Rich::plain(said));
        }
    }

    #[test]
    fn answers_are_matched_by_the_person() {
        let answer = json!([
            { "peer_id": 124, "message_id": 0, "conversation_message_id": 0, "error": { "code": 901, "description": "without permission" } },
            { "peer_id": 123, "message_id": 5012, "conversation_message_id": 41 },
            { "peer_id": 125, "message_id": 0, "conversation_message_id": 0 },
        ]);
        let [first, second, third, missing] = &landed(&answer, &[123, 124, 125, 126])[..] else { panic!("four") };
        assert_eq!(first.as_ref().map(|sent| sent.message_ref.as_str()), Ok("123:41"));
        assert_eq!(second, &Err(SendError::Blocked));
        assert_eq!(third.as_ref().map(|sent| sent.message_ref.as_str()), Ok(""), "a repeat that tells no name");
        assert!(matches!(missing, Err(SendError::Unknown(_))), "{missing:?}");
        assert_eq!(place("123:41"), Some((123, 41)));
        assert_eq!(landed(&json!(5012), &[123]), [Ok(Sent { message_ref: "m5012".to_owned(), ..Sent::default() })]);
    }

    #[test]
    fn errors_of_a_script_are_those_of_its_failed_calls_in_their_order() {
        let one = |peer: i64| json!([{ "peer_id": peer, "message_id": 1, "conversation_message_id": 5 }]);
        let error = |code: i64| json!({ "method": "messages.send", "error_code": code, "error_msg": "as the table has it" });
        let whole = json!({ "response": [one(1), false, one(3), false, false], "execute_errors": [error(18), error(9)] });
        let results = executed(&whole, &[1, 2, 3, 4, 5, 6]);
        assert!(results[0].is_ok() && results[2].is_ok());
        assert!(matches!(results[1], Err(SendError::Unreachable(_))));
        assert!(matches!(results[3], Err(SendError::RetryAfter { whole_channel: false, .. })));
        assert!(matches!(results[4], Err(SendError::Unknown(_))), "no error is left for it");
        assert!(matches!(results[5], Err(SendError::Unknown(_))), "no answer is left for it");
    }

    #[test]
    fn an_error_of_one_recipient_stops_nobody_else() {
        let answer = json!([
            { "peer_id": 124, "message_id": 0, "error": { "code": 15, "description": "Access denied" } },
            { "peer_id": 125, "message_id": 0, "error": { "description": "something new" } },
            { "peer_id": 126, "message_id": 9, "conversation_message_id": 3 },
        ]);
        let results = landed(&answer, &[124, 125, 126]);
        assert!(matches!(results[0], Err(SendError::Unreachable(_))), "{:?}", results[0]);
        assert!(matches!(results[1], Err(SendError::Unknown(_))), "{:?}", results[1]);
        assert!(results[2].is_ok());
    }

    #[test]
    fn what_a_button_carried_comes_back_and_others_buttons_are_not_ours() {
        assert_eq!(carried(&json!({ "mms": "stop" })).as_deref(), Some("stop"));
        assert_eq!(carried(&json!(payload("c:p:y:ru3:lx3"))).as_deref(), Some("c:p:y:ru3:lx3"));
        for odd in [json!(null), json!("\"{}\""), json!("стоп"), json!({ "a": "optout" }), json!(["mms"])] {
            assert_eq!(carried(&odd), None, "{odd}");
        }
        assert!(payload(&"ж".repeat(32)).chars().count() <= 255, "64 bytes are the most");
    }

    #[test]
    fn the_same_message_has_the_same_random_id_and_no_other_channel_has_it() {
        assert_eq!(random_id("a", 7), random_id("a", 7));
        assert_ne!(random_id("a", 7), random_id("b", 7));
        let ids: std::collections::HashSet<i32> = (0..10_000).map(|n| random_id("a", n)).collect();
        assert!(ids.len() > 9_990 && ids.iter().all(|id| *id > 0));
    }

    #[test]
    fn addresses_are_people() {
        assert_eq!(peer("123456"), Ok(123_456));
        for odd in ["", "-777", "0", "2000000001", "durov", "1e5"] {
            assert!(matches!(peer(odd), Err(SendError::Unreachable(_))), "{odd}");
        }
    }

    proptest! {
        /// Whatever comes out of fitting is a keyboard that VK takes, with every button on it.
        #[test]
        fn a_keyboard_fits(labels in prop::collection::vec("\\PC{1,60}", 0..=BUTTONS), per_row in 1_usize..8) {
            let buttons: Vec<Button> = labels.iter().enumerate().map(|(at, text)| {
                let action = if at % 2 == 0 { ButtonAction::Url("https://ex.ru".to_owned()) } else { ButtonAction::Callback("stop".to_owned()) };
                button(text, action)
            }).collect();
            let rows: Vec<Vec<Button>> = buttons.chunks(per_row).map(<[Button]>::to_vec).collect();
            let fitted = fit::fit(Rich::plain("Вот"), rows, None, &CAPABILITIES).expect("it fits");
            match keyboard(&fitted.buttons) {
                None => prop_assert!(labels.is_empty()),
                Some(keyboard) => {
                    let rows = keyboard["buttons"].as_array().expect("rows");
                    let all: Vec<&Value> = rows.iter().flat_map(|row| row.as_array().expect("a row")).collect();
                    prop_assert!(rows.len() <= ROWS && rows.iter().all(|row| (1..=ROW).contains(&row.as_array().map_or(0, Vec::len))));
                    prop_assert_eq!(all.len(), labels.len());
                    prop_assert!(all.iter().all(|one| one["action"]["label"].as_str().is_some_and(|label| (1..=LABEL).contains(&label.chars().count()))));
                }
            }
        }
    }
}
