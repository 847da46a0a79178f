//! Makes dossiers that members asked for, one at a time, beside the chat. Rows say what is to be
//! made, so one that a restart broke off is made by the next process.

use std::time::Duration;

use mms_core::{
    account::Language,
    evidence::{Words, make},
    sign,
    words::Why,
};
use tokio_util::sync::CancellationToken;

use crate::{frame::deps::Deps, i18n::Tr, screens::audit::actions, words::reasons};

/// How often it is looked whether one is to be made.
const BEAT: Duration = Duration::from_secs(1);

/// The words of a dossier's papers that the bot's screens have, too.
#[must_use]
pub fn words(language: Language, zone: chrono_tz::Tz) -> Words {
    fn tr(language: Language) -> Tr {
        Tr::new(language, chrono_tz::UTC)
    }
    Words {
        language,
        zone,
        state: |language, word| reasons::state(tr(language), word),
        reason: |language, why: &Why| reasons::why(tr(language), why),
        action: |language, action| actions::words(tr(language), action),
    }
}

/// Makes what is due until `stop`.
///
/// # Errors
/// None by itself: what failed is in the dossier's row, or is tried again.
pub async fn run(deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
    let signer = sign::installation(&deps.sealer);
    while stop.run_until_cancelled(tokio::time::sleep(BEAT)).await.is_some() {
        // One under way is left where it is: its row has a time after which it is made anew.
        let Some(made) = stop.run_until_cancelled(make::next(&deps.store, &signer, words, || deps.now())).await else { break };
        if let Err(error) = made {
            tracing::warn!(%error, "dossiers were not looked for, trying again");
        }
    }
    Ok(())
}
