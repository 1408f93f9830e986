/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of payment: what they mean, and what they look like in messages. */
#include "payment/kind.h"

#define OF(type) (1u << PAYMENT_##type)

/* clang-format off */
static const struct payment_type_row types[PAYMENT_TYPES] = {
    /*                               on a slip                            money           original named by           what it may be           whole  batch  days  % */
    [PAYMENT_SALE]              = {"消费",             "SALE",             PAYMENT_TAKES,  PAYMENT_LINK_NONE,          0,                       false, false, 0,    0},
    [PAYMENT_VOID]              = {"消费撤销",         "VOID",             PAYMENT_GIVES,  PAYMENT_LINK_VOUCHER,       OF(SALE),                true,  true,  0,    0},
    [PAYMENT_REFUND]            = {"退货",             "REFUND",           PAYMENT_GIVES,  PAYMENT_LINK_REFERENCE,     OF(SALE) | OF(COMPLETION) | OF(COMPLETION_ADVICE) | OF(INSTALMENT), false, false, 0, 0},
    [PAYMENT_PREAUTH]           = {"预授权",           "PRE-AUTH",         PAYMENT_HOLDS,  PAYMENT_LINK_NONE,          0,                       false, false, 0,    0},
    [PAYMENT_PREAUTH_ADD]       = {"追加预授权",       "ADD PRE-AUTH",     PAYMENT_HOLDS,  PAYMENT_LINK_AUTHORISATION, OF(PREAUTH),             false, false, 30,   0},
    [PAYMENT_PREAUTH_CANCEL]    = {"预授权撤销",       "CANCEL PRE-AUTH",  PAYMENT_HOLDS,  PAYMENT_LINK_AUTHORISATION, OF(PREAUTH),             true,  false, 30,   0},
    [PAYMENT_COMPLETION]        = {"预授权完成",       "COMPLETION",       PAYMENT_TAKES,  PAYMENT_LINK_AUTHORISATION, OF(PREAUTH),             false, false, 30,   115},
    [PAYMENT_COMPLETION_ADVICE] = {"预授权完成(通知)", "COMPLETION ADVICE", PAYMENT_TAKES, PAYMENT_LINK_AUTHORISATION, OF(PREAUTH),             false, false, 30,   115},
    [PAYMENT_COMPLETION_VOID]   = {"预授权完成撤销",   "VOID COMPLETION",  PAYMENT_GIVES,  PAYMENT_LINK_REFERENCE,     OF(COMPLETION) | OF(COMPLETION_ADVICE), true, false, 0, 0},
    [PAYMENT_INSTALMENT]        = {"分期消费",         "INSTALMENTS",      PAYMENT_TAKES,  PAYMENT_LINK_NONE,          0,                       false, false, 0,    0},
    [PAYMENT_INSTALMENT_VOID]   = {"分期撤销",         "VOID INSTALMENTS", PAYMENT_GIVES,  PAYMENT_LINK_VOUCHER,       OF(INSTALMENT),          true,  true,  0,    0},
    [PAYMENT_BALANCE]           = {"余额查询",         "BALANCE",          PAYMENT_LEAVES, PAYMENT_LINK_NONE,          0,                       false, false, 0,    0},
    [PAYMENT_REDEEM]            = {"积分抵扣",         "POINTS",           PAYMENT_SPENDS, PAYMENT_LINK_NONE,          0,                       false, false, 0,    0},
    [PAYMENT_REDEEM_VOID]       = {"积分抵扣撤销",     "VOID POINTS",      PAYMENT_RESTORES, PAYMENT_LINK_VOUCHER,     OF(REDEEM),              true,  true,  0,    0},
    [PAYMENT_REDEEM_REFUND]     = {"积分退还",         "POINTS BACK",      PAYMENT_RESTORES, PAYMENT_LINK_REFERENCE,   OF(REDEEM),              false, false, 0,    0},
};

/* 450000 and 680000 for codes are those of a widespread gateway, and no standard's; 460000 and
 * 690000 for codes that the terminal shows are ours. */
