/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminal action analysis (EMV Book 3, 10.7): the TVR against what issuer and acquirer have set:
 * decline, go online, or approve offline. And the same question again when no host could be
 * reached.
 */
#include "lib/emv/kernel.h"

/* Issuer's (9F0D to 9F0F) and terminal's code together against the TVR. A card without a code has
 * all bits of online and default set, and none of denial. */
static bool matches(const struct emv_contact *k, uint32_t tag, const uint8_t terminal[5],
                    uint8_t missing)
{
    struct bytes issuer;
    bool given = emv_data_get_exact(&k->data, tag, 5, &issuer);
    for (size_t i = 0; i < 5; i++) {
        unsigned code = terminal[i] | (given ? issuer.at[i] : missing);
        if ((k->tvr[i] & code) != 0) return true;
    }
    return false;
}

static bool denied(const struct emv_contact *k)
{
    return matches(k, 0x9F0E, k->application->tac_denial, 0x00);
}

static bool online_wanted(const struct emv_contact *k)
{
    return matches(k, 0x9F0F, k->application->tac_online, 0xFF);
}

static bool denied_without_host(const struct emv_contact *k)
{
    return matches(k, 0x9F0D, k->application->tac_default, 0xFF);
}

static void set_arc(struct emv_contact *k, const char arc[2])
{
    memcpy(k->arc, arc, 2);
    emv_data_set(&k->data, 0x8A, bytes_of(arc, 2));
}

static void ask(struct emv_contact *k, enum emv_cryptogram which, const char *offline_arc)
{
    k->asked = which;
    if (offline_arc != NULL) set_arc(k, offline_arc);
    kernel_go(k, EMV_STEP_GENERATE_1);
}

/* 9F35, low digit: 1 and 4 online only, 2 and 5 both, 3 and 6 offline only. */
void kernel_enter_action(struct emv_contact *k)
{
    unsigned kind = (k->terminal.type & 0x0F) % 3;
    if (denied(k)) ask(k, EMV_AAC, "Z1");
    else if (kind == 1) ask(k, EMV_ARQC, NULL);
    else if (kind == 2 && (k->payment.host == EMV_HOST_FIRST || online_wanted(k)))
        ask(k, EMV_ARQC, NULL);
    else if (kind == 0 && denied_without_host(k)) ask(k, EMV_AAC, "Z1");
    else ask(k, EMV_TC, "Y1");
}

void kernel_decide_without_host(struct emv_contact *k)
{
    bool online_only = (k->terminal.type & 0x0F) % 3 == 1;
    bool refused = online_only || denied_without_host(k);
    k->asked = refused ? EMV_AAC : EMV_TC;
    set_arc(k, refused ? "Z3" : "Y3");
    kernel_go(k, EMV_STEP_GENERATE_2);
}
