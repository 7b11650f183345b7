-- Stores, changes or removes a device, if its stamp is still the one that the rule has seen.
local device, stamp, most, most_devices = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local next_stamp, data, token, bytes, due = ARGV[7], ARGV[8], ARGV[9], tonumber(ARGV[10]), ARGV[11]
local opener, shares = ARGV[12], ARGV[13]
local key = 'd:' .. device

if not same(key, stamp) then return 'changed' end
local before = redis.call('HMGET', P .. key, 'b', 't', 'o')

if data == '' then
    begin(0)
    redis.call('DEL', P .. key, P .. 't:' .. before[2])
    schedule(key, '')
    -- Its pairings are yet to be revoked. If the relay stops before that, nobody can repeat the call, because the
    -- device's token is gone; so the pairings are due. Those that have ended, and have no last use, are due already.
    for _, pair in ipairs(redis.call('SMEMBERS', P .. 'j:' .. device)) do
        if (redis.call('HGET', P .. 'p:' .. pair, 'u') or '') ~= '' then
            schedule('p:' .. pair, 0)
        else
            redis.call('ZADD', P .. 'due', 'NX', 0, 'p:' .. pair)
        end
    end
    add('bytes', -tonumber(before[1]))
    add('devices', -1)
    release_all(before[3] or '', key)
    drop_unused(device)
    return 'done'
end

local growth = bytes - tonumber(before[1] or 0)
if growth > 0 and level('bytes') + growth > most then return 'full' end
if stamp == '' and level('devices') >= most_devices then return 'full' end
if exceeds(shares, growth, stamp == '' and 'u:devices') then return 'network' end

begin(growth)
redis.call('HSET', P .. key, 'v', next_stamp, 'd', data, 'b', ARGV[10], 't', token, 'o', opener)
if before[2] and before[2] ~= token then redis.call('DEL', P .. 't:' .. before[2]) end
redis.call('SET', P .. 't:' .. token, key, 'PX', LIFE)
if stamp == '' then
    add('devices', 1)
    charge_new(opener, key, bytes)
else
    charge(opener, key, growth)
end
add('bytes', growth)
schedule(key, due)
-- A device with a pairing is due once a day, so whatever is in use is kept.
for _, pair in ipairs(redis.call('SMEMBERS', P .. 'j:' .. device)) do
    keep_record('p:' .. pair, unpack(redis.call('HMGET', P .. 'p:' .. pair, 't', 'o')))
    keep_list(pair)
end
keep_record(key, token, opener)
keep('j:' .. device)
keep_list(device)
keep_common()
return 'done'
