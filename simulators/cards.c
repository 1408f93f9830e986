/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual cards and phones, and the BIN table. Issuers and wallets are made up. */
#include "simulators/cards.h"

/* clang-format off */
static const struct bin_row bins[] = {
    {"620000", "示例银行",     PAYMENT_CLASS_DEBIT},
    {"620001", "示例信用卡",   PAYMENT_CLASS_CREDIT},
    {"620002", "沉默银行",     PAYMENT_CLASS_DEBIT},
    {"620003", "慢速银行",     PAYMENT_CLASS_DEBIT},
    {"620004", "示例联名卡",   PAYMENT_CLASS_CREDIT},
};

static const struct virtual_card cards[] = {
    {"good", "6200000000000010017", "120", "246810", 3, 1000000, BEHAVES_WELL, "#b3261e",
     {"好卡", "Good card"}, {"借记卡，19位卡号，密码 246810", "debit, 19 digits, PIN 246810"}},
    {"credit", "6200010000000012", "121", "135790", 4, 5000000, BEHAVES_WELL, "#1e5fb3",
     {"信用卡", "Credit card"}, {"密码 135790", "PIN 135790"}},
    {"chip", "6200000000000005", "201", "246810", 3, 1000000, BEHAVES_WELL, "#5b6b7a",
     {"芯片卡", "Chip card"}, {"服务代码 201：要求插卡，不能刷", "service code 201: insert, do not swipe"}},
    {"expired", "6200000000000021", "120", "246810", -2, 1000000, BEHAVES_WELL, "#7a6a5b",
     {"过期卡", "Expired card"}, {"两年前过期", "expired two years ago"}},
    {"poor", "6200000000000039", "120", "246810", 3, 100, BEHAVES_WELL, "#6a7a3b",
     {"余额不足", "Insufficient funds"}, {"余额 1.00 元，密码 246810", "balance 1.00, PIN 246810"}},
    {"wrongpin", "6200010000000020", "121", "000000", 4, 5000000, BEHAVES_WRONG_PIN, "#7a3b6a",
     {"密码总错", "Wrong PIN"}, {"无论输入什么密码都不对", "whatever is entered is wrong"}},
    {"stolen", "6200000000000047", "120", "246810", 3, 1000000, BEHAVES_BLACKLISTED, "#333333",
     {"黑名单卡", "Black-listed card"}, {"已报失窃，密码 246810", "reported stolen, PIN 246810"}},
    {"silent", "6200020000000011", "120", "246810", 3, 1000000, BEHAVES_SILENT, "#4b4b8a",
     {"发卡行不应答", "Issuer silent"}, {"扣款后不应答，须冲正；密码 246810", "charges and never answers; PIN 246810"}},
    {"slow", "6200030000000010", "120", "246810", 3, 1000000, BEHAVES_SLOW, "#2f7a6a",
     {"发卡行很慢", "Issuer slow"}, {"12 秒后应答，密码 246810", "answers after 12 s, PIN 246810"}},
};

static const struct virtual_phone phones[] = {
    {"good", "28", 1000000, BEHAVES_WELL, {"手机钱包", "Phone wallet"}, {"余额充足，直接付款", "pays at once"}},
    {"asks", "13", 1000000, BEHAVES_ASKS, {"需要密码", "Asks a password"}, {"顾客输入密码，约 4 秒", "the customer types for 4 s"}},
    {"poor", "62", 100, BEHAVES_WELL, {"余额不足", "Insufficient funds"}, {"余额 1.00 元", "balance 1.00"}},
    {"never", "13", 1000000, BEHAVES_NEVER_PAYS, {"一直不付", "Never pays"}, {"顾客不输密码，超时撤回", "times out and is taken back"}},
};
/* clang-format on */

const struct virtual_card *virtual_cards(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(cards);
    return cards;
}

const struct virtual_phone *virtual_phones(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(phones);
    return phones;
}

const struct virtual_card *virtual_card_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(cards); i++)
        if (bytes_equal(name, bytes_text(cards[i].name))) return &cards[i];
    return NULL;
}

const struct virtual_phone *virtual_phone_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(phones); i++)
        if (bytes_equal(name, bytes_text(phones[i].name))) return &phones[i];
    return NULL;
}

const struct bin_row *bin_find(struct bytes pan)
{
    for (size_t i = 0; pan.len >= 6 && i < ARRAY_LEN(bins); i++)
        if (memcmp(pan.at, bins[i].bin, 6) == 0) return &bins[i];
    return NULL;
}

const char *wallet_name(const struct virtual_phone *phone)
{
    return strcmp(phone->prefix, "62") == 0 ? "示例云钱包" : "示例钱包";
}

void virtual_card_expiry(const struct virtual_card *card, int64_t now_ms, char out[static 5])
{
    struct civil now = civil_from_ms(now_ms + CLOCK_CHINA_OFFSET_MS);
    struct writer w = writer_over(out, 5);
    write_format(&w, "%02d%02d", (now.year + card->expiry_years) % 100, now.month);
    ENSURE(w.fault == ERR_OK);
    out[4] = '\0';
}

err virtual_card_track2(const struct virtual_card *card, int64_t now_ms, struct writer *w)
{
    char expiry[5];
    virtual_card_expiry(card, now_ms, expiry);
    write_format(w, ";%s=%s%s00000000?", card->pan, expiry, card->service_code);
    return (err){w->fault};
}
