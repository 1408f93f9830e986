/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shop that applies for a terminal by the public form, without scripts, reads codes from the SMS of the demo's tray, and signs
 * the agreement when it is approved.
 */
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';

const WAIT_MS = 30000;

/* A picture that browsers draw: a PNG of one colour. */
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
  constructor(at, { phone, shop }) {
    Object.assign(this, { at, phone, shop, codes: 0 });
  }

  press(name) {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  /* The newest code, once there is one more than were read. */
  async code() {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const { messages } = await (await fetch(new URL('api/tray/messages', this.at.demo.terminal))).json();
      const found = messages.filter((m) => m.to.endsWith(this.phone)).map((m) => m.text.match(/\b\d{6}\b/)?.[0]).filter(Boolean);
      if (found.length > this.codes) {
        this.codes = found.length;
        return found[0]; /* the newest stands first */
      }
      assert.ok(Date.now() < end, `no code for ${this.phone}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /* The status changes when a check was answered, and a page without scripts hears of it when it is loaded again. */
  async shows(text) {
    for (const end = Date.now() + WAIT_MS; ; await this.page.reload()) {
      if (await this.page.getByText(text, { exact: true }).first().isVisible()) return;
      assert.ok(Date.now() < end, `${text} expected, shown is ${await this.page.locator('body').innerText()}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  async fills(fields) {
    for (const [name, text] of Object.entries(fields)) await this.page.locator(`input[name=${name}]`).fill(text);
    await this.press('保存并继续');
  }

  /* From the first page until it is in review. */
  async applies() {
    this.context = await this.at.browser.newContext({ javaScriptEnabled: false });
    const page = (this.page = await this.context.newPage());
    await page.goto(new URL('/apply?lang=zh', this.at.demo.consoles).href);
    await this.press('开始申请');
    await page.waitForURL('**/apply/step/1');
    await page.getByLabel('个体工商户', { exact: true }).check();
    await page.getByLabel('放在柜台使用', { exact: true }).check();
    await this.fills({ turnover: '360000' });
    await page.waitForURL('**/apply/step/2');
    await page.getByLabel('行业', { exact: true }).selectOption('5812');
    await page.getByLabel('所在城市', { exact: true }).selectOption('110100');
    await this.fills({ shop: this.shop, address: '北京市海淀区中关村大街1号' });
    await page.waitForURL('**/apply/step/3');
    await this.fills({
      owner: '王小明', identity: '110108198005062314', identity_ends: '2040-01-31', licence: '92110108MA00ABCD1Q', licence_ends: '长期',
      phone: this.phone,
    });
    await page.waitForURL('**/apply/step/4');
    await this.fills({ bank: '中国银行中关村支行', holder: '王小明', account: '6200 0000 1234' });
    await page.waitForURL('**/apply/documents');
    for (const [i, kind] of ['identity_front', 'identity_back', 'licence', 'shop_front', 'shop_inside', 'shop_counter'].entries()) {
      const form = page.locator('form', { has: page.locator(`input[name=${kind}]`) });
      await form.locator('input').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: photo(640 + i, 480) });
      await form.locator('button').click();
      await page.getByText('已保存').nth(i).waitFor({ timeout: WAIT_MS });
    }
    await page.getByRole('link', { name: '继续', exact: true }).click();
    await page.waitForURL('**/apply/phone');
    await this.press('发送验证码');
    await page.getByLabel('短信验证码').fill(await this.code());
    await this.press('验证');
    await page.waitForURL('**/apply/send');
    await this.press('提交申请');
    await page.waitForURL('**/apply/status');
    await this.shows('审核中');
    return this;
  }

  /* Once it is approved. */
  async signs() {
    await this.page.goto(new URL('/apply/agreement', this.at.demo.consoles).href);
    await this.press('发送签署验证码');
    await this.page.getByLabel('短信验证码').fill(await this.code());
    await this.press('同意并签署');
    await this.page.waitForURL('**/apply/status');
  }

  leaves() {
    return this.context.close();
  }
}
