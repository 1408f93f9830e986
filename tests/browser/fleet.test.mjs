/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet in browsers, against the programs of a running demo (S112, S113, S115-S123): an owner on a telephone and on a PC, and the
 * acquirer's staff. A lock is seen at the terminal's own page and back at "verified" without a reload; a screen and logs are looked at,
 * masked; what may not be done says why; a command for many, roll-outs, idle terminals, registered places, what ends. In both
 * languages, by light and in the dark; axe-core finds nothing serious, nothing scrolls sideways.
 *
 *   node --test tests/browser/fleet.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openPage } from './browser.mjs';
import { confirms, hears, look as lookAt, member, PC, PHONE, press, sees, title, WAIT_MS } from './member.mjs';
import { withDemo } from './stage.mjs';

const TID = '10000017';
let owner;
let terminal;
let chief;
let agent;

const at = withDemo('fleet', async () => {
  terminal = await openPage(at.browser, at.demo.terminal, { locale: 'zh-CN', viewport: { width: 480, height: 800 } });
  owner = await member(at, at.demo.links.owner, 'zh', PHONE);
  chief = await member(at, at.demo.links.chief, 'en', { ...PC, colorScheme: 'dark' });
  agent = await member(at, at.demo.links.agent, 'zh', { ...PHONE, colorScheme: 'dark' });
});

const order = (v, kind, state) => v.page.locator(`[data-order="${kind}"][data-state="${state}"]`).first().waitFor({ timeout: WAIT_MS });

const look = (v, name) => lookAt(at, v, name);

test('S112: the owner finds a terminal on his telephone and sees how it is', async () => {
  await press(owner, '终端');
  await title(owner, '终端');
  const card = owner.page.locator(`[data-device="${TID}"]`);
  await card.locator('[data-presence="online"]').waitFor({ timeout: WAIT_MS });
  await look(owner, 'owner-list');
  await owner.fill('终端号、序列号、型号或商户名', 'nothing is called so');
  await press(owner, '查找');
  await sees(owner, '没有符合条件的终端');
  await owner.fill('终端号、序列号、型号或商户名', '0017');
  await press(owner, '查找');
  await card.click();
  await title(owner, `终端 ${TID}`);
  assert.equal(new URL(owner.page.url()).pathname, `/devices/${TID}`);
  await owner.page.locator('[data-place]').filter({ hasText: '31.230416,121.473701' }).waitFor({ timeout: WAIT_MS });
  await sees(owner, '所有时间均为北京时间');
  await look(owner, 'owner-device');
  await owner.page.reload(); /* its address is its own */
  await title(owner, `终端 ${TID}`);
});

test('S116: a screen and logs are looked at with numbers hidden', async () => {
  await press(owner, '查看屏幕');
  await order(owner, 'snapshot', 'verified');
  const row = owner.page.locator('[data-order="snapshot"]').first();
  await press(owner, '查看内容', row);
  const shot = owner.page.getByRole('region', { name: '终端屏幕（已遮盖）' });
  await shot.waitFor({ timeout: WAIT_MS });
  assert.match(await shot.innerText(), /battery/);
  assert.doesNotMatch(await shot.innerText(), /\d{13}/);
  await look(owner, 'owner-snapshot');
  await press(owner, '收起', row);
  await press(owner, '收集日志');
  await order(owner, 'logs', 'verified');
});

test('S115: a lock is seen at the terminal, at both consoles without a reload, and back at verified', async () => {
  await press(chief, 'Terminals');
  await title(chief, 'Terminals');
  const seen = chief.page.locator(`tr[data-device="${TID}"]`);
  await seen.waitFor({ timeout: WAIT_MS });
  assert.equal(await seen.locator('[data-trouble="locked"]').count(), 0);
  await owner.fill('屏幕上显示的话', '请送回开源茶馆');
  await press(owner, '锁定');
  await terminal.page.getByText('设备已被锁定').waitFor({ timeout: WAIT_MS });
  await terminal.page.getByText('请送回开源茶馆').waitFor();
  await order(owner, 'lock', 'verified');
  await owner.page.locator('[data-trouble="locked"]').waitFor({ timeout: WAIT_MS });
  await seen.locator('[data-trouble="locked"]').waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-list');
  await look(owner, 'owner-locked');
  await press(owner, '解锁');
  await order(owner, 'unlock', 'verified');
  await terminal.page.getByText('设备已被锁定').waitFor({ state: 'hidden', timeout: WAIT_MS });
  await owner.page.locator('[data-trouble="locked"]').waitFor({ state: 'detached', timeout: WAIT_MS });
  await seen.locator('[data-trouble="locked"]').waitFor({ state: 'detached', timeout: WAIT_MS });
});

