/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is printed for a parcel (S138), drawn by tongbao-paper and read back: the label of box and device, and the shop's manual.
 * Names that somebody has typed are hostile: script, formulas, marks of direction, letters that no font has, and far too long.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { contentOf, pagesOf, textOf, tongbao, wordsOf } from './paper.mjs';

const WIDTH = 283.46; /* 100 x 150 mm */
const HEIGHT = 425.2;
const program = join(dirname(tongbao), 'tongbao-paper');
const good = {
  serial: 'TB1-2030-000018',
  model: 'TB-1',
  terminal: '10000018',
  name_zh: '海淀区开源茶馆',
  name_en: 'HAIDIAN KAIYUAN TEA HOUSE',
  address: '北京市海淀区中关村大街1号科贸大厦北侧三层301室',
  phone: '139****1233',
  courier: 'TB0000000001',
  link: 'https://pay.example/apply/status',
};
const nothing = Object.fromEntries(Object.keys(good).map((name) => [name, '']));

let folder;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'tongbao-label-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/* The code of an err, then the PDF. */
function draw(kind, asked) {
  const input = typeof asked === 'string' ? asked : JSON.stringify(asked);
  const done = spawnSync(program, [`--${kind}`], { input, maxBuffer: 1 << 26 });
  assert.equal(done.status, 0, String(done.stderr));
  const pdf = join(folder, `${kind}.pdf`);
  writeFileSync(pdf, done.stdout.subarray(1));
  return { code: done.stdout[0], size: done.stdout.length - 1, pdf };
}

function codeOf(pdf) {
  const picture = pdf.replace(/\.pdf$/, '');
  spawnSync('pdftoppm', ['-png', '-r', '150', '-f', '1', '-l', '1', '-singlefile', pdf, picture]);
  const read = spawnSync(tongbao, ['inspect', 'qr', `${picture}.png`], { encoding: 'utf8' });
  assert.equal(read.status, 0, read.stderr);
  return JSON.parse(read.stdout).text;
}

/* One page, nothing outside of it, and no line upon another. */
function fits(pdf) {
  const words = wordsOf(pdf);
  assert.equal(pagesOf(pdf), 1);
  for (const { left, right, top, bottom, text } of words) {
    assert.ok(left >= 8 && right <= WIDTH - 8 && top >= 8 && bottom <= HEIGHT - 8, `${text} ${left} ${top} ${right} ${bottom}`);
  }
  for (const [i, a] of words.entries()) {
    for (const b of words.slice(i + 1)) {
      const over = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
      assert.ok(!over, `${a.text} upon ${b.text}`);
    }
  }
}

test('S138: a label has the serial number as text and as its only code, and says whose the terminal is', () => {
  const { code, pdf } = draw('label', good);
  assert.equal(code, 0);
  fits(pdf);
  const text = textOf(pdf);
  for (const name of ['serial', 'model', 'terminal', 'name_zh', 'name_en', 'phone', 'courier']) assert.ok(text.includes(good[name]), name);
  assert.ok(text.replace(/\s/g, '').includes(good.address));
  for (const word of ['序列号', 'Serial number', '商户', 'Shop', '收货地址', 'Address', '运单号', 'Courier number']) assert.ok(text.includes(word), word);
  assert.equal(codeOf(pdf), good.serial);
});

test('S138: on the shelf a label has the device and nobody', () => {
  const { code, pdf } = draw('label', { ...nothing, serial: 'TB1-2030-000018', model: 'TB-1' });
  assert.equal(code, 0);
  fits(pdf);
  assert.doesNotMatch(textOf(pdf), /商户|收货地址|运单号|终端号/);
  assert.equal(codeOf(pdf), 'TB1-2030-000018');
});

const HOSTILE = [
  ['script', '<script>alert(1)</script>'],
  ['markup of the drawing library', '<span size="400000">大</span>&amp;&#x0;'],
  ['a formula', "=HYPERLINK(\"http://x\")|'A1'!A0"],
  ['an override of direction', '\u202e店茶\u202d 10000019 \u2066\u2069\u200f'],
  ['from the right to the left', 'مطعم النخيل الذهبي'],
  ['signs that no font has', '\u{1F600}\u{1F468}\u200D\u{1F469}\u{E000}\u{10FFFD}'],
  ['many marks upon one letter', `a${'\u0301'.repeat(60)}`],
  ['controls', 'a\u0007\u001b[31m\u0085\u2028\u2029\nb\tc'],
  ['no space in it', 'X'.repeat(160)],
  ['very long', '海'.repeat(53)],
];
for (const [name, typed] of HOSTILE) {
  test(`a name that is ${name} spoils no label and no manual`, () => {
    const cut = (max) => { /* as the host keeps it: so many bytes of UTF-8 */
      let text = typed;
      while (Buffer.byteLength(text) > max) text = [...text].slice(0, -1).join('');
      return text;
    };
    const asked = { ...good, name_zh: cut(160), name_en: cut(160), address: cut(120) };
    const label = draw('label', asked);
    assert.equal(label.code, 0);
    fits(label.pdf);
    assert.equal(codeOf(label.pdf), good.serial);
    const text = textOf(label.pdf);
    assert.ok(text.includes('10000018') && text.includes('139****1233') && text.includes('TB0000000001'));
    assert.doesNotMatch(text, /[\u202e\u202d\u2066\u2069\u200f\u0007\u001b]10000018/);
    assert.doesNotMatch(contentOf(label.pdf).toString('latin1'), /\/JavaScript|\/URI|\/Launch|\/OpenAction/);
    const manual = draw('manual', asked);
    assert.equal(manual.code, 0);
    assert.ok(manual.size < 240 * 1024);
    assert.ok(textOf(manual.pdf).includes(good.serial));
  });
}

test('S138: a manual of a shop names it, and has no password and no sheet for one', () => {
  const { code, pdf } = draw('manual', good);
  assert.equal(code, 0);
  const text = textOf(pdf);
  assert.ok(text.includes(good.name_zh) && text.includes(good.serial) && text.includes(good.terminal));
  assert.match(text.replace(/\s+/g, ' '), /There is no password in it/);
  assert.doesNotMatch(text, /沿此线折叠|fold here|Initial passwords, one use each/);
  assert.equal(codeOf(pdf), `${good.link}?model=TB-1&serial=${good.serial}`);
});

test('what is asked must have its form', () => {
  for (const asked of ['', '{}', '[]', 'x', JSON.stringify({ ...good, serial: '' }), JSON.stringify({ ...good, more: '1' }),
    JSON.stringify({ ...good, serial: 'X'.repeat(33) }), '{'.repeat(4000)]) {
    assert.notEqual(draw('label', asked).code, 0, asked.slice(0, 40));
    assert.equal(draw('label', asked).size, 0);
  }
  assert.notEqual(draw('manual', { ...good, model: 'TB-999' }).code, 0);
  for (const args of [[], ['--label', '--manual']]) assert.equal(spawnSync(program, args, { input: '' }).status, 2);
});
