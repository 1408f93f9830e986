/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alert centre in browsers, against the programs of a running demo (S126): a part of the host is said to be down, an agent sees
 * the alert and looks after it, a second one sees who, and closes it; owner and acquirer say who is told, when they sleep and of what,
 * try it, and of two who edit the second is told. On a PC and on a telephone, in both languages.
 *
 *   node --test tests/browser/alerts.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Letters } from './letters.mjs';
import { hears, look as seen, member, PC, PHONE, press, sees, title, WAIT_MS } from './member.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('alerts');
let agent;
let chief;

const look = (v, name) => seen(at, v, name);

test('S126: an alert is looked after by one and closed by another', async () => {
  agent = await member(at, at.demo.links.agent, 'zh', PC);
  await press(agent, '告警');
  await sees(agent, '没有未关闭的告警');
  await look(agent, 'agent-none');
  const status = await agent.page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/staff/session')).json();
    const said = await fetch('/api/v1/status', {
      method: 'POST',
      headers: { 'X-Tongbao-Realm': 'staff', 'X-CSRF': csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify({ part: 'cards', state: 'down', text_zh: '网络中断', text_en: 'The network is away' }),
    });
    return `${said.status} ${await said.text()}`;
  });
  assert.match(status, /^200 /);
  for (const end = Date.now() + WAIT_MS; (await agent.page.locator('[data-alert]').count()) === 0; ) {
    assert.ok(Date.now() < end, 'the alert came');
    await press(agent, '刷新');
  }
  await sees(agent, '收单系统或网络中断');
  assert.ok(!(await agent.page.locator('[data-alert]').innerText()).includes('{}'), 'nothing that only programs read');
  await look(agent, 'agent-open');
  await press(agent, '我来处理');
  await sees(agent, '处理人：');
  chief = await member(at, at.demo.links.chief, 'en', { ...PHONE, colorScheme: 'dark' });
  await press(chief, 'Alerts');
  await sees(chief, 'looked after by');
  await look(chief, 'chief-looked-after');
  await press(chief, 'Close');
  await sees(chief, 'No alert is open.');
  /* What is closed already is said, and not done twice. */
  await press(agent, '关闭');
  await agent.page.getByRole('alert').filter({ hasText: '该告警已关闭' }).waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-closed-before');
});

