/* SPDX-License-Identifier: Apache-2.0 */
/* Putting values into a template, and what a value may be. The texts are in template_texts.c. */
#include "backoffice/messages/templates.h"

#include "backoffice/messages/template_texts.h"
#include "lib/base/clock.h"
#include "lib/wire/json.h"

enum { CODE_MIN = 6, CODE_MAX = 11, NUMBER_MAX = 6 };

const struct template *template_of(enum template_number number)
{
    bool known = number >= TEMPLATE_RECOVERY_CODE && number < TEMPLATES;
    return known ? &template_texts[number] : NULL;
}

const struct template_field_type *template_secret(const struct template *template)
{
    for (size_t i = 0; i < TEMPLATE_FIELDS_MAX && template->field[i].name != NULL; i++)
        if (template->field[i].kind == FIELD_CODE || template->field[i].kind == FIELD_LINK)
            return &template->field[i];
    return NULL;
}

/* ---- values ---- */

static bool contains(struct bytes text, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.at + i, word, len) == 0) return true;
    return false;
}

static err check_text(struct bytes value)
{
    if (value.len > TEMPLATE_VALUE_MAX) return ERR(LENGTH);
    if (value.len == 0 || !json_utf8_valid(value)) return ERR(FORMAT);
    for (size_t i = 0; i < value.len; i++) {
        bool c1 = value.at[i] == 0xc2 && i + 1 < value.len && value.at[i + 1] < 0xa0;
        if (value.at[i] < 0x20 || value.at[i] == 0x7f || c1) return ERR(FORMAT);
    }
    return contains(value, "://") || contains(value, "www.") ? ERR(FORMAT) : OK;
}

static err check_digits(struct bytes value, size_t min, size_t max)
{
    if (value.len > max) return ERR(LENGTH);
    return value.len >= min && bytes_all_digits(value) ? OK : ERR(FORMAT);
}

/* Printable ASCII without blanks, quotes and angle brackets: mail programs find its end. */
static err check_link(struct bytes value)
{
    static const char *const begins[] = {"https://", "http://localhost:", "http://127.0.0.1:"};
    if (value.len > TEMPLATE_LINK_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] <= 0x20 || value.at[i] >= 0x7f ||
            strchr("\"'<>\\^`{|}", value.at[i]) != NULL)
            return ERR(FORMAT);
    for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
        size_t len = strlen(begins[i]);
        if (value.len > len && memcmp(value.at, begins[i], len) == 0) return OK;
    }
    return ERR(FORMAT);
}

static err check_value(enum field_kind kind, struct bytes value)
{
    switch (kind) {
    case FIELD_TEXT:
        return check_text(value);
    case FIELD_NUMBER:
        return check_digits(value, 1, NUMBER_MAX);
    case FIELD_CODE:
        return check_digits(value, CODE_MIN, CODE_MAX);
    case FIELD_LINK:
        return check_link(value);
    }
    return ERR(UNSUPPORTED);
}

static const struct template_field *field_named(const struct template_field *fields, size_t count,
                                                struct bytes name)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(name, bytes_text(fields[i].name))) return &fields[i];
    return NULL;
}

/* Exactly the fields of the template, each once and in its form. */
static err check_fields(const struct template *template, const struct template_field *fields,
                        size_t count)
{
    size_t wanted = 0;
    for (; wanted < TEMPLATE_FIELDS_MAX && template->field[wanted].name != NULL; wanted++) {
        const struct template_field *given =
            field_named(fields, count, bytes_text(template->field[wanted].name));
        if (given == NULL) return ERR(MISSING);
        TRY(check_value(template->field[wanted].kind, given->value));
    }
    return count == wanted ? OK : ERR(FIELD);
}

/* ---- rendering ---- */

/* What stands between braces is a field: the tests check that every text has only its own. */
static void put(struct writer *w, const char *pattern, const struct template_field *fields,
                size_t count)
{
    while (*pattern != '\0') {
        size_t plain = strcspn(pattern, "{");
        write_bytes(w, bytes_of(pattern, plain));
        pattern += plain;
        if (*pattern == '\0') return;
        size_t len = strcspn(pattern, "}");
        const struct template_field *field =
            field_named(fields, count, bytes_of(pattern + 1, len - 1));
        ENSURE(field != NULL && pattern[len] == '}');
        write_bytes(w, field->value);
        pattern += len + 1;
    }
}

err template_render(enum template_number number, enum channel channel, enum language language,
                    const struct template_field *fields, size_t count, struct writer *subject,
                    struct writer *text)
{
    ENSURE(language == LANGUAGE_ZH || language == LANGUAGE_EN);
    const struct template *template = template_of(number);
    if (template == NULL) return ERR(UNSUPPORTED);
    const char *body = channel == CHANNEL_SMS ? template->sms[language] : template->mail[language];
    if (body == NULL) return ERR(UNSUPPORTED);
    TRY(check_fields(template, fields, count));
    if (channel == CHANNEL_MAIL) put(subject, template->subject[language], fields, count);
    put(text, body, fields, count);
    if (channel == CHANNEL_MAIL) put(text, template_footer[language], NULL, 0);
    if (subject->fault != ERR_OK || text->fault != ERR_OK) return ERR(LENGTH);
    return OK;
}

/* ---- what is beside the text ---- */

unsigned template_segments(struct bytes text)
{
    size_t units = 0;
    bool ascii = true;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c >= 0x80) ascii = false;
        if ((c & 0xc0) != 0x80) units += c >= 0xf0 ? 2 : 1; /* two UTF-16 units beyond the BMP */
    }
    size_t one = ascii ? 160 : 70, each = ascii ? 153 : 67;
    return units <= one ? 1 : (unsigned)((units + each - 1) / each);
}

void template_moment(int64_t at_ms, char out[TEMPLATE_MOMENT_LEN + 1])
{
    struct civil c = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    struct writer w = writer_over(out, TEMPLATE_MOMENT_LEN + 1);
    write_format(&w, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    ENSURE(w.fault == ERR_OK && w.len == TEMPLATE_MOMENT_LEN);
    out[w.len] = '\0';
}
