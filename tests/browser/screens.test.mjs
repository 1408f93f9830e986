/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal's page against the mock: how every scripted screen looks and what the page sends.
 * `npm --prefix web run test:screens` after `npm --prefix web run build`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startMock } from '../../web/terminal/mock/server.mjs';
import { messages, screens } from '../../web/terminal/mock/screens.mjs';
import { SIZES, axeFaults, drawn, launch, layoutFaults, openPage } from './browser.mjs';
import { root } from './stage.mjs';
import { one } from './walks.mjs';

const FIRST_LOAD_MAX = 150 * 1024; /* script and style, gzip: a slow line shows the page in a second */
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
});

/* A mock and a page of its own for each test, so that tests do not lean on each other. */
async function terminal(t, { page: pageOptions, ...mockOptions } = {}) {
  const mock = await startMock(mockOptions);
  const opened = await openPage(browser, mock.url, { viewport: SIZES[0], ...pageOptions });
  t.after(async () => {
    await opened.context.close();
    await mock.close();
  });
  await drawn(opened.page, 1);
  return { mock, ...opened };
}

async function until(what, check) {
  const end = Date.now() + 4000;
  while (!(await check())) {
    assert.ok(Date.now() < end, `${what} did not happen`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

function onScreen(mock, id) {
  return until(`screen ${id} (now ${mock.current().id})`, () => mock.current().id === id);
}

function keypadOf(page, id) {
  return page.waitForSelector(`[data-screen="${id}"] [data-key="position:0"]`);
}

function sentTo(mock, path) {
  return mock.log.filter((entry) => entry.path === path).map((entry) => JSON.parse(entry.body));
}

/* The dark scheme changes colours and nothing else: where they are not looked at, light is enough. */
test('the dark scheme sets colours alone', () => {
  for (const file of ['web/terminal/src/style.css', 'web/shared/style.css']) {
    const css = readFileSync(join(root, file), 'utf8');
    const [, dark] = css.match(/@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}/);
    assert.equal(css.match(/prefers-color-scheme/g).length, 1, file);
    const set = dark.split(';').map((one) => one.trim()).filter((one) => one !== '');
    assert.ok(set.length > 0);
    assert.deepEqual(set.filter((one) => !/^--[a-z-]+: /.test(one)), [], file);
  }
});

/* S2 S6 S7: every screen, both languages, three sizes, light and dark. */
for (const size of SIZES) {
  test(`S2 S6 S7: every screen is whole at ${size.name}`, async (t) => {
    const { mock, page, faults } = await terminal(t, { page: { viewport: size } });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const lang of ['zh', 'en']) {
        for (const id of Object.keys(screens)) {
          const at = `${id} ${lang} ${size.name} ${colorScheme}`;
          /* Roles and colours are the same at every size; sizes have their own few findings. */
          const colours = size.width === 360 || /^(main|sale\.how|sale\.pin|sale\.approved|reprint)$/.test(id);
          /* Colours are the same in both languages: in one run of many, by light in Chinese and in the dark in English. */
          const given = colours && (!one || (colorScheme === 'dark') === (lang === 'en'));
          if (colorScheme === 'dark' && !given) {
            continue;
          }
          await drawn(page, mock.show(id, { lang, stars: 3 }));
          assert.deepEqual(await layoutFaults(page), [], at);
          assert.equal(
            await page.evaluate(() => document.documentElement.lang),
            lang === 'zh' ? 'zh-CN' : 'en',
            at,
          );
          if (given) {
            assert.deepEqual(await axeFaults(page), [], at);
          }
        }
      }
    }
    assert.deepEqual(faults, []);
  });
}

test('the tray in its drawer is whole and accessible', async (t) => {
  const { mock, page, faults } = await terminal(t);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const lang of ['zh', 'en']) {
      for (const size of SIZES.slice(0, 2)) {
        await page.setViewportSize(size);
        await drawn(page, mock.show('sale.how', { lang }));
        await page.click('[data-key="tray"]');
        await page.waitForSelector('.drawer [data-phone] img');
        await page.waitForTimeout(50);
        assert.deepEqual(await layoutFaults(page), [], `${lang} ${size.name} ${colorScheme}`);
        assert.deepEqual(await axeFaults(page), [], `${lang} ${size.name} ${colorScheme}`);
        await page.keyboard.press('Escape');
        await page.waitForSelector('.drawer', { state: 'hidden' });
      }
    }
  }
  assert.equal(mock.current().id, 'sale.how', 'Escape closed the drawer and nothing else');
  assert.deepEqual(faults, []);
});

