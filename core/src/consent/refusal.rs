//! What a customer's message says about being written to: **stop**, **doubt**, or talk.
//!
//! [`recognise`] is pure: no database, no clock, no network. It is asked about every text and every
//! caption that comes in, before anything else is done with it, and again when a message was
//! edited.
//!
//! How it reads: letters are brought to one writing (`letters`), words are looked up with their
//! slips, sounds and other keyboards (`lexicon`, `reading`), rules over classes of words decide
//! clear cases (`rules`), and a small learned model (`model`) extends them. Where the two disagree,
//! the answer is doubt. What counts as what, and how to retrain: docs/REFUSALS.md.

mod clause;
pub mod corpus;
mod letters;
mod lexicon;
mod model;
mod reading;
mod rules;
#[cfg(any(test, feature = "testing"))]
pub mod training;

#[cfg(test)]
mod tests;

use model::{Model, Odds};
use reading::Reading;
use rules::Ruling;

/// What a message says about being written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// A refusal: advertising to this person ends at once, and a confirmation is sent.
    Stop,
    /// Perhaps a refusal: advertising to this person is held, one question is asked, and it stays
    /// held until it is answered.
    Doubt,
    /// Anything else.
    Talk,
}

impl Answer {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Stop, Self::Doubt, Self::Talk];

    /// The word in files of the corpus.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Doubt => "doubt",
            Self::Talk => "other",
        }
    }
}

/// Reads a message of any length, in Russian, English or one of a few more languages.
#[must_use]
pub fn recognise(text: &str) -> Answer {
    let reading = Reading::of(text);
    decide(&model::MODEL, &reading)
}

/// What the model makes of a message of which the rules say this.
fn odds(model: &Model<'_>, ruling: Ruling, reading: &Reading) -> Odds {
    if ruling == Ruling::Stop { model.odds_of_refusal(reading) } else { model.odds(reading) }
}

/// Clear rules decide; the model extends; where they contradict each other, it is a doubt.
///
/// The bounds were chosen on sets 15 to 207 of the corpus, each answered by a model that saw none
/// of its sentences. They lean towards doubt: a wrong stop costs a customer the messages they wish
/// for, a refusal taken for talk costs the promise.
fn decide(model: &Model<'_>, reading: &Reading) -> Answer {
    let ruling = rules::judge(reading);
    let odds = odds(model, ruling, reading);
    // Two doubtful sentences together may be a refusal: «Где вы взяли номер? Удалите немедленно!»
    let alone = reading.sentences.len() == 1;
    match ruling {
        Ruling::Stop if odds.talk > 0.97 => Answer::Talk,
        Ruling::Stop if odds.talk > 0.62 || (odds.stop < 0.12 && (alone || odds.talk > 0.1)) => Answer::Doubt,
        Ruling::Stop => Answer::Stop,
        Ruling::Urged if odds.talk < 0.5 => Answer::Stop,
        Ruling::Urged if odds.talk > 0.95 && !rules::insists(reading) => Answer::Talk,
        Ruling::Urged => Answer::Doubt,
        Ruling::Doubt if odds.stop > 0.88 => Answer::Stop,
        Ruling::Doubt if odds.talk > 0.75 && !rules::insists(reading) => Answer::Talk,
        Ruling::Doubt => Answer::Doubt,
        Ruling::Talk if odds.stop > 0.9 => Answer::Doubt,
        Ruling::Talk => Answer::Talk,
        Ruling::Unsure if odds.stop > 0.78 => Answer::Stop,
        Ruling::Unsure if odds.talk < 0.66 => Answer::Doubt,
        Ruling::Silent if odds.stop > 0.82 => Answer::Stop,
        Ruling::Silent if odds.stop > 0.23 || odds.doubt > 0.93 => Answer::Doubt,
        Ruling::Silent | Ruling::Unsure => Answer::Talk,
    }
}
