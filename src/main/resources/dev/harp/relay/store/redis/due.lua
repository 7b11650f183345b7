-- Returns what is due, and postpones it, so that no other relay is handed it meanwhile. A request whose key has expired
-- is removed.
local time, put_off, limit = ARGV[3], ARGV[4], ARGV[5]
local found = {}

begin(0)
keep_common()
for _, what in ipairs(redis.call('ZRANGEBYSCORE', P .. 'due', '-inf', time, 'LIMIT', 0, limit)) do
    if redis.call('EXISTS', P .. what) == 1 then
        redis.call('ZADD', P .. 'due', put_off, what)
        found[#found + 1] = what
    else
        redis.call('ZREM', P .. 'due', what)
        local pair, request = string.match(what, '^r:([^:]+):(.+)$')
        if pair then forget(pair, request) end
    end
end
return found