/* S34 S185: what the host has sent to the owner is on the telephone in the tray: told by a dot while the
   tray is shut, the newest first, links in a tab of their own, whole in every size and both schemes. */
test('S185: the owner\'s telephone in the tray', async (t) => {
  const { mock, page, faults } = await terminal(t, { page: { viewport: SIZES[0] } });
  await drawn(page, mock.show('sale.how', { lang: 'zh' }));
  assert.equal(await page.locator('.news, [data-part="owner"]').count(), 0);
  mock.receive(messages.slice(1));
  await page.waitForSelector('[data-key="tray"] .news');
  assert.match(await page.getAttribute('[data-key="tray"]', 'aria-label'), /有新消息/);
  await page.click('[data-key="tray"]');
  await page.waitForSelector('.drawer [data-message="2"]');
  await page.waitForSelector('.news', { state: 'detached' });
  mock.receive(messages);
  await page.waitForSelector('.drawer [data-message="3"]');
  const numbers = () =>
    page.$$eval('.drawer [data-message]', (all) => all.map((m) => Number(m.dataset.message)));
  assert.deepEqual(await numbers(), [3, 2]);
  await page.click('.drawer [data-part="earlier"]');
  assert.deepEqual(await numbers(), [3, 2, 1]);
  const link = page.locator('.drawer [data-message="3"] a');
  assert.equal(await link.count(), 1);
  assert.equal(await link.getAttribute('href'), /http:\/\/[!-~]+/.exec(messages[0].text)[0]);
  assert.equal(await link.getAttribute('target'), '_blank');
  assert.match(await link.getAttribute('rel'), /noopener/);
  await page.keyboard.press('Escape');
  await page.waitForSelector('.drawer', { state: 'hidden' });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await drawn(page, mock.show('sale.how', { lang: colorScheme === 'light' ? 'zh' : 'en' }));
      const narrow = size !== SIZES[2];
      if (narrow) {
        await page.click('[data-key="tray"]');
      }
      await page.waitForSelector('[data-part="owner"] [data-message="3"]');
      await page.waitForTimeout(50);
      assert.deepEqual(await layoutFaults(page), [], `${size.name} ${colorScheme}`);
      assert.deepEqual(await axeFaults(page), [], `${size.name} ${colorScheme}`);
      if (narrow) {
        await page.keyboard.press('Escape');
        await page.waitForSelector('.drawer', { state: 'hidden' });
      }
    }
  }
  assert.deepEqual(faults, []);
});

test('without a tray there is no tray', async (t) => {
  const { page } = await terminal(t, { withTray: false, page: { viewport: SIZES[2] } });
  assert.equal(await page.locator('[data-part="tray"], [data-key="tray"]').count(), 0);
  const body = await page.locator('.terminal').boundingBox();
  assert.ok(Math.abs(body.x + body.width / 2 - SIZES[2].width / 2) < 2, 'the terminal is in the middle');
});

