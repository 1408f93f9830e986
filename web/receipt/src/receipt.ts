/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands behind the # of an e-receipt, as payment/ereceipt.h writes it, and whether it is
 * genuine: the body is signed by the terminal's key, its certificate is signed by the acquirer's,
 * is one of a terminal, and was in force at the time of the receipt. Nobody is asked.
 */

export interface Receipt {
  terminal: string;
  type: number;
  means: number;
  entry: number;
  batch: number;
  voucher: number;
  amount: number; /* fen */
  tip: number;
  time: Date; /* local time of the shop, in the UTC fields */
  mid: string;
  operator: string;
  masked: string;
  reference: string;
  authorisation: string;
  issuer: string;
  merchant: string;
  goods: Good[];
  strokes: Point[][]; /* of the cardholder's signature, on a grid of 1000 x 400 */
  left: { goods: boolean; strokes: boolean }; /* out, because the code would be too large */
}

export interface Good {
  name: string;
  price: number; /* fen, of one */
  quantity: number;
}

export type Point = [number, number];

export class Malformed extends Error {}

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  take(count: number): Uint8Array {
    if (this.at + count > this.bytes.length) {
      throw new Malformed('it is cut short');
    }
    this.at += count;
    return this.bytes.slice(this.at - count, this.at);
  }

  number(count: number): number {
    return this.take(count).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  text(): string {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(this.take(this.number(1)));
    if (/[\u0000-\u001f\u007f]/.test(text)) {
      throw new Malformed('a text has control characters');
    }
    return text;
  }

  get done(): boolean {
    return this.at === this.bytes.length;
  }

  /* Seven bits a byte, the lowest first; the sign is the lowest bit of a step. */
  packed(): number {
    let value = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      const byte = this.number(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new Malformed('a number has no end');
  }

  step(): number {
    const value = this.packed();
    return value & 1 ? -((value + 1) >> 1) : value >> 1;
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }
}

/* ---- certificates: as much of DER as they need ---- */

interface Element {
  tag: number;
  whole: Uint8Array; /* with its head */
  value: Uint8Array;
}

function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    let head = 2;
    let length = bytes[at + 1] ?? -1;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count < 1 || count > 2) {
        throw new Malformed('a length of the certificate is none');
      }
      head += count;
      length = bytes.slice(at + 2, at + head).reduce((sum, byte) => sum * 256 + byte, 0);
    }
    const end = at + head + length;
    if (length < 0 || end > bytes.length) {
      throw new Malformed('the certificate is cut short');
    }
    found.push({ tag, whole: bytes.slice(at, end), value: bytes.slice(at + head, end) });
    at = end;
  }
  return found;
}

function need(element: Element | undefined, tag: number): Element {
  if (element === undefined || element.tag !== tag) {
    throw new Malformed('this is no certificate of ours');
  }
  return element;
}

