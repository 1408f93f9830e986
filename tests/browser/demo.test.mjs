/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A day at the terminal of a running demo: first log-in with the password that was made for this
 * terminal alone, one's own password, sign-in, a card swiped, a code scanned from its picture, the
 * receipts, the list of payments, a reprint, locking, closing the shift, settling or signing out. Three people do it, one after the other:
 * in Chinese with the mouse on a PC, in English by touch on a small terminal, and in Chinese with the keyboard alone.
 * Each screen on the way is checked as those of the mock are. One command has started everything (S186).
 *
 *   node --test tests/browser/demo.test.mjs       starts build/bin/tongbao demo
 *   DEMO_READY=FILE node --test ...               uses a demo that runs already
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeFaults } from './browser.mjs';
import { OWN, Till, atDemo } from './till.mjs';
import { leftToWalks } from './walks.mjs';

const at = atDemo('demo', { axe: false });
const CARD_PIN = '246810'; /* of the virtual card "good": its tray entry says so */

/* Somebody for a whole day at the terminal. */
class Cashier extends Till {
  /* The whole day. `first` is the initial password, on the first day of this operator only. */
  async day(operator, first) {
    await this.sees('login.operator');
    await this.inLanguage();
    await this.digits(operator);
    await this.ok();
    await this.sees('login.password');
    await this.secret(first ?? OWN[operator]);
    if (first !== undefined) {
      await this.sees('login.first');
      await this.choose('setPassword');
      await this.sees('password.new');
      await this.secret(OWN[operator]);
      await this.sees('password.repeat');
      await this.secret(OWN[operator]);
      await this.sees('password.review');
      await this.choose('save');
      await this.sees('password.saved');
      await this.ok();
    }
    await this.pastTips('main.menu');
    await this.signsIn();
    await this.swipe();
    await this.scan();
    await this.records();
    await this.lookAround();
    await this.lock(operator);
    await this.closeShift();
    await (this.hand === 'keyboard' ? this.signOut() : this.settle());
  }

  /* The receipt as a picture that has really come, and as text; and what is spoken, in words. */
  async approved(amount, means) {
    await this.sees('sale.approved');
    const text = await this.printed();
    const spoken = await this.page.evaluate(
      () => document.querySelector('[data-part="speech"]')?.innerText ?? '',
    );
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
    await this.secret(OWN[operator]);
    await this.sees('main.menu');
  }

  /* S107: read, then closed once, with a number. */
  async closeShift() {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('shift');
    await this.sees('shift.one');
    await this.reads(/163\.00/);
    await this.choose('shiftX');
    await this.reads(/已打印|Printed/);
    await this.choose('shiftZ');
    await this.sees('shift.ask');
    await this.choose('yesShift');
    await this.sees('shift.closed');
    assert.match(await this.page.textContent('[data-part="receipt-text"]'), /Z REPORT 0+\d[^]*163\.00/);
    await this.ok();
    await this.sees('shift.one');
    await this.reads(/本班还没有交易|no payment in this shift/);
    await this.home();
  }

  /* S104: equal totals, a slip, and a batch that is over. */
  async settle() {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('settle');
    await this.sees('settle.ask');
    await this.reads(/163\.00/);
    await this.choose('yesSettle');
    await this.sees('settle.done');
    assert.match(await this.page.textContent('[data-part="receipt-text"]'), /163\.00[^]*对账平 BALANCED/);
    await this.ok();
    await this.sees('manage.menu');
    await this.choose('logOut');
    await this.sees('login.operator');
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
  const person = await at.arrives(t, Cashier, lang, hand, options);
  person.sent = [];
  person.page.on('request', (request) => {
    if (request.method() === 'POST') {
      person.sent.push({ path: new URL(request.url()).pathname, body: request.postData() ?? '' });
    }
  });
  return person;
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
  await person.day('01', at.demo.passwords['01']);
  keptSecret(person);
  assert.deepEqual(person.faults, []);
});

test('S2 S4 S6 S61 S74 S77: the second day, in English, by touch', { skip: leftToWalks('demo', 'en') }, async (t) => {
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
  await person.secret(at.demo.passwords['01']);
  await person.sees('login.operator');
  assert.match((await person.shown()).text, /Wrong password/);
});

at.walked();
