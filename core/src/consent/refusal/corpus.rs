//! Labelled sentences: reading files of them, and how well they are recognised.
//!
//! A line is `phrase<TAB>stop|doubt|other`. The sentences of this program are parted by a hash of
//! the phrase: the model is trained on the open part, the held part is only for measuring.

use std::{collections::HashSet, fmt};

use super::{Answer, recognise};

/// A sentence and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case<'a> {
    pub phrase: &'a str,
    /// What a careful person takes it for.
    pub answer: Answer,
}

/// A line that is no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: usize,
    pub why: Why,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    NoTab,
    /// Nothing before the tab.
    NoPhrase,
    /// Another word than `stop`, `doubt` or `other` behind the tab.
    Answer(String),
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: ", self.line)?;
        match &self.why {
            Why::NoTab => f.write_str("no tab between phrase and answer"),
            Why::NoPhrase => f.write_str("no phrase before the tab"),
            Why::Answer(word) => write!(f, "the answer is {word:?}, not stop, doubt or other"),
        }
    }
}

/// The cases of a file and its bad lines. Empty lines, lines that begin with `#`, a byte order mark
/// and `\r` are passed over.
#[must_use]
pub fn parse(text: &str) -> (Vec<Case<'_>>, Vec<BadLine>) {
    let (mut cases, mut bad) = (Vec::new(), Vec::new());
    for (n, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match case(line) {
            Ok(case) => cases.push(case),
            Err(why) => bad.push(BadLine { line: n + 1, why }),
        }
    }
    (cases, bad)
}

fn case(line: &str) -> Result<Case<'_>, Why> {
    let (phrase, word) = line.trim_end().rsplit_once('\t').ok_or(Why::NoTab)?;
    let phrase = phrase.trim();
    if phrase.is_empty() {
        return Err(Why::NoPhrase);
    }
    let known = |answer: &Answer| answer.word().eq_ignore_ascii_case(word.trim());
    let answer = Answer::ALL.into_iter().find(known).ok_or_else(|| Why::Answer(word.trim().chars().take(40).collect()))?;
    Ok(Case { phrase, answer })
}

/// A part of the sentences of this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// For training.
    Open,
    /// For measuring only.
    Held,
}

