/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * account: who may log in to a console. Staff of the acquirer, and owners with the people they let
 * in: each an account with a login name, roles, and the addresses that notices go to.
 *
 * The tables are in the back office's own file, since it is their only writer; the functions here
 * work on any store that has accounts_schema. Writes happen inside the caller's transaction,
 * with their audit record, so that what belongs together stands or falls together.
 *
 * Errors: FORMAT (a value has not its form), EXISTS (login or verified address taken), NOT_FOUND,
 * STATE (not from this status), and those of lib/store. store_error_text() says which value.
 */

#include "lib/auth/password.h"
#include "registry/contact.h"

/* credential.h has what they log in with: both live in this schema. */
extern const struct store_schema accounts_schema;

enum account_kind { ACCOUNT_STAFF = 1, ACCOUNT_OWNER = 2, ACCOUNT_KINDS = 3 };

enum account_status {
    ACCOUNT_INVITED = 1,   /* made, and nobody has logged in yet */
    ACCOUNT_ACTIVE = 2,    /* has a password or passkey, and a second factor */
    ACCOUNT_SUSPENDED = 3, /* may come back */
    ACCOUNT_CLOSED = 4,    /* for good: a closed one never opens again */
    ACCOUNT_STATUSES = 5,
};

/* What an account may do; an account has one or more. Stored: numbers are never used again. */
enum account_role {
    ROLE_AGENT = 1 << 0,    /* staff: takes calls, begins recoveries, tickets */
    ROLE_APPROVER = 1 << 1, /* staff: the second pair of eyes */
    ROLE_AUDITOR = 1 << 2,  /* staff: reads everything, changes nothing */
    ROLE_ADMIN = 1 << 3,    /* staff: accounts of staff and owners */
    ROLE_OWNER = 1 << 8,    /* of a merchant: everything of it */
    ROLE_MANAGER = 1 << 9,  /* these three may be bound to one outlet */
    ROLE_CASHIER = 1 << 10,
    ROLE_FINANCE = 1 << 11,

    ROLES_STAFF = ROLE_AGENT | ROLE_APPROVER | ROLE_AUDITOR | ROLE_ADMIN,
    ROLES_CONSOLE = ROLE_OWNER | ROLE_MANAGER | ROLE_CASHIER | ROLE_FINANCE,
    ROLES_ALL = ROLES_STAFF | ROLES_CONSOLE,
};

enum { ACCOUNT_LOGIN_MIN = 2, ACCOUNT_LOGIN_MAX = 32 };

/* Texts are NUL-terminated. */
struct account {
    int64_t id;
    enum account_kind kind;
    enum account_status status;
    char login[ACCOUNT_LOGIN_MAX +
               1]; /* small letters, digits, '.', '-', '_'; begins with a letter */
    char name[REGISTRY_NAME_MAX + 1];
    unsigned roles;
    char mid[16];    /* owners: their merchant; empty for staff */
    uint32_t outlet; /* owners: the only outlet they may see; 0 for all */
    char phone[CONTACT_PHONE_MAX];
    char mail[CONTACT_MAIL_MAX + 1];
    bool english;                       /* the language of notices */
    char password[PASSWORD_RECORD_MAX]; /* a record of lib/auth; empty when there is none */
    int64_t password_ms;                /* when it was set */
    bool must_change;                   /* at the next log-in, before anything else */
    bool has_totp;
    int64_t totp_step;      /* of the last code that was taken */
    int64_t enrol_until_ms; /* a second factor may be set up with the password alone until then */
    uint32_t passkeys, recovery_codes; /* how many there are, and are left */
    int64_t added_ms;
};

/* "agent", "owner" ... of one role's bit; NULL for another number. */
const char *account_role_word(unsigned role);
/* The bit of a word; 0 when there is none. */
unsigned account_role_of(struct bytes word);
/* The roles that an account of this kind may have. */
unsigned account_roles_of(enum account_kind kind);
const char *account_status_word(enum account_status status);

/* ---- read ---- */

MUST_USE err account_find(struct store *store, int64_t id, struct account *ret_account);

/* By login name, or by the phone number or mail address, in any case of letters. */
MUST_USE err account_find_login(struct store *store, enum account_kind kind, struct bytes name,
                                struct account *ret_account);

typedef err (*account_each)(void *context, const struct account *account);
/* In the order of their names; `mid` empty: of all merchants. */
MUST_USE err accounts_each(struct store *store, enum account_kind kind, struct bytes mid,
                           account_each each, void *context);

/* ---- write ---- */

/* Uses kind, login, name, roles, mid, outlet, phone, mail, english; it is INVITED. */
MUST_USE err account_add(struct store_tx *tx, const struct registry_actor *actor,
                         const struct account *account, int64_t *ret_id);
MUST_USE err account_set_status(struct store_tx *tx, const struct registry_actor *actor, int64_t id,
                                enum account_status status);
MUST_USE err account_set_roles(struct store_tx *tx, const struct registry_actor *actor, int64_t id,
                               unsigned roles, uint32_t outlet);
MUST_USE err account_set_contact(struct store_tx *tx, const struct registry_actor *actor,
                                 int64_t id, struct bytes phone, struct bytes mail);

/* For the audit records of everything that is done to an account: "staff li.wei". */
enum { ACCOUNT_SUBJECT_MAX = 48 };
void account_subject(const struct account *account, char out[static ACCOUNT_SUBJECT_MAX]);
