/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody at a page of the back office: a member of staff at the recovery desk, or whoever opens a link.
 * With a hand of one kind and a language, as at a terminal; the keyboard alone reaches everything by Tab.
 */
import assert from 'node:assert/strict';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';

const WAIT_MS = 20000;
const PASSWORD = 'correct gibbon harbour 91';

const WORDS = {
  zh: {
    setUp: '启用账户',
    newPassword: '新密码',
    again: '再输入一次',
    save: '保存',
    enrol: '设置第二重验证',
    passkey: '用通行密钥（推荐）',
    codes: '恢复码',
    saved: '我已保存',
    usePasskey: '使用通行密钥',
    desk: '找回工单',
    newCall: '新来电',
    tid: '终端号（8 位）',
    operator: '操作员号（2 位）',
    note: '来电人说了什么',
    create: '建立工单 · 电话',
    back: '返回列表',
    said: '来电人的回答',
    compare: '核对',
    right: '正确',
    owner: '店主姓名',
    phone: '店主手机号（全部数字）',
    serial: '设备序列号',
    evidence: '核实依据',
    write: '记录',
    digits: '屏幕上的 11 位数字',
    take: '使用这串数字',
    approve: '批准找回',
    second: '还需要另一位同事批准',
    samePerson: '您已经批准过',
    done: '完成',
    badDigits: '再读一遍',
    readOut: '显示解锁码（只显示一次）',
    hide: '已读出，关闭',
    notices: '通知与到期',
    duress: '胁迫报警',
    tampered: '终端被拆动',
    codePage: '重设终端密码',
    showCode: '显示验证码',
    deadLink: '在终端上重新申请',
    pairTitle: '配对手机',
    phoneName: '手机名称',
    pair: '配对',
    approver: '批准登录',
    asks: '操作员 00 正在登录',
    yes: '是我们的人，批准',
    answered: '已批准。',
    forget: '取消配对',
    gone: '这部手机没有配对，或配对已取消',
    terminals: '终端',
    open: '查看终端',
    unpair: '取消配对',
  },
  en: {
    setUp: 'Set up your account',
    newPassword: 'New password',
    again: 'The same once more',
    save: 'Save',
    enrol: 'Set up a second step',
    passkey: 'A passkey (recommended)',
    codes: 'Recovery codes',
    saved: 'I have kept them',
    usePasskey: 'Use a passkey',
    desk: 'Recovery desk',
    newCall: 'New call',
    tid: 'Terminal number (8)',
    operator: 'Operator number (2)',
    note: 'What the caller says',
    create: 'Open a ticket · Call',
    back: 'Back to the list',
    said: 'What the caller says',
    compare: 'Compare',
    right: 'right',
    owner: "Owner's name",
    phone: "Owner's phone (all digits)",
    serial: 'Serial number',
    evidence: 'Evidence',
    write: 'Write down',
    digits: 'The 11 digits on the screen',
    take: 'Use these digits',
    approve: 'Approve',
    second: 'Somebody else must approve too',
    samePerson: 'You have approved already',
    done: 'Done.',
    badDigits: 'let them be read out again',
    readOut: 'Show the code (once)',
    hide: 'Read out; close',
    notices: 'Notices and expiry',
    duress: 'duress alarm',
    tampered: 'terminal tampered with',
    codePage: 'Reset a password at a terminal',
    showCode: 'Show the code',
    deadLink: 'Ask again at the terminal',
    pairTitle: 'Pair this phone',
    phoneName: 'Name of this phone',
    pair: 'Pair',
    approver: 'Approve log-ins',
    asks: 'Operator 00 is logging in',
    yes: 'It is one of us: approve',
    answered: 'Approved.',
    forget: 'Let go of the terminal',
    gone: 'This phone is not paired, or no longer',
    terminals: 'Terminals',
    open: 'Look at terminal',
    unpair: 'Let go',
  },
};