/// Written for this program by many voices, one file a sitting.
const OWN: &[&str] = &[
    include_str!("corpus/set_1.tsv"),
    include_str!("corpus/set_2.tsv"),
    include_str!("corpus/set_3.tsv"),
    include_str!("corpus/set_4.tsv"),
    include_str!("corpus/set_5.tsv"),
    include_str!("corpus/set_6.tsv"),
    include_str!("corpus/set_7.tsv"),
    include_str!("corpus/set_8.tsv"),
    include_str!("corpus/set_9.tsv"),
    include_str!("corpus/set_10.tsv"),
    include_str!("corpus/set_11.tsv"),
    include_str!("corpus/set_12.tsv"),
    include_str!("corpus/set_13.tsv"),
    include_str!("corpus/set_14.tsv"),
    include_str!("corpus/set_15.tsv"),
    include_str!("corpus/set_16.tsv"),
    include_str!("corpus/set_17.tsv"),
    include_str!("corpus/set_18.tsv"),
    include_str!("corpus/set_20.tsv"),
    include_str!("corpus/set_19.tsv"),
    include_str!("corpus/set_21.tsv"),
    include_str!("corpus/set_22.tsv"),
    include_str!("corpus/set_28.tsv"),
    include_str!("corpus/set_23.tsv"),
    include_str!("corpus/set_26.tsv"),
    include_str!("corpus/set_29.tsv"),
    include_str!("corpus/set_25.tsv"),
    include_str!("corpus/set_27.tsv"),
    include_str!("corpus/set_30.tsv"),
    include_str!("corpus/set_31.tsv"),
    include_str!("corpus/set_32.tsv"),
    include_str!("corpus/set_24.tsv"),
    include_str!("corpus/set_33.tsv"),
    include_str!("corpus/set_34.tsv"),
    include_str!("corpus/set_35.tsv"),
    include_str!("corpus/set_36.tsv"),
    include_str!("corpus/set_37.tsv"),
    include_str!("corpus/set_38.tsv"),
    include_str!("corpus/set_39.tsv"),
    include_str!("corpus/set_40.tsv"),
    include_str!("corpus/set_41.tsv"),
    include_str!("corpus/set_42.tsv"),
    include_str!("corpus/set_43.tsv"),
    include_str!("corpus/set_44.tsv"),
    include_str!("corpus/set_45.tsv"),
    include_str!("corpus/set_46.tsv"),
    include_str!("corpus/set_47.tsv"),
    include_str!("corpus/set_48.tsv"),
    include_str!("corpus/set_49.tsv"),
    include_str!("corpus/set_50.tsv"),
    include_str!("corpus/set_51.tsv"),
    include_str!("corpus/set_52.tsv"),
    include_str!("corpus/set_53.tsv"),
    include_str!("corpus/set_54.tsv"),
    include_str!("corpus/set_55.tsv"),
    include_str!("corpus/set_56.tsv"),
    include_str!("corpus/set_57.tsv"),
    include_str!("corpus/set_58.tsv"),
    include_str!("corpus/set_59.tsv"),
    include_str!("corpus/set_60.tsv"),
    include_str!("corpus/set_61.tsv"),
    include_str!("corpus/set_62.tsv"),
    include_str!("corpus/set_63.tsv"),
    include_str!("corpus/set_64.tsv"),
    include_str!("corpus/set_65.tsv"),
    include_str!("corpus/set_66.tsv"),
    include_str!("corpus/set_67.tsv"),
    include_str!("corpus/set_68.tsv"),
    include_str!("corpus/set_69.tsv"),
    include_str!("corpus/set_70.tsv"),
    include_str!("corpus/set_71.tsv"),
    include_str!("corpus/set_72.tsv"),
    include_str!("corpus/set_73.tsv"),
    include_str!("corpus/set_74.tsv"),
    include_str!("corpus/set_75.tsv"),
    include_str!("corpus/set_76.tsv"),
    include_str!("corpus/set_77.tsv"),
    include_str!("corpus/set_78.tsv"),
    include_str!("corpus/set_79.tsv"),
    include_str!("corpus/set_80.tsv"),
    include_str!("corpus/set_81.tsv"),
    include_str!("corpus/set_82.tsv"),
    include_str!("corpus/set_83.tsv"),
    include_str!("corpus/set_84.tsv"),
    include_str!("corpus/set_85.tsv"),
    include_str!("corpus/set_86.tsv"),
    include_str!("corpus/set_87.tsv"),
    include_str!("corpus/set_88.tsv"),
    include_str!("corpus/set_89.tsv"),
    include_str!("corpus/set_90.tsv"),
    include_str!("corpus/set_91.tsv"),
    include_str!("corpus/set_92.tsv"),
    include_str!("corpus/set_93.tsv"),
    include_str!("corpus/set_94.tsv"),
    include_str!("corpus/set_95.tsv"),
    include_str!("corpus/set_96.tsv"),
    include_str!("corpus/set_97.tsv"),
    include_str!("corpus/set_98.tsv"),
    include_str!("corpus/set_99.tsv"),
    include_str!("corpus/set_100.tsv"),
    include_str!("corpus/set_101.tsv"),
    include_str!("corpus/set_102.tsv"),
    include_str!("corpus/set_103.tsv"),
    include_str!("corpus/set_104.tsv"),
    include_str!("corpus/set_105.tsv"),
    include_str!("corpus/set_106.tsv"),
    include_str!("corpus/set_107.tsv"),
    include_str!("corpus/set_108.tsv"),
    include_str!("corpus/set_109.tsv"),
    include_str!("corpus/set_110.tsv"),
    include_str!("corpus/set_111.tsv"),
    include_str!("corpus/set_112.tsv"),
    include_str!("corpus/set_113.tsv"),
    include_str!("corpus/set_114.tsv"),
    include_str!("corpus/set_115.tsv"),
    include_str!("corpus/set_116.tsv"),
    include_str!("corpus/set_117.tsv"),
    include_str!("corpus/set_118.tsv"),
    include_str!("corpus/set_119.tsv"),
    include_str!("corpus/set_120.tsv"),
    include_str!("corpus/set_121.tsv"),
    include_str!("corpus/set_122.tsv"),
    include_str!("corpus/set_123.tsv"),
    include_str!("corpus/set_124.tsv"),
    include_str!("corpus/set_125.tsv"),
    include_str!("corpus/set_126.tsv"),
    include_str!("corpus/set_127.tsv"),
    include_str!("corpus/set_128.tsv"),
    include_str!("corpus/set_129.tsv"),
    include_str!("corpus/set_130.tsv"),
    include_str!("corpus/set_131.tsv"),
    include_str!("corpus/set_132.tsv"),
    include_str!("corpus/set_133.tsv"),
    include_str!("corpus/set_134.tsv"),
    include_str!("corpus/set_135.tsv"),
    include_str!("corpus/set_136.tsv"),
    include_str!("corpus/set_137.tsv"),
    include_str!("corpus/set_138.tsv"),
    include_str!("corpus/set_139.tsv"),
    include_str!("corpus/set_140.tsv"),
    include_str!("corpus/set_141.tsv"),
    include_str!("corpus/set_142.tsv"),
    include_str!("corpus/set_143.tsv"),
    include_str!("corpus/set_144.tsv"),
    include_str!("corpus/set_145.tsv"),
    include_str!("corpus/set_146.tsv"),
    include_str!("corpus/set_147.tsv"),
    include_str!("corpus/set_148.tsv"),
    include_str!("corpus/set_149.tsv"),
    include_str!("corpus/set_168.tsv"),
    include_str!("corpus/set_169.tsv"),
    include_str!("corpus/set_150.tsv"),
    include_str!("corpus/set_151.tsv"),
    include_str!("corpus/set_152.tsv"),
    include_str!("corpus/set_153.tsv"),
    include_str!("corpus/set_154.tsv"),
    include_str!("corpus/set_155.tsv"),
    include_str!("corpus/set_156.tsv"),
    include_str!("corpus/set_157.tsv"),
    include_str!("corpus/set_160.tsv"),
    include_str!("corpus/set_161.tsv"),
    include_str!("corpus/set_162.tsv"),
    include_str!("corpus/set_163.tsv"),
    include_str!("corpus/set_164.tsv"),
    include_str!("corpus/set_165.tsv"),
    include_str!("corpus/set_166.tsv"),
    include_str!("corpus/set_167.tsv"),
    include_str!("corpus/set_180.tsv"),
    include_str!("corpus/set_181.tsv"),
    include_str!("corpus/set_182.tsv"),
    include_str!("corpus/set_183.tsv"),
    include_str!("corpus/set_184.tsv"),
    include_str!("corpus/set_185.tsv"),
    include_str!("corpus/set_186.tsv"),
    include_str!("corpus/set_187.tsv"),
    include_str!("corpus/set_190.tsv"),
    include_str!("corpus/set_191.tsv"),
    include_str!("corpus/set_192.tsv"),
    include_str!("corpus/set_193.tsv"),
    include_str!("corpus/set_194.tsv"),
    include_str!("corpus/set_195.tsv"),
    include_str!("corpus/set_196.tsv"),
    include_str!("corpus/set_197.tsv"),
    include_str!("corpus/set_200.tsv"),
    include_str!("corpus/set_201.tsv"),
    include_str!("corpus/set_202.tsv"),
    include_str!("corpus/set_203.tsv"),
    include_str!("corpus/set_204.tsv"),
    include_str!("corpus/set_205.tsv"),
    include_str!("corpus/set_206.tsv"),
    include_str!("corpus/set_207.tsv"),
    include_str!("corpus/set_210.tsv"),
    include_str!("corpus/set_211.tsv"),
    include_str!("corpus/set_212.tsv"),
    include_str!("corpus/set_213.tsv"),
    include_str!("corpus/set_214.tsv"),
];
/// Answers of customers that were given with the task: for training only.
const GIVEN: &str = include_str!("corpus/given.tsv");
/// One of so many phrases is held.
const HELD: u64 = 5;

