/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of the back office; parts.c puts them together. */

#include "backoffice/core.h"

/* devices/: pages that wait for what is new, and what a caller may call at all */
extern const struct backoffice_part fleet_changes_part;
extern const struct backoffice_part rights_part;

/* figures/: takings by every measure, and pages that wait for them */
extern const struct backoffice_part figures_part;
extern const struct backoffice_part figures_changes_part;

/* funds/: a merchant's money, and where it is */
extern const struct backoffice_part funds_part;

extern const struct backoffice_part about_part;    /* about.c: what this is */
extern const struct backoffice_part accounts_part; /* about.c: the tables of accounts */
extern const struct backoffice_part events_part;   /* events/: what has happened */
extern const struct backoffice_part outbox_part;   /* notify.c: messages to people */
extern const struct backoffice_part login_part;    /* login.c: in and out */
extern const struct backoffice_part setup_part;    /* setup.c: choosing a password */
extern const struct backoffice_part security_part; /* security.c: one's own factors and sessions */
extern const struct backoffice_part meter_part;    /* meter.c: how strong is what is typed? */
extern const struct backoffice_part people_part;   /* people.c: accounts of other people */
extern const struct backoffice_part step_up_part;  /* step_up.c: a factor once more */
extern const struct backoffice_part fleet_commands_part;
extern const struct backoffice_part backups_part;       /* backups/: of devices, sealed */
extern const struct backoffice_part restores_part;      /* backups/: opened for another device */
extern const struct backoffice_part tree_part;          /* devices/: regions of outlets */
extern const struct backoffice_part groups_part;        /* devices/: groups of devices */
extern const struct backoffice_part fleet_csv_part;     /* the same as CSV */
extern const struct backoffice_part fleet_part;         /* devices below /api/v1 */
extern const struct backoffice_part programme_part;     /* loyalty/: of a merchant's members */
extern const struct backoffice_part loyalty_clock_part; /* loyalty/: what runs out and falls */
extern const struct backoffice_part members_part;       /* loyalty/: of a merchant */
extern const struct backoffice_part campaigns_part;     /* loyalty/: of a merchant */
extern const struct backoffice_part desk_part;          /* desk_part.c: the recovery desk's core */
extern const struct backoffice_part ticket_part;        /* ticket_http.c: its tickets */
extern const struct backoffice_part look_part;       /* look_http.c: devices, notices, messages */
extern const struct backoffice_part phone_part;      /* phone_http.c: links and paired telephones */
extern const struct backoffice_part payout_part;     /* payout_http.c: where the money goes to */
extern const struct backoffice_part policy_part;     /* policy_http.c: policies of terminals */
extern const struct backoffice_part chat_part;       /* chat_http.c: online customer service */
extern const struct backoffice_part parameters_part; /* parameters/: of terminals */
extern const struct backoffice_part goods_part;      /* goods/: price lists by shop */
extern const struct backoffice_part api_part;     /* api/: the interface for programs, its keys */
extern const struct backoffice_part openapi_part; /* api/openapi.c: the interface, published */
extern const struct backoffice_part updates_part; /* updates/: who gets which software */
extern const struct backoffice_part alerts_part;  /* alerts/: the alert centre */
extern const struct backoffice_part alert_people_part;  /* alerts/: rules, who is told */
extern const struct backoffice_part applications_part;  /* applications/: who wants a terminal */
extern const struct backoffice_part stock_part;         /* stock/: terminals by serial number */
extern const struct backoffice_part merchant_part;      /* stock/merchant_http.c: its number */
extern const struct backoffice_part contract_part;      /* contracts/contracts_http.c: their end */
extern const struct backoffice_part uploads_part;       /* uploads/: photos and papers */
extern const struct backoffice_part change_papers_part; /* contracts/papers_http.c */
extern const struct backoffice_part change_part;        /* contracts/changes_http.c */
extern const struct backoffice_part deliver_part;     /* stock/deliver_http.c: to the shop, back */
extern const struct backoffice_part shipment_part;    /* stock/shipment.c: by courier */
extern const struct backoffice_part stock_desk_part;  /* stock/stock_desk_http.c */
extern const struct backoffice_part papers_part;      /* stock/papers.c: label and manual */
extern const struct backoffice_part activation_part;  /* stock/activation.c: codes */
extern const struct backoffice_part replacement_part; /* stock/replacement_http.c */
extern const struct backoffice_part checks_part;      /* checks.c: what others are asked of them */
extern const struct backoffice_part review_part;      /* review_http.c: who decides about them */
extern const struct backoffice_part upkeep_part;      /* upkeep/: idle terminals */
extern const struct backoffice_part fence_part;       /* upkeep/: terminals that were moved */
extern const struct backoffice_part documents_part;   /* documents.c: photos and papers */
extern const struct backoffice_part expiry_part;      /* upkeep/: licences, agreements: what ends */
extern const struct backoffice_part service_part;     /* upkeep/: how the house is, /status */
extern const struct backoffice_part webhooks_part;    /* webhooks/: events to servers */
