/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mock's screens about people: passwords with their strength, the keyboard, ways back, operators,
 * phones, networks, reminders, help. Their texts are the terminal program's own, read from its catalogue, so that
 * what is measured here is what stands there.
 */
import { SUPPORT, button, lines, row, say } from './catalogue.mjs';

const OTHERS = { status: { operator: '', signed_in: false } };

const entry = (t, s, purpose, label, more = {}) => ({
  purpose,
  count: s.stars,
  min: 6,
  max: 12,
  label: say(t, label, '01'),
  ...more,
});

const REPORT = [
  '   操作员报表 OPERATOR REPORT', '--------------------------------', '  好邻居便利店',
  '商户编号 104110054110001', '终端编号 10000017   操作员 01', '批次号 000011',
  '从 FROM  2030/04/25 08:02:11', '到 TO    2030/04/25 12:30:15', '--------------------------------',
  '消费 SALE 银行卡 CARD', '  14 笔             RMB 3,482.50', '消费 SALE 扫码 CODE',
  '  9 笔                RMB 415.00', '--------------------------------', '合计 TOTAL  23 笔   RMB 3,897.50',
  '失败 DECLINED  1 笔',
];

export const people = {
  'settings.keypad': (t) => ({
    title: say(t, 'KEYPAD_TITLE'),
    lines: [
      ...lines(t, ['success', 'KEYPAD_SAVED']),
      { style: 'normal', text: say(t, 'KEYPAD_NOW', say(t, 'KEYPAD_PRIVATE_NAME')) },
      ...lines(t, ['hint', 'KEYPAD_ALIKE']),
    ],
    choices: [
      row(t, 'standard', 'KEYPAD_STANDARD', 'keypad'),
      row(t, 'private', 'KEYPAD_PRIVATE', 'keypad'),
      row(t, 'fixed', 'KEYPAD_FIXED', 'keypad'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'password.private': (t, s) => ({
    title: say(t, 'PASSWORD_CHANGE_TITLE'),
    lines: lines(t, ['hint', 'KEYPAD_SHADE'], ['hint', 'PASSWORD_CURRENT_HINT']),
    entry: entry(t, s, 'password', 'PASSWORD_CURRENT', { shade: true }),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'approve.sale': (t, s) => ({
    title: say(t, 'APPROVE_TITLE'),
    lines: lines(t, ['big', 'APPROVE_SALE', '12800.00'], ['hint', 'APPROVE_HINT']),
    entry: entry(t, s, 'approver', 'APPROVE_PASSWORD', { label: say(t, 'APPROVE_PASSWORD', '00') }),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'parameters.list': (t) => ({
    status: { operator: '99', signed_in: true },
    title: say(t, 'PARAMETERS_TITLE'),
    lines: lines(t, ['success', 'PARAMETERS_SAVED'], ['hint', 'PARAMETERS_ABOUT']),
    choices: [
      row(t, 'limit_sale', 'PARAMETERS_SALE', 'settings', '9999999.99'),
      row(t, 'limit_refund', 'PARAMETERS_REFUND', 'settings', '0.00'),
      row(t, 'limit_discount', 'PARAMETERS_DISCOUNT', 'settings', '5'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'parameters.value': (t) => ({
    status: { operator: '99', signed_in: true },
    title: say(t, 'PARAMETERS_TITLE'),
    lines: lines(t, ['normal', 'PARAMETERS_NOW', '9999999.99'], ['hint', 'PARAMETERS_HINT', '9999999.99']),
    field: { kind: 'amount', label: say(t, 'PARAMETERS_FIELD_REFUND'), value: '1000', max: 10 },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'download.menu': (t) => ({
    status: { operator: '99', signed_in: true },
    title: say(t, 'DOWNLOAD_TITLE'),
    lines: lines(t, ['error', 'DOWNLOAD_BAD_SIGNATURE', '8'], ['normal', 'DOWNLOAD_IN_FORCE', '7'], ['hint', 'DOWNLOAD_ABOUT']),
    choices: [button(t, 'fetch', 'ENTRY_FETCH', 'primary', 'settings')],
    keys: ['cancel'],
    countdown: 60,
  }),
  'download.wait': (t) => ({
    title: say(t, 'DOWNLOAD_TITLE'),
    lines: lines(t, ['normal', 'DOWNLOAD_PROGRESS', '8', '38'], ['hint', 'DOWNLOAD_HINT']),
    wait: { text: say(t, 'DOWNLOAD_PARTS'), seconds: 15 },
    keys: ['cancel'],
  }),
  'download.refused': (t) => ({
    title: say(t, 'DOWNLOAD_TITLE'),
    lines: lines(t, ['error', 'DOWNLOAD_NO_ANSWER']),
    keys: ['cancel', 'ok'],
    countdown: 30,
  }),
  'need.administrator': (t) => ({
    title: say(t, 'NEED_TITLE'),
    lines: lines(t, ['warning', 'NEED_ADMINISTRATOR']),
    choices: [button(t, 'log_out', 'ENTRY_LOG_OUT', 'primary', 'signout')],
    keys: ['cancel'],
  }),
  'report.list': (t) => ({
    title: say(t, 'REPORT_TITLE'),
    lines: lines(t, ['hint', 'REPORT_SINCE', '2030-04-25 08:02'], ['big', 'REPORT_TOTAL', '27', '5120.00']),
    choices: [
      row(t, 'id_01', 'REPORT_ROW', 'operator', '01', '23', '3897.50'),
      row(t, 'id_02', 'REPORT_ROW', 'operator', '02', '4', '1222.50'),
      button(t, 'more', 'ENTRY_MORE', 'plain'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'report.operator': (t) => ({
    title: say(t, 'REPORT_TITLE'),
    lines: lines(t, ['success', 'REPORT_PRINTED']),
    receipt: { number: 0, lines: REPORT, png: '/api/receipt/17.png' },
    choices: [button(t, 'print', 'ENTRY_PRINT', 'primary', 'print')],
    keys: ['cancel'],
    countdown: 60,
  }),
  'login.first': (t) => ({
    ...OTHERS,
    title: say(t, 'FIRST_TITLE'),
    lines: lines(
      t,
      ['normal', 'LOGIN_SINCE', '2030-04-21 03:12'],
      ['warning', 'FIRST_BEFORE', SUPPORT],
      ['normal', 'FIRST_CHANGE'],
    ),
    choices: [button(t, 'continue', 'ENTRY_SET_PASSWORD', 'primary', 'lock')],
    keys: ['cancel'],
  }),
  'password.strength': (t, s) => ({
    title: say(t, 'PASSWORD_CHANGE_TITLE'),
    lines: lines(t, ['error', 'PASSWORD_MISMATCH'], ['hint', 'PASSWORD_RULES', '6', '12']),
    entry: entry(t, s, 'new', 'PASSWORD_NEW', { strong: true }),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'password.keyboard': (t, s) => ({
    title: say(t, 'PASSWORD_CHANGE_TITLE'),
    lines: lines(t, ['hint', 'PASSWORD_RULES', '12', '64']),
    entry: entry(t, s, 'new', 'PASSWORD_NEW', { strong: true, keyboard: 'text', min: 12, max: 64 }),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'password.review': (t) => ({
    title: say(t, 'PASSWORD_CHANGE_TITLE'),
    lines: lines(t, ['big', 'PASSWORD_REVIEW', '01'], ['normal', 'PASSWORD_REVIEW_HINT']),
    choices: [button(t, 'save', 'ENTRY_SAVE', 'primary', 'lock'), button(t, 'again', 'ENTRY_AGAIN', 'plain')],
    keys: ['cancel'],
  }),
  'password.saved': (t) => ({
    title: say(t, 'PASSWORD_SAVED_TITLE'),
    lines: lines(t, ['success', 'PASSWORD_SAVED_TITLE'], ['normal', 'PASSWORD_SAVED'], ['normal', 'PASSWORD_SESSIONS']),
    keys: ['cancel', 'ok'],
  }),
  'duress.about': (t) => ({
    title: say(t, 'DURESS_TITLE'),
    lines: lines(t, ['normal', 'DURESS_ABOUT', '500.00'], ['hint', 'DURESS_ABOUT_HINT'], ['hint', 'DURESS_SILENT']),
    choices: [button(t, 'set', 'ENTRY_DURESS_SET', 'primary', 'shield'), button(t, 'remove', 'ENTRY_DURESS_REMOVE', 'plain')],
    keys: ['cancel'],
  }),
  'duress.removed': (t) => ({
    title: say(t, 'DURESS_TITLE'),
    lines: lines(t, ['success', 'DURESS_REMOVED'], ['normal', 'DURESS_REMOVED_HINT']),
    keys: ['cancel', 'ok'],
    countdown: 30,
  }),
  'forgot.ways': (t) => ({
    ...OTHERS,
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(t, ['normal', 'FORGOT_WAYS', '01'], ['success', 'FORGOT_TICKET', 'R-000123']),
    choices: [
      button(t, 'ticket', 'ENTRY_TICKET', 'primary', 'support'),
      row(t, 'supervisor', 'WAY_SUPERVISOR', 'operator'),
      row(t, 'sms', 'WAY_SMS', 'phone'),
      row(t, 'mail', 'WAY_MAIL', 'mail'),
      row(t, 'service', 'WAY_SERVICE', 'support'),
      row(t, 'offline', 'WAY_OFFLINE', 'lock'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'forgot.network': (t) => ({
    status: { operator: '', signed_in: false, link: 'wifi', trusted: false },
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(t, ['warning', 'NETWORK_IS_OPEN'], ['error', 'FORGOT_NETWORK'], ['normal', 'FORGOT_NETWORK_ADVICE', SUPPORT]),
    keys: ['cancel', 'ok'],
  }),
  'recover.sent': (t) => ({
    ...OTHERS,
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(t, ['success', 'RECOVER_SENT_SMS', '138****5678'], ['hint', 'RECOVER_SENT_HINT']),
    choices: [button(t, 'code', 'ENTRY_CODE', 'primary', 'lock'), { ...button(t, 'again', 'ENTRY_RESEND', 'plain'), enabled: false }],
    wait: { text: say(t, 'RECOVER_VALID'), seconds: 287 },
    keys: ['cancel'],
  }),
  'recover.code': (t, s) => ({
    ...OTHERS,
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(t, ['error', 'RECOVER_WRONG', '4'], ['hint', 'RECOVER_CODE_HINT', '6', '11']),
    entry: entry(t, s, 'code', 'RECOVER_CODE', { max: 11 }),
    keys: ['cancel', 'ok'],
  }),
  'recover.ticket': (t) => ({
    ...OTHERS,
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(t, ['normal', 'RECOVER_TICKET', 'R-000123'], ['big', 'RECOVER_CALL', SUPPORT], ['hint', 'RECOVER_TICKET_HINT']),
    choices: [button(t, 'end', 'ENTRY_TICKET_END', 'danger')],
    wait: { text: say(t, 'RECOVER_TICKET_WAIT') },
    keys: ['cancel'],
    countdown: 60,
  }),
  'recover.challenge': (t) => ({
    ...OTHERS,
    title: say(t, 'FORGOT_TITLE'),
    lines: lines(
      t,
      ['normal', 'RECOVER_READ_OUT', SUPPORT],
      ['amount', 'RECOVER_CHALLENGE', '4821 0937 516'],
      ['normal', 'ABOUT_SERIAL', 'TB1-0000017'],
    ),
    choices: [button(t, 'code', 'ENTRY_CODE', 'primary', 'lock')],
    wait: { text: say(t, 'RECOVER_VALID'), seconds: 871 },
    keys: ['cancel'],
  }),
  'approve.password': (t, s) => ({
    title: say(t, 'APPROVE_TITLE'),
    lines: lines(t, ['big', 'APPROVE_UNLOCK', '01'], ['hint', 'APPROVE_HINT']),
    entry: entry(t, s, 'approver', 'APPROVE_PASSWORD'),
    keys: ['cancel', 'ok'],
  }),
  'operators.list': (t) => ({
    title: say(t, 'OPERATORS_TITLE'),
    lines: lines(t, ['success', 'OPERATORS_DONE', '02']),
    choices: [
      ...['SUPERVISOR', 'CASHIER', 'CASHIER', 'CASHIER', 'CASHIER', 'CASHIER'].map((role, at) => {
        const state = ['FINE', 'FINE', 'ONE_TIME', 'SUSPENDED', 'LOCKED', 'EMPTY'][at];
        const last = at < 2 ? '2030-04-24 18:02' : say(t, 'OPERATOR_NEVER');
        return row(t, `id_0${at}`, 'OPERATOR_ROW', 'operator', `0${at}`, say(t, `OPERATOR_${role}`), say(t, `OPERATOR_${state}`), last);
      }),
      row(t, 'more', 'ENTRY_MORE', 'forth'),
      row(t, 'before', 'ENTRY_BEFORE', 'back'),
      button(t, 'add', 'ENTRY_ADD_OPERATOR', 'primary', 'operator'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'operators.one': (t) => ({
    title: say(t, 'OPERATORS_TITLE'),
    lines: lines(
      t,
      ['big', 'OPERATOR_ONE', '02', say(t, 'OPERATOR_CASHIER')],
      ['normal', 'OPERATOR_STATE', say(t, 'OPERATOR_ONE_TIME')],
      ['normal', 'OPERATOR_LAST', '2030-04-24 18:02'],
    ),
    choices: [
      row(t, 'reset', 'ENTRY_RESET'),
      row(t, 'force', 'ENTRY_FORCE'),
      row(t, 'suspend', 'ENTRY_SUSPEND'),
      button(t, 'delete', 'ENTRY_DELETE', 'danger'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'operators.ask': (t) => ({
    title: say(t, 'OPERATORS_TITLE'),
    lines: lines(t, ['warning', 'ASK_RESET', '02']),
    choices: [button(t, 'yes', 'ENTRY_YES', 'danger')],
    keys: ['cancel'],
  }),
  'operators.secret': (t) => ({
    title: say(t, 'OPERATORS_TITLE'),
    lines: lines(t, ['normal', 'SECRET_FOR', '02'], ['warning', 'SECRET_ONCE']),
    secret: { label: say(t, 'SECRET_LABEL'), plain: '4938175026' },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'phones.code': (t) => ({
    title: say(t, 'PHONES_TITLE'),
    lines: lines(t, ['normal', 'PHONE_SCAN']),
    qr: { png: '/api/qr/1.png', text: 'http://localhost:8090/pair#A1B2C3D4E5F60718A1B2C3D4E5F60718' },
    wait: { text: say(t, 'PHONE_WAIT'), seconds: 281 },
    keys: ['cancel'],
  }),
  'phones.check': (t) => ({
    title: say(t, 'PHONES_TITLE'),
    lines: lines(t, ['normal', 'PHONE_COMPARE', t('王店长的手机', "Ms Wang's phone")], ['amount', 'PHONE_DIGITS', '482 093']),
    choices: [button(t, 'yes', 'ENTRY_SAME', 'primary', 'shield'), button(t, 'no', 'ENTRY_DIFFERENT', 'danger')],
    keys: ['cancel'],
  }),
  'phones.list': (t) => ({
    title: say(t, 'PHONES_TITLE'),
    lines: lines(t, ['hint', 'PHONES_HINT']),
    choices: [
      row(t, 'phone_1', 'PHONE_ROW', 'phone', t('王店长的手机', "Ms Wang's phone"), '2030-04-25 12:30'),
      button(t, 'add', 'ENTRY_PAIR', 'primary', 'phone'),
    ],
    keys: ['cancel'],
  }),
  'login.approval': (t) => ({
    ...OTHERS,
    title: say(t, 'APPROVAL_TITLE'),
    lines: lines(t, ['big', 'APPROVAL_ASKED', '01'], ['hint', 'APPROVAL_HINT']),
    wait: { text: say(t, 'APPROVAL_WAIT'), seconds: 84 },
    keys: ['cancel'],
  }),
  'login.no_approval': (t) => ({
    ...OTHERS,
    title: say(t, 'APPROVAL_TITLE'),
    lines: lines(t, ['error', 'APPROVAL_NONE'], ['normal', 'APPROVAL_ADVICE']),
    choices: [button(t, 'forgotten', 'ENTRY_OTHER_WAY', 'primary', 'help')],
    keys: ['cancel'],
  }),
  'settings.security': (t) => ({
    title: say(t, 'SECURITY_TITLE'),
    choices: [
      row(t, 'passwords', 'ENTRY_PASSWORDS', 'lock'),
      row(t, 'change', 'ENTRY_CHANGE_PASSWORD', 'lock'),
      row(t, 'duress', 'ENTRY_DURESS', 'shield'),
      row(t, 'phones', 'ENTRY_PHONES', 'phone'),
      row(t, 'keypad', 'ENTRY_KEYPAD', 'keypad'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'settings.network': (t) => ({
    status: { link: 'wifi', trusted: false },
    title: say(t, 'NETWORK_TITLE'),
    lines: lines(
      t,
      ['warning', 'NETWORK_IS_CAPTIVE'],
      ['normal', 'NETWORK_KIND', 'Wi-Fi'],
      ['normal', 'NETWORK_NAME', 'Grand Hotel Guest Network 5G'],
      ['normal', 'NETWORK_HOST', say(t, 'NETWORK_CONNECTED')],
      ['normal', 'NETWORK_MANAGE', say(t, 'NETWORK_NOT_CONNECTED')],
      ['normal', 'NETWORK_PAYMENTS'],
      ['normal', 'NETWORK_ADVICE'],
    ),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'remind.review': (t) => ({
    title: say(t, 'REVIEW_TITLE'),
    lines: lines(t, ['warning', 'REVIEW_DUE', '3'], ['hint', 'REVIEW_HINT']),
    choices: [button(t, 'change', 'ENTRY_CHANGE_PASSWORD', 'primary', 'lock'), button(t, 'keep', 'ENTRY_KEEP', 'plain')],
    keys: ['cancel'],
  }),
  'remind.certificate': (t) => ({
    title: say(t, 'CERTIFICATE_TITLE'),
    lines: lines(
      t,
      ['warning', 'CERTIFICATE_SOON', '30'],
      ['normal', 'CERTIFICATE_UNTIL', '2030-05-25 12:30'],
      ['hint', 'CERTIFICATE_ADVICE', SUPPORT],
    ),
    keys: ['cancel', 'ok'],
  }),
  'tip.show': (t) => ({
    title: say(t, 'TIP_TITLE'),
    lines: lines(t, ['big', 'TIP_SECRET']),
    keys: ['cancel', 'ok'],
  }),
  'help.open': (t, s) => ({
    title: say(t, 'PASSWORD_CHANGE_TITLE'),
    lines: lines(t, ['hint', 'PASSWORD_RULES', '6', '12']),
    help: say(t, 'HELP_NEW'),
    entry: entry(t, s, 'new', 'PASSWORD_NEW', { strong: true }),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
};
