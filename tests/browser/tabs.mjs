// Drives the tabs of a phone as a person does, in Debian's Chromium: something new is marked, read
// in its messenger, answered, pressed; the bot is blocked there and stays open in the other. The
// page must be free of axe's findings. Usage: node tabs.mjs '<JSON>' with url, telegram, max (the
// person's ids), telegramBot, maxBot, token (of the bot in MAX), vk, vkBot, vkToken, whatsapp,
// whatsappBot, whatsappToken, shots (each further messenger's picture stands beside it).
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const given = JSON.parse(process.argv[2]);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

/** The bot writes in MAX. */
async function write(body) {
  const answer = await fetch(`${given.url}/max/messages?user_id=${given.max}`, {
    method: "POST", headers: { authorization: given.token, "content-type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The community writes in VK. */
async function writeInVk(fields) {
  const body = new URLSearchParams({ access_token: given.vkToken, v: "5.199", peer_id: given.vk, random_id: "1", ...fields });
  const answer = await (await fetch(`${given.url}/vk/method/messages.send`, { method: "POST", body })).json();
  if (answer.error) throw new Error(answer.error.error_msg);
}

/** The company writes in WhatsApp. */
async function writeInWhatsApp(text) {
  const answer = await fetch(`${given.url}/whatsapp/v26.0/${given.whatsappBot}/messages`, {
    method: "POST", headers: { authorization: `Bearer ${given.whatsappToken}`, "content-type": "application/json" },
    body: JSON.stringify({ messaging_product: "whatsapp", to: "+79991234567", type: "text", text: { body: text } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

try {
  const page = await browser.newPage({ viewport: { width: 480, height: 900 } });
  page.setDefaultTimeout(30_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${given.url}/?phones=${given.telegram}:${given.telegramBot}&lang=ru`, { waitUntil: "domcontentloaded" });
  const phone = page.locator(`section.phone[data-user="${given.telegram}"]`);
  const tab = (name) => phone.locator(".tabs button", { hasText: name });
  const look = async () => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const found = violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(", ")}`);
    if (found.length) throw new Error(found.join("\n"));
  };

  // Not started yet in MAX: there is a button and no field.
  await tab("MAX").click();
  await phone.locator(".composer button.wide", { hasText: "Запустить" }).click();
  await phone.locator("textarea").waitFor();
  await tab("Telegram").click();
  await write({
    text: "<b>Анна</b>, скидка 10% до пятницы", format: "html",
    attachments: [{ type: "inline_keyboard", payload: { buttons: [
      [{ type: "link", text: "Записаться", url: "https://ex.ru/b" }, { type: "request_contact", text: "Дать номер" }],
      [{ type: "callback", text: "Отписаться", payload: "optout:42" }],
    ] } }],
  });
  await phone.locator(".tabs button.fresh", { hasText: "MAX" }).waitFor();
  await look();
  await tab("MAX").click();
  if (await phone.locator(".tabs button.fresh").count()) throw new Error("what is open is not new");
  await phone.locator(".row.in .text strong", { hasText: "Анна" }).waitFor();
  await phone.locator("textarea").fill("А завтра?");
  await phone.locator("textarea").press("Enter");
  await phone.locator(".row.out .text", { hasText: "А завтра?" }).waitFor();
  await phone.locator(".keys button", { hasText: "Дать номер" }).click();
  await phone.locator(".row.out .text", { hasText: "Номер телефона: +79991234567" }).waitFor();
  await phone.locator(".keys button", { hasText: "Отписаться" }).click();
  await page.screenshot({ path: given.shots });
  await look();

  // The address opens the same tab again.
  await page.reload({ waitUntil: "domcontentloaded" });
  await phone.locator(".row.out .text", { hasText: "А завтра?" }).waitFor();
  await phone.locator(".peer .dots").click();
  await phone.locator(".menu.upper button.bad").click();
  await phone.locator(".composer button.wide", { hasText: "Разблокировать" }).waitFor();
  // Until a chat is loaded nothing of the one before can be pressed or written into.
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  const telegram = new RegExp(`/chats/${given.telegramBot}/${given.telegram}$`);
  await page.route(telegram, async (route) => { await held; await route.continue(); });
  await tab("Telegram").click();
  const left = await phone.locator(".composer *, .menu *, .keyboard *").count();
  letGo();
  if (left) throw new Error("what belongs to the other messenger can still be pressed");
  await phone.locator(".composer textarea, .composer button.wide").first().waitFor();
  await page.unroute(telegram);
  if (await phone.locator(".composer button.wide", { hasText: "Разблокировать" }).count()) throw new Error("blocked in the other messenger as well");

  // VK: an empty dialogue begins with a button; what is looked at is read; a press is answered.
  await tab("VK").click();
  await phone.locator(".composer button.wide", { hasText: "Запустить" }).click();
  await phone.locator(".row.out .text", { hasText: "Начать" }).waitFor();
  await tab("Telegram").click();
  await writeInVk({
    message: "[id1|Анна], скидка 10% до пятницы",
    keyboard: JSON.stringify({ inline: true, buttons: [
      [{ action: { type: "open_link", label: "Записаться", link: "https://ex.ru/b" } }],
      [{ action: { type: "callback", label: "Отписаться", payload: "{}" }, color: "negative" }],
    ] }),
  });
  await phone.locator(".tabs button.fresh", { hasText: "VK" }).waitFor();
  await tab("VK").click();
  await phone.locator(".row.in .text a", { hasText: "Анна" }).waitFor();
  await phone.locator(".keys button", { hasText: "Отписаться" }).click();
  await look();
  await page.screenshot({ path: given.shots.replace(".png", "-vk.png") });

  // WhatsApp: anybody may write first; an answer that is looked at is read.
  await tab("WhatsApp").click();
  await phone.locator("textarea").fill("Здравствуйте");
  await phone.locator("textarea").press("Enter");
  await phone.locator(".row.out .text", { hasText: "Здравствуйте" }).waitFor();
  await writeInWhatsApp("Чем помочь?");
  await phone.locator(".row.in .text", { hasText: "Чем помочь?" }).waitFor();
  await look();
  await page.screenshot({ path: given.shots.replace(".png", "-whatsapp.png") });
  if (errors.length) throw new Error(errors.join("\n"));
  console.log("the tabs do what people expect");
} finally {
  await browser.close();
}
