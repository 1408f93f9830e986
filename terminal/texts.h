/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every text that a person meets at the terminal, in both languages, one row each. A text about
 * something that went wrong says what happened and what to do now. {1} to {4} are places for
 * values. Kinds bound the width in columns (a Chinese character takes two); the test of this table
 * measures all of them.
 *
 *   TITLE   at the top of a screen, of a receipt or of an entry: 28 columns
 *   CHOICE  on a tile or a button: 24 columns
 *   LINE    a sentence; it wraps
 *   HELP    two or three sentences; they wrap
 */

#include "terminal/screen.h"
#include "terminal/texts_afar.h"
#include "terminal/texts_after.h"
#include "terminal/texts_backup.h"
#include "terminal/texts_balance.h"
#include "terminal/texts_counter.h"
#include "terminal/texts_download.h"
#include "terminal/texts_find.h"
#include "terminal/texts_first.h"
#include "terminal/texts_guide.h"
#include "terminal/texts_limits.h"
#include "terminal/texts_means.h"
#include "terminal/texts_offline.h"
#include "terminal/texts_people.h"
#include "terminal/texts_settle.h"
#include "terminal/texts_shift.h"
#include "terminal/texts_shown.h"
#include "terminal/texts_training.h"

enum { TEXT_TITLE_COLUMNS = 28, TEXT_CHOICE_COLUMNS = 24 };

enum text_kind { TEXT_KIND_TITLE, TEXT_KIND_CHOICE, TEXT_KIND_LINE, TEXT_KIND_HELP };

