/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recovery desk in browsers, against the programs of a running demo (S41, S43, S44, S168, S173,
 * CR-15): an agent takes a call about a terminal without a network, asks who it is, and cannot let
 * him in alone; a second member of staff approves, by keyboard; the code is shown once. In both
 * languages, on a telephone and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/desk.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('desk');

const PASSWORD = 'correct gibbon harbour 91';
const CHALLENGE = '799 2739 8713'; /* eleven digits with their check digit */

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const title = (page, text) => page.getByRole('heading', { name: text }).first().waitFor({ timeout: 15000 });
const status = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor({ timeout: 15000 });

/* The picture, and what is wrong with the page at this step. */
async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  const wide = await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: buttons that are too small`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

/* Somebody who is in, with a passkey of Chromium's virtual authenticator. */
async function member(link, words, options) {
  const v = await openPage(at.browser, link, options);
  await addPasskeyDevice(v);
  await title(v.page, words.setup);
  await fill(v.page, words.password, PASSWORD);
  await fill(v.page, words.again, PASSWORD);
  await press(v.page, words.save);
  await title(v.page, words.enrol);
  await press(v.page, words.passkey);
  await title(v.page, words.codes);
  await press(v.page, words.saved);
  await v.page.getByRole('navigation').waitFor();
  return v;
}

const english = {
  setup: 'Set up your account',
  password: 'New password',
  again: 'The same once more',
  save: 'Save',
  enrol: 'Set up a second step',
  passkey: 'A passkey (recommended)',
  codes: 'Recovery codes',
  saved: 'I have kept them',
};
const chinese = {
  setup: '启用账户',
  password: '新密码',
  again: '再输入一次',
  save: '保存',
  enrol: '设置第二重验证',
  passkey: '用通行密钥（推荐）',
  codes: '恢复码',
  saved: '我已保存',
};

async function answer(page, question, said) {
  await fill(page, `来电人的回答: ${question}`, said);
  await page.locator('form.ask').filter({ hasText: question }).getByRole('button', { name: '核对' }).click();
  await status(page, `${question}: 正确`);
}

test('S184: a call, two members of staff, a code that is shown once', async () => {
  const agent = await member(at.demo.links.agent, chinese, { locale: 'zh-CN', viewport: { width: 1440, height: 900 } });
  const { page } = agent;
  await press(page, '找回工单');
  await title(page, '找回工单');
  await look(agent, 'agent-empty');
  await press(page, '新来电');
  await fill(page, '终端号（8 位）', '10000017');
  await fill(page, '操作员号（2 位）', '00');
  await fill(page, '来电人说了什么', '断网，忘记主管密码');
  await look(agent, 'agent-call');
  await press(page, '建立工单 · 电话');
  await title(page, 'R-000001');
  await look(agent, 'agent-ticket');

  /* What is registered is nowhere on the page. */
  const text = await page.locator('body').innerText();
  assert.ok(text.includes('138****5678') && !text.includes('13800005678') && !text.includes('陈晓虹'));

  await fill(page, '来电人的回答: 店主姓名', '李四');
  await page.locator('form.ask').filter({ hasText: '店主姓名' }).getByRole('button', { name: '核对' }).click();
  await status(page, '店主姓名: 不正确');
  await answer(page, '店主姓名', '陈晓虹');
  await answer(page, '店主手机号（全部数字）', '138 0000 5678');
  await answer(page, '店主邮箱', 'chen@example.com');
  await fill(page, '屏幕上的 11 位数字', '79927398710');
  await press(page, '使用这串数字');
  await page.getByRole('alert').filter({ hasText: '再读一遍' }).waitFor();
  await fill(page, '屏幕上的 11 位数字', CHALLENGE);
  await press(page, '使用这串数字');
  await status(page, '写下除提问外的核实依据');
  await fill(page, '核实依据', '已回拨登记电话');
  await press(page, '记录');
  await status(page, '可以批准');
  await press(page, '批准找回');
  await status(page, '还需要另一位同事批准');
  await press(page, '批准找回');
  await page.getByRole('alert').filter({ hasText: '您已经批准过' }).waitFor();
  await look(agent, 'agent-waits');

  /* The second member of staff, in English, in the dark, on a telephone, by keyboard alone. */
  const chief = await member(at.demo.links.chief, english, {
    locale: 'en-GB',
    colorScheme: 'dark',
    viewport: { width: 360, height: 740 },
  });
  await press(chief.page, 'Recovery desk');
  await title(chief.page, 'Recovery desk');
  await chief.page.locator('[data-ticket]').first().waitFor();
  await look(chief, 'chief-queue');
  await chief.page.locator('[data-ticket]').first().focus();
  await chief.page.keyboard.press('Enter');
  await title(chief.page, 'R-000001');
  await look(chief, 'chief-ticket');
  await chief.page.getByRole('button', { name: 'Approve', exact: true }).focus();
  await chief.page.keyboard.press('Enter');
  await status(chief.page, 'Approved: show the code');

  /* The agent's page has heard of it by itself. */
  await status(page, '已批准：显示解锁码');
  await press(page, '显示解锁码（只显示一次）');
  const code = await page.locator('.unlock-code').innerText();
  assert.match(code, /^\d{5} \d{5}$/);
  await look(agent, 'agent-code');
  await press(page, '已读出，关闭');
  await status(page, '解锁码已读出');
  assert.ok(!(await page.locator('body').innerText()).includes(code));
  assert.equal(await page.getByRole('button', { name: '显示解锁码（只显示一次）' }).count(), 0);
  await look(agent, 'agent-read-out');

  /* Devices, notices, messages: in both languages. */
  await press(page, '终端');
  await press(page, '查看终端 10000017');
  await title(page, '终端 10000017');
  await look(agent, 'agent-device');
  assert.ok(!(await page.locator('body').innerText()).includes('TB1-2030-000017'));
  for (const [name, heading] of [['通知与到期', '到期日历'], ['短信与邮件', '今天短信费用']]) {
    await press(page, name);
    await title(page, heading);
    await look(agent, `agent-${name}`);
  }
  for (const [name, heading] of [['Terminals', 'Terminals'], ['Notices and expiry', 'What ends'], ['SMS and mail', 'SMS of today']]) {
    await press(chief.page, name);
    await title(chief.page, heading);
    await look(chief, `chief-${name.replace(/ /g, '-')}`);
  }
  await agent.context.close();
  await chief.context.close();
});

test('S40: a link that is no good, and a phone that is not paired', async () => {
  const origin = new URL(at.demo.links.owner).origin;
  const v = await openPage(at.browser, `${origin}/code#${'A'.repeat(43)}`, { locale: 'en-GB', viewport: { width: 360, height: 640 } });
  await title(v.page, 'Reset a password at a terminal');
  assert.equal(new URL(v.page.url()).hash, '', 'the secret is out of the address bar');
  await look(v, 'code');
  await press(v.page, 'Show the code');
  await v.page.getByRole('alert').filter({ hasText: 'Ask again at the terminal' }).waitFor();
  await look(v, 'code-dead');
  await v.page.goto(`${origin}/pair`);
  await v.page.getByText('This phone is not paired').waitFor();
  await look(v, 'pair-none');
  await v.page.goto('about:blank');
  await v.page.goto(`${origin}/pair#${'0'.repeat(32)}`);
  await press(v.page, 'Pair');
  await v.page.getByRole('alert').filter({ hasText: 'Begin again at the terminal' }).waitFor();
  await look(v, 'pair-dead');
  await v.context.close();
});
