//! What an administrator of the database does to the trail and to the consent ledger, with raw SQL
//! and without the key: each of it is found. What is not found by the database alone is found by
//! what was noted elsewhere.

use super::*;
use crate::{
    both, clock,
    consent::{Action, Grade, NewConsent, Purpose},
    contact::fixture,
    id::ContactId,
    store::Engine,
};

/// Signs checkpoints.
fn signer() -> crate::sign::Signer {
    crate::sign::installation(&crate::testing::sealer())
}

/// What the triggers refuse, an administrator takes away first.
async fn without_triggers(store: &Store) {
    let sql: &[&str] = match store.engine() {
        Engine::Sqlite => &[
            "drop trigger audit_no_update",
            "drop trigger audit_no_delete",
            "drop trigger consent_no_update",
            "drop trigger consent_no_delete",
            "drop trigger consent_link_no_update",
            "drop trigger consent_link_no_delete",
        ],
        Engine::Postgres => &[
            "drop trigger audit_no_change on audit",
            "drop trigger consent_no_change on consent",
            "drop trigger consent_link_no_change on consent_link",
        ],
    };
    for sql in sql {
        raw(store, sql).await;
    }
}

async fn raw(store: &Store, sql: &str) -> u64 {
    on!(store.once(), |c| sqlx::query(sqlx::AssertSqlSafe(sql)).execute(c).await.map(|done| done.rows_affected())).expect(sql)
}

async fn of(store: &Store, sql: &str, account: AccountId) -> u64 {
    let sql = sqlx::AssertSqlSafe(sql);
    on!(store.once(), |c| sqlx::query(sql).bind(account).execute(c).await.map(|done| done.rows_affected())).expect("changed")
}

async fn entry(store: &Store, account: AccountId, n: usize) {
    let mut tx = store.begin().await.unwrap();
    audit::record(&mut tx, account, "system", "test.step", &n.to_string(), &json!({ "n": n }), clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn contact(store: &Store, account: AccountId) -> ContactId {
    let mut tx = store.begin().await.unwrap();
    let draft =
        crate::contact::Draft { name: Some("Анна".to_owned()), source: "manual".to_owned(), ..crate::contact::Draft::default() };
    let contact = crate::contact::upsert(&mut tx, account, &draft, clock::now()).await.unwrap().contact;
    tx.commit().await.unwrap();
    contact
}

fn consent(account: AccountId, contact: ContactId, action: Action, grade: Grade) -> NewConsent {
    NewConsent {
        account,
        contact,
        purpose: Purpose::Marketing,
        action,
        grade,
        wording: None,
        channel: None,
        // Keys out of order, a number, nothing, a list: JSONB keeps none of it as it was written.
        evidence: json!({ "поле": "Согласие", "b": 1.50, "a": [1, null, { "z": true, "y": "\"" }] }),
        actor: "crm".to_owned(),
        at: clock::now(),
    }
}

async fn agree(store: &Store, account: AccountId, contact: ContactId, action: Action) {
    let mut tx = store.begin().await.unwrap();
    crate::consent::record(&mut tx, consent(account, contact, action, Grade::A), clock::now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// An account with five entries and four consents in three links, both whole.
async fn company(store: &Store) -> (AccountId, ContactId) {
    let account = fixture::actor(store).await.account;
    for n in 0..5 {
        entry(store, account, n).await;
    }
    let (anna, boris) = (contact(store, account).await, contact(store, account).await);
    agree(store, account, anna, Action::Granted).await;
    let mut tx = store.begin().await.unwrap();
    let both = [consent(account, anna, Action::Withdrawn, Grade::A), consent(account, boris, Action::Granted, Grade::B)];
    crate::consent::record_many(&mut tx, account, &both, clock::now()).await.unwrap();
    tx.commit().await.unwrap();
    agree(store, account, anna, Action::Granted).await;
    assert_eq!(audit::verify(store, account).await.unwrap().map(|whole| whole.entries), Ok(5));
    assert_eq!(consents::verify(store, account).await.unwrap().map(|whole| (whole.entries, whole.mark.count)), Ok((4, 3)));
    (account, anna)
}

async fn trail(store: &Store, account: AccountId) -> Result<Whole, Broken> {
    audit::verify(store, account).await.unwrap()
}

async fn ledger(store: &Store, account: AccountId) -> Result<Whole, Broken> {
    consents::verify(store, account).await.unwrap()
}

// Cutting off the newest entries was not found: the rest of the chain was whole.
both!(async fn the_newest_entries_cut_off_are_missed(store) {
    without_triggers(&store).await;
    let (account, _) = company(&store).await;
    of(&store, "delete from audit where account_id = $1 and seq > 3", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::CutOff { head: 5, found: 3 }));
    // The trail goes on, and the hole stays.
    entry(&store, account, 6).await;
    assert_eq!(trail(&store, account).await, Err(Broken::Gap { expected: 4, found: 6 }));
    of(&store, "delete from consent_link where account_id = $1 and seq = 3", account).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::CutOff { head: 3, found: 2 }));
});

/// Computes every hash of the trail anew as it was computed before there was a key; the last one.
async fn chained_without_a_key(store: &Store, account: AccountId) -> String {
    let mut prev = String::new();
    for mut entry in audit::entries(store, account, 0, 100).await.unwrap() {
        entry.prev_hash = prev;
        let mut sha = Sha256::new();
        for part in [
            entry.prev_hash.clone(),
            account.to_string(),
            entry.seq.to_string(),
            entry.at.timestamp_millis().to_string(),
            entry.actor.clone(),
            entry.action.clone(),
            entry.subject.clone(),
            entry.details.clone(),
        ] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part.as_bytes());
        }
        prev = hex::encode(sha.finalize());
        on!(store.once(), |c| sqlx::query("update audit set prev_hash = $3, hash = $4 where account_id = $1 and seq = $2")
            .bind(account)
            .bind(entry.seq)
            .bind(&entry.prev_hash)
            .bind(&prev)
            .execute(c)
            .await
            .map(|_| ()))
        .unwrap();
    }
    prev
}

