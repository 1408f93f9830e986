/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of what comes before the means of a sale: quick amounts, calculator, goods, tips. A
 * part of the table in texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_COUNTER(X) \
    X(COUNTER_TITLE, TITLE, "收款设置", "At the counter") \
    X(ENTRY_COUNTER, CHOICE, "收款设置", "At the counter") \
    X(COUNTER_QUICK_1, LINE, "常用金额 1\n{1}", "Quick amount 1\n{1}") \
    X(COUNTER_QUICK_2, LINE, "常用金额 2\n{1}", "Quick amount 2\n{1}") \
    X(COUNTER_QUICK_3, LINE, "常用金额 3\n{1}", "Quick amount 3\n{1}") \
    X(COUNTER_QUICK_4, LINE, "常用金额 4\n{1}", "Quick amount 4\n{1}") \
    X(COUNTER_QUICK_HINT, LINE, "收款时按一下就收这个金额；不填就是不用。", "One touch charges this amount; nothing switches it off.") \
    X(COUNTER_TIP, LINE, "询问小费\n{1}", "Ask for a tip\n{1}") \
    X(COUNTER_TIP_1, LINE, "小费比例 1\n{1}", "Tip, share 1\n{1}") \
    X(COUNTER_TIP_2, LINE, "小费比例 2\n{1}", "Tip, share 2\n{1}") \
    X(COUNTER_TIP_3, LINE, "小费比例 3\n{1}", "Tip, share 3\n{1}") \
    X(COUNTER_TIP_MOST, LINE, "小费最多\n{1}", "Tip, at most\n{1}") \
    X(COUNTER_TIP_HINT, LINE, "是消费金额的百分之几，最多 50。", "Per cent of the amount, at most 50.") \
    X(COUNTER_SIGN, LINE, "屏幕签名\n{1}", "Sign on the screen\n{1}") \
    X(COUNTER_SIGN_FREE, LINE, "挥卡免签名，最多\n{1}", "Taps without signature up to\n{1}") \
    X(COUNTER_SIGN_HINT, LINE, "挥卡不超过这个金额，顾客不用签名。", "For a tap of at most this nobody signs.") \
    X(SIGN_TITLE, TITLE, "请顾客签名", "Please sign") \
    X(SIGN_HINT, LINE, "已收款成功。请在框内签名，按确认。", "It is paid. Sign in the box and press OK.") \
    X(SIGN_LITTLE, LINE, "签名太短，没有保存。请重签，或在纸上签。", "That is too little for a signature. Sign again, or on paper.") \
    X(SIGN_MUCH, LINE, "签名太长，没有保存。请重签简单些，或在纸上签。", "That is too much to be kept. Sign again more simply, or on paper.") \
    X(ENTRY_SIGN_PAPER, CHOICE, "在纸上签", "Sign on paper") \
    X(ENTRY_SIGN_AGAIN, CHOICE, "重新签名", "Sign again") \
    X(HELP_SIGN, HELP, "交易已经成功。顾客在框内签名后按确认，签名印在商户存根上；也可以在纸上签。", "The payment is approved. The customer signs in the box, then OK: it stands on the merchant copy. On paper is as good.") \
    X(ENTRY_ERECEIPT, CHOICE, "电子签购单", "E-receipt") \
    X(ERECEIPT_TITLE, TITLE, "电子签购单", "E-receipt") \
    X(ERECEIPT_HINT, LINE, "请顾客用手机扫码，可以保存或转发。", "The customer scans it with a phone, and keeps it.") \
    X(ERECEIPT_NO_GOODS, LINE, "商品明细太长，没有放进去，请看纸质签购单。", "The goods take too much room and are not in it: they are on the paper.") \
    X(ERECEIPT_NO_STROKES, LINE, "签名笔迹太长，没有放进去，请看纸质签购单。", "The signature takes too much room and is not in it: it is on the paper.") \
    X(ERECEIPT_NEITHER, LINE, "商品明细和签名太长，没有放进去，请看纸质签购单。", "Goods and signature take too much room and are not in it: they are on the paper.") \
    X(ERECEIPT_FAILED, LINE, "现在不能做电子签购单。请给纸质签购单。", "No e-receipt can be made now. Give the paper one.") \
    X(HELP_ERECEIPT, HELP, "二维码里是签购单内容和签名，卡号只有前六后四。顾客打开链接就能看到并核对真伪，不需要问任何人。", "The code holds what the slip says, and a signature; of the card six digits and four. Who opens the link sees it and whether it is genuine, without asking anybody.") \
    X(COUNTER_AMOUNT, TITLE, "金额（元）", "Amount (yuan)") \
    X(COUNTER_PER_CENT, TITLE, "百分之", "Per cent") \
    X(COUNTER_RANGE, LINE, "要在 {1} 和 {2} 之间。请重新输入。", "It must be from {1} to {2}. Enter it again.") \
    X(ENTRY_CALCULATOR, CHOICE, "计算器", "Calculator") \
    X(CALCULATOR_TITLE, TITLE, "计算金额", "Calculator") \
    X(CALCULATOR_FIELD, TITLE, "算式", "Sum") \
    X(CALCULATOR_RESULT, LINE, "￥{1}", "RMB {1}") \
    X(CALCULATOR_HINT, LINE, "例如 12.50×3+8，按确认收款", "Such as 12.50×3+8; OK charges the result") \
    X(CALCULATOR_OPEN, LINE, "算式还没有写完。请补上数字，或退格。", "The sum is not complete. Add a number, or go back a character.") \
    X(CALCULATOR_TOO_MUCH, LINE, "超过 9999999.99 元。请分开收款。", "It is more than 9999999.99 yuan. Charge it in parts.") \
    X(CALCULATOR_TOO_LITTLE, LINE, "结果不大于零。请检查减去的数。", "The result is nothing or less. Check what is taken away.") \
    X(CALCULATOR_FACTORS, LINE, "一次最多三个数相乘。请分步计算。", "At most three numbers may be multiplied. Do it in steps.") \
    X(ENTRY_ITEMS, CHOICE, "选商品", "Goods") \
    X(ITEMS_TITLE, TITLE, "选商品", "Goods") \
    X(ITEMS_ROW, LINE, "{1}\n￥{2}", "{1}\nRMB {2}") \
    X(ITEMS_ROW_HAD, LINE, "{1}\n￥{2}  已选 {3}", "{1}\nRMB {2}  taken: {3}") \
    X(ITEMS_LINE, LINE, "{1}\n{2} × ￥{3}  ￥{4}", "{1}\n{2} × RMB {3}  RMB {4}") \
    X(ITEMS_SAID, LINE, "{1} × {2}\t￥{3}", "{1} × {2}\tRMB {3}") \
    X(ITEMS_SAID_MORE, LINE, "还有 {1} 种", "and {1} more") \
    X(ITEMS_IN_BASKET, LINE, "已选 {1} 种商品；改金额会放弃商品", "{1} goods are chosen; another amount drops them") \
    X(ITEMS_FIRST, CHOICE, "回到开头", "First") \
    X(ITEMS_MORE, CHOICE, "下一页", "More") \
    X(ITEMS_FULL, LINE, "一笔最多 12 种商品，每种最多 9999 件。请先收这些。", "At most twelve kinds, and 9999 of each, go with one payment. Charge these first.") \
    X(ITEMS_EMPTY, LINE, "还没有选商品。请按一下要卖的商品。", "Nothing is chosen yet. Touch what is sold.") \
    X(ENTRY_BASKET, CHOICE, "已选商品", "Basket") \
    X(ITEMS_BASKET_TITLE, TITLE, "已选商品", "Basket") \
    X(ITEMS_BASKET_HINT, LINE, "按一下减一件", "A touch takes one out") \
    X(GRATUITY_TITLE, TITLE, "小费", "Tip") \
    X(GRATUITY_SHARE, CHOICE, "{1}%  ￥{2}", "{1}%  RMB {2}") \
    X(ENTRY_NO_TIP, CHOICE, "不给小费", "No tip") \
    X(GRATUITY_AMOUNT, TITLE, "小费（元）", "Tip (yuan)") \
    X(GRATUITY_OVER, LINE, "小费最多 {1} 元。请减少。", "At most {1} yuan. Enter less.") \
    X(GRATUITY_WITHIN, LINE, "其中小费\t￥{1}", "Tip within it\tRMB {1}") \
    X(ENTRY_GOODS, CHOICE, "商品价目", "Goods and prices") \
    X(GOODS_TITLE, TITLE, "商品价目", "Goods and prices") \
    X(GOODS_NONE, LINE, "还没有商品。加入后，收款时可以选商品。", "There are no goods yet. With some, a sale can be made by touching them.") \
    X(GOODS_COUNT, LINE, "共 {1} 种商品", "{1} goods") \
    X(GOODS_ONE, LINE, "{1}\t￥{2}", "{1}\tRMB {2}") \
    X(GOODS_NAME, TITLE, "品名", "Name") \
    X(GOODS_NAME_IS, LINE, "品名\t{1}", "Name\t{1}") \
    X(GOODS_NAME_HINT, LINE, "最多 16 个汉字，或 32 个字母", "At most 32 letters, or 16 Chinese characters") \
    X(GOODS_PRICE, TITLE, "单价（元）", "Price of one (yuan)") \
    X(GOODS_SAVED, LINE, "已保存：{1}", "Saved: {1}") \
    X(GOODS_NO_NAME, LINE, "没有品名。请输入品名。", "There is no name. Enter one.") \
    X(GOODS_LONG_NAME, LINE, "品名太长。最多 16 个汉字，或 32 个字母。", "The name is too long. At most 32 letters, or 16 Chinese characters.") \
    X(GOODS_BAD_NAME, LINE, "品名里有不能打印的字符。请改。", "The name has characters that cannot be printed. Change it.") \
    X(GOODS_NO_PRICE, LINE, "末尾不是单价。请写成：品名 空格 单价。", "It does not end with a price. Write: name, space, price.") \
    X(GOODS_BAD_PRICE, LINE, "单价要从 0.01 到 9999999.99 元。请改。", "A price is from 0.01 to 9999999.99 yuan. Change it.") \
    X(GOODS_TWICE, LINE, "已经有同名商品。请换一个品名。", "There is such a name already. Choose another.") \
    X(GOODS_FULL, LINE, "商品已满 500 种。请先删除不用的。", "The list is full with 500 goods. Remove some first.") \
    X(GOODS_LINE, LINE, "第 {1} 行：{2} 什么都没有导入。", "Line {1}: {2} Nothing was taken.") \
    X(GOODS_NO_LINES, LINE, "没有内容。请每行写一种商品。", "There is nothing in it. Write a line for each good.") \
    X(GOODS_IMPORTED, LINE, "已导入 {1} 种商品。", "{1} goods were taken.") \
    X(GOODS_IMPORT_TITLE, TITLE, "导入商品", "Import goods") \
    X(GOODS_IMPORT, TITLE, "每行：品名 单价", "A line each: name price") \
    X(GOODS_IMPORT_HINT, LINE, "例如：卤蛋 2.50。同名的商品会改价。", "Such as: Egg 2.50. A name that is there gets the new price.") \
    X(ENTRY_GOODS_IMPORT, CHOICE, "导入文本", "Import a text") \
    X(ENTRY_GOODS_ADD, CHOICE, "加一种商品", "Add one") \
    X(ENTRY_GOODS_PRICE, CHOICE, "改单价", "Change the price") \
    X(ENTRY_GOODS_NAME, CHOICE, "改品名", "Change the name") \
    X(ENTRY_GOODS_REMOVE, CHOICE, "删除商品", "Remove it") \
    X(GOODS_REMOVE_TITLE, TITLE, "删除这种商品？", "Remove this?") \
    X(GOODS_REMOVE_HINT, LINE, "以前的签购单不变。", "Receipts of before stay as they are.") \
    X(GOODS_REMOVED, LINE, "已删除：{1}", "Removed: {1}") \
    X(HELP_AMOUNT, HELP, "输入金额按确认。常用金额按一下就收；计算器可以算 12.50×3+8；有价目时可以选商品。", "Enter the amount and press OK. A quick amount is one touch; the calculator takes 12.50×3+8; goods are chosen from the price list.") \
    X(HELP_TIP, HELP, "请顾客选比例、输入小费，或不给。小费算在总额里，单独打印。", "The customer chooses a share, enters a tip, or gives none. It is a part of the total and is printed apart.") \
    X(HELP_GOODS, HELP, "商品和单价由主管或管理员维护。可以一次导入一段文本，每行一种：品名 空格 单价。", "Supervisor and administrator keep goods and prices. Many are taken from a text at once: a line each, name, space, price.")
/* clang-format on */
