/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * speaker: an amount as the clips that say it, and clips as one WAV file.
 *
 * How amounts are read in Chinese: 两 for a leading 2 before 百, 千, 万, 亿 and for two yuan alone,
 * 二 everywhere else; one 零 for any run of zeros inside a number and none at its end; a leading
 * 一十 is 十; what is behind the point is read digit by digit, a trailing zero not at all. 整 is of
 * written amounts and is not said.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"
#include "terminal/device/clips.h"
#include "terminal/screen.h"

enum speaker_clip {
#define X(name, language, words) SPEAKER_##name,
    SPEAKER_CLIPS(X)
#undef X
        SPEAKER_CLIP_COUNT
};

/* "zh_received": the name of its file without the ending. `out` gets 24 bytes with its NUL. */
void speaker_clip_name(enum speaker_clip clip, char out[static 24]);
const char *speaker_clip_words(enum speaker_clip clip);

/*
 * The clips of "received ... yuan" for an amount of 1 .. MONEY_FIELD_MAX into `clip` of `max`
 * places; returns how many.
 */
size_t speaker_received(int64_t amount_minor, enum language language, uint8_t *clip, size_t max);

/* The same without "received": "... yuan". */
size_t speaker_amount(int64_t amount_minor, enum language language, uint8_t *clip, size_t max);

/* How many, 0 .. 99, before a word for what: 两 for 2. */
size_t speaker_count(unsigned count, enum language language, uint8_t *clip, size_t max);

/* The clip of that file name; false when there is none. */
bool speaker_clip_named(struct bytes name, enum speaker_clip *ret_clip);

/* What they say, for the transcript: Chinese without spaces, English with; tones say nothing. */
void speaker_transcript(const uint8_t *clip, size_t count, struct writer *w);

/*
 * One WAV (16 kHz, mono, 16 bits) of all the clips, read from `directory`. Errors: NOT_FOUND (a
 * clip is missing), FORMAT (not such a WAV), FULL, and those of file_read.
 */
MUST_USE err speaker_wav(const char *directory, const uint8_t *clip, size_t count,
                         struct writer *out);
