import { addTask } from '../app.js';
import { expect, hydrated, signIn, test, visit } from '../support.js';

test('whoever chooses Danish is spoken to in Danish on every page', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Ret forsiden', priority: 'urgent' });
  await visit(page, `/w/${workspace}/settings`);
  await page.getByRole('combobox', { name: 'Language' }).selectOption('da');
  const setting = page.locator('form').filter({ has: page.getByRole('combobox', { name: 'Language' }) });
  await setting.getByRole('button').click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'da');
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Indstillinger');

  for (const [tail, heading] of [['', 'Hjem'], ['/tasks', 'Opgaver'], ['/repositories', 'Repositorier']] as const) {
    await visit(page, `/w/${workspace}${tail}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await expect(page).toHaveTitle(new RegExp(heading));
  }
  await visit(page, `/w/${workspace}/tasks/1`);
  await expect(page.getByText('Kladde').first()).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Tastatur' })).toContainText('Ny opgave');
});
