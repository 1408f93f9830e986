/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person at the terminal's page who knows its screens by their names and has a keyboard for
 * numbers: the way through a day, without a look at how the page lies (tests/browser has that).
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SCREEN_MS = 20000;

export class Till {
  constructor(page) {
    this.page = page;
  }

  shown() {
    return this.page.evaluate(() => document.querySelector('.view')?.dataset.screen ?? '');
  }

  text() {
    return this.page.evaluate(() => document.querySelector('.view').innerText);
  }

  /* Waits for one of these screens and says which it is. */
  async sees(...ids) {
    const wanted = (list) => list.includes(document.querySelector('.view')?.dataset.screen);
    try {
      await this.page.waitForFunction(wanted, ids, { timeout: SCREEN_MS, polling: 20 });
    } catch {
      const text = await this.page.evaluate(() => document.querySelector('.view')?.innerText);
      assert.fail(`${ids.join(' or ')} expected, shown is ${await this.shown()}: ${text}`);
    }
    return this.shown();
  }

  async choose(key) {
    await this.page.locator(`.view button[data-key="choice:${key}"]:not(:disabled)`).first().click();
  }

  async press(key) {
    await this.page.evaluate(() => document.activeElement.blur());
    await this.page.keyboard.press(key);
  }

  async number(digits) {
    for (const digit of digits) {
      await this.press(digit);
    }
    await this.press('Enter');
  }

  async secret(digits) {
    await this.page.waitForSelector('[data-key="position:0"]');
    for (const digit of digits) {
      await this.press(digit);
    }
    await this.page.waitForFunction(
      (count) => document.querySelectorAll('.star.full').length === count,
      digits.length,
      { timeout: SCREEN_MS, polling: 20 },
    );
    await this.press('Enter');
  }

  async logIn(operator, password) {
    await this.sees('login.operator');
    await this.number(operator);
    await this.sees('login.password');
    await this.secret(password);
    await this.page.waitForFunction(
      () => document.querySelector('.view')?.dataset.screen !== 'login.password',
      undefined,
      { timeout: SCREEN_MS, polling: 20 },
    );
    if ((await this.shown()) === 'tip.show') {
      await this.pastTips('main.menu');
    }
  }

  async choosePassword(password, ...ends) {
    if ((await this.sees('login.first', 'password.new')) === 'login.first') {
      await this.choose('continue');
      await this.sees('password.new');
    }
    await this.secret(password);
    await this.sees('password.repeat');
    await this.secret(password);
    await this.sees('password.review');
    await this.choose('save');
    await this.sees('password.saved');
    await this.press('Enter');
    await this.pastTips('main.menu', 'settings.passwords', ...ends);
  }

  /* To one of these screens; a tip on the way is read. */
  async pastTips(...ids) {
    while ((await this.sees('tip.show', ...ids)) === 'tip.show') {
      await this.press('Enter');
      await this.page.waitForFunction(
        () => document.querySelector('.view')?.dataset.screen !== 'tip.show',
        undefined,
        { timeout: SCREEN_MS, polling: 20 },
      );
    }
  }

  /* The seven steps. */
  async changePassword(current, password) {
    await this.choose('settings');
    await this.sees('settings.menu');
    await this.choose('security');
    await this.sees('settings.security');
    await this.choose('passwords');
    await this.sees('settings.passwords');
    await this.choose('change');
    await this.sees('password.current');
    await this.secret(current);
    await this.choosePassword(password);
    await this.home();
  }

  /* From the log-in to one of the ways back. */
  async forgets(operator, way) {
    await this.sees('login.operator');
    await this.number(operator);
    await this.sees('login.password');
    await this.choose('forgotten');
    await this.sees('forgot.ways');
    await this.choose(way);
  }

  /* The code that came, and another password. */
  async comesBack(code, password) {
    await this.choose('code');
    await this.sees('recover.code');
    await this.secret(code);
    await this.choosePassword(password, 'login.operator');
    await this.sees('login.operator');
  }

  /* The supervisor makes a one-time password, which the page alone can read. */
  async resets(operator) {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('operators');
    await this.sees('operators.list');
    await this.choose(`id_${operator}`);
    await this.sees('operators.one');
    await this.choose('reset');
    await this.sees('operators.ask');
    await this.choose('yes');
    await this.sees('operators.secret');
    await this.page.waitForSelector('.secret-text');
    const secret = (await this.page.locator('.secret-group').allTextContents()).join('');
    await this.press('Enter');
    await this.sees('operators.one', 'operators.list');
    await this.home();
    return secret;
  }

  async signIn() {
    await this.choose('sign_in');
    await this.sees('sign_in.done');
    await this.press('Enter');
    await this.sees('main.menu');
  }

  /* The id of the result's screen. */
  async payByCard(amount, pin) {
    await this.choose('sale');
    await this.sees('sale.amount');
    await this.number(amount);
    await this.sees('sale.present');
    if (await this.page.locator('.view [data-key="tray"]').isVisible()) {
      await this.page.locator('.view [data-key="tray"]').click();
    }
    await this.page.locator('[data-card="good"]').first().click();
    await this.sees('sale.pin');
    await this.secret(pin);
    const result = await this.sees('sale.approved', 'sale.declined');
    if (result === 'sale.declined') {
      await this.home();
    }
    return result;
  }

  /* The receipt at hand as text, picture and printer bytes. */
  async keepReceipt(folder) {
    const receipt = await this.page.evaluate(async () => {
      const picture = document.querySelector('[data-part="receipt-picture"]').getAttribute('src');
      const bytes = async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())];
      return {
        text: document.querySelector('[data-part="receipt-text"]').textContent,
        png: await bytes(picture),
        escpos: await bytes(picture.replace('.png', '.escpos')),
      };
    });
    assert.ok(receipt.png.length > 1000 && receipt.escpos.length > 100);
    for (const [name, content] of Object.entries(receipt)) {
      writeFileSync(join(folder, name), typeof content === 'string' ? content : Buffer.from(content));
    }
  }

  /* Back, level by level, until the main screen. */
  async home() {
    for (let level = 0; level < 8 && (await this.shown()) !== 'main.menu'; level += 1) {
      const before = await this.shown();
      await this.press('Escape');
      await this.page.waitForFunction(
        (id) => document.querySelector('.view').dataset.screen !== id,
        before,
        { timeout: SCREEN_MS, polling: 20 },
      );
    }
    await this.sees('main.menu');
  }

  async lockAndUnlock(password) {
    await this.choose('manage');
    await this.sees('manage.menu');
    await this.choose('lock');
    await this.sees('lock.locked');
    await this.choose('unlock');
    await this.sees('lock.password');
    await this.secret(password);
    await this.sees('main.menu');
  }

  async logOut() {
    await this.press('Escape');
    await this.sees('session.leave');
    await this.choose('log_out');
    await this.sees('login.operator');
  }
}
