"""Other people's clients against the Telegram double.

aiogram parses every answer into its own strict models and dispatches updates from a real long poll; python-telegram-bot
does the same with another reading of the same documents. People act through the sandbox's control surface.
Prints one line a check; ends with status 1 at the first that fails.
"""

import asyncio
import json
import struct
import sys
import urllib.request
import zlib

import telegram
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from aiogram.utils.chat_action import ChatActionSender

BASE = sys.argv[1].rstrip("/")
TOKEN = "7100000001:AAE-aiogram-check"
BOT = 7100000001
VERA, GLEB = 78000001, 78000002
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
    return control(f"/chats/{BOT}/{VERA}/{action}", fields)


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


async def refused(kind, call, words):
    try:
        result = await call
    except kind as error:
        check(f"{kind.__name__}: {words}", words in str(error), str(error))
        return error
    check(f"{kind.__name__}: {words}", False, f"accepted: {result}")


def keyboard(*rows):
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data) for text, data in row] for row in rows])


async def sending(bot):
    me = await bot.get_me()
    check("getMe", me.id == BOT and me.username == "check_bot" and me.can_join_groups is True and me.has_main_web_app is False)

    await refused(TelegramForbiddenError, bot.send_message(GLEB, "x"), "bot can't initiate conversation with a user")
    await refused(TelegramBadRequest, bot.send_message(1, "x"), "chat not found")
    await refused(TelegramBadRequest, bot.send_message(VERA, "<x>a</x>"), 'Unsupported start tag "x" at byte offset 0')
    await refused(TelegramBadRequest, bot.send_message(VERA, "a.b", parse_mode="MarkdownV2"), "Character '.' is reserved")
    await refused(TelegramBadRequest, bot.send_message(VERA, "ж" * 4097), "message is too long")
    await refused(TelegramBadRequest, bot.send_message(VERA, "\u200b"), "text must be non-empty")
    await refused(TelegramBadRequest, bot.send_message(VERA, "x", reply_markup=keyboard([("", "y")], [("a", "")])), "Text buttons are unallowed")
    long = await bot.send_message(VERA, "<b>" + "👍" * 4096 + "</b>")
    check("characters, not UTF-16 units", long.entities[0].length == 2 * 4096)
    found = await bot.send_message(VERA, "ex.ru/a за $USD у @anna, @abc", parse_mode="none")
    check("found by itself", [entity.type for entity in found.entities] == ["url", "cashtag", "mention"], found.entities)
    crossing = [MessageEntity(type="bold", offset=0, length=4), MessageEntity(type="italic", offset=2, length=4)]
    crossed = await bot.send_message(VERA, "abcdef", entities=crossing, parse_mode=None)
    shapes = [(entity.type, entity.offset, entity.length) for entity in crossed.entities]
    check("crossing entities", shapes == [("bold", 0, 2), ("italic", 2, 4), ("bold", 2, 2)], shapes)
    asked = await bot.send_message(VERA, "?", reply_markup=ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Да")]]))
    await refused(TelegramBadRequest, bot.edit_message_text("!", chat_id=VERA, message_id=asked.message_id), "message can't be edited")
    await refused(TelegramBadRequest, bot.send_message(VERA, "x", reply_markup=keyboard([("a", "я" * 33)])), "BUTTON_DATA_INVALID")

    sent = await bot.send_message(VERA, "<b>Вера</b>, 👍 <a href='https://ex.ru/a'>тут</a>", reply_markup=keyboard([("Да", "yes:1")]))
    kinds = [(entity.type, entity.offset, entity.length) for entity in sent.entities]
    check("sendMessage", sent.text == "Вера, 👍 тут" and kinds == [("bold", 0, 4), ("text_link", 9, 3)], kinds)
    check("chat and sender", sent.chat.id == VERA and sent.chat.type == "private" and sent.from_user.id == BOT)
    explicit = await bot.send_message(VERA, "👍 жир", entities=[MessageEntity(type="bold", offset=3, length=3)], parse_mode=None)
    check("entities", explicit.entities[0].extract_from(explicit.text) == "жир")
    reply = await bot.send_message(VERA, "r", reply_parameters=ReplyParameters(message_id=sent.message_id))
    check("reply_parameters", reply.reply_to_message.message_id == sent.message_id)

    edited = await bot.edit_message_text("two", chat_id=VERA, message_id=sent.message_id)
    check("editMessageText", edited.text == "two" and edited.edit_date and edited.reply_markup is None)
    await refused(TelegramBadRequest, bot.edit_message_text("two", chat_id=VERA, message_id=sent.message_id), "message is not modified")
    await refused(TelegramBadRequest, bot.edit_message_text("x", chat_id=VERA, message_id=99999), "message to edit not found")
    marked = await bot.edit_message_reply_markup(chat_id=VERA, message_id=sent.message_id, reply_markup=keyboard([("Нет", "no")]))
    check("editMessageReplyMarkup", marked.reply_markup.inline_keyboard[0][0].text == "Нет")

    copied = await bot.copy_message(VERA, VERA, sent.message_id)
    check("copyMessage", copied.message_id > reply.message_id)
    check("deleteMessage", await bot.delete_message(VERA, copied.message_id))
    check("deleteMessages", await bot.delete_messages(VERA, [reply.message_id, explicit.message_id]))
    check("sendChatAction", await bot.send_chat_action(VERA, "typing"))
    async with ChatActionSender.typing(bot=bot, chat_id=VERA):
        pass


async def files(bot):
    photo = await bot.send_photo(VERA, BufferedInputFile(png(), "menu.png"), caption="<i>меню</i>")
    check("sendPhoto", photo.photo[-1].width == 64 and photo.caption_entities[0].type == "italic")
    again = await bot.send_photo(VERA, photo.photo[-1].file_id)
    check("photo by file_id", again.photo[-1].file_unique_id == photo.photo[-1].file_unique_id)
    await refused(TelegramBadRequest, bot.send_photo(VERA, "AgACAgIAAxkNONSENSE"), "wrong remote file identifier specified")
    await refused(TelegramBadRequest, bot.send_photo(VERA, BufferedInputFile(png(2100, 100), "long.png")), "PHOTO_INVALID_DIMENSIONS")
    await refused(TelegramEntityTooLarge, bot.send_document(VERA, BufferedInputFile(bytes(50 * 2**20 + 1), "big")), "Request Entity Too Large")

    document = await bot.send_document(VERA, BufferedInputFile("имя;тел".encode(), "контакты.csv"), caption="таблица")
    check("sendDocument", document.document.file_name == "контакты.csv" and document.document.mime_type == "text/csv")
    file = await bot.get_file(document.document.file_id)
    data = await bot.download_file(file.file_path)
    check("getFile and download", data.read().decode() == "имя;тел")

    caption = await bot.edit_message_caption(chat_id=VERA, message_id=document.message_id, caption="иначе")
    check("editMessageCaption", caption.caption == "иначе")
    swapped = await bot.edit_message_media(InputMediaPhoto(media=BufferedInputFile(png(30, 30), "b.png"), caption="c"), chat_id=VERA, message_id=photo.message_id)
    check("editMessageMedia", swapped.photo[-1].width == 30 and swapped.caption == "c")
    group = await bot.send_media_group(VERA, [InputMediaPhoto(media=BufferedInputFile(png(), f"{n}.png"), caption=f"<b>{n}</b>") for n in range(3)])
    check("sendMediaGroup", len(group) == 3 and len({m.media_group_id for m in group}) == 1 and group[2].caption_entities[0].type == "bold")
    pair = await bot.send_media_group(VERA, [InputMediaDocument(media=document.document.file_id), InputMediaDocument(media=BufferedInputFile(b"x", "x.txt"))])
    await refused(
        TelegramBadRequest,
        bot.edit_message_media(InputMediaDocument(media=BufferedInputFile(b"x", "x.txt")), chat_id=VERA, message_id=group[0].message_id),
        "can't change media type in the album",
    )
    alone = await bot.send_media_group(VERA, [InputMediaPhoto(media=BufferedInputFile(png(), "1.png"))])
    check("an album of one", len(alone) == 1 and alone[0].media_group_id is None)
    check("albums of documents", [m.document.file_name for m in pair] == ["контакты.csv", "x.txt"])


async def commands(bot):
    check("setMyCommands", await bot.set_my_commands([BotCommand(command="start", description="Начать")], language_code="ru"))
    await refused(
        TelegramBadRequest,
        bot.set_my_commands([BotCommand(command="a", description="b")], scope=BotCommandScopeChat(chat_id=GLEB)),
        "chat not found",
    )
    await bot.set_my_commands([BotCommand(command="own", description="Своё")], scope=BotCommandScopeChat(chat_id=VERA))
    check("getMyCommands", (await bot.get_my_commands(language_code="ru"))[0].command == "start")
    check("the person's menu", control(f"/chats/{BOT}/{VERA}")["commands"][0]["command"] == "own")
    check("deleteMyCommands", await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=VERA)))
    check("the menu after", control(f"/chats/{BOT}/{VERA}")["commands"][0]["command"] == "start")


