/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every page of a console asks first: who is in. The entry of the document is small and asks it at
 * once, while the rest is still being fetched and read; the rest takes the answer from here. An answer that did not
 * come, or is a refusal, is none: it is asked for again, with all that belongs to it (api.ts).
 */
let answer: Promise<unknown> | null = null;

export function askWhoIsIn(realm: 'staff' | 'console') {
  answer = fetch(`/api/${realm}/session`, { credentials: 'same-origin', cache: 'no-store' })
    .then((said) => (said.ok ? said.json() : null))
    .catch(() => null);
}

/* The answer, once: whoever asks later wants to know how it is then. */
export async function whoIsIn(): Promise<unknown> {
  const first = answer;
  answer = null;
  return first;
}
