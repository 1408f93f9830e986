/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shops whose names are attacks (issue: CSV and script in a shop's name; S129, S133, S138), against the programs of a running
 * demo: the form refuses in words what is no name; what it takes (markup and formulas in names of shop, owner, bank) is reviewed, signed,
 * registered, and stands as a text on every page of staff and owner: no element comes of it, no script runs, the security
 * policy has nothing to report; no field of a CSV file begins as a formula. And a hundred known attacks (HS-07, payloads.mjs) in
 * every text that calls may set: names of regions, groups, goods and people, reasons, banners, messages, what is said of a failure.
 *
 *   node --test tests/browser/names.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Applicant } from './applicant.mjs';
import { openPage } from './browser.mjs';
import { PATHS } from './budget.mjs';
import { Keeper } from './keeper.mjs';
import { Letters } from './letters.mjs';
import { confirms, member } from './member.mjs';
import { PAYLOADS } from './payloads.mjs';
import { program, withDemo } from './stage.mjs';

const at = withDemo('names');
const staff = {}; /* agent and chief, once they have set up their accounts */
async function people() {
  for (const login of ['agent', 'chief'].filter((one) => staff[one] === undefined)) {
    staff[login] = watch(await Keeper.at(at.browser, at.demo.links[login], { lang: 'zh', hand: 'keyboard', page: { viewport: DESKTOP } }));
    await staff[login].setsUp();
  }
  return staff;
}
const WAIT_MS = 30000;
const DESKTOP = { width: 1440, height: 900 };

/* No shop is called so: a name has 13 characters at most. */
const LONG = ['北京茶馆<script>alert(1)</script>', '北京茶馆"><img src=x onerror=alert(1)>', '=HYPERLINK("http://x.example","北京茶馆")', "+cmd|' /C calc'!A0北京茶馆"];

/* These fit; `owner` and `english` have the room that a name has not. */
const STORIES = [
  {
    lang: 'zh', phone: '13900001401', shop: '"><img 北京茶馆', owner: '"><img src=x onerror=alert(1)>', english: 'A"><IMG SRC=X ONERROR=ALERT(2)>',
    serial: 'TB1-2032-000401', login: 'names.zh', mail: 'names-zh@shop.example',
  },
  {
    lang: 'en', phone: '13900001402', shop: '+cmd|北京茶馆', owner: '=HYPERLINK("http://x";"y")', english: '=HYPERLINK("X";"TEA")',
    serial: 'TB1-2032-000402', login: 'names.en', mail: 'names-en@shop.example',
  },
];

