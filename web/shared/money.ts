/* SPDX-License-Identifier: Apache-2.0 */
/* Fen as people read it: ¥1,234.56, with a minus in front of the sign. Whole numbers all the way. */
export function money(fen: number): string {
  const whole = Math.trunc(Math.abs(fen) / 100).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const rest = (Math.abs(fen) % 100).toString().padStart(2, '0');
  return `${fen < 0 ? '−' : ''}¥${whole}.${rest}`;
}
