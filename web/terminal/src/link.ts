/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page's line to the terminal program: the newest screen comes in over the event stream, what
 * was touched goes out, one thing at a time. A key is sent with the serial of the screen it was
 * meant for, and the program ignores a stale one; so a second digit waits until the screen that
 * the first one made is here. What still waits when another screen has come is dropped: it was
 * not meant for that one.
 */
import { computed, ref, shallowRef } from 'vue';
import {
  ENTRY_BACKSPACE,
  ENTRY_CANCEL,
  ENTRY_CLEAR,
  ENTRY_OK,
  Panel,
  fromBase64,
  textTouch,
  toBase64,
} from './panel';
import type { Screen } from './screen';

const WAITING_MAX = 24; /* a whole amount or password typed ahead, and no more */
const SCREEN_WAIT_MS = 500; /* a key may change nothing: then no screen follows it */
const RETRY_FIRST_MS = 300;
const RETRY_MAX_MS = 3000;
const REOPEN_MS = 2000;
const NOTICE_AFTER_MS = 900; /* a restart within this time is not worth a notice */

type Touch =
  | { kind: 'key'; key: string }
  | { kind: 'entry'; value: number | Uint8Array<ArrayBuffer> };
type PanelState = 'closed' | 'open' | 'elsewhere' | 'impossible';

interface Layout {
  sealed: string;
  keys: string[];
}

const screen = shallowRef<Screen | null>(null);
const lost = ref(false);
const panelState = ref<PanelState>('closed');
const layout = shallowRef<Layout | null>(null);
const strength = shallowRef<{ sealed: string; score: number; advice: string } | null>(null);
const secret = shallowRef<{ sealed: string; text: string } | null>(null);
const pasteTooLong = ref(false);

let panel: Panel | null = null;
const shown = shallowRef<{ sealed: string; amount: string; merchant: string } | null>(null);
let opening = ''; /* the sealed layout that is being opened, or is open */
let openedAt = 0; /* when the panel was last asked for, so that it is not asked for in a circle */
let notice = 0; /* the timer that will say that the connection is lost */
let waiting: { touch: Touch; about: string }[] = [];
let sending = false;
let screenArrived: (() => void) | null = null;

/* What a waiting touch was meant for: another screen or another entry is another thing. */
function about(s: Screen): string {
  return `${s.id}/${s.entry?.purpose ?? ''}`;
}

function typing(touch: Touch): boolean {
  return touch.kind === 'entry'
    ? touch.value !== ENTRY_OK && touch.value !== ENTRY_CANCEL
    : /^(digit:|point$|backspace$|clear$)/.test(touch.key);
}

async function post(path: string, body: unknown): Promise<Response> {
  return await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/* The terminal is there, its vault is not, or wants nothing of a keypad: screens are shown all the same. */
class PanelRefused extends Error {}

async function openPanel(): Promise<void> {
  openedAt = Date.now();
  layout.value = null;
  opening = '';
  panel = null;
  if (globalThis.crypto?.subtle === undefined) {
    panelState.value = 'impossible';
    return;
  }
  panel = await Panel.agree(async (mine) => {
    const answer = await post('api/panel', { public: toBase64(mine) });
    if (answer.status === 503) {
      throw new PanelRefused('the vault did not open the panel');
    }
    if (!answer.ok) {
      throw new Error(`the vault did not open the panel: ${answer.status}`);
    }
    const { public: theirs } = (await answer.json()) as { public: string };
    return fromBase64(theirs);
  });
  panelState.value = 'open';
  if (screen.value !== null) {
    void takeLayout(screen.value); /* it may have come while the keys were being agreed */
  }
}

/* A layout is opened once; the same one comes again with every star and is kept. */
async function takeLayout(s: Screen): Promise<void> {
  const sealed = s.entry?.layout;
  if (!sealed) {
    layout.value = null;
    opening = '';
    if (s.entry !== undefined && Date.now() - openedAt > REOPEN_MS) {
      await openPanel().catch(() => undefined); /* the vault has lost the channel, or never had one */
    }
    return;
  }
  if (panel === null || sealed === opening) {
    return;
  }
  layout.value = null;
  opening = sealed;
  try {
    const keys = await panel.openLayout(sealed);
    if (sealed === opening) {
      layout.value = { sealed, keys };
      panelState.value = 'open';
    }
  } catch {
    /* Sealed for another page, which then has the keypad; or an old one, and ours is on its way. */
    window.setTimeout(() => {
      if (sealed === opening && layout.value === null) {
        panelState.value = 'elsewhere';
      }
    }, NOTICE_AFTER_MS);
  }
}

/* The strength of what is being typed. It comes with every character, and is old with the next. */
async function takeStrength(s: Screen): Promise<void> {
  const sealed = s.entry?.strength;
  if (sealed === undefined || panel === null) {
    strength.value = null;
    return;
  }
  if (sealed === strength.value?.sealed) {
    return;
  }
  const opened = await panel.openStrength(sealed).catch(() => null);
  if (screen.value?.entry?.strength === sealed) {
    strength.value = opened === null ? null : { sealed, ...opened };
  }
}

/* A one-time password is opened once and is gone with its screen. */
async function takeSecret(s: Screen): Promise<void> {
  const sealed = s.secret?.sealed;
  if (sealed === undefined || panel === null) {
    secret.value = null;
    return;
  }
  if (sealed === secret.value?.sealed) {
    return;
  }
  const text = await panel.openText(sealed).catch(() => '');
  if (screen.value?.secret?.sealed === sealed) {
    secret.value = { sealed, text };
  }
}

/* What is to be paid, in the vault's own words. It comes before the first keypad and stays. */
async function takeShown(s: Screen): Promise<void> {
  const sealed = s.shown;
  if (sealed === undefined || panel === null) {
    shown.value = null;
    return;
  }
  if (sealed === shown.value?.sealed) {
    return;
  }
  shown.value = null;
  const text = await panel.openText(sealed).catch(() => '');
  if (screen.value?.shown === sealed && text !== '') {
    const [amount = '', merchant = ''] = text.split('\n');
    shown.value = { sealed, amount, merchant };
  }
}

function take(s: Screen): void {
  const before = screen.value;
  screen.value = s;
  document.documentElement.lang = s.lang === 'en' ? 'en' : 'zh-CN';
  document.title = `${s.title} · Tongbao`;
  if (before !== null && about(before) !== about(s)) {
    waiting = [];
  }
  void takeShown(s)
    .then(() => takeLayout(s))
    .then(() => takeStrength(s))
    .then(() => takeSecret(s));
  screenArrived?.();
}

async function deliver(touch: Touch, serial: number): Promise<void> {
  if (touch.kind === 'key') {
    await post('api/key', { serial, key: touch.key });
    return;
  }
  if (panel === null) {
    return;
  }
  const sealed = await panel.seal(touch.value);
  const answer = await post('api/entry', { serial, sealed });
  if (answer.status === 409) {
    await openPanel();
  }
}

async function drain(): Promise<void> {
  if (sending) {
    return;
  }
  sending = true;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const now = screen.value;
    if (now === null || next.about !== about(now)) {
      continue;
    }
    const answered = new Promise<void>((resolve) => {
      screenArrived = resolve;
    });
    try {
      await deliver(next.touch, now.serial);
      const timeout = new Promise((resolve) => setTimeout(resolve, SCREEN_WAIT_MS));
      await Promise.race([answered, timeout]);
    } catch {
      waiting = []; /* the event stream notices the loss and tells the user */
    }
    screenArrived = null;
  }
  sending = false;
}

