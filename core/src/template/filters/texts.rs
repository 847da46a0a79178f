//! Filters over texts and lists.

use liquid_core::{Result, Value, ValueView};

use super::{
    super::meter::{MAX_ITEMS, MAX_OUTPUT},
    Call,
};
use crate::words::Reason;

pub(super) fn upcase(call: &Call<'_>) -> Result<Value> {
    call.made(call.text().to_uppercase())
}

pub(super) fn downcase(call: &Call<'_>) -> Result<Value> {
    call.made(call.text().to_lowercase())
}

/// The first letter large, the rest as it is: «санкт-Петербург» is not spoilt.
pub(super) fn capitalize(call: &Call<'_>) -> Result<Value> {
    let text = call.text();
    let mut chars = text.chars();
    call.made(chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default())
}

/// The value as it is.
pub(super) fn same(call: &Call<'_>) -> Result<Value> {
    Ok(call.input.to_value())
}

pub(super) fn strip(call: &Call<'_>) -> Result<Value> {
    call.made(call.text().trim().to_owned())
}

pub(super) fn lstrip(call: &Call<'_>) -> Result<Value> {
    call.made(call.text().trim_start().to_owned())
}

pub(super) fn rstrip(call: &Call<'_>) -> Result<Value> {
    call.made(call.text().trim_end().to_owned())
}

pub(super) fn append(call: &Call<'_>) -> Result<Value> {
    call.made(call.text() + &call.arg(0).unwrap_or_default())
}

pub(super) fn prepend(call: &Call<'_>) -> Result<Value> {
    call.made(call.arg(0).unwrap_or_default() + &call.text())
}

/// Also `remove`, which gives no second value.
pub(super) fn replace(call: &Call<'_>) -> Result<Value> {
    replaced(call, usize::MAX)
}

pub(super) fn replace_first(call: &Call<'_>) -> Result<Value> {
    replaced(call, 1)
}

fn replaced(call: &Call<'_>, most: usize) -> Result<Value> {
    let (text, from, to) = (call.text(), call.arg(0).unwrap_or_default(), call.arg(1).unwrap_or_default());
    if from.is_empty() {
        return Ok(Value::scalar(text));
    }
    // Counted before it is made: a short text can ask for a very long one.
    let times = text.matches(&from).take(most).count();
    call.meter.fits(text.len().saturating_add(times.saturating_mul(to.len())))?;
    Ok(Value::scalar(text.replacen(&from, &to, times)))
}

/// A whole number among the arguments.
fn whole(call: &Call<'_>, n: usize) -> Result<Option<i64>> {
    match call.args.get(n).map(|a| a.as_scalar().and_then(|s| s.to_integer())) {
        None => Ok(None),
        Some(Some(n)) => Ok(Some(n)),
        Some(None) => Err(call.meter.fail(Reason::NoValue, format!("{}: {}", call.name, call.args[n].source()))),
    }
}

fn size_arg(call: &Call<'_>, otherwise: usize) -> Result<usize> {
    Ok(whole(call, 0)?.map_or(otherwise, |n| usize::try_from(n.max(0)).unwrap_or(usize::MAX)))
}

/// The first characters, the ending («…») counted among them.
pub(super) fn truncate(call: &Call<'_>) -> Result<Value> {
    let (text, most) = (call.text(), size_arg(call, 50)?);
    if text.chars().count() <= most {
        return Ok(Value::scalar(text));
    }
    let end = call.arg(1).unwrap_or_else(|| "…".to_owned());
    let kept = most.saturating_sub(end.chars().count());
    call.made(text.chars().take(kept).collect::<String>().trim_end().to_owned() + &end)
}

/// The first words.
pub(super) fn truncate_words(call: &Call<'_>) -> Result<Value> {
    let (text, most) = (call.text(), size_arg(call, 15)?.max(1));
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= most {
        return Ok(Value::scalar(text));
    }
    call.made(words[..most].join(" ") + &call.arg(1).unwrap_or_else(|| "…".to_owned()))
}

/// Characters from a place (from the end if below nought), one or so many.
pub(super) fn slice(call: &Call<'_>) -> Result<Value> {
    let text = call.text();
    let all = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let from = whole(call, 0)?.unwrap_or(0);
    let from = if from < 0 { from.saturating_add(all).max(0) } else { from };
    let len = whole(call, 1)?.unwrap_or(1).max(0);
    let (from, len) = (usize::try_from(from).unwrap_or(usize::MAX), usize::try_from(len).unwrap_or(usize::MAX));
    call.made(text.chars().skip(from).take(len).collect())
}

