export interface Words {
  title(command: string): string;
  said(english: string): RegExp;
}
export function wordsOf(language: 'en' | 'fr'): Words;
