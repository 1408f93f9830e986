/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people are told. An SMS begins with whom it is from and fits into two segments; a code is
 * never without what it is for and what to do when one has not asked for it. A notice says what
 * happened, where, when, and the one thing to do.
 */
#include "backoffice/messages/template_texts.h"

#define TERMINAL               \
    {                          \
        "terminal", FIELD_TEXT \
    }
#define OPERATOR               \
    {                          \
        "operator", FIELD_TEXT \
    }
#define MINUTES                 \
    {                           \
        "minutes", FIELD_NUMBER \
    }
#define DAYS                 \
    {                        \
        "days", FIELD_NUMBER \
    }
#define AT               \
    {                    \
        "at", FIELD_TEXT \
    }
#define CODE               \
    {                      \
        "code", FIELD_CODE \
    }
#define LINK               \
    {                      \
        "link", FIELD_LINK \
    }
#define ACCOUNT               \
    {                         \
        "account", FIELD_TEXT \
    }
#define ROLE               \
    {                      \
        "role", FIELD_TEXT \
    }
#define ENDING               \
    {                        \
        "ending", FIELD_TEXT \
    }
#define UNTIL               \
    {                       \
        "until", FIELD_TEXT \
    }
#define TICKET               \
    {                        \
        "ticket", FIELD_TEXT \
    }

#define SERIAL               \
    {                        \
        "serial", FIELD_TEXT \
    }

#define TEXTS(zh, en)                              \
    {                                              \
        [LANGUAGE_ZH] = (zh), [LANGUAGE_EN] = (en) \
    }

