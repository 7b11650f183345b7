// Called by bench/cold-start, which says what is measured.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';

const { JAVA_HOME, JAR, IMAGE } = process.env;
const STARTS = Number(process.env.STARTS);
const SERVER = `require('node:http').createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"status":"ok"}');
}).listen(process.env.PORT, process.env.HOST)`;

const SERVERS = {
    node: [process.execPath, '-e', SERVER],
    plain: [
        `${JAVA_HOME}/bin/java`,
        ...['-XX:+UseSerialGC', '-XX:+UseCompactObjectHeaders', '-XX:MaxRAMPercentage=50', '-XX:+ExitOnOutOfMemoryError'],
        ...['-jar', JAR],
    ],
    image: [
        `${IMAGE}/runtime/bin/java`,
        ...[`@${IMAGE}/jvm.options`, `-XX:AOTCache=${IMAGE}/harp-relay.aot`, '-cp', `${IMAGE}/harp-relay.jar`, 'dev.harp.relay.Main'],
    ],
};

const sleep = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

const freePort = () =>
    new Promise((resolve) => {
        const socket = net.createServer().listen(0, '127.0.0.1', () => {
            const { port } = socket.address();
            socket.close(() => resolve(port));
        });
    });

// Whether something listens: costs less than a call, of the processor that the starting server needs.
const listens = (port) =>
    new Promise((resolve) => {
        const socket = net.connect({ host: '127.0.0.1', port }, () => {
            socket.destroy();
            resolve(true);
        });
        socket.on('error', () => resolve(false));
    });

const status = (port) =>
    new Promise((resolve) => {
        http.get({ host: '127.0.0.1', port, path: '/health', agent: false }, (response) => {
            response.resume();
            resolve(response.statusCode);
        }).on('error', () => resolve(0));
    });

async function start([program, ...flags]) {
    const port = await freePort();
    const begin = performance.now();
    const server = spawn(program, flags, { env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    server.stderr.on('data', (text) => (errors += text));
    const ended = new Promise((resolve) => server.on('exit', resolve));
    while (!(await listens(port)) || (await status(port)) !== 200) {
        if (server.exitCode !== null || performance.now() - begin > 60_000) throw new Error(`no 200 from ${program}: ${errors}`);
        await sleep(1);
    }
    const millis = performance.now() - begin;
    const times = readFileSync(`/proc/${server.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    const cpu = (Number(times[11]) + Number(times[12])) * 10; // user and system, in ticks of 10 ms
    await sleep(500);
    const rss = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))[1]) / 1024;
    server.kill('SIGTERM');
    await ended;
    return { millis, cpu, rss };
}

const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const runs = Object.fromEntries(Object.keys(SERVERS).map((name) => [name, []]));
for (const command of Object.values(SERVERS)) await start(command); // fills the kernel's file cache, and is not counted
const load = os.loadavg()[0].toFixed(1);
for (let turn = 0; turn < STARTS; turn++) {
    for (const [name, command] of Object.entries(SERVERS)) runs[name].push(await start(command));
}

console.log(`${STARTS} starts each, in turns, ${os.availableParallelism()} cores, load ${load} before, ${os.loadavg()[0].toFixed(1)} after`);
console.log('         ms to the first 200     CPU ms until then       RSS in MiB');
console.log('         median    min    max    median    min    max    median    min    max');
for (const [name, measured] of Object.entries(runs)) {
    const columns = ['millis', 'cpu', 'rss'].map((what) => {
        const values = measured.map((run) => run[what]);
        return [median(values), Math.min(...values), Math.max(...values)].map((value) => value.toFixed(what === 'rss' ? 1 : 0).padStart(7)).join('');
    });
    console.log(`${name.padEnd(8)}${columns.join('   ')}`);
}
