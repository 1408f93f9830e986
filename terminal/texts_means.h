/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of what a sale is paid with, other than one card or one code. A part of the table in
 * texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_MEANS(X) \
    X(ENTRY_CASH, CHOICE, "现金", "Cash") \
    X(ENTRY_CASH_NOTE, CHOICE, "￥{1}", "RMB {1}") \
    X(CASH_TITLE, TITLE, "现金收款", "Cash") \
    X(CASH_GIVEN, TITLE, "顾客给的钱（元）", "Put down (yuan)") \
    X(CASH_GIVEN_HINT, LINE, "请输入顾客给的钱；正好就直接按确认。", "Enter what the customer puts down; when it is exact, just press OK.") \
    X(CASH_CHANGE, LINE, "找零\t￥{1}", "Change\tRMB {1}") \
    X(CASH_RECEIVED, LINE, "实收\t￥{1}", "Received\tRMB {1}") \
    X(CASH_SHORT, LINE, "还差 {1} 元。请再收，或按取消换一种付款方式。", "{1} yuan are missing. Take the rest, or press Cancel for another way to pay.") \
    X(CASH_TOO_MUCH, LINE, "{1} 元太多了，像是输错了。请核对后再输。", "{1} yuan is far too much and looks like a slip. Check it and enter it again.") \
    X(CASH_MEANS, LINE, "付款方式\t现金", "Paid by\tcash") \
    X(CASH_GIVE_TITLE, TITLE, "退还现金", "Give cash back") \
    X(CASH_GIVE, LINE, "请先不要给钱：按确认后记账，再把现金交给顾客。", "Do not hand it over yet: press OK, it is recorded, then give the cash to the customer.") \
    X(ENTRY_SHIFT_FLOAT, CHOICE, "备用金", "Opening float") \
    X(SHIFT_FLOAT, TITLE, "开班备用金（元）", "Opening float (yuan)") \
    X(SHIFT_FLOAT_HINT, LINE, "开班时钱箱里放进去的零钱。交班时应有现金 = 备用金 + 本班现金净收。", "The change that was put into the drawer when the shift began. At its end there should be the float and what cash came in.") \
    X(SHIFT_FLOAT_NOW, LINE, "备用金\t{1} 元", "Float\t{1} yuan") \
    X(SHIFT_FLOAT_SAVED, LINE, "已记下备用金 {1} 元", "The float of {1} yuan is recorded") \
    X(SHIFT_COUNT, TITLE, "清点现金（元）", "Cash counted (yuan)") \
    X(SHIFT_COUNT_HINT, LINE, "请清点钱箱里的全部现金，包括备用金，输入总额。输入后再显示应有金额。", "Count all the cash in the drawer, the float too, and enter the sum. What should be there is shown afterwards.") \
    X(SHIFT_COUNT_EMPTY, LINE, "请输入清点的金额；钱箱是空的就输入 0。", "Enter what you counted; if the drawer is empty, enter 0.") \
    X(SHIFT_EXPECTED, LINE, "应有现金\t{1} 元", "Cash expected\t{1} yuan") \
    X(SHIFT_COUNTED, LINE, "清点现金\t{1} 元", "Cash counted\t{1} yuan") \
    X(SHIFT_EVEN, LINE, "现金相符", "The cash is right") \
    X(SHIFT_OVER, LINE, "长款\t{1} 元", "Over\t{1} yuan") \
    X(SHIFT_UNDER, LINE, "短款\t{1} 元", "Short\t{1} yuan") \
    X(ENTRY_SHIFT_RECOUNT, CHOICE, "重新清点", "Count again") \
    X(HELP_CASH, HELP, "输入顾客给的钱，屏幕显示找零。记账后出小票。现金不上送主机，计入本机报表和交班。", "Enter what the customer puts down; the screen says the change. Cash is not told to the host; it stands in the reports and in the shift.")
/* clang-format on */