/* clang-format off */
const struct template template_texts[TEMPLATES] = {
[TEMPLATE_RECOVERY_CODE] = {
    "recovery_code", false, {TERMINAL, OPERATOR, MINUTES, CODE},
    TEXTS("【通宝】{code} 是终端 {terminal} 操作员 {operator} 重设密码的验证码，{minutes} 分钟内有效。工作人员不会向您索要。非本人操作请勿理会，并联系客服。",
          "[Tongbao] {code} resets the password of operator {operator} at terminal {terminal}. Good for {minutes} min. Our staff never ask for it. Not you? Do not pass it on; call us."),
    TEXTS("通宝：重设密码的验证码", "Tongbao: code to reset a password"),
    TEXTS("终端 {terminal} 的操作员 {operator} 正在重设密码。\n\n验证码：{code}\n\n请在终端上输入，{minutes} 分钟内有效，只能使用一次。通宝的工作人员不会向您索要验证码。\n\n如果不是您店里的人在操作，请勿把验证码告诉任何人，并马上联系客服。\n",
          "Operator {operator} at terminal {terminal} is resetting a password.\n\nCode: {code}\n\nEnter it at the terminal. It is good for {minutes} minutes and works once. Our staff never ask for it.\n\nIf nobody in your shop has asked for this, give the code to nobody and call us now.\n")},
[TEMPLATE_RECOVERY_LINK] = {
    "recovery_link", false, {TERMINAL, OPERATOR, MINUTES, LINK},
    TEXTS(NULL, NULL),
    TEXTS("通宝：重设密码", "Tongbao: reset a password"),
    TEXTS("终端 {terminal} 的操作员 {operator} 正在重设密码。\n\n请打开下面的链接，页面会显示要在终端上输入的验证码：\n\n{link}\n\n链接 {minutes} 分钟内有效，只能使用一次。\n\n如果不是您店里的人在操作，请不要打开链接，并马上联系客服。\n",
          "Operator {operator} at terminal {terminal} is resetting a password.\n\nOpen this link; the page shows the code that the terminal waits for:\n\n{link}\n\nThe link is good for {minutes} minutes and works once.\n\nIf nobody in your shop has asked for this, do not open it, and call us now.\n")},
[TEMPLATE_FIRST_CODE] = {
    "first_code", false, {TERMINAL, OPERATOR, ROLE, MINUTES, CODE},
    TEXTS("【通宝】{code} 是终端 {terminal} 操作员 {operator}（{role}）设置首个密码的验证码，{minutes} 分钟内有效。工作人员不会向您索要。非本人操作请勿理会，并联系客服。",
          "[Tongbao] {code} sets the first password of operator {operator} ({role}) at terminal {terminal}. Good {minutes} min. Our staff never ask for it. Not you? Call us."),
    TEXTS("通宝：设置首个密码的验证码", "Tongbao: code to set the first password"),
    TEXTS("终端 {terminal} 的操作员 {operator}（{role}）正在设置首个密码。\n\n验证码：{code}\n\n请在终端上输入，{minutes} 分钟内有效，只能使用一次。随后终端会请您自己设置密码：请不要用生日、电话号码或连续数字。\n\n如果不是您店里的人在操作，请勿把验证码告诉任何人，并马上联系客服。\n",
          "Operator {operator} ({role}) at terminal {terminal} is setting the first password.\n\nCode: {code}\n\nEnter it at the terminal. It is good for {minutes} minutes and works once. The terminal then asks for a password of your own: no birthday, no telephone number, no run of digits.\n\nIf nobody in your shop has asked for this, give the code to nobody and call us now.\n")},
[TEMPLATE_FIRST_LINK] = {
    "first_link", false, {TERMINAL, OPERATOR, ROLE, MINUTES, LINK},
    TEXTS(NULL, NULL),
    TEXTS("通宝：设置首个密码", "Tongbao: set the first password"),
    TEXTS("终端 {terminal} 的操作员 {operator}（{role}）正在设置首个密码。\n\n请打开下面的链接，页面会显示要在终端上输入的验证码：\n\n{link}\n\n链接 {minutes} 分钟内有效，只能使用一次。\n\n如果不是您店里的人在操作，请不要打开链接，并马上联系客服。\n",
          "Operator {operator} ({role}) at terminal {terminal} is setting the first password.\n\nOpen this link; the page shows the code that the terminal waits for:\n\n{link}\n\nThe link is good for {minutes} minutes and works once.\n\nIf nobody in your shop has asked for this, do not open it, and call us now.\n")},
[TEMPLATE_ACCOUNT_LINK] = {
    "account_link", false, {MINUTES, LINK},
    TEXTS(NULL, NULL),
    TEXTS("通宝：设置您的账户密码", "Tongbao: set the password of your account"),
    TEXTS("有人为您的通宝账户申请了设置密码的链接：\n\n{link}\n\n链接 {minutes} 分钟内有效，只能使用一次。打开后仍须通过您的第二重验证。\n\n如果不是您本人，请不要打开：您的密码没有变化。\n",
          "Somebody has asked for a link to set the password of your Tongbao account:\n\n{link}\n\nThe link is good for {minutes} minutes and works once. You will still be asked for your second factor.\n\nIf that was not you, do not open it: your password is unchanged.\n")},
[TEMPLATE_PASSWORD_CHANGED] = {
    "password_changed", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 操作员 {operator} 的密码已于 {at} 修改。非本人操作请马上联系客服。",
          "[Tongbao] The password of operator {operator} at terminal {terminal} was changed at {at}. Not you? Call us now."),
    TEXTS("通宝：密码已修改", "Tongbao: a password was changed"),
    TEXTS("终端 {terminal} 操作员 {operator} 的密码已于 {at} 修改。\n\n如果是您店里的人所为，无须任何操作。否则请马上联系客服。\n",
          "The password of operator {operator} at terminal {terminal} was changed at {at}.\n\nIf somebody of your shop did this, there is nothing to do. If not, call us now.\n")},
[TEMPLATE_ACCOUNT_CHANGED] = {
    "account_changed", true, {ACCOUNT, AT},
    TEXTS("【通宝】账户 {account} 的登录方式已于 {at} 修改。非本人操作请马上联系客服。",
          "[Tongbao] How account {account} is logged in to was changed at {at}. Not you? Call us now."),
    TEXTS("通宝：账户的登录方式已修改", "Tongbao: how you log in was changed"),
    TEXTS("账户 {account} 的登录方式（密码、通行密钥或动态口令）已于 {at} 修改，其他设备均已退出登录。\n\n如果不是您本人，请马上联系客服。\n",
          "How account {account} is logged in to (password, passkey or one-time codes) was changed at {at}. All other devices were logged out.\n\nIf that was not you, call us now.\n")},
