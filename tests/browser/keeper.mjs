/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At the pages by which a terminal comes to a shop and is looked after: one of the staff who keeps the stock and invites people, and the
 * owner at his own terminals (S113, S115, S124, S138). In either language, at any size of window; nothing is asked of the interface.
 */
import { Reviewer } from './reviewer.mjs';

const WAIT_MS = 30000;

const WORDS = {
  zh: {
    stock: '终端库存', takeIn: '入库', model: '型号', form: '序列号格式（# 数字，@ 字母，? 任一）', addModel: '登记型号', saved: '已登记。',
    list: '厂家清单（首行为 serial,model,print，每次最多 60 台）', take: '入库这些终端', taken: '已入库 2 台', reload: '刷新', toList: '返回列表',
    nameEn: '商户英文名（大写）', pinyin: '负责人姓名拼音（小写，如 wang xiaoming）', registerNow: '登记商户', assign: '分配',
    scan: '扫描机身或标签上的序列号', pack: '装箱', ship: '交给快递', courier: '运单号', spare: '用来更换的终端序列号（在库）', swapReason: '更换原因',
    replace: '提出更换', approveSwap: '同意更换', swapped: '· 已更换', people: '人员', add: '添加人员', merchant: '商户', owner: '店主', name: '姓名',
    login: '账号（小写字母开头，2–32 位字母、数字、. - _）', mail: '邮箱（接收启用链接）', mid: '商户号（15 位）', create: '创建并发送启用链接', created: '已创建',
    notices: { zh: '中文', en: 'English' }, terminals: '终端', text: '屏幕上显示的话', lock: '锁定', unlock: '解锁', restart: '重启', cannot: '终端现在不能做',
  },
  en: {
    stock: 'Stock', takeIn: 'Take in', model: 'Model', form: 'Form of its serial numbers (# digit, @ letter, ? either)', addModel: 'Add the model', saved: 'Added.',
    list: 'The maker’s list (first line serial,model,print; 60 terminals at most)', take: 'Take these in', taken: '2 taken in', reload: 'Load again', toList: 'Back to the list',
    nameEn: 'Name in capital letters', pinyin: 'Owner in small letters: wang xiaoming', registerNow: 'Register the merchant', assign: 'Assign',
    scan: 'Scan the serial number on device or label', pack: 'Pack', ship: 'Hand to the courier', courier: 'number TB', spare: 'Serial number of the spare (in stock)', swapReason: 'Why it is to be replaced',
    replace: 'Ask for a replacement', approveSwap: 'Approve the replacement', swapped: '· replaced', people: 'People', add: 'Add a person', merchant: 'Merchant', owner: 'Owner', name: 'Name',
    login: 'Account (a small letter first; 2 to 32 letters, digits, . - _)', mail: 'E-mail (the link to begin goes there)', mid: 'Merchant number (15)', create: 'Create, and send the link', created: 'was made',
    notices: { zh: '中文', en: 'English' }, terminals: 'Terminals', text: 'Words on its screen', lock: 'Lock', unlock: 'Unlock', restart: 'Restart', cannot: 'the terminal cannot do it now',
  },
};

export class Keeper extends Reviewer {
  says(word) {
    return WORDS[this.lang][word] ?? super.says(word);
  }

  field(word) {
    return this.page.getByLabel(this.says(word), { exact: true });
  }

