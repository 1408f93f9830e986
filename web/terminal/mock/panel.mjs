/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vault's end of the panel channel and its entry, for the mock only: made from the same text as
 * the real one, in another language, so that a page which works here was not tested against itself.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  hkdfSync,
  randomInt,
} from 'node:crypto';

const PAGE_TO_VAULT = 1;
const VAULT_TO_PAGE = 2;

function nonce(direction, counter) {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(direction, 0);
  bytes.writeBigUInt64BE(counter, 4);
  return bytes;
}

export class VaultPanel {
  #key = null;
  #sent = 0n;
  #received = 0n;

  open(theirs) {
    const ecdh = createECDH('prime256v1');
    const mine = ecdh.generateKeys();
    const secret = ecdh.computeSecret(theirs);
    this.#key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'tongbao panel v1', 32));
    this.#sent = 0n;
    this.#received = 0n;
    return mine;
  }

  forget() {
    this.#key = null;
  }

  get isOpen() {
    return this.#key !== null;
  }

  seal(plain) {
    this.#sent += 1n;
    const iv = nonce(VAULT_TO_PAGE, this.#sent);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([iv.subarray(4), body, cipher.getAuthTag()]).toString('base64');
  }

  /* What was touched: a byte, or 'T' and text; throws when the seal is not good or not newer than the last one. */
  unseal(text) {
    const sealed = Buffer.from(text, 'base64');
    const counter = sealed.readBigUInt64BE(0);
    if (counter <= this.#received || this.#key === null) {
      throw new Error('stale');
    }
    const cipher = createDecipheriv('aes-256-gcm', this.#key, nonce(PAGE_TO_VAULT, counter));
    cipher.setAuthTag(sealed.subarray(sealed.length - 16));
    const plain = Buffer.concat([
      cipher.update(sealed.subarray(8, sealed.length - 16)),
      cipher.final(),
    ]);
    this.#received = counter;
    return plain;
  }
}

/* Digits in random places; deleting stays where the thumb knows it. */
export function shuffledLayout() {
  const digits = [...'0123456789'];
  for (let at = digits.length - 1; at > 0; at -= 1) {
    const other = randomInt(at + 1);
    [digits[at], digits[other]] = [digits[other], digits[at]];
  }
  return [...digits.slice(0, 9), 'C', digits[9], 'B'].join('');
}