static const struct payment_kind kinds[] = {
    /*                           means          MTI     3         25    60.1  3 towards the network */
    {PAYMENT_SALE,               PAYMENT_CARD,  0x0200, "000000", "00", "22", "000000"},
    {PAYMENT_SALE,               PAYMENT_CODE,  0x0200, "450000", "00", "22", "450000"},
    {PAYMENT_SALE,               PAYMENT_SHOWN, 0x0200, "460000", "00", "22", "460000"},
    {PAYMENT_VOID,               PAYMENT_CARD,  0x0200, "200000", "00", "23", "200000"},
    {PAYMENT_VOID,               PAYMENT_CODE,  0x0200, "680000", "00", "23", "680000"},
    {PAYMENT_VOID,               PAYMENT_SHOWN, 0x0200, "690000", "00", "23", "690000"},
    {PAYMENT_REFUND,             PAYMENT_CARD,  0x0220, "200000", "00", "25", "200000"},
    {PAYMENT_REFUND,             PAYMENT_CODE,  0x0220, "680000", "00", "25", "680000"},
    {PAYMENT_REFUND,             PAYMENT_SHOWN, 0x0220, "690000", "00", "25", "690000"},
    {PAYMENT_PREAUTH,            PAYMENT_CARD,  0x0100, "030000", "06", "10", "030000"},
    {PAYMENT_PREAUTH_ADD,        PAYMENT_CARD,  0x0100, "030000", "60", "10", "030000"},
    {PAYMENT_PREAUTH_CANCEL,     PAYMENT_CARD,  0x0100, "200000", "06", "11", "200000"},
    {PAYMENT_COMPLETION,         PAYMENT_CARD,  0x0200, "000000", "06", "20", "000000"},
    {PAYMENT_COMPLETION_ADVICE,  PAYMENT_CARD,  0x0220, "000000", "06", "24", "000000"},
    {PAYMENT_COMPLETION_VOID,    PAYMENT_CARD,  0x0200, "200000", "06", "21", "200000"},
    {PAYMENT_INSTALMENT,         PAYMENT_CARD,  0x0200, "000000", "64", "22", "000000"},
    {PAYMENT_INSTALMENT_VOID,    PAYMENT_CARD,  0x0200, "200000", "64", "23", "200000"},
    {PAYMENT_BALANCE,            PAYMENT_CARD,  0x0200, "310000", "00", "01", "310000"},
    {PAYMENT_REDEEM,             PAYMENT_POINTS, 0x0200, "000000", "65", "22", "000000"},
    {PAYMENT_REDEEM_VOID,        PAYMENT_POINTS, 0x0200, "200000", "65", "23", "200000"},
    {PAYMENT_REDEEM_REFUND,      PAYMENT_POINTS, 0x0220, "200000", "65", "25", "200000"},
};
/* clang-format on */

const struct payment_type_row *payment_type_row(enum payment_type type)
{
    ENSURE(type > PAYMENT_TYPE_NONE && type < PAYMENT_TYPES);
    return &types[type];
}

enum payment_type payment_void_of(enum payment_type type)
{
    for (enum payment_type by = PAYMENT_SALE; by < PAYMENT_TYPES; by++)
        if (types[by].link == PAYMENT_LINK_VOUCHER && (types[by].originals & 1u << type) != 0)
            return by;
    return PAYMENT_TYPE_NONE;
}

enum payment_type payment_refund_of(enum payment_type type)
{
    for (enum payment_type by = PAYMENT_SALE; by < PAYMENT_TYPES; by++)
        if (types[by].link == PAYMENT_LINK_REFERENCE && !types[by].whole &&
            (types[by].originals & 1u << type) != 0)
            return by;
    return PAYMENT_TYPE_NONE;
}

bool payment_kind_moves(enum payment_type type, enum payment_means means)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].type == type && kinds[i].means == means) return payment_moves(type);
    return false;
}

const struct payment_kind *payment_kind_of(const struct payment *payment)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].type == payment->type && kinds[i].means == payment->means) return &kinds[i];
    ensure_failed(__FILE__, __LINE__, "payment has a kind that messages know");
}

const struct payment_kind *payment_kind_by_terminal(struct bytes processing, struct bytes condition,
                                                    struct bytes trade)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (bytes_equal(processing, bytes_text(kinds[i].processing)) &&
            bytes_equal(condition, bytes_text(kinds[i].condition)) &&
            bytes_equal(trade, bytes_text(kinds[i].trade)))
            return &kinds[i];
    return NULL;
}

const struct payment_kind *payment_kind_by_network(uint16_t mti, struct bytes processing,
                                                   struct bytes condition)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].mti == mti && bytes_equal(processing, bytes_text(kinds[i].network)) &&
            bytes_equal(condition, bytes_text(kinds[i].condition)))
            return &kinds[i];
    return NULL;
}

bool payment_kind_mti(uint16_t mti)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (kinds[i].mti == mti) return true;
    return false;
}

const struct payment_kind *payment_kinds(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(kinds);
    return kinds;
}
