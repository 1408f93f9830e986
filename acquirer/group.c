/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group commit. Whatever leaves the acquirer is laid into one block and leaves only after the
 * journal rows of the same group are on disk; a commit that fails therefore sends nothing. One loop
 * iteration is one group, unless the block is full earlier.
 *
 * Tried: commands to the hsm before the commit, since they tell nobody anything. The hsm then works
 * while the disk does, and the groups fall apart: 16 payments a commit instead of 20, no gain.
 *
 *   held frame   length(4) target(4) kind(1) bytes
 */
#include "acquirer/host.h"

enum { HELD_HEAD = 9 };

err group_tx(struct acquirer *a)
{
    if (a->in_tx) return OK;
    TRY(store_begin(a->store, &a->tx));
    a->in_tx = true;
    return OK;
}

static void send_one(const struct acquirer *a, enum held_kind kind, uint32_t target,
                     struct bytes frame)
{
    const struct acquirer_ports *p = &a->ports;
    switch (kind) {
    case HELD_TERMINAL:
        p->to_terminal(p->context, target, frame);
        return;
    case HELD_CLOSE:
        p->close_terminal(p->context, target);
        return;
    case HELD_HSM:
        p->to_hsm(p->context, frame);
        return;
    case HELD_ROUTE:
        p->to_route(p->context, (enum payment_route)target, frame);
        return;
    case HELD_CONTROL:
        p->to_control(p->context, target, frame);
        return;
    }
}

static void send_all(struct acquirer *a)
{
    struct reader r = reader_over(bytes_of(a->held, a->held_len));
    while (r.left.len > 0) {
        size_t len = (size_t)read_be(&r, 4);
        uint32_t target = (uint32_t)read_be(&r, 4);
        enum held_kind kind = (enum held_kind)read_be(&r, 1);
        struct bytes frame = read_bytes(&r, len);
        ENSURE(r.fault == ERR_OK); /* we wrote it ourselves */
        send_one(a, kind, target, frame);
    }
    /* PIN blocks and card data envelopes have passed through here, and codes in clear. */
    explicit_bzero(a->held, a->held_len);
    a->held_len = 0;
}

err acquirer_flush(struct acquirer *a)
{
    if (a->in_tx) {
        TRY(store_commit(&a->tx));
        a->in_tx = false;
        a->counts.commits++;
    }
    TRY(watch_write(a));
    send_all(a);
    return OK;
}

err group_hold(struct acquirer *a, enum held_kind kind, uint32_t target, struct bytes head,
               struct bytes body)
{
    size_t len = head.len + body.len;
    ENSURE(HELD_HEAD + len <= a->limits.held);
    if (HELD_HEAD + len > a->limits.held - a->held_len) TRY(acquirer_flush(a));

    struct writer w = writer_over(a->held, a->limits.held);
    w.len = a->held_len;
    write_be(&w, len, 4);
    write_be(&w, target, 4);
    write_be(&w, (uint64_t)kind, 1);
    write_bytes(&w, head);
    write_bytes(&w, body);
    ENSURE(w.fault == ERR_OK);
    a->held_len = w.len;
    return OK;
}
