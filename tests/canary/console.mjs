/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person at a console, by the requests that its page makes: an account set up by its link, with a
 * password, an authenticator and recovery codes; in and out again. Whatever is secret of it is told.
 */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { secretOf, totp } from '../browser/authenticator.mjs';

export class Console {
  /* `link` is "http://localhost:PORT/staff/setup#TOKEN". */
  constructor(link, login, mark) {
    const address = new URL(link);
    this.origin = address.origin;
    this.base = address.pathname.startsWith('/staff/') ? '/api/staff' : '/api/console';
    this.token = address.hash.slice(1);
    this.login = login;
    this.mark = mark;
    this.cookies = new Map();
    mark(`set-up link of ${login}`, this.token);
  }

  post(path, body, wanted = 200) {
    const text = JSON.stringify(body);
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      Origin: this.origin,
      'Sec-Fetch-Site': 'same-origin',
      Cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    };
    if (this.csrf) {
      headers['X-CSRF'] = this.csrf;
    }
    return new Promise((done, fail) => {
      const asked = request(`${this.origin}${this.base}${path}`, { method: 'POST', headers }, (answer) => {
        let said = '';
        answer.on('data', (part) => {
          said += part;
        });
        answer.on('end', () => {
          for (const cookie of answer.headers['set-cookie'] ?? []) {
            const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
            this.cookies.set(name, value);
          }
          try {
            assert.equal(answer.statusCode, wanted, `${path}: ${said}`);
            const document = said === '' ? {} : JSON.parse(said);
            this.csrf = document.csrf ?? this.csrf;
            done(document);
          } catch (error) {
            fail(error);
          }
        });
      });
      asked.on('error', fail);
      asked.end(text);
    });
  }

  /* Everything that an account has which is secret. */
  async setUp(password) {
    this.password = this.mark(`password of ${this.login}`, password);
    await this.post('/setup', { token: this.token, password });
    const { key, pending } = await this.post('/enrol/totp/begin', {});
    this.mark(`authenticator of ${this.login}`, key);
    this.secret = secretOf(key);
    this.mark(`authenticator of ${this.login}, its bytes`, `hex:${this.secret.toString('hex')}`);
    const { state, codes } = await this.post('/enrol/totp/finish', { pending, code: totp(this.secret) });
    assert.equal(state, 'in');
    assert.ok(codes.length >= 8);
    codes.forEach((code, at) => {
      this.mark(`recovery code ${at} of ${this.login}`, code);
      this.mark(`recovery code ${at} of ${this.login}, plain`, code.replaceAll('-', ''));
    });
    this.codes = codes;
  }

  async logOut() {
    await this.post('/logout', {}, 200).catch(() => this.post('/logout', {}, 204));
    this.cookies.clear();
    this.csrf = undefined;
  }

  async logIn(password, wanted = 200) {
    return this.post('/login', { name: this.login, password }, wanted);
  }

  async withRecoveryCode() {
    await this.logIn(this.password);
    const { state } = await this.post('/login/recovery', { code: this.codes[0] });
    assert.equal(state, 'in');
  }

  async withAuthenticator() {
    await this.logIn(this.password);
    const { state } = await this.post('/login/totp', { code: totp(this.secret, 1) });
    assert.equal(state, 'in');
  }
}
