/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pages of the desk share: the shapes of the host's answers, and what is said of a refusal.
 * Nothing is decided here.
 */
import { ref } from 'vue';
import { Refusal } from '../../../shared/api';
import { explain } from '../../../shared/entrance';
import { useStepping } from '../../../shared/stepping';
import { desk } from './words';

export { useChanges } from '../../../shared/changes';

export interface Ticket {
  id: number;
  number: string;
  tid: string;
  operator: string;
  account: string; /* of a console; empty for a terminal */
  kind: string;
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
  chat: string; /* '', 'answered', 'waits' */
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
  sheet: string; /* '', 'ready', 'printed' */
  printed: number;
  questions: Question[];
  timeline: { at: number; actor: string; kind: string; detail: string }[];
}

/* The device that somebody calls about: from its page to the form of a new call. */
export const calledAbout = ref('');

/* Which of the words of `nextSteps` says what is to be done. */
export function nextStep(t: Ticket, clock: number): string {
  if (t.state === 'done') {
    return t.account ? 'accountDone' : t.way === 'reissue' ? 'sheetDone' : 'done';
  }
  if (t.state === 'rejected' || t.state === 'closed') {
    return 'over';
  }
  if (t.account && t.expires <= clock) {
    return t.state === 'approved' ? 'linkExpired' : 'accountExpired';
  }
  if (t.state === 'approved') {
    if (t.account) {
      return 'linkSent';
    }
    if (t.way === 'offline') {
      return t.delivery === 'none' ? 'readout' : 'readoutDone';
    }
    return t.way === 'reissue' ? 'sheetOrdered' : t.delivery;
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

/* What went wrong, in the desk's own words when it has some. */
export const say = (error: unknown) =>
  (error instanceof Refusal ? desk.value.refusals[error.code] : undefined) ?? explain(error);

/* Runs one thing at a time; asks for a factor where the host wants one, and then does it. */
export const useDesk = () => useStepping(say);
