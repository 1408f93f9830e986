/* SPDX-License-Identifier: Apache-2.0 */
/* What a PNG needs; zlib of Node 18 has no crc32 of its own. */
export { deflateSync } from 'node:zlib';

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) {
    c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  return c;
});

export function crc32(bytes) {
  let c = 0xffffffff;
  for (const b of bytes) {
    c = table[(c ^ b) & 0xff] ^ (c >>> 8);
  }
  return (c ^ 0xffffffff) >>> 0;
}
