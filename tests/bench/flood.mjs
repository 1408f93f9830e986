/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that asks without end, with all keys that it was given, over so many connections: of fair.mjs. */
import { Agent, request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { base, keys, connections } = workerData;
const agent = new Agent({ keepAlive: true });
const counts = { answered: 0, refused: 0 };
let over = false;

function call(key) {
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/api/v1/keys', base), { agent, headers: { Authorization: `Bearer ${key}` } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function asks(n) {
  while (!over) {
    if ((await call(keys[n % keys.length])) === 200) counts.answered += 1;
    else counts.refused += 1;
  }
}

parentPort.once('message', () => {
  over = true;
});
await Promise.all(Array.from({ length: connections }, (_, n) => asks(n)));
agent.destroy();
parentPort.postMessage(counts);
