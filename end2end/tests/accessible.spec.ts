import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { addRepository, addTask, panel, post, status } from '../app.js';
import { expect, gitRepository, signIn, switchboard, test, unique, visit } from '../support.js';

// Every page is looked at in both themes, which takes its time on a slow machine.
test.describe.configure({ timeout: 150_000 });

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** The colours of a theme stand once a frame has been drawn in them: what is read before may mix both. */
function painted(page: Page): Promise<void> {
  return page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn()))));
}

/** What axe finds on the page as it stands, in both themes. */
async function findings(page: Page, where: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await painted(page);
    const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
    for (const { id, nodes } of violations) {
      found.push(...nodes.map((node) => `${where}, ${colorScheme}: ${id} at ${node.target.join(' ')}: ${node.failureSummary}`));
    }
  }
  return found;
}

test('outside a workspace everything can be read and used by everyone', async ({ page, allowed }) => {
  allowed.push(/404/);
  const link = await switchboard('login-link', '--email', `${unique('person')}@example.com`, '--workspace', unique('journey'));
  const found: string[] = [];
  for (const path of ['/login', '/login?refused=1', '/login?signed_out=1', link, '/no-such-page']) {
    await visit(page, path);
    found.push(...(await findings(page, path)));
  }
  expect(found).toEqual([]);
});

test('an empty workspace can be read and used by everyone', async ({ page, allowed }) => {
  allowed.push(/404/);
  const { workspace } = await signIn(page);
  const found: string[] = [];
  for (const tail of ['', '/tasks', '/tasks?q=nothing', '/repositories', '/repositories/new', '/tasks/new', '/settings', '/tasks/7']) {
    await visit(page, `/w/${workspace}${tail}`);
    found.push(...(await findings(page, tail)));
  }
  expect(found).toEqual([]);
});

test('a workspace at work can be read and used by everyone', async ({ page }) => {
  const { workspace } = await signIn(page);
  const { id } = await addRepository(page, workspace, await gitRepository());
  const common = { repository: id, labels: ['one', 'two'], start: true };
  const script = 'echo out; echo err >&2; echo more >> README.md; echo new > made.txt';
  await addTask(page, workspace, { ...common, title: 'Done', script });
  await addTask(page, workspace, { ...common, title: 'Broken', priority: 'urgent', script: 'echo no >&2; false' });
  await addTask(page, workspace, { title: 'Not started', priority: 'low' });
  const found: string[] = [];
  const base = `/w/${workspace}`;
  for (const [number, word] of [[2, 'Failed'], [1, 'Completed'], [3, 'Draft']] as const) {
    await visit(page, `${base}/tasks/${number}`);
    await expect(status(page)).toHaveText(word);
    for (const name of ['Log', 'Changes', 'Details'] as const) {
      await panel(page, name);
      // Where all panels show at once, one look is enough.
      if (name === 'Log' || page.url().includes('panel=')) found.push(...(await findings(page, `room ${number}, ${name}`)));
    }
  }
  for (const tail of ['', '/tasks', '/tasks?view=list', '/repositories', `/repositories/${id}`]) {
    await visit(page, `${base}${tail}`);
    found.push(...(await findings(page, tail)));
  }
  for (const [key, name] of [['c', 'New task'], ['?', 'Keyboard']] as const) {
    await page.keyboard.press(key);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    found.push(...(await findings(page, name)));
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  expect(found).toEqual([]);
});

test('what opens over a page can be read and used by everyone', async ({ page }) => {
  const { workspace } = await signIn(page);
  await addTask(page, workspace, { title: 'Chosen', labels: ['one'] });
  const template = await post<{ id: string }>(page, workspace, '/templates', { name: 'Nightly', title: 'Update' });
  await post(page, workspace, '/schedules', { name: 'Every night', template_id: template.id, cron: '30 3 * * *' });
  const found: string[] = [];
  await visit(page, `/w/${workspace}/tasks?label=one`);
  await page.locator('.hands[data-listening]').waitFor({ state: 'attached' });
  const card = page.locator('.task-card');
  for (const part of ['Actions', /^Priority/, /^Assignee/]) {
    await card.getByRole('button', { name: part }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    found.push(...(await findings(page, String(part))));
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
  await card.getByRole('button', { name: 'Actions' }).click();
  await page.getByRole('dialog').getByRole('button', { name: /^Select/ }).click();
  await expect(page.getByRole('region', { name: 'selected' })).toBeVisible();
  found.push(...(await findings(page, 'selected')));
  await visit(page, `/w/${workspace}/settings/schedules`);
  await page.locator('summary', { hasText: 'Every night' }).click();
  await page.getByText('Remove', { exact: true }).click();
  found.push(...(await findings(page, 'schedules')));
  expect(found).toEqual([]);
});
