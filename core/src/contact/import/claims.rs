//! What a workbook claims of itself. calamine 0.38 asks at once for the memory of as many shared texts as the file says it has
//! (`uniqueCount`), whatever it says, and memory that is not there ends the process.

use std::io;

/// Most shared texts a workbook may claim: more than its cells could name.
const MAX_CLAIMED: u64 = 10_000_000;
const WORD: &[u8] = b"uniqueCount";
/// Bytes after the word within which its number must end.
const REACH: usize = 64;

/// Takes what is unpacked, keeps nothing of it, and notes a claim beyond reason.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// The end of what came so far: a claim may begin in it.
    tail: Vec<u8>,
    beyond: bool,
}

impl Claims {
    /// Whether there was a claim beyond reason, or what hides one (a text of two bytes a character).
    pub(super) fn beyond_reason(mut self) -> bool {
        self.look(self.tail.len());
        self.beyond
    }

    /// Looks at the words that begin before `end`.
    fn look(&mut self, end: usize) {
        // A byte is found much faster than a word, and few texts have this one.
        if !self.tail.contains(&b'q') {
            return;
        }
        let begins = (0..end).filter(|at| self.tail[*at..].starts_with(WORD));
        self.beyond |= begins.map(|at| &self.tail[at + WORD.len()..]).any(|after| claim(&after[..after.len().min(REACH)]));
    }
}

/// Whether what follows the word is a number beyond reason; one that does not end in reach is.
fn claim(after: &[u8]) -> bool {
    let cut = after.len() == REACH;
    let Some((b'=', value)) = after.trim_ascii_start().split_first() else { return cut && after.trim_ascii_start().is_empty() };
    let value = value.trim_ascii_start();
    let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
    let value = value.strip_prefix(b"+").unwrap_or(value);
    let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = value[..digits].iter().fold(0_u64, |number, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
    number > MAX_CLAIMED || cut && digits == value.len()
}

impl io::Write for Claims {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.beyond |= piece.contains(&0);
        self.tail.extend_from_slice(piece);
        let done = self.tail.len().saturating_sub(WORD.len() + REACH);
        self.look(done);
        self.tail.drain(..done);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn beyond(text: &str, piece: usize) -> bool {
        let mut claims = Claims::default();
        text.as_bytes().chunks(piece).for_each(|piece| claims.write_all(piece).expect("written"));
        claims.beyond_reason()
    }

    #[test]
    fn only_claims_beyond_reason_are_noted() {
        let far = "x".repeat(1_000);
        for piece in [1, 7, 64, 100_000] {
            for fine in [
                "",
                "<sst count=\"9\" uniqueCount=\"1187\">",
                "<sst uniqueCount='10000000'>",
                "a uniqueCount of texts",
                "uniqueCount",
                "uniqueCount=\"\"",
            ] {
                assert!(!beyond(fine, piece) && !beyond(&format!("{far}{fine}{far}"), piece), "{fine} by {piece}");
            }
            for bad in
                ["<sst uniqueCount=\"10000001\">", "uniqueCount = '+99999999999999999999999'", "uniqueCount=\"9999999999999999", "\0"]
            {
                assert!(beyond(bad, piece) && beyond(&format!("{far}{bad}{far}"), piece), "{bad} by {piece}");
            }
            let hidden =
                [format!("uniqueCount{}=\"99999999999\">", " ".repeat(80)), format!("uniqueCount=\"{}99999999999\">", "0".repeat(80))];
            assert!(hidden.iter().all(|bad| beyond(bad, piece)), "by {piece}");
        }
    }
}
