/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the owner's telephone and mailbox have received in a demo: codes, links and notices that the
 * host has sent. The page asks for them while somebody can see it; the newest come first.
 */
import { computed, ref, shallowRef } from 'vue';

export interface Message {
  number: number;
  kind: 'sms' | 'mail';
  to: string;
  from: string;
  subject: string;
  text: string;
  at_ms: number;
}

const POLL_MS = 2000;

export const messages = shallowRef<Message[]>([]);
const seen = ref(0);

/* Something has come that nobody has looked at. */
export const unread = computed(() => messages.value.some((m) => m.number > seen.value));

export function markSeen(): void {
  seen.value = Math.max(seen.value, ...messages.value.map((m) => m.number));
}

async function ask(): Promise<void> {
  const answer = await fetch('api/tray/messages', { cache: 'no-store' });
  if (!answer.ok) {
    return;
  }
  const came = ((await answer.json()) as { messages: Message[] }).messages;
  if (came[0]?.number !== messages.value[0]?.number) {
    messages.value = came;
  }
}

/* Asks until the function that it gives back is called. */
export function watchMessages(): () => void {
  let timer = 0;
  let ended = false;
  const turn = async (): Promise<void> => {
    if (!document.hidden) {
      await ask().catch(() => undefined); /* the terminal is away: the page says so elsewhere */
    }
    if (!ended) {
      timer = window.setTimeout(() => void turn(), POLL_MS);
    }
  };
  void turn();
  return () => {
    ended = true;
    window.clearTimeout(timer);
  };
}

export interface Part {
  text: string;
  link: boolean;
}

function address(text: string): URL | null {
  try {
    return /^https?:\/\//.test(text) ? new URL(text) : null;
  } catch {
    return null; /* anybody may send a mail: what is no address is text */
  }
}

/* A line cut at its addresses. Ours are ASCII, so an address ends where Chinese goes on. */
function parts(line: string): Part[] {
  return line
    .split(/(https?:\/\/[\x21-\x7e]+)/)
    .filter((part) => part !== '')
    .map((part) => ({ text: part, link: address(part) !== null }));
}

export interface Paragraph {
  parts: Part[];
  small: boolean; /* what stands under every mail */
}

/* What is seen of an address: where it leads, and not the token that only machines read. */
export function place(link: string): string {
  const url = new URL(link);
  return `${url.host}${url.pathname}${url.hash || url.search ? '…' : ''}`;
}

/* Paragraphs of a message; from the signature on it is the same in all, and drawn small. */
export function paragraphs(text: string): Paragraph[] {
  let small = false;
  return text
    .split(/\n{2,}/)
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => {
      small ||= /^(—|--) /.test(paragraph);
      return { parts: parts(paragraph), small };
    });
}

/* "+86 138 0013 8000": a Chinese number as people read it; others as they are. */
export function readable(contact: string): string {
  return contact.replace(/^\+86(1\d{2})(\d{4})(\d{4})$/, '+86 $1 $2 $3');
}
