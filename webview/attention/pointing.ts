/** A picture of all heads under the pointer: hover looks, click chooses. */
import { onPointer } from '../lib/pointer';

export interface Choice {
  readonly layer: number;
  readonly head: number;
}

/** `at`: the head under the pointer; `hover` hears of changes only. */
export function onHeads(
  canvas: HTMLCanvasElement,
  at: (event: MouseEvent) => Choice | null,
  hover: (choice: Choice | null) => void,
  choose: (choice: Choice) => void,
): void {
  let hovered: Choice | null = null;
  const look = (choice: Choice | null) => {
    if (same(choice, hovered)) return;
    hovered = choice;
    hover(choice);
  };
  onPointer(
    canvas,
    (event) => look(at(event)),
    () => look(null),
  );
  canvas.addEventListener('click', (event) => {
    const choice = at(event);
    if (choice) choose(choice);
  });
}

export function same(a: Choice | null, b: Choice | null): boolean {
  return a?.layer === b?.layer && a?.head === b?.head;
}
