/* SPDX-License-Identifier: Apache-2.0 */
/* Devices as the published interface tells of them, and hearing of what is new about them. */
import { useTurns } from '../changes';
import { useSite } from '../entrance';

export interface Trouble {
  code: string;
  grave: boolean;
  text_zh: string;
  text_en: string;
}
export interface State {
  told: number;
  battery: number;
  paper: string;
  hold: string;
  link: string;
  signed_in: boolean;
  operator: string;
  unsent: number;
  last_payment?: number;
  parameters: number;
}
export interface Device {
  tid: string;
  serial: string;
  model: string;
  merchant: string;
  merchant_zh: string;
  merchant_en: string;
  outlet: number;
  status: string;
  presence: string;
  heard?: number;
  version: string;
  state?: State;
  troubles: Trouble[];
}
export interface Place {
  from: number;
  until: number;
  link: string;
  network: string;
  address: string;
  latitude_e6?: number;
  longitude_e6?: number;
  accuracy_m?: number;
}
export interface Registered {
  latitude_e6: number;
  longitude_e6: number;
  radius_m: number;
  policy: string;
  away_m: number;
  away_since?: number;
  suspended: boolean;
}
export interface Served {
  was: string;
  now: string;
  at: number;
  reason: string;
  unsent?: number;
}
export interface Whole extends Device {
  places: Place[];
  registered?: Registered;
  served: Served[];
  first_login?: number;
  happened: { at: number; kind: string; operator: string }[];
}
export interface Command {
  number: number;
  kind: string;
  text: string;
  by: string;
  state: string;
  asked: number;
  delivered?: number;
  acknowledged?: number;
  verified?: number;
  reason?: string;
}
/* What may be wanted, and why not: the host's word. */
export interface May {
  kind: string;
  may: boolean;
  factor: boolean;
  why_zh: string;
  why_en: string;
}
export interface Commands {
  commands: Command[];
  may: May[];
}
export type Counts = Record<'all' | 'new' | 'online' | 'away' | 'offline' | 'locked' | 'unsent' | 'trouble', number>;

/* What a list is narrowed by, as it stands in an address. */
export function asQuery(wanted: Record<string, string | number | boolean | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined && value !== '' && value !== false) {
      query.set(name, String(value));
    }
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

const OLD_MS = 60000; /* time alone turns online into offline: read again after so long */
const BUSY_MS = 5000; /* anything may be new: a great fleet is not read again with every beat */

/*
 * Calls `load` at once, and again when something is new about a device that `concerns` the page; null:
 * anything may be new. The host is asked, and answers when there is something: nobody polls.
 */
export function useFleet(load: () => Promise<void>, concerns: (tid: string) => boolean = () => true) {
  const site = useSite();
  let since = -1;
  let read = 0;
  useTurns(
    async (until) => {
      if (since < 0) {
        since = (await site.api.get<{ now: number }>('/v1/fleet/changes')).now;
        await load();
        read = Date.now();
      }
      const said = await site.api.get<{ now: number; all: boolean; devices: string[]; again_ms: number }>(
        `/v1/fleet/changes?since=${since}`,
        until,
      );
      since = said.now;
      if (said.all || said.devices.some(concerns) || Date.now() - read > OLD_MS) {
        await load();
        read = Date.now();
      }
      return said.all ? Math.max(BUSY_MS, said.again_ms) : said.again_ms;
    },
    () => (since = -1),
  );
}

/* "31.230416,121.473701"; empty when it is not known. */
export function coordinates(at: { latitude_e6?: number; longitude_e6?: number }): string {
  const degrees = (e6: number) => (e6 / 1e6).toFixed(6);
  return at.latitude_e6 === undefined || at.longitude_e6 === undefined
    ? ''
    : `${degrees(at.latitude_e6)},${degrees(at.longitude_e6)}`;
}
