/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of payments without the host. A part of the table in texts.h, which says how they are
 * written. */

/* clang-format off */
#define TEXT_LIST_OFFLINE(X) \
    X(MAIN_OFFLINE, LINE, "{1} 笔收款待上送主机，共 {2} 元", "Payments that wait to be told to the host: {1}, {2} yuan in all") \
    X(MAIN_LAST_OFFLINE, LINE, "上一笔 {1} 元由卡片脱机批准，联网后自动上送", "The last one, {1} yuan, was approved by the card and goes to the host by itself") \
    X(OFFLINE_TITLE, TITLE, "脱机收款成功", "Paid without the host") \
    X(OFFLINE_APPROVED, LINE, "卡片已批准付款", "The card has approved the payment") \
    X(OFFLINE_LATER, LINE, "已记在本机，联网后自动上送主机。重启和换班都不会丢。", "It is kept on this device and goes to the host by itself once the line is back. Neither a restart nor a log-out loses it.") \
    X(OFFLINE_LIABILITY, LINE, "没有问过发卡行：以后若被拒付，损失可能由商户承担。请保留签购单。", "The issuer was not asked: should it refuse later, the loss may be the shop's. Keep the slip.") \
    X(OFFLINE_DELIVERED, LINE, "已上送主机，参考号 {1}", "Delivered to the host, reference {1}") \
    X(OFFLINE_CLOCK, LINE, "设备时钟倒退了，算不准脱机天数，不能脱机收款。请先联网签到，钱都在。", "The clock has gone back, so days without the host cannot be counted: nothing is taken without it. Connect and sign in; nothing is lost.") \
    X(OFFLINE_SIGN_IN, LINE, "本机没有可用的批次，不能脱机收款。请先联网签到。", "There is no batch to count it in, so nothing is taken without the host. Connect and sign in first.") \
    X(OFFLINE_DAYS, LINE, "已超过 {1} 天没有联系主机，不能再脱机收款。请先联网上送，钱都在。", "The host was not heard for more than {1} days: nothing more is taken without it. Connect first; nothing is lost.") \
    X(OFFLINE_COUNT, LINE, "已有 {1} 笔脱机收款待上送，到上限了。请先联网上送。", "{1} offline payments wait already, which is the limit. Connect and deliver them first.") \
    X(OFFLINE_EACH, LINE, "没有网络时每笔最多 {1} 元。请先联网。", "Without the host at most {1} each. Connect first.") \
    X(OFFLINE_TOTAL, LINE, "待上送的脱机收款已有 {1} 元，加上这笔超过上限 {2} 元。请先联网上送。", "{1} wait for the host already, and with this payment it would be more than {2}. Connect and deliver first.") \
    X(CHIP_NO_HOST, LINE, "这张卡必须联网才能付款。请先联网，或换一种方式付款。", "This card must ask its issuer. Connect first, or ask for another way to pay.") \
    X(QUERY_OFFLINE, LINE, "已收款，待上送", "paid, host not told yet") \
    X(QUERY_DISPUTED, LINE, "已收款，主机拒收", "paid, refused by the host") \
    X(MAIN_DISPUTED, LINE, "{1} 笔脱机收款主机拒收，共 {2} 元：凭据保留着，请保留签购单并联系收单机构", "Offline payments that the host has refused: {1}, {2} yuan in all. What proves them is kept; keep the slips and call your acquirer") \
    X(ADVICE_SAID, LINE, "凭证号 {1}，主机答复 {2}：{3}", "Voucher {1}, the host says {2}: {3}") \
    X(ENTRY_SET_ASIDE, CHOICE, "记为差错", "Set it aside") \
    X(ADVICE_TITLE, TITLE, "上送主机", "Telling the host") \
    X(ADVICE_WAIT, LINE, "正在上送主机", "The host is being told") \
    X(ADVICE_FAILED, LINE, "还有 {1} 笔没有上送成功", "{1} could not be delivered yet") \
    X(ADVICE_ADVICE, LINE, "钱都记着，会自动再送。可以重试；仍不行请致电客服。", "They are kept and are tried again by themselves. Try again; if that does not help, call support.") \
    X(NEED_DELIVERED, LINE, "还有 {1} 笔收款没有上送主机，上送完才能继续。", "{1} payments are not told to the host yet; deliver them first.") \
    X(ENTRY_DELIVER, CHOICE, "立即上送", "Deliver now") \
    X(HELP_OFFLINE, HELP, "没有网络时，芯片卡可以在限额内自己批准付款。收款记在本机，联网后自动上送；没有上送完不能签退。主机不收的那笔可记为差错：仍在合计和报表里，随结算上报，签购单请留好。", "Without the network a chip card may approve by itself, within limits. Such payments are kept here and go to the host by themselves; the terminal cannot sign out before they have. One that the host will not take is set aside: it stays in totals and reports, goes to the host with the settlement, and its slip is to be kept.")
/* clang-format on */
