/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The desk of the stock in browsers, against the programs of a running demo (S138, S137, S124): a maker's list is taken in, a
 * terminal is assigned to an agreed application, packed by its serial number, its label and manual are printed, and the courier
 * brings it. One asks for a replacement and another decides. Look-alike serial numbers and other people's steps are refused with
 * the host's reason. In both languages, on a telephone and on a PC, by light and in the dark; the shop's name is hostile.
 *
 *   node --test tests/browser/stock.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { Applicant } from './applicant.mjs';
import { axeFaults } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { program, withDemo } from './stage.mjs';

const at = withDemo('stock');
const WAIT_MS = 60000; /* a machine that has much to do */
const PARCEL_MS = 180000; /* four steps of ten seconds */
const SHOP = '海淀茶馆<i>x</i>';
const LIST = ['TB1-2031-000041', 'TB1-2031-000052', 'TB1-2031-000063'];
const [FIRST, OTHER] = LIST;
const csv = (serials, salt) => `serial,model,print\n${serials.map((s, i) => `${s},TB-1,${`${salt}${i}`.repeat(32).slice(0, 64)}\n`).join('')}`;

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button, textarea, input[type=file]')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5).map((b) => b.textContent.trim() || b.type),
  );
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  assert.equal(await v.page.locator('i').count(), 0, `${name}: a name became markup`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

const press = (v, name) => v.page.getByRole('button', { name, exact: true }).click();
const fill = (v, label, text) => v.page.getByLabel(label, { exact: true }).fill(text);
const title = (v, text) => v.page.getByRole('heading', { name: text }).first().waitFor({ timeout: WAIT_MS });
const sees = (v, text, ms = WAIT_MS) => v.page.getByText(text).first().waitFor({ timeout: ms });
const hears = (v, text) => v.page.getByRole('status').filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });
const isRefused = (v, text) => v.page.getByRole('alert').filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });
const opens = async (v, serial) => {
  await v.page.locator(`[data-serial="${serial}"]`).click();
  await title(v, serial);
};

/* Where a page is not what is looked at. */
function calls(v, method, path, body = {}) {
  return v.page.evaluate(async ([how, where, said]) => {
    const { csrf } = await (await fetch('/api/staff/session')).json();
    const answer = await fetch(`/api/v1${where}`, {
      method: how,
      headers: { 'Content-Type': 'application/json', 'X-CSRF': csrf, 'X-Tongbao-Realm': 'staff' },
      ...(how === 'GET' ? {} : { body: JSON.stringify(said) }),
    });
    return { status: answer.status, ...(await answer.json()) };
  }, [method, path, body]);
}

/* Two people look at it (review.test.mjs walks that), and the shop signs. */
async function agreed(agent, chief) {
  const shop = await new Applicant(at, { phone: '13900001234', shop: SHOP }).applies();
  const { applications } = await calls(agent, 'GET', '/applications/queue');
  const { number } = applications.find((a) => a.shop === SHOP);
  for (const [who, path, body] of [
    [agent, 'notes', { text: '已致电' }],
    [agent, 'proposal', { opinion: 'approve' }],
    [chief, 'decision', { agrees: true }],
  ]) {
    const said = await calls(who, 'POST', `/applications/${number}/${path}`, body);
    assert.ok(said.status < 300, JSON.stringify(said));
  }
  await shop.signs();
  await shop.leaves();
  return number;
}

/* What came down, as text, and where it lies. */
async function prints(v, button) {
  const [download] = await Promise.all([v.page.waitForEvent('download', { timeout: WAIT_MS }), press(v, button)]);
  const pdf = join(at.pictures, download.suggestedFilename());
  await download.saveAs(pdf);
  const said = spawnSync('pdftotext', [pdf, '-'], { encoding: 'utf8' });
  assert.equal(said.status, 0, said.stderr);
  return { pdf, name: download.suggestedFilename(), text: said.stdout };
}

