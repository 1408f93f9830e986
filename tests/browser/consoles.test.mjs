/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People in the consoles, against the programs of a running demo (S16, S41, S57, CR-14, CR-15): an
 * owner gives roles to those who work in the shops, from a telephone; a manager sees his shop and
 * nobody else; staff administrators have the same page. Who has lost every factor comes back by two
 * members of staff and a link in the own mailbox. Who is signed out is told why. In both languages, on a telephone
 * and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/consoles.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeFaults } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('consoles');

const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };
const OTHER = 'purple anvil seventeen kites';
const WAIT_MS = 20000;

let owner;

const arrives = async (url, lang, page) => (await Clerk.at(at.browser, url, { lang, hand: 'keyboard', page })).setsUp();
const press = (v, name, within = v.page) => within.getByRole('button', { name, exact: true }).click();
const fill = (v, label, text) => v.page.getByLabel(label, { exact: true }).fill(text);
const hears = (v, text, role = 'status') =>
  v.page.getByRole(role).filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });
const card = (v, login) => v.page.locator(`[data-person="${login}"]`);
const text = (v) => v.page.locator('body').innerText();

/* The picture, and what is wrong with the page at this step. */
async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  const wide = await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button, .choice')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: buttons that are too small`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

/* The link in the newest mail to this address that has one. */
async function mailedLink(address, part) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
    const links = messages
      .filter((m) => m.to === address)
      .flatMap((m) => m.text.match(/http\S+#[\w-]+/g) ?? [])
      .filter((link) => link.includes(part));
    if (links.length > 0) {
      return links;
    }
    assert.ok(Date.now() < end, `no link for ${address} in ${JSON.stringify(messages.map((m) => m.to))}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function adds(v, words, { name, login, role, outlet }) {
  await press(v, words.add);
  await fill(v, words.name, name);
  await fill(v, words.login, login);
  await fill(v, words.mail, `${login}@example.com`);
  await v.page.getByLabel(role, { exact: true }).check();
  if (outlet !== undefined) {
    await fill(v, words.outlet, String(outlet));
  }
  await look(v, `add-${login}`);
  await press(v, words.create);
  await hears(v, words.created);
  await card(v, login).waitFor();
}

const zh = {
  add: '添加人员',
  name: '姓名',
  login: '账号（小写字母开头，2–32 位字母、数字、. - _）',
  mail: '邮箱（接收启用链接）',
  outlet: '门店号（0 为全部门店）',
  create: '创建并发送启用链接',
  created: '启用链接已发到他的邮箱',
};
const en = {
  add: 'Add a person',
  name: 'Name',
  login: 'Account (a small letter first; 2 to 32 letters, digits, . - _)',
  mail: 'E-mail (the link to begin goes there)',
  outlet: 'Shop number (0: all shops)',
  create: 'Create, and send the link',
  created: 'The link went to the mail address',
};

test('S57: an owner gives roles, a manager has his shop', async () => {
  owner = await arrives(at.demo.links.owner, 'zh', PHONE);
  await press(owner, '人员');
  await card(owner, 'owner').waitFor();
  await look(owner, 'owner-people-empty');
  await adds(owner, zh, { name: '赵店长', login: 'zhao', role: '店长', outlet: 2 });
  await adds(owner, zh, { name: '孙收银', login: 'sun', role: '收银', outlet: 2 });
  await adds(owner, zh, { name: '钱财务', login: 'qian', role: '财务', outlet: 0 });
  await look(owner, 'owner-people');
  assert.match(await card(owner, 'zhao').innerText(), /店长 · 门店 2/);
  assert.ok(!/setup#/.test(await text(owner)));

  const [link] = await mailedLink('zhao@example.com', '/setup#');
  const manager = await arrives(link, 'en', { ...PHONE, colorScheme: 'dark' });
  await press(manager, 'People');
  await card(manager, 'sun').waitFor();
  const seen = await text(manager);
  assert.ok(!seen.includes('qian') && !seen.includes('王小明'), 'only the own shop');
  assert.equal(await card(manager, 'zhao').getByRole('button').count(), 0, 'nothing to do to oneself');
  await adds(manager, en, { name: 'Li', login: 'li', role: 'Cashier' });
  assert.match(await card(manager, 'li').innerText(), /shop 2/);
  await press(manager, 'Suspend Li');
  await hears(manager, 'logged out everywhere');
  await press(manager, 'Resume Li');
  await hears(manager, 'may log in again');
  await press(manager, 'Remove Li');
  await look(manager, 'manager-remove');
  await press(manager, 'Remove', manager.page.getByRole('dialog'));
  await hears(manager, 'Removed.');
  await card(manager, 'li').waitFor({ state: 'detached' });
  await look(manager, 'manager-people');

  /* S16, CR-34: other rights end his session, and his page says so by itself. */
  await press(owner, '更改权限 赵店长');
  await owner.page.getByLabel('财务', { exact: true }).check();
  await look(owner, 'owner-change');
  await press(owner, '保存');
  await hears(owner, '权限已更改');
  await hears(manager, 'somebody in charge changed', 'alert');
  await look(manager, 'manager-signed-out');
  await press(owner, '发送重设链接 赵店长');
  await hears(owner, '链接已发到他登记的邮箱');
  await mailedLink('zhao@example.com', '/reset#');
  await manager.leaves();
});

test('S41 CR-15: who has lost everything comes back by two members of staff', async () => {
  const agent = await arrives(at.demo.links.agent, 'zh', DESKTOP);
  const chief = await arrives(at.demo.links.chief, 'en', { ...PHONE, colorScheme: 'dark' });
  await press(agent, '找回工单');
  await press(agent, '后台账户找回');
  await agent.page.getByLabel('商户账户', { exact: true }).check();
  await fill(agent, '账号、手机号或邮箱', 'agent');
  await press(agent, '建立工单 · 电话');
  await hears(agent, '没有这台终端、这个账户', 'alert');
  await agent.page.getByLabel('员工账户', { exact: true }).check();
  await press(agent, '建立工单 · 电话');
  await hears(agent, '须由其他两位同事办理', 'alert');
  await agent.page.getByLabel('商户账户', { exact: true }).check();
  await fill(agent, '账号、手机号或邮箱', 'owner');
  await fill(agent, '来电人说了什么', '手机丢失，恢复码也丢了');
  await look(agent, 'desk-account-call');
  await press(agent, '建立工单 · 电话');
  await agent.title('R-000001');
  assert.equal(await agent.page.getByText('离线解锁').count(), 0);
  for (const [question, said] of [['账户本人姓名', '王小明'], ['账户手机号（全部数字）', '138 0000 5678'], ['账户邮箱', 'owner@example.com']]) {
    await fill(agent, `来电人的回答: ${question}`, said);
    await press(agent, '核对', agent.page.locator('form.ask').filter({ hasText: question }));
    await hears(agent, `${question}: 正确`);
  }
  await fill(agent, '核实依据', '已视频核对营业执照');
  await press(agent, '记录');
  await hears(agent, '可以批准');
  await press(agent, '批准找回');
  await hears(agent, '还需要另一位同事批准');
  await look(agent, 'desk-account-waits');

  await press(chief, 'Recovery desk');
  await chief.page.locator('[data-ticket]').first().click();
  await chief.title('R-000001');
  await look(chief, 'chief-account-ticket');
  await press(chief, 'Approve');
  await hears(chief, 'the link went to the registered mail address');
  await look(chief, 'chief-account-approved');
  await hears(agent, '链接已发到登记的邮箱');
  for (const v of [agent, chief]) {
    assert.ok(!/setup#|owner@example\.com|13800005678/.test(await v.page.content()), 'the desk sees no link and no address');
  }
  /* The owner's own page ends by itself and says why. */
  await hears(owner, '登录方式', 'alert');
  await look(owner, 'owner-signed-out');
  await owner.leaves();

  const links = await mailedLink('owner@example.com', '/setup#');
  owner = await Clerk.at(at.browser, links.at(0), { lang: 'zh', hand: 'keyboard', page: PHONE });
  await owner.title('启用账户');
  await fill(owner, '新密码', OTHER);
  await fill(owner, '再输入一次', OTHER);
  await press(owner, '保存');
  await owner.title('设置第二重验证');
  await press(owner, '用通行密钥（推荐）');
  await owner.title('恢复码');
  await press(owner, '我已保存');
  await owner.page.getByRole('navigation').waitFor();
  await hears(agent, '本人已用链接设置了新密码');
  await look(agent, 'desk-account-done');

  /* What the desk and everybody has heard. */
  await press(agent, '通知与到期');
  await agent.page.getByText('后台账户已重置').first().waitFor();
  await look(agent, 'desk-notices');
  const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
  for (const address of ['owner@example.com', 'chen@example.com']) {
    assert.ok(messages.some((m) => m.to === address && /R-000001/.test(m.text)), `${address} was told`);
  }

  /* The administrator's page of people, in both languages. */
  await press(chief, 'People');
  await card(chief, 'agent').waitFor();
  await look(chief, 'chief-people');
  await press(chief, 'Add a person');
  await look(chief, 'chief-add');
  await chief.page.getByLabel('Merchant', { exact: true }).check();
  await fill(chief, 'Name', 'Sun');
  await fill(chief, en.login, 'sun');
  await fill(chief, en.mail, 'sun@example.com');
  await fill(chief, 'Merchant number (15)', '898310153110009');
  await press(chief, en.create);
  await hears(chief, 'is taken', 'alert');
  await look(chief, 'chief-taken');
  await agent.leaves();
  await chief.leaves();
});

/* S16: the second session is told, without asking for anything. */
test('S16: a changed password signs the other session out and says so', async () => {
  const second = await Clerk.at(at.browser, at.demo.consoles, { lang: 'en', hand: 'keyboard', page: { ...DESKTOP, colorScheme: 'dark' } });
  const { credentials } = await owner.cdp.send('WebAuthn.getCredentials', { authenticatorId: owner.authenticatorId });
  await second.cdp.send('WebAuthn.addCredential', { authenticatorId: second.authenticatorId, credential: credentials[0] });
  await press(second, 'Log in with a passkey');
  await second.title('Hello, 王小明');
  await press(owner, '账户安全');
  await press(owner, '修改密码');
  await fill(owner, '当前密码', OTHER);
  await fill(owner, '新密码', 'violet teapot eleven oars');
  await fill(owner, '再输入一次', 'violet teapot eleven oars');
  await press(owner, '保存');
  await hears(owner, '密码已修改');
  await hears(second, 'You were signed out: the password was changed', 'alert');
  await look(second, 'second-signed-out');
  const { messages } = await (await fetch(new URL('api/tray/messages', at.demo.terminal))).json();
  assert.ok(messages.some((m) => m.to === 'owner@example.com' && /登录方式/.test(m.text)), 'and the notice is out');
  await second.leaves();
  await owner.leaves();
});
