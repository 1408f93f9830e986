/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of a device that is looked for, and of somebody who answers in the host's place. A part
 * of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_FIND(X) \
    X(FIND_MESSAGE_TITLE, TITLE, "给本机的消息", "A message") \
    X(FIND_MESSAGE_FROM, LINE, "店主或客服发来：", "From the owner or customer service:") \
    X(FIND_TEXT, LINE, "{1}", "{1}") \
    X(ENTRY_READ, CHOICE, "知道了", "I have read it") \
    X(FIND_RING_TITLE, TITLE, "正在找这台设备", "This device is looked for") \
    X(FIND_RING, LINE, "店主正在找这台设备。", "The owner is looking for this device.") \
    X(FIND_RING_HINT, LINE, "如果您捡到了它，请致电 {1}。", "If you have found it, please call {1}.") \
    X(FIND_RING_SAID, LINE, "设备在这里", "The device is here") \
    X(ENTRY_RING_STOP, CHOICE, "停止响铃", "Stop ringing") \
    X(FIND_LOCK_TITLE, TITLE, "设备已被锁定", "Device locked") \
    X(FIND_ENDING, LINE, "合同已终止：先结算并上送交易，再清除密钥。请勿断电，之后请寄回。", "The contract ends: what is due is settled and sent, then every key is erased. Leave it on, then send it back.") \
    X(FIND_LOCKED, LINE, "店主已远程锁定这台设备，不能收款，也不能登录。", "The owner has locked this device. It takes no payment, and nobody can log in.") \
    X(FIND_LOCK_ADVICE, LINE, "店主在商户后台“设备”里解锁；或致电客服 {1}，由主管找回密码后解锁。", "The owner unlocks it in the console under Devices. Or call {1}: a supervisor whom the desk lets in opens it.") \
    X(ENTRY_FIND_DESK, CHOICE, "主管找客服解锁", "Supervisor, by the desk") \
    X(HELP_FIND, HELP, "店主在商户后台锁定了本机或给它发了消息。锁定后只有店主解锁，或主管经客服核实后解锁。", "The owner has locked this device or sent it a message. Only the owner unlocks it, or a supervisor after the desk has made sure who it is.") \
    X(IMPOSTOR_HOST, LINE, "收单主机的身份核对不上，本机没有向它发送任何内容。请换一个网络；若仍如此，请暂停收款并致电客服 {1}。", "Somebody else answers in the place of the acquirer; nothing was sent. Change to another network. If it stays so, take no payments and call {1}.") \
    X(IMPOSTOR_OFFICE, LINE, "管理后台的身份核对不上，本机没有向它发送任何内容。请换一个网络；若仍如此，请致电客服 {1}。", "Somebody else answers in the place of the back office; nothing was sent. Change to another network. If it stays so, call {1}.")
/* clang-format on */
