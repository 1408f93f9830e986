/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story without a browser. It goes the person's road: screens are awaited by their ids, keys
 * are touched, secrets go through the panel channel, cards and phones come from the tray. Each
 * chapter says what it proved; the first that fails ends the story with the screen that was there
 * instead.
 */
#include "cli/demo_story.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/commands.h"
#include "cli/story.h"
#include "journal/journal.h"
#include "ledger/fold.h"
#include "lib/auth/policy.h"
#include "lib/base/file.h"
#include "lib/wire/rpc.h"

enum {
    SCREEN_MS = STORY_SCREEN_MS,
    ANSWER_MS = 65000,
    TRAY_ANSWER_MAX = 64 << 10,
    FILE_MAX = 64 << 20
};

void story_proved(struct story *s, const char *what, const char *proof)
{
    if (s->quiet) return;
    printf("%2u. %s\n    %s\n", ++s->step, what, proof);
    (void)fflush(stdout);
}

/* ---- the tray ------------------------------------------------------------------------------- */

err story_ask_tray(struct story *s, const char *question, struct json_document *ret)
{
    struct rpc rpc;
    struct bytes answer;
    uint8_t *block = malloc(TRAY_ANSWER_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = rpc_connect(&rpc, s->stage->tray, SCREEN_MS, TRAY_ANSWER_MAX);
    if (!FAILED(done)) done = rpc_call(&rpc, bytes_text(question), block, TRAY_ANSWER_MAX, &answer);
    if (!FAILED(done)) done = json_parse(answer, TRAY_ANSWER_MAX, ret);
    rpc_close(&rpc);
    free(block);
    return done;
}

/* What stands on the virtual card: its PIN in the hint, its number on the stripe. */
static err look_at_card(struct story *s)
{
    CLEANUP(json_free) struct json_document tray = {0}, ok = {0}, stripe = {0};
    struct json_t *cards, *hint;
    struct bytes text;
    size_t count;
    TRY(story_ask_tray(s, "{\"ask\":\"tray\"}", &tray));
    TRY(json_list(tray.root, "cards", 64, &cards, &count));
    TRY(json_member(json_at(cards, 0), "hint", &hint));
    TRY(json_text(hint, "en", 128, &text));
    const uint8_t *pin = memmem(text.at, text.len, "PIN ", 4);
    if (pin == NULL) return ERR(FORMAT);
    TRY(bytes_to_text(bytes_of(pin + 4, text.len - (size_t)(pin + 4 - text.at)), s->pin,
                      sizeof s->pin));
    TRY(story_ask_tray(s, "{\"ask\":\"present\",\"card\":\"good\",\"reader\":\"story\"}", &ok));
    TRY(story_ask_tray(s, "{\"ask\":\"read\",\"reader\":\"story\"}", &stripe));
    TRY(json_text(stripe.root, "track2", 64, &text));
    const uint8_t *end = memchr(text.at, '=', text.len);
    if (end == NULL || text.at[0] != ';') return ERR(FORMAT);
    return bytes_to_text(bytes_of(text.at + 1, (size_t)(end - text.at) - 1), s->pan, sizeof s->pan);
}

/* ---- chapters ------------------------------------------------------------------------------- */

static err boot(struct story *s)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", s->stage->terminal_port);
    TRY(page_open(url, &s->page));
    TRY(page_wait(s->page, "login.operator", SCREEN_MS));
    story_proved(
        s, "The terminal has started and checked itself",
        "storage, clock, security module, keys, printer, network: it asks for an operator");
    return OK;
}

/* S31: on paper, and nowhere as text that could be found and copied. */
static err look_at_manual(struct story *s)
{
    size_t len = 0;
    char proof[288];
    err read = file_read(s->stage->manual, FILE_PRIVATE, s->block, STORY_BLOCK, &len);
    if (read.code != ERR_LENGTH) TRY(read); /* longer than the block is long enough */
    snprintf(proof, sizeof proof, "%s: cover, rules, steps, and one-time passwords under a fold",
             s->stage->manual);
    story_proved(s, "The terminal's own manual is printed", proof);
    return OK;
}

