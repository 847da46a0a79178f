//! A small statistical model beside the rules: it knows what they were not told. Softmax over
//! hashed words, pairs of words, pieces of words and classes, learned by `training` from the open
//! part of the corpus.

use std::sync::LazyLock;

use super::{
    lexicon::{
        AGAINST, AWAY, CEASE, COMMON, CORE, DISLIKE, ENOUGH, FORBID, FOREIGN, LEAVE, MORE, Mask, NOT, OBJ, POLITE, REFUSE, REMOVE, REVOKE,
        STOPWORD, STRONG, SWEAR, THIS, UNSUB,
    },
    reading::{Reading, Sentence, Token},
};

/// Rows of weights.
pub(super) const ROWS: usize = 1 << 18;
/// Columns: stop, doubt, talk.
pub(super) const ANSWERS: usize = 3;
/// Before the weights in the file: what the weights are divided by, and the corpus they were
/// learned from.
pub(super) const HEAD: usize = 16;
/// A message longer than this is looked at sentence by sentence.
const LONG: usize = 40;

/// How likely each answer is, together 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Odds {
    pub stop: f32,
    pub doubt: f32,
    pub talk: f32,
}

/// Classes of which a refusal has one.
const MAY_REFUSE: Mask = NOT
    | STOPWORD
    | STRONG
    | FOREIGN
    | UNSUB
    | CEASE
    | ENOUGH
    | REMOVE
    | LEAVE
    | DISLIKE
    | AWAY
    | REFUSE
    | REVOKE
    | FORBID
    | AGAINST
    | MORE
    | OBJ;

/// The learned weights.
pub(super) struct Model<'a> {
    weights: &'a [u8],
    scale: f32,
    bias: [f32; ANSWERS],
}

/// What is shipped.
pub(super) static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::of(include_bytes!("model.bin")));

impl<'a> Model<'a> {
    /// Reads a file that `training::train` wrote.
    pub(super) fn of(file: &'a [u8]) -> Self {
        let byte = |n: usize| file.get(n).copied().unwrap_or_default();
        let float = |n: usize| f32::from_le_bytes([byte(n), byte(n + 1), byte(n + 2), byte(n + 3)]);
        Self { weights: file.get(HEAD..).unwrap_or_default(), scale: float(0), bias: [float(4), float(8), float(12)] }
    }

    /// How likely it finds each answer; of a long message, in the sentence that refuses most.
    pub(super) fn odds(&self, reading: &Reading) -> Odds {
        if long(reading) { self.of_sentences(reading) } else { self.of_features(&features(&reading.sentences, reading.smile)) }
    }

    /// The same where the rules found a refusal: thanks and reasons around it take nothing from it.
    pub(super) fn odds_of_refusal(&self, reading: &Reading) -> Odds {
        let whole = self.odds(reading);
        if reading.sentences.len() < 2 || long(reading) {
            return whole;
        }
        let each = reading.sentences.iter().map(|sentence| self.of_features(&features(std::slice::from_ref(sentence), false)));
        each.chain([whole]).max_by(|a, b| a.stop.total_cmp(&b.stop)).unwrap_or(whole)
    }

    /// How likely it finds each answer in the sentence that refuses most.
    fn of_sentences(&self, reading: &Reading) -> Odds {
        // Of a long letter only what may refuse at all.
        let may = |sentence: &&Sentence| sentence.tokens.iter().any(|token| token.mask & MAY_REFUSE != 0);
        let each = reading.sentences.iter().filter(may).map(|sentence| self.of_features(&features(std::slice::from_ref(sentence), false)));
        each.min_by(|a, b| a.talk.total_cmp(&b.talk)).unwrap_or(Odds { stop: 0.0, doubt: 0.0, talk: 1.0 })
    }

