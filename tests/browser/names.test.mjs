/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shops whose names are attacks (issue: CSV and script in a shop's name; S129, S133, S138), against the programs of a running
 * demo: the form refuses in words what is no name; what it takes (markup and formulas in names of shop, owner, bank) is reviewed, signed,
 * registered, and stands as a text on every page of staff and owner: no element comes of it, no script runs, the security
 * policy has nothing to report; no field of a CSV file begins as a formula.
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
import { program, withDemo } from './stage.mjs';

const at = withDemo('names');
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
  const staff = {};
  for (const login of ['agent', 'chief']) {
    staff[login] = watch(await Keeper.at(at.browser, at.demo.links[login], { lang: 'zh', hand: 'keyboard', page: { viewport: DESKTOP } }));
    await staff[login].setsUp();
  }
  const { agent, chief } = staff;
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
  for (const one of [agent, chief]) await one.leaves();
});