static const char *initial_of(const struct stage *stage, const char *operator_id)
{
    for (size_t i = 0; i < stage->passwords; i++)
        if (strcmp(stage->password[i].operator_id, operator_id) == 0)
            return stage->password[i].password;
    return "";
}

static err log_in(struct story *s)
{
    TRY(page_digits(s->page, "01"));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "login.password", SCREEN_MS));
    TRY(page_secret(s->page, initial_of(s->stage, "01")));
    TRY(page_wait(s->page, "login.first", SCREEN_MS));
    TRY(page_key(s->page, "choice:continue"));
    TRY(page_wait(s->page, "password.new", SCREEN_MS));
    story_proved(s, "Operator 01 logs in with the one-time password of this device",
                 "it is accepted once, and nothing but a new password can be done with it");
    TRY(page_secret(s->page, s->own));
    TRY(page_wait(s->page, "password.repeat", SCREEN_MS));
    TRY(page_secret(s->page, s->own));
    TRY(page_wait(s->page, "password.review", SCREEN_MS));
    TRY(page_key(s->page, "choice:save"));
    TRY(page_wait(s->page, "password.saved", SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "tip.show", SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "main.menu", SCREEN_MS));
    story_proved(
        s, "He chooses his own",
        "entered twice on a keypad that the vault made; the terminal program saw sealed touches only");
    return OK;
}

static err sign_in(struct story *s)
{
    TRY(page_key(s->page, "choice:sign_in"));
    TRY(page_wait(s->page, "sign_in.done", SCREEN_MS));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "main.menu", SCREEN_MS));
    story_proved(
        s, "Signs in (0800/0810)",
        "working keys came under this terminal's master key, their check values fit, batch and clock are set");
    return OK;
}

err story_first_day(struct story *s)
{
    TRY(look_at_card(s));
    TRY(boot(s));
    TRY(log_in(s));
    return sign_in(s);
}

err story_begin_sale(struct story *s, const char *amount)
{
    TRY(page_key(s->page, "choice:sale"));
    TRY(page_wait(s->page, "sale.amount", SCREEN_MS));
    for (; *amount != '\0'; amount++) {
        char digit[] = {*amount, '\0'};
        if (*amount == '.') {
            TRY(page_key(s->page, "point"));
            TRY(page_wait(s->page, "sale.amount", SCREEN_MS));
        } else {
            TRY(page_digits(s->page, digit));
        }
    }
    TRY(page_key(s->page, "ok"));
    return page_wait(s->page, "sale.present", SCREEN_MS);
}

static err swipe(struct story *s, const char *card)
{
    char body[64];
    long status;
    snprintf(body, sizeof body, "{\"name\":\"%s\"}", card);
    TRY(page_post(s->page, "/api/tray/card", "application/json", bytes_text(body), &status));
    if (status != 204) return ERR(STATE);
    TRY(page_wait(s->page, "sale.pin", SCREEN_MS));
    return page_secret(s->page, s->pin);
}

/* The receipt of the screen at hand, as picture, as printer bytes, and as spoken amount. */
static err look_at_receipt(struct story *s, char *out, size_t size)
{
    struct json_t *receipt;
    int64_t number;
    char path[64];
    TRY(json_member(page_screen(s->page), "receipt", &receipt));
    TRY(json_int(receipt, "number", 1, INT64_MAX, &number));
    struct writer png = writer_over(s->block, STORY_BLOCK);
    snprintf(path, sizeof path, "/api/receipt/%lld.png", (long long)number);
    TRY(page_get(s->page, path, &png));
    if (png.len < 8 || memcmp(s->block, "\x89PNG", 4) != 0) return ERR(FORMAT);
    struct writer escpos = writer_over(s->block, STORY_BLOCK);
    snprintf(path, sizeof path, "/api/receipt/%lld.escpos", (long long)number);
    TRY(page_get(s->page, path, &escpos));
    if (escpos.len < 2 || memcmp(s->block, "\x1b@", 2) != 0) return ERR(FORMAT);
    snprintf(
        out, size,
        "approved; receipt %lld as PNG (%zu bytes) and ESC/POS (%zu bytes), card as first six and last four",
        (long long)number, png.len, escpos.len);
    return memmem(s->block, escpos.len, s->pan, strlen(s->pan)) == NULL ? OK : ERR(DENIED);
}

