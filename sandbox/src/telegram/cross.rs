//! Entities that cross, nest or repeat are put in order, after the rules of Telegram's library.
//!
//! Links, code and the like cannot share a character with one another, and neither can quotes; what
//! is written inside code has no style. Styles may cross everything: they are joined where they
//! touch and cut wherever another entity begins or ends.

use super::entities::Entity;

/// The styles, in the order in which the library writes them.
const STYLES: [&str; 5] = ["bold", "italic", "underline", "strikethrough", "spoiler"];

fn is_quote(entity: &Entity) -> bool {
    matches!(entity.kind.as_str(), "blockquote" | "expandable_blockquote")
}

fn is_code(entity: &Entity) -> bool {
    matches!(entity.kind.as_str(), "code" | "pre")
}

/// Which of two of the same place comes first.
fn rank(kind: &str) -> u8 {
    match kind {
        "blockquote" | "expandable_blockquote" => 0,
        "pre" => 11,
        "code" => 20,
        "text_link" | "text_mention" => 49,
        "bold" => 90,
        "italic" => 91,
        "underline" => 92,
        "strikethrough" => 93,
        "spoiler" => 94,
        "custom_emoji" => 99,
        _ => 50,
    }
}

fn end(entity: &Entity) -> usize {
    entity.offset + entity.length
}

/// Sorts as the library does: by place, the longer first.
pub(crate) fn sort(entities: &mut [Entity]) {
    entities.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length), rank(&entity.kind)));
}

/// Of those that share a character the first stays.
fn apart(entities: &mut Vec<Entity>) {
    sort(entities);
    let mut free = 0;
    entities.retain(|entity| {
        let stays = entity.offset >= free;
        if stays {
            free = end(entity);
        }
        stays
    });
}

/// Puts `given` in order, and adds those of `found` (in order, and apart) that cross none of the
/// given links and code.
pub(crate) fn resolve(given: Vec<Entity>, found: Vec<Entity>) -> Vec<Entity> {
    let given: Vec<Entity> = given.into_iter().filter(|entity| entity.length > 0).collect();
    let (styles, others): (Vec<_>, Vec<_>) = given.into_iter().partition(|entity| STYLES.contains(&entity.kind.as_str()));
    let (mut quotes, mut whole): (Vec<_>, Vec<_>) = others.into_iter().partition(is_quote);
    apart(&mut whole);
    let free = |found: &Entity| whole.iter().all(|entity| end(found) <= entity.offset || end(entity) <= found.offset);
    let found: Vec<Entity> = found.into_iter().filter(free).collect();
    whole.extend(found);
    apart(&mut quotes);
    // A quote may hold a link, never cut one or be in one.
    whole.retain(|entity| {
        quotes.iter().all(|quote| {
            let outside = end(entity) <= quote.offset || end(quote) <= entity.offset;
            outside || (quote.offset <= entity.offset && end(entity) <= end(quote))
        })
    });
    whole.extend(quotes);
    sort(&mut whole);
    let mut all = cut(&styles, &whole);
    all.extend(whole);
    sort(&mut all);
    all
}

/// The styles, joined where those of one kind touch, cut where others begin or end; none within
/// code.
fn cut(styles: &[Entity], others: &[Entity]) -> Vec<Entity> {
    let mut spans: Vec<(usize, usize, usize)> = Vec::new();
    for (at, kind) in STYLES.iter().enumerate() {
        let mut own: Vec<&Entity> = styles.iter().filter(|entity| entity.kind == *kind).collect();
        own.sort_by_key(|entity| entity.offset);
        for entity in own {
            match spans.last_mut() {
                Some((last, _, until)) if *last == at && entity.offset <= *until => *until = (*until).max(end(entity)),
                _ => spans.push((at, entity.offset, end(entity))),
            }
        }
    }
    // Styles are cut by the beginning of another style, too.
    let mut places: Vec<usize> = others.iter().flat_map(|entity| [entity.offset, end(entity)]).collect();
    places.extend(spans.iter().map(|(_, begin, _)| *begin));
    places.sort_unstable();
    places.dedup();
    let mut pieces = Vec::new();
    for (at, begin, until) in spans {
        let mut from = begin;
        for place in places.iter().copied().filter(|place| *place > begin && *place < until).chain([until]) {
            let inside = |other: &&Entity| is_code(other) && other.offset <= from && place <= end(other);
            if !others.iter().any(|other| inside(&other)) {
                pieces.push(Entity { kind: STYLES[at].to_owned(), offset: from, length: place - from, extra: None });
            }
            from = place;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entity(kind: &str, offset: usize, length: usize) -> Entity {
        Entity { kind: kind.to_owned(), offset, length, extra: None }
    }

    fn shapes(given: &[(&str, usize, usize)]) -> Vec<(String, usize, usize)> {
        let given = given.iter().map(|(kind, offset, length)| entity(kind, *offset, *length)).collect();
        resolve(given, Vec::new()).into_iter().map(|entity| (entity.kind, entity.offset, entity.length)).collect()
    }

    fn expect(given: &[(&str, usize, usize)], kept: &[(&str, usize, usize)]) {
        let kept: Vec<_> = kept.iter().map(|(kind, offset, length)| ((*kind).to_owned(), *offset, *length)).collect();
        assert_eq!(shapes(given), kept, "{given:?}");
    }

    #[test]
    fn styles_are_joined_and_cut() {
        expect(&[("bold", 0, 5), ("bold", 5, 3)], &[("bold", 0, 8)]);
        expect(&[("bold", 0, 10), ("italic", 5, 10)], &[("bold", 0, 5), ("italic", 5, 10), ("bold", 5, 5)]);
        expect(&[("bold", 0, 9), ("italic", 5, 4)], &[("bold", 0, 5), ("bold", 5, 4), ("italic", 5, 4)]);
        expect(&[("bold", 0, 10), ("text_link", 3, 3)], &[("bold", 0, 3), ("text_link", 3, 3), ("bold", 3, 3), ("bold", 6, 4)]);
        expect(&[("bold", 0, 10), ("code", 2, 4)], &[("bold", 0, 2), ("code", 2, 4), ("bold", 6, 4)]);
    }

    #[test]
    fn of_two_that_cannot_share_a_character_one_stays() {
        expect(&[("text_link", 0, 5), ("code", 3, 5)], &[("text_link", 0, 5)]);
        expect(&[("blockquote", 0, 5), ("blockquote", 2, 2)], &[("blockquote", 0, 5)]);
        expect(&[("blockquote", 2, 5), ("text_link", 0, 4), ("code", 4, 2)], &[("blockquote", 2, 5), ("code", 4, 2)]);
        expect(&[("text_link", 0, 0)], &[]);
    }
}
