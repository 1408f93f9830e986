/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * demo_fast: half a year of a shop in two minutes. Real programs under a clock that is turned
 * (lib/base/clock_turned.h); the driver turns it from one interesting moment to the next, waits
 * until everybody is at rest, and does what people would do, by the doors that they have.
 *
 * Each thing that happens is said once, with its date in China and its figure. The kinds are a
 * table that says how often each must come within so many days: the story came out right when all
 * of them did and the money at the end is the same from wherever it is counted.
 */

#include "cli/console.h"
#include "cli/page.h"
#include "cli/stage.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

/* name, its word in English and in Chinese, in how many days the first must have come, and once in
 * how many from then on (0: once; the days on which the shop is closed do not count) */
/* clang-format off */
#define FAST_KINDS(X) \
    X(START, "start", "开始", 1, 0) \
    X(ACCOUNT, "payout account", "收款账户", 1, 0) \
    X(APPLIED, "application", "申请", 1, 0) \
    X(REVIEWED, "review", "审核", 1, 0) \
    X(SIGNED, "agreement", "签约", 2, 0) \
    X(SHIPPED, "shipped", "寄出", 2, 0) \
    X(ACTIVATED, "activation", "激活", 6, 0) \
    X(FIRST, "first steps", "首次使用", 6, 0) \
    X(TRADE, "trade", "交易", 1, 1) \
    X(REFUND, "refund", "退款", 3, 8) \
    X(SETTLED, "settled", "结算", 1, 1) \
    X(CLEARED, "cleared", "对账", 2, 1) \
    X(PAID, "paid out", "划款", 11, 10) \
    X(BACKUP, "backup", "备份", 10, 8) \
    X(KEY, "key rotation", "更换密钥", 22, 0) \
    X(ZONE, "network keys", "网络密钥", FAST_ZONE_DAY + 1, 0) \
    X(ZONE_DONE, "old keys gone", "旧钥销毁", FAST_ZONE_DAY + 4, 0) \
    X(ROLLOUT, "roll-out", "软件推送", FAST_UPDATE_DAY + 1, 0) \
    X(UPDATED, "updated", "软件升级", FAST_UPDATE_DAY + 5, 0) \
    X(TESTED, "restore test", "检验备份", 11, 0) \
    X(CALENDAR, "calendar", "到期日", 141, 0) \
    X(CLOSED, "closed", "停业", FAST_CLOSED_FROM + 1, 0) \
    X(OPENED, "open again", "开业", FAST_CLOSED_TO + 1, 0) \
    X(REMINDED, "reminder", "提醒", 1, 0) \
    X(REVIEW, "password review", "密码复核", 153, 0) \
    X(NEWS, "event", "事件", 3, 0)
/* clang-format on */

enum fast_kind {
#define X(name, word, zh, first, every) FAST_##name,
    FAST_KINDS(X)
#undef X
        FAST_KINDS_COUNT
};

enum {
    FAST_ANSWER_MS = 30000,
    FAST_DAY_MS = 24 * 3600 * 1000,
    /* Certificates are short, so that they are renewed while somebody watches: a month before the
     * end. But first the shop is being renovated and its terminal is off, and its certificate ends
     * before it could ask for another. */
    FAST_CERTIFICATE_DAYS = 60,
    FAST_UPDATE_DAY = 7,
    FAST_ZONE_DAY = 8,
    FAST_CLOSED_FROM = 28,
    FAST_CLOSED_TO = 63,
    FAST_NEWS_MAX = 20,
};

/* Of the second shop: nobody's. */
#define FAST_PHONE        "13900001234"
#define FAST_BANK_ACCOUNT "620000001234"

/* Somebody at a console. */
struct fast_person {
    struct console *console;
    const char *login;
};

struct fast {
    struct stage *stage;
    struct page *page;
    struct clock clock;
    struct random random;
    int64_t days, day; /* of the story; the one at hand counts from 0 */
    int64_t began_ms;  /* local midnight of day 0, as UTC */
    int64_t began_us;  /* when the programs ran, by the machine's clock */
    bool json;
    size_t said[FAST_KINDS_COUNT];
    char password[16], supervisor[16]; /* that operator 01 and 00 have chosen */
    char chief_password[16];           /* of the supervisor at the first terminal */
    char reference[13];                /* of the last sale by code */
    char pin[16];
    struct fast_person agent, chief, owner;
    struct console *program; /* with a key */
    struct json_document kinds;
    int64_t news, letters; /* the last event and the last message that were read */
    size_t heard[FAST_NEWS_MAX];
    /* The second shop, and its terminal. */
    struct visitor *visitor;
    char application[16], box_vault[160];
    struct page *box;
    struct child *box_keys, *box_screen;
    size_t backups;
    bool rekeying;         /* the card network's keys are being replaced */
    bool updating;         /* a roll-out has not reached the first terminal yet */
    int64_t stage_percent; /* how many devices are to have it, when it was last looked */
    bool uncleared;        /* something was paid that the networks' files have not told yet */
    /* What should stand in the books, counted here. */
    int64_t sold_minor, refunded_minor, paid_out_minor, fee_minor;
    size_t payments, settlements, payouts, cleared;
    uint8_t *block; /* for whatever comes; FAST_BLOCK bytes */
    char why[256];  /* what failed, for people */
};

