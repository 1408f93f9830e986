/* SPDX-License-Identifier: Apache-2.0 */
/* The page's own words, in both languages; what the host says of its calls is English. */

const zh = {
  title: '通宝接口',
  other: 'English',
  intro: '这里列出后台对程序开放的全部调用，可以直接试用。金额以分为单位，时间为 1970 年起的毫秒数（UTC）。',
  english: '各项调用的说明来自公开文档，为英文。',
  document: '公开文档（OpenAPI 3.1）',
  loading: '正在读取…',
  failed: '读不到接口文档。请检查网络后刷新页面。',
  who: '以谁的身份调用',
  ways: { nobody: '不表明身份', key: '密钥', console: '商户后台的登录', staff: '员工后台的登录' },
  key: '密钥',
  keyHint: '只留在本页内存中：不保存，不写进地址，关闭或刷新页面即消失。',
  keyWrong: '密钥只含英文字母、数字和符号，请完整粘贴。',
  noKey: '请先粘贴密钥，或另选身份。',
  look: '查看登录状态',
  inAs: (name: string, roles: string) => `已登录：${name}（${roles}）`,
  out: { console: '还没有登录。请先打开商户后台登录，再回到这里。', staff: '还没有登录。请先打开员工后台登录，再回到这里。' },
  open: { console: '打开商户后台', staff: '打开员工后台' },
  search: '查找调用',
  searchHint: '路径、说明或权限，例如 devices',
  found: (n: number) => `共 ${n} 个调用`,
  none: '没有这样的调用。换一个词试试。',
  count: (n: number) => `${n} 个`,
  everybody: '任何人都可以调用',
  scope: (scope: string) => `密钥需要权限 ${scope}`,
  people: '只供登录的人使用，密钥不能调用',
  roles: (roles: string) => `登录的人需要其中一种角色：${roles}`,
  stepUp: '登录的人须在五分钟内出示过通行密钥或动态口令',
  cost: (n: number) => `计费 ${n} 次（每个调用者每秒 20 次，可一次用完积下的 200 次）`,
  real: '这会真的执行，不是演练。',
  parameters: '参数',
  places: { path: '路径', query: '地址', header: '报头' },
  required: '必填',
  optional: '可不填',
  body: '请求内容（JSON）',
  bodyOf: '请求内容的字段',
  noBody: '没有请求内容。',
  answer: '成功时的回答',
  refusals: '被拒绝时',
  member: '字段',
  type: '类型',
  meaning: '含义',
  noMembers: '字段因情况而定。',
  list: (of: string) => `${of} 的列表`,
  any: '不选',
  fresh: '换一个新的',
  repeat: '同一个 Idempotency-Key 的同一个调用只执行一次。',
  send: '发送',
  sending: '正在发送…',
  notJson: (why: string) => `请求内容不是正确的 JSON：${why}`,
  missing: (name: string) => `请填写 ${name}`,
  offline: '没有收到回答。请检查网络后再试。',
  got: '回答',
  headers: '报头',
  content: '内容',
  empty: '没有内容。',
  cut: (n: number) => `只显示前 ${n} 个字`,
  file: (type: string, size: number) => `文件：${type}，${size} 字节`,
  save: '保存文件',
  curl: 'curl 命令',
  curlHint: 'tongbao.key 是一个文件，内容为一行：Authorization: Bearer 加空格和您的密钥。命令里不写密钥。',
  copy: '复制',
  copied: '已复制',
  groups: {
    alerts: '告警', applicants: '申请人', applications: '开户申请', backups: '备份', contracts: '合同', devices: '设备', events: '事件', fleet: '设备群',
    groups: '分组', keys: '密钥', 'openapi.json': '公开文档', organisation: '组织', parameters: '参数', status: '服务状态', stock: '库存与寄送',
    updates: '软件更新', upkeep: '到期与检查', webhooks: '事件推送',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Tongbao API',
  other: '中文',
  intro: 'Every call that the back office offers to programs, to be tried here. Amounts are in fen, moments in milliseconds since 1970 (UTC).',
  english: '',
  document: 'Published document (OpenAPI 3.1)',
  loading: 'Loading…',
  failed: 'The document of the interface cannot be read. Check the network and load the page again.',
  who: 'Who calls',
  ways: { nobody: 'Nobody in particular', key: 'A key', console: "A log-in at the owners' console", staff: 'A log-in at the staff console' },
  key: 'Key',
  keyHint: 'Kept in the memory of this page alone: not stored, not in an address, and gone when the page is closed or loaded again.',
  keyWrong: 'A key has letters, digits and signs only: paste all of it.',
  noKey: 'Paste a key first, or choose somebody else.',
  look: 'See who is logged in',
  inAs: (name, roles) => `Logged in: ${name} (${roles})`,
  out: {
    console: "Nobody is logged in. Log in at the owners' console first, and come back here.",
    staff: 'Nobody is logged in. Log in at the staff console first, and come back here.',
  },
  open: { console: "Open the owners' console", staff: 'Open the staff console' },
  search: 'Find a call',
  searchHint: 'A path, a word or a scope, such as devices',
  found: (n) => (n === 1 ? '1 call' : `${n} calls`),
  none: 'There is no such call. Try another word.',
  count: (n) => String(n),
  everybody: 'Anybody may call it',
  scope: (scope) => `A key needs the scope ${scope}`,
  people: 'For people who are logged in; a key cannot call it',
  roles: (roles) => `People need one of these roles: ${roles}`,
  stepUp: 'People must have shown a passkey or a code in the last five minutes',
  cost: (n) => `Counts as ${n} of 20 calls a second for each caller; up to 200 that were saved may be spent at once`,
  real: 'This is really done; it is no rehearsal.',
  parameters: 'Parameters',
  places: { path: 'path', query: 'address', header: 'header' },
  required: 'required',
  optional: 'may be left out',
  body: 'Body (JSON)',
  bodyOf: 'Members of the body',
  noBody: 'It takes no body.',
  answer: 'Answer when it is done',
  refusals: 'When it is refused',
  member: 'Member',
  type: 'Type',
  meaning: 'Meaning',
  noMembers: 'Its members differ from case to case.',
  list: (of) => `list of ${of}`,
  any: 'not chosen',
  fresh: 'Take a new one',
  repeat: 'The same call under the same Idempotency-Key is made once.',
  send: 'Send',
  sending: 'Sending…',
  notJson: (why) => `The body is no JSON: ${why}`,
  missing: (name) => `Fill in ${name}`,
  offline: 'No answer came. Check the network and try again.',
  got: 'Answer',
  headers: 'Headers',
  content: 'Body',
  empty: 'It is empty.',
  cut: (n) => `Only the first ${n} characters are shown`,
  file: (type, size) => `A file: ${type}, ${size} bytes`,
  save: 'Save the file',
  curl: 'Line for curl',
  curlHint: 'tongbao.key is a file with one line: Authorization: Bearer, a space, and your key. The line itself has no key in it.',
  copy: 'Copy',
  copied: 'Copied',
  groups: {
    alerts: 'Alerts', applicants: 'Applicants', applications: 'Applications', backups: 'Backups', contracts: 'Contracts', devices: 'Devices',
    events: 'Events', fleet: 'Fleet', groups: 'Groups', keys: 'Keys', 'openapi.json': 'Published document', organisation: 'Organisation',
    parameters: 'Parameters', status: 'State of the service', stock: 'Stock and parcels', updates: 'Updates', upkeep: 'Upkeep', webhooks: 'Webhooks',
  },
};

export type Language = 'zh' | 'en';
export const texts: Record<Language, typeof zh> = { zh, en };

/* The choice of the consoles, which is kept there. */
export function preferred(): Language {
  let said: string | null = null;
  try {
    said = localStorage.getItem('language');
  } catch {
    /* storage is switched off */
  }
  return (said ?? navigator.language).startsWith('zh') ? 'zh' : 'en';
}

export function prefer(language: Language): void {
  try {
    localStorage.setItem('language', language);
  } catch {
    /* then it is asked of the browser again */
  }
}
