/* SPDX-License-Identifier: Apache-2.0 */
/* The form of one call: what is filled in, sent, and answered. */
import { curl, hasKey, keyLooksRight, send, type Answered, type Filled, type Way } from './call';
import type { Call, Interface, Parameter } from './document';
import { el, fresh } from './element';
import { typeOf } from './tables';
import type { texts } from './words';

type Words = (typeof texts)['zh'];

const SHOWN_MAX = 100000;

function input(api: Interface, p: Parameter, w: Words): { field: HTMLElement; read: () => string } {
  const id = fresh('parameter');
  const words = api.resolve(p.schema).schema.enum ?? (p.schema.type === 'boolean' ? ['true', 'false'] : undefined);
  const box: HTMLInputElement | HTMLSelectElement =
    words === undefined
      ? el('input', { id, name: p.name, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', 'aria-describedby': `${id}-hint` })
      : el('select', { id, name: p.name, 'aria-describedby': `${id}-hint` }, ...['', ...words].map((word) => el('option', { value: word }, word || w.any)));
  const again = p.name === 'Idempotency-Key';
  if (again) box.value = crypto.randomUUID();
  const field = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, el('code', {}, p.name), el('span', { class: 'kind' }, w.places[p.in]), p.required ? el('span', { class: 'kind' }, w.required) : null),
    el(
      'div',
      { class: 'with-press' },
      box,
      again ? el('button', { type: 'button', class: 'plain', on: { click: () => (box.value = crypto.randomUUID()) } }, w.fresh) : null,
    ),
    el('p', { class: 'hint', id: `${id}-hint` }, el('span', { lang: 'en' }, p.description), ` · ${typeOf(api, p.schema, w)}`),
  );
  return { field, read: () => box.value.trim() };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function file(blob: Blob, call: Call, w: Words): HTMLElement {
  const link = el('a', { class: 'press', href: URL.createObjectURL(blob), download: `${call.id}.${blob.type.split('/').pop() ?? 'bin'}` }, w.save);
  return el('div', {}, el('p', {}, w.file(blob.type, blob.size)), link);
}

function shown(answered: Answered, call: Call, w: Words): HTMLElement {
  const good = answered.status < 400;
  const text = answered.text === null ? '' : pretty(answered.text);
  const cut = text.length > SHOWN_MAX;
  return el(
    'section',
    { class: 'answer', 'data-status': answered.status },
    el('h4', { tabindex: '-1' }, `${w.got} `, el('span', { class: good ? 'status good' : 'status bad' }, String(answered.status))),
    el('dl', { class: 'headers' }, ...answered.headers.flatMap(([name, value]) => [el('dt', {}, el('code', {}, name)), el('dd', {}, value)])),
    answered.blob !== null
      ? file(answered.blob, call, w)
      : el('pre', { class: 'body', tabindex: '0', 'aria-label': w.content }, text === '' ? w.empty : text.slice(0, SHOWN_MAX)),
    cut ? el('p', { class: 'hint' }, w.cut(SHOWN_MAX)) : null,
  );
}

function line(text: string, call: Call, w: Words): HTMLElement {
  const said = el('span', { role: 'status', class: 'note' });
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    said.textContent = w.copied;
  };
  return el(
    'section',
    { class: 'curl' },
    el('h4', {}, w.curl),
    el('pre', { tabindex: '0', 'aria-label': w.curl }, text),
    call.open ? null : el('p', { class: 'hint' }, w.curlHint),
    el('div', { class: 'presses' }, el('button', { type: 'button', class: 'plain', on: { click: () => void copy() } }, w.copy), said),
  );
}

/* Why it cannot be sent as it stands; "" when it can. */
function wrong(filled: Filled, way: Way, w: Words): string {
  const missing = filled.call.parameters.find((p) => p.required && filled.values[p.name] === '');
  if (missing !== undefined) return w.missing(missing.name);
  if (way === 'key' && !hasKey()) return w.noKey;
  if (way === 'key' && !keyLooksRight()) return w.keyWrong;
  if (filled.call.body === null) return '';
  try {
    JSON.parse(filled.body);
    return '';
  } catch (error) {
    return w.notJson((error as Error).message);
  }
}

export function tryForm(api: Interface, call: Call, way: () => Way, w: Words): HTMLElement {
  const inputs = call.parameters.map((p) => ({ p, ...input(api, p, w) }));
  const id = fresh('body');
  const text = call.body === null ? '' : JSON.stringify(api.example(call.body), null, 2);
  const body = el('textarea', { id, spellcheck: 'false', autocomplete: 'off', rows: Math.min(16, text.split('\n').length + 1) });
  body.value = text;
  const fault = el('p', { class: 'fault', role: 'alert' });
  const button = el('button', { type: 'submit', class: 'press' }, w.send);
  const result = el('div', { 'aria-live': 'polite' });
  const filled = (): Filled => ({ call, body: body.value, values: Object.fromEntries(inputs.map(({ p, read }) => [p.name, read()])) });

  const submit = async () => {
    const now = filled();
    fault.textContent = wrong(now, way(), w);
    if (fault.textContent !== '' || button.disabled) return;
    button.disabled = true;
    button.textContent = w.sending;
    try {
      const answered = await send(api.server, now, way());
      result.replaceChildren(shown(answered, call, w), line(curl(api.server, now), call, w));
      result.querySelector<HTMLElement>('h4')!.focus();
    } catch {
      result.replaceChildren();
      fault.textContent = w.offline;
    } finally {
      button.disabled = false;
      button.textContent = w.send;
    }
  };
  const writes = call.method !== 'GET';
  return el(
    'form',
    {
      novalidate: true,
      on: {
        submit: (event) => {
          event.preventDefault();
          void submit();
        },
      },
    },
    inputs.length > 0 ? el('h4', {}, w.parameters) : null,
    el('div', { class: 'fields' }, ...inputs.map(({ field }) => field)),
    writes && inputs.length > 0 ? el('p', { class: 'hint' }, w.repeat) : null,
    call.body === null ? null : el('div', { class: 'field' }, el('label', { for: id }, w.body), body),
    writes ? el('p', { class: 'hint' }, w.real) : null,
    fault,
    el('div', { class: 'presses' }, button),
    result,
  );
}
