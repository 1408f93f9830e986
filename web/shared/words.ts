/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that the consoles say of accounts, in both languages, and which one is spoken. */
import { computed, ref } from 'vue';

const zh = {
  staff: '通宝员工后台',
  console: '通宝商户后台',
  language: 'English',
  login: '登录',
  loginHint: '使用通行密钥最安全、最快。',
  name: '账号、手机号或邮箱',
  password: '密码',
  passkeyLogin: '用通行密钥登录',
  or: '或使用密码',
  next: '下一步',
  forgot: '忘记密码',
  show: '显示',
  hide: '隐藏',
  factor: '第二重验证',
  factorHint: '密码正确。请再证明是您本人。',
  usePasskey: '使用通行密钥',
  code: '动态口令（6 位）',
  codeHint: '打开手机上的身份验证器应用查看。',
  useRecovery: '使用恢复码',
  useCode: '使用动态口令',
  recovery: '恢复码',
  recoveryHint: '您保存的 13 位恢复码，每个只能用一次。',
  verify: '验证',
  back: '返回登录',
  setup: '启用账户',
  setupHint: (name: string) => `${name}，请设置只有您知道的密码。`,
  reset: '重设密码',
  resetHint: '密码重设后，所有设备都会退出登录；登录时仍须第二重验证。',
  resetDone: '密码已重设，请登录。',
  change: '请先更换密码',
  newPassword: '新密码',
  again: '再输入一次',
  mismatch: '两次输入不一致',
  current: '当前密码',
  save: '保存',
  linkGone: '链接已使用、已被新链接替换，或已过期。',
  strength: ['极易猜中', '容易猜中', '一般', '较强', '很强'],
  rules: '密码要求',
  enrol: '设置第二重验证',
  enrolHint: '仅有密码不够安全。请选择一种方式，以后可以再加。',
  enrolPasskey: '用通行密钥（推荐）',
  enrolPasskeyHint: '用指纹、人脸或安全密钥，不会被钓鱼网站骗走。',
  enrolCodes: '用身份验证器应用',
  enrolCodesHint: '手机应用每 30 秒显示一个 6 位动态口令。',
  scan: '用身份验证器应用扫描二维码，或手工输入密钥：',
  confirmCode: '输入应用显示的 6 位口令',
  confirm: '确认',
  cancel: '取消',
  label: '给这把密钥起个名字',
  labelDefault: '我的设备',
  codes: '恢复码',
  codesHint: '丢失手机或密钥时，用恢复码登录。每个只能用一次，只显示这一次：请打印或抄写后妥善保管。',
  codesSaved: '我已保存',
  copy: '复制',
  copied: '已复制',
  forgotTitle: '找回密码',
  forgotHint: '输入账号、手机号或邮箱。如果账户存在，我们会向其登记的邮箱发送重设链接。',
  send: '发送链接',
  sent: '如果账户存在，链接已发送到其登记的邮箱。30 分钟内有效，只能使用一次。',
  security: '账户安全',
  home: '首页',
  logout: '退出',
  passkeys: '通行密钥',
  none: '还没有',
  add: '添加',
  remove: '删除',
  app: '身份验证器应用',
  appOn: '已启用',
  appOff: '未启用',
  setUp: '设置',
  replace: '更换',
  left: (n: number) => `还剩 ${n} 个`,
  newCodes: '重新生成',
  sessions: '已登录的设备',
  thisOne: '本设备',
  end: '退出该设备',
  endOthers: '退出其他所有设备',
  changePassword: '修改密码',
  changed: '密码已修改，其他设备已退出登录。',
  stepUp: '请再次验证',
  stepUpHint: '更改登录方式前，需要再次证明是您本人。',
  passwordSet: (at: string) => `上次修改：${at}`,
  used: (at: string) => `上次使用：${at}`,
  never: '从未使用',
  welcome: (name: string) => `${name}，您好`,
  loading: '正在加载…',
  chinaTime: '所有时间均为北京时间（UTC+8）。',
  ended: {
    password_changed: '您已退出登录：密码已被修改。如果不是您本人，请马上联系客服。',
    factors_changed: '您已退出登录：登录方式（通行密钥、动态口令或恢复码）已变更。如果不是您本人，请马上联系客服。',
    rights_changed: '您已退出登录：您的账户权限已被负责人更改。',
    ended_elsewhere: '您已在另一台设备上把本设备退出登录。',
  } as Record<string, string>,
  errors: {
    wrong: '账号、密码或口令不正确，或尝试次数过多。次数过多时请等 30 分钟，或使用“忘记密码”。',
    busy: '现在登录的人太多，请稍后再试。',
    offline: '网络不通，请检查网络后重试。',
    unavailable: '系统暂时无法验证，请稍后再试。',
    session: '登录已过期，请重新登录。',
    step: '登录步骤已过期，请重新登录。',
    csrf: '页面已过期，请刷新。',
    code: '口令不正确。请确认手机时间准确，并使用新的口令。',
    current: '当前密码不正确。',
    link: '链接已使用、已被新链接替换，或已过期。请重新申请。',
    last_factor: '这是最后一种验证方式，请先添加另一种。',
    passkey: '这把通行密钥不属于此账户。',
    EXISTS: '这把通行密钥已经添加过。',
    FULL: '通行密钥数量已达上限，请先删除不用的。',
    role: '您的角色不能进行此操作。',
    failed: '操作失败，请重试。',
  } as Record<string, string>,
};

