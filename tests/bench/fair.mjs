/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What others feel of a merchant that asks without end (HS-14): a demo, twenty keys of its shop that call over as many connections
 * as they are told, and five keys of the acquirer that read a list, before and meanwhile.
 *
 *   node tests/bench/fair.mjs [--json] [--connections 20] [--seconds 10]
 *
 * The flood is a thread of its own (flood.mjs), so that what is measured is not what this program does. The goal is that the p99 of
 * others rises by less than 20 %.
 */
import { Agent, request } from 'node:http';
import { loadavg } from 'node:os';
import { Worker } from 'node:worker_threads';
import { launch } from '../browser/browser.mjs';
import { Reviewer } from '../browser/reviewer.mjs';
import { startDemo } from '../browser/stage.mjs';

const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const CONNECTIONS = option('connections', 20);
const SECONDS = option('seconds', 10);
const SHOP_KEYS = 20;
const OTHER_KEYS = 5;
const RISE_MAX = 0.2;
const EACH_MS = 60; /* between two calls of one caller: below what it may */

const demo = await startDemo();
const browser = await launch();
const agent = new Agent({ keepAlive: true });
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function call(key) {
  const began = process.hrtime.bigint();
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/api/v1/keys', demo.consoles), { agent, headers: { Authorization: `Bearer ${key}` } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode, ms: Number(process.hrtime.bigint() - began) / 1e6 }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function keys(link, count) {
  const person = await Reviewer.at(browser, link, { lang: 'en', hand: 'keyboard', page: {} });
  await person.setsUp();
  const made = [];
  for (let n = 0; n < count; n += 1) {
    made.push((await person.asks('POST', '/api/v1/keys', { name: `bench ${n}`, scopes: ['keys:read'], days: 1 }, 201)).secret);
    await pause(500); /* a key has the price of ten calls */
  }
  await person.context.close();
  return made;
}

/* Every caller one call after the other, at a pace; what they have waited. */
async function measure(callers) {
  const waits = [];
  const end = Date.now() + SECONDS * 1000;
  await Promise.all(
    callers.map(async (key) => {
      while (Date.now() < end) {
        const { status, ms } = await call(key);
        if (status !== 200) throw new Error(`another one was answered ${status}`);
        waits.push(ms);
        await pause(EACH_MS);
      }
    }),
  );
  waits.sort((a, b) => a - b);
  const at = (share) => Number(waits[Math.min(waits.length - 1, Math.floor(waits.length * share))].toFixed(2));
  return { calls: waits.length, p50: at(0.5), p99: at(0.99) };
}

try {
  const shop = await keys(demo.links.owner, SHOP_KEYS);
  const others = await keys(demo.links.chief, OTHER_KEYS);
  await pause(5000);
  const quiet = await measure(others);
  const worker = new Worker(new URL('./flood.mjs', import.meta.url), { workerData: { base: demo.consoles, keys: shop, connections: CONNECTIONS } });
  const counted = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await pause(2000);
  const flooded = await measure(others);
  worker.postMessage('over');
  const flood = await counted;
  const rise = Number((flooded.p99 / quiet.p99 - 1).toFixed(3));
  const said = { connections: CONNECTIONS, seconds: SECONDS, quiet, flooded, flood, rise, met: rise < RISE_MAX };
  if (process.argv.includes('--json')) console.log(JSON.stringify(said));
  else {
    console.log(`quiet    p50 ${quiet.p50} ms  p99 ${quiet.p99} ms  (${quiet.calls} calls)`);
    console.log(`flooded  p50 ${flooded.p50} ms  p99 ${flooded.p99} ms  (${flooded.calls} calls; of the flood ${flood.answered} answered, ${flood.refused} refused)`);
    console.log(`${said.met ? 'met' : 'not met'}: the p99 of others rises by ${(100 * rise).toFixed(0)} %, less than ${100 * RISE_MAX} % is wanted; load ${loadavg()[0].toFixed(1)}`);
  }
} finally {
  agent.destroy();
  await browser.close();
  await demo.stop();
}