export class Clerk {
  /* A page of one's own, with a passkey device that Chromium plays. */
  static async at(browser, url, { lang, hand, page }) {
    const opened = await openPage(browser, url, { ...page, locale: lang === 'zh' ? 'zh-CN' : 'en-GB' });
    const device = await addPasskeyDevice(opened);
    return Object.assign(new this(), opened, device, { hand, words: WORDS[lang] });
  }

  /* ---- hands ---- */

  async reach(target) {
    await target.waitFor({ timeout: WAIT_MS });
    if (this.hand === 'touch') {
      await target.tap();
      return;
    }
    const wanted = await target.elementHandle();
    for (let step = 0; step < 120; step += 1) {
      if (await this.page.evaluate((e) => document.activeElement === e, wanted)) {
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${target}`);
  }

  async presses(target) {
    await this.reach(target);
    if (this.hand === 'keyboard') {
      await this.page.keyboard.press('Enter');
    }
  }

  /* A button that is at work takes nothing. */
  press(word, within = this.page) {
    const free = this.page.locator('button:not(.is-loading, .van-button--loading)');
    return this.presses(within.getByRole('button', { name: this.words[word], exact: true }).and(free));
  }

  async fill(label, text) {
    await this.reach(this.page.getByLabel(label, { exact: true }));
    await this.page.keyboard.insertText(text);
  }

  title(text) {
    return this.page.getByRole('heading', { name: text }).first().waitFor({ timeout: WAIT_MS });
  }

  async shows(target, what) {
    try {
      await target.waitFor({ timeout: WAIT_MS });
    } catch {
      assert.fail(`${what} expected, shown is ${await this.page.evaluate(() => document.body.innerText)}`);
    }
  }

  /* Something is said in a status or an alert; where a factor is wanted once more, it is shown. */
  async hears(word, role = 'status') {
    const said = this.page.getByRole(role).filter({ hasText: this.words[word] ?? word }).first();
    const again = this.page.locator('.step-up');
    await this.shows(said.or(again).first(), word);
    if (await again.isVisible()) {
      await this.press('usePasskey', again);
      await said.waitFor({ timeout: WAIT_MS });
    }
  }

  async look(name) {
    assert.deepEqual(await axeFaults(this.page), [], name);
    assert.deepEqual(this.faults, [], name);
  }

  /* What the page itself may ask. */
  get(path) {
    return this.page.evaluate(async (at) => (await fetch(`/api/staff${at}`)).json(), path);
  }

  /* ---- staff ---- */

  /* By the link of the account: a password, a passkey, recovery codes. */
  async setsUp() {
    await this.title(this.words.setUp);
    await this.fill(this.words.newPassword, PASSWORD);
    await this.fill(this.words.again, PASSWORD);
    await this.press('save');
    await this.title(this.words.enrol);
    await this.press('passkey');
    await this.title(this.words.codes);
    await this.press('saved');
    await this.page.getByRole('navigation').waitFor({ timeout: WAIT_MS });
    return this;
  }

  /* The list of tickets, and one of them. */
  async toDesk() {
    const back = this.page.getByRole('button', { name: this.words.back, exact: true });
    if (await back.isVisible()) {
      await this.presses(back);
    } else {
      await this.press('desk');
    }
    await this.title(this.words.desk);
  }

  async opens(number) {
    await this.toDesk();
    await this.presses(this.page.locator('[data-ticket]').filter({ hasText: number }));
    await this.title(number);
  }

  /* A caller without a network; gives the ticket's number. */
  async takesCall(tid, operator) {
    await this.toDesk();
    await this.press('newCall');
    await this.fill(this.words.tid, tid);
    await this.fill(this.words.operator, operator);
    await this.fill(this.words.note, 'offline');
    await this.press('create');
    await this.title(/R-\d{6}/);
    return (await this.page.getByRole('heading', { name: /R-\d{6}/ }).innerText()).match(/R-\d{6}/)[0];
  }

  async typesDigits(digits) {
    const field = this.page.getByLabel(this.words.digits, { exact: true });
    await this.reach(field);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(digits);
    await this.press('take');
  }

  /* The caller answers what the desk must know before it may help. */
  async identifies(answers) {
    for (const [question, said] of Object.entries(answers)) {
      const name = this.words[question];
      await this.fill(`${this.words.said}: ${name}`, said);
      await this.press('compare', this.page.locator('form.ask').filter({ hasText: name }));
      await this.hears(`${name}: ${this.words.right}`);
    }
    await this.fill(this.words.evidence, 'called back');
    await this.press('write');
  }

  async approves(word, role) {
    await this.press('approve');
    await this.hears(word, role);
  }

  /* The code, shown once. */
  async readsOut() {
    await this.press('readOut');
    const code = this.page.locator('.unlock-code');
    const again = this.page.locator('.step-up');
    await code.or(again).first().waitFor({ timeout: WAIT_MS });
    if (await again.isVisible()) {
      await this.press('usePasskey', again);
    }
    const digits = (await code.innerText()).replace(/\D/g, '');
    await this.look('the code');
    await this.press('hide');
    await code.waitFor({ state: 'detached' });
    assert.equal(await this.page.getByRole('button', { name: this.words.readOut }).count(), 0);
    return digits;
  }

  /* An alarm stands on the page of notices without anybody asking for it. */
  async seesAlarm(...texts) {
    await this.seesAlarmOf('duress', ...texts);
  }

  async seesAlarmOf(kind, ...texts) {
    await this.press('notices');
    const alarm = this.page.locator('.alarm').filter({ hasText: this.words[kind] });
    await alarm.waitFor({ timeout: WAIT_MS });
    assert.equal(await alarm.count(), 1);
    const said = await alarm.innerText();
    for (const text of texts) {
      assert.ok(said.includes(text), said);
    }
    await this.look('alarm');
  }

  /* ---- the link of a mail ---- */

  async codeOfLink() {
    await this.title(this.words.codePage);
    assert.equal(new URL(this.page.url()).hash, '', 'the secret is out of the address bar');
    await this.press('showCode');
    const code = this.page.locator('.big-code');
    await code.waitFor({ timeout: WAIT_MS });
    await this.look('code of a link');
    return (await code.innerText()).replace(/\D/g, '');
  }

  async linkIsDead() {
    await this.title(this.words.codePage);
    await this.press('showCode');
    await this.hears('deadLink', 'alert');
    await this.look('dead link');
  }

  /* ---- a telephone that approves ---- */

  /* Offers its key under a name; gives the six digits that it shows. */
  async offers(name) {
    await this.title(this.words.pairTitle);
    assert.equal(new URL(this.page.url()).hash, '', 'the token is out of the address bar');
    await this.look('before pairing');
    await this.reach(this.page.getByLabel(this.words.phoneName, { exact: true }));
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(name);
    await this.press('pair');
    const digits = this.page.locator('.big-code');
    await this.shows(digits, 'digits');
    await this.look('the digits');
    return digits.innerText();
  }

  /* The request of operator 00 is on the page. */
  async isAsked() {
    await this.title(this.words.asks);
    await this.look('a request');
  }

  async isGone() {
    await this.shows(this.page.getByText(this.words.gone), this.words.gone);
    await this.look('gone');
  }

  /* ---- devices at the desk ---- */

  async removesPhone(tid, name) {
    await this.press('terminals');
    await this.presses(this.page.getByRole('button', { name: `${this.words.open} ${tid}` }));
    await this.title(tid);
    const row = this.page.locator('li').filter({ hasText: name });
    await this.press('unpair', row);
    await row.waitFor({ state: 'detached', timeout: WAIT_MS });
    await this.look('devices');
  }

  async leaves() {
    assert.deepEqual(this.faults, []);
    await this.context.close();
  }
}
