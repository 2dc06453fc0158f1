/** The same job once in French: the words a user reads, the numbers as they are written in French. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

describe('en français', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: workspaceFiles({ large: true }), french: true });
  });
  afterAll(() => user?.stop());

  test('les tokens de la sélection', async () => {
    await user.openFile('textes/fables.md');
    await user.selectLines(7, 9);
    await user.status(/^\d+ starter/).waitFor();
    await user.status(/^\d+ starter/).click();
    await user.picks('Désactiver ici').waitFor();
    await user.shoot('fr-tokens');
    await user.page.keyboard.press('Escape');
  });

  test('les lignes les plus surprenantes d’un fichier', async () => {
    await user.openFile('textes/fables.md');
    await user.command('Loupe: Lignes les plus surprenantes de ce fichier');
    const panel = user.page.locator('.part.panel');
    await panel
      .getByText(/^1 fichier · \d,\d+ bits? par octet en tout · selon ce qu’attend «\u202fstarter\u202f»$/)
      .waitFor({ timeout: 60_000 });
    await panel
      .locator('.monaco-list-row', { hasText: /^fables\.md:\d+\d,\d+ · / })
      .first()
      .waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await user.theme(theme);
      await user.shoot(`fr-lignes-${theme}`);
    }
    await user.command('Loupe: Fermer les lignes surprenantes');
  });

  test('les fusions d’un long mot', async () => {
    await user.command('Loupe: Afficher les fusions');
    const panel = user.panel();
    await panel.locator('h1', { hasText: '25 octets, rien n’est encore fusionné' }).waitFor({ timeout: 60_000 });
    expect(await panel.getByLabel('Texte', { exact: true }).inputValue()).toBe('anticonstitutionnellement');
    await user.shoot('fr-fusions');
    await user.command('View: Close All Editors');
  });

  test('l’attention', async () => {
    await user.openFile('textes/fables.md');
    await user.selectLines(7, 9);
    await user.command('Loupe: Inspecter l’attention');
    const panel = user.panel();
    await expect.poll(() => panel.locator('.reading').textContent()).toMatch(/<bos>.*contexte/s);
    expect(await panel.locator('body').textContent()).toMatch(/\d,\d/);
    await user.shoot('fr-attention');
  });

  test('l’entraînement', async () => {
    await user.command('Loupe: Entraîner sur cet espace de travail');
    await user.page.locator('.quick-input-title', { hasText: /\d+ fichiers/ }).waitFor();
    const nano = user.picks(/nano/);
    await nano.waitFor();
    await expect.poll(() => nano.textContent()).toMatch(/paramètres · .*(s|min)/);
    await user.shoot('fr-choix');
    await nano.click();
    await expect.poll(() => user.panel().locator('h1').textContent(), { timeout: 180_000 }).toMatch(/\d,\d\d? bits? par octet/);
    await user.shoot('fr-tableau');
    await user.panel().locator('[data-action=stop]').click();
    await user.panel().locator('[data-action=use]').waitFor();
    await user.panel().locator('[data-action=use]').click();
    await user.status(/nano/).first().waitFor();
  }, 240_000);

  test('la génération', async () => {
    await user.openFile('textes/fables.md');
    await user.goTo(12);
    await user.page.keyboard.press('End');
    await user.command('Loupe: Générer');
    await user.page
      .locator('.ghost-text, .ghost-text-decoration, .suggest-preview-text')
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: 60_000 });
    await user.shoot('fr-texte');
    await user.page.keyboard.press('Escape');
    await user.command('Loupe: Ouvrir le panneau de génération');
    await user.panel().locator('#prompt').waitFor();
    await user.shoot('fr-generation');
  });
});
