import { post } from '../app.js';
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
  await expect(main.getByText('Nightly', { exact: true })).toBeVisible();
  await main.locator('summary', { hasText: 'Nightly' }).click();
  await main.getByRole('link', { name: 'New task from it' }).click();
  await expect(page).toHaveURL(/\/tasks\/new\?template=/);
  await expect(page.getByLabel('Title')).toHaveValue('Update packages');

  await visit(page, `/w/${workspace}/settings/schedules`);
  await main.getByText('New schedule').click();
  await main.getByLabel('Name', { exact: false }).first().fill('Every night');
  await main.getByLabel('When').fill('whenever');
  await main.getByRole('button', { name: 'Save' }).click();
  await expect(main.getByLabel('When')).toHaveAttribute('aria-invalid', 'true');
  await main.getByLabel('When').fill('30 3 * * *');
  await main.getByLabel('Time zone').fill('Europe/Copenhagen');
  await main.getByRole('button', { name: 'Save' }).click();
  // The line itself says when it comes next.
  const line = main.locator('summary', { hasText: 'Every night' });
  await expect(line).toContainText(/next \d/);
  // The list is read anew after a save, and what it opens into with it.
  const next = main.getByText('Next:');
  await expect(async () => {
    if (!(await next.isVisible())) await line.click();
    await expect(next).toBeVisible({ timeout: 1_000 });
  }).toPass();
  await main.getByRole('button', { name: 'Run now' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  await expect(page.getByRole('heading', { name: 'Update packages' })).toBeVisible();
});

test('what is refused is said once, and a removal is asked about', async ({ page, allowed }) => {
  allowed.push(/422/);
  const { workspace } = await signIn(page);
  const main = page.getByRole('main');
  const { id } = await post<{ id: string }>(page, workspace, '/templates', { name: 'Nightly', title: 'Update' });
  await post(page, workspace, '/schedules', { name: 'Every night', template_id: id, cron: '30 3 * * *' });
  await visit(page, `/w/${workspace}/settings/schedules`);
  await main.locator('summary', { hasText: 'Every night' }).click();
  await main.getByText('New schedule').click();
  const form = main.locator('details[data-kind="new"]');
  await form.getByLabel('Name').fill('Another');
  await form.getByLabel('When').fill('whenever');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByLabel('When')).toHaveAttribute('aria-invalid', 'true');
  await expect(main.locator('.error')).toHaveCount(1);

  const entry = main.locator('details.entry').filter({ hasText: 'Every night' });
  if (!(await entry.getByText('Remove', { exact: true }).isVisible())) await entry.locator('summary').first().click();
  await entry.getByText('Remove', { exact: true }).click();
  await expect(entry.getByRole('group', { name: 'Remove' })).toContainText('“Every night”: it makes no more tasks.');
  await entry.getByRole('button', { name: 'Remove the schedule' }).click();
  await expect(main.getByRole('heading', { name: 'No schedules yet' })).toBeVisible();
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
    await expect(main.getByText('Weekly', { exact: true })).toBeVisible();
  });
});
