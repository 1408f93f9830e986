/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes after a payment, at the terminal of a running demo: a card's payment is voided, parts of a
 * code's and of a card's are refunded, by voucher and by reference; an amount is held, completed, and the
 * completion voided; another's completion is told; one more is held, added to and cancelled. The supervisor agrees to what gives money back.
 * In Chinese with the mouse on a PC and in English by touch on a small terminal. S48 S94 to S99
 *
 *   node --test tests/browser/after.test.mjs
 */
import assert from 'node:assert/strict';
import { Till, atDemo } from './till.mjs';

const at = atDemo('after');
const PIN = '246810'; /* of the virtual card "good" */

class Counter extends Till {
  async slip(screen) {
    const text = await super.slip(screen);
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

  /* Voucher and reference of what was sold. */
  async sells(amount, pay) {
    await this.sees('main.menu');
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.number(amount);
    await pay();
    const text = await this.slip();
    const [, voucher] = text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/);
    const [, reference] = text.match(/参考号 (\d{12})/);
    return { voucher, reference };
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
  async refunds({ voucher }) {
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

  /* By its reference, a part; what this terminal knows of it is shown, so no date is asked. */
  async refundsBy(means, { reference }, left) {
    await this.sees('main.menu');
    await this.entry('refund');
    await this.sees('refund.by');
    await this.entry(means);
    await this.sees('refund.reference');
    await this.number(reference);
    await this.sees('refund.amount');
    await this.finds(left);
    await this.number('5');
    await this.agrees();
    if (means === 'card') {
      await this.card();
    }
    assert.match(await this.slip(), /REFUND[^]*-5\.00/);
  }

  async begins(entry) {
    if ((await this.sees('main.menu', 'preauth.menu')) === 'main.menu') {
      await this.entry('preauth');
      await this.sees('preauth.menu');
    }
    await this.entry(entry);
  }

  /* Authorisation code, and the day that is asked for with it. */
  async holds(amount) {
    await this.begins('hold');
    await this.sees('preauth.amount');
    await this.number(amount);
    await this.card();
    const text = await this.slip();
    assert.match(text, /PRE-AUTH/);
    const [, code] = text.match(/授权码\D*(\d{6})/);
    const [, month, day] = text.match(/\d{4}\/(\d{2})\/(\d{2})/);
    return { code, date: `${month}${day}` };
  }

  async follows(entry, { code, date }) {
    await this.begins(entry);
    await this.sees('preauth.code');
    await this.number(code);
    await this.sees('refund.date');
    await this.number(date);
    await this.sees('preauth.amount');
  }

  /* 115 % and no fen more. */
  async completes(hold) {
    await this.follows('complete', hold);
    await this.number('231');
    await this.reads(/230\.00/);
    await this.touch('.view [data-key="clear"]');
    await this.number('230');
    await this.card();
    const text = await this.slip();
    assert.match(text, /230\.00/);
    return { reference: text.match(/参考号 (\d{12})/)[1], date: hold.date };
  }

  /* Told, without the card: it is done at once, and the host hears of it. */
  async notifies(hold, amount) {
    await this.follows('notice', hold);
    await this.number(amount);
    assert.match(await this.slip('sale.offline'), new RegExp(`${amount}\\.00`));
  }

  async adds(hold, amount) {
    await this.follows('add', hold);
    await this.number(amount);
    await this.card();
    assert.match(await this.slip(), /PRE-AUTH[^]*50\.00/);
  }

  /* All of it, or nothing. */
  async cancels(hold, amount) {
    await this.follows('cancel', hold);
    await this.number('1');
    await this.reads(new RegExp(`${amount}\\.00`));
    await this.touch('.view [data-key="clear"]');
    await this.number(amount);
    await this.agrees();
    await this.card();
    assert.match(await this.slip(), /VOID SLIP/);
  }

  async undoes({ reference, date }) {
    await this.begins('undo');
    await this.sees('preauth.reference');
    await this.number(reference);
    await this.sees('refund.date');
    await this.number(date);
    await this.sees('preauth.amount');
    await this.number('230');
    await this.agrees();
    await this.card();
    assert.match(await this.slip(), /VOID SLIP[^]*-230\.00/);
  }
}

async function walks(who) {
  const card = await who.sells('128', () => who.card());
  const code = await who.sells('35', () => who.scans());
  await who.refundsBy('card', card, /128\.00/);
  await who.voids((await who.sells('128', () => who.card())).voucher);
  await who.refunds(code);
  await who.refundsBy('code', code, /25\.00/);
  await who.undoes(await who.completes(await who.holds('200')));
  await who.notifies(await who.holds('300'), '310');
  const hold = await who.holds('100');
  await who.adds(hold, '50');
  await who.cancels(hold, '150');
  await who.home();
}

at.both('S48 S94 S95 S96 S97 S98 S99: void, refund and hold', Counter, async (who, first) => {
  if (first) {
    await at.firstDay(who, '00', '01');
    await who.signsIn();
  }
  await walks(who);
});

at.walked();
