/* SPDX-License-Identifier: Apache-2.0 */
/* A value, and a change of one, as a sentence that a shop owner reads. */
#include "backoffice/parameters/words.h"

#include "lib/base/money.h"

enum { CHANGE_MAX = 2 * DEVICE_PARAMETER_TEXT_MAX + 96 }; /* two values, a name, what joins them */

static void say_text(const char *text, bool english, struct writer *w)
{
    if (text[0] == '\0') write_format(w, "%s", english ? "nothing" : "空");
    else write_format(w, "“%s”", text);
}

static void say_minute(int64_t minute, bool english, struct writer *w)
{
    if (minute < 0) write_format(w, "%s", english ? "never" : "不自动");
    else write_format(w, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
}

static void say_number(enum device_parameter_unit unit, int64_t number, bool english,
                       struct writer *w)
{
    static const char *const switches[2][2] = {{"关", "开"}, {"off", "on"}};
    static const char *const ends[2][DEVICE_PARAMETER_UNITS] = {
        {[DEVICE_PARAMETER_UNIT_SECONDS] = " 秒", [DEVICE_PARAMETER_UNIT_PERCENT] = "%"},
        {[DEVICE_PARAMETER_UNIT_SECONDS] = " s", [DEVICE_PARAMETER_UNIT_PERCENT] = "%"}};
    const char *end = ends[english][unit];
    if (unit == DEVICE_PARAMETER_UNIT_SWITCH) {
        write_format(w, "%s", switches[english][number != 0]);
    } else if (unit == DEVICE_PARAMETER_UNIT_FEN) {
        write_format(w, "¥");
        money_write(w, number);
    } else if (unit == DEVICE_PARAMETER_UNIT_MINUTE) {
        say_minute(number, english, w);
    } else {
        write_format(w, "%lld%s", (long long)number, end == NULL ? "" : end);
    }
}

void parameters_say(enum device_parameter which, const struct device_parameter_value *value,
                    bool english, struct writer *w)
{
    const struct device_parameter_row *row = device_parameter_row(which);
    if (!value->set) write_format(w, "%s", english ? "not set here" : "这里不设");
    else if (row->type == DEVICE_PARAMETER_TEXT) say_text(value->text, english, w);
    else say_number(row->unit, value->number, english, w);
}

bool parameters_same(const struct device_parameter_value *a, const struct device_parameter_value *b)
{
    return a->set == b->set && a->number == b->number && strcmp(a->text, b->text) == 0;
}

/* ---- as a list ---- */

static const struct api_field word_fields[] = {
    {"name", API_TEXT, .max = DEVICE_PARAMETER_NAME_MAX, .text = "Of which parameter"},
    {"text_zh", API_TEXT, .max = CHANGE_MAX, .text = "What is said of it, in Chinese"},
    {"text_en", API_TEXT, .max = CHANGE_MAX, .text = "What is said of it, in English"},
};
const struct api_schema parameters_words_schema = {"ParameterWords", word_fields,
                                                   ARRAY_LEN(word_fields)};

void parameters_write_said(struct json_out *j, enum device_parameter which, const char *member_zh,
                           const char *member_en, const struct device_parameter_value *value)
{
    for (unsigned english = 0; english < 2; english++) {
        char text[CHANGE_MAX + 1] = "";
        struct writer w = writer_over((uint8_t *)text, sizeof text - 1);
        parameters_say(which, value, english == 1, &w);
        ENSURE(w.fault == ERR_OK);
        text[w.len] = '\0';
        json_member_string(j, english == 1 ? member_en : member_zh, text);
    }
}

void parameters_write_values(struct json_out *j, const struct device_parameters *set)
{
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        if (!set->value[i].set) continue;
        json_object_begin(j);
        json_member_string(j, "name", device_parameter_row(i)->name);
        parameters_write_said(j, i, "text_zh", "text_en", &set->value[i]);
        json_object_end(j);
    }
}

static void write_change(struct json_out *j, enum device_parameter which, const char *member,
                         const struct device_parameter_value *before,
                         const struct device_parameter_value *after, bool english)
{
    char text[CHANGE_MAX + 1] = "";
    const struct device_parameter_row *row = device_parameter_row(which);
    struct writer w = writer_over((uint8_t *)text, sizeof text - 1);
    write_format(&w, english ? "%s: " : "%s：", english ? row->en : row->zh);
    parameters_say(which, before, english, &w);
    write_format(&w, " → ");
    parameters_say(which, after, english, &w);
    ENSURE(w.fault == ERR_OK);
    text[w.len] = '\0';
    json_member_string(j, member, text);
}

void parameters_write_changes(struct json_out *j, const struct device_parameters *before,
                              const struct device_parameters *after)
{
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_value *from = &before->value[i], *to = &after->value[i];
        if (parameters_same(from, to)) continue;
        json_object_begin(j);
        json_member_string(j, "name", device_parameter_row(i)->name);
        write_change(j, i, "text_zh", from, to, false);
        write_change(j, i, "text_en", from, to, true);
        json_object_end(j);
    }
}
