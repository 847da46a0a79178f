//! What of a page of records is plain, taken in together; the others are left for one by one.

use std::collections::HashMap;

use crate::{
    clock::Moment,
    contact::{
        self, Draft, Outcome, Upserted,
        alike::{self, Shared},
        page::{self, Here},
    },
    crm::{
        CrmContact,
        connection::{Connection, Stats},
    },
    id::ContactId,
    store::Tx,
};

/// A page of which the plain records are taken in.
pub(super) struct Plain<'a> {
    /// Whose these records are.
    pub known: Vec<(ContactId, &'a CrmContact)>,
    /// Those that are not plain, in the order of the page.
    pub others: Vec<Other<'a>>,
}

/// A record that is not plain.
pub(super) struct Other<'a> {
    pub record: &'a (&'a CrmContact, Draft),
    /// It was, and its contact was added; meanwhile somebody else took one of its phones.
    pub added: Option<Upserted>,
}

/// Takes in what is plain: records that are here as the CRM has them, those of which nothing but
/// names and fields changed, and new ones of people whom nobody knows. `here` is what is here of
/// them. `room`: for how many new ones the plan has room; those added are taken off.
pub(super) async fn plain<'a>(
    tx: &mut Tx,
    connection: &Connection,
    drafts: &'a [(&'a CrmContact, Draft)],
    here: &HashMap<String, Here>,
    room: &mut i64,
    now: Moment,
    stats: &mut Stats,
) -> sqlx::Result<Plain<'a>> {
    let account = connection.account_id;
    let (mut known, mut others, mut changed, mut new) = (Vec::with_capacity(drafts.len()), Vec::new(), Vec::new(), Vec::new());
    for record in drafts {
        let (contact, draft) = record;
        match here.get(&contact.id) {
            // A person deleted it here: the CRM has no say.
            Some(here) if here.is_deleted() => {}
            Some(here) if here.is_plain(&tags(contact), draft) => {
                if here.is_changed_by(draft) {
                    changed.push((here, draft));
                }
                stats.cut_names += u64::from(contact::cuts_a_name(draft));
                known.push((here.contact(), *contact));
            }
            Some(_) => others.push(Other { record, added: None }),
            None => new.push(record),
        }
    }
    stats.updated += changed.len() as u64;
    page::change(tx, account, &changed, now).await?;

    // Where room is short, whoever comes first on the page has it.
    let enough = *room >= i64::try_from(new.len()).unwrap_or(i64::MAX);
    let all: Vec<&Draft> = drafts.iter().map(|(_, draft)| draft).collect();
    let unknown: Vec<&Draft> = new.iter().map(|(_, draft)| draft).collect();
    let strangers = if enough { page::strangers(tx, account, connection.id, &unknown, &all).await? } else { vec![false; new.len()] };
    let (added, rest): (Vec<_>, Vec<_>) = new.into_iter().zip(strangers).partition(|(_, stranger)| *stranger);
    others.extend(rest.into_iter().map(|(record, _)| Other { record, added: None }));
    let drafts: Vec<(&Draft, Vec<String>)> = added.iter().map(|((contact, draft), _)| (draft, tags(contact))).collect();
    let done = page::add(tx, account, &drafts, now).await?;
    *room -= i64::try_from(done.len()).unwrap_or(i64::MAX);
    let mut emails: Vec<(ContactId, String)> = Vec::new();
    for (page::Added { contact: id, taken }, (record, _)) in done.into_iter().zip(added) {
        let (contact, draft) = record;
        if taken.is_empty() {
            stats.created += 1;
            stats.cut_names += u64::from(contact::cuts_a_name(draft));
            known.push((id, *contact));
            emails.extend(contact.emails.iter().map(|email| (id, email.trim().to_lowercase())));
        } else {
            let seen = page::Seen { contact: id, record: &contact.id, updated_at: contact.updated_at, digest: None };
            page::saw(tx, account, connection.id, &[seen], now).await?;
            let added = Upserted { contact: id, outcome: Outcome::Created, taken, attached: true };
            others.push(Other { record, added: Some(added) });
        }
    }
    // Somebody else has an e-mail of a record that is new here: they may be one person.
    let values: Vec<&str> = emails.iter().map(|(_, email)| email.as_str()).collect();
    let holders = page::emails(tx, account, &values).await?;
    for (id, email) in &emails {
        if let Some(holder) = holders.get(email) {
            alike::note(tx, account, (*id, *holder), Shared::Email, now).await?;
        }
    }
    // For who comes first has a phone.
    others.sort_by(|a, b| a.record.0.id.cmp(&b.record.0.id));
    Ok(Plain { known, others })
}

/// A record's tags in the form that is kept.
pub(super) fn tags(contact: &CrmContact) -> Vec<String> {
    contact.tags.iter().filter_map(|raw| contact::tag(raw)).collect()
}
