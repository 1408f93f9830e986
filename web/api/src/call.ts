/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends one call, and tells it as a line for curl. The key is a value of this module: it is never stored, never shown again,
 * never in an address, and never in the line for curl, which takes it from a file.
 */
import type { Call } from './document';

export type Way = 'nobody' | 'key' | 'console' | 'staff';

export interface Filled {
  call: Call;
  values: Record<string, string>; /* of parameters, by name; empty: not sent */
  body: string;
}

export interface Answered {
  status: number;
  headers: [string, string][];
  text: string | null; /* null: no text */
  blob: Blob | null;
}

export interface Session {
  state: string;
  csrf?: string;
  account?: { name: string; roles: string[] };
}

/* Of all headers, those that a program acts on. */
const TOLD = ['content-type', 'content-length', 'idempotent-replayed', 'retry-after', 'www-authenticate', 'last-event-id'];

let key = '';
let csrf = '';

export const takeKey = (said: string) => {
  key = said.trim();
};
export const hasKey = () => key !== '';

/* A header can carry printable ASCII alone, and a key has nothing else. */
export const keyLooksRight = () => /^[\x21-\x7e]+$/.test(key);

/* Who is in at that console; what is needed to write is kept here. */
export async function session(realm: 'console' | 'staff'): Promise<Session> {
  csrf = '';
  const answer = await fetch(`/api/${realm}/session`, { credentials: 'same-origin', cache: 'no-store' });
  const said = (await answer.json()) as Session;
  csrf = said.csrf ?? '';
  return said;
}

export function address(server: string, { call, values }: Filled): string {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const query = call.parameters
    .filter((p) => p.in === 'query' && (values[p.name] ?? '') !== '')
    .map((p) => `${encodeURIComponent(p.name)}=${encodeURIComponent(values[p.name]!)}`);
  return server + path + (query.length > 0 ? `?${query.join('&')}` : '');
}

function headersOf(filled: Filled): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const p of filled.call.parameters)
    if (p.in === 'header' && (filled.values[p.name] ?? '') !== '') headers[p.name] = filled.values[p.name]!;
  if (filled.call.body !== null) headers['Content-Type'] = 'application/json';
  return headers;
}

export async function send(server: string, filled: Filled, way: Way): Promise<Answered> {
  const headers = headersOf(filled);
  if (way === 'key') headers['Authorization'] = `Bearer ${key}`;
  if (way === 'console' || way === 'staff') {
    headers['X-Tongbao-Realm'] = way;
    if (filled.call.method !== 'GET') headers['X-CSRF'] = csrf;
  }
  const answer = await fetch(address(server, filled), {
    method: filled.call.method,
    headers,
    body: filled.call.body === null ? null : filled.body,
    credentials: way === 'console' || way === 'staff' ? 'same-origin' : 'omit',
    cache: 'no-store',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });
  const readable = /json|^text\//.test(answer.headers.get('content-type') ?? 'text/plain');
  return {
    status: answer.status,
    headers: TOLD.flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name)!] as [string, string]] : [])),
    text: readable ? await answer.text() : null,
    blob: readable ? null : await answer.blob(),
  };
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/* For a shell. The key comes from a file, which other people of the machine do not see in the list of processes. */
export function curl(server: string, filled: Filled): string {
  const parts = ['curl'];
  if (filled.call.method !== 'GET') parts.push('-X', filled.call.method);
  if (!filled.call.open) parts.push('-H', '@tongbao.key');
  for (const [name, value] of Object.entries(headersOf(filled))) parts.push('-H', quoted(`${name}: ${value}`));
  if (filled.call.body !== null) parts.push('--data', quoted(filled.body));
  parts.push(quoted(location.origin + address(server, filled)));
  return parts.join(' ');
}
