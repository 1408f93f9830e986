/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a contract in both consoles: shapes of the host's answers, and the words they share. */
import { computed } from 'vue';
import { Refusal } from './api';
import { explain } from './entrance';
import { sayPaper, type Upload } from './papers';
import { language } from './words';

export interface Change {
  id: number;
  merchant: string;
  merchant_zh: string;
  merchant_en: string;
  kind: 'name' | 'contact' | 'address' | 'fees';
  state: string;
  name_zh?: string;
  name_en?: string;
  pinyin?: string;
  phone?: string;
  mail?: string;
  address?: string;
  plan?: number;
  rules?: string;
  offered?: Fee[]; /* what is charged by them: read before it is signed */
  reason: string;
  papers?: string;
  uploads: Upload[];
  by_staff: boolean;
  asked_by: string;
  asked: number;
  decided?: number;
  may_decide: boolean;
  may_withdraw: boolean;
}
export interface Fee {
  text_zh: string;
  text_en: string;
  rule: number;
  waits_zh?: string;
  waits_en?: string;
}
export interface Standing {
  merchant: string;
  name_zh: string;
  name_en: string;
  contact?: string;
  phone?: string;
  agreement: number;
  plan: number;
  fees: Fee[];
  changes: Change[];
}

const zh = {
  title: '合同与变更',
  kinds: { name: '店铺名称', contact: '负责人', address: '经营地址', fees: '费率' } as Record<string, string>,
  states: { waits: '等待处理', taken: '已生效', refused: '未批准', withdrawn: '已撤回', expired: '已过期' } as Record<string, string>,
  plans: { 1: '标准费率', 2: '小微费率' } as Record<number, string>,
  plan: '费率方案',
  fees: '手续费',
  waits: (text: string) => `${text}：尚未签署，不收取`,
  rules: (rules: string) => `费率规则 ${rules}`,
  name: '店铺名称',
  nameEn: '英文名称（印在外卡单据上）',
  owner: '负责人姓名',
  pinyin: '姓名拼音（小写）',
  phone: '手机号',
  mail: '邮箱（可不填）',
  address: '经营地址（6至30个字，写到门牌号）',
  reason: '变更原因',
  papers: '核对了哪些资料',
  merchant: '商户号',
  asked: '申请时间',
  agree: '批准',
  refuse: '不批准',
  sign: '同意并签署新费率',
  decline: '不同意',
  withdraw: '撤回申请',
  change: '申请变更',
  ask: '提交申请',
  sent: '已提交。请在下面上传资料，由工作人员核对后生效。',
  done: '已处理。',
  none: '没有等待处理的变更。',
  offer: '向商户提供新费率',
  offered: '已发给店主，店主签署后生效。',
  hint: '名称、负责人和地址变更由工作人员核对资料后生效；费率只在您签署后变更。',
  staffHint: '请查看上传的资料并核对后再批准，并写明核对了哪些资料。提出申请的人不能批准；费率由店主签署。',
  payout: '收款账户请在“收款账户”中变更。',
  refusals: {
    pending: '同类申请正在等待处理，请先撤回它。',
    no_request: '没有这个申请，或它已结束。',
    same_person: '提出的人不能决定，请另一位同事处理。',
    not_yours: '费率只能由店主签署；其他变更由工作人员决定。',
    ending: '合同正在终止，不再变更。',
    no_papers: '请写明核对了哪些资料。',
    bad_value: '内容不符合要求，请按说明填写。',
    changed: '费率内容已更新，请重新阅读后再签署。',
    same: '与现有登记一致，无需变更。',
    not_found: '没有这个商户。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Contract and changes',
  kinds: { name: 'Name of the shop', contact: 'Owner', address: 'Address', fees: 'Fees' },
  states: { waits: 'waits', taken: 'in force', refused: 'refused', withdrawn: 'withdrawn', expired: 'expired' },
  plans: { 1: 'Standard plan', 2: 'Small plan' },
  plan: 'Plan of fees',
  fees: 'Fees',
  waits: (text) => `${text}: not signed, not charged`,
  rules: (rules) => `rules ${rules}`,
  name: 'Name of the shop',
  nameEn: 'Name in English letters',
  owner: "Owner's name",
  pinyin: 'The name in pinyin, small letters',
  phone: 'Mobile telephone',
  mail: 'Mail address (may stay empty)',
  address: 'Address (6 to 30 characters, down to the house number)',
  reason: 'Why',
  papers: 'Which papers you have looked at',
  merchant: 'Merchant number',
  asked: 'Asked for',
  agree: 'Approve',
  refuse: 'Refuse',
  sign: 'I agree: sign the new fees',
  decline: 'I do not agree',
  withdraw: 'Withdraw the request',
  change: 'Ask for a change',
  ask: 'Send the request',
  sent: 'Sent. Now send the papers below: it holds when our staff have looked at them.',
  done: 'Done.',
  none: 'No change waits.',
  offer: 'Offer a shop other fees',
  offered: 'Sent to the owner. They hold when the owner has signed.',
  hint: 'Name, owner and address change when our staff have looked at your papers. Fees change only when you sign.',
  staffHint: 'Look at the papers that were sent first, and say which. Who asked does not approve; fees are signed by the owner.',
  payout: 'The account that you are paid to is changed under "Payout account".',
  refusals: {
    pending: 'A request of this kind waits already: withdraw it first.',
    no_request: 'There is no such request, or it is over.',
    same_person: 'Who asked for it does not decide about it: somebody else has to.',
    not_yours: 'Fees are signed by the owner; everything else is decided by our staff.',
    ending: 'The contract ends: nothing is changed any more.',
    no_papers: 'Say which papers you have looked at.',
    bad_value: 'A value has not its form: see what each has to look like.',
    changed: 'The fees have changed meanwhile: read them again, then sign.',
    same: 'It is so already.',
    not_found: 'There is no such merchant.',
  },
};

export const contract = computed(() => (language.value === 'zh' ? zh : en));

export const sayChange = (error: unknown) =>
  (error instanceof Refusal ? contract.value.refusals[error.code] : undefined) ?? sayPaper(error, explain);

/* What is asked for, in one line. */
export function wanted(c: Change): string {
  if (c.kind === 'fees') {
    return `${contract.value.plans[c.plan ?? 0] ?? c.plan} · ${contract.value.rules(c.rules ?? '')}`;
  }
  return [c.name_zh, c.name_en, c.pinyin, c.phone, c.mail, c.address].filter(Boolean).join(' · ');
}
