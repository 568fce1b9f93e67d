// Looks at the status page in Chromium, and follows what happens to a pair. Usage: status.mjs URL FOLDER STANDBY CALL RELEASE.
// Prints a JSON line after each step; "watching" asks for the primary's death, "back" for that release. Pictures go to the folder.
import { execFileSync } from 'node:child_process';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const [url, folder, standby, call, release] = process.argv.slice(2);
const home = new URL(url).origin;
const tell = (step, facts) => console.log(JSON.stringify({ step, ...facts }));
const strangers = [];
const complaints = [];

const browser = await chromium.launch({
  executablePath: execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim(),
  args: ['--no-sandbox'],
  timeout: 180_000,
});

async function open(options, where = url) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(180_000);
  const page = await context.newPage();
  page.on('request', (request) => {
    if (!request.url().startsWith(home)) {
      strangers.push(request.url());
    }
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') {
      complaints.push(message.text());
    }
  });
  await page.goto(where);
  await page.waitForSelector('#headline');
  return page;
}

/** What keeps somebody from using it, and by how much it is wider than its window. */
async function inspect(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
  const wider = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return { serious, wider, language: await page.getAttribute('html', 'lang') };
}

const wide = { width: 1280, height: 900 };
const looks = {
  light: { viewport: wide, colorScheme: 'light', locale: 'en-US' },
  dark: { viewport: wide, colorScheme: 'dark', locale: 'en-US' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'dark', locale: 'ja-JP' },
  // A window of 1280 px at a zoom of 200 %.
  zoomed: { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2, locale: 'en-US' },
};

for (const [name, look] of Object.entries(looks)) {
  const page = await open(look);
  tell(name, await inspect(page));
  await page.context().close();
}

const still = await open({ viewport: wide, javaScriptEnabled: false, locale: 'en-US' });
tell('still', { text: await still.innerText('main') });
await still.context().close();

const asking = await open({ viewport: wide, locale: 'en-US' });
await asking.fill('input[name=call]', call);
await asking.press('input[name=call]', 'Enter');
await asking.waitForURL(/\?call=/);
tell('asked', { text: await asking.innerText('body') });
await asking.context().close();

// A machine that is gone closes no connection: only the clock tells.
const lone = await open(looks.light);
await lone.waitForFunction(() => document.querySelector('footer time').dateTime.includes('.'));
const again = lone.waitForRequest(/events/).then(() => true);
// An event that comes just then starts the silence anew: so the clock goes on until the page asks.
for (let late = 41_000; ; late += 41_000) {
  await lone.clock.setFixedTime(Date.now() + late);
  if (await Promise.race([again, lone.waitForTimeout(2000)])) {
    break;
  }
}
tell('again');
await lone.context().close();

const page = await open(looks.light);
// What it has shown: a busy machine may show the next thing before this script looks.
await page.evaluate(() => {
  window.shown = [];
  new MutationObserver(() => window.shown.push(document.querySelector('#headline').innerText)).observe(
    document.querySelector('main'),
    { childList: true, subtree: true },
  );
});
tell('watching', { headline: await page.innerText('#headline') });
const switched = await page.waitForFunction((name) => window.shown.find((shown) => shown.includes(name)), standby, {
  polling: 20,
});
tell('switched', { at: Date.now(), headline: await switched.jsonValue() });
await page.screenshot({ path: `${folder}/switched.png`, fullPage: true });
await page.waitForFunction((name) => !document.querySelector('#headline').innerText.includes(name), standby);
tell('back', { headline: await page.innerText('#headline'), text: await page.innerText('main') });
const row = page.locator('#releases tr', { hasText: release }).filter({ hasText: 'succeeded' });
await row.waitFor();
tell('deployed', { row: await row.innerText() });
for (const [name, look] of Object.entries(looks)) {
  const last = await open(look);
  await last.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await last.context().close();
}
await browser.close();
tell('end', { strangers, complaints });
