// What the module exports: the kernels of every file, and the global that gives a thread its working memory.
export { scratch } from './scratch';
export * from './fused/index';
export { gemm, packPanels, rowTimes, rowsTimesTransposed } from './gemm';
export * from './stock/elementwise';
export * from './stock/move';
export * from './stock/rows';
