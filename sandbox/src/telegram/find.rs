//! What Telegram finds in a text by itself: mentions, commands, hashtags, cashtags, links and
//! e-mail addresses.
//!
//! After the rules of the library's finders; places are bytes of the text. Bank cards and times of
//! a video are found by it too, and never shown to a bot.

use std::ops::Range;

/// Something found: its kind and its bytes.
pub(crate) type Found = (&'static str, Range<usize>);

/// Everything found, in order; where two cross, the one that begins first stays, of those the
/// longer.
pub(crate) fn all(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    found.extend(mentions(text).map(|at| ("mention", at)));
    found.extend(commands(text).map(|at| ("bot_command", at)));
    found.extend(hashtags(text).map(|at| ("hashtag", at)));
    found.extend(cashtags(text).map(|at| ("cashtag", at)));
    found.extend(links(text));
    found.sort_by_key(|(_, at)| (at.start, std::cmp::Reverse(at.end)));
    let mut end = 0;
    found.retain(|(_, at)| {
        let free = at.start >= end;
        if free {
            end = at.end;
        }
        free
    });
    found
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// How many bytes of `text` from `at` satisfy a condition; all of them are ASCII.
fn run(text: &str, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    text.as_bytes()[at..].iter().take_while(|byte| wanted(**byte)).count()
}

/// Usernames shorter than four that are somebody's.
const SHORT: &[&str] = &["gif", "nft", "pic", "ufc", "vid"];

fn mentions(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('@').filter_map(move |(at, _)| {
        if before(text, at).is_some_and(word) {
            return None;
        }
        let length = run(text, at + 1, name);
        let end = at + 1 + length;
        let known = (4..=32).contains(&length) || SHORT.contains(&text[at + 1..end].to_ascii_lowercase().as_str());
        (known && !after(text, end).is_some_and(word)).then_some(at..end)
    })
}

fn commands(text: &str) -> impl Iterator<Item = Range<usize>> {
    let edge = |c: char| word(c) || matches!(c, '/' | '<' | '>');
    text.match_indices('/').filter_map(move |(at, _)| {
        if before(text, at).is_some_and(edge) {
            return None;
        }
        let length = run(text, at + 1, name);
        let mut end = at + 1 + length;
        if !(1..=64).contains(&length) {
            return None;
        }
        if after(text, end) == Some('@') {
            let bot = run(text, end + 1, name);
            if !(3..=32).contains(&bot) {
                return None;
            }
            end += 1 + bot;
        }
        (!after(text, end).is_some_and(edge)).then_some(at..end)
    })
}

fn tag_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '\u{200c}' | '\u{b7}' | '\u{d80}'..='\u{dff}')
}

/// `@name` behind a tag belongs to it.
fn with_bot(text: &str, end: usize) -> usize {
    if after(text, end) != Some('@') {
        return end;
    }
    let bot = run(text, end + 1, name);
    if (3..=32).contains(&bot) { end + 1 + bot } else { end }
}

fn hashtags(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('#').filter_map(move |(at, _)| {
        if before(text, at).is_some_and(tag_letter) {
            return None;
        }
        let tag: String = text[at + 1..].chars().take_while(|c| tag_letter(*c)).collect();
        let kept: String = tag.chars().take(256).collect();
        let mut end = at + 1 + kept.len();
        if kept.len() == tag.len() {
            end = with_bot(text, end);
        }
        let more = after(text, at + 1 + tag.len()) == Some('#');
        (!more && kept.chars().any(char::is_alphabetic)).then_some(at..end)
    })
}

fn cashtags(text: &str) -> impl Iterator<Item = Range<usize>> {
    let edge = |c: char| tag_letter(c) || c == '$';
    text.match_indices('$').filter_map(move |(at, _)| {
        if before(text, at).is_some_and(edge) {
            return None;
        }
        let length = if text[at + 1..].starts_with("1INCH") { 5 } else { run(text, at + 1, |byte| byte.is_ascii_uppercase()) };
        if !(1..=8).contains(&length) {
            return None;
        }
        let end = with_bot(text, at + 1 + length);
        (!after(text, end).is_some_and(edge)).then_some(at..end)
    })
}

/// Characters that end no path.
const BAD_END: &[char] = &['.', ':', ';', ',', '(', '\'', '?', '!', '`'];

