/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * host: a host for one group of tests: tongbao-hsm, tongbao-simulators and tongbao-acquirer, set
 * up by `tongbao admin` as the manual says, in a directory of its own that goes away afterwards.
 */

#include "lib/store/audit.h"
#include "tests/protocol/programs.h"

struct host {
    struct children children;
    char directory[64];
    char admin[128], hsm[128], hsm_socket[128], networks[128], tray[128], acquirer[128],
        status[128], control[128], payouts[128];
    char registry[128], certificate[128], key[128], authority[128]; /* files of `admin` */
    long network_port, wallet_port, port;
    long sms_port, smtp_port;      /* of the SMS gateway and the mail server */
    long alipay_port, wechat_port; /* of the wallets over HTTP */
    long network_by; /* when not 0: where the acquirer reaches the card network instead */
    struct child *process_hsm, *process_networks, *process_acquirer;
};

#define HOST_MID "898290058120001"

/* Everything but the acquirer, and one merchant HOST_MID. Each step fails the test. */
void host_prepare(struct host *h);
void host_start_acquirer(struct host *h);

/* Starts the networks again, after a kill: where they listened before. */
void host_start_networks(struct host *h);

/* host_prepare() and host_start_acquirer(). */
void host_start(struct host *h);

/* Stops the acquirer in order, and leaves the rest. */
void host_stop_acquirer(struct host *h);

/* Stops everything, fails the test when a sanitizer has spoken, removes the directory. */
void host_stop(struct host *h);

/* "directory/name" in a buffer that lives until the next call but three. */
const char *host_path(const char *directory, const char *name);

/* A number of the acquirer's status. */
int64_t host_count(const struct host *h, const char *name);

/* A number of the networks' accounts ("card_network_minor"). */
int64_t host_network_minor(const struct host *h, const char *name);

/* How many audit records of the acquirer have this event and (when not NULL) this subject. */
int64_t host_audits(const struct host *h, const char *event, const char *subject);

/* Waits until there are more than `before` of them. Fails the test after five seconds. */
void host_await_audit(const struct host *h, const char *event, const char *subject, int64_t before);

/* Track 2 between its sentinels of a virtual card of the tray. */
void host_card(const struct host *h, const char *name, char track2[static 40]);

/* True when `what` stands in any file below `directory`. */
bool host_stored(const char *directory, struct bytes what);
