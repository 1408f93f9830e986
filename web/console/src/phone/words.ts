/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to somebody who opens a link, or whose phone approves. */
import { computed } from 'vue';
import { language } from '../../../shared/words';

const zh = {
  codeTitle: '重设终端密码',
  codeAbout: '按下面的按钮会显示验证码，只显示一次。请先站在终端旁边。',
  codeShow: '显示验证码',
  codeFor: (tid: string, operator: string) => `请在终端 ${tid} 上为操作员 ${operator} 输入：`,
  codeHint: (minutes: number) => `还剩 ${minutes} 分钟。只在这台终端有效；工作人员不会向您索要。`,
  notYou: '如果不是您店里的人在操作，请不要继续，并马上联系客服。',
  pairTitle: '配对手机',
  pairAbout: '配对后，这部手机可以在主管登录时说“是”。它不能付款，也看不到任何数据，随时可以取消。',
  label: '手机名称',
  labelDefault: '我的手机',
  pair: '配对',
  compare: '请与终端屏幕上的数字核对：',
  compareHint: '一致时在终端上按“一致”；不一致时按“不一致”，并联系客服。',
  waiting: '等待终端确认……',
  approver: '批准登录',
  quiet: '现在没有请求。请保持此页打开。',
  asks: (operator: string) => `操作员 ${operator} 正在登录`,
  where: (shop: string, tid: string) => `${shop} · 终端 ${tid}`,
  yes: '是我们的人，批准',
  no: '不认识就不要按。',
  answered: '已批准。',
  forget: '取消配对',
  gone: '这部手机没有配对，或配对已取消。请在终端上选“配对手机”，再扫一次码。',
  old: '这个浏览器不能安全地保存密钥，请换用新版浏览器。',
  refusals: {
    dead: '链接已使用、已被新链接替换，或已过期。请在终端上重新申请。',
    away: '暂时不行，请过一分钟再按。',
    unknown: '二维码已使用或已过期，请在终端上重新开始。',
  } as Record<string, string>,
};

const en: typeof zh = {
  codeTitle: 'Reset a password at a terminal',
  codeAbout: 'The button shows the code, once. Stand beside the terminal first.',
  codeShow: 'Show the code',
  codeFor: (tid: string, operator: string) => `Enter at terminal ${tid}, for operator ${operator}:`,
  codeHint: (minutes: number) => `Good for ${minutes} minutes more, at this terminal only. Our staff never ask for it.`,
  notYou: 'If nobody of your shop has asked for this, do not go on, and call us now.',
  pairTitle: 'Pair this phone',
  pairAbout: 'A paired phone says yes when the supervisor logs in. It cannot pay and sees nothing; it can be let go at any time.',
  label: 'Name of this phone',
  labelDefault: 'My phone',
  pair: 'Pair',
  compare: 'Compare with the digits on the terminal:',
  compareHint: 'The same: press "Same" at the terminal. Different: press "Different", and call us.',
  waiting: 'Waiting for the terminal ...',
  approver: 'Approve log-ins',
  quiet: 'Nothing is asked now. Keep this page open.',
  asks: (operator: string) => `Operator ${operator} is logging in`,
  where: (shop: string, tid: string) => `${shop} · terminal ${tid}`,
  yes: 'It is one of us: approve',
  no: 'Do not press when you do not know who it is.',
  answered: 'Approved.',
  forget: 'Let go of the terminal',
  gone: 'This phone is not paired, or no longer. Choose "Pair a phone" at the terminal and scan again.',
  old: 'This browser cannot keep a key safely. Use a newer one.',
  refusals: {
    dead: 'The link has been used, replaced by a newer one, or has expired. Ask again at the terminal.',
    away: 'Not just now. Press again in a minute.',
    unknown: 'The code has been used or has expired. Begin again at the terminal.',
  },
};

export const phone = computed(() => (language.value === 'zh' ? zh : en));
