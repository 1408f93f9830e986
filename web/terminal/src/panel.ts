/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page's end of the panel channel: a key agreed with the vault through the terminal program,
 * which can relay what is sealed and not read it. What goes in: the vault's public key, sealed
 * layouts. What comes out: sealed positions of the keypad. The digits themselves have no message.
 *
 *   key      HKDF-SHA-256(ECDH P-256 x coordinate, no salt, "tongbao panel v1"), 32 bytes
 *   sealed   counter (8, big-endian) || AES-256-GCM ciphertext || tag (16)
 *   nonce    direction (4, big-endian: 1 page to vault, 2 vault to page) || counter
 *
 * A counter that is not greater than the last one is refused. The private key is made in WebCrypto
 * as not extractable and lives as long as the page does.
 */

const PAGE_TO_VAULT = 1;
const VAULT_TO_PAGE = 2;
const COUNTER_BYTES = 8;
const TAG_BYTES = 16;
const LAYOUT_BYTES = 12;

/* One byte stands for what was touched: a position 0..11, or one of these two. */
export const ENTRY_OK = 0x4f;
export const ENTRY_CANCEL = 0x58;

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

function nonce(direction: number, counter: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, direction);
  view.setBigUint64(4, counter);
  return bytes;
}

export class Panel {
  private sent = 0n;
  private received = 0n;

  private constructor(private readonly key: CryptoKey) {}

  /* `exchange` carries our public key to the vault and brings its own back, both raw P-256 points. */
  static async open(
    exchange: (mine: Uint8Array) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<Panel> {
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
    const mine = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    const theirs = await crypto.subtle.importKey('raw', await exchange(mine), curve, false, []);
    const secret = await crypto.subtle.deriveBits(
      { name: 'ECDH', public: theirs },
      pair.privateKey,
      256,
    );
    const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    new Uint8Array(secret).fill(0);
    const key = await crypto.subtle.deriveKey(
      {
        name: 'HKDF',
        hash: 'SHA-256',
        salt: new Uint8Array(0),
        info: new TextEncoder().encode('tongbao panel v1'),
      },
      material,
      { name: 'AES-GCM', length: 256 },
      false,
      ['encrypt', 'decrypt'],
    );
    return new Panel(key);
  }

  async seal(touched: number): Promise<string> {
    this.sent += 1n;
    const iv = nonce(PAGE_TO_VAULT, this.sent);
    const plain = Uint8Array.of(touched);
    const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, this.key, plain);
    const sealed = new Uint8Array(COUNTER_BYTES + box.byteLength);
    sealed.set(iv.subarray(4), 0);
    sealed.set(new Uint8Array(box), COUNTER_BYTES);
    return toBase64(sealed);
  }

  /* The key on each of the 12 positions: '0'..'9', 'B' deletes one, 'C' clears all. */
  async openLayout(text: string): Promise<string[]> {
    const sealed = fromBase64(text);
    if (sealed.length !== COUNTER_BYTES + LAYOUT_BYTES + TAG_BYTES) {
      throw new Error('a sealed layout has another length');
    }
    const counter = new DataView(sealed.buffer).getBigUint64(0);
    if (counter <= this.received) {
      throw new Error('a sealed layout came twice');
    }
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv: nonce(VAULT_TO_PAGE, counter) },
      this.key,
      sealed.subarray(COUNTER_BYTES),
    );
    this.received = counter;
    return Array.from(new Uint8Array(plain), (b) => String.fromCharCode(b));
  }
}
