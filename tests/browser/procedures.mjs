/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be begun at the terminal, and which file of this folder walks it in both languages.
 *
 * MENUS has a row for each choice of each menu: the file, and the screen to which its walk comes before
 * the menu is left for good. The choices themselves are the product's: every file compares what its demo's
 * terminal has shown with these rows (walks.mjs), so that a choice without a row fails, and a row that
 * nobody has walked fails too. What is shown grey needs no walk. A new choice gets a row here and a walk.
 *
 * ENDS are results of payments and orders; LISTS are screens whose rows are data: people, payments, goods, plans.
 */

export const MENUS = {
  'main.menu': {
    sign_in: ['records', 'sign_in.done'],
    order: ['means', 'split.order'],
    sale: ['means', 'sale.approved'],
    void: ['after', 'sale.approved'],
    refund: ['after', 'sale.approved'],
    preauth: ['after', 'preauth.menu'],
    records: ['records', 'records.menu'],
    manage: ['records', 'manage.menu'],
    settings: ['records', 'settings.menu'],
  },
  'sale.amount': {
    calculator: ['counter', 'sale.calculator'],
    items: ['counter', 'sale.basket'],
    quick: ['counter', 'sale.tip'],
  },
  'sale.tip': {
    share: ['counter', 'sale.present'],
    none: ['counter', 'sale.present'],
  },
  'sale.present': {
    show_code: ['shown', 'sale.shown'],
    cash: ['means', 'cash.given'],
    split: ['means', 'split.order'],
    instalment: ['means', 'instalment.plan'],
    manual: ['means', 'manual.expiry'],
    points: ['means', 'sale.approved'],
    guide: ['guide', 'guide.start'],
  },
  'sale.approved': {
    next: ['records', 'sale.amount'],
    ereceipt: ['counter', 'ereceipt.show'],
    sign_again: ['counter', 'sale.sign'],
  },
  'split.order': {
    give_up: ['means', 'split.back'],
  },
  'split.back': {
    back: ['means', 'split.given_up'],
    leave: ['refused', 'split.given_up'],
  },
  'refund.by': {
    voucher: ['after', 'sale.approved'],
    card: ['after', 'sale.approved'],
    code: ['after', 'sale.approved'],
    points: ['means', 'sale.approved'],
  },
  'preauth.menu': {
    hold: ['after', 'sale.approved'],
    add: ['after', 'sale.approved'],
    complete: ['after', 'sale.approved'],
    notice: ['after', 'sale.offline'],
    cancel: ['after', 'sale.approved'],
    undo: ['after', 'sale.approved'],
  },
  'records.menu': {
    query: ['records', 'query.detail'],
    search: ['records', 'search.menu'],
    reprint_last: ['records', 'reprint.done'],
    reprint_any: ['records', 'reprint.done'],
    report: ['records', 'report.operator'],
    balance: ['records', 'balance.result'],
    reprint_settle: ['records', 'settle.done'],
  },
  'query.detail': {
    reprint: ['records', 'query.detail'],
    ereceipt: ['records', 'ereceipt.show'],
  },
  'search.menu': {
    amount: ['records', 'search.list'],
    card: ['records', 'search.list'],
    voucher: ['records', 'search.list'],
    date: ['records', 'search.list'],
  },
  'manage.menu': {
    sign_in: ['records', 'sign_in.done'],
    settle: ['records', 'settle.done'],
    shift: ['records', 'shift.one'],
    sign_out: ['records', 'sign_out.done'],
    operators: ['passwords', 'operators.list'],
    backup: ['passwords', 'backup.menu'],
    goods: ['counter', 'goods.one'],
    training: ['counter', 'training.result'],
    parameters: ['records', 'parameters.list'],
    download: ['records', 'download.menu'],
    lock: ['records', 'lock.locked'],
    log_out: ['records', 'login.operator'],
  },
  'backup.menu': {
    now: ['passwords', 'backup.menu'],
    owner: ['passwords', 'backup.owner'],
    restore: ['passwords', 'backup.list'],
  },
  'training.menu': {
    practise: ['counter', 'training.result'],
    others: ['counter', 'training.list'],
    leave: ['counter', 'manage.menu'],
  },
  'training.list': {
    void: ['counter', 'training.result'],
    refund: ['counter', 'training.result'],
    hold: ['counter', 'training.result'],
    add: ['counter', 'training.result'],
    complete: ['counter', 'training.result'],
    notice: ['counter', 'training.result'],
    cancel: ['counter', 'training.result'],
    undo: ['counter', 'training.result'],
    split: ['counter', 'training.order_end'],
    instalment: ['counter', 'training.result'],
    settle: ['counter', 'training.settle'],
  },
  'settings.menu': {
    security: ['records', 'settings.security'],
    passwords: ['passwords', 'settings.passwords'],
    network: ['records', 'settings.network'],
    language: ['records', 'settings.menu'],
    about: ['records', 'settings.about'],
  },
  'settings.security': {
    passwords: ['passwords', 'settings.passwords'],
    change: ['records', 'password.current'],
    duress: ['records', 'duress.about'],
    phones: ['pairing', 'phones.list'],
    keypad: ['records', 'settings.keypad'],
  },
  'settings.passwords': {
    change: ['passwords', 'password.saved'],
    duress: ['passwords', 'password.saved'],
  },
  'shift.one': {
    x: ['records', 'shift.one'],
    z: ['means', 'shift.closed'],
    float: ['means', 'shift.float'],
    old: ['records', 'shift.z'],
  },
};
/* How what was begun may end, and the file that comes there in both languages. */
export const ENDS = {
  'sale.approved': 'after',
  'sale.offline': 'after',
  'sale.declined': 'refused',
  'sale.reversing': 'refused',
  'sale.reversed': 'refused',
  'sale.kept': 'refused',
  'split.paid': 'means',
  'split.given_up': 'means',
};

export const LISTS = {
  'query.list': 'payments',
  'search.list': 'payments',
  'report.list': 'operators',
  'approve.who': 'supervisors',
  'shift.operators': 'operators',
  'shift.list': 'closed shifts',
  'instalment.issuer': 'issuers',
  'instalment.plan': 'plans',
  'sale.items': 'goods',
  'sale.basket': 'goods',
  'goods.list': 'goods',
  'goods.one': 'what there is to change of one',
  'backup.list': 'backups',
  'operators.list': 'operators',
  'operators.one': 'what can be done with one',
  'phones.list': 'telephones',
  'forgot.ways': 'ways back for who has forgotten',
  'settings.keypad': 'keypads',
  'parameters.list': 'parameters',
  'parameters.settle': 'parameters',
  'parameters.counter': 'parameters',
  'timeouts.list': 'parameters',
  'training.present': 'what a customer may have',
};