const en: typeof zh = {
  staff: 'Tongbao staff console',
  console: 'Tongbao merchant console',
  language: '中文',
  login: 'Log in',
  loginHint: 'A passkey is safest and quickest.',
  name: 'Account, phone number or e-mail',
  password: 'Password',
  passkeyLogin: 'Log in with a passkey',
  or: 'or with a password',
  next: 'Next',
  forgot: 'Forgot your password?',
  show: 'Show',
  hide: 'Hide',
  factor: 'Second step',
  factorHint: 'The password was right. Now show that it is you.',
  usePasskey: 'Use a passkey',
  code: 'Code of 6 digits',
  codeHint: 'Your authenticator app shows it.',
  useRecovery: 'Use a recovery code',
  useCode: 'Use a code of the app',
  recovery: 'Recovery code',
  recoveryHint: 'One of the 13-character codes that you have kept. Each works once.',
  verify: 'Verify',
  back: 'Back to log-in',
  setup: 'Set up your account',
  setupHint: (name: string) => `${name}, choose a password that only you know.`,
  reset: 'Choose another password',
  resetHint: 'All devices are then logged out, and your second step is still asked for.',
  resetDone: 'The password was changed. Please log in.',
  change: 'Change your password first',
  newPassword: 'New password',
  again: 'The same once more',
  mismatch: 'The two are different.',
  current: 'Present password',
  save: 'Save',
  linkGone: 'This link was used, replaced by a newer one, or is too old.',
  strength: ['Guessed at once', 'Easy to guess', 'Fair', 'Strong', 'Very strong'],
  rules: 'What a password must be',
  enrol: 'Set up a second step',
  enrolHint: 'A password alone is not enough. Choose one; you can add others later.',
  enrolPasskey: 'A passkey (recommended)',
  enrolPasskeyHint: 'Fingerprint, face or security key. No false site can take it from you.',
  enrolCodes: 'An authenticator app',
  enrolCodesHint: 'An app on your phone shows a new code of 6 digits every 30 seconds.',
  scan: 'Scan this with your authenticator app, or type the key:',
  confirmCode: 'The 6 digits that the app shows',
  confirm: 'Confirm',
  cancel: 'Cancel',
  label: 'A name for this key',
  labelDefault: 'My device',
  codes: 'Recovery codes',
  codesHint:
    'For the day your phone or key is lost. Each works once, and they are shown only now: print them or write them down.',
  codesSaved: 'I have kept them',
  copy: 'Copy',
  copied: 'Copied',
  forgotTitle: 'Forgotten password',
  forgotHint:
    'Type your account, phone number or e-mail. If the account exists, a link goes to its registered e-mail address.',
  send: 'Send the link',
  sent: 'If the account exists, a link was sent to its registered e-mail address. It is good for 30 minutes and works once.',
  security: 'Security',
  home: 'Home',
  logout: 'Log out',
  passkeys: 'Passkeys',
  none: 'None yet',
  add: 'Add',
  remove: 'Remove',
  app: 'Authenticator app',
  appOn: 'In use',
  appOff: 'Not in use',
  setUp: 'Set up',
  replace: 'Replace',
  left: (n: number) => `${n} left`,
  newCodes: 'Make new ones',
  sessions: 'Where you are logged in',
  thisOne: 'this device',
  end: 'Log out',
  endOthers: 'Log out everywhere else',
  changePassword: 'Change password',
  changed: 'The password was changed, and the other devices were logged out.',
  stepUp: 'Once more, please',
  stepUpHint: 'Before you change how you log in, show that it is you.',
  passwordSet: (at: string) => `Last changed: ${at}`,
  used: (at: string) => `Last used: ${at}`,
  never: 'never used',
  welcome: (name: string) => `Hello, ${name}`,
  loading: 'Loading…',
  chinaTime: 'All times are China time (UTC+8).',
  ended: {
    password_changed: 'You were signed out: the password was changed. If that was not you, call us now.',
    factors_changed:
      'You were signed out: a passkey, the app or the recovery codes were changed. If that was not you, call us now.',
    rights_changed: 'You were signed out: somebody in charge changed what your account may do.',
    ended_elsewhere: 'You were signed out from another of your devices.',
  },
  errors: {
    wrong:
      'The name, the password or the code is wrong, or there were too many tries. After too many, wait 30 minutes or use the link for a forgotten password.',
    busy: 'Too many people are logging in. Try again in a moment.',
    offline: 'No connection. Check the network and try again.',
    unavailable: 'We cannot verify anything just now. Try again in a moment.',
    session: 'Your session has ended. Log in again.',
    step: 'This log-in took too long. Begin again.',
    csrf: 'This page is too old. Load it again.',
    code: 'The code is wrong. Is the clock of your phone right? Use a new one.',
    current: 'The present password is wrong.',
    link: 'This link was used, replaced by a newer one, or is too old. Ask for a new one.',
    last_factor: 'This is the last way to verify you. Add another one first.',
    passkey: 'This passkey is not of this account.',
    EXISTS: 'This passkey is there already.',
    FULL: 'There are too many passkeys. Remove one that is not used.',
    role: 'Your role may not do this.',
    failed: 'This did not work. Try again.',
  },
};

