/** What a file's name alone says against training on it. Names are compared without regard to case. */
import type { LeftOutReason } from './types';

const lockFiles = new Set(
  `package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock cargo.lock poetry.lock pipfile.lock
  uv.lock pdm.lock composer.lock gemfile.lock podfile.lock package.resolved go.sum go.work.sum mix.lock pubspec.lock flake.lock
  packages.lock.json gradle.lockfile conda-lock.yml pixi.lock cartfile.resolved .terraform.lock.hcl`.split(/\s+/),
);

const binaryExtensions = new Set(
  `png jpg jpeg gif webp avif bmp ico icns tif tiff heic psd ai sketch fig woff woff2 ttf otf eot mp3 mp4 m4a m4v mov avi mkv webm ogg oga wav
  flac aac pdf doc docx xls xlsx ppt pptx odt ods odp epub zip gz tgz bz2 xz zst 7z rar tar jar war class dex apk ipa exe dll so dylib a o obj
  lib pdb wasm pyc pyo whl egg node vsix bin dat db sqlite sqlite3 mdb parquet arrow feather npy npz h5 hdf5 pkl pickle pt pth ckpt onnx gguf
  ggml safetensors tflite pb iso dmg img deb rpm msi swf blend fbx glb stl`.split(/\s+/),
);

const secretNames = new Set(
  `.npmrc .yarnrc.yml .pypirc .netrc _netrc .htpasswd .git-credentials .pgpass .my.cnf .dockercfg .s3cfg .boto .vault-token .envrc
  credentials credentials.json credentials.yml credentials.yaml secrets.json secrets.yml secrets.yaml secrets.toml secrets.env
  service-account.json serviceaccount.json master.key wp-config.php`.split(/\s+/),
);

const secretExtensions = new Set(
  'pem key p8 p12 pfx crt cer der csr jks keystore truststore kdbx kdb ppk gpg pgp ovpn tfstate tfvars mobileprovision'.split(' '),
);

const secretFolders = new Set(['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker']);

const generatedNames = [
  /\.(?:generated|gen|g|designer|freezed)\.[a-z]+$/,
  /(?:_pb2(?:_grpc)?\.pyi?|\.pb\.(?:go|cc|h)|_generated\.[a-z]+)$/,
  /\.(?:map|snap|tsbuildinfo)$/,
];

const minifiedNames = /(?:[.-]min|\.bundle|\.chunk)\.(?:js|mjs|cjs|css)$/;

/** Lower-case extension without its dot, '' where there is none; a leading dot is no extension (`.gitignore`). */
export function extension(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : '';
}

/** The name holds keys or passwords by custom: `.env*`, private keys, certificates, `id_*`, credential files. */
export function hasSecretName(path: string): boolean {
  const parts = path.toLowerCase().split('/');
  const name = parts.pop()!;
  if (parts.some((folder) => secretFolders.has(folder))) return true;
  if (/^\.env(?:$|[._-])/.test(name) || name.endsWith('.env')) return true;
  // `id_rsa`, `id_ed25519.pub`, `id_work`: keys of SSH have no extension of their own; `id_map.ts` is a source file.
  if (/^id_(?:[\w-]+$|rsa|dsa|ecdsa|ed25519|xmss)/.test(name)) return true;
  return secretNames.has(name) || secretExtensions.has(extension(name));
}

/** Reason to leave a file out by its path (forward slashes), or null. */
export function judgeName(path: string): LeftOutReason | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  if (hasSecretName(path)) return 'secret';
  if (lockFiles.has(name)) return 'lockFile';
  if (generatedNames.some((pattern) => pattern.test(name))) return 'generated';
  if (minifiedNames.test(name)) return 'minified';
  return binaryExtensions.has(extension(name)) ? 'binary' : null;
}
