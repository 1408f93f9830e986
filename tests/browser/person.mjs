/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody at the page of a real terminal, with a hand of one kind (mouse, touch, keyboard) and a
 * language. A person looks for words and not for inner names, and looks at each new screen once with a
 * critical eye.
 */
import assert from 'node:assert/strict';
import { drawn, layoutFaults } from './browser.mjs';

export const SCREEN_MS = 20000;
const LANGS = { zh: 'zh-CN', en: 'en' };

/* What stands on the buttons, Chinese and English. */
const WORDS = {
  signIn: ['签到', 'Sign in'],
  sale: ['收款/消费', 'Sale'],
  records: ['查询/打印', 'Records'],
  query: ['交易查询', 'Payments'],
  settings: ['设置', 'Settings'],
  security: ['安全设置', 'Security'],
  passwords: ['密码设置', 'Passwords'],
  setPassword: ['设置密码', 'Set a password'],
  changePassword: ['修改密码', 'Change password'],
  save: ['保存并退出', 'Save and exit'],
  again: ['重新输入', 'Enter again'],
  about: ['版本/关于', 'About'],
  network: ['网络', 'Network'],
  manage: ['管理', 'Manage'],
  reprint: ['重打印', 'Print again'],
  reprintLast: ['重打印最后一笔', 'Reprint the last'],
  lock: ['锁屏', 'Lock'],
  unlock: ['解锁', 'Unlock'],
  supervisorUnlocks: ['主管解锁', 'Supervisor'],
  signOut: ['签退', 'Sign out'],
  settle: ['结算', 'Settle'],
  yesSettle: ['确认结算', 'Settle now'],
  shift: ['交接班', 'Shift'],
  shiftX: ['打印读数（X）', 'Print reading (X)'],
  shiftZ: ['交班结账（Z）', 'Close shift (Z)'],
  yesShift: ['确认交班', 'Close it now'],
  yesSignOut: ['确认签退', 'Sign out now'],
  logOut: ['换操作员', 'Change operator'],
  forgotten: ['忘记密码', 'Forgotten'],
  bySupervisor: ['请主管重置', 'The supervisor'],
  bySms: ['短信验证码', 'A code by SMS'],
  byMail: ['邮件验证码', 'A code by e-mail'],
  byService: ['联系客服', 'Customer service'],
  byOffline: ['离线解锁（电话）', 'Offline, by telephone'],
  enterCode: ['输入验证码', 'Enter the code'],
  withdraw: ['撤回申请', 'Withdraw'],
  operators: ['柜员管理', 'Operators'],
  backup: ['设备备份', 'Device backup'],
  backupNow: ['立即备份', 'Back up now'],
  backupOwner: ['店主的恢复密钥', "The owner's key"],
  backupRestore: ['从备份恢复', 'Restore'],
  backupOffice: ['从后台取回', 'From the back office'],
  addOperator: ['添加操作员', 'Add an operator'],
  reset: ['重置密码', 'Reset the password'],
  suspend: ['停用', 'Suspend'],
  resume: ['恢复使用', 'Let in again'],
  remove: ['删除', 'Delete'],
  yes: ['确定', 'Yes'],
  phones: ['配对手机', 'Paired phones'],
  addPhone: ['配对新手机', 'Pair a phone'],
  same: ['一样', 'The same'],
  different: ['不一样', 'Different'],
  removePhone: ['取消配对', 'Remove it'],
  duress: ['胁迫密码', 'Duress password'],
  setDuress: ['设置胁迫密码', 'Set it'],
  endDuress: ['停用胁迫密码', 'Switch it off'],
};

