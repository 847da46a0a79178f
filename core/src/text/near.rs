//! Which known name somebody may have meant: how unlike two are, and whether one is the beginning
//! of the other. Both texts are [folded](super::fold).

/// Characters compared: names are shorter, and what is typed may be a book.
const MOST: usize = 64;
/// Letters that are the beginning of a name and not a slip of the hand.
const BEGINNING: usize = 3;

/// How many letters must be changed, added or dropped (Levenshtein), within the first 64.
#[must_use]
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(MOST).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(MOST).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Whether words are the beginnings of a name's, one by one: «посл виз» of «последний визит».
#[must_use]
pub fn begins(words: &str, known: &str) -> bool {
    let mut of = known.split(' ');
    words.chars().count() >= BEGINNING && words.split(' ').all(|word| of.next().is_some_and(|whole| whole.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_a_beginning_is_one() {
        for (one, other, far) in [("", "", 0), ("город", "горд", 1), ("tag", "tga", 2), ("", "abc", 3), ("имя", "имя", 0)] {
            assert_eq!((distance(one, other), distance(other, one)), (far, far), "{one} {other}");
        }
        assert_eq!(distance(&"я".repeat(10_000), "я"), MOST - 1);
        for (words, known, is) in [
            ("посл виз", "последний визит", true),
            ("последний", "последний визит", true),
            ("виз", "последний визит", false),
            ("последний визит в", "последний визит", false),
            ("го", "город", false),
        ] {
            assert_eq!(begins(words, known), is, "{words}");
        }
    }
}
