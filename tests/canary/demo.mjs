/* SPDX-License-Identifier: Apache-2.0 */
/* A demo whose programs write down what passes over their sockets, and the processes of which it consists. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const START_MS = 30000;
export const tongbao = process.env.TONGBAO ?? 'build/bin/tongbao';

export function startDemo() {
  const folder = mkdtempSync(join(tmpdir(), 'tongbao-canary-'));
  const note = join(folder, 'note.json');
  const wire = join(folder, 'wire');
  mkdirSync(wire);
  const child = spawn(tongbao, ['demo', '--no-browser', '--ready-file', note], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CANARY_WIRE: wire,
      LD_PRELOAD: resolve(process.env.TONGBAO_CANARY ?? 'build/meson/tests/canary', 'libcanary_wire.so'),
    },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      said = `${said}${text}`.slice(-4000);
    });
  }
  return new Promise((done, fail) => {
    const end = Date.now() + START_MS;
    const look = () => {
      if (existsSync(note) && readFileSync(note, 'utf8').trim().endsWith('}')) {
        done({ ...JSON.parse(readFileSync(note, 'utf8')), child, folder, note, wire });
      } else if (Date.now() > end || child.exitCode !== null) {
        child.kill('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
        fail(new Error(`the demo did not start: ${said}`));
      } else {
        setTimeout(look, 50);
      }
    };
    child.on('error', fail);
    look();
  });
}

export async function stopDemo(demo) {
  if (demo && demo.child.exitCode === null) {
    const ended = new Promise((done) => demo.child.on('exit', done));
    demo.child.kill('SIGINT');
    await ended;
  }
  if (demo) {
    rmSync(demo.folder, { recursive: true, force: true });
  }
}

/* proc(5), stat: the name in parentheses, a state, the parent. */
function processAt(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    return { pid: Number(pid), name, parent };
  } catch {
    return null; /* it has ended meanwhile */
  }
}

/* A process and all that came from it. */
export function processesOf(pid) {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(processAt).filter(Boolean);
  const found = all.filter((one) => one.pid === pid);
  for (const parent of found) {
    found.push(...all.filter((one) => one.parent === parent.pid));
  }
  return found;
}
