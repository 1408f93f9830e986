/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * stage: a whole Tongbao on this machine, with keys and passwords made for this run: hsm, networks,
 * the gateway to the wallets, acquirer, back office, and one terminal with its vault. What `tongbao
 * demo` starts and the protocol and crash tests use too.
 */

#include "cli/children.h"
#include "cli/host_keys.h"

struct stage_password {
    char operator_id[3];
    char password[20];
};

/* Somebody who may set up an account at a console: the link is good once. */
struct stage_account {
    const char *login, *what;
    char link[192];
};

enum { STAGE_PASSWORDS_MAX = 8, STAGE_ACCOUNTS = 3 };

struct stage {
    struct children children;
    char directory[128]; /* everything of this run; 0700 */
    char admin[160], hsm[160], hsm_socket[160], networks[160], tray[160], cards[160],
        cards_socket[160], acquirer[160], control[160], vault[160], vault_socket[160],
        floor_socket[160], terminal[160], backoffice[160];
    char web[256], web_consoles[256], speech[256];
    char manual[192];          /* where stage_print_manual() writes */
    char wallet_accounts[192]; /* the gateway's, with the simulated providers */
    char sms_key[192];         /* what a client of the SMS gateway signs with */
    char courier_key[192];     /* the same of the courier */
    char identity_key[192];    /* and of who checks identities */
    char network[192]; /* what the terminal takes for its network driver; see terminal/network.h */
    char place[192];   /* and for its positioning driver */
    char backup[160];  /* its stick, on a stage whose clock is turned; "": none */
    int certificate_days; /* that certificates of terminals last; 0: as usual */
    long network_port, wallet_port, alipay_port, wechat_port, wallets_port, notify_port, sms_port,
        smtp_port, courier_port, identity_port, acquirer_port, terminal_port, backoffice_port,
        device_port;
    long host_port; /* where the terminal finds its host; 0: at the acquirer itself */
    const char *tid, *mid, *serial;
    struct stage_password password[STAGE_PASSWORDS_MAX];
    size_t passwords;
    struct stage_account account[STAGE_ACCOUNTS];
    struct stage_updates *updates; /* stage_updates.h; NULL: the terminal starts as it is */
    struct child *process_cards, *process_hsm, *process_networks, *process_wallets,
        *process_acquirer, *process_vault, *process_terminal, *process_backoffice;
};

/* Told before each step, for a person who waits. */
typedef void (*stage_progress)(const char *step);

/*
 * Makes the run's directory below `parent` (NULL: /tmp) and starts everything that is in `programs`
 * (NULL: where the running program is). `http_port` 0 takes a free one. On failure everything is
 * stopped and `fault` says why.
 */
MUST_USE err stage_start(struct stage *stage, const char *programs, const char *parent,
                         long http_port, stage_progress progress, struct process_fault *fault);

/* The same with a terminal that starts out of a slot and can be updated, as in the field. */
MUST_USE err stage_start_updating(struct stage *stage, const char *programs, const char *parent,
                                  long http_port, stage_progress progress,
                                  struct process_fault *fault);

/* The second with a clock that can be turned (lib/base/clock_turned.h): this process's too, so
 * there is one such stage in the life of a process. */
MUST_USE err stage_start_turned(struct stage *stage, int certificate_days, const char *programs,
                                const char *parent, stage_progress progress,
                                struct process_fault *fault);

/* Starts one of the programs again, with the arguments it had: after a kill. */
MUST_USE err stage_restart(struct stage *stage, struct child *child, struct process_fault *fault);

/*
 * Prints the device's manual with its one-time passwords to `stage->manual`: by a process of its
 * own, over a descriptor, as a factory does.
 */
MUST_USE err stage_print_manual(struct stage *stage, struct process_fault *fault);

/* Wipes the initial passwords and links: they are told once. */
void stage_forget(struct stage *stage);

/* Stops everything and removes the directory. */
void stage_stop(struct stage *stage, bool keep_directory);