test('S115: a message waits for a reader', async () => {
  await owner.fill('屏幕上显示的话', '拾到请致电 138 0000 5678');
  await press(owner, '发消息');
  await terminal.page.getByText('拾到请致电 138 0000 5678').waitFor({ timeout: WAIT_MS });
  await order(owner, 'message', 'acknowledged');
  await press(terminal, '知道了');
  await order(owner, 'message', 'verified');
});

test('S117, S121: what cannot be taken back is looked at twice, and a refusal says why', async () => {
  await press(owner, '发消息');
  await hears(owner, 'alert', '请写一句话');
  await owner.page.locator('summary').filter({ hasText: '清除设备' }).click();
  await owner.fill('请照着机身输入序列号以确认', 'TB1-0000-000000');
  await press(owner, '清除设备');
  await hears(owner, 'alert', '序列号不对');
  await look(owner, 'owner-wipe-refused');
  assert.equal(await owner.page.locator('[data-order="wipe"]').count(), 0);
  await owner.fill('操作员号（2 位；不填为全部）', '1');
  await press(owner, '重设密码');
  await hears(owner, 'alert', '操作员号是两位数字');
  await press(owner, 'English');
  await sees(owner, 'the terminal is open');
  await look(owner, 'owner-english');
  await press(owner, '中文');
});

test('S112: the same on a PC, and the alerts of the merchant', async () => {
  await owner.page.setViewportSize(PC.viewport);
  await look(owner, 'owner-pc');
  await press(owner, '返回列表');
  await title(owner, '终端');
  await look(owner, 'owner-pc-list');
  await press(owner, '告警');
  await title(owner, '告警');
  await sees(owner, '没有未关闭的告警');
  await look(owner, 'owner-alerts');
});

/* What the browser has put among its downloads. */
async function sheet(v, name) {
  const [download] = await Promise.all([v.page.waitForEvent('download', { timeout: WAIT_MS }), press(v, name)]);
  assert.equal(download.suggestedFilename(), 'terminals.csv');
  return readFile(await download.path(), 'utf8');
}

test('S113: the list goes into a spreadsheet as it is narrowed, for the owner and for the staff', async () => {
  await press(owner, '终端');
  await title(owner, '终端');
  const own = await sheet(owner, '导出表格（CSV）');
  assert.ok(own.startsWith('\ufeff"终端号","序列号",')); /* as spreadsheets know UTF-8 */
  const line = own.split('\r\n').find((row) => row.startsWith(`"${TID}",`));
  assert.match(line, /"在线"/);
  await press(chief, 'Terminals');
  await title(chief, 'Terminals');
  const all = await sheet(chief, 'Export (CSV)');
  assert.ok(all.startsWith('\ufeff"Terminal","Serial number",'));
  const seen = all.split('\r\n').find((row) => row.startsWith(`"${TID}",`));
  assert.notEqual(seen.split(',')[1], line.split(',')[1]); /* the staff see a serial number's ends alone */
  assert.ok(all.split('\r\n').length >= own.split('\r\n').length);
  await chief.fill('Number, serial, model or shop', 'nothing is called so');
  await press(chief, 'Search');
  await sees(chief, 'No terminal is like that');
  assert.equal((await sheet(chief, 'Export (CSV)')).split('\r\n').length, 2);
  await chief.fill('Number, serial, model or shop', '');
  await press(chief, 'Search');
  await chief.page.locator(`tr[data-device="${TID}"]`).waitFor({ timeout: WAIT_MS });
});

test('S113: the staff look at one terminal, and what is the owner\'s is said', async () => {
  await press(chief, `Look at terminal ${TID}`);
  await title(chief, `Terminal ${TID}`);
  await chief.page.locator('[data-barred="unlock"]').filter({ hasText: 'Only the owner' }).waitFor({ timeout: WAIT_MS });
  await order(chief, 'unlock', 'verified');
  await look(chief, 'chief-device');
  await press(agent, '终端');
  await title(agent, '终端');
  await agent.page.locator(`tr[data-device="${TID}"]`).waitFor({ timeout: WAIT_MS });
  await agent.page.locator('[data-barred="passwords"]').waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-list');
  await press(agent, `查看终端 ${TID}`);
  await agent.page.locator('[data-barred="wipe"]').waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-device');
});

