/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pages of the two consoles cost: the script that a page brings, gzip'ed as it travels, from the
 * files as they are built; and, run by itself against a demo, the time until each can be used.
 *
 *   node tests/browser/budget.mjs [--json] [staff/desk ...]     starts build/bin/tongbao demo; a benchmark, not a test
 *
 * Each page is opened three times with nothing in the cache. The middle one counts; beside it stands what the page's
 * own thread has computed, which other work on the machine does not make longer by waiting, and the machine's load; and how often
 * the page has waited for the host before it can be used, which is the same on every machine.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { launch } from './browser.mjs';
import { Clerk } from './clerk.mjs';
import { root, startDemo } from './stage.mjs';

export const BUDGET_BYTES = 150 * 1024;
export const BUDGET_MS = 1000;
/* Names of pages where not all are measured. */
const only = process.argv.slice(2).filter((name) => !name.startsWith('--'));

export const CONSOLES = ['staff', 'console'];

/* Of each script: what it needs at once, and what it loads when a page is opened. */
function scripts(name) {
  const folder = join(root, 'build/web', name);
  const assets = join(folder, 'assets');
  const found = new Map();
  for (const file of readdirSync(assets).filter((f) => f.endsWith('.js'))) {
    const bytes = readFileSync(join(assets, file));
    const text = bytes.toString('utf8');
    const imports = (pattern) => [...text.matchAll(pattern)].map((m) => m[1]);
    found.set(file, {
      bytes: gzipSync(bytes).length,
      now: imports(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g),
      later: imports(/import\(\s*["']\.\/([\w.-]+\.js)["']/g),
    });
  }
  const first = [...readFileSync(join(folder, 'index.html'), 'utf8').matchAll(/assets\/([\w.-]+\.js)/g)].map((m) => m[1]);
  return { found, first };
}

/* "Fleet" of "Fleet-AbC123.js", with its bytes: what the document names, the page, and all that these need. */
export function pagesOf(name) {
  const { found, first } = scripts(name);
  const closure = (file, into) => {
    if (!into.has(file)) {
      into.add(file);
      found.get(file).now.forEach((next) => closure(next, into));
    }
    return into;
  };
  const sum = (files) => [...files].reduce((bytes, file) => bytes + found.get(file).bytes, 0);
  const begun = () => first.reduce((into, file) => closure(file, into), new Set());
  const pages = new Set(first.flatMap((file) => found.get(file).later).filter((file) => !first.includes(file)));
  return [...pages].map((file) => ({ page: file.replace(/-[\w-]{8}\.js$/, ''), bytes: sum(closure(file, begun())) }));
}

/* ---- the time ---- */

export const PATHS = {
  console: ['', 'funds', 'devices', 'organisation', 'parameters', 'prices', 'members', 'alerts', 'chat', 'payout', 'contract', 'end', 'people', 'security'],
  staff: ['', 'fleet', 'rollouts', 'organisation', 'parameters', 'idle', 'expiry', 'alerts', 'desk', 'applications', 'stock', 'notices', 'payouts', 'restores', 'changes', 'ends', 'letters', 'people', 'policies', 'security'],
};

/* Until its heading stands and the main thread is free, with nothing in the cache. */
async function timeOf(browser, base, state, path) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 360, height: 740 }, hasTouch: true });
  const page = await context.newPage();
  const inside = await context.newCDPSession(page);
  await inside.send('Performance.enable', { timeDomain: 'threadTicks' });
  const begun = performance.now();
  await page.goto(`${base}${path}`, { waitUntil: 'commit' });
  await page.locator('main h1').first().waitFor({ timeout: 30000 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
  const ms = Math.round(performance.now() - begun);
  const { metrics } = await inside.send('Performance.getMetrics');
  const cpu = Math.round(1000 * metrics.find((m) => m.name === 'TaskDuration').value);
  await context.close();
  return { ms, cpu };
}

const AWAY_MS = 1000;

/*
 * Waits in a row, at a host that is far away: the document, what was asked for after it had come, what was asked for after that,
 * until the heading stands. Whatever goes out at once waits once.
 */
async function roundsOf(browser, base, state, path) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  const inside = await context.newCDPSession(page);
  await inside.send('Network.enable');
  await inside.send('Network.emulateNetworkConditions', { offline: false, latency: AWAY_MS, downloadThroughput: -1, uploadThroughput: -1 });
  await page.goto(`${base}${path}`, { waitUntil: 'commit' });
  await page.locator('main h1').first().waitFor({ timeout: 30000 });
  const asked = await page.evaluate(() => {
    const end = performance.now();
    return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((e) => e.responseEnd > 0 && e.responseEnd <= end)
      .map(({ startTime, responseStart, responseEnd }) => ({ from: startTime, to: Math.max(responseStart, responseEnd) }))
      .sort((a, b) => a.from - b.from);
  });
  await context.close();
  /* The document's scripts are asked for while its last bytes come: a part of a wait is the same wait. */
  for (const one of asked) one.round = 1 + Math.max(0, ...asked.filter((e) => e.round && e.to <= one.from + AWAY_MS / 4).map((e) => e.round));
  return Math.max(...asked.map((e) => e.round));
}

const TIMES = 3;

async function middleOf(browser, base, state, path) {
  await timeOf(browser, base, state, path); /* the first one warms the host, not the browser */
  const times = [];
  for (let n = 0; n < TIMES; n += 1) times.push(await timeOf(browser, base, state, path));
  times.sort((a, b) => a.ms - b.ms);
  const rounds = await roundsOf(browser, base, state, path);
  return { ms: times[1].ms, least: times[0].ms, cpu: Math.min(...times.map((t) => t.cpu)), rounds, is: times[1].ms <= BUDGET_MS ? 'met' : 'not met' };
}

async function measure() {
  const rows = [];
  const browser = await launch();
  const demo = await startDemo();
  try {
    for (const [name, link] of [['console', demo.links.owner], ['staff', demo.links.chief]]) {
      const person = await Clerk.at(browser, link, { lang: 'zh', hand: 'mouse', page: { viewport: { width: 1440, height: 900 } } });
      person.presses = (target) => target.click();
      person.fill = (label, text) => person.page.getByLabel(label, { exact: true }).fill(text);
      await person.setsUp();
      const state = await person.context.storageState();
      const base = `${new URL(link).origin}${name === 'staff' ? '/staff/' : '/'}`;
      for (const path of PATHS[name].filter((p) => only.length === 0 || only.includes(`${name}/${p}`))) {
        rows.push({ page: `${name}/${path}`, ...(await middleOf(browser, base, state, path)) });
      }
    }
  } finally {
    await browser.close();
    await demo.stop();
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const verdict = (good) => (good ? 'met' : 'not met');
  const sizes = CONSOLES.flatMap((name) =>
    pagesOf(name).map((p) => ({ page: `${name} ${p.page}`, kB: Math.round(p.bytes / 1024), is: verdict(p.bytes <= BUDGET_BYTES) })),
  );
  const load = [loadavg()[0]];
  const times = await measure();
  load.push(loadavg()[0]);
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ sizes, times, load, budget: { bytes: BUDGET_BYTES, ms: BUDGET_MS } }));
  } else {
    console.table(sizes);
    console.table(times);
    console.log(`${verdict(sizes.every((p) => p.is === 'met'))}: every page within ${BUDGET_BYTES / 1024} kB of script`);
    console.log(`${verdict(times.every((t) => t.is === 'met'))}: every page usable within ${BUDGET_MS} ms`);
    console.log(`load ${load.map((l) => l.toFixed(1)).join(' before, ')} after`);
  }
}
