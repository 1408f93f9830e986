/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every page of both consoles keeps to its budget of script (S112, S113): 150 kB as it travels. The time
 * until a page can be used is measured by `node tests/browser/budget.mjs`, and is not a test.
 *
 *   node --test tests/browser/budget.test.mjs     needs build/web
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BUDGET_BYTES, CONSOLES, pagesOf } from './budget.mjs';
import { root } from './stage.mjs';

for (const name of CONSOLES) {
  test(`every page of ${name} is within its budget`, () => {
    const pages = pagesOf(name);
    assert.ok(pages.length >= 7, `${pages.length} pages are loaded one by one`);
    for (const { page, bytes } of pages) {
      assert.ok(bytes > 20 * 1024, `${page}: ${bytes} bytes cannot be all of it`);
      assert.ok(bytes <= BUDGET_BYTES, `${page}: ${bytes} of ${BUDGET_BYTES} bytes`);
    }
  });
}

/* The document names everything that it begins with, so that it is fetched at once; the entry, which asks the host who is in, is small. */
for (const name of CONSOLES) {
  test(`${name} asks who is in before the rest is there`, () => {
    const folder = join(root, 'build/web', name);
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    const file = (pattern) => join(folder, 'assets', html.match(pattern)?.[1] ?? 'none');
    const entry = file(/<script type="module"[^>]* src="[^"]*assets\/([\w.-]+\.js)"/);
    const rest = file(/<link rel="modulepreload"[^>]* href="[^"]*assets\/([\w.-]+\.js)"/);
    assert.ok(statSync(entry).size < 4096, `${statSync(entry).size} bytes`);
    assert.ok(statSync(rest).size > 20 * 1024);
    assert.match(readFileSync(entry, 'utf8'), /\/session/);
    assert.doesNotMatch(html, /<script(?![^>]* src=)/, 'no inline script');
  });
}
