/* SPDX-License-Identifier: Apache-2.0 */
/* The acquirer's groups of devices, to choose one from. */
import { onMounted, ref } from 'vue';
import { useSite } from '../../../shared/entrance';

export interface Group {
  group: number;
  name: string;
  devices: number;
}

export function useGroups() {
  const site = useSite();
  const groups = ref<Group[]>([]);
  onMounted(async () => {
    const said = await site.api.get<{ groups: Group[] }>('/v1/groups?limit=200').catch(() => ({ groups: [] }));
    groups.value = said.groups;
  });
  return groups;
}
