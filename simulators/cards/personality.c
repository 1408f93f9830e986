/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual chip cards. */
#include "simulators/cards/personality.h"

#define DEBIT  BYTES("\xA0\x00\x00\x03\x33\x01\x01\x01")
#define CREDIT BYTES("\xA0\x00\x00\x03\x33\x01\x01\x02")

/* Amounts X and Y are 0. Then pairs: enciphered PIN online if supported, else the next; signature;
 * nothing. See EMV Book 3, C3. */
#define ZEROS      "\x00\x00\x00\x00\x00\x00\x00\x00"
#define CVM_USUAL  BYTES(ZEROS "\x42\x03\x1E\x03\x1F\x03")
#define CVM_ONLINE BYTES(ZEROS "\x02\x00")
#define CVM_PLAIN  BYTES(ZEROS "\x41\x03\x42\x03\x1E\x03")
#define CVM_SECRET BYTES(ZEROS "\x44\x03\x42\x03\x1E\x03")
#define CVM_NONE   BYTES(ZEROS "\x1F\x00")

/* A row says what is usual and then what is not. */
#pragma GCC diagnostic ignored "-Woverride-init"

/* clang-format off */
#define CHINA .country = 0x0156, .currency = 0x0156
#define USUAL                                                                             \
    .contact = true, .contactless = true, .aid = DEBIT, .label = "UnionPay Debit",        \
    .auth = CHIP_AUTH_DDA, .cvm_list = CVM_USUAL, CHINA, .contact_offline_minor = 20000,  \
    .contactless_offline_minor = 1000, .tries = 3, .online_pin = true

