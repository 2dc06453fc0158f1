/** JSON as files of models need it: parsed from bytes with errors in words, and the one thing `JSON.parse` hides. */

import { LoupeError } from '../errors';

export type JsonObject = { readonly [key: string]: unknown };

/** Parses UTF-8 bytes that must hold one JSON object (a byte order mark is allowed). Throws `file.broken`. */
export function parseJsonObject(bytes: Uint8Array, path: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new LoupeError('file.broken', { path, detail: 'it is not JSON.' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LoupeError('file.broken', { path, detail: 'it is not a JSON object.' });
  }
  return value as JsonObject;
}

/** UTF-8 bytes, indented by two spaces, with a final line break. */
export function jsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

/**
 * The first key that occurs twice in the same object of a text that `JSON.parse` accepts, if any: `JSON.parse` would
 * silently keep the last one, where the reference reader of safetensors refuses the file.
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const begin = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
      const keys = open.at(-1);
      if (!keys || !/^\s*:/.test(text.slice(at + 1, at + 40))) continue;
      const key = JSON.parse(text.slice(begin, at + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