/* S4 S74 S183: the whole road by keyboard alone, from the log-in to the receipt and back. */
test('S4 S74: keyboard alone, log-in to receipt', async (t) => {
  const { mock, page, faults } = await terminal(t, { page: { viewport: SIZES[2] } });
  const keys = page.keyboard;
  await keys.type('01');
  await until('two digits', async () => (await page.textContent('.digits')) === '01');
  await keys.press('Enter');
  await onScreen(mock, 'login.password');
  await keypadOf(page, 'login.password');
  await keys.type('48159263');
  await until('eight stars', () => mock.current().stars === 8);
  await keys.press('Enter');
  await onScreen(mock, 'password.new');
  await keypadOf(page, 'password.new');
  await keys.type('905316');
  await keys.press('Backspace');
  await until('five stars', () => mock.current().stars === 5);
  await keys.press('Enter'); /* too short: the vault keeps the entry open */
  await keys.type('72');
  await until('seven stars', () => mock.current().stars === 7);
  await keys.press('Enter');
  await onScreen(mock, 'password.repeat');
  await keypadOf(page, 'password.repeat');
  await keys.type('9053172');
  await keys.press('Enter');
  await onScreen(mock, 'signin');
  await onScreen(mock, 'main');

  /* Arrows walk over the tiles; what has the focus is seen. */
  await page.waitForSelector('[data-screen="main"]');
  await keys.press('ArrowDown');
  await keys.press('ArrowUp');
  const focused = await page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return [document.activeElement.dataset.key, outlineStyle, parseFloat(outlineWidth) >= 3];
  });
  assert.deepEqual(focused, ['choice:sale', 'solid', true]);
  await keys.press('Enter');
  await onScreen(mock, 'sale.amount');
  await page.waitForSelector('[data-screen="sale.amount"]');
  await keys.type('12800');
  await until('128.00', async () => (await page.textContent('.digits')) === '128.00');
  await keys.press('Escape');
  await onScreen(mock, 'main');
  await page.waitForSelector('[data-screen="main"]');
  await keys.press('1'); /* the number on the tile */
  await onScreen(mock, 'sale.amount');
  await page.waitForSelector('[data-screen="sale.amount"]');
  await keys.type('12800');
  await keys.press('Enter');
  await onScreen(mock, 'sale.how');
  await page.waitForSelector('[data-screen="sale.how"]');

  /* Tab reaches the card in the tray, Enter swipes it. */
  for (let step = 0; step < 30; step += 1) {
    if (await page.evaluate(() => document.activeElement.dataset.card === 'good')) {
      break;
    }
    await keys.press('Tab');
  }
  await keys.press('Enter');
  await onScreen(mock, 'sale.pin');
  await keypadOf(page, 'sale.pin');
  await keys.type('123456');
  await until('six stars', () => mock.current().stars === 6);
  await page.evaluate(() => document.querySelector('#screen-title').focus());
  await keys.press('Enter');
  await onScreen(mock, 'sale.approved');
  await page.waitForSelector('[data-screen="sale.approved"]');
  assert.match(await page.textContent('[data-part="receipt-text"]'), /622209\*{6}6620/);
  await keys.press('Escape');
  await onScreen(mock, 'main');
  assert.deepEqual(faults, []);
});

test('S4: the way back is on every screen that has one, and Escape takes it', async (t) => {
  const { mock, page } = await terminal(t);
  for (const [id, make] of Object.entries(screens)) {
    const made = make((zh) => zh, { typed: '', amount: '0.00', amountText: '', stars: 0, speech: 1 });
    if (!made.keys.includes('cancel')) {
      continue;
    }
    await drawn(page, mock.show(id));
    assert.ok(await page.isVisible('.heading [data-key="cancel"], .zone[data-key="cancel"]'), id);
    const before = mock.log.length;
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('Escape');
    await until(`cancel on ${id}`, () => mock.log.length > before);
  }
});

test('S5: the countdown runs between two screens', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('sale.wait', { lang: 'en' }));
  assert.match(await page.textContent('.waiting-seconds'), /57/);
  await page.waitForFunction(() => /5[56]/.test(document.querySelector('.waiting-seconds').textContent));
  await drawn(page, mock.show('sale.approved')); /* 30 s, then the main screen */
  await page.waitForFunction(() => /Back in 2[89] s/.test(document.querySelector('.under')?.textContent));
  await drawn(page, mock.show('sale.amount')); /* 60 s: nobody has to hurry yet */
  assert.equal(await page.locator('.under').count(), 0);
});

/* S61: the digits of a PIN or password are in no request, no page text and no storage. */
test('S61: a secure entry leaves the page as sealed positions only', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('sale.pin'));
  await page.waitForSelector('[data-key="position:0"]');
  const from = mock.log.length;
  const pin = '739104';
  for (const [at, digit] of [...pin].entries()) {
    if (at % 2 === 0) {
      await page.keyboard.press(digit);
    } else {
      await page.click(`.keypad-digits button[aria-label="${digit}"]`);
    }
  }
  await until('six stars', () => mock.current().stars === 6);
  const said = mock.log.slice(from);
  assert.equal(said.length, pin.length);
  const sealed = new Set();
  for (const { path, body } of said) {
    assert.equal(path, '/api/entry');
    const message = JSON.parse(body);
    assert.deepEqual(Object.keys(message).sort(), ['sealed', 'serial']);
    assert.equal(Buffer.from(message.sealed, 'base64').length, 8 + 1 + 16);
    sealed.add(message.sealed.slice(12));
  }
  assert.equal(sealed.size, pin.length, 'no two sealed keys are alike');
  const seen = await page.evaluate(() => [
    document.querySelector('[data-part="stars"]').textContent.trim(),
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
    document.cookie,
    document.querySelectorAll('input').length,
  ]);
  assert.deepEqual(seen, ['', '[{},{}]', '', 0]);

  /* The layout is another one each time, and keys typed fast all arrive, in their order. */
  const layouts = new Set();
  for (let time = 0; time < 4; time += 1) {
    await drawn(page, mock.show('sale.pin'));
    layouts.add(mock.current().layout);
  }
  assert.ok(layouts.size > 1);
});

