/* SPDX-License-Identifier: Apache-2.0 */
/* Members of objects and what may be refused, as tables. */
import type { Call, Interface, Schema } from './document';
import { el } from './element';
import type { texts } from './words';

type Words = (typeof texts)['zh'];

/* "text, 2 to 6", "list of Device", "one of: red, blue" */
export function typeOf(api: Interface, schema: Schema, w: Words): string {
  const { name, schema: it } = api.resolve(schema);
  if (name !== '') return name;
  if (it.enum !== undefined) return it.enum.join(' | ');
  if (it.items !== undefined) return w.list(typeOf(api, it.items, w));
  const from = it.minimum ?? it.minLength ?? it.minItems;
  const to = it.maximum ?? it.maxLength ?? it.maxItems;
  const huge = to !== undefined && to > Number.MAX_SAFE_INTEGER;
  const limits = from === undefined && (to === undefined || huge) ? '' : ` ${from ?? 0}…${to === undefined || huge ? '' : to}`;
  return `${it.type ?? ''}${limits}`;
}

function rows(api: Interface, schema: Schema, w: Words): HTMLElement {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return el('p', { class: 'hint' }, w.noMembers);
  const list = el('dl', { class: 'members' });
  for (const [name, member] of members) {
    const must = schema.required?.includes(name) === true;
    list.append(
      el('dt', {}, el('code', {}, name), el('span', { class: 'kind' }, typeOf(api, member, w)), el('span', { class: 'kind' }, must ? w.required : w.optional)),
      el('dd', { lang: 'en' }, member.description ?? ''),
    );
  }
  return list;
}

/* The object and every object in it. */
export function tables(api: Interface, schema: Schema | null, w: Words): HTMLElement[] {
  if (schema === null) return [];
  return api.tables(schema).map(({ name, schema: it }) => el('section', { class: 'schema' }, el('h5', {}, el('code', {}, name)), rows(api, it, w)));
}

export function refusals(call: Call): HTMLElement {
  const list = el('dl', { class: 'members' });
  for (const { status, text } of call.refusals) list.append(el('dt', {}, el('code', {}, status)), el('dd', { lang: 'en' }, text));
  return list;
}
