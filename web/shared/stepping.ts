/* SPDX-License-Identifier: Apache-2.0 */
/* Doing something for which the host may want a factor once more. */
import { ref, watch } from 'vue';
import { Refusal } from './api';
import { useSite } from './entrance';
import { language } from './words';

/* Runs one thing at a time; asks for a factor where the host wants one, and then does it. `say` has the
 * words for a refusal. */
export function useStepping(say: (error: unknown) => string) {
  const site = useSite();
  const busy = ref(false);
  const fault = ref('');
  const note = ref('');
  const factors = ref<{ totp: boolean; passkey: boolean } | null>(null);
  watch(language, () => (fault.value = note.value = '')); /* it was said in the other one */
  let waiting: (() => Promise<void>) | null = null;

  async function run(work: () => Promise<void>) {
    if (busy.value) {
      return;
    }
    busy.value = true;
    fault.value = note.value = '';
    try {
      await work();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'step_up') {
        const own = await site.api.get<{ totp: boolean; passkeys: unknown[] }>('/security');
        waiting = work;
        factors.value = { totp: own.totp, passkey: own.passkeys.length > 0 };
      } else {
        fault.value = say(error);
      }
    } finally {
      busy.value = false;
    }
  }
  async function steppedUp() {
    const work = waiting;
    factors.value = waiting = null;
    if (work) {
      await run(work);
    }
  }
  const cancel = () => (factors.value = waiting = null);
  return { site, busy, fault, note, factors, run, steppedUp, cancel };
}
