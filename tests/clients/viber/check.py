"""Other people's client against the Viber double.

viberbot, the vendor's own, sets a real webhook, verifies the signature of every push and parses each event. People act
through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import json
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import viberbot.api.api as viber_api
from viberbot import Api
from viberbot.api.bot_configuration import BotConfiguration
from viberbot.api.messages import ContactMessage, PictureMessage, RichMediaMessage, TextMessage
from viberbot.api.messages.data_types.contact import Contact
from viberbot.api.viber_requests import (
    ViberConversationStartedRequest,
    ViberDeliveredRequest,
    ViberFailedRequest,
    ViberMessageRequest,
    ViberSeenRequest,
    ViberSubscribedRequest,
    ViberUnsubscribedRequest,
)

BASE = sys.argv[1].rstrip("/")
TOKEN = "4f0c1d2e3a4b5c6d-7e8f9a0b1c2d3e4f-viberbotcheck000"
BOT, VERA, GLEB = 5559177, 53000001, 53000002
WITHIN = 15
WELCOME = {"sender": {"name": "Магазин"}, "type": "text", "text": "Напишите любое сообщение", "tracking_data": "welcome"}


def control(path, body=None, method=None):
    """The sandbox's own surface: what people do with their phones."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        f"{BASE}/sandbox{path}",
        data=data,
        method=method or ("GET" if body is None else "POST"),
        headers={"content-type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=WITHIN) as answer:
        return json.loads(answer.read())


def act(action, user=VERA, **fields):
    return control(f"/viber/chats/{BOT}/{user}/{action}", fields)


def check(what, condition, shown=""):
    if not condition:
        print(f"FAILED {what} {shown}", flush=True)
        sys.exit(1)
    print(f"ok {what}", flush=True)


def until(what, look):
    for _ in range(WITHIN * 20):
        found = look()
        if found:
            return found
        time.sleep(0.05)
    check(what, False, "in time")


def refused(status, call):
    try:
        result = call()
    except Exception as error:
        check(f"status {status}", f"failed with status: {status}," in str(error), str(error))
        return
    check(f"status {status}", False, f"accepted: {result}")


class Hook(BaseHTTPRequestHandler):
    got = []
    wrong = []
    api = None
    gleb = None

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        answer = b""
        if not self.api.verify_signature(body, self.headers["X-Viber-Content-Signature"]):
            self.wrong.append(body)
        event = self.api.parse_request(body)
        self.got.append(event)
        if isinstance(event, ViberConversationStartedRequest) and event.user.id == self.gleb:
            answer = json.dumps(WELCOME).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def of(kind):
    return [event for event in Hook.got if isinstance(event, kind)]


def next_of(kind, deed, **fields):
    have = len(of(kind))
    act(deed, **fields)
    return until(kind.__name__, lambda: of(kind)[have:])[0]


def main():
    control("/viber/bots", {"id": BOT, "token": TOKEN, "username": "checkbot", "name": "Магазин"})
    for id, name in [(VERA, "Вера"), (GLEB, "Глеб")]:
        control("/viber/users", {"id": id, "first_name": name, "phone": f"+3752{id}", "language_code": "ru"})
    Hook.gleb = control(f"/viber/bots/{BOT}/user_id", {"user": GLEB})["id"]
    vera = control(f"/viber/bots/{BOT}/user_id", {"user": VERA})["id"]
    viber_api.VIBER_BOT_API_URL = f"{BASE}/viber/pa"
    api = Api(BotConfiguration(name="Магазин", avatar="https://ex.ru/a.png", auth_token=TOKEN))
    Hook.api = api
    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{hook.server_address[1]}/viber/7a"

    refused(10, lambda: api.send_messages(vera, TextMessage(text="x")))
    refused(1, lambda: api.set_webhook("http://127.0.0.1:9/nobody"))
    kinds = api.set_webhook(url, ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"])
    check("set_webhook", "delivered" in kinds and Hook.got[0].event_type == "webhook", kinds)
    info = api.get_account_info()
    check("get_account_info", info["name"] == "Магазин" and info["webhook"] == url and info["subscribers_count"] == 0, info)
    refused(6, lambda: api.send_messages(vera, TextMessage(text="x")))

    started = next_of(ViberConversationStartedRequest, "start", payload="c_8fK2")
    check("conversation_started", started.context == "c_8fK2" and started.user.id == vera and started.subscribed is False, started)
    act("start", user=GLEB)
    until("a welcome", lambda: control(f"/viber/chats/{BOT}/{GLEB}")["messages"])
    check("a welcome in the hook's answer", control(f"/viber/chats/{BOT}/{GLEB}")["messages"][0]["text"] == WELCOME["text"])
    subscribed = next_of(ViberSubscribedRequest, "subscribe")
    check("subscribed", subscribed.user.id == vera, subscribed)
    said = next_of(ViberMessageRequest, "text", text="Здравствуйте")
    check("message", said.message.text == "Здравствуйте" and said.sender.id == vera, said)

    keyboard = {"Type": "keyboard", "Buttons": [
        {"Columns": 6, "Rows": 1, "ActionType": "open-url", "ActionBody": "https://ex.ru/b", "Text": "Записаться"},
        {"Columns": 3, "Rows": 1, "ActionType": "reply", "ActionBody": "optout:42", "Text": "Отписаться", "Silent": True},
        {"Columns": 3, "Rows": 1, "ActionType": "share-phone", "ActionBody": "phone", "Text": "Номер"},
    ]}
    message = TextMessage(text="Вера, скидка", keyboard=keyboard, tracking_data="att:01J8", min_api_version=3)
    [token] = api.send_messages(vera, message)
    check("send_message", token > 2**53, token)
    until("delivered", lambda: of(ViberDeliveredRequest))
    delivered = of(ViberDeliveredRequest)[0]
    check("delivered", delivered.message_token == token and delivered.user_id == vera, delivered)
    seen = next_of(ViberSeenRequest, "read")
    check("seen", seen.message_token == token, seen)
    pressed = next_of(ViberMessageRequest, "press", text="Отписаться")
    check("a silent press", pressed.message.text == "optout:42" and pressed.silent is True, pressed)
    check("tracking data with the next reply", pressed.message.tracking_data == "att:01J8", pressed)
    shared = next_of(ViberMessageRequest, "press", text="Номер")
    check("a number", isinstance(shared.message, ContactMessage) and shared.message.contact.phone_number == f"3752{VERA}", shared)

    api.send_messages(vera, [
        PictureMessage(media="https://ex.ru/a.jpg", text="фото"),
        ContactMessage(contact=Contact(name="Магазин", phone_number="+375291112233")),
        RichMediaMessage(min_api_version=2, alt_text="карточка", rich_media={
            "Type": "rich_media", "ButtonsGroupColumns": 6, "ButtonsGroupRows": 1,
            "Buttons": [{"ActionType": "open-url", "ActionBody": "https://ex.ru", "Text": "Сайт"}],
        }),
    ])
    check("the ledger", [entry.get("media") for entry in control(f"/viber/ledger?bot={BOT}")] == [None, "picture", "contact", "rich_media"])
    refused(3, lambda: api.send_messages(vera, TextMessage(text="ж" * 7001)))
    refused(5, lambda: api.send_messages("kX93hFq0aB7cDe==", TextMessage(text="x")))
    details = api.get_user_details(vera)
    check("get_user_details", details["name"] == "Вера" and details["id"] == vera, details)
    online = api.get_online([vera])
    check("get_online", online[0]["online_status"] == 0, online)

    [doomed] = api.send_messages(vera, TextMessage(text="пропадёт"))
    control(f"/viber/bots/{BOT}/fail", {"user": VERA, "token": str(doomed), "text": "not allowed"})
    until("failed", lambda: of(ViberFailedRequest))
    check("failed", of(ViberFailedRequest)[0].desc == "not allowed" and of(ViberFailedRequest)[0].message_token == doomed)
    gone = next_of(ViberUnsubscribedRequest, "unsubscribe")
    check("unsubscribed", gone.user_id == vera, gone)
    refused(6, lambda: api.send_messages(vera, TextMessage(text="x")))
    control("/faults", {"fault": {"kind": "too_many_requests", "retry_after": 1}, "service": "viber", "times": 1})
    refused(12, lambda: api.send_messages(vera, TextMessage(text="x")))
    check("every push was signed", not Hook.wrong, Hook.wrong)
    api.unset_webhook()
    refused(10, lambda: api.send_messages(vera, TextMessage(text="x")))
    print("all agreed")


main()
