//! Presses that come as words: in messengers that tell no press, and in those that have no buttons,
//! where people write what a question offers.

use crate::{
    channel::{Button, ButtonAction, Event, EventKind},
    delivery::{kept, outgoing::OutgoingMessage},
    inbound::{handle::ChannelSource, queries, texts},
    on,
    store::Tx,
};

/// The press that a person's words are, if they are one: the words on a button of a question put to
/// them, or of what a campaign lately told them. A bare «да» or «нет» may answer anything: what it
/// means depends on what was asked last ([`crate::inbound::conversation::step`]).
pub(super) async fn press(tx: &mut Tx, source: &ChannelSource, event: &Event) -> sqlx::Result<Option<Event>> {
    let EventKind::Text { body, .. } = &event.kind else { return Ok(None) };
    if !source.presses_are_words || body.chars().count() > LONGEST || texts::plain_answer(body).is_some() {
        return Ok(None);
    }
    let said: Vec<(Option<String>, String)> = on!(tx.conn(), |c| sqlx::query_as(queries::SAID_TO)
        .bind(source.account)
        .bind(&source.address_kind)
        .bind(&event.from)
        .bind(source.scope)
        .bind(source.channel)
        .fetch_all(c)
        .await)?;
    let found = said.into_iter().find_map(|(message_ref, payload)| {
        // What was forgotten by now is no question.
        let message: OutgoingMessage = serde_json::from_str(&payload).ok()?;
        Some((message_ref, meant(message.buttons.iter().flatten(), body)?))
    });
    let found = match found {
        Some(found) => Some(found),
        None => told(tx, source, event, body).await?,
    };
    Ok(found.map(|(message_ref, data)| Event {
        message_ref,
        kind: EventKind::Press { data, label: String::new(), query_id: event.message_ref.clone().unwrap_or_default() },
        ..event.clone()
    }))
}

/// What a button carries that these words are on, in what campaigns told the person.
async fn told(tx: &mut Tx, source: &ChannelSource, event: &Event, words: &str) -> sqlx::Result<Option<(Option<String>, String)>> {
    let told: Vec<(Option<String>, Vec<u8>, String)> = on!(tx.conn(), |c| sqlx::query_as(queries::TOLD_TO)
        .bind(source.account)
        .bind(&source.address_kind)
        .bind(&event.from)
        .bind(source.scope)
        .bind(source.channel)
        .fetch_all(c)
        .await)?;
    Ok(told.into_iter().find_map(|(message_ref, packed, version)| {
        let message = kept::Message::unpack(&packed, &version)?;
        let buttons = message.buttons.iter().flatten().chain(&message.said);
        Some((message_ref, meant(buttons, words)?))
    }))
}

/// The longest words that can stand on a button, characters.
const LONGEST: usize = 64;
/// A shorter piece of a label says nothing.
const SHORTEST: usize = 8;

/// What a button carries that these words are on.
fn meant<'a>(mut buttons: impl Iterator<Item = &'a Button>, words: &str) -> Option<String> {
    let plain = |text: &str| text.trim().trim_matches(['«', '»', '"', '“', '”', '.', '!']).trim().to_lowercase();
    let words_plain = plain(words);
    // A messenger shows the beginning of a label that is too long for it.
    let begins = words_plain.strip_suffix('…').filter(|begins| begins.chars().count() >= SHORTEST);
    let is_on = |button: &Button| {
        let label = plain(&button.text);
        label == words_plain || begins.is_some_and(|begins| label.starts_with(begins))
    };
    buttons.find_map(|button| match &button.action {
        ButtonAction::Callback(data) if is_on(button) => Some(data.clone()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Rich;

    fn question() -> OutgoingMessage {
        let button = |text: &str, data: &str| vec![Button { text: text.to_owned(), action: ButtonAction::Callback(data.to_owned()) }];
        OutgoingMessage {
            body: Rich::plain("Разрешаете?"),
            buttons: vec![button("Согласиться", "c:p:y:ru3:19f"), button("Не соглашаться ни на что", "c:p:n:ru3:19f")],
            remove_keyboard: false,
            media: None,
        }
    }

    #[test]
    fn words_are_a_press_only_where_they_stand_on_a_button() {
        let yes = Some("c:p:y:ru3:19f".to_owned());
        let no = Some("c:p:n:ru3:19f".to_owned());
        for (words, data) in [
            ("Согласиться", &yes),
            (" «согласиться». ", &yes),
            ("Не соглашаться ни н…", &no),
            ("Не…", &None),
            ("Не соглашаться", &None),
            ("Добрый день", &None),
        ] {
            assert_eq!(&meant(question().buttons.iter().flatten(), words), data, "{words}");
        }
    }
}
