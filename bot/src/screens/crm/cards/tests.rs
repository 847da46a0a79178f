use chrono::TimeDelta;
use mms_core::{
    crm::{
        CrmChange, CrmError,
        connection::{ConnectError, Hooks, Progress, Reconciled, Stats},
        mapping::CrmSettings,
        occasion::{OccasionKind, OccasionRef},
        registry,
        write_back::Written,
    },
    id::{AccountId, ContactId},
};
use serde_json::json;
use sqlx::types::Json;

use super::*;
use crate::{snapshots, testing};

fn row(state: ConnectionState, reason: Option<&str>) -> Connection {
    let now = testing::moment();
    Connection {
        id: ConnectionId(uuid::Uuid::nil()),
        account_id: AccountId(uuid::Uuid::nil()),
        kind: CrmKind::Amocrm,
        name: "Ромашка & Ко".to_owned(),
        base_url: "https://romashka.amocrm.ru".to_owned(),
        external_id: "28805383".to_owned(),
        state,
        state_reason: reason.map(str::to_owned),
        settings: Json(CrmSettings::default()),
        hook_seed: String::new(),
        sync_cursor: Json(Progress::default()),
        sync_phase: SyncPhase::Idle,
        sync_done: 0,
        sync_started_at: None,
        last_synced_at: Some(now - TimeDelta::minutes(2)),
        next_sync_at: Some(now + TimeDelta::minutes(3)),
        held_until: None,
        credentials_version: 1,
        created_at: now,
    }
}

pub fn active() -> Connection {
    let mut row = row(ConnectionState::Active, None);
    row.sync_cursor.stats = Stats {
        created: 940,
        updated: 60,
        deleted: 3,
        merged: 2,
        shared_phones: 12,
        bad_phones: 4,
        cut_names: 2,
        consents: 700,
        opted_out: 2,
        left_out: 0,
        erased: 0,
        occasions: 0,
        called_off: 0,
    };
    row
}

fn with_occasions(found: u64) -> Connection {
    let mut row = active();
    row.sync_cursor.stats.occasions = 2_104;
    row.sync_cursor.stats.called_off = 7;
    row.sync_cursor.reconciled = Some(Reconciled { at: testing::moment() - TimeDelta::hours(9), found });
    row
}

fn at_occasions() -> Connection {
    let mut row = first(SyncPhase::Full, false);
    row.sync_cursor.turn = Turn::Occasions;
    row
}

fn first(phase: SyncPhase, verified: bool) -> Connection {
    let mut row = active();
    row.last_synced_at = None;
    row.next_sync_at = Some(testing::moment());
    row.sync_phase = phase;
    row.sync_done = 750;
    row.sync_cursor.verified = verified.then(String::new);
    row
}

fn held(reason: &str) -> Connection {
    Connection { held_until: Some(testing::moment() + TimeDelta::minutes(10)), ..row(ConnectionState::Active, Some(reason)) }
}

fn pending() -> Connection {
    Connection {
        name: "romashka.amocrm.ru".to_owned(),
        external_id: String::new(),
        last_synced_at: None,
        next_sync_at: None,
        ..row(ConnectionState::ReauthRequired, Some("authorise"))
    }
}

const COUNTS: Counts = Counts { contacts: 12_421, without_phone: 31, waiting: 2 };

fn owner(tr: Tr, row: &Connection, counts: Counts) -> Screen {
    card(tr, row, counts, None, true, Role::Owner, testing::moment())
}

snapshots!(crm_none, |tr| list(tr, &[], Role::Owner));
snapshots!(crm_none_viewer, |tr| list(tr, &[], Role::Viewer));
snapshots!(crm_list, |tr| list(tr, &[active(), pending(), held("limited")], Role::Owner));
snapshots!(crm_card, |tr| owner(tr, &active(), COUNTS));
fn hooked(state: HookState) -> Connection {
    let mut row = active();
    row.sync_cursor.hooks = Some(Hooks { url: "https://mms.example/hooks".to_owned(), checked_at: testing::moment(), state });
    row
}

