-- Compares and sets a bucket of a rate limit. Answers nothing if it is set, else what is there ('' is nothing).
local key, seen, next, life = P .. ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local now = redis.call('GET', key) or ''
if now ~= seen then return now end
-- Not refused when Redis has no memory left: an answer has to get through.
redis.call('PEXPIRE', key, life)
redis.call('SET', key, next, 'PX', life)
return false
