/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demo's tray: what a customer holds. It exists only when the terminal was started with one. A
 * card is presented to the vault's reader by its name; a phone's picture is fetched and the very same
 * bytes are held to the scanner, which has to read the code from the picture.
 */
import type { Chips, Scanned, Tray } from './screen';

export async function loadTray(): Promise<Tray | null> {
  try {
    const answer = await fetch('api/tray');
    return answer.ok ? ((await answer.json()) as Tray) : null;
  } catch {
    return null;
  }
}

export async function swipe(card: string): Promise<boolean> {
  const answer = await fetch('api/tray/card', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: card }),
  });
  return answer.ok;
}

/* Somebody opens the terminal's case: its security module notices within a tenth of a second. */
export async function openCase(): Promise<boolean> {
  const answer = await fetch('api/tray/harm', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'case' }),
  });
  return answer.ok;
}

/* null: the tray has no chip cards, or does not answer. */
export async function loadChips(): Promise<Chips | null> {
  try {
    const answer = await fetch('api/tray/chips', { cache: 'no-store' });
    return answer.ok ? ((await answer.json()) as Chips) : null;
  } catch {
    return null;
  }
}

export async function moveChip(how: 'insert' | 'tap' | 'remove', card?: string): Promise<boolean> {
  const answer = await fetch('api/tray/chip', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(card === undefined ? { how } : { how, name: card }),
  });
  return answer.ok;
}

export async function phonePicture(phone: string): Promise<Blob> {
  const answer = await fetch(`api/tray/phone.png?name=${encodeURIComponent(phone)}`, {
    cache: 'no-store',
  });
  if (!answer.ok) {
    throw new Error(`no picture: ${answer.status}`);
  }
  return await answer.blob();
}

/* The phone scans the code on the terminal's screen. */
export async function scanScreen(phone: string): Promise<Scanned> {
  const answer = await fetch('api/tray/scan', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: phone }),
  });
  if (!answer.ok) {
    throw new Error(`not scanned: ${answer.status}`);
  }
  return (await answer.json()) as Scanned;
}

/* True when the scanner found a code in the picture. */
export async function scan(picture: Blob): Promise<boolean> {
  const answer = await fetch('api/scan', {
    method: 'POST',
    headers: { 'Content-Type': 'image/png' },
    body: picture,
  });
  return answer.ok;
}
