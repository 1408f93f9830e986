/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of settlement. A part of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_SETTLE(X) \
    X(ENTRY_SETTLE, CHOICE, "结算", "Settle") \
    X(ENTRY_YES_SETTLE, CHOICE, "确认结算", "Settle now") \
    X(ENTRY_SETTLE_GO_ON, CHOICE, "继续结算", "Go on settling") \
    X(ENTRY_SETTLE_DETAIL, CHOICE, "打印明细", "Print the details") \
    X(ENTRY_REPRINT_SETTLE, CHOICE, "重打结算单", "Reprint settlement") \
    X(SETTLE_TITLE, TITLE, "结算", "Settlement") \
    X(SETTLE_ASK, LINE, "结算后本批次结束，再次收款需要重新签到。", "Settling ends this batch. Sign in again before the next payment.") \
    X(SETTLE_BATCH, LINE, "批次号\t{1}", "Batch\t{1}") \
    X(SETTLE_DEBIT, LINE, "收款\t{1} 笔，{2} 元", "Taken\t{1} payments, RMB {2}") \
    X(SETTLE_CREDIT, LINE, "退还\t{1} 笔，{2} 元", "Given back\t{1} payments, RMB {2}") \
    X(SETTLE_WAIT, LINE, "正在与主机对账", "Comparing totals with the host") \
    X(SETTLE_UPLOADING, LINE, "对账不平，正在上送明细", "Totals differ; sending the details") \
    X(SETTLE_PROGRESS, LINE, "已上送\t{1}/{2}", "Sent\t{1} of {2}") \
    X(SETTLE_LEAVE, LINE, "可以取消，结算会保留，之后从断开处继续。", "You may cancel: the settlement is kept and goes on from here later.") \
    X(SETTLE_NO_ANSWER, LINE, "主机没有回答，结算没有完成。请检查网络后重试，不会重复结算。", "The host did not answer; the settlement is not finished. Check the network and try again: nothing is settled twice.") \
    X(SETTLE_REFUSED, LINE, "主机拒绝结算（{1}）：{2}。请稍后重试；仍不行请致电客服。", "The host refused to settle ({1}): {2}. Try again later; if that does not help, call support.") \
    X(SETTLE_MISCOUNTED, LINE, "主机收到的明细笔数不符，结算没有完成。请重试，会重新上送。", "The host did not receive all details; the settlement is not finished. Try again: they are sent anew.") \
    X(SETTLE_DONE, LINE, "结算成功，对账平", "Settled; totals are equal") \
    X(SETTLE_DIFFERENT, LINE, "已结算。对账不平，明细已全部上送，由收单机构核对，请保留结算单。", "Settled. Totals differed; all details were sent and the acquirer compares them. Keep this slip.") \
    X(SETTLE_UNKNOWN, LINE, "本批次已结束，但主机没有可对账的记录，由收单机构核对。请保留签购单并致电客服。", "This batch is over, but the host has nothing to compare it with. Keep the slips and call support: the acquirer looks into it.") \
    X(SETTLE_NEXT, LINE, "再次收款请先签到。", "Sign in before the next payment.") \
    X(SETTLE_PRINTED, LINE, "明细已打印", "The details are printed") \
    X(SETTLE_NONE, LINE, "还没有结算过，没有可以重打的结算单。", "Nothing was settled yet, so there is no slip to print again.") \
    X(NEED_SETTLED, LINE, "结算还没有完成，暂时不能收款。请先继续结算。", "A settlement is not finished, so no payment can be taken. Go on with it first.") \
    X(NEED_OPEN_BATCH, LINE, "没有可以结算的批次。请先签到，开始新批次。", "There is no batch to settle. Sign in to begin one.") \
    X(MAIN_SETTLING, LINE, "批次 {1} 的结算没有完成，请继续结算。", "The settlement of batch {1} is not finished. Go on with it.") \
    X(MAIN_BATCH_NEARLY, LINE, "本批次还能收 {1} 笔，请尽快结算。", "This batch has room for {1} more payments. Settle soon.") \
    X(MAIN_BATCH_OLD, LINE, "本批次已超过一天没有结算，请结算。", "This batch is more than a day old. Settle it.") \
    X(ENTRY_SETTLE_PARAMETERS, CHOICE, "结算参数", "Settlement") \
    X(ENTRY_SETTLE_NEVER, CHOICE, "不自动结算", "Never by itself") \
    X(SETTLE_AT, LINE, "自动结算时间\n{1}", "Settles by itself at\n{1}") \
    X(SETTLE_WHEN_FULL, LINE, "批次满时自动结算\n{1}", "Settles when the batch is full\n{1}") \
    X(SETTLE_SIGN_OUT, LINE, "结算后自动签退\n{1}", "Signs out after settling\n{1}") \
    X(SETTLE_ON, LINE, "开", "on") \
    X(SETTLE_OFF, LINE, "关", "off") \
    X(SETTLE_AT_FIELD, TITLE, "时间，例如 2330", "Time, e.g. 2330") \
    X(SETTLE_AT_HINT, LINE, "请输入四位时间（0000 到 2359），按确认。到时锁屏也会结算。", "Enter four digits of time (0000 to 2359) and press OK. It settles then also while the screen is locked.") \
    X(HELP_SETTLE, HELP, "结算把本批次的笔数和金额与主机核对。平了就结束批次；不平会自动上送每笔明细，由收单机构查清差额。", "Settling compares the counts and amounts of this batch with the host. If they are equal the batch ends; if not, every payment is sent and the acquirer finds the difference.")
/* clang-format on */