    fn of_features(&self, features: &[u32]) -> Odds {
        let mut sums = [0_i32; ANSWERS];
        for feature in features {
            let row = *feature as usize * ANSWERS;
            if let Some(weights) = self.weights.get(row..row + ANSWERS) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += i32::from(i8::from_le_bytes([*weight]));
                }
            }
        }
        let share = self.scale * share(features.len());
        #[expect(clippy::cast_precision_loss, reason = "some hundred times 127")]
        softmax([0, 1, 2].map(|n| sums[n] as f32 * share + self.bias[n]))
    }
}

/// Whether a message is looked at sentence by sentence.
fn long(reading: &Reading) -> bool {
    reading.tokens().count() > LONG
}

/// What one feature of so many counts.
pub(super) fn share(features: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "some hundred")]
    let features = features.max(1) as f32;
    features.sqrt().recip()
}

pub(super) fn softmax(sums: [f32; ANSWERS]) -> Odds {
    let most = sums.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let [stop, doubt, talk] = sums.map(|sum| (sum - most).exp());
    let all = stop + doubt + talk;
    Odds { stop: stop / all, doubt: doubt / all, talk: talk / all }
}

/// FNV-1a.
struct Hash(u32);

impl Hash {
    fn of(kind: u8) -> Self {
        Self(0x811c_9dc5).with(&[kind])
    }

    fn with(mut self, bytes: &[u8]) -> Self {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
        self
    }

    fn row(self) -> u32 {
        let mixed = (self.0 ^ self.0 >> 15).wrapping_mul(0x2c1b_3c6d);
        (mixed ^ mixed >> 13) % ROWS as u32
    }
}

