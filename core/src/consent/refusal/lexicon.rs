//! What words do in a refusal: classes, and how a word as typed finds its own.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
};

use super::letters;

mod gluing;

/// A set of classes, one bit each.
pub(super) type Mask = u128;

macro_rules! classes {
    ($($(#[doc = $doc:literal])? $name:ident),+ $(,)?) => {
        /// Every class by the name it has in `lexicon.txt`; its place is its bit.
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $($(#[doc = $doc])? pub(super) const $name: Mask = bit(stringify!($name));)+
    };
}

/// The bit of a class.
const fn bit(name: &str) -> Mask {
    let mut at = 0;
    while at < NAMES.len() {
        let (known, name) = (NAMES[at].as_bytes(), name.as_bytes());
        let mut same = known.len() == name.len();
        let mut n = 0;
        while same && n < name.len() {
            same = known[n].eq_ignore_ascii_case(&name[n]);
            n += 1;
        }
        if same {
            return 1 << at;
        }
        at += 1;
    }
    0
}

classes! {
    /// «стоп» and whoever may stand for it.
    STOPWORD,
    /// A stop-word that means nothing else.
    STRONG,
    /// A refusal in a language whose grammar is not known here.
    FOREIGN,
    /// The opposite of [`FOREIGN`]: «do not stop», «I did not say».
    GOON,
    /// «Who is this?», «where is my number from?» in those languages.
    STRANGER,
    NOT, MORE, ME, MINE, YOU, YOURS, THIS, POLITE, HERE,
    /// To write, send, disturb: imperative, infinitive.
    WRITE_CMD, WRITE_INF, WRITE_ING, WRITE_PRES, WRITE_PAST,
    /// To ring up.
    CALL,
    /// What is asked for once: «напишите», «перезвоните».
    PERF, PERFNEG,
    /// To cease; alone it is a refusal if also [`CEASEBARE`].
    CEASE, CEASEBARE, ENOUGH,
    /// To unsubscribe, by form.
    UNSUB, UNSUB_INF, UNSUB_IMP, UNSUB_ONE, UNSUB_FUT, UNSUB_PAST, SUBSCRIBE,
    REMOVE, REMOVED, ADDTO, BLACKLIST,
    /// What is sent: advertising, messages.
    OBJ,
    /// Rubbish: what is sent, or what is said.
    TRASH,
    OFFER,
    BASE, DATA, ACCOUNT,
    /// Other things that are cancelled, deleted or sent in a conversation.
    OTHER,
    DISLIKE, GO, AWAY, LEAVE, LEAVESG, PEACE, LETBE, HUSH,
    CONSENT, REVOKE, AGREE, FORBID, AGAINST, PROCESS, REFUSE,
    WANT, RECEIVE, NEED, NONEED, CAN, ASK, DARE, BEG, HOW, IF, OR, WHY, WHAT, CHTOBY, ITHINK,
    REPORT, AGAIN, STILL, HOWLONG, TIME, SELDOM, MAIL, BETTER, ONLY, UNDO, QUOTE,
    LEGAL, REGULATOR, BLOCK, ONCE, WRONG, DEAD, CLIENT, SPAMWORD, THIRD, SUBJ, PREP,
    /// Words whose slips are looked for.
    CORE,
    BUY, SWEET, QTY, SWEAR,
    /// Known, and nothing of the above.
    COMMON,
    NUMBER,
}

/// Classes whose words are looked for in words with slips and in words without spaces.
const KEY: Mask = STOPWORD
    | STRONG
    | FOREIGN
    | WRITE_CMD
    | WRITE_INF
    | WRITE_ING
    | CEASE
    | ENOUGH
    | UNSUB
    | REMOVE
    | OBJ
    | DISLIKE
    | LEAVE
    | RECEIVE
    | CONSENT
    | REVOKE
    | REFUSE
    | FORBID
    | SUBSCRIBE
    | AWAY;

/// Classes whose long words are looked for in words with slips, besides those of [`CORE`].
const SLIPPED: Mask = WRITE_CMD | WRITE_INF | CEASE | REMOVE | UNSUB | LEAVE | DISLIKE | SUBSCRIBE;
/// As many letters as such a word has.
const LONG: usize = 8;

/// FNV-1a: the words are ours, nobody can choose them to collide.
#[derive(Default)]
pub(super) struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

type Map<V> = HashMap<String, V, BuildHasherDefault<Fnv>>;

/// A word that others are slips of: its letters as a set, itself, its classes.
type Form = (u64, Vec<char>, Mask);

/// The words.
pub(super) struct Lexicon {
    words: Map<Mask>,
    stems: Map<Mask>,
    /// The first four letters of every stem: most words begin with none of them.
    beginnings: HashSet<String, BuildHasherDefault<Fnv>>,
    sounds: Map<(String, Mask)>,
    /// [`gluing::SHORT`] words by sound.
    short: Map<(String, Mask)>,
    /// Words of [`KEY`] by the number of letters: their letters as a set, themselves, their
    /// classes.
    shapes: Vec<Vec<Form>>,
    /// Long words of [`SLIPPED`] by their last two letters.
    endings: HashMap<[char; 2], Vec<Form>, BuildHasherDefault<Fnv>>,
    phrases: Map<Mask>,
    /// Words a phrase begins with.
    heads: Map<usize>,
}

/// The lexicon of this program.
pub(super) static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::read(include_str!("lexicon.txt"), include_str!("common.txt")));

/// The letters of a word as a set.
fn shape(word: &[char]) -> u64 {
    word.iter().fold(0, |set, c| set | 1 << (u32::from(*c) % 61))
}

/// Whether two letters are the same, or sound so where they are not stressed: «атписаться».
fn alike(a: char, b: char) -> bool {
    a == b || matches!((a, b), ('а' | 'о', 'а' | 'о') | ('е' | 'и', 'е' | 'и'))
}

/// `сло{во,ва}` as its words.
fn expand(pattern: &str, out: &mut Vec<String>) {
    let Some((head, rest)) = pattern.split_once('{') else {
        out.push(pattern.to_owned());
        return;
    };
    let Some((endings, tail)) = rest.split_once('}') else { return };
    for ending in endings.split(',') {
        expand(&format!("{head}{ending}{tail}"), out);
    }
}

/// A word as it is kept: small plain letters, no runs.
pub(super) fn key(word: &str) -> String {
    letters::squeeze(word.chars().map(letters::letter), word.len())
}

impl Lexicon {
    fn read(text: &str, common: &str) -> Self {
        let mut lexicon = Self {
            words: Map::default(),
            stems: Map::default(),
            beginnings: HashSet::default(),
            sounds: Map::default(),
            short: Map::default(),
            shapes: vec![Vec::new(); 32],
            endings: HashMap::default(),
            phrases: Map::default(),
            heads: Map::default(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((classes, words)) = line.split_once(':') else { continue };
            let mask = classes.split_whitespace().filter_map(class).fold(0, |a, b| a | b);
            let mut forms = Vec::new();
            words.split_whitespace().for_each(|word| expand(word, &mut forms));
            for form in forms {
                lexicon.add(&form, mask);
            }
        }
        for word in common.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
            lexicon.words.entry(key(word)).or_default();
        }
        // What has no class is still a word, and no slip of another.
        lexicon.words.values_mut().filter(|mask| **mask == 0).for_each(|mask| *mask = COMMON);
        // A word of which the file says no more than [`CORE`] has the classes of its stem.
        let stems: Vec<(String, Mask)> =
            lexicon.words.iter().filter(|(_, mask)| **mask == CORE).map(|(word, _)| (word.clone(), lexicon.by_stem(word))).collect();
        stems.into_iter().for_each(|(word, mask)| *lexicon.words.entry(word).or_default() |= mask);
        lexicon.index();
        lexicon
    }

    fn add(&mut self, form: &str, mask: Mask) {
        if let Some(stem) = form.strip_suffix('*') {
            let stem = key(stem);
            self.beginnings.insert(stem.chars().take(4).collect());
            *self.stems.entry(stem).or_default() |= mask;
        } else if form.contains('_') {
            let form: Vec<String> = form.split('_').map(key).collect();
            for word in &form {
                self.words.entry(word.clone()).or_default();
            }
            let longest = self.heads.entry(form[0].clone()).or_default();
            *longest = form.len().max(*longest);
            *self.phrases.entry(form.join(" ")).or_default() |= mask;
        } else {
            *self.words.entry(key(form)).or_default() |= mask;
        }
    }

    /// Words by sound and by letters.
    fn index(&mut self) {
        self.short = gluing::SHORT.iter().map(|word| (letters::sound(word), ((*word).to_owned(), self.exact(word)))).collect();
        let mut words: Vec<(&String, &Mask)> = self.words.iter().collect();
        words.sort();
        for (word, mask) in words {
            let letters: Vec<char> = word.chars().collect();
            let russian = letters.iter().all(|c| letters::cyrillic(*c));
            if russian {
                let sound = letters::sound(word);
                let best = self.sounds.entry(sound).or_insert_with(|| (word.clone(), *mask));
                if best.1 & KEY == 0 && mask & KEY != 0 {
                    *best = (word.clone(), *mask);
                }
            }
            if mask & CORE != 0 && (5..32).contains(&letters.len()) {
                self.shapes[letters.len()].push((shape(&letters), letters, *mask));
            } else if russian && (LONG..32).contains(&letters.len()) && mask & SLIPPED != 0 {
                let ending = [letters[letters.len() - 2], letters[letters.len() - 1]];
                self.endings.entry(ending).or_default().push((shape(&letters), letters, *mask));
            }
        }
    }

    /// The classes of a word that is written right; 0 if it is not known.
    pub(super) fn exact(&self, word: &str) -> Mask {
        if let Some(mask) = self.words.get(word) {
            return *mask;
        }
        self.by_stem(word)
    }

    /// The same of a word that is in the lexicon or is a stem of it with an ending, no longer.
    pub(super) fn whole(&self, word: &str) -> Mask {
        const ENDING: usize = 4;
        let stem = || self.stem_of(word).filter(|(tail, _)| *tail <= ENDING).map_or(0, |(_, mask)| mask);
        self.words.get(word).copied().unwrap_or_else(stem)
    }

    fn by_stem(&self, word: &str) -> Mask {
        self.stem_of(word).map_or(0, |(_, mask)| mask)
    }

    /// How many letters stand behind the longest stem a word begins with, and its classes.
    fn stem_of(&self, word: &str) -> Option<(usize, Mask)> {
        let four = word.char_indices().nth(4).map_or(word.len(), |(end, _)| end);
        if !self.beginnings.contains(&word[..four]) {
            return None;
        }
        let ends = word.char_indices().map(|(n, _)| n).skip(4).take(6);
        let longest = || ends.filter_map(|end| self.stems.get(&word[..end]).map(|mask| (word[end..].chars().count(), *mask))).last();
        self.stems.get(word).map(|mask| (0, *mask)).or_else(longest)
    }

    /// A known word that sounds the same, and its classes.
    pub(super) fn by_sound(&self, word: &str) -> Option<(&str, Mask)> {
        // «приходить» is no «приходит».
        let same_form = |found: &str| !word.ends_with("ть") || found.ends_with("ть");
        self.sounds.get(&letters::sound(word)).filter(|(found, _)| same_form(found)).map(|(word, mask)| (word.as_str(), *mask))
    }

    /// A word of a refusal that this one is a slip of, and its classes: one slip in a word of five
    /// letters, two in one of nine.
    pub(super) fn by_slip(&self, word: &str) -> Option<(String, Mask)> {
        let letters: Vec<char> = word.chars().take(33).collect();
        if !(5..31).contains(&letters.len()) {
            return None;
        }
        // «останавливается», «звонит»: another person of a verb is no slip of it.
        let person = ["ется", "ится", "ются", "ятся", "утся", "атся", "ит", "ет", "ут", "ют", "ят"].iter().any(|end| word.ends_with(end));
        // «присылайет» is of no person.
        let person = person && !["йет", "ьет", "иет"].iter().any(|end| word.ends_with(end));
        let slips = if letters.len() >= 10 { 2 } else { 1 };
        let own = shape(&letters);
        let mut found: Option<(&[char], Mask)> = None;
        for allowed in 1..=slips {
            for forms in &self.shapes[letters.len() - allowed.min(letters.len())..=(letters.len() + allowed).min(31)] {
                for (shape, form, mask) in forms {
                    let first = alike(form[0], letters[0])
                        || form[1] == letters[0]
                        || form[0] == letters[1]
                        || letters.len() >= 6 && form[1..] == letters[1..] && letters::beside(form[0], letters[0]);
                    if !first || (shape ^ own).count_ones() as usize > 2 * allowed {
                        continue;
                    }
                    let alike = form.iter().zip(&letters).take_while(|(a, b)| a == b).count();
                    if !(person && alike + 3 >= letters.len()) && letters::near(&letters, form, allowed) {
                        let better = found.is_none_or(|(best, _)| best[0] != letters[0] && form[0] == letters[0]);
                        if better {
                            found = Some((form, *mask));
                        }
                    }
                }
            }
            // Of words that are not the commonest, one slip, and not in the ending.
            if allowed == 1 && !person {
                found = found.or_else(|| self.long_slip(&letters, own));
            }
            if found.is_some() {
                break;
            }
        }
        found.map(|(form, mask)| (form.iter().collect(), mask))
    }

    /// A long word that this one is one slip of, before the last two letters.
    fn long_slip(&self, letters: &[char], own: u64) -> Option<(&[char], Mask)> {
        let ending = letters.last_chunk::<2>().filter(|_| letters.len() + 1 >= LONG)?;
        let forms = self.endings.get(ending)?;
        let near = |(shape, form, _): &&Form| {
            form.len().abs_diff(letters.len()) <= 1
                && (shape ^ own).count_ones() <= 2
                && (alike(form[0], letters[0]) || form[1] == letters[0] || form[0] == letters[1])
                && letters::near(letters, form, 1)
        };
        forms.iter().find(near).map(|(_, form, mask)| (form.as_slice(), *mask))
    }

    /// How many of these words are one expression, and its classes.
    pub(super) fn phrase(&self, words: &[&str]) -> Option<(usize, Mask)> {
        let longest = *self.heads.get(*words.first()?)?;
        (2..=longest.min(words.len())).rev().find_map(|n| self.phrases.get(&words[..n].join(" ")).map(|mask| (n, *mask)))
    }
}

fn class(name: &str) -> Option<Mask> {
    Some(bit(name)).filter(|mask| *mask != 0)
}

/// The names of the classes of a mask.
#[cfg(any(test, feature = "testing"))]
pub(super) fn names(mask: Mask) -> impl Iterator<Item = &'static str> {
    NAMES.iter().copied().filter(move |name| mask & bit(name) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_of_the_file_is_known_and_used() {
        let mut used = COMMON | NUMBER;
        for line in include_str!("lexicon.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (classes, _) = line.split_once(':').expect("classes, a colon, words");
            for name in classes.split_whitespace() {
                used |= class(name).unwrap_or_else(|| panic!("no class {name}"));
            }
        }
        let unused: Vec<&str> = NAMES.iter().copied().filter(|name| used & bit(name) == 0).collect();
        assert!(unused.is_empty(), "{unused:?}");
    }

    #[test]
    fn words_are_found_through_slips_sounds_and_missing_spaces() {
        let slip = |word: &str| LEXICON.by_slip(word).map(|(word, _)| word);
        assert_eq!(slip("отпшите").as_deref(), Some("отпишите"));
        assert_eq!(slip("прекртаите").as_deref(), Some("прекратите"));
        assert_eq!(slip("столик"), None);
        assert!(LEXICON.by_sound("отписатся").is_some_and(|(_, mask)| mask & UNSUB_INF != 0));
        assert_eq!(LEXICON.unglue("непишите").unwrap_or_default(), ["не", "пишите"]);
        assert_eq!(LEXICON.unglue("стопроцентно"), None);
        assert_eq!(LEXICON.unglue("записать"), None);
    }
}
