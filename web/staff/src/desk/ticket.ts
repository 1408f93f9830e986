/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pages of the desk share: the shapes of the host's answers, hearing of changes, and asking
 * for a factor when the host wants one. Nothing is decided here.
 */
import { onBeforeUnmount, onMounted, ref } from 'vue';
import { Refusal } from '../../../shared/api';
import { explain, useSite } from '../../../shared/entrance';
import { desk } from './words';

export interface Ticket {
  id: number;
  number: string;
  tid: string;
  operator: string;
  merchant_zh: string;
  merchant_en: string;
  state: string;
  way: string;
  risk: string;
  delivery: string;
  opened: number;
  changed: number;
  expires: number;
  approvals: number;
  needed: number;
  right: number;
  right_needed: number;
  evidence: boolean;
  reasons: string[];
}
export interface Question {
  question: string;
  mask: string;
  right: boolean;
  tries_left: number;
}
export interface Whole {
  now: number;
  clock: number;
  ticket: Ticket;
  questions: Question[];
  timeline: { at: number; actor: string; kind: string; detail: string }[];
}

/* The device that somebody calls about: from its page to the form of a new call. */
export const calledAbout = ref('');

/* Which of the words of `nextSteps` says what is to be done. */
export function nextStep(t: Ticket, clock: number): string {
  if (t.state === 'done') {
    return 'done';
  }
  if (t.state === 'rejected' || t.state === 'closed') {
    return 'over';
  }
  if (t.state === 'approved') {
    if (t.way === 'offline') {
      return t.delivery === 'none' ? 'readout' : 'readoutDone';
    }
    return t.delivery;
  }
  if (t.way === '') {
    return 'ask';
  }
  if (t.expires <= clock) {
    return 'expired';
  }
  if (t.right < t.right_needed) {
    return 'answers';
  }
  if (t.risk === 'high' && !t.evidence) {
    return 'evidence';
  }
  return t.approvals > 0 ? 'second' : 'approve';
}

const PATIENCE_MS = 10 * 60 * 1000; /* a page that nobody looks at ends its session like any other */

/* Calls `load` at once and whenever the host has something new, while somebody is there. */
export function useChanges(load: () => Promise<number>) {
  const site = useSite();
  let gone = false;
  let touched = Date.now();
  const touch = () => (touched = Date.now());
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

  async function follow() {
    let now = -1;
    while (!gone) {
      try {
        now = now < 0 ? await load() : now;
        const said = await site.api.get<{ now: number }>(`/desk/changes?since=${now}`);
        now = said.now === now ? now : -1;
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) {
          await site.refresh();
          return;
        }
        await pause(3000);
        now = -1;
      }
      while (!gone && (document.hidden || Date.now() - touched > PATIENCE_MS)) {
        await pause(1000);
      }
    }
  }
  onMounted(() => {
    addEventListener('pointerdown', touch);
    addEventListener('keydown', touch);
    void follow();
  });
  onBeforeUnmount(() => {
    gone = true;
    removeEventListener('pointerdown', touch);
    removeEventListener('keydown', touch);
  });
}

/* What went wrong, in the desk's own words when it has some. */
export const say = (error: unknown) =>
  (error instanceof Refusal ? desk.value.refusals[error.code] : undefined) ?? explain(error);

/* Runs one thing at a time; asks for a factor where the host wants one, and then does it. */
export function useDesk() {
  const site = useSite();
  const busy = ref(false);
  const fault = ref('');
  const note = ref('');
  const factors = ref<{ totp: boolean; passkey: boolean } | null>(null);
  let waiting: (() => Promise<void>) | null = null;

  async function run(work: () => Promise<void>) {
    if (busy.value) {
      return;
    }
    busy.value = true;
    fault.value = note.value = '';
    try {
      await work();
    } catch (error) {
      if (error instanceof Refusal && error.code === 'step_up') {
        const own = await site.api.get<{ totp: boolean; passkeys: unknown[] }>('/security');
        waiting = work;
        factors.value = { totp: own.totp, passkey: own.passkeys.length > 0 };
      } else {
        fault.value = say(error);
      }
    } finally {
      busy.value = false;
    }
  }
  async function steppedUp() {
    const work = waiting;
    factors.value = waiting = null;
    if (work) {
      await run(work);
    }
  }
  const cancel = () => (factors.value = waiting = null);
  return { site, busy, fault, note, factors, run, steppedUp, cancel };
}
