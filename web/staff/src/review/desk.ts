/* SPDX-License-Identifier: Apache-2.0 */
/* The host's answers about applications, and a document put together from its pieces. */
import type { Site } from '../../../shared/entrance';

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

/* The whole document as an address of the page's own. */
export async function fetchPaper(site: Site, number: string, paper: Paper): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let type = paper.type;
  for (let from = 0; ; ) {
    const said = await site.api.get<{ type: string; bytes: number; piece: string }>(
      `/v1/applications/${number}/documents/${paper.name}?from=${from}`,
    );
    const part = Uint8Array.from(atob(said.piece), (c) => c.charCodeAt(0));
    parts.push(part);
    type = said.type;
    from += part.length;
    if (from >= said.bytes || part.length === 0) {
      return URL.createObjectURL(new Blob(parts, { type }));
    }
  }
}