/// The sentences of a part. A phrase that is the same but for case and signs is in the same part.
#[must_use]
pub fn part(part: Part) -> Vec<Case<'static>> {
    sets(part).into_iter().flatten().collect()
}

/// The sentences of a part, set by set, each written in one sitting.
#[must_use]
pub fn sets(part: Part) -> Vec<Vec<Case<'static>>> {
    let given = parse(GIVEN).0;
    let known: HashSet<u64> = given.iter().map(|case| hash(case.phrase)).collect();
    let held = |case: &Case<'_>| hash(case.phrase).is_multiple_of(HELD) && !known.contains(&hash(case.phrase));
    let own = OWN.iter().map(|file| parse(file).0.into_iter().filter(|case| held(case) == (part == Part::Held)).collect());
    own.chain((part == Part::Open).then_some(given)).collect()
}

/// Every file of sentences.
#[cfg(test)]
pub(super) fn files() -> impl Iterator<Item = &'static str> {
    OWN.iter().copied().chain([GIVEN])
}

/// FNV-1a of the letters and digits.
fn hash(phrase: &str) -> u64 {
    let letters = phrase.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for c in letters {
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash ^ hash >> 29
}

/// A case that was answered otherwise than it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Miss<'a> {
    pub case: Case<'a>,
    pub got: Answer,
}

