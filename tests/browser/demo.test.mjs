/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day at the terminal of a running demo: first log-in with the password that was made for this
 * terminal alone, one's own password, sign-in, a card swiped, a code scanned from its picture, the
 * receipts, the list of payments, a reprint, locking, signing out. Three people do it, one after the other:
 * in Chinese with the mouse on a PC, in English by touch on a small terminal, and in Chinese with the keyboard alone.
 * Each screen on the way is checked as those of the mock are. One command has started everything (S186).
 *
 *   node --test tests/browser/demo.test.mjs       starts build/bin/tongbao demo
 *   DEMO_READY=FILE node --test ...               uses a demo that runs already
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { axeFaults, drawn, launch, layoutFaults, openPage } from './browser.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pictures = join(root, 'build/screenshots/demo');
const START_MS = 30000;
const SCREEN_MS = 20000;

/* What each person looks for on a button: the words of the terminal, not its inner names. */
const WORDS = {
  signIn: ['签到', 'Sign in'],
  sale: ['收款/消费', 'Sale'],
  records: ['查询/打印', 'Records'],
  query: ['交易查询', 'Payments'],
  settings: ['设置', 'Settings'],
  security: ['安全设置', 'Security'],
  passwords: ['密码设置', 'Passwords'],
  setPassword: ['设置密码', 'Set a password'],
  save: ['保存并退出', 'Save and exit'],
  about: ['版本/关于', 'About'],
  manage: ['管理', 'Manage'],
  reprint: ['重打印', 'Print again'],
  reprintLast: ['重打印最后一笔', 'Reprint the last'],
  lock: ['锁屏', 'Lock'],
  unlock: ['解锁', 'Unlock'],
  signOut: ['签退', 'Sign out'],
  yesSignOut: ['确认签退', 'Sign out now'],
  logOut: ['换操作员', 'Change operator'],
};
const CARD_PIN = '246810'; /* of the virtual card "good": its tray entry says so */
const OWN_PASSWORDS = { '01': '592837' };

let browser;
let demo;
let folder;

function readyFile(path, child) {
  return new Promise((resolve, reject) => {
    const end = Date.now() + START_MS;
    const look = () => {
      if (existsSync(path) && readFileSync(path, 'utf8').trim().endsWith('}')) {
        resolve(JSON.parse(readFileSync(path, 'utf8')));
      } else if (Date.now() > end || (child && child.exitCode !== null)) {
        reject(new Error(`the demo did not start: ${child?.said ?? path}`));
      } else {
        setTimeout(look, 50);
      }
    };
    look();
  });
}

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  if (process.env.DEMO_READY) {
    demo = { ...(await readyFile(process.env.DEMO_READY)), child: null };
    return;
  }
  folder = mkdtempSync(join(tmpdir(), 'tongbao-browser-'));
  const path = join(folder, 'ready.json');
  const child = spawn(process.env.TONGBAO ?? join(root, "build/bin/tongbao"), ['demo', '--no-browser', '--ready-file', path], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      child.said = `${child.said}${text}`.slice(-4000);
    });
  }
  child.on('error', (error) => {
    child.said += error.message;
    child.exitCode ??= 1;
  });
  demo = { ...(await readyFile(path, child)), child };
});

after(async () => {
  await browser?.close();
  if (demo?.child && demo.child.exitCode === null) {
    const ended = new Promise((resolve) => demo.child.on('exit', resolve));
    demo.child.kill('SIGINT');
    await ended;
  }
  if (folder) {
    rmSync(folder, { recursive: true, force: true });
  }
});

/* Somebody at the terminal, with a hand of one kind and a language. */
class Person {
  constructor(opened, lang, hand) {
    Object.assign(this, opened, { lang, hand, looked: new Set() });
  }

  word(name) {
    return WORDS[name][this.lang === 'zh' ? 0 : 1];
  }

  shown() {
    return this.page.evaluate(() => {
      const view = document.querySelector('.view');
      return { id: view?.dataset.screen ?? '', serial: Number(view?.dataset.serial ?? 0), text: view?.innerText ?? '' };
    });
  }