fn with_end(tr: Tr, state: HookState, days: i64) -> Screen {
    card(tr, &hooked(state), COUNTS, Some(testing::moment() + TimeDelta::days(days)), false, Role::Owner, testing::moment())
}

snapshots!(crm_card_hooked, |tr| with_end(tr, HookState::On, 300));
snapshots!(crm_card_hooks_disabled, |tr| with_end(tr, HookState::Disabled, 10));
snapshots!(crm_card_hooks_refused, |tr| with_end(tr, HookState::Refused, 1));
snapshots!(crm_card_viewer, |tr| card(tr, &active(), COUNTS, None, true, Role::Viewer, testing::moment()));
snapshots!(crm_card_first, |tr| owner(tr, &first(SyncPhase::Idle, false), Counts::default()));
snapshots!(crm_card_full, |tr| owner(tr, &first(SyncPhase::Full, false), Counts { contacts: 750, ..Counts::default() }));
snapshots!(crm_card_verifying, |tr| owner(tr, &first(SyncPhase::Full, true), Counts { contacts: 1, ..Counts::default() }));
fn written() -> Vec<Written> {
    let now = testing::moment();
    let one = |state: &str, error: Option<&str>, payload: serde_json::Value| Written {
        kind: "note".to_owned(),
        payload: Json(payload),
        state: state.to_owned(),
        error: error.map(str::to_owned),
        created_at: now - TimeDelta::minutes(9),
        done_at: (state == "done").then_some(now - TimeDelta::minutes(8)),
        contact_id: ContactId(uuid::Uuid::nil()),
        name: "Анна <Кузнецова>".to_owned(),
    };
    let change = |change: &CrmChange| serde_json::to_value(change).expect("JSON");
    let of = OccasionRef { kind: OccasionKind::Visit, id: "7".to_owned() };
    vec![
        one("done", None, change(&CrmChange::Note { text: "Кампания «Май»: отправлено & прочитано".to_owned() })),
        one("queued", None, change(&CrmChange::Task { text: "Клиент написал:\nА <размер> есть?".to_owned(), due: now })),
        one("failed", Some("400 Errors in the entity format"), change(&CrmChange::OptOut(true))),
        one("sending", Some("no answer"), change(&CrmChange::OptOut(false))),
        one("done", None, change(&CrmChange::Answer { of: of.clone(), comes: true })),
        one("done", None, change(&CrmChange::Answer { of, comes: false })),
        one("done", Some("old"), json!({})),
    ]
}

snapshots!(crm_written, |tr| super::super::written::list(tr, &active(), &written(), testing::moment()));
snapshots!(crm_written_none, |tr| super::super::written::list(tr, &active(), &[], testing::moment()));
snapshots!(crm_card_occasions, |tr| owner(tr, &at_occasions(), COUNTS));
snapshots!(crm_card_night_same, |tr| owner(tr, &with_occasions(0), COUNTS));
snapshots!(crm_card_night_found, |tr| owner(tr, &with_occasions(21), COUNTS));
snapshots!(crm_card_changes, |tr| owner(tr, &first(SyncPhase::Incremental, false), COUNTS));
snapshots!(crm_card_paused, |tr| owner(tr, &row(ConnectionState::Paused, None), COUNTS));
snapshots!(crm_card_pending, |tr| owner(tr, &pending(), Counts::default()));
snapshots!(crm_card_reauth, |tr| card(
    tr,
    &row(ConnectionState::ReauthRequired, Some("token_refused")),
    COUNTS,
    Some(testing::moment() + TimeDelta::days(400)),
    false,
    Role::Owner,
    testing::moment()
));
snapshots!(crm_card_moved, |tr| owner(tr, &row(ConnectionState::ReauthRequired, Some("moved")), COUNTS));
snapshots!(crm_card_uninstalled, |tr| owner(tr, &row(ConnectionState::ReauthRequired, Some("uninstalled")), COUNTS));
snapshots!(crm_ask_new_address, |tr| ask_new_address(tr, &active(), None));
snapshots!(crm_again_new_address, |tr| ask_new_address(tr, &active(), Some(p!(tr, "crm-other-account-there", crm = "amoCRM"))));
fn left_out() -> Connection {
    let mut row = active();
    row.sync_cursor.left_out = 412;
    row
}

