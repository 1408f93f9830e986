/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after a payment, at the terminal of a running demo: a card's payment is voided, a part of
 * a code's is refunded, an amount is held and completed. The supervisor agrees to what gives money back.
 * In Chinese with the mouse on a PC and in English by touch on a small terminal. S48 S94 S95 S96 S98
 *
 *   node --test tests/browser/after.test.mjs
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Till, atDemo } from './till.mjs';

const at = atDemo('after');
const PIN = '246810'; /* of the virtual card "good" */

class Counter extends Till {
  async slip() {
    const text = await super.slip();
    assert.doesNotMatch(text, /\d{13,}(?!\d*\D*$)/m, 'no card number in clear');
    return text;
  }

  /* The card that paid, and its PIN where the screen asks for one. */
  async card() {
    await this.sees('sale.present');
    await this.present('[data-card="good"]');
    if ((await this.sees('sale.pin', 'sale.approved')) === 'sale.pin') {
      await this.secret(PIN);
    }
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

async function walks(who) {
  const card = await who.sells('128', () => who.card());
  const code = await who.sells('35', () => who.scans());
  await who.voids(card);
  await who.refunds(code);
  await who.completes(await who.holds());
  await who.home();
}

test('S48 S94 S95 S96 S98: void, refund and hold, in Chinese, with the mouse', async (t) => {
  const who = await at.arrives(t, Counter, 'zh', 'mouse', { viewport: { width: 1440, height: 900 } });
  await at.firstDay(who, '00', '01');
  await who.signsIn();
  await walks(who);
});

test('S48 S94 S95 S96 S98: void, refund and hold, in English, by touch', async (t) => {
  const who = await at.arrives(t, Counter, 'en', 'touch', {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    colorScheme: 'dark',
  });
  await walks(who);
});
