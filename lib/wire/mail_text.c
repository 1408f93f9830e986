/* SPDX-License-Identifier: Apache-2.0 */
/* A message as text: headers that cannot be broken out of, and a body that is always encoded. */
#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/wire/json.h"
#include "lib/wire/mail.h"

enum {
    LINE_MAX_LEN = 76, /* RFC 2045, 6.7 and 6.8 */
    BASE64_BYTES = 57, /* that many bytes are one line of base64 */
    WORD_BYTES = 39,   /* of an encoded word: with "Subject: " one line of 76 (RFC 2047, 2) */
    LOCAL_MAX = 64,    /* RFC 5321, 4.5.3.1.1 */
    LABEL_MAX = 63,    /* RFC 1035, 2.3.4 */
};

/* ---- addresses ---- */

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* RFC 5322, 3.2.3. */
static bool is_atom(uint8_t c)
{
    return is_alphanumeric(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool is_label(uint8_t c)
{
    return is_alphanumeric(c) || c == '-';
}

/* Parts with one dot between them, each of 1 to `max` characters that `allowed` knows. */
static bool dotted(struct bytes text, bool (*allowed)(uint8_t c), size_t max)
{
    size_t part = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool dot = text.at[i] == '.';
        if (dot ? part == 0 : !allowed(text.at[i])) return false;
        part = dot ? 0 : part + 1;
        if (part > max) return false;
    }
    return part > 0;
}

/* No label begins or ends with a hyphen. */
static bool hyphens_inside(struct bytes domain)
{
    for (size_t i = 0; i < domain.len; i++) {
        if (domain.at[i] != '-') continue;
        bool first = i == 0 || domain.at[i - 1] == '.';
        bool last = i + 1 == domain.len || domain.at[i + 1] == '.';
        if (first || last) return false;
    }
    return true;
}

bool mail_address_valid(struct bytes address)
{
    const uint8_t *at = address.len > 0 ? memchr(address.at, '@', address.len) : NULL;
    if (at == NULL || address.len > MAIL_ADDRESS_MAX) return false;
    struct bytes local = bytes_of(address.at, (size_t)(at - address.at));
    struct bytes domain = bytes_of(at + 1, address.len - local.len - 1);
    return local.len <= LOCAL_MAX && dotted(local, is_atom, LOCAL_MAX) &&
           dotted(domain, is_label, LABEL_MAX) && hyphens_inside(domain);
}

/* ---- headers ---- */

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] >= 0x80) return false;
    return true;
}

/* C0, DEL and C1 controls: what could end a header, or hide in one. */
static bool is_control(const uint8_t *at, size_t left)
{
    if (*at < 0x20 || *at == 0x7f) return true;
    return left >= 2 && at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
}

static err check_text(struct bytes text, size_t max, bool lines)
{
    if (text.len > max) return ERR(LENGTH);
    if (!json_utf8_valid(text)) return ERR(FORMAT);
    for (size_t i = 0; i < text.len; i++) {
        bool allowed = lines && (text.at[i] == '\n' || text.at[i] == '\t');
        if (!allowed && is_control(text.at + i, text.len - i)) return ERR(FORMAT);
    }
    return OK;
}

/* How much of `text` goes into one encoded word: whole characters only (RFC 2047, 5). */
static size_t word_len(struct bytes text)
{
    size_t len = text.len < WORD_BYTES ? text.len : WORD_BYTES;
    while (len < text.len && len > 0 && (text.at[len] & 0xc0) == 0x80) len--;
    return len;
}

/*
 * Any text inside a header: always encoded words, ASCII too. A subject such as "=?utf-8?q?...?=" or
 * a name with a quote in it is then shown as it was written, and cannot be read as anything else.
 */
static void write_words(struct writer *w, struct bytes text)
{
    while (text.len > 0) {
        size_t len = word_len(text);
        write_bytes(w, BYTES("=?UTF-8?B?"));
        base64_write(w, bytes_of(text.at, len));
        write_bytes(w, BYTES("?="));
        text = bytes_of(text.at + len, text.len - len);
        if (text.len > 0) write_bytes(w, BYTES("\r\n "));
    }
}

