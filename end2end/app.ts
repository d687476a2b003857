// What journeys say about the app: its pages, its log, and what they prepare through the API.
import { expect, type Locator, type Page } from '@playwright/test';

export interface Task {
  id: string;
  number: number;
}

/** What a journey prepares by the API as the person signed in, so that it can begin where it is about. */
export async function post<Answer>(page: Page, workspace: string, path: string, data: object = {}): Promise<Answer> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.post(`${origin}/api/v1${path}`, {
    data,
    headers: { origin, 'x-workspace': workspace },
  });
  expect(answer.ok(), `POST ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
  return (await answer.json()) as Answer;
}

/** What somebody else changes meanwhile, by the API as the person signed in. */
export async function patch(page: Page, workspace: string, path: string, data: object): Promise<void> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.patch(`${origin}/api/v1${path}`, {
    data,
    headers: { origin, 'x-workspace': workspace },
  });
  expect(answer.ok(), `PATCH ${path}: ${answer.status()} ${await answer.text()}`).toBe(true);
}

/** Adds a repository by its path. */
export function addRepository(page: Page, workspace: string, url: string): Promise<{ id: string; name: string }> {
  return post(page, workspace, '/repositories', { url });
}

/** Adds a task; `start: true` queues it. */
export function addTask(page: Page, workspace: string, task: object): Promise<Task> {
  return post(page, workspace, '/tasks', task);
}

/** Waits until the page says that it is live. */
export async function live(page: Page): Promise<void> {
  await expect(pill(page)).toHaveText('Live');
}

/** Waits until the other pages' code is there too, so that nothing is fetched when the network goes. */
export async function fetched(page: Page): Promise<void> {
  await page.locator('html[data-fetched]').waitFor({ state: 'attached' });
}

/** What the page says about its connection. */
export function pill(page: Page): Locator {
  return page.locator('.live-pill:visible');
}

/** A column of the board. */
export function column(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

/** Scrolls a long list until a row of it is drawn and in sight: only those near the sight are. */
export async function scrollTo(view: Locator, row: Locator): Promise<void> {
  for (let turn = 0; turn < 200 && (await row.count()) === 0; turn += 1) {
    await view.evaluate(async (box) => {
      box.scrollBy(0, box.clientHeight / 2);
      // The next frame draws what has come near.
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    });
  }
  await row.scrollIntoViewIfNeeded();
}

/** The status that the room shows beside the title. */
export function status(page: Page): Locator {
  return page.locator('.room-head .facts .badge').first();
}

/** Goes to a panel of the room where only one has room. */
export async function panel(page: Page, name: 'Log' | 'Changes' | 'Details'): Promise<void> {
  const way = page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name });
  if (!(await way.isVisible())) return;
  await way.click();
  await expect(way).toHaveAttribute('aria-current', 'true');
}

/**
 * What the execution has printed, line by line, as the room shows it. Only rows in sight are drawn, so the log is gone
 * through from its top to its end, where it follows again.
 */
export async function printed(page: Page): Promise<string[]> {
  const rows = await page.locator('.log').evaluate(async (log) => {
    const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const found = new Map<number, string>();
    for (let top = 0; ; top += Math.max(log.clientHeight / 2, 40)) {
      log.scrollTop = top;
      await drawn();
      for (const row of log.querySelectorAll('.log-row:is([data-kind="stdout"], [data-kind="stderr"])')) {
        found.set(Number(row.id.slice(1)), row.querySelector('.text')?.textContent ?? '');
      }
      if (top + log.clientHeight >= log.scrollHeight) break;
    }
    log.scrollTop = log.scrollHeight;
    return [...found];
  });
  return rows.sort(([one], [other]) => one - other).map(([, line]) => line.trim());
}

/** The lines that `counting(to)` prints. */
export function counted(to: number): string[] {
  return Array.from({ length: to }, (_, index) => `line ${index + 1} of ${to}`);
}

/** Commands that print a line every so many seconds: something to watch. */
export function counting(to: number, seconds: number): string {
  return `for i in $(seq 1 ${to}); do echo "line $i of ${to}"; sleep ${seconds}; done`;
}

/** Marks the page; the function it gives fails if the page was loaded anew since. */
export async function unreloaded(page: Page): Promise<() => Promise<void>> {
  await page.evaluate(() => document.documentElement.setAttribute('data-kept', ''));
  return async () => {
    await expect(page.locator('html'), 'the page was loaded anew').toHaveAttribute('data-kept', '');
  };
}
