"""Another people's client against the WhatsApp double.

pywa reads every answer and webhook into its own classes, maps codes to its own errors, and checks signatures and challenges itself.
People and Meta act through the sandbox's control surface. Prints one line a check; ends with status 1 at the first that fails.
"""

import http.server
import json
import queue
import sys
import threading
import urllib.parse
import urllib.request

import httpx
from pywa import WhatsApp, errors
from pywa.types import Button, MessageStatusType, MessageType
from pywa.types.templates import (
    BodyText,
    Buttons,
    FooterText,
    HeaderImage,
    HeaderText,
    ParamFormat,
    QualityScoreType,
    QuickReplyButton,
    Template,
    TemplateCategory,
    TemplateLanguage,
    TemplateStatus,
    URLButton,
)

BASE = sys.argv[1].rstrip("/")
APP, SECRET, VERIFY = "2001", "check-secret", "check-verify"
WABA, PORTFOLIO, NUMBER, TOKEN = "305500667700001", "900001", 204400112200001, "EAAG-check"
VERA, GLEB, WITHIN = 501, 502, 20
VERAS, GLEBS = "+79990001122", "+79990003344"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0"


def control(path, body=None, method=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/sandbox{path}", data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=WITHIN) as answer:
        return json.load(answer)


def meta(path, body=None, method=None):
    return control(f"/whatsapp{path}", body, method)


def act(what, person=VERA, **body):
    return meta(f"/chats/{NUMBER}/{person}/{what}", body)


def check(what, holds, shown=""):
    print(f"{'ok  ' if holds else 'FAIL'} {what} {'' if holds else shown}")
    if not holds:
        sys.exit(1)


def refused(kind, call, status, details=""):
    try:
        result = call()
    except errors.WhatsAppError as error:
        right = type(error) is kind and error.status_code == status and details in (error.details or error.message)
        check(f"{kind.__name__}", right, repr(error))
        return error
    check(f"{kind.__name__}", False, f"accepted: {result}")


class Hook(http.server.BaseHTTPRequestHandler):
    """The webhook: the library judges challenges, signatures and bodies."""

    wa = None
    seen = queue.Queue()

    def answer(self, text, status):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.answer(*self.wa.webhook_challenge_handler(vt=asked.get("hub.verify_token"), ch=asked.get("hub.challenge")))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wrong = self.wa.webhook_update_validator(body, self.headers["X-Hub-Signature-256"])
        self.answer(*(wrong or self.wa.webhook_update_handler(body)))

    def log_message(self, *_):
        pass


def next_one(kind=None):
    update = Hook.seen.get(timeout=WITHIN)
    check(f"webhook {type(update).__name__}", kind is None or type(update).__name__ == kind, update)
    return update


def statuses(sent, *wanted):
    """The statuses of one message, in the order they must come."""
    for status in wanted:
        update = next_one("MessageStatus")
        check(f"status {status.name}", update.id == sent.id and update.status == status, update)
    return update


def connect():
    meta("/apps", {"id": APP, "secret": SECRET})
    meta("/wabas", {"id": WABA, "portfolio": PORTFOLIO})
    meta("/numbers", {"id": NUMBER, "waba": WABA, "phone": "+74950005566", "name": "Проверка"})
    meta("/tokens", {"token": TOKEN, "app": APP})
    meta("/people", {"id": VERA, "name": "Вера", "phone": VERAS})
    meta("/people", {"id": GLEB, "name": "Глеб", "phone": GLEBS, "username": "gleb", "hides_phone": True})
    # The library reads one status of a POST, and wants `contacts` in a failed one too; Meta's pages
    # disagree about the latter.
    settings = meta("/settings") | {"batch": 1, "pushes": 1, "gather_ms": 0, "contacts_on_failed": True}
    meta("/settings", settings, "PUT")

    wa = WhatsApp(phone_id=NUMBER, token=TOKEN, waba_id=WABA, app_id=int(APP), app_secret=SECRET, verify_token=VERIFY)
    wa.api._session.base_url = f"{BASE}/whatsapp/v26.0"
    Hook.wa = wa
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for register in (
        wa.on_message,
        wa.on_callback_button,
        wa.on_callback_selection,
        wa.on_message_status,
        wa.on_phone_number_change,
        wa.on_user_marketing_preferences,
        wa.on_template_status_update,
        wa.on_template_quality_update,
        wa.on_template_category_update,
    ):
        register(lambda _, update: Hook.seen.put(update))
    token = wa.get_app_access_token(app_id=int(APP), app_secret=SECRET)
    fields = (
        "messages",
        "message_template_status_update",
        "message_template_quality_update",
        "template_category_update",
        "user_preferences",
    )
    url = f"http://127.0.0.1:{server.server_port}/hook"

    def subscribe(verify):
        return wa.set_app_callback_url(app_id=int(APP), app_access_token=token, callback_url=url, verify_token=verify, fields=fields)

    try:
        subscribe("wrong")
        check("the challenge with a wrong token", False)
    except errors.WhatsAppError as error:
        check("the challenge with a wrong token", error.status_code == 400 and "verification failed" in error.message, error)
    check("the challenge", subscribe(VERIFY))
    return wa


def reading(wa):
    number = wa.get_business_phone_number()
    check("phone number", number.id == str(NUMBER) and number.verified_name == "Проверка" and number.quality_rating == "GREEN", number)
    check("throughput", number.throughput == {"level": "STANDARD"}, number.throughput)
    check("phone numbers", [one.id for one in wa.get_business_phone_numbers()] == [str(NUMBER)])
    check("account", wa.get_business_account().id == WABA)
    stranger = WhatsApp(phone_id=NUMBER, token="other", session=httpx.Client())
    stranger.api._session.base_url = f"{BASE}/whatsapp/v26.0"
    refused(errors.ExpiredAccessToken, stranger.get_business_phone_number, 401)


def templates(wa):
    name = "check_promo"
    promo = Template(
        name=name,
        category=TemplateCategory.MARKETING,
        language=TemplateLanguage.RUSSIAN,
        parameter_format=ParamFormat.NAMED,
        components=[
            body := BodyText("Здравствуйте, {{first_name}}! Скидка {{discount}} до конца недели.", first_name="Вера", discount="10%"),
            FooterText(text="Ответьте СТОП, чтобы отписаться"),
            Buttons(buttons=[reply := QuickReplyButton(text="Отписаться"), url := URLButton(text="Записаться", url="https://ex.ru/b/{{1}}", example="abc")]),
        ],
    )
    created = wa.create_template(promo)
    check("template is pending", created.status == TemplateStatus.PENDING and created.category == TemplateCategory.MARKETING, created)

    def send(to=VERAS, first_name="Вера", **more):
        params = [body.params(first_name=first_name, discount="20%"), reply.params(callback_data="optout:42", index=0)]
        return wa.send_template(to, name, TemplateLanguage.RUSSIAN, [*params, url.params(url_variable="xyz", index=1)], **more)

    refused(errors.TemplateNotExists, send, 404)
    meta(f"/templates/{created.id}/approve", {})
    update = next_one("TemplateStatusUpdate")
    check("approved", update.new_status == TemplateStatus.APPROVED and update.template_id == created.id, update)
    details = wa.get_template(created.id)
    check("details", details.parameter_format == ParamFormat.NAMED and details.quality_score.score == QualityScoreType.UNKNOWN, details)
    check("components", [type(one).__name__ for one in details.components] == ["BodyText", "FooterText", "Buttons"], details.components)
    check("listed", [one.id for one in wa.get_templates()] == [created.id])
    short = [{"type": "body", "parameters": [{"type": "text", "parameter_name": "first_name", "text": "В"}]}]
    refused(
        errors.TemplateParamCountMismatch,
        lambda: wa.send_template(VERAS, name, TemplateLanguage.RUSSIAN, short),
        400,
        "number of localizable_params (1) does not match the expected number of params (2)",
    )
    sent = send(tracker="att:01")
    read = statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)
    check("tracker", read.tracker == "att:01" and read.from_user.name == "Вера" and read.from_user.wa_id == "79990001122", read)
    check("pricing", read.pricing.billable and read.pricing.category.value == "marketing" and read.pricing.model.value == "PMP", read.pricing)
    act("read")
    statuses(sent, MessageStatusType.READ)
    shown = meta(f"/chats/{NUMBER}/{VERA}")["messages"][-1]["shown"]
    check("hydrated", shown["text"] == "Здравствуйте, Вера! Скидка 20% до конца недели.", shown)
    act("press", text="Отписаться", message=sent.id)
    press = next_one("CallbackButton")
    check("quick reply", press.data == "optout:42" and press.title == "Отписаться" and press.reply_to_message.id == sent.id, press)
    check("who pressed", press.from_user.bsuid.startswith("RU.") and press.from_user.country_code == "RU", press.from_user)

    bad = Template(
        name="check_bad",
        category=TemplateCategory.UTILITY,
        language=TemplateLanguage.RUSSIAN,
        parameter_format=ParamFormat.NAMED,
        components=[HeaderText("Счёт"), BodyText("{{name}}, ваш счёт уже ждёт оплаты", name="Вера")],
    )
    error = refused(errors.WhatsAppError, lambda: wa.create_template(bad), 400)
    check("creation is refused by its number", error.code == 100 and error.subcode == 2388299 and error.user_title, error)

    # The library uploads the example by the Resumable Upload API, and the header's picture as
    # media.
    pictured = Template(
        name="check_pictured",
        category=TemplateCategory.UTILITY,
        language=TemplateLanguage.RUSSIAN,
        components=[header := HeaderImage(example=PNG, mime_type="image/png"), BodyText("Ваш заказ готов, ждём вас")],
    )
    other = wa.create_template(pictured)
    meta(f"/templates/{other.id}/approve", {})
    next_one("TemplateStatusUpdate")
    sent = wa.send_template(
        VERAS, "check_pictured", TemplateLanguage.RUSSIAN, [header.params(image=PNG, mime_type="image/png")]
    )
    statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)

    meta(f"/templates/{created.id}/quality", {"quality": "RED"})
    update = next_one("TemplateQualityUpdate")
    check("quality", (update.previous_quality_score, update.new_quality_score) == (QualityScoreType.UNKNOWN, QualityScoreType.RED), update)
    meta(f"/templates/{other.id}/recategorise", {"category": "MARKETING"})
    update = next_one("TemplateCategoryUpdate")
    check("category", update.new_category == TemplateCategory.MARKETING and update.previous_category == TemplateCategory.UTILITY, update)
    meta(f"/templates/{created.id}/pause", {})
    update = next_one("TemplateStatusUpdate")
    check("paused", update.new_status == TemplateStatus.PAUSED and update.other_info.title == "FIRST_PAUSE", update)
    refused(errors.TemplatePaused, send, 400)
    check("unpause", wa.unpause_template(created.id).success)
    next_one("TemplateStatusUpdate")

    act("marketing", wanted=False)
    update = next_one("UserMarketingPreferences")
    check("marketing stopped", not update and update.from_user.wa_id == "79990001122", update)
    failed = statuses(send(), MessageStatusType.FAILED)
    check("131050", type(failed.error) is errors.UserStoppedMarketingMessages, failed.error)
    act("marketing", wanted=True)
    next_one("UserMarketingPreferences")
    for code, kind in (
        (131049, errors.MessageUndeliverableDueToHealthyEcosystemEngagement),
        (131026, errors.MessageUndeliverable),
        (130472, errors.UserIsInExperimentGroup),
    ):
        meta(f"/people/{VERA}/fates", {"fates": [{"code": code}]})
        check(str(code), type(statuses(send(), MessageStatusType.FAILED).error) is kind)
    meta(f"/people/{VERA}/fates", {"fates": []})
    check("delete", wa.delete_template(template_name="check_pictured").success)
    next_one("TemplateStatusUpdate")


