/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes before the means of a sale and after its result, at the terminal of a running demo: the
 * price list, a basket, the calculator, a quick amount, a tip, a signature on the screen, an e-receipt
 * that verifies in the customer's browser, and training: sales, each kind of payment that follows them,
 * a settlement. In Chinese with the mouse and in English by touch on a small terminal. S81 S82 S92 S106 S181
 *
 *   node --test tests/browser/counter.test.mjs
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { OWN, Till, atDemo } from './till.mjs';

const at = atDemo('counter');
const LIST = '牛肉面 18.00\n卤蛋 2.50\nOolong tea 12';

class Counter extends Till {
  key(name) {
    return this.touch(`.view [data-key="${name}"]`);
  }

  /* On paper, then here after all: a hand that writes, from left to right, and again after wiping. */
  async signs() {
    await this.sees('sale.sign');
    await this.entry('paper');
    await this.sees('sale.approved');
    await this.entry('sign_again');
    await this.sees('sale.sign');
    const pad = this.page.locator('[data-part="sign-pad"]');
    const box = await pad.boundingBox();
    const spot = (x, y) => [box.x + box.width * x, box.y + box.height * y];
    const { mouse } = this.page;
    const wave = async () => {
      await mouse.move(...spot(0.1, 0.5));
      await mouse.down();
      for (let step = 1; step <= 40; step += 1) {
        await mouse.move(...spot(0.1 + step * 0.02, 0.5 + 0.3 * Math.sin(step / 3)));
      }
      await mouse.up();
    };
    await wave();
    await this.touch('[data-part="sign-clear"]');
    await this.ok();
    await this.reads(/签名太短/, /too little/);
    await wave();
    await this.page.screenshot({ path: join(at.pictures, `signing-${this.lang}.png`) });
    await this.ok();
    await this.sees('sale.approved');
  }

  /* Two eggs and a bowl of noodles, ten per cent, signed for. */
  async sellsGoods() {
    await this.sees('main.menu');
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.entry('items');
    await this.sees('sale.items');
    await this.entry('row_1');
    await this.reads(/18\.00/);
    await this.entry('row_2');
    await this.reads(/20\.50/);
    await this.entry('row_2');
    await this.reads(/23\.00/);
    await this.entry('basket');
    await this.sees('sale.basket');
    await this.cancel();
    await this.sees('sale.items');
    await this.ok();
    await this.sees('sale.tip');
    await this.entry('share_2');
    await this.sees('sale.present');
    await this.finds(/卤蛋 × 2/);
    await this.finds(/2\.30/);
    await this.present('[data-card="credit"]');
    await this.signs();
    const text = await this.printed();
    assert.match(text, /2 x 2\.50 +5\.00/);
    assert.match(text, /小费 TIPS +2\.30/);
    assert.match(text, /总计 TOTAL +RMB +25\.30/);
    assert.match(text, /CARDHOLDER SIGNATURE/);
    const height = await this.page.evaluate(
      () => document.querySelector('[data-part="receipt-picture"]').naturalHeight,
    );
    assert.ok(height > 28 * (text.split('\n').length + 4), 'the signature is on the picture');
  }

  /* The customer opens the link on his own telephone. */
  async sendsReceipt() {
    await this.entry('ereceipt');
    await this.sees('ereceipt.show');
    const link = await this.page.evaluate(async () => {
      const image = document.querySelector('[data-part="qr"] img');
      await image.decode();
      const events = new EventSource('api/events'); /* the newest screen comes at once */
      const screen = await new Promise((resolve) => {
        events.onmessage = (event) => resolve(JSON.parse(event.data));
      });
      events.close();
      return { text: screen.qr.text, width: image.naturalWidth, seen: image.clientWidth };
    });
    assert.ok(link.width > 0 && link.seen >= 2.5 * 109, `modules of ${link.seen / 109} px are read`);
    const context = await at.browser.newContext({ locale: this.lang === 'zh' ? 'zh-CN' : 'en-GB' });
    const phone = await context.newPage();
    await phone.goto(link.text);
    await phone.waitForSelector('[data-part="verdict"]');
    assert.equal(await phone.getAttribute('[data-part="verdict"]', 'data-verdict'), 'good');
    assert.match(await phone.innerText('main'), /25\.30/);
    await phone.screenshot({ path: join(at.pictures, `phone-${this.lang}.png`), fullPage: true });
    await context.close();
    await this.ok();
    await this.sees('sale.approved');
    await this.ok();
  }