fn url_symbol(c: char) -> bool {
    match c {
        '\u{2000}'..='\u{206f}' => matches!(c, '\u{200c}' | '\u{200d}' | '\u{2010}'..='\u{2015}'),
        c => !c.is_whitespace(),
    }
}

fn path_symbol(c: char) -> bool {
    !matches!(c, '\n' | '<' | '>' | '"' | '«' | '»') && url_symbol(c)
}

fn user_symbol(c: char) -> bool {
    !matches!(c, '\n' | '/' | '[' | ']' | '{' | '}' | '(' | ')' | '\'' | '`' | '<' | '>' | '"' | '@' | '«' | '»') && url_symbol(c)
}

fn domain_symbol(c: char) -> bool {
    if c < '\u{c0}' { c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '~') } else { url_symbol(c) }
}

/// The end of a path that begins at `at`, if there is one.
fn path_end(text: &str, at: usize) -> usize {
    let Some(first) = after(text, at).filter(|c| matches!(c, '/' | '?' | '#')) else { return at };
    let rest = &text[at + 1..];
    let path = &rest[..rest.find(|c| !path_symbol(c)).unwrap_or(rest.len())];
    let path = path.trim_end_matches(BAD_END);
    if first == '/' || !path.is_empty() { at + 1 + path.len() } else { at }
}

/// Where, going back from `at`, characters no longer satisfy a condition.
fn back(text: &str, at: usize, wanted: impl Fn(char) -> bool) -> usize {
    text[..at].char_indices().rev().take_while(|(_, c)| wanted(*c)).last().map_or(at, |(byte, _)| byte)
}

/// `tg://…` and `ton://…`, then what has a dot in it: links with and without a protocol, and e-mail
/// addresses.
fn links(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let begin = ["tg", "ton", "tonsite"].iter().find_map(|protocol| {
            let begin = at.checked_sub(protocol.len())?;
            text.get(begin..at)?.eq_ignore_ascii_case(protocol).then_some(begin)
        });
        let length = run(text, at + 3, |byte| name(byte) || byte == b'-').min(253);
        if let (Some(begin), 1..) = (begin, length) {
            found.push(("url", begin..path_end(text, at + 3 + length)));
        }
    }
    let mut from = 0;
    while let Some(dot) = text[from..].find('.').map(|dot| from + dot) {
        let (link, next) = around(text, from, dot);
        if let Some(link) = link {
            let shown = &text[link.clone()];
            let mail = shown.strip_prefix("mailto:").unwrap_or(shown);
            if is_email(mail) {
                found.push(("email", link.end - mail.len()..link.end));
            } else if let Some(length) = plausible(shown) {
                found.push(("url", link.start..link.start + length));
            }
        }
        from = next.max(dot + 1);
    }
    found
}

/// What stands around a dot, if it can be a link, and where to look on. Nothing before `from`
/// belongs to it.
fn around(text: &str, from: usize, dot: usize) -> (Option<Range<usize>>, usize) {
    let mut begin = back(text, dot, domain_symbol).max(from);
    let rest = &text[dot..];
    let mut end = dot + rest.find(|c| c != '@' && !domain_symbol(c)).unwrap_or(rest.len());
    let mail = text[dot..end].contains('@');
    if mail {
        begin = back(text, begin, user_symbol).max(from);
    }
    if text[end..].starts_with(':') {
        let digits = run(text, end + 1, |byte| byte.is_ascii_digit());
        if text[end + 1..end + 1 + digits].parse::<u32>().is_ok_and(|port| (1..=65_535).contains(&port)) {
            end += 1 + digits;
        }
    }
    end = path_end(text, end);
    while end > dot + 1 && text[..end].ends_with('.') {
        end -= 1;
    }
    let mut bad = false;
    if begin > from && text[..begin].ends_with('@') {
        let user = back(text, begin - 1, user_symbol).max(from);
        bad = mail || user == begin - 1;
        begin = user;
    }
    if begin > from {
        let prefix = &text[from..begin];
        if let Some(protocol) = prefix.strip_suffix("://") {
            let start = protocol
                .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '+' | '-')))
                .map_or(0, |at| at + protocol[at..].chars().next().map_or(1, char::len_utf8));
            let protocol = protocol[start..].to_lowercase();
            let known = ["https", "http", "ftp", "tonsite"].into_iter().find(|known| protocol.ends_with(known));
            match known {
                Some(known) if !matches!(protocol.as_str(), "shttp" | "tftp" | "sftp") => begin -= known.len() + 3,
                _ => bad = true,
            }
        } else if before(text, begin).is_some_and(|c| word(c) || matches!(c, '/' | '#' | '@')) {
            bad = true;
        }
    }
    if bad {
        // The next dot may begin anew.
        let next = text[..end].rfind('.').map_or(dot + 1, |at| at + 1);
        return (None, next);
    }
    let link = (end > dot + 1).then_some(begin..end);
    (link, end + run(text, end, |byte| byte == b'.'))
}

