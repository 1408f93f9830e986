/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Regions, groups and parameters at both consoles, against the programs of a running demo (S113, S118, S125): an owner on a telephone
 * orders his outlets and groups his terminals, the acquirer does so for any merchant; what is set is a version with its reason and what
 * it changes in words, reaches the terminal, is said to be in force, and is taken back as another version. Who may not is told why.
 * In both languages, by light and in the dark, on 360 and 1440 pixels; axe-core finds nothing serious.
 *
 *   node --test tests/browser/setup.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPage } from './browser.mjs';
import { confirms, hears, look, member, PC, PHONE, press, sees, title, WAIT_MS } from './member.mjs';
import { withDemo } from './stage.mjs';

const TID = '10000017';
const REGION = '华北<i>x</i>'; /* a text like any other */
let owner;
let chief;
let agent;
let terminal;
let mid;

const at = withDemo('setup', async () => {
  terminal = await openPage(at.browser, at.demo.terminal, { locale: 'zh-CN', viewport: { width: 480, height: 800 } });
  owner = await member(at, at.demo.links.owner, 'zh', PHONE);
  chief = await member(at, at.demo.links.chief, 'en', { ...PC, colorScheme: 'dark' });
  agent = await member(at, at.demo.links.agent, 'zh', { ...PHONE, colorScheme: 'dark' });
});

const row = (v, what, name) => v.page.locator(`[data-${what}="${name}"]`);
const opens = (v, what, name) => row(v, what, name).locator('.fold-head').click();
const tick = (v, name) => row(v, 'parameter', name).getByRole('checkbox').check();

test('S125: an owner orders his outlets into regions', async () => {
  await press(owner, '组织与分组');
  await title(owner, '组织与分组');
  await sees(owner, '还没有区域');
  await sees(owner, '还没有分组');
  await look(at, owner, 'owner-empty');
  await press(owner, '新建区域');
  await hears(owner, 'alert', '有内容没有填写');
  await owner.fill('新区域的名称', REGION);
  await press(owner, '新建区域');
  await row(owner, 'region', REGION).waitFor({ timeout: WAIT_MS });
  await owner.fill('新区域的名称', REGION);
  await press(owner, '新建区域');
  await hears(owner, 'alert', '已经有这个名称');
  await owner.fill('新区域的名称', '北京');
  await owner.page.getByLabel('放在哪里').selectOption({ label: REGION });
  await press(owner, '新建区域');
  await hears(owner, 'status', '已完成');
  await opens(owner, 'outlet', '1');
  await owner.page.getByLabel('移到').selectOption({ label: '　北京' });
  await look(at, owner, 'owner-outlet');
  await press(owner, '移动');
  await row(owner, 'region', '北京').getByText('1 家门店').waitFor({ timeout: WAIT_MS });
  await opens(owner, 'region', REGION);
  await press(owner, '删除这个区域');
  await hears(owner, 'alert', '里面还有区域');
  await owner.page.getByLabel('移到').selectOption({ label: '　北京' });
  await press(owner, '移动');
  await hears(owner, 'alert', '不能放进它自己里面');
  await owner.fill('新名称', '北方');
  await press(owner, '改名');
  await row(owner, 'region', '北方').waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'owner-regions');
});

test('S118: he groups his terminals', async () => {
  await owner.fill('新分组的名称', '美食城');
  await press(owner, '新建分组');
  await opens(owner, 'group', '美食城');
  await sees(owner, '分组里还没有终端');
  await owner.fill('终端号（多台用空格或逗号隔开）', `${TID}, 99999999`);
  await press(owner, '放进终端');
  await hears(owner, 'alert', '没有找到');
  await owner.fill('终端号（多台用空格或逗号隔开）', TID);
  await press(owner, '放进终端');
  await row(owner, 'in', TID).waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'owner-group');
  await press(owner, `移出终端 ${TID}`);
  await row(owner, 'in', TID).waitFor({ state: 'detached', timeout: WAIT_MS });
  await owner.fill('终端号（多台用空格或逗号隔开）', TID);
  await press(owner, '放进终端');
  await row(owner, 'group', '美食城').getByText('1 台终端').waitFor({ timeout: WAIT_MS });
});

