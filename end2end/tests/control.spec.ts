import { addTask, counted, counting, live, panel, printed, status } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';

test('a running task is cancelled and tried again, and each run can be read', async ({ page }) => {
  const { workspace } = await signIn(page);
  const script = 'echo begun; sleep 60';
  const { number } = await addTask(page, workspace, { title: 'Wait', script, start: true });
  await visit(page, `/w/${workspace}/tasks/${number}`);
  await expect.poll(() => printed(page)).toEqual(['begun']);
  const head = page.locator('.room-head');
  await head.getByRole('button', { name: 'Cancel' }).click();
  await expect(status(page)).toHaveText('Cancelled');

  await head.getByRole('button', { name: 'Retry' }).click();
  await expect(status(page)).toHaveText('Running');
  await expect.poll(() => printed(page)).toEqual(['begun']);
  await panel(page, 'Details');
  const runs = page.getByRole('region', { name: 'Executions' }).getByRole('link');
  await expect(runs).toHaveCount(2);
  const [latest, first] = [runs.nth(0), runs.nth(1)];
  await expect(latest).toHaveAttribute('aria-current', 'true');
  await expect(latest).toContainText('Running');
  await expect(first).toContainText('Cancelled');
  await first.click();
  await expect(page).toHaveURL(/[?&]execution=1/);
  await panel(page, 'Details');
  await expect(first).toHaveAttribute('aria-current', 'true');
  await expect(page.getByRole('region', { name: 'Evidence' })).toContainText('Cancelled');
  await head.getByRole('button', { name: 'Cancel' }).click();
  await expect(latest).toContainText('Cancelled');
});

test('a task is held and goes on where it was', async ({ page }) => {
  const { workspace } = await signIn(page);
  const { number } = await addTask(page, workspace, { title: 'Hold', script: counting(16, 0.25), start: true });
  await visit(page, `/w/${workspace}/tasks/${number}`);
  await live(page);
  const head = page.locator('.room-head');
  await head.getByRole('button', { name: 'Pause' }).click();
  await expect(status(page)).toHaveText('Paused');
  await head.getByRole('button', { name: 'Resume' }).click();
  await expect(status(page)).toHaveText('Completed');
  await expect.poll(() => printed(page)).toEqual(counted(16));
});