// Anybody could compute the chain anew: it was hashes without a key.
both!(async fn an_entry_changed_is_found_however_the_chain_is_computed_anew(store) {
    without_triggers(&store).await;
    let (account, _) = company(&store).await;
    of(&store, "update audit set subject = 'x' where account_id = $1 and seq = 2", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::Changed(2)));
    // Every hash anew, as it was computed before there was a key, the head along.
    let prev = chained_without_a_key(&store, account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::Changed(1)));
    on!(store.once(), |c| sqlx::query("update trail_head set entry_hash = $2 where account_id = $1").bind(account).bind(&prev).execute(c).await.map(|_| ())).unwrap();
    assert_eq!(trail(&store, account).await, Err(Broken::Head));
    // A change after that does not put a genuine head on a forged chain: it says what it found, for
    // good.
    entry(&store, account, 6).await;
    assert!(matches!(trail(&store, account).await, Err(Broken::BrokenBefore { reason: "forged", entry: 6, .. })));
    assert!(matches!(ledger(&store, account).await, Err(Broken::BrokenBefore { reason: "forged", entry: 4, .. })));
    of(&store, "update audit set subject = 'y' where account_id = $1 and seq = 2", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::FoundChanged));
});

both!(async fn a_forged_entry_is_found(store) {
    without_triggers(&store).await;
    let (account, _) = company(&store).await;
    of(&store, "insert into audit (account_id, seq, at, actor, action, subject, details, prev_hash, hash)
        select account_id, seq + 1, at, actor, 'campaign.approve', subject, details, hash, hash from audit where account_id = $1 and seq = 5", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::Added(6)));
    // A consent that was never given: without a link, under a link that is there, under one of its
    // own.
    let forge = |batch: &str| format!(
        "insert into consent (account_id, contact_id, purpose, action, grade, evidence, actor, at, recorded_at, batch)
         select account_id, contact_id, purpose, 'granted', 1, evidence, actor, at, recorded_at, {batch} from consent where account_id = $1 order by id limit 1");
    for (batch, found) in [
        ("null", "added"),
        ("(select batch from consent_link where account_id = $1 and seq = 2)", "changed"),
        ("(select id from contact where account_id = $1 order by id limit 1)", "added"),
    ] {
        of(&store, &forge(batch), account).await;
        match (found, ledger(&store, account).await) {
            ("added", Err(Broken::ConsentAdded(_))) | ("changed", Err(Broken::ConsentsChanged(2) | Broken::ConsentsMissing { .. })) => {}
            (_, other) => panic!("{batch}: {other:?}"),
        }
        of(&store, "delete from consent where account_id = $1 and id = (select max(id) from consent)", account).await;
        assert!(ledger(&store, account).await.is_ok(), "{batch}");
    }
    // A link of one's own beside it.
    of(&store, &forge("(select id from contact where account_id = $1 order by id limit 1)"), account).await;
    of(&store, "insert into consent_link (account_id, seq, batch, entries, digest, at, note, prev_hash, hash)
        select l.account_id, 4, (select id from contact where account_id = $1 order by id limit 1), 1, l.digest, l.at, '', l.hash, l.hash
        from consent_link l where l.account_id = $1 and l.seq = 3", account).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::Added(4)));
});

both!(async fn consents_changed_removed_or_exchanged_are_found(store) {
    without_triggers(&store).await;
    for (sql, link) in [
        ("update consent set action = 'granted' where account_id = $1 and action = 'withdrawn'", 2),
        ("update consent set evidence = '{}' where account_id = $1 and grade = 2", 2),
        ("update consent set at = recorded_at, recorded_at = '2020-01-01T00:00:00+00:00' where account_id = $1 and grade = 2", 2),
        ("update consent set contact_id = account_id where account_id = $1 and action = 'withdrawn'", 2),
        ("delete from consent where account_id = $1 and grade = 2", 2),
    ] {
        let (account, _) = company(&store).await;
        assert!(of(&store, sql, account).await > 0, "{sql}");
        assert_eq!(ledger(&store, account).await, Err(Broken::ConsentsChanged(link)), "{sql}");
    }
    // All of one link, and everything.
    let (account, _) = company(&store).await;
    of(&store, "delete from consent where account_id = $1 and batch = (select batch from consent_link where account_id = $1 and seq = 3)", account).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::ConsentsMissing { chained: 4, found: 3 }));
    of(&store, "delete from consent where account_id = $1", account).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::ConsentsMissing { chained: 4, found: 0 }));
});

