/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A customer who does not see the screen pays by card with PIN at the terminal of a running demo
 * (S179): in Chinese by touch, where a digit is a stroke from wherever the finger comes down, and in
 * English with keys alone, asked for by two fingers on the glass. Nothing that can be heard, seen or
 * counted differs by digit. And a step that is not finished: the time that the administrator has set
 * runs out in front of it (S5).
 *
 *   node --test tests/browser/guide.test.mjs     starts build/bin/tongbao demo
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { axeFaults } from './browser.mjs';
import { Till, atDemo } from './till.mjs';

const at = atDemo('guide');
const PIN = '246810'; /* of the virtual card "good" */
const PLACES = '123456789-0-';

class Customer extends Till {
  /* From now on what is played is written down; the sounds of one device are not heard by tests. */
  async listens() {
    this.cdp = await this.context.newCDPSession(this.page);
    await this.page.evaluate(() => {
      window.played = [];
      HTMLMediaElement.prototype.play = function play() {
        window.played.push(new URL(this.src).pathname);
        return Promise.resolve();
      };
    });
  }

  played() {
    return this.page.evaluate(() => window.played);
  }

  hears(what, pattern, from = 0) {
    return this.until(
      what,
      ([source, at]) => window.played.slice(at).some((path) => new RegExp(source).test(path)),
      [pattern.source, from],
    );
  }

  /* The words of what is said now, from the screen as data. */
  async said(pattern) {
    await this.until(
      `${pattern} to be said`,
      (source) => new RegExp(source).test(document.querySelector('.guided-words, .speech')?.innerText ?? ''),
      pattern.source,
    );
  }

  fingers(type, ...points) {
    return this.cdp.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: points.map(([x, y], id) => ({ x, y, id })),
    });
  }

  /* A corner, once: its name; twice: what it does. */
  async corner(key, times = 2) {
    const box = await this.page.locator(`.zone[data-key="${key}"]`).boundingBox();
    for (let time = 0; time < times; time += 1) {
      await this.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    }
  }

  /* Down somewhere, towards the digit, rest until the click; what is seen then; let go. */
  async stroke(digit, [x, y] = [180, 300]) {
    const { width, height } = this.page.viewportSize();
    const place = PLACES.indexOf(digit);
    const [dx, dy] = [(place % 3) - 1, Math.floor(place / 3) - 1];
    const to = [x + (dx * width) / 4.5, y + (dy * height) / 7];
    const from = (await this.played()).length;
    await this.fingers('touchStart', [x, y]);
    for (let step = 1; step <= 4; step += 1) {
      await this.fingers('touchMove', [x + ((to[0] - x) * step) / 4, y + ((to[1] - y) * step) / 4]);
    }
    await this.hears('the click', /tone_click/, from);
    const seen = createHash('sha256').update(await this.page.screenshot()).digest('hex');
    await this.fingers('touchEnd');
    return seen;
  }

  stars(count) {
    return this.until(
      `${count} stars`,
      (n) => document.querySelectorAll('.star.full').length === n,
      count,
    );
  }

  async swipes() {
    const narrow = this.page.locator('.view [data-key="tray"]');
    if (await narrow.isVisible()) {
      await narrow.click();
    }
    await this.page.locator('[data-card="good"]').first().click();
  }
}

/* What left the page and what was heard, without the numbers that go up by themselves. */
function plain(paths) {
  return paths.map((path) => path.replace(/\d{6,}/, 'N'));
}

test('S179: by touch, in Chinese, without seeing', async (t) => {
  const who = await at.arrives(t, Customer, 'zh', 'touch', { viewport: { width: 360, height: 640 }, hasTouch: true });
  await at.firstDay(who, '01');
  await who.signsIn();
  await who.listens();
  await who.amount('128');
  await who.touch('.view [data-key="choice:guide"]');
  await who.said(/付款金额一百二十八元.*请插卡/);
  await who.swipes();
  await who.sees('guide.start');
  await who.said(/屏幕四角是功能键/);

  /* One touch says a key's name and does nothing. */
  await who.corner('ok', 1);
  await who.hears('the name of the key', /clip\/zh_key_begin\.wav$/);
  assert.equal((await who.shown()).id, 'guide.start');
  await who.page.waitForTimeout(750); /* longer than two touches may be apart */
  await who.corner('choice:practice');
  await who.sees('guide.practice');
  await who.stroke('2');
  await who.until('the next exercise', () => window.played.filter((p) => /speech/.test(p)).length > 0);
  await who.corner('cancel');
  await who.sees('guide.start');
  await who.page.waitForTimeout(750);
  await who.corner('ok');
  await who.sees('sale.pin');
  await who.page.waitForSelector('.guided-pad.strokes');

  /* A short touch enters nothing, nor do two fingers. */
  await who.fingers('touchStart', [180, 300]);
  await who.fingers('touchEnd');
  await who.fingers('touchStart', [120, 300], [240, 300]);
  await who.page.waitForTimeout(750);
  await who.fingers('touchEnd');
  await who.stars(0);

  const sent = [];
  who.page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/tray')) {
      sent.push([request.method(), plain([pathname])[0], request.postData()?.length ?? 0]);
    }
  });
  const traces = [];
  const looks = new Set();
  for (const digit of '5019') {
    const [heard, left] = [(await who.played()).length, sent.length];
    looks.add(await who.stroke(digit, digit === '1' ? [200, 330] : [180, 280]));
    await who.stars(1);
    await who.hears('the tone of a digit', /api\/speech/, heard);
    const played = await who.played();
    const tone = await who.page.evaluate(
      async (path) => [...new Uint8Array(await (await fetch(path)).arrayBuffer())].length,
      played.at(-1),
    );
    traces.push({ heard: plain(played.slice(heard)), sent: sent.slice(left), tone });
    await who.corner('clear');
    await who.stars(0);
    await who.page.waitForTimeout(750);
  }
  assert.equal(looks.size, 1, 'the screen looks the same wherever the finger rests');
  assert.ok(traces[0].tone > 1000 && traces[0].sent.length >= 1);
  traces.forEach((trace) => assert.deepEqual(trace, traces[0]));

  for (const [n, digit] of [...PIN].entries()) {
    await who.stroke(digit, [150 + 12 * n, 260 + 8 * n]);
    await who.stars(n + 1);
  }
  await who.corner('ok');
  await who.sees('sale.approved');
  await who.said(/收款到账 128 元/);
  assert.deepEqual(who.faults, []);
  await who.ok();
  await who.sees('main.menu');
  await who.logsOut();
});

