/* SPDX-License-Identifier: Apache-2.0 */
/* What the tray of a demo shows of the messages to one telephone or mail address, read in their order. */
import assert from 'node:assert/strict';

const WAIT_MS = 30000;

/* Six digits: no part of a longer number, and not the end of a serial number. And the code of a parcel. */
export const SIX = /(?<![\w-])\d{6}(?!\d)/;
export const ACTIVATION = /(?<=(激活码|Activation code) )\d{8}/;

export class Letters {
  constructor(demo, to) {
    Object.assign(this, { demo, to, read: 0 });
  }

  /* What was not read yet, the oldest first. */
  async all() {
    const { messages } = await (await fetch(new URL('api/tray/messages', this.demo.terminal))).json();
    return messages.filter((m) => m.to.endsWith(this.to) && m.number > this.read).sort((a, b) => a.number - b.number);
  }

  /* What fits in the next message that has it; those before are read, too. */
  async next(pattern) {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      const unread = await this.all();
      const one = unread.find(({ text }) => pattern.test(text));
      if (one !== undefined) {
        this.read = one.number;
        return one.text.match(pattern)[0];
      }
      assert.ok(Date.now() < end, `nothing with ${pattern} to ${this.to}: ${JSON.stringify(unread.map(({ text }) => text))}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}
