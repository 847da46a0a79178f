//! A messenger says that a person has another address now (a changed number, a new id): whatever
//! was known of the old one is theirs, consent and «stop» among it.

use super::{
    handle::ChannelSource,
    identify::{find, move_chat},
    queries,
};
use crate::{
    channel::Event,
    clock::Moment,
    consent::suppression,
    contact::{self, NewAddress, gone},
    id::{ANY_CHANNEL, ContactId},
    on,
    opt_out::{
        self, OptOutBy, OptOutHow,
        block::{self, At},
    },
    store::Tx,
    text::phone,
    words::PHONE,
};

/// Carries it out; whose it is, if anybody's.
pub(super) async fn moved(
    tx: &mut Tx,
    source: &ChannelSource,
    event: &Event,
    to: &str,
    old_phone: Option<&str>,
    now: Moment,
) -> sqlx::Result<Option<ContactId>> {
    let contact = carry(tx, source, &event.from, to, now).await?;
    let e164 = |number: Option<&str>| phone::normalise(number?, &source.phone_region).ok();
    let (old, new) = (e164(old_phone), e164(event.profile.phone.as_deref()));
    match (contact, &new) {
        // Somebody else's it stays: then two people are to be looked at, and none is mixed.
        (Some(contact), Some(new)) => {
            let _ = contact::attach_address(tx, source.account, contact, &NewAddress::phone(new.clone(), new), now).await?;
            if let Some(old) = &old {
                suppression::carry(tx, source.account, (PHONE, old), (PHONE, new), now).await?;
            }
        }
        (None, Some(new)) => {
            if let Some(old) = &old {
                stop_too(tx, source, None, (PHONE, old), (PHONE, new), now).await?;
            }
        }
        _ => {}
    }
    // Whoever gets the old number next is another person.
    if let (Some(contact), Some(old)) = (contact, &old)
        && new.as_ref() != Some(old)
    {
        contact::detach_address(tx, source.account, contact, PHONE, old, ANY_CHANNEL, now).await?;
    }
    Ok(contact)
}

/// Makes what was known of the address `from` known of `to`; whose it is, if anybody's.
pub(super) async fn carry(tx: &mut Tx, source: &ChannelSource, from: &str, to: &str, now: Moment) -> sqlx::Result<Option<ContactId>> {
    let (account, kind, scope) = (source.account, source.address_kind.as_str(), source.scope);
    let contact = match (find(tx, source, from).await?, find(tx, source, to).await?) {
        (None, there) => there,
        (Some(old), None) => {
            contact::readdress(tx, account, old, kind, (from, to), scope, now).await?;
            Some(old)
        }
        // They wrote from the new one before the messenger told: what was said there is the old
        // one's too, unless it is another known person's.
        (Some(old), Some(new)) => {
            let whose = if old == new { old } else { move_chat(tx, source, to, old, now).await? };
            // What waits to go to the old one goes to the new one.
            on!(tx.conn(), |c| sqlx::query(queries::READDRESS_DELIVERIES)
                .bind(account)
                .bind(kind)
                .bind(scope)
                .bind(from)
                .bind(to)
                .bind(whose)
                .execute(c)
                .await
                .map(|_| ()))?;
            contact::detach_address(tx, account, old, kind, from, scope, now).await?;
            Some(whose)
        }
    };
    stop_too(tx, source, contact, (kind, from), (kind, to), now).await?;
    let at = |value| At { kind, value, scope };
    if block::unblock(tx, account, at(from), now).await? {
        block::block(tx, account, at(to), source.channel, now).await?;
    }
    on!(tx.conn(), |c| sqlx::query(queries::READDRESS_OUTGOING)
        .bind(account)
        .bind(source.channel)
        .bind(from)
        .bind(to)
        .execute(c)
        .await
        .map(|_| ()))?;
    Ok(contact)
}

/// A «stop» said from the old address holds for the new one, and so does all else that forbids it,
/// but for a block: that one says so again.
async fn stop_too(
    tx: &mut Tx,
    source: &ChannelSource,
    contact: Option<ContactId>,
    (kind, from): (&str, &str),
    (to_kind, to): (&str, &str),
    now: Moment,
) -> sqlx::Result<()> {
    suppression::carry(tx, source.account, (kind, from), (to_kind, to), now).await?;
    let said_at = match suppression::said_stop(tx, source.account, kind, from).await? {
        None => gone::said_stop(tx, source.account, kind, from).await?,
        said_at => said_at,
    };
    // Nobody has the new one, and whoever had the old one is deleted: so is whose the new one is.
    if contact.is_none() && gone::moved(tx, source.account, (kind, from), (to_kind, to)).await? {
        return Ok(());
    }
    let Some(said_at) = said_at else { return Ok(()) };
    let how = OptOutHow { by: OptOutBy::Text, channel: Some(source.channel), message_ref: None, said_at: Some(said_at) };
    match contact {
        // A second time changes nothing.
        Some(contact) => drop(opt_out::opt_out(tx, source.account, contact, &how, now).await?),
        None => drop(opt_out::opt_out_unknown(tx, source.account, &[(to_kind, to)], &how, now).await?),
    }
    Ok(())
}
