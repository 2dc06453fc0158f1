/** The only file of the core that imports TensorFlow.js: whoever replaces the tensor library changes this file alone. */
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';

export * from '@tensorflow/tfjs-core';