// Deleting all of it was not found: no entries, nothing wrong.
both!(async fn everything_deleted_is_found_the_head_too(store) {
    without_triggers(&store).await;
    let ((account, anna), (other, _), (third, _)) = (company(&store).await, company(&store).await, company(&store).await);
    store.begin_trail(clock::now()).await.unwrap();
    of(&store, "delete from audit where account_id = $1", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::CutOff { head: 5, found: 0 }));
    of(&store, "delete from trail_head where account_id = $1", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::Head));
    // The next change begins anew and says so; a start of the program does the same.
    agree(&store, account, anna, Action::Withdrawn).await;
    assert!(matches!(trail(&store, account).await, Err(Broken::BrokenBefore { reason: "missing", entry: 1, .. })));
    assert!(matches!(ledger(&store, account).await, Err(Broken::BrokenBefore { reason: "missing", .. })));
    of(&store, "delete from trail_head where account_id = $1", other).await;
    store.begin_trail(clock::now()).await.unwrap();
    assert!(matches!(trail(&store, other).await, Err(Broken::BrokenBefore { reason: "missing", entry: 6, .. })));
    // Another company's head and entries are of no use.
    of(&store, "delete from trail_head where account_id = $1", third).await;
    on!(store.once(), |c| sqlx::query("insert into trail_head select $1, entries, entry_hash, links, link_hash, mac from trail_head where account_id = $2")
        .bind(third).bind(other).execute(c).await.map(|_| ())).unwrap();
    assert_eq!(trail(&store, third).await, Err(Broken::Head));
});

// A database that was put back to an older copy of itself is whole by its own heads; by what was
// noted elsewhere it is not.
/// What a subscriber was told, as a log has it.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains("the heads of an account's trail")).map(str::to_owned).collect()
    }
}

