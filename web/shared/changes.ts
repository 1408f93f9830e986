/* SPDX-License-Identifier: Apache-2.0 */
/* Hearing of changes: a page asks "since when?" and is answered when there is something. */
import { onBeforeUnmount, onMounted } from 'vue';
import { Refusal } from './api';
import { useSite } from './entrance';

const PATIENCE_MS = 10 * 60 * 1000; /* a page that nobody looks at ends its session like any other */

const IDLE_MS = 1000; /* the host was full, and has not waited: not at once again */

/* Calls `load` at once and whenever the host has something new, while somebody is there. */
export function useChanges(load: () => Promise<number>) {
  const site = useSite();
  let gone = false;
  let touched = Date.now();
  const touch = () => (touched = Date.now());
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

  async function follow() {
    let now = -1;
    while (!gone) {
      try {
        now = now < 0 ? await load() : now;
        const said = await site.api.get<{ now: number }>(`/desk/changes?since=${now}`);
        if (said.now === now) {
          await pause(IDLE_MS);
        } else {
          now = -1;
        }
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) {
          await site.refresh();
          return;
        }
        await pause(3000);
        now = -1;
      }
      while (!gone && (document.hidden || Date.now() - touched > PATIENCE_MS)) {
        await pause(1000);
      }
    }
  }
  onMounted(() => {
    addEventListener('pointerdown', touch);
    addEventListener('keydown', touch);
    void follow();
  });
  onBeforeUnmount(() => {
    gone = true;
    removeEventListener('pointerdown', touch);
    removeEventListener('keydown', touch);
  });
}
