/* SPDX-License-Identifier: Apache-2.0 */
/* Counts seconds down between two screens, so that the program need not send one every second. */
import { onUnmounted, ref, watch, type Ref } from 'vue';

export function useSeconds(given: () => [number | undefined, number]): Ref<number | undefined> {
  const left = ref<number | undefined>();
  let timer = 0;
  watch(
    given,
    ([seconds]) => {
      clearInterval(timer);
      left.value = seconds;
      if (seconds === undefined) {
        return;
      }
      const end = Date.now() + seconds * 1000;
      timer = window.setInterval(() => {
        left.value = Math.max(0, Math.round((end - Date.now()) / 1000));
      }, 500);
    },
    { immediate: true },
  );
  onUnmounted(() => clearInterval(timer));
  return left;
}
