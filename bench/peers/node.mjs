// A peer of bench/compare: the pipe on Node's own http module.
import http from 'node:http';
import * as pipe from './pipe.mjs';

const answer = (response, status, value) => {
    const body = JSON.stringify(value ?? { code: 'not_found' });
    response.writeHead(value ? status : 404, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
    });
    response.end(body);
};

// The call of a request, once its body is there.
const call = ({ method, url, headers }, body, gone) => {
    const query = url.indexOf('?wait=');
    const seconds = query < 0 ? 0 : parseInt(url.slice(query + 6), 10);
    const [, , kind, id] = (query < 0 ? url : url.slice(0, query)).split('/');
    switch (`${method} ${kind}`) {
        case 'POST requests':
            return pipe.submit(JSON.parse(body));
        case 'GET devices':
            return pipe.inbox(id, seconds, gone);
        case 'PUT requests':
            return pipe.respond(id, JSON.parse(body));
        case 'GET requests':
            return pipe.outcome(id, seconds, gone);
        case 'POST devices':
            return pipe.addDevice();
        case 'POST pairs':
            return pipe.addPair();
        case 'PUT pairs':
            return pipe.join(id, headers.authorization);
    }
};

const server = http.createServer((request, response) => {
    if (request.url === '/health') return answer(response, 200, { status: 'ok' });
    const handle = (body) => {
        const value = call(request, body, (end) => response.on('close', end));
        const status = request.method === 'POST' ? 201 : 200;
        if (value instanceof Promise) value.then((later) => answer(response, status, later));
        else answer(response, status, value);
    };
    if (request.method === 'GET') return handle('');
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => handle(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
});
server.keepAliveTimeout = 0; // connections stay open, as at the relay during a run
server.requestTimeout = 0; // no timer for each request
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 1024 });
