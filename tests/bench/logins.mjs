/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log-ins under a flood, and whether time tells who exists, over real sockets with full-cost hashes
 * (CR-21, CR-22). Starts an hsm and a back office of its own.
 *
 *   node tests/bench/logins.mjs [--json] [--seconds 20] [--rate 2000] [--samples 300]
 *
 * 1. Quiet: wrong password of somebody and of nobody, interleaved; a two-sample Kolmogorov-Smirnov
 *    test of the two sets of times, and the difference of their medians.
 * 2. Flood: so many log-ins a second, first from one address, then from 10,000; meanwhile people
 *    log in, with the cookie of their device every half second, and without one, each from a network
 *    of his own that took no part: who asks for the first time goes before the flood.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { secretOf, totp } from '../browser/authenticator.mjs';

const bin = join(fileURLToPath(new URL('../../', import.meta.url)), 'build/bin');
const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const SECONDS = option('seconds', 20);
const RATE = option('rate', 2000);
const SAMPLES = option('samples', 300);
/* A log-in that stops at the second step has spent a try: each device has ten. */
const KNOWN = [...'abcdefgh'].map((letter) => `known.${letter}`);
const PASSWORD = 'correct gibbon harbour 91';

const folder = mkdtempSync(join(tmpdir(), 'tongbao-logins-'));
const at = (name) => join(folder, name);
const children = [];

function run(program, ...args) {
  const done = spawnSync(join(bin, program), args, { encoding: 'utf8' });
  if (done.status !== 0) {
    throw new Error(`${program} ${args[0]}: ${done.stderr}`);
  }
  return done.stdout.trim();
}

function start(program, ...args) {
  const child = spawn(join(bin, program), [...args, '--ready-fd', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdio[3].on('data', (text) => (said += text));
    child.stdio[3].on('end', () =>
      said.startsWith('ready') ? resolve({ child, said }) : reject(new Error(`${program} did not start`)),
    );
  });
}

async function stage() {
  const hsm = at('hsm.sock');
  await start('tongbao-hsm', '--state', at('hsm'), '--socket', hsm, '--development');
  run('tongbao-simulators', '--state', at('networks'), '--initialise');
  run('tongbao', 'admin', 'init', '--state', at('admin'), '--hsm', hsm, '--networks', at('networks'));
  const link = (login) =>
    run('tongbao', 'admin', 'staff', '--state', at('office'), '--login', login, '--name', login,
      '--role', 'agent').split('#')[1];
  const links = Object.fromEntries(['stranger', 'elsewhere', ...KNOWN].map((login) => [login, link(login)]));
  const { child, said } = await start('tongbao-backoffice', '--state', at('office'), '--admin', at('admin'),
    '--hsm', hsm, '--address-header', 'X-Client');
  return { links, pid: child.pid, port: Number(/port=(\d+)/.exec(said)[1]) };
}

const people = new Agent({ keepAlive: true, maxSockets: 8 });
const flooders = new Agent({ keepAlive: true, maxSockets: 400 });
let port;

/* { status, json, cookies, ms } */
function post(path, body, { agent = people, address = '203.0.113.1', cookie = '', csrf = '' } = {}) {
  const text = JSON.stringify(body);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        port, agent, path: `/api/staff${path}`, method: 'POST', host: '127.0.0.1',
        headers: {
          Host: `localhost:${port}`, Origin: `http://localhost:${port}`, 'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(text), 'X-Client': address, Cookie: cookie, 'X-CSRF': csrf,
        },
      },
      (answer) => {
        let said = '';
        answer.on('data', (part) => (said += part));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode,
            json: said ? JSON.parse(said) : {},
            cookies: (answer.headers['set-cookie'] ?? []).map((c) => c.split(';')[0]),
            ms: performance.now() - began,
          }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(text);
  });
}

