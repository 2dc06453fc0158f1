/**
 * Keys and tokens inside a text, by the patterns their issuers publish, and carefully by entropy. A match leaves the whole
 * file out: a model can repeat what it was trained on. It is a net, not a proof: secrets without a known shape pass.
 */
import { log2 } from '../math';

/** `hint` is a literal that must be in the text before the pattern is tried: searching for it is many times faster. */
const shapes: readonly { readonly hint: string; readonly pattern: RegExp }[] = [
  { hint: 'PRIVATE KEY', pattern: /-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/ },
  { hint: 'PuTTY-User-Key-File', pattern: /PuTTY-User-Key-File-\d:/ },
  ...['AKIA', 'ASIA'].map((hint) => ({ hint, pattern: new RegExp(`\\b${hint}(?![0-9A-Z]{9}EXAMPLE)[0-9A-Z]{16}\\b`) })),
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((hint) => ({ hint, pattern: new RegExp(`\\b${hint}[A-Za-z0-9]{36,}`) })),
  { hint: 'github_pat_', pattern: /\bgithub_pat_[A-Za-z0-9_]{22,}/ },
  { hint: 'glpat-', pattern: /\bglpat-[\w-]{20,}/ },
  { hint: 'xox', pattern: /\bxox[abeoprs]-(?:[A-Za-z0-9]+-){1,4}[A-Za-z0-9]{10,}/ },
  { hint: 'hooks.slack.com', pattern: /hooks\.slack\.com\/services\/T\w{6,}\/B\w{6,}\/\w{20,}/ },
  { hint: 'sk-', pattern: /\bsk-(?:ant-|proj-|svcacct-|or-)?(?=[\w-]{0,40}\d)[A-Za-z0-9][\w-]{31,}/ },
  ...['sk_live_', 'rk_live_'].map((hint) => ({ hint, pattern: new RegExp(`\\b${hint}[0-9A-Za-z]{16,}`) })),
  { hint: 'AIza', pattern: /\bAIza[0-9A-Za-z_-]{35}/ },
  { hint: 'GOCSPX-', pattern: /\bGOCSPX-[\w-]{28}/ },
  { hint: 'ya29.', pattern: /\bya29\.[\w-]{30,}/ },
  { hint: 'npm_', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { hint: 'pypi-', pattern: /\bpypi-AgE[\w-]{50,}/ },
  { hint: 'hf_', pattern: /\bhf_[A-Za-z]{34}\b/ },
  { hint: 'SG.', pattern: /\bSG\.[\w-]{22}\.[\w-]{43}/ },
  { hint: 'dop_v1_', pattern: /\bdop_v1_[0-9a-f]{64}/ },
  { hint: 'eyJ', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/ },
  { hint: 'AccountKey=', pattern: /AccountKey=[A-Za-z0-9+/]{60,}/ },
];

const named = '(?:secret|token|passwd|password|api_?key|access_?key|private_?key|auth_?key)';
/** `api_key = "..."`, `"clientSecret": "..."`; and alone on a line without quotes, as settings files have it: `DB_PASSWORD=...`. */
const assignments = [
  new RegExp(`${named}["'\`]?\\s{0,4}(?::|=>?|:=)\\s{0,4}["'\`]([A-Za-z0-9+/=_.~-]{20,200})["'\`]`, 'gi'),
  new RegExp(
    `^[ \\t]{0,40}(?:export[ \\t]|-[ \\t])?[\\w.-]{0,40}?${named}[ \\t]{0,4}[:=][ \\t]{0,4}([\\w+/=~-]{20,200})[ \\t]*(?:#.*)?\\r?$`,
    'gim',
  ),
];
const placeholder = /example|sample|dummy|placeholder|changeme|change_me|your|xxxx|test|fake|todo|redacted|insert|12345|abcdef/i;

export function hasSecret(text: string): boolean {
  for (const { hint, pattern } of shapes) if (text.includes(hint) && pattern.test(text)) return true;
  return assignments.some((pattern) => {
    for (const match of text.matchAll(pattern)) {
      const value = match[1]!;
      if (!placeholder.test(value) && looksRandom(value)) return true;
    }
    return false;
  });
}

/** Random strings mix digits and letters and repeat few characters; names, paths and sentences do not. */
function looksRandom(value: string): boolean {
  if (!/\d.*\d.*\d/.test(value) || !/[A-Za-z].*[A-Za-z].*[A-Za-z]/.test(value)) return false;
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / value.length) * log2(count / value.length);
  // Sixteen random hexadecimal digits reach about 3.2 bits a character, base64 of this length more than 4.
  return entropy >= (/^[0-9a-f]+$/i.test(value) ? 3 : 3.7);
}
