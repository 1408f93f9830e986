/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * manual_words: what the manual says, in both languages side by side, so that neither is forgotten.
 * The rules themselves are not here: policy_describe() has the one text of them.
 */

/* clang-format off */
/* name, English, Chinese */
#define MANUAL_WORD_LIST(X) \
    X(PRODUCT, "Tongbao payment terminal", "通宝支付终端") \
    X(TITLE, "User manual", "使用说明书") \
    X(MODEL, "Model", "型号") \
    X(SERIAL, "Serial number", "序列号") \
    X(RULES_VERSION, "Version of the password rules", "密码规则版本") \
    X(HOT_LINE, "Hot-line", "客服热线") \
    X(HOT_LINE_CONTRACT, "the number in your contract", "见收单协议") \
    X(SCAN, "Scan to activate this terminal and to see its state.", "扫码激活本终端，查看终端状态。") \
    X(FOR_MODEL, "For every terminal of this model. There is no password in it.", "适用于本型号的所有终端，不含任何密码。") \
    X(FOR_ONE, "Belongs to this one terminal. Its one-time passwords are on the folded sheet.", "只属于这一台终端。一次性初始密码在折页内。") \
    X(FOR_SHOP, "Belongs to the terminal of this shop. There is no password in it.", "属于该商户的这一台终端，不含任何密码。") \
    X(TERMINAL, "Terminal number", "终端号") \
    X(SHOP, "Shop", "商户") \
    X(NO_DEFAULT, "There is no default password", "没有默认密码") \
    X(NO_DEFAULT_WHY, \
      "Each terminal gets its own one-time passwords, drawn at random when it is made. They are printed once, on the folded sheet in its own manual, " \
      "and kept nowhere. Neither a web site nor customer service has a list of them, and nobody will ever ask you for one.", \
      "每台终端的一次性初始密码都在生产时随机产生，只在该终端自己的说明书折页上印一次，任何地方都不保存。官方网站和客服都没有密码清单，也不会向您询问密码。") \
    X(CONTENTS, "Contents", "目录") \
    X(RULES, "The rules for passwords on this model", "本型号的密码规则") \
    X(RULES_HINT, "The terminal names the rule when it refuses a password, and says what to do instead.", \
      "密码不符合规则时，终端会说明是哪一条，并提示怎样修改。") \
    X(EVERYBODY, "Every role", "所有角色") \
    X(STEPS, "Setting your password in seven steps", "七步设置密码") \
    X(STEPS_HINT, "By touch or with the keys alone. Cancel goes one step back and changes nothing.", \
      "可触屏操作，也可只用按键。随时可按取消返回，不会改变原密码。") \
    X(FIRST, "The first log-in", "首次登录") \
    X(FORGOTTEN, "When a password is forgotten", "忘记密码") \
    X(FORGOTTEN_HINT, "At the password screen choose Forgotten. It offers the ways of your role:", \
      "在输入密码的画面选择「忘记密码」，会列出您的角色可用的方式：") \
    X(SAFETY, "Keeping it safe", "安全提示") \
    X(HELP, "Hot-line", "客服热线") \
    X(HELP_HINT, "Have the serial number at hand; it is on the back of the terminal and under Settings, About. " \
      "Customer service can start a reset, and can neither see nor choose a password.", \
      "致电时请准备好序列号（在机身背面，或「设置 - 关于」）。客服可以发起重置，但看不到、也不能代设密码。") \
    X(NOTES, "Notes", "备注") \
    X(NOTES_HINT, "Not for passwords.", "请勿在此记录密码。") \
    X(OUTSIDE, "Initial passwords, one use each", "初始密码 · 仅可使用一次") \
    X(OUTSIDE_WHO, "To be unfolded by the owner of the shop only. If the fold is open when you get it, do not use it: call the hot-line.", \
      "仅限机主本人拆开。收到时如果折页已被打开，请不要使用，并致电客服热线。") \
    X(OUTSIDE_FIRST, "The first log-in shows when this terminal was first used.", "首次登录时，屏幕会显示本终端第一次被使用的时间。") \
    X(INSIDE, "One-time passwords of this terminal", "本终端的一次性初始密码") \
    X(INSIDE_ONCE, "Each works once, and only to choose your own. Then destroy this sheet.", "每个密码只能使用一次，登录后必须立即设置自己的密码。用后请销毁本页。") \
    X(OPERATOR, "Operator", "操作员") \
    X(ROLE, "Role", "角色") \
    X(PASSWORD, "Password", "初始密码") \
    X(CUT, "cut here", "沿此线裁下") \
    X(FOLD, "fold here", "沿此线折叠") \
    X(FOLD_HOW, "Fold this part up over the passwords, then the upper part down over it, and glue or staple the edge.", \
      "先将本栏向上折，盖住密码；再将上栏向下折，封住边缘。")

