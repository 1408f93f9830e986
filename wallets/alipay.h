/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alipay: the open platform's face-to-face payments, signed with RSA2. Protocol notes 4.4.
 *
 *   request   POST <base>?<common parameters and sign>, body biz_content=<JSON>, both escaped
 *   signed    all parameters but sign and empty ones, by name, k=v joined with &, not escaped
 *   answer    {"<method>_response": {...}, "sign": "..."}, signed over that member as it stands
 *   notice    a form; signed over all but sign and sign_type, by name
 *
 * wallet_alipay of driver.h is the driver; here is what notices need beside it.
 */

#include "wallets/driver.h"

enum { ALIPAY_PARAMETERS_MAX = 64 };

/*
 * A notice as it came (a form), and whose signature must be right before it counts; `room` holds
 * the parameters, `scratch` the text that was signed. Errors: FORMAT, MISSING, LENGTH, FULL,
 * CONFLICT (a parameter twice), IDENTITY (of another app_id), KEY (of a certificate that we do not
 * have).
 */
MUST_USE err alipay_read_notice(const struct wallet_account *account,
                                const struct wallet_held *held, int64_t now_ms, struct bytes form,
                                struct writer *room, struct writer *scratch,
                                struct wallet_notice *ret_notice, struct wallet_reading *ret_check);

/* "alipay.trade.pay". */
const char *alipay_method(enum wallet_call call);
