/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bank card that the customer's telephone shows as a code, at the terminal of a running demo: a small
 * amount without PIN, a large one with it, void by another code of the same card; an old code, a torn
 * one, one of another scheme and one that was used are refused by name, and the next one pays. In
 * Chinese with the mouse on a PC and in English by touch on a small terminal. S77 S94
 *
 *   node --test tests/browser/codes.test.mjs
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesOf } from '../canary/demo.mjs';
import { root } from './stage.mjs';
import { Till, atDemo } from './till.mjs';

const at = atDemo('codes');
const CARD_PIN = '246810';

class Counter extends Till {
  async shows(phone) {
    const fresh = this.page.locator(`[data-phone="${phone}"] [data-part="fresh"]`);
    if (!(await fresh.isVisible())) {
      await this.touch('.view [data-key="tray"]');
      await fresh.waitFor();
    }
    const picture = this.page.locator(`[data-phone="${phone}"] img`);
    const before = await picture.getAttribute('src');
    await this.touch(`[data-phone="${phone}"] [data-part="fresh"]`);
    await this.until(
      'a fresh code',
      ([name, old]) => {
        const shown = document.querySelector(`[data-phone="${name}"] img`);
        return shown?.naturalWidth > 0 && shown.getAttribute('src') !== old;
      },
      [phone, before],
    );
    await this.touch(`[data-phone="${phone}"] [data-part="show"]`);
  }

  /* What the telephone shows is refused with these words, and a card is still awaited. */
  async refused(phone, words) {
    await this.shows(phone);
    await this.page.locator('.middle', { hasText: words[this.lang] }).waitFor();
    await this.sees('sale.present');
    await this.page.screenshot({ path: join(at.pictures, `${phone}-${this.lang}-${this.hand}.png`) });
  }

  async voids(voucher) {
    await this.sees('main.menu');
    await this.entry('void');
    await this.sees('void.number');
    await this.number(voucher);
    await this.sees('void.confirm');
    await this.ok();
    await this.agrees();
    await this.sees('sale.present');
  }
}

async function walks(who) {
  await who.amount('35');
  await who.refused('abroad', { zh: '本机不受理这个卡组织的付款码', en: 'Codes of this card scheme are not taken here' });
  await who.refused('cut', { zh: '银行卡付款码残缺或损坏', en: 'The code of the bank card is torn or damaged' });
  await who.shows('card');
  const text = await who.slip();
  assert.match(text, /620000\*+0017 \/Q/);
  const [, voucher] = text.match(/(?:凭证号|VOUCHER)\D*(\d{6})/);

  await who.amount('1500');
  await who.shows('card');
  await who.sees('sale.pin');
  await who.secret(CARD_PIN);
  await who.slip();

  await who.amount('9');
  await who.shows('stale'); /* only its issuer knows how old it is */
  await who.sees('sale.declined');
  await who.reads(who.lang === 'zh' ? /付款码已过期或已经用过/ : /the payment code has expired or was used before/);
  await who.ok();
  await who.leaves('sale.declined');
  await who.home();

  await who.voids(voucher);
  await who.shows('card');
  assert.match(await who.slip(), /VOID/);
  await who.home();
}

at.both('S77 S94: a card as a code', Counter, async (who, first) => {
  if (first) {
    await at.firstDay(who, '00', '01');
    await who.signsIn();
  }
  await walks(who);
});

/*
 * The number of a card that was shown as a code, spelt in any way (tests/canary), is nowhere in the
 * memory of the terminal program: it was there as base64 for as long as it took to hand it on.
 */
test('S65 S77: the terminal program keeps nothing of a code', { skip: process.getuid() !== 0 && 'only root reads the memory of programs' }, () => {
  const scanner = join(root, 'build/meson/tests/canary/canary_scan');
  if (!existsSync(scanner)) {
    execFileSync('ninja', ['-C', join(root, 'build/meson'), 'tests/canary/canary_scan'], { stdio: 'pipe' });
  }
  const running = processesOf(at.demo.pid);
  const pid = (name) => running.find((one) => one.name.startsWith(name))?.pid;
  const found = (name, secret) => {
    const args = ['--process', `it=${pid(name)}`];
    const run = spawnSync(scanner, args, { input: `mark\t${secret}\n`, encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.ok(run.status === 0 || run.status === 1, run.stderr);
    return run.stdout.split('\n').filter((line) => line.startsWith('found\t'));
  };
  assert.notEqual(found('tongbao-termina', '10000017').length, 0, 'the search finds what is there');
  assert.deepEqual(found('tongbao-termina', '6200000000000010017'), []);
});
