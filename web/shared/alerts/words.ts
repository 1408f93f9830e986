/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the alert centre's rules and people say. What a rule says is the host's. */
import { computed } from 'vue';
import { Refusal } from '../api';
import { explain } from '../entrance';
import { language } from '../words';

const zh = {
  told: '通知谁',
  toldHint: '告警先通知第一位；在规定时间内没有人在“告警”中确认，就通知下一位。',
  toldHintShop: '告警先通知第一位；在规定时间内没有人在“告警”中确认，就通知下一位，最后通知收单机构。',
  back: '返回告警',
  loading: '正在加载…',
  people: '接收告警的人',
  nobody: '还没有人接收告警：添加第一位，出事时才有人知道。',
  contract: '现在按合同上的联系人通知。保存自己的名单后，改按名单通知。',
  place: (n: number) => `第 ${n} 位`,
  name: '姓名',
  phone: '手机号（短信通知，可不填）',
  mail: '邮箱（邮件通知，可不填）',
  english: '用英文通知',
  quiet: '有免打扰时段',
  quietFrom: '从几点',
  quietTo: '到几点',
  quietSays: (from: string, to: string) => `免打扰 ${from}–${to}，只有紧急告警除外`,
  noQuiet: '没有免打扰时段',
  way: { sms: '短信', mail: '邮件' } as Record<string, string>,
  inEnglish: '英文',
  change: '修改名单',
  changeRule: (what: string) => `修改：${what}`,
  edit: '修改',
  cancel: '不改了',
  save: '保存',
  saved: '已保存。',
  add: '添加一人',
  full: (n: number) => `最多 ${n} 人。`,
  remove: (n: number) => `移除第 ${n} 位`,
  up: (n: number) => `第 ${n} 位提前`,
  toContract: '名单留空并保存，就恢复为合同上的联系人。',
  empty: '名单留空并保存，就没有人收到告警。',
  trial: (name: string) => `给${name}发测试消息`,
  tried: (name: string, ways: string) => `已给${name}发出测试消息（${ways}），请看是否收到。`,
  rules: '告警规则',
  rulesHint: '紧急告警随时通知，不受免打扰时段限制；其他告警等免打扰时段过后再通知。',
  off: '不通知，只在“告警”中列出',
  by: (ways: string) => `${ways}通知`,
  next: (n: string) => `${n}后通知下一位`,
  noNext: '不通知下一位',
  minutes: (n: number) => (n % 60 === 0 ? `${n / 60} 小时` : `${n} 分钟`),
  nextLabel: '多少分钟没人确认就通知下一位（0：不通知）',
  sms: '短信通知',
  byMail: '邮件通知',
  badMinutes: '分钟数写 0 到 10080 的整数。',
  badTime: '请填写免打扰的起止时间。',
  refusals: {
    field: '有内容没有填写，或太长。', role: '您的角色只能看，不能改。', not_found: '没有这一项，请重新加载。',
  } as Record<string, string>,
};

const en: typeof zh = {
  told: 'Who is told',
  toldHint: 'The first person is told at once; when nobody acknowledges under "Alerts" in time, the next one is.',
  toldHintShop: 'The first person is told at once; when nobody acknowledges under "Alerts" in time, the next one is, and the acquirer last.',
  back: 'Back to alerts',
  loading: 'Loading…',
  people: 'Who is told of alerts',
  nobody: 'Nobody is told yet: add somebody, so that a person hears of trouble.',
  contract: 'The contacts of the contract are told now. A list of your own takes their place once it is saved.',
  place: (n) => `Number ${n}`,
  name: 'Name',
  phone: 'Phone number (for SMS; may be empty)',
  mail: 'E-mail (may be empty)',
  english: 'Write in English',
  quiet: 'Has quiet hours',
  quietFrom: 'From',
  quietTo: 'Until',
  quietSays: (from, to) => `quiet from ${from} to ${to}, but for what is urgent`,
  noQuiet: 'no quiet hours',
  way: { sms: 'SMS', mail: 'mail' },
  inEnglish: 'in English',
  change: 'Change the list',
  changeRule: (what) => `Change: ${what}`,
  edit: 'Change',
  cancel: 'Leave it as it is',
  save: 'Save',
  saved: 'Saved.',
  add: 'Add a person',
  full: (n) => `At most ${n} people.`,
  remove: (n) => `Remove number ${n}`,
  up: (n) => `Move number ${n} up`,
  toContract: 'An empty list, saved, brings the contacts of the contract back.',
  empty: 'With an empty list nobody hears of alerts.',
  trial: (name) => `Send ${name} a trial`,
  tried: (name, ways) => `A trial was sent to ${name} (${ways}): see whether it arrives.`,
  rules: 'Rules',
  rulesHint: 'Urgent alerts are sent at any hour; others wait for the end of quiet hours.',
  off: 'nobody is told, it stands under "Alerts" alone',
  by: (ways) => `by ${ways}`,
  next: (n) => `the next person after ${n}`,
  noNext: 'nobody further',
  minutes: (n) => (n % 60 === 0 ? `${n / 60} h` : `${n} min`),
  nextLabel: 'Minutes without an answer until the next person is told (0: nobody further)',
  sms: 'By SMS',
  byMail: 'By mail',
  badMinutes: 'Minutes are a whole number from 0 to 10080.',
  badTime: 'Fill in from when to when it is quiet.',
  refusals: {
    field: 'Something is missing or too long.', role: 'Your role may look and not change.', not_found: 'There is no such thing: load the page again.',
  },
};

export const told = computed(() => (language.value === 'zh' ? zh : en));

/* What the host has its own words for is said in them. */
const OWN = ['changed', 'urgent', 'person', 'limit', 'no_messages'];
export const sayTold = (error: unknown) =>
  error instanceof Refusal && OWN.includes(error.code) ? error.message : (error instanceof Refusal ? told.value.refusals[error.code] : undefined) ?? explain(error);

export interface Rule {
  name: string;
  severity: string;
  sms: boolean;
  mail: boolean;
  escalate_min: number;
  version: number;
}

export interface Told {
  name: string;
  phone: string;
  mail: string;
  english: boolean;
  quiet_from: number;
  quiet_to: number;
}

export interface List {
  people: Told[];
  contract: boolean;
  most: number;
  version: number;
}

/* "22:00", and back; a time that is none is -1. */
export const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
export function minuteOf(text: string): number {
  const at = text.match(/^([01]\d|2[0-3]):([0-5]\d)$/);
  return at ? Number(at[1]) * 60 + Number(at[2]) : -1;
}
/* Words of both ways, those that are on. */
export const waysOf = (on: { sms: boolean; mail: boolean }) =>
  [on.sms ? told.value.way.sms : '', on.mail ? told.value.way.mail : ''].filter(Boolean).join(language.value === 'zh' ? '、' : ', ');
