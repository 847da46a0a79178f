//! What leaves as a file is on the record: who took it, what of, how much.

use serde_json::json;

use super::{AccountError, Actor, By, Right, feature};
use crate::{clock::Moment, store::Store};

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The recipients of a campaign with their outcomes.
    Recipients,
    /// A person's consents with their evidence.
    Dossier,
    /// All that is known of a person, for that person.
    Person,
    /// The rows an import refused.
    Refused,
    /// All contacts.
    Contacts,
    /// The people of a segment.
    Segment,
    /// A file of a conversation.
    File,
    /// A consent that a person signed on paper.
    Paper,
}

impl What {
    /// The action in the trail.
    fn action(self) -> &'static str {
        match self {
            Self::Recipients => "export.recipients",
            Self::Dossier => "export.dossier",
            Self::Person => "export.person",
            Self::Refused => "export.refused",
            Self::Contacts => "export.contacts",
            Self::Segment => "export.segment",
            Self::File => "export.file",
            Self::Paper => "export.paper",
        }
    }
}

/// Asks for the right and writes down that a member takes something out, before they get it.
///
/// # Errors
/// [`AccountError::Forbidden`], [`AccountError::FeatureOff`]; the database's.
pub async fn note(
    store: &Store,
    actor: &Actor,
    what: What,
    subject: impl ToString,
    rows: Option<u64>,
    now: Moment,
) -> Result<(), AccountError> {
    let by = By::Member(actor);
    by.need(Right::Export)?;
    let mut tx = store.begin().await?;
    feature::need(&mut tx, actor.account, feature::EXPORTS).await??;
    let action = what.action();
    by.audit(&mut tx, action, subject, json!({ "rows": rows }), now).await?;
    tx.commit().await?;
    metrics::counter!("mms_exports_total", "what" => action).increment(1);
    tracing::info!(account = %actor.account, member = %actor.member, what = action, "data were taken out");
    Ok(())
}