test('S118: what he sets for the group is in force at the terminal, and said to be', async () => {
  await press(owner, '设置参数', row(owner, 'group', '美食城'));
  await title(owner, '终端参数 · 分组 美食城');
  await sees(owner, '这里没有设置任何参数');
  await sees(owner, '还没有版本');
  await press(owner, '修改');
  await tick(owner, 'banner');
  await owner.fill('公告的值', '今天 18:00 盘点');
  await tick(owner, 'limit_sale');
  await owner.fill('收银员消费限额的值', '一百');
  await owner.fill('为什么修改', '月底盘点');
  await press(owner, '保存为新版本');
  await hears(owner, 'alert', '“收银员消费限额”写得不对');
  await owner.fill('收银员消费限额的值', '500.5');
  assert.equal(await row(owner, 'parameter', 'manual_most').getByRole('checkbox').isDisabled(), true);
  await look(at, owner, 'owner-changes');
  await press(owner, '保存为新版本');
  await confirms(owner, 'status', '已保存为第 1 版');
  await row(owner, 'change', 'limit_sale').filter({ hasText: '收银员消费限额：这里不设 → ¥500.50' }).waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'owner-version');
  await terminal.page.getByText('今天 18:00 盘点').waitFor({ timeout: WAIT_MS });
  await press(owner, '终端');
  await owner.page.locator(`[data-device="${TID}"]`).click();
  await owner.page.locator('[data-progress="in_force"]').waitFor({ timeout: WAIT_MS });
  await row(owner, 'value', 'limit_sale').filter({ hasText: '¥500.50' }).filter({ hasText: '分组 · 第 1 版' }).waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'owner-device');
});

test('S118: it is taken back as another version, with its reason', async () => {
  await press(owner, '终端参数');
  await title(owner, '终端参数');
  await owner.page.locator('[data-set^="groups/"]').click();
  await press(owner, '修改');
  await owner.fill('公告的值', '盘点完毕');
  await owner.fill('为什么修改', '写错了');
  await press(owner, '保存为新版本');
  await confirms(owner, 'status', '已保存为第 2 版');
  await press(owner, '退回第 1 版');
  await press(owner, '退回');
  await hears(owner, 'alert', '有内容没有填写');
  await owner.fill('为什么退回', '还没有盘点完');
  await press(owner, '退回');
  await confirms(owner, 'status', '已保存为第 3 版');
  await row(owner, 'version', '3').getByText('公告：“盘点完毕” → “今天 18:00 盘点”').waitFor({ timeout: WAIT_MS });
  await row(owner, 'version', '3').locator('[data-far="in_force"][data-reached="true"]').or(row(owner, 'version', '3')).first().waitFor();
  await look(at, owner, 'owner-back');
});

test('S113: the acquirer orders any merchant, and has groups of its own', async () => {
  await press(chief, 'Organisation');
  await title(chief, 'Organisation');
  await sees(chief, 'Choose a merchant');
  await look(at, chief, 'chief-organisation');
  await chief.fill('Find a merchant by its name, number or a terminal', 'nobody is called so');
  await press(chief, 'Show');
  await sees(chief, 'None was found');
  await chief.fill('Find a merchant by its name, number or a terminal', TID);
  await press(chief, 'Show');
  const shop = chief.page.locator('[data-merchant]').first();
  await shop.waitFor({ timeout: WAIT_MS });
  mid = await shop.getAttribute('data-merchant');
  await shop.click();
  await row(chief, 'region', '北京').waitFor({ timeout: WAIT_MS });
  await row(chief, 'group', '美食城').waitFor({ timeout: WAIT_MS });
  await look(at, chief, 'chief-merchant');
  await chief.fill('Name of the new group', 'New printer');
  await chief.fill('Merchant (empty: a group of the house, for terminals of any merchant)', '');
  await press(chief, 'New group');
  await hears(chief, 'status', 'Done.');
  await press(chief, 'Organisation');
  await row(chief, 'group', 'New printer').waitFor({ timeout: WAIT_MS });
  await opens(chief, 'group', 'New printer');
  await press(chief, 'Remove this group');
  await row(chief, 'group', 'New printer').waitFor({ state: 'detached', timeout: WAIT_MS });
});

