-- What every script of the store begins with. Scripts compare what a rule has seen with what is stored, put, count and index; what becomes
-- of a record, when it is due, and whether it is told to its device has been decided before, in Java.
--
-- ARGV: the prefix of all keys, and how long a key lives that has no end of its own, in milliseconds.
--
--   p:PAIR, d:DEVICE     a record: v, its stamp; d, its bytes; b, its footprint; t, its token's digest; a pairing also: dev
--   r:PAIR:REQUEST       a request: v, d
--   q:PAIR               the pairing's requests: each one's device, kind, footprint, position in the device's list, and in the pairing's
--   o:PAIR               those of them that are open
--   t:DIGEST             whose token that is: p:PAIR or d:DEVICE
--   i:DEVICE, i:PAIR     the device's list, and the pairing's: pos, the last position; floor, the highest one that has been forgotten
--   c:DEVICE, c:PAIR     the list itself: PAIR:REQUEST by position
--   n:DEVICE:REQUEST     the pairings in which the device has a request of that name, the first one first
--   j:DEVICE             the pairings that the device has joined
--   due                  p:PAIR, d:DEVICE, r:PAIR:REQUEST by the time at which something is to be done, in milliseconds
--   levels               the sums
--   g:SCOPE:DIGEST       a rate limit: the latest clock, and the theoretical arrival time (l: had the buckets of earlier versions, which expired)
local P = ARGV[1]
local LIFE = ARGV[2]

local function keep(key)
    redis.call('PEXPIRE', P .. key, LIFE)
end

-- A pairing that is in use, or a device, with its token and its list.
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

-- Whether the record is still the one that was seen; '' is none.
local function same(key, stamp)
    return (redis.call('HGET', P .. key, 'v') or '') == stamp
end

-- Redis refuses a script that asks for more memory than there is, but only at its first write. What takes no more room than it had begins with
-- a write that is never refused, so that a Redis that is full still takes answers, and forgets.
local function begin(growth)
    if growth <= 0 then redis.call('PEXPIRE', P .. 'due', LIFE) end
end

local function meta(pair, request)
    local text = redis.call('HGET', P .. 'q:' .. pair, request)
    if not text then return nil end
    local device, kind, bytes, position, change = string.match(text, '^(%S+) (%S+) (%d+) (%d+) (%d+)$')
    return { device = device, kind = kind, bytes = tonumber(bytes), position = tonumber(position), change = tonumber(change) }
end

-- Puts a request at the end of a list, and answers where that is.
local function append(list, what)
    local position = redis.call('HINCRBY', P .. 'i:' .. list, 'pos', 1)
    redis.call('ZADD', P .. 'c:' .. list, position, what)
    keep('i:' .. list)
    keep('c:' .. list)
    return position
end

-- Takes a request out of a list whose readers may not have been told of it.
local function unlist(list, what, position)
    if redis.call('ZREM', P .. 'c:' .. list, what) == 1
        and position > tonumber(redis.call('HGET', P .. 'i:' .. list, 'floor') or 0) then
        redis.call('HSET', P .. 'i:' .. list, 'floor', position)
        keep('i:' .. list)
    end
end

-- Takes a request out of everything in which it stands.
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

-- A device's list lives as long as the device does, and as any of its pairings is known.
local function drop_unused(device)
    if redis.call('EXISTS', P .. 'd:' .. device, P .. 'j:' .. device) == 0 then
        redis.call('DEL', P .. 'i:' .. device, P .. 'c:' .. device)
    end
end
