/* SPDX-License-Identifier: Apache-2.0 */
/* Headers and body of a message, decoded into what a person reads. */
#include "simulators/mail_reader.h"

#include "lib/base/base64.h"
#include "lib/base/reader.h"

enum { HEADER_MAX = 4096, BODY_MAX = 65536 };

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool begins(struct bytes text, const char *word)
{
    size_t len = strlen(word);
    if (text.len < len) return false;
    for (size_t i = 0; i < len; i++)
        if (lower(text.at[i]) != (uint8_t)word[i]) return false;
    return true;
}

static struct bytes after(struct bytes text, size_t skip)
{
    return bytes_of(text.at + skip, text.len - skip);
}

/* The next line without its CRLF. */
static struct bytes take_line(struct reader *r)
{
    const uint8_t *lf = r->left.len > 0 ? memchr(r->left.at, '\n', r->left.len) : NULL;
    struct bytes line = read_bytes(r, lf != NULL ? (size_t)(lf - r->left.at) + 1 : r->left.len);
    if (line.len > 0 && line.at[line.len - 1] == '\n') line.len--;
    if (line.len > 0 && line.at[line.len - 1] == '\r') line.len--;
    return line;
}

/* ---- encoded words ---- */

/* The hexadecimal digits of "=XX" as a byte, or -1. */
static int quoted_byte(struct bytes text)
{
    static const char digits[] = "0123456789ABCDEF";
    if (text.len < 3) return -1;
    const char *high = text.at[1] != '\0' ? strchr(digits, text.at[1]) : NULL;
    const char *low = text.at[2] != '\0' ? strchr(digits, text.at[2]) : NULL;
    return high == NULL || low == NULL ? -1 : (int)((high - digits) << 4 | (low - digits));
}

static bool write_decoded(struct writer *w, struct bytes base64)
{
    uint8_t block[HEADER_MAX];
    size_t len;
    if (FAILED(base64_decode(base64, block, sizeof block, &len))) return false;
    write_bytes(w, bytes_of(block, len));
    return true;
}

/* "=?UTF-8?B?...?=" at the front of `text`: decoded, and *ret_len long. */
static bool take_word(struct bytes text, struct writer *w, size_t *ret_len)
{
    static const char frame[] = "=?utf-8?b?";
    const size_t skip = sizeof frame - 1;
    if (!begins(text, frame)) return false;
    struct bytes inner = after(text, skip);
    const uint8_t *end = memmem(inner.at, inner.len, "?=", 2);
    if (end == NULL) return false;
    inner.len = (size_t)(end - inner.at);
    *ret_len = skip + inner.len + 2;
    return write_decoded(w, inner);
}

/* Space between two encoded words is not text (RFC 2047, 6.2). */
static size_t gap_before_word(struct bytes text)
{
    size_t len = 0;
    while (len < text.len && (text.at[len] == ' ' || text.at[len] == '\t')) len++;
    return begins(after(text, len), "=?") ? len : 0;
}

static void lay_header(char *to, size_t size, struct bytes value)
{
    uint8_t block[HEADER_MAX];
    struct writer w = writer_over(block, sizeof block);
    while (value.len > 0) {
        size_t len = 1;
        if (take_word(value, &w, &len)) {
            value = after(value, len);
            value = after(value, gap_before_word(value));
            continue;
        }
        write_bytes(&w, bytes_of(value.at, 1));
        value = after(value, 1);
    }
    mailbox_lay(to, size, writer_view(&w));
}

/* ---- headers ---- */

struct mail_form {
    bool base64, quoted;
};

static void take_header(struct bytes header, struct received *out, struct mail_form *form)
{
    static const char from[] = "from:", subject[] = "subject:",
                      coding[] = "content-transfer-encoding:";
    bool is_from = begins(header, from), is_subject = begins(header, subject);
    bool is_coding = begins(header, coding);
    if (!is_from && !is_subject && !is_coding) return;
    size_t skip = is_from ? sizeof from - 1 : is_subject ? sizeof subject - 1 : sizeof coding - 1;
    struct bytes value = after(header, skip);
    while (value.len > 0 && value.at[0] == ' ') value = after(value, 1);
    if (is_from) lay_header(out->sender, sizeof out->sender, value);
    if (is_subject) lay_header(out->subject, sizeof out->subject, value);
    if (is_coding)
        *form = (struct mail_form){begins(value, "base64"), begins(value, "quoted-printable")};
}

/* A header goes on in lines that begin with a blank (RFC 5322, 2.2.3). */
static void take_headers(struct reader *r, struct received *out, struct mail_form *form)
{
    uint8_t block[HEADER_MAX];
    struct writer header = writer_over(block, sizeof block);
    for (;;) {
        bool last = r->left.len == 0;
        struct bytes line = take_line(r);
        bool goes_on = line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t');
        if (!goes_on && header.len > 0) {
            take_header(writer_view(&header), out, form);
            header = writer_over(block, sizeof block);
        }
        if (line.len == 0 || last) return;
        write_bytes(&header, line);
    }
}

/* ---- the body ---- */

static void write_quoted_line(struct writer *w, struct bytes line)
{
    while (line.len > 0) {
        int byte = line.at[0] == '=' ? quoted_byte(line) : -1;
        if (line.at[0] == '=' && line.len == 1) return; /* a soft break */
        uint8_t c = byte >= 0 ? (uint8_t)byte : line.at[0];
        write_bytes(w, bytes_of(&c, 1));
        line = after(line, byte >= 0 ? 3 : 1);
    }
    write_bytes(w, BYTES("\n"));
}

static void write_body(struct writer *w, struct reader *r, struct mail_form form)
{
    uint8_t block[BODY_MAX];
    struct writer base64 = writer_over(block, sizeof block);
    while (r->left.len > 0) {
        struct bytes line = take_line(r);
        if (form.base64) {
            write_bytes(&base64, line);
        } else if (form.quoted) {
            write_quoted_line(w, line);
        } else {
            write_bytes(w, line);
            write_bytes(w, BYTES("\n"));
        }
    }
    uint8_t *space = form.base64 ? write_space(w, base64.len / 4 * 3) : NULL;
    size_t len = 0;
    if (space != NULL &&
        FAILED(base64_decode(writer_view(&base64), space, base64.len / 4 * 3, &len)))
        len = 0;
    if (space != NULL) w->len = (size_t)(space - w->at) + len;
    explicit_bzero(block, base64.len);
}

/* CRLF becomes LF. */
static size_t drop_returns(uint8_t *text, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\r') text[kept++] = text[i];
    return kept;
}

void mail_read(struct bytes message, struct received *out)
{
    uint8_t block[BODY_MAX];
    struct reader r = reader_over(message);
    struct mail_form form = {false, false};
    struct writer w = writer_over(block, sizeof block);
    take_headers(&r, out, &form);
    write_body(&w, &r, form);
    size_t len = drop_returns(block, w.len);
    while (len > 0 && block[len - 1] == '\n') len--;
    mailbox_lay(out->text, sizeof out->text, bytes_of(block, len));
    explicit_bzero(block, w.len);
}