[TEMPLATE_FIRST_LOGIN] = {
    "first_login", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 已于 {at} 由操作员 {operator} 首次登录。如终端尚未到店，请马上联系客服。",
          "[Tongbao] Terminal {terminal} was logged in to for the first time at {at}, by operator {operator}. Not with you yet? Call us now."),
    TEXTS("通宝：终端首次登录", "Tongbao: first log-in at a terminal"),
    TEXTS("终端 {terminal} 已于 {at} 由操作员 {operator} 首次登录。\n\n如果终端尚未送到您店里，或者登录的不是您店里的人，请马上联系客服。\n",
          "Terminal {terminal} was logged in to for the first time at {at}, by operator {operator}.\n\nIf the terminal has not reached your shop yet, or nobody of your shop did this, call us now.\n")},
[TEMPLATE_NEW_LOGIN] = {
    "new_login", true, {ACCOUNT, {"device", FIELD_TEXT}, AT},
    TEXTS("【通宝】账户 {account} 于 {at} 在新设备（{device}）登录。非本人操作请马上联系客服。",
          "[Tongbao] Account {account} was logged in to on a new device ({device}) at {at}. Not you? Call us now."),
    TEXTS("通宝：新设备登录", "Tongbao: log-in on a new device"),
    TEXTS("账户 {account} 于 {at} 在一台新设备上登录：{device}。\n\n如果不是您本人，请在“安全”页面退出该设备并修改密码，或马上联系客服。\n",
          "Account {account} was logged in to on a new device at {at}: {device}.\n\nIf that was not you, log the device out on the page \"Security\" and change your password, or call us now.\n")},
[TEMPLATE_OPERATOR_LOCKED] = {
    "operator_locked", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 操作员 {operator} 因多次输错密码已于 {at} 锁定。如有人试探密码，请联系客服。",
          "[Tongbao] Operator {operator} at terminal {terminal} was locked at {at} after wrong passwords. Somebody guessing? Call us."),
    TEXTS("通宝：操作员已锁定", "Tongbao: an operator was locked"),
    TEXTS("终端 {terminal} 操作员 {operator} 因多次输错密码，已于 {at} 锁定。\n\n主管可以在终端上为其重设密码。如果有人在试探密码，请联系客服。\n",
          "Operator {operator} at terminal {terminal} was locked at {at} after too many wrong passwords.\n\nA supervisor can reset the password at the terminal. If somebody is guessing, call us.\n")},
[TEMPLATE_OPERATOR_CHANGED] = {
    "operator_changed", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 的操作员 {operator} 已于 {at} 新增、停用、删除或重设。非店内安排请马上联系客服。",
          "[Tongbao] Operator {operator} at terminal {terminal} was added, suspended, removed or reset at {at}. Not yours? Call us now."),
    TEXTS("通宝：操作员有变动", "Tongbao: an operator was changed"),
    TEXTS("终端 {terminal} 的操作员 {operator} 已于 {at} 被新增、停用、删除或重设。\n\n如果不是您店里的安排，请马上联系客服。\n",
          "Operator {operator} at terminal {terminal} was added, suspended, removed or reset at {at}.\n\nIf that was not arranged by your shop, call us now.\n")},
[TEMPLATE_RECOVERED] = {
    "recovered", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 操作员 {operator} 已于 {at} 通过找回方式重设密码，收款账户暂不可修改。非本人操作请马上联系客服。",
          "[Tongbao] Operator {operator} at terminal {terminal} recovered a password at {at}. Payout changes are on hold. Not you? Call us now."),
    TEXTS("通宝：密码已找回", "Tongbao: a password was recovered"),
    TEXTS("终端 {terminal} 操作员 {operator} 已于 {at} 通过找回方式重设了密码。为安全起见，收款账户暂时不能修改。\n\n如果不是您店里的人所为，请马上联系客服：资金尚未受到影响。\n",
          "Operator {operator} at terminal {terminal} got in again without the old password at {at}. To be safe, the payout account cannot be changed for a while.\n\nIf nobody of your shop did this, call us now: nothing has happened to your money yet.\n")},
