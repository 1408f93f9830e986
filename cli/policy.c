/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao policy`: the rules in plain words (show), against the authorities (lint), and against
 * one password (test). A password is read from standard input and never taken as an argument, where
 * everybody on the machine could see it.
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include <sodium.h>

#include "cli/commands.h"
#include "lib/auth/policy_document.h"
#include "lib/auth/policy_lint.h"
#include "lib/auth/strength.h"
#include "lib/base/file.h"
#include "lib/wire/json.h"

enum { ACCEPTED = 0, REFUSED = 1, USAGE = 2, OUTPUT_MAX = 128 * 1024 };

static const char help[] =
    "usage: tongbao policy show|lint|test [OPTIONS]\n"
    "  show  the rules of a model and role in plain words\n"
    "          --model MODEL  (all of them are listed when it is not known)\n"
    "          --role cashier|supervisor|administrator|staff|owner\n"
    "          --lang zh|en\n"
    "          --text         the document itself, as it would be signed\n"
    "  lint  each profile against each rule of NIST, ASVS, PCI, GB/T 22239, the guide, UnionPay\n"
    "          --rules NAME\n"
    "  test  reads one password from standard input\n"
    "          --profile numeric-fixed|numeric-any|alphanumeric|passphrase|pin-approval\n"
    "          --role NAME    as above\n"
    "          --rules default|djbp-l3|pci|nist|unionpay   (default)\n"
    "          --single-factor  a console without a second factor\n"
    "          --model MODEL  that model's policy for the role, instead of a profile\n"
    "          --lang zh|en\n"
    "  --json  the answer as JSON\n"
    "Exit status: 0 done or accepted, 1 refused, 2 wrong usage.\n";

struct options {
    const char *model, *profile, *rules, *role;
    bool json, single_factor, text;
    enum policy_language language;
};

static int usage_fault(const char *what, const char *value)
{
    fprintf(stderr, "tongbao policy: %s%s%s; --help says more\n", what, value == NULL ? "" : ": ",
            value == NULL ? "" : value);
    return USAGE;
}

static bool take_option(struct options *o, int letter)
{
    switch (letter) {
    case 'm':
        o->model = optarg;
        return true;
    case 'p':
        o->profile = optarg;
        return true;
    case 'r':
        o->rules = optarg;
        return true;
    case 'o':
        o->role = optarg;
        return true;
    case 'l':
        o->language = strcmp(optarg, "zh") == 0 ? POLICY_ZH : POLICY_EN;
        if (o->language == POLICY_EN && strcmp(optarg, "en") != 0) break;
        return true;
    case 'j':
        o->json = true;
        return true;
    case 's':
        o->single_factor = true;
        return true;
    case 't':
        o->text = true;
        return true;
    default:
        return false; /* getopt has said why */
    }
    usage_fault("--lang is zh or en", optarg);
    return false;
}

/* False: the usage is wrong, and was said to be. */
static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"model", required_argument, NULL, 'm'},
        {"profile", required_argument, NULL, 'p'},
        {"rules", required_argument, NULL, 'r'},
        {"role", required_argument, NULL, 'o'},
        {"lang", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"single-factor", no_argument, NULL, 's'},
        {"text", no_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    optind = 1;
    for (int got; (got = getopt_long(argc, argv, "", known, NULL)) != -1;)
        if (!take_option(o, got)) return false;
    /* It may be a password that was put in the wrong place: it is not repeated here. */
    if (optind < argc)
        usage_fault("only options are taken; a password comes on standard input", NULL);
    return optind == argc;
}

static int print(const struct writer *w)
{
    if (w->fault != ERR_OK) {
        fputs("tongbao policy: the answer is too long\n", stderr);
        return REFUSED;
    }
    fwrite(w->at, 1, w->len, stdout);
    return ACCEPTED;
}

/* --- show --- */

static void list_models(enum policy_language language)
{
    for (size_t i = 0; policy_builtin_text(i) != NULL; i++) {
        struct policy_document d;
        struct policy_fault fault;
        if (FAILED(policy_document_parse(bytes_text(policy_builtin_text(i)), &d, &fault))) continue;
        printf("  %-14s version %u  %s\n", d.model, d.version, d.name[language]);
    }
}

static void describe_role(const struct policy *policy, enum policy_language language,
                          struct writer *w)
{
    write_format(w, "\n%s\n", policy_role_text(policy->role, language));
    policy_describe(policy, language, w);
}

static void show_json(const struct policy_document *d, enum policy_role only,
                      enum policy_language language, struct writer *w)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "model", d->model);
    json_member_int(&j, "version", d->version);
    json_member_string(&j, "kind", policy_kind_word(d->kind));
    json_member_string(&j, "name", d->name[language]);
    json_member_array(&j, "roles");
    for (enum policy_role role = POLICY_CASHIER; role < POLICY_ROLE_END; role++) {
        const struct policy *policy = policy_document_role(d, role);
        if (policy == NULL || (only != 0 && only != role)) continue;
        char text[4096];
        struct writer words = writer_over(text, sizeof text);
        policy_describe(policy, language, &words);
        json_object_begin(&j);
        json_member_string(&j, "role", policy_role_word(role));
        json_member_string(&j, "profile", policy_profile_word(policy->profile));
        json_member_string(&j, "rules", policy_rules_word(policy->rules));
        json_member_int(&j, "min", policy->min);
        json_member_int(&j, "max", policy->max);
        json_member_text(&j, "text", writer_view(&words));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    write_format(w, "\n");
}

static void show_words(const struct policy_document *d, enum policy_role only,
                       enum policy_language language, struct writer *w)
{
    write_format(w, "%s, version %u: %s (%s)\n", d->model, d->version, d->name[language],
                 policy_kind_text(d->kind, language));
    for (enum policy_role role = POLICY_CASHIER; role < POLICY_ROLE_END; role++)
        if (policy_document_role(d, role) != NULL && (only == 0 || only == role))
            describe_role(policy_document_role(d, role), language, w);
}

/* The document of a model, and the role that is meant; role 0: all. */
static int choose_document(const struct options *o, struct policy_document *ret_document,
                           enum policy_role *ret_role)
{
    const char *model = o->model == NULL ? "TB-1" : o->model;
    *ret_role = 0;
    if (o->role != NULL && !policy_role_of(bytes_text(o->role), ret_role))
        return usage_fault("there is no such role", o->role);
    if (!policy_builtin(bytes_text(model), ret_document)) {
        usage_fault("there is no such model", model);
        list_models(o->language);
        return USAGE;
    }
    if (*ret_role != 0 && policy_document_role(ret_document, *ret_role) == NULL)
        return usage_fault("this model has no such role", o->role);
    return ACCEPTED;
}

static int show(const struct options *o)
{
    static uint8_t block[OUTPUT_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct policy_document d;
    enum policy_role role;
    if (o->profile != NULL || o->rules != NULL) return usage_fault("show takes a model", NULL);
    int chosen = choose_document(o, &d, &role);
    if (chosen != ACCEPTED) return chosen;
    if (o->text) policy_document_write(&d, &w);
    else if (o->json) show_json(&d, role, o->language, &w);
    else show_words(&d, role, o->language, &w);
    return print(&w);
}

/* --- lint --- */

static void lint_json(enum policy_rules rules, struct json_out *j)
{
    struct policy_lint_column column[POLICY_LINT_COLUMNS_MAX];
    size_t columns = policy_lint_columns(rules, column);
    for (size_t i = 0; i < columns; i++) {
        json_object_begin(j);
        json_member_string(j, "rules", policy_rules_word(rules));
        json_member_string(j, "place", column[i].place);
        json_member_string(j, "profile", policy_profile_word(column[i].policy.profile));
        json_member_object(j, "result");
        for (size_t rule = 0; policy_lint_rule(rule).id != NULL; rule++)
            json_member_string(j, policy_lint_rule(rule).id,
                               policy_lint_word(policy_lint(rule, &column[i].policy)));
        json_object_end(j);
        json_object_end(j);
    }
}

static void lint_all(enum policy_rules first, enum policy_rules last, bool json, struct writer *w)
{
    struct json_out j = json_out_over(w);
    if (json) json_array_begin(&j);
    for (enum policy_rules rules = first; rules <= last; rules++) {
        if (!json && rules > first) write_format(w, "\n");
        if (json) lint_json(rules, &j);
        else policy_lint_write(rules, w);
    }
    if (json) json_array_end(&j);
    if (json) write_format(w, "\n");
}

static int lint(const struct options *o)
{
    static uint8_t block[OUTPUT_MAX];
    struct writer w = writer_over(block, sizeof block);
    enum policy_rules only;
    if (o->model != NULL || o->profile != NULL || o->role != NULL)
        return usage_fault("lint takes --rules only", NULL);
    if (o->rules == NULL) {
        lint_all(0, POLICY_RULE_SETS - 1, o->json, &w);
        return print(&w);
    }
    if (!policy_rules_of(bytes_text(o->rules), &only))
        return usage_fault("there is no such rule set", o->rules);
    lint_all(only, only, o->json, &w);
    return print(&w);
}

/* --- test --- */

/* What was typed, without the line feed that a terminal or echo puts after it. */
struct typed {
    uint8_t at[64 * 1024];
    size_t len;
};

static void typed_wipe(struct typed *typed)
{
    sodium_memzero(typed, sizeof *typed);
}

static int choose_policy(const struct options *o, struct policy *ret_policy)
{
    struct policy_choice choice = {.second_factor = !o->single_factor};
    if (o->role == NULL) return usage_fault("--role is wanted", NULL);
    if (!policy_role_of(bytes_text(o->role), &choice.role))
        return usage_fault("there is no such role", o->role);
    if (o->model != NULL) {
        struct policy_document d;
        if (!policy_builtin(bytes_text(o->model), &d))
            return usage_fault("there is no such model", o->model);
        if (policy_document_role(&d, choice.role) == NULL)
            return usage_fault("this model has no such role", o->role);
        *ret_policy = *policy_document_role(&d, choice.role);
        return ACCEPTED;
    }
    if (o->profile == NULL) return usage_fault("--profile or --model is wanted", NULL);
    if (!policy_profile_of(bytes_text(o->profile), &choice.profile))
        return usage_fault("there is no such profile", o->profile);
    if (o->rules != NULL && !policy_rules_of(bytes_text(o->rules), &choice.rules))
        return usage_fault("there is no such rule set", o->rules);
    if (!policy_make(choice, ret_policy))
        return usage_fault("this profile is not offered to this role: it would be too weak",
                           o->profile);
    return ACCEPTED;
}

static void answer_json(const struct options *o, struct policy_result result,
                        struct strength strength, struct writer *w)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_bool(&j, "accepted", result.broken == 0);
    json_member_array(&j, "broken");
    for (unsigned verdict = 0; verdict < POLICY_VERDICTS; verdict++) {
        if ((result.broken >> verdict & 1) == 0) continue;
        json_object_begin(&j);
        json_member_string(&j, "rule", policy_verdict_word(verdict));
        json_member_string(&j, "text", policy_verdict_text(verdict, o->language));
        json_object_end(&j);
    }
    json_array_end(&j);
    json_member_int(&j, "strength", strength.score);
    json_member_string(&j, "advice", strength_text(strength, o->language));
    json_object_end(&j);
    write_format(w, "\n");
}

static void answer_lines(const struct options *o, struct policy_result result,
                         struct strength strength, struct writer *w)
{
    bool zh = o->language == POLICY_ZH;
    if (result.broken == 0) write_format(w, zh ? "可以使用\n" : "accepted\n");
    for (unsigned verdict = 0; verdict < POLICY_VERDICTS; verdict++)
        if ((result.broken >> verdict & 1) != 0)
            write_format(w, "%s: %s\n", policy_verdict_word(verdict),
                         policy_verdict_text(verdict, o->language));
    write_format(w, zh ? "强度 %u/4。%s\n" : "strength %u of 4. %s\n", strength.score,
                 strength_text(strength, o->language));
}

static int test(const struct options *o)
{
    static const struct policy_person nobody = {.names = 0};
    struct policy policy;
    int chosen = choose_policy(o, &policy);
    if (chosen != ACCEPTED) return chosen;
    static struct typed typed; /* too large for the stack; wiped below */
    char block[8192];
    struct writer w = writer_over(block, sizeof block);
    err read = file_read_input(typed.at, sizeof typed.at, &typed.len);
    if (FAILED(read) && read.code != ERR_LENGTH) {
        fprintf(stderr, "tongbao policy: standard input: %s\n", err_text(read));
        return USAGE;
    }
    /* What does not fit is longer than any password: the policy says so by itself. */
    if (FAILED(read)) typed.len = sizeof typed.at;
    if (typed.len > 0 && typed.at[typed.len - 1] == '\n') typed.len--;
    struct bytes candidate = bytes_of(typed.at, typed.len);
    struct policy_result result = policy_check(&policy, &nobody, blocklist_builtin(), candidate);
    struct strength strength = strength_of(&policy, &nobody, blocklist_builtin(), candidate);
    typed_wipe(&typed);
    if (o->json) answer_json(o, result, strength, &w);
    else answer_lines(o, result, strength, &w);
    print(&w);
    return result.broken == 0 ? ACCEPTED : REFUSED;
}

int policy_main(int argc, char **argv)
{
    struct options o = {.json = false};
    if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return ACCEPTED;
    }
    static const struct {
        const char *name;
        int (*run)(const struct options *o);
    } commands[] = {{"show", show}, {"lint", lint}, {"test", test}};
    for (size_t i = 0; argc >= 2 && i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0) continue;
        return read_options(argc - 1, argv + 1, &o) ? commands[i].run(&o) : USAGE;
    }
    fputs(help, stderr);
    return USAGE;
}