static const struct personality table[] = {
    {"debit", "chip", 1, USUAL, .title = {"芯片借记卡", "Chip debit"},
     .hint = {"插卡或挥卡，密码 246810", "insert or tap, PIN 246810"}},
    {"credit", "credit", 2, USUAL, .aid = CREDIT, .label = "UnionPay Credit", .auth = CHIP_AUTH_CDA,
     .title = {"芯片信用卡", "Chip credit"}, .hint = {"插卡或挥卡，密码 135790", "insert or tap, PIN 135790"}},
    {"phone", "good", 3, USUAL, .contact = false, .on_device = true,
     .title = {"手机闪付", "Phone tap"}, .hint = {"手机上已验证本人，不输密码", "owner verified on the phone, no PIN"}},
    {"foreign", "credit", 4, USUAL, .aid = CREDIT, .label = "UnionPay Credit", .country = 0x0840,
     .currency = 0x0840, .contact_offline_minor = 0, .contactless_offline_minor = 0,
     .title = {"境外卡", "Foreign card"}, .hint = {"美国发行，美元账户，密码 135790", "issued abroad in USD, PIN 135790"}},
    {"pinonline", "chip", 5, USUAL, .cvm_list = CVM_ONLINE, .contact_offline_minor = 0,
     .contactless_offline_minor = 0,
     .title = {"必须联机密码", "Online PIN only"}, .hint = {"密码 246810", "PIN 246810"}},
    {"pinplain", "chip", 6, USUAL, .cvm_list = CVM_PLAIN,
     .title = {"脱机明文密码", "Offline PIN"}, .hint = {"卡片验密，密码 246810", "the card checks it, PIN 246810"}},
    {"pinsecret", "chip", 7, USUAL, .cvm_list = CVM_SECRET,
     .title = {"脱机加密密码", "Offline PIN, enciphered"}, .hint = {"卡片验密，密码 246810", "the card checks it, PIN 246810"}},
    {"two", "chip", 8, USUAL, .second_aid = CREDIT,
     .title = {"双应用卡", "Two applications"}, .hint = {"先选借记或贷记", "choose debit or credit first"}},
    {"sda", "good", 9, USUAL, .contactless = false, .auth = CHIP_AUTH_SDA,
     .title = {"静态认证卡", "SDA only"}, .hint = {"只有静态签名", "a static signature only"}},
    {"plain", "good", 10, USUAL, .contactless = false, .auth = CHIP_AUTH_NONE, .cvm_list = CVM_NONE,
     .title = {"无脱机认证", "No offline data"}, .hint = {"只能联机", "must go online"}},
    {"t0", "chip", 11, USUAL, .contactless = false, .t0 = true,
     .title = {"T=0 芯片卡", "T=0 card"}, .hint = {"老式协议，密码 246810", "the older protocol, PIN 246810"}},
    {"expired", "expired", 12, USUAL,
     .title = {"过期芯片卡", "Expired chip"}, .hint = {"两年前过期", "expired two years ago"}},
    {"poor", "poor", 13, USUAL, .contact_offline_minor = 0, .contactless_offline_minor = 0,
     .title = {"余额不足", "Insufficient funds"}, .hint = {"余额 1.00 元，密码 246810", "balance 1.00, PIN 246810"}},
    {"declines", "good", 14, USUAL, .declines = true,
     .title = {"卡片拒绝", "Card declines"}, .hint = {"卡片自己拒绝交易", "the card itself refuses"}},
    {"script", "chip", 15, USUAL, .script = CHIP_SCRIPT_UNBLOCK_PIN, .cvm_list = CVM_PLAIN,
     .contact_offline_minor = 0,
     .title = {"收脚本卡", "Takes a script"}, .hint = {"发卡行远程解锁密码", "the issuer unblocks its PIN"}},
    {"doomed", "chip", 16, USUAL, .script = CHIP_SCRIPT_BLOCK_APPLICATION, .contact_offline_minor = 0,
     .title = {"将被锁的卡", "Will be blocked"}, .hint = {"交易后发卡行锁定应用", "the issuer blocks it afterwards"}},
    {"blocked", "chip", 17, USUAL, .application_blocked = true,
     .title = {"应用已锁", "Application blocked"}, .hint = {"不能选择该应用", "cannot be selected"}},
    {"dead", "chip", 18, USUAL, .card_blocked = true,
     .title = {"卡片已锁", "Card blocked"}, .hint = {"整张卡不能用", "the whole card"}},
    {"slow", "chip", 19, USUAL, .delay_ms = 1500,
     .title = {"很慢的卡", "Slow card"}, .hint = {"每条命令 1.5 秒", "1.5 s for every answer"}},
    {"issuerless", "chip", 20, USUAL, .lie = CHIP_LIES_ISSUER,
     .title = {"证书不对", "Wrong certificate"}, .hint = {"发卡行证书无效", "the issuer's does not verify"}},
    {"fakefdda", "chip", 21, USUAL, .contact = false, .lie = CHIP_LIES_FDDA,
     .title = {"签名不对", "Bad signature"}, .hint = {"动态签名无效", "its fDDA does not verify"}},
    {"oldfdda", "chip", 22, USUAL, .contact = false, .lie = CHIP_LIES_VERSION,
     .title = {"fDDA 版本 00", "fDDA version 00"}, .hint = {"旧版签名", "an old signature"}},
    {"twofaced", "chip", 23, USUAL, .lie = CHIP_LIES_PAN,
     .title = {"卡号不一致", "Two numbers"}, .hint = {"两处卡号不同", "its records disagree"}},
    {"endless", "chip", 24, USUAL, .lie = CHIP_LIES_ENDLESS,
     .title = {"记录没完没了", "Endless records"}, .hint = {"读不完的卡", "there is always one more"}},
    {"cut", "chip", 25, USUAL, .lie = CHIP_LIES_LENGTH,
     .title = {"长度不对", "Wrong lengths"}, .hint = {"记录比所说的短", "records shorter than they say"}},
    {"double", "chip", 26, USUAL, .lie = CHIP_LIES_TWICE,
     .title = {"重复数据", "Data twice"}, .hint = {"卡号出现两次", "its number stands there twice"}},
    {"boaster", "chip", 27, USUAL, .lie = CHIP_LIES_UPGRADE,
     .title = {"擅自批准", "Approves by itself"}, .hint = {"被拒仍给批准密文", "a TC where an AAC was asked for"}},
    {"asks", "good", 28, USUAL, .contact = false, .on_device = true, .asks_owner = true,
     .title = {"手机先确认", "Phone asks first"}, .hint = {"在手机上确认后再挥一次", "confirm on the phone, then tap again"}},
    {"slotonly", "chip", 29, USUAL, .slot_only = true,
     .title = {"只能插卡", "To be inserted"}, .hint = {"挥卡会要求插卡，密码 246810", "a tap asks for the slot, PIN 246810"}},
    {"stolen", "stolen", 30, USUAL,
     .title = {"黑名单芯片卡", "Black-listed chip"}, .hint = {"已报失窃；脱机仍会批准", "reported stolen; still approves without the host"}},
};
/* clang-format on */

const struct personality *personalities(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}

const struct personality *personality_named(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (bytes_equal(name, bytes_text(table[i].name))) return &table[i];
    return NULL;
}

const struct personality *personality_of(struct bytes pan, unsigned sequence)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct virtual_card *card = virtual_card_named(bytes_text(table[i].account));
        ENSURE(card != NULL);
        if (table[i].sequence == sequence && bytes_equal(pan, bytes_text(card->pan)))
            return &table[i];
    }
    return NULL;
}
