/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin work-items`: besides the list, those that are open with who has them, one with all
 * that was done about it, and the steps themselves, which the acquirer takes (S111).
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/admin.h"
#include "cli/control_client.h"
#include "journal/close.h"
#include "journal/work.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "payment/clearing.h"

enum { ROWS_AT_ONCE = 64 };

struct settings {
    const char *state, *control, *actor, *to, *text;
    int64_t number;
};

static err open_journal(const struct settings *s, struct store **ret, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    const struct store_options options = {.mode = STORE_READ_ONLY, .busy_ms = 1000};
    TRY(file_path(s->state, "journal.db", path, sizeof path));
    err opened = store_open(path, &options, &why, ret);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

static void print_amount(const char *name, int64_t minor)
{
    char text[MONEY_TEXT_MAX + 1] = "";
    struct writer w = writer_over(text, sizeof text - 1);
    money_write(&w, minor);
    printf("  %s %s", name, text);
}

static void print_when(int64_t at_ms)
{
    struct civil at = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    printf("%04d-%02d-%02d %02d:%02d", at.year, at.month, at.day, at.hour, at.minute);
}

static void print_item(const struct journal_item *i)
{
    printf("%6lld  ", (long long)i->number);
    print_when(i->at_ms);
    printf("  %-14s  %s/%06u/%06u %s", journal_item_name(i->kind), i->tid, i->batch, i->stan,
           i->rrn);
    if (i->day > 0) {
        char day[11];
        clearing_day_text(i->day, day);
        printf("  %s of %s", clearing_network_name(i->network), day);
        print_amount("host", i->host_minor);
        print_amount("network", i->network_minor);
    } else {
        print_amount("terminal", i->terminal_minor);
        print_amount("host", i->host_minor);
    }
}

static err print_open(struct store *store)
{
    static struct journal_item rows[ROWS_AT_ONCE];
    size_t count = ROWS_AT_ONCE;
    for (int64_t from = 1; count == ROWS_AT_ONCE;) {
        TRY(journal_item_read(store, from, rows, ROWS_AT_ONCE, &count));
        for (size_t i = 0; i < count; i++) {
            struct work_state at;
            from = rows[i].number + 1;
            TRY(journal_work_state(store, rows[i].number, &at));
            if (at.closed) continue;
            print_item(&rows[i]);
            printf("  %s\n", at.assignee[0] != '\0' ? at.assignee : "nobody has it");
        }
    }
    return OK;
}

static err print_one(struct store *store, int64_t number, struct process_fault *fault)
{
    struct journal_item item;
    struct journal_work step;
    size_t count = 0;
    TRY(journal_item_read(store, number, &item, 1, &count));
    if (count == 0 || item.number != number) {
        snprintf(fault->text, sizeof fault->text, "there is no work item %lld", (long long)number);
        return ERR(NOT_FOUND);
    }
    print_item(&item);
    printf("\n");
    for (int64_t from = 1;; from = step.number + 1) {
        TRY(journal_work_read(store, number, from, &step, 1, &count));
        if (count == 0) return OK;
        printf("        ");
        print_when(step.at_ms);
        printf("  %-6s  by %s: %s\n", work_action_name(step.action), step.actor, step.text);
    }
}

static err list_open(const struct settings *s, struct process_fault *fault)
{
    struct store *store = NULL;
    TRY(open_journal(s, &store, fault));
    err done = print_open(store);
    store_close(store);
    return done;
}

static err show(const struct settings *s, struct process_fault *fault)
{
    struct store *store = NULL;
    TRY(open_journal(s, &store, fault));
    err done = print_one(store, s->number, fault);
    store_close(store);
    return done;
}

static err step(const struct settings *s, enum acquirer_command command,
                struct process_fault *fault)
{
    struct control_client client;
    struct acquirer_request request = {.actor = bytes_text(s->actor), .original = s->number};
    if (s->to != NULL) request.reference = bytes_text(s->to);
    if (s->text != NULL) request.reason = bytes_text(s->text);
    TRY(control_client_open(&client, s->control, fault));
    err done = control_client_ask(&client, command, &request, NULL, fault);
    control_client_close(&client);
    if (!FAILED(done)) printf("work item %lld: done\n", (long long)s->number);
    return done;
}

static err assign(const struct settings *s, struct process_fault *fault)
{
    return step(s, ACQUIRER_ITEM_ASSIGN, fault);
}

static err note(const struct settings *s, struct process_fault *fault)
{
    return step(s, ACQUIRER_ITEM_NOTE, fault);
}

static err end(const struct settings *s, struct process_fault *fault)
{
    return step(s, ACQUIRER_ITEM_CLOSE, fault);
}

static const struct action {
    const char *name;
    err (*run)(const struct settings *s, struct process_fault *fault);
    bool number, writes;
} actions[] = {{"open", list_open, false, false},
               {"show", show, true, false},
               {"assign", assign, true, true},
               {"note", note, true, true},
               {"close", end, true, true}};

static int usage(const struct admin_command *command, FILE *to)
{
    fprintf(to,
            "usage: tongbao admin %s --state DIR [--last N] [--json]\n"
            "       tongbao admin %s open --state DIR\n"
            "       tongbao admin %s show N --state DIR\n"
            "       tongbao admin %s assign N --to WHOM --control SOCKET --actor NAME\n"
            "       tongbao admin %s note N --text TEXT --control SOCKET --actor NAME\n"
            "       tongbao admin %s close N --text REASON --control SOCKET --actor NAME\n"
            "  What differs between terminals, host and networks, for a person. --state is the\n"
            "  acquirer's directory, --control its control socket.\n",
            command->name, command->name, command->name, command->name, command->name,
            command->name);
    return to == stdout ? 0 : PROCESS_EXIT_USAGE;
}

static bool complete(const struct action *action, const struct settings *s)
{
    if (!action->writes) return s->state != NULL && (s->number > 0 || !action->number);
    bool said = action->run == assign ? s->to != NULL : s->text != NULL;
    return said && s->number > 0 && s->control != NULL && s->actor != NULL;
}

static int act(const struct admin_command *command, const struct action *action, int argc,
               char **argv)
{
    struct settings s = {0};
    const struct process_option options[] = {
        {"state", "DIR", "the acquirer's state directory", .text = &s.state},
        {"control", "SOCKET", "the acquirer's control socket", .text = &s.control},
        {"actor", "NAME", "who does it: it stands in the audit log", .text = &s.actor},
        {"to", "WHOM", "who is to look into it", .text = &s.to},
        {"text", "TEXT", "the note, or the reason why it is closed", .text = &s.text},
    };
    int first = 1;
    if (action->number && argc > 2) s.number = strtoll(argv[++first], NULL, 10);
    int status = admin_options(command, options, ARRAY_LEN(options), argc - first, argv + first);
    if (status >= 0) return status;
    if (!complete(action, &s)) return usage(command, stderr);
    struct process_fault fault = {""};
    err done = action->run(&s, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}

int admin_work(const struct admin_command *command, int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) return usage(command, stdout);
    if (argc < 2 || argv[1][0] == '-') return admin_work_items(command, argc, argv);
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (strcmp(argv[1], actions[i].name) == 0) return act(command, &actions[i], argc, argv);
    return usage(command, stderr);
}