  /* Waits for one of these screens and looks at it with a critical eye, once. */
  async sees(...ids) {
    try {
      await this.page.waitForFunction(
        (wanted) => wanted.includes(document.querySelector('.view')?.dataset.screen),
        ids,
        { timeout: SCREEN_MS, polling: 30 },
      );
    } catch {
      assert.fail(`${ids.join(' or ')} expected, shown is ${JSON.stringify(await this.shown())}`);
    }
    const { id, serial } = await this.shown();
    if (!this.looked.has(id)) {
      this.looked.add(id);
      await drawn(this.page, serial);
      assert.deepEqual(await layoutFaults(this.page), [], `${id} ${this.lang} ${this.hand}`);
      await this.page.screenshot({ path: join(pictures, `${id}-${this.lang}-${this.hand}.png`) });
    }
    return id;
  }

  /* Waits until these words are on the screen, where they can be seen. */
  async reads(pattern) {
    await this.page.waitForFunction(
      (source) => {
        const box = document.querySelector('.middle').getBoundingClientRect();
        return [...document.querySelectorAll('.line')].some((line) => {
          const { top, bottom } = line.getBoundingClientRect();
          return new RegExp(source).test(line.innerText) && top >= box.top - 1 && bottom <= box.bottom + 1;
        });
      },
      pattern.source,
      { timeout: SCREEN_MS, polling: 30 },
    );
  }

  async touch(selector) {
    const target = this.page.locator(selector).first();
    await target.waitFor();
    if (this.hand === 'mouse') {
      await target.click();
    } else if (this.hand === 'touch') {
      await target.tap();
    } else {
      await this.walkTo(target);
      await this.page.keyboard.press('Enter');
    }
  }