/// For a value inside a link's address.
pub(super) fn url_encode(call: &Call<'_>) -> Result<Value> {
    let text = super::super::marks::show_all(&call.text());
    call.meter.fits(text.len() * 3)?;
    Ok(Value::scalar(url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")))
}

pub(super) fn split(call: &Call<'_>) -> Result<Value> {
    let (text, by) = (call.text(), call.arg(0).unwrap_or_default());
    let items: Vec<Value> = if by.is_empty() {
        text.chars().take(MAX_ITEMS).map(|c| Value::scalar(c.to_string())).collect()
    } else {
        text.split(&by).take(MAX_ITEMS).map(|s| Value::scalar(s.to_owned())).collect()
    };
    call.meter.step(text.len() + 32 * items.len())?;
    Ok(Value::Array(items))
}

/// The items of a list; a single value is a list of itself.
fn items(call: &Call<'_>) -> Vec<Value> {
    match call.input.as_array() {
        Some(list) => list.values().take(MAX_ITEMS).map(ValueView::to_value).collect(),
        None => vec![call.input.to_value()],
    }
}

pub(super) fn join(call: &Call<'_>) -> Result<Value> {
    let by = call.arg(0).unwrap_or_else(|| " ".to_owned());
    let texts: Vec<String> = items(call).iter().map(|v| v.to_kstr().into_string()).collect();
    let bytes = texts.iter().map(String::len).sum::<usize>().saturating_add(by.len().saturating_mul(texts.len().saturating_sub(1)));
    call.meter.fits(bytes)?;
    Ok(Value::scalar(texts.join(&by)))
}

/// The first item of a list, the first character of a text.
pub(super) fn first(call: &Call<'_>) -> Result<Value> {
    let found = match call.input.as_array() {
        Some(list) => list.first().map(ValueView::to_value),
        None => call.text().chars().next().map(|c| Value::scalar(c.to_string())),
    };
    Ok(found.unwrap_or_else(|| Value::scalar("")))
}

/// The last item of a list, the last character of a text.
pub(super) fn last(call: &Call<'_>) -> Result<Value> {
    let found = match call.input.as_array() {
        Some(list) => list.last().map(ValueView::to_value),
        None => call.text().chars().next_back().map(|c| Value::scalar(c.to_string())),
    };
    Ok(found.unwrap_or_else(|| Value::scalar("")))
}

/// Items of a list, characters of a text.
pub(super) fn size(call: &Call<'_>) -> Result<Value> {
    Ok(Value::scalar(match call.input.as_array() {
        Some(list) => list.size(),
        None => i64::try_from(call.text().chars().count()).unwrap_or(i64::MAX),
    }))
}

pub(super) fn reverse(call: &Call<'_>) -> Result<Value> {
    let mut items = items(call);
    items.reverse();
    Ok(Value::Array(items))
}

/// By the text of each.
pub(super) fn sort(call: &Call<'_>) -> Result<Value> {
    let mut items = items(call);
    // A comparison reads two texts, and there are n log n of them; MAX_ITEMS keeps the logarithm at
    // ten.
    call.meter.step(10 * super::tags::weight(call.input))?;
    items.sort_by_cached_key(|v| v.to_kstr().into_string());
    Ok(Value::Array(items))
}

/// Each text once, in the order of first sight.
pub(super) fn uniq(call: &Call<'_>) -> Result<Value> {
    let mut seen = std::collections::HashSet::new();
    let items = items(call).into_iter().filter(|v| seen.insert(v.to_kstr().into_string())).collect();
    Ok(Value::Array(items))
}

/// A phone as people write it: `+7 916 123-45-67`; of another country or not a phone, as it is.
pub(super) fn phone(call: &Call<'_>) -> Result<Value> {
    let text = call.text();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(MAX_OUTPUT).collect();
    let national = match digits.len() {
        11 if digits.starts_with('7') || digits.starts_with('8') && !text.trim_start().starts_with('+') => &digits[1..],
        10 if digits.starts_with('9') => digits.as_str(),
        _ => return Ok(Value::scalar(text)),
    };
    call.made(format!("+7 {} {}-{}-{}", &national[..3], &national[3..6], &national[6..8], &national[8..]))
}
