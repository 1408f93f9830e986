/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The screen as the terminal program sends it. These are shapes and nothing else: which screen
 * comes next, which key is allowed and what a text says is decided by the program. Members that do
 * not apply are absent; a member this page does not know is ignored, so that the program may grow.
 */

export type Lang = 'zh' | 'en';

export interface Status {
  network: 'online' | 'connecting' | 'offline';
  time: string;
  operator?: string;
  signed_in?: boolean;
  unsent?: number;
  battery?: number;
  paper?: string;
  locked?: boolean;
  link?: 'ethernet' | 'wifi' | 'mobile' | 'unknown';
  trusted?: boolean; /* false: passwords and recoveries do not go over this network */
  merchant?: string;
  training?: string; /* nothing of this is real, in both languages */
}

export type LineStyle = 'normal' | 'big' | 'hint' | 'warning' | 'error' | 'success' | 'amount';

export interface Line {
  id?: string;
  text: string; /* "label<TAB>value" is drawn in two columns */
  style?: LineStyle;
}

export type ChoiceStyle = 'tile' | 'primary' | 'plain' | 'danger' | 'list' | 'chip';

export interface Choice {
  key: string;
  text: string; /* of a list: further lines after a newline are drawn smaller */
  style?: ChoiceStyle;
  icon?: string;
  enabled?: boolean;
}

export interface Field {
  kind: 'amount' | 'digits' | 'text' | 'lines'; /* the last two are written here, sent whole */
  label: string;
  value: string;
  max?: number;
  unit?: string; /* drawn before the value, such as a currency sign */
}

export type Purpose = 'pin' | 'password' | 'new' | 'repeat' | 'code' | 'approver' | 'pan' | 'expiry' | 'owner';

export interface Entry {
  purpose: Purpose;
  keyboard?: 'digits' | 'text';
  layout?: string; /* base64, sealed for this page by the vault */
  strength?: string; /* the same, of a new password: score and one line of advice */
  shade?: boolean; /* others look on: drawn dim, and no key shows that it was touched */
  too_long?: boolean; /* what was typed or pasted last was not taken */
  count: number;
  min: number;
  max: number;
  label: string;
}

/* A key that says its name when it is touched once, and is pressed when it is touched twice. */
export interface Zone {
  at: 'top-left' | 'top' | 'top-right' | 'middle' | 'lower' | 'bottom-left' | 'bottom-right';
  key: string;
  text: string;
  sound: string;
}

/* For who does not see the screen: keys alone, room for strokes between them, or large keys. */
export interface Guide {
  face: 'keys' | 'strokes' | 'large';
  click: string;
  zones: Zone[];
}

export interface Screen {
  v: number;
  serial: number;
  id: string;
  lang: Lang;
  model?: string;
  status: Status;
  title: string;
  title_id?: string;
  lines?: Line[];
  choices?: Choice[];
  field?: Field;
  keypad?: 'none' | 'amount' | 'digits';
  entry?: Entry;
  secret?: { label: string; sealed: string }; /* a one-time password, for this page alone */
  shown?: string; /* amount and merchant, sealed for this page by the vault */
  qr?: { png: string; text: string };
  help?: string;
  sign?: { width: number; height: number }; /* the grid of the points of a signature */
  scan?: boolean;
  card?: boolean;
  wait?: { text: string; seconds?: number };
  receipt?: { number: number /* of its payment; 0: a report */; lines: string[]; png: string };
  speech?: { number: number; url: string; text: string };
  guide?: Guide;
  countdown?: number;
  keys?: string[];
}

/* The tray of a demo: what a customer holds. */
export interface Texts {
  zh: string;
  en: string;
}

export interface TrayCard {
  name: string;
  title: Texts;
  hint: Texts;
  pan: string;
  color?: string;
  pin_hint?: string | Texts;
}

export interface TrayChip {
  name: string;
  title: Texts;
  hint: Texts;
  pan: string;
  color: string;
  contact: boolean;
  contactless: boolean;
}

export interface Chips {
  reader: boolean;
  why?: Texts; /* there is no reader */
  inserted?: string;
  tapped?: string;
  chips: TrayChip[];
}

export interface TrayPhone {
  name: string;
  title: Texts;
  hint: Texts;
  card?: boolean; /* it shows a bank card as a code, and scans nothing */
}

/* What a phone shows that has scanned the terminal's code. */
export interface Scanned {
  outcome: 'paid' | 'asked' | 'amount' | 'refused';
  amount: number;
  payee: string;
  reason?: Texts;
}

export interface TrayLink {
  text: string | Texts;
  url: string;
}

export interface Tray {
  cards: TrayCard[];
  phones: TrayPhone[];
  links?: TrayLink[];
  messages?: boolean; /* the host's SMS and mail can be seen */
}

export function inLang(texts: string | Texts | undefined, lang: Lang): string {
  if (texts === undefined) {
    return '';
  }
  return typeof texts === 'string' ? texts : texts[lang];
}