def talking(wa):
    refused(errors.ReEngagementMessage, lambda: wa.send_message(GLEBS, "x"), 400)
    act("text", text="СТОП 👍")
    message = next_one("Message")
    check("text", message.type == MessageType.TEXT and message.text == "СТОП 👍" and message.from_user.name == "Вера", message)
    check("metadata", message.metadata.phone_number_id == str(NUMBER) and message.metadata.display_phone_number == "74950005566")
    # The library answers to the BSUID.
    sent = message.reply("Присылать новости?", buttons=[Button("Да", "keep:1"), Button("Отписаться", "optout:1")], quote=True)
    check("answered to the BSUID", sent.to == message.from_user.bsuid, sent)
    statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)
    act("press", text="Отписаться", message=sent.id)
    press = next_one("CallbackButton")
    check("reply button", press.data == "optout:1" and press.reply_to_message.id == sent.id, press)
    check("marked as read", message.mark_as_read() and meta(f"/messages/{urllib.parse.quote(message.id, safe='')}")["seen"])
    sent = wa.send_reaction(VERAS, "❤", message.id)
    statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)
    act("react", message=sent.id, text="👍")
    reaction = next_one("Message")
    check("reaction", reaction.reaction.emoji == "👍" and reaction.reaction.message_id == sent.id, reaction)

    media = wa.upload_media(PNG, mime_type="image/png", filename="a.png")
    sent = wa.send_image(VERAS, media.id, caption="меню")
    statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)
    told = wa.get_media_url(media.id)
    check("media", told.mime_type == "image/png" and told.file_size == len(PNG) and wa.get_media_bytes(told.url) == PNG, told)
    check("media is deleted", wa.delete_media(media.id).success)
    with urllib.request.urlopen(
        urllib.request.Request(
            f"{BASE}/sandbox/whatsapp/chats/{NUMBER}/{VERA}/file?name=a.png&kind=image&caption=%D1%87%D0%B5%D0%BA", PNG, {"Content-Type": "image/png"}
        )
    ):
        photo = next_one("Message")
    check("a picture of a person", photo.image.mime_type == "image/png" and photo.caption == "чек" and photo.image.get_bytes() == PNG, photo)
    act("unsupported", text="poll")
    odd = next_one("Message")
    check("unsupported", odd.type == MessageType.UNSUPPORTED and odd.error.code == 131051, odd)

    # A person without a phone.
    act("text", GLEB, text="кто вы?")
    hidden = next_one("Message")
    check("no phone", hidden.from_user.wa_id is None and hidden.from_user.username == "gleb" and hidden.from_user.bsuid.startswith("RU."), hidden)
    sent = hidden.reply("Магазин")
    check("by BSUID", sent.to == hidden.from_user.bsuid)
    update = statuses(sent, MessageStatusType.SENT, MessageStatusType.DELIVERED)
    check("a status without a phone", update.from_user.wa_id is None and update.from_user.bsuid == hidden.from_user.bsuid, update)

    meta(f"/people/{VERA}/phone", {"phone": "+79990005566"})
    change = next_one("PhoneNumberChange")
    check("changed number", (change.old_wa_id, change.new_wa_id) == ("79990001122", "79990005566"), change)
    check("changed BSUID", change.new_user_id != message.from_user.bsuid, change)
    failed = statuses(wa.send_message(message.from_user.bsuid, "x"), MessageStatusType.FAILED)
    check("the old BSUID is nobody's", type(failed.error) is errors.MessageUndeliverable, failed)


