/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scripted screens of the mock: one of each kind that the terminal program emits, in both
 * languages, with texts about as long as the real ones. `t` picks the language; `s` is the little
 * state of the mock (amount, code typed, stars). What comes after which key is in `server.mjs`.
 */

import { device } from './device.mjs';
import { people } from './people.mjs';

function chip(key, text) {
  return { key, text, style: 'chip' };
}

const tile = (key, text, icon, enabled = true) => ({ key, text, style: 'tile', icon, enabled });
const row = (key, text, icon) => ({ key, text, style: 'list', icon, enabled: true });
const line = (text, style = 'normal') => ({ text, style });
const zone = (at, key, text) => ({ at, key, text, sound: `/api/clip/${at}.wav` });

export const receiptLines = [
  '          POS 签购单',
  '商户存根        MERCHANT COPY',
  '--------------------------------',
  '商户名称 MERCHANT NAME',
  '  虹桥小馆(示例)',
  '商户编号 898290058120001',
  '终端编号 10000017   操作员 01',
  '--------------------------------',
  '发卡行 示例银行  收单行 01020000',
  '卡号 CARD NO',
  '  622209******6620 /S',
  '交易类型 TXN TYPE      消费/SALE',
  '有效期 EXP ****   卡序号 001',
  '批次号 000012  凭证号 000345',
  '授权码 A1B2C3',
  '参考号 042512000345',
  '日期/时间 2030/04/25 12:30:15',
  '金额 AMOUNT  RMB       128.00',
  '--------------------------------',
  '持卡人签名 CARDHOLDER SIGNATURE',
  '',
  '',
  '本人确认以上交易,同意记入本卡',
  'I ACKNOWLEDGE SATISFACTORY',
  'RECEIPT OF GOODS/SERVICES',
];

const receipt = { number: 17, lines: receiptLines, png: '/api/receipt/17.png' };

