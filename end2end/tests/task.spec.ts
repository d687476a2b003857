import { addRepository, addTask, column, counted, counting, live, panel, printed, status, unreloaded } from '../app.js';
import { expect, gitRepository, signIn, test, visit } from '../support.js';

test('two people watch a task from the composer to its evidence', async ({ page, open }) => {
  const { workspace } = await signIn(page);
  const { name } = await addRepository(page, workspace, await gitRepository());
  const other = await open();
  await signIn(other, { workspace });
  await visit(other, `/w/${workspace}/tasks`);
  await live(other);
  const othersPage = await unreloaded(other);

  await visit(page, `/w/${workspace}/tasks`);
  await page.getByRole('banner').getByRole('link', { name: 'New task' }).click();
  await page.getByLabel('Title').fill('Count the lines');
  await page.getByLabel('Repository').selectOption({ label: name });
  await page.getByLabel('Commands').fill(`echo hello > greeting.txt\n${counting(12, 0.5)}`);
  await page.getByRole('button', { name: 'Create and start' }).click();
  await expect(page).toHaveURL(`/w/${workspace}/tasks/1`);
  const page1 = await unreloaded(page);

  await column(other, 'Running').getByRole('link', { name: 'Count the lines' }).click();
  for (const reader of [page, other]) {
    await expect(status(reader)).toHaveText('Running');
    const log = reader.getByRole('log');
    await expect(log).toContainText('line 1 of 12');
    expect(await log.textContent(), 'output came only when all of it was there').not.toContain('line 12 of 12');
  }
  for (const reader of [page, other]) {
    await expect(status(reader)).toHaveText('Completed');
    await expect.poll(() => printed(reader)).toEqual(counted(12));
    await panel(reader, 'Changes');
    const changes = reader.getByRole('region', { name: 'Changes' });
    await expect(changes).toContainText('greeting.txt');
    await expect(changes.getByRole('row').filter({ hasText: 'hello' })).toContainText('+');
    await panel(reader, 'Details');
    const evidence = reader.getByRole('region', { name: 'Evidence' });
    await expect(evidence).toContainText('Succeeded');
    await expect(evidence.getByRole('listitem').filter({ hasText: 'echo hello' })).toBeVisible();
  }
  await page1();
  await othersPage();
});

test('a card goes over the board by itself', async ({ page }) => {
  const { workspace } = await signIn(page);
  await visit(page, `/w/${workspace}/tasks`);
  await expect(page.getByRole('main').getByRole('heading', { name: 'No tasks yet' })).toBeVisible();
  await live(page);
  const same = await unreloaded(page);
  await addTask(page, workspace, { title: 'Wander', script: counting(3, 1) });
  const card = column(page, 'Draft').getByRole('listitem').filter({ hasText: 'Wander' });
  await card.getByRole('button', { name: 'Start' }).click();
  await expect(column(page, 'Running').getByRole('link', { name: 'Wander' })).toBeVisible();
  await expect(column(page, 'Done').getByRole('link', { name: 'Wander' })).toBeVisible();
  await expect(column(page, 'Running').getByRole('link')).toHaveCount(0);
  await same();
});
