-- Returns a page of the list of a device or a pairing; nothing if a digest is given, and is not that of the device's
-- token.
local list, after, limit, most, digest = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
if digest ~= '' and redis.call('GET', P .. 't:' .. digest) ~= 'd:' .. list then return false end
return page(list, after, limit, most)
