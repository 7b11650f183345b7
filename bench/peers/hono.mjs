// A peer of bench/compare: the pipe on Hono, on Node.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import * as pipe from './pipe.mjs';

const gone = (c) => (end) => c.env.outgoing.on('close', end);
const seconds = (c) => Number(c.req.query('wait') ?? 0);
const answer = (c, value, status = 200) => (value ? c.json(value, status) : c.json({ code: 'not_found' }, 404));

const app = new Hono();
app.get('/health', (c) => c.json({ status: 'ok' }));
app.post('/v1/devices', (c) => answer(c, pipe.addDevice(), 201));
app.post('/v1/pairs', (c) => answer(c, pipe.addPair(), 201));
app.put('/v1/pairs/:id/device', (c) => answer(c, pipe.join(c.req.param('id'), c.req.header('authorization'))));
app.post('/v1/requests', async (c) => answer(c, pipe.submit(await c.req.json()), 201));
app.get('/v1/devices/:id/requests', async (c) => answer(c, await pipe.inbox(c.req.param('id'), seconds(c), gone(c))));
app.put('/v1/requests/:id/response', async (c) => answer(c, pipe.respond(c.req.param('id'), await c.req.json())));
app.get('/v1/requests/:id', async (c) => answer(c, await pipe.outcome(c.req.param('id'), seconds(c), gone(c))));

serve({
    fetch: app.fetch,
    port: Number(process.env.PORT),
    hostname: '127.0.0.1',
    serverOptions: { keepAliveTimeout: 0, requestTimeout: 0 },
});
