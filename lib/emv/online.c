/* SPDX-License-Identifier: Apache-2.0 */
/* The host is asked, and what comes of it (EMV Book 3, 10.9 and 10.11). */
#include "lib/emv/kernel.h"

void kernel_enter_online(struct emv_contact *k)
{
    kernel_publish(k);
    k->online_asked = true;
    k->want = EMV_WANT_ONLINE;
}

bool kernel_arc_approves(const char arc[2])
{
    return memcmp(arc, "00", 2) == 0 || memcmp(arc, "10", 2) == 0 || memcmp(arc, "11", 2) == 0;
}

static void host_answered(struct emv_contact *k, const struct emv_event *event)
{
    k->host_reached = true;
    k->host_approved = kernel_arc_approves(event->arc);
    memcpy(k->arc, event->arc, 2);
    emv_data_set(&k->data, 0x8A, bytes_of(event->arc, 2));
    /* More than field 55 can carry is nothing that a host has sent. */
    k->host_len = event->bytes.len <= sizeof k->host_answer ? event->bytes.len : 0;
    if (k->host_len > 0) memcpy(k->host_answer, event->bytes.at, k->host_len);
    k->asked = k->host_approved ? EMV_TC : EMV_AAC;
    kernel_go(k, EMV_STEP_ISSUER);
}

bool kernel_online_event(struct emv_contact *k, const struct emv_event *event)
{
    if (event->kind == EMV_EVENT_HOST) host_answered(k, event);
    else if (event->kind == EMV_EVENT_NO_HOST) kernel_decide_without_host(k);
    else return false;
    return true;
}

/* The card has the last word: an approval of the host is one only with its TC. */
void kernel_enter_conclude(struct emv_contact *k)
{
    if (k->given == EMV_TC)
        kernel_end(k, k->host_reached ? EMV_APPROVED_ONLINE : EMV_APPROVED_OFFLINE,
                   EMV_REASON_NONE);
    else if (k->unsigned_answer) kernel_end(k, EMV_DECLINED, EMV_REASON_SIGNATURE);
    else if (k->asked == EMV_TC) kernel_end(k, EMV_DECLINED, EMV_REASON_BY_CARD);
    else kernel_end(k, EMV_DECLINED, k->host_reached ? EMV_REASON_BY_HOST : EMV_REASON_NO_HOST);
}
