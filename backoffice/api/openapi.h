/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * openapi: the interface as a document of OpenAPI 3.1, written from the tables of rows and fields:
 * what is published is what the gate does.
 */

#include "backoffice/api/api.h"

/* Appends the whole document; faults are the writer's. */
void openapi_write(struct writer *w);

extern const struct backoffice_part openapi_part;
