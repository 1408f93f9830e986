/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Parameters in words (S118), in both languages: a value as people say it, what one version changes
 * against the one before, and what a level's subject is called. Pages show these and reckon
 * nothing.
 */

#include "backoffice/api/api.h"
#include "backoffice/parameters/parameters.h"

/* "¥1.00", "30 s", "02:00"; of one that is not set: that it is not. */
void parameters_say(enum device_parameter which, const struct device_parameter_value *value,
                    bool english, struct writer *w);

/* The same as two members of an answer. */
void parameters_write_said(struct json_out *j, enum device_parameter which, const char *member_zh,
                           const char *member_en, const struct device_parameter_value *value);

bool parameters_same(const struct device_parameter_value *a,
                     const struct device_parameter_value *b);

/* A row of an answer's list: name, and a sentence in both languages. */
extern const struct api_schema parameters_words_schema;
/* What is set in it, as elements of a list that has been begun. */
void parameters_write_values(struct json_out *j, const struct device_parameters *set);
/* Those between two sets, as elements of a list that has been begun. */
void parameters_write_changes(struct json_out *j, const struct device_parameters *before,
                              const struct device_parameters *after);
