/* SPDX-License-Identifier: Apache-2.0 */
/* Goods with their quantities; what does not fit is refused and changes nothing. */
#include "payment/basket.h"

int64_t basket_line_minor(const struct basket_line *line)
{
    ENSURE(line->price_minor > 0 && line->price_minor <= MONEY_FIELD_MAX);
    ENSURE(line->quantity > 0 && line->quantity <= BASKET_QUANTITY);
    return line->price_minor * line->quantity; /* below 10^16 */
}

int64_t basket_minor(const struct basket *basket)
{
    int64_t sum = 0;
    ENSURE(basket->count <= BASKET_LINES);
    for (size_t i = 0; i < basket->count; i++) sum += basket_line_minor(&basket->line[i]);
    return sum;
}

/* The same thing at another price is another line. */
static size_t line_of(const struct basket *basket, const char *name, int64_t price_minor)
{
    for (size_t i = 0; i < basket->count; i++) {
        const struct basket_line *line = &basket->line[i];
        if (line->price_minor == price_minor && strcmp(line->name, name) == 0) return i;
    }
    return basket->count;
}

err basket_add(struct basket *basket, const char *name, int64_t price_minor)
{
    size_t at = line_of(basket, name, price_minor);
    ENSURE(price_minor > 0 && strlen(name) < BASKET_NAME);
    if (at == BASKET_LINES) return ERR(FULL);
    if (at < basket->count && basket->line[at].quantity == BASKET_QUANTITY) return ERR(FULL);
    if (price_minor > MONEY_FIELD_MAX - basket_minor(basket)) return ERR(RANGE);
    if (at == basket->count) {
        basket->line[at] = (struct basket_line){.price_minor = price_minor};
        memcpy(basket->line[at].name, name, strlen(name) + 1);
        basket->count++;
    }
    basket->line[at].quantity++;
    return OK;
}

void basket_less(struct basket *basket, size_t index)
{
    ENSURE(index < basket->count && basket->count <= BASKET_LINES);
    if (--basket->line[index].quantity > 0) return;
    basket->count--;
    memmove(basket->line + index, basket->line + index + 1,
            (basket->count - index) * sizeof basket->line[0]);
}
