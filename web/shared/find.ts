/* SPDX-License-Identifier: Apache-2.0 */
/* A device that is looked for: shapes of the host's answers, and the words of both consoles. */
import { computed } from 'vue';
import { Refusal } from './api';
import { explain } from './entrance';
import { language, moment } from './words';

export interface Place {
  from: number;
  until: number;
  link: string;
  network: string;
  address: string;
  latitude_e6?: number;
  longitude_e6?: number;
  accuracy_m?: number;
}
export interface Order {
  id: number;
  kind: string;
  text: string;
  by: string;
  state: string;
  asked: number;
  delivered: number;
  acknowledged: number;
  verified: number;
}

const zh = {
  devices: '设备',
  none: '您的商户还没有终端。',
  device: (tid: string) => `终端 ${tid}`,
  show: (tid: string) => `查看终端 ${tid}`,
  back: '返回设备列表',
  serial: '序列号',
  model: '型号',
  version: '软件',
  state: '状态',
  online: '在线',
  away: '不在线',
  now: '现在',
  seen: '最后在线',
  never: '从未',
  firstLogin: '首次登录',
  firstHint: '如果那不是您或您的同事，设备可能在运输途中被人用过：请停用并致电客服。',
  find: '找回设备',
  findHint: '设备不在线时，命令会排队，等它连上网再执行。',
  text: '屏幕上显示的话',
  textHint: '例如：拾到请致电 138****0000。最多约 50 个汉字。',
  message: '发消息',
  ring: '响铃',
  lock: '锁定设备',
  lockHint: '锁定后不能收款、不能登录，重启也不能解开；正在进行的收款会先完成或冲正。',
  unlock: '解锁设备',
  unlockHint: '只有店主能在这里解锁。',
  asked: '已交给后台，请在下面看进展。',
  orders: '命令与进展',
  noOrders: '还没有命令。',
  kinds: { message: '消息', ring: '响铃', lock: '锁定', unlock: '解锁' } as Record<string, string>,
  states: {
    queued: '排队中：设备还没有连上',
    delivered: '已送出：等设备确认',
    acknowledged: '设备已收到，还没有完成',
  } as Record<string, string>,
  verified: { message: '有人在屏幕上确认看过', ring: '设备已响铃', lock: '设备已锁定', unlock: '设备已解锁' } as Record<string, string>,
  places: '去过的地方',
  placesHint: '设备自己知道的：所在网络、来自的地址；有定位时还有坐标。保留 30 天。',
  noPlaces: '设备还没有报告过位置。',
  links: { unknown: '未知网络', ethernet: '有线网络', wifi: '无线网络', mobile: '移动网络' } as Record<string, string>,
  from: (address: string) => `地址 ${address}`,
  position: (at: string, metres: number) => `坐标 ${at}（误差约 ${metres} 米）`,
  span: (from: string, until: string) => (from === until ? from : `${from} 至 ${until}`),
  events: '发生过的事',
  noEvents: '没有。',
  happened: {
    first_login: '首次登录', password_set: '修改了密码', recovered: '找回了密码', login_locked: '密码连续输错，操作员被锁定',
    rollback: '安全模块恢复了旧数据', operator_changed: '操作员变动', impostor: '有人冒充主机或后台，已断开', tampered: '设备可能被拆开过',
    remote_lock_opened: '主管经客服核实后解锁',
  } as Record<string, string>,
  refusals: {
    bad_text: '请写一句话（最多约 50 个汉字，不能换行）。', too_many: '还有很多命令没有完成，请等设备连上网。', not_found: '没有这台设备。',
  } as Record<string, string>,
};

const en: typeof zh = {
  devices: 'Devices',
  none: 'Your shop has no terminal yet.',
  device: (tid) => `Terminal ${tid}`,
  show: (tid) => `Look at terminal ${tid}`,
  back: 'Back to the devices',
  serial: 'Serial number',
  model: 'Model',
  version: 'Software',
  state: 'State',
  online: 'connected',
  away: 'not connected',
  now: 'now',
  seen: 'Last seen',
  never: 'never',
  firstLogin: 'First log-in',
  firstHint: 'If that was not you or a colleague, somebody has used the device on its way: stop using it and call customer service.',
  find: 'Find this device',
  findHint: 'While the device is not connected an order waits in the queue.',
  text: 'Words on its screen',
  textHint: 'Such as: found it? Call 138****0000. At most 160 letters.',
  message: 'Send the message',
  ring: 'Let it ring',
  lock: 'Lock the device',
  lockHint: 'A locked device takes no payment and lets nobody in, and a restart does not open it. A payment under way is finished or reversed first.',
  unlock: 'Unlock the device',
  unlockHint: 'Only the owner unlocks it, here.',
  asked: 'Handed to the back office: see below how far it is.',
  orders: 'Orders and how far they are',
  noOrders: 'None yet.',
  kinds: { message: 'Message', ring: 'Ring', lock: 'Lock', unlock: 'Unlock' },
  states: {
    queued: 'queued: the device is not connected',
    delivered: 'sent: the device has not confirmed it',
    acknowledged: 'the device has it and has not done it yet',
  },
  verified: { message: 'somebody has read it on the screen', ring: 'the device has rung', lock: 'the device is locked', unlock: 'the device is open' },
  places: 'Where it was',
  placesHint: 'What the device knows: its network, the address it came from, and a position if it has one. Kept for 30 days.',
  noPlaces: 'The device has not told where it is.',
  links: { unknown: 'unknown network', ethernet: 'cable', wifi: 'Wi-Fi', mobile: 'mobile network' },
  from: (address) => `address ${address}`,
  position: (at, metres) => `position ${at} (to about ${metres} m)`,
  span: (from, until) => (from === until ? from : `${from} to ${until}`),
  events: 'What has happened',
  noEvents: 'Nothing.',
  happened: {
    first_login: 'first log-in', password_set: 'password changed', recovered: 'password recovered', login_locked: 'operator locked after wrong passwords',
    rollback: 'old data was put back into the security module', operator_changed: 'operator changed', impostor: 'somebody answered in the place of the host; it was cut off', tampered: 'the device may have been opened',
    remote_lock_opened: 'opened by a supervisor whom customer service let in',
  },
  refusals: {
    bad_text: 'Write one line of at most 160 letters.', too_many: 'Too many orders wait: let the device connect first.', not_found: 'No such device.',
  },
};

export const find = computed(() => (language.value === 'zh' ? zh : en));

export const sayFind = (error: unknown) =>
  (error instanceof Refusal ? find.value.refusals[error.code] : undefined) ?? explain(error);

export const orderState = (o: Order) =>
  o.state === 'verified' ? find.value.verified[o.kind]! : find.value.states[o.state]!;

/* When the state that it is in was reached. */
export const orderTime = (o: Order) => moment(o.verified || o.acknowledged || o.delivered || o.asked);

/* "31.230416,121.473701"; empty when the device does not know. */
export function coordinates(p: Place): string {
  const degrees = (e6: number) => (e6 / 1e6).toFixed(6);
  return p.latitude_e6 === undefined || p.longitude_e6 === undefined
    ? ''
    : `${degrees(p.latitude_e6)},${degrees(p.longitude_e6)}`;
}
