/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * pinyin: how characters are read, without tones, with v for u-umlaut (lv, nv). The characters are
 * those of GB 2312; one that is read in several ways has several readings.
 */

#include "lib/base/bytes.h"

enum { PINYIN_SYLLABLE_MAX = 6 /* zhuang */, PINYIN_READINGS_MAX = 3 };

/* Lower-case ASCII letters that are one syllable. */
bool pinyin_is_syllable(struct bytes letters);

/* Readings of one character in UTF-8, as views that last for ever; 0: none is known. */
size_t pinyin_readings(struct bytes character, struct bytes ret_reading[PINYIN_READINGS_MAX]);
