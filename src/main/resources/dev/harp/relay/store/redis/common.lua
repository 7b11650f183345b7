-- What scripts that write have in common. It follows keys.lua.
local LIFE = ARGV[2]

local function keep(key)
    redis.call('PEXPIRE', P .. key, LIFE)
end

local function keep_list(list)
    keep('i:' .. list)
    keep('c:' .. list)
end

-- Prolongs the life of a pairing or a device that is in use, with its token and the networks that opened it.
local function keep_record(key, token, opener)
    keep(key)
    if token then keep('t:' .. token) end
    for network in string.gmatch(opener or '', '%S+') do keep('w:' .. network) end
end

-- Prolongs the life of what is not of one record. Relays do so each time they look for what is due.
local function keep_common()
    keep('due')
    keep('levels')
    keep('base')
    keep('u:bytes')
    keep('u:pairings')
    keep('u:devices')
    keep('u:pair')
end

local function add(sum, more)
    if more ~= 0 then redis.call('HINCRBY', P .. 'levels', sum, more) end
end

local function level(sum)
    return tonumber(redis.call('HGET', P .. 'levels', sum) or 0)
end

local function held(sum, who)
    return tonumber(redis.call('ZSCORE', P .. sum, who) or 0)
end

local function add_held(sum, who, more)
    if more == 0 then return end
    local now = redis.call('ZINCRBY', P .. sum, string.format('%.0f', more), who)
    if tonumber(now) <= 0 then redis.call('ZREM', P .. sum, who) end
end

local function sum_of(what)
    return string.sub(what, 1, 2) == 'p:' and 'u:pairings' or 'u:devices'
end

-- Whether a network would exceed its share. 'shares' has of each its name, its share of bytes, and that of records, of
-- which 'sum' is the number; without 'sum' no record is added.
local function exceeds(shares, growth, sum)
    for network, bytes, records in string.gmatch(shares, '(%S+) (%d+) (%d+)') do
        if growth > 0 and held('u:bytes', network) + growth > tonumber(bytes) then return true end
        if sum and held(sum, network) + 1 > tonumber(records) then return true end
    end
    return false
end

-- Charges the networks of an opener for more bytes of a pairing or device that they have opened. Never less than nothing:
-- a relay of an earlier version may have made the record grow.
local function charge(opener, what, more)
    for network in string.gmatch(opener, '%S+') do
        local key, growth = P .. 'w:' .. network, more
        local charged = redis.call('ZADD', key, 'XX', 'INCR', string.format('%.0f', more), what)
        if charged and tonumber(charged) < 0 then
            growth = more - tonumber(charged)
            redis.call('ZADD', key, 0, what)
        end
        if charged then add_held('u:bytes', network, growth) end
    end
end

-- Charges a network no longer for a pairing or device.
local function release(network, what)
    local charged = redis.call('ZSCORE', P .. 'w:' .. network, what)
    if charged then
        redis.call('ZREM', P .. 'w:' .. network, what)
        add_held('u:bytes', network, -tonumber(charged))
        add_held(sum_of(what), network, -1)
    end
end

local function release_all(opener, what)
    for network in string.gmatch(opener, '%S+') do release(network, what) end
end

-- Begins to charge for a new pairing or device. Relays of earlier versions remove records and release nothing, so each
-- time a few that the network is charged for are looked at.
local function charge_new(opener, what, bytes)
    for network in string.gmatch(opener, '%S+') do
        redis.call('ZADD', P .. 'w:' .. network, string.format('%.0f', bytes), what)
        add_held('u:bytes', network, bytes)
        add_held(sum_of(what), network, 1)
        for _, some in ipairs(redis.call('ZRANDMEMBER', P .. 'w:' .. network, 3)) do
            if redis.call('EXISTS', P .. some) == 0 then release(network, some) end
        end
        keep('w:' .. network)
    end
end

-- Charges a pairing and its opener for more bytes of its requests. A pairing without requests is charged for none: so
-- what relays of earlier versions have added or removed counts wrongly for a while only.
local function charge_requests(pair, opener, more, has_requests)
    local after = tonumber(redis.call('ZINCRBY', P .. 'u:pair', string.format('%.0f', more), pair))
    if after <= 0 or not has_requests then
        redis.call('ZREM', P .. 'u:pair', pair)
        more = more - after
    end
    keep('u:pair')
    charge(opener, 'p:' .. pair, more)
