-- Returns the record whose token has the digest, if it is of the given kind.
local digest, kind = ARGV[3], ARGV[4]
local owner = redis.call('GET', P .. 't:' .. digest)
if not owner or string.sub(owner, 1, 2) ~= kind then return false end
return redis.call('HMGET', P .. owner, 'd', 'o', 'u', 'h')
