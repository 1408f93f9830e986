/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin staff` and `owner`: the accounts with which the consoles begin. */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_accounts.h"

struct people_settings {
    const char *state, *login, *name, *role, *mail, *phone, *mid, *origin;
    int64_t outlet;
    bool english, list, link;
};

static err print_account(void *context, const struct account *a)
{
    (void)context;
    printf("%-20s %-9s ", a->login, account_status_word(a->status));
    for (unsigned role = 1; role <= ROLE_FINANCE; role <<= 1)
        if ((a->roles & role) != 0) printf("%s ", account_role_word(role));
    if (a->kind == ACCOUNT_OWNER) printf("%s/%u ", a->mid, a->outlet);
    printf("factors: %s%u passkeys\n", a->has_totp ? "codes, " : "", a->passkeys);
    return OK;
}

/* "agent,admin" to bits; 0 when a word is none. */
static unsigned parse_roles(const char *text)
{
    unsigned roles = 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        unsigned role = account_role_of(bytes_of(text, len));
        if (role == 0) return 0;
        roles |= role;
        text += len + (text[len] == ',');
    }
    return roles;
}

static err copy(const char *from, char *to, size_t size, const char *what,
                struct process_fault *fault)
{
    err copied = from == NULL ? OK : bytes_to_text(bytes_text(from), to, size);
    if (FAILED(copied)) snprintf(fault->text, sizeof fault->text, "--%s is too long", what);
    return copied;
}

static err build(enum account_kind kind, const struct people_settings *s, struct account *a,
                 struct process_fault *fault)
{
    *a = (struct account){.kind = kind, .outlet = (uint32_t)s->outlet, .english = s->english};
    if (s->name == NULL || s->role == NULL) {
        snprintf(fault->text, sizeof fault->text, "--name and --role are missing");
        return ERR(MISSING);
    }
    TRY(copy(s->login, a->login, sizeof a->login, "login", fault));
    TRY(copy(s->name, a->name, sizeof a->name, "name", fault));
    TRY(copy(s->mail, a->mail, sizeof a->mail, "mail", fault));
    TRY(copy(s->phone, a->phone, sizeof a->phone, "phone", fault));
    TRY(copy(s->mid, a->mid, sizeof a->mid, "mid", fault));
    a->roles = parse_roles(s->role);
    return OK;
}

static int run(const struct admin_command *command, enum account_kind kind,
               const struct people_settings *s)
{
    char link[HOST_ACCOUNT_LINK_MAX] = "";
    struct account account;
    struct process_fault fault = {""};
    err done;
    if (s->list) {
        done = host_accounts_each(s->state, kind, print_account, NULL, &fault);
        return FAILED(done) ? admin_failed(command, done, &fault) : 0;
    }
    if (s->login == NULL) {
        snprintf(fault.text, sizeof fault.text, "--login is missing; --list shows who there is");
        return admin_failed(command, ERR(MISSING), &fault);
    }
    if (s->link) done = host_account_link(s->state, kind, s->login, link, &fault);
    else {
        done = build(kind, s, &account, &fault);
        if (!FAILED(done)) done = host_account_add(s->state, &account, link, &fault);
    }
    if (FAILED(done)) return admin_failed(command, done, &fault);
    /* Said once, here and nowhere else; what is stored is a hash of it. */
    printf("%s%s\n", s->origin == NULL ? "" : s->origin, link);
    explicit_bzero(link, sizeof link);
    return 0;
}

#define STATE_OPTION                                                                   \
    {                                                                                  \
        "state", "DIR", "the state directory of tongbao-backoffice", .text = &s.state, \
                                                                     .required = true  \
    }
#define COMMON_OPTIONS                                                                         \
    {"login", "NAME", "small letters, digits, '.', '-', '_'", .text = &s.login},               \
        {"name", "NAME", "as colleagues know the person", .text = &s.name},                    \
        {"mail", "ADDRESS", "where links and notices go", .text = &s.mail},                    \
        {"phone", "DIGITS", "where notices go by SMS", .text = &s.phone},                      \
        {"english", NULL, "notices are in English; in Chinese otherwise", .flag = &s.english}, \
        {"origin", "ORIGIN", "what the link begins with, as https://pay.example",              \
         .text = &s.origin},                                                                   \
        {"link", NULL,                                                                         \
         "for who has lost all factors: clear them, and make a new set-up link for --login",   \
         .flag = &s.link},                                                                     \
    {                                                                                          \
        "list", NULL, "print the accounts there are, and end", .flag = &s.list                 \
    }

int admin_staff(const struct admin_command *command, int argc, char **argv)
{
    struct people_settings s = {0};
    const struct process_option options[] = {
        STATE_OPTION,
        {"role", "ROLES", "agent, approver, auditor, admin: one or more, with commas",
         .text = &s.role},
        COMMON_OPTIONS,
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    return status >= 0 ? status : run(command, ACCOUNT_STAFF, &s);
}

int admin_owner(const struct admin_command *command, int argc, char **argv)
{
    struct people_settings s = {.role = "owner"};
    const struct process_option options[] = {
        STATE_OPTION,
        {"mid", "MID", "the merchant", .text = &s.mid},
        {"role", "ROLES", "owner (unless said), manager, cashier, finance", .text = &s.role},
        {"outlet", "N", "the only outlet that a manager, cashier or finance sees; 0 for all",
         .number = &s.outlet, .max = 9999},
        COMMON_OPTIONS,
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    return status >= 0 ? status : run(command, ACCOUNT_OWNER, &s);
}
