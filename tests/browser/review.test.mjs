/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk of reviewers in browsers, against the programs of a running demo (S133, S134, S136): a shop applies by the public form,
 * an agent sees facts, photos and recommendation, cannot decide before a call and not alone; a second member of staff does. In
 * both languages, on a telephone and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/review.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Applicant } from './applicant.mjs';
import { axeFaults } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { withDemo } from './stage.mjs';

const at = withDemo('review');
const WAIT_MS = 30000;
const PHONE = '13900001233';

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button')].filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5).map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

const press = (v, name) => v.page.getByRole('button', { name, exact: true }).click();
const title = (v, text) => v.page.getByRole('heading', { name: text }).first().waitFor({ timeout: WAIT_MS });
const sees = (v, text) => v.page.getByText(text).first().waitFor({ timeout: WAIT_MS });

test('S133: two people look at an application, and neither decides alone', async () => {
  const agent = await Clerk.at(at.browser, at.demo.links.agent, { lang: 'zh', hand: 'keyboard', page: { viewport: { width: 1440, height: 900 } } });
  await agent.setsUp();
  await press(agent, '申请审核');
  await sees(agent, '现在没有等待审核的申请');
  await look(agent, 'agent-empty');
  const shop = await new Applicant(at, { phone: PHONE, shop: '海淀区开源茶馆' }).applies();
  await shop.leaves(); /* and it stands in the queue that is open, without a word */
  await agent.page.locator('[data-application]').first().waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-queue');
  await agent.page.locator('[data-application]').first().click();
  await title(agent, '海淀区开源茶馆');
  const text = await agent.page.locator('body').innerText();
  assert.ok(text.includes('110***********2314') && !text.includes('110108198005062314') && !text.includes('620000001234'), text);
  assert.ok(text.includes('请先联系申请人') && text.includes('您没有这项权限'), text);
  await press(agent, '查看 · 身份证人像面');
  const picture = agent.page.getByRole('img', { name: '身份证人像面' });
  await picture.waitFor({ timeout: WAIT_MS });
  await agent.page.waitForFunction(() => document.querySelector('.paper img').naturalWidth === 640, null, { timeout: WAIT_MS });
  await agent.page.getByLabel('与申请人沟通的内容', { exact: true }).fill('已致电，店主知道这家店');
  await press(agent, '记录');
  await sees(agent, '已致电，店主知道这家店');
  await press(agent, '退回修改…');
  await press(agent, '退回给申请人');
  await agent.page.getByRole('alert').filter({ hasText: '有内容没有填写' }).waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-application');
  await press(agent, '同意');
  await sees(agent, '初审同意 · 初审人：');

  const chief = await Clerk.at(at.browser, at.demo.links.chief, {
    lang: 'en', hand: 'keyboard', page: { viewport: { width: 360, height: 740 }, colorScheme: 'dark' },
  });
  await chief.setsUp();
  await press(chief, 'Applications');
  await chief.page.locator('[data-application]').first().waitFor({ timeout: WAIT_MS });
  await look(chief, 'chief-queue');
  await chief.page.locator('[data-application]').first().focus();
  await chief.page.keyboard.press('Enter');
  await title(chief, '海淀区开源茶馆');
  await sees(chief, 'First look: approve · by');
  const narrow = await chief.page.evaluate(() => [...document.querySelectorAll('.facts dd')].map((d) => d.clientWidth).filter((w) => w < 100));
  assert.deepEqual(narrow, [], 'values have room');
  await look(chief, 'chief-application');
  await press(chief, 'Agree with the first look');
  await sees(chief, 'Read and sign the agreement within 30 days');
  await look(chief, 'chief-approved');
  await press(agent, '返回列表');
  await sees(agent, '现在没有等待审核的申请');
  await agent.context.close();
  await chief.context.close();
});
