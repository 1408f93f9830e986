/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password policy of a model in the staff console, against the programs of a running demo (S20):
 * one administrator reads and edits it, is told by name what would be too weak, and proposes; a second
 * one approves, on a telephone, in the dark, in Chinese; the holder of the key signs; the terminal of
 * that model has it. axe-core finds nothing serious.
 *
 *   node --test tests/browser/policies.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';
import { program, withDemo } from './stage.mjs';

const at = withDemo('policies');

const PASSWORD = 'correct gibbon harbour 91';
const EN = ['Set up your account', 'New password', 'The same once more', 'Save', 'Set up a second step', 'A passkey (recommended)', 'Recovery codes', 'I have kept them'];
const ZH = ['启用账户', '新密码', '再输入一次', '保存', '设置第二重验证', '用通行密钥（推荐）', '恢复码', '我已保存'];

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const title = (page, text) => page.getByRole('heading', { name: text }).first().waitFor({ timeout: 20000 });
const status = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor({ timeout: 20000 });

async function member(link, w, options) {
  const v = await openPage(at.browser, link, options);
  await addPasskeyDevice(v);
  await title(v.page, w[0]);
  await fill(v.page, w[1], PASSWORD);
  await fill(v.page, w[2], PASSWORD);
  await press(v.page, w[3]);
  await title(v.page, w[4]);
  await press(v.page, w[5]);
  await title(v.page, w[6]);
  await press(v.page, w[7]);
  await v.page.getByRole('navigation').waitFor();
  return v;
}

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  const wide = await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, `${name} scrolls sideways`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

const admin = (...options) => {
  const done = spawnSync(program, ['admin', ...options]);
  assert.equal(done.status, 0, done.stderr.toString());
  return done.stdout.toString().trim();
};

/* The link in the mail that was sent to this address. */
async function mailedLink(address) {
  const end = Date.now() + 20000;
  for (;;) {
    const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
    const link = messages.filter((m) => m.to === address).flatMap((m) => m.text.match(/http\S+#[\w-]+/g) ?? [])[0];
    if (link) {
      return link;
    }
    assert.ok(Date.now() < end, 'no mail has come');
  }
}

test('S20: two administrators change the policy of a model, and its terminal has it', async () => {
  const chief = await member(at.demo.links.chief, EN, { locale: 'en-GB', viewport: { width: 1440, height: 900 } });
  const { page } = chief;
  await press(page, 'Password policies');
  await title(page, 'Password policies');
  await page.getByRole('button', { name: /^TB-1 / }).click();
  await title(page, 'TB-1, version 1');
  const words = spawnSync(program, ['policy', 'show', '--model', 'TB-1', '--role', 'cashier', '--lang', 'en']).stdout.toString();
  const shown = await page.locator('.plain-words li').allInnerTexts();
  assert.ok(shown.length > 3);
  for (const line of shown) {
    assert.ok(words.includes(line), `${line} is not in what policy show says`);
  }
  await look(chief, 'role');

  await fill(page, 'At least (characters)', '4');
  await press(page, 'Check');
  await page.getByRole('alert').filter({ hasText: 'the length is weaker than any policy may be' }).waitFor();
  await look(chief, 'refused');
  await fill(page, 'At least (characters)', '7');
  await fill(page, 'Locks by itself after (seconds)', '120');
  await press(page, 'Check');
  await status(page, 'This can be proposed');
  await title(page, 'TB-1, version 2');
  await press(page, 'Propose it');
  await status(page, 'Version 2 is proposed');
  assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  await look(chief, 'proposed');

  /* A second administrator begins with a link that goes to the own mailbox. */
  await press(page, 'People');
  await press(page, 'Add a person');
  await fill(page, 'Name', '周管理');
  await fill(page, 'Account (a small letter first; 2 to 32 letters, digits, . - _)', 'second');
  await fill(page, 'E-mail (the link to begin goes there)', 'second@example.com');
  await page.getByLabel('Administrator', { exact: true }).check();
  await press(page, 'Create, and send the link');
  await status(page, 'The link went to the mail address');
  const second = await member(await mailedLink('second@example.com'), ZH, {
    locale: 'zh-CN',
    viewport: { width: 360, height: 740 },
    colorScheme: 'dark',
  });
  await second.page.getByRole('navigation').getByText('密码策略').click();
  await title(second.page, '密码策略');
  await look(second, 'approve');
  const change = await second.page.locator('.plain-words').first().innerText();
  assert.ok(/改为：.*7/.test(change) && /现在：.*6/.test(change) && /120/.test(change), change);
  await press(second.page, '批准');
  await status(second.page, '已批准');
  await second.page.getByRole('button', { name: /^TB-1 / }).click();
  await title(second.page, 'TB-1 · 第 1 版的规则'); /* nobody has signed it yet */
  const rules = await second.page.locator('ul.rows li').filter({ hasText: /^(NIST|ASVS|PCI|GB) / }).allInnerTexts();
  assert.ok(rules.length > 20 && rules.every((line) => /[\u4e00-\u9fff]/.test(line.replace(/满足|违反|不适用|不满足/g, ''))), rules.join(' | '));
  await look(second, 'approved');

  const said = admin('policy', '--state', join(at.demo.directory, 'admin'), '--pending', join(at.demo.directory, 'backoffice'));
  assert.equal(said, 'model TB-1, version 2: published');
  assert.equal(admin('policy', '--state', join(at.demo.directory, 'admin'), '--pending', join(at.demo.directory, 'backoffice')), 'nothing waits');

  await page.reload();
  await page.getByRole('navigation').waitFor();
  await press(page, 'Password policies');
  await page.getByRole('button', { name: /^TB-1 version 2/ }).waitFor({ timeout: 20000 });
  /* It is pushed: the terminal of that model has it without being asked. */
  await press(page, 'Terminals');
  let text = '';
  for (let tries = 0; tries < 400 && !text.includes('Password rules, version 2'); tries++) {
    const answered = page.waitForResponse((r) => r.url().includes('/desk/devices'));
    await press(page, 'Look at terminal 10000017');
    await answered;
    await page.getByText('Password rules, version').waitFor();
    text = await page.locator('main').innerText();
    await press(page, 'Back to the list');
  }
  assert.ok(text.includes('Password rules, version 2'), text);
});
