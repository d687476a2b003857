// Notifications of what needs somebody: allowed by a press, shown only while the page is not in front.
import { addTask, live, status } from '../app.js';
import { expect, signIn, test, visit } from '../support.js';
import type { Page } from '@playwright/test';

interface Shown {
  title: string;
  body: string;
}

/** A browser whose notifications can be read: a headless one shows none. It is asked, and says yes. */
async function recorded(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const state = { shown: [] as object[], asked: 0, front: false };
    Object.assign(window, { recorded: state });
    class Recorder {
      static permission = localStorage.getItem('granted') ?? 'default';
      static async requestPermission() {
        state.asked += 1;
        localStorage.setItem('granted', 'granted');
        return (Recorder.permission = 'granted');
      }
      onclick: (() => void) | null = null;
      constructor(readonly title: string, readonly options: NotificationOptions) {
        state.shown.push(this);
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorder });
    document.hasFocus = () => state.front;
  });
}

function shown(page: Page): Promise<Shown[]> {
  return page.evaluate(() => {
    const { shown } = (window as unknown as { recorded: { shown: { title: string; options: { body: string } }[] } }).recorded;
    return shown.map(({ title, options }) => ({ title, body: options.body }));
  });
}

/** Waits until a task is over, by the API: the page is to do nothing meanwhile. */
async function ended(page: Page, workspace: string, number: number): Promise<void> {
  const origin = new URL(page.url()).origin;
  const read = async () => {
    const answer = await page.request.get(`${origin}/api/v1/tasks/${number}`, { headers: { 'x-workspace': workspace } });
    return ((await answer.json()) as { status: string }).status;
  };
  await expect.poll(read).toMatch(/completed|failed/);
}

test('what needs me is told once allowed, kind by kind, and leads to its task', async ({ page }) => {
  await recorded(page);
  const { workspace } = await signIn(page);
  await visit(page, `/w/${workspace}/settings`);
  await live(page);
  const section = page.getByRole('region', { name: 'Notifications' });
  await expect(section).toContainText('Off.');
  await addTask(page, workspace, { title: 'Before', script: 'true', start: true });
  expect(await page.evaluate(() => (window as unknown as { recorded: { asked: number } }).recorded.asked)).toBe(0);
  await section.getByRole('button', { name: 'Turn on' }).click();
  await expect(section).toContainText('On:');

  await addTask(page, workspace, { title: 'Good', script: 'true', start: true });
  const bad = await addTask(page, workspace, { title: 'Bad', script: 'false', start: true });
  await expect.poll(() => shown(page)).toContainEqual({ title: 'Your task has failed', body: `${bad.number} Bad` });
  await expect.poll(() => shown(page)).toContainEqual({ title: 'Your task has ended', body: `${bad.number - 1} Good` });

  await section.getByLabel('Your task has ended').uncheck();
  const muted = await addTask(page, workspace, { title: 'Muted', script: 'true', start: true });
  await ended(page, workspace, muted.number);
  const worse = await addTask(page, workspace, { title: 'Worse', script: 'false', start: true });
  const bodies = async () => (await shown(page)).map(({ body }) => body);
  await expect.poll(bodies).toContain(`${worse.number} Worse`);
  expect(await bodies()).not.toContain(`${muted.number} Muted`);

  await page.evaluate((body) => {
    const { shown } = (window as unknown as { recorded: { shown: { options: { body: string }; onclick: () => void }[] } }).recorded;
    shown.find(({ options }) => options.body === body)?.onclick();
  }, `${bad.number} Bad`);
  await expect(page).toHaveURL(`/w/${workspace}/tasks/${bad.number}`);
  await expect(status(page)).toHaveText('Failed');

  // It is still on after the page was loaded anew, and in front it says nothing.
  await visit(page, `/w/${workspace}/settings`);
  await live(page);
  await expect(section).toContainText('On:');
  const front = (now: boolean) =>
    page.evaluate((now) => ((window as unknown as { recorded: { front: boolean } }).recorded.front = now), now);
  await front(true);
  const seen = await addTask(page, workspace, { title: 'Seen', script: 'false', start: true });
  await ended(page, workspace, seen.number);
  await page.getByRole('navigation').getByRole('link', { name: 'Home' }).click();
  await expect(page.getByRole('main')).toContainText('Seen');
  await front(false);
  const unseen = await addTask(page, workspace, { title: 'Unseen', script: 'false', start: true });
  await expect.poll(bodies).toEqual([`${unseen.number} Unseen`]);
});
