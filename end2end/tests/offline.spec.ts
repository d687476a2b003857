import { addTask, counted, counting, fetched, live, pill, printed, status, unreloaded } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';

test('a page that lost the network says so and catches up by itself', async ({ page, open, context, allowed }) => {
  allowed.push(/ERR_INTERNET_DISCONNECTED/);
  const { workspace } = await signIn(page);
  const { number } = await addTask(page, workspace, { title: 'Go on', script: counting(24, 0.4), start: true });
  const room = `/w/${workspace}/tasks/${number}`;
  await visit(page, room);
  await live(page);
  await fetched(page);
  const same = await unreloaded(page);
  await expect(page.getByRole('log')).toContainText('line 2 of 24');
  await context.setOffline(true);
  await expect(pill(page)).toHaveText('Offline');
  const before = await printed(page);
  expect(before.length).toBeLessThan(24);

  const other = await open();
  await signIn(other, { workspace });
  await visit(other, room);
  await expect(status(other)).toHaveText('Completed');
  expect(await printed(page), 'output came without a network').toEqual(before);

  await context.setOffline(false);
  await live(page);
  await expect.poll(() => printed(page)).toEqual(counted(24));
  await expect(status(page)).toHaveText('Completed');
  await same();
});

test('a page that can not be fetched says so, and opens once it can be', async ({ page, allowed }) => {
  allowed.push(/ERR_FAILED/);
  await signIn(page);
  await page.route('**/pkg/**/*.wasm', (route) => route.abort());
  await page.route('**/pkg/*.wasm', (route) => route.abort());
  await page.getByRole('navigation').getByRole('link', { name: 'Repositories' }).click();
  const notice = page.getByRole('alert');
  await expect(notice).toContainText('This page could not be fetched');
  const same = await unreloaded(page);
  await page.unroute('**/pkg/**/*.wasm');
  await page.unroute('**/pkg/*.wasm');
  await notice.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('heading', { name: 'No repositories yet' })).toBeVisible();
  await expect(notice).toBeHidden();
  await same();
});
