/* SPDX-License-Identifier: Apache-2.0 */
/* An authenticator app (RFC 6238, RFC 4648 base32), of another hand than the host's. */
import { createHmac } from 'node:crypto';

const STEP_MS = 30000;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/* The bytes of a key as a page shows it: spaces and padding do not count. */
export function secretOf(key) {
  const bits = [...key.replace(/[\s=]/g, '')].map((c) => LETTERS.indexOf(c).toString(2).padStart(5, '0'));
  return Buffer.from(bits.join('').match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
}

/* Six digits; `later` steps ahead, since a code is good once. */
export function totp(secret, later = 0) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / STEP_MS) + later));
  const mac = createHmac('sha1', secret).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}
