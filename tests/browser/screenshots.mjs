/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes pictures of every scripted screen into build/screenshots, for people to look at:
 * `node tests/browser/screenshots.mjs [word in the screen's name]`. Not a test.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startMock } from '../../web/terminal/mock/server.mjs';
import { screens } from '../../web/terminal/mock/screens.mjs';
import { SIZES, drawn, launch, openPage } from './browser.mjs';

const out = fileURLToPath(new URL('../../build/screenshots/', import.meta.url));
const wanted = process.argv[2] ?? '';
mkdirSync(out, { recursive: true });
const mock = await startMock();
const browser = await launch();
const { page, faults } = await openPage(browser, mock.url);
for (const scheme of ['light', 'dark']) {
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const lang of ['zh', 'en']) {
      for (const id of Object.keys(screens).filter((name) => name.includes(wanted))) {
        await drawn(page, mock.show(id, { lang, stars: 3 }));
        await page.waitForTimeout(60);
        await page.screenshot({ path: `${out}${id}-${lang}-${size.name}-${scheme}.png` });
      }
    }
  }
}
faults.forEach((fault) => console.log(fault));
await browser.close();
await mock.close();
