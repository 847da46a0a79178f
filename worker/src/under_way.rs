//! A job runs once at a time in a process.
//!
//! A bell is rung again as soon as it was heard, so that no change is missed; what rings a thousand
//! times a second (events of a busy channel) would therefore run as often side by side as there is
//! room for, each run reading the same rows and waiting for the rows of the others. A bell for a
//! job that is under way is remembered instead: the job looks once more when it ends.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use mms_core::queue::Job;

/// The jobs of a line that are under way in this process, and whether their bell rang meanwhile.
#[derive(Debug, Default)]
pub struct UnderWay {
    jobs: Mutex<HashMap<Job, bool>>,
}

impl UnderWay {
    fn jobs(&self) -> MutexGuard<'_, HashMap<Job, bool>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a job; `false`: it is under way, and will look once more.
    pub fn begin(&self, job: Job) -> bool {
        let mut jobs = self.jobs();
        if let Some(rang) = jobs.get_mut(&job) {
            *rang = true;
            return false;
        }
        jobs.insert(job, false);
        true
    }

    /// A look of the job has ended; `true`: its bell rang meanwhile, so it is still under way and
    /// looks once more.
    pub fn once_more(&self, job: Job) -> bool {
        let mut jobs = self.jobs();
        match jobs.get_mut(&job) {
            Some(rang) if *rang => {
                *rang = false;
                true
            }
            _ => {
                jobs.remove(&job);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_bell_meanwhile_is_one_look_more() {
        let (under_way, job) = (UnderWay::default(), Job::HandleInbound { source: Uuid::now_v7() });
        assert!(under_way.begin(job));
        assert!(!under_way.begin(job) && !under_way.begin(job), "it is under way");
        assert!(under_way.begin(Job::HandleInbound { source: Uuid::now_v7() }), "another source is another job");
        assert!(under_way.once_more(job), "it rang meanwhile, however often: once more");
        assert!(!under_way.begin(job), "still under way");
        assert!(under_way.once_more(job));
        assert!(!under_way.once_more(job), "nobody rang");
        assert!(under_way.begin(job), "it has ended, and may begin anew");
    }
}
