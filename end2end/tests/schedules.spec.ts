import { enter, expect, signIn, test, visit } from '../support.js';

test('a template is made, scheduled and run', async ({ page, allowed }) => {
  allowed.push(/422/);
  const { workspace } = await signIn(page);
  const main = page.getByRole('main');
  await visit(page, `/w/${workspace}/settings`);
  await main.getByRole('link', { name: 'Schedules' }).click();
  await expect(main.getByRole('heading', { name: 'No schedules yet' })).toBeVisible();
  await main.getByRole('link', { name: 'Make a template first' }).click();
  await expect(main.getByRole('heading', { name: 'No templates yet' })).toBeVisible();
  await main.getByText('New template').click();
  await main.getByLabel('Name of the template').fill('Nightly');
  await main.getByLabel('Title of its tasks').fill('Update packages');
  await main.getByRole('button', { name: 'Save' }).click();
  await expect(main.getByText('Nightly')).toBeVisible();

  await visit(page, `/w/${workspace}/settings/schedules`);
  await main.getByText('New schedule').click();
  await main.getByLabel('Name', { exact: false }).first().fill('Every night');
  await main.getByLabel('When').fill('whenever');
  await main.getByRole('button', { name: 'Save' }).click();
  await expect(main.getByLabel('When')).toHaveAttribute('aria-invalid', 'true');
  await main.getByLabel('When').fill('30 3 * * *');
  await main.getByLabel('Time zone').fill('Europe/Copenhagen');
  await main.getByRole('button', { name: 'Save' }).click();
  // The list is read anew after a save, and what it opens into with it.
  const next = main.getByText('Next:');
  await expect(async () => {
    if (!(await next.isVisible())) await main.locator('summary', { hasText: 'Every night' }).click();
    await expect(next).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await main.getByRole('button', { name: 'Run now' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  await expect(page.getByRole('heading', { name: 'Update packages' })).toBeVisible();
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('the settings of tasks and templates are forms', async ({ page }) => {
    const { workspace } = await enter(page);
    const main = page.getByRole('main');
    await page.goto(`/w/${workspace}/settings/tasks`);
    await page.getByLabel('Let more urgent tasks pause others').check();
    await page.getByLabel('Branches of published results').fill('{nobody}');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('alert')).toContainText('knows no placeholder {nobody}');
    await page.getByLabel('Let more urgent tasks pause others').check();
    await page.getByLabel('Branches of published results').fill('work/{number}');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByLabel('Branches of published results')).toHaveValue('work/{number}');
    await expect(page.getByLabel('Let more urgent tasks pause others')).toBeChecked();

    await page.goto(`/w/${workspace}/settings/templates`);
    await main.getByText('New template').click();
    await page.getByLabel('Name of the template').fill('Weekly');
    await page.getByLabel('Title of its tasks').fill('Tidy');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(main.getByText('Weekly')).toBeVisible();
  });
});
