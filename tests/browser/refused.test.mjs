/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a payment ends otherwise, at the terminal of a running demo: a limit of the host that the screen
 * names, too little on the card, a sale that is cancelled while the host is silent, a refund that is
 * cancelled and stays made, and an order whose part does not go back and that is ended as it is. In Chinese with
 * the mouse on a PC and in English by touch on a small terminal. S84 S86 S95
 *
 *   node --test tests/browser/refused.test.mjs
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { heldStill, program } from './stage.mjs';
import { Till, atDemo } from './till.mjs';

const at = atDemo('refused');
const MID = '898290058120001';
const PINS = { good: '246810', poor: '246810', credit: '135790' }; /* of the virtual cards */

class Counter extends Till {
  async card(name, pin = PINS[name]) {
    await this.sees('sale.present');
    await this.present(`[data-card="${name}"]`);
    if ((await this.sees('sale.pin', 'sale.declined')) === 'sale.pin') {
      await this.secret(pin);
    }
  }

  async isRefused(pattern) {
    await this.sees('sale.declined');
    await this.finds(pattern);
    await this.ok();
  }

  /* S86: 1,000 a day by credit cards, and the screen says which limit it was. */
  async overLimit() {
    await this.amount('1001');
    await this.card('credit');
    await this.isRefused(this.lang === 'zh' ? /贷记卡|信用卡/ : /[Cc]redit cards/);
    await this.amount('128');
    await this.card('poor');
    await this.isRefused(/51/);
  }

  /* The wallet has given the money back, and nobody is told that it has not. */
  async keepsRefund() {
    await this.amount('35');
    await this.present('[data-phone="good"] [data-part="show"]');
    const [, voucher] = (await this.slip()).match(/凭证号 (\d{6})/);
    await this.sees('main.menu');
    await this.entry('refund');
    await this.sees('refund.by');
    await this.entry('voucher');
    await this.sees('refund.number');
    await this.number(voucher);
    await this.sees('refund.amount');
    await this.number('10');
    await heldStill(at.demo, 'tongbao-simulators', async () => {
      await this.agrees();
      await this.sees('sale.wait');
      await this.cancel();
      await this.sees('sale.reversing');
    });
    await this.sees('sale.kept');
    await this.ok();
  }

  /* The host is silent: what is cancelled is reversed when it speaks again. */
  async reverses() {
    await this.amount('8');
    await this.sees('sale.present');
    await heldStill(at.demo, 'tongbao-acquirer', async () => {
      await this.present('[data-phone="good"] [data-part="show"]');
      await this.sees('sale.wait');
      await this.cancel();
      await this.sees('sale.reversing');
    });
    await this.sees('sale.reversed');
    await this.ok();
  }

  /* A wrong PIN, so the card's part stays; a supervisor ends the order. */
  async leavesOrder() {
    await this.amount('60');
    await this.entry('split');
    await this.sees('split.order');
    await this.number('20');
    await this.card('good');
    await this.slip();
    await this.sees('split.order');
    await this.entry('give_up');
    await this.sees('split.back');
    assert.equal(await this.page.locator('[data-key="choice:leave"]').count(), 0, 'not before it was tried');
    await this.entry('back');
    await this.agrees();
    await this.card('good', '111111');
    await this.isRefused(/55/);
    await this.sees('split.back');
    await this.page.screenshot({ path: join(at.pictures, `leave-${this.lang}.png`) });
    await this.entry('leave');
    await this.agrees();
    await this.sees('split.given_up');
    await this.ok();
    await this.sees('main.menu');
  }
}

async function walks(who) {
  await who.overLimit();
  await who.reverses();
  await who.keepsRefund();
  await who.leavesOrder();
}

at.both('S84 S86 S95: refused, kept and left', Counter, async (who, first) => {
  if (first) {
    const done = spawnSync(program, ['admin', 'limits', 'class', 'micro', '--state', join(at.demo.directory, 'admin'), '--mid', MID], { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    await at.firstDay(who, '00', '01');
    await who.signsIn();
  }
  await walks(who);
});

at.walked();
