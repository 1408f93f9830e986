/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keyboard: digits go to the keypad, Enter is ok, Escape is cancel, arrows walk over what can
 * be chosen. All of a screen can be reached without a pointer.
 */
import type { Choice, Screen } from './screen';

/* The choices that a digit key chooses: those on tiles and in lists, as far as ten digits go. */
export function numbered(choices: Choice[]): Choice[] {
  return choices.filter((c) => c.style === 'tile' || c.style === 'list');
}

/* The choice that Enter takes when the screen has no ok: the one drawn as the main button. */
export function primaryOf(screen: Screen): Choice | undefined {
  return screen.choices?.find((c) => c.style === 'primary' && c.enabled !== false);
}

export function hasKey(screen: Screen, key: string): boolean {
  return screen.keys === undefined ? key === 'cancel' : screen.keys.includes(key);
}

export interface Hands {
  press: (key: string) => void;
  pressPosition: (position: number) => void;
  pressText: (text: string) => void;
  keys: () => string[] | null; /* the open layout of the secure keypad */
}

const ARROWS: Record<string, [number, number]> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
};

/* Moves to the nearest control in the direction of the arrow; from nowhere, to the first one. */
function walk(root: HTMLElement, [dx, dy]: [number, number]): boolean {
  const all = [...root.querySelectorAll<HTMLElement>('[data-key]:not(:disabled)')].filter(
    (e) => e.offsetParent !== null,
  );
  const from = all.find((e) => e === document.activeElement);
  if (from === undefined) {
    const first = all.find((e) => e.dataset.key?.startsWith('choice:')) ?? all[0];
    first?.focus();
    return first !== undefined;
  }
  const a = from.getBoundingClientRect();
  let best: HTMLElement | null = null;
  let bestCost = Infinity;
  for (const to of all) {
    const b = to.getBoundingClientRect();
    const x = (b.left + b.right - a.left - a.right) / 2;
    const y = (b.top + b.bottom - a.top - a.bottom) / 2;
    const ahead = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (to !== from && ahead > 4 && ahead + 3 * aside < bestCost) {
      bestCost = ahead + 3 * aside;
      best = to;
    }
  }
  best?.focus();
  return best !== null;
}

function digit(screen: Screen, d: string, hands: Hands): void {
  if (screen.entry !== undefined) {
    const position = hands.keys()?.indexOf(d) ?? -1;
    if (position >= 0) {
      hands.pressPosition(position);
    }
    return;
  }
  const typing = screen.field !== undefined || (screen.keypad ?? 'none') !== 'none';
  const choice = numbered(screen.choices ?? [])[(Number(d) + 9) % 10];
  if (!typing && choice !== undefined) {
    if (choice.enabled !== false) {
      hands.press(`choice:${choice.key}`);
    }
    return;
  }
  hands.press(`digit:${d}`);
}

/* Backspace and Delete on the secure keypad are positions like any other. */
function erase(screen: Screen, key: 'backspace' | 'clear', hands: Hands): void {
  if (screen.entry === undefined || screen.entry.keyboard === 'text') {
    hands.press(key);
    return;
  }
  const position = hands.keys()?.indexOf(key === 'backspace' ? 'B' : 'C') ?? -1;
  if (position >= 0) {
    hands.pressPosition(position);
  }
}

/* The key beside the others on a device that has some: the spoken way, and then its words again. */
function guided(screen: Screen, hands: Hands): void {
  const key = ['guide', 'repeat'].find((k) => screen.choices?.some((c) => c.key === k));
  if (key !== undefined) {
    hands.press(`choice:${key}`);
  }
}

/* The signs of the calculator, where it offers them. */
function sign(key: string, screen: Screen, hands: Hands): boolean {
  const names: Record<string, string> = { '+': 'plus', '-': 'minus', '*': 'times' };
  const name = names[key];
  if (name === undefined || !screen.choices?.some((c) => c.key === name)) {
    return false;
  }
  hands.press(`choice:${name}`);
  return true;
}

/* True when the key was ours, so that the browser does nothing else with it. */
export function onKeyDown(
  event: KeyboardEvent,
  screen: Screen,
  root: HTMLElement,
  hands: Hands,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return false;
  }
  const key = event.key;
  if (key !== 'Escape' && key !== 'F1' && document.activeElement?.matches('input, textarea')) {
    return false; /* it is written there */
  }
  if (sign(key, screen, hands)) {
    return true;
  }
  if (screen.entry?.keyboard === 'text' && [...key].length === 1) {
    if (key === ' ' && document.activeElement?.matches('button')) {
      return false; /* the focused button is what he means */
    }
    hands.pressText(key);
    return true;
  }
  if (/^[0-9]$/.test(key)) {
    digit(screen, key, hands);
    return true;
  }
  const direction = ARROWS[key];
  if (direction !== undefined) {
    const focused = document.activeElement;
    return focused?.hasAttribute('data-scrolls') ? false : walk(root, direction);
  }
  switch (key) {
    case 'Enter':
      if (event.repeat) {
        return true; /* a key held down is one wish */
      }
      if (document.activeElement?.matches('button, a[href]')) {
        return false; /* the focused button is what he means */
      }
      if (screen.entry !== undefined || hasKey(screen, 'ok')) {
        hands.press('ok');
      } else {
        const primary = primaryOf(screen);
        if (primary !== undefined) {
          hands.press(`choice:${primary.key}`);
        }
      }
      return true;
    case 'Escape':
      hands.press('cancel');
      return true;
    case 'Backspace':
      erase(screen, 'backspace', hands);
      return true;
    case 'Delete':
      erase(screen, 'clear', hands);
      return true;
    case '.':
      hands.press('point');
      return true;
    case 'F2':
      guided(screen, hands);
      return true;
    case 'F1':
      hands.press('help');
      return true;
    default:
      return false;
  }
}

