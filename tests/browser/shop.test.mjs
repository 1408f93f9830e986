/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner and the desk in browsers, against the programs of a running demo: online customer service
 * whose words arrive at both ends without a reload (S42), and a payout account that two different
 * members of staff approve (S59) and that stands still after a recovery (S44), and the end of a
 * contract, in which the terminal erases its keys (S142). In both languages,
 * on a telephone and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/shop.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addPasskeyDevice, axeFaults, openPage } from './browser.mjs';
import { learnDigits, readPasswords, textOf } from '../manual/paper.mjs';
import { Person } from './person.mjs';
import { program, withDemo } from './stage.mjs';

const at = withDemo('shop', async () => {
  owner = await member(at.demo.links.owner, WORDS.zh, PHONE);
  agent = await member(at.demo.links.agent, WORDS.en, PC);
  chief = await member(at.demo.links.chief, WORDS.en, { ...PC, viewport: { width: 768, height: 900 } });
});

const PASSWORD = 'correct gibbon harbour 91';
const PHONE = { locale: 'zh-CN', viewport: { width: 360, height: 740 }, hasTouch: true };
const PC = { locale: 'en-GB', colorScheme: 'dark', viewport: { width: 1440, height: 900 } };

const WORDS = {
  zh: {
    setup: '启用账户', password: '新密码', again: '再输入一次', save: '保存', enrol: '设置第二重验证',
    passkey: '用通行密钥（推荐）', codes: '恢复码', saved: '我已保存', usePasskey: '使用通行密钥', language: 'English',
  },
  en: {
    setup: 'Set up your account', password: 'New password', again: 'The same once more', save: 'Save', enrol: 'Set up a second step',
    passkey: 'A passkey (recommended)', codes: 'Recovery codes', saved: 'I have kept them', usePasskey: 'Use a passkey', language: '中文',
  },
};

let owner;
let agent;
let chief;

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);
const title = (page, text) => page.getByRole('heading', { name: text }).first().waitFor({ timeout: 15000 });
const says = (page, role, text) => page.getByRole(role).filter({ hasText: text }).first().waitFor({ timeout: 15000 });

/* A page's picture stands for the photo of a paper; one of a telephone's is too small to be read. */
async function sendPaper(page, paper, photographed) {
  const buffer = await photographed.page.screenshot();
  await page.locator(`[data-paper="${paper}"] input[type=file]`).setInputFiles({ name: 'paper.png', mimeType: 'image/png', buffer });
}

