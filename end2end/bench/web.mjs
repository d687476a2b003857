// The board as a phone loads it, by Lighthouse, and as somebody uses it with 500 cards; prints both as JSON.
// `./dev bench web` starts it with the address of a server of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse from 'lighthouse';
import { chromium, devices } from '@playwright/test';

const CARDS = 500;
const RUNS = 5;
const WORKSPACE = 'bench';
const url = process.env.BASE_URL;
const board = `${url}/w/${WORKSPACE}/tasks`;
const cli = (...args) => execFileSync(process.env.SWITCHBOARD_BIN, args, { encoding: 'utf8' }).trim();

const profile = mkdtempSync(join(tmpdir(), 'switchboard-bench-'));
const port = await freePort();
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', `--remote-debugging-port=${port}`],
});
try {
  const page = await context.newPage();
  await page.goto(cli('login-link', '--email', 'bench@example.com', '--workspace', WORKSPACE));
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(new RegExp(`/w/${WORKSPACE}(/|$)`));
  await seed(page, 100);
  await page.close();
  const scores = await score();
  const rest = await context.newPage();
  await rest.goto(board);
  await seed(rest, CARDS - 100);
  const used = await use(await context.storageState());
  console.log(JSON.stringify({ ...scores, ...used }));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}

/** Tasks as people have them. */
async function seed(page, count) {
  const headers = { origin: new URL(url).origin, 'x-workspace': WORKSPACE };
  for (let number = 0; number < count; number += 1) {
    const data = { title: `Mend what customer ${number} wrote about`, labels: ['bug', 'web'], script: 'make test' };
    const made = await page.request.post(`${url}/api/v1/tasks`, { data, headers });
    if (!made.ok()) throw new Error(await made.text());
  }
}

/** Lighthouse's own phone and its slow network, signed in. The run in the middle counts, as Lighthouse advises. */
async function score() {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const said = await lighthouse(board, {
      port,
      // A phone that was never here, but is signed in: everything goes but the cookies.
      clearStorageTypes: ['cache_storage', 'file_systems', 'service_workers', 'shader_cache'],
      onlyCategories: ['performance', 'accessibility'],
      logLevel: 'error',
    });
    runs.push(said.lhr);
  }
  runs.sort((one, other) => one.categories.performance.score - other.categories.performance.score);
  const { categories, audits } = runs[Math.floor(RUNS / 2)];
  const wrong = Object.values(audits).filter(
    (audit) => audit.score === 0 && categories.accessibility.auditRefs.some((ref) => ref.id === audit.id && ref.weight),
  );
  for (const audit of wrong) console.error(`accessibility: ${audit.id}: ${audit.title}`);
  return {
    performance: categories.performance.score * 100,
    accessibility: categories.accessibility.score * 100,
    firstPaint: audits['first-contentful-paint'].numericValue,
    largestPaint: audits['largest-contentful-paint'].numericValue,
    blocked: audits['total-blocking-time'].numericValue,
    shift: audits['cumulative-layout-shift'].numericValue,
    kilobytes: audits['total-byte-weight'].numericValue / 1024,
  };
}

/** What a person does on the board, each from the touch or key to the next picture, as the browser itself times it. */
async function use(storageState) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  try {
    const phone = await browser.newContext({ ...devices['Pixel 7'], storageState });
    const page = await phone.newPage();
    await page.addInitScript(() => {
      window.interactions = new Map();
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          if (!entry.interactionId) continue;
          const known = window.interactions.get(entry.interactionId) ?? 0;
          window.interactions.set(entry.interactionId, Math.max(known, entry.duration));
        }
      }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    });
    await page.goto(board);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    await page.locator('.live-pill:visible', { hasText: 'Live' }).waitFor();
    let count = 0;
    const search = page.getByRole('searchbox').first();
    for (const word of ['customer', 'wrote 12', 'mend', '']) {
      await search.tap();
      await search.fill('');
      for (const letter of word) {
        await page.keyboard.press(letter === ' ' ? 'Space' : letter);
        count += 1;
      }
      await page.locator('.task-card').first().waitFor();
      count += 1;
    }
    for (let turn = 0; turn < 20; turn += 1) {
      await page.locator('.task-card a').nth(turn % 5).tap();
      await page.locator('.room-head').waitFor();
      await page.goBack();
      await page.locator('.task-card').first().waitFor();
      count += 1;
    }
    await page.waitForTimeout(500);
    const slow = await page.evaluate(() => [...window.interactions.values()]);
    // The browser tells only of those that took a frame or more: the others were faster than that.
    const all = [...slow, ...Array(Math.max(0, count - slow.length)).fill(16)].sort((one, other) => one - other);
    return { interactions: all.length, p50: all[Math.floor(all.length / 2)], p95: all[Math.floor(all.length * 0.95)] };
  } finally {
    await browser.close();
  }
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer().on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
