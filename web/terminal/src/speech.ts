/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the terminal says aloud. Each announcement is played once, also when the page is loaded
 * again: a shopkeeper who hears "received" twice believes he was paid twice. The last one played is
 * remembered for this window.
 */
import type { Screen } from './screen';

const PLAYED = 'tongbao.speech';

type Speech = NonNullable<Screen['speech']>;

const sound = new Audio();

export function playAgain(speech: Speech): void {
  sound.src = speech.url;
  sound.play().catch(() => undefined); /* no sound before the first touch: the words are shown */
}

/* The same few sounds again and again: the name of a key, a click. A new one does not wait. */
const sounds = new Map<string, HTMLAudioElement>();

export function playSound(url: string): void {
  const known = sounds.get(url) ?? new Audio(url);
  sounds.set(url, known);
  sound.pause(); /* who touches something has heard enough */
  known.currentTime = 0;
  known.play().catch(() => undefined);
}

export function playOnce(speech: Speech): void {
  const name = `${speech.number} ${speech.text}`;
  if (sessionStorage.getItem(PLAYED) === name) {
    return;
  }
  sessionStorage.setItem(PLAYED, name);
  playAgain(speech);
}
