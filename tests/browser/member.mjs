/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody at a console who sets up an account by its link, and short words for what he does there; `at` is
 * what withDemo() gives, once it has started.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Clerk } from './clerk.mjs';

export const WAIT_MS = 30000;
export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true };
export const PC = { viewport: { width: 1440, height: 900 } };

export async function member(at, link, lang, page) {
  const v = await Clerk.at(at.browser, link, { lang, hand: 'mouse', page });
  v.presses = (target) => target.click();
  v.fill = (label, text, within = v.page) => within.getByLabel(label, { exact: true }).fill(text);
  return v.setsUp();
}

export const press = (v, name, within = v.page) => within.getByRole('button', { name, exact: true }).click();
export const title = (v, text) => v.page.getByRole('heading', { level: 1, name: text }).waitFor({ timeout: WAIT_MS });
export const sees = (v, text) => v.page.getByText(text).first().waitFor({ timeout: WAIT_MS });
export const hears = (v, role, text) => v.page.getByRole(role).filter({ hasText: text }).first().waitFor({ timeout: WAIT_MS });

/* Shows a factor once more where the host wants one, until `role` says `text`. */
export async function confirms(v, role, text) {
  const again = v.page.locator('.step-up');
  const said = v.page.getByRole(role).filter({ hasText: text }).first();
  await again.or(said).first().waitFor({ timeout: WAIT_MS });
  if (await again.isVisible()) await again.getByRole('button').first().click();
  await said.waitFor({ timeout: WAIT_MS });
}

/* The picture, and what is wrong with the page at this step. */
export async function look(at, v, name) {
  await v.page.screenshot({ path: join(at.pictures, `${name}.png`), fullPage: true });
  assert.equal(await v.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways`);
  const small = await v.page.evaluate(() =>
    [...document.querySelectorAll('button, select, summary')]
      .filter((b) => b.checkVisibility() && b.getBoundingClientRect().height < 43.5)
      .map((b) => b.textContent.trim()),
  );
  assert.deepEqual(small, [], `${name}: too small to touch`);
  await v.look(name);
}
