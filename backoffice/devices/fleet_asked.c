/* SPDX-License-Identifier: Apache-2.0 */
/* A call's question about devices, read once for the list, the counts and the export. */
#include "backoffice/devices/fleet_asked.h"

#include <stdio.h>

#include "backoffice/devices/tree_http.h"

const char *const fleet_presence_words[] = {"new", "online", "away", "offline", NULL};
const char *const fleet_status_words[] = {"active", "suspended", "closed", NULL};
const char *const fleet_hold_words[] = {"free", "locked", "lost", NULL};

static const struct api_field query_fields[] = {
    {"text", API_TEXT, .min = 1, .max = FLEET_TEXT_MAX,
     .text = "In the number, serial, model or merchant's name"},
    {"merchant", API_TEXT, .min = 15, .max = 15, .text = "Of this merchant"},
    {"outlet", API_INT, .min = 1, .max = 9999, .text = "In this outlet"},
    {"region", API_INT, .min = 1, .max = INT64_MAX, .text = "In an outlet of this region"},
    {"group", API_INT, .min = 1, .max = INT64_MAX, .text = "In this group"},
    {"presence", API_WORD, .words = fleet_presence_words, .text = "In this state"},
    {"status", API_WORD, .words = fleet_status_words,
     .text = "With this status; closed ones only so"},
    {"hold", API_WORD, .words = fleet_hold_words, .text = "locked finds the lost, too"},
    {"version", API_TEXT, .min = 1, .max = DEVICE_VERSION_MAX, .text = "With this version"},
    {"model", API_TEXT, .min = 1, .max = REGISTRY_MODEL_MAX, .text = "Of this model"},
    {"unsent", API_BOOL, .text = "true: with payments that are not acknowledged"},
    {"trouble", API_BOOL, .text = "true: without paper or battery, or with a broken printer"},
};
const struct api_schema fleet_asked_schema = {"DeviceQuery", query_fields, ARRAY_LEN(query_fields)};

static bool is_acquirers_person(const struct api_caller *caller)
{
    return caller->roles != 0 && caller->mid[0] == '\0';
}

/*
 * Who sees one outlet alone has no use for what another could be recognised by. The people of the
 * acquirer ask callers for a serial number, so they are not shown what the answer is.
 */
void fleet_asked_serial(const struct api_caller *caller, const char *serial,
                        char out[static CONTACT_MASK_MAX])
{
    if (caller->outlet != 0) snprintf(out, CONTACT_MASK_MAX, "****");
    else if (is_acquirers_person(caller)) contact_mask_ends(serial, out);
    else snprintf(out, CONTACT_MASK_MAX, "%s", serial);
}

static unsigned word_at(const char *const *words, const char *word)
{
    for (unsigned i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], word) == 0) return i + 1;
    return 0;
}

/* What is asked, within what the caller may see: somebody else's merchant has no devices. */
static bool read_query(const struct api_call *call, struct fleet_query *q)
{
    const struct api_caller *caller = call->caller;
    const char *merchant = api_query(call, "merchant");
    unsigned hold = word_at(fleet_hold_words, api_query(call, "hold"));
    *q = (struct fleet_query){
        .limit = call->limit,
        .outlet = (uint32_t)api_query_int(call, "outlet"),
        .presence = fleet_presence_named(bytes_text(api_query(call, "presence"))),
        .status = (enum registry_status)word_at(fleet_status_words, api_query(call, "status")),
        .hold = (uint8_t)(hold == 0 ? 0 : hold - 1),
        .unsent = api_query_true(call, "unsent"),
        .trouble = api_query_true(call, "trouble"),
        .whole_serial = caller->outlet != 0 || is_acquirers_person(caller),
    };
    snprintf(q->mid, sizeof q->mid, "%.15s", merchant);
    snprintf(q->version, sizeof q->version, "%.32s", api_query(call, "version"));
    snprintf(q->model, sizeof q->model, "%.16s", api_query(call, "model"));
    snprintf(q->text, sizeof q->text, "%.40s", api_query(call, "text"));
    snprintf(q->after, sizeof q->after, "%.8s", call->after);
    if (caller->mid[0] != '\0') {
        if (merchant[0] != '\0' && strcmp(merchant, caller->mid) != 0) return false;
        snprintf(q->mid, sizeof q->mid, "%s", caller->mid);
    }
    if (caller->outlet != 0) {
        if (q->outlet != 0 && q->outlet != caller->outlet) return false;
        q->outlet = caller->outlet;
    }
    return true;
}

err fleet_asked(struct backoffice *b, const struct api_call *call, struct fleet_query *query,
                struct tree_outlets *outlets, bool *ret_none)
{
    *ret_none = !read_query(call, query);
    if (*ret_none) return OK;
    return tree_narrow(b, call->caller, api_query_int(call, "group"), api_query_int(call, "region"),
                       query, outlets, ret_none);
}
