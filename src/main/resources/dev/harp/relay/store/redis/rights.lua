-- Tries each command that the relay uses, on a key that holds a string. Redis checks the user's rights before the type
-- of the key, so where it refuses the type nothing has happened, and the command is allowed.
local key, channel = ARGV[3], ARGV[4]
local commands = {
    {'SET', key, '1', 'PX', 60000}, {'GET', key}, {'EXISTS', key}, {'PEXPIRE', key, 60000}, {'PUBLISH', channel, ''},
    {'HGET', key, 'x'}, {'HMGET', key, 'x'}, {'HSET', key, 'x', '1'}, {'HDEL', key, 'x'}, {'HKEYS', key},
    {'HINCRBY', key, 'x', 1}, {'SADD', key, 'x'}, {'SREM', key, 'x'}, {'SCARD', key}, {'SMEMBERS', key},
    {'ZADD', key, 1, 'x'}, {'ZREM', key, 'x'}, {'ZRANGEBYSCORE', key, 0, 0}, {'ZSCORE', key, 'x'},
    {'ZINCRBY', key, 1, 'x'}, {'ZRANDMEMBER', key, 1},
    {'LINDEX', key, 0}, {'LREM', key, 1, 'x'}, {'RPUSH', key, 'x'}, {'DEL', key},
}
for _, command in ipairs(commands) do
    local reply = redis.pcall(unpack(command))
    if type(reply) == 'table' and reply.err and not string.find(reply.err, 'WRONGTYPE', 1, true) then
        return reply
    end
end
return 'OK'