test('S179: with keys, in English, asked for by two fingers', async (t) => {
  const who = await at.arrives(t, Customer, 'en', 'keyboard', { viewport: { width: 720, height: 1280 }, hasTouch: true, colorScheme: 'dark' });
  await who.logsIn('01');
  await who.pastTips('main.menu');
  await who.listens();
  await who.amount('35');
  await who.fingers('touchStart', [200, 700], [500, 700]);
  await who.said(/The amount is thirty five yuan/);
  await who.fingers('touchEnd');
  await who.swipes();
  await who.sees('guide.start');
  await who.said(/Touch once to hear the name/);
  await who.page.keyboard.press('F2'); /* once more */
  await who.ok();
  await who.sees('sale.pin');
  await who.page.waitForSelector('.guided-pad.strokes');
  await who.page.keyboard.type(PIN);
  await who.stars(6);
  await who.page.keyboard.press('Backspace');
  await who.stars(5);
  await who.page.keyboard.press('Delete');
  await who.stars(0);
  await who.page.keyboard.type(PIN);
  await who.stars(6);
  await who.page.keyboard.press('Enter');
  await who.sees('sale.approved');
  await who.ok();
  await who.sees('main.menu');
  /* Large keys, for who sees a little: one touch is one digit. */
  await who.amount('7');
  await who.page.keyboard.press('F2');
  await who.swipes();
  await who.sees('guide.start');
  await who.walkTo(who.page.locator('.zone[data-key="choice:large"]'));
  await who.page.keyboard.press('Enter');
  await who.until('large keys', () => document.querySelector('.view.large .keypad-digits') !== null);
  await who.page.screenshot({ path: join(at.pictures, 'large-en.png') });
  assert.deepEqual(await axeFaults(who.page), []);
  await who.secret(PIN);
  await who.sees('sale.approved');
  assert.deepEqual(who.faults, []);
  await who.ok();
  await who.sees('main.menu');
  await who.logsOut();
});

test('S5 S61: a PIN that is not finished in the time that the administrator has set', async (t) => {
  const who = await at.arrives(t, Customer, 'en', 'mouse', { viewport: { width: 360, height: 640 } });
  await at.firstDay(who, '99');
  await who.choose('manage');
  await who.touch('[data-key="choice:parameters"]');
  await who.sees('parameters.list');
  await who.touch('[data-key="choice:timeouts"]');
  await who.sees('timeouts.list');
  await who.touch('[data-key="choice:time_pin_pause"]');
  await who.sees('timeouts.value');
  await who.digits('9');
  await who.ok();
  await who.reads(/10 到 60 秒/, /From 10 to 60 seconds/);
  await who.touch('.view [data-key="clear"]');
  await who.digits('10');
  await who.ok();
  await who.sees('timeouts.list');
  await who.reads(/已保存/, /Saved/);
  await who.logsOut();
  await who.logsIn('01');
  await who.pastTips('main.menu');
  await who.amount('128');
  await who.swipes();
  await who.sees('sale.pin');
  await who.types('24');
  const from = Date.now();
  await who.sees('sale.timeout');
  assert.ok(Date.now() - from > 8000, 'not before its time');
  await who.finds(/PIN was not finished: no key for 10 seconds/);
  await who.finds(/Nothing was charged/);
  await who.page.screenshot({ path: join(at.pictures, 'timeout-en.png') });
  await who.touch('[data-key="language"]');
  await who.until('the words in Chinese', () => /密码没有输完：10 秒没有按键/.test(document.querySelector('.view').innerText));
  await who.page.screenshot({ path: join(at.pictures, 'timeout-zh.png') });
  assert.deepEqual(who.faults, []);
});

at.walked();
