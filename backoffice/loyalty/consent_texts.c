/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of consent, version by version: one so far. */
#include "backoffice/loyalty/consent_texts.h"

static const struct {
    const char *name, *text;
} texts[] = {
    {"programme_zh",
     "我同意成为本店会员。本店为积分、储值和优惠保存我的手机号、称呼、生日和消费记录，"
     "手机号和称呼加密保存，不提供给其他商户。我可以随时查看、更正、导出，"
     "或退出会员并删除资料；储值本金在删除前退还给我。"},
    {"programme_en",
     "I agree to be a member of this shop. For points, stored value and offers it keeps my"
     " telephone number, name, birthday and purchases; number and name are sealed, and no other"
     " merchant gets them. I may see, correct and export them, leave, and have them erased at any"
     " time; stored value that I paid in is paid back first."},
    {"messages_zh", "我同意本店用短信告诉我活动和优惠。我可以随时用短信中的链接或在店内退订。"},
    {"messages_en", "I agree that this shop tells me of campaigns and offers by text message. I may"
                    " unsubscribe at any time, by the link in the message or in the shop."},
};

void consent_texts_write(struct json_out *j)
{
    json_object_begin(j);
    json_member_string(j, "version", CONSENT_TEXT_VERSION);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        json_member_string(j, texts[i].name, texts[i].text);
    json_object_end(j);
}
