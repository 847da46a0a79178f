//! Whether two names can be one person's. Pure.

use std::collections::BTreeSet;

use crate::text::fold;

/// The words of a person's names (first, last, full; in any order), folded; an apostrophe is no
/// letter.
#[must_use]
pub fn words(names: &[&str]) -> BTreeSet<String> {
    let apostrophe = |c: char| matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`');
    let folded = names.iter().map(|name| fold(name));
    let bare = folded.map(|name| name.chars().filter(|c| !apostrophe(*c)).collect::<String>());
    bare.flat_map(|name| name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// Whether two names contradict each other: a word of the shorter one is not among the words of the
/// longer one. No name contradicts nothing; an initial stands for every name that begins with it;
/// the order of the words says nothing, for each CRM has its own. «Анна» and «Иванова Анна» are one
/// person's, «Анна Иванова» and «Анна Петрова», «Аня» and «Анна», «Anna» and «Анна» may be two
/// people's: that is for people to say.
#[must_use]
pub fn contradict(one: &BTreeSet<String>, two: &BTreeSet<String>) -> bool {
    let (short, long) = if one.len() <= two.len() { (one, two) } else { (two, one) };
    let initial = |a: &str, b: &str| a.chars().count() == 1 && b.starts_with(a);
    let agree = |a: &String| long.iter().any(|b| a == b || initial(a, b) || initial(b, a));
    !short.iter().all(agree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_contradict_where_a_word_of_the_shorter_is_none_of_the_longer() {
        for (one, two, contradicting) in [
            (&["Анна"][..], &["Анна"][..], false),
            (&["Анна"], &["анна "], false),
            (&[""], &["Анна"], false),
            (&[], &[], false),
            (&["—"], &["Анна"], false),
            (&["Анна"], &["Иванова Анна Петровна"], false),
            (&["Анна", "Иванова"], &["Иванова Анна"], false),
            (&["А.", "Иванова"], &["Анна Иванова"], false),
            (&["Пётр О’Коннор"], &["О'Коннор Петр"], false),
            (&["Анна"], &["Пётр"], true),
            (&["Анна Иванова"], &["Анна Петрова"], true),
            (&["Саша Иванов"], &["Саша Иванова"], true),
            (&["Анна"], &["Аня"], true),
            (&["Анна"], &["Anna"], true),
            (&["А. Иванова"], &["Пётр Иванов"], true),
            (&["Иванова"], &["Анна"], true),
            (&["ООО Ромашка"], &["Анна"], true),
        ] {
            let (a, b) = (words(one), words(two));
            assert_eq!((contradict(&a, &b), contradict(&b, &a)), (contradicting, contradicting), "{one:?} {two:?}");
        }
    }
}
