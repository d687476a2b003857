import { live, pill } from '../app.js';
import { expect, hydrated, signIn, switchboard, test, unique, visit } from '../support.js';

test('a link signs in once, however often its page is opened', async ({ page, open }) => {
  const workspace = unique('journey');
  const link = await switchboard('login-link', '--email', `${unique('person')}@example.com`, '--workspace', workspace);
  const elsewhere = await open();
  for (const opened of [page, elsewhere, page]) {
    await opened.goto(link);
    await expect(opened.getByRole('heading', { level: 1 })).toHaveText('One more step');
  }
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`**/w/${workspace}`);
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Home');

  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await expect(elsewhere.getByRole('alert')).toContainText('This link doesn’t work any more'.replace('’', "'"));
  await expect(elsewhere.getByRole('alert')).toContainText('Ask for a new one');
  await elsewhere.goto(`/w/${workspace}/tasks`);
  await expect(elsewhere).toHaveURL(/\/login\?return_to=/);
});

test('who signs out is out, and is told', async ({ page }) => {
  const { workspace, email } = await signIn(page);
  await visit(page, `/w/${workspace}/settings`);
  await expect(page.getByRole('main')).toContainText(email);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await expect(page.getByRole('main')).toContainText('You are signed out.');
  await page.goto(`/w/${workspace}`);
  await expect(page).toHaveURL(/\/login\?return_to=/);
});

test('a page whose session ends elsewhere says so and stops knocking', async ({ page, context, allowed }) => {
  allowed.push(/401/, /WebSocket/);
  const { workspace } = await signIn(page);
  await visit(page, `/w/${workspace}`);
  await live(page);
  const elsewhere = await context.newPage();
  await visit(elsewhere, `/w/${workspace}/settings`);
  await elsewhere.getByRole('button', { name: 'Sign out' }).click();
  await expect(elsewhere).toHaveURL(/\/login/);
  await expect(pill(page)).toHaveText('Signed out', { timeout: 30_000 });
});