[TEMPLATE_ROLLBACK] = {
    "rollback", true, {TERMINAL, AT},
    TEXTS("【通宝】终端 {terminal} 于 {at} 被发现恢复了旧数据，已全部锁定。请马上联系客服。",
          "[Tongbao] Old data was put back into terminal {terminal}; it was found and locked at {at}. Call us now."),
    TEXTS("通宝：终端数据被回退", "Tongbao: old data in a terminal"),
    TEXTS("终端 {terminal} 于 {at} 被发现恢复了旧数据：有人可能想由此多试几次密码。所有操作员已锁定，资金没有受到影响。\n\n请马上联系客服。\n",
          "Old data was put back into terminal {terminal}, perhaps to get more tries at its passwords. This was found at {at}; all its operators are locked, and your money is untouched.\n\nCall us now.\n")},
[TEMPLATE_DURESS] = {
    "duress", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝安全】胁迫报警：终端 {terminal}，操作员 {operator}，{at}。按预案处理，切勿致电店内。",
          "[Tongbao Security] Duress alarm: terminal {terminal}, operator {operator}, {at}. Follow the plan. Do not call the shop."),
    TEXTS("通宝安全：胁迫报警", "Tongbao Security: duress alarm"),
    TEXTS("终端 {terminal} 的操作员 {operator} 于 {at} 使用了胁迫密码登录。\n\n请按预案处理。切勿致电店内，也不要向店内发送任何消息。\n",
          "Operator {operator} at terminal {terminal} logged in with the duress password at {at}.\n\nFollow the plan. Do not call the shop and send nothing there.\n")},
[TEMPLATE_TICKET_OPENED] = {
    "ticket_opened", true, {TICKET, TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】客服已于 {at} 受理终端 {terminal} 操作员 {operator} 的密码找回，工单 {ticket}。非店内申请请马上联系客服。",
          "[Tongbao] Ticket {ticket}: recovery of operator {operator} at terminal {terminal} was asked for at {at}. Not you? Call us now."),
    TEXTS("通宝：已受理密码找回（{ticket}）", "Tongbao: recovery asked for ({ticket})"),
    TEXTS("客服已于 {at} 受理终端 {terminal} 操作员 {operator} 的密码找回，工单号 {ticket}。\n\n客服会核实身份，但不会询问任何密码或验证码。\n\n如果不是您店里的人申请的，请马上联系客服并报出工单号。\n",
          "Our desk was asked at {at} to recover operator {operator} at terminal {terminal}. The ticket is {ticket}.\n\nThe desk checks who is asking, and never asks for a password or a code.\n\nIf nobody of your shop has asked, call us now and name the ticket.\n")},
[TEMPLATE_TICKET_APPROVED] = {
    "ticket_approved", true, {TICKET, TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】工单 {ticket} 已于 {at} 批准：终端 {terminal} 操作员 {operator} 可重设密码。非店内申请请马上联系客服。",
          "[Tongbao] Ticket {ticket} approved at {at}: operator {operator} at terminal {terminal} may set a new password. Not you? Call us now."),
    TEXTS("通宝：密码找回已批准（{ticket}）", "Tongbao: recovery approved ({ticket})"),
    TEXTS("工单 {ticket} 已于 {at} 批准：终端 {terminal} 操作员 {operator} 可以在终端上设置新密码。收款账户暂时不能修改。\n\n如果不是您店里的人申请的，请马上联系客服并报出工单号。\n",
          "Ticket {ticket} was approved at {at}: operator {operator} may set a new password at terminal {terminal}. The payout account cannot be changed for a while.\n\nIf nobody of your shop has asked, call us now and name the ticket.\n")},
[TEMPLATE_PAYOUT_COOLING] = {
    "payout_cooling", true, {TERMINAL, {"until", FIELD_TEXT}},
    TEXTS("【通宝】终端 {terminal} 找回密码后，收款账户在 {until} 前不能修改。如有疑问请联系客服。",
          "[Tongbao] After a recovery at terminal {terminal} the payout account cannot be changed before {until}. Questions? Call us."),
    TEXTS("通宝：收款账户暂不可修改", "Tongbao: payout account on hold"),
    TEXTS("终端 {terminal} 刚刚找回了密码。为防止他人借此转走货款，收款账户在 {until} 之前不能修改；收款和结算照常进行。\n",
          "A password was recovered at terminal {terminal}. So that nobody can use this to take your money, the payout account cannot be changed before {until}. Payments and settlement go on as usual.\n")},
