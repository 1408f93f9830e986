/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CR-40: a day at a running demo in which every secret is a mark that stands nowhere else: initial
 * passwords, chosen ones, one that is mistyped, a PIN, one-time passwords; of both consoles, in a
 * browser, the links, passwords, authenticators and recovery codes; and whatever lets somebody back in
 * who has forgotten. Afterwards no mark is in the memory of any program of Tongbao, in a file of the run
 * (databases, write-ahead logs, logs), in a backup of a database, in a receipt, or in anything that a
 * program read from or wrote to a socket, TCP and Unix. The person's own things are outside: this
 * test, the browser, the note with the passwords.
 *
 * What is sent to a person has a way to go: codes and links by SMS, by mail, and by the voice of the
 * desk. Those are marks too, but for that way itself: the hsm and the back office, between which and from which
 * it travels, and the owner's telephone and mailbox, which tongbao-simulators plays and shows in the tray.
 * In memory the back office has none left either, nor has the terminal, whose vault gets what is typed there.
 *
 * A search that finds nothing proves something only when it finds what is there: each kind of place
 * is also searched for what must be in it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, openPage } from '../browser/browser.mjs';
import { Clerk } from '../browser/clerk.mjs';
import { eventually } from '../browser/recorder.mjs';
import { Console } from './console.mjs';
import { Till } from './till.mjs';
import { processesOf, startDemo, stopDemo, tongbao } from './demo.mjs';

const scanner = `${process.env.TONGBAO_CANARY ?? 'build/meson/tests/canary'}/canary_scan`;
const GOOD_PIN = '246810'; /* on the virtual card for everybody to read: no secret, so no mark */
const isRoot = process.getuid() === 0;

let browser;
let demo;
let staff;
const marks = new Map();
const travelling = new Map(); /* what is sent to a person */

/* Digits that may be a password: some few are runs, or have a date in them. */
function number(digits) {
  for (;;) {
    const text = Array.from({ length: digits }, () => randomInt(10)).join('');
    const judged = spawnSync(tongbao, ['policy', 'test', '--model', 'TB-1', '--role', 'administrator'], { input: text });
    assert.ok(judged.status === 0 || judged.status === 1, `${judged.stderr}`);
    if (judged.status === 0) {
      return text;
    }
  }
}

function mark(label, secret) {
  marks.set(label, secret);
  return secret;
}

function travels(label, secret) {
  travelling.set(label, secret);
  return secret;
}

