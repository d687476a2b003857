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
