/* SPDX-License-Identifier: Apache-2.0 */
/* Reading amounts aloud in two languages; joining clips. */
#include "terminal/device/speaker.h"

#include "lib/base/file.h"
#include "lib/base/money.h"

static const struct {
    const char *name, *language, *words;
} clips[SPEAKER_CLIP_COUNT] = {
#define X(name, language, words) {#name, language, words},
    SPEAKER_CLIPS(X)
#undef X
};

void speaker_clip_name(enum speaker_clip clip, char out[static 24])
{
    ENSURE(clip < SPEAKER_CLIP_COUNT);
    size_t len = strlen(clips[clip].name);
    ENSURE(len < 24);
    for (size_t i = 0; i <= len; i++) {
        char c = clips[clip].name[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
}

bool speaker_clip_named(struct bytes name, enum speaker_clip *ret_clip)
{
    for (enum speaker_clip clip = 0; clip < SPEAKER_CLIP_COUNT; clip++) {
        char known[24];
        speaker_clip_name(clip, known);
        if (!bytes_equal(name, bytes_text(known))) continue;
        *ret_clip = clip;
        return true;
    }
    return false;
}

const char *speaker_clip_words(enum speaker_clip clip)
{
    ENSURE(clip < SPEAKER_CLIP_COUNT);
    return clips[clip].words;
}

struct line {
    uint8_t *clip;
    size_t count, max;
};

static void say(struct line *line, enum speaker_clip clip)
{
    ENSURE(line->count < line->max);
    line->clip[line->count++] = (uint8_t)clip;
}

/* ---- Chinese ---- */

/* 1 .. 9999; `after`: something larger has been said, so leading zeros are said as one 零. */
static void chinese_group(struct line *line, int64_t value, bool after)
{
    static const int64_t weight[] = {1000, 100, 10, 1};
    static const enum speaker_clip unit[] = {SPEAKER_ZH_THOUSAND, SPEAKER_ZH_HUNDRED,
                                             SPEAKER_ZH_TEN, SPEAKER_CLIP_COUNT};
    bool zero = false, said = after;
    for (size_t i = 0; i < ARRAY_LEN(weight); i++) {
        int64_t digit = value / weight[i] % 10;
        if (digit == 0) {
            zero = true;
            continue;
        }
        if (zero && said) say(line, SPEAKER_ZH_0);
        bool leading_ten = digit == 1 && weight[i] == 10 && !said;
        if (digit == 2 && weight[i] >= 100) say(line, SPEAKER_ZH_TWO);
        else if (!leading_ten) say(line, (enum speaker_clip)(SPEAKER_ZH_0 + digit));
        if (unit[i] != SPEAKER_CLIP_COUNT) say(line, unit[i]);
        zero = false;
        said = true;
    }
}

static void chinese_whole(struct line *line, int64_t yuan)
{
    int64_t high = yuan / 100000000, middle = yuan / 10000 % 10000, low = yuan % 10000;
    bool after = false;
    if (yuan == 0 || yuan == 2) {
        say(line, yuan == 0 ? SPEAKER_ZH_0 : SPEAKER_ZH_TWO);
        return;
    }
    if (high > 0) {
        if (high == 2) say(line, SPEAKER_ZH_TWO);
        else chinese_group(line, high, false);
        say(line, SPEAKER_ZH_100M);
        after = true;
    }
    if (middle > 0) {
        if (middle == 2 && !after) say(line, SPEAKER_ZH_TWO);
        else chinese_group(line, middle, after);
        say(line, SPEAKER_ZH_MYRIAD);
        after = true;
    } else if (after && low >= 1000) {
        say(line, SPEAKER_ZH_0); /* 一亿零一千: the ten-thousands are missing */
    }
    if (low > 0) chinese_group(line, low, after);
}

static void chinese(struct line *line, int64_t amount_minor)
{
    int64_t fen = amount_minor % 100;
    if (fen == 0) {
        chinese_whole(line, amount_minor / 100);
    } else {
        /* Before a point 2 is 二: 二点五元. */
        if (amount_minor / 100 == 2) say(line, SPEAKER_ZH_2);
        else chinese_whole(line, amount_minor / 100);
        say(line, SPEAKER_ZH_POINT);
        say(line, (enum speaker_clip)(SPEAKER_ZH_0 + fen / 10));
        if (fen % 10 != 0) say(line, (enum speaker_clip)(SPEAKER_ZH_0 + fen % 10));
    }
    say(line, SPEAKER_ZH_YUAN);
}

/* ---- English ---- */

/* 1 .. 999 */
static void english_group(struct line *line, int64_t value)
{
    if (value >= 100) {
        say(line, (enum speaker_clip)(SPEAKER_EN_0 + value / 100));
        say(line, SPEAKER_EN_HUNDRED);
        value %= 100;
    }
    if (value >= 20) {
        say(line, (enum speaker_clip)(SPEAKER_EN_20 + value / 10 - 2));
        value %= 10;
    }
    if (value > 0) say(line, (enum speaker_clip)(SPEAKER_EN_0 + value));
}

_Static_assert(SPEAKER_EN_19 == SPEAKER_EN_0 + 19 && SPEAKER_EN_90 == SPEAKER_EN_20 + 7,
               "english_group counts on the order of the table");
_Static_assert(SPEAKER_ZH_9 == SPEAKER_ZH_0 + 9, "chinese_group counts on the order of the table");

static void english(struct line *line, int64_t amount_minor)
{
    static const struct {
        int64_t weight;
        enum speaker_clip unit;
    } groups[] = {{1000000000, SPEAKER_EN_BILLION},
                  {1000000, SPEAKER_EN_MILLION},
                  {1000, SPEAKER_EN_THOUSAND},
                  {1, SPEAKER_CLIP_COUNT}};
    int64_t yuan = amount_minor / 100, fen = amount_minor % 100;
    if (yuan == 0) say(line, SPEAKER_EN_0);
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        int64_t value = yuan / groups[i].weight % 1000;
        if (i == 0) value = yuan / groups[i].weight; /* at most 9: field 4 has ten digits of yuan */
        if (value == 0) continue;
        english_group(line, value);
        if (groups[i].unit != SPEAKER_CLIP_COUNT) say(line, groups[i].unit);
    }
    if (fen > 0) {
        say(line, SPEAKER_EN_POINT);
        say(line, (enum speaker_clip)(SPEAKER_EN_0 + fen / 10));
        if (fen % 10 != 0) say(line, (enum speaker_clip)(SPEAKER_EN_0 + fen % 10));
    }
    say(line, SPEAKER_EN_YUAN);
}

size_t speaker_amount(int64_t amount_minor, enum language language, uint8_t *clip, size_t max)
{
    ENSURE(amount_minor > 0 && amount_minor <= MONEY_FIELD_MAX);
    struct line line = {clip, 0, max};
    if (language == LANGUAGE_EN) english(&line, amount_minor);
    else chinese(&line, amount_minor);
    return line.count;
}

size_t speaker_received(int64_t amount_minor, enum language language, uint8_t *clip, size_t max)
{
    ENSURE(max > 0);
    clip[0] = language == LANGUAGE_EN ? SPEAKER_EN_RECEIVED : SPEAKER_ZH_RECEIVED;
    return 1 + speaker_amount(amount_minor, language, clip + 1, max - 1);
}

size_t speaker_count(unsigned count, enum language language, uint8_t *clip, size_t max)
{
    ENSURE(count < 100);
    struct line line = {clip, 0, max};
    if (count == 0) say(&line, language == LANGUAGE_EN ? SPEAKER_EN_0 : SPEAKER_ZH_0);
    else if (language == LANGUAGE_EN) english_group(&line, count);
    else if (count == 2) say(&line, SPEAKER_ZH_TWO);
    else chinese_group(&line, count, false);
    return line.count;
}

void speaker_transcript(const uint8_t *clip, size_t count, struct writer *w)
{
    size_t start = w->len;
    for (size_t i = 0; i < count; i++) {
        ENSURE(clip[i] < SPEAKER_CLIP_COUNT);
        if (clips[clip[i]].language[0] == 't') continue;
        if (w->len > start && clips[clip[i]].language[0] == 'e') write_bytes(w, BYTES(" "));
        write_bytes(w, bytes_text(clips[clip[i]].words));
    }
}

/* ---- WAV ---- */

enum { WAV_HEADER = 44, WAV_RATE = 16000, CLIP_MAX = 256 * 1024 /* eight seconds */ };

static uint32_t little(struct bytes b, size_t at, size_t width)
{
    uint32_t value = 0;
    for (size_t i = 0; i < width; i++) value |= (uint32_t)b.at[at + i] << (8 * i);
    return value;
}

static void write_little(struct writer *w, uint32_t value, size_t width)
{
    uint8_t b[4];
    for (size_t i = 0; i < width; i++) b[i] = (uint8_t)(value >> (8 * i));
    write_bytes(w, bytes_of(b, width));
}

/* PCM, mono, 16 kHz, 16 bits: what tools/speech makes, and nothing else. */
static bool format_right(struct bytes body)
{
    return body.len >= 16 && little(body, 0, 2) == 1 && little(body, 2, 2) == 1 &&
           little(body, 4, 4) == WAV_RATE && little(body, 14, 2) == 16;
}

/* The next chunk: its four letters and its body. */
static struct bytes chunk(struct reader *r, struct bytes *ret_body)
{
    struct bytes head = read_bytes(r, 8);
    uint32_t len = r->fault == ERR_OK ? little(head, 4, 4) : 0;
    *ret_body = read_bytes(r, len);
    if (len % 2 != 0) (void)read_bytes(r, 1); /* chunks begin at even places */
    return head;
}

/* The samples of a clip. */
static err samples_of(struct bytes wav, struct bytes *ret_samples)
{
    struct reader r = reader_over(wav);
    struct bytes riff = read_bytes(&r, 12), body;
    bool right = false;
    if (r.fault != ERR_OK || memcmp(riff.at, "RIFF", 4) != 0 || memcmp(riff.at + 8, "WAVE", 4) != 0)
        return ERR(FORMAT);
    for (;;) {
        struct bytes head = chunk(&r, &body);
        if (r.fault != ERR_OK) return ERR(FORMAT);
        if (memcmp(head.at, "fmt ", 4) == 0) right = format_right(body);
        if (memcmp(head.at, "data", 4) == 0) break;
    }
    if (!right || body.len % 2 != 0) return ERR(FORMAT);
    *ret_samples = body;
    return OK;
}

static void write_header(struct writer *w, uint32_t data_len)
{
    write_bytes(w, BYTES("RIFF"));
    write_little(w, data_len + WAV_HEADER - 8, 4);
    write_bytes(w, BYTES("WAVEfmt "));
    write_little(w, 16, 4);
    write_little(w, 1, 2); /* PCM */
    write_little(w, 1, 2); /* mono */
    write_little(w, WAV_RATE, 4);
    write_little(w, WAV_RATE * 2, 4);
    write_little(w, 2, 2);
    write_little(w, 16, 2);
    write_bytes(w, BYTES("data"));
    write_little(w, data_len, 4);
}

err speaker_wav(const char *directory, const uint8_t *clip, size_t count, struct writer *out)
{
    uint8_t block[CLIP_MAX];
    size_t start = out->len;
    write_header(out, 0);
    for (size_t i = 0; i < count; i++) {
        char name[24], file[32], path[FILE_PATH_MAX];
        size_t len;
        struct bytes samples;
        speaker_clip_name((enum speaker_clip)clip[i], name);
        struct writer w = writer_over(file, sizeof file - 1);
        write_format(&w, "%s.wav", name);
        file[w.len] = '\0';
        TRY(file_path(directory, file, path, sizeof path));
        TRY(file_read(path, FILE_PUBLIC, block, sizeof block, &len));
        TRY(samples_of(bytes_of(block, len), &samples));
        write_bytes(out, samples);
    }
    if (out->fault != ERR_OK) return (err){out->fault};
    size_t end = out->len;
    out->len = start;
    write_header(out, (uint32_t)(end - start - WAV_HEADER));
    out->len = end;
    return OK;
}
