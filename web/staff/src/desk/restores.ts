/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a backup that is opened for another device. */
import { computed } from 'vue';
import { language } from '../../../shared/words';

const zh = {
  title: '恢复备份的申请',
  hint: '新设备没有店主密钥时，由两位同事批准打开它的备份。批准前请回拨登记电话，核实是本店换机。批准后收款账户七天内不能变更，所有联系人都会收到通知。',
  none: '没有申请。',
  of: (tid: string) => `终端 ${tid}`,
  states: { waits: '等待批准', granted: '已批准，等设备恢复', done: '设备已恢复', refused: '已拒绝', over: '已过期' } as Record<string, string>,
  merchant: '商户号',
  device: '申请的设备',
  was: '备份来自设备',
  backup: '备份',
  payments: (n: number) => `${n} 笔交易`,
  first: '第一位批准',
  secondBy: '第二位批准',
  refusedBy: '拒绝',
  note: '核实依据',
  noteHint: '怎样确认是店里提出的，或为什么拒绝',
  approve: '批准',
  refuse: '拒绝',
  second: '已记录您的批准，还需要另一位同事批准。',
  granted: '已批准，设备会自动取走，并提示店里的人恢复。',
  refused: '已拒绝，设备会显示。',
};

const en: typeof zh = {
  title: 'Backups to be opened',
  hint: "A new device without the owner's key: two of you let it open its backup. Before you approve, call back at the registered number and make sure that the shop has another device. Afterwards the payout account cannot be changed for seven days, and every contact is told.",
  none: 'Nobody asks.',
  of: (tid: string) => `Terminal ${tid}`,
  states: { waits: 'waits', granted: 'approved, the device may restore', done: 'restored', refused: 'refused', over: 'over' },
  merchant: 'Merchant',
  device: 'New device',
  was: 'Old device',
  backup: 'Backup',
  payments: (n: number) => `payments: ${n}`,
  first: 'First yes',
  secondBy: 'Second yes',
  refusedBy: 'Refused by',
  note: 'What was checked',
  noteHint: 'How you know that the shop asks, or why you refuse',
  approve: 'Approve',
  refuse: 'Refuse',
  second: 'Your approval counts. Somebody else must approve too.',
  granted: 'Approved. The device fetches it and tells whoever stands there.',
  refused: 'Refused. The device says so.',
};

export const restores = computed(() => (language.value === 'zh' ? zh : en));
