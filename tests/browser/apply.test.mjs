/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shop applies for a terminal (S128, S129, S132, S141), against the programs of a running demo: from the first page to the
 * timeline with scripts switched off, the code read from the SMS, photos uploaded, what is wrong said beside it. In both
 * languages, on a telephone and on a PC; each page is looked at, and axe-core finds nothing serious.
 *
 *   node --test tests/browser/apply.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Applicant } from './applicant.mjs';
import { axeFaults, openPage } from './browser.mjs';
import { withDemo } from './stage.mjs';
import { leftToWalks } from './walks.mjs';

const at = withDemo('apply');

const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };

/* A JPEG's frame: nothing here draws it. */
function photo(width, height) {
  const side = (n) => [n >> 8, n & 255];
  return Buffer.from([
    0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, ...side(height), ...side(width), 1, 1, 0x11, 0,
    0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 5, 5, 0xff, 0xd9,
  ]);
}

/* The page that is open, as a browser with scripts has it: the picture, and what is wrong with it. */
async function look(v, name) {
  const twin = await openPage(at.browser, v.page.url(), { ...v.size, storageState: await v.context.storageState() });
  await twin.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  await check(twin, name);
  await twin.context.close();
}

async function check(v, name) {
  const wide = await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button, .button, .choice, input[type=text], select')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  assert.equal(await v.page.locator('script').count(), 0, `${name} has a script`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

/* As every shop walks, with what it does wrong on the way. */
async function walk(lang, size, name, phone) {
  const picture = (v, what) => v.page.screenshot({ path: join(at.pictures, `${name}-${what}.png`), fullPage: true });
  const shop = new Applicant(at, {
    lang, size, phone, shop: `海淀区开源茶馆${phone.slice(-2)}`, papers: { type: 'jpeg', photo }, looks: (v, what) => look(v, `${name}-${what}`),
  });
  await shop.opens();
  await shop.begins();
  await shop.fills({ shop: '茶', address: '海淀区中关村大街1号' });
  await shop.isTold('wrong');
  await picture(shop, 'wrong');
  await shop.choosesWhere();
  await shop.fills({ shop: '开源小店' });
  await shop.isTold('named');
  await picture(shop, 'named');
  await shop.saysShop();
  await shop.saysOwner();
  await shop.upload('licence', Buffer.alloc(6 * 1024 * 1024));
  await shop.isTold('5');
  assert.match(shop.page.url(), /\/apply\/documents$/);
  await shop.upload('licence', Buffer.from('<html>'));
  await shop.isTold('picture');
  await shop.uploads();
  await shop.verifies();
  const shown = await shop.page.locator('body').innerText();
  assert.ok(shown.includes('110***********2314') && !shown.includes('110108198005062314'), shown);
  await shop.sends();
  /* Sent is sent: the form leads to its state. */
  await shop.page.goto(new URL('/apply/step/1', at.demo.consoles).href);
  assert.match(shop.page.url(), /\/apply\/status$/);
  await shop.leaves();
}

test('in Chinese, on a telephone', { skip: leftToWalks('apply', 'zh') }, () => walk('zh', PHONE, 'zh-360', '13900001211'));
test('in English, on a PC', { skip: leftToWalks('apply', 'en') }, () => walk('en', DESKTOP, 'en-1440', '13900001222'));

/* A refusal is a page as well: whole, in the visitor's language, by day and by night. */
for (const [name, scheme, size] of [['zh', 'light', PHONE], ['en', 'dark', PHONE], ['zh', 'dark', DESKTOP]])
  test(`an address that is none, ${name}, ${scheme}`, async () => {
    const shown = { ...size, colorScheme: scheme };
    for (const [what, path] of [['none', '/apply/none'], ['start', '/apply'], ['return', '/apply/return']]) {
      const v = await openPage(at.browser, new URL(`${path}?lang=${name}`, at.demo.consoles).href, shown);
      const faults = v.faults.filter((fault) => !fault.includes('404'));
      await v.page.screenshot({ path: join(at.pictures, `${what}-${name}-${scheme}-${size.viewport.width}.png`), fullPage: true });
      await check({ ...v, faults }, what);
      assert.equal(await v.page.locator('h1').count(), 1);
      await v.context.close();
    }
  });

/* A body that is far too large is turned away by name, before it is read. */
test('fifty megabytes are refused', async () => {
  const url = new URL('/apply/documents', at.demo.consoles);
  const answer = await fetch(url, {
    method: 'POST',
    headers: { Origin: url.origin, 'Content-Type': 'multipart/form-data; boundary=x' },
    body: Buffer.alloc(50 * 1024 * 1024),
  }).catch((error) => error);
  assert.ok(answer.status === 413 || answer.cause !== undefined, `${answer.status}`);
  const page = await fetch(new URL('/apply', at.demo.consoles));
  assert.equal(page.status, 200);
});
