/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of a device out of its box. A part of the table in texts.h, which says how they are
 * written. */

/* clang-format off */
#define TEXT_LIST_FIRST(X) \
    X(FIRST_START_TITLE, TITLE, "欢迎使用", "Welcome") \
    X(FIRST_START_HELLO, LINE, "这台终端还没有激活。激活只需几分钟，请先连好网络。", "Not active yet. Connect it to a network to begin.") \
    X(FIRST_START_SERIAL, LINE, "序列号\t{1}", "Serial number\t{1}") \
    X(FIRST_START_SCAN, LINE, "请输入短信里的激活码；或扫描机身背面的标签，再输入证件号后六位。", "Type the code of your SMS. Or scan the label on the back, and type the last six of your ID.") \
    X(ENTRY_FIRST_CODE, CHOICE, "输入激活码", "I have a code") \
    X(ENTRY_FIRST_TAIL, CHOICE, "用证件号激活", "By identity number") \
    X(FIRST_CODE_TITLE, TITLE, "激活码", "Activation code") \
    X(FIRST_CODE_HINT, LINE, "短信里的八位数字。请勿告诉任何人，客服不会询问。", "The eight digits of the SMS. Tell nobody: our desk never asks for it.") \
    X(FIRST_CODE_FIELD, TITLE, "激活码", "Code") \
    X(FIRST_TAIL_TITLE, TITLE, "证件号后六位", "Identity number") \
    X(FIRST_TAIL_HINT, LINE, "申请时所用的统一社会信用代码或身份证号的最后六位，字母请大写。", "The last six characters of the social credit code or identity number of the application, capital letters.") \
    X(FIRST_TAIL_FIELD, TITLE, "后六位", "Last six") \
    X(FIRST_SHORT, LINE, "位数不够，请核对后再按确认。", "Some of it is missing: compare it, then press OK.") \
    X(FIRST_WRONG_LABEL, LINE, "扫到的不是这台终端的标签。请扫描机身背面的标签。", "This is not the label of this terminal. Scan the one on its back.") \
    X(FIRST_ASK_TITLE, TITLE, "正在核对", "Being checked") \
    X(FIRST_ASK_WAIT, LINE, "正在向收单机构核对", "Asking the acquirer") \
    X(FIRST_BIND_WAIT, LINE, "正在下载证书、密钥和参数，请勿断电", "Certificate, keys and parameters come down: leave the power on") \
    X(FIRST_NETWORK, LINE, "连不上收单机构。请检查网络后再试；仍不行请致电客服 {1}。", "The acquirer cannot be reached. Look at the network and try again, or call {1}.") \
    X(FIRST_REFUSED_CODE, LINE, "不正确，还可以输入 {1} 次。请核对短信或证件。", "Not right; {1} tries are left. Compare the SMS or the document.") \
    X(FIRST_REFUSED_ENDED, LINE, "激活码已失效（过期、用过或输错太多）。请致电客服 {1} 重新发送。", "This code is over: too old, used, or wrong too often. Call {1} for another one.") \
    X(FIRST_REFUSED_NOT_SENT, LINE, "这台终端没有分配给任何商户，不能激活。请致电客服 {1}。", "This terminal was sent to nobody and cannot be activated. Call {1}.") \
    X(FIRST_REFUSED_ACTIVE, LINE, "这个序列号已在另一商户激活。一机一户，不能再次激活，已通知收单机构。请致电客服 {1}。", "This serial number is active for a shop already: one device, one shop. The acquirer was told. Call {1}.") \
    X(FIRST_REFUSED_BOUND, LINE, "这台终端已报失、被抹除或已收回，仍属于原来的店，不能激活，已通知收单机构。捡到请致电客服 {1}。", "This terminal is lost, wiped or taken back. It still belongs to its shop and cannot be activated; the acquirer was told. Found it? Call {1}.") \
    X(FIRST_REFUSED_DEVICE, LINE, "收单机构不认识这台终端，已通知对方。请停止使用并致电客服 {1}。", "The acquirer does not know this device and was told. Stop using it and call {1}.") \
    X(FIRST_REFUSED_BUSY, LINE, "收单机构现在忙，没有占用次数。请稍后再试。", "The acquirer is busy; no try was used. Try again in a while.") \
    X(FIRST_CONFIRM_TITLE, TITLE, "请核对商户信息", "Is this your shop?") \
    X(FIRST_CONFIRM_MERCHANT, LINE, "商户\t{1}", "Merchant\t{1}") \
    X(FIRST_CONFIRM_ACQUIRER, LINE, "收单机构代码\t{1}", "Acquirer code\t{1}") \
    X(FIRST_CONFIRM_MID, LINE, "商户编号\t{1}", "Merchant number\t{1}") \
    X(FIRST_CONFIRM_SUBJECT, LINE, "证件\t{1}", "Credit code or ID\t{1}") \
    X(FIRST_CONFIRM_ACCOUNT, LINE, "结算账户\t{1}", "Settlement account\t{1}") \
    X(FIRST_CONFIRM_ADDRESS, LINE, "布放地址\t{1}", "Address\t{1}") \
    X(FIRST_CONFIRM_HINT, LINE, "确认后只属于这家店，不能转让或挪用。", "From then on it belongs to this shop alone.") \
    X(ENTRY_FIRST_YES, CHOICE, "确认激活", "Yes, activate") \
    X(ENTRY_FIRST_NO, CHOICE, "不是我的店", "Not my shop") \
    X(FIRST_NOT_MINE, LINE, "没有激活。请收好终端，致电客服 {1}。", "Nothing was activated. Keep the terminal and call {1}.") \
    X(FIRST_VAULT, LINE, "安全模块没有接受下载的内容（{1}）。请再试一次；仍不行请致电客服。", "The security module did not take what came ({1}). Try once more, then call customer service.") \
    X(FIRST_STEPS_TITLE, TITLE, "开机引导", "First steps") \
    X(FIRST_DONE_STEP, LINE, "{1}\t完成", "{1}\tdone") \
    X(FIRST_OPEN_STEP, LINE, "{1}\t未完成", "{1}\topen") \
    X(FIRST_STEP_ACTIVE, LINE, "激活，终端 {1}", "Activated as {1}") \
    X(FIRST_STEP_SUPERVISOR, LINE, "主管（00）密码", "Supervisor's password (00)") \
    X(FIRST_STEP_CASHIER, LINE, "收银员（01）密码", "Cashier's password (01)") \
    X(FIRST_STEP_LOGIN, LINE, "收银员登录", "Cashier logged in") \
    X(FIRST_STEP_SIGN_IN, LINE, "签到", "Signed in") \
    X(FIRST_STEP_SALE, LINE, "试收 1.00 元", "Test sale of 1.00") \
    X(FIRST_STEP_VOID, LINE, "撤销试收", "Its void") \
    X(FIRST_STEPS_HINT, LINE, "密码验证码发送到登记的手机。", "Codes go to the registered telephone.") \
    X(ENTRY_FIRST_NEXT, CHOICE, "下一步", "Next") \
    X(ENTRY_FIRST_LATER, CHOICE, "稍后再做", "Later") \
    X(FIRST_ALL_TITLE, TITLE, "一切就绪", "Ready") \
    X(FIRST_ALL, LINE, "终端已激活，试收 1.00 元并已撤销，款项没有入账。可以开始收款了。", "The terminal is active. A sale of 1.00 was made and voided: no money has moved. You can take payments.") \
    X(FIRST_ALL_HINT, LINE, "商户\t{1}", "Merchant\t{1}") \
    X(ENTRY_FIRST_BEGIN, CHOICE, "开始收款", "Start") \
    X(HELP_FIRST, HELP, "第一次开机：输入短信里的激活码，或扫描机身背面的标签并输入证件号后六位；核对商户信息后确认。之后按引导设置密码、签到、试收一元并撤销。", "The first start: type the code of the SMS, or scan the label on the back and type the last six of the identity number; say yes when it is your shop. Then passwords, sign-in, a test sale of one yuan and its void.")
/* clang-format on */
