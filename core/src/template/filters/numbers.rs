//! Filters over numbers. Whole numbers stay whole while they fit; nothing overflows, nothing
//! divides by nought.

use liquid_core::{Result, Value, ValueView};

use super::{super::marks, Call};

/// A number as a value: whole when it is whole.
pub(crate) fn from_f64(n: f64) -> Value {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
    if n.fract() == 0.0 && n.abs() < WHOLE { Value::scalar(n as i64) } else { Value::scalar(n) }
}

/// A number from data or a template: `1 250,50` is one too.
fn read(value: &dyn ValueView) -> Option<f64> {
    let scalar = value.as_scalar()?;
    scalar.to_float().filter(|n| n.is_finite()).or_else(|| {
        let text = scalar.into_cow_str();
        let plain = marks::plain(text.trim());
        let plain: String = plain.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect();
        plain.parse().ok().filter(|n: &f64| n.is_finite())
    })
}

fn input(call: &Call<'_>) -> Result<f64> {
    read(call.input).map_or_else(|| call.unfit(), Ok)
}

fn arg(call: &Call<'_>) -> Result<f64> {
    let value = &call.args[0];
    read(value.as_view()).map_or_else(|| call.unfit_of(format!("{}: {}", call.name, value.source())), Ok)
}

/// A result, if it is a number.
fn made(call: &Call<'_>, n: f64) -> Result<Value> {
    if n.is_finite() { Ok(from_f64(n)) } else { call.unfit() }
}

fn both(call: &Call<'_>, whole: fn(i64, i64) -> Option<i64>, broken: fn(f64, f64) -> f64) -> Result<Value> {
    let integer = |v: &dyn ValueView| v.as_scalar().and_then(|s| s.to_integer());
    if let (Some(a), Some(b)) = (integer(call.input), integer(call.args[0].as_view()))
        && let Some(n) = whole(a, b)
    {
        return Ok(Value::scalar(n));
    }
    made(call, broken(input(call)?, arg(call)?))
}

pub(super) fn plus(call: &Call<'_>) -> Result<Value> {
    both(call, i64::checked_add, |a, b| a + b)
}

pub(super) fn minus(call: &Call<'_>) -> Result<Value> {
    both(call, i64::checked_sub, |a, b| a - b)
}

pub(super) fn times(call: &Call<'_>) -> Result<Value> {
    both(call, i64::checked_mul, |a, b| a * b)
}

/// Whole by whole is whole, rounded down, as Liquid has it; by nought the message stops.
pub(super) fn divided_by(call: &Call<'_>) -> Result<Value> {
    both(call, i64::checked_div_euclid, |a, b| a / b)
}

pub(super) fn modulo(call: &Call<'_>) -> Result<Value> {
    both(call, i64::checked_rem_euclid, f64::rem_euclid)
}

pub(super) fn at_least(call: &Call<'_>) -> Result<Value> {
    made(call, input(call)?.max(arg(call)?))
}

pub(super) fn at_most(call: &Call<'_>) -> Result<Value> {
    made(call, input(call)?.min(arg(call)?))
}

/// To a number of digits after the point, none by default, six at most.
pub(super) fn round(call: &Call<'_>) -> Result<Value> {
    let digits = if call.args.is_empty() { 0.0 } else { arg(call)?.clamp(0.0, 6.0).floor() };
    let scale = 10_f64.powf(digits);
    made(call, (input(call)? * scale).round() / scale)
}

pub(super) fn floor(call: &Call<'_>) -> Result<Value> {
    made(call, input(call)?.floor())
}

pub(super) fn ceil(call: &Call<'_>) -> Result<Value> {
    made(call, input(call)?.ceil())
}

pub(super) fn abs(call: &Call<'_>) -> Result<Value> {
    made(call, input(call)?.abs())
}

/// `12 500,50 ₽`: thousands apart, hundredths only where there are some, the sign after a no-break
/// space.
pub(super) fn money(call: &Call<'_>) -> Result<Value> {
    let sum = input(call)?;
    let sign = call.arg(0).unwrap_or_else(|| "₽".to_owned());
    if sum.abs() >= 1e15 {
        return call.unfit();
    }
    let text = format!("{:.2}", sum.abs());
    let (whole, hundredths) = text.split_once('.').unwrap_or((&text, "00"));
    let mut out = String::new();
    if sum < 0.0 && text != "0.00" {
        out.push('−');
    }
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    if hundredths != "00" {
        out.push(',');
        out.push_str(hundredths);
    }
    if !sign.is_empty() {
        out.push('\u{a0}');
        out.push_str(&sign);
    }
    call.made(out)
}

/// The Russian form after a number: 1 бонус, 2 бонуса, 5 бонусов; a broken number takes the second.
pub(super) fn plural(call: &Call<'_>) -> Result<Value> {
    let n = input(call)?.abs();
    let (ones, tens) = (n % 10.0, n % 100.0);
    let form = if n.fract() != 0.0 {
        1
    } else if ones == 1.0 && tens != 11.0 {
        0
    } else if (2.0..=4.0).contains(&ones) && !(12.0..=14.0).contains(&tens) {
        1
    } else {
        2
    };
    Ok(Value::scalar(call.arg(form).unwrap_or_default()))
}
