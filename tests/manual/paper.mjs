/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paper in the hands of a test: prints a manual, takes its text, and reads the one-time passwords from
 * its picture. They are shapes and no text, so each is compared, dot by dot, with the same digits of
 * a manual whose passwords are known.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

export const tongbao = process.env.TONGBAO ?? 'build/bin/tongbao';
const SCALE = 2; /* dots a point */
/* manual_sheet.c: the first digit's cell, from one to the next, and the gap after each four. */
const CELL = { x: 192, width: 14, gap: 8, top: 232, height: 30, row: 38, digits: 12 };

/* Passwords go the only way there is: over a descriptor. */
export function printManual(args, secrets, env = {}) {
  const input = secrets === undefined || typeof secrets === 'string' ? (secrets ?? '') : JSON.stringify(secrets);
  const all = secrets === undefined ? args : [...args, '--secrets-fd', '3'];
  return spawnSync('sh', ['-c', 'exec "$0" manual "$@" 3<&0', tongbao, ...all], {
    input,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

export function secretsOf(passwords, tid = '10000017') {
  const roles = { '00': 'supervisor', '99': 'administrator' };
  return {
    tid,
    passwords: Object.keys(passwords)
      .sort() /* an object has its whole numbers first: 99, then 00 */
      .map((operator) => ({ operator, role: roles[operator] ?? 'cashier', password: passwords[operator] })),
  };
}

function run(program, args) {
  const done = spawnSync(program, args, { maxBuffer: 1 << 28 });
  assert.equal(done.status, 0, `${program} (poppler-utils): ${done.error ?? done.stderr}`);
  return done.stdout;
}

export const pagesOf = (pdf) => Number(run('pdfinfo', [pdf]).toString().match(/^Pages:\s*(\d+)$/m)[1]);
export const textOf = (pdf, ...options) => run('pdftotext', [...options, pdf, '-']).toString();

/* Every word with its place on its page, in points. */
export function wordsOf(pdf) {
  const words = [];
  let page = 0;
  for (const line of textOf(pdf, '-bbox').split('\n')) {
    page += /<page /.test(line) ? 1 : 0;
    const found = line.match(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*)<\/word>/);
    if (found) {
      const [left, top, right, bottom] = found.slice(1, 5).map(Number);
      words.push({ page, left, top, right, bottom, text: found[5] });
    }
  }
  return words;
}

/* All that stands in the file, its compressed parts too. */
export function contentOf(pdf) {
  const file = readFileSync(pdf);
  const parts = [file];
  for (let at = file.indexOf('stream\n'); at >= 0; at = file.indexOf('stream\n', at + 7)) {
    const end = file.indexOf('endstream', at);
    if (file.subarray(at - 3, at).toString() !== 'end' && end > 0) {
      try {
        parts.push(inflateSync(file.subarray(at + 7, end)));
      } catch {
        parts.push(file.subarray(at + 7, end)); /* not compressed */
      }
    }
  }
  return Buffer.concat(parts);
}

/* A page in grey: { width, height, at(x, y) } */
export function pictureOf(pdf, page) {
  const pgm = run('pdftoppm', ['-gray', '-r', String(72 * SCALE), '-f', String(page), '-l', String(page), pdf]);
  const [head, width, height] = pgm.subarray(0, 40).toString('latin1').match(/^P5\s+(\d+)\s+(\d+)\s+255\s/);
  const dots = pgm.subarray(head.length);
  return { width: Number(width), height: Number(height), dots };
}

function cellOf(picture, row, digit) {
  const rows = [];
  const left = (CELL.x + digit * CELL.width + Math.floor(digit / 4) * CELL.gap) * SCALE;
  for (let y = (CELL.top + row * CELL.row) * SCALE; y < (CELL.top + row * CELL.row + CELL.height) * SCALE; y += 1) {
    rows.push(picture.dots.subarray(y * picture.width + left, y * picture.width + left + CELL.width * SCALE));
  }
  return Buffer.concat(rows).toString('base64');
}

/* What each digit looks like: of a manual that was printed with known passwords. */
export function learnDigits(folder) {
  const known = ['012345678901', '234567890123', '456789012345'];
  const pdf = join(folder, 'known.pdf');
  const printed = printManual(
    ['--serial', 'KNOWN-1', '--model', 'TB-1', '--out', pdf],
    secretsOf({ '00': known[0], '01': known[1], '99': known[2] }),
  );
  assert.equal(printed.status, 0, printed.stderr);
  const picture = pictureOf(pdf, pagesOf(pdf));
  const digits = new Map();
  known.forEach((password, row) =>
    [...password].forEach((digit, at) => {
      const look = cellOf(picture, row, at);
      assert.equal(digits.get(look) ?? digit, digit, 'two digits look the same');
      digits.set(look, digit);
    }),
  );
  assert.equal(new Set(digits.values()).size, 10);
  return digits;
}

/* The passwords on the last page, in their order; '?' for what is no digit. */
export function readPasswords(pdf, digits, count) {
  const picture = pictureOf(pdf, pagesOf(pdf));
  return Array.from({ length: count }, (_, row) =>
    Array.from({ length: CELL.digits }, (__, at) => digits.get(cellOf(picture, row, at)) ?? '?').join(''),
  );
}
