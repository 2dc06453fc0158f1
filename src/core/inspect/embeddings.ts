/**
 * The embedding table as a space: nearest rows by cosine, and analogies. Rows are compared as directions (each divided by
 * its length), as is usual since word2vec; a row of zeros is near nothing.
 */

import { LoupeError } from '../errors';
import { type Parameters, weightOf } from '../model/parameters';

export interface Neighbour {
  readonly id: number;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

/** The `count` rows nearest to a token's, itself left out; equals by id. Throws `tokenizer.badId`. */
export async function neighbours(params: Parameters, id: number, count: number): Promise<Neighbour[]> {
  const table = await directions(params);
  return nearest(table, row(table, id), [id], count);
}

/** The `count` rows nearest to a - b + c (Mikolov et al. 2013), the three left out. Throws `tokenizer.badId`. */
export async function analogy(params: Parameters, a: number, b: number, c: number, count: number): Promise<Neighbour[]> {
  const table = await directions(params);
  const [from, minus, plus] = [row(table, a), row(table, b), row(table, c)];
  const target = from.map((value, i) => value - minus[i]! + plus[i]!);
  return nearest(table, target, [a, b, c], count);
}

interface Table {
  readonly rows: number;
  readonly width: number;
  /** [rows, width], each row of length 1 or 0. */
  readonly values: Float32Array;
}

async function directions(params: Parameters): Promise<Table> {
  const weight = weightOf(params, 'model.embed_tokens.weight');
  const [rows, width] = weight.shape as [number, number];
  const values = Float32Array.from(await weight.value().data());
  for (let id = 0; id < rows; id++) normalise(values.subarray(id * width, (id + 1) * width));
  return { rows, width, values };
}

function row({ rows, width, values }: Table, id: number): Float32Array {
  if (!(Number.isInteger(id) && id >= 0 && id < rows)) throw new LoupeError('tokenizer.badId', { id, last: rows - 1 });
  return values.slice(id * width, (id + 1) * width);
}

function nearest({ rows, width, values }: Table, target: Float32Array, without: readonly number[], count: number): Neighbour[] {
  normalise(target);
  const found: Neighbour[] = [];
  for (let id = 0; id < rows; id++) {
    if (without.includes(id)) continue;
    let similarity = 0;
    for (let i = 0; i < width; i++) similarity += target[i]! * values[id * width + i]!;
    found.push({ id, similarity });
  }
  return found.sort((a, b) => b.similarity - a.similarity || a.id - b.id).slice(0, count);
}

function normalise(vector: Float32Array): void {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return;
  const length = Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
}
