/**
 * The native `@tensorflow/tfjs-node`, and `tfjs-node.cjs` to load it through: Node 23 removed functions that it calls.
 * On Linux, x64, it is built from npm and PyPI alone (needs npm, pip, python3, g++ and binutils), because the package's own
 * installer downloads from elsewhere: the binding is compiled against the library inside TensorFlow's wheel. On other
 * platforms its own installer is used.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm } from '../lib/tools.mjs';

const version = '4.22.0';
const libraryVersion = '2.9.1';
const wheelDigest = '6666ddeae45e1f41da788cb4bdea3435aba16edb0bc17b7ac00631c7c9eb052e';

const loader = `const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
util.isArray = Array.isArray;
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
module.exports = require('@tensorflow/tfjs-node');
`;

/** @param {string} folder */
export function installTfjsNode(folder) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const own = platform() === 'linux' && arch() === 'x64';
  const packages = [`@tensorflow/tfjs-node@${version}`, ...(own ? ['node-api-headers@1'] : [])];
  npm(['install', '--no-audit', '--no-fund', ...(own ? ['--ignore-scripts'] : []), ...packages], folder);
  if (own) build(folder);
  const file = join(folder, 'tfjs-node.cjs');
  writeFileSync(file, loader);
  const check = `const tf = require(${JSON.stringify(file)}); const a = tf.ones([8, 8]);
    if (tf.getBackend() !== 'tensorflow' || tf.matMul(a, a).dataSync()[0] !== 8) throw new Error('it does not compute');`;
  try {
    execFileSync(process.execPath, ['-e', check]);
  } catch (error) {
    rmSync(file);
    throw error;
  }
}

function build(folder) {
  const home = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  const library = join(home, 'deps', 'lib');
  const work = mkdtempSync(join(tmpdir(), 'loupe-tfjs-node-'));
  try {
    unpackLibrary(work, home);
    stubPython(work, library);
    cpSync(join(home, 'binding'), join(work, 'binding'), { recursive: true });
    lockAttributeNames(join(work, 'binding', 'tfjs_backend.cc'));
    const binding = join(home, 'lib', 'napi-v8');
    mkdirSync(binding, { recursive: true });
    const include = [join(folder, 'node_modules', 'node-api-headers', 'include'), join(home, 'deps', 'include')];
    execFileSync('g++', [
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-w', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
      ...include.map((path) => `-I${path}`),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(work, 'binding', file)),
      ...['-o', join(work, 'tfjs_binding.node'), `-L${library}`, '-Wl,--no-as-needed', '-lpystub', '-ltensorflow'],
      ...['-ltensorflow_framework', '-Wl,-rpath,$ORIGIN/../../deps/lib'],
    ]);
    copyFileSync(join(work, 'tfjs_binding.node'), join(binding, 'tfjs_binding.node'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The shared libraries and the headers out of the wheel, under the names that the binding expects. */
function unpackLibrary(work, home) {
  const pip = ['-m', 'pip', 'download', '-q', '--disable-pip-version-check', '--no-deps', '--python-version', '3.10'];
  const wheel = ['--platform', 'manylinux2014_x86_64', '--only-binary=:all:', '-d', work, `tensorflow-cpu==${libraryVersion}`];
  execFileSync('python3', [...pip, ...wheel], { stdio: ['ignore', 'ignore', 'pipe'] });
  const file = join(
    work,
    readdirSync(work).find((name) => name.endsWith('.whl')),
  );
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (digest !== wheelDigest) throw new Error(`the wheel of TensorFlow ${libraryVersion} is another one: ${digest}`);
  const script = `
import os, shutil, sys, zipfile
wheel, home = zipfile.ZipFile(sys.argv[1]), sys.argv[2]
def put(name, to):
    to = os.path.join(home, to)
    os.makedirs(os.path.dirname(to), exist_ok=True)
    with wheel.open(name) as source, open(to, 'wb') as target: shutil.copyfileobj(source, target, 1 << 22)
put('tensorflow/python/_pywrap_tensorflow_internal.so', 'lib/_pywrap_tensorflow_internal.so')
put('tensorflow/libtensorflow_framework.so.2', 'lib/libtensorflow_framework.so.2')
for name in wheel.namelist():
    if name.endswith('.h') and (name.startswith('tensorflow/include/tensorflow/c/') or '/tensorflow/core/platform/ctstring' in name):
        put(name, name[len('tensorflow/'):])
`;
  execFileSync('python3', ['-c', script, file, join(home, 'deps')]);
  rmSync(file);
  const library = join(home, 'deps', 'lib');
  const names = { 'libtensorflow.so': '_pywrap_tensorflow_internal.so', 'libtensorflow_framework.so': 'libtensorflow_framework.so.2' };
  for (const [link, target] of Object.entries(names)) {
    execFileSync('strip', ['--strip-unneeded', join(library, target)]);
    if (!existsSync(join(library, link))) symlinkSync(target, join(library, link));
  }
}

/**
 * The wheel's library is an extension of Python and wants CPython's symbols from its host. It gets objects of zeros, and
 * functions that abort if they are ever called: TensorFlow calls none where there is no Python.
 */
function stubPython(work, library) {
  const listing = execFileSync('nm', ['-D', '--undefined-only', join(library, '_pywrap_tensorflow_internal.so')], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  const names = new Set(listing.match(/\b_?Py\w+$/gm));
  const define = (name) => {
    if (/^PyExc_|_Type$|^_Py_.*Struct$/.test(name)) return `char ${name}[1024];`;
    if (name === 'Py_IsInitialized') return `int ${name}(void) { return 0; }`;
    return `void* ${name}(void) { fputs("${name} was called\\n", stderr); abort(); }`;
  };
  const source = join(work, 'pystub.c');
  writeFileSync(source, ['#include <stdio.h>', '#include <stdlib.h>', ...[...names].sort().map(define), ''].join('\n'));
  const options = ['-shared', '-fPIC', '-O1', '-w', '-Wl,-soname,libpystub.so'];
  execFileSync('gcc', [...options, '-o', join(library, 'libpystub.so'), source]);
}

/** Every thread writes into one set of names: two workers that do at once crash. */
function lockAttributeNames(file) {
  let source = readFileSync(file, 'utf8');
  const replace = (before, after) => {
    if (source.split(before).length !== 2) throw new Error(`tfjs_backend.cc is another one: ${before}`);
    source = source.replace(before, after);
  };
  replace('#include <memory>\n', '#include <memory>\n#include <mutex>\n');
  replace(
    'static std::set<std::string> ATTR_NAME_SET;\n',
    'static std::set<std::string> ATTR_NAME_SET;\nstatic std::mutex ATTR_NAME_MUTEX;\n',
  );
  const insert = '  const char *attr_name =\n      ATTR_NAME_SET.insert(attr_name_string.c_str()).first->c_str();\n';
  replace(insert, `  ATTR_NAME_MUTEX.lock();\n${insert}  ATTR_NAME_MUTEX.unlock();\n`);
  writeFileSync(file, source);
}
