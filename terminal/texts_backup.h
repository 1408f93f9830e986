/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of backups. A part of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_BACKUP(X) \
    X(ENTRY_BACKUP, CHOICE, "设备备份", "Device backup") \
    X(ENTRY_BACKUP_NOW, CHOICE, "立即备份", "Back up now") \
    X(ENTRY_BACKUP_TEST, CHOICE, "检验最近的备份", "Test the last backup") \
    X(ENTRY_BACKUP_OWNER, CHOICE, "店主的恢复密钥", "The owner's key") \
    X(ENTRY_BACKUP_RESTORE, CHOICE, "从备份恢复", "Restore") \
    X(ENTRY_BACKUP_BY_DEVICE, CHOICE, "用本机的密钥", "With this device's key") \
    X(ENTRY_BACKUP_BY_OWNER, CHOICE, "输入店主密钥", "Enter the owner's key") \
    X(ENTRY_BACKUP_BY_DESK, CHOICE, "没有店主密钥，找客服", "No key: customer service") \
    X(BACKUP_DESK_CALL, LINE, "请致电客服 {1}，说要恢复设备。", "Call {1} and say that a device is to be restored.") \
    X(BACKUP_DESK_WAITS, LINE, "已提出申请。客服核实身份后，由两位工作人员批准；批准后这里会显示。离开本页不影响申请。", "It is asked for. Customer service asks who you are, and two of its people approve; then this screen says so. You may leave it meanwhile.") \
    X(BACKUP_DESK_GRANTED, LINE, "客服已批准，现在可以恢复。", "Customer service has approved. The backup can be restored now.") \
    X(BACKUP_DESK_REFUSED, LINE, "客服没有批准。请致电 {1} 问明原因，再重新申请。", "Customer service has not approved. Call {1} to hear why, then ask again.") \
    X(BACKUP_DESK_LIMIT, LINE, "今天申请次数太多。请明天再试，或致电客服 {1}。", "It was asked for too often today. Try tomorrow, or call {1}.") \
    X(BACKUP_DESK_GONE, LINE, "后台已没有这份备份。请返回另选一份，或致电客服 {1}。", "The back office has this backup no more. Go back and choose another one, or call {1}.") \
    X(BACKUP_NETWORK, LINE, "现在的网络不可信。备份不在这样的网络上传送，请换用移动网络或加密的Wi-Fi。", "This network is not trusted, and no backup travels over it. Take a mobile network or an encrypted Wi-Fi.") \
    X(ENTRY_BACKUP_OFFICE, CHOICE, "从后台取回", "From the back office") \
    X(ENTRY_BACKUP_FETCH, CHOICE, "从这份备份恢复", "Restore from it") \
    X(ENTRY_BACKUP_AGAIN, CHOICE, "再问一次", "Ask again") \
    X(ENTRY_BACKUP_MEDIUM, CHOICE, "从存储介质恢复", "Restore from a medium") \
    X(ENTRY_BACKUP_WITHOUT, CHOICE, "不恢复，从头开始", "Begin without it") \
    X(BACKUP_ASKING, LINE, "正在询问后台。", "The back office is being asked.") \
    X(BACKUP_FETCHING, LINE, "正在取回：{1} / {2}", "On its way: {1} of {2}") \
    X(BACKUP_OFFICE_NONE, LINE, "后台没有本终端编号的备份。请用存储介质，或致电客服 {1}。", "The back office has no backup of this terminal number. Take a medium, or call {1}.") \
    X(BACKUP_OFFICE_FAILED, LINE, "没有取回：网络中断或文件不完整。请再问一次。", "Not fetched: the line broke, or it was not whole. Ask again.") \
    X(FIRST_STEP_RESTORE, LINE, "恢复原设备的数据", "Restore what the other device had") \
    X(FIRST_REPLACES, LINE, "本机接替 {1}。", "This device takes the place of {1}.") \
    X(FIRST_RESTORE_ABOUT, LINE, "后台有它 {1} 的备份。签到之前恢复，批次和流水号才会接着用。用店主抄下的40位数字；没有的话找客服。", "Its backup of {1} is here. Restore it before the first sign-in: then batch and numbers go on. The owner's forty digits open it, or customer service.") \
    X(BACKUP_TITLE, TITLE, "设备备份", "Device backup") \
    X(BACKUP_MADE, LINE, "最近备份\t{1}，{2} 天前", "Last backup\t{1}, {2} days ago") \
    X(BACKUP_NEVER, LINE, "本机还没有做过备份。", "This device was never backed up.") \
    X(BACKUP_ABOUT, LINE, "备份里有参数、操作员、商品和交易，没有密钥、密码和卡号；每周自动做一次。", "A backup has settings, operators, goods and payments, and no keys, PINs or card numbers. It is made by itself each week.") \
    X(BACKUP_WRITING, LINE, "正在备份，可以照常收款。", "A backup is being written; payments go on as always.") \
    X(BACKUP_ON_ITS_WAY, LINE, "已备份，正在传到后台，可以照常收款。", "Backed up, and on its way to the back office; payments go on as always.") \
    X(BACKUP_OFFICE_REFUSED, LINE, "没有备份：后台没有收下。请稍后再试；仍不行请致电客服。", "Not backed up: the back office did not take it. Try again later; if that does not help, call support.") \
    X(BACKUP_AT_OFFICE, LINE, "后台保存\t{1}", "At the back office\t{1}") \
    X(BACKUP_WAITS, LINE, "现在有交易进行中，结束后再备份。", "A payment is under way. The backup begins after it.") \
    X(BACKUP_DONE, LINE, "已备份，并已检验能打开。", "Backed up, and tested: it opens.") \
    X(BACKUP_TESTED, LINE, "检验通过：可以打开，共 {1} 笔交易。", "Tested: it opens. Payments in it: {1}.") \
    X(BACKUP_NO_PLACE, LINE, "没有备份：存储介质不在或不能写。请插好U盘或手机再试。", "Not backed up: the medium is not there or cannot be written. Plug in the stick or telephone and try again.") \
    X(BACKUP_MEDIUM_FULL, LINE, "没有备份：存储介质满了。请删掉旧文件或换一个再试。", "Not backed up: the medium is full. Remove old files or take another one, then try again.") \
    X(BACKUP_VAULT_FAULT, LINE, "没有完成：{1}。请重启设备后再试；仍不行请致电客服。", "Not done: {1}. Restart the device and try again; if that does not help, call support.") \
    X(BACKUP_UNREADABLE, LINE, "写完的备份打不开，不要靠它。请换一个存储介质再备份。", "What was written does not open: do not rely on it. Take another medium and back up again.") \
    X(BACKUP_OWNER_HAS, LINE, "店主密钥\t已生成", "Owner's key\tmade") \
    X(BACKUP_OWNER_NONE, LINE, "还没有店主密钥：没有它，换机恢复只能找客服。", "There is no owner's key yet: without it only support can restore another device.") \
    X(BACKUP_OWNER_ASK, LINE, "会生成40位数字，只显示这一次。谁有备份和这些数字，谁就能在本店的设备上恢复。请店主本人抄下并锁好。", "Forty digits are made and shown this once. Whoever has a backup and these digits can restore it on a device of this shop. The owner writes them down and locks them away.") \
    X(BACKUP_OWNER_AGAIN, LINE, "以前的数字只能打开以前的备份。", "The digits of before open the backups of before only.") \
    X(BACKUP_OWNER_ONCE, LINE, "请抄下，离开后不再显示。", "Write them down: they are not shown again.") \
    X(BACKUP_OWNER_LABEL, LINE, "店主密钥", "The owner's key") \
    X(BACKUP_OWNER_ENTER, LINE, "请输入店主抄下的40位数字。", "Enter the forty digits that the owner wrote down.") \
    X(BACKUP_LIST_NONE, LINE, "存储介质上没有本终端编号的备份。请插好U盘或手机再试，或致电客服 {1}。", "There is no backup of this terminal number on the medium. Plug in the stick or telephone and try again, or call {1}.") \
    X(BACKUP_ROW, LINE, "{1}  第 {2} 份\n设备 {3}  {4} 笔交易", "{1}  No. {2}\nDevice {3}  Payments: {4}") \
    X(BACKUP_RESTORE_ABOUT, LINE, "恢复后，操作员和密码是备份时的，交易和交班记录回到本机；本机要重新签到。", "After it, operators and passwords are those of the backup, and its payments and shifts are here. The device signs in anew.") \
    X(BACKUP_NO_WAY, LINE, "这份备份本机打不开，也没有店主密钥。请致电客服 {1}。", "This device cannot open this backup, and it has no owner's key. Call {1}.") \
    X(BACKUP_RESTORED, LINE, "已恢复 {1} 笔交易。请用备份时的密码登录，然后签到。", "Restored. Payments that came back: {1}. Log in with the password of then, and sign in.") \
    X(BACKUP_UNTIL, LINE, "备份是 {1} 的。之后的交易在签到时从主机取回，取回后才能收款。", "The backup is of {1}. What came later is fetched from the host when you sign in; payments begin after that.") \
    X(MAIN_CATCH_UP, LINE, "本机从备份恢复，备份之后的交易还没有从主机取回。签到后自动取回，之后才能收款和结算。", "This device was restored, and what came after the backup is not here yet. Sign in: it is fetched from the host, and then payments and settlement go on.") \
    X(CATCH_UP_TITLE, TITLE, "从主机取回", "From the host") \
    X(CATCH_UP_GOT, LINE, "已取回 {1} 笔", "Payments so far: {1}") \
    X(CATCH_UP_WAIT, LINE, "正在取回备份之后的交易", "Fetching what came after the backup") \
    X(CATCH_UP_HINT, LINE, "没有取完之前不能收款。中断了下次签到接着取。", "No payments before all of it is here. If it is cut, the next sign-in goes on with it.") \
    X(CATCH_UP_NO_ANSWER, LINE, "主机没有应答。请检查网络后重试。", "The host has not answered. Look at the network, then try again.") \
    X(CATCH_UP_REFUSED, LINE, "主机没有给：{1}。请重新签到；还不行，请致电客服。", "The host refuses: {1}. Sign in again; if it still refuses, call support.") \
    X(CATCH_UP_BAD_ANSWER, LINE, "主机的应答不可信，没有采用。请重试；还不行，请致电客服。", "The answer of the host cannot be trusted and was not taken. Try again; if it happens again, call support.") \
    X(CATCH_UP_DONE, LINE, "已从主机取回 {1} 笔交易、{2} 个批次的结算。可以收款了。", "Fetched payments: {1}, settled batches: {2}. Payments can go on.") \
    X(CATCH_UP_LOST, LINE, "备份是 {1} 的。那以后收的现金和没有上送的脱机交易，主机也没有：请按签购单核对。", "Cash and unsent offline sales since the backup of {1} are not with the host either: check them by your slips.") \
    X(CATCH_UP_ASIDE, LINE, "备份里有 {1} 笔脱机交易本机不能上送，已转为待处理，结算时报给主机。请保留签购单。", "Offline sales that cannot be sent from here: {1}. They are told when you settle: keep their slips.") \
    X(CATCH_UP_ORDER, LINE, "有一单拆分付款还开着。那以后为它付的钱不算在里面，请按签购单核对后再收。", "A split order is open. What was paid for it since does not count: check its slips before you take more.") \
    X(BACKUP_SEALED, LINE, "其中 {1} 笔脱机交易本机不能上送，请保留签购单并致电客服。", "Approved by a card alone, and not to be told from here: {1}. Keep the slips and call support.") \
    X(BACKUP_HAS_DATA, LINE, "没有恢复：本机已有这些交易，或已交班、结算过。记录都在，不需要恢复；要换成备份里的，请致电客服。", "Not restored: these payments are here already, or this device has closed a shift or settled. Its records are safe. To have those of the backup instead, call support.") \
    X(BACKUP_REFUSED_FORMAT, LINE, "没有恢复：这不是本系统的备份文件。请另选一份。", "Not restored: this is no backup of ours. Choose another one.") \
    X(BACKUP_REFUSED_NEWER, LINE, "没有恢复：它是更新的软件写的。请先更新本机。", "Not restored: later software has written it. Update this device first.") \
    X(BACKUP_REFUSED_OTHER, LINE, "没有恢复：这是别的终端的备份。请另选一份。", "Not restored: it is of another terminal. Choose another one.") \
    X(BACKUP_REFUSED_SIGN, LINE, "没有恢复：签名不对，可能是伪造的。请另选一份并致电客服。", "Not restored: the signature is wrong, it may be forged. Choose another one and call support.") \
    X(BACKUP_REFUSED_KEY, LINE, "没有恢复：密钥不对。请逐位核对店主密钥后再输入；客服批准的，请重新申请。", "Not restored: that is not its key. Compare each digit of the owner's key and enter it again; if customer service has approved it, ask again.") \
    X(BACKUP_REFUSED_DAMAGED, LINE, "没有恢复：文件被改动或损坏。请另选一份。", "Not restored: the file was altered or damaged. Choose another one.") \
    X(BACKUP_REFUSED_SHORT, LINE, "没有恢复：文件不完整。请从原处重新复制，或另选一份。", "Not restored: the file is not whole. Copy it again from where it was written, or choose another one.") \
    X(BACKUP_REFUSED_OLDER, LINE, "没有恢复：本机有更新的备份，第 {1} 份。请选那一份；找不到请致电客服。", "Not restored: there is a later backup of this device, No. {1}. Choose that one; if it is lost, call support.") \
    X(MAIN_BACKUP_NEVER, LINE, "设备还没有备份。请在“管理”里备份。", "This device was never backed up. Do so under Manage.") \
    X(MAIN_BACKUP_OLD, LINE, "设备已 {1} 天没有备份。请检查存储介质。", "The last backup is {1} days old. Look after the medium.") \
    X(HELP_CATCH_UP, HELP, "本机是从备份恢复的。备份之后的交易从主机取回，取完才能收款；断了网，再签到就接着取。", "This device was restored from a backup. What came after it is fetched from the host before payments go on; when the line breaks, sign in again and it goes on.") \
    X(HELP_BACKUP, HELP, "备份保存在后台，也可写在U盘、手机或磁盘上，没有钥匙谁也打不开。店主密钥是40位数字，换机恢复时要用。设备坏了，请在新设备签到之前恢复。", "Backups lie at the back office, and on a stick, a telephone or a disk; nobody opens them without a key. The owner's key is forty digits, needed to restore another device. Restore a new device before it signs in.")
/* clang-format on */
