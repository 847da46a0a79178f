"""Other people's client against the RetailCRM double.

retailcrm, the vendor's own, writes brackets and forms in its way. What people do comes through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import json
import sys
import urllib.request

import retailcrm

BASE = sys.argv[1].rstrip("/")
KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
WITHIN = 15


def control(path, body=None, method=None):
    """The sandbox's own surface: what people do in the account."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{BASE}/sandbox{path}",
        data=data,
        method=method or ("GET" if body is None else "POST"),
        headers={"content-type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=WITHIN) as answer:
        return json.loads(answer.read())


def check(what, condition, shown=""):
    if not condition:
        print(f"FAILED {what} {shown}", flush=True)
        sys.exit(1)
    print(f"ok {what}", flush=True)


def given(what, answer, status=200):
    body = answer.get_response()
    check(what, answer.get_status_code() == status and answer.is_successful() and body["success"] is True, body)
    return body


def refused(what, answer, status, words):
    check(what, answer.get_status_code() == status and not answer.is_successful() and answer.get_error_msg() == words, answer.get_response())
    return answer.get_errors()


def main():
    settings = control("/retailcrm/settings")
    control("/retailcrm/settings", {**settings, "per_second": None}, "PUT")
    control("/retailcrm/keys", {"key": KEY})
    client = retailcrm.v5(f"{BASE}/retailcrm", KEY)
    refused("a wrong key", retailcrm.v5(f"{BASE}/retailcrm", "none").customers(), 403, 'Wrong "apiKey" value.')
    check("credentials", "/api/v5/customers" in given("api_credentials", client.api_credentials())["credentials"])
    check("versions", "5.0" in given("api_versions", client.api_versions())["versions"])

    anna = {"externalId": "py-1", "firstName": "Анна", "phones": [{"number": "8 912 345-67-89"}], "customFields": {"drink": "tea"}}
    id = given("customer_create", client.customer_create(anna, "shop-main"), 201)["id"]
    errors = refused("the same again", client.customer_create(anna, "shop-main"), 400, "Errors in the entity format")
    check("the field is named", errors == {"externalId": "This value is already used"}, errors)
    one = given("customer", client.customer("py-1", site="shop-main"))["customer"]
    check("what was written", one["id"] == id and one["customFields"] == {"drink": "tea"} and one["phones"][0]["number"] == "8 912 345-67-89", one)
    edited = {"externalId": "py-1", "addTags": ["opt-out"], "customFields": {"msg_opt_out": True}}
    given("customer_edit", client.customer_edit(edited, site="shop-main"))
    found = given("customers by ids", client.customers({"ids": [id], "customFields": {"msg_opt_out": 1}}, 50, 1))
    check("one page", found["pagination"]["totalCount"] == 1 and found["customers"][0]["tags"][0]["name"] == "opt-out", found)
    errors = refused("a page of ten", client.customers(limit=10), 400, "Validation error")
    check("limit is named", "limit" in errors, errors)

    last = given("customers_history", client.customers_history({"sinceId": 1}, 100, 1))["history"][-1]
    check("our own change", last["apiKey"]["current"] is True and last["field"] == "custom_msg_opt_out", last)
    boris = control("/retailcrm/customers", {"first_name": "Борис", "external_id": "py-2"})["id"]
    given("customers_combine", client.customers_combine([{"id": boris}], {"id": id}))
    gone = given("the merge in the feed", client.customers_history({"sinceId": last["id"]}, 100, 1))["history"][-1]
    check("combinedTo", gone["deleted"] is True and gone["combinedTo"]["id"] == id, gone)
    lost = client.customer("py-2", site="shop-main")
    refused("the loser", lost, 404, "Not found")
    check("the survivor", lost.get_response()["combinedTo"]["externalId"] == "py-1", lost.get_response())

    upload = client.customers_upload([{"externalId": "py-3"}, {"externalId": "py-4", "managerId": 999}], "shop-main")
    refused("customers_upload", upload, 460, "Customers are loaded with errors")
    check("half of it", upload.get_response()["failedCustomers"] == [{"externalId": "py-4"}], upload.get_response())
    given("customer_note_create", client.customer_note_create({"customer": {"id": id}, "text": "привет"}, "shop-main"), 201)
    notes = given("customer_notes", client.customer_notes({"customerIds": [id]}))["notes"]
    check("the note", [note["text"] for note in notes] == ["привет"], notes)

    order = {"externalId": "o-1", "status": "new", "customer": {"id": id}, "items": [{"productName": "Зёрна", "initialPrice": 650, "quantity": 2}]}
    number = given("order_create", client.order_create(order, "shop-main"), 201)["id"]
    given("order_edit", client.order_edit({"externalId": "o-1", "status": "client-confirmed"}, site="shop-main"))
    moved = given("orders_history", client.orders_history({"orderId": number}, 20, 1))["history"][-1]
    check("the move", moved["field"] == "status" and moved["newValue"] == {"code": "client-confirmed"}, moved)
    check("the sum", given("order", client.order("o-1", site="shop-main"))["order"]["totalSumm"] == 1300)
    given("custom_fields", client.custom_fields({"entity": "customer"}))
    given("custom_dictionaries", client.custom_dictionaries())
    given("segments", client.segments())
    check("statuses are a map", "client-confirmed" in given("statuses", client.statuses())["statuses"])
    given("users", client.users())
    given("customers_corporate", client.customers_corporate())

    control("/faults", {"fault": {"kind": "error", "code": 200, "description": "Сломалось"}, "service": "retailcrm", "times": 1})
    body = client.users().get_response()
    check("success:false at 200", body == {"success": False, "errorMsg": "Сломалось"}, body)
    control(f"/retailcrm/keys/{KEY}/revoke", {})
    refused("revoked", client.users(), 403, 'Wrong "apiKey" value.')
    print("all agreed")


main()
