/** A picture of all heads under the pointer and the arrow keys: hover looks, click and keys choose. */
import { onPointer } from '../lib/pointer';

export interface Choice {
  readonly layer: number;
  readonly head: number;
}

/** `at`: the head under the pointer; `hover` hears of changes only; `beside`: the head in the direction of an arrow, -1, 0 or 1 each. */
export function onHeads(
  canvas: HTMLCanvasElement,
  at: (event: MouseEvent) => Choice | null,
  hover: (choice: Choice | null) => void,
  choose: (choice: Choice) => void,
  beside: (right: number, down: number) => Choice | null,
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
  canvas.addEventListener('keydown', (event) => {
    const right = Number(event.key === 'ArrowRight') - Number(event.key === 'ArrowLeft');
    const down = Number(event.key === 'ArrowDown') - Number(event.key === 'ArrowUp');
    if (!right && !down) return;
    const to = beside(right, down);
    if (to) choose({ layer: to.layer, head: to.head });
    event.preventDefault();
    event.stopPropagation();
  });
}

export function same(a: Choice | null, b: Choice | null): boolean {
  return a?.layer === b?.layer && a?.head === b?.head;
}
