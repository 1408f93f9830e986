/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of a sale whose code the terminal shows. A part of the table in texts.h, which says how
 * they are written. */

/* clang-format off */
#define TEXT_LIST_SHOWN(X) \
    X(ENTRY_SHOW_CODE, CHOICE, "出示收款码", "Show a code") \
    X(SHOWN_TITLE, TITLE, "请顾客扫码付款", "Scan to pay") \
    X(SHOWN_HINT, LINE, "请用手机钱包扫描，一码只付一次", "Scan with your wallet. One payment only.") \
    X(SHOWN_ASKING, LINE, "正在向钱包申请收款码", "Asking the wallet for a code") \
    X(SHOWN_WAIT, LINE, "等待付款，按取消作废此码", "Waiting for payment; Cancel voids the code") \
    X(SHOWN_CHECKING, LINE, "收款码已过期，正在确认顾客有没有付款", "The code has expired; asking whether the customer has paid") \
    X(SHOWN_OVER, LINE, "收款码已过期，顾客没有付款", "The code has expired and was not paid") \
    X(SHOWN_OVER_ADVICE, LINE, "请勿交货。如果顾客手机显示已付款，钱会自动退回。可以重新收款。", "Do not hand over the goods. If the telephone says that it has paid, the money goes back by itself. You can charge again.") \
    X(SHOWN_MEANS, LINE, "付款方式\t收款码", "Paid by\tcode that was shown") \
    X(HELP_SHOWN, HELP, "顾客用手机钱包扫描屏幕上的二维码付款，付好后这里自动显示结果。每个码只属于这一笔，过期作废。不想等就按取消：码会作废，已付的钱会退回。", "The customer scans the code on this screen with a wallet on the telephone. The result appears here by itself. The code is for this payment alone and expires. If you do not want to wait, press Cancel: the code is void, and what was paid goes back.")
/* clang-format on */
