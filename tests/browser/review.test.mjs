/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk of reviewers in browsers, against the programs of a running demo (S133, S134, S136): a shop applies by the public form,
 * an agent sees facts, photos and recommendation, cannot decide before a call and not alone; a second member of staff does. In
 * both languages, on a telephone and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/review.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import { axeFaults } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('review');
const WAIT_MS = 30000;
const PHONE = '13900001233';

/* A picture that browsers draw: a PNG of one colour. */
function photo(width, height) {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  const part = (name, body) => {
    const said = Buffer.concat([Buffer.from(name), body]);
    const whole = Buffer.alloc(said.length + 8);
    whole.writeUInt32BE(body.length);
    said.copy(whole, 4);
    whole.writeUInt32BE((said.reduce((c, b) => table[(c ^ b) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0, said.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8); /* grey */
  const lines = Buffer.alloc((width + 1) * height, 150);
  for (let y = 0; y < height; y += 1) lines[y * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    part('IHDR', head),
    part('IDAT', deflateSync(lines)),
    part('IEND', Buffer.alloc(0)),
  ]);
}

async function code() {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
    const found = messages.filter((m) => m.to.endsWith(PHONE)).map((m) => m.text.match(/\b\d{6}\b/)?.[0]).filter(Boolean);
    if (found.length > 0) return found.at(-1);
    assert.ok(Date.now() < end, 'no code came');
    await new Promise((done) => setTimeout(done, 50));
  }
}

/* A shop applies, by the form without scripts. */
async function applies() {
  const context = await at.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const on = '保存并继续';
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  const fills = async (fields) => {
    for (const [name, text] of Object.entries(fields)) await page.locator(`input[name=${name}]`).fill(text);
    await press(on);
  };
  await page.goto(new URL('/apply?lang=zh', at.demo.consoles).href);
  await press('开始申请');
  await page.waitForURL('**/apply/step/1');
  await page.getByLabel('个体工商户', { exact: true }).check();
  await page.getByLabel('放在柜台使用', { exact: true }).check();
  await fills({ turnover: '360000' });
  await page.waitForURL('**/apply/step/2');
  await page.getByLabel('行业', { exact: true }).selectOption('5812');
  await page.getByLabel('所在城市', { exact: true }).selectOption('110100');
  await fills({ shop: '海淀区开源茶馆', address: '北京市海淀区中关村大街1号' });
  await page.waitForURL('**/apply/step/3');
  await fills({
    owner: '王小明', identity: '110108198005062314', identity_ends: '2040-01-31', licence: '92110108MA00ABCD1Q', licence_ends: '长期', phone: PHONE,
  });
  await page.waitForURL('**/apply/step/4');
  await fills({ bank: '中国银行中关村支行', holder: '王小明', account: '6200 0000 1234' });
  await page.waitForURL('**/apply/documents');
  for (const [i, kind] of ['identity_front', 'identity_back', 'licence', 'shop_front', 'shop_inside', 'shop_counter'].entries()) {
    const form = page.locator('form', { has: page.locator(`input[name=${kind}]`) });
    await form.locator('input').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: photo(640 + i, 480) });
    await form.locator('button').click();
    await page.getByText('已保存').nth(i).waitFor({ timeout: WAIT_MS });
  }
  await page.getByRole('link', { name: '继续', exact: true }).click();
  await page.waitForURL('**/apply/phone');
  await press('发送验证码');
  await page.getByLabel('短信验证码').fill(await code());
  await press('验证');
  await page.waitForURL('**/apply/send');
  await press('提交申请');
  await page.waitForURL('**/apply/status');
  await page.getByText('审核中', { exact: true }).waitFor({ timeout: WAIT_MS });
  await context.close();
}

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5).map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

const press = (v, name) => v.page.getByRole('button', { name, exact: true }).click();
const title = (v, text) => v.page.getByRole('heading', { name: text }).first().waitFor({ timeout: WAIT_MS });
const sees = (v, text) => v.page.getByText(text).first().waitFor({ timeout: WAIT_MS });

test('S133: two people look at an application, and neither decides alone', async () => {
  const agent = await Clerk.at(at.browser, at.demo.links.agent, { lang: 'zh', hand: 'keyboard', page: { viewport: { width: 1440, height: 900 } } });
  await agent.setsUp();
  await press(agent, '申请审核');
  await sees(agent, '现在没有等待审核的申请');
  await look(agent, 'agent-empty');
  await applies();
  await press(agent, '刷新');
  await agent.page.locator('[data-application]').first().waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-queue');
  await agent.page.locator('[data-application]').first().click();
  await title(agent, '海淀区开源茶馆');
  const text = await agent.page.locator('body').innerText();
  assert.ok(text.includes('110***********2314') && !text.includes('110108198005062314') && !text.includes('620000001234'), text);
  assert.ok(text.includes('请先联系申请人') && text.includes('您没有这项权限'), text);
  await press(agent, '查看 · 身份证人像面');
  const picture = agent.page.getByRole('img', { name: '身份证人像面' });
  await picture.waitFor({ timeout: WAIT_MS });
  await agent.page.waitForFunction(() => document.querySelector('.paper img').naturalWidth === 640, null, { timeout: WAIT_MS });
  await agent.page.getByLabel('与申请人沟通的内容', { exact: true }).fill('已致电，店主知道这家店');
  await press(agent, '记录');
  await sees(agent, '已致电，店主知道这家店');
  await press(agent, '退回修改…');
  await press(agent, '退回给申请人');
  await agent.page.getByRole('alert').filter({ hasText: '有内容没有填写' }).waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-application');
  await press(agent, '同意');
  await sees(agent, '初审同意 · 初审人：');

  const chief = await Clerk.at(at.browser, at.demo.links.chief, {
    lang: 'en', hand: 'keyboard', page: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  });
  await chief.setsUp();
  await press(chief, 'Applications');
  await chief.page.locator('[data-application]').first().waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-queue');
  await chief.page.locator('[data-application]').first().focus();
  await chief.page.keyboard.press('Enter');
  await title(chief, '海淀区开源茶馆');
  await sees(chief, 'First look: approve · by');
  const narrow = await chief.page.evaluate(() => [...document.querySelectorAll('.facts dd')].map((d) => d.clientWidth).filter((w) => w < 100));
  assert.deepEqual(narrow, [], 'values have room');
  await look(chief, 'chief-application');
  await press(chief, 'Agree with the first look');
  await sees(chief, 'Read and sign the agreement within 30 days');
  await look(chief, 'chief-approved');
  await press(agent, '返回列表');
  await sees(agent, '现在没有等待审核的申请');
  await agent.context.close();
  await chief.context.close();
});