snapshots!(crm_card_plan_limit, |tr| owner(tr, &left_out(), COUNTS));
snapshots!(crm_card_limited, |tr| owner(tr, &held("limited"), COUNTS));
snapshots!(crm_card_unreachable, |tr| owner(tr, &held("unreachable"), COUNTS));
snapshots!(crm_card_not_paid, |tr| owner(tr, &held("not_paid"), COUNTS));
snapshots!(crm_card_forbidden, |tr| owner(tr, &held("forbidden"), COUNTS));
snapshots!(crm_card_refused, |tr| owner(tr, &row(ConnectionState::Active, Some("refused")), COUNTS));
snapshots!(crm_which, |tr| which(tr));
snapshots!(crm_ways, |tr| ways(tr, CrmKind::Amocrm));
snapshots!(crm_ask_address, |tr| ask_address(tr, CrmKind::Amocrm, false, None));
snapshots!(crm_ask_page_address, |tr| ask_address(tr, CrmKind::Amocrm, true, None));
snapshots!(crm_again_address, |tr| ask_address(tr, CrmKind::Amocrm, false, Some(refused(tr, ConnectError::BadAddress))));

fn ask(kind: CrmKind) -> &'static Ask {
    &registry::login(kind).asks()[0]
}

fn refused(tr: Tr, error: ConnectError) -> String {
    super::super::connect::refusal(tr, Some(CrmKind::Amocrm), error).expect("a sentence")
}

snapshots!(crm_ask_token, |tr| ask_value(tr, CrmKind::Amocrm, ask(CrmKind::Amocrm), "https://romashka.amocrm.ru", Call::List));
snapshots!(crm_again_token, |tr| again(
    tr,
    CrmKind::Amocrm,
    ask(CrmKind::Amocrm),
    &refused(tr, ConnectError::Crm(CrmError::Unauthorised)),
    Call::List
));
snapshots!(crm_authorise, |tr| authorise_card(
    tr,
    CrmKind::Amocrm,
    ConnectionId(uuid::Uuid::nil()),
    "https://www.amocrm.ru/oauth?client_id=1&state=2&mode=popup".to_owned()
));

fn with_key(row: Connection) -> Connection {
    Connection { kind: CrmKind::Retailcrm, base_url: "https://romashka.retailcrm.ru".to_owned(), ..row }
}

snapshots!(crm_key_address, |tr| ask_address(tr, CrmKind::Retailcrm, false, None));
snapshots!(crm_key_ask, |tr| ask_value(tr, CrmKind::Retailcrm, ask(CrmKind::Retailcrm), "https://romashka.retailcrm.ru", Call::List));
snapshots!(crm_key_again, |tr| again(
    tr,
    CrmKind::Retailcrm,
    ask(CrmKind::Retailcrm),
    &not_a_value(tr, CrmKind::Retailcrm, ask(CrmKind::Retailcrm)),
    Call::List
));
snapshots!(crm_key_card, |tr| owner(tr, &with_key(active()), COUNTS));
snapshots!(crm_key_refused, |tr| owner(tr, &with_key(row(ConnectionState::ReauthRequired, Some("token_refused"))), COUNTS));
snapshots!(crm_key_forbidden, |tr| owner(tr, &with_key(held("forbidden")), COUNTS));
snapshots!(crm_key_disconnect, |tr| ask_disconnect(tr, &with_key(active()), COUNTS));

