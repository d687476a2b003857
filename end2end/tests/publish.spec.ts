import { execFileSync } from 'node:child_process';
import { addRepository, addTask, panel, status } from '../app.js';
import { expect, gitRepository, signIn, test, visit } from '../support.js';

function git(path: string, ...args: string[]): string {
  return execFileSync('git', ['-C', path, ...args], { encoding: 'utf8' }).trim();
}

test('a result becomes a branch, is refused where a checkout is dirty, and is merged', async ({ page, allowed }) => {
  allowed.push(/409/);
  const { workspace } = await signIn(page);
  const path = await gitRepository();
  const { id } = await addRepository(page, workspace, path);
  const script = 'echo hello > greeting.txt';
  await addTask(page, workspace, { title: 'Greet them', repository: id, script, start: true });
  await visit(page, `/w/${workspace}/tasks/1`);
  await expect(status(page)).toHaveText('Completed');
  await panel(page, 'Changes');
  const publish = page.getByRole('region', { name: 'Publish' });
  const first = publish.getByRole('listitem').first();

  await publish.getByRole('button', { name: 'Make a branch' }).click();
  await expect(first).toContainText('Published');
  await expect(first).toContainText('switchboard/1-greet-them');
  expect(git(path, 'show', 'switchboard/1-greet-them:greeting.txt')).toBe('hello');

  const branch = git(path, 'rev-parse', '--abbrev-ref', 'HEAD');
  const known = git(path, 'ls-files').split('\n')[0] ?? '';
  execFileSync('sh', ['-c', 'echo unsaved >> "$1"', 'sh', `${path}/${known}`]);
  await publish.getByRole('button', { name: 'Merge into' }).click();
  await expect(first).toContainText('Not published');
  await expect(first).toContainText('changes that are not committed');
  expect(git(path, 'status', '--porcelain')).toContain(known);

  git(path, 'checkout', '--quiet', '--', known);
  await publish.getByRole('button', { name: 'Merge into' }).click();
  await expect(first).toContainText('Published');
  await expect(first).toContainText('Merge');
  expect(git(path, 'show', `${branch}:greeting.txt`)).toBe('hello');
  expect(git(path, 'status', '--porcelain')).toBe('');

  const patch = await publish.getByRole('link', { name: 'Take it as a patch' }).getAttribute('href');
  const answer = await page.request.get(new URL(patch ?? '', page.url()).toString());
  expect(await answer.text()).toContain('Subject: [PATCH] Greet them');
});

test('a task waits for another until that is taken off', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'First' });
  await addTask(page, workspace, { title: 'Second', script: 'echo second' });
  await visit(page, `/w/${workspace}/tasks/2`);
  await panel(page, 'Details');
  const properties = page.getByRole('region', { name: 'Properties' });
  await properties.locator('summary').filter({ hasText: 'Waits for' }).click();
  await properties.getByLabel('Waits for').fill('1');
  await properties.getByRole('button', { name: 'Save' }).last().click();
  await expect(properties.getByRole('link', { name: '#1' })).toBeVisible();
});