async def polling(bot):
    """aiogram's own dispatcher, its own long poll."""
    seen = asyncio.Queue()
    dispatcher = Dispatcher()

    @dispatcher.message()
    async def on_message(message: Message):
        await seen.put(message)

    @dispatcher.callback_query()
    async def on_press(press: CallbackQuery):
        await press.answer("Готово", show_alert=True)
        await press.message.edit_text("Нажато")
        await seen.put(press)

    @dispatcher.my_chat_member()
    async def on_member(change: ChatMemberUpdated):
        await seen.put(change)

    running = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, polling_timeout=20))

    async def next_one():
        return await asyncio.wait_for(seen.get(), WITHIN)

    await asyncio.to_thread(act, "start", payload="c_8fK2")
    started = await next_one()
    check("deep link", started.text == "/start c_8fK2" and started.entities[0].type == "bot_command" and started.from_user.language_code == "ru")

    asked = await bot.send_message(
        VERA, "?", reply_markup=ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Мой номер", request_contact=True)]], one_time_keyboard=True)
    )
    await asyncio.to_thread(act, "keyboard", text="Мой номер")
    contact = await next_one()
    check("contact answers the ask", contact.reply_to_message.message_id == asked.message_id)
    check("contact", contact.contact.phone_number == "79990001122" and contact.contact.user_id == VERA)

    await asyncio.to_thread(act, "text", text="стоп", reply_to=asked.message_id)
    stop = await next_one()
    check("reply", stop.text == "стоп" and stop.reply_to_message.message_id == asked.message_id)

    shown = await bot.send_message(VERA, "Кнопка", reply_markup=keyboard([("Жми", "press:1")]))
    pressed = await asyncio.to_thread(act, "press", message=shown.message_id, row=0, column=0)
    press = await next_one()
    check("callback_query", press.data == "press:1" and press.message.message_id == shown.message_id and press.id == pressed["value"])
    check("answerCallbackQuery", control(f"/answers/{press.id}") == {"text": "Готово", "show_alert": True, "url": None})
    check("edited by the handler", control(f"/chats/{BOT}/{VERA}/messages/{shown.message_id}")["text"] == "Нажато")
    await refused(TelegramBadRequest, bot.answer_callback_query("1", "x"), "query is too old and response timeout expired or query ID is invalid")

    await asyncio.to_thread(act, "block")
    kicked = await next_one()
    check("my_chat_member", (kicked.old_chat_member.status, kicked.new_chat_member.status) == ("member", "kicked"))
    await refused(TelegramForbiddenError, bot.send_message(VERA, "x"), "bot was blocked by the user")
    await asyncio.to_thread(act, "unblock")
    check("unblocked", (await next_one()).new_chat_member.status == "member")
    await dispatcher.stop_polling()
    await asyncio.wait_for(running, WITHIN)


