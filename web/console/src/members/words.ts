/* SPDX-License-Identifier: Apache-2.0 */
/* What the page of members says, and the shapes of the host's answers. */
import { computed } from 'vue';
import { Refusal } from '../../../shared/api';
import { explain } from '../../../shared/entrance';
import { language } from '../../../shared/words';

export interface Programme {
  version: number; /* 0: a suggestion */
  tiers: { from_minor: number; per_100_yuan: number }[];
  points_per_yuan: number;
  expiry_months: number;
}
export interface Texts {
  version: string;
  programme_zh: string;
  programme_en: string;
  messages_zh: string;
  messages_en: string;
}
export interface Found {
  member: string;
  phone: string;
  name: string;
  tier: number;
  points: number;
  value_minor: number;
}
export interface Member {
  member: string;
  code: string;
  state: string;
  version: number;
  phone: string;
  name: string;
  birthday: number;
  tier: number;
  joined_ms: number;
  consents: { programme: boolean; messages: boolean; card: boolean };
  points: { free: number; held: number; owed: number; next: number; next_ms: number };
  value: { principal_minor: number; bonus_minor: number; held_minor: number };
  coupons: { code: string; state: string; expires_ms: number }[];
  purchases: { at_ms: number; outlet: number; amount_minor: number; refunded_minor: number; points: number }[];
  value_lines: { at_ms: number; kind: string; principal_minor: number; bonus_minor: number }[];
  adjustments: { at_ms: number; points: number; reason: string; by: string }[];
}

