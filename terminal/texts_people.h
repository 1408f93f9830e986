/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts about people: passwords, recovery, operators, phones, networks, reminders, help. A part
 * of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_PEOPLE(X) \
    /* first log-in, passwords */ \
    X(FIRST_TITLE, TITLE, "首次登录", "First log-in") \
    X(FIRST_NEVER, LINE, "本机此前从未有人登录过。", "Nobody has ever logged in to this device before.") \
    X(FIRST_BEFORE, LINE, "如果那不是您或您的同事，设备可能在运输途中被人用过：请停止使用，致电客服 {1}。", "If that was not you or a colleague, somebody has used the device on its way: stop, and call {1}.") \
    X(FIRST_CHANGE, LINE, "初始密码只能用一次。请先设置自己的密码，然后才能使用本机。", "The initial password works once. Set a password of your own; then you can use the device.") \
    X(PASSWORD_EXPIRED, LINE, "密码已过期。请先设置新密码，然后继续。", "Your password has expired. Set a new one, then go on.") \
    X(PASSWORD_FORCED, LINE, "主管要求您更换密码。请先设置新密码，然后继续。", "The supervisor wants you to change your password. Set a new one, then go on.") \
    X(PASSWORD_RULE, LINE, "{1}", "{1}") \
    X(PASSWORD_REPEAT_HINT, LINE, "请把新密码再输入一遍", "Enter the new password once more") \
    X(PASSWORD_PASTE_LONG, LINE, "内容太长，没有输入。请改用短一些的密码。", "That was too long and was not taken. Use a shorter password.") \
    X(PASSWORD_REVIEW, LINE, "操作员 {1} 的新密码还没有保存", "The new password of operator {1} is not saved yet") \
    X(PASSWORD_REVIEW_HINT, LINE, "按“保存并退出”立即生效；按取消则什么也不改变。", "Save and exit puts it in force at once; Cancel changes nothing.") \
    X(PASSWORD_SESSIONS, LINE, "这位操作员在别处的登录已经失效，原密码不能再用。", "Other log-ins of this operator have ended; the old password is dead.") \
    X(ENTRY_SAVE, CHOICE, "保存并退出", "Save and exit") \
    X(ENTRY_AGAIN, CHOICE, "重新输入", "Enter again") \
    X(ENTRY_SET_PASSWORD, CHOICE, "设置密码", "Set a password") \
    X(ENTRY_FORGOTTEN, CHOICE, "忘记密码", "Forgotten") \
    /* the keypad of secrets */ \
    X(ENTRY_KEYPAD, CHOICE, "密码键盘", "Keypad for secrets") \
    X(KEYPAD_TITLE, TITLE, "密码键盘", "Keypad for secrets") \
    X(KEYPAD_NOW, LINE, "当前\t{1}", "Now\t{1}") \
    X(KEYPAD_ALIKE, LINE, "无论哪一种，按哪个键声音和反馈都一样", "With each of them all keys sound and feel the same") \
    X(KEYPAD_STANDARD_NAME, CHOICE, "标准", "Standard") \
    X(KEYPAD_PRIVATE_NAME, CHOICE, "防偷看", "Private") \
    X(KEYPAD_FIXED_NAME, CHOICE, "无障碍", "Accessible") \
    X(KEYPAD_STANDARD, LINE, "标准\n顾客密码打乱键位，登录密码固定", "Standard\nPINs shuffled, passwords in fixed places") \
    X(KEYPAD_PRIVATE, LINE, "防偷看\n全部打乱，屏幕调暗，按键不变色", "Private\nall shuffled, dim screen, keys do not light up") \
    X(KEYPAD_FIXED, LINE, "无障碍\n全部固定键位，方便盲人和读屏", "Accessible\nall in fixed places, for the blind and screen readers") \
    X(KEYPAD_SAVED, LINE, "已保存，从下一次输入起生效", "Saved, from the next entry on") \
    X(KEYPAD_SHADE, LINE, "防偷看：请用手遮住键盘", "Private: cover the keypad with your hand") \
    /* remote diagnostics */ \
    X(DIAGNOSE_TITLE, TITLE, "发送诊断信息？", "Send diagnostics?") \
    X(DIAGNOSE_ABOUT, LINE, "客服请求查看本机的状态，以便帮您解决问题。下面这一行会发送给客服：", "Customer service asks how this device is, to help you. This line will be sent:") \
    X(DIAGNOSE_FACTS, LINE, "{1}", "{1}") \
    X(DIAGNOSE_HINT, LINE, "不含密码、密钥、卡号和交易。没有联系过客服，请选“不发送”。", "No password, key, card number or payment is in it. If you have not asked us for help, do not send it.") \
    X(ENTRY_DIAGNOSE_SEND, CHOICE, "同意发送", "Send") \
    X(ENTRY_DIAGNOSE_REFUSE, CHOICE, "不发送", "Do not send") \
    /* duress */ \
    X(DURESS_TITLE, TITLE, "胁迫密码", "Duress password") \
    X(DURESS_ABOUT, LINE, "有人逼您登录时，请用这个密码：看起来一切照常，单笔最多收 {1} 元，并悄悄报警。", "Use this password when somebody forces you to log in: all looks as usual, a sale takes at most {1} yuan, and a silent alarm goes out.") \
    X(DURESS_ABOUT_HINT, LINE, "它必须与平时的密码不同。不设置也可以。", "It must differ from your usual password. You need not set one.") \
    X(DURESS_SILENT, LINE, "为了您的安全，任何屏幕都不显示是否已设置。", "For your safety no screen says whether one is set.") \
    X(DURESS_REMOVED, LINE, "胁迫密码已停用", "The duress password is switched off") \
    X(DURESS_REMOVED_HINT, LINE, "现在只有平时的密码能登录。需要时可以重新设置。", "Only your usual password opens this device now. You can set another one at any time.") \
    X(DURESS_NEW, TITLE, "胁迫密码", "Duress password") \
    X(DURESS_REVIEW, LINE, "操作员 {1} 的胁迫密码还没有保存", "The duress password of operator {1} is not saved yet") \
    X(DURESS_SAVED, LINE, "胁迫密码已生效。只在被胁迫时使用，不要告诉别人。", "The duress password is in force. Use it only when you are forced, and tell nobody.") \
    X(ENTRY_DURESS, CHOICE, "胁迫密码", "Duress password") \
    X(ENTRY_DURESS_SET, CHOICE, "设置胁迫密码", "Set it") \
    X(ENTRY_DURESS_REMOVE, CHOICE, "停用胁迫密码", "Switch it off") \
    /* forgotten */ \
    X(FORGOT_TITLE, TITLE, "找回密码", "Forgotten password") \
    X(FORGOT_WAYS, LINE, "操作员 {1} 可以用这些办法重新设置密码：", "Operator {1} can get a new password in these ways:") \
    X(FORGOT_NONE, LINE, "这个角色没有找回办法。请致电客服 {1}。", "There is no way back for this role. Call {1}.") \
    X(FORGOT_TICKET, LINE, "客服工单 {1} 正在处理", "Ticket {1} is with customer service") \
    X(FORGOT_SUPERVISOR, LINE, "请主管为操作员 {1} 重置密码。", "Ask the supervisor to reset the password of operator {1}.") \
    X(FORGOT_SUPERVISOR_STEPS, LINE, "主管 00 登录后：管理 → 柜员管理 → 选择操作员 → 重置密码。屏幕上会显示一次性密码。", "The supervisor logs in as 00: Manage, Operators, the operator, Reset. A one-time password then appears.") \
    X(FORGOT_NETWORK, LINE, "为了安全，密码和验证码不能经过这个网络。", "For your safety no password or code goes over this network.") \
    X(FORGOT_NETWORK_ADVICE, LINE, "请换成移动数据或可信网络；也可以请主管重置，或用离线解锁。", "Change to mobile data or a network you trust, ask the supervisor, or unlock offline.") \
    X(WAY_SUPERVISOR, CHOICE, "请主管重置", "The supervisor") \
    X(WAY_SMS, CHOICE, "短信验证码", "A code by SMS") \
    X(WAY_MAIL, CHOICE, "邮件验证码", "A code by e-mail") \
    X(WAY_SERVICE, CHOICE, "联系客服", "Customer service") \
    X(WAY_OFFLINE, CHOICE, "离线解锁（电话）", "Offline, by telephone") \
    X(ENTRY_TICKET, CHOICE, "查看工单", "See the ticket") \
    X(ENTRY_TICKET_END, CHOICE, "撤回申请", "Withdraw") \
    X(ENTRY_CODE, CHOICE, "输入验证码", "Enter the code") \
    X(ENTRY_RESEND, CHOICE, "重新发送", "Send again") \
    X(RECOVER_ASKING, LINE, "正在联系后台", "Asking the back office") \
    X(RECOVER_UNREACHABLE, LINE, "联系不上后台。请检查网络后重试，或用离线解锁；客服 {1}。", "The back office cannot be reached. Check the network and try again, or unlock offline; support {1}.") \
    X(RECOVER_LIMIT, LINE, "请求太频繁。请 {1} 分钟后再试，或换一种办法。", "Too many requests. Try again in {1} minutes, or use another way.") \
    X(RECOVER_NO_CONTACT, LINE, "没有登记可用的手机或邮箱。请换一种办法，或致电客服 {1}。", "No telephone or e-mail is registered. Use another way, or call {1}.") \
    X(RECOVER_REFUSED, LINE, "后台没有受理。请换一种办法，或致电客服 {1}。", "The back office did not accept this. Use another way, or call {1}.") \
    X(RECOVER_DESK_REFUSED, LINE, "客服没有批准这次申请。如有疑问请致电 {1}。", "Customer service did not approve this. Call {1} if you have questions.") \
    X(RECOVER_TOO_MANY, LINE, "找回次数太多。请一小时后再试，或请主管重置。", "Too many attempts. Try again in an hour, or ask the supervisor.") \
    X(RECOVER_NO_OPERATOR, LINE, "没有这位操作员。请返回核对号码。", "There is no such operator. Go back and check the number.") \
    X(RECOVER_NO_WAY, LINE, "本机没有开通这种办法。请换一种。", "This way is not offered here. Use another one.") \
    X(RECOVER_FAULT, LINE, "安全模块暂时不能找回密码（{1}）。请重试；仍不行请重启设备。", "The security module cannot do this now ({1}). Try again; if that does not help, restart the device.") \
    X(RECOVER_SENT_SMS, LINE, "验证码已发送到手机 {1}", "A code was sent to the telephone {1}") \
    X(RECOVER_SENT_MAIL, LINE, "验证码已发送到邮箱 {1}", "A code was sent to {1}") \
    X(RECOVER_SENT_HINT, LINE, "没有收到？一分钟后可以重新发送；原来的验证码随即作废。", "Nothing there? You can have it sent again after a minute; the first code is then dead.") \
    X(RECOVER_VALID, LINE, "剩余有效时间", "It is valid for") \
    X(RECOVER_CODE, TITLE, "验证码", "Code") \
    X(RECOVER_CODE_HINT, LINE, "请输入收到的 {1} 到 {2} 位数字。客服不会向您索要它。", "Enter the {1} to {2} digits you were given. Nobody from support will ask you for them.") \
    X(RECOVER_WRONG, LINE, "验证码不对，还可以试 {1} 次。请核对后再输入。", "That code is wrong, {1} tries left. Check it and enter it again.") \
    X(RECOVER_EXPIRED, LINE, "验证码已失效。请重新申请。", "The code is no longer valid. Ask for a new one.") \
    X(RECOVER_TICKET, LINE, "工单号\t{1}", "Ticket\t{1}") \
    X(RECOVER_CALL, LINE, "请致电客服 {1}，报上工单号并回答核实问题。", "Call {1}, give the ticket number and answer the questions.") \
    X(RECOVER_TICKET_HINT, LINE, "可以先返回，稍后再按“忘记密码”查看。客服看不到也不能设置您的密码。", "You may go back and look again later under Forgotten. Support cannot see or set your password.") \
    X(RECOVER_TICKET_WAIT, LINE, "等待客服批准", "Waiting for customer service") \
    X(RECOVER_READ_OUT, LINE, "请致电客服 {1}，读出下面的数字，再输入客服告诉您的解锁码。", "Call {1}, read out these digits, then enter the unlock code you are told.") \
    X(RECOVER_CHALLENGE, LINE, "{1}", "{1}") \
    X(RECOVER_PROVED, LINE, "核实成功。请在五分钟内设置新密码。", "You have proved it is you. Set a new password within five minutes.") \
    /* approval by a supervisor */ \
    X(APPROVE_TITLE, TITLE, "主管授权", "Supervisor's approval") \
    X(APPROVE_WHO, LINE, "请选择授权的主管", "Which supervisor approves?") \
    X(APPROVE_ROW, LINE, "{1}", "{1}") \
    X(APPROVE_PASSWORD, TITLE, "主管 {1} 的密码", "Password of supervisor {1}") \
    X(APPROVE_HINT, LINE, "请主管本人输入密码，只授权这一次", "The supervisor enters the password; it counts for this once") \
    X(APPROVE_CHANGE_FIRST, LINE, "主管 {1} 要先登录并更换密码，然后才能授权。", "Supervisor {1} must log in and change the password before approving.") \
    X(APPROVE_UNLOCK, LINE, "解开操作员 {1} 的锁屏", "Unlock the screen of operator {1}") \
    X(APPROVE_RECOVERY, LINE, "找回管理员 {1} 的密码", "Recover the password of administrator {1}") \
    X(APPROVE_SALE, LINE, "收款 {1} 元，超过收银员限额", "A sale of {1} yuan, above the cashier's limit") \
    X(APPROVE_MANUAL, LINE, "手工输入卡号", "Enter a card number by hand") \
    X(APPROVE_DISCOUNT, LINE, "优惠 {1}%", "A discount of {1}%") \
    X(APPROVE_VOID, LINE, "撤销 {1}", "Void {1}") \
    X(APPROVE_REFUND, LINE, "退货 {1} 元", "Refund {1} yuan") \
    /* operators */ \
    X(OPERATORS_TITLE, TITLE, "柜员管理", "Operators") \
    X(OPERATORS_FAULT, LINE, "安全模块没有执行（{1}）。请重试；仍不行请重启设备。", "The security module did not do it ({1}). Try again; if that does not help, restart the device.") \
    X(OPERATORS_DONE, LINE, "操作员 {1} 已更新。", "Operator {1} is changed.") \
    X(OPERATORS_NOT_FOUND, LINE, "没有操作员 {1}。请核对号码。", "There is no operator {1}. Check the number.") \
    X(OPERATORS_EXISTS, LINE, "操作员 {1} 已存在。请换一个号码。", "Operator {1} exists already. Choose another number.") \
    X(OPERATORS_PROTECTED, LINE, "主管、管理员和当前操作员不能这样处理（{1}）。", "That cannot be done to a supervisor, an administrator or yourself ({1}).") \
    X(OPERATORS_FULL, LINE, "操作员已满，不能再添加 {1}。请先删除不用的。", "There is no room for {1}. Delete an operator who is no longer needed.") \
    X(OPERATORS_ADD_HINT, LINE, "请输入新操作员的两位号码（01 到 98）", "Enter the two digits of the new operator (01 to 98)") \
    X(OPERATOR_CASHIER, LINE, "收银员", "Cashier") \
    X(OPERATOR_SUPERVISOR, LINE, "主管", "Supervisor") \
    X(OPERATOR_ADMINISTRATOR, LINE, "管理员", "Administrator") \
    X(OPERATOR_FINE, LINE, "正常", "active") \
    X(OPERATOR_ONE_TIME, LINE, "等待首次登录", "waits for the first log-in") \
    X(OPERATOR_EMPTY, LINE, "没有密码", "no password") \
    X(OPERATOR_LOCKED, LINE, "已锁定", "locked") \
    X(OPERATOR_SUSPENDED, LINE, "已停用", "suspended") \
    X(OPERATOR_NEVER, LINE, "从未", "never") \
    X(OPERATOR_ROW, LINE, "{1} {2}  {3}\n上次登录 {4}", "{1} {2}, {3}\nLast log-in {4}") \
    X(OPERATOR_ONE, LINE, "{1} {2}", "{1} {2}") \
    X(OPERATOR_STATE, LINE, "状态\t{1}", "State\t{1}") \
    X(OPERATOR_LAST, LINE, "上次登录\t{1}", "Last log-in\t{1}") \
    X(OPERATOR_NOT_YOURS, LINE, "收银员由主管管理，主管由管理员管理。请换相应的人登录。", "Supervisors manage cashiers, the administrator manages supervisors. Log in as the right one.") \
    X(ENTRY_OPERATORS, CHOICE, "柜员管理", "Operators") \
    X(ENTRY_ADD_OPERATOR, CHOICE, "添加操作员", "Add an operator") \
    X(ENTRY_RESET, CHOICE, "重置密码", "Reset the password") \
    X(ENTRY_FORCE, CHOICE, "下次登录须换密码", "Change at next log-in") \
    X(ENTRY_SUSPEND, CHOICE, "停用", "Suspend") \
    X(ENTRY_RESUME, CHOICE, "恢复使用", "Let in again") \
    X(ENTRY_DELETE, CHOICE, "删除", "Delete") \
    X(ENTRY_MORE, CHOICE, "更多", "More") \
    X(ENTRY_BEFORE, CHOICE, "上一页", "Page before") \
    X(ENTRY_YES, CHOICE, "确定", "Yes") \
    X(ASK_RESET, LINE, "重置操作员 {1} 的密码？原密码立即作废，本机显示一次性密码，登录后须更换。", "Reset the password of operator {1}? The old one is dead at once; a one-time password appears.") \
    X(ASK_FORCE, LINE, "要求操作员 {1} 在下次登录时更换密码？", "Have operator {1} change the password at the next log-in?") \
    X(ASK_SUSPEND, LINE, "停用操作员 {1}？停用后不能登录，可以随时恢复。", "Suspend operator {1}? He cannot log in until you let him in again.") \
    X(ASK_RESUME, LINE, "恢复操作员 {1}？密码不变。", "Let operator {1} in again? His password stays.") \
    X(ASK_DELETE, LINE, "删除操作员 {1}？密码作废，交易记录保留。", "Delete operator {1}? His password dies, his payments stay on record.") \
    X(ASK_ADD, LINE, "添加操作员 {1}（收银员）？本机会显示一次性密码。", "Add operator {1} as a cashier? A one-time password appears.") \
    X(SECRET_FOR, LINE, "操作员 {1} 的一次性密码", "One-time password of operator {1}") \
    X(SECRET_LABEL, TITLE, "一次性密码", "One-time password") \
    X(SECRET_ONCE, LINE, "只显示这一次。请当面交给本人，首次登录时须更换。", "It is shown this once. Give it to the person; it must be changed at the first log-in.") \
    /* phones */ \
    X(PHONES_TITLE, TITLE, "配对手机", "Paired phones") \
    X(PHONES_NONE, LINE, "还没有配对的手机。配对后，登录时可在手机上确认。", "No phone is paired. A paired phone can agree to log-ins.") \
    X(PHONES_HINT, LINE, "选择一部手机可以取消配对", "Choose a phone to remove it") \
    X(PHONES_FAULT, LINE, "安全模块没有执行（{1}）。请重试；仍不行请重启设备。", "The security module did not do it ({1}). Try again; if that does not help, restart the device.") \
    X(PHONES_FULL, LINE, "配对的手机已满。请先取消一部不用的。", "There is no room for another phone. Remove one that is not used.") \
    X(PHONE_ROW, LINE, "{1}\n配对于 {2}", "{1}\nPaired {2}") \
    X(PHONE_SCAN, LINE, "请用要配对的手机扫描此码，并在手机上继续。", "Scan this code with the phone that is to be paired, and go on there.") \
    X(PHONE_WAIT, LINE, "等待手机", "Waiting for the phone") \
    X(PHONE_COMPARE, LINE, "手机“{1}”上显示的数字与下面一样吗？", "Does the phone \"{1}\" show the same digits?") \
    X(PHONE_DIGITS, LINE, "{1}", "{1}") \
    X(PHONE_DIFFERENT, LINE, "没有配对：数字不同，可能有人在中间。请重新配对。", "Not paired: with other digits somebody may stand in between. Pair it again.") \
    X(PHONE_PAIRED, LINE, "已配对：{1}", "Paired: {1}") \
    X(PHONE_NOT_PAIRED, LINE, "没有配对。请重新开始。", "Not paired. Begin again.") \
    X(PHONE_UNREACHABLE, LINE, "联系不上后台，不能配对。请检查网络后重试。", "The back office cannot be reached, so nothing was paired. Check the network and try again.") \
    X(PHONE_REMOVE, LINE, "取消这部手机的配对？它立即不能再确认登录。", "Remove this phone? It can no longer agree to log-ins, at once.") \
    X(PHONE_REMOVED, LINE, "已取消配对。", "The phone is removed.") \
    X(ENTRY_PHONES, CHOICE, "配对手机", "Paired phones") \
    X(ENTRY_PAIR, CHOICE, "配对新手机", "Pair a phone") \
    X(ENTRY_PHONE_REMOVE, CHOICE, "取消配对", "Remove it") \
    X(ENTRY_SAME, CHOICE, "一样", "The same") \
    X(ENTRY_DIFFERENT, CHOICE, "不一样", "Different") \
    X(ENTRY_OTHER_WAY, CHOICE, "用其他办法", "Another way") \
    X(APPROVAL_TITLE, TITLE, "手机确认", "Agree on the phone") \
    X(APPROVAL_ASKED, LINE, "请在已配对的手机上同意操作员 {1} 登录", "Agree to the log-in of operator {1} on the paired phone") \
    X(APPROVAL_HINT, LINE, "不是您在登录？请在手机上拒绝。", "Is it not you? Refuse it on the phone.") \
    X(APPROVAL_WAIT, LINE, "等待手机确认", "Waiting for the phone") \
    X(APPROVAL_NONE, LINE, "手机没有同意这次登录。", "The phone has not agreed to this log-in.") \
    X(APPROVAL_NETWORK, LINE, "当前网络不安全，不能向手机请求确认。", "This network is not safe, so the phone cannot be asked.") \
    X(APPROVAL_ADVICE, LINE, "请打开手机上的页面后按返回重试，或用其他办法。", "Open the page on the phone, go back and try again, or use another way.") \
    /* networks */ \
    X(NETWORK_TITLE, TITLE, "网络", "Network") \
    X(NETWORK_KIND, LINE, "连接方式\t{1}", "Connection\t{1}") \
    X(NETWORK_NAME, LINE, "名称\t{1}", "Name\t{1}") \
    X(NETWORK_HOST, LINE, "收单主机\t{1}", "Acquirer\t{1}") \
    X(NETWORK_MANAGE, LINE, "管理后台\t{1}", "Back office\t{1}") \
    X(NETWORK_CABLE, LINE, "网线", "cable") \
    X(NETWORK_WIFI_KIND, LINE, "Wi-Fi", "Wi-Fi") \
    X(NETWORK_MOBILE_KIND, LINE, "移动数据", "mobile data") \
    X(NETWORK_UNKNOWN_KIND, LINE, "未知", "unknown") \
    X(NETWORK_CONNECTED, LINE, "已连接", "connected") \
    X(NETWORK_NOT_CONNECTED, LINE, "未连接", "not connected") \
    X(PATH_ROW, LINE, "{1}\t{2}", "{1}\t{2}") \
    X(PATH_IN_USE, LINE, "正在使用", "in use") \
    X(PATH_STANDS_BY, LINE, "备用", "stands by") \
    X(PATH_DOWN, LINE, "没有连接", "no link") \
    X(NETWORK_IS_TRUSTED, LINE, "网络可信。", "This network can be trusted.") \
    X(NETWORK_IS_OPEN, LINE, "开放 Wi-Fi，没有加密：附近的人可以偷看。", "Open Wi-Fi without encryption: people nearby can listen.") \
    X(NETWORK_IS_WEP, LINE, "Wi-Fi 只用 WEP 加密，几分钟就能破解。", "This Wi-Fi uses WEP, which is broken within minutes.") \
    X(NETWORK_IS_CAPTIVE, LINE, "这个网络要先经过登录页，页面的主人可能偷看或篡改。", "This network puts a log-in page in between, whose owner may listen or change things.") \
    X(NETWORK_IS_UNKNOWN, LINE, "不能确认这是什么网络。", "Nobody can tell what network this is.") \
    X(NETWORK_PAYMENTS, LINE, "收款照常，只走加密专用通道。密码只在本机核对，找回密码和手机确认已停用。", "Payments go on, in their own encrypted tunnel. Passwords are checked on the device; recovery is off.") \
    X(NETWORK_ADVICE, LINE, "请换成移动数据、网线或自己设有密码的 Wi-Fi。", "Change to mobile data, a cable, or Wi-Fi of your own with a password.") \
    X(ENTRY_NETWORK, CHOICE, "网络", "Network") \
    /* reminders */ \
    X(REVIEW_TITLE, TITLE, "密码定期检查", "Password review") \
    X(REVIEW_SOON, LINE, "还有 {1} 天，您的密码就用满六个月了。", "In {1} days your password will be six months old.") \
    X(REVIEW_DUE, LINE, "您的密码已用满六个月（超过 {1} 天）。", "Your password is six months old, and {1} days.") \
    X(REVIEW_ENDS, LINE, "还有 {1} 天，您的密码就到期了。", "Your password ends in {1} days.") \
    X(REVIEW_ENDED, LINE, "您的密码已到期。再登录几次后，不更换就不能继续。", "Your password has ended. After a few more log-ins nothing goes on without a new one.") \
    X(REVIEW_ENDS_HINT, LINE, "本机的规定要求定期更换密码。请现在更换。", "The rules of this device want a new password from time to time. Change it now.") \
    X(REVIEW_HINT, LINE, "如果别人可能看到过它，请现在更换；否则可以继续使用。", "If somebody may have seen it, change it now; otherwise you may keep it.") \
    X(ENTRY_KEEP, CHOICE, "继续使用", "Keep it") \
    X(CERTIFICATE_TITLE, TITLE, "设备证书", "Device certificate") \
    X(CERTIFICATE_SOON, LINE, "设备证书还有 {1} 天到期，到期后不能收款。", "The certificate of this device ends in {1} days; after that no payment can be taken.") \
    X(CERTIFICATE_OVER, LINE, "设备证书已到期，不能收款。", "The certificate of this device has expired; no payment can be taken.") \
    X(CERTIFICATE_UNTIL, LINE, "有效期至\t{1}", "Valid until\t{1}") \
    X(CERTIFICATE_ADVICE, LINE, "请联系服务商更新证书，客服 {1}。", "Ask your provider for a new one; support {1}.") \
    X(TIP_TITLE, TITLE, "安全提示", "Safety tip") \
    X(TIP_SECRET, LINE, "不要把密码告诉任何人。客服、银行和主管都不会问您的密码。", "Tell nobody your password. No supervisor, bank or support will ever ask for it.") \
    X(TIP_PAPER, LINE, "不要把密码写在纸上、贴在机器上或存在手机里。", "Do not write the password down, stick it on the device or keep it in a phone.") \
    X(TIP_COVER, LINE, "输入密码时请用手遮挡键盘，别让旁人看到。", "Cover the keypad with your hand while you enter the password.") \
    X(TIP_LOCK, LINE, "离开柜台前请锁屏，回来再解锁。", "Lock the screen before you leave the counter.") \
    X(TIP_WIFI, LINE, "当前网络不安全。能用移动数据或自己的 Wi-Fi 时，请不要用公共 Wi-Fi。", "This network is not safe. Use mobile data or your own Wi-Fi instead of public Wi-Fi.") \
    /* sign-in, limits */ \
    X(MAIN_SIGN_IN_DAY, LINE, "今天还没有签到。收款前请先签到。", "Not signed in today. Sign in before taking payments.") \
    X(LIMIT_REFUND, LINE, "超过单笔退货限额 {1} 元，主管也不能授权。请联系客服。", "Above the limit of {1} yuan for one refund; a supervisor cannot approve it either. Call customer service.") \
    X(LIMIT_DISCOUNT, LINE, "优惠最多 {1}%。请改小一些。", "At most {1}% off. Enter less.") \
    X(LIMIT_NOT_YOURS, LINE, "这位操作员不能办理。请换收银员登录。", "This operator cannot do it. Log in as a cashier.") \
    X(ENTRY_PARAMETERS, CHOICE, "参数设置", "Parameters") \
    X(PARAMETERS_TITLE, TITLE, "收银员限额", "Limits of cashiers") \
    X(PARAMETERS_ABOUT, LINE, "限额以内收银员自己办理，超过时要主管授权", "Cashiers do so much alone; above it a supervisor must approve") \
    X(PARAMETERS_SALE, LINE, "收款\n单笔 {1} 元以内", "Sale\nup to {1} yuan") \
    X(PARAMETERS_REFUND, LINE, "退货\n单笔 {1} 元以内", "Refund\nup to {1} yuan") \
    X(PARAMETERS_DISCOUNT, LINE, "优惠\n{1}% 以内", "Discount\nup to {1}%") \
    X(PARAMETERS_HINT, LINE, "最多 {1} 元；输入 0 则每次都要主管授权", "At most {1} yuan; 0 asks a supervisor each time") \
    X(PARAMETERS_HINT_DISCOUNT, LINE, "最多 {1}%；输入 0 则每次都要主管授权", "At most {1}%; 0 asks a supervisor each time") \
    X(PARAMETERS_NOW, LINE, "当前限额\t{1}", "Limit now\t{1}") \
    X(PARAMETERS_FIELD_SALE, TITLE, "收款新限额（元）", "New limit of a sale, yuan") \
    X(PARAMETERS_FIELD_REFUND, TITLE, "退货新限额（元）", "New limit of a refund, yuan") \
    X(PARAMETERS_FIELD_DISCOUNT, TITLE, "优惠新限额（%）", "New limit of a discount, %") \
    X(PARAMETERS_SAVED, LINE, "已保存，立即生效", "Saved, and in force at once") \
    X(ENTRY_REPORT, CHOICE, "操作员报表", "Report by operator") \
    X(REPORT_TITLE, TITLE, "操作员报表", "Report by operator") \
    X(REPORT_SINCE, LINE, "签到时间\t{1}", "Since the sign-in\t{1}") \
    X(REPORT_EMPTY, LINE, "签到以来还没有交易。收款后可在这里查看。", "There is no payment since the sign-in yet.") \
    X(REPORT_TOTAL, LINE, "合计 {1} 笔\t{2} 元", "Total {1}\tRMB {2}") \
    X(REPORT_ROW, LINE, "操作员 {1}\n{2} 笔  {3} 元", "Operator {1}\nPayments: {2}  RMB {3}") \
    X(REPORT_PRINTED, LINE, "报表已打印", "The report is printed") \
    X(ENTRY_PRINT, CHOICE, "打印", "Print") \
    X(ENTRY_FIRST, CHOICE, "从头看", "From the first") \
    X(SALE_LIMIT, LINE, "超过单笔限额 {1} 元。请减少金额，或分次收款。", "Above the limit of {1} yuan for one sale. Enter less, or take it in parts.")