async def patiently(call):
    """Asks once more when the double says that it was asked too soon."""
    try:
        return await call()
    except TelegramRetryAfter as error:
        await asyncio.sleep(error.retry_after)
        return await call()


async def modes(bot):
    info = await bot.get_webhook_info()
    check("getWebhookInfo without one", info.url == "" and info.has_custom_certificate is False)
    await refused(TelegramBadRequest, bot.set_webhook("http://ex.ru/hook"), "bad webhook: An HTTPS URL must be provided for webhook")
    hook = {"secret_token": "s", "allowed_updates": ["message"], "max_connections": 5}
    check("setWebhook", await patiently(lambda: bot.set_webhook("https://127.0.0.1:9/hook", **hook)))
    info = await bot.get_webhook_info()
    check("getWebhookInfo", info.url.endswith("/hook") and info.max_connections == 5 and info.allowed_updates == ["message"])
    await refused(TelegramConflictError, bot.get_updates(), "can't use getUpdates method while webhook is active")
    check("deleteWebhook", await patiently(lambda: bot.delete_webhook(drop_pending_updates=True)))

    rule = control("/faults", {"fault": {"kind": "too_many_requests", "retry_after": 7}, "method": "sendMessage", "bot": BOT, "times": 1})
    error = await refused(TelegramRetryAfter, bot.send_message(VERA, "x"), "Flood control exceeded")
    check("retry_after", error.retry_after == 7)
    control(f"/faults/{rule['id']}", method="DELETE")
    control(f"/bots/{BOT}/revoke", {})
    await refused(TelegramUnauthorizedError, bot.get_me(), "Unauthorized")
    control("/bots", {"token": TOKEN, "username": "check_bot", "name": "Проверка"})


