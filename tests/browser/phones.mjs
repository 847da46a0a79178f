// Drives the page with phones as a person does, in Debian's Chromium: signs in, launches a
// campaign, sees the message on a customer's phone, answers «стоп», sees that it was understood.
// The page must be free of axe's findings. Usage: node phones.mjs '<JSON>' with url, manager,
// managerBot, customer, customerBot, login, password, campaign, count, shots.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const given = JSON.parse(process.argv[2]);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

try {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(60_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(`${given.url}/?phones=${given.manager}:${given.managerBot},${given.customer}:${given.customerBot}`, { waitUntil: "domcontentloaded" });

  const phone = (user) => page.locator(`section.phone[data-user="${user}"]`);
  const [manager, customer] = [phone(given.manager), phone(given.customer)];
  const say = async (who, text) => {
    await who.locator("textarea").fill(text);
    await who.locator("textarea").press("Enter");
  };
  const sees = (who, text) => who.locator(".row.in .text", { hasText: text }).last().waitFor();
  const press = async (who, label) => {
    const button = who.locator(".row.in .keys button", { hasText: label }).last();
    await button.waitFor();
    await button.click();
  };

  // Signs in; the message with the password goes away.
  await manager.locator(".composer button.wide").click();
  await sees(manager, "войдите");
  await press(manager, "Войти");
  await sees(manager, "логин");
  await say(manager, given.login);
  await sees(manager, "пароль");
  await say(manager, given.password);
  await sees(manager, "Ромашка");
  await manager.locator(".row.out .text", { hasText: given.password }).waitFor({ state: "detached" });

  // Launches the approved campaign by typing the number of recipients.
  await press(manager, "Кампании");
  await press(manager, given.campaign);
  await press(manager, "Запустить");
  await sees(manager, "напишите число получателей");
  await say(manager, String(given.count));
  await sees(manager, "Завершена");

  // The customer got it, answers, is understood.
  await sees(customer, "скидка 10%");
  await say(customer, "Стоп!");
  await sees(customer, "вы отписаны");

  // And the manager sees it counted on the customer's card.
  await say(manager, "/menu");
  await press(manager, "Контакты");
  await say(manager, given.phone);
  await sees(manager, "Отписка");

  await page.screenshot({ path: given.shots });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const found = violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target).join(", ")}`);
  if (found.length || errors.length) throw new Error([...found, ...errors].join("\n"));
  console.log("the phones do what people expect");
} finally {
  await browser.close();
}