const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Person {
  /* `opened` is of openPage(); `inspect` looks at a screen that was not met before. */
  constructor(opened, lang, hand, inspect = async () => {}) {
    Object.assign(this, opened, { lang, hand, inspect, looked: new Set() });
  }

  word(name) {
    return WORDS[name][this.lang === 'zh' ? 0 : 1];
  }

  shown() {
    return this.page.evaluate(() => {
      const view = document.querySelector('.view');
      return { id: view?.dataset.screen ?? '', serial: Number(view?.dataset.serial ?? 0), text: view?.innerText ?? '' };
    });
  }

  /* Waits for something to be true in the page; says what was there instead. */
  async until(what, check, argument) {
    try {
      await this.page.waitForFunction(check, argument, { timeout: SCREEN_MS, polling: 30 });
    } catch {
      assert.fail(`${what} expected, shown is ${JSON.stringify(await this.shown())}`);
    }
  }

  /* Waits for one of these screens and looks at it, once. */
  async sees(...ids) {
    await this.until(
      ids.join(' or '),
      (wanted) => wanted.includes(document.querySelector('.view')?.dataset.screen),
      ids,
    );
    const { id, serial } = await this.shown();
    if (!this.looked.has(id)) {
      this.looked.add(id);
      await drawn(this.page, serial);
      assert.deepEqual(await layoutFaults(this.page), [], `${id} ${this.lang} ${this.hand}`);
      await this.inspect(this, id);
    }
    return id;
  }

  /* Waits until these words are on the screen, where they can be seen. */
  async reads(zh, en = zh) {
    const pattern = this.lang === 'zh' ? zh : en;
    await this.until(
      `${pattern}`,
      (source) => {
        const box = document.querySelector('.middle').getBoundingClientRect();
        return [...document.querySelectorAll('.line')].some((line) => {
          const { top, bottom } = line.getBoundingClientRect();
          return new RegExp(source).test(line.innerText) && top >= box.top - 1 && bottom <= box.bottom + 1;
        });
      },
      pattern.source,
    );
  }

  /* What of the screen fits the pattern; it may be below the edge. */
  async finds(pattern) {
    const { text } = await this.shown();
    assert.match(text, pattern);
    return text.match(pattern);
  }

  async touch(selector) {
    const target = this.page.locator(selector).first();
    try {
      if (this.hand !== 'keyboard' && (await this.touchesKey(target))) {
        return;
      }
      if (this.hand === 'mouse') {
        await target.click({ timeout: SCREEN_MS });
      } else if (this.hand === 'touch') {
        await target.tap({ timeout: SCREEN_MS });
      } else {
        await target.waitFor({ timeout: SCREEN_MS });
        await this.walkTo(target);
        await this.page.keyboard.press('Enter');
      }
    } catch (error) {
      error.message += `\n${selector} is not to be touched, shown is ${JSON.stringify(await this.shown())}`;
      throw error;
    }
  }

  /*
   * The keys of a keypad, which stay where they are, are touched in one step where they can be seen: most of all touches are
   * theirs, and waiting until they lie still takes ten steps. What is not to be touched so is left to `touch`.
   */
  async touchesKey(target) {
    const spot = await target.evaluate((e) => {
      const { left, top, width, height } = e.getBoundingClientRect();
      const [x, y] = [left + width / 2, top + height / 2];
      const there = e.closest('.keypad') !== null && !e.disabled && e.contains(document.elementFromPoint(x, y));
      return there ? [x, y] : null;
    }, undefined, { timeout: SCREEN_MS });
    if (spot === null) {
      return false;
    }
    await (this.hand === 'touch' ? this.page.touchscreen.tap(...spot) : this.page.mouse.click(...spot));
    return true;
  }

  /* Tab until the focus is there. */
  async walkTo(target) {
    const wanted = await target.elementHandle();
    for (let step = 0; step < 80; step += 1) {
      if (await this.page.evaluate((e) => document.activeElement === e, wanted)) {
        return;
      }
      await this.page.keyboard.press('Tab');
    }
    assert.fail(`Tab does not reach ${target}`);
  }

  async choose(name) {
    const target = this.page
      .locator('.view button[data-key^="choice:"]:not(:disabled)')
      .filter({ hasText: new RegExp(`^\\s*\\d?\\s*${literally(this.word(name))}\\s*\\d?\\s*$`) })
      .first();
    await target.waitFor();
    const number = await target.getAttribute('aria-keyshortcuts');
    if (this.hand === 'keyboard' && number !== null) {
      await this.page.keyboard.press(number);
      return;
    }
    await this.touch(`.view [data-key="${await target.getAttribute('data-key')}"]`);
  }

  async ok() {
    if (this.hand === 'keyboard') {
      await this.page.evaluate(() => document.activeElement.blur());
      await this.page.keyboard.press('Enter');
    } else {
      await this.touch('.view [data-key="ok"]');
    }
  }

  async cancel() {
    if (this.hand === 'keyboard') {
      await this.page.keyboard.press('Escape');
    } else {
      await this.touch('.heading [data-key="cancel"]');
    }
  }

  async digits(text) {
    for (const digit of text) {
      if (this.hand === 'keyboard') {
        await this.page.keyboard.press(digit);
      } else {
        await this.touch(`.view [data-key="digit:${digit}"]`);
      }
    }
  }

  /* Digits on the secure keypad, no ok. */
  async types(text) {
    await this.page.waitForSelector('[data-key="position:0"]');
    for (const digit of text) {
      if (this.hand === 'keyboard') {
        await this.page.keyboard.press(digit);
      } else {
        await this.touch(`.view .keypad-digits button[aria-label="${digit}"]`);
      }
    }
    await this.until(
      `${text.length} stars`,
      (count) => document.querySelectorAll('.star.full').length === count,
      text.length,
    );
  }

  /* A PIN, password or code on the secure keypad, then ok. */
  async secret(text) {
    await this.types(text);
    await this.ok();
  }

  /* ---- in and out ---- */

  async operator(operator) {
    await this.sees('login.operator');
    await this.digits(operator);
    await this.ok();
    await this.sees('login.password');
  }

  async logsIn(operator, password = this.own[operator]) {
    await this.operator(operator);
    await this.secret(password);
  }

  /* With the printed password, which is changed before anything else. */
  async firstLogIn(operator, initial) {
    await this.logsIn(operator, initial);
    await this.sees('login.first');
    await this.choose('setPassword');
    await this.enters(this.own[operator]);
    await this.sees('password.saved');
    await this.ok();
    await this.pastTips('main.menu');
  }

  async logsOut() {
    await this.home();
    await this.cancel();
    await this.sees('session.leave');
    await this.choose('logOut');
    await this.sees('login.operator');
  }

  /* New, once more, save; nothing is said of where it leads. */
  async enters(first, second = first) {
    await this.sees('password.new');
    await this.secret(first);
    await this.sees('password.repeat');
    await this.secret(second);
    await this.sees('password.review');
    await this.choose('save');
  }

  async inLanguage() {
    const now = await this.page.evaluate(() => document.documentElement.lang);
    if (now !== LANGS[this.lang]) {
      await this.touch('[data-key="language"]');
      await this.until(this.lang, (lang) => document.documentElement.lang === lang, LANGS[this.lang]);
    }
  }

  async leaves(id) {
    await this.until(`not ${id}`, (before) => document.querySelector('.view')?.dataset.screen !== before, id);
  }

  /* To one of these; a safety tip on the way is read (S72). */
  async pastTips(...ids) {
    while ((await this.sees('tip.show', ...ids)) === 'tip.show') {
      await this.ok();
      await this.leaves('tip.show');
    }
    return (await this.shown()).id;
  }

  /* Back, level by level, until this screen: every one of them has a way back. */
  async home(wanted = 'main.menu') {
    for (let level = 0; level < 6; level += 1) {
      const { id } = await this.shown();
      if (id === wanted) {
        return;
      }
      await this.cancel();
      await this.leaves(id);
    }
    await this.sees(wanted);
  }
}