test('S113, S116: one command for many, counted first', async () => {
  await press(chief, 'Back to the list');
  await title(chief, 'Terminals');
  await chief.page.getByLabel('Ring', { exact: true }).check();
  await chief.fill('Model (may be empty)', 'NO-SUCH');
  await press(chief, 'How many are these?');
  await hears(chief, 'status', 'It will go to 0 terminals');
  await chief.fill('Model (may be empty)', '');
  await press(chief, 'How many are these?');
  const send = chief.page.getByRole('button', { name: /^Send it to these [1-9]/ });
  await send.waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-many');
  await send.click();
  await hears(chief, 'status', 'Sent to');
  await chief.page
    .locator('[data-many="ring"]')
    .first()
    .locator('[data-count="verified"]')
    .filter({ hasText: /[1-9]/ })
    .waitFor({ timeout: WAIT_MS });
  await press(terminal, '停止响铃');
  await look(chief, 'chief-many-sent');
});

test('S119: roll-outs are there for who may begin one', async () => {
  await press(chief, 'Software');
  await title(chief, 'Software');
  await chief.page.getByRole('heading', { name: 'Begin a roll-out' }).waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-rollouts');
  await press(agent, '软件推送');
  await title(agent, '软件推送');
  await sees(agent, '您的角色不能做');
  await look(agent, 'agent-rollouts');
});

/* The published software is what the demo's terminal runs: it is chosen, and says at once that it is healthy. */
test('S119: a roll-out is begun, goes from stage to stage, is stopped, goes on and is ended', async () => {
  const panel = chief.page.locator('[data-rollout]').first();
  const reached = (stage) => panel.locator('.rollout-stages li[data-reached="true"]').nth([1, 10, 100].indexOf(stage));
  const reloads = async (seen) => {
    for (let tried = 0; tried < 40 && !(await seen.isVisible()); tried++) {
      await press(chief, 'Load again');
      await seen.waitFor({ timeout: 1500 }).catch(() => undefined);
    }
    await seen.waitFor({ timeout: 1000 });
  };
  await chief.fill('Hours (as 02:00-05:00; empty: any time)', 'at night');
  await press(chief, 'Begin a roll-out');
  await confirms(chief, 'alert', 'Write hours as 02:00-05:00');
  await chief.fill('Hours (as 02:00-05:00; empty: any time)', '');
  await chief.fill('Hours that a stage lasts at least', '0');
  await press(chief, 'Begin a roll-out');
  await hears(chief, 'status', 'It goes to 1 % of the terminals now.');
  await reached(1).waitFor({ timeout: WAIT_MS });
  await reloads(reached(100)); /* nobody is open in a stage that has no terminal */
  await reloads(panel.locator('[data-count="confirmed"] dd').filter({ hasText: /^1$/ }));
  await press(chief, 'Each terminal', panel);
  await panel.locator(`[data-update="${TID}"]`).filter({ hasText: 'healthy' }).waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-rollout-running');
  await press(chief, 'Stop', panel);
  await chief.page.locator('[data-rollout][data-state="stopped"]').waitFor({ timeout: WAIT_MS });
  await panel.getByText('Stopped by').waitFor({ timeout: WAIT_MS });
  assert.equal(await panel.getByRole('button', { name: 'Stop', exact: true }).count(), 0);
  await look(chief, 'chief-rollout-stopped');
  await press(chief, 'Go on', panel);
  await chief.page.locator('[data-rollout][data-state="running"]').waitFor({ timeout: WAIT_MS });
  await press(chief, 'Begin a roll-out'); /* twice is once */
  await hears(chief, 'alert', 'This model had a roll-out of this version or a newer one');
  await press(chief, 'End it', panel);
  await chief.page.locator('[data-rollout][data-state="aborted"]').waitFor({ timeout: WAIT_MS });
  for (const name of ['Stop', 'Go on', 'End it']) assert.equal(await panel.getByRole('button', { name, exact: true }).count(), 0);
  await look(chief, 'chief-rollout-ended');
  await press(agent, '刷新');
  await sees(agent, '已终止');
  await look(agent, 'agent-rollout-ended');
});