/* clang-format off */
#define TEXT_LIST(X) \
    /* self-check */ \
    X(BOOT_TITLE, TITLE, "开机自检", "Self-check") \
    X(BOOT_STORAGE, LINE, "存储\t{1}", "Storage\t{1}") \
    X(BOOT_CLOCK, LINE, "时钟\t{1}", "Clock\t{1}") \
    X(BOOT_VAULT, LINE, "安全模块\t{1}", "Security module\t{1}") \
    X(BOOT_KEYS, LINE, "密钥\t{1}", "Keys\t{1}") \
    X(BOOT_PRINTER, LINE, "打印机\t{1}", "Printer\t{1}") \
    X(BOOT_NETWORK, LINE, "网络\t{1}", "Network\t{1}") \
    X(BOOT_OK, LINE, "正常", "OK") \
    X(BOOT_WAITING, LINE, "检查中", "checking") \
    X(BOOT_CONNECTING, LINE, "正在连接主机", "Connecting to the host") \
    X(BOOT_FAULT_TITLE, TITLE, "自检未通过", "Self-check failed") \
    X(BOOT_FAULT_CODE, LINE, "故障代码\t{1}", "Fault code\t{1}") \
    X(BOOT_CLOCK_FAULT, LINE, "时钟倒退了，可能不准。请校准设备时间后按确认；时间没错就直接按确认，签到时会采用主机时间。", "The clock has gone back. Set the time of the device, then press OK. If it is right, press OK: the next sign-in takes the host's time.") \
    X(BOOT_VAULT_FAULT, LINE, "安全模块没有响应。请重启设备；仍不行请致电客服。", "The security module does not answer. Restart the device; if that does not help, call support.") \
    X(BOOT_SELF_TEST_FAULT, LINE, "安全模块自检失败。请停止使用并致电客服。", "The security module failed its self-test. Stop using the device and call support.") \
    X(BOOT_TAMPER_TITLE, TITLE, "设备被拆动", "Tampered with") \
    X(BOOT_TAMPER_FAULT, LINE, "密钥已全部清除，这台设备不能再收款，重启也没有用。", "All keys are erased. This device takes no more payments; restarting it does not help.") \
    X(BOOT_TAMPER_NOTICED, LINE, "原因\t{1}", "Noticed\t{1}") \
    X(BOOT_TAMPER_MONEY, LINE, "已经收到的款不受影响。", "Payments that were already taken are safe.") \
    X(BOOT_TAMPER_CALL, LINE, "请收好设备，不要再用，致电客服 {1} 更换。设备编号 {2}。", "Keep the device, do not use it, and call {1} for another one. Device {2}.") \
    X(BOOT_WIPED_TITLE, TITLE, "设备已抹除", "Device erased") \
    X(BOOT_WIPED_FAULT, LINE, "商户或服务商下令抹除了这台设备：密钥已全部清除，不能再收款。设备没有被拆动。", "The owner or the provider has ordered this device erased: all keys are gone and it takes no more payments. Nobody has tampered with it.") \
    X(BOOT_WIPED_CALL, LINE, "捡到或收到这台设备，请致电客服 {1}。设备编号 {2}。", "If you found it or still need it, call {1}. Device {2}.") \
    X(BOOT_ENDED_TITLE, TITLE, "合同已终止", "Contract ended") \
    X(BOOT_ENDED_FAULT, LINE, "收单合同已终止，密钥已全部清除，这台设备不再收款。", "The contract has ended. All keys are erased and this device takes no more payments.") \
    X(BOOT_ENDED_RETURN, LINE, "请把设备寄回收单服务商，用服务商给的运单；没有运单，致电客服 {1}。设备编号 {2}。", "Send the device back to the provider, with the label you were given; without one, call {1}. Device {2}.") \
    X(TAMPER_CASE, LINE, "外壳被打开", "the case was opened") \
    X(TAMPER_MESH, LINE, "防护网被破坏", "the protective mesh was broken") \
    X(TAMPER_VOLTAGE, LINE, "电压异常", "the voltage was out of range") \
    X(TAMPER_HEAT, LINE, "温度异常", "the temperature was out of range") \
    X(TAMPER_CLOCK, LINE, "时钟被改动", "the clock was moved") \
    X(TAMPER_DEBUGGER, LINE, "有人连接了调试工具", "a debugger was attached") \
    X(TAMPER_BATTERY, LINE, "备用电池被取下", "the backup battery was removed") \
    X(TAMPER_READER, LINE, "读卡器里被放了东西", "something was put into the card reader") \
    X(TAMPER_KEYPAD, LINE, "键盘上被放了东西", "something was put over the keypad") \
    X(TAMPER_SERIAL, LINE, "主板不是这台设备的", "the board is another device's") \
    X(TAMPER_KEY, LINE, "设备密钥被更换", "the device key was exchanged") \
    X(TAMPER_STORE, LINE, "安全数据被更换", "the secure data was exchanged") \
    X(BOOT_KEYS_FAULT, LINE, "设备证书或主密钥不可用。请联系服务商重新激活。", "The certificate or the master key cannot be used. Ask your provider to activate the device again.") \
    X(BOOT_CERTIFICATE_FAULT, LINE, "设备证书已过期，正在通过救援通道更新，请保持网络连接。长时间没有变化时请联系客服。", "The certificate of this device has ended and is being renewed. Stay connected; call customer service if nothing happens.") \
    X(BOOT_UNPROVISIONED, LINE, "设备尚未激活。请联系服务商激活后再使用。", "The device is not activated. Ask your provider to activate it.") \
    X(BOOT_PRINTER_FAULT, LINE, "打印机故障。请打开纸仓检查后按确认；也可以先不打印继续使用。", "The printer has a fault. Open it and check, then press OK; you can go on without printing.") \
    X(BOOT_NETWORK_FAULT, LINE, "没有连上主机。请检查网络；可以先登录，联网后再收款。", "No connection to the host. Check the network; you can log in now and take payments later.") \
    X(STORAGE_TITLE, TITLE, "存储故障", "Storage fault") \
    X(STORAGE_FAULT, LINE, "数据无法保存，已停止收款。没有结果的交易会自动冲正。", "Data cannot be saved; payments are stopped. A payment without a result will be reversed.") \
    X(STORAGE_ADVICE, LINE, "请清理存储空间后按确认重试；仍不行请致电客服。", "Free some space, then press OK; if that does not help, call support.") \
    /* log-in */ \
    X(LOGIN_TITLE, TITLE, "操作员登录", "Operator log-in") \
    X(LOGIN_OPERATOR, TITLE, "操作员号", "Operator number") \
    X(LOGIN_OPERATOR_HINT, LINE, "请输入两位操作员号，按确认", "Enter the two digits of your operator number and press OK") \
    X(LOGIN_TWO_DIGITS, LINE, "操作员号是两位数字，例如 01", "An operator number has two digits, such as 01") \
    X(LOGIN_PASSWORD, TITLE, "操作员 {1} 的密码", "Password of operator {1}") \
    X(LOGIN_PASSWORD_HINT, LINE, "请在下方键盘输入密码", "Enter the password on the keypad below") \
    X(LOGIN_WRONG, LINE, "密码不对，还可以试 {1} 次。忘记了请按“忘记密码”。", "Wrong password, {1} tries left. If you have forgotten it, choose Forgotten.") \
    X(LOGIN_LOCKED, LINE, "密码错误次数太多，操作员 {1} 已锁定。请按“忘记密码”找回，或换一位操作员。", "Too many wrong passwords: operator {1} is locked. Choose Forgotten to get back in, or let another operator log in.") \
    X(LOGIN_WAIT, LINE, "密码错误后需要等待。请 {1} 秒后再试。", "After a wrong password there is a wait. Try again in {1} seconds.") \
    X(LOGIN_NO_OPERATOR, LINE, "操作员 {1} 不存在、已停用或尚未设置密码。请核对号码或找主管。", "Operator {1} is unknown, suspended or has no password yet. Check the number or ask the supervisor.") \
    X(LOGIN_FAULT, LINE, "安全模块不能核对密码（{1}）。请重试；仍不行请重启设备。", "The security module cannot check the password ({1}). Try again; if that does not help, restart the device.") \
    X(LOGIN_FIRST, LINE, "这是本机第一次登录。如果您拿到的初始密码已被使用过，请停止使用并致电客服。", "This is the first log-in to this device. If your initial password had been used before, stop and call support.") \
    X(LOGIN_SINCE, LINE, "本机首次登录时间\t{1}", "First log-in to this device\t{1}") \
    /* passwords */ \
    X(PASSWORD_TITLE, TITLE, "设置密码", "Set a password") \
    X(PASSWORD_CHANGE_TITLE, TITLE, "修改密码", "Change the password") \
    X(PASSWORD_MUST_CHANGE, LINE, "初始密码只能用一次。请先设置自己的密码。", "The initial password works once. Choose a password of your own first.") \
    X(PASSWORD_NEW, TITLE, "新密码", "New password") \
    X(PASSWORD_REPEAT, TITLE, "再输一次新密码", "New password again") \
    X(PASSWORD_RULES, LINE, "新密码要 {1} 到 {2} 位", "The new password has {1} to {2} characters") \
    X(PASSWORD_CURRENT, TITLE, "当前密码", "Current password") \
    X(PASSWORD_CURRENT_HINT, LINE, "请先输入当前密码", "Enter your current password first") \
    X(PASSWORD_MISMATCH, LINE, "两次输入不一致，请重新设置。", "The two entries differ. Set it again.") \
    X(PASSWORD_REFUSED, LINE, "{1}", "{1}") \
    X(PASSWORD_SAVED_TITLE, TITLE, "密码已保存", "Password saved") \
    X(PASSWORD_SAVED, LINE, "新密码已生效，请记好，不要告诉别人。", "The new password is in force. Remember it and tell nobody.") \
    X(PASSWORD_FAULT, LINE, "密码没有保存（{1}），原密码仍有效。请重试。", "The password was not saved ({1}); the old one still works. Try again.") \
    /* main screen */ \
    X(MAIN_TITLE, TITLE, "请选择业务", "Main menu") \
    X(MAIN_NOT_SIGNED_IN, LINE, "尚未签到。收款前请先签到。", "Not signed in. Sign in before taking payments.") \
    X(MAIN_UNSENT, LINE, "有 {1} 笔冲正等待发送，联网后自动处理。", "{1} reversal is waiting and will be sent when the host is reached.") \
    X(MAIN_LATER, LINE, "灰色的业务本版本尚未提供", "Grey entries come in later versions") \
    X(MAIN_UNSURE_SLIP, LINE, "凭证 {1} 的小票可能没有打完，请看一下；需要时在查询/打印中重打印。", "The slip of voucher {1} may not be whole: look at it. If it is not, print it again under Records.") \
    X(MAIN_UNSURE_REPORT, LINE, "刚才的报表可能没有打完，请看一下；需要时重新打印。", "The last report may not be whole: look at it. If it is not, print it again.") \
    X(MAIN_LAST_APPROVED, LINE, "上一笔 {1} 元已收款成功，可在查询/打印中重打印。", "The last payment of {1} yuan was approved; it can be printed again under Records.") \
    X(MAIN_LAST_DECLINED, LINE, "上一笔 {1} 元没有成功，没有扣款。", "The last payment of {1} yuan was declined; nothing was charged.") \
    X(MAIN_LAST_REVERSED, LINE, "上一笔 {1} 元没有结果，已冲正，没有扣款。", "The last payment of {1} yuan had no result and was reversed; nothing was charged.") \
    X(MAIN_LAST_REVERSING, LINE, "上一笔 {1} 元没有结果，正在冲正。", "The last payment of {1} yuan had no result and is being reversed.") \
    X(ENTRY_SALE, CHOICE, "收款/消费", "Sale") \
    X(ENTRY_VOID, CHOICE, "撤销", "Void") \
    X(ENTRY_REFUND, CHOICE, "退货", "Refund") \
    X(ENTRY_PREAUTH, CHOICE, "预授权", "Pre-auth") \
    X(ENTRY_RECORDS, CHOICE, "查询/打印", "Records") \
    X(ENTRY_MEMBER, CHOICE, "会员", "Members") \
    X(ENTRY_CAMPAIGN, CHOICE, "营销", "Campaigns") \
    X(ENTRY_FIGURES, CHOICE, "统计", "Figures") \
    X(ENTRY_MANAGE, CHOICE, "管理", "Manage") \
    X(ENTRY_SETTINGS, CHOICE, "设置", "Settings") \
    X(ENTRY_SIGN_IN, CHOICE, "签到", "Sign in") \
    X(ENTRY_SIGN_OUT, CHOICE, "签退", "Sign out") \
    X(ENTRY_LOCK, CHOICE, "锁屏", "Lock") \
    X(ENTRY_LOG_OUT, CHOICE, "换操作员", "Change operator") \
    X(ENTRY_QUERY, CHOICE, "交易查询", "Payments") \
    X(ENTRY_REPRINT_LAST, CHOICE, "重打印最后一笔", "Reprint the last") \
    X(ENTRY_REPRINT_ANY, CHOICE, "重打印任意一笔", "Reprint any") \
    X(ENTRY_REPRINT, CHOICE, "重打印", "Print again") \
    X(ENTRY_SECURITY, CHOICE, "安全设置", "Security") \
    X(ENTRY_PASSWORDS, CHOICE, "密码设置", "Passwords") \
    X(ENTRY_CHANGE_PASSWORD, CHOICE, "修改密码", "Change password") \
    X(ENTRY_LANGUAGE, CHOICE, "语言 Language", "Language 语言") \
    X(ENTRY_ABOUT, CHOICE, "版本/关于", "About") \
    X(ENTRY_BACK, CHOICE, "返回", "Back") \
    X(ENTRY_RETRY, CHOICE, "重试", "Try again") \
    X(ENTRY_NEXT_SALE, CHOICE, "再收一笔", "Next sale") \
    X(ENTRY_OLDER, CHOICE, "更早", "Older") \
    X(ENTRY_NEWER, CHOICE, "更新", "Newer") \
    X(ENTRY_UNLOCK, CHOICE, "解锁", "Unlock") \
    X(ENTRY_SUPERVISOR, CHOICE, "主管解锁", "Supervisor") \
    X(ENTRY_YES_SIGN_OUT, CHOICE, "确认签退", "Sign out now") \
    X(LEAVE_TITLE, TITLE, "离开本机？", "Leaving?") \
    X(LEAVE_HINT, LINE, "暂时离开请锁屏；交班请换操作员。", "Lock the screen for a short while; change the operator at the end of a shift.") \
    /* what is missing */ \
    X(NEED_TITLE, TITLE, "还不能开始", "Not ready yet") \
    X(NEED_PROVISION, LINE, "设备尚未激活。请联系服务商激活。", "The device is not activated. Ask your provider to activate it.") \
    X(NEED_CASHIER, LINE, "主管和管理员不能签到和收款。请换收银员登录。", "Supervisors and administrators cannot sign in or take payments. Log in as a cashier.") \
    X(NEED_SIGN_IN, LINE, "尚未签到，密钥不可用。请先签到。", "Not signed in, so there are no working keys. Sign in first.") \
    X(NEED_CLOCK, LINE, "设备时钟倒退了。签到会采用主机时间，之后可以继续收款。", "The clock of this device has gone back. Signing in takes the host's time; then payments go on.") \
    X(NEED_BATCH, LINE, "本批次已满 {1} 笔。请结算后重新签到，开始新批次。", "This batch is full with {1} payments. Settle it, then sign in to begin a new one.") \
    X(NEED_PAPER, LINE, "打印机缺纸。请装纸后按重试。", "The printer is out of paper. Load paper, then try again.") \
    X(NEED_RECORD, LINE, "没有可以打印的交易。收款后再来。", "There is no payment to print. Come back after a payment.") \
    X(NEED_MANAGER, LINE, "这里由主管或管理员使用。请换操作员登录。", "This is for the supervisor and the administrator. Log in as one of them.") \
    X(NEED_SUPERVISOR, LINE, "配对手机由主管办理。请换主管登录。", "Phones are paired by the supervisor. Log in as the supervisor.") \
    X(NEED_ADMINISTRATOR, LINE, "参数由管理员设置。请换管理员登录。", "Parameters are set by the administrator. Log in as the administrator.") \
    X(NEED_TRUSTED, LINE, "当前网络不安全，不能配对手机。请换成移动数据或可信网络。", "This network is not safe, so no phone can be paired. Change to mobile data or a network you trust.") \
    X(NEED_IDLE, LINE, "还有 {1} 笔冲正没有完成。联网完成冲正后再签退。", "{1} reversal is not finished. Connect and let it finish, then sign out.") \
    /* sign-in, sign-out */ \
    X(SIGN_IN_TITLE, TITLE, "签到", "Sign in") \
    X(SIGN_IN_WAIT, LINE, "正在向主机签到，等待密钥", "Signing in, waiting for the keys of the host") \
    X(SIGN_IN_DONE, LINE, "签到成功", "Signed in") \
    X(SIGN_IN_BATCH, LINE, "批次号\t{1}", "Batch\t{1}") \
    X(SIGN_IN_CLOCK, LINE, "主机时间\t{1}", "Time of the host\t{1}") \
    X(SIGN_IN_REFUSED, LINE, "主机拒绝签到（{1}）：{2}。", "The host refused ({1}): {2}.") \
    X(SIGN_IN_ADVICE, LINE, "{1}。", "Now: {1}.") \
    X(SIGN_IN_NO_ANSWER, LINE, "主机没有回答，没有签到。请检查网络后重试。", "The host did not answer; you are not signed in. Check the network and try again.") \
    X(SIGN_IN_BAD_KEYS, LINE, "收到的密钥校验不符，已作废。请重试；仍不行请致电客服。", "The keys did not match their check values and were discarded. Try again; if that does not help, call support.") \
    X(SIGN_IN_BAD_ANSWER, LINE, "主机的回答不完整，没有签到。请重试。", "The answer of the host was incomplete; you are not signed in. Try again.") \
    X(SIGN_OUT_TITLE, TITLE, "签退", "Sign out") \
    X(SIGN_OUT_ASK, LINE, "签退后不能收款，再次收款需要重新签到。", "After signing out no payment can be taken until you sign in again.") \
    X(SIGN_OUT_COUNT, LINE, "本批次\t{1} 笔，{2} 元", "This batch\t{1} payments, RMB {2}") \
    X(SIGN_OUT_WAIT, LINE, "正在向主机签退", "Signing out") \
    X(SIGN_OUT_DONE, LINE, "签退成功", "Signed out") \
    X(SIGN_OUT_FAILED, LINE, "主机没有确认签退。本机仍为签到状态，请检查网络后重试。", "The host did not confirm. You are still signed in; check the network and try again.") \
    X(SIGN_OUT_REFUSED, LINE, "主机拒绝签退（{1}）：{2}。请先处理后重试。", "The host refused ({1}): {2}. Settle that first, then try again.") \
    /* a sale */ \
    X(SALE_TITLE, TITLE, "收款/消费", "Sale") \
    X(SALE_AMOUNT, TITLE, "金额（元）", "Amount (yuan)") \
    X(SALE_AMOUNT_HINT, LINE, "请输入收款金额，按确认", "Enter the amount and press OK") \
    X(SALE_AMOUNT_ZERO, LINE, "金额不能为零，请输入金额。", "The amount cannot be zero. Enter an amount.") \
    X(SALE_PRESENT_TITLE, TITLE, "请插卡、挥卡、刷卡或扫码", "Insert, tap, swipe or scan") \
    X(SALE_TOTAL, LINE, "￥{1}", "RMB {1}") \
    X(SALE_PRESENT, LINE, "请顾客插卡、挥卡或刷卡，或出示付款码。", "The customer inserts, taps or swipes a card, or shows a payment code.") \
    X(SALE_UNREADABLE, LINE, "没有读出卡片。请擦净磁条，再刷一次。", "The card could not be read. Wipe the stripe and swipe again.") \
    X(SALE_USE_CHIP, LINE, "这张卡带芯片，请插卡，不要刷磁条。", "This card has a chip: insert it, its stripe is not taken.") \
    X(SALE_EXPIRED, LINE, "这张卡已过有效期。请换一张卡或扫码。", "This card has expired. Use another card or a code.") \
    X(SALE_BAD_CODE, LINE, "这不是付款码。请顾客打开钱包的付款码页面再扫。", "This is not a payment code. Ask the customer to open the payment code of the wallet.") \
    X(SALE_READER_FAULT, LINE, "读卡器没有响应（{1}）。可以扫码，或重启设备。", "The card reader does not answer ({1}). Scan a code, or restart the device.") \
    X(SALE_PIN_TITLE, TITLE, "请输入密码", "Enter the PIN") \
    X(SALE_PIN, TITLE, "银行卡密码", "Card PIN") \
    X(SALE_PIN_HINT, LINE, "请持卡人输入密码，注意遮挡", "The cardholder enters the PIN and covers the keypad") \
    X(SALE_CARD, LINE, "卡号\t{1}", "Card\t{1}") \
    X(SALE_CODE, LINE, "付款码\t{1}", "Code\t{1}") \
    X(SALE_VAULT_FAULT, LINE, "安全模块不能处理这笔交易（{1}），没有扣款。请重试。", "The security module cannot handle this payment ({1}); nothing was charged. Try again.") \
    X(SALE_SIGN_IN_AGAIN, LINE, "密钥不可用，没有扣款。请重新签到后再试。", "The keys cannot be used; nothing was charged. Sign in again, then retry.") \
    X(SALE_KEYS_SPENT, LINE, "本机的交易密钥已经用完，没有扣款。请联系收单机构换发密钥。", "This terminal has used all of its keys; nothing was charged. Ask your acquirer for new ones.") \
    X(CHIP_TITLE, TITLE, "正在读卡", "Reading the card") \
    X(CHIP_LEAVE, LINE, "请不要拔卡。", "Leave the card in the reader.") \
    X(CHIP_HOLD, LINE, "请不要移开卡片或手机。", "Hold the card or telephone still.") \
    X(CHIP_WORKING, LINE, "正在与卡片通信", "Talking to the card") \
    X(CHIP_CHOOSE_TITLE, TITLE, "请选择应用", "Choose an application") \
    X(CHIP_CHOOSE, LINE, "这张卡有多个应用，请持卡人选择。", "This card has several applications. The cardholder chooses.") \
    X(CHIP_DOCUMENT_TITLE, TITLE, "请核对证件", "Check a document") \
    X(CHIP_DOCUMENT, LINE, "发卡行要求核对持卡人的证件。请核对姓名和照片。", "The issuer wants the cardholder's document checked. Compare name and photograph.") \
    X(CHIP_DOCUMENT_YES, TITLE, "是本人", "It is the cardholder") \
    X(CHIP_DOCUMENT_NO, TITLE, "不是本人", "It is not") \
    X(CHIP_PIN_BYPASS, TITLE, "没有密码", "No PIN") \
    X(CHIP_PIN_WRONG, LINE, "密码不对，请再输入一次。", "That PIN is wrong. Enter it again.") \
    X(CHIP_PIN_WRONG_LEFT, LINE, "密码不对，还可以试 {1} 次。", "That PIN is wrong. Tries left: {1}.") \
    X(CHIP_REMOVED, LINE, "卡片被拔出，没有扣款。请重新插卡，等提示后再拔。", "The card was taken out; nothing was charged. Insert it again and wait until it is done.") \
    X(CHIP_SILENT, LINE, "卡片没有反应。请检查芯片朝向，再插一次。", "The card does not answer. Check that the chip goes in first, then insert it again.") \
    X(CHIP_CANCELLED, LINE, "已取消，没有扣款。", "Cancelled; nothing was charged.") \
    X(CHIP_BLOCKED, LINE, "这张卡已被发卡行锁定，没有扣款。请换一张卡或扫码。", "The issuer has blocked this card; nothing was charged. Use another card or a code.") \
    X(CHIP_NOT_TAKEN, LINE, "本机不受理这种卡，没有扣款。请换一张卡或扫码。", "This terminal does not take that kind of card; nothing was charged. Use another card or a code.") \
    X(CHIP_BAD, LINE, "卡片的数据有误，没有扣款。请换一张卡或扫码。", "The data of this card is wrong; nothing was charged. Use another card or a code.") \
    X(CHIP_UNREADABLE, LINE, "芯片读不出来，没有扣款。请再插一次；三次不成可以刷磁条。", "The chip could not be read; nothing was charged. Insert it again; after three times the stripe is taken.") \
    X(CHIP_REFUSED, LINE, "卡片拒绝这笔交易，没有扣款。请换一张卡或扫码。", "The card refuses this payment; nothing was charged. Use another card or a code.") \
    X(CHIP_UNPLUGGED, LINE, "读卡器断开了，没有扣款。请检查读卡器，或扫码。", "The card reader is gone; nothing was charged. Check the reader, or scan a code.") \
    X(CHIP_NO_PARAMETERS, LINE, "本机还没有芯片卡参数。请联网签到下载参数，或扫码。", "This terminal has no parameters for chip cards yet. Sign in to download them, or scan a code.") \
    X(CHIP_INSERT, LINE, "这张卡不能挥卡，请插卡。", "This card cannot be tapped. Insert it.") \
    X(CHIP_TAP_AGAIN, LINE, "没有读完，请再挥一次卡。", "It was not read to the end. Tap again.") \
    X(CHIP_SEE_PHONE, LINE, "请顾客按手机提示确认，然后再挥一次。", "The customer confirms on the telephone, then taps again.") \
    X(CHIP_LEFT, LINE, "卡槽里还有上次的卡。请先取出，再插一次或换一张。", "The card of before is still in the slot. Take it out, then insert it again or another one.") \
    X(CHIP_SEVERAL, LINE, "感应区有多张卡，请只留一张。", "There are several cards. Hold only one to the reader.") \
    X(CHIP_PULLED, LINE, "卡片被拔出，这笔交易正在冲正。", "The card was taken out; this payment is being reversed.") \
    X(CHIP_OVERRULED, LINE, "卡片没有确认发卡行的结果，这笔交易正在冲正。", "The card did not accept the issuer's answer; this payment is being reversed.") \
    X(SALE_STOPPED_TITLE, TITLE, "没有扣款", "Nothing was charged") \
    X(HOST_WAIT_TITLE, TITLE, "正在联网", "Connecting") \
    X(HOST_WAIT, LINE, "正在连接主机，尚未扣款", "Connecting to the host; nothing is charged yet") \
    X(HOST_BUSY, LINE, "正在等待上一个操作完成", "Waiting for what is under way") \
    X(HOST_UNREACHABLE, LINE, "连不上主机，没有扣款。请检查网络后重试。", "The host cannot be reached; nothing was charged. Check the network and try again.") \
    X(SALE_WAIT_TITLE, TITLE, "正在处理", "In progress") \
    X(SALE_WAIT_CARD, LINE, "正在等待发卡行", "Waiting for the card issuer") \
    X(SALE_WAIT_CODE, LINE, "正在等待钱包，顾客可能需要输入密码", "Waiting for the wallet; the customer may have to enter a password") \
    X(SALE_WAIT_HINT, LINE, "请不要重复收款。按取消会停止并冲正这笔交易。", "Do not charge again. Cancel stops this payment and reverses it.") \
    X(SALE_APPROVED_TITLE, TITLE, "收款成功", "Approved") \
    X(SALE_APPROVED, LINE, "收款成功", "Approved") \
    X(SALE_NOTE, LINE, "{1}，{2}。", "Note: {1}; {2}.") \
    X(SALE_DECLINED_TITLE, TITLE, "没有收款", "Not paid") \
    X(SALE_DECLINED, LINE, "{1}（{2}）", "Refused: {1} ({2})") \
    X(SALE_ADVICE, LINE, "{1}。", "Now: {1}.") \
    X(SALE_REVERSING_TITLE, TITLE, "正在冲正", "Reversing") \
    X(SALE_NO_ANSWER, LINE, "没有收到结果，这笔交易正在冲正。", "There was no result; this payment is being reversed.") \
    X(SALE_BAD_ANSWER, LINE, "主机的回答没有通过校验，这笔交易正在冲正。", "The answer of the host failed its check; this payment is being reversed.") \
    X(SALE_CANCELLED, LINE, "已停止，这笔交易正在冲正。", "Stopped; this payment is being reversed.") \
    X(SALE_LINK_LOST, LINE, "网络中断，没有收到结果，这笔交易正在冲正。", "The connection broke before a result; this payment is being reversed.") \
    X(SALE_REVERSING_HINT, LINE, "顾客若已被扣款会自动退回。可按取消返回，冲正会继续。", "If the customer was charged it comes back by itself. You may press Cancel; the reversal goes on.") \
    X(SALE_REVERSING_WAIT, LINE, "正在等待主机确认冲正", "Waiting for the host to confirm the reversal") \
    X(SALE_REVERSED_TITLE, TITLE, "已冲正", "Reversed") \
    X(SALE_REVERSED, LINE, "已冲正，没有扣款。", "Reversed; nothing was charged.") \
    X(SALE_REVERSED_HINT, LINE, "可以重新收款，或换一种方式付款。", "You can charge again, or ask for another way to pay.") \
    X(REVERSE_TITLE, TITLE, "先完成冲正", "Reversal first") \
    X(REVERSE_WAIT, LINE, "正在冲正上一笔没有结果的交易，完成后继续收款", "Reversing the last payment, which had no result; then the sale goes on") \
    X(REVERSE_FAILED, LINE, "上一笔 {1} 元的冲正还没有被确认，暂时不能收款。", "The reversal of the last payment of {1} yuan is not confirmed yet, so no payment can be taken.") \
    X(REVERSE_ADVICE, LINE, "请检查网络后重试；多次不行请致电客服。", "Check the network and try again; if that does not help, call support.") \
    /* records */ \
    X(RECORDS_TITLE, TITLE, "查询/打印", "Records") \
    X(QUERY_TITLE, TITLE, "交易查询", "Payments of this batch") \
    X(QUERY_EMPTY, LINE, "本批次还没有交易。收款后可在这里查询。", "There is no payment in this batch yet.") \
    X(QUERY_ROW, LINE, "￥{1}  {2}\n凭证号 {3}  {4}", "RMB {1}  {2}\nVoucher {3}  {4}") \
    X(QUERY_TOTAL, LINE, "成功 {1} 笔\t{2} 元", "Approved {1}\tRMB {2}") \
    X(QUERY_DETAIL_TITLE, TITLE, "交易明细", "Payment") \
    X(QUERY_STATE, LINE, "结果\t{1}", "Result\t{1}") \
    X(QUERY_VOUCHER, LINE, "凭证号\t{1}", "Voucher\t{1}") \
    X(QUERY_AMOUNT, LINE, "金额\t{1}", "Amount\t{1}") \
    X(QUERY_RRN, LINE, "参考号\t{1}", "Reference\t{1}") \
    X(QUERY_AUTH, LINE, "授权码\t{1}", "Authorisation\t{1}") \
    X(QUERY_ISSUER, LINE, "付款方\t{1}", "Issuer or wallet\t{1}") \
    X(QUERY_TIME, LINE, "时间\t{1}", "Time\t{1}") \
    X(QUERY_OPERATOR, LINE, "操作员\t{1}", "Operator\t{1}") \
    X(QUERY_APPROVER, LINE, "授权主管\t{1}", "Approved by\t{1}") \
    X(STATE_PENDING, LINE, "处理中", "in progress") \
    X(STATE_APPROVED, LINE, "成功", "approved") \
    X(STATE_DECLINED, LINE, "未成功", "declined") \
    X(STATE_REVERSING, LINE, "正在冲正", "being reversed") \
    X(STATE_REVERSED, LINE, "已冲正", "reversed") \
    X(REPRINT_TITLE, TITLE, "重打印", "Print again") \
    X(REPRINT_VOUCHER, TITLE, "凭证号（六位以内）", "Voucher number") \
    X(REPRINT_HINT, LINE, "请输入本批次的凭证号，按确认", "Enter a voucher number of this batch and press OK") \
    X(REPRINT_NOT_FOUND, LINE, "本批次没有成功的凭证号 {1}。请核对签购单或交易查询。", "There is no approved voucher {1} in this batch. Check the slip or the list of payments.") \
    X(REPRINT_DONE, LINE, "已重打印，签购单标有“重打印”。", "Printed again; the slip is marked as a duplicate.") \
    /* locking */ \
    X(LOCK_TITLE, TITLE, "已锁屏", "Locked") \
    X(LOCK_BY, LINE, "操作员 {1} 锁定了本机。由本人或主管解锁。", "Operator {1} locked this terminal. Only the same operator or the supervisor unlocks it.") \
    X(LOCK_OTHER, LINE, "操作员 {1} 不能解锁。请由操作员 {2} 或主管解锁。", "Operator {1} cannot unlock this. Operator {2} or the supervisor can.") \
    X(LOCK_FAULT, LINE, "没有解锁：{1}", "Not unlocked: {1}") \
    /* settings */ \
    X(MANAGE_TITLE, TITLE, "管理", "Manage") \
    X(SETTINGS_TITLE, TITLE, "设置", "Settings") \
    X(SECURITY_TITLE, TITLE, "安全设置", "Security") \
    X(PASSWORDS_TITLE, TITLE, "密码设置", "Passwords") \
    X(ABOUT_TITLE, TITLE, "版本/关于", "About") \
    X(ABOUT_SERIAL, LINE, "序列号\t{1}", "Serial number\t{1}") \
    X(ABOUT_MODEL, LINE, "型号\t{1}", "Model\t{1}") \
    X(ABOUT_VERSION, LINE, "软件版本\t{1}", "Software\t{1}") \
    X(ABOUT_TID, LINE, "终端编号\t{1}", "Terminal number\t{1}") \
    X(ABOUT_MID, LINE, "商户编号\t{1}", "Merchant number\t{1}") \
    X(ABOUT_MERCHANT, LINE, "商户\t{1}", "Merchant\t{1}") \
    X(ABOUT_BATCH, LINE, "批次号\t{1}", "Batch\t{1}") \
    X(ABOUT_KCV_MASTER, LINE, "主密钥校验值\t{1}", "Check value, master key\t{1}") \
    X(ABOUT_KCV_PIN, LINE, "PIN 密钥校验值\t{1}", "Check value, PIN key\t{1}") \
    X(ABOUT_KCV_MAC, LINE, "MAC 密钥校验值\t{1}", "Check value, MAC key\t{1}") \
    X(ABOUT_KCV_DATA, LINE, "数据密钥校验值\t{1}", "Check value, data key\t{1}") \
    X(ABOUT_NONE, LINE, "无", "none") \
    X(SPEECH_RECEIVED, LINE, "收款到账 {1} 元", "Received {1} yuan") \
    TEXT_LIST_PEOPLE(X) \
    TEXT_LIST_FIND(X) \
    TEXT_LIST_AFAR(X) \
    TEXT_LIST_FIRST(X) \
    TEXT_LIST_DOWNLOAD(X) \
    TEXT_LIST_GUIDE(X) \
    TEXT_LIST_SETTLE(X) \
    TEXT_LIST_SHIFT(X) \
    TEXT_LIST_BALANCE(X) \
    TEXT_LIST_SHOWN(X) \
    TEXT_LIST_AFTER(X) \
    TEXT_LIST_COUNTER(X) \
    TEXT_LIST_TRAINING(X) \
    TEXT_LIST_LIMITS(X) \
    TEXT_LIST_OFFLINE(X) \
    TEXT_LIST_MEANS(X) \
    TEXT_LIST_BACKUP(X) \
    TEXT_LIST_HELP(X)
/* clang-format on */

enum text_id {
#define X(name, kind, zh, en) TEXT_##name,
    TEXT_LIST(X)
#undef X
        TEXTS
};

const char *text(enum text_id id, enum language language);
const char *text_name(enum text_id id); /* "sale_title" */
enum text_kind text_kind(enum text_id id);

/*
 * The text with its places filled into `out` of `size` bytes, NUL included. `values` end with NULL.
 * What does not fit is cut at a whole character.
 */
void text_fill(enum text_id id, enum language language, const char *const *values, char *out,
               size_t size);
