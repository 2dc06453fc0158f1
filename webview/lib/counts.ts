/** Counts with the name of what is counted, one or several: "1 token", "1,204 tokens". Sentences are put together from them. */
import { int, num } from './format';
import { tn } from './l10n';

export const tokens = (count: number) => tn(count, '{0} token', '{0} tokens', int(count));
export const steps = (count: number) => tn(count, '{0} step', '{0} steps', int(count));
export const files = (count: number) => tn(count, '{0} file', '{0} files', int(count));
export const positions = (count: number) => tn(count, '{0} position', '{0} positions', int(count));
export const parameters = (count: number) => tn(count, '{0} parameter', '{0} parameters', int(count));
export const layers = (count: number) => tn(count, '{0} layer', '{0} layers', int(count));
export const heads = (count: number) => tn(count, '{0} head', '{0} heads', int(count));
export const threads = (count: number) => tn(count, '{0} thread', '{0} threads', int(count));
export const bitsPerByte = (value: number) => tn(value, '{0} bit per byte', '{0} bits per byte', num(value));
export const natsPerToken = (value: number) => tn(value, '{0} nat per token', '{0} nats per token', num(value));
