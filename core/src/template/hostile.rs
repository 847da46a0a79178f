//! Templates written to do harm: to loop without end, to grow without bound, to keep the parser
//! busy. Tests count their steps and bytes; `mms bench hostile` shows how long the slowest takes.

use serde_json::json;

use super::{
    Class, Content, Facts, TemplateButton,
    engine::{ParseError, Prepared, RenderError, Work},
};
use crate::{clock::Moment, words::Reason};

/// A template, and how it must end.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// What it tries.
    pub name: &'static str,
    /// The template.
    pub content: Content,
    pub end: End,
}

/// How a hostile template ends: at a clear refusal, or harmlessly within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is not parsed: it cannot be saved as ready.
    Refused,
    /// It stops at this reason of a [`RenderError`].
    Stopped(Reason),
    /// It is rendered: within the limits it does no harm.
    Harmless,
}

/// How one was found to end.
#[derive(Debug)]
pub enum Ended {
    /// The parser's refusal.
    Refused(ParseError),
    /// What rendering said, and its cost.
    Rendered(Result<(), RenderError>, Work),
}

impl Hostile {
    /// Parses and renders it for [`victim`].
    #[must_use]
    pub fn run(&self, victim: &Facts) -> Ended {
        match Prepared::new(&self.content) {
            Err(error) => Ended::Refused(error),
            Ok(prepared) => {
                let (rendered, work) = prepared.render_counted(victim);
                Ended::Rendered(rendered.map(|_| ()), work)
            }
        }
    }
}

