//! Every column that may hold something of a person is blanked when they are deleted, or forgotten
//! after a while, or holds nothing of them for a reason that is said here. A new column has none of
//! these, and fails here.

use std::collections::{BTreeMap, BTreeSet};

use mms_core::{
    contact::{erase, queries},
    store::{Db, Engine, retention},
    testing,
};

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Blanked, or its row deleted, when the person is deleted.
    Blanked,
    /// Forgotten by [`retention::RULES`].
    Aged,
    /// Both.
    Both,
}

/// Columns with something of a person.
const PERSONAL: &[(&str, Fate, &[&str])] = &[
    ("address", Fate::Blanked, &["kind", "value", "raw", "state", "state_reason"]),
    ("chat_message", Fate::Both, &["body", "file_ref", "file_name"]),
    ("contact", Fate::Blanked, &["name", "first_name", "last_name", "search", "language", "zone", "attributes", "folded"]),
    // Of two who were divided again it is blanked at once (`inbound::join`).
    ("consent_form", Fate::Both, &["name", "phone"]),
    // Its file is a row of `file`.
    ("consent_paper", Fate::Blanked, &["words"]),
    ("keyword_visit", Fate::Blanked, &["message_ref"]),
    ("contact_join", Fate::Blanked, &["kept"]),
    ("contact_source", Fate::Blanked, &["said"]),
    ("contact_tag", Fate::Blanked, &["tag"]),
    ("crm_message", Fate::Both, &["payload", "error"]),
    ("crm_write", Fate::Both, &["payload", "error"]),
    ("delivery", Fate::Both, &["detail"]),
    ("delivery_text", Fate::Both, &["body"]),
    ("dialogue", Fate::Aged, &["state"]),
    // Files are made anew when somebody asks; of a list or a campaign the name is the company's
    // own.
    ("dossier", Fate::Blanked, &["about"]),
    ("doubt", Fate::Blanked, &["message_ref", "evidence", "reason"]),
    ("erasure", Fate::Blanked, &["reason"]),
    ("evidence_request", Fate::Blanked, &["from_whom", "about", "answer"]),
    ("file", Fate::Both, &["content"]),
    ("former_address", Fate::Blanked, &["kind", "value"]),
    // A file that waits has its rows in `file` for as long, and what is shown of it goes with the
    // person; of one that was started or given up the cells go at once (`contact::import::start`).
    ("import", Fate::Both, &["mapping", "counts"]),
    ("inbound", Fate::Both, &["payload"]),
    ("notice", Fate::Both, &["payload"]),
    ("occasion", Fate::Blanked, &["stage", "title", "staff", "place", "url", "data", "folded"]),
    ("outgoing", Fate::Both, &["address_value", "payload", "detail"]),
    ("session", Fate::Aged, &["telegram_name"]),
];

