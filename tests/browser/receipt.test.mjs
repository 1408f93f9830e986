/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the customer does with an e-receipt: the page behind the link shows it and says whether it is
 * genuine, by itself, from any web server that has the acquirer's certificate beside it; a changed
 * one is not, one without a certificate is not verified. In both languages. S106
 *
 *   node --test tests/browser/receipt.test.mjs
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { axeFaults, axeSource, launch } from './browser.mjs';
import { root } from './stage.mjs';

const built = join(root, 'build/web/terminal/receipt');
const pictures = join(root, 'build/screenshots/receipt');
const kinds = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
let server;
let browser;
let place;
let authority = ''; /* what the server has beside the page */
let address;

/* An authority and a terminal of it, made by openssl: not by the product. */
function issue(name, usage) {
  const at = (file) => join(place, file);
  const run = (...args) => execFileSync('openssl', args, { stdio: 'pipe' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run('req', '-x509', ...curve, '-keyout', at(`${name}-ca.key`), '-out', at(`${name}-ca.pem`), '-subj', '/CN=Test authority', '-days', '3650');
  run('req', ...curve, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', '/CN=10000017');
  writeFileSync(at(`${name}.ext`), `extendedKeyUsage=${usage}\n`);
  run('x509', '-req', '-in', at(`${name}.csr`), '-CA', at(`${name}-ca.pem`), '-CAkey', at(`${name}-ca.key`), '-CAcreateserial', '-days', '730', '-out', at(`${name}.pem`), '-extfile', at(`${name}.ext`));
  const pem = readFileSync(at(`${name}.pem`), 'utf8');
  return {
    ca: readFileSync(at(`${name}-ca.pem`), 'utf8'),
    key: createPrivateKey(readFileSync(at(`${name}.key`))),
    der: Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'),
  };
}

/* As payment/ereceipt.h says it. */
function link(who, change = {}) {
  const r = { amount: 14080, tip: 1280, merchant: '巷口面馆 Corner Noodles', ...change };
  const number = (value, bytes) => {
    const out = Buffer.alloc(bytes);
    out.writeUIntBE(value, 0, bytes);
    return out;
  };
  const text = (value) => Buffer.concat([number(Buffer.byteLength(value), 1), Buffer.from(value)]);
  const now = Math.floor(Date.now() / 1000) + 8 * 3600;
  let body = Buffer.concat([
    Buffer.from([1, 1, 7]), number(12, 3), number(345, 3), number(r.amount, 6), number(r.tip, 6), number(now + 60, 5),
    ...['898310153110001', '01', '622209******6620', '042512000345', 'A1B2C3', '示例银行', r.merchant].map(text),
  ]);
  const more = change.more === undefined ? [] : [
    number(change.more.goods.length, 1),
    ...change.more.goods.flatMap(([name, price, quantity]) => [text(name), number(price, 6), number(quantity, 2)]),
    number(change.more.left, 1), Buffer.from(change.more.strokes),
  ];
  body = Buffer.concat([body, ...more]);
  const digest = Buffer.concat([Buffer.from('tongbao receipt v1'), body]);
  assert.equal(createHash('sha256').update(digest).digest().length, 32);
  const signature = sign('sha256', digest, who.key);
  if (change.forge !== undefined) {
    body[change.forge] ^= 1;
  }
  return Buffer.concat([number(change.more === undefined ? 1 : 2, 1), number(body.length, 2), body, number(signature.length, 1), signature, who.der]).toString('base64');
}

before(async () => {
  mkdirSync(pictures, { recursive: true });
  place = mkdtempSync(join(tmpdir(), 'receipt-'));
  browser = await launch();
  server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    response.setHeader('Content-Security-Policy', "default-src 'self'");
    if (path === '/ca.pem') {
      response.statusCode = authority === '' ? 404 : 200;
      response.end(authority);
      return;
    }
    try {
      const file = join(built, path === '/' ? 'index.html' : path);
      response.setHeader('Content-Type', kinds[extname(file)] ?? 'application/octet-stream');
      response.end(readFileSync(file));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${server.address().port}/`;
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(place, { recursive: true, force: true });
});

/* The page as a telephone shows it; every request that it made. */
async function see(fragment, lang, dark = false) {
  const context = await browser.newContext({
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    viewport: { width: 360, height: 640 },
    colorScheme: dark ? 'dark' : 'light',
  });
  await context.addInitScript(axeSource); /* outside of the page's policy */
  const page = await context.newPage();
  const asked = [];
  page.on('request', (r) => asked.push(r.url()));
  await page.goto(`${address}#${fragment}`);
  await page.waitForSelector('[data-part="verdict"]');
  return { page, asked, verdict: await page.getAttribute('[data-part="verdict"]', 'data-verdict'), text: await page.innerText('main') };
}

test('a genuine receipt is shown and verified by itself, in both languages', async () => {
  const who = issue('good', 'clientAuth');
  authority = who.ca;
  for (const lang of ['zh', 'en']) {
    const { page, asked, verdict, text } = await see(link(who), lang, lang === 'en');
    assert.equal(verdict, 'good');
    assert.match(text, /RMB 140\.80/);
    assert.match(text, /622209\*{6}6620/);
    assert.match(text, /10000017/);
    assert.match(text, lang === 'zh' ? /真实有效/ : /Genuine/);
    assert.doesNotMatch(text, /\d{16,}/, 'no card number in clear');
    asked.forEach((url) => assert.ok(url.startsWith(address), url));
    asked.forEach((url) => assert.ok(!url.includes('#') || url.startsWith(`${address}#`), 'the server hears nothing'));
    assert.deepEqual(await axeFaults(page), []);
    await page.screenshot({ path: join(pictures, `good-${lang}.png`), fullPage: true });
    await page.click('.lang');
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, lang === 'zh' ? 'en' : 'zh-CN');
    await page.context().close();
  }
});

test('goods and signature stand in it, or where they are', async () => {
  const who = issue('more', 'clientAuth');
  authority = who.ca;
  /* Two strokes: 3 points from 100, 300 by 300, -200 and 300, 200; 2 points from 200, 250 by 400, 0. */
  const strokes = [3, 0, 100, 1, 44, 0xd8, 4, 0x8f, 3, 0xd8, 4, 0x90, 3, 2, 0, 200, 0, 250, 0xa0, 6, 0];
  const goods = [['牛肉面 Beef noodles', 3200, 2], ['卤蛋', 250, 3]];
  for (const [lang, left, words] of [
    ['zh', 0, /商品明细/],
    ['en', 2, /The signature takes too much room/],
  ]) {
    const more = { goods, left, strokes: left === 0 ? strokes : [] };
    const { page, verdict, text } = await see(link(who, { more }), lang, lang === 'en');
    assert.equal(verdict, 'good');
    assert.match(text, /2 × 32\.00\s+64\.00/);
    assert.match(text, /3 × 2\.50\s+7\.50/);
    assert.match(text, words);
    const lines = await page.locator('[data-part="signature"] polyline').evaluateAll((all) => all.map((line) => line.getAttribute('points')));
    assert.deepEqual(lines, left === 0 ? ['100,300 400,100 700,300', '200,250 600,250'] : []);
    assert.deepEqual(await axeFaults(page), []);
    await page.screenshot({ path: join(pictures, `more-${lang}.png`), fullPage: true });
    await page.context().close();
  }
  const bad = link(who, { more: { goods, left: 0, strokes: [2, 0, 100, 1, 44, 0xff, 0xff, 0x7f, 0] } });
  assert.equal((await see(bad, 'en')).verdict, 'bad'); /* a pen beside the paper */
});

test('what was changed, or comes from somebody else, is not genuine', async () => {
  const who = issue('one', 'clientAuth');
  const other = issue('two', 'clientAuth');
  const shop = issue('server', 'serverAuth');
  for (const [why, fragment, ca] of [
    ['the amount', link(who, { forge: 14 }), who.ca],
    ['the merchant', link(who, { forge: 110 }), who.ca],
    ['another authority', link(other), who.ca],
    ['no terminal', link(shop), shop.ca],
    ['cut short', link(who).slice(0, 300), who.ca],
    ['nothing', '', who.ca],
  ]) {
    authority = ca;
    const { page, verdict } = await see(fragment, 'en');
    assert.equal(verdict, 'bad', why);
    if (why === 'the amount') {
      await page.screenshot({ path: join(pictures, 'bad-en.png'), fullPage: true });
    }
    await page.context().close();
  }
});

test('without the certificate it is shown, and not called genuine', async () => {
  const who = issue('three', 'clientAuth');
  authority = '';
  const { page, verdict, text } = await see(link(who), 'zh');
  assert.equal(verdict, 'unknown');
  assert.match(text, /没有核对/);
  await page.context().close();
});
