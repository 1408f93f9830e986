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
import { axeFaults, openPage } from './browser.mjs';
import { withDemo } from './stage.mjs';
import { leftToWalks } from './walks.mjs';

const at = withDemo('apply');
const WAIT_MS = 20000;

const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };

const chinese = {
  begin: '开始申请', on: '保存并继续', business: '个体工商户', counter: '放在柜台使用', kept: '已保存', next: '继续', code: '发送验证码', verify: '验证',
  send: '提交申请', wrong: '有内容需要更正', picture: '不是有效的', review: '审核中', sms: '短信验证码', other: '接受其他方案',
  trade: '行业', city: '所在城市', tea: '茶馆、咖啡馆、酒吧', beijing: '北京', named: '店铺名称要写明地区和行业',
};
const english = {
  begin: 'Begin', on: 'Save and go on', business: 'Individual business', counter: 'stands on a counter', kept: 'Saved,', next: 'Go on', code: 'Send a code',
  verify: 'Verify', send: 'Send', wrong: 'Something must be corrected', picture: 'This is no JPEG', review: 'In review', sms: 'Code from the SMS',
  other: 'other offer', trade: 'Trade', city: 'City', tea: 'Tea house, café, bar', beijing: 'Beijing', named: 'has to say where it is',
};

/* A JPEG's frame: nothing here draws it. */
function photo(width, height) {
  const side = (n) => [n >> 8, n & 255];
  return Buffer.from([
    0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, ...side(height), ...side(width), 1, 1, 0x11, 0,
    0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 5, 5, 0xff, 0xd9,
  ]);
}

async function code(phone) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
    const found = messages.filter((m) => m.to.endsWith(phone)).map((m) => m.text.match(/\b\d{6}\b/)?.[0]).filter(Boolean);
    if (found.length > 0) {
      return found.at(-1);
    }
    assert.ok(Date.now() < end, `no code for ${phone}`);
    await new Promise((done) => setTimeout(done, 50));
  }
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

const press = (v, name) => v.page.getByRole('button', { name, exact: true }).click();

async function fills(v, words, fields) {
  for (const [name, text] of Object.entries(fields)) {
    await v.page.locator(`input[name=${name}]`).fill(text);
  }
  await press(v, words.on);
}

const alerts = (v, text) => v.page.getByRole('alert').filter({ hasText: text }).waitFor({ timeout: WAIT_MS });

async function walk(lang, words, size, name, phone) {
  const home = new URL(`/apply?lang=${lang}`, at.demo.consoles).href;
  const context = await at.browser.newContext({ ...size, javaScriptEnabled: false });
  const v = { context, page: await context.newPage(), size };
  await v.page.goto(home);
  await look(v, `${name}-start`);
  await press(v, words.begin);
  await v.page.waitForURL('**/apply/step/1');
  await v.page.getByLabel(words.business, { exact: true }).check();
  await v.page.getByLabel(words.counter, { exact: true }).check();
  await fills(v, words, { turnover: '360000' });
  await v.page.waitForURL('**/apply/step/2');
  await look(v, `${name}-shop`);
  await fills(v, words, { shop: '茶', address: '海淀区中关村大街1号' });
  await alerts(v, words.wrong);
  await v.page.screenshot({ path: join(at.pictures, `${name}-wrong.png`), fullPage: true });
  await v.page.getByLabel(words.trade, { exact: true }).selectOption({ label: words.tea });
  await v.page.getByLabel(words.city, { exact: true }).selectOption({ label: words.beijing });
  await fills(v, words, { shop: '开源小店' });
  await alerts(v, words.named);
  await v.page.screenshot({ path: join(at.pictures, `${name}-named.png`), fullPage: true });
  await fills(v, words, { shop: `海淀区开源茶馆${phone.slice(-2)}` });
  await v.page.waitForURL('**/apply/step/3');
  await look(v, `${name}-owner`);
  await fills(v, words, {
    owner: '王小明', identity: '110108198005062314', identity_ends: '2040-01-31', licence: '92110108MA00ABCD1Q', licence_ends: '长期', phone,
  });
  await v.page.waitForURL('**/apply/step/4');
  await fills(v, words, { bank: '中国银行中关村支行', holder: '王小明', account: '6200 0000 1234' });
  await v.page.waitForURL('**/apply/documents');
  const upload = async (kind, buffer) => {
    const form = v.page.locator('form', { has: v.page.locator(`input[name=${kind}]`) });
    await form.locator('input').setInputFiles({ name: '照片.jpg', mimeType: 'image/jpeg', buffer });
    await form.locator('button').click();
  };
  await upload('licence', Buffer.alloc(6 * 1024 * 1024));
  await alerts(v, '5');
  assert.match(v.page.url(), /\/apply\/documents$/);
  await upload('licence', Buffer.from('<html>'));
  await alerts(v, words.picture);
  for (const [i, kind] of ['identity_front', 'identity_back', 'licence', 'shop_front', 'shop_inside', 'shop_counter'].entries()) {
    await upload(kind, photo(800 + i, 600));
    await v.page.getByText(words.kept).nth(i).waitFor({ timeout: WAIT_MS });
  }
  await look(v, `${name}-documents`);
  await v.page.getByRole('link', { name: words.next, exact: true }).click();
  await v.page.waitForURL('**/apply/phone');
  await press(v, words.code);
  await v.page.getByLabel(words.sms).fill(await code(phone));
  await press(v, words.verify);
  await v.page.waitForURL('**/apply/send');
  const shown = await v.page.locator('body').innerText();
  assert.ok(shown.includes('110***********2314') && !shown.includes('110108198005062314'), shown);
  await look(v, `${name}-send`);
  await press(v, words.send);
  await v.page.waitForURL('**/apply/status');
  /* What others are asked of is answered in its time, and the page has no script that would look again. */
  const review = v.page.getByText(words.review, { exact: true });
  const appears = () => review.waitFor({ timeout: 1000 }).then(() => true, () => false);
  for (const end = Date.now() + WAIT_MS; !(await appears()); await v.page.reload()) assert.ok(Date.now() < end, await v.page.locator('body').innerText());
  await look(v, `${name}-status`);
  /* Sent is sent: the form leads to its state. */
  await v.page.goto(new URL('/apply/step/1', home).href);
  assert.match(v.page.url(), /\/apply\/status$/);
  await context.close();
}

test('in Chinese, on a telephone', { skip: leftToWalks('apply', 'zh') }, () => walk('zh', chinese, PHONE, 'zh-360', '13900001211'));
test('in English, on a PC', { skip: leftToWalks('apply', 'en') }, () => walk('en', english, DESKTOP, 'en-1440', '13900001222'));

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
