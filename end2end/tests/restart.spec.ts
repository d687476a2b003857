import { addTask, counted, counting, fetched, live, pill, printed, status, unreloaded } from '../app.js';
import { Server } from '../server.js';
import { expect, hydrated, signIn, test, visit } from '../support.js';

test('a room outlives its server: every line is there once', async ({ page, allowed }) => {
  test.setTimeout(120_000);
  // While nobody listens, the browser itself says so.
  allowed.push(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection/);
  const server = await Server.prepare();
  try {
    await server.start();
    const { workspace } = await signIn(page, {}, server.environment);
    const { number } = await addTask(page, workspace, { title: 'Outlive', script: counting(60, 0.25), start: true });
    await visit(page, `${server.url}/w/${workspace}/tasks/${number}`);
    await live(page);
    await fetched(page);
    const same = await unreloaded(page);
    await expect(page.getByRole('log')).toContainText('line 4 of 60');
    await server.kill();
    await expect(pill(page)).toHaveText(/Reconnecting|Offline/);
    await server.start();
    await live(page);
    await expect(status(page)).toHaveText('Completed', { timeout: 60_000 });
    await expect.poll(() => printed(page)).toEqual(counted(60));
    await same();
    await page.reload();
    await hydrated(page);
    await expect.poll(() => printed(page)).toEqual(counted(60));
    // Nothing of the page may ask for anything when the server is gone.
    await page.goto('about:blank');
  } finally {
    await server.remove();
  }
});