/* S165: forty digits are shown at once, in fives, to be written down; where they are typed again the page says how
   many there are, since no line holds forty places. */
test('S165: the owner\'s key of forty digits, shown and typed', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('backup.owner', { lang: 'zh' }));
  await page.waitForSelector('.secret-group');
  const groups = await page.$$eval('.secret-group', (all) => all.map((e) => [e.textContent.trim(), e.getBoundingClientRect()]));
  assert.equal(groups.length, 8);
  const foot = await page.locator('.foot').boundingBox();
  for (const [digits, box] of groups) {
    assert.equal(digits.length, 5);
    assert.ok(box.left >= 0 && box.right <= SIZES[0].width && box.bottom <= foot.y, `${digits} is seen whole`);
  }
  for (const count of [24, 25, 40]) {
    await drawn(page, mock.show('backup.key', { stars: count }));
    await until(`${count} digits`, async () => (await page.textContent('[data-part="stars"]')).trim() === `${count} / 40`);
  }
  assert.deepEqual(await layoutFaults(page), []);
});

/* What a person beside it could see or hear of one key being held down. */
async function lookOf(key) {
  return await key.evaluate((e) => {
    const s = getComputedStyle(e);
    return [s.backgroundColor, s.color, s.boxShadow, s.transform, s.opacity, s.filter, s.outline].join(' ');
  });
}

test('S73: where others look on it is dim, and no key tells that it was touched', async (t) => {
  const { mock, page } = await terminal(t);
  await page.evaluate(() => {
    window.noises = 0;
    const noise = () => {
      window.noises += 1;
      return Promise.resolve();
    };
    HTMLMediaElement.prototype.play = noise;
    window.AudioContext = class {
      constructor() {
        void noise();
      }
    };
    navigator.vibrate = noise;
  });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    mock.show('password.private');
    await keypadOf(page, 'password.private');
    const brightest = await page.evaluate(() => {
      const all = [document.querySelector('.view'), ...document.querySelectorAll('.keypad .key')];
      const levels = all.map((e) => getComputedStyle(e).backgroundColor.match(/\d+/g).slice(0, 3).map(Number));
      return Math.max(...levels.flat());
    });
    assert.ok(brightest < 80, `something is as bright as ${brightest}`);
    for (const at of [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]) {
      const key = page.locator(`[data-key="position:${at}"]`);
      await key.hover();
      const before = await lookOf(key);
      await page.mouse.down();
      assert.equal(await lookOf(key), before, `key ${at} lights up`);
      const sent = sentTo(mock, '/api/entry').length;
      await page.mouse.up();
      await until('the touch', () => sentTo(mock, '/api/entry').length === sent + 1);
    }
  }
  const sizes = new Set(sentTo(mock, '/api/entry').map((body) => body.sealed.length));
  assert.equal(sizes.size, 1, 'a touch is as long as any other');
  assert.equal(await page.evaluate(() => window.noises), 0);

  /* On another keypad keys do light up: the look of a key is what this test reads. */
  mock.show('password.strength');
  await keypadOf(page, 'password.strength');
  const key = page.locator('[data-key="position:0"]');
  await key.hover();
  const before = await lookOf(key);
  await page.mouse.down();
  assert.notEqual(await lookOf(key), before);
  await page.mouse.up();
});

test('the panel is opened anew after a 409, and the newest page has the keypad', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('locked'));
  await keypadOf(page, 'locked');
  mock.forgetPanel(); /* as when the vault was started again */
  await page.keyboard.press('5');
  await until('the panel', () => sentTo(mock, '/api/panel').length === 2);
  await keypadOf(page, 'locked');
  await page.keyboard.press('5');
  await until('one star', () => mock.current().stars === 1);
  const other = await openPage(browser, mock.url, { viewport: SIZES[0] });
  await other.page.waitForSelector('[data-key="position:0"]');
  await page.waitForSelector('[data-key="take-over"]');
  assert.deepEqual(await layoutFaults(page), []);
  await page.click('[data-key="take-over"]');
  await page.waitForSelector('[data-key="position:0"]');
  await page.keyboard.press('5');
  await until('one star', () => mock.current().stars === 1);
  await other.context.close();
});

