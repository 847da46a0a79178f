"""Other people's clients against the MAX double.

maxapi parses every answer into its own models and dispatches updates from a real long poll and from a real webhook.
People act through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import asyncio
import hashlib
import hmac
import json
import struct
import sys
import urllib.request
import zlib

from aiohttp import web
from maxapi import Bot, Dispatcher
from maxapi.enums.parse_mode import ParseMode
from maxapi.enums.sender_action import SenderAction
from maxapi.enums.update import UpdateType
from maxapi.enums.upload_type import UploadType
from maxapi.exceptions.max import InvalidToken, MaxApiError, MaxConnection
from maxapi.methods.types.getted_updates import process_update_webhook
from maxapi.types import BotStarted, Command, MessageCallback, MessageCreated
from maxapi.types.attachments.buttons import (
    CallbackButton,
    ClipboardButton,
    LinkButton,
    MessageButton,
    RequestContactButton,
)
from maxapi.types.command import BotCommand
from maxapi.types.input_media import InputMediaBuffer
from maxapi.types.message import NewMessageLink
from maxapi.enums.message_link_type import MessageLinkType
from maxapi.types.updates.bot_stopped import BotStopped
from maxapi.types.updates.dialog_muted import DialogMuted
from maxapi.types.updates.dialog_removed import DialogRemoved
from maxapi.types.updates.message_edited import MessageEdited
from maxapi.types.updates.message_removed import MessageRemoved
from maxapi.utils.inline_keyboard import InlineKeyboardBuilder

BASE = sys.argv[1].rstrip("/")
TOKEN = "f9LHodD0cOL-maxapi-check"
BOT, VERA, GLEB = 91007, 52000001, 52000002
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


def act(action, **fields):
    return control(f"/max/chats/{BOT}/{VERA}/{action}", fields)


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


async def refused(status, code, call):
    try:
        result = await call
    except MaxApiError as error:
        known = isinstance(error.raw, dict) and error.raw.get("code") == code and "message" in error.raw
        check(f"{status} {code}", error.code == status and known, str(error))
        return
    check(f"{status} {code}", False, f"accepted: {result}")


async def until(what, look):
    for _ in range(WITHIN * 20):
        found = look()
        if found:
            return found
        await asyncio.sleep(0.05)
    check(what, False, "in time")


async def sending(bot):
    me = await bot.get_me()
    check("GET /me", me.user_id == BOT and me.username == "check_bot" and me.is_bot is True)
    commands = [BotCommand(name="stop", description="не писать")]
    await bot.set_commands(*commands)
    check("PATCH /me/commands", (await bot.get_me()).commands[0].name == "stop")

    await refused(404, "not.found", bot.send_message(user_id=GLEB, text="x"))
    await refused(404, "not.found", bot.send_message(user_id=1, text="x"))
    await refused(404, "chat.not.found", bot.send_message(chat_id=1, text="x"))
    await refused(400, "proto.payload", bot.send_message(text="x"))
    await refused(400, "proto.payload", bot.send_message(user_id=VERA, text=" "))

    keys = InlineKeyboardBuilder()
    keys.row(CallbackButton(text="Отписаться", payload="optout:42"), ClipboardButton(text="Код", payload="SALE"))
    keys.row(LinkButton(text="Сайт", url="https://ex.ru"), RequestContactButton(text="Номер"))
    keys.row(MessageButton(text="Приду"))
    sent = await bot.send_message(user_id=VERA, text="<b>Вера</b>, скидка", format=ParseMode.HTML, attachments=[keys.as_markup()])
    message = sent.message
    check("POST /messages", message.body.text == "Вера, скидка" and message.sender.user_id == BOT, message)
    check("markup", message.body.html_text == "<b>Вера</b>, скидка", message.body.html_text)
    rows = message.body.attachments[0].payload.buttons
    check("buttons", [len(row) for row in rows] == [2, 2, 1] and rows[0][0].payload == "optout:42")
    chat = message.recipient.chat_id
    await asyncio.sleep(1)

    reply = await bot.send_message(
        chat_id=chat, text="**ещё** _раз_", format=ParseMode.MARKDOWN, link=NewMessageLink(type=MessageLinkType.REPLY, mid=message.body.mid)
    )
    check("by chat_id, as a reply", reply.message.link.message.mid == message.body.mid)
    check("markdown", reply.message.body.text == "ещё раз" and len(reply.message.body.markup) == 2, reply.message.body)
    check("GET /chats/{chat}", (await bot.get_chat_by_id(chat)).dialog_with_user.user_id == VERA)
    check("POST /actions", (await bot.send_action(chat_id=chat, action=SenderAction.TYPING_ON)).success is True)

    read = await bot.get_messages(chat_id=chat, count=10)
    mids = [one.body.mid for one in read.messages]
    check("GET /messages, newest first", mids == [reply.message.body.mid, message.body.mid], mids)
    older = await bot.get_messages(chat_id=chat, from_time=message.timestamp)
    check("GET /messages from the newest moment down", [one.body.mid for one in older.messages] == [message.body.mid])
    check("GET /messages/{mid}", (await bot.get_message(message.body.mid)).body.text == "Вера, скидка")

    edited = await bot.edit_message(message_id=reply.message.body.mid, text="изменено")
    check("PUT /messages", edited.success is True and (await bot.get_message(reply.message.body.mid)).body.text == "изменено")
    check("DELETE /messages", (await bot.delete_message(message_id=reply.message.body.mid)).success is True)
    await refused(404, "not.found", bot.get_message(reply.message.body.mid))
    return chat, message


async def media(bot, chat):
    await asyncio.sleep(1)
    picture = await bot.send_message(chat_id=chat, text="фото", attachments=[InputMediaBuffer(png(), "photo", UploadType.IMAGE)])
    photo = picture.message.body.attachments[0]
    check("a picture", photo.type == "image" and photo.payload.token and photo.payload.url.startswith(BASE), photo)
    again = await bot.send_message(chat_id=chat, text="то же", attachments=[photo])
    check("the same picture by what was read", again.message.body.attachments[0].payload.token == photo.payload.token)
    check("download", await bot.download_bytes(photo.payload.url) == png())
    await asyncio.sleep(1)
    # The client waits out `attachment.not.ready`.
    file = await bot.send_message(chat_id=chat, text="прайс", attachments=[InputMediaBuffer(b"a;b\n", "price", UploadType.FILE)])
    check("a file", file.message.body.attachments[0].type == "file")
    entries = control(f"/max/ledger?bot={BOT}")
    check("the ledger", [entry.get("media") for entry in entries][-3:] == ["image", "image", "file"], entries[-3:])
    told = [refusal["description"] for refusal in control("/max/ledger/refusals")]
    check("attachment.not.ready", any(text.startswith("attachment.not.ready") for text in told))


async def limits(bot, chat):
    await asyncio.sleep(1.5)
    answers = await asyncio.gather(*(bot.send_message(chat_id=chat, text=str(n)) for n in range(3)), return_exceptions=True)
    over = [answer for answer in answers if isinstance(answer, MaxApiError)]
    check("two a second in a dialogue", len(over) == 1 and over[0].code == 429 and over[0].raw["code"] == "too.many.requests", answers)
    control("/faults", {"fault": {"kind": "drop_after"}, "service": "max", "method": "POST /messages", "times": 1})
    await asyncio.sleep(1)
    before = len(control(f"/max/ledger?bot={BOT}"))
    # The client tries again by itself when a connection is cut: the provider knows no repeats.
    await bot.send_message(chat_id=chat, text="потерян ответ")
    check("a lost answer and a repeat are two messages", len(control(f"/max/ledger?bot={BOT}")) == before + 2)


async def polling(bot, chat, message):
    got = []
    dispatcher = Dispatcher()

    def take(kind):
        async def handler(event: kind):
            got.append(event)

        return handler

    for register, kind in [
        (dispatcher.bot_started, BotStarted),
        (dispatcher.bot_stopped, BotStopped),
        (dispatcher.dialog_removed, DialogRemoved),
        (dispatcher.dialog_muted, DialogMuted),
        (dispatcher.message_created, MessageCreated),
        (dispatcher.message_callback, MessageCallback),
        (dispatcher.message_edited, MessageEdited),
        (dispatcher.message_removed, MessageRemoved),
    ]:
        register()(take(kind))
    running = asyncio.create_task(dispatcher.start_polling(bot))
    # Without a marker the newest update comes first, whatever it is.
    act("start", payload="c_8fK2")
    started = await until("bot_started", lambda: [event for event in got if isinstance(event, BotStarted) and event.payload == "c_8fK2"])
    check("bot_started", started[0].user.user_id == VERA and started[0].chat_id == chat and started[0].user_locale == "ru")

    async def next_of(kind, deed, **fields):
        have = len([event for event in got if isinstance(event, kind)])
        answer = await asyncio.to_thread(act, deed, **fields)
        event = await until(kind.__name__, lambda: [event for event in got if isinstance(event, kind)][have:])
        return event[0], answer

    event, answer = await next_of(MessageCreated, "text", text="Здравствуйте", reply_to=message.body.mid)
    check("message_created", event.message.body.text == "Здравствуйте" and event.message.sender.is_bot is False)
    check("a reply", event.message.link.message.mid == message.body.mid and event.message.recipient.user_id == BOT)
    event, _ = await next_of(MessageEdited, "edit", message=answer["message"], text="стоп")
    check("message_edited", event.message.body.text == "стоп")
    event, _ = await next_of(MessageRemoved, "remove", message=answer["message"])
    check("message_removed", event.message_id == answer["message"] and event.user_id == VERA)

    event, _ = await next_of(MessageCreated, "press", text="Номер")
    contact = event.message.body.attachments[0]
    check("a shared number", contact.payload.vcf.phone == "79990000001" and contact.payload.max_info.user_id == VERA, contact)
    proof = hmac.new(TOKEN.encode(), contact.payload.vcf_info.encode(), hashlib.sha256).hexdigest()
    check("its proof", contact.payload.hash == proof)

    event, pressed = await next_of(MessageCallback, "press", text="Отписаться")
    check("message_callback", event.callback.payload == "optout:42" and event.message.body.mid == message.body.mid)
    answered = await event.answer(notification="Вы отписаны", new_text="Больше не пишем", attachments=[])
    check("POST /answers", answered.success is True)
    shown = control(f"/max/answers/{pressed['value']}")
    check("the person sees the answer", shown["text"] == "Вы отписаны")
    view = control(f"/max/chats/{BOT}/{VERA}/messages/{message.body.mid}")
    check("and the message changed", view["text"] == "Больше не пишем" and view["buttons"] == [], view)
    unknown = await bot.send_callback(callback_id="cbk_no", notification="x")
    check("success:false with a message", unknown.success is False and unknown.message)

    event, _ = await next_of(DialogMuted, "mute", seconds=60)
    check("dialog_muted", event.muted_until_datetime is not None)
    event, _ = await next_of(BotStopped, "delete")
    check("bot_stopped", event.user.user_id == VERA)
    await until("dialog_removed", lambda: [event for event in got if isinstance(event, DialogRemoved)])
    await refused(403, "chat.denied", bot.send_message(user_id=VERA, text="x"))
    await dispatcher.stop_polling()
    await asyncio.wait_for(asyncio.gather(running, return_exceptions=True), WITHIN)


async def webhook(bot):
    got = []

    async def receive(request):
        got.append((request.headers.get("X-Max-Bot-Api-Secret"), await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/hook"
    await refused(400, "proto.payload", bot.subscribe_webhook(url="https://ex.ru:8443/hook"))
    done = await bot.subscribe_webhook(url=url, secret="s3cr3t", update_types=[UpdateType.BOT_STARTED, UpdateType.MESSAGE_CREATED])
    listed = (await bot.get_subscriptions()).subscriptions
    check("POST and GET /subscriptions", done.success is True and listed[0].url == url and len(listed[0].update_types) == 2)
    await refused(405, "method.not.allowed", bot.get_updates(timeout=0))
    await asyncio.to_thread(act, "start", payload="again")
    secret, update = (await until("a push", lambda: got))[0]
    event = await process_update_webhook(update, bot)
    check("a push and its secret", secret == "s3cr3t" and isinstance(event, BotStarted) and event.payload == "again", update)
    check("DELETE /subscriptions", (await bot.unsubscribe_webhook(url=url)).success is True)
    check("no subscription", (await bot.get_subscriptions()).subscriptions == [])
    await runner.cleanup()


async def main():
    control("/max/bots", {"id": BOT, "token": TOKEN, "username": "check_bot"})
    control("/max/users", {"id": VERA, "first_name": "Вера", "phone": "+79990000001", "language_code": "ru"})
    control("/max/users", {"id": GLEB, "first_name": "Глеб", "phone": "+79990000002"})
    bot = Bot(TOKEN)
    bot.set_api_url(f"{BASE}/max")
    act("start")
    chat, message = await sending(bot)
    await media(bot, chat)
    await limits(bot, chat)
    await polling(bot, chat, message)
    await webhook(bot)
    control(f"/max/bots/{BOT}/revoke", {})
    try:
        await bot.get_me()
        check("401", False)
    except InvalidToken:
        check("401 for a revoked token", True)
    await bot.close_session()
    print("all agreed")


asyncio.run(main())
