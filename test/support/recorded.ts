/**
 * What `curve` gives without relaxed operations, on any processor and any number of threads. A kernel that adds in another
 * order changes it: then it is recorded anew, on x64, and must be the same on ARM (`npm run arm`).
 */
export const recorded = {
  steps: 200,
  tokens: 30,
  training: '95ba7d755aba1c4450209966f5c568b1fbdd0b425d40512e87f64828ca821c80',
  writing: '07145331e4fd7e6c0bbc62a7156f53716d024c3094dbec74bf9b5e2bde2c379d',
};
