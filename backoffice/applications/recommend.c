/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue, and the choice from it. */
#include "backoffice/applications/recommend.h"

static const struct terminal_kind_row kinds[TERMINAL_KINDS] = {
    [KIND_SPEAKER] = {"speaker", "收款音箱", "payment speaker", NEED_COUNTER, 9900},
    [KIND_HANDHELD] = {"handheld", "移动终端", "handheld terminal",
                       NEED_COUNTER | NEED_MOBILE | NEED_CARDS | NEED_CATERING, 39900},
    [KIND_SMART] = {"smart", "智能打印终端", "smart terminal with printer",
                    NEED_COUNTER | NEED_MOBILE | NEED_PRINT | NEED_CARDS | NEED_CATERING |
                        NEED_HOTEL,
                    69900},
    [KIND_COUNTER] = {"counter", "台式终端", "counter terminal",
                      NEED_COUNTER | NEED_PRINT | NEED_CARDS | NEED_HOTEL | NEED_VOLUME | NEED_TILL,
                      59900},
    [KIND_TILL] = {"till", "双屏收银机", "till with two screens",
                   NEED_COUNTER | NEED_PRINT | NEED_CARDS | NEED_CATERING | NEED_HOTEL |
                       NEED_VOLUME | NEED_TILL,
                   199900},
};

static const struct {
    const char *word, *zh, *en;
} needs_of[] = {
    {"counter", "放在柜台使用", "stands on a counter"},
    {"mobile", "可移动、上门收款", "is used on the way and at the door"},
    {"print", "打印纸质小票", "prints slips"},
    {"cards", "受理银行卡", "takes bank cards"},
    {"catering", "适合餐饮", "suits a restaurant"},
    {"hotel", "支持预授权", "takes holds, as hotels need"},
    {"volume", "每日交易笔数多", "is made for many payments a day"},
    {"till", "连接收银系统", "is driven by a till"},
};

static unsigned bit_of(unsigned need)
{
    ENSURE(need != 0 && (need & (need - 1)) == 0 && need <= NEEDS_ALL);
    return (unsigned)__builtin_ctz(need);
}

const char *need_word(unsigned need)
{
    return needs_of[bit_of(need)].word;
}

const char *need_text(unsigned need, bool english)
{
    return english ? needs_of[bit_of(need)].en : needs_of[bit_of(need)].zh;
}

const struct terminal_kind_row *terminal_kind_row(enum terminal_kind kind)
{
    ENSURE(kind > 0 && kind < TERMINAL_KINDS);
    return &kinds[kind];
}

/* Less is better: first what is missing, then what is too much, then the price. */
static int64_t distance(enum terminal_kind kind, unsigned needs)
{
    int64_t missing = __builtin_popcount(needs & ~kinds[kind].can);
    int64_t spare = __builtin_popcount(kinds[kind].can & ~needs);
    return (missing * 100 + spare) * 1000000 + kinds[kind].price_minor;
}

static enum terminal_kind nearest(unsigned needs, enum terminal_kind but)
{
    enum terminal_kind best = 0;
    for (enum terminal_kind k = KIND_SPEAKER; k < TERMINAL_KINDS; k++) {
        if (k == but) continue;
        if (best == 0 || distance(k, needs) < distance(best, needs)) best = k;
    }
    return best;
}

struct recommendation recommend(unsigned needs)
{
    ENSURE(needs != 0 && (needs & ~(unsigned)NEEDS_ALL) == 0);
    struct recommendation r = {.best = nearest(needs, 0)};
    r.other = nearest(needs, r.best);
    r.met = needs & kinds[r.best].can;
    r.missing = needs & ~kinds[r.best].can;
    r.other_missing = needs & ~kinds[r.other].can;
    return r;
}
