/* SPDX-License-Identifier: Apache-2.0 */
/* A backup on its way to the back office, and back: see cloud.h. */
#include "terminal/cloud.h"

#include "lib/base/base64.h"
#include "lib/wire/backup_source.h"
#include "terminal/core.h"

enum { WEEK_MS = 7 * 86400000 };

const char cloud_fetched[] = "office.fetched.tbbackup";

static struct cloud *cloud_of(struct terminal *t)
{
    return &t->backup.cloud;
}

bool cloud_possible(const struct terminal *t)
{
    return t->ports.spool.create != NULL && t->facts.provisioned && t->manage.wanted;
}

/* ---- what is in the spool ---- */

struct named {
    const struct backup_ports *ports;
    const char *name;
};

static err read_named(void *context, uint64_t offset, void *block, size_t max, size_t *ret_len)
{
    const struct named *file = context;
    return file->ports->read(file->ports->context, file->name, offset, block, max, ret_len);
}

static void spool_remove(struct terminal *t, const char *name)
{
    if (t->ports.spool.remove != NULL)
        (void)!FAILED(t->ports.spool.remove(t->ports.spool.context, name));
}

/* Its head, as far as this program reads one. */
static err read_head(struct terminal *t, const char *name, int64_t *ret_made_ms,
                     int64_t *ret_number)
{
    uint8_t block[BACKUP_HEAD_MAX];
    struct backup_part part;
    struct backup_head head;
    size_t len = 0;
    TRY(t->ports.spool.read(t->ports.spool.context, name, 0, block, sizeof block, &len));
    TRY(backup_cut(bytes_of(block, len), &part));
    TRY(backup_read_head(part.whole, &head));
    *ret_made_ms = head.made_ms;
    *ret_number = (int64_t)head.number;
    return OK;
}

/* What cannot be read is none: the next one is made in its place. */
err cloud_take(struct terminal *t, const char *name, uint64_t number)
{
    struct cloud *c = cloud_of(t);
    struct named file = {&t->ports.spool, name};
    const struct backup_source source = {read_named, &file};
    char before[BACKUP_NAME_MAX];
    memcpy(before, c->name, sizeof before);
    c->name[0] = '\0';
    c->next = 0;
    c->refused = false;
    if (before[0] != '\0' && strcmp(before, name) != 0) spool_remove(t, before);
    err e = backup_source_digest(&source, c->digest, &c->size);
    if (!FAILED(e)) e = read_head(t, name, &c->made_ms, &c->number);
    if (e.code == ERR_CRASHED) return e;
    if (FAILED(e) || (number != 0 && c->number != (int64_t)number)) return OK;
    if (c->size == 0 || c->size > DEVICE_BACKUP_MAX) {
        spool_remove(t, name);
        return manage_event(t, "backup_failed", "", "too large for the back office");
    }
    return bytes_to_text(bytes_text(name), c->name, sizeof c->name);
}

struct newest {
    struct terminal *t;
    char name[BACKUP_NAME_MAX];
};

/* Names sort by number. What was fetched for a restore that did not come about goes. */
static err consider(void *context, const char *name)
{
    struct newest *n = context;
    if (strcmp(name, cloud_fetched) == 0 || strlen(name) >= sizeof n->name) return OK;
    if (strcmp(name, n->name) > 0) memcpy(n->name, name, strlen(name) + 1);
    return OK;
}

err cloud_load(struct terminal *t)
{
    struct newest newest = {.t = t};
    *cloud_of(t) = (struct cloud){.made_ms = 0};
    if (t->ports.spool.each == NULL) return OK;
    spool_remove(t, cloud_fetched);
    err e = t->ports.spool.each(t->ports.spool.context, consider, &newest);
    if (e.code == ERR_CRASHED) return e;
    return FAILED(e) || newest.name[0] == '\0' ? OK : cloud_take(t, newest.name, 0);
}

bool cloud_waits(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    return c->name[0] != '\0' && now_ms(t) - c->made_ms < WEEK_MS;
}

/* ---- what is said ---- */

