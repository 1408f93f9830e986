/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal program's own texts, read from its catalogue, and pieces of the mock's screens made of them. */
import { readFileSync } from 'node:fs';

const FILES = [
  'texts.h', 'texts_after.h', 'texts_backup.h', 'texts_download.h', 'texts_first.h', 'texts_means.h',
  'texts_offline.h', 'texts_people.h', 'texts_training.h',
];

const catalogue = new Map();
for (const name of FILES) {
  const source = readFileSync(new URL(`../../../terminal/${name}`, import.meta.url), 'utf8');
  for (const found of source.matchAll(/X\((\w+), \w+, ("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\)/g)) {
    catalogue.set(found[1], { zh: JSON.parse(found[2]), en: JSON.parse(found[3]) });
  }
}

/* A text of the catalogue with its places filled. */
export function say(t, name, ...values) {
  const texts = catalogue.get(name);
  if (texts === undefined) {
    throw new Error(`the catalogue has no text ${name}`);
  }
  return t(texts.zh, texts.en).replace(/\{(\d)\}/g, (_, place) => values[Number(place) - 1]);
}

export const SUPPORT = '400-000-0000';

export const lines = (t, ...rows) => rows.map(([style, name, ...values]) => ({ style, text: say(t, name, ...values) }));
export const button = (t, key, name, style = 'primary', icon = undefined) => ({ key, text: say(t, name), style, icon });
export const row = (t, key, name, icon, ...values) => ({ key, text: say(t, name, ...values), style: 'list', icon });
