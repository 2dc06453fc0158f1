/**
 * A package under the name of the native TensorFlow that computes in JavaScript: with it everything around a native backend
 * (finding, loading, its process, its death) is tested where the real one is not installed.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Registers every kernel of `cpu` once more, under the name of the native backend. */
export const standIn = `
  const engine = globalThis._tfengine;
  const kernels = globalThis._tfGlobals.get('kernelRegistry');
  for (const kernel of [...kernels.values()]) {
    if (kernel.backendName === 'cpu') kernels.set('tensorflow_' + kernel.kernelName, { ...kernel, backendName: 'tensorflow' });
  }
  const told = { firstUse: false, binding: { TF_Version: 'in words' } };
  engine.registerBackend('tensorflow', () => Object.assign(engine.registryFactory.cpu.factory(), told), 3);
`;

/** Puts a module with this source into `folder`, as npm would; gives the folder. */
export function installNative(folder: string, source = standIn): string {
  const module = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(module, { recursive: true });
  writeFileSync(join(module, 'index.js'), source);
  return folder;
}