test('a lost connection is said calmly, and mended', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('sale.amount', { lang: 'en', cents: '' }));
  await page.route('**/api/**', (route) => route.abort());
  mock.drop();
  await page.waitForSelector('.lost');
  assert.match(await page.textContent('.lost'), /Reconnecting/);
  assert.deepEqual(await layoutFaults(page), []);
  assert.deepEqual(await axeFaults(page), []);
  await page.keyboard.type('5'); /* goes nowhere, and is not sent later */
  await page.unroute('**/api/**');
  await page.waitForSelector('.lost', { state: 'detached', timeout: 8000 });
  await page.keyboard.type('7');
  await until('0.07', async () => (await page.textContent('.digits')) === '0.07');
});

test('a second tap on the same button is not a second wish', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('main'));
  await page.evaluate(() => {
    const tile = document.querySelector('[data-key="choice:sale"]');
    tile.click();
    tile.click();
    tile.click();
  });
  await onScreen(mock, 'sale.amount');
  await page.waitForTimeout(100);
  assert.equal(sentTo(mock, '/api/key').length, 1);
});

test('digits typed fast all arrive, in their order, each for its own screen', async (t) => {
  const { mock, page } = await terminal(t);
  await drawn(page, mock.show('sale.amount', { cents: '' }));
  await page.keyboard.type('9876543');
  await until('the amount', async () => (await page.textContent('.digits')) === '98765.43');
  const serials = sentTo(mock, '/api/key').map((message) => message.serial);
  assert.deepEqual(serials, [...new Set(serials)]);
});

/* S90: spoken once for each number, the words are on the screen, and it can be heard again. */
test('S90: an announcement is played once, also when the page is loaded again', async (t) => {
  const { mock, page } = await terminal(t);
  const played = () => mock.log.filter((entry) => entry.path.startsWith('/api/speech/')).length;
  await drawn(page, mock.show('sale.approved', { lang: 'zh' }));
  await until('the sound', () => played() === 1);
  assert.match(await page.textContent('[data-part="speech"]'), /收款到账 128 元/);
  mock.show('sale.approved');
  await page.reload();
  await drawn(page, 1);
  await page.waitForTimeout(200);
  assert.equal(played(), 1);
  await page.click('[data-key="play"]');
  await until('the sound again', () => played() === 2);
});

/* S74 S77: the tray presents a card, and the very picture of a phone, to a terminal that listens. */
test('S74 S77: cards by touch, by dragging, and a code from its picture', async (t) => {
  const { mock, page, faults } = await terminal(t, { page: { hasTouch: true, viewport: SIZES[0] } });
  await drawn(page, mock.show('main', { lang: 'en' }));
  await page.tap('[data-key="tray"]');
  await page.tap('[data-card="good"]');
  await page.waitForSelector('.tray-said:has-text("card reader is off")');
  assert.equal(sentTo(mock, '/api/tray/card').length, 0);
  await page.tap('[data-part="close"]');
  await page.waitForSelector('.drawer', { state: 'hidden' });

  await drawn(page, mock.show('sale.how'));
  await page.tap('[data-key="tray"]');
  await page.tap('[data-card="silent"]');
  await onScreen(mock, 'sale.pin');
  assert.deepEqual(sentTo(mock, '/api/tray/card'), [{ name: 'silent' }]);
  await page.waitForSelector('.drawer', { state: 'hidden' });

  await page.setViewportSize(SIZES[2]);
  await drawn(page, mock.show('sale.card'));
  await page.dragAndDrop('[data-card="good"]', '.glass');
  await onScreen(mock, 'sale.pin');
  await drawn(page, mock.show('sale.scan'));
  await page.waitForSelector('[data-phone="asks"] img');
  await page.click('[data-phone="asks"] [data-part="fresh"]'); /* the mock reads the newest only */
  await page.waitForTimeout(150);
  await page.click('[data-phone="asks"] [data-part="show"]');
  await onScreen(mock, 'sale.wallet');
  assert.deepEqual(faults, []);
});

test('script and style at first load are small', async (t) => {
  const { gzipSync } = await import('node:zlib');
  const { readdirSync, readFileSync } = await import('node:fs');
  const folder = new URL('../../build/web/terminal/assets/', import.meta.url);
  const bytes = readdirSync(folder)
    .map((name) => gzipSync(readFileSync(new URL(name, folder))).length)
    .reduce((sum, size) => sum + size, 0);
  t.diagnostic(`gzip: ${bytes} bytes`);
  assert.ok(bytes < FIRST_LOAD_MAX, `${bytes} bytes`);
});
