/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the walks of a file have begun at its demo's terminal, and whether that is what procedures.mjs
 * says: the screens come from the terminal's own event stream, the keys from what the pages send, and the
 * serial of a screen joins the two.
 */
import assert from 'node:assert/strict';
import { screens as mocked } from '../../web/terminal/mock/screens.mjs';
import { ENDS, LISTS, MENUS } from './procedures.mjs';
import { Recorder } from './recorder.mjs';

const LANGS = ['zh', 'en'];

/*
 * The one walk that a file makes where WALKS=one says so, as `make test` does: in Chinese or in English, and by that of one width
 * and hand. Over the files both languages, both widths and all hands are there; `make walks`, and a file by itself, make every walk.
 * What is begun in passwords is shared out among two people there: a row is walked by one of them.
 */
export const ALONE = {
  after: 'zh', apply: 'zh', api: 'en', codes: 'en', counter: 'zh', demo: 'zh', journey: 'en', means: 'en', pairing: 'zh', records: 'zh', refused: 'en', shown: 'zh',
};
export const one = process.env.WALKS === 'one';
const languages = (file) => LANGS.filter((lang) => !one || (ALONE[file] ?? lang) === lang);

/* What node's test runner is told of a walk: false, or why it is left out. */
export const leftToWalks = (file, lang) => (languages(file).includes(lang) ? false : 'make walks has it');

/*
 * Whether axe-core looks at the colours of this screen in a walk, which is three quarters of its work. Those of a screen that the mock
 * has are looked at in every run, with the same style, by light and in the dark (screens.test.mjs): in one run of many that is enough.
 */
export const coloursOf = (id) => !one || !(id in mocked);

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

/* What these walks of `file` have left out, in words; nothing is well. Where `any`, a row wants one of the languages alone. */
export function leftOut(file, all, langs = languages(file), any = one) {
  const faults = all.flatMap((walks) => unknown(walks.recorder.screens));
  const taken = all.map((walks) => walks.taken());
  const missing = (found, by) => {
    const left = by === file ? langs.map(found).filter((fault) => fault !== null) : [];
    return any && left.length < langs.length ? [] : left;
  };
  for (const [menu, rows] of Object.entries(MENUS)) {
    for (const [key, [by, end]] of Object.entries(rows)) {
      const walk = (lang) => {
        const name = `${lang} ${menu}/${key}`;
        const ends = taken.flatMap((walked) => [...(walked.get(name) ?? [])]);
        return ends.includes(end) ? null : `${name} does not come to ${end}, but to ${ends.join(' ') || 'nothing'}`;
      };
      faults.push(...missing(walk, by));
    }
  }
  const seen = new Set(all.flatMap(({ recorder }) => recorder.screens.map(({ lang, id }) => `${lang} ${id}`)));
  for (const [end, by] of Object.entries(ENDS)) {
    faults.push(...missing((lang) => (seen.has(`${lang} ${end}`) ? null : `${lang} ${end} was not seen`), by));
  }
  return [...new Set(faults)];
}

export function everythingIsWalked(file, all) {
  assert.deepEqual(leftOut(file, all), []);
}
