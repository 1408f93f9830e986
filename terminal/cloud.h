/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * cloud: a backup of this device at the back office (S164, S167), over the device channel. One that
 * was written lies in the spool, a directory beside the store, and is handed over in pieces: one
 * at a time, slower than anything else that the channel has to say, and from where it stood when a
 * connection or this program breaks, because the office says which piece it has not. When all of it
 * was taken the file goes, and the backup counts as made.
 *
 * Where nobody has the owner's digits, its vault's question (restore_ask of the vault) goes to the
 * office, whose people decide: the device asks, asks again on each connection and when it is told
 * that it was decided, and has then what the hsm has sealed for its vault.
 *
 * Over a network that nobody trusts (S170) neither a backup nor a question about its key travels.
 *
 * A device that has no payment yet asks once in each connection whether there is one of its
 * terminal number, and fetches it into the spool when a person wants it (restore_offer.c). Nothing
 * of it can be opened there or on the way.
 */

#include "lib/wire/device_protocol.h"

struct terminal;

enum { CLOUD_NAME_MAX = 80 };

enum cloud_errand {
    CLOUD_NOTHING,
    CLOUD_FIND,  /* is there one? */
    CLOUD_FETCH, /* all of `found` */
};

enum cloud_progress { CLOUD_IDLE, CLOUD_UNDER_WAY, CLOUD_DONE, CLOUD_FAILED };

/* How the question for the key stands. */
enum cloud_grant { CLOUD_NOT_ASKED, CLOUD_ASKING, CLOUD_GRANTED, CLOUD_REFUSED };

enum { CLOUD_GRANT_MAX = 160 };

enum { CLOUD_GAP_MS = 1000 /* between pieces: 5 kB a second is little on any line */ };

struct cloud {
    /* What is handed over; `name` empty: nothing. */
    char name[CLOUD_NAME_MAX];
    uint8_t digest[DEVICE_DIGEST];
    uint64_t size;
    int64_t made_ms, number;
    int64_t next;    /* the piece that the office wants; 0: it was not asked in this connection */
    int64_t next_us; /* not before */
    bool asked;      /* a question of ours is outstanding */
    bool refused;    /* the last one was, until another is made */

    /* What is there. */
    bool wondered; /* asked by itself, in this connection */
    enum cloud_errand errand;
    enum cloud_progress progress;
    bool has; /* `found` is one */
    struct cloud_found {
        char serial[DEVICE_SERIAL_MAX + 1];
        uint8_t digest[DEVICE_DIGEST];
        int64_t size, number, made_ms;
    } found;
    int64_t part, parts; /* fetched so far, of so many */

    /* May its vault have the key of `found`? */
    struct cloud_ask {
        enum cloud_grant state;
        bool due; /* to be said now */
        uint8_t digest[DEVICE_DIGEST], nonce[DEVICE_NONCE], mac[DEVICE_MAC];
        uint8_t public_key[DEVICE_TRANSPORT];
        char reason[DEVICE_REASON_MAX]; /* of a refusal */
        size_t grant_len;
        uint8_t grant[CLOUD_GRANT_MAX];
    } ask;
};

/* There is a spool, and an office to talk to. */
bool cloud_possible(const struct terminal *t);
/* At the start: one that was written before is handed over still. */
MUST_USE err cloud_load(struct terminal *t);
/* The bundle `name` in the spool is whole, and opens. In place of one before. */
MUST_USE err cloud_take(struct terminal *t, const char *name, uint64_t number);
/* One is on its way, and it is of less than a week ago. */
bool cloud_waits(const struct terminal *t);

/* What a person wants; EVENT_MANAGE tells of each step. */
void cloud_begin(struct terminal *t, enum cloud_errand errand);
/* Asks for the key of `found`, as the vault has said it. A person may press it again. */
struct vault_restore_asked;
void cloud_ask_key(struct terminal *t, const struct vault_restore_asked *asked);
/* The office has decided something about this bundle. */
MUST_USE err cloud_told(struct terminal *t, const struct device_message *heard);
void cloud_leave(struct terminal *t); /* nobody wants it any more; what was fetched goes */
/* Another device's than this one's, and this one has nothing of its own yet. */
bool cloud_offers(const struct terminal *t);
extern const char cloud_fetched[]; /* its name in the spool */

/* For manage.c: something is to be said now, or later; what; and how it was answered. */
bool cloud_due(const struct terminal *t, bool urgent);
int64_t cloud_next_us(const struct terminal *t);
enum { CLOUD_BASE64_MAX = (DEVICE_PART_MAX + 2) / 3 * 4 };
MUST_USE err cloud_tell(struct terminal *t, uint8_t base64[CLOUD_BASE64_MAX],
                        struct device_message *ret_question, bool *ret_some);
MUST_USE err cloud_heard(struct terminal *t, enum device_ask asked,
                         const struct device_message *heard);
void cloud_again(struct terminal *t); /* another connection */
