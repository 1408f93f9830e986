/* SPDX-License-Identifier: Apache-2.0 */
/* A new policy of the demo's model: signed and handed out by the host, and awaited at the terminal. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './recorder.mjs';
import { program } from './stage.mjs';

const run = promisify(execFile);
const MODEL = 'TB-1';
const TID = '10000017';

/* `change` gets the text of version 1; `clerk` is somebody of the desk, who sees which version a device has. */
export async function publishPolicy(demo, clerk, change) {
  const { stdout } = await run(program, ['policy', 'show', '--model', MODEL, '--text']);
  const file = join(demo.directory, 'walk.policy');
  writeFileSync(file, change(stdout.replace(/^version 1$/m, 'version 2')));
  await run(program, ['admin', 'policy', '--state', join(demo.directory, 'admin'), '--file', file]);
  await eventually('the new policy at the terminal', async () => {
    const { devices } = await clerk.get(`/desk/devices?q=${TID}`);
    return devices[0].policy === 2;
  });
}
