/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of the download of chip card parameters. A part of the table in texts.h, which says how
 * they are written. */

/* clang-format off */
#define TEXT_LIST_DOWNLOAD(X) \
    X(ENTRY_DOWNLOAD, CHOICE, "参数下载", "Card parameters") \
    X(ENTRY_FETCH, CHOICE, "立即下载", "Fetch now") \
    X(DOWNLOAD_TITLE, TITLE, "参数下载", "Card parameters") \
    X(DOWNLOAD_ASKING, LINE, "正在向主机查询参数", "Asking the host for card parameters") \
    X(DOWNLOAD_PARTS, LINE, "正在接收", "Receiving") \
    X(DOWNLOAD_PROGRESS, LINE, "参数 {1}\t{2}%", "Parameters {1}\t{2}%") \
    X(DOWNLOAD_HINT, LINE, "可以取消，原来的参数继续有效；下次从断开处继续。", "You may cancel: the present parameters stay in force, and the next time goes on from here.") \
    X(DOWNLOAD_DONE, LINE, "银行卡参数已更新，编号 {1}", "Card parameters updated: number {1}") \
    X(DOWNLOAD_NEWEST, LINE, "已是最新参数，编号 {1}", "These are the newest parameters: number {1}") \
    X(DOWNLOAD_NONE, LINE, "主机还没有发布参数。插卡和挥卡要等发布后才能用。", "The host has published no parameters yet. Chip and contactless work once it has.") \
    X(DOWNLOAD_NOTHING, LINE, "本机还没有银行卡参数，不能插卡和挥卡。", "This device has no card parameters: it takes no chip and no contactless cards.") \
    X(DOWNLOAD_IN_FORCE, LINE, "当前参数编号\t{1}", "In force\tnumber {1}") \
    X(DOWNLOAD_ABOUT, LINE, "参数决定受理哪些芯片卡和限额，由收单机构签名发布。", "They say which chip cards are taken and up to which amounts, and are signed by the acquirer.") \
    X(DOWNLOAD_NO_ANSWER, LINE, "主机没有回答，参数没有变。请检查网络后重试，会从断开处继续。", "The host did not answer; the parameters are as they were. Check the network and try again: it goes on from here.") \
    X(DOWNLOAD_REFUSED, LINE, "主机拒绝下载（{1}）：{2}。参数没有变。", "The host refused ({1}): {2}. The parameters are as they were.") \
    X(DOWNLOAD_BAD_ANSWER, LINE, "主机发来的数据不完整，已丢弃，参数没有变。请稍后重试；仍不行请致电客服。", "What the host sent was incomplete and was discarded; the parameters are as they were. Try again later; if that does not help, call support.") \
    X(DOWNLOAD_CHANGED, LINE, "下载时主机不断发布新参数，参数没有变。请稍后重试。", "The host kept publishing other parameters meanwhile; ours are as they were. Try again later.") \
    X(DOWNLOAD_BAD_SIGNATURE, LINE, "参数 {1} 的签名不对，已拒收，原参数继续有效。请致电客服。", "Parameters {1} are not signed by the acquirer and were refused; the old ones stay in force. Call support.") \
    X(DOWNLOAD_OLDER, LINE, "参数 {1} 比现有的旧，已拒收，原参数继续有效。请致电客服。", "Parameters {1} are older than ours and were refused; ours stay in force. Call support.") \
    X(DOWNLOAD_OTHER_MODEL, LINE, "参数 {1} 是给别的机型的，已拒收，原参数继续有效。请致电客服。", "Parameters {1} are for another model and were refused; the old ones stay in force. Call support.") \
    X(DOWNLOAD_MALFORMED, LINE, "参数 {1} 内容有误，已拒收，原参数继续有效。请致电客服。", "Parameters {1} are malformed and were refused; the old ones stay in force. Call support.") \
    X(DOWNLOAD_VAULT, LINE, "安全模块没有接收参数（{1}），参数没有变。请重启设备；仍不行请致电客服。", "The security module did not take the parameters ({1}); they are as they were. Restart the device; if that does not help, call support.") \
    X(HELP_DOWNLOAD, HELP, "签到后本机自动从主机下载银行卡参数。安全模块核对签名后才启用，否则保持原样。", "After signing in, the device fetches its card parameters from the host. The security module checks their signature before they count; otherwise nothing changes.")
/* clang-format on */
