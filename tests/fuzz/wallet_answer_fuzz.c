/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what a provider says: an answer to each call, a notice, the file of accounts. Only
 * one that names our number and our amount says that something was paid; and what is written for
 * such a question can be read again.
 */
#include "wallets/alipay.h"
#include "wallets/wechatpay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define RRN "633300000001"
#define NOW 1790000000

static struct wallet_account account = {.there = true,
                                        .name = "A",
                                        .base = "https://a.example",
                                        .app_id = "2016",
                                        .mch_id = "19",
                                        .serial = "F5",
                                        .subject = "s",
                                        .public_count = 1,
                                        .public = {{.serial = "", .pem = "none"}}};

static void check_answer(const struct wallet_driver *driver, enum wallet_call call,
                         struct bytes input)
{
    static uint8_t scratch[WALLET_ANSWER_MAX + 256];
    struct writer w = writer_over(scratch, sizeof scratch);
    struct wallet_reading reading = {0};
    const struct wallet_ask ask = {.account = &account,
                                   .call = call,
                                   .order = {.number = RRN,
                                             .part = "633300000009",
                                             .terminal = "1",
                                             .amount_minor = 1234,
                                             .total_minor = 1234},
                                   .now_ms = NOW * INT64_C(1000)};
    const struct wallet_raw raw = {.status = 200,
                                   .body = input,
                                   .timestamp = "1790000000",
                                   .nonce = "n",
                                   .serial = "P",
                                   .signature = "AAAA"};
    static struct wallet_fetched fetched;
    struct wallet_reading check = {0};
    struct wallet_said said = {0};
    fetched.rows = fetched.found.count = 0;
    if (!FAILED(driver->certificates(&ask, &raw, &w, &fetched, &check)))
        ENSURE(fetched.rows + fetched.found.count > 0 && check.signature_len > 0);
    if (driver->shown != NULL && !FAILED(driver->shown(&ask, input, &said)))
        ENSURE(said.word != WALLET_REFUSED || strlen(said.response_code) == 2);
    w = writer_over(scratch, sizeof scratch);
    if (FAILED(driver->read(&ask, &raw, &w, &reading))) return;
    ENSURE(reading.signature_len > 0 && reading.public_pem != NULL);
    ENSURE(reading.said.word != WALLET_REFUSED || strlen(reading.said.response_code) == 2);
    ENSURE(strlen(reading.said.shown) <= WALLET_SHOWN_MAX);
    if (reading.said.word != WALLET_PAID) return;
    ENSURE(memmem(input.at, input.len, RRN, 12) != NULL);
    ENSURE(memmem(input.at, input.len, "12", 2) != NULL);
}

static void check_notice(struct bytes input)
{
    static uint8_t room[64 * 1024], scratch[64 * 1024];
    struct writer room_w = writer_over(room, sizeof room);
    struct writer scratch_w = writer_over(scratch, sizeof scratch);
    struct wallet_notice notice = {.amount_minor = 0};
    struct wallet_reading check = {0};
    struct wallet_sealed sealed;
    if (!FAILED(alipay_read_notice(&account, NULL, NOW * INT64_C(1000), input, &room_w, &scratch_w,
                                   &notice, &check)))
        ENSURE(check.signature_len > 0 && notice.amount_minor >= 0);
    const struct wallet_raw raw = {
        .body = input, .timestamp = "1790000000", .nonce = "n", .serial = "P", .signature = "AAAA"};
    room_w = writer_over(room, sizeof room);
    scratch_w = writer_over(scratch, sizeof scratch);
    if (!FAILED(wechatpay_read_notice(&account, NULL, NOW * INT64_C(1000), &raw, &scratch_w,
                                      &room_w, &sealed, &check)))
        ENSURE(sealed.nonce.len <= HSM_WALLET_NONCE_BYTES &&
               sealed.text.len <= HSM_WALLET_SEALED_MAX);
    if (!FAILED(wechatpay_open_notice(&account, input, &notice)))
        ENSURE(strlen(notice.number) < sizeof notice.number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wallet_accounts accounts;
    struct process_fault fault;
    struct bytes input = bytes_of(data, size);
    for (unsigned call = 0; call < WALLET_CALLS; call++) {
        check_answer(&wallet_alipay, (enum wallet_call)call, input);
        check_answer(&wallet_wechatpay, (enum wallet_call)call, input);
    }
    check_notice(input);
    if (!FAILED(wallet_accounts_parse(input, NOW * INT64_C(1000), &accounts, &fault)))
        ENSURE(accounts.zone_mac[0] != '\0');
    return 0;
}