/// Columns with nothing of a customer, or with what must stay, and why.
const OTHERS: &[(&str, &[&str], &str)] = &[
    ("account", &["name", "zone", "language", "phone_region", "advertiser", "law", "operator"], "the company's own"),
    ("agreement_acceptance", &["document", "version", "language", "hash", "desk"], "what a member accepted for the company"),
    ("agreement_text", &["document", "version", "language", "body", "hash"], "the licensor's words"),
    ("audit", &["actor", "action", "subject", "details", "prev_hash", "hash"], "ids and what was done; chained"),
    ("begun", &["ids"], "numbers of rows"),
    (
        "campaign",
        &[
            "name",
            "state",
            "state_reason",
            "audience",
            "uncertain_policy",
            "comment",
            "submitted_hash",
            "approved_hash",
            "handed",
            "decided",
            "cost_forecast",
            "cost_spent",
        ],
        "the company's own words, ids and sums",
    ),
    ("campaign_file", &["kind", "language"], "words of the program"),
    ("campaign_step", &["next_on"], "a word of the program"),
    ("card", &["kind", "shown"], "which screen, and a number"),
    (
        "channel",
        &[
            "kind",
            "name",
            "external_id",
            "username",
            "credentials",
            "settings",
            "state",
            "state_reason",
            "hook_secret",
            "lease_owner",
            "update_cursor",
            "terms",
            "deaf",
            "quota_scope",
        ],
        "the company's own sender",
    ),
    ("channel_owed", &["recipients"], "numbers that stand for recipients, and until when"),
    (
        "chat_message",
        &["direction", "message_ref", "file_kind", "file_mime", "stop"],
        "the provider's number of a message (of whoever is erased on demand it goes), and what kind of file it was",
    ),
    (
        "consent",
        &["purpose", "action", "evidence", "actor"],
        "the ledger: it proves what was allowed; of whoever is erased on demand `consent::forget` takes out what names them",
    ),
    ("consent_forgotten", &["digest", "mac"], "hashes"),
    ("consent_form", &["token", "shown"], "random, and a hash"),
    ("consent_paper", &["purpose", "signed_on"], "a word of the program, and a day"),
    ("keyword", &["word", "folded"], "the company's own words"),
    ("consent_link", &["digest", "note", "prev_hash", "hash"], "the ledger's chain"),
    ("contact", &["crm_id", "source"], "the CRM's number, of a build before"),
    ("contact_alike", &["why"], "a word of the program"),
    ("contact_join", &["proof"], "a word of the program"),
    ("contact_source", &["crm_id"], "the CRM's number: a deleted person is not taken in again by it"),
    ("field_source", &["field", "wins"], "a field of the company's own, and a word of the program"),
    ("field_apply", &["field"], "a field of the company's own"),
    ("contact_link", &["token"], "random"),
    (
        "crm_connection",
        &[
            "kind",
            "name",
            "base_url",
            "external_id",
            "state",
            "state_reason",
            "credentials",
            "settings",
            "hook_secret",
            "sync_cursor",
            "sync_phase",
            "lease_owner",
            "message_proof",
        ],
        "the company's own CRM",
    ),
    ("crm_message", &["external_id", "origin", "reason", "told"], "the CRM's number of a message, and what became of it"),
    ("crm_write", &["crm_id", "kind", "dedupe_key", "state"], "the CRM's number of a record"),
    (
        "delivery",
        &["state", "reason", "message_ref", "next_on", "charge"],
        "what became of a message: it is counted and proves what was sent; of whoever is erased on demand the provider's number goes",
    ),
    ("deleted_mark", &["digest"], "a keyed hash: whoever was deleted, and says stop later, is refused by it"),
    ("delivery_count", &["person", "state", "reason"], "counts"),
    ("dossier", &["scope", "language", "state", "error"], "words of the program"),
    ("doubt", &["outcome"], "a word of the program"),
    (
        "erasure",
        &["ground", "stop_by", "destroy_by", "state", "facts", "act_sha256", "extract_sha256"],
        "days, hashes, kinds of data and who signs: nothing names the person",
    ),
    ("erased_mark", &["digest"], "a keyed hash: whoever was erased is refused by it"),
    ("evidence_request", &["received_on", "due_on", "answered_on"], "days"),
    ("echo", &["message_ref", "address_value", "gist"], "kept for an hour: whether a message whose answer was lost came back"),
    ("field", &["key", "title", "kind"], "the company's own"),
    (
        "file",
        &["sha256", "name", "mime"],
        "what a company called its own file; a customer's is kept nowhere, a reply's name is blanked with it",
    ),
    ("home", &["place"], "of the server"),
    ("import", &["state", "origin", "basis", "error"], "the company's own words; errors name no cell"),
    ("import_left_out", &["places", "erased"], "numbers of rows"),
    ("inbound", &["source_kind", "external_id", "state", "error"], "the provider's number of an event; errors name no person"),
    ("invitation", &["token_hash", "role"], "random"),
    ("law_answer", &["rule", "about", "words", "answer"], "the company's own words in a text of its own"),
    ("licence", &["plan"], "of the company"),
    ("licence_key", &["id"], "random"),
    (
        "licence_order",
        &["plan", "edition", "currency", "way", "state", "terms", "buyer", "buyer_inn"],
        "what the company bought, and its own requisites: books of account are kept",
    ),
    ("licence_payment", &["payment", "currency"], "a bank's number of a payment of the company's"),
    ("stray_payment", &["payment", "told", "currency", "why", "document"], "numbers of payments and of papers of the licensor's"),
    ("licence_terms", &["hash", "language", "body"], "the licensor's words"),
    ("login_count", &["login"], "a member's, for days"),
    ("login_try", &["login"], "a member's, for days"),
    ("manager_update", &["payload"], "sealed, and deleted once it was taken"),
    ("media_ref", &["sha256", "media_kind", "reference"], "the company's own pictures"),
    (
        "mail",
        &["address", "subject", "body", "dedupe_key", "state", "error"],
        "a member's alarm: its words go when it went or was given up, within hours",
    ),
    ("mailbox", &["address", "code"], "a member's own"),
    ("maintenance", &["reason"], "the operator's words of the server"),
    ("recovery_code", &["digest"], "random"),
    ("second_factor", &["secret"], "sealed"),
    (
        "member",
        &["login", "password_hash", "name", "role", "language", "lock_reason", "password_due"],
        "members are no customers: who did what stays told",
    ),
    ("notice", &["kind", "dedupe_key"], "ids"),
    ("occasion", &["kind", "external_id", "state"], "the CRM's number and words of the program; the row goes with the person"),
    (
        "outgoing",
        &["purpose", "dedupe_key", "state", "reason", "message_ref"],
        "ids and words of the program; of whoever is erased on demand the provider's number goes",
    ),
    ("password_link", &["token_hash"], "random"),
    ("price", &["provider", "category", "country", "since", "currency"], "the company's own"),
    (
        "provider_template",
        &["name", "language", "external_id", "category", "state", "reason", "quality", "mapping", "digest"],
        "of a template",
    ),
    ("quick_reply", &["body"], "the company's own words"),
    (
        "receipt_early",
        &["message_ref", "state", "reason", "detail", "charge"],
        "kept for days, until the message it is of is known (`delivery::receipt`)",
    ),
    ("response", &["what"], "a word of the program"),
    ("response_count", &["what"], "counts"),
    ("sealing_proof", &["sealed"], "random"),
    ("segment", &["name", "filter"], "the company's own"),
    ("session", &["end_reason"], "a word of the program"),
    ("shared_part", &["scope"], "of a sender"),
    ("stranger_attempt", &["prev_hash", "hash"], "hashes"),
    ("stranger_head", &["hash", "mac"], "hashes"),
    (
        "suppression",
        &["kind", "value", "reason", "evidence", "lifted_reason"],
        "who must not be written to stays so whatever is forgotten of them; of whoever is erased on demand a keyed hash does",
    ),
    ("feature_off", &["name", "reason"], "the licensor's words to the company"),
    ("claim", &["direction", "claimant", "subject", "state", "answer"], "who claimed, and what was answered, is what the register proves"),
    ("support_message", &["side", "body"], "a member's words to the licensor"),
    ("support_ticket", &["state"], "a word of the program"),
    ("suspension", &["scope", "reason", "document", "document_hash", "lift_reason"], "the licensor's words to the company"),
    ("template", &["name"], "the company's own"),
    (
        "template_version",
        &["class", "body", "media_kind", "buttons", "state", "content_hash", "comment", "authors"],
        "the company's own words",
    ),
    ("trail_head", &["entry_hash", "link_hash", "mac"], "hashes"),
    ("trail_since", &["mac"], "a hash"),
    ("usage_count", &["what"], "counts"),
    ("wording", &["purpose", "language", "body"], "the company's own words"),
];

