import { basename } from 'node:path';
import { status } from '../app.js';
import { enter, expect, gitRepository, test } from '../support.js';
import type { Page } from '@playwright/test';

test.use({ javaScriptEnabled: false });

/** Without script a page shows what has become of a task when it is loaded again. */
async function becomes(page: Page, word: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    expect((await status(page).textContent())?.trim()).toBe(word);
  }).toPass({ timeout: 30_000 });
}

test('everything that a form does works without script', async ({ page }) => {
  const { workspace } = await enter(page);
  const main = page.getByRole('main');

  await page.goto(`/w/${workspace}/repositories/new`);
  await page.getByLabel('Path or URL').fill('/etc');
  await page.getByRole('button', { name: 'Add repository' }).click();
  await expect(page.getByRole('alert')).toContainText('The path is outside the folders that repositories may be in.');
  await expect(page).toHaveURL(`/w/${workspace}/repositories/new`);
  await page.reload();
  await expect(page.getByRole('alert')).toHaveCount(0);

  const path = await gitRepository();
  await page.getByLabel('Path or URL').fill(path);
  await page.getByRole('button', { name: 'Add repository' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/repositories`);
  await expect(main.getByRole('listitem').getByRole('heading')).toHaveText(basename(path));

  await page.goto(`/w/${workspace}/tasks/new`);
  await page.getByLabel('Repository').selectOption('');
  await page.getByLabel('Title').fill('Only a title');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  await expect(status(page)).toHaveText('Draft');
  await expect(page.getByRole('heading', { name: 'Only a title' })).toBeVisible();
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  await becomes(page, 'Failed');
  await expect(page.locator('body')).toContainText('Did nothing');

  await page.goto(`/w/${workspace}/tasks/new`);
  await page.getByLabel('Title').fill('Takes its time');
  await page.getByLabel('Commands').fill('echo begun\nsleep 60');
  await page.getByRole('button', { name: 'Create and start' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/2`);
  await becomes(page, 'Running');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await becomes(page, 'Cancelled');
  await page.getByRole('button', { name: 'Retry' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/2`);
  await becomes(page, 'Running');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await becomes(page, 'Cancelled');

  await page.goto(`/w/${workspace}/tasks`);
  await page.getByRole('searchbox', { name: 'Search tasks' }).fill('title');
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page).toHaveURL(/[?&]q=title/);
  await expect(main.getByRole('link', { name: 'Only a title' })).toBeVisible();
  await expect(main.getByRole('link', { name: 'Takes its time' })).toHaveCount(0);

  await page.goto(`/w/${workspace}/settings`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await expect(main).toContainText('You are signed out.');
});
