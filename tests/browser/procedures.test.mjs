/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of procedures itself: its files exist, each of them compares what it has walked with the table,
 * and its menus are screens that docs/screens.md knows. What is on the menus is compared where they are
 * shown (walks.mjs), and here it is seen that the comparison notices what is missing.
 *
 *   node --test tests/browser/procedures.test.mjs
 */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ENDS, LISTS, MENUS } from './procedures.mjs';
import { root } from './stage.mjs';
import { ALONE, Walks, leftOut } from './walks.mjs';

const rows = Object.entries(MENUS).flatMap(([menu, entries]) =>
  Object.entries(entries).map(([key, [file, end]]) => ({ menu, key, file, end })),
);

test('each file of the table compares its walks with it', () => {
  for (const file of new Set([...rows.map((row) => row.file), ...Object.values(ENDS)])) {
    const text = readFileSync(join(root, `tests/browser/${file}.test.mjs`), 'utf8');
    const walked = new RegExp(`everythingIsWalked\\('${file}'|atDemo\\('${file}'[^]*^at\\.walked\\(\\);$`, 'm');
    assert.match(text, walked, file);
  }
});

test('where each file makes one walk, both languages are among them, and each of these files has both', () => {
  const kept = Object.values(ALONE);
  assert.ok(['zh', 'en'].every((lang) => kept.filter((one) => one === lang).length >= kept.length / 3), kept.join(' '));
  for (const file of Object.keys(ALONE)) {
    const text = readFileSync(join(root, `tests/browser/${file}.test.mjs`), 'utf8');
    assert.match(text, /at\.both\(|leftToWalks\(/, file);
  }
});

test('menus, lists and ends are screens of docs/screens.md', () => {
  const known = readFileSync(join(root, 'docs/screens.md'), 'utf8');
  const named = [...Object.keys(MENUS), ...Object.keys(LISTS), ...Object.keys(ENDS), ...rows.map((row) => row.end)];
  assert.deepEqual(named.filter((id) => !known.includes(`\`${id}\``)), []);
});

test('docs/screens.md has every screen that the terminal can show', () => {
  const known = readFileSync(join(root, 'docs/screens.md'), 'utf8');
  const folder = join(root, 'terminal'); /* what is kept about tips is named like screens */
  const shown = readdirSync(folder)
    .filter((file) => file.endsWith('.c'))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(/"([a-z]+\.[a-z_]+)"/g)])
    .map(([, id]) => id)
    .filter((id) => !/^tip\.(?!show)|\.(db|h|c|pem|json|wav|png|sock|html|txt|js|css|escpos|svg)$/.test(id));
  assert.ok(shown.length > 100);
  assert.deepEqual([...new Set(shown)].filter((id) => !known.includes(`\`${id}\``)), []);
});

/* What the demo of one file would have recorded. */
function recorded(screens, keys) {
  const walks = Object.create(Walks.prototype);
  return Object.assign(walks, { recorder: { screens }, keys });
}

const screen = (serial, lang, id, ...keys) => ({
  serial,
  lang,
  id,
  choices: keys.map((key) => ({ key, style: 'list', enabled: true })),
});

test('a new entry, a new menu and a walk that is not made in both languages are noticed', () => {
  const screens = [
    screen(1, 'zh', 'search.menu', 'amount', 'colour'),
    screen(2, 'zh', 'search.value'),
    screen(3, 'zh', 'search.list'),
    screen(4, 'zh', 'search.menu', 'amount'),
    screen(5, 'zh', 'loyalty.menu', 'points'),
  ];
  const faults = leftOut('records', [recorded(screens, [{ serial: 1, key: 'amount' }])], ['zh', 'en'], false);
  assert.ok(faults.includes('search.menu/colour has no walk'));
  assert.ok(faults.includes('loyalty.menu is no menu and no list of procedures.mjs'));
  assert.ok(faults.some((fault) => fault.startsWith('en search.menu/amount does not come to search.list')));
  assert.ok(!faults.some((fault) => fault.startsWith('zh search.menu/amount')));
  assert.ok(!faults.some((fault) => fault.includes('search.menu/amount has no walk')));
});

test('an end that is seen in one language alone is noticed', () => {
  const faults = leftOut('refused', [recorded([screen(1, 'zh', 'sale.kept')], [])], ['zh', 'en'], false);
  assert.ok(faults.includes('en sale.kept was not seen'));
  assert.ok(!faults.includes('zh sale.kept was not seen'));
});

test('where one walk is made, an entry that it leaves out is noticed all the same', () => {
  const faults = leftOut('records', [recorded([screen(1, 'zh', 'search.menu', 'amount', 'colour')], [])], ['zh'], true);
  assert.ok(faults.includes('search.menu/colour has no walk'));
  assert.ok(faults.some((fault) => fault.startsWith('zh search.menu/amount does not come to search.list')));
  assert.ok(!faults.some((fault) => fault.startsWith('en ')));
  const shared = leftOut('refused', [recorded([screen(1, 'zh', 'sale.kept')], [])], ['zh', 'en'], true);
  assert.ok(!shared.some((fault) => fault.includes('sale.kept')), 'of two who share, one was there');
  assert.ok(shared.includes('zh sale.reversed was not seen'));
});

test('what is shown grey needs no walk', () => {
  const later = { serial: 1, lang: 'zh', id: 'main.menu', choices: [{ key: 'member', style: 'tile', enabled: false }] };
  assert.deepEqual(leftOut('nobody', [recorded([later], [])]), []);
});
