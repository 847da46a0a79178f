"""Other people's client against the VK double.

vkbottle parses every answer into models made of VK's own schema, confirms a real callback server, reads events from a
real long poll and from real pushes, and uploads files. People act through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import asyncio
import json
import struct
import sys
import urllib.request
import zlib

from aiohttp import web
from vkbottle import API, BotPolling, Callback, DocMessagesUploader, Keyboard, OpenLink, PhotoMessageUploader, Text, VKAPIError
from vkbottle.callback import BotCallback
from vkbottle_types.events import bot_events

BASE = sys.argv[1].rstrip("/")
TOKEN = "vk1.a.vkbottle-check"
GROUP, VERA, GLEB = 91777, 52000001, 52000002
WITHIN = 15


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
    return control(f"/vk/chats/{GROUP}/{user}/{action}", fields)


def png(width=64, height=48, colour=(200, 60, 60)):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def check(what, condition, shown=""):
    if not condition:
        print(f"FAILED {what} {shown}", flush=True)
        sys.exit(1)
    print(f"ok {what}", flush=True)


async def refused(code, call):
    try:
        result = await call
    except VKAPIError as error:
        check(f"error {code}", error.code == code, f"{error.code} {error}")
        return error
    check(f"error {code}", False, f"accepted: {result}")


async def until(what, look):
    for _ in range(WITHIN * 20):
        found = look()
        if found:
            return found
        await asyncio.sleep(0.05)
    check(what, False, "in time")


async def sending(api):
    groups = await api.groups.get_by_id()
    check("groups.getById", groups.groups[0].id == GROUP and groups.groups[0].screen_name == "check_shop", groups)
    users = await api.users.get(user_ids=[VERA, GLEB, 1])
    check("users.get", [user.first_name for user in users] == ["Вера", "Глеб"], users)
    allowed = await api.messages.is_messages_from_group_allowed(group_id=GROUP, user_id=VERA)
    check("messages.isMessagesFromGroupAllowed", allowed.is_allowed is False or allowed.is_allowed == 0, allowed)
    error = await refused(901, api.messages.send(peer_id=VERA, random_id=1, message="x"))
    check("request_params", error.request_params["peer_id"] == str(VERA), error.request_params)
    act("allow", key="c_8fK2")
    keyboard = Keyboard(inline=True)
    keyboard.add(OpenLink("https://ex.ru/b", "Записаться")).row()
    keyboard.add(Callback("Отписаться", payload={"a": "optout", "c": 42})).add(Text("Приду", payload={"a": 1}))
    sent = await api.messages.send(peer_id=VERA, random_id=918273645, message="Вера, скидка", keyboard=keyboard.get_json())
    check("messages.send", isinstance(sent, int) and sent > 0, sent)
    again = await api.messages.send(peer_id=VERA, random_id=918273645, message="Вера, скидка", keyboard=keyboard.get_json())
    check("a repeat makes no second message", again == sent and len(control(f"/vk/ledger?bot={GROUP}")) == 1)
    batch = await api.messages.send(peer_ids=[VERA, GLEB], random_id=5, message="всем")
    by_peer = {item.peer_id: item for item in batch}
    check("peer_ids", by_peer[VERA].message_id > 0 and by_peer[GLEB].error.code == 901, batch)
    await refused(911, api.messages.send(peer_id=VERA, random_id=2, message="x", keyboard='{"buttons":[[]]}'))
    await refused(914, api.messages.send(peer_id=VERA, random_id=2, message="ж" * 4097))
    await refused(100, api.messages.send(peer_id=VERA, message="x"))

    calls = [{"peer_id": VERA, "random_id": 11, "message": "лично \"вам\""}, {"peer_id": GLEB, "random_id": 12, "message": "x"}]
    code = "return [" + ",".join(f"API.messages.send({json.dumps(call)})" for call in calls) + "];"
    answer = (await api.execute(code=code)).response
    check("execute", answer["response"][0] > sent and answer["response"][1] is False, answer)
    check("execute_errors", answer["execute_errors"][0]["error_code"] == 901, answer)

    history = await api.messages.get_history(peer_id=VERA, count=20)
    check("messages.getHistory", [item.random_id for item in history.items] == [11, 5, 918273645], history)
    one = await api.messages.get_by_id(message_ids=[sent])
    check("messages.getById", one.items[0].text == "Вера, скидка" and one.items[0].out, one)
    placed = await api.messages.get_by_conversation_message_id(peer_id=VERA, conversation_message_ids=[1])
    check("messages.getByConversationMessageId", placed.items[0].id == sent, placed)
    asked = await api.messages.get_conversations_by_id(peer_ids=[VERA, GLEB])
    can = {item.peer.id: item.can_write for item in asked.items}
    check("messages.getConversationsById", can[VERA].allowed is True and can[GLEB].reason == 901, asked)
    check("messages.edit", await api.messages.edit(peer_id=VERA, message_id=answer["response"][0], message="изменено"))
    check("messages.delete", await api.messages.delete(message_ids=[answer["response"][0]], delete_for_all=True))
    return sent


async def media(api):
    photo = await PhotoMessageUploader(api).upload(png(), peer_id=VERA)
    check("a photo", photo.startswith(f"photo-{GROUP}_"), photo)
    doc = await DocMessagesUploader(api).upload(b"a;b\n", title="price.txt", peer_id=VERA)
    check("a document", doc.startswith(f"doc-{GROUP}_"), doc)
    await api.messages.send(peer_id=VERA, random_id=21, message="фото и прайс", attachment=f"{photo},{doc}")
    shown = (await api.messages.get_history(peer_id=VERA, count=1)).items[0]
    check("attachments", shown.attachments[0].photo.sizes and shown.attachments[1].doc.title == "price.txt", shown)
    check("the ledger", control(f"/vk/ledger?bot={GROUP}")[-1]["media"] == "photo")


KINDS = {
    "message_new": bot_events.MessageNew,
    "message_reply": bot_events.MessageReply,
    "message_edit": bot_events.MessageEdit,
    "message_allow": bot_events.MessageAllow,
    "message_deny": bot_events.MessageDeny,
    "message_read": bot_events.MessageRead,
    "message_event": bot_events.MessageEvent,
    "message_typing_state": bot_events.MessageTypingState,
}


async def polling(api, sent):
    await api.groups.set_long_poll_settings(group_id=GROUP, enabled=True, **{kind: True for kind in KINDS})
    poll = BotPolling(api=api, group_id=GROUP, wait=5)
    poll.save_server_ts = lambda server: None  # Nothing is left on the disk.
    got = []

    async def listen():
        async for event in poll.listen():
            for update in event["updates"]:
                got.append(KINDS[update["type"]](**update))

    running = asyncio.create_task(listen())
    # Events since the place that the server was asked for.
    await until("the first poll", lambda: control("/vk/ledger/calls").get("groups.getLongPollServer"))

    async def next_of(kind, deed, **fields):
        have = len([event for event in got if isinstance(event, kind)])
        answer = await asyncio.to_thread(act, deed, **fields)
        events = await until(kind.__name__, lambda: [event for event in got if isinstance(event, kind)][have:])
        return events[0].object, answer

    read, _ = await next_of(bot_events.MessageRead, "read")
    check("message_read", read.from_id == VERA and read.read_message_id >= sent, read)
    await asyncio.to_thread(act, "follow", payload="camp42", source="site")
    new, _ = await next_of(bot_events.MessageNew, "text", text="стоп", reply_to=str(sent))
    check("message_new", new.message.text == "стоп" and new.message.from_id == VERA and new.client_info.inline_keyboard is True, new)
    check("a link and a reply", new.message.ref == "camp42" and new.message.reply_message.id == sent, new.message)
    press, answer = await next_of(bot_events.MessageEvent, "press", text="Отписаться")
    check("message_event", press.payload == {"a": "optout", "c": 42} and press.event_id == answer["value"], press)
    data = json.dumps({"type": "show_snackbar", "text": "Вы отписаны"})
    done = await api.messages.send_message_event_answer(event_id=press.event_id, user_id=VERA, peer_id=VERA, event_data=data)
    check("messages.sendMessageEventAnswer", done and control(f"/vk/answers/{press.event_id}")["text"] == "Вы отписаны")
    said, _ = await next_of(bot_events.MessageNew, "press", text="Приду")
    check("a button that says", json.loads(said.message.payload) == {"a": 1}, said.message)
    deny, _ = await next_of(bot_events.MessageDeny, "deny")
    check("message_deny", deny.user_id == VERA)
    allow, _ = await next_of(bot_events.MessageAllow, "allow", key="again")
    check("message_allow", allow.key == "again")
    control(f"/vk/bots/{GROUP}/end_poll_keys", {})
    await next_of(bot_events.MessageNew, "text", text="с новым ключом")
    check("a new key", True)
    running.cancel()


async def callbacks(api):
    got = []
    confirmation = {}

    async def receive(request):
        event = await request.json()
        if event["type"] == "confirmation":
            return web.Response(text=confirmation["code"])
        got.append((event, KINDS[event["type"]](**event)))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/vk/9f2c", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/vk/9f2c"
    callback = BotCallback(url=url, title="mms", secret_key="s3cr3t", api=api, group_id=GROUP)
    confirmation["code"] = await callback.get_callback_confirmation_code()
    server = await callback.add_callback_server()
    await callback.set_callback_settings(server, {"message_new": True})
    for _ in range(WITHIN * 20):
        servers = await callback.get_callback_servers()
        if servers[0]["status"] == "ok":
            break
        await asyncio.sleep(0.05)
    check("a confirmed callback server", servers[0]["status"] == "ok" and servers[0]["url"] == url, servers)
    settings = await callback.get_callback_settings(server)
    check("groups.getCallbackSettings", settings["message_new"] == 1 and settings["message_deny"] == 0, settings)
    act("text", text="через сервер")
    await until("a push", lambda: got)
    event, parsed = got[0]
    check("a push with its secret", event["secret"] == "s3cr3t" and parsed.object.message.text == "через сервер", event)
    await callback.delete_callback_server(server)
    await runner.cleanup()


async def limits(api):
    sends = [api.messages.send(peer_id=VERA, random_id=1000 + n, message=f"n{n}") for n in range(25)]
    answers = await asyncio.gather(*sends, return_exceptions=True)
    over = [answer for answer in answers if isinstance(answer, VKAPIError)]
    check("twenty calls a second", over and all(error.code == 6 for error in over), answers)
    await asyncio.sleep(1.1)
    control("/faults", {"fault": {"kind": "error", "code": 14, "description": ""}, "service": "vk", "times": 1})
    error = await refused(14, api.messages.send(peer_id=VERA, random_id=2000, message="x"))
    check("a captcha", error.captcha_sid and error.captcha_img.startswith("https://"))


async def main():
    control("/vk/bots", {"id": GROUP, "token": TOKEN, "username": "check_shop", "name": "Магазин"})
    for id, name in [(VERA, "Вера"), (GLEB, "Глеб")]:
        control("/vk/users", {"id": id, "first_name": name, "phone": f"+7{id}", "language_code": "ru"})
    api = API(TOKEN)
    api.API_URL = f"{BASE}/vk/method/"
    try:
        sent = await sending(api)
        for step in (media(api), polling(api, sent), callbacks(api), limits(api)):
            await asyncio.sleep(1.1)  # Twenty calls a second.
            await step
    finally:
        await api.http_client.close()
    print("all agreed")


asyncio.run(main())
