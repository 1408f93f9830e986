/* SPDX-License-Identifier: Apache-2.0 */
/* A merchant's money: shapes of the host's answers, and the words of the pages that show it. */
import { computed } from 'vue';
import { Refusal } from '../../../shared/api';
import { explain } from '../../../shared/entrance';
import { language } from '../../../shared/words';

export const FIGURES = ['available', 'today', 'transit', 'held'] as const;
export type Figure = (typeof FIGURES)[number];

export interface Funds extends Record<Figure, number> {
  at: number;
  day: string;
  total: number;
  taken: number;
  given: number;
  turned: number;
  fees: number;
  instalment_fees: number;
}
export interface Line {
  kind: string;
  at: number;
  minor: number;
  rule: number;
  agreement: number;
  terminal?: string;
  trace?: number;
  card?: string;
  order?: number;
  reason?: string;
  text_zh?: string;
  text_en?: string;
  evidence?: string;
  appeal?: string;
  deadline?: number;
  day?: string;
}
export interface Lines {
  minor: number;
  lines: Line[];
  next?: string | null;
}
export interface Today {
  now: number;
  day: string;
  today: { payments: number; gross: number; net: number; voids: number; voided: number; refunds: number; refunded: number };
  again_ms: number;
}

const zh = {
  title: '我的资金',
  total: '一共',
  asOf: (at: string) => `${at} 的账本，分毫不差`,
  bar: '资金在哪里',
  names: { available: '可结算', today: '今日进账', transit: '打款中', held: '冻结' } as Record<Figure, string>,
  hints: {
    available: '今天以前的货款，下一个工作日付到您的账户',
    today: '今天收的钱，已扣手续费；23:00 日切后可结算',
    transit: '已付出，等银行确认到账',
    held: '每一笔都有原因和期限',
  } as Record<Figure, string>,
  empty: {
    available: '没有待结算的货款。',
    today: '今天还没有进账。收到第一笔后，这里会马上显示。',
    transit: '没有在途的打款。',
    held: '没有冻结的资金。',
  } as Record<Figure, string>,
  none: '还没有资金。收到第一笔付款后，这里会马上显示。',
  below: '今天冻结、打款和调账多于以前的余额：差额从之后的货款中扣除',
  back: '返回我的资金',
  more: '显示更多',
  sum: '合计',
  payout: '收款账户',
  kinds: {
    opening: '今天以前的余额', taken: '收款', given: '撤销或退款', turned: '冲正', fee: '手续费', fee_back: '退回手续费',
    instalment: '分期手续费', instalment_back: '退回分期手续费', hold: '冻结', release: '解冻', expire: '到期解冻',
    convert: '冻结后扣除', payout: '打款', confirmed: '打款到账', returned: '打款被退回', credit: '调账（增加）', debit: '调账（扣减）',
    chargeback: '拒付', chargeback_debit: '拒付扣款',
  } as Record<string, string>,
  rule: (rule: number, agreement: number) => `费率规则 ${rule}，协议第 ${agreement} 版`,
  from: (terminal: string, trace: number) => `终端 ${terminal}，凭证号 ${String(trace).padStart(6, '0')}`,
  upTo: (day: string) => `付到 ${day} 的货款`,
  evidence: '需要的材料',
  deadline: '期限',
  deadlineHint: (at: string) => `${at}；到期没有决定，就自动解冻`,
  appeal: '怎样申诉',
  away: '账本暂时读不到，正在重试。您的钱不受影响。',

  takings: '今日营业额',
  payments: (n: number) => `${n} 笔收款`,
  refunds: (n: number, sum: string) => `撤销和退款 ${n} 笔，${sum}`,
  live: '每收一笔，马上更新',
  devices: '终端',
  online: (n: number, all: number) => `${n} / ${all} 台在线`,
  noDevices: '还没有终端。',
  open: '查看',
  todo: '接下来做什么',
  nothing: '没有需要处理的事。',
  todos: {
    account: '登记收款账户，货款才能付给您',
    held: '有资金被冻结：看原因和期限',
    alerts: (n: number) => `${n} 条告警等您处理`,
    trouble: (n: number) => `${n} 台终端缺纸或低电量`,
  },
};

const en: typeof zh = {
  title: 'My funds',
  total: 'Altogether',
  asOf: (at) => `By the ledger of ${at}, to the fen`,
  bar: 'Where it is',
  names: { available: 'Available', today: 'Today', transit: 'On its way', held: 'Held' },
  hints: {
    available: 'Taken before today; paid to your account on the next working day',
    today: 'Taken today, less fees; available after 23:00',
    transit: 'Paid out; the bank has not confirmed it yet',
    held: 'Each with its reason and its deadline',
  },
  empty: {
    available: 'Nothing waits to be paid out.',
    today: 'Nothing has been taken today. The first payment will show here at once.',
    transit: 'No payout is on its way.',
    held: 'No money is held.',
  },
  none: 'No money yet. The first payment will show here at once.',
  below: 'More was held, paid out or corrected today than was there before: it comes off what you take next',
  back: 'Back to my funds',
  more: 'Show more',
  sum: 'Sum',
  payout: 'Payout account',
  kinds: {
    opening: 'Balance before today', taken: 'Payment', given: 'Void or refund', turned: 'Reversal', fee: 'Fee', fee_back: 'Fee returned',
    instalment: 'Instalment fee', instalment_back: 'Instalment fee returned', hold: 'Held', release: 'Released', expire: 'Released at its deadline',
    convert: 'Held, then taken', payout: 'Payout', confirmed: 'Payout confirmed', returned: 'Payout returned', credit: 'Correction in your favour',
    debit: 'Correction against you', chargeback: 'Chargeback', chargeback_debit: 'Chargeback taken',
  },
  rule: (rule, agreement) => `Fee rule ${rule}, agreement version ${agreement}`,
  from: (terminal, trace) => `Terminal ${terminal}, trace ${String(trace).padStart(6, '0')}`,
  upTo: (day) => `For takings up to ${day}`,
  evidence: 'What is wanted',
  deadline: 'Deadline',
  deadlineHint: (at) => `${at}; released by itself when nobody has decided by then`,
  appeal: 'How to object',
  away: 'The books cannot be read just now; trying again. Your money is not affected.',

  takings: "Today's takings",
  payments: (n) => (n === 1 ? '1 payment' : `${n} payments`),
  refunds: (n, sum) => `${n} voided or refunded, ${sum}`,
  live: 'Updated with every payment',
  devices: 'Terminals',
  online: (n, all) => `${n} of ${all} online`,
  noDevices: 'No terminal yet.',
  open: 'Look',
  todo: 'What to do next',
  nothing: 'Nothing needs you.',
  todos: {
    account: 'Register a payout account, so that you can be paid',
    held: 'Money is held: see why, and until when',
    alerts: (n) => (n === 1 ? '1 alert waits for you' : `${n} alerts wait for you`),
    trouble: (n) => (n === 1 ? '1 terminal is low on paper or power' : `${n} terminals are low on paper or power`),
  },
};

export const funds = computed(() => (language.value === 'zh' ? zh : en));

export const sayFunds = (error: unknown): string =>
  error instanceof Refusal && error.status === 503 ? funds.value.away : explain(error);
