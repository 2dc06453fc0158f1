/**
 * What `curve` gives without relaxed operations, on any processor and any number of threads. A kernel that adds in another
 * order changes it: then it is recorded anew, on x64, and must be the same on ARM (`npm run arm`).
 */
export const recorded = {
  steps: 200,
  tokens: 30,
  training: '733c14cd02bb0efde102fd0b4a61b8ad2d5d4b5dcee9b0cda120848953ab1c03',
  writing: '1099f778edc000b23975237d3e638343ce633727387773e7c521a3470e3403fe',
};