export const screens = {
  boot: (t) => ({
    title: t('开机自检', 'Starting up'),
    status: { network: 'connecting', operator: '', signed_in: false },
    lines: [
      line(t('存储\t正常', 'Storage\tok')),
      line(t('时钟\t正常', 'Clock\tok')),
      line(t('密钥\t正常', 'Keys\tok')),
      line(t('打印机\t正常', 'Printer\tok')),
      line(t('网络\t连接中…', 'Network\tconnecting…')),
    ],
    wait: { text: t('马上就好', 'Nearly ready') },
    keys: [],
  }),
  'boot.failed': (t) => ({
    title: t('自检未通过 E104', 'Self-check failed E104'),
    status: { network: 'offline', operator: '', signed_in: false, paper: 'out' },
    lines: [
      line(t('本机密钥未装载', 'This terminal has no keys yet'), 'error'),
      line(
        t(
          '请联系服务商为本机下发密钥，再重新开机。',
          'Ask your provider to deliver the keys for this terminal, then start it again.',
        ),
      ),
    ],
    choices: [{ key: 'retry', text: t('重新自检', 'Check again'), style: 'primary' }],
    keys: ['cancel'],
  }),
  'login.operator': (t, s) => ({
    title: t('操作员登录', 'Operator login'),
    status: { operator: '', signed_in: false },
    lines: [line(t('请输入两位操作员号。', 'Enter your two-digit operator number.'), 'hint')],
    field: {
      kind: 'digits',
      label: t('操作员号', 'Operator number'),
      value: s.typed,
      max: 2,
    },
    keypad: 'digits',
    keys: ['ok'],
  }),
  'login.password': (t, s) => ({
    title: t('操作员登录', 'Operator login'),
    status: { operator: '01', signed_in: false },
    lines: [
      line(
        t(
          '首次登录请用随机附送的初始密码。',
          'First time here? Use the initial password that came with this terminal.',
        ),
        'hint',
      ),
    ],
    entry: {
      purpose: 'password',
      count: s.stars,
      min: 6,
      max: 12,
      label: t('操作员 01 的密码', 'Password of operator 01'),
    },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'login.wrong': (t, s) => ({
    ...screens['login.password'](t, s),
    lines: [
      line(t('密码不对，还可以试 4 次。', 'Wrong password. 4 tries left.'), 'error'),
    ],
  }),
  'login.locked': (t) => ({
    title: t('操作员已锁定', 'Operator locked'),
    status: { operator: '01', signed_in: false },
    lines: [
      line(t('输错次数过多', 'Too many wrong passwords'), 'error'),
      line(
        t(
          '请主管（00）登录后为操作员 01 重置密码。',
          'Ask the supervisor (00) to log in and reset the password of operator 01.',
        ),
      ),
    ],
    keys: ['cancel', 'ok'],
  }),
  'password.new': (t, s) => ({
    title: t('设置自己的密码', 'Choose your own password'),
    status: { signed_in: false },
    lines: [
      line(t('第 1 步，共 2 步', 'Step 1 of 2'), 'big'),
      line(
        t('6 到 12 位数字，不要用生日或连号。', '6 to 12 digits. No birthday, no 123456.'),
        'hint',
      ),
    ],
    entry: {
      purpose: 'new',
      count: s.stars,
      min: 6,
      max: 12,
      label: t('新密码', 'New password'),
    },
    keys: ['cancel', 'ok'],
  }),
  'password.repeat': (t, s) => ({
    title: t('设置自己的密码', 'Choose your own password'),
    status: { signed_in: false },
    lines: [line(t('第 2 步，共 2 步：再输一遍。', 'Step 2 of 2: enter it again.'), 'big')],
    entry: {
      purpose: 'repeat',
      count: s.stars,
      min: 6,
      max: 12,
      label: t('再输一次新密码', 'The new password again'),
    },
    keys: ['cancel', 'ok'],
  }),
  'password.refused': (t, s) => ({
    ...screens['password.new'](t, s),
    lines: [
      line(
        t('这个密码太简单，请换一个。', 'That password is too simple. Choose another one.'),
        'error',
      ),
    ],
  }),
  signin: (t) => ({
    title: t('签到', 'Sign in'),
    status: { signed_in: false },
    wait: {
      text: t('正在向收单机构签到，下发工作密钥', 'Signing in at the host and receiving working keys'),
      seconds: 30,
    },
    keys: ['cancel'],
  }),
  main: (t) => ({
    title: t('请选择业务', 'What would you like to do?'),
    lines: [line(t('灰色的业务本版本尚未提供', 'Entries in grey are not available in this version'), 'hint')],
    choices: [
      tile('sale', t('收款/消费', 'Sale'), 'card'),
      tile('void', t('撤销', 'Void'), 'void'),
      tile('refund', t('退货', 'Refund'), 'refund'),
      tile('preauth', t('预授权', 'Pre-authorisation'), 'preauth', false),
      tile('query', t('查询/打印', 'Query / Print'), 'query'),
      tile('member', t('会员', 'Members'), 'member', false),
      tile('campaign', t('营销', 'Campaigns'), 'campaign', false),
      tile('figures', t('统计', 'Statistics'), 'figures', false),
      tile('manage', t('管理', 'Management'), 'manage'),
      tile('settings', t('设置', 'Settings'), 'settings'),
    ],
    keys: [],
  }),
  'main.unsigned': (t) => ({
    title: t('请选择', 'Main menu'),
    status: { signed_in: false, network: 'offline', unsent: 2, battery: 12, paper: 'low' },
    lines: [line(t('还没有签到，不能收款。', 'Not signed in: no payments yet.'), 'warning')],
    choices: [
      { key: 'signin', text: t('现在签到', 'Sign in now'), style: 'primary', icon: 'signin' },
      tile('sale', t('消费', 'Sale'), 'card', false),
      tile('query', t('查询/打印', 'Query / Print'), 'query'),
      tile('manage', t('管理', 'Management'), 'manage'),
      tile('settings', t('设置', 'Settings'), 'settings'),
    ],
    keys: [],
  }),
  'sale.amount': (t, s) => ({
    title: t('消费', 'Sale'),
    lines: [line(t('请输入金额，按确认。', 'Enter the amount, then OK.'), 'hint')],
    field: { kind: 'amount', label: t('金额（元）', 'Amount (yuan)'), value: s.amount, max: 12, unit: '￥' },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.amount_chips': (t, s) => ({
    title: t('消费', 'Sale'),
    lines: [line(t('请输入金额，按确认', 'Enter the amount and press OK'), 'hint')],
    choices: [
      ...['8.00', '12.50', '128.00', '200.00'].map((text, at) => chip(`quick_${at + 1}`, text)),
      chip('calculator', t('计算器', 'Calculator')),
      chip('items', t('选商品', 'Goods')),
    ],
    field: { kind: 'amount', label: t('金额（元）', 'Amount (yuan)'), value: s.amount, max: 12, unit: '￥' },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.calculator': (t) => ({
    title: t('计算金额', 'Calculator'),
    lines: [line(t('￥1236.75', 'RMB 1236.75'), 'amount')],
    choices: [chip('times', '×'), chip('plus', '+'), chip('minus', '−')],
    field: { kind: 'digits', label: t('算式', 'Sum'), value: '12.50×3+1208.25-9.00', max: 31 },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.items': (t) => ({
    title: t('选商品', 'Goods'),
    lines: [line(t('￥43.00', 'RMB 43.00'), 'amount')],
    choices: [
      ['牛肉面', '18.00', 2],
      ['卤蛋', '2.50', 2],
      ['Oolong tea, cold, a large bottle', '12.00', 0],
      ['白米饭', '2.00', 1],
      ['清炒时蔬', '16.00', 0],
      ['酸辣土豆丝盖浇饭套餐配例汤', '9999999.99', 0],
    ]
      .map(([name, price, had], at) => ({
        key: `row_${at + 1}`,
        text: had
          ? t(`${name}\n￥${price}  已选 ${had}`, `${name}\nRMB ${price}  taken: ${had}`)
          : t(`${name}\n￥${price}`, `${name}\nRMB ${price}`),
        style: 'list',
      }))
      .concat([chip('more', t('下一页', 'More')), chip('basket', t('已选商品', 'Basket'))]),
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.tip': (t) => ({
    title: t('小费', 'Tip'),
    lines: [line(t('￥128.00', 'RMB 128.00'), 'amount')],
    choices: [
      chip('share_1', t('5%  ￥6.40', '5%  RMB 6.40')),
      chip('share_2', t('10%  ￥12.80', '10%  RMB 12.80')),
      chip('share_3', t('15%  ￥19.20', '15%  RMB 19.20')),
      chip('none', t('不给小费', 'No tip')),
    ],
    field: { kind: 'amount', label: t('小费（元）', 'Tip (yuan)'), value: '', max: 12, unit: '￥' },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.sign': (t) => ({
    title: t('请顾客签名', 'Please sign'),
    lines: [
      line(t('￥1280.00', 'RMB 1280.00'), 'amount'),
      line(t('已收款成功。请在框内签名，按确认。', 'It is paid. Sign in the box and press OK.'), 'hint'),
    ],
    sign: { width: 1000, height: 400 },
    choices: [{ key: 'paper', text: t('在纸上签', 'Sign on paper'), style: 'plain', icon: 'print' }],
    keys: ['ok'],
  }),
  'training.menu': (t) => ({
    title: t('演示练习', 'Training'),
    status: { training: t('演示 TRAINING：不收款 NO MONEY', 'TRAINING 演示: NO MONEY 不收款') },
    lines: [
      line(t('和真的收款一样操作，不发送，不记账。角分决定结果：', 'It works as a real sale; nothing is sent or booked. The fen decide how it ends:')),
      line(t('1.00\t成功', '1.00\tapproved')),
      line(t('1.51\t余额不足', '1.51\ttoo little money')),
      line(t('1.55\t密码错', '1.55\twrong PIN')),
      line(t('1.98\t没有结果，冲正', '1.98\tno answer, reversed')),
      line(t('其他角分是同号的应答码', 'Other fen are response codes'), 'hint'),
    ],
    choices: [
      { key: 'leave', text: t('结束演示', 'End the training'), style: 'plain' },
      { key: 'others', text: t('练习其他业务', 'Practise the rest'), style: 'plain', icon: 'manage' },
      { key: 'practise', text: t('练习收款', 'Practise a sale'), style: 'primary', icon: 'card' },
    ],
    keys: ['cancel'],
  }),
  'training.number': (t) => ({
    title: t('演示练习', 'Training'),
    status: { training: t('演示 TRAINING：不收款 NO MONEY', 'TRAINING 演示: NO MONEY 不收款') },
    lines: [
      line(t('本批次没有凭证号 000999 的成功交易。请核对签购单。', 'There is no approved payment 000999 in this batch. Check the slip.'), 'warning'),
      line(t('请输入演示凭条上的凭证号', 'Enter the voucher number of a training slip'), 'hint'),
    ],
    field: { kind: 'digits', label: t('原凭证号', 'Voucher number'), value: '', max: 6 },
    keypad: 'digits',
    keys: ['cancel', 'ok'],
  }),
  'points.member': (t) => ({
    title: t('积分抵扣', 'Points'),
    lines: [
      line(t('￥50.00', 'RMB 50.00'), 'amount'),
      line(t('请扫会员码，或输入会员号', "Scan the member's code or enter the number"), 'hint'),
    ],
    scan: true,
    field: { kind: 'digits', label: t('会员号', 'Member number'), value: '860000000001', max: 15 },
    keypad: 'digits',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'goods.name': (t) => ({
    title: t('商品价目', 'Goods and prices'),
    lines: [line(t('最多 16 个汉字，或 32 个字母', 'At most 32 letters, or 16 Chinese characters'), 'hint')],
    field: { kind: 'text', label: t('品名', 'Name'), value: '卤蛋', max: 48 },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'goods.import': (t) => ({
    title: t('导入商品', 'Import goods'),
    lines: [
      line(
        t('第 2 行：末尾不是单价。请写成：品名 空格 单价。 什么都没有导入。', 'Line 2: It does not end with a price. Write: name, space, price. Nothing was taken.'),
        'warning',
      ),
      line(t('例如：卤蛋 2.50。同名的商品会改价。', 'Such as: Egg 2.50. A name that is there gets the new price.'), 'hint'),
    ],
    field: { kind: 'lines', label: t('每行：品名 单价', 'A line each: name price'), value: '', max: 16384 },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.limit': (t) => ({
    title: t('消费', 'Sale'),
    lines: [
      line(
        t('金额超过单笔限额 50,000.00 元。', 'More than the limit of 50,000.00 yuan for one sale.'),
        'warning',
      ),
    ],
    field: {
      kind: 'amount',
      label: t('金额（元）', 'Amount (yuan)'),
      value: '9,999,999,999.99',
      unit: '￥',
      max: 12,
    },
    keypad: 'amount',
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'sale.how': (t, s) => ({
    title: t('消费', 'Sale'),
    lines: [
      line(s.amountText, 'amount'),
      line(t('顾客怎么付款？', 'How does the customer pay?'), 'hint'),
    ],
    choices: [
      tile('card', t('银行卡', 'Card'), 'card'),
      tile('code', t('扫付款码', 'Payment code'), 'code'),
    ],
    card: true,
    scan: true,
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.card': (t, s) => ({
    title: t('请插卡、挥卡、刷卡或扫码', 'Insert, tap, swipe or scan'),
    lines: [
      line(s.amountText, 'amount'),
      line(
        t(
          '请顾客插卡、挥卡或刷卡，或出示付款码。',
          'The customer inserts, taps or swipes a card, or shows a payment code.',
        ),
        'hint',
      ),
    ],
    card: true,
    scan: true,
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.scan': (t, s) => ({
    title: t('消费 · 扫付款码', 'Sale · payment code'),
    lines: [line(s.amountText, 'amount')],
    scan: true,
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.chip': (t, s) => ({
    title: t('正在读卡', 'Reading the card'),
    lines: [
      line(s.amountText, 'amount'),
      line(t('请不要拔卡。', 'Leave the card in the reader.'), 'hint'),
    ],
    wait: { text: t('正在与卡片通信', 'Talking to the card') },
    keys: [],
  }),
  'sale.application': (t) => ({
    title: t('请选择应用', 'Choose an application'),
    lines: [
      line(
        t(
          '这张卡有多个应用，请持卡人选择。',
          'This card has several applications. The cardholder chooses.',
        ),
        'hint',
      ),
    ],
    choices: [
      { key: '0', text: 'UnionPay Debit', style: 'list' },
      { key: '1', text: 'UnionPay Credit', style: 'list' },
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.document': (t) => ({
    title: t('请核对证件', 'Check a document'),
    lines: [
      line(
        t(
          '发卡行要求核对持卡人的证件。请核对姓名和照片。',
          "The issuer wants the cardholder's document checked. Compare name and photograph.",
        ),
      ),
    ],
    choices: [
      { key: 'yes', text: t('是本人', 'It is the cardholder'), style: 'primary' },
      { key: 'no', text: t('不是本人', 'It is not'), style: 'plain' },
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.pin': (t, s) => ({
    title: t('请顾客输入密码', 'Customer: enter PIN'),
    lines: [
      line(s.amountText, 'amount'),
      line(t('卡号\t620000*********0017', 'Card\t620000*********0017')),
      line(
        t('请持卡人输入密码，注意遮挡', 'The cardholder enters the PIN and covers the keypad'),
        'hint',
      ),
    ],
    entry: {
      purpose: 'pin',
      count: s.stars,
      min: 4,
      max: 12,
      label: t('银行卡密码', 'Card PIN'),
    },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  'guide.start': (t, s) => ({
    title: t('语音输密码', 'Spoken PIN entry'),
    lines: [line(s.amountText, 'amount')],
    guide: {
      face: 'keys',
      click: '/api/clip/tone_click.wav',
      zones: [
        zone('top-left', 'choice:repeat', t('重听', 'Repeat')),
        zone('top-right', 'choice:practice', t('练习', 'Practice')),
        zone('middle', 'choice:large', t('大按键', 'Large keys')),
        zone('lower', 'language', t('English', '中文')),
        zone('bottom-left', 'cancel', t('取消', 'Cancel')),
        zone('bottom-right', 'ok', t('开始', 'Begin')),
      ],
    },
    speech: {
      number: 10000000000000 + s.speech,
      url: '/api/speech/5.wav',
      text: t(
        '语音输密码。付款金额一百二十八元。屏幕四角是功能键。碰一下听名称，连碰两下才执行。左上角重听，右上角练习。左下角取消，右下角开始输密码。',
        'Spoken PIN entry. The amount is one hundred twenty eight yuan. The four corners of the screen are keys. Touch once to hear the name, twice to do it. Top left repeats. Top right is practice.',
      ),
    },
    keys: ['cancel', 'ok'],
    countdown: 90,
  }),
  'guide.pin': (t, s) => ({
    title: t('请顾客输入密码', 'Customer: enter PIN'),
    lines: [line(s.amountText, 'amount')],
    guide: {
      face: 'strokes',
      click: '/api/clip/tone_click.wav',
      zones: [
        zone('top-left', 'choice:repeat', t('重听', 'Repeat')),
        zone('top-right', 'clear', t('清除', 'Clear')),
        zone('top', 'choice:bypass', t('没有密码', 'No PIN')),
        zone('bottom-left', 'cancel', t('取消', 'Cancel')),
        zone('bottom-right', 'ok', t('确认', 'Enter')),
      ],
    },
    speech: { number: 10000000000000 + s.speech, url: '/api/speech/5.wav', text: '' },
    entry: { purpose: 'pin', count: s.stars, min: 4, max: 12, label: t('银行卡密码', 'Card PIN') },
    keys: ['cancel', 'ok'],
    countdown: 90,
  }),
  'guide.large': (t, s) => ({
    title: t('请顾客输入密码', 'Customer: enter PIN'),
    lines: [line(s.amountText, 'amount')],
    guide: { face: 'large', click: '/api/clip/tone_click.wav', zones: [] },
    choices: [{ key: 'repeat', text: t('重听', 'Repeat'), style: 'plain' }],
    entry: { purpose: 'pin', count: s.stars, min: 4, max: 12, label: t('银行卡密码', 'Card PIN') },
    keys: ['cancel', 'ok'],
    countdown: 90,
  }),
  'sale.shown': (t, s) => ({
    title: t('请顾客扫码付款', 'Scan to pay'),
    lines: [
      line(s.amountText, 'amount'),
      line(
        t('请用手机钱包扫描，一码只付一次', 'Scan with your wallet. One payment only.'),
        'hint',
      ),
    ],
    qr: { png: '/api/qr/1.png', text: 'https://qr.example.com/bax08861' },
    wait: { text: t('等待付款，按取消作废此码', 'Waiting for payment; Cancel voids the code'), seconds: 118 },
    keys: ['cancel'],
  }),
  'sale.wait': (t, s) => ({
    title: t('正在处理', 'In progress'),
    lines: [
      line(s.amountText, 'amount'),
      line(
        t(
          '请不要重复收款。按取消会停止并冲正这笔交易。',
          'Do not charge again. Cancel stops this payment and reverses it.',
        ),
        'hint',
      ),
    ],
    wait: { text: t('正在等待发卡行', 'Waiting for the card issuer'), seconds: 57 },
    keys: ['cancel'],
  }),
  'sale.wallet': (t, s) => ({
    title: t('消费', 'Sale'),
    lines: [
      line(s.amountText, 'amount'),
      line(t('顾客正在手机上输入密码。', 'The customer is entering the password on the phone.'), 'hint'),
    ],
    wait: { text: t('正在等待钱包答复', 'Waiting for the wallet'), seconds: 43 },
    keys: ['cancel'],
  }),
  'sale.reversing': (t) => ({
    title: t('冲正', 'Reversal'),
    status: { network: 'connecting', unsent: 1 },
    lines: [
      line(
        t(
          '上一笔没有收到答复，正在冲正，顾客不会被重复扣款。',
          'The last payment had no answer. It is being reversed: the customer is not charged twice.',
        ),
        'warning',
      ),
    ],
    wait: { text: t('正在等待冲正确认', 'Waiting for the reversal to be confirmed'), seconds: 60 },
    keys: [],
  }),
  'sale.approved': (t, s) => ({
    title: t('消费', 'Sale'),
    lines: [line(t('交易成功', 'Approved'), 'success'), line(s.amountText, 'amount')],
    speech: {
      number: s.speech,
      url: `/api/speech/${s.speech}.wav`,
      text: t('收款到账 128 元', 'Received 128 yuan'),
    },
    receipt,
    choices: [
      { key: 'another', text: t('再收一笔', 'Next sale'), style: 'primary', icon: 'card' },
    ],
    keys: ['cancel', 'ok'],
    countdown: 30,
  }),
  'sale.declined': (t) => ({
    title: t('消费', 'Sale'),
    lines: [
      line(t('交易未成功：余额不足（51）', 'Declined: insufficient funds (51)'), 'error'),
      line(
        t('没有扣款。请顾客换一张卡，或换一种付款方式。', 'Nothing was charged. Ask for another card or another way to pay.'),
      ),
    ],
    choices: [
      { key: 'again', text: t('换一张卡', 'Another card'), style: 'primary', icon: 'card' },
      { key: 'code', text: t('改用扫码', 'Payment code'), style: 'plain', icon: 'code' },
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'sale.unsigned': (t) => ({
    title: t('消费', 'Sale'),
    status: { signed_in: false },
    lines: [
      line(t('还没有签到', 'Not signed in'), 'error'),
      line(t('签到以后才能收款。', 'Sign in before you take a payment.')),
    ],
    choices: [{ key: 'signin', text: t('现在签到', 'Sign in now'), style: 'primary', icon: 'signin' }],
    keys: ['cancel'],
  }),
  'query.list': (t) => ({
    title: t('交易查询', 'Payments'),
    lines: [line(t('本批次 12 笔，合计 3,482.50 元', 'This batch: 12 payments, 3,482.50 yuan'), 'hint')],
    choices: Array.from({ length: 12 }, (_, at) =>
      row(
        `payment-${345 - at}`,
        `${t(at % 3 === 1 ? '扫码消费' : '消费', at % 3 === 1 ? 'Sale by code' : 'Sale')}  ${(128 + at * 11.5).toFixed(2)}\n${String(345 - at).padStart(6, '0')}  12:${String(30 - at).padStart(2, '0')}  ${t(at === 4 ? '未成功' : '成功', at === 4 ? 'Declined' : 'Approved')}`,
      ),
    ),
    keys: ['cancel'],
    countdown: 60,
  }),
  'query.empty': (t) => ({
    title: t('交易查询', 'Payments'),
    lines: [line(t('本批次还没有交易。', 'No payments in this batch yet.'), 'big')],
    keys: ['cancel', 'ok'],
  }),
  'query.detail': (t) => ({
    title: t('交易明细', 'Payment details'),
    lines: [
      line(t('类型\t消费', 'Type\tSale')),
      line(t('金额\t128.00', 'Amount\t128.00')),
      line(t('状态\t成功', 'State\tApproved')),
      line(t('卡号\t622209******6620', 'Card\t622209******6620')),
      line(t('批次号\t000012', 'Batch\t000012')),
      line(t('凭证号\t000345', 'Voucher\t000345')),
      line(t('参考号\t042512000345', 'Reference\t042512000345')),
      line(t('时间\t2030-04-25 12:30:15', 'Time\t2030-04-25 12:30:15')),
    ],
    choices: [{ key: 'reprint', text: t('重打印', 'Print again'), style: 'primary', icon: 'print' }],
    keys: ['cancel'],
    countdown: 60,
  }),
  reprint: (t) => ({
    title: t('重打印', 'Print again'),
    lines: [line(t('凭证号 000345', 'Voucher 000345'), 'hint')],
    receipt: {
      ...receipt,
      lines: ['        *** 重打印 ***', ...receiptLines],
    },
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  manage: (t) => ({
    title: t('管理', 'Management'),
    choices: [
      tile('signin', t('签到', 'Sign in'), 'signin'),
      tile('signout', t('签退', 'Sign out'), 'signout'),
      tile('query', t('交易查询', 'Payments'), 'query'),
      tile('lock', t('锁屏', 'Lock screen'), 'lock'),
      tile('about', t('版本/关于', 'Version / About'), 'info'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  'signout.ask': (t) => ({
    title: t('签退', 'Sign out'),
    lines: [
      line(t('确定要签退吗？', 'Sign out now?'), 'big'),
      line(t('签退后不能收款，直到再次签到。', 'No payments can be taken until the next sign-in.'), 'hint'),
    ],
    choices: [
      { key: 'signout', text: t('签退', 'Sign out'), style: 'danger', icon: 'signout' },
      { key: 'stay', text: t('不签退', 'Stay signed in'), style: 'plain' },
    ],
    keys: ['cancel'],
  }),
  settings: (t) => ({
    title: t('设置', 'Settings'),
    choices: [
      row('security', t('安全设置\n密码设置', 'Security\nPasswords'), 'lock'),
      row('network', t('网络', 'Network'), 'figures'),
      row('sound', t('声音', 'Sound'), 'campaign'),
      row('print', t('打印', 'Printing'), 'print'),
      row('about', t('版本/关于', 'Version / About'), 'info'),
    ],
    keys: ['cancel'],
    countdown: 60,
  }),
  about: (t) => ({
    title: t('版本/关于', 'Version / About'),
    lines: [
      line(t('序列号\tTB1-2030-000017', 'Serial number\tTB1-2030-000017')),
      line(t('型号\tTB-1', 'Model\tTB-1')),
      line(t('软件版本\t0.1.0', 'Software\t0.1.0')),
      line(t('商户编号\t898290058120001', 'Merchant\t898290058120001')),
      line(t('终端编号\t10000017', 'Terminal\t10000017')),
      line(t('主密钥校验值\t8A3F19C2', 'Master key check\t8A3F19C2')),
      line(t('PIN 密钥校验值\t51D0E7B4', 'PIN key check\t51D0E7B4')),
      line(t('MAC 密钥校验值\tC47E0A95', 'MAC key check\tC47E0A95')),
    ],
    keys: ['cancel', 'ok'],
    countdown: 60,
  }),
  locked: (t, s) => ({
    title: t('已锁屏', 'Locked'),
    status: { locked: true },
    lines: [line(t('输入操作员 01 的密码解锁。', 'Operator 01: enter your password to unlock.'), 'hint')],
    entry: {
      purpose: 'password',
      count: s.stars,
      min: 6,
      max: 12,
      label: t('操作员 01 的密码', 'Password of operator 01'),
    },
    keys: ['cancel', 'ok'],
  }),
  'error.store': (t) => ({
    title: t('故障 E201', 'Fault E201'),
    status: { network: 'offline', unsent: 3, paper: 'out', battery: 4 },
    lines: [
      line(t('存储已满，不能收款', 'Storage is full: no payments possible'), 'error'),
      line(
        t(
          '已完成的交易都在。请结算或联系服务商，然后重试。',
          'All finished payments are safe. Settle the batch or call your provider, then try again.',
        ),
      ),
    ],
    choices: [{ key: 'retry', text: t('重试', 'Try again'), style: 'primary' }],
    keys: ['cancel'],
  }),
  ...people,
  ...device,
};

export const merchant = { zh: '虹桥小馆（示例）', en: 'Rainbow Bridge Diner (example)' };

const both = (zh, en) => ({ zh, en });

export const tray = {
  cards: [
    { name: 'good', title: both('好卡', 'Good card'), hint: both('借记卡，19位卡号，密码 246810', 'debit, 19 digits, PIN 246810'), pan: '620000*********0017', color: '#b3261e' },
    { name: 'credit', title: both('信用卡', 'Credit card'), hint: both('密码 135790', 'PIN 135790'), pan: '620001******0012', color: '#1e5fb3' },
    { name: 'chip', title: both('芯片卡', 'Chip card'), hint: both('服务代码 201：要求插卡，不能刷', 'service code 201: insert, do not swipe'), pan: '620000******0005', color: '#5b6b7a' },
    { name: 'expired', title: both('过期卡', 'Expired card'), hint: both('两年前过期', 'expired two years ago'), pan: '620000******0021', color: '#7a6a5b' },
    { name: 'poor', title: both('余额不足', 'Insufficient funds'), hint: both('余额 1.00 元', 'balance 1.00'), pan: '620000******0039', color: '#6a7a3b', pin_hint: 'PIN 246810' },
    { name: 'wrongpin', title: both('密码总错', 'Wrong PIN'), hint: both('无论输入什么密码都不对', 'whatever is entered is wrong'), pan: '620001******0020', color: '#7a3b6a' },
    { name: 'stolen', title: both('黑名单卡', 'Black-listed card'), hint: both('已报失窃', 'reported stolen'), pan: '620000******0047', color: '#333333', pin_hint: 'PIN 246810' },
    { name: 'silent', title: both('发卡行不应答', 'Issuer silent'), hint: both('扣款后不应答，须冲正；密码 246810', 'charges and never answers; PIN 246810'), pan: '620002******0011', color: '#4b4b8a' },
    { name: 'slow', title: both('发卡行很慢', 'Issuer slow'), hint: both('12 秒后应答，密码 246810', 'answers after 12 s, PIN 246810'), pan: '620003******0010', color: '#2f7a6a' },
  ],
  phones: [
    { name: 'good', title: both('手机钱包', 'Phone wallet'), hint: both('余额充足，直接付款', 'pays at once') },
    { name: 'asks', title: both('需要密码', 'Asks a password'), hint: both('顾客输入密码，约 4 秒', 'the customer types for 4 s') },
    { name: 'poor', title: both('余额不足', 'Insufficient funds'), hint: both('余额 1.00 元', 'balance 1.00') },
    { name: 'never', title: both('一直不付', 'Never pays'), hint: both('顾客不输密码，超时撤回', 'times out and is taken back') },
  ],
  links: [{ text: both('使用手册', 'Manual'), url: '/manual.html' }],
  messages: true,
};

export const chips = {
  reader: true,
  inserted: 'debit',
  chips: [
    { name: 'debit', title: both('芯片借记卡', 'Chip debit'), hint: both('插卡或挥卡，密码 246810', 'insert or tap, PIN 246810'), pan: '620000******0005', color: '#5b6b7a', contact: true, contactless: true },
    { name: 'credit', title: both('芯片信用卡', 'Chip credit'), hint: both('插卡或挥卡，密码 135790', 'insert or tap, PIN 135790'), pan: '620001******0012', color: '#1e5fb3', contact: true, contactless: true },
    { name: 'phone', title: both('手机闪付', 'Phone tap'), hint: both('手机上已验证本人，不输密码', 'owner verified on the phone, no PIN'), pan: '620000*********0017', color: '#b3261e', contact: false, contactless: true },
    { name: 'foreign', title: both('境外卡', 'Foreign card'), hint: both('美国发行，美元账户，密码 135790', 'issued abroad in USD, PIN 135790'), pan: '620001******0012', color: '#1e5fb3', contact: true, contactless: true },
    { name: 'pinonline', title: both('必须联机密码', 'Online PIN only'), hint: both('密码 246810', 'PIN 246810'), pan: '620000******0005', color: '#5b6b7a', contact: true, contactless: true },
    { name: 'slow', title: both('很慢的卡', 'Slow card'), hint: both('每条命令 1.5 秒', '1.5 s for every answer'), pan: '620000******0005', color: '#5b6b7a', contact: true, contactless: true },
  ],
};

/* What the owner's telephone has received, the newest first, as tongbao-simulators tells it. */
export const messages = [
  {
    number: 3,
    kind: 'mail',
    to: 'owner@shop.example',
    from: '通宝 <no-reply@tongbao.example>',
    subject: '通宝：重设密码',
    text: '终端 10000017 的操作员 01 正在重设密码。\n\n请打开下面的链接，页面会显示要在终端上输入的验证码：\n\nhttp://localhost:8080/recover#5d41402abc4b2a76b9719d911017c592ae2b1fca515949e5\n\n链接 30 分钟内有效，只能使用一次。\n\n如果不是您店里的人在操作，请不要打开链接，并马上联系客服。\n\n— 通宝\n此邮件由系统自动发出，请勿回复。我们不会通过邮件、短信或电话索要密码和验证码。',
    at_ms: 1790000123000,
  },
  {
    number: 2,
    kind: 'sms',
    to: '+8613800138000',
    from: '',
    subject: '',
    text: '【通宝】482913 是终端 10000017 操作员 01 重设密码的验证码，5 分钟内有效。工作人员不会向您索要。非本人操作请勿理会，并联系客服。',
    at_ms: 1790000060000,
  },
  {
    number: 1,
    kind: 'sms',
    to: '+8613800138000',
    from: '',
    subject: '',
    text: '[Tongbao] The password of operator 01 at terminal 10000017 was changed at 2026-09-21 22:13. Not you? Call us now.',
    at_ms: 1790000000123,
  },
];
