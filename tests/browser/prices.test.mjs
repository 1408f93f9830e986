/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goods and prices at the owner's console, against the programs of a running demo (S125): an empty list is said in words; goods are
 * added one by one and pasted, what is wrong is named with its line, the list is a version with its reason and reaches the terminal,
 * where it is only looked at; an outlet has a price of its own; of two windows that save the second is told; a version is taken back.
 * On 360 and 1440 pixels, in both languages, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/prices.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confirms, hears, look, member, PC, PHONE, press, sees, title, WAIT_MS } from './member.mjs';
import { withDemo } from './stage.mjs';

const TID = '10000017';
const NAME = '<b>卤蛋</b>'; /* a text like any other */
let owner;

const at = withDemo('prices', async () => {
  owner = await member(at, at.demo.links.owner, 'zh', PHONE);
});
const good = (v, code) => v.page.locator(`[data-good="${code}"]`);
const opens = (v, name) => v.page.locator('summary', { hasText: name }).click();

test('S125: the first goods, one by one and pasted', async () => {
  await press(owner, '商品与价格');
  await title(owner, '商品与价格');
  await sees(owner, '还没有商品');
  await sees(owner, '还没有修改过');
  await look(at, owner, 'empty');
  await opens(owner, '添加商品');
  await press(owner, '放进清单');
  await hears(owner, 'alert', '请填写编码和名称');
  await owner.fill('编码（字母、数字、- _，不能重复）', 'A01');
  await owner.fill('名称（最多 16 个汉字）', NAME);
  await owner.fill('价格（元）', '二块五');
  await press(owner, '放进清单');
  await hears(owner, 'alert', '价格写得不对');
  await owner.fill('价格（元）', '2.5');
  await owner.fill('英文名（可不填）', 'Tea egg');
  await press(owner, '放进清单');
  await good(owner, 'A01').getByText('¥2.50').waitFor({ timeout: WAIT_MS });
  await opens(owner, '粘贴清单');
  await owner.page.locator('textarea').fill('B01,牛肉面,18\nB02,炸酱面');
  await owner.page.locator('details', { hasText: '粘贴清单' }).getByRole('button').click();
  await hears(owner, 'alert', '第 2 行写得不对');
  await owner.page.locator('textarea').fill('B01,牛肉面,18,面食,6901234567892,Beef noodles\nB02\t炸酱面\t15.50\n');
  await owner.page.locator('details', { hasText: '粘贴清单' }).getByRole('button').click();
  await hears(owner, 'status', '已读入 2 行');
  await sees(owner, '有修改还没有保存');
  await look(at, owner, 'draft');
  await owner.fill('为什么修改', '开业');
  await press(owner, '保存为新版本');
  await confirms(owner, 'status', '已保存为第 1 版');
  await look(at, owner, 'saved');
});

test('S125: the terminal has it, and says so', async () => {
  await press(owner, '终端');
  await owner.page.locator(`[data-device="${TID}"]`).click();
  await owner.page.locator('[data-progress="in_force"]').waitFor({ timeout: WAIT_MS });
});

test('S125: an outlet has a price of its own, and does not sell everything', async () => {
  await press(owner, '商品与价格');
  await owner.page.getByLabel('看哪里的价格').selectOption({ index: 1 });
  await sees(owner, '这里的价格');
  const noodles = owner.page.locator('[data-here="B01"]');
  await noodles.getByRole('textbox').fill('20');
  await owner.page.locator('[data-here="B02"]').getByLabel('这里不卖').check();
  await look(at, owner, 'outlet');
  await owner.fill('为什么修改', '房租');
  await press(owner, '保存为新版本');
  await confirms(owner, 'status', '已保存为第 1 版');
  await noodles.getByText('总价目 ¥18.00 · 这里另定').waitFor({ timeout: WAIT_MS });
  await owner.page.setViewportSize(PC.viewport);
  await press(owner, 'English');
  await title(owner, 'Goods and prices');
  await noodles.getByText('elsewhere ¥18.00 · set here').waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'outlet-wide');
  await press(owner, '中文');
});

test('S125: of two windows the second is told; a version is taken back', async () => {
  await owner.page.getByLabel('看哪里的价格').selectOption({ index: 0 });
  await good(owner, 'A01').locator('.fold-head').click();
  await owner.fill('价格（元）', '3');
  await press(owner, '改好这一个');
  await owner.fill('为什么修改', '鸡蛋贵了');
  const other = await owner.context.newPage();
  await other.goto(owner.page.url());
  await other.locator('[data-good="B02"] .fold-head').click({ timeout: WAIT_MS });
  await other.getByRole('button', { name: '从清单中去掉' }).click();
  await other.getByLabel('为什么修改').fill('不做了');
  await other.getByRole('button', { name: '保存为新版本' }).click();
  await other.getByRole('status').filter({ hasText: '已保存为第 2 版' }).waitFor({ timeout: WAIT_MS });
  await other.close();
  await press(owner, '保存为新版本');
  await hears(owner, 'alert', '刚才有人改过');
  await owner.page.reload();
  await owner.page.locator('[data-version="2"]').waitFor({ timeout: WAIT_MS });
  assert.equal(await good(owner, 'B02').count(), 0);
  await press(owner, '退回第 1 版');
  await owner.fill('为什么退回', '客人要吃');
  await press(owner, '退回');
  await confirms(owner, 'status', '已保存为第 3 版');
  await good(owner, 'B02').waitFor({ timeout: WAIT_MS });
  await good(owner, 'A01').getByText('¥2.50').waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'back');
  await owner.context.close();
});
