/* SPDX-License-Identifier: Apache-2.0 */
/* Hearing of changes: a page asks "since when?" and is answered when there is something. */
import { onBeforeUnmount, onMounted } from 'vue';
import { Refusal } from './api';
import { useSite } from './entrance';

const PATIENCE_MS = 10 * 60 * 1000; /* a page that nobody looks at ends its session like any other */
const AGAIN_MS = 3000; /* after a failure */
const IDLE_MS = 1000; /* the host was full, and has not waited: not at once again */

/*
 * Runs `turn` again and again while somebody is there: it waits at the host, and says after how many
 * milliseconds it wants to ask again. `broken` hears of a failure. The signal ends a question when
 * the page is left: a browser has six connections to a host, and six pages that were left would have
 * the next one wait for all of them.
 */
export function useTurns(turn: (until: AbortSignal) => Promise<number>, broken: () => void) {
  const site = useSite();
  const leaving = new AbortController();
  let gone = false;
  let touched = Date.now();
  const touch = () => (touched = Date.now());
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

  async function follow() {
    while (!gone) {
      try {
        const wait = await turn(leaving.signal);
        if (wait > 0) {
          await pause(wait);
        }
      } catch (error) {
        if (gone) {
          return;
        }
        if (error instanceof Refusal && error.status === 401) {
          await site.refresh();
          return;
        }
        await pause(AGAIN_MS);
        broken();
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
    leaving.abort();
    removeEventListener('pointerdown', touch);
    removeEventListener('keydown', touch);
  });
}

/* Calls `load` at once and whenever the host has something new, while somebody is there. */
export function useChanges(load: () => Promise<number>) {
  const site = useSite();
  let now = -1;
  useTurns(
    async (until) => {
      now = now < 0 ? await load() : now;
      const said = await site.api.get<{ now: number }>(`/desk/changes?since=${now}`, until);
      if (said.now === now) {
        return IDLE_MS;
      }
      now = -1;
      return 0;
    },
    () => (now = -1),
  );
}
