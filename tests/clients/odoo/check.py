"""Other people's client against the Odoo double.

odoorpc speaks JSON-RPC: it asks for the version, logs in, makes classes of what fields_get says, and reads its error shape. It knows
only servers at the root of a port, so its opener puts the double's path in. What people do comes through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import json
import sys
import urllib.request
from urllib.parse import urlsplit

import odoorpc
from odoorpc.error import RPCError

BASE = sys.argv[1].rstrip("/")
KEY = "6578616d706c65206b657920666f7220636865636b"
WITHIN = 15


class Under(urllib.request.BaseHandler):
    """Puts the double's path before the path of every request."""

    def http_request(self, request):
        if not request.selector.startswith("/odoo/"):
            request.full_url = request.full_url.replace(BASE, f"{BASE}/odoo", 1)
        return request


def control(path, body=None, method=None):
    """The sandbox's own surface: what people do in the database."""
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


def refused(what, name, call):
    try:
        result = call()
    except RPCError as error:
        check(what, error.info and error.info["data"]["name"] == name, error.info)
    else:
        check(what, False, f"accepted: {result}")


def connect():
    address = urlsplit(BASE)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Under())
    return odoorpc.ODOO(address.hostname, protocol="jsonrpc", port=address.port, timeout=WITHIN, opener=opener)


def main():
    control("/odoo/keys", {"key": KEY})
    for version in (16, 18, 19, 20):
        control("/odoo/settings", {**control("/odoo/settings"), "version": version}, "PUT")
        odoo = connect()
        check(f"version {version}", odoo.version == f"{version}.0", odoo.version)
        try:
            odoo.login("example", "admin", "wrong")
        except RPCError:
            check("a wrong key", True)
        else:
            check("a wrong key", False, "logged in")
        odoo.login("example", "admin", KEY)
        partners = odoo.env["res.partner"]
        check("mobile up to 18", ("mobile" in partners._columns) == (version <= 18))

        ids = partners.create([{"name": f"Анна {version}", "phone": "8 912 345-67-89"}, {"name": f"Борис {version}"}])
        check("create gives ids", len(ids) == 2 and ids[1] > ids[0], ids)
        anna = partners.browse(ids[0])
        check("browse", anna.name == f"Анна {version}" and anna.phone_sanitized == "+79123456789" and anna.email is False, anna)
        tag = odoo.env["res.partner.category"].create({"name": f"opt-out {version}"})
        check("one dict gives one id", isinstance(tag, int), tag)
        anna.write({"category_id": [(4, tag, 0)], "city": "Тверь"})
        rows = partners.search_read([("id", "in", ids), ("category_id", "in", [tag])], ["name", "category_id", "write_date"], order="id asc")
        check("search_read", [row["id"] for row in rows] == [ids[0]] and rows[0]["category_id"] == [tag], rows)
        refused("an unknown field", "builtins.ValueError", lambda: partners.search_read([], ["nothing"]))
        refused("an unknown model", "werkzeug.exceptions.NotFound", lambda: odoo.execute("res.nothing", "search", []))
        refused("a wrong reference", "odoo.exceptions.UserError", lambda: partners.create({"name": "x", "parent_id": 999999}))
        message = odoo.execute_kw("res.partner", "message_post", [[ids[0]]], {"body": "доставлено", "message_type": "comment"})
        found = odoo.env["mail.message"].search_count([("model", "=", "res.partner"), ("res_id", "=", ids[0])])
        check("message_post", isinstance(message, int) and found == 1, found)
        odoo.execute_kw("phone.blacklist", "add", [], {"number": "8 912 345-67-89", "message": "STOP"})
        flag = partners.read([ids[0]], ["phone_blacklisted"])
        check("the blacklist", flag == [{"id": ids[0], "phone_blacklisted": True}], flag)
        odoo.execute("phone.blacklist", "remove", "+79123456789", "back")
        partners.browse(ids[1]).unlink()
        refused("a deleted one", "odoo.exceptions.MissingError", lambda: partners.read([ids[1]], ["name"]))
        lead = odoo.env["crm.lead"].create({"name": "Из бота", "partner_id": ids[0], "stage_id": 1})
        odoo.env["crm.lead"].write([lead], {"stage_id": 4})
        check("a lead's stage", odoo.env["crm.lead"].browse(lead).stage_id.name == "Выигран")
    control("/faults", {"fault": {"kind": "error", "code": 403, "description": "odoo.exceptions.AccessError: нельзя"}, "service": "odoo", "times": 1})
    refused("a fault in its words", "odoo.exceptions.AccessError", lambda: partners.search([]))
    control(f"/odoo/keys/{KEY}/revoke", {})
    refused("revoked", "odoo.exceptions.AccessDenied", lambda: partners.search([]))
    print("all agreed")


main()