  async calculates() {
    await this.sees('main.menu');
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.entry('calculator');
    await this.sees('sale.calculator');
    await this.digits('12');
    await this.key('point');
    await this.digits('5');
    await this.entry('times');
    await this.digits('3');
    await this.entry('plus');
    await this.digits('8');
    await this.reads(/45\.50/);
    await this.ok();
    await this.sees('sale.tip');
    await this.entry('none');
    await this.sees('sale.present');
    await this.finds(/45\.50/);
    await this.cancel();
    await this.sees('sale.amount');
    await this.entry('quick_1');
    await this.sees('sale.tip');
    await this.home();
  }

  /* Its voucher number; nobody is to take it for a slip of money. */
  async practisedSlip() {
    const text = await this.printed();
    assert.match(text, /演示 TRAINING/);
    return text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/)[1];
  }

  /* One kind of payment, from the list and back to it: which one it follows, how much, and a card. */
  async lesson(kind, { voucher, amount, card = true }) {
    await this.sees('training.list');
    await this.entry(kind);
    if (voucher !== undefined) {
      await this.sees('training.number');
      await this.number(voucher);
    }
    if (amount !== undefined) {
      await this.sees('training.amount');
      await this.number(amount);
    }
    if (card) {
      await this.sees('training.present');
      assert.equal(await this.page.locator('[data-key="choice:cash"]').count(), 0, 'a card alone');
      await this.entry('tap');
    }
    await this.sees('training.result');
    await this.finds(/演示成功|in training/);
    const slip = await this.practisedSlip();
    await this.ok();
    await this.sees('training.list');
    return slip;
  }

  /* A number that is none, and what has been voided already, are refused by name. */
  async isRefusedNumber(kind, voucher, zh, en) {
    await this.sees('training.list');
    await this.entry(kind);
    await this.sees('training.number');
    await this.number(voucher);
    await this.reads(zh, en);
    await this.cancel();
    await this.sees('training.list');
  }

  /* What is typed on the screen of an order or none, which is all of the rest; by this means. */
  async part(amount, means) {
    await this.sees('training.order');
    if (amount !== undefined) {
      await this.number(amount);
    } else {
      await this.ok();
    }
    await this.sees('training.present');
    await this.entry(means);
    await this.sees('training.result');
    await this.ok();
  }

  async beginsOrder(amount) {
    await this.sees('training.list');
    await this.entry('split');
    await this.sees('sale.amount');
    await this.digits(amount);
    await this.ok();
    await this.sees('sale.tip');
    await this.entry('none');
  }

  async endsOrder(zh, en) {
    await this.sees('training.order_end');
    await this.reads(zh, en);
    await this.ok();
    await this.sees('training.list');
  }

  /* One order that is paid in parts, and one that is given up: what was paid of it goes back. */
  async practisesOrders() {
    await this.beginsOrder('9');
    await this.part('2', 'tap');
    await this.part(undefined, 'cash');
    await this.endsOrder(/付清|结清/, /paid/i);
    await this.beginsOrder('5');
    await this.part('2', 'tap');
    await this.sees('training.order');
    await this.entry('give_up');
    await this.sees('training.back');
    await this.entry('back');
    await this.sees('training.result');
    await this.ok();
    await this.endsOrder(/放弃|取消/, /given up|cancelled/i);
  }

  async practisesInstalments() {
    await this.sees('training.list');
    await this.entry('instalment');
    await this.sees('sale.amount');
    await this.digits('800');
    await this.ok();
    await this.sees('sale.tip');
    await this.entry('none');
    await this.sees('instalment.issuer');
    await this.entry('n_0');
    await this.sees('instalment.plan');
    await this.entry('n_0');
    await this.sees('training.present');
    await this.entry('tap');
    await this.sees('training.result');
    await this.finds(/演示成功|in training/);
    await this.ok();
  }

  async practisesTheRest(sale) {
    await this.entry('others');
    await this.isRefusedNumber('refund', '999', /000999/);
    await this.lesson('refund', { voucher: sale, amount: '3' });
    const held = await this.lesson('hold', { amount: '200' });
    await this.lesson('add', { voucher: held, amount: '50' });
    const completed = await this.lesson('complete', { voucher: held, amount: '230' });
    await this.lesson('undo', { voucher: completed });
    await this.lesson('notice', { voucher: held, amount: '230', card: false });
    await this.lesson('cancel', { voucher: await this.lesson('hold', { amount: '100' }) });
    await this.practisesOrders();
    await this.practisesInstalments();
    await this.sees('training.list');
    await this.cancel();
    await this.sees('training.menu');
    await this.entry('practise');
    const other = await this.practisesSale('12');
    await this.entry('others');
    await this.lesson('void', { voucher: other });
    await this.isRefusedNumber('void', other, /撤销/, /void/i);
    await this.entry('settle');
    await this.sees('training.settle');
    await this.entry('yes');
    await this.sees('training.list');
    await this.reads(/演示结算完成/, /Settled in training/);
    await this.isRefusedNumber('refund', sale, new RegExp(sale)); /* a new batch has begun */
    await this.cancel();
    await this.sees('training.menu');
  }

  /* An amount whose fen approve it, by card; its voucher number. */
  async practisesSale(amount) {
    await this.sees('sale.amount');
    await this.number(amount);
    await this.sees('sale.tip');
    await this.entry('none');
    await this.sees('training.present');
    await this.entry('tap');
    await this.sees('training.result');
    const voucher = await this.practisedSlip();
    await this.ok();
    await this.sees('training.menu');
    return voucher;
  }

  async practises() {
    await this.sees('main.menu');
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.entry('training');
    await this.sees('approve.password');
    await this.secret(OWN['00']);
    await this.sees('training.menu');
    const mark = await this.page.locator('[data-part="training"]').innerText();
    assert.match(mark, /演示.*TRAINING|TRAINING.*演示/);
    await this.entry('practise');
    for (const [fen, end] of [['1', /余额不足|[Ii]nsufficient|funds/], ['0', /演示成功|in training/]]) {
      await this.sees('sale.amount');
      await this.digits('8');
      await this.key('point');
      await this.digits(`5${fen}`);
      await this.ok();
      await this.sees('sale.tip');
      await this.entry('none');
      await this.sees('training.present');
      await this.entry('tap');
      await this.sees('training.result');
      await this.finds(end);
      if (fen === '1') {
        await this.entry('next');
      }
    }
    const sale = await this.practisedSlip();
    await this.ok();
    await this.sees('training.menu');
    await this.practisesTheRest(sale);
    await this.entry('leave');
    await this.sees('manage.menu');
    assert.equal(await this.page.locator('[data-part="training"]').count(), 0);
    await this.home();
  }
}

