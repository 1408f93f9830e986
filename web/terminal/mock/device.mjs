/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mock's screens about the device itself, out of its box, backed up and restored, and about what is owed: slips,
 * payments that the host would not have, orders in parts as they are practised. Texts are the terminal program's own.
 */
import { SUPPORT, button, lines, row, say } from './catalogue.mjs';

const OUT_OF_ITS_BOX = { network: 'offline', operator: '', signed_in: false };
const TRAINING = (t) => ({ training: t('演示 TRAINING：不收款 NO MONEY', 'TRAINING 演示: NO MONEY 不收款') });
const tile = (t, key, name, icon) => ({ key, text: say(t, name), style: 'tile', icon });

const step = (t, done, name, ...values) => ({
  style: done ? 'success' : 'normal',
  text: say(t, done ? 'FIRST_DONE_STEP' : 'FIRST_OPEN_STEP', say(t, name, ...values)),
});

const welcome = (t, ...notice) => ({
  title: say(t, 'FIRST_START_TITLE'),
  status: OUT_OF_ITS_BOX,
  lines: lines(
    t,
    ...notice,
    ['normal', 'FIRST_START_HELLO'],
    ['normal', 'FIRST_START_SERIAL', 'TB1-0000017'],
    ['hint', 'FIRST_START_SCAN'],
  ),
  choices: [button(t, 'code', 'ENTRY_FIRST_CODE', 'primary', 'lock'), button(t, 'tail', 'ENTRY_FIRST_TAIL', 'plain')],
  scan: true,
  keys: [],
});

const backups = (t, ready, ...state) => ({
  title: say(t, 'BACKUP_TITLE'),
  lines: lines(t, ...state, ['hint', 'BACKUP_ABOUT']),
  choices: [
    row(t, 'now', 'ENTRY_BACKUP_NOW', 'backup'),
    { ...row(t, 'test', 'ENTRY_BACKUP_TEST', 'check'), enabled: ready },
    row(t, 'owner', 'ENTRY_BACKUP_OWNER', 'lock'),
    row(t, 'restore', 'ENTRY_BACKUP_RESTORE', 'restore'),
  ],
  keys: ['cancel'],
});

const mainMenu = (t, ...state) => ({
  title: say(t, 'MAIN_TITLE'),
  lines: lines(t, ...state, ['hint', 'MAIN_LATER']),
  choices: [
    tile(t, 'sale', 'ENTRY_SALE', 'card'),
    tile(t, 'void', 'ENTRY_VOID', 'void'),
    tile(t, 'refund', 'ENTRY_REFUND', 'refund'),
    tile(t, 'preauth', 'ENTRY_PREAUTH', 'preauth'),
    tile(t, 'manage', 'ENTRY_MANAGE', 'manage'),
  ],
  keys: ['cancel'],
});

const withSlip = (t, choice, ...state) => {
  const menu = mainMenu(t, ...state);
  return { ...menu, choices: [button(t, 'refusal', choice, 'primary', 'print'), ...menu.choices] };
};

const order = (t, s, ...parts) => ({
  title: say(t, 'SPLIT_TITLE'),
  status: TRAINING(t),
  lines: [
    { style: 'normal', text: say(t, 'SPLIT_TOTAL', '9.00') },
    ...parts.map(([name, stan, sum]) => ({ style: 'normal', text: say(t, 'SPLIT_PART', say(t, name), stan, sum) })),
    ...lines(t, ['big', 'SPLIT_REST', '4.00']),
    ...(parts.length === 0 ? lines(t, ['hint', 'SPLIT_HINT']) : []),
  ],
  field: { kind: 'amount', label: say(t, 'SPLIT_AMOUNT'), value: s.amount },
  choices: parts.length > 0 ? [button(t, 'give_up', 'ENTRY_SPLIT_GIVE_UP', 'danger', 'void')] : [],
  keypad: 'amount',
  keys: ['cancel', 'ok'],
});

