/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of staff where backups are opened for other devices, against the programs of a running demo (S124): nobody asks; then one device
 * does, the first says yes and cannot be the second, the second hears why it cannot be opened, and refuses. In both languages, on
 * a telephone and on a PC, by light and in the dark; axe-core finds nothing serious. A device that really asks is in
 * tests/protocol/replaced_test.c; here its question is laid into the back office's store, so no key fits it.
 *
 *   node --test tests/browser/restores.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeFaults } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('restores');
const WAIT_MS = 30000;
const SIZES = [{ width: 360, height: 740 }, { width: 1440, height: 900 }];
const LONG = '已回拨登记电话，店主确认柜台机器进水，换了一台新的终端';

const WORDS = {
  zh: {
    title: '恢复备份的申请', none: '没有申请。', note: '核实依据', approve: '批准', refuse: '拒绝', second: '还需要另一位同事批准', same: '须由另一位同事批准', refused: '已拒绝',
    gone: '这份备份已不在',
  },
  en: {
    title: 'Backups to be opened', none: 'Nobody asks.', note: 'What was checked', approve: 'Approve', refuse: 'Refuse', second: 'Somebody else must approve too',
    same: 'somebody else has to', refused: 'Refused', gone: 'that backup is gone',
  },
};

/* A question of a spare for the backup of the demo's terminal, as its vault would have said it. */
function asks() {
  const done = spawnSync('python3', ['-c', `
import sqlite3, sys, time
now = int(time.time() * 1000)
store = sqlite3.connect(sys.argv[1], timeout=20)
with store:
    store.execute("INSERT INTO restore_case(tid, mid, outlet, serial, old_serial, digest, nonce, mac, public_key, number, made_ms, payments, state,"
        " asked_ms) VALUES('10000017', '898330250000017', 1, 'TB1-2031-000052', 'TB1-2031-000041', zeroblob(32), zeroblob(16), zeroblob(16),"
        " zeroblob(32), 3, ?, 128, 1, ?)", (now - 86400000, now))
`, join(at.demo.directory, 'backoffice/backoffice.db')]);
  assert.equal(done.status, 0, String(done.stderr));
}

async function opens(link, lang, scheme) {
  const v = await Clerk.at(at.browser, at.demo.links[link], { lang, hand: 'keyboard', page: { viewport: SIZES[1], colorScheme: scheme } });
  await v.setsUp();
  const base = new URL('/staff/restores', v.page.url()).href;
  return Object.assign(v, { says: WORDS[lang], base, name: `${lang}-${scheme}` });
}

const button = (v, word) => v.page.getByRole('button', { name: v.says[word], exact: true });
const hears = (v, role, word) => v.hears(v.says[word], role);

async function look(v, name) {
  await v.page.getByRole('heading', { level: 1, name: v.says.title }).waitFor({ timeout: WAIT_MS });
  for (const size of SIZES) {
    await v.page.setViewportSize(size);
    await v.page.screenshot({ path: join(at.pictures, `${name}-${v.name}-${size.width}.png`), fullPage: true });
    assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
    const small = await v.page.evaluate(() =>
      [...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5).map((b) => b.textContent.trim()),
    );
    assert.deepEqual(small, [], `${name}: too small for a finger`);
    assert.deepEqual(await axeFaults(v.page), [], name);
  }
  assert.deepEqual(v.faults, [], name);
}

test('S124: a backup is not opened by one person, nor without a key', async () => {
  const agent = await opens('agent', 'zh', 'light');
  const chief = await opens('chief', 'en', 'dark');
  for (const v of [agent, chief]) {
    await v.page.goto(v.base);
    await hears(v, 'status', 'none');
    await look(v, 'empty');
  }
  asks();
  for (const v of [agent, chief]) {
    await v.page.goto(v.base);
    await v.page.locator('[data-restore]').waitFor({ timeout: WAIT_MS });
    assert.equal(await v.page.getByText(v.says.none).count(), 0);
    await look(v, 'one');
  }
  await button(agent, 'approve').click(); /* without a reason */
  await agent.page.getByRole('alert').filter({ hasText: /./ }).first().waitFor({ timeout: WAIT_MS });
  await agent.page.getByLabel(agent.says.note, { exact: true }).fill(LONG);
  await button(agent, 'approve').click();
  await hears(agent, 'status', 'second');
  await agent.page.getByText(LONG).waitFor({ timeout: WAIT_MS });
  assert.equal(await button(agent, 'approve').count(), 0, 'one person says yes once');
  await agent.page.locator('.reasons').filter({ hasText: agent.says.same }).waitFor({ timeout: WAIT_MS });
  await look(agent, 'first');

  await chief.page.getByText(LONG).waitFor({ timeout: WAIT_MS }); /* without a word: the page is told */
  await chief.page.getByLabel(chief.says.note, { exact: true }).fill('called back, the shop knows nothing of it');
  await button(chief, 'approve').click();
  await hears(chief, 'alert', 'gone');
  await look(chief, 'gone');
  await button(chief, 'refuse').click();
  await hears(chief, 'status', 'refused');
  assert.equal(await button(chief, 'approve').count(), 0);
  assert.equal(await button(chief, 'refuse').count(), 0, 'a decision is not taken back');
  await look(chief, 'refused');
  await agent.leaves();
  await chief.leaves();
});
