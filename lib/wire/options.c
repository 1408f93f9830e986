/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: getopt_long driven by the program's table, so that help and parsing agree. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "lib/base/clock_turned.h"
#include "lib/wire/process.h"

enum { OPTIONS_MAX = 40, HELP = OPTIONS_MAX, VERSION, TURNED, GO_ON = -1 };

static void print_help(const struct process_program *program)
{
    printf("Usage: %s [OPTIONS]%s%s\n%s\n\nOptions:\n", program->name,
           program->arguments != NULL ? " " : "",
           program->arguments != NULL ? program->arguments : "", program->summary);
    for (size_t i = 0; i < program->option_count; i++) {
        const struct process_option *option = &program->options[i];
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s%s", option->name,
                       option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
        printf("  %-26s %s%s\n", left, option->help, option->required ? " (required)" : "");
    }
    printf("  %-26s %s\n", "--turned-clock FILE", "for demos: time is what this file makes of it");
    printf("  %-26s %s\n  %-26s %s\n", "--help", "print this", "--version", "print the version");
}

static int usage(const struct process_program *program)
{
    (void)fprintf(stderr, "Try '%s --help'.\n", program->name);
    return PROCESS_EXIT_USAGE;
}

/* Decimal digits with an optional sign, in min..max, and nothing else. */
static bool parse_number(const char *text, int64_t min, int64_t max, int64_t *ret)
{
    bool negative = text[0] == '-';
    int64_t number = 0;
    size_t i = negative ? 1 : 0;
    if (text[i] == '\0') return false;
    for (; text[i] != '\0'; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        if (__builtin_mul_overflow(number, 10, &number)) return false;
        int digit = text[i] - '0';
        if (__builtin_add_overflow(number, negative ? -digit : digit, &number)) return false;
    }
    if (number < min || number > max) return false;
    *ret = number;
    return true;
}

static bool take(const struct process_program *program, const struct process_option *option,
                 const char *value)
{
    if (option->flag != NULL) {
        *option->flag = true;
        return true;
    }
    if (option->text != NULL) {
        *option->text = value;
        return true;
    }
    if (parse_number(value, option->min, option->max, option->number)) return true;
    process_complain(program, "--%s takes a number from %" PRId64 " to %" PRId64 ", not '%s'",
                     option->name, option->min, option->max, value);
    return false;
}

static void build_table(const struct process_program *program, struct option *table)
{
    ENSURE(program->option_count <= OPTIONS_MAX);
    for (size_t i = 0; i < program->option_count; i++) {
        const struct process_option *option = &program->options[i];
        ENSURE((option->text != NULL) + (option->number != NULL) + (option->flag != NULL) == 1);
        ENSURE((option->flag != NULL) == (option->argument == NULL));
        table[i] = (struct option){option->name, option->flag == NULL, NULL, (int)i};
    }
    table[program->option_count] = (struct option){"help", no_argument, NULL, HELP};
    table[program->option_count + 1] = (struct option){"version", no_argument, NULL, VERSION};
    table[program->option_count + 2] =
        (struct option){"turned-clock", required_argument, NULL, TURNED};
    table[program->option_count + 3] = (struct option){0};
}

/* Said aloud: whatever this program tells of times is not so. */
static bool turn_clock(const struct process_program *program, const char *file)
{
    err e = clock_turned_file() != NULL ? ERR(EXISTS) : clock_turned_take(file);
    if (FAILED(e)) process_complain(program, "--turned-clock %s: %s", file, err_text(e));
    else process_complain(program, "its clock is turned by whoever has %s: for demos only", file);
    return !FAILED(e);
}

/* The options in turn; GO_ON at their end. `seen` has a bit per option. */
static int read_options(const struct process_program *program, int argc, char **argv,
                        uint64_t *seen)
{
    struct option table[OPTIONS_MAX + 4];
    build_table(program, table);
    optind = 0; /* glibc: start anew */
    for (;;) {
        /* "+": options end at the first argument. ":": we write the errors. */
        int found = getopt_long(argc, argv, "+:", table, NULL);
        if (found == -1) return GO_ON;
        if (found == HELP) {
            print_help(program);
            return 0;
        }
        if (found == VERSION) {
            printf("%s %s\n", program->name, program->version);
            return 0;
        }
        if (found == '?' || found == ':') {
            process_complain(program, found == ':' ? "%s needs a value" : "unknown option %s",
                             argv[optind - 1]);
            return usage(program);
        }
        if (found == TURNED) {
            if (!turn_clock(program, optarg)) return usage(program);
            continue;
        }
        if (!take(program, &program->options[found], optarg)) return usage(program);
        *seen |= UINT64_C(1) << found;
    }
}

int process_options(const struct process_program *program, int argc, char **argv, int *ret_first)
{
    uint64_t seen = 0;
    int status = read_options(program, argc, argv, &seen);
    if (status != GO_ON) return status;
    for (size_t i = 0; i < program->option_count; i++)
        if (program->options[i].required && (seen >> i & 1) == 0) {
            process_complain(program, "--%s is missing: %s", program->options[i].name,
                             program->options[i].help);
            return usage(program);
        }
    if (program->arguments == NULL && optind < argc) {
        process_complain(program, "'%s' is not expected here", argv[optind]);
        return usage(program);
    }
    if (ret_first != NULL) *ret_first = optind;
    return GO_ON;
}
