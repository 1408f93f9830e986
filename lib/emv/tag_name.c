/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the tags that stand in field 55, in card answers and in consumer-presented codes. */
#include "lib/emv/tag_name.h"

#include "lib/base/bytes.h"

struct tag_name {
    uint32_t tag;
    const char *name;
};

/* clang-format off */
static const struct tag_name names[] = {
    {0x42, "issuer identification number"},       {0x4F, "application identifier (AID)"},
    {0x50, "application label"},                  {0x57, "track 2 equivalent data"},
    {0x5A, "primary account number"},             {0x61, "application template"},
    {0x62, "common data template"},               {0x63, "transparent template"},
    {0x6F, "file control information"},           {0x70, "record template"},
    {0x71, "issuer script, before"},              {0x72, "issuer script, after"},
    {0x77, "response template, TLV"},             {0x80, "response template, plain"},
    {0x82, "application interchange profile"},    {0x84, "dedicated file name"},
    {0x85, "payload format indicator"},           {0x86, "issuer script command"},
    {0x87, "application priority"},               {0x88, "short file identifier"},
    {0x89, "authorisation code"},                 {0x8A, "authorisation response code"},
    {0x8C, "CDOL1"},                              {0x8D, "CDOL2"},
    {0x8E, "CVM list"},                           {0x8F, "CA public key index"},
    {0x90, "issuer public key certificate"},      {0x91, "issuer authentication data"},
    {0x92, "issuer public key remainder"},        {0x93, "signed static application data"},
    {0x94, "application file locator"},           {0x95, "terminal verification results"},
    {0x97, "TDOL"},                               {0x98, "TC hash value"},
    {0x99, "PIN data"},                           {0x9A, "transaction date"},
    {0x9B, "transaction status information"},     {0x9C, "transaction type"},
    {0xA5, "FCI proprietary template"},           {0x5F20, "cardholder name"},
    {0x5F24, "application expiry date"},          {0x5F25, "application effective date"},
    {0x5F28, "issuer country"},                   {0x5F2A, "transaction currency"},
    {0x5F2D, "language preference"},              {0x5F30, "service code"},
    {0x5F34, "card sequence number"},             {0x9F01, "acquirer identifier"},
    {0x9F02, "amount, authorised"},               {0x9F03, "amount, other"},
    {0x9F06, "application identifier, terminal"}, {0x9F07, "application usage control"},
    {0x9F08, "application version, card"},        {0x9F09, "application version, terminal"},
    {0x9F0D, "issuer action code, default"},      {0x9F0E, "issuer action code, denial"},
    {0x9F0F, "issuer action code, online"},       {0x9F10, "issuer application data"},
    {0x9F11, "issuer code table index"},          {0x9F12, "application preferred name"},
    {0x9F13, "last online ATC"},                  {0x9F17, "PIN tries left"},
    {0x9F1A, "terminal country"},                 {0x9F1E, "terminal serial number"},
    {0x9F1F, "track 1 discretionary data"},       {0x9F20, "track 2 discretionary data"},
    {0x9F21, "transaction time"},                 {0x9F22, "CA public key index, terminal"},
    {0x9F26, "application cryptogram"},           {0x9F27, "cryptogram information data"},
    {0x9F29, "extended selection"},               {0x9F2A, "kernel identifier"},
    {0x9F33, "terminal capabilities"},            {0x9F34, "CVM results"},
    {0x9F35, "terminal type"},                    {0x9F36, "application transaction counter"},
    {0x9F37, "unpredictable number"},             {0x9F38, "PDOL"},
    {0x9F41, "transaction sequence counter"},     {0x9F42, "application currency"},
    {0x9F45, "data authentication code"},         {0x9F46, "ICC public key certificate"},
    {0x9F47, "ICC public key exponent"},          {0x9F48, "ICC public key remainder"},
    {0x9F49, "DDOL"},                             {0x9F4A, "static data authentication tags"},
    {0x9F4B, "signed dynamic application data"},  {0x9F4C, "ICC dynamic number"},
    {0x9F4E, "merchant name and place"},          {0x9F5D, "offline balance"},
    {0x9F63, "card product identification"},      {0x9F66, "terminal transaction qualifiers"},
    {0x9F69, "card authentication related data"}, {0x9F6C, "card transaction qualifiers"},
    {0x9F6D, "electronic cash reset threshold"},  {0x9F74, "electronic cash authorisation code"},
    {0x9F77, "electronic cash limit"},            {0x9F78, "electronic cash single limit"},
    {0x9F79, "electronic cash balance"},          {0x9F7A, "electronic cash indicator"},
    {0x9F7B, "electronic cash limit, terminal"},  {0xBF0C, "FCI issuer discretionary data"},
    {0xDF31, "issuer script results"},            {0xDF69, "SM algorithm support"},
};
/* clang-format on */

const char *tlv_tag_name(uint32_t tag)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (names[i].tag == tag) return names[i].name;
    return NULL;
}