void cloud_again(struct terminal *t)
{
    struct cloud *c = cloud_of(t);
    c->next = 0;
    c->asked = c->wondered = false;
    c->ask.due = c->ask.state == CLOUD_ASKING;
}

/* Nothing of a backup comes over a network that nobody trusts, either: it waits for another. That
 * there is one may be asked for over any. */
static bool errand_waits(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    if (c->progress != CLOUD_UNDER_WAY || c->asked) return false;
    return c->errand != CLOUD_FETCH || network_trusted(t);
}

static bool key_waits(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    return c->ask.due && !c->asked && network_trusted(t);
}

/* A device that has nothing of its own yet. */
static bool wonders(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    return cloud_possible(t) && !c->wondered && !c->asked && c->errand == CLOUD_NOTHING &&
           t->records.last_number == 0;
}

/* Everybody's hashes are in it: sealed, and yet nothing for a network that nobody trusts (S170). */
static bool hands_over(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    return cloud_possible(t) && network_trusted(t) && c->name[0] != '\0' && !c->asked;
}

bool cloud_due(const struct terminal *t, bool urgent)
{
    if (urgent) return errand_waits(t) || key_waits(t);
    return wonders(t) || (hands_over(t) && now_us(t) >= t->backup.cloud.next_us);
}

int64_t cloud_next_us(const struct terminal *t)
{
    if (cloud_due(t, true) || cloud_due(t, false)) return now_us(t);
    return hands_over(t) ? t->backup.cloud.next_us : INT64_MAX;
}

static void ask_errand(struct cloud *c, struct device_message *m)
{
    bool fetch = c->errand == CLOUD_FETCH;
    m->ask = fetch ? DEVICE_BACKUP_FETCH : DEVICE_BACKUP_FIND;
    m->part = fetch ? c->part + 1 : 1;
    if (fetch) memcpy(m->digest, c->found.digest, sizeof m->digest);
    c->asked = true;
}

static void ask_key(struct cloud *c, struct device_message *m)
{
    m->ask = DEVICE_RESTORE_ASK;
    memcpy(m->digest, c->ask.digest, sizeof m->digest);
    memcpy(m->nonce, c->ask.nonce, sizeof m->nonce);
    memcpy(m->mac, c->ask.mac, sizeof m->mac);
    memcpy(m->transport, c->ask.public_key, sizeof m->transport);
    c->ask.due = false;
    c->asked = true;
}

/* The next piece, or, at first, which one that is. False: it cannot be read any more. */
static bool say_piece(struct terminal *t, uint8_t base64[CLOUD_BASE64_MAX],
                      struct device_message *m)
{
    struct cloud *c = cloud_of(t);
    uint8_t block[DEVICE_PART_MAX];
    struct writer w = writer_over(base64, CLOUD_BASE64_MAX);
    size_t len = 0;
    memcpy(m->digest, c->digest, sizeof m->digest);
    m->size = (int64_t)c->size;
    m->part = c->next;
    m->ask = c->next == 0 ? DEVICE_BACKUP : DEVICE_BACKUP_PART;
    if (c->next == 0) return true;
    uint64_t at = (uint64_t)(c->next - 1) * DEVICE_PART_MAX;
    err e = t->ports.spool.read(t->ports.spool.context, c->name, at, block, sizeof block, &len);
    if (FAILED(e) || len == 0) return false;
    base64_write(&w, bytes_of(block, len));
    m->policy = writer_view(&w);
    return true;
}

err cloud_tell(struct terminal *t, uint8_t base64[CLOUD_BASE64_MAX],
               struct device_message *ret_question, bool *ret_some)
{
    struct cloud *c = cloud_of(t);
    struct device_message m = {.ask = DEVICE_NO_ASK};
    *ret_some = true;
    if (errand_waits(t)) {
        ask_errand(c, &m);
    } else if (key_waits(t)) {
        ask_key(c, &m);
    } else if (wonders(t)) {
        c->wondered = true;
        c->errand = CLOUD_FIND;
        c->progress = CLOUD_UNDER_WAY;
        ask_errand(c, &m);
    } else if (say_piece(t, base64, &m)) {
        c->asked = true;
    } else { /* somebody has taken the file away: another is made when one is due */
        c->name[0] = '\0';
        *ret_some = false;
    }
    *ret_question = m;
    return OK;
}