def faults(wa):
    to = "+79990005566"
    for code, kind, status in (
        (131056, errors.TooManyMessages, 400),
        (131048, errors.SpamRateLimitHit, 400),
        (131031, errors.AccountLocked, 403),
        (131042, errors.BusinessPaymentIssue, 400),
        (131037, errors.PhoneNumberDisplayNameNotApproved, 400),
        (131057, errors.AccountInMaintenanceMode, 500),
        (131016, errors.ServiceUnavailable, 500),
    ):
        meta(f"/numbers/{NUMBER}/trouble", {"code": code})
        refused(kind, lambda: wa.send_message(to, "x"), status)
    meta(f"/numbers/{NUMBER}/trouble", {})
    rule = {"fault": {"kind": "drop_after"}, "service": "whatsapp", "method": "messages", "bot": NUMBER, "times": 1}
    control("/faults", rule)
    before = len(meta(f"/ledger?bot={NUMBER}"))
    try:
        wa.send_message(to, "lost", tracker="att:lost")
        check("a lost answer", False)
    except httpx.RequestError as error:
        check("a lost answer", len(meta(f"/ledger?bot={NUMBER}")) == before + 1, error)
    update = next_one("MessageStatus")
    check("a webhook tells of it", update.tracker == "att:lost", update)


def main():
    wa = connect()
    for part in (reading, templates, talking, faults):
        part(wa)
    accepted = meta(f"/ledger?bot={NUMBER}")
    check("the ledger has every message once", len({entry["reference"] for entry in accepted}) == len(accepted) > 10)
    print("all is well")


main()