/* What the scanner finds, as "label in place"; it must have looked at something. */
function scan(args, secrets = marks) {
  const lines = [...secrets].map(([label, secret]) => `${label}\t${secret}\n`).join('');
  const run = spawnSync(scanner, args, { input: lines, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.ok(run.status === 0 || run.status === 1, `${scanner} ${args.join(' ')}: ${run.stderr}`);
  const looked = run.stdout.split('\n').find((line) => line.startsWith('looked\t'));
  const [bytes, places] = looked.match(/\d+/g).map(Number);
  assert.ok(bytes > 0 && places > 0, `nothing was looked at: ${looked}`);
  const found = run.stdout
    .split('\n')
    .filter((line) => line.startsWith('found\t'))
    .map((line) => {
      const [, label, encoding, place, at] = line.split('\t');
      return { label, encoding, place, at };
    });
  return { bytes, places, found };
}

const told = ({ label, encoding, place, at }) => `${label} as ${encoding} in ${place} at ${at}`;

/* What browsers say to a console and hear of it: they are outside, and TLS is in front of it elsewhere. */
function withoutBrowsers() {
  const sockets = readdirSync(demo.wire).filter((name) => name.endsWith('-in'));
  const browsers = sockets.filter((name) => {
    const begin = readFileSync(join(demo.wire, name)).subarray(0, 16).toString('latin1');
    return name.startsWith('tongbao-backoffice-') && /^(GET|POST) \//.test(begin);
  });
  const heard = new Set(browsers.flatMap((name) => [name, name.replace(/-in$/, '-out')]));
  return readdirSync(demo.wire).filter((name) => !heard.has(name)).flatMap((name) => ['--files', join(demo.wire, name)]);
}

/* Sockets that a travelling mark has no business on: not its way, not the tray, not the page. */
function offItsWay() {
  return readdirSync(demo.wire)
    .filter((name) => /^tongbao-(vault|acquirer|termina)/.test(name))
    .filter((name) => {
      const both = [name, name.replace(/-(in|out)$/, (end) => (end === '-in' ? '-out' : '-in'))];
      return !both
        .filter((each) => existsSync(join(demo.wire, each)))
        .some((each) => /\/api\/|"ask":"(tray|messages)"/.test(readFileSync(join(demo.wire, each), 'latin1')));
    })
    .flatMap((name) => ['--files', join(demo.wire, name)]);
}

function nothingIn(t, args, secrets = marks) {
  const { bytes, places, found } = scan(args, secrets);
  assert.deepEqual([...new Set(found.map(told))], []);
  t.diagnostic(`${bytes} bytes in ${places} places, ${secrets.size} marks: none found`);
}

/* The newest message that fits and has not been used: what the owner has in the hand. */
let used = 0;
const message = (pattern) =>
  eventually(`a message ${pattern}`, async () => {
    const { messages } = await (await fetch(new URL('api/tray/messages', demo.terminal))).json();
    const found = messages
      .filter(({ number: at, text }) => at > used && pattern.test(text))
      .sort((a, b) => b.number - a.number)[0];
    used = found?.number ?? used;
    return found && pattern.exec(found.text);
  });

before(async () => {
  browser = await launch();
  demo = await startDemo();
});

after(async () => {
  await browser?.close();
  await stopDemo(demo);
});

async function openTill(options) {
  const opened = await openPage(browser, demo.terminal, { viewport: { width: 720, height: 1280 }, ...options });
  return new Till(opened.page);
}

/* Everything that a person can be asked for at the terminal. Fills `marks`. */
test('a day at the terminal in which every secret is a mark', async () => {
  const till = await openTill();
  for (const [operator, password] of Object.entries(demo.passwords)) {
    mark(`initial password ${operator}`, password);
    await till.logIn(operator, mark(`mistyped password ${operator}`, number(12)));
    await till.sees('login.operator');
    await till.logIn(operator, password);
    await till.choosePassword(mark(`first own password ${operator}`, number(12)));
    await till.sees('main.menu');
    await till.changePassword(
      marks.get(`first own password ${operator}`),
      mark(`second own password ${operator}`, number(12)),
    );
    await till.logOut();
  }
  await till.logIn('01', marks.get('second own password 01'));
  await till.sees('main.menu');
  await till.signIn();
  assert.equal(await till.payByCard('128', mark('PIN', number(12))), 'sale.declined');
  assert.equal(await till.payByCard('128', GOOD_PIN), 'sale.approved');
  const receipts = join(demo.folder, 'receipts');
  mkdirSync(receipts);
  await till.keepReceipt(receipts);
  await till.home();
  await till.lockAndUnlock(marks.get('second own password 01'));
  await till.logOut();
  assert.ok(marks.size >= 4 * Object.keys(demo.passwords).length + 1);
});

/* Accounts of staff and the owner's: what they know, what they have, and what they keep on paper. */
test('accounts of staff and owner in a browser, every secret of them a mark', async () => {
  staff = {};
  for (const [login, link] of Object.entries(demo.links)) {
    const account = await Console.opens(browser, link, login, mark);
    staff[login] = account;
    await account.setUp(`${number(10)} violet anvil`);
    await account.logsOut();
    await account.mistypes(mark(`mistyped password of ${login}`, `${number(10)} wrong kites`));
    await account.withRecoveryCode(account.codes[0]);
    await account.logsOut();
    await account.withAuthenticator();
  }
  const { owner } = staff;
  await owner.logsOut();
  await owner.resets(async () => {
    const [link, token] = await message(/http\S+reset#([\w-]+)/);
    travels('reset link of owner', token);
    return link;
  }, `${number(10)} amber lantern`);
  await owner.withRecoveryCode(owner.codes[1]);
  await owner.leaves();
});

/* Every way back, and every code of it. */
test('everybody has forgotten: SMS, mail, desk and supervisor', async () => {
  const till = await openTill();
  const fresh = (label) => mark(label, number(12));
  await till.forgets('01', 'sms');
  await till.sees('recover.sent');
  const [, sms] = await message(/【通宝】(\d{6}) 是终端 10000017 操作员 01 /);
  await till.comesBack(travels('code by SMS', sms), fresh('password 01 after SMS'));

  await till.forgets('00', 'mail');
  await till.sees('recover.sent');
  const [link, token] = await message(/http\S+\/code#([\w-]+)/);
  travels('link to a code', token);
  const mailbox = await Clerk.at(browser, link, { lang: 'en', hand: 'touch', page: { hasTouch: true } });
  const code = travels('code behind a link', await mailbox.codeOfLink());
  await mailbox.leaves();
  await till.comesBack(code, fresh('password 00 after mail'));

  const { agent, chief } = staff;
  await till.forgets('00', 'offline');
  await till.sees('recover.challenge');
  const [digits] = (await till.text()).match(/\d{4} \d{4} \d{3}/);
  const ticket = await agent.takesCall('10000017', '00');
  await agent.typesDigits(digits);
  await agent.identifies({ owner: '陈晓虹', phone: '138 0000 5678', serial: 'TB1-2030-000017' });
  await agent.approves('second');
  await chief.opens(ticket);
  await chief.approves('done');
  const unlock = travels('unlock code', await agent.readsOut());
  const supervisor = fresh('password 00 after an unlock code');
  await till.comesBack(unlock, supervisor);

  await till.logIn('00', supervisor);
  await till.pastTips('main.menu');
  const once = mark('one-time password of 01', await till.resets('01'));
  await till.logOut();
  await till.logIn('01', once);
  await till.choosePassword(fresh('password 01 after a reset'));
  await till.logOut();
  await agent.leaves();
  await chief.leaves();
});

test('the search finds marks where they are: in memory, in a file, on a socket', (t) => {
  const here = scan(['--files', demo.note]);
  for (const operator of Object.keys(demo.passwords)) {
    assert.ok(here.found.some(({ label }) => label === `initial password ${operator}`), operator);
  }
  const known = new Map([['a touch in the clear', '"key":"choice:sign_in"'], ['a masked card', '620000']]);
  const wire = scan(['--files', demo.wire], known);
  for (const end of ['tongbao-vault-\\d+-\\d+-in', 'tongbao-hsm-\\d+-\\d+-in', 'tongbao-acquirer-\\d+-\\d+-out']) {
    assert.ok(readdirSync(demo.wire).some((name) => new RegExp(`^${end}$`).test(name)), end);
  }
  assert.deepEqual(new Set(wire.found.map(({ label }) => label)), new Set(known.keys()));
  const way = scan(['--files', demo.wire], travelling);
  const sent = ['code by SMS', 'link to a code', 'reset link of owner'];
  assert.deepEqual(sent.filter((label) => !way.found.some((one) => one.label === label)), []);
  if (!isRoot) {
    t.diagnostic('memory: only root may look');
    return;
  }
  const all = new Map([...marks, ...travelling]);
  const own = scan(['--process', `test=${process.pid}`], all);
  assert.deepEqual(new Set(own.found.map(({ label }) => label)), new Set(all.keys()));
});

test('S15 S17 S32 S39 S40 S43 S61: no mark is in the memory of a program', { skip: !isRoot && 'only root may read it' }, (t) => {
  const programs = processesOf(demo.child.pid);
  const names = programs.map(({ name }) => name).sort();
  assert.deepEqual(
    ['tongbao', 'tongbao-acquire', 'tongbao-hsm', 'tongbao-simulat', 'tongbao-termina', 'tongbao-vault', 'tongbao-backoff', 'tongbao-wallets'].filter(
      (name) => !names.includes(name),
    ),
    [],
  );
  nothingIn(t, programs.flatMap(({ name, pid }) => ['--process', `${name}=${pid}`]));
  const others = programs.filter(({ name }) => !/-(hsm|vault|simulat)/.test(name));
  nothingIn(t, others.flatMap(({ name, pid }) => ['--process', `${name}=${pid}`]), travelling);
});

test('S15 S17 S32 S39 S40 S43 S61: no mark is in a database, a write-ahead log, a log or a socket', (t) => {
  const files = readdirSync(demo.directory, { recursive: true }).map(String);
  assert.ok(files.some((name) => name.startsWith('manual-')), 'the manual is printed');
  assert.ok(files.some((name) => name.endsWith('vault.db-wal')), 'write-ahead logs are among them');
  nothingIn(t, ['--files', demo.directory, ...withoutBrowsers()]);
  nothingIn(t, ['--files', demo.directory, ...offItsWay()], travelling);
});

/* As docs/operations.md says: with SQLite's own backup, while the programs run. */
test('no mark is in a backup', (t) => {
  const backups = join(demo.folder, 'backups');
  mkdirSync(backups);
  const databases = readdirSync(demo.directory, { recursive: true }).map(String).filter((name) => name.endsWith('.db'));
  assert.ok(databases.length >= 6, `${databases}`);
  for (const name of databases) {
    const copy = join(backups, name.replaceAll('/', '-'));
    const program = 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))';
    const run = spawnSync('python3', ['-c', program, join(demo.directory, name), copy], { encoding: 'utf8' });
    assert.equal(run.status, 0, run.stderr);
  }
  nothingIn(t, ['--files', backups]);
  nothingIn(t, ['--files', backups], travelling);
});

test('no mark is in a receipt', (t) => {
  const receipts = join(demo.folder, 'receipts');
  assert.ok(readFileSync(join(receipts, 'text'), 'utf8').includes('128.00'));
  nothingIn(t, ['--files', receipts]);
  nothingIn(t, ['--files', receipts], travelling);
});