function touch(what: Touch): void {
  const now = screen.value;
  pasteTooLong.value = false;
  if (now === null || lost.value || waiting.length >= WAITING_MAX) {
    return;
  }
  const last = waiting.at(-1)?.touch;
  if (!typing(what) && last !== undefined && !typing(last)) {
    return; /* a second tap on the same button is not a second wish */
  }
  waiting.push({ touch: what, about: about(now) });
  void drain();
}

/* Characters for a keyboard entry, typed or pasted; digits on a keypad are positions. */
function pressText(text: string): void {
  const entry = screen.value?.entry;
  if (entry === undefined || layout.value === null || text === '') {
    return;
  }
  if (entry.keyboard !== 'text') {
    [...text].forEach((c) => {
      const position = /^[0-9]$/.test(c) ? (layout.value?.keys.indexOf(c) ?? -1) : -1;
      if (position >= 0) {
        pressPosition(position);
      }
    });
    return;
  }
  const value = textTouch(text);
  pasteTooLong.value = value === null;
  if (value !== null) {
    touch({ kind: 'entry', value });
  }
}

function press(key: string): void {
  const entry = screen.value?.entry;
  if (entry !== undefined && layout.value !== null && (key === 'ok' || key === 'cancel')) {
    touch({ kind: 'entry', value: key === 'ok' ? ENTRY_OK : ENTRY_CANCEL });
  } else if (entry?.keyboard === 'text' && (key === 'backspace' || key === 'clear')) {
    touch({ kind: 'entry', value: key === 'clear' ? ENTRY_CLEAR : ENTRY_BACKSPACE });
  } else {
    touch({ kind: 'key', key });
  }
}

/* What was written into a field of text, whole. */
async function write(text: string): Promise<void> {
  const now = screen.value;
  if (now !== null && !lost.value) {
    await post('api/text', { serial: now.serial, text }).catch(() => undefined);
  }
}

async function sendStrokes(points: Uint8Array): Promise<void> {
  const now = screen.value;
  if (now !== null && !lost.value) {
    await post('api/strokes', { serial: now.serial, points: toBase64(points) }).catch(() => undefined);
  }
}

function pressPosition(position: number): void {
  touch({ kind: 'entry', value: position });
}

async function connect(retryMs: number): Promise<void> {
  const again = (): void => {
    clearTimeout(notice);
    notice = window.setTimeout(() => {
      lost.value = true;
    }, NOTICE_AFTER_MS);
    window.setTimeout(() => void connect(Math.min(retryMs * 2, RETRY_MAX_MS)), retryMs);
  };
  try {
    await openPanel();
  } catch (error) {
    if (!(error instanceof PanelRefused)) {
      again();
      return;
    }
  }
  const events = new EventSource('api/events');
  events.onmessage = (event: MessageEvent<string>) => {
    clearTimeout(notice);
    lost.value = false;
    retryMs = RETRY_FIRST_MS;
    take(JSON.parse(event.data) as Screen);
  };
  events.onerror = () => {
    events.close();
    waiting = [];
    again();
  };
}

export function useLink() {
  return {
    screen,
    lost,
    panelState,
    keys: computed(() => layout.value?.keys ?? null),
    strength,
    shown,
    secret: computed(() => secret.value?.text ?? null),
    pasteTooLong,
    press,
    pressPosition,
    pressText,
    write,
    sendStrokes,
    takeOver: () => openPanel().catch(() => undefined), /* the notice stays: he may try again */
    start: () => connect(RETRY_FIRST_MS),
  };
}
