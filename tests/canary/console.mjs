/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person at a console in a browser: an account set up by its link, with a password, an authenticator
 * and recovery codes; in and out again, and back by a link of a mail. Whatever is secret of it is told.
 */
import assert from 'node:assert/strict';
import { Clerk } from '../browser/clerk.mjs';
import { secretOf, totp } from '../browser/authenticator.mjs';

const WAIT_MS = 20000;
const PAGE = { viewport: { width: 1440, height: 900 }, hasTouch: true };
const WORDS = {
  app: 'An authenticator app',
  appDigits: 'The 6 digits that the app shows',
  confirm: 'Confirm',
  logOut: 'Log out',
  logIn: 'Log in',
  name: 'Account, phone number or e-mail',
  password: 'Password',
  next: 'Next',
  useRecovery: 'Use a recovery code',
  recovery: 'Recovery code',
  code: 'Code of 6 digits',
  verify: 'Verify',
  forgotten: 'Forgot your password?',
  send: 'Send the link',
  reset: 'Choose another password',
};

export class Console extends Clerk {
  /* `link` is "http://localhost:PORT/staff/setup#TOKEN". */
  static async opens(browser, link, login, mark) {
    const opened = await this.at(browser, link, { lang: 'en', hand: 'touch', page: PAGE });
    const home = link.replace(/setup#.*$/, '');
    mark(`set-up link of ${login}`, new URL(link).hash.slice(1));
    return Object.assign(opened, { login, mark, home, words: { ...opened.words, ...WORDS } });
  }

  /* What stood in the field before is gone. */
  async fill(label, text) {
    const field = this.page.getByLabel(label, { exact: true });
    await this.reach(field);
    await field.selectText();
    await this.page.keyboard.insertText(text);
  }

  async isIn() {
    await this.shows(this.page.getByRole('navigation'), 'the menu');
  }

  async choosesPassword(label, password) {
    this.password = this.mark(`${label} of ${this.login}`, password);
    await this.fill(this.words.newPassword, password);
    await this.fill(this.words.again, password);
    await this.press('save');
  }

  /* Everything that an account has which is secret. */
  async setUp(password) {
    await this.title(this.words.setUp);
    await this.choosesPassword('password', password);
    await this.title(this.words.enrol);
    await this.press('app');
    const key = (await this.page.locator('[data-test=key]').innerText()).replaceAll(' ', '');
    this.mark(`authenticator of ${this.login}`, key);
    this.secret = secretOf(key);
    this.mark(`authenticator of ${this.login}, its bytes`, `hex:${this.secret.toString('hex')}`);
    await this.fill(this.words.appDigits, totp(this.secret));
    await this.press('confirm');
    await this.title(this.words.codes);
    this.codes = await this.page.locator('[data-test=codes] li').allInnerTexts();
    assert.ok(this.codes.length >= 8);
    this.codes.forEach((code, at) => {
      this.mark(`recovery code ${at} of ${this.login}`, code);
      this.mark(`recovery code ${at} of ${this.login}, plain`, code.replaceAll('-', ''));
    });
    await this.press('saved');
    await this.isIn();
  }

  async logsOut() {
    await this.press('logOut');
    await this.title(this.words.logIn);
  }

  async types(password) {
    await this.fill(this.words.name, this.login);
    await this.fill(this.words.password, password);
    await this.press('next');
  }

  async mistypes(password) {
    await this.types(password);
    await this.hears('The name, the password or the code is wrong', 'alert');
  }

  async withRecoveryCode(code) {
    await this.types(this.password);
    await this.press('useRecovery');
    await this.fill(this.words.recovery, code);
    await this.press('verify');
    await this.isIn();
  }

  async withAuthenticator() {
    await this.types(this.password);
    await this.fill(this.words.code, totp(this.secret, 1));
    await this.press('verify');
    await this.isIn();
  }

  /* Has forgotten it: a link in the mailbox, and another password. */
  async resets(mailed, password) {
    await this.press('forgotten');
    await this.fill(this.words.name, this.login);
    await this.press('send');
    const link = await mailed();
    await this.page.goto('about:blank');
    await this.page.goto(link);
    await this.title(this.words.reset);
    await this.choosesPassword('new password', password);
    await this.press('logIn');
    await this.page.getByLabel(this.words.password, { exact: true }).waitFor({ timeout: WAIT_MS });
  }
}
