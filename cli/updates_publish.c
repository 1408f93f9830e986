/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing: compose, judge by the client's own code, write; see updates_repository.h. */
#include <stdio.h>

#include "cli/updates_internal.h"
#include "lib/tuf/trusted.h"

#define DAY_MS INT64_C(86400000)

/* One publication, before any of it is written. */
struct publication {
    const struct updates_text *root, *targets; /* as they will be */
    int64_t targets_version;
    struct updates_text snapshot, timestamp;
    int64_t snapshot_version;
    bool new_root, new_targets, new_meta, root_first;
};

/* ---- composing ---- */

static err add_signature(const struct updates_online_key *key, enum hsm_document_role role,
                         struct bytes body, struct hsm_client *hsm,
                         struct tuf_author_signature *ret, struct process_fault *fault)
{
    struct bytes made;
    const struct hsm_document_sign ask = {(uint8_t)role, bytes_of(key->blob, key->len), body};
    TRY(hsm_client_document_sign(hsm, &ask, &made, fault));
    if (made.len != sizeof ret->at) return ERR(CONFLICT);
    memcpy(ret->at, made.at, made.len);
    return bytes_to_text(bytes_text(key->name.id), ret->id, sizeof ret->id);
}

/* By the key that will be in use and, where it is another, by the one that is. */
static err sign_online(const struct updates_repository *r, enum hsm_document_role role,
                       struct bytes body, struct hsm_client *hsm, struct updates_text *ret,
                       struct process_fault *fault)
{
    struct tuf_author_signature signatures[2];
    const struct updates_online_key *next = &updates_next_online(r)->key[role];
    size_t count = 0;
    TRY(add_signature(next, role, body, hsm, &signatures[count++], fault));
    if (r->now.has_online && strcmp(r->now.online.key[role].name.id, next->name.id) != 0 &&
        !FAILED(
            add_signature(&r->now.online.key[role], role, body, hsm, &signatures[count], fault)))
        count++; /* an old key that the hsm opens no more: the root goes first */
    struct writer w = writer_over(ret->at, sizeof ret->at);
    TRY(tuf_author_envelope(body, signatures, count, &w));
    ret->len = w.len;
    return OK;
}

static err compose_meta(const struct updates_repository *r, struct hsm_client *hsm, int64_t now_ms,
                        struct publication *p, struct process_fault *fault)
{
    uint8_t body[HSM_DOCUMENT_TEXT_MAX];
    struct writer w = writer_over(body, sizeof body);
    p->snapshot_version = r->snapshot_version + 1;
    const struct tuf_author_entry targets = {p->targets_version, updates_view(p->targets)};
    TRY(tuf_author_snapshot_write(p->snapshot_version, now_ms + UPDATES_DAYS_SNAPSHOT * DAY_MS,
                                  &targets, &w));
    TRY(sign_online(r, HSM_DOCUMENT_SNAPSHOT, writer_view(&w), hsm, &p->snapshot, fault));
    const struct tuf_author_entry snapshot = {p->snapshot_version, updates_view(&p->snapshot)};
    w = writer_over(body, sizeof body);
    TRY(tuf_author_timestamp_write(r->timestamp_version + 1,
                                   now_ms + UPDATES_DAYS_TIMESTAMP * DAY_MS, &snapshot, &w));
    return sign_online(r, HSM_DOCUMENT_TIMESTAMP, writer_view(&w), hsm, &p->timestamp, fault);
}

/* ---- judging ---- */

static enum tuf_verdict judge_meta(struct tuf_trusted *t, const struct publication *p,
                                   const char **ret_about)
{
    CLEANUP(tuf_metadata_free) struct tuf_metadata targets = {0};
    *ret_about = "timestamp";
    TUF_TRY(tuf_trusted_timestamp(t, updates_view(&p->timestamp), false));
    TUF_TRY(tuf_trusted_timestamp_fresh(t));
    *ret_about = "snapshot";
    TUF_TRY(tuf_trusted_snapshot(t, updates_view(&p->snapshot), false));
    *ret_about = "targets";
    struct tuf_role role = tuf_root_role(&t->root, TUF_TARGETS);
    return tuf_trusted_targets(t, "targets", &role, updates_view(p->targets), &targets);
}

/* As a device sees it that trusts `first` and is shown `second` (NULL: no newer root). */
static enum tuf_verdict judge(int64_t now_ms, const struct updates_text *first,
                              const struct updates_text *second, const struct publication *p,
                              const char **ret_about)
{
    CLEANUP(tuf_trusted_free) struct tuf_trusted t = {0};
    *ret_about = "root";
    TUF_TRY(tuf_trusted_begin(now_ms, updates_view(first), &t));
    if (second != NULL) TUF_TRY(tuf_trusted_root(&t, updates_view(second)));
    TUF_TRY(tuf_trusted_root_fresh(&t));
    return p->new_meta ? judge_meta(&t, p, ret_about) : TUF_ACCEPTED;
}

