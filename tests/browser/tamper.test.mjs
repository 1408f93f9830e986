/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody opens the case of a running demo's terminal (S70): the tray has the button, in words; the
 * terminal says what was noticed and whom to call, in both languages; nothing leads away from it; the
 * device key on the disk is none any more, and the desk has an alarm.
 *
 *   node --test tests/browser/tamper.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFaults, launch, openPage } from './browser.mjs';
import { Person } from './person.mjs';
import { root, startDemo } from './stage.mjs';

const pictures = join(root, 'build/screenshots/tamper');

let browser;
let demo;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  browser = await launch();
  demo = await startDemo();
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('S70: the case is opened', async () => {
  const look = async (person, id) => {
    await person.page.screenshot({ path: join(pictures, `${id}.${person.lang}.png`), fullPage: true });
    assert.deepEqual(await axeFaults(person.page), [], id);
  };
  const opened = await openPage(browser, demo.terminal, { viewport: { width: 1280, height: 900 } });
  const owner = new Person(opened, 'en', 'mouse', look);
  await owner.sees('login.operator');
  await owner.inLanguage();
  const key = readFileSync(join(demo.directory, 'vault/device.key'));
  const button = owner.page.locator('[data-harm="case"]');
  assert.equal(await button.innerText(), 'Open the case');
  await button.click();
  assert.equal(await button.innerText(), 'Yes, open it and erase the keys');
  await button.scrollIntoViewIfNeeded();
  await owner.page.screenshot({ path: join(pictures, 'tray.png') });
  assert.equal((await owner.shown()).id, 'login.operator'); /* one touch does nothing yet */
  await button.click();
  await owner.sees('boot.tamper');
  await owner.finds(/the case was opened/);
  await owner.finds(/call 400-/);
  await owner.finds(/already taken are safe/);
  const erased = readFileSync(join(demo.directory, 'vault/device.key'));
  assert.equal(erased.length, key.length);
  assert.notDeepEqual(erased, key);
  assert.match(erased.toString(), /^tongbao key erased: tampering 01$/);

  for (let i = 0; i < 3; i += 1) {
    await owner.ok();
    await owner.sees('boot.tamper');
  }
  const second = await openPage(browser, demo.terminal, { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true });
  const cashier = new Person(second, 'zh', 'touch', look);
  await cashier.sees('boot.tamper');
  await cashier.inLanguage();
  cashier.looked.clear(); /* once more, in the other language */
  await cashier.sees('boot.tamper');
  await cashier.finds(/外壳被打开/);
  await cashier.finds(/致电客服/);
});
