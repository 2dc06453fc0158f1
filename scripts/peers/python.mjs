/** PyTorch (without CUDA where that wheel can be had), transformers, Hugging Face's tokenizers and rustbpe, in an environment of their own. */
import { execFileSync } from 'node:child_process';
import { ownPython } from '../lib/peers.mjs';

const versions = ['numpy==2.4.6', 'safetensors==0.8.0', 'transformers==5.23.0', 'tokenizers==0.23.3', 'rustbpe==0.1.0'];
const torch = 'torch==2.15.0';
const withoutCuda = 'https://download.pytorch.org/whl/cpu';

/** @param {string} folder of the environment; needs `python3` (3.10 or newer) with venv */
export function installPython(folder) {
  execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
  const pip = (...args) =>
    execFileSync(ownPython(), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args], { stdio: 'inherit' });
  try {
    pip(torch, '--index-url', withoutCuda);
  } catch {
    pip(torch); // some gigabytes more on Linux
  }
  pip(...versions);
}
