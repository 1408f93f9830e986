/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal out of its box, beside the one that a demo has: made as a maker makes it, started with nothing but its own keys, and
 * somebody who takes it into use at its own page (S139, S140). It ends with `stop`, or is destroyed.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ACTIVATION, SIX } from './letters.mjs';
import { program, root } from './stage.mjs';
import { Till } from './till.mjs';

const READY_MS = 20000;
const PIN = '246810'; /* of the virtual card "good" */
const beside = (name) => join(dirname(program), name);

/* Starts a program and waits for what it says when it is ready. */
function started(name, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(beside(name), [...args, '--ready-fd', '3'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    let said = '';
    const timer = setTimeout(() => reject(new Error(`${name} is not ready: ${said}`)), READY_MS);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said = `${said}${text}`.slice(-4000)));
    child.on('exit', () => reject(new Error(`${name} has ended: ${said}`)));
    child.stdio[3].on('data', (text) => {
      clearTimeout(timer);
      resolve({ child, port: String(text).match(/port=(\d+)/)?.[1] });
    });
  });
}

const ended = (child) => new Promise((done) => (child.exitCode !== null || child.signalCode !== null ? done() : child.once('exit', done)));

export class Box {
  /* As it comes from its maker: `print` is what the maker's list says of it. */
  static make(serial) {
    const folder = mkdtempSync(join(tmpdir(), 'tongbao-box-'));
    const box = Object.assign(new this(), { serial, folder, vault: join(folder, 'vault'), children: [] });
    const made = spawnSync(beside('tongbao-vault'), ['--state', box.vault, '--initialise', '--serial', serial, '--model', 'TB-1']);
    assert.equal(made.status, 0, String(made.stderr));
    box.print = readFileSync(join(box.vault, 'device.print'), 'utf8').slice(0, 64);
    return box;
  }

  /* What somebody has kept of it as it is now, to put it back later. */
  kept() {
    const folder = mkdtempSync(join(tmpdir(), 'tongbao-box-'));
    cpSync(this.vault, join(folder, 'vault'), { recursive: true });
    return Object.assign(new Box(), { serial: this.serial, print: this.print, folder, vault: join(folder, 'vault'), children: [] });
  }

  async start(demo) {
    const socket = join(this.folder, 'vault.sock');
    const vault = await started('tongbao-vault', ['--state', this.vault, '--socket', socket, '--reader', demo.tray]);
    const terminal = await started('tongbao-terminal', [
      '--state', join(this.folder, 'terminal'), '--vault', socket, '--host', demo.acquirer, '--manage', demo.manage, '--authority', demo.authority,
      '--http', '0', '--web', join(root, 'build/web/terminal'), '--tray', demo.tray, '--support', '400-000-0000',
    ]);
    this.children = [terminal.child, vault.child];
    this.url = `http://127.0.0.1:${terminal.port}/`;
  }

  /* At once, as a thing falls to the floor; and nothing of it is left. */
  async stop(signal = 'SIGKILL') {
    for (const child of this.children) {
      child.kill(signal);
      await ended(child);
    }
    this.children = [];
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/* At the page of a new terminal. `parcels` go to whoever has ordered it, `letters` to the shop. */
export class Newcomer extends Till {
  async card() {
    await this.sees('sale.present');
    await this.present('[data-card="good"]');
    if ((await this.sees('sale.pin', 'sale.approved')) === 'sale.pin') await this.secret(PIN);
  }

  /* The code of the parcel, what it will be bound to, and yes. */
  async activates(...names) {
    await this.sees('first.welcome');
    await this.inLanguage();
    await this.entry('code');
    await this.sees('first.code');
    await this.number(await this.parcels.next(ACTIVATION));
    await this.sees('first.confirm');
    const { text } = await this.shown();
    assert.ok(names.some((name) => text.includes(name)), text);
    await this.entry('yes');
    await this.sees('first.steps');
  }

  /* With whatever code: it belongs to a shop. */
  async isBound(text) {
    await this.sees('first.welcome');
    await this.inLanguage();
    await this.entry('code');
    await this.sees('first.code');
    await this.number('12345678');
    await this.reads(text);
  }

  reads(text) {
    return this.page.getByText(text).first().waitFor({ timeout: READY_MS });
  }

  /* One of the steps until the first customer may come, whichever the terminal says is next. */
  async takesStep(done) {
    await this.entry('next');
    const id = await this.sees('forgot.ways', 'login.operator', 'first.restore', 'sign_in.done', 'sale.amount', 'void.confirm');
    if (id === 'forgot.ways') {
      await this.choosesPassword(done.passwords === 0 ? '00' : '01');
      done.passwords += 1;
    } else if (id === 'login.operator') {
      /* The supervisor, where another device's data is offered and no cashier has a password yet. */
      await this.logsIn(done.passwords < 2 ? '00' : '01');
    } else if (id === 'first.restore') {
      await this.entry('none');
    } else if (id === 'sign_in.done') {
      await this.ok();
    } else {
      await this.ok();
      if (id === 'void.confirm') await this.agrees();
      await this.card();
      done.slips.push(await this.firstSlip());
    }
    if ((await this.pastTips('first.steps', 'first.all', 'first.restore')) === 'first.restore') await this.entry('none');
  }

  async choosesPassword(operator) {
    await this.entry('sms');
    await this.sees('recover.sent');
    await this.entry('code');
    await this.sees('recover.code');
    await this.secret(await this.letters.next(SIX));
    await this.enters(this.own[operator]);
    await this.sees('password.saved');
    await this.ok();
  }

  /* Every step, and the slips of one yuan and of its void. */
  async isReady() {
    const done = { passwords: 0, slips: [] };
    for (let step = 0; step < 12 && (await this.sees('first.steps', 'first.all')) !== 'first.all'; step += 1) {
      await this.takesStep(done);
      if ((await this.shown()).id === 'first.restore') await this.leaves('first.restore');
    }
    await this.sees('first.all');
    await this.entry('begin');
    await this.sees('main.menu');
    const [sale, taken] = done.slips;
    return { sale, taken };
  }

  async firstSlip() {
    await this.sees('sale.approved');
    const text = await this.printed();
    await this.cancel();
    await this.leaves('sale.approved');
    return text;
  }

  async sells(amount) {
    await this.amount(amount);
    await this.card();
    return this.slip();
  }
}
