//! Where a version's messages lead: on the card of whoever decides, and one by one on a screen of
//! its own where they are too many. Nobody approves what they could not see: then the decision
//! stands below the last of them.

use mms_core::{
    account::Actor,
    id::VersionId,
    template::{
        links::{Odd, Refused, Target, Targets},
        lint,
    },
};

use super::{Call, Face, cards, connected, lines, load, review};
use crate::{
    frame::{cx::Cx, error::Outcome, page::Page, screen::Screen},
    i18n::Tr,
    p, t,
};

/// Lines on a card, and their characters with the markup.
const ON_CARD: usize = 10;
const CHARS: usize = 700;
/// Lines of a page.
const PAGE: u32 = 10;
/// Characters of what is written on a link.
const TEXT: usize = 40;
/// Characters of an address on a card, and on the screen of all; a longer one is cut behind its
/// site.
const ADDRESS: (usize, usize) = (120, 250);

/// All of them.
pub(super) async fn open(cx: &Cx, version: VersionId, page: u32) -> Outcome {
    let mut face = review::face(cx, load(cx, version).await?).await?;
    let actor = cx.actor()?;
    if !face.decided_by_me(actor) {
        let looked = lint::look(&cx.deps.store, actor.account, &face.version.content(), &connected(cx).await?, cx.now).await?;
        face.targets = looked.targets;
    }
    Ok(screen(cx.tr, &face, actor, page).into())
}

/// What of them fits a card; whether it is all.
#[must_use]
pub fn on_card(tr: Tr, targets: &Targets) -> (Option<String>, bool) {
    if targets.is_empty() {
        return (None, true);
    }
    let all = all(tr, targets, ADDRESS.0);
    let (mut html, mut chars, mut shown) = (t!(tr, "templates-targets"), 0, 0);
    for line in all.iter().take(ON_CARD) {
        chars += line.chars().count();
        if chars > CHARS {
            break;
        }
        html.push('\n');
        html.push_str(line);
        shown += 1;
    }
    let whole = shown == all.len();
    if !whole {
        html.push('\n');
        html.push_str(&t!(tr, "templates-more", count = all.len() - shown));
    }
    (Some(html), whole)
}

/// How many lines there are.
pub(super) fn count(targets: &Targets) -> usize {
    targets.each.len() + targets.others.len()
}

/// A page of them; with the decision below the last.
#[must_use]
pub fn screen(tr: Tr, face: &Face, actor: &Actor, page: u32) -> Screen {
    let version = face.version.id;
    let all = all(tr, &face.targets, ADDRESS.1);
    let page = Page::of(all.len(), PAGE, page);
    let title = t!(tr, "templates-targets-title", name = &face.version.name, number = face.version.number);
    let mut parts = vec![title];
    parts.push(if all.is_empty() { t!(tr, "templates-targets-none") } else { page.rows(&all).join("\n") });
    let screen = Screen::new(parts.join("\n\n")).pager(page, |page| Call::Targets { version, page });
    let screen = if page.at + 1 == page.of { cards::decide(tr, screen, face, actor) } else { screen };
    screen.nav(tr, Call::Card { version })
}

fn all(tr: Tr, targets: &Targets, most: usize) -> Vec<String> {
    let each = targets.each.iter().map(|target| line(tr, target, most));
    each.chain(targets.others.iter().map(|(site, count)| t!(tr, "templates-target-others", site = site, count = *count))).collect()
}

fn line(tr: Tr, target: &Target, most: usize) -> String {
    let mark = if target.odd.is_some() { "⚠️" } else { "🔗" };
    let address = address(target, most);
    let mut html = if target.text == target.address {
        t!(tr, "templates-target-plain", mark = mark, address = address)
    } else {
        t!(tr, "templates-target", mark = mark, text = lines::short(&target.text, TEXT), address = address)
    };
    if let Some(odd) = target.odd {
        html.push_str(" — ");
        html.push_str(&self::odd(tr, odd));
    }
    html
}

/// An address with the whole of its site, whatever is cut.
fn address(target: &Target, most: usize) -> String {
    let site = target.address.find(target.site.as_str()).map_or(0, |at| target.address[..at + target.site.len()].chars().count());
    lines::short(&target.address, most.max(site + 20))
}

/// What is odd about a link.
pub(super) fn odd(tr: Tr, odd: Odd) -> String {
    match odd {
        Odd::LookAlike => t!(tr, "templates-odd-look-alike"),
        Odd::OtherSite => t!(tr, "templates-odd-other-site"),
        Odd::Refused(why) => refused(tr, why),
    }
}

/// Why nobody is sent to an address.
pub(super) fn refused(tr: Tr, why: Refused) -> String {
    match why {
        Refused::NoPage => t!(tr, "templates-link-no-page"),
        Refused::UserInfo => t!(tr, "templates-link-user-info"),
        Refused::Number => t!(tr, "templates-link-number"),
        Refused::Scheme => t!(tr, "templates-link-scheme"),
    }
}

/// The button to all of them.
pub(super) fn button(tr: Tr, screen: Screen, targets: &Targets, version: VersionId) -> Screen {
    screen.button(p!(tr, "templates-targets-open", count = count(targets)), Call::Targets { version, page: 0 })
}
