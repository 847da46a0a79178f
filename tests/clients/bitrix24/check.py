"""Other people's client against the Bitrix24 double.

fast_bitrix24 reads whole lists by pages that it asks for in batches, fetches by ids, writes many elements at once, and
keeps to the limits of a portal by what the answers tell it. The portal is made through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import asyncio
import json
import sys
import urllib.request

from fast_bitrix24 import BitrixAsync

BASE = sys.argv[1].rstrip("/")
WITHIN = 15
CONTACTS = 170


def control(path, body=None, method=None):
    """The sandbox's own surface: what administrators do."""
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


async def refused(what, call):
    try:
        result = await call
    except Exception as error:
        check(what, True, str(error))
        return str(error)
    check(what, False, f"accepted: {result}")


async def main():
    portal = control("/bitrix24/portals", {"domain": "check.bitrix24.ru"})["id"]
    field = {"kind": "contact", "name": "UF_CRM_1700000001", "user_type": "boolean", "label": "Не писать"}
    control(f"/bitrix24/portals/{portal}/fields", field)
    seeded = control(f"/bitrix24/portals/{portal}/seed", {"count": CONTACTS, "without_phone_every": 0})
    url = control(f"/bitrix24/portals/{portal}/webhooks", {"user": 1, "scopes": ["crm", "task"]})["url"]
    bitrix = BitrixAsync(url, verbose=False)

    old = await bitrix.get_all("crm.contact.list", {"select": ["ID", "NAME", "PHONE"], "filter": {">ID": 0}})
    check("old contacts by pages in a batch", sorted(int(row["ID"]) for row in old) == seeded, len(old))
    check("values are texts", all(isinstance(row["ID"], str) for row in old))
    check("phones", all(row["PHONE"][0]["VALUE"].startswith("+7999") for row in old))
    items = await bitrix.get_all("crm.item.list", {"entityTypeId": 3, "select": ["id", "ufCrm_1700000001"], "filter": {">id": 0}})
    check("items by pages in a batch", sorted(item["id"] for item in items) == seeded, len(items))
    check("booleans", {item["ufCrm_1700000001"] for item in items} == {"N"})
    some = seeded[:60]
    by_id = await bitrix.get_by_ID("crm.contact.get", some)
    check("by ids", sorted(int(key) for key in by_id) == some and by_id[str(some[0])]["ID"] == str(some[0]), list(by_id)[:3])
    statuses = await bitrix.get_all("crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE"}})
    check("stages", [row["STATUS_ID"] for row in statuses][0] == "NEW" and len(statuses) == 5, statuses)
    fields = await bitrix.get_all("crm.item.fields", {"entityTypeId": 3})
    check("fields", fields["ufCrm_1700000001"]["title"] == "Не писать", list(fields))

    updates = [{"entityTypeId": 3, "id": id, "fields": {"ufCrm_1700000001": "Y"}} for id in some]
    changed = await bitrix.call("crm.item.update", updates)
    check("many updates", len(changed) == len(some), len(changed))
    marked = await bitrix.get_all("crm.item.list", {"entityTypeId": 3, "select": ["id"], "filter": {"ufCrm_1700000001": 1}})
    check("booleans are filtered by 1", sorted(item["id"] for item in marked) == some, len(marked))
    deal = await bitrix.call("crm.item.add", {"entityTypeId": 2, "fields": {"title": "Из бота", "contactIds": [some[0]]}})
    deal = deal.get("item", deal)
    check("a deal", deal["stageId"] == "NEW" and deal["contactIds"] == [some[0]], deal)
    await bitrix.call("crm.item.update", {"entityTypeId": 2, "id": deal["id"], "fields": {"stageId": "WON"}})
    feed = await bitrix.get_all("crm.stagehistory.list", {"entityTypeId": 2, "filter": {">ID": 0}})
    check("the feed of stages", [(row["TYPE_ID"], row["STAGE_ID"]) for row in feed] == [(1, "NEW"), (3, "WON")], feed)
    comment = {"fields": {"ENTITY_ID": some[0], "ENTITY_TYPE": "contact", "COMMENT": "Рассылка «Май» & ответ"}}
    id = await bitrix.call("crm.timeline.comment.add", comment, raw=True)
    check("a comment", isinstance(id["result"] if isinstance(id, dict) else id, int), id)
    notes = control(f"/bitrix24/portals/{portal}/notes/contact/{some[0]}")
    check("as it was written", notes == [["comment", "Рассылка «Май» & ответ"]], notes)
    chained = await bitrix.call_batch({
        "halt": 1,
        "cmd": {
            "add": "crm.item.add?entityTypeId=3&fields[name]=Вера",
            "note": "crm.timeline.comment.add?fields[ENTITY_TYPE]=contact&fields[ENTITY_ID]=$result[add][item][id]&fields[COMMENT]=раз",
        },
    })
    check("references of a batch", isinstance(chained["note"], int), chained)

    words = await refused("an error of a command", bitrix.call_batch({"halt": 0, "cmd": {"a": "crm.item.get?entityTypeId=3&id=1"}}))
    check("its code", "NOT_FOUND" in words, words)
    await refused("a method that is not there", bitrix.call("crm.nothing.add", {"x": 1}))
    await refused("a webhook of nobody", BitrixAsync(url.replace("/rest/1/", "/rest/7/"), verbose=False).get_all("crm.contact.list"))
    control("/faults", {"fault": {"kind": "too_many_requests", "retry_after": 0}, "service": "bitrix24", "times": 2})
    again = await bitrix.get_all("crm.status.list", {"filter": {"ENTITY_ID": "SOURCE"}})
    check("it comes again after QUERY_LIMIT_EXCEEDED", len(again) == 2, again)
    refusals = control("/bitrix24/ledger/refusals")
    check("which the ledger has", [row["code"] for row in refusals].count(503) == 2, refusals)
    print("all agreed")


asyncio.run(main())
