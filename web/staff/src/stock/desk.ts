/* SPDX-License-Identifier: Apache-2.0 */
/* The host's answers about the stock, and a paper that it has drawn. */
import type { Site } from '../../../shared/entrance';

export interface Step {
  name: string;
  may: boolean;
  why?: string;
}
export interface Terminal {
  serial: string;
  model: string;
  state: string;
  merchant?: string;
  application?: string;
  terminal?: string;
}
export interface Row {
  terminal: Terminal;
  shop?: string;
}
export interface List {
  terminals: Row[];
  states: { name: string; count: number }[];
  steps: Step[];
  next?: string | null;
}
export interface Happening {
  at: number;
  by?: string;
  note?: string;
}
export interface Desk extends Row {
  place?: { address: string; phone: string };
  steps: Step[];
  parcel?: { label?: string; events: Happening[] };
  swaps: { was: string; now: string; reason: string; asked_by: string; at: number }[];
  history: Happening[];
}
export interface Waiting {
  application: string;
  shop: string;
  merchant?: string;
  region: string;
  category: string;
  city_en: string;
  owner: string;
}
export interface Model {
  model: string;
  kind: string;
  form: string;
}

export const stepOf = (steps: Step[] | undefined, name: string): Step =>
  steps?.find((s) => s.name === name) ?? { name, may: false, why: 'state' };

/* A PDF into the browser's downloads: from there it is printed. */
export async function takePaper(site: Site, serial: string, kind: 'label' | 'manual'): Promise<void> {
  const address = URL.createObjectURL(await site.api.file(`/v1/stock/terminals/${serial}/${kind}`));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${kind}-${serial}.pdf`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
