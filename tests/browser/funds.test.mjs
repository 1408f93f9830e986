/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner's money in a browser, at a running demo: what the terminal takes stands on the first page
 * without a reload, and on the page of funds where it is, each figure with the lines that it is the sum
 * of; what is held says why and until when (S66, S68, S158). In both languages, on a telephone, a tablet and a PC, by light
 * and in the dark; axe-core finds nothing serious, and no amount is cut.
 *
 *   node --test tests/browser/funds.test.mjs
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { PC, PHONE, look, member, press, sees, title } from './member.mjs';
import { program } from './stage.mjs';
import { Till, atDemo } from './till.mjs';

const at = atDemo('funds', { axe: false });
const WAIT_MS = 30000;
const TABLET = { width: 768, height: 1024 };
let owner;

const amountOf = (text) => Math.round(Number(text.replace('−', '-').replace(/[¥,\s]/g, '')) * 100);
const shown = async (selector) => amountOf(await owner.page.locator(selector).first().innerText());
const becomes = (selector, text) =>
  owner.page.locator(selector).filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });

/* At three widths: nothing is cut, and no amount takes more than one line. */
async function atEveryWidth(name) {
  for (const viewport of [PHONE.viewport, TABLET, PC.viewport]) {
    await owner.page.setViewportSize(viewport);
    await look(at, owner, `${name}-${viewport.width}`);
    const broken = await owner.page.evaluate(() =>
      [...document.querySelectorAll('.funds-total, .funds-amount')]
        .filter((e) => e.getClientRects().length > 1 || e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
        .map((e) => e.textContent),
    );
    assert.deepEqual(broken, [], `${name} at ${viewport.width}`);
    const lost = await owner.page.evaluate(() =>
      [...document.querySelectorAll('.menu button')].filter((e) => e.getBoundingClientRect().left + e.closest('.menu').scrollLeft < 0).map((e) => e.textContent.trim()),
    );
    assert.deepEqual(lost, [], 'what the menu cannot be scrolled to');
  }
  await owner.page.setViewportSize(PHONE.viewport);
}

const linesAddUp = async () => {
  const amounts = await owner.page.locator('[data-line] .funds-amount').allInnerTexts();
  assert.equal(amounts.map(amountOf).reduce((a, b) => a + b, 0), await shown('.funds-total'));
  return amounts.length;
};

test('S158: what the terminal takes stands on the first page by itself', async (t) => {
  owner = await member(at, at.demo.links.owner, 'zh', PHONE);
  await becomes('[data-today]', '¥0.00');
  await sees(owner, '登记收款账户');
  await atEveryWidth('home-empty');

  const till = await at.arrives(t, Till, 'zh', 'mouse', PC);
  await at.firstDay(till, '01');
  await till.signsIn();
  await till.amount('1288');
  await till.present('[data-phone="good"] [data-part="show"]');
  await till.slip();
  await becomes('[data-today]', '¥1,288.00');
  await sees(owner, '1 笔收款');
  await atEveryWidth('home');
});

test('S66: where the money is, and what each figure is the sum of', async () => {
  await press(owner, '我的资金', owner.page.getByRole('navigation'));
  await title(owner, '我的资金');
  await becomes('[data-total]', '¥1,2');
  const total = await shown('[data-total]');
  assert.equal(await shown('[data-figure="today"] .funds-amount'), total);
  await atEveryWidth('funds');
  await owner.page.locator('button[data-figure="today"]').click();
  await title(owner, '今日进账');
  await sees(owner, '费率规则');
  assert.equal(await shown('.funds-total'), total);
  assert.equal(await linesAddUp(), 2);
  await atEveryWidth('funds-today');
  await press(owner, '返回我的资金');
  await owner.page.locator('button[data-figure="transit"]').click();
  await sees(owner, '没有在途的打款');
  await press(owner, '返回我的资金');
});

test('S68: what is held says why, what is wanted, until when, and how to object', async () => {
  const total = await shown('[data-total]');
  await press(owner, 'English');
  await owner.page.emulateMedia({ colorScheme: 'dark' });
  const mid = at.demo.merchant ?? (await owner.page.evaluate(async () => (await (await fetch('/api/console/session')).json()).account.mid));
  const held = spawnSync(program, [
    'admin', 'hold', '--control', join(at.demo.directory, 'control.sock'), '--actor', 'li.wei', '--mid', mid, '--amount', '88.00',
    '--reason', 'risk', '--evidence', 'the slip with the signature', '--appeal', 'call customer service, or write in the chat',
  ], { encoding: 'utf8' });
  assert.equal(held.status, 0, held.stderr);
  await becomes('button[data-figure="held"]', '¥88.00'); /* no reload */
  assert.equal(await shown('[data-total]'), total, 'held is still his');
  assert.equal(await shown('[data-figure="available"] .funds-amount'), -8800);
  await sees(owner, 'it comes off what you take next');
  await atEveryWidth('funds-held');
  await owner.page.locator('button[data-figure="held"]').click();
  await title(owner, 'Held');
  await sees(owner, 'the slip with the signature');
  await sees(owner, 'released by itself when nobody has decided');
  await sees(owner, "trade that does not look like this shop's");
  assert.equal(await linesAddUp(), 1);
  await atEveryWidth('held');
  await press(owner, 'Back to my funds');
  await owner.page.locator('button[data-figure="available"]').click();
  await sees(owner, 'Balance before today');
  assert.equal(await linesAddUp(), 2);
  await owner.page.goto(new URL('/', owner.page.url()).href);
  await sees(owner, 'Money is held');
  await atEveryWidth('home-held');
});
