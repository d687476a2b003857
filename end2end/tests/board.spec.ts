// A board with more tasks than anybody can see at once.
import { addTask, column, live, patch } from '../app.js';
import { enter, expect, signIn, test, visit } from '../support.js';
import type { Page } from '@playwright/test';

const MANY = 120;

/** Drafts `Task 1` to `Task {count}`, a few at a time. */
async function drafts(page: Page, workspace: string, count: number): Promise<void> {
  for (let first = 1; first <= count; first += 10) {
    const titles = Array.from({ length: Math.min(10, count - first + 1) }, (_, index) => `Task ${first + index}`);
    await Promise.all(titles.map((title) => addTask(page, workspace, { title })));
  }
}

test('only the cards in sight are drawn, and the others come as one scrolls', async ({ page }) => {
  const { workspace } = await signIn(page);
  await drafts(page, workspace, MANY);
  await visit(page, `/w/${workspace}/tasks`);
  const draft = column(page, 'Draft');
  await expect(draft.locator('header .n')).toHaveText(String(MANY));
  const cards = draft.getByRole('listitem');
  await expect.poll(() => cards.count()).toBeLessThan(30);
  const first = await cards.first().getByRole('link').textContent();
  const seen = new Set<string>();
  for (let turn = 0; turn < 200 && seen.size < MANY; turn += 1) {
    for (const title of await cards.locator('h3').allTextContents()) seen.add(title);
    expect(await cards.count(), 'what is out of sight is not drawn').toBeLessThan(40);
    await draft.locator('.windowed').evaluate((view) => view.scrollBy(0, view.clientHeight));
    // The next frame draws what has come near.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  expect(seen.size, 'every card was drawn once').toBe(MANY);
  await draft.locator('.windowed').evaluate((view) => view.scrollTo(0, 0));
  await expect(cards.first().getByRole('link')).toHaveText(first ?? '');
});

test('a change of one card leaves the others as they are', async ({ page }) => {
  const { workspace } = await signIn(page);
  const [one] = [await addTask(page, workspace, { title: 'One' }), await addTask(page, workspace, { title: 'Two' })];
  await visit(page, `/w/${workspace}/tasks`);
  await live(page);
  const cards = column(page, 'Draft').getByRole('listitem');
  await expect(cards).toHaveCount(2);
  for (const card of await cards.all()) await card.evaluate((element) => element.setAttribute('data-kept', ''));
  await patch(page, workspace, `/tasks/${one.id}`, { title: 'One, renamed', labels: ['web'] });
  await expect(cards.filter({ hasText: 'One, renamed' })).toContainText('web');
  await expect(page.locator('li[data-kept]')).toHaveCount(2);
});

test('what is gone in a change too large to be told is gone from the board', async ({ page }) => {
  const { workspace } = await signIn(page);
  const { id } = await addTask(page, workspace, { title: 'Goes' });
  await addTask(page, workspace, { title: 'Stays' });
  // As the server does with more than 500 changes at once: it says only that there are some.
  await page.routeWebSocket(/\/api\/v1\/events/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => {
      const { type, op, seq } = JSON.parse(String(text)) as { type: string; op?: string; seq?: number };
      const gone = type === 'task_event' && op === 'delete';
      socket.send(gone ? JSON.stringify({ type: 'bulk', entity: 'task', from: seq, through: seq }) : text);
    });
  });
  await visit(page, `/w/${workspace}/tasks`);
  await live(page);
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(2);
  const origin = new URL(page.url()).origin;
  await page.request.delete(`${origin}/api/v1/tasks/${id}`, { headers: { origin, 'x-workspace': workspace } });
  await expect(column(page, 'Draft').getByRole('listitem')).toHaveCount(1);
  await expect(column(page, 'Draft').locator('h3')).toHaveText('Stays');
});

test('without script a column leads to all of it, page by page', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const { workspace } = await enter(page);
  await drafts(page, workspace, 60);
  await page.goto(`/w/${workspace}/tasks`);
  const draft = column(page, 'Draft');
  await expect(draft.locator('header .n')).toHaveText('60');
  await expect(draft.getByRole('listitem')).toHaveCount(20);
  await draft.getByRole('link', { name: 'Show all 60' }).click();
  const lines = page.locator('.task-list > ol > li');
  await expect(lines).toHaveCount(50);
  await page.getByRole('link', { name: 'Show more' }).click();
  await expect(lines).toHaveCount(10);
  await context.close();
});

test('a phone begins with the first column that has work, and leads to the others', async ({ page, isMobile }) => {
  test.skip(!isMobile, 'a desktop shows all columns');
  const { workspace } = await signIn(page);
  const { id } = await addTask(page, workspace, { title: 'Over', script: 'true', start: true });
  await expect
    .poll(async () => (await (await page.request.get(`/api/v1/tasks/${id}`, { headers: { 'x-workspace': workspace } })).json()).status)
    .toBe('completed');
  await visit(page, `/w/${workspace}/tasks`);
  await expect(column(page, 'Done').getByRole('listitem')).toBeInViewport();
  const switcher = page.getByRole('navigation', { name: 'Columns' });
  await expect(switcher.getByRole('link', { name: 'Draft' })).toHaveCount(0);
  await expect(switcher.getByRole('link', { name: 'Done 1' })).toHaveAttribute('aria-current', 'true');
  await switcher.getByRole('link', { name: 'Queued' }).click();
  await expect(column(page, 'Queued')).toBeInViewport();
  await expect(switcher.getByRole('link', { name: 'Queued' })).toHaveAttribute('aria-current', 'true');
});