function watch(v) {
  v.asked = new Set();
  v.page.on('request', (request) => v.asked.add(request));
  for (const end of ['requestfinished', 'requestfailed']) v.page.on(end, (request) => v.asked.delete(request));
  v.page.on('dialog', (dialog) => {
    v.faults.push(`a script of somebody else ran: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return v;
}

/* Nothing of a name has become an element, nothing has run, and nothing was kept from running. */
async function isText(v, name) {
  const made = await v.page.evaluate(() =>
    [...document.querySelectorAll('script:not([src]), [onerror], img[src="x"], a[href^="http://x"]')].map((e) => e.outerHTML),
  );
  assert.deepEqual(made, [], `${name}: a name became an element`);
  assert.deepEqual(v.faults, [], name);
}

/* The host has said what the page has asked for, but for lines that it holds open until something happens. */
async function answered(v) {
  const held = (request) => /changes|events|stream/.test(request.url());
  const end = Date.now() + WAIT_MS;
  while ([...v.asked].some((request) => !held(request)) && Date.now() < end) await v.page.evaluate(() => new Promise(requestAnimationFrame));
  await v.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/* A page without scripts, looked at by a browser that would run them. */
async function twin(shop, name) {
  const other = watch(await openPage(at.browser, shop.page.url(), { storageState: await shop.context.storageState() }));
  await isText(other, name);
  await other.context.close();
}

test('what is no name is refused in words, in both languages', async () => {
  for (const lang of ['zh', 'en']) {
    const shop = new Applicant(at, { lang, phone: '13900001400', shop: '' });
    await shop.opens();
    await shop.begins();
    await shop.choosesWhere();
    for (const name of LONG) {
      await shop.fills({ shop: name, address: '北京市海淀区中关村大街1号' });
      await shop.isTold('wrong');
      assert.match(shop.page.url(), /\/apply\/step\/2$/);
      assert.match(await shop.page.locator('body').innerText(), lang === 'zh' ? /7至13个字/ : /7 to 13 characters/);
      assert.equal(await shop.page.locator('input[name=shop]').inputValue(), name, 'what was typed stands in the field');
      await twin(shop, name);
    }
    await shop.leaves();
  }
});

/* From the form to a merchant that has a terminal; its number. */
async function registered(s, agent, chief) {
  const shop = new Applicant(at, { lang: s.lang, phone: s.phone, shop: s.shop, owner: s.owner, looks: (v, name) => twin(v, `${s.lang}-${name}`) });
  await shop.applies();
  const number = await shop.number();
  for (const one of [agent, chief]) await one.becomes(s.lang, DESKTOP);
  await agent.opens(number, s.shop);
  await isText(agent, `${s.lang}-review`);
  await agent.page.screenshot({ path: join(at.pictures, `${s.lang}-review.png`), fullPage: true });
  await agent.looksFirst(s.owner);
  await chief.opens(number, s.shop);
  await chief.looksSecond();
  await isText(chief, `${s.lang}-approved`);
  await shop.signs();
  const merchant = await chief.registers(s.serial, number, { nameEn: s.english, pinyin: 'wang xiaoming' });
  await agent.assigns(s.serial, number);
  await isText(agent, `${s.lang}-assigned`);
  await shop.leaves();
  return merchant;
}

/* Every page, and what is behind the rows of those that have a name in them. */
async function everyPage(v, realm, names) {
  const base = `${new URL(v.page.url()).origin}${realm === 'staff' ? '/staff/' : '/'}`;
  const seen = [];
  for (const path of PATHS[realm]) {
    await v.page.goto(`${base}${path}`);
    await v.page.locator('main h1').first().waitFor({ timeout: WAIT_MS });
    await answered(v);
    const text = await v.page.locator('body').innerText();
    if (names.some((name) => text.includes(name))) {
      seen.push(path);
      await v.page.screenshot({ path: join(at.pictures, `${realm}-${path || 'home'}-${v.lang}.png`), fullPage: true });
    }
    await isText(v, `${realm}/${path}`);
  }
  return seen;
}

/* Cells of a CSV file, quotes taken off. */
const cells = (text) => [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\n]*))/gm)].map(([, quoted, plain]) => quoted ?? plain);

function noFormulas(name, text) {
  assert.ok(text.includes(','), `${name} is CSV`);
  for (const cell of cells(text)) assert.doesNotMatch(cell, /^\s*([=+@]|-(?!\d+$))/, name);
}

test('what fits is a text wherever it stands', async () => {
  const { agent, chief } = await people();
  await chief.takesModel('TB-1', 'TB1-####-######');
  await agent.takesIn(`serial,model,print\n${STORIES.map((s, i) => `${s.serial},TB-1,${`a${i}`.repeat(32)}\n`).join('')}`);
  for (const s of STORIES) {
    s.mid = await registered(s, agent, chief);
    await chief.invites({ name: s.owner, login: s.login, mail: s.mail, mid: s.mid, lang: s.lang });
    await isText(chief, `${s.lang}-invited`);
    const link = await new Letters(at.demo, s.mail).next(/http\S+#[\w-]+/);
    const owner = watch(await Keeper.at(at.browser, link, { lang: s.lang, hand: 'keyboard', page: { viewport: DESKTOP } }));
    await owner.setsUp();
    const seen = await everyPage(owner, 'console', [s.shop, s.owner, s.english]);
    assert.ok(seen.includes('contract') && seen.includes('people'), `the owner reads his names: ${seen}`);
    await owner.leaves();
  }
  for (const one of [agent, chief]) {
    const seen = await everyPage(one, 'staff', STORIES.flatMap((s) => [s.shop, s.owner, s.english]));
    assert.ok(seen.includes('stock'), `staff read them: ${seen}`);
  }

  const to = join(at.demo.directory, 'export');
  const books = join(at.demo.directory, 'acquirer');
  const run = (...words) => spawnSync(program, ['admin', ...words], { encoding: 'utf8' });
  const done = run('export', '--state', books, '--to', to);
  assert.equal(done.status, 0, done.stderr);
  for (const file of readdirSync(to)) noFormulas(file, readFileSync(join(to, file), 'utf8'));
  const day = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
  for (const { mid } of STORIES) {
    const said = run('statement', '--state', books, '--mid', mid, '--day', day, '--csv');
    assert.equal(said.status, 0, said.stderr);
    noFormulas(mid, said.stdout);
  }
});

/* ---- a hundred attacks in every text that a page shows ---- */

/* What runs says so, and so does what the policy had to keep from running. Set before the page's own scripts. */
function hook() {
  window.ran = [];
  window.kept = [];
  window.xss = (n) => window.ran.push(n);
  document.addEventListener('securitypolicyviolation', (e) => window.kept.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));
}

const ADDRESSES = ['href', 'src', 'srcset', 'action', 'formaction', 'xlink:href', 'data', 'style', 'poster'];

/* Nothing of a text ran, needed to be kept from running, or has become an element, an attribute, a style or an address. */
async function nothingRan(v, name) {
  const seen = await v.page.evaluate((ADDRESSES) => ({
    ran: window.ran,
    kept: window.kept,
    made: [...document.querySelectorAll('body *')]
      .filter((e) => e.matches('iframe, object, embed, base, marquee, math, meta, body style, keygen, xmp, plaintext, video, audio') ||
        [...e.attributes].some((a) => /^on|^srcdoc$/.test(a.name) || (ADDRESSES.includes(a.name) && /^\s*(javascript|data:text)|\/\/x\.example/i.test(a.value))))
      .map((e) => e.outerHTML.slice(0, 200)),
  }), ADDRESSES);
  assert.deepEqual(seen, { ran: [], kept: [], made: [] }, name);
  await isText(v, name);
}

/* With the session of the page. An answer "too many" is waited for, as the host asks. */
const send = (v, realm, path, body) =>
  v.page.evaluate(
    async ([whose, where, said]) => {
      const { csrf } = await (await fetch(`/api/${whose}/session`)).json();
      const headers = { 'X-Tongbao-Realm': whose, 'X-CSRF': csrf, 'Content-Type': 'application/json' };
      for (;;) {
        const answer = await fetch(where, { method: 'POST', headers, body: JSON.stringify(said) });
        if (answer.status !== 429) return { status: answer.status, text: await answer.text() };
        await new Promise((done) => setTimeout(done, 1000 * Number(answer.headers.get('Retry-After') ?? 1)));
      }
    },
    [realm, path, body],
  );
async function must(v, realm, path, body) {
  const { status, text } = await send(v, realm, path, body);
  assert.ok(status === 200 || status === 201, `${path} ${JSON.stringify(body)}: ${status} ${text}`);
  return JSON.parse(text);
}
const bytes = (text) => Buffer.byteLength(text);
const line = (text) => !/[\x00-\x1f\x7f]/.test(text);
const fit = (room) => PAYLOADS.filter((p) => line(p) && bytes(p) <= room && p.trim() === p);
const wide = (text) => [...text].reduce((n, c) => n + (c.codePointAt(0) < 128 ? 1 : 2), 0);
const plain = (text) => text.replace(/\s+/g, '');

test('HS-07: the attacks are some: in a page without a policy they run', async () => {
  const context = await at.browser.newContext();
  await context.addInitScript(hook);
  const page = await context.newPage();
  await page.goto('about:blank');
  await page.evaluate(hook);
  await page.evaluate((all) => {
    for (const p of all) {
      const div = document.createElement('div');
      div.innerHTML = p;
      document.body.append(div);
    }
  }, PAYLOADS);
  await page.waitForFunction(() => new Set(window.ran).size >= 35, undefined, { timeout: WAIT_MS });
  await context.close();
});

/* Which payloads stand in which texts of the owner; a factor was shown for the prices. */
async function attacksOfOwner(owner) {
  const put = (path, body) => must(owner, 'console', path, body);
  for (const name of fit(40)) await put('/api/v1/regions', { name });
  for (const name of fit(40).filter((_, i) => i % 3 === 0)) await put('/api/v1/groups', { name });
  const { account } = await owner.page.evaluate(async () => (await fetch('/api/console/session')).json());
  const names = fit(40).filter((p) => wide(p) <= 32);
  const categories = fit(24);
  const goods = names.map((name, i) => ({
    code: `P-${i}`, name, name_en: `${i} ${names[names.length - 1 - i]}`.slice(0, 32).trim(), price: 100 + i, ...(categories[i] ? { category: categories[i] } : {}),
  }));
  await put(`/api/v1/goods/merchants/${account.mid}`, { goods, reason: fit(120).at(-1), version: 1 });
  for (const [i, reason] of fit(120).filter((p) => bytes(p) > 40).entries()) {
    await put(`/api/v1/parameters/regions/${1 + (i % 2)}`, { values: { banner: fit(90)[i], receipt_footer: fit(90).at(-1 - i) }, reason });
  }
  const people = fit(40).slice(14, 16).map((name, i) => ({ name, mail: `p${i}@shop.example`, english: false, quiet_from: 0, quiet_to: 0 }));
  await put('/api/v1/alerts/people', { people, version: 0 });
  const [first, ...others] = fit(160).slice(-8);
  const { ticket } = await put('/api/console/chat/open', { tid: '10000017', operator: '01', text: first });
  for (const text of others) await put('/api/console/chat/say', { ticket, text });
  return account.mid;
}

async function attacksOfStaff(chief) {
  const put = (path, body) => must(chief, 'staff', path, body);
  const people = fit(40).slice(20, 22).map((name, i) => ({ name, mail: `q${i}@desk.example`, english: true, quiet_from: 0, quiet_to: 0 }));
  await put('/api/v1/alerts/people', { people, version: 0 });
  for (const text of fit(100).slice(26, 29)) await put('/api/v1/devices/10000017/commands', { kind: 'message', text });
  await put('/api/v1/status', { part: 'cards', state: 'down', text_zh: fit(90)[14], text_en: fit(90)[1] });
}

/* The same pages as ever, and what is behind them; which payloads stand there as texts. */
async function walks(v, realm, mid, seen) {
  const base = `${new URL(v.page.url()).origin}${realm === 'staff' ? '/staff/' : '/'}`;
  const deeper = realm === 'staff'
    ? ['fleet/10000017', 'alerts/told', `organisation/${mid}`, 'parameters/regions/1', 'parameters/regions/2', `parameters/merchants/${mid}`]
    : ['devices/10000017', 'alerts/told', 'parameters/regions/1', 'parameters/regions/2', 'prices/regions/1', `prices/outlets/${mid}-1`];
  for (const path of [...PATHS[realm], ...deeper]) {
    await v.page.goto(`${base}${path}`);
    await v.page.locator('main h1').first().waitFor({ timeout: WAIT_MS });
    await answered(v);
    const text = plain(await v.page.evaluate(() => document.body.textContent));
    for (const p of PAYLOADS) if (text.includes(plain(p))) seen.add(p);
    await nothingRan(v, `${realm}/${path} in ${v.lang}`);
  }
}

test('HS-07: in every text of both consoles they are texts: no script runs, and no policy was needed', async () => {
  const { chief, agent } = await people();
  const owner = watch(await member(at, at.demo.links.owner, 'zh', { viewport: DESKTOP }));
  owner.lang = 'zh';
  for (const v of [owner, chief, agent]) await v.context.addInitScript(hook);
  await owner.page.getByRole('button', { name: '商品与价格', exact: true }).click();
  await owner.page.locator('summary', { hasText: '粘贴清单' }).click({ timeout: WAIT_MS });
  await owner.page.locator('textarea').fill('X,茶,1');
  await owner.page.locator('details', { hasText: '粘贴清单' }).getByRole('button').click();
  await owner.page.getByLabel('为什么修改', { exact: true }).fill('开业');
  await owner.page.getByRole('button', { name: '保存为新版本' }).click();
  await confirms(owner, 'status', '已保存为第 1 版');
  const mid = await attacksOfOwner(owner);
  await attacksOfStaff(chief);
  const seen = new Set();
  for (const lang of ['zh', 'en']) {
    for (const one of [agent, chief]) await one.becomes(lang, DESKTOP);
    if (owner.lang !== lang) await owner.page.getByRole('button', { name: lang === 'en' ? 'English' : '中文' }).click();
    owner.lang = lang;
    await walks(owner, 'console', mid, seen);
    await walks(chief, 'staff', mid, seen);
  }
  await walks(agent, 'staff', mid, seen);
  assert.ok(PAYLOADS.length >= 100 && seen.size >= 100, `${seen.size} of ${PAYLOADS.length} stand on a page as they were written`);

  /* The screen of the terminal, which has the messages, and the public page of how the host is. */
  for (const address of [at.demo.terminal, new URL('/status', owner.page.url()).href]) {
    const other = watch(await openPage(at.browser, 'about:blank'));
    other.faults.length = 0;
    await other.context.addInitScript(hook);
    await other.page.goto(address);
    await other.page.waitForFunction(() => document.body.innerText.includes('xss('), undefined, { timeout: WAIT_MS });
    const said = await other.page.evaluate(() => [window.ran, window.kept]);
    assert.deepEqual(said, [[], []], address);
    await other.context.close();
  }
  for (const one of [agent, chief]) await one.leaves();
  await owner.context.close();
});
