/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a sale is paid with, at the terminal of a running demo: cash with change, an order in parts
 * that is paid and one that is given up, instalments and their void, a card number that is typed, a
 * member's points and what gives them back, and the drawer that is counted. In Chinese with the mouse on a PC and in English by touch on a small
 * terminal. S58 S83 S84 S85 S107
 *
 *   node --test tests/browser/means.test.mjs
 */
import assert from 'node:assert/strict';
import { Till, atDemo } from './till.mjs';

const at = atDemo('means');
const PINS = { good: '246810', credit: '135790' }; /* of the virtual cards */
const CREDIT = '6200010000000012';
const MEMBERS = { rich: '8600000000012', poor: '8600000000023', none: '8600000000099' };

class Counter extends Till {
  async card(name) {
    await this.sees('sale.present');
    await this.present(`[data-card="${name}"]`);
    if ((await this.sees('sale.pin', 'sale.approved')) === 'sale.pin') {
      await this.secret(PINS[name]);
    }
  }

  async float() {
    await this.choose('manage');
    await this.choose('shift');
    await this.sees('shift.one');
    await this.entry('float');
    await this.sees('shift.float');
    await this.number('200');
    await this.sees('shift.one');
    await this.finds(/200\.00/);
    await this.home();
  }

  async cash() {
    await this.amount('128');
    await this.entry('cash');
    await this.sees('cash.given');
    await this.number('100');
    await this.reads(/28\.00/); /* missing */
    await this.touch('.view [data-key="clear"]');
    await this.digits('150');
    await this.reads(/22\.00/);
    await this.ok();
    const text = await this.slip();
    assert.match(text, /CASH RECEIPT/);
    assert.match(text, /CHANGE\s*RMB 22\.00/);
  }

  /* A part in cash on the screen of the order. */
  async cashPart(text) {
    await this.sees('split.order');
    await this.number(text);
    await this.sees('sale.present');
    await this.entry('cash');
    await this.sees('cash.given');
    await this.ok();
    await this.slip();
  }

  async order() {
    await this.amount('300');
    await this.entry('split');
    await this.cashPart('100');
    await this.sees('split.order');
    await this.finds(/200\.00/);
    await this.home();
    await this.reads(/300\.00/);
    await this.entry('order');
    await this.sees('split.order');
    await this.ok();
    await this.card('good');
    await this.slip();
    assert.match(await this.slip('split.paid'), /PAID IN FULL/);
  }

  async givesUp() {
    await this.amount('60');
    await this.entry('split');
    await this.cashPart('20');
    await this.sees('split.order');
    await this.entry('give_up');
    await this.sees('split.back');
    await this.entry('back');
    await this.agrees();
    await this.sees('cash.give');
    await this.ok();
    assert.match(await this.slip(), /VOID SLIP/);
    await this.sees('split.given_up');
    await this.ok();
    await this.sees('main.menu');
  }