static err pay_by_card(struct story *s)
{
    char proof[200];
    TRY(story_begin_sale(s, "128"));
    TRY(swipe(s, "good"));
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    s->charged_minor += 12800;
    TRY(look_at_receipt(s, proof, sizeof proof));
    story_proved(s, "Takes 128.00 by a swiped card with PIN", proof);
    TRY(page_key(s->page, "cancel"));
    return page_wait(s->page, "main.menu", SCREEN_MS);
}

static err pay_by_code(struct story *s)
{
    long status;
    TRY(story_begin_sale(s, "25.5"));
    struct writer picture = writer_over(s->block, STORY_BLOCK);
    TRY(page_get(s->page, "/api/tray/phone.png?name=good", &picture));
    TRY(page_post(s->page, "/api/scan", "image/png", writer_view(&picture), &status));
    if (status != 204) return ERR(STATE);
    TRY(page_wait(s->page, "sale.approved", ANSWER_MS));
    story_proved(s, "Takes 25.50 by a customer's code",
                 "the QR picture was decoded from its pixels, the wallet has paid");
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "main.menu", SCREEN_MS));
    return story_newest(s, "QUERY_RRN", s->reference, 12);
}

static err be_declined(struct story *s)
{
    uint8_t block[512];
    TRY(story_begin_sale(s, "50"));
    TRY(swipe(s, "poor"));
    TRY(page_wait(s->page, "sale.declined", ANSWER_MS));
    struct writer w = writer_over(block, sizeof block - 1);
    page_describe(s->page, &w);
    block[w.len] = '\0';
    story_proved(s, "A card without funds is declined, with the reason and what to do now",
                 (char *)block);
    TRY(page_key(s->page, "cancel"));
    return page_wait(s->page, "main.menu", SCREEN_MS);
}

/* S104 S107: the shift is closed and the batch settled. */
static err end_the_day(struct story *s)
{
    TRY(page_key(s->page, "choice:manage"));
    TRY(page_wait(s->page, "manage.menu", SCREEN_MS));
    TRY(page_key(s->page, "choice:shift"));
    TRY(page_wait(s->page, "shift.one", SCREEN_MS));
    TRY(page_key(s->page, "choice:z"));
    TRY(page_wait(s->page, "shift.ask", SCREEN_MS));
    TRY(page_key(s->page, "choice:yes"));
    TRY(page_wait(s->page, "shift.closed", SCREEN_MS));
    story_proved(s, "Closes the shift",
                 "Z report 000001, a sum over the rows of payments, is printed once");
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "shift.one", SCREEN_MS));
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "manage.menu", SCREEN_MS));
    TRY(page_key(s->page, "choice:settle"));
    TRY(page_wait(s->page, "settle.ask", SCREEN_MS));
    TRY(page_key(s->page, "choice:yes"));
    TRY(page_wait(s->page, "settle.done", ANSWER_MS));
    uint8_t block[1024];
    struct writer w = writer_over(block, sizeof block - 1);
    page_describe(s->page, &w);
    block[w.len] = '\0';
    bool equal = strstr((char *)block, "结算成功") != NULL ||
                 strstr((char *)block, "totals are equal") != NULL;
    story_proved(
        s, "Settles (0500/0510)",
        equal
            ? "terminal and host have the same totals: the batch is closed, a new sign-in begins another"
            : "the totals differ");
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "manage.menu", SCREEN_MS));
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "main.menu", SCREEN_MS));
    return equal ? OK : ERR(CONFLICT);
}

err story_charged(struct story *s, int64_t *ret_cards, int64_t *ret_wallets)
{
    static const char *const wallets[] = {"wallet_minor", "alipay_minor", "wechat_minor"};
    CLEANUP(json_free) struct json_document accounts = {0};
    int64_t sum = 0;
    TRY(story_ask_tray(s, "{\"ask\":\"accounts\"}", &accounts));
    for (size_t i = 0; i < ARRAY_LEN(wallets); i++) {
        int64_t minor;
        TRY(json_int(accounts.root, wallets[i], 0, MONEY_FIELD_MAX, &minor));
        sum += minor;
    }
    TRY(json_int(accounts.root, "card_network_minor", 0, INT64_MAX, ret_cards));
    *ret_wallets = sum;
    return OK;
}

