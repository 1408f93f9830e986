/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of what a sale is paid with, other than one card or one code. A part of the table in
 * texts.h, which says how they are written. */

/* clang-format off */
#define TEXT_LIST_MEANS(X) \
    X(CODE_TOO_LONG, LINE, "这个二维码太长，不是银行卡付款码。请顾客打开付款页面再扫。", "This code is too long to be that of a bank card. Ask the customer to open the payment page.") \
    X(CODE_UNREADABLE, LINE, "银行卡付款码残缺或损坏。请顾客刷新付款码，再扫一次。", "The code of the bank card is torn or damaged. Ask for a fresh code and scan again.") \
    X(CODE_FOREIGN, LINE, "本机不受理这个卡组织的付款码。请换一张卡，或用其他方式付款。", "Codes of this card scheme are not taken here. Ask for another card or another way to pay.") \
    X(CODE_EMPTY, LINE, "付款码里没有可用的卡片信息。请顾客换一张卡，再出示付款码。", "There is no card to pay with in this code. Ask the customer to choose another card and show its code.") \
    X(CODE_USED, LINE, "这个付款码已经用过。请顾客刷新付款码，再扫一次。", "This code was used before. Ask for a fresh code and scan again.") \
    X(CODE_REFUSED, LINE, "这张卡不能这样付款。请换一张卡，或用其他方式付款。", "This card cannot pay in this way. Ask for another card or another way to pay.") \
    X(CODE_NOT_TAKEN, LINE, "还没有卡片参数，不能收银行卡付款码。请先下载参数，或用其他方式收款。", "There are no card parameters yet, so codes of bank cards cannot be taken. Download them first, or take the payment in another way.") \
    X(ENTRY_POINTS, CHOICE, "积分", "Points") \
    X(POINTS_TITLE, TITLE, "积分抵扣", "Points") \
    X(POINTS_NUMBER, TITLE, "会员号", "Member number") \
    X(POINTS_HINT, LINE, "请扫会员码，或输入会员号", "Scan the member's code or enter the number") \
    X(POINTS_NOT, LINE, "这不是会员号：要 13 到 15 位数字。", "This is no member's number: it has 13 to 15 digits.") \
    X(POINTS_WAIT, LINE, "正在扣积分", "The points are being taken") \
    X(POINTS_MEANS, LINE, "会员\t{1}", "Member\t{1}") \
    X(POINTS_DONE, LINE, "积分已抵扣，没有收钱", "Paid with points: no money is charged") \
    X(POINTS_DONE_TITLE, TITLE, "积分抵扣成功", "Paid with points") \
    X(REFUND_BY_POINTS, CHOICE, "参考号，积分抵扣", "Reference, by points") \
    X(COUNTER_POINTS, LINE, "积分抵扣\n{1}", "Points\n{1}") \
    X(COUNTER_POINTS_HINT, LINE, "会员用积分抵扣货款", "Members pay with points") \
    X(ENTRY_CASH, CHOICE, "现金", "Cash") \
    X(CASH_TITLE, TITLE, "现金收款", "Cash") \
    X(CASH_GIVEN, TITLE, "顾客给的钱（元）", "Put down (yuan)") \
    X(CASH_GIVEN_HINT, LINE, "请输入顾客给的钱；正好就直接按确认。", "What the customer puts down; if it is exact, just press OK.") \
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
    X(SHIFT_FLOAT_NOW, LINE, "备用金\t{1} 元", "Float\tRMB {1}") \
    X(SHIFT_FLOAT_SAVED, LINE, "已记下备用金 {1} 元", "The float of {1} yuan is recorded") \
    X(SHIFT_COUNT, TITLE, "清点现金（元）", "Cash counted (yuan)") \
    X(SHIFT_COUNT_HINT, LINE, "请清点钱箱里的全部现金，包括备用金，输入总额。输入后再显示应有金额。", "Count all the cash in the drawer, the float too, and enter the sum. What should be there is shown afterwards.") \
    X(SHIFT_COUNT_EMPTY, LINE, "请输入清点的金额；钱箱是空的就输入 0。", "Enter what you counted; if the drawer is empty, enter 0.") \
    X(SHIFT_EXPECTED, LINE, "应有现金\t{1} 元", "Cash expected\tRMB {1}") \
    X(SHIFT_COUNTED, LINE, "清点现金\t{1} 元", "Cash counted\tRMB {1}") \
    X(SHIFT_EVEN, LINE, "现金相符", "The cash is right") \
    X(SHIFT_OVER, LINE, "长款\t{1} 元", "Over\tRMB {1}") \
    X(SHIFT_UNDER, LINE, "短款\t{1} 元", "Short\tRMB {1}") \
    X(ENTRY_SHIFT_RECOUNT, CHOICE, "重新清点", "Count again") \
    X(ENTRY_SPLIT, CHOICE, "拆分付款", "Split it") \
    X(ENTRY_ORDER, CHOICE, "继续未付清的订单", "Go on with the order") \
    X(ENTRY_SPLIT_GIVE_UP, CHOICE, "放弃订单", "Give it up") \
    X(ENTRY_SPLIT_BACK, CHOICE, "退回这一笔", "Give this back") \
    X(ENTRY_SPLIT_LEAVE, CHOICE, "结束订单，不再退", "End it, keep the rest") \
    X(SPLIT_TITLE, TITLE, "拆分付款", "Split payment") \
    X(SPLIT_TOTAL, LINE, "订单合计\t{1} 元", "Order\tRMB {1}") \
    X(SPLIT_REST, LINE, "还差\t{1} 元", "Still to pay\tRMB {1}") \
    X(SPLIT_AMOUNT, TITLE, "这一笔付多少（元）", "This part (yuan)") \
    X(SPLIT_HINT, LINE, "输入这一笔的金额，按确认选付款方式；不输入就付全部余额。", "Enter this part and press OK, then choose how it is paid. Nothing entered: all of the rest.") \
    X(SPLIT_PART, LINE, "{1}  凭证号 {2}\t{3}", "{1}  voucher {2}\t{3}") \
    X(SPLIT_CARD, LINE, "银行卡", "Card") \
    X(SPLIT_CODE, LINE, "扫码", "Code") \
    X(SPLIT_OVER, LINE, "只差 {1} 元。请减少金额。", "Only {1} yuan are missing. Enter less.") \
    X(SPLIT_LAST, LINE, "拆得太多了：这一笔要付清余额 {1} 元。", "There are too many parts: this one has to be all of the rest, {1} yuan.") \
    X(SPLIT_GO_ON, CHOICE, "继续这个订单", "Go on with the order") \
    X(SPLIT_PAID, LINE, "订单 {1} 已付清", "Order {1} is paid") \
    X(SPLIT_GIVEN_UP, LINE, "订单 {1} 已放弃，已付的都退回了。", "Order {1} is given up; all that was paid went back.") \
    X(SPLIT_ENDED, LINE, "订单 {1} 已结束。没退回的仍算已付，要退请按凭证号退货。", "Order {1} has ended. What did not go back stays paid; refund it by its voucher.") \
    X(SPLIT_BACK_TITLE, TITLE, "放弃订单：逐笔退回", "Giving up: part by part") \
    X(SPLIT_LEFT, LINE, "还要退回\t{1} 笔", "Still to give back\t{1}") \
    X(SPLIT_BACK_HINT, LINE, "每一笔都要主管授权，退到原卡、原钱包或退现金。没退完可以以后继续。", "Each needs a supervisor. You can go on later.") \
    X(MAIN_ORDER, LINE, "有订单没付清：合计 {1} 元，还差 {2} 元。", "An order is open: {1} yuan, of which {2} are still to be paid.") \
    X(MAIN_ORDER_BACK, LINE, "放弃的订单还有 {3} 元没退回（合计 {1} 元）。", "An order of {1} yuan is being given up: {3} yuan are still to go back.") \
    X(NEED_ORDER, LINE, "有订单没付清。请先付清或放弃它。", "An order is still open. Finish it or give it up first.") \
    X(HELP_SPLIT, HELP, "一个订单可以分几笔付：卡、扫码、现金都行。没付清会一直保留，断电也在。放弃时已付的逐笔退回。", "An order may be paid in parts: cards, codes, cash. It stays open, over a power cut too. Giving it up takes the paid parts back one by one.") \
    X(ENTRY_INSTALMENT, CHOICE, "分期付款", "Instalments") \
    X(INSTALMENT_TITLE, TITLE, "分期付款", "Instalments") \
    X(INSTALMENT_ISSUER, LINE, "顾客用哪家的信用卡？", "Whose credit card will it be?") \
    X(INSTALMENT_ISSUER_ROW, LINE, "{1}\n卡号开头 {2}", "{1}\nCards from {2}") \
    X(INSTALMENT_PLAN, LINE, "请和顾客一起选期数。店里一次收到全款。", "Choose the periods with the customer. The shop gets all of it at once.") \
    X(INSTALMENT_ROW_CUSTOMER, LINE, "{1} 期  每期 {3} 元\n首期 {2}，手续费共 {4}，顾客承担", "{1} months of {3}\nFirst {2}; fee {4} in all, by the customer") \
    X(INSTALMENT_ROW_MERCHANT, LINE, "{1} 期  每期 {3} 元\n首期 {2}，手续费共 {4}，商户承担", "{1} months of {3}\nFirst {2}; fee {4} in all, by the shop") \
    X(INSTALMENT_MONTHS, LINE, "分 {1} 期\t首期 {2}，以后 {3}", "{1} months\tfirst {2}, then {3}") \
    X(INSTALMENT_FEE_CUSTOMER, LINE, "手续费（顾客承担）\t{1}", "Fee, by the customer\t{1}") \
    X(INSTALMENT_FEE_MERCHANT, LINE, "手续费（商户承担）\t{1}", "Fee, by the shop\t{1}") \
    X(INSTALMENT_OTHER_CARD, LINE, "这张卡不能用这个方案。请出示卡号以 {1} 开头的卡，或按取消重选。", "This plan is not for this card. Use one whose number begins with {1}, or press Cancel and choose again.") \
    X(HELP_INSTALMENT, HELP, "顾客按月还给发卡行，店里一次收全款。手续费和每期金额在刷卡前显示。当天可撤销。", "The customer pays his bank back by the month; the shop gets all of it at once. Fee and months are shown before the card is taken. It can be voided that day.") \
    X(ENTRY_MANUAL, CHOICE, "手工输入卡号", "Type the card number") \
    X(MANUAL_TITLE, TITLE, "手工输入卡号", "Type the card number") \
    X(MANUAL_NUMBER, TITLE, "卡号", "Card number") \
    X(MANUAL_NUMBER_HINT, LINE, "读卡器读不出时才用。请照卡面输入卡号，{1} 到 {2} 位，按确认。", "Only for a card that no reader reads. Enter the number as it stands on the card, {1} to {2} digits, and press OK.") \
    X(MANUAL_EXPIRY, TITLE, "有效期（月月年年）", "Expiry (MMYY)") \
    X(MANUAL_EXPIRY_HINT, LINE, "请照卡面输入有效期四位，如 08/29 输入 0829。", "Enter the four digits of the expiry as on the card: 08/29 is 0829.") \
    X(MANUAL_WRONG, LINE, "卡号或有效期不对。请对照卡面重新输入。", "The number or the expiry is not right. Enter them again, as on the card.") \
    X(MANUAL_ROW, LINE, "手工输入卡号\n最多 {1} 元，0 为不允许", "Card numbers by hand\nUp to {1} yuan; 0: not at all") \
    X(MANUAL_MOST, TITLE, "手工输入最多（元）", "By hand at most (yuan)") \
    X(MANUAL_MOST_HINT, LINE, "最多 {1} 元；0 为不允许手工输入。每次还要主管授权。", "At most {1} yuan; 0: no card is typed. A supervisor is asked each time.") \
    X(HELP_MANUAL, HELP, "卡坏了读不出时，经主管授权可照卡面输入卡号和有效期。盗刷风险由商户承担，请核对持卡人。", "When a card cannot be read, number and expiry may be typed with a supervisor's yes. The shop bears the risk: make sure the card is the customer's.") \
    X(HELP_CASH, HELP, "输入顾客给的钱，屏幕显示找零。记账后出小票。现金不上送主机，计入本机报表和交班。", "Enter what the customer puts down; the screen says the change. Cash is not told to the host; it stands in the reports and in the shift.")
/* clang-format on */