/* The supervisor looks at one of the goods and goes again. */
async function looksAtGoods(who) {
  await who.logsOut();
  await who.logsIn('00');
  await who.pastTips('main.menu');
  await who.choose('manage');
  await who.entry('goods');
  await who.sees('goods.list');
  await who.entry('row_1');
  await who.sees('goods.one');
  await who.finds(/18\.00/);
  await who.logsOut();
}

async function walks(who) {
  await who.sellsGoods();
  await who.sendsReceipt();
  await who.calculates();
  await who.practises();
}

/* The supervisor's list, and what the administrator sets. */
async function prepares(who) {
  await at.firstDay(who, '00');
  await who.choose('manage');
  await who.entry('goods');
  await who.sees('goods.list');
  await who.entry('import');
  await who.sees('goods.import');
  await who.page.fill('#written', '牛肉面 18.00\n卤蛋 两块五');
  await who.ok();
  await who.reads(/第 2 行/, /Line 2/);
  await who.page.fill('#written', LIST);
  await who.ok();
  await who.sees('goods.list');
  await who.entry('row_3');
  await who.sees('goods.one');
  await who.entry('name');
  await who.sees('goods.name');
  await who.page.fill('#written', '乌龙茶');
  await who.page.keyboard.press('Enter');
  await who.sees('goods.one');
  await who.logsOut();
  await at.firstDay(who, '99');
  await who.choose('manage');
  await who.entry('parameters');
  await who.sees('parameters.list');
  await who.entry('counter');
  await who.sees('parameters.counter');
  await who.entry('tip');
  await who.reads(/已保存|保存/, /[Ss]aved/);
  await who.entry('sign');
  await who.entry('quick_1');
  await who.sees('parameters.counter_value');
  await who.digits('18');
  await who.ok();
  await who.sees('parameters.counter');
  await who.logsOut();
}

at.both('S81 S82 S92 S106 S181: a counter', Counter, async (who, first) => {
  if (first) {
    await prepares(who);
    await at.firstDay(who, '01');
    await who.signsIn();
  }
  await walks(who);
  if (!first) {
    await looksAtGoods(who);
  }
});

at.walked();
