/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of people say, in both languages, and the shape of the host's list. */
import { computed } from 'vue';
import { Refusal } from './api';
import { explain } from './entrance';
import { language } from './words';

export interface Person {
  id: number;
  kind: 'staff' | 'owner';
  login: string;
  name: string;
  status: 'invited' | 'active' | 'suspended' | 'closed';
  roles: string[];
  mid: string;
  outlet: number;
  factor: boolean;
  yours: boolean;
}

const zh = {
  people: '人员',
  hint: '每人一个账户，权限分开。密码由本人设置：启用和重设链接只发到他登记的邮箱，您看不到。',
  add: '添加人员',
  who: '新人员',
  kind: '账户类型',
  kinds: { staff: '员工', owner: '商户' } as Record<string, string>,
  name: '姓名',
  login: '账号（小写字母开头，2–32 位字母、数字、. - _）',
  mail: '邮箱（接收启用链接）',
  phone: '手机号（接收通知，可不填）',
  mid: '商户号（15 位）',
  role: '角色',
  roles: {
    owner: '店主', manager: '店长', cashier: '收银', finance: '财务',
    agent: '客服', approver: '审批', auditor: '审计', admin: '管理员',
  } as Record<string, string>,
  outlet: '门店号（0 为全部门店）',
  allOutlets: '全部门店',
  oneOutlet: (n: number) => `门店 ${n}`,
  language: '通知语言',
  create: '创建并发送启用链接',
  created: (name: string) => `已创建 ${name} 的账户，启用链接已发到他的邮箱，72 小时内有效。`,
  states: { invited: '待启用', active: '使用中', suspended: '已停用', closed: '已移除' } as Record<string, string>,
  noFactor: '未设第二重验证',
  change: '更改权限',
  save: '保存',
  changed: '权限已更改，他须重新登录。',
  suspend: '停用',
  suspended: '已停用：他的所有设备已退出登录。',
  resume: '恢复',
  resumed: '已恢复，他可以重新登录。',
  invite: '再发启用链接',
  reset: '发送重设链接',
  sent: '链接已发到他登记的邮箱。',
  remove: '移除',
  removeAsk: (name: string) => `移除 ${name}？账户永久关闭，不能恢复。`,
  removed: '已移除。',
  cancel: '取消',
  none: '还没有其他人员。',
  gone: '已移除的人员',
  refusals: {
    own: '不能更改自己的账户，请由其他负责人操作。',
    no_link: '现在不能发送链接：账户已停用、没有邮箱，或一小时内已发送三次。',
    EXISTS: '账号、手机号或邮箱已被使用。',
    FORMAT: '请检查：账号、邮箱、手机号、商户号的格式，以及角色与门店是否相配。',
    MISSING: '请填写邮箱：启用链接要发到那里。',
    LENGTH: '有一项太长。',
    RANGE: '门店号最多四位数字。',
    STATE: '账户现在的状态不允许这样做。',
    not_found: '没有这个人员，或不在您的权限之内。',
  } as Record<string, string>,
};

const en: typeof zh = {
  people: 'People',
  hint: 'An account for everybody, each with its own rights. Passwords are chosen by the person: links go to the registered mail address, and you do not see them.',
  add: 'Add a person',
  who: 'New person',
  kind: 'Kind of account',
  kinds: { staff: 'Staff', owner: 'Merchant' },
  name: 'Name',
  login: 'Account (a small letter first; 2 to 32 letters, digits, . - _)',
  mail: 'E-mail (the link to begin goes there)',
  phone: 'Phone number (for notices; may be empty)',
  mid: 'Merchant number (15)',
  role: 'Role',
  roles: {
    owner: 'Owner', manager: 'Manager', cashier: 'Cashier', finance: 'Finance',
    agent: 'Agent', approver: 'Approver', auditor: 'Auditor', admin: 'Administrator',
  },
  outlet: 'Shop number (0: all shops)',
  allOutlets: 'all shops',
  oneOutlet: (n: number) => `shop ${n}`,
  language: 'Language of notices',
  create: 'Create, and send the link',
  created: (name: string) => `The account of ${name} was made. The link went to the mail address and is good for 72 hours.`,
  states: { invited: 'not begun', active: 'active', suspended: 'suspended', closed: 'removed' },
  noFactor: 'no second step',
  change: 'Change rights',
  save: 'Save',
  changed: 'The rights were changed. A new log-in is needed.',
  suspend: 'Suspend',
  suspended: 'Suspended, and logged out everywhere.',
  resume: 'Resume',
  resumed: 'Resumed: may log in again.',
  invite: 'Send the link again',
  reset: 'Send a reset link',
  sent: 'The link went to the registered mail address.',
  remove: 'Remove',
  removeAsk: (name: string) => `Remove ${name}? The account is closed for good.`,
  removed: 'Removed.',
  cancel: 'Cancel',
  none: 'Nobody else yet.',
  gone: 'Removed people',
  refusals: {
    own: 'Not your own account: somebody else in charge must do this.',
    no_link: 'No link can be sent now: the account is suspended, has no mail address, or was sent three within an hour.',
    EXISTS: 'The account name, phone number or mail address is taken.',
    FORMAT: 'Check the account name, mail address, phone and merchant number, and that role and shop fit.',
    MISSING: 'Fill in the mail address: the link goes there.',
    LENGTH: 'Something is too long.',
    RANGE: 'A shop number has up to four digits.',
    STATE: 'The account is not in a state for this.',
    not_found: 'There is no such person, or not within your rights.',
  },
};

export const people = computed(() => (language.value === 'zh' ? zh : en));

export const sayOfPeople = (error: unknown) =>
  (error instanceof Refusal ? people.value.refusals[error.code] : undefined) ?? explain(error);
