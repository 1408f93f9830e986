/* SPDX-License-Identifier: Apache-2.0 */
/* What this person may call, and why not: the host's word, asked once for each page that is opened. */
import { computed, onMounted, ref } from 'vue';
import { spoken } from '../api';
import { useSite } from '../entrance';

interface Rights {
  rights: { call: string; factor: boolean }[];
  why_not_zh: string;
  why_not_en: string;
}

/* `may("POST /updates/rollouts")`: false until the host has said so. */
export function useRights() {
  const site = useSite();
  const rights = ref<Rights | null>(null);
  onMounted(async () => {
    rights.value = await site.api.get<Rights>('/v1/rights').catch(() => null);
  });
  const calls = computed(() => new Set(rights.value?.rights.map((r) => r.call)));
  const may = (call: string) => calls.value.has(call);
  const whyNot = computed(() => (rights.value ? spoken(rights.value, 'why_not') : ''));
  return { may, whyNot };
}
