/* SPDX-License-Identifier: Apache-2.0 */
/* The page's words. Types of payments are numbered as in payment/payment.h. */

export type Lang = 'zh' | 'en';

const zh = {
  title: '电子签购单',
  other: 'English',
  total: '金额',
  good: '真实有效',
  goodWhy: '签名已用收单机构的证书核对，内容没有改动。',
  bad: '不可信',
  badWhy: '签名核对没有通过，内容可能被改过。请不要当作付款凭证。',
  none: '不是签购单',
  noneWhy: '链接不完整。请重新扫码，或向商户要纸质签购单。',
  unknown: '没有核对',
  unknownWhy: '收单机构的证书没有读到，或浏览器不能核对签名。请联网后重试。',
  type: '交易类型',
  amount: '消费金额',
  tip: '小费',
  issuer: '付款方',
  masked: '卡号/付款码',
  time: '时间',
  mid: '商户编号',
  terminal: '终端编号',
  operator: '操作员',
  batch: '批次号',
  voucher: '凭证号',
  reference: '参考号',
  authorisation: '授权码',
  types: [
    '', '消费', '撤销', '退货', '预授权', '追加预授权', '预授权撤销', '预授权完成', '预授权完成', '预授权完成撤销',
  ] as string[],
};

const en: typeof zh = {
  title: 'E-receipt',
  other: '中文',
  total: 'Amount',
  good: 'Genuine',
  goodWhy: 'Its signature was verified by the acquirer\u2019s certificate; nothing of it was changed.',
  bad: 'Not genuine',
  badWhy: 'Its signature does not verify: it may have been changed. Do not take it for a proof of payment.',
  none: 'No receipt',
  noneWhy: 'The link is not whole. Scan it again, or ask the merchant for the paper.',
  unknown: 'Not verified',
  unknownWhy: 'The acquirer\u2019s certificate could not be read, or this browser verifies no signatures. Try again online.',
  type: 'Type',
  amount: 'Amount',
  tip: 'Tip',
  issuer: 'Paid by',
  masked: 'Card or code',
  time: 'Time',
  mid: 'Merchant number',
  terminal: 'Terminal',
  operator: 'Operator',
  batch: 'Batch',
  voucher: 'Voucher',
  reference: 'Reference',
  authorisation: 'Authorisation',
  types: [
    '', 'Sale', 'Void', 'Refund', 'Pre-authorisation', 'Addition', 'Cancellation', 'Completion', 'Completion', 'Void of a completion',
  ],
};

export const texts: Record<Lang, typeof zh> = { zh, en };