/// Whether some of these statements blank a column, or delete its rows.
fn touched(statements: &[&str], table: &str, column: &str) -> bool {
    statements.iter().any(|sql| {
        let set = sql.strip_prefix(&format!("update {table} set ")).and_then(|rest| rest.split(" where ").next());
        let blanks = set.is_some_and(|set| set.split(", ").any(|one| one.split(" = ").next() == Some(column)));
        blanks || sql.starts_with(&format!("delete from {table} where "))
    })
}

#[tokio::test]
async fn every_column_with_something_of_a_person_is_blanked_or_forgotten() {
    // PostgreSQL tells texts from times and ids.
    let store = testing::store(Engine::Postgres).await;
    let Db::Postgres(pool) = store.read() else { panic!("PostgreSQL was asked for") };
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select table_name::text, column_name::text from information_schema.columns where table_schema = 'public' \
         and table_name not like '\\_sqlx%' and data_type in ('text', 'jsonb', 'bytea') order by table_name, ordinal_position",
    )
    .fetch_all(pool)
    .await
    .expect("columns");
    let deleted = [
        queries::DELETE_CONTACT,
        queries::DROP_TAGS,
        queries::DROP_ADDRESSES,
        queries::DROP_FORMER,
        queries::SAY_LESS,
        queries::DROP_OCCASIONS,
        queries::FORGET_SAID,
        mms_core::erasure::queries::END,
    ];
    let erased: Vec<&str> = [erase::ALL, &deleted].concat();
    let mut said: BTreeMap<(&str, &str), Option<Fate>> = BTreeMap::new();
    for (table, fate, of) in PERSONAL {
        said.extend(of.iter().map(|column| ((*table, *column), Some(*fate))));
    }
    for (table, of, why) in OTHERS {
        assert!(!why.is_empty());
        for column in *of {
            assert_eq!(said.insert((table, column), None), None, "{table}.{column} is said twice");
        }
    }
    let mut wrong = Vec::new();
    let mut there = BTreeSet::new();
    for (table, column) in &columns {
        there.insert((table.as_str(), column.as_str()));
        let Some(fate) = said.get(&(table.as_str(), column.as_str())) else {
            wrong.push(format!("{table}.{column}: say here what becomes of it when a person is deleted and when it is old"));
            continue;
        };
        let (blanked, aged) = match fate {
            None => continue,
            Some(fate) => (*fate != Fate::Aged, *fate != Fate::Blanked),
        };
        if blanked && !touched(&erased, table, column) {
            wrong.push(format!("{table}.{column}: a deletion leaves it"));
        }
        let rules = retention::RULES.iter().filter(|rule| rule.table == table || table == "file");
        if aged && !rules.clone().any(|rule| touched(rule.statements, table, column)) {
            wrong.push(format!("{table}.{column}: no rule forgets it"));
        }
    }
    wrong.extend(
        said.keys().filter(|key| !there.contains(*key)).map(|(table, column)| format!("{table}.{column}: there is no such column")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
