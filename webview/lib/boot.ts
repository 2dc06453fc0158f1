/** What the page was given before any script ran: the language and the translations of the panels. */

export interface Boot {
  /** BCP 47 language of the editor: "fr", "en", "pt-br". */
  readonly language: string;
  /** English literal -> translation; empty in English. */
  readonly strings: Readonly<Record<string, string>>;
}

export const boot: Boot = read();

function read(): Boot {
  const text = globalThis.document?.getElementById('loupe-boot')?.textContent;
  const given = text ? (JSON.parse(text) as Partial<Boot>) : {};
  return { language: given.language ?? 'en', strings: given.strings ?? {} };
}
