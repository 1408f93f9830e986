/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two fingers resting on the glass ask for the spoken way (terminal/guide.h), wherever they lie: who
 * does not see the screen cannot find a button on it.
 */

const REST_MS = 1200;
const FINGERS = 2;

export class Resting {
  private readonly down = new Set<number>();
  private timer = 0;

  constructor(private readonly rested: () => void) {}

  press(event: PointerEvent): void {
    if (event.pointerType !== 'touch') {
      return;
    }
    this.down.add(event.pointerId);
    clearTimeout(this.timer);
    if (this.down.size === FINGERS) {
      this.timer = window.setTimeout(this.rested, REST_MS);
    }
  }

  release(event: PointerEvent): void {
    this.down.delete(event.pointerId);
    clearTimeout(this.timer);
  }
}
