/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New zone keys for the line of cards, as the acquirer tells of them (payment/key_change.h): opened
 * with our transport key, when its hsm has sealed them; kept with what was done under them; good
 * from then on. The set before is good until the overlap has passed since the first message under
 * the new one. Each message is answered under the set that it came under.
 */
#include "payment/key_change.h"
#include "lib/crypto/mac.h"
#include "simulators/network_core.h"

static void zone_side_wipe(struct zone_side *side)
{
    secret_wipe_bytes(side, sizeof *side);
}

static struct zone_side *other_side(struct network *n)
{
    return &n->side[1 - n->newest];
}

static err open_key(const struct network *n, struct bytes sealed, enum key_usage usage,
                    struct key *ret_key)
{
    return transport_open_key(n->config.transport, n->config.hsm_public, sealed, usage,
                              BYTES("zone"), ret_key);
}

/* From under our transport key. */
static err open_side(const struct network *n, const struct payment_key_change *c,
                     struct zone_side *ret_side)
{
    CLEANUP(zone_side_wipe) struct zone_side side = {.there = true, .number = c->number};
    if (n->config.transport == NULL) return ERR(UNSUPPORTED);
    TRY(open_key(n, c->pin, KEY_USAGE_ZONE_PIN, &side.pin));
    TRY(open_key(n, c->mac, KEY_USAGE_ZONE_MAC, &side.mac));
    TRY(open_key(n, c->data, KEY_USAGE_ZONE_DATA, &side.data));
    *ret_side = side;
    return OK;
}

static void put_side(struct network *n, const struct zone_side *side, int64_t overlap_ms,
                     int64_t old_until_ms)
{
    n->newest = 1 - n->newest;
    n->side[n->newest] = *side;
    n->overlap_ms = overlap_ms;
    n->old_until_ms = old_until_ms;
}

static void end_old(struct network *n)
{
    zone_side_wipe(other_side(n));
    n->old_until_ms = 0;
}

/* ---- what is kept ---- */

static err load(void *context, int64_t number, struct bytes told, int64_t until_ms)
{
    struct network *n = context;
    struct payment_key_change c;
    CLEANUP(zone_side_wipe) struct zone_side side = {.there = false};
    TRY(payment_key_change_read(told, &c));
    TRY(open_side(n, &c, &side));
    side.number = number;
    put_side(n, &side, (int64_t)c.overlap_s * 1000, until_ms);
    return OK;
}

err key_change_open(struct network *n)
{
    n->wallet_side = (struct zone_side){
        .there = true, .pin = n->config.pin, .mac = n->config.mac, .data = n->config.data};
    n->side[0] = n->wallet_side;
    return book_keys(n->book, load, n);
}

/* ---- under which set ---- */

const struct zone_side *key_change_side(const struct network *n, enum payment_route route)
{
    return route == PAYMENT_ROUTE_CARD_NETWORK ? &n->side[n->speaking] : &n->wallet_side;
}

err key_change_expire(struct network *n)
{
    bool over = n->old_until_ms != 0 && clock_now_ms(&n->config.clock) >= n->old_until_ms;
    if (!other_side(n)->there || !over) return OK;
    end_old(n);
    return book_drop_keys(n->book, n->side[n->newest].number);
}

static bool is_under(struct network *n, unsigned side, struct bytes covered, struct bytes mac)
{
    return n->side[side].there &&
           !FAILED(mac_verify(n->config.crypto, MAC_AES_CMAC_8, &n->side[side].mac, covered, mac));
}

err key_change_check(struct network *n, enum payment_route route, struct bytes covered,
                     struct bytes mac)
{
    if (route != PAYMENT_ROUTE_CARD_NETWORK)
        return mac_verify(n->config.crypto, MAC_AES_CMAC_8, &n->wallet_side.mac, covered, mac);
    n->speaking = n->newest;
    if (is_under(n, n->newest, covered, mac)) return OK;
    n->speaking = 1 - n->newest;
    return is_under(n, n->speaking, covered, mac) ? OK : ERR(MAC);
}

err key_change_used(struct network *n, enum payment_route route)
{
    bool first = route == PAYMENT_ROUTE_CARD_NETWORK && n->speaking == n->newest &&
                 other_side(n)->there && n->old_until_ms == 0;
    if (!first) return OK;
    n->old_until_ms = clock_now_ms(&n->config.clock) + n->overlap_ms;
    return book_keys_until(n->book, n->side[n->newest].number, n->old_until_ms);
}

/* ---- being told ---- */

/* A set that is new here: kept, and good from now on. */
static err take(struct network *n, const struct payment_key_change *c, struct bytes told,
                const char **ret_code)
{
    CLEANUP(zone_side_wipe) struct zone_side side = {.there = false};
    /* Two at a time: one that was never used is not thrown away for the next. */
    bool busy = other_side(n)->there && n->old_until_ms == 0;
    if (busy || FAILED(open_side(n, c, &side))) {
        *ret_code = "12";
        return OK;
    }
    TRY(book_put_keys(n->book, c->number, told, 0));
    put_side(n, &side, (int64_t)c->overlap_s * 1000, 0);
    *ret_code = "00";
    return OK;
}

err key_change_asked(struct network *n, enum payment_route route, const struct iso8583_message *in,
                     const char **ret_code)
{
    uint8_t block[PAYMENT_KEY_CHANGE_BYTES];
    struct payment_key_change c;
    *ret_code = "12";
    if (route != PAYMENT_ROUTE_CARD_NETWORK) return OK;
    if (FAILED(payment_key_change_decode(iso8583_get(in, 48), block, &c))) {
        *ret_code = "30";
        return OK;
    }
    size_t len = iso8583_get(in, 48).len / 2;
    if (c.number > n->side[n->newest].number) TRY(take(n, &c, bytes_of(block, len), ret_code));
    else if (c.number == n->side[n->newest].number) *ret_code = "00"; /* it was told before */
    if (strcmp(*ret_code, "00") == 0) n->speaking = n->newest;        /* shows that we have it */
    return OK;
}

int64_t network_zone_number(const struct network *n, bool *ret_two)
{
    *ret_two = n->side[1 - n->newest].there;
    return n->side[n->newest].number;
}
