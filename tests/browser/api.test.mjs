/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page that tries the interface (S177), against a running demo: an owner makes a key with his log-in, the key makes calls,
 * is refused what it has no scope for, and leaves no trace in the page, its address, its storage or the line for curl. In both
 * languages, on a telephone and on a PC, by light and in the dark; axe-core finds nothing serious.
 *
 *   node --test tests/browser/api.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { axeFaults, openPage } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { root, withDemo } from './stage.mjs';
import { leftToWalks } from './walks.mjs';

const at = withDemo('api');
const WAIT_MS = 20000;
const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1440, height: 900 } };

const WORDS = {
  zh: {
    search: '查找调用', nobody: '不表明身份', key: '密钥', console: '商户后台的登录', in: '已登录：王小明', send: '发送', body: '请求内容（JSON）',
    noKey: '请先粘贴密钥', missing: '请填写 tid', json: '不是正确的 JSON', none: '没有这样的调用', answer: '成功时的回答', refused: '被拒绝时',
  },
  en: {
    search: 'Find a call', nobody: 'Nobody in particular', key: 'A key', console: "A log-in at the owners' console", in: 'Logged in: 王小明', send: 'Send',
    body: 'Body (JSON)', noKey: 'Paste a key first', missing: 'Fill in tid', json: 'The body is no JSON', none: 'There is no such call',
    answer: 'Answer when it is done', refused: 'When it is refused',
  },
};

async function look(v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button, summary, .choice, input:not([type=radio]), select, textarea')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim() || b.name),
  );
  assert.deepEqual(small, [], `${name}: too small for a finger`);
  assert.deepEqual(await axeFaults(v.page), [], name);
  assert.deepEqual(v.faults, [], name);
}

/* Somebody at the page, who opens one call. */
class Caller {
  constructor(v, words) {
    Object.assign(this, v, { words });
  }

  as(way) {
    return this.page.getByLabel(this.words[way], { exact: true }).and(this.page.locator('[type=radio]')).check();
  }

  async opens(id, word) {
    await this.page.getByLabel(this.words.search, { exact: true }).fill(word);
    const call = this.page.locator(`[data-call=${id}]`);
    if (!(await call.evaluate((box) => box.open))) await call.locator('summary').first().click();
    return call;
  }

  async sends(call) {
    await call.getByRole('button', { name: this.words.send, exact: true }).click();
    const answer = call.locator('.answer');
    await answer.waitFor({ timeout: WAIT_MS });
    return { status: Number(await answer.getAttribute('data-status')), text: await answer.locator('pre').innerText() };
  }

  async refuses(call, text) {
    await call.getByRole('button', { name: this.words.send, exact: true }).click();
    await call.getByRole('alert').filter({ hasText: text }).waitFor({ timeout: WAIT_MS });
  }
}

const pageOf = () => new URL('/api/', at.demo.consoles).href;

/* Where a secret must not be: everything that outlives the moment, or that others read. */
async function traces(page, secret) {
  return page.evaluate((wanted) => {
    const kept = [location.href, document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.documentElement.outerHTML];
    return kept.filter((text) => text.includes(wanted)).length;
  }, secret);
}

async function walk(lang, size, scheme, name, secret) {
  const words = WORDS[lang];
  const v = await openPage(at.browser, pageOf(), { ...size, colorScheme: scheme, locale: lang === 'zh' ? 'zh-CN' : 'en-GB' });
  const caller = new Caller(v, words);
  await v.page.locator('[data-group=devices]').waitFor({ timeout: WAIT_MS });
  await look(v, `${name}-start`);
  await v.page.getByLabel(words.search, { exact: true }).fill('zzzz');
  await v.page.getByText(words.none).waitFor();

  await caller.as('nobody');
  const document = await caller.opens('getOpenapiJson', 'openapi');
  assert.equal((await caller.sends(document)).status, 200);
  const list = await caller.opens('getDevices', '/devices');
  const stranger = await caller.sends(list);
  assert.equal(stranger.status, 401);
  assert.match(stranger.text, /"unauthorized"|"session"|"error"/);

  await caller.as('key');
  await caller.refuses(list, words.noKey);
  await v.page.locator('input[type=password]').fill(secret);
  const seen = await caller.sends(list);
  assert.equal(seen.status, 200, seen.text);
  assert.match(seen.text, /"tid": "\d{8}"/);
  await list.getByText(words.answer).click();
  await list.getByText(words.refused).click();
  await look(v, `${name}-devices`);
  const line = await list.locator('.curl pre').innerText();
  assert.ok(line.includes('@tongbao.key') && !line.includes(secret), line);
  assert.equal(await traces(v.page, secret), 0, 'no trace of the key');

  /* What the key has no scope for, and what it has not filled in. */
  const one = await caller.opens('getDevicesTid', '/devices/{tid}');
  await caller.refuses(one, words.missing);
  const keys = await caller.opens('getKeys', '/keys');
  const refused = await caller.sends(keys);
  assert.equal(refused.status, 403);
  assert.match(refused.text, /"scope"/);
  const make = await caller.opens('postKeys', '/keys');
  await make.getByLabel(words.body, { exact: true }).fill('{');
  await caller.refuses(make, words.json);
  await look(v, `${name}-refused`);
  await v.context.close();
}

let secret;

test('S177: an owner makes a key at the page, by his log-in', async () => {
  const owner = await Clerk.at(at.browser, at.demo.links.owner, { lang: 'zh', hand: 'keyboard', page: PHONE });
  await owner.setsUp();
  await owner.page.goto(pageOf());
  const caller = new Caller(owner, WORDS.zh);
  await caller.as('console');
  await owner.page.getByText(WORDS.zh.in).waitFor({ timeout: WAIT_MS });
  const make = await caller.opens('postKeys', '/keys');
  assert.equal(JSON.parse(await make.getByLabel(WORDS.zh.body, { exact: true }).inputValue()).days, 1);
  await look(owner, 'owner-make');
  await make.getByLabel(WORDS.zh.body, { exact: true }).fill(JSON.stringify({ name: '<b>收银</b>', scopes: ['devices:read'], days: 30 }));
  const made = await caller.sends(make);
  assert.equal(made.status, 201, made.text);
  assert.ok(made.text.includes('<b>收银</b>'), 'shown as a text');
  secret = JSON.parse(made.text).secret;
  await look(owner, 'owner-made');
  /* The same call under the same key is not made twice, and its secret is not told again. */
  const again = await caller.sends(make);
  assert.equal(again.status, 409, again.text);
  assert.match(again.text, /shown_once/);
  await owner.leaves();
});

test('S177: a key makes calls, in Chinese, on a telephone', { skip: leftToWalks('api', 'zh') }, () => walk('zh', PHONE, 'dark', 'zh-360', secret));
test('S177: a key makes calls, in English, on a PC', { skip: leftToWalks('api', 'en') }, () => walk('en', DESKTOP, 'light', 'en-1440', secret));

test('its script is small, and nothing else is below /api/', async () => {
  const folder = join(root, 'build/web/api/assets');
  const size = readdirSync(folder).filter((name) => name.endsWith('.js')).reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  assert.ok(size < 150 * 1024, `${size} bytes`);
  for (const path of ['/api/none', '/api/v2/devices', '/api/v1/none']) {
    const answer = await fetch(new URL(path, at.demo.consoles));
    assert.equal(answer.status, 404, path);
    assert.equal((await answer.json()).error, 'not_found', path);
  }
});
