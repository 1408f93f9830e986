/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What stands in a path below /api/v1/parameters, and whose it is. */

#include "backoffice/api/api.h"
#include "backoffice/parameters/parameters.h"
#include "registry/registry.h"

/* "区域 North", "Region North". */
struct subject_name {
    char zh[REGISTRY_NAME_MAX * 2 + 24], en[REGISTRY_NAME_MAX * 2 + 24];
};

/* What it is called; *ret_good false: there is no such thing, or it is not the caller's. */
MUST_USE err subject_look(struct backoffice *backoffice, const struct api_caller *caller,
                          enum parameters_level level, const char *subject,
                          struct subject_name *ret_name, bool *ret_good);

/*
 * Of the first two braces of the path: /parameters/{level}/{subject}. A subject is a model, a
 * merchant, the number of a region or a group, "merchant-outlet", or a terminal. False, and the
 * answer is written, when there is no such thing or it is not the caller's.
 */
MUST_USE err subject_of_path(struct backoffice *backoffice, const struct api_call *call,
                             struct http_response *response, enum parameters_level *ret_level,
                             char ret_subject[PARAMETERS_SUBJECT_MAX], bool *ret_good);