/* ---- what is heard ---- */

static err kept(struct terminal *t)
{
    struct cloud *c = cloud_of(t);
    char name[BACKUP_NAME_MAX];
    memcpy(name, c->name, sizeof name);
    c->name[0] = '\0';
    TRY(backup_kept(t, c->number, c->made_ms));
    spool_remove(t, name);
    return OK;
}

/* Another time would not make it welcome; but a disk that is full there may have room again. */
static err refused(struct terminal *t, const char *why)
{
    struct cloud *c = cloud_of(t);
    if (strcmp(why, "no_room") == 0 || strcmp(why, "not_begun") == 0) {
        c->next = 0;
        c->next_us = now_us(t) + (int64_t)3600 * 1000000;
        return OK;
    }
    spool_remove(t, c->name);
    c->name[0] = '\0';
    c->refused = true;
    return backup_refused(t, why);
}

static err heard_piece(struct terminal *t, const struct device_message *heard)
{
    struct cloud *c = cloud_of(t);
    c->next_us = now_us(t) + (int64_t)CLOUD_GAP_MS * 1000;
    if (c->name[0] == '\0') return OK; /* given up meanwhile */
    if (heard->status != DEVICE_OK) return refused(t, heard->reason);
    if (!(heard->has & DEVICE_HAS_PART)) return kept(t);
    c->next = heard->part;
    return OK;
}

static void end_errand(struct cloud *c, enum cloud_progress progress)
{
    c->progress = progress;
    c->errand = CLOUD_NOTHING;
}

static void heard_found(struct cloud *c, const struct device_message *heard)
{
    c->has = heard->status == DEVICE_OK && (heard->has & DEVICE_HAS_KEPT) &&
             (heard->has & DEVICE_HAS_NUMBER);
    if (c->has) {
        c->found = (struct cloud_found){
            .size = heard->size, .number = heard->number, .made_ms = heard->at_ms};
        memcpy(c->found.serial, heard->serial, sizeof c->found.serial);
        memcpy(c->found.digest, heard->digest, sizeof c->found.digest);
    }
    end_errand(c, heard->status == DEVICE_OK ? CLOUD_DONE : CLOUD_FAILED);
}

/* Is what was fetched what was found? */
static bool is_whole(struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    struct named file = {&t->ports.spool, cloud_fetched};
    const struct backup_source source = {read_named, &file};
    uint8_t digest[BACKUP_DIGEST_BYTES];
    uint64_t len = 0;
    return !FAILED(backup_source_digest(&source, digest, &len)) && (int64_t)len == c->found.size &&
           memcmp(digest, c->found.digest, sizeof digest) == 0;
}

static void fetch_failed(struct terminal *t)
{
    (void)!FAILED(t->ports.spool.finish(t->ports.spool.context, false));
    end_errand(cloud_of(t), CLOUD_FAILED);
}

static void heard_fetched(struct terminal *t, const struct device_message *heard)
{
    struct cloud *c = cloud_of(t);
    uint8_t block[DEVICE_PART_MAX];
    size_t len = 0;
    bool good = heard->status == DEVICE_OK && (heard->has & DEVICE_HAS_BYTES) &&
                !FAILED(base64_decode(heard->policy, block, sizeof block, &len)) && len > 0 &&
                !FAILED(t->ports.spool.append(t->ports.spool.context, bytes_of(block, len)));
    if (!good) {
        fetch_failed(t);
        return;
    }
    if (++c->part < c->parts) return;
    if (FAILED(t->ports.spool.finish(t->ports.spool.context, true)) || !is_whole(t)) {
        fetch_failed(t);
        spool_remove(t, cloud_fetched);
        return;
    }
    end_errand(c, CLOUD_DONE);
}