[TEMPLATE_REVIEW] = {
    "review", true, {TERMINAL, OPERATOR, DAYS},
    TEXTS("【通宝】终端 {terminal} 操作员 {operator} 的密码将在 {days} 天后满六个月，建议检查并更换。",
          "[Tongbao] In {days} days the password of operator {operator} at terminal {terminal} is six months old. Please review it."),
    TEXTS("通宝：请检查密码", "Tongbao: please review a password"),
    TEXTS("终端 {terminal} 操作员 {operator} 的密码将在 {days} 天后满六个月。\n\n如果有别人知道它，或者操作员已经换人，请在终端上更换：设置 → 安全设置 → 修改密码。\n",
          "In {days} days the password of operator {operator} at terminal {terminal} is six months old.\n\nIf anybody else knows it, or the operator is somebody else now, change it at the terminal: Settings, Security, Change password.\n")},
[TEMPLATE_CERTIFICATE] = {
    "certificate", true, {{"what", FIELD_TEXT}, DAYS},
    TEXTS("【通宝】{what} 将在 {days} 天后到期，请及时更换。", "[Tongbao] {what} expires in {days} days. Please renew it."),
    TEXTS("通宝：{what} 即将到期", "Tongbao: {what} expires soon"),
    TEXTS("{what} 将在 {days} 天后到期。到期后连接会被拒绝，请在此之前更换；步骤见运维手册“密钥与证书”。\n",
          "{what} expires in {days} days. Connections are refused from then on: renew it before. The steps are in the operations manual, \"Keys and certificates\".\n")},
[TEMPLATE_ACCOUNT_TICKET] = {
    "account_ticket", true, {TICKET, ACCOUNT, AT},
    TEXTS("【通宝】客服已于 {at} 受理后台账户 {account} 的找回，工单 {ticket}。非本人申请请马上联系客服。",
          "[Tongbao] Ticket {ticket}: at {at} our desk was asked to reset console account {account}. Not you? Call us now."),
    TEXTS("通宝：已受理账户找回（{ticket}）", "Tongbao: account recovery asked for ({ticket})"),
    TEXTS("客服已于 {at} 受理后台账户 {account} 的找回，工单号 {ticket}。\n\n须由两位工作人员分别核实并批准，批准后链接只发送到登记的邮箱。客服不会询问任何密码或验证码。\n\n如果不是您申请的，请马上联系客服并报出工单号：现在还来得及阻止。\n",
          "Our desk was asked at {at} to reset the console account {account}. The ticket is {ticket}.\n\nTwo members of staff must check and approve it, and a link then goes to the registered mail address only. The desk never asks for a password or a code.\n\nIf you have not asked, call us now and name the ticket: it can still be stopped.\n")},
[TEMPLATE_ACCOUNT_RESET] = {
    "account_reset", true, {TICKET, ACCOUNT, AT},
    TEXTS("【通宝】后台账户 {account} 已于 {at} 由客服重置（工单 {ticket}），链接已发至登记邮箱，收款账户暂不可修改。非本人申请请马上联系客服。",
          "[Tongbao] Ticket {ticket}: console account {account} was reset at {at}; a link went to its mail address. Not you? Call us now."),
    TEXTS("通宝：账户已重置（{ticket}）", "Tongbao: account reset ({ticket})"),
    TEXTS("后台账户 {account} 已于 {at} 由客服重置，工单号 {ticket}：密码、通行密钥、动态口令和恢复码全部作废，所有设备均已退出登录。重新启用的链接已发送到登记的邮箱，两小时内有效，只能使用一次。\n\n如果账户属于商户，收款账户七天内不能修改；收款和结算照常进行。\n\n如果不是您申请的，请马上联系客服并报出工单号。\n",
          "The console account {account} was reset by our desk at {at}, ticket {ticket}: its password, passkeys, codes and recovery codes are void, and all devices were logged out. A link to begin again went to the registered mail address; it is good for two hours and works once.\n\nA merchant's payout account cannot be changed for seven days; payments and settlement go on as usual.\n\nIf you have not asked, call us now and name the ticket.\n")},