/* The name of a person is markup on purpose: it is a text like any other. */
test('S126: an owner says who is told, when they sleep, and of what', async () => {
  const owner = await member(at, at.demo.links.owner, 'zh', PHONE);
  await press(owner, '告警');
  await press(owner, '通知谁');
  await title(owner, '通知谁');
  await sees(owner, '现在按合同上的联系人通知');
  await look(owner, 'owner-contract');
  await press(owner, '修改名单');
  for (const n of [2, 1]) if (await owner.page.getByRole('button', { name: `移除第 ${n} 位` }).isVisible()) await press(owner, `移除第 ${n} 位`);
  await sees(owner, '恢复为合同上的联系人');
  await press(owner, '添加一人');
  await owner.fill('姓名', '值班<b>甲</b>');
  await press(owner, '保存');
  await hears(owner, 'alert', '请填写手机号或邮箱');
  await owner.fill('邮箱（邮件通知，可不填）', 'watch@shop.example');
  await owner.fill('从几点', '23:30');
  await owner.fill('到几点', '06:00');
  await press(owner, '添加一人');
  const second = owner.page.locator('.told-person').nth(1);
  await owner.fill('姓名', '老板', second);
  await owner.fill('手机号（短信通知，可不填）', '13800138222', second);
  await owner.page.getByLabel('有免打扰时段').nth(1).uncheck();
  await look(owner, 'owner-list');
  await press(owner, '第 2 位提前');
  await press(owner, '第 2 位提前');
  await press(owner, '保存');
  await hears(owner, 'status', '已保存');
  await owner.page.locator('[data-told="1"]').filter({ hasText: '值班<b>甲</b>' }).filter({ hasText: '免打扰 23:30–06:00' }).waitFor({ timeout: WAIT_MS });
  await owner.page.locator('[data-told="2"]').filter({ hasText: '没有免打扰时段' }).waitFor({ timeout: WAIT_MS });
  await press(owner, '给值班<b>甲</b>发测试消息');
  await hears(owner, 'status', '发出测试消息（邮件）');
  assert.match(await new Letters(at.demo, 'watch@shop.example').next(/测试消息/), /测试消息/);
  await look(owner, 'owner-tried');

  const rule = (v, name) => v.page.locator(`[data-rule="${name}"]`);
  await press(owner, '修改：终端离开登记地点');
  await rule(owner, 'device.moved').getByLabel('短信通知').uncheck();
  await rule(owner, 'device.moved').getByLabel('邮件通知').uncheck();
  await press(owner, '保存');
  await rule(owner, 'device.moved').getByText('不通知，只在“告警”中列出').waitFor({ timeout: WAIT_MS });
  await press(owner, '修改：已准许新设备恢复备份；不是您就请联系客服');
  await rule(owner, 'restore.granted').getByText('这是紧急告警').waitFor({ timeout: WAIT_MS });
  await rule(owner, 'restore.granted').getByLabel('短信通知').uncheck();
  await rule(owner, 'restore.granted').getByLabel('邮件通知').uncheck();
  await press(owner, '保存');
  await hears(owner, 'alert', '必须有人收到');
  await rule(owner, 'restore.granted').getByLabel('邮件通知').check();
  await owner.fill('多少分钟没人确认就通知下一位（0：不通知）', '很快');
  await press(owner, '保存');
  await hears(owner, 'alert', '0 到 10080');
  await owner.fill('多少分钟没人确认就通知下一位（0：不通知）', '15');
  await look(owner, 'owner-rule');

  /* The same page in a second window saves first: the first is told, and nothing is written over. */
  const other = await owner.context.newPage();
  await other.goto(owner.page.url());
  await other.getByRole('button', { name: '修改：已准许新设备恢复备份；不是您就请联系客服' }).click({ timeout: WAIT_MS });
  await other.getByRole('button', { name: '保存' }).click();
  await other.getByRole('status').filter({ hasText: '已保存' }).waitFor({ timeout: WAIT_MS });
  await other.close();
  await press(owner, '保存');
  await hears(owner, 'alert', '刚才有人改过');
  await press(owner, '不改了');
  await press(owner, '修改：已准许新设备恢复备份；不是您就请联系客服');
  await owner.fill('多少分钟没人确认就通知下一位（0：不通知）', '120');
  await press(owner, '保存');
  await rule(owner, 'restore.granted').getByText('2 小时后通知下一位').waitFor({ timeout: WAIT_MS });
  await owner.page.setViewportSize(PC.viewport);
  await look(owner, 'owner-wide');
  await press(owner, '返回告警');
  await title(owner, '告警');
  await owner.context.close();
});

test('S126: the acquirer has rules and people of its own; who may not change them is told so', async () => {
  await press(chief, 'Who is told');
  await title(chief, 'Who is told');
  await look(chief, 'chief-told');
  await press(chief, 'Change the list');
  await chief.fill('Name', 'Duty');
  await chief.fill('E-mail (may be empty)', 'duty@acquirer.example');
  await chief.page.getByLabel('Write in English').check();
  await chief.page.getByLabel('Has quiet hours').uncheck();
  await press(chief, 'Save');
  await hears(chief, 'status', 'Saved.');
  await press(chief, 'Send Duty a trial');
  await hears(chief, 'status', 'A trial was sent to Duty (mail)');
  assert.match(await new Letters(at.demo, 'duty@acquirer.example').next(/alerts will reach you here/), /alerts/);
  await chief.page.locator('[data-rule="host.down"]').getByText('the next person after 5 min').waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-tried');
  await chief.page.setViewportSize(PC.viewport);
  await look(chief, 'chief-wide');
  await press(agent, '通知谁');
  await agent.page.locator('[data-told="1"]').filter({ hasText: 'Duty' }).waitFor({ timeout: WAIT_MS });
  assert.equal(await agent.page.getByRole('button', { name: /^修改/ }).count(), 0, 'an agent looks and changes nothing');
  await look(agent, 'agent-told');
  await agent.context.close();
  await chief.context.close();
});
