-- Returns the record whose token has the digest, if it is of the given kind, and what its call is about: of a platform
-- the number of its open requests, and the request that it names; of a device the pairing of the request that it names,
-- with both records, or the end of its list, which is a page without entries.
local digest, kind, request, after = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local owner = redis.call('GET', P .. 't:' .. digest)
if not owner or string.sub(owner, 1, 2) ~= kind then return false end

local id, record = string.sub(owner, 3), fields(owner)
if kind == 'p:' then
    return { record, redis.call('SCARD', P .. 'o:' .. id), request ~= '' and fields('r:' .. id .. ':' .. request) }
elseif after ~= '' then
    return { record, page(id, after, 0, 0) }
elseif request ~= '' then
    local pair = redis.call('LINDEX', P .. 'n:' .. id .. ':' .. request, 0)
    if pair then return { record, pair, fields('p:' .. pair), fields('r:' .. pair .. ':' .. request) } end
end
return { record, false }
