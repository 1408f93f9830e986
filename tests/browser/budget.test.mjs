/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every page of both consoles keeps to its budget of script (S112, S113): 150 kB as it travels. The time
 * until a page can be used is measured by `node tests/browser/budget.mjs`, and is not a test.
 *
 *   node --test tests/browser/budget.test.mjs     needs build/web
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUDGET_BYTES, CONSOLES, pagesOf } from './budget.mjs';

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
