/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the page itself does about people, against the mock: the keyboard for passwords with letters,
 * the strength that only it can read, a one-time password, help. How these screens look is measured with the
 * others in `screens.test.mjs`.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startMock } from '../../web/terminal/mock/server.mjs';
import { SIZES, drawn, launch, openPage } from './browser.mjs';

const WAIT_MS = 4000;
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

async function terminal(t, id) {
  const mock = await startMock();
  const opened = await openPage(browser, mock.url, { viewport: SIZES[0] });
  t.after(async () => {
    await opened.context.close();
    await mock.close();
  });
  await drawn(opened.page, 1);
  await drawn(opened.page, mock.show(id, { lang: 'en' }));
  return { mock, ...opened };
}

async function until(what, check) {
  const end = Date.now() + WAIT_MS;
  while (!(await check())) {
    assert.ok(Date.now() < end, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

const sealedOf = (entry) => Buffer.from(JSON.parse(entry.body).sealed, 'base64');

/* S21 S61: by touch, by hardware keyboard and by pasting; each character leaves the page sealed. */
test('S21 S61: a password with letters is typed, pasted, and leaves sealed', async (t) => {
  const { mock, page, faults } = await terminal(t, 'password.keyboard');
  await page.waitForSelector('[data-key="text:q"]');
  const from = mock.log.length;
  await page.click('[data-key="text:k"]');
  await page.click('[data-key="shift"]');
  await page.click('[data-key="text:T"]');
  await page.click('[data-key="text:y"]'); /* upper case was for one letter */
  await page.click('[data-key="signs"]');
  await page.click('[data-key="text:&"]');
  await page.keyboard.type('Zx 9');
  await until('eight characters', () => mock.current().stars === 8);
  assert.equal(mock.current().text, 'kTy&Zx 9');
  await page.keyboard.press('Backspace');
  await until('seven characters', () => mock.current().stars === 7);

  const paste = (text) =>
    page.evaluate((pasted) => {
      const data = new DataTransfer();
      data.setData('text', pasted);
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, cancelable: true }));
    }, text);
  await paste('lantern é stones');
  await until('the paste', () => mock.current().stars === 23);
  for (const entry of mock.log.slice(from)) {
    assert.equal(entry.path, '/api/entry');
    assert.doesNotMatch(entry.body, /lantern|stones/);
    assert.ok(sealedOf(entry).length >= 8 + 1 + 16);
  }

  /* A megabyte is not even sent; the person is told. */
  const sent = mock.log.length;
  await paste('x'.repeat(1024 * 1024));
  await page.waitForSelector('.paste-long');
  assert.equal(mock.log.length, sent);
  assert.equal(mock.current().stars, 23);
  const kept = await page.evaluate(() => [document.body.innerText, document.querySelectorAll('input').length]);
  assert.doesNotMatch(kept[0], /lantern/);
  assert.equal(kept[1], 0);
  assert.deepEqual(faults, []);
});

/* S28: the bar and the advice follow the entry, and are of this entry only. */
test('S28: the strength is read by the page alone', async (t) => {
  const { mock, page } = await terminal(t, 'password.strength');
  await page.waitForSelector('[data-key="position:0"]');
  assert.equal(await page.getAttribute('[role="meter"]', 'aria-valuenow'), '0');
  await page.keyboard.type('927461');
  await until('a score', async () => (await page.getAttribute('[role="meter"]', 'aria-valuenow')) === '3');
  assert.match(await page.textContent('[data-part="strength"]'), /good.*A few more digits/s);
  await page.keyboard.press('Delete');
  await until('none', async () => (await page.getAttribute('[role="meter"]', 'aria-valuenow')) === '0');
  await drawn(page, mock.show('approve.password'));
  assert.equal(await page.locator('[data-part="strength"]').count(), 0);
});

/* S17: the one-time password stands on its own screen only, in pieces that can be copied by hand. */
test('S17: a one-time password is shown once, by the page alone', async (t) => {
  const { mock, page } = await terminal(t, 'operators.secret');
  await page.waitForSelector('.secret-text');
  assert.equal((await page.locator('.secret-group').allTextContents()).join(''), '4938175026');
  await drawn(page, mock.show('operators.list'));
  assert.equal(await page.evaluate(() => document.body.innerHTML.includes('49381')), false);
  mock.forgetPanel(); /* a page that did not ask for it cannot read it */
  const other = await openPage(browser, mock.url, { viewport: SIZES[0] });
  t.after(() => other.context.close());
  await drawn(other.page, 1);
  assert.equal(await other.page.locator('.secret-text').count(), 0);
});

/* S182: by the key, by the button, and closed by its own button; digits go on to the keypad below. */
test('S182: help is asked for and closed', async (t) => {
  const { mock, page } = await terminal(t, 'password.strength');
  const asked = () => mock.log.filter((entry) => entry.body.includes('"help"')).length;
  await page.keyboard.press('F1');
  await until('F1', () => asked() === 1);
  await page.click('.heading [data-key="help"]');
  await until('the button', () => asked() === 2);
  await drawn(page, mock.show('help.open', { lang: 'en' }));
  assert.match(await page.textContent('[data-part="help"]'), /Choose what nobody guesses/);
  assert.equal(await page.getAttribute('.heading [data-key="help"]', 'aria-expanded'), 'true');
  await page.waitForSelector('[data-key="position:0"]');
  await page.keyboard.type('92');
  await until('two digits', () => mock.current().stars === 2);
  await page.click('[data-part="close-help"]');
  await until('its own button', () => asked() === 3);
});

/* S169: an untrusted network is a sign with words in the bar of every screen. */
test('S169: the status bar names a network that is not safe', async (t) => {
  const { mock, page } = await terminal(t, 'settings.network');
  assert.match(await page.textContent('[data-part="untrusted"]'), /network not safe/);
  await drawn(page, mock.show('main', { lang: 'en' }));
  assert.equal(await page.locator('[data-part="untrusted"]').count(), 0);
});