/* The picture, and what is wrong with the page at this step. */
async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  const wide = await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: buttons that are too small`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

/* Somebody who is in, with a passkey of Chromium's virtual authenticator. */
async function member(link, words, options) {
  const v = await openPage(at.browser, link, options);
  await addPasskeyDevice(v);
  await title(v.page, words.setup);
  await fill(v.page, words.password, PASSWORD);
  await fill(v.page, words.again, PASSWORD);
  await press(v.page, words.save);
  await title(v.page, words.enrol);
  await press(v.page, words.passkey);
  await title(v.page, words.codes);
  await press(v.page, words.saved);
  await v.page.getByRole('navigation').waitFor();
  return v;
}

test('S59: a payout account takes two members of staff', async () => {
  const { page } = owner;
  await press(page, '收款账户');
  await title(page, '收款账户');
  await page.getByText('还没有登记收款账户').waitFor();
  await look(owner, 'payout-none');
  await fill(page, '户名', '上海开源茶馆餐饮管理有限公司');
  await fill(page, '开户银行及支行', '招商银行上海分行');
  await fill(page, '账号', '1234567');
  await press(page, '提交申请');
  await says(page, 'alert', '8 到 32 位');
  await look(owner, 'payout-wrong');
  await fill(page, '账号', '6222 0212 3456 7890 128');
  await press(page, '提交申请');
  await says(page, 'status', '已提交');
  await page.getByText('工作人员批准：0 / 2').waitFor();
  assert.ok(!(await page.locator('body').innerText()).includes('7890'));
  await look(owner, 'payout-asked');

  /* S142: without the proof of the account nobody can approve it. */
  await press(agent.page, 'Payout account');
  await agent.page.getByText('not sent yet').waitFor();
  await press(agent.page, 'Approve the change');
  await says(agent.page, 'alert', 'Papers that it needs are not there');
  await sendPaper(page, 'account', owner);
  await says(page, 'alert', '照片太小');
  await sendPaper(page, 'account', agent);
  await page.getByText('已上传').waitFor();
  await look(owner, 'payout-paper');

  for (const [v, said] of [[agent, 'Your approval counts'], [chief, 'It holds now']]) {
    await press(v.page, 'Payout account');
    await title(v.page, 'Payout account');
    await v.page.getByText('ending in 0128').first().waitFor();
    await press(v.page, 'Look at it · Proof of the account: permit or card');
    await v.page.getByRole('img', { name: 'Proof of the account: permit or card' }).waitFor();
    await look(v, v === agent ? 'payout-agent' : 'payout-chief');
    await press(v.page, 'Approve the change');
    await says(v.page, 'status', said);
    if (v === agent) {
      await press(v.page, 'Approve the change');
      await says(v.page, 'alert', 'You have approved already');
      await page.getByText('工作人员批准：1 / 2').waitFor(); /* by itself */
    }
  }
  await page.getByText('已生效', { exact: true }).waitFor(); /* the owner's page has heard of it */
  assert.ok((await page.locator('.panel').first().innerText()).includes('尾号 0128'));
  await look(owner, 'payout-holds');
  await look(chief, 'payout-done');
});

test('S142: an address is asked for, looked at by another, and holds; S135: fees are signed by the owner', async () => {
  const { page } = owner;
  await press(page, '合同与变更');
  await title(page, '合同与变更');
  await page.getByText('标准费率').waitFor();
  const merchant = await page.locator('dl.pairs dd').first().innerText();
  await look(owner, 'contract');
  await page.getByLabel('经营地址', { exact: true }).check();
  await fill(page, '经营地址（6至30个字，写到门牌号）', '大街9号');
  await fill(page, '变更原因', '搬到对面');
  await press(page, '提交申请');
  await says(page, 'alert', '内容不符合要求');
  await fill(page, '经营地址（6至30个字，写到门牌号）', '上海市黄浦区中山东一路19号');
  await press(page, '提交申请');
  await says(page, 'status', '已提交');
  await sendPaper(page, 'premises', agent);
  await page.getByText('已上传').waitFor();
  await look(owner, 'contract-asked');

  await press(agent.page, 'Contract and changes');
  await title(agent.page, 'Contract and changes');
  await fill(agent.page, 'Merchant number', merchant);
  await agent.page.getByLabel('Small plan', { exact: true }).check();
  await fill(agent.page, 'Why', 'a year of good trade');
  await press(agent.page, 'Offer a shop other fees');
  await says(agent.page, 'status', 'Sent to the owner');
  await look(agent, 'contract-offered');

  await press(chief.page, 'Contract and changes');
  const asked = chief.page.locator('[data-change]').filter({ hasText: '中山东一路19号' });
  await asked.waitFor();
  assert.equal(await asked.getByText('Approve').count(), 1);
  assert.equal(await chief.page.getByRole('button', { name: 'Approve', exact: true }).count(), 1); /* not of the fees */
  await press(chief.page, 'Look at it · Lease, or title to the premises');
  await asked.getByRole('img', { name: 'Lease, or title to the premises' }).waitFor();
  await press(chief.page, 'Approve');
  await says(chief.page, 'alert', 'Say which papers');
  await fill(chief.page, 'Which papers you have looked at', 'lease, original');
  await look(chief, 'contract-desk');
  await press(chief.page, 'Approve');
  await says(chief.page, 'status', 'Done');

  await press(page, '收款账户');
  await press(page, '合同与变更');
  await page.getByText('已生效', { exact: true }).waitFor();
  await page.getByText('费率规则 201,202,203,204').waitFor();
  await page.getByText('信用卡：0.38%（规则202）').waitFor();
  await look(owner, 'contract-fees');
  await press(page, '同意并签署新费率');
  await says(page, 'status', '已处理');
  await page.getByText('小微费率').first().waitFor();
  await look(owner, 'contract-signed');
});

test('S42: a chat in the same ticket, at both ends without a reload', async () => {
  const { page } = owner;
  await press(page, '在线客服');
  await title(page, '在线客服');
  await look(owner, 'chat-new');
  await fill(page, '请说明情况', '我的密码是 482913');
  await press(page, '开始对话');
  await says(page, 'alert', '像是密码或验证码');
  await fill(page, '请说明情况', '忘记主管密码了，终端登录不了');
  await press(page, '开始对话');
  await title(page, /R-\d{6}/);
  await look(owner, 'chat-begun');

  await press(agent.page, 'Recovery desk');
  await title(agent.page, 'Recovery desk');
  await agent.page.getByText('waits for an answer').waitFor();
  await agent.page.locator('[data-ticket]').first().click();
  await title(agent.page, /R-\d{6}/);
  await fill(agent.page, 'Answer', '您好，请在终端上选“忘记密码”→“联系客服”。');
  await press(agent.page, 'Send');
  await page.getByText('请在终端上选').waitFor(); /* no reload */
  await fill(page, '输入消息', '好的。另外卡 4111 1111 1111 1111 刷不了');
  await press(page, '发送');
  await agent.page.getByRole('log').getByText('4111 11** **** 1111').waitFor();
  await look(owner, 'chat-talk');
  await look(agent, 'chat-desk');
  await press(page, 'English');
  await page.getByRole('log').getByText('Customer service').waitFor();
  await look(owner, 'chat-english');
  await fill(agent.page, 'Reason', 'solved');
  await press(agent.page, 'Close the ticket');
  await says(page, 'status', 'This chat is over');
  await look(owner, 'chat-over');
  await press(page, 'Back');
  await page.locator('[data-chat]').first().waitFor();
  await look(owner, 'chat-list');
});

/* A call about an operator, with everything that two approvals ask for. */
async function takesCall(desk, operator) {
  await press(desk, 'Recovery desk');
  await title(desk, 'Recovery desk');
  await press(desk, 'New call');
  await fill(desk, 'Terminal number (8)', '10000017');
  await fill(desk, 'Operator number (2)', operator);
  await fill(desk, 'What the caller says', 'the manual is lost');
  await press(desk, 'Open a ticket · Call');
  await title(desk, /R-\d{6}/);
  for (const [question, said] of [["Owner's name", '陈晓虹'], ["Owner's phone (all digits)", '13800005678'], ["Owner's mail address", 'chen@example.com']]) {
    await fill(desk, `What the caller says: ${question}`, said);
    await desk.locator('form.ask').filter({ hasText: question }).getByRole('button', { name: 'Compare' }).click();
    await says(desk, 'status', `${question}: right`);
  }
  await fill(desk, 'Evidence', 'called back');
  await press(desk, 'Write down');
  return (await desk.getByRole('heading', { name: /R-\d{6}/ }).innerText()).match(/R-\d{6}/)[0];
}

const printAgain = (ticket, out) =>
  spawnSync(program, [
    'manual', '--reissue', ticket, '--out', out, '--admin', join(at.demo.directory, 'admin'),
    '--backoffice', join(at.demo.directory, 'backoffice'), '--hsm', join(at.demo.directory, 'hsm.sock'),
  ], { encoding: 'utf8' });

test('S184: diagnostics are sent when somebody at the terminal agrees', async () => {
  const desk = agent.page;
  await press(desk, 'Back to the list');
  await takesCall(desk, '05');
  const opened = await openPage(at.browser, at.demo.terminal, { locale: 'zh-CN', viewport: { width: 360, height: 640 }, hasTouch: true });
  const cashier = new Person(opened, 'zh', 'touch');
  await cashier.sees('login.operator');
  await press(desk, 'Ask the terminal for diagnostics');
  await says(desk, 'status', 'Somebody at the terminal must say yes');
  await cashier.sees('diagnose.consent');
  await opened.page.screenshot({ path: join(at.pictures, 'diagnose-consent.png') });
  assert.deepEqual(await axeFaults(opened.page), []);
  assert.ok(!(await desk.locator('body').innerText()).includes('check-ok'));
  await opened.page.getByRole('button', { name: '同意发送' }).tap();
  await cashier.sees('login.operator');
  await desk.getByText(/agreed at the terminal; diagnostics · .* check-ok/).waitFor();
  await look(agent, 'diagnose-desk');
  await opened.context.close();
});

test('S36: a lost sheet is printed anew, once, and the old one is dead at once', async () => {
  const desk = agent.page;
  const pdf = join(at.demo.directory, 'again.pdf');
  await press(desk, 'Back to the list');
  const id = await takesCall(desk, '01');
  const early = printAgain(id, pdf);
  assert.equal(early.status, 1);
  assert.match(early.stderr, /no sheet may be printed for this ticket/);
  await press(desk, 'Ask for another sheet');
  await says(desk, 'status', 'May be approved');
  await look(agent, 'sheet-asked');
  await press(desk, 'Approve');
  await says(desk, 'status', 'Somebody else must approve too');
  await press(chief.page, 'Recovery desk');
  await chief.page.locator('[data-ticket]').filter({ hasText: id }).click();
  await title(chief.page, id);
  await press(chief.page, 'Approve');
  await says(chief.page, 'status', 'Done');
  await says(desk, 'status', 'The terminal has another first password'); /* the terminal of the demo is there */
  await desk.getByText(`tongbao manual --reissue ${id}`).waitFor();
  await look(agent, 'sheet-ready');

  const printed = printAgain(id, pdf);
  assert.equal(printed.status, 0, printed.stderr);
  assert.equal(statSync(pdf).mode & 0o777, 0o600);
  const [password] = readPasswords(pdf, learnDigits(at.demo.directory), 1);
  assert.match(password, /^\d{12}$/);
  assert.ok(!textOf(pdf).includes(password));
  const again = printAgain(id, join(at.demo.directory, 'twice.pdf'));
  assert.equal(again.status, 1);
  assert.match(again.stderr, /printed before, and is printed once/);
  await press(desk, 'Back to the list');
  await press(desk, 'All');
  await desk.locator('[data-ticket]').filter({ hasText: id }).click();
  await says(desk, 'status', 'Printed at');
  await look(agent, 'sheet-printed');
  assert.ok(!(await desk.locator('body').innerText()).includes(password));

  const opened = await openPage(at.browser, at.demo.terminal, { locale: 'zh-CN', viewport: { width: 720, height: 1280 }, hasTouch: true });
  const cashier = new Person(opened, 'zh', 'touch');
  const logsIn = async (typed) => {
    await cashier.sees('login.operator');
    await cashier.digits('01');
    await cashier.ok();
    await cashier.sees('login.password');
    await cashier.secret(typed);
  };
  await logsIn(at.demo.passwords['01']);
  await cashier.reads(/密码不对/, /Wrong password/);
  await logsIn(password);
  await cashier.sees('login.first');
  await opened.context.close();
});

test('S44: after a recovery the payout account stands still', async () => {
  const { page } = owner;
  /* The sheet of the test before was a recovery: refused, with the reason and the date. */
  await press(page, 'Payout account');
  await page.getByText('was recovered lately').waitFor();
  await fill(page, 'Account holder', 'Somebody Else');
  await fill(page, 'Bank and branch', 'Another Bank');
  await fill(page, 'Account number', '9876543210');
  await press(page, 'Ask for this account');
  await says(page, 'alert', 'It may be changed after');
  await look(owner, 'payout-cools');
  await press(page, '中文');
  await page.getByText('最近找回过密码').first().waitFor();
  await look(owner, 'payout-cools-zh');
});

/* Whoever has not shown a factor for a while shows it now; then it is said to be done. */
async function saysAfterFactor(v, words, text) {
  const said = v.page.getByRole('status').filter({ hasText: text }).first();
  const asked = v.page.getByRole('button', { name: words.usePasskey, exact: true });
  await said.or(asked).first().waitFor({ timeout: 15000 });
  if (await asked.isVisible()) {
    await asked.click();
  }
  await said.waitFor({ timeout: 15000 });
}

/* The last test: nothing works at this terminal afterwards. */
test('S142: a contract ends: asked by the owner, agreed to by another, and the terminal erases its keys', async () => {
  const { page } = owner;
  await press(page, '终止合同');
  await title(page, '终止合同');
  await page.getByText('合同有效').waitFor();
  await page.locator('[data-device]').first().waitFor();
  await look(owner, 'end-in-force');
  await fill(page, '终止原因', '店铺搬到外地');
  await press(page, '申请终止合同');
  await saysAfterFactor(owner, WORDS.zh, '已提交');
  await page.getByText('等待审批', { exact: true }).waitFor();
  await look(owner, 'end-asked');

  await press(agent.page, 'End of the contract');
  await title(agent.page, 'End of the contract');
  await agent.page.getByText('店铺搬到外地').waitFor();
  await look(agent, 'end-queue');
  await press(chief.page, 'End of the contract');
  await title(chief.page, 'End of the contract');
  const end = chief.page.locator('[data-end]');
  await end.locator('[data-obstacle="terminals"]').waitFor();
  assert.equal(await end.locator('[data-wipe]').count(), 0); /* nothing is ordered before it is agreed to */
  await look(chief, 'end-desk');
  await press(chief.page, 'Agree to the end');
  await saysAfterFactor(chief, WORDS.en, 'Done');
  /* By themselves, and never more than is known. */
  await page.getByText('正在办理', { exact: true }).waitFor({ timeout: 15000 });
  await page.locator('[data-device] [data-wipe]').first().waitFor();
  await look(owner, 'end-ordered');
  await end.locator('[data-wipe="verified"]').waitFor({ timeout: 90000 });
  await page.locator('[data-wipe="verified"]').waitFor({ timeout: 30000 });
  await look(owner, 'end-erased');
  await look(chief, 'end-erased-desk');
  assert.equal(await end.getByRole('button', { name: 'End it and close the merchant' }).count(), 0); /* it is still out */
  await press(page, 'English');
  await page.getByText('keys are erased').waitFor();
  await look(owner, 'end-english');
  const opened = await openPage(at.browser, at.demo.terminal, { locale: 'zh-CN', viewport: { width: 360, height: 640 }, hasTouch: true });
  /* That the contract ended and where the device goes, and not that somebody had opened it. */
  await opened.page.getByText(/收单合同已终止/).first().waitFor({ timeout: 15000 });
  await opened.page.getByText(/寄回收单服务商/).first().waitFor();
  assert.equal(await opened.page.getByText(/拆动/).count(), 0);
  await opened.page.screenshot({ path: join(at.pictures, 'end-terminal.png') });
  await opened.context.close();
});
