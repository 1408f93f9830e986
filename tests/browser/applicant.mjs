/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shop that applies for a terminal by the public form, without scripts, reads codes from the SMS of the demo's tray, and signs
 * the agreement when it is approved: all of it, or step by step, in one language. `looks` is told of each page with a name for it.
 * What is refused on the way stands in an alert (`isTold`), and the step is made again.
 */
import { deflateSync } from 'node:zlib';
import { Letters, SIX } from './letters.mjs';

const WAIT_MS = 30000;

export const WORDS = {
  zh: {
    begin: '开始申请', on: '保存并继续', business: '个体工商户', counter: '放在柜台使用', kept: '已保存', next: '继续', code: '发送验证码', verify: '验证',
    send: '提交申请', review: '审核中', sms: '短信验证码', trade: '行业', city: '所在城市', tea: '茶馆、咖啡馆、酒吧', beijing: '北京',
    wrong: '有内容需要更正', picture: '不是有效的', named: '店铺名称要写明地区和行业',
    read: '阅读并签署协议', signCode: '发送签署验证码', sign: '同意并签署', received: '我已收到终端',
  },
  en: {
    begin: 'Begin', on: 'Save and go on', business: 'Individual business', counter: 'stands on a counter', kept: 'Saved,', next: 'Go on', code: 'Send a code',
    verify: 'Verify', send: 'Send', review: 'In review', sms: 'Code from the SMS', trade: 'Trade', city: 'City', tea: 'Tea house, café, bar', beijing: 'Beijing',
    wrong: 'Something must be corrected', picture: 'This is no JPEG', named: 'has to say where it is',
    read: 'Read and sign the agreement', signCode: 'Send me a code to sign with', sign: 'Agree and sign', received: 'I have got it',
  },
};

const DOCUMENTS = ['identity_front', 'identity_back', 'licence', 'shop_front', 'shop_inside', 'shop_counter'];

/* A picture that browsers draw: a grey PNG. */
export function photo(width, height) {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k += 1) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  const part = (name, body) => {
    const said = Buffer.concat([Buffer.from(name), body]);
    const whole = Buffer.alloc(said.length + 8);
    whole.writeUInt32BE(body.length);
    said.copy(whole, 4);
    whole.writeUInt32BE((said.reduce((c, b) => table[(c ^ b) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0, said.length + 4);
    return whole;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width);
  head.writeUInt32BE(height, 4);
  head.set([8, 0, 0, 0, 0], 8); /* grey */
  const lines = Buffer.alloc((width + 1) * height, 150);
  for (let y = 0; y < height; y += 1) lines[y * (width + 1)] = 0;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    part('IHDR', head),
    part('IDAT', deflateSync(lines)),
    part('IEND', Buffer.alloc(0)),
  ]);
}

export class Applicant {
  /* `phone` is the telephone that is verified, and written to; `papers` is how its pictures are made, and what they are. */
  constructor(at, { phone, shop, owner = '王小明', lang = 'zh', size = {}, looks = async () => {}, papers = { type: 'png', photo } }) {
    Object.assign(this, { at, phone, shop, owner, lang, size, looks, papers, words: WORDS[lang], letters: new Letters(at.demo, phone) });
  }

  /* To the first page. */
  async opens() {
    this.context = await this.at.browser.newContext({ ...this.size, javaScriptEnabled: false });
    this.page = await this.context.newPage();
    await this.page.goto(new URL(`/apply?lang=${this.lang}`, this.at.demo.consoles).href);
    await this.looks(this, 'start');
    return this;
  }

  press(name) {
    return this.page.getByRole('button', { name: this.words[name], exact: true }).click();
  }

  /* These fields, and on. */
  async fills(fields) {
    for (const [name, text] of Object.entries(fields)) {
      await this.page.locator(`input[name=${name}]`).fill(text);
    }
    await this.press('on');
  }

