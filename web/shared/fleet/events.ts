/* SPDX-License-Identifier: Apache-2.0 */
/* The stream of events: the host answers when there is one, and says after how long to come again. */
import { useTurns } from '../changes';
import { useSite } from '../entrance';

const SETTLE_MS = 1500; /* what follows from an event, as an alert does, is there a second later */
const USUAL_MS = 500;

/* Calls `load` at once and after every event that this person may hear of. */
export function useEvents(load: () => Promise<void>) {
  const site = useSite();
  let last = '';
  useTurns(
    async (until) => {
      if (last === '') {
        last = idOf(await site.api.text('/v1/events/stream')) || '0';
        await load();
      }
      const said = await site.api.text('/v1/events/stream', { 'Last-Event-ID': last }, until);
      const again = Number(said.match(/^retry: (\d+)$/m)?.[1] ?? USUAL_MS);
      const newest = idOf(said);
      if (newest === '') {
        return again;
      }
      last = newest;
      await new Promise((done) => setTimeout(done, SETTLE_MS));
      await load();
      return again;
    },
    () => (last = ''),
  );
}

/* The number of the last event in a piece of the stream. */
const idOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? '';
