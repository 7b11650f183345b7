-- Has positions leap if the server's lineage is not the one that they belong to: what is stored may then be a snapshot.
-- Writes nothing otherwise, so that a server that refuses writes can be read.
local lineage, clock, leap = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local known = redis.call('HMGET', P .. 'base', 'lineage', 'at')

if known[1] == lineage then return 'known' end
begin(0)
local at = math.max(clock, tonumber(known[2] or 0) + leap)
redis.call('HSET', P .. 'base', 'lineage', lineage, 'at', string.format('%.0f', at))
keep('base')
return 'leapt'
