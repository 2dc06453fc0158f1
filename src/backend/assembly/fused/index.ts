// Kernels of fused operations.
export * from './adamw';
export * from './attention';
export * from './crossEntropy';
export * from './decode';
export * from './dropout';
export * from './embedding';
export * from './rmsNorm';
export * from './scores';
export * from './seenAttention';
export * from './swiglu';
