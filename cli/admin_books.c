/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin`: the books and the audit logs, looked at and checked. Nothing here writes. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/children.h"
#include "journal/journal.h"
#include "ledger/fold.h"
#include "lib/base/file.h"
#include "lib/store/audit.h"
#include "lib/wire/json.h"

static void write_amount(char out[static 32], int64_t amount_minor)
{
    struct writer w = writer_over(out, 31);
    money_write(&w, amount_minor);
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

/* ---- trial balance ----------------------------------------------------------------------------
 */

static err print_account(void *context, const struct account *a)
{
    (void)context;
    char name[ACCOUNT_TEXT_MAX], debits[32], credits[32], held[32];
    account_text(a, name);
    write_amount(debits, a->debits_posted);
    write_amount(credits, a->credits_posted);
    write_amount(held, a->debits_pending + a->credits_pending);
    printf("%-30s %-20s %16s %16s %12s\n", name, account_row(a->kind)->name, debits, credits, held);
    return OK;
}

static void print_trial(const struct ledger_trial *trial)
{
    for (size_t i = 0; i < trial->currencies; i++) {
        const struct ledger_balance *b = &trial->balance[i];
        char debits[32], credits[32], difference[32], pending[32];
        write_amount(debits, b->debits_posted);
        write_amount(credits, b->credits_posted);
        write_amount(difference, b->debits_posted - b->credits_posted);
        write_amount(pending, b->debits_pending - b->credits_pending);
        printf("%-51s %16s %16s\n", "total", debits, credits);
        printf("difference %s, pending difference %s\n", difference, pending);
    }
    if (trial->currencies == 0) puts("difference 0.00, pending difference 0.00");
    printf("%s: %zu accounts, %lld transfers, %zu holds open, journal row %lld\n",
           trial->balanced && trial->transfers_agree ? "in balance" : "NOT IN BALANCE",
           trial->accounts, (long long)trial->transfers, trial->open_holds, (long long)trial->seq);
}

static int trial_as_json(const struct ledger_trial *trial)
{
    uint8_t block[2048];
    struct bytes json;
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    int64_t difference = 0;
    for (size_t i = 0; i < trial->currencies; i++)
        difference += trial->balance[i].debits_posted - trial->balance[i].credits_posted;
    json_object_begin(&j);
    json_member_bool(&j, "balanced", trial->balanced && trial->transfers_agree);
    json_member_int(&j, "difference_minor", difference);
    json_member_int(&j, "accounts", (int64_t)trial->accounts);
    json_member_int(&j, "transfers", trial->transfers);
    json_member_int(&j, "open_holds", (int64_t)trial->open_holds);
    json_member_int(&j, "journal_seq", trial->seq);
    json_object_end(&j);
    if (FAILED(writer_finish(&w, &json))) return PROCESS_EXIT_FAILED;
    printf("%.*s\n", (int)json.len, (const char *)json.at);
    return 0;
}

int admin_trial_balance(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    bool json = false;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"json", NULL, "totals as one JSON object", .flag = &json},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct process_fault fault = {""};
    struct ledger *ledger = NULL;
    struct ledger_trial trial = {0};
    err done = file_path(state, "ledger.db", path, sizeof path);
    if (!FAILED(done)) done = ledger_open(path, STORE_READ_ONLY, &why, &ledger);
    if (FAILED(done)) snprintf(fault.text, sizeof fault.text, "%.250s", why.text);
    if (!FAILED(done)) done = ledger_trial_balance(ledger, &trial);
    if (!FAILED(done) && !json) done = ledger_accounts(ledger, print_account, NULL);
    ledger_close(ledger);
    if (FAILED(done)) return admin_failed(command, done, &fault);
    if (json) status = trial_as_json(&trial);
    else print_trial(&trial);
    bool good = trial.balanced && trial.transfers_agree;
    return good && status <= 0 ? 0 : PROCESS_EXIT_FAILED;
}

/* ---- rebuild ----------------------------------------------------------------------------------
 */

/* How journal rows become ledger entries is the acquirer's to know: it does the comparing. */
int admin_rebuild(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    bool check = false;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"check", NULL, "compare every account and transfer, change nothing", .flag = &check},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    if (!check) {
        fprintf(stderr,
                "tongbao admin rebuild: say --check; to rebuild for good, stop the acquirer "
                "and move ledger.db away: it is folded again at the next start\n");
        return PROCESS_EXIT_USAGE;
    }
    static struct children children;
    char said[1024] = "";
    err done = children_find_programs(&children);
    char place[] = "/tmp/tongbao-XXXXXX", log[64]; /* for the log of the program that compares */
    if (!FAILED(done) && mkdtemp(place) == NULL) done = ERR(IO);
    snprintf(children.directory, sizeof children.directory, "%s", place);
    const char *const arguments[] = {"--state", state, "--check-books", "--report-fd", "@", NULL};
    if (!FAILED(done))
        done = children_run(&children, "tongbao-acquirer", arguments, said, sizeof said);
    snprintf(log, sizeof log, "%s/tongbao-acquirer.log", place);
    (void)unlink(log);
    (void)rmdir(place);
    fputs(said, stdout);
    return FAILED(done) ? admin_failed(command, done, NULL) : 0;
}

/* ---- payments ---------------------------------------------------------------------------------
 */

enum { ROWS_AT_ONCE = 64 };

static void print_row(const struct journal_row *row)
{
    const struct payment *p = &row->payment;
    char amount[32], key[24];
    write_amount(amount, p->amount_minor);
    payment_key_text(&p->key, key);
    printf("%8lld  %s  %-9s %14s  %-19s %-2s %s\n", (long long)row->seq, key,
           payment_state_name(p->state), amount, p->pan_masked, p->response_code, p->rrn);
}

static err print_rows(struct store *store, int64_t count)
{
    static struct journal_row rows[ROWS_AT_ONCE];
    int64_t last;
    TRY(journal_last(store, &last));
    int64_t from = last > count ? last - count + 1 : 1;
    for (;;) {
        size_t got;
        TRY(journal_read(store, from, rows, ROWS_AT_ONCE, &got));
        for (size_t i = 0; i < got; i++) print_row(&rows[i]);
        if (got < ROWS_AT_ONCE) return OK;
        from += (int64_t)got;
    }
}

int admin_payments(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    int64_t count = 20;
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &state, .required = true},
        {"last", "N", "how many rows", .number = &count, .min = 1, .max = 1000000},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    struct process_fault fault = {""};
    struct store *store = NULL;
    const struct store_options open = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    err done = file_path(state, "journal.db", path, sizeof path);
    if (!FAILED(done)) done = store_open(path, &open, &why, &store);
    if (FAILED(done)) snprintf(fault.text, sizeof fault.text, "%.250s", why.text);
    if (!FAILED(done)) done = print_rows(store, count);
    store_close(store);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

/* ---- audit ------------------------------------------------------------------------------------
 */

static int verify_file(const char *path)
{
    struct store_fault why = {""};
    struct store *store = NULL;
    const struct store_options open = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    struct audit_report report;
    err done = store_open(path, &open, &why, &store);
    if (!FAILED(done)) done = audit_verify(store, &report);
    if (FAILED(done)) {
        fprintf(stderr, "%s: %s\n", path, why.text[0] != '\0' ? why.text : err_text(done));
        store_close(store);
        return PROCESS_EXIT_FAILED;
    }
    store_close(store);
    if (report.verdict != AUDIT_INTACT) {
        printf("%s: record %lld: %s\n", path, (long long)report.seq,
               audit_verdict_text(report.verdict));
        return PROCESS_EXIT_FAILED;
    }
    printf("%s: intact, %lld records, head ", path, (long long)report.records);
    for (size_t i = 0; i < 8; i++) printf("%02x", report.head[i]);
    putchar('\n');
    return 0;
}

int admin_audit(const struct admin_command *command, int argc, char **argv)
{
    bool help = argc >= 2 && strcmp(argv[1], "--help") == 0;
    if (help || argc < 3 || strcmp(argv[1], "verify") != 0) {
        fprintf(help ? stdout : stderr,
                "usage: tongbao admin %s verify FILE...\n"
                "  Reads the audit log in each database and says whether its chain is whole;\n"
                "  when it is not, names the first record that was altered, moved or taken away.\n",
                command->name);
        return help ? 0 : PROCESS_EXIT_USAGE;
    }
    int status = 0;
    for (int i = 2; i < argc; i++)
        if (verify_file(argv[i]) != 0) status = PROCESS_EXIT_FAILED;
    return status;
}
