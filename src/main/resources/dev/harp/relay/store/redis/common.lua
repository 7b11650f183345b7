-- The beginning of every script of the store. A script compares what a rule has seen with what is stored, and then
-- writes, counts and indexes. What becomes of a record, when it is due, and whether it stays in a list has been decided
-- before, in Java.
--
-- ARGV: the prefix of all keys, and the life in milliseconds of a key that has no end of its own.
--
--   p:PAIR, d:DEVICE     a record: v, its stamp; d, its bytes; b, its footprint; t, its token's digest; of a pairing also
--                        dev, its device
--   r:PAIR:REQUEST       a request: v, d
--   q:PAIR               the pairing's requests: of each its device, kind, footprint, position in the device's list, and
--                        position in the pairing's list
--   o:PAIR               those of them that are open
--   t:DIGEST             the record whose token has the digest: p:PAIR or d:DEVICE
--   i:DEVICE, i:PAIR     the state of the list of a device or a pairing: pos, the last position; floor, the highest
--                        position at which a request has been forgotten; leap1 to leap4, the latest leaps, the newest
--                        first: the last position before it, and the first one after it
--   c:DEVICE, c:PAIR     the list itself: PAIR:REQUEST by position
--   n:DEVICE:REQUEST     the pairings in which the device has a request with that id, in order of submission
--   j:DEVICE             the pairings that the device has joined
--   due                  p:PAIR, d:DEVICE, r:PAIR:REQUEST by the time in milliseconds at which they are due
--   base                 at, the lowest position that is given now; lineage, the server to which that belongs
--   levels               the sums
--   vapid, openers       the key pair of Web Push; the key under which networks get their names
--   g:SCOPE:DIGEST       a rate limit: the latest clock of any relay, and the theoretical arrival time, in microseconds
--
-- Relays of earlier versions keep rate limits at l:SCOPE:DIGEST, which expire by themselves. They know neither base nor
-- leaps, and append at the next position.
local P = ARGV[1]
local LIFE = ARGV[2]

local function keep(key)
    redis.call('PEXPIRE', P .. key, LIFE)
end

-- Prolongs the life of a pairing or a device that is in use, with its token and its list.
local function keep_used(kind, id)
    keep(kind .. id)
    keep('i:' .. id)
    keep('c:' .. id)
    local digest = redis.call('HGET', P .. kind .. id, 't')
    if digest then keep('t:' .. digest) end
end

local function add(sum, more)
    if more ~= 0 then redis.call('HINCRBY', P .. 'levels', sum, more) end
end

local function level(sum)
    return tonumber(redis.call('HGET', P .. 'levels', sum) or 0)
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
    keep('i:' .. list)
    keep('c:' .. list)
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
