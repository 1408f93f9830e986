/* SPDX-License-Identifier: Apache-2.0 */
/* A list of the published interface, page by page: `next` is where it goes on. */
import { ref, type Ref } from 'vue';
import { useSite } from '../entrance';
import { asQuery } from './fleet';

const PAGE = 50;
const MOST = 200; /* that one call answers */

export function usePages<T>(path: string, member: string, wanted: () => Record<string, string | number | boolean | undefined>, say: (error: unknown) => string) {
  const site = useSite();
  const rows = ref(null) as Ref<T[] | null>;
  const next = ref('');
  const fault = ref('');
  const busy = ref(false);

  async function ask(query: Record<string, string | number>) {
    const said = await site.api.get<Record<string, unknown>>(`${path}${asQuery({ ...wanted(), ...query })}`);
    next.value = (said.next as string | null | undefined) ?? '';
    return said[member] as T[];
  }
  /* As many as are shown are read again. */
  async function read() {
    try {
      rows.value = await ask({ limit: Math.min(MOST, Math.max(PAGE, rows.value?.length ?? 0)) });
      fault.value = '';
    } catch (error) {
      fault.value = say(error);
      throw error;
    }
  }
  async function working(work: () => Promise<void>) {
    busy.value = true;
    try {
      await work();
    } catch (error) {
      fault.value = say(error);
    }
    busy.value = false;
  }
  const again = () => working(read);
  const more = () =>
    working(async () => {
      rows.value = [...(rows.value ?? []), ...(await ask({ limit: PAGE, after: next.value }))];
    });
  return { site, rows, next, fault, busy, read, again, more };
}