[TEMPLATE_PAYOUT_ASKED] = {
    "payout_asked", true, {ENDING, AT},
    TEXTS("【通宝】{at} 有人申请把收款账户改为尾号 {ending}，须两名工作人员批准后生效。非本人操作请马上联系客服。",
          "[Tongbao] At {at} somebody asked to be paid to an account ending in {ending}. Two of our staff must approve. Not you? Call us now."),
    TEXTS("通宝：有人申请变更收款账户", "Tongbao: another payout account is asked for"),
    TEXTS("{at} 有人在商户后台申请把收款账户改为尾号 {ending}。\n\n须两名工作人员批准后才会生效。如果不是您店里的人申请的，请马上联系客服。\n",
          "At {at} somebody asked in your console to be paid to an account ending in {ending}.\n\nTwo members of our staff must approve before it holds. If nobody of your shop did this, call us now.\n")},
[TEMPLATE_PAYOUT_TAKEN] = {
    "payout_taken", true, {ENDING, AT},
    TEXTS("【通宝】收款账户已于 {at} 改为尾号 {ending}。非本人申请请马上联系客服。",
          "[Tongbao] Since {at} you are paid to the account ending in {ending}. Not yours? Call us now."),
    TEXTS("通宝：收款账户已变更", "Tongbao: your payout account was changed"),
    TEXTS("您的收款账户已于 {at} 改为尾号 {ending}，以后的货款付到这个账户。\n\n如果不是您店里的人申请的，请马上联系客服。\n",
          "Since {at} you are paid to the account ending in {ending}.\n\nIf nobody of your shop asked for this, call us now.\n")},
[TEMPLATE_PAYOUT_ENDED] = {
    "payout_ended", true, {ENDING, AT},
    TEXTS("【通宝】收款账户改为尾号 {ending} 的申请已于 {at} 结束，账户没有变更。如有疑问请联系客服。",
          "[Tongbao] The request to be paid to the account ending in {ending} ended at {at}. Nothing was changed. Questions? Call us."),
    TEXTS("通宝：收款账户没有变更", "Tongbao: your payout account is unchanged"),
    TEXTS("收款账户改为尾号 {ending} 的申请已于 {at} 结束（撤回、被拒绝或过期）。收款账户没有变更。\n\n如有疑问请联系客服。\n",
          "The request to be paid to the account ending in {ending} ended at {at}: withdrawn, rejected or expired. Your payout account is unchanged.\n\nCall us if you have questions.\n")},
[TEMPLATE_PAYOUT_REFUSED] = {
    "payout_refused", true, {ENDING, UNTIL},
    TEXTS("【通宝】密码刚找回过，{until} 前不能变更收款账户：改为尾号 {ending} 的申请已拒绝。非本人操作请马上联系客服。",
          "[Tongbao] A password was recovered: no change of the payout account before {until}. Account ending in {ending} refused. Not you? Call us now."),
    TEXTS("通宝：变更收款账户被拒绝", "Tongbao: a change of the payout account was refused"),
    TEXTS("有人申请把收款账户改为尾号 {ending}，已被拒绝：您店里的密码最近被找回过，{until} 之前不能变更收款账户。收款和结算照常进行。\n\n如果不是您店里的人申请的，请马上联系客服。\n",
          "Somebody asked to be paid to an account ending in {ending}. It was refused: a password of your shop was recovered lately, and the payout account cannot be changed before {until}. Payments and settlement go on as usual.\n\nIf nobody of your shop did this, call us now.\n")},
