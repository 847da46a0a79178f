use proptest::prelude::*;

use super::*;

fn rich(text: &str, spans: &[(usize, usize, Style)]) -> Rich {
    Rich {
        text: text.into(),
        spans: spans.iter().map(|(offset, len, style)| Span { offset: *offset, len: *len, style: style.clone() }).collect(),
    }
}

#[test]
fn reads_every_tag_and_synonym() {
    for (html, style) in [
        ("<b>x</b>", Style::Bold),
        ("<strong>x</strong>", Style::Bold),
        ("<I>x</i>", Style::Italic),
        ("<em>x</em>", Style::Italic),
        ("<u>x</u>", Style::Underline),
        ("<ins>x</ins>", Style::Underline),
        ("<s>x</s>", Style::Strike),
        ("<strike>x</strike>", Style::Strike),
        ("<del>x</del>", Style::Strike),
        ("<tg-spoiler>x</tg-spoiler>", Style::Spoiler),
        ("<span class=\"tg-spoiler\">x</span>", Style::Spoiler),
        ("<code>x</code>", Style::Code),
        ("<pre>x</pre>", Style::Pre),
        ("<pre><code class=\"language-rust\">x</code></pre>", Style::Pre),
        ("<blockquote expandable>x</blockquote>", Style::Quote),
        ("<a href=\"https://x.ru/?a=1&amp;b=2\">x</a>", Style::Link("https://x.ru/?a=1&b=2".into())),
        ("<a href='tg://user?id=1'>x</a>", Style::Link("tg://user?id=1".into())),
    ] {
        assert_eq!(Rich::from_html(html), Ok(rich("x", &[(0, 1, style)])), "{html}");
    }
}

#[test]
fn counts_in_utf16_units() {
    let read = Rich::from_html("👍 <b>да</b>").expect("good markup");
    assert_eq!(read, rich("👍 да", &[(3, 2, Style::Bold)]));
    assert_eq!(read.len_utf16(), 5);
}

#[test]
fn takes_lone_specials_and_entities_as_characters() {
    let read = Rich::from_html("a < b & c &copy; &#1084;&#x43C; &lt;b&gt; &#0;").expect("good markup");
    assert_eq!(read, Rich::plain("a < b & c &copy; мм <b> &#0;"));
}

#[test]
fn names_the_place_of_bad_markup() {
    for (html, at, problem) in [
        ("да <b", 3, MarkupProblem::Unfinished),
        ("да <script>x</script>", 3, MarkupProblem::Unknown("script".into())),
        ("<span>x</span>", 0, MarkupProblem::Unknown("span".into())),
        ("да <b>x", 3, MarkupProblem::Unclosed("b".into())),
        ("<b><i>x</b></i>", 7, MarkupProblem::Stray("b".into())),
        ("x</b>", 1, MarkupProblem::Stray("b".into())),
        ("<a>x</a>", 0, MarkupProblem::NoAddress),
        ("<a href=\"x\"><a href=\"y\">x</a></a>", 12, MarkupProblem::Nested("a".into())),
    ] {
        assert_eq!(Rich::from_html(html), Err(MarkupError { at, problem }), "{html}");
    }
}

#[test]
fn crossing_styles_keep_quotations_whole() {
    let crossed = rich("abcdef", &[(0, 4, Style::Bold), (2, 4, Style::Quote)]);
    assert_eq!(crossed.to_html(), "<b>ab</b><blockquote><b>cd</b>ef</blockquote>");
    assert_eq!(Rich::from_html(&crossed.to_html()), Ok(crossed));
}

#[test]
fn trims_with_its_spans() {
    let trimmed = rich(" \n👍 да \n", &[(0, 9, Style::Bold), (0, 1, Style::Italic), (7, 2, Style::Code)]).trimmed();
    assert_eq!(trimmed, rich("👍 да", &[(0, 5, Style::Bold)]));
}

fn any_style() -> impl Strategy<Value = Style> {
    prop_oneof![
        Just(Style::Bold),
        Just(Style::Italic),
        Just(Style::Underline),
        Just(Style::Strike),
        Just(Style::Spoiler),
        Just(Style::Code),
        Just(Style::Pre),
        Just(Style::Quote),
        "[ -~а-я]{1,12}".prop_filter("an address", |u| !u.trim().is_empty()).prop_map(|u| Style::Link(u.trim().to_owned())),
    ]
}

/// Only what a message can hold: links do not overlap, and neither do `pre` and `code`.
fn can_be(rich: &Rich) -> bool {
    let kind = |s: &Style| match s {
        Style::Link(_) => 1,
        Style::Pre | Style::Code => 2,
        _ => 0,
    };
    rich.spans.iter().enumerate().all(|(n, a)| {
        rich.spans[n + 1..].iter().all(|b| {
            kind(&a.style) == 0 || kind(&a.style) != kind(&b.style) || a.offset + a.len <= b.offset || b.offset + b.len <= a.offset
        })
    })
}

fn any_rich() -> impl Strategy<Value = Rich> {
    let text = proptest::collection::vec(
        prop_oneof![Just("<"), Just("&"), Just(">"), Just("\""), Just("a"), Just("ж"), Just("👍"), Just("\n"), Just("&lt;")],
        0..24,
    )
    .prop_map(|parts| parts.concat());
    (text, proptest::collection::vec((0..30usize, 1..30usize, any_style()), 0..6)).prop_map(|(text, spans)| {
        // Spans begin and end at characters, as a messenger's do.
        let mut edges = vec![0];
        for c in text.chars() {
            edges.push(edges[edges.len() - 1] + c.len_utf16());
        }
        let spans = spans
            .into_iter()
            .map(|(from, len, style)| {
                let (from, to) = (from % edges.len(), (from + len).min(edges.len() - 1));
                let to = to.max(from);
                Span { offset: edges[from], len: edges[to] - edges[from], style }
            })
            .collect();
        Rich { text, spans }.canonical()
    })
}

proptest! {
    #[test]
    fn html_round_trip(rich in any_rich().prop_filter("what a message can hold", can_be)) {
        prop_assert_eq!(Rich::from_html(&rich.to_html()), Ok(rich));
    }

    #[test]
    fn escaped_text_is_plain(text in any::<String>()) {
        prop_assert_eq!(Rich::from_html(&escape(&text)), Ok(Rich::plain(text.clone())));
        prop_assert_eq!(Rich::from_html(&Rich::plain(text.clone()).to_html()), Ok(Rich::plain(text)));
    }

    #[test]
    fn reading_never_panics(html in "(<|/|b|a|>|&|#|;|lt|href=|\"|'| |<b>|</b>|<a href=\"x\">|👍){0,30}") {
        let _ = Rich::from_html(&html);
    }
}