static err compare_with_networks(struct story *s)
{
    int64_t cards, wallet;
    TRY(story_charged(s, &cards, &wallet));
    if (cards != s->charged_minor || wallet != 2550) return ERR(CONFLICT);
    story_proved(s, "Card network and wallet are asked what they charged",
                 "what was approved here, once each, and nothing else");
    return OK;
}

static int admin(const char *const *words)
{
    char *argv[8] = {NULL};
    int argc = 0;
    for (; words[argc] != NULL; argc++) argv[argc] = (char *)(uintptr_t)words[argc];
    (void)fflush(stdout);
    return admin_main(argc, argv);
}

/* The ledger follows the journal in a thread of its own: a moment later it has caught up. */
err story_ledger(struct story *s)
{
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    const struct timespec pause = {0, 50 * 1000000L};
    char journal_path[FILE_PATH_MAX], ledger_path[FILE_PATH_MAX];
    TRY(file_path(s->stage->acquirer, "journal.db", journal_path, sizeof journal_path));
    TRY(file_path(s->stage->acquirer, "ledger.db", ledger_path, sizeof ledger_path));
    for (int waited_ms = 0; waited_ms < SCREEN_MS; waited_ms += 50) {
        struct store *journal = NULL;
        struct ledger *ledger = NULL;
        int64_t last = -1;
        err done = store_open(journal_path, &options, NULL, &journal);
        if (!FAILED(done)) done = journal_last(journal, &last);
        if (!FAILED(done)) done = ledger_open(ledger_path, STORE_READ_ONLY, NULL, &ledger);
        bool there = !FAILED(done) && last > 0 && ledger_seq(ledger) == last;
        ledger_close(ledger);
        store_close(journal);
        if (FAILED(done)) return done;
        if (there) return OK;
        (void)nanosleep(&pause, NULL);
    }
    return ERR(TIMEOUT);
}

static err look_at_books(struct story *s)
{
    TRY(story_ledger(s));
    char audit[4][FILE_PATH_MAX];
    const char *const journal[] = {"admin", "payments", "--state", s->stage->acquirer, NULL};
    const char *const batches[] = {"admin", "batches", "--state", s->stage->acquirer, NULL};
    const char *const trial[] = {"admin", "trial-balance", "--state", s->stage->acquirer, NULL};
    const char *const rebuild[] = {"admin",   "rebuild",          "--check",
                                   "--state", s->stage->acquirer, NULL};
    story_proved(s, "The host's journal", "a row for each step of each payment:");
    if (admin(journal) != 0) return ERR(STATE);
    story_proved(s, "The batches", "what the terminal has and what the host has:");
    if (admin(batches) != 0) return ERR(STATE);
    story_proved(s, "The ledger", "what follows from the journal by the chart of accounts:");
    if (admin(trial) != 0) return ERR(STATE);
    story_proved(s, "The ledger is folded again from the journal",
                 "and every account and transfer compared:");
    if (admin(rebuild) != 0) return ERR(STATE);
    TRY(file_path(s->stage->acquirer, "audit.db", audit[0], sizeof audit[0]));
    TRY(file_path(s->stage->vault, "vault.db", audit[1], sizeof audit[1]));
    TRY(file_path(s->stage->terminal, "terminal.db", audit[2], sizeof audit[2]));
    TRY(file_path(s->stage->backoffice, "backoffice.db", audit[3], sizeof audit[3]));
    const char *const verify[] = {"admin",  "audit",  "verify", audit[0],
                                  audit[1], audit[2], audit[3], NULL};
    story_proved(s, "The audit logs of acquirer, vault, terminal and back office",
                 "each a chain of hashes:");
    return admin(verify) == 0 ? OK : ERR(STATE);
}

/* ---- nothing in clear -------------------------------------------------------------------------
 */

/* nftw() has no context: what is searched for, and where it was found. */
static struct {
    const char *needle[4];
    unsigned files;
    char found[256];
} hunt;

