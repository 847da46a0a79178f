//! What came of campaigns: what people did after one, how it compares with the last ones, totals
//! over some days. Screens are pure.

use chrono::TimeDelta;
use mms_core::{
    campaign::results::{self, Results},
    delivery::{Numbers, Responses},
};

use super::{Call, refusal};
use crate::{
    frame::{
        cx::Cx,
        error::Outcome,
        screen::{Button, Screen},
    },
    i18n::Tr,
    p, t,
};

/// Days of totals offered by buttons: a week, a month, a quarter, a year.
const DAYS: [u16; 4] = [7, 30, 90, 365];
/// Days shown first.
pub const FIRST: u16 = 30;

/// What people did after a campaign, as a line; empty before anything went.
#[must_use]
pub fn responses(tr: Tr, all: &Numbers, did: &Responses) -> String {
    if all.sent == 0 {
        return String::new();
    }
    let share = |n: i64| tr.percent(n, all.sent);
    t!(
        tr,
        "campaigns-responses",
        replied = did.replied,
        replied_share = share(did.replied),
        out = did.opted_out,
        out_share = share(did.opted_out),
        blocked = did.blocked,
        blocked_share = share(did.blocked)
    )
}

/// The same of the campaigns before it, for comparison.
#[must_use]
pub fn compared(tr: Tr, before: &Results) -> String {
    let (all, did) = (&before.numbers, &before.responses);
    t!(
        tr,
        "campaigns-compared",
        count = before.campaigns,
        sent = tr.percent(all.sent, all.planned),
        replied = tr.percent(did.replied, all.sent),
        out = tr.percent(did.opted_out, all.sent)
    )
}

/// Totals over the last days.
pub async fn show(cx: &Cx, days: u16) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let days = if DAYS.contains(&days) { days } else { FIRST };
    let span = TimeDelta::days(i64::from(days));
    let refused = |error| refusal::refused(cx.tr, error);
    let now = results::within(store, account, cx.now - span, cx.now).await.map_err(refused)?;
    let before = results::within(store, account, cx.now - span * 2, cx.now - span).await.map_err(refused)?;
    Ok(totals(cx.tr, days, &now, &before).into())
}

/// Totals beside those of the days before.
#[must_use]
pub fn totals(tr: Tr, days: u16, now: &Results, before: &Results) -> Screen {
    let span = p!(tr, "campaigns-days", count = days);
    let mut html = t!(tr, "campaigns-totals", days = &span);
    html.push_str("\n\n");
    if now.campaigns == 0 {
        html.push_str(&t!(tr, "campaigns-totals-none"));
    } else {
        let earlier = |text: String| if before.campaigns == 0 { "none".to_owned() } else { text };
        let count = |all: &Results, n: fn(&Results) -> i64| tr.number(n(all));
        let share = |all: &Results, n: fn(&Results) -> i64| tr.percent(n(all), all.numbers.sent);
        let failed = |all: &Results| tr.percent(all.numbers.failed, all.numbers.planned);
        let replied: fn(&Results) -> i64 = |all| all.responses.replied;
        let out: fn(&Results) -> i64 = |all| all.responses.opted_out;
        let blocked: fn(&Results) -> i64 = |all| all.responses.blocked;
        let lines = [
            t!(
                tr,
                "campaigns-totals-campaigns",
                now = count(now, |all| all.campaigns),
                before = earlier(count(before, |all| all.campaigns))
            ),
            t!(
                tr,
                "campaigns-totals-sent",
                now = count(now, |all| all.numbers.sent),
                before = earlier(count(before, |all| all.numbers.sent))
            ),
            t!(
                tr,
                "campaigns-totals-failed",
                now = count(now, |all| all.numbers.failed),
                share = failed(now),
                before = earlier(failed(before))
            ),
            t!(
                tr,
                "campaigns-totals-replied",
                now = count(now, replied),
                share = share(now, replied),
                before = earlier(share(before, replied))
            ),
            t!(tr, "campaigns-totals-out", now = count(now, out), share = share(now, out), before = earlier(share(before, out))),
            t!(
                tr,
                "campaigns-totals-blocked",
                now = count(now, blocked),
                share = share(now, blocked),
                before = earlier(share(before, blocked))
            ),
        ];
        html.push_str(&lines.join("\n"));
        if before.campaigns > 0 {
            html.push_str("\n\n");
            html.push_str(&t!(tr, "campaigns-totals-earlier", days = &span));
        }
    }
    let button = |each: u16| {
        let text = p!(tr, "campaigns-days", count = each);
        Button::call(if each == days { format!("✓ {text}") } else { text }, Call::Totals { days: each })
    };
    Screen::new(html).row(DAYS[..2].iter().copied().map(button)).row(DAYS[2..].iter().copied().map(button)).nav(tr, Call::List { page: 0 })
}