  alert(text) {
    return this.page.getByRole('alert').filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });
  }

  /* A factor, where the host wants one once more; until `shown` is there. */
  async confirms(shown) {
    const again = this.page.locator('.step-up');
    await again.or(shown).first().waitFor({ timeout: WAIT_MS });
    if (await again.isVisible()) await again.getByRole('button').first().click();
    await shown.first().waitFor({ timeout: WAIT_MS });
  }

  /* ---- the stock ---- */

  async toStock() {
    await this.click('stock');
    if (await this.button('toList').isVisible()) await this.click('toList');
    await this.page.getByRole('heading', { level: 1, name: this.says('stock') }).waitFor({ timeout: WAIT_MS });
  }

  async takesModel(model, form) {
    await this.toStock();
    await this.click('takeIn');
    await this.field('model').fill(model);
    await this.field('form').fill(form);
    await this.click('addModel');
    await this.confirms(this.page.getByText(this.says('saved')));
    await this.click('takeIn');
  }

  async takesIn(list) {
    await this.toStock();
    await this.click('takeIn');
    await this.field('list').fill(list);
    await this.click('take');
    await this.reads(this.says('taken'));
    await this.click('takeIn');
  }

  async opensTerminal(serial) {
    await this.toStock();
    await this.click('reload');
    await this.page.locator(`[data-serial="${serial}"]`).click({ timeout: WAIT_MS });
    await this.page.getByRole('heading', { level: 1, name: serial }).waitFor({ timeout: WAIT_MS });
  }

  /* Its merchant is given a number, which is what this gives. */
  async registers(serial, application, { nameEn, pinyin }) {
    await this.opensTerminal(serial);
    await this.page.getByLabel(new RegExp(application)).check({ timeout: WAIT_MS });
    await this.field('nameEn').fill(nameEn);
    await this.field('pinyin').fill(pinyin);
    await this.click('registerNow');
    const said = this.page.getByRole('status').filter({ hasText: /898\d{12}/ });
    await this.confirms(said);
    return (await said.first().innerText()).match(/898\d{12}/)[0];
  }

  async assigns(serial, application) {
    await this.opensTerminal(serial);
    await this.page.getByLabel(new RegExp(application)).check({ timeout: WAIT_MS });
    await this.click('assign');
    await this.field('scan').waitFor({ timeout: WAIT_MS });
  }

  /* What only looks like the number is refused first. */
  async sends(serial) {
    await this.field('scan').fill(serial.replace('-000', '-O00'));
    await this.click('pack');
    await this.alert(/./);
    await this.field('scan').fill(serial);
    await this.click('pack');
    await this.click('ship');
    await this.reads(this.says('courier'));
  }

  async asksReplacement(serial, spare, why) {
    await this.opensTerminal(serial);
    await this.field('spare').fill(spare);
    await this.field('swapReason').fill(why);
    await this.click('replace');
    await this.button('replace').waitFor({ state: 'detached', timeout: WAIT_MS });
  }

  async approvesReplacement(serial) {
    await this.opensTerminal(serial);
    await this.click('approveSwap');
    await this.confirms(this.page.getByText(this.says('swapped')));
  }

  /* ---- people ---- */

  async invites({ name, login, mail, mid, lang }) {
    await this.click('people');
    await this.click('add');
    await this.page.getByRole('radio', { name: this.says('merchant'), exact: true }).check({ timeout: WAIT_MS });
    for (const [word, text] of Object.entries({ name, login, mail, mid })) await this.field(word).fill(text);
    await this.page.getByRole('radio', { name: this.says('owner'), exact: true }).check();
    await this.page.getByRole('radio', { name: this.says('notices')[lang], exact: true }).check();
    await this.click('create');
    await this.confirms(this.page.getByRole('status').filter({ hasText: this.says('created') }));
  }

  /* ---- the owner, at his terminals ---- */

  async opensOwn(tid) {
    await this.click('terminals');
    await this.page.locator(`[data-device="${tid}"]`).click({ timeout: WAIT_MS });
    await this.page.getByRole('heading', { level: 1, name: tid }).waitFor({ timeout: WAIT_MS });
  }

  /* Wants something of the terminal, and sees how it goes. */
  async wants(kind, state, text) {
    if (text !== undefined) await this.field('text').fill(text);
    await this.click(kind);
    const order = this.page.locator(`[data-order="${kind}"][data-state="${state}"]`);
    await this.confirms(order);
    return order.first().innerText();
  }
}
