/* SPDX-License-Identifier: Apache-2.0 */
/* Elements by a call each. Texts are texts: nothing that the host or anybody else says is ever read as HTML. */

type Child = Node | string | null | undefined;
type Given = { class?: string; on?: Record<string, (event: Event) => void> } & Record<string, unknown>;

export function el<K extends keyof HTMLElementTagNameMap>(tag: K, given: Given = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name === 'on') {
      for (const [event, run] of Object.entries(value as Record<string, (event: Event) => void>)) made.addEventListener(event, run);
    } else if (typeof value === 'boolean') {
      made.toggleAttribute(name, value);
    } else if (value !== undefined) {
      made.setAttribute(name, String(value));
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

let numbers = 0;
export const fresh = (name: string) => `${name}-${++numbers}`;
