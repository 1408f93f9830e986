/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members at the owner's console, against the programs of a running demo (S146, S147, S148, S154): a shop without a programme is
 * told so and starts one; who is not found is told what to do; a member is enrolled under the text of consent, found by the last
 * four digits, masked; name, points and consents are changed, what is refused is said in words; everything is exported to a file
 * and erased. On 360 and 1440 pixels, in both languages; axe-core finds nothing serious.
 *
 *   node --test tests/browser/members.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { confirms, hears, look, member, PC, PHONE, press, sees, title, WAIT_MS } from './member.mjs';
import { withDemo } from './stage.mjs';

const NAME = '<b>李雷</b>'; /* a text like any other */
const LABEL = { phone: '手机号（可不填）', name: '称呼（可不填，最多 20 个汉字）', birthday: '生日，如 0229（可不填）', search: '手机号、后四位或会员码' };
let owner;

const at = withDemo('members', async () => {
  owner = await member(at, at.demo.links.owner, 'zh', PHONE);
});
const agrees = (v, name) => v.page.getByLabel(name, { exact: true }).check();

test('S146: a shop without a programme starts one', async () => {
  await press(owner, '会员');
  await title(owner, '会员');
  await sees(owner, '还没有开通会员');
  await look(at, owner, 'no-programme');
  await press(owner, '按建议开通会员');
  await hears(owner, 'status', '已开通');
  await sees(owner, '输入手机号、后四位，或扫会员码。');
  await look(at, owner, 'empty');
});

test('S147: nobody is found, and it says what to do', async () => {
  await owner.fill(LABEL.search, '5678');
  await press(owner, '查找');
  await hears(owner, 'status', '没有找到会员');
});

test('S146: a member is enrolled under the text of consent', async () => {
  await owner.fill(LABEL.phone, '13800005678');
  await owner.fill(LABEL.name, NAME);
  await owner.fill(LABEL.birthday, '0230');
  await sees(owner, '我同意成为本店会员');
  await press(owner, '入会');
  await hears(owner, 'alert', '请先让顾客看过并同意');
  await agrees(owner, '顾客已看过并同意以上内容');
  await agrees(owner, '顾客同意接收短信');
  await press(owner, '入会');
  await hears(owner, 'alert', '填写的内容无效');
  await owner.fill(LABEL.birthday, '0229');
  await press(owner, '入会');
  await hears(owner, 'status', '已入会');
  await sees(owner, '138****5678');
  await sees(owner, NAME);
  await look(at, owner, 'member');
  await press(owner, '返回');
});

test('S147, S148: found by four digits on a PC in English; points are corrected', async () => {
  await owner.page.setViewportSize(PC.viewport);
  await press(owner, 'English');
  await title(owner, 'Members');
  await owner.fill('Telephone number, its last four digits, or member code', '5678');
  await press(owner, 'Find');
  await owner.page.locator('[data-member]').waitFor({ timeout: WAIT_MS });
  assert.equal(await owner.page.getByText(NAME).count(), 0); /* masked in a list */
  await look(at, owner, 'found-wide');
  await owner.page.locator('[data-member]').click();
  await owner.fill('Points (below zero to take)', '-5');
  await owner.fill('Reason', 'a mistake');
  await press(owner, 'Correct');
  await hears(owner, 'alert', 'fewer points');
  await owner.fill('Points (below zero to take)', '50');
  await press(owner, 'Correct');
  await hears(owner, 'status', 'Saved.');
  await owner.page.locator('[data-points]').getByText('50', { exact: true }).waitFor({ timeout: WAIT_MS });
  await sees(owner, 'a mistake');
  await look(at, owner, 'member-wide');
});

test('S154: consents are taken back, everything is exported and erased', async () => {
  await press(owner, 'Stop messages');
  await hears(owner, 'status', 'Done.');
  await sees(owner, 'no text messages');
  await press(owner, '中文');
  const file = owner.page.waitForEvent('download', { timeout: WAIT_MS });
  await press(owner, '导出全部资料');
  await confirms(owner, 'status', '已导出为文件');
  const all = JSON.parse(readFileSync(await (await file).path(), 'utf8'));
  assert.equal(all.phone, '13800005678');
  assert.equal(all.name, NAME);
  assert.ok(all.lines.some((l) => l.section === 'consent' && l.text.includes('text_version=2026-11')));
  await press(owner, '删除资料');
  await sees(owner, '确定删除？');
  await owner.page.setViewportSize(PHONE.viewport);
  await look(at, owner, 'sure');
  await press(owner, '确定删除');
  await confirms(owner, 'status', '已完成');
  await sees(owner, '资料已删除');
  await look(at, owner, 'erased');
  await press(owner, '返回');
  await owner.fill(LABEL.search, '13800005678');
  await press(owner, '查找');
  await hears(owner, 'status', '没有找到会员');
  await owner.context.close();
});
