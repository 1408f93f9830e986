/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a device in browsers, against the programs of a running demo (S37, S45, S112, S115, S168): the
 * owner's telephone puts words on the terminal's screen, lets it ring, locks it over a reload and
 * opens it again, and reads how far each order is, without a reload; the desk sees the same and cannot
 * open what the owner has locked. In both languages, on a telephone and on a PC, by light and in
 * the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/find.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('find', async () => {
  terminal = await openPage(at.browser, at.demo.terminal, SCREEN);
  owner = await member(at.demo.links.owner, WORDS.zh, PHONE);
});

const PASSWORD = 'correct gibbon harbour 91';
const TID = '10000017';
const PHONE = { locale: 'zh-CN', viewport: { width: 360, height: 740 }, hasTouch: true };
const PC = { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 1440, height: 900 } };
const SCREEN = { locale: 'zh-CN', viewport: { width: 480, height: 800 } };

const WORDS = {
  zh: {
    setup: '启用账户', password: '新密码', again: '再输入一次', save: '保存', enrol: '设置第二重验证',
    passkey: '用通行密钥（推荐）', codes: '恢复码', saved: '我已保存',
  },
  en: {
    setup: 'Set up your account', password: 'New password', again: 'The same once more', save: 'Save', enrol: 'Set up a second step',
    passkey: 'A passkey (recommended)', codes: 'Recovery codes', saved: 'I have kept them',
  },
};

let owner;
let terminal;

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const title = (page, text) => page.getByRole('heading', { name: text }).first().waitFor({ timeout: 15000 });
const order = (page, kind, state) =>
  page.locator(`[data-order="${kind}"][data-state="${state}"]`).first().waitFor({ timeout: 15000 });

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

test('S45, S37: a message, a ring, and where the device was', async () => {
  const { page } = owner;
  await press(page, '终端');
  await title(page, '终端');
  await page.locator(`[data-device="${TID}"]`).waitFor();
  await look(owner, 'list');
  await page.locator(`[data-device="${TID}"]`).click();
  await title(page, `终端 ${TID}`);
  await page.locator('dd[data-presence="online"]').waitFor();
  await page.locator('[data-place]').filter({ hasText: '31.230416,121.473701' }).waitFor(); /* of the demo's driver */
  await look(owner, 'device');

  await press(page, '发消息');
  await page.getByRole('alert').filter({ hasText: '请写一句话' }).waitFor();
  await fill(page, '屏幕上显示的话', '拾到请致电 138 0000 5678');
  await press(page, '发消息');
  await terminal.page.getByText('拾到请致电 138 0000 5678').waitFor({ timeout: 15000 });
  await order(page, 'message', 'acknowledged'); /* shown, and nobody has read it */
  await look(terminal, 'terminal-message');
  await press(terminal.page, '知道了');
  await order(page, 'message', 'verified');

  await press(page, '响铃');
  await terminal.page.getByText('店主正在找这台设备').waitFor({ timeout: 15000 });
  await look(terminal, 'terminal-ring');
  await order(page, 'ring', 'verified');
  await press(terminal.page, '停止响铃');
});

test('S115: a lock holds, says so, and opens by the owner alone', async () => {
  const { page } = owner;
  await fill(page, '屏幕上显示的话', '请送回开源茶馆');
  await press(page, '锁定');
  await terminal.page.getByText('设备已被锁定').waitFor({ timeout: 15000 });
  await terminal.page.getByText('请送回开源茶馆').waitFor();
  await order(page, 'lock', 'verified');
  await look(terminal, 'terminal-locked');
  await terminal.page.reload();
  await terminal.page.getByText('设备已被锁定').waitFor({ timeout: 15000 });
  await look(owner, 'locked');

  const agent = await member(at.demo.links.agent, WORDS.en, PC);
  await press(agent.page, 'Terminals');
  await press(agent.page, `Look at terminal ${TID}`);
  await order(agent.page, 'lock', 'verified');
  await agent.page.locator('[data-place]').first().waitFor();
  assert.equal(await agent.page.getByRole('button', { name: 'Unlock', exact: true }).count(), 0);
  await look(agent, 'desk');

  await press(page, '解锁');
  await order(page, 'unlock', 'verified');
  await terminal.page.getByText('设备已被锁定').waitFor({ state: 'hidden', timeout: 15000 });
  await press(page, 'English');
  await page.getByText('the terminal is open').waitFor();
  await look(owner, 'english');
});
