import { addTask } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';

test('everything has a key', async ({ page }) => {
  const { workspace } = await signIn(page);
  for (const title of ['First', 'Second', 'Third']) await addTask(page, workspace, { title });
  await visit(page, `/w/${workspace}`);
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await expect(page).toHaveURL(`/w/${workspace}/tasks`);

  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  await expect(help).toContainText('New task');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();

  await page.keyboard.press('c');
  const composer = page.getByRole('dialog', { name: 'New task' });
  await expect(composer.getByLabel('Title')).toBeFocused();
  await page.keyboard.type('c / ? j');
  await expect(composer.getByLabel('Title')).toHaveValue('c / ? j');
  await page.keyboard.press('Escape');
  await expect(composer).toBeHidden();

  await page.keyboard.press('/');
  const search = page.getByRole('searchbox', { name: 'Search tasks' });
  await expect(search).toBeFocused();
  await expect(search).toHaveValue('');
  await page.keyboard.press('Escape');
  await expect(search).not.toBeFocused();

  const focused = page.locator(':focus');
  await page.keyboard.press('j');
  await expect(focused).toHaveText('Third');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await expect(focused).toHaveText('First');
  await page.keyboard.press('k');
  await expect(focused).toHaveText('Second');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/w/${workspace}/tasks/2`);
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await expect(page).toHaveURL(`/w/${workspace}`);
});

test('the composer over a page makes a task', async ({ page }) => {
  const { workspace } = await signIn(page);
  await page.keyboard.press('c');
  await page.keyboard.type('Written by keys');
  await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  await expect(page.getByRole('heading', { name: 'Written by keys' })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
