//! The people of one import, as a segment: every contact that has an address of the file gets a tag
//! of this import's own, and the segment is who has the tag.

use std::{collections::BTreeSet, sync::Arc};

use chrono_tz::Tz;

use super::{
    Import, ImportError, State,
    chunk::{self, Open},
    run::{CHUNK, broken_down},
};
use crate::{
    account::{Actor, settings},
    clock::Moment,
    contact::{
        bulk,
        segment::{self, Filter, SegmentError},
        tag,
    },
    id::{AccountId, ContactId, ImportId, SegmentId},
    store::Store,
    text::clean_to,
};

/// Characters of the file's name in the tag.
const NAME: usize = 30;

/// The segment of an import that is done, and the tag its people have. Asked again it is the same
/// one: what a file brought does not change.
///
/// # Errors
/// [`ImportError::State`] before the import is done; [`ImportError::Forgotten`] when the file is
/// not kept any more; [`ImportError::Segment`]; the database's.
pub async fn segment(store: &Store, actor: &Actor, id: ImportId, now: Moment) -> Result<(SegmentId, String), ImportError> {
    let import = super::get(store, actor.account, id).await?.ok_or(ImportError::Absent)?;
    if import.state != State::Done {
        return Err(ImportError::State);
    }
    let mark = mark(&import, settings::zone(store, actor.account).await?);
    if let Some(found) = known(store, actor.account, &mark).await? {
        return Ok((found, mark));
    }
    let open = Open::of(store, import).await.map_err(|error| match error {
        ImportError::Absent => ImportError::Forgotten,
        other => other,
    })?;
    let open = Arc::new(open);
    let mut chunks = open.chunks(0, CHUNK);
    let mut read = 0;
    while let Some(chunk) = chunks.recv().await {
        let mut tx = store.begin_bulk().await?;
        let holders = chunk::holders(&mut tx, actor.account, &chunk).await?;
        let people: BTreeSet<ContactId> = chunk.good.iter().filter_map(|row| chunk::holder(&holders, &row.draft)).collect();
        let people: Vec<ContactId> = people.into_iter().collect();
        let rows = bulk::load(&mut tx, actor.account, &people).await?;
        let there = people.into_iter().filter(|id| rows.get(id).is_some_and(|row| row.deleted_at.is_none()));
        let tags: Vec<(ContactId, String)> = there.map(|id| (id, mark.clone())).collect();
        bulk::tag(&mut tx, actor.account, &tags, false).await?;
        tx.commit().await?;
        read = chunk.to;
    }
    if read < open.rows().len() {
        return Err(broken_down());
    }
    let made = segment::create(store, actor, &mark, &filter(&mark)?, now).await;
    match made {
        Ok(made) => Ok((made, mark)),
        // Pressed twice at once.
        Err(SegmentError::NameTaken(_)) => match known(store, actor.account, &mark).await? {
            Some(found) => Ok((found, mark)),
            None => Err(SegmentError::NameTaken(mark).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// «клиенты осень 28.11.2026 14:05»: what the file is called and when it came.
fn mark(import: &Import, zone: Tz) -> String {
    let name = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    // Commas part tags, quotes and brackets values of a condition.
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '.') { c } else { ' ' }).collect();
    let at = import.created_at.with_timezone(&zone).format("%d.%m.%Y %H:%M");
    let named = format!("{} {at}", clean_to(&plain, NAME));
    tag(&named).unwrap_or_else(|| at.to_string())
}

fn filter(mark: &str) -> Result<Filter, ImportError> {
    Filter::parse(&format!("tag = \"{mark}\""), &[]).map_err(|error| SegmentError::from(error).into())
}

/// The segment that was made of it before.
async fn known(store: &Store, account: AccountId, mark: &str) -> Result<Option<SegmentId>, ImportError> {
    let text = filter(mark)?.to_text();
    let all = segment::list(store, account).await?;
    Ok(all.into_iter().find(|segment| segment.filter == text).map(|segment| segment.id))
}
