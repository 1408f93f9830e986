/* SPDX-License-Identifier: Apache-2.0 */
/* Members and their points, and what these are worth: a table, because shops differ in it. */
#include "simulators/loyalty.h"

#include "simulators/network_core.h"

/* A hundred points to the yuan. */
static const struct loyalty_rate rate = {100, 100};

static const struct loyalty_member members[LOYALTY_MEMBERS] = {
    {"8600000000012", 100000000, false},
    {"8600000000023", 1250, false},
    {"8600000000034", 0, false},
    {"8600000000045", 100000000, true},
};

const struct loyalty_member *loyalty_member(size_t place)
{
    ENSURE(place < ARRAY_LEN(members));
    return &members[place];
}

err loyalty_find(struct bytes number, uint8_t *ret_place)
{
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        if (!bytes_equal(number, bytes_text(members[i].number))) continue;
        *ret_place = (uint8_t)i;
        return OK;
    }
    return ERR(NOT_FOUND);
}

int64_t loyalty_worth(const struct loyalty_member *member)
{
    return member->points * rate.minor / rate.points;
}

bool loyalty_type(uint8_t type)
{
    return type == PAYMENT_REDEEM || type == PAYMENT_REDEEM_VOID || type == PAYMENT_REDEEM_REFUND;
}

struct decision loyalty_decide(struct network *n, struct question *q, struct entry *e)
{
    uint8_t place = 0;
    size_t phones;
    (void)virtual_phones(&phones);
    ENSURE(phones <= LOYALTY_ACCOUNT);
    e->state = ENTRY_DECLINED;
    if (FAILED(loyalty_find(q->sensitive.payment_code, &place))) {
        memcpy(q->payment.response_code, "14", 3);
        return (struct decision){0};
    }
    e->account = (uint8_t)(LOYALTY_ACCOUNT + place);
    network_name(&q->payment, e);
    network_charge(n, &q->payment, e, loyalty_worth(&members[place]));
    return (struct decision){.silent = members[place].silent};
}
