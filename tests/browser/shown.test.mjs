/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A code on the terminal's screen that the customer scans, at the terminal of a running demo: paid at
 * once, paid after a password, refused by a phone with too little on it, cancelled; the second phone at
 * the same code is told so; a part of what was paid goes back without anything being presented. In
 * Chinese with the mouse on a PC and in English by touch on a small terminal. S78 S95
 *
 *   node --test tests/browser/shown.test.mjs
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { OWN, Till, atDemo } from './till.mjs';

const at = atDemo('shown');

class Counter extends Till {
  async shows(amount) {
    if ((await this.sees('main.menu', 'sale.amount')) === 'main.menu') {
      await this.choose('sale');
    }
    await this.sees('sale.amount');
    await this.digits(amount);
    await this.ok();
    await this.sees('sale.present');
    await this.touch('.view [data-key="choice:show_code"]');
    await this.sees('sale.shown');
    await this.whole();
  }

  /* All of it is on the screen: the amount, the code, large enough for a camera, and the time. */
  async whole() {
    await this.until('amount, code and time', () => {
      const box = document.querySelector('.middle').getBoundingClientRect();
      const code = document.querySelector('[data-part="qr"] img');
      const parts = [document.querySelector('.line'), code, document.querySelector('.waiting-seconds')];
      const seen = parts.every((part) => {
        const { top, bottom } = part?.getBoundingClientRect() ?? { top: -9, bottom: 0 };
        return top >= box.top - 1 && bottom <= box.bottom + 1;
      });
      return code?.naturalWidth > 0 && code.getBoundingClientRect().width >= 160 && seen;
    });
  }

  /* This phone scans the screen; what it says. */
  async scans(phone) {
    const scan = this.page.locator(`[data-phone="${phone}"] [data-part="scan"]`);
    if (!(await scan.isVisible())) {
      await this.touch('.view [data-key="tray"]');
    }
    const answer = this.page.waitForResponse((r) => r.url().endsWith('/api/tray/scan'));
    await this.touch(`[data-phone="${phone}"] [data-part="scan"]`);
    const said = await (await answer).json();
    const drawer = this.page.locator('.drawer [data-part="tray"]');
    if (said.outcome !== 'refused' && (await drawer.count()) > 0) {
      await drawer.waitFor({ state: 'hidden' }); /* it makes room for what the terminal says */
    }
    return said;
  }

  /* The drawer of the tray, where it is one: a phone that refuses leaves it open. */
  async closes() {
    const close = this.page.locator('.drawer [data-part="close"]');
    if (await close.isVisible()) {
      await this.touch('.drawer [data-part="close"]');
      await close.waitFor({ state: 'hidden' });
    }
  }

  async refunds(voucher) {
    await this.sees('main.menu');
    await this.touch('.view [data-key="choice:refund"]');
    await this.sees('refund.by');
    await this.touch('.view [data-key="choice:voucher"]');
    await this.sees('refund.number');
    await this.digits(voucher);
    await this.ok();
    await this.sees('refund.amount');
    await this.digits('10');
    await this.ok();
    await this.sees('approve.password');
    await this.secret(OWN['00']);
    const text = await this.slip();
    assert.match(text, /REFUND/);
    assert.match(text, /-10\.00/);
  }
}

async function walks(who) {
  await who.shows('35');
  assert.equal((await who.scans('poor')).outcome, 'refused');
  const words = who.lang === 'zh' ? '余额不足' : 'there is not enough in the account';
  await who.page.locator('[data-phone="poor"] .phone-answer', { hasText: words }).waitFor();
  await who.page.screenshot({ path: join(at.pictures, `poor-${who.lang}-${who.hand}.png`) });
  await who.sees('sale.shown'); /* the order is still open */
  assert.equal((await who.scans('good')).outcome, 'paid');
  const text = await who.slip();
  assert.match(text, /CODE SHOWN BY MERCHANT/);
  const [, voucher] = text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/);

  await who.shows('9');
  assert.equal((await who.scans('asks')).outcome, 'asked');
  const second = await who.scans('good');
  assert.equal(second.outcome, 'refused');
  assert.equal(second.reason.en, 'the code was scanned before');
  await who.closes();
  await who.slip();

  await who.shows('12');
  await who.cancel();
  await who.sees('sale.reversed');
  await who.ok();
  await who.refunds(voucher);
  await who.home();
}

at.both('S78 S95: a code that the customer scans', Counter, async (who, first) => {
  if (first) {
    await at.firstDay(who, '00', '01');
    await who.signsIn();
  }
  await walks(who);
});

at.walked();
