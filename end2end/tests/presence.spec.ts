// Who else has a task before them, in its room and on its card.
import { addTask, column, live } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';

test('two in a room see each other, the board sees them, and who leaves is gone', async ({ page, open }) => {
  const { workspace } = await signIn(page);
  const { number } = await addTask(page, workspace, { title: 'Looked at' });
  await visit(page, `/w/${workspace}/tasks/${number}`);
  await live(page);
  const here = page.locator('.room-head .here');
  await expect(here.locator('.avatar')).toHaveCount(0);

  const other = await open();
  await signIn(other, { workspace });
  await visit(other, `/w/${workspace}/tasks/${number}`);
  await expect(here).toContainText('Here now:');
  await expect(here.locator('.avatar')).toHaveCount(1);
  await expect(other.locator('.room-head .here .avatar')).toHaveCount(1);

  const third = await open();
  await signIn(third, { workspace });
  await visit(third, `/w/${workspace}/tasks`);
  const card = column(third, 'Draft').getByRole('listitem').filter({ hasText: 'Looked at' });
  await expect(card.locator('.here .avatar')).toHaveCount(2);

  await visit(other, `/w/${workspace}/settings`);
  await expect(here.locator('.avatar')).toHaveCount(0);
  await expect(card.locator('.here .avatar')).toHaveCount(1);
});