// A log that is sent away proves what an exchanged database and file do not.
both!(async fn heads_are_told_in_the_log_as_they_move(store) {
    let (account, anna) = company(&store).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(notes::FILE);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_env_filter("mms_core=info").with_writer(move || writer.clone()).with_ansi(false).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    for moved in [1, 2] {
        for _ in 0..2 {
            assert!(notes::keep(&store, &file, &signer(), &[account], clock::now()).await.unwrap().is_empty());
        }
        let (head, lines) = (store.trail_head(account).await.unwrap().unwrap(), log.lines());
        assert_eq!(lines.len(), moved, "once as they move: {lines:?}");
        let newest = &lines[moved - 1];
        for part in [account.to_string(), head.audit().to_string(), head.consents().to_string()] {
            assert!(newest.contains(&part), "no {part}: {newest}");
        }
        agree(&store, account, anna, Action::Withdrawn).await;
    }
});

both!(async fn an_older_copy_is_found_by_what_was_noted_elsewhere(store) {
    without_triggers(&store).await;
    let (account, anna) = company(&store).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(notes::FILE);
    let older = store.trail_head(account).await.unwrap().unwrap();
    raw(&store, "create table kept as select * from trail_head").await;
    entry(&store, account, 6).await;
    agree(&store, account, anna, Action::Withdrawn).await;
    let newer = store.trail_head(account).await.unwrap().unwrap();
    assert!(notes::keep(&store, &file, &signer(), &[account], clock::now()).await.unwrap().is_empty());
    let lines = std::fs::read_to_string(&file).unwrap();
    assert!(lines.contains(&newer.audit().to_string()) && lines.contains(&newer.consents().to_string()), "{lines}");
    // What was noted stays true while the chain grows.
    entry(&store, account, 7).await;
    assert!(notes::keep(&store, &file, &signer(), &[account], clock::now()).await.unwrap().is_empty());
    for mark in [older.audit(), newer.audit(), newer.audit().short().parse().unwrap()] {
        assert_eq!(audit::expect(&store, account, &mark).await.unwrap(), Ok(()), "{mark}");
    }
    assert_eq!(consents::expect(&store, account, &newer.consents()).await.unwrap(), Ok(()));

    // Back to the older copy: the rows of both chains, and the head that was genuine then.
    of(&store, "delete from audit where account_id = $1 and seq > 5", account).await;
    of(&store, "delete from consent where account_id = $1 and batch = (select batch from consent_link where account_id = $1 and seq = 4)", account).await;
    of(&store, "delete from consent_link where account_id = $1 and seq > 3", account).await;
    of(&store, "delete from trail_head where account_id = $1", account).await;
    raw(&store, "insert into trail_head select * from kept").await;
    assert!(trail(&store, account).await.is_ok() && ledger(&store, account).await.is_ok(), "nothing within the database tells");
    assert_eq!(audit::expect(&store, account, &newer.audit()).await.unwrap(), Err(Broken::NotExpected(6)));
    let found = notes::keep(&store, &file, &signer(), &[account], clock::now()).await.unwrap();
    assert_eq!(found.iter().map(|differs| differs.chain).collect::<Vec<_>>(), ["audit", "consents"]);
    // Other entries in the places of those that were noted.
    entry(&store, account, 60).await;
    entry(&store, account, 70).await;
    assert!(trail(&store, account).await.is_ok());
    assert_eq!(audit::expect(&store, account, &newer.audit()).await.unwrap(), Err(Broken::NotExpected(6)));
    assert_eq!(notes::check(&store, &file, &signer().public(), account).await.unwrap().len(), 2);
    // A restore is meant to go back, and says so in the file.
    notes::restored(&store, &file, &signer(), &[account], clock::now()).await.unwrap();
    assert!(notes::check(&store, &file, &signer().public(), account).await.unwrap().is_empty());
});

