/* SPDX-License-Identifier: Apache-2.0 */
/* Regions, groups and parameters as the published interface tells of them, and how a value is typed. */
import { setup } from './words';

export interface Region {
  region: number;
  merchant: string;
  parent?: number;
  name: string;
  outlets: number;
}
export interface Outlet {
  merchant: string;
  outlet: number;
  name: string;
  region?: number;
}
export interface Group {
  group: number;
  merchant?: string;
  name: string;
  devices: number;
}
export interface Row {
  name: string;
  type: string;
  unit: string;
  least: number;
  most: number;
  delivered: number;
  acquirer: boolean;
  title_zh: string;
  title_en: string;
  does_zh: string;
  does_en: string;
}
export type Value = number | string;
export interface Words {
  name: string;
  text_zh: string;
  text_en: string;
}
export interface Set {
  level: string;
  subject: string;
  subject_zh: string;
  subject_en: string;
  version: number;
  values: Record<string, Value>;
  says: Words[];
  at?: number;
  by?: string;
  reason?: string;
  stage?: number;
  state?: string;
  stopped_zh?: string;
  stopped_en?: string;
  waiting: number;
  taken: number;
  in_force: number;
  refused: number;
  changes: Words[];
}

/* A value as it stands in a field: yuan of fen, hours and minutes of a minute of the day. */
export function typed(row: Row, value: Value): string {
  const number = Number(value);
  if (row.unit === 'fen') {
    return (number / 100).toFixed(2);
  }
  if (row.unit === 'minute') {
    return number < 0 ? '' : `${String(Math.floor(number / 60)).padStart(2, '0')}:${String(number % 60).padStart(2, '0')}`;
  }
  return String(value);
}

/* What a field says, for the host to judge; null: it is no such thing at all. */
export function valueOf(row: Row, text: string): Value | null {
  if (row.type === 'text') {
    return text;
  }
  if (row.unit === 'minute') {
    const at = text.trim().match(/^(\d{1,2})[:：](\d{2})$/);
    return text.trim() === '' ? -1 : at && Number(at[2]) < 60 ? Number(at[1]) * 60 + Number(at[2]) : null;
  }
  const number = text.trim().match(row.unit === 'fen' ? /^(\d{1,10})(?:\.(\d{1,2}))?$/ : /^(\d{1,10})$/);
  if (!number) {
    return null;
  }
  return row.unit === 'fen' ? Number(number[1]) * 100 + Number((number[2] ?? '').padEnd(2, '0')) : Number(number[1]);
}

/* What may be typed, as a hint. */
export function hintOf(row: Row): string {
  if (row.type === 'text') {
    return '';
  }
  if (row.unit === 'minute') {
    return setup.value.units.minute!;
  }
  const unit = setup.value.units[row.unit] ?? '';
  return `${setup.value.range(typed(row, row.least), typed(row, row.most))} ${unit}`.trim();
}

/* Everything of a list that has an end of its own: regions, outlets and groups of one merchant. */
export async function all<T>(ask: (after: string) => Promise<{ rows: T[]; next: string }>): Promise<T[]> {
  const rows: T[] = [];
  for (let after = '', asked = 0; asked < 60; asked += 1) {
    const said = await ask(after);
    rows.push(...said.rows);
    if (said.next === '') {
      break;
    }
    after = said.next;
  }
  return rows;
}
