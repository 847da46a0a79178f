//! The fuzz targets of the managers' bot; see [`mms_core::fuzzing`], whose
//! way of trying them this is.

use mms_core::{fuzzing::Target, text::Rich};
use teloxide::types::UpdateKind;

use crate::{
    dispatch,
    frame::{callback::MAX_BYTES, dialogue},
    screens::{Callback, commands, inbox},
};

/// The fuzz targets of this crate.
pub const TARGETS: &[Target] = &[
    Target { name: "callback", run: callback, turns: 20_000, words: BUTTON },
    Target { name: "manager_update", run: manager_update, turns: 10_000, words: UPDATE },
];

const BUTTON: &[&str] = &[
    ":",
    "::",
    "k",
    "h",
    "c",
    "f",
    "r",
    "g",
    "0",
    "u",
    "o",
    "x",
    "i",
    "p",
    "m",
    "e",
    "t",
    "a",
    "l",
    "AZLwwdLjekuMXW5_gJGisw",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "_____________________w",
    "18446744073709551615",
    "-1",
    "+1",
    "007",
    "1",
    "=",
    "\u{441}",
];
const UPDATE: &[&str] = &[
    "\"message\":",
    "\"callback_query\":",
    "\"my_chat_member\":",
    "\"entities\":",
    "\"caption_entities\":",
    "\"offset\":",
    "\"length\":",
    "\"type\":\"bold\"",
    "\"type\":\"pre\"",
    "\"text_link\"",
    "\"url\":\"x\"",
    "{",
    "}",
    "[",
    "]",
    "null",
    "-1",
    "18446744073709551615",
    "9223372036854775807",
    "\"text\":\"/start \"",
    "\"document\":",
    "\"photo\":[]",
    "\"reply_markup\":",
    "\"inline_keyboard\":[[",
    "\\ud83d\\ude00",
    "\\u0000",
    ",",
    ":",
];

/// The data of a button.
///
/// # Panics
/// When what was read is not written as itself, or does not fit into a button.
pub fn callback(input: &[u8]) {
    let Ok(wire) = std::str::from_utf8(input) else { return };
    let Some(call) = Callback::decode(wire) else { return };
    let written = call.encode();
    assert!(written.len() <= MAX_BYTES, "{written} has {} bytes", written.len());
    assert_eq!(Callback::decode(&written), Some(call), "{written}");
}

/// An update of the managers' bot, to where a screen would be asked.
///
/// # Panics
/// When a typed text does not come back as it was.
pub fn manager_update(input: &[u8]) {
    let Ok(raw) = serde_json::from_slice(input) else { return };
    let Some((_, update)) = dispatch::understand(&raw) else { return };
    match update.kind {
        UpdateKind::Message(message) => {
            let _ = message.text().and_then(commands::parse).and_then(|typed| commands::opens(&typed));
            let _ = inbox::replied_to(&message);
            let typed = dialogue::Input::of(&message);
            let kept = typed.rich.clone().canonical();
            let units = kept.len_utf16();
            assert!(kept.spans.iter().all(|span| span.len > 0 && span.offset + span.len <= units), "styles lie within the text");
            let trimmed = typed.rich.clone().trimmed();
            assert_eq!(trimmed.text, typed.text());
            assert_eq!(Rich::from_html(&kept.to_html()).map(|read| read.text), Ok(typed.rich.text.clone()), "markup says the same words");
            let _ = typed.rich.to_template();
        }
        UpdateKind::CallbackQuery(query) => callback(query.data.unwrap_or_default().as_bytes()),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use mms_core::fuzzing::smoke;

    use super::*;

    #[test]
    fn no_input_breaks_a_target() {
        TARGETS.iter().for_each(smoke);
    }

    #[test]
    fn every_program_of_fuzz_calls_its_target() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/fuzz_targets");
        for target in TARGETS {
            let program = std::fs::read_to_string(dir.join(target.name).with_extension("rs")).expect(target.name);
            assert!(program.contains(&format!("mms_bot::fuzzing::{}(", target.name)), "{program}");
        }
    }
}
