/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Number plates: GA 36-2018 for the places; the provinces' characters, and how they are read where
 * only letters can be typed.
 */
#include "lib/auth/policy_numbers.h"

static const char *const provinces[] = {
    "京",  "津",    "冀",    "晋",  "蒙",   "辽",   "吉",   "黑",   "沪",  "苏", "浙",    "皖",
    "闽",  "赣",    "鲁",    "豫",  "鄂",   "湘",   "粤",   "桂",   "琼",  "渝", "川",    "贵",
    "云",  "藏",    "陕",    "甘",  "青",   "宁",   "新",   "jing", "jin", "ji", "meng",  "liao",
    "hei", "hu",    "su",    "zhe", "wan",  "min",  "gan",  "lu",   "yu",  "e",  "xiang", "yue",
    "gui", "qiong", "chuan", "yun", "zang", "shan", "qing", "ning", "xin"};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
    return c >= 'a' && c <= 'z' && c != 'i' && c != 'o';
}

static size_t digits_of(struct bytes places)
{
    size_t digits = 0;
    for (size_t i = 0; i < places.len; i++) {
        if (!is_digit(places.at[i]) && !is_letter(places.at[i])) return 0;
        digits += is_digit(places.at[i]);
    }
    return digits;
}

enum { PLACES = 5 /* one more on a plate of an electric car */ };

/* What stands after the province and the office's letter. */
static bool are_places(struct bytes places)
{
    size_t digits = digits_of(places);
    if (places.len == PLACES) return digits >= 3;
    if (places.len != 6 || digits < 4) return false;
    /* One letter first or last; after the first one another may stand. */
    bool small = is_letter(places.at[0]) && digits_of(bytes_of(places.at + 2, 4)) == 4;
    return small || (digits == 5 && is_letter(places.at[5]));
}

static bool is_office_and_places(struct bytes rest)
{
    static const char *const signs[] = {"", "-", ".", " ", "_", "·"};
    if (rest.len < 6 || !is_letter(rest.at[0])) return false;
    rest = bytes_of(rest.at + 1, rest.len - 1);
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        size_t len = strlen(signs[i]);
        if (rest.len > len && memcmp(rest.at, signs[i], len) == 0 &&
            are_places(bytes_of(rest.at + len, rest.len - len)))
            return true;
    }
    return false;
}

bool number_is_plate(struct bytes lower)
{
    /* Every guess comes here: most of them end too soon, or not in three digits and two more. */
    if (lower.len <= PLACES + 1 || digits_of(bytes_of(lower.at + lower.len - PLACES, PLACES)) < 3)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(provinces); i++) {
        size_t len = strlen(provinces[i]);
        if (lower.len > len && memcmp(lower.at, provinces[i], len) == 0 &&
            is_office_and_places(bytes_of(lower.at + len, lower.len - len)))
            return true;
    }
    return false;
}
