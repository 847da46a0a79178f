// The vendor's own client (@maxhub/max-bot-api) against the MAX double. People act through the
// sandbox's control surface. Prints one line a check; ends with status 1 at the first that fails.
// Usage: node check.mjs SANDBOX_URL.
import { Bot, Keyboard } from "@maxhub/max-bot-api";

const base = process.argv[2].replace(/\/$/, "");
const [token, id, vera] = ["f9LHodD0cOL-vendor-check", 93007, 53000001];

async function control(path, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${base}/sandbox/max${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer.json();
}
const act = (action, body = {}) => control(`/chats/${id}/${vera}/${action}`, body);

function check(what, holds, shown = "") {
  if (!holds) {
    console.log(`FAILED ${what}`, shown);
    process.exit(1);
  }
  console.log(`ok ${what}`);
}

async function until(what, look) {
  for (let n = 0; n < 300; n++) {
    const found = look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  check(what, false, "in time");
}

async function refused(what, code, call) {
  const error = await call.then(() => null, (error) => error);
  check(what, error?.code === code, error);
}

await control("/bots", { id, token, username: "vendor_bot" });
await control("/users", { id: vera, first_name: "Вера", phone: "+79990000009", language_code: "ru" });
// With the slash at its end: the client resolves paths against it.
const bot = new Bot(token, { clientOptions: { baseUrl: `${base}/max/` } });
const got = [];
bot.on("bot_started", (ctx) => { got.push(["started", ctx.startPayload ?? null]); });
bot.on("bot_stopped", () => { got.push(["stopped"]); });
bot.on("message_created", (ctx) => { got.push(["message", ctx.message.body.text]); });
bot.action("optout:42", async (ctx) => { got.push(["pressed", await ctx.answerOnCallback({ notification: "Вы отписаны" })]); });
const has = (kind, value) => got.find(([what, of]) => what === kind && (value === undefined || of === value));

check("me", (await bot.api.getMyInfo()).username === "vendor_bot");
await refused("a dialogue that was never opened", "not.found", bot.api.sendMessageToUser(vera, "x"));
await act("start");
const keys = Keyboard.inlineKeyboard([[Keyboard.button.callback("Отписаться", "optout:42")], [Keyboard.button.link("Сайт", "https://ex.ru")]]);
const sent = await bot.api.sendMessageToUser(vera, "<b>Вера</b>, скидка", { format: "html", attachments: [keys] });
check("a message with buttons", sent.body.text === "Вера, скидка" && sent.body.markup[0].type === "strong" && sent.body.attachments.length === 1);
const png = Buffer.from("89504e470d0a1a0a0000000d494844520000004000000030080200000000000000", "hex");
const picture = await bot.api.uploadImage({ source: png });
const shown = await bot.api.sendMessageToChat(sent.recipient.chat_id, "фото", { attachments: [picture.toJson()] });
check("a picture", shown.body.attachments[0].type === "image");
const read = await bot.api.getMessages(sent.recipient.chat_id, { count: 10 });
check("the dialogue, newest first", read.messages.map((message) => message.body.text).join() === "фото,Вера, скидка");
check("one message", (await bot.api.getMessage(sent.body.mid)).body.text === "Вера, скидка");
await refused("a text too long", "proto.payload", bot.api.sendMessageToUser(vera, "ж".repeat(4001)));

bot.start();
await until("the first poll", () => has("started") || has("message"));
await act("start", { payload: "c_8fK2" });
await until("a payload", () => has("started", "c_8fK2"));
await act("text", { text: "стоп" });
await until("a text", () => has("message", "стоп"));
const press = await act("press", { text: "Отписаться" });
const [, answer] = await until("a press", () => has("pressed"));
check("the answer to a press", answer.success === true && (await control(`/answers/${press.value}`)).text === "Вы отписаны");
check("an edit", (await bot.api.editMessage(sent.body.mid, { text: "изменено" })).success === true);
check("a removal", (await bot.api.deleteMessage(sent.body.mid)).success === true);
await act("block");
await until("a stop", () => has("stopped"));
await refused("a bot that was stopped", "chat.denied", bot.api.sendMessageToUser(vera, "x"));
console.log("all agreed");
process.exit(0);
