/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the walks of a file have begun at its demo's terminal, and whether that is what procedures.mjs
 * says: the screens come from the terminal's own event stream, the keys from what the pages send, and the
 * serial of a screen joins the two.
 */
import assert from 'node:assert/strict';
import { ENDS, LISTS, MENUS } from './procedures.mjs';
import { Recorder } from './recorder.mjs';

const LANGS = ['zh', 'en'];

/* Rows of one kind are numbered: `quick_1` and `quick_2` are the same thing to begin. */
const kind = (key) => key.replace(/_\d+$/, '');

export class Walks {
  constructor(terminal) {
    this.recorder = new Recorder(terminal);
    this.keys = [];
  }

  /* What is chosen on this page from now on. */
  follow(page) {
    page.on('request', (request) => {
      if (request.method() === 'POST' && new URL(request.url()).pathname === '/api/key') {
        const { serial, key } = JSON.parse(request.postData());
        if (key.startsWith('choice:')) {
          this.keys.push({ serial, key: kind(key.slice('choice:'.length)) });
        }
      }
    });
  }

  close() {
    this.recorder.close();
  }

  /* The ids after the screen at `at`, until it was left and stands there again, or the main screen does. */
  trail(at) {
    const { screens } = this.recorder;
    const ids = screens.slice(at + 1).map(({ id }) => id);
    const left = ids.findIndex((id) => id !== screens[at].id);
    const end = ids.findIndex((id, n) => n >= left && (id === screens[at].id || id === 'main.menu'));
    return end < 0 ? ids : ids.slice(0, end + 1);
  }

  /* "zh main.menu/sale" -> the screens to which it has led. */
  taken() {
    const { screens } = this.recorder;
    const taken = new Map();
    for (const { serial, key } of this.keys) {
      const at = screens.findIndex((screen) => screen.serial === serial);
      if (at >= 0) {
        const name = `${screens[at].lang} ${screens[at].id}/${key}`;
        taken.set(name, new Set([...(taken.get(name) ?? []), ...this.trail(at)]));
      }
    }
    return taken;
  }
}

/* Menus and choices that a terminal has shown and that stand in no table. */
function unknown(screens) {
  const faults = new Set();
  for (const { id, choices = [] } of screens) {
    const rows = MENUS[id];
    if (rows === undefined) {
      if (!(id in LISTS) && choices.some(({ style }) => style === 'tile' || style === 'list')) {
        faults.add(`${id} is no menu and no list of procedures.mjs`);
      }
      continue;
    }
    for (const { key, enabled } of choices) {
      if (enabled && !(kind(key) in rows)) {
        faults.add(`${id}/${key} has no walk`);
      }
    }
  }
  return [...faults];
}

/* What these walks of `file` have left out, in words; nothing is well. */
export function leftOut(file, all) {
  const faults = all.flatMap((walks) => unknown(walks.recorder.screens));
  const taken = all.map((walks) => walks.taken());
  for (const [menu, rows] of Object.entries(MENUS)) {
    for (const [key, [by, end]] of Object.entries(rows)) {
      for (const lang of by === file ? LANGS : []) {
        const name = `${lang} ${menu}/${key}`;
        const ends = taken.flatMap((one) => [...(one.get(name) ?? [])]);
        if (!ends.includes(end)) {
          faults.push(`${name} does not come to ${end}, but to ${ends.join(' ') || 'nothing'}`);
        }
      }
    }
  }
  const seen = new Set(all.flatMap(({ recorder }) => recorder.screens.map(({ lang, id }) => `${lang} ${id}`)));
  for (const [end, by] of Object.entries(ENDS)) {
    faults.push(...LANGS.filter((lang) => by === file && !seen.has(`${lang} ${end}`)).map((lang) => `${lang} ${end} was not seen`));
  }
  return [...new Set(faults)];
}

export function everythingIsWalked(file, all) {
  assert.deepEqual(leftOut(file, all), []);
}