both!(async fn another_sealing_key_verifies_nothing_and_no_key_writes_nothing(store) {
    let (account, _) = company(&store).await;
    let stranger = store.clone().sealed_by(&Sealer::new(&[8; KEY_LEN]));
    assert_eq!(trail(&stranger, account).await, Err(Broken::Head));
    let mut bare = store.clone();
    bare.trail = None;
    assert_eq!(trail(&bare, account).await, Err(Broken::NoKey));
    let mut tx = bare.begin().await.unwrap();
    audit::record(&mut tx, account, "system", "test.step", "x", &json!({}), clock::now()).await.unwrap();
    assert!(tx.commit().await.is_err());
    assert!(trail(&store, account).await.is_ok());
});

// A database of before: entries chained without a key, consents without a chain.
both!(async fn what_was_there_before_is_kept_as_it_was_found(store) {
    without_triggers(&store).await;
    let (account, anna) = company(&store).await;
    // As it was: hashes without a key, no links, no heads.
    chained_without_a_key(&store, account).await;
    for sql in ["update consent set batch = null where account_id = $1", "delete from consent_link where account_id = $1", "delete from trail_head where account_id = $1"] {
        of(&store, sql, account).await;
    }
    let now = clock::now();
    store.begin_trail(now).await.unwrap();
    store.begin_trail(now).await.unwrap();
    let whole = trail(&store, account).await.unwrap();
    assert_eq!((whole.entries, whole.found), (6, Some((now, 5))));
    assert!(whole.words().contains("the 5 before are as they were found then"), "{}", whole.words());
    let adopted = audit::entries(&store, account, 5, 1).await.unwrap();
    assert!(adopted[0].action == ADOPTED && adopted[0].details.contains("\"whole\":true"), "{adopted:?}");
    let whole = ledger(&store, account).await.unwrap();
    assert_eq!((whole.entries, whole.found), (4, Some((now, 4))));
    // Both go on, and what was found stays what it was.
    entry(&store, account, 7).await;
    agree(&store, account, anna, Action::Withdrawn).await;
    assert_eq!(trail(&store, account).await.map(|whole| whole.entries), Ok(7));
    assert_eq!(ledger(&store, account).await.map(|whole| whole.entries), Ok(5));
    of(&store, "update consent set grade = 1 where account_id = $1 and grade = 2", account).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::FoundChanged));
    of(&store, "update audit set actor = 'admin' where account_id = $1 and seq = 3", account).await;
    assert_eq!(trail(&store, account).await, Err(Broken::FoundChanged));
});

