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

export function playOnce(speech: Speech): void {
  const name = `${speech.number} ${speech.text}`;
  if (sessionStorage.getItem(PLAYED) === name) {
    return;
  }
  sessionStorage.setItem(PLAYED, name);
  playAgain(speech);
}
