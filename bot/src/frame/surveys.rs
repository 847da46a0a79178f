//! Looks over an audience that members asked for: beside the presses, one a member at a time, found
//! again by whoever draws the screen. Kept in memory: a restart forgets them, and the member asks
//! once more.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mms_core::{
    clock::Moment,
    id::{AccountId, MemberId, VersionId},
    store::Store,
    template::{
        Content,
        preview::{self, Audience, Survey},
    },
};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// The surveys of a process, one a member. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Surveys {
    all: Arc<Mutex<HashMap<MemberId, Looking>>>,
    tasks: TaskTracker,
}

/// A survey under way, or its end.
#[derive(Debug, Clone)]
struct Looking {
    version: VersionId,
    /// Contacts looked at so far.
    seen: Arc<AtomicU64>,
    end: watch::Receiver<Option<Arc<Survey>>>,
}

impl Looking {
    fn now(&self) -> Progress {
        let end = self.end.borrow();
        match &*end {
            Some(survey) => Progress::Done(Arc::clone(survey)),
            // Its task ended without a word: the database refused, or rendering broke down.
            None if self.end.has_changed().is_err() => Progress::Lost,
            None => Progress::UnderWay(self.seen.load(Ordering::Relaxed)),
        }
    }
}

/// How far a survey is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many contacts were looked at.
    UnderWay(u64),
    /// This was found.
    Done(Arc<Survey>),
    /// There is none, or it broke off.
    Lost,
}

impl Surveys {
    /// Begins a survey of the account's first `most` contacts; `false`: one of this member's is
    /// under way.
    #[must_use]
    pub fn begin(&self, store: &Store, who: (AccountId, MemberId), version: VersionId, content: Content, most: u64, now: Moment) -> bool {
        let ((account, member), seen) = (who, Arc::<AtomicU64>::default());
        let (found, end) = watch::channel(None);
        {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            if all.get(&member).is_some_and(|one| matches!(one.now(), Progress::UnderWay(_))) {
                return false;
            }
            all.insert(member, Looking { version, seen: Arc::clone(&seen), end });
        }
        let store = store.clone();
        self.tasks.spawn(async move {
            let told = |count| seen.store(count, Ordering::Relaxed);
            match preview::survey_told(&store, account, &content, &Audience::default(), most, now, told).await {
                Ok(Ok(survey)) => drop(found.send(Some(Arc::new(survey)))),
                Ok(Err(_)) => tracing::debug!("a template that cannot be read was looked over"),
                Err(error) => tracing::warn!(%error, "a look over an audience broke off"),
            }
        });
        true
    }

    /// How far the member's survey of this version is.
    #[must_use]
    pub fn progress(&self, member: MemberId, version: VersionId) -> Progress {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&member).filter(|one| one.version == version).map_or(Progress::Lost, Looking::now)
    }

    /// Waits for the end of the member's survey, but not longer than `patience`.
    pub async fn wait(&self, member: MemberId, patience: Duration) {
        let end = self.all.lock().unwrap_or_else(PoisonError::into_inner).get(&member).map(|one| one.end.clone());
        if let Some(mut end) = end {
            // An end without a word is an end, and so is the end of the patience.
            let _ = tokio::time::timeout(patience, end.wait_for(Option::is_some)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use mms_core::{store::Engine, template::Class};

    use super::*;
    use crate::testing::talk::Talk;

    /// Three presses of a viewer kept everybody waiting for 48 s.
    #[tokio::test]
    async fn a_member_has_one_survey_at_a_time() {
        let talk = Talk::start(mms_core::testing::store(Engine::Sqlite).await).await;
        let (surveys, now) = (Surveys::default(), mms_core::clock::now());
        let (version, other) = (VersionId::new(), VersionId::new());
        let content = || Content {
            class: Class::Service, body: "Здравствуйте, {{ name }}!".to_owned(), media: None, buttons: Vec::new()
        };
        let begin = |member, version| surveys.begin(&talk.store, (talk.account, member), version, content(), 10, now);
        // Nothing runs until this task waits: the first is still under way.
        assert!(begin(talk.owner, version));
        assert_eq!(surveys.progress(talk.owner, version), Progress::UnderWay(0));
        assert!(!begin(talk.owner, version) && !begin(talk.owner, other), "one a member");
        assert!(begin(MemberId::new(), version), "another member has their own");
        surveys.wait(talk.owner, Duration::from_secs(60)).await;
        let Progress::Done(found) = surveys.progress(talk.owner, version) else { panic!("it is done") };
        assert_eq!((found.seen, found.complete), (0, true));
        assert_eq!(surveys.progress(talk.owner, other), Progress::Lost, "of another version there is none");
        assert!(begin(talk.owner, other), "and the next may begin");
        surveys.wait(talk.owner, Duration::from_secs(60)).await;
        talk.ends().await;
    }
}
