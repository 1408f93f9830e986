/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the browser tests share: a Chromium of its own for each run, the sizes and schemes that a
 * terminal's page has to look right in, and the checks that are made inside the page.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
export const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const SIZES = [
  { name: '360x640', width: 360, height: 640 },
  { name: '720x1280', width: 720, height: 1280 },
  { name: '1440x900', width: 1440, height: 900 },
];

/* Chromium without windows does the same in two thirds of the time: 16 s of a core where Chromium itself took 26. */
const QUICK = '/usr/bin/chromium-headless-shell';
export const executable = process.env.CHROMIUM ?? (existsSync(QUICK) ? QUICK : '/usr/bin/chromium');

/*
 * Whether this is looked at for the first time. With $BROWSER_LOOKED, a folder that files of one run share, it is so once in the
 * whole run; a file by itself looks at everything.
 */
const met = new Set();
export function firstLook(name) {
  const folder = process.env.BROWSER_LOOKED;
  if (folder === undefined) {
    const first = !met.has(name);
    met.add(name);
    return first;
  }
  try {
    mkdirSync(join(folder, name)); /* by one of those who try at once */
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/* Playwright makes a fresh user data directory for each launch and removes it again. */
export function launch() {
  return chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

/*
 * A page that keeps the books: requests to another origin, refusals of the security policy, and
 * errors of scripts. axe-core is added before the page's own scripts, outside of its policy.
 */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  await context.addInitScript(axeSource);
  const page = await context.newPage();
  const faults = [];
  const origin = new URL(url).origin;
  page.on('request', (request) => {
    const address = request.url();
    if (!address.startsWith(`${origin}/`) && !/^(blob|data):/.test(address)) {
      faults.push(`request to another origin: ${address}`);
    }
  });
  page.on('console', (message) => {
    /* A 404 for the tray, a 409 and a 422 are answers of the protocol; Chromium logs them all. */
    if (message.type() === 'error' && !/Failed to load resource|ERR_/.test(message.text())) {
      faults.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  await page.goto(url);
  return { page, context, faults };
}

/* Waits until the screen with this serial is drawn, its picture too. */
export async function drawn(page, serial) {
  await page.waitForFunction(
    (at) => {
      const view = document.querySelector('.view');
      const pictures = [...document.querySelectorAll('.view img')];
      return Number(view?.dataset.serial ?? 0) >= at && pictures.every((p) => p.complete);
    },
    serial,
    { timeout: 5000, polling: 20 },
  );
  /* Two frames more: what depends on sizes is settled then. */
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
}

/* What is wrong with how the page lies: cut texts, overlaps, small letters, small keys. */
export function layoutFaults(page) {
  return page.evaluate(() => {
    const faults = [];
    const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const name = (e) => `${e.tagName.toLowerCase()}.${e.className.toString().replace(/ /g, '.')}`;
    const inView = (e) => e.closest('.said, [inert]') === null;

    /* Letters lie inside their button, inside whatever clips them, and inside the window. */
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (node.data.trim() === '' || !shown(parent) || !inView(parent)) {
        continue;
      }
      const range = document.createRange();
      range.selectNodeContents(node);
      const size = parseFloat(getComputedStyle(parent).fontSize);
      if (size < 18) {
        faults.push(`text of ${size} px: "${node.data.trim()}"`);
      }
      for (const word of node.data.matchAll(/[A-Za-z]{2,}|[0-9A-F]{4,15}/g)) {
        range.setStart(node, word.index);
        range.setEnd(node, word.index + word[0].length);
        const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
        if (tops.size > 1) {
          faults.push(`broken word: "${word[0]}"`);
        }
      }
      range.selectNodeContents(node);
      const button = parent.closest('button')?.getBoundingClientRect();
      let clip = parent;
      while (clip !== null && getComputedStyle(clip).overflowX === 'visible') {
        clip = clip.parentElement;
      }
      const frame = clip?.getBoundingClientRect();
      for (const r of range.getClientRects()) {
        const cut =
          r.left < -1 ||
          r.right > innerWidth + 1 ||
          (frame && (r.left < frame.left - 1 || r.right > frame.right + 1)) ||
          (button && (r.left < button.left - 1 || r.right > button.right + 1 ||
            r.top < button.top - 2 || r.bottom > button.bottom + 2));
        if (cut) {
          faults.push(`cut text: "${node.data.trim()}"`);
          break;
        }
      }
    }
    for (const e of document.querySelectorAll('body *')) {
      const style = getComputedStyle(e);
      if (shown(e) && inView(e) && e.clientWidth > 0 && style.overflowX !== 'visible' &&
          e.scrollWidth > e.clientWidth + 1) {
        faults.push(`wider than it shows: ${name(e)} ${e.scrollWidth} > ${e.clientWidth}`);
      }
    }
    if (document.documentElement.scrollWidth > innerWidth) {
      faults.push('the page scrolls sideways');
    }

    /* Keys: large enough, not one over the other, and those under the thumb inside the window. */
    const keys = [...document.querySelectorAll('button')].filter((e) => shown(e) && inView(e));
    const boxes = keys.map((e) => {
      const r = e.getBoundingClientRect();
      const main = e.matches('.key, .tile, .row, .van-button');
      /* Ten letters stand in a row, as on every telephone; WCAG 2.5.8 asks for 24 pixels. */
      const letter = e.closest('.keyboard') !== null;
      const min = letter ? 46 : main ? 60 : 44;
      if (r.height < min - 0.5 || r.width < (letter ? 28 : 44) - 0.5) {
        faults.push(`small key: ${name(e)} ${Math.round(r.width)}x${Math.round(r.height)}`);
      }
      if (e.closest('.foot, .heading, .drawer-bar') &&
          (r.top < 0 || r.bottom > innerHeight + 0.5 || r.left < 0 || r.right > innerWidth)) {
        faults.push(`out of the window: ${name(e)}`);
      }
      const box = e.closest('.middle, .tray-side, .drawer .tray')?.getBoundingClientRect();
      return {
        e,
        left: r.left,
        right: r.right,
        top: Math.max(r.top, box?.top ?? r.top),
        bottom: Math.min(r.bottom, box?.bottom ?? r.bottom),
      };
    });
    boxes.forEach((a, at) =>
      boxes.slice(at + 1).forEach((b) => {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 1) {
          faults.push(`overlap: ${name(a.e)} and ${name(b.e)}`);
        }
      }),
    );
    /* The reading part keeps enough room that its first line is seen. */
    const middle = document.querySelector('.middle');
    const first = middle?.querySelector('.inner > *:not(:empty)')?.getBoundingClientRect();
    if (middle && first && first.height > 0 && first.top > middle.getBoundingClientRect().bottom - 20) {
      faults.push('the first line is not seen');
    }
    return [...new Set(faults)];
  });
}

/* Serious and critical findings of axe-core, each in one line; of the whole page, or of a part of it; without `colours`, all but those. */
export async function axeFaults(page, part, colours = true) {
  const findings = await page.evaluate(async ([selector, contrast]) => {
    const within = selector == null ? document : document.querySelector(selector);
    /* Rules that can find nothing serious are left out: a fifth of the time. */
    globalThis.lighter ??= globalThis.axe._audit.rules.filter(({ impact }) => ['minor', 'moderate'].includes(impact));
    const rules = Object.fromEntries(globalThis.lighter.map(({ id }) => [id, { enabled: false }]));
    rules['color-contrast'] = { enabled: contrast };
    const { violations } = await globalThis.axe.run(within, { resultTypes: ['violations'], preload: false, rules });
    return violations
      .filter((v) => v.impact === 'serious' || v.impact === 'critical')
      .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`);
  }, [part, colours]);
  return findings.map((f) => f.replace(/\s+/g, ' '));
}

/* A passkey device that Chromium plays; tests ask `cdp` what is in it. */
export async function addPasskeyDevice({ context, page }) {
  const cdp = await context.newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { cdp, authenticatorId };
}
