-- Stores, changes or removes a request, if the stamps of pairing and request are still those that the rule has seen. A
-- new request may have to be taken from a rate limit; then the reply has how far that was ahead of the clock before.
local pair, request, pairing_stamp, stamp, open = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local most, next_stamp, data, device, kind = tonumber(ARGV[8]), ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local bytes, due, life, list, history, rest = tonumber(ARGV[13]), ARGV[14], ARGV[15], ARGV[16], ARGV[17], ARGV[18]
local most_of_pairing, shares = tonumber(ARGV[19]), ARGV[20]
local digest, after = ARGV[21] or '', ARGV[22]
local limit, clock, cost = ARGV[23] or '', ARGV[24], tonumber(ARGV[25] or 0)
local capacity, spare = tonumber(ARGV[26]), ARGV[27]
local key = 'r:' .. pair .. ':' .. request

local pairing = redis.call('HMGET', P .. 'p:' .. pair, 'v', 't', 'o')
if (pairing[1] or '') ~= pairing_stamp or not same(key, stamp) then return 'changed' end
-- A request that is delivered with a page of a list, which is read next: the reader has to have the device's token, and
-- the page to begin with the request.
if digest ~= '' then
    local first = redis.call('ZRANGEBYSCORE', P .. 'c:' .. device, '(' .. after, '+inf', 'LIMIT', 0, 1)[1]
    local floor = tonumber(redis.call('HGET', P .. 'i:' .. device, 'floor') or 0)
    if redis.call('GET', P .. 't:' .. digest) ~= 'd:' .. device or first ~= pair .. ':' .. request
        or after ~= '0' and floor > tonumber(after) then
        return 'changed'
    end
end
-- The number of open requests matters only to a new request.
if open ~= '' and redis.call('SCARD', P .. 'o:' .. pair) ~= tonumber(open) then return 'changed' end

if data == '' then
    begin(0)
    forget(pair, request)
    return 'done'
end

local before = meta(pair, request)
local growth = bytes - (before and before.bytes or 0)
local ahead, now = 0, 0
local function reply(status)
    return limit == '' and status or { status, ahead }
end

-- An accepted request has its room, even if the relay that accepted it has other bounds.
if not before then
    if limit ~= '' then
        ahead, now = ahead_of(limit, tonumber(clock))
        if ahead + cost > capacity then return reply('limited') end
    end
    if level('bytes') + growth > most then return reply('full') end
    if held('u:pair', pair) + growth > most_of_pairing then return reply('pairing') end
    if exceeds(shares, growth) then return reply('network') end
end

begin(before and 0 or growth)
redis.call('HSET', P .. key, 'v', next_stamp, 'd', data)
redis.call('PEXPIRE', P .. key, life)
local position = before and before.position or 0
if list == 'append' then
    position = append(device, pair .. ':' .. request)
elseif list == 'drop' then
    redis.call('ZREM', P .. 'c:' .. device, pair .. ':' .. request)
end
local change = before and before.change or 0
if history == 'append' then change = append(pair, pair .. ':' .. request) end
redis.call('HSET', P .. 'q:' .. pair, request,
    string.format('%s %s %.0f %.0f %.0f', device, kind, bytes, position, change))
if growth ~= 0 then charge_requests(pair, pairing[3] or '', growth, true) end
if before then
    if kind == 'ended' and redis.call('SREM', P .. 'o:' .. pair, request) == 1
        and rest ~= '' and redis.call('SCARD', P .. 'o:' .. pair) == 0 then
        schedule('p:' .. pair, rest)
    end
    if kind ~= before.kind then
        add(before.kind, -1)
        add(kind, 1)
    end
else
    redis.call('SADD', P .. 'o:' .. pair, request)
    redis.call('RPUSH', P .. 'n:' .. device .. ':' .. request, pair)
    add(kind, 1)
    -- After a clock was fast, the device is due late by as much; until then submissions keep it.
    keep_record('p:' .. pair, pairing[2], pairing[3])
    keep_record('d:' .. device, unpack(redis.call('HMGET', P .. 'd:' .. device, 't', 'o')))
    if history ~= 'append' then keep_list(pair) end
    keep('j:' .. device)
    keep('q:' .. pair)
    keep('o:' .. pair)
    keep('n:' .. device .. ':' .. request)
end
add('bytes', growth)
schedule(key, due)
keep('due')
if limit ~= '' then set_ahead(limit, ahead + cost, now, spare) end
return reply('done')
