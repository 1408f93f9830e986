/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paper that comes with a device. S31: a device's manual holds exactly its own one-time
 * passwords. S32: nothing keeps them. S35: the public manual of a model, and all that is published,
 * holds none. Needs poppler-utils for the text and the pictures of a PDF.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startDemo, stopDemo } from '../canary/demo.mjs';
import {
  contentOf, learnDigits, pagesOf, pictureOf, printManual, readPasswords, secretsOf, textOf, tongbao, wordsOf,
} from './paper.mjs';

const WIDTH = 419.53;
const HEIGHT = 595.28;
const MARGIN = 42;
const MODELS = readdirSync('lib/auth/policies')
  .map((name) => readFileSync(join('lib/auth/policies', name), 'utf8'))
  .filter((text) => /^role cashier$/m.test(text))
  .map((text) => text.match(/^model (\S+)$/m)[1]);

let folder;
let digits;

const file = (name) => join(folder, name);
const number = () => Array.from({ length: 12 }, () => randomInt(10)).join('');

function manual(name, model, serial, secrets, ...more) {
  const out = file(name);
  const args = ['--model', model, '--out', out, ...(serial ? ['--serial', serial] : []), ...more];
  const done = printManual(args, secrets);
  assert.equal(done.status, 0, done.stderr);
  assert.equal(done.stdout + done.stderr, '');
  return out;
}

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tongbao-manual-'));
  digits = learnDigits(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('S31: a manual holds exactly the passwords of its device', () => {
  const devices = ['A', 'B', 'C'].map((name) => ({
    name,
    passwords: { '00': number(), '01': number(), '99': number() },
  }));
  for (const { name, passwords } of devices) {
    const pdf = manual(`${name}.pdf`, 'TB-1', `SN-${name}`, secretsOf(passwords));
    assert.deepEqual(readPasswords(pdf, digits, 3), [passwords['00'], passwords['01'], passwords['99']]);
    assert.ok(textOf(pdf).includes(`SN-${name}`));
    for (const other of devices.filter((one) => one.name !== name)) {
      assert.ok(!textOf(pdf).includes(`SN-${other.name}`));
    }
  }
});

test('S31: the demo prints the manual of its terminal, with the passwords that the vault made', async (t) => {
  const demo = await startDemo();
  t.after(() => stopDemo(demo));
  const { passwords } = demo;
  assert.equal(statSync(demo.manual).mode & 0o777, 0o600);
  assert.deepEqual(readPasswords(demo.manual, digits, 3), [passwords['00'], passwords['01'], passwords['99']]);
});

test('S32: a password is drawn, and stands in the file as no text that could be indexed or copied', () => {
  const passwords = { '00': number(), '01': number(), '99': number() };
  const pdf = manual('drawn.pdf', 'TB-1', 'SN-1', secretsOf(passwords));
  const content = contentOf(pdf);
  assert.ok(content.length > 2 * readFileSync(pdf).length, 'compressed parts were opened');
  for (const password of Object.values(passwords)) {
    assert.ok(!content.includes(password));
    assert.ok(!textOf(pdf).replace(/\s/g, '').includes(password));
  }
  assert.ok(textOf(pdf).includes('一次性初始密码'), 'the rest can be searched');
});

test('S35: the public manual has no sheet and no password', () => {
  const secret = pagesOf(manual('one.pdf', 'TB-1', 'SN-1', secretsOf({ '01': number() })));
  const pdf = manual('public.pdf', 'TB-1');
  assert.ok(pagesOf(pdf) < secret);
  assert.equal(statSync(pdf).mode & 0o777, 0o644);
  const text = textOf(pdf).replace(/\s+/g, ' ');
  assert.match(text, /不含任何密码/);
  assert.match(text, /There is no password in it/);
  assert.doesNotMatch(text, /沿此线折叠|fold here|Initial passwords, one use each/);
  assert.ok(readPasswords(pdf, digits, 3).every((one) => /^\?+$/.test(one)));
});

/*
 * Everything that a person can read before he has a terminal: the public manuals, the documents, the
 * pages and their words. What makers have printed as a password stands there only where it is said
 * to be refused. Three numbers mean something else: a processing code, the highest STAN, and a row of
 * keys.
 */
const REFUSED = /refused|不接受/i;
const NO_PASSWORDS = { 'docs/dialect.md': '000000', 'docs/glossary.md': '999999',
  'web/terminal/src/parts/SecureKeyboard.vue': '1234567890' };

test('S35: nothing that is published has a default password in it', () => {
  const list = 'lib/auth/words/defaults.txt';
  const defaults = (existsSync(list) ? readFileSync(list, 'utf8').split('\n') : ['000000', '123456', '888888', '166816'])
    .filter((one) => /^[0-9A-Za-z]*[0-9][0-9A-Za-z]*$/.test(one) && one.length >= 4);
  assert.ok(defaults.includes('166816') && defaults.includes('123456'));
  const published = new Map();
  for (const model of MODELS) {
    published.set(`manual of ${model}`, textOf(manual('crawl.pdf', model), '-layout'));
  }
  for (const root of ['docs', 'web/terminal/src', 'web/staff', 'web/console', 'web/shared'].filter(existsSync)) {
    for (const name of readdirSync(root, { recursive: true }).map(String)) {
      if (/\.(md|1|vue|ts|html|json)$/.test(name) && !/node_modules|\/mock\//.test(name)) {
        published.set(join(root, name), readFileSync(join(root, name), 'utf8'));
      }
    }
  }
  for (const name of ['README.md', 'README.zh-CN.md', 'SECURITY.md', 'terminal/texts.h', 'paper/manual_words.h']) {
    published.set(name, readFileSync(name, 'utf8'));
  }
  const pattern = new RegExp(`(?<![\\w.:/*-])(${defaults.join('|')})(?![\\w:/*-]|\\.\\d)`);
  const found = [];
  for (const [name, text] of published) {
    for (const line of text.split('\n')) {
      const one = line.match(pattern)?.[1];
      if (one !== undefined && !REFUSED.test(line) && NO_PASSWORDS[name] !== one) {
        found.push(`${name}: ${line.trim()}`);
      }
    }
  }
  assert.deepEqual(found, []);
  assert.ok(pattern.test('the default is 166816, change it'), 'the search can find');
  assert.ok(published.size >= 30);
});

test('every model, in each language: nothing lies outside its page, every chapter where the contents say', () => {
  assert.ok(MODELS.length >= 12, `${MODELS}`);
  for (const model of MODELS) {
    for (const lang of ['zh', 'en', 'both']) {
      const pdf = manual('model.pdf', model, 'SN-1', secretsOf({ '00': number(), '01': number(), '99': number() }),
        '--lang', lang, '--hot-line', '400-000-0000 8:00-22:00');
      const pages = pagesOf(pdf);
      assert.equal(pages % 2, 0, `${model} ${lang}: the sheet is one piece of paper`);
      for (const { page, left, right, top, bottom, text } of wordsOf(pdf)) {
        const where = `${model} ${lang} page ${page}: ${text} ${left} ${top} ${right} ${bottom}`;
        const label = page > pages - 2 && (right < MARGIN || left > WIDTH - MARGIN); /* beside the line to cut at */
        assert.ok(label || (left >= MARGIN - 1 && right <= WIDTH - MARGIN + 1), where);
        assert.ok(top >= 20 && bottom <= HEIGHT - 14, where);
      }
      contentsAreRight(pdf, lang);
    }
  }
});

/* "Keeping it safe    10": that page begins a chapter of that name. */
function contentsAreRight(pdf, lang) {
  const pages = textOf(pdf, '-layout').split('\f');
  const rows = [...pages[1].matchAll(/^\s*(\S.*?\S)\s{2,}(\d+)$/gm)];
  assert.equal(rows.length, lang === 'both' ? 12 : 6);
  for (const [, title, page] of rows) {
    assert.ok(pages[Number(page) - 1].includes(title), `${title} is not on page ${page}`);
  }
}

/* S19: the rules have one text, and the manual has all of it. */
test('the rules are those that `tongbao policy show` prints, for every model, role and language', () => {
  let lines = 0;
  for (const model of MODELS) {
    for (const lang of ['zh', 'en']) {
      const text = textOf(manual('rules.pdf', model, undefined, undefined, '--lang', lang)).replace(/\s+/g, '');
      for (const role of ['cashier', 'supervisor', 'administrator']) {
        const shown = spawnSync(tongbao, ['policy', 'show', '--model', model, '--role', role, '--lang', lang], {
          encoding: 'utf8',
        });
        assert.equal(shown.status, 0, shown.stderr);
        for (const line of shown.stdout.split('\n').filter((one) => /[.。]$/.test(one))) {
          assert.ok(text.includes(line.replace(/\s+/g, '')), `${model} ${role} ${lang}: ${line}`);
          lines += 1;
        }
      }
    }
  }
  assert.ok(lines > MODELS.length * 6 * 5, `${lines} lines`);
});

test('S38: only the ways out of a forgotten password that the model has are shown', () => {
  const numeric = textOf(manual('tb1.pdf', 'TB-1', undefined, undefined, '--lang', 'en'));
  const unattended = textOf(manual('ua.pdf', 'TB-UA', undefined, undefined, '--lang', 'en'));
  assert.match(numeric, /SMS: a code of six digits/);
  assert.doesNotMatch(unattended, /SMS: a code of six digits/);
});

test('the seven steps are there by their names, in both languages', () => {
  const text = textOf(manual('steps.pdf', 'TB-1'));
  const steps = [
    ['进入主界面', '选择「设置」', '选择「安全设置」', '选择「设置密码 / 修改密码」', '输入当前密码', '输入新密码，再输入一次', '保存并退出'],
    ['Go to the main screen', 'Settings', 'Security', 'Set or change password', 'Type the current password',
      'Type the new one, twice', 'Save and leave'],
  ];
  for (const language of steps) {
    let at = 0;
    for (const step of language) {
      at = text.indexOf(step, at);
      assert.ok(at >= 0, step);
    }
  }
});

test('the code on the cover leads to the activation of this device', () => {
  const pdf = manual('code.pdf', 'TB-1', 'SN-77', secretsOf({ '01': number() }), '--address', 'https://bank.example/a');
  const cover = file('cover');
  spawnSync('pdftoppm', ['-png', '-r', '150', '-f', '1', '-l', '1', '-singlefile', pdf, cover]);
  const read = spawnSync(tongbao, ['inspect', 'qr', `${cover}.png`], { encoding: 'utf8' });
  assert.match(read.stdout + read.stderr, /https:\/\/bank\.example\/a\?model=TB-1&serial=SN-77/);
});

/* What somebody may do wrong: status, what is said, and nothing is written. */
const good = secretsOf({ '01': '482105730916' });
const ROWS = [
  ['no model', ['--serial', 'A'], good, 2, /--model/],
  ['an unknown model', ['--model', 'TB-999'], undefined, 2, /no model of terminal/],
  ['a console is no terminal', ['--model', 'CONSOLE'], undefined, 2, /no model of terminal/],
  ['passwords without a serial', ['--model', 'TB-1'], good, 2, /--secrets-fd needs --serial/],
  ['the standard input as descriptor', ['--model', 'TB-1', '--serial', 'A', '--secrets-fd', '0'], undefined, 2, /secrets-fd/],
  ['a language that is not there', ['--model', 'TB-1', '--lang', 'fr'], undefined, 2, /zh, en or both/],
  ['a serial with a slash', ['--model', 'TB-1', '--serial', '../x'], undefined, 2, /--serial/],
  ['a long hot-line', ['--model', 'TB-1', '--hot-line', 'x'.repeat(61)], undefined, 2, /--hot-line/],
  ['no JSON', ['--model', 'TB-1', '--serial', 'A'], 'passwords: 1', 1, /descriptor 3/],
  ['nothing', ['--model', 'TB-1', '--serial', 'A'], '', 1, /descriptor 3/],
  ['no passwords', ['--model', 'TB-1', '--serial', 'A'], { tid: '1', passwords: [] }, 1, /descriptor 3/],
  ['another member', ['--model', 'TB-1', '--serial', 'A'], { ...good, more: 1 }, 1, /descriptor 3/],
  ['an unknown role', ['--model', 'TB-1', '--serial', 'A'],
    { tid: '1', passwords: [{ operator: '01', role: 'king', password: '482105730916' }] }, 1, /descriptor 3/],
  ['a short password', ['--model', 'TB-1', '--serial', 'A'], secretsOf({ '01': '12345678901' }), 1, /descriptor 3/],
  ['a password with a line feed', ['--model', 'TB-1', '--serial', 'A'], secretsOf({ '01': '4821\n5730916' }), 1, /descriptor 3/],
  ['a password in Chinese', ['--model', 'TB-1', '--serial', 'A'], secretsOf({ '01': '四八二一〇五七三' }), 1, /descriptor 3/],
  ['more than a sheet holds', ['--model', 'TB-1', '--serial', 'A'],
    secretsOf({ '00': number(), '01': number(), '02': number(), '03': number(), '99': number() }), 1, /descriptor 3/],
  ['a megabyte', ['--model', 'TB-1', '--serial', 'A'], `{"tid":"${'9'.repeat(1 << 20)}"}`, 1, /descriptor 3/],
];
for (const [name, args, secrets, status, said] of ROWS) {
  test(`bad input: ${name}`, () => {
    const out = file('bad.pdf');
    const done = printManual([...args, '--out', out], secrets);
    assert.equal(done.status, status, done.stderr);
    assert.match(done.stderr, said);
    assert.doesNotMatch(done.stderr, /482105730916|12345678901/, 'what is wrong is said without the password');
    assert.ok(!existsSync(out));
  });
}

test('a folder that is not there, and a font that is not there, are named', () => {
  const there = printManual(['--model', 'TB-1', '--out', file('none/x.pdf')]);
  assert.equal(there.status, 1);
  assert.match(there.stderr, /none\/x\.pdf/);
  const fonts = file('fonts.conf');
  writeFileSync(fonts, `<?xml version="1.0"?><fontconfig><dir>/usr/share/fonts/truetype/dejavu</dir><cachedir>${folder}</cachedir></fontconfig>`);
  const font = printManual(['--model', 'TB-1', '--out', file('x.pdf')], undefined, { FONTCONFIG_FILE: fonts });
  assert.equal(font.status, 1);
  assert.match(font.stderr, /fonts-wqy-microhei/);
  assert.ok(!existsSync(file('x.pdf')));
});

/* A page that is blank, or black, is a fault that no text shows. */
test('every page has ink on it, and paper', () => {
  const pdf = manual('ink.pdf', 'TB-1', 'SN-1', secretsOf({ '00': number(), '01': number(), '99': number() }));
  for (let page = 1; page <= pagesOf(pdf); page += 1) {
    const { dots } = pictureOf(pdf, page);
    const dark = dots.reduce((sum, dot) => sum + (dot < 200 ? 1 : 0), 0) / dots.length;
    assert.ok(dark > 0.005 && dark < 0.6, `page ${page}: ${dark}`);
  }
});
