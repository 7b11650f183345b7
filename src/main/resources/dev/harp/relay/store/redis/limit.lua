-- Takes calls from a rate limit by the algorithm of dev.harp.relay.limit.Gcra, in microseconds. Returns how far the
-- theoretical arrival time was ahead of the clock before that. The caller applies the same rule to this number and so
-- knows whether the calls were taken.
local key, clock, cost, capacity, spare = P .. ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local latest, arrival = string.match(redis.call('GET', key) or '', '^(%d+) (%d+)$')
-- The latest clock of any relay counts, so that a client gains nothing from two relays whose clocks differ.
local now = math.max(clock, tonumber(latest or 0))
local ahead = math.max(0, tonumber(arrival or 0) - now)
if cost > 0 and ahead + cost <= capacity then
    local life = math.ceil((ahead + cost) / 1000) + spare
    -- Redis does not refuse this write when it is out of memory: the responses of devices have to get through.
    redis.call('PEXPIRE', key, life)
    redis.call('SET', key, string.format('%.0f %.0f', now, now + ahead + cost), 'PX', life)
end
return ahead