const SEQUENCE = 0x30;
const COMMON_NAME = '550403';
const KEY_USAGE = '551d25';
const CLIENT = '06082b06010505070302'; /* client authentication: a terminal, not a server */

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function time(element: Element | undefined): number {
  const text = new TextDecoder().decode(element?.value);
  const long = element?.tag === 0x18; /* GeneralizedTime has the whole year */
  const [, year, month, day, hour, minute, second] =
    /^(\d{2,4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? [];
  if (year === undefined || year.length !== (long ? 4 : 2)) {
    throw new Malformed('the certificate has no time');
  }
  const full = long ? Number(year) : Number(year) + (Number(year) < 50 ? 2000 : 1900);
  return Date.UTC(full, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

export interface Certificate {
  signed: Uint8Array; /* what its authority has signed */
  signature: Uint8Array;
  name: string;
  from: number;
  until: number;
  key: Uint8Array; /* SubjectPublicKeyInfo */
  client: boolean;
}

export function certificate(der: Uint8Array): Certificate {
  const [whole, none] = elements(der);
  const [tbs, , signature] = elements(need(whole, SEQUENCE).value);
  if (none !== undefined) {
    throw new Malformed('something stands behind the certificate');
  }
  const fields = elements(need(tbs, SEQUENCE).value);
  /* version, serial, algorithm, issuer, validity, subject, key, extensions */
  const [from, until] = elements(need(fields[4], SEQUENCE).value);
  const names = elements(need(fields[5], SEQUENCE).value)
    .flatMap((set) => elements(set.value))
    .map((pair) => elements(pair.value))
    .filter(([oid]) => oid !== undefined && hex(oid.value) === COMMON_NAME);
  const extensions = elements(fields[7]?.value ?? new Uint8Array())
    .flatMap((list) => elements(list.value))
    .map((extension) => elements(extension.value));
  const usage = extensions.find(([oid]) => oid !== undefined && hex(oid.value) === KEY_USAGE);
  if (names.length !== 1) {
    throw new Malformed('the certificate has not one name');
  }
  return {
    signed: need(tbs, SEQUENCE).whole,
    signature: need(signature, 0x03).value.slice(1),
    name: new TextDecoder().decode(names[0]![1]?.value),
    from: time(from),
    until: time(until),
    key: need(fields[6], SEQUENCE).whole,
    client: hex(usage?.at(-1)?.value ?? new Uint8Array()).includes(CLIENT),
  };
}

export function fromPem(pem: string): Uint8Array {
  const text = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(pem)?.[1];
  if (text === undefined) {
    throw new Malformed('this is no certificate in PEM');
  }
  return Uint8Array.from(atob(text.replace(/\s/g, '')), (c) => c.charCodeAt(0));
}

/* ---- signatures ---- */

/* WebCrypto wants r and s of 32 bytes each. */
function raw(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(64);
  const numbers = elements(need(elements(der)[0], SEQUENCE).value);
  numbers.forEach((number, at) => {
    const bytes = number.value[0] === 0 ? number.value.slice(1) : number.value;
    if (at > 1 || bytes.length > 32) {
      throw new Malformed('this is no signature');
    }
    out.set(bytes, at * 32 + 32 - bytes.length);
  });
  return out;
}

async function signedBy(key: Uint8Array, data: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const curve = { name: 'ECDSA', namedCurve: 'P-256' };
  const imported = await crypto.subtle.importKey('spki', new Uint8Array(key), curve, false, ['verify']);
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  return await crypto.subtle.verify(how, imported, raw(signature), new Uint8Array(data));
}

/* ---- goods and signature ---- */

/* As terminal/device/strokes.h packs them. */
function strokes(bytes: Uint8Array): Point[][] {
  const r = new Reader(bytes);
  const all: Point[][] = [];
  while (!r.done) {
    const count = r.packed();
    let [x, y] = [r.number(2), r.number(2)];
    const points: Point[] = [[x, y]];
    for (let i = 1; i < count; i += 1) {
      x += r.step();
      y += r.step();
      points.push([x, y]);
    }
    if (count < 1 || points.some(([px, py]) => px < 0 || px >= 1000 || py < 0 || py >= 400)) {
      throw new Malformed('this is no signature of a hand');
    }
    all.push(points);
  }
  return all;
}

function more(r: Reader): Pick<Receipt, 'goods' | 'strokes' | 'left'> {
  const goods = Array.from({ length: r.number(1) }, () => ({
    name: r.text(),
    price: r.number(6),
    quantity: r.number(2),
  }));
  const left = r.number(1);
  if (left > 3 || goods.some((good) => good.price < 1 || good.quantity < 1)) {
    throw new Malformed('it says nonsense');
  }
  return { goods, strokes: strokes(r.rest()), left: { goods: (left & 1) > 0, strokes: (left & 2) > 0 } };
}

/* ---- the whole ---- */

const PURPOSE = new TextEncoder().encode('tongbao receipt v1');
const CHINA_MS = 8 * 3600 * 1000;

export interface Opened {
  receipt: Receipt;
  body: Uint8Array;
  signature: Uint8Array;
  own: Certificate;
}

export function open(fragment: string): Opened {
  const joined = Uint8Array.from(atob(decodeURIComponent(fragment)), (c) => c.charCodeAt(0));
  const outer = new Reader(joined);
  const version = outer.number(1);
  if (version !== 1 && version !== 2) {
    throw new Malformed('it is of another version');
  }
  const body = outer.take(outer.number(2));
  const signature = outer.take(outer.number(1));
  const own = certificate(outer.rest());
  const r = new Reader(body);
  const numbers = {
    type: r.number(1),
    means: r.number(1),
    entry: r.number(1),
    batch: r.number(3),
    voucher: r.number(3),
    amount: r.number(6),
    tip: r.number(6),
    time: new Date(r.number(5) * 1000),
  };
  const texts = {
    mid: r.text(),
    operator: r.text(),
    masked: r.text(),
    reference: r.text(),
    authorisation: r.text(),
    issuer: r.text(),
    merchant: r.text(),
  };
  const besides =
    version === 2 ? more(r) : { goods: [], strokes: [], left: { goods: false, strokes: false } };
  if (!r.done || numbers.amount < 1 || numbers.tip >= numbers.amount) {
    throw new Malformed('it says nonsense');
  }
  return { receipt: { terminal: own.name, ...numbers, ...texts, ...besides }, body, signature, own };
}

/* Why it is not genuine, or an empty text. */
export async function fault(opened: Opened, authority: Certificate): Promise<string> {
  const { own, body, signature, receipt } = opened;
  const at = receipt.time.getTime() - CHINA_MS;
  if (!(await signedBy(authority.key, own.signed, own.signature))) {
    return 'authority';
  }
  if (!own.client || at < own.from || at > own.until || at < authority.from || at > authority.until) {
    return 'certificate';
  }
  const data = new Uint8Array(PURPOSE.length + body.length);
  data.set(PURPOSE);
  data.set(body, PURPOSE.length);
  return (await signedBy(own.key, data, signature)) ? '' : 'signature';
}
