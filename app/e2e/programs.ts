import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The real relay and the real `harp`, as they are built. Nothing is built here. */

/** The folder that the build has filled. */
const TARGET = process.env.HARP_TARGET ?? '../target';
const JAVA = process.env.JAVA_HOME === undefined ? 'java' : join(process.env.JAVA_HOME, 'bin', 'java');
const START_MS = 60_000;

function jarOf(folder: string): string | undefined {
  const at = join(TARGET, folder);
  const name = existsSync(at) ? readdirSync(at).find((file) => /^harp-relay-.*\.jar$/.test(file)) : undefined;
  return name === undefined ? undefined : join(at, name);
}

/** Why the tests cannot run here, if they cannot. */
export const PROGRAMS_MISSING =
  jarOf('relay') !== undefined && jarOf('harp') !== undefined ? undefined : `no relay is built in ${TARGET}`;

/** A program whose output is kept, and can be waited for. */
export class Program {
  readonly process: ChildProcess;
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;
  private text = '';
  private answer = '';
  private readonly waiting = new Set<() => void>();

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.process = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    this.process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.answer += chunk;
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.text += chunk;
        this.look();
      });
    }
    this.ended = new Promise((resolve) => {
      this.process.on('close', (code) => {
        resolve(code ?? -1);
        this.look();
      });
    });
  }

  /** Everything it has written so far, to either stream. */
  get output(): string {
    return this.text;
  }

  /** What it has written to standard output so far, for a program to read. */
  get printed(): string {
    return this.answer;
  }

  /** The first match in the output, when it is there. */
  async find(pattern: RegExp, ms = START_MS): Promise<RegExpExecArray> {
    const found = await this.until(() => pattern.exec(this.text), ms);
    if (found === null) {
      throw new Error(`no ${pattern} within ${ms} ms in:\n${this.text.slice(-4_000)}`);
    }
    return found;
  }

  type(line: string): void {
    this.process.stdin?.write(`${line}\n`);
  }

  /** Types a line, and the end of the input. */
  typeAll(line: string): void {
    this.process.stdin?.end(`${line}\n`);
  }

  /** Ends it in order. One that does not end is killed, and that is an error. */
  async stop(): Promise<void> {
    this.process.stdin?.end();
    this.process.kill('SIGTERM');
    let killed = false;
    const timer = setTimeout(() => {
      killed = this.process.kill('SIGKILL');
    }, START_MS);
    await this.ended;
    clearTimeout(timer);
    if (killed) {
      throw new Error(`not ended ${START_MS} ms after SIGTERM:\n${this.text.slice(-4_000)}`);
    }
  }

  private until<T>(look: () => T | null, ms: number): Promise<T | null> {
    return new Promise((resolve) => {
      const finish = (result: T | null) => {
        clearTimeout(timer);
        this.waiting.delete(attempt);
        resolve(result);
      };
      const attempt = () => {
        const result = look();
        if (result !== null || this.process.exitCode !== null) {
          finish(result);
        }
      };
      const timer = setTimeout(() => finish(null), ms);
      this.waiting.add(attempt);
      attempt();
    });
  }

  private look(): void {
    for (const attempt of [...this.waiting]) {
      attempt();
    }
  }
}

/** A relay on a port of its own, which it keeps when it is started again. */
export class Relay {
  readonly url: string;
  private readonly env: NodeJS.ProcessEnv;
  private program: Program;

  private constructor(port: number, env: NodeJS.ProcessEnv, program: Program) {
    this.url = `http://localhost:${port}`;
    this.env = env;
    this.program = program;
  }

  /** @param options of the relay, by the names of docs/configure.md */
  static async start(options: { readonly [name: string]: string } = {}): Promise<Relay> {
    const port = Number(options.PORT ?? (await freePort()));
    const env = { HOST: '127.0.0.1', PORT: String(port), ADMIN_PORT: String(await freePort()), ...options };
    const relay = new Relay(port, env, run(env));
    try {
      await relay.ready();
    } catch (error) {
      await relay.kill();
      throw error;
    }
    return relay;
  }

  /** The page of the app, if the relay serves it. */
  get app(): string {
    return `${this.url}/app/`;
  }

  get log(): string {
    return this.program.output;
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<void> {
    this.program.process.kill('SIGKILL');
    await this.program.ended;
  }

  async startAgain(): Promise<void> {
    this.program = run(this.env);
    await this.ready();
  }

  private async ready(): Promise<void> {
    await this.program.find(/"event":"started"/);
  }
}

function run(env: NodeJS.ProcessEnv): Program {
  return new Program(JAVA, ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-jar', jarOf('relay') ?? ''], env);
}

/** An agent's machine: a folder of pairings, and `harp` with it. */
export class Agent {
  readonly home: string;
  private readonly seen: { readonly host?: string; readonly directory?: string };
  private readonly programs: Program[] = [];

  private constructor(home: string, seen: Agent['seen']) {
    this.home = home;
    this.seen = seen;
  }

  /** @param seen what `harp` says that it runs on and in, instead of the truth */
  static async create(seen: { readonly host?: string; readonly directory?: string } = {}): Promise<Agent> {
    return new Agent(await mkdtemp(join(tmpdir(), 'harp-e2e-')), seen);
  }

  /** Starts `harp` with the arguments. */
  harp(...args: readonly string[]): Program {
    return this.start('', args);
  }

  /** Starts `harp` with its standard error on a terminal without colours, as its launcher says when there is one. */
  harpOnTerminal(...args: readonly string[]): Program {
    return this.start('2', args);
  }

  private start(terminal: string, args: readonly string[]): Program {
    const at = join(TARGET, 'harp');
    const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', `-Dharp.terminal=${terminal}`];
    const { host, directory } = this.seen;
    if (directory !== undefined) {
      jvm.push(`-Duser.dir=${directory}`);
    }
    const program = new Program(JAVA, [...jvm, '-cp', `${at}/*:${at}/lib/*`, 'dev.harp.cli.Harp', ...args], {
      HARP_HOME: this.home,
      ...(host !== undefined && { HOSTNAME: host }),
      NO_COLOR: '1',
      TERM: 'xterm',
    });
    this.programs.push(program);
    return program;
  }

  /**
   * Starts a pairing, whose link is then in its output.
   *
   * @param app the page of the app, where the relay does not serve it
   */
  async pair(name: string, relay: string, app?: string): Promise<{ readonly program: Program; readonly link: string }> {
    const program = this.harp('pair', '--name', name, '--relay', relay, ...(app === undefined ? [] : ['--app', app]));
    const [link] = await program.find(/https?:\/\/\S+#[A-Za-z0-9_-]+/);
    return { program, link };
  }

  /** Ends what still runs, such as what a failed test has left, and deletes the folder. */
  async remove(): Promise<void> {
    for (const program of this.programs) {
      program.process.kill('SIGKILL');
    }
    await Promise.all(this.programs.map(({ ended }) => ended));
    await rm(this.home, { recursive: true, force: true });
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
