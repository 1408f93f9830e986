/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A demo of one's own: `tongbao demo` with everything that belongs to it, started and stopped. The file
 * that it writes when it is ready says where its pages are and which passwords were printed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const program = process.env.TONGBAO ?? join(root, 'build/bin/tongbao');
const START_MS = 60000;

/* What stands in the file, once all of it does. */
function readyIn(path, child) {
  return new Promise((resolve, reject) => {
    const end = Date.now() + START_MS;
    const look = () => {
      if (existsSync(path) && readFileSync(path, 'utf8').trim().endsWith('}')) {
        resolve(JSON.parse(readFileSync(path, 'utf8')));
      } else if (Date.now() > end || (child && child.exitCode !== null)) {
        reject(new Error(`the demo did not start: ${child?.said ?? path}`));
      } else {
        setTimeout(look, 50);
      }
    };
    look();
  });
}

/* Starts a demo; with DEMO_READY=FILE one that runs already is used and left running. */
export async function startDemo() {
  if (process.env.DEMO_READY) {
    return { ...(await readyIn(process.env.DEMO_READY)), stop: async () => {} };
  }
  const folder = mkdtempSync(join(tmpdir(), 'tongbao-browser-'));
  const path = join(folder, 'ready.json');
  const child = spawn(program, ['demo', '--no-browser', '--ready-file', path], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      child.said = `${child.said}${text}`.slice(-4000);
    });
  }
  const ended = new Promise((resolve) => {
    child.on('exit', resolve);
    child.on('error', (error) => {
      child.said += error.message;
      child.exitCode ??= 1;
      resolve();
    });
  });
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGINT');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await readyIn(path, child)), pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/*
 * Before and after the tests of a file: a browser and a demo, and a folder of that name for pictures.
 * `then` does what else comes before the first test.
 */
export function withDemo(name, then = async () => {}) {
  const at = { pictures: join(root, 'build/screenshots', name) };
  before(async () => {
    mkdirSync(at.pictures, { recursive: true });
    at.browser = await launch();
    at.demo = await startDemo();
    await then(at);
  });
  after(async () => {
    await at.browser?.close();
    await at.demo?.stop();
  });
  return at;
}

/* Holds a program of this demo still until what is to be seen meanwhile has been seen. */
export async function heldStill(demo, name, meanwhile) {
  const pids = readdirSync('/proc').filter((entry) => {
    try {
      const [, comm, parent] = readFileSync(`/proc/${entry}/stat`, 'utf8').match(/^\d+ \((.*)\) \S (\d+)/);
      return name.startsWith(comm) && Number(parent) === demo.pid;
    } catch {
      return false; /* no process, or not any more */
    }
  });
  assert.equal(pids.length, 1, `${name} of this demo`);
  process.kill(Number(pids[0]), 'SIGSTOP');
  try {
    await meanwhile();
  } finally {
    process.kill(Number(pids[0]), 'SIGCONT');
  }
}
