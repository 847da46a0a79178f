//! A provider's words without what may name a person: they are kept, shown and logged.

/// From so many digits on a number may be a phone or a person's id.
const NUMBER: usize = 6;

/// Words without long numbers, and without all that follows the host of an address: what stands
/// there may be a person's.
pub(super) fn nameless(said: &str) -> String {
    let mut out = String::with_capacity(said.len());
    let mut rest = said;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        without_numbers(before, &mut out);
        let end = after.find(|char: char| char.is_whitespace() || "\"'`<>«»".contains(char)).unwrap_or(after.len());
        let (address, behind) = after.split_at(end);
        let host = address.find(['/', '?', '#']).unwrap_or(address.len());
        // Who signs in stands before the host.
        let named = address[..host].rfind('@').map_or(0, |at| at + 1);
        without_numbers(&address[named..host], &mut out);
        if host < address.len() {
            out.push('…');
        }
        rest = behind;
    }
    without_numbers(rest, &mut out);
    out
}

fn without_numbers(text: &str, out: &mut String) {
    for word in text.split_inclusive(|char: char| !char.is_ascii_digit()) {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        out.push_str(if digits < NUMBER { &word[..digits] } else { "…" });
        out.push_str(&word[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::nameless;

    #[test]
    fn whoever_a_provider_names_is_not_kept() {
        for (said, kept) in [
            ("Bad Request: chat 79991234567 not found", "Bad Request: chat … not found"),
            (
                "inline keyboard button URL 'https://salon.example/book?p=79991234567&m=anna@mail.ru' is invalid: wrong HTTP URL",
                "inline keyboard button URL 'https://salon.example…' is invalid: wrong HTTP URL",
            ),
            ("see https://anna:1@salon.example, or 12345", "see https://salon.example, or 12345"),
            ("Too Many Requests: retry after 30", "Too Many Requests: retry after 30"),
            ("", ""),
        ] {
            assert_eq!(nameless(said), kept);
        }
    }
}
