import { basename } from 'node:path';
import { expect, gitRepository, signIn, test, visit } from '../support.js';

test('a repository is added, changed and removed', async ({ page, allowed }) => {
  allowed.push(/422/);
  const { workspace } = await signIn(page);
  await visit(page, `/w/${workspace}/repositories`);
  const main = page.getByRole('main');
  await expect(main.getByRole('heading', { name: 'No repositories yet' })).toBeVisible();
  await expect(main).toContainText('your own checkout is never touched');
  await main.getByRole('link', { name: 'Add repository' }).click();

  const url = page.getByLabel('Path or URL');
  await url.fill('/etc');
  await page.getByRole('button', { name: 'Add repository' }).click();
  await expect(url).toHaveAttribute('aria-invalid', 'true');
  await expect(url).toHaveAccessibleDescription(/The path is outside the folders that repositories may be in\./);
  await expect(url).toHaveValue('/etc');

  const path = await gitRepository();
  await url.fill(path);
  await page.getByRole('button', { name: 'Add repository' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/repositories`);
  await expect(page.getByRole('status').filter({ hasText: 'Repository added' })).toBeVisible();
  const line = main.getByRole('listitem').filter({ hasText: path });
  await expect(line.getByRole('heading')).toHaveText(basename(path));
  await expect(line).toContainText('Ready');
  await expect(line).toContainText('main');

  await line.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Edit repository');
  await page.getByLabel('Name').fill('Renamed');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(main.getByRole('listitem').getByRole('heading')).toHaveText('Renamed');

  await main.getByRole('link', { name: 'Renamed' }).click();
  await page.getByText('Remove', { exact: true }).click();
  await page.getByRole('button', { name: 'Remove this repository' }).click();
  await expect(main.getByRole('heading', { name: 'No repositories yet' })).toBeVisible();
});