const zh = {
  title: '会员',
  hint: '手机号和称呼加密保存，页面上只显示部分数字。每次查找都有记录。',
  notYet: '还没有开通会员',
  start: (points: number, months: number) => `建议的规则：每消费 100 元得 ${points} 积分，积分 ${months} 个月（每月按 30 天）内有效。开通后可以办理入会。`,
  startIt: '按建议开通会员',
  started: '已开通。现在可以办理入会。',
  askOwner: '请店主开通会员。',
  find: '查找会员',
  search: '手机号、后四位或会员码',
  doFind: '查找',
  first: '输入手机号、后四位，或扫会员码。',
  none: '没有找到会员。请核对号码，或在下面办理入会。',
  anonymous: '未留手机号',
  noName: '未填称呼',
  tier: (n: number) => `${n + 1} 级`,
  line: (points: number, value: string) => `积分 ${points} · 储值 ${value}`,
  enrol: '办理入会',
  phone: '手机号（可不填）',
  name: '称呼（可不填，最多 20 个汉字）',
  birthday: '生日，如 0229（可不填）',
  agree: '顾客已看过并同意以上内容',
  agreeMessages: '顾客同意接收短信',
  show: '请把下面的文字给顾客看：',
  version: (v: string) => `文本版本 ${v}`,
  doEnrol: '入会',
  enrolled: '已入会。',
  mustAgree: '请先让顾客看过并同意。',
  badBirthday: '生日写四位数字：月和日，如 0229。',
  back: '返回',
  person: '资料',
  phoneIs: '手机号',
  nameIs: '称呼',
  birthdayIs: '生日',
  since: '入会时间',
  state: '状态',
  states: { active: '会员', left: '已退出', erased: '资料已删除' } as Record<string, string>,
  level: '等级',
  points: '积分',
  free: '可用',
  held: '支付中',
  owed: '欠扣',
  next: (n: number, at: string) => `${n} 积分将于 ${at} 到期`,
  value: '储值',
  principal: '本金',
  bonus: '赠送',
  coupons: '优惠券',
  noCoupons: '没有可用的优惠券。',
  until: (at: string) => `${at} 前有效`,
  history: '记录',
  noHistory: '还没有消费记录。',
  bought: (yuan: string, points: number) => `消费 ${yuan}，得 ${points} 积分`,
  refunded: (yuan: string) => `，已退 ${yuan}`,
  adjusted: (points: number) => `调整积分 ${points > 0 ? '+' : ''}${points}`,
  kinds: { top_up: '充值', payment: '储值支付', pay_out: '退还储值', given_back: '储值退回' } as Record<string, string>,
  correct: '更正资料',
  save: '保存',
  saved: '已保存。',
  adjust: '调整积分',
  amount: '积分（扣减写负数）',
  reason: '原因',
  doAdjust: '调整',
  badPoints: '请填写积分和原因，扣减写负数。',
  consents: '同意与隐私',
  messagesOn: '同意接收短信',
  messagesOff: '不接收短信',
  stopMessages: '撤回短信同意',
  leave: '退出会员',
  rejoin: '重新加入（顾客已同意）',
  exportIt: '导出全部资料',
  exported: '已导出为文件。',
  erase: '删除资料',
  eraseSure: '确定删除？手机号、称呼、生日和积分将永久删除，不能恢复。',
  sure: '确定删除',
  cancel: '取消',
  done: '已完成。',
  refusals: {
    known: '该手机号已是会员，请查找。',
    no_consent: '请先征得顾客同意。',
    no_programme: '本店尚未开通会员，请由店主开通。',
    changed_meanwhile: '刚才有人改过，请返回后重新打开再改。',
    amount: '填写的内容无效：请核对生日或积分。',
    points_short: '积分不足，请少扣一些。',
    owed_to_member: '仍有储值余额，请先退还。',
    undecided: '仍有未完成的支付，请稍后重试。',
    text_version: '同意文本已更新，请刷新页面，给顾客看新的文本。',
    phone: '手机号应为 7 到 15 位数字，请重新输入。',
    name: '称呼太长，最多 20 个汉字。',
    search: '请输入完整手机号、后四位数字，或会员码。',
    not_found: '没有这个会员。',
    no_member: '该会员已退出，不能更改。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Members',
  hint: 'Telephone numbers and names are kept sealed; pages show some digits only. Every search is on record.',
  notYet: 'There is no member programme yet',
  start: (points, months) => `Suggested rules: ${points} points for 100 yuan, good for ${months} months of 30 days each. Members can be enrolled once it runs.`,
  startIt: 'Start with these rules',
  started: 'It runs. Members can be enrolled now.',
  askOwner: 'Ask the owner to start one.',
  find: 'Find a member',
  search: 'Telephone number, its last four digits, or member code',
  doFind: 'Find',
  first: 'Type a telephone number, its last four digits, or scan a member code.',
  none: 'No such member. Check the number, or enrol below.',
  anonymous: 'no telephone',
  noName: 'no name',
  tier: (n) => `Tier ${n + 1}`,
  line: (points, value) => `${points} points · stored value ${value}`,
  enrol: 'Enrol a member',
  phone: 'Telephone number (optional)',
  name: 'Name (optional, 60 letters at most)',
  birthday: 'Birthday as 0229: month, day (optional)',
  agree: 'The customer has read this and agrees',
  agreeMessages: 'The customer agrees to text messages',
  show: 'Show this to the customer:',
  version: (v) => `Text of ${v}`,
  doEnrol: 'Enrol',
  enrolled: 'Enrolled.',
  mustAgree: 'Let the customer read it and agree first.',
  badBirthday: 'A birthday is four digits, month and day: 0229.',
  back: 'Back',
  person: 'Who it is',
  phoneIs: 'Telephone',
  nameIs: 'Name',
  birthdayIs: 'Birthday',
  since: 'Member since',
  state: 'State',
  states: { active: 'member', left: 'has left', erased: 'erased' },
  level: 'Tier',
  points: 'Points',
  free: 'to spend',
  held: 'in payments',
  owed: 'owed',
  next: (n, at) => `${n} points run out at ${at}`,
  value: 'Stored value',
  principal: 'paid in',
  bonus: 'bonus',
  coupons: 'Coupons',
  noCoupons: 'No coupon to use.',
  until: (at) => `good until ${at}`,
  history: 'History',
  noHistory: 'Nothing bought yet.',
  bought: (yuan, points) => `bought for ${yuan}, ${points} points`,
  refunded: (yuan) => `, ${yuan} refunded`,
  adjusted: (points) => `points corrected ${points > 0 ? '+' : ''}${points}`,
  kinds: { top_up: 'topped up', payment: 'paid with stored value', pay_out: 'stored value paid out', given_back: 'stored value given back' },
  correct: 'Correct name and birthday',
  save: 'Save',
  saved: 'Saved.',
  adjust: 'Correct points',
  amount: 'Points (below zero to take)',
  reason: 'Reason',
  doAdjust: 'Correct',
  badPoints: 'Fill in points and the reason; points to take are below zero.',
  consents: 'Consent and privacy',
  messagesOn: 'agrees to text messages',
  messagesOff: 'no text messages',
  stopMessages: 'Stop messages',
  leave: 'Leave the programme',
  rejoin: 'Join again (the customer agrees)',
  exportIt: 'Export everything',
  exported: 'Exported as a file.',
  erase: 'Erase',
  eraseSure: 'Erase for good? Telephone, name, birthday and points are gone and do not come back.',
  sure: 'Erase for good',
  cancel: 'Cancel',
  done: 'Done.',
  refusals: {
    known: 'This telephone number is a member already. Search for it.',
    no_consent: 'Ask the customer to agree first.',
    no_programme: 'The shop has no member programme. The owner can start one.',
    changed_meanwhile: 'Somebody else has changed it. Go back, open it again, and change that.',
    amount: 'That is not possible: check the birthday or the points.',
    points_short: 'The member has fewer points. Take fewer.',
    owed_to_member: 'Stored value is left. Pay it back first.',
    undecided: 'A payment is not finished. Wait a moment and try again.',
    text_version: 'The text of consent is another now. Load the page again and show the new one.',
    phone: 'A telephone number is 7 to 15 digits. Enter it again.',
    name: 'The name is too long: 60 letters at most.',
    search: 'Type a whole telephone number, its last four digits, or a member code.',
    not_found: 'There is no such member.',
    no_member: 'This member has left and cannot be changed.',
  },
};

export const members = computed(() => (language.value === 'zh' ? zh : en));
export const sayMembers = (error: unknown) => (error instanceof Refusal ? members.value.refusals[error.code] : undefined) ?? explain(error);
/* What somebody has typed: four digits are a tail, seven and more a number, the rest a code. */
export function searchOf(text: string) {
  const t = text.trim();
  if (/^\d{4}$/.test(t)) return { tail: t };
  return /^\+?\d{7,15}$/.test(t) ? { phone: t } : { code: t.toLowerCase() };
}
/* "0229" as 229; 0 when nothing is typed, -1 when it is no day. */
export const birthdayOf = (text: string) => (text.trim() === '' ? 0 : /^\d{4}$/.test(text.trim()) ? Number(text.trim()) : -1);
export const birthdayText = (n: number) => (n === 0 ? '' : String(n).padStart(4, '0'));
