// Going anywhere by a few words.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addRepository, addTask, fetched } from '../app.js';
import { expect, gitRepository, signIn, test, visit } from '../support.js';

/** Opens it as one does here: by its keys, or by its button where there are none. */
async function opened(page: Page, isMobile: boolean): Promise<void> {
  if (isMobile) await page.getByRole('button', { name: 'Go to…' }).click();
  else await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog').getByRole('combobox')).toBeFocused();
}

test('words and numbers lead to tasks, repositories, pages and actions', async ({ page, isMobile }) => {
  const { workspace } = await signIn(page);
  const { name } = await addRepository(page, workspace, await gitRepository());
  await addTask(page, workspace, { title: 'Fix the login' });
  const { number } = await addTask(page, workspace, { title: 'Write the manual' });
  await visit(page, `/w/${workspace}/settings`);
  const dialog = page.getByRole('dialog', { name: 'Go to a page' });
  const words = () => dialog.getByRole('combobox');
  const options = dialog.getByRole('option');

  await opened(page, isMobile);
  await expect(options.first()).toContainText('Write the manual');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0]?.target}`)).toEqual([]);
  await words().fill('login fix');
  await expect(options).toHaveText([/1 Fix the login/]);
  await words().press('Enter');
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);

  await opened(page, isMobile);
  await words().fill(`#${number}`);
  await expect(options).toHaveText([/Write the manual/]);
  await options.first().click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/${number}`);

  await opened(page, isMobile);
  await words().fill(name);
  await expect(options.filter({ hasText: 'Repository' })).toContainText([name]);
  await options.filter({ hasText: 'Repository' }).click();
  await expect(page).toHaveURL(new RegExp(`/tasks\\?repository=`));

  await opened(page, isMobile);
  await words().fill('sche');
  await expect(options.first()).toContainText('Schedules');
  await words().press('ArrowDown');
  await words().press('ArrowUp');
  await words().press('Enter');
  await expect(page).toHaveURL(`/w/${workspace}/settings/schedules`);

  await opened(page, isMobile);
  await words().fill('dark');
  await words().press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');

  await opened(page, isMobile);
  await words().fill('nothing is called this');
  await expect(dialog).toContainText('Nothing is called that here.');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await opened(page, isMobile);
  await words().fill('new task');
  await words().press('Enter');
  await expect(page.getByRole('dialog', { name: 'New task' }).getByLabel('Title')).toBeFocused();
});

test('without a network pages are still found, and it says why nothing else is', async ({ page, context, allowed, isMobile }) => {
  allowed.push(/ERR_INTERNET_DISCONNECTED/);
  const { workspace } = await signIn(page);
  await visit(page, `/w/${workspace}/tasks`);
  await fetched(page);
  await context.setOffline(true);
  await opened(page, isMobile);
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox').fill('repos');
  await expect(dialog.getByRole('option').first()).toContainText('Repositories');
  await expect(dialog.locator('.told')).not.toBeEmpty();
  await context.setOffline(false);
});
