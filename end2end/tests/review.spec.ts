import { addRepository, addTask, live, panel, status } from '../app.js';
import { enter, expect, gitRepository, signIn, test, visit } from '../support.js';
import type { Page } from '@playwright/test';

const BEFORE = `fn main() {\n    let answer = "old"; // why\n    println!("{answer}");\n}\n`;
const SCRIPT = [
  `sed -i 's/"old"/42/' main.rs`,
  `seq 1 800 > long.txt`,
  `printf '\\0\\1\\2' > picture.bin`,
].join('\n');

/** A task that changed a file, added a long one and a binary one. */
async function changed(page: Page, workspace: string): Promise<string> {
  const { name } = await addRepository(page, workspace, await gitRepository({ 'main.rs': BEFORE }));
  await addTask(page, workspace, { title: 'Change', script: SCRIPT, repository: name, start: true });
  return `/w/${workspace}/tasks/1`;
}

test('a diff is read in colours, beside each other, and ticked off', async ({ page }) => {
  const { workspace } = await signIn(page);
  const path = await changed(page, workspace);
  await visit(page, path);
  await expect(status(page)).toHaveText('Completed');
  await panel(page, 'Changes');
  const file = page.locator('.diff-file', { hasText: 'main.rs' });
  await expect(file.locator('.diff-row[data-kind="delete"] [data-word]')).toHaveText(['"old"']);
  await expect(file.locator('.diff-row[data-kind="insert"] [data-word]')).toHaveText(['42']);
  await expect(file.locator('.s-keyword').first()).toHaveText('fn');
  await expect(file.locator('.s-comment').first()).toContainText('why');

  await page.getByRole('link', { name: 'Side by side' }).click();
  await expect(page).toHaveURL(/diff=split/);
  const pair = file.locator('.diff-row[data-kind="pair"]').filter({ hasText: '"old"' });
  await expect(pair).toContainText('42');
  await page.getByRole('link', { name: 'Unified' }).click();
  await expect(file.locator('.diff-row[data-kind="insert"]')).toHaveCount(1);

  const long = page.locator('.diff-file', { hasText: 'long.txt' });
  await expect(long).not.toHaveAttribute('open');
  await long.locator('summary').click();
  await expect(long.locator('.diff-row[data-kind="insert"]')).toHaveCount(800);
  await page.locator('.diff-file', { hasText: 'picture.bin' }).locator('summary').click();
  await expect(page.locator('.diff-file', { hasText: 'picture.bin' })).toContainText('A binary file');

  const viewed = page.locator('.diff-entry').filter({ has: file }).getByRole('checkbox', { name: 'Viewed' });
  await viewed.check();
  await expect(file).not.toHaveAttribute('open');
  await visit(page, page.url());
  await panel(page, 'Changes');
  await expect(viewed).toBeChecked();
  await expect(file).not.toHaveAttribute('open');
});

test('a line is talked about, and others see it at once', async ({ page, open }) => {
  const { workspace } = await signIn(page);
  const path = await changed(page, workspace);
  await visit(page, path);
  await expect(status(page)).toHaveText('Completed');
  const other = await open();
  await signIn(other, { workspace });
  await visit(other, path);
  await live(other);
  await panel(page, 'Changes');
  await panel(other, 'Changes');

  await page.getByRole('button', { name: 'Comment on line 2' }).last().click();
  await page.locator('.thread textarea').fill('Why <b>42</b>?');
  await page.locator('.thread').getByRole('button', { name: 'Comment' }).click();
  for (const reader of [page, other]) {
    await expect(reader.locator('.thread .said')).toContainText('Why <b>42</b>?');
    const all = reader.getByRole('region', { name: 'Comments' });
    await expect(all.locator('.said')).toContainText('main.rs:2');
  }
  const all = other.getByRole('region', { name: 'Comments' });
  await all.getByLabel('Your comment').fill('It is the answer.');
  await all.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(all.getByLabel('Your comment')).toHaveValue('');
  const mine = page.getByRole('region', { name: 'Comments' }).locator('.said');
  await expect(mine).toHaveCount(2);
  await mine.filter({ hasText: 'Why' }).getByRole('button', { name: 'Delete the comment' }).click();
  await expect(other.locator('.thread .said')).toHaveCount(0);
  await expect(all.locator('.said')).toHaveCount(1);
});

test('what was said about lines goes on as one, and the activity tells who did what', async ({ page }) => {
  const { workspace } = await signIn(page);
  const path = await changed(page, workspace);
  await visit(page, path);
  await expect(status(page)).toHaveText('Completed');
  await live(page);
  await panel(page, 'Changes');
  await page.getByRole('button', { name: 'Comment on line 2' }).last().click();
  await page.locator('.thread textarea').fill('Why 42?');
  await page.locator('.thread').getByRole('button', { name: 'Comment' }).click();
  await expect(page.locator('.review-send')).toContainText('1 comment on a line');
  await page.getByRole('button', { name: 'Make a follow-up task' }).click();
  await expect(page).toHaveURL(/\/tasks\/2$/);
  await expect(page.getByRole('heading', { name: 'Follow-up on 1: Change' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('line 2: Why 42?');

  await visit(page, path);
  await panel(page, 'Details');
  const activity = page.getByRole('region', { name: 'Activity' }).getByRole('listitem');
  await expect(activity).toHaveCount(4);
  for (const [index, deed] of ['commented', 'the run ended: completed', 'started it', 'made the task'].entries()) {
    await expect(activity.nth(index)).toContainText(deed);
  }
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('a task is talked about, and a long file is opened', async ({ page }) => {
    const { workspace } = await enter(page);
    const path = await changed(page, workspace);
    await expect(async () => {
      await page.goto(`${path}?panel=changes`);
      expect((await status(page).textContent())?.trim()).toBe('Completed');
    }).toPass({ timeout: 30_000 });
    await page.getByLabel('Your comment').fill('Said without script');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.goto(`${path}?panel=changes`);
    await expect(page.locator('.said')).toContainText('Said without script');
    await expect(page.locator('.diff-row[data-kind="insert"] [data-word]')).toHaveText(['42']);
  });
});
