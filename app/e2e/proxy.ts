import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes a call instead of the relay. `forward` sends it there after all. */
export type Hook = (response: ServerResponse, forward: () => void, call: IncomingMessage) => void;

/** A call that has arrived, with its body. */
export interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What stands between a phone and the relay, and lies as the test says. Without a hook it is honest. */
export class LyingProxy {
  readonly url: string;
  readonly arrived: Arrived[] = [];
  private target: URL | undefined;
  private readonly server: Server;
  private readonly streams = new Set<ServerResponse>();
  private hooks: { readonly method: string; readonly path: RegExp; readonly hook: Hook }[] = [];

  private constructor(server: Server) {
    this.server = server;
    this.url = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<LyingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new LyingProxy(server);
    server.on('request', (call: IncomingMessage, response: ServerResponse) => proxy.take(call, response));
    return proxy;
  }

  /** @param relay where calls go */
  leadTo(relay: string): void {
    this.target = new URL(relay);
  }

  /** Lets the hook take these calls. The last one that fits does. */
  hook(method: string, path: RegExp, hook: Hook): void {
    this.hooks.unshift({ method, path, hook });
  }

  /** Answers these calls with a status, a text, and headers. */
  answer(
    method: string,
    path: RegExp,
    status: number,
    text: string,
    headers: { readonly [name: string]: string } = {},
  ): void {
    this.hook(method, path, (response) => {
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
      response.end(text);
    });
  }

  /** Tells these items on each stream of events, instead of what the relay has. */
  tell(items: readonly object[]): void {
    this.hook('GET', /\/events$/, (response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('event: reset\ndata: {}\n\n');
      for (const [i, item] of items.entries()) {
        response.write(`event: request\nid: p${i}\ndata: ${JSON.stringify(item)}\n\n`);
      }
      response.write('event: current\nid: p\ndata: {}\n\n');
    });
    this.cut();
  }

  /** Honest again. Streams that are open are cut. */
  honest(): void {
    this.hooks = [];
    this.cut();
  }

  /** Ends every stream, and every answer that has not ended. */
  cut(): void {
    for (const stream of this.streams) {
      stream.destroy();
    }
  }

  /** The bodies of these calls. */
  calls(method: string, path: RegExp): readonly string[] {
    return this.arrived.filter((call) => call.method === method && path.test(call.path)).map(({ body }) => body);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(call: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/' } = call;
    const path = url.split('?')[0] ?? url;
    const chunks: Buffer[] = [];
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
    call.on('data', (chunk: Buffer) => chunks.push(chunk));
    call.on('end', () => {
      const body = Buffer.concat(chunks);
      this.arrived.push({ method, path, body: body.toString() });
      const taken = this.hooks.find((entry) => entry.method === method && entry.path.test(path));
      const forward = () => this.forward(call, body, response);
      if (taken === undefined) {
        forward();
      } else {
        taken.hook(response, forward, call);
      }
    });
  }

  private forward(call: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const { hostname, port } = this.target ?? {};
    const { method, url: path, headers } = call;
    const options = { host: hostname, port, method, path, headers };
    const onward = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.end(body);
  }
}