end

local function schedule(what, time)
    if time == '' then
        redis.call('ZREM', P .. 'due', what)
    else
        redis.call('ZADD', P .. 'due', time, what)
    end
end

-- Whether the record still has the stamp that was seen; '' is no record.
local function same(key, stamp)
    return (redis.call('HGET', P .. key, 'v') or '') == stamp
end

-- A Redis that is out of memory refuses a script at its first write, if that write may take memory. A script that takes
-- no more room than it frees begins with a write that is never refused, so that a full Redis still accepts responses
-- and forgets requests.
local function begin(growth)
    if growth <= 0 then redis.call('PEXPIRE', P .. 'due', LIFE) end
end

local function meta(pair, request)
    local text = redis.call('HGET', P .. 'q:' .. pair, request)
    if not text then return nil end
    local device, kind, bytes, position, change = string.match(text, '^(%S+) (%S+) (%d+) (%d+) (%d+)$')
    return { device = device, kind = kind, bytes = tonumber(bytes), position = tonumber(position), change = tonumber(change) }
end

-- Notes that no request is between two positions of a list. A leap too many goes, and takes with it the cursors from
-- before it.
local function leap(list, from, to)
    local known = redis.call('HMGET', list, 'floor', 'leap1', 'leap2', 'leap3', 'leap4')
    if known[5] then
        local floor = math.max(tonumber(known[1] or 0), tonumber(string.match(known[5], '%d+$')))
        redis.call('HSET', list, 'floor', string.format('%.0f', floor))
    end
    redis.call('HSET', list, 'leap1', string.format('%.0f %.0f', from, to))
    for i = 2, 4 do
        if known[i] then redis.call('HSET', list, 'leap' .. i, known[i]) end
    end
end

-- Appends a request to a list, and returns its position. See dev.harp.relay.store.Positions.
local function append(list, what)
    local last = tonumber(redis.call('HGET', P .. 'i:' .. list, 'pos') or 0)
    local position = math.max(last + 1, tonumber(redis.call('HGET', P .. 'base', 'at') or 0))
    if position > last + 1 then leap(P .. 'i:' .. list, last, position) end
    redis.call('HSET', P .. 'i:' .. list, 'pos', string.format('%.0f', position))
    redis.call('ZADD', P .. 'c:' .. list, string.format('%.0f', position), what)
    keep_list(list)
    return position
end

-- Removes a request from a list of which readers may not have read it yet.
local function unlist(list, what, position)
    if redis.call('ZREM', P .. 'c:' .. list, what) == 1
        and position > tonumber(redis.call('HGET', P .. 'i:' .. list, 'floor') or 0) then
        redis.call('HSET', P .. 'i:' .. list, 'floor', string.format('%.0f', position))
        keep('i:' .. list)
    end
end

-- Removes a request and all entries that refer to it.
local function forget(pair, request)
    local it = meta(pair, request)
    if not it then return end
    redis.call('DEL', P .. 'r:' .. pair .. ':' .. request)
    redis.call('HDEL', P .. 'q:' .. pair, request)
    redis.call('SREM', P .. 'o:' .. pair, request)
    redis.call('ZREM', P .. 'due', 'r:' .. pair .. ':' .. request)
    redis.call('LREM', P .. 'n:' .. it.device .. ':' .. request, 1, pair)
    add('bytes', -it.bytes)
    charge_requests(pair, redis.call('HGET', P .. 'p:' .. pair, 'o') or '', -it.bytes,
        redis.call('EXISTS', P .. 'q:' .. pair) == 1)
    add(it.kind, -1)
    unlist(it.device, pair .. ':' .. request, it.position)
    unlist(pair, pair .. ':' .. request, it.change)
end

-- A device's list is kept as long as the device or any of its pairings.
local function drop_unused(device)
    if redis.call('EXISTS', P .. 'd:' .. device, P .. 'j:' .. device) == 0 then
        redis.call('DEL', P .. 'i:' .. device, P .. 'c:' .. device)
    end
end