fn is_email(text: &str) -> bool {
    let Some((user, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str| part.bytes().all(|byte| name(byte) || byte == b'-');
    let users: Vec<&str> = user.split(['.', '+']).collect();
    let Some((last, first)) = users.split_last() else { return false };
    if users.len() > 11 || !(1..=35).contains(&last.len()) || !plain(last) || first.iter().any(|part| part.len() > 26 || !plain(part)) {
        return false;
    }
    let domains: Vec<&str> = domain.split('.').collect();
    let Some((top, parts)) = domains.split_last() else { return false };
    (1..=6).contains(&parts.len())
        && (2..=8).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.iter().all(|part| {
            let edges = [part.bytes().next(), part.bytes().next_back()];
            part.len() <= 30 && plain(part) && edges.iter().all(|edge| edge.is_some_and(|byte| byte.is_ascii_alphanumeric()))
        })
}

/// Top-level domains of countries (IANA).
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs \
    bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec \
    ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy \
    hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz \
    la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx \
    my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re \
    ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th \
    tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";
/// A part of the others without which a link needs a protocol.
const TOP: &[&str] = &[
    "academy",
    "agency",
    "app",
    "art",
    "asia",
    "bank",
    "bar",
    "beauty",
    "best",
    "bio",
    "biz",
    "blog",
    "business",
    "cafe",
    "center",
    "city",
    "clinic",
    "cloud",
    "club",
    "com",
    "company",
    "dental",
    "design",
    "dev",
    "digital",
    "edu",
    "email",
    "events",
    "expert",
    "fashion",
    "fitness",
    "fun",
    "gallery",
    "games",
    "gov",
    "group",
    "guru",
    "health",
    "help",
    "host",
    "info",
    "ink",
    "int",
    "land",
    "life",
    "link",
    "live",
    "market",
    "media",
    "mil",
    "mobi",
    "moda",
    "moscow",
    "museum",
    "name",
    "net",
    "news",
    "one",
    "online",
    "org",
    "page",
    "photo",
    "press",
    "pro",
    "promo",
    "pub",
    "red",
    "rest",
    "run",
    "sale",
    "salon",
    "school",
    "shop",
    "show",
    "site",
    "ski",
    "soccer",
    "social",
    "solutions",
    "space",
    "spa",
    "sport",
    "store",
    "studio",
    "style",
    "support",
    "systems",
    "tatar",
    "tax",
    "team",
    "tech",
    "tel",
    "tips",
    "today",
    "top",
    "tours",
    "toys",
    "training",
    "travel",
    "video",
    "vip",
    "web",
    "website",
    "wiki",
    "win",
    "work",
    "works",
    "world",
    "xyz",
    "yoga",
    "zone",
    "рф",
    "рус",
    "москва",
    "дети",
    "онлайн",
    "сайт",
    "орг",
    "ком",
    "бел",
    "укр",
    "қаз",
    "срб",
];

/// How much of a link is one: its host must be plausible, and brackets of its path that were never
/// opened are not its own.
fn plausible(link: &str) -> Option<usize> {
    let protocol = ["http://", "https://", "ftp://", "tonsite://"]
        .into_iter()
        .find(|protocol| link.get(..protocol.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(protocol)));
    let rest = &link[protocol.map_or(0, str::len)..];
    let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(host_end);
    let host = host.split_once('@').map_or(host, |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let mut open = [0_i32; 3];
    let balanced = path
        .char_indices()
        .find(|(_, c)| {
            let at = match c {
                '(' | ')' => 0,
                '[' | ']' => 1,
                '{' | '}' => 2,
                _ => return false,
            };
            open[at] += if matches!(c, '(' | '[' | '{') { 1 } else { -1 };
            open[at] < 0
        })
        .map_or(path, |(at, _)| &path[..at]);
    let cut = path.len() - balanced.trim_end_matches(BAD_END).len();
    let parts: Vec<&str> = host.split('.').collect();
    if parts.len() < 2 || parts.iter().any(|part| part.is_empty() || part.len() > 63 || part.ends_with('-')) {
        return None;
    }
    let numbers = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if numbers {
        let octets = parts.iter().all(|part| part.parse::<u8>().is_ok() && !(part.len() > 1 && part.starts_with('0')));
        return (parts.len() == 4 && octets).then_some(link.len() - cut);
    }
    let (top, second) = (parts[parts.len() - 1], parts[parts.len() - 2]);
    let known = |top: &str| {
        let lower = top.to_lowercase();
        // One capital letter begins a sentence whose blank is missing.
        let sentence = lower != top && lower.chars().skip(1).eq(top.chars().skip(1));
        !sentence && (TOP.contains(&lower.as_str()) || COUNTRIES.split(' ').any(|country| country == lower))
    };
    let good = match top.strip_prefix("xn--") {
        Some(code) => code.len() > 1 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        None => top.chars().count() > 1 && !top.contains(['_', '-']) && (protocol.is_some() || known(top)),
    };
    (good && !second.contains('_')).then_some(link.len() - cut)
}

#[cfg(test)]
mod tests {
    use super::all;

    fn found(text: &str) -> Vec<(&'static str, &str)> {
        all(text).into_iter().map(|(kind, at)| (kind, &text[at])).collect()
    }

    #[test]
    fn links_are_found_without_a_protocol() {
        for (text, links) in [
            ("ex.ru/a", vec![("url", "ex.ru/a")]),
            ("(см. ex.ru/a), да", vec![("url", "ex.ru/a")]),
            ("https://ex.ru/a?b=c#d!", vec![("url", "https://ex.ru/a?b=c#d")]),
            ("http://салон.рф/цены.", vec![("url", "http://салон.рф/цены")]),
            ("салон.рф", vec![("url", "салон.рф")]),
            ("10.0.0.1 и 300.1.1.1", vec![("url", "10.0.0.1")]),
            ("цена 1.500 руб.Скидка", vec![]),
            ("a.nosuchzone http://a.nosuchzone", vec![("url", "http://a.nosuchzone")]),
            ("ex.ru:8080/x(1)) конец", vec![("url", "ex.ru:8080/x(1)")]),
            ("javascript://ex.ru", vec![]),
            ("Приходите.It is open, main.js, ex.RU", vec![("url", "ex.RU")]),
            ("Салон.Рф http://Салон.Рф", vec![("url", "http://Салон.Рф")]),
            ("tg://resolve?domain=a ton://x", vec![("url", "tg://resolve?domain=a"), ("url", "ton://x")]),
            ("a@b.ru, mailto:c.d@e.com", vec![("email", "a@b.ru"), ("email", "c.d@e.com")]),
            ("...", vec![]),
            ("в 10.30 у ex.ru...", vec![("url", "ex.ru")]),
        ] {
            assert_eq!(found(text), links, "{text}");
        }
    }

    #[test]
    fn mentions_tags_and_commands() {
        for (text, tags) in [
            ("@anna_k @abc @gif a@anna_k", vec![("mention", "@anna_k"), ("mention", "@gif")]),
            ("$USD $USDT@bot $usd a$USD $TOOLONGTAG", vec![("cashtag", "$USD"), ("cashtag", "$USDT@bot")]),
            ("#акция #2026 #a#b", vec![("hashtag", "#акция")]),
            ("/start@my_bot x/y /a/b 1/2", vec![("bot_command", "/start@my_bot")]),
        ] {
            assert_eq!(found(text), tags, "{text}");
        }
    }

    #[test]
    fn whatever_is_written() {
        const SIGNS: [char; 20] =
            ['a', 'z', '.', '.', '@', '/', ':', '#', '$', 'U', ' ', 'я', 'ё', '👍', '«', '(', ')', '1', '\u{2019}', '\u{301}'];
        for _ in 0..20_000 {
            let text: String = (0..rand::random_range(0..30)).map(|_| SIGNS[rand::random_range(0..SIGNS.len())]).collect();
            let mut end = 0;
            for (_, at) in all(&text) {
                assert!(at.start >= end && at.end > at.start && text.get(at.clone()).is_some(), "{text:?}");
                end = at.end;
            }
        }
    }
}
