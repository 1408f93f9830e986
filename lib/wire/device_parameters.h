/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the back office sets at a terminal besides keys, policies and chip cards (S118), as one
 * table; and the document in which a device is given what it is to have.
 *
 * A number has the name, the range and the meaning that it has in the terminal's own menu
 * (terminal/parameters.c, counter.c, timeouts.c, ...): what the back office sets holds there before
 * what somebody has set at the device, who is told so. Texts are set by the back office alone.
 *
 *   tongbao parameters 1
 *   receipt_footer 谢谢惠顾
 *   tip 1
 *   goods 6f0c...(64 hex) 20480
 *
 * Lines in the order of the table, each at most once, each ended by a line feed; a number has one
 * spelling. The last line, when there is one, names the price list that goes with it (price_list.h)
 * by its SHA-256 and size: people set that elsewhere. What is not there is not set. The device's
 * vault has the hsm's word for the bytes (lib/crypto/recovery.h, kind "parameters", text:
 * device_parameters_digest as hex), under a number that only grows. A terminal that does not know a
 * name refuses the whole: it would otherwise say that something is in force which is not.
 */

#include "lib/base/reader.h"
#include "lib/base/writer.h"
#include "lib/wire/price_list.h"

enum {
    DEVICE_PARAMETER_NAME_MAX = 20,
    DEVICE_PARAMETER_TEXT_MAX = 90, /* 30 Chinese characters: one line of a screen, two of paper */
    DEVICE_PARAMETERS_MAX = 2048,   /* a document with every line at its longest has 1500 */
    DEVICE_PARAMETERS_DIGEST = 64,  /* as hex */
};

/* Who may set it: everybody who may set parameters; the acquirer alone, since it is his risk; or
 * nobody, because it follows the contract (S142). */
enum device_parameter_setter {
    DEVICE_PARAMETER_ANY,
    DEVICE_PARAMETER_ACQUIRER,
    DEVICE_PARAMETER_CONTRACT
};

/* symbol, type, what is counted, least, most, as delivered (0 for a text; a limit is of its role),
 * setter, its name and what it does at the terminal, each in Chinese and in English. Amounts are
 * fen. The order is that of documents: rows are added at the end. */
