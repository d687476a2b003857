// What every journey needs: a page that is watched for errors, a workspace of its own, a way to sign in.
// It starts nothing: `./dev e2e` has started the server and says where it is.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';

const run = promisify(execFile);

/** A setting that `./dev e2e` gives. */
export function needed(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the journeys with ./dev e2e`);
  return value;
}

/** Runs `switchboard` with the settings of the server under test and gives what it prints. */
export function switchboard(...args: string[]): Promise<string> {
  return command(args, process.env);
}

async function command(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(needed('SWITCHBOARD_BIN'), args, { timeout: 30_000, env });
  return stdout.trim();
}

/** The folder that the server takes local repositories from. */
export function repositoryRoot(): string {
  return needed('SWITCHBOARD_REPOSITORY_ROOTS');
}

/** A name that no other test has: workers share one database. */
export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`;
}

export interface Person {
  email: string;
  /** The slug of the workspace. */
  workspace: string;
}

/** Signs a person in through the page that the link opens; both are made where they don't exist. */
export async function signIn(page: Page, who: Partial<Person> = {}, env = process.env): Promise<Person> {
  const person = await enter(page, who, env);
  await hydrated(page);
  return person;
}

/** The same for a browser without script. */
export async function enter(
  page: Page,
  { workspace = unique('journey'), email = `${unique('person')}@example.com` }: Partial<Person> = {},
  env = process.env,
): Promise<Person> {
  const link = await command(['login-link', '--email', email, '--workspace', workspace], env);
  await page.goto(link);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(new RegExp(`/w/${workspace}(/|$)`));
  return { email, workspace };
}

/** Opens a page of the app and waits until it is the browser's. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/** An API key of a workspace, for what a program does beside the browser. */
export async function apiKey(workspace: string, name = unique('key')): Promise<string> {
  return switchboard('key', 'create', '--workspace', workspace, '--name', name);
}

/** Waits until the browser has taken the page over: from then on clicks are the app's. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

/** A git repository with one commit, where the server may read it. */
export async function gitRepository(
  files: Record<string, string> = { 'README.md': '# A repository\n' },
): Promise<string> {
  const folder = await mkdtemp(join(repositoryRoot(), 'repository-'));
  const git = (...args: string[]) => run('git', ['-C', folder, ...args], { timeout: 30_000 });
  await git('init', '--quiet', '--initial-branch', 'main');
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await git('add', '--all');
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await git(...author, 'commit', '--quiet', '--message', 'First');
  return folder;
}

/** What a page may say although all is well, by test: `allowed.push(/409/)`; and further browsers beside `page`. */
interface Watch {
  allowed: RegExp[];
  errors: string[];
  /** Opens a browser of somebody else's, with cookies of its own, watched like `page`. */
  open: () => Promise<Page>;
}

/** Notes what a page says on its console, what it throws, and what its policy refuses. */
async function watch(page: Page, errors: string[]): Promise<void> {
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.effectiveDirective} refuses ${event.blockedURI} (${event.sample})`);
    });
  });
}

/** A test whose pages must say no error on their console and throw none. */
export const test = base.extend<Watch>({
  allowed: async ({}, use) => use([]),
  errors: async ({ allowed }, use) => {
    const errors: string[] = [];
    await use(errors);
    const unexpected = errors.filter((error) => !allowed.some((pattern) => pattern.test(error)));
    expect(unexpected, 'errors on the console of the page').toEqual([]);
  },
  page: async ({ page, errors }, use) => {
    await watch(page, errors);
    await use(page);
  },
  open: async ({ browser, errors }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      const page = await context.newPage();
      await watch(page, errors);
      return page;
    });
    for (const context of contexts) await context.close();
  },
});

export { expect };