[TEMPLATE_REISSUED] = {
    "reissued", true, {TERMINAL, OPERATOR, AT},
    TEXTS("【通宝】终端 {terminal} 操作员 {operator} 的密码纸已于 {at} 重新签发，旧密码已作废。非本人申请请马上联系客服。",
          "[Tongbao] At {at} a new password sheet was made for operator {operator} at terminal {terminal}; the old password is void. Not you? Call us now."),
    TEXTS("通宝：密码纸已重新签发", "Tongbao: a new password sheet"),
    TEXTS("终端 {terminal} 操作员 {operator} 的密码纸已于 {at} 重新签发：旧密码即刻作废，新的密码纸只打印一次，由专人送达。收款账户七天内不能变更。\n\n如果不是您店里的人申请的，请马上联系客服。\n",
          "At {at} a new password sheet was made for operator {operator} at terminal {terminal}. The old password is void; the new sheet is printed once and brought to you. The payout account cannot be changed for seven days.\n\nIf nobody of your shop asked for it, call us now.\n")},
[TEMPLATE_ALERT] = {
    "alert", true, {{"what", FIELD_TEXT}, {"object", FIELD_TEXT}, AT},
    TEXTS("【通宝】告警：{what}（{object}，{at}）。请登录后台确认。",
          "[Tongbao] Alert: {what} ({object}, {at}). Please acknowledge it in your console."),
    TEXTS("通宝告警：{what}", "Tongbao alert: {what}"),
    TEXTS("告警：{what}\n对象：{object}\n时间：{at}\n\n请登录后台，在“告警”中确认或关闭。无人确认时，系统会通知下一位联系人。\n",
          "Alert: {what}\nAbout: {object}\nAt: {at}\n\nPlease acknowledge or close it in your console, under \"Alerts\". When nobody does, the next person is told.\n")},
[TEMPLATE_ALERTS] = {
    "alerts", true, {{"count", FIELD_NUMBER}, {"what", FIELD_TEXT}, AT},
    TEXTS("【通宝】{count} 条告警待处理，最严重的一条：{what}（{at}）。请登录后台查看。",
          "[Tongbao] {count} alerts wait for you. The gravest: {what} ({at}). Please look at your console."),
    TEXTS("通宝：{count} 条告警待处理", "Tongbao: {count} alerts wait for you"),
    TEXTS("有 {count} 条告警待处理，最严重的一条：{what}（{at}）。\n\n请登录后台，在“告警”中查看并确认。为避免打扰，同一小时内的告警会合并发送。\n",
          "{count} alerts wait for you. The gravest: {what} ({at}).\n\nPlease look at \"Alerts\" in your console. Alerts of the same hour come together.\n")},
[TEMPLATE_APPLICATION_CODE] = {
    "application_code", false, {{"number", FIELD_TEXT}, MINUTES, CODE},
    TEXTS("【通宝】{code} 是终端申请 {number} 的验证码，{minutes} 分钟内有效。工作人员不会向您索要。非本人操作请勿理会。",
          "[Tongbao] {code} is the code of application {number}, good for {minutes} min. Our staff never ask for it. Not you? Ignore it."),
    TEXTS("通宝：终端申请的验证码", "Tongbao: code of your application"),
    TEXTS("终端申请 {number} 的验证码：{code}\n\n请在申请页面输入，{minutes} 分钟内有效，只能使用一次。通宝的工作人员不会向您索要验证码。\n\n如果不是您在申请，请不要理会。\n",
          "The code of application {number} is: {code}\n\nEnter it on the page of the application. It is good for {minutes} minutes and works once. Our staff never ask for it.\n\nIf you have not applied, ignore this.\n")},
[TEMPLATE_APPLICATION_SIGN] = {
    "application_sign", false, {{"number", FIELD_TEXT}, MINUTES, CODE},
    TEXTS("【通宝】{code} 用于签署申请 {number} 的服务协议，{minutes} 分钟内有效。输入即表示同意协议和费率。非本人操作请马上联系客服。",
          "[Tongbao] {code} signs the agreement of application {number} and its fees, good for {minutes} min. Not you? Call us now."),
    TEXTS("通宝：签署协议的验证码", "Tongbao: code to sign your agreement"),
    TEXTS("签署申请 {number} 服务协议的验证码：{code}\n\n在签署页面输入即表示同意协议和费率，{minutes} 分钟内有效，只能使用一次。\n\n如果不是您在签署，请马上联系客服。\n",
          "The code that signs the agreement of application {number} is: {code}\n\nTo enter it on the page is to agree to the agreement and its fees. It is good for {minutes} minutes and works once.\n\nIf you are not signing anything, call us now.\n")},