/* clang-format off */
#define DEVICE_PARAMETER_LIST(X) \
    X(banner,             TEXT,   TEXT,    0, DEVICE_PARAMETER_TEXT_MAX, 0, ANY, "公告", "Notice", \
      "主屏幕和登录屏幕上的一行字；空着就没有", "A calm line on the main screen and at the log-in; empty: none") \
    X(receipt_footer,     TEXT,   TEXT,    0, DEVICE_PARAMETER_TEXT_MAX, 0, ANY, "签购单页脚", "Foot of slips", \
      "每张签购单的最后几行；空着就没有", "The last lines of every slip; empty: none") \
    X(receipt_copies,     NUMBER, COUNT,   1, 2, 2, ANY, "打印联数", "Copies of slips", \
      "2：持卡人一联、商户一联；1：要签名时才打商户联", "2: one for the cardholder and one for the shop; 1: the shop's only where somebody signs") \
    X(lock_s,             NUMBER, SECONDS, 0, 3600, 0, ANY, "自动锁屏", "Locks after", \
      "主屏幕多久没人碰就锁，密码策略更早时以策略为准；0：按策略", "Untouched for so many seconds the main screen locks, when the policy does not lock sooner; 0: as the policy says") \
    X(limit_sale,         NUMBER, FEN,     0, 999999999, 999999999, ANY, "收银员消费限额", "Cashier: sales up to", \
      "超过时由主管批准", "How much a cashier sells without a supervisor") \
    X(limit_refund,       NUMBER, FEN,     0, 5000000, 0, ANY, "收银员退货限额", "Cashier: refunds up to", \
      "超过时由主管批准", "How much a cashier refunds without a supervisor") \
    X(limit_discount,     NUMBER, PERCENT, 0, 50, 5, ANY, "收银员折扣限额", "Cashier: discounts up to", \
      "超过时由主管批准", "How much a cashier takes off without a supervisor") \
    X(manual_most,        NUMBER, FEN,     0, 5000000, 0, ACQUIRER, "手输卡号限额", "Typed card numbers up to", \
      "手输卡号最多收多少；0：不许手输", "Up to which amount a card number may be typed; 0: not at all") \
    X(quick_1,            NUMBER, FEN,     0, 999999999, 0, ANY, "快捷金额一", "Quick amount 1", \
      "0：没有", "A quick amount; 0: none") \
    X(quick_2,            NUMBER, FEN,     0, 999999999, 0, ANY, "快捷金额二", "Quick amount 2", \
      "0：没有", "A quick amount; 0: none") \
    X(quick_3,            NUMBER, FEN,     0, 999999999, 0, ANY, "快捷金额三", "Quick amount 3", \
      "0：没有", "A quick amount; 0: none") \
    X(quick_4,            NUMBER, FEN,     0, 999999999, 0, ANY, "快捷金额四", "Quick amount 4", \
      "0：没有", "A quick amount; 0: none") \
    X(tip,                NUMBER, SWITCH,  0, 1, 0, ANY, "小费", "Tips", \
      "收款时问顾客要不要给小费", "The customer is asked for a tip") \
    X(tip_1,              NUMBER, PERCENT, 0, 50, 5, ANY, "小费一", "Tip 1", \
      "可选的比例；0：不给选", "Per cent that are offered; 0: not offered") \
    X(tip_2,              NUMBER, PERCENT, 0, 50, 10, ANY, "小费二", "Tip 2", \
      "可选的比例；0：不给选", "Per cent that are offered; 0: not offered") \
    X(tip_3,              NUMBER, PERCENT, 0, 50, 15, ANY, "小费三", "Tip 3", \
      "可选的比例；0：不给选", "Per cent that are offered; 0: not offered") \
    X(tip_most,           NUMBER, PERCENT, 1, 50, 30, ANY, "小费上限", "Greatest tip", \
      "小费最多占多少", "Per cent that a tip has at most") \
    X(sign,               NUMBER, SWITCH,  0, 1, 0, ACQUIRER, "屏幕签名", "Signing on the screen", \
      "要签名的人在屏幕上签", "Who has to sign does it on the screen") \
    X(sign_free,          NUMBER, FEN,     0, 999999999, 100000, ACQUIRER, "免签限额", "No signature up to", \
      "拍卡不超过这个金额就不用签名", "Up to which amount nobody signs for a tap") \
    X(points,             NUMBER, SWITCH,  0, 1, 0, ANY, "积分", "Points", \
      "会员可以用积分付款", "Members pay with points") \
    X(settle_at,          NUMBER, MINUTE,  -1, 1439, -1, ANY, "自动结算时刻", "Settles by itself at", \
      "到这个时刻自动结算", "When settlement begins by itself") \
    X(settle_when_full,   NUMBER, SWITCH,  0, 1, 1, ANY, "批满自动结算", "Settles when full", \
      "批次满了自动结算", "Settlement begins by itself when the batch is full") \
    X(settle_sign_out,    NUMBER, SWITCH,  0, 1, 0, ANY, "结算后签退", "Signs out after settling", \
      "结算以后向主机签退", "The host is told of a sign-out afterwards") \
    X(time_amount,        NUMBER, SECONDS, 10, 300, 60, ACQUIRER, "输入金额时限", "Time for the amount", \
      "多久没输完金额就取消", "Seconds for the amount") \
    X(time_present,       NUMBER, SECONDS, 10, 300, 60, ACQUIRER, "出示卡码时限", "Time to show card or code", \
      "多久没出示就取消", "Seconds to show card or code") \
    X(time_choice,        NUMBER, SECONDS, 10, 180, 60, ACQUIRER, "选择应用时限", "Time to choose on a card", \
      "多久没选就取消", "Seconds to choose on a card") \
    X(time_pin_pause,     NUMBER, SECONDS, 10, 60, 30, ACQUIRER, "密码按键间隔", "Pause between PIN keys", \
      "两次按键之间最多多久", "Seconds from one key of a PIN to the next") \
    X(time_pin,           NUMBER, SECONDS, 30, 300, 120, ACQUIRER, "密码输入时限", "Time for a PIN", \
      "输密码一共最多多久", "Seconds for a PIN") \
    X(time_guided_pause,  NUMBER, SECONDS, 30, 180, 90, ACQUIRER, "语音引导按键间隔", "Pause with the spoken guide", \
      "用语音引导时两次按键之间最多多久", "The same with the spoken guide") \
    X(time_guided,        NUMBER, SECONDS, 120, 600, 300, ACQUIRER, "语音引导密码时限", "PIN with the spoken guide", \
      "用语音引导输密码一共最多多久", "The same with the spoken guide") \
    X(shop,               TEXT,   TEXT,    0, 40, 0, CONTRACT, "店名", "Name of the shop", \
      "签购单上的商户名称，随合同变更；空着就是开通时的名称", "The name on slips, as the contract says; empty: the one it was set up with")