/* RFC 5322, 3.3, in the time of China. */
static void write_date(struct writer *w, int64_t at_ms)
{
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const int64_t local_ms = at_ms + CLOCK_CHINA_OFFSET_MS;
    struct civil c = civil_from_ms(local_ms);
    size_t day = (size_t)(local_ms / 86400000 % 7);
    write_format(w, "Date: %.3s, %02d %.3s %04d %02d:%02d:%02d +0800\r\n", days + 3 * day, c.day,
                 months + 3 * (c.month - 1), c.year, c.hour, c.minute, c.second);
}

static void write_headers(struct writer *w, const struct mail_message *m, const char *encoding)
{
    write_date(w, m->date_ms);
    write_bytes(w, BYTES("From: "));
    write_words(w, bytes_text(m->from_name));
    write_format(w, "\r\n <%s>\r\nTo: <%s>\r\nSubject: ", m->from, m->to);
    write_words(w, m->subject);
    write_format(w,
                 "\r\nMessage-ID: <%s@%s>\r\n"
                 "Auto-Submitted: auto-generated\r\n" /* RFC 3834: no out-of-office answers */
                 "MIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: %s\r\n\r\n",
                 m->id, strchr(m->from, '@') + 1, encoding);
}

/* ---- bodies ---- */

static void write_base64_lines(struct writer *w, struct bytes b)
{
    while (b.len > 0) {
        size_t len = b.len < BASE64_BYTES ? b.len : BASE64_BYTES;
        base64_write(w, bytes_of(b.at, len));
        write_bytes(w, BYTES("\r\n"));
        b = bytes_of(b.at + len, b.len - len);
    }
}

/* Text of a body has CRLF at its line ends before it is encoded (RFC 2045, 6.8). */
static void write_base64_text(struct writer *w, struct bytes text)
{
    uint8_t block[2 * MAIL_TEXT_MAX];
    struct writer lines = writer_over(block, sizeof block);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n') write_bytes(&lines, BYTES("\r"));
        write_bytes(&lines, bytes_of(text.at + i, 1));
    }
    write_base64_lines(w, writer_view(&lines));
    explicit_bzero(block, sizeof block); /* a code or a link was in it */
}

/* Space and tab stand for themselves but at the end of a line (RFC 2045, 6.7, rule 3). */
static bool stands_for_itself(struct bytes text, size_t i)
{
    uint8_t c = text.at[i];
    bool blank = c == ' ' || c == '\t';
    if (blank) return i + 1 < text.len && text.at[i + 1] != '\n';
    return c != '=' && c > 0x20 && c < 0x7f;
}

static void write_quoted(struct writer *w, struct bytes text)
{
    size_t column = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\n') {
            write_bytes(w, BYTES("\r\n"));
            column = 0;
            continue;
        }
        bool plain = stands_for_itself(text, i);
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_LEN - 1) { /* room for the "=" of a soft break */
            write_bytes(w, BYTES("=\r\n"));
            column = 0;
        }
        column += width;
        if (plain) write_bytes(w, bytes_of(text.at + i, 1));
        else write_format(w, "=%02X", text.at[i]);
    }
    if (column > 0) write_bytes(w, BYTES("\r\n"));
}

err mail_write(struct writer *w, const struct mail_message *m)
{
    ENSURE(outbound_id_valid(m->id));
    if (!mail_address_valid(bytes_text(m->from)) || !mail_address_valid(bytes_text(m->to)))
        return ERR(FORMAT);
    TRY(check_text(bytes_text(m->from_name), MAIL_NAME_MAX, false));
    TRY(check_text(m->subject, MAIL_SUBJECT_MAX, false));
    TRY(check_text(m->text, MAIL_TEXT_MAX, true));
    if (is_ascii(m->text)) {
        write_headers(w, m, "quoted-printable");
        write_quoted(w, m->text);
    } else {
        write_headers(w, m, "base64");
        write_base64_text(w, m->text);
    }
    return (err){w->fault};
}
