-- The record whose token's digest it is, if it is of the kind that is asked for.
local digest, kind = ARGV[3], ARGV[4]
local whose = redis.call('GET', P .. 't:' .. digest)
if not whose or string.sub(whose, 1, 2) ~= kind then return false end
return redis.call('HGET', P .. whose, 'd')
