/** How much of what was said the model reads at a step of a generation: the arithmetic of `generate`, for those who explain it. */

/**
 * Ids (`<bos>` included) that were read for the token after `written` others, of a prompt of `prompt` ids. At first the last
 * `contextLength` of the prompt; when they are full, half of them, and so on.
 */
export function windowOf(prompt: number, written: number, contextLength: number): number {
  let read = Math.min(prompt, contextLength);
  let said = prompt;
  for (let i = 0; i < written; i++) {
    said += 1;
    read = read >= contextLength ? Math.min(said, Math.max(1, Math.floor(contextLength / 2))) : read + 1;
  }
  return read;
}
