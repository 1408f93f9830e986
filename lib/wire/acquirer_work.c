/* SPDX-License-Identifier: Apache-2.0 */
/* Differences, reconciled and settled days as bytes: members in the order of their structs. */
#include "lib/wire/acquirer_work.h"

#include "lib/base/money.h"

enum { TEXT_MAX = 128 };

static void put_header(struct writer *w, uint8_t command, uint32_t id)
{
    write_be(w, ACQUIRER_PROTOCOL_VERSION, 1);
    write_be(w, command, 1);
    write_be(w, id, 4);
}

void acquirer_write_difference(struct writer *w, uint32_t id, const struct acquirer_difference *d)
{
    ENSURE(d->day >= 0 && d->host_minor >= 0 && d->network_minor >= 0);
    put_header(w, ACQUIRER_DIFFERENCE, id);
    write_prefixed(w, 2, d->actor);
    write_prefixed(w, 2, d->rrn);
    write_be(w, d->kind, 1);
    write_be(w, d->network, 1);
    write_be(w, d->type, 1);
    write_be(w, (uint64_t)d->day, 4);
    write_be(w, (uint64_t)d->host_minor, 8);
    write_be(w, (uint64_t)d->network_minor, 8);
}

err acquirer_read_difference(struct reader *r, struct acquirer_difference *out)
{
    struct acquirer_difference d = {.actor = read_prefixed(r, 2, TEXT_MAX)};
    d.rrn = read_prefixed(r, 2, TEXT_MAX);
    d.kind = (uint8_t)read_be(r, 1);
    d.network = (uint8_t)read_be(r, 1);
    d.type = (uint8_t)read_be(r, 1);
    d.day = (int32_t)read_be(r, 4);
    d.host_minor = (int64_t)read_be(r, 8);
    d.network_minor = (int64_t)read_be(r, 8);
    TRY(reader_finish(r));
    if (d.day < 0 || d.host_minor < 0 || d.network_minor < 0) return ERR(RANGE);
    *out = d;
    return OK;
}

void acquirer_write_reconciled(struct writer *w, uint32_t id, const struct acquirer_reconciled *d)
{
    ENSURE(d->day >= 0 && d->rows >= 0 && d->matched >= 0 && d->differences >= 0);
    put_header(w, ACQUIRER_RECONCILED, id);
    write_prefixed(w, 2, d->actor);
    write_prefixed(w, 2, d->digest);
    write_be(w, d->network, 1);
    write_be(w, (uint64_t)d->day, 4);
    write_be(w, (uint64_t)d->rows, 8);
    write_be(w, (uint64_t)d->matched, 8);
    write_be(w, (uint64_t)d->differences, 8);
}

err acquirer_read_reconciled(struct reader *r, struct acquirer_reconciled *out)
{
    struct acquirer_reconciled d = {.actor = read_prefixed(r, 2, TEXT_MAX)};
    d.digest = read_prefixed(r, 2, TEXT_MAX);
    d.network = (uint8_t)read_be(r, 1);
    d.day = (int32_t)read_be(r, 4);
    d.rows = (int64_t)read_be(r, 8);
    d.matched = (int64_t)read_be(r, 8);
    d.differences = (int64_t)read_be(r, 8);
    TRY(reader_finish(r));
    if (d.day < 0 || d.rows < 0 || d.matched < 0 || d.differences < 0) return ERR(RANGE);
    *out = d;
    return OK;
}

/* clang-format off */
#define SETTLED_NUMBERS(X) X(turnover_minor) X(gross_minor) X(file_net_minor) X(net_minor) \
                           X(issuer_minor) X(network_minor) X(instalment_minor)
/* clang-format on */

void acquirer_write_settled(struct writer *w, uint32_t id, const struct acquirer_settled *d)
{
    ENSURE(d->day >= 0);
    put_header(w, ACQUIRER_NETWORK_SETTLED, id);
    write_prefixed(w, 2, d->actor);
    write_prefixed(w, 2, d->digest);
    write_be(w, d->network, 1);
    write_be(w, (uint64_t)d->day, 4);
#define PUT_MINOR(member) write_be(w, (uint64_t)d->member, 8);
    SETTLED_NUMBERS(PUT_MINOR)
}

err acquirer_read_settled(struct reader *r, struct acquirer_settled *out)
{
    struct acquirer_settled d = {.actor = read_prefixed(r, 2, TEXT_MAX)};
    bool fits = true;
    d.digest = read_prefixed(r, 2, TEXT_MAX);
    d.network = (uint8_t)read_be(r, 1);
    d.day = (int32_t)read_be(r, 4);
#define GET_MINOR(member)              \
    d.member = (int64_t)read_be(r, 8); \
    fits = fits && d.member <= MONEY_FIELD_MAX && d.member >= -MONEY_FIELD_MAX;
    SETTLED_NUMBERS(GET_MINOR)
    TRY(reader_finish(r));
    if (d.day < 0 || !fits) return ERR(RANGE);
    *out = d;
    return OK;
}
