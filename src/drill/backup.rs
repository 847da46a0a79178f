//! The harm that should do none: a backup in the middle of everything, restored beside the
//! installation and looked at.

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _, time::Duration};

use mms_core::{
    campaign::State,
    id::{CampaignId, ContactId},
    on,
    secret::token,
    store::Store,
};

use super::{Drill, again};

/// People who are out.
const OUT: &str = "select id from contact where opted_out_at is not null";
/// Campaigns that would go on by themselves.
const GOING: &str = "select id, state from campaign where state in ('running', 'planning', 'scheduled')";

async fn out(store: &Store) -> sqlx::Result<BTreeSet<ContactId>> {
    let rows: Vec<ContactId> = on!(store.read(), |c| sqlx::query_scalar(OUT).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

impl Drill {
    /// Makes a backup, restores it as another installation, and asks that one: are the books
    /// balanced, is everybody out who had said so, does nothing go on by itself? Another harm of
    /// the round may break it off; then it is made once more.
    pub(super) async fn backup(&mut self) -> anyhow::Result<()> {
        let mut broken = None;
        for _ in 0..5 {
            match self.backup_once().await {
                Ok(()) => return Ok(()),
                Err(error) => broken = Some(error),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        if let Some(error) = broken {
            self.tally.violation(format!("round {}: no backup could be made and restored: {error:#}", self.tally.rounds));
        }
        Ok(())
    }

    async fn backup_once(&mut self) -> anyhow::Result<()> {
        let before = again(|| out(&self.installation.site.store)).await?;
        let dir = self.installation.folder()?;
        // PostgreSQL's tools run as its own user.
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777))?;
        let (file, name) = (dir.path().join("backup"), format!("copy_{}", token(4)));
        let path = file.display().to_string();
        let restored = match &self.installation.postgres {
            None => {
                self.installation.command(&["admin", "backup", &path], &[]).await?;
                let settings = [
                    ("MMS_DATA_DIR", dir.path().display().to_string()),
                    ("DATABASE_URL", format!("sqlite:{}", dir.path().join("mms.db").display())),
                ];
                self.installation.command(&["admin", "restore", &path], &settings).await?;
                settings
            }
            Some(server) => {
                // It may be at its end from an earlier harm.
                let url = tokio::task::block_in_place(|| {
                    server.ensure()?;
                    server.copy(&file, &name)
                })?;
                let settings = [("MMS_DATA_DIR", dir.path().display().to_string()), ("DATABASE_URL", url)];
                self.installation.command(&["admin", "hold"], &settings).await?;
                settings
            }
        };
        let looked = self.look_at_copy(&restored, &before).await;
        if let Some(server) = &self.installation.postgres {
            tokio::task::block_in_place(|| server.drop_copy(&name));
        }
        looked
    }

    async fn look_at_copy(&mut self, settings: &[(&str, String)], before: &BTreeSet<ContactId>) -> anyhow::Result<()> {
        self.tally.looks += 1;
        if let Err(error) = self.installation.command(&["admin", "books"], settings).await {
            self.tally.unbalanced += 1;
            self.tally.violation(format!("round {}: the books of a restored backup: {error:#}", self.tally.rounds));
        }
        let store = Store::connect(&settings[1].1).await?;
        let forgotten = before.difference(&out(&store).await?).count();
        let going: Vec<(CampaignId, State)> = on!(store.read(), |c| sqlx::query_as(GOING).fetch_all(c).await)?;
        store.close().await;
        if forgotten > 0 {
            self.tally.violation(format!("round {}: a restored backup forgot {forgotten} who had said stop before it", self.tally.rounds));
        }
        if !going.is_empty() {
            self.tally.violation(format!("round {}: campaigns of a restored backup go on by themselves: {going:?}", self.tally.rounds));
        }
        Ok(())
    }
}
