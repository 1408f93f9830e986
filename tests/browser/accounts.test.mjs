/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts in a browser, against the programs of a running demo (S16, S18, S40, CR-30): a member of
 * staff sets an account up with an authenticator app and gives it a passkey; the owner begins with a
 * passkey; both log in with what they have, wrong things are refused in words, and a link is
 * good once. In both languages, on a telephone and on a PC, by light and in the dark; axe-core finds
 * nothing serious, nothing is asked of another origin, and the security policy refuses nothing.
 *
 *   node --test tests/browser/accounts.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretOf, totp } from './authenticator.mjs';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';
import { program, withDemo } from './stage.mjs';

const at = withDemo('accounts');

const PASSWORD = 'correct gibbon harbour 91';
const OTHER = 'purple anvil seventeen kites';

async function visit(url, options = {}) {
  const opened = await openPage(at.browser, url, { locale: 'en-GB', viewport: { width: 360, height: 640 }, ...options });
  return { ...opened, ...(await addPasskeyDevice(opened)) };
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const title = (page, text) => page.getByRole('heading', { name: text }).first().waitFor({ timeout: 15000 });

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

async function choose(page, password, words = ['New password', 'The same once more', 'Save']) {
  await fill(page, words[0], password);
  await fill(page, words[1], password);
  await press(page, words[2]);
}

test('staff: link, password, app, recovery codes, passkey, and in with each', async () => {
  const v = await visit(at.demo.links.agent);
  const { page } = v;
  await title(page, 'Set up your account');
  assert.equal(new URL(page.url()).hash, '', 'the secret is out of the address bar');
  await fill(page, 'New password', 'agent');
  await page.locator('.strength[data-score="0"]').waitFor();
  await choose(page, 'short');
  await page.getByRole('alert').filter({ hasText: 'too short' }).waitFor();
  await fill(page, 'New password', PASSWORD);
  await fill(page, 'The same once more', 'something else');
  await press(page, 'Save');
  await page.getByText('The two are different.').waitFor();
  await look(v, 'staff-setup');
  await choose(page, PASSWORD);

  await title(page, 'Set up a second step');
  await look(v, 'staff-enrol');
  await press(page, 'An authenticator app');
  const key = await page.locator('[data-test=key]').innerText();
  await look(v, 'staff-app');
  /* The picture says what the text says: another program reads it. */
  const read = spawnSync(program, ['inspect', 'qr', join(at.pictures, 'staff-app.png')]);
  assert.match(read.stdout.toString(), new RegExp(`secret=${key.replace(/\s/g, '')}&`));
  await fill(page, 'The 6 digits that the app shows', '000000');
  await press(page, 'Confirm');
  await page.getByText('The code is wrong.').waitFor();
  await fill(page, 'The 6 digits that the app shows', totp(secretOf(key)));
  await press(page, 'Confirm');
  await title(page, 'Recovery codes');
  const codes = await page.locator('[data-test=codes] li').allInnerTexts();
  assert.equal(new Set(codes).size, 10);
  await look(v, 'staff-codes');
  await press(page, 'I have kept them');
  await title(page, 'Hello, 客服小林');

  await press(page, 'Security');
  await title(page, 'Security');
  await page.getByText('10 left').waitFor();
  await fill(page, 'A name for this key', 'Telephone');
  await press(page, 'Add');
  await page.getByText('Telephone').waitFor();
  await look(v, 'staff-security');
  const { credentials } = await v.cdp.send('WebAuthn.getCredentials', { authenticatorId: v.authenticatorId });
  assert.equal(credentials.length, 1);

  await press(page, 'Log out');
  await title(page, 'Log in');
  await look(v, 'staff-login');
  await press(page, 'Log in with a passkey');
  await title(page, 'Hello, 客服小林');

  /* The link again: gone. */
  const w = await visit(at.demo.links.agent);
  await w.page.getByText('This link was used').waitFor();
  await w.context.close();

  /* Password and recovery code, on a PC, in the dark, in Chinese. */
  const d = await visit(`${at.demo.consoles}staff/`, {
    locale: 'zh-CN',
    colorScheme: 'dark',
    viewport: { width: 1440, height: 900 },
  });
  await title(d.page, '登录');
  await fill(d.page, '账号、手机号或邮箱', 'agent');
  await fill(d.page, '密码', 'not the password');
  await d.page.keyboard.press('Enter');
  await d.page.getByRole('alert').filter({ hasText: '不正确' }).waitFor();
  await look(d, 'staff-wrong-dark');
  await fill(d.page, '密码', PASSWORD);
  await d.page.keyboard.press('Enter');
  await title(d.page, '第二重验证');
  await look(d, 'staff-factor-dark');
  await press(d.page, '使用恢复码');
  await fill(d.page, '恢复码', codes[3].toLowerCase());
  await press(d.page, '验证');
  await title(d.page, '客服小林，您好');
  await press(d.page, '账户安全');
  await d.page.getByText('还剩 9 个').waitFor();
  await look(d, 'staff-security-dark');
  await press(d.page, '退出其他所有设备');
  await d.page.getByText('本设备').waitFor();
  await v.page.reload();
  await title(v.page, 'Log in');
  await d.context.close();
  await v.context.close();
});

test('owner: a passkey first, the password changed, other sessions out', async () => {
  const v = await visit(at.demo.links.owner, { locale: 'zh-CN' });
  const { page } = v;
  await title(page, '启用账户');
  await look(v, 'owner-setup');
  await choose(page, PASSWORD, ['新密码', '再输入一次', '保存']);
  await title(page, '设置第二重验证');
  await look(v, 'owner-enrol');
  await press(page, '用通行密钥（推荐）');
  await title(page, '恢复码');
  await look(v, 'owner-codes');
  await press(page, '我已保存');
  await title(page, '王小明，您好');
  await press(page, '账户安全');
  await title(page, '账户安全');
  await look(v, 'owner-security');
  await press(page, '修改密码');
  await fill(page, '当前密码', 'not the present one');
  await choose(page, OTHER, ['新密码', '再输入一次', '保存']);
  await page.getByText('当前密码不正确').waitFor();
  await fill(page, '当前密码', PASSWORD);
  await choose(page, OTHER, ['新密码', '再输入一次', '保存']);
  await page.getByText('密码已修改').waitFor();

  /* By keyboard alone: the name, the password, and the passkey of this device as second step. */
  await press(page, '退出');
  await title(page, '登录');
  await page.getByLabel('账号、手机号或邮箱').focus();
  await page.keyboard.type('13800005678');
  await page.keyboard.press('Tab');
  await page.keyboard.type(OTHER);
  await page.keyboard.press('Enter');
  await title(page, '第二重验证');
  await press(page, '使用通行密钥');
  await title(page, '王小明，您好');
  await look(v, 'owner-home');
  await v.context.close();
});

test('a forgotten password: the same words for everybody, in both languages', async () => {
  const v = await visit(`${at.demo.consoles}forgot`);
  const said = [];
  for (const name of ['owner', 'nobody.at.all']) {
    await v.page.goto(`${at.demo.consoles}forgot`);
    await fill(v.page, 'Account, phone number or e-mail', name);
    await press(v.page, 'Send the link');
    await v.page.getByText('If the account exists, a link was sent').waitFor();
    said.push(await v.page.locator('.sheet').innerText());
  }
  assert.equal(said[0], said[1]);
  await look(v, 'forgot');
  await press(v.page, '中文');
  await v.page.getByText('如果账户存在，链接已发送').waitFor();
  await look(v, 'forgot-zh');
  await v.context.close();
});
