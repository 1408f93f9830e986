/* SPDX-License-Identifier: Apache-2.0 */
/* The payout account in both consoles: shapes of the host's answers, and the words they share. */
import { computed } from 'vue';
import { Refusal } from './api';
import { explain } from './entrance';
import { sayPaper, type Upload } from './papers';
import { language, moment } from './words';

export interface Cooling {
  reason: string; /* empty: it may be changed */
  text_zh: string;
  text_en: string;
  until: number;
}
export interface Details {
  holder: string;
  bank: string;
  last4: string;
}
export interface PayoutAccount extends Details {
  version: number; /* 0: none yet */
  since: number;
}
export interface PayoutRequest extends Details {
  id: number;
  state: string;
  asked_by: string;
  asked: number;
  expires: number;
  settled: number;
  reason: string;
  approvals: number;
  needed: number;
  uploads: Upload[];
}

const zh = {
  title: '收款账户',
  holder: '户名',
  bank: '开户银行及支行',
  number: '账号',
  ending: (d: Details) => `${d.bank} · 尾号 ${d.last4}`,
  since: '生效时间',
  none: '还没有登记收款账户。',
  until: (text: string, at: string) => `${text}${at} 之后可以变更。`,
  approvals: (have: number, need: number) => `工作人员批准：${have} / ${need}`,
  states: { waits: '等待批准', taken: '已生效', rejected: '被拒绝', withdrawn: '已撤回', expired: '已过期' } as Record<string, string>,
  refusals: {
    pending: '已有一个申请在等待批准：请先撤回它。',
    bad_holder: '请填写户名（最多 40 个汉字）。',
    bad_bank: '请填写开户银行（最多 40 个汉字）。',
    bad_number: '账号应为 8 到 32 位数字。',
    same_person: '您已经批准过：要由另一位同事批准。',
    over: '这个申请已经结束。',
    not_found: '没有这个申请。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Payout account',
  holder: 'Account holder',
  bank: 'Bank and branch',
  number: 'Account number',
  ending: (d) => `${d.bank} · ending in ${d.last4}`,
  since: 'In force since',
  none: 'No payout account is registered yet.',
  until: (text, at) => `${text} It may be changed after ${at}.`,
  approvals: (have, need) => `Approved by our staff: ${have} of ${need}`,
  states: { waits: 'waits for approval', taken: 'in force', rejected: 'rejected', withdrawn: 'withdrawn', expired: 'expired' },
  refusals: {
    pending: 'A request waits already: withdraw it first.',
    bad_holder: 'Fill in the account holder (120 letters at most).',
    bad_bank: 'Fill in the bank (120 letters at most).',
    bad_number: 'An account number has 8 to 32 digits.',
    same_person: 'You have approved already: somebody else must.',
    over: 'This request is over.',
    not_found: 'There is no such request.',
  },
};

export const payout = computed(() => (language.value === 'zh' ? zh : en));

/* Why it stands still, and until when. */
export const coolingText = (c: Cooling) =>
  payout.value.until(language.value === 'zh' ? c.text_zh : c.text_en, moment(c.until));

export function sayPayout(error: unknown): string {
  if (!(error instanceof Refusal)) {
    return explain(error);
  }
  if (error.code === 'cools') {
    return coolingText(error.said.cooling as Cooling);
  }
  return payout.value.refusals[error.code] ?? sayPaper(error, explain);
}
