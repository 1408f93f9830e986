/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digits on flat glass without looking (terminal/guide.h): where the finger comes down is the 5; it
 * slides to its digit, rests there until the click, and lets go. A touch that does not rest enters
 * nothing, nor does one with a second finger. What comes out is a place of the fixed keypad, counted
 * from the 5; nothing that can be heard or seen here depends on which one: the click is the same, and
 * comes the same time after the finger has come to rest.
 */

const REST_MS = 600;
const FIVE = 4; /* its place among the twelve */
const COLUMNS = 3;
const SPAN = { x: 4.5, y: 7 }; /* so many steps to the width and height of the pad */

/* Steps from the 5, as far as the keypad goes; below the 8 there is only the 0. */
function placeOf(dx: number, dy: number): number {
  const row = Math.max(-1, Math.min(2, Math.round(dy)));
  const column = row === 2 ? 0 : Math.max(-1, Math.min(1, Math.round(dx)));
  return FIVE + row * COLUMNS + column;
}

export interface Ears {
  click: () => void;
  enter: (place: number) => void;
}

export class Strokes {
  private finger: { id: number; x: number; y: number } | null = null;
  private down = 0; /* fingers on the glass */
  private place = FIVE;
  private ready = false;
  private timer = 0;

  constructor(private readonly ears: Ears) {}

  private rest(): void {
    clearTimeout(this.timer);
    this.ready = false;
    this.timer = window.setTimeout(() => {
      this.ready = true;
      this.ears.click();
    }, REST_MS);
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.finger = null;
    this.ready = false;
  }

  press(event: PointerEvent): void {
    this.down += 1;
    if (this.down > 1) {
      this.stop();
      return;
    }
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    this.finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.place = FIVE;
    this.rest();
  }

  move(event: PointerEvent): void {
    if (this.finger?.id !== event.pointerId) {
      return;
    }
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const place = placeOf(
      ((event.clientX - this.finger.x) * SPAN.x) / box.width,
      ((event.clientY - this.finger.y) * SPAN.y) / box.height,
    );
    if (place !== this.place) {
      this.place = place;
      this.rest();
    }
  }

  release(event: PointerEvent): void {
    this.down = Math.max(0, this.down - 1);
    if (this.finger?.id === event.pointerId) {
      const { ready, place } = this;
      this.stop();
      if (ready) {
        this.ears.enter(place);
      }
    }
  }

  cancel(): void {
    this.down = 0;
    this.stop();
  }
}