static err refused(enum tuf_verdict verdict, const char *about, struct process_fault *fault)
{
    snprintf(fault->text, sizeof fault->text, "not published: %s %s (未发布：%s%s)", about,
             tuf_verdict_text(verdict, false), about, tuf_verdict_text(verdict, true));
    return ERR(DENIED);
}

/* Whoever knows the last root, and whoever knows the new one. */
static err judge_all(const struct updates_repository *r, int64_t now_ms, struct publication *p,
                     struct process_fault *fault)
{
    const char *about = "";
    const struct updates_text *last = r->now.root_text.len > 0 ? &r->now.root_text : NULL;
    enum tuf_verdict verdict = judge(now_ms, last != NULL ? last : p->root,
                                     last != NULL && p->new_root ? p->root : NULL, p, &about);
    if (verdict != TUF_ACCEPTED) return refused(verdict, about, fault);
    /* Between the two steps: with the last root and what is new beside it. */
    p->root_first = last == NULL || (p->new_root && p->new_meta &&
                                     judge(now_ms, last, NULL, p, &about) != TUF_ACCEPTED);
    return OK;
}

/* ---- writing ---- */

static err put_root(const struct updates_repository *r, const struct publication *p)
{
    char name[64];
    if (!p->new_root) return OK;
    updates_name(name, r->next.root.version, "root");
    return updates_write(r, "metadata", name, updates_view(p->root));
}

static err put_meta(const struct updates_repository *r, const struct publication *p)
{
    char name[64];
    if (!p->new_meta) return OK;
    updates_name(name, p->targets_version, "targets");
    if (p->new_targets) TRY(updates_write(r, "metadata", name, updates_view(p->targets)));
    updates_name(name, p->snapshot_version, "snapshot");
    TRY(updates_write(r, "metadata", name, updates_view(&p->snapshot)));
    return updates_write(r, "metadata", "timestamp.json", updates_view(&p->timestamp));
}

/* A root or list that waits, and stands there already: the publication before was cut off. */
static void look_what_is_new(const struct updates_repository *r, bool refresh,
                             struct publication *p)
{
    const struct updates_state *next = &r->next;
    bool root = !refresh && next->root_text.len > 0;
    bool targets = !refresh && next->targets_text.len > 0;
    p->new_root = root && next->root.version != r->now.root.version;
    p->new_targets = targets && next->targets.version != r->now.targets.version;
    p->root = p->new_root ? &next->root_text : &r->now.root_text;
    p->targets = p->new_targets ? &next->targets_text : &r->now.targets_text;
    p->targets_version = p->new_targets ? next->targets.version : r->now.targets.version;
    p->new_meta = refresh || p->new_targets || next->has_online;
}

/* Why there is nothing to do, or not now. */
static err may_publish(const struct updates_repository *r, bool refresh,
                       struct process_fault *fault)
{
    const struct updates_state *next = &r->next;
    bool waits = next->root_text.len > 0 || next->targets_text.len > 0 || next->has_online;
    if (refresh ? r->now.root.version == 0 : !waits) {
        snprintf(fault->text, sizeof fault->text,
                 "there is nothing to publish: draft a change first (没有待发布的内容)");
        return ERR(NOT_FOUND);
    }
    if (refresh && next->has_online) {
        snprintf(fault->text, sizeof fault->text,
                 "keys of the hsm are being changed: publish that first (密钥正在更换，请先发布)");
        return ERR(BUSY);
    }
    return OK;
}

static err put_all(const struct updates_repository *r, const struct publication *p)
{
    if (p->root_first) TRY(put_root(r, p));
    TRY(put_meta(r, p));
    return p->root_first ? OK : put_root(r, p);
}

err updates_publish(struct updates_repository *r, struct hsm_client *hsm, bool refresh,
                    int64_t now_ms, struct process_fault *fault)
{
    static struct publication p;
    TRY(may_publish(r, refresh, fault));
    memset(&p, 0, sizeof p);
    look_what_is_new(r, refresh, &p);
    if (p.new_meta) TRY(compose_meta(r, hsm, now_ms, &p, fault));
    if (p.new_meta || p.new_root) TRY(judge_all(r, now_ms, &p, fault));
    TRY(put_all(r, &p));
    if (refresh) return OK;
    if (r->next.has_online) TRY(updates_keep_online(r));
    return updates_discard(r);
}