async def another_client():
    """python-telegram-bot reads the same answers its own way."""
    from telegram.error import BadRequest, Forbidden

    bot = telegram.Bot(TOKEN, base_url=f"{BASE}/bot", base_file_url=f"{BASE}/file/bot")
    async with bot:
        check("ptb: getMe", bot.username == "check_bot" and bot.can_join_groups)
        markup = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("a", callback_data="b")]])
        sent = await bot.send_message(VERA, "*b* \\- c", parse_mode="MarkdownV2", reply_markup=markup)
        check("ptb: sendMessage", sent.text == "b - c" and sent.entities[0].type == "bold" and sent.reply_markup == markup)
        edited = await sent.edit_text("d")
        check("ptb: edit", edited.text == "d")
        photo = await bot.send_photo(VERA, png(), caption="c")
        data = await (await photo.photo[-1].get_file()).download_as_bytearray()
        check("ptb: download", bytes(data) == png())
        group = await bot.send_media_group(VERA, [telegram.InputMediaPhoto(png()), telegram.InputMediaPhoto(photo.photo[-1].file_id)])
        check("ptb: media group", len(group) == 2)
        try:
            await bot.send_message(GLEB, "x")
            check("ptb: Forbidden", False)
        except Forbidden as error:
            check("ptb: Forbidden", "initiate" in str(error))
        try:
            await sent.edit_text("d")
            check("ptb: BadRequest", False)
        except BadRequest as error:
            check("ptb: BadRequest", "not modified" in str(error))
        act("text", text="привет https://ex.ru")
        updates = await bot.get_updates(timeout=5)
        check("ptb: getUpdates", updates[-1].message.text == "привет https://ex.ru" and updates[-1].message.entities[0].type == "url")
        await bot.get_updates(offset=updates[-1].update_id + 1)


async def main():
    control("/bots", {"token": TOKEN, "username": "check_bot", "name": "Проверка"})
    control("/users", {"id": VERA, "first_name": "Вера", "phone": "+79990001122", "language_code": "ru"})
    control("/users", {"id": GLEB, "first_name": "Глеб", "phone": "+79990003344"})
    control(f"/chats/{BOT}/{VERA}/open", {})
    # The pace is measured elsewhere; here it would only make the check slow.
    control("/rates", {"per_bot": None, "per_bot_paid": None, "per_chat": None}, "PUT")

    session = AiohttpSession(api=TelegramAPIServer.from_base(BASE))
    bot = Bot(TOKEN, session=session, default=DefaultBotProperties(parse_mode="HTML"))
    try:
        for part in (sending, files, commands, polling, modes):
            await part(bot)
    finally:
        await session.close()
    await another_client()
    accepted = control(f"/ledger?bot={BOT}")
    check("the ledger has every message once", [entry["seq"] for entry in accepted] == sorted({entry["seq"] for entry in accepted}) and len(accepted) > 15)
    print("all is well")


asyncio.run(main())