fn of_branch(row: Connection) -> Connection {
    Connection { kind: CrmKind::Yclients, base_url: "https://yclients.com/company/4564".to_owned(), ..row }
}

fn branch_ask(tr: Tr, at: usize) -> Screen {
    let ask = &registry::login(CrmKind::Yclients).asks()[at];
    ask_value(tr, CrmKind::Yclients, ask, "https://yclients.com/company/4564", Call::List)
}

snapshots!(crm_branch_address, |tr| ask_address(tr, CrmKind::Yclients, false, None));
snapshots!(crm_branch_partner, |tr| branch_ask(tr, 0));
snapshots!(crm_branch_user, |tr| branch_ask(tr, 1));
snapshots!(crm_branch_card, |tr| owner(tr, &of_branch(active()), COUNTS));
snapshots!(crm_branch_refused, |tr| owner(tr, &of_branch(row(ConnectionState::ReauthRequired, Some("token_refused"))), COUNTS));
snapshots!(crm_branch_forbidden, |tr| owner(tr, &of_branch(held("forbidden")), COUNTS));
snapshots!(crm_key_hook, |tr| hook_card(tr, &with_key(active()), "https://mms.example/hooks/crm/retailcrm/0190/5ecret"));

fn on_own_server(row: Connection) -> Connection {
    Connection { kind: CrmKind::Odoo, base_url: "https://crm.romashka.example".to_owned(), ..row }
}

fn asked(tr: Tr, kind: CrmKind, base: &str, nth: usize) -> Screen {
    ask_value(tr, kind, &registry::login(kind).asks()[nth], base, Call::List)
}

snapshots!(crm_odoo_address, |tr| ask_address(tr, CrmKind::Odoo, false, None));
snapshots!(crm_odoo_database, |tr| asked(tr, CrmKind::Odoo, "https://crm.romashka.example", 0));
snapshots!(crm_odoo_login, |tr| asked(tr, CrmKind::Odoo, "https://crm.romashka.example", 1));
snapshots!(crm_odoo_key, |tr| asked(tr, CrmKind::Odoo, "https://crm.romashka.example", 2));
snapshots!(crm_odoo_refused, |tr| owner(tr, &on_own_server(row(ConnectionState::ReauthRequired, Some("token_refused"))), COUNTS));
snapshots!(crm_odoo_forbidden, |tr| owner(tr, &on_own_server(held("forbidden")), COUNTS));
snapshots!(crm_odoo_hook, |tr| hook_card(tr, &on_own_server(active()), "https://mms.example/hooks/crm/odoo/0190/5ecret"));
fn with_webhook(row: Connection) -> Connection {
    Connection { kind: CrmKind::Bitrix24, base_url: "https://romashka.bitrix24.ru".to_owned(), ..row }
}

snapshots!(crm_webhook_ways, |tr| ways(tr, CrmKind::Bitrix24));
snapshots!(crm_webhook_ask, |tr| ask_value(tr, CrmKind::Bitrix24, ask(CrmKind::Bitrix24), "https://romashka.bitrix24.ru", Call::List));
snapshots!(crm_webhook_card, |tr| owner(tr, &with_webhook(hooked(HookState::Refused)), COUNTS));
snapshots!(crm_webhook_forbidden, |tr| owner(tr, &with_webhook(held("forbidden")), COUNTS));
snapshots!(crm_webhook_hook, |tr| hook_card(tr, &with_webhook(active()), "https://mms.example/hooks/crm/bitrix24/0190/5ecret"));
snapshots!(crm_ask_disconnect, |tr| ask_disconnect(tr, &active(), COUNTS));
snapshots!(crm_ask_disconnect_idle, |tr| ask_disconnect(
    tr,
    &row(ConnectionState::Paused, None),
    Counts { contacts: 1, ..Counts::default() }
));
