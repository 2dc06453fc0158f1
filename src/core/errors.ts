/**
 * Errors that a user reads. They cross threads as `{code, args}` and become words at the edge: the extension
 * translates the template, the command line fills it in English. A template says what happened, what is safe, what to do;
 * a notification has one line, so that a reason comes first and the path last.
 */
export const errorTemplates = {
  cancelled: 'Cancelled.',
  internal: 'Something went wrong inside Loupe: {detail}',
  'tokenizer.unknown': 'There is no tokenizer called "{name}". Choose one of: {known}.',
  'tokenizer.badFile': 'Loupe cannot read this tokenizer: {detail} ({file})',
  'tokenizer.badId': '{id} is not an id of this tokenizer: ids go from 0 to {last}.',
  'tokenizer.noMerges': 'How "{name}" merges its tokens is not known.',
  'tokenizer.noFile': 'The tokenizer "{name}" cannot be trained with: choose a tokenizer.json or the tokenizer of a model.',
  'tokenizer.tooSmall': 'A vocabulary needs at least {minimum} entries (256 bytes and 4 special tokens); {given} were asked for.',
  'token.notOne': '"{text}" is not one token of this model but {count}: {pieces}. Give one of them.',
  'model.notFound': 'No model at {path}. Choose a folder that holds config.json and model.safetensors.',
  'model.badConfig': 'Loupe cannot run this model: {detail} ({file})',
  'model.unsupported': 'Loupe cannot run "{family}" models yet. It runs: {known}.',
  'model.unsupportedPart': 'Not supported yet: {detail} ({setting} in config.json). Loupe runs Llama and Mistral models without it.',
  'model.missingTensor': 'The weights lack "{name}". The file may be cut short or belong to another model.',
  'model.badShape': '"{name}" has the shape [{found}] where [{expected}] is needed.',
  'model.nan':
    'The model computes no numbers (NaN) for this text: its weights are damaged, or its training went wrong. Choose another checkpoint.',
  'model.noTokenizer': 'tokenizer.json is missing: "{name}" can read no text without it. Put it into the folder ({path}).',
  'model.noHead': 'There is no head L{layer}H{head}: layers go from 0 to {lastLayer}, heads from 0 to {lastHead}.',
  'file.notFound': '{path} does not exist.',
  'file.unreadable': '{path} cannot be read: {detail}',
  'file.broken': 'Damaged or wrong file: {detail} ({path})',
  'file.noPermission': 'No permission to write in {path}. Choose another folder or change its permissions.',
  'file.unwritable': '{path} cannot be written: {detail}',
  'file.diskFull': 'The disk that holds {path} is full. Free some space, then try again or resume: what was saved before is safe.',
  'text.notUtf8': '{path} is not valid UTF-8 text. Convert it first; only "tokenize" takes any bytes.',
  'activations.none': 'No tensor is called "{glob}". Names look like these: ids, embedding, layers.0.pattern, final_norm, logits.',
  'text.noEditor': 'No text is open. Open a file and put the cursor where the text should go.',
  'text.empty': 'There is no text to work on.',
  'text.tooLong':
    'The text has {tokens} tokens; this model reads at most {limit} at once. Take a shorter piece, or a model with a longer context.',
  'surprise.tooLong':
    'This text is too long for surprise: {length} characters, at most {limit} can be read from the beginning at every key. Take a shorter file.',
  'surprise.noGit': 'There is no Git repository with changes to look at. Open one, or look at all files: "Loupe: Most Surprising Lines".',
  'corpus.noFolder': 'No folder is open. Open the folder whose files the model should learn from.',
  'corpus.empty': 'No file to train on: {files} files were looked at, all were left out. Open the list to see why.',
  'corpus.tooSmall':
    'Too little text to train on: {bytes} bytes after filtering, at least {minimum} are needed. Add files or change the filters.',
  'corpus.changed': '{path} changed while the corpus was read. Nothing was trained; start again to use it as it is now.',
  'training.nan':
    'The loss is no longer a number at step {step}. The last good checkpoint (step {checkpoint}) is kept; try a lower learning rate.',
  'training.busy': 'Another window is already training on this workspace (process {pid}). Stop it there, or watch it here.',
  'training.noRun': 'There is no training run called "{run}".',
  'training.exists': '{path} already holds a training run. Resume it, or choose another folder.',
  'training.notEmpty': '{path} already holds "{name}", which is not of a training run and would be lost. Choose another folder.',
  'training.nothingToResume': '{path} holds no checkpoint to resume from.',
  'training.badSettings': '{setting} cannot be {value}: {detail}',
  'memory.notEnough': 'Not enough memory: {need} MB are needed, {limit} MB can be had. Choose a smaller preset or a shorter context.',
  'realm.died': 'The {realm} engine stopped ({reason}). It starts again at the next request; nothing that was saved is lost.',
  'peer.gone': 'The other side of this connection is gone ({reason}).',
  'view.gone': 'This picture belongs to a text that is no longer loaded. Open it again.',
  'python.noFolder':
    '"{name}" has no program in Python: transformers opens folders with config.json and model.safetensors, and this model is not one. The numbers can be saved as JSON or CSV.',
  'python.otherIds':
    'The program was not made: the text gives other tokens now than those of the picture. Look at the text again, then copy.',
  'backend.unavailable': 'The backend "{name}" does not work here: {detail}',
  'backend.threadLost':
    'A thread of the engine ended in the middle of its work. The engine goes on with one, slower, until it has nothing in memory or the window is reloaded; a training that stopped here can be resumed from its last checkpoint.',
  'tensorflow.unnamed':
    'The backend "tensorflow" needs to be told where @tensorflow/tfjs-node is installed: by the setting llmLoupe.tensorflow.path, or on the command line by the variable LOUPE_TFJS_NODE. It is optional; "auto" works without it.',
  'tensorflow.missing':
    '@tensorflow/tfjs-node is not installed in {path}. Install it there (npm install @tensorflow/tfjs-node), correct the path, or choose another backend.',
  'tensorflow.broken':
    'The native TensorFlow in {path} does not work: {detail}. Install it again with the Node that runs it, or choose another backend; nothing is lost.',
  'tensorflow.noNode':
    'The backend "tensorflow" runs in Node.js, which is not found as "{path}". Install Node.js, give its path in the setting llmLoupe.tensorflow.node, or choose another backend.',
  'workspace.untrusted': 'This needs a trusted workspace.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorTemplates;
export type ErrorArgs = Readonly<Record<string, string | number>>;

export class LoupeError extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly args: ErrorArgs = {},
  ) {
    super(fillTemplate(errorTemplates[code], args));
    this.name = 'LoupeError';
  }
}

/** Arguments that may be words of ours, not the user's: the others are names and numbers. */
const worded: readonly string[] = ['detail', 'reason', 'realm'];

/** The arguments with our own words translated, where `t` knows them. */
export function translatedArgs(args: ErrorArgs, t: (words: string) => string): ErrorArgs {
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, typeof value === 'string' && worded.includes(name) ? t(value) : value]),
  );
}

/** Puts the arguments into the `{name}` places of a template. */
export function fillTemplate(template: string, args: ErrorArgs): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => String(args[name] ?? place));
}