/* Nothing but OK: it waits for people. */
static void heard_key(struct cloud *c, const struct device_message *heard)
{
    struct cloud_ask *ask = &c->ask;
    if (ask->state != CLOUD_ASKING) return; /* nobody wants it any more */
    if (heard->status != DEVICE_OK) {
        ask->state = CLOUD_REFUSED;
        memcpy(ask->reason, heard->reason, sizeof ask->reason);
        return;
    }
    if (!(heard->has & DEVICE_HAS_BYTES)) return;
    bool good =
        !FAILED(base64_decode(heard->policy, ask->grant, sizeof ask->grant, &ask->grant_len));
    ask->state = good && ask->grant_len > 0 ? CLOUD_GRANTED : CLOUD_REFUSED;
}

err cloud_heard(struct terminal *t, enum device_ask asked, const struct device_message *heard)
{
    struct cloud *c = cloud_of(t);
    bool errand = asked == DEVICE_BACKUP_FIND || asked == DEVICE_BACKUP_FETCH;
    bool piece = asked == DEVICE_BACKUP || asked == DEVICE_BACKUP_PART;
    bool key = asked == DEVICE_RESTORE_ASK;
    if (!errand && !piece && !key) return OK;
    c->asked = false;
    if (piece) return heard_piece(t, heard);
    if (key) {
        heard_key(c, heard);
        return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
    }
    if (c->progress != CLOUD_UNDER_WAY) return OK; /* nobody waits any more */
    if (asked == DEVICE_BACKUP_FIND) heard_found(c, heard);
    else heard_fetched(t, heard);
    return terminal_event(t, (struct event){.kind = EVENT_MANAGE}, false);
}

/* ---- what a person wants ---- */

void cloud_begin(struct terminal *t, enum cloud_errand errand)
{
    struct cloud *c = cloud_of(t);
    ENSURE(errand != CLOUD_FETCH || c->has);
    c->errand = errand;
    c->progress = CLOUD_UNDER_WAY;
    if (t->manage.state == SCREEN_OFFLINE) t->manage.retry_at_us = now_us(t); /* not by and by */
    if (errand != CLOUD_FETCH) return;
    c->part = 0;
    c->parts = (c->found.size + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX;
    if (FAILED(t->ports.spool.create(t->ports.spool.context, cloud_fetched)))
        end_errand(c, CLOUD_FAILED);
}

void cloud_ask_key(struct terminal *t, const struct vault_restore_asked *asked)
{
    struct cloud *c = cloud_of(t);
    struct cloud_ask *ask = &c->ask;
    ENSURE(asked->nonce.len == sizeof ask->nonce && asked->mac.len == sizeof ask->mac &&
           asked->public_key.len == sizeof ask->public_key);
    *ask = (struct cloud_ask){.state = CLOUD_ASKING, .due = true};
    memcpy(ask->digest, c->found.digest, sizeof ask->digest);
    memcpy(ask->nonce, asked->nonce.at, sizeof ask->nonce);
    memcpy(ask->mac, asked->mac.at, sizeof ask->mac);
    memcpy(ask->public_key, asked->public_key.at, sizeof ask->public_key);
    if (t->manage.state == SCREEN_OFFLINE) t->manage.retry_at_us = now_us(t); /* not by and by */
}

err cloud_told(struct terminal *t, const struct device_message *heard)
{
    struct cloud_ask *ask = &cloud_of(t)->ask;
    bool ours = memcmp(ask->digest, heard->digest, sizeof ask->digest) == 0;
    if (ask->state == CLOUD_ASKING && ours) ask->due = true;
    return OK;
}

void cloud_leave(struct terminal *t)
{
    struct cloud *c = cloud_of(t);
    if (c->errand == CLOUD_FETCH) fetch_failed(t);
    c->progress = CLOUD_IDLE;
    c->errand = CLOUD_NOTHING;
    c->ask = (struct cloud_ask){.state = CLOUD_NOT_ASKED};
    spool_remove(t, cloud_fetched);
}

bool cloud_offers(const struct terminal *t)
{
    const struct cloud *c = &t->backup.cloud;
    return c->has && t->records.last_number == 0 && strcmp(c->found.serial, t->facts.serial) != 0;
}