  async instalments() {
    await this.amount('1000');
    await this.entry('instalment');
    await this.sees('instalment.issuer');
    await this.entry('n_0');
    await this.sees('instalment.plan');
    await this.finds(/174\.16/);
    await this.entry('n_1');
    await this.sees('sale.present');
    await this.finds(/45\.00/);
    await this.card('credit');
    const text = await this.slip();
    assert.match(text, /分期 6 期/);
    const [, voucher] = text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/);
    await this.sees('main.menu');
    await this.entry('void');
    await this.sees('void.number');
    await this.number(String(Number(voucher)));
    await this.sees('void.confirm');
    await this.ok();
    await this.agrees();
    await this.card('credit');
    assert.match(await this.slip(), /VOID INSTALMENTS/);
  }

  /* The virtual card expires in four years, this month. */
  async byHand() {
    const now = new Date(Date.now() + 8 * 3600 * 1000);
    const expiry = `${String(now.getUTCMonth() + 1).padStart(2, '0')}${(now.getUTCFullYear() + 4) % 100}`;
    await this.amount('50');
    await this.entry('manual');
    await this.agrees();
    await this.sees('manual.number');
    await this.secret('6200010000000013');
    await this.sees('manual.expiry');
    await this.secret(expiry);
    await this.sees('manual.number'); /* a digit was wrong */
    await this.secret(CREDIT);
    await this.sees('manual.expiry');
    await this.secret(expiry);
    await this.sees('sale.pin');
    await this.secret(PINS.credit);
    assert.match(await this.slip(), /620001\*+0012 \/M/);
  }

  /* The number of a member on the screen of the means. */
  async member(name) {
    await this.sees('sale.present');
    await this.entry('points');
    await this.sees('points.member');
    await this.number(MEMBERS[name]);
  }

  /* Points for all of it; voucher and reference of the slip, on which the member's number is masked. */
  async points(amount) {
    await this.amount(amount);
    await this.member('rich');
    await this.sees('sale.approved');
    await this.finds(/没有收钱|no money/);
    const text = await this.slip();
    assert.match(text, /POINTS SLIP[^]*NO MONEY CHARGED/);
    assert.ok(!text.includes(MEMBERS.rich));
    const [, voucher] = text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/);
    const [, reference] = text.match(/参考号 (\d{12})/);
    await this.sees('main.menu');
    return { voucher, reference };
  }

  /* Too few points, no such member, a number that is none; and then another means after all. */
  async pointsRefused() {
    for (const [member, zh, en] of [['poor', /积分不足/, /points/], ['none', /没有这个会员/, /member/]]) {
      await this.amount('50');
      await this.member(member);
      await this.sees('sale.declined');
      await this.finds(this.lang === 'zh' ? zh : en);
      await this.ok();
    }
    await this.amount('50');
    await this.entry('points');
    await this.sees('points.member');
    await this.number('860');
    await this.reads(/不是会员号/, /no member's number/);
    await this.cancel();
    await this.sees('sale.present');
    await this.card('good');
    assert.doesNotMatch(await this.slip(), /POINTS/);
    await this.sees('main.menu');
  }

  async pointsVoided({ voucher }) {
    await this.entry('void');
    await this.sees('void.number');
    await this.number(String(Number(voucher)));
    await this.sees('void.confirm');
    await this.finds(/50\.00/);
    await this.ok();
    await this.agrees();
    assert.match(await this.slip(), /POINTS[^]*-50\.00/);
    await this.sees('main.menu');
  }

  /* More than was paid is refused; a part goes back as points, and no card is asked for. */
  async pointsRefunded(by, number, amount, left) {
    await this.entry('refund');
    await this.sees('refund.by');
    await this.entry(by);
    await this.sees(by === 'voucher' ? 'refund.number' : 'refund.reference');
    await this.number(number);
    await this.sees('refund.amount');
    await this.number('90');
    await this.reads(left);
    await this.touch('.view [data-key="clear"]');
    await this.number(amount);
    await this.agrees();
    assert.match(await this.slip(), new RegExp(`POINTS BACK[^]*-${amount}\\.00`));
    await this.sees('main.menu');
  }

  /* S84: 30 of 50 in points and the rest by card, one slip for both; then one that is given up. */
  async pointsInAnOrder() {
    const part = async (amount) => {
      await this.sees('split.order');
      await this.number(amount);
      await this.member('rich');
      await this.slip();
      await this.sees('split.order');
    };
    await this.amount('50');
    await this.entry('split');
    await part('30');
    await this.finds(/20\.00/);
    await this.ok();
    await this.card('good');
    await this.slip();
    assert.match(await this.slip('split.paid'), /积分 POINTS/);
    await this.amount('50');
    await this.entry('split');
    await part('30');
    await this.entry('give_up');
    await this.sees('split.back');
    await this.entry('back');
    await this.agrees();
    assert.match(await this.slip(), /POINTS[^]*-30\.00/);
    await this.sees('split.given_up');
    await this.ok();
    await this.sees('main.menu');
  }

  async counts(expected) {
    await this.sees('main.menu');
    await this.choose('manage');
    await this.choose('shift');
    await this.sees('shift.one');
    await this.choose('shiftZ');
    await this.sees('shift.count');
    await this.number('400');
    await this.sees('shift.ask');
    await this.finds(new RegExp(expected.replace('.', '\\.')));
    await this.choose('yesShift');
    await this.sees('shift.closed');
    const text = await this.page.locator('[data-part="receipt-text"]').textContent();
    assert.match(text, /COUNTED\s*RMB 400\.00/);
    await this.ok();
    await this.home();
  }
}

async function walks(who) {
  await who.float();
  await who.cash();
  await who.order();
  await who.givesUp();
  await who.instalments();
  await who.byHand();
  await who.sees('main.menu');
  await who.pointsRefused();
  await who.pointsVoided(await who.points('50'));
  const { voucher, reference } = await who.points('50');
  await who.pointsRefunded('voucher', voucher, '20', /50\.00/);
  await who.pointsRefunded('points', reference, '5', /30\.00/);
  await who.pointsInAnOrder();
  await who.counts('428.00'); /* 200, 128, 100; the 20 went back, and points are no cash */
}

at.both('S58 S83 S84 S85 S107: every means', Counter, async (who, first) => {
  if (first) {
    await who.firstLogIn('99', at.demo.passwords['99']);
    await who.choose('manage');
    await who.entry('parameters');
    await who.sees('parameters.list');
    await who.entry('manual');
    await who.sees('parameters.manual');
    await who.number('1000');
    await who.sees('parameters.list');
    await who.entry('counter');
    await who.sees('parameters.counter');
    await who.entry('points');
    await who.reads(/已保存/, /[Ss]aved/);
    await who.logsOut();
    await at.firstDay(who, '00', '01');
    await who.signsIn();
  }
  await walks(who);
});

at.walked();
