/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which applications card and terminal share: from the card's directory (EMV Book 1, 12.3.2), or,
 * when it has none or none that is any good, by trying the terminal's list (12.3.3).
 */
#include "lib/emv/kernel.h"

enum {
    COMMAND_SELECT = 0x00A40400,
    SELECT_NEXT = 0x02,
    COMMAND_READ_RECORD = 0x00B20004,
    SW_CARD_BLOCKED = 0x6A81,
    SW_BLOCKED = 0x6283,
    SW_NO_RECORD = 0x6A83,
};

/* The part of a name that every terminal can show, cut to its sixteen characters. */
static void copy_label(struct bytes from, char to[EMV_LABEL_TEXT])
{
    size_t len = from.len < EMV_LABEL_TEXT - 1 ? from.len : EMV_LABEL_TEXT - 1;
    if (len > 0) memcpy(to, from.at, len);
    to[len] = '\0';
}

void kernel_add_candidate(struct emv_contact *k, const struct emv_fci *fci,
                          const struct emv_application *application)
{
    if (k->candidates == EMV_CANDIDATES) return;
    for (size_t i = 0; i < k->candidates; i++)
        if (bytes_equal(bytes_of(k->candidate[i].aid, k->candidate[i].aid_len), fci->name)) return;
    struct emv_candidate c = {.aid_len = (uint8_t)fci->name.len,
                              .priority = fci->priority,
                              .confirm = fci->confirm,
                              .code_table = fci->code_table,
                              .application = application};
    memcpy(c.aid, fci->name.at, fci->name.len);
    copy_label(fci->label, c.label);
    copy_label(fci->preferred, c.preferred);
    /* 1 first, 0 last, equals in the order they came (12.4, step 4). */
    size_t at = k->candidates++;
    unsigned rank = c.priority == 0 ? 16 : c.priority;
    while (at > 0) {
        unsigned above = k->candidate[at - 1].priority == 0 ? 16 : k->candidate[at - 1].priority;
        if (above <= rank) break;
        k->candidate[at] = k->candidate[at - 1];
        at--;
    }
    k->candidate[at] = c;
}

void kernel_drop_candidate(struct emv_contact *k, size_t index)
{
    ENSURE(index < k->candidates);
    k->candidates--;
    for (size_t i = index; i < k->candidates; i++) k->candidate[i] = k->candidate[i + 1];
}

static void go_to_list(struct emv_contact *k)
{
    k->candidates = 0;
    k->place = 0;
    k->next_occurrence = false;
    kernel_go(k, EMV_STEP_LIST);
}

void kernel_enter_pse(struct emv_contact *k)
{
    kernel_command(k, COMMAND_SELECT, BYTES("1PAY.SYS.DDF01"), true);
}

void kernel_answer_pse(struct emv_contact *k)
{
    struct emv_fci fci;
    if (k->apdu.sw == SW_CARD_BLOCKED) {
        kernel_terminate(k, EMV_REASON_CARD_BLOCKED);
        return;
    }
    if (k->apdu.sw != EMV_SW_OK || FAILED(emv_fci_parse(emv_apdu_data(&k->apdu), &fci)) ||
        fci.directory == 0) {
        go_to_list(k);
        return;
    }
    k->directory = fci.directory;
    k->record = 1;
    kernel_go(k, EMV_STEP_DIRECTORY);
}

void kernel_enter_directory(struct emv_contact *k)
{
    kernel_command(k, COMMAND_READ_RECORD | (uint32_t)k->record << 8 | (uint32_t)k->directory << 3,
                   (struct bytes){0}, true);
}

