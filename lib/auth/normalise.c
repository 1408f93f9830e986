/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decode, refuse what has no picture, NFKC by libunistring, measure. ASCII, which is what keypads
 * and nearly all keyboards give, is its own normal form and never enters the library, so that no
 * copy of it is left in the library's buffers.
 */
#include "lib/auth/normalise.h"

#include <sodium.h>
#include <stdlib.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

/* NFKC makes at most eleven bytes of one (U+FDFA: 3 to 33), so no input makes the library allocate
 * its result. */
enum { EXPANDED_BYTES = PASSWORD_TEXT_BYTES * 11 + 16 };

enum { ZERO_WIDTH_NON_JOINER = 0x200C, ZERO_WIDTH_JOINER = 0x200D };

void password_text_wipe(struct password_text *text)
{
    sodium_memzero(text, sizeof *text);
}

static bool is_ascii(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] >= 0x80) return false;
    return true;
}

/*
 * Joiners stay: they make one picture of several emoji and are needed in Indic scripts. What is not
 * assigned yet is refused, since the next version of Unicode may give it another normal form, and
 * its owner would be locked out.
 */
static enum policy_verdict judge_point(ucs4_t c)
{
    if (c == ZERO_WIDTH_JOINER || c == ZERO_WIDTH_NON_JOINER) return POLICY_OK;
    if (uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cn)) return POLICY_NOT_TEXT;
    bool unseen = uc_is_general_category_withtable(
        c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
    return unseen ? POLICY_CONTROL : POLICY_OK;
}

static enum policy_verdict judge_points(struct bytes text, size_t *ret_points)
{
    size_t points = 0;
    for (size_t i = 0; i < text.len; points++) {
        ucs4_t c;
        int used = u8_mbtoucr(&c, text.at + i, text.len - i);
        if (used <= 0) return POLICY_NOT_TEXT;
        enum policy_verdict verdict = judge_point(c);
        if (verdict != POLICY_OK) return verdict;
        i += (size_t)used;
    }
    *ret_points = points;
    return POLICY_OK;
}

static enum policy_verdict keep(struct bytes text, struct password_text *ret_text)
{
    size_t points = 0;
    enum policy_verdict verdict = judge_points(text, &points);
    if (verdict != POLICY_OK) return verdict;
    if (text.len > PASSWORD_TEXT_BYTES || points > PASSWORD_TEXT_POINTS) return POLICY_TOO_LONG;
    password_text_wipe(ret_text);
    if (text.len > 0) memcpy(ret_text->at, text.at, text.len);
    ret_text->len = text.len;
    ret_text->points = points;
    return POLICY_OK;
}

enum policy_verdict password_normalise(struct bytes typed, struct password_text *ret_text)
{
    if (typed.len > PASSWORD_TEXT_BYTES) return POLICY_TOO_LONG;
    if (is_ascii(typed)) return keep(typed, ret_text);
    size_t points = 0;
    enum policy_verdict verdict = judge_points(typed, &points);
    if (verdict != POLICY_OK) return verdict;
    uint8_t expanded[EXPANDED_BYTES];
    size_t len = sizeof expanded;
    uint8_t *normal = u8_normalize(UNINORM_NFKC, typed.at, typed.len, expanded, &len);
    ENSURE(normal ==
           expanded); /* it fails only when memory is gone, or for what was refused above */
    verdict = keep(bytes_of(expanded, len), ret_text);
    sodium_memzero(expanded, sizeof expanded);
    return verdict;
}
