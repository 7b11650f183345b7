// What both Node peers keep in memory: devices, pairings, requests, and who waits for them. No tokens, no rules, no
// limits, no expiry. A call gives a value, or a promise where it waits; undefined is 404.
import { randomUUID } from 'node:crypto';

const devices = new Map(); // id -> { queue, wake }
const pairs = new Map(); // id -> device
const requests = new Map(); // id -> { response, wake }

// Waits for wake of the holder, the end of the wait, or the end of the client: gone calls what it is given, also after
// an answer, where it finds another waiter or none.
const waiting = (holder, seconds, gone, value) =>
    new Promise((resolve) => {
        const end = () => {
            if (holder.wake !== end) return;
            holder.wake = undefined;
            clearTimeout(timer);
            resolve(value());
        };
        const timer = setTimeout(end, seconds * 1000);
        holder.wake?.(); // the newer poll displaces the one before
        holder.wake = end;
        gone(end);
    });

export const addDevice = () => {
    const id = randomUUID();
    devices.set(id, { queue: [], wake: undefined });
    return { device_id: id, device_token: id };
};

export const addPair = () => {
    const id = randomUUID();
    pairs.set(id, undefined);
    return { pair_id: id, platform_token: '' };
};

// The device's token is its id, and is looked at nowhere else.
export const join = (id, authorization) => {
    pairs.set(id, devices.get(authorization.slice('Bearer '.length)));
    return { pair_id: id };
};

export const submit = ({ request_id, pair_id, nonce, ciphertext }) => {
    const device = pairs.get(pair_id);
    if (!device) return undefined;
    requests.set(request_id, { response: undefined, wake: undefined });
    device.queue.push({ request_id, pair_id, nonce, ciphertext });
    device.wake?.();
    return { request_id, state: 'queued' };
};

export const inbox = (id, seconds, gone) => {
    const device = devices.get(id);
    if (!device) return undefined;
    const taken = () => ({ requests: device.queue.splice(0) });
    return device.queue.length > 0 ? taken() : waiting(device, seconds, gone, taken);
};

export const respond = (id, { nonce, ciphertext }) => {
    const request = requests.get(id);
    if (!request) return undefined;
    request.response = { nonce, ciphertext };
    request.wake?.();
    return { request_id: id, state: 'answered' };
};

export const outcome = (id, seconds, gone) => {
    const request = requests.get(id);
    if (!request) return undefined;
    const taken = () => {
        if (request.response) requests.delete(id);
        return { request_id: id, state: request.response ? 'answered' : 'queued', response: request.response };
    };
    return request.response ? taken() : waiting(request, seconds, gone, taken);
};
