/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin limits`: checks, shows and publishes the table of what merchants may take, and
 * puts a merchant into a class of risk (S86), or says of which person he is (S144). payment/quota.h
 * says what a table is.
 */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"
#include "lib/base/file.h"
#include "payment/quota.h"
#include "registry/limits.h"

struct settings {
    const char *word; /* FILE, the NAME of a class, or the WORD of a person */
    const char *state, *mid;
};

static uint8_t text[REGISTRY_LIMITS_MAX];
static struct quota_table table;

static err refuse(struct process_fault *fault, const char *what, const char *why)
{
    snprintf(fault->text, sizeof fault->text, "%.120s: %.120s", what, why);
    return ERR(CONFIG);
}

static err read_file(const struct settings *s, struct bytes *ret_text, struct process_fault *fault)
{
    struct quota_fault at;
    size_t len = 0;
    err read = file_read(s->word, FILE_PUBLIC, text, sizeof text, &len);
    if (FAILED(read)) return refuse(fault, s->word, err_text(read));
    err parsed = quota_table_parse(bytes_of(text, len), &table, &at);
    if (FAILED(parsed)) {
        snprintf(fault->text, sizeof fault->text, "%.120s, line %u: %s", s->word, at.line, at.why);
        return parsed;
    }
    *ret_text = bytes_of(text, len);
    return OK;
}

static err check(const struct settings *s, struct process_fault *fault)
{
    struct bytes file;
    TRY(read_file(s, &file, fault));
    printf("version %u: %zu classes of risk, %zu rules\n", table.version, table.classes,
           table.rules);
    return OK;
}

/* The table in force. */
static err read_published(struct registry *registry, struct process_fault *fault)
{
    struct writer w = writer_over(text, sizeof text);
    struct quota_fault at;
    uint32_t version = 0;
    err found = registry_find_limits(registry, &version, &w);
    if (found.code == ERR_NOT_FOUND) {
        quota_table_default(&table);
        return OK;
    }
    if (!FAILED(found)) found = quota_table_parse(writer_view(&w), &table, &at);
    return FAILED(found) ? refuse(fault, "the published limits", err_text(found)) : OK;
}

static void print_table(void)
{
    uint8_t out[2 * REGISTRY_LIMITS_MAX];
    struct writer w = writer_over(out, sizeof out);
    quota_table_write(&table, &w);
    ENSURE(w.fault == ERR_OK);
    if (table.version == 0) puts("# built in: none is published");
    printf("%.*s", (int)w.len, (const char *)w.at);
}

/* Every rule that can refuse a payment of this merchant. */
static void print_rules(size_t class)
{
    for (size_t i = 0; i < table.rules; i++) {
        const struct quota_rule *r = &table.rule[i];
        if (!quota_holds(&table, class, r)) continue;
        char most[MONEY_TEXT_MAX + 1] = "";
        struct writer w = writer_over(most, sizeof most - 1);
        if (r->unit == QUOTA_AMOUNT) money_write(&w, r->most);
        else write_format(&w, "%lld", (long long)r->most);
        printf("%-8s %-12s %-8s %-7s %s%s\n", quota_card_name(r->card), quota_entry_name(r->entry),
               quota_period_name(r->period), quota_unit_name(r->unit), most,
               r->person ? " in all shops of one person" : "");
    }
}

static err show_merchant(struct registry *registry, const char *mid, struct process_fault *fault)
{
    struct registry_merchant merchant;
    char risk[REGISTRY_RISK_MAX + 1];
    err found = registry_find_merchant(registry, bytes_text(mid), &merchant);
    if (!FAILED(found)) found = registry_find_risk(registry, bytes_text(mid), risk);
    if (FAILED(found)) return refuse(fault, mid, registry_error_text(registry));
    size_t class = quota_class(&table, risk);
    printf("%s %s: class %s%s, limits version %u\n", mid, merchant.name_zh, table.class[class],
           risk[0] == '\0' ? " (it was put in none)" : "", table.version);
    print_rules(class);
    return OK;
}

static err show(const struct settings *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    TRY(host_keys_registry(s->state, STORE_READ_ONLY, &registry, fault));
    err done = read_published(registry, fault);
    if (!FAILED(done) && s->mid != NULL) done = show_merchant(registry, s->mid, fault);
    else if (!FAILED(done)) print_table();
    registry_close(registry);
    return done;
}

static err set(const struct settings *s, struct process_fault *fault)
{
    struct bytes file;
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(read_file(s, &file, fault));
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = registry_publish_limits(registry, &who, table.version, file);
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    TRY(done);
    printf("version %u: published, %zu rules\n", table.version, table.rules);
    return OK;
}

static err put_in_class(const struct settings *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    if (s->mid == NULL) return refuse(fault, "--mid", "say which merchant");
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = read_published(registry, fault);
    if (!FAILED(done) && !quota_class_known(&table, bytes_text(s->word)))
        done = refuse(fault, s->word, "the limits in force have no such class");
    else if (!FAILED(done)) {
        done = registry_set_risk(registry, &who, bytes_text(s->mid), bytes_text(s->word));
        if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    }
    registry_close(registry);
    TRY(done);
    printf("%s: class %s\n", s->mid, s->word);
    return OK;
}

static err say_person(const struct settings *s, struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    bool none = strcmp(s->word, "none") == 0;
    if (s->mid == NULL) return refuse(fault, "--mid", "say which merchant");
    TRY(host_keys_registry(s->state, STORE_OPEN, &registry, fault));
    err done = registry_set_person(registry, &who, bytes_text(s->mid),
                                   none ? (struct bytes){0} : bytes_text(s->word));
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    TRY(done);
    printf("%s: %s\n", s->mid, none ? "of nobody who is known" : "its person is said");
    return OK;
}

static const struct {
    const char *name;
    err (*run)(const struct settings *s, struct process_fault *fault);
    bool word, state; /* must be there */
} actions[] = {{"check", check, true, false},
               {"show", show, false, true},
               {"set", set, true, true},
               {"class", put_in_class, true, true},
               {"person", say_person, true, true}};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(
        to,
        "usage: tongbao admin %s check FILE\n"
        "       tongbao admin %s show --state DIR [--mid MID]\n"
        "       tongbao admin %s set FILE --state DIR\n"
        "       tongbao admin %s class NAME --state DIR --mid MID\n"
        "       tongbao admin %s person WORD|none --state DIR --mid MID\n"
        "  What merchants may take in a payment, a day and a month, by class of risk, kind of\n"
        "  card and way of entry. show prints the limits in force, or those of one merchant;\n"
        "  set publishes a text with a higher version, which the acquirer takes within a\n"
        "  second; class puts a merchant into a class of risk; person says\n"
        "  whose he is, by a word that is the same for all shops of one owner and tells nothing\n"
        "  of him: limits of a person are over all of them.\n",
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

static bool complete(size_t action, const struct settings *s)
{
    if ((s->word != NULL) != actions[action].word) return false;
    return s->state != NULL || !actions[action].state;
}

int admin_limits(const struct admin_command *command, int argc, char **argv)
{
    struct settings s = {0};
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &s.state},
        {"mid", "MID", "merchant number", .text = &s.mid},
    };
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    size_t action = argc < 2 ? ARRAY_LEN(actions) : action_named(argv[1]);
    if (action == ARRAY_LEN(actions)) return usage(command, stderr);
    int first = 1;
    if (argc > 2 && argv[2][0] != '-') s.word = argv[++first];
    int status = admin_options(command, options, ARRAY_LEN(options), argc - first, argv + first);
    if (status >= 0) return status;
    if (!complete(action, &s)) return usage(command, stderr);
    struct process_fault fault = {""};
    err done = actions[action].run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