/* One entry 61 of a directory. What names no application is passed over. FORMAT, and TLV's. */
static err add_entry(struct emv_contact *k, struct bytes entry)
{
    struct emv_fci fci = {0};
    struct tlv_walk walk = tlv_walk_over(entry);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        if (object.tag == 0x4F) fci.name = object.value;
        if (object.tag == 0x50) fci.label = object.value;
        if (object.tag == 0x9F12) fci.preferred = object.value;
        if (object.tag == 0x87 && object.value.len == 1) {
            fci.priority = object.value.at[0] & 0x0F;
            fci.confirm = (object.value.at[0] & 0x80) != 0;
        }
    }
    TRY(tlv_finish(&walk));
    if (fci.name.len < EMV_AID_MIN || fci.name.len > EMV_AID_MAX) return OK;
    const struct emv_application *a = emv_parameters_application(k->parameters, fci.name);
    if (a != NULL) kernel_add_candidate(k, &fci, a);
    return OK;
}

static err add_record(struct emv_contact *k, struct bytes record)
{
    struct bytes entries;
    struct tlv_walk outer = tlv_walk_over(record), walk;
    struct tlv object;
    if (!tlv_next(&outer, &object) || object.tag != 0x70) return ERR(FORMAT);
    entries = object.value;
    if (tlv_next(&outer, &object)) return ERR(TRAILING);
    TRY(tlv_finish(&outer));
    walk = tlv_walk_over(entries);
    while (tlv_next(&walk, &object))
        if (object.tag == 0x61) TRY(add_entry(k, object.value));
    return tlv_finish(&walk);
}

void kernel_answer_directory(struct emv_contact *k)
{
    bool ended = k->apdu.sw == SW_NO_RECORD;
    bool good = k->apdu.sw == EMV_SW_OK && k->record < EMV_DIRECTORY_MAX &&
                !FAILED(add_record(k, emv_apdu_data(&k->apdu)));
    if (good) {
        k->record++;
        kernel_go(k, EMV_STEP_DIRECTORY);
    } else if (ended && k->candidates > 0) {
        kernel_go(k, EMV_STEP_CHOOSE);
    } else {
        go_to_list(k);
    }
}

static void next_application(struct emv_contact *k)
{
    k->place++;
    k->next_occurrence = false;
    k->records_read = 0;
    kernel_go(k, EMV_STEP_LIST);
}

void kernel_enter_list(struct emv_contact *k)
{
    if (k->place == k->parameters->applications) {
        kernel_go(k, EMV_STEP_CHOOSE);
        return;
    }
    kernel_command(k, COMMAND_SELECT | (k->next_occurrence ? SELECT_NEXT : 0),
                   k->parameters->application[k->place].aid, true);
}

/* Whether this name is what was asked for, and whether more of them may follow. */
static bool is_longer_name(struct bytes asked, struct bytes name)
{
    return name.len > asked.len && memcmp(name.at, asked.at, asked.len) == 0;
}

static void judge_listed(struct emv_contact *k, const struct emv_application *a, bool blocked)
{
    struct emv_fci fci;
    if (FAILED(emv_fci_parse(emv_apdu_data(&k->apdu), &fci))) {
        next_application(k);
        return;
    }
    bool exact = bytes_equal(fci.name, a->aid);
    bool partial = is_longer_name(a->aid, fci.name);
    k->application_blocked |= blocked && (exact || partial);
    if (!blocked && (exact || (partial && a->partial))) kernel_add_candidate(k, &fci, a);
    /* A card that names the same application for ever is left after as many as there is room. */
    if (!partial || k->records_read++ == EMV_CANDIDATES) {
        next_application(k);
        return;
    }
    k->next_occurrence = true;
    kernel_go(k, EMV_STEP_LIST);
}

void kernel_answer_list(struct emv_contact *k)
{
    uint16_t sw = k->apdu.sw;
    if (sw == SW_CARD_BLOCKED && !k->next_occurrence) {
        kernel_terminate(k, EMV_REASON_CARD_BLOCKED);
        return;
    }
    bool follows = k->next_occurrence && emv_sw_proceeds(sw);
    if (sw == EMV_SW_OK || sw == SW_BLOCKED || follows)
        judge_listed(k, &k->parameters->application[k->place], sw != EMV_SW_OK);
    else next_application(k);
}
