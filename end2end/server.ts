// A server of a test's own, for what no other test may live through: being killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needed } from './support.js';

const READY_WITHIN = 60_000;

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** `switchboard serve` on ports and a data folder of its own, both kept over its lives. */
export class Server {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly opsPort: number,
  ) {}

  /** Prepares one; nothing runs yet. */
  static async prepare(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-journey-'));
    // The managed PostgreSQL runs as another user when we are root: it must be able to pass through.
    await chmod(folder, 0o755);
    return new Server(folder, await freePort(), await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The settings of this server, for the commands beside it. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, SWITCHBOARD_DATA: join(this.folder, 'data'), SWITCHBOARD_URL: this.url };
  }

  /** Starts it and waits until it is ready. */
  async start(): Promise<void> {
    const log = await open(join(this.folder, 'server.log'), 'a');
    const addresses = ['--addr', `127.0.0.1:${this.port}`, '--ops-addr', `127.0.0.1:${this.opsPort}`];
    const started = spawn(needed('SWITCHBOARD_BIN'), ['serve', ...addresses], {
      env: this.environment,
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    this.process = started;
    const until = Date.now() + READY_WITHIN;
    while (!(await this.isReady())) {
      if (started.exitCode !== null || Date.now() > until) {
        throw new Error(`the server was not ready; its log: ${this.folder}/server.log`);
      }
      await new Promise((later) => setTimeout(later, 50));
    }
  }

  /** Kills it as a crash would, and waits until it is gone. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Ends it and removes what it kept. */
  async remove(): Promise<void> {
    await this.end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const ending = this.process;
    this.process = undefined;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    await gone;
  }

  private async isReady(): Promise<boolean> {
    return fetch(`${this.url}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}
