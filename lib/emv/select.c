/* SPDX-License-Identifier: Apache-2.0 */
/* One application out of the candidates, chosen by the card's priorities or by a person, and
 * selected (EMV Book 1, 12.4). What fails is taken off the list, and the choice is made again. */
#include "lib/emv/kernel.h"

enum { COMMAND_SELECT = 0x00A40400, SW_BLOCKED = 0x6283 };

static void pick(struct emv_contact *k, size_t index)
{
    k->place = index;
    k->application = k->candidate[index].application;
    k->terminal = kernel_terminal_for(&k->as_set_up, &k->payment, k->application);
    kernel_put_kind(&k->data, &k->terminal);
    kernel_go(k, EMV_STEP_SELECT);
}

/* Nobody can be asked: the first one that needs no consent. */
static void pick_alone(struct emv_contact *k)
{
    for (size_t i = 0; i < k->candidates; i++)
        if (!k->candidate[i].confirm) {
            pick(k, i);
            return;
        }
    kernel_terminate(k, EMV_REASON_NO_APPLICATION);
}

void kernel_enter_choose(struct emv_contact *k)
{
    if (k->candidates == 0)
        kernel_terminate(k, k->application_blocked ? EMV_REASON_APPLICATION_BLOCKED
                                                   : EMV_REASON_NO_APPLICATION);
    else if (k->candidates == 1 && !k->candidate[0].confirm) pick(k, 0);
    else if (k->terminal.choice) k->want = EMV_WANT_CHOICE;
    else pick_alone(k);
}

bool kernel_choice_event(struct emv_contact *k, const struct emv_event *event)
{
    if (event->kind == EMV_EVENT_CHOSEN && event->index < k->candidates) pick(k, event->index);
    else if (event->kind == EMV_EVENT_CANCEL) kernel_terminate(k, EMV_REASON_CANCELLED);
    else return false;
    return true;
}

void kernel_enter_select(struct emv_contact *k)
{
    const struct emv_candidate *c = &k->candidate[k->place];
    kernel_command(k, COMMAND_SELECT, bytes_of(c->aid, c->aid_len), true);
}

err kernel_keep_fci(struct emv_data *data, const struct emv_fci *fci)
{
    struct bytes level[] = {fci->proprietary, fci->discretionary};
    TRY(emv_data_put(data, 0x84, fci->name));
    for (size_t i = 0; i < ARRAY_LEN(level); i++) {
        struct tlv_walk walk = tlv_walk_over(level[i]);
        struct tlv object;
        while (tlv_next(&walk, &object))
            if (object.tag != 0xBF0C) TRY(emv_data_put(data, object.tag, object.value));
        TRY(tlv_finish(&walk));
    }
    return OK;
}

void kernel_answer_select(struct emv_contact *k)
{
    const struct emv_candidate *c = &k->candidate[k->place];
    struct emv_fci fci;
    bool good = k->apdu.sw == EMV_SW_OK && !FAILED(emv_fci_parse(emv_apdu_data(&k->apdu), &fci)) &&
                bytes_equal(fci.name, bytes_of(c->aid, c->aid_len)) &&
                !FAILED(kernel_keep_fci(&k->data, &fci));
    if (good) {
        kernel_go(k, EMV_STEP_OPTIONS);
        return;
    }
    k->application_blocked |= k->apdu.sw == SW_BLOCKED;
    emv_data_forget_card(&k->data);
    kernel_drop_candidate(k, k->place);
    kernel_go(k, EMV_STEP_CHOOSE);
}
