//! The trail: who changed what, the newest first.

pub mod actions;
pub mod objects;

use std::collections::HashMap;

use mms_core::{
    account::member,
    clock::Moment,
    on,
    store::{
        audit::{self as trail, Entry},
        trail::{Broken, Whole, consents},
    },
};

use crate::{
    calls,
    frame::{cx::Cx, error::Outcome, page::Page, screen::Screen},
    i18n::{Html, Tr},
    p,
    screens::{contacts::say, menu},
    t, words,
};

calls! {
    /// Buttons of the trail.
    pub enum Call {
        /// A page; 0 is the newest.
        "p" Page { page: u32 } => Own,
        /// Walk both chains and show how far they go.
        "v" Verify => Own,
    }
}

/// Entries on a page.
const PAGE: u32 = 10;

/// A press.
///
/// # Errors
/// The database's.
pub async fn press(cx: &Cx, call: Call) -> Outcome {
    let (store, account) = (&cx.deps.store, cx.actor()?.account);
    let page = match call {
        Call::Page { page } => page,
        Call::Verify => {
            let (audit, consents) = (trail::verify(store, account).await?, consents::verify(store, account).await?);
            return Ok(verified_card(cx.tr, &audit, &consents).into());
        }
    };
    let last: Option<(i64, String)> = on!(store.read(), |c| sqlx::query_as(trail::LAST).bind(account).fetch_optional(c).await)?;
    let last = last.map_or(0, |(seq, _)| seq);
    let page = Page::of(last, PAGE, page);
    // Numbers have no gaps, so a page is ten of them.
    let to = last - page.offset();
    let from = (to - page.limit()).max(0);
    let entries = trail::entries(store, account, from, to - from).await?;
    let mut names: HashMap<String, String> =
        member::list(store, account).await?.into_iter().map(|member| (member.id.to_string(), member.name)).collect();
    objects::add(store, account, &entries, &mut names).await?;
    Ok(card(cx.tr, &entries, &names, page, cx.now).into())
}

/// A page of the trail; `names`: of members, and of what the entries are about, by id.
#[must_use]
pub fn card(tr: Tr, entries: &[Entry], names: &HashMap<String, String>, page: Page, now: Moment) -> Screen {
    let lines: Vec<String> = entries.iter().rev().map(|entry| line(tr, entry, names, now)).collect();
    let html = t!(tr, "audit-title", entries = Html(lines.join("\n")));
    Screen::new(html)
        .at(Call::Page { page: page.at })
        .pager(page, |page| Call::Page { page })
        .button(p!(tr, "audit-verify"), Call::Verify)
        .nav(tr, menu::Call::Settings)
}

/// What walking the chains found.
#[must_use]
pub fn verified_card(tr: Tr, audit: &Result<Whole, Broken>, consents: &Result<Whole, Broken>) -> Screen {
    let chain = |found: &Result<Whole, Broken>| match found {
        Ok(whole) => {
            let mut html = t!(tr, "audit-whole", entries = whole.entries, mark = whole.mark.to_string());
            if let Some((at, before)) = whole.found {
                html.push('\n');
                html.push_str(&t!(tr, "audit-found", before = before, since = tr.moment(at)));
            }
            if whole.forgotten > 0 {
                html.push('\n');
                html.push_str(&t!(tr, "audit-forgotten", links = whole.forgotten));
            }
            html
        }
        Err(broken) => t!(tr, "audit-broken", why = words::trail::broken(tr, broken)),
    };
    Screen::new(t!(tr, "audit-verified", audit = Html(chain(audit)), consents = Html(chain(consents)))).nav(tr, Call::Page { page: 0 })
}

fn line(tr: Tr, entry: &Entry, names: &HashMap<String, String>, now: Moment) -> String {
    let who = match entry.actor.as_str() {
        "admin" => p!(tr, "audit-actor-admin"),
        "system" => p!(tr, "audit-actor-system"),
        id => names.get(id).cloned().unwrap_or_else(|| p!(tr, "audit-actor-unknown")),
    };
    let at = tr.when(entry.at, now);
    let what = match (entry.actor.as_str(), entry.action.as_str()) {
        // Nobody of the company did it.
        ("system", "contact.opt_out") => p!(tr, "audit-contact-opted-out"),
        (_, action) => actions::words(tr, action),
    };
    // Whoever did it to themselves is named already.
    match names.get(&entry.subject).filter(|name| !name.trim().is_empty() && entry.subject != entry.actor) {
        Some(name) => t!(tr, "audit-line-of", at = at, who = who, what = what, object = say::short(&words::inert(name), 60)),
        None => t!(tr, "audit-line", at = at, who = who, what = what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{snapshots, testing};

    fn entry(seq: i64, actor: &str, action: &str) -> Entry {
        Entry {
            seq,
            at: testing::moment(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: action.split('.').next().unwrap_or_default().to_owned(),
            details: "{}".to_owned(),
            prev_hash: String::new(),
            hash: String::new(),
        }
    }

    snapshots!(audit_page, |tr| card(
        tr,
        &[
            entry(1, "admin", "account.create"),
            entry(2, "a", "campaign.launch"),
            entry(3, "system", "member.lock"),
            entry(4, "gone", "some.new.action"),
        ],
        &HashMap::from([("a".to_owned(), "Анна <К>".to_owned()), ("campaign".to_owned(), "Пионы & Ко".to_owned())]),
        Page::of(25, 10, 1),
        testing::moment()
    ));

    snapshots!(audit_verified, |tr| {
        let mark = |count: i64| mms_core::store::trail::Mark { count, hash: "9f3c01d2a4b5c6d7".repeat(4) };
        let whole = Whole { entries: 212, mark: mark(212), found: None, forgotten: 0 };
        verified_card(
            tr,
            &Ok(whole),
            &Ok(Whole { entries: 15_000, mark: mark(31), found: Some((testing::moment(), 14_000)), forgotten: 2 }),
        )
    });
    snapshots!(audit_verified_broken, |tr| verified_card(
        tr,
        &Err(Broken::CutOff { head: 212, found: 200 }),
        &Err(Broken::ConsentsChanged(3))
    ));

    #[test]
    fn every_action_of_the_core_has_words() {
        // The rooms write the action as a literal next to the audit call.
        let mut source = String::new();
        gather(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/src")), &mut source);
        let tr = testing::tr(mms_core::account::Language::En);
        let mut missing = std::collections::BTreeSet::new();
        for part in source.split("audit(&mut tx, \"").chain(source.split("audit(tx, \"")).skip(1) {
            let action: String = part.chars().take_while(|c| *c != '"').collect();
            let whole = action.contains('.') && action.chars().all(|c| c.is_ascii_lowercase() || c == '.' || c == '_');
            if whole && actions::words(tr, &action) == action {
                missing.insert(action);
            }
        }
        assert!(missing.is_empty(), "no words for {missing:?}");
    }

    fn gather(dir: &std::path::Path, out: &mut String) {
        for entry in std::fs::read_dir(dir).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                gather(&path, out);
            } else {
                out.push_str(&std::fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
}
