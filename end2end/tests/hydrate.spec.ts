import AxeBuilder from '@axe-core/playwright';
import { expect, hydrated, test } from '../support.js';

test('the first page is rendered by the server and taken over by the browser', async ({ page }) => {
  const answer = await page.goto('/');
  expect(answer?.status()).toBe(200);
  expect(await answer?.text()).toContain('<main');
  await hydrated(page);
  await expect(page.getByRole('main')).toBeVisible();
});

test('the first page can be read by everyone', async ({ page }) => {
  await page.goto('/');
  await hydrated(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((violation) => `${violation.id}: ${violation.help}`)).toEqual([]);
});

test('a page that does not exist says so and is taken over too', async ({ page, allowed }) => {
  allowed.push(/404/);
  const answer = await page.goto('/no-such-page');
  expect(answer?.status()).toBe(404);
  await hydrated(page);
});

test('script, wasm and style come compressed and under names that change with them', async ({ page, request }) => {
  const html = await (await request.get('/')).text();
  const files = html.match(/\/pkg\/[\w.-]+\.(?:js|wasm|css)/g) ?? [];
  expect(new Set(files.map((file) => file.split('.').pop()))).toEqual(new Set(['js', 'wasm', 'css']));
  for (const file of new Set(files)) {
    expect(file).toMatch(/\.[\w-]{22}\./);
    const answer = await page.request.get(file, { headers: { 'accept-encoding': 'br' } });
    expect(answer.status(), file).toBe(200);
    expect(answer.headers()['content-encoding'], file).toBe('br');
  }
});