/// What the model sees of a message, each row once.
pub(super) fn features(sentences: &[Sentence], smile: bool) -> Vec<u32> {
    let mut out = Vec::with_capacity(256);
    let mut words = 0;
    let courtesy = |sentence: &Sentence| sentence.tokens.iter().all(|token| token.mask & POLITE != 0);
    let all_courtesy = sentences.iter().all(courtesy);
    for sentence in sentences.iter().filter(|sentence| all_courtesy || !courtesy(sentence)) {
        let mut masks: Vec<Mask> = Vec::with_capacity(sentence.tokens.len());
        let mut last: [(&str, Mask); 2] = [("^", 0), ("^", 0)];
        let end = if sentence.question { ("?", 2) } else { (".", 1) };
        // Courtesy at the end says nothing.
        let said = sentence.tokens.iter().rposition(|token| token.mask & POLITE == 0).map_or(sentence.tokens.len(), |last| last + 1);
        let tokens = sentence.tokens[..said].iter().map(|token| (token.word.as_str(), token.mask, token.after_comma));
        for (word, mask, comma) in tokens.chain([(end.0, end.1, false)]) {
            let [before, previous] = last;
            words += 1;
            let (w, m) = (word.as_bytes(), mask.to_le_bytes());
            out.push(Hash::of(1).with(w).row());
            out.push(Hash::of(2).with(previous.0.as_bytes()).with(b" ").with(w).row());
            out.push(Hash::of(3).with(before.0.as_bytes()).with(b" ").with(w).row());
            out.push(Hash::of(4).with(&m).row());
            out.push(Hash::of(5).with(&previous.1.to_le_bytes()).with(&m).row());
            out.push(Hash::of(6).with(&before.1.to_le_bytes()).with(&previous.1.to_le_bytes()).with(&m).row());
            if comma {
                out.push(Hash::of(7).with(&m).row());
            }
            if sentence.question {
                out.push(Hash::of(8).with(&m).row());
            }
            let mut bits = mask;
            while bits != 0 {
                out.push(Hash::of(9).with(&bits.trailing_zeros().to_le_bytes()).row());
                bits &= bits - 1;
            }
            out.push(Hash::of(14).with(stem(previous.0).as_bytes()).with(b" ").with(stem(word).as_bytes()).row());
            out.push(Hash::of(15).with(stem(word).as_bytes()).row());
            // Classes further apart, as many as five words.
            for (distance, other) in masks.iter().rev().take(5).enumerate() {
                if distance >= 1 && mask != 0 && *other != 0 {
                    out.push(Hash::of(13).with(&other.to_le_bytes()).with(&m).row());
                }
            }
            masks.push(mask);
            pieces(word, &mut out);
            last = [previous, (word, mask)];
        }
        together(&sentence.tokens[..said], end.1, &mut out);
    }
    let size = match words {
        0..=2 => 0,
        3..=4 => 1,
        5..=8 => 2,
        9..=16 => 3,
        _ => 4,
    };
    out.push(Hash::of(10).with(&[size]).row());
    if smile {
        out.push(Hash::of(11).row());
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// What words do, seen apart from the words: kinds in a row through courtesy and oaths, and every
/// two classes of a sentence in their order. It is what the model knows of words it never saw.
fn together(tokens: &[Token], end: Mask, out: &mut Vec<u32>) {
    const NOTHING: Mask = POLITE | SWEAR | THIS | MORE;
    /// «не пишите Лене»: a word that is not known, with a capital letter within the sentence.
    const NAME: u64 = 1;
    let mut last = [0_u64; 2];
    let said = tokens.iter().enumerate().filter(|(_, token)| token.mask & NOTHING == 0);
    let named = |at: usize, token: &Token| at > 0 && token.capital && token.mask == 0;
    let kinds = said.map(|(at, token)| if named(at, token) { NAME } else { kind(token) });
    for kind in kinds.chain([kind_of(end)]) {
        let [before, previous] = last.map(u64::to_le_bytes);
        out.push(Hash::of(20).with(&previous).with(&kind.to_le_bytes()).row());
        out.push(Hash::of(21).with(&before).with(&previous).with(&kind.to_le_bytes()).row());
        last = [last[1], kind];
    }
    let mut before: Mask = 0;
    let mut previous: Mask = 0;
    // Before each class, the classes that were noted.
    let mut noted: [Mask; Mask::BITS as usize] = [0; Mask::BITS as usize];
    for token in tokens {
        for class in classes(token.mask & !(CORE | POLITE)) {
            if token.mask & COMMON == 0 {
                let fresh = before & !COMMON & !noted[usize::from(class)];
                out.extend(classes(fresh).map(|other| Hash::of(26).with(&[other, class]).row()));
                noted[usize::from(class)] |= fresh;
            }
            for other in classes(previous) {
                out.push(Hash::of(27).with(&[other, class, u8::from(token.after_comma)]).row());
            }
        }
        previous = token.mask & !(CORE | POLITE);
        before |= previous;
    }
}

/// What a word does or, where that is not known, how it ends.
fn kind(token: &Token) -> u64 {
    match token.mask & !(COMMON | CORE) {
        0 => {
            let end = token.word.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
            u64::from(Hash::of(25).with(&token.word.as_bytes()[end..]).0)
        }
        mask => kind_of(mask),
    }
}

/// A mask in fewer bits.
fn kind_of(mask: Mask) -> u64 {
    #[expect(clippy::cast_possible_truncation, reason = "the upper half is mixed in before")]
    let kind = (mask ^ mask >> 61) as u64;
    kind
}

/// The classes of a mask by their places.
fn classes(mut mask: Mask) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let class = u8::try_from(mask.trailing_zeros()).ok().filter(|_| mask != 0)?;
        mask &= mask - 1;
        Some(class)
    })
}

/// The beginning of a word, four letters of it.
fn stem(word: &str) -> &str {
    word.char_indices().nth(4).map_or(word, |(end, _)| &word[..end])
}

/// Four and five letters in a row.
fn pieces(word: &str, out: &mut Vec<u32>) {
    let text = format!("<{word}>");
    let ends: Vec<usize> = text.char_indices().map(|(n, _)| n).chain([text.len()]).take(30).collect();
    for size in [4, 5] {
        for from in 0..ends.len().saturating_sub(size) {
            out.push(Hash::of(12).with(&text.as_bytes()[ends[from]..ends[from + size]]).row());
        }
    }
}
