-- Rate limits, by the algorithm of dev.harp.relay.limit.Gcra, in microseconds.

-- How far the theoretical arrival time is ahead of the clock, and the clock: the latest of any relay, so that a client
-- gains nothing from two relays whose clocks differ.
local function ahead_of(key, clock)
    local latest, arrival = string.match(redis.call('GET', P .. key) or '', '^(%d+) (%d+)$')
    local now = math.max(clock, tonumber(latest or 0))
    return math.max(0, tonumber(arrival or 0) - now), now
end

local function set_ahead(key, ahead, now, spare)
    local life = math.ceil(ahead / 1000) + spare
    -- Redis does not refuse this write when it is out of memory: the responses of devices have to get through.
    redis.call('PEXPIRE', P .. key, life)
    redis.call('SET', P .. key, string.format('%.0f %.0f', now, now + ahead), 'PX', life)
end
