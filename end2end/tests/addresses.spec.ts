import { addRepository, addTask, panel, status } from '../app.js';
import { expect, gitRepository, hydrated, signIn, test, unique, visit } from '../support.js';

const FILES = { 'kept.txt': 'one\ntwo\nthree\n', 'gone.txt': 'bye\n' };
const SCRIPT = "printf 'one\\nTWO\\nthree\\n' > kept.txt\nrm gone.txt\necho new > made.txt";

test('a diff is read file by file, and its address shows it again', async ({ page, open }) => {
  const { workspace } = await signIn(page);
  const { id } = await addRepository(page, workspace, await gitRepository(FILES));
  const { number } = await addTask(page, workspace, { title: 'Change', repository: id, script: SCRIPT, start: true });
  await visit(page, `/w/${workspace}/tasks/${number}`);
  await expect(status(page)).toHaveText('Completed');
  await panel(page, 'Changes');
  const other = await open();
  await signIn(other, { workspace });
  await visit(other, page.url());
  for (const reader of [page, other]) {
    const changes = reader.getByRole('region', { name: 'Changes', exact: true });
    await expect(changes.locator('header')).toContainText('+2 −2 · 3 files');
    const file = (path: string) => changes.locator('.diff-file').filter({ has: reader.locator('summary').getByText(path, { exact: true }) });
    await expect(file('kept.txt')).toContainText('modified');
    await expect(file('gone.txt')).toContainText('deleted');
    await expect(file('made.txt')).toContainText('added');
    const row = (text: string) => changes.getByRole('row').filter({ has: reader.getByText(text, { exact: true }) });
    await expect(row('two')).toContainText('−');
    await expect(row('TWO')).toContainText('+');
    await expect(row('bye')).toContainText('−');
    await expect(row('new')).toContainText('+');
    await expect(row('three')).not.toContainText(/[+−]/);
  }
});

test('every page can be loaded again', async ({ page }) => {
  const { workspace } = await signIn(page);
  const { id } = await addRepository(page, workspace, await gitRepository());
  const { number } = await addTask(page, workspace, { title: 'Stand still', script: 'true' });
  const base = `/w/${workspace}`;
  const pages: [string, RegExp, string | RegExp][] = [
    [base, /^Home · Switchboard$/, 'Home'],
    [`${base}/tasks`, /^Tasks · Switchboard$/, 'Tasks'],
    [`${base}/tasks?view=list&priority=normal&q=still`, /^Tasks · Switchboard$/, 'Tasks'],
    [`${base}/tasks/new`, /^New task · Switchboard$/, 'New task'],
    [`${base}/tasks/${number}?panel=details`, /Switchboard$/, /./],
    [`${base}/repositories`, /^Repositories · Switchboard$/, 'Repositories'],
    [`${base}/repositories/new`, /^Add repository · Switchboard$/, 'Add repository'],
    [`${base}/repositories/${id}`, /^Edit repository · Switchboard$/, 'Edit repository'],
    [`${base}/settings`, /^Settings · Switchboard$/, 'Settings'],
  ];
  for (const [path, title, heading] of pages) {
    for (const load of [() => page.goto(path), () => page.reload()]) {
      const answer = await load();
      expect(answer?.status(), path).toBe(200);
      await expect(page).toHaveURL(path);
      await expect(page).toHaveTitle(title);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
    }
  }
});

test('what is not there and what is not yours look alike', async ({ page, open, allowed }) => {
  allowed.push(/404/);
  const stranger = await open();
  const theirs = (await signIn(stranger)).workspace;
  const theirTask = await addTask(stranger, theirs, { title: 'Their secret' });
  const { workspace } = await signIn(page);
  const read = async (path: string) => {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.locator('body')).not.toContainText('secret');
    await hydrated(page);
    return [await page.title(), await page.locator('.page').innerText()];
  };
  await read(`/w/${workspace}/tasks/999`);
  await expect(page.getByRole('alert')).toContainText('There is no such task here.');
  await read(`/w/${workspace}/tasks/first`);
  await read(`/w/${workspace}/repositories/018f0000-0000-7000-8000-000000000001`);
  for (const tail of ['', '/tasks', `/tasks/${theirTask.number}`, '/repositories', '/settings']) {
    const [foreign, nowhere] = [await read(`/w/${theirs}${tail}`), await read(`/w/${unique('no')}${tail}`)];
    expect(foreign, tail).toEqual(nowhere);
    expect(foreign.join(), tail).toContain('No way in here');
  }
});
