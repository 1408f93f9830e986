/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A maker for every brace of every path of /api/v1. Each part brings a header with its makers
 * (tenant_keys.h is a model), included here, and a row for each brace:
 *
 *   path up to and with its brace, maker, kind (tenant_rig.h)
 *
 * Lines are added above the last one of their list.
 */

/* clang-format off */
#include "tests/unit/tenant_devices.h"
#include "tests/unit/tenant_keys.h"
#include "tests/unit/tenant_stock.h"
#include "tests/unit/tenant_updates.h"
#include "tests/unit/tenant_upkeep.h"
#include "tests/unit/tenant_webhooks.h"
#include "tests/unit/tenant_watch.h"
#include "tests/unit/tenant_applications.h"
#include "tests/unit/tenant_backups.h"
#include "tests/unit/tenant_tree.h"
#include "tests/unit/tenant_contracts.h"
#include "tests/unit/tenant_parameters.h"
#include "tests/unit/tenant_goods.h"
#include "tests/unit/tenant_loyalty.h"
/* above this line */

#define TENANT_MAKERS(X) \
    X("/keys/{key}", tenant_key, TENANT_OWNED) \
    X("/stock/terminals/{serial}", tenant_stock, TENANT_OWNED) \
    X("/stock/states/{state}", tenant_stock_state, TENANT_SHARED) \
    X("/updates/rollouts/{id}", tenant_rollout, TENANT_OWNED) \
    X("/upkeep/idle/{tid}", tenant_idle, TENANT_OWNED) \
    X("/upkeep/moved/{tid}", tenant_moved, TENANT_OWNED) \
    X("/webhooks/{webhook}", tenant_webhook, TENANT_OWNED) \
    X("/webhooks/{webhook}/deliveries/{delivery}", tenant_delivery, TENANT_OWNED) \
    X("/devices/{tid}", tenant_device, TENANT_OWNED) \
    X("/alerts/{alert}", tenant_alert, TENANT_OWNED) \
    X("/alerts/rules/{rule}", tenant_alert_rule, TENANT_SHARED) \
    X("/applications/{number}", tenant_application, TENANT_OWNED) \
    X("/devices/{tid}/commands/{number}", tenant_command, TENANT_OWNED) \
    X("/applications/{number}/documents/{kind}", tenant_document_kind, TENANT_SHARED) \
    X("/regions/{region}", tenant_region, TENANT_OWNED) \
    X("/groups/{group}", tenant_group, TENANT_OWNED) \
    X("/devices/{tid}/backups/{backup}", tenant_backup, TENANT_OWNED) \
    X("/restores/{id}", tenant_restore, TENANT_OWNED) \
    X("/contracts/{merchant}", tenant_contract, TENANT_SHARED) \
    X("/contracts/{merchant}/changes/{id}", tenant_change, TENANT_OWNED) \
    X("/papers/{merchant}", tenant_contract, TENANT_SHARED) \
    X("/papers/{merchant}/changes/{id}", tenant_change, TENANT_OWNED) \
    X("/papers/{merchant}/changes/{id}/{paper}", tenant_paper, TENANT_SHARED) \
    X("/papers/{merchant}/payouts/{id}", tenant_payout, TENANT_OWNED) \
    X("/papers/{merchant}/payouts/{id}/{paper}", tenant_proof, TENANT_SHARED) \
    X("/parameters/{level}", tenant_level, TENANT_SHARED) \
    X("/parameters/{level}/{subject}", tenant_subject, TENANT_OWNED) \
    X("/parameters/{level}/{subject}/versions/{version}", tenant_version, TENANT_SHARED) \
    X("/goods/{level}", tenant_goods_level, TENANT_SHARED) \
    X("/goods/{level}/{subject}", tenant_goods_subject, TENANT_OWNED) \
    X("/goods/{level}/{subject}/versions/{version}", tenant_version, TENANT_SHARED) \
    X("/campaigns/{campaign}", tenant_campaign, TENANT_OWNED) \
    X("/members/{member}", tenant_member, TENANT_OWNED) \
    /* above this line */
/* clang-format on */
