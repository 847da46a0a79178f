//! Refusals in languages whose grammar is not known here: their verbs are refusals by themselves,
//! and what stands around them says of what.

use super::{
    super::{
        clause::{NOISE, SENT, Words},
        lexicon::*,
        reading::Token,
    },
    Said, Whole,
};

/// «жазбаңыз», «хәбәр җибәрмәгез», «тоқтатпаңыз».
pub(super) fn foreign(t: Words<'_>, question: bool, _whole: &Whole) -> Option<Said> {
    if t.has(STRANGER) && t.len() <= 5 {
        return Some(Said::Doubt);
    }
    // «рассылканы тоқтатпаңыз», «жазбаңыз деген жоқпын»
    if t.has(GOON) {
        return Some(if t.has(FOREIGN) && !spoken_of(t) { Said::Doubt } else { Said::Keep });
    }
    if !t.has(FOREIGN) {
        return None;
    }
    let rest = t.0.iter().filter(|token| token.mask & (FOREIGN | NOISE | SENT | SUBJ) == 0).count();
    // «тапсырысты тоқтатыңыз»: what is to end is not known.
    let to_end = |token: &Token| ["токта", "тукта", "тухта"].iter().any(|stem| token.word.starts_with(stem));
    let of_what = rest > 0 && t.0.iter().filter(|token| token.mask & FOREIGN != 0).all(to_end) && !t.has(SENT);
    // «түнде жазбаңыз»: not at all, or not then?
    let then = t.has(TIME) && !t.has(SENT);
    let doubtful = question || rest > 4 || of_what || then || elsewhere(t);
    Some(if doubtful { Said::Doubt } else { Said::Stop })
}

/// «жазбаңыз деген жоқпын»: the refusal is what was not said.
fn spoken_of(t: Words<'_>) -> bool {
    t.all(GOON).any(|at| at > 0 && t.is(at - 1, FOREIGN))
}

/// «қабырғаға жазбаңыз», «диварга язмагыз»: on the wall, and not to the person. Both languages put
/// where something is written right before the verb, with the same ending.
fn elsewhere(t: Words<'_>) -> bool {
    const HERE: [&str; 8] = ["телефон", "номер", "номир", "ватсап", "вотсап", "вацап", "телеграм", "чат"];
    let place = |word: &str| {
        let ends = ["га", "ге", "ка", "ке"].iter().any(|end| word.ends_with(end));
        ends && word.chars().count() > 4 && !HERE.iter().any(|here| word.starts_with(here))
    };
    t.all(FOREIGN).all(|at| at > 0 && t.0[at - 1].mask == 0 && !t.0[at].after_comma && place(&t.0[at - 1].word))
}
