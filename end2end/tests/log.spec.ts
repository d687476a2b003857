import { addTask, live, panel, status } from '../app.js';
import { enter, expect, signIn, test, visit } from '../support.js';
import type { Locator, Page } from '@playwright/test';

/** So many lines that no page holds them all. */
const MANY = 300_000;
const SCRIPT = `printf 'first \\033[1;31mred\\033[0m\\n'\nseq -f 'line %.0f of ${MANY}' ${MANY}\nprintf '10 %%\\r99 %%\\rdone\\n'`;

/** A task that has printed all of it. */
async function printed(page: Page, workspace: string): Promise<string> {
  await addTask(page, workspace, { title: 'Prints much', script: SCRIPT, start: true });
  const path = `/w/${workspace}/tasks/1`;
  await visit(page, path);
  await expect(status(page)).toHaveText('Completed', { timeout: 60_000 });
  return path;
}

/** Whether a row stands inside the log's own box, wherever that is on the page. */
async function inSight(page: Page, text: string): Promise<void> {
  await expect(async () => {
    const [inner, outer] = [await row(page, text).first().boundingBox(), await page.getByRole('log').boundingBox()];
    if (!inner || !outer) throw new Error(`${text} is not drawn`);
    expect(inner.y).toBeGreaterThanOrEqual(outer.y - 20);
    expect(inner.y + inner.height).toBeLessThanOrEqual(outer.y + outer.height + 20);
  }).toPass({ timeout: 15_000 });
}

function row(page: Page, text: string): Locator {
  return page.locator('.log-row .text', { hasText: new RegExp(`^\\s*(\\$ )?${text}\\s*$`) });
}

test('a log of any length is walked by scrolling, keys, search and address', async ({ page, open }) => {
  test.setTimeout(180_000);
  const { workspace } = await signIn(page);
  const path = await printed(page, workspace);
  await visit(page, path);
  await panel(page, 'Log');
  const log = page.getByRole('log');
  await inSight(page, `line ${MANY} of ${MANY}`);
  expect(await page.locator('.log-row').count(), 'only what is near is drawn').toBeLessThan(500);
  await expect(row(page, 'done')).toHaveCount(1);
  await expect(page.locator('.log-row[data-kind="stdout"]', { hasText: '99 %' })).toHaveCount(0);

  await log.evaluate((box) => box.scrollTo(0, box.scrollHeight / 2));
  const middle = page.locator('.log-row[data-kind="stdout"]').first();
  await expect(middle).toContainText(/^\d+\s*line 1[45]\d{4} of/);
  await log.evaluate((box) => box.scrollTo(0, 0));
  await inSight(page, `line 1 of ${MANY}`);
  await expect(page.locator('.log-row .f1.bold')).toHaveText('red');

  await page.keyboard.press('G');
  await inSight(page, `line ${MANY} of ${MANY}`);
  await page.keyboard.press('g');
  await page.keyboard.press('g');
  await inSight(page, `line 1 of ${MANY}`);

  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Search the log' });
  await expect(field).toBeFocused();
  await field.fill('LINE 21234');
  await page.keyboard.press('Enter');
  await inSight(page, `line 21234 of ${MANY}`);
  await expect(page.locator('.log-find .count')).toHaveText('1 / 11');
  await expect(page.locator('.log-row[data-marked] mark')).toHaveText('line 21234');
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await inSight(page, `line 212340 of ${MANY}`);
  await page.keyboard.press('N');
  await inSight(page, `line 21234 of ${MANY}`);

  await page.locator('.log-row[data-marked] .no').click();
  const address = page.url();
  expect(address).toMatch(/#L\d+$/);
  const other = await open();
  await signIn(other, { workspace });
  await other.goto(address);
  await inSight(other, `line 21234 of ${MANY}`);
  await expect(other.locator('.log-row[data-marked]')).toContainText('line 21234 of');
});

test('commands fold, and a download has every byte', async ({ page }) => {
  test.setTimeout(180_000);
  const { workspace } = await signIn(page);
  const path = await printed(page, workspace);
  await visit(page, path);
  await panel(page, 'Log');
  await page.getByRole('button', { name: 'Fold commands' }).click();
  const command = page.locator('.log-row[data-kind="command"]', { hasText: 'seq -f' });
  const after = page.locator('.log-row[data-kind="command"]:has-text("seq -f") + .log-row');
  const number = async (of: Locator) => Number(await of.locator('.no').textContent());
  const apart = async () => (await number(after)) - (await number(command));
  await expect.poll(apart).toBeGreaterThan(1);
  await command.getByRole('button').click();
  await expect.poll(apart).toBe(1);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const stream = await (await download).createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  const lines = Array.from({ length: MANY }, (_, index) => `line ${index + 1} of ${MANY}\n`).join('');
  expect(Buffer.concat(parts).toString()).toBe(`first \x1b[1;31mred\x1b[0m\n${lines}10 %\r99 %\rdone\n`);
});

test('a log that grows is followed, and left alone while somebody reads', async ({ page }) => {
  const { workspace } = await signIn(page);
  const script = `seq 1 2000\nfor step in 1 2 3 4 5 6 7 8; do sleep 1.5; seq -f "step $step.%.0f" 400; done`;
  await addTask(page, workspace, { title: 'Grows', script, start: true });
  await visit(page, `/w/${workspace}/tasks/1`);
  await live(page);
  await panel(page, 'Log');
  await inSight(page, 'step \\d\\.400');
  const log = page.getByRole('log');
  await log.evaluate((box) => box.scrollTo(0, 0));
  await inSight(page, '5');
  await expect(status(page)).toHaveText('Completed');
  await inSight(page, '5');
  await page.getByRole('button', { name: 'Jump to the end' }).click();
  await inSight(page, 'step 8.400');
  await page.reload();
  await inSight(page, 'step 8.400');
});

test.describe('without script', () => {
  test.use({ javaScriptEnabled: false });

  test('a long log is read page by page', async ({ page }) => {
    const { workspace } = await enter(page);
    await addTask(page, workspace, { title: 'Long', script: 'seq -f "line %.0f" 3000', start: true });
    const path = `/w/${workspace}/tasks/1`;
    await expect(async () => {
      await page.goto(path);
      expect((await status(page).textContent())?.trim()).toBe('Completed');
    }).toPass({ timeout: 30_000 });
    await expect(row(page, 'line 3000')).toHaveCount(1);
    await page.getByRole('link', { name: 'First lines' }).click();
    await expect(row(page, 'line 1')).toHaveCount(1);
    await expect(row(page, 'line 3000')).toHaveCount(0);
    await page.getByRole('link', { name: 'Later' }).click();
    await expect(row(page, 'line 600')).toHaveCount(1);
  });
});