enum { FAST_BLOCK = 256 << 10 };

/* ---- demo_fast.c ---- */

/* The moment at hand, local and as UTC. */
int64_t fast_now_ms(const struct fast *f);
struct civil fast_date(const struct fast *f);

/* Turns the clock to this hour and minute of the day at hand, when it is not later already, and
 * waits until everybody is at rest. Errors: TIMEOUT. */
MUST_USE err fast_until(struct fast *f, int hour, int minute);
/* Waits until everybody is at rest. */
MUST_USE err fast_rest(struct fast *f);
/* The same, and then a moment passes: what looks again a few times a second looks now. */
MUST_USE err fast_moment(struct fast *f);

/* Something has happened. */
void fast_say(struct fast *f, enum fast_kind kind, const char *format, ...) PRINTF(3, 4);
/* Why the story cannot go on. Returns `why`. */
MUST_USE err fast_failed(struct fast *f, err why, const char *format, ...) PRINTF(3, 4);

/*
 * `tongbao admin` with these words, up to NULL; what it has said is laid into f->block. STATE when
 * its status was not 0.
 */
MUST_USE err fast_admin(struct fast *f, const char *const *words);

/* ---- demo_fast_counter.c: the cashier ---- */

MUST_USE err fast_counter_begin(struct fast *f);
/* A day's sales and their settlement; a refund of yesterday's sale by code. */
MUST_USE err fast_counter_trade(struct fast *f);
MUST_USE err fast_counter_refund(struct fast *f);
/* The terminal is switched off, and on. */
void fast_counter_close(struct fast *f);
/* The page of a terminal that has started anew, by itself. */
MUST_USE err fast_counter_again(struct fast *f);
MUST_USE err fast_counter_open(struct fast *f);
MUST_USE err fast_counter_settle(struct fast *f);
/* The supervisor has the newest backup opened. */
MUST_USE err fast_counter_test_backup(struct fast *f);

/* ---- demo_fast_people.c: the consoles ---- */

MUST_USE err fast_people_begin(struct fast *f);
void fast_people_end(struct fast *f);
/* Logs in when the session has ended. */
MUST_USE err fast_people_enter(struct fast *f, struct fast_person *person);

/*
 * A run of exactly `digits` digits in a message to `phone` that has `words` in it, newer than what
 * was read before; waits for it. Errors: TIMEOUT.
 */
MUST_USE err fast_message(struct fast *f, const char *phone, const char *words, size_t digits,
                          char *out);

/* ---- demo_fast_office.c ---- */

/* Asks; STATE when the status is another than expected. */
MUST_USE err fast_call(struct fast *f, struct console *who, const char *path, const char *body,
                       long expected, struct json_document *ret);
MUST_USE err fast_office_begin(struct fast *f);
MUST_USE err fast_office_news(struct fast *f);
/* What becomes of the terminal that nobody uses. */
MUST_USE err fast_office_idle(struct fast *f);
/* Whether every event has come that was to come. */
bool fast_office_complete(const struct fast *f);
void fast_office_end(struct fast *f);

/* ---- demo_fast_apply.c and demo_fast_ship.c: the second shop ---- */

MUST_USE err fast_apply_begin(struct fast *f);
MUST_USE err fast_apply_review(struct fast *f);
MUST_USE err fast_apply_sign(struct fast *f);
void fast_apply_end(struct fast *f);
MUST_USE err fast_ship_send(struct fast *f);
MUST_USE err fast_ship_activate(struct fast *f);
void fast_ship_forget(struct fast *f);

/* ---- demo_fast_update.c ---- */

MUST_USE err fast_update_begin(struct fast *f);
MUST_USE err fast_update_morning(struct fast *f);

/* demo_fast_zone.c: new keys for the card network */
MUST_USE err fast_zone_begin(struct fast *fast);
MUST_USE err fast_zone_morning(struct fast *fast);

/* ---- demo_fast_money.c: the acquirer's people ---- */

/* In the morning: yesterday held against the networks, and payouts. */
MUST_USE err fast_money_morning(struct fast *f);
/* Once: a new master key for the first terminal. */
MUST_USE err fast_money_rotate(struct fast *f);
/* The books at the end, and what they say of each other. */
MUST_USE err fast_money_end(struct fast *f);
