/* SPDX-License-Identifier: Apache-2.0 */
/* What the page of prices says, and the shapes of the host's lists. */
import { computed } from 'vue';
import { Refusal } from '../../../shared/api';
import { explain } from '../../../shared/entrance';
import { language } from '../../../shared/words';

const zh = {
  title: '商品与价格',
  hint: '在这里维护的价目表会发到每台终端，终端上只能查看；断网时用最后收到的一份。还没有商品时，各终端用自己的价目表。',
  where: '看哪里的价格',
  all: '全部门店',
  region: (name: string) => `区域：${name}`,
  outlet: (n: number, name: string) => `门店 ${n}：${name}`,
  loading: '正在加载…',
  goods: '商品',
  here: '这里的价格',
  none: '还没有商品。在下面添加第一个，或粘贴一张清单。',
  noneAbove: '“全部门店”里还没有商品：先在那里添加。',
  count: (n: number, most: number) => `${n} 个商品，最多 ${most} 个。`,
  find: '查找（编码、名称、条码）',
  add: '添加商品',
  code: '编码（字母、数字、- _，不能重复）',
  name: '名称（最多 16 个汉字）',
  nameEn: '英文名（可不填）',
  category: '分类（可不填）',
  barcode: '条码（可不填）',
  price: '价格（元）',
  take: '放进清单',
  apply: '改好这一个',
  drop: '从清单中去掉',
  paste: '粘贴清单',
  pasteLabel: '每行一个商品：编码、名称、价格、分类、条码、英文名，用逗号或制表符隔开；后三项可不填。编码相同的改为新的内容',
  pasted: (n: number) => `已读入 ${n} 行，还没有保存。`,
  badLine: (n: number) => `第 ${n} 行写得不对：要有编码、名称和价格。`,
  unsaved: '有修改还没有保存。',
  reason: '为什么修改',
  save: '保存为新版本',
  saved: (n: number) => `已保存为第 ${n} 版，正在发给终端。`,
  undo: '放弃修改',
  own: (name: string) => `${name} 在这里的价格（元，空着就用 `,
  ownEnd: '）',
  notSold: '这里不卖',
  asAbove: (price: string) => `总价目 ¥${price}`,
  setHere: '这里另定',
  versions: '历次修改',
  noVersions: '还没有修改过。',
  version: (n: number) => `第 ${n} 版`,
  by: (who: string, at: string) => `${who}，${at}`,
  rows: (n: number) => `${n} 项`,
  backTo: (n: number) => `退回第 ${n} 版`,
  backReason: '为什么退回',
  goBack: '退回',
  cancel: '取消',
  more: '显示更多',
  badPrice: (name: string) => `“${name}”的价格写得不对：元，最多两位小数，大于零。`,
  missing: '请填写编码和名称。',
  outOfList: '清单已满。',
  refusals: {
    field: '有内容没有填写、太长或超出范围。', role: '您的角色只能看，不能改。', not_found: '没有找到，或不属于您。', too_large: '清单太长。',
  } as Record<string, string>,
};

const en: typeof zh = {
  title: 'Goods and prices',
  hint: 'The list that is kept here goes to every terminal, where it is only looked at; without a line the last one holds. While there is none, each terminal has its own.',
  where: 'Prices of',
  all: 'All outlets',
  region: (name) => `Region: ${name}`,
  outlet: (n, name) => `Outlet ${n}: ${name}`,
  loading: 'Loading…',
  goods: 'Goods',
  here: 'Prices here',
  none: 'No goods yet. Add the first below, or paste a list.',
  noneAbove: 'There are no goods under "All outlets" yet: add them there first.',
  count: (n, most) => `${n} goods of at most ${most}.`,
  find: 'Find (code, name, barcode)',
  add: 'Add a good',
  code: 'Code (letters, digits, - _; once)',
  name: 'Name (up to 16 Chinese characters)',
  nameEn: 'English name (may be empty)',
  category: 'Category (may be empty)',
  barcode: 'Barcode (may be empty)',
  price: 'Price (yuan)',
  take: 'Put into the list',
  apply: 'Keep this change',
  drop: 'Take out of the list',
  paste: 'Paste a list',
  pasteLabel: 'A line for each: code, name, price, category, barcode, English name, with commas or tabs between them; the last three may be left out. The same code is replaced',
  pasted: (n) => `${n} lines were read, nothing is saved yet.`,
  badLine: (n) => `Line ${n} is wrong: it needs a code, a name and a price.`,
  unsaved: 'There are changes that are not saved.',
  reason: 'Why it is changed',
  save: 'Save as a new version',
  saved: (n) => `Saved as version ${n}; it is on its way to the terminals.`,
  undo: 'Drop the changes',
  own: (name) => `${name}: price here (yuan; empty: `,
  ownEnd: ')',
  notSold: 'Not sold here',
  asAbove: (price) => `elsewhere ¥${price}`,
  setHere: 'set here',
  versions: 'Versions',
  noVersions: 'Nothing was ever changed.',
  version: (n) => `Version ${n}`,
  by: (who, at) => `${who}, ${at}`,
  rows: (n) => `${n} rows`,
  backTo: (n) => `Go back to version ${n}`,
  backReason: 'Why it is taken back',
  goBack: 'Go back',
  cancel: 'Cancel',
  more: 'Show more',
  badPrice: (name) => `The price of "${name}" is wrong: yuan with up to two decimals, more than nothing.`,
  missing: 'Fill in a code and a name.',
  outOfList: 'The list is full.',
  refusals: {
    field: 'Something is missing, too long or out of range.', role: 'Your role may look and not change.', not_found: 'It was not found, or is not yours.', too_large: 'The list is too long.',
  },
};

export const prices = computed(() => (language.value === 'zh' ? zh : en));

/* What the host has its own words for is said in them. */
const OWN = ['changed', 'good', 'level'];
export const sayPrices = (error: unknown) =>
  error instanceof Refusal && OWN.includes(error.code) ? error.message : (error instanceof Refusal ? prices.value.refusals[error.code] : undefined) ?? explain(error);

export interface Row {
  code: string;
  name: string;
  name_en: string;
  category: string;
  barcode: string;
  price: number;
  sold: boolean;
  above?: number;
  sold_above?: boolean;
  price_here: boolean;
  sold_here: boolean;
}
export interface List {
  level: string;
  version: number;
  most: number;
  goods: Row[];
}
export interface Version {
  version: number;
  count: number;
  at: number;
  by: string;
  reason: string;
}

export const yuan = (fen: number) => (fen / 100).toFixed(2);
/* Yuan as somebody types it, in fen; 0: it is no price. */
export function fenOf(text: string): number {
  const number = text.trim().match(/^(\d{1,7})(?:\.(\d{1,2}))?$/);
  return number ? Number(number[1]) * 100 + Number((number[2] ?? '').padEnd(2, '0')) : 0;
}
/* What a search looks at. */
export const isLike = (g: { code: string; name: string; name_en: string; barcode: string }, text: string) =>
  [g.code, g.name, g.name_en, g.barcode].some((t) => t.toLowerCase().includes(text.trim().toLowerCase()));
