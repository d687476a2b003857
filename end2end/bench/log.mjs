// Opens the room of an execution that printed a million lines, scrolls through it, and prints what that took as JSON.
// `./dev bench log` starts it with the address of a server of its own.
import { execFileSync } from 'node:child_process';
import { chromium } from '@playwright/test';

const LINES = 1_000_000;
const WORKSPACE = 'bench';
const url = process.env.BASE_URL;
const cli = (...args) => execFileSync(process.env.SWITCHBOARD_BIN, args, { encoding: 'utf8' }).trim();

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(cli('login-link', '--email', 'bench@example.com', '--workspace', WORKSPACE));
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(new RegExp(`/w/${WORKSPACE}(/|$)`));
  await seed(page);
  const opened = await open(context);
  console.log(JSON.stringify({ ...opened, lines: LINES }));
} finally {
  await browser.close();
}

/** Runs a task that prints all of it, as tasks do. */
async function seed(page) {
  const headers = { origin: new URL(url).origin, 'x-workspace': WORKSPACE };
  const script = `seq -f 'line %.0f: all work and no play' ${LINES}`;
  const made = await page.request.post(`${url}/api/v1/tasks`, { data: { title: 'Prints', script, start: true }, headers });
  if (!made.ok()) throw new Error(await made.text());
  const until = Date.now() + 300_000;
  for (;;) {
    const task = await (await page.request.get(`${url}/api/v1/tasks/1`, { headers })).json();
    if (task.status === 'completed') return;
    if (task.status === 'failed' || Date.now() > until) throw new Error(`the task is ${task.status}`);
    await new Promise((later) => setTimeout(later, 500));
  }
}

/** A page of its own, measured from the request on. */
async function open(context) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.longTasks.push({ start: entry.startTime, ms: entry.duration });
    }).observe({ type: 'longtask', buffered: true });
  });
  const begun = performance.now();
  await page.goto(`${url}/w/${WORKSPACE}/tasks/1`, { waitUntil: 'commit' });
  await page.locator('.log-row', { hasText: `line ${LINES}:` }).waitFor();
  const rows = performance.now() - begun;
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  const live = performance.now() - begun;
  await page.waitForTimeout(3_000);
  const scrolled = await page.evaluate(walk);
  return { rows, live, ...scrolled };
}

/** By wheel near the end, then by jumps over all of it, as somebody drags the scrollbar. */
async function walk() {
  const box = document.querySelector('.log');
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const begun = performance.now();
  for (let step = 0; step < 300; step += 1) {
    box.scrollTop -= 120;
    await frame();
  }
  const waits = [];
  for (let step = 1; step <= 40; step += 1) {
    box.scrollTop = (box.scrollHeight * step) / 41;
    const from = performance.now();
    for (;;) {
      await frame();
      const view = box.getBoundingClientRect();
      const seen = [...box.querySelectorAll('.log-row')].filter((row) => {
        const place = row.getBoundingClientRect();
        return place.bottom > view.top && place.top < view.bottom;
      });
      if (seen.length > 10 && seen.every((row) => row.dataset.kind !== 'loading')) break;
      if (performance.now() - from > 10_000) throw new Error(`nothing is drawn at ${box.scrollTop}`);
    }
    waits.push(performance.now() - from);
  }
  await new Promise((done) => setTimeout(done, 200));
  waits.sort((one, other) => one - other);
  const long = window.longTasks.filter((task) => task.start >= begun).map((task) => task.ms);
  return {
    longest: Math.max(0, ...long),
    drawn: document.querySelectorAll('.log-row').length,
    jump: waits[Math.floor(waits.length / 2)],
    slowest: waits.at(-1),
  };
}
