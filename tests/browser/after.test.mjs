/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after a payment, at the terminal of a running demo: a card's payment is voided, a part of
 * a code's is refunded, an amount is held and completed. The supervisor agrees to what gives money back.
 * In Chinese with the mouse on a PC and in English by touch on a small terminal. S48 S94 S95 S96 S98
 *
 *   node --test tests/browser/after.test.mjs
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFaults, launch, openPage } from './browser.mjs';
import { Person, SCREEN_MS } from './person.mjs';
import { root, startDemo } from './stage.mjs';

const pictures = join(root, 'build/screenshots/after');
const PIN = '246810'; /* of the virtual card "good" */
const OWN = { '00': '837205', '01': '592837' };

let browser;
let demo;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  demo = await startDemo();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

class Counter extends Person {
  entry(name) {
    return this.touch(`.view [data-key="choice:${name}"]`);
  }

  /* A number on the plain keypad, then ok. */
  async number(text) {
    await this.digits(text);
    await this.until(
      `${text} to be seen`,
      (wanted) => {
        const field = document.querySelector('.field').getBoundingClientRect();
        const box = document.querySelector('.middle').getBoundingClientRect();
        const typed = document.querySelector('.field .digits').innerText.replace(/\D/g, '');
        return typed.startsWith(wanted) && field.top >= box.top - 1 && field.bottom <= box.bottom + 1;
      },
      text,
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

  /* The card that paid, and its PIN where the screen asks for one. */
  async card() {
    await this.sees('sale.present');
    await this.present('[data-card="good"]');
    if ((await this.sees('sale.pin', 'sale.approved')) === 'sale.pin') {
      await this.secret(PIN);
    }
  }

  async agrees() {
    await this.sees('approve.password');
    await this.secret(OWN['00']);
  }

  /* The slip as text, once its picture has come too; back to where it was begun. */
  async slip() {
    await this.sees('sale.approved');
    await this.page.waitForFunction(
      () => document.querySelector('[data-part="receipt-picture"]')?.naturalWidth > 0,
      undefined,
      { timeout: SCREEN_MS, polling: 30 },
    );
    const text = await this.page.locator('[data-part="receipt-text"]').textContent();
    assert.doesNotMatch(text, /\d{13,}(?!\d*\D*$)/m, 'no card number in clear');
    assert.doesNotMatch(text, /\d{16,}/, 'nor at the end of a line');
    await this.ok();
    await this.leaves('sale.approved');
    return text;
  }

  async sells(amount, pay) {
    await this.sees('main.menu');
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.number(amount);
    await pay();
    const text = await this.slip();
    return text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/)[1];
  }

  async scans() {
    await this.sees('sale.present');
    await this.present('[data-phone="good"] [data-part="show"]');
  }

  async voids(voucher) {
    await this.sees('main.menu');
    await this.entry('void');
    await this.sees('void.number');
    await this.number('999');
    await this.reads(/000999/);
    await this.number(voucher);
    await this.sees('void.confirm');
    await this.finds(/128\.00/);
    await this.ok();
    await this.agrees();
    await this.card();
    const text = await this.slip();
    assert.match(text, /VOID/);
    assert.match(text, /-128\.00/);
  }

  /* More than is left is said before anybody is asked. */
  async refunds(voucher) {
    await this.sees('main.menu');
    await this.entry('refund');
    await this.sees('refund.by');
    await this.entry('voucher');
    await this.sees('refund.number');
    await this.number(voucher);
    await this.sees('refund.amount');
    await this.number('36');
    await this.reads(/35\.00/);
    await this.touch('.view [data-key="clear"]');
    await this.number('10');
    await this.agrees();
    const text = await this.slip();
    assert.match(text, /REFUND/);
    assert.match(text, /-10\.00/);
  }

  async holds() {
    await this.sees('main.menu');
    await this.entry('preauth');
    await this.sees('preauth.menu');
    await this.entry('hold');
    await this.sees('preauth.amount');
    await this.number('200');
    await this.card();
    const text = await this.slip();
    assert.match(text, /PRE-AUTH/);
    const [, code] = text.match(/授权码\D*(\d{6})/);
    const [, month, day] = text.match(/\d{4}\/(\d{2})\/(\d{2})/);
    return { code, date: `${month}${day}` };
  }

  /* 115 % and no fen more. */
  async completes({ code, date }) {
    await this.sees('preauth.menu');
    await this.entry('complete');
    await this.sees('preauth.code');
    await this.number(code);
    await this.sees('refund.date');
    await this.number(date);
    await this.sees('preauth.amount');
    await this.number('231');
    await this.reads(/230\.00/);
    await this.touch('.view [data-key="clear"]');
    await this.number('230');
    await this.card();
    assert.match(await this.slip(), /230\.00/);
  }
}

async function arrives(t, lang, hand, options) {
  const opened = await openPage(browser, demo.terminal, options);
  t.after(() => opened.context.close());
  const look = async (who, id) => {
    await who.page.screenshot({ path: join(pictures, `${id}-${lang}-${hand}.png`) });
    assert.deepEqual(await axeFaults(who.page), [], id);
  };
  const person = Object.assign(new Counter(opened, lang, hand, look), { own: OWN });
  await person.sees('login.operator', 'main.menu');
  await person.inLanguage();
  return person;
}

async function walks(who) {
  const card = await who.sells('128', () => who.card());
  const code = await who.sells('35', () => who.scans());
  await who.voids(card);
  await who.refunds(code);
  await who.completes(await who.holds());
  await who.home();
}

test('S48 S94 S95 S96 S98: void, refund and hold, in Chinese, with the mouse', async (t) => {
  const who = await arrives(t, 'zh', 'mouse', { viewport: { width: 1440, height: 900 } });
  await who.firstLogIn('00', demo.passwords['00']);
  await who.logsOut();
  await who.firstLogIn('01', demo.passwords['01']);
  await who.choose('signIn');
  await who.sees('sign_in.done');
  await who.ok();
  await walks(who);
});

test('S48 S94 S95 S96 S98: void, refund and hold, in English, by touch', async (t) => {
  const who = await arrives(t, 'en', 'touch', {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    colorScheme: 'dark',
  });
  await walks(who);
});
