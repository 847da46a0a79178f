//! A part of a whole in per cent: «100 %» only when it is the whole, «0 %» only when it is nothing.

/// `part` of `whole` in per cent, one digit after the point: `12.5`, `50`. What is neither nothing
/// nor the whole and would be rounded to it is said to be less or more: `< 0.1`, `> 99.9`. The
/// percent sign is the caller's.
#[must_use]
pub fn percent(part: i64, whole: i64, point: char) -> String {
    if part <= 0 || whole <= 0 {
        return "0".to_owned();
    }
    if part >= whole {
        return "100".to_owned();
    }
    let (part, whole) = (i128::from(part), i128::from(whole));
    match (part * 2_000 + whole) / (whole * 2) {
        0 => format!("< 0{point}1"),
        1_000.. => format!("> 99{point}9"),
        tenths if tenths % 10 == 0 => (tenths / 10).to_string(),
        tenths => format!("{}{point}{}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 9 997 of 10 000 were «100 %», and 3 of 10 000 «0 %».
    #[test]
    fn only_the_whole_is_a_hundred_and_only_nothing_is_zero() {
        for (part, whole, said) in [
            (0, 0, "0"),
            (0, 5, "0"),
            (5, 5, "100"),
            (9_997, 10_000, "> 99.9"),
            (1_999, 2_000, "> 99.9"),
            (999, 1_000, "99.9"),
            (3, 10_000, "< 0.1"),
            (1, 2_000, "0.1"),
            (1, 3, "33.3"),
            (2, 3, "66.7"),
            (1, 2, "50"),
            (i64::MAX - 1, i64::MAX, "> 99.9"),
        ] {
            assert_eq!(percent(part, whole, '.'), said, "{part} of {whole}");
        }
        assert_eq!(percent(1, 8, ','), "12,5");
    }
}
