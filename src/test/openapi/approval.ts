// An approval by the generated client, from both ends: node build/approval.js RELAY [polls]
import {
    answerRequest,
    bindDevice,
    cancelRequest,
    listRequests,
    openPairing,
    readAbout,
    readPairing,
    readRequest,
    registerDevice,
    removeDevice,
    streamDeviceEvents,
    submitRequest,
} from './client/index.js';
import type { ListedRequest, RequestState } from './client/index.js';
import { createClient, createConfig } from './client/client/index.js';

declare const process: { argv: string[] };

const [, , baseUrl = '', how = 'stream'] = process.argv;
const as = (token: string) => createClient(createConfig({ baseUrl, auth: token }));
const anyone = createClient(createConfig({ baseUrl }));
const shown = (...what: unknown[]) => console.log(what.join(' '));

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const base64 = (text: string) => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** A UUIDv7 of the relay's time, in Unix seconds. */
function requestId(time: number): string {
    const digits = hex(crypto.getRandomValues(new Uint8Array(16)));
    const id = (time * 1000).toString(16).padStart(12, '0') + '7' + digits.slice(13, 16) + '8' + digits.slice(17);
    return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function must<T>(what: string, answer: { data?: T; error?: unknown }): NonNullable<T> {
    if (answer.data === undefined || answer.data === null) {
        throw new Error(`${what}: ${JSON.stringify(answer.error)}`);
    }
    return answer.data;
}

const about = must('readAbout', await readAbout({ client: anyone }));
shown('forwarded', about.forwarded);

const secret = crypto.getRandomValues(new Uint8Array(32));
const secret_hash = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', secret)));
const registered = must('registerDevice', await registerDevice({ client: anyone, body: { push_token: null } }));
const device = as(registered.device_token);
const device_id = registered.device_id;
const opened = must('openPairing', await openPairing({ client: anyone, body: { secret_hash, ttl: 60 } }));
const platform = as(opened.platform_token);
const pair_id = opened.pair_id;
const joining = readPairing({ client: platform, path: { pair_id }, query: { wait: 60 } });
const binding = { secret_hash, payload: base64('keys') };
must('bindDevice', await bindDevice({ client: device, path: { pair_id }, body: binding }));
const joined = must('readPairing', await joining);
shown('paired', joined.status, joined.device_id === device_id, joined.payload);

/** The id of the first request that the device's stream has. */
async function firstOfStream(signal: AbortSignal): Promise<string> {
    const { stream } = await streamDeviceEvents({ client: device, path: { device_id }, signal });
    for await (const event of stream) {
        // The description has the text of a whole stream. The client parses the JSON of one event.
        const request = event as unknown as Partial<ListedRequest>;
        if (request.request_id !== undefined) {
            return request.request_id;
        }
    }
    throw new Error('the stream has ended');
}

const stop = new AbortController();
const streamed = how === 'stream' ? firstOfStream(stop.signal) : undefined;
const request_id = requestId(about.time);
const body = { request_id, pair_id, nonce: base64('nonce'), ciphertext: base64('a question') };
const submitted = must('submitRequest', await submitRequest({ client: platform, body }));
const submittedState: RequestState = submitted.state;
shown('submitted', submittedState);
if (streamed !== undefined) {
    shown('streamed', (await streamed) === request_id);
    stop.abort();
}
const list = must('listRequests', await listRequests({ client: device, path: { device_id }, query: { wait: 60 } }));
shown('listed', list.requests.map((each) => `${each.state} ${each.ciphertext === body.ciphertext}`).join());

const outcome = readRequest({ client: platform, path: { request_id }, query: { wait: 60 } });
const answer = { nonce: base64('other'), ciphertext: base64('yes'), signature: null };
must('answerRequest', await answerRequest({ client: device, path: { request_id }, body: answer }));
const final = must('readRequest', await outcome);
const seconds: number = (final.responded_at ?? 0) - final.created_at;
shown('final', final.state, final.push, final.response?.ciphertext === answer.ciphertext, seconds >= 0);

const { error, response } = await cancelRequest({ client: platform, path: { request_id } });
shown('refused', response?.status, error?.code);
const removed = await removeDevice({ client: device, path: { device_id } });
shown('removed', removed.response?.status);
