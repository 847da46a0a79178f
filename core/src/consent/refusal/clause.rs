//! What stands around a word: the questions that the rules ask.

use super::{lexicon::*, reading::Token};

/// Words that change nothing about what is refused.
pub(super) const NOISE: Mask = POLITE | ME | MINE | YOU | YOURS | THIS | MORE | HERE | PREP | SWEAR | AGAIN;
/// What is refused in words.
pub(super) const SENT: Mask = OBJ | OFFER;

/// Tokens of one sentence, with the questions one asks about them.
#[derive(Clone, Copy)]
pub(super) struct Words<'a>(pub(super) &'a [Token]);

impl Words<'_> {
    pub(super) fn len(self) -> usize {
        self.0.len()
    }

    pub(super) fn is(self, at: usize, mask: Mask) -> bool {
        self.0.get(at).is_some_and(|token| token.mask & mask != 0)
    }

    pub(super) fn has(self, mask: Mask) -> bool {
        self.0.iter().any(|token| token.mask & mask != 0)
    }

    /// Something else that is cancelled or sent; «завтра» is none.
    pub(super) fn thing(self) -> bool {
        self.0.iter().any(|token| token.mask & OTHER != 0 && token.mask & TIME == 0)
    }

    /// «больше», «никогда»; «ничего» is what is not to be written.
    pub(super) fn no_more(self) -> bool {
        let nothing = |word: &str| word.starts_with("нич") || word.starts_with("ника");
        self.0.iter().any(|token| token.mask & MORE != 0 && !nothing(&token.word))
    }

    /// «буду благодарна, если …»: the condition is a request.
    pub(super) fn grateful(self) -> bool {
        const GRATEFUL: &[&str] =
            &["благодарна", "благодарен", "благодарны", "признателен", "признательна", "признательны", "обязан", "grateful", "appreciate"];
        self.has_word(GRATEFUL)
    }

    /// Where words of these classes stand.
    pub(super) fn all(self, mask: Mask) -> impl Iterator<Item = usize> {
        (0..self.0.len()).filter(move |at| self.is(*at, mask))
    }

    pub(super) fn has_word(self, words: &[&str]) -> bool {
        self.0.iter().any(|token| words.contains(&token.word.as_str()))
    }

    /// The part between commas that this word stands in.
    pub(super) fn clause(self, at: usize) -> (usize, usize) {
        let from = (0..=at).rev().find(|n| self.0[*n].after_comma).unwrap_or(0);
        let to = (at + 1..self.len()).find(|n| self.0[*n].after_comma).unwrap_or(self.len());
        (from, to)
    }

    /// Whether a comma before this word ends what was said; «не хочу, чтобы …» goes on.
    fn parted(self, at: usize) -> bool {
        self.0.get(at).is_some_and(|token| token.after_comma && token.mask & CHTOBY == 0)
    }

    /// Whether a class stands before this word, parted from it by nothing but `through`.
    pub(super) fn before(self, at: usize, mask: Mask, through: Mask) -> Option<usize> {
        for n in (at.saturating_sub(7)..at).rev() {
            if self.parted(n + 1) {
                return None;
            }
            if self.is(n, mask) {
                return Some(n);
            }
            if !self.is(n, through) {
                return None;
            }
        }
        None
    }

    /// Whether a class stands behind this word, parted from it by nothing but `through`.
    pub(super) fn behind(self, at: usize, mask: Mask, through: Mask) -> Option<usize> {
        for n in at + 1..self.len().min(at + 9) {
            if self.parted(n) {
                return None;
            }
            if self.is(n, mask) {
                return Some(n);
            }
            if !self.is(n, through) {
                return None;
            }
        }
        None
    }

    /// Whether all but `except` is of these classes.
    pub(super) fn only(self, mask: Mask) -> bool {
        self.0.iter().all(|token| token.mask & mask != 0)
    }
}
