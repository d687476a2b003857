import AxeBuilder from '@axe-core/playwright';
import { addTask, live, panel, status } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';

const STEPS = [
  'say Ready',
  'approve high Delete the build folder | rm -rf build',
  'allowed: run echo removed',
  'ask Which colour? | red, blue, *',
  'listen',
];

test('a run asks to do something, then asks a question, and hears what is said to it', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Tidy up', agent: 'custom', script: STEPS.join('\n'), start: true });
  await visit(page, `/w/${workspace}/tasks/1`);
  await live(page);
  await expect(status(page)).toHaveText('Needs you');
  const asks = page.getByRole('region', { name: 'This run needs you' });
  const approval = asks.getByRole('article', { name: 'Delete the build folder' });
  await expect(approval).toContainText('rm -rf build');
  await expect(approval).toContainText('High risk');
  const found = await new AxeBuilder({ page }).include('.asks').analyze();
  expect(found.violations).toEqual([]);

  await page.keyboard.press('a');
  await expect(approval.getByRole('button', { name: 'Approve' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(approval).toBeHidden();

  const question = asks.getByRole('article', { name: 'Which colour?' });
  await question.getByRole('button', { name: 'blue' }).click();
  await expect(question).toBeHidden();
  await expect(status(page)).toHaveText('Running');

  await page.getByText('Tell the agent').first().click();
  await page.getByRole('textbox', { name: 'Tell the agent' }).fill('use the other one');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(status(page)).toHaveText('Completed');
  await panel(page, 'Log');
  await expect(page.locator('.log')).toContainText('heard use the other one');
  await expect(page.locator('.log')).toContainText('answered blue');
});

test('an action is denied with a reason, by another who looks at it', async ({ page, open }) => {
  const { workspace, email } = await signIn(page);
  const script = 'approve medium Send the mail\ndenied: say I leave it';
  await addTask(page, workspace, { title: 'Mail them', agent: 'custom', script, start: true });
  await visit(page, `/w/${workspace}/tasks/1`);
  await live(page);
  const here = page.getByRole('article', { name: 'Send the mail' });
  await expect(here).toBeVisible();
  const other = await open();
  await signIn(other, { workspace, email });
  await visit(other, `/w/${workspace}/tasks/1`);
  await live(other);
  const there = other.getByRole('article', { name: 'Send the mail' });
  await there.getByLabel('Reason (optional)').fill('not on a Friday');
  await there.getByRole('button', { name: 'Deny' }).click();
  await expect(there).toBeHidden();
  await expect(here).toBeHidden();
  await expect(status(page)).toHaveText('Completed');
  await panel(page, 'Log');
  await expect(page.locator('.log')).toContainText('decided deny: not on a Friday');
});

test('without script a question is answered too', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const { enter } = await import('../support.js');
  const { workspace } = await enter(page);
  await addTask(page, workspace, { title: 'Ask', agent: 'custom', script: 'ask Why?', start: true });
  const answer = page.getByRole('textbox', { name: 'Your answer' });
  await expect(async () => {
    await page.goto(`/w/${workspace}/tasks/1`);
    await expect(answer).toBeVisible({ timeout: 500 });
  }).toPass();
  await answer.fill('because');
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(async () => {
    await page.goto(`/w/${workspace}/tasks/1`);
    await expect(page.locator('.log')).toContainText('answered because', { timeout: 500 });
  }).toPass();
  await context.close();
});