static int hunt_file(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)where;
    if (kind != FTW_F || about->st_size <= 0 || about->st_size > FILE_MAX) return 0;
    size_t len = 0;
    uint8_t *content = malloc((size_t)about->st_size + 65536);
    if (content == NULL) return 0;
    if (!FAILED(file_read(path, FILE_PUBLIC, content, (size_t)about->st_size + 65536, &len)))
        hunt.files++;
    for (size_t i = 0; i < ARRAY_LEN(hunt.needle); i++)
        if (memmem(content, len, hunt.needle[i], strlen(hunt.needle[i])) != NULL)
            snprintf(hunt.found, sizeof hunt.found, "%.250s", path);
    free(content);
    return 0;
}

static err hunt_for_secrets(struct story *s)
{
    char proof[200];
    memset(&hunt, 0, sizeof hunt);
    hunt.needle[0] = s->pan;
    hunt.needle[1] = s->own;
    hunt.needle[2] = initial_of(s->stage, "01");
    hunt.needle[3] = s->supervisor;
    (void)nftw(s->stage->directory, hunt_file, 16, FTW_PHYS);
    if (hunt.found[0] != '\0') {
        printf("    found in %s\n", hunt.found);
        return ERR(DENIED);
    }
    snprintf(
        proof, sizeof proof,
        "%u files of databases and logs: neither the card number nor a password of cashier or supervisor is in any",
        hunt.files);
    story_proved(s, "Everything on disk is searched", proof);
    return OK;
}

/* ---- the whole ----------------------------------------------------------------------------------
 */

/* One in about a hundred draws is a run, or has a date in it. */
void story_choose_password(enum policy_role role, char out[static STORY_PASSWORD + 1])
{
    struct random random = random_system();
    const struct policy policy = policy_of_model(BYTES("TB-1"), role);
    const struct policy_person nobody = {0};
    struct bytes own = bytes_of(out, STORY_PASSWORD);
    do {
        for (int i = 0; i < STORY_PASSWORD; i++) out[i] = (char)('0' + random_below(&random, 10));
        out[STORY_PASSWORD] = '\0';
    } while (policy_check(&policy, &nobody, blocklist_builtin(), own).first != POLICY_OK);
}

static int tell_failure(struct story *s, const char *chapter, err why)
{
    printf("FAILED in '%s': %s\n", chapter, err_text(why));
    if (s->page == NULL || page_screen(s->page) == NULL) return 1;
    uint8_t block[2048];
    struct writer w = writer_over(block, sizeof block);
    page_describe(s->page, &w);
    printf("The screen shows: %.*s\n", (int)w.len, (const char *)block);
    return 1;
}

int demo_story(struct stage *stage)
{
    static const struct {
        const char *name;
        err (*tell)(struct story *story);
    } chapters[] = {
        {"virtual card", look_at_card},
        {"start", boot},
        {"manual", look_at_manual},
        {"log in", log_in},
        {"sign in", sign_in},
        {"card", pay_by_card},
        {"chip", story_chips},
        {"code", pay_by_code},
        {"decline", be_declined},
        {"networks", compare_with_networks},
        {"settlement", end_the_day},
        {"log out", story_log_out},
        {"forgotten: SMS", story_by_sms},
        {"forgotten: mail", story_by_mail},
        {"forgotten: desk", story_by_desk},
        {"void and refund", story_after},
        {"books", look_at_books},
        {"secrets", hunt_for_secrets},
    };
    struct story s = {.stage = stage, .block = malloc(STORY_BLOCK)};
    if (s.block == NULL) return 1;
    story_choose_password(POLICY_CASHIER, s.own);
    int status = 0;
    for (size_t i = 0; status == 0 && i < ARRAY_LEN(chapters); i++) {
        err told = chapters[i].tell(&s);
        if (FAILED(told)) status = tell_failure(&s, chapters[i].name, told);
    }
    if (status == 0) printf("The story is told: %u steps, each came out right.\n", s.step);
    page_close(s.page);
    free(s.block);
    explicit_bzero(&s, sizeof s);
    return status;
}
