/**
 * Where a pointer looks. Browsers also send a move when the page changes under a pointer that rests: then it has said nothing,
 * and what the keyboard just chose stays chosen.
 */
export function onPointer(element: HTMLElement, move: (event: PointerEvent) => void, leave: () => void): void {
  let [x, y] = [Number.NaN, Number.NaN];
  element.addEventListener('pointermove', (event) => {
    if (event.clientX === x && event.clientY === y) return;
    [x, y] = [event.clientX, event.clientY];
    move(event);
  });
  element.addEventListener('pointerleave', () => {
    [x, y] = [Number.NaN, Number.NaN];
    leave();
  });
}