export const device = {
  'first.welcome': (t) => welcome(t),
  'first.label': (t) => welcome(t, ['warning', 'FIRST_WRONG_LABEL']),
  'first.code': (t, s) => ({
    title: say(t, 'FIRST_CODE_TITLE'),
    status: OUT_OF_ITS_BOX,
    lines: lines(t, ['error', 'FIRST_REFUSED_CODE', '4'], ['hint', 'FIRST_CODE_HINT']),
    field: { kind: 'digits', label: say(t, 'FIRST_CODE_FIELD'), value: s.typed, max: 8 },
    keypad: 'digits',
    keys: ['cancel', 'ok'],
  }),
  'first.tail': (t) => ({
    title: say(t, 'FIRST_TAIL_TITLE'),
    status: OUT_OF_ITS_BOX,
    lines: lines(t, ['hint', 'FIRST_TAIL_HINT']),
    field: { kind: 'text', label: say(t, 'FIRST_TAIL_FIELD'), value: '', max: 6 },
    keys: ['cancel', 'ok'],
  }),
  'first.ask': (t) => ({
    title: say(t, 'FIRST_ASK_TITLE'),
    status: OUT_OF_ITS_BOX,
    wait: { text: say(t, 'FIRST_BIND_WAIT'), seconds: 15 },
    keys: [],
  }),
  'first.confirm': (t) => ({
    title: say(t, 'FIRST_CONFIRM_TITLE'),
    status: OUT_OF_ITS_BOX,
    lines: lines(
      t,
      ['big', 'FIRST_CONFIRM_MERCHANT', t('虹桥小馆(示例)', 'DAWN NOODLES')],
      ['normal', 'FIRST_CONFIRM_ACQUIRER', '898'],
      ['normal', 'FIRST_CONFIRM_MID', '898290058120001'],
      ['normal', 'FIRST_CONFIRM_SUBJECT', '**************A062'],
      ['normal', 'FIRST_CONFIRM_ACCOUNT', '**** 1234'],
      ['normal', 'FIRST_CONFIRM_ADDRESS', '示例路17号一层'],
      ['hint', 'FIRST_CONFIRM_HINT'],
    ),
    choices: [
      button(t, 'yes', 'ENTRY_FIRST_YES', 'primary', 'check'),
      button(t, 'no', 'ENTRY_FIRST_NO', 'danger'),
    ],
    keys: [],
  }),
  'first.steps': (t) => ({
    title: say(t, 'FIRST_STEPS_TITLE'),
    status: OUT_OF_ITS_BOX,
    lines: [
      step(t, true, 'FIRST_STEP_ACTIVE', '10000017'),
      step(t, true, 'FIRST_STEP_SUPERVISOR'),
      ...['CASHIER', 'LOGIN', 'SIGN_IN', 'SALE', 'VOID'].map((name) => step(t, false, `FIRST_STEP_${name}`)),
      ...lines(t, ['hint', 'FIRST_STEPS_HINT']),
    ],
    choices: [button(t, 'next', 'ENTRY_FIRST_NEXT'), button(t, 'later', 'ENTRY_FIRST_LATER', 'plain')],
    keys: [],
  }),
  'first.all': (t) => ({
    title: say(t, 'FIRST_ALL_TITLE'),
    lines: lines(
      t,
      ['success', 'FIRST_ALL'],
      ['normal', 'FIRST_ALL_HINT', '虹桥小馆(示例)'],
      ['normal', 'ABOUT_TID', '10000017'],
    ),
    choices: [button(t, 'begin', 'ENTRY_FIRST_BEGIN', 'primary', 'check')],
    keys: [],
  }),
  'backup.menu': (t) =>
    backups(t, true, ['success', 'BACKUP_DONE'], ['normal', 'BACKUP_MADE', '2030-04-25 12:30', '0'], [
      'normal',
      'BACKUP_OWNER_HAS',
    ]),
  'backup.never': (t) =>
    backups(t, false, ['error', 'BACKUP_NO_PLACE', ''], ['normal', 'BACKUP_NEVER'], ['normal', 'BACKUP_OWNER_NONE']),
  'backup.owner_ask': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['normal', 'BACKUP_OWNER_ASK'], ['warning', 'BACKUP_OWNER_AGAIN']),
    choices: [button(t, 'yes', 'ENTRY_YES')],
    keys: ['cancel'],
  }),
  'backup.owner': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['warning', 'BACKUP_OWNER_ONCE']),
    secret: { label: say(t, 'BACKUP_OWNER_LABEL'), plain: '8'.repeat(40) }, /* as wide as digits are */
    keys: ['cancel', 'ok'],
  }),
  'backup.list': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    choices: [
      row(t, 'row_0', 'BACKUP_ROW', 'restore', '2030-04-25 12:30', '12', 'TB1-0000017', '1345'),
      row(t, 'row_1', 'BACKUP_ROW', 'restore', '2030-04-18 12:30', '11', 'TB1-0000017', '1201'),
    ],
    keys: ['cancel'],
  }),
  'backup.none': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['warning', 'BACKUP_LIST_NONE', SUPPORT]),
    keys: ['cancel'],
  }),
  'backup.one': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(
      t,
      ['error', 'BACKUP_REFUSED_KEY'],
      ['big', 'ABOUT_SERIAL', 'TB1-0000017'],
      ['normal', 'BACKUP_RESTORE_ABOUT'],
    ),
    choices: [button(t, 'device', 'ENTRY_BACKUP_BY_DEVICE'), button(t, 'owner', 'ENTRY_BACKUP_BY_OWNER')],
    keys: ['cancel'],
  }),
  'backup.office': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(
      t,
      ['normal', 'BACKUP_AT_OFFICE', '2030-04-25 12:30'],
      ['normal', 'ABOUT_SERIAL', 'TB1-0000017'],
      ['normal', 'BACKUP_RESTORE_ABOUT'],
    ),
    choices: [button(t, 'fetch', 'ENTRY_BACKUP_FETCH')],
    keys: ['cancel'],
  }),
  'backup.fetching': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['big', 'BACKUP_FETCHING', '12', '90']),
    keys: ['cancel'],
  }),
  'backup.lost': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['warning', 'BACKUP_OFFICE_NONE', SUPPORT], ['error', 'BACKUP_OFFICE_FAILED']),
    choices: [button(t, 'again', 'ENTRY_BACKUP_AGAIN', 'plain')],
    keys: ['cancel'],
  }),
  'first.restore': (t) => ({
    title: say(t, 'FIRST_STEPS_TITLE'),
    lines: lines(t, ['big', 'FIRST_REPLACES', 'TB1-0000017'], ['normal', 'FIRST_RESTORE_ABOUT', '2030-04-25 12:30']),
    choices: [
      button(t, 'restore', 'ENTRY_BACKUP_FETCH'),
      { ...button(t, 'medium', 'ENTRY_BACKUP_MEDIUM', 'plain'), enabled: false },
      button(t, 'none', 'ENTRY_BACKUP_WITHOUT', 'plain'),
    ],
    keys: ['cancel'],
  }),
  'backup.key': (t, s) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['hint', 'BACKUP_OWNER_ENTER']),
    entry: { purpose: 'owner', count: s.stars, min: 40, max: 40, label: say(t, 'BACKUP_OWNER_LABEL') },
    keys: ['cancel', 'ok'],
  }),
  'backup.restored': (t) => ({
    title: say(t, 'BACKUP_TITLE'),
    lines: lines(t, ['success', 'BACKUP_RESTORED', '1345'], ['warning', 'BACKUP_SEALED', '2']),
    keys: ['cancel', 'ok'],
  }),
  'catch_up.wait': (t) => ({
    title: say(t, 'CATCH_UP_TITLE'),
    lines: lines(t, ['normal', 'CATCH_UP_GOT', '318'], ['hint', 'CATCH_UP_HINT']),
    wait: { text: say(t, 'CATCH_UP_WAIT'), seconds: 15 },
    keys: ['cancel'],
  }),
  'catch_up.failed': (t) => ({
    title: say(t, 'CATCH_UP_TITLE'),
    lines: lines(t, ['error', 'CATCH_UP_NO_ANSWER'], ['hint', 'CATCH_UP_HINT']),
    choices: [button(t, 'retry', 'ENTRY_RETRY', 'primary', 'fresh')],
    keys: ['cancel'],
  }),
  'catch_up.done': (t) => ({
    title: say(t, 'CATCH_UP_TITLE'),
    lines: lines(
      t,
      ['success', 'CATCH_UP_DONE', '1345', '6'],
      ['warning', 'CATCH_UP_LOST', '2030-04-25 12:30'],
      ['warning', 'CATCH_UP_ASIDE', '2'],
      ['warning', 'CATCH_UP_ORDER'],
    ),
    keys: ['cancel', 'ok'],
  }),
  'main.restored': (t) => mainMenu(t, ['warning', 'MAIN_CATCH_UP']),
  'main.owed': (t) =>
    withSlip(t, 'ENTRY_REFUSAL', ['warning', 'MAIN_UNSURE_REFUSAL', '000003', '80.00'], ['warning', 'MAIN_BACKUP_OLD', '9']),
  'main.owed_order': (t) => withSlip(t, 'ENTRY_ORDER_SLIP', ['warning', 'MAIN_UNSURE_ORDER', '000001', '300.00']),
  'main.refused': (t) =>
    mainMenu(t, ['warning', 'MAIN_OFFLINE', '1', '70.00'], ['warning', 'MAIN_DISPUTED', '1', '50.00'], [
      'warning',
      'MAIN_BACKUP_NEVER',
    ]),
  'advice.failed': (t) => ({
    title: say(t, 'ADVICE_TITLE'),
    status: { unsent: 1 },
    lines: lines(
      t,
      ['error', 'ADVICE_FAILED', '1'],
      ['warning', 'ADVICE_SAID', '000002', 'A7', t('安全处理失败', 'security processing failed')],
      ['normal', 'ADVICE_ADVICE'],
    ),
    choices: [button(t, 'retry', 'ENTRY_RETRY'), button(t, 'aside', 'ENTRY_SET_ASIDE', 'plain')],
    keys: ['cancel'],
  }),
  'training.order': (t, s) => order(t, s, ['SPLIT_CARD', '000001', '2.00'], ['ENTRY_CASH', '000003', '3.00']),
  'training.order_new': (t, s) => order(t, s),
  'training.back': (t) => ({
    title: say(t, 'SPLIT_BACK_TITLE'),
    status: TRAINING(t),
    lines: lines(
      t,
      ['normal', 'SPLIT_LEFT', '2'],
      ['normal', 'AFTER_ORIGINAL', t('消费', 'SALE')],
      ['amount', 'SALE_TOTAL', '1.00'],
      ['normal', 'SALE_CARD', '000000******0000'],
      ['normal', 'QUERY_VOUCHER', '000007'],
      ['normal', 'QUERY_TIME', '2030-04-25 12:30'],
      ['normal', 'QUERY_RRN', '000000000007'],
    ),
    choices: [button(t, 'back', 'ENTRY_SPLIT_BACK', 'primary', 'void')],
    keys: ['cancel'],
  }),
};
