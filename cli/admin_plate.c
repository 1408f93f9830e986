/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin plate`: codes that stand in shops (静态码, S79). The hsm signs each under the key
 * of the wallet's zone; what was printed is never changed, and a plate that is no good any more is
 * closed.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "cli/hsm_client.h"
#include "journal/plate.h"
#include "lib/base/file.h"
#include "lib/base/money.h"
#include "lib/qr/image.h"
#include "lib/qr/order_code.h"
#include "registry/place.h"
#include "registry/plate.h"

enum { ROWS = 32, MODULE_PIXELS = 12 };

struct settings {
    const char *word; /* ID */
    const char *state, *hsm, *mid, *class, *agreed, *day, *png, *acquirer;
};

static err refuse(struct process_fault *fault, const char *what, const char *why)
{
    snprintf(fault->text, sizeof fault->text, "%.120s: %.120s", what, why);
    return ERR(CONFIG);
}

/* ---- one plate ---- */

static void print_plate(const struct registry_plate *p)
{
    static const char *const words[] = {"", "active", "suspended", "closed"};
    char limit[MONEY_TEXT_MAX + 1] = "", day[MONEY_TEXT_MAX + 1] = "-";
    struct writer limit_w = writer_over(limit, sizeof limit - 1);
    struct writer day_w = writer_over(day, sizeof day - 1);
    money_write(&limit_w, registry_plate_limit(p));
    if (p->merchant_minor > 0) {
        money_write(&day_w, p->merchant_minor);
        day[day_w.len] = '\0';
    }
    printf("%s  %s  class %c  customer's day %s  plate's day %s  %s\n", p->id, p->mid,
           (char)('A' + p->class - REGISTRY_PLATE_A), limit, day, words[p->status]);
}

static err draw(const struct settings *s, const struct registry_plate *plate,
                struct process_fault *fault)
{
    static uint8_t png[QR_DRAWN_MAX];
    if (s->png == NULL) return OK;
    struct writer w = writer_over(png, sizeof png);
    err drawn = qr_image_write(bytes_text(plate->text), MODULE_PIXELS, &w);
    if (!FAILED(drawn)) drawn = file_write(s->png, FILE_PUBLIC, writer_view(&w));
    return FAILED(drawn) ? refuse(fault, s->png, err_text(drawn)) : OK;
}

static err money_option(const char *text, const char *name, int64_t *out,
                        struct process_fault *fault)
{
    if (text == NULL) return OK;
    err parsed = money_parse(bytes_text(text), out);
    return FAILED(parsed) ? refuse(fault, name, "must be an amount such as 500.00") : OK;
}

static err fill(const struct settings *s, struct registry *registry, struct registry_plate *plate,
                struct registry_merchant *merchant, struct process_fault *fault)
{
    if (s->mid == NULL) return refuse(fault, "--mid", "say whose plate it is");
    if (s->class == NULL || strlen(s->class) != 1 || s->class[0] < 'A' || s->class[0] > 'D')
        return refuse(fault, "--class", "must be A, B, C or D");
    plate->class = (enum registry_plate_class)(s->class[0] - 'A' + REGISTRY_PLATE_A);
    TRY(money_option(s->agreed, "--agreed", &plate->agreed_minor, fault));
    TRY(money_option(s->day, "--day", &plate->merchant_minor, fault));
    err found = registry_find_merchant(registry, bytes_text(s->mid), merchant);
    if (FAILED(found)) return host_keys_refused(registry, found, fault);
    memcpy(plate->mid, merchant->mid, sizeof plate->mid);
    err next = registry_next_plate(registry, plate->id);
    return FAILED(next) ? host_keys_refused(registry, next, fault) : OK;
}

/* The text that is printed, signed. */
static err sign(const struct settings *s, struct registry *registry,
                const struct registry_merchant *merchant, struct registry_plate *plate,
                struct process_fault *fault)
{
    static struct hsm_client hsm;
    struct registry_zone_keys keys;
    struct bytes mac;
    uint8_t covered[ORDER_CODE_MAX];
    struct registry_place place;
    struct order_code code = {.plate = true, .currency = CURRENCY_CNY};
    TRY(registry_find_place(registry, bytes_text(plate->mid), &place));
    memcpy(code.category, place.category, sizeof code.category);
    memcpy(code.city, place.city, sizeof code.city);
    memcpy(code.postal, place.postal, sizeof code.postal);
    memcpy(code.country, place.country, sizeof code.country);
    memcpy(code.reference, plate->id, sizeof plate->id);
    memcpy(code.merchant, plate->mid, sizeof code.merchant);
    memcpy(code.name, merchant->name_en, sizeof code.name - 1);
    struct writer text = writer_over(plate->text, sizeof plate->text - 1);
    struct writer w = writer_over(covered, sizeof covered);
    TRY(order_code_write(&code, &text));
    TRY(order_code_signed(&code, writer_view(&text), &w));
    TRY(registry_find_zone_keys(registry, REGISTRY_WALLET, &keys));
    TRY(hsm_client_open(&hsm, s->hsm, fault));
    err made = hsm_client_zone_mac(&hsm, bytes_text(keys.mac_block), writer_view(&w), &mac, fault);
    if (!FAILED(made) && mac.len != sizeof code.mac) made = ERR(CRYPTO);
    if (!FAILED(made)) memcpy(code.mac, mac.at, sizeof code.mac);
    hsm_client_close(&hsm);
    TRY(made);
    text.len = 0;
    TRY(order_code_write(&code, &text));
    plate->text[text.len] = '\0';
    return OK;
}

static err add(const struct settings *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    struct registry_plate plate = {.status = REGISTRY_ACTIVE};
    struct registry_merchant merchant;
    if (s->hsm == NULL) return refuse(fault, "--hsm", "the hsm signs the plate");
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = fill(s, registry, &plate, &merchant, fault);
    if (!FAILED(done)) done = sign(s, registry, &merchant, &plate, fault);
    if (!FAILED(done)) {
        done = registry_add_plate(registry, &who, &plate);
        if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    }
    registry_close(registry);
    TRY(done);
    TRY(draw(s, &plate, fault));
    print_plate(&plate);
    puts(plate.text);
    return OK;
}

static err show(const struct settings *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_plate plate;
    TRY(host_keys_registry(s->state, STORE_READ_ONLY, &registry, fault));
    err found = registry_find_plate(registry, bytes_text(s->word), &plate);
    if (FAILED(found)) found = host_keys_refused(registry, found, fault);
    registry_close(registry);
    TRY(found);
    TRY(draw(s, &plate, fault));
    print_plate(&plate);
    puts(plate.text);
    return OK;
}

static err list(const struct settings *s, struct process_fault *fault)
{
    static struct registry_plate rows[ROWS];
    struct registry *registry = NULL;
    char after[REGISTRY_PLATE_LEN + 1] = "";
    size_t count = ROWS;
    err read = OK;
    TRY(host_keys_registry(s->state, STORE_READ_ONLY, &registry, fault));
    while (!FAILED(read) && count == ROWS) {
        read = registry_list_plates(registry, after, rows, ROWS, &count);
        if (FAILED(read)) read = host_keys_refused(registry, read, fault);
        for (size_t i = 0; !FAILED(read) && i < count; i++) print_plate(&rows[i]);
        if (!FAILED(read) && count > 0) memcpy(after, rows[count - 1].id, sizeof after);
    }
    registry_close(registry);
    return read;
}

static err set(const struct settings *s, enum registry_status status, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = registry_set_plate_status(registry, &who, bytes_text(s->word), status);
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

static err suspend(const struct settings *s, struct process_fault *fault)
{
    return set(s, REGISTRY_SUSPENDED, fault);
}

static err activate(const struct settings *s, struct process_fault *fault)
{
    return set(s, REGISTRY_ACTIVE, fault);
}

static err close_plate(const struct settings *s, struct process_fault *fault)
{
    return set(s, REGISTRY_CLOSED, fault);
}

/* ---- what they have taken ---- */

static err print_days(struct store *store)
{
    static struct journal_plate_day rows[ROWS];
    uint32_t day = 0;
    char plate[9] = "";
    size_t count = ROWS;
    while (count == ROWS) {
        TRY(journal_plate_days(store, day, plate, rows, ROWS, &count));
        for (size_t i = 0; i < count; i++) {
            char amount[MONEY_TEXT_MAX + 1] = "";
            struct writer w = writer_over(amount, sizeof amount - 1);
            money_write(&w, rows[i].minor);
            printf("20%06u  %s  %6lld payments %14s  %lld asked\n", rows[i].day, rows[i].plate,
                   (long long)rows[i].count, amount, (long long)rows[i].asked);
        }
        if (count == 0) return OK;
        day = rows[count - 1].day;
        memcpy(plate, rows[count - 1].plate, sizeof plate);
    }
    return OK;
}

static err takings(const struct settings *s, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store *store = NULL;
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 2000};
    if (s->acquirer == NULL) return refuse(fault, "--acquirer", "say where its journal is");
    TRY(file_path(s->acquirer, "journal.db", path, sizeof path));
    err done = store_open(path, &options, &why, &store);
    if (FAILED(done)) return refuse(fault, path, why.text);
    done = print_days(store);
    if (FAILED(done)) done = refuse(fault, path, store_error_text(store));
    store_close(store);
    return done;
}

/* ---- the command ---- */

static const struct {
    const char *name;
    err (*run)(const struct settings *s, struct process_fault *fault);
    bool word, state; /* must be there */
} actions[] = {
    {"add", add, false, true},          {"list", list, false, true},
    {"show", show, true, true},         {"suspend", suspend, true, true},
    {"activate", activate, true, true}, {"close", close_plate, true, true},
    {"takings", takings, false, false},
};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(to,
            "usage: tongbao admin %s add --state DIR --hsm SOCKET --mid MID --class A|B|C|D\n"
            "                     [--agreed YUAN] [--day YUAN] [--png FILE]\n"
            "       tongbao admin %s list --state DIR\n"
            "       tongbao admin %s show ID --state DIR [--png FILE]\n"
            "       tongbao admin %s suspend|activate|close ID --state DIR\n"
            "       tongbao admin %s takings --acquirer DIR\n"
            "  Codes that stand in shops: the payer types the amount. The class says what a\n"
            "  customer may pay so on one day: D 500, C 1,000, B 5,000 yuan, A as --agreed;\n"
            "  --day is for all customers of the plate. add prints the text of the code, which\n"
            "  the hsm signs, and draws it into --png.\n",
            command->name, command->name, command->name, command->name, command->name);
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

/* The place in `actions`, or their number. */
static size_t action_named(const char *name)
{
    size_t i = 0;
    while (i < ARRAY_LEN(actions) && strcmp(name, actions[i].name) != 0) i++;
    return i;
}

int admin_plate(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {0};
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &s.state},
        {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &s.hsm},
        {"mid", "MID", "merchant number", .text = &s.mid},
        {"class", "CLASS", "A, B, C or D", .text = &s.class},
        {"agreed", "YUAN", "a customer's day at a plate of class A", .text = &s.agreed},
        {"day", "YUAN", "all customers of this plate on one day", .text = &s.day},
        {"png", "FILE", "where the code is drawn", .text = &s.png},
        {"acquirer", "DIR", "the acquirer's state directory", .text = &s.acquirer},
    };
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    size_t action = argc < 2 ? ARRAY_LEN(actions) : action_named(argv[1]);
    if (action == ARRAY_LEN(actions)) return usage(command, stderr);
    int first = 1;
    if (argc > 2 && argv[2][0] != '-') s.word = argv[++first];
    int status = admin_options(command, options, ARRAY_LEN(options), argc - first, argv + first);
    if (status >= 0) return status;
    bool complete =
        (s.word != NULL) == actions[action].word && (s.state != NULL || !actions[action].state);
    if (!complete) return usage(command, stderr);
    struct process_fault fault = {""};
    err done = actions[action].run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
