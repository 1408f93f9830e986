/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of the staff who looks at applications at the console, and asks the published interface for what has no page, with the
 * session of that page. In either language, at any size of window.
 */
import assert from 'node:assert/strict';
import { Clerk } from './clerk.mjs';

const WAIT_MS = 30000;

const WORDS = {
  zh: {
    applications: '申请审核', reload: '刷新', toList: '返回列表', note: '与申请人沟通的内容', write: '记录', approve: '同意', second: '同意初审意见',
    first: '初审同意 · 初审人：', done: '请在30天内阅读并签署', language: 'English', logOut: '退出', passkey: '用通行密钥登录',
  },
  en: {
    applications: 'Applications', reload: 'Load again', toList: 'Back to the list', note: 'What was said', write: 'Write down', approve: 'Approve',
    second: 'Agree with the first look', first: 'First look: approve · by', done: 'Read and sign the agreement within 30 days', language: '中文',
    logOut: 'Log out', passkey: 'Log in with a passkey',
  },
};

export class Reviewer extends Clerk {
  static async at(browser, url, options) {
    const one = await super.at(browser, url, options);
    return Object.assign(one, { lang: options.lang });
  }

  says(word) {
    return WORDS[this.lang][word];
  }

  button(word) {
    return this.page.getByRole('button', { name: this.says(word), exact: true });
  }

  click(word) {
    return this.button(word).click({ timeout: WAIT_MS });
  }

  reads(text) {
    return this.page.getByText(text).first().waitFor({ timeout: WAIT_MS });
  }

  /* The same person, at another screen and in another language. */
  async becomes(lang, viewport) {
    await this.page.setViewportSize(viewport);
    if (this.lang !== lang) {
      await this.click('language');
      this.lang = lang;
    }
  }

  async opens(number, shop) {
    const row = this.page.locator(`[data-application="${number}"]`);
    await this.click('applications');
    if (await this.button('toList').isVisible()) await this.click('toList');
    for (let tried = 0; tried < 50 && (await row.count()) === 0; tried += 1) {
      await this.click('reload');
      await this.page.waitForTimeout(100);
    }
    await row.click({ timeout: WAIT_MS });
    await this.page.getByRole('heading', { name: shop }).first().waitFor({ timeout: WAIT_MS });
  }

  async looksFirst(said) {
    await this.page.getByLabel(this.says('note'), { exact: true }).fill(said);
    await this.click('write');
    await this.reads(said);
    await this.click('approve');
    await this.reads(this.says('first'));
  }

  async looksSecond() {
    await this.reads(this.says('first'));
    await this.click('second');
    const again = this.page.locator('.step-up');
    await again.or(this.page.getByText(this.says('done'))).first().waitFor({ timeout: WAIT_MS });
    if (await again.isVisible()) await again.getByRole('button').first().click();
    await this.reads(this.says('done'));
  }

  /* A factor, shown just now: out, and in again. */
  async showsFactor() {
    await this.click('logOut');
    await this.click('passkey');
    await this.page.getByRole('navigation').waitFor({ timeout: WAIT_MS });
  }

  /* A call of the interface, or of the console itself, with this page's session; what it answers. */
  async asks(method, path, body, expected = 200) {
    const realm = new URL(this.page.url()).pathname.startsWith('/staff') ? 'staff' : 'console';
    const answer = await this.page.evaluate(
      async ([how, where, what, who]) => {
        const { csrf } = await (await fetch(`/api/${who}/session`)).json();
        const said = await fetch(where, {
          method: how,
          headers: { 'Content-Type': 'application/json', 'X-CSRF': csrf, 'X-Tongbao-Realm': who, 'X-Language': 'en' },
          body: how === 'GET' ? undefined : JSON.stringify(what ?? {}),
        });
        return { status: said.status, said: await said.json() };
      },
      [method, path, body, realm],
    );
    assert.equal(answer.status, expected, `${method} ${path}: ${JSON.stringify(answer.said)}`);
    return answer.said;
  }
}