/* Context help (S182), one for each group of screens; {1} is the telephone number of support. */
#define TEXT_LIST_HELP(X) \
    X(HELP_LOGIN, HELP, "操作员号是两位数字：收银员 01 起，主管 00，管理员 99。第一次登录用随机附送的一次性密码，登录后设置自己的密码。需要帮助请致电 {1}。", "Operators have two digits: cashiers from 01, the supervisor 00, the administrator 99. Log in the first time with the one-time password that came with the device. Help: {1}.") \
    X(HELP_PASSWORD, HELP, "密码只在本机的安全模块里核对，屏幕上只显示圆点。输错会越等越久，次数用完就锁定；忘记了请按“忘记密码”。", "The password is checked in the security module of this device and never shown. Wrong tries have growing waits, then a lock; choose Forgotten if you do not know it any more.") \
    X(HELP_NEW, HELP, "请选一个别人猜不到的密码：不要用生日、电话、连续或重复的数字。强度条会告诉您怎样更好。新密码要输两遍，最后按“保存并退出”才生效。", "Choose what nobody guesses: no birthday, telephone number, run or repeat. The bar says what would make it better. Enter it twice; it counts only after Save and exit.") \
    X(HELP_FORGOT, HELP, "这里只列出本机允许的找回办法。客服不会问您的密码，也看不到它。离线解锁不需要网络，只需要电话。客服 {1}。", "Only the ways that this device allows are listed. Support never asks for your password and cannot see it. Offline unlock needs no network, only a telephone: {1}.") \
    X(HELP_OPERATORS, HELP, "主管在这里管理收银员：添加、停用、重置密码。重置后的一次性密码只显示一次，请当面交给本人。管理员用同样的办法管理主管。", "The supervisor manages cashiers here: add, suspend, reset. A one-time password is shown once; give it to the person. The administrator manages the supervisor the same way.") \
    X(HELP_APPROVE, HELP, "主管输入自己的密码，只授权屏幕上写明的这一件事；系统会记下谁申请、谁授权。操作员不会因此换人。", "The supervisor's password approves what the screen says and nothing else; who asked and who approved is on record. The operator stays the same.") \
    X(HELP_LOCK, HELP, "锁屏的人用自己的密码解锁并继续。主管也可以解锁，之后要重新登录。", "Who locked the screen unlocks it and goes on. The supervisor can unlock it too; then somebody logs in.") \
    X(HELP_PHONE, HELP, "配对的手机可以确认登录。扫码后，两边显示的六位数字必须一样；不一样请拒绝。丢了手机请立即取消配对。", "A paired phone can agree to log-ins. The six digits on both sides must be the same; refuse if they differ. Remove a phone that is lost at once.") \
    X(HELP_NETWORK, HELP, "公共、未加密或未知的网络不可信：密码只在本机核对，找回密码停用。收款始终走加密专用通道，不受影响。", "Public, unencrypted and unknown networks are not trusted: passwords are checked on the device and recovery is off. Payments always use their own encrypted tunnel.") \
    X(HELP_DURESS, HELP, "被人逼迫时用胁迫密码登录：屏幕与平时完全一样，单笔金额受限，并悄悄通知后台。请先保证自己的安全。", "Forced to log in? Use the duress password: the screen looks as always, amounts are capped, and the back office is told silently. Your safety comes first.") \
    X(HELP_SALE, HELP, "输入金额按确认，再请顾客刷卡或出示付款码。按取消退回一步；已提交的交易按取消会冲正，不会多收。", "Enter the amount, then let the customer swipe or show a code. Cancel goes back a step; a payment that was submitted is reversed, so nothing is charged twice.") \
    X(HELP_SIGN_IN, HELP, "签到向主机领取当天的密钥和批次号，每天一次。签退结束批次。只有收银员能签到。", "Signing in fetches the keys and the batch of the day from the host, once a day. Signing out ends the batch. Only cashiers can do it.") \
    X(HELP_SETTINGS, HELP, "安全设置里可以修改密码、配对手机；网络页说明当前网络是否可信；版本/关于里有客服需要的号码。", "Under Security you change your password and pair phones; Network says whether the network can be trusted; About has the numbers that support will ask for.") \
    X(HELP_ANY, HELP, "数字键选择第几项，确认执行，取消返回上一级。有问题请致电客服 {1}。", "A digit takes the entry of that place, OK does it, Cancel goes back one level. Questions: call {1}.")
/* clang-format on */