[TEMPLATE_APPLICATION_NEWS] = {
    "application_news", true, {{"number", FIELD_TEXT}, {"state", FIELD_TEXT}, {"next", FIELD_TEXT}},
    TEXTS("【通宝】您的终端申请 {number}：{state}。{next}", "[Tongbao] Your application {number}: {state}. {next}"),
    TEXTS("通宝：终端申请 {number}", "Tongbao: your application {number}"),
    TEXTS("您的终端申请 {number}：{state}。\n\n{next}\n",
          "Your application {number}: {state}.\n\n{next}\n")},
[TEMPLATE_ACTIVATION] = {
    "activation", false, {SERIAL, DAYS, CODE},
    TEXTS("【通宝】终端 {serial} 已寄出。激活码 {code}，{days} 天内有效，开机后输入，只能用一次。请勿告诉任何人。未申请过终端请联系客服。",
          "[Tongbao] Terminal {serial} is on its way. Activation code {code}, good once within {days} days. Tell nobody. Not yours? Call us."),
    TEXTS("通宝：终端已寄出，激活码", "Tongbao: your terminal and its activation code"),
    TEXTS("您的终端 {serial} 已寄出。\n\n激活码：{code}\n\n收到后开机，在屏幕上输入激活码，核对商户信息后确认。激活码 {days} 天内有效，只能用一次，最多输错五次。\n\n请勿把激活码告诉任何人，快递员和客服都不会询问。如果没有申请过终端，请联系客服。\n",
          "Your terminal {serial} is on its way.\n\nActivation code: {code}\n\nSwitch it on, type the code, and say yes when the shop on the screen is yours. The code is good once within {days} days, and for five wrong tries.\n\nTell nobody: neither couriers nor our desk ask for it. If you have not asked for a terminal, call us.\n")},
[TEMPLATE_PARCEL_QUIET] = {
    "parcel_quiet", true, {SERIAL, {"label", FIELD_TEXT}, DAYS},
    TEXTS("【通宝】终端 {serial} 的包裹（单号 {label}）已 {days} 天没有更新，我们正在向快递公司查询。如已收到，请在申请进度页确认。",
          "[Tongbao] The parcel {label} of terminal {serial} has not moved for {days} days; we are asking the courier. Got it? Say so on the status page."),
    TEXTS("通宝：终端包裹没有更新", "Tongbao: your parcel does not move"),
    TEXTS("终端 {serial} 的包裹（单号 {label}）已 {days} 天没有更新。\n\n我们正在向快递公司查询，您无需操作。如已收到，请在申请进度页点击“我已收到终端”。\n",
          "The parcel {label} of terminal {serial} has not moved for {days} days.\n\nWe are asking the courier; nothing to do. If you have it, press \"I have got it\" on the page of your application.\n")},
[TEMPLATE_ALERT_TRIAL] = {
    "alert_trial", true, {AT},
    TEXTS("【通宝】测试消息（{at}）：有告警时会通知到这里，现在无需处理。",
          "[Tongbao] A trial ({at}): alerts will reach you here. There is nothing to do now."),
    TEXTS("通宝：告警通知测试", "Tongbao: a trial of your alerts"),
    TEXTS("这是一条测试消息，由后台的“告警”页面在 {at} 发出：有告警时会通知到这个地址。现在无需处理。\n\n如果您不应该收到告警，请告诉店主或管理员。\n",
          "This is a trial, sent at {at} from \"Alerts\" in the console: alerts will reach you here. There is nothing to do now.\n\nIf you should not get alerts, tell the owner or the administrator.\n")},
};

const char *const template_footer[LANGUAGES] = TEXTS(
    "\n— 通宝\n此邮件由系统自动发出，请勿回复。我们不会通过邮件、短信或电话索要密码和验证码。\n",
    "\n-- Tongbao\nThis mail was sent by a machine; please do not answer it. We never ask for passwords or codes by mail, SMS or telephone.\n");
/* clang-format on */