test('S113, S118: the acquirer sets a model, what is its own risk, and a part first', async () => {
  await press(chief, 'Parameters');
  await title(chief, 'Parameters');
  await chief.page.locator('[data-set^="groups/"]').filter({ hasText: 'Version 3' }).waitFor({ timeout: WAIT_MS });
  await chief.fill('Model', 'TB-1');
  await press(chief, 'Open');
  await title(chief, 'Parameters · Model TB-1');
  await press(chief, 'Change it');
  await tick(chief, 'manual_most');
  await chief.fill('Typed card numbers up to: value', '60000');
  await chief.fill('Why it is changed', 'a rule of the house');
  await press(chief, 'Save as a new version');
  await confirms(chief, 'alert', 'out of its range');
  await chief.fill('Typed card numbers up to: value', '200');
  await tick(chief, 'settle_at');
  await chief.fill('Settles by itself at: value', '02:30');
  await chief.fill('First for per cent of the terminals (empty: all at once)', '10');
  await look(at, chief, 'chief-changes');
  await press(chief, 'Save as a new version');
  await confirms(chief, 'status', 'Saved as version 1');
  await row(chief, 'change', 'settle_at').filter({ hasText: 'Settles by itself at: not set here → 02:30' }).waitFor({ timeout: WAIT_MS });
  await sees(chief, '10 % of the terminals first');
  await press(chief, 'Stop');
  await hears(chief, 'status', 'Done.');
  await sees(chief, 'Stopped by staff');
  await look(at, chief, 'chief-stopped');
  await press(chief, 'Go on');
  await confirms(chief, 'status', 'Done.');
  await row(chief, 'version', '1').and(chief.page.locator('[data-state="running"]')).waitFor({ timeout: WAIT_MS });
  await press(chief, 'Back to the list');
  await chief.page.locator('[data-set="models/TB-1"]').waitFor({ timeout: WAIT_MS });
  await look(at, chief, 'chief-sets');
  await chief.page.setViewportSize(PHONE.viewport);
  await look(at, chief, 'chief-sets-phone');
  await chief.page.setViewportSize(PC.viewport);
});

test('S113: who may not set is told so, and what is not there is said', async () => {
  await press(agent, '终端参数');
  await title(agent, '终端参数');
  await agent.page.locator('[data-set="models/TB-1"]').click();
  await sees(agent, '您的角色不能做');
  assert.equal(await agent.page.getByRole('button', { name: '修改', exact: true }).count(), 0);
  await look(at, agent, 'agent-model');
  await press(agent, '返回列表');
  await agent.page.getByLabel('范围').selectOption('terminals');
  await agent.fill('终端号（8 位）', '99999999');
  await press(agent, '打开');
  await hears(agent, 'alert', '没有找到');
  await look(at, agent, 'agent-missing');
  await press(agent, '组织与分组');
  await agent.page.goto(`${new URL(agent.page.url()).origin}/staff/organisation/${mid}`);
  await row(agent, 'region', '北京').waitFor({ timeout: WAIT_MS });
  await look(at, agent, 'agent-organisation');
});

test('S112: the owner on a PC, in English; a model is not his', async () => {
  await owner.page.setViewportSize(PC.viewport);
  await press(owner, 'English');
  await press(owner, 'Parameters');
  await title(owner, 'Parameters');
  assert.equal(await owner.page.locator('[data-set="models/TB-1"]').count(), 0);
  await look(at, owner, 'owner-pc-parameters');
  await press(owner, 'Organisation');
  await row(owner, 'region', '北京').waitFor({ timeout: WAIT_MS });
  await look(at, owner, 'owner-pc-organisation');
});