/// How many cases of each meaning were answered how, and which wrong.
#[derive(Debug, Clone, Default)]
pub struct Score<'a> {
    /// By what it means, then by what was answered, in the order of [`Answer::ALL`].
    counts: [[usize; 3]; 3],
    /// Every case that was answered otherwise.
    pub misses: Vec<Miss<'a>>,
}

impl<'a> Score<'a> {
    /// Answers every case.
    #[must_use]
    pub fn of(cases: &[Case<'a>]) -> Self {
        Self::with(cases, recognise)
    }

    /// Answers every case in this way.
    #[must_use]
    pub fn with(cases: &[Case<'a>], mut answer: impl FnMut(&str) -> Answer) -> Self {
        let mut score = Self::default();
        for case in cases {
            score.add(*case, answer(case.phrase));
        }
        score
    }

    /// Counts one answer.
    pub fn add(&mut self, case: Case<'a>, got: Answer) {
        self.counts[case.answer as usize][got as usize] += 1;
        if got != case.answer {
            self.misses.push(Miss { case, got });
        }
    }

    /// Cases that mean this.
    #[must_use]
    pub fn cases(&self, answer: Answer) -> usize {
        self.counts[answer as usize].iter().sum()
    }

    /// Whether the goals are reached: of a hundred refusals one may be taken for talk and ten be
    /// asked about, of a hundred answers of stop two may be wrong, and of a hundred sentences of
    /// talk five may be asked about.
    #[must_use]
    pub fn reaches_goals(&self) -> bool {
        self.recall() >= 0.99 && self.outright() >= 0.90 && self.precision() >= 0.98 && self.doubt_of_talk() <= 0.05
    }

    fn count(&self, means: Answer, got: Answer) -> usize {
        self.counts[means as usize][got as usize]
    }

    /// The share of refusals that were answered by stop or doubt.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.count(Answer::Stop, Answer::Stop) + self.count(Answer::Stop, Answer::Doubt), self.cases(Answer::Stop))
    }

    /// The share of refusals that were answered by stop.
    #[must_use]
    pub fn outright(&self) -> f64 {
        share(self.count(Answer::Stop, Answer::Stop), self.cases(Answer::Stop))
    }

    /// The share of refusals among what was answered by stop; a doubtful case among them counts as
    /// wrong.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.count(Answer::Stop, Answer::Stop), self.counts.iter().map(|row| row[Answer::Stop as usize]).sum())
    }

    /// The share of talk that was answered by doubt.
    #[must_use]
    pub fn doubt_of_talk(&self) -> f64 {
        if self.cases(Answer::Talk) == 0 { 0.0 } else { share(self.count(Answer::Talk, Answer::Doubt), self.cases(Answer::Talk)) }
    }

    /// The share of doubtful cases that were answered by stop or doubt.
    #[must_use]
    pub fn doubts_seen(&self) -> f64 {
        let seen = self.count(Answer::Doubt, Answer::Stop) + self.count(Answer::Doubt, Answer::Doubt);
        share(seen, self.cases(Answer::Doubt))
    }
}

/// One of nothing is all of it.
#[expect(clippy::cast_precision_loss, reason = "thousands")]
fn share(some: usize, all: usize) -> f64 {
    if all == 0 { 1.0 } else { some as f64 / all as f64 }
}
