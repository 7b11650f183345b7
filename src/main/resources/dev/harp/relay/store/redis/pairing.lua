-- Stores, changes or removes a pairing, if its stamp is still the one that the rule has seen.
local pair, stamp, most, most_pairings = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local next_stamp, data, token, device, bytes, due = ARGV[7], ARGV[8], ARGV[9], ARGV[10], tonumber(ARGV[11]), ARGV[12]
local revoked, opener, used, shares = ARGV[13], ARGV[14], ARGV[15], ARGV[16]
local key = 'p:' .. pair

if not same(key, stamp) then return 'changed' end
local before = redis.call('HMGET', P .. key, 'b', 't', 'dev', 'o')

if data == '' then
    begin(0)
    for _, request in ipairs(redis.call('HKEYS', P .. 'q:' .. pair)) do forget(pair, request) end
    release_all(before[4] or '', key)
    redis.call('ZREM', P .. 'u:pair', pair)
    redis.call('DEL', P .. key, P .. 't:' .. before[2],
        P .. 'q:' .. pair, P .. 'o:' .. pair, P .. 'i:' .. pair, P .. 'c:' .. pair)
    schedule(key, '')
    add('bytes', -tonumber(before[1]))
    add('pairings', -1)
    if before[3] ~= '' then
        redis.call('SREM', P .. 'j:' .. before[3], pair)
        drop_unused(before[3])
    end
    return 'done'
end

local growth = bytes - tonumber(before[1] or 0)
if growth > 0 and level('bytes') + growth > most then return 'full' end
if stamp == '' and level('pairings') >= most_pairings then return 'full' end
if exceeds(shares, growth, stamp == '' and 'u:pairings') then return 'network' end

begin(growth)
redis.call('HSET', P .. key, 'v', next_stamp, 'd', data, 'b', ARGV[11], 't', token, 'dev', device, 'o', opener,
    'u', used, 'h', 1)
if before[2] and before[2] ~= token then redis.call('DEL', P .. 't:' .. before[2]) end
redis.call('SET', P .. 't:' .. token, key, 'PX', LIFE)
keep(key)
if stamp == '' then
    add('pairings', 1)
    charge_new(opener, key, bytes)
else
    charge(opener, key, growth)
end
add('bytes', growth)
-- A revocation is complete once all requests that were open have ended. Until then the pairing is due, so that an
-- interrupted revocation is completed.
schedule(key, revoked ~= '' and redis.call('SCARD', P .. 'o:' .. pair) > 0 and revoked or due)
if device ~= '' then
    redis.call('SADD', P .. 'j:' .. device, pair)
    keep('j:' .. device)
end
keep_common()
return 'done'
