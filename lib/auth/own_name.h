/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * own_name: a person's or a shop's name as it turns up in passwords: written, in pinyin, in part,
 * with the family name last, as initials. What others can read on the door is no secret (S23).
 *
 * A name is a row of elements: a Chinese character with its readings, or a word of Latin letters.
 * The row is a circle, so that "weizhang" is found for 张伟.
 */

#include "lib/auth/pinyin.h"
#include "lib/auth/policy.h"

enum { OWN_NAME_ELEMENTS_MAX = 24 };

struct own_name_element {
    struct bytes written;
    struct bytes reading[PINYIN_READINGS_MAX];
    size_t readings; /* 0: a Latin word */
};

/* Points into itself: it is made where it stays. */
struct own_name {
    uint8_t lower[POLICY_NAME_BYTES];
    struct own_name_element element[OWN_NAME_ELEMENTS_MAX];
    size_t elements;
};

/* A name that is no UTF-8 has no elements; of one that is too long the beginning is taken. */
void own_name_make(struct bytes name, struct own_name *ret_name);

struct own_name_match {
    size_t len;  /* bytes of the text; 0: nothing of the name stands at its start */
    bool strong; /* two elements or more, or a Latin word of four letters or more */
};

/* The longest part of the name that the text, in lower case, begins with. */
struct own_name_match own_name_at(const struct own_name *name, struct bytes text);

/* Two or more: the first letter of each element, in order or with the first element last. */
bool own_name_is_initials(const struct own_name *name, struct bytes letters);