  /* Something is wrong, and this is said of it. */
  isTold(text) {
    return this.page.getByRole('alert').filter({ hasText: this.words[text] ?? text }).waitFor({ timeout: WAIT_MS });
  }

  choose(word, option) {
    return this.page.getByLabel(this.words[word], { exact: true }).selectOption({ label: this.words[option] });
  }

  async begins() {
    await this.press('begin');
    await this.page.waitForURL('**/apply/step/1');
    await this.page.getByLabel(this.words.business, { exact: true }).check();
    await this.page.getByLabel(this.words.counter, { exact: true }).check();
    await this.fills({ turnover: '360000' });
    await this.page.waitForURL('**/apply/step/2');
    await this.looks(this, 'shop');
  }

  async choosesWhere() {
    await this.choose('trade', 'tea');
    await this.choose('city', 'beijing');
  }

  async saysShop(shop = this.shop, address = '北京市海淀区中关村大街1号') {
    await this.choosesWhere();
    await this.fills({ shop, address });
    await this.page.waitForURL('**/apply/step/3');
  }

  async saysOwner() {
    await this.looks(this, 'owner');
    await this.fills({
      owner: this.owner, identity: '110108198005062314', identity_ends: '2040-01-31', licence: '92110108MA00ABCD1Q', licence_ends: '长期', phone: this.phone,
    });
    await this.page.waitForURL('**/apply/step/4');
    await this.fills({ bank: '中国银行中关村支行', holder: this.owner, account: '6200 0000 1234' });
    await this.page.waitForURL('**/apply/documents');
  }

  async upload(kind, buffer) {
    const { type } = this.papers;
    const form = this.page.locator('form', { has: this.page.locator(`input[name=${kind}]`) });
    await form.locator('input').setInputFiles({ name: `照片.${type}`, mimeType: `image/${type}`, buffer });
    await form.locator('button').click();
  }

  async uploads() {
    for (const [i, kind] of DOCUMENTS.entries()) {
      await this.upload(kind, this.papers.photo(640 + i, 480));
      await this.page.getByText(this.words.kept).nth(i).waitFor({ timeout: WAIT_MS });
    }
    await this.looks(this, 'documents');
    await this.page.getByRole('link', { name: this.words.next, exact: true }).click();
    await this.page.waitForURL('**/apply/phone');
  }

  async verifies() {
    await this.press('code');
    await this.page.getByLabel(this.words.sms).fill(await this.letters.next(SIX));
    await this.press('verify');
    await this.page.waitForURL('**/apply/send');
  }

  async sends() {
    await this.looks(this, 'send');
    await this.press('send');
    await this.page.waitForURL('**/apply/status');
    await this.finds(this.page.getByText(this.words.review, { exact: true })); /* once it was checked */
    await this.looks(this, 'status');
  }

  /* From the first page until it is in review. */
  async applies() {
    await this.opens();
    await this.begins();
    await this.saysShop();
    await this.saysOwner();
    await this.uploads();
    await this.verifies();
    await this.sends();
    return this;
  }

  async number() {
    return (await this.page.locator('body').innerText()).match(/SQ\d{8}/)[0];
  }

  /* The status page until something stands on it. */
  async finds(target) {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      await this.page.goto(new URL('/apply/status', this.page.url()).href);
      if ((await target.count()) > 0 || Date.now() > end) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    await target.first().waitFor({ timeout: 1000 });
  }

  /* Once it is approved. */
  async signs() {
    const link = this.page.getByRole('link', { name: this.words.read, exact: true });
    await this.finds(link);
    await this.looks(this, 'approved');
    await link.click();
    await this.press('signCode');
    await this.page.getByLabel(this.words.sms).fill(await this.letters.next(SIX));
    await this.looks(this, 'agreement');
    await this.press('sign');
    await this.page.waitForURL('**/apply/status');
    await this.looks(this, 'signed');
  }

  leaves() {
    return this.context.close();
  }
}