  /* Tab until the focus is there. */
  async walkTo(target) {
    const wanted = await target.elementHandle();
    for (let step = 0; step < 80; step += 1) {
      if (await this.page.evaluate((e) => document.activeElement === e, wanted)) {
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${target}`);
  }

  async choose(name) {
    const target = this.page
      .locator('.view button[data-key^="choice:"]:not(:disabled)')
      .filter({ hasText: new RegExp(`^\\s*\\d?\\s*${this.word(name)}\\s*\\d?\\s*$`) })
      .first();
    await target.waitFor();
    const number = await target.getAttribute('aria-keyshortcuts');
    if (this.hand === 'keyboard' && number !== null) {
      await this.page.keyboard.press(number);
      return;
    }
    await this.touch(`[data-key="${await target.getAttribute('data-key')}"]`);
  }

  async ok() {
    if (this.hand === 'keyboard') {
      await this.page.evaluate(() => document.activeElement.blur());
      await this.page.keyboard.press('Enter');
    } else {
      await this.touch('.view [data-key="ok"]');
    }
  }

  async cancel() {
    if (this.hand === 'keyboard') {
      await this.page.keyboard.press('Escape');
    } else {
      await this.touch('.heading [data-key="cancel"]');
    }
  }

  async digits(text) {
    for (const digit of text) {
      if (this.hand === 'keyboard') {
        await this.page.keyboard.press(digit);
      } else {
        await this.touch(`.view [data-key="digit:${digit}"]`);
      }
    }
  }

  /* A PIN or password on the secure keypad, then ok. */
  async secret(text) {
    await this.page.waitForSelector('[data-key="position:0"]');
    for (const digit of text) {
      if (this.hand === 'keyboard') {
        await this.page.keyboard.press(digit);
      } else {
        await this.touch(`.view .keypad-digits button[aria-label="${digit}"]`);
      }
    }
    await this.page.waitForFunction(
      (count) => document.querySelectorAll('.star.full').length === count,
      text.length,
      { timeout: SCREEN_MS, polling: 30 },
    );
    await this.ok();
  }

  async present(selector) {
    const narrow = this.page.locator('.view [data-key="tray"]');
    if (await narrow.isVisible()) {
      await this.touch('.view [data-key="tray"]');
    }
    await this.page.waitForSelector('[data-phone="good"] img');
    await this.touch(selector);
  }

  async inLanguage() {
    const now = await this.page.evaluate(() => document.documentElement.lang);
    if (now !== (this.lang === 'zh' ? 'zh-CN' : 'en')) {
      await this.touch('[data-key="language"]');
      await this.page.waitForFunction(
        (lang) => document.documentElement.lang === lang,
        this.lang === 'zh' ? 'zh-CN' : 'en',
      );
    }
  }

  /* The whole day. `first` is the initial password, on the first day of this operator only. */
  async day(operator, first) {
    await this.sees('login.operator');
    await this.inLanguage();
    await this.digits(operator);
    await this.ok();
    await this.sees('login.password');
    await this.secret(first ?? OWN_PASSWORDS[operator]);
    if (first !== undefined) {
      await this.sees('login.first');
      await this.choose('setPassword');
      await this.sees('password.new');
      await this.secret(OWN_PASSWORDS[operator]);
      await this.sees('password.repeat');
      await this.secret(OWN_PASSWORDS[operator]);
      await this.sees('password.review');
      await this.choose('save');
      await this.sees('password.saved');
      await this.ok();
    }
    await this.pastTips();
    await this.signIn();
    await this.swipe();
    await this.scan();
    await this.records();
    await this.lookAround();
    await this.lock(operator);
    await this.signOut();
  }

  /* To the main screen; a safety tip on the way is read (S72). */
  async pastTips() {
    while ((await this.sees('tip.show', 'main.menu')) === 'tip.show') {
      await this.ok();
      await this.page.waitForFunction(
        () => document.querySelector('.view')?.dataset.screen !== 'tip.show',
        undefined,
        { timeout: SCREEN_MS, polling: 30 },
      );
    }
  }

  async signIn() {
    await this.choose('signIn');
    await this.sees('sign_in.done');
    await this.ok();
    await this.sees('main.menu');
  }

  async amount(text) {
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.digits(text);
    await this.ok();
    await this.sees('sale.present');
  }

  /* The receipt as a picture that has really come, and as text; and what is spoken, in words. */
  async approved(amount, means) {
    await this.sees('sale.approved');
    await this.page.waitForFunction(
      () => document.querySelector('[data-part="receipt-picture"]')?.naturalWidth > 0,
      undefined,
      { timeout: SCREEN_MS, polling: 30 },
    );
    const { text, spoken } = await this.page.evaluate(() => ({
      text: document.querySelector('[data-part="receipt-text"]').textContent,
      spoken: document.querySelector('[data-part="speech"]')?.innerText ?? '',
    }));
    assert.match(text, new RegExp(`${amount}\\.00`));
    assert.match(text, means);
    assert.doesNotMatch(text, /\d{16,}/, 'no card number in clear');
    assert.match(spoken, new RegExp(`${amount}`));
    await this.ok();
    await this.sees('main.menu');
  }

  async swipe() {
    await this.amount('128');
    await this.present('[data-card="good"]');
    await this.sees('sale.pin');
    await this.secret(CARD_PIN);
    await this.approved('128', /620000\*+0017/);
  }

  async scan() {
    await this.amount('35');
    await this.present('[data-phone="good"] [data-part="show"]');
    await this.approved('35', /\*{4,}/);
  }

  async records() {
    await this.choose('records');
    await this.sees('records.menu');
    await this.choose('query');
    await this.sees('query.list');
    if (this.hand === 'keyboard') {
      await this.page.keyboard.press('1');
    } else {
      await this.touch('.view .row');
    }
    await this.sees('query.detail');
    await this.choose('reprint');
    await this.reads(/已重打印|Printed again/);
    await this.cancel();
    await this.sees('query.list');
    await this.cancel();
    await this.sees('records.menu');
    await this.choose('reprintLast');
    await this.sees('reprint.done');
    assert.match(await this.page.textContent('[data-part="receipt-text"]'), /重打印|DUPLICATE/i);
    await this.ok();
    await this.sees('records.menu');
    await this.home();
  }

  /* Back, level by level, until the main screen: every one of them has a way back. */
  async home() {
    for (let level = 0; level < 6; level += 1) {
      const { id } = await this.shown();
      if (id === 'main.menu') {
        return;
      }
      await this.cancel();
      await this.page.waitForFunction(
        (before) => document.querySelector('.view').dataset.screen !== before,
        id,
        { timeout: SCREEN_MS, polling: 30 },
      );
    }
    await this.sees('main.menu');
  }

  /* S3: three touches to the passwords. S7: what the terminal says of itself. */
  async lookAround() {
    await this.choose('settings');
    await this.sees('settings.menu');
    await this.choose('security');
    await this.sees('settings.security');
    await this.choose('passwords');
    await this.sees('settings.passwords');
    await this.cancel();
    await this.sees('settings.security');
    await this.cancel();
    await this.sees('settings.menu');
    await this.choose('about');
    await this.sees('settings.about');
    assert.match((await this.shown()).text, /10000017|\d{8}/);
    await this.home();
  }

  async lock(operator) {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('lock');
    await this.sees('lock.locked');
    await this.choose('unlock');
    await this.sees('lock.password');
    await this.secret(OWN_PASSWORDS[operator]);
    await this.sees('main.menu');
  }

  async signOut() {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('signOut');
    await this.sees('sign_out.ask');
    await this.choose('yesSignOut');
    await this.sees('sign_out.done');
    await this.ok();
    await this.sees('manage.menu', 'main.menu');
    await this.home();
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('logOut');
    await this.sees('login.operator');
  }
}

async function arrives(t, lang, hand, options) {
  const opened = await openPage(browser, demo.terminal, options);
  t.after(() => opened.context.close());
  const sent = [];
  opened.page.on('request', (request) => {
    if (request.method() === 'POST') {
      sent.push({ path: new URL(request.url()).pathname, body: request.postData() ?? '' });
    }
  });
  return Object.assign(new Person(opened, lang, hand), { sent });
}

/* S61: what was typed on the secure keypad is in no request; on the plain one only what belongs there. */
function keptSecret(person) {
  for (const { path, body } of person.sent) {
    if (path === '/api/entry') {
      assert.deepEqual(Object.keys(JSON.parse(body)).sort(), ['sealed', 'serial']);
    }
  }
  const plain = person.sent
    .filter(({ path }) => path === '/api/key')
    .map(({ body }) => JSON.parse(body).key)
    .filter((key) => key.startsWith('digit:'))
    .map((key) => key.slice(6))
    .join('');
  assert.equal(plain, '0112835', 'operator number and two amounts');
}

test('S2 S4 S6 S49 S61 S74 S77: the first day, in Chinese, with the mouse', async (t) => {
  const person = await arrives(t, 'zh', 'mouse', { viewport: { width: 1440, height: 900 } });
  await person.day('01', demo.passwords['01']);
  keptSecret(person);
  assert.deepEqual(person.faults, []);
});

test('S2 S4 S6 S61 S74 S77: the second day, in English, by touch', async (t) => {
  const person = await arrives(t, 'en', 'touch', {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    colorScheme: 'dark',
  });
  await person.day('01');
  keptSecret(person);
  assert.deepEqual(person.faults, []);
});

test('S2 S4 S6 S61 S74 S77: the third day, in Chinese, with the keyboard alone', async (t) => {
  const person = await arrives(t, 'zh', 'keyboard', { viewport: { width: 720, height: 1280 } });
  await person.day('01');
  keptSecret(person);
  assert.deepEqual(await axeFaults(person.page), []);
  assert.deepEqual(person.faults, []);
});

test('the initial password opens nothing a second time', async (t) => {
  const person = await arrives(t, 'en', 'keyboard', { viewport: { width: 360, height: 640 } });
  await person.sees('login.operator');
  await person.inLanguage();
  await person.digits('01');
  await person.ok();
  await person.sees('login.password');
  await person.secret(demo.passwords['01']);
  await person.sees('login.operator');
  assert.match((await person.shown()).text, /Wrong password/);
});
