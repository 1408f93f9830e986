/* SPDX-License-Identifier: Apache-2.0 */
/* Today's takings as they happen: the host answers when there is a payment, and nobody polls. */
import { ref } from 'vue';
import { useTurns } from '../../../shared/changes';
import { useSite } from '../../../shared/entrance';
import { sayFunds, type Today } from './words';

/* `more` is called with every answer, at the latest after half a minute. */
export function useToday(more: () => Promise<void>) {
  const site = useSite();
  const today = ref<Today['today'] | null>(null);
  const fault = ref('');
  let since = '';
  useTurns(
    async (until) => {
      try {
        const said = await site.api.get<Today>(`/v1/figures/changes${since}`, until);
        today.value = said.today;
        await more();
        since = `?since=${said.now}`;
        fault.value = '';
        return said.again_ms;
      } catch (error) {
        fault.value = until.aborted ? '' : sayFunds(error);
        throw error;
      }
    },
    () => (since = ''),
  );
  return { today, fault };
}
