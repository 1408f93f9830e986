/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of what follows a payment: void, refund, pre-authorisation. A part of the table in
 * texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_AFTER(X) \
    X(AFTER_VOUCHER, TITLE, "原凭证号", "Voucher number") \
    X(AFTER_VOUCHER_HINT, LINE, "请输入签购单上的凭证号，按确认", "Enter the voucher number on the slip and press OK") \
    X(AFTER_NOT_FOUND, LINE, "本批次没有凭证号 {1} 的成功交易。请核对签购单。", "There is no approved payment {1} in this batch. Check the slip.") \
    X(AFTER_NO_SALE, LINE, "凭证号 {1} 是{2}，不能这样撤销。", "Payment {1} is: {2}. It cannot be voided here.") \
    X(AFTER_VOIDED, LINE, "凭证号 {1} 已经撤销过。", "Payment {1} is already voided.") \
    X(AFTER_REFUNDED, LINE, "凭证号 {1} 已有退货。请对余额做退货。", "A part of payment {1} is already refunded. Refund what is left.") \
    X(AFTER_BUSY, LINE, "凭证号 {1} 的另一笔操作还没有结果。请稍后再试。", "Something else about payment {1} has no result yet. Try again in a minute.") \
    X(AFTER_LEFT, LINE, "可退金额\t{1}", "Left to refund\t{1}") \
    X(AFTER_CONFIRM_HINT, LINE, "请核对原交易，按确认继续", "Check the original payment and press OK to go on") \
    X(AFTER_ORIGINAL, LINE, "原交易\t{1}", "Original\t{1}") \
    X(AFTER_SAME_CARD, LINE, "请使用原交易的卡 {1}。", "Use the card of the original payment, {1}.") \
    X(AFTER_OTHER_CARD, LINE, "这不是原交易的卡。请使用 {1}。", "This is not the card of the original payment. Use {1}.") \
    X(AFTER_WAIT_HINT, LINE, "请不要重复操作。按取消会停止并冲正这笔交易。", "Do not repeat it. Cancel stops it and reverses it.") \
    X(AFTER_DECLINED_TITLE, TITLE, "没有办成", "Not done") \
    X(AFTER_REVERSED, LINE, "已冲正，原交易不变。", "Reversed; the original payment is as it was.") \
    X(AFTER_REVERSED_HINT, LINE, "可以重新办理。", "You can do it again.") \
    X(AFTER_REVERSING_HINT, LINE, "还没有办成。可按取消返回，冲正会继续。", "It is not done. You may press Cancel; the reversal goes on.") \
    X(AFTER_KEPT_TITLE, TITLE, "不能冲正", "Not reversed") \
    X(AFTER_KEPT, LINE, "主机不能冲正这笔交易，它可能已经办成。", "The host cannot reverse it: it may have been done.") \
    X(AFTER_KEPT_HINT, LINE, "请不要重复办理。如果已经办成，收单机构会列为差错核对。", "Do not do it again. If it was done, the acquirer has it as a difference to look at.") \
    X(MAIN_LAST_KEPT, LINE, "上一笔 {1} 元没有结果，不能冲正，可能已经办成。请不要重复办理。", "The last payment of {1} yuan had no result and cannot be reversed; it may have been done. Do not do it again.") \
    X(VOID_TITLE, TITLE, "撤销", "Void") \
    X(VOID_CONFIRM_TITLE, TITLE, "撤销这笔交易？", "Void this payment?") \
    X(VOID_PRESENT_TITLE, TITLE, "撤销：请出示原卡", "Void: present the card") \
    X(VOID_DONE, LINE, "撤销成功", "Voided") \
    X(VOID_DONE_TITLE, TITLE, "撤销成功", "Voided") \
    X(VOID_AGAIN, CHOICE, "再撤销一笔", "Void another") \
    X(VOID_NOT, LINE, "凭证号 {1} 不是消费。预授权请从预授权菜单撤销。", "Payment {1} is no sale. Cancel a pre-authorisation from its own menu.") \
    X(REFUND_TITLE, TITLE, "退货", "Refund") \
    X(REFUND_RRN, TITLE, "原参考号", "Reference number") \
    X(REFUND_RRN_HINT, LINE, "请输入签购单上 12 位参考号", "Enter the twelve characters of the reference on the slip") \
    X(REFUND_DATE, TITLE, "原交易日期（月日）", "Date (MMDD)") \
    X(REFUND_DATE_HINT, LINE, "请输入签购单上的月和日，如 0425", "Enter month and day as on the slip, such as 0425") \
    X(REFUND_BAD_DATE, LINE, "{1} 不是日期。请输入月日四位，如 0425。", "{1} is no date. Enter month and day, as 0425.") \
    X(REFUND_AMOUNT, TITLE, "退货金额（元）", "Amount to refund (yuan)") \
    X(REFUND_AMOUNT_HINT, LINE, "可退全部或一部分", "All of it, or a part") \
    X(REFUND_OVER, LINE, "最多可退 {1} 元。请减少金额。", "At most {1} yuan is left. Enter less.") \
    X(REFUND_PRESENT_TITLE, TITLE, "退货：请出示原卡", "Refund: present the card") \
    X(REFUND_DONE, LINE, "退货成功", "Refunded") \
    X(REFUND_DONE_TITLE, TITLE, "退货成功", "Refunded") \
    X(REFUND_AGAIN, CHOICE, "再退一笔", "Refund another") \
    X(REFUND_BY, TITLE, "这笔交易怎么找？", "Find it by") \
    X(REFUND_BY_VOUCHER, CHOICE, "本批次凭证号", "Voucher of this batch") \
    X(REFUND_BY_CARD, CHOICE, "参考号，银行卡付款", "Reference, paid by card") \
    X(REFUND_BY_CODE, CHOICE, "参考号，扫码付款", "Reference, paid by code") \
    X(AFTER_CARD_ONLY, LINE, "请顾客插卡、挥卡或刷卡。", "The customer inserts, taps or swipes a card.") \
    X(HOLD_TITLE, TITLE, "预授权", "Hold an amount") \
    X(HOLD_ADD_TITLE, TITLE, "追加预授权", "Add to a hold") \
    X(HOLD_NOTICE_TITLE, TITLE, "预授权完成（通知）", "Complete a hold by notice") \
    X(ENTRY_HOLD_NOTICE, CHOICE, "预授权完成（通知）", "Complete by notice") \
    X(HOLD_NOTICE_UNKNOWN, LINE, "本机没有这笔预授权，不能用通知完成。请核对授权码和日期，或改用预授权完成（请求）。", "This terminal has no such hold, so it cannot be completed by notice. Check code and date, or complete it by request.") \
    X(HOLD_NOTICE_CLOCK, LINE, "设备时钟倒退了，算不准 30 天。请先联网签到，或改用预授权完成（请求）。", "The clock has gone back, so the 30 days cannot be counted. Connect and sign in first, or complete it by request.") \
    X(HOLD_NOTICE_REFUSED, LINE, "{1}。{2}。", "{1}: {2}.") \
    X(HOLD_UNDO_HINT, LINE, "请输入签购单上 12 位参考号，或本批次的凭证号", "Enter the twelve digits of the reference, or the voucher number of this batch") \
    X(MAIN_LAST_NOTICE, LINE, "上一笔预授权完成 {1} 元已记账，联网后自动通知主机", "The last completion, {1} yuan, is kept and goes to the host by itself") \
    X(MAIN_NOTICE_REFUSED, LINE, "预授权完成（通知）{1} 元被主机拒绝，没有入账：{2}。凭条已打印，请联系顾客另行收款。", "The host has refused the completion of {1} yuan, and nothing is taken: {2}. A slip is printed; ask the customer for another way to pay.") \
    X(MAIN_UNSURE_REFUSAL, LINE, "凭证 {1} 的预授权完成 {2} 元没有入账，它的凭条可能没有打完，请看一下；没有时请打印。", "The completion of voucher {1}, {2} yuan, is not taken, and the slip that says so may not be whole: look at it, or print it.") \
    X(MAIN_UNSURE_ORDER, LINE, "订单 {1} 的结清单可能没有打完，共 {2} 元，请看一下；没有时请打印。", "The slip of order {1}, {2} yuan in all, may not be whole: look at it, or print it.") \
    X(ENTRY_ORDER_SLIP, CHOICE, "打印结清单", "Print order slip") \
    X(ENTRY_REFUSAL, CHOICE, "打印未入账凭条", "Print NOT PAID slip") \
    X(HOLD_COMPLETE_TITLE, TITLE, "预授权完成", "Complete a hold") \
    X(HOLD_CANCEL_TITLE, TITLE, "预授权撤销", "Cancel a hold") \
    X(HOLD_UNDO_TITLE, TITLE, "预授权完成撤销", "Void a completion") \
    X(ENTRY_HOLD, CHOICE, "预授权", "Pre-authorise") \
    X(ENTRY_HOLD_ADD, CHOICE, "追加预授权", "Add to a hold") \
    X(ENTRY_HOLD_COMPLETE, CHOICE, "预授权完成（请求）", "Complete by request") \
    X(ENTRY_HOLD_CANCEL, CHOICE, "预授权撤销", "Cancel a hold") \
    X(ENTRY_HOLD_UNDO, CHOICE, "完成撤销", "Void a completion") \
    X(HOLD_AMOUNT_HINT, LINE, "请输入金额，按确认", "Enter the amount and press OK") \
    X(HOLD_WHOLE, LINE, "预授权金额\t{1}", "Held\t{1}") \
    X(HOLD_MOST, LINE, "最多可完成\t{1}", "At most\t{1}") \
    X(HOLD_OVER, LINE, "完成金额不能超过 {1} 元（预授权的 115%）。请减少金额。", "At most {1} yuan can be completed (115 % of the hold). Enter less.") \
    X(HOLD_NOT_ALL, LINE, "撤销只能是整笔 {1} 元。", "Only the whole can be taken back: {1} yuan.") \
    X(HOLD_AUTH, TITLE, "原授权码", "Authorisation code") \
    X(HOLD_AUTH_HINT, LINE, "请输入预授权单上 6 位授权码", "Enter the six digits of the code on the slip") \
    X(HOLD_PRESENT_TITLE, TITLE, "请插卡、挥卡或刷卡", "Insert, tap or swipe") \
    X(HOLD_DONE, LINE, "预授权成功，没有扣款，金额已冻结。", "Held: nothing is charged yet.") \
    X(HOLD_ADD_DONE, LINE, "追加成功", "Added") \
    X(HOLD_COMPLETE_DONE, LINE, "预授权完成，已收款", "Completed: the money is taken") \
    X(HOLD_CANCEL_DONE, LINE, "预授权已撤销", "The hold is cancelled") \
    X(HOLD_UNDO_DONE, LINE, "完成已撤销，预授权仍有效", "Voided: the hold is open again") \
    X(HOLD_DONE_TITLE, TITLE, "办理成功", "Done") \
    X(HOLD_AGAIN, CHOICE, "再办一笔", "One more") \
    X(HELP_HOLD, HELP, "预授权先冻结金额，30 天内凭授权码完成收款，最多 115%，或撤销。请求要刷卡问主机；通知不用卡、不用等网络，只能完成本机的预授权，随后自动告诉主机。完成做错了可以撤销完成。", "A hold reserves money. Within 30 days it is completed by its code, up to 115 %, or cancelled. A request asks the host with the card; a notice needs neither card nor line, is for holds of this terminal, and is told to the host by itself. A completion can be voided.") \
    X(HELP_VOID, HELP, "撤销把本批次的一笔消费整笔退回，要主管授权和原卡。已结算的批次请用退货。", "A void takes back a whole sale of this batch; it needs a supervisor and the card. After settlement make a refund.") \
    X(HELP_REFUND, HELP, "退货退回一笔消费的全部或一部分，可分几次，合计不超过原金额，只退到原卡或原钱包。", "A refund gives back all or a part of a sale, in several times if need be, never more than was paid, and only to the card or wallet that paid.")
/* clang-format on */
