/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The alert centre in browsers, against the programs of a running demo (S126): a part of the host is said to be down, an agent sees
 * the alert and looks after it, a second one sees who, and closes it. On a PC and on a telephone, in both languages.
 *
 *   node --test tests/browser/alerts.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Clerk } from './clerk.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('alerts');
const WAIT_MS = 30000;

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  await v.look(name);
}
const press = (v, name) => v.page.getByRole('button', { name, exact: true }).click();
const sees = (v, text) => v.page.getByText(text).first().waitFor({ timeout: WAIT_MS });

test('S126: an alert is looked after by one and closed by another', async () => {
  const agent = await Clerk.at(at.browser, at.demo.links.agent, { lang: 'zh', hand: 'keyboard', page: { viewport: { width: 1440, height: 900 } } });
  await agent.setsUp();
  await press(agent, '告警');
  await sees(agent, '没有未关闭的告警');
  await look(agent, 'agent-none');
  const status = await agent.page.evaluate(async () => {
    const { csrf } = await (await fetch('/api/staff/session')).json();
    const said = await fetch('/api/v1/status', {
      method: 'POST',
      headers: { 'X-Tongbao-Realm': 'staff', 'X-CSRF': csrf, 'Content-Type': 'application/json' },
      body: JSON.stringify({ part: 'cards', state: 'down', text_zh: '网络中断', text_en: 'The network is away' }),
    });
    return `${said.status} ${await said.text()}`;
  });
  assert.match(status, /^200 /);
  for (const end = Date.now() + WAIT_MS; (await agent.page.locator('[data-alert]').count()) === 0; ) {
    assert.ok(Date.now() < end, 'the alert came');
    await press(agent, '刷新');
  }
  await sees(agent, '收单系统或网络中断');
  assert.ok(!(await agent.page.locator('[data-alert]').innerText()).includes('{}'), 'nothing that only programs read');
  await look(agent, 'agent-open');
  await press(agent, '我来处理');
  await sees(agent, '处理人：');
  const chief = await Clerk.at(at.browser, at.demo.links.chief, {
    lang: 'en', hand: 'keyboard', page: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  });
  await chief.setsUp();
  await press(chief, 'Alerts');
  await sees(chief, 'looked after by');
  await look(chief, 'chief-looked-after');
  await press(chief, 'Close');
  await sees(chief, 'No alert is open.');
  /* What is closed already is said, and not done twice. */
  await press(agent, '关闭');
  await agent.page.getByRole('alert').filter({ hasText: '该告警已关闭' }).waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-closed-before');
  await agent.context.close();
  await chief.context.close();
});