/* Two terminals of a shop do not fail by themselves: the answer is the host's as it would be (updates_rollout_test, updates_http_test). */
test('S119: a roll-out that has stopped by itself says why, and which terminals failed', async () => {
  const list = '**/api/v1/updates/rollouts?*';
  const failing = '**/api/v1/updates/devices?*';
  const why = { zh: '自动停止：已通知的 20 台里有 2 台失败，超过 5% 会自动停止。', en: 'Stopped by itself: 2 of 20 terminals that were told have failed; it stops by itself above 5 %.' };
  await chief.page.route(list, async (route) => {
    const said = await (await route.fetch()).json();
    const devices = { ...said.rollouts[0].devices, told: 0, confirmed: 18, rolled_back: 2 };
    const rollouts = [{ ...said.rollouts[0], state: 'stopped', stage: 10, stopped_zh: why.zh, stopped_en: why.en, devices }];
    await route.fulfill({ json: { ...said, rollouts } });
  });
  await chief.page.route(failing, (route) =>
    route.fulfill({ json: { devices: [{ tid: TID, state: 'rolled_back', image: 1, why: 'it did not start three times', changed: Date.now() }], next: null } }),
  );
  await press(chief, 'Load again');
  const panel = chief.page.locator('[data-rollout][data-state="stopped"]');
  await panel.getByText(why.en).waitFor({ timeout: WAIT_MS });
  await panel.locator('[data-count="rolled_back"] dd').filter({ hasText: /^2$/ }).waitFor();
  assert.equal(await panel.locator('.rollout-stages li[data-reached="true"]').count(), 2);
  if (await panel.getByRole('button', { name: 'Hide them', exact: true }).isVisible()) await press(chief, 'Hide them', panel);
  await press(chief, 'Each terminal', panel);
  await panel.locator(`[data-update="${TID}"]`).filter({ hasText: 'went back' }).filter({ hasText: 'it did not start three times' }).waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-rollout-failed');
  await press(chief, '中文');
  await panel.getByText(why.zh).waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-rollout-failed-zh');
  await press(chief, 'English');
  await chief.page.unroute(list);
  await chief.page.unroute(failing);
});

test('S122: a place is registered, and the owner reads it at his terminal', async () => {
  await press(chief, 'Idle and moved');
  await title(chief, 'Idle and moved');
  await sees(chief, 'Every terminal is where it should be');
  const mid = await chief.page.evaluate(async (tid) => {
    const said = await fetch(`/api/v1/devices/${tid}`, { headers: { 'X-Tongbao-Realm': 'staff' } });
    return (await said.json()).merchant;
  }, TID);
  await chief.fill('Merchant', mid);
  await chief.fill('Position (latitude, longitude)', 'by the river');
  await press(chief, 'Save');
  await hears(chief, 'alert', 'latitude, longitude');
  await chief.fill('Position (latitude, longitude)', '31.230416, 121.473701');
  await press(chief, 'Save');
  await hears(chief, 'status', 'Saved.');
  await look(chief, 'chief-idle');
  await press(agent, '闲置与移机');
  await title(agent, '闲置与移机');
  await look(agent, 'agent-idle');
  await press(owner, '终端');
  await owner.page.locator(`[data-device="${TID}"]`).click();
  await sees(owner, '在登记地点之内');
  await look(owner, 'owner-pc-place');
});

test('S123: what ends is written down and stands in the calendar', async () => {
  await press(chief, 'Calendar');
  await title(chief, 'Calendar');
  await sees(chief, 'No date is written down.');
  await chief.fill('What it is called (no numbers of documents)', 'acceptance agreement');
  await chief.page.getByLabel('Ends on (China time)').fill('2031-05-06');
  await press(chief, 'Save');
  await chief.page.locator('[data-expiry]').filter({ hasText: '6 May 2031' }).waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-expiry');
  await press(agent, '到期日历');
  await sees(agent, 'acceptance agreement');
  await look(agent, 'agent-expiry');
});

test('S112: times are China time, whatever the browser thinks', async () => {
  const far = await openPage(at.browser, owner.page.url(), { locale: 'zh-CN', timezoneId: 'America/Los_Angeles', storageState: await owner.context.storageState() });
  await far.page.getByText('所有时间均为北京时间').waitFor({ timeout: WAIT_MS });
  const heard = await far.page.evaluate(async (tid) => {
    const said = await fetch(`/api/v1/devices/${tid}`, { headers: { 'X-Tongbao-Realm': 'console' } });
    return (await said.json()).state.told;
  }, TID);
  const wanted = new Date(heard).toLocaleString('zh-CN', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Shanghai' });
  await far.page.getByText(wanted).first().waitFor({ timeout: WAIT_MS });
  await far.context.close();
});
