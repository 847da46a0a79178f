// Draws the pictures of the documentation: presses through the demonstration on the page of phones,
// in Debian's Chromium, and takes what the phones show. Usage: node pictures.mjs '<JSON>' with url
// (the address that `mms demo` printed), language (`ru` or `en`), folder.
import { join } from "node:path";
import { chromium } from "playwright-core";

const { url, language, folder } = JSON.parse(process.argv[2]);
const [anna, boris, customer] = [10001, 10002, 20002];
const words = {
  ru: {
    name: "", settings: "Настройки", company: "Компания", cap: "Частота рекламы", none: "без паузы", templates: "Шаблоны", template: "Скидка на пионы",
    more: "Ещё…", segments: "Сегменты", segment: "Крупные города", campaign: "📣 Кампания", forecast: "Прогноз", submit: "На согласование",
    approve: "✅ Согласовать", launch: "🚀 Запустить", type: "напишите число получателей", over: /Крупные города.*завершена/s, chart: "📈 График",
    out: "Отписаться", unsubscribed: "вы отписаны", question: "А доставка сегодня есть?", card: "переписка",
  },
  en: {
    name: ".en", settings: "Settings", company: "Company", cap: "Ad frequency", none: "no pause", templates: "Templates", template: "Peonies at a discount",
    more: "More…", segments: "Segments", segment: "Big cities", campaign: "📣 Campaign", forecast: "Forecast", submit: "Submit for approval",
    approve: "✅ Approve", launch: "🚀 Launch", type: "type the number of recipients", over: /Big cities.*is finished/s, chart: "📈 Chart",
    out: "Отписаться", unsubscribed: "вы отписаны", question: "А доставка сегодня есть?", card: "conversation",
  },
}[language];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

try {
  const size = { width: 1600, height: 860 };
  const page = await browser.newPage({ viewport: size, timezoneId: "Europe/Moscow", colorScheme: "light" });
  page.setDefaultTimeout(120_000);
  await page.goto(url, { waitUntil: "domcontentloaded" });
  // What to press first stands above the phones: the pictures need the room. The dots and the
  // shadows would make half of its size.
  await page.addStyleTag({
    content: ".guide, .toast { display: none !important; } .log { background-image: none !important; } .phone { box-shadow: none !important; } "
      + ".row.new .bubble { animation: none !important; }",
  });

  const phone = (user) => page.locator(`section.phone[data-user="${user}"]`);
  const newest = (user) => phone(user).locator(".row.in").last();
  const sees = (user, text) => phone(user).locator(".row.in", { hasText: text }).last().waitFor();
  const press = async (user, label) => {
    const button = newest(user).locator(".keys button", { hasText: label }).last();
    await button.waitFor();
    await button.click();
  };
  const say = async (user, text) => {
    await phone(user).locator("textarea").fill(text);
    await phone(user).locator("textarea").press("Enter");
  };
  const blur = () => page.evaluate(() => document.activeElement?.blur());
  const still = () => page.waitForTimeout(700);
  const take = async (name, user) => {
    await blur();
    await still();
    await phone(user).screenshot({ path: join(folder, `${name}${words.name}.png`) });
  };
  const menu = async (user) => {
    await say(user, "/menu");
    await newest(user).locator(".keys button", { hasText: words.settings }).last().waitFor();
  };

  // Two campaigns of one day: the company lets that be.
  await menu(anna);
  await press(anna, words.settings);
  await press(anna, words.company);
  await press(anna, words.cap);
  await press(anna, words.none);
  await menu(anna);
  await press(anna, words.templates);
  await press(anna, words.template);
  await sees(anna, "first_name");
  await take("template", anna);

  // Of a segment and a template: forecast, approval, launch, progress.
  await menu(anna);
  await press(anna, words.more);
  await press(anna, words.segments);
  await press(anna, words.segment);
  await press(anna, words.campaign);
  await press(anna, words.template);
  await press(anna, words.forecast);
  await newest(anna).locator(".keys button", { hasText: words.submit }).waitFor();
  await take("forecast", anna);
  await press(anna, words.submit);
  await newest(boris).locator(".keys button", { hasText: words.approve }).waitFor();
  await take("approve", boris);
  await press(boris, words.approve);
  await press(anna, words.launch);
  const asked = newest(anna).locator(".text", { hasText: words.type });
  await asked.waitFor();
  const number = (await asked.textContent()).match(/(\d+)\s*$/)[1];
  await say(anna, number);
  await phone(anna).locator(".row.in .text", { hasText: new RegExp(`1\\d\\d\\D+${number}`) }).last().waitFor();
  await blur();
  await phone(anna).screenshot({ path: join(folder, `progress${words.name}.png`) });
  // Three phones are enough to see what it is.
  await page.setViewportSize({ width: 1196, height: 680 });
  await page.screenshot({ path: join(folder, `page${words.name}.png`) });
  await page.setViewportSize(size);

  // A customer asks, another one has enough.
  await say(20001, words.question);
  await press(customer, words.out);
  await sees(customer, words.unsubscribed);
  await take("customer", customer);
  await sees(anna, words.over);
  await sees(anna, words.question);
  await menu(anna);
  await take("menu", anna);
  await press(anna, "· 1");
  await press(anna, words.question.slice(0, 6));
  await sees(anna, words.card);
  await take("inbox", anna);

  await menu(anna);
  await press(anna, { ru: "Кампании", en: "Campaigns" }[language]);
  await newest(anna).locator(".keys button").first().click();
  await press(anna, words.chart);
  await phone(anna).locator(".row.in .photo img").last().waitFor();
  // The results and the chart below them: a phone as long as both.
  await page.addStyleTag({ content: ".phone { max-height: none !important; }" });
  await page.setViewportSize({ width: 1600, height: 1340 });
  await take("chart", anna);
} finally {
  await browser.close();
}
