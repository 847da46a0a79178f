//! Asks messengers whom of a campaign they would refuse, before it is launched
//! ([`mms_core::campaign::ahead`]). It goes by the channel's own pace and leaves messages most of
//! it; a messenger that does not answer is asked no further, and the campaign waits for nothing.

use std::sync::{Arc, Mutex, PoisonError};

use mms_core::{
    campaign::{self, CampaignError, ahead},
    channel::{SendError, registry},
    clock,
    id::CampaignId,
    pace::Beside,
};

use crate::{Deps, inbound::beside};

/// Asks for everybody who would get a step that a messenger can be asked about.
///
/// # Errors
/// The database's. What a messenger does not answer is none.
pub async fn run(deps: &Deps, id: CampaignId) -> anyhow::Result<()> {
    let store = &deps.store;
    let found = async { campaign::get(store, campaign::account_of(store, id).await?, id).await };
    let row = match found.await {
        Ok(row) => row,
        Err(CampaignError::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    for step in &row.steps {
        let Some(channel) = step.channel else { continue };
        let (at, adapter) = match deps.adapters.load(store, &deps.sealer, &deps.endpoints, channel).await {
            Ok(loaded) => loaded,
            Err(error) => {
                tracing::info!(campaign.id = %id, channel.id = %channel, %error, "a messenger could not be asked whom it would refuse");
                continue;
            }
        };
        let most = registry::capabilities(at.kind).asks_ahead;
        if most == 0 {
            continue;
        }
        let paced = deps.paces.of(&at, adapter.capabilities());
        let (mut asked, mut changed) = (0, 0);
        'parts: for part in ahead::parts(store, row.account_id).await? {
            let people = match ahead::people(store, &row, step.step, part, clock::now()).await {
                Ok(people) => people,
                // Nobody can tell any more what it would send.
                Err(CampaignError::Db(error)) => return Err(error.into()),
                Err(_) => return Ok(()),
            };
            for some in people.chunks(most) {
                if deps.stop.is_cancelled() {
                    return Ok(());
                }
                let values: Vec<String> = some.iter().map(|one| one.value.clone()).collect();
                let told = Mutex::new(Vec::new());
                let ask = || async {
                    let said = adapter.ask_ahead(&values).await?;
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = said;
                    Ok::<_, SendError>(())
                };
                let first = values.first().map_or("", String::as_str);
                if let Err(error) = beside::paced(Arc::clone(&paced), Beside::Edit, first, ask).await {
                    tracing::info!(campaign.id = %id, channel.id = %channel, %error, "a messenger does not tell whom it would refuse");
                    break 'parts;
                }
                let told = told.into_inner().unwrap_or_else(PoisonError::into_inner);
                asked += some.len();
                changed += ahead::keep(store, row.account_id, some, &told, clock::now()).await?;
            }
        }
        tracing::info!(campaign.id = %id, channel.id = %channel, asked, changed, "a messenger told whom it would refuse");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mms_core::{
        both,
        channel::ChannelKind,
        config::Endpoints,
        delivery::fixture::{Fixture, sealer},
        on,
        queue::Queue,
        store::Store,
    };
    use mms_sandbox::{
        Sandbox, User,
        fault::{Fault, Rule},
    };

    use super::*;

    const GROUP: i64 = 777;
    const KEY: &str = "vk1.a.fixture-of-asking-ahead";

    /// A community whose people are the fixture's contacts, every second of whom forbade messages.
    async fn community(store: &Store, people: i64) -> (Sandbox, Fixture, Deps) {
        let sandbox = Sandbox::builder().start().await.expect("the doubles start");
        let vk = sandbox.vk();
        vk.add_community(GROUP, KEY, "romashka").expect("a community");
        vk.add_users((0..people).map(|n| User::new(1000 + n, "Анна", "+79991234567")));
        vk.open_chats(GROUP, (0..people).map(|n| 1000 + n)).expect("they wrote");
        for n in (1..people).step_by(2) {
            assert!(vk.deny(GROUP, 1000 + n).expect("there is one"));
        }
        let fixture = Fixture::new(store, usize::try_from(people).expect("a few"), 30.0).await;
        let credentials = registry::assemble(ChannelKind::Vk, &[KEY.to_owned()]);
        let sealed = sealer().seal(credentials.expose().as_bytes(), fixture.channel.0);
        let mut tx = store.begin().await.expect("begun");
        let sql = "update channel set kind = 'vk', credentials = $2, settings = '{}' where account_id = $1";
        on!(tx.conn(), |c| sqlx::query(sql).bind(fixture.account).bind(&sealed).execute(c).await.map(|_| ())).expect("changed");
        tx.commit().await.expect("committed");
        fixture.change(store, "update address set kind = 'vk' where account_id = $1").await;
        let endpoints = Endpoints { vk: vk.url().to_owned(), ..Endpoints::default() };
        let deps = Deps::new(store.clone(), sealer(), endpoints, Queue::memory(), "a");
        (sandbox, fixture, deps)
    }

    /// A campaign to everybody, as it is before its launch.
    async fn campaign(store: &Store, fixture: &Fixture) -> CampaignId {
        let id = fixture.campaign(store, "service", "leave", 0, None).await;
        fixture.change(store, "update template_version set content_hash = 'x' where account_id = $1").await;
        id
    }

    async fn forbidden(store: &Store, fixture: &Fixture) -> Vec<String> {
        const SQL: &str =
            "select value from address where account_id = $1 and state = 'unreachable' and state_reason = 'forbidden' order by value";
        on!(store.read(), |c| sqlx::query_scalar(SQL).bind(fixture.account).fetch_all(c).await).expect("read")
    }

    both!(
        async fn whoever_forbade_messages_is_marked_and_whoever_allows_them_again_is_not(store) {
            let (sandbox, fixture, deps) = community(&store, 250).await;
            let id = campaign(&store, &fixture).await;
            run(&deps, id).await.expect("asked");
            let marked = forbidden(&store, &fixture).await;
            assert_eq!((marked.len(), marked[0].as_str()), (125, "1001"));
            let calls = sandbox.vk().ledger().calls().get("messages.getConversationsById").copied();
            assert_eq!(calls, Some(3), "a hundred in a call");
            assert_eq!(sandbox.vk().ledger().refused(6), 0);
            // The news of a permission were lost: the next campaign's question finds it.
            sandbox.vk().allow(GROUP, 1001, None).expect("allowed");
            let next = campaign(&store, &fixture).await;
            run(&deps, next).await.expect("asked");
            let marked = forbidden(&store, &fixture).await;
            assert_eq!((marked.len(), marked[0].as_str()), (124, "1003"));
        }
    );

    both!(
        async fn a_messenger_that_does_not_answer_marks_nobody_and_stops_nothing(store) {
            let (sandbox, fixture, deps) = community(&store, 4).await;
            let id = campaign(&store, &fixture).await;
            let rule = Rule::new(Fault::DropBefore).service("vk").method("messages.getConversationsById");
            let cut = sandbox.faults().add(rule);
            run(&deps, id).await.expect("it is nobody's error");
            assert!(forbidden(&store, &fixture).await.is_empty());
            sandbox.faults().remove(cut);
            run(&deps, id).await.expect("asked");
            assert_eq!(forbidden(&store, &fixture).await, ["1001", "1003"]);
        }
    );
}