/* clang-format on */

enum device_parameter {
#define X(name, type, unit, least, most, delivered, setter, zh, en, does_zh, does_en) \
    DEVICE_PARAMETER_##name,
    DEVICE_PARAMETER_LIST(X)
#undef X
        DEVICE_PARAMETERS
};

enum device_parameter_type { DEVICE_PARAMETER_NUMBER, DEVICE_PARAMETER_TEXT };

/* What a value counts, and so how it is said and asked for. */
enum device_parameter_unit {
    DEVICE_PARAMETER_UNIT_TEXT,
    DEVICE_PARAMETER_UNIT_SWITCH, /* 0 off, 1 on */
    DEVICE_PARAMETER_UNIT_COUNT,
    DEVICE_PARAMETER_UNIT_SECONDS,
    DEVICE_PARAMETER_UNIT_FEN,
    DEVICE_PARAMETER_UNIT_PERCENT,
    DEVICE_PARAMETER_UNIT_MINUTE, /* of the day; -1: never */
    DEVICE_PARAMETER_UNITS
};

struct device_parameter_row {
    const char *name; /* in the store, in documents, of a member of the interface */
    enum device_parameter_type type;
    enum device_parameter_unit unit;
    int64_t least, most, delivered; /* of a text: bytes of UTF-8 */
    enum device_parameter_setter setter;
    const char *zh, *en, *does_zh, *does_en;
};
const struct device_parameter_row *device_parameter_row(enum device_parameter which);
/* DEVICE_PARAMETERS when there is none. */
enum device_parameter device_parameter_named(struct bytes name);

struct device_parameter_value {
    bool set;
    int64_t number;
    char text[DEVICE_PARAMETER_TEXT_MAX + 1];
};

/* The price list that the device is to have. */
struct device_goods {
    bool set;
    uint8_t digest[PRICE_DIGEST];
    int64_t size; /* bytes, 1 .. PRICE_LIST_MAX */
};

struct device_parameters {
    struct device_parameter_value value[DEVICE_PARAMETERS];
    struct device_goods goods;
};

/* What is set of it may be so: within its range; a text without control characters. */
bool device_parameter_fits(enum device_parameter which, const struct device_parameter_value *value);

/* ENSUREs that every value fits. FULL is the writer's. */
void device_parameters_write(struct writer *w, const struct device_parameters *set);

/* FORMAT: no such document, an unknown name, a value out of its range, a line twice or out of
 * order. `out` is touched only when it is understood. */
MUST_USE err device_parameters_read(struct bytes document, struct device_parameters *out);