/// A contact with the longest values there can be.
#[must_use]
pub fn victim(now: Moment) -> Facts {
    let attributes = json!({ "long": "ы".repeat(2_000), "tags": "<&>\"".repeat(500), "n": 1e15, "day": "2026-02-28", "yes": true });
    Facts {
        name: "я".repeat(2_000),
        first_name: "Анна".into(),
        last_name: String::new(),
        attributes: attributes.as_object().cloned().unwrap_or_default(),
        account_name: "Ромашка".into(),
        advertiser: "ООО «Ромашка»".into(),
        now,
        zone: chrono_tz::Asia::Kathmandu,
        language: crate::account::Language::Ru,
    }
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Hostile> {
    let body =
        |name, end, body: String| Hostile { name, content: Content { class: Class::Service, body, media: None, buttons: Vec::new() }, end };
    // As many of a piece as a source holds.
    let filled = |head: &str, piece: &str, tail: &str| {
        let room = super::scan::MAX_SOURCE - head.len() - tail.len();
        format!("{head}{}{tail}", piece.repeat(room / piece.len()))
    };
    let looped = |piece: &str| filled("{% for i in (1..1000) %}", piece, "{% endfor %}");
    // A text of 64 KB less a little, made in a few steps, then used.
    let grown = |rest: &str| format!("{{% assign a = 'xxxxxxxxxxxxxxx' %}}{}{rest}", "{% assign a = a | append: a %}".repeat(12));
    let list = |rest: &str| format!("{}{rest}", "{% assign l = long | append: name | split: '' %}");
    let nested = |open: &str, inner: &str, close: &str, times: usize| format!("{}{inner}{}", open.repeat(times), close.repeat(times));
    let (work, long, missing) = (End::Stopped(Reason::TooMuchWork), End::Stopped(Reason::TooLong), End::Stopped(Reason::NoValue));
    let mut all = vec![
        body("three loops in one another", work, nested("{% for a in (1..1000) %}", "x", "{% endfor %}", 3)),
        body("twenty-four loops in one another", work, nested("{% for a in (1..9) %}", "x", "{% endfor %}", 24)),
        body("twenty-five loops in one another", End::Refused, nested("{% for a in (1..9) %}", "x", "{% endfor %}", 25)),
        body("a loop of a thousand million", work, "{% for a in (1..999999999) %}x{% endfor %}".into()),
        body("an empty loop over every number", work, "{% for a in (-999999999999999..999999999999999) reversed %}{% endfor %}".into()),
        body("a loop from the far end", work, "{% for a in (1..999999999999999) offset:999999999990000 %}{% endfor %}".into()),
        body("a loop around all of the source", work, looped("{% if 1 == 2 %}{% endif %}")),
        body("a loop of empty outputs", work, looped("{{''}}")),
        body("a loop of plain text", long, looped("x")),
        body("a loop of long values", long, looped("{{ long }}")),
        body("a loop of values turned about", work, looped("{{ long | upcase | downcase | url_encode | size }}")),
        body("a loop of conditions over a long value", work, looped("{% if long contains 'zz' %}{% endif %}")),
        body("a loop of comparisons of long values", work, looped("{% if long == name %}{% endif %}")),
        body("a loop of cases", work, looped("{% case long %}{% when name %}{% when 'a','b','c' %}{% endcase %}")),
        body("a text doubled forty times", long, grown(&"{% assign a = a | append: a %}".repeat(28))),
        body("a text put before itself", long, grown(&"{% assign a = a | prepend: a %}".repeat(28))),
        body(
            "each letter of a text by the text",
            long,
            "{% assign a = 'aaaaaaaaaaaaaaaaaaaaaaaa' %}".to_owned() + &"{% assign a = a | replace: 'a', a %}".repeat(10),
        ),
        body(
            "captures of captures",
            long,
            "{% capture a %}xxxxxxxxxxxxxxxx{% endcapture %}".to_owned() + &"{% capture a %}{{a}}{{a}}{% endcapture %}".repeat(40),
        ),
        body(
            "a capture in a loop that holds itself",
            long,
            "{% assign a = 'x' %}{% for i in (1..1000) %}{% capture a %}{{a}}{{a}}{% endcapture %}{% endfor %}".into(),
        ),
        body("captures within captures", work, nested("{% capture a %}", &grown("{{a}}"), "{% endcapture %}{{a}}", 20)),
        body(
            "a number squared eighty times",
            missing,
            format!("{{% assign a = 2 %}}{}{{{{ a }}}}", "{% assign a = a | times: a %}".repeat(80)),
        ),
        body("a number with no end of digits", End::Refused, format!("{{{{ {} }}}}", "9".repeat(8_000))),
        body(
            "copies of a long text",
            work,
            grown("{% for i in (1..1000) %}{% assign b = a %}{% assign c = b | upcase %}{% if b == c %}x{% endif %}{% endfor %}"),
        ),
        body(
            "a long text looked through",
            work,
            grown("{% for i in (1..1000) %}{% if a contains 'xxxxxxxxxxxxxxxxxxxxy' %}x{% endif %}{% endfor %}"),
        ),
        body(
            "a long text cut short",
            work,
            grown("{% for i in (1..1000) %}{{ a | truncate: 1 }}{{ a | slice: -1 }}{{ a | truncatewords: 1, '' | first }}{% endfor %}"),
        ),
        body(
            "a long text as a phone and an address",
            long,
            grown("{% for i in (1..1000) %}{% assign b = a | phone | size %}{% assign b = a | url_encode %}{% endfor %}"),
        ),
        body(
            "a long text as letters",
            work,
            grown("{% for i in (1..1000) %}{% assign l = a | split: '' | reverse | sort | uniq %}{% endfor %}"),
        ),
        body("a list of lists joined", long, list("{% for i in (1..1000) %}{% assign b = l | join: long %}{% endfor %}")),
        body("a list sorted again and again", work, list("{% for i in (1..1000) %}{% assign l = l | sort | reverse %}{% endfor %}")),
        body(
            "a list in a loop in a loop",
            work,
            list("{% for x in l %}{% for y in l %}{% for z in l %}{{ z }}{% endfor %}{% endfor %}{% endfor %}"),
        ),
        body(
            "an item asked for a thousand times",
            work,
            list(&format!("{{% for i in (1..1000) %}}{}{{% endfor %}}", "{% if l[999] == l.last %}{% endif %}".repeat(200))),
        ),
        body("dates without end", missing, looped("{{ today | date: '%9999999d%9999999Y' }}")),
        body("a date as long as the source", long, filled("{{ today | date: '", "%A%B%c%+", "' }}")),
        body("money and plurals", missing, looped("{{ n | money: long | size }}{{ n | plural: long, name, long | size }}")),
        body("a chain of filters", End::Harmless, filled("{{ 'x' ", "| upcase", " }}")),
        body("a filter with all the values", End::Refused, filled("{{ 'x' | append: 'x'", ", 'x'", " }}")),
        body("conditions parted without end", End::Harmless, filled("{% if yes == false", " or yes == false", " %}{% endif %}x")),
        body("conditions joined without end", End::Harmless, filled("{% if yes", " and yes", " %}x{% endif %}")),
        body("a case of all values", End::Harmless, filled("{% case long %}", "{% when 'x' %}y", "{% else %}x{% endcase %}")),
        body("blocks beyond depth", End::Refused, "{% if a %}".repeat(600)),
        body("elsifs beyond depth", End::Refused, filled("{% if a %}", "{% elsif a %}", "{% endif %}")),
        body("brackets beyond depth", End::Refused, filled("{{ ", "a[", " }}")),
        body("brackets one after another", missing, filled("{{ long", "[0]", " }}")),
        body("dots one after another", missing, filled("{{ long", ".a", " }}")),
        body("a name as long as the source", missing, filled("{{ ", "a", " }}")),
        body("a thousand names", missing, (0..1_000).map(|n| format!("{{{{a{n}}}}}")).collect::<String>()),
        body("a string as long as the source", End::Harmless, filled("{{ '", "<&>x", "' }}")),
        body("tags that never close", End::Refused, "{{".repeat(4_000)),
        body("tags whose quotes never close", End::Refused, "{{ \"".repeat(2_000)),
        body("quotes of every kind in one tag", End::Refused, filled("{{ ", "“'\"«", "")),
        body("signs in a tag", End::Refused, filled("{{ ", "|:", " }}")),
        body("ranges in a tag", End::Refused, filled("{{ ", "(1..", " }}")),
        body("hyphens about tags", End::Harmless, filled("x", "{{-'x'-}}", "")),
        body("spaces", End::Refused, " ".repeat(8_000)),
        body("empty lines", End::Refused, "\n".repeat(8_000)),
        body("runs of spaces just short enough", End::Harmless, filled("x", &format!("{}x", " ".repeat(99)), "")),
        body("runs of spaces in a tag", End::Harmless, filled("{{ 'x' ", &format!("{}| upcase", " ".repeat(99)), " }}")),
        body("a source too long", End::Refused, "x".repeat(9_000)),
        body("braces that are no tags", End::Harmless, filled("x", "{ ", "")),
        body("percents and braces", End::Harmless, filled("x", "%}}}", "")),
        body("comments in a row", End::Harmless, filled("x", "{% comment %}{% endcomment %}", "")),
        body("a comment of tags", End::Harmless, filled("x{% comment %}", "{{ a }}", "{% endcomment %}")),
        body("raw tags", End::Harmless, filled("{% raw %}", "{{ a }}", "{% endraw %}")),
        body("another template", End::Refused, "{% include 'x' %}{% render 'x' %}".into()),
        body("itself", End::Refused, "{% layout 'self' %}{% block a %}{% endblock %}".into()),
        body(
            "a table, a cycle, a counter",
            End::Refused,
            "{% tablerow i in (1..999999) %}{% cycle 'a' %}{% increment a %}{% endtablerow %}".into(),
        ),
        body("styles opened without end", End::Stopped(Reason::BadMarkup), filled("x", "<b>", "")),
        body("styles opened and closed", End::Harmless, filled("", "<b>x</b>", "")),
        body("styles made by a loop", long, looped("<b>x</b><i>y</i>")),
        body("styles within styles", End::Harmless, nested("<b><i><u><s>", "x", "</s></u></i></b>", 250)),
        body("links in a row", End::Harmless, filled("", "<a href=\"http://x.y\">x</a>", "")),
        body("entities", End::Harmless, filled("", "&#x41;", "")),
        body("ampersands", End::Harmless, filled("", "&#", "")),
        body("angles", End::Harmless, filled("", "< ", "")),
    ];
    let buttons = |text: String, url: String, times| Content {
        class: Class::Service,
        body: "x".into(),
        media: None,
        buttons: vec![TemplateButton::Url { text, url }; times],
    };
    let each = "{% for i in (1..40) %}{{ long }}{% endfor %}";
    all.extend([
        Hostile { name: "buttons of long texts", content: buttons(filled("", "x", ""), "https://x.ru/".into(), 100), end: End::Refused },
        Hostile { name: "buttons of long loops", content: buttons(each.into(), "https://x.ru/".into(), 20), end: long },
        Hostile { name: "a link of long loops", content: buttons("x".into(), format!("https://x.ru/{each}"), 1), end: long },
        Hostile {
            name: "a thousand buttons",
            content: buttons("{{ first_name }}".into(), "https://x.ru/{{ n }}".into(), 1_000),
            end: End::Harmless,
        },
    ]);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fuzzing, template::meter};

    #[test]
    fn every_hostile_template_ends_as_it_must_within_the_limits() {
        let victim = victim(Moment::from_timestamp(1_795_437_605, 0).expect("a moment"));
        let mut wrong = Vec::new();
        for hostile in all() {
            let ended = hostile.run(&victim);
            let end = match &ended {
                Ended::Refused(error) => {
                    assert!(error.line >= 1 && error.column >= 1 && !error.to_string().is_empty(), "{}: a clear error", hostile.name);
                    End::Refused
                }
                Ended::Rendered(rendered, work) => {
                    fuzzing::within_limits(work);
                    match rendered {
                        Ok(()) => End::Harmless,
                        Err(error) => {
                            assert!(!error.detail.is_empty(), "{}: a clear error", hostile.name);
                            End::Stopped(error.reason)
                        }
                    }
                }
            };
            if end != hostile.end {
                wrong.push(format!("{}: {end:?}, not {:?}: {ended:?}", hostile.name, hostile.end));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!((meter::MAX_STEPS, meter::MAX_ITERATIONS, meter::MAX_OUTPUT), (50_000, 1_000, 65_536));
    }
}
