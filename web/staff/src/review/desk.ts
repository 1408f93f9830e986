/* SPDX-License-Identifier: Apache-2.0 */
/* The host's answers about applications. */

export interface Row {
  number: string;
  state: string;
  shop: string;
  sent?: number;
  due?: number;
  late?: boolean;
}
export interface Words {
  name: string;
  text_zh: string;
  text_en: string;
}
export interface Paper extends Words {
  type: string;
  bytes: number;
}
export interface Terminal extends Words {
  meets: Words[];
  lacks: Words[];
}
export interface Desk {
  application: Row;
  late: boolean;
  first?: string;
  steps: { name: string; may: boolean }[];
  facts: Words[];
  documents: Paper[];
  checks: (Words & { state: string; at: number })[];
  findings: Words[];
  reasons: (Words & { mends: boolean })[];
  recommended?: Terminal;
  alternative?: Terminal;
}
export interface Happening {
  number: number;
  at: number;
  actor: string;
  event: string;
  reason?: string;
  note?: string;
}