const stored = () => {
  try {
    return localStorage.getItem('language');
  } catch {
    return null; /* storage is switched off */
  }
};

export const language = ref<'zh' | 'en'>(
  (stored() ?? navigator.language).startsWith('zh') ? 'zh' : 'en',
);
export const words = computed(() => (language.value === 'zh' ? zh : en));

export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem('language', language.value);
  } catch {
    /* then it is asked of the browser again */
  }
}
document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';

/* "Chrome, Android": what a person knows of a device by its User-Agent. */
export function device(agent: string): string {
  const find = (list: [RegExp, string][]) => list.find(([sign]) => sign.test(agent))?.[1];
  const browser = find([
    [/MicroMessenger/, '微信 WeChat'],
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = find([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser, system].filter(Boolean).join(', ') || '?';
}

/* A clause of the host's as a sentence: "is too short" is "It is too short". */
export const sentence = (clause: string) => (/^[a-z]/.test(clause) ? `It ${clause}` : clause);

/* China time, wherever the browser is: both consoles say so at their foot. */
/* A text of the host that stands by itself; Chinese has no capitals. */
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

export const day = (ms: number) =>
  new Date(ms).toLocaleDateString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeZone: 'Asia/Shanghai' });

export const timeOfDay = (ms: number) =>
  new Date(ms).toLocaleTimeString(language.value === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: 'Asia/Shanghai', hour12: false });

export const moment = (ms: number) =>
  new Date(ms).toLocaleString(language.value === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Asia/Shanghai',
  });
