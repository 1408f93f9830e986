/* SPDX-License-Identifier: Apache-2.0 */
/* What a terminal's program said, beside what its page shows; and waiting for what is not on a page. */
import assert from 'node:assert/strict';
import { get } from 'node:http';

const WAIT_MS = 20000;

/* Looks again and again until there is something. */
export async function eventually(what, look) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    assert.ok(Date.now() < end, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/* The terminal's screens as data, in the order in which they came. */
export class Recorder {
  constructor(terminal) {
    this.screens = [];
    let text = '';
    this.request = get(new URL('api/events', terminal), (answer) => {
      answer.setEncoding('utf8');
      answer.on('data', (piece) => {
        text += piece;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const data = text.slice(0, end).split('\n').filter((line) => line.startsWith('data:'));
          text = text.slice(end + 2);
          if (data.length > 0) {
            this.screens.push(JSON.parse(data.map((line) => line.slice(5)).join('\n')));
          }
        }
      });
      answer.on('error', () => {});
    });
    this.request.on('error', () => {});
  }

  /* Until what the page of this person shows has been recorded too: two connections bring them. */
  async reaches(person) {
    const { serial } = await person.shown();
    await eventually(`screen ${serial}`, () => (this.screens.at(-1)?.serial ?? -1) >= serial);
  }

  /* The ids since this many screens, each once for as long as it stood. */
  ids(from) {
    const all = this.screens.slice(from).map((screen) => screen.id);
    return all.filter((id, at) => id !== all[at - 1]);
  }

  /* The last state of each screen since then, without what belongs to the moment or is sealed. */
  settled(from) {
    const since = this.screens.slice(from);
    return since
      .filter((screen, at) => screen.id !== since[at + 1]?.id)
      .map(({ serial: _serial, countdown: _countdown, ...screen }) => {
        const status = { ...screen.status, time: '' };
        const entry = screen.entry && { ...screen.entry, layout: '', strength: '' };
        return { ...screen, status, entry };
      });
  }

  close() {
    this.request.destroy();
  }
}
