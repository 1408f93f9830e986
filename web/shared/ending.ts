/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a contract in both consoles: shapes of the host's answers, and the words they share. */
import { computed } from 'vue';
import { Refusal } from './api';
import { explain } from './entrance';
import { language } from './words';

export interface EndDevice {
  terminal?: string;
  serial: string;
  stock?: string;
  presence?: string;
  heard?: number;
  unsent: number;
  wipe?: string;
  wipe_at?: number;
  parcel?: string;
  label?: string;
  may_send: boolean;
}
export interface Obstacle {
  name: string;
  text_zh: string;
  text_en: string;
}
export interface End {
  merchant: string;
  merchant_zh: string;
  merchant_en: string;
  state: string;
  reason?: string;
  asked_by?: string;
  asked?: number;
  decided_by?: string;
  decided?: number;
  ended?: number;
  kept_until?: number;
  terminals: number;
  unsent: number;
  payable?: number;
  held?: number;
  in_transit?: number;
  in_the_way: Obstacle[];
  devices: EndDevice[];
  send_to?: string;
  may_ask: boolean;
  may_withdraw: boolean;
  may_decide: boolean;
  may_close: boolean;
}

const zh = {
  title: '终止合同',
  hint: '提出后由另一位工作人员审批。批准后终端停止收款：先结算并上送交易，再清除密钥，然后请寄回。',
  staffHint: '提出的人不能审批。批准后各终端自动结算、上送并清除密钥；全部收回、款项结清后才能终止。',
  none: '没有正在办理的解约。',
  states: { in_force: '合同有效', asked: '等待审批', ending: '正在办理', ended: '已终止' } as Record<string, string>,
  reason: '终止原因',
  ask: '申请终止合同',
  withdraw: '撤回申请',
  agree: '批准终止',
  refuse: '不批准',
  close: '终止合同，关闭商户',
  askFor: '替商户提出终止',
  merchant: '商户号',
  askedBy: '提出',
  agreedBy: '批准',
  endedAt: '终止',
  keptUntil: '资料保存至少到',
  todo: '还要办理',
  nothing: '没有未了结的事项。',
  payable: '应付商户',
  held: '暂扣',
  inTransit: '出款在途',
  devices: '终端',
  noDevices: '没有在外的终端。',
  stocks: { assigned: '已分配', packed: '已装箱', shipped: '运输中', delivered: '已送达', active: '在商户处', returned: '已收回' } as Record<string, string>,
  unsent: (n: number) => `${n} 笔未上送`,
  wipe: '结算并清除密钥',
  wipes: { queued: '排队中，终端还没有连上', delivered: '已送达，等终端确认', acknowledged: '终端已收到，还没有完成', verified: '密钥已清除', refused: '终端拒绝执行，请收回后处理' } as Record<string, string>,
  away: '终端不在线：开机联网后自动办理。不影响寄回。',
  parcels: { wanted: '正在向快递取单号', under_way: '已下单，等快递取件', over: '快递已签收，等我们登记收回', refused: '快递不接单，请联系我们' } as Record<string, string>,
  send: '寄回：取快递单',
  slip: '退机单',
  number: '快递单号',
  sendTo: '寄往',
  serial: '序列号',
  terminal: '终端号',
  print: '打印退机单',
  sent: '已提交，等待审批。',
  done: '已处理。',
  refusals: {
    asked_already: '已提出终止，请等待审批。',
    not_asked: '没有待审批的申请。',
    same_person: '提出的人不能审批，请另一位同事审批。',
    not_agreed: '还没有批准。',
    in_the_way: '还有未了结的事项，见清单。',
    over: '合同已终止。',
    no_courier: '没有开通快递退回，请联系我们。',
    state: '这台终端已在寄回途中，或不在您这里。',
    not_found: '没有这个商户或终端。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'End of the contract',
  hint: 'Somebody of our staff agrees. Then the terminals stop: they settle, send what is due and erase their keys. Send them back afterwards.',
  staffHint: 'Who asked does not agree. Then every terminal settles, sends and erases its keys by itself; the contract ends when all are back and no money is owed.',
  none: 'No end is under way.',
  states: { in_force: 'in force', asked: 'waits for an answer', ending: 'is wound up', ended: 'has ended' },
  reason: 'Why',
  ask: 'Ask for the end of the contract',
  withdraw: 'Take the request back',
  agree: 'Agree to the end',
  refuse: 'Refuse',
  close: 'End it and close the merchant',
  askFor: 'Ask for a merchant',
  merchant: 'Merchant number',
  askedBy: 'Asked for',
  agreedBy: 'Agreed to',
  endedAt: 'Ended',
  keptUntil: 'Files are kept until at least',
  todo: 'Left to do',
  nothing: 'Nothing is left to do.',
  payable: 'Owed to the merchant',
  held: 'Held back',
  inTransit: 'Payouts on their way',
  devices: 'Terminals',
  noDevices: 'No terminal is out.',
  stocks: { assigned: 'assigned', packed: 'packed', shipped: 'on its way to the shop', delivered: 'delivered', active: 'at the shop', returned: 'back' },
  unsent: (n) => `${n} not sent`,
  wipe: 'Settle and erase keys',
  wipes: { queued: 'queued: it has not connected yet', delivered: 'delivered: not confirmed yet', acknowledged: 'received: not done yet', verified: 'keys are erased', refused: 'it refused: have it seen to when it is back' },
  away: 'It is not connected: it does this when it is switched on. Sending it back does not wait for that.',
  parcels: { wanted: 'asking the courier for a number', under_way: 'ordered: the courier comes for it', over: 'delivered to us: to be taken in', refused: 'the courier does not take it: call us' },
  send: 'Send it back: get a label',
  slip: 'Return slip',
  number: 'Courier number',
  sendTo: 'To',
  serial: 'Serial number',
  terminal: 'Terminal',
  print: 'Print the slip',
  sent: 'Sent. Somebody of our staff has to agree.',
  done: 'Done.',
  refusals: {
    asked_already: 'The end was asked for already: wait for the answer.',
    not_asked: 'Nobody has asked for its end.',
    same_person: 'Who asked for it does not agree to it: somebody else has to.',
    not_agreed: 'Its end was not agreed to yet.',
    in_the_way: 'Something still stands in the way: see the list.',
    over: 'This contract has ended.',
    no_courier: 'No courier is set up for returns: call us.',
    state: 'This terminal is on its way back already, or is not with you.',
    not_found: 'There is no such merchant or terminal.',
  },
};

export const ending = computed(() => (language.value === 'zh' ? zh : en));

export const sayEnd = (error: unknown) =>
  error instanceof Refusal ? (ending.value.refusals[error.code] ?? explain(error)) : explain(error);

/* Fen as yuan. */
export const yuan = (fen: number) => `¥${(fen / 100).toFixed(2)}`;
export const moneyOf = (e: End) =>
  [
    [ending.value.payable, e.payable ?? 0],
    [ending.value.held, e.held ?? 0],
    [ending.value.inTransit, e.in_transit ?? 0],
  ].filter(([, fen]) => fen !== 0) as [string, number][];
