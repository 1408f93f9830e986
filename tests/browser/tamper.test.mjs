/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody opens the case of a running demo's terminal (S70): the tray has the button, in words; the
 * terminal says what was noticed and whom to call, in both languages; nothing leads away from it; the
 * device key on the disk is none any more, and the desk has one alarm, in both languages.
 *
 *   node --test tests/browser/tamper.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeFaults, openPage } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { Person } from './person.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('tamper');

test('S70: the case is opened', async () => {
  const look = async (person, id) => {
    await person.page.screenshot({ path: join(at.pictures, `${id}.${person.lang}.png`), fullPage: true });
    assert.deepEqual(await axeFaults(person.page), [], id);
  };
  const opened = await openPage(at.browser, at.demo.terminal, { viewport: { width: 1280, height: 900 } });
  const owner = new Person(opened, 'en', 'mouse', look);
  await owner.sees('login.operator');
  await owner.inLanguage();
  const key = readFileSync(join(at.demo.directory, 'vault/device.key'));
  const button = owner.page.locator('[data-harm="case"]');
  assert.equal(await button.innerText(), 'Open the case');
  await button.click();
  assert.equal(await button.innerText(), 'Yes, open it and erase the keys');
  await button.scrollIntoViewIfNeeded();
  await owner.page.screenshot({ path: join(at.pictures, 'tray.png') });
  assert.equal((await owner.shown()).id, 'login.operator'); /* one touch does nothing yet */
  await button.click();
  await owner.sees('boot.tamper');
  await owner.finds(/the case was opened/);
  await owner.finds(/call 400-/);
  await owner.finds(/already taken are safe/);
  const erased = readFileSync(join(at.demo.directory, 'vault/device.key'));
  assert.equal(erased.length, key.length);
  assert.notDeepEqual(erased, key);
  assert.match(erased.toString(), /^tongbao key erased: tampering 01$/);

  for (let i = 0; i < 3; i += 1) {
    await owner.ok();
    await owner.sees('boot.tamper');
  }
  const second = await openPage(at.browser, at.demo.terminal, { viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true });
  const cashier = new Person(second, 'zh', 'touch', look);
  await cashier.sees('boot.tamper');
  await cashier.inLanguage();
  cashier.looked.clear(); /* once more, in the other language */
  await cashier.sees('boot.tamper');
  await cashier.finds(/外壳被打开/);
  await cashier.finds(/致电客服/);

  /* The desk has one alarm, in both languages, and has it still when its page is opened anew. */
  const agent = await (await Clerk.at(at.browser, at.demo.links.agent, {
    lang: 'zh', hand: 'touch', page: { viewport: { width: 1440, height: 900 }, hasTouch: true } })).setsUp();
  await agent.seesAlarmOf('tampered', '10000017', '外壳被打开', '密钥已全部清除');
  await agent.page.screenshot({ path: join(at.pictures, 'desk.zh.png'), fullPage: true });
  const chief = await (await Clerk.at(at.browser, at.demo.links.chief, {
    lang: 'en', hand: 'keyboard', page: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' } })).setsUp();
  await chief.seesAlarmOf('tampered', '10000017', 'the case was opened', 'Call the owner');
  await chief.page.screenshot({ path: join(at.pictures, 'desk.en.png'), fullPage: true });
  await agent.page.reload();
  await agent.seesAlarmOf('tampered', '10000017', '外壳被打开', '密钥已全部清除');
});