// Changes of one account at the same time: each chain has every link once, and no change waits for
// another's rows.
both!(async fn changes_at_the_same_time_are_chained_one_after_the_other(store) {
    let account = fixture::actor(&store).await.account;
    let people: Vec<ContactId> = futures::future::join_all((0..8).map(|_| contact(&store, account))).await;
    let work = people.iter().enumerate().map(|(n, person)| {
        let store = store.clone();
        let (person, next) = (*person, people[(n + 1) % people.len()]);
        async move {
            for _ in 0..5 {
                let now = clock::now();
                let mut tx = store.begin().await.unwrap();
                crate::consent::record(&mut tx, consent(account, person, Action::Granted, Grade::B), now).await.unwrap();
                audit::record(&mut tx, account, "admin", "test.step", "x", &json!({}), now).await.unwrap();
                tx.commit().await.unwrap();
                let mut tx = store.begin().await.unwrap();
                crate::consent::record(&mut tx, consent(account, next, Action::Withdrawn, Grade::A), now).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    });
    futures::future::join_all(work).await;
    assert_eq!(trail(&store, account).await.map(|whole| whole.entries), Ok(40));
    assert_eq!(ledger(&store, account).await.map(|whole| whole.entries), Ok(80));
});

/// Takes the evidence of these entries away, as an erasure does.
async fn forget(store: &Store, account: AccountId, ids: &[i64]) {
    let mut tx = store.begin().await.unwrap();
    let replaced = ids.iter().map(|id| (*id, json!({ "forgotten": "4f" }))).collect();
    consents::forgotten::forget(&mut tx, account, replaced).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ids(store: &Store, account: AccountId) -> Vec<i64> {
    on!(store.read(), |c| sqlx::query_scalar("select id from consent where account_id = $1 order by id").bind(account).fetch_all(c).await)
        .unwrap()
}

both!(async fn evidence_is_taken_out_and_the_chain_stays_whole_and_guarded(store) {
    let (account, _) = company(&store).await;
    let ids = ids(&store, account).await;
    let forgotten = async || ledger(&store, account).await.map(|whole| (whole.entries, whole.forgotten));
    // One of the two entries of the second link, the first link's only one, then the other one too.
    forget(&store, account, &ids[1..2]).await;
    assert_eq!(forgotten().await, Ok((4, 1)));
    forget(&store, account, &ids[..1]).await;
    forget(&store, account, &ids[1..3]).await;
    assert_eq!(forgotten().await, Ok((4, 2)));
    assert!(ledger(&store, account).await.unwrap().words().contains("in 2 links what named people who were erased is taken out"));
    let said = "select count(*) from consent where account_id = $1 and evidence like '%поле%'";
    let said = if store.engine() == Engine::Postgres { said.replace("evidence like", "evidence::text like") } else { said.to_owned() };
    let left: i64 = on!(store.read(), |c| sqlx::query_scalar(sqlx::AssertSqlSafe(said.as_str())).bind(account).fetch_one(c).await).unwrap();
    assert_eq!(left, 1);
    // The ledger itself lets nothing else be changed.
    let refused = async |sql: &'static str| on!(store.once(), |c| sqlx::query(sql).bind(account).execute(c).await.map(|_| ())).is_err();
    assert!(refused("update consent set grade = 1, evidence = '{\"forgotten\":\"\"}' where account_id = $1").await);
    assert!(refused("update consent set evidence = '{\"chat\":\"7\"}' where account_id = $1").await);
    assert!(refused("delete from consent where account_id = $1").await);
    // Whoever may do everything in the database: the action, the note's digest, the note itself.
    without_triggers(&store).await;
    of(&store, "update consent set action = 'granted' where account_id = $1 and action = 'withdrawn'", account).await;
    assert_eq!(forgotten().await, Err(Broken::ConsentsChanged(2)));
    of(&store, "update consent set action = 'withdrawn' where account_id = $1 and id = (select min(id) + 1 from consent where account_id = $1)", account).await;
    assert_eq!(forgotten().await, Ok((4, 2)));
    of(&store, "update consent_forgotten set digest = '00' where account_id = $1 and link = 2", account).await;
    assert_eq!(forgotten().await, Err(Broken::ConsentsChanged(2)));
    of(&store, "delete from consent_forgotten where account_id = $1 and link = 2", account).await;
    assert_eq!(forgotten().await, Err(Broken::ConsentsChanged(2)));
});

// What was changed before must not become good because somebody is erased.
both!(async fn an_erasure_makes_no_changed_ledger_good(store) {
    let (account, _) = company(&store).await;
    let ids = ids(&store, account).await;
    without_triggers(&store).await;
    of(&store, "update consent set action = 'granted' where account_id = $1 and action = 'withdrawn'", account).await;
    forget(&store, account, &ids[2..3]).await;
    assert_eq!(ledger(&store, account).await, Err(Broken::ConsentsChanged(2)));
});

// Entries from before the chain began are under the digest of what was found then.
both!(async fn evidence_is_taken_out_of_what_was_found(store) {
    let (account, anna) = company(&store).await;
    let ids = ids(&store, account).await;
    of(&store, "delete from trail_head where account_id = $1", account).await;
    agree(&store, account, anna, Action::Withdrawn).await;
    let found = async || ledger(&store, account).await.map(|whole| (whole.entries, whole.found.map(|(_, n)| n), whole.forgotten));
    assert_eq!(found().await, Ok((5, Some(4), 0)));
    forget(&store, account, &[ids[0], ids[3]]).await;
    assert_eq!(found().await, Ok((5, Some(4), 1)));
    without_triggers(&store).await;
    of(&store, "update consent set grade = 3 where account_id = $1 and id = (select min(id) from consent where account_id = $1)", account).await;
    assert_eq!(found().await, Err(Broken::FoundChanged));
});