#define MANUAL_FIRST_LIST(X) \
    X("Switch the terminal on. It checks itself and asks for an operator.", "打开终端。终端自检后，要求输入操作员号。") \
    X("Type the operator number: 01 cashier, 00 supervisor, 99 administrator.", "输入操作员号：01 收银员，00 主管，99 系统管理员。") \
    X("Unfold the sheet and type the one-time password beside that number.", "拆开折页，输入该操作员号旁的一次性初始密码。") \
    X("Choose a password of your own, and type it twice. Before that the terminal does nothing else.", "设置自己的密码并输入两次。在此之前终端不能做任何其他操作。") \
    X("Look at the time of the first log-in on the screen. If somebody was there before you, call the hot-line.", "核对屏幕上显示的首次登录时间。如果在您之前有人登录过，请立即致电客服热线。") \
    X("The one-time password is spent. Destroy the sheet.", "初始密码随即失效，请销毁折页。") \
    X("The sheet is lost: nobody can print it again. Customer service checks who you are and a new one-time password is made; the old one dies.", \
      "折页遗失：无法重新打印。客服核实机主身份后产生新的一次性密码，旧密码同时作废。")

#define MANUAL_SAFETY_LIST(X) \
    X("Tell nobody your password. Customer service, the acquirer and the police do not ask for it.", "不要把密码告诉任何人。客服、收单机构、公安机关都不会索要密码。") \
    X("Do not write it down, photograph it or send it. Each operator has a number and a password of his own.", "不要写下、拍照或发送密码。每位操作员使用自己的编号和密码。") \
    X("Leave out birthdays, phone numbers, licence and shop numbers, and what you use elsewhere.", "不要使用生日、手机号、证件号、商户号，也不要使用在别处用过的密码。") \
    X("Cover the keys with your hand, and lock the screen when you leave.", "输入时用手遮挡键盘，离开时锁定屏幕。") \
    X("Do not reset a password over public or open Wi-Fi. The terminal refuses it there and says what to do: mobile data, the supervisor, or an offline code.", \
      "不要在公共或无密码的 Wi-Fi 下重置密码。终端会拒绝并提示：改用移动数据、由主管处理，或使用离线解锁码。") \
    X("Look at your passwords every six months; the terminal reminds you. Change at once when somebody may have seen one, or leaves.", \
      "每六个月检查一次密码，终端会提醒。怀疑泄露或有人离职时，请立即修改。")

/* of POLICY_BY_..., in the order of its bits: for the head of a column; what it is */
#define MANUAL_WAY_LIST(X) \
    X("Supervisor", "主管", \
      "Supervisor: resets it at the terminal; you get a one-time password and choose your own.", "主管：在终端上重置，您得到一次性密码后自行设置新密码。") \
    X("SMS", "短信", \
      "SMS: a code of six digits to the registered phone, good for five minutes.", "短信：向登记的手机发送六位验证码，五分钟内有效。") \
    X("E-mail", "邮件", \
      "E-mail: a code or link to the registered address, good for thirty minutes, once.", "邮件：向登记的邮箱发送验证码或链接，三十分钟内有效，只能用一次。") \
    X("Service", "客服", \
      "Customer service: checks who you are and lets you choose a new one.", "客服：核实身份后，由您本人在终端上设置新密码。") \
    X("Offline", "离线", \
      "Offline: without a network, read the number on the screen to customer service and type the code that they read back.", \
      "离线：没有网络时，把屏幕上的号码报给客服，再输入客服报回的解锁码。")

/* heading; hint; title of the small screen; three lines on it; which of them is chosen (0: none), dots of a password */
#define MANUAL_STEP_LIST(X) \
    X("Go to the main screen", "进入主界面", "Log in with your operator number.", "用操作员号登录。", \
      "Main", "主界面", "Sale", "收款", "Records", "查询", "Settings", "设置", 0, 0) \
    X("Settings", "选择「设置」", "Touch Settings, or its number on the keys.", "点「设置」，或按它的数字键。", \
      "Main", "主界面", "Sale", "收款", "Records", "查询", "Settings", "设置", 3, 0) \
    X("Security", "选择「安全设置」", "On some models it is called Passwords.", "部分型号显示为「密码设置」。", \
      "Settings", "设置", "Security", "安全设置", "Language", "语言", "About", "关于", 1, 0) \
    X("Set or change password", "选择「设置密码 / 修改密码」", "Your own; the supervisor manages those of others.", "修改本人的密码；他人的密码由主管管理。", \
      "Passwords", "密码设置", "Change password", "修改密码", "", "", "", "", 1, 0) \
    X("Type the current password", "输入当前密码", "At the first log-in, the one from the sheet.", "首次登录时，输入折页上的初始密码。", \
      "Current password", "当前密码", "", "", "", "", "", "", 0, 8) \
    X("Type the new one, twice", "输入新密码，再输入一次", "The bar shows how strong it is.", "强度条会提示怎样更安全。", \
      "New password", "新密码", "", "", "", "", "", "", 0, 10) \
    X("Save and leave", "保存并退出", "The old one no longer works.", "旧密码随即失效。", \
      "Saved", "已保存", "Save and leave", "保存并退出", "", "", "", "", 1, 0)
/* clang-format on */

enum manual_word {
#define X(name, en, zh) MANUAL_##name,
    MANUAL_WORD_LIST(X)
#undef X
        MANUAL_WORDS
};

/* Never NULL. `language` is enum policy_language. */
const char *manual_word(enum manual_word word, unsigned language);
