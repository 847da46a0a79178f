//! A real Tryton server is started by `scripts/tryton` and read as the contract
//! (`contracts/crm/tryton.md`, 1 to 4) says.

use mms_sandbox::tryton::{LOGIN, Tryton};
use serde_json::json;

#[tokio::test]
async fn a_real_server_gives_the_parties_it_was_given() {
    let mut tryton = Tryton::start().await.expect("a server");
    let tag = tryton.call("model.party.category.create", json!([[{ "name": "opt-out" }], {}])).await.expect("a category");
    let anna = json!({ "name": "Анна Петрова", "contact_mechanisms": [["create", [{ "type": "mobile", "value": "+79123456789" }]]],
        "categories": [["add", tag]] });
    let ids = tryton.call("model.party.party.create", json!([[anna], {}])).await.expect("a party");
    let fields = json!(["id", "name", "active", "mobile", "categories", "contact_mechanisms", "create_date", "write_date", "replaced_by"]);
    let read = json!([[["id", "in", ids]], 0, 1000, [["id", "ASC"]], fields, {}]);
    let rows = tryton.call("model.party.party.search_read", read).await.expect("the party");
    assert_eq!((rows[0]["name"].as_str(), rows[0]["mobile"].as_str()), (Some("Анна Петрова"), Some("+79123456789")));
    assert_eq!((&rows[0]["categories"], &rows[0]["create_date"]["__class__"]), (&tag, &json!("datetime")));
    let note = json!([[{ "resource": format!("party.party,{}", ids[0]), "message": "Рассылка: доставлено" }], {}]);
    assert!(tryton.call("model.ir.note.create", note).await.expect("a note")[0].is_i64());
    let (status, refusal) = tryton.answer("model.party.party.read", json!([[999_999], ["name"], {}])).await.expect("an answer");
    assert!(status == 200 && refusal["error"].is_array(), "an error stands in 200: {refusal}");
    assert_eq!(tryton.answer("common.db.login", json!([LOGIN, { "password": "no" }, "en"])).await.expect("an answer").0, 401);
    assert!(tryton.stop().await.expect("it is told"), "it ends cleanly");
    assert!(tryton.answer("common.db.list", json!([])).await.is_err(), "nothing listens any more");
}
