/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * contact: the people of a merchant whom we may write to and call. Everything that is ever sent
 * because somebody forgot a password goes to one of them: the one who asks never says where to.
 *
 * In registry.db beside the merchants, written by `tongbao admin contact`, read by the back office.
 * A contact that was added or changed lately is a reason to look twice (tickets.h), so each says
 * since when it is as it is; removing one and adding it again makes it new.
 */

#include "registry/registry.h"

enum {
    CONTACT_PHONE_MAX = 16, /* E.164 without the plus sign: 15 digits */
    CONTACT_MAIL_MAX = 128, /* a maximum of ours; RFC 5321 has 254 */
    CONTACT_MASK_MAX = 160, /* a masked address, in UTF-8 */
    CONTACTS_MAX = 8,       /* of one merchant */
};

/* Texts are NUL-terminated. A phone or a mail address may be empty, not both. */
struct registry_contact {
    char mid[16];
    uint32_t number;                     /* 1 .. CONTACTS_MAX; 1 is the owner */
    char name_zh[REGISTRY_NAME_MAX + 1]; /* as the identity card has it */
    char pinyin[REGISTRY_NAME_MAX + 1];  /* "wang xiaoming": lower-case letters and spaces */
    char phone[CONTACT_PHONE_MAX];       /* digits: "13800005678", or a country code and more */
    char mail[CONTACT_MAIL_MAX + 1];
    bool english; /* the language that they are written to in; Chinese otherwise */
    int64_t since_ms;
};

/* Adds the contact, or replaces the one of this number. `since_ms` comes from the actor's time. */
MUST_USE err registry_set_contact(struct registry *registry, const struct registry_actor *actor,
                                  const struct registry_contact *contact);
MUST_USE err registry_remove_contact(struct registry *registry, const struct registry_actor *actor,
                                     struct bytes mid, uint32_t number);

/* The contacts of one merchant in the order of their numbers; at most CONTACTS_MAX. */
MUST_USE err registry_contacts(struct registry *registry, struct bytes mid,
                               struct registry_contact ret_contacts[CONTACTS_MAX],
                               size_t *ret_count);

/*
 * What may be shown of an address to somebody who has to recognise it: "138****5678",
 * "w***@qq.com", "王**". An empty one stays empty.
 */
void contact_mask_phone(const char *phone, char out[static CONTACT_MASK_MAX]);
void contact_mask_mail(const char *mail, char out[static CONTACT_MASK_MAX]);
void contact_mask_name(const char *name, char out[static CONTACT_MASK_MAX]);
/* The ends of something long, as a serial number is: "TB****17"; "****" when it is short. */
void contact_mask_ends(const char *value, char out[static CONTACT_MASK_MAX]);

/* The form of addresses, here and of accounts. A mail address may have capital letters. */
bool contact_phone_valid(const char *phone);
bool contact_mail_valid(const char *mail);
