/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the shared parts are built of. Each console brings its own: Element Plus for staff, Vant for
 * owners. A field has a label that is tied to it, and an error that is read out.
 */
import { inject, type Component, type InjectionKey } from 'vue';

export interface Kit {
  /* props: modelValue, label, kind ("text" | "password" | "digits"), autocomplete, fault, hint, id */
  Field: Component;
  /* props: kind ("main" | "plain" | "danger" | "link"), busy, submit */
  Press: Component;
  /* props: title; a part of a page */
  Panel: Component;
}

export const KIT: InjectionKey<Kit> = Symbol('kit');

export function useKit(): Kit {
  const kit = inject(KIT);
  if (kit === undefined) {
    throw new Error('no kit');
  }
  return kit;
}
