import { addRepository, addTask, column, counting, live, scrollTo, status, unreloaded } from '../app.js';
import { expect, gitRepository, signIn, test, visit } from '../support.js';

test("another person's change appears by itself and moves nothing that is read", async ({ page, open }) => {
  const { workspace } = await signIn(page);
  for (let number = 1; number <= 45; number += 1) await addTask(page, workspace, { title: `Task number ${number}` });
  const other = await open();
  await signIn(other, { workspace });
  await visit(page, `/w/${workspace}/tasks?view=list`);
  await live(page);
  const same = await unreloaded(page);
  const read = page.getByRole('link', { name: /Task number 5\b/ });
  await scrollTo(page.locator('.task-list'), read);
  const before = await read.boundingBox();

  await addTask(other, workspace, { title: 'From somebody else' });
  await expect(page.locator('.tools .total'), 'the page has heard of it').toContainText('46');
  // One more frame, so that what would move has moved.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  expect((await read.boundingBox())?.y, 'what was read has moved').toBeCloseTo(before?.y ?? -1, 0);
  await same();
});

test('a log that is read further up stands still while it grows', async ({ page }) => {
  const { workspace } = await signIn(page);
  const script = `seq -f 'early %g' 1 200\n${counting(12, 0.4)}`;
  const { number } = await addTask(page, workspace, { title: 'Grow', script, start: true });
  await visit(page, `/w/${workspace}/tasks/${number}`);
  await live(page);
  const log = page.getByRole('log');
  await expect(log).toContainText('line 1 of 12');
  const read = log.getByRole('listitem').filter({ hasText: /early 40$/ });
  // What is out of sight is not drawn: the log itself is scrolled.
  await log.evaluate((log) => log.scrollTo(0, 600));
  await expect(read).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Jump to the end' })).toBeVisible();
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  const before = await read.boundingBox();
  await expect(status(page)).toHaveText('Completed');
  expect((await read.boundingBox())?.y, 'what was read has moved').toBeCloseTo(before?.y ?? -1, 0);
  await page.getByRole('button', { name: 'Jump to the end' }).click();
  await expect(log.getByText('line 12 of 12')).toBeInViewport();
});

test('what one edits, the other sees', async ({ page, open }) => {
  const { workspace } = await signIn(page);
  const { number } = await addTask(page, workspace, { title: 'As it was' });
  const other = await open();
  await signIn(other, { workspace });
  for (const reader of [page, other]) {
    await visit(reader, `/w/${workspace}/tasks/${number}`);
    await live(reader);
  }
  const title = page.locator('.room-head details').first();
  await title.locator('summary').click();
  await title.getByRole('textbox', { name: 'Title' }).fill('As one wants it');
  await title.getByRole('button', { name: 'Save' }).click();
  await expect(other.getByRole('heading', { name: 'As one wants it' })).toBeVisible();
});

test('search and filters are in the address', async ({ page }) => {
  const { workspace } = await signIn(page);
  const { id, name } = await addRepository(page, workspace, await gitRepository());
  await addTask(page, workspace, { title: 'Paint the door', priority: 'high', repository: id });
  await addTask(page, workspace, { title: 'Paint the wall', priority: 'low' });
  await addTask(page, workspace, { title: 'Close the door', priority: 'high' });
  await visit(page, `/w/${workspace}/tasks`);
  await live(page);
  const same = await unreloaded(page);
  const shown = page.getByRole('main').locator('[data-item]');
  const search = page.getByRole('searchbox', { name: 'Search tasks' });
  await expect(shown).toHaveCount(3);
  await search.fill('door');
  await search.press('Enter');
  await expect(page).toHaveURL(/[?&]q=door/);
  await expect(shown).toHaveCount(2);
  await page.getByRole('combobox', { name: 'Repository' }).selectOption({ label: name });
  await expect(page).toHaveURL(/[?&]repository=/);
  await expect(shown).toHaveText(['Paint the door']);
  await same();
  await addTask(page, workspace, { title: 'Oil the door', repository: id });
  await addTask(page, workspace, { title: 'Elsewhere' });
  await expect(shown).toHaveText(['Oil the door', 'Paint the door']);

  const address = page.url();
  await visit(page, address);
  await expect(page).toHaveURL(address);
  await expect(search).toHaveValue('door');
  await expect(shown).toHaveText(['Oil the door', 'Paint the door']);
  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  await expect(shown).toHaveCount(5);
  await expect(search).toHaveValue('');
  await page.getByRole('combobox', { name: 'Priority' }).selectOption('High');
  await expect(shown).toHaveCount(2);
  await page.goBack();
  await expect(shown).toHaveCount(5);
  await page.getByRole('navigation', { name: 'View' }).getByRole('link', { name: 'List' }).click();
  await expect(page).toHaveURL(/[?&]view=list/);
  await expect(column(page, 'Draft')).toHaveCount(0);
  await expect(shown).toHaveCount(5);
});
