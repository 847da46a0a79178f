// Drives the tabs of a phone as a person does, in Debian's Chromium: something new is marked, read
// in its messenger, answered, pressed; the bot is blocked there and stays open in the other. The
// page must be free of axe's findings. Usage: node tabs.mjs '<JSON>' with url, telegram, max (the
// person's ids), telegramBot, maxBot, token (of the bot in MAX), shots.
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
  await tab("Telegram").click();
  await phone.locator(".composer textarea, .composer button.wide").first().waitFor();
  if (await phone.locator(".composer button.wide", { hasText: "Разблокировать" }).count()) throw new Error("blocked in the other messenger as well");
  if (errors.length) throw new Error(errors.join("\n"));
  console.log("the tabs do what people expect");
} finally {
  await browser.close();
}