/* Sets an account up and returns the cookie of its device. */
async function setUp(token) {
  const first = await post('/setup', { token, password: PASSWORD });
  const session = { cookie: first.cookies.join('; '), csrf: first.json.csrf };
  const made = await post('/enrol/totp/begin', {}, session);
  const done = await post('/enrol/totp/finish', { pending: made.json.pending, code: totp(secretOf(made.json.key)) }, session);
  if (done.json.state !== 'in') {
    throw new Error(`set-up: ${JSON.stringify(done.json)}`);
  }
  return done.cookies.find((c) => c.includes('device'));
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const quantile = (list, q) => sorted(list)[Math.min(list.length - 1, Math.floor(q * list.length))];

/* Two-sample Kolmogorov-Smirnov: the greatest distance, and its p by the asymptotic series. */
function kolmogorovSmirnov(a, b) {
  const [x, y] = [sorted(a), sorted(b)];
  let i = 0, k = 0, d = 0;
  while (i < x.length && k < y.length) {
    if (x[i] <= y[k]) i++;
    else k++;
    d = Math.max(d, Math.abs(i / x.length - k / y.length));
  }
  const n = Math.sqrt((x.length * y.length) / (x.length + y.length));
  const lambda = (n + 0.12 + 0.11 / n) * d;
  let p = 0;
  for (let j = 1; j < 100; j++) p += 2 * (-1) ** (j - 1) * Math.exp(-2 * lambda * lambda * j * j);
  return { d, p: Math.min(1, Math.max(0, p)) };
}

/* Fresh names of each kind, so that no budget is spent: ten wrong ones are looked at for each. */
async function quiet() {
  const times = { [KNOWN[0]]: [], nobody: [] };
  for (let i = 0; i < SAMPLES; i++) {
    const order = i % 2 === 0 ? [KNOWN[0], 'nobody'] : ['nobody', KNOWN[0]];
    for (const name of order) {
      const said = await post('/login', { name, password: 'not the password of anybody' });
      if (said.status !== 401) throw new Error(`a wrong password: ${said.status}`);
      times[name].push(said.ms);
    }
  }
  return {
    samples: SAMPLES,
    median_known_ms: quantile(times[KNOWN[0]], 0.5),
    median_nobody_ms: quantile(times.nobody, 0.5),
    ...kolmogorovSmirnov(times[KNOWN[0]], times.nobody),
  };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const memory = (pid, field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

async function flood(pid, devices, addresses) {
  const counts = { sent: 0, refused: 0, hashed: 0, failed: 0, skipped: 0 };
  let under = 0;
  const end = performance.now() + SECONDS * 1000;
  const one = async () => {
    if (under >= 400) {
      counts.skipped++; /* the client's own limit: the host is slower than the flood */
      return;
    }
    under++;
    counts.sent++;
    const n = counts.sent % 10000;
    try {
      const said = await post('/login', { name: `nobody${n % 977}`, password: 'a guess like any other' },
        { agent: flooders, address: addresses === 1 ? '10.0.0.1' : `10.${n % 40}.${Math.floor(n / 250)}.${n % 250}` });
      if (said.status === 429) counts.refused++;
      else counts.hashed++;
    } catch {
      counts.failed++;
    }
    under--;
  };
  const times = { device: [], elsewhere: [] };
  const busy = { device: 0, elsewhere: 0 };
  /* One log-in from the first try to an answer that is not "busy"; false when the time was over. */
  const logIn = async (kind, name, how) => {
    const from = performance.now();
    for (let tried = 1; ; tried++) {
      const said = await post('/login', { name, password: PASSWORD }, how);
      if (said.status === 200) break;
      if (said.status !== 429) throw new Error(`${kind}: ${said.status}`);
      busy[kind]++;
      if (performance.now() >= end) return false;
      await pause(Math.min(250 * 2 ** tried, 4000)); /* as the page does */
    }
    times[kind].push(performance.now() - from);
    return true;
  };
  const knownPeople = async () => {
    for (let i = 0; performance.now() < end && i < 4 * KNOWN.length; i++) {
      const name = KNOWN[i % KNOWN.length];
      if (!(await logIn('device', name, { cookie: devices[name], address: '203.0.113.1' }))) return;
      await pause(250);
    }
  };
  const strangers = async () => {
    const name = addresses === 1 ? 'stranger' : 'elsewhere';
    await pause(2000); /* the flood has begun */
    for (let i = 0; performance.now() < end && i < 8; i++) {
      if (!(await logIn('elsewhere', name, { address: `${addresses === 1 ? '198.51' : '203.0'}.${i}.7` }))) return;
      await pause(1000);
    }
  };
  const began = performance.now();
  const pump = setInterval(() => {
    const due = Math.floor(((performance.now() - began) / 1000) * RATE);
    while (counts.sent + counts.skipped < due) void one();
  }, 5);
  await Promise.all([knownPeople(), strangers(), pause(SECONDS * 1000)]);
  clearInterval(pump);
  const figures = (list) => ({ count: list.length, p50_ms: quantile(list, 0.5), p99_ms: quantile(list, 0.99) });
  return {
    addresses, seconds: SECONDS, asked_rate: RATE, ...counts,
    sent_a_second: counts.sent / SECONDS,
    with_device: { ...figures(times.device), busy: busy.device },
    from_elsewhere: { ...figures(times.elsewhere), busy: busy.elsewhere },
    resident_peak_bytes: memory(pid, 'VmHWM'),
  };
}

try {
  const { links, pid, port: opened } = await stage();
  port = opened;
  const devices = {};
  for (const name of KNOWN) devices[name] = await setUp(links[name]);
  await setUp(links.stranger);
  await setUp(links.elsewhere);
  const result = { before_bytes: memory(pid, 'VmHWM'), quiet: await quiet() };
  result.load_average = Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
  result.from_one = await flood(pid, devices, 1);
  result.from_many = await flood(pid, devices, 10000);
  console.log(process.argv.includes('--json') ? JSON.stringify(result) : result);
} finally {
  people.destroy();
  flooders.destroy();
  for (const child of children.reverse()) child.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