test('S138: from the list of the maker to the shop', async () => {
  const chief = await Clerk.at(at.browser, at.demo.links.chief, {
    lang: 'en', hand: 'keyboard', page: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  });
  await chief.setsUp();
  await press(chief, 'Stock');
  await sees(chief, 'There is no terminal in stock yet');
  await press(chief, 'Take in');
  await sees(chief, 'There is no model yet');
  await fill(chief, 'Model', 'TB-1');
  await fill(chief, 'Form of its serial numbers (# digit, @ letter, ? either)', 'TB1-####-######');
  await press(chief, 'Add the model');
  await hears(chief, 'Added.');
  await look(chief, 'chief-models');

  const agent = await Clerk.at(at.browser, at.demo.links.agent, { lang: 'zh', hand: 'keyboard', page: { viewport: { width: 360, height: 740 } } });
  await agent.setsUp();
  await press(agent, '终端库存');
  await press(agent, '入库');
  assert.equal(await agent.page.getByRole('button', { name: '登记型号' }).count(), 0, 'models are an administrator’s');
  const lines = agent.page.getByLabel('厂家清单（首行为 serial,model,print，每次最多 60 台）');
  await lines.fill(csv([...LIST, 'TB1-2031-O00041'], 'a'));
  await press(agent, '入库这些终端');
  await isRefused(agent, '第5行');
  await look(agent, 'agent-list-refused');
  await agent.page.getByLabel('或选择清单文件').setInputFiles({ name: 'list.csv', mimeType: 'text/csv', buffer: Buffer.from(csv(LIST, 'b')) });
  await press(agent, '入库这些终端');
  await hears(agent, '已入库 3 台');
  await press(agent, '入库');
  await agent.page.locator(`[data-serial="${FIRST}"]`).waitFor({ timeout: WAIT_MS });
  await look(agent, 'agent-list');

  await opens(agent, FIRST);
  await sees(agent, '现在没有已签约、等待终端的申请');
  await look(agent, 'agent-in-stock');
  const number = await agreed(agent, chief);
  await press(agent, '返回列表');
  await opens(agent, FIRST);
  await agent.page.getByLabel(new RegExp(number)).check();
  await sees(agent, '先登记商户：您没有这项权限');
  await look(agent, 'agent-not-numbered');

  await press(chief, 'Load again');
  await opens(chief, FIRST);
  await chief.page.getByLabel(new RegExp(number)).check();
  await fill(chief, 'Name in capital letters', 'HAIDIAN TEA HOUSE');
  await fill(chief, 'Owner in small letters: wang xiaoming', 'wang xiaoming');
  await look(chief, 'chief-registers');
  await press(chief, 'Register the merchant');
  await hears(chief, /Its number is 898\d{12}/);

  await press(agent, '返回列表');
  await opens(agent, FIRST);
  await agent.page.getByLabel(new RegExp(`${number}.*商户号 898`)).check();
  await press(agent, '分配');
  await hears(agent, '已完成');
  await sees(agent, SHOP);
  await look(agent, 'agent-assigned');

  const scan = '扫描机身或标签上的序列号';
  for (const [scanned, said] of [['TB1-2031-O00041', '形近'], [OTHER, '扫描的序列号不是分配的终端'], ['', '有内容没有填写']]) {
    await fill(agent, scan, scanned);
    await press(agent, '装箱');
    await isRefused(agent, said);
  }
  await look(agent, 'agent-wrong-scan');
  await fill(agent, scan, FIRST);
  await press(agent, '装箱');
  await hears(agent, '已完成');

  const label = await prints(agent, '打印标签');
  assert.equal(label.name, `label-${FIRST}.pdf`);
  assert.ok(label.text.includes(FIRST) && label.text.includes(SHOP) && label.text.includes('中关村大街1号'), label.text);
  assert.ok(label.text.includes('139****1234') && !label.text.includes('13900001234'), 'telephones are masked');
  spawnSync('pdftoppm', ['-png', '-r', '150', '-singlefile', label.pdf, join(at.pictures, 'label')]);
  const code = spawnSync(program, ['inspect', 'qr', join(at.pictures, 'label.png')], { encoding: 'utf8' });
  assert.equal(JSON.parse(code.stdout).text, FIRST, code.stderr);
  const manual = await prints(agent, '打印说明书');
  assert.ok(manual.text.includes(FIRST) && manual.text.includes('不含任何密码'));
  await hears(agent, `manual-${FIRST}.pdf`);
  await look(agent, 'agent-packed');

  await press(agent, '交给快递');
  await hears(agent, '已完成');
  await sees(agent, /运单号 TB\d{10}/);
  await sees(agent, '已揽收', PARCEL_MS);
  await look(agent, 'agent-shipped');
  const again = await prints(agent, '打印标签');
  assert.match(again.text, /TB\d{10}/);
  await agent.page.locator('h1 .tag[data-state="delivered"]').waitFor({ timeout: PARCEL_MS });
  await sees(agent, '已签收');
  await look(agent, 'agent-delivered');

  await fill(agent, '用来更换的终端序列号（在库）', OTHER);
  await fill(agent, '更换原因', '屏幕损坏');
  await press(agent, '提出更换');
  await hears(agent, '已完成');
  await sees(agent, '等待另一人审批');
  assert.equal(await agent.page.getByRole('button', { name: '同意更换', exact: true }).count(), 0);
  await look(agent, 'agent-asked');
  await press(chief, 'Back to the list');
  await chief.page.locator('[data-state="delivered"]').click();
  await opens(chief, FIRST);
  await press(chief, 'Approve the replacement'); /* it never was at work: there is no place to take */
  await isRefused(chief, 'it cannot be replaced');
  await press(chief, 'Refuse the replacement');
  await hears(chief, 'Done.');
  await press(chief, 'It came back…');
  await fill(chief, 'Why', 'nobody there');
  await press(chief, 'Write down that it came back');
  await hears(chief, 'Done.');
  await look(chief, 'chief-returned');
  await press(chief, 'Back into stock');
  await hears(chief, 'Done.');
  await chief.page.getByRole('button', { name: 'Back to the list' }).click();
  await chief.page.locator('.chip', { hasText: /^All/ }).click();
  await fill(chief, 'Serial, application, merchant or terminal number', '000063');
  await press(chief, 'Find');
  await chief.page.locator(`[data-serial="${FIRST}"]`).waitFor({ state: 'detached', timeout: WAIT_MS });
  assert.equal(await chief.page.locator('[data-serial]').count(), 1);
  await fill(chief, 'Serial, application, merchant or terminal number', '<i>');
  await press(chief, 'Find');
  await sees(chief, 'No terminal is like that');
  await look(chief, 'chief-nothing');
  await agent.context.close();
  await chief.context.close();
});
