/* SPDX-License-Identifier: Apache-2.0 */
/* A policy in plain lines, the same ones for the manual, the help screen and `policy show`. */
#include "lib/auth/policy.h"

void policy_describe(const struct policy *policy, enum policy_language language, struct writer *w)
{
    bool zh = language == POLICY_ZH;
    write_format(w, zh ? "%u 到 %u 位\n" : "%u to %u characters\n", policy->min, policy->max);
}
