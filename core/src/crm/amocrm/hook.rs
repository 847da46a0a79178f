//! Webhook bodies: form encoding with PHP's nested brackets. They are not signed, so a body is a
//! hint and nothing more: what it names is read again by REST.

use std::{borrow::Cow, collections::BTreeMap};

use crate::crm::{
    CrmHint,
    occasion::{OccasionKind, OccasionRef},
};

/// A tree of keys. One key may come both as a scalar and as a parent (`note[type]=3` and
/// `note[type][uuid]=…`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// The scalar.
    pub value: Option<String>,
    pub inside: BTreeMap<String, Tree>,
}

/// Deepest nesting kept; what is deeper is cut off.
const MAX_DEPTH: usize = 16;
/// Most pairs read of one body.
const MAX_PAIRS: usize = 20_000;

impl Tree {
    /// Reads a body.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let mut root = Self::default();
        for (key, value) in url::form_urlencoded::parse(body).take(MAX_PAIRS) {
            let mut node = &mut root;
            for part in key.split('[').take(MAX_DEPTH) {
                let part = part.strip_suffix(']').unwrap_or(part);
                // `a[]=1&a[]=2`: the next free number.
                let part = if part.is_empty() { node.inside.len().to_string() } else { part.to_owned() };
                node = node.inside.entry(part).or_default();
            }
            node.value = Some(value.into_owned());
        }
        root
    }

    /// The node at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.inside.get(*key))
    }

    /// The scalar at a path of keys.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.value.as_deref()
    }
}

/// The contacts and leads a body is about; companies arrive under `contacts` too and are passed
/// over.
///
/// # Errors
/// A sentence for the log: the body is of another account, or of no account.
pub fn understand(body: &[u8], external_id: Option<&str>) -> Result<Vec<CrmHint>, String> {
    let tree = Tree::parse(body);
    let account = tree.text(&["account", "id"]).ok_or("the body names no account")?;
    if external_id.is_some_and(|wanted| wanted != account) {
        return Err("the body is of another account".to_owned());
    }
    let mut hints = Vec::new();
    for list in ["contacts", "leads"] {
        let actions = tree.at(&[list]).into_iter().flat_map(|actions| actions.inside.values());
        for item in actions.flat_map(|action| action.inside.values()) {
            let company = item.text(&["type"]).is_some_and(|kind| kind == "company");
            // A note's item holds the note inside; whose it is, is `element_id`.
            let id = item.text(&["id"]).or_else(|| item.text(&["note", "element_id"]));
            let Some(id) = id.filter(|id| !company && id.parse::<u64>().is_ok()).map(str::to_owned) else { continue };
            let hint = if list == "leads" { CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id }) } else { CrmHint::Contact(id) };
            if !hints.contains(&hint) {
                hints.push(hint);
            }
        }
    }
    if hints.is_empty() {
        hints.push(CrmHint::Ignored);
    }
    Ok(hints)
}

/// A body without what it says of a person: whose account it is of, and what [`understand`] reads
/// of its items.
#[must_use]
pub fn kept(body: &[u8]) -> Cow<'_, [u8]> {
    let says = |key: &str| {
        let last = key.rsplit('[').next().and_then(|part| part.strip_suffix(']'));
        let item = ["contacts[", "leads["].iter().any(|list| key.starts_with(list));
        key == "account[id]" || (item && matches!(last, Some("id" | "type" | "element_id")))
    };
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(url::form_urlencoded::parse(body).take(MAX_PAIRS).filter(|(key, _)| says(key)));
    Cow::Owned(form.finish().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_become_hints() {
        let body = "contacts%5Bupdate%5D%5B0%5D%5Bid%5D=7143559&contacts[update][0][name]=Anna&contacts[update][0][type]=contact\
            &contacts[add][0][id]=5&contacts[add][0][type]=company&contacts[delete][0][id]=9&account[id]=28805383";
        let hints = understand(body.as_bytes(), Some("28805383")).expect("hints");
        assert_eq!(hints, [CrmHint::Contact("9".to_owned()), CrmHint::Contact("7143559".to_owned())]);
        assert!(understand(body.as_bytes(), Some("1")).is_err(), "another account's");
        assert!(understand(b"contacts[update][0][id]=1", Some("1")).is_err(), "nobody's");
        assert_eq!(understand(b"task[add][0][id]=1&account[id]=1", None), Ok(vec![CrmHint::Ignored]));

        let deal = |id: &str| CrmHint::Occasion(OccasionRef { kind: OccasionKind::Deal, id: id.to_owned() });
        let body = b"leads[status][0][id]=19619&leads[status][0][old_status_id]=1&leads[update][0][id]=19619&leads[delete][0][id]=x\
            &leads[note][0][note][element_id]=7&contacts[update][0][id]=9&account[id]=1";
        assert_eq!(understand(body, Some("1")), Ok(vec![CrmHint::Contact("9".to_owned()), deal("7"), deal("19619")]));
    }

    #[test]
    fn a_key_may_be_scalar_and_parent() {
        let tree = Tree::parse(b"n[type]=3&n[type][uuid]=x&d[values][0]=17&l[]=a&l[]=b&]][[=odd");
        assert_eq!(tree.text(&["n", "type"]), Some("3"));
        assert_eq!(tree.text(&["n", "type", "uuid"]), Some("x"));
        assert_eq!(tree.text(&["d", "values", "0"]), Some("17"));
        assert_eq!((tree.text(&["l", "0"]), tree.text(&["l", "1"])), (Some("a"), Some("b")));
    }

    #[test]
    fn nothing_of_a_person_is_kept() {
        let body = "contacts%5Bupdate%5D%5B0%5D%5Bid%5D=7143559&contacts[update][0][name]=Anna&contacts[update][0][type]=contact\
            &contacts[update][0][custom_fields][0][values][0][value]=79161234567&contacts[add][0][id]=5&contacts[add][0][type]=company\
            &leads[note][0][note][element_id]=7&leads[note][0][note][text]=Anna&account[id]=28805383&account[subdomain]=romashka";
        let kept = kept(body.as_bytes());
        assert_eq!(understand(&kept, Some("28805383")), understand(body.as_bytes(), Some("28805383")));
        let kept = String::from_utf8_lossy(&kept);
        assert!(!kept.contains("Anna") && !kept.contains("79161234567"), "{kept}");
    }
}
